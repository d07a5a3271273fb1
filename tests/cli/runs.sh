#!/usr/bin/env bash
# runs.sh: what a run leaves behind: where, never over something else, the same bytes every time, and a ledger and a
# manifest that can be checked.
# shellcheck disable=SC1091,SC2154  # tmp, out, err and why come from lib.bash
set -u
cd "$(dirname "$0")/../.." || exit 2
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash
cd "$tmp" || exit 2

cat >small.json <<'END'
{ "name": "small",
  "truth": { "family": "gaussian", "mean": 0, "sd": 1 },
  "model": { "family": "gaussian" },
  "policy": { "synthetic": { "points": 20 } },
  "run": { "generations": 6, "replicates": 4 } }
END
cat >samples.json <<'END'
{ "name": "samples",
  "truth": { "family": "gaussian", "mean": 3, "sd": 2 },
  "model": { "family": "gaussian", "estimator": "unbiased" },
  "policy": { "preset": "accumulate-subsample", "synthetic": { "points": 15 },
              "anchor": { "points": 2, "every": 3, "source": "stale", "refresh": 4 } },
  "run": { "generations": 9, "replicates": 11, "seed": "18446744073709551615" } }
END
cat >sweep.json <<'END'
{ "name": "sweep",
  "truth": { "family": "categorical", "categories": 30, "zipf": 1 },
  "model": { "family": "categorical" },
  "policy": { "synthetic": { "points": 40 } },
  "run": { "generations": 8, "replicates": 7, "seed": 5 },
  "observe": { "tails": [0.2, 0.4], "generations": [1, 4, 8] },
  "sweep": { "policy.preset": ["replace", "accumulate", "accumulate-subsample", "fresh", "weighted"],
             "zip": { "policy.initial": [40, 80], "run.path": ["auto", "samples"] } } }
END
mkdir -p project/numbers
cat >project/observed.json <<'END'
{ "name": "observed",
  "truth": { "data": "numbers/few.csv", "columns": ["width"], "reserve": 0.3 },
  "model": { "family": "gaussian" },
  "policy": { "preset": "augment", "anchor": { "points": 1, "every": 2 } },
  "run": { "generations": 5, "replicates": 6 },
  "observe": { "measures": ["moments", "tails", "w2"], "tails": [0.3] } }
END
cat >project/files.json <<'END'
{ "name": "files",
  "truth": { "columns": ["width"] },
  "model": { "family": "gaussian" },
  "run": { "generations": 5, "replicates": 6 },
  "observe": { "measures": ["moments", "w2"] },
  "sweep": { "truth.data": ["numbers/few.csv", "numbers/fewer.csv"] } }
END
cat >project/text.json <<'END'
{ "name": "text",
  "truth": { "text": "numbers/song.txt", "tokens": "letters", "held_out": 0.2, "reserve": 0.1, "vocabulary": 12 },
  "model": { "family": "bigram", "add_k": 0.5 },
  "policy": { "preset": "augment", "synthetic": { "points": 40 }, "anchor": { "points": 2, "every": 2 } },
  "run": { "generations": 5, "replicates": 6 },
  "observe": { "text_tokens": 60 } }
END
cat >project/texts.json <<'END'
{ "name": "texts",
  "truth": { "tokens": "words" },
  "model": { "family": "bigram" },
  "run": { "generations": 5, "replicates": 6 },
  "observe": { "text_tokens": 60 },
  "sweep": { "common_random_numbers": true, "truth.text": ["numbers/song.txt", "numbers/verse.txt"], "model.add_k": [0, 0.5],
             "truth.punctuation": ["drop", "keep"], "run.path": ["statistics", "samples"] } }
END
cat >filters.json <<'END'
{ "name": "filters",
  "truth": { "family": "gaussian" },
  "model": { "family": "gaussian" },
  "policy": { "preset": "augment", "synthetic": { "points": 12 },
              "filters": [ { "type": "truncate" }, { "type": "verifier", "by": "radius", "radius": 2, "fill": false } ] },
  "run": { "generations": 4, "replicates": 5 },
  "sweep": { "policy.filters.1.psi": [0.5, 1], "policy.filters.0": [ { "type": "truncate", "top_p": 0.7 },
             { "type": "curate", "reward": "quadratic" } ] } }
