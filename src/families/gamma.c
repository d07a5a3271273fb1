/* gamma.c: waiting times for the alpha-th event, the shape known (nef_gamma.c does all) or fitted as well.
 *
 * Shape fitted: theta = {mean, log shape}, T = {W, W2, mean, gap}, gap = log mean(x) - mean(log x) >= 0, of which
 * maximum likelihood is log k - psi(k) = gap. Nothing but rows gives a T: the law of sum log x is not closed. A gap is
 * kept as a mean of terms v - log(1 + v), v = x / mean - 1, all positive, so that it is right down to spreads of 1e-16
 * of the mean; there rows are the same number and the run is absorbed. */
#include "core/kernels.h"
#include "core/special.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <float.h>
#include <math.h>
#include <string.h>

typedef struct params {
    double mean, shape;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, 0, offsetof(params, mean), 1e-100, 1e100, "1", NULL, "unit of the data", "Mean of the truth."},
    {"shape", OURO_REAL, OURO_ABOVE, offsetof(params, shape), 0, 1e9, "2", NULL, "", "Shape alpha."},
};

static const ouro_field known_rows[] = {
    {"shape", OURO_REAL, OURO_NULLABLE | OURO_ABOVE | OURO_FITTABLE, 0, 0, 1e9, "null", NULL, "",
     "Known shape alpha; null: the truth's; fitted: estimated with the mean."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->shape; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lattice = 0, .lower = 0, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ouro_log(((const params *)p)->mean);
    return OURO_OK;
}

/* --- the shape fitted as well ----------------------------------------------------------------------------------- */

enum { MEAN, LOG_SHAPE, THETA_LEN };
enum { W, W2, T_MEAN, GAP, STAT_LEN };

static int both_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[MEAN] = ((const params *)p)->mean;
    theta[LOG_SHAPE] = ouro_log(((const params *)p)->shape);
    return OURO_OK;
}

static int both_shape(ouro_family *f, ouro_error *e) {
    const ouro_domain *d = &f->domain;
    if (d->kind != OURO_NUMBERS || d->dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "gamma", "gamma needs one column of numbers");
    /* a law may have 0 as the open end of its support; of an observation of 0 there is no logarithm */
    if (d->lower < 0 || (d->lower == 0 && (d->lattice || d->upper < INFINITY)))
        return ouro_fail(e, OURO_EUNDEFINED, "gamma",
                         "gamma with its shape fitted needs positive numbers, the truth gives numbers from %g",
                         d->lower);
    f->theta_len = THETA_LEN;
    f->stat_len = STAT_LEN;
    f->mean_len = 1;
    return OURO_OK;
}

/* Small shapes reach below the smallest double; points stop there, so that they keep a logarithm. */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    const double mean = theta[MEAN], k = ouro_exp(theta[LOG_SHAPE]);
    (void)f, (void)tmp;
    for (size_t i = 0; i < n; i++) x[i] = k < INFINITY ? fmax(mean * (ouro_gamma(s, k) / k), DBL_TRUE_MIN) : mean;
    return OURO_OK;
}

static void stat_empty(const ouro_family *f, double *T) {
    (void)f;
    memset(T, 0, STAT_LEN * sizeof *T);
}

/* An error d of the mean enters the gap as d^2, since the v add up to 0. */
static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    double mean, m2, sum = 0;
    (void)f;
    ouro_kernel_mean_m2(n, x, &mean, &m2);
    for (size_t i = 0; i < n; i++) {
        double v = (x[i] - mean) / mean;
        sum += v > -0.5 ? ouro_log1p_gap(v) : v - (ouro_log(x[i]) - ouro_log(mean));
    }
    T[W] = T[W2] = (double)n;
    T[T_MEAN] = mean;
    T[GAP] = sum / (double)n;
}

/* log(x / y), of nearly equal numbers too. */
static double log_ratio(double x, double y) {
    double r = (x - y) / y;
    return r > -0.5 && r < 1e9 ? ouro_log1p(r) : ouro_log(x) - ouro_log(y);
}

/* log(1 - b + b e^r) - b r >= 0, the gap between parts of shares 1 - b and b <= 1/2 whose means are as 1 to e^r. */
static double between(double b, double r) {
    if (fabs(r) < 0.5) {
        double g = ouro_exp_gap(r);
        return b * g - ouro_log1p_gap(b * (r + g));
    }
    if (r <= 40) return ouro_log1p(b * (ouro_exp(r) - 1)) - b * r;
    return ouro_log(b) + r + ouro_log1p((1 - b) / b * ouro_exp(-r)) - b * r;
}

static double gap_between(double share, double r) { return share > 0.5 ? between(1 - share, -r) : between(share, r); }

