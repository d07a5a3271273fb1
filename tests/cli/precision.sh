#!/usr/bin/env bash
# precision.sh: run.stop from the command line: the same bytes for any number of workers, a prefix of the longer run, what is said of
# points that did not get there, and that `verify` finds the number of replicates again and believes no other.
# shellcheck disable=SC1091,SC2034,SC2154  # tmp, out, err and why come from lib.bash, which uses ouro
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash
cd "$tmp" || exit 2

cat >stop.json <<'END_OF_CONFIG'
{ "name": "stop",
  "truth": { "family": "gaussian" },
  "model": { "family": "gaussian" },
  "run": { "generations": 8, "replicates": 25,
           "stop": { "measure": "mean", "half_width": 0.05, "max_replicates": 600, "generation": 4 } },
  "observe": { "every": 4, "measures": ["moments"], "events": ["variance-half-life"] },
  "sweep": { "policy.synthetic.points": [2, 15, 200], "policy.preset": ["fresh", "replace"] } }
END_OF_CONFIG
# counts FOLDER: replicates of each point, by its rows; they must be what summary.csv, events.csv and the manifest say.
counts() {
    python3 -B - "$1" <<'END_OF_PYTHON'
import csv, json, sys
read = lambda name: list(csv.DictReader(open("%s/%s.csv" % (sys.argv[1], name))))
rows = {}
for r in read("trajectories"):
    rows.setdefault(r["point"], []).append(int(r["replicate"]))
n = {p: max(r) + 1 for p, r in rows.items()}
assert all(sorted(r) == sorted(3 * list(range(n[p]))) for p, r in rows.items())
assert all(int(r["n"]) == n[r["point"]] for r in read("summary"))
assert all(int(r["n"]) == n[r["point"]] for r in read("events"))
points = json.load(open(sys.argv[1] + "/manifest.json"))["points"]
for p, point in enumerate(points):
    said, end = point["precision"], n[str(p)]
    assert said["replicates"] == end and not said["heavy_tail"], said
    assert said["reached"] == (said["half_width"] <= 0.05) and (said["reached"] or end == 600), said
    at = [r for r in read("summary") if r["point"] == str(p) and r["generation"] == "4" and r["measure"] == "mean"]
    assert 1.96 < said["half_width"] / float(at[0]["se"]) < 2.07, (said, at)  # Student's t from 24 degrees of freedom up
print(*n.values())
END_OF_PYTHON
}

