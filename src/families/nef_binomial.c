/* nef_binomial.c: Binomial(N, m / N), N = known[0]: V(m) = m (1 - m / N). Bernoulli is N = 1. */
#include "core/kernels.h"
#include "core/loader.h"
#include "core/special.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <math.h>

/* N - m is exact near N, 1 - m/N is not */
static double variance(double m, const double *known) { return m * ((known[0] - m) / known[0]); }

static double v2(const double *known) { return -1 / known[0]; }

/* the sum of n points is Binomial(n N, m / N); all n N ones are N to the last bit, where the chain ends */
static double draw(ouro_stream *s, double n, double m, const double *known) {
    double most = n * known[0], ones = ouro_binomial_wide(s, most, m / known[0]);
    return ones >= most ? known[0] : ones / n;
}

static double log_density(double x, double m, const double *known) {
    return ouro_log_binomial(x, known[0] - x, m, known[0] - m, x - m);
}

/* P(X >= k) of ones with mean m among N, the mean of zeros being `rest`: I_p(k, N - k + 1), p = m/N */
static double at_least(double k, double m, double rest, double N) {
    if (k <= 0 || k > N) return k <= 0;
    double p = m / N, q = rest / N, a = k, b = N - k + 1;
    double here = exp(ouro_log_binomial(k, N - k, m, rest, k - m)) * q;
    if (p * (a + b + 2) < a + 1) return here * ouro_beta_fraction(a, b, p, q);
    return 1 - here * (a / b) * ouro_beta_fraction(b, a, q, p);
}

static double beyond(double x, double m, const double *known, int upper) {
    double N = known[0];
    return upper ? at_least(x + 1, m, N - m, N) : at_least(N - x + 1, N - m, m, N);
}

static double mode(double m, const double *known) { return fmin(floor((known[0] + 1) * (m / known[0])), known[0]); }

static double kl(double a, double b, const double *known) {
    return loader_deviance(b, a - b) + loader_deviance(known[0] - b, b - a);
}

/* N log(1 - d), 2 d = (sqrt p - sqrt q)^2 + (sqrt(1-p) - sqrt(1-q))^2 */
static double affinity(double a, double b, const double *known) {
    double N = known[0], gap = (a - b) / N;
    double one = gap / (sqrt(a / N) + sqrt(b / N)), two = gap / (sqrt((N - a) / N) + sqrt((N - b) / N));
    return N * log1p(-0.5 * (one * one + two * two));
}

/* k log(b/a) = (N - k) log((N-a)/(N-b)) */
static double crossing(double a, double b, const double *known) {
    double rise = log1p((b - a) / a), fall = log1p((b - a) / (known[0] - b));
    return known[0] * (fall / (rise + fall));
}

/* N log(1 + e^eta), eta = log(m / (N - m)) */
static double eta(double m, const double *known) { return ouro_log(m / (known[0] - m)); }

static double from_eta(double e, const double *known) {
    if (e > 0) return known[0] / (1 + ouro_exp(-e));
    double odds = ouro_exp(e);
    return known[0] * (odds / (1 + odds));
}

static double log_partition(double e, const double *known) {
    return known[0] * ((e > 0 ? e : 0) + ouro_log1p(ouro_exp(-fabs(e))));
}

static double potential(double m, const double *known) { return -known[0] * ouro_log1p(-m / known[0]); }

static double mean_log_carrier(double m, const double *known) {
    (void)m;
    return known[0] == 1 ? 0 : NAN;
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
    .eta = eta,
    .from_eta = from_eta,
    .log_partition = log_partition,
    .potential = potential,
    .mean_log_carrier = mean_log_carrier,
    .mirrors = 1,
    .wrong = wrong,
};
