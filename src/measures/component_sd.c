/* component_sd.c: how wide the components of a mixture are, its narrowest and its widest: the spread within components, where
 * that of the whole also holds what lies between them. A component's standard deviation is the root of the mean variance of
 * its axes, sqrt(tr Sigma_c / d), as Shumailov et al. 2024 print it. Dead components do not count. */
#include "core/mixture.h"
#include "ouro/measure.h"
#include <math.h>

enum { NARROWEST, WIDEST };

static const ouro_column_type columns[] = {
    {"component_sd_min", "unit of the data", "min_c sqrt(tr Sigma_c / d)",
     "Standard deviation of the narrowest component, 0 when it is a point."},
    {"component_sd_max", "unit of the data", "max_c sqrt(tr Sigma_c / d)",
     "Standard deviation of the widest component."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    (void)column;
    return s->model->type->components ? NULL : "the model is no mixture";
}

/* |factor|^2 = tr Sigma, scaled by its largest entry, so that components of any width have one. */
static double width(const ouro_gaussians *g, size_t c) {
    const size_t len = ouro_factor_len(g->d, g->diagonal);
    const double *L = g->factor + (g->tied ? 0 : c * len);
    double largest = 0, sum = 0;
    for (size_t i = 0; i < len; i++) largest = fmax(largest, fabs(L[i]));
    for (size_t i = 0; i < len && largest > 0; i++) sum += (L[i] / largest) * (L[i] / largest);
    return largest * sqrt(sum / (double)g->d);
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail, (void)wanted;
    const ouro_family *f = o->theta ? s->model : &s->truth->family;
    const double *theta = o->theta ? o->theta : s->truth->theta;
    ouro_gaussians g;
    ouro_arena own = {0}, *tmp = o->tmp ? o->tmp : &own;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    out[NARROWEST] = out[WIDEST] = NAN;
    if (!f->type || !f->type->gaussians) return; /* a truth without components */
    if (f->type->gaussians(f, theta, tmp, &g)) {
        if (o->failed) *o->failed = OURO_ENOMEM;
        goto out;
    }
    for (size_t c = 0; c < g.k; c++) {
        if (g.log_weight[c] == -INFINITY) continue;
        const double sd = width(&g, c);
        out[NARROWEST] = fmin(out[NARROWEST], sd); /* of NaN and a number the number */
        out[WIDEST] = fmax(out[WIDEST], sd);
    }
out:
    ouro_arena_reset(tmp, mark);
    ouro_arena_free(&own);
}

const ouro_measure_type ouro_measure_component_sd = {
    .name = "component_sd",
    .doc = "Standard deviations of the narrowest and the widest component of a mixture; a truth that is one normal has "
           "one component.",
    .reference = "Shumailov et al. 2024",
    .methods = "closed forms of the fitted parameters; rounding only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .missing = missing,
    .measure = measure,
};
