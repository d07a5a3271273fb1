/* family_transforms.c: lognormal, weibull, pareto and laplace against their densities, written down here a second time.
 *
 * Their tails are too heavy for panels of one standard deviation. With x = centre +- a exp(b e^w) or centre +- a e^(w / k)
 * all integrands fall doubly exponentially on one side and exponentially on the other, where the trapezoidal rule over w
 * is right to rounding (except at the kinks of |p - q|). */
#include "fit.h"
#include "harness.h"
#include "ouro/registry.h"
#include "ouro/truth.h"
#include <math.h>

enum { SAMPLES = 20000 };

/* log density at known[] and theta[]; the place and log(dx / dw) at w, on one side of the centre */
typedef struct curve {
    const char *name;
    long double (*log)(const double *known, const double *theta, long double x);
    long double (*place)(const double *known, const double *theta, long double w, int side, long double *log_slope);
    double from, to; /* of w */
    int sides;
} curve;

static long double lognormal(const double *known, const double *theta, long double x) {
    (void)known;
    const long double s = expl(theta[1]), z = (logl(x) - theta[0]) / s;
    return -z * z / 2 - logl(x * s) - 0.918938533204672741780329736405617639862L;
}
static long double lognormal_place(const double *known, const double *theta, long double w, int side, long double *up) {
    (void)known, (void)side;
    const long double y = theta[0] + expl(theta[1]) * w;
    *up = theta[1] + y;
    return expl(y);
}
static long double weibull(const double *known, const double *theta, long double x) {
    const long double k = known[0], scale = expl(theta[0] / k);
    return logl(k / scale) + (k - 1) * logl(x / scale) - powl(x / scale, k);
}
static long double weibull_place(const double *known, const double *theta, long double w, int side, long double *up) {
    (void)side;
    *up = (theta[0] + w) / known[0] - logl(known[0]);
    return expl((theta[0] + w) / known[0]);
}
static long double pareto(const double *known, const double *theta, long double x) {
    const long double alpha = expl(-(long double)theta[0]);
    return logl(alpha) + alpha * logl(known[0]) - (alpha + 1) * logl(x);
}
static long double pareto_place(const double *known, const double *theta, long double w, int side, long double *up) {
    (void)side;
    const long double y = expl(theta[0] + w);
    *up = logl(known[0]) + y + theta[0] + w;
    return known[0] * expl(y);
}
static long double laplace(const double *known, const double *theta, long double x) {
    return -fabsl(x - known[0]) / expl(theta[0]) - logl(2) - theta[0];
}
static long double laplace_place(const double *known, const double *theta, long double w, int side, long double *up) {
    *up = theta[0] + w;
    return known[0] + (side ? 1 : -1) * expl(theta[0] + w);
}

static const curve curves[] = {
    {"lognormal", lognormal, lognormal_place, -45, 45, 1},
    {"weibull", weibull, weibull_place, -90, 8, 1},
    {"pareto", pareto, pareto_place, -42, 9, 1},
    {"laplace", laplace, laplace_place, -42, 8, 2},
};

/* Truths, and the theta of a second model of each. */
static const struct {
    int curve;
    double params[2], other[2];
} cases[] = {
    {0, {0.3, 0.5}, {0.7, -0.4}},  {0, {0.3, 0.5}, {0.3, -0.6931}}, {0, {-3, 1.4}, {-4.5, 0.1}},
    {1, {2.385, 1.7}, {1.1, 0}},   {1, {0.31, 0.8}, {-0.936, 0}},   {1, {2e-3, 25}, {-156.1, 0}},
    {1, {3, 1}, {2, 0}},           {1, {3, 19}, {21, 0}},           {2, {2.385, 3.5}, {-1.3, 0}},
    {2, {0.7, 2.6}, {-0.9555, 0}}, {3, {1.3, 2.385}, {0.8692, 0}},  {3, {-0.2, 0.3}, {0.5, 0}},
};
enum { CASES = sizeof cases / sizeof cases[0] };

typedef struct model {
    ouro_truth truth;
    ouro_arena keep;
    const ouro_family *f;
    const curve *c;
    const double *a, *b;
} model;

static int model_make(model *m, size_t i) {
    ouro_error e = {0};
    *m = (model){.c = &curves[cases[i].curve], .b = cases[i].other};
    if (ouro_truth_from_family(&m->truth, ouro_family_find(m->c->name), cases[i].params, &m->keep, &e)) return 0;
    m->f = &m->truth.family;
    m->a = m->truth.theta;
    return 1;
}

