/* quadrature.h: densities and probabilities written down a second time, and integrals and sums over them.
 *
 * Nothing here is shared with the library: logarithms are in long double and in the words of the textbook. An integral
 * is a sum of Gauss-Legendre rules over panels one standard deviation wide, and panels that halve towards an end of
 * the support, where a density may have a pole; on a lattice it is the sum over the whole numbers. A family on the line
 * needs a row in `densities` below, which is what its closed forms are then held against. */
#ifndef OURO_TEST_QUADRATURE_H
#define OURO_TEST_QUADRATURE_H
#include "harness.h"
#include "ouro/family.h"
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

enum { NODES = 20, REACH = 40, MOST_PANELS = 4096 };

/* A point on the line as origin + offset: in one number, the points of a narrow density next to a large mean would run
 * into each other. */
typedef struct place {
    double origin, offset;
} place;

static inline long double at(place x) { return (long double)x.origin + x.offset; }

static inline long double gaussian_log_density(const double *known, const double *theta, place x) {
    (void)known;
    const long double z = (((long double)x.origin - theta[0]) + x.offset) * expl(-(long double)theta[1]);
    return -z * z / 2 - theta[1] - 0.918938533204672741780329736405617639862L; /* log(2 pi) / 2 */
}

/* C(N, k) p^k (1-p)^(N-k), N p the mean */
static inline long double binomial_log_density(const double *known, const double *theta, place x) {
    const long double N = known[0], k = at(x), p = theta[0] / N, q = (N - theta[0]) / N;
    const long double ways = lgammal(N + 1) - lgammal(k + 1) - lgammal(N - k + 1);
    return ways + (k > 0 ? k * logl(p) : 0) + (k < N ? (N - k) * logl(q) : 0);
}

/* m^k e^-m / k! */
static inline long double poisson_log_density(const double *known, const double *theta, place x) {
    const long double k = at(x), m = theta[0];
    (void)known;
    return (k > 0 ? k * logl(m) : 0) - m - lgammal(k + 1);
}

/* Gamma(r + k) / (Gamma(r) k!) (1 - s)^r s^k with s = m / (r + m) */
static inline long double negative_binomial_log_density(const double *known, const double *theta, place x) {
    const long double r = known[0], k = at(x), m = theta[0];
    return lgammal(r + k) - lgammal(r) - lgammal(k + 1) - r * log1pl(m / r) - (k > 0 ? k * log1pl(r / m) : 0);
}

/* b^a x^(a-1) e^-bx / Gamma(a), a the shape, a/b = e^theta the mean */
static inline long double gamma_log_density(const double *known, const double *theta, place x) {
    const long double a = known[0], log_b = logl(a) - theta[0];
    return a * log_b + (a == 1 ? 0 : (a - 1) * logl(at(x))) - expl(log_b) * at(x) - lgammal(a);
}

/* log p_b - log p_a as one formula, which for models that nearly agree keeps what the difference of two logarithms
 * would lose; 1 - b/a and the like are exact enough in long double. */
static inline long double log1p_of(long double over, long double under) { return log1pl((over - under) / under); }

static inline long double binomial_log_ratio(const double *known, const double *a, const double *b, place x) {
    const long double N = known[0], k = at(x), rest = N - k;
    return (k > 0 ? k * log1p_of(b[0], a[0]) : 0) + (rest > 0 ? rest * log1p_of(N - b[0], N - a[0]) : 0);
}
static inline long double poisson_log_ratio(const double *known, const double *a, const double *b, place x) {
    (void)known;
    return (at(x) > 0 ? at(x) * log1p_of(b[0], a[0]) : 0) - ((long double)b[0] - a[0]);
}
static inline long double negative_binomial_log_ratio(const double *known, const double *a, const double *b, place x) {
    const long double r = known[0], k = at(x), shrink = log1p_of(r + b[0], r + a[0]);
    return (k > 0 ? k * (log1p_of(b[0], a[0]) - shrink) : 0) - r * shrink;
}
static inline long double gamma_log_ratio(const double *known, const double *a, const double *b, place x) {
    const long double shape = known[0], l = (long double)b[0] - a[0];
    return -shape * l - shape * at(x) * expl(-(long double)a[0]) * expm1l(-l);
}

