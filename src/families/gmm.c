/* gmm.c: mixtures of k Gaussians in d dimensions, refitted by expectation-maximisation (gmm_fit.c).
 *
 * A truth has weights, means, standard deviations and correlations; a model its number of components and kind of
 * covariance. No statistic holds what a fit needs: the samples path alone. Whatever its local optimum, a fit that ends
 * with a plain step has the overall mean and total variance of its points, so that the exact laws of a Gaussian's drift
 * and variance hold for the mixture as a whole, unless a variance floor (reg_covar) adds to it. */
#include "gmm.h"
#include "core/kernels.h"
#include "core/lower.h"
#include "core/mixture_forms.h"
#include "gaussians.h"
#include "ouro/variates.h"
#include <math.h>
#include <string.h>

enum { COMPONENTS, KIND }; /* known, of a truth */
enum { MOST_COMPONENTS = 1000, MOST_DIMENSIONS = 200, MOST_LOGDET = 32 };

typedef struct params {
    ouro_reals weights, correlations;
    ouro_matrix means, sds;
} params;

#define AT(member) offsetof(params, member)
static const ouro_field truth_rows[] = {
    {"means", OURO_MATRIX, OURO_NULLABLE, AT(means), -1e100, 1e100, "null", NULL, "unit of the data",
     "Means of the components, a row each; null: two in one dimension, at -2 and 2."},
    {"weights", OURO_REALS, OURO_NULLABLE, AT(weights), 0, 1, "null", NULL, "",
     "Weights of the components, summing to one; null: equal."},
    {"sds", OURO_MATRIX, OURO_NULLABLE | OURO_ABOVE, AT(sds), 0, 1e100, "null", NULL, "unit of the data",
     "Standard deviations, a row for each component, of one number or one for each dimension; null: ones."},
    {"correlations", OURO_REALS, OURO_NULLABLE | OURO_ABOVE | OURO_BELOW, AT(correlations), -1, 1, "null", NULL, "",
     "For each component the correlation between any two of its coordinates; null: none."},
};
#undef AT

static const char *const kinds[] = {"full", "tied", "diag", "spherical", NULL};
static const char *const inits[] = {"k-means++", "random", "warm", NULL};
static const char *const algorithms[] = {"anderson", "squarem", "em", NULL};

#define AT(member) offsetof(ouro_gmm, member)
static const ouro_field option_rows[] = {
    {"n_components", OURO_COUNT, 0, AT(n_components), 1, MOST_COMPONENTS, "2", NULL, "components",
     "Number of components."},
    {"covariance_type", OURO_CHOICE, 0, AT(covariance_type), 0, 0, "\"full\"", kinds, "",
     "A covariance for each component, one tied for all, diagonals, or one variance each."},
    {"init", OURO_CHOICE, 0, AT(init), 0, 0, "\"k-means++\"", inits, "",
     "Start of a fit: anew by k-means++ or random rows, or warm, from the model before (at t = 1 by k-means++)."},
    {"n_init", OURO_COUNT, 0, AT(n_init), 1, 1000, "1", NULL, "",
     "Starts of a fit that begins anew, of which the best is kept."},
    {"tol", OURO_REAL, OURO_ABOVE, AT(tol), 0, 1, "1e-6", NULL, "",
     "The fit ends when a step moves no weight, mean or axis by more, in units of its component. It is no "
     "difference of likelihoods: that would end far from the maximum."},
    {"max_iter", OURO_COUNT, 0, AT(max_iter), 1, 1e6, "2000", NULL, "iterations",
     "Passes over the points, at most; a fit that needs more counts as not converged."},
    {"reg_covar", OURO_REAL, 0, AT(reg_covar), 0, 1e100, "0", NULL, "squared unit of the data",
     "Variance floor added to every axis at every step. It fakes survival: hits are counted in floor_hits."},
    {"weight_prior", OURO_REAL, 0, AT(weight_prior), 0, 1e12, "0", NULL, "pseudo-points",
     "Dirichlet prior of the weights: so many pseudo-points join every component. 0: none."},
    {"mean_prior", OURO_REAL, 0, AT(mean_prior), 0, 1e12, "0", NULL, "pseudo-points",
     "Normal prior of each mean given its covariance, at the mean of the fitted points and worth so many of them. 0: "
     "none; 0.01 is usual."},
    {"covariance_prior", OURO_REAL, 0, AT(covariance_prior), 0, 1e12, "0", NULL, "degrees of freedom",
     "Inverse Wishart prior of each covariance; its scale is the covariance of the fitted points over k^(2/d). 0: "
     "none; d + 2 is usual."},
    {"algorithm", OURO_CHOICE, 0, AT(algorithm), 0, 0, "\"anderson\"", algorithms, "",
     "How steps are accelerated; the fit is the same."},
};
#undef AT

