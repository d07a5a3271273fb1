/* nef_poisson.c: Poisson(m): V(m) = m. */
#include "core/kernels.h"
#include "core/loader.h"
#include "core/special.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
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
    return ouro_poisson(s, n * m) / n;
}

static double log_density(double x, double m, const double *known) {
    (void)known;
    return ouro_log_poisson(x, m);
}

/* P(X < k) = Q(k, m), the regularised incomplete gamma function */
static double beyond(double x, double m, const double *known, int upper) {
    (void)known;
    double k = upper ? x + 1 : x;
    return k <= 0 ? upper : ouro_gamma_tail(k, m, !upper);
}

static double mode(double m, const double *known) {
    (void)known;
    return floor(m);
}

static double kl(double a, double b, const double *known) {
    (void)known;
    return loader_deviance(b, a - b);
}

/* -(sqrt a - sqrt b)^2 / 2 */
static double affinity(double a, double b, const double *known) {
    (void)known;
    double root = (a - b) / (sqrt(a) + sqrt(b));
    return -0.5 * root * root;
}

/* (b - a) / log(b/a) */
static double crossing(double a, double b, const double *known) {
    (void)known;
    return (b - a) / log1p((b - a) / a);
}

/* A = e^eta = m */
static double eta(double m, const double *known) {
    (void)known;
    return ouro_log(m);
}

static double exponential(double e, const double *known) {
    (void)known;
    return ouro_exp(e);
}

static double potential(double m, const double *known) {
    (void)known;
    return m;
}

static double mean_log_carrier(double m, const double *known) {
    (void)m, (void)known;
    return NAN; /* -E log k! */
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
    .eta = eta,
    .from_eta = exponential,
    .log_partition = exponential,
    .potential = potential,
    .mean_log_carrier = mean_log_carrier,
};