static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb, a = T[W] / w, b = wb / w;
    if (wb == 0) return;
    if (a == 0) {
        memcpy(T, src, f->stat_len * sizeof *T);
        T[W] = wb;
        T[W2] = weight * weight * src[W2];
        return;
    }
    T[GAP] = a * T[GAP] + b * src[GAP] + gap_between(b, log_ratio(src[T_MEAN], T[T_MEAN]));
    T[T_MEAN] += (src[T_MEAN] - T[T_MEAN]) * b;
    T[W] = w;
    T[W2] += weight * weight * src[W2];
}

static void stat_of(const ouro_family *f, const double *theta, double *T) {
    (void)f;
    T[W] = T[W2] = 1;
    T[T_MEAN] = theta[MEAN];
    T[GAP] = theta[LOG_SHAPE] < INFINITY ? ouro_digamma_gap(ouro_exp(theta[LOG_SHAPE])) : 0;
}

/* Newton for log(log k - psi(k)) = log gap in log k, where the left side has slopes between -1 and -1.2 or so, from the
 * start of Minka (2002), "Estimating a gamma distribution", off by 1.5 % at most. Convergence is quadratic: after a
 * step below 2^-30 the next would be lost in rounding. */
static double log_shape(double gap, ouro_fit_info *info) {
    double y = ouro_log((3 - gap + sqrt((gap - 3) * (gap - 3) + 24 * gap)) / (12 * gap)), log_gap = ouro_log(gap);
    info->converged = 0;
    while (!info->converged && info->iterations < 50) {
        double k = ouro_exp(y), h = ouro_digamma_gap(k), step = (ouro_log(h) - log_gap) * (h / ouro_trigamma_gap(k));
        y += step;
        info->iterations++;
        info->converged = fabs(step) < 0x1p-30;
    }
    return y;
}

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    (void)f;
    *info = (ouro_fit_info){.converged = 1, .absorbed = !(T[GAP] > 0)};
    theta[MEAN] = T[T_MEAN];
    theta[LOG_SHAPE] = info->absorbed ? INFINITY : log_shape(T[GAP], info);
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    out->mean[0] = theta[MEAN];
    out->log_trace = out->logdet = 2 * log(theta[MEAN]) - theta[LOG_SHAPE];
    out->trace = exp(out->log_trace);
}

static double entropy(const ouro_family *f, const double *theta) {
    const double k[OURO_KNOWN] = {exp(theta[LOG_SHAPE])};
    (void)f;
    return k[0] < INFINITY ? ouro_nef_gamma.entropy(log(theta[MEAN]), k) : -INFINITY;
}

/* log(k / 2 pi) / 2 less Stirling's remainder: k log k - k - log Gamma(k). Its derivative is log k - psi(k). */
static double log_peak(double k) { return 0.5 * log(k / (2 * M_PI)) - ouro_stirling(k); }

/* With v = x / mean - 1 one formula for all shapes: log_peak(k) - log x - k (v - log(1 + v)). */
static double log_density(const ouro_family *f, const double *theta, double x) {
    double mean = theta[MEAN], k = exp(theta[LOG_SHAPE]), v = (x - mean) / mean;
    (void)f;
    if (x < 0) return -INFINITY;
    if (x == 0) return k < 1 ? INFINITY : k > 1 ? -INFINITY : -log(mean);
    return log_peak(k) - log(x) - k * (v > -0.5 ? ouro_log1p_gap(v) : v - (log(x) - log(mean)));
}

static double beyond(const ouro_family *f, const double *theta, double x, int upper) {
    double mean = theta[MEAN], k = exp(theta[LOG_SHAPE]);
    (void)f;
    if (k == INFINITY) return upper ? mean > x : mean < x;
    return ouro_gamma_tail(k, x > 0 ? k * (x / mean) : 0, upper);
}

static double mode(const ouro_family *f, const double *theta) {
    double k = exp(theta[LOG_SHAPE]);
    (void)f;
    return k > 1 ? theta[MEAN] * (k < INFINITY ? (k - 1) / k : 1) : 0;
}

static double tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    side[0] = beyond(f, theta, a->lower, 0);
    side[1] = beyond(f, theta, a->upper, 1);
    return side[0] + side[1];
}

/* Six Gauss-Legendre nodes and weights on (0, 1). */
static const double nodes[][2] = {
    {0.033765242898423975, 0.085662246189585178}, {0.16939530676686776, 0.18038078652406930},
    {0.38069040695840155, 0.23395696728634552},   {0.61930959304159845, 0.23395696728634552},
    {0.83060469323313224, 0.18038078652406930},   {0.96623475710157602, 0.085662246189585178}};

