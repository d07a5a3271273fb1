/* law_regression.c: linear regression on isotropic covariates, d weights and n rows: a fit adds s^2 d / (n - d - 1) to
 * E |w - w_0|^2 (inverse Wishart), the fitted noise keeps (n - d) / n. And generalised linear models for large n, where
 * a fit's covariance is the inverse Fisher information over n. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"statistics", "samples"};

/* truth: what stands beside family and features, d = 5; the rest of a config */
static law_run regress(const char *truth, const char *model, const char *policy, int replicates, const char *path,
                       const char *generations) {
    char json[900];
    snprintf(
        json, sizeof json,
        "{'name':'law','truth':{'family':'linear-regression','features':5%s},'model':{'family':'linear-regression'%s},"
        "'policy':{%s},'run':{'generations':20,'replicates':%d,'seed':20261120,'path':'%s'},"
        "'observe':{'measures':['moments','regression'],'generations':[%s]}}",
        truth, model, policy, replicates, path, generations);
    return law_run_json(json);
}

/* One column against its exact mean, and ouro's own law against the same number. */
static void check(const law_run *r, const char *column, uint32_t t, double expected) {
    CHECK_LAW(law_z(r, column, t, expected));
    CHECK_CLOSE(law_at(r, column, t).theory, expected, 1e-12, 0);
}

TEST(law_regression_replace) {
    for (int path = 0; path < 2; path++)
        for (int fixed = 0; fixed < 2; fixed++) {
            law_run r = regress(fixed ? ",'design':'fixed'" : "", "", "'synthetic':{'points':25}", 8000, paths[path],
                                "1,10,20");
            check(&r, "test_error", 1, 5.0 / 19);
            check(&r, "test_error", 10, 50.0 / 19);
            check(&r, "drift_sq", 20, 100.0 / 19);
            CHECK_CLOSE(law_at(&r, "test_error", 1).theory, 0.263158, 0, 5e-7);
            CHECK_CLOSE(law_at(&r, "test_error", 10).theory, 2.63158, 0, 5e-6);
            CHECK_EQ(law_at(&r, "variance_ratio", 20).mean, 1);
            CHECK(isnan(law_at(&r, "variance_ratio", 20).theory));
            law_run_free(&r);
        }
}

/* The first batch has the truth's noise 0.3, later ones the model's 0.8; sizes 12, then round(12 t^0.5). */
TEST(law_regression_replace_of_unequal_sizes) {
    for (int path = 0; path < 2; path++) {
        law_run r = regress(",'noise':0.3", ",'noise':0.8", "'initial':12,'synthetic':{'points':12,'growth':0.5}",
                            10000, paths[path], "1,6");
        double sum = 0.09 * 5 / 6;
        check(&r, "test_error", 1, sum);
        for (int t = 2; t <= 6; t++) sum += 0.64 * 5 / (round(12 * sqrt(t)) - 6);
        check(&r, "test_error", 6, sum);
        check(&r, "drift_sq", 6, sum / 0.09);
        CHECK_CLOSE(law_at(&r, "noise_ratio", 6).mean, 0.8 / 0.3, 1e-14, 0);
        law_run_free(&r);
    }
}

/* Under one design the fits average as means do: B sum 1/s^2; n fresh rows each generation leave strictly less. */
TEST(law_regression_accumulate) {
    double sum = 0, B = 5.0 / 19;
    for (int s = 1; s <= 20; s++) sum += 1.0 / (s * s);
    CHECK_CLOSE(B * sum, 0.420043, 0, 5e-7);
    for (int path = 0; path < 2; path++) {
        const char *policy = "'preset':'accumulate','synthetic':{'points':25}";
        law_run fixed = regress(",'design':'fixed'", "", policy, 10000, paths[path], "1,20");
        law_run fresh = regress("", "", policy, 10000, paths[path], "1,20");
        check(&fixed, "test_error", 1, B);
        check(&fixed, "test_error", 20, B * sum);
        ouro_summary a = law_at(&fixed, "test_error", 20), b = law_at(&fresh, "test_error", 20);
        CHECK((b.mean - a.mean) / hypot(a.se, b.se) < -4);
        CHECK((b.mean - B * sum) / b.se < -4);
        CHECK_LAW((b.mean - 0.3921) / hypot(b.se, 0.0006)); /* 200000 runs of another program: 0.3921 +- 0.0006 */
        CHECK(b.mean < B * M_PI * M_PI / 6);
        check(&fresh, "test_error", 1, B);
        CHECK(isnan(b.theory));
        law_run_free(&fixed);
        law_run_free(&fresh);
    }
}

