/* triangular.h: square roots of covariance matrices. Sigma = L L' is kept as L and never formed, so that directions which
 * have collapsed beside others lose no digits and nothing underflows.
 *
 * L is lower triangular with a diagonal >= 0, d(d+1)/2 numbers packed by columns: column k has the d - k entries from
 * the diagonal down, and stands for those numbers times 2^exponent[k]. Exponents are whole numbers, 0 while the largest
 * entry of the column lies in [2^-301, 2^300), and that entry's own binary exponent beyond. Where the diagonal is
 * zero its column is, with exponent 0. All loops have one order and no fused operations: the same bits on every machine. */
#ifndef OURO_CORE_TRIANGULAR_H
#define OURO_CORE_TRIANGULAR_H
#include <stddef.h>

enum { OURO_TRIANGLE_MOST = 200, OURO_TRIANGLE_BLOCK = 32 }; /* largest d; most rows absorbed in one call */

static inline size_t ouro_triangle_len(size_t d) { return d * (d + 1) / 2; }
static inline size_t ouro_triangle_at(size_t d, size_t k) { return k * (2 * d - k + 1) / 2; } /* of column k */

/* Restores what is said of the exponent above for one column of `len` entries. O(len). */
void ouro_triangle_settle(size_t len, double *exponent, double *column);

/* Multiplies L by a number > 0. O(d^2). */
void ouro_triangle_scale(size_t d, double by, double *exponent, double *L);

/* Column k of L becomes sum_{j >= k} b[j] L_j. For k = 0, 1, ... in turn this is L B in place, column k of the lower
 * triangular B being b[k..d). O(d (d - k)). */
void ouro_triangle_combine(size_t d, size_t k, const double *b, double *exponent, double *L);

/* L L' becomes L L' + sum_i x_i x_i' over m <= OURO_TRIANGLE_BLOCK rows x_i = 2^unit[i] X[i d .. i d + d), zero before
 * entry `from`, by Householder reflections; X is destroyed. Columns of L that
 * are not zero become at most m more. Backward stable row by row of L, whatever the scales. O(m d^2). */
void ouro_triangle_absorb(size_t d, double *exponent, double *L, size_t m, const double *unit, double *X, size_t from);

/* L L' = sum of (x_i - mean)(x_i - mean)' over the n rows x[n d], and their mean; n equal rows give L = 0, fewer than
 * d + 1 rows a rank of n - 1 at most. O(n d^2). */
void ouro_triangle_of_rows(size_t n, size_t d, const double *x, double *mean, double *exponent, double *L);

/* L L' += sum of x_i x_i' over the n rows x[n d]. O(n d^2). */
void ouro_triangle_add_rows(size_t n, size_t d, const double *x, double *exponent, double *L);

/* L L' += by^2 S S', `unit` the exponents of S. O(d^3). */
void ouro_triangle_add(size_t d, double by, const double *unit, const double *S, double *exponent, double *L);

/* y becomes x of L x = 2^unit y, L not singular and y zero before entry `from`. Returns 0, y being of no use, when an
 * entry of x is beyond the doubles. O(d^2). */
int ouro_triangle_solve(size_t d, const double *exponent, const double *L, size_t from, double unit, double *y);

/* Logarithm of the diagonal's product, -inf when L is singular; uses the logarithm of libm: for measures. O(d). */
double ouro_triangle_log_diagonal(size_t d, const double *exponent, const double *L);
/* Sum of all squares of entries as mantissa * 2^(2 unit): *unit is the largest exponent in use. O(d^2). */
double ouro_triangle_squares(size_t d, const double *exponent, const double *L, double *unit);

/* The principal axes of L L': work[k d .. k d + d) times 2^unit[k] are orthogonal, in no order, and the sum of their outer
 * products is L L', so that their squared lengths are its eigenvalues and zeros those of a singular one. One-sided Jacobi
 * rotations, which keep the digits of small axes that stand in columns of their own (Demmel and Veselic 1992); work[d * d],
 * unit[d]. O(d^3) a sweep, about ten of them. */
void ouro_triangle_axes(size_t d, const double *exponent, const double *L, double *work, double *unit);
/* Logarithms of the eigenvalues of L L', largest first, -inf for those of a singular one, from its axes. work[d * d]; uses
 * the logarithm of libm: for measures. */
void ouro_triangle_log_eigenvalues(size_t d, const double *exponent, const double *L, double *work, double *out);

#endif