static size_t components_of(const params *t) { return t->means.values ? t->means.rows : 2; }
static size_t dim_of(const params *t) { return t->means.values ? t->means.columns : 1; }

static void truth_known(const void *p, double *known) {
    known[COMPONENTS] = (double)components_of(p);
    known[KIND] = OURO_GMM_FULL;
}

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    const params *t = p;
    const size_t k = components_of(t), d = dim_of(t);
    if (k > MOST_COMPONENTS || d > MOST_DIMENSIONS)
        return ouro_fail(e, OURO_ECONFIG, "truth.means", "%zu components in %zu dimensions; %d in %d at most", k, d,
                         MOST_COMPONENTS, MOST_DIMENSIONS);
    if (t->weights.values && t->weights.len != k)
        return ouro_fail(e, OURO_ECONFIG, "truth.weights", "%zu weights for %zu components; give one for each",
                         t->weights.len, k);
    if (t->sds.values && (t->sds.rows != k || (t->sds.columns != 1 && t->sds.columns != d)))
        return ouro_fail(
            e, OURO_ECONFIG, "truth.sds",
            "%zu x %zu standard deviations for %zu components in %zu dimensions; give a row for each component, of one "
            "number or one for each dimension",
            t->sds.rows, t->sds.columns, k, d);
    if (t->correlations.values && t->correlations.len != k)
        return ouro_fail(e, OURO_ECONFIG, "truth.correlations",
                         "%zu correlations for %zu components; give one for each", t->correlations.len, k);
    for (size_t c = 0; t->correlations.values && c < k; c++)
        if (1 + ((double)d - 1) * t->correlations.values[c] <= 0)
            return ouro_fail(e, OURO_ECONFIG, "truth.correlations",
                             "%g between each two of %zu coordinates is not positive definite; it must be above %g",
                             t->correlations.values[c], d, -1 / ((double)d - 1));
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = d, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

static ouro_gmm_shape shape_of(const ouro_family *f) {
    const ouro_gmm *o = f->options;
    return o ? ouro_gmm_shape_of((size_t)o->n_components, f->domain.dim, o->covariance_type)
             : ouro_gmm_shape_of((size_t)f->known[COMPONENTS], f->domain.dim, (int)f->known[KIND]);
}

/* What follows the location in theta: means relative to it. */
static ouro_gaussians view(const ouro_family *f, const double *theta) {
    const ouro_gmm_shape s = shape_of(f);
    return ouro_gmm_view(&s, theta + s.d);
}

/* The location becomes the mean of the whole; means, absolute in `theta + d`, are then relative to it. */
static void settle(const ouro_gmm_shape *s, double *theta) {
    double *weight = theta + s->d, *mean = weight + s->k;
    for (size_t i = 0; i < s->d; i++) {
        theta[i] = 0;
        for (size_t c = 0; c < s->k; c++)
            if (weight[c] > -INFINITY) theta[i] += ouro_exp(weight[c]) * mean[c * s->d + i];
        for (size_t c = 0; c < s->k; c++) mean[c * s->d + i] -= theta[i];
    }
}

