#!/usr/bin/env bash
# wrong_configs.sh [WORDS]: every config of tests/cli/wrong/*.txt is refused, in the words that stand below it.
#
#   === NAME                 a case; "bytes: NAME" where the config holds escapes such as \xEF
#   the config               written to case.json
#   +++ FILE                 any further file, up to the next mark
#   --- [ARGUMENTS]          run as `ouro run case.json ARGUMENTS`; from "run" on they are the whole command
#   LINE:COLUMN: MESSAGE     the errors, all of them and in this order; "!" in front: not one of case.json, nothing is
#                            put before it. " ... " stands for any text, " ..." for any end.
#
# Checked besides: exit code 2, nothing on standard output, no file or folder made, the number of errors at the end, and
# that each caret stands under the named column of the named line.
# WORDS: only cases whose names hold them. SHOW=1 prints what the program says instead of comparing.
set -u
cd "$(dirname "$0")/../.." || exit 2
ouro=$(realpath "${OURO:-build/ouro}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8
only=${1:-}
passed=0
failed=0

# matches TEXT PATTERN: the pattern's parts between " ... " stand in the text in order, its ends at the text's ends.
matches() {
    local rest=$1 pattern=$2 part first=1
    while [[ $pattern == *' ... '* ]]; do
        part=${pattern%%' ... '*}
        pattern=${pattern#*' ... '}
        if [ "$first" = 1 ]; then
            [[ $rest == "$part"* ]] || return 1
        fi
        [[ $rest == *"$part"* ]] || return 1
        rest=${rest#*"$part"}
        first=0
    done
    if [[ $pattern == *' ...' ]]; then
        if [ "$first" = 1 ]; then [[ $rest == "${pattern%...}"* ]]; else [[ $rest == *"${pattern%...}"* ]]; fi
    elif [ "$first" = 1 ]; then
        [[ $rest == "$pattern" ]]
    else
        [[ $rest == *"$pattern" ]]
    fi
}

# check_caret SAID LINE: below SAID (file:line:column: ...) stand the line of the file and a caret.
check_caret() {
    local place=${1%%: error: *} source=$2 caret=$3 line column text
    column=${place##*:}
    line=${place%:*}
    [[ $column =~ ^[0-9]+$ && ${line##*:} =~ ^[0-9]+$ && -f ${line%:*} ]] || return 0
    text=$(sed -n "${line##*:}p" "${line%:*}" | tr -d '\000\r')
    [ ${#text} -gt 100 ] && return 0 # shown in part
    [ "$source" = "$text" ] || [[ $source == *\?* ]] || return 1
    [ "${#caret}" = "$column" ] && [[ $caret == *^ ]]
}

# judge: prints what is wrong with the outcome of the case in $tmp/case; nothing when all is well.
judge() {
    local code=$1 i said=() all
    mapfile -t all <"$tmp/err"
    [ "$code" = 2 ] || echo "exit code $code"
    [ -s "$tmp/out" ] && echo "something on standard output"
    cmp -s "$tmp/before" "$tmp/after" || echo "left behind: $(comm -13 "$tmp/before" "$tmp/after" | tr '\n' ' ')"
    for i in "${!all[@]}"; do
        if [[ ${all[i]} == *': error: '* || ${all[i]} == 'ouro: '* ]]; then
            said+=("${all[i]}")
            check_caret "${all[i]}" "${all[i + 1]:-}" "${all[i + 2]:-}" || echo "no caret at the place of: ${all[i]}"
        fi
    done
    [ ${#expected[@]} -gt 0 ] || echo "no error is expected"
    [ ${#said[@]} = ${#expected[@]} ] || echo "${#said[@]} errors where ${#expected[@]} are expected"
    if [ ${#said[@]} -gt 1 ]; then
        [[ ${all[-1]} == *"${#said[@]} errors; nothing was drawn" || ${#said[@]} = 20 ]] || echo "no sum: ${all[-1]}"
    fi
    for i in "${!expected[@]}"; do
        matches "${said[i]:-}" "${expected[i]}" || printf 'said: %s\nexpected: %s\n' "${said[i]:-nothing}" "${expected[i]}"
    done
}

run_case() {
    local code why
    [ -n "$name" ] && [[ $name == *"$only"* ]] || return 0
    find "$tmp/case" | sort >"$tmp/before"
    (cd "$tmp/case" && timeout 20 "$ouro" "${arguments[@]}") >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    find "$tmp/case" | sort >"$tmp/after"
    if [ -n "${SHOW:-}" ]; then
        printf '=== %s (exit code %s)\n' "$name" "$code"
        cat "$tmp/out" "$tmp/err"
        return
    fi
    why=$(cd "$tmp/case" && judge "$code" 2>&1)
    if [ -z "$why" ]; then
        passed=$((passed + 1))
        echo "ok $file: $name"
    else
        failed=$((failed + 1))
        echo "not ok $file: $name: $why"
    fi
}

# Cases of one file.
read_cases() {
    local line part='' into=''
    name=''
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '=== '*)
            run_case
            name=${line#=== }
            rm -rf "$tmp/case" && mkdir "$tmp/case"
            part=files into=$tmp/case/case.json expected=() arguments=(run case.json)
            : >"$into"
            ;;
        '+++ '*)
            into=$tmp/case/${line#+++ }
            : >"$into"
            ;;
        ---*)
            part=expected
            # shellcheck disable=SC2206  # arguments are words
            local words=(${line#---})
            if [ "${words[0]:-}" = run ]; then arguments=("${words[@]}"); else arguments+=("${words[@]}"); fi
            ;;
        *)
            if [ "$part" = expected ]; then
                case $line in
                '!'*) expected+=("${line#!}") ;;
                ?*) expected+=("case.json:${line/: /: error: }") ;;
                esac
            elif [[ $name == bytes:* ]]; then
                printf '%b\n' "$line" >>"$into"
            else
                printf '%s\n' "$line" >>"$into"
            fi
            ;;
        esac
    done <"$1"
    run_case
}

for path in tests/cli/wrong/*.txt; do
    file=$(basename "$path" .txt)
    read_cases "$path"
done
[ -n "${SHOW:-}" ] && exit
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
