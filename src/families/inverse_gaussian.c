/* inverse_gaussian.c: the inverse Gaussian (Wald) distribution, mean and shape both fitted.
 *
 * theta = {log mean, log lambda}, T = {W, W2, log mean of x, log D} with D = mean(1/x) - 1/mean(x) >= 0, so that mle has
 * 1 / lambda = D. D is kept in the centred form mean((x - m)^2 / (x m^2)) and as a logarithm: a shape that rises without
 * end (the spread dies like a normal's) loses no digit on the statistics path. Rows carry 53 bits each, so on the samples path
 * a relative spread below 1e-16 cannot be told from none, and the run is absorbed there.                      */
#include "core/kernels.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <gsl/gsl_sf_erf.h>
#include <gsl/gsl_sf_expint.h>
#include <math.h>

enum { LOG_MU, LOG_LAMBDA, THETA_LEN };
enum { W, W2, LOG_MEAN, LOG_D, STAT_LEN };

typedef struct params {
    double mean, shape;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, 0, offsetof(params, mean), 1e-50, 1e50, "1", NULL, "unit of the data", "Mean of the truth."},
    {"shape", OURO_REAL, 0, offsetof(params, shape), 1e-50, 1e50, "1", NULL, "unit of the data",
     "Shape lambda of the truth."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = 0, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[LOG_MU] = ouro_log(((const params *)p)->mean);
    theta[LOG_LAMBDA] = ouro_log(((const params *)p)->shape);
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    const ouro_domain *d = &f->domain;
    if (d->kind != OURO_NUMBERS || d->dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "inverse-gaussian", "inverse-gaussian needs one column of numbers");
    /* a truth may have 0 as the end of its support; an observation of 0 has no density */
    if (d->lower < 0 || d->lattice)
        return ouro_fail(e, OURO_EUNDEFINED, "inverse-gaussian",
                         "inverse-gaussian needs positive numbers, not counts; the "
                         "truth gives numbers from %g",
                         d->lower);
    f->theta_len = THETA_LEN;
    f->stat_len = STAT_LEN;
    f->mean_len = 1;
    return OURO_OK;
}

/* log of an inverse Gaussian variate of mean 1 and shape phi (Michael, Schucany and Haas 1976): the smaller root of the
 * quadratic is 1 / (1 + w + sqrt(w (2 + w))), w = z^2 / (2 phi), the larger its inverse; no cancellation at any phi. */
static double log_unit(ouro_stream *s, double phi) {
    double z = ouro_stream_normal(s), w = 0.5 * z * z / phi, r = ouro_log1p(w + sqrt(w * (2 + w)));
    return ouro_stream_uniform(s) * (1 + ouro_exp(-r)) <= 1 ? -r : r;
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)f, (void)tmp;
    double phi = ouro_exp(theta[LOG_LAMBDA] - theta[LOG_MU]);
    for (size_t i = 0; i < n; i++) x[i] = ouro_exp(theta[LOG_MU] + log_unit(s, phi));
    return OURO_OK;
}

static void stat_empty(const ouro_family *f, double *T) {
    (void)f;
    T[W] = T[W2] = 0;
    T[LOG_MEAN] = T[LOG_D] = -INFINITY;
}

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    double mean, m2, sum = 0;
    (void)f;
    ouro_kernel_mean_m2(n, x, &mean, &m2);
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean) / mean * ((x[i] - mean) / x[i]);
    T[W] = T[W2] = (double)n;
    T[LOG_MEAN] = ouro_log(mean);
    T[LOG_D] = ouro_log(sum / (double)n) - T[LOG_MEAN];
}

/* log(a e^x + b e^y) */
static double log_mix(double a, double x, double b, double y) {
    double top = fmax(x, y);
    if (top == -INFINITY) return top;
    return top + ouro_log(a * ouro_exp(x - top) + b * ouro_exp(y - top));
}

/* D = a D_a + b D_b + a b (m_a - m_b)^2 / (m_a m_b m) */
static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb, a = T[W] / w, b = wb / w;
    (void)f;
    if (wb == 0) return;
    double r = T[LOG_MEAN] - src[LOG_MEAN], mean = a > 0 ? log_mix(a, T[LOG_MEAN], b, src[LOG_MEAN]) : src[LOG_MEAN];
    double within = a > 0 ? log_mix(a, T[LOG_D], b, src[LOG_D]) : src[LOG_D], between = -INFINITY;
    if (a > 0 && r != 0) { /* (m_a - m_b)^2 / (m_a m_b) = (1 - e^-|r|)^2 e^|r| */
        double gap = fabs(r) < 1e-5 ? fabs(r) : 1 - ouro_exp(-fabs(r));
        between = ouro_log(a * b) + 2 * ouro_log(gap) + fabs(r) - mean;
    }
    T[LOG_D] = log_mix(1, within, 1, between);
    T[LOG_MEAN] = mean;
    T[W] = w;
    T[W2] += weight * weight * src[W2];
}

