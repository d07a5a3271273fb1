/* law_scores.c: what a loop believes about itself. Under replace with maximum likelihood a normal's in-sample score is its
 * entropy, which falls by -m/2 per generation, m = psi((n - 1) / 2) + log(2 / n), while the real one has the entropy of
 * the truth plus KL(N_0 || N_t) (derived from Cochran's theorem; the same divergence with the mean over chi-squared
 * factors, h = n / (n - 3) being that of 1 / (chi^2_{n-1} / n)). */
#include "harness.h"
#include "law.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static law_run run(const char *setting, const char *policy, const char *rest) {
    char json[1600];
    snprintf(json, sizeof json, "{'name':'l',%s,'policy':{%s},%s}", setting, policy, rest);
    return law_run_json(json);
}

static double normal_entropy(double sd) { return 0.5 * (1 + log(2 * M_PI)) + log(sd); }
static double log_fall(double n) { return gsl_sf_psi((n - 1) / 2) + log(2 / n); }

/* E KL(N_0 || N_t) = [h^t + (h / n)(h^t - 1) / (h - 1) - 1 + t m] / 2 */
static double kl_real(double n, double t) {
    const double h = n / (n - 3);
    return 0.5 * (pow(h, t) + h / n * (pow(h, t) - 1) / (h - 1) - 1 + t * log_fall(n));
}

