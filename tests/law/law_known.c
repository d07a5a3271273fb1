/* law_known.c: normal laws of which one parameter is known. With the sd known the mean is linear in everything that is
 * drawn, and its error D_t = Var mu_t / s0^2 follows a recursion of one number for every policy; with the mean known the
 * variance is multiplied by chi^2_n / n. */
#include "harness.h"
#include "law.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"auto", "samples"};

static law_run run(const char *model, const char *policy, const char *rest, int path) {
    char json[1024];
    snprintf(json, sizeof json,
             "{'name':'l','truth':{'family':'gaussian','mean':0.4,'sd':1.7},'model':{%s},'policy':{%s},'run':{%s,"
             "'replicates':%d,'seed':401,'path':'%s'},'observe':{'measures':['moments','divergences','entropy']}}",
             model, policy, rest, path ? 8000 : 40000, paths[path]);
    return law_run_json(json);
}

#define MEAN "'family':'gaussian-mean'"

/* The column and ouro's own law against D. */
static void check_drift(const law_run *r, uint32_t t, double D) {
    CHECK_LAW(law_z(r, "drift_sq", t, D));
    CHECK_CLOSE(law_at(r, "drift_sq", t).theory, D, 1e-9, 0);
}

/* D_t = t / n: a random walk, normal at every t, so that the distances are those of one normal from another of its
 * width: KL = d^2 / (2 s^2), and w2 = |d|, whose mean is sqrt(2 t / (pi n)) s. */
TEST(law_known_sd_walks_at_random) {
    for (int path = 0; path < 2; path++) {
        law_run r = run(MEAN, "'synthetic':{'points':20}", "'generations':12", path);
        for (uint32_t t = 1; t <= 12; t += t == 1 ? 1 : 10) {
            check_drift(&r, t, t / 20.0);
            CHECK_LAW(law_z(&r, "kl_truth_model", t, t / 40.0));
            CHECK_LAW(law_z(&r, "w2", t, 1.7 * sqrt(2 * t / (20 * M_PI))));
            CHECK_EQ(law_at(&r, "variance_ratio", t).mean, 1);
        }
        law_run_free(&r);
        /* twice the width is taken for known: the real points keep theirs, the synthetic ones have 4 s0^2 */
        r = run(MEAN ",'sd':3.4", "'synthetic':{'points':20}", "'generations':5", path);
        CHECK_LAW(law_z(&r, "drift_sq", 1, 1 / 20.0));
        CHECK_LAW(law_z(&r, "drift_sq", 5, (1 + 4 * 4) / 20.0));
        CHECK(isnan(law_at(&r, "drift_sq", 5).theory));
        CHECK_CLOSE(law_at(&r, "variance_ratio", 5).mean, 4, 1e-12, 0);
        law_run_free(&r);
    }
}

/* Accumulate: D = sum_s 1 / (n s^2); n0 real points and n synthetic ones each time: 1 / n0 + sum_s n / (n0 + s n)^2, which
 * is .0359346 for 50 and 10 after 40 generations. */
TEST(law_known_sd_accumulates) {
    for (int path = 0; path < 2; path++) {
        double D = 0;
        law_run r = run(MEAN, "'preset':'accumulate','synthetic':{'points':20}", "'generations':15", path);
        for (uint32_t t = 1; t <= 15; t++) {
            D += 1 / (20.0 * t * t);
            if (t == 1 || t == 2 || t == 15) check_drift(&r, t, D);
        }
        law_run_free(&r);
        r = run(MEAN, "'preset':'accumulate','initial':50,'synthetic':{'points':10}", "'generations':41", path);
        D = 1 / 50.0;
        for (uint32_t s = 1; s <= 40; s++) {
            D += 10 / pow(50 + 10.0 * s, 2);
            if (s == 1 || s == 40) check_drift(&r, s + 1, D);
        }
        CHECK_CLOSE(D, 0.0359346, 0, 5e-8);
        law_run_free(&r);
    }
}

/* Weight w on n fresh real points, 1 - w on m synthetic ones: D = [w^2 / n + (1 - w)^2 / m] / (w (2 - w)) in the end,
 * least at w = (sqrt(r^2 + 4 r) - r) / 2, r = n / m, the gain of a steady Kalman filter, where it is w / n: the golden
 * ratio for n = m. He, Xu and Cheng 2025; the minimum by hand. */
