#!/bin/sh
# demo.sh NAME: runs configs/NAME.json with the release build, draws it, says where the pictures are.
set -eu
name=$1
dir=out/$name
python=$(sh .ci/python.sh)
build/ouro run "configs/$name.json" -o "$dir" --force </dev/null
"$python" plots/trajectories.py "$dir" >/dev/null
"$python" plots/tails.py "$dir" >/dev/null
cat <<TEXT

pictures   $dir/trajectories.png    how far each generation is from the truth
           $dir/tails.png           what is left of the tails
numbers    $dir/summary.csv
try next   build/ouro run configs/$name.json --set policy.preset=accumulate -o out/accumulate --force
           $python plots/trajectories.py out/accumulate      keep the real data, and it does not collapse
           build/ouro list configs                           every other experiment
TEXT
