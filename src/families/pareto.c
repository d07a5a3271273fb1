/* pareto.c: incomes and sizes above a minimum, known or fitted: log(x / minimum) is exponential with mean s = 1/alpha.
 *
 * Minimum known: theta = log s. The mean is infinite for alpha <= 1 and the variance for alpha <= 2: such a truth has
 * no moments to measure in units of (check says so), such a model has trace = inf. Refitting lets s fall for ever:
 * alpha grows. */
#include "core/kernels.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <float.h>
#include <math.h>
#include <string.h>

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
    {"minimum", OURO_REAL, OURO_NULLABLE | OURO_FITTABLE, 0, 1e-100, 1e100, "null", NULL, "unit of the data",
     "Known smallest value; null: the truth's; fitted: that of the points."},
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

/* log(x / minimum); x - minimum is exact where x is close to it */
static double log_over(double x, double minimum) {
    double over = (x - minimum) / minimum;
    return over < 1e9 ? ouro_log1p(over) : ouro_log(x) - ouro_log(minimum);
}

static double log_phi(double x, const double *known) { return ouro_log(log_over(x, known[0])); }

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

/* --- the minimum fitted as well ---------------------------------------------------------------------------------
 *
 * theta = {minimum, log s}, T = {W, W2, min x, log mean y}, y = log(x / min x). Merging takes the smaller minimum and
 * moves the mean of the other part by the distance: minima closer than 1e-16 of themselves are the same double, so that
 * batches of models with s below about 1e-14 are pooled as if their minima agreed. A fit of one batch knows no such
 * end. */

enum { MINIMUM, LOG_S, THETA_LEN };
enum { W, W2, T_MINIMUM, LOG_MEAN, STAT_LEN };

static int both_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[MINIMUM] = ((const params *)p)->minimum;
    theta[LOG_S] = -ouro_log(((const params *)p)->shape);
    return OURO_OK;
}

static int both_shape(ouro_family *f, ouro_error *e) {
    const ouro_domain *d = &f->domain;
    if (d->kind != OURO_NUMBERS || d->dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "pareto", "pareto needs one column of numbers");
    if (!(d->lower > 0))
        return ouro_fail(e, OURO_EUNDEFINED, "pareto",
                         "pareto needs a smallest value above 0, the truth gives numbers from %g", d->lower);
    f->theta_len = THETA_LEN;
    f->stat_len = STAT_LEN;
    f->mean_len = 1;
    return OURO_OK;
}

static int both_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n,
                       double *x) {
    (void)f, (void)tmp;
    ouro_fill_exponentials(s, n, x);
    for (size_t i = 0; i < n; i++) x[i] = inverse(theta[LOG_S] + ouro_log(x[i]), &theta[MINIMUM]);
    return OURO_OK;
}

static void both_empty(const ouro_family *f, double *T) {
    (void)f;
    T[W] = T[W2] = 0;
    T[T_MINIMUM] = INFINITY;
    T[LOG_MEAN] = -INFINITY;
}

static void both_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    double minimum = x[0], sum = 0;
    (void)f;
    for (size_t i = 1; i < n; i++) minimum = x[i] < minimum ? x[i] : minimum;
    for (size_t i = 0; i < n; i++) sum += log_over(x[i], minimum);
    T[W] = T[W2] = (double)n;
    T[T_MINIMUM] = minimum;
    T[LOG_MEAN] = ouro_log(sum / (double)n);
}

/* log(a e^x + b e^y) */
static double log_mix(double a, double x, double b, double y) {
    double top = x > y ? x : y;
    if (top == -INFINITY || a == 0) return top == -INFINITY ? top : ouro_log(b) + y;
    return top + ouro_log(a * ouro_exp(x - top) + b * ouro_exp(y - top));
}