END
printf 'Row, row, row your boat,\nGently down the stream.\nMerrily, merrily, merrily, merrily,\nLife is but a dream.\n' >project/numbers/song.txt
head -n 2 project/numbers/song.txt >project/numbers/verse.txt
printf 'length,width\n1,2.5\n2,3.5\n3,1.5\n4,7\n5,4\n6,4.5\n7,5\n8,3\n9,2\n10,6\n' >project/numbers/few.csv
head -n 6 project/numbers/few.csv >project/numbers/fewer.csv
configs=(small.json samples.json sweep.json filters.json project/observed.json project/files.json project/text.json project/texts.json)
files="ledger.jsonl manifest.json points.csv summary.csv theory.csv trajectories.csv verdicts.csv"

same_run() { # FOLDER FOLDER [FILE]: all but the manifests, which hold times, and but FILE
    local name
    for name in $files; do
        [ "$name" = manifest.json ] || [ "$name" = "${3:-}" ] || cmp -s "$1/$name" "$2/$name" || wrong "$name differs between $1 and $2"
    done
}
sum_of() { (cd "$1" && find . -type f -exec sha256sum {} + | sort); }

# --- where
try "a run stands in out/NAME" 0 run small.json
[ "$(cd out/small && echo *)" = "$files" ] || wrong "out/small holds $(ls -A out/small)"
[ "$(ls -A out)" = small ] || wrong "out holds $(ls -A out)"
claim "its manifest lists its files with their checksums" verify out/small
try "-o, parents made as needed" 0 run small.json -o one/two/three -q
same_run out/small one/two/three
try "-o with a slash at the end" 0 run small.json -o slash/ -q
[ -f slash/manifest.json ] || wrong "no run in slash"
try "-o with spaces and quotes" 0 run small.json -o "my 'first' run/of two" -q
same_run out/small "my 'first' run/of two"
try "-o by its whole path" 0 run small.json -o "$tmp/whole" -q
same_run out/small whole
mkdir empty
try "-o of an empty folder" 0 run small.json -o empty -q
same_run out/small empty
claim "no temporary is left" [ -z "$(find . -name '.*.tmp.*')" ]

# --- never over something else
sum_of out/small >before.txt
try "an earlier run is not overwritten" 2 run small.json --set run.seed=2
says err "out/small" "--force" "-o"
silent out
sum_of out/small >after.txt
same before.txt after.txt
try "--force replaces it" 0 run small.json --set run.seed=2 --force
cmp -s out/small/trajectories.csv one/two/three/trajectories.csv && wrong "the run of another seed is the same"
verify out/small || wrong "the new run is not whole"
mkdir precious && echo words >precious/thesis.txt
for force in '' --force; do
    # shellcheck disable=SC2086  # an option or nothing
    try "a folder that is no run is left alone ${force:-without --force}" 2 run small.json -o precious $force
    says err precious "not touched"
    [ "$(cat precious/*)" = words ] || wrong "it was touched"
    # shellcheck disable=SC2086
    try "a file is left alone ${force:-without --force}" 2 run small.json -o precious/thesis.txt $force
    says err thesis.txt
    [ "$(cat precious/thesis.txt)" = words ] || wrong "it was touched"
    ln -sfn out/small link
    # shellcheck disable=SC2086
    try "a link is left alone ${force:-without --force}" 2 run small.json -o link $force
    [ -L link ] || wrong "it was touched"
done
claim "no temporary is left by what was refused" [ -z "$(find . -name '.*.tmp.*')" ]

# --- the same bytes every time
for config in "${configs[@]}"; do
    name=$(basename "$config" .json)
    but=''
    case $name in files | texts) but=points.csv ;; esac # it shows how swept files are named: otherwise from the run's folder
    begin "$name: the same bytes with 1, 2 and 3 threads"
    for jobs in 1 2 3; do
        "$ouro" run "$config" -q -j $jobs -o "threads/$jobs/$name" >/dev/null 2>"$err" || wrong "$(cat "$err")"
    done
    same_run "threads/1/$name" "threads/2/$name"
    same_run "threads/1/$name" "threads/3/$name"
    verify "threads/3/$name" || wrong "not what its manifest says"

    try "$name: the same bytes from its manifest" 0 run "threads/1/$name/manifest.json" -q -o "again/$name"
    same_run "threads/1/$name" "again/$name" $but
    cd "threads/2/$name" || exit 2
    try "$name: the same bytes from its manifest, run where it stands" 0 run manifest.json -q -o "$tmp/there/$name"
    cd "$tmp" || exit 2
    same_run "threads/1/$name" "there/$name" $but
