/* family_divergence.c: divergences of every family against sums and integrals done here, for models far apart, nearly
 * equal and collapsed; and the limits where a model has no spread left. */
#include "quadrature.h"
#include "subjects.h"
#include <float.h>
#include <gsl/gsl_cdf.h>

enum { SCAN = 8 };

/* All kinds are written with p and d = log q - log p, so that models that nearly agree lose no digits:
 *     KL = sum p (e^d - 1 - d)        2 H^2 = sum p (e^(d/2) - 1)^2        2 TV = sum p |e^d - 1|
 * The first holds since p and q both sum to 1; where d is large, q stands for e^d p. */
static long double term(ouro_divergence kind, long double log_p, long double log_q, long double d) {
    const long double p = expl(log_p), q = expl(log_q);
    const long double gain = fabsl(d) < 1 ? p * expm1l(d) : q - p;
    if (kind == OURO_HELLINGER) {
        const long double root = fabsl(d) < 1 ? expl(log_p / 2) * expm1l(d / 2) : expl(log_q / 2) - expl(log_p / 2);
        return root * root / 2;
    }
    if (kind == OURO_TV) return fabsl(gain) / 2;
    return p == 0 ? q : gain - p * d;
}

typedef struct contrast {
    const ouro_family *f;
    ouro_divergence kind;
    const double *a, *b;
} contrast;

static long double log_of(const contrast *c, const double *theta, place x) {
    return density_of(c->f)->log(c->f->known, theta, x);
}

/* log q - log p */
static long double log_ratio(const contrast *c, place x) {
    if (density_of(c->f)->log_ratio != NULL) return density_of(c->f)->log_ratio(c->f->known, c->a, c->b, x);
    return log_of(c, c->b, x) - log_of(c, c->a, x);
}

static long double contrast_term(const void *ctx, place x) {
    const contrast *c = ctx;
    const long double log_p = log_of(c, c->a, x), d = log_ratio(c, x);
    return term(c->kind, log_p, density_of(c->f)->log_ratio != NULL ? log_p + d : log_of(c, c->b, x), d);
}

/* Ends panels where the densities cross: |p - q| has a kink there. */
static void panels_at_crossings(panels *p, const contrast *c) {
    const size_t len = p->len;
    for (size_t i = 0; i + 1 < len; i++)
        for (int k = 0; k < SCAN; k++) {
            const double width = (p->end[i + 1] - p->end[i]) / SCAN;
            place lo = {p->origin, p->end[i] + k * width}, hi = lo;
            hi.offset += width;
            if (log_ratio(c, lo) * log_ratio(c, hi) > 0) continue;
            for (int step = 0; step < 60; step++) {
                const place middle = {p->origin, lo.offset + (hi.offset - lo.offset) / 2};
                *(log_ratio(c, lo) * log_ratio(c, middle) > 0 ? &lo : &hi) = middle;
            }
            panels_add(p, lo.offset);
        }
    panels_cut(p, -INFINITY, INFINITY);
}

/* The origin is the mean of the narrower of the two. */
static double on_the_line(const subject *j, ouro_divergence kind, const double *a, const double *b) {
    const contrast c = {j->f, kind, a, b};
    double mean[2], sd[2], from[2], to[2], sum;
    if (on_a_lattice(j->f)) {
        lattice_range(j->f, a, &from[0], &to[0]);
        lattice_range(j->f, b, &from[1], &to[1]);
        sum = sum_lattice(fmin(from[0], from[1]), fmax(to[0], to[1]), contrast_term, &c);
        return kind == OURO_HELLINGER ? sqrt(sum) : sum;
    }
    range_of(j->f, a, &mean[0], &sd[0]);
    range_of(j->f, b, &mean[1], &sd[1]);
    panels p = {.origin = panels_origin(j->f, sd[0] < sd[1] ? mean[0] : mean[1])};
    panels_around(&p, j->f, a);
    panels_around(&p, j->f, b);
    panels_cut(&p, density_of(j->f)->lower - p.origin, INFINITY);
    if (kind == OURO_TV) panels_at_crossings(&p, &c);
    sum = integrate(&p, contrast_term, &c);
    return kind == OURO_HELLINGER ? sqrt(sum) : sum;
}

