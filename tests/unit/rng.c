/* rng.c: the generator's known answers, addresses, faces, and the laws of its values.
 *
 * False alarms: see fit.h; about 150 comparisons with |z| < 5 or its like, so below 2e-4 for the whole file.      */
#include "fit.h"
#include "harness.h"
#include "ouro/rng.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <stdbool.h>
#include <string.h>

enum { MANY = 1 << 19 };
static double many[MANY];

static const ouro_address somewhere = {.seed = UINT64_C(0x9d2c5680a1b2c3d4),
                                       .point = 17,
                                       .replicate = 4100000007u,
                                       .generation = 3000000019u,
                                       .purpose = OURO_FOR_POLICY,
                                       .slot = 60001};

TEST(rng_threefry_known_answers) {
    /* kat_vectors of Random123, "threefry2x64 20" */
    static const struct {
        uint64_t ctr[2], key[2], out[2];
    } cases[] = {
        {{0, 0}, {0, 0}, {UINT64_C(0xc2b6e3a8c2c69865), UINT64_C(0x6f81ed42f350084d)}},
        {{UINT64_MAX, UINT64_MAX},
         {UINT64_MAX, UINT64_MAX},
         {UINT64_C(0xe02cb7c4d95d277a), UINT64_C(0xd06633d0893b8b68)}},
        {{UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344)},
         {UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89)},
         {UINT64_C(0x263c7d30bb0f0af1), UINT64_C(0x56be8361d3311526)}},
    };
    for (size_t i = 0; i < 3; i++) {
        uint64_t out[2];
        ouro_threefry2x64(cases[i].key, cases[i].ctr, out);
        CHECK_EQ(out[0], cases[i].out[0]);
        CHECK_EQ(out[1], cases[i].out[1]);
    }
}

/* Counter `block` of a face of `somewhere`, written out from the picture in rng.h. */
static void expected_words(uint64_t face, uint64_t block, uint64_t out[2]) {
    const uint64_t key[2] = {somewhere.seed, UINT64_C(17) << 32 | 4100000007u};
    const uint64_t ctr[2] = {face << 56 | block, UINT64_C(3000000019) << 32 | UINT64_C(4) << 16 | 60001};
    ouro_threefry2x64(key, ctr, out);
}

static double expected_uniform(uint64_t word) { return ((double)(word >> 12) + 0.5) * 0x1p-52; }

TEST(rng_faces_follow_the_address) {
    ouro_stream s;
    double u[64], z[64], e[64];
    ouro_stream_open(&s, &somewhere);
    ouro_fill_uniforms(&s, 64, u);
    ouro_fill_normals(&s, 64, z);
    ouro_fill_exponentials(&s, 64, e);
    for (uint64_t c = 0; c < 32; c++) {
        const size_t at = 16 * (c / 8) + c % 8;
        uint64_t w[2];
        expected_words(0, c, w);
        CHECK_EQ(ouro_stream_word(&s), w[0]);
        CHECK_EQ(ouro_stream_word(&s), w[1]);
        expected_words(1, c, w);
        CHECK_EQ(u[at], expected_uniform(w[0]));
        CHECK_EQ(u[at + 8], expected_uniform(w[1]));
        expected_words(3, c, w);
        CHECK_CLOSE(e[at], -log(expected_uniform(w[0])), 1e-15, 0);
        CHECK_CLOSE(e[at + 8], -log(expected_uniform(w[1])), 1e-15, 0);
        expected_words(2, c, w);
        const double r = sqrt(-2 * log(expected_uniform(w[0])));
        const double angle = (expected_uniform(w[1] << 2) - 0.5) * acos(-1) / 2;
        const double cosine = (w[1] >> 63 ? -r : r) * cos(angle), sine = r * sin(angle);
        CHECK_CLOSE(z[at], w[1] >> 62 & 1 ? sine : cosine, 1e-14, 0);
        CHECK_CLOSE(z[at + 8], w[1] >> 62 & 1 ? cosine : sine, 1e-14, 0);
    }
}

TEST(rng_addresses_differ) {
    enum { FIELDS = 7 };
    ouro_address a[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) a[i] = somewhere;
    a[1].seed++, a[2].point++, a[3].replicate++, a[4].generation++, a[5].purpose = OURO_FOR_FIT, a[6].slot++;
    double first[FIELDS][3];
    uint64_t word[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        ouro_stream s;
        ouro_stream_open(&s, &a[i]);
        word[i] = ouro_stream_word(&s);
        first[i][0] = ouro_stream_uniform(&s);
        first[i][1] = ouro_stream_normal(&s);
        ouro_fill_exponentials(&s, 1, &first[i][2]);
        for (size_t j = 0; j < i; j++) {
            CHECK(word[i] != word[j]);
            for (size_t face = 0; face < 3; face++) CHECK(first[i][face] != first[j][face]);
        }
    }
}