/* The self-score improves for ever, the real one gets worse, on both paths. */
TEST(law_scores_gaussian_replace) {
    static const char *const paths[] = {"statistics", "samples"};
    for (int p = 0; p < 2; p++) {
        char rest[256];
        snprintf(rest, sizeof rest,
                 "'run':{'generations':30,'replicates':%d,'seed':5,'path':'%s'},'observe':{'measures':['scores'],"
                 "'generations':[1,2,10,30]}",
                 p ? 3000 : 20000, paths[p]);
        law_run r = run("'truth':{'family':'gaussian','mean':7,'sd':3},'model':{'family':'gaussian'}",
                        "'synthetic':{'points':40}", rest);
        for (unsigned t = 1; t <= 30; t = t == 1 ? 2 : t == 2 ? 10 : t + 20) {
            const double self = normal_entropy(3) + 0.5 * t * log_fall(40), real = normal_entropy(3) + kl_real(40, t);
            CHECK_LAW(law_z(&r, "nll_self", t, self));
            CHECK_LAW(law_z(&r, "nll_own", t, self));
            if (t <= 10) CHECK_LAW(law_z(&r, "nll_real", t, real)); /* by 30 the mean hangs on the last replicates */
            if (t <= 10) CHECK_LAW(law_z(&r, "gap", t, real - self));
        }
        law_run_free(&r);
    }
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A column's quantile over replicates. */
static double quantile(const law_run *r, const char *column, uint32_t t, double q) {
    const size_t n = r->results.replicates, i = law_column(r, column), g = law_generation(r, t);
    double *x = malloc(n * sizeof *x), value = NAN;
    if (x != NULL && i != SIZE_MAX && g != SIZE_MAX) {
        for (size_t k = 0; k < n; k++) x[k] = ouro_results_row(&r->results, k, g)[i];
        qsort(x, n, sizeof *x, ascending);
        value = x[(size_t)(q * (double)n)];
    }
    free(x);
    return value;
}

/* What independent simulations of the same loop gave: 1.4189 - .01009 t, and quantiles of the real score with a few per cent
 * of sampling error of their own. */
TEST(law_scores_gaussian_at_length) {
    static const struct {
        unsigned t;
        double self, median, high; /* mean; median and 90th percentile */
    } cases[] = {{1, 1.409, 1.426, 1.44},
                 {10, 1.320, 1.500, 1.73},
                 {50, .919, 2.221, 6.0},
                 {100, .409, 5.31, 30.5},
                 {200, -.603, 41.3, 538}};
    law_run r = run("'truth':{'family':'gaussian'},'model':{'family':'gaussian'}", "'synthetic':{'points':100}",
                    "'run':{'generations':200,'replicates':20000,'seed':6},'observe':{'measures':['scores'],"
                    "'generations':[1,10,50,100,200]}");
    for (int k = 0; k < 5; k++) {
        const unsigned t = cases[k].t;
        const double self = normal_entropy(1) + 0.5 * t * log_fall(100);
        CHECK_LAW(law_z(&r, "nll_self", t, self));
        CHECK_CLOSE(self, cases[k].self, 0, 0.005);
        CHECK_CLOSE(log(quantile(&r, "nll_real", t, 0.5)), log(cases[k].median), 0, 0.03);
        CHECK_CLOSE(log(quantile(&r, "nll_real", t, 0.9)), log(cases[k].high), 0, 0.08);
    }
    law_run_free(&r);
}

/* With real points alone every fit is a first one: fresh against training points E gap = ((n + 1) / (n - 3) - 1) / 2 = 2 /
 * (n - 3), p / n for p = 2 to first order (Akaike 1973), and the anchors are the training points. */
TEST(law_scores_optimism_of_anchors) {
    law_run r = run("'truth':{'family':'gaussian','mean':-3,'sd':0.5},'model':{'family':'gaussian'}",
                    "'preset':'fresh','initial':20,'synthetic':{'points':0},'anchor':{'points':12}",
                    "'run':{'generations':3,'replicates':40000,'seed':7},'observe':{'measures':['scores']}");
    CHECK_LAW(law_z(&r, "gap", 1, 2 / 17.0));
    for (unsigned t = 2; t <= 3; t++) {
        CHECK_LAW(law_z(&r, "gap", t, 2 / 9.0));
        CHECK_LAW(law_z(&r, "optimism_anchor", t, 2 / 9.0));
    }
    CHECK_EQ(law_at(&r, "optimism_anchor", 1).n, 0);
    law_run_free(&r);
}

/* An exponential truth of mean 1 has E_0[-log p_m] = log m + 1 / m, and anchors of mean a score log m + a / m: the optimism
 * is (1 - a) / m. Under weights m = w a + (1 - w) c u with c the first fit, of n points, and c u the mean of n of its own.
 * By quadrature over the three gamma laws, since k a, n c and n u are gamma variates of shape k, n, n. */
static double optimism_by_quadrature(double n, double k, double w) {
    enum { STEPS = 240 };
    double sum = 0, mass = 0;
    for (int i = 0; i < STEPS; i++)
        for (int j = 0; j < STEPS; j++)
            for (int l = 0; l < STEPS; l++) {
                const double c = 8.0 * (i + 0.5) / STEPS, a = 8.0 * (j + 0.5) / STEPS, u = 8.0 * (l + 0.5) / STEPS;
                const double density = exp((n - 1) * log(c) - n * (c - 1) + (k - 1) * log(a) - k * (a - 1) +
                                           (n - 1) * log(u) - n * (u - 1));
                sum += density * (1 - a) / (w * a + (1 - w) * c * u);
                mass += density;
            }
    return sum / mass;
}

TEST(law_scores_weighted_anchors) {
    law_run r = run("'truth':{'family':'exponential','mean':4},'model':{'family':'exponential'}",
                    "'preset':'weighted','initial':6,'synthetic':{'points':6},'anchor':{'points':3},"
                    "'weights':{'real_share':0.7}",
                    "'run':{'generations':2,'replicates':100000,'seed':8},'observe':{'measures':['scores']}");
    CHECK_LAW(law_z(&r, "optimism_anchor", 2, optimism_by_quadrature(6, 3, 0.7)));
    CHECK_LAW(law_z(&r, "nll_self", 1, log(4) + 1 + gsl_sf_psi(6) - log(6)));
    law_run_free(&r);
}

/* n of N observations drawn, the rest held out: with m the mean of those drawn and S the sum of all, an exponential model
 * scores log m + (S - n m) / ((N - n) m), replicate by replicate, as anchors use the reserve up. */
TEST(law_scores_held_out_observations) {
    static const char *const paths[] = {"statistics", "samples"};
    for (int p = 0; p < 2; p++) {
        char rest[256];
        snprintf(
            rest, sizeof rest,
            "'run':{'generations':3,'replicates':40,'seed':9,'path':'%s'},'observe':{'measures':['nll_real','mean',"
            "'gap']}",
            paths[p]);
        law_run r = run("'truth':{'data':'../configs/data/faithful.csv','columns':['waiting'],'reserve':0.25},"
                        "'model':{'family':'exponential'}",
                        "'initial':150,'synthetic':{'points':0},'memory':{'real':'all'},'anchor':{'points':30}", rest);
        const double N = 272, sum = N * r.study.experiment[0].truth.moments.mean[0];
        for (size_t i = 0; i < 40; i++)
            for (size_t g = 0; g < 3; g++) {
                const double *row = ouro_results_row(&r.results, i, g), n = 150 + 30.0 * (double)g, m = row[1],
                             real = log(m) + (sum - n * m) / ((N - n) * m);
                CHECK_CLOSE(row[0], real, 1e-12, 0);
                CHECK_CLOSE(row[2], real - log(m) - 1, 0, 1e-12);
            }
        law_run_free(&r);
    }
}

/* Without a reserve the score is over all observations, from the first fit on, when it is the score of the fit itself. */
TEST(law_scores_of_all_observations) {
    law_run r =
        run("'truth':{'data':'../configs/data/faithful.csv','columns':['waiting']},"
            "'model':{'family':'exponential'}",
            "'synthetic':{'points':20}",
            "'run':{'generations':3,'replicates':40,'seed':9},'observe':{'measures':['nll_real','mean','gap']}");
    const double truth = r.study.experiment[0].truth.moments.mean[0];
    for (size_t i = 0; i < 40; i++)
        for (size_t g = 0; g < 3; g++) {
            const double *row = ouro_results_row(&r.results, i, g);
            CHECK_CLOSE(row[0], log(row[1]) + truth / row[1], 1e-12, 0);
            CHECK_CLOSE(row[2], truth / row[1] - 1, 0, 1e-12);
        }
    law_run_free(&r);
}

/* By nodes. Under a normal only the truth's first two moments count: of a Laplace law 0 and 2; and a truth of infinite
 * variance has no finite score. */
TEST(law_scores_between_families) {
    law_run r = run("'truth':{'family':'laplace'},'model':{'family':'gaussian'}", "'synthetic':{'points':50}",
                    "'run':{'generations':2,'replicates':40,'seed':10},'observe':{'measures':['nll_real','mean',"
                    "'entropy']}");
    for (size_t i = 0; i < 40; i++)
        for (size_t g = 0; g < 2; g++) {
            const double *row = ouro_results_row(&r.results, i, g), log_sd = row[2] - normal_entropy(1),
                         square = 2 + row[1] * row[1];
            CHECK_CLOSE(row[0], 0.5 * log(2 * M_PI) + log_sd + 0.5 * square * exp(-2 * log_sd), 1e-9, 0);
        }
    law_run_free(&r);
    r = run("'truth':{'family':'pareto','shape':1.5},'model':{'family':'gaussian'}", "'synthetic':{'points':50}",
            "'run':{'generations':1,'replicates':4,'seed':10},'observe':{'measures':['nll_real','gap']}");
    CHECK_EQ(ouro_results_row(&r.results, 3, 0)[0], INFINITY);
    CHECK_EQ(ouro_results_row(&r.results, 3, 0)[1], INFINITY);
    law_run_free(&r);
    for (int k = 0; k < 2; k++) { /* a power law of finite variance: a / (a - 1) and a / (a - 2), far out in the tail */
        const double a = k ? 4 : 2.5;
        char truth[128];
        snprintf(truth, sizeof truth, "'truth':{'family':'pareto','shape':%g},'model':{'family':'gaussian'}", a);
        r = run(
            truth, "'synthetic':{'points':50}",
            "'run':{'generations':1,'replicates':9,'seed':13},'observe':{'measures':['nll_real','mean','entropy']}");
        for (size_t i = 0; i < 9; i++) {
            const double *row = ouro_results_row(&r.results, i, 0), log_sd = row[2] - normal_entropy(1),
                         square = a / (a - 2) - 2 * row[1] * a / (a - 1) + row[1] * row[1];
            CHECK_CLOSE(row[0], 0.5 * log(2 * M_PI) + log_sd + 0.5 * square * exp(-2 * log_sd), 1e-9, 0);
        }
        law_run_free(&r);
    }
    r = run("'truth':{'family':'gmm','means':[[-2,0],[3,1]],'weights':[0.25,0.75],'sds':[[1,0.5],[0.5,2]]},"
            "'model':{'family':'mvgaussian'}",
            "'synthetic':{'points':50}",
            "'run':{'generations':2,'replicates':40,'seed':11},'observe':{'measures':['nll_real','nll_self',"
            "'kl_truth_model','entropy']}");
    for (size_t i = 0; i < 40; i++) { /* nll_real - KL is the entropy of the truth, whatever the model */
        const double *a = ouro_results_row(&r.results, i, 0), *b = ouro_results_row(&r.results, i, 1),
                     *c = ouro_results_row(&r.results, 0, 0);
        CHECK_CLOSE(a[0] - a[2], c[0] - c[2], 1e-8, 0);
        CHECK_CLOSE(b[0] - b[2], c[0] - c[2], 1e-7, 0);
    }
    law_run_free(&r);
}

/* A census of categories: with every category's share known the score is sum p_i log(1 / q_i), its exponential the
 * perplexity; E nll_self falls with the entropy, by (K - 1) / (2 n) at the first fit (Miller 1955; next term Harris 1975). */
TEST(law_scores_categorical) {
    law_run r =
        run("'truth':{'family':'categorical','probabilities':[0.5,0.3,0.2]},'model':{'family':'categorical'}",
            "'synthetic':{'points':2000}",
            "'run':{'generations':1,'replicates':20000,'seed':12},'observe':{'measures':['scores','kl_truth_model'"
            "]}");
    const double H = -0.5 * log(0.5) - 0.3 * log(0.3) - 0.2 * log(0.2);

    CHECK_LAW(law_z(&r, "nll_self", 1, H - 2 / 4000.0 + (1 - 1 / 0.5 - 1 / 0.3 - 1 / 0.2) / (12 * 4e6)));
    for (size_t i = 0; i < 40; i++) {
        const double *row = ouro_results_row(&r.results, i, 0);
        const double kl = row[law_column(&r, "kl_truth_model")], real = row[law_column(&r, "nll_real")];
        CHECK_CLOSE(real, H + kl, 1e-12, 0);
        CHECK_CLOSE(row[law_column(&r, "perplexity_real")], exp(real), 1e-12, 0);
    }
    law_run_free(&r);
}
