/* categories.c: what families of unordered categories share.
 *
 * T = {W, weighted counts[categories]}; theta begins with p[categories]. */
#include "categories.h"
#include "ouro/variates.h"
#include <gsl/gsl_sf_log.h>
#include <math.h>
#include <string.h>

void ouro_categories_stat_empty(const ouro_family *f, double *T) { memset(T, 0, f->stat_len * sizeof *T); }

void ouro_categories_stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    ouro_categories_stat_empty(f, T);
    T[0] = (double)n;
    for (size_t i = 0; i < n; i++) T[1 + (size_t)x[i]] += 1;
}

void ouro_categories_stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    for (size_t i = 0; i < f->stat_len; i++) T[i] += weight * src[i];
}

int ouro_categories_stat_subset(const ouro_family *f, const double *T, uint64_t take, ouro_stream *s, ouro_arena *tmp,
                                double *out) {
    size_t k = f->domain.categories;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    uint64_t *size = ouro_arena_alloc(tmp, k, sizeof *size), *hits = ouro_arena_alloc(tmp, k, sizeof *hits);
    int ret = size && hits ? OURO_OK : OURO_ENOMEM;
    if (!ret) {
        for (size_t i = 0; i < k; i++) size[i] = (uint64_t)T[1 + i];
        ouro_multi_hypergeometric(s, k, size, take, hits);
        out[0] = (double)take;
        for (size_t i = 0; i < k; i++) out[1 + i] = (double)hits[i];
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}

void ouro_categories_stat_counts(const ouro_family *f, const uint64_t *count, double *T) {
    ouro_categories_stat_empty(f, T);
    for (size_t i = 0; i < f->domain.categories; i++) {
        T[1 + i] = (double)count[i];
        T[0] += T[1 + i];
    }
}

void ouro_categories_stat_of(const ouro_family *f, const double *p, double *T) {
    T[0] = 1;
    memcpy(T + 1, p, f->domain.categories * sizeof *T);
}

/* Dirichlet(nu m*): in p itself each category loses one count, at most all it has. */
void ouro_categories_mode_in_mean(const ouro_family *f, double *T) {
    double left = 0;
    for (size_t i = 0; i < f->domain.categories; i++) left += T[1 + i] = fmax(T[1 + i] - 1, 0);
    if (left > 0) T[0] = left;
}

void ouro_categories_moments(const ouro_family *f, const double *p, ouro_moments *out) {
    double trace = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        out->mean[i] = p[i];
        trace += p[i] * (1 - p[i]);
    }
    out->trace = trace;
    out->log_trace = log(trace);
    out->logdet = NAN; /* one-hot points lie on a hyperplane */
}

double ouro_categories_entropy(const ouro_family *f, const double *p) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++)
        if (p[i] > 0) sum -= p[i] * log(p[i]);
    return sum;
}

double ouro_categories_tail_mass(const ouro_family *f, const double *p, const ouro_tail_set *a, double side[2]) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++)
        if (a->member[i]) sum += p[i];
    side[0] = side[1] = NAN;
    return sum;
}

/* One category's part of KL: a log(a / b) - a + b >= 0. The last two add up to nothing over all categories, but with
 * them no part cancels another, so that the divergence of two models that nearly agree keeps its digits. */
static double kl_part(double a, double b) {
    if (a == 0) return b;
    if (b == 0) return INFINITY;
    double u = (b - a) / a;
    return fabs(u) < 0.5 ? -a * gsl_sf_log_1plusx_mx(u) : a * log(a / b) + (b - a);
}

double ouro_categories_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        double d = fabs(a[i] - b[i]), root = d > 0 ? d / (sqrt(a[i]) + sqrt(b[i])) : 0;
        switch (kind) {
        case OURO_KL: sum += kl_part(a[i], b[i]); break;
        case OURO_HELLINGER: sum += 0.5 * root * root; break;
        case OURO_TV: sum += 0.5 * d; break;
        case OURO_W2:
        case OURO_DIVERGENCES: return NAN;
        }
    }
    return kind == OURO_HELLINGER ? sqrt(sum) : sum;
}
