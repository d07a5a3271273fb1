#!/usr/bin/env bash
# run.sh: what a run does when memory, disk or patience runs out. Whatever happens it ends with the exit code of its kind
# and words about it, and its folder is there whole or not at all.
#
#   memory    the N-th allocation fails, for N = 1, 2, ...; or all from the N-th on (failing_malloc.c; needs glibc)
#   disk      no space left (a small tmpfs, where mounting is permitted), files limited in size, /dev/full
#   signals   interrupted, terminated, killed
#   places    where no folder can be made
#
# $OURO is the program, $CC the compiler of the preloaded library, $BUILD where that goes.
# shellcheck disable=SC1091,SC2154  # tmp, out, err and why come from lib.bash
set -u
cd "$(dirname "$0")/../.." || exit 2
ouro=$(realpath "${OURO:-build/ouro}")
build=$(realpath "${BUILD:-build}")
root=$PWD
. tests/cli/lib.bash
cd "$tmp" || exit 2
export OPENBLAS_NUM_THREADS=1

# A little of everything that allocates: data, a sweep, the samples path, a budget, stale anchors, replicates that are added.
cat >tiny.json <<'END'
{ "name": "tiny",
  "truth": { "data": "d.csv", "columns": ["x"], "reserve": 0.3 },
  "model": { "family": "gaussian" },
  "policy": { "preset": "accumulate-subsample", "synthetic": { "points": 5 },
              "anchor": { "points": 1, "every": 2, "source": "stale" } },
  "run": { "generations": 4, "replicates": 3, "stop": { "measure": "mean", "half_width": 1e-9, "max_replicates": 9 } },
  "observe": { "measures": ["moments", "w2"] },
  "sweep": { "policy.initial": [2, 3] } }
END
printf 'x\n1\n2\n4\n3\n5\n7\n' >d.csv
# The same for a text: tokens, all pairs of them, n-grams of a drawn text.
cat >text.json <<'END'
{ "name": "tiny",
  "truth": { "text": "t.txt", "punctuation": "keep", "vocabulary": 3, "held_out": 0.3 },
  "model": { "family": "bigram", "add_k": 0.5 },
  "policy": { "synthetic": { "points": 5 } },
  "run": { "generations": 4, "replicates": 3 },
  "observe": { "text_tokens": 40 } }
END
printf 'The cat sat. The cat ran; the dog sat. The cat flew!\n' >t.txt
cat >wide.json <<'END'
{ "name": "wide",
  "truth": { "family": "gaussian" },
  "model": { "family": "gaussian" },
  "run": { "generations": 100, "replicates": 100 } }
END
cat >long.json <<'END'
{ "name": "long",
  "truth": { "family": "gaussian" },
  "model": { "family": "gaussian" },
  "run": { "generations": 1000000, "replicates": 1000 },
  "observe": { "generations": [1000000] } }
END

left() { # FOLDER: what stands there, but for the names that follow
    local folder=$1
    shift
    [ -d "$folder" ] || return 0
    find "$folder" -mindepth 1 -maxdepth 1 -printf '%f\n' | grep -vxF -f <(printf '%s\n' "${@:-}") | tr '\n' ' '
}