/* sqrt(l / (2 pi x^3)) exp(-l (x - m)^2 / (2 m^2 x)), log m and log l the parameters */
static inline long double inverse_gaussian_log_density(const double *known, const double *theta, place x) {
    const long double m = expl(theta[0]), l = expl(theta[1]), z = (((long double)x.origin - m) + x.offset) / m;
    (void)known;
    if (at(x) == 0) return -INFINITY;
    return (theta[1] - 1.837877066409345483560659472811235279723L - 3 * logl(at(x))) / 2 - l * z * z / (2 * at(x));
}

/* Mean m and shape e^theta[1] = k: k^k e^-k / Gamma(k) (x/m)^k e^(k - k x/m) / x, what is large taken out of the first
 * factor */
static inline long double gamma_both_log_density(const double *known, const double *theta, place x) {
    const long double k = expl(theta[1]), m = theta[0], v = (((long double)x.origin - m) + x.offset) / m;
    const long double excess = v < -0.5L          ? v - logl(at(x) / m)
                               : fabsl(v) > 1e-6L ? v - log1pl(v)
                                                  : v * v * (0.5L - v * (1 / 3.0L - v / 4));
    const long double peak = k < 100 ? k * logl(k) - k - lgammal(k)
                                     : (logl(k) - 1.837877066409345483560659472811235279723L) / 2 - 1 / (12 * k) +
                                           1 / (360 * k * k * k) - 1 / (1260 * k * k * k * k * k);
    (void)known;
    if (at(x) == 0) return k < 1 ? INFINITY : k > 1 ? -INFINITY : -logl(m);
    return peak - logl(at(x)) - k * excess;
}

/* e^(-|x - location| / b) / (2 b), b = e^theta[1] */
static inline long double laplace_both_log_density(const double *known, const double *theta, place x) {
    const long double z = (((long double)x.origin - theta[0]) + x.offset) * expl(-(long double)theta[1]);
    (void)known;
    return -fabsl(z) - theta[1] - 0.693147180559945309417232121458176568L;
}

typedef struct density {
    const char *name;
    size_t parameters;
    long double (*log)(const double *known, const double *theta, place x);
    long double (*log_ratio)(const double *known, const double *a, const double *b, place x); /* NULL: the difference */
    double lower, upper; /* ends of the support; upper NaN: known[0] */
    int lattice;
} density;

static const density densities[] = {
    {"gaussian", 2, gaussian_log_density, NULL, -INFINITY, INFINITY, 0},
    {"gaussian-mean", 2, gaussian_log_density, NULL, -INFINITY, INFINITY, 0},
    {"gaussian-variance", 2, gaussian_log_density, NULL, -INFINITY, INFINITY, 0},
    {"bernoulli", 1, binomial_log_density, binomial_log_ratio, 0, NAN, 1},
    {"binomial", 1, binomial_log_density, binomial_log_ratio, 0, NAN, 1},
    {"poisson", 1, poisson_log_density, poisson_log_ratio, 0, INFINITY, 1},
    {"geometric", 1, negative_binomial_log_density, negative_binomial_log_ratio, 0, INFINITY, 1},
    {"negative-binomial", 1, negative_binomial_log_density, negative_binomial_log_ratio, 0, INFINITY, 1},
    {"exponential", 1, gamma_log_density, gamma_log_ratio, 0, INFINITY, 0},
    {"inverse-gaussian", 2, inverse_gaussian_log_density, NULL, 0, INFINITY, 0},
    {"gamma", 1, gamma_log_density, gamma_log_ratio, 0, INFINITY, 0},
    {"gamma", 2, gamma_both_log_density, NULL, 0, INFINITY, 0},
    {"laplace", 2, laplace_both_log_density, NULL, -INFINITY, INFINITY, 0},
};

static inline const density *density_of(const ouro_family *f) {
    for (size_t i = 0; i < sizeof densities / sizeof densities[0]; i++)
        if (strcmp(densities[i].name, f->type->name) == 0 && densities[i].parameters == f->theta_len)
            return &densities[i];
    return NULL;
}

static inline int on_a_lattice(const ouro_family *f) { return density_of(f) != NULL && density_of(f)->lattice; }

