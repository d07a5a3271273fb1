#!/usr/bin/env bash
# ledger.sh: the ledger as an auditor reads it: every share recomputed from ledger.jsonl alone, and `ouro ledger`.
# shellcheck disable=SC1091,SC2016,SC2034,SC2154  # tmp, out, err and why come from lib.bash, which uses ouro; $ is sed's
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash
cd "$tmp" || exit 2

config() { # NAME POLICY [MORE]: a config with the columns of provenance
    printf '{ "name": "%s", "truth": { "family": "gaussian" }, "model": { "family": "gaussian" },
  "policy": { %s }, "run": { "generations": 24, "replicates": 40 },
  "observe": { "measures": ["moments", "provenance"] } %s }\n' "$1" "$2" "${3:-}" >"$1.json"
}
recompute() { PYTHONPATH='' python3 -B "$root/tests/cli/recompute.py" "$@"; }

# --- recomputing
config presets '"synthetic": { "points": 20 }, "initial": 30' \
    ', "sweep": { "policy.preset": ["replace", "accumulate", "accumulate-subsample", "augment", "fresh", "weighted"] }'
config stale '"synthetic": { "points": 12, "growth": 0.3 }, "initial": 9, "weights": { "real": 3, "synthetic": 0.7 },
    "anchor": { "points": 4, "every": 3, "first": 4, "source": "stale", "refresh": 7 }' \
    ', "sweep": { "policy.memory.real": ["none", 3, "all"], "policy.memory.synthetic": ["none", 2, "all"] }'
config budgets '"synthetic": { "points": 12 }, "initial": 9, "budget": 15, "memory": { "real": "all", "synthetic": "all" },
    "anchor": { "points": "budget", "budget_per_generation": 2 }' ', "sweep": { "policy.anchor.every": [1, 3, 5] }'
config changing '"preset": "accumulate", "synthetic": { "points": 12, "temperature": 0.9 }, "anchor": { "points": 2, "every": 2 }' \
    ', "sweep": { "policy.memory.until": [5, 11], "policy.labels": ["kept", "flattened"] }'
config back '"synthetic": { "points": 12 }, "initial": 9, "rollback": { "at": 14, "to": 6 },
    "anchor": { "points": 3, "every": 2, "source": "stale", "refresh": 5 }' \
    ', "sweep": { "policy.preset": ["replace", "accumulate", "accumulate-subsample", "augment"], "policy.memory.until": [17, null] }'
config flagged '"synthetic": { "points": 12 }, "initial": 9, "flagged": { "first": 2, "last": 6, "recall": 11 },
    "anchor": { "points": 3, "every": 4, "source": "fixed" }, "memory": { "real": 5, "synthetic": "all" }' \
    ', "sweep": { "policy.flagged.origin": ["synthetic", "anchor"], "policy.flagged.recall": [9, null],
      "policy.rollback": [ { "at": null, "to": null }, { "at": 14, "to": 2 }, { "at": 14, "to": 8 } ] }'
for name in presets stale budgets changing back flagged; do
    try "a run to recompute: $name" 0 run "$name.json" -q -o "$name"
    claim "every share of $name follows from its ledger alone" recompute "$name"
done
try "a manifest with a budget for anchors repeats its run" 0 run budgets/manifest.json -q -o again
same budgets/ledger.jsonl again/ledger.jsonl
same budgets/trajectories.csv again/trajectories.csv
grep -q '"points":	"budget"' budgets/manifest.json || wrong "the manifest does not say budget"
cat >observed.json <<END2
{ "name": "observed", "truth": { "data": "$root/configs/data/faithful.csv", "columns": ["waiting"], "reserve": 0.1 },
  "model": { "family": "gaussian" }, "policy": { "preset": "fresh", "initial": 50, "synthetic": { "points": 20 },
    "anchor": { "points": 4, "every": 2, "exhausted": "reuse" } },
  "run": { "generations": 40, "replicates": 3 }, "observe": { "measures": ["provenance"] },
  "sweep": { "policy.anchor.exhausted": ["reuse", "none"] } }
END2
try "a run that exhausts its reserve" 0 run observed.json -q -o observed
OBSERVED=272,27 claim "its shares, its overlap and its events follow from its ledger" recompute observed
claim "the event stands in the line where the reserve is exhausted" python3 -B -c "
import json
lines = [json.loads(text) for text in open('observed/ledger.jsonl')]
events = [(l['point'], l['generation'], l['event']['rule']) for l in lines if l['event']]
assert events == [(0, 14, 'reuse'), (0, 26, 'reuse'), (0, 38, 'reuse'), (1, 14, 'none')], events
assert all(len(l['pool']) == 1 for l in lines if l['point'] == 1 and l['generation'] >= 13)"
try "check says when" 0 check observed.json
says out "27 observations is exhausted at generation 14: it is put back"
try "the same reserve with nothing said is refused" 2 check observed.json --set sweep=null --set policy.anchor.exhausted=stop
says err policy.anchor.points "anchor.exhausted"
begin "a batch that a rollback took back is noticed where it is used"
cp -r back forged && sed -i 's/"rollback":{"to":6}/"rollback":{"to":5}/' forged/ledger.jsonl
recompute forged >/dev/null 2>&1 && wrong "it is not"
rm -r forged
try "check says where a loop goes back" 0 check back.json
says out "fit 14 goes back to model 6"
begin "a lost flag is noticed"
cp -r flagged forged && sed -i '0,/"flagged":true,"taint"/s//"flagged":false,"taint"/' forged/ledger.jsonl
cmp -s forged/ledger.jsonl flagged/ledger.jsonl && wrong "nothing was forged"
recompute forged >/dev/null 2>&1 && wrong "it is not"
rm -r forged
try "where nothing is flagged no taint is stated" 0 check back.json
grep -q '"taint":[0-9]' back/ledger.jsonl && wrong "it is"
grep -q taint back/trajectories.csv && wrong "there is a column of it"
try "check says when flagged batches are recalled" 0 check flagged.json
says out "fit 9 is the first without the batches flagged in generations 2 to 6"
cp -r presets forged && sed -i '30s/"synthetic","generator":\[\([0-9]*\),\1\],"points":20/"synthetic","generator":[\1,\1],"points":21/' forged/ledger.jsonl
begin "a share that does not follow is noticed"
cmp -s forged/ledger.jsonl presets/ledger.jsonl && wrong "nothing was forged"
recompute forged >/dev/null 2>&1 && wrong "it is not"

