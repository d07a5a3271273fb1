/* precision.c: run.stop: the number of replicates is that of the first checkpoint at which the interval is narrow enough, told
 * from the rows alone, whoever computed them in whatever order. */
#include "ouro/precision.h"
#include "harness.h"
#include "law/law.h"
#include "setup.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

#define GAUSSIAN "'name': 'stop', 'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}"

typedef struct ending {
    size_t replicates, values;
    ouro_precision precision;
    double *value; /* NULL: not wanted */
} ending;

typedef struct endings {
    ending *at;
    int rows;
} endings;

static int keep(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    endings *all = ctx;
    ending *end = &all->at[point];
    const ouro_config *config = r->experiment->config;
    CHECK_EQ(r->of, 0);
    end->replicates = r->replicates;
    end->values = r->replicates * r->generations * r->columns;
    if (config->run.stop.measure && ouro_precision_judge(r, &end->precision))
        return ouro_fail(e, OURO_ENOMEM, "test", "out of memory");
    if (!all->rows) return OURO_OK;
    end->value = ouro_alloc(end->values, sizeof *end->value);
    if (!end->value) return ouro_fail(e, OURO_ENOMEM, "test", "out of memory");
    memcpy(end->value, r->value, end->values * sizeof *end->value);
    return OURO_OK;
}

static void run(size_t len, const ouro_experiment *x, int threads, endings *out) {
    ouro_error e = {0};
    const ouro_run_options o = {.threads = threads, .point = keep, .ctx = out};
    CHECK_EQ(ouro_run(len, x, &o, &e), OURO_OK);
}

/* A run of one point; the caller frees value. */
static ending run_one(const ouro_study *s, int threads) {
    ending end = {0};
    run(1, s->experiment, threads, &(endings){.at = &end, .rows = 1});
    return end;
}

/* --- checkpoints ---------------------------------------------------------------------------------------------- */

static void check_checkpoints(uint64_t first, uint64_t most, size_t len, const uint64_t *expected) {
    ouro_config c = {.run = {.replicates = first, .stop = {.measure = "mean", .max_replicates = most}}};
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n = ouro_precision_checkpoint(&c, n);
        CHECK_EQ(n, expected[i]);
        CHECK(ouro_precision_is_checkpoint(&c, n));
        CHECK(!ouro_precision_is_checkpoint(&c, n - 1) || (i && n - 1 == expected[i - 1]));
    }
    CHECK_EQ(ouro_precision_checkpoint(&c, n), n);
    CHECK(!ouro_precision_is_checkpoint(&c, n + 1) && !ouro_precision_is_checkpoint(&c, 2 * n));
}

TEST(contract_precision_checkpoints_double_up_to_the_cap) {
    check_checkpoints(100, 1000, 5, (const uint64_t[]){100, 200, 400, 800, 1000});
    check_checkpoints(100, 800, 4, (const uint64_t[]){100, 200, 400, 800});
    check_checkpoints(7, 15, 3, (const uint64_t[]){7, 14, 15});
    check_checkpoints(7, 13, 2, (const uint64_t[]){7, 13});
    check_checkpoints(7, 7, 1, (const uint64_t[]){7});
    check_checkpoints(2147483648u, 4294967295u, 2, (const uint64_t[]){2147483648u, 4294967295u});
    const ouro_config without = {.run = {.replicates = 9}};
    CHECK_EQ(ouro_precision_checkpoint(&without, 0), 9);
    CHECK_EQ(ouro_precision_checkpoint(&without, 9), 9);
}

/* --- the decision --------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The half-width from the first n rows, straight from its definition; *carriers: how many carry the standard error. */
static double half_width(const ouro_experiment *x, const double *value, size_t n, int median, double *carriers) {
    const size_t row = x->observed_len * x->columns_len;
    double *v = ouro_alloc(n, sizeof *v), mean = 0, m2 = 0, m4 = 0, half;
    if (!v) return NAN;
    for (size_t i = 0; i < n; i++)
        mean += (v[i] = value[i * row + x->stop_observed * x->columns_len + x->stop_column]) / (double)n;
    for (size_t i = 0; i < n; i++) {
        m2 += pow(v[i] - mean, 2);
        m4 += pow(v[i] - mean, 4);
    }
    qsort(v, n, sizeof *v, ascending);
    const double at = 0.5 * (double)(n - 1), off = 0.5 * 1.959963984540054 * sqrt((double)n);
    half = median ? (v[(size_t)ceil(at + off)] - v[(size_t)floor(at - off)]) / 2
                  : gsl_cdf_tdist_Pinv(0.975, (double)n - 1) * sqrt(m2 / (double)(n - 1) / (double)n);
    *carriers = median ? INFINITY : m2 * m2 / m4;
    ouro_free(v);
    return half;
}

