/* modes.c: which modes a mixture still has and how wide its components are, on models written by hand, and the score of a model on points of the truth. */
#include "harness.h"
#include "ouro/registry.h"
#include "setup.h"
#include <math.h>
#include <string.h>

/* Truth: modes at (0,0), (10,0), (0,10) of weights .5, .3, .2, in the order given; model: k components. */
static int load(ouro_study *s, const int *order, int k) {
    static const char *const means[] = {"[0,0]", "[10,0]", "[0,10]"}, *const weights[] = {"0.5", "0.3", "0.2"};
    static const char *const sds[] = {"[1,1]", "[1,3]", "[2,1]"};
    return setup_loadf(s,
                       "{'name':'m','truth':{'family':'gmm','means':[%s,%s,%s],'weights':[%s,%s,%s],'sds':[%s,%s,%s]},"
                       "'model':{'family':'gmm','n_components':%d},'observe':{'measures':['modes']}}",
                       means[order[0]], means[order[1]], means[order[2]], weights[order[0]], weights[order[1]],
                       weights[order[2]], sds[order[0]], sds[order[1]], sds[order[2]], k) == OURO_OK;
}

/* Component c of k in two dimensions: weight, mean, and one standard deviation. */
typedef struct component {
    double weight, x, y, sd;
} component;

static void write_model(int k, const component *from, const int *order, double *theta) {
    for (int c = 0; c < k; c++) {
        const component *m = from + order[c];
        const double L[] = {m->sd, 0, m->sd};
        theta[0] = theta[1] = 0; /* the location, to which means are relative */
        theta[2 + c] = m->weight > 0 ? log(m->weight) : -INFINITY;
        theta[2 + k + 2 * c] = m->x;
        theta[2 + k + 2 * c + 1] = m->y;
        memcpy(theta + 2 + 3 * k + 3 * c, L, sizeof L);
    }
}

static void look(const ouro_study *s, const double *theta, double points, double *out) {
    const ouro_provenance provenance = {.points = points};
    const ouro_observation o = {.theta = theta, .provenance = theta ? &provenance : NULL};
    ouro_measure_find("modes")->measure(&s->experiment[0].setting, &o, 0, 3, out);
}

static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

/* Cases, each under every order of the truth's modes and of the model's components: the same to the last bit. */
TEST(unit_modes_of_models) {
    static const struct {
        component c[3];
        double points, alive, rarest;
    } cases[] = {
        {{{0.5, 0, 0, 1}, {0.3, 10, 0, 1}, {0.2, 0, 10, 1}}, 100, 3, 0.2},
        {{{0.5, 0, 0, 1}, {0.25, 10, 1, 1}, {0.25, 10, -1, 1}}, 100, 2, 0},         /* two share a mode */
        {{{0.5, 0, 0, 1}, {0.5, 10, 0, 1}, {0, 0, 10, 1}}, 100, 2, 0},              /* one is dead */
        {{{0.6, 1, 1, 1e-200}, {0.3, 9, 0, 1e-200}, {0.1, 1, 9, 0}}, 100, 3, 0.1},  /* shrunk, and to a point */
        {{{0.5, 0, 0, 1}, {0.496, 10, 0, 1}, {0.004, 0, 10, 1}}, 100, 2, 0.004},    /* less than half a point */
        {{{0.5, 0, 0, 1}, {0.496, 10, 0, 1}, {0.004, 0, 10, 1}}, 1000, 3, 0.004},   /* four points */
        {{{0.5, 5.4, 0, 0.1}, {0.3, 4.5, 0, 0.1}, {0.2, -30, 30, 5}}, 100, 3, 0.2}, /* the nearest, however far */
        {{{0.5, 0, 0, 1}, {0.3, 10, 0, 1}, {0.2, 6.8, 7.1, 1}}, 100, 2, 0},         /* a mode's own axes count */
        {{{0.5, 10, 0, 1}, {0.3, 0, 0, 1}, {0.2, 0, 5.03, 0.01}}, 100, 2, 0}, /* the wider mode is the less dense */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int a = 0; a < 6; a++)
            for (int b = 0; b < 6; b++) {
                ouro_study s;
                double theta[20], out[2];
                REQUIRE(load(&s, orders[a], 3));
                write_model(3, cases[i].c, orders[b], theta);
                look(&s, theta, cases[i].points, out);
                CHECK_EQ(out[0], cases[i].alive);
                CHECK_CLOSE(out[1], cases[i].rarest, 1e-14, 0);
                look(&s, NULL, NAN, out);
                CHECK_EQ(out[0], 3);
                CHECK_CLOSE(out[1], 0.2, 1e-14, 0);
                ouro_study_free(&s);
            }
}

/* Widths of components, the dead left out: sqrt(tr Sigma / d); also of the truth, whose axes are (1,1), (1,3) and (2,1). */
TEST(unit_modes_component_sd) {
    static const component models[][3] = {
        {{0.5, 0, 0, 0.5}, {0.3, 10, 0, 4}, {0.2, 0, 10, 1}},
        {{0.5, 0, 0, 1e-200}, {0.5, 10, 0, 1e200}, {0, 0, 10, 1e300}}, /* beyond what squares can hold */
        {{1, 0, 0, 0}, {0, 10, 0, 1}, {0, 0, 10, 1}},                  /* a point */
    };
    static const double expected[][2] = {{0.5, 4}, {1e-200, 1e200}, {0, 0}};
    ouro_study s;
    double theta[20], out[2];
    REQUIRE(load(&s, orders[0], 3));
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        for (int b = 0; b < 6; b++) {
            const ouro_observation o = {.theta = theta};
            write_model(3, models[i], orders[b], theta);
            ouro_measure_find("component_sd")->measure(&s.experiment[0].setting, &o, 0, 3, out);
            CHECK_CLOSE(out[0], expected[i][0], 1e-14, 0);
            CHECK_CLOSE(out[1], expected[i][1], 1e-14, 0);
        }
    ouro_measure_find("component_sd")->measure(&s.experiment[0].setting, &(ouro_observation){0}, 0, 3, out);
    CHECK_CLOSE(out[0], 1, 1e-14, 0);
    CHECK_CLOSE(out[1], sqrt(5), 1e-14, 0);
    ouro_study_free(&s);
}
