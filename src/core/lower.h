/* lower.h: small dense algebra on lower triangles packed by rows, A[i(i+1)/2 + j], for fits that repeat it at every
 * step.
 *
 * Every inner loop runs along a row, entry by entry in one order with explicit fma, so that it is vectorised whole and
 * gives the same bits for every vector width. triangular.h is the careful relative of it, for collapsing chains. */
#ifndef OURO_CORE_LOWER_H
#define OURO_CORE_LOWER_H
#include <stddef.h>

static inline size_t ouro_lower_at(size_t i, size_t j) { return i * (i + 1) / 2 + j; }
static inline size_t ouro_lower_len(size_t d) { return d * (d + 1) / 2; }

/* Doubles of scratch for each of the functions; Cholesky needs 2 d alone. */
static inline size_t ouro_lower_scratch(size_t d) { return 2 * d * d + 2 * d; }

/* A becomes its Cholesky factor. 0, A being of no use, when a pivot is no more than rounding leaves of a zero.
 * O(d^3). */
int ouro_lower_cholesky(size_t d, double *A, double *scratch);

/* C becomes L C, both lower triangular. O(d^3). */
void ouro_lower_product(size_t d, const double *L, double *C);

/* C becomes L^-1 C, both lower triangular. O(d^3). */
void ouro_lower_solve(size_t d, const double *L, double *C);

/* The symmetric M, of which the lower triangle is kept, becomes L M L'. O(d^3). */
void ouro_lower_sandwich(size_t d, const double *L, double *M, double *scratch);

#endif
