/* log_densities.c: log densities of rows against the textbook, the covariance written out and inverted by cofactors in long
 * double. */
#include "harness.h"
#include "ouro/registry.h"
#include "setup.h"
#include <math.h>

enum { POINTS = 40, MOST_DIM = 3 };

/* A component as the config gives it: weight, mean, standard deviations, one correlation between any two. */
typedef struct normal {
    double weight, mean[MOST_DIM], sd[MOST_DIM], r;
} normal;

static long double log_normal(size_t d, const normal *c, const double *x) {
    long double C[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, I[3][3], gap[3] = {0}, det = 0, sum = 0;
    for (size_t i = 0; i < d; i++) {
        gap[i] = (long double)x[i] - c->mean[i];
        for (size_t j = 0; j < d; j++) C[i][j] = (i == j ? 1 : c->r) * (long double)c->sd[i] * c->sd[j];
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int a = (i + 1) % 3, b = (i + 2) % 3, e = (j + 1) % 3, f = (j + 2) % 3;
            I[j][i] = C[a][e] * C[b][f] - C[a][f] * C[b][e];
        }
    for (int i = 0; i < 3; i++) det += C[0][i] * I[i][0];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) sum += gap[i] * I[i][j] * gap[j] / det;
    return -(sum + logl(det) + (long double)d * logl(2 * acosl(-1))) / 2;
}

TEST(contract_log_densities) {
    static const struct {
        const char *truth;
        size_t d, k;
        normal c[2];
    } cases[] = {
        {"'family':'gaussian','mean':2,'sd':0.3", 1, 1, {{1, {2}, {0.3}, 0}}},
        {"'family':'gaussian','mean':-1e6,'sd':7", 1, 1, {{1, {-1e6}, {7}, 0}}},
        {"'family':'mvgaussian','mean':[1,-2],'sd':[3,0.5],'correlation':-0.8", 2, 1, {{1, {1, -2}, {3, 0.5}, -0.8}}},
        {"'family':'mvgaussian','sd':[1,2,0.01],'correlation':0.6", 3, 1, {{1, {0}, {1, 2, 0.01}, 0.6}}},
        {"'family':'gmm'", 1, 2, {{0.5, {-2}, {1}, 0}, {0.5, {2}, {1}, 0}}},
        {"'family':'gmm','means':[[1,2,3],[-4,0,1]],'weights':[0.9,0.1],'sds':[[1],[0.2]],'correlations':[0.5,-0.3]",
         3,
         2,
         {{0.9, {1, 2, 3}, {1, 1, 1}, 0.5}, {0.1, {-4, 0, 1}, {0.2, 0.2, 0.2}, -0.3}}},
    };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        const size_t d = cases[n].d;
        double x[POINTS * MOST_DIM], out[POINTS];
        ouro_study s;
        ouro_stream stream;
        ouro_arena tmp = {0};
        REQUIRE(setup_loadf(&s, "{'name':'d','truth':{%s},'model':{'family':'mvgaussian'}}", cases[n].truth) ==
                OURO_OK);
        const ouro_truth *t = &s.experiment[0].truth;
        ouro_stream_open(&stream, &(ouro_address){.seed = 5});
        REQUIRE(t->family.type->sample(&t->family, t->theta, &stream, &tmp, POINTS, x) == OURO_OK);
        for (size_t i = 0; i < d; i++) x[i] += 6 * cases[n].c[0].sd[i]; /* the first one far out */
        REQUIRE(t->family.type->log_densities(&t->family, t->theta, &tmp, POINTS, x, out) == OURO_OK);
        for (size_t i = 0; i < POINTS; i++) {
            long double p = 0;
            for (size_t c = 0; c < cases[n].k; c++)
                p += cases[n].c[c].weight * expl(log_normal(d, &cases[n].c[c], x + i * d));
            CHECK_CLOSE(out[i], (double)logl(p), 1e-10, 1e-10);
        }
        ouro_arena_free(&tmp);
        ouro_study_free(&s);
    }
}
