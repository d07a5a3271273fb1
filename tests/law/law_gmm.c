/* law_gmm.c: mixtures under recursive training. Whatever optimum a fit ends in, its last plain step makes the overall mean and
 * total variance those of the points: drift and variance of the whole obey a single Gaussian's exact laws. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

static const char *const kinds[] = {"full", "tied", "diag", "spherical"};

/* E total variance = V0 (1 - 1/n)^t and the drift law, for every kind of covariance. */
TEST(law_gmm_replace) {
    char json[768];
    for (int i = 0; i < 4; i++) {
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'gmm','means':[[0,0],[3,1],[0,4]],'weights':[0.5,0.3,0.2],"
            "'sds':[[1,2],[0.5,0.5],[1,1]],'correlations':[0.6,0,-0.3]},'model':{'family':'gmm','n_components':3,"
            "'covariance_type':'%s'},'policy':{'synthetic':{'points':40}},'run':{'generations':15,'replicates':2000,"
            "'seed':41},'observe':{'measures':['moments'],'generations':[1,5,15]}}",
            kinds[i]);
        law_run r = law_run_json(json);
        for (unsigned t = 1; t <= 15; t = t == 1 ? 5 : t + 10) {
            CHECK_LAW(law_z(&r, "variance_ratio", t, pow(1 - 1 / 40.0, t)));
            CHECK_LAW(law_z(&r, "drift_sq", t, 2 * (1 - pow(1 - 1 / 40.0, t))));
        }
        law_run_free(&r);
    }
}
