/* scores.c: negative log likelihoods of one model by the truth, by the rows of its fit and by its own samples. */
#include "setup.h"
#include "harness.h"
#include "ouro/replicate.h"
#include <math.h>

enum { REAL, SELF, OWN };

/* Models that do not move: real points alone, each kept. Two replicates of three generations into row[2][3][]. */
static int run_still(const char *config, const char *columns, double row[2][3][16]) {
    ouro_study s;
    ouro_replicate r;
    ouro_error e = {0};
    int ret = setup_loadf(&s,
                          "{'name':'s',%s,'policy':{'initial':4000,'synthetic':{'points':0},'memory':{'real':'all'}},"
                          "'observe':{'measures':[%s]}}",
                          config, columns);
    if (!ret) ret = ouro_replicate_init(&r, &s.experiment[0], &e);
    for (uint32_t replicate = 0; replicate < 2 && !ret; replicate++) {
        ouro_replicate_begin(&r, replicate);
        for (int t = 0; t < 3 && !ret; t++) {
            ret = ouro_replicate_step(&r, &e);
            ouro_replicate_measure(&r, row[replicate][t]);
        }
    }
    if (!ret) ouro_replicate_free(&r);
    ouro_study_free(&s);
    return ret;
}

/* Exact within a family: 4000 points put the model 2 KL = chi^2_p / 4000 from the truth, whose entropy is the floor. */
TEST(unit_scores_of_good_models) {
    static const char *const cases[] = {
        "'truth':{'family':'gaussian','sd':3},'model':{'family':'gaussian'}",
        "'truth':{'family':'mvgaussian','sd':[3,1]},'model':{'family':'mvgaussian'}",
        "'truth':{'family':'mvgaussian','sd':[3,1]},'model':{'family':'gmm','n_components':1}",
        "'truth':{'family':'exponential','mean':3},'model':{'family':'exponential'}",
        "'truth':{'family':'mvgaussian','sd':[3,1]},'model':{'family':'ppca'}",
        "'truth':{'family':'categorical','probabilities':[0.5,0.25,0.25]},'model':{'family':'categorical'}",
    };
    const double normal = 0.5 * (1 + log(2 * M_PI)),
                 floor[] = {normal + log(3), 2 * normal + log(3), 2 * normal + log(3),
                            1 + log(3),      2 * normal + log(3), 1.5 * M_LN2};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        double row[2][3][16];
        REQUIRE(run_still(cases[c], "'nll_real','nll_self','nll_own'", row) == OURO_OK);
        for (int i = 0; i < 6; i++) {
            const double *x = row[i / 3][i % 3];
            CHECK(x[REAL] > floor[c] - 1e-9 && x[REAL] < floor[c] + 0.004);
            CHECK_CLOSE(x[SELF], floor[c], 0, 5 * sqrt(1.0 / 4000));
            CHECK_CLOSE(x[OWN], x[SELF], 0, c == 2 ? 5 * sqrt(1.0 / 500) : 1e-12); /* of gmm: 500 draws */
            CHECK_CLOSE(x[REAL], row[i / 3][0][REAL], 1e-12, 0);
        }
        CHECK(row[0][0][REAL] != row[1][0][REAL]);
    }
}

/* A truth without a density: 500 points, the same ones in every generation of a replicate, others in the next. A normal
 * with the truth's moments scores its own entropy on them, whatever they are like. */
TEST(unit_scores_use_one_set_of_points) {
    static const char *const cases[] = {"'truth':{'family':'moons'},'model':{'family':'mvgaussian'}",
                                        "'truth':{'family':'moons'},'model':{'family':'gmm','n_components':1}"};
    for (size_t c = 0; c < 2; c++) {
        double row[2][3][16];
        REQUIRE(run_still(cases[c], "'nll_real','nll_self','nll_own'", row) == OURO_OK);
        for (int i = 0; i < 6; i++) {
            const double *x = row[i / 3][i % 3];
            CHECK_CLOSE(x[REAL], x[SELF], 0, 5 * sqrt(0.5 / 500));
            CHECK_CLOSE(x[REAL], row[i / 3][0][REAL], 1e-12, 0);
        }
        CHECK(fabs(row[0][0][REAL] - row[1][0][REAL]) > 1e-4);
    }
}

/* Without an entropy in closed form: 500 points of the model itself, others in each generation and replicate. A mixture of
 * one component is a normal, whose entropy is known. */
TEST(unit_scores_own_samples) {
    double row[2][3][16];
    REQUIRE(run_still("'truth':{'family':'mvgaussian','sd':[3,0.1]},'model':{'family':'gmm','n_components':1}",
                      "'nll_own','log_variance'", row) == OURO_OK);
    for (int i = 0; i < 6; i++) {
        const double *x = row[i / 3][i % 3], exact = 1 + log(2 * M_PI) + log(0.3) + x[1];
        CHECK_CLOSE(x[0], exact, 0, 5 * sqrt(1.0 / 500));
        for (int j = 0; j < i; j++) CHECK(fabs(x[0] - row[j / 3][j % 3][0]) > 1e-6);
    }
}

/* The same where the model has moved away from the truth: its own samples follow it. */
TEST(unit_scores_own_samples_follow_the_model) {
    ouro_study s;
    ouro_replicate r;
    ouro_error e = {0};
    double row[16];
    REQUIRE(setup_load(&s, "{'name':'s','truth':{'family':'mvgaussian','sd':[3,1]},'model':{'family':'gmm',"
                           "'n_components':1},'policy':{'synthetic':{'points':8}},"
                           "'observe':{'measures':['nll_own','log_variance']}}") == OURO_OK);
    REQUIRE(ouro_replicate_init(&r, &s.experiment[0], &e) == OURO_OK);
    ouro_replicate_begin(&r, 0);
    for (int t = 0; t < 30; t++) REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
    ouro_replicate_measure(&r, row);
    CHECK(row[1] < -2);
    CHECK_CLOSE(row[0], 1 + log(2 * M_PI) + log(3) + row[1], 0, 5 * sqrt(1.0 / 500));
    ouro_replicate_free(&r);
    ouro_study_free(&s);
}
