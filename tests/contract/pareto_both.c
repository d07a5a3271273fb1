/* pareto_both.c: the pareto law of fitted minimum against its density, written down here a second time. In u = log x it
 * is an exponential that begins at log minimum, so that integrals over u, cut where either law begins and where
 * densities cross, are right to 1e-12 and better. */
#include "harness.h"
#include "ouro/registry.h"
#include "ouro/truth.h"
#include <gsl/gsl_integration.h>
#include <math.h>

/* {minimum, log s} of two models each */
static const double pairs[][2][2] = {
    {{2.385, -1.2}, {2.7, -1.5}},      {{2.385, -1.2}, {2.7, -0.9}},
    {{2.385, -1.2}, {2.5, -1.2}},      {{0.7, -1.1}, {0.7, -1.6}},
    {{0.7, -3}, {0.7000001, -3.0001}}, {{1, -2}, {9, -1}},
    {{1e-100, -2}, {2e-100, -1.}},     {{31, -1}, {31.5, -4}},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

typedef enum what { MASS, MEAN, SQUARE, SURPRISE, KL, HELLINGER, TV, W2 } what;
typedef struct curve {
    what g;
    const double *a, *b;
    double centre;
} curve;

/* log density of u = log(x / reference), which begins at `from` */
static double log_density(double from, const double *theta, double u) {
    return u < from ? -INFINITY : -theta[1] - (u - from) * exp(-theta[1]);
}

static double start(const curve *c, const double *theta) { return log(theta[0] / c->a[0]); }

static double integrand(double u, void *ctx) {
    const curve *c = ctx;
    const double log_p = log_density(0, c->a, u), log_q = c->b ? log_density(start(c, c->b), c->b, u) : 0;
    const double p = exp(log_p), q = exp(log_q), x = c->a[0] * exp(u);
    switch (c->g) {
    case MASS: return p;
    case MEAN: return p * x;
    case SQUARE: return p * (x - c->centre) * (x - c->centre);
    case SURPRISE: return p > 0 ? p * (u + log(c->a[0]) - log_p) : 0; /* of x: p(u) / x */
    case KL: return p > 0 ? p * (log_p - log_q) : 0;
    case HELLINGER: return (sqrt(p) - sqrt(q)) * (sqrt(p) - sqrt(q)) / 2;
    case TV: return fabs(p - q) / 2;
    case W2: break;
    }
    return NAN;
}

/* E^-v, v from 0, are the masses beyond: quantiles of both laws at once. */
static double quantiles(double v, void *ctx) {
    const curve *c = ctx;
    const double gap = c->a[0] * exp(v * exp(c->a[1])) - c->b[0] * exp(v * exp(c->b[1]));
    return exp(-v) * gap * gap;
}

/* Panels of a sixteenth of the narrower scale, as far up as either law has mass, with ends wherever the laws begin. */
static double integral(const curve *c, double (*f)(double, void *)) {
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(20);
    const double one = exp(c->a[1]), other = c->b ? exp(c->b[1]) : one;
    const double s = f == quantiles ? 1 : fmin(one, other);
    const double reach = f == quantiles ? 300 : c->b ? 100 * fmax(one, other) : 400 * one;
    const double first = c->b && f != quantiles ? start(c, c->b) : 0, low = fmin(0, first), high = fmax(0, first);
    gsl_function g = {f, (void *)c};
    double sum = 0, x = low;
    for (int i = 0; i < 20 && high > low; i++) {
        const double to = low + (high - low) * (i + 1) / 20;
        sum += gsl_integration_glfixed(&g, x, to, rule);
        x = to;
    }
    for (const double step = s / 16; x < high + reach; x += step) sum += gsl_integration_glfixed(&g, x, x + step, rule);
    gsl_integration_glfixed_table_free(rule);
    return sum;
}

static int bind(ouro_family *f) {
    const ouro_domain line = {.kind = OURO_NUMBERS, .dim = 1, .lower = 1e-200, .upper = INFINITY};
    ouro_error e = {0};
    return ouro_family_init(f, ouro_family_find("pareto")->fitted, &line, NULL, &e) == OURO_OK;
}

TEST(contract_pareto_both_moments_and_entropy) {
    ouro_family f;
    REQUIRE(bind(&f));
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        const double *theta = pairs[i / 2][i % 2];
        double mean;
        ouro_moments m = {.mean = &mean};
        curve c = {.a = theta};
        f.type->moments(&f, theta, &m);
        c.centre = mean;
        CHECK_CLOSE(integral(&c, integrand), 1, 1e-11, 0);
        c.g = MEAN;
        CHECK_CLOSE(integral(&c, integrand), mean, 1e-10, 0);
        c.g = SQUARE;
        CHECK_CLOSE(integral(&c, integrand), m.trace, 1e-9, 0);
        CHECK_CLOSE(exp(m.log_trace), m.trace, 1e-13, 0);
        c.g = SURPRISE;
        CHECK_CLOSE(f.type->entropy(&f, theta), integral(&c, integrand), 1e-10, 1e-10);
        for (int k = 0; k < 7; k++) {
            const double u = k * 0.4 * exp(theta[1]), x = theta[0] * exp(u);
            CHECK_CLOSE(f.type->log_density(&f, theta, x), -theta[1] - u * exp(-theta[1]) - log(x), 1e-12, 1e-12);
            CHECK_CLOSE(f.type->beyond(&f, theta, x, 1), exp(-u * exp(-theta[1])), 1e-12, 0);
            CHECK_CLOSE(f.type->beyond(&f, theta, x, 0), -expm1(-u * exp(-theta[1])), 1e-12, 1e-14);
        }
        CHECK_EQ(f.type->log_density(&f, theta, theta[0] * 0.999), -INFINITY);
        CHECK(f.type->beyond(&f, theta, theta[0] * 0.999, 1) == 1 && f.type->beyond(&f, theta, -3, 0) == 0);
    }
}