/* The mean of n points is inverse Gaussian of shape n lambda, independent of n lambda D ~ chi^2_{n-1} (Tweedie 1957). */
static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    double size = (double)n;
    (void)f;
    T[W] = T[W2] = size;
    T[LOG_MEAN] = theta[LOG_MU] + log_unit(s, size * ouro_exp(theta[LOG_LAMBDA] - theta[LOG_MU]));
    T[LOG_D] = ouro_log_mean_chi2(s, size - 1, size) - theta[LOG_LAMBDA];
}

static void stat_of(const ouro_family *f, const double *theta, double *T) {
    (void)f;
    T[W] = T[W2] = 1;
    T[LOG_MEAN] = theta[LOG_MU];
    T[LOG_D] = -theta[LOG_LAMBDA];
}

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    (void)f;
    theta[LOG_MU] = T[LOG_MEAN];
    theta[LOG_LAMBDA] = -T[LOG_D];
    *info = (ouro_fit_info){.converged = 1, .absorbed = theta[LOG_LAMBDA] == INFINITY};
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    out->mean[0] = exp(theta[LOG_MU]);
    out->log_trace = out->logdet = 3 * theta[LOG_MU] - theta[LOG_LAMBDA];
    out->trace = exp(out->log_trace);
}

static double log_density(const ouro_family *f, const double *theta, double x) {
    (void)f;
    if (!(x > 0)) return -INFINITY;
    double mu = exp(theta[LOG_MU]), z = (x - mu) / mu;
    return 0.5 * (theta[LOG_LAMBDA] - log(2 * M_PI) - 3 * log(x)) - 0.5 * exp(theta[LOG_LAMBDA]) / x * z * z;
}

/* Phi(a) + e^(2 phi) Phi(-b), a = r (x/mu - 1), b = r (x/mu + 1), r = sqrt(lambda / x). Since b^2 = a^2 + 4 phi, the second
 * term is the normal density at a over the normal hazard at b, with nothing that overflows. */
static double beyond(const ouro_family *f, const double *theta, double x, int upper) {
    (void)f;
    double mu = exp(theta[LOG_MU]), phi = exp(theta[LOG_LAMBDA] - theta[LOG_MU]);
    if (x <= 0) return upper;
    if (phi == INFINITY) return upper ? mu > x : mu < x;
    double r = sqrt(phi * (mu / x)), a = r * (x - mu) / mu, b = r * (x / mu + 1);
    double density = exp(-0.5 * a * a) * M_2_SQRTPI / (2 * M_SQRT2), image = density / gsl_sf_hazard(b);
    if (upper && a > 5) return density * fmax(0, 1 / gsl_sf_hazard(a) - 1 / gsl_sf_hazard(b));
    return upper ? fmax(0.5 * erfc(a / M_SQRT2) - image, 0) : fmin(0.5 * erfc(-a / M_SQRT2) + image, 1);
}

static double mode(const ouro_family *f, const double *theta) {
    (void)f;
    double c = 1.5 * exp(theta[LOG_MU] - theta[LOG_LAMBDA]);
    return exp(theta[LOG_MU]) / (sqrt(1 + c * c) + c);
}

static double entropy(const ouro_family *f, const double *theta) {
    double phi = exp(theta[LOG_LAMBDA] - theta[LOG_MU]);
    (void)f;
    if (phi == INFINITY) return -INFINITY;
    return 0.5 * (log(2 * M_PI) + 1 + 3 * theta[LOG_MU] - theta[LOG_LAMBDA]) - 1.5 * gsl_sf_expint_E1_scaled(2 * phi);
}

static double tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    side[0] = beyond(f, theta, a->lower, 0);
    side[1] = beyond(f, theta, a->upper, 1);
    return side[0] + side[1];
}

/* KL = [e^l - 1 - l + lambda_b (mu_a - mu_b)^2 / (mu_a mu_b^2)] / 2, l = log(lambda_b / lambda_a);
 * H^2 = 1 - exp(q): q = -D / (sqrt(P + D) + sqrt P) - log cosh(l / 2) / 2, P = ((lambda_a/mu_a + lambda_b/mu_b) / 2)^2,
 * D = lambda_a lambda_b (1/mu_a - 1/mu_b)^2 / 4. */