/* Cholesky factor of equal correlations r: L_jj^2 = (1 - r)(1 + j r) / (1 + (j - 1) r), below it L_jj r / (1 + j r). */
static void equal_correlations(size_t d, double r, const double *sd, size_t sds, double *L) {
    for (size_t j = 0; j < d; j++) {
        const double size = (double)j, diagonal = sqrt((1 - r) * (1 + size * r) / (1 + (size - 1) * r));
        for (size_t i = j; i < d; i++)
            L[i * (i + 1) / 2 + j] = sd[sds == 1 ? 0 : i] * (i == j ? diagonal : diagonal * r / (1 + size * r));
    }
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    static const double usual[] = {-2, 2}, one = 1;
    const params *t = p;
    const ouro_gmm_shape s = shape_of(f);
    double sum = 0;
    if (f->options) /* a model's layout is its own */
        return ouro_fail(e, OURO_ECONFIG, "truth", "a mixture model has no parameters of its own to be given");
    for (size_t c = 0; c < s.k; c++) sum += t->weights.values ? t->weights.values[c] : 1;
    if (t->weights.values && fabs(sum - 1) > 1e-9)
        return ouro_fail(e, OURO_ECONFIG, "truth.weights", "the weights sum to %.12g; make them sum to 1", sum);
    double *weight = theta + s.d;
    memcpy(weight + s.k, t->means.values ? t->means.values : usual, s.k * s.d * sizeof *theta);
    for (size_t c = 0; c < s.k; c++) {
        const double w = (t->weights.values ? t->weights.values[c] : 1) / sum;
        weight[c] = w > 0 ? ouro_log(w) : -INFINITY;
        equal_correlations(s.d, t->correlations.values ? t->correlations.values[c] : 0,
                           t->sds.values ? t->sds.values + c * t->sds.columns : &one,
                           t->sds.values ? t->sds.columns : 1, weight + s.k + s.k * s.d + c * s.len);
    }
    settle(&s, theta);
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    const ouro_gmm *o = f->options;
    if (f->domain.kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "gmm", "gmm needs numbers, the truth gives categories");
    if (f->domain.dim > MOST_DIMENSIONS)
        return ouro_fail(e, OURO_EUNDEFINED, "gmm", "gmm takes %d columns at most, the truth gives %zu",
                         MOST_DIMENSIONS, f->domain.dim);
    const ouro_gmm_shape s = shape_of(f);
    f->theta_len = s.d + ouro_gmm_theta_len(&s);
    f->mean_len = s.d;
    f->stat_len = 0;
    f->inexact = o && (o->reg_covar > 0 || o->weight_prior > 0 || o->mean_prior > 0 || o->covariance_prior > 0);
    return OURO_OK;
}

/* mean + L z for rows of one component, in place: x holds z. Columns of the factor one after the other; mean[d] and
 * row[d] are scratch. */
static void place_rows(const ouro_gaussians *g, const double *location, size_t c, size_t n, double *column,
                       double *mean, double *row, double *x) {
    const size_t d = g->d, len = ouro_factor_len(d, g->diagonal);
    const double *L = g->factor + (g->tied ? 0 : c * len);
    for (size_t i = 0; i < d; i++) mean[i] = location[i] + g->mean[c * d + i];
    if (d == 1) {
        ouro_kernel_affine(n, mean[0], L[0], x);
        return;
    }
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++)
            column[j * d + i] = g->diagonal ? (i == j ? L[i] : 0) : i < j ? 0 : L[i * (i + 1) / 2 + j];
    for (size_t r = 0; r < n; r++, x += d) {
        memcpy(row, mean, d * sizeof *row);
        for (size_t j = 0; j < d; j++) {
            const double z = x[j];
            if (g->diagonal)
                row[j] += L[j] * z;
            else
                for (size_t i = j; i < d; i++) row[i] += column[j * d + i] * z;
        }
        memcpy(x, row, d * sizeof *row);
    }
}

