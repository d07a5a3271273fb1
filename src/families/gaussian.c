/* gaussian.c: the normal distribution on the line, both parameters fitted.
 *
 * theta = {mean, log sd}, T = {W, W2, mean, log rms}: W total weight, W2 the sum of squared weights, rms^2 the weighted mean
 * square about the mean. Scales are logarithms, so that a collapsing variance never underflows; -inf is absorbed. */
#include "core/kernels.h"
#include "normal.h"
#include "core/mixture.h"
#include "gaussians.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

enum { MEAN, LOG_SD, THETA_LEN };
enum { W, W2, T_MEAN, LOG_RMS, STAT_LEN };

typedef struct params {
    double mean, sd;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, 0, offsetof(params, mean), -1e100, 1e100, "0", NULL, "unit of the data", "Mean of the truth."},
    {"sd", OURO_REAL, 0, offsetof(params, sd), 1e-100, 1e100, "1", NULL, "unit of the data",
     "Standard deviation of the truth."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    const params *t = p;
    theta[MEAN] = t->mean;
    theta[LOG_SD] = ouro_log(t->sd);
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    if (f->domain.kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "gaussian", "gaussian needs numbers, the truth gives categories");
    if (f->domain.dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "gaussian",
                         "gaussian is for one column, the truth gives %zu: name one of them in truth.columns",
                         f->domain.dim);
    f->theta_len = THETA_LEN;
    f->stat_len = STAT_LEN;
    f->mean_len = 1;
    return OURO_OK;
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)f, (void)tmp;
    ouro_fill_normals(s, n, x);
    ouro_kernel_affine(n, theta[MEAN], ouro_exp(theta[LOG_SD]), x);
    return OURO_OK;
}

static void stat_empty(const ouro_family *f, double *T) {
    (void)f;
    T[W] = T[W2] = T[T_MEAN] = 0;
    T[LOG_RMS] = -INFINITY;
}

/* log of the root mean square where the squares themselves underflow */
static double log_rms_tiny(size_t n, const double *x, double mean) {
    double largest = 0, sum = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i] - mean));
    if (largest == 0) return -INFINITY;
    for (size_t i = 0; i < n; i++) sum += ((x[i] - mean) / largest) * ((x[i] - mean) / largest);
    return ouro_log(largest) + 0.5 * ouro_log(sum / (double)n);
}

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    (void)f;
    double mean, m2;
    ouro_kernel_mean_m2(n, x, &mean, &m2);
    T[W] = T[W2] = (double)n;
    T[T_MEAN] = mean;
    T[LOG_RMS] = m2 < 1e-280 ? log_rms_tiny(n, x, mean) : 0.5 * ouro_log(m2 / (double)n);
}

/* Pairwise update of Chan, Golub and LeVeque (1979) as a mixture of two parts with shares a and b, in units of the wider:
 * rms^2 = a rms_a^2 + b rms_b^2 + a b delta^2. */
static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb, a = T[W] / w, b = wb / w;
    if (wb == 0) return;
    if (a == 0) {
        memcpy(T, src, f->stat_len * sizeof *T);
        T[W] = wb;
        T[W2] = weight * weight * src[W2];
        return;
    }
    double delta = src[T_MEAN] - T[T_MEAN], la = T[LOG_RMS], lb = src[LOG_RMS];
    double top = la > lb ? la : lb, low = la > lb ? lb : la;
    double gap = delta == 0 ? 0 : fabs(delta) * ouro_exp(-top), sum = a * b;
    if (gap < 1e100) {
        double ratio = low == -INFINITY ? 0 : ouro_exp(low - top);
        sum = (la > lb ? a + b * ratio * ratio : b + a * ratio * ratio) + sum * gap * gap;
    } else { /* the distance is all that counts, and its square might overflow */
        top = ouro_log(fabs(delta));
    }
    T[W2] += weight * weight * src[W2];
    T[T_MEAN] += delta * b;
    T[LOG_RMS] = top > -INFINITY ? top + 0.5 * ouro_log(sum) : -INFINITY;
    T[W] = w;
}

/* Mean and sum of squares of n normal draws are independent: N(mean, sd^2/n) and sd^2 chi^2_{n-1} (Cochran). */
static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    (void)f;
    double size = (double)n;
    T[W] = T[W2] = size;
    T[T_MEAN] = theta[MEAN] + ouro_exp(theta[LOG_SD]) * ouro_stream_normal(s) / sqrt(size);
    T[LOG_RMS] = theta[LOG_SD] + 0.5 * ouro_log_mean_chi2(s, size - 1, size);
}

