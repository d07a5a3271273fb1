/* centre.c: distances of rows from a point, for the filters that look at them. Exports no plug-in. */
#include "centre.h"
#include "core/kernels.h"
#include "core/mixture.h"
#include <string.h>

const char *const ouro_filter_metrics[] = {"euclidean", "mahalanobis", NULL};

static int no_memory(ouro_error *e) { return ouro_fail(e, OURO_ENOMEM, "filters", "out of memory"); }

const char *ouro_filter_no_distance(const ouro_family *model) {
    if (model->domain.kind != OURO_NUMBERS) return "unordered categories have no distance from a point";
    if (model->domain.labelled) return "a row ends in a label, which has no distance";
    return NULL;
}

static double *at(double *packed, size_t i, size_t j) { return packed + i * (i + 1) / 2 + j; }

/* S += weight x x', the lower triangle. */
static void add_square(size_t d, double weight, const double *x, double *S) {
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) *at(S, i, j) += weight * x[i] * x[j];
}

/* Of a mixture: that within its components, L L', and that of their means. */
static void covariance_of_gaussians(const ouro_gaussians *g, const double *mean, double *column, double *S) {
    const size_t d = g->d, len = ouro_factor_len(d, g->diagonal);
    for (size_t c = 0; c < g->k; c++) {
        const double weight = ouro_exp(g->log_weight[c]), *L = g->factor + (g->tied ? 0 : c * len);
        for (size_t j = 0; j < d; j++) {
            memset(column, 0, d * sizeof *column);
            for (size_t i = j; i < d; i++) column[i] = !g->diagonal ? L[i * (i + 1) / 2 + j] : i == j ? L[i] : 0;
            add_square(d, weight, column, S);
        }
        for (size_t i = 0; i < d; i++) column[i] = g->mean[c * d + i] - mean[i];
        add_square(d, weight, column, S);
    }
}

/* Lower triangle of the truth's covariance; 0 where nobody has written it down. */
static int covariance_of(const ouro_truth *t, ouro_arena *tmp, double *column, double *S) {
    const size_t d = t->domain.dim;
    const ouro_family_type *type = t->family.type;
    if (d == 1 && isfinite(t->moments.trace)) {
        S[0] = t->moments.trace;
    } else if (!type) {
        for (uint64_t r = 0; r < t->rows; r++) {
            for (size_t i = 0; i < d; i++) column[i] = t->row[r * d + i] - t->moments.mean[i];
            add_square(d, 1 / (double)t->rows, column, S);
        }
    } else {
        ouro_gaussians g;
        if (!type->gaussians || type->gaussians(&t->family, t->theta, tmp, &g)) return 0;
        covariance_of_gaussians(&g, t->moments.mean, column, S);
    }
    return 1;
}

/* S = L L', in place (Cholesky); 0 where it is singular. */
static int factor(size_t d, double *S) {
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = *at(S, i, j);
            const double whole = sum;
            for (size_t k = 0; k < j; k++) sum -= *at(S, i, k) * *at(S, j, k);
            if (i == j && !(sum > 1e-14 * whole && sum < INFINITY)) return 0;
            *at(S, i, j) = i == j ? sqrt(sum) : sum / *at(S, j, j);
        }
    return 1;
}

/* L^-1 in place of L, column by column from the left: row i needs the rows above it, and its own factor right of j. */
static void invert(size_t d, double *L) {
    for (size_t i = 0; i < d; i++) {
        const double pivot = 1 / *at(L, i, i);
        for (size_t j = 0; j < i; j++) {
            double sum = 0;
            for (size_t k = j; k < i; k++) sum += *at(L, i, k) * *at(L, k, j);
            *at(L, i, j) = -sum * pivot;
        }
        *at(L, i, i) = pivot;
    }
}

static int make_metric(const ouro_truth *truth, ouro_arena *keep, filter_origin *out, ouro_error *e) {
    const size_t d = truth->domain.dim;
    double *S = ouro_arena_alloc(keep, d * (d + 1) / 2, sizeof *S);
    double *column = ouro_arena_alloc(keep, d, sizeof *column);
    if (!S || !column) return no_memory(e);
    if (!covariance_of(truth, keep, column, S))
        return ouro_fail(e, OURO_ECONFIG, "metric", "the covariance of %s is not on file; use euclidean",
                         truth->source);
    if (!factor(d, S))
        return ouro_fail(e, OURO_ECONFIG, "metric", "the covariance of the truth is singular; use euclidean");
    invert(d, S);
    out->inverse = S;
    return OURO_OK;
}

int ouro_filter_locate(const ouro_truth *truth, const ouro_family *model, const filter_place *place, ouro_arena *keep,
                       filter_origin *out, ouro_error *e) {
    const size_t d = model->domain.dim;
    const ouro_reals *given = &place->centre;
    *out = (filter_origin){0};
    if (given->values && given->len != d)
        return ouro_fail(e, OURO_ECONFIG, "centre", "%zu numbers for rows of %zu; give one for each column", given->len,
                         d);
    if (!given->values && (truth->mean_len != d || !isfinite(truth->moments.mean[0])))
        return ouro_fail(e, OURO_ECONFIG, "centre", "the truth has no mean to measure from; give a centre");
    double *centre = ouro_arena_alloc(keep, d, sizeof *centre);
    if (!centre) return no_memory(e);
    for (size_t j = 0; j < d; j++) centre[j] = given->values ? given->values[j] : truth->moments.mean[j];
    out->centre = centre;
    return place->metric == FILTER_MAHALANOBIS ? make_metric(truth, keep, out, e) : OURO_OK;
}

/* What lies between the origin and the centre is taken off first, so that a model collapsing onto the centre still tells
 * its rows apart. */
double ouro_filter_distance2(const ouro_filter_task *t, const filter_origin *from, size_t i) {
    const size_t d = t->model->domain.dim;
    const double *x = t->x + i * d, *row = from->inverse;
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        double gap = x[j] + (t->origin[j] - from->centre[j]);
        if (row) {
            gap *= row[j];
            for (size_t k = 0; k < j; k++) gap += row[k] * (x[k] + (t->origin[k] - from->centre[k]));
            row += j + 1;
        }
        sum += gap * gap;
    }
    return sum;
}
