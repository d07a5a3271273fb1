/* nodes.h: pairs of truth and model for tests of measures by nodes, and densities written down a second time. */
#ifndef OURO_TEST_NODES_H
#define OURO_TEST_NODES_H
#include "setup.h"
#include "harness.h"
#include "ouro/registry.h"
#include <math.h>

enum { PAIR_MOST = 3000 };

/* A study of one point and a model to observe in it. */
typedef struct pair {
    ouro_study study;
    const ouro_setting *s;
    double theta[PAIR_MOST], mean[64];
    ouro_moments moments;
    ouro_arena tmp;
} pair;

static inline int pair_begin(pair *c, const char *truth, const char *model, const char *measures) {
    *c = (pair){0};
    if (setup_loadf(&c->study, "{'name': 'pair', 'truth': {%s}, 'model': {%s}, 'observe': {'measures': [%s]}}", truth,
                    model, measures) != OURO_OK)
        return 0;
    c->s = &c->study.experiment[0].setting;
    c->moments.mean = c->mean;
    return 1;
}

static inline void pair_end(pair *c) {
    ouro_study_free(&c->study);
    ouro_arena_free(&c->tmp);
}

static inline void pair_model(pair *c, const double *theta) {
    memcpy(c->theta, theta, c->s->model->theta_len * sizeof *theta);
    c->s->model->type->moments(c->s->model, c->theta, &c->moments);
}

/* As pair_model, of k components with absolute means and no location: {log weight[k], mean[k d], factor…}. */
static inline void pair_mixture(pair *c, size_t k, const double *theta) {
    const size_t d = c->s->model->domain.dim, len = c->s->model->theta_len;
    for (size_t i = 0; i < len; i++) c->theta[i] = i < d ? 0.5 : theta[i - d];
    for (size_t i = 0; i < k * d; i++) c->theta[d + k + i] -= c->theta[i % d];
    c->s->model->type->moments(c->s->model, c->theta, &c->moments);
}

static inline const ouro_measure_type *pair_find(const char *column, size_t *index) {
    for (size_t m = 0; m < ouro_measures_len; m++)
        for (size_t i = 0; i < ouro_measures[m]->len; i++)
            if (strcmp(ouro_measures[m]->columns[i].name, column) == 0) {
                *index = i;
                return ouro_measures[m];
            }
    return NULL;
}

static inline double pair_tail(pair *c, const char *column, size_t tail) {
    double out[16];
    size_t i = 0;
    const ouro_measure_type *m = pair_find(column, &i);
    const ouro_observation o = {.theta = c->theta, .moments = &c->moments, .tmp = &c->tmp};
    for (int k = 0; k < 16; k++) out[k] = NAN;
    if (!harness_true(m != NULL && m->missing(c->s, i) == NULL, __FILE__, __LINE__, column)) return NAN;
    m->measure(c->s, &o, tail, 1U << i, out);
    return out[i];
}
static inline double pair_value(pair *c, const char *column) { return pair_tail(c, column, 0); }

static inline const char *pair_missing(const pair *c, const char *column) {
    size_t i = 0;
    const ouro_measure_type *m = pair_find(column, &i);
    return m ? m->missing(c->s, i) : "no such column";
}

#endif
