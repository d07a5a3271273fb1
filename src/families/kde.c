/* kde.c: a kernel density estimate: the fitted points themselves, each under a Gaussian of its own.
 *
 * theta = {n, h[d], w[most], x[d][most]}: the number of points, the kernel's standard deviation in every column, their
 * weights, summing to one, and the points column by column; `most` is that of the largest fit of the run, and entries
 * from n on are zero. A draw picks a point and adds h z. No statistic holds what a fit needs: the samples path alone.
 *
 * Points are absolute numbers: a run whose spread has fallen below 1e-16 of its place is absorbed there.
 *
 * A fit keeps the mean of its points and adds h^2 to their variance, so that recursion spreads what it resamples: under
 * replace with fixed h the model's variance is V_t = V_{t-1} (1 - 1/n) + h^2, which tends to n h^2. */
#include "core/kernels.h"
#include "core/lanes.h"
#include "core/lower.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <math.h>
#include <string.h>

enum { MOST_DIMENSIONS = 200, LANES = 8 };
#define MOST_NUMBERS 1e9 /* in a model: eight gigabytes */
#define HALF_LOG_2PI 0.918938533204672741780329736405617639862

enum { NO_RULE, SCOTT, SILVERMAN };
enum { UNSCALED, BY_DATA };
static const char *const rules[] = {"none", "scott", "silverman", NULL};
static const char *const scales[] = {"none", "data", NULL};

typedef struct options {
    double bandwidth;
    int rule, scale;
} options;

#define AT(member) offsetof(options, member)
static const ouro_field option_rows[] = {
    {"bandwidth", OURO_REAL, OURO_NULLABLE | OURO_ABOVE, AT(bandwidth), 0, 1e100, "null", NULL, "",
     "Standard deviation of the kernel, in the unit of the data (scale none) or of a column's own standard deviation "
     "(scale data); null: by the rule."},
    {"rule", OURO_CHOICE, 0, AT(rule), 0, 0, "\"none\"", rules, "",
     "The bandwidth from n points in d columns, anew for every fit: scott n^(-1/(d+4)), silverman (n (d+2) / "
     "4)^(-1/(d+4)); none: bandwidth is a number. Points of different weight count as (sum w)^2 / sum w^2."},
    {"scale", OURO_CHOICE, 0, AT(scale), 0, 0, "\"none\"", scales, "",
     "What the bandwidth is multiplied by. none: nothing, as in scikit-learn, where a rule does not see how wide the "
     "data are. data: the standard deviation of the fitted points (divisor n - 1), column by column; for one column "
     "this is scipy's gaussian_kde, which for several takes their whole covariance. The two libraries differ under the "
     "same name."},
};
#undef AT

/* theta seen as what it holds. */
typedef struct view {
    size_t n, d, most;
    const double *h, *weight, *x;
} view;
static view view_of(const ouro_family *f, const double *theta) {
    const size_t d = f->domain.dim, most = (size_t)f->points;
    return (view){(size_t)theta[0], d, most, theta + 1, theta + 1 + d, theta + 1 + d + most};
}

static int shape(ouro_family *f, ouro_error *e) {
    const options *o = f->options;
    const double d = (double)f->domain.dim, n = (double)f->points;
    if (f->domain.kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "kde", "kde needs numbers, the truth gives categories");
    if (f->domain.dim > MOST_DIMENSIONS)
        return ouro_fail(e, OURO_EUNDEFINED, "kde", "kde takes %d columns at most, the truth gives %zu",
                         MOST_DIMENSIONS, f->domain.dim);
    if (!o) return ouro_fail(e, OURO_EUNDEFINED, "kde", "kde is a model only");
    if (isnan(o->bandwidth) && o->rule == NO_RULE)
        return ouro_fail(e, OURO_ECONFIG, "model.bandwidth",
                         "kde needs a bandwidth; give a number here, or name a rule");
    if (!isnan(o->bandwidth) && o->rule != NO_RULE)
        return ouro_fail(e, OURO_ECONFIG, "model.rule", "%s and a bandwidth of %g are both given; keep one",
                         rules[o->rule], o->bandwidth);
    if (1 + d + n * (d + 1) > MOST_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "model.family",
                         "kde keeps the points of a fit, and %.6g of them are too many; draw fewer, or set a budget",
                         n);
    f->theta_len = 1 + f->domain.dim + (size_t)f->points * (f->domain.dim + 1);
    f->mean_len = f->domain.dim;
    f->stat_len = 0;
    return OURO_OK;
}