# --- ouro ledger
try "a document on standard output" 0 ledger presets
silent err
cp "$out" document.json
try "the same in a file" 0 ledger presets -o file.json
silent out
same file.json document.json
try "which is not overwritten" 2 ledger presets -o file.json
says err file.json --force
try "unless asked for" 0 ledger presets -o file.json --force --license https://spdx.org/licenses/CC0-1.0 --creator us --url https://example.org
python3 -c "
import json
d = json.load(open('file.json'))
assert (d['license'], d['creator']['name'], d['url']) == ('https://spdx.org/licenses/CC0-1.0', 'us', 'https://example.org')" || wrong "it does not hold what was stated"
claim "what is not known is said not to be" grep -q '"license":	"not stated"' document.json
claim "no path of this machine is in it" [ "$(grep -c "$tmp\|$HOME/" document.json)" = 0 ]

spoil() { # NAME SED CODE TEXT...: the document of a run whose ledger was changed
    rm -rf spoilt && cp -r changing spoilt && sed -i "$2" spoilt/ledger.jsonl
    local name=$1 code=$3
    shift 3
    try "$name" "$code" ledger spoilt
    silent out
    says err "$@"
}
spoil "a forged line: the next one does not fit" '5s/"points":12/"points":13/' 3 'ledger.jsonl:6' 'chain is broken'
spoil "a line taken out" 5d 3 'ledger.jsonl:5' 'chain is broken'
spoil "the first line taken out" 1d 3 'ledger.jsonl:1' 'chain is broken'
spoil "the last line forged, which no line follows" '$s/"points":12/"points":13/' 3 ledger.jsonl 'not the file that the manifest lists'
spoil "the last line taken out" '$d' 3 ledger.jsonl 'not the file that the manifest lists'
spoil "a line that is not JSON" '7s/.*/nonsense/' 3 'ledger.jsonl:7' 'not JSON'
rm -rf spoilt && cp -r changing spoilt && sed -i '3s/ok/on/' spoilt/trajectories.csv
try "another table than the manifest's" 3 ledger spoilt
says err trajectories.csv 'not the file that the manifest lists'
try "a folder that is no run" 2 ledger .
says err 'no run directory'
try "two folders" 2 ledger presets stale

# --- a long run
config long '"synthetic": { "points": 5 }, "preset": "accumulate"' ', "sweep": { "policy.anchor.points": [0, 3] }'
try "a long run" 0 run long.json -q -o long --set run.generations=3000 --set run.replicates=1 --set observe.rows=summary
try "is summarised" 0 ledger long -o long.jsonld
[ "$(wc -c <long.jsonld)" -lt 3000000 ] || wrong "to $(wc -c <long.jsonld) bytes"
try "unless --full" 0 ledger long --full -o full.jsonld
claim "summaries and single generations are all of the run" python3 -B -c "
import json
nodes = json.load(open('long.jsonld'))['@included']
lines = [json.loads(text) for text in open('long/ledger.jsonl')]
for point in (0, 1):
    seen = []
    for n in nodes:
        if n.get('ouro:point') != point or n['@type'] == 'ouro:SweepPoint': continue
        if 'ouro:Model' in n['@type']: seen.append(n['ouro:generation'])
        else:
            span = range(n['ouro:firstGeneration'], n['ouro:lastGeneration'] + 1)
            seen += span
            part = [l for l in lines if l['point'] == point and l['generation'] in span]
            assert n['ouro:realPointsDrawn'] == sum(d['points'] for l in part for d in l['drawn'] if d['role'] == 'anchor')
            assert n['ouro:syntheticPointsDrawn'] == 5 * len(part)
            assert abs(n['ouro:syntheticRatioMost'] - max(l['synthetic_share'] for l in part)) < 1e-12
    assert seen == list(range(1, 3001)), (point, seen[:50])
full = json.load(open('full.jsonld'))['@included']
assert sum('ouro:Model' in n.get('@type', '') for n in full) == 6000"

# --- read by an RDF library
if python=$(sh "$root/.ci/python.sh" rdflib 2>/dev/null); then
    try "a run folded and with anchors" 0 ledger changing -o changing.jsonld
    claim "an RDF library answers: which batches, what share, which checksum" "$python" -B "$root/tests/cli/questions.py" changing.jsonld changing
    try "a run that goes back, in which folded entries rest" 0 ledger back -o back.jsonld
    claim "which model did it go back to, and what fed the fits" "$python" -B "$root/tests/cli/questions.py" back.jsonld back
    try "a run with flagged batches, some recalled, some rolled back" 0 ledger flagged -o flagged.jsonld
    claim "which models are tainted" "$python" -B "$root/tests/cli/questions.py" flagged.jsonld flagged
    claim "and for every policy" "$python" -B "$root/tests/cli/questions.py" document.json presets
else
    conclude
    echo "skip an RDF library reads the document: no Python with rdflib; make deps-dev installs it"
fi

finish
