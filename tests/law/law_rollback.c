/* law_rollback.c: loops that go back to a checkpoint. The closed forms are derived here: H and G stand for the fit at which
 * the loop goes back and the model it goes back to. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

enum { H = 9, G = 3, LAST = 14 };
static const char *const paths[] = {"auto", "samples"};

static law_run run(const char *what, const char *policy, const char *measures, int path) {
    char json[1024];
    snprintf(
        json, sizeof json,
        "{'name':'l',%s,'policy':{'rollback':{'at':9,'to':3},%s},'run':{'generations':14,'replicates':%d,'seed':17,"
        "'path':'%s'},'observe':{'measures':[%s],'generations':[3,8,9,10,14]}}",
        what, policy, path ? 8000 : 40000, paths[path], measures);
    return law_run_json(json);
}

#define GAUSSIAN "'truth':{'family':'gaussian','mean':3,'sd':2},'model':{'family':'gaussian'}"
static const uint32_t observed[] = {3, 8, 9, 10, 14};
enum { OBSERVED = 5 };

/* How many models a lineage passes under replace: g at t = g, and g + 1 + t - h from the rollback on. */
static double depth(uint32_t t) { return t < H ? t : G + 1.0 + t - H; }

/* Simulation against the expectation, and the program's own law against it to rounding. */
static void check(const law_run *r, const char *column, uint32_t t, double expected) {
    CHECK_LAW(law_z(r, column, t, expected));
    CHECK_CLOSE(law_at(r, column, t).theory, expected, 1e-12, 0);
}

/* Replace: E variance_ratio is (1 - 1/n)^depth, drift_sq what is missing to 1; logarithms add up over the same depth. */
TEST(law_rollback_of_a_gaussian) {
    for (int path = 0; path < 2; path++) {
        law_run r = run(GAUSSIAN, "'synthetic':{'points':12}", "'moments'", path);
        const double step = law_at(&r, "log_variance", G).theory / G;
        for (int i = 0; i < OBSERVED; i++) {
            const uint32_t t = observed[i];
            check(&r, "variance_ratio", t, pow(11 / 12.0, depth(t)));
            check(&r, "drift_sq", t, 1 - pow(11 / 12.0, depth(t)));
            check(&r, "log_variance", t, step * depth(t));
        }
        law_run_free(&r);
    }
}

/* Accumulate with batches of n: e = E variance and D = 1 - e as ever. Fit s of s batches multiplies e by 1 - 1/(n s^2). At the
 * rollback the pool is that of model g, one batch that g drew before and one that it draws now: m_h = m_g + (a + b)/(g + 2)
 * for two independent errors of variance e_g/n, so e_h = e_g (1 - 2/(n (g + 2)^2)); from there one batch more each. */
static double accumulated(uint32_t t, double n) {
    double e = 1;
    for (uint32_t s = 1; s <= (t < H ? t : G); s++) e *= 1 - 1 / (n * s * s);
    if (t < H) return e;
    e *= 1 - 2 / (n * (G + 2) * (G + 2));
    for (uint32_t s = G + 3; s <= G + 2 + t - H; s++) e *= 1 - 1 / (n * s * s);
    return e;
}

TEST(law_rollback_under_accumulate) {
    static const char *const families[][2] = {
        {GAUSSIAN, "variance_ratio"},
        {"'truth':{'family':'bernoulli','p':0.3},'model':{'family':'bernoulli'}", "variance_ratio"},
        {"'truth':{'family':'categorical','categories':6,'zipf':1},'model':{'family':'categorical'}",
         "heterozygosity"}};
    for (int k = 0; k < 3; k++)
        for (int path = 0; path < 2; path++) {
            char measures[64];
            snprintf(measures, sizeof measures, "'%s','drift_sq'", families[k][1]);
            law_run r = run(families[k][0], "'preset':'accumulate','synthetic':{'points':4}", measures, path);
            const double whole = law_at(&r, families[k][1], 3).theory / accumulated(3, 4);
            if (k < 2) CHECK_CLOSE(whole, 1, 1e-12, 0);
            for (int i = 0; i < OBSERVED; i++)
                check(&r, families[k][1], observed[i], whole * accumulated(observed[i], 4));
            for (int i = 0; k == 0 && i < OBSERVED; i++)
                check(&r, "drift_sq", observed[i], 1 - accumulated(observed[i], 4));
            law_run_free(&r);
        }
}