static double of_categories(const subject *j, ouro_divergence kind, const double *a, const double *b) {
    double p[64], q[64];
    ouro_moments m = {.mean = p};
    long double sum = 0;
    j->f->type->moments(j->f, a, &m);
    m.mean = q;
    j->f->type->moments(j->f, b, &m);
    for (size_t i = 0; i < j->f->mean_len; i++) {
        if (kind == OURO_KL && p[i] > 0 && q[i] == 0) return INFINITY;
        if (p[i] > 0 || q[i] > 0)
            sum += p[i] == 0   ? (kind == OURO_KL ? q[i] : q[i] / 2)
                   : q[i] == 0 ? p[i] / 2
                               : term(kind, logl(p[i]), logl(q[i]), logl(q[i]) - logl(p[i]));
    }
    return (double)(kind == OURO_HELLINGER ? sqrtl(sum) : sum);
}

/* Quantile at u, or at 1 - u: the family's own where it has them, the textbook's gamma law otherwise. */
static double quantile(const ouro_family *f, const double *theta, double u, int upper) {
    double x, p = upper ? 1 - u : u;
    if (f->type->quantiles != NULL) {
        f->type->quantiles(f, theta, 1, &p, &x);
        return x;
    }
    x = upper ? gsl_cdf_gamma_Qinv(u, f->known[0], 1) : gsl_cdf_gamma_Pinv(u, f->known[0], 1);
    return x * exp(theta[0]) / f->known[0];
}

/* The square root of the integral over u of (Q_a(u) - Q_b(u))^2, on panels that halve towards 0 and 1. */
static double by_quantiles(const subject *j, const double *a, const double *b) {
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(NODES);
    double sum = 0;
    for (int side = 0; side < 2; side++)
        for (int k = 1; k < 50; k++)
            for (size_t i = 0; i < NODES; i++) {
                double u, w;
                gsl_integration_glfixed_point(ldexp(1, -k - 1), ldexp(1, -k), i, &u, &w, rule);
                const double gap = quantile(j->f, a, u, side) - quantile(j->f, b, u, side);
                sum += w * gap * gap;
            }
    gsl_integration_glfixed_table_free(rule);
    return sqrt(sum);
}

static long double mass_of(const contrast *c, int of_b, double x) {
    const place at_x = {x, 0};
    return expl(log_of(c, c->a, at_x) + (of_b ? log_ratio(c, at_x) : 0));
}

/* The same on a lattice: quantile functions are steps, so mass after mass, upwards from the lowest point. */
static double by_steps(const subject *j, const double *a, const double *b) {
    const contrast c = {j->f, OURO_W2, a, b};
    double x[2], to[2];
    long double left[2], sum = 0;
    lattice_range(j->f, a, &x[0], &to[0]);
    lattice_range(j->f, b, &x[1], &to[1]);
    for (int i = 0; i < 2; i++) left[i] = mass_of(&c, i, x[i]);
    while (x[0] <= to[0] && x[1] <= to[1]) {
        const int next = left[0] <= left[1] ? 0 : 1;
        const long double gap = x[0] - x[1], mass = left[next];
        sum += mass * gap * gap;
        left[1 - next] -= mass;
        x[next]++;
        left[next] = mass_of(&c, next, x[next]);
    }
    return (double)sqrtl(sum);
}

static double divergence(const subject *j, ouro_divergence kind, const double *a, const double *b) {
    return j->f->type->divergence(j->f, kind, a, b);
}

/* What the smallest differences of parameters, as stored, can mean for a divergence linear in them: a few roundings
 * of its largest value, 1, or for W2 of the numbers it compares. For one-parameter families TV is the difference of two
 * tails, each of them right to some 50 roundings. */
