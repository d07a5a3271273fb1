/* variates.c: gamma, chi-squared, binomial, Poisson and hypergeometric variates and random subsets against their exact laws.
 *
 * False alarms: see fit.h; about 100 comparisons with |z| < 5 or its like, so below 1e-4 for the whole file.       */
#include "fit.h"
#include "harness.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>
#include <string.h>

enum { DRAWS = 100000 };
static double x[DRAWS];

static void open_stream(ouro_stream *s, uint32_t point) {
    ouro_stream_open(s, &(ouro_address){.seed = 20240917, .point = point, .purpose = OURO_FOR_SYNTHETIC});
}

/* For large shapes Wilson and Hilferty's cube root, good to 1e-5 there, where the library's function gives up. */
static double gamma_cdf(double at, double shape) {
    if (shape < 1e4) return gsl_cdf_gamma_P(at, shape, 1);
    return gsl_cdf_ugaussian_P((cbrt(at / shape) - 1 + 1 / (9 * shape)) * 3 * sqrt(shape));
}

TEST(variates_gamma) {
    static const double shapes[] = {0.05, 0.5, 1, 1.37, 2.5, 49.5, 3e4, 1e6, 1e15};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const double a = shapes[i];
        ouro_stream s;
        open_stream(&s, (uint32_t)i);
        for (size_t k = 0; k < DRAWS; k++) x[k] = ouro_gamma(&s, a);
        CHECK_CLOSE(fit_mean_z(DRAWS, x, a, a), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_variance_z(DRAWS, x, a, a, 3 * a * a + 6 * a), 0, 0, FIT_Z);
        CHECK(fit_ks(DRAWS, x, gamma_cdf, a) < FIT_KS);
    }
}

TEST(variates_gamma_limits) {
    ouro_stream s;
    open_stream(&s, 101);
    CHECK_EQ(ouro_gamma(&s, 0), 0);
    CHECK_EQ(ouro_gamma(&s, INFINITY), INFINITY);
    CHECK(isnan(ouro_gamma(&s, -0.5)));
    CHECK(isnan(ouro_gamma(&s, NAN)));
    for (int i = 0; i < 1000; i++) CHECK(ouro_gamma(&s, 1e-5) >= 0); /* most underflow to 0 */
}

/* log chi-squared: mean psi(df/2) + log 2, variance psi'(df/2), fourth cumulant psi'''(df/2). */
TEST(variates_log_chi2) {
    static const double dfs[] = {0.01, 1, 2, 2.7, 9, 99, 1e5};
    for (size_t i = 0; i < sizeof dfs / sizeof dfs[0]; i++) {
        const double half = dfs[i] / 2, mean = gsl_sf_psi(half) + log(2), variance = gsl_sf_psi_1(half);
        ouro_stream s;
        open_stream(&s, 200 + (uint32_t)i);
        for (size_t k = 0; k < DRAWS; k++) x[k] = ouro_log_chi2(&s, dfs[i]);
        CHECK_CLOSE(fit_mean_z(DRAWS, x, mean, variance), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_variance_z(DRAWS, x, mean, variance, gsl_sf_psi_n(3, half) + 3 * variance * variance), 0, 0,
                    FIT_Z);
    }
}

TEST(variates_log_mean_chi2) {
    static const double dfs[] = {0.5, 1.7, 2, 9, 99};
    for (size_t i = 0; i < sizeof dfs / sizeof dfs[0]; i++) {
        ouro_stream s, same;
        open_stream(&s, 250);
        open_stream(&same, 250);
        for (int k = 0; k < 100; k++)
            CHECK_CLOSE(ouro_log_mean_chi2(&s, dfs[i], 37), ouro_log_chi2(&same, dfs[i]) - log(37), 1e-14, 1e-14);
        CHECK_EQ(ouro_log_mean_chi2(&s, 0, 37), -INFINITY);
    }
}

TEST(variates_log_chi2_limits) {
    ouro_stream s;
    open_stream(&s, 300);
    CHECK_EQ(ouro_log_chi2(&s, 0), -INFINITY);
    CHECK(isnan(ouro_log_chi2(&s, -1)));
    for (int i = 0; i < 1000; i++)
        CHECK(isfinite(ouro_log_chi2(&s, 1e-6))); /* about -2e6, as a number below every double */
}

