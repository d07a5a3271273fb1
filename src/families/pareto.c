/* pareto.c: incomes and sizes above a known minimum: log(x / minimum) is exponential with mean s = 1 / alpha.
 *
 * theta = log s. The mean is infinite for alpha <= 1 and the variance for alpha <= 2: such a truth has no moments to
 * measure in units of (check says so), such a model has trace = inf. Refitting lets s fall for ever: alpha grows. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include <float.h>
#include <math.h>

typedef struct params {
    double minimum, shape;
} params;

static const ouro_field truth_rows[] = {
    {"minimum", OURO_REAL, 0, offsetof(params, minimum), 1e-100, 1e100, "1", NULL, "unit of the data",
     "Smallest possible value."},
    {"shape", OURO_REAL, 0, offsetof(params, shape), 0.05, 1e9, "3", NULL, "",
     "Tail index alpha: P(X > x) = (minimum / x)^alpha. The variance is finite above 2."},
};

static const ouro_field known_rows[] = {
    {"minimum", OURO_REAL, OURO_NULLABLE, 0, 1e-100, 1e100, "null", NULL, "unit of the data",
     "Known smallest value; null: the truth's."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->minimum; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = ((const params *)p)->minimum, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = -ouro_log(((const params *)p)->shape);
    return OURO_OK;
}

static double lower(const double *known) { return known[0]; }

/* x - minimum is exact where x is close to it */
static double log_phi(double x, const double *known) {
    double over = (x - known[0]) / known[0];
    return ouro_log(over < 1e9 ? ouro_log1p(over) : ouro_log(x) - ouro_log(known[0]));
}

/* numbers beyond the doubles stop at their end: log(x / minimum) stays finite */
static double inverse(double log_y, const double *known) {
    return fmin(fmax(known[0] * ouro_exp(ouro_exp(log_y)), known[0]), DBL_MAX);
}

static double log_derivative(double x, const double *known) {
    (void)known;
    return -log(x);
}

/* W2^2 = integral of (u^-a - u^-b)^2 over (0, 1) = (p - q)^2 / (p q (p + q)), p = 1 - 2 a, q = 1 - 2 b, in units of the
 * minimum; infinite where either second moment is */
static double w2(double a, double b, const double *known) {
    double p = 1 - 2 * exp(a), q = 1 - 2 * exp(b);
    if (!(p > 0 && q > 0)) return INFINITY;
    return known[0] * 2 * fabs(exp(a) - exp(b)) / sqrt(p * q * (p + q));
}

static double mean_log_derivative(double t, const double *known) { return -log(known[0]) - exp(t); }

static const char *wrong(const double *known) {
    return known[0] > 0 ? NULL : "minimum must be positive; give model.minimum";
}

static double mode(const ouro_family *f, const double *theta) {
    (void)theta;
    return f->known[0];
}

/* mean = minimum / (1 - s), variance = minimum^2 s^2 / ((1 - s)^2 (1 - 2 s)) */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const double s = exp(theta[0]);
    out->mean[0] = s < 1 ? f->known[0] / (1 - s) : INFINITY;
    out->log_trace = s < 0.5 ? 2 * (log(f->known[0]) + theta[0] - log1p(-s)) - log1p(-2 * s) : INFINITY;
    out->trace = exp(out->log_trace);
    out->logdet = out->log_trace;
}

/* 1 + s + log(s minimum) */
static double entropy(const ouro_family *f, const double *theta) {
    return 1 + exp(theta[0]) + theta[0] + log(f->known[0]);
}

static const ouro_transform transform = {
    .lower = lower,
    .log_phi = log_phi,
    .inverse = inverse,
    .log_derivative = log_derivative,
    .w2 = w2,
    .mean_log_derivative = mean_log_derivative,
    .wrong = wrong,
};
static const ouro_nef law = {OURO_NEF_EXPONENTIAL, .transform = &transform};

const ouro_family_type ouro_family_pareto = {
    .name = "pareto",
    .doc = "Sizes above a known minimum with a power-law tail; 1 / alpha is fitted and carried as a logarithm.",
    .density = "p(x) = alpha minimum^alpha / x^(alpha + 1), x >= minimum",
    .statistic = "sum log(x / minimum), kept as weight and log mean",
    .exact_law = "mean of log(x / minimum) over n points ~ Gamma(n) / (n alpha)",
    .reference = "Malik 1970",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    OURO_TRANSFORM_SLOTS(law),
    .natural = OURO_SCALE_NATURAL("eta = -alpha, A = -log(-eta), mean of log(x / minimum): 1 / alpha"),
    .mode = mode,
    .moments = moments,
    .entropy = entropy,
};
