/* run.h: runs the points of a study over all workers and hands finished points over in order. */
#ifndef OURO_RUN_H
#define OURO_RUN_H
#include "ouro/experiment.h"
#include <signal.h>
#include <stdbool.h>

/* All rows of one point: value[(r * generations + g) * columns + m], replicate r, observed generation g, column m. */
typedef struct ouro_results {
    const ouro_experiment *experiment;
    size_t replicates, generations, columns;
    size_t of; /* replicates that were asked for, of which these are a sample (ouro_run_options.sample); 0: all */
    double *value;
    unsigned char *absorbed; /* [replicates * generations], in the order of rows */
} ouro_results;

/* The row of one replicate and observed generation: [columns]. */
static inline const double *ouro_results_row(const ouro_results *r, size_t replicate, size_t g) {
    return r->value + (replicate * r->generations + g) * r->columns;
}

/* The number of replicate i of the results: i itself, or in a sample, spread evenly from 0 on. */
static inline size_t ouro_results_replicate(const ouro_results *r, size_t i) {
    return r->of ? (size_t)((uint64_t)i * r->of / r->replicates) : i;
}

/* Bytes that ouro_run needs for one point's results; saturates at SIZE_MAX. */
size_t ouro_results_bytes(const ouro_experiment *x);

typedef struct ouro_progress {
    uint64_t done, total; /* replicate-generations */
} ouro_progress;

typedef struct ouro_run_options {
    int threads;     /* 0: all */
    uint64_t sample; /* replicates of each point to run, spread evenly over all (ouro_results_replicate); 0: all */
    /* called from the calling thread's team, one at a time, at most every few milliseconds; NULL allowed */
    void (*progress)(void *ctx, const ouro_progress *now);
    /* called in order of points, from the calling thread; a failure ends the run */
    int (*point)(void *ctx, size_t point, const ouro_results *results, ouro_error *e);
    void *ctx;
    const volatile sig_atomic_t *stop; /* set from a signal handler: the run ends with OURO_EINTERRUPTED */
} ouro_run_options;

/* Runs points x[0..len). Results are the same for every number of threads. */
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
    double theory, z;          /* NaN where no law speaks */
    const char *theory_source; /* NULL likewise */
} ouro_summary;
enum { OURO_SUMMARY_QUANTILES = 5, OURO_CARRIERS_LEAST = 30 };
extern const double ouro_summary_probabilities[OURO_SUMMARY_QUANTILES];

/* Of x[0..n), none of them NaN, which is rearranged; theory and z stay NaN. O(n) expected. */
void ouro_summarise_values(size_t n, double *x, ouro_summary *out);

/* out[g * columns + m]; the caller's array. Sorts a copy of each cell: O(cells * replicates log replicates). */
int ouro_summarise(const ouro_results *r, ouro_summary *out, ouro_error *e) OURO_CHECKED;

#endif
