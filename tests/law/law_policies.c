/* law_policies.c: every preset under the families that share one law, on both paths. A Gaussian with all its
 * parameters fitted by mle, in any dimension, a bernoulli and a categorical keep E variance + E drift^2 = 1 (in units of the truth's
 * variance) whatever the policy pools or weighs, so that one number D = E drift^2 per preset and generation is the law of
 * all three; it is written here from the preset's words, and not from the covariances that src/theory propagates. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

/* replace, n points: a fit keeps 1 - 1/n of the variance */
static double replace(unsigned t) { return 1 - pow(1 - 1 / 16.0, t); }

/* accumulate, n real and n more per generation: the pool's mean moves by 1/s of the newest batch's error */
static double accumulate(unsigned t) {
    double e = 1;
    for (unsigned s = 1; s <= t; s++) e *= 1 - 1 / (12.0 * s * s);
    return 1 - e;
}

/* accumulate-subsample: A the variance of the pool's mean, S the mean of its sum of squares; n of s n points are drawn
 * without replacement. ddof 1: `unbiased` (derived; Kazdan et al. 2024 for the policy). */
static void subsample(unsigned t, double n, int unbiased, double *drift, double *variance) {
    double A = 1 / n, S = n - 1;
    for (unsigned s = 1; s <= t; s++) {
        const double B = S / (s * n - 1), eta = B * (1 - 1.0 / s) / n, e = unbiased ? B : B * (n - 1) / n;
        const double between = eta + e / n;
        *drift = A + eta, *variance = e;
        S += (n - 1) * e + s * n / (s + 1) * between;
        A += between / ((s + 1.0) * (s + 1.0));
    }
}

static double subsampled(unsigned t) {
    double D = 0, e = 0;
    subsample(t, 10, 0, &D, &e);
    return D;
}

/* augment, N fixed real points and n synthetic ones: given the real ones, of variance V in the mean, the second moment
 * around their mean is kept, so that with b = n / (N + n) the distance from it has C_t = b^2 (C_(t-1) (1 - 1/n) + V / n). */
static double augment(unsigned t) {
    const double N = 14, n = 9, b = n / (N + n), V = 1 - 1 / N;
    double C = 0;
    for (unsigned s = 2; s <= t; s++) C = b * b * (C * (1 - 1 / n) + V / n);
    return 1 / N + C;
}

/* fresh, a = k/n of n points real and new: D_t = [(1-a)^2 - (1-a)/n] D_(t-1) + 1/n */
static double fresh(unsigned t) {
    const double n = 20, a = 3 / n, R = (1 - a) * (1 - a) - (1 - a) / n;
    double D = 1 / 20.0;
    for (unsigned s = 2; s <= t; s++) D = R * D + 1 / n;
    return D;
}

/* weighted, share w on n new real points, 1 - w on m synthetic ones: the error of the real mean is w^2/n, that of the
 * synthetic one D + (1 - D)/m */
static double weighted(unsigned t) {
    const double n = 8, m = 24, w = 0.3;
    double D = 1 / 11.0;
    for (unsigned s = 2; s <= t; s++) D = w * w / n + (1 - w) * (1 - w) * (D + (1 - D) / m);
    return D;
}

static const struct preset {
    const char *policy;
    double (*drift)(unsigned t);
} presets[] = {
    {"{'synthetic':{'points':16}}", replace},
    {"{'preset':'accumulate','synthetic':{'points':12}}", accumulate},
    {"{'preset':'accumulate-subsample','synthetic':{'points':10}}", subsampled},
    {"{'preset':'augment','initial':14,'synthetic':{'points':9}}", augment},
    {"{'preset':'fresh','initial':20,'synthetic':{'points':17},'anchor':{'points':3}}", fresh},
    {"{'preset':'weighted','initial':11,'synthetic':{'points':24},'anchor':{'points':8},'weights':{'real_share':0.3}}",
     weighted},
};

