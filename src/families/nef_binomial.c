/* nef_binomial.c: Binomial(N, m / N), N = known[0]: V(m) = m (1 - m / N). Bernoulli is N = 1. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

static double variance(double m, const double *known) { return m * (1 - m / known[0]); }

static double v2(const double *known) { return -1 / known[0]; }

/* the sum of n points is Binomial(n N, m / N) */
static double draw(ouro_stream *s, double n, double m, const double *known) {
    return (double)ouro_binomial(s, (uint64_t)(n * known[0]), m / known[0]) / n;
}

static double log_density(double x, double m, const double *known) {
    double p = m / known[0], rest = known[0] - x;
    double choose = gsl_sf_lngamma(known[0] + 1) - gsl_sf_lngamma(x + 1) - gsl_sf_lngamma(rest + 1);
    return choose + (x == 0 ? 0 : x * log(p)) + (rest == 0 ? 0 : rest * log1p(-p));
}

/* P(X > k) = I_p(k + 1, N - k), the regularised incomplete beta function */
static double beyond(double x, double m, const double *known, int upper) {
    double p = m / known[0];
    if (upper) return x < 0 ? 1 : x >= known[0] ? 0 : gsl_cdf_beta_P(p, x + 1, known[0] - x);
    return x <= 0 ? 0 : x > known[0] ? 1 : gsl_cdf_beta_Q(p, x, known[0] - x + 1);
}

static double mode(double m, const double *known) { return fmin(floor((known[0] + 1) * (m / known[0])), known[0]); }

/* a log(a/b) - (a - b), without cancellation; 0 log 0 = 0 */
static double part(double a, double b) {
    if (a == 0) return b;
    return b == 0 ? INFINITY : -a * gsl_sf_log_1plusx_mx((b - a) / a);
}

static double kl(double a, double b, const double *known) { return part(a, b) + part(known[0] - a, known[0] - b); }

/* N log(1 - d), 2 d = (sqrt p - sqrt q)^2 + (sqrt(1-p) - sqrt(1-q))^2 */
static double affinity(double a, double b, const double *known) {
    double p = a / known[0], q = b / known[0], gap = p - q;
    double one = gap / (sqrt(p) + sqrt(q)), two = gap / (sqrt(1 - p) + sqrt(1 - q));
    return known[0] * log1p(-0.5 * (one * one + two * two));
}

/* N log((1-q)/(1-p)) / (logit p - logit q) */
static double crossing(double a, double b, const double *known) {
    double p = a / known[0], q = b / known[0], fall = log1p((p - q) / (1 - p));
    return known[0] * fall / (log1p((p - q) / q) + fall);
}

static const char *wrong(const double *known) {
    return known[0] >= 1 && known[0] == floor(known[0]) ? NULL
                                                        : "trials must be a whole number from 1; give model.trials";
}

const ouro_nef ouro_nef_binomial = {
    .lattice = 1,
    .upper = NAN, /* N */
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
