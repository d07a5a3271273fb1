/* paths.c: the statistics path against the samples path, which is its oracle: the same law of what a study is about,
 * under windows, weights, anchors, budgets and observed truths.
 *
 * Two-sample z of mean and variance at three generations of eight configs: 48 comparisons with limit FIT_Z, each false
 * below 1e-6. The paths draw with different seeds, so that nothing is shared. */
#include "setup.h"
#include "fit.h"
#include "harness.h"
#include "ouro/run.h"

typedef struct law {
    double mean[3], variance[3], fourth[3]; /* central, at the observed generations */
} law;

static int gather(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    law *l = ctx;
    (void)point, (void)e;
    for (size_t g = 0; g < 3; g++) {
        for (size_t i = 0; i < r->replicates; i++) l->mean[g] += ouro_results_row(r, i, g)[0] / (double)r->replicates;
        for (size_t i = 0; i < r->replicates; i++) {
            const double d = ouro_results_row(r, i, g)[0] - l->mean[g];
            l->variance[g] += d * d / (double)r->replicates;
            l->fourth[g] += d * d * d * d / (double)r->replicates;
        }
    }
    return OURO_OK;
}

static law law_of(const char *config, const char *column, const char *path, int seed, int replicates) {
    ouro_study s;
    law l = {0};
    ouro_error e = {0};
    char data[1024];
    char *here = realpath("configs/data", NULL);
    snprintf(data, sizeof data, config, here != NULL ? here : "");
    free(here);
    const int ret =
        setup_loadf(&s,
                    "{'name': 'paths', %s, 'run': {'path': '%s', 'seed': %d, 'replicates': %d, 'generations': 12},"
                    " 'observe': {'measures': ['%s'], 'generations': [1, 5, 12]}}",
                    data, path, seed, replicates, column);
    CHECK(ret == OURO_OK);
    if (ret != OURO_OK) return l;
    CHECK(ouro_run(1, s.experiment, &(ouro_run_options){.point = gather, .ctx = &l}, &e) == OURO_OK);
    ouro_study_free(&s);
    return l;
}

static void check_paths(const char *config, const char *column, int seed, int replicates) {
    const law a = law_of(config, column, "statistics", seed, replicates),
              b = law_of(config, column, "samples", seed + 1, replicates);
    for (int g = 0; g < 3; g++) {
        const double spread =
            (a.fourth[g] - a.variance[g] * a.variance[g] + b.fourth[g] - b.variance[g] * b.variance[g]) / replicates;
        const double error = (a.variance[g] + b.variance[g]) / replicates;
        if (error < 1e-24 * a.mean[g] * a.mean[g]) { /* a first fit on all observations varies by rounding alone */
            CHECK_CLOSE(a.mean[g], b.mean[g], 1e-13, 1e-13);
            continue;
        }
        CHECK_CLOSE((a.mean[g] - b.mean[g]) / sqrt(error), 0, 0, FIT_Z);
        CHECK_CLOSE((a.variance[g] - b.variance[g]) / sqrt(spread), 0, 0, FIT_Z);
    }
}

TEST(contract_paths_agree_under_replace) {
    check_paths("'truth': {'family': 'gaussian', 'mean': 5}, 'model': {'family': 'gaussian'},"
                " 'policy': {'synthetic': {'points': 7}}",
                "log_variance", 10, 6000);
}

TEST(contract_paths_agree_with_windows_and_weights) {
    check_paths(
        "'truth': {'family': 'gaussian', 'mean': -2}, 'model': {'family': 'gaussian'},"
        " 'policy': {'memory': {'real': 3, 'synthetic': 2}, 'initial': 4, 'synthetic': {'points': 3, 'growth': 0.5},"
        " 'anchor': {'points': 2, 'every': 2}, 'weights': {'real': 0.5, 'synthetic': 2}}",
        "log_variance", 20, 6000);
}

TEST(contract_paths_agree_with_a_stale_anchor_and_unbiased_fits) {
    check_paths(
        "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian', 'estimator': 'unbiased'},"
        " 'policy': {'preset': 'weighted', 'synthetic': {'points': 6}, 'anchor': {'points': 3, 'source': 'stale',"
        " 'refresh': 4}}",
        "log_variance", 30, 6000);
}

TEST(contract_paths_agree_on_observed_numbers) {
    check_paths(
        "'truth': {'data': '%s/faithful.csv', 'columns': ['waiting'], 'reserve': 0.2}, 'model': {'family': 'gaussian'},"
        " 'policy': {'preset': 'augment', 'initial': 9, 'synthetic': {'points': 5}, 'anchor': {'points': 2}}",
        "log_variance", 40, 6000);
}

TEST(contract_paths_agree_on_all_observations) {
    check_paths("'truth': {'data': '%s/rivers.csv', 'columns': ['length_miles']}, 'model': {'family': 'gaussian'},"
                " 'policy': {'preset': 'accumulate', 'synthetic': {'points': 20}}",
                "w2", 50, 6000);
}

TEST(contract_paths_agree_on_thinned_categories) {
    check_paths("'truth': {'family': 'categorical', 'categories': 8, 'zipf': 1}, 'model': {'family': 'categorical'},"
                " 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 15}, 'anchor': {'points': 1, "
                "'every': 3}}",
                "entropy", 60, 6000);
}

TEST(contract_paths_agree_after_a_rollback) {
    check_paths("'truth': {'family': 'categorical', 'categories': 8, 'zipf': 1}, 'model': {'family': 'categorical'},"
                " 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9, 'growth': 0.4}, 'anchor': {"
                "'points': 1, 'source': 'stale', 'refresh': 3}, 'rollback': {'at': 10, 'to': 2}}",
                "entropy", 90, 6000);
    check_paths("'truth': {'family': 'gaussian', 'mean': 5}, 'model': {'family': 'gaussian'},"
                " 'policy': {'preset': 'accumulate', 'synthetic': {'points': 3}, 'memory': {'until': 11}, 'anchor': {"
                "'points': 1, 'source': 'fixed', 'every': 2}, 'rollback': {'at': 8, 'to': 3}}",
                "log_variance", 100, 6000);
}

TEST(contract_paths_agree_on_observed_counts) {
    check_paths("'truth': {'data': '%s/word-counts.csv', 'counts': 'count', 'reserve': 0.1}, 'model': {'family': "
                "'categorical'},"
                " 'policy': {'initial': 60, 'synthetic': {'points': 50}, 'anchor': {'points': 2}}",
                "heterozygosity", 70, 1000);
}

TEST(contract_paths_agree_on_a_thinned_text) {
    check_paths(
        "'truth': {'text': '%s/founding.txt', 'tokens': 'letters', 'reserve': 0.1}, 'model': {'family': 'bigram'},"
        " 'policy': {'preset': 'accumulate-subsample', 'initial': 60, 'synthetic': {'points': 50},"
        " 'anchor': {'points': 2}}",
        "heterozygosity", 80, 1000);
}