/* k fresh points in every fit: D_t = (m/(m+k))^2 (D + (1 - D)/m) + k/(m+k)^2 with D of the model before, whichever it is. The same
 * set of k, from fit 2 on: its covariance c with the model as well, c_t = (m c + 1)/(m+k). */
TEST(law_rollback_with_anchors) {
    const double m = 10, k = 5, n = m + k;
    for (int path = 0; path < 4; path++) {
        const int fixed = path / 2;
        double D[LAST + 1], c[LAST + 1];
        law_run r = run(GAUSSIAN,
                        fixed ? "'preset':'fresh','synthetic':{'points':10},'anchor':{'points':5,'source':'fixed'}"
                              : "'preset':'fresh','synthetic':{'points':10},'anchor':{'points':5}",
                        "'moments'", path % 2);
        D[1] = 1 / m;
        c[1] = 0;
        for (uint32_t t = 2; t <= LAST; t++) {
            const uint32_t g = t == H ? G : t - 1;
            D[t] = (m * m * (D[g] + (1 - D[g]) / m) + (fixed ? 2 * m * k * c[g] : 0) + k) / (n * n);
            c[t] = (m * c[g] + 1) / n;
        }
        for (int i = 0; i < OBSERVED; i++) {
            check(&r, "drift_sq", observed[i], D[observed[i]]);
            check(&r, "variance_ratio", observed[i], 1 - D[observed[i]]);
        }
        law_run_free(&r);
    }
}

/* Where a closed form would be as long as the recursion, that is held against the simulation: windows, ends of memory, budgets,
 * stale anchors, growth, unbiased fits, temperature, recalls. */
TEST(law_rollback_in_many_policies) {
    static const char *const policies[] = {
        "'synthetic':{'points':6},'memory':{'real':'all','synthetic':7}",
        "'synthetic':{'points':6,'growth':0.6},'memory':{'real':2,'synthetic':'all','until':11}",
        "'preset':'accumulate','synthetic':{'points':6},'memory':{'until':7},'anchor':{'points':2}",
        "'preset':'accumulate','synthetic':{'points':6},'anchor':{'points':2,'source':'stale','refresh':4}",
        "'preset':'fresh','synthetic':{'points':6},'anchor':{'points':2,'source':'stale','refresh':4}",
        "'preset':'accumulate-subsample','initial':9,'synthetic':{'points':6},'anchor':{'points':1,'every':2}",
        "'preset':'accumulate','synthetic':{'points':6,'temperature':0.8}",
        "'preset':'accumulate','synthetic':{'points':6},'flagged':{'first':2,'last':6,'recall':10}",
        "'preset':'accumulate','initial':6,'anchor':{'points':3},'flagged':{'origin':'anchor','first':2,'recall':8}"};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        for (int path = 0; path < 2; path++) {
            law_run r = run("'truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'}",
                            policies[i], "'drift_sq','variance_ratio'", path);
            for (int k = 0; k < OBSERVED; k++) {
                CHECK_LAW(law_at(&r, "drift_sq", observed[k]).z);
                CHECK_LAW(law_at(&r, "variance_ratio", observed[k]).z);
            }
            law_run_free(&r);
        }
}

