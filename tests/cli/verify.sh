#!/usr/bin/env bash
# verify.sh: `ouro verify`: what it believes, what it does not, and that a build with a mistake in it is found out.
# shellcheck disable=SC1091,SC2016,SC2034,SC2154  # tmp, out, err and why come from lib.bash, which uses ouro; $ is sed's
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
build=$(realpath "${BUILD:-build/release}")
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash
cd "$tmp" || exit 2

# --- shipped configs: a family, a sweep, observations, samples kept, rows not kept
while read -r name more; do
    # shellcheck disable=SC2086  # options
    try "a run of $name" 0 run "$root/configs/$name.json" -q -o "$name" --set run.replicates=30 $more
    find "$name" -type f -exec sha256sum {} + | sort >before.txt
    try "$name is believed" 0 verify "$name"
    says out 'ok     checksums' 'ok     parameters' 'ok     ledger' 'ok     replay     all replicates' 'ok     laws'
    silent err
    find "$name" -type f -exec sha256sum {} + | sort >after.txt
    same before.txt after.txt
    try "$name is believed by a sample" 0 verify "$name" --replicates 4 -j 1
    case $more in
    *summary*) says out 'replay     all replicates' ;;
    *) says out '4 of 30 replicates' 'the other tables follow from the rows' ;;
    esac
done <<'END'
gaussian-guided --set run.generations=20
faithful-gmm --set run.generations=5 --set observe.samples.generations=[0,3,5]
gaussian-drift --set run.generations=20 --set observe.rows=summary
text-words --set run.generations=10
gaussian-half-life --set run.generations=50
END
begin "what is asked of all points is one row, after theirs"
[ "$(grep -c changed-scaling-law gaussian-half-life/verdicts.csv)" = 1 ] || wrong "there are others"
tail -n 1 gaussian-half-life/verdicts.csv >"$out"
says out ',changed-scaling-law,' ',drift_sq,' 'error on log points, from -' 'at t = 50'
[ "$(cut -c 1 "$out")" = , ] || wrong "it belongs to a point"
claim "nothing is left in the temporary directory" [ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'ouro-verify-*' -newer gaussian-guided/manifest.json -user "$(id -un)")" ]

# --- tampering
cat >small.json <<'END'
{ "name": "small", "truth": { "family": "gaussian" }, "model": { "family": "gaussian" },
  "policy": { "synthetic": { "points": 20 } }, "run": { "generations": 12, "replicates": 300 },
  "observe": { "measures": ["moments"] }, "sweep": { "policy.anchor.points": [0, 2] } }
END
try "a run to tamper with" 0 run small.json -q -o small
try "it is believed, and compared with its laws" 0 verify small
says out ' comparisons is '
begin "pictures may stand beside the tables"
touch small/tails.png
"$ouro" verify small >"$out" 2>"$err" || wrong "they may not: $(cat "$out")"

# The checksums of the manifest, and on request the chain of the ledger, made to fit what was changed.
cat >reseal.py <<'END'
import hashlib, json, sys
folder, chain = sys.argv[1], len(sys.argv) > 2
if chain:
    lines, previous = [], "0" * 64
    for line in open(folder + "/ledger.jsonl"):
        line = line[:line.rindex('"previous":"')] + '"previous":"%s"}' % previous
        previous = hashlib.sha256(line.encode()).hexdigest()
        lines.append(line + "\n")
    open(folder + "/ledger.jsonl", "w").writelines(lines)
manifest = json.load(open(folder + "/manifest.json"))
for entry in manifest["outputs"]:
    entry["sha256"] = hashlib.sha256(open(folder + "/" + entry["path"], "rb").read()).hexdigest()
json.dump(manifest, open(folder + "/manifest.json", "w"))
END
spoil() { # NAME FILE SED RESEAL TEXT...: exit 3 and the texts, after a change to a file
    local name=$1 file=$2 change=$3 reseal=$4
    shift 4
    rm -rf spoilt && cp -r small spoilt && sed -i "$change" "spoilt/$file"
    begin "$name"
    cmp -s "small/$file" "spoilt/$file" && wrong "nothing was changed"
    case $reseal in
    sums) python3 -B reseal.py spoilt ;;
    chain) python3 -B reseal.py spoilt chain ;;
    esac
    "$ouro" verify spoilt --replicates 300 >"$out" 2>"$err"
    [ $? = 3 ] || wrong "it is believed: $(cat "$out")"
    says out "$@"
    says err 'checks failed'
}
digit() { # LINE: a sed expression that changes the last digit of a line
    printf '%s{s/1\\([^0-9]*\\)$/2\\1/;t;s/[02-9]\\([^0-9]*\\)$/1\\1/}' "$1"
}
spoil "a digit of trajectories.csv" trajectories.csv "$(digit 100)" no \
    'failed checksums  spoilt/trajectories.csv' 'failed replay     spoilt/trajectories.csv:100: point 0, replicate 8, generation 3' 'the replay gives'