/* Whether a point may end at each checkpoint, by the rows of a run of the same config that ends at the cap. */
static void check_ending(const ouro_study *s, const ending *whole, const ending *end) {
    const ouro_experiment *x = s->experiment;
    const ouro_config *c = x->config;
    double carriers;
    uint64_t n = 0;
    for (;;) {
        n = ouro_precision_checkpoint(c, n);
        const double half = half_width(x, whole->value, n, c->run.stop.statistic == OURO_STOP_MEDIAN, &carriers);
        const int enough = half <= c->run.stop.half_width && carriers >= (double)n / 30 + 2;
        if (n < end->replicates) {
            CHECK(!enough);
            continue;
        }
        CHECK_EQ(n, end->replicates);
        CHECK_EQ(end->precision.replicates, n);
        CHECK_CLOSE(end->precision.half_width, half, 1e-9, 0);
        CHECK_EQ(end->precision.reached, enough);
        CHECK(enough || n == c->run.stop.max_replicates);
        return;
    }
}

/* For every statistic and width: where it ends, with which rows, for any number of workers. */
TEST(contract_precision_ends_at_the_first_checkpoint_that_is_narrow) {
    static const double widths[] = {0.3, 0.1, 0.05, 0.03, 0.02, 0.01};
    size_t sizes = 0, last = 0;
    for (int median = 0; median < 2; median++)
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
            ouro_study s;
            REQUIRE(setup_loadf(&s,
                                "{" GAUSSIAN ", 'policy': {'synthetic': {'points': 12}}, 'run': {'generations': 6, "
                                "'replicates': 20, 'seed': 7, 'stop': {'measure': 'log_variance', 'half_width': %g, "
                                "'max_replicates': 3000, 'statistic': '%s', 'generation': 3}}, 'observe': {'measures': "
                                "['moments'], 'generations': [1, 3, 6]}}",
                                widths[w], median ? "median" : "mean") == OURO_OK);
            CHECK_EQ(s.experiment[0].observed[s.experiment[0].stop_observed], 3);
            ending one = run_one(&s, 1);
            for (int threads = 2; threads <= 3; threads++) {
                ending other = run_one(&s, threads);
                CHECK(other.values == one.values && !memcmp(other.value, one.value, one.values * sizeof(double)));
                ouro_free(other.value);
            }
            /* without run.stop, with as many replicates as there can be: what was there is a prefix */
            s.config[0].run.replicates = 3000;
            const char *measure = s.config[0].run.stop.measure;
            s.config[0].run.stop.measure = NULL;
            ending whole = run_one(&s, 2);
            CHECK_EQ(whole.replicates, 3000);
            CHECK(!memcmp(whole.value, one.value, one.values * sizeof(double)));
            s.config[0].run.replicates = 20;
            s.config[0].run.stop.measure = measure;
            check_ending(&s, &whole, &one);
            sizes += one.replicates != last;
            last = one.replicates;
            ouro_free(one.value);
            ouro_free(whole.value);
            ouro_study_free(&s);
        }
    CHECK(sizes > 6); /* different widths did end at different numbers */
}

/* The mean of `mean` at t = 1 has standard deviation sd / sqrt(100 n): 0.0139 at 200, 0.0098 at 400 and 0.0069 at 800 after the factor
 * 1.96, each known to 1 / sqrt(2 n), so that 0.0085 lies more than 4 such errors from either. */
