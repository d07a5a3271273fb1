/* kernels.c: loops over lanes.h, compiled once per instruction set and chosen when the program starts.
 *
 * Each kernel is a static clone with its public function in front (see OURO_CLONES).                              */
#include "core/kernels.h"
#include "core/lanes.h"
#include <math.h>

/* A random block is 16 words: w0 of the 8 counters, then w1 of them. Bulk kernels work on a batch of blocks in two
 * loops, words first, because one loop over both is a single dependency chain too long for the processor to overlap
 * with the next: measured on AVX-512, 1.5 ns per normal in one loop, 1.0 in two.                                  */
enum { LANES = 8, BLOCK = 2 * LANES, BATCH = 16 };

OURO_INLINE void draw_words(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, uint64_t *w) {
    const uint64_t k0 = key[0], k1 = key[1];
    for (size_t b = 0; b < blocks; b++, c0 += LANES, w += BLOCK) {
#pragma omp simd simdlen(8)
        for (size_t i = 0; i < LANES; i++) lane_threefry(k0, k1, c0 + i, c1, &w[i], &w[LANES + i]);
    }
}

/* All four faces: draw a batch of words, then `transform` each block of them. */
#define OURO_BATCHES(transform)                                                                                        \
    while (blocks > 0) {                                                                                               \
        uint64_t w[BATCH * BLOCK];                                                                                     \
        const size_t batch = blocks < BATCH ? blocks : BATCH;                                                          \
        draw_words(key, c0, c1, batch, w);                                                                             \
        for (size_t b = 0; b < batch; b++) transform(w + b * BLOCK, x + b * BLOCK);                                    \
        blocks -= batch;                                                                                               \
        c0 += batch * LANES;                                                                                           \
        x += batch * BLOCK;                                                                                            \
    }

OURO_INLINE void block_words(const uint64_t *w, uint64_t *restrict x) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < LANES; i++) {
        x[2 * i] = w[i];
        x[2 * i + 1] = w[LANES + i];
    }
}

OURO_INLINE void block_uniforms(const uint64_t *w, double *restrict x) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < BLOCK; i++) x[i] = lane_uniform(w[i]);
}

OURO_INLINE void block_exponentials(const uint64_t *w, double *restrict x) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < BLOCK; i++) x[i] = -lane_log(lane_uniform(w[i]));
}

OURO_INLINE void block_normals(const uint64_t *w, double *restrict x) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < LANES; i++) lane_normals(w[i], w[LANES + i], &x[i], &x[LANES + i]);
}

OURO_CLONES static void ouro_clone_words(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, uint64_t *x) {
    OURO_BATCHES(block_words)
}
void ouro_kernel_words(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, uint64_t *x) {
    ouro_clone_words(key, c0, c1, blocks, x);
}

OURO_CLONES static void ouro_clone_uniforms(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x) {
    OURO_BATCHES(block_uniforms)
}
void ouro_kernel_uniforms(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x) {
    ouro_clone_uniforms(key, c0, c1, blocks, x);
}

OURO_CLONES static void ouro_clone_exponentials(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks,
                                                double *x) {
    OURO_BATCHES(block_exponentials)
}
void ouro_kernel_exponentials(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x) {
    ouro_clone_exponentials(key, c0, c1, blocks, x);
}

OURO_CLONES static void ouro_clone_normals(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x) {
    OURO_BATCHES(block_normals)
}
void ouro_kernel_normals(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x) {
    ouro_clone_normals(key, c0, c1, blocks, x);
}

/* Lane i: counter c0 + i % 2 of address c1 + (i / 2) 2^32. Only the cosines: entry i of a block is the cosine of lane i. */
OURO_CLONES static void ouro_clone_normals_ahead(const uint64_t key[2], uint64_t c0, uint64_t c1, double *x) {
    uint64_t w[2 * LANES];
    double pairs[2 * LANES];
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < LANES; i++)
        lane_threefry(key[0], key[1], c0 + i % 2, c1 + ((uint64_t)(i / 2) << 32), &w[i], &w[LANES + i]);
    block_normals(w, pairs);
    memcpy(x, pairs, LANES * sizeof *x);
}
void ouro_kernel_normals_ahead(const uint64_t key[2], uint64_t c0, uint64_t c1, double *x) {
    ouro_clone_normals_ahead(key, c0, c1, x);
}

/* lane_log for any argument. */
OURO_INLINE double log_any(double x) {
    if (x >= 0x1p-1022 && x <= 0x1.fffffffffffffp1023) return lane_log(x);
    if (x == 0) return -INFINITY;
    if (!(x > 0)) return NAN;
    if (x == INFINITY) return x;
    return lane_log(x * 0x1p54) - 54 * 0x1.62e42fefa39efp-1; /* subnormal */
}