TEST(contract_pareto_both_divergences) {
    static const ouro_divergence kinds[] = {OURO_HELLINGER, OURO_TV, OURO_W2};
    ouro_family f;
    REQUIRE(bind(&f));
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        const double *a = pairs[i / 2][i % 2], *b = pairs[i / 2][1 - i % 2];
        const curve kl = {.g = KL, .a = a, .b = b};
        const double unit = a[0] + b[0];
        if (a[0] < b[0])
            CHECK_EQ(f.type->divergence(&f, OURO_KL, a, b), INFINITY);
        else /* a difference of logarithms, against models that nearly agree */
            CHECK_CLOSE(f.type->divergence(&f, OURO_KL, a, b), integral(&kl, integrand), 1e-9, 1e-12);
        for (int k = 0; k < 3; k++) {
            const curve c = {.g = (what)(HELLINGER + k), .a = a, .b = b};
            const double value = f.type->divergence(&f, kinds[k], a, b);
            double expected = integral(&c, k == 2 ? quantiles : integrand);
            if (k != 1) expected = sqrt(expected);
            CHECK_CLOSE(value, expected, k == 1 ? 1e-4 : 1e-8, k == 2 ? 1e-11 * unit : 1e-11); /* TV: kinks */
        }
    }
}

/* All mass in one point. */
TEST(contract_pareto_both_at_the_end) {
    ouro_family f;
    REQUIRE(bind(&f));
    const double a[] = {2, -1.5}, gone[] = {2.5, -INFINITY}, other[] = {2.6, -INFINITY};
    for (int i = 0; i < 2; i++) {
        const double *p = i ? a : gone, *q = i ? gone : a;
        CHECK_EQ(f.type->divergence(&f, OURO_KL, p, q), INFINITY);
        CHECK_EQ(f.type->divergence(&f, OURO_TV, p, q), 1);
        CHECK_EQ(f.type->divergence(&f, OURO_HELLINGER, p, q), 1);
    }
    CHECK_EQ(f.type->divergence(&f, OURO_TV, gone, other), 1);
    CHECK_CLOSE(f.type->divergence(&f, OURO_W2, gone, other), 0.1, 1e-14, 0);
    CHECK_EQ(f.type->divergence(&f, OURO_W2, gone, gone), 0);
    CHECK_EQ(f.type->beyond(&f, gone, 2.4, 1), 1);
    CHECK_EQ(f.type->beyond(&f, gone, 2.5, 1) + f.type->beyond(&f, gone, 2.5, 0), 0);
    CHECK_EQ(f.type->beyond(&f, gone, 2.6, 0), 1);
}