spoil "the same under a new checksum" trajectories.csv "$(digit 100)" sums \
    'ok     checksums' 'failed replay     spoilt/trajectories.csv:100: point 0, replicate 8, generation 3'
spoil "a status" trajectories.csv '7s/ok/absorbed/' sums 'trajectories.csv:7: ' 'status: says "absorbed", the replay gives "ok"'
spoil "a row taken out" trajectories.csv 50d sums 'failed replay     spoilt/trajectories.csv:50: '
spoil "the last row taken out" trajectories.csv '$d' sums 'trajectories.csv:7201: the file ends here'
spoil "a row added" trajectories.csv '$p' sums 'trajectories.csv:7202: the replay gives no such line'
spoil "a digit of summary.csv" summary.csv '9s/,0\.\([0-9]*\)1/,0.\12/' no \
    'failed checksums  spoilt/summary.csv' 'failed replay     spoilt/summary.csv:9: point 0, generation 2, measure '
spoil "the same under a new checksum" summary.csv '9s/,0\.\([0-9]*\)1/,0.\12/' sums 'ok     checksums' 'failed replay     spoilt/summary.csv:9: '
spoil "a word on all points" verdicts.csv '$s/sweep policy/weep policy/' sums 'ok     checksums' 'failed replay     spoilt/verdicts.csv:16: '
spoil "a digit of ledger.jsonl" ledger.jsonl '4s/"points":20/"points":21/' no \
    'failed checksums  spoilt/ledger.jsonl' 'failed ledger     spoilt/ledger.jsonl:5: the chain is broken'
spoil "the same under a new checksum" ledger.jsonl '4s/"points":20/"points":21/' sums 'ok     checksums' 'ledger.jsonl:5: the chain is broken'
spoil "the same with the chain made to fit" ledger.jsonl '4s/"points":20/"points":21/' chain \
    'ok     checksums' 'failed ledger     spoilt/ledger.jsonl:4: says ...' '"points":21' 'what the parameters say gives ...'
spoil "another seed than the run's" manifest.json '0,/"seed":	[0-9]*/s//"seed":	77/' no 'ok     checksums' 'failed replay     spoilt/trajectories.csv:2: '
spoil "parameters that are none" manifest.json '0,/"replicates":	300/s//"replicates":	-3/' no \
    'failed parameters spoilt/manifest.json:' 'run.replicates' 'failed replay     not made'
spoil "a description of the columns" manifest.json '0,/Squared drift/s//Drift/' no 'failed replay     spoilt: manifest.json: "columns"'
spoil "a z that its row does not give" summary.csv '3s/,[-0-9.e]*,\(mean: .*\)$/,2.5,\1/' sums 'failed laws       spoilt/summary.csv:3: variance_ratio at t = 1: z says 2.5, its mean'

# A sample: what it does not replay must still give summary.csv, and come in the order of the run.
sampled() { # NAME SED TEXT...
    rm -rf spoilt && cp -r small spoilt && sed -i "$2" spoilt/trajectories.csv && python3 -B reseal.py spoilt
    try "$1" 3 verify spoilt --replicates 3
    shift 2
    says out "$@"
}
sampled "a value that the sample does not hold" '100s/,ok,0/,ok,1/' 'failed replay     spoilt/summary.csv:' 'trajectories.csv gives'
sampled "a value that the sample holds" '5s/,ok,0/,ok,1/' 'failed replay     spoilt/trajectories.csv:5: point 0, replicate 0, generation 4, drift_sq: says'
sampled "a row taken out of the sample" 5d 'failed replay     spoilt/trajectories.csv:5: '
sampled "a row taken out elsewhere" 100d 'failed replay     spoilt/trajectories.csv:100: generation: says 4 where the run has 3'
sampled "the end taken out" '$d' 'failed replay     spoilt/trajectories.csv:7201: the file ends before point 1, replicate 299, generation 12'
rm -rf spoilt && cp -r small spoilt && sed -i '3s/,0\.\([0-9]*\)1/,0.\12/' spoilt/theory.csv && python3 -B reseal.py spoilt
try "a law's word, computed again from the rows" 3 verify spoilt --replicates 3
says out 'failed replay     spoilt/theory.csv:3: point 0, generation 2, measure ' 'trajectories.csv gives'
sampled "what is no number" '100s/,ok,0/,ok,O/' 'trajectories.csv:100: drift_sq: "O.' 'is not a number'
sampled "a row cut short" '100s/,ok,.*/,ok,1/' 'trajectories.csv:100: the row has fewer cells'
sampled "a row of another replicate" '100s/^0,8,/0,9,/' 'trajectories.csv:100: replicate: says 9 where the run has 8'

