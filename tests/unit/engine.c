/* engine.c: what is observed and when, what is refused and why, summaries, and runs over several workers. */
#include "setup.h"
#include "fit.h"
#include "harness.h"
#include "ouro/registry.h"
#include "ouro/replicate.h"
#include "ouro/run.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <omp.h>

#define GAUSSIAN "'name': 'engine', 'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}"

/* --- columns and generations ---------------------------------------------------------------------------------- */

static const char *names(const ouro_experiment *x) {
    static char text[1024];
    text[0] = '\0';
    for (size_t i = 0; i < x->columns_len; i++) {
        if (i > 0) strcat(text, " ");
        strcat(text, x->columns[i].name);
    }
    return text;
}

static void check_columns(const char *config, const char *expected) {
    ouro_study s;
    if (!harness_true(setup_load(&s, config) == OURO_OK, __FILE__, __LINE__, config)) return;
    CHECK_STR(names(&s.experiment[0]), expected);
    ouro_study_free(&s);
}

TEST(engine_columns) {
    check_columns("{" GAUSSIAN ", 'observe': {'measures': ['moments']}}",
                  "drift_sq variance_ratio log_variance mean mean_error sd_ratio");
    check_columns("{" GAUSSIAN ", 'observe': {'measures': ['w2', 'log_variance', 'moments', 'kl_model_truth']}}",
                  "w2 log_variance drift_sq variance_ratio mean mean_error sd_ratio kl_model_truth");
    check_columns("{" GAUSSIAN ", 'observe': {'measures': ['tail_mass', 'tail_sides'], 'tails': [0.1, 1e-6]}}",
                  "tail_mass_0.1 tail_mass_1e-06 tail_lower_0.1 tail_lower_1e-06 tail_upper_0.1 tail_upper_1e-06");
    /* a group gives what it has in this setting */
    check_columns(
        "{" GAUSSIAN ", 'observe': {'measures': ['diversity', 'provenance']}}",
        "entropy real_share synthetic_share training_points mean_age ancestral_real_share mean_ancestry_depth");
    check_columns("{'name': 'c', 'truth': {'family': 'categorical'}, 'model': {'family': 'categorical'},"
                  " 'policy': {'preset': 'fresh'}, 'observe': {'measures': ['moments', 'diversity', 'anchor_age']}}",
                  "drift_sq variance_ratio sd_ratio entropy support heterozygosity missing_mass anchor_age");
}

/* The value of every column lands in its own place, whatever the order of columns. */
TEST(engine_rows_follow_the_columns) {
    ouro_study s;
    double row[16];
    REQUIRE(setup_load(&s, "{" GAUSSIAN
                           ", 'observe': {'measures': ['tv', 'tail_ratio', 'drift_sq', 'tail_mass', 'entropy', "
                           "'variance_ratio', 'iterations', 'real_share', 'log_variance'], 'tails': [0.2, 0.03]}}") ==
            OURO_OK);
    const ouro_experiment *x = &s.experiment[0];
    CHECK_STR(names(x),
              "tv tail_ratio_0.2 tail_ratio_0.03 drift_sq tail_mass_0.2 tail_mass_0.03 entropy variance_ratio "
              "iterations real_share log_variance");
    static const double expected[] = {0, 1, 1, 0, 0.2, 0.03, 1.4189385332046727, 1, NAN, NAN, 0};
    for (int i = 0; i < 16; i++) row[i] = -77;
    ouro_experiment_truth_row(x, row); /* t = 0 */
    for (int i = 0; i < 11; i++) CHECK(isnan(expected[i]) ? isnan(row[i]) : fabs(row[i] - expected[i]) < 1e-14);
    CHECK_EQ(row[11], -77);
    ouro_study_free(&s);
}

static const char *generations(const ouro_experiment *x) {
    static char text[1024];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < x->observed_len && len < 1000; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%u", i ? " " : "", x->observed[i]);
    return text;
}

static void check_generations(const char *run, const char *observe, const char *expected) {
    ouro_study s;
    if (setup_loadf(&s, "{" GAUSSIAN ", 'run': {'generations': %s}, 'observe': {'measures': ['moments'], %s}}", run,
                    observe) != OURO_OK) {
        CHECK_STR(observe, "a config that loads");
        return;
    }
    CHECK_STR(generations(&s.experiment[0]), expected);
    ouro_study_free(&s);
}