typedef enum what { MASS, MEAN, SQUARE, SURPRISE, KL, HELLINGER, TV } what;

static long double integrand(const model *m, what g, const double *theta, const double *other, long double x) {
    const long double log_p = m->c->log(m->f->known, theta, x), p = expl(log_p);
    const long double log_q = other ? m->c->log(m->f->known, other, x) : 0, d = log_q - log_p;
    switch (g) {
    case MASS: return p;
    case MEAN: return p * x;
    case SQUARE: return p * (x - m->truth.moments.mean[0]) * (x - m->truth.moments.mean[0]);
    case SURPRISE: return -p * log_p;
    case KL: return p == 0 ? expl(log_q) : (d < 1 ? p * expm1l(d) : expl(log_q) - p) - p * d;
    case HELLINGER: return (expl(log_p / 2) - expl(log_q / 2)) * (expl(log_p / 2) - expl(log_q / 2)) / 2;
    case TV: return fabsl(p - expl(log_q)) / 2;
    }
    return NAN;
}

/* Over all x: one side of the centre or both. */
static double integral(const model *m, what g, const double *theta, const double *other, int steps) {
    long double sum = 0;
    for (int side = 0; side < m->c->sides; side++)
        for (long k = lround(m->c->from * steps); k <= lround(m->c->to * steps); k++) {
            long double slope, x = m->c->place(m->f->known, theta, (long double)k / steps, side, &slope);
            sum += integrand(m, g, theta, other, x) * expl(slope);
        }
    return (double)(sum / steps);
}

TEST(contract_transforms_moments_and_entropy) {
    for (size_t i = 0; i < CASES; i++) {
        model m;
        REQUIRE(model_make(&m, i));
        const ouro_moments *t = &m.truth.moments;
        CHECK_CLOSE(integral(&m, MASS, m.a, NULL, 64), 1, 1e-12, 0);
        CHECK_CLOSE(integral(&m, MEAN, m.a, NULL, 64), t->mean[0], 1e-12, 0);
        CHECK_CLOSE(integral(&m, SQUARE, m.a, NULL, 64), t->trace, 1e-12, 0);
        CHECK_CLOSE(t->log_trace, log(t->trace), 1e-13, 1e-13);
        CHECK_EQ(t->logdet, t->log_trace);
        CHECK_CLOSE(m.f->type->entropy(m.f, m.a), integral(&m, SURPRISE, m.a, NULL, 64), 1e-12, 1e-12);
        ouro_arena_free(&m.keep);
    }
}

/* The density itself, and its integral between two places against the masses beyond them. */
TEST(contract_transforms_density_and_masses) {
    for (size_t i = 0; i < CASES; i++) {
        model m;
        REQUIRE(model_make(&m, i));
        double before = 0;
        for (int side = 0; side < m.c->sides; side++)
            for (int w = -8; w <= 2; w++) {
                long double slope;
                const double x = (double)m.c->place(m.f->known, m.a, 0.5 * w, side, &slope);
                const double below = m.f->type->beyond(m.f, m.a, x, 0),
                             h = 1e-5 * (x - m.f->known[0] * (m.c->sides > 1));
                CHECK_CLOSE(m.f->type->log_density(m.f, m.a, x), (double)m.c->log(m.f->known, m.a, x), 1e-12, 1e-12);
                CHECK_CLOSE(below + m.f->type->beyond(m.f, m.a, x, 1), 1, 1e-14, 0);
                before = m.f->type->beyond(m.f, m.a, x - h, 0);
                const double after = m.f->type->beyond(m.f, m.a, x + h, 0);
                CHECK_CLOSE((after - before) / (2 * h), exp((double)m.c->log(m.f->known, m.a, x)), 2e-6, 0);
            }
        ouro_arena_free(&m.keep);
    }
}

/* Wherever the mode is, no place near it is denser. */
TEST(contract_transforms_modes) {
    for (size_t i = 0; i < CASES; i++) {
        model m;
        REQUIRE(model_make(&m, i));
        const double x = m.f->type->mode(m.f, m.a), h = 1e-3 * sqrt(m.truth.moments.trace);
        const double peak = m.f->type->log_density(m.f, m.a, x);
        CHECK(peak >= m.f->type->log_density(m.f, m.a, x + h) && peak >= m.f->type->log_density(m.f, m.a, x - h));
        ouro_arena_free(&m.keep);
    }
}

