/* lower.c: Cholesky factors and products of lower triangles packed by rows. */
#include "core/lower.h"
#include "core/lanes.h"
#include <float.h>

/* y[0..n) += a x[0..n) */
OURO_INLINE void add(size_t n, double a, const double *restrict x, double *restrict y) {
#pragma omp simd
    for (size_t j = 0; j < n; j++) y[j] = __builtin_fma(a, x[j], y[j]);
}

/* Column by column; what is right of and below a pivot loses its outer product at once. */
OURO_CLONES static int ouro_clone_cholesky(size_t d, double *A, double *column, double *whole) {
    for (size_t i = 0; i < d; i++) whole[i] = A[ouro_lower_at(i, i)];
    for (size_t j = 0; j < d; j++) {
        const double pivot = A[ouro_lower_at(j, j)];
        if (!(pivot > 4 * DBL_EPSILON * (double)d * whole[j])) return 0;
        const double root = __builtin_sqrt(pivot);
        A[ouro_lower_at(j, j)] = root;
        for (size_t i = j + 1; i < d; i++) column[i] = A[ouro_lower_at(i, j)] /= root;
        for (size_t i = j + 1; i < d; i++) add(i - j, -column[i], column + j + 1, A + ouro_lower_at(i, j + 1));
    }
    return 1;
}
int ouro_lower_cholesky(size_t d, double *A, double *scratch) {
    return ouro_clone_cholesky(d, A, scratch, scratch + d);
}

OURO_CLONES static void ouro_clone_product(size_t d, const double *L, double *C) {
    for (size_t i = d; i-- > 0;) {
        double *row = C + ouro_lower_at(i, 0);
        for (size_t j = 0; j <= i; j++) row[j] *= L[ouro_lower_at(i, i)];
        for (size_t l = 0; l < i; l++) add(l + 1, L[ouro_lower_at(i, l)], C + ouro_lower_at(l, 0), row);
    }
}
void ouro_lower_product(size_t d, const double *L, double *C) { ouro_clone_product(d, L, C); }

OURO_CLONES static void ouro_clone_solve(size_t d, const double *L, double *C) {
    for (size_t i = 0; i < d; i++) {
        double *row = C + ouro_lower_at(i, 0);
        for (size_t l = 0; l < i; l++) add(l + 1, -L[ouro_lower_at(i, l)], C + ouro_lower_at(l, 0), row);
        for (size_t j = 0; j <= i; j++) row[j] /= L[ouro_lower_at(i, i)];
    }
}
void ouro_lower_solve(size_t d, const double *L, double *C) { ouro_clone_solve(d, L, C); }

/* With all of M in rows and the columns of L in rows: T = L M row by row, then T L'. */
OURO_CLONES static void ouro_clone_sandwich(size_t d, const double *L, double *M, double *all, double *turned,
                                            double *T) {
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            all[i * d + j] = all[j * d + i] = M[ouro_lower_at(i, j)];
            turned[j * d + i] = L[ouro_lower_at(i, j)];
        }
    for (size_t i = 0; i < d; i++) {
        double *row = M + ouro_lower_at(i, 0);
        for (size_t j = 0; j < d; j++) T[j] = 0;
        for (size_t l = 0; l <= i; l++) add(d, L[ouro_lower_at(i, l)], all + l * d, T);
        for (size_t j = 0; j <= i; j++) row[j] = 0;
        for (size_t l = 0; l <= i; l++) add(i + 1 - l, T[l], turned + l * d + l, row + l);
    }
}
void ouro_lower_sandwich(size_t d, const double *L, double *M, double *scratch) {
    ouro_clone_sandwich(d, L, M, scratch, scratch + d * d, scratch + 2 * d * d);
}
