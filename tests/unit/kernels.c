/* kernels.c: own log, log1p and exp against exact values and libm; sums, maxima and their fixed order. */
#include "core/kernels.h"
#include "core/lanes.h"
#include "fit.h"
#include "harness.h"

enum { MANY = 1 << 16 };
static double x[MANY], y[MANY];
static const uint64_t key[2] = {UINT64_C(0x123456789abcdef), 42};

/* How many doubles apart: 0 the same, 1 neighbours. Of one sign or zero. */
static double steps(double a, double b) {
    if (a == b) return 0;
    if (!(a * b >= 0) && !(isinf(a) && isinf(b))) return INFINITY;
    return fabs((double)(int64_t)(lane_bits(fabs(a)) - lane_bits(fabs(b))));
}

typedef struct reference {
    double x, value;
} reference;

/* correctly rounded from 400 bits */
static const reference log_values[] = {
    {0x0.0000000000001p-1022, -0x1.74385446d71c3p+9}, {0x0.0180000000000p-1022, -0x1.64c49fefb1953p+9},
    {0x1.23456789abcdfp-700, -0x1.e512ee583676ep+8},  {0x1.fffffffffffffp-2, -0x1.62e42fefa39f0p-1},
    {0x1.6a09e667f3bccp-1, -0x1.62e42fefa39f1p-2},    {0x1.6a09e667f3bcdp-1, -0x1.62e42fefa39eep-2},
    {0x1.fffffffffffffp-1, -0x1.0000000000000p-53},   {0x1.0000000000001p+0, 0x1.fffffffffffffp-53},
    {0x1.3000000000000p+0, 0x1.5ff3070a793d4p-3},     {0x1.6a09e667f3bcdp+0, 0x1.62e42fefa39f0p-2},
    {0x1.8000000000000p+1, 0x1.193ea7aad030bp+0},     {0x1.921fb54442d18p+9, 0x1.ac2771134225ep+2},
    {0x1.fffffffffffffp+1023, 0x1.62e42fefa39efp+9}};
static const reference exp_values[] = {
    {-0x1.74385446d71c3p+9, 0x0.0000000000001p-1022}, {-0x1.6000000000000p+9, 0x1.44a3824e5285fp-1016},
    {-0x1.6200000000000p+9, 0x1.7c8ab2288c9abp-1022}, {-0x1.3b00000000000p+3, 0x1.bd3fe98d5b07cp-15},
    {-0x1.8000000000000p+0, 0x1.c8f87724b5c1dp-3},    {-0x1.0000000000000p-30, 0x1.fffffff800000p-1},
    {0x1.2300000000000p-60, 0x1.0000000000000p+0},    {0x1.62e42fefa39efp-2, 0x1.6a09e667f3bccp+0},
    {0x1.62e42fefa39f0p-1, 0x1.0000000000000p+1},     {0x1.0000000000000p+0, 0x1.5bf0a8b145769p+1},
    {0x1.8000000000000p+3, 0x1.3de1654d37c9ap+17},    {0x1.2345000000000p+8, 0x1.28c036f4b895fp+420},
    {0x1.6280000000000p+9, 0x1.d422d2be5dc9bp+1022},  {0x1.62e42fefa39efp+9, 0x1.fffffffffff2ap+1023}};
static const reference log1p_values[] = {
    {-0x1.fffffffffffffp-1, -0x1.25e4f7b2737fap+5},   {-0x1.8000000000000p-1, -0x1.62e42fefa39efp+0},
    {-0x1.3000000000000p-2, -0x1.68ac83e9c6a14p-2},   {-0x1.2345600000000p-27, -0x1.23456014b66cbp-27},
    {-0x1.8000000000000p-54, -0x1.8000000000000p-54}, {-0x0.0000000000001p-1022, -0x0.0000000000001p-1022},
    {0x1.3000000000000p-200, 0x1.3000000000000p-200}, {0x1.fffffffffffffp-54, 0x1.fffffffffffffp-54},
    {0x1.7777700000000p-20, 0x1.77775eca87fe7p-20},   {0x1.5000000000000p-3, 0x1.371fc201e8f74p-3},
    {0x1.0000000000000p+0, 0x1.62e42fefa39efp-1},     {0x1.2300000000000p+60, 0x1.4dbc5e41d60aap+5},
    {0x1.fffffffffffffp+1023, 0x1.62e42fefa39efp+9}};