static double resolution(const subject *j, ouro_divergence kind, const double *a) {
    double mean[1];
    ouro_moments m = {.mean = mean};
    if (kind == OURO_KL || kind == OURO_HELLINGER) return 0;
    if (kind == OURO_TV) return j->f->type->nef ? 100 * DBL_EPSILON : 4 * DBL_EPSILON;
    j->f->type->moments(j->f, a, &m);
    return 16 * DBL_EPSILON * (fabs(mean[0]) + 8 * exp(m.log_trace / 2));
}

static void check_pair(const subject *j, ouro_divergence kind, const double *a, const double *b) {
    const double value = divergence(j, kind, a, b);
    double expected;
    if (kind == OURO_W2)
        expected = on_a_lattice(j->f) ? by_steps(j, a, b) : by_quantiles(j, a, b);
    else if (j->f->domain.kind == OURO_CATEGORIES)
        expected = of_categories(j, kind, a, b);
    else
        expected = on_the_line(j, kind, a, b);
    /* a narrow law next to 0: its place is a logarithm, as rounded as that */
    const int narrow = density_of(j->f) != NULL && density_of(j->f)->lower == 0 && !on_a_lattice(j->f);
    const double slack = narrow ? location_error(j->f, a, 4) + location_error(j->f, b, 4) : 0;
    if (!harness_close(value, expected, 1e-9 + slack, resolution(j, kind, a), __FILE__, __LINE__, j->name))
        printf("  kind %d of theta (%.17g, %.17g) and (%.17g, %.17g)\n", kind, a[0], a[1], b[0], b[1]);
}

static int has(const subject *j, ouro_divergence kind) {
    return j->f->type->divergence != NULL && j->f->type->divergence_missing[kind] == NULL;
}

static int equal(const subject *j, const double *a, const double *b) {
    return memcmp(a, b, j->f->theta_len * sizeof *a) == 0;
}

TEST(contract_divergences_match_integrals) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < j.models * j.models; i++) {
            const double *a = j.theta[i / j.models], *b = j.theta[i % j.models];
            if (equal(&j, a, b) ||
                (j.f->domain.kind == OURO_NUMBERS && (j.f->domain.dim > 1 || density_of(j.f) == NULL)))
                continue;
            for (int kind = 0; kind < OURO_DIVERGENCES; kind++)
                if (has(&j, (ouro_divergence)kind)) check_pair(&j, (ouro_divergence)kind, a, b);
        }
}

/* 0 at equality, positive elsewhere, symmetric but for KL, within bounds, and H^2 <= TV <= sqrt(2) H, 2 TV^2 <= KL. */
TEST(contract_divergences_are_distances) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < j.models * j.models; i++) {
            const double *a = j.theta[i / j.models], *b = j.theta[i % j.models];
            double d[OURO_DIVERGENCES] = {0};
            for (int kind = 0; kind < OURO_DIVERGENCES; kind++) {
                if (!has(&j, (ouro_divergence)kind)) continue;
                d[kind] = divergence(&j, (ouro_divergence)kind, a, b);
                if (equal(&j, a, b))
                    CHECK_EQ(d[kind], 0);
                else
                    CHECK(d[kind] > 0);
                if (kind != OURO_KL) CHECK_CLOSE(divergence(&j, (ouro_divergence)kind, b, a), d[kind], 1e-14, 0);
            }
            CHECK(d[OURO_TV] <= 1 && d[OURO_HELLINGER] <= 1);
            if (!has(&j, OURO_TV) || !has(&j, OURO_HELLINGER) || !has(&j, OURO_KL)) continue;
            CHECK(d[OURO_HELLINGER] * d[OURO_HELLINGER] <= d[OURO_TV] + 4 * DBL_EPSILON);
            CHECK(d[OURO_TV] <= sqrt(2) * d[OURO_HELLINGER] + 4 * DBL_EPSILON);
            CHECK(2 * d[OURO_TV] * d[OURO_TV] <= d[OURO_KL] + 4 * DBL_EPSILON);
        }
}