TEST(rng_faces_do_not_shift_each_other) {
    ouro_stream alone, mixed;
    double buffer[40], x, y;
    ouro_stream_open(&alone, &somewhere);
    ouro_stream_open(&mixed, &somewhere);
    for (size_t i = 0; i < 200; i++) {
        (void)ouro_stream_word(&mixed);
        (void)ouro_stream_uniform(&mixed);
        ouro_fill_exponentials(&mixed, i % 40, buffer);
        CHECK_EQ(ouro_stream_normal(&mixed), ouro_stream_normal(&alone));
    }
    ouro_stream_open(&alone, &somewhere);
    for (size_t i = 0; i < 200; i++) (void)ouro_stream_word(&alone);
    CHECK_EQ(ouro_stream_word(&mixed), ouro_stream_word(&alone));
    for (size_t i = 0; i < 200; i++) (void)ouro_stream_uniform(&alone);
    CHECK_EQ(ouro_stream_uniform(&mixed), ouro_stream_uniform(&alone));
    for (size_t i = 0; i < 5; i++) ouro_fill_exponentials(&alone, 780, many); /* 5 (0 + 1 + ... + 39) = 3900 */
    ouro_fill_exponentials(&alone, 1, &x);
    ouro_fill_exponentials(&mixed, 1, &y);
    CHECK_EQ(x, y);
}

typedef void fill_function(ouro_stream *s, size_t n, double *x);
typedef double single_function(ouro_stream *s);

/* Reads `total` values in ragged pieces, some of them by single calls when there are any, and compares. */
static void check_cuts(fill_function *fill, single_function *single) {
    enum { TOTAL = 5000 };
    static double whole[TOTAL], pieces[TOTAL];
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    fill(&s, TOTAL, whole);
    ouro_stream_open(&s, &somewhere);
    size_t at = 0;
    for (size_t step = 0; at < TOTAL; step++) {
        size_t n = step * 7 % 53;
        n = n < TOTAL - at ? n : TOTAL - at;
        if (single != NULL && step % 3 == 2)
            for (size_t i = 0; i < n; i++) pieces[at + i] = single(&s);
        else
            fill(&s, n, pieces + at);
        at += n;
    }
    CHECK(memcmp(whole, pieces, sizeof whole) == 0);
    if (single == NULL) return;
    ouro_stream_open(&s, &somewhere);
    for (size_t i = 0; i < TOTAL; i++) pieces[i] = single(&s);
    CHECK(memcmp(whole, pieces, sizeof whole) == 0);
}

TEST(rng_fill_equals_singles) {
    check_cuts(ouro_fill_uniforms, ouro_stream_uniform);
    check_cuts(ouro_fill_normals, ouro_stream_normal);
    check_cuts(ouro_fill_exponentials, NULL);
}

TEST(rng_fill_writes_nothing_else) {
    static fill_function *const fills[] = {ouro_fill_uniforms, ouro_fill_normals, ouro_fill_exponentials};
    for (size_t f = 0; f < 3; f++)
        for (size_t n = 0; n < 70; n++) {
            double x[72];
            ouro_stream s;
            ouro_stream_open(&s, &somewhere);
            fills[f](&s, n % 9, x); /* start within a block */
            for (size_t i = 0; i < 72; i++) x[i] = -1e9;
            fills[f](&s, n, x + 1); /* and at an address that is a multiple of 8 only */
            CHECK_EQ(x[0], -1e9);
            CHECK_EQ(x[n + 1], -1e9);
            CHECK(n == 0 || x[n] != -1e9);
        }
}

TEST(rng_gsl_face) {
    ouro_stream s, words;
    ouro_stream_open(&s, &somewhere);
    ouro_stream_open(&words, &somewhere);
    CHECK_EQ(gsl_rng_min(&s.gsl), 0);
    CHECK_EQ(gsl_rng_max(&s.gsl), UINT64_MAX);
    for (int i = 0; i < 33; i++) {
        CHECK_EQ(gsl_rng_get(&s.gsl), ouro_stream_word(&words));
        CHECK_EQ(gsl_rng_uniform(&s.gsl), (double)(ouro_stream_word(&words) >> 11) * 0x1p-53);
    }
    for (int i = 0; i < 100; i++) CHECK(gsl_rng_uniform_int(&s.gsl, 7) < 7);

    gsl_rng *alone = gsl_rng_alloc(ouro_rng_threefry);
    REQUIRE(alone != NULL);
    CHECK_EQ(gsl_rng_get(alone), UINT64_C(0xc2b6e3a8c2c69865)); /* seed 0, counter 0: the first known answer */
    gsl_rng *copy = gsl_rng_clone(alone);
    REQUIRE(copy != NULL);
    CHECK_EQ(gsl_rng_get(alone), UINT64_C(0x6f81ed42f350084d));
    CHECK_EQ(gsl_rng_get(copy), UINT64_C(0x6f81ed42f350084d));
    gsl_rng_set(alone, 5);
    ouro_stream_open(&words, &(ouro_address){.seed = 5});
    for (int i = 0; i < 9; i++) CHECK_EQ(gsl_rng_get(alone), ouro_stream_word(&words));
    gsl_rng_set(copy, 5 + (UINT64_C(1) << 32)); /* all 64 bits of a seed count */
    CHECK(gsl_rng_get(copy) != gsl_rng_get(alone));
    gsl_rng_free(alone);
    gsl_rng_free(copy);
}