/* q = (n - d) / n: E s_t^2 = q^t s_0^2, E |w_t - w_0|^2 = B (1 - q^t) / (1 - q), hence E |X (w_t - w_0)|^2 -> n s^2. */
TEST(law_regression_noise_fitted) {
    for (int path = 0; path < 2; path++)
        for (int fixed = 0; fixed < 2; fixed++) {
            law_run r = regress(fixed ? ",'design':'fixed'" : "", ",'noise':'fitted'", "'synthetic':{'points':25}",
                                8000, paths[path], "1,12");
            check(&r, "variance_ratio", 1, 0.8);
            check(&r, "variance_ratio", 12, pow(0.8, 12));
            check(&r, "test_error", 12, 5.0 / 19 * (1 - pow(0.8, 12)) / 0.2);
            ouro_summary s = law_at(&r, "log_variance", 12);
            CHECK_LAW((s.mean - s.theory) / s.se);
            CHECK_CLOSE(law_at(&r, "variance_ratio", 12).theory, 0.0687195, 0, 5e-8);
            CHECK_CLOSE(law_at(&r, "test_error", 12).theory * 19, 23.282, 0, 5e-4);
            law_run_free(&r);
        }
}

TEST(law_regression_unbiased_noise_stays_in_the_mean) {
    law_run r = regress("", ",'noise':'fitted','estimator':'unbiased'", "'synthetic':{'points':25}", 40000,
                        "statistics", "1,3,8");
    check(&r, "variance_ratio", 1, 1);
    check(&r, "variance_ratio", 3, 1);
    check(&r, "test_error", 8, 8 * 5.0 / 19);
    ouro_summary s = law_at(&r, "log_variance", 8);
    CHECK_LAW((s.mean - s.theory) / s.se);
    law_run_free(&r);
}

/* Whole batches of one size under one design, the noise fitted: whatever the policy, ouro's law is exact. */
TEST(law_regression_one_design) {
    static const char *const policies[] = {
        "'preset':'accumulate','synthetic':{'points':15}",
        "'synthetic':{'points':15},'memory':{'real':1,'synthetic':3}",
        "'synthetic':{'points':15},'anchor':{'points':15,'every':3},'weights':{'real':2.5,'synthetic':0.5}",
        "'preset':'augment','synthetic':{'points':15},'anchor':{'points':15,'source':'stale','refresh':4}",
    };
    for (int path = 0; path < 2; path++)
        for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
            law_run r = regress(",'design':'fixed'", ",'noise':'fitted'", policies[i], path ? 1500 : 6000, paths[path],
                                "2,7,20");
            for (uint32_t t = 2; t <= 20; t = t == 2 ? 7 : t + 13) {
                ouro_summary error = law_at(&r, "test_error", t), noise = law_at(&r, "variance_ratio", t);
                CHECK_LAW((error.mean - error.theory) / error.se);
                CHECK_LAW((noise.mean - noise.theory) / noise.se);
            }
            law_run_free(&r);
        }
}

/* A share w of the weight on n real points each generation, 1 - w on n synthetic ones, all on one design:
 * D_t = w^2 + (1 - w)^2 (D_{t-1} + 1) in units of the first fit's error, least in the limit at the golden ratio, where
 * it is w itself (He, Xu and Cheng 2025). */
TEST(law_regression_golden_ratio) {
    static const double shares[] = {0.5, 0.6180339887498949, 0.75};
    double limit[3], B = 5.0 / 19;
    char policy[200];
    for (int i = 0; i < 3; i++) {
        const double w = shares[i];
        snprintf(policy, sizeof policy,
                 "'synthetic':{'points':25},'anchor':{'points':25},'weights':{'real_share':%.17g}", w);
        law_run r = regress(",'design':'fixed'", "", policy, 4000, paths[i % 2], "1,2,20");
        double D = 1;
        for (int t = 2; t <= 20; t++) {
            D = w * w + (1 - w) * (1 - w) * (D + 1);
            if (t == 2 || t == 20) check(&r, "test_error", (uint32_t)t, B * D);
        }
        limit[i] = law_at(&r, "test_error", 20).theory / B;
        CHECK_CLOSE(limit[i], (w * w + (1 - w) * (1 - w)) / (1 - (1 - w) * (1 - w)), 1e-9, 0);
        law_run_free(&r);
    }
    CHECK(limit[1] < limit[0] && limit[1] < limit[2]);
    CHECK_CLOSE(limit[1], shares[1], 1e-9, 0);
}