/* The fit of one point: no spread, or one category. */
static double *absorbed(subject *j, uint32_t which) {
    double *theta = ouro_arena_alloc(&j->tmp, j->f->theta_len, sizeof *theta), x[64];
    ouro_fit_info info;
    ouro_stream s;
    subject_open_stream(&s, j, which, OURO_FOR_REAL);
    CHECK(j->f->type->sample(j->f, j->theta[0], &s, &j->tmp, 1, x) == OURO_OK);
    j->f->type->stat_rows(j->f, 1, x, j->T[0]);
    j->f->type->fit_mle(j->f, j->T[0], theta, &info);
    return info.absorbed ? theta : NULL;
}

TEST(contract_divergences_of_absorbed_models) {
    for (subject j = {0}; subject_next(&j);) {
        const double *a = absorbed(&j, 1), *t = j.theta[0];
        double mean[64];
        ouro_moments m = {.mean = mean};
        CHECK(a != NULL || !subject_absorbs(&j));
        if (a == NULL || j.f->type->divergence == NULL || on_a_lattice(j.f)) continue; /* lattices: below */
        j.f->type->moments(j.f, a, &m);
        double p = j.f->domain.kind == OURO_CATEGORIES ? divergence(&j, OURO_TV, t, a) : 1; /* mass elsewhere */
        if (strcmp(j.name, "ising") == 0) p = 1 - t[(size_t)((mean[0] + j.f->known[0]) / 2)];
        CHECK_EQ(divergence(&j, OURO_KL, t, a), INFINITY);
        CHECK_CLOSE(divergence(&j, OURO_KL, a, t), p < 1 ? -log(1 - p) : INFINITY, 1e-13, 0);
        const double order = strcmp(j.name, "ising") ? 0 : 1e-15; /* there the same sum is taken in another order */
        if (has(&j, OURO_TV)) CHECK_CLOSE(divergence(&j, OURO_TV, a, t), p, 0, order);
        CHECK_CLOSE(divergence(&j, OURO_HELLINGER, t, a), p < 1 ? sqrt(1 - sqrt(1 - p)) : 1, 1e-14, 0);
        if (has(&j, OURO_W2)) { /* everything moves to the one point */
            double drift = 0;
            for (size_t i = 0; i < j.f->mean_len; i++)
                drift = hypot(drift, (mean[i] - j.truth->moments.mean[i]) * exp(-j.truth->moments.log_trace / 2));
            CHECK_CLOSE(divergence(&j, OURO_W2, t, a) * exp(-j.truth->moments.log_trace / 2), hypot(drift, 1), 1e-12,
                        0);
        }
        for (int kind = 0; kind < OURO_DIVERGENCES; kind++)
            if (has(&j, (ouro_divergence)kind)) CHECK_EQ(divergence(&j, (ouro_divergence)kind, a, a), 0);
        for (uint32_t k = 2; k < 6; k++)
            for (int kind = 0; kind < OURO_DIVERGENCES; kind++)
                if (has(&j, (ouro_divergence)kind)) {
                    const double *other = absorbed(&j, k);
                    if (other != NULL)
                        CHECK_EQ(divergence(&j, (ouro_divergence)kind, a, other) > 0, !equal(&j, a, other));
                }
    }
}

/* Laws too wide to be walked: a lower bound stands in, whose square is off by at most the 1/4 that the lattice adds, and by
 * what their shapes differ. */
