/* survival.c: the product-limit estimator, with Greenwood's variance on the scale log(-log S). */
#include "ouro/survival.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define NORMAL_QUANTILE 1.959963984540054 /* Phi^-1(1 - (1 - OURO_SURVIVAL_LEVEL) / 2) */
#define ROUNDING 1e-9                     /* S = 1/2 is a product of ratios that may miss it by rounding */

static int by_time(const void *a, const void *b) {
    const ouro_lifetime *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* Interval of S: log(-log S) has the standard error |sum^(1/2) / log S| (delta method; Kalbfleisch and Prentice 2002, 1.4).
 * The transform has no value at S = 0. There nobody of those at risk lived on: of their share the upper end is Clopper and
 * Pearson's, of the curve before it is `before`. So times that are all the same have an interval as well. */
static void band(ouro_survival_step *s, double sum, double before) {
    if (s->survival <= 0) {
        s->lower = 0;
        s->upper = before * (1 - pow((1 - OURO_SURVIVAL_LEVEL) / 2, 1 / (double)s->at_risk));
        return;
    }
    const double width = NORMAL_QUANTILE * sqrt(sum) / -log(s->survival);
    s->lower = pow(s->survival, exp(width));
    s->upper = pow(s->survival, exp(-width));
}

/* The first time at which a curve, a member of the steps, is down at 1 - p. */
static double first_down(size_t len, const ouro_survival_step *step, size_t curve, double p) {
    for (size_t i = 0; i < len; i++)
        if (*(const double *)((const char *)&step[i] + curve) <= 1 - p + ROUNDING) return step[i].time;
    return NAN;
}

void ouro_survive(size_t n, ouro_lifetime *x, ouro_survival_step *step, ouro_survival *out) {
    double survival = 1, sum = 0, before = 1;
    *out = (ouro_survival){.n = n};
    qsort(x, n, sizeof *x, by_time);
    for (size_t i = 0, next; i < n; i = next) {
        size_t events = 0;
        for (next = i; next < n && x[next].time == x[i].time; next++) events += x[next].seen != 0;
        if (!events) continue;
        const size_t at_risk = n - i, left = at_risk - events;
        ouro_survival_step *s = &step[out->len++];
        survival *= (double)left / (double)at_risk;
        sum += (double)events / ((double)at_risk * (double)left);
        *s = (ouro_survival_step){.time = x[i].time, .at_risk = at_risk, .events = events, .survival = survival};
        s->se = left ? survival * sqrt(sum) : (double)NAN;
        band(s, sum, before);
        before = s->upper;
        out->events += events;
    }
    for (int q = 0; q < OURO_SUMMARY_QUANTILES; q++)
        out->quantile[q] =
            first_down(out->len, step, offsetof(ouro_survival_step, survival), ouro_summary_probabilities[q]);
    out->median_lower = first_down(out->len, step, offsetof(ouro_survival_step, lower), 0.5);
    out->median_upper = first_down(out->len, step, offsetof(ouro_survival_step, upper), 0.5);
}

void ouro_survive_event(const ouro_results *r, size_t event, ouro_lifetime *life, ouro_survival_step *step,
                        ouro_survival *out) {
    for (size_t i = 0; i < r->replicates; i++) {
        const uint32_t t = r->passage[i * r->events + event];
        life[i] = (ouro_lifetime){.time = t ? t : r->experiment->events[event].last, .seen = t != 0};
    }
    ouro_survive(r->replicates, life, step, out);
}
