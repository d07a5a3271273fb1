/* law_fitted.c: gamma, pareto and laplace with the parameter fitted that is usually known. */
#include "harness.h"
#include "law.h"
#include "ouro/replicate.h"
#include "setup.h"
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>

/* --- chains: functions of theta at generation t, over replicates ------------------------------------------------- */

enum { RUNS = 40000, VALUES = 4 };

typedef struct spread {
    double mean, variance, fourth; /* central */
} spread;

typedef void values_of(const double *theta, double *value);

static spread spread_of(size_t n, const double *x) {
    spread s = {0};
    for (size_t i = 0; i < n; i++) s.mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) s.variance += (x[i] - s.mean) * (x[i] - s.mean) / (double)n;
    for (size_t i = 0; i < n; i++) s.fourth += pow(x[i] - s.mean, 4) / (double)n;
    return s;
}

static double z_mean(spread s, size_t n, double expected) { return (s.mean - expected) / sqrt(s.variance / (double)n); }
static double z_variance(spread s, size_t n, double expected) {
    return (s.variance - expected) / sqrt((s.fourth - s.variance * s.variance) / (double)n);
}
static double z_between(spread a, spread b, size_t n) {
    return (a.mean - b.mean) / sqrt((a.variance + b.variance) / (double)n);
}
static double z_between_variances(spread a, spread b, size_t n) {
    return (a.variance - b.variance) /
           sqrt((a.fourth - a.variance * a.variance + b.fourth - b.variance * b.variance) / (double)n);
}

/* Runs the config RUNS times to generation t and spreads `count` values of its models over out. */
static void chain(const char *json, uint32_t t, values_of *values, int count, spread *out) {
    static double x[VALUES][RUNS];
    ouro_study study;
    ouro_replicate r;
    ouro_error e = {0};
    REQUIRE(setup_load(&study, json) == OURO_OK);
    REQUIRE(ouro_replicate_init(&r, &study.experiment[0], &e) == OURO_OK);
    for (uint32_t i = 0; i < RUNS; i++) {
        double value[VALUES];
        ouro_replicate_begin(&r, i);
        for (uint32_t g = 0; g < t; g++) REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
        values(r.theta, value);
        for (int k = 0; k < count; k++) x[k][i] = value[k];
    }
    for (int k = 0; k < count; k++) out[k] = spread_of(RUNS, x[k]);
    ouro_replicate_free(&r);
    ouro_study_free(&study);
}

#define CONFIG(family, params, fitted, policy, path)                                                                   \
    "{'name':'l','truth':{'family':'" family "'," params "},'model':{'family':'" family "','" fitted "':'fitted'},"    \
    "'policy':{" policy "},'run':{'generations':10,'seed':20261120,'path':'" path "'},"                                \
    "'observe':{'measures':['provenance']}}"

/* --- gamma -------------------------------------------------------------------------------------------------------- */

/* What rows are about: x and log x have means m and log m - (log k - psi(k)). */
static void gamma_values(const double *theta, double *value) {
    value[0] = theta[1];
    value[1] = theta[0];
    value[2] = log(theta[0]) + gsl_sf_psi(exp(theta[1])) - theta[1];
}

/* log k - psi(k) = gap by bisection. */
static double textbook_log_shape(double gap) {
    double low = -30, high = 60;
    for (int i = 0; i < 60; i++) {
        double y = (low + high) / 2;
        *(y - gsl_sf_psi(exp(y)) > gap ? &low : &high) = y;
    }
    return low;
}

/* The same recursion with the GSL's generator and variates, and the textbook's sums. */
static void textbook_chain(double mean, double shape, int n, int t, spread *out) {
    static double x[RUNS];
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 20261120);
    for (int i = 0; i < RUNS; i++) {
        double m = mean, k = shape;
        for (int g = 0; g < t; g++) {
            double sum = 0, logs = 0;
            for (int j = 0; j < n; j++) {
                double point = gsl_ran_gamma(rng, k, m / k);
                sum += point, logs += log(point);
            }
            m = sum / n;
            k = exp(textbook_log_shape(log(m) - logs / n));
        }
        x[i] = log(k);
    }
    gsl_rng_free(rng);
    *out = spread_of(RUNS, x);
}

/* Simulated by others: E log(k'/k) = .0385 +- .0014 for n = 50, k = 2, and .0101 +- .0007 for n = 200, k = 20; here
 * also the textbook's recursion from other random numbers, over three generations. */
