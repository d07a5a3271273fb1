/* laplace.c: double exponential errors around a location, known or fitted: |x - location| is exponential with mean
 * `scale`.
 *
 * Location known: theta = log scale. The mean never moves, the scale falls for ever. */
#include "core/kernels.h"
#include "core/special.h"
#include "laplace_median.h"
#include "ouro/nef.h"
#include <math.h>
#include <string.h>

typedef struct params {
    double location, scale;
} params;

static const ouro_field truth_rows[] = {
    {"location", OURO_REAL, 0, offsetof(params, location), -1e100, 1e100, "0", NULL, "unit of the data",
     "Centre of the truth."},
    {"scale", OURO_REAL, 0, offsetof(params, scale), 1e-100, 1e100, "1", NULL, "unit of the data",
     "Mean distance from the centre."},
};

static const ouro_field known_rows[] = {
    {"location", OURO_REAL, OURO_NULLABLE | OURO_FITTABLE, 0, -1e100, 1e100, "null", NULL, "unit of the data",
     "Known centre; null: the truth's; fitted: the median of the points."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->location; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ouro_log(((const params *)p)->scale);
    return OURO_OK;
}

static double log_phi(double x, const double *known) { return ouro_log(fabs(x - known[0])); }

static double inverse(double log_y, const double *known) {
    (void)known;
    return ouro_exp(log_y);
}

static double log_derivative(double x, const double *known) {
    (void)x, (void)known;
    return -M_LN2;
}

static double degree(const double *known) { return (void)known, 1; }

static double w2(double a, double b, const double *known) {
    (void)known;
    return M_SQRT2 * fabs(exp(a) - exp(b));
}

static double mean_log_derivative(double t, const double *known) { return (void)t, (void)known, -M_LN2; }

static const char *wrong(const double *known) {
    return isfinite(known[0]) ? NULL : "location must be a number; give model.location";
}

static double mode(const ouro_family *f, const double *theta) {
    (void)theta;
    return f->known[0];
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    out->mean[0] = f->known[0];
    out->log_trace = out->logdet = M_LN2 + 2 * theta[0];
    out->trace = exp(out->log_trace);
}

static double entropy(const ouro_family *f, const double *theta) {
    (void)f;
    return 1 + M_LN2 + theta[0];
}

static void quantiles(const ouro_family *f, const double *theta, size_t n, const double *p, double *x) {
    for (size_t i = 0; i < n; i++) {
        double far = p[i] == 0.5 ? 0 : exp(theta[0]) * -log(2 * fmin(p[i], 1 - p[i]));
        x[i] = f->known[0] + (p[i] < 0.5 ? -far : far);
    }
}

static const ouro_transform transform = {
    .mirrored = 1,
    .log_phi = log_phi,
    .inverse = inverse,
    .log_derivative = log_derivative,
    .degree = degree,
    .w2 = w2,
    .mean_log_derivative = mean_log_derivative,
    .wrong = wrong,
};
static const ouro_nef law = {OURO_NEF_EXPONENTIAL, .transform = &transform};

/* --- the location fitted as well --------------------------------------------------------------------------------
 *
 * theta = {location, log scale}: the weighted median of the points and the mean distance from it. Of an even number of
 * equal weights, and wherever half the weight lies on either side, the median is the midpoint of the two middle points.
 * T = {W, W2, median, log mean distance} of one batch: medians of batches do not tell that of all points, so that there
 * is no merging. The family is no exponential one. */

enum { LOCATION, LOG_SCALE, THETA_LEN };
enum { W, W2, MEDIAN, LOG_DISTANCE, STAT_LEN };

static int both_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[LOCATION] = ((const params *)p)->location;
    theta[LOG_SCALE] = ouro_log(((const params *)p)->scale);
    return OURO_OK;
}

static int both_shape(ouro_family *f, ouro_error *e) {
    if (f->domain.kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "laplace", "laplace needs numbers, the truth gives categories");
    if (f->domain.dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "laplace",
                         "laplace is for one column, the truth gives %zu: name one of them in truth.columns",
                         f->domain.dim);
    f->theta_len = THETA_LEN;
    f->stat_len = STAT_LEN;
    f->mean_len = 1;
    return OURO_OK;
}

static int both_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n,
                       double *x) {
    const double scale = ouro_exp(theta[LOG_SCALE]);
    (void)f, (void)tmp;
    ouro_fill_exponentials(s, n, x);
    for (size_t i = 0; i < n; i++) x[i] = theta[LOCATION] + (ouro_stream_word(s) >> 63 ? scale : -scale) * x[i];
    return OURO_OK;
}

static void both_empty(const ouro_family *f, double *T) {
    (void)f;
    T[W] = T[W2] = T[MEDIAN] = 0;
    T[LOG_DISTANCE] = -INFINITY;
}