OURO_CLONES static double ouro_clone_log(double x) { return log_any(x); }
double ouro_log(double x) { return ouro_clone_log(x); }

/* With u = 1 + x rounded, log(1 + x) = log u + log(1 + e/u), e = x - (u - 1) exactly, |e/u| <= 2^-53. */
OURO_CLONES static double ouro_clone_log1p(double x) {
    const double u = 1 + x;
    if (!(u > 0) || u == INFINITY) return log_any(u);
    return u == 1 ? x : log_any(u) + (x - (u - 1)) / u;
}
double ouro_log1p(double x) { return ouro_clone_log1p(x); }

OURO_CLONES static double ouro_clone_exp(double x) {
    uint64_t k;
    if (x >= -708 && x <= 709) {
        const double y = lane_exp(x, &k);
        return lane_scale(y, k);
    }
    if (x > 710) return INFINITY;
    if (x < -746) return 0;
    if (x != x) return x;
    /* near the ends: scaled within the normal numbers first, then by a power of two that may round or overflow */
    const double y = lane_exp(x, &k);
    return x > 0 ? lane_scale(y, k - 1) * 2 : lane_scale(y, k + 64) * 0x1p-64;
}
double ouro_exp(double x) { return ouro_clone_exp(x); }

/* lane[i] += sum over r of (x[8 r + i] - first), or with `square` of (x[8 r + i] - first - centre)^2. With a constant
 * number of rows the inner loop unrolls and the lanes stay in registers.                                          */
OURO_INLINE void add_rows(size_t rows, const double *x, double first, double *restrict lane) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < LANES; i++) {
        double sum = lane[i];
        for (size_t r = 0; r < rows; r++) sum += x[LANES * r + i] - first;
        lane[i] = sum;
    }
}

OURO_INLINE void add_squares(size_t rows, const double *x, double first, double centre, double *restrict lane) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < LANES; i++) {
        double sum = lane[i];
        for (size_t r = 0; r < rows; r++) {
            const double d = (x[LANES * r + i] - first) - centre;
            sum += d * d;
        }
        lane[i] = sum;
    }
}

/* The one order of reduction: halves onto each other. */
OURO_INLINE double total(const double *lane) {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

OURO_CLONES static void ouro_clone_mean_m2(size_t n, const double *x, double *mean, double *m2) {
    enum { ROWS = 8 };
    const double first = n > 0 ? x[0] : 0;
    double sum[LANES] = {0}, square[LANES] = {0};
    size_t i = 0;
    for (; n - i >= ROWS * LANES; i += ROWS * LANES) add_rows(ROWS, x + i, first, sum);
    for (; n - i >= LANES; i += LANES) add_rows(1, x + i, first, sum);
    for (size_t lane = 0; i < n; i++, lane++) sum[lane] += x[i] - first;
    const double centre = n > 0 ? total(sum) / (double)n : 0; /* of the differences from x[0] */
    for (i = 0; n - i >= ROWS * LANES; i += ROWS * LANES) add_squares(ROWS, x + i, first, centre, square);
    for (; n - i >= LANES; i += LANES) add_squares(1, x + i, first, centre, square);
    for (size_t lane = 0; i < n; i++, lane++) {
        const double d = (x[i] - first) - centre;
        square[lane] += d * d;
    }
    *mean = first + centre;
    *m2 = total(square);
}
void ouro_kernel_mean_m2(size_t n, const double *x, double *mean, double *m2) { ouro_clone_mean_m2(n, x, mean, m2); }

OURO_CLONES static void ouro_clone_affine(size_t n, double shift, double scale, double *x) {
#pragma omp simd simdlen(8)
    for (size_t i = 0; i < n; i++) x[i] = __builtin_fma(scale, x[i], shift);
}
void ouro_kernel_affine(size_t n, double shift, double scale, double *x) { ouro_clone_affine(n, shift, scale, x); }

/* The bits of |x| as an integer order like |x|, with NaN above all; the maximum of integers needs no fixed order. */
OURO_CLONES static double ouro_clone_max_abs(size_t n, const double *x) {
    int64_t most = 0;
#pragma omp simd reduction(max : most)
    for (size_t i = 0; i < n; i++) {
        const int64_t a = (int64_t)lane_bits(x[i]) & INT64_MAX;
        most = a > most ? a : most;
    }
    return lane_double((uint64_t)most);
}
double ouro_kernel_max_abs(size_t n, const double *x) { return ouro_clone_max_abs(n, x); }