TEST(engine_observed_generations) {
    check_generations("5", "'every': 1", "1 2 3 4 5");
    check_generations("20", "'every': 7", "1 7 14 20");
    check_generations("21", "'every': 7", "1 7 14 21");
    check_generations("3", "'every': 1000", "1 3");
    check_generations("1", "'every': 1", "1");
    check_generations("1", "'generations': 'log'", "1");
    check_generations("50", "'generations': [3, 17, 50]", "3 17 50");
    check_generations("50", "'generations': [2]", "2");
    check_generations("120", "'generations': 'log'", "1 2 3 4 5 6 8 10 13 16 20 25 32 40 50 63 79 100 120");
}

/* --- refusals ------------------------------------------------------------------------------------------------- */

/* A config that would do, for a test to spoil. */
typedef struct draft {
    ouro_study study;
    ouro_config config;
    ouro_experiment x;
    ouro_complaints complaints;
} draft;

static int draft_begin(draft *d, const char *config) {
    memset(d, 0, sizeof *d);
    if (setup_load(&d->study, config) != OURO_OK) return 0;
    d->config = d->study.config[0];
    return 1;
}

static int complains(const draft *d, const char *path, const char *word) {
    for (size_t i = 0; i < d->complaints.len; i++)
        if (strcmp(d->complaints.item[i].path, path) == 0 && strstr(d->complaints.item[i].what, word) != NULL) return 1;
    return 0;
}

static void check_refused(draft *d, const char *path, const char *word) {
    CHECK_EQ(ouro_experiment_init(&d->x, &d->config, 0, &d->complaints), OURO_ECONFIG);
    if (!harness_true(complains(d, path, word), __FILE__, __LINE__, word))
        for (size_t i = 0; i < d->complaints.len; i++)
            printf("  %s: %s\n", d->complaints.item[i].path, d->complaints.item[i].what);
    ouro_experiment_free(&d->x);
    d->complaints = (ouro_complaints){0};
    d->config = d->study.config[0];
}

static const ouro_texts *texts(size_t len, const char *const *values) {
    static ouro_texts t;
    t = (ouro_texts){len, values};
    return &t;
}
#define MEASURES(...)                                                                                                  \
    (*texts(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (const char *const[]){__VA_ARGS__}))

TEST(engine_refuses_measures) {
    draft d;
    REQUIRE(draft_begin(&d, "{" GAUSSIAN ", 'observe': {'measures': ['moments']}}"));
    d.config.observe.measures = MEASURES("momentz");
    check_refused(&d, "observe.measures", "did you mean \"moments\"");
    d.config.observe.measures = MEASURES("heterozygosity");
    check_refused(&d, "observe.measures", "not defined for a gaussian model of gaussian");
    d.config.observe.measures = MEASURES("anchor_age");
    check_refused(&d, "observe.measures", "injects no anchor");
    d.config.observe.measures = (ouro_texts){0, (const char *const[]){NULL}};
    check_refused(&d, "observe.measures", "no measure");
    d.config.observe.measures = MEASURES("tail_mass");
    d.config.observe.tails = (ouro_reals){0, (const double[]){0}};
    check_refused(&d, "observe.measures", "observe.tails is empty");
    d.config.observe.generations = (ouro_counts){1, &(const uint64_t){d.config.run.generations + 1}};
    check_refused(&d, "observe.generations", "never run");
    ouro_study_free(&d.study);
    REQUIRE(draft_begin(&d, "{'name': 'c', 'truth': {'family': 'categorical'}, 'model': {'family': 'categorical'},"
                            " 'observe': {'measures': ['moments']}}"));
    d.config.observe.measures = MEASURES("tails");
    d.config.observe.tails = (ouro_reals){1, &(const double){0.05}};
    check_refused(&d, "observe.tails", "mass 1");
    d.config.observe.measures = MEASURES("log_variance");
    check_refused(&d, "observe.measures", "hyperplane");
    d.config.observe.measures = MEASURES("tail_sides");
    check_refused(&d, "observe.measures", "no order");
    ouro_study_free(&d.study);
}