/* How many rows each component gives, multinomial, then runs of them: a fit does not see the order. */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    const ouro_gaussians g = view(f, theta);
    const double *weight = theta + g.d;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double *column = ouro_arena_alloc(tmp, g.d * g.d, sizeof *column), *row = ouro_arena_alloc(tmp, g.d, sizeof *row);
    double *mean = ouro_arena_alloc(tmp, g.d, sizeof *mean);
    double rest = 1;
    size_t last = 0;
    int ret = column && row && mean ? OURO_OK : OURO_ENOMEM;
    for (size_t c = 0; c < g.k; c++)
        if (weight[c] > -INFINITY) last = c;
    if (!ret) ouro_fill_normals(s, n * g.d, x);
    for (size_t c = 0; c <= last && n && !ret; c++) {
        if (weight[c] == -INFINITY) continue;
        const double p = ouro_exp(weight[c]);
        const size_t hits = c == last || rest <= p ? n : (size_t)ouro_binomial(s, n, p / rest);
        place_rows(&g, theta, c, hits, column, mean, row, x);
        x += hits * g.d;
        n -= hits;
        rest -= p;
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}

static int fit_rows(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info) {
    const ouro_gmm *o = f->options;
    const ouro_gmm_shape s = shape_of(f);
    const ouro_points *set = task->set;
    const ouro_arena_mark mark = ouro_arena_here(task->tmp);
    size_t blocks = 0;
    for (size_t i = 0; i < task->len; i++) blocks += ouro_packed_blocks(set[i].n);
    ouro_packed_rows rows = {.d = s.d,
                             .data = ouro_arena_alloc(task->tmp, ouro_packed_len(blocks, s.d), sizeof(double))};
    int ret = rows.data ? OURO_OK : OURO_ENOMEM;
    const int warm = o->init == OURO_GMM_WARM && task->before != NULL;
    for (size_t i = 0; i < task->len && !ret; i++)
        ouro_rows_pack(&rows, set[i].n, set[i].x, set[i].shift, set[i].weight);
    if (warm) memcpy(theta, task->before, f->theta_len * sizeof *theta);
    for (size_t i = 0; i < s.k * s.d && warm; i++) theta[s.d + s.k + i] += theta[i % s.d];
    if (!ret) ret = ouro_gmm_fit(o, &s, &rows, warm, task->address, task->tmp, theta + s.d, info);
    if (!ret) settle(&s, theta);
    ouro_arena_reset(task->tmp, mark);
    return ret;
}

/* Adds w (L L' + a a') / unit^2, a = mean_c - m, to the lower triangle A; returns its trace. */
static double add_component(const ouro_gaussians *g, size_t c, double unit, const double *m, double *A) {
    const size_t d = g->d;
    const double *L = g->factor + (g->tied ? 0 : c * ouro_factor_len(d, g->diagonal)), w = exp(g->log_weight[c]);
    double trace = 0;
    for (size_t i = 0; i < d; i++) {
        const double a = (g->mean[c * d + i] - m[i]) / unit;
        for (size_t j = A ? 0 : i; j <= i; j++) {
            double sum = a * ((g->mean[c * d + j] - m[j]) / unit);
            if (g->diagonal)
                sum += i == j ? L[i] / unit * (L[i] / unit) : 0;
            else
                for (size_t l = 0; l <= j; l++) sum += L[ouro_lower_at(i, l)] / unit * (L[ouro_lower_at(j, l)] / unit);
            if (A) A[ouro_lower_at(i, j)] += w * sum;
            trace += i == j ? w * sum : 0;
        }
    }
    return trace;
}

