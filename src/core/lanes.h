/* lanes.h: what one SIMD lane of a kernel computes: Threefry, log, exp, sin and cos, uniforms from bits.
 *
 * Every function is a straight line over one 64-bit lane: no branch, no table, no library call except the correctly
 * rounded sqrt and fma. A loop over lanes therefore vectorises whole, and its bits do not depend on vector width,
 * instruction set or compiler (given -ffp-contract=off). Choices are bit masks, since gcc 12 may turn
 * `?:` back into a branch when a caller inlines it.
 *
 * The polynomials were fitted for this file (Remez exchange, 300 bits); each says its own relative error bound.   */
#ifndef OURO_CORE_LANES_H
#define OURO_CORE_LANES_H
#include <stdint.h>
#include <stdlib.h> /* defines __GLIBC__ where it is glibc */
#include <string.h>

#define OURO_INLINE static inline __attribute__((always_inline))

/* OURO_CLONES compiles a function once per instruction set and chooses when the program starts. It needs ifunc, which
 * glibc on ELF has. The resolvers run before a sanitizer has set up its shadow memory, so an instrumented build has
 * to do with the baseline code: the same bits, slower. A cloned function must be static, with a plain public one in
 * front of it, since clang 14 gives a public clone a name that other files do not find; and still have a name of its
 * own that starts with ouro_, since clang exports the resolver.                                                   */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define OURO_NO_CLONES 1
#endif
#endif
#if defined(__x86_64__) && defined(__ELF__) && defined(__GLIBC__) && !defined(OURO_NO_CLONES) &&                       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__clang__) /* 14 compiles the names of levels but never chooses them: features instead */
#define OURO_CLONES __attribute__((target_clones("avx512dq", "fma", "default")))
#else
#define OURO_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#else
#define OURO_CLONES
#endif

/* `#pragma omp simd` needs -fopenmp-simd and an optimising build; without, loops are only slow: no reason to warn. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

OURO_INLINE double lane_double(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

OURO_INLINE uint64_t lane_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

OURO_INLINE uint64_t lane_rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

/* Threefry2x64-20 (Salmon et al. 2011, section 4.2 and table 2 for the rotations): 20 rounds of add, rotate, xor, and
 * after every fourth the next two of the three key words and the number of that injection.                        */
OURO_INLINE void lane_threefry(uint64_t k0, uint64_t k1, uint64_t c0, uint64_t c1, uint64_t *w0, uint64_t *w1) {
    const uint64_t k2 = UINT64_C(0x1BD11BDAA9FC1A22) ^ k0 ^ k1; /* parity word of the Skein key schedule */
    uint64_t x = c0 + k0, y = c1 + k1;
#define OURO_ROUND(by) (x += y, y = lane_rotate(y, by) ^ x)
#define OURO_FOUR_EVEN (OURO_ROUND(16), OURO_ROUND(42), OURO_ROUND(12), OURO_ROUND(31))
#define OURO_FOUR_ODD (OURO_ROUND(16), OURO_ROUND(32), OURO_ROUND(24), OURO_ROUND(21))
    OURO_FOUR_EVEN, x += k1, y += k2 + 1;
    OURO_FOUR_ODD, x += k2, y += k0 + 2;
    OURO_FOUR_EVEN, x += k0, y += k1 + 3;
    OURO_FOUR_ODD, x += k1, y += k2 + 4;
    OURO_FOUR_EVEN, x += k2, y += k0 + 5;
#undef OURO_ROUND
#undef OURO_FOUR_EVEN
#undef OURO_FOUR_ODD
    *w0 = x;
    *w1 = y;
}

/* (2k + 1) 2^-53 from the upper 52 bits k: every value exact, symmetric about 1/2, never 0 or 1. The bits become the
 * fraction of a number in [1, 2), which unlike an integer conversion exists on every instruction set.              */
OURO_INLINE double lane_uniform(uint64_t w) {
    return lane_double(w >> 12 | UINT64_C(0x3ff0000000000000)) - (1 - 0x1p-53);
}

/* log(x) for a normal, positive, finite x; within 1 ulp. x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); with
 * s = f / (2 + f): log(1 + f) = 2 atanh(s) = 2 s + s R, R = s^2 L(s^2), L within 2^-59 of the result. Written as
 * 2 s = f - (f^2/2 - s f^2/2), the sum starts with f, which is exact (the arrangement of Ng's log in fdlibm).      */
OURO_INLINE double lane_log(double x) {
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd), fraction = UINT64_C(0x000fffffffffffff);
    const uint64_t t = lane_bits(x) + (UINT64_C(0x3ff0000000000000) - root_half);
    /* the exponent as the low bits of 2^52 + (k + 1023) */
    const double k = lane_double(t >> 52 | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
    const double f = lane_double((t & fraction) + root_half) - 1;
    const double s = f / (2 + f), z = s * s, half_square = 0.5 * f * f;
    double l = 0x1.2f095db213482p-3;
    l = __builtin_fma(l, z, 0x1.39a16812df08bp-3);
    l = __builtin_fma(l, z, 0x1.7466414a24f43p-3);
    l = __builtin_fma(l, z, 0x1.c71c5202886ccp-3);
    l = __builtin_fma(l, z, 0x1.24924941f224ep-2);
    l = __builtin_fma(l, z, 0x1.999999997fe5dp-2);
    l = __builtin_fma(l, z, 0x1.5555555555592p-1);
    /* log 2 = hi + lo, hi with 42 bits so that k hi is exact */
    const double hi = 0x1.62e42fefa3800p-1, lo = 0x1.ef35793c76730p-45;
    const double rest = __builtin_fma(s, __builtin_fma(z, l, half_square), k * lo);
    return __builtin_fma(k, hi, f - (half_square - rest));
}

