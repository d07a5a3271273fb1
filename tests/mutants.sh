#!/usr/bin/env bash
# mutants.sh: plants one mistake at a time in a copy of the sources and expects the named test to fail.
#
# A law test that cannot tell a wrong simulator from a right one proves nothing. Each row below is such a wrong
# simulator. The copy stands in build/mutants and takes over the release objects, so that only what the mistake
# touches is compiled again. A row is `ok` when the C tests of its prefix pass on the sources as they are and fail
# with the mistake. It is `not ok` when the sed expression changes nothing, the mistake does not compile, no test
# has that prefix, the tests pass nevertheless, or they crash or hang instead of failing.
#   ONLY_MUTANTS="name ..."  runs these rows alone
#   MUTANT_SECONDS=300       after which a mutant counts as hanging
set -u
cd "$(dirname "$0")/.." || exit 2
copy=build/mutants
limit=${MUTANT_SECONDS:-300}

# name | file | sed expression | prefix of the test that must fail
mutants='
n-1-for-n | src/families/gaussian.c | s/estimate\(T, T\[LOG_RMS\], theta/estimate(T, T[LOG_RMS] - 0.5 * ouro_log(1 - 1 \/ T[W]), theta/ | law_gaussian_replace_statistics
a-generation-early | src/engine/run.c | s/observed\[g\] == t\)/observed[g] == t + 1)/ | law_gaussian_replace_statistics
reused-for-fresh-anchor | src/policies/rule.c | s/(OURO_FRESH\)) return 1;/\1 return OURO_ALL;/ | law_gaussian_one_fresh_point
n-for-n-1-degrees-of-freedom | src/families/gaussian.c | s/chi2\(s, size - 1,/chi2(s, size,/ | law_gaussian_replace_statistics
window-one-too-long | src/policies/rule.c | s/born <= window;/born <= window + 1;/ | law_gaussian_replace_statistics
weights-swapped | src/policies/rule.c | s/\{p->weights.synthetic, p->weights.real\}/{p->weights.real, p->weights.synthetic}/ | law_recursion_closed_forms
origin-does-not-follow | src/corpus/corpus.c | s/^    if \(has_location\(c\)\) (follow_model\(c\);|memcpy.theta .*)$// | law_gaussian_deep_collapse
observations-with-replacement | src/corpus/corpus.c | s/order\[c->drawn \+ i\]/order[(c->drawn + i) % 20]/ | law_data_first_fit
pseudo-points-forgotten | src/corpus/corpus.c | s/if \(c->prior_weight > 0\) type->stat_merge.*$// | law_map_stationary
prior-left-out-of-the-weight | src/theory/mean.c | s/W = nu, sum/W = 0, sum/ | law_mean_follows_the_prior
gamma-of-half-the-points | src/families/nef_gamma.c | s/ouro_log_mean_chi2\(s, 2 \* n/ouro_log_mean_chi2(s, n/ | law_morris_scale_logs
nodes-of-double-weight | src/measures/nodes.c | s/= 0\.5 \* scale \*/= scale */ | nodes_space_samples
valley-left-out-of-the-tail | src/measures/tails.c | s/i \+ 1 < a->ends; i \+= 2/i + 1 < 0; i += 2/ | nodes_tail_on_the_line
chi-of-one-degree-less | src/core/mixture_level.c | s/gsl_cdf_chisq_Q\(r \* r, \(double\)d\)/gsl_cdf_chisq_Q(r * r, (double)d - 1)/ | nodes_tail_of_a_normal
point-mass-counted-twice | src/measures/pair.c | s/c->js \+= 0\.5 \* atoms/c->js += atoms/ | nodes_collapsed_models
last-category-starved | src/families/categorical.c | s/rest -= p\[i\];/rest -= 0.9 * p[i];/ | law_categorical_zipf_statistics
'
# For trying the machinery itself: a file with rows instead.
[ -z "${MUTANTS_FILE:-}" ] || mutants=$(cat "$MUTANTS_FILE")

command -v timeout >/dev/null || timeout() { shift && "$@"; }
known_good=' ' # prefixes whose tests pass on the sources as they are

# The build of the copy, apart from any make this one may be running under. A mistake may leave a variable unused:
# a warning then, no error.
build() {
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$copy" MODE=release RELAX=-Wno-error \
        GIT_ID="$(cat build/release/obj/git.txt)" build/release/tests
}

# The sources as they are, with the release objects (file times kept, so that nothing is out of date).
fresh_copy() {
    rm -rf "$copy"
    mkdir -p "$copy/build"
    cp -Rp Makefile src include tests "$copy" && cp -Rp build/release "$copy/build"
    # what tests read besides their own folder
    ln -s "$PWD/configs" "$PWD/experiments" "$PWD/plots" "$PWD/.ci" "$copy"
}

# run_tests FOLDER PREFIX: prints the closing line of the C tests built in FOLDER, "hangs", or "dies ...".
run_tests() {
    local out code
    # shellcheck disable=SC2086  # a prefix or a list of them
    out=$(cd "$1" && timeout "$limit" build/release/tests $2 2>&1 </dev/null)
    code=$?
    out=$(printf '%s\n' "$out" | tail -n 1)
    if [ "$code" = 124 ]; then
        echo hangs
    elif [[ $out =~ ^[0-9]+\ passed,\ [0-9]+\ failed$ ]]; then
        echo "$out"
    else
        echo "dies with exit code $code"
    fi
}

# try NAME FILE SED PREFIX
try() {
    local name=$1 file=$2 expression=$3 prefix=$4 result
    if [[ $known_good != *" $prefix "* ]]; then
        result=$(run_tests . "$prefix")
        case $result in
        "0 passed, 0 failed") echo "not ok mutant_$name: no test starts with $prefix" && return ;;
        *" passed, 0 failed") known_good="$known_good$prefix " ;;
        *) echo "not ok mutant_$name: without the mistake $prefix already ends in: $result" && return ;;
        esac
    fi
    fresh_copy || { echo "not ok mutant_$name: the copy failed"; return; }
    if ! sed -E "$expression" "$file" >"$copy/$file" || cmp -s "$file" "$copy/$file"; then
        echo "not ok mutant_$name: the sed expression changes nothing in $file"
        return
    fi
    if ! build >"$copy/log.txt" 2>&1; then
        echo "not ok mutant_$name: does not compile: $(grep -m 1 -E 'error|Error' "$copy/log.txt")"
        return
    fi
    result=$(run_tests "$copy" "$prefix")
    case $result in
    *" passed, 0 failed") echo "not ok mutant_$name: survived, no $prefix test noticed" ;;
    *" passed, "*) echo "ok mutant_$name" ;;
    *) echo "not ok mutant_$name: $prefix $result instead of failing" ;;
    esac
}

if [ ! -e build/release/tests ]; then
    echo "not ok mutants: no build/release/tests: build first"
    exit 1
fi
printf '%s\n' "$mutants" | grep -q '|' || echo "skip mutants: the table is empty"
printf '%s\n' "$mutants" | grep '|' | while IFS= read -r row; do
    # the expression may hold `|` itself: it is what stands between the second and the last
    name=${row%% | *}
    row=${row#* | }
    file=${row%% | *}
    row=${row#* | }
    if [ -n "${ONLY_MUTANTS:-}" ] && [[ " $ONLY_MUTANTS " != *" $name "* ]]; then continue; fi
    try "$name" "$file" "${row% | *}" "${row##* | }" </dev/null
done
