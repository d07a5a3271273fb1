/* regression.c: how far the weights of a regression have moved. */
#include "ouro/measure.h"
#include <math.h>

enum { TEST_ERROR, WEIGHT_COSINE, NORM_RATIO, NOISE_RATIO };

static const ouro_column_type columns[] = {
    {"test_error", "unit of y squared", "E_x (x.w_t - x.w_0)^2 = |w_t - w_0|^2, x ~ N(0, I)",
     "Excess squared error of the prediction on new covariates (glm: of the linear predictor)."},
    {"weight_cosine", "", "w_t.w_0 / (|w_t| |w_0|)",
     "Cosine of the angle between the model's weights and the truth's."},
    {"norm_ratio", "", "|w_t| / |w_0|", "Length of the weights relative to the truth's."},
    {"noise_ratio", "", "s_t / s_0", "Standard deviation of the noise relative to the truth's."},
};

static double dot(const ouro_setting *s, const double *a, const double *b) {
    double sum = 0;
    for (size_t j = 0; j < s->truth->mean_len; j++) sum += a[j] * b[j];
    return sum;
}

static const char *missing(const ouro_setting *s, size_t column) {
    if (!s->truth->domain.covariates) return "the truth has no response given covariates";
    if (s->truth->family.type != s->model->type) return "the model has no weights to compare with the truth's";
    if (column == NOISE_RATIO && s->truth->domain.response != OURO_ANY_NUMBER)
        return "the response has no noise of its own: its spread follows from its mean";
    if ((column == WEIGHT_COSINE || column == NORM_RATIO) &&
        !(dot(s, s->truth->moments.mean, s->truth->moments.mean) > 0))
        return "the truth's weights are zero: they have no direction and no length";
    return NULL;
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail, (void)wanted;
    const double *w = o->moments->mean, *truth = s->truth->moments.mean;
    double sum = 0, length = sqrt(dot(s, w, w)), reference = sqrt(dot(s, truth, truth));
    for (size_t j = 0; j < s->truth->mean_len; j++) sum += (w[j] - truth[j]) * (w[j] - truth[j]);
    out[TEST_ERROR] = sum;
    out[WEIGHT_COSINE] = dot(s, w, truth) / (length * reference);
    out[NORM_RATIO] = length / reference;
    out[NOISE_RATIO] = exp(0.5 * (o->moments->log_trace - s->truth->moments.log_trace));
}

const ouro_measure_type ouro_measure_regression = {
    .name = "regression",
    .doc = "Test error, direction and length of the weights of a regression, and what is left of its noise.",
    .reference = "Gerstgrasser et al. 2024",
    .methods = "closed forms in the weights; rounding only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .compares = OURO_ALL_COLUMNS,
    .needs_moments = 1,
    .missing = missing,
    .measure = measure,
};
