/* paths.c: the statistics path against the samples path, which is its oracle: the same law of what a study is about,
 * for every field of a policy, every estimator and whatever else decides between the paths. Where the statistics path is not
 * exact, auto takes samples, and statistics are refused.
 *
 * Two-sample z of mean and variance at three generations, |z| < 4: each false below 7e-5. The paths draw with different
 * seeds, so that nothing is shared. */
#include "setup.h"
#include "harness.h"
#include "ouro/run.h"
#include <math.h>

enum { LIMIT = 4 };

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
        const double z[2] = {(a.mean[g] - b.mean[g]) / sqrt(error), (a.variance[g] - b.variance[g]) / sqrt(spread)};
        for (int i = 0; i < 2; i++) {
            if (!(fabs(z[i]) < LIMIT)) printf("  z of %s %g, fit %d: %s\n", i ? "variance" : "mean", z[i], g, config);
            CHECK(fabs(z[i]) < LIMIT);
        }
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

/* --- every field ------------------------------------------------------------------------------------------------ */

#define OF(family, truth) "'truth': {'family': '" family "', " truth "}, 'model': {'family': '" family "'}"
#define FITTED(family, truth, field)                                                                                   \
    "'truth': {'family': '" family "', " truth "}, 'model': {'family': '" family "', '" field "': 'fitted'}"
#define GAUSSIAN OF("gaussian", "'mean': 3, 'sd': 2")
#define LAPLACE FITTED("laplace", "'location': 2", "location")
#define NOT_ADDING "do not add up"
#define THINNED "again and again"

