/* nef_poisson.c: Poisson(m): V(m) = m. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

static double variance(double m, const double *known) {
    (void)known;
    return m;
}

static double v2(const double *known) {
    (void)known;
    return 0;
}

/* the sum of n points is Poisson(n m) */
static double draw(ouro_stream *s, double n, double m, const double *known) {
    (void)known;
    return (double)ouro_poisson(s, n * m) / n;
}

static double log_density(double x, double m, const double *known) {
    (void)known;
    return x * log(m) - m - gsl_sf_lngamma(x + 1);
}

/* P(X > k) = P(k + 1, m), the regularised incomplete gamma function */
static double beyond(double x, double m, const double *known, int upper) {
    (void)known;
    if (upper) return x < 0 ? 1 : gsl_cdf_gamma_P(m, x + 1, 1);
    return x <= 0 ? 0 : gsl_cdf_gamma_Q(m, x, 1);
}

static double mode(double m, const double *known) {
    (void)known;
    return floor(m);
}

/* a log(a/b) - a + b, without cancellation */
static double kl(double a, double b, const double *known) {
    (void)known;
    if (a == 0) return b;
    return b == 0 ? INFINITY : -a * gsl_sf_log_1plusx_mx((b - a) / a);
}

/* -(sqrt a - sqrt b)^2 / 2 */
static double affinity(double a, double b, const double *known) {
    (void)known;
    double root = (a - b) / (sqrt(a) + sqrt(b));
    return -0.5 * root * root;
}

static double crossing(double a, double b, const double *known) {
    (void)known;
    return (a - b) / log1p((a - b) / b);
}

const ouro_nef ouro_nef_poisson = {
    .lattice = 1,
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
};