TEST(contract_transforms_divergences) {
    static const ouro_divergence kinds[] = {OURO_KL, OURO_HELLINGER, OURO_TV};
    for (size_t i = 0; i < CASES; i++) {
        model m;
        REQUIRE(model_make(&m, i));
        const ouro_family_type *type = m.f->type;
        for (int k = 0; k < 3; k++)
            for (int swap = 0; swap < 2; swap++) {
                const double *a = swap ? m.b : m.a, *b = swap ? m.a : m.b;
                double expected = integral(&m, (what)(KL + k), a, b, k == 2 ? 512 : 64);
                if (kinds[k] == OURO_HELLINGER) expected = sqrt(expected);
                CHECK_CLOSE(type->divergence(m.f, kinds[k], a, b), expected, k == 2 ? 1e-5 : 1e-9, 1e-12);
            }
        for (int k = 0; k < OURO_DIVERGENCES; k++) CHECK_EQ(type->divergence(m.f, (ouro_divergence)k, m.a, m.a), 0);
        ouro_arena_free(&m.keep);
    }
}

/* On the line quantiles are coupled with quantiles: equal w have equal mass below, under any theta. */
TEST(contract_transforms_w2) {
    enum { STEPS = 64 };
    for (size_t i = 0; i < CASES; i++) {
        model m;
        long double sum = 0, slope[2];
        REQUIRE(model_make(&m, i));
        for (int side = 0; side < m.c->sides; side++)
            for (long k = lround(m.c->from * STEPS); k <= lround(m.c->to * STEPS); k++) {
                const long double w = (long double)k / STEPS;
                const long double x = m.c->place(m.f->known, m.a, w, side, &slope[0]);
                const long double y = m.c->place(m.f->known, m.b, w, side, &slope[1]);
                sum += expl(m.c->log(m.f->known, m.a, x) + slope[0]) * (x - y) * (x - y) / STEPS;
                if (fabsl(w) < 3)
                    CHECK_CLOSE(m.f->type->beyond(m.f, m.b, (double)y, 1), m.f->type->beyond(m.f, m.a, (double)x, 1),
                                1e-9, 0);
            }
        CHECK_CLOSE(m.f->type->divergence(m.f, OURO_W2, m.a, m.b), (double)sqrtl(sum), 1e-9, 0);
        CHECK_CLOSE(m.f->type->divergence(m.f, OURO_W2, m.b, m.a), (double)sqrtl(sum), 1e-9, 0);
        ouro_arena_free(&m.keep);
    }
}

/* More rows than are taken in one block, against the means of log x, x^k, log(x / minimum), |x - location|. */
TEST(contract_transforms_statistics_of_many_rows) {
    static double x[1000];
    for (size_t i = 0; i < CASES; i++) {
        model m;
        ouro_stream s;
        ouro_arena tmp = {0};
        double T[4];
        long double sum = 0, squares = 0;
        REQUIRE(model_make(&m, i));
        ouro_stream_open(&s, &(ouro_address){.seed = 78, .point = (uint32_t)i, .purpose = OURO_FOR_REAL});
        REQUIRE(m.f->type->sample(m.f, m.a, &s, &tmp, 1000, x) == OURO_OK);
        m.f->type->stat_rows(m.f, 1000, x, T);
        for (int k = 0; k < 1000; k++) {
            const long double known = m.f->known[0];
            const long double y = cases[i].curve == 0   ? logl(x[k])
                                  : cases[i].curve == 1 ? powl(x[k], known)
                                  : cases[i].curve == 2 ? logl(x[k] / known)
                                                        : fabsl(x[k] - known);
            sum += y / 1000;
            squares += y * y / 1000;
        }
        CHECK(T[0] == 1000 && T[1] == 1000);
        CHECK_CLOSE(T[2], (double)(cases[i].curve == 0 ? sum : logl(sum)), 1e-13, 1e-13);
        if (cases[i].curve == 0) CHECK_CLOSE(T[3], (double)logl(squares - sum * sum) / 2, 1e-12, 1e-12);
        ouro_arena_free(&m.keep);
        ouro_arena_free(&tmp);
    }
}

static double uniform_cdf(double x, double p) { return (void)p, fmin(fmax(x, 0), 1); }

TEST(contract_transforms_samples) {
    static double x[SAMPLES];
    for (size_t i = 0; i < CASES; i++) {
        model m;
        ouro_stream s;
        ouro_arena tmp = {0};
        REQUIRE(model_make(&m, i));
        ouro_stream_open(&s, &(ouro_address){.seed = 77, .point = (uint32_t)i, .purpose = OURO_FOR_REAL});
        REQUIRE(m.f->type->sample(m.f, m.a, &s, &tmp, SAMPLES, x) == OURO_OK);
        for (int k = 0; k < SAMPLES; k++) {
            CHECK(x[k] >= m.truth.domain.lower);
            x[k] = m.f->type->beyond(m.f, m.a, x[k], 0);
        }
        CHECK(fit_ks(SAMPLES, x, uniform_cdf, 0) < FIT_KS);
        ouro_arena_free(&m.keep);
        ouro_arena_free(&tmp);
    }
}