static const struct feature {
    const char *exact, *column; /* a config for which statistics are exact; NULL: there is none */
    const char *not_exact;      /* one with the same feature for which they are not; NULL: there is none */
    const char *because;        /* words of the reason */
} features[] = {
    {OF("exponential", "'mean': 2") ", 'policy': {'synthetic': {'points': 9}}", "log_variance",
     "'truth': {'family': 'gaussian'}, 'model': {'family': 'kde', 'bandwidth': 0.5}, 'policy': {'synthetic': "
     "{'points': 9}}",
     "no sampling law"},
    {OF("inverse-gaussian",
        "'mean': 1.7, 'shape': 6") ", 'policy': {'initial': 14, 'synthetic': {'points': 9, 'growth': 0.5}}",
     "mean",
     "'truth': {'family': 'linear-regression', 'features': 2, 'design': 'fixed'}, 'model': {'family': "
     "'linear-regression'}, 'policy': {'synthetic': {'points': 9, 'growth': 0.5}}",
     "rows of the fixed design"},
    {OF("laplace", "'scale': 3") ", 'policy': {'synthetic': {'points': 9, 'temperature': 0.8}}", "log_variance",
     OF("gaussian",
        "'sd': 2") ", 'policy': {'synthetic': {'points': 9, 'temperature': 0.8}, 'memory': {'real': 'all'}, "
                   "'budget': 12}",
     THINNED},
    {GAUSSIAN ", 'policy': {'synthetic': {'points': 6}, 'memory': {'real': 3, 'synthetic': 2}}", "log_variance",
     LAPLACE ", 'policy': {'synthetic': {'points': 6}, 'memory': {'real': 3}}", NOT_ADDING},
    {OF("poisson",
        "'mean': 2") ", 'policy': {'preset': 'accumulate', 'synthetic': {'points': 6}, 'memory': {'until': 4}}",
     "mean", LAPLACE ", 'policy': {'preset': 'accumulate', 'synthetic': {'points': 7}, 'memory': {'until': 4}}",
     NOT_ADDING},
    {OF("categorical",
        "'categories': 5") ", 'policy': {'synthetic': {'points': 9}, 'memory': {'synthetic': 2}, 'budget': "
                           "11}",
     "heterozygosity",
     OF("poisson", "'mean': 2") ", 'policy': {'synthetic': {'points': 9}, 'memory': {'synthetic': 2}, 'budget': 11}",
     THINNED},
    /* thinning and weights by origin at once */
    {OF("categorical", "'categories': 5") ", 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9}, "
                                          "'anchor': {'points': 2}, 'weights': {'real_share': 0.4}}",
     "heterozygosity",
     GAUSSIAN ", 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9}, 'anchor': {'points': 2}, "
              "'weights': {'real_share': 0.4}}",
     THINNED},
    {GAUSSIAN
     ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 2, 'every': 3, 'first': 3, "
     "'last': 8}}",
     "log_variance",
     LAPLACE
     ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 2, 'every': 3, 'first': 3, "
     "'last': 8}}",
     NOT_ADDING},
    {OF("mvgaussian",
        "'sd': [1, 2]") ", 'policy': {'preset': 'fresh', 'initial': 9, 'synthetic': {'points': 9}, 'anchor': "
                        "{'points': 2, 'source': 'stale', 'refresh': 4}}",
     "log_variance",
     LAPLACE ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 2, 'source': 'stale', "
             "'refresh': 4}}",
     NOT_ADDING},
    {OF("bernoulli", "'p': 0.3") ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 3, "
                                 "'source': 'fixed', 'growth': 0.4}}",
     "mean",
     OF("bernoulli", "'p': 0.3") ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 3, "
                                 "'source': 'fixed'}, 'budget': 11}",
     THINNED},
    {OF("geometric", "'mean': 2") ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': "
                                  "'budget', 'budget_per_generation': 0.7, 'every': 3, 'growth': 0.5}}",
     "mean",
     LAPLACE ", 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 'budget', "
             "'budget_per_generation': 0.7, 'every': 3}}",
     NOT_ADDING},
    {"'truth': {'data': '%s/faithful.csv', 'columns': ['waiting'], 'reserve': 0.02}, 'model': {'family': 'gaussian'}, "
     "'policy': {'preset': 'fresh', 'initial': 9, 'synthetic': {'points': 7}, 'anchor': {'points': 2, 'exhausted': "
     "'reuse'}}",
     "log_variance",
     "'truth': {'data': '%s/faithful.csv', 'columns': ['waiting'], 'reserve': 0.02}, 'model': {'family': 'kde', "
     "'bandwidth': 0.5}, "
     "'policy': {'preset': 'fresh', 'initial': 9, 'synthetic': {'points': 7}, 'anchor': {'points': 2, 'exhausted': "
     "'none'}}",
     "no sampling law"},
    {OF("gamma", "'mean': 2, 'shape': 3") ", 'policy': {'preset': 'augment', 'synthetic': {'points': 9}, 'weights': "
                                          "{'real': 2.5, 'synthetic': 0.7}}",
     "log_variance",
     FITTED("gamma", "'mean': 2, 'shape': 3", "shape") ", 'policy': {'preset': 'augment', 'synthetic': {'points': 9}, "
                                                       "'weights': {'real': 2.5, 'synthetic': 0.7}}",
     "no sampling law"},
    {GAUSSIAN ", 'policy': {'preset': 'weighted', 'synthetic': {'points': 9}, 'anchor': {'points': 4}, 'weights': "
              "{'real_share': 0.3}}",
     "log_variance", LAPLACE ", 'policy': {'preset': 'weighted', 'synthetic': {'points': 9}}", NOT_ADDING},
    {GAUSSIAN ", 'policy': {'preset': 'weighted', 'synthetic': {'points': 9}, 'anchor': {'points': 4, 'every': 2}, "
              "'weights': {'real_share': 'optimal'}}",
     "log_variance",
     LAPLACE ", 'policy': {'preset': 'weighted', 'synthetic': {'points': 9}, 'weights': {'real_share': 'optimal'}}",
     NOT_ADDING},
    {OF("lognormal",
        "'log_mean': 1, 'log_sd': 0.5") ", 'policy': {'preset': 'weighted', 'synthetic': {'points': 9}, 'labels': "
                                        "'flattened'}",
     "entropy", LAPLACE ", 'policy': {'preset': 'weighted', 'synthetic': {'points': 9}, 'labels': 'flattened'}",
     NOT_ADDING},
    {NULL, NULL, GAUSSIAN ", 'policy': {'synthetic': {'points': 9}, 'filters': [{'type': 'truncate'}]}", "filters"},
    /* estimators */
    {"'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian', 'estimator': 'unbiased'}, 'policy': {'preset': "
     "'augment', 'synthetic': {'points': 9}}",
     "log_variance", NULL, NULL},
    {"'truth': {'family': 'poisson', 'mean': 2}, 'model': {'family': 'poisson', 'estimator': {'type': 'map', "
     "'strength': "
     "3, 'centre': 'initial'}}, 'policy': {'synthetic': {'points': 9}, 'memory': {'synthetic': 1}}",
     "mean",
     "'truth': {'family': 'poisson', 'mean': 2}, 'model': {'family': 'poisson', 'estimator': {'type': 'map', "
     "'strength': "
     "3}}, 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9}}",
     THINNED},
    {"'truth': {'family': 'bernoulli', 'p': 0.3}, 'model': {'family': 'bernoulli', 'estimator': {'type': 'ridge', "
     "'strength': 0.5}}, 'policy': {'synthetic': {'points': 9}}",
     "mean",
     "'truth': {'family': 'bernoulli', 'p': 0.3}, 'model': {'family': 'bernoulli', 'estimator': {'type': 'ridge', "
     "'strength': 0.5}}, 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9}}",
     THINNED},
    {"'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian', 'estimator': {'type': 'guided', 'w': 0.5, "
     "'auxiliary': 'synthetic'}}, 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 4}}",
     "log_variance",
     "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian', 'estimator': {'type': 'guided', 'w': 0.5}}, "
     "'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9}}",
     THINNED},
    /* what is known of the truth is not what is known of the model: real points are the truth's */
    {"'truth': {'family': 'gamma', 'mean': 2, 'shape': 2}, 'model': {'family': 'gamma', 'shape': 5}, 'policy': "
     "{'preset': "
     "'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 3}}",
     "log_variance", NULL, NULL},
    {"'truth': {'family': 'laplace', 'location': 0}, 'model': {'family': 'laplace', 'location': 1}, 'policy': "
     "{'preset': "
     "'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 3}}",
     "log_variance", NULL, NULL},
    {"'truth': {'family': 'weibull', 'scale': 2, 'shape': 2}, 'model': {'family': 'weibull', 'shape': 1.3}, 'policy': "
     "{'preset': 'augment', 'synthetic': {'points': 9}}",
     "log_variance", NULL, NULL},
    {"'truth': {'family': 'negative-binomial', 'mean': 2, 'size': 1}, 'model': {'family': 'negative-binomial', 'size': "
     "8}, "
     "'policy': {'preset': 'augment', 'synthetic': {'points': 9}}",
     "mean", NULL, NULL},
    {"'truth': {'family': 'linear-regression', 'features': 2, 'noise': 0.3}, 'model': {'family': 'linear-regression', "
     "'noise': 0.8}, 'policy': {'preset': 'fresh', 'synthetic': {'points': 9}, 'anchor': {'points': 3}}",
     "drift_sq", NULL, NULL},
};
enum { FEATURES = sizeof features / sizeof features[0] };