TEST(engine_refuses_models) {
    draft d;
    REQUIRE(draft_begin(&d, "{" GAUSSIAN ", 'observe': {'measures': ['moments']}}"));
    d.config.model.family = "gausian";
    check_refused(&d, "model.family", "did you mean \"gaussian\"");
    d.config.model.family = "categorical";
    check_refused(&d, "model.family", "needs categories");
    d.config.model.estimator.type = "mlee";
    check_refused(&d, "model.estimator.type", "did you mean \"mle\"");
    d.config.model.family = "gausian"; /* both at once */
    d.config.model.estimator.type = "mlee";
    CHECK_EQ(ouro_experiment_init(&d.x, &d.config, 0, &d.complaints), OURO_ECONFIG);
    CHECK(complains(&d, "model.family", "gausian") && complains(&d, "model.estimator.type", "mlee"));
    ouro_study_free(&d.study);
    REQUIRE(draft_begin(&d, "{'name': 'c', 'truth': {'family': 'categorical'}, 'model': {'family': 'categorical'},"
                            " 'observe': {'measures': ['moments']}}"));
    d.config.model.estimator.type = "unbiased";
    check_refused(&d, "model.estimator.type", "not defined for categorical");
    ouro_study_free(&d.study);
}

TEST(engine_refuses_policies) {
    draft d;
    REQUIRE(draft_begin(&d, "{" GAUSSIAN ", 'observe': {'measures': ['moments']}}"));
    d.config.policy.synthetic.points = 0;
    d.config.policy.initial = 5;
    check_refused(&d, "policy.synthetic.points", "fit 2 would see no point");
    d.config.policy.synthetic.growth = -1; /* 100 / t rounds to nothing from t = 201 on */
    d.config.run.generations = 250;
    check_refused(&d, "policy.synthetic.points", "fit 201 would see no point");
    d.config.policy.anchor.points = 1;
    d.config.policy.anchor.first = 5;
    d.config.policy.anchor.last = 4;
    check_refused(&d, "policy.anchor.last", "comes before the first");
    d.config.policy.budget = 30;
    d.config.run.path = OURO_PATH_STATISTICS;
    check_refused(&d, "run.path", "would not be exact");
    d.config.policy.synthetic.points = (uint64_t)UINT32_MAX + 1;
    d.config.run.path = OURO_PATH_SAMPLES;
    check_refused(&d, "policy.synthetic.points", "too large");
    ouro_study_free(&d.study);
}

/* A truth of nine numbers, three of them kept back. */
TEST(engine_refuses_more_points_than_there_are) {
    static const double row[] = {1, 2, 3, 4, 5, 6, 7, 8, 10};
    draft d;
    REQUIRE(draft_begin(&d, "{" GAUSSIAN ", 'run': {'generations': 5}, 'observe': {'measures': ['moments']}}"));
    ouro_config *base = &d.study.config[0];
    base->truth.data = "nine.csv";
    base->truth.rows = 9;
    base->truth.dim = 1;
    base->truth.row = row;
    base->truth.reserve = 1 / 3.0;
    d.config = *base;
    REQUIRE(ouro_experiment_init(&d.x, &d.config, 0, &d.complaints) == OURO_OK);
    CHECK_EQ(d.x.policy.initial, 6); /* all that is not kept back */
    ouro_experiment_free(&d.x);
    d.config.policy.initial = 7;
    check_refused(&d, "policy.initial", "hold 6 outside the reserve");
    d.config.policy.anchor.points = 1; /* in fits 2, 3, 4 and 5 */
    check_refused(&d, "policy.anchor.points", "need 4 real points over 5 generations, the reserve holds 3");
    d.config.truth.reserve = 0.99;
    check_refused(&d, "truth.reserve", "none of the 9 rows");
    d.config.truth.rows = 1;
    check_refused(&d, "truth.data", "two or more");
    ouro_study_free(&d.study);
}

