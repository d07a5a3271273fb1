/* law_morris.c: families with quadratic variance function V(m) = v0 + v1 m + v2 m^2 (Morris 1982), refitted by maximum
 * likelihood: E m_t = m_0, E V(m_t) = V_0 (1 + v2/n)^t, Var m_t = V_0 [(1 + v2/n)^t - 1] / v2 (t V_0 / n for v2 = 0). */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

typedef struct line {
    const char *truth, *model; /* without the braces */
    double v2;
    unsigned n, t;
} line;

static const line lines[] = {
    {"'family':'bernoulli','p':0.3", "'family':'bernoulli'", -1, 20, 10},
    {"'family':'bernoulli','p':0.81", "'family':'bernoulli'", -1, 50, 25},
    {"'family':'binomial','p':0.3,'trials':7", "'family':'binomial'", -1 / 7.0, 12, 15},
    {"'family':'poisson','mean':1.5", "'family':'poisson'", 0, 20, 10},
    {"'family':'poisson','mean':0.2", "'family':'poisson'", 0, 60, 20},
    {"'family':'geometric','mean':1.5", "'family':'geometric'", 1, 20, 10},
    {"'family':'negative-binomial','mean':1.5,'size':4", "'family':'negative-binomial'", 0.25, 20, 10},
    {"'family':'exponential','mean':2.385", "'family':'exponential'", 1, 20, 10},
    {"'family':'gamma','mean':0.31,'shape':2.7", "'family':'gamma'", 1 / 2.7, 15, 12},
};

static void run(const line *l, const char *path, law_run *r) {
    char json[640];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{%s},'model':{%s},'policy':{'synthetic':{'points':%u}},"
             "'run':{'generations':%u,'replicates':40000,'seed':20261120,'path':'%s'},"
             "'observe':{'measures':['moments'],'generations':[1,%u]}}",
             l->truth, l->model, l->n, l->t, path, l->t);
    *r = law_run_json(json);
}

TEST(law_morris_replace) {
    static const char *const paths[] = {"statistics", "samples"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (int path = 0; path < 2; path++) {
            const line *l = &lines[i];
            law_run r;
            run(l, paths[path], &r);
            double growth = pow(1 + l->v2 / l->n, l->t);
            double drift = l->v2 == 0 ? (double)l->t / l->n : (growth - 1) / l->v2;
            CHECK_LAW(law_z(&r, "drift_sq", 1, 1.0 / l->n));
            CHECK_LAW(law_z(&r, "drift_sq", l->t, drift));
            CHECK_LAW(law_z(&r, "variance_ratio", l->t, growth));
            CHECK_CLOSE(law_at(&r, "drift_sq", l->t).theory, drift, 1e-12, 0);
            CHECK_CLOSE(law_at(&r, "variance_ratio", l->t).theory, growth, 1e-12, 0);
            if (r.ok && !law_holds(law_z(&r, "drift_sq", l->t, drift), l->truth))
                fprintf(stderr, "  path %s\n", paths[path]);
            law_run_free(&r);
        }
}

/* Numbers of an independent derivation: n = 20, t = 10, and accumulate, Poisson n = 20, mean .2, t = 60. */
TEST(law_morris_numbers) {
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'exponential','mean':1.5},'model':{'family':'exponential'},"
                             "'policy':{'synthetic':{'points':20}},'run':{'generations':10}}",
                             "drift_sq", 10) *
                    2.25,
                1.41501, 0, 5e-6);
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'geometric','mean':1.5},'model':{'family':'geometric'},"
                             "'policy':{'synthetic':{'points':20}},'run':{'generations':10}}",
                             "drift_sq", 10) *
                    3.75,
                2.35835, 0, 5e-6);
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'negative-binomial','mean':1.5,'size':4},"
                             "'model':{'family':'negative-binomial'},"
                             "'policy':{'synthetic':{'points':20}},'run':{'generations':10}}",
                             "drift_sq", 10) *
                    2.0625,
                1.09123, 0, 5e-6);
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'bernoulli','p':0.3},'model':{'family':'bernoulli'},"
                             "'policy':{'synthetic':{'points':20}},'run':{'generations':10}}",
                             "variance_ratio", 10) *
                    0.21,
                0.125735, 0, 5e-7);
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'poisson','mean':0.2},'model':{'family':'poisson'},"
                             "'policy':{'preset':'accumulate','synthetic':{'points':20}},'run':{'generations':60}}",
                             "drift_sq", 60) *
                    0.2,
                0.0162841, 0, 5e-8);
    /* k fresh points of n: D = (1/n) / (1 - (1-a)^2 - (1-a) v2/n), stationary */
    double a = 0.1, n = 40, v2 = 0.5;
    CHECK_CLOSE(law_predicts("{'name':'l','truth':{'family':'gamma','mean':3,'shape':2},'model':{'family':'gamma'},"
                             "'policy':{'preset':'fresh','initial':40,'synthetic':{'points':36},'anchor':{'points':4}},"
                             "'run':{'generations':800}}",
                             "drift_sq", 800),
                1 / n / (1 - (1 - a) * (1 - a) - (1 - a) * v2 / n), 1e-9, 0);
}