/* Ends of equal density (or the end of the support) with mass alpha beyond, for laws with and without a variance. */
TEST(contract_transforms_tails) {
    static const struct {
        const char *name;
        double params[2];
    } truths[] = {{"lognormal", {0.3, 0.5}}, {"lognormal", {-100, 10}}, {"weibull", {2.385, 1.7}},
                  {"weibull", {2, 0.05}},    {"weibull", {1e-5, 1}},    {"weibull", {2, 90}},
                  {"pareto", {2, 3.1}},      {"pareto", {2, 1.6}},      {"pareto", {1e100, 0.05}},
                  {"laplace", {3, 0.7}}};
    static const double alphas[] = {0.3, 0.01, 1e-9};
    for (size_t i = 0; i < 3 * sizeof truths / sizeof truths[0]; i++) {
        ouro_truth t;
        ouro_arena keep = {0};
        ouro_error e = {0};
        ouro_tail_set a;
        double side[2];
        REQUIRE(ouro_truth_from_family(&t, ouro_family_find(truths[i / 3].name), truths[i / 3].params, &keep, &e) == 0);
        REQUIRE(ouro_truth_tail(&t, alphas[i % 3], &keep, &a, &e) == OURO_OK);
        CHECK_CLOSE(t.family.type->tail_mass(&t.family, t.theta, &a, side), alphas[i % 3], 1e-9, 0);
        CHECK_CLOSE(a.attained, alphas[i % 3], 1e-9, 0);
        const double low = t.family.type->log_density(&t.family, t.theta, a.lower);
        if (side[0] > 1e-60)
            CHECK_CLOSE(low, t.family.type->log_density(&t.family, t.theta, a.upper), 1e-9, 1e-9);
        else
            CHECK(side[0] <= 1e-6 * side[1]);
        ouro_arena_free(&keep);
    }
}

/* All mass in one point, and scales that no double holds. */
TEST(contract_transforms_at_the_end) {
    for (size_t i = 0; i < CASES; i++) {
        model m;
        double mean, side[2], deep[] = {-5000, -5000}, deeper[] = {-5001, -5001}, gone[] = {-INFINITY, -INFINITY};
        REQUIRE(model_make(&m, i));
        const ouro_family_type *type = m.f->type;
        if (m.f->theta_len == 2) deep[0] = deeper[0] = gone[0] = m.a[0];
        ouro_moments t = {.mean = &mean};
        type->moments(m.f, gone, &t);
        CHECK(isfinite(mean) && t.trace == 0 && t.log_trace == -INFINITY);
        CHECK_EQ(type->beyond(m.f, gone, mean, 0) + type->beyond(m.f, gone, mean, 1), 0);
        CHECK_EQ(type->beyond(m.f, gone, nextafter(mean, INFINITY), 0), 1);
        CHECK_EQ(type->beyond(m.f, gone, nextafter(mean, -INFINITY), 1), 1);
        CHECK_EQ(type->divergence(m.f, OURO_TV, m.a, gone), 1);
        CHECK_EQ(type->divergence(m.f, OURO_HELLINGER, gone, m.a), 1);
        CHECK_EQ(type->divergence(m.f, OURO_KL, gone, m.a), INFINITY);
        CHECK_EQ(type->divergence(m.f, OURO_KL, m.a, gone), INFINITY);
        CHECK_CLOSE(type->divergence(m.f, OURO_W2, m.a, gone),
                    hypot(m.truth.moments.mean[0] - mean, sqrt(m.truth.moments.trace)), 1e-12, 0);
        CHECK_CLOSE(type->divergence(m.f, OURO_TV, m.a, deep), 1, 1e-12, 0);
        CHECK(type->divergence(m.f, OURO_TV, deep, deeper) > 0.2);
        CHECK(!isnan(type->tail_mass(m.f, deep, &(ouro_tail_set){.lower = mean, .upper = mean + 1}, side)));
        type->moments(m.f, deep, &t);
        CHECK(isfinite(t.log_trace) && !isnan(type->entropy(m.f, deep)));
        ouro_arena_free(&m.keep);
    }
}
