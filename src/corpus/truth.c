/* truth.c: the truth from a family's parameters, from observed numbers, or from observed counts; and its tails. */
#include "core/kernels.h"
#include "core/triangular.h"
#include "ouro/truth.h"
#include "tail_mixture.h"
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#define EQUAL_LEVEL 1e-9 /* relative: two computed probabilities that symmetry makes equal differ by rounding */

static int no_memory(ouro_error *e) { return ouro_fail(e, OURO_ENOMEM, "truth", "out of memory"); }

static int family_moments(ouro_truth *t, ouro_arena *keep, ouro_error *e) {
    t->mean_len = t->family.mean_len;
    t->moments.mean = ouro_arena_alloc(keep, t->mean_len, sizeof(double));
    if (!t->moments.mean) return no_memory(e);
    t->family.type->moments(&t->family, t->theta, &t->moments);
    return OURO_OK;
}

int ouro_truth_from_family(ouro_truth *t, const ouro_family_type *type, const void *params, ouro_arena *keep,
                           ouro_error *e) {
    int ret;
    *t = (ouro_truth){.source = type->name};
    OURO_TRY(type->truth_domain(params, &t->domain, e));
    double known[OURO_KNOWN] = {0}; /* no NaN: what nobody knows is equal in truth and model */
    if (type->truth_known) type->truth_known(params, known);
    OURO_TRY(ouro_family_init(&t->family, type, &t->domain, known, e));
    double *theta = ouro_arena_alloc(keep, t->family.theta_len, sizeof *theta);
    if (!theta) return no_memory(e);
    OURO_TRY(type->truth_theta(&t->family, params, theta, e));
    t->theta = theta;
    ret = family_moments(t, keep, e);
out:
    return ret;
}

/* Points kept for anchors: the nearest whole number, leaving at least one for the first fit. */
static int set_reserve(ouro_truth *t, uint64_t rows, double reserve) {
    t->rows = rows;
    t->reserve = (uint64_t)llround(reserve * (double)rows);
    return t->reserve < rows;
}

/* The same kernel as a fit on all rows: such a fit has drift 0 and variance ratio 1 to the last bit. */
static int column_moments(ouro_truth *t, size_t rows, size_t j, double *column, ouro_error *e) {
    double mean, m2, low, high;
    for (size_t i = 0; i < rows; i++) column[i] = t->row[i * t->domain.dim + j];
    ouro_kernel_mean_m2(rows, column, &mean, &m2);
    gsl_stats_minmax(&low, &high, column, 1, rows);
    if (low == high)
        return ouro_fail(e, OURO_ECONFIG, "truth.columns",
                         "column %zu holds the same value (%g) in every row: nothing can collapse from there; "
                         "choose a column that varies",
                         j + 1, low);
    if (!(m2 >= DBL_MIN && m2 <= DBL_MAX))
        return ouro_fail(e, OURO_ECONFIG, "truth.columns",
                         "column %zu spreads over %g, whose square no double holds; choose another unit for it", j + 1,
                         high - low);
    t->moments.mean[j] = mean;
    t->moments.trace += m2 / (double)rows;
    return OURO_OK;
}

/* log det of the observed covariance; NaN where it is singular, and for more columns than are ever fitted together. */
static int observed_logdet(ouro_truth *t, ouro_arena *keep, ouro_error *e) {
    size_t d = t->domain.dim;
    t->moments.logdet = d == 1 ? t->moments.log_trace : NAN;
    if (d == 1 || d > OURO_TRIANGLE_MOST) return OURO_OK;
    double *L = ouro_arena_alloc(keep, 2 * d + ouro_triangle_len(d), sizeof *L);
    if (!L) return no_memory(e);
    ouro_triangle_of_rows(t->rows, d, t->row, L, L + d, L + 2 * d);
    double half = ouro_triangle_log_diagonal(d, L + d, L + 2 * d);
    if (half > -INFINITY) t->moments.logdet = 2 * half - (double)d * log((double)t->rows);
    return OURO_OK;
}

