/* nef_negative_binomial.c: NegativeBinomial of size r = known[0] and mean m: V(m) = m (1 + m / r). Geometric is r = 1. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

static double variance(double m, const double *known) { return m * (1 + m / known[0]); }

static double v2(const double *known) { return 1 / known[0]; }

/* the sum of n points is NegativeBinomial(n r): a Poisson whose mean is Gamma(n r) m / r */
static double draw(ouro_stream *s, double n, double m, const double *known) {
    return m == 0 ? 0 : (double)ouro_poisson(s, ouro_gamma(s, n * known[0]) * (m / known[0])) / n;
}

static double log_density(double x, double m, const double *known) {
    double rise = gsl_sf_lngamma(known[0] + x) - gsl_sf_lngamma(known[0]) - gsl_sf_lngamma(x + 1);
    return rise - known[0] * log1p(m / known[0]) - (x == 0 ? 0 : x * log1p(known[0] / m));
}

/* P(X <= k) = I_q(r, k + 1), q = r / (r + m) */
static double beyond(double x, double m, const double *known, int upper) {
    double q = known[0] / (known[0] + m);
    if (upper) return x < 0 ? 1 : gsl_cdf_beta_Q(q, known[0], x + 1);
    return x <= 0 ? 0 : gsl_cdf_beta_P(q, known[0], x);
}

static double mode(double m, const double *known) { return known[0] > 1 ? floor(m * (known[0] - 1) / known[0]) : 0; }

static double part(double a, double b) {
    if (a == 0) return b;
    return b == 0 ? INFINITY : -a * gsl_sf_log_1plusx_mx((b - a) / a);
}

/* a log(a/b) - (a + r) log((a + r)/(b + r)), as the difference of two parts that vanish to second order */
static double kl(double a, double b, const double *known) {
    return b == 0 ? INFINITY : part(a, b) - part(a + known[0], b + known[0]);
}

/* r log of sqrt((1-s)(1-t)) / (1 - sqrt(s t)), s = a/(a+r), t = b/(b+r); (1 - sqrt(st))^2 = (1-s)(1-t) + (sqrt s - sqrt t)^2 */
static double affinity(double a, double b, const double *known) {
    double s = a / (a + known[0]), t = b / (b + known[0]);
    double root = s == t ? 0 : (s - t) / (sqrt(s) + sqrt(t));
    return -0.5 * known[0] * log1p(root * root * (1 + a / known[0]) * (1 + b / known[0]));
}

static double crossing(double a, double b, const double *known) {
    double rise = log1p((a - b) / (b + known[0]));
    return known[0] * rise / (log1p((a - b) / b) - rise);
}

static const char *wrong(const double *known) { return known[0] > 0 ? NULL : "size must be positive; give model.size"; }

const ouro_nef ouro_nef_negative_binomial = {
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
    .wrong = wrong,
};
