/* law_schedules.c: policies that change with time, temper what they draw, or lose the labels. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const paths[] = {"auto", "samples"};

static law_run run(const char *what, const char *policy, const char *rest, int path) {
    char json[1024];
    snprintf(json, sizeof json, "{'name':'l',%s,'policy':%s,'run':{%s,'seed':91,'path':'%s'},%s}", what, policy,
             path ? "'generations':20,'replicates':4000" : "'generations':20,'replicates':40000", paths[path], rest);
    return law_run_json(json);
}

#define GAUSSIAN "'truth':{'family':'gaussian','mean':0.4,'sd':1.7},'model':{'family':'gaussian'}"
#define MOMENTS "'observe':{'measures':['moments'],'generations':[1,2,20]}"

/* Fully synthetic loop of Alemohammad et al.: E sigma_t^2 = (lambda (n - 1) / c)^t from the first synthetic fit on, and a sum of
 * logarithms. lambda = .9, n = 50, unbiased: over 20 synthetic fits .121577 and -2.51815; here there are 19. */
TEST(law_schedules_temperature) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("'truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'}",
                        "{'synthetic':{'points':50,'temperature':0.9}}", MOMENTS, path);
        CHECK_LAW(law_z(&r, "variance_ratio", 1, 1));
        CHECK_LAW(law_z(&r, "variance_ratio", 2, 0.9));
        CHECK_LAW(law_z(&r, "variance_ratio", 20, pow(0.9, 19)));
        CHECK_CLOSE(law_at(&r, "variance_ratio", 20).theory, pow(0.9, 19), 1e-12, 0);
        CHECK_LAW(law_z(&r, "log_variance", 20, -2.51815 - log(0.9)));
        CHECK_LAW(law_at(&r, "log_variance", 20).z);
        CHECK_LAW(law_at(&r, "drift_sq", 20).z);
        law_run_free(&r);
    }
}

/* Fresh-data loop: N = 100, half of them fresh, lambda = .5: D = .00886918, e = .660754 at the fixed point. */
TEST(law_schedules_temperature_with_fresh_points) {
    for (int path = 0; path < 2; path++) {
        law_run r =
            run(GAUSSIAN,
                "{'preset':'fresh','initial':100,'synthetic':{'points':50,'temperature':0.5},'anchor':{'points':50}}",
                MOMENTS, path);
        CHECK_LAW(law_z(&r, "drift_sq", 20, 0.00886918));
        CHECK_LAW(law_z(&r, "variance_ratio", 20, 0.660754));
        CHECK_CLOSE(law_at(&r, "drift_sq", 20).theory, 0.00886918, 1e-6, 0);
        CHECK_CLOSE(law_at(&r, "variance_ratio", 20).theory, 0.660754, 1e-6, 0);
        law_run_free(&r);
    }
}

/* The same from few fresh points, and with as much as a fit of both moments can show: the fixed point of
 * D = (1-a)^2 D + [a + (1-a) lambda e] / N, e = a + (1-a)(lambda e + D) - D. */
TEST(law_schedules_temperature_fixed_point) {
    static const double at[][4] = {{10, 90, 0.8, 0.350519}, {50, 50, 0.5, 0.660754}, {20, 20, 1.3, NAN}};
    for (int i = 0; i < 3; i++) {
        const double N = at[i][0] + at[i][1], a = at[i][0] / N, lambda = at[i][2];
        const double p = 1 - (1 - a) * (1 - a), q = -(1 - a) * lambda / N, s = 1 - (1 - a) * lambda;
        const double det = p * s - q * a, D = (a / N * s - q * a) / det, e = (p * a - a * a / N) / det;
        char policy[200];
        snprintf(policy, sizeof policy,
                 "{'preset':'fresh','initial':%g,'synthetic':{'points':%g,'temperature':%g},'anchor':{'points':%g}}", N,
                 at[i][1], lambda, at[i][0]);
        if (!isnan(at[i][3])) CHECK_CLOSE(e, at[i][3], 0, 5e-7);
        for (int path = 0; path < 2; path++) {
            char json[700];
            snprintf(json, sizeof json,
                     "{'name':'l'," GAUSSIAN ",'policy':%s,'run':{'generations':160,'replicates':%d,'seed':92,"
                     "'path':'%s'},'observe':{'measures':['moments'],'generations':[160]}}",
                     policy, path ? 2000 : 8000, paths[path]);
            law_run r = law_run_json(json);
            CHECK(law_holds(law_z(&r, "drift_sq", 160, D), policy));
            CHECK(law_holds(law_z(&r, "variance_ratio", 160, e), policy));
            CHECK_CLOSE(law_at(&r, "drift_sq", 160).theory, D, 1e-9, 0);
            CHECK_CLOSE(law_at(&r, "variance_ratio", 160).theory, e, 1e-9, 0);
            law_run_free(&r);
        }
    }
}