TEST(law_fitted_gamma_shape_explodes) {
    spread a[3], b;
    chain(CONFIG("gamma", "'mean':1.7,'shape':2", "shape", "'synthetic':{'points':50}", "auto"), 1, gamma_values, 3, a);
    CHECK_LAW((a[0].mean - log(2) - 0.0385) / hypot(0.0014, sqrt(a[0].variance / RUNS)));
    chain(CONFIG("gamma", "'mean':1.7,'shape':20", "shape", "'synthetic':{'points':200}", "auto"), 1, gamma_values, 3,
          a);
    CHECK_LAW((a[0].mean - log(20) - 0.0101) / hypot(0.0007, sqrt(a[0].variance / RUNS)));
    chain(CONFIG("gamma", "'mean':1.7,'shape':0.7", "shape", "'synthetic':{'points':12}", "auto"), 3, gamma_values, 3,
          a);
    textbook_chain(1.7, 0.7, 12, 3, &b);
    CHECK_LAW(z_between(a[0], b, RUNS));
    CHECK_LAW(z_between_variances(a[0], b, RUNS));
}

/* Maximum likelihood returns the means of x and log x of what it has seen, so both are martingales however batches are
 * pooled. */
TEST(law_fitted_gamma_keeps_its_statistics) {
    static const char *const configs[] = {
        CONFIG("gamma", "'mean':1.7,'shape':0.7", "shape", "'synthetic':{'points':12}", "auto"),
        CONFIG("gamma", "'mean':1.7,'shape':0.7", "shape", "'preset':'accumulate','synthetic':{'points':8}", "auto"),
        CONFIG("gamma", "'mean':1.7,'shape':3", "shape",
               "'initial':5,'synthetic':{'points':7},'memory':{'synthetic':3},'weights':{'real':2.5},"
               "'anchor':{'points':2,'every':3}",
               "samples"),
    };
    static const double shape[] = {0.7, 0.7, 3};
    for (int i = 0; i < 3; i++) {
        spread a[3];
        chain(configs[i], 6, gamma_values, 3, a);
        CHECK_LAW(z_mean(a[1], RUNS, 1.7));
        CHECK_LAW(z_mean(a[2], RUNS, log(1.7) + gsl_sf_psi(shape[i]) - log(shape[i])));
    }
}

/* From shape 1e-3 to beyond 1e30: the model comes back from its own statistic, in a few steps of Newton. */
TEST(law_fitted_gamma_fit_is_exact) {
    ouro_study study;
    REQUIRE(setup_load(&study, CONFIG("gamma", "'mean':3", "shape", "'synthetic':{'points':9}", "auto")) == OURO_OK);
    const ouro_family *f = &study.experiment[0].model;
    for (int i = -30; i <= 310; i++) {
        double T[4], theta[2] = {3, 0.1 * i * log(10)}, back[2];
        ouro_fit_info info;
        f->type->stat_of(f, theta, T);
        f->type->fit_mle(f, T, back, &info);
        CHECK_EQ(back[0], 3);
        CHECK_CLOSE(back[1], theta[1], 4e-16, 2e-15);
        CHECK(info.converged && info.iterations <= 5 && !info.absorbed);
    }
    double gone[2];
    ouro_fit_info info;
    f->type->fit_mle(f, (double[]){5, 5, 3, 0}, gone, &info);
    CHECK(gone[0] == 3 && gone[1] == INFINITY && info.absorbed);
    ouro_study_free(&study);
}

static void check_no_nan(const law_run *r) {
    for (size_t i = 0; r->ok && i < r->results.replicates; i++)
        for (size_t g = 0; g < r->results.generations; g++)
            for (size_t m = 0; m < r->results.columns; m++)
                if (isnan(ouro_results_row(&r->results, i, g)[m]))
                    CHECK_STR(r->results.experiment->columns[m].name, "not NaN");
}

#define DEEP(family, params, fitted, rest, generations)                                                                \
    "{'name':'l','truth':{'family':'" family "'," params "},'model':{'family':'" family "','" fitted "':'fitted'},"    \
    "'policy':{'synthetic':{'points':4}},'run':{'generations':" generations ",'replicates':60,'seed':3" rest "},"      \
    "'observe':{'generations':[5,40," generations "],'measures':['moments','diversity','divergences','tails',"         \
    "'tail_sides','fit']}}"

/* A spread of 1e-16 of the mean is where rows end; until then log_variance falls, then the run is absorbed. From shape
 * 0.01 the mean itself falls to the smallest doubles. */
