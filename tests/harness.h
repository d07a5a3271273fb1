/* harness.h: the whole test framework.
 *
 *   TEST(rng_words) {
 *       REQUIRE(p != NULL);                leaves the test when it fails
 *       CHECK(n > 3);                      marks the test failed and goes on
 *       CHECK_EQ(a, b);                    integers of any type or doubles, compared by value
 *       CHECK_CLOSE(a, b, rtol, atol);     |a - b| <= atol + rtol |b|; equal infinities are close, NaN never is
 *       CHECK_STR(a, b);                   strings; NULL equals only NULL
 *   }
 *
 * A TEST registers itself before main runs, so a new file needs no list. The runner sorts tests by name, takes name
 * prefixes as arguments, prints one line per failure with file:line and both values, and ends with
 * `N passed, N failed`. A test that executes no check at all counts as failed. `--list`, or the environment variable
 * OURO_TEST_LIST, prints the names instead. Exit status: 0 all passed, 1 some failed, 2 nothing matched.
 *
 * CHECKs belong to the main thread: the counters behind them are plain globals. */
#ifndef OURO_TEST_HARNESS_H
#define OURO_TEST_HARNESS_H
#include <stdbool.h>

typedef struct harness_test {
    const char *name;
    void (*run)(void);
    struct harness_test *next;
} harness_test;

/* One number of any arithmetic type, so that CHECK_EQ compares -1 and 2^64 - 1 as what they are. */
typedef struct harness_number {
    enum { HARNESS_SIGNED, HARNESS_UNSIGNED, HARNESS_REAL } kind;
    long long i;
    unsigned long long u;
    double d;
} harness_number;

void harness_register(harness_test *t);
bool harness_true(bool ok, const char *file, int line, const char *text);
bool harness_equal(harness_number a, harness_number b, const char *file, int line, const char *text);
bool harness_close(double a, double b, double rtol, double atol, const char *file, int line, const char *text);
bool harness_same(const char *a, const char *b, const char *file, int line, const char *text);

static inline harness_number harness_signed(long long x) { return (harness_number){.kind = HARNESS_SIGNED, .i = x}; }
static inline harness_number harness_unsigned(unsigned long long x) {
    return (harness_number){.kind = HARNESS_UNSIGNED, .u = x};
}
static inline harness_number harness_real(double x) { return (harness_number){.kind = HARNESS_REAL, .d = x}; }

/* float and double by value, unsigned 64 bits apart, everything narrower fits a long long */
/* clang-format off */
#define HARNESS_NUMBER(x)                                                                                    \
    _Generic((x),                                                                                            \
        float: harness_real,                                                                                 \
        double: harness_real,                                                                                \
        unsigned long: harness_unsigned,                                                                     \
        unsigned long long: harness_unsigned,                                                                \
        default: harness_signed)(x)
/* clang-format on */

#define TEST(id)                                                                                                       \
    static void test_##id(void);                                                                                       \
    static harness_test harness_##id = {#id, test_##id, 0};                                                            \
    __attribute__((constructor)) static void harness_add_##id(void) { harness_register(&harness_##id); }               \
    static void test_##id(void)

#define CHECK(cond) ((void)harness_true((cond) ? true : false, __FILE__, __LINE__, #cond))
#define CHECK_EQ(a, b) ((void)harness_equal(HARNESS_NUMBER(a), HARNESS_NUMBER(b), __FILE__, __LINE__, #a " == " #b))
#define CHECK_CLOSE(a, b, rtol, atol) ((void)harness_close((a), (b), (rtol), (atol), __FILE__, __LINE__, #a " ~ " #b))
#define CHECK_STR(a, b) ((void)harness_same((a), (b), __FILE__, __LINE__, #a " is " #b))

#define REQUIRE(cond)                                                                                                  \
    do {                                                                                                               \
        if (!harness_true((cond) ? true : false, __FILE__, __LINE__, #cond)) return;                                   \
    } while (0)

#endif
