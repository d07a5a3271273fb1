/* weibull.c: breaking strengths with known shape k: x^k is exponential, and the scale falls for ever.
 *
 * phi(x) = x^k, theta = log mean x^k = k log scale. Moments of x are scale^j Gamma(1 + j / k). */
#include "core/kernels.h"
#include "ouro/nef.h"
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_zeta.h>
#include <math.h>

typedef struct params {
    double scale, shape;
} params;

static const ouro_field truth_rows[] = {
    {"scale", OURO_REAL, 0, offsetof(params, scale), 1e-100, 1e100, "1", NULL, "unit of the data",
     "Scale: 63 % of the points lie below."},
    {"shape", OURO_REAL, 0, offsetof(params, shape), 0.05, 1000, "1.5", NULL, "", "Shape k."},
};

static const ouro_field known_rows[] = {
    {"shape", OURO_REAL, OURO_NULLABLE, 0, 0.05, 1000, "null", NULL, "", "Known shape k; null: the truth's."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->shape; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = 0, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)e;
    theta[0] = f->known[0] * ouro_log(((const params *)p)->scale);
    return OURO_OK;
}

static double lower(const double *known) { return (void)known, 0; }
static double log_phi(double x, const double *known) { return known[0] * ouro_log(x); }
static double inverse(double log_y, const double *known) { return ouro_exp(log_y / known[0]); }
static double degree(const double *known) { return known[0]; }

static double log_derivative(double x, const double *known) {
    return log(known[0]) + (known[0] == 1 ? 0 : (known[0] - 1) * log(x));
}

/* both are scale times the same variable, whose second moment is Gamma(1 + 2 / k) */
static double w2(double a, double b, const double *known) {
    return fabs(exp(a / known[0]) - exp(b / known[0])) * sqrt(gsl_sf_gamma(1 + 2 / known[0]));
}

/* E of log_derivative, E log y = t - gamma */
static double mean_log_derivative(double t, const double *known) {
    return log(known[0]) + (known[0] - 1) / known[0] * (t - M_EULER);
}

static const char *wrong(const double *known) {
    return known[0] > 0 ? NULL : "shape must be positive; give model.shape";
}

static double mode(const ouro_family *f, const double *theta) {
    const double k = f->known[0];
    return k > 1 ? exp((theta[0] + log1p(-1 / k)) / k) : 0;
}

/* log(E x^2 / (E x)^2) for u = 1 / k; log Gamma(1 + u) = -gamma u + sum_j zeta(j) (-u)^j / j where they would cancel */
static double log_gamma_ratio(double u) {
    double sum = 0;
    if (u > 0.05) return gsl_sf_lngamma(1 + 2 * u) - 2 * gsl_sf_lngamma(1 + u);
    for (int j = 20; j >= 2; j--) sum += gsl_sf_zeta_int(j) * (gsl_pow_int(-2 * u, j) - 2 * gsl_pow_int(-u, j)) / j;
    return sum;
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const double u = 1 / f->known[0], log_mean = theta[0] * u + gsl_sf_lngamma(1 + u);
    out->mean[0] = exp(log_mean);
    out->log_trace = out->logdet = 2 * log_mean + log(expm1(log_gamma_ratio(u)));
    out->trace = exp(out->log_trace);
}

/* gamma (1 - 1/k) + log(scale / k) + 1 */
static double entropy(const ouro_family *f, const double *theta) {
    const double k = f->known[0];
    return M_EULER * (1 - 1 / k) + theta[0] / k - log(k) + 1;
}

static const ouro_transform transform = {
    .lower = lower,
    .log_phi = log_phi,
    .inverse = inverse,
    .log_derivative = log_derivative,
    .degree = degree,
    .w2 = w2,
    .mean_log_derivative = mean_log_derivative,
    .wrong = wrong,
};
static const ouro_nef law = {OURO_NEF_EXPONENTIAL, .transform = &transform};

const ouro_family_type ouro_family_weibull = {
    .name = "weibull",
    .doc = "Breaking strengths and lifetimes with known shape; the scale is fitted and carried as a logarithm.",
    .density = "p(x) = k / s (x / s)^(k - 1) exp(-(x / s)^k), x >= 0",
    .statistic = "sum x^k, kept as weight and log mean",
    .exact_law = "mean of x^k over n points ~ s^k Gamma(n) / n",
    .reference = "Weibull 1951",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    OURO_TRANSFORM_SLOTS(law),
    .natural = OURO_SCALE_NATURAL("eta = -1 / scale^k, A = -log(-eta), mean of x^k: scale^k"),
    .mode = mode,
    .moments = moments,
    .entropy = entropy,
};