static void both_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    const double here = 0;
    const ouro_points all = {.n = n, .x = x, .shift = &here, .weight = 1};
    (void)f;
    T[W] = T[W2] = (double)n;
    T[MEDIAN] = ouro_laplace_median(1, &all);
    T[LOG_DISTANCE] = ouro_log(ouro_laplace_distance(1, &all, T[MEDIAN]));
}

static void both_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    double sum, median = ouro_laplace_draw(s, n, &sum);
    (void)f;
    T[W] = T[W2] = (double)n;
    T[MEDIAN] = theta[LOCATION] + ouro_exp(theta[LOG_SCALE]) * median;
    T[LOG_DISTANCE] = theta[LOG_SCALE] + ouro_log(sum / (double)n);
}

static void both_set(double location, double log_scale, double *theta, ouro_fit_info *info) {
    theta[LOCATION] = location;
    theta[LOG_SCALE] = log_scale;
    *info = (ouro_fit_info){.converged = 1, .absorbed = !(log_scale > -INFINITY)};
}

static void both_fit(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    (void)f;
    both_set(T[MEDIAN], T[LOG_DISTANCE], theta, info);
}

static int both_fit_rows(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info) {
    double median = ouro_laplace_median(task->len, task->set);
    (void)f;
    both_set(median, ouro_log(ouro_laplace_distance(task->len, task->set, median)), theta, info);
    return OURO_OK;
}

static void both_moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    out->mean[0] = theta[LOCATION];
    out->log_trace = out->logdet = M_LN2 + 2 * theta[LOG_SCALE];
    out->trace = exp(out->log_trace);
}

static double both_entropy(const ouro_family *f, const double *theta) {
    (void)f;
    return 1 + M_LN2 + theta[LOG_SCALE];
}

/* gap / scale, where the scale may be far below the doubles */
static double in_scales(double gap, double log_scale) { return gap == 0 ? 0 : gap * exp(-log_scale); }

static double both_log_density(const ouro_family *f, const double *theta, double x) {
    (void)f;
    return -M_LN2 - theta[LOG_SCALE] - in_scales(fabs(x - theta[LOCATION]), theta[LOG_SCALE]);
}

static double both_beyond(const ouro_family *f, const double *theta, double x, int upper) {
    double z = in_scales(x - theta[LOCATION], theta[LOG_SCALE]), tail = 0.5 * exp(-fabs(z));
    (void)f;
    if (z == 0 && theta[LOG_SCALE] == -INFINITY) return 0;
    return upper == (z >= 0) ? tail : 1 - tail;
}

static double both_mode(const ouro_family *f, const double *theta) {
    (void)f;
    return theta[LOCATION];
}

static void both_quantiles(const ouro_family *f, const double *theta, size_t n, const double *p, double *x) {
    ouro_family known = *f;
    known.known[0] = theta[LOCATION];
    quantiles(&known, &theta[LOG_SCALE], n, p, x);
}

static double both_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    side[0] = both_beyond(f, theta, a->lower, 0);
    side[1] = both_beyond(f, theta, a->upper, 1);
    return side[0] + side[1];
}

/* e^l - 1 - l + e^l (g + e^-g - 1), l = log(b_a / b_b), g = d / b_a */
static double both_kl(const double *a, const double *b, double d) {
    double l = a[LOG_SCALE] - b[LOG_SCALE], g = in_scales(d, a[LOG_SCALE]), scales = ouro_exp_gap(l);
    if (a[LOG_SCALE] == -INFINITY || b[LOG_SCALE] == -INFINITY || scales == INFINITY) return INFINITY;
    return scales + (g < 1 ? exp(l) * ouro_exp_gap(-g) : in_scales(d, b[LOG_SCALE]) * (1 + expm1(-g) / g));
}

/* The integral of sqrt(p_a p_b), with h = d / 2 over the wider scale, the same over the narrower h' >= h, s = (h + h')
 * / 2 and t = (h' - h) / 2, is e^-s [cosh t + s sinh(t) / t] / cosh(l / 2). */
