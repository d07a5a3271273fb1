#!/bin/sh
# fuzz.sh BUILD NAME SECONDS: runs one libFuzzer program from the kept corpus, tests/fuzz/corpus/NAME. New inputs
# go to BUILD/corpus/NAME, an input that breaks something to BUILD/NAME-*: keep it by moving it to the former.
set -eu
build=$1 name=$2 seconds=$3
mkdir -p "$build/corpus/$name"
set -- "$build/corpus/$name"
[ ! -d "tests/fuzz/corpus/$name" ] || set -- "$@" "tests/fuzz/corpus/$name"
echo "== fuzz $name, $seconds s"
exec "$build/fuzz/$name" -max_total_time="$seconds" -artifact_prefix="$build/$name-" "$@"
