/* law_drift.c: a truth that moves while the loop runs. In generation t it is t - 1 steps from where it was given. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static law_run run(const char *truth, const char *policy, const char *rest) {
    char json[1600];
    snprintf(json, sizeof json, "{'name':'l','truth':{%s},'model':{'family':'gaussian'},'policy':{%s},%s}", truth,
             policy, rest);
    return law_run_json(json);
}

#define NORMAL "'family':'gaussian','mean':5,'sd':2,"
#define FRESH(synthetic, anchor)                                                                                       \
    "'preset':'fresh','initial':1000,'synthetic':{'points':" #synthetic "},'anchor':{'points':" #anchor "}"

/* A share a of every fit is fresh: the error obeys e_t = (1 - a)(e_{t-1} - delta), hence -delta (1 - a) / a in the end. */
TEST(law_drift_lag_of_fresh_anchors) {
    static const struct {
        const char *policy;
        double a;
    } cases[] = {{FRESH(980, 20), .02}, {FRESH(500, 500), .5}};
    for (int i = 0; i < 2; i++) {
        const double a = cases[i].a, end = -.01 * (1 - a) / a;
        law_run r = run(NORMAL "'drift':{'mean':0.01}", cases[i].policy,
                        "'run':{'generations':600,'replicates':500,'seed':7},"
                        "'observe':{'measures':['mean_error','moments'],'generations':[1,2,10,600]}");
        for (uint32_t t = 1; t <= 600; t = t < 3 ? t + 1 : t == 3 ? 10 : t == 10 ? 600 : 601) {
            if (t == 3) continue;
            const double exact = end * (1 - pow(1 - a, t - 1.0));
            CHECK_LAW(law_z(&r, "mean_error", t, exact));
            CHECK_CLOSE(law_at(&r, "mean_error", t).theory, exact, 1e-9, 1e-12);
        }
        CHECK_LAW(law_at(&r, "drift_sq", 600).z);
        CHECK_LAW(law_at(&r, "variance_ratio", 600).z);
        law_run_free(&r);
    }
}

/* Anchors collected anew every c generations lag delta (c - 1) / 2 more, in the mean over a cycle. */
TEST(law_drift_lag_of_stale_anchors) {
    law_run r = run(NORMAL "'drift':{'mean':0.01}",
                    "'preset':'fresh','initial':1000,'synthetic':{'points':500},"
                    "'anchor':{'points':500,'source':'stale','refresh':10}",
                    "'run':{'generations':110,'replicates':2000,'seed':8},"
                    "'observe':{'measures':['moments'],'against':['now','anchor']}");
    double theory = 0, mean = 0, se = 0;
    for (uint32_t t = 101; t <= 110; t++) {
        const ouro_summary s = law_at(&r, "mean_error", t);
        theory += s.theory / 10;
        mean += s.mean / 10;
        se += s.se / 10; /* of correlated means: at most their sum */
        CHECK_LAW(s.z);
        CHECK_LAW(law_at(&r, "anchor.mean_error", t).z);
        CHECK_LAW(law_at(&r, "drift_sq", t).z);
        CHECK_LAW(law_at(&r, "anchor.drift_sq", t).z);
    }
    const double exact = -.01 * (1 + 4.5);
    CHECK_CLOSE(theory, exact, 1e-9, 0);
    CHECK_LAW((mean - exact) / se);
    law_run_free(&r);
}

/* Never refreshed: the model falls behind by delta a generation, and judged by its own anchor all is well. */
TEST(law_drift_lag_never_refreshed) {
    law_run r = run(NORMAL "'drift':{'mean':0.01}",
                    "'preset':'fresh','initial':1000,'synthetic':{'points':500},"
                    "'anchor':{'points':500,'source':'fixed'}",
                    "'run':{'generations':476,'replicates':1000,'seed':9},'observe':{'measures':['moments'],"
                    "'against':['now','start','anchor'],'generations':[200,476]}");
    for (uint32_t t = 200; t <= 476; t += 276) { /* the set was collected in generation 2 */
        CHECK_LAW(law_z(&r, "mean_error", t, -.01 * (t - 2.0)));
        CHECK_LAW(law_z(&r, "start.mean_error", t, .01));
        CHECK_LAW(law_z(&r, "anchor.mean_error", t, 0));
        CHECK_CLOSE(law_at(&r, "anchor.mean_error", t).theory, 0, 0, 1e-12);
        CHECK_LAW(law_at(&r, "anchor.drift_sq", t).z);
        CHECK_LAW(law_at(&r, "start.drift_sq", t).z);
    }
    law_run_free(&r);
}

