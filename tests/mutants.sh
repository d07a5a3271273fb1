#!/usr/bin/env bash
# mutants.sh: plants one mistake at a time in a copy of the sources and expects the named test to fail.
#
# A law test that cannot tell a wrong simulator from a right one proves nothing. Each row below is such a wrong
# simulator. Copies stand in build/mutants, one for each of up to four processors, and take over the release objects,
# so that only what the mistake touches is compiled again. A row is `ok` when the C tests of its prefix pass on the
# sources as they are and fail with the mistake. It is `not ok` when the sed expression changes nothing, the mistake
# does not compile, no test has that prefix, the tests pass nevertheless, or they crash or hang instead of failing.
#   ONLY_MUTANTS="name ..."  runs these rows alone
#   MUTANT_SECONDS=300       after which a mutant counts as hanging
set -u
cd "$(dirname "$0")/.." || exit 2
copies=build/mutants
processors=$(getconf _NPROCESSORS_ONLN)
parts=$processors
[ "$parts" -le 4 ] || parts=4
threads=$((processors / parts))
limit=${MUTANT_SECONDS:-300}

# name | file | sed expression | prefix of the test that must fail
mutants='
n-1-for-n | src/families/normal_slots.c | s/estimate\(T, T\[LOG_RMS\], theta/estimate(T, T[LOG_RMS] - 0.5 * ouro_log(1 - 1 \/ T[W]), theta/ | law_gaussian_replace_statistics
a-generation-early | src/engine/run.c | s/observed\[g\] == t\)/observed[g] == t + 1)/ | law_gaussian_replace_statistics
reused-for-fresh-anchor | src/policies/rule.c | s/(OURO_FRESH\)) return 1;/\1 return OURO_ALL;/ | law_gaussian_one_fresh_point
n-for-n-1-degrees-of-freedom | src/families/normal_slots.c | s/chi2\(s, size - 1,/chi2(s, size,/ | law_gaussian_replace_statistics
window-one-too-long | src/policies/rule.c | s/born <= window;/born <= window + 1;/ | law_gaussian_replace_statistics
temperature-squared | src/families/normal_slots.c | s/0.5 \* ouro_log\(temperature\)/ouro_log(temperature)/ | law_schedules_temperature
memory-ends-one-fit-late | src/policies/rule.c | s/t > p->memory.until\)/t > p->memory.until + 1)/ | law_schedules_replacement
weights-swapped | src/policies/rule.c | s/\{p->weights.synthetic, p->weights.real\}/{p->weights.real, p->weights.synthetic}/ | law_recursion_closed_forms
origin-does-not-follow | src/corpus/corpus.c | s/^    if \(has_location\(c\)\) (follow_model\(c\);|memcpy.theta .*)$// | law_gaussian_deep_collapse
observations-with-replacement | src/corpus/observed.c | s/order\[c->drawn \+ i\]/order[(c->drawn + i) % 20]/ | law_data_first_fit
pseudo-points-forgotten | src/corpus/corpus.c | s/if \(c->prior_weight > 0\) type->stat_merge.*$// | law_map_stationary
prior-left-out-of-the-weight | src/theory/mean.c | s/W = nu, sum/W = 0, sum/ | law_mean_follows_the_prior
gamma-of-half-the-points | src/families/nef_gamma.c | s/ouro_log_mean_chi2\(s, 2 \* n/ouro_log_mean_chi2(s, n/ | law_morris_scale_logs
n-d-for-n-d-1 | src/theory/regression.c | s/\(n - s->d - 1\);$/(n - s->d);/ | law_regression_replace
lost-one-point-early | src/theory/first_batch.c | s/exp\(n \* log1p/exp((n - 1) * log1p/ | law_categorical_missing_mass_statistics
arcs-without-their-end | src/families/moons.c | s/\(double\)\(m - 1\)/(double)m/ | contract_moons_grid
trace-for-mean-variance | src/measures/component_sd.c | s/sqrt\(sum \/ \(double\)g->d\)/sqrt(sum)/ | unit_modes_component_sd
share-of-what-is-there | src/measures/diversity.c | s/if \(!\(o->moments->mean\[i\] > 0\)\) out\[MISSING/if (o->moments->mean[i] > 0) out[MISSING/ | measures_
fresh-for-fixed-design | src/corpus/corpus.c | s/if \(c->truth->fixed_design\) a.generation = 0;// | law_regression_accumulate
one-design-for-ever | src/corpus/corpus.c | s/if \(c->truth->fixed_design\) a.generation = 0;/a.generation = 0;/ | contract_regression_designs
chain-forgets-its-token | src/families/bigram.c | s/if \(ends\(c\)\)/if (1)/ | law_bigram_counts_by_powers
add-k-once-per-token | src/families/bigram.c | s/k \* \(double\)len/k * (double)f->domain.pairs->tokens/ | law_bigram_add_k
held-out-text-trained-on | src/io/text_tokens.c | s/(keep_frequent|count_pairs)\(&t, trained/\1(\&t, t.len/ | text_tokens_held_out
n-grams-per-token | src/measures/text.c | s/different \/ \(double\)gram\[n\].all/different \/ (double)gram[0].all/ | text_distinct
truth-at-the-old-origin | src/corpus/corpus.c | s/x\[i\] -= c->origin\[i % dim\(c\)\]/x[i] -= 0/ | law_gaussian_anchors_of_any_truth
gap-between-means-forgotten | src/families/gamma.c | s/ \+ gap_between\(b, .*\);$/;/ | law_fitted_gamma_keeps_its_statistics
pareto-gamma-of-all-points | src/families/pareto.c | s/chi2\(s, 2 \* \(size - 1\)/chi2(s, 2 * size/ | law_fitted_pareto_replace
minimum-of-the-first-batch | src/families/pareto.c | s/T\[T_MINIMUM\] = low;/low = 0;/ | law_fitted_pareto_pooled
lower-median-for-even-n | src/families/laplace_median.c | s/return low \+ \(above - low\) \/ 2;/return low;/ | law_fitted_laplace_replace
rows-at-their-old-origin | src/families/laplace_median.c | s/x\[i\] \+ set->shift\[0\]/x[i] + 0 * set->shift[0]/ | law_fitted_laplace_pooled
gap-beside-the-median-forgotten | src/families/laplace_median.c | s/\(double\)other \* \(at \+ last\)/(double)other * at/ | law_fitted_laplace_replace
penalty-per-point | src/families/natural.c | s/\(scaled \? s->W : 1\)/s->W/ | law_ridge_bernoulli
w-for-1-and-w | src/families/natural.c | s/mixed\(1 \+ w, m.ea/mixed(w, m.ea/ | law_guided_refusals
away-at-its-own-place | src/families/natural.c | s/memcpy\(placed \+ at, base \+ at/memcpy(placed + at, away + at/ | law_guided_centred
renyi-order-swapped | src/families/natural.c | s/mixed\(alpha, m->ea\[i\], 1 - alpha, m->eb\[i\]\)/mixed(1 - alpha, m->ea[i], alpha, m->eb[i])/ | natural_renyi_by_hand
natural-parameter-sign | src/families/nef_gamma.c | s/return -known\[0\] \* ouro_exp\(-t\)/return known[0] * ouro_exp(-t)/ | natural_is_the_log_density
kernels-of-n-for-n-1 | src/families/kde.c | s/variance \* \(n \/ \(n - 1\)\)/variance/ | law_kde_rules
weights-unused-in-the-draw | src/families/kde.c | s/sum \+= v.weight\[i\]/sum += 1.0 \/ (double)v.n/ | law_kde_policies
shared-variance-of-one-axis-more | src/families/ppca.c | s/\(double\)\(d - q\)\)/(double)(d - q + 1))/ | law_ppca_replace
scored-on-new-points | src/measures/scores.c | s/^        address.generation = 0;$// | unit_scores
judged-without-the-model-itself | src/families/likelihood.c | s/ - own;$/;/ | contract_likelihood_in_statistic
judged-halfway-and-no-further | src/families/likelihood.c | s/natural->observed\(f, T, mean\)/natural->observed(f, half, mean) + 1/ | contract_likelihood_in_statistic
judged-by-the-model-before | src/corpus/judge.c | s/\.theta = c->theta/.theta = c->before/ | law_scores_gaussian_replace
judged-without-weights | src/corpus/judge.c | s/stat_merge\(f, mix->term\[i\].weight, part/stat_merge(f, 1, part/ | contract_judged_by_statistic
judged-rows-without-weights | src/measures/scores.c | s/weight \+= set->weight \* /weight += / | contract_row_scores
pseudo-points-judged | src/corpus/judge.c | s/f->type->stat_empty\(f, T\);/memcpy(T, c->prior, f->stat_len * sizeof *T);/ | contract_judged_by_statistic
all-rows-for-anchors | src/corpus/judge.c | s/if \(anchors && !is_anchor\(c, &mix->term\[i\]\)\) continue;// | law_scores_weighted_anchors
held-out-rows-that-were-seen | src/corpus/judge.c | s/all \? 0 : c->drawn/all ? 0 : c->first/ | law_scores_held_out
held-out-after-the-refill | src/corpus/judge.c | s/ \|\| c->ledger.refilled\)/)/ | contract_held_out
all-observations-held-out | src/measures/scores.c | s/\? BY_HELD_OUT : BY_OBSERVED/? BY_OBSERVED : BY_OBSERVED/ | law_scores_held_out
judged-away-from-the-origin | src/corpus/judge.c | s/T\[first \+ j\] -= c->origin\[j\]/T[first + j] -= 0/ | contract_judged_by_statistic
entropy-of-the-model-for-the-truth | src/measures/scores.c | s/return truth->type->entropy\(truth, s->truth->theta\) \+/return s->model->type->entropy(s->model, o->theta) +/ | law_scores_gaussian_replace
own-samples-of-the-truth | src/measures/scores.c | s/return by_draws\(s->model, o->theta, &address/return by_draws(\&s->truth->family, s->truth->theta, \&address/ | unit_scores_own
cross-entropy-of-double-weight | src/measures/nodes.c | s/\*out -= scale \*/*out -= 2 * scale */ | law_scores_between_families
mode-volume-forgotten | src/measures/modes.c | s/ \+ 2 \* log\(truth->diagonal.*;/;/ | unit_modes
nodes-left-correlated | src/core/standard.c | s/y -= c\[ouro_lower_at\(a, b\)\]/y -= 0 * c[ouro_lower_at(a, b)]/ | nodes_space_closed_forms
nodes-of-double-weight | src/measures/nodes.c | s/= 0\.5 \* scale \*/= scale */ | nodes_space_samples
valley-left-out-of-the-tail | src/measures/tails.c | s/i \+ 1 < a->ends; i \+= 2/i + 1 < 0; i += 2/ | nodes_tail_on_the_line
chi-of-one-degree-less | src/core/mixture_level.c | s/gsl_cdf_chisq_Q\(r \* r, \(double\)d\)/gsl_cdf_chisq_Q(r * r, (double)d - 1)/ | nodes_tail_of_a_normal
point-mass-counted-twice | src/measures/pair.c | s/c->js \+= 0\.5 \* atoms/c->js += atoms/ | nodes_collapsed_models
first-model-hands-on-its-real-points | src/corpus/ledger.c | s/if \(l->generation <= 1\) l->model.real = 0;.*// | ledger_ancestry_under
reserve-ends-one-injection-late | src/policies/rule.c | s/p->anchor.last = p->anchor.exhausted_at - 1/p->anchor.last = p->anchor.exhausted_at/ | policy_reserve_is_exhausted
reserve-put-back-unshuffled | src/corpus/observed.c | s/= back\[index\[i\]\];/= back[i];/ | corpus_reserve_is_put_back
rollback-a-fit-late | src/policies/rule.c | s/t == p->rollback.at \?/t == p->rollback.at + 1 ?/ | law_rollback_of_a_gaussian
checkpoint-throws-its-rows-away | src/policies/rule.c | s/generator > p->rollback.to/generator >= p->rollback.to/ | law_rollback_under_accumulate
folded-across-a-rollback | src/policies/rule.c | s/int undoes = [^;]*;/int undoes = 0;/ | law_rollback_under_accumulate
checkpoint-at-the-old-origin | src/corpus/corpus.c | s/c->checkpoint\[location \+ j\] -= step;// | contract_rollback_restores_the_model
checkpoint-covaries-as-the-latest | src/theory/covariances.c | s/memcpy\(s->G, s->H, .*$// | law_rollback_under_accumulate
children-of-flagged-data-are-clean | src/corpus/ledger.c | s/, model->taint\}/, 0}/ | taint_under_replace
recall-a-fit-late | src/policies/rule.c | s/t >= p->flagged.recall/t > p->flagged.recall/ | law_recall_of_the_first_batch
last-category-starved | src/families/categorical.c | s/rest -= p\[i\];/rest -= 0.9 * p[i];/ | law_categorical_zipf_statistics
responsibilities-without-weights | src/core/mixture.c | s/= weight\[v \+ l\] \/ sum\[l\]/= here \/ sum[l]/ | mixture_pass_against_long_double
mean-moved-without-its-axes | src/families/gmm_step.c | s/out\[i\] = mean\[i\] \+ sum;/out[i] = mean[i] + k->m[i];/ | mixture_fit_against_scikit_learn
one-step-counts-as-converged | src/families/gmm_fit.c | s/step\.residual <= t->o->tol/step.residual >= 0/ | law_gmm_tolerance
mixture-without-an-origin | src/families/gmm.c | s/\.theta_location = 0/.theta_location = OURO_NOWHERE/ | law_gmm_deep_collapse
known-mean-fitted | src/families/gaussian_variance.c | s/chi2\(s, \(double\)n, /chi2(s, (double)n - 1, / | law_known_mean
metric-transposed | src/filters/centre.c | s/-sum \* pivot/sum * pivot/ | law_selected_moves
gap-between-modes-forgotten | src/corpus/tail_rows.c | s/i \+ 1 < a->ends/i + 1 < 0 * a->ends/ | law_filters_kept_tail
truncated-at-one-end | src/filters/truncate.c | s/= fabs\((t->x\[i\] - t->theta\[0\])\) <=/= \1 <=/ | law_filters_truncated_gaussian
good-for-bad | src/filters/verifier.c | s/v->phi : v->psi/v->psi : v->phi/ | law_verifier_surviving_noise
temperature-upside-down | src/filters/curate.c | s/\(weight\[i\] - top\) \/ v->temperature/(weight[i] - top) * v->temperature/ | law_filters_curated_pairs
filter-draws-the-rows-numbers | src/corpus/filtering.c | s/a.slot = \(uint16_t\)k;/a.purpose = OURO_FOR_SYNTHETIC, a.slot = OURO_SYNTHETIC;/ | law_filters_kept_tail
refill-repeats-its-rows | src/corpus/filtering.c | s/^        \*got = want;/        *got = want, f->rows->normals = 0;/ | law_filters_truncated_gaussian
degrees-of-freedom-in-a-quantile | src/theory/log_variance.c | s/\(n - \(double\)i\) \/ 2, 0\.5/(n - (double)i + 1) \/ 2, 0.5/ | law_quantiles_of_the_first
variance-for-its-root | src/theory/log_variance.c | s/\(is_sd\(column\) \? 2 : 1\)/1/ | law_quantiles_standard_deviation
quantile-tested-at-the-other-end | src/engine/judge.c | s/ouro_summary_probabilities\[q\]\)/ouro_summary_probabilities[4 - q])/ | law_quantiles_hold
drift-a-generation-early | src/corpus/drift.c | s/\(t - 1\.0\)/(t - 0.0)/ | law_drift_is_where
anchors-of-the-first-day | src/corpus/corpus.c | s/memcpy\(c->truth_here, c->today->theta/memcpy(c->truth_here, c->truth->theta/ | law_drift_lag
walk-forgets-where-it-was | src/corpus/drift.c | s/\*walked\+\+ \+= ouro/*walked++ = ouro/ | law_drift_random_walk
anchor-view-follows-the-truth | src/engine/drift.c | s/if \(real && x->against/if (x->against/ | law_drift_lag_never
sample-of-the-first-replicates | src/engine/run.c | s/\(uint32_t\)ouro_results_replicate\(out, i\)/(uint32_t)i/ | verify_sample
bound-of-one-comparison | src/io/verify_laws.c | s/worst\.p \* \(double\)comparisons/worst.p/ | verify_bound
one-side-of-z | src/io/verify_laws.c | s/return 2 \* \(isinf/return (isinf/ | verify_bound
paired-error-of-independent-points | src/io/compare_values.c | s/out->se = sd\.se/out->se = sqrt(sa.se * sa.se + sb.se * sb.se)/ | law_compare_errors
common-numbers-not-common | src/io/study.c | s/common_random_numbers \? 0 :/common_random_numbers \&\& s->points > 64 ? 0 :/ | law_compare_pairing
rounding-taken-for-spread | src/engine/judge.c | s/if \(!strcmp\(unit/if (0 \&\& !strcmp(unit/ | engine_z_of_rounding
z-as-skewed-as-its-column | src/engine/judge.c | s/, s->skewness, n\)/, 0 * s->skewness, n)/ | engine_z_of_a_skewed_column
real-points-of-the-models-shape | src/corpus/corpus.c | s/ouro_family_same_law\(&c->truth->family, c->model\)/c->truth->family.type == type/ | law_morris_another_shape
law-of-another-shape | src/theory/second_moments.c | s/!ouro_family_holds\(g->model, &g->truth->family\)/g->truth->family.type != f/ | law_morris_another_shape
statistics-of-thinned-batches | src/engine/experiment.c | s/if \(d->thins && !f->stat_subset\)/if (0)/ | contract_paths_auto_is_exact
fixed-set-drawn-anew | src/policies/rule.c | s/== OURO_FIXED \? OURO_ALL/== OURO_FIXED ? 1/ | law_anchors_fixed_set
best-share-one-fit-late | src/policies/rule.c | s/if \(s == t\) break;/if (s > t) break;/ | law_weights_that_change
subset-of-the-first-rows | src/corpus/corpus.c | s/b->rows \+ index\[i\] \* d/b->rows + i * d/ | law_policies_subsample
event-a-generation-early | src/engine/replicate.c | s/passage\[i\] = t;/passage[i] = t > 1 ? t - 1 : 1;/ | law_events_gaussian_ten_points
censored-times-are-events | src/engine/survival.c | s/\.seen = t != 0/.seen = 1/ | law_events_censored_early
events-of-rows-alone | src/engine/replicate.c | s/\(v->every && t % v->every == 0\)/0/ | law_events_poisson
at-risk-without-the-censored | src/engine/survival.c | s/at_risk = n - i,/at_risk = events + n - next,/ | survival_of_treated
fit-sees-the-right-label | src/families/lda.c | s/const size_t class = \(size_t\)x\[d\] % CLASSES;/const size_t class = x[d] < 2 ? (size_t)x[d] : 3 - (size_t)x[d];/ | law_verifier_accuracy_flips
stops-a-generation-early | src/engine/precision.c | s/x->stop_observed = nearest;/x->stop_observed = nearest - 1;/ | contract_precision_ends
stops-by-the-normal-quantile | src/engine/precision.c | s/tdist_Pinv\(UPPER, .*- 1\) \*/ugaussian_Pinv(UPPER) */ | law_precision
stops-on-a-heavy-tail | src/engine/precision.c | s/ && !out->heavy;/;/ | contract_precision_heavy
stops-by-reused-replicates | src/engine/run.c | s/\(uint32_t\)ouro_results_replicate\(out, i\)/(uint32_t)(i % x->config->run.replicates)/ | contract_precision_ends
rows-in-the-order-of-workers | src/engine/run.c | s/out->value \+ i \*/out->value + (i + (size_t)omp_get_thread_num()) % out->replicates */ | contract_precision_ends
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

# rows PART: every row that falls to this of the parts, each in a copy of its own.
rows() {
    local part=$1 i=0 row name file
    copy=$copies/$part
    export OMP_NUM_THREADS=$threads
    while IFS= read -r row; do
        [ $((i++ % parts)) = "$part" ] || continue
        # the expression may hold `|` itself: it is what stands between the second and the last
        name=${row%% | *}
        row=${row#* | }
        file=${row%% | *}
        row=${row#* | }
        if [ -n "${ONLY_MUTANTS:-}" ] && [[ " $ONLY_MUTANTS " != *" $name "* ]]; then continue; fi
        try "$name" "$file" "${row% | *}" "${row##* | }" </dev/null
    done < <(printf '%s\n' "$mutants" | grep '|')
}
for part in $(seq 0 $((parts - 1))); do rows "$part" & done
wait