/* A truth that moves on, by known steps or at random: the checkpoint stays where it was, and real points since then are apart. */
TEST(law_rollback_under_a_drifting_truth) {
    static const char *const drifts[] = {"0.3", "{'walk':0.4}"};
    static const char *const policies[] = {
        "'preset':'accumulate','synthetic':{'points':6},'anchor':{'points':2,'source':'stale','refresh':4}",
        "'preset':'fresh','synthetic':{'points':8},'anchor':{'points':4,'source':'stale','refresh':3}"};
    for (int k = 0; k < 4; k++)
        for (int path = 0; path < 2; path++) {
            char what[160];
            snprintf(what, sizeof what,
                     "'truth':{'family':'gaussian','drift':{'mean':%s}},'model':{'family':'gaussian'}", drifts[k / 2]);
            law_run r = run(what, policies[k % 2], "'moments'],'against':['now','anchor'", path);
            for (int i = 0; i < OBSERVED; i++) {
                CHECK_LAW(law_at(&r, "drift_sq", observed[i]).z);
                CHECK_LAW(law_at(&r, "anchor.drift_sq", observed[i]).z);
                CHECK_LAW(law_at(&r, "variance_ratio", observed[i]).z);
                CHECK_LAW(law_at(&r, "mean", observed[i]).z);
            }
            law_run_free(&r);
        }
}

/* A first batch that is recalled at fit 10 of augment: from there on replace, (1 - 1/n) each. */
TEST(law_recall_of_the_first_batch) {
    for (int path = 0; path < 2; path++) {
        char json[600];
        snprintf(json, sizeof json,
                 "{'name':'l',%s,'policy':{'preset':'augment','synthetic':{'points':12},'flagged':{'origin':'initial',"
                 "'first':1,'recall':10}},'run':{'generations':14,'replicates':%d,'seed':23,'path':'%s'},'observe':{"
                 "'measures':['moments'],'generations':[9,10,14]}}",
                 GAUSSIAN, path ? 8000 : 40000, paths[path]);
        law_run r = law_run_json(json);
        const double e = law_at(&r, "variance_ratio", 9).theory;
        CHECK(e > pow(11 / 12.0, 9) + 0.1);
        check(&r, "variance_ratio", 9, e);
        check(&r, "variance_ratio", 10, e * 11 / 12.0);
        check(&r, "variance_ratio", 14, e * pow(11 / 12.0, 5));
        law_run_free(&r);
    }
}

/* The best share of every generation, from the error D of the model that draws: P = D + 1/m, w = P / (P + 1/k), D = w / k;
 * also after the error has settled. */
TEST(law_rollback_of_the_optimal_share) {
    enum { LATE = 60, END = 64 };
    double D[END + 1];
    D[1] = 1 / 20.0;
    for (uint32_t t = 2; t <= END; t++) {
        const double P = D[t == LATE ? G : t - 1] + 1 / 20.0;
        D[t] = P / (20 * P + 1);
    }
    for (uint32_t t = 1; t <= END; t++)
        CHECK_CLOSE(
            law_predicts("{'name':'l','truth':{'family':'poisson'},'model':{'family':'poisson'},'policy':{'preset':"
                         "'weighted','initial':20,'synthetic':{'points':20},'rollback':{'at':60,'to':3},"
                         "'weights':{'real_share':'optimal'}},'run':{'generations':64}}",
                         "drift_sq", t),
            D[t], 1e-12, 0);
}

/* Chains of counts: what is alive, and what is extinct, is that of the depth. */
TEST(law_rollback_of_chains) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("'truth':{'family':'categorical','categories':9,'zipf':1},'model':{'family':'categorical'}",
                        "'synthetic':{'points':12}", "'support'", path);
        for (int i = 0; i < OBSERVED; i++) CHECK_LAW(law_at(&r, "support", observed[i]).z);
        CHECK(law_at(&r, "support", 9).theory > law_at(&r, "support", 8).theory);
        law_run_free(&r);
        r = run("'truth':{'family':'poisson','mean':0.4},'model':{'family':'poisson'}", "'synthetic':{'points':5}",
                "'absorbed'", path);
        for (int i = 0; i < OBSERVED; i++) CHECK_LAW(law_at(&r, "absorbed", observed[i]).z);
        CHECK(law_at(&r, "absorbed", 9).theory < law_at(&r, "absorbed", 8).theory);
        law_run_free(&r);
    }
}

