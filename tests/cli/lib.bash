# lib.bash: what the scripts of tests/cli share. $ouro is the program; $tmp a folder that goes away at the end.
#
#   begin NAME                  a test, which goes on to the next one
#   try NAME CODE ARGUMENT...   a test: runs the program; fails unless it exits with CODE
#   says out|err TEXT...        ... or unless each text stands in what it printed there
#   silent out|err              ... or if it printed anything there
#   same FILE FILE              ... or unless both hold the same
#   wrong WORDS                 ... or in any case
#   claim NAME COMMAND...       a test of its own: the command succeeds
#   finish                      the sum; exit code 1 when something failed
# shellcheck shell=bash disable=SC2154

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8
mkdir "$tmp/.said"
out=$tmp/.said/out
err=$tmp/.said/err
passed=0
failed=0
test_name=''
why=''

conclude() {
    [ -n "$test_name" ] || return 0
    if [ -z "$why" ]; then
        passed=$((passed + 1))
        echo "ok $test_name"
    else
        failed=$((failed + 1))
        echo "not ok $test_name: $why"
    fi
    test_name=''
    why=''
}

wrong() { why="${why:+$why; }$1"; }

begin() {
    conclude
    test_name=$1
}

try() {
    begin "$1"
    local expected=$2 code
    shift 2
    timeout 60 "$ouro" "$@" >"$out" 2>"$err" </dev/null
    code=$?
    [ "$code" = "$expected" ] || wrong "exit code $code, expected $expected: $(head -c 300 "$err")"
}

says() {
    local stream=$tmp/.said/$1 text
    shift
    for text; do
        grep -qF -e "$text" "$stream" || wrong "\"$text\" is not in: $(head -c 300 "$stream")"
    done
}

silent() {
    [ ! -s "$tmp/.said/$1" ] || wrong "standard $1 holds: $(head -c 300 "$tmp/.said/$1")"
}

same() { cmp -s "$1" "$2" || wrong "$1 and $2 differ"; }

claim() {
    begin "$1"
    shift
    "$@" || wrong "failed: $*"
}

# The outputs that a manifest lists are there, with the sizes and checksums it gives, and nothing else is.
verify() {
    python3 -B - "$1" <<'END'
import hashlib, json, os, sys
folder = sys.argv[1]
outputs = json.load(open(os.path.join(folder, "manifest.json")))["outputs"]
for entry in outputs:
    data = open(os.path.join(folder, entry["path"]), "rb").read()
    if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
        sys.exit(entry["path"] + " is not what the manifest says")
listed = {entry["path"] for entry in outputs} | {"manifest.json"}
if set(os.listdir(folder)) != listed or len(listed) < 4:
    sys.exit("the folder holds %s, the manifest lists %s" % (os.listdir(folder), listed))
END
}

finish() {
    conclude
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" != 0 ]
}
