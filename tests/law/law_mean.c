/* law_mean.c: U1, the fitted mean is a martingale under every policy, for every family whose fit matches the mean. */
#include "harness.h"
#include "law.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const paths[] = {"auto", "samples"};

/* Every family of the registry, at truths of our own choosing: what is put beside the family's name. Heavy products keep few
 * generations, so that the mean of the replicates is one. */
static const char *const truths[][3] = {
    /* and beside the model's */
    {"gaussian", "'mean':2.385,'sd':0.731"},
    {"gaussian-mean", "'mean':2.385,'sd':0.731"},
    {"bernoulli", "'p':0.17"},
    {"binomial", "'p':0.3,'trials':7"},
    {"poisson", "'mean':1.3"},
    {"geometric", "'mean':0.8"},
    {"negative-binomial", "'mean':2.1,'size':3.5"},
    {"exponential", "'mean':0.37"},
    {"gamma", "'mean':4.1,'shape':2.7"},
    {"gamma", "'mean':4.1,'shape':2.7", ",'shape':'fitted'"},
    {"inverse-gaussian", "'mean':1.7,'shape':6"},
    {"ising", "'spins':7,'field':0.3"},
    {"ising", "'spins':6,'coupling':0.04,'order':2,'field':-0.1"},
};
static const char *const policies[] = {
    "{'synthetic':{'points':17}}",
    "{'preset':'accumulate-subsample','synthetic':{'points':14}}",
    "{'preset':'weighted','synthetic':{'points':20},'anchor':{'points':5,'every':2},'weights':{'real_share':0.3}}",
};

TEST(law_mean_is_a_martingale) {
    char json[768];
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++)
        for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
            for (int path = 0; path < 2; path++) {
                snprintf(json, sizeof json,
                         "{'name':'l','truth':{'family':'%s',%s},'model':{'family':'%s'%s},'policy':%s,"
                         "'run':{'generations':9,'replicates':4000,'seed':311,'path':'%s'},"
                         "'observe':{'measures':['mean'],'generations':[1,3,9]}}",
                         truths[i][0], truths[i][1], truths[i][0], truths[i][2] ? truths[i][2] : "", policies[p],
                         paths[path]);
                law_run r = law_run_json(json);
                const double mean = r.ok ? r.study.experiment[0].truth.moments.mean[0] : NAN;
                CHECK_LAW(law_z(&r, "mean", 3, mean));
                CHECK_LAW(law_z(&r, "mean", 9, mean));
                CHECK_CLOSE(law_at(&r, "mean", 9).theory, mean, 1e-14, 1e-14);
                law_run_free(&r);
            }
}

/* No family with the promise is left out of the table above, but for those of more than one number. */
TEST(law_mean_table_is_complete) {
    for (size_t i = 0; i < ouro_families_len; i++) {
        const ouro_family_type *f = ouro_families[i];
        size_t k = 0;
        if (!f->matches_mean || !f->truth_domain || !f->log_density) continue;
        while (k < sizeof truths / sizeof truths[0] && strcmp(truths[k][0], f->name)) k++;
        if (!harness_true(k < sizeof truths / sizeof truths[0], __FILE__, __LINE__, f->name))
            printf("  add a truth of %s to the table\n", f->name);
    }
}

/* A prior elsewhere pulls the mean: E m_t = m* + (1 - a)^t (m_0 - m*), a = nu / (n + nu); a prior at the fit on real data
 * does not move it. */
TEST(law_mean_follows_the_prior) {
    char json[768];
    for (int path = 0; path < 2; path++) {
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'exponential','mean':2},'model':{'family':'exponential','estimator':"
            "{'type':'map','strength':3,'centre':'parameters','at':{'mean':5}}},'policy':{'synthetic':{'points':27}},"
            "'run':{'generations':12,'replicates':20000,'seed':5,'path':'%s'},"
            "'observe':{'measures':['mean'],'generations':[1,12]}}",
            paths[path]);
        law_run r = law_run_json(json);
        CHECK_LAW(law_z(&r, "mean", 1, 5 - 3 * 0.9));
        CHECK_LAW(law_z(&r, "mean", 12, 5 - 3 * pow(0.9, 12)));
        CHECK_CLOSE(law_at(&r, "mean", 12).theory, 5 - 3 * pow(0.9, 12), 1e-14, 0);
        law_run_free(&r);
    }
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'gaussian','mean':4},'model':{'family':'gaussian','estimator':"
                     "{'type':'map','strength':4,'centre':'initial'}},'policy':{'synthetic':{'points':16}},"
                     "'run':{'generations':20,'replicates':20000,'seed':6},"
                     "'observe':{'measures':['mean'],'generations':[1,20]}}");
    CHECK_LAW(law_z(&r, "mean", 20, 4));
    CHECK_CLOSE(law_at(&r, "mean", 20).theory, 4, 1e-14, 0);
    law_run_free(&r);
}
