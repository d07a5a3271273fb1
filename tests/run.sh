#!/usr/bin/env bash
# run.sh BUILD [SUITE...]: runs test suites against what stands in BUILD (such as build/release), prints the sum.
#
#   c        BUILD/tests, the C tests; ONLY="rng_ law_" runs those whose names start so
#   cli      tests/cli/*.sh, with the program's path in $OURO
#   plots    tests/plots/test_*.py
#   layers   tests/check_layers.sh
#   mutants  tests/mutants.sh
#   fault    tests/fault/run.sh
#
# A script prints lines `ok NAME` and `not ok NAME: why`. One that prints neither, or ends badly without a `not ok`,
# counts as a failure. V=1 shows the `ok` lines too. The last line is `N passed, N failed`, also kept in
# BUILD/sum.txt. Exit 0: something ran and nothing failed. Standard input is never read.
set -u
cd "$(dirname "$0")/.." || exit 2
[ $# -ge 1 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
build=$1
shift
[ $# -gt 0 ] || set -- c cli fault plots layers mutants
exec </dev/null

export BUILD=$build OURO=$PWD/$build/ouro
export OPENBLAS_NUM_THREADS=1 UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-ignore_noninstrumented_modules=1}
log=$build/log
mkdir -p "$log"
passed=0
failed=0
total_passed=0
total_failed=0

count() {
    passed=$((passed + $1))
    failed=$((failed + $2))
}

# ThreadSanitizer needs the classic memory layout; elsewhere the command runs as it is.
runner() {
    if [ "${build##*/}" = tsan ] && setarch -R true 2>/dev/null; then setarch -R "$@"; else "$@"; fi
}

# A script's own sum is not shown: there is one such line in all, the last.
closing='^[0-9]+ passed, [0-9]+ failed$'

# record NAME COMMAND...: runs it, shows what it prints but for `ok` lines; output in $log/NAME.txt. Its exit code.
record() {
    local name=$1 hide='^$|^ok '
    [ -z "${V:-}" ] || hide='^$'
    shift
    runner "$@" 2>&1 | tee "$log/$name.txt" | grep --line-buffered -vE "$hide|$closing"
    return "${PIPESTATUS[0]}"
}

# script NAME COMMAND...: a suite's script that prints ok lines.
script() {
    local name=$1 good bad code
    record "$@"
    code=$?
    good=$(grep -c '^ok ' "$log/$name.txt")
    bad=$(grep -c '^not ok ' "$log/$name.txt")
    if [ "$bad" = 0 ] && [ "$code" != 0 ]; then
        echo "not ok $name: ended with exit code $code and no failure named"
        bad=1
    elif [ "$good" = 0 ] && [ "$bad" = 0 ] && ! grep -q '^skip ' "$log/$name.txt"; then
        echo "not ok $name: printed no result"
        bad=1
    fi
    count "$good" "$bad"
}

suite_c() {
    local code last
    # shellcheck disable=SC2086  # ONLY is a list
    record c "$build/tests" ${ONLY:-}
    code=$?
    last=$(grep -E "$closing" "$log/c.txt" | tail -n 1) # a sanitizer may speak after it
    if [ -z "$last" ]; then
        echo "not ok c: died with exit code $code before its closing line"
        count 0 1
        return
    fi
    # shellcheck disable=SC2086  # "N passed, N failed" in words
    set -- $last
    count "$1" "$3"
    if [ "$code" != 0 ] && [ "$3" = 0 ]; then # such as a leak found at exit
        echo "not ok c: exit code $code although no test failed"
        count 0 1
    fi
}

suite_cli() {
    local file
    for file in tests/cli/*.sh; do
        [ -e "$file" ] && script "cli-$(basename "$file" .sh)" bash "$file"
    done
}

suite_plots() {
    local file python
    for file in tests/plots/test_*.py; do
        [ -e "$file" ] || continue
        if python=$(sh .ci/python.sh); then
            script "plots-$(basename "$file" .py)" "$python" -B "$file"
        else
            echo "not ok plots: no Python to run $file with"
            count 0 1
        fi
    done
}

suite_layers() { script layers bash tests/check_layers.sh "$build"; }
suite_mutants() { if [ -e tests/mutants.sh ]; then script mutants bash tests/mutants.sh; fi; }
suite_fault() {
    if [ -e tests/fault/run.sh ]; then
        script fault bash tests/fault/run.sh
    else
        echo "not ok fault: there is no tests/fault/run.sh"
        count 0 1
    fi
}

for suite; do
    case $suite in c | cli | plots | layers | mutants | fault) ;; *) echo "run.sh: no suite $suite" >&2 && exit 2 ;; esac
    passed=0
    failed=0
    start=$SECONDS
    "suite_$suite"
    printf '%-8s %d ok, %d not ok, %d s\n' "$suite" "$passed" "$failed" $((SECONDS - start))
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
done
echo "$total_passed passed, $total_failed failed" | tee "$build/sum.txt"
[ "$total_failed" = 0 ] && [ "$total_passed" != 0 ]