/* E[x Phi^-1(F(x))] of sorted observations: the integral of Phi^-1 over ((i-1)/N, i/N) is the drop of the normal density. */
static double normal_coupling(size_t rows, const double *row) {
    double sum = 0, before = 0;
    for (size_t i = 0; i < rows; i++) {
        double upto = i + 1 == rows ? 0 : gsl_ran_ugaussian_pdf(gsl_cdf_ugaussian_Pinv((double)(i + 1) / (double)rows));
        sum += row[i] * (before - upto);
        before = upto;
    }
    return sum;
}

int ouro_truth_from_rows(ouro_truth *t, size_t rows, size_t dim, const double *row, double reserve, ouro_arena *keep,
                         ouro_error *e) {
    int ret = OURO_OK;
    *t = (ouro_truth){.domain = {.kind = OURO_NUMBERS, .dim = dim}, .mean_len = dim};
    if (rows < 2) return ouro_fail(e, OURO_ECONFIG, "truth.data", "%zu row of data; a truth needs two or more", rows);
    if (!set_reserve(t, rows, reserve))
        return ouro_fail(e, OURO_ECONFIG, "truth.reserve",
                         "a reserve of %g leaves none of the %zu rows for the first "
                         "fit; make it smaller",
                         reserve, rows);
    double *copy = ouro_arena_alloc(keep, rows * dim, sizeof *copy);
    t->moments.mean = ouro_arena_alloc(keep, dim, sizeof(double));
    double *column = ouro_arena_alloc(keep, rows, sizeof *column);
    if (!copy || !t->moments.mean || !column) return no_memory(e);
    memcpy(copy, row, rows * dim * sizeof *copy);
    if (dim == 1) gsl_sort(copy, 1, rows);
    t->row = copy;
    t->domain.lower = INFINITY;
    t->domain.upper = -INFINITY;
    t->domain.lattice = 1;
    for (size_t i = 0; i < rows * dim; i++) {
        t->domain.lower = fmin(t->domain.lower, copy[i]);
        t->domain.upper = fmax(t->domain.upper, copy[i]);
        t->domain.lattice &= copy[i] == rint(copy[i]);
    }
    t->domain.step = 2;
    for (size_t i = 0; i < rows * dim; i++)
        if (fmod(copy[i] - t->domain.lower, 2) != 0) t->domain.step = 1;
    for (size_t j = 0; j < dim; j++) OURO_TRY(column_moments(t, rows, j, column, e));
    t->moments.log_trace = log(t->moments.trace);
    OURO_TRY(observed_logdet(t, keep, e));
    if (dim == 1) t->normal_coupling = normal_coupling(rows, t->row);
out:
    return ret;
}

/* What counts alone determine, t->domain being set: the supply, and the family's fit on all of them. */
static int observe_counts(ouro_truth *t, const ouro_family_type *type, const uint64_t *count, double reserve,
                          ouro_arena *keep, ouro_error *e) {
    int ret;
    size_t alive = 0, categories = t->domain.categories;
    uint64_t total = 0;
    ouro_fit_info info;
    for (size_t i = 0; i < categories; i++) {
        total += count[i];
        alive += count[i] > 0;
    }
    if (alive < 2)
        return ouro_fail(e, OURO_ECONFIG, "truth.counts",
                         "%zu category with a count above zero; a truth needs two or more", alive);
    if (!set_reserve(t, total, reserve))
        return ouro_fail(e, OURO_ECONFIG, "truth.reserve",
                         "a reserve of %g leaves none of the %llu counted points for "
                         "the first fit; make it smaller",
                         reserve, (unsigned long long)total);
    OURO_TRY(ouro_family_init(&t->family, type, &t->domain, NULL, e));
    double *theta = ouro_arena_alloc(keep, t->family.theta_len, sizeof *theta);
    double *T = ouro_arena_alloc(keep, t->family.stat_len, sizeof *T);
    uint64_t *copy = ouro_arena_alloc(keep, categories, sizeof *copy);
    if (!theta || !T || !copy) return no_memory(e);
    memcpy(copy, count, categories * sizeof *copy);
    type->stat_counts(&t->family, copy, T);
    type->fit_mle(&t->family, T, theta, &info);
    t->count = copy;
    t->theta = theta;
    ret = family_moments(t, keep, e);
out:
    return ret;
}

