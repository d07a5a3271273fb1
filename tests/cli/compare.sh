#!/usr/bin/env bash
# compare.sh: `ouro compare`: paired where random numbers are shared, and every number of its table computed anew.
# shellcheck disable=SC1091,SC2034,SC2154,SC2258  # tmp, out, err and why come from lib.bash, which uses ouro
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash
cd "$tmp" || exit 2

config() { # NAME SWEEP
    printf '{ "name": "%s", "truth": { "family": "gaussian" }, "model": { "family": "gaussian" },
  "policy": { "preset": "fresh", "initial": 15, "synthetic": { "points": 15 }, "anchor": { "points": 2 } },
  "run": { "generations": 12, "replicates": 60, "seed": 5 },
  "observe": { "every": 4, "measures": ["moments", "tails", "fit"] }, "sweep": { %s } }\n' "$1" "$2" >"$1.json"
}
recompute() { PYTHONPATH='' python3 -B "$root/tests/cli/differences.py" "$@"; }
sweep='"policy.anchor.points": [2, 0, 7]'
config on "$sweep, \"common_random_numbers\": true"
config off "$sweep"
config seeds '"run.seed": [5, 5, 6], "common_random_numbers": true'
config more '"run.replicates": [60, 25], "common_random_numbers": true'
config one ''
for name in on off seeds more one; do try "a run to compare: $name" 0 run "$name.json" -q -o "$name"; done
try "the first again, other numbers of a seed" 0 run on.json -q -o other --set run.seed=6

# --- known answers
try "common random numbers: paired" 0 compare on
silent err
cp "$out" table.csv
claim "the table follows from trajectories.csv" recompute table.csv 1,2 on
[ "$(cut -d, -f1,3,4,9 table.csv | sort -u | tr '\n' ' ')" = "12,0,1,1 12,0,2,1 generation,a,b,paired " ] || wrong "other points or generations: $(cut -d, -f1,3,4,9 table.csv | sort -u)"
grep -q 'policy.anchor.points=2,policy.anchor.points=7$' table.csv || wrong "no settings"
[ "$(head -n 1 table.csv)" = "$(sed -n '/^HEADER = /,/)$/p' "$root/tests/plots/test_compare.py" | tr -d '\n ()"' | sed 's/HEADER=//')" ] ||
    wrong "columns are not those that plots/compare.py is tested with: $(head -n 1 table.csv)"
try "independent points: not paired, and said so" 0 compare off
says err '2 of 2 points share no random numbers' 'not paired'
cp "$out" table.csv
claim "its table too" recompute table.csv '' off
try "the same table in a file" 0 compare off -o file.csv
silent out
same file.csv table.csv
try "which is not overwritten" 2 compare off -o file.csv
try "unless asked for" 0 compare off -o file.csv --force
try "a swept seed: paired where it is the same" 0 compare seeds --measure log_variance --generation 4,12
says err '1 of 2 points'
cp "$out" table.csv
claim "its table: two points, two generations" recompute table.csv 1 seeds
[ "$(wc -l <table.csv)" = 5 ] || wrong "$(cat table.csv)"
grep -q '^4,log_variance,0,1,60,0,0,,1,1,0,,,' table.csv || wrong "the same point twice differs from itself: $(cat table.csv)"
try "fewer replicates: as many pairs as both have" 0 compare more --measure variance_ratio
says out ',0,1,25,0,0,,1,'
try "two runs of one seed: point by point" 0 compare on off --baseline off:0 --generation 8
says err '2 of 5 points'
cp "$out" table.csv
claim "their table: stream 0 is shared by on:0 alone, and by all with it" recompute table.csv on:0,on:1,on:2 on off 
try "two runs of two seeds: not paired" 0 compare on other --measure drift_sq
says err '3 of 5 points'
try "a run of one point and another" 0 compare one on --measure mean
says out 'one:0,on:0,60,0,0,,1,'
cut -d, -f1 "$out" | grep -q 12 || wrong "not the last generation"
try "another baseline" 0 compare on --baseline 2 --measure mean
says out '12,mean,2,0,60,' '12,mean,2,1,60,'
try "the errors of paired differences are smaller" 0 compare on --measure mean
cp "$out" paired.csv
claim "by what the correlation says" python3 -B -c "
import csv
rows = {name: [r for r in csv.DictReader(open(name))] for name in ('paired.csv', 'file.csv')}
for p in rows['paired.csv']:
    u = [r for r in rows['file.csv'] if r['measure'] == 'mean' and r['b'] == p['b']][0]
    assert float(p['se']) < float(u['se']) and float(p['correlation']) > 0.1, (p, u)"

# --- what cannot be compared
refuse() { # NAME ARGUMENT... -- TEXT...
    local name=$1 arguments=()
    shift
    while [ "$1" != -- ]; do arguments+=("$1") && shift; done
    shift
    try "$name" 2 compare "${arguments[@]}"
    silent out
    says err "$@"
}
refuse "no directory" -- 'a run directory is needed'
refuse "a folder that is no run" . -- 'no run directory'
refuse "one point" one -- 'has one point' 'name another run'
refuse "a measure of no run" on --measure varience_ratio -- 'on has no measure "varience_ratio"' 'did you mean "variance_ratio"?'
refuse "a generation that is not observed" on --generation 4,7 -- '7 is not observed at point 0'
for list in x 4, ,4 4,,8 -4 '4 8' ''; do refuse "generations that are none: $list" on --generation "$list" -- '--generation' 'not a list of generations'; done
refuse "a point that is none" on --baseline 3 -- '--baseline' 'there is no point "3" among 0 to 2'
refuse "a point of several runs without its run" on off --baseline 1 -- 'there is no point "1" among on:0 to off:2'
try "a run without rows" 0 run on.json -q -o rowless --set observe.rows=summary
refuse "is not compared" rowless -- 'rowless' 'no trajectories.csv' 'observe.rows = all'
refuse "nor with others" on rowless -- 'rowless' 'no trajectories.csv'
config mixed '"observe.rows": ["all", "summary"]'
try "a run with rows of some points" 0 run mixed.json -q -o mixed
refuse "nor a point without rows" mixed -- 'mixed' 'no rows of point 1'
refuse "nor one as the baseline" mixed --baseline 1 -- 'mixed' 'no rows of point 1'
config ends '"run.generations": [3, 2]'
try "runs of different lengths" 0 run ends.json -q -o ends --set observe.generations=null --set observe.every=1
try "are compared where both are" 0 compare ends --measure mean
says out '2,mean,0,1,'
cp -r on spoilt && sed -i '29s/,ok,/,ok,x/' spoilt/trajectories.csv
try "a damaged table" 3 compare spoilt
says err 'spoilt/trajectories.csv:29' 'is not a number'
silent out
cp -r off cut && sed -i '90,$d' cut/trajectories.csv
try "a table cut off before a point" 2 compare cut
says err 'no rows of point 1'

finish