/* A jump fades by 1 - a a generation, from its own on. */
TEST(law_drift_jump) {
    law_run r = run(NORMAL "'drift':{'mean':{'jump':-3,'at':20}}", FRESH(750, 250),
                    "'run':{'generations':30,'replicates':2000,'seed':10},"
                    "'observe':{'measures':['mean_error'],'generations':[19,20,21,30]}");
    CHECK_LAW(law_z(&r, "mean_error", 19, 0));
    CHECK_LAW(law_z(&r, "mean_error", 20, 3 * .75));
    CHECK_LAW(law_z(&r, "mean_error", 21, 3 * .75 * .75));
    CHECK_LAW(law_z(&r, "mean_error", 30, 3 * pow(.75, 11)));
    CHECK_CLOSE(law_at(&r, "mean_error", 30).theory, 3 * pow(.75, 11), 1e-9, 0);
    law_run_free(&r);
}

/* A random walk: with so many points that sampling does not matter the error is autoregressive, of variance
 * w^2 (1 - a)^2 / (1 - (1 - a)^2); and the truth itself is w^2 (t - 1) away from where it was given. */
TEST(law_drift_random_walk) {
    law_run r = run("'family':'gaussian','drift':{'mean':{'walk':0.5}}",
                    "'preset':'fresh','initial':1000000000,'synthetic':{'points':600000000},"
                    "'anchor':{'points':400000000}",
                    "'run':{'generations':40,'replicates':20000,'seed':11},"
                    "'observe':{'measures':['moments'],'against':['now','start','anchor'],'generations':[1,2,40]}");
    const double tail = .25 * .36 / (1 - .36);
    CHECK_LAW(law_z(&r, "mean_error", 2, 0));
    CHECK_LAW(law_z_variance(&r, "mean_error", 2, .25 * .36));
    CHECK_LAW(law_z(&r, "mean_error", 40, 0));
    CHECK_LAW(law_z_variance(&r, "mean_error", 40, tail * (1 - pow(.36, 39))));
    CHECK_CLOSE(law_at(&r, "drift_sq", 40).theory, tail * (1 - pow(.36, 39)), 1e-6, 0);
    CHECK_LAW(law_at(&r, "drift_sq", 40).z);
    CHECK_LAW(law_at(&r, "start.drift_sq", 40).z);
    CHECK_CLOSE(law_at(&r, "anchor.drift_sq", 40).theory, law_at(&r, "drift_sq", 40).theory, 1e-12, 0);
    law_run_free(&r);
}

/* Every policy, every truth that one may compare with, everything that moves at once; both paths. */
TEST(law_drift_any_policy) {
    static const char *const policies[] = {
        "'preset':'fresh','initial':30,'synthetic':{'points':40},"
        "'anchor':{'points':10,'source':'stale','refresh':7}",
        "'preset':'accumulate','initial':30,'synthetic':{'points':40},'anchor':{'points':10,'every':5}",
        "'preset':'accumulate-subsample','initial':30,'synthetic':{'points':40},'anchor':{'points':10,'every':5}",
        "'preset':'augment','initial':30,'synthetic':{'points':40},'anchor':{'points':10,'source':'fixed'}",
        "'preset':'weighted','initial':30,'synthetic':{'points':40},'anchor':{'points':10},"
        "'weights':{'real_share':0.4}",
        "'initial':30,'synthetic':{'points':40},'memory':{'synthetic':3,'real':2},'anchor':{'points':4,'every':3}"};
    static const char *const columns[] = {"mean_error",     "start.mean_error", "anchor.mean_error", "drift_sq",
                                          "start.drift_sq", "anchor.drift_sq",  "variance_ratio"};
    char rest[256];
    for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
        for (int path = 0; path < 2; path++) {
            snprintf(rest, sizeof rest,
                     "'run':{'generations':20,'replicates':%d,'seed':12,'path':'%s'},'observe':{'measures':['moments'],"
                     "'against':['now','start','anchor'],'generations':[2,7,12,20]}",
                     path ? 1500 : 6000, path ? "samples" : "auto");
            law_run r = run("'family':'gaussian','mean':3,'sd':2,'drift':{'mean':{'step':0.05,'walk':0.1,'jump':1,"
                            "'at':12},'sd':{'step':0.01,'scale':'log'}}",
                            policies[p], rest);
            for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
                for (uint32_t t = 2; t <= 20; t = t < 12 ? t + 5 : t + 8) {
                    const ouro_summary s = law_at(&r, columns[c], t);
                    CHECK(!isnan(s.theory));
                    CHECK_LAW(s.z);
                }
            law_run_free(&r);
        }
}

/* Where a fit sees nothing but real points of its generation, it is the fit that a truth standing where this one has come to
 * would give from the same numbers, and so is everything that is measured against it, but for the rounding of the way. */