/* t B and B sum 1/s^2 at sizes of a published figure: d = 10, n = 100 and 1000, t = 100 (Kazdan et al. 2024). */
TEST(law_regression_numbers) {
    static const struct {
        int n;
        const char *preset;
        double expected, tol;
    } rows[] = {{100, "replace", 11.236, 5e-4},
                {100, "accumulate", 0.18371, 5e-6},
                {1000, "replace", 1.0111, 5e-5},
                {1000, "accumulate", 0.016532, 5e-7}};
    char json[500];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'linear-regression','features':10,'design':'fixed'},"
                 "'model':{'family':'linear-regression'},'policy':{'preset':'%s','synthetic':{'points':%d}},"
                 "'run':{'generations':100}}",
                 rows[i].preset, rows[i].n);
        CHECK_CLOSE(law_predicts(json, "test_error", 100), rows[i].expected, 0, rows[i].tol);
    }
}

/* Silent where nothing exact is known: more batches than one under fresh designs, or of different sizes; a budget; a
 * prior; as few rows as weights; and of a model of another family. */
TEST(law_regression_is_silent) {
    static const struct {
        const char *truth, *policy, *model;
        double first; /* at t = 1 */
    } rows[] = {
        {"", "'preset':'accumulate','synthetic':{'points':25}", "", 5 / 19.0},
        {",'design':'fixed'", "'preset':'accumulate','initial':30,'synthetic':{'points':25}", "", 5 / 24.0},
        {",'design':'fixed'", "'preset':'accumulate-subsample','synthetic':{'points':25}", "", 5 / 19.0},
        {"", "'synthetic':{'points':25}", ",'estimator':{'type':'map'}", NAN},
        {"", "'initial':25,'synthetic':{'points':6}", "", 5 / 19.0},
    };
    char json[700];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'linear-regression','features':5%s},'model':{'family':'linear-regression'"
            "%s},'policy':{%s},'run':{'generations':3}}",
            rows[i].truth, rows[i].model, rows[i].policy);
        CHECK(isnan(law_predicts(json, "test_error", 2)) && isnan(law_predicts(json, "test_error", 3)));
        const double first = law_predicts(json, "test_error", 1);
        if (isnan(rows[i].first))
            CHECK(isnan(first));
        else
            CHECK_CLOSE(first, rows[i].first, 1e-12, 0);
    }
}

static law_run glm(const char *link, const char *policy, int last, int replicates, const char *generations) {
    char json[700];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{'family':'glm','weights':[0.5,-0.4,0.3],'link':'%s'},'model':{'family':'glm'},"
             "'policy':{%s},'run':{'generations':%d,'replicates':%d,'seed':20261120},"
             "'observe':{'measures':['moments','regression','converged'],'generations':[%s]}}",
             link, policy, last, replicates, generations);
    return law_run_json(json);
}

/* n E |w_t - w_0|^2 -> t tr I^-1 under replace: drift_sq, in units of tr I^-1 / d, is t d / n (1 + c / n). At n = 200
 * the c of t = 1 and 4 measures 16.5 and 48 for logit, 11 and 8 for log: the room is 15 (t + 1). */
TEST(law_glm_replace_grows_as_the_information_says) {
    static const char *const links[] = {"logit", "log"};
    enum { N = 2000 };
    for (int i = 0; i < 2; i++) {
        law_run r = glm(links[i], "'synthetic':{'points':2000}", 4, 800, "1,4");
        for (uint32_t t = 1; t <= 4; t += 3) {
            ouro_summary s = law_at(&r, "drift_sq", t);
            double ratio = s.mean * N / 3 / t, se = s.se * N / 3 / t;
            CHECK(fabs(ratio - 1) < 4 * se + 15.0 * (t + 1) / N);
            CHECK_EQ(law_at(&r, "converged", t).mean, 1);
            CHECK(isnan(s.theory));
        }
        law_run_free(&r);
    }
}

/* Accumulate: sum 1/s^2 of it, on the way to pi^2 / 6; c measures 19 (logit) and 10 (log) at n = 200. */
TEST(law_glm_accumulate) {
    static const char *const links[] = {"logit", "log"};
    enum { N = 600 };
    double sum = 0;
    for (int s = 1; s <= 8; s++) sum += 1.0 / (s * s);
    for (int i = 0; i < 2; i++) {
        law_run r = glm(links[i], "'preset':'accumulate','synthetic':{'points':600}", 8, 400, "1,8");
        ouro_summary s = law_at(&r, "drift_sq", 8);
        double ratio = s.mean * N / 3 / sum, se = s.se * N / 3 / sum;
        CHECK(fabs(ratio - 1) < 4 * se + 30.0 / N);
        law_run_free(&r);
    }
}