/* KL between gamma laws of equal means, B = log_peak: B(k_a) - B(k_b) - (k_a - k_b) B'(k_a), and for shapes so close
 * that this would cancel, -B'' being (s psi' - 1) / s,
 *     integral from k_a to k_b of (k_b - s) (s psi'(s) - 1) / s ds,  s = k_b e^-u. */
static double kl_shapes(double y_a, double y_b) {
    double d = y_b - y_a, a = exp(y_a), b = exp(y_b), sum = 0;
    if (!(fabs(d) < 0.25)) return log_peak(a) - log_peak(b) - (a - b) * ouro_digamma_gap(a);
    for (int i = 0; i < 6; i++) {
        double u = d * nodes[i][0];
        sum += nodes[i][1] * b * -expm1(-u) * ouro_trigamma_gap(b * exp(-u));
    }
    return d * sum;
}

/* B(k) - [B(k - d) + B(k + d)] / 2 with k the mean shape: half the integral of (d - v) [-B''(k + v) - B''(k - v)]. */
static double affinity_shapes(double y_a, double y_b) {
    double a = exp(y_a), b = exp(y_b), k = a + (b - a) / 2, d = k * tanh(fabs(y_b - y_a) / 2), sum = 0;
    if (!(fabs(y_b - y_a) < 0.25)) return log_peak(k) - 0.5 * (log_peak(a) + log_peak(b));
    for (int i = 0; i < 6; i++) {
        double v = d * nodes[i][0], up = k + v, down = k - v;
        sum += nodes[i][1] * (d - v) * (ouro_trigamma_gap(up) / up + ouro_trigamma_gap(down) / down);
    }
    return 0.5 * d * sum;
}

/* KL = k_b (e^l - 1 - l) + that of the shapes, l = log(m_a / m_b);
 * H^2 = 1 - exp(-k J - that of the shapes), k the mean shape and J the gap of means 1 / m_i at shares k_i / (k_a +
 * k_b). */
static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    (void)f;
    if (a[0] == b[0] && a[1] == b[1]) return 0;
    if (a[LOG_SHAPE] == INFINITY || b[LOG_SHAPE] == INFINITY) return kind == OURO_KL ? INFINITY : 1;
    if (kind == OURO_KL)
        return exp(b[LOG_SHAPE]) * ouro_exp_gap(log_ratio(a[MEAN], b[MEAN])) + kl_shapes(a[LOG_SHAPE], b[LOG_SHAPE]);
    if (a[LOG_SHAPE] > b[LOG_SHAPE]) return divergence(f, kind, b, a);
    double small = exp(a[LOG_SHAPE]), sum = small + exp(b[LOG_SHAPE]);
    double means = 0.5 * sum * between(small / sum, log_ratio(b[MEAN], a[MEAN]));
    return sqrt(-expm1(-means - affinity_shapes(a[LOG_SHAPE], b[LOG_SHAPE])));
}

static const ouro_family_type both = {
    .name = "gamma",
    .doc = "Mean and shape are both fitted: the shape rises without end, and the spread dies as a normal's.",
    .density = "p(x) ~ x^(alpha - 1) exp(-alpha x / m), x > 0",
    .parameters = "eta = (k, -k / m), A = log Gamma(k) - k log(k / m), mean of (log x, x): (psi(k) + log(m / k), m)",
    .statistic = "(sum x, sum log x), kept as weight, mean and log mean(x) - mean(log x)",
    .reference = "Minka 2002",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = both_theta,
    .shape = both_shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_of = stat_of,
    .fit_mle = fit_mle,
    .moments = moments,
    .entropy = entropy,
    .log_density = log_density,
    .beyond = beyond,
    .mode = mode,
    .tail_mass = tail_mass,
    .divergence = divergence,
    .divergence_missing = {[OURO_TV] =
                               "two gamma laws of different shape may cross twice at points without closed form",
                           [OURO_W2] = "its quantiles have no closed form"},
    .matches_mean = 1,
};

const ouro_family_type ouro_family_gamma = {
    .name = "gamma",
    .doc = "Waiting times for the alpha-th event with known shape (or \"fitted\"); the mean is fitted and carried as a "
           "logarithm.",
    .density = "p(x) ~ x^(alpha - 1) exp(-alpha x / m), x >= 0",
    .statistic = "sum x, kept as weight and log mean",
    .exact_law = "mean of n points ~ m Gamma(n alpha) / (n alpha)",
    .reference = "Morris 1982",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    .fitted = &both,
    OURO_NEF_SLOTS(ouro_nef_gamma),
    .natural = OURO_SCALE_NATURAL("eta = -alpha / m, A = -alpha log(-eta), mean m"),
};