TEST(law_known_sd_weighted) {
    static const unsigned sizes[][2] = {{20, 20}, {10, 40}};
    char policy[256];
    for (int i = 0; i < 2; i++) {
        const double n = sizes[i][0], m = sizes[i][1], r = n / m, best = (sqrt(r * r + 4 * r) - r) / 2;
        double D[3];
        if (i == 0) CHECK_CLOSE(best, 0.61803399, 0, 5e-9);
        for (int k = 0; k < 3; k++)
            for (int path = 0; path < 2; path++) {
                const double w = best + 0.05 * (k - 1);
                snprintf(policy, sizeof policy,
                         "'preset':'weighted','initial':%g,'synthetic':{'points':%g},'anchor':{'points':%g},'weights':{"
                         "'real_share':%.17g}",
                         n, m, n, w);
                law_run l = run(MEAN, policy, "'generations':40", path);
                D[k] = (w * w / n + (1 - w) * (1 - w) / m) / (w * (2 - w));
                check_drift(&l, 40, D[k]);
                law_run_free(&l);
            }
        CHECK_CLOSE(D[1], best / n, 1e-12, 0);
        CHECK(D[0] > D[1] && D[2] > D[1]);
    }
}

/* The share that is best at each generation: P = D + 1/m, w = P / (P + 1/n), D = w / n from D_1 = 1/n, the Kalman filter
 * itself; .0309028 after 5 updates for n = m = 20. */
TEST(law_known_sd_weighted_best_at_each_time) {
    for (int path = 0; path < 2; path++) {
        double D = 1 / 20.0;
        law_run r =
            run(MEAN, "'preset':'weighted','initial':20,'synthetic':{'points':20},'weights':{'real_share':'optimal'}",
                "'generations':6", path);
        check_drift(&r, 1, D);
        for (uint32_t t = 2; t <= 6; t++) {
            const double P = D + 1 / 20.0;
            D = P / (P + 1 / 20.0) / 20;
            check_drift(&r, t, D);
        }
        CHECK_CLOSE(D, 0.0309028, 0, 5e-8);
        law_run_free(&r);
    }
}

/* a = k / n of every fit are fresh: D_t = (1 - a)^2 D_(t-1) + 1/n, which settles at (1/n) / (1 - (1 - a)^2). */
TEST(law_known_sd_fresh_points) {
    for (int path = 0; path < 2; path++) {
        double D = 1 / 20.0;
        law_run r = run(MEAN, "'preset':'fresh','initial':20,'synthetic':{'points':18},'anchor':{'points':2}",
                        "'generations':80", path);
        for (uint32_t t = 2; t <= 80; t++) {
            D = 0.81 * D + 1 / 20.0;
            if (t == 2 || t == 5 || t == 80) check_drift(&r, t, D);
        }
        CHECK_CLOSE(D, 1 / 20.0 / (1 - 0.81), 1e-6, 0);
        law_run_free(&r);
    }
}

/* E s_t^2 = s0^2 for ever, E log s_t^2 = log s0^2 + t (psi(n/2) + log(2/n)), Var = t psi'(n/2): the mean square is a
 * martingale, and every run dies out. Batches of different sizes are pooled about the mean that is known. */
TEST(law_known_mean) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("'family':'gaussian-variance'", "'synthetic':{'points':10}", "'generations':8", path);
        const double step = gsl_sf_psi(5) + log(2 / 10.0);
        for (uint32_t t = 1; t <= 8; t += 7) {
            CHECK_LAW(law_z(&r, "variance_ratio", t, 1));
            CHECK_LAW(law_z(&r, "log_variance", t, t * step));
            CHECK_LAW(law_z_variance(&r, "log_variance", t, t * gsl_sf_psi_1(5)));
            CHECK_CLOSE(law_at(&r, "log_variance", t).theory, t * step, 1e-12, 0);
            CHECK_CLOSE(law_at(&r, "entropy", t).theory, 0.5 * (1 + log(2 * M_PI)) + log(1.7) + t * step / 2, 1e-12, 0);
            CHECK_EQ(law_at(&r, "drift_sq", t).mean, 0);
        }
        law_run_free(&r);
        r = run("'family':'gaussian-variance'", "'preset':'accumulate','initial':30,'synthetic':{'points':10}",
                "'generations':2", path);
        /* s_2^2 = (30 s_1^2 + 10 s_1^2 c) / 40, c = chi^2_10 / 10 of variance 2/10, s_1^2 of variance 2/30 */
        const double V = (1 + 2 / 30.0) * (1 + 0.2 / 16) - 1;
        CHECK_LAW(law_z(&r, "variance_ratio", 2, 1));
        CHECK_LAW(law_z_variance(&r, "variance_ratio", 2, V));
        law_run_free(&r);
    }
}
