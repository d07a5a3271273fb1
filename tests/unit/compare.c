/* compare.c: differences worked out by hand. */
#include "harness.h"
#include "ouro/compare.h"
#include <math.h>

#define WELCH 2.57161560234 /* Student's t at 0.975, 4.993326 degrees of freedom */

static const double a[] = {1, 2, 4}, b[] = {2, 5, 4, 7};

/* d = 1, 3, 0: mean 4/3, variance 7/3. Both sides have the sum of squares 42/9, their product 21/9. */
TEST(compare_paired_by_hand) {
    ouro_difference d;
    REQUIRE(ouro_compare_values(3, a, 4, b, 1, &d) == OURO_OK);
    CHECK_EQ(d.n, 3);
    CHECK_CLOSE(d.difference, 4.0 / 3, 1e-15, 0);
    CHECK_CLOSE(d.se, sqrt(7.0 / 9), 1e-15, 0);
    CHECK_CLOSE(d.z, 4.0 / sqrt(7.0), 1e-15, 0);
    CHECK_CLOSE(d.correlation, 0.5, 1e-15, 0);
    CHECK_EQ(d.median, 1);
    CHECK_CLOSE(d.low, 4.0 / 3 - 4.302652729911275 * sqrt(7.0 / 9), 1e-9, 0); /* t at 0.975, 2 degrees of freedom */
    CHECK_CLOSE(d.high, 4.0 / 3 + 4.302652729911275 * sqrt(7.0 / 9), 1e-9, 0);
    CHECK_EQ(d.a[1], 2);
    CHECK_EQ(d.b[1], 4.5); /* of all values that a side has */
    CHECK_CLOSE(d.a[0], 1.1, 1e-15, 0);
    CHECK_CLOSE(d.b[2], 6.7, 1e-15, 0);
}

/* Variances 7/3 of 3 and 13/3 of 4: se^2 = 7/9 + 13/12, and Welch's degrees of freedom are 4.993326. */
TEST(compare_unpaired_by_hand) {
    ouro_difference d;
    REQUIRE(ouro_compare_values(3, a, 4, b, 0, &d) == OURO_OK);
    CHECK_EQ(d.n, 7);
    CHECK_CLOSE(d.difference, 13.0 / 6, 1e-15, 0);
    CHECK_CLOSE(d.se, sqrt(67.0) / 6, 1e-15, 0);
    CHECK_CLOSE(d.z, 13 / sqrt(67.0), 1e-15, 0);
    CHECK(isnan(d.correlation) && isnan(d.median));
    CHECK_CLOSE(d.low, 13.0 / 6 - WELCH * sqrt(67.0) / 6, 1e-9, 0);
    CHECK_CLOSE(d.high, 13.0 / 6 + WELCH * sqrt(67.0) / 6, 1e-9, 0);
}

/* What is not defined is left out, on its own side or as a pair; from an infinite one there is no yardstick. */
TEST(compare_undefined_values) {
    static const double x[] = {NAN, 1, 2, -INFINITY, 4}, y[] = {9, 2, NAN, -INFINITY, 4};
    ouro_difference d;
    REQUIRE(ouro_compare_values(5, x, 5, y, 1, &d) == OURO_OK);
    CHECK_EQ(d.n, 2);
    CHECK_EQ(d.difference, 0.5);
    CHECK_EQ(d.a[1], 1.5); /* -inf, 1, 2, 4 */
    REQUIRE(ouro_compare_values(4, x, 2, y, 1, &d) == OURO_OK);
    CHECK_EQ(d.n, 1);
    CHECK(d.difference == 1 && isnan(d.se) && isnan(d.z) && isnan(d.low) && isnan(d.correlation));
    static const double ends[] = {1, 2, 3, -INFINITY, 4};
    REQUIRE(ouro_compare_values(5, ends, 5, x, 1, &d) == OURO_OK);
    CHECK_EQ(d.n, 3);
    REQUIRE(ouro_compare_values(4, ends + 1, 3, a, 0, &d) == OURO_OK);
    CHECK(isinf(d.difference) && isnan(d.z) && isnan(d.high));
    REQUIRE(ouro_compare_values(1, x, 0, y, 1, &d) == OURO_OK);
    CHECK(d.n == 0 && isnan(d.difference) && isnan(d.se));
}

/* Replicates that agree but for rounding have no spread to measure a difference in. */
TEST(compare_rounding) {
    static const double x[] = {0.99, 0.99, 0.99}, y[] = {0.99 + 2e-16, 0.99, 0.99 + 4e-16},
                        z[] = {0.99 + 2e-12, 0.99, 0.99};
    ouro_difference d;
    REQUIRE(ouro_compare_values(3, x, 3, y, 1, &d) == OURO_OK);
    CHECK(d.se > 0 && isnan(d.z) && isnan(d.low));
    REQUIRE(ouro_compare_values(3, x, 3, z, 1, &d) == OURO_OK);
    CHECK(fabs(d.z) > 0.9 && d.low < d.high);
}