TEST(contract_paths_agree_on_every_feature) {
    for (int i = 0; i < FEATURES; i++)
        if (features[i].exact != NULL) check_paths(features[i].exact, features[i].column, 100 + 2 * i, 4000);
}

/* Loads a config; ouro_study_free() it. */
static int load_feature(ouro_study *s, const char *config) {
    char data[1024];
    char *here = realpath("configs/data", NULL);
    snprintf(data, sizeof data, config, here != NULL ? here : "");
    free(here);
    return setup_loadf(s, "{'name': 'paths', %s, 'run': {'generations': 12}}", data);
}

/* Whether a config that is `loaded` with path auto is refused with path statistics, and for that reason. */
static int refuses_statistics(const ouro_study *loaded, const char *because) {
    ouro_config config = loaded->config[0];
    ouro_complaints c = {0};
    ouro_experiment x;
    config.run.path = OURO_PATH_STATISTICS;
    const int ret = ouro_experiment_init(&x, &config, 0, &c);
    if (ret == OURO_OK) ouro_experiment_free(&x);
    return ret == OURO_ECONFIG && c.len == 1 && strcmp(c.item[0].path, "run.path") == 0 &&
           strstr(c.item[0].what, because) != NULL;
}

TEST(contract_paths_auto_is_exact) {
    for (int i = 0; i < FEATURES; i++)
        for (int exact = 0; exact < 2; exact++) {
            const char *config = exact ? features[i].exact : features[i].not_exact;
            ouro_study s;
            if (config == NULL) continue;
            if (!harness_true(load_feature(&s, config) == OURO_OK, __FILE__, __LINE__, config)) continue;
            const ouro_path path = exact ? OURO_PATH_STATISTICS : OURO_PATH_SAMPLES;
            int ok = s.experiment[0].path == path;
            if (!exact)
                ok &= strstr(s.experiment[0].path_reason, features[i].because) != NULL &&
                      refuses_statistics(&s, features[i].because);
            (void)harness_true(ok, __FILE__, __LINE__, config);
            ouro_study_free(&s);
        }
}

/* Every field of a policy stands in some row. */
TEST(contract_paths_features_are_complete) {
    for (size_t i = 0; i < ouro_policy_fields.len; i++) {
        const char *path = ouro_policy_fields.rows[i].path, *dot = strrchr(path, '.');
        char word[64];
        int found = 0;
        snprintf(word, sizeof word, "'%s':", dot != NULL ? dot + 1 : path);
        for (int f = 0; f < FEATURES; f++)
            found |= features[f].exact != NULL && strstr(features[f].exact, word) != NULL;
        (void)harness_true(found, __FILE__, __LINE__, path);
    }
}
