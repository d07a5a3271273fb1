/* mixture_forms.c: closed forms of mixtures of normals. */
#include "core/mixture_forms.h"
#include "ouro/error.h"
#include <math.h>

#define LEAST 1e-290 /* a standard deviation whose density a double still holds */

static const double *factor_of(const ouro_gaussians *g, size_t c) {
    return g->factor + (g->tied ? 0 : c * ouro_factor_len(g->d, g->diagonal));
}

static double diagonal_of(const ouro_gaussians *g, const double *L, size_t i) {
    return L[g->diagonal ? i : i * (i + 1) / 2 + i];
}

int ouro_gaussians_regular(const ouro_gaussians *g, ouro_arena *tmp, ouro_gaussians *out, double *atoms) {
    double *log_weight = ouro_arena_alloc(tmp, g->k, sizeof *log_weight);
    *atoms = 0;
    *out = *g;
    out->log_weight = log_weight;
    if (!log_weight) return OURO_ENOMEM;
    for (size_t c = 0; c < g->k; c++) {
        int volume = 1;
        for (size_t i = 0; i < g->d; i++) volume &= diagonal_of(g, factor_of(g, c), i) > LEAST;
        log_weight[c] = volume ? g->log_weight[c] : -INFINITY;
        if (!volume && g->log_weight[c] > -INFINITY) *atoms += exp(g->log_weight[c]);
    }
    return OURO_OK;
}

int ouro_gaussians_along(const ouro_gaussians *g, const double *u, ouro_arena *tmp, ouro_gaussians *out) {
    double *mean = ouro_arena_alloc(tmp, 2 * g->k, sizeof *mean), *sd = mean + g->k;
    *out = (ouro_gaussians){.k = g->k, .d = 1, .log_weight = g->log_weight, .mean = mean, .factor = sd};
    if (!mean) return OURO_ENOMEM;
    for (size_t c = 0; c < g->k; c++) {
        const double *L = factor_of(g, c);
        for (size_t i = 0; i < g->d; i++) mean[c] += u[i] * g->mean[c * g->d + i];
        for (size_t j = 0; j < g->d; j++) {
            double sum = g->diagonal ? L[j] * u[j] : 0;
            for (size_t i = j; i < g->d && !g->diagonal; i++) sum += L[i * (i + 1) / 2 + j] * u[i];
            sd[c] = hypot(sd[c], sum);
        }
    }
    return OURO_OK;
}

double ouro_gaussians_beyond(const ouro_gaussians *g, double x, int upper) {
    double sum = 0;
    for (size_t c = 0; c < g->k; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        const double gap = upper ? x - g->mean[c] : g->mean[c] - x, sd = g->factor[g->tied ? 0 : c];
        sum += exp(g->log_weight[c]) * (sd > 0 ? 0.5 * erfc(gap / (sd * M_SQRT2)) : gap < 0);
    }
    return sum;
}

/* S = L L', lower triangle by rows. */
static void covariance(const ouro_gaussians *g, size_t c, double *S) {
    const double *L = factor_of(g, c);
    for (size_t i = 0; i < g->d; i++)
        for (size_t j = 0; j <= i; j++, S++) {
            *S = g->diagonal && i == j ? L[i] * L[i] : 0;
            for (size_t l = 0; l <= j && !g->diagonal; l++) *S += L[i * (i + 1) / 2 + l] * L[j * (j + 1) / 2 + l];
        }
}

/* -log det(A) / 2 - y' A^-1 y / 2; A and y are destroyed. +inf where A is singular and y in its range (or zero), which
 * decides what a product of two atoms is; then y != 0 gives -inf. */
static double log_normal(size_t d, double *A, double *y) {
    double half = 0, squares = 0;
    for (size_t i = 0; i < d; i++) {
        double *row = A + i * (i + 1) / 2;
        for (size_t j = 0; j < i; j++) {
            for (size_t l = 0; l < j; l++) row[j] -= row[l] * A[j * (j + 1) / 2 + l];
            row[j] /= A[j * (j + 1) / 2 + j];
            row[i] -= row[j] * row[j];
            y[i] -= row[j] * y[j];
        }
        if (!(row[i] > 0)) return INFINITY;
        row[i] = sqrt(row[i]);
        half += log(row[i]);
        y[i] /= row[i];
        squares += y[i] * y[i];
    }
    return -half - 0.5 * squares;
}

/* One pair of components; S the covariances of all components of p, then of q; work[len + d]. */
static double overlap_of(const ouro_gaussians *p, size_t a, const ouro_gaussians *q, size_t b, const double *Sa,
                         const double *Sb, double h, double *work) {
    const size_t d = p->d, len = d * (d + 1) / 2;
    double *gap = work + len, unit = h;
    if (!(h > 0)) { /* in units of the largest spread, that squares neither overflow nor vanish */
        unit = 0;
        for (size_t i = 0; i < d; i++) unit = fmax(unit, sqrt(Sa[i * (i + 1) / 2 + i] + Sb[i * (i + 1) / 2 + i]));
        if (unit == 0) unit = 1;
    }
    for (size_t i = 0; i < len; i++) work[i] = (Sa[i] / unit + Sb[i] / unit) / unit;
    for (size_t i = 0; i < d; i++) {
        work[i * (i + 1) / 2 + i] += h > 0;
        gap[i] = (p->mean[a * d + i] - q->mean[b * d + i]) / unit;
    }
    const double log_k = log_normal(d, work, gap);
    return exp(p->log_weight[a] + q->log_weight[b] + log_k -
               (h > 0 ? 0 : (double)d * (0.5 * log(2 * M_PI) + log(unit))));
}

double ouro_gaussians_overlap(const ouro_gaussians *p, const ouro_gaussians *q, double h, ouro_arena *tmp) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    const size_t d = p->d, len = d * (d + 1) / 2;
    double sum = 0, *S = ouro_arena_alloc(tmp, (p->k + q->k + 1) * len + d, sizeof *S);
    if (!S) return NAN;
    double *Sq = S + p->k * len, *work = Sq + q->k * len;
    for (size_t a = 0; a < p->k; a++) covariance(p, a, S + a * len);
    for (size_t b = 0; b < q->k; b++) covariance(q, b, Sq + b * len);
    for (size_t a = 0; a < p->k; a++)
        for (size_t b = 0; b < q->k; b++)
            if (p->log_weight[a] > -INFINITY && q->log_weight[b] > -INFINITY)
                sum += overlap_of(p, a, q, b, S + a * len, Sq + b * len, h, work);
    ouro_arena_reset(tmp, mark);
    return sum;
}
