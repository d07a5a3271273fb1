/* modes.c: which modes of a mixture a mixture model still has.
 *
 * Every living component of the model belongs to one mode, a component of the truth: the one under which its points are
 * likeliest, that is with the least KL(component || mode) = [tr(S^-1 C) + |gap|^2_S^-1 - log det C + log det S - d] / 2, C
 * the component's and S the mode's covariance; log det C is the same for all modes and is left out. So the order of
 * components does not matter, two components may share a mode, and one that has shrunk to a point still has its place,
 * where a measure of overlap would be zero for every mode. One-to-one assignment would give a dead mode the spare half of a
 * living one. A mode's mass is the weight of its components; it is alive when that is worth half a point of the fit,
 * w n >= 1/2: below, the next batch most likely has none of it. */
#include "core/mixture.h"
#include "ouro/measure.h"
#include <math.h>
#include <string.h>

enum { ALIVE, MASS_MIN, MOST_MODES = 1000, MOST_DIMENSIONS = 200 };

static const ouro_column_type columns[] = {
    {"modes_alive", "modes", "#{j : n sum of w_c over components c nearest to mode j >= 1/2}",
     "Components of the truth that still have half a point of the model's mass or more."},
    {"mode_mass_min", "", "sum of w_c over components c nearest to the truth's rarest mode",
     "Mass that the model gives to the truth's rarest component (of several, the first)."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    (void)column;
    const ouro_family_type *truth = s->truth->family.type;
    if (!truth || !truth->components) return "the truth is no mixture whose modes could be counted";
    if (!s->model->type->components) return "the model is no mixture";
    if (s->model->domain.dim > MOST_DIMENSIONS) return "it is for up to 200 dimensions";
    return NULL;
}

/* Column j of a factor, zeros above the diagonal, into out[d]. */
static void column_of(const ouro_gaussians *g, size_t c, size_t j, double *out) {
    const double *L = g->factor + (g->tied ? 0 : c * ouro_factor_len(g->d, g->diagonal));
    memset(out, 0, g->d * sizeof *out);
    if (g->diagonal)
        out[j] = L[j];
    else
        for (size_t i = j; i < g->d; i++) out[i] = L[i * (i + 1) / 2 + j];
}

/* |L^-1 y|^2 for the factor L of component c; y, zero before entry `from`, is destroyed. */
static double whitened(const ouro_gaussians *g, size_t c, size_t from, double *y) {
    const double *L = g->factor + (g->tied ? 0 : c * ouro_factor_len(g->d, g->diagonal));
    double sum = 0;
    for (size_t i = from; i < g->d; i++) {
        if (!g->diagonal)
            for (size_t j = from; j < i; j++) y[i] -= L[i * (i + 1) / 2 + j] * y[j];
        y[i] /= g->diagonal ? L[i] : L[i * (i + 1) / 2 + i];
        sum += y[i] * y[i];
    }
    return sum;
}

/* Twice the divergence of component c of `model` from mode m of `truth`, but for what all modes share. */
static double distance(const ouro_gaussians *model, size_t c, const ouro_gaussians *truth, size_t m) {
    const double *L = truth->factor + (truth->tied ? 0 : m * ouro_factor_len(truth->d, truth->diagonal));
    const size_t d = truth->d;
    double y[MOST_DIMENSIONS], sum;
    for (size_t i = 0; i < d; i++) y[i] = model->mean[c * d + i] - truth->mean[m * d + i];
    sum = whitened(truth, m, 0, y);
    for (size_t j = 0; j < d; j++) {
        column_of(model, c, j, y);
        sum += whitened(truth, m, j, y) + 2 * log(truth->diagonal ? L[j] : L[j * (j + 1) / 2 + j]);
    }
    return sum;
}

/* mass[truth->k]: what the model's components bring to each mode. */
static void masses(const ouro_gaussians *model, const ouro_gaussians *truth, double *mass) {
    memset(mass, 0, truth->k * sizeof *mass);
    for (size_t c = 0; c < model->k; c++) {
        double best = INFINITY;
        size_t nearest = 0;
        if (model->log_weight[c] == -INFINITY) continue;
        for (size_t m = 0; m < truth->k; m++) {
            const double far = truth->log_weight[m] > -INFINITY ? distance(model, c, truth, m) : INFINITY;
            if (far >= best) continue;
            best = far;
            nearest = m;
        }
        mass[nearest] += exp(model->log_weight[c]);
    }
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail;
    if (!wanted) return;
    const ouro_family *f = o->theta ? s->model : &s->truth->family;
    ouro_gaussians truth, model;
    ouro_arena own = {0}, *tmp = o->tmp ? o->tmp : &own;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double mass[MOST_MODES];
    size_t rarest = 0;
    if (s->truth->family.type->gaussians(&s->truth->family, s->truth->theta, tmp, &truth) ||
        f->type->gaussians(f, o->theta ? o->theta : s->truth->theta, tmp, &model)) {
        if (o->failed) *o->failed = OURO_ENOMEM;
        goto out;
    }
    masses(&model, &truth, mass);
    out[ALIVE] = 0;
    for (size_t m = 0; m < truth.k; m++) {
        const double points = o->provenance ? o->provenance->points : INFINITY;
        if (mass[m] > 0 && mass[m] * points >= 0.5) out[ALIVE]++;
        if (truth.log_weight[m] > -INFINITY &&
            (truth.log_weight[rarest] == -INFINITY || truth.log_weight[m] < truth.log_weight[rarest]))
            rarest = m;
    }
    out[MASS_MIN] = mass[rarest];
out:
    ouro_arena_reset(tmp, mark);
    ouro_arena_free(&own);
}

const ouro_measure_type ouro_measure_modes = {
    .name = "modes",
    .doc = "Modes of a mixture truth that a mixture model still has, and the mass of the rarest. A component of the "
           "model belongs to the mode under which its points are likeliest, by KL(component || mode).",
    .reference = "",
    .methods = "closed forms between normal components; masses are sums of weights, rounding only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .compares = OURO_ALL_COLUMNS,
    .needs_provenance = 1,
    .missing = missing,
    .measure = measure,
};