TEST(law_fitted_gamma_deep_collapse) {
    static const char *const configs[] = {DEEP("gamma", "'shape':2", "shape", "", "400"),
                                          DEEP("gamma", "'shape':0.01", "shape", "", "400")};
    for (int i = 0; i < 2; i++) {
        law_run r = law_run_json(configs[i]);
        check_no_nan(&r);
        CHECK_EQ(law_at(&r, "absorbed", 5).mean, 0);
        CHECK_EQ(law_at(&r, "absorbed", 400).mean, 1);
        CHECK_EQ(law_at(&r, "log_variance", 400).quantile[4], -INFINITY);
        CHECK(law_at(&r, "log_variance", 5).quantile[2] < -2);
        if (i == 0) CHECK(law_at(&r, "log_variance", 40).quantile[2] < -20);
        if (i == 0) CHECK(law_at(&r, "log_variance", 40).quantile[0] > 2 * log(1e-17));
        law_run_free(&r);
    }
}

/* --- pareto ------------------------------------------------------------------------------------------------------- */

static void pareto_values(const double *theta, double *value) {
    value[0] = theta[1];
    value[1] = log(theta[0]);
    value[2] = exp(theta[1]);
    value[3] = value[1] + value[2]; /* E log x */
}

/* s_t = s_{t-1} Gamma(n - 1) / n and log min_t = log min_{t-1} + s_{t-1} Exp(1) / n, independent: E log s = t (psi(n -
 * 1) - log n), Var = t psi'(n - 1), E s_t = s_0 (1 - 1/n)^t, and what s has lost the logarithm of the minimum has
 * gained. */
TEST(law_fitted_pareto_replace) {
    static const char *const configs[] = {
        CONFIG("pareto", "'minimum':2.385,'shape':1.6", "minimum", "'synthetic':{'points':12}", "statistics"),
        CONFIG("pareto", "'minimum':2.385,'shape':1.6", "minimum", "'synthetic':{'points':12}", "samples"),
    };
    const double n = 12, t = 8, s = 1 / 1.6, left = pow(1 - 1 / n, t);
    for (int i = 0; i < 2; i++) {
        spread a[4];
        chain(configs[i], 1, pareto_values, 4, a);
        CHECK_LAW(z_mean(a[1], RUNS, log(2.385) + s / n));
        CHECK_LAW(z_variance(a[1], RUNS, s * s / (n * n)));
        chain(configs[i], 8, pareto_values, 4, a);
        CHECK_LAW(z_mean(a[0], RUNS, log(s) + t * (gsl_sf_psi(n - 1) - log(n))));
        CHECK_LAW(z_variance(a[0], RUNS, t * gsl_sf_psi_1(n - 1)));
        CHECK_LAW(z_mean(a[1], RUNS, log(2.385) + s * (1 - left)));
        CHECK_LAW(z_mean(a[2], RUNS, s * left));
    }
}

/* The mean of log x is a martingale however batches are pooled; the two paths have the same laws. */
TEST(law_fitted_pareto_pooled) {
#define POOLED(path)                                                                                                   \
    CONFIG("pareto", "'minimum':2.385,'shape':1.6", "minimum",                                                         \
           "'initial':5,'synthetic':{'points':7},'memory':{'synthetic':3},'weights':{'real':2.5},"                     \
           "'anchor':{'points':2,'every':3}",                                                                          \
           path)
    spread a[4], b[4];
    chain(POOLED("statistics"), 6, pareto_values, 4, a);
    chain(POOLED("samples"), 6, pareto_values, 4, b);
    CHECK_LAW(z_mean(a[3], RUNS, log(2.385) + 1 / 1.6));
    CHECK_LAW(z_mean(b[3], RUNS, log(2.385) + 1 / 1.6));
    for (int k = 0; k < 4; k++) {
        CHECK_LAW(z_between(a[k], b[k], RUNS));
        CHECK_LAW(z_between_variances(a[k], b[k], RUNS));
    }
}

