/* law_ppca.c: probabilistic principal components under recursive training. The shared variance is the mean of the eigenvalues
 * it stands for, so that a fit has the total variance of its points and a Gaussian's laws hold for the whole. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

static law_run run(int q, const char *policy, const char *path) {
    char json[1024];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{'family':'mvgaussian','sd':[3,2,1,0.5,0.5],'correlation':0.3},"
             "'model':{'family':'ppca','n_latent':%d},'policy':{%s},'run':{'generations':15,'replicates':6000,"
             "'seed':20261120,'path':'%s'},'observe':{'measures':['moments','spectrum'],'generations':[1,5,15]}}",
             q, policy, path);
    return law_run_json(json);
}

/* E tr = V_0 (1 - 1/n)^t and E drift = d (1 - (1 - 1/n)^t), for any number of latent dimensions, on both paths. */
TEST(law_ppca_replace) {
    static const char *const paths[] = {"statistics", "samples"};
    for (int q = 1; q <= 4; q += q)
        for (int path = 0; path < 2; path++) {
            law_run r = run(q, "'synthetic':{'points':20}", paths[path]);
            for (unsigned t = 1; t <= 15; t = t == 1 ? 5 : t + 10) {
                const double left = pow(19 / 20.0, t);
                CHECK_LAW(law_z(&r, "variance_ratio", t, left));
                CHECK_LAW(law_z(&r, "drift_sq", t, 5 * (1 - left)));
                CHECK_CLOSE(law_at(&r, "variance_ratio", t).theory, left, 1e-12, 0);
            }
            law_run_free(&r);
        }
}

TEST(law_ppca_policies) {
    static const char *const policies[] = {"'preset':'accumulate','synthetic':{'points':20}",
                                           "'synthetic':{'points':20},'anchor':{'points':4,'every':2}"};
    for (int p = 0; p < 2; p++) {
        law_run r = run(2, policies[p], "auto");
        for (unsigned t = 1; t <= 15; t = t == 1 ? 5 : t + 10) {
            CHECK_LAW(law_at(&r, "variance_ratio", t).z);
            CHECK_LAW(law_at(&r, "drift_sq", t).z);
        }
        law_run_free(&r);
    }
}

/* Drawn at temperature tau: E tr = V_0 (1 - 1/n) (tau (1 - 1/n))^(t - 1), on both paths. */
TEST(law_ppca_temperature) {
    static const char *const paths[] = {"statistics", "samples"};
    for (int path = 0; path < 2; path++) {
        law_run r = run(2, "'synthetic':{'points':20,'temperature':0.7}", paths[path]);
        for (unsigned t = 1; t <= 15; t = t == 1 ? 5 : t + 10) {
            const double left = 0.95 * pow(0.7 * 0.95, t - 1);
            CHECK_LAW(law_z(&r, "variance_ratio", t, left));
            CHECK_CLOSE(law_at(&r, "variance_ratio", t).theory, left, 1e-12, 0);
        }
        law_run_free(&r);
    }
}
