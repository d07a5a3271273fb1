/* law_weights.c: the weight w on n new real points beside m synthetic ones (He, Xu, Cheng 2025), and what pooling is worth.
 * Known variance, or a mean alone: D(w) = [w^2/n + (1-w)^2/m] / (w (2-w)), least at w* = (sqrt(r^2 + 4 r) - r) / 2, r = n/m,
 * where D = w* / n. Where the variance is fitted as well and the second moment kept (Gaussian, bernoulli, categorical),
 * (1-w)^2/m joins the denominator (derived). */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"statistics", "samples"};

static double limit(double w, double n, double m, double v2) {
    return (w * w / n + (1 - w) * (1 - w) / m) / (w * (2 - w) - v2 * (1 - w) * (1 - w) / m);
}

static const struct family {
    const char *name, *truth;
    double v2; /* of V(m); -1 for what keeps the second moment */
} families[] = {{"poisson", "'mean':3", 0},
                {"gaussian", "'mean':-2,'sd':3", -1},
                {"bernoulli", "'p':0.3", -1},
                {"categorical", "'categories':4,'zipf':1", -1}};
enum { FAMILIES = sizeof families / sizeof families[0] };

static void describe(char *json, size_t size, const struct family *f, int n, int m, const char *share, unsigned t,
                     int replicates, const char *path) {
    snprintf(
        json, size,
        "{'name':'law','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':{'preset':'weighted','initial':%d,"
        "'synthetic':{'points':%d},'anchor':{'points':%d},'weights':{'real_share':%s}},'run':{'generations':%u,"
        "'replicates':%d,'seed':20261120,'path':'%s'},'observe':{'measures':['moments'],'generations':[2,3,%u]}}",
        f->name, f->truth, f->name, n, m, n, share, t, replicates, path, t);
}

/* The least of limit(), by thirds. */
static double best(double n, double m, double v2) {
    double low = 0.01, high = 0.99;
    for (int i = 0; i < 200; i++) {
        const double a = low + (high - low) / 3, b = high - (high - low) / 3;
        if (limit(a, n, m, v2) < limit(b, n, m, v2))
            high = b;
        else
            low = a;
    }
    return low;
}

/* The golden ratio for n = m, .390388 for four synthetic points to a real one; and what ouro does at the best share, beside
 * it and pooled. */
TEST(law_weights_least_error) {
    static const int sizes[][2] = {{20, 20}, {10, 40}};
    static const double golden[] = {0.6180339887498949, 0.390388203202208};
    char json[600], share[32];
    for (int i = 0; i < 2; i++) {
        const int n = sizes[i][0], m = sizes[i][1];
        const double r = (double)n / m;
        CHECK_CLOSE((sqrt(r * r + 4 * r) - r) / 2, golden[i], 1e-12, 0);
        CHECK_CLOSE(best(n, m, 0), golden[i], 1e-7, 0);
        for (int f = 0; f < FAMILIES; f++) {
            const double w = best(n, m, families[f].v2), at[] = {w - 0.04, w, w + 0.04, (double)n / (n + m)};
            double D[4];
            for (int j = 0; j < 4; j++) {
                snprintf(share, sizeof share, "%.17g", at[j]);
                describe(json, sizeof json, &families[f], n, m, share, 300, 2, "auto");
                D[j] = law_predicts(json, "drift_sq", 300);
                CHECK_CLOSE(D[j], limit(at[j], n, m, families[f].v2), 1e-12, 0);
            }
            CHECK(D[1] < D[0] && D[1] < D[2] && D[1] < D[3]);
            if (f == 0) CHECK_CLOSE(D[1], golden[i] / n, 1e-9, 0);
        }
    }
}

/* Simulated, at the best share and at a bad one. */
TEST(law_weights_simulated) {
    char json[600], share[32];
    for (int f = 0; f < FAMILIES; f++)
        for (int j = 0; j < 2; j++)
            for (int path = 0; path < 2; path++) {
                const double v2 = families[f].v2, w = j ? 0.15 : best(10, 40, v2), D = limit(w, 10, 40, v2);
                snprintf(share, sizeof share, "%.17g", w);
                describe(json, sizeof json, &families[f], 10, 40, share, 40, path ? 2000 : 10000, paths[path]);
                law_run r = law_run_json(json);
                CHECK(law_holds(law_z(&r, "drift_sq", 40, D), json));
                CHECK(law_holds(law_z(&r, "variance_ratio", 40, 1 + v2 * D), json));
                law_run_free(&r);
            }
}