/* A prior that pulls: E m = m* + (1 - a)^depth (m_0 - m*), a = 5 / 25. */
TEST(law_rollback_of_a_mean) {
    law_run r = run("'truth':{'family':'poisson','mean':2},'model':{'family':'poisson','estimator':{'type':'map',"
                    "'strength':5,'centre':'parameters','at':{'mean':7}}}",
                    "'synthetic':{'points':20}", "'mean'", 0);
    for (int i = 0; i < OBSERVED; i++) check(&r, "mean", observed[i], 7 - 5 * pow(0.8, depth(observed[i])));
    law_run_free(&r);
}

/* Weights of a regression: steps of s^2 d/(n - d - 1) while E s^2 falls by 1 - d/n, over the depth. Under one fixed design of
 * n rows d/n takes the place of 1/n in what accumulates, and what the noise loses the weights have as error on these rows:
 * E s^2 + D (n - d - 1)/n = 1. */
TEST(law_rollback_of_a_regression) {
    static const char *const linear = "'truth':{'family':'linear-regression','weights':[1,-2],'noise':1%s},"
                                      "'model':{'family':'linear-regression','noise':'fitted'}";
    char what[200];
    for (int path = 0; path < 2; path++) {
        snprintf(what, sizeof what, linear, "");
        law_run r = run(what, "'synthetic':{'points':12}", "'variance_ratio','test_error','log_variance'", path);
        for (int i = 0; i < OBSERVED; i++) {
            const double t = depth(observed[i]), f = 1 - 2 / 12.0;
            check(&r, "variance_ratio", observed[i], pow(f, t));
            check(&r, "test_error", observed[i], 2 / 9.0 * (1 - pow(f, t)) / (1 - f));
            CHECK_LAW(law_at(&r, "log_variance", observed[i]).z);
        }
        law_run_free(&r);
        snprintf(what, sizeof what, linear, ",'design':'fixed'");
        r = run(what, "'preset':'accumulate','synthetic':{'points':12}", "'variance_ratio','test_error'", path);
        for (int i = 0; i < OBSERVED; i++) {
            const double V = accumulated(observed[i], 12 / 2.0);
            check(&r, "variance_ratio", observed[i], V);
            check(&r, "test_error", observed[i], (1 - V) * 12 / 9.0);
        }
        law_run_free(&r);
    }
}

/* A model of sd e^-49 far from the origin of a later one, which saw the truth again: what it draws has all its digits. Steps of the
 * log variance at n = 3: psi(1) + log(2/3). */
TEST(law_rollback_to_a_collapsed_model) {
    for (int path = 0; path < 2; path++) {
        char json[600];
        snprintf(json, sizeof json,
                 "{'name':'l',%s,'policy':{'initial':3,'synthetic':{'points':3},'anchor':{'points':9,'first':101,'last'"
                 ":101},"
                 "'rollback':{'at':103,'to':100}},'run':{'generations':110,'replicates':4000,'seed':5,'path':'%s'},"
                 "'observe':{'measures':['log_variance'],'generations':[100,102,110]}}",
                 GAUSSIAN, paths[path]);
        law_run r = law_run_json(json);
        const double step = -0.57721566490153286 + log(2 / 3.0);
        CHECK_LAW(law_z(&r, "log_variance", 100, 100 * step));
        CHECK(law_at(&r, "log_variance", 102).mean > -10);
        CHECK_LAW(law_z(&r, "log_variance", 110, 108 * step));
        law_run_free(&r);
    }
}