/* A law on the whole numbers lo .. lo + len - 1, from the ratio of neighbouring probabilities and their sum: nothing of
 * it is shared with the code under test.                                                                          */
enum { WINDOW = 1 << 16 };
typedef struct counting {
    uint64_t lo;
    size_t len;
    double expected[WINDOW];
    uint64_t seen[WINDOW];
} counting;
static counting counts;

typedef struct counting_law {
    double mean;            /* Poisson when mean > 0; or */
    double n, p;            /* binomial; or */
    double good, bad, take; /* hypergeometric when take > 0 */
} counting_law;

/* P(k + 1) / P(k) */
static double ratio(const counting_law *l, double k) {
    if (l->mean > 0) return l->mean / (k + 1);
    if (l->take > 0) return (l->good - k) * (l->take - k) / ((k + 1) * (l->bad - l->take + k + 1));
    return (l->n - k) / (k + 1) * (l->p / (1 - l->p));
}

/* Fills `counts` with expectations over `middle` +- 13 sd, clipped to [lo, hi]; what lies outside is below 1e-30. */
static void prepare(const counting_law *l, double middle, double sd, double lo, double hi) {
    const double reach = 13 * sd + 100;
    const double from = fmax(lo, floor(middle - reach)), to = fmin(hi, ceil(middle + reach));
    const size_t len = (size_t)(to - from) + 1, start = (size_t)(floor(fmin(middle, hi)) - from);
    double sum = 1;
    counts.lo = (uint64_t)from;
    counts.len = len;
    memset(counts.seen, 0, sizeof counts.seen);
    counts.expected[start] = 1;
    for (size_t i = start; i + 1 < len; i++)
        sum += counts.expected[i + 1] = counts.expected[i] * ratio(l, from + (double)i);
    for (size_t i = start; i > 0; i--)
        sum += counts.expected[i - 1] = counts.expected[i] / ratio(l, from + (double)i - 1);
    for (size_t i = 0; i < len; i++) counts.expected[i] *= DRAWS / sum;
}

static void count(uint64_t k) {
    if (k >= counts.lo && k - counts.lo < counts.len)
        counts.seen[k - counts.lo]++;
    else
        CHECK(k >= counts.lo && k - counts.lo < counts.len);
}

TEST(variates_binomial) {
    static const counting_law laws[] = {
        {.n = 1, .p = 0.37},
        {.n = 2, .p = 0.999},
        {.n = 20, .p = 0.3},
        {.n = 20, .p = 0.49999},
        {.n = 21, .p = 0.5},
        {.n = 25, .p = 0.41},
        {.n = 1000, .p = 0.0099},
        {.n = 1000, .p = 0.0101},
        {.n = 1000, .p = 0.7},
        {.n = 1024, .p = 0.0093},
        {.n = 1025, .p = 0.0093},
        {.n = 1e5, .p = 1e-5},
        {.n = 1e6, .p = 0.3},
        {.n = 4294967295.0, .p = 1e-9},
        {.n = 4294967296.0, .p = 5e-9},
        {.n = 0x1p40, .p = 1e-12},
        {.n = 0x1p40, .p = 1.1e-11},
        {.n = 0x1p40, .p = 1e-6},
        {.n = 0x1p53, .p = 1e-12},
    };
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        const counting_law *l = &laws[i];
        ouro_stream s;
        open_stream(&s, 400 + (uint32_t)i);
        prepare(l, l->n * l->p, sqrt(l->n * l->p * (1 - l->p)), 0, l->n);
        for (size_t k = 0; k < DRAWS; k++) count(ouro_binomial(&s, (uint64_t)l->n, l->p));
        if (l->n > 1)
            CHECK_CLOSE(fit_chi2(counts.len, counts.expected, counts.seen), 0, 0, FIT_Z);
        else
            CHECK_CLOSE((double)counts.seen[1], DRAWS * l->p, 0, FIT_Z * sqrt(DRAWS * l->p * (1 - l->p)));
    }
}

static double normal_cdf(double at, double p) {
    (void)p;
    return gsl_cdf_ugaussian_P(at);
}

