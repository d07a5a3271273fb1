/* law_modes.c: modes far apart. Their weights follow the categorical chain of fits to n labels: a martingale, with variance
 * w (1 - w) (1 - (1 - 1/n)^t) over replicates. */
#include "harness.h"
#include "law.h"
#include <math.h>

TEST(law_modes_weights) {
    law_run r = law_run_json(
        "{'name':'law','truth':{'family':'gmm','means':[[-40],[0],[60]],'weights':[0.45,0.2,0.35]},'model':{'family':"
        "'gmm','n_components':3,'n_init':3},'policy':{'synthetic':{'points':200}},'run':{'generations':6,"
        "'replicates':1000,'seed':20261120},'observe':{'measures':['modes'],'generations':[1,6]}}");
    for (unsigned t = 1; t <= 6; t += 5) {
        CHECK_LAW(law_z(&r, "mode_mass_min", t, 0.2));
        CHECK_LAW(law_z_variance(&r, "mode_mass_min", t, 0.16 * (1 - pow(199 / 200.0, t))));
        CHECK_CLOSE(law_at(&r, "modes_alive", t).mean, 3, 0, 1e-12);
    }
    law_run_free(&r);
}

/* On the line a component needs two points to have a width: a mode of weight w dies with probability (1 - w)^n +
 * n w (1 - w)^(n-1). */
TEST(law_modes_die) {
    law_run r = law_run_json(
        "{'name':'law','truth':{'family':'gmm','means':[[0],[100]],'weights':[0.9,0.1]},'model':{'family':'gmm',"
        "'n_components':2},'policy':{'synthetic':{'points':20}},'run':{'generations':1,'replicates':4000,"
        "'seed':20261120},'observe':{'measures':['modes'],'generations':[1]}}");
    CHECK_LAW(law_z_below(&r, "modes_alive", 1, 1.5, pow(0.9, 20) + 2 * pow(0.9, 19)));
    law_run_free(&r);
}