try "a run until a precision is reached" 0 run stop.json -o one -j 1
says err '6 points x ' ' to 600 replicates x 8 generations' 'Point 0: the 95 % interval of the mean of mean at t = 4 is NOT within 0.05 after 600 replicates: half-width 0.0'
begin "rows, tables and manifest have the same number of replicates at each point"
counts one >numbers 2>"$err" || wrong "$(tail -n 1 "$err")"
# shellcheck disable=SC2046  # numbers are words
[ "$(printf '%s\n' $(cat numbers) | sort -u | wc -l)" -ge 3 ] || wrong "all points end alike: $(cat numbers)"
begin "who reached it is not complained of"
reached=$(python3 -B -c "import json; print(sum(p['precision']['reached'] for p in json.load(open('one/manifest.json'))['points']))")
[ "$reached" -ge 2 ] || wrong "only $reached did"
"$ouro" run stop.json -o words >/dev/null 2>words.txt
[ "$(grep -c NOT words.txt)" = $((6 - reached)) ] || wrong "$(grep -c NOT words.txt) points are said to have missed it, $((6 - reached)) did"
for jobs in 2 3; do
    try "the same bytes with $jobs threads" 0 run stop.json -q -o "threads$jobs" -j $jobs
    silent err
    for file in one/*; do [ "$file" = one/manifest.json ] || same "$file" "threads$jobs/${file#one/}"; done
done
try "the same bytes from its manifest" 0 run one/manifest.json -q -o again
for file in one/*; do [ "$file" = one/manifest.json ] || same "$file" "again/${file#one/}"; done
try "null: run.replicates and no more" 0 run stop.json -q -o null --set run.stop=null --set run.replicates=600
begin "the replicates of a run that stops are a prefix of the longer one"
python3 -B -c "
def rows(path):
    points = {}
    for line in open(path): points.setdefault(line.split(',')[0], []).append(line)
    return points
for name in ('trajectories.csv', 'passages.csv'):
    long, short = rows('null/' + name), rows('one/' + name)
    assert long.keys() == short.keys() and len(long['4']) > len(short['4']), 'nothing was saved'
    assert all(long[p][:len(short[p])] == short[p] for p in long), 'no prefix'" 2>"$err" || wrong "$(tail -n 1 "$err")"
grep -q '"precision"' null/manifest.json && wrong "a manifest without run.stop speaks of a precision"
try "check: up to the cap" 0 check stop.json
says out 'replicates 25 to 600' 'until the 95 % interval of the mean of mean at t = 4 is within 0.05 on either side; at most:'
cp "$out" check.txt
try "it costs what the longest run would" 0 check stop.json --set run.stop=null --set run.replicates=600
[ "$(grep -o '[^,]* of files' "$out")" = "$(grep -o '[^,]* of files' check.txt)" ] || wrong "other sizes: $(grep files "$out" check.txt)"
try "points that differ in it" 0 run stop.json -q -o widths --set 'sweep={"run.stop.half_width":[0.2,0.05]}' --set policy.synthetic.points=10
try "they share their config" 0 verify widths

# A mean that a few replicates decide, and its median.
heavy=(--set run.stop.measure=variance_ratio --set run.stop.half_width=0.5 --set run.generations=80 --set sweep=null --set policy.synthetic.points=15
    --set run.stop.generation=null --set observe.every=20)
try "a heavy tail does not reach it" 0 run stop.json -o heavy "${heavy[@]}"
says err 'is NOT within 0.5 after 600 replicates: half-width ' 'which a few replicates decide (heavy tail: take the median)'
try "the median does" 0 run stop.json -o median "${heavy[@]}" --set run.stop.statistic=median
says err '1 point x 25 replicates'
grep -q NOT "$tmp/.said/err" && wrong "it is said to have missed it"

# --- verify
for sample in '' '--replicates 7' '--replicates 60'; do
    # shellcheck disable=SC2086  # options or none
    try "it is believed ${sample:-whole}" 0 verify one $sample
    says out 'ok     replay'
    [ -z "$sample" ] || says out "${sample#* } of " ' to 600 replicates of each point'
done
try "without rows it is run again" 0 run stop.json -q -o rowless --set observe.rows=summary
try "and believed" 0 verify rowless
says out 'all replicates'
cat >spoil.py <<'END_OF_PYTHON'
"""spoil.py FOLDER POINT N: its rows of that point from replicate N on taken out, or with a larger N put in from the run named null;
the manifest's precision of it made N, and its checksums made to fit."""
import hashlib, json, sys
folder, point, n, fields = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
if "rows" in fields:
    cell = lambda line, i: int(line.split(",")[i])
    for name in ("trajectories.csv", "passages.csv"):
        lines = open("%s/%s" % (folder, name)).readlines()
        more = open("null/" + name).readlines()[1:]
        kept = [l for l in lines[1:] if cell(l, 0) < point] + [l for l in more if cell(l, 0) == point and cell(l, 1) < n]
        open("%s/%s" % (folder, name), "w").writelines(lines[:1] + kept + [l for l in lines[1:] if cell(l, 0) > point])
manifest = json.load(open(folder + "/manifest.json"))
if "said" in fields:
    manifest["points"][point]["precision"]["replicates"] = n
if "reached" in fields:
    manifest["points"][point]["precision"]["reached"] ^= True
for entry in manifest["outputs"]:
    entry["sha256"] = hashlib.sha256(open(folder + "/" + entry["path"], "rb").read()).hexdigest()
json.dump(manifest, open(folder + "/manifest.json", "w"))
END_OF_PYTHON
spoil() { # NAME POINT N FIELDS TEXT: believed neither whole nor by a sample
    local sample
    rm -rf spoilt && cp -r one spoilt
    # shellcheck disable=SC2086  # words
    python3 -B spoil.py spoilt "$2" "$3" $4
    for sample in 600 7; do
        try "$1, $sample replicates" 3 verify spoilt --replicates $sample
        says out 'ok     checksums' 'failed replay     ' "$5"
    done
}
third=$(cut -d ' ' -f 3 numbers)
spoil "a manifest that says what is no checkpoint" 2 70 said 'manifest.json: '
spoil "a manifest that says another checkpoint" 2 $((2 * third)) said spoilt
spoil "a manifest that says it was reached" 0 0 reached 'manifest.json: "points" is not what its parameters give'
spoil "replicates taken out, back to the checkpoint before" 0 400 "rows said" spoilt
spoil "replicates put in, up to the checkpoint after" 2 $((2 * third)) "rows said" spoilt
spoil "replicates put in, and no word of it" 2 $((2 * third)) rows spoilt

finish
