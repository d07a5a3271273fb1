/* law_anchors.c: real points that are injected: cadence, one set used again and again, how few are enough, and where the
 * loop then lives, by closed forms (E: exact for every n) and by an exact chain of counts. */
#include "harness.h"
#include "law.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"statistics", "samples"};

static law_run run(const char *truth, const char *model, const char *policy, unsigned t, int replicates,
                   const char *path) {
    char json[800];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{%s},'model':{%s},'policy':%s,'run':{'generations':%u,'replicates':%d,"
             "'seed':20261120,'path':'%s'},'observe':{'measures':['moments','absorbed'],'generations':[%u,%u]}}",
             truth, model, policy, t, replicates, path, t - 1, t);
    return law_run_json(json);
}

static void check(const law_run *r, const char *column, unsigned t, double expected, const char *what) {
    CHECK(law_holds(law_z(r, column, t, expected), what));
    CHECK_CLOSE(law_at(r, column, t).theory, expected, 1e-9, 0);
}

static const struct family {
    const char *truth, *model;
    double v2; /* of V(m); -1 for what conserves the second moment */
} families[] = {{"'family':'gaussian','mean':5", "'family':'gaussian'", -1},
                {"'family':'bernoulli','p':0.4", "'family':'bernoulli'", -1},
                {"'family':'categorical','categories':3", "'family':'categorical'", -1},
                {"'family':'poisson','mean':2", "'family':'poisson'", 0},
                {"'family':'gamma','mean':2,'shape':2", "'family':'gamma'", 0.5}};

/* m synthetic points in every generation and k new real ones in every c-th. From one injection to the next D grows by
 * r = 1 + v2/m: D -> r D + 1/m; at one, of N = m + k points, a = k/N, by R = (1-a)^2 + (1-a) v2/N: D -> R D + 1/N. Here the
 * fits just after, t = 2 + 4 i, and just before the next. E variance = 1 + v2 D. */
TEST(law_anchors_cadence) {
    enum { M = 20, K = 6, C = 4, LAST = 2 + C * 6, LIMIT = 2 + C * 100 };
    static const char *const policy = "{'preset':'fresh','synthetic':{'points':20},'anchor':{'points':6,'every':4}}";
    const double N = M + K, a = K / N;
    char json[500];
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
        const double v2 = families[f].v2, r = 1 + v2 / M, R = (1 - a) * (1 - a) + (1 - a) * v2 / N;
        double D[2] = {0, 1.0 / M}, g = 0; /* just before, just after */
        for (int t = 2; t <= LAST; t++) {
            D[0] = D[1];
            D[1] = (t - 2) % C ? r * D[1] + 1.0 / M : R * D[1] + 1 / N;
        }
        for (int path = 0; path < 2; path++) {
            law_run some = run(families[f].truth, families[f].model, policy, LAST, path ? 6000 : 20000, paths[path]);
            for (int i = 0; i < 2; i++) {
                check(&some, "drift_sq", LAST - 1 + (unsigned)i, D[i], families[f].truth);
                check(&some, "variance_ratio", LAST - 1 + (unsigned)i, 1 + v2 * D[i], families[f].truth);
            }
            law_run_free(&some);
        }
        /* the limit: D = (R g + 1/N) / (1 - R r^(c-1)) just after, r^(c-1) D + g just before, g what c - 1 fits add */
        for (int i = 0; i < C - 1; i++) g = r * g + 1.0 / M;
        const double after = (R * g + 1 / N) / (1 - R * pow(r, C - 1));
        snprintf(json, sizeof json, "{'name':'l','truth':{%s},'model':{%s},'policy':%s,'run':{'generations':%d}}",
                 families[f].truth, families[f].model, policy, LIMIT);
        CHECK_CLOSE(law_predicts(json, "drift_sq", LIMIT), after, 1e-12, 0);
        CHECK_CLOSE(law_predicts(json, "drift_sq", LIMIT - 1), pow(r, C - 1) * after + g, 1e-12, 0);
    }
}

/* One fixed set of k among n points: given the set, the mean wanders around the set's own with
 * C = (1-a)(1-1/k)/n / [1 - (1-a)^2 + (1-a)/n], and the set's own is off by 1/k. */
TEST(law_anchors_fixed_set) {
    const double n = 30, k = 5, a = k / n, C = (1 - a) * (1 - 1 / k) / n / (1 - (1 - a) * (1 - a) + (1 - a) / n);
    for (size_t f = 0; f < 3; f++)
        for (int path = 0; path < 2; path++) {
            law_run r = run(families[f].truth, families[f].model,
                            "{'preset':'fresh','initial':30,'synthetic':{'points':25},'anchor':{'points':5,"
                            "'source':'fixed'}}",
                            140, path ? 4000 : 10000, paths[path]);
            check(&r, "drift_sq", 140, 1 / k + C, families[f].truth);
            check(&r, "variance_ratio", 140, 1 - 1 / k - C, families[f].truth);
            law_run_free(&r);
        }
}