TEST(law_drift_is_where_it_has_come_to) {
    static const struct {
        const char *model, *given, *drift, *there, *measures; /* moved by eight steps */
    } cases[] = {
        {"gaussian", "'mean':1,'sd':2", "'mean':0.25,'sd':0.5", "'mean':3,'sd':6",
         "'moments','tails','divergences','tail_sides','scores'"},
        {"mvgaussian", "'mean':[0,1],'sd':[1,2]", "'mean':[0.25,-0.5],'sd':[0.125,0]", "'mean':[2,-3],'sd':[2,2]",
         "'moments','divergences','tails'"},
        {"poisson", "'mean':4", "'mean':0.5", "'mean':8", "'moments','divergences','tails'"},
        {"bernoulli", "'p':0.25", "'p':0.0625", "'p':0.75", "'moments','divergences'"},
        {"exponential", "'mean':1", "'mean':{'step':0.125}", "'mean':2", "'moments','divergences','tails'"},
        {"categorical", "'categories':20,'zipf':0.5", "'zipf':0.0625", "'categories':20,'zipf':1",
         "'moments','divergences'"},
        {"categorical", "'probabilities':[0.5,0.5]", "'probabilities':[0.03125,-0.03125]",
         "'probabilities':[0.75,0.25]", "'moments','divergences'"},
        {"gmm", "'means':[[-2],[2]]", "'means':[[0.125],[0.25]]", "'means':[[-1],[4]]", "'moments','divergences'"},
        {"linear-regression", "'weights':[1,2]", "'weights':[0.5,0]", "'weights':[5,2]", "'moments','regression'"},
        {"lda", "'separation':1", "'separation':0.25", "'separation':3", "'classification'"}};
    char json[2][1024];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int moved = 0; moved < 2; moved++)
            snprintf(json[moved], sizeof json[moved],
                     "{'name':'l','truth':{'family':'%s',%s%s%s%s},'model':{'family':'%s'},"
                     "'policy':{'preset':'fresh','initial':50,'synthetic':{'points':0},'anchor':{'points':50}},"
                     "'run':{'generations':9,'replicates':3,'seed':13},"
                     "'observe':{'measures':[%s],'generations':[9]%s}}",
                     cases[i].model, moved ? cases[i].there : cases[i].given, moved ? "" : ",'drift':{",
                     moved ? "" : cases[i].drift, moved ? "" : "}", cases[i].model, cases[i].measures,
                     strstr(cases[i].measures, "tails") ? ",'tails':[0.3]" : "");
        law_run drifting = law_run_json(json[0]), standing = law_run_json(json[1]);
        CHECK(drifting.ok && standing.ok);
        for (size_t k = 0; drifting.ok && standing.ok && k < 3; k++)
            for (size_t m = 0; m < standing.results.columns; m++) {
                const double a = ouro_results_row(&drifting.results, k, 0)[m],
                             b = ouro_results_row(&standing.results, k, 0)[m];
                if (!isnan(a) || !isnan(b)) CHECK_CLOSE(a, b, 1e-10, 1e-12);
            }
        law_run_free(&drifting);
        law_run_free(&standing);
    }
}

/* A drift of nothing is none: the same numbers, and the same columns. */
TEST(law_drift_of_nothing) {
    static const char *const drift[] = {"", ",'drift':{'mean':0}", ",'drift':{'mean':{'jump':1,'at':50}}"};
    double mean[3];
    for (int i = 0; i < 3; i++) {
        char truth[96];
        snprintf(truth, sizeof truth, "'family':'gaussian'%s", drift[i]);
        law_run r = run(truth, FRESH(90, 10),
                        "'run':{'generations':20,'replicates':3,'seed':1},'observe':{'measures':['drift_sq']}");
        mean[i] = law_at(&r, "drift_sq", 20).mean;
        law_run_free(&r);
    }
    CHECK(mean[0] == mean[1] && mean[0] == mean[2]);
}

/* Laws that know of no drift do not speak where there is one; nor those that do, where a walk makes the variance random. */
TEST(law_drift_silences) {
#define WITH(model, drift, column)                                                                                     \
    law_predicts("{'name':'l','truth':{'family':'" model "','drift':" drift "},'model':{'family':'" model "'},"        \
                 "'policy':{'preset':'fresh','initial':20,'synthetic':{'points':20}},'run':{'generations':6}}",        \
                 column, 6)
    CHECK(isnan(WITH("gaussian", "{'mean':1}", "log_variance")));
    CHECK(isnan(WITH("gaussian", "{'sd':{'walk':0.1,'scale':'log'}}", "drift_sq")));
    CHECK(!isnan(WITH("gaussian", "{'sd':{'walk':0.1,'scale':'log'}}", "mean_error")));
    CHECK(isnan(WITH("poisson", "{'mean':{'walk':0.1,'scale':'log'}}", "mean_error")));
    CHECK(!isnan(WITH("poisson", "{'mean':{'step':0.1,'scale':'log'}}", "mean_error")));
    CHECK(isnan(WITH("poisson", "{'mean':1}", "drift_sq")));
    CHECK(isnan(WITH("mvgaussian", "{'correlation':0.01}", "drift_sq")));
#undef WITH
}