static const struct family {
    const char *name, *truth;
    double dim; /* drift_sq adds up the dimensions */
} families[] = {{"gaussian", "'mean':-3.1,'sd':0.42", 1},
                {"bernoulli", "'p':0.3", 1},
                {"categorical", "'categories':5,'zipf':1", 1},
                {"mvgaussian", "'mean':[1,9],'sd':[1,3],'correlation':0.4", 2}};

enum { TIMES = 3 };
static const unsigned times[TIMES] = {2, 5, 20};

static law_run run(const struct family *f, const char *policy, const char *path, int replicates) {
    char json[700];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':%s,'run':{'generations':20,"
             "'replicates':%d,'seed':20261120,'path':'%s'},'observe':{'measures':['moments'],'generations':[2,5,20]}}",
             f->name, f->truth, f->name, policy, replicates, path);
    return law_run_json(json);
}

static void check(const law_run *r, const struct preset *p, const struct family *f) {
    char what[400];
    for (int i = 0; i < TIMES; i++) {
        const double D = p->drift(times[i]);
        snprintf(what, sizeof what, "%s of %s at %u", p->policy, f->name, times[i]);
        CHECK(law_holds(law_z(r, "drift_sq", times[i], f->dim * D), what));
        CHECK(law_holds(law_z(r, "variance_ratio", times[i], 1 - D), what));
        CHECK_CLOSE(law_at(r, "drift_sq", times[i]).theory, f->dim * D, 1e-12, 0);
        CHECK_CLOSE(law_at(r, "variance_ratio", times[i]).theory, 1 - D, 1e-12, 0);
    }
}

TEST(law_policies_presets) {
    for (size_t p = 0; p < sizeof presets / sizeof presets[0]; p++)
        for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
            law_run r = run(&families[f], presets[p].policy, "auto", 10000);
            check(&r, &presets[p], &families[f]);
            const int rows = r.ok && r.study.experiment[0].path == OURO_PATH_SAMPLES;
            law_run_free(&r);
            /* there are two paths, but where subsets of a batch are drawn that its statistic does not fix */
            CHECK(!rows || presets[p].drift == subsampled);
            if (rows) continue;
            r = run(&families[f], presets[p].policy, "samples", 4000);
            check(&r, &presets[p], &families[f]);
            law_run_free(&r);
        }
}

/* Fresh points of number and share that change: n_t synthetic and k_t real points, a_t = k_t / (n_t + k_t). A batch of fixed
 * numbers has the variance (1 - a) e + a per point; the recursion of Seddik et al. and Bakshi and Chakraborty for points
 * drawn from the mixture instead has (1 - a)^2 in the place of 1 - a, for the number of real points varies as well. */
TEST(law_policies_fresh_share_that_changes) {
    double D = 1 / 30.0;
    for (unsigned t = 2; t <= 20; t++) {
        const double m = round(20 * pow(t, 0.5)), k = fmax(1, round(12 * pow(t, -0.7))), n = m + k, a = k / n;
        D = (1 - a) * (1 - a) * D + ((1 - a) * (1 - D) + a) / n;
    }
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++)
        for (int path = 0; path < 2; path++) {
            law_run r = run(&families[f],
                            "{'preset':'fresh','initial':30,'synthetic':{'points':20,'growth':0.5},"
                            "'anchor':{'points':12,'growth':-0.7}}",
                            path ? "samples" : "statistics", path ? 3000 : 10000);
            CHECK_LAW(law_z(&r, "drift_sq", 20, families[f].dim * D));
            CHECK_LAW(law_z(&r, "variance_ratio", 20, 1 - D));
            law_run_free(&r);
        }
}

