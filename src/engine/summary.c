/* summary.c: what a reader sees of many replicates: mean and quantiles, always both, beside the law. */
#include "ouro/mem.h"
#include "ouro/registry.h"
#include "ouro/run.h"
#include <float.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

const double ouro_summary_probabilities[OURO_SUMMARY_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* Quantiles of type 7 by repeated selection, each on the part right of the last: x is rearranged. O(n) expected.
 * Infinities are kept: from -inf nothing is interpolated, towards inf everything is inf; inf - inf never arises.           */
static void quantiles(size_t n, double *x, double *out) {
    size_t from = 0;
    for (int i = 0; i < OURO_SUMMARY_QUANTILES; i++) {
        double at = ouro_summary_probabilities[i] * (double)(n - 1);
        size_t k = (size_t)at;
        double low = gsl_stats_select(x + from, 1, n - from, k - from), high = low;
        if (at > (double)k) {
            high = INFINITY; /* the smallest value right of position k */
            for (size_t j = k + 1; j < n; j++) high = fmin(high, x[j]);
        }
        out[i] = low == high || isinf(low) ? low : low + (at - (double)k) * (high - low);
        from = k;
    }
}

void ouro_summarise_values(size_t n, double *x, ouro_summary *s) {
    double sum = 0, squares = 0, fourths = 0, low = INFINITY, high = -INFINITY;
    *s = (ouro_summary){.n = n};
    s->mean = s->se = s->theory = s->z = NAN;
    for (int i = 0; i < OURO_SUMMARY_QUANTILES; i++) s->quantile[i] = NAN;
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    s->mean = low == high ? low : sum / (double)n; /* equal values have no spread, not even by rounding */
    for (size_t i = 0; i < n; i++) {
        double d = (x[i] - s->mean) * (x[i] - s->mean);
        squares += d;
        fourths += d * d;
    }
    if (n > 1 && isfinite(s->mean)) s->se = sqrt(squares / (double)(n - 1) / (double)n);
    s->carriers = fourths > 0 ? squares / fourths * squares : 0;
    quantiles(n, x, s->quantile);
}

/* One column at one generation; scratch holds a value per replicate. */
static void summarise_cell(const ouro_results *r, size_t g, size_t m, double *scratch, ouro_summary *out) {
    size_t n = 0;
    for (size_t i = 0; i < r->replicates; i++) {
        double v = ouro_results_row(r, i, g)[m];
        if (!isnan(v)) scratch[n++] = v;
    }
    ouro_summarise_values(n, scratch, out);
}

#define ROUNDING (64 * DBL_EPSILON)

/* Whether replicates differ by more than rounding, as fits to the same observations do not: of the data where the column is in
 * their unit, else of what the law says, and from a law of 0, which is a square's, of a square. */
static int they_differ(const ouro_setting *x, const ouro_column *c, const ouro_summary *s) {
    double scale = fabs(s->theory) > 0 ? fabs(s->theory) : ROUNDING;
    if (!strcmp(c->measure->columns[c->index].unit, "unit of the data"))
        scale = hypot(x->truth->moments.mean[0], sqrt(x->truth->moments.trace));
    return s->se * sqrt((double)s->n) > ROUNDING * scale;
}

/* The first law that speaks of the column gives its theory. z is left out where no honest one exists: where all
 * replicates agree, and where the standard error rests on a handful of them (include/ouro/run.h). */
static int add_theory(const ouro_results *r, ouro_summary *out) {
    const ouro_experiment *x = r->experiment;
    int ret = OURO_OK;
    ouro_arena tmp = {0};
    double *mean = ouro_arena_alloc(&tmp, x->setting.generations, sizeof *mean);
    if (!mean) return OURO_ENOMEM;
    for (size_t m = 0; m < r->columns && !ret; m++) {
        for (size_t l = 0; l < ouro_laws_len; l++) {
            const ouro_column *c = &x->columns[m];
            const char *name = c->measure->columns[c->index].name, *const *about = ouro_laws[l]->columns;
            while (*about && strcmp(*about, name)) about++;
            if (!*about) continue;
            ouro_arena_mark mark = ouro_arena_here(&tmp);
            ouro_setting setting = x->setting;
            setting.against = c->against;
            ret = ouro_law_predict(ouro_laws[l], &setting, name, c->tail, &tmp, mean);
            ouro_arena_reset(&tmp, mark);
            if (ret == OURO_EUNDEFINED) {
                ret = OURO_OK;
                continue;
            }
            for (size_t g = 0; g < r->generations && !ret; g++) {
                ouro_summary *s = &out[g * r->columns + m];
                s->theory = mean[x->observed[g] - 1];
                if (isnan(s->theory)) continue;
                s->theory_source = ouro_laws[l]->source;
                if (they_differ(&setting, c, s) && s->carriers >= OURO_CARRIERS_LEAST)
                    s->z = (s->mean - s->theory) / s->se;
            }
            break;
        }
    }
    ouro_arena_free(&tmp);
    return ret;
}

int ouro_summarise(const ouro_results *r, ouro_summary *out, ouro_error *e) {
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
            if (scratch) summarise_cell(r, c / r->columns, c % r->columns, scratch, &out[c]);
        ouro_free(scratch);
    }
    if (failed || add_theory(r, out)) return ouro_fail(e, OURO_ENOMEM, "summary", "out of memory");
    return OURO_OK;
}
