/* mixture_rows.h: rows and starts for tests and benchmarks of mixtures that any language with IEEE doubles makes to the
 * last bit: sums, products and floor alone, in this order. The Python scripts beside them say the same. */
#ifndef OURO_TEST_MIXTURE_ROWS_H
#define OURO_TEST_MIXTURE_ROWS_H
#include "../src/families/gmm.h"
#include <math.h>
#include <string.h>

/* Low-discrepancy numbers: u = frac(0.5 + (i + 1) a_j), a_j = frac(0.618033988749895 (j + 1) + 0.414213562373095 j
 * j). */
static inline double mixture_fraction(double x) { return x - floor(x); }

/* Row i belongs to group i mod k. Entry j: the sum of three such numbers with offsets, centred, and 2.5 c in the
 * group's direction, then a quarter of the entry before it, so that columns are correlated. */
static inline void mixture_rows(size_t n, size_t d, size_t k, double *x) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            const double c = (double)(i % k), q = (double)j, t = (double)(i + 1);
            const double a = mixture_fraction(0.618033988749895 * (q + 1) + 0.414213562373095 * q * q);
            const double b = mixture_fraction(0.732050807568877 * (q + 1) + 0.236067977499790 * q * q);
            const double u = mixture_fraction(0.5 + t * a), v = mixture_fraction(0.25 + t * b);
            const double w = mixture_fraction(0.75 + t * (a * b));
            double value = (u + v) + w - 1.5;
            value = value * (1 + 0.125 * c) + 1.25 * (c * (mixture_fraction(0.37 * (c + 1) * (q + 1)) + 0.25));
            x[i * d + j] = j ? value + 0.25 * x[i * d + j - 1] : value;
        }
}

/* Equal weights, the first k rows as means, axes of length 1. */
static inline void mixture_start_at(const ouro_gmm_shape *s, const double *x, double *theta) {
    const int diagonal = s->type == OURO_GMM_DIAG || s->type == OURO_GMM_SPHERICAL;
    memset(theta, 0, ouro_gmm_theta_len(s) * sizeof *theta);
    for (size_t c = 0; c < s->k; c++) theta[c] = -log((double)s->k);
    memcpy(theta + s->k, x, s->k * s->d * sizeof *x);
    for (size_t f = 0; f < s->factors; f++)
        for (size_t i = 0; i < s->d; i++)
            theta[s->k + s->k * s->d + f * s->len + (diagonal ? i : i * (i + 1) / 2 + i)] = 1;
}

#endif
