/* lognormal.c: positive numbers whose logarithm is gaussian, both parameters fitted.
 *
 * theta, T, their fits and their laws are the gaussian's, of log x; so are KL, Hellinger and TV, which no one-to-one
 * change of x alters. Rows, density, moments and W2 are of x itself.
 *
 * A row is x, a double: logarithms closer than 1e-16 are the same row, and on the samples path such a model is absorbed.
 * The mean of log x is not kept relative to an origin (an origin is subtracted from rows): pooled batches whose
 * logarithms spread less than 1e-16 |mean| lose what lies between them. One batch per fit, as statistics, has no end. */
#include "core/kernels.h"
#include "normal.h"
#include "ouro/family.h"
#include <float.h>
#include <math.h>

extern const ouro_family_type ouro_family_gaussian; /* the law of log x */
static const ouro_family_type *const logs = &ouro_family_gaussian;

enum { MEAN, LOG_SD };
enum { BLOCK = 256, STAT_LEN = 4 };

typedef struct params {
    double log_mean, log_sd;
} params;

static const ouro_field truth_rows[] = {
    {"log_mean", OURO_REAL, 0, offsetof(params, log_mean), -100, 100, "0", NULL, "",
     "Mean of the logarithm; its exponential is the median."},
    {"log_sd", OURO_REAL, 0, offsetof(params, log_sd), 1e-10, 10, "0.5", NULL, "",
     "Standard deviation of the logarithm."},
};

/* open at 0: an observed zero has no logarithm */
static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = DBL_MIN, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    const params *t = p;
    theta[MEAN] = t->log_mean;
    theta[LOG_SD] = ouro_log(t->log_sd);
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    const ouro_domain *d = &f->domain;
    if (d->kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "lognormal", "lognormal needs numbers, the truth gives categories");
    if (d->dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "lognormal",
                         "lognormal is for one column, the truth gives %zu: name one of them in truth.columns", d->dim);
    if (!(d->lower > 0))
        return ouro_fail(e, OURO_EUNDEFINED, "lognormal",
                         "lognormal needs numbers above 0, which have a logarithm; the truth reaches down to %g",
                         d->lower);
    return logs->shape(f, e);
}

/* numbers beyond the doubles stop at their ends, whose logarithms are finite */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    int ret = logs->sample(f, theta, s, tmp, n, x);
    for (size_t i = 0; i < n && !ret; i++) x[i] = fmin(fmax(ouro_exp(x[i]), DBL_MIN), DBL_MAX);
    return ret;
}

static void stat_empty(const ouro_family *f, double *T) { logs->stat_empty(f, T); }

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    double y[BLOCK], block[STAT_LEN];
    logs->stat_empty(f, T);
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t len = n - i < BLOCK ? n - i : BLOCK;
        for (size_t k = 0; k < len; k++) y[k] = ouro_log(x[i + k]);
        logs->stat_rows(f, len, y, block);
        logs->stat_merge(f, 1, block, T);
    }
}

static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    logs->stat_merge(f, weight, src, T);
}

static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    logs->stat_draw(f, theta, s, n, T);
}

static void stat_of(const ouro_family *f, const double *theta, double *T) { logs->stat_of(f, theta, T); }

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    logs->fit_mle(f, T, theta, info);
}

static void fit_unbiased(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    logs->fit_unbiased(f, T, theta, info);
}

static double log_density(const ouro_family *f, const double *theta, double x) {
    (void)f;
    if (!(x > 0)) return -INFINITY;
    double y = log(x), z = (y - theta[MEAN]) * exp(-theta[LOG_SD]);
    return -0.5 * z * z - theta[LOG_SD] - 0.5 * log(2 * M_PI) - y;
}

