/* gaussian_variance.c: a normal distribution whose mean is known: its standard deviation alone is fitted.
 *
 * sd_t^2 = sd_(t-1)^2 chi^2_n / n: no degree of freedom is lost to the mean, E sd_t^2 stays, and log sd_t falls by about
 * 1 / (2 n) each time. T is gaussian's about the known mean, so that batches merge as gaussian's do. */
#include "core/kernels.h"
#include "gaussians.h"
#include "normal.h"
#include "ouro/variates.h"
#include <math.h>

extern const ouro_family_type ouro_family_gaussian; /* the wider family */

enum { MEAN, LOG_SD };
enum { W, W2, T_MEAN, LOG_RMS };

static const ouro_field known_rows[] = {
    {"mean", OURO_REAL, OURO_NULLABLE, OURO_NORMAL_MEAN * sizeof(double), -1e100, 1e100, "null", NULL,
     "unit of the data", "Known mean; null: the truth's, where it is normal."},
};

static double known_mean(const ouro_family *f) { return f->known[OURO_NORMAL_MEAN]; }

static int shape(ouro_family *f, ouro_error *e) {
    if (!isfinite(known_mean(f)))
        return ouro_fail(e, OURO_EUNDEFINED, "model.mean", "gaussian-variance needs a mean; give model.mean");
    return ouro_normal_shape(f, e);
}

static void stat_empty(const ouro_family *f, double *T) {
    ouro_normal_stat_empty(f, T);
    T[T_MEAN] = known_mean(f);
}

/* In units of the farthest row, whose square might be beyond the doubles. */
static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    const double centre = known_mean(f);
    double far = 0, sum = 0;
    for (size_t i = 0; i < n; i++) far = fmax(far, fabs(x[i] - centre));
    for (size_t i = 0; i < n && far > 0; i++) sum += ((x[i] - centre) / far) * ((x[i] - centre) / far);
    T[W] = T[W2] = (double)n;
    T[T_MEAN] = centre;
    T[LOG_RMS] = far > 0 ? ouro_log(far) + 0.5 * ouro_log(sum / (double)n) : -INFINITY;
}

static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    T[W] = T[W2] = (double)n;
    T[T_MEAN] = known_mean(f);
    T[LOG_RMS] = theta[LOG_SD] + 0.5 * ouro_log_mean_chi2(s, (double)n, (double)n);
}

/* --- the natural form, with m known: t(x) = (x - m)^2, h = 1 / sqrt(2 pi) ---------------------------------------- */

static size_t len(const ouro_family *f) {
    (void)f;
    return 1;
}

static void parameter(const ouro_family *f, const double *theta, double *eta) {
    (void)f;
    eta[0] = -0.5 * ouro_exp(-2 * theta[LOG_SD]);
}

static int model(const ouro_family *f, const double *eta, double *theta) {
    theta[MEAN] = known_mean(f);
    theta[LOG_SD] = -0.5 * ouro_log(-2 * eta[0]);
    return eta[0] < 0 && isfinite(theta[LOG_SD]);
}

static double log_partition(const ouro_family *f, const double *eta) {
    (void)f;
    return eta[0] < 0 ? -0.5 * ouro_log(-2 * eta[0]) : INFINITY;
}

static double potential(const ouro_family *f, const double *theta) {
    (void)f;
    return theta[LOG_SD];
}

static void mean(const ouro_family *f, const double *theta, double *mu) {
    (void)f;
    mu[0] = ouro_exp(2 * theta[LOG_SD]);
}

static int model_of_mean(const ouro_family *f, const double *mu, double *theta) {
    theta[MEAN] = known_mean(f);
    theta[LOG_SD] = 0.5 * ouro_log(mu[0]);
    return mu[0] > 0 && mu[0] < INFINITY;
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    t[0] = (x[0] - known_mean(f)) * (x[0] - known_mean(f));
}

static double observed(const ouro_family *f, const double *T, double *t) {
    (void)f;
    t[0] = ouro_exp(2 * T[LOG_RMS]);
    return T[W];
}

static void covariance(const ouro_family *f, const double *theta, double *V) {
    (void)f;
    V[0] = 2 * ouro_exp(4 * theta[LOG_SD]);
}

/* The unit of the narrower model that is not a point; the mean they share plays no part. */
static void frame(const ouro_family *f, const double *a, const double *b, double out[2]) {
    ouro_normal_frame(f, a, b, out);
    out[0] = 0;
}

static void move(const ouro_family *f, const double at[2], int back, double *theta) {
    (void)f;
    theta[LOG_SD] += back ? at[1] : -at[1];
}

static double mean_log_carrier(const ouro_family *f, const double *theta) {
    (void)f, (void)theta;
    return -0.5 * log(2 * M_PI);
}

static const ouro_natural natural = {
    .words = "eta = -1 / (2 s^2), A = log s, mean of (x - m)^2: s^2",
    .boundary = OURO_BOUNDARY_SINGULAR,
    .len = len,
    .parameter = parameter,
    .model = model,
    .log_partition = log_partition,
    .potential = potential,
    .mean = mean,
    .model_of_mean = model_of_mean,
    .statistic = statistic,
    .observed = observed,
    .covariance = covariance,
    .frame = frame,
    .move = move,
    .renyi = ouro_normal_renyi,
    .mean_log_carrier = mean_log_carrier,
};

const ouro_family_type ouro_family_gaussian_variance = {
    .name = "gaussian-variance",
    .doc = "Normal distribution whose mean is known; the standard deviation is fitted and carried as a logarithm.",
    .density = "p(x) = exp(-(x - mean)^2 / (2 sd^2)) / (sd sqrt(2 pi)), mean known",
    .statistic = "sum (x - mean)^2, kept as weight and log root mean square",
    .exact_law = "sum of (x - mean)^2 over n points ~ sd^2 chi^2_n",
    .reference = "Cochran 1934",
    OURO_NORMAL_SLOTS,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .within = &ouro_family_gaussian,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_draw = stat_draw,
    .fit_mle = ouro_normal_fit_mle,
    .natural = &natural,
    .temper = ouro_normal_temper,
    .variance_scales = 1,
};
