#!/usr/bin/env bash
# experiments.sh: the runner of experiments/ says pass only where it is so, and what is wrong with an experiment.
# shellcheck disable=SC1091,SC2154  # tmp, out, err and why come from lib.bash
set -u
cd "$(dirname "$0")/../.." || exit 2
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash
runner=$PWD/experiments/reproduce.py
folder=$tmp/experiments/01-small
mkdir -p "$folder"
printf '# Does the variance die?\n' >"$folder/README.md"
cat >"$folder/small.json" <<'END_CONFIG'
{ "name": "small",
  "truth": { "family": "gaussian" },
  "model": { "family": "gaussian" },
  "run": { "generations": 40, "replicates": 2000 },
  "observe": { "measures": ["moments"], "generations": [1, 2, 10, 20, 40], "rows": "summary" },
  "sweep": { "policy.synthetic.points": [50, 20] } }
END_CONFIG
# shellcheck disable=SC2016  # backquotes of Markdown
printf 'before\n<!-- reproduced: begin (made by `make reproduce`) -->\n| gone | NAME=00-gone` |\n%s\nafter\n' \
    '<!-- reproduced: end -->' >"$tmp/README.md"

# targets TARGET...: writes targets.json; each TARGET goes on from what all share.
targets() {
    local all='' t
    for t; do
        all="$all${all:+,}{ \"claim\": \"c\", \"run\": \"small\", \"source\": \"exact\", \"reference\": \"derived\", $t }"
    done
    echo "{ \"paper\": \"P\", \"figures\": [], \"targets\": [$all] }" >"$folder/targets.json"
}

# reproduce NAME CODE ARGUMENT...: a test, as `try` of lib.bash
reproduce() {
    begin "$1"
    local expected=$2 code
    shift 2
    python3 -B "$runner" --ouro "$ouro" --experiments "$tmp/experiments" --out "$tmp/out" --readme "$tmp/README.md" "$@" \
        >"$out" 2>"$err" </dev/null
    code=$?
    [ "$code" = "$expected" ] || wrong "exit code $code, expected $expected: $(head -c 300 "$err")"
}

# t (psi((n - 1)/2) - ln(n/2)) with t = 40, n = 20; (1 - 1/n)^t with t = 2; and its median half-life
log='"measure": "log_variance", "generation": 40, "statistic": "mean", "tolerance": { "se": 4 }'
small='"point": { "policy.synthetic.points": 20 }'
variance='"measure": "variance_ratio", "generation": 2, "statistic": "mean", "tolerance": { "se": 4 }'
targets "$log, $small, \"value\": -4.17559" "$variance, \"point\": 0, \"value\": 0.9604" \
    "$variance, $small, \"over\": { \"point\": 0 }, \"value\": 0.939713" \
    "\"measure\": \"collapsing-variance\", $small, \"statistic\": \"verdict\", \"value\": \"true\""
reproduce "what holds passes" 0
says out "4 passed, 0 failed" "  true  " "P ("
begin "the table stands between its marks, without what is no longer there"
grep -q 'NAME=01-small` | .* | 4 of 4 |' "$tmp/README.md" || wrong "no row: $(cat "$tmp/README.md")"
! grep -q gone "$tmp/README.md" || wrong "a row of an experiment that is not there"
[ "$(head -n 1 "$tmp/README.md") $(tail -n 1 "$tmp/README.md")" = "before after" ] || wrong "the rest was touched"

if sh .ci/python.sh >/dev/null 2>&1; then
    targets "$log, $small, \"value\": -4.17559"
    figure='{ "script": "trajectories.py", "run": "small", "options": ["--measure", "log_variance"], "output": "log.png" }'
    sed -i "s|\"figures\": \[\]|\"figures\": [$figure]|" "$folder/targets.json"
    reproduce "the first figure stands beside the README of its experiment, and only a full run puts it there" 0 --quick
    [ ! -e "$folder/picture.png" ] || wrong "a quick run drew it"
    reproduce "which a full run does" 0
    [ "$(head -c 4 "$folder/picture.png" | tail -c 3)" = PNG ] || wrong "there is none"
    rm "$folder/picture.png"
fi
cp "$tmp/README.md" "$tmp/kept.md"

targets "$log, $small, \"value\": -4.17559" "$log, $small, \"value\": -2.139" "$log, $small, \"value\": -4.17559, \"point\": 0" \
    "\"measure\": \"collapsing-variance\", \"statistic\": \"verdict\", \"value\": \"false\""
reproduce "n for n - 1, another point and another verdict fail" 1 --quick
says out "1 passed, 3 failed" "FAIL  c"
begin "quick leaves the table alone, and runs fewer"
same "$tmp/README.md" "$tmp/kept.md"
[ "$(awk -F, '$3 == "log_variance" { print $4; exit }' "$tmp/out/01-small/small/summary.csv")" = 400 ] || wrong "not 400 replicates"