/* The same bits on every x86-64, by gcc and clang, vectorised or not. */
TEST(rng_golden_bits) {
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    ouro_fill_uniforms(&s, 1 << 16, many);
    CHECK_EQ(fit_hash(1 << 16, many), UINT64_C(0x07932dbe2215692a));
    ouro_fill_normals(&s, 1 << 16, many);
    CHECK_EQ(fit_hash(1 << 16, many), UINT64_C(0x6e92a3702e0fbab1));
    ouro_fill_exponentials(&s, 1 << 16, many);
    CHECK_EQ(fit_hash(1 << 16, many), UINT64_C(0x38961a72eafaba1b));
}

TEST(rng_words_are_balanced) {
    uint64_t ones[64] = {0}, same[64] = {0}, last = 0;
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    for (size_t i = 0; i < MANY; i++) {
        const uint64_t w = ouro_stream_word(&s);
        for (size_t b = 0; b < 64; b++) {
            ones[b] += w >> b & 1;
            same[b] += ~(w ^ last) >> b & 1;
        }
        last = w;
    }
    for (size_t b = 0; b < 64; b++) {
        CHECK(fabs((double)ones[b] - MANY / 2.0) < FIT_Z * sqrt(MANY / 4.0));
        CHECK(fabs((double)same[b] - MANY / 2.0) < FIT_Z * sqrt(MANY / 4.0));
    }
}

/* Correlation of values `lag` apart, as a standard normal; mean and variance of one value given. */
static double lag_z(size_t n, const double *x, size_t lag, double mean, double variance) {
    double sum = 0;
    for (size_t i = lag; i < n; i++) sum += (x[i] - mean) * (x[i - lag] - mean);
    return sum / (variance * sqrt((double)(n - lag)));
}

static void check_lags(double mean, double variance) {
    static const size_t lags[] = {1, 2, 7, 8, 9, 16};
    for (size_t i = 0; i < 6; i++) CHECK_CLOSE(lag_z(MANY, many, lags[i], mean, variance), 0, 0, FIT_Z);
}

static double uniform_cdf(double x, double p) {
    (void)p;
    return x;
}

TEST(rng_uniforms_are_uniform) {
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    ouro_fill_uniforms(&s, MANY, many);
    double expected[1024];
    uint64_t seen[1024] = {0};
    for (size_t i = 0; i < MANY; i++) {
        REQUIRE(many[i] > 0 && many[i] < 1);
        REQUIRE(fmod(many[i] * 0x1p53, 2) == 1); /* odd multiples of 2^-53 */
        seen[(size_t)(many[i] * 1024)]++;
    }
    for (size_t b = 0; b < 1024; b++) expected[b] = MANY / 1024.0;
    CHECK_CLOSE(fit_chi2(1024, expected, seen), 0, 0, FIT_Z);
    CHECK_CLOSE(fit_mean_z(MANY, many, 0.5, 1 / 12.0), 0, 0, FIT_Z);
    CHECK_CLOSE(fit_variance_z(MANY, many, 0.5, 1 / 12.0, 1 / 80.0), 0, 0, FIT_Z);
    check_lags(0.5, 1 / 12.0);
    CHECK(fit_ks(MANY, many, uniform_cdf, 0) < FIT_KS);
}

static double normal_cdf(double x, double p) {
    (void)p;
    return gsl_cdf_ugaussian_P(x);
}