/* Any policy, both paths, against the recursion; early, where the means are not yet carried by a few heavy replicates. */
TEST(law_morris_any_policy) {
    static const char *const families[] = {"'family':'poisson','mean':2.3", "'family':'exponential','mean':0.7",
                                           "'family':'bernoulli','p':0.35"};
    static const char *const names[] = {"poisson", "exponential", "bernoulli"};
    static const char *const policies[] = {
        "{'preset':'fresh','initial':30,'synthetic':{'points':27},'anchor':{'points':3,'every':2}}",
        "{'preset':'accumulate','synthetic':{'points':15}}",
        "{'preset':'accumulate-subsample','synthetic':{'points':15}}",
        "{'preset':'weighted','initial':12,'synthetic':{'points':25},'anchor':{'points':8}}",
        "{'initial':25,'synthetic':{'points':20},'memory':{'real':3,'synthetic':2}}",
    };
    static const char *const paths[] = {"auto", "samples"};
    char json[768];
    for (size_t i = 0; i < 3; i++)
        for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
            for (int path = 0; path < 2; path++) {
                snprintf(
                    json, sizeof json,
                    "{'name':'law','truth':{%s},'model':{'family':'%s'},'policy':%s,'run':{'generations':5,"
                    "'replicates':16000,'seed':77,'path':'%s'},'observe':{'measures':['moments'],'generations':[2,5]}}",
                    families[i], names[i], policies[p], paths[path]);
                law_run r = law_run_json(json);
                for (unsigned t = 2; t <= 5; t += 3) {
                    CHECK_LAW(law_at(&r, "drift_sq", t).z);
                    CHECK_LAW(law_at(&r, "variance_ratio", t).z);
                }
                law_run_free(&r);
            }
}

/* Galton-Watson: P(lambda_t = 0) = exp(-n lambda_0 g_t), g_1 = 1, g_{t+1} = 1 - exp(-g_t). */
TEST(law_morris_poisson_survival) {
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'poisson','mean':1},'model':{'family':'poisson'},"
                     "'policy':{'synthetic':{'points':10}},'run':{'generations':500,'replicates':40000,'seed':3},"
                     "'observe':{'measures':['absorbed'],'generations':[10,50,500]}}");
    CHECK_LAW(law_z(&r, "absorbed", 10, 1 - 0.821384));
    CHECK_LAW(law_z(&r, "absorbed", 50, 1 - 0.318710));
    CHECK_LAW(law_z(&r, "absorbed", 500, 1 - 0.038991));
    CHECK_CLOSE(law_at(&r, "absorbed", 50).theory, 1 - 0.318710, 0, 5e-7);
    CHECK_CLOSE(law_at(&r, "absorbed", 500).theory, 1 - 0.038991, 0, 5e-7);
    law_run_free(&r);
}