static inline double upper_end(const ouro_family *f) {
    const double upper = density_of(f)->upper;
    return isnan(upper) ? f->known[0] : upper;
}

/* Ends of panels as offsets from an origin, ascending once made. */
typedef struct panels {
    double origin;
    size_t len;
    double end[MOST_PANELS];
} panels;

static inline void panels_add(panels *p, double x) {
    if (p->len < MOST_PANELS) p->end[p->len++] = x;
}

/* Mean and standard deviation, which are themselves held against sums of the density: a wrong one moves the panels, and
 * the total is no longer 1. */
static inline void range_of(const ouro_family *f, const double *theta, double *mean, double *sd) {
    ouro_moments m = {.mean = mean};
    f->type->moments(f, theta, &m);
    *sd = exp(m.log_trace / 2);
}

/* Next to mean / sd = c, a location cannot be told better than c rounding errors, and z sd out that counts z times. */
static inline double location_error(const ouro_family *f, const double *theta, double z) {
    double mean, sd;
    range_of(f, theta, &mean, &sd);
    return 4 * 0x1p-52 * z * fabs(mean) / sd;
}

/* What offsets count from: a point of interest, but 0 where the support ends there, next to which places are small. */
static inline double panels_origin(const ouro_family *f, double x) { return density_of(f)->lower == 0 ? 0 : x; }

/* Panels from `top` down by factors of 4, for a pole at 0 of the kind x^-0.6: what is left out is 4^-60 of the integral. */
static inline void panels_towards_0(panels *p, double top) {
    for (int k = 0; k <= 150; k++) panels_add(p, ldexp(top, -2 * k));
}

/* Mean +- REACH standard deviations, in steps of one; beyond them a density on the line has no mass left. On a half line
 * also panels from 2^12 means downwards, for a pole at 0 and for tails that fall more slowly. */
static inline void panels_around(panels *p, const ouro_family *f, const double *theta) {
    double mean, sd;
    range_of(f, theta, &mean, &sd);
    for (int z = -REACH; z <= REACH; z++) panels_add(p, mean - p->origin + z * sd);
    if (density_of(f)->lower == 0) panels_towards_0(p, ldexp(mean, 12));
}

/* Sorts and cuts the ends to [from, to] (offsets too; infinite for no cut). */
static inline void panels_cut(panels *p, double from, double to) {
    size_t len = 0;
    panels_add(p, from);
    panels_add(p, to);
    gsl_sort(p->end, 1, p->len);
    for (size_t i = 0; i < p->len; i++)
        if (p->end[i] >= from && p->end[i] <= to && isfinite(p->end[i]) && (len == 0 || p->end[i] > p->end[len - 1]))
            p->end[len++] = p->end[i];
    p->len = len;
}

typedef long double integrand(const void *ctx, place x);

static inline double integrate(const panels *p, integrand *g, const void *ctx) {
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(NODES);
    long double sum = 0;
    for (size_t i = 0; i + 1 < p->len; i++) {
        long double panel = 0;
        for (size_t k = 0; k < NODES; k++) {
            double x, w;
            gsl_integration_glfixed_point(p->end[i], p->end[i + 1], k, &x, &w, rule);
            panel += w * g(ctx, (place){p->origin, x});
        }
        sum += panel;
    }
    gsl_integration_glfixed_table_free(rule);
    return (double)sum;
}

/* The whole numbers where a model has mass: mean +- REACH standard deviations, and as many e-folds of a tail that falls
 * like exp(-x mean / variance). */
static inline void lattice_range(const ouro_family *f, const double *theta, double *from, double *to) {
    double mean, sd;
    range_of(f, theta, &mean, &sd);
    const double slow = mean > 0 ? sd * sd / mean : 0;
    *from = fmax(density_of(f)->lower, floor(mean - REACH * (sd + 1)));
    *to = fmin(upper_end(f), ceil(mean + REACH * (sd + slow + 2)));
}

/* Over the whole numbers in [from, to]. */
static inline double sum_lattice(double from, double to, integrand *g, const void *ctx) {
    long double sum = 0;
    for (double x = from; x <= to; x++) sum += g(ctx, (place){x, 0});
    return (double)sum;
}

#endif