TEST(contract_divergences_of_wide_lattices) {
    static const double means[][2] = {{30000, 33000}, {30000, 30030}, {30000, 30000.02}};
    subject j = {0};
    REQUIRE(subject_make(&j, "negative-binomial", "'mean': 30000, 'size': 4"));
    for (size_t i = 0; i < 3; i++) {
        const double *a = &means[i][0], *b = &means[i][1], exact = by_steps(&j, a, b);
        const double value = divergence(&j, OURO_W2, a, b);
        CHECK(value <= exact * (1 + 1e-9));
        CHECK_CLOSE(value * value, exact * exact, 1e-7, 0.25);
        CHECK_CLOSE(value, divergence(&j, OURO_W2, b, a), 0, 0);
    }
    subject_end(&j);
    REQUIRE(subject_make(&j, "poisson", "'mean': 1e9"));
    CHECK_CLOSE(divergence(&j, OURO_W2, (double[]){1e9}, (double[]){1e9 + 1e6}), 1e6, 2e-10,
                0); /* sds differ by 15.8 */
    subject_end(&j);
}

/* The models that one-parameter families may end in: no ones, all ones, scale 0; and a scale that no double holds. */
static size_t boundary(const ouro_family *f, double *theta) {
    if (f->type->nef == NULL || density_of(f) == NULL) return 0;
    theta[0] = on_a_lattice(f) ? 0 : -INFINITY;
    theta[1] = on_a_lattice(f) ? upper_end(f) : -800;
    return theta[1] < INFINITY ? 2 : 1;
}

/* A point mass against the truth: what lies elsewhere is all that counts. */
TEST(contract_divergences_of_point_masses) {
    for (subject j = {0}; subject_next(&j);) {
        double theta[2];
        const size_t len = boundary(j.f, theta);
        for (size_t i = 0; i < len && (on_a_lattice(j.f) || i == 0); i++) {
            const double *t = j.theta[0], *a = theta + i, at_a = on_a_lattice(j.f) ? a[0] : 0;
            const contrast c = {j.f, OURO_KL, t, t};
            const double log_p = on_a_lattice(j.f) ? (double)log_of(&c, t, (place){a[0], 0}) : -INFINITY;
            const double sd = exp(j.truth->moments.log_trace / 2), drift = (at_a - j.truth->moments.mean[0]) / sd;
            CHECK_EQ(divergence(&j, OURO_KL, t, a), INFINITY);
            CHECK_CLOSE(divergence(&j, OURO_KL, a, t), -log_p, 1e-13, 0);
            for (int swap = 0; swap < 2; swap++) {
                const double *one = swap ? a : t, *other = swap ? t : a;
                CHECK_CLOSE(divergence(&j, OURO_TV, one, other), -expm1(log_p), 1e-12, 0);
                CHECK_CLOSE(divergence(&j, OURO_HELLINGER, one, other), sqrt(-expm1(log_p / 2)), 1e-12, 0);
                CHECK_CLOSE(divergence(&j, OURO_W2, one, other) / sd, hypot(drift, 1), 1e-12, 0);
            }
        }
    }
}

/* No pair of models, however far down, has a divergence that is not a number, or is negative, or depends on the order. */
TEST(contract_divergences_at_the_boundary) {
    for (subject j = {0}; subject_next(&j);) {
        double theta[2];
        const size_t len = boundary(j.f, theta);
        for (size_t i = 0; i < len * (len + j.models); i++) {
            const double *a = theta + i % len, *b = i / len < len ? theta + i / len : j.theta[i / len - len];
            for (int kind = 0; kind < OURO_DIVERGENCES; kind++) {
                const double d = divergence(&j, (ouro_divergence)kind, a, b);
                const int may_underflow = kind == OURO_W2 && !on_a_lattice(j.f) && fmax(a[0], b[0]) < -745;
                if (!harness_true(equal(&j, a, b) ? d == 0 : d > 0 || may_underflow, __FILE__, __LINE__, j.name))
                    printf("  kind %d of theta %.17g and %.17g: %.17g\n", kind, a[0], b[0], d);
                if (kind != OURO_KL) CHECK_EQ(divergence(&j, (ouro_divergence)kind, b, a), d);
                if (kind == OURO_HELLINGER || kind == OURO_TV) CHECK(d <= 1);
            }
        }
    }
}

