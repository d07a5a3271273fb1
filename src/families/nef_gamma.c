/* nef_gamma.c: Gamma of shape alpha = known[0] and mean m = e^t: V(m) = m^2 / alpha. Exponential is alpha = 1. */
#include "core/kernels.h"
#include "core/special.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <gsl/gsl_sf_gamma.h>
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

/* z^alpha e^-z / Gamma(alpha + 1) alpha / x, z = alpha x / m by its logarithm, since m may be beyond the doubles */
static double log_density(double x, double t, const double *known) {
    double shape = known[0], log_z = log(x) + log(shape) - t, z = exp(log_z);
    if (x < 0) return -INFINITY;
    if (x == 0) return shape < 1 ? INFINITY : shape > 1 ? -INFINITY : -t;
    if (shape == 1) return -z - t;
    if (shape < 16) return shape * log_z - z - gsl_sf_lngamma(shape) - log(x);
    return ouro_log_poisson(shape, z) + log(shape) - log(x);
}

static double beyond(double x, double t, const double *known, int upper) {
    return ouro_gamma_tail(known[0], x > 0 ? exp(log(x) + log(known[0]) - t) : 0, upper);
}

static double mode(double t, const double *known) { return known[0] > 1 ? exp(t) * (known[0] - 1) / known[0] : 0; }

/* alpha (e^l - 1 - l), l = log(a / b) */
static double kl(double a, double b, const double *known) {
    if (b == -INFINITY || a == -INFINITY) return INFINITY;
    double l = a - b;
    return known[0] * (fabs(l) < 1 ? ouro_log1p_gap(expm1(l)) : expm1(l) - l);
}

/* -alpha log cosh(l / 2) */
static double affinity(double a, double b, const double *known) {
    double l = fabs(a - b) / 2, half = sinh(l / 2);
    return -known[0] * (l < 20 ? log1p(2 * half * half) : l - M_LN2);
}

/* (b - a) / (e^-a - e^-b) */
static double crossing(double a, double b, const double *known) {
    (void)known;
    return (b - a) * exp(a) / -expm1(a - b);
}

/* eta = -alpha / m, A = -alpha log(-eta) */
static double eta(double t, const double *known) { return -known[0] * ouro_exp(-t); }

static double from_eta(double e, const double *known) { return e < 0 ? ouro_log(known[0]) - ouro_log(-e) : NAN; }

static double log_partition(double e, const double *known) { return e < 0 ? -known[0] * ouro_log(-e) : INFINITY; }

static double potential(double t, const double *known) { return known[0] * (t - ouro_log(known[0])); }

/* E [(alpha - 1) log x] - log Gamma(alpha), E log x = t + psi(alpha) - log(alpha) */
static double mean_log_carrier(double t, const double *known) {
    double a = known[0];
    return a == 1 ? 0 : (a - 1) * (t + gsl_sf_psi(a) - log(a)) - gsl_sf_lngamma(a);
}

/* alpha + t - log alpha + log Gamma(alpha) + (1 - alpha) psi(alpha) with what cancels in log Gamma and psi taken out;
 * psi(alpha) - log alpha by its asymptotic series from 16 on */
static double entropy(double t, const double *known) {
    double a = known[0], z = 1 / (a * a);
    double psi = a < 16 ? gsl_sf_psi(a) - log(a)
                        : -0.5 / a - z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z / 132))));
    return t + 0.5 * log(2 * M_PI / a) + ouro_stirling(a) + (1 - a) * psi;
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
    .eta = eta,
    .from_eta = from_eta,
    .log_partition = log_partition,
    .potential = potential,
    .mean_log_carrier = mean_log_carrier,
    .wrong = wrong,
};