int ouro_truth_from_counts(ouro_truth *t, const ouro_family_type *categorical, size_t categories, const uint64_t *count,
                           double reserve, ouro_arena *keep, ouro_error *e) {
    *t = (ouro_truth){.domain = {.kind = OURO_CATEGORIES, .dim = 1, .categories = categories}};
    return observe_counts(t, categorical, count, reserve, keep, e);
}

int ouro_truth_from_pairs(ouro_truth *t, const ouro_family_type *bigram, const ouro_pair_counts *seen, int dense,
                          double reserve, ouro_arena *keep, ouro_error *e) {
    const ouro_pairs *from = &seen->pairs;
    const size_t K = from->tokens, categories = dense ? K * K : ouro_pairs_first(from, K);
    ouro_pairs *pairs = ouro_arena_alloc(keep, 1, sizeof *pairs);
    uint64_t *count = ouro_arena_alloc(keep, categories, sizeof *count);
    uint64_t *held = ouro_arena_alloc(keep, categories, sizeof *held);
    *t = (ouro_truth){.held_pairs = seen->held_len, .held = held};
    if (!pairs || !count || !held) return no_memory(e);
    *pairs = dense ? (ouro_pairs){.tokens = K} : *from;
    t->domain = (ouro_domain){.kind = OURO_CATEGORIES, .dim = 1, .categories = categories, .pairs = pairs};
    for (size_t i = 0; i < K; i++)
        for (size_t k = ouro_pairs_first(from, i); k < ouro_pairs_first(from, i + 1); k++)
            count[ouro_pairs_find(pairs, i, ouro_pairs_next(from, i, k))] = seen->count[k];
    for (size_t h = 0; h < seen->held_len; h++) {
        const uint32_t *pair = seen->held[h];
        if (pair[0] == OURO_NO_TOKEN || pair[1] == OURO_NO_TOKEN) continue;
        size_t k = ouro_pairs_find(pairs, pair[0], pair[1]);
        if (k != SIZE_MAX) held[k]++;
    }
    return observe_counts(t, bigram, count, reserve, keep, e);
}

/* Whole probability levels of k points with probabilities theta[k]. `level`: relative difference of two that count as equal,
 * where they were computed rather than given. */
static int tail_of_points(const ouro_truth *t, size_t k, double level, double alpha, ouro_arena *keep,
                          ouro_tail_set *out, ouro_error *e) {
    size_t i = 0;
    size_t *order = ouro_arena_alloc(keep, k, sizeof *order);
    unsigned char *member = ouro_arena_alloc(keep, k, 1);
    if (!order || !member) return no_memory(e);
    gsl_sort_index(order, t->theta, 1, k);
    while (i < k && t->theta[order[i]] == 0) i++; /* impossible categories belong to no tail */
    while (i < k) {
        size_t end = i;
        double mass = out->attained;
        const double equal = t->theta[order[i]] * (1 + level);
        for (; end < k && t->theta[order[end]] <= equal; end++) mass += t->theta[order[end]];
        if (mass > alpha * (1 + 1e-12)) {
            if (out->attained > 0) break;
            return ouro_fail(e, OURO_EUNDEFINED, "observe.tails",
                             "the rarest %s of the truth already have mass %.6g; ask for a tail of at least that",
                             t->domain.kind == OURO_CATEGORIES ? "categories" : "values", mass);
        }
        for (; i < end; i++) member[order[i]] = 1;
        out->attained = mass;
    }
    out->member = member;
    return OURO_OK;
}