/* The bandwidth as the options say it for n points, before any scale. */
static double bandwidth(const ouro_family *f, double n) {
    const options *o = f->options;
    const double d = (double)f->domain.dim;
    if (o->rule == NO_RULE) return o->bandwidth;
    return ouro_exp(-ouro_log(o->rule == SCOTT ? n : n * (d + 2) / 4) / (d + 4));
}

/* The points of weight w in theta, their sums of weights and of squares; no more than `most` by what the walk found. */
static void gather(const ouro_family *f, const ouro_row_task *task, double *theta, double *W, double *W2) {
    const size_t d = f->domain.dim, most = (size_t)f->points;
    double *weight = theta + 1 + d, *x = weight + most;
    size_t n = 0;
    *W = *W2 = 0;
    memset(theta, 0, f->theta_len * sizeof *theta);
    for (size_t s = 0; s < task->len; s++) {
        const ouro_points *set = task->set + s;
        for (size_t i = 0; i < set->n && n < most; i++, n++) {
            weight[n] = set->weight;
            for (size_t j = 0; j < d; j++) x[j * most + n] = set->x[i * d + j] + set->shift[j];
        }
        *W += set->weight * (double)set->n;
        *W2 += set->weight * set->weight * (double)set->n;
    }
    for (size_t i = 0; i < n; i++) weight[i] /= *W;
    theta[0] = (double)n;
}

/* Weighted mean of n numbers and the mean square about it, from differences to the first. */
static double centre(size_t n, const double *w, const double *x, double *variance) {
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++) mean += w[i] * (x[i] - x[0]);
    for (size_t i = 0; i < n; i++) square += w[i] * (x[i] - x[0] - mean) * (x[i] - x[0] - mean);
    if (variance) *variance = square;
    return x[0] + mean;
}

static int fit_rows(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info) {
    const options *o = f->options;
    const size_t d = f->domain.dim;
    double W, W2, variance;
    gather(f, task, theta, &W, &W2);
    const view v = view_of(f, theta);
    const double n = W * W / W2, factor = bandwidth(f, n);
    *info = (ouro_fit_info){.converged = 1, .absorbed = 1};
    for (size_t j = 0; j < d; j++) {
        theta[1 + j] = factor;
        if (o->scale == BY_DATA) {
            centre(v.n, v.weight, v.x + j * v.most, &variance);
            theta[1 + j] = n > 1 ? factor * sqrt(variance * (n / (n - 1))) : 0;
        }
        info->absorbed &= theta[1 + j] == 0; /* scale data, and all points alike */
    }
    return OURO_OK;
}

/* The first point whose cumulated weight exceeds u; for equal weights that is u n. */
static size_t pick(size_t n, const double *upto, double u) {
    size_t low = 0, high = n - 1, i = (size_t)(u * (double)n);
    if (i > high) i = high;
    while (low < high) {
        if (upto[i] <= u)
            low = i + 1;
        else if (i > low && upto[i - 1] > u)
            high = i - 1;
        else
            return i;
        i = low + (high - low) / 2;
    }
    return low;
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    const view v = view_of(f, theta);
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double *upto = ouro_arena_alloc(tmp, v.n, sizeof *upto), *u = ouro_arena_alloc(tmp, n, sizeof *u), sum = 0;
    const int ret = upto && u ? OURO_OK : OURO_ENOMEM;
    for (size_t i = 0; i < v.n && !ret; i++) upto[i] = sum += v.weight[i];
    if (!ret) {
        ouro_fill_uniforms(s, n, u);
        ouro_fill_normals(s, n * v.d, x);
    }
    for (size_t i = 0; i < n && !ret; i++) {
        const size_t from = pick(v.n, upto, u[i]);
        for (size_t j = 0; j < v.d; j++) x[i * v.d + j] = v.x[j * v.most + from] + v.h[j] * x[i * v.d + j];
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}

/* q += ((at - x) / h)^2 for one column. */
OURO_CLONES static void ouro_clone_kde_squares(size_t n, double at, double per_h, const double *restrict x,
                                               double *restrict q) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const double z = (x[i] - at) * per_h;
        q[i] += z * z;
    }
}

OURO_INLINE double kernel_at(double q) {
    uint64_t k;
    const double y = lane_exp(q < 1400 ? -0.5 * q : -700, &k);
    return lane_scale(y, k);
}

