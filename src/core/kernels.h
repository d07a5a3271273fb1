/* kernels.h: the loops that time is spent in, out of line so that each exists once per instruction set.
 *
 * Promise: the bits of every result are the same for AVX-512, AVX2 and plain x86-64 code, gcc and clang, since each
 * kernel works in 8 logical lanes with one order of reduction, its own polynomials and explicit fma (see lanes.h).
 * Arrays need no alignment. Nothing here allocates or fails.                                                      */
#ifndef OURO_CORE_KERNELS_H
#define OURO_CORE_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/* Random blocks: 8 consecutive counters (c0 + 8 b .. c0 + 8 b + 7, c1) under `key` give the 16 values of block b,
 * x[16 b .. 16 b + 15]. With (w0, w1) the two words of lane i of a block:
 *   words         x[2 i] = w0, x[2 i + 1] = w1: plain counter order
 *   uniforms      x[i] from w0, x[8 + i] from w1: odd multiples of 2^-53, so never 0 or 1
 *   exponentials  -log of these uniforms
 *   normals       Box-Muller pair: x[i] = r cos(angle), x[8 + i] = r sin(angle)
 * O(blocks); normals about 1 ns each with AVX-512.                                                                 */
void ouro_kernel_words(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, uint64_t *x);
void ouro_kernel_uniforms(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x);
void ouro_kernel_exponentials(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x);
void ouro_kernel_normals(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x);

/* The first two normals of each of four streams whose c1 differ by 2^32 (consecutive generations): x[2 g], x[2 g + 1]
 * equal x[0], x[1] of ouro_kernel_normals(key, c0, c1 + g 2^32, ...). One block's time for four generations. O(1). */
void ouro_kernel_normals_ahead(const uint64_t key[2], uint64_t c0, uint64_t c1, double *x);

/* Natural logarithm within 1 ulp: -inf at 0, NaN below, exact at 1 and +inf, subnormals included. */
double ouro_log(double x);
/* log(1 + x) within 1.5 ulp, also for tiny x: -inf at -1, NaN below. */
double ouro_log1p(double x);
/* e^x within 1.1 ulp, of its last place where the result is subnormal; 0 and inf at the ends. */
double ouro_exp(double x);

/* Mean of x[0..n) and m2 = sum of (x - mean)^2, in two passes over the differences from x[0]: equal entries give m2
 * exactly 0, and neither result loses digits when the spread is tiny beside the mean. Both 0 for n = 0. O(n).      */
void ouro_kernel_mean_m2(size_t n, const double *x, double *mean, double *m2);

/* x[i] = shift + scale x[i], rounded once. O(n). */
void ouro_kernel_affine(size_t n, double shift, double scale, double *x);

/* Largest |x[i]|, 0 for n = 0; NaN when any entry is NaN, so that it cannot hide one. O(n). */
double ouro_kernel_max_abs(size_t n, const double *x);

#endif
