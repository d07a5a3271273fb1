/* truth.h: what is real.
 *
 * Either a family with parameters (theta), or observations. Observations are finite: a replicate draws them without
 * replacement, the fit at t = 1 from the rows outside the reserve, anchors from the reserve; which rows are which is
 * drawn anew for every replicate. Measures compare with the empirical distribution of all observations. */
#ifndef OURO_TRUTH_H
#define OURO_TRUTH_H
#include "ouro/family.h"

/* Pairs of successive tokens as counted in a text or a table. */
#define OURO_NO_TOKEN UINT32_MAX /* occurs in the held-out part alone */
typedef struct ouro_pair_counts {
    ouro_pairs pairs;      /* those that were seen */
    const uint64_t *count; /* [pairs], at least 1 each */
    size_t held_len;
    const uint32_t (*held)[2]; /* [held_len]: pairs of the part of the text that is held out, one by one */
} ouro_pair_counts;

typedef struct ouro_truth {
    ouro_domain domain;
    ouro_family family;    /* type NULL for observed numbers; categorical for observed categories */
    const double *theta;   /* [family.theta_len], NULL when type is NULL */
    uint64_t rows;         /* observations; 0 for a parametric truth, whose supply is endless */
    uint64_t reserve;      /* of which kept for anchors */
    const double *row;     /* observed numbers, rows x dim, ascending when dim is 1 */
    const uint64_t *count; /* observed categories: [categories] */
    uint64_t held_pairs;   /* pairs of tokens held out for perplexity, */
    const uint64_t *held;  /* of each category: [categories]; the others are of no category */
    ouro_moments moments;  /* of the truth itself (observations: divided by rows) */
    size_t mean_len;
    double normal_coupling; /* observed numbers, dim 1: E[x Phi^-1(F(x))], what a normal's W2 distance needs */
    int fixed_design;       /* covariates are the same rows in every generation, rather than new ones */
    const char *source;     /* for messages: the family's name or the data file */
} ouro_truth;

static inline int ouro_truth_is_data(const ouro_truth *t) { return t->rows > 0; }

/* From a family and the params its truth table bound. Memory from `keep`. O(theta_len). */
int ouro_truth_from_family(ouro_truth *t, const ouro_family_type *type, const void *params, ouro_arena *keep,
                           ouro_error *e) OURO_CHECKED;
/* From observed numbers: row[rows x dim] (copied; sorted when dim is 1). Refuses fewer than two rows and constant
 * columns, since nothing can be measured against them. O(rows log rows). */
int ouro_truth_from_rows(ouro_truth *t, size_t rows, size_t dim, const double *row, double reserve, ouro_arena *keep,
                         ouro_error *e) OURO_CHECKED;
/* From observed category counts; `categorical` is the family that gives p = count / total its measures. */
int ouro_truth_from_counts(ouro_truth *t, const ouro_family_type *categorical, size_t categories, const uint64_t *count,
                           double reserve, ouro_arena *keep, ouro_error *e) OURO_CHECKED;

/* From counted pairs of tokens, for the family bigram. Categories are the pairs seen, or (`dense`) all pairs of tokens. */
int ouro_truth_from_pairs(ouro_truth *t, const ouro_family_type *bigram, const ouro_pair_counts *seen, int dense,
                          double reserve, ouro_arena *keep, ouro_error *e) OURO_CHECKED;

/* The low-density set of mass alpha. Symmetric unimodal families and observed numbers: outside the central 1 - alpha
 * (quantiles alpha/2 and 1 - alpha/2, type 7 for observations). Categories: the rarest whole probability levels whose
 * mass does not exceed alpha; fails with OURO_EUNDEFINED and the smallest attainable alpha when that set is empty. */
int ouro_truth_tail(const ouro_truth *t, double alpha, ouro_arena *keep, ouro_tail_set *out,
                    ouro_error *e) OURO_CHECKED;
/* in[n]: 1 for the rows x[n x dim] + origin[dim] in the set; unordered categories are not moved (origin 0). O(n dim), in
 * several dimensions what n log densities cost. OURO_ENOMEM only. */
int ouro_truth_tail_rows(const ouro_truth *t, const ouro_tail_set *a, size_t n, const double *x, const double *origin,
                         ouro_arena *tmp, unsigned char *in) OURO_CHECKED;

#endif