/* Gamma laws at scales that no double holds: only ratios of scales count. */
TEST(contract_divergences_of_gamma_beyond_underflow) {
    for (subject j = {0}; subject_next(&j);) {
        static const double gaps[] = {1e-9, 0.01, 1, 5, 30};
        if (density_of(j.f) == NULL || density_of(j.f)->log != gamma_log_density) continue;
        for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
            const double base[] = {0}, above[] = {gaps[i]}, low[] = {-1024}, next[] = {-1024 + gaps[i]};
            const double gap = next[0] - low[0]; /* as rounded */
            for (int kind = OURO_KL; kind <= OURO_TV; kind++)
                CHECK_CLOSE(divergence(&j, (ouro_divergence)kind, low, next),
                            divergence(&j, (ouro_divergence)kind, base, (double[]){gap}), 1e-9, 0);
            CHECK(divergence(&j, OURO_TV, low, above) > 1 - 1e-12 || j.f->known[0] < 1);
            CHECK_CLOSE(divergence(&j, OURO_KL, low, base), j.f->known[0] * 1023, 1e-13, 0);
            CHECK_EQ(divergence(&j, OURO_KL, base, low), INFINITY);
        }
    }
}

/* A normal at scales that no double holds, against one nearby and against the truth. */
TEST(contract_divergences_of_a_gaussian_beyond_underflow) {
    const ouro_family_type *type = ouro_family_find("gaussian");
    ouro_family f;
    ouro_error e = {0};
    const ouro_domain line = {.kind = OURO_NUMBERS, .dim = 1, .lower = -INFINITY, .upper = INFINITY};
    static const double scales[] = {-20, -300, -740, -800, -1e4, -1e9};
    REQUIRE(type != NULL && ouro_family_init(&f, type, &line, NULL, &e) == OURO_OK);
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        const double l = scales[i], truth[] = {0, 0}, a[] = {0.25, l}, b[] = {0.25, l - 1}, c[] = {0.5, l};
        const double base[] = {0, 0}, next[] = {0, -1};
        CHECK_CLOSE(type->divergence(&f, OURO_KL, a, truth), (0.0625 - 1 - 2 * l + exp(2 * l)) / 2, 1e-13, 0);
        CHECK_CLOSE(type->divergence(&f, OURO_KL, truth, a), exp(-2 * l) / 2 * 1.0625 - 0.5 + l, 1e-13, 0);
        for (int kind = OURO_KL; kind <= OURO_TV; kind++) { /* the same as at scale 1 */
            CHECK_CLOSE(type->divergence(&f, (ouro_divergence)kind, a, b),
                        type->divergence(&f, (ouro_divergence)kind, base, next), 1e-6, 0);
            CHECK_EQ(type->divergence(&f, (ouro_divergence)kind, a, a), 0);
            CHECK(type->divergence(&f, (ouro_divergence)kind, a, c) >= 1 - 1e-12);
        }
        CHECK_CLOSE(type->divergence(&f, OURO_TV, a, truth), 1, 1e-7, 0);
        CHECK_CLOSE(type->divergence(&f, OURO_HELLINGER, a, truth), 1, 1e-4, 0);
        CHECK_CLOSE(type->divergence(&f, OURO_W2, a, truth), hypot(0.25, 1 - exp(l)), 1e-14, 0);
        CHECK_CLOSE(type->divergence(&f, OURO_W2, a, c), 0.25, 1e-14, 0);
    }
    static const double far[] = {1e3, 1e9, 1e150, 1e200, 1e308};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        const double a[] = {far[i], 0}, b[] = {-far[i] / 2, 1.5}, c[] = {0, 0};
        CHECK_EQ(type->divergence(&f, OURO_TV, a, b), 1);
        CHECK_EQ(type->divergence(&f, OURO_TV, c, b), 1);
        CHECK_EQ(type->divergence(&f, OURO_HELLINGER, a, c), 1);
        CHECK(type->divergence(&f, OURO_KL, a, b) > far[i]);
    }
}