static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    (void)f;
    double l = b[LOG_LAMBDA] - a[LOG_LAMBDA], r = a[LOG_MU] - b[LOG_MU], gap = 2 * sinh(r / 2);
    if (a[0] == b[0] && a[1] == b[1]) return 0;
    if (a[LOG_LAMBDA] == INFINITY || b[LOG_LAMBDA] == INFINITY) return kind == OURO_KL ? INFINITY : 1;
    if (kind == OURO_KL) {
        double excess = fabs(l) < 1e-4 ? 0.5 * l * l * (1 + l / 3 * (1 + l / 4)) : expm1(l) - l;
        return 0.5 * (excess + exp(b[LOG_LAMBDA] - b[LOG_MU]) * gap * gap);
    }
    double pa = exp(a[LOG_LAMBDA] - a[LOG_MU]), pb = exp(b[LOG_LAMBDA] - b[LOG_MU]);
    double root = 0.5 * (pa + pb), d = 0.5 * sqrt(pa) * sqrt(pb) * fabs(gap), half = sinh(l / 4); /* d: sqrt D */
    if (root > 1e300) return 1; /* two point masses, as far as a double tells */
    double log_cosh = fabs(l) < 40 ? log1p(2 * half * half) : fabs(l) / 2 - M_LN2;
    return sqrt(-expm1(-d * (d / (hypot(root, d) + root)) - 0.5 * log_cosh));
}

/* Natural form with t(x) = (x, 1/x), h = 1 / sqrt(2 pi x^3): eta = (-lambda / (2 mu^2), -lambda / 2). */
static size_t natural_len(const ouro_family *f) {
    (void)f;
    return THETA_LEN;
}

static void parameter(const ouro_family *f, const double *theta, double *eta) {
    (void)f;
    eta[0] = -0.5 * ouro_exp(theta[LOG_LAMBDA] - 2 * theta[LOG_MU]);
    eta[1] = -0.5 * ouro_exp(theta[LOG_LAMBDA]);
}

static int model(const ouro_family *f, const double *eta, double *theta) {
    (void)f;
    if (!(eta[0] < 0 && eta[1] < 0 && eta[0] > -INFINITY && eta[1] > -INFINITY)) return 0;
    theta[LOG_LAMBDA] = ouro_log(-2 * eta[1]);
    theta[LOG_MU] = 0.5 * (theta[LOG_LAMBDA] - ouro_log(-2 * eta[0]));
    return 1;
}

/* -log(lambda) / 2 - lambda / mu; finite still for mu = inf */
static double log_partition(const ouro_family *f, const double *eta) {
    (void)f;
    if (!(eta[0] <= 0 && eta[1] < 0)) return INFINITY;
    return -0.5 * ouro_log(-2 * eta[1]) - 2 * sqrt(-eta[0]) * sqrt(-eta[1]);
}

static double potential(const ouro_family *f, const double *theta) {
    (void)f;
    return -0.5 * theta[LOG_LAMBDA] - ouro_exp(theta[LOG_LAMBDA] - theta[LOG_MU]);
}

static void mean_map(const ouro_family *f, const double *theta, double *mu) {
    (void)f;
    mu[0] = ouro_exp(theta[LOG_MU]);
    mu[1] = ouro_exp(-theta[LOG_MU]) + ouro_exp(-theta[LOG_LAMBDA]);
}

static int model_of_mean(const ouro_family *f, const double *mu, double *theta) {
    (void)f;
    double rest = mu[1] - 1 / mu[0];
    if (!(mu[0] > 0 && mu[0] < INFINITY && rest > 0 && rest < INFINITY)) return 0;
    theta[LOG_MU] = ouro_log(mu[0]);
    theta[LOG_LAMBDA] = -ouro_log(rest);
    return 1;
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    (void)f;
    t[0] = x[0];
    t[1] = 1 / x[0];
}

static double observed(const ouro_family *f, const double *T, double *t) {
    (void)f;
    t[0] = ouro_exp(T[LOG_MEAN]);
    t[1] = ouro_exp(-T[LOG_MEAN]) + ouro_exp(T[LOG_D]);
    return T[W];
}

/* Var x = mu^3 / lambda, Cov(x, 1/x) = -mu / lambda, Var 1/x = 1 / (lambda mu) + 2 / lambda^2 */
static void covariance(const ouro_family *f, const double *theta, double *V) {
    (void)f;
    double m = theta[LOG_MU], l = theta[LOG_LAMBDA];
    V[0] = ouro_exp(3 * m - l);
    V[1] = V[2] = -ouro_exp(m - l);
    V[3] = ouro_exp(-l - m) + 2 * ouro_exp(-2 * l);
}