/* Two states at temperature tau, a share a of the weight on real points of a fair truth: the odds go to the power 1/tau, and the
 * states stay mixed iff a > 1 - tau, the slope (1 - a)/tau at 1/2 (Marchi et al. 2024). From a first fit on 7 points, which is
 * never even; below the threshold every run ends at the other root of x = (1 - a) f(x) + a/2, f(x) the tempered x. */
TEST(law_schedules_temperature_threshold) {
    static const double taus[] = {0.8, 0.8, 0.5, 0.5}, shares[] = {0.19, 0.21, 0.48, 0.52};
    char json[700];
    for (int i = 0; i < 4; i++) {
        double x = 1;
        for (int j = 0; j < 100000; j++) {
            const double up = pow(x, 1 / taus[i]), down = pow(1 - x, 1 / taus[i]);
            x = (1 - shares[i]) * up / (up + down) + shares[i] / 2;
        }
        CHECK((shares[i] > 1 - taus[i]) == (fabs(x - 0.5) < 1e-6));
        if (i == 0) CHECK_CLOSE(x, 0.628, 0, 5e-4);
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'bernoulli','p':0.5},'model':{'family':'bernoulli'},'policy':{"
                 "'initial':7,'synthetic':{'points':1000000000000,'temperature':%g},'anchor':{'points':1000000000000},"
                 "'weights':{'real_share':%g}},'run':{'generations':1500,'replicates':100,'seed':93},"
                 "'observe':{'measures':['mean'],'generations':[1,1500]}}",
                 taus[i], shares[i]);
        law_run r = law_run_json(json);
        for (size_t k = 0; r.ok && k < r.results.replicates; k++) {
            const double start = ouro_results_row(&r.results, k, 0)[0], end = ouro_results_row(&r.results, k, 1)[0];
            CHECK_CLOSE(start > 0.5 ? end : 1 - end, x, 0, 1e-3);
        }
        law_run_free(&r);
    }
}

/* In several dimensions the same factor; an exponential's mean, a laplace's scale and a bernoulli's odds have their own. */
TEST(law_schedules_temperature_of_other_families) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("'truth':{'family':'mvgaussian','sd':[1,3],'correlation':0.4},'model':{'family':'mvgaussian'}",
                        "{'synthetic':{'points':30,'temperature':1.2}}", MOMENTS, path);
        CHECK_LAW(law_z(&r, "variance_ratio", 2, 1.2 * 29 * 29 / 900.0));
        CHECK_LAW(law_at(&r, "log_variance", 20).z);
        law_run_free(&r);
        r = run("'truth':{'family':'exponential','mean':2},'model':{'family':'exponential'}",
                "{'synthetic':{'points':30,'temperature':0.8}}",
                "'observe':{'measures':['mean','log_variance'],'generations':[2,20]}", path);
        CHECK_LAW(law_z(&r, "mean", 2, 1.6));
        CHECK_LAW(law_at(&r, "log_variance", 20).z);
        CHECK(isnan(law_at(&r, "mean", 2).theory)); /* no martingale any more */
        law_run_free(&r);
        r = run("'truth':{'family':'laplace','scale':3},'model':{'family':'laplace'}",
                "{'synthetic':{'points':30,'temperature':0.8}}",
                "'observe':{'measures':['log_variance'],'generations':[2,20]}", path);
        CHECK_LAW(law_at(&r, "log_variance", 2).z);
        CHECK_LAW(law_at(&r, "log_variance", 20).z);
        law_run_free(&r);
    }
}

/* Two states at temperature .5: the odds of what is drawn are squared, so E p_2 is the mean of p^2 / (p^2 + (1-p)^2) over the
 * first fit, a sum over its binomial. */