/* Too wide to count every value: the standardised count is normal to 1e-6. */
TEST(variates_binomial_of_huge_spread) {
    static const struct {
        double n, p;
    } laws[] = {{0x1p40, 0.3}, {0x1p53, 0.5}, {0x1p53, 0.8}, {0x1.23456789abcdp50, 1e-3}};
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        const double n = laws[i].n, p = laws[i].p, variance = n * p * (1 - p);
        ouro_stream s;
        open_stream(&s, 500 + (uint32_t)i);
        for (size_t k = 0; k < DRAWS; k++) x[k] = ((double)ouro_binomial(&s, (uint64_t)n, p) - n * p) / sqrt(variance);
        CHECK_CLOSE(fit_mean_z(DRAWS, x, 0, 1), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_variance_z(DRAWS, x, 0, 1, 3), 0, 0, FIT_Z);
        CHECK(fit_ks(DRAWS, x, normal_cdf, 0) < FIT_KS);
    }
}

/* More trials than a double counts one by one. */
TEST(variates_binomial_wide) {
    static const struct { double n, p; } laws[] = {{0x1p60, 0.3}, {1e24, 0.9}, {1e24, 1e-12}};
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        const double n = laws[i].n, p = laws[i].p, variance = n * p * (1 - p);
        ouro_stream s;
        open_stream(&s, 550 + (uint32_t)i);
        for (size_t k = 0; k < DRAWS; k++) {
            const double ones = ouro_binomial_wide(&s, n, p);
            x[k] = (p > 0.5 ? n * (1 - p) - (n - ones) : ones - n * p) / sqrt(variance);
        }
        CHECK_CLOSE(fit_mean_z(DRAWS, x, 0, 1), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_variance_z(DRAWS, x, 0, 1, 3), 0, 0, FIT_Z);
        CHECK(fit_ks(DRAWS, x, normal_cdf, 0) < FIT_KS);
    }
    const double few[] = {0x1p60, 2e-18}; /* mean 2.3: inversion */
    const counting_law l = {.mean = few[0] * few[1]};
    ouro_stream s;
    open_stream(&s, 560);
    prepare(&l, l.mean, sqrt(l.mean), 0, INFINITY);
    for (size_t k = 0; k < DRAWS; k++) count((uint64_t)ouro_binomial_wide(&s, few[0], few[1]));
    CHECK_CLOSE(fit_chi2(counts.len, counts.expected, counts.seen), 0, 0, FIT_Z);
}

TEST(variates_binomial_limits) {
    ouro_stream s;
    open_stream(&s, 600);
    const uint64_t most = UINT64_C(1) << 53;
    CHECK_EQ(ouro_binomial(&s, 0, 0.5), 0);
    CHECK_EQ(ouro_binomial(&s, most, 0), 0);
    CHECK_EQ(ouro_binomial(&s, most, 1), most);
    CHECK_EQ(ouro_binomial(&s, 77, -0.1), 0);
    CHECK_EQ(ouro_binomial(&s, 77, 1.1), 77);
    CHECK_EQ(ouro_binomial(&s, 77, NAN), 0);
    for (int i = 0; i < 1000; i++) CHECK_EQ(ouro_binomial(&s, most, 1e-300), 0);
}

/* One test for all ways of counting: m^k e^-m / k! by its ratio m / (k + 1) and its sum. */
TEST(variates_poisson) {
    static const double means[] = {1e-6, 0.3, 5, 9.99, 10, 37.3, 1e4};
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        const counting_law l = {.mean = means[i]};
        const double m = means[i];
        ouro_stream s;
        open_stream(&s, 650 + (uint32_t)i);
        prepare(&l, m, sqrt(m), 0, INFINITY);
        for (size_t k = 0; k < DRAWS; k++) {
            x[k] = ouro_poisson(&s, m);
            CHECK_EQ(x[k], floor(x[k]));
            count((uint64_t)x[k]);
        }
        if (m > 1e-3) {
            CHECK_CLOSE(fit_chi2(counts.len, counts.expected, counts.seen), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_mean_z(DRAWS, x, m, m), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_variance_z(DRAWS, x, m, m, m + 3 * m * m), 0, 0, FIT_Z);
        } else {
            CHECK(counts.seen[1] <= 6 && counts.seen[2] == 0); /* expected .1 and 5e-8: more at 3e-11 and 5e-8 */
        }
    }
}

