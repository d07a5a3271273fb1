/* summary.c: what a reader sees of many replicates: mean and quantiles, always both, beside the law. */
#include "engine.h"
#include "ouro/mem.h"
#include "ouro/run.h"
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const double ouro_summary_probabilities[OURO_SUMMARY_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

enum { RANKS = 4 * OURO_SUMMARY_QUANTILES };

/* Puts what belongs at these ascending ranks there, smaller values to the left: the middle rank first, then either side. */
static void place(double *x, size_t from, size_t to, const size_t *rank, size_t len) {
    if (!len) return;
    const size_t m = len / 2, k = rank[m];
    size_t low = m, high = m + 1; /* ranks below k, and above */
    gsl_stats_select(x + from, 1, to - from, k - from);
    while (low && rank[low - 1] == k) low--;
    while (high < len && rank[high] == k) high++;
    place(x, from, k, rank, low);
    place(x, k + 1, to, rank + high, len - high);
}

static int by_size(const void *a, const void *b) {
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Quantiles of type 7, and how far each is known, by selection: x is rearranged. O(n). Infinities are kept: from -inf nothing is
 * interpolated, towards inf everything is inf; inf - inf never arises.                                          */
static void quantiles(size_t n, double *x, ouro_summary *s) {
    size_t rank[RANKS], len = 0;
    const double last = (double)(n - 1);
    for (int i = 0; i < OURO_SUMMARY_QUANTILES; i++) {
        const double p = ouro_summary_probabilities[i], at = p * last, off = sqrt((double)n * p * (1 - p));
        rank[len++] = (size_t)at;
        rank[len++] = (size_t)fmin(last, floor(at) + 1);
        rank[len++] = (size_t)fmax(0, floor(at - off));
        rank[len++] = (size_t)fmin(last, ceil(at + off));
    }
    size_t sorted[RANKS];
    memcpy(sorted, rank, sizeof rank);
    qsort(sorted, len, sizeof *sorted, by_size);
    place(x, 0, n, sorted, len);
    for (int i = 0; i < OURO_SUMMARY_QUANTILES; i++) {
        const double p = ouro_summary_probabilities[i], at = p * last, off = sqrt((double)n * p * (1 - p));
        const double *v[4] = {&x[rank[4 * i]], &x[rank[4 * i + 1]], &x[rank[4 * i + 2]], &x[rank[4 * i + 3]]};
        const double low = *v[0], high = at > floor(at) ? *v[1] : low;
        s->quantile[i] = low == high || isinf(low) ? low : low + (at - floor(at)) * (high - low);
        if (at - off < 0 || at + off > last)
            s->quantile_se[i] = NAN;
        else
            s->quantile_se[i] = *v[2] == *v[3] ? 0 : (*v[3] - *v[2]) / 2;
    }
}

void ouro_summarise_values(size_t n, double *x, ouro_summary *s) {
    double sum = 0, squares = 0, cubes = 0, fourths = 0, low = INFINITY, high = -INFINITY;
    *s = (ouro_summary){.n = n};
    s->mean = s->se = s->skewness = s->theory = s->z = NAN;
    for (int i = 0; i < OURO_SUMMARY_QUANTILES; i++) s->quantile[i] = s->quantile_se[i] = NAN;
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    s->mean = low == high ? low : sum / (double)n; /* equal values have no spread, not even by rounding */
    for (size_t i = 0; i < n; i++) {
        const double off = x[i] - s->mean, d = off * off;
        squares += d;
        cubes += d * off;
        fourths += d * d;
    }
    if (n > 1 && isfinite(s->mean)) s->se = sqrt(squares / (double)(n - 1) / (double)n);
    if (squares > 0) s->skewness = cubes / squares * sqrt((double)n / squares);
    s->carriers = fourths > 0 ? squares / fourths * squares : 0;
    quantiles(n, x, s);
}

void ouro_summarise_cell(const ouro_results *r, size_t g, size_t m, double *scratch, ouro_summary *out) {
    size_t n = 0;
    for (size_t i = 0; i < r->replicates; i++) {
        double v = ouro_results_row(r, i, g)[m];
        if (!isnan(v)) scratch[n++] = v;
    }
    ouro_summarise_values(n, scratch, out);
}

int ouro_summarise(const ouro_results *r, ouro_summary *out, ouro_comparison_sink *each, void *ctx, ouro_error *e) {
    size_t cells = r->generations * r->columns;
    int failed = 0;
#pragma omp parallel
    {
        double *scratch = ouro_alloc(r->replicates, sizeof *scratch);
        if (!scratch) {
#pragma omp atomic write
            failed = 1;
        }
#pragma omp for schedule(dynamic, 8)
        for (size_t c = 0; c < cells; c++)
            if (scratch) ouro_summarise_cell(r, c / r->columns, c % r->columns, scratch, &out[c]);
        ouro_free(scratch);
    }
    int ret = failed ? OURO_ENOMEM : ouro_compare_with_laws(r, out, each, ctx);
    return ret == OURO_ENOMEM ? ouro_fail(e, ret, "summary", "out of memory")
                              : ret; /* `each` says why it did not take one */
}