/* Bernoulli is the haploid Wright-Fisher chain; n = 100, p = .01: P(p_t != 0) = .161389 at t = 10, .041122 at t = 50. */
TEST(law_morris_bernoulli_survival) {
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'bernoulli','p':0.01},'model':{'family':'bernoulli'},"
                     "'policy':{'synthetic':{'points':100}},'run':{'generations':50,'replicates':40000,'seed':4},"
                     "'observe':{'measures':['absorbed'],'generations':[10,50]}}");
    CHECK_LAW(law_z(&r, "absorbed", 10, 1 - 0.161389));
    CHECK_LAW(law_z(&r, "absorbed", 50, 1 - 0.041122));
    law_run_free(&r);
}

/* Scale families: E log m_t = t (psi(n a) - log(n a)), Var = t psi'(n a); log_variance is twice the logarithm of the scale. */
TEST(law_morris_scale_logs) {
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'exponential','mean':1.5},'model':{'family':'exponential'},"
                     "'policy':{'synthetic':{'points':20}},'run':{'generations':50,'replicates':40000,'seed':5},"
                     "'observe':{'measures':['moments','entropy'],'generations':[50]}}");
    CHECK_LAW(law_z(&r, "log_variance", 50, 2 * -1.26041));
    CHECK_LAW(law_z_variance(&r, "log_variance", 50, 4 * 2.56354));
    CHECK_CLOSE(law_at(&r, "log_variance", 50).theory, 2 * -1.26041, 0, 2e-5);
    law_run_free(&r);
    r = law_run_json("{'name':'l','truth':{'family':'exponential','mean':1},'model':{'family':'exponential'},"
                     "'policy':{'synthetic':{'points':1}},'run':{'generations':2000,'replicates':400,'seed':6},"
                     "'observe':{'generations':[2000]}}");
    CHECK(law_at(&r, "log_variance", 2000).quantile[4] < 2 * log(1e-308)); /* no floor, far below any double */
    for (size_t i = 0; r.ok && i < r.results.replicates; i++)
        for (size_t m = 0; m < r.results.columns; m++)
            if (isnan(ouro_results_row(&r.results, i, 0)[m]))
                CHECK_STR(r.results.experiment->columns[m].name, "not NaN");
    law_run_free(&r);
}

/* A model that takes another shape for known: its first fit sees the truth's points, with the truth's variance V_0 = m^2/2, later
 * ones its own, m^2/5: D_1 = 1/n, D_2 = D_1 + (2/5)(1 + D_1/2) / n. Ouro's law says nothing of it. */
TEST(law_morris_another_shape) {
    static const char *const paths[] = {"statistics", "samples"};
    char json[500];
    for (int path = 0; path < 2; path++) {
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'gamma','mean':3,'shape':2},'model':{'family':'gamma','shape':5},'policy':"
            "{'synthetic':{'points':10}},'run':{'generations':2,'replicates':40000,'seed':8,'path':'%s'},"
            "'observe':{'measures':['moments'],'generations':[1,2]}}",
            paths[path]);
        law_run r = law_run_json(json);
        CHECK_LAW(law_z(&r, "drift_sq", 1, 0.1));
        CHECK_LAW(law_z(&r, "drift_sq", 2, 0.1 + 0.4 * 1.05 / 10));
        CHECK_LAW(law_z(&r, "variance_ratio", 1, 0.4 * 1.05));
        CHECK(isnan(law_at(&r, "drift_sq", 1).theory) && isnan(law_at(&r, "variance_ratio", 1).theory));
        CHECK(isnan(law_at(&r, "log_variance", 1).theory));
        law_run_free(&r);
    }
}
