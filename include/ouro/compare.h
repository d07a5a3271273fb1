/* compare.h: how points differ, of one run or of several, with standard errors of the differences themselves.
 *
 * Two points that draw from the same random numbers (one seed, one stream: sweep "common_random_numbers", or runs of the same
 * seed) are compared replicate by replicate: the error of the mean difference is then smaller than that of independent
 * runs, by sqrt(1 - correlation) where both spread alike. Others are compared by Welch's test. Written as CSV:
 *
 *   generation,measure   of the rows compared
 *   a,b                  baseline and other point: its number, or DIR:number when several runs are compared
 *   n                    pairs; unpaired: values of both sides together
 *   difference,se        mean of b - a, and its standard error
 *   z                    difference / se; empty where all differ alike, but for rounding
 *   paired               1 or 0
 *   correlation          Pearson's, between the pairs; empty when unpaired
 *   median               of the paired differences; empty when unpaired
 *   low,high             95 % interval of the difference, from Student's t with n - 1 degrees of freedom, or Welch's
 *   a_q05,a_median,a_q95,b_q05,b_median,b_q95   over the replicates of each side
 *   a_setting,b_setting  swept fields of the points, PATH=VALUE separated by semicolons
 *
 * Values that are not defined are left out, pairs where the difference is not (infinite on both sides) likewise. */
#ifndef OURO_COMPARE_H
#define OURO_COMPARE_H
#include "ouro/error.h"
#include <stddef.h>
#include <stdio.h>

typedef struct ouro_compare_options {
    const char *measure;    /* NULL: all that the baseline's run has */
    const char *generation; /* numbers separated by commas; NULL: the last that all points have */
    const char *baseline;   /* label of a point, as in column a; NULL: the first */
} ouro_compare_options;

typedef struct ouro_compared {
    size_t paired, unpaired; /* points compared with the baseline */
} ouro_compared;

/* Reads trajectories.csv of the run directories once, and once more up to the baseline; keeps the chosen cells of two points in
 * memory. OURO_ECONFIG: no run directory, one without rows, or what was asked for is not there; OURO_ECHECK: a table is
 * damaged; OURO_EIO, OURO_ENOMEM. */
int ouro_compare(size_t len, const char *const *dirs, const ouro_compare_options *o, FILE *to, ouro_compared *out,
                 ouro_error *e) OURO_CHECKED;

/* The statistics of one row, exported for those who have the values: a[0..na), b[0..nb), NaN where not defined. */
typedef struct ouro_difference {
    size_t n;
    double difference, se, z, correlation, median, low, high; /* NaN where there is none */
    double a[3], b[3];                                        /* quantiles 5, 50, 95 % */
} ouro_difference;
int ouro_compare_values(size_t na, const double *a, size_t nb, const double *b, int paired,
                        ouro_difference *out) OURO_CHECKED; /* OURO_ENOMEM */

#endif