/* The best share of every generation: from D_1 = 1/n, P = D + 1/m, w = P / (P + 1/n), D = w/n; here the sizes change as well, and
 * an injection is left out every other generation, where D grows by 1/m. */
TEST(law_weights_that_change) {
    char json[600];
    double D = 1 / 10.0;
    for (unsigned t = 2; t <= 3; t++) {
        const double P = D + 1 / 40.0;
        D = P / (P + 1 / 10.0) / 10;
        for (int path = 0; path < 2; path++) {
            describe(json, sizeof json, &families[0], 10, 40, "'optimal'", 5, path ? 20000 : 60000, paths[path]);
            law_run r = law_run_json(json);
            CHECK(law_holds(law_z(&r, "drift_sq", t, D), json));
            CHECK_CLOSE(law_at(&r, "drift_sq", t).theory, D, 1e-12, 0);
            law_run_free(&r);
        }
    }
    D = 1 / 12.0;
    for (int t = 2; t <= 9; t++) {
        const double m = round(8 * sqrt(t)), P = D + 1 / m;
        D = t % 2 ? P : P / (P + 1 / 6.0) / 6;
    }
    for (int path = 0; path < 2; path++) {
        snprintf(json, sizeof json,
                 "{'name':'law','truth':{'family':'poisson','mean':3},'model':{'family':'poisson'},'policy':{'preset':"
                 "'weighted','initial':12,'synthetic':{'points':8,'growth':0.5},'anchor':{'points':6,'every':2},"
                 "'weights':{'real_share':'optimal'}},'run':{'generations':9,'replicates':%d,'seed':5,'path':'%s'},"
                 "'observe':{'measures':['moments'],'generations':[9]}}",
                 path ? 10000 : 60000, paths[path]);
        law_run r = law_run_json(json);
        CHECK(law_holds(law_z(&r, "drift_sq", 9, D), json));
        CHECK_CLOSE(law_at(&r, "drift_sq", 9).theory, D, 1e-12, 0);
        law_run_free(&r);
    }
}

/* Pooled with n_r new real points, unbiased synthetic ones are worth real ones for the mean: as many as
 * n_e = n_r (n_r + 2 n_s) / (n_r + n_s) real points in all, between n_r and 2 n_r (Alemohammad et al. 2023's effective size,
 * derived for a mean). */
TEST(law_weights_effective_size) {
    static const int synthetic[] = {0, 50, 100, 200, 800};
    char json[500];
    for (int i = 0; i < 5; i++) {
        const double real = 200, s = synthetic[i], effective = real * (real + 2 * s) / (real + s);
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'poisson','mean':3},'model':{'family':'poisson'},'policy':{'preset':'fresh',"
            "'initial':200,'synthetic':{'points':%d},'anchor':{'points':200}},'run':{'generations':90,"
            "'replicates':8000,'seed':6},'observe':{'measures':['moments'],'generations':[90]}}",
            synthetic[i]);
        law_run r = law_run_json(json);
        CHECK(law_holds(law_z(&r, "drift_sq", 90, 1 / effective), json));
        CHECK_CLOSE(law_at(&r, "drift_sq", 90).theory, 1 / effective, 1e-12, 0);
        law_run_free(&r);
    }
}

/* The price of lost labels: pooled over labelled error in the limit, for k real points to a synthetic one. */
TEST(law_weights_price_of_labels) {
    static const struct {
        int n, m;
        double pooled, labelled, ratio;
    } rows[] = {{100, 100, 0.6667, 0.6180, 1.08},
                {50, 100, 0.6, 0.5, 1.2},
                {10, 100, 0.5238, 0.2702, 1.94},
                {5, 100, 0.5122, 0.2, 2.56},
                {1, 100, 0.5025, 0.0951, 5.28}};
    char json[600];
    double error[2];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int labelled = 0; labelled < 2; labelled++) {
            snprintf(
                json, sizeof json,
                "{'name':'l','truth':{'family':'poisson'},'model':{'family':'poisson'},'policy':{'preset':'weighted',"
                "'initial':%d,'synthetic':{'points':%d},'anchor':{'points':%d},'labels':'%s','weights':{'real_share':"
                "'optimal'}},'run':{'generations':1500}}",
                rows[i].n, rows[i].m, rows[i].n, labelled ? "kept" : "flattened");
            error[labelled] = rows[i].n * law_predicts(json, "drift_sq", 1500);
        }
        CHECK_CLOSE(error[0], rows[i].pooled, 0, 5e-5);
        CHECK_CLOSE(error[1], rows[i].labelled, 0, 5e-5);
        CHECK_CLOSE(error[0] / error[1], rows[i].ratio, 0, 5e-3);
    }
}
