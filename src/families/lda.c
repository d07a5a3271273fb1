/* lda.c: two labelled normal classes with one covariance: linear discriminant analysis as a generative model.
 *
 * A row is (x_1, ..., x_d, label). A label that was flipped by noise is written plus 2 (ouro_domain.labelled): a verifier may
 * look at that, a fit sees the label modulo 2 alone.
 * theta = {weight of class 1, mean_0[d], mean_1[d], exponent[d], L[d(d+1)/2]}, L L' the pooled covariance as in
 * core/triangular.h. Fitted from rows: class weight, class means and the scatter about them, divided by n. Means keep no
 * origin: a covariance below 1e-16 of them, in standard deviations, is lost in rounding. */
#include "core/kernels.h"
#include "core/triangular.h"
#include "ouro/family.h"
#include <math.h>
#include <string.h>

enum { WEIGHT, MEANS, NOISE = 0, CLASSES = 2, MOST = 199 };

typedef struct params {
    uint64_t dim;
    double separation, weight, label_noise;
} params;

#define AT(member) offsetof(params, member)
static const ouro_field truth_rows[] = {
    {"dim", OURO_COUNT, 0, AT(dim), 1, MOST, "2", NULL, "columns", "Number d of features, without the label."},
    {"separation", OURO_REAL, 0, AT(separation), 0, 1e3, "2", NULL, "standard deviations",
     "Distance of the class means, along (1, ..., 1); each class has covariance I."},
    {"weight", OURO_REAL, OURO_ABOVE | OURO_BELOW, AT(weight), 0, 1, "0.5", NULL, "", "Probability of class 1."},
    {"label_noise", OURO_REAL, 0, AT(label_noise), 0, 1, "0", NULL, "", "Probability that a row has the other label."},
};
#undef AT
static const ouro_field known_rows[] = {
    {"label_noise", OURO_REAL, OURO_NULLABLE, NOISE * sizeof(double), 0, 1, "null", NULL, "",
     "Probability that a row drawn from the model has the other label; null: the truth's."},
};

static size_t features(const ouro_family *f) { return f->domain.dim - 1; }
static size_t exponents(size_t d) { return MEANS + CLASSES * d; }
static size_t factor(size_t d) { return exponents(d) + d; }

static void truth_known(const void *p, double *known) { known[NOISE] = ((const params *)p)->label_noise; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS,
                         .dim = (size_t)((const params *)p)->dim + 1,
                         .lower = -INFINITY,
                         .upper = INFINITY,
                         .labelled = CLASSES};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    const params *t = p;
    const size_t d = features(f);
    if (t->dim != d) return ouro_fail(e, OURO_ECONFIG, "dim", "%zu features for a model of %zu", (size_t)t->dim, d);
    memset(theta, 0, f->theta_len * sizeof *theta);
    theta[WEIGHT] = t->weight;
    for (size_t j = 0; j < d; j++) {
        const double half = t->separation / (2 * sqrt((double)d));
        theta[MEANS + j] = -half;
        theta[MEANS + d + j] = half;
        theta[factor(d) + ouro_triangle_at(d, j)] = 1;
    }
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    if (f->domain.labelled != CLASSES)
        return ouro_fail(e, OURO_EUNDEFINED, "lda",
                         "lda needs labelled rows, which only a truth of its own family has");
    const size_t d = features(f);
    f->theta_len = factor(d) + ouro_triangle_len(d);
    f->mean_len = CLASSES * d;
    f->stat_len = 0;
    return OURO_OK;
}

/* Entry (i, k) of L, i >= k. */
static double entry(const double *theta, size_t d, size_t i, size_t k) {
    const double x = theta[factor(d) + ouro_triangle_at(d, k) + (i - k)], exponent = theta[exponents(d) + k];
    return exponent == 0 ? x : ldexp(x, (int)exponent);
}

/* Two uniforms a row, whatever the noise: the features are the same for every noise. */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    const size_t d = features(f);
    (void)tmp;
    for (size_t r = 0; r < n; r++, x += d + 1) {
        const int class = ouro_stream_uniform(s) < theta[WEIGHT], flipped = ouro_stream_uniform(s) < f->known[NOISE];
        ouro_fill_normals(s, d, x);
        for (size_t i = d; i-- > 0;) {
            double sum = theta[MEANS + (class ? d : 0) + i];
            for (size_t k = 0; k <= i; k++) sum += entry(theta, d, i, k) * x[k];
            x[i] = sum;
        }
        x[d] = flipped ? (double)(1 - class + CLASSES) : (double)class;
    }
    return OURO_OK;
}

/* Weight and mean of both classes; returns the total weight. */
static double class_means(const ouro_row_task *task, size_t d, double *weight, double *mean) {
    memset(mean, 0, CLASSES * d * sizeof *mean);
    weight[0] = weight[1] = 0;
    for (size_t s = 0; s < task->len; s++) {
        const ouro_points *p = &task->set[s];
        for (size_t r = 0; r < p->n; r++) {
            const double *x = p->x + r * (d + 1);
            const size_t class = (size_t)x[d] % CLASSES;
            weight[class] += p->weight;
            for (size_t j = 0; j < d; j++)
                mean[class * d + j] += (x[j] + p->shift[j] - mean[class * d + j]) * (p->weight / weight[class]);
        }
    }
    return weight[0] + weight[1];
}