static void estimate(const double *T, double log_sd, double *theta, ouro_fit_info *info) {
    theta[MEAN] = T[T_MEAN];
    theta[LOG_SD] = log_sd;
    *info = (ouro_fit_info){.converged = 1, .absorbed = !(log_sd > -INFINITY)};
}

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    (void)f;
    estimate(T, T[LOG_RMS], theta, info);
}

/* Dividing by W - W2/W makes the variance unbiased for weighted points of one distribution; n - 1 for equal weights. */
static void fit_unbiased(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    (void)f;
    double share = 1 - T[W2] / (T[W] * T[W]);
    estimate(T, share > 0 ? T[LOG_RMS] - 0.5 * ouro_log(share) : -INFINITY, theta, info);
}

static void stat_of(const ouro_family *f, const double *theta, double *T) {
    (void)f;
    T[W] = T[W2] = 1;
    T[T_MEAN] = theta[MEAN];
    T[LOG_RMS] = theta[LOG_SD];
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    out->mean[0] = theta[MEAN];
    out->log_trace = out->logdet = 2 * theta[LOG_SD];
    out->trace = exp(out->log_trace); /* 0 once it underflows; then log_trace is what counts */
}

static double entropy(const ouro_family *f, const double *theta) {
    (void)f;
    return 0.5 * (1 + log(2 * M_PI)) + theta[LOG_SD];
}

static int gaussians(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_gaussians *out) {
    (void)f;
    double *at = ouro_arena_alloc(tmp, 2, sizeof *at); /* log weight 0, sd */
    if (!at) return OURO_ENOMEM;
    at[1] = exp(theta[LOG_SD]);
    *out = (ouro_gaussians){.k = 1, .d = 1, .log_weight = at, .mean = theta, .factor = at + 1};
    return OURO_OK;
}

static void quantiles(const ouro_family *f, const double *theta, size_t n, const double *p, double *x) {
    (void)f;
    for (size_t i = 0; i < n; i++) x[i] = theta[MEAN] + exp(theta[LOG_SD]) * gsl_cdf_ugaussian_Pinv(p[i]);
}

/* P(Z > gap / sd); a point mass (sd = 0) is inside or outside as a whole */
static double beyond(double gap, double sd) {
    if (sd == 0) return gap < 0;
    return 0.5 * erfc(gap / (sd * M_SQRT2));
}

static double tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    (void)f;
    double sd = exp(theta[LOG_SD]);
    side[0] = beyond(theta[MEAN] - a->lower, sd);
    side[1] = beyond(a->upper - theta[MEAN], sd);
    return side[0] + side[1];
}

/* e^x - 1 - x >= 0; by its series 2 / k! x^(k-2) where the difference would cancel */
static double excess(double x) {
    static const double c[] = {1,          1 / 3.0,     1 / 12.0,     1 / 60.0,     1 / 360.0,
                               1 / 2520.0, 1 / 20160.0, 1 / 181440.0, 1 / 1814400.0};
    if (fabs(x) > 0.125) return expm1(x) - x;
    double sum = 0;
    for (int k = 8; k >= 0; k--) sum = c[k] + x * sum;
    return 0.5 * x * x * sum;
}

/* KL(a || b) = (e^(2 l) - 1 - 2 l + d^2 / sb^2) / 2 with l = log(sa / sb) */
static double kl(const double *a, const double *b, double d) {
    if (b[LOG_SD] == -INFINITY) return a[LOG_SD] == -INFINITY && d == 0 ? 0 : INFINITY;
    double scaled = d == 0 ? 0 : d * exp(-b[LOG_SD]);
    return 0.5 * (excess(2 * (a[LOG_SD] - b[LOG_SD])) + scaled * scaled);
}

/* H^2 = 1 - exp(-log cosh(l) / 2 - d^2 / (4 (sa^2 + sb^2))), lengths in units of the wider, which may underflow */
static double hellinger(const double *a, const double *b, double d) {
    double wide = fmax(a[LOG_SD], b[LOG_SD]), l = fabs(a[LOG_SD] - b[LOG_SD]);
    if (wide == -INFINITY) return d != 0;
    double half = sinh(l / 2), gap = d == 0 ? 0 : d * exp(-wide);
    double log_cosh = l < 20 ? log1p(2 * half * half) : l - M_LN2;
    return sqrt(-expm1(-0.5 * log_cosh - 0.25 * gap * (gap / (1 + exp(-2 * l)))));
}