/* Too wide to count every value: the standardised count is normal to skewness / 6 = 1 / (6 sqrt mean), beyond 2^53 too. */
TEST(variates_poisson_of_huge_means) {
    static const double means[] = {1e9, 1e15, 3e17, 1e24};
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        const double m = means[i];
        ouro_stream s;
        open_stream(&s, 670 + (uint32_t)i);
        for (size_t k = 0; k < DRAWS; k++) x[k] = (ouro_poisson(&s, m) - m) / sqrt(m);
        CHECK_CLOSE(fit_mean_z(DRAWS, x, 0, 1), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_variance_z(DRAWS, x, 0, 1, 3), 0, 0, FIT_Z);
        CHECK(fit_ks(DRAWS, x, normal_cdf, 0) < FIT_KS);
    }
}

TEST(variates_poisson_limits) {
    ouro_stream s;
    open_stream(&s, 680);
    CHECK_EQ(ouro_poisson(&s, 0), 0);
    CHECK_EQ(ouro_poisson(&s, -1), 0);
    CHECK_EQ(ouro_poisson(&s, NAN), 0);
    CHECK_EQ(ouro_poisson(&s, INFINITY), INFINITY);
    for (int i = 0; i < 1000; i++) CHECK_EQ(ouro_poisson(&s, 1e-300), 0);
}

TEST(variates_hypergeometric) {
    static const counting_law laws[] = {
        {.good = 1, .bad = 1, .take = 1},          {.good = 5, .bad = 3, .take = 4},
        {.good = 3, .bad = 50, .take = 51},        {.good = 50, .bad = 50, .take = 20},
        {.good = 97, .bad = 3, .take = 60},        {.good = 10, .bad = 1e6, .take = 3e5},
        {.good = 1000, .bad = 17, .take = 1001},   {.good = 1e4, .bad = 1.3e4, .take = 7e3},
        {.good = 1e6, .bad = 1e6, .take = 1e6},    {.good = 0x1p40, .bad = 0x1p52, .take = 1e4},
        {.good = 1e15, .bad = 7e15, .take = 2000}, {.good = 2e9, .bad = 0x1p52, .take = 3e9},
    };
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        const counting_law *l = &laws[i];
        const double total = l->good + l->bad, mean = l->take / total * l->good;
        const double variance = mean * (l->bad / total) * ((total - l->take) / (total - 1));
        ouro_stream s;
        open_stream(&s, 700 + (uint32_t)i);
        prepare(l, mean, sqrt(variance), fmax(0, l->take - l->bad), fmin(l->good, l->take));
        for (size_t k = 0; k < DRAWS; k++)
            count(ouro_hypergeometric(&s, (uint64_t)l->good, (uint64_t)l->bad, (uint64_t)l->take));
        if (counts.len > 2)
            CHECK_CLOSE(fit_chi2(counts.len, counts.expected, counts.seen), 0, 0, FIT_Z);
        else
            CHECK_CLOSE((double)counts.seen[0], DRAWS / 2.0, 0, FIT_Z * sqrt(DRAWS / 4.0));
    }
}

TEST(variates_hypergeometric_limits) {
    ouro_stream s;
    open_stream(&s, 800);
    const uint64_t half = UINT64_C(1) << 52;
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(ouro_hypergeometric(&s, 13, 29, 0), 0);
        CHECK_EQ(ouro_hypergeometric(&s, 13, 29, 42), 13);
        CHECK_EQ(ouro_hypergeometric(&s, 13, 0, 7), 7);
        CHECK_EQ(ouro_hypergeometric(&s, 0, 29, 7), 0);
        CHECK_EQ(ouro_hypergeometric(&s, half, half, 2 * half), half);
        CHECK(ouro_hypergeometric(&s, half, half, 1) <= 1);
        const uint64_t near_all = ouro_hypergeometric(&s, 1000, 5, 1003);
        CHECK(near_all >= 998 && near_all <= 1000);
    }
}

