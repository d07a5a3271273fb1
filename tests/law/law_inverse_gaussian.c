/* law_inverse_gaussian.c: 1 / lambda takes the steps of a normal's variance, the mean is a martingale. */
#include "harness.h"
#include "law.h"
#include "ouro/replicate.h"
#include "setup.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>

enum { POINTS = 12, GENERATIONS = 15, RUNS = 20000 };

/* E log lambda_t = log lambda_0 - t (psi((n-1)/2) + log(2/n)), Var = t psi'((n-1)/2); E mu_t = mu_0. */
TEST(law_inverse_gaussian_replace) {
    static const char *const paths[] = {"statistics", "samples"};
    char json[400];
    for (int path = 0; path < 2; path++) {
        ouro_study study;
        ouro_replicate r;
        ouro_error e = {0};
        double sum = 0, square = 0, fourth = 0, mean = 0, spread = 0;
        double expected = log(2.7) - GENERATIONS * (gsl_sf_psi((POINTS - 1) / 2.0) + log(2.0 / POINTS));
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'inverse-gaussian','mean':1.3,'shape':2.7},"
                 "'model':{'family':'inverse-gaussian'},'policy':{'synthetic':{'points':%d}},"
                 "'run':{'generations':%d,'seed':20261120,'path':'%s'},'observe':{'measures':['moments']}}",
                 POINTS, GENERATIONS, paths[path]);
        REQUIRE(setup_load(&study, json) == OURO_OK);
        REQUIRE(ouro_replicate_init(&r, &study.experiment[0], &e) == OURO_OK);
        for (uint32_t i = 0; i < RUNS; i++) {
            ouro_replicate_begin(&r, i);
            for (int t = 0; t < GENERATIONS; t++) REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
            double d = r.theta[1] - expected, m = exp(r.theta[0]);
            sum += d;
            square += d * d;
            fourth += d * d * d * d;
            mean += m;
            spread += (m - 1.3) * (m - 1.3);
        }
        double variance = square / RUNS, law = GENERATIONS * gsl_sf_psi_1((POINTS - 1) / 2.0);
        CHECK_LAW(sum / RUNS / sqrt(variance / RUNS));
        CHECK_LAW((variance - law) / sqrt((fourth / RUNS - variance * variance) / RUNS));
        CHECK_LAW((mean / RUNS - 1.3) / sqrt(spread / RUNS / RUNS));
        ouro_replicate_free(&r);
        ouro_study_free(&study);
    }
}

/* Far into the collapse: shapes beyond 1e308 on the statistics path, nothing NaN. */
TEST(law_inverse_gaussian_deep_collapse) {
    law_run r = law_run_json("{'name':'l','truth':{'family':'inverse-gaussian'},'model':{'family':'inverse-gaussian'},"
                             "'policy':{'synthetic':{'points':4}},'run':{'generations':2000,'replicates':200,'seed':3},"
                             "'observe':{'generations':[2000]}}");
    CHECK(law_at(&r, "log_variance", 2000).quantile[4] < log(1e-300));
    for (size_t i = 0; r.ok && i < r.results.replicates; i++)
        for (size_t m = 0; m < r.results.columns; m++)
            if (isnan(ouro_results_row(&r.results, i, 0)[m]))
                CHECK_STR(r.results.experiment->columns[m].name, "not NaN");
    law_run_free(&r);
}
