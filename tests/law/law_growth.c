/* law_growth.c: samples that grow as n_t = n_0 t^p under replace. A fit keeps 1 - 1/n_t of the variance, so that all is lost iff
 * sum 1/n_t diverges, iff p <= 1 (the superlinear rule of Xu et al. 2025). */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"statistics", "samples"};
static const double powers[] = {0.5, 1, 1.5, 2};
static const struct family {
    const char *name, *truth;
} families[] = {{"gaussian", "'sd':2"}, {"bernoulli", "'p':0.3"}, {"categorical", "'categories':4"}};

static void describe(char *json, size_t size, const struct family *f, double p, unsigned t, int replicates,
                     const char *path) {
    snprintf(json, size,
             "{'name':'law','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':{'initial':10,'synthetic':{"
             "'points':10,'growth':%g}},'run':{'generations':%u,'replicates':%d,'seed':20261120,'path':'%s'},"
             "'observe':{'measures':['moments'],'generations':[%u]}}",
             f->name, f->truth, f->name, p, t, replicates, path, t);
}

static double kept(double p, unsigned t) {
    double e = 1;
    for (unsigned s = 1; s <= t; s++) e *= 1 - 1 / round(10 * pow(s, p));
    return e;
}

TEST(law_growth_simulated) {
    enum { T = 15 };
    char json[600];
    for (int i = 0; i < 4; i++)
        for (int f = 0; f < 3; f++)
            for (int path = 0; path < 2; path++) {
                describe(json, sizeof json, &families[f], powers[i], T, path ? 1000 : 20000, paths[path]);
                law_run r = law_run_json(json);
                const double e = kept(powers[i], T);
                CHECK(law_holds(law_z(&r, "variance_ratio", T, e), json));
                CHECK(law_holds(law_z(&r, "drift_sq", T, 1 - e), json));
                CHECK_CLOSE(law_at(&r, "variance_ratio", T).theory, e, 1e-12, 0);
                law_run_free(&r);
            }
}

/* p = 1: a power law, Gamma(T + 1 - 1/n) / (Gamma(T + 1) Gamma(1 - 1/n)) ~ T^(-1/n), which ends at nothing; p = 2 ends at
 * sin(pi / sqrt n) / (pi / sqrt n), the same as accumulate with n points. */
TEST(law_growth_collapse_iff_sublinear) {
    enum { FAR = 40000 };
    char json[600];
    double half[4], all[4];
    for (int i = 0; i < 4; i++) {
        describe(json, sizeof json, &families[1], powers[i], FAR, 2, "auto");
        half[i] = law_predicts(json, "variance_ratio", FAR / 4);
        all[i] = law_predicts(json, "variance_ratio", FAR);
        CHECK_CLOSE(all[i], kept(powers[i], FAR), 1e-9, 0);
    }
    CHECK(all[0] < 1e-9);
    CHECK_CLOSE(all[1], exp(lgamma(FAR + 0.9) - lgamma(FAR + 1) - lgamma(0.9)), 1e-9, 0);
    CHECK_CLOSE(all[1] / half[1], pow(4, -0.1), 1e-4, 0); /* it never settles */
    CHECK(all[2] / half[2] > 0.998 && all[3] / half[3] > 0.9999);
    CHECK_CLOSE(all[3], sin(M_PI / sqrt(10)) / (M_PI / sqrt(10)), 1e-5, 0);
    snprintf(
        json, sizeof json,
        "{'name':'l','truth':{'family':'bernoulli'},'model':{'family':'bernoulli'},'policy':{'preset':'accumulate',"
        "'synthetic':{'points':10}},'run':{'generations':%d}}",
        FAR);
    CHECK_CLOSE(law_predicts(json, "variance_ratio", FAR), all[3], 1e-12, 0);
}

/* Poisson: P(lambda_T = 0) = exp(-lambda_0 h_1), h_T = n_T, h_t = n_t (1 - exp(-h_(t+1) / n_t)), and Var = lambda_0 sum 1/n_t. */
TEST(law_growth_poisson_survival) {
    enum { T = 40 };
    char json[600];
    for (int i = 0; i < 3; i++) {
        double h = round(5 * pow(T, powers[i])), sum = 1 / h;
        for (int t = T - 1; t >= 1; t--) {
            const double n = round(5 * pow(t, powers[i]));
            h = n * (1 - exp(-h / n));
            sum += 1 / n;
        }
        for (int path = 0; path < 2; path++) {
            snprintf(
                json, sizeof json,
                "{'name':'law','truth':{'family':'poisson','mean':0.5},'model':{'family':'poisson'},'policy':{"
                "'initial':5,'synthetic':{'points':5,'growth':%g}},'run':{'generations':40,'replicates':%d,'seed':7,"
                "'path':'%s'},'observe':{'measures':['moments','absorbed'],'generations':[40]}}",
                powers[i], path ? 500 : 20000, paths[path]);
            law_run r = law_run_json(json);
            CHECK(law_holds(law_z(&r, "absorbed", T, exp(-0.5 * h)), json));
            CHECK(law_holds(law_z(&r, "drift_sq", T, sum), json));
            law_run_free(&r);
        }
    }
}
