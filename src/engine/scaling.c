/* scaling.c: whether error still falls with the number of points as it did at t = 1 (the sense "changed-scaling-law"). */
#include "engine.h"
#include "ouro/verdict.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST, LAST, FEWEST = 3 };
static const double tolerated =
    0.1; /* change of an exponent; sampling error alone moves it as well, hence the interval */
static const char *const columns[] = {"drift_sq", "test_error", "kl_model_truth", NULL};

static const double *error_row(const ouro_results *r, size_t i, int k) {
    return ouro_results_row(r, i, k == FIRST ? 0 : r->generations - 1);
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Standard error of the median of x[n], which is sorted: half the distance of the ends of its 99 % interval, the order statistics
 * 2.58 binomial standard deviations down and up, over 2.58. The weights of the slope ask for one that is not too noisy itself, as that
 * from the few values within one standard deviation is. NaN where the sample does not reach that far. */
static double median_error(size_t n, double *x) {
    const double reach = OURO_Z99 * sqrt((double)n) / 2, middle = ((double)n - 1) / 2;
    double end[2];
    if (!(middle - reach >= 0)) return NAN;
    qsort(x, n, sizeof *x, ascending);
    for (int side = 0; side < 2; side++) {
        const double at = side ? middle + reach : middle - reach;
        const size_t i = (size_t)at;
        end[side] = x[i] + (at - (double)i) * (x[i + 1 < n ? i + 1 : i] - x[i]);
    }
    return (end[1] - end[0]) / (2 * OURO_Z99);
}

static void estimate(const ouro_results *r, size_t m, int k, double *x, ouro_scaling_point *p) {
    ouro_summary s;
    size_t n = 0;
    for (size_t i = 0; i < r->replicates; i++) {
        const double v = error_row(r, i, k)[m];
        if (!isnan(v)) x[n++] = v;
    }
    ouro_summarise_values(n, x, &s);
    p->error[k][OURO_OF_MEAN].value = s.mean;
    p->error[k][OURO_OF_MEAN].se = s.se;
    p->error[k][OURO_OF_MEDIAN].value = s.quantile[2];
    p->error[k][OURO_OF_MEDIAN].se = median_error(n, x);
    p->heavy |= !isfinite(s.mean) || ouro_summary_is_heavy(&s);
}

/* Of the estimates at both times: that of what each replicate adds to them, its distance from the mean, its side of the median.
 * The worst, -1, where there is none. */
static double correlate(const ouro_results *r, size_t m, const ouro_scaling_point *p, int centre) {
    double products = 0, squares[2] = {0, 0};
    for (size_t i = 0; i < r->replicates; i++) {
        double d[2];
        for (int k = FIRST; k <= LAST; k++) d[k] = error_row(r, i, k)[m] - p->error[k][centre].value;
        if (isnan(d[FIRST]) || isnan(d[LAST])) continue;
        for (int k = FIRST; k <= LAST && centre == OURO_OF_MEDIAN; k++) d[k] = (d[k] > 0) - (d[k] < 0);
        products += d[FIRST] * d[LAST];
        for (int k = FIRST; k <= LAST; k++) squares[k] += d[k] * d[k];
    }
    const double c = products / sqrt(squares[FIRST] * squares[LAST]);
    return isfinite(c) ? c : -1;
}

void ouro_scaling_add(ouro_scaling *s, const ouro_results *r, double *scratch) {
    const size_t m = ouro_find_column(r, columns);
    const uint32_t *t = r->experiment->observed;
    ouro_scaling_point *p = &s->point[s->len];
    *p = (ouro_scaling_point){.n = (double)r->experiment->policy.initial};
    if (!s->len) {
        s->column = m == SIZE_MAX ? NULL : r->experiment->columns[m].name;
        s->last = r->generations > 1 && t[0] == 1 ? t[r->generations - 1] : 0;
    }
    s->len++;
    if (m == SIZE_MAX) return;
    for (int k = FIRST; k <= LAST; k++) estimate(r, m, k, scratch, p);
    for (int c = 0; c < OURO_CENTRES; c++) p->correlation[c] = correlate(r, m, p, c);
}

/* Standard error of the logarithm. */
static double relative(const ouro_scaling *s, size_t i, int k) {
    return s->point[i].error[k][s->centre].se / s->point[i].error[k][s->centre].value;
}

/* Weighted least squares of y = log error on x = log n, each weight being 1 / var y: the slope is the sum of a y with
 * a = w (x - mean x) / sum w (x - mean x)^2. */
typedef struct line {
    double mean, squares;
} line;

static double coefficient(const ouro_scaling *s, const line *l, size_t i, int k) {
    return (log(s->point[i].n) - l->mean) / l->squares / (relative(s, i, k) * relative(s, i, k));
}

static line fit_line(ouro_scaling *s, int k) {
    line l = {0, 0};
    double weight = 0;
    for (size_t i = 0; i < s->len; i++) {
        const double w = 1 / (relative(s, i, k) * relative(s, i, k));
        weight += w;
        l.mean += w * log(s->point[i].n);
    }
    l.mean /= weight;
    for (size_t i = 0; i < s->len; i++) l.squares += pow((log(s->point[i].n) - l.mean) / relative(s, i, k), 2);
    s->slope[k] = 0;
    s->se[k] = 1 / sqrt(l.squares);
    for (size_t i = 0; i < s->len; i++)
        s->slope[k] += coefficient(s, &l, i, k) * log(s->point[i].error[k][s->centre].value);
    return l;
}

/* Both slopes, and the standard error of their difference. Points are independent; under common random numbers they go up and down
 * together, which makes a slope more certain than this says. */
static double compare_slopes(ouro_scaling *s) {
    const line l[2] = {fit_line(s, FIRST), fit_line(s, LAST)};
    double variance = 0;
    for (size_t i = 0; i < s->len; i++) {
        double d[2];
        for (int k = FIRST; k <= LAST; k++) d[k] = coefficient(s, &l[k], i, k) * relative(s, i, k);
        variance += d[FIRST] * d[FIRST] + d[LAST] * d[LAST];
        variance -= 2 * s->point[i].correlation[s->centre] * d[FIRST] * d[LAST];
    }
    return sqrt(fmax(0, variance));
}

/* Why no slope can be fitted; NULL: it can. */
static const char *obstacle(const ouro_scaling *s) {
    if (s->len < FEWEST) return "sweep policy.initial or policy.synthetic.points alone, over three values or more";
    if (!s->column) return "no error is observed: ask for moments, regression or divergences";
    if (!s->last) return "observe the first generation and a later one";
    for (size_t i = 0; i < s->len; i++) {
        for (size_t j = 0; j < i; j++)
            if (s->point[i].n == s->point[j].n) return "points share a policy.initial: give each its own";
        for (int k = FIRST; k <= LAST; k++)
            if (!(s->point[i].error[k][s->centre].value > 0 && relative(s, i, k) > 0 && isfinite(relative(s, i, k))))
                return "the error of some point is not a positive number, or has no standard error";
    }
    return NULL;
}

ouro_verdict ouro_scaling_judge(ouro_scaling *s) {
    s->centre = OURO_OF_MEAN; /* one for all points and both times: a median is another number than a mean */
    for (size_t i = 0; i < s->len; i++)
        if (s->point[i].heavy) s->centre = OURO_OF_MEDIAN;
    const char *why = obstacle(s);
    if (why) return ouro_undecided(s->column, why);
    const double se = compare_slopes(s);
    snprintf(s->words, sizeof s->words,
             "change of the slope of log %s error on log points, from %.4f +- %.4f at t = 1 to %.4f +- %.4f at t = %u",
             s->centre == OURO_OF_MEDIAN ? "median" : "mean", s->slope[FIRST], OURO_Z99 * s->se[FIRST], s->slope[LAST],
             OURO_Z99 * s->se[LAST], (unsigned)s->last);
    return ouro_rule(s->column, fabs(s->slope[LAST] - s->slope[FIRST]), OURO_Z99 * se, tolerated, s->words);
}