targets "$variance, \"value\": 1, \"point\": 0, \"error\": 10"
reproduce "the target's own error counts" 0 --quick
targets "\"measure\": \"variance-half-life\", $small, \"statistic\": \"event median\", \"value\": 1000, \"tolerance\": { \"se\": 4 }"
reproduce "the median of an event is compared" 1 --quick
says out "1000 +-" "0 passed, 1 failed"

# a log variance is nearly normal with sd 2.11: one in ten lies below -6.88; what is below or above is so beyond the errors
targets "$log, $small, \"statistic\": { \"share_below\": -6.88 }, \"value\": 0.1, \"tolerance\": { \"se\": 4, \"absolute\": 0.03 }" \
    "$log, $small, \"is\": \"below\", \"value\": -3.5" "$log, $small, \"is\": \"above\", \"value\": -4.9" \
    "$log, \"over\": { \"point\": 0 }, $small, \"value\": 7, \"tolerance\": { \"se\": 0, \"factor\": 4 }"
sed -i 's/"rows": "summary"/"rows": "all"/' "$folder/small.json"
reproduce "shares, bounds and factors that hold pass" 0 --quick
says out "below -3.5" "above -4.9"
targets "$log, $small, \"statistic\": { \"share_below\": -4.17559 }, \"value\": 0.9, \"tolerance\": { \"se\": 4 }" \
    "$log, $small, \"is\": \"above\", \"value\": -4.2" "$log, $small, \"is\": \"below\", \"value\": -4.4" \
    "$log, \"over\": { \"point\": 0 }, $small, \"value\": 7, \"tolerance\": { \"se\": 0, \"factor\": 2 }"
reproduce "shares, bounds and factors that do not hold fail" 1 --quick
says out "0 passed, 4 failed"

# refuses NAME TARGET TEXT: exit 2 with the text
refuses() {
    targets "$2"
    reproduce "$1" 2 --quick
    says err "$3"
    silent out
}
refuses "a column that is not there" "${log/log_variance/log_varianse}, \"value\": 1" "has no row with measure = log_varianse"
refuses "a generation that is not there" "${log/40/41}, \"value\": 1" "has no row with generation = 41"
refuses "a point that is not there" "$log, \"value\": 1, \"point\": { \"policy.synthetic.points\": 30 }" "it has 50, 20"
refuses "a tolerance without standard errors" "${log/\"se\"/\"relative\"}, \"value\": 1" "tolerance needs se"
refuses "a relation that is none" "$log, \"value\": 1, \"is\": \"beneath\"" "expected one of equal, below, above"
refuses "a bound with a tolerance" "${log/\"se\"/\"relative\": 1, \"se\"}, \"value\": 1, \"is\": \"below\"" "no tolerance but se"
refuses "a factor beside another tolerance" "${log/\"se\"/\"relative\": 1, \"factor\": 2, \"se\"}, \"value\": 1" "stands beside se alone"
refuses "a share of what" "${log/\"mean\"/{ \"share_of\": 1 \}}, \"value\": 1" "share_above, share_below"
refuses "a misspelt field" "$log, \"value\": 1, \"generatoin\": 3" "generatoin"
refuses "a mean that few replicates decide" "${log/log_variance/variance_ratio}, $small, \"value\": 0.1285" "fewer than 30 replicates"
reproduce "an experiment that is not there" 2 02-none
says err "no experiment 02-none; there are 01-small"

begin "an interrupted catalogue says so, and leaves the table alone"
cp "$tmp/README.md" "$tmp/kept.md"
timeout -s INT 2 python3 -B "$runner" --ouro "$ouro" --experiments experiments --out "$tmp/out" --readme "$tmp/README.md" 05-jangjoo-absorption \
    >"$out" 2>"$err" </dev/null
says err "interrupted; README.md is as it was"
[ "$(wc -l <"$err")" = 1 ] || wrong "$(head -n 3 "$err")"
same "$tmp/README.md" "$tmp/kept.md"

begin "the experiments of this project are what experiments should be, and their configs are valid"
python3 -B -c 'import sys; sys.path.insert(0, "experiments"); import reproduce; print(len(reproduce.find_experiments("experiments", [])))' \
    >"$out" 2>"$err" || wrong "$(tail -n 1 "$err")"
find experiments -name '*.json' ! -name targets.json -exec "$ouro" check {} + >"$out" 2>"$err" || wrong "$(head -c 300 "$err")"

begin "the quickest of them are what the papers and the laws say"
python3 -B experiments/reproduce.py --quick --ouro "$ouro" --out "$tmp/quick" 16-closed-loop-scores 17-vae-latents 19-sims-guidance \
    >"$out" 2>"$err" || wrong "$(grep FAIL "$out" | head -n 3) $(cat "$err")"

try "list experiments names each of them, with its question" 0 list experiments
says out 01-shumailov-gaussian "how fast, for how many points?"
finish