TEST(rng_normals_are_normal) {
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    ouro_fill_normals(&s, MANY, many);
    CHECK_CLOSE(fit_mean_z(MANY, many, 0, 1), 0, 0, FIT_Z);
    CHECK_CLOSE(fit_variance_z(MANY, many, 0, 1, 3), 0, 0, FIT_Z);
    double cubes = 0, fourths = 0;
    for (size_t i = 0; i < MANY; i++) {
        const double square = many[i] * many[i];
        cubes += square * many[i];
        fourths += square * square - 3;
    }
    CHECK_CLOSE(cubes / sqrt(15.0 * MANY), 0, 0, FIT_Z);   /* var x^3 = 15      */
    CHECK_CLOSE(fourths / sqrt(96.0 * MANY), 0, 0, FIT_Z); /* var x^4 = 105 - 9 */
    check_lags(0, 1);
    /* bins a quarter wide from -5 to 5, the tails beyond */
    double expected[42];
    uint64_t seen[42] = {0};
    for (int b = 0; b < 42; b++) {
        const double hi = b == 41 ? INFINITY : -5 + 0.25 * b, lo = b == 0 ? -INFINITY : -5.25 + 0.25 * b;
        expected[b] = MANY * (gsl_cdf_ugaussian_P(hi) - gsl_cdf_ugaussian_P(lo));
    }
    for (size_t i = 0; i < MANY; i++) seen[many[i] < -5 ? 0 : many[i] >= 5 ? 41 : 1 + (size_t)((many[i] + 5) * 4)]++;
    CHECK_CLOSE(fit_chi2(42, expected, seen), 0, 0, FIT_Z);
    CHECK(fit_ks(MANY, many, normal_cdf, 0) < FIT_KS);
}

/* Pairs of one counter: the angle uniform over the whole turn and independent of the radius. */
TEST(rng_normal_pairs_are_round) {
    enum { ANGLES = 64, RINGS = 8 };
    double expected[ANGLES * RINGS];
    uint64_t seen[ANGLES * RINGS] = {0};
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    ouro_fill_normals(&s, MANY, many);
    for (size_t i = 0; i < MANY; i++) {
        if (i % 16 >= 8) continue;
        const double x = many[i], y = many[i + 8], turn = atan2(y, x) / (2 * acos(-1)) + 0.5;
        const double inside = -expm1(-(x * x + y * y) / 2); /* uniform when the pair is normal */
        seen[(size_t)fmin(turn * ANGLES, ANGLES - 1) * RINGS + (size_t)fmin(inside * RINGS, RINGS - 1)]++;
    }
    for (size_t b = 0; b < ANGLES * RINGS; b++) expected[b] = MANY / 2.0 / (ANGLES * RINGS);
    CHECK_CLOSE(fit_chi2(ANGLES * RINGS, expected, seen), 0, 0, FIT_Z);
}

static double exponential_cdf(double x, double p) {
    (void)p;
    return -expm1(-x);
}

TEST(rng_exponentials_are_exponential) {
    ouro_stream s;
    ouro_stream_open(&s, &somewhere);
    ouro_fill_exponentials(&s, MANY, many);
    CHECK_CLOSE(fit_mean_z(MANY, many, 1, 1), 0, 0, FIT_Z);
    CHECK_CLOSE(fit_variance_z(MANY, many, 1, 1, 9), 0, 0, FIT_Z);
    check_lags(1, 1);
    CHECK(fit_ks(MANY, many, exponential_cdf, 0) < FIT_KS);
}

/* Streams of neighbouring addresses are as independent as values of one stream. */
TEST(rng_neighbours_are_independent) {
    ouro_address a = somewhere;
    for (size_t i = 0; i < MANY / 16; i++) {
        ouro_stream s;
        a.replicate = (uint32_t)i;
        ouro_stream_open(&s, &a);
        many[i] = ouro_stream_normal(&s);
    }
    CHECK_CLOSE(fit_mean_z(MANY / 16, many, 0, 1), 0, 0, FIT_Z);
    CHECK_CLOSE(lag_z(MANY / 16, many, 1, 0, 1), 0, 0, FIT_Z);
    CHECK(fit_ks(MANY / 16, many, normal_cdf, 0) < FIT_KS);
}

/* A look-ahead changes the cost, never the values: whatever the order of generations, and however the calls are cut. */
TEST(rng_lookahead_changes_nothing) {
    ouro_lookahead ahead = {0};
    ouro_stream plain, fast;
    double a[40], b[40];
    for (uint32_t i = 0; i < 300; i++) {
        ouro_address at = {
            .seed = 11 + i / 100, .point = i % 3, .replicate = i % 5, .generation = i * 7 % 19, .purpose = 3};
        if (i % 2) at.point = at.replicate = 1, at.generation = i;
        ouro_stream_open(&plain, &at);
        ouro_stream_open_ahead(&fast, &at, &ahead);
        size_t singles = i % 5, rest = 40 - singles;
        for (size_t k = 0; k < 40; k++) a[k] = ouro_stream_normal(&plain);
        for (size_t k = 0; k < singles; k++) b[k] = ouro_stream_normal(&fast);
        if (i % 3)
            ouro_fill_normals(&fast, rest, b + singles);
        else
            for (size_t k = singles; k < 40; k++) b[k] = ouro_stream_normal(&fast);
        for (size_t k = 0; k < 40; k++) CHECK_EQ(a[k], b[k]);
        CHECK_EQ(ouro_stream_word(&plain), ouro_stream_word(&fast));
    }
}
