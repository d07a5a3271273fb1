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