/* ouro's own law of the entropy, log s + s + log minimum + 1; and the bottom of the truth is lost at once. */
TEST(law_fitted_pareto_measures) {
    static const char *const paths[] = {"statistics", "samples"};
    for (int i = 0; i < 2; i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'pareto','minimum':2.385,'shape':3.5},'model':{'family':'pareto',"
                 "'minimum':'fitted'},'policy':{'synthetic':{'points':20}},'run':{'generations':50,"
                 "'replicates':20000,'seed':20261120,'path':'%s'},'observe':{'generations':[1,50],"
                 "'measures':['entropy','kl_truth_model','kl_model_truth','w2','tv']}}",
                 paths[i]);
        law_run r = law_run_json(json);
        const double start = 1 + 1 / 3.5 + log(2.385) - log(3.5), fall = 50 * (gsl_sf_psi(19) - log(20));
        CHECK_LAW(law_z(&r, "entropy", 50, start + fall));
        CHECK_CLOSE(law_at(&r, "entropy", 50).theory, start + fall, 1e-12, 0);
        CHECK_EQ(law_at(&r, "kl_truth_model", 1).quantile[0], INFINITY);
        /* E KL(t || 0) = E (s/s_0 - 1 - log(s/s_0) + log(min/min_0)/s_0) = -E log(s/s_0), the rest cancels */
        CHECK_LAW(law_z(&r, "kl_model_truth", 1, log(20) - gsl_sf_psi(19)));
        check_no_nan(&r);
        law_run_free(&r);
        CHECK(isnan(law_predicts(json, "log_variance", 5)) && isnan(law_predicts(json, "drift_sq", 5)));
        r = law_run_json(i ? DEEP("pareto", "'shape':3", "minimum", ",'path':'samples'", "2000")
                           : DEEP("pareto", "'shape':3", "minimum", "", "2000"));
        check_no_nan(&r);
        law_run_free(&r);
    }
}

/* --- laplace ------------------------------------------------------------------------------------------------------ */

/* E log(b'/b) by quadrature of the transform of the sum of distances,; E median^2 / 2 b^2 by quadrature of
 * the density of the middle point, or of the two (even n). */
static const struct {
    int n;
    double step, drift;
} medians[] = {
    {2, -0.7703628454614782, 0.5},
    {10, -0.1108124356602803, 0.0726122924},
    {11, -0.1054476953346969, 0.0691402776968},
    {21, -0.05223726383459775, 0.0327223},
    {101, -0.01023668332922321, 0.00576952654981},
};

TEST(law_fitted_laplace_replace) {
    static const char *const paths[] = {"statistics", "samples"};
    for (size_t i = 0; i < 2 * sizeof medians / sizeof medians[0]; i++) {
        char json[512];
        const int n = medians[i / 2].n;
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'laplace','location':2.385,'scale':0.731},'model':{'family':'laplace',"
                 "'location':'fitted'},'policy':{'synthetic':{'points':%d}},'run':{'generations':10,"
                 "'replicates':20000,'seed':20261120,'path':'%s'},'observe':{'generations':[1,10],"
                 "'measures':['log_variance','drift_sq','entropy']}}",
                 n, paths[i % 2]);
        law_run r = law_run_json(json);
        const double start = 1 + log(2 * 0.731);
        CHECK_LAW(law_z(&r, "log_variance", 1, 2 * medians[i / 2].step));
        CHECK_LAW(law_z(&r, "log_variance", 10, 20 * medians[i / 2].step));
        CHECK_LAW(law_z(&r, "drift_sq", 1, medians[i / 2].drift));
        CHECK_CLOSE(law_at(&r, "log_variance", 10).theory, 20 * medians[i / 2].step, 1e-9, 0);
        CHECK_CLOSE(law_at(&r, "entropy", 10).theory, start + 10 * medians[i / 2].step, 1e-9, 0);
        law_run_free(&r);
    }
}

/* E |median|^4 would see it too: far fewer points on one side than on the other are rare, so many draws of small
 * batches. */
static void laplace_values(const double *theta, double *value) {
    value[0] = theta[1];
    value[1] = theta[0];
    value[2] = fabs(theta[0]);
    value[3] = theta[1] * fabs(theta[0]); /* median and distances are not independent */
}

TEST(law_fitted_laplace_paths_agree) {
#define BATCH(points, path) CONFIG("laplace", "'scale':1", "location", "'synthetic':{'points':" points "}", path)
    static const char *const configs[][2] = {{BATCH("3", "statistics"), BATCH("3", "samples")},
                                             {BATCH("4", "statistics"), BATCH("4", "samples")},
                                             {BATCH("7", "statistics"), BATCH("7", "samples")},
                                             {BATCH("60", "statistics"), BATCH("60", "samples")}};
    for (int i = 0; i < 4; i++) {
        spread a[4], b[4];
        chain(configs[i][0], 2, laplace_values, 4, a);
        chain(configs[i][1], 2, laplace_values, 4, b);
        for (int k = 0; k < 4; k++) {
            CHECK_LAW(z_between(a[k], b[k], RUNS));
            CHECK_LAW(z_between_variances(a[k], b[k], RUNS));
        }
    }
}