/* Unbiased on the pool: E variance = prod_{s>=2} (1 - 1/(s (s n - 1))), and the mean gathers 1/n + sum e_(s-1) / (n s^2). */
TEST(law_policies_accumulate_unbiased) {
    const double n = 5;
    double e = 1, D = 1 / n;
    for (unsigned s = 2; s <= 20; s++) {
        D += e / (n * s * s);
        e *= 1 - 1 / (s * (s * n - 1));
    }
    for (int path = 0; path < 2; path++) {
        law_run r = law_run_json(path ? "{'name':'law','truth':{'family':'gaussian'},'model':{'family':'gaussian',"
                                        "'estimator':'unbiased'},'policy':{'preset':'accumulate','synthetic':{'points':"
                                        "5}},'run':{'generations':20,'replicates':20000,'seed':3,'path':'samples'},"
                                        "'observe':{'measures':['moments'],'generations':[20]}}"
                                      : "{'name':'law','truth':{'family':'gaussian'},'model':{'family':'gaussian',"
                                        "'estimator':'unbiased'},'policy':{'preset':'accumulate','synthetic':{'points':"
                                        "5}},'run':{'generations':20,'replicates':80000,'seed':4},"
                                        "'observe':{'measures':['moments'],'generations':[20]}}");
        CHECK_LAW(law_z(&r, "variance_ratio", 20, e));
        CHECK_LAW(law_z(&r, "drift_sq", 20, D));
        law_run_free(&r);
    }
}

#define SUBSAMPLE(estimator, n, t, replicates)                                                                         \
    "{'name':'law','truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'" estimator "'},"           \
    "'policy':{'preset':'accumulate-subsample','synthetic':{'points':" #n "}},'run':{'generations':" #t                \
    ",'replicates':" #replicates ",'seed':8},'observe':{'measures':['moments'],'generations':[" #t "]}}"

/* The mle reaches a plateau, n D -> pi^2/2 - 2 for large n; unbiased fits of subsets let the variance grow like t^(1/n). */
TEST(law_policies_subsample) {
    double D = 0, e = 0;
    subsample(30, 10, 1, &D, &e);
    law_run r = law_run_json(SUBSAMPLE("unbiased", 10, 30, 20000));
    CHECK_LAW(law_z(&r, "variance_ratio", 30, e));
    CHECK_LAW(law_z(&r, "drift_sq", 30, D));
    CHECK_CLOSE(law_at(&r, "variance_ratio", 30).theory, e, 1e-12, 0);
    CHECK_CLOSE(e, 1.122, 0, 5e-4);
    law_run_free(&r);
    subsample(20000, 10, 1, &D, &e);
    CHECK_CLOSE(law_predicts(SUBSAMPLE("unbiased", 10, 20000, 2), "variance_ratio", 20000), e, 1e-9, 0);
    CHECK_CLOSE(e, 2.13, 0, 5e-3);
    CHECK_CLOSE(1000 * law_predicts(SUBSAMPLE("mle", 1000, 20000, 2), "drift_sq", 20000), M_PI * M_PI / 2 - 2, 2e-3, 0);
    CHECK_CLOSE(10 * law_predicts(SUBSAMPLE("mle", 10, 20000, 2), "drift_sq", 20000), 2.610, 0, 2e-3);
}

/* n_0 real points, then n more in every generation, known variance: Var m_t = V_0 [1/n_0 + sum n / (n_0 + s n)^2]. */
TEST(law_policies_accumulate_of_unequal_sizes) {
    const struct family poisson = {"poisson", "'mean':1.7", 1};
    for (int path = 0; path < 2; path++) {
        double D = 1 / 50.0;
        law_run r = run(&poisson, "{'preset':'accumulate','initial':50,'synthetic':{'points':10}}",
                        path ? "samples" : "statistics", path ? 6000 : 40000);
        for (unsigned t = 2, i = 0; t <= 20; t++) {
            D += 10 / pow(50 + 10.0 * (t - 1), 2);
            if (t != times[i]) continue;
            i++;
            CHECK_LAW(law_z(&r, "drift_sq", t, D));
            CHECK_CLOSE(law_at(&r, "drift_sq", t).theory, D, 1e-12, 0);
        }
        law_run_free(&r);
    }
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'poisson'},'model':{'family':'poisson'},'policy':"
                             "{'preset':'accumulate','initial':50,'synthetic':{'points':10}},'run':{'generations':41}}",
                             "drift_sq", 41),
                0.0359346, 0, 5e-8);
}
