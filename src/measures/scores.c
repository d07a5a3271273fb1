/* scores.c: how well a model explains fresh points of the truth.
 *
 * The points are drawn once per replicate, at an address of generation 0, so that every generation is scored on the same
 * ones: differences between generations carry no noise of the test set. */
#include "ouro/measure.h"
#include <math.h>

enum { NLL_REAL, POINTS = 500, SLOT = 1 };

static const ouro_column_type columns[] = {
    {"nll_real", "nats", "-(1/500) sum_i log p_t(y_i), y_1, ..., y_500 from the truth",
     "Mean negative log density of the model at 500 points of the truth that no fit sees, the same ones in every "
     "generation of a replicate; inf where the model gives one of them no density."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    (void)column;
    const ouro_family_type *f = s->model->type;
    if (!s->truth->family.type || !s->truth->theta || ouro_truth_is_data(s->truth))
        return "observed data give no fresh points to score on";
    if (s->truth->domain.covariates) return "it is for points, and the truth draws responses to covariates";
    if (!f->log_densities && !(f->log_density && s->model->domain.dim == 1))
        return "the model has no closed form for its density";
    return NULL;
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail;
    if (!wanted) return;
    const ouro_family *truth = &s->truth->family, *f = s->model;
    out[NLL_REAL] = NAN;
    if (!o->theta || !o->address || !o->tmp) return;
    const ouro_arena_mark mark = ouro_arena_here(o->tmp);
    double *x = ouro_arena_alloc(o->tmp, POINTS * f->domain.dim, sizeof *x), sum = 0;
    double *value = ouro_arena_alloc(o->tmp, POINTS, sizeof *value);
    ouro_address address = *o->address;
    ouro_stream stream;
    address.generation = 0;
    address.slot = SLOT;
    ouro_stream_open(&stream, &address);
    int bad = !x || !value || truth->type->sample(truth, s->truth->theta, &stream, o->tmp, POINTS, x);
    if (!bad && f->type->log_densities) bad = f->type->log_densities(f, o->theta, o->tmp, POINTS, x, value);
    for (size_t i = 0; i < POINTS && !bad; i++) {
        if (!f->type->log_densities) value[i] = f->type->log_density(f, o->theta, x[i]);
        sum += isnan(value[i]) ? -INFINITY : value[i]; /* shrunk beyond the formula's scales: no density here */
    }
    if (!bad) out[NLL_REAL] = -sum / POINTS;
    if (bad && o->failed) *o->failed = OURO_ENOMEM;
    ouro_arena_reset(o->tmp, mark);
}

const ouro_measure_type ouro_measure_scores = {
    .name = "scores",
    .doc = "Negative log likelihood of fresh points of the truth: what held-out data would say of the model.",
    .reference = "Kazdan et al. 2024",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .slow = 1,
    .compares = OURO_ALL_COLUMNS,
    .missing = missing,
    .measure = measure,
};
