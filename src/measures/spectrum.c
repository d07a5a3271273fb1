/* spectrum.c: the shape of a covariance as it collapses: its longest and shortest axis. */
#include "ouro/measure.h"
#include <math.h>

enum { LARGEST, SMALLEST, CONDITION, MOST = 256 };

static const ouro_column_type columns[] = {
    {"log_eigenvalue_max", "nats", "log lambda_1(Sigma_t)", "Variance along the longest axis, as a logarithm."},
    {"log_eigenvalue_min", "nats", "log lambda_d(Sigma_t)", "Variance along the shortest axis; -inf when absorbed."},
    {"log_condition", "nats", "log(lambda_1 / lambda_d)",
     "How needle-like the model is, inf when absorbed; under replace it grows by about (d - 1) / n per generation."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    (void)column;
    if (!s->model->type->spectrum || s->model->domain.dim > MOST) return "the model has no covariance matrix";
    return NULL;
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail, (void)wanted;
    const double *theta = o->theta ? o->theta : s->truth->family.type == s->model->type ? s->truth->theta : NULL;
    double value[MOST];
    if (!theta) {
        out[LARGEST] = out[SMALLEST] = out[CONDITION] = NAN;
        return;
    }
    s->model->type->spectrum(s->model, theta, value);
    if (isnan(value[0]) && o->failed) *o->failed = OURO_ENOMEM;
    out[LARGEST] = value[0];
    out[SMALLEST] = value[s->model->domain.dim - 1];
    out[CONDITION] = out[SMALLEST] > -INFINITY ? out[LARGEST] - out[SMALLEST] : INFINITY;
}

const ouro_measure_type ouro_measure_spectrum = {
    .name = "spectrum",
    .doc = "Largest and smallest eigenvalue of the model's covariance. Collapse is anisotropic: axis i of d dies at "
           "its own "
           "rate, about -(i + 1) / n per generation under replace.",
    .reference = "Anderson 2003 for Bartlett's triangle; the rates are Lyapunov exponents of its products",
    .methods = "one-sided Jacobi rotations of a triangular factor, each column with an exponent of its own: nothing "
               "underflows, and "
               "a short axis that stands in a column of its own keeps its digits (Demmel and Veselic 1992), 1e-14 in "
               "the logarithm.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .slow = 1,
    .missing = missing,
    .measure = measure,
};