/* L L' = sum of weight (x - mean of its class)(...)', in blocks of rows. */
static void pooled_scatter(const ouro_row_task *task, size_t d, const double *mean, double *block, double *exponent,
                           double *L) {
    const double unit[OURO_TRIANGLE_BLOCK] = {0};
    size_t m = 0;
    for (size_t s = 0; s < task->len; s++) {
        const ouro_points *p = &task->set[s];
        const double scale = sqrt(p->weight);
        for (size_t r = 0; r < p->n; r++) {
            const double *x = p->x + r * (d + 1), *centre = mean + (size_t)x[d] % CLASSES * d;
            for (size_t j = 0; j < d; j++) block[m * d + j] = scale * (x[j] + p->shift[j] - centre[j]);
            if (++m < OURO_TRIANGLE_BLOCK) continue;
            ouro_triangle_absorb(d, exponent, L, m, unit, block, 0);
            m = 0;
        }
    }
    if (m) ouro_triangle_absorb(d, exponent, L, m, unit, block, 0);
}

/* A class without rows dies: its mean is of no use, and without label noise it never comes back. */
static int fit_rows(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info) {
    const size_t d = features(f);
    const ouro_arena_mark mark = ouro_arena_here(task->tmp);
    double *block = ouro_arena_alloc(task->tmp, OURO_TRIANGLE_BLOCK * d, sizeof *block), weight[CLASSES];
    if (!block) return OURO_ENOMEM;
    memset(theta, 0, f->theta_len * sizeof *theta);
    const double total = class_means(task, d, weight, theta + MEANS);
    theta[WEIGHT] = weight[1] / total;
    pooled_scatter(task, d, theta + MEANS, block, theta + exponents(d), theta + factor(d));
    ouro_triangle_scale(d, 1 / sqrt(total), theta + exponents(d), theta + factor(d));
    ouro_arena_reset(task->tmp, mark);
    *info = (ouro_fit_info){.converged = 1, .absorbed = !(weight[0] > 0 && weight[1] > 0) && f->known[NOISE] == 0};
    return OURO_OK;
}

/* Both class means one after the other, with the covariance of a pair of points, one of each class. */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const size_t d = features(f);
    double unit;
    const double sum = ouro_triangle_squares(d, theta + exponents(d), theta + factor(d), &unit);
    memcpy(out->mean, theta + MEANS, CLASSES * d * sizeof *out->mean);
    out->log_trace = log(CLASSES * sum) + 2 * M_LN2 * unit;
    out->trace = exp(out->log_trace);
    out->logdet = 2 * CLASSES * ouro_triangle_log_diagonal(d, theta + exponents(d), theta + factor(d));
}

/* v = (L L')^-1 v; 0 when L is singular. */
static int solve(const double *theta, size_t d, double *v) {
    for (size_t i = 0; i < d; i++) {
        if (entry(theta, d, i, i) == 0) return 0;
        for (size_t k = 0; k < i; k++) v[i] -= entry(theta, d, i, k) * v[k];
        v[i] /= entry(theta, d, i, i);
    }
    for (size_t i = d; i-- > 0;) {
        for (size_t k = i + 1; k < d; k++) v[i] -= entry(theta, d, k, i) * v[k];
        v[i] /= entry(theta, d, i, i);
    }
    return 1;
}

/* The rule says class 1 where w.x + b > 0, w = Sigma^-1 (mean_1 - mean_0), b = log odds - w.(mean_0 + mean_1) / 2. Under
 * the truth w.x is normal in each class. */
static double accuracy(const ouro_family *f, const double *truth, const double *theta) {
    const size_t d = features(f);
    double w[MOST], score[CLASSES] = {0}, middle = 0, spread = 0;
    const double p = truth[WEIGHT];
    if (theta[WEIGHT] == 0 || theta[WEIGHT] == 1) return theta[WEIGHT] == 1 ? p : 1 - p;
    for (size_t j = 0; j < d; j++) w[j] = theta[MEANS + d + j] - theta[MEANS + j];
    if (!solve(theta, d, w)) return NAN;
    for (size_t j = 0; j < d; j++) {
        double column = 0;
        for (size_t i = j; i < d; i++) column += entry(truth, d, i, j) * w[i];
        spread += column * column;
        middle += w[j] * (theta[MEANS + j] + theta[MEANS + d + j]) / 2;
        for (size_t c = 0; c < CLASSES; c++) score[c] += w[j] * truth[MEANS + c * d + j];
    }
    const double b = log(theta[WEIGHT] / (1 - theta[WEIGHT])) - middle, sd = sqrt(spread);
    if (sd == 0) return b > 0 ? p : 1 - p;
    return (1 - p) * 0.5 * erfc((score[0] + b) / sd / M_SQRT2) + p * 0.5 * erfc(-(score[1] + b) / sd / M_SQRT2);
}

const ouro_family_type ouro_family_lda = {
    .name = "lda",
    .doc = "Two labelled normal classes with one covariance; class weight, means and covariance are fitted from the "
           "labels "
           "as they stand, right or wrong.",
    .density = "p(x, c) = weight_c N(x; mean_c, Sigma), the label being c, or the other with probability label_noise",
    .statistic = "none: a fit needs the rows themselves",
    .reference = "Fisher 1936; Feng et al. 2024 for pruned labels",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .fit_rows = fit_rows,
    .moments = moments,
    .accuracy = accuracy,
};
