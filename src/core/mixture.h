/* mixture.h: the sums over rows that a step of expectation-maximisation for Gaussian mixtures needs, and log densities.
 *
 * Per component c the rows are whitened, y = L_c^-1 (x - mean_c), and the sums taken there: N = sum r, m = sum r y and
 * S = sum r y y', r the row's weight times its responsibility. Their accuracy is then relative to the component's
 * present scale, however small beside the others and the means, and no covariance is formed or inverted.
 *
 * Rows are packed once per fit into blocks of columns (ouro_rows_pack). All sums run in eight lanes with explicit fma
 * over blocks in order, and the lanes are added in one order at the end: the same bits for AVX2 and AVX-512. */
#ifndef OURO_CORE_MIXTURE_H
#define OURO_CORE_MIXTURE_H
#include <stddef.h>

enum { OURO_ROWS_BLOCK = 128 };

/* Rows in blocks: block b holds d columns of OURO_ROWS_BLOCK entries, then as many weights; the last one is filled up
 * with rows of weight 0. */
typedef struct ouro_packed_rows {
    size_t d, blocks;
    double n, weight; /* rows packed, and the sum of their weights */
    size_t room;      /* places left in the last block, whose rows weigh `last` each */
    double last;
    double *data; /* [blocks x (d + 1) x OURO_ROWS_BLOCK] */
} ouro_packed_rows;

static inline size_t ouro_packed_blocks(size_t n) { return (n + OURO_ROWS_BLOCK - 1) / OURO_ROWS_BLOCK; }
static inline size_t ouro_packed_len(size_t blocks, size_t d) { return blocks * (d + 1) * OURO_ROWS_BLOCK; }

/* Appends n rows x[n x d] + shift[d] of one weight; room for ouro_packed_blocks(n) more blocks must be there. Rows fill
 * up the last block where they weigh as much, else they begin a new one: the sums rely on it. shift may be NULL; rows
 * of weight 0 are left out. O(n d). */
void ouro_rows_pack(ouro_packed_rows *p, size_t n, const double *x, const double *shift, double weight);

/* Components: log_weight -inf is a dead one, skipped. factor: lower triangles packed by rows, L[i(i+1)/2 + j], of the
 * covariances L L', or d standard deviations where `diagonal`; one for all where `tied`. */
typedef struct ouro_gaussians ouro_gaussians; /* also in family.h */
struct ouro_gaussians {
    size_t k, d;
    int diagonal, tied;
    const double *log_weight, *mean, *factor;
};

static inline size_t ouro_factor_len(size_t d, int diagonal) { return diagonal ? d : d * (d + 1) / 2; }

/* What one pass over the rows adds up; S like the factor (lower triangle, or diagonal alone), one for all where
 * tied. */
typedef struct ouro_mixture_sums {
    double log_likelihood; /* sum of weight log p(x) */
    double *N, *m, *S;     /* [k], [k x d], [k or 1][factor_len] */
} ouro_mixture_sums;

/* Doubles of scratch for ouro_mixture_pass. */
size_t ouro_mixture_scratch(size_t k, size_t d);
/* One pass: about n k (0.65 + 0.15 d + 0.03 d^2) ns with AVX-512. */
void ouro_mixture_pass(const ouro_gaussians *g, const ouro_packed_rows *rows, double *scratch, ouro_mixture_sums *out);

/* Log densities at rows in blocks of d columns of OURO_ROWS_BLOCK entries, x[blocks x d x OURO_ROWS_BLOCK], into
 * out[blocks x OURO_ROWS_BLOCK]; down to -1e300, and -inf when every component is dead. Living components need a volume.
 * About 0.7 / 0.8 / 1.5 / 2.7 ns per row and component at d = 1 / 2 / 5 / 10 with AVX-512. */
size_t ouro_mixture_density_scratch(size_t k, size_t d);
void ouro_mixture_log_density(const ouro_gaussians *g, size_t blocks, const double *x, double *scratch, double *out);
/* x = L z of component c over blocks as above: standard points to offsets from its mean. x and z may not overlap. */
void ouro_mixture_offsets(const ouro_gaussians *g, size_t c, size_t blocks, const double *z, double *x);

#endif
