/* moments.c: how far the model's mean has drifted and how much of the truth's variance is left.
 * For categories the point is its one-hot vector: mean = p, trace of the covariance = 1 - sum p_i^2. For a regression the
 * mean is the vector of weights and Sigma their covariance, per point, as the family says.                        */
#include "ouro/measure.h"
#include <math.h>

enum { DRIFT_SQ, VARIANCE_RATIO, LOG_VARIANCE, MEAN, MEAN_ERROR, SD_RATIO };

static const ouro_column_type columns[] = {
    {"drift_sq", "", "d |mean_t - mean_0|^2 / tr Sigma_0 (categories: |p_t - p_0|^2 / (1 - sum p_0^2))",
     "Squared drift of the mean in units of the truth's variance."},
    {"variance_ratio", "", "tr Sigma_t / tr Sigma_0", "Share of the truth's variance that the model still has."},
    {"log_variance", "nats", "log(det Sigma_t / det Sigma_0) / d",
     "Logarithm of the generalised variance per dimension, relative to the truth; -inf when absorbed."},
    {"mean", "unit of the data", "mean_t = E_t x", "Mean of a model of one column: the place where it collapses."},
    {"mean_error", "unit of the data", "E_t x - E_0 x",
     "Mean of the model less that of the truth: how far it lags behind."},
    {"sd_ratio", "", "sqrt(tr Sigma_t / tr Sigma_0)",
     "Root of variance_ratio, a standard deviation in units of the truth's: its mean falls where that of the variance "
     "stays."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    if (column == MEAN || column == MEAN_ERROR)
        return s->model->domain.kind == OURO_NUMBERS && s->model->domain.dim == 1
                   ? NULL
                   : "the model's mean is not one number; ask for drift_sq";
    if (column == LOG_VARIANCE && s->model->domain.kind == OURO_CATEGORIES)
        return "one-hot points lie on a hyperplane, their covariance has no determinant";
    if (column == LOG_VARIANCE && isnan(s->truth->moments.logdet))
        return "the covariance of the observations is singular: there is no determinant to compare with";
    if (s->truth->domain.covariates && s->truth->family.type != s->model->type)
        return "the truth's moments are its weights, which this model does not have; ask for entropy";
    if (s->truth->moments.trace == INFINITY)
        return "the truth's variance is infinite: there is no unit to measure in; ask for entropy, divergences or "
               "tails";
    return NULL;
}

/* Where the truth stays, the error of the mean is the mean but for a number, and each sd is the root of a variance. */
static int usual(const ouro_setting *s, size_t column) {
    return column == MEAN_ERROR ? s->drift != NULL : column != SD_RATIO;
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail, (void)wanted;
    const ouro_moments *truth = &s->truth->moments;
    double sum = 0;
    for (size_t i = 0; i < s->truth->mean_len; i++) {
        double d = o->moments->mean[i] - truth->mean[i];
        sum += d * d;
    }
    double d =
        s->truth->domain.kind == OURO_NUMBERS ? (double)s->truth->mean_len : 1; /* of the model: weights, columns */
    out[DRIFT_SQ] = sum * d / truth->trace;
    out[VARIANCE_RATIO] = o->moments->trace / truth->trace;
    out[MEAN] = o->moments->mean[0];
    out[MEAN_ERROR] = o->moments->mean[0] - truth->mean[0];
    out[LOG_VARIANCE] = (o->moments->logdet - truth->logdet) / d;
    out[SD_RATIO] = exp((o->moments->log_trace - truth->log_trace) / 2); /* there still where the variance underflows */
}

const ouro_measure_type ouro_measure_moments = {
    .name = "moments",
    .doc = "Drift of the mean and what is left of the variance. Under pooled maximum likelihood their means add up to "
           "one.",
    .reference = "Shumailov et al. 2024; Kazdan et al. 2024",
    .methods = "closed forms of the family at the fitted parameters, of observations sums over all of them; rounding "
               "only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .compares = OURO_ALL_COLUMNS & ~(1u << MEAN),
    .usual = usual,
    .needs_moments = 1,
    .missing = missing,
    .measure = measure,
};
