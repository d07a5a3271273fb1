/* fit.c: how the fit itself went. */
#include "ouro/measure.h"
#include <math.h>

enum { ITERATIONS, CONVERGED, ABSORBED, REFUSED, FLOOR_HITS, COMPONENTS, DIED };

static const ouro_column_type columns[] = {
    {"iterations", "", "iterations of the fit, 0 for closed forms", "Work of the fit."},
    {"converged", "", "1 when the fit met its tolerance", "Whether the fit is one."},
    {"absorbed", "", "1 when the model can no longer leave its state",
     "Collapse is complete: variance 0, one category left."},
    {"refused", "", "1 when the plain fit stood in for one that does not exist",
     "guided: outside the parameter space. ridge: towards a model whose natural parameter is infinite. Else 0."},
    {"floor_hits", "", "times a declared variance floor was used", "0 unless the config declares a floor."},
    {"components", "", "components with a weight above 0", "How many components of a mixture live."},
    {"died", "", "components whose weight became 0 in this fit",
     "Deaths: too few points, or none that span a volume; of a fit from a new start, components it ends without."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    return (column != COMPONENTS && column != DIED) || s->model->type->components ? NULL : "the model is no mixture";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    const ouro_family *f = o->theta ? s->model : &s->truth->family;
    const double *theta = o->theta ? o->theta : s->truth->theta;
    (void)tail, (void)wanted;
    out[ITERATIONS] = o->fit ? (double)o->fit->iterations : NAN;
    out[CONVERGED] = o->fit ? (double)o->fit->converged : (double)NAN;
    out[ABSORBED] = o->fit ? (double)o->fit->absorbed : (double)NAN;
    out[REFUSED] = o->fit ? (double)o->fit->refused : (double)NAN;
    out[DIED] = o->fit ? (double)o->fit->died : NAN;
    out[COMPONENTS] = theta && f->type && f->type->components ? (double)f->type->components(f, theta) : NAN;
    out[FLOOR_HITS] = o->fit ? (double)o->fit->floor_hits : NAN;
}

const ouro_measure_type ouro_measure_fit = {
    .name = "fit",
    .doc = "Iterations, convergence, absorption and floor hits of the fit.",
    .reference = "",
    .methods = "counts that the fit reports: exact.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .missing = missing,
    .measure = measure,
};