/* A point mass is compared as a row: its logarithm, rounded, may lie on the other side of an edge. */
static double tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    if (theta[LOG_SD] == -INFINITY) {
        double at = exp(theta[MEAN]);
        side[0] = at < a->lower;
        side[1] = at > a->upper;
        return side[0] + side[1];
    }
    ouro_tail_set y = {.lower = a->lower > 0 ? log(a->lower) : -INFINITY,
                       .upper = a->upper > 0 ? log(a->upper) : -INFINITY};
    return logs->tail_mass(f, theta, &y, side);
}

static double beyond(const ouro_family *f, const double *theta, double x, int upper) {
    double side[2];
    tail_mass(f, theta, &(ouro_tail_set){.lower = x, .upper = x}, side);
    return side[upper];
}

/* exp(mean - sd^2), of the logarithm */
static double mode(const ouro_family *f, const double *theta) {
    (void)f;
    return exp(theta[MEAN] - exp(2 * theta[LOG_SD]));
}

/* E x = exp(m + v / 2), Var x = (e^v - 1) exp(2 m + v), v the variance of log x, which may underflow or be large */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    const double m = theta[MEAN], v = exp(2 * theta[LOG_SD]);
    double log_expm1 = v > 700 ? v : v > DBL_MIN ? log(expm1(v)) : 2 * theta[LOG_SD];
    out->mean[0] = exp(m + v / 2);
    out->log_trace = out->logdet = log_expm1 + 2 * m + v;
    out->trace = exp(out->log_trace);
}

static double entropy(const ouro_family *f, const double *theta) { return logs->entropy(f, theta) + theta[MEAN]; }

/* With A = m_a + s_a^2, B likewise: W2^2 = (e^A - e^B)^2 + 2 e^(A + B) (1 - exp(-(s_a - s_b)^2 / 2)), since quantiles are
 * coupled with quantiles; two terms that cannot cancel. */
static double w2(const double *a, const double *b) {
    double sa = exp(a[LOG_SD]), sb = exp(b[LOG_SD]), A = a[MEAN] + sa * sa, B = b[MEAN] + sb * sb;
    double gap = (a[MEAN] - b[MEAN]) + (sa - sb) * (sa + sb), root = exp(fmax(A, B) / 2);
    double apart = root * -expm1(-fabs(gap)) * root;
    return hypot(apart, exp(0.5 * (A + B)) * sqrt(-2 * expm1(-0.5 * (sa - sb) * (sa - sb))));
}

static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    return kind == OURO_W2 ? w2(a, b) : logs->divergence(f, kind, a, b);
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    double y = ouro_log(x[0]);
    ouro_normal_statistic(f, &y, t);
}

/* h(x) = 1 / (x sqrt(2 pi)) */
static double mean_log_carrier(const ouro_family *f, const double *theta) {
    (void)f;
    return -theta[MEAN] - 0.5 * log(2 * M_PI);
}

static const ouro_natural natural = {
    OURO_NORMAL_NATURAL,
    .words = "eta = (m / s^2, -1 / (2 s^2)), A = m^2 / (2 s^2) + log s, mean of (log x, log^2 x): (m, m^2 + s^2)",
    .statistic = statistic,
    .mean_log_carrier = mean_log_carrier,
};

const ouro_family_type ouro_family_lognormal = {
    .name = "lognormal",
    .doc = "Positive numbers whose logarithm is normal; mean and standard deviation of the logarithm are both fitted.",
    .density = "p(x) = exp(-(log x - m)^2 / (2 s^2)) / (x s sqrt(2 pi)), x > 0",
    .statistic = "(sum log x, sum log^2 x), kept as weight, mean and centred sum of squares",
    .exact_law = "mean of log x ~ N(m, s^2/n), independent of the centred sum of squares ~ s^2 chi^2_{n-1}",
    .reference = "Cochran 1934, of the logarithms",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .stat_of = stat_of,
    .fit_mle = fit_mle,
    .fit_unbiased = fit_unbiased,
    .natural = &natural,
    .likelihood_in_statistic = 1,
    .log_density = log_density,
    .beyond = beyond,
    .mode = mode,
    .moments = moments,
    .entropy = entropy,
    .tail_mass = tail_mass,
    .divergence = divergence,
};
