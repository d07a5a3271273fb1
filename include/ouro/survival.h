/* survival.h: the law of a time from observations, some of which ended before it was seen.
 *
 * A censored mean is no estimate of anything (many times of collapse have no finite mean at all), and taking censored
 * times for times, or leaving them out, is biased. The product-limit estimator needs neither: Kaplan and Meier 1958. */
#ifndef OURO_SURVIVAL_H
#define OURO_SURVIVAL_H
#include "ouro/run.h"

#define OURO_SURVIVAL_LEVEL 0.95 /* of every interval */

/* One subject: it had the event at this time, or was last seen without it. */
typedef struct ouro_lifetime {
    uint32_t time;
    int seen;
} ouro_lifetime;

/* A jump of the curve: S(t) holds from here to the next jump; before the first it is 1. */
typedef struct ouro_survival_step {
    uint32_t time;
    size_t at_risk, events; /* just before; at this time. Who is censored at a time is at risk then. */
    double survival;        /* product over jumps so far of 1 - events / at_risk */
    double se;              /* Greenwood 1926: S sqrt(sum events / (at_risk (at_risk - events))); NaN where S = 0 */
    double lower, upper;    /* pointwise, on the scale log(-log S) */
} ouro_survival_step;

typedef struct ouro_survival {
    size_t n, events, len;
    double quantile[OURO_SUMMARY_QUANTILES]; /* of the time: the first t with S(t) <= 1 - p; NaN: not reached */
    double median_lower, median_upper;       /* Brookmeyer and Crowley 1982; NaN: not reached */
} ouro_survival;

/* x[n] is sorted; step[n] takes the jumps, out->len of them. O(n log n). */
void ouro_survive(size_t n, ouro_lifetime *x, ouro_survival_step *step, ouro_survival *out);

/* The same for one event of a run; life and step hold a subject per replicate. */
void ouro_survive_event(const ouro_results *r, size_t event, ouro_lifetime *life, ouro_survival_step *step,
                        ouro_survival *out);

#endif