/* Of the mixture as a whole: sum w L L' + sum w (mean - m)(mean - m)', in units of its largest number, so that nothing
 * underflows. The determinant is that of the Cholesky factor. */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const ouro_gaussians g = view(f, theta);
    const size_t len = ouro_factor_len(g.d, g.diagonal);
    double A[MOST_LOGDET * (MOST_LOGDET + 1) / 2] = {0}, column[2 * MOST_LOGDET], trace = 0, unit = 0;
    memset(out->mean, 0, g.d * sizeof *out->mean);
    for (size_t c = 0; c < g.k; c++) {
        if (g.log_weight[c] == -INFINITY) continue;
        for (size_t i = 0; i < g.d; i++) {
            out->mean[i] += exp(g.log_weight[c]) * g.mean[c * g.d + i];
            unit = fmax(unit, fabs(g.mean[c * g.d + i]));
        }
        for (size_t i = 0; i < len; i++) unit = fmax(unit, fabs(g.factor[(g.tied ? 0 : c * len) + i]));
    }
    for (size_t c = 0; c < g.k && unit > 0; c++)
        if (g.log_weight[c] > -INFINITY) trace += add_component(&g, c, unit, out->mean, g.d > MOST_LOGDET ? NULL : A);
    for (size_t i = 0; i < g.d; i++) out->mean[i] += theta[i];
    out->trace = trace * unit * unit;
    out->log_trace = unit > 0 ? log(trace) + 2 * log(unit) : -INFINITY;
    out->logdet = g.d > MOST_LOGDET ? NAN : -INFINITY;
    if (g.d > MOST_LOGDET || !(unit > 0) || !ouro_lower_cholesky(g.d, A, column)) return;
    out->logdet = 2 * (double)g.d * log(unit);
    for (size_t i = 0; i < g.d; i++) out->logdet += 2 * log(A[ouro_lower_at(i, i)]);
}

static size_t components(const ouro_family *f, const double *theta) {
    size_t alive = 0;
    for (size_t c = 0; c < shape_of(f).k; c++) alive += theta[f->domain.dim + c] > -INFINITY;
    return alive;
}

/* The components as they stand, means absolute. */
static int gaussians(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_gaussians *out) {
    const ouro_gmm_shape s = shape_of(f);
    double *mean = ouro_arena_alloc(tmp, s.k * s.d, sizeof *mean);
    if (!mean) return OURO_ENOMEM;
    *out = ouro_gmm_view(&s, theta + s.d);
    for (size_t i = 0; i < s.k * s.d; i++) mean[i] = theta[i % s.d] + out->mean[i];
    out->mean = mean;
    return OURO_OK;
}

/* On the line; in several dimensions a tail has no two sides. */
static double tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    const ouro_gaussians g = view(f, theta); /* relative to the location */
    side[0] = g.d == 1 ? ouro_gaussians_beyond(&g, a->lower - theta[0], 0) : NAN;
    side[1] = g.d == 1 ? ouro_gaussians_beyond(&g, a->upper - theta[0], 1) : NAN;
    return side[0] + side[1];
}

const ouro_family_type ouro_family_gmm = {
    .name = "gmm",
    .doc =
        "Mixture of Gaussians, refitted by expectation-maximisation to convergence of its parameters; covariances "
        "full, tied, diagonal or spherical. A component dies, its weight 0, when its points are too few (d + 1 full, "
        "2 diag or spherical, 1 tied) or span no volume; the others go on.",
    .density = "p(x) = sum_c w_c N(x; mean_c, Sigma_c)",
    .parameters = "none: a mixture is no exponential family; it has weights, means and factors of covariances",
    .statistic = "none: a fit needs the points themselves",
    .reference =
        "Dempster, Laird and Rubin 1977; Fraley and Raftery 2007 for the priors; Shumailov et al. 2024 for the "
        "recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .truth_known = truth_known,
    .option_fields = {sizeof option_rows / sizeof option_rows[0], option_rows},
    .option_size = sizeof(ouro_gmm),
    .shape = shape,
    .theta_location = 0,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .sorted = 1,
    .fit_rows = fit_rows,
    .moments = moments,
    .tail_mass = tail_mass,
    .log_densities = ouro_gaussians_log_densities,
    .gaussians = gaussians,
    .components = components,
    .matches_mean = 1,
    .matches_second_moments = 1,
};