static void check_values(double (*f)(double), size_t len, const reference *values) {
    for (size_t i = 0; i < len; i++) CHECK_CLOSE(steps(f(values[i].x), values[i].value), 0, 0, 1);
}

#define CHECK_VALUES(f, values) check_values(f, sizeof(values) / sizeof(values)[0], values)

/* The library's function is within one step itself. */
static void check_against(double (*own)(double), double (*library)(double), double lo, double hi, double steps_off) {
    ouro_kernel_uniforms(key, 0, 0, MANY / 16, x);
    for (size_t i = 0; i < MANY; i++) {
        const double at = lo + (hi - lo) * x[i];
        CHECK_CLOSE(steps(own(at), library(at)), 0, 0, steps_off);
    }
}

TEST(kernels_log) {
    CHECK_VALUES(ouro_log, log_values);
    check_against(ouro_log, log, 0, 1, 2);
    check_against(ouro_log, log, 0.99, 1.01, 2);
    check_against(ouro_log, log, 1, 1e5, 2);
    check_against(ouro_log, log, 0, 1e-307, 2);
    CHECK_EQ(ouro_log(1), 0);
    CHECK_EQ(ouro_log(0), -INFINITY);
    CHECK_EQ(ouro_log(-0.0), -INFINITY);
    CHECK_EQ(ouro_log(INFINITY), INFINITY);
    CHECK(isnan(ouro_log(-1e-300)));
    CHECK(isnan(ouro_log(-INFINITY)));
    CHECK(isnan(ouro_log(NAN)));
}

TEST(kernels_exp) {
    CHECK_VALUES(ouro_exp, exp_values);
    check_against(ouro_exp, exp, -1, 1, 2);
    check_against(ouro_exp, exp, -745, 709.7, 2);
    check_against(ouro_exp, exp, -745.2, -708, 2);
    CHECK_EQ(ouro_exp(0), 1);
    CHECK_EQ(ouro_exp(INFINITY), INFINITY);
    CHECK_EQ(ouro_exp(-INFINITY), 0);
    CHECK_EQ(ouro_exp(709.79), INFINITY);
    CHECK_EQ(ouro_exp(1e308), INFINITY);
    CHECK_EQ(ouro_exp(-745.2), 0);
    CHECK_EQ(ouro_exp(-1e308), 0);
    CHECK(isnan(ouro_exp(NAN)));
}

TEST(kernels_log1p) {
    CHECK_VALUES(ouro_log1p, log1p_values);
    check_against(ouro_log1p, log1p, -1, 1, 3);
    check_against(ouro_log1p, log1p, -1e-9, 1e-9, 3);
    check_against(ouro_log1p, log1p, 0, 1e9, 3);
    CHECK_EQ(ouro_log1p(0), 0);
    CHECK(signbit(ouro_log1p(-0.0)));
    CHECK_EQ(ouro_log1p(-1), -INFINITY);
    CHECK_EQ(ouro_log1p(INFINITY), INFINITY);
    CHECK(isnan(ouro_log1p(-1.5)));
    CHECK(isnan(ouro_log1p(NAN)));
}

/* 1 ... n shifted and scaled by powers of two: every step of the sum is exact, whatever its order. */
TEST(kernels_mean_m2_exact) {
    for (size_t n = 0; n <= 300; n++) {
        double mean = -1, m2 = -1;
        const double size = (double)n;
        for (size_t i = 0; i < n; i++) x[i + 1] = 0x1p30 + (double)(i + 1) * 0x1p-20;
        ouro_kernel_mean_m2(n, x + 1, &mean, &m2);
        CHECK_EQ(mean, n == 0 ? 0 : 0x1p30 + (size + 1) * 0x1p-21);
        CHECK_CLOSE(m2, size * (size * size - 1) / 12 * 0x1p-40, 1e-15, 0);
    }
}