# --- memory
# MALLOC_PERTURB_ fills what is freed or not yet written, so that using it shows.
starve() { # NAME HOW CODES NUMBERS ARGUMENT...: a test; each number N is tried as $HOW=N
    local name=$1 how=$2 codes=" $3 " n code good=0 tried=0
    local numbers=$4
    shift 4
    begin "$name"
    for n in $numbers; do
        rm -rf out
        env "$how=$n" MALLOC_PERTURB_=181 LD_PRELOAD="$library" timeout 30 "$ouro" "$@" >"$out" 2>"$err" </dev/null
        code=$?
        tried=$((tried + 1))
        if [[ $codes != *" $code "* ]]; then
            wrong "$how=$n: exit code $code: $(tail -c 200 "$err")"
        elif [ "$code" = 0 ]; then
            good=$((good + 1))
            [ "$1" != run ] || whole || wrong "$how=$n: the run is not whole"
        else
            [ -z "$(left out)" ] || wrong "$how=$n: left behind: $(left out)"
            [ -s "$err" ] || wrong "$how=$n: ended with $code without a word"
        fi
        [ ${#why} -lt 1000 ] || break
    done
    if [ "$tried" -le 5 ] || [ "$good" = "$tried" ]; then wrong "$good of $tried trials did not fail"; fi
}
reference=reference
whole() { # out/tiny is the run that nothing happened to
    local file
    [ "$(left out)" = "tiny " ] || return 1
    for file in events.csv ledger.jsonl passages.csv points.csv summary.csv survival.csv theory.csv trajectories.csv verdicts.csv; do
        cmp -s "out/tiny/$file" "$reference/$file" || return 1
    done
    verify out/tiny
}
allocations() { # ARGUMENT...: how many the command makes
    rm -rf out
    FAIL_COUNT=$tmp/count LD_PRELOAD="$library" "$ouro" "$@" >/dev/null 2>&1
    cat count
}

library=$build/failing_malloc.so
if "${CC:-cc}" -std=c17 -D_GNU_SOURCE -O1 -Wall -Wextra -shared -fPIC -o "$library" "$root/tests/fault/failing_malloc.c" \
    -ldl 2>"$err" && ! ldd "$ouro" | grep -qE 'lib(a|t)san'; then
    "$ouro" run tiny.json -q -o reference >/dev/null || exit 2
    total=$(allocations run tiny.json -q -j 1)
    claim "the allocations of a run are counted" [ "$total" -gt 100 ]
    starve "any one allocation of a run may fail" FAIL_AT "0 1 2" "$(seq 400) $(seq 401 7 "$total")" run tiny.json -q -j 1
    starve "with two threads" FAIL_AT "0 1 2" "$(seq 5 23 "$total")" run tiny.json -q -j 2
    starve "all may fail from one on" FAIL_FROM "1 2" "$(seq 1 19 "$((total - 60))")" run tiny.json -q -j 1
    reference=texts
    "$ouro" run text.json -q -o texts >/dev/null || exit 2
    total=$(allocations run text.json -q -j 1)
    starve "any one allocation of a run on a text may fail" FAIL_AT "0 1 2" "$(seq 1 2 300) $(seq 301 11 "$total")" \
        run text.json -q -j 1
    reference=reference
    total=$(allocations check tiny.json)
    starve "check" FAIL_AT "0 1 2" "$(seq 1 29 "$total")" check tiny.json
    deprive() { # NAME NUMBERS ARGUMENT...: a reader of runs says all that it says, or ends with 1 and a word of why
        local name=$1 numbers=$2 n code
        shift 2
        "$ouro" "$@" >expected 2>/dev/null || exit 2
        begin "$name"
        for n in $numbers; do
            FAIL_AT=$n MALLOC_PERTURB_=181 LD_PRELOAD=$library TMPDIR=$tmp/scratch timeout 30 "$ouro" "$@" >"$out" 2>"$err"
            code=$?
            case $code in
            0) cmp -s "$out" expected || wrong "FAIL_AT=$n: it is not whole, and nobody says so" ;;
            1) { [ -s "$err" ] && [ "$(head -c 100000 expected | head -n "$(wc -l <"$out")")" = "$(cat "$out")" ]; } ||
                wrong "FAIL_AT=$n: $(head -c 200 "$err") $(head -c 100 "$out")" ;;
            *) wrong "FAIL_AT=$n: exit code $code: $(head -c 200 "$err") $(cat "$out")" ;;
            esac
            [ -z "$(left scratch)" ] || wrong "FAIL_AT=$n: left behind: $(left scratch)"
            [ ${#why} -lt 1000 ] || break
        done
    }
    mkdir scratch
    total=$(allocations ledger reference)
    deprive "any one allocation of a run's description may fail" "$(seq 1 3 900) $(seq 901 37 "$total")" ledger reference
    total=$(allocations verify reference -j 1)
    deprive "of its verification" "$(seq 1 3 600) $(seq 601 41 "$total")" verify reference -j 1
    total=$(allocations verify reference -j 1 --replicates 2)
    deprive "of a verification by a sample" "$(seq 600 41 "$total")" verify reference -j 1 --replicates 2
    total=$(allocations compare reference)
    deprive "of a comparison" "$(seq "$total")" compare reference
    printf '{ "nam": "w", "truth": { "family": "gausian" }, "model": [], "policy": { "initial": -1 } }' >wrong.json
    total=$(allocations run wrong.json)
    starve "a wrong config" FAIL_AT "1 2" "$(seq "$total")" run wrong.json
    for command in "list measures" "describe gaussian" "help run"; do
        # shellcheck disable=SC2086  # words
        total=$(allocations $command)
        begin "$command"
        for n in $(seq "$total"); do
            # shellcheck disable=SC2086
            FAIL_AT=$n LD_PRELOAD=$library "$ouro" $command >"$out" 2>"$err"
            code=$?
            [ $code -le 1 ] || wrong "FAIL_AT=$n: exit code $code"
        done
    done
else
    echo "skip failing allocations: no shared library could be made, or the program has its own allocator: $(head -n 1 "$err")"
fi

# --- disk
for streams in "list measures" "describe gaussian" "help" "--version" "check tiny.json"; do
    begin "standard output full: $streams"
    # shellcheck disable=SC2086  # words
    "$ouro" $streams >/dev/full 2>"$err"
    code=$?
    [ $code = 1 ] || wrong "exit code $code"
    says err "standard output"
done
rm -rf out
begin "standard output full: run; the run stands whole"
"$ouro" run tiny.json -q >/dev/full 2>"$err"
code=$?
[ $code = 1 ] || wrong "exit code $code"
verify out/tiny || wrong "it is not"
begin "standard error full: the run stands whole"
"$ouro" run tiny.json -o unsaid >"$out" 2>/dev/full || wrong "exit code $?"
verify unsaid || wrong "it is not"

no_room() { # NAME FILE COMMAND...: the command fails for FILE and leaves nothing
    local file=$2 code
    begin "$1"
    shift 2
    rm -rf out
    "$@" >"$out" 2>"$err" </dev/null
    code=$?
    [ $code = 1 ] || wrong "exit code $code"
    says err "$file" "cannot be"
    silent out
    [ -z "$(left out)" ] || wrong "left behind: $(left out)"
}
limited() { # KILOBYTES ARGUMENT...
    (
        ulimit -f "$1" || exit 99
        shift
        exec "$ouro" "$@"
    )
}
no_room "no file may grow: theory.csv" theory.csv limited 64 run wide.json -q
no_room "no file may grow: trajectories.csv" trajectories.csv limited 64 run wide.json -q \
    --set 'observe.measures=["tails", "provenance"]'
no_room "no file may grow: summary.csv" summary.csv limited 64 run wide.json -q --set observe.rows=summary \
    --set 'observe.measures=["tails", "provenance"]'
no_room "no file may grow: ledger.jsonl" ledger.jsonl limited 32 run wide.json -q --set run.replicates=2 \
    --set 'observe.generations=[1]'
no_room "no file may grow: manifest.json" manifest.json limited 2 run wide.json -q --set run.replicates=1 \
    --set run.generations=1 --set 'observe.measures=["real_share"]' --set 'observe.events=[]'

if unshare -m mount -t tmpfs -o size=64k tmpfs "$tmp/.said" 2>/dev/null; then
    mkdir small
    for rows in all summary; do
        begin "no space left on the device: rows $rows"
        # shellcheck disable=SC2016  # expanded by the inner shell
        unshare -m bash -c 'mount -t tmpfs -o size=96k tmpfs small && "$1" run wide.json -q -o small/run --set observe.rows=$2
            code=$?; find small -mindepth 1; exit $code' - "$ouro" $rows >"$out" 2>"$err"
        code=$?
        [ $code = 1 ] || wrong "exit code $code"
        says err "No space left on device"
        silent out
    done
else
    echo "skip no space left: mounting is not permitted"
fi

# --- signals
temporary_of() { find out -maxdepth 1 -name ".$1.tmp.*" 2>/dev/null; }
await() { # COMMAND...: until it prints something; 20 s at most
    local i
    for ((i = 0; i < 400; i++)); do
        [ -n "$("$@")" ] && return
        sleep 0.05
    done
    return 1
}
launch() { # ARGUMENT...: in the background, its signals as a terminal leaves them; sets $pid
    python3 -B -c '
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$ouro" "$@" >"$out" 2>"$err" </dev/null &
    pid=$!
}

for signal in INT TERM HUP; do
    rm -rf out
    begin "SIG$signal in the middle of a run"
    launch run long.json -j 2
    await temporary_of long || wrong "the run did not begin"
    sleep 0.1
    kill -s $signal $pid
    wait $pid
    code=$?
    [ $code = 130 ] || wrong "exit code $code"
    says err interrupted
    silent out
    [ -z "$(left out)" ] || wrong "left behind: $(left out)"
done

rm -rf out
begin "killed: one hidden folder is left, which the next run into the same place removes"
launch run long.json -j 2
await temporary_of long || wrong "the run did not begin"
kill -KILL $pid
wait $pid 2>/dev/null
[ "$(left out)" = ".long.tmp.$pid " ] || wrong "left behind: $(left out)"
mkdir out/.long.tmp.mine out/.longer.tmp.99999999
"$ouro" run tiny.json -q -o out/long >"$out" 2>"$err" || wrong "the next run: $(cat "$err")"
[ "$(left out .long.tmp.mine .longer.tmp.99999999)" = "long " ] || wrong "left behind then: $(left out)"
[ "$(left out long | wc -w)" = 2 ] || wrong "something else was removed too: $(left out)"

rm -rf out
begin "a run that is going on keeps its temporary when another one ends in the same place"
launch run long.json -j 1
await temporary_of long || wrong "the run did not begin"
"$ouro" run tiny.json -q -o out/long >/dev/null 2>second.txt || wrong "the second run: $(cat second.txt)"
[ -n "$(temporary_of long)" ] || wrong "it is gone"
kill -TERM $pid
wait $pid
code=$?
[ $code = 130 ] || wrong "exit code $code"
[ "$(left out)" = "long " ] || wrong "left behind: $(left out)"
verify out/long || wrong "the second run is not whole"

rm -rf out
begin "of two runs into one place the later one gives way"
launch run long.json -j 1 --set run.generations=20000 --set run.replicates=50 --set 'observe.generations=[1]'
await temporary_of long || wrong "the run did not begin"
"$ouro" run tiny.json -q -o out/long >/dev/null 2>second.txt
second=$?
wait $pid
first=$?
case "$first $second" in
"2 0") says err "earlier run" ;;
"0 2") ;;
*) wrong "exit codes $first and $second" ;;
esac
[ "$(left out)" = "long " ] || wrong "left behind: $(left out)"
verify out/long || wrong "the run that stands there is not whole"

