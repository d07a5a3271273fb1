/* judge.c: what laws say, beside what replicates say. */
#include "engine.h"
#include "ouro/mem.h"
#include "ouro/registry.h"
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#define ROUNDING (1e4 * DBL_EPSILON)
#define FEWEST_BESIDE 10 /* expected on either side of a quantile, for a binomial to be nearly normal */

const char *const ouro_statistic_names[OURO_STATISTICS] = {
    [OURO_STATISTIC_MEAN] = "mean", [OURO_STATISTIC_VARIANCE] = "variance", [OURO_STATISTIC_Q05] = "q05",
    [OURO_STATISTIC_Q25] = "q25",   [OURO_STATISTIC_MEDIAN] = "median",     [OURO_STATISTIC_Q75] = "q75",
    [OURO_STATISTIC_Q95] = "q95"};
const char *const ouro_standing_names[OURO_STANDINGS] = {[OURO_STANDING_EXACT] = "exact",
                                                         [OURO_STANDING_LIMIT] = "limit",
                                                         [OURO_STANDING_AT_MOST] = "at most",
                                                         [OURO_STANDING_AT_LEAST] = "at least"};

double ouro_comparison_threshold(uint64_t comparisons) {
    return comparisons ? gsl_cdf_ugaussian_Qinv(0.0005 / (double)comparisons) : INFINITY;
}

/* What the laws say of one experiment: each(ctx, column, law, claim, predicted[generations]). */
typedef int prediction_sink(void *ctx, size_t column, const ouro_law_type *law, const ouro_claim *claim,
                            const double *predicted);

static int ask(const ouro_experiment *x, size_t column, const ouro_law_type *law, const ouro_claim *claim,
               ouro_arena *tmp, prediction_sink *each, void *ctx) {
    const ouro_column *c = &x->columns[column];
    ouro_arena_mark mark = ouro_arena_here(tmp);
    ouro_setting setting = x->setting;
    setting.against = c->against;
    double *predicted = ouro_arena_alloc(tmp, setting.generations, sizeof *predicted);
    int ret = predicted ? ouro_law_predict(law, &setting, claim, c->tail, tmp, predicted) : OURO_ENOMEM;
    if (!ret) ret = each(ctx, column, law, claim, predicted);
    ouro_arena_reset(tmp, mark);
    return ret == OURO_EUNDEFINED ? OURO_OK : ret;
}

static int for_each_prediction(const ouro_experiment *x, prediction_sink *each, void *ctx) {
    int ret = OURO_OK;
    ouro_arena tmp = {0};
    for (size_t m = 0; m < x->columns_len; m++) {
        const char *name = x->columns[m].measure->columns[x->columns[m].index].name;
        for (size_t l = 0; l < ouro_laws_len; l++)
            for (const ouro_claim *claim = ouro_laws[l]->claims; claim->column; claim++)
                if (!strcmp(claim->column, name)) OURO_TRY(ask(x, m, ouro_laws[l], claim, &tmp, each, ctx));
    }
out:
    ouro_arena_free(&tmp);
    return ret;
}

typedef struct judge {
    const ouro_experiment *x;
    const ouro_results *r; /* NULL: nothing was simulated */
    ouro_summary *summary;
    ouro_comparison_sink *each;
    void *ctx;
} judge;

/* Whether replicates differ by more than rounding, as fits to the same observations do not. Rounding is relative; of a logarithm,
 * absolute; of what is in the unit of the data, relative to them; and of what should be 0 otherwise, which is a square, that of
 * a square. */
static int they_differ(const judge *j, const ouro_comparison *c, const ouro_summary *s, double theory) {
    const ouro_column *column = &j->x->columns[c->column];
    const char *unit = column->measure->columns[column->index].unit;
    const int logarithm = !strncmp(unit, "nats", 4);
    double scale = logarithm ? fmax(1, fabs(theory)) : fabs(theory) > 0 ? fabs(theory) : ROUNDING;
    const ouro_moments *data = &j->x->truth.moments;
    if (!strcmp(unit, "unit of the data") && isfinite(data->trace)) scale = hypot(data->mean[0], sqrt(data->trace));
    return s->se * sqrt((double)s->n) > ROUNDING * scale;
}