TEST(engine_chooses_a_path) {
    draft d;
    REQUIRE(draft_begin(&d, "{" GAUSSIAN ", 'observe': {'measures': ['moments']}}"));
    CHECK_EQ(d.study.experiment[0].path, OURO_PATH_STATISTICS);
    d.config.policy.budget = 100; /* as large as every pool: nothing is thinned */
    REQUIRE(ouro_experiment_init(&d.x, &d.config, 0, &d.complaints) == OURO_OK);
    CHECK_EQ(d.x.path, OURO_PATH_STATISTICS);
    ouro_experiment_free(&d.x);
    d.config.policy.budget = 99;
    REQUIRE(ouro_experiment_init(&d.x, &d.config, 0, &d.complaints) == OURO_OK);
    CHECK_EQ(d.x.path, OURO_PATH_SAMPLES);
    CHECK(strstr(d.x.path_reason, "again and again") != NULL);
    ouro_experiment_free(&d.x);
    ouro_study_free(&d.study);
    REQUIRE(draft_begin(&d, "{'name': 'c', 'truth': {'family': 'categorical'}, 'model': {'family': 'categorical'},"
                            " 'policy': {'preset': 'accumulate-subsample'}, 'observe': {'measures': ['moments']}}"));
    CHECK_EQ(d.study.experiment[0].path, OURO_PATH_STATISTICS);
    ouro_study_free(&d.study);
}

/* --- summaries ------------------------------------------------------------------------------------------------ */

enum { REPLICATES = 203 };

/* Summarises values[0..n) as the only cell of a study without a law. */
static ouro_summary summary_of(size_t n, const double *values) {
    ouro_study s;
    ouro_summary out = {0};
    ouro_error e = {0};
    double copy[REPLICATES];
    CHECK(setup_load(&s, "{" GAUSSIAN ", 'observe': {'measures': ['mean_age'], 'generations': [1]}}") == OURO_OK);
    memcpy(copy, values, n * sizeof *copy);
    ouro_results r = {.experiment = &s.experiment[0], .replicates = n, .generations = 1, .columns = 1, .value = copy};
    CHECK(ouro_summarise(&r, &out, NULL, NULL, &e) == OURO_OK);
    CHECK(memcmp(copy, values, n * sizeof *copy) == 0);
    CHECK(isnan(out.theory) && isnan(out.z) && out.law == NULL);
    ouro_study_free(&s);
    return out;
}

/* Fits to the same observations differ by rounding: no z, however small the standard error. */
TEST(engine_z_of_rounding) {
    for (int i = 0; i < 4; i++) {
        const int mean = i == 1 || i == 3; /* a law of 0 in the unit of the data, whose sd is 1 */
        const double at = mean ? 0 : 0.99, step = i < 2 ? 4e-16 : 1e-11; /* rounding ends at 2e-12 */
        double x[REPLICATES];
        ouro_study s;
        ouro_summary out = {0};
        ouro_error e = {0};
        REQUIRE(setup_loadf(&s, "{" GAUSSIAN ", 'observe': {'measures': ['%s'], 'generations': [1]}}",
                            mean ? "mean" : "variance_ratio") == OURO_OK);
        for (int k = 0; k < REPLICATES; k++) x[k] = at + step * (k % 7);
        ouro_results r = {
            .experiment = &s.experiment[0], .replicates = REPLICATES, .generations = 1, .columns = 1, .value = x};
        CHECK(ouro_summarise(&r, &out, NULL, NULL, &e) == OURO_OK);
        CHECK_CLOSE(out.theory, at, 1e-15, 0);
        CHECK(out.se > 0 && out.carriers > 30);
        CHECK(isnan(out.z) == (i < 2));
        ouro_study_free(&s);
    }
}

/* How many of TRIALS z of the mean of a column lie below -2.326 and above 2.326, 1 % each of a normal variate, where the column is the square
 * of a normal one: skewness 2.8. Without Hall's correction 1.5 % lie below (Edgeworth's first term) and .5 % above. */