/* Accumulation with the textbook's median of all rows where they lie, from other random numbers. */
static void textbook_medians(int n, int t, spread *out) {
    static double x[3][RUNS];
    double rows[64];
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 20261120);
    for (int i = 0; i < RUNS; i++) {
        double location = 0, scale = 1, all[64];
        for (int g = 0; g < t; g++) {
            const int len = (g + 1) * n;
            for (int j = g * n; j < len; j++) rows[j] = location + gsl_ran_laplace(rng, scale);
            memcpy(all, rows, (size_t)len * sizeof *all);
            gsl_sort(all, 1, (size_t)len);
            location = (all[(len - 1) / 2] + all[len / 2]) / 2;
            scale = 0;
            for (int j = 0; j < len; j++) scale += fabs(all[j] - location) / len;
        }
        x[0][i] = log(scale), x[1][i] = location, x[2][i] = fabs(location);
    }
    gsl_rng_free(rng);
    for (int k = 0; k < 3; k++) out[k] = spread_of(RUNS, x[k]);
}

TEST(law_fitted_laplace_pooled) {
    spread a[4], b[3];
    chain(CONFIG("laplace", "'scale':1", "location", "'preset':'accumulate','synthetic':{'points':5}", "auto"), 6,
          laplace_values, 4, a);
    textbook_medians(5, 6, b);
    for (int k = 0; k < 3; k++) {
        CHECK_LAW(z_between(a[k], b[k], RUNS));
        CHECK_LAW(z_between_variances(a[k], b[k], RUNS));
    }
}

static ouro_path path_of(const char *policy, const char *extra) {
    ouro_study s;
    char json[512];
    snprintf(json, sizeof json,
             "{'name':'l','truth':{'family':'laplace'},'model':{'family':'laplace','location':'fitted'%s},"
             "'policy':{%s'synthetic':{'points':7}},'run':{'generations':5}}",
             extra, policy);
    CHECK(setup_load(&s, json) == OURO_OK);
    const ouro_path path = s.experiment ? s.experiment[0].path : OURO_PATH_AUTO;
    ouro_study_free(&s);
    return path;
}

/* Medians do not add up: one batch per fit has its statistic, several need their rows. */
TEST(law_fitted_laplace_chooses_its_path) {
    CHECK_EQ(path_of("", ""), OURO_PATH_STATISTICS);
    CHECK_EQ(path_of("'preset':'accumulate',", ""), OURO_PATH_SAMPLES);
    CHECK_EQ(path_of("'memory':{'synthetic':2},", ""), OURO_PATH_SAMPLES);
    CHECK_EQ(path_of("'preset':'accumulate-subsample',", ""), OURO_PATH_SAMPLES);
}

/* Around 10 as around 0, down to scales of 1e-150: locations are kept relative to an origin that follows the model. */
TEST(law_fitted_laplace_deep_collapse) {
    static const char *const configs[][2] = {
#define AROUND(where, path, memory)                                                                                    \
    CONFIG("laplace", "'location':" where, "location", "'synthetic':{'points':5}" memory, path)
        {AROUND("0", "statistics", ""), AROUND("10", "statistics", "")},
        {AROUND("0", "samples", ",'memory':{'synthetic':3}"), AROUND("10", "samples", ",'memory':{'synthetic':3}")},
    };
    for (int i = 0; i < 2; i++) {
        ouro_study s[2];
        ouro_replicate r[2];
        ouro_error e = {0};
        for (int k = 0; k < 2; k++) {
            REQUIRE(setup_load(&s[k], configs[i][k]) == OURO_OK);
            REQUIRE(ouro_replicate_init(&r[k], &s[k].experiment[0], &e) == OURO_OK);
            ouro_replicate_begin(&r[k], 0);
        }
        for (uint32_t t = 0; t < 100000 && !(r[0].theta[1] < log(1e-150)); t++) {
            for (int k = 0; k < 2; k++) REQUIRE(ouro_replicate_step(&r[k], &e) == OURO_OK);
            CHECK_CLOSE(r[1].theta[1], r[0].theta[1], 0, 1e-9);
            CHECK_CLOSE(r[1].theta[0] - 10, r[0].theta[0], 0, 64 * 0x1p-53 * 10);
        }
        CHECK(r[0].theta[1] < log(1e-150));
        for (int k = 0; k < 2; k++) {
            ouro_replicate_free(&r[k]);
            ouro_study_free(&s[k]);
        }
    }
    law_run r = law_run_json(DEEP("laplace", "'location':3", "location", "", "4000"));
    check_no_nan(&r);
    CHECK(law_at(&r, "log_variance", 4000).quantile[4] < -1400);
    law_run_free(&r);
}
