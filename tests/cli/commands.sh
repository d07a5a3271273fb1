#!/usr/bin/env bash
# commands.sh: every command and option of the program: exit codes, what goes to standard output and what to standard
# error, what is refused and in which words. What a run writes is in runs.sh, wrong configs are in wrong_configs.sh.
# shellcheck disable=SC1091,SC2154  # tmp, out, err and why come from lib.bash
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
ouro=$(realpath "${OURO:-build/ouro}")
. tests/cli/lib.bash

config() {
    cat >"$1" <<'END'
{ "name": "small",
  "truth": { "family": "gaussian", "mean": 0, "sd": 1 },
  "model": { "family": "gaussian" },
  "policy": { "synthetic": { "points": 20 } },
  "run": { "generations": 6, "replicates": 4 } }
END
}
cd "$tmp" || exit 2
config small.json

# --- help and version
try "no command: usage on standard error" 2
silent out
says err "ouro run"
try "--help" 0 --help
silent err
says out "ouro run" "ouro list" "Exit: 0 ok"
cp "$out" help.txt
for form in -h help; do
    try "$form is --help" 0 $form
    same "$out" help.txt
done
try "--version" 0 --version
silent err
[[ $(cat "$out") =~ ^ouro\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || wrong "not a version: $(cat "$out")"
while read -r command; do
    try "help $command" 0 help "$command"
    silent err
    says out "usage: ouro $command" "--help"
    cp "$out" command.txt
    for form in --help -h; do
        try "$command $form is help $command" 0 "$command" $form
        same "$out" command.txt
    done
done < <(sed -n 's/^  ouro \([a-z]*\) .*/\1/p' help.txt)
try "help names a command that the list has" 2 help rnu
says err 'did you mean "run"?'
silent out

# --- what is no command, no option, no value
try "near miss of a command" 2 chekc small.json
silent out
says err '"chekc" is not a command' 'did you mean "check"?'
try "a command of no likeness" 2 frobnicate
says err '"frobnicate" is not a command' 'ouro help'
try "an option before the command" 2 --quiet run small.json
says err '"--quiet" is not a command'
try "near miss of an option" 2 run small.json --quite
says err '--quite is not an option' 'did you mean --quiet?'
try "an option of no likeness" 2 run small.json --frobnicate=3
says err '--frobnicate is not an option' 'ouro help run'
try "a letter that is no option" 2 run small.json -x
says err '-x is not an option'
try "a letter that is no option, among others" 2 run small.json -qxf
says err '-x is not an option'
try "an option of another command" 2 check small.json --force
says err 'check' '--force'
try "an option cut short" 2 run small.json --forc
says err '--forc is cut short' '--force'
try "an option cut short, its value apart" 2 run small.json --se run.seed=3
says err '--se is cut short' '--set'
try "an option cut short, its value attached" 2 run small.json --ou=x
says err '--ou is cut short' '--out'
try "an option without its value" 2 run small.json --out
says err '--out needs a value'
try "a letter without its value" 2 run small.json -o
says err '-o needs a value'
try "a value for an option that takes none" 2 run small.json --quiet=yes
says err '--quiet takes no value'
for jobs in 0 -1 1.5 two '' 99999999999999999999; do
    try "-j '$jobs' is refused" 2 run small.json -j "$jobs"
    says err 'number of threads'
done
try "run without a config" 2 run
says err 'config'
try "run with two configs" 2 run small.json small.json
says err 'config'
try "check without a config" 2 check
says err 'config'
left=$(find . -mindepth 1 -maxdepth 1 ! -name .said ! -name small.json ! -name help.txt ! -name command.txt)
claim "nothing was made by all that was refused" [ -z "$left" ]

# --- list and describe
names_of() { # KIND: the names that `ouro list` shows, as `ouro describe` takes them
    case $1 in
    measures) "$ouro" list measures | sed -n 's/^\([a-z_]*\): .*/\1/p; s/^  \([^ ]*\) .*/\1/p' ;;
    *) "$ouro" list "$1" | awk '{ print $1 }' ;;
    esac
}
for kind in families policies estimators filters measures events verdicts laws sinks fields; do
    try "list $kind" 0 list "$kind"
    silent err
    one=${kind%s}
    case $kind in families) one=family ;; policies) one=policy ;; esac
    count=0
    bad=''
    while read -r name; do
        count=$((count + 1))
        "$ouro" describe "$name" >/dev/null 2>described.err || bad="$bad $name"
        "$ouro" describe "$one" "$name" >described.txt 2>>described.err || bad="$bad $name"
        if [ ! -s described.txt ] || [ -s described.err ]; then bad="$bad $name"; fi
    done < <(names_of "$kind")
    begin "describe each of the $kind"
    [ "$count" -gt 0 ] || wrong "none is listed"
    [ -z "$bad" ] || wrong "not described:$bad"