TEST(engine_z_of_a_skewed_column) {
    enum { TRIALS = 16000, VALUES = 800 };
    static double x[VALUES];
    ouro_study s;
    ouro_summary out = {0};
    ouro_error e = {0};
    int beyond[2] = {0};
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1); /* of 16000 regions of one cell each the threads' waiting would be most */
    REQUIRE(setup_load(&s, "{" GAUSSIAN ", 'observe': {'measures': ['drift_sq'], 'generations': [1]}}") == OURO_OK);
    ouro_results r = {.experiment = &s.experiment[0], .replicates = VALUES, .generations = 1, .columns = 1, .value = x};
    ouro_stream from;
    ouro_stream_open(&from, &(ouro_address){.seed = 20261120, .purpose = OURO_FOR_SYNTHETIC});
    for (int i = 0; i < TRIALS; i++) {
        ouro_fill_normals(&from, VALUES, x);
        for (int k = 0; k < VALUES; k++) x[k] *= 0.01 * x[k];
        REQUIRE(ouro_summarise(&r, &out, NULL, NULL, &e) == OURO_OK);
        beyond[0] += out.z < -2.3263;
        beyond[1] += out.z > 2.3263;
    }
    omp_set_num_threads(threads);
    CHECK_CLOSE(out.theory, 0.01, 1e-12, 0);
    for (int i = 0; i < 2; i++) CHECK_CLOSE(beyond[i] / (double)TRIALS, 0.01, 0, 0.0032); /* 4 standard errors */
    ouro_study_free(&s);
}

/* Of 0..200: the median is 100, one binomial standard deviation is 7.09 ranks, so that its order statistics are 92 and 108. */
TEST(engine_errors_of_quantiles) {
    double x[REPLICATES];
    for (int k = 0; k < 201; k++) x[k] = (k * 77) % 201;
    ouro_summary s = summary_of(201, x);
    CHECK_CLOSE(s.quantile[2], 100, 0, 0);
    CHECK_CLOSE(s.quantile_se[2], 8, 0, 0);
    CHECK_CLOSE(s.quantile[0], 10, 0, 0);
    CHECK_CLOSE(s.quantile_se[0], 4, 0, 0); /* 6 to 14 */
    for (int k = 0; k < 9; k++) x[k] = k;
    s = summary_of(9, x);
    CHECK(isnan(s.quantile_se[0]) && isnan(s.quantile_se[4])); /* the sample does not reach that far */
    CHECK_CLOSE(s.quantile_se[2], 2, 0, 0);
    for (int k = 0; k < 201; k++) x[k] = 3;
    CHECK_CLOSE(summary_of(201, x).quantile_se[2], 0, 0, 0);
}

/* A normal sample is no heavy tail, nor is an exponential one; one replicate that decides is, and so is a steep log-normal. */
TEST(engine_says_where_few_decide) {
    double normal[REPLICATES], exponential[REPLICATES], steep[REPLICATES], one[REPLICATES];
    for (int k = 0; k < REPLICATES; k++) {
        const double p = (k + 0.5) / REPLICATES;
        normal[k] = gsl_cdf_ugaussian_Pinv(p);
        exponential[k] = -log(p);
        steep[k] = exp(2.5 * normal[k]);
        one[k] = k == 7;
    }
    ouro_summary s = summary_of(REPLICATES, normal);
    CHECK(!ouro_summary_is_heavy(&s));
    s = summary_of(REPLICATES, exponential);
    CHECK(!ouro_summary_is_heavy(&s));
    s = summary_of(REPLICATES, steep);
    CHECK(ouro_summary_is_heavy(&s));
    s = summary_of(REPLICATES, one);
    CHECK(ouro_summary_is_heavy(&s));
    s = summary_of(20, normal + 90);
    CHECK(!ouro_summary_is_heavy(&s));
}