/* One entry of a multivariate draw is a univariate draw; all of them add up, none exceeds its size. */
TEST(variates_multi_hypergeometric) {
    static const uint64_t size[5] = {30, 0, 11, 400, 59};
    const counting_law l = {.good = 59, .bad = 441, .take = 100};
    ouro_stream s;
    open_stream(&s, 900);
    prepare(&l, 11.8, 3, 0, 59);
    uint64_t out[5];
    for (size_t k = 0; k < DRAWS; k++) {
        ouro_multi_hypergeometric(&s, 5, size, 100, out);
        uint64_t sum = 0;
        for (size_t i = 0; i < 5; i++) {
            sum += out[i];
            REQUIRE(out[i] <= size[i]);
        }
        REQUIRE(sum == 100);
        count(out[4]); /* what the draws before it left */
    }
    CHECK_CLOSE(fit_chi2(counts.len, counts.expected, counts.seen), 0, 0, FIT_Z);
    ouro_multi_hypergeometric(&s, 5, size, 500, out);
    CHECK(memcmp(out, size, sizeof out) == 0);
    ouro_multi_hypergeometric(&s, 5, size, 0, out);
    CHECK_EQ(out[0] + out[1] + out[2] + out[3] + out[4], 0);
}

/* All 120 sets of 3 out of 10 are equally likely. */
TEST(variates_choose) {
    double expected[120];
    uint64_t seen[1 << 10] = {0}, sets[120];
    uint32_t index[10];
    ouro_stream s;
    open_stream(&s, 1000);
    for (size_t k = 0; k < DRAWS; k++) {
        ouro_choose(&s, 10, 3, index);
        seen[1u << index[0] | 1u << index[1] | 1u << index[2]]++;
    }
    size_t len = 0;
    for (unsigned set = 0; set < 1 << 10; set++) {
        if (__builtin_popcount(set) == 3) {
            expected[len] = DRAWS / 120.0;
            sets[len++] = seen[set];
        } else {
            CHECK_EQ(seen[set], 0);
        }
    }
    CHECK_EQ(len, 120);
    CHECK_CLOSE(fit_chi2(len, expected, sets), 0, 0, FIT_Z);
}

TEST(variates_choose_all_is_a_permutation) {
    enum { N = 1000 };
    static uint32_t index[N];
    static int found[N];
    ouro_stream s;
    open_stream(&s, 1001);
    ouro_choose(&s, N, N, index);
    for (size_t i = 0; i < N; i++) found[index[i] % N]++;
    double fixed = 0;
    for (size_t i = 0; i < N; i++) {
        CHECK_EQ(found[i], 1);
        fixed += index[i] == i;
    }
    CHECK(fixed < 12); /* Poisson with mean 1: P(12 or more) = 8e-10 */
    ouro_choose(&s, N, 0, index);
    for (size_t i = 0; i < N; i++) CHECK_EQ(index[i], i);
}

/* The same bits on every x86-64, by gcc and clang, vectorised or not. */
TEST(variates_golden_bits) {
    enum { N = 20000 };
    ouro_stream s;
    open_stream(&s, 1100);
    for (size_t k = 0; k < N; k++) x[k] = ouro_gamma(&s, 0.3 + 1e-2 * (double)k);
    CHECK_EQ(fit_hash(N, x), UINT64_C(0xec3696d3452dfb9a));
    for (size_t k = 0; k < N; k++) x[k] = ouro_log_chi2(&s, 1e-2 * (double)k);
    CHECK_EQ(fit_hash(N, x), UINT64_C(0x1f0ebef047530396));
    for (size_t k = 0; k < N; k++)
        x[k] = (double)(k % 2 != 0 ? ouro_binomial(&s, 20 + k % 60, 0.5 - 1e-5 * (double)k)
                                   : ouro_binomial(&s, k * k, 1e-5 * (double)k));
    CHECK_EQ(fit_hash(N, x), UINT64_C(0x913b8602c021541b));
    for (size_t k = 0; k < N; k++) x[k] = (double)ouro_hypergeometric(&s, k, 1 + k / 3, k / 2);
    CHECK_EQ(fit_hash(N, x), UINT64_C(0x9c4e299a1f520eb5));
}