TEST(kernels_mean_m2_of_equal_entries_is_zero) {
    for (size_t n = 1; n < 200; n += 3) {
        double mean, m2;
        for (size_t i = 0; i < n; i++) x[i] = 0.1;
        ouro_kernel_mean_m2(n, x, &mean, &m2);
        CHECK_EQ(mean, 0.1);
        CHECK_EQ(m2, 0);
    }
}

/* A spread 1e-9 of the mean: the sums of the differences from 1, which are exact, tell what is right. */
TEST(kernels_mean_m2_keeps_small_spread) {
    double mean, m2, exact_mean, exact_m2;
    ouro_kernel_normals(key, 0, 1, MANY / 16, x);
    for (size_t i = 0; i < MANY; i++) {
        x[i] = 1 + 1e-9 * x[i];
        y[i] = x[i] - 1;
    }
    ouro_kernel_mean_m2(MANY, x, &mean, &m2);
    ouro_kernel_mean_m2(MANY, y, &exact_mean, &exact_m2);
    CHECK_CLOSE(m2, exact_m2, 1e-12, 0);
    CHECK_CLOSE(mean - 1, exact_mean, 0, 0x1p-53);
    CHECK_CLOSE(m2 / MANY, 1e-18, 5 * sqrt(2.0 / MANY), 0); /* 5 sd of a sample variance */
}

TEST(kernels_mean_m2_golden_bits) {
    double out[2 * 400];
    ouro_kernel_normals(key, 0, 2, 64, x);
    for (size_t n = 0; n < 400; n++) ouro_kernel_mean_m2(n, x + n % 5, &out[2 * n], &out[2 * n + 1]);
    CHECK_EQ(fit_hash(800, out), UINT64_C(0x67247861812e5753));
}

TEST(kernels_functions_golden_bits) {
    ouro_kernel_uniforms(key, 0, 3, MANY / 16, x);
    for (size_t i = 0; i < MANY; i++) y[i] = ouro_log(x[i] * 3);
    CHECK_EQ(fit_hash(MANY, y), UINT64_C(0x5340d1eeac5205ce));
    for (size_t i = 0; i < MANY; i++) y[i] = ouro_exp((x[i] - 0.5) * 1500);
    CHECK_EQ(fit_hash(MANY, y), UINT64_C(0x588a1329fd9318a7));
    for (size_t i = 0; i < MANY; i++) y[i] = ouro_log1p(2 * x[i] - 1);
    CHECK_EQ(fit_hash(MANY, y), UINT64_C(0x3ba990c9060e6d47));
}

TEST(kernels_affine) {
    for (size_t n = 0; n < 40; n++) {
        for (size_t i = 0; i < 42; i++) x[i] = 0.1 * (double)i - 1;
        ouro_kernel_affine(n, 0.7, -1.3, x + 1);
        for (size_t i = 0; i < 42; i++) {
            const double before = 0.1 * (double)i - 1;
            CHECK_EQ(x[i], i >= 1 && i <= n ? fma(-1.3, before, 0.7) : before);
        }
    }
}

TEST(kernels_max_abs) {
    CHECK_EQ(ouro_kernel_max_abs(0, NULL), 0);
    for (size_t n = 1; n < 40; n++)
        for (size_t at = 0; at < n; at++) {
            for (size_t i = 0; i < n; i++) x[i] = i % 2 != 0 ? -0.5 : 0.25;
            x[at] = -3.25;
            CHECK_EQ(ouro_kernel_max_abs(n, x), 3.25);
            x[(at + 1) % n] = -INFINITY;
            CHECK_EQ(ouro_kernel_max_abs(n, x), INFINITY);
            x[at] = -NAN;
            CHECK(isnan(ouro_kernel_max_abs(n, x)));
        }
}

TEST(kernels_words_are_in_counter_order) {
    uint64_t w[48], out[2];
    ouro_kernel_words(key, 100, 7, 3, w);
    for (uint64_t c = 0; c < 24; c++) {
        lane_threefry(key[0], key[1], 100 + c, 7, &out[0], &out[1]);
        CHECK_EQ(w[2 * c], out[0]);
        CHECK_EQ(w[2 * c + 1], out[1]);
    }
}