TEST(engine_summaries_match_gsl) {
    double x[REPLICATES], sorted[REPLICATES];
    ouro_stream s;
    ouro_stream_open(&s, &(ouro_address){.seed = 2, .purpose = OURO_FOR_MEASURE});
    for (size_t n = 1; n <= REPLICATES; n += n < 12 ? 1 : 19) {
        ouro_fill_normals(&s, n, x);
        for (size_t i = 0; i < n / 3; i++) x[i] = round(x[i]); /* ties */
        memcpy(sorted, x, n * sizeof *x);
        qsort(sorted, n, sizeof *sorted, fit_order);
        const ouro_summary got = summary_of(n, x);
        CHECK_EQ(got.n, n);
        CHECK_CLOSE(got.mean, gsl_stats_mean(x, 1, n), 1e-13, 1e-15);
        if (n > 1)
            CHECK_CLOSE(got.se, gsl_stats_sd(x, 1, n) / sqrt((double)n), 1e-12, 0);
        else
            CHECK(isnan(got.se));
        for (int q = 0; q < OURO_SUMMARY_QUANTILES; q++)
            CHECK_CLOSE(got.quantile[q],
                        gsl_stats_quantile_from_sorted_data(sorted, 1, n, ouro_summary_probabilities[q]), 1e-14, 1e-15);
    }
}

TEST(engine_summaries_leave_out_what_is_not_defined) {
    const double x[] = {NAN, 3, NAN, 1, 5, -NAN}, none[] = {NAN, NAN};
    ouro_summary s = summary_of(6, x);
    CHECK_EQ(s.n, 3);
    CHECK_EQ(s.mean, 3);
    CHECK_EQ(s.quantile[2], 3);
    CHECK_CLOSE(s.se, 2 / sqrt(3), 1e-15, 0);
    s = summary_of(2, none);
    CHECK_EQ(s.n, 0);
    CHECK(isnan(s.mean) && isnan(s.se) && isnan(s.quantile[0]) && isnan(s.quantile[4]));
}

/* Absorbed replicates are -inf in log_variance: a quantile beside one is -inf, never NaN. */
TEST(engine_summaries_keep_infinities) {
    const double dying[] = {-INFINITY, 2, -INFINITY, 1, 4, 3}, growing[] = {INFINITY, 2, 1, 3},
                 both[] = {-INFINITY, INFINITY, 0};
    ouro_summary s = summary_of(6, dying);
    CHECK_EQ(s.n, 6);
    CHECK_EQ(s.mean, -INFINITY);
    CHECK(isnan(s.se));
    CHECK_EQ(s.quantile[0], -INFINITY);
    CHECK_EQ(s.quantile[1], -INFINITY); /* a quarter of the way from -inf to 1 */
    CHECK_EQ(s.quantile[2], 1.5);
    CHECK_EQ(s.quantile[4], 3.75);
    s = summary_of(4, growing);
    CHECK_EQ(s.mean, INFINITY);
    CHECK_EQ(s.quantile[2], 2.5);
    CHECK_EQ(s.quantile[4], INFINITY);
    s = summary_of(3, both);
    CHECK(isnan(s.mean) && isnan(s.se));
    CHECK_EQ(s.quantile[0], -INFINITY);
    CHECK_EQ(s.quantile[2], 0);
    CHECK_EQ(s.quantile[4], INFINITY);
}

TEST(engine_summaries_of_equal_values) {
    double x[REPLICATES];
    for (int i = 0; i < REPLICATES; i++) x[i] = 0.1;
    const ouro_summary s = summary_of(REPLICATES, x);
    CHECK_EQ(s.mean, 0.1);
    CHECK_EQ(s.se, 0);
    for (int q = 0; q < OURO_SUMMARY_QUANTILES; q++) CHECK_EQ(s.quantile[q], 0.1);
}

/* A config that asks for nothing in particular gets what its truth can give: default tails that it does not attain are
 * left out, and a truth without any still runs. */
TEST(engine_defaults_never_refuse) {
    static const struct {
        const char *truth;
        size_t tails;
    } cases[] = {
        {"'probabilities': [0.5, 0.5]", 0}, {"'categories': 10", 0}, {"'probabilities': [0.9, 0.095, 0.005]", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[256];
        ouro_study study;
        snprintf(json, sizeof json,
                 "{'name':'d','truth':{'family':'categorical', %s},'model':{'family':'categorical'}}", cases[i].truth);
        REQUIRE(setup_load(&study, json) == OURO_OK);
        CHECK_EQ(study.experiment[0].setting.tails_len, cases[i].tails);
        CHECK(study.experiment[0].columns_len > 5);
        ouro_study_free(&study);
    }
}
