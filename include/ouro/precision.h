/* precision.h: run.stop, replicates until an interval is narrow enough.
 *
 * Each point decides for itself, and at checkpoints alone: after run.replicates, twice as many, four times as many, ..., and at last
 * max_replicates, from the first n replicates in order. So the number depends on the config alone, never on workers, and a run that
 * goes on further begins with the same bytes.
 *
 * The interval is that of a sample whose size was fixed beforehand. Stopping when it looks narrow makes it cover less than 95 %,
 * which it does in the limit of small half-widths (Chow and Robbins 1965, Ann. Math. Statist. 36, 457-462). Checkpoints that double keep
 * the loss small: over 3000 seeds each, with 10 to 100 replicates at first and some 300 at the end, it covers 95.0 to 95.5 % for a
 * normal mean, 93 to 94.5 % for that of a skewed column (variance_ratio of 20 points), and 92.7 to 93.3 % for its median,
 * which is bracketed by order statistics.
 * Of a few normal values the rule for heavy tails finds some decided by too few; below some 20 replicates at first that costs more of
 * them, and nothing else. */
#ifndef OURO_PRECISION_H
#define OURO_PRECISION_H
#include "ouro/run.h"

typedef enum ouro_stop_statistic { OURO_STOP_MEAN, OURO_STOP_MEDIAN } ouro_stop_statistic;
extern const char *const ouro_stop_statistic_names[]; /* ends at NULL */

typedef struct ouro_precision {
    uint64_t replicates;
    /* Of the 95 % interval, in the column's unit. Mean: Student's t with n - 1 degrees of freedom times the standard error, n being
     * values that are defined; median: half the distance of the order statistics 1.96 binomial
     * standard deviations up and down. NaN where there are too few values for one, 0 where
     * all are equal. */
    double half_width;
    int heavy; /* a few replicates decide the mean (ouro_summary_is_heavy): its interval says nothing and is never narrow enough */
    int reached; /* half_width is at most what run.stop asks for, and the interval can be believed */
} ouro_precision;

/* Of results that hold all replicates from 0 on, of an experiment with run.stop. O(replicates). OURO_ENOMEM. */
int ouro_precision_judge(const ouro_results *r, ouro_precision *out) OURO_CHECKED;

/* The checkpoint after n replicates, 0 for the first one; n itself after the last. Without run.stop the only one is run.replicates. */
uint64_t ouro_precision_checkpoint(const ouro_config *config, uint64_t n);
int ouro_precision_is_checkpoint(const ouro_config *config, uint64_t n);

/* How many replicates the point has that begins with these: r->replicates when they are all. OURO_ENOMEM. */
int ouro_precision_next(const ouro_results *r, uint64_t *next) OURO_CHECKED;

#endif
