/* survival.c: the product-limit estimator against tables made by hand. */
#include "harness.h"
#include "ouro/survival.h"
#include <math.h>

enum { MOST = 64 };

/* Times, negative ones censored. */
static ouro_survival estimate(size_t n, const int *time, ouro_survival_step *step) {
    ouro_lifetime x[MOST];
    ouro_survival s;
    for (size_t i = 0; i < n; i++)
        x[i] = (ouro_lifetime){.time = (uint32_t)(time[i] < 0 ? -time[i] : time[i]), .seen = time[i] > 0};
    ouro_survive(n, x, step, &s);
    return s;
}

/* Remission in weeks of 21 patients on 6-mercaptopurine and of 21 on placebo (Freireich et al. 1963, as in Kalbfleisch and
 * Prentice 2002, table 1.1), in no order. */
static const int treated[] = {-32, 6, 7, -34, 6, -6, 10, -10, 13, -9, 16, -35, 22, 23, 6, -11, -17, -19, -20, -25, -32};
static const int placebo[] = {1, 22, 3, 12, 8, 17, 2, 11, 8, 12, 2, 5, 4, 15, 8, 23, 5, 11, 4, 1, 8};

TEST(survival_of_treated_patients) {
    /* week, at risk, events, S as a product of fractions, Greenwood's standard error to four digits */
    static const struct {
        uint32_t time;
        size_t at_risk, events;
        double survival, se;
    } table[] = {{6, 21, 3, 18.0 / 21, 0.0764},
                 {7, 17, 1, 18.0 / 21 * 16 / 17, 0.0869},
                 {10, 15, 1, 18.0 / 21 * 16 / 17 * 14 / 15, 0.0963},
                 {13, 12, 1, 18.0 / 21 * 16 / 17 * 14 / 15 * 11 / 12, 0.1068},
                 {16, 11, 1, 18.0 / 21 * 16 / 17 * 14 / 15 * 10 / 12, 0.1141},
                 {22, 7, 1, 18.0 / 21 * 16 / 17 * 14 / 15 * 10 / 12 * 6 / 7, 0.1282},
                 {23, 6, 1, 18.0 / 21 * 16 / 17 * 14 / 15 * 10 / 12 * 5 / 7, 0.1346}};
    ouro_survival_step step[MOST];
    const ouro_survival s = estimate(21, treated, step);
    CHECK_EQ(s.n, 21);
    CHECK_EQ(s.events, 9);
    REQUIRE(s.len == 7);
    for (size_t i = 0; i < 7; i++) {
        CHECK_EQ(step[i].time, table[i].time);
        CHECK_EQ(step[i].at_risk, table[i].at_risk);
        CHECK_EQ(step[i].events, table[i].events);
        CHECK_CLOSE(step[i].survival, table[i].survival, 1e-12, 0);
        CHECK_CLOSE(step[i].se, table[i].se, 0, 5e-5);
        const double scale = log(table[i].survival), width = 1.959964 * step[i].se / table[i].survival / -scale;
        CHECK_CLOSE(step[i].lower, exp(scale * exp(width)), 1e-6, 0);
        CHECK_CLOSE(step[i].upper, exp(scale * exp(-width)), 1e-6, 0);
    }
    CHECK_EQ(s.quantile[2], 23);
    CHECK_EQ(s.quantile[1], 13);
    CHECK(isnan(s.quantile[3]) && isnan(s.quantile[4]));
    CHECK_EQ(s.median_lower, 13);
    CHECK(isnan(s.median_upper));
}

/* Without censoring the curve is one less the distribution function of the times, and quantiles are order statistics. */
TEST(survival_without_censoring) {
    ouro_survival_step step[MOST];
    const ouro_survival s = estimate(21, placebo, step);
    static const double jump[][2] = {{1, 19}, {2, 17}, {3, 16}, {4, 14}, {5, 12}, {8, 8},
                                     {11, 6}, {12, 4}, {15, 3}, {17, 2}, {22, 1}, {23, 0}};
    REQUIRE(s.len == 12);
    for (size_t i = 0; i < 12; i++) {
        CHECK_EQ(step[i].time, jump[i][0]);
        CHECK_CLOSE(step[i].survival, jump[i][1] / 21, 1e-12, 0);
        if (jump[i][1] > 0) CHECK_CLOSE(step[i].se, sqrt(jump[i][1] / 21 * (1 - jump[i][1] / 21) / 21), 1e-12, 0);
    }
    CHECK(isnan(step[11].se));
    CHECK_EQ(step[11].lower, 0);
    CHECK_EQ(s.events, 21);
    CHECK_EQ(s.quantile[2], 8);
    CHECK_EQ(s.median_lower, 4);
    CHECK_EQ(s.median_upper, 11);
    const double q[] = {1, 4, 8, 12, 22}; /* the 2nd, 6th, 11th, 16th and 20th of 21 */
    for (int i = 0; i < 5; i++) CHECK_EQ(s.quantile[i], q[i]);
}

/* A median that falls on a step exactly is its first time, whatever the rounding of the product. */
TEST(survival_exact_half) {
    ouro_survival_step step[MOST];
    int time[MOST];
    for (int n = 2; n <= 48; n += 2) {
        for (int i = 0; i < n; i++) time[i] = i + 1;
        CHECK_EQ(estimate((size_t)n, time, step).quantile[2], n / 2);
    }
}

TEST(survival_ends) {
    ouro_survival_step step[MOST];
    int time[MOST];
    for (int i = 0; i < 40; i++) time[i] = -9;
    ouro_survival s = estimate(40, time, step);
    CHECK_EQ(s.len + s.events, 0);
    CHECK(isnan(s.quantile[0]) && isnan(s.median_lower) && isnan(s.median_upper));
    for (int i = 0; i < 40; i++) time[i] = 2;
    s = estimate(40, time, step);
    CHECK_EQ(s.len, 1);
    for (int q = 0; q < 5; q++) CHECK_EQ(s.quantile[q], 2);
    CHECK_EQ(s.median_lower, 2);
    CHECK_EQ(s.median_upper, 2);
    CHECK_CLOSE(step[0].upper, 1 - pow(0.025, 1.0 / 40), 1e-12, 0);
    s = estimate(3, time, step); /* of three even Clopper and Pearson know nothing */
    CHECK(isnan(s.median_upper));
    time[0] = -2; /* censored at the time of an event: at risk then */
    s = estimate(4, time, step);
    CHECK_EQ(step[0].at_risk, 4);
    CHECK_CLOSE(step[0].survival, 0.25, 1e-12, 0);
}