done
claim "a chain is the same on both paths, step by step" python3 -B -c "
import csv
rows = {}
axes = {r['point']: (r['run.path'], (r['truth.text'], r['model.add_k'], r['truth.punctuation']))
        for r in csv.DictReader(open('threads/1/texts/points.csv'))}
for r in csv.DictReader(open('threads/1/texts/trajectories.csv')):
    path, rest = axes[r.pop('point')]
    rows.setdefault(path, []).append((rest, r))
assert {p for p, _ in axes.values()} == {'statistics', 'samples'}, axes
assert len(rows['statistics']) == 8 * 5 * 6 and rows['statistics'] == rows['samples']"
claim "statistics and samples were both among them" python3 -B -c "
import json
paths = {p['path'] for p in json.load(open('threads/1/sweep/manifest.json'))['points']}
assert paths == {'statistics', 'samples'}, paths"
try "another seed gives other numbers" 0 run small.json -q -o other --set run.seed=2
cmp -s other/trajectories.csv one/two/three/trajectories.csv && wrong "they are the same"

# --- where the config comes from
try "a config on standard input" 2 run -
says err "<stdin>"
begin "a config on standard input runs"
"$ouro" run - -q -o stdin <small.json >/dev/null 2>"$err" || wrong "$(cat "$err")"
same_run stdin one/two/three
mkdir elsewhere && cd elsewhere || exit 2
try "from another folder, data beside the config" 0 run ../project/observed.json -q -o ../from-elsewhere
try "data by --set are named from the working folder" 0 run ../project/observed.json -q \
    --set truth.data=../project/numbers/few.csv -o ../from-set
cd .. || exit 2
same_run from-elsewhere threads/1/observed
same_run from-set threads/1/observed
mkdir bases && printf '{ "extends": "../project/observed.json", "name": "child", "policy": { "preset": "replace" } }' >bases/child.json
try "data beside the extended file" 0 run bases/child.json -q
python3 -B -c "
import json
p = json.load(open('out/child/manifest.json'))['parameters']
assert p['policy']['preset'] == 'replace' and p['truth']['reserve'] == 0.3, p" || wrong "fields are not merged"
printf '{ "extends": "out/child/manifest.json", "name": "grandchild" }' >grandchild.json
try "a config may extend the manifest of a run" 0 run grandchild.json -q
same_run out/child out/grandchild

# --- --set
set_gives() { # NAME PYTHON ARGUMENT...: the condition holds of the resolved config p
    local name=$1 condition=$2
    shift 2
    try "--set: $name" 0 run small.json -q --force -o set "$@"
    python3 -B -c "
import json
p = json.load(open('set/manifest.json'))['parameters']
assert $condition, p" || wrong "not in the manifest"
}
set_gives "a number" "p['run']['replicates'] == 3" --set run.replicates=3
set_gives "a bare word is a string" "p['policy']['preset'] == 'accumulate'" --set policy.preset=accumulate
set_gives "null" "p['policy']['budget'] is None" --set policy.preset=accumulate-subsample --set policy.budget=null
set_gives "a list" "p['observe']['tails'] == [0.5, 0.25]" --set 'observe.tails=[0.5, 0.25]'
set_gives "an object" "p['policy']['anchor']['every'] == 3" --set 'policy.anchor={"points": 1, "every": 3}'
set_gives "below the short form of the estimator" "p['model']['estimator'] == {'type': 'unbiased'}" \
    --set model.estimator=mle --set model.estimator.type=unbiased