/* sum w exp(-(q - least) / 2), in lanes. */
OURO_CLONES static double ouro_clone_kde_sum(size_t n, double least, const double *restrict w,
                                             const double *restrict q) {
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) lane[l] += w[i + l] * kernel_at(q[i + l] - least);
    }
    for (; i < n; i++) lane[i % LANES] += w[i] * kernel_at(q[i] - least);
    for (size_t l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

static int log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                         double *out) {
    const view v = view_of(f, theta);
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double *q = ouro_arena_alloc(tmp, v.n, sizeof *q), constant = -HALF_LOG_2PI * (double)v.d;
    const int ret = q ? OURO_OK : OURO_ENOMEM;
    for (size_t j = 0; j < v.d; j++) constant -= v.h[j] > 0 ? ouro_log(v.h[j]) : INFINITY; /* no density left */
    for (size_t r = 0; r < n && !ret; r++) {
        double least = INFINITY;
        memset(q, 0, v.n * sizeof *q);
        for (size_t j = 0; j < v.d; j++) ouro_clone_kde_squares(v.n, x[r * v.d + j], 1 / v.h[j], v.x + j * v.most, q);
        for (size_t i = 0; i < v.n; i++) least = q[i] < least ? q[i] : least;
        out[r] = -INFINITY;
        if (constant > -INFINITY && least < INFINITY)
            out[r] = constant - 0.5 * least + ouro_log(ouro_clone_kde_sum(v.n, least, v.weight, q));
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}

/* Mean of the points; their covariance with h^2 on its diagonal. The determinant by its Cholesky factor, up to 32 columns. */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const view v = view_of(f, theta);
    double A[32 * 33 / 2] = {0}, scratch[64], variance;
    const int small = v.d <= 32;
    out->trace = 0;
    for (size_t j = 0; j < v.d; j++) {
        out->mean[j] = centre(v.n, v.weight, v.x + j * v.most, &variance);
        out->trace += variance + v.h[j] * v.h[j];
        for (size_t l = 0; l <= j && small; l++) {
            const double *a = v.x + j * v.most, *b = v.x + l * v.most;
            double sum = l == j ? v.h[j] * v.h[j] : 0;
            for (size_t i = 0; i < v.n; i++) sum += v.weight[i] * (a[i] - out->mean[j]) * (b[i] - out->mean[l]);
            A[j * (j + 1) / 2 + l] = sum;
        }
    }
    out->log_trace = log(out->trace);
    out->logdet = small ? -INFINITY : NAN;
    if (!small || !ouro_lower_cholesky(v.d, A, scratch)) return;
    out->logdet = 0;
    for (size_t j = 0; j < v.d; j++) out->logdet += 2 * log(A[ouro_lower_at(j, j)]);
}

/* Mass of a kernel beyond a cut that lies `gap` ahead of its point. */
static double beyond(double gap, double h) { return h > 0 ? 0.5 * erfc(gap / (M_SQRT2 * h)) : gap < 0; }

/* In one dimension, by the normal tails of the kernels. */
static double tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    const view v = view_of(f, theta);
    side[0] = side[1] = 0;
    for (size_t i = 0; i < v.n; i++) {
        side[0] += v.weight[i] * beyond(v.x[i] - a->lower, v.h[0]);
        side[1] += v.weight[i] * beyond(a->upper - v.x[i], v.h[0]);
    }
    return side[0] + side[1];
}

/* d h^2 more; or, with h a multiple c of the standard deviations of divisor n - 1, 1 + c^2 n / (n - 1) times. */
static void spread(const ouro_family *f, double n, double *factor, double *added) {
    const options *o = f->options;
    const double h = bandwidth(f, n);
    *factor = o->scale == BY_DATA && n > 1 ? 1 + h * h * (n / (n - 1)) : 1;
    *added = o->scale == BY_DATA ? 0 : (double)f->domain.dim * h * h;
}

const ouro_family_type ouro_family_kde = {
    .name = "kde",
    .doc = "Kernel density estimate: the fitted points, each under a Gaussian kernel. Refitted on its own draws it "
           "spreads, by h^2 a generation, up to n h^2.",
    .density = "p(x) = sum_i w_i prod_j N(x_j; x_ij, h_j^2)",
    .parameters = "none: the points themselves",
    .statistic = "none: the model is the points themselves",
    .reference = "Silverman 1986 and Scott 1992 for the rules; Kazdan et al. 2024 for the recursion",
    .option_fields = {sizeof option_rows / sizeof option_rows[0], option_rows},
    .option_size = sizeof(options),
    .example = "\"rule\": \"scott\", \"scale\": \"data\"",
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .fit_rows = fit_rows,
    .log_densities = log_densities,
    .moments = moments,
    .tail_mass = tail_mass,
    .matches_mean = 1,
    .spread = spread,
};
