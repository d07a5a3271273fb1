#!/usr/bin/env bash
# samples.sh: points of named generations: what is written, that keeping them moves nothing, the same bytes every time.
# shellcheck disable=SC1091,SC2034,SC2154  # tmp, out, err and why come from lib.bash, which uses ouro
set -u
cd "$(dirname "$0")/../.." || exit 2
ouro=$(realpath "${OURO:-build/ouro}")
data=$(realpath configs/data)
. tests/cli/lib.bash
cd "$tmp" || exit 2

cat >mix.json <<'END'
{ "name": "mix",
  "truth": { "family": "gmm", "means": [[0, 0], [4, 1]], "sds": [[1, 1], [0.5, 1]] },
  "model": { "family": "gmm" },
  "policy": { "synthetic": { "points": 60 } },
  "run": { "generations": 9, "replicates": 5, "seed": 11 },
  "observe": { "measures": ["moments"], "samples": { "generations": [0, 1, 9], "points": 30, "replicates": 2 } },
  "sweep": { "policy.synthetic.points": [60, 80] } }
END

try samples_are_written 0 run mix.json -o one -j 1 --quiet
begin samples_have_the_rows_asked_for
# per point 30 of the truth, and of two replicates 30 at each of two generations
[ "$(wc -l <one/samples.csv)" = $((1 + 2 * (30 + 2 * 2 * 30))) ] || wrong "$(wc -l <one/samples.csv) lines"
[ "$(head -n 1 one/samples.csv)" = point,replicate,generation,x1,x2 ] || wrong "header $(head -n 1 one/samples.csv)"
[ "$(cut -d, -f1-3 one/samples.csv | sed 1d | uniq | tr '\n' ' ')" = \
    "0,0,0 0,0,1 0,0,9 0,1,1 0,1,9 1,0,0 1,0,1 1,0,9 1,1,1 1,1,9 " ] || wrong "order of rows"
begin samples_are_in_the_manifest
sum=$(sha256sum one/samples.csv | cut -d' ' -f1)
grep -q "$sum" one/manifest.json || wrong 'samples.csv is not in the manifest'
try samples_do_not_depend_on_threads 0 run mix.json -o two -j 3 --quiet
same one/samples.csv two/samples.csv
try samples_come_again_from_the_manifest 0 run one/manifest.json -o three --quiet
same one/samples.csv three/samples.csv
try samples_move_nothing 0 run mix.json --set observe.samples.generations=null -o without --quiet
same one/trajectories.csv without/trajectories.csv
same one/summary.csv without/summary.csv
[ ! -e without/samples.csv ] || wrong 'samples.csv is there though nobody asked'
try samples_of_the_statistics_path 0 run mix.json --set truth='{"family":"poisson","mean":3}' \
    --set model='{"family":"poisson"}' -o counts --quiet
[ "$(head -n 1 counts/samples.csv)" = point,replicate,generation,x1 ] || wrong 'header'
awk -F, 'NR > 1 && ($4 != int($4) || $4 < 0) { exit 1 }' counts/samples.csv || wrong 'not counts'
try samples_of_observed_rows 0 run mix.json --set truth="{\"data\":\"$data/faithful.csv\",\"columns\":[\"eruptions\",\"waiting\"]}" \
    --set observe.samples.points=1000 -o rows --quiet
[ "$(head -n 1 rows/samples.csv)" = point,replicate,generation,eruptions,waiting ] || wrong 'header'
[ "$(grep -c '^0,0,0,' rows/samples.csv)" = 272 ] || wrong 'all observations are fewer than asked for, and are all shown'
try samples_with_components 0 run mix.json --set observe.samples.generations=[9] -o late --quiet
begin samples_components_of_models_and_truth
# the truth's two once per point, whether or not points of it were asked for; then two of each model
[ "$(head -n 1 late/components.csv)" = \
    point,replicate,generation,component,weight,mean_x1,mean_x2,cov_x1_x1,cov_x2_x1,cov_x2_x2 ] || wrong 'header'
[ "$(cut -d, -f1-4 late/components.csv | sed 1d | tr '\n' ' ')" = \
    "0,0,0,0 0,0,0,1 0,0,9,0 0,0,9,1 0,1,9,0 0,1,9,1 1,0,0,0 1,0,0,1 1,0,9,0 1,0,9,1 1,1,9,0 1,1,9,1 " ] ||
    wrong "order $(cut -d, -f1-4 late/components.csv)"
[ "$(grep -c '^0,0,0,' late/samples.csv)" = 0 ] || wrong 'points of the truth that nobody asked for'
[ "$(sed -n 3p late/components.csv)" = 0,0,0,1,0.5,4,1,0.25,0,1 ] || wrong "truth $(sed -n 3p late/components.csv)"
awk -F, 'NR > 1 { sum[$1, $2, $3] += $5 } END { for (m in sum) if (sum[m] < 1 - 1e-12 || sum[m] > 1 + 1e-12) exit 1 }' \
    late/components.csv || wrong 'weights do not add up to one'
awk -F, 'NR == FNR { if (FNR > 1) { n[$1, $2, $3]++; sum[$1, $2, $3] += $4 } next }
    FNR > 1 && $3 > 0 { mean[$1, $2, $3] += $5 * $6 }
    END { for (m in mean) if ((sum[m] / n[m] - mean[m]) ^ 2 > 2) exit 1 }' late/samples.csv late/components.csv ||
    wrong 'points lie elsewhere than the components'
[ ! -e counts/components.csv ] || wrong 'components of a Poisson law'
same <(sed -n '2,3p' one/components.csv) <(sed -n '2,3p' late/components.csv)
try samples_of_a_generation_never_run 2 check mix.json --set observe.samples.generations=[3,10]
says err 'observe.samples.generations' 'generation 10 is never run'
silent out
finish