set_gives "the largest seed" "p['run']['seed'] == '18446744073709551615'" --set 'run.seed="18446744073709551615"'
set_gives "text with quotes and backslashes" "p['description'] == 'a \"b\" \\\\ c'" --set 'description=a "b" \ c'
set_gives "the last of two" "p['run']['replicates'] == 2" --set run.replicates=3 --set run.replicates=2
set_gives "a swept field" "p['sweep'] == {'policy.initial': [10, 20]}" --set 'sweep.policy.initial=[10, 20]'
[ "$(tail -n +2 set/points.csv | cut -d, -f2 | tr '\n' ' ')" = '10 20 ' ] || wrong "points: $(cut -d, -f1-3 set/points.csv)"

# --- ledger and manifest
chain() { # LEDGER: each line carries the checksum of the one before it
    local line previous
    previous=$(printf '%064d' 0)
    while IFS= read -r line; do
        [[ $line == *"\"previous\":\"$previous\"}" ]] || return 1
        previous=$(printf %s "$line" | sha256sum | cut -d' ' -f1)
    done <"$1"
}
claim "the ledger is a chain of checksums" chain threads/1/samples/ledger.jsonl
claim "a line per point and generation" [ "$(wc -l <threads/1/sweep/ledger.jsonl)" = 80 ]
claim "a ledger names the filters of synthetic rows and of no others" python3 -B -c "
import json
seen = set()
for text in open('threads/1/filters/ledger.jsonl'):
    line = json.loads(text)
    for drawn in line['drawn']:
        assert ('filters' in drawn) == (drawn['role'] == 'synthetic'), drawn
        for f in drawn.get('filters', []): seen.add((f['type'], f.get('psi')))
        assert drawn.get('at_most', True), drawn
assert seen == {('truncate', None), ('curate', None), ('verifier', 0.5), ('verifier', 1)}, seen"
sed '5s/"points":15/"points":16/' threads/1/samples/ledger.jsonl >forged.jsonl
begin "a forged line breaks the chain"
cmp -s forged.jsonl threads/1/samples/ledger.jsonl && wrong "nothing was forged"
chain forged.jsonl && wrong "it does not"
sed 5d threads/1/samples/ledger.jsonl >shorter.jsonl
begin "so does a line taken out"
chain shorter.jsonl && wrong "it does not"
claim "every line of a ledger is JSON whose shares add up" python3 -B -c "
import json
for text in open('threads/1/samples/ledger.jsonl'):
    line = json.loads(text)
    assert abs(line['real_share'] + line['synthetic_share'] - 1) < 1e-12, line
    assert sum(b['points'] for b in line['pool']) == line['pool_points'] >= line['fit_points'] > 0, line"
claim "the manifest knows its input by checksum" python3 -B -c "
import hashlib, json
(entry,) = json.load(open('threads/1/observed/manifest.json'))['inputs']
assert entry['path'] == '../../../project/numbers/few.csv', entry
assert hashlib.sha256(open('project/numbers/few.csv', 'rb').read()).hexdigest() == entry['sha256']"
claim "a text is an input by its checksum, and named from the run" python3 -B -c "
import hashlib, json
manifest = json.load(open('threads/1/text/manifest.json'))
(entry,) = manifest['inputs']
assert entry['path'] == manifest['parameters']['truth']['text'] == '../../../project/numbers/song.txt', entry
assert hashlib.sha256(open('project/numbers/song.txt', 'rb').read()).hexdigest() == entry['sha256']
assert len(json.load(open('threads/1/texts/manifest.json'))['inputs']) == 2"
claim "tables have as many rows as there are replicates and generations" python3 -B -c "
import csv
rows = list(csv.DictReader(open('threads/1/sweep/trajectories.csv')))
keys = [(int(r['point']), int(r['replicate']), int(r['generation'])) for r in rows]
assert keys == [(p, r, g) for p in range(10) for r in range(7) for g in (1, 4, 8)], keys[:5]
assert len(list(csv.DictReader(open('threads/1/sweep/points.csv')))) == 10"
try "observe.rows summary: no trajectories" 0 run small.json -q -o summary --set observe.rows=summary
[ ! -e summary/trajectories.csv ] || wrong "trajectories.csv is there"
cmp -s summary/summary.csv one/two/three/summary.csv || wrong "summary.csv differs"

finish