/* A fixed set of one point: total collapse onto it, which for a bernoulli is 1 with probability p. */
TEST(law_anchors_one_fixed_point_absorbs) {
    for (int path = 0; path < 2; path++) {
        law_run r = run(families[1].truth, families[1].model,
                        "{'preset':'fresh','initial':20,'synthetic':{'points':19},'anchor':{'source':'fixed'}}", 1500,
                        path ? 500 : 4000, paths[path]);
        CHECK_EQ(law_at(&r, "absorbed", 1500).mean, 1);
        CHECK_LAW(law_z(&r, "mean", 1500, 0.4));
        CHECK_CLOSE(law_at(&r, "variance_ratio", 1500).mean, 0, 0, 0);
        law_run_free(&r);
    }
}

/* N fixed real rows beside n synthetic ones (Seddik et al. 2024, partially synthetic): the distance from the fit on the real
 * rows settles at b^2 V / n / (1 - b^2 (1 - 1/n)), b = n / (N + n), V the variance of that fit; it saturates in n. */
TEST(law_anchors_fixed_real_rows) {
    static const int sizes[] = {10, 100, 1000, 10000};
    double expected[4];
    char policy[128];
    for (int i = 0; i < 4; i++) {
        const double N = 100, n = sizes[i], b = n / (N + n), V = 1 - 1 / N;
        expected[i] = b * b * V / n / (1 - b * b * (1 - 1 / n));
        snprintf(policy, sizeof policy, "{'preset':'augment','initial':100,'synthetic':{'points':%d}}", sizes[i]);
        law_run r = run("'family':'categorical','categories':10", "'family':'categorical'", policy, i == 3 ? 1200 : 200,
                        i == 3 ? 1000 : 4000, "statistics");
        check(&r, "drift_sq", i == 3 ? 1200 : 200, 1 / N + expected[i], policy);
        law_run_free(&r);
    }
    CHECK(expected[3] < 1.06 * expected[2] && expected[2] > 1.3 * expected[1]);
}

/* Unbiased pooled fits of N = m + k points: D' = (1-a)^2 D + [a + (1-a) e] / N, e' = [a + (1-a)(e + D) - D'] N/(N-1), and without
 * an injection a = 0, N = m. */
typedef struct moments {
    double D, e;
} moments;

static moments unbiased(moments x, double m, double k) {
    const double N = m + k, a = k / N, D = (1 - a) * (1 - a) * x.D + (a + (1 - a) * x.e) / N;
    return (moments){D, (a + (1 - a) * (x.e + x.D) - D) * N / (N - 1)};
}

static moments unbiased_until(unsigned t, double m, double k, unsigned every) {
    moments x = {1 / (m + k), 1};
    for (unsigned s = 2; s <= t; s++) x = unbiased(x, m, (s - 2) % every ? 0 : k);
    return x;
}

#define UNBIASED "'family':'gaussian','estimator':'unbiased'"

/* For large n, E variance of unbiased fits settles at 2 kappa / (2 kappa - 1), kappa = k/c points per generation, and diverges for
 * kappa < 1/2, although every single run stays finite; under mle it never does. */
TEST(law_anchors_unbiased_needs_half_a_point) {
    static const char *const often = "{'preset':'fresh','initial':100,'synthetic':{'points':96},'anchor':{'points':4}}";
    static const char *const thrifty =
        "{'preset':'fresh','initial':41,'synthetic':{'points':40},'anchor':{'points':1,'every':3}}";
    static const char *const enough =
        "{'preset':'fresh','initial':42,'synthetic':{'points':40},'anchor':{'points':2,'every':3}}";
    char json[500];
    for (int path = 0; path < 2; path++) {
        const moments x = unbiased_until(200, 96, 4, 1), y = unbiased_until(12, 40, 1, 3);
        law_run r = run("'family':'gaussian'", UNBIASED, often, 200, path ? 3000 : 20000, paths[path]);
        check(&r, "drift_sq", 200, x.D, often);
        check(&r, "variance_ratio", 200, x.e, often);
        CHECK_CLOSE(x.e, 8 / 7.0, 0.02, 0);
        law_run_free(&r);
        r = run("'family':'gaussian'", UNBIASED, thrifty, 12, path ? 6000 : 40000, paths[path]);
        check(&r, "drift_sq", 12, y.D, thrifty);
        check(&r, "variance_ratio", 12, y.e, thrifty);
        law_run_free(&r);
    }
    static const struct {
        const char *policy, *model;
        double k;
        int diverges;
    } lines[] = {{thrifty, UNBIASED, 1, 1}, {enough, UNBIASED, 2, 0}, {thrifty, "'family':'gaussian'", 1, 0}};
    for (int i = 0; i < 3; i++) {
        double late[2];
        for (int j = 0; j < 2; j++) {
            const unsigned t = j ? 24000 : 12000;
            snprintf(json, sizeof json,
                     "{'name':'l','truth':{'family':'gaussian'},'model':{%s},'policy':%s,'run':{'generations':%u}}",
                     lines[i].model, lines[i].policy, t);
            late[j] = law_predicts(json, "variance_ratio", t);
            if (i < 2) CHECK_CLOSE(late[j], unbiased_until(t, 40, lines[i].k, 3).e, 1e-9, 0);
        }
        if (lines[i].diverges)
            CHECK(late[0] > 100 && late[1] > 1e4 * late[0]);
        else
            CHECK_CLOSE(late[1], late[0], 1e-9, 0);
        if (i == 1) CHECK_CLOSE(late[1], 4.0, 0.1, 0);
    }
    law_run r = run("'family':'gaussian'", UNBIASED, thrifty, 3000, 400, "statistics");
    CHECK(law_at(&r, "variance_ratio", 3000).quantile[2] < 1);
    law_run_free(&r);
}