TEST(law_schedules_temperature_of_odds) {
    double expected = 0, weight = pow(0.6, 10);
    for (int k = 0; k <= 10; k++) {
        const double p = k / 10.0;
        expected += weight * p * p / (p * p + (1 - p) * (1 - p));
        weight *= (10 - k) / (k + 1.0) * 0.4 / 0.6;
    }
    for (int path = 0; path < 2; path++) {
        law_run r = run("'truth':{'family':'bernoulli','p':0.4},'model':{'family':'bernoulli'}",
                        "{'synthetic':{'points':10,'temperature':0.5}}",
                        "'observe':{'measures':['mean'],'generations':[2]}", path);
        CHECK_LAW(law_z(&r, "mean", 2, expected));
        law_run_free(&r);
        r = run("'truth':{'family':'categorical','probabilities':[0.4,0.6]},'model':{'family':'categorical'}",
                "{'synthetic':{'points':10,'temperature':0.5}}",
                "'observe':{'measures':['heterozygosity'],'generations':[1,2]}", path);
        CHECK_LAW(law_z(&r, "heterozygosity", 1, 2 * 0.24 * 0.9));
        law_run_free(&r);
    }
}

/* Accumulating for ten generations, then replacing: prod (1 - 1/(n s^2)) and from there (1 - 1/n) each. */
TEST(law_schedules_replacement_drift) {
    double e = 1;
    for (int s = 1; s <= 10; s++) e *= 1 - 1 / (25.0 * s * s);
    for (int path = 0; path < 2; path++) {
        law_run r = run(GAUSSIAN, "{'preset':'accumulate','memory':{'until':10},'synthetic':{'points':25}}",
                        "'observe':{'measures':['moments'],'generations':[10,11,20]}", path);
        CHECK_LAW(law_z(&r, "variance_ratio", 10, e));
        CHECK_LAW(law_z(&r, "variance_ratio", 11, e * 0.96));
        CHECK_LAW(law_z(&r, "variance_ratio", 20, e * pow(0.96, 10)));
        CHECK_CLOSE(law_at(&r, "variance_ratio", 20).theory, e * pow(0.96, 10), 1e-12, 0);
        law_run_free(&r);
    }
}

/* The price of lost labels: n = m = 20, known variance: the golden share gives n D = .618034, the best share of every
 * generation as much in the limit and never more before, the pooled one .666667. */
TEST(law_schedules_labels) {
    static const char *const policies[][2] = {
        {"{'preset':'weighted','initial':20,'synthetic':{'points':20}}", ".618034"},
        {"{'preset':'weighted','initial':20,'synthetic':{'points':20},'weights':{'real_share':'optimal'}}", ".618034"},
        {"{'preset':'weighted','initial':20,'synthetic':{'points':20},'labels':'flattened'}", ".666667"},
        {"{'preset':'weighted','initial':20,'synthetic':{'points':20},'weights':{'real_share':0.5}}", ".666667"}};
    for (int i = 0; i < 4; i++)
        for (int path = 0; path < 2; path++) {
            law_run r = run("'truth':{'family':'poisson','mean':3},'model':{'family':'poisson'}", policies[i][0],
                            MOMENTS, path);
            CHECK_LAW(law_z(&r, "drift_sq", 20, atof(policies[i][1]) / 20));
            CHECK_CLOSE(law_at(&r, "drift_sq", 20).theory, atof(policies[i][1]) / 20, 2e-6, 0);
            law_run_free(&r);
        }
}

/* The best share of every generation from D_1 = 1/n, P = D + 1/m, w = P / (P + 1/n), D = w / n: after five updates .0309028. */
TEST(law_schedules_optimal_share_settles) {
    static const double at[] = {0.05, 1 / 30.0, 0.03125, 0.030952381, 0.030909091, 0.030902778};
    for (unsigned t = 1; t <= 6; t++)
        CHECK_CLOSE(
            law_predicts("{'name':'l','truth':{'family':'poisson'},'model':{'family':'poisson'},'policy':{'preset':"
                         "'weighted','initial':20,'synthetic':{'points':20},'weights':{'real_share':'optimal'}},"
                         "'run':{'generations':6}}",
                         "drift_sq", t),
            at[t - 1], 1e-7, 0);
}