/* exp(x) = y 2^k for |x| < 2^20: y in [0.7, 1.42], within 1.1 ulp; the low 12 bits of *k are k in two's complement.
 * x = k log 2 + r, |r| <= log(2)/2; exp(r) = 1 + r + r^2 E(r), E within 2^-57 of the result. Adding 1.5 2^52 rounds
 * to the nearest integer and leaves it in the low bits.                                                           */
OURO_INLINE double lane_exp(double x, uint64_t *k) {
    const double shifter = 0x1.8p52, hi = 0x1.62e42fefa3800p-1, lo = 0x1.ef35793c76730p-45;
    const double shifted = __builtin_fma(x, 0x1.71547652b82fep+0, shifter), turns = shifted - shifter;
    const double r = __builtin_fma(-turns, lo, __builtin_fma(-turns, hi, x));
    double e = 0x1.ad7e9229efba1p-26;
    e = __builtin_fma(e, r, 0x1.28adb41c25d47p-22);
    e = __builtin_fma(e, r, 0x1.71df265484c4fp-19);
    e = __builtin_fma(e, r, 0x1.a01999ce3c44dp-16);
    e = __builtin_fma(e, r, 0x1.a01a0129b4dcbp-13);
    e = __builtin_fma(e, r, 0x1.6c16c1843cfffp-10);
    e = __builtin_fma(e, r, 0x1.1111111127e35p-7);
    e = __builtin_fma(e, r, 0x1.555555555083fp-5);
    e = __builtin_fma(e, r, 0x1.55555555554f9p-3);
    e = __builtin_fma(e, r, 0x1.000000000000ap-1);
    *k = lane_bits(shifted);
    return 1 + __builtin_fma(r * r, e, r);
}

/* y 2^k, the low 12 bits of k counting; y normal and the result normal. */
OURO_INLINE double lane_scale(double y, uint64_t k) { return lane_double(lane_bits(y) + (k << 52)); }

/* sin and cos of (pi/2) f for |f| <= 1/2, that is up to an eighth of a turn; within 1.1 ulp each.
 * sin = f S(f^2), S within 2^-58 relative; the leading pi/2 is carried in two parts. cos = 1 + f^2 C(f^2).        */
OURO_INLINE void lane_sincos(double f, double *sine, double *cosine) {
    const double z = f * f;
    double s = 0x1.e3ee525ce157bp-25;
    s = __builtin_fma(s, z, -0x1.e3006234eff36p-19);
    s = __builtin_fma(s, z, 0x1.50782fc8c317ap-13);
    s = __builtin_fma(s, z, -0x1.32d2cce2d3d6ep-8);
    s = __builtin_fma(s, z, 0x1.466bc677586edp-4);
    s = __builtin_fma(s, z, -0x1.4abbce625be41p-1);
    s = __builtin_fma(s, z, 0x1.02530170eacc7p-54);
    *sine = __builtin_fma(f, 0x1.921fb54442d18p+0, f * s);
    double c = -0x1.b26fcd7242e0fp-28;
    c = __builtin_fma(c, z, 0x1.f9cc6a9fc5353p-22);
    c = __builtin_fma(c, z, -0x1.a6d1ecb742de9p-16);
    c = __builtin_fma(c, z, 0x1.e1f50683b4986p-11);
    c = __builtin_fma(c, z, -0x1.55d3c7e3c95c6p-6);
    c = __builtin_fma(c, z, 0x1.03c1f081b5ab0p-2);
    c = __builtin_fma(c, z, -0x1.3bd3cc9be45dep+0);
    *cosine = __builtin_fma(c, z, 1.0);
}

/* Two independent standard normals from two words (Box and Muller 1958): radius sqrt(-2 log u), u from w0; of w1 two
 * bits choose one of four quarter turns and the next 52 the angle within it, symmetric about its middle, so that no
 * argument reduction can round. (x, y) = (+-cos, sin) or (sin, +-cos): bit 63 is the sign, bit 62 the swap.        */
OURO_INLINE void lane_normals(uint64_t w0, uint64_t w1, double *x, double *y) {
    const double radius = __builtin_sqrt(-2 * lane_log(lane_uniform(w0)));
    double s, c;
    lane_sincos(lane_uniform(w1 << 2) - 0.5, &s, &c);
    const uint64_t sine = lane_bits(s), cosine = lane_bits(c) ^ (w1 & UINT64_C(0x8000000000000000));
    const uint64_t swap = (sine ^ cosine) & (0 - (w1 >> 62 & 1));
    *x = radius * lane_double(cosine ^ swap);
    *y = radius * lane_double(sine ^ swap);
}

#endif
