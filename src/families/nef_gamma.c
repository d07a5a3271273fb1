/* nef_gamma.c: Gamma of shape alpha = known[0] and mean m = e^t: V(m) = m^2 / alpha. Exponential is alpha = 1. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>

static double variance(double m, const double *known) { return m * m / known[0]; }

static double v2(const double *known) { return 1 / known[0]; }

/* the mean of n points, over m, is Gamma(n alpha) / (n alpha) */
static double draw(ouro_stream *s, double n, double t, const double *known) {
    (void)t;
    return ouro_log_mean_chi2(s, 2 * n * known[0], 2 * n * known[0]);
}

static void fill(ouro_stream *s, size_t n, const double *known, double *x) {
    if (known[0] == 1)
        ouro_fill_exponentials(s, n, x);
    else
        for (size_t i = 0; i < n; i++) x[i] = ouro_gamma(s, known[0]) / known[0];
}

static double log_density(double x, double t, const double *known) {
    double z = known[0] * x * exp(-t);
    if (x < 0) return -INFINITY;
    return (known[0] == 1 ? 0 : (known[0] - 1) * log(z)) - z - gsl_sf_lngamma(known[0]) + log(known[0]) - t;
}

static double beyond(double x, double t, const double *known, int upper) {
    double z = x <= 0 ? 0 : known[0] * x * exp(-t);
    return upper ? gsl_cdf_gamma_Q(z, known[0], 1) : gsl_cdf_gamma_P(z, known[0], 1);
}

static double mode(double t, const double *known) { return known[0] > 1 ? exp(t) * (known[0] - 1) / known[0] : 0; }

/* alpha (e^l - 1 - l), l = log(a / b) */
static double kl(double a, double b, const double *known) {
    if (b == -INFINITY || a == -INFINITY) return INFINITY;
    double x = expm1(a - b);
    return x > -0.9 && x < 10 ? -known[0] * gsl_sf_log_1plusx_mx(x) : known[0] * (x - (a - b));
}

/* -alpha log cosh(l / 2) */
static double affinity(double a, double b, const double *known) {
    double l = fabs(a - b) / 2, half = sinh(l / 2);
    return -known[0] * (l < 20 ? log1p(2 * half * half) : l - M_LN2);
}

/* (a - b) / (e^-b - e^-a) */
static double crossing(double a, double b, const double *known) {
    (void)known;
    return (a - b) * exp(b) / -expm1(b - a);
}

static double entropy(double t, const double *known) {
    return known[0] + t - log(known[0]) + gsl_sf_lngamma(known[0]) + (1 - known[0]) * gsl_sf_psi(known[0]);
}

static const char *wrong(const double *known) {
    return known[0] > 0 ? NULL : "shape must be positive; give model.shape";
}

const ouro_nef ouro_nef_gamma = {
    .scale = 1,
    .upper = INFINITY,
    .variance = variance,
    .v2 = v2,
    .draw = draw,
    .log_density = log_density,
    .beyond = beyond,
    .mode = mode,
    .kl = kl,
    .affinity = affinity,
    .crossing = crossing,
    .fill = fill,
    .entropy = entropy,
    .wrong = wrong,
};