/* The unit of x in which the truer of two means, that of the larger shape, is 1. */
static void frame(const ouro_family *f, const double *a, const double *b, double out[2]) {
    (void)f;
    const double *sharp = a[LOG_LAMBDA] - a[LOG_MU] > b[LOG_LAMBDA] - b[LOG_MU] ? a : b;
    out[0] = isfinite(sharp[LOG_MU]) ? sharp[LOG_MU] : 0;
    out[1] = 0;
}

static void move(const ouro_family *f, const double in[2], int back, double *theta) {
    (void)f;
    theta[LOG_MU] += back ? in[0] : -in[0];
    theta[LOG_LAMBDA] += back ? in[0] : -in[0];
}

/* A = -log(lambda) / 2 - sqrt(lambda kappa), kappa = lambda / mu^2, and of the mixture lambda_c = alpha lambda_a +
 * (1 - alpha) lambda_b, kappa_c likewise. With P = alpha phi_a + (1 - alpha) phi_b, lambda_c kappa_c - P^2 = alpha
 * (1 - alpha) lambda_a lambda_b (1/mu_a - 1/mu_b)^2, so that large phi = lambda / mu cancel nowhere. Lengths in
 * units of mu_a, all over lambda_a. */
static double renyi(const ouro_family *f, double alpha, const double *a, const double *b) {
    double l = b[LOG_LAMBDA] - a[LOG_LAMBDA], r = exp(l), inverse = exp(a[LOG_MU] - b[LOG_MU]),
           gap = expm1(a[LOG_MU] - b[LOG_MU]);
    if (a[LOG_MU] == b[LOG_MU] && l == 0) return 0;
    if (a[LOG_LAMBDA] == INFINITY || b[LOG_LAMBDA] == INFINITY) return INFINITY;
    if (alpha < 1 && l > 0) return alpha / (1 - alpha) * renyi(f, 1 - alpha, b, a);
    double lambda = alpha + (1 - alpha) * r, kappa = alpha + (1 - alpha) * r * inverse * inverse;
    if (!(lambda > 0 && kappa >= 0)) return INFINITY;
    double middle = alpha + (1 - alpha) * r * inverse, shape = exp(b[LOG_LAMBDA] - a[LOG_MU]);
    double apart = gap == 0 ? 0 : alpha * shape * gap * (gap / (sqrt(lambda * kappa) + middle));
    return -0.5 * (log(lambda) - (1 - alpha) * l) / (alpha - 1) + apart;
}

/* E log x = log mu - e^(2 phi) E_1(2 phi), phi = lambda / mu */
static double mean_log_carrier(const ouro_family *f, const double *theta) {
    (void)f;
    double phi = exp(theta[LOG_LAMBDA] - theta[LOG_MU]);
    return -0.5 * log(2 * M_PI) - 1.5 * (theta[LOG_MU] - gsl_sf_expint_E1_scaled(2 * phi));
}

static const ouro_natural natural = {
    .words =
        "eta = (-lambda / (2 mu^2), -lambda / 2), A = -log(lambda) / 2 - lambda / mu, mean of (x, 1/x): (mu, 1/mu + "
        "1/lambda)",
    .boundary = OURO_BOUNDARY_SINGULAR,
    .len = natural_len,
    .parameter = parameter,
    .model = model,
    .log_partition = log_partition,
    .potential = potential,
    .mean = mean_map,
    .model_of_mean = model_of_mean,
    .statistic = statistic,
    .observed = observed,
    .covariance = covariance,
    .frame = frame,
    .move = move,
    .renyi = renyi,
    .mean_log_carrier = mean_log_carrier,
};

const ouro_family_type ouro_family_inverse_gaussian = {
    .name = "inverse-gaussian",
    .doc = "First passage times of a drifting Brownian motion; mean and shape are both fitted. The spread dies as a "
           "normal's.",
    .density = "p(x) = sqrt(lambda / (2 pi x^3)) exp(-lambda (x - mu)^2 / (2 mu^2 x)), x > 0",
    .statistic = "(sum x, sum 1/x), kept as weight, log mean and log of mean(1/x) - 1/mean(x)",
    .exact_law = "mean of n points ~ InverseGaussian(mu, n lambda), independent of n lambda D ~ chi^2_{n-1}",
    .reference = "Tweedie 1957",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .stat_of = stat_of,
    .fit_mle = fit_mle,
    .natural = &natural,
    .moments = moments,
    .entropy = entropy,
    .log_density = log_density,
    .beyond = beyond,
    .mode = mode,
    .tail_mass = tail_mass,
    .matches_mean = 1,
    .divergence = divergence,
    .divergence_missing = {[OURO_TV] = "two inverse Gaussians may cross twice at points without closed form",
                           [OURO_W2] = "its quantiles have no closed form"},
};
