/* gaussian_mean.c: a normal distribution whose standard deviation is known: its mean alone is fitted.
 *
 * V(m) is constant, so that the mean of a model refitted on its own points is a random walk: Var m_t = t sd^2 / n, and
 * nothing is ever absorbed. T is gaussian's, of which the fit reads the mean. */
#include "core/kernels.h"
#include "gaussians.h"
#include "normal.h"
#include <math.h>

extern const ouro_family_type ouro_family_gaussian; /* the wider family */

enum { MEAN, LOG_SD };
enum { W, W2, T_MEAN };

static const ouro_field known_rows[] = {
    {"sd", OURO_REAL, OURO_NULLABLE, OURO_NORMAL_SD * sizeof(double), 1e-100, 1e100, "null", NULL, "unit of the data",
     "Known standard deviation; null: the truth's, where it is normal."},
};

static double known_sd(const ouro_family *f) { return f->known[OURO_NORMAL_SD]; }

static int shape(ouro_family *f, ouro_error *e) {
    if (!(known_sd(f) > 0))
        return ouro_fail(e, OURO_EUNDEFINED, "model.sd", "gaussian-mean needs a standard deviation; give model.sd");
    return ouro_normal_shape(f, e);
}

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    theta[MEAN] = T[T_MEAN];
    theta[LOG_SD] = ouro_log(known_sd(f));
    *info = (ouro_fit_info){.converged = 1};
}

/* --- the natural form, with s known: h(x) = exp(-x^2 / (2 s^2)) / (s sqrt(2 pi)) --------------------------------- */

static size_t len(const ouro_family *f) {
    (void)f;
    return 1;
}

static void parameter(const ouro_family *f, const double *theta, double *eta) {
    eta[0] = theta[MEAN] / known_sd(f) / known_sd(f);
}

static int model(const ouro_family *f, const double *eta, double *theta) {
    theta[MEAN] = eta[0] * known_sd(f) * known_sd(f);
    theta[LOG_SD] = ouro_log(known_sd(f));
    return isfinite(theta[MEAN]);
}

static double log_partition(const ouro_family *f, const double *eta) {
    const double z = eta[0] * known_sd(f);
    return 0.5 * z * z;
}

static double potential(const ouro_family *f, const double *theta) {
    const double z = theta[MEAN] / known_sd(f);
    return 0.5 * z * z;
}

static void mean(const ouro_family *f, const double *theta, double *mu) {
    (void)f;
    mu[0] = theta[MEAN];
}

static int model_of_mean(const ouro_family *f, const double *mu, double *theta) {
    theta[MEAN] = mu[0];
    theta[LOG_SD] = ouro_log(known_sd(f));
    return isfinite(mu[0]);
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    (void)f;
    t[0] = x[0];
}

static double observed(const ouro_family *f, const double *T, double *t) {
    (void)f;
    t[0] = T[T_MEAN];
    return T[W];
}

static void covariance(const ouro_family *f, const double *theta, double *V) {
    (void)theta;
    V[0] = known_sd(f) * known_sd(f);
}

/* a shift alone: another unit would be another sd */
static void frame(const ouro_family *f, const double *a, const double *b, double out[2]) {
    (void)f, (void)b;
    out[0] = a[MEAN];
    out[1] = 0;
}

static void move(const ouro_family *f, const double at[2], int back, double *theta) {
    (void)f;
    theta[MEAN] += back ? at[0] : -at[0];
}

static double mean_log_carrier(const ouro_family *f, const double *theta) {
    const double z = theta[MEAN] / known_sd(f);
    return -0.5 * (z * z + 1) - log(known_sd(f)) - 0.5 * log(2 * M_PI);
}

static const ouro_natural natural = {
    .words = "eta = m / s^2, A = m^2 / (2 s^2), mean m",
    .boundary = OURO_BOUNDARY_OPEN,
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

static void mode_in_mean(const ouro_family *f, double *T) { (void)f, (void)T; } /* V is constant, and no Jacobian */

static double quadratic_variance(const ouro_family *f) {
    (void)f;
    return 0;
}

const ouro_family_type ouro_family_gaussian_mean = {
    .name = "gaussian-mean",
    .doc = "Normal distribution whose standard deviation is known; the mean is fitted, and walks at random.",
    .density = "p(x) = exp(-(x - mean)^2 / (2 sd^2)) / (sd sqrt(2 pi)), sd known",
    .statistic = "sum x, kept as weight and mean (beside gaussian's sum of squares, which is not used)",
    .exact_law = "mean ~ N(mean, sd^2/n)",
    .reference = "Morris 1982",
    OURO_NORMAL_SLOTS,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .within = &ouro_family_gaussian,
    .shape = shape,
    .theta_location = OURO_NORMAL_THETA_MEAN,
    .stat_location = OURO_NORMAL_T_MEAN,
    .stat_empty = ouro_normal_stat_empty,
    .stat_rows = ouro_normal_stat_rows,
    .stat_draw = ouro_normal_stat_draw,
    .mode_in_mean = mode_in_mean,
    .fit_mle = fit_mle,
    .natural = &natural,
    .matches_mean = 1,
    .quadratic_variance = quadratic_variance,
    .temper = ouro_normal_temper,
};