done
try "describe a verdict says what is compared with what, and whose sense it is" 0 describe verdict lost-tail
says out tail_ratio 'share of replicates' '1/2' '99 %' 2503.03150
try "list without a kind" 2 list
says err families configs
try "list of a near miss" 2 list measure
says err 'did you mean "measures"?'
cd "$root" || exit 2
try "list configs names each of them, with words" 0 list configs
silent err
for path in configs/*.json; do
    grep -q "^$path  *[A-Za-z]" "$out" || wrong "$path is not there"
done
cd "$tmp" || exit 2
try "list configs where there are none" 1 list configs
silent out
says err configs
# the example that describe prints for a family is a config that is valid as it stands
bad=
for name in $("$ouro" list families | cut -d ' ' -f 1); do
    "$ouro" describe family "$name" | grep '^  { "name"' | "$ouro" check - >/dev/null 2>&1 || bad="$bad $name"
done
begin "describe prints a config that runs for every family"
[ -z "$bad" ] || wrong "no valid example for:$bad"

bad=
for name in $("$ouro" list policies | cut -d ' ' -f 1); do
    "$ouro" describe policy "$name" >"$out"
    [ "$(grep -cE '^  (in practice  |what is known|reference    ) [A-Z]' "$out")" = 3 ] || bad="$bad $name"
done
begin "describe says of every policy what it stands for, what is known, and who found it"
[ -z "$bad" ] || wrong "not of:$bad"
[ -s "$out" ] || wrong "there are no policies"
try "describe a field of two levels" 0 describe policy.anchor.every
says out policy.anchor.every "default 1"
try "describe a near miss" 2 describe acumulate
says err 'did you mean "accumulate"?'
try "describe a near miss of a kind" 2 describe polcy accumulate
says err 'did you mean "policy"?'
try "describe a name of another kind" 2 describe family accumulate
says err 'no family is called "accumulate"'
try "describe nothing" 2 describe
says err 'ouro describe policy accumulate'

# --- check
cd "$root" || exit 2
try "check of every config that is shipped" 0 check configs/*.json
silent err
for path in configs/*.json; do says out "$path: ok"; done
cd "$tmp" || exit 2
try "check says what a run would cost" 0 check small.json --set run.replicates=1000
says out "replicates 1000" "path statistics" "memory"
try "check of a wrong one beside a good one" 2 check small.json nothere.json
says out "small.json: ok"
says err "nothere.json: error: cannot be opened"
# Bytes that check foretells against what the process came to hold beyond a run of one generation, rows being kept in memory.
foretold() { # MODEL POINTS GENERATIONS
    # What is foretold is what a run holds. The peak would count freed blocks that glibc keeps in its heap: here it gives them back.
    local -x MALLOC_MMAP_THRESHOLD_=131072
    printf '{ "name": "m", "truth": { "family": "gaussian" }, "model": { %s },
        "policy": { "preset": "accumulate", "synthetic": { "points": %s } },
        "run": { "generations": %s, "replicates": 1, "path": "samples" },
        "observe": { "measures": ["moments"], "generations": [1] } }' "$1" "$2" "$3" >memory.json
    "$ouro" check memory.json -j 1 >said && "$ouro" run memory.json -j 1 -o long --force --quiet >long.out &&
        "$ouro" run memory.json -j 1 -o short --force --quiet --set run.generations=1 >short.out || return 1
    $(sh "$root/.ci/python.sh") - <<'END'
import json, re
number, unit = re.search(r"threads?, ([0-9.]+) (k|M|G)B of memory", open("said").read()).groups()
said = float(number) * {"k": 1e3, "M": 1e6, "G": 1e9}[unit]
peak = [json.load(open(d + "/manifest.json"))["resources"]["peak_memory_kilobytes"] * 1024 for d in ("long", "short")]
held = peak[0] - peak[1]
raise SystemExit(None if said / 1.5 < held < said * 1.5 else "%g bytes foretold, %g held" % (said, held))
END
}
if ! grep -q __asan_init "$ouro"; then # whose own memory would be counted
    claim "check foretells the memory of rows" foretold '"family": "gaussian"' 20000 400
    claim "check foretells the memory of a fit that repacks them" foretold '"family": "gmm", "n_components": 1' 5000 150
    claim "check foretells the memory of a model that keeps them" foretold '"family": "kde", "rule": "scott"' 2000 400
fi
claim "check makes no folder" [ ! -e out ]

# --- theory
try "theory: what the laws say, and nothing else" 0 theory small.json
silent err
[ "$(head -n 1 "$out")" = "point,generation,measure,law,statistic,standing,theory,source" ] || wrong "header: $(head -n 1 "$out")"
says out ',variance_ratio,second_moments,mean,exact,' ',variance_ratio,bertrand,q95,at most,'
try "theory to a file" 0 theory small.json -o laws.csv
silent out
"$ouro" theory small.json | cmp -s - laws.csv || wrong "the file is not what standard output shows"
try "theory to a file that is there" 2 theory small.json -o laws.csv
says err "is there already" --force
try "theory where no law speaks" 0 theory small.json --set 'observe.measures=["w2"]'
says err "no law speaks"
try "theory of two configs" 2 theory small.json small.json
says err "one config is needed"
run_laws() { # those of a run, without what was observed
    "$ouro" run small.json -q -o laws --force >/dev/null 2>&1 && cut -d, -f 1-7,11- laws/theory.csv | tr -d '"'
}
begin "theory.csv of a run holds the same laws"
[ "$(run_laws)" = "$("$ouro" theory small.json | tr -d '"')" ] || wrong "they differ"

# --- streams
try "run: the folder to standard output, words to standard error" 0 run small.json
[ "$(cat "$out")" = out/small ] || wrong "standard output: $(cat "$out")"
says err "4 replicates" "6 generations" "Next: "
try "--quiet: no words" 0 run small.json -o quiet --quiet
[ "$(cat "$out")" = quiet ] || wrong "standard output: $(cat "$out")"
silent err
try "letters in one, value attached" 0 run small.json -qj2 -oletters
[ -f letters/manifest.json ] || wrong "no run in letters"
try "options before the config, -- ends them" 0 run --quiet --out=dashes -- small.json
[ -f dashes/manifest.json ] || wrong "no run in dashes"
try "an error leaves standard output empty" 2 run nothere.json
silent out
run_closed() { "$ouro" list families >&-; }
claim "closed standard output is a failure" [ "$(run_closed 2>/dev/null; echo $?)" = 1 ]
"$ouro" run small.json -q -o closed 2>&- >closed.txt
claim "closed standard error harms no file of the run" verify closed

finish