static double both_hellinger(const double *wide, const double *narrow, double d) {
    double l = wide[LOG_SCALE] - narrow[LOG_SCALE], half = sinh(l / 4), log_affinity;
    if (narrow[LOG_SCALE] == -INFINITY) return 1;
    double h = 0.5 * in_scales(d, wide[LOG_SCALE]), s = 0.5 * (h + 0.5 * in_scales(d, narrow[LOG_SCALE]));
    double th = tanh(l / 2), t = th > 0 ? s * th : 0, log_cosh = l < 40 ? log1p(2 * half * half) : l / 2 - M_LN2;
    if (h == INFINITY) return 1;
    if (s < 1) {
        double c = sinh(t / 2), sinc_less_1 = t * t / 6 * (1 + t * t / 20 * (1 + t * t / 42));
        if (t > 0.1) sinc_less_1 = sinh(t) / t - 1;
        log_affinity = log1p((2 * c * c + s * sinc_less_1) / (1 + s)) - ouro_log1p_gap(s);
    } else {
        double away = -expm1(-2 * t), sinc = t == 0 ? s : t < INFINITY ? s * away / (2 * t) : 0.5 / th;
        log_affinity = log(0.5 * (2 - away) + sinc) - h;
    }
    return sqrt(fmax(-expm1(log_affinity - log_cosh), 0));
}

/* In narrow scales from the narrow centre the densities cross at -A / (1 - r) and A / (1 + r), or, where that lies
 * beyond the other centre at g, at (l - g r) / (1 - r); r = e^-l the ratio of scales, A = l + g r. */
static double both_tv(const double *wide, const double *narrow, double d) {
    double l = wide[LOG_SCALE] - narrow[LOG_SCALE], r = exp(-l), w = in_scales(d, wide[LOG_SCALE]);
    double g = in_scales(d, narrow[LOG_SCALE]);
    if (narrow[LOG_SCALE] == -INFINITY) return 1;
    if (l == 0) return -expm1(-g / 2);
    double A = l + w, low = A / -expm1(-l), high = A / (1 + r);
    if (high > g) high = (l - w) / -expm1(-l);
    double v = r * high - w; /* of the upper crossing, in wide scales from the wide centre */
    double wide_mass = (v < 0 ? 0.5 * exp(v) : 1 - 0.5 * exp(-v)) - 0.5 * exp(-r * low - w);
    return 1 - 0.5 * (exp(-high) + exp(-low)) - wide_mass;
}

static double both_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    const double *wide = a[LOG_SCALE] > b[LOG_SCALE] ? a : b, *narrow = wide == a ? b : a;
    double d = fabs(a[LOCATION] - b[LOCATION]);
    (void)f;
    if (d == 0 && a[LOG_SCALE] == b[LOG_SCALE]) return 0;
    switch (kind) {
    case OURO_KL: return both_kl(a, b, d);
    case OURO_HELLINGER: return both_hellinger(wide, narrow, d);
    case OURO_TV: return both_tv(wide, narrow, d);
    case OURO_W2: return hypot(d, M_SQRT2 * (exp(a[LOG_SCALE]) - exp(b[LOG_SCALE])));
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}

static const ouro_family_type both = {
    .name = "laplace",
    .doc =
        "Location and scale are both fitted: the median, and the mean distance from it. One batch per fit has an exact "
        "statistics path; several are fitted from their rows.",
    .density = "p(x) = exp(-|x - location| / s) / (2 s)",
    .parameters = "none: with the location fitted it is no exponential family",
    .statistic =
        "(median, sum |x - median|) of one batch, kept as weight, median and log mean; the midpoint for even n",
    .exact_law = "order statistics by exponential gaps from the centre: O(sqrt n) variates",
    .reference = "Kotz, Kozubowski and Podgorski 2001; Renyi 1953 for the gaps",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = both_theta,
    .shape = both_shape,
    .theta_location = LOCATION,
    .stat_location = MEDIAN,
    .sample = both_sample,
    .stat_empty = both_empty,
    .stat_rows = both_rows,
    .stat_draw = both_draw,
    .fit_mle = both_fit,
    .fit_rows = both_fit_rows,
    .moments = both_moments,
    .entropy = both_entropy,
    .log_density = both_log_density,
    .beyond = both_beyond,
    .mode = both_mode,
    .quantiles = both_quantiles,
    .tail_mass = both_tail_mass,
    .divergence = both_divergence,
};

static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    (void)f;
    out[0] = theta[0] + ouro_log(temperature);
}

const ouro_family_type ouro_family_laplace = {
    .name = "laplace",
    .doc =
        "Double exponential around a known (or \"fitted\") location; the scale is fitted and carried as a logarithm.",
    .density = "p(x) = exp(-|x - location| / s) / (2 s)",
    .statistic = "sum |x - location|, kept as weight and log mean",
    .exact_law = "mean of |x - location| over n points ~ s Gamma(n) / n",
    .reference = "Kotz, Kozubowski and Podgorski 2001",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    .fitted = &both,
    OURO_TRANSFORM_SLOTS(law),
    .natural = OURO_SCALE_NATURAL("eta = -1 / s, A = -log(-eta), mean of |x - location|: s"),
    .likelihood_in_statistic = 1,
    .mode = mode,
    .moments = moments,
    .entropy = entropy,
    .quantiles = quantiles,
    .temper = temper,
};
