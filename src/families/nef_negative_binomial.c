/* nef_negative_binomial.c: NegativeBinomial of size r = known[0] and mean m: V(m) = m (1 + m / r). Geometric is r = 1. */
#include "core/kernels.h"
#include "core/special.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <math.h>

static double variance(double m, const double *known) { return m * (1 + m / known[0]); }

static double v2(const double *known) { return 1 / known[0]; }

/* the sum of n points is NegativeBinomial(n r): a Poisson whose mean is Gamma(n r) m / r */
static double draw(ouro_stream *s, double n, double m, const double *known) {
    return m == 0 ? 0 : ouro_poisson(s, ouro_gamma(s, n * known[0]) * (m / known[0])) / n;
}

/* r/(r + k) times the probability of r successes among r + k trials, r being real */
static double log_density(double x, double m, const double *known) {
    double r = known[0], n = r + x, s = m / (r + m), q = r / (r + m);
    if (x == 0) return -r * log1p(m / r);
    return log(r / n) + ouro_log_binomial(r, x, n * q, n * s, (m - x) * q);
}

/* P(X >= k) = I_s(k, r), s = m / (r + m) */
static double beyond(double x, double m, const double *known, int upper) {
    double r = known[0], k = upper ? x + 1 : x, s = m / (r + m), q = r / (r + m);
    if (k <= 0) return upper;
    double here = exp(log_density(k, m, known));
    if (s * (k + r + 2) < k + 1) {
        double above = here * ouro_beta_fraction(k, r, s, q);
        return upper ? above : 1 - above;
    }
    double below = here * (k / r) * ouro_beta_fraction(r, k, q, s);
    return upper ? 1 - below : below;
}

static double mode(double m, const double *known) { return known[0] > 1 ? floor(m * (known[0] - 1) / known[0]) : 0; }

/* a log(1 + v) - r log(1 + x), 1 + v = a (b + r) / (b (a + r)), 1 + x = (a + r)/(b + r); for models that are close, with
 * the first order, r^2 (a - b)^2 / (b (a + r)(b + r)), taken out */
static double kl(double a, double b, const double *known) {
    double r = known[0], d = a - b, v = r * d / (b * (a + r)), x = d / (b + r);
    if (b == 0) return INFINITY;
    if (a == 0) return r * log1p(b / r);
    if (fabs(v) < 0.5 && fabs(x) < 0.5) return v * r * d / (b + r) - a * ouro_log1p_gap(v) + r * ouro_log1p_gap(x);
    double lv = fabs(v) < 0.5 ? log1p(v) : log(a / b) - log((a + r) / (b + r));
    return a * lv - r * (fabs(x) < 0.5 ? log1p(x) : log((a + r) / (b + r)));
}

/* r log of sqrt((1-s)(1-t)) / (1 - sqrt(s t)), s = a/(a+r), t = b/(b+r); (1 - sqrt(st))^2 = (1-s)(1-t) + (sqrt s - sqrt t)^2
 * and (s - t)^2 = r (a - b) / ((a + r)(b + r)) squared */
static double affinity(double a, double b, const double *known) {
    double r = known[0], roots = sqrt(a / (a + r)) + sqrt(b / (b + r)), gap = (a - b) / roots;
    return -0.5 * r * log1p(gap / (a + r) * (gap / (b + r)));
}

/* k log(1 + r (b - a) / (a (b + r))) = r log((b + r)/(a + r)) */
static double crossing(double a, double b, const double *known) {
    double r = known[0];
    return r * log1p((b - a) / (a + r)) / log1p(r / (b + r) * ((b - a) / a));
}

/* e^x - 1 for x <= 0, by its series x (1 + x/2 (1 + x/3 (...))) where the difference would cancel */
static double expm1_below(double x) {
    if (x < -0.5) return ouro_exp(x) - 1;
    double sum = 1;
    for (int k = 16; k >= 2; k--) sum = 1 + x * sum / k;
    return x * sum;
}

/* eta = log(m / (m + r)) < 0, A = -r log(1 - e^eta) = r log(1 + m / r) */
static double eta(double m, const double *known) { return m > 0 ? -ouro_log1p(known[0] / m) : -INFINITY; }

static double from_eta(double e, const double *known) {
    return e < 0 ? known[0] * (ouro_exp(e) / -expm1_below(e)) : NAN;
}

static double log_partition(double e, const double *known) {
    return e < 0 ? -known[0] * ouro_log(-expm1_below(e)) : INFINITY;
}

static double potential(double m, const double *known) { return known[0] * ouro_log1p(m / known[0]); }

static double mean_log_carrier(double m, const double *known) {
    (void)m;
    return known[0] == 1 ? 0 : NAN;
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
    .eta = eta,
    .from_eta = from_eta,
    .log_partition = log_partition,
    .potential = potential,
    .mean_log_carrier = mean_log_carrier,
    .wrong = wrong,
};