# --- what is missing, what is too much, what is no run
rm -rf spoilt && cp -r small spoilt && rm spoilt/summary.csv
try "a table that is missing" 3 verify spoilt
says out 'failed checksums  spoilt/summary.csv: is listed in the manifest and missing' 'failed replay     spoilt/summary.csv: is missing'
rm -rf spoilt && cp -r small spoilt && cp small/summary.csv spoilt/more.csv
try "a table that no manifest lists" 3 verify spoilt
says out 'failed checksums  spoilt: holds more.csv'
cp "$root/configs/data/faithful.csv" here.csv
sed 's/"family": "gaussian" }, "model"/"data": "here.csv", "columns": ["waiting"] }, "model"/' small.json >data.json
try "a run on observations" 0 run data.json -q -o data --set sweep=null --set run.replicates=5
(cd / && "$ouro" verify "$tmp/data") >"$out" 2>"$err" || wrong "not believed from elsewhere: $(cat "$out" "$err")"
says out ' files and 1 of input'
sed -i '5s/[0-9]$/7/;6s/[0-9]$/7/' here.csv
try "other observations than the run's" 3 verify data
says out 'failed checksums' 'here.csv: is not the file that the manifest lists'
try "a folder that is no run" 2 verify .
says err 'no run directory'
silent out
try "a folder that is not there" 2 verify nowhere
try "a file" 2 verify small.json
mkdir other && echo '{}' >other/manifest.json
try "another manifest" 2 verify other
says err 'not the manifest of a run'
try "two folders" 2 verify small data
try "none" 2 verify
for n in 0 -3 x 1.5 5000000000; do
    try "--replicates=$n" 2 verify small "--replicates=$n"
    says err 'is not a number of replicates'
done
if [ "$(id -u)" != 0 ]; then
    rm -rf spoilt && cp -r small spoilt && chmod 0 spoilt/summary.csv
    try "what cannot be read" 1 verify spoilt
    says err 'spoilt/summary.csv' 'cannot be'
fi
begin "a temporary directory that cannot be written"
TMPDIR=$tmp/nowhere "$ouro" verify small >"$out" 2>"$err"
[ $? = 1 ] || wrong "exit code"
says err "$tmp/nowhere"

# --- a build with a mistake: n - 1 for n in the maximum-likelihood fit
if [ "${build##*/}" = release ]; then
    mkdir mutant && cp -Rp "$root"/{Makefile,src,include,tests} mutant && mkdir mutant/build && cp -Rp "$build" mutant/build
    sed -i 's/estimate(T, T\[LOG_RMS\], theta/estimate(T, T[LOG_RMS] - 0.5 * ouro_log(1 - 1 \/ T[W]), theta/' mutant/src/families/normal_slots.c
    begin "the mistake is planted and compiles"
    cmp -s mutant/src/families/normal_slots.c "$root/src/families/normal_slots.c" && wrong "nothing was planted"
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C mutant MODE=release RELAX=-Wno-error GIT_ID="$(cat "$build/obj/git.txt")" \
        build/release/ouro >log.txt 2>&1 || wrong "$(grep -m 1 -i error log.txt)"
    right=$ouro
    ouro=$tmp/mutant/build/release/ouro
    try "the build with the mistake runs" 0 run small.json -q -o mistaken
    try "its run repeats itself, and breaks the law" 3 verify mistaken
    says out 'ok     replay' 'failed laws       mistaken/summary.csv:' '_ratio at t = ' 'z = '
    try "a right run, verified by the wrong build: the replay says so" 3 verify small
    says out 'ok     checksums' 'failed replay     small/trajectories.csv:2: point 0, replicate 0, generation 1, variance_ratio: says' 'ok     laws'
    ouro=$right
    try "a wrong run, verified by the right build: both say so" 3 verify mistaken
    says out 'failed replay     mistaken/trajectories.csv:2: ' 'failed laws       mistaken/summary.csv:'
else
    conclude
    echo "skip a build with a mistake in it: in the release build alone"
fi

finish