begin "what is ignored on purpose stays ignored, as under nohup"
rm -rf out
(
    trap '' HUP
    exec "$ouro" run long.json -q -j 1 --set run.generations=20000 --set run.replicates=50 --set 'observe.generations=[1]'
) >"$out" 2>"$err" </dev/null &
pid=$!
await temporary_of long || wrong "the run did not begin"
kill -HUP $pid
wait $pid || wrong "exit code $?"
verify out/long || wrong "the run is not whole"

# --- places
rm -rf out
echo words >file
try "below a file" 1 run tiny.json -o file/run
says err file/run "Not a directory"
try "where nobody may write" 1 run tiny.json -o /proc/ouro
says err /proc/
try "a name that is too long" 1 run tiny.json -o "$(printf 'x%.0s' {1..300})"
says err "too long"
try "a path that is too long" 1 run tiny.json -o "$(printf 'x/%.0s' {1..1000})"
says err "too long"
try "a config that cannot be read" 2 run /proc/self/mem
says err /proc/self/mem "cannot be read"
try "data that cannot be read" 2 run tiny.json --set truth.data=/proc/self/mem
says err /proc/self/mem "cannot be read"
if [ "$(id -u)" != 0 ]; then
    mkdir locked && chmod a-w locked
    try "in a folder without the right to write" 1 run tiny.json -o locked/run
    says err locked "Permission denied"
else
    echo "skip a folder without the right to write: root has every right"
fi
claim "nothing was made in any of these places" [ -z "$(left out)$(find . -name '.*.tmp.*')" ]

finish