/* A share p of replicates is expected below the quantile; equal values may count on either side. */
static double z_of_quantile(const judge *j, const ouro_comparison *c, size_t g, double p) {
    double below = 0, upto = 0, n = 0;
    for (size_t i = 0; i < j->r->replicates; i++) {
        const double v = ouro_results_row(j->r, i, g)[c->column];
        if (isnan(v)) continue;
        n++;
        below += v < c->theory;
        upto += v <= c->theory;
    }
    if (!(n * fmin(p, 1 - p) >= FEWEST_BESIDE)) return NAN;
    const double share = fmin(fmax(p, below / n), upto / n); /* nearest to p */
    return (p - share) / sqrt(p * (1 - p) / n);
}

/* z of a variance: that of the mean of d^2, d the deviations; NaN where too few replicates carry sum d^4. */
static double z_of_variance(const judge *j, const ouro_comparison *c, const ouro_summary *s, size_t g) {
    double n = 0, m4 = 0, m6 = 0, m8 = 0; /* moments in units of the variance */
    for (size_t i = 0; i < j->r->replicates; i++) {
        const double d = ouro_results_row(j->r, i, g)[c->column] - s->mean, square = d * d / c->observed;
        if (isnan(d)) continue;
        n++;
        m4 += square * square;
        m6 += square * square * square;
        m8 += square * square * square * square;
    }
    if (m4 / m8 * m4 < OURO_CARRIERS_LEAST) return NAN;
    m4 /= n, m6 /= n;
    return ouro_without_skewness((c->observed - c->theory) / c->se, (m6 - 3 * m4 + 2) / pow(m4 - 1, 1.5), n);
}

static void observe(const judge *j, const ouro_summary *s, size_t g, ouro_comparison *c) {
    const ouro_statistic of = c->claim->statistic;
    const int sound =
        they_differ(j, c, s, of == OURO_STATISTIC_MEAN ? c->theory : s->mean) && s->carriers >= OURO_CARRIERS_LEAST;
    const double n = (double)s->n;
    if (of == OURO_STATISTIC_MEAN) {
        c->observed = s->mean;
        c->se = s->se;
        c->z = sound ? ouro_without_skewness((s->mean - c->theory) / s->se, s->skewness, n) : NAN;
    } else if (of == OURO_STATISTIC_VARIANCE) { /* m_4 / m_2^2 = n / carriers */
        c->observed = n * s->se * s->se;
        c->se = c->observed * sqrt((n / s->carriers - 1) / n);
        c->z = sound ? z_of_variance(j, c, s, g) : NAN;
    } else {
        const int q = (int)of - OURO_STATISTIC_Q05;
        c->observed = s->quantile[q];
        c->se = s->quantile_se[q];
        c->z = z_of_quantile(j, c, g, ouro_summary_probabilities[q]);
    }
    if (c->claim->standing == OURO_STANDING_LIMIT || isinf(c->theory)) c->z = NAN;
}

/* The exact law of the mean, else that of the median: what is drawn beside the replicates. */
static void lend(const ouro_comparison *c, ouro_summary *s) {
    const int mean = c->claim->statistic == OURO_STATISTIC_MEAN;
    if (c->claim->standing != OURO_STANDING_EXACT || (!mean && c->claim->statistic != OURO_STATISTIC_MEDIAN)) return;
    if (s->claim && !(mean && s->claim->statistic != OURO_STATISTIC_MEAN)) return;
    s->theory = c->theory;
    s->z = c->z;
    s->law = c->law;
    s->claim = c->claim;
}

static int judge_prediction(void *ctx, size_t column, const ouro_law_type *law, const ouro_claim *claim,
                            const double *predicted) {
    const judge *j = ctx;
    int ret = OURO_OK;
    for (size_t g = 0; g < j->x->observed_len && !ret; g++) {
        ouro_comparison c = {column, j->x->observed[g], law, claim, .observed = NAN, .se = NAN, .z = NAN};
        c.theory = predicted[c.generation - 1];
        if (isnan(c.theory)) continue;
        if (j->r) {
            ouro_summary *s = &j->summary[g * j->r->columns + column];
            observe(j, s, g, &c);
            lend(&c, s);
        }
        if (j->each) ret = j->each(j->ctx, &c);
    }
    return ret;
}

int ouro_compare_with_laws(const ouro_results *r, ouro_summary *summary, ouro_comparison_sink *each, void *ctx) {
    judge j = {r->experiment, r, summary, each, ctx};
    return for_each_prediction(r->experiment, judge_prediction, &j);
}

int ouro_theory(const ouro_experiment *x, ouro_comparison_sink *each, void *ctx) {
    judge j = {x, NULL, NULL, each, ctx};
    return for_each_prediction(x, judge_prediction, &j);
}