/* The densities at both ends of a continuous unimodal law are equal and the masses beyond add up to alpha. Bisection on
 * the logarithm of the density level; the ends for a level by bisection on either side of the mode. */
typedef struct ends {
    double lower, upper;
} ends;

static double log_density(const ouro_truth *t, double x) {
    return t->family.type->log_density(&t->family, t->theta, x);
}
static double beyond(const ouro_truth *t, double x, int upper) {
    return t->family.type->beyond(&t->family, t->theta, x, upper);
}

/* Where the density falls to `level` between the mode and `far`, which lies below the level or is the end of support. */
static double level_end(const ouro_truth *t, double mode, double far, double level) {
    double inside = mode, outside = far;
    if (log_density(t, far) >= level) return far;
    for (int i = 0; i < 200 && inside != outside; i++) {
        double x = inside + (outside - inside) / 2;
        if (x == inside || x == outside) break;
        if (log_density(t, x) >= level)
            inside = x;
        else
            outside = x;
    }
    return outside;
}

static double mass_of(const ouro_truth *t, ends e) { return beyond(t, e.lower, 0) + beyond(t, e.upper, 1); }

/* The standard deviation; where it is infinite, the mode will do to start from. */
static double width(const ouro_truth *t, double mode) {
    double sd = exp(t->moments.log_trace / 2);
    return sd < INFINITY ? sd : fabs(mode);
}

static ends level_ends(const ouro_truth *t, double level) {
    double mode = t->family.type->mode(&t->family, t->theta), reach = width(t, mode);
    while (log_density(t, mode + reach) >= level && reach < DBL_MAX / 4) reach *= 2;
    double low = t->domain.lower > -INFINITY ? t->domain.lower : mode - reach;
    return (ends){level_end(t, mode, low, level), level_end(t, mode, mode + reach, level)};
}

static void tail_of_density(const ouro_truth *t, double alpha, ouro_tail_set *out) {
    double mode = t->family.type->mode(&t->family, t->theta), sd = width(t, mode), peak = log_density(t, mode);
    double low = -745 + log_density(t, mode + sd);
    double high = isfinite(peak) ? peak : 700;
    for (int i = 0; i < 200 && low < high; i++) { /* mass below the level rises with it */
        double level = low + (high - low) / 2;
        if (level == low || level == high) break;
        if (mass_of(t, level_ends(t, level)) < alpha)
            low = level;
        else
            high = level;
    }
    ends e = level_ends(t, low);
    out->lower = e.lower;
    out->upper = e.upper;
    out->attained = mass_of(t, e);
}

/* A whole number on one side of the mode with mass at most `mass` beyond it, or the end of support. */
static double lattice_far(const ouro_truth *t, double mode, int upper, double mass) {
    double end = upper ? t->domain.upper : t->domain.lower, x = mode;
    for (double step = 1; x != end && beyond(t, x, upper) > mass; step *= 2)
        x = upper ? fmin(end, x + step) : fmax(end, x - step);
    return x;
}

/* The last whole number from the mode towards `far` that is at least as likely as `level`; the mode is. */
static double lattice_end(const ouro_truth *t, double mode, double far, double level) {
    if (log_density(t, far) >= level) return far;
    for (double outside = far; fabs(outside - mode) > 1;) {
        double x = floor(mode + (outside - mode) / 2);
        *(log_density(t, x) >= level ? &mode : &outside) = x;
    }
    return mode;
}

/* On a lattice whole probability levels {x : p(x) < c}, the largest c with mass at most alpha: bisection on log c. What is
 * equally likely may differ by rounding (both ends of a symmetric law), so that the level found, less EQUAL_LEVEL, counts. */
