/* fit.h: goodness-of-fit statistics for tests of random numbers.
 *
 * A test compares its statistic with FIT_Z or FIT_KS. Under a right law either comparison fails with probability
 * below 1e-6 per seed; seeds are fixed, so a test that passes once passes always. A test of m comparisons would have
 * failed on its first run with probability below m 1e-6. No seed was chosen for its result.                              */
#ifndef OURO_TEST_FIT_H
#define OURO_TEST_FIT_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define FIT_Z 5.0  /* |standard normal| beyond: 5.7e-7                      */
#define FIT_KS 2.8 /* Kolmogorov limit, 2 exp(-2 c^2): 3.1e-7               */

static inline int fit_order(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) sup |F_n - F| of x[0..n), which is sorted on the way; cdf(x, p) is F. O(n log n). */
static inline double fit_ks(size_t n, double *x, double (*cdf)(double x, double p), double p) {
    double worst = 0;
    qsort(x, n, sizeof *x, fit_order);
    for (size_t i = 0; i < n; i++) {
        const double f = cdf(x[i], p);
        worst = fmax(worst, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return sqrt((double)n) * worst;
}

/* Pearson's chi-squared of counts against expectations as a standard normal (Wilson and Hilferty's cube root); both a
 * bad and a suspiciously good fit are far from 0. Neighbouring bins are merged until 20 are expected.              */
static inline double fit_chi2(size_t bins, const double *expected, const uint64_t *seen) {
    double chi2 = 0, df = -1, e = 0, s = 0, left = 0;
    for (size_t i = 0; i < bins; i++) left += expected[i];
    for (size_t i = 0; i < bins; i++) {
        e += expected[i];
        s += (double)seen[i];
        left -= expected[i];
        if (e < 20 || (left < 20 && i + 1 < bins)) continue;
        chi2 += (s - e) * (s - e) / e;
        df++;
        e = s = 0;
    }
    if (df < 1) /* nothing to compare */
        return INFINITY;
    return (cbrt(chi2 / df) - (1 - 2 / (9 * df))) / sqrt(2 / (9 * df));
}

/* z of a sample mean against its expectation, `variance` being that of one value. */
static inline double fit_mean_z(size_t n, const double *x, double mean, double variance) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] - mean;
    return sum / sqrt((double)n * variance);
}

/* z of the mean squared deviation from a known mean; fourth = E (x - mean)^4. */
static inline double fit_variance_z(size_t n, const double *x, double mean, double variance, double fourth) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean) - variance;
    return sum / sqrt((double)n * (fourth - variance * variance));
}

/* FNV-1a over the bytes of doubles: golden values pin the bits for every machine and compiler. */
static inline uint64_t fit_hash(size_t n, const double *x) {
    const unsigned char *byte = (const unsigned char *)x;
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < n * sizeof *x; i++) h = (h ^ byte[i]) * UINT64_C(1099511628211);
    return h;
}

#endif