static void both_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb, a = T[W] / w, b = wb / w;
    if (wb == 0) return;
    if (a == 0) {
        memcpy(T, src, f->stat_len * sizeof *T);
        T[W] = wb;
        T[W2] = weight * weight * src[W2];
        return;
    }
    double y = log_mix(a, T[LOG_MEAN], b, src[LOG_MEAN]), low = T[T_MINIMUM], high = src[T_MINIMUM], share = b;
    if (high < low) low = src[T_MINIMUM], high = T[T_MINIMUM], share = a;
    T[LOG_MEAN] = log_mix(1, y, share, ouro_log(log_over(high, low)));
    T[T_MINIMUM] = low;
    T[W] = w;
    T[W2] += weight * weight * src[W2];
}

/* The smallest of n exponentials of mean s lies s Exp(1) / n above 0, and what the others have beyond it is again
 * exponential: the sum of y is s Gamma(n - 1), independent of the minimum (Malik 1970). */
static void both_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    double size = (double)n, e;
    (void)f;
    ouro_fill_exponentials(s, 1, &e);
    T[W] = T[W2] = size;
    T[T_MINIMUM] = inverse(theta[LOG_S] + ouro_log(e / size), &theta[MINIMUM]);
    T[LOG_MEAN] = theta[LOG_S] + ouro_log_mean_chi2(s, 2 * (size - 1), 2 * size);
}

static void both_fit(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    (void)f;
    theta[MINIMUM] = T[T_MINIMUM];
    theta[LOG_S] = T[LOG_MEAN];
    *info = (ouro_fit_info){.converged = 1, .absorbed = !(T[LOG_MEAN] > -INFINITY)};
}

/* The closed forms above, with the model's own minimum for the known one. */
static ouro_family at_minimum(const ouro_family *f, const double *theta) {
    ouro_family known = *f;
    known.known[0] = theta[MINIMUM];
    return known;
}

static void both_moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const ouro_family known = at_minimum(f, theta);
    moments(&known, &theta[LOG_S], out);
}

static double both_entropy(const ouro_family *f, const double *theta) {
    const ouro_family known = at_minimum(f, theta);
    return entropy(&known, &theta[LOG_S]);
}

static double both_log_density(const ouro_family *f, const double *theta, double x) {
    (void)f;
    if (x < theta[MINIMUM]) return -INFINITY;
    return -theta[LOG_S] - log(x) - log_over(x, theta[MINIMUM]) * exp(-theta[LOG_S]);
}

static double both_beyond(const ouro_family *f, const double *theta, double x, int upper) {
    (void)f;
    if (theta[LOG_S] == -INFINITY) return upper ? theta[MINIMUM] > x : theta[MINIMUM] < x;
    if (x <= theta[MINIMUM]) return upper;
    double z = log_over(x, theta[MINIMUM]) * exp(-theta[LOG_S]);
    return upper ? exp(-z) : -expm1(-z);
}

static double both_mode(const ouro_family *f, const double *theta) {
    (void)f;
    return theta[MINIMUM];
}

static double both_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    side[0] = both_beyond(f, theta, a->lower, 0);
    side[1] = both_beyond(f, theta, a->upper, 1);
    return side[0] + side[1];
}

/* In log x the laws are exponentials that begin at their minima. `a` begins first, d = log(min_b / min_a) >= 0 before
 * b; it has mass e^-c, c = d / s_a, beyond the other's beginning. */
static double both_hellinger(const double *a, const double *b, double c) {
    static const double one[OURO_KNOWN] = {1};
    if (a[LOG_S] == -INFINITY || b[LOG_S] == -INFINITY) return 1;
    return sqrt(-expm1(ouro_nef_gamma.affinity(a[LOG_S], b[LOG_S], one) - 0.5 * c));
}

/* log(p_b / p_a) = r - v k at v s_b above min_b, r = c + log(s_a / s_b), k = 1 - s_b / s_a. */
static double both_tv(const double *a, const double *b, double c) {
    double l = a[LOG_S] - b[LOG_S], r = c + l, k = -expm1(-l);
    if (a[LOG_S] == -INFINITY || b[LOG_S] == -INFINITY || c == INFINITY) return 1;
    if (l == 0 || (l < 0 && r >= 0)) return -expm1(-c);                     /* b is larger wherever it is */
    double v = r / k, beyond_a = exp(-c - v * exp(-l)), beyond_b = exp(-v); /* of where they cross */
    return l > 0 ? (1 - beyond_b) - (exp(-c) - beyond_a) : beyond_b - beyond_a;
}