TEST(contract_precision_known_variance_gives_the_expected_number) {
    ouro_study s;
    REQUIRE(setup_load(&s, "{" GAUSSIAN
                           ", 'policy': {'initial': 100}, 'run': {'generations': 2, 'replicates': 100, 'stop': {"
                           "'measure': 'mean', 'half_width': 0.0085, 'max_replicates': 100000, 'generation': 1}},"
                           " 'observe': {'measures': ['mean']}}") == OURO_OK);
    ending end = run_one(&s, 0);
    CHECK_EQ(end.replicates, 800);
    CHECK(end.precision.reached);
    CHECK_CLOSE(end.precision.half_width, 1.9629 * 0.1 / sqrt(800), 4 / sqrt(1600.), 0);
    CHECK_EQ(ouro_results_bytes(s.experiment), 100000 * (2 * 9 + s.experiment[0].events_len * sizeof(uint32_t)));
    ouro_free(end.value);
    ouro_study_free(&s);
}

static ending end_of(const char *measure, double width, const char *statistic, int replicates, int most) {
    ouro_study s;
    ending end = {0};
    if (!harness_true(
            setup_loadf(&s,
                        "{" GAUSSIAN ", 'policy': {'synthetic': {'points': 8}}, 'run': {'generations': 60, "
                        "'replicates': %d, 'stop': {'measure': '%s', 'half_width': %g, 'max_replicates': %d, "
                        "'statistic': '%s'}}, 'observe': {'every': 20, 'measures': ['moments', 'provenance']}}",
                        replicates, measure, width, most, statistic) == OURO_OK,
            __FILE__, __LINE__, measure))
        return end;
    run(1, s.experiment, 0, &(endings){.at = &end});
    ouro_study_free(&s);
    return end;
}

/* A dying variance is nearly log-normal: its interval is tiny at once and means nothing. The median's does. */
TEST(contract_precision_heavy_tails_do_not_reach_it) {
    ending end = end_of("variance_ratio", 0.5, "mean", 50, 1500);
    CHECK_EQ(end.replicates, 1500);
    CHECK(end.precision.heavy && !end.precision.reached && end.precision.half_width < 0.5);
    end = end_of("variance_ratio", 0.5, "median", 50, 1500);
    CHECK_EQ(end.replicates, 50);
    CHECK(!end.precision.heavy && end.precision.reached);
}

TEST(contract_precision_edges) {
    ending end = end_of("mean", 1e-6, "mean", 30, 70); /* the cap */
    CHECK_EQ(end.replicates, 70);
    CHECK(!end.precision.reached && end.precision.half_width > 1e-6);
    end = end_of("real_share", 1e-9, "mean", 3, 70); /* fixed by the policy: equal values have no spread */
    CHECK_EQ(end.replicates, 3);
    CHECK(end.precision.reached && end.precision.half_width == 0);
    for (int median = 0; median < 2; median++) { /* one value has no interval; two have one, of a mean */
        end = end_of("mean", 1e300, median ? "median" : "mean", 1, 1);
        CHECK(!end.precision.reached && isnan(end.precision.half_width));
    }
    end = end_of("mean", 1e300, "mean", 1, 70);
    CHECK_EQ(end.replicates, 2);
    CHECK(end.precision.reached);
}

static void note_progress(void *ctx, const ouro_progress *now) {
    ouro_progress *last = ctx;
    CHECK(now->done >= last->done && now->done <= now->total && (!last->total || now->total <= last->total));
    *last = *now;
}

TEST(contract_precision_progress_counts_up_to_the_cap) {
    ouro_study s;
    ouro_error e = {0};
    ouro_progress last = {0};
    REQUIRE(setup_load(&s, "{" GAUSSIAN ", 'run': {'generations': 50, 'replicates': 20, 'stop': {'measure': 'mean', "
                           "'half_width': 0.2, 'max_replicates': 5000}}, 'observe': {'measures': ['mean']}, 'sweep': "
                           "{'policy.initial': [10, 1000]}}") == OURO_OK);
    ending end[2] = {{0}, {0}};
    endings all = {.at = end};
    const ouro_run_options o = {.threads = 1, .progress = note_progress, .ctx = &last};
    CHECK_EQ(ouro_run(2, s.experiment, &o, &e), OURO_OK);
    run(2, s.experiment, 1, &all);
    CHECK(end[0].replicates < 5000);
    CHECK_EQ(last.total, 50 * (end[0].replicates + end[1].replicates));
    CHECK_EQ(last.done, last.total);
    ouro_study_free(&s);
}

