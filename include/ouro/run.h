/* run.h: runs the points of a study over all workers and hands finished points over in order. */
#ifndef OURO_RUN_H
#define OURO_RUN_H
#include "ouro/experiment.h"
#include "ouro/law.h"
#include <math.h>
#include <signal.h>
#include <stdbool.h>

/* All rows of one point: value[(r * generations + g) * columns + m], replicate r, observed generation g, column m. */
typedef struct ouro_results {
    const ouro_experiment *experiment;
    size_t replicates, generations, columns, events;
    size_t
        of; /* replicates that the point has, of which these are a sample (ouro_run_options.sample); 0: these are all */
    double *value;
    unsigned char *absorbed; /* [replicates * generations], in the order of rows */
    uint32_t *passage;       /* [replicates * events]: generation of the first passage, 0 where it was not seen */
} ouro_results;

/* The row of one replicate and observed generation: [columns]. */
static inline const double *ouro_results_row(const ouro_results *r, size_t replicate, size_t g) {
    return r->value + (replicate * r->generations + g) * r->columns;
}

/* The number of replicate i of the results: i itself, or in a sample, spread evenly from 0 on. */
static inline size_t ouro_results_replicate(const ouro_results *r, size_t i) {
    return r->of ? (size_t)((uint64_t)i * r->of / r->replicates) : i;
}

/* Bytes that ouro_run needs for one point's results, with run.stop at most; saturates at SIZE_MAX. */
size_t ouro_results_bytes(const ouro_experiment *x);

/* Results of an experiment without a replicate; room for more of them, zeroed, what is there being kept. OURO_ENOMEM: they
 * stay as they are. Freeing is safe on zeroed results, and twice. */
ouro_results ouro_results_of(const ouro_experiment *x);
int ouro_results_grow(ouro_results *r, uint64_t replicates, ouro_error *e) OURO_CHECKED;
void ouro_results_free(ouro_results *r);

typedef struct ouro_progress {
    uint64_t done, total; /* replicate-generations */
} ouro_progress;

typedef struct ouro_run_options {
    int threads;        /* 0: all */
    uint64_t sample;    /* replicates of each point to run, spread evenly over all (ouro_results_replicate); 0: all */
    const uint64_t *of; /* [points], for a sample: how many replicates each point has; NULL: run.replicates */
    /* called from the calling thread's team, one at a time, at most every few milliseconds; NULL allowed */
    void (*progress)(void *ctx, const ouro_progress *now);
    /* called in order of points, from the calling thread; a failure ends the run */
    int (*point)(void *ctx, size_t point, const ouro_results *results, ouro_error *e);
    void *ctx;
    const volatile sig_atomic_t *stop; /* set from a signal handler: the run ends with OURO_EINTERRUPTED */
} ouro_run_options;

/* Runs points x[0..len), each with run.replicates replicates or as many as run.stop takes (precision.h). Results are the same
 * for every number of threads. */
int ouro_run(size_t len, const ouro_experiment *x, const ouro_run_options *o, ouro_error *e) OURO_CHECKED;

/* Mean, standard error and quantiles over replicates; NaN values (not defined) are left out. */
typedef struct ouro_summary {
    size_t n;                     /* values that are defined */
    double mean, se, quantile[5]; /* 5, 25, 50, 75, 95 % (type 7) */
    /* How many replicates carry the standard error: (sum d^2)^2 / sum d^4 with d the deviation from the mean; n/3 for a
     * normal sample, near 1 when a single replicate decides. The mean of a heavy-tailed column (a dying variance is
     * nearly log-normal) is then decided by runs that this sample does not hold, and its z would be a fiction: below
     * OURO_CARRIERS_LEAST none is given. Read the median, or a logarithm. */
    double carriers;
    double skewness;       /* m_3 / m_2^1.5 with central moments m of the sample; NaN where all agree */
    double quantile_se[5]; /* Monte-Carlo error of each: half the distance of the order statistics one binomial standard
                            * deviation up and down; NaN where the sample does not reach that far */
    double theory, z;      /* of the law on the mean, or where there is none on the median; NaN where neither speaks */
    const ouro_law_type *law; /* whose they are, NULL likewise */
    const ouro_claim *claim;
} ouro_summary;
enum { OURO_SUMMARY_QUANTILES = 5, OURO_CARRIERS_LEAST = 30 };

/* Whether a few replicates decide the mean, so that another sample would give quite another: fewer than n / 30 + 2 carry its
 * standard error (a kurtosis above 30 in a large sample; a normal one has 3, an exponential one 9). */
static inline int ouro_summary_is_heavy(const ouro_summary *s) {
    return s->n > 2 && s->carriers > 0 && s->carriers < (double)s->n / 30 + 2;
}

/* t = (mean - theory) / se of n values as a standard normal variate up to terms of order 1/n, by Hall's transformation (On the removal of
 * skewness by transformation, J. R. Statist. Soc. B 54, 1992): where a column is skewed, its mean and their se rise together, and t
 * falls far below 0 more often than a normal variate. Rises with t, whatever the skewness. */
static inline double ouro_without_skewness(double t, double skewness, double n) {
    const double a = skewness / sqrt(n);
    return t + a * (t * t / 3 + 1. / 6) + a * a * t * t * t / 27;
}

/* A law's word about one cell, and what the replicates say. observed, se, z are NaN without replicates. */
typedef struct ouro_comparison {
    size_t column; /* of the experiment */
    uint32_t generation;
    const ouro_law_type *law;
    const ouro_claim *claim;
    double theory, observed, se;
    /* In standard errors. Means: (observed - theory) / se without the skewness of that ratio; NaN where replicates agree, or fewer than OURO_CARRIERS_LEAST carry the standard error. Variances: by the fourth
     * moment, on the same terms one power up. Quantiles: by the share of replicates on either side of the theory, a binomial; NaN
     * below ten expected on one side. Limits: NaN. Bounds: how far beyond, negative where it is kept. */
    double z;
} ouro_comparison;
typedef int ouro_comparison_sink(void *ctx, const ouro_comparison *c); /* a failure ends it and is passed on */

/* Whether the number contradicts the law by |z| standard errors or more: bounds have one side. */
static inline double ouro_comparison_excess(const ouro_comparison *c) {
    if (c->claim->standing == OURO_STANDING_AT_MOST) return fmax(0, c->z);
    return c->claim->standing == OURO_STANDING_AT_LEAST ? fmax(0, -c->z) : fabs(c->z);
}
/* Which |z| among this many comparisons is too much at a false alarm of one in a thousand in all (Bonferroni); correlated ones only make it
 * rarer. */
double ouro_comparison_threshold(uint64_t comparisons);

/* Every law's word about every observed cell, by column, law, claim and generation; nothing is simulated. */
int ouro_theory(const ouro_experiment *x, ouro_comparison_sink *each, void *ctx) OURO_CHECKED;
extern const double ouro_summary_probabilities[OURO_SUMMARY_QUANTILES];

/* Of x[0..n), none of them NaN, which is rearranged; theory and z stay NaN. O(n) expected. */
void ouro_summarise_values(size_t n, double *x, ouro_summary *out);

/* out[g * columns + m]; the caller's array. each: may be NULL, else is given all comparisons, in the order of ouro_theory.
 * O(cells * replicates), and what the laws cost. */
int ouro_summarise(const ouro_results *r, ouro_summary *out, ouro_comparison_sink *each, void *ctx,
                   ouro_error *e) OURO_CHECKED;

#endif