static double phi(double x) { return 0.5 * erfc(-x / M_SQRT2); }

/* The densities cross at v = (x - mean of the narrow) / its sd, roots of (1 - r^2) v^2 - 2 c r v - c^2 + 2 log r = 0 with
 * r the ratio of sds and c the distance of means in wide sds; the narrow one is larger between them.          */
static double total_variation(const double *a, const double *b, double d) {
    const double *wide = a[LOG_SD] > b[LOG_SD] ? a : b;
    const double *narrow = wide == a ? b : a;
    if (wide[LOG_SD] == -INFINITY) return d != 0;
    if (narrow[LOG_SD] == -INFINITY) return 1;
    double log_r = narrow[LOG_SD] - wide[LOG_SD], r = exp(log_r);
    double c = d == 0 ? 0 : fabs(d) * exp(-wide[LOG_SD]);
    if (c > 40) return 1; /* what they share lies 20 wide sds from one of them: below 1e-88 */
    if (log_r == 0) return 2 * phi(c / 2) - 1;
    double lead = -expm1(2 * log_r);
    double q = c * r + sqrt(c * c - 2 * lead * log_r);
    double v2 = q / lead, v1 = (2 * log_r - c * c) / q;
    return (phi(v2) - phi(v1)) - (phi(c + r * v2) - phi(c + r * v1));
}

static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    (void)f;
    double d = a[MEAN] - b[MEAN];
    switch (kind) {
    case OURO_KL: return kl(a, b, d);
    case OURO_HELLINGER: return hellinger(a, b, d);
    case OURO_TV: return total_variation(a, b, d);
    case OURO_W2: return hypot(d, exp(a[LOG_SD]) - exp(b[LOG_SD]));
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}

/* W2^2 = (mean - m)^2 + v + sd^2 - 2 sd E[x Phi^-1(F(x))]: in one dimension quantiles are coupled with quantiles. */
static double w2_observed(const ouro_family *f, const double *theta, double mean, double variance, double coupling) {
    (void)f;
    double d = theta[MEAN] - mean, sd = exp(theta[LOG_SD]);
    return sqrt(d * d + (variance - coupling * coupling) + (sd - coupling) * (sd - coupling));
}

static double mean_log_carrier(const ouro_family *f, const double *theta) {
    (void)f, (void)theta;
    return -0.5 * log(2 * M_PI);
}

static const ouro_natural natural = {
    OURO_NORMAL_NATURAL,
    .words = "eta = (m / s^2, -1 / (2 s^2)), A = m^2 / (2 s^2) + log s, mean of (x, x^2): (m, m^2 + s^2)",
    .statistic = ouro_normal_statistic,
    .mean_log_carrier = mean_log_carrier,
};

static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    (void)f;
    out[MEAN] = theta[MEAN];
    out[LOG_SD] = theta[LOG_SD] + 0.5 * ouro_log(temperature);
}

const ouro_family_type ouro_family_gaussian = {
    .name = "gaussian",
    .doc = "Normal distribution on the line; mean and standard deviation are both fitted.",
    .density = "p(x) = exp(-(x - mean)^2 / (2 sd^2)) / (sd sqrt(2 pi))",
    .statistic = "(sum x, sum x^2), kept as weight, mean and centred sum of squares",
    .exact_law = "mean ~ N(mean, sd^2/n), independent of the centred sum of squares ~ sd^2 chi^2_{n-1}",
    .reference = "Cochran 1934; Shumailov et al. 2024 for the recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = MEAN,
    .stat_location = T_MEAN,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .stat_of = stat_of,
    .fit_mle = fit_mle,
    .fit_unbiased = fit_unbiased,
    .natural = &natural,
    .likelihood_in_statistic = 1,
    .moments = moments,
    .entropy = entropy,
    .quantiles = quantiles,
    .tail_mass = tail_mass,
    .log_densities = ouro_gaussians_log_densities,
    .gaussians = gaussians,
    .divergence = divergence,
    .w2_observed = w2_observed,
    .matches_mean = 1,
    .matches_second_moments = 1,
    .temper = temper,
    .variance_scales = 1,
};