/* A sample of a point with run.stop is a sample of the replicates that it has: no decision is taken from it. */
static int keep_sample(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    const ending *whole = ctx;
    const size_t row = r->generations * r->columns;
    (void)e;
    CHECK_EQ(point, 0);
    CHECK_EQ(r->replicates, 5);
    CHECK_EQ(r->of, whole->replicates);
    for (size_t i = 0; i < 5; i++) {
        CHECK_EQ(ouro_results_replicate(r, i), i * whole->replicates / 5);
        CHECK(!memcmp(ouro_results_row(r, i, 0), whole->value + ouro_results_replicate(r, i) * row,
                      row * sizeof(double)));
    }
    return OURO_OK;
}

TEST(contract_precision_samples_are_of_what_was_run) {
    ouro_study s;
    ouro_error e = {0};
    REQUIRE(setup_load(&s,
                       "{" GAUSSIAN ", 'run': {'generations': 5, 'replicates': 10, 'stop': {'measure': 'mean', "
                       "'half_width': 0.03, 'max_replicates': 900}}, 'observe': {'measures': ['mean']}}") == OURO_OK);
    ending end = run_one(&s, 2);
    CHECK(end.replicates > 10 && end.replicates < 900);
    const uint64_t of = end.replicates;
    const ouro_run_options o = {.sample = 5, .of = &of, .point = keep_sample, .ctx = &end};
    CHECK_EQ(ouro_run(1, s.experiment, &o, &e), OURO_OK);
    ouro_free(end.value);
    ouro_study_free(&s);
}

/* --- laws ----------------------------------------------------------------------------------------------------- */

/* Means of a normal sample: (n - 1) s^2 / sigma^2 is chi-squared with n - 1 degrees of freedom (Cochran 1934), so that the first
 * checkpoint is the last with a known chance; and as the mean of a normal sample is independent of its deviations, which alone
 * decide, the mean at the end is unbiased with variance sigma^2 E[1/N]. With 40 values the rule for heavy tails is silent; of 6
 * normal ones it would find some decided by a few. */
TEST(law_precision_first_checkpoint_and_mean_of_normal_samples) {
    enum { POINTS = 4000, N = 40 };
    static const double width = 0.065, sigma = 1.0 / 5;
    ouro_study s;
    REQUIRE(setup_load(
                &s,
                "{" GAUSSIAN ", 'policy': {'initial': 25}, 'run': {'generations': 1, 'replicates': 40, 'stop': {"
                "'measure': 'mean', 'half_width': 0.065, 'max_replicates': 80}}, 'observe': {'measures': ['mean']}}") ==
            OURO_OK);
    ouro_experiment *x = ouro_alloc(POINTS, sizeof *x);
    ending *end = ouro_alloc(POINTS, sizeof *end);
    REQUIRE(x && end);
    for (uint32_t p = 0; p < POINTS; p++) {
        x[p] = s.experiment[0];
        x[p].stream_point = p;
    }
    run(POINTS, x, 0, &(endings){.at = end, .rows = 1});
    const double t = gsl_cdf_tdist_Pinv(0.975, N - 1);
    const double p = gsl_cdf_chisq_P((N - 1) * N * pow(width / t / sigma, 2), N - 1);
    double first = 0, mean = 0;
    for (size_t i = 0; i < POINTS; i++) {
        double m = 0;
        CHECK(end[i].replicates == N || end[i].replicates == 2 * N);
        for (size_t r = 0; r < end[i].replicates; r++) m += end[i].value[r] / (double)end[i].replicates;
        first += end[i].replicates == N;
        mean += m;
        ouro_free(end[i].value);
    }
    CHECK(p > 0.1 && p < 0.9);
    CHECK_LAW((first / POINTS - p) / sqrt(p * (1 - p) / POINTS));
    CHECK_LAW(mean / POINTS / sqrt(sigma * sigma * (p / N + (1 - p) / (2 * N)) / POINTS));
    ouro_free(x);
    ouro_free(end);
    ouro_study_free(&s);
}