/* Quantiles m u^-s: with p = 1 - 2 s_b and g = min_b / min_a - 1, in units of min_a,
 *     W2^2 = w2^2 - 2 g (s_a - s_b) / ((1 - s_a - s_b) p) + g^2 / p,  w2 that of equal minima. */
static double both_w2(const double *a, const double *b) {
    static const double one[OURO_KNOWN] = {1};
    double s_a = exp(a[LOG_S]), s_b = exp(b[LOG_S]), p = 1 - 2 * s_b, g = (b[MINIMUM] - a[MINIMUM]) / a[MINIMUM];
    if (!(s_a < 0.5 && s_b < 0.5)) return INFINITY;
    double same = w2(a[LOG_S], b[LOG_S], one);
    return a[MINIMUM] * sqrt(fmax(same * same + g / p * (g - 2 * (s_a - s_b) / (1 - s_a - s_b)), 0));
}

/* KL(a || b) = s_a / s_b - 1 - log(s_a / s_b) + log(min_a / min_b) / s_b, where b reaches as far down as a. */
static double both_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    static const double one[OURO_KNOWN] = {1};
    if (a[0] == b[0] && a[1] == b[1]) return 0;
    if (kind == OURO_KL) {
        if (a[MINIMUM] < b[MINIMUM] || b[LOG_S] == -INFINITY) return INFINITY;
        double kl = a[LOG_S] == b[LOG_S] ? 0 : ouro_nef_gamma.kl(a[LOG_S], b[LOG_S], one);
        return kl + log_over(a[MINIMUM], b[MINIMUM]) * exp(-b[LOG_S]);
    }
    if (a[MINIMUM] > b[MINIMUM] || (a[MINIMUM] == b[MINIMUM] && a[LOG_S] < b[LOG_S]))
        return both_divergence(f, kind, b, a);
    double d = log_over(b[MINIMUM], a[MINIMUM]), c = d > 0 ? d * exp(-a[LOG_S]) : 0;
    switch (kind) {
    case OURO_HELLINGER: return both_hellinger(a, b, c);
    case OURO_TV: return d > 0 ? both_tv(a, b, c) : ouro_transform_divergence(f, kind, &a[LOG_S], &b[LOG_S]);
    case OURO_W2: return both_w2(a, b);
    case OURO_KL:
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}

static const ouro_family_type both = {
    .name = "pareto",
    .doc =
        "Minimum and 1 / alpha are both fitted: the minimum can only rise, so that the bottom of the truth is lost at "
        "the first fit.",
    .density = "p(x) = alpha minimum^alpha / x^(alpha + 1), x >= minimum",
    .parameters = "none: the support depends on the minimum, which makes it no exponential family",
    .statistic = "(min x, sum log x), kept as weight, minimum and log mean of log(x / minimum)",
    .exact_law =
        "log of the minimum of n points ~ log minimum + Exp(1) / (n alpha), independent of mean of log(x / minimum) "
        "~ Gamma(n - 1) / (n alpha)",
    .reference = "Malik 1970",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = both_theta,
    .shape = both_shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = both_sample,
    .stat_empty = both_empty,
    .stat_rows = both_rows,
    .stat_merge = both_merge,
    .stat_draw = both_draw,
    .fit_mle = both_fit,
    .moments = both_moments,
    .entropy = both_entropy,
    .log_density = both_log_density,
    .beyond = both_beyond,
    .mode = both_mode,
    .tail_mass = both_tail_mass,
    .divergence = both_divergence,
};

const ouro_family_type ouro_family_pareto = {
    .name = "pareto",
    .doc = "Sizes above a known (or \"fitted\") minimum with a power-law tail; 1 / alpha is fitted and carried as a "
           "logarithm.",
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
    .fitted = &both,
    OURO_TRANSFORM_SLOTS(law),
    .natural = OURO_SCALE_NATURAL("eta = -alpha, A = -log(-eta), mean of log(x / minimum): 1 / alpha"),
    .likelihood_in_statistic = 1,
    .mode = mode,
    .moments = moments,
    .entropy = entropy,
};