static int tail_of_lattice(const ouro_truth *t, double alpha, ouro_tail_set *out, ouro_error *e) {
    const double mode = t->family.type->mode(&t->family, t->theta);
    const double far[2] = {lattice_far(t, mode, 0, 1e-12 * alpha), lattice_far(t, mode, 1, 1e-12 * alpha)};
    double low = fmin(log_density(t, far[0]), log_density(t, far[1])), high = log_density(t, mode);
    ends in = {far[0], far[1]};
    for (int i = 0; i < 200 && low < high; i++) {
        double level = low + (high - low) / 2;
        if (level == low || level == high) break;
        ends x = {lattice_end(t, mode, far[0], level), lattice_end(t, mode, far[1], level)};
        if (mass_of(t, x) <= alpha * (1 + 1e-12))
            low = level, in = x;
        else
            high = level;
    }
    low = fmin(log_density(t, in.lower), log_density(t, in.upper)) - EQUAL_LEVEL;
    in = (ends){lattice_end(t, mode, far[0], low), lattice_end(t, mode, far[1], low)};
    out->lower = in.lower;
    out->upper = in.upper;
    out->attained = mass_of(t, in);
    if (out->attained > 0) return OURO_OK;
    return ouro_fail(e, OURO_EUNDEFINED, "observe.tails",
                     "no value of the truth is as rare as %g; ask for a larger tail", alpha);
}

int ouro_truth_tail(const ouro_truth *t, double alpha, ouro_arena *keep, ouro_tail_set *out, ouro_error *e) {
    double cut[2], p[2] = {alpha / 2, 1 - alpha / 2};
    *out = (ouro_tail_set){.alpha = alpha};
    if (t->domain.kind == OURO_CATEGORIES) { /* the pairs of a parametric truth are products */
        const double level = t->domain.pairs && !t->rows ? EQUAL_LEVEL : 0;
        return tail_of_points(t, t->domain.categories, level, alpha, keep, out, e);
    }
    if (t->family.type && t->family.type->finite) {
        out->lower = out->upper = t->moments.mean[0];
        return tail_of_points(t, t->family.theta_len, EQUAL_LEVEL, alpha, keep, out, e);
    }
    if (t->family.type && t->family.type->gaussians && (t->domain.dim > 1 || !t->family.type->quantiles))
        return ouro_tail_of_mixture(t, alpha, keep, out, e);
    if (t->domain.dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, "observe.tails", "tails are for one column, the truth gives %zu",
                         t->domain.dim);
    if (t->family.type) {
        if (!t->family.type->quantiles && t->family.type->log_density && t->domain.lattice)
            return tail_of_lattice(t, alpha, out, e);
        if (!t->family.type->quantiles && t->family.type->log_density) {
            tail_of_density(t, alpha, out);
            return OURO_OK;
        }
        if (!t->family.type->quantiles)
            return ouro_fail(e, OURO_EUNDEFINED, "observe.tails", "%s has no quantiles", t->source);
        t->family.type->quantiles(&t->family, t->theta, 2, p, cut);
        /* upper tail from the lower one: 1 - alpha/2 has lost the digits of a small alpha */
        cut[1] = 2 * t->moments.mean[0] - cut[0];
        out->attained = alpha;
    } else {
        size_t outside = 0;
        for (int i = 0; i < 2; i++) cut[i] = gsl_stats_quantile_from_sorted_data(t->row, 1, t->rows, p[i]);
        for (uint64_t i = 0; i < t->rows; i++) outside += t->row[i] < cut[0] || t->row[i] > cut[1];
        out->attained = (double)outside / (double)t->rows;
        if (!outside)
            return ouro_fail(e, OURO_EUNDEFINED, "observe.tails",
                             "none of the %llu observations lies in the tail of mass %g; ask for a larger one",
                             (unsigned long long)t->rows, alpha);
    }
    out->lower = cut[0];
    out->upper = cut[1];
    return OURO_OK;
}