/* Where the loop lives, as n grows (diffusion limit, the gap is O(1/n)): one new point per generation, 1/sigma^2 ~
 * Gamma(k + 3/2, rate k), mu ~ t_(2k+3) / sqrt(2k+3). */
TEST(law_anchors_stationary_gaussian) {
    static const double shares[] = {0.1, 0.25, 0.5, 0.75, 0.9};
    enum { T = 3000, R = 3000 };
    law_run r = run("'family':'gaussian','mean':0", "'family':'gaussian'",
                    "{'preset':'fresh','initial':1000,'synthetic':{'points':999}}", T, R, "statistics");
    for (int i = 0; i < 5; i++) {
        const double precision = gsl_cdf_gamma_Qinv(shares[i], 2.5, 1);
        CHECK_LAW(law_z_below(&r, "log_variance", T, -log(precision), shares[i]));
    }
    CHECK_CLOSE(1 / gsl_cdf_gamma_Qinv(0.5, 2.5, 1), 0.4596, 0, 5e-5);
    CHECK_LAW(law_z(&r, "log_variance", T, -gsl_sf_psi(2.5)));
    for (int i = 0; i < 5; i++)
        CHECK_LAW(law_z_below(&r, "mean", T, gsl_cdf_tdist_Pinv(shares[i], 5) / sqrt(5), shares[i]));
    law_run_free(&r);
}

/* Two states with k new points per generation: Beta(2 k p, 2 k q). */
TEST(law_anchors_stationary_bernoulli) {
    static const double at[] = {0.1, 0.3, 0.5, 0.7, 0.9};
    enum { T = 2500 };
    law_run r = run("'family':'bernoulli','p':0.4", "'family':'bernoulli'",
                    "{'preset':'fresh','initial':2000,'synthetic':{'points':1998},'anchor':{'points':2}}", T, 3000,
                    "statistics");
    for (int i = 0; i < 5; i++) CHECK_LAW(law_z_below(&r, "mean", T, at[i], gsl_cdf_beta_P(at[i], 4 * 0.4, 4 * 0.6)));
    law_run_free(&r);
}

/* The same loop of 15 points, exactly: j ones of 15 lead to Binomial(13, j/15) + Binomial(2, p). */
TEST(law_anchors_exact_chain_of_counts) {
    enum { N = 15, K = 2, T = 12 };
    const double p = 0.15;
    double law[N + 1], next[N + 1];
    for (unsigned j = 0; j <= N; j++) law[j] = gsl_ran_binomial_pdf(j, p, N);
    for (int t = 2; t <= T; t++) {
        for (unsigned i = 0; i <= N; i++) {
            next[i] = 0;
            for (unsigned j = 0; j <= N; j++)
                for (unsigned k = 0; k <= K && k <= i; k++)
                    next[i] +=
                        law[j] * gsl_ran_binomial_pdf(k, p, K) * gsl_ran_binomial_pdf(i - k, (double)j / N, N - K);
        }
        for (unsigned i = 0; i <= N; i++) law[i] = next[i];
    }
    for (int path = 0; path < 2; path++) {
        double below = 0;
        law_run r = run("'family':'bernoulli','p':0.15", "'family':'bernoulli'",
                        "{'preset':'fresh','initial':15,'synthetic':{'points':13},'anchor':{'points':2}}", T,
                        path ? 10000 : 40000, paths[path]);
        for (unsigned j = 0; j < 8; j++) {
            below += law[j];
            CHECK_LAW(law_z_below(&r, "mean", T, (j + 0.5) / N, below));
        }
        law_run_free(&r);
    }
}
