/* family_tails.c: log densities, masses beyond a point, and the truth's tail sets, of every family on the line and on
 * categories, against sums and integrals done here. */
#include "quadrature.h"
#include "subjects.h"
#include <float.h>

static int on_the_line(const subject *j) {
    return j->f->domain.kind == OURO_NUMBERS && j->f->domain.dim == 1 && density_of(j->f) != NULL;
}

typedef struct curve {
    const ouro_family *f;
    const double *theta;
} curve;

static long double log_mass(const curve *c, place x) { return density_of(c->f)->log(c->f->known, c->theta, x); }
static long double mass(const void *ctx, place x) { return expl(log_mass(ctx, x)); }

/* The mass below `to` (sign = -1), or above it: panels of a quarter sd outwards from there, since a tail falls fast, and
 * on a half line also panels that halve towards 0. */
static double outside(const ouro_family *f, const double *theta, double x, int sign) {
    const curve c = {f, theta};
    double mean, sd, from, to;
    range_of(f, theta, &mean, &sd);
    if (on_a_lattice(f)) {
        lattice_range(f, theta, &from, &to);
        if (sign < 0) return sum_lattice(density_of(f)->lower, fmin(ceil(x) - 1, upper_end(f)), mass, &c);
        return sum_lattice(fmax(floor(x) + 1, density_of(f)->lower), fmin(fmax(to, to + x - mean), upper_end(f)), mass,
                           &c);
    }
    panels p = {.origin = panels_origin(f, x)};
    x -= p.origin;
    for (int i = 0; i <= 4 * 2 * REACH; i++) panels_add(&p, x + sign * 0.25 * i * sd);
    panels_around(&p, f, theta); /* a density may have a kink at its centre */
    if (density_of(f)->lower == 0 && sign < 0) panels_towards_0(&p, x);
    for (int i = 0; i < 256 && density_of(f)->lower == 0 && sign < 0; i++) panels_add(&p, x * (i / 256.0)); /* steep */
    panels_cut(&p, sign < 0 ? density_of(f)->lower - p.origin : x, sign < 0 ? x : INFINITY);
    return integrate(&p, mass, &c);
}

/* --- log density and mass beyond a point ------------------------------------------------------------------------ */

/* Places to ask about: z standard deviations from the mean, and the ends of the support. */
static size_t places(const ouro_family *f, const double *theta, double *x) {
    static const double z[] = {-30, -12, -7, -4.5, -2, -1, -0.5, 0, 0.3, 1, 2.2, 4, 7.7, 12, 30};
    double mean, sd;
    size_t len = 0;
    range_of(f, theta, &mean, &sd);
    for (size_t i = 0; i < sizeof z / sizeof z[0]; i++) {
        x[len++] = on_a_lattice(f) ? floor(mean + z[i] * sd) : mean + z[i] * sd;
        if (density_of(f)->lower == 0) x[len++] = fmin(mean * exp2(z[i]), mean + 35 * sd); /* not whole either */
    }
    if (density_of(f)->lower == 0) {
        x[len++] = -1;
        x[len++] = -0.5;
        for (int i = 0; i < 4; i++) x[len++] = on_a_lattice(f) ? i : i * sd;
    }
    if (upper_end(f) < INFINITY)
        for (int i = -3; i < 3; i++) x[len++] = upper_end(f) + 0.5 * i;
    return len;
}

/* A logarithm is rounded by its size. */
TEST(contract_tails_log_density) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && on_the_line(&j) && j.f->type->log_density != NULL; k++) {
            double x[64];
            const size_t len = places(j.f, j.theta[k], x);
            const curve c = {j.f, j.theta[k]};
            const double slack = on_a_lattice(j.f) ? 0 : location_error(j.f, j.theta[k], 40);
            for (size_t i = 0; i < len; i++) {
                const double value = j.f->type->log_density(j.f, j.theta[k], x[i]);
                const int whole = x[i] == floor(x[i]),
                          inside = x[i] >= density_of(j.f)->lower && x[i] <= upper_end(j.f);
                if (!inside || (on_a_lattice(j.f) && !whole))
                    CHECK_EQ(value, -INFINITY);
                else
                    CHECK_CLOSE(value, (double)log_mass(&c, (place){x[i], 0}), 1e-14, 1e-13 + slack);
            }
        }
}

TEST(contract_tails_beyond) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && on_the_line(&j) && j.f->type->beyond != NULL; k++) {
            double x[64];
            const size_t len = places(j.f, j.theta[k], x);
            const double slack = on_a_lattice(j.f) ? 0 : location_error(j.f, j.theta[k], 40);
            for (size_t i = 0; i < len; i += 2 * j.f->theta_len - 1) /* one in three: such integrals take long */
                for (int upper = 0; upper < 2; upper++) {
                    const double value = j.f->type->beyond(j.f, j.theta[k], x[i], upper);
                    const double expected =
                        x[i] < density_of(j.f)->lower ? upper : outside(j.f, j.theta[k], x[i], upper ? 1 : -1);
                    if (!harness_close(value, expected, 1e-10 + slack, 1e-300, __FILE__, __LINE__, j.name))
                        printf("  mass %s %.17g of theta %.17g\n", upper ? "above" : "below", x[i], j.theta[k][0]);
                }
        }
}

/* --- tail sets -------------------------------------------------------------------------------------------------- */

static void check_tail_on_the_line(const subject *j, const double *theta, const ouro_tail_set *a) {
    double side[2], mean, sd;
    range_of(j->f, theta, &mean, &sd);
    const double slack = on_a_lattice(j->f) ? 0 : location_error(j->f, theta, 40);
    const double total = j->f->type->tail_mass(j->f, theta, a, side);
    CHECK_CLOSE(side[0] + side[1], total, 4 * DBL_EPSILON, 0);
    for (int i = 0; i < 2; i++) {
        const double x = i ? a->upper : a->lower, gap = i ? x - mean : mean - x;
        if (density_of(j->f)->lower == 0)
            CHECK_CLOSE(side[i], x <= 0 && i == 0 ? 0 : outside(j->f, theta, x, i ? 1 : -1), 1e-10 + slack, 1e-300);
        else if (strncmp(j->name, "gaussian", 8) != 0 || (gap > -20 * sd && gap < 35 * sd))
            CHECK_CLOSE(side[i], outside(j->f, theta, x, i ? 1 : -1), 1e-12 + slack, 1e-300);
        else
            CHECK_CLOSE(side[i], gap < 0, 0, 1e-80);
    }
}

static void check_tail_of_categories(const subject *j, const double *theta, const ouro_tail_set *a) {
    double side[2], p[64];
    long double sum = 0;
    ouro_moments m = {.mean = p};
    j->f->type->moments(j->f, theta, &m);
    for (size_t i = 0; i < j->f->domain.categories; i++) sum += a->member[i] ? p[i] : 0;
    CHECK_CLOSE(j->f->type->tail_mass(j->f, theta, a, side), (double)sum, 1e-14, 0);
    CHECK(isnan(side[0]) && isnan(side[1]));
}

static const double alphas[] = {0.6, 0.3, 0.1, 0.01, 0.001, 1e-9};
enum { ALPHAS = sizeof alphas / sizeof alphas[0] };

/* A tail is the truth's own: it has mass alpha for the truth, or whole levels up to alpha, and for any model what the
 * density says. */
TEST(contract_tails_of_models) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < ALPHAS && j.f->type->tail_mass != NULL && j.f->domain.dim == 1; i++) {
            const int levels = j.f->domain.kind == OURO_CATEGORIES || j.f->domain.lattice;
            ouro_tail_set a;
            ouro_error e = {0};
            double side[2], mean = 0, sd = 1;
            if (ouro_truth_tail(j.truth, alphas[i], &j.tmp, &a, &e) != OURO_OK) {
                CHECK(e.code == OURO_EUNDEFINED && levels);
                continue;
            }
            if (on_the_line(&j)) range_of(j.f, j.theta[0], &mean, &sd);
            CHECK_EQ(a.alpha, alphas[i]);
            /* next to |mean| / sd = c, a location cannot be told better than c roundings */
            CHECK_CLOSE(j.f->type->tail_mass(j.f, j.theta[0], &a, side), a.attained,
                        1e-10 + (levels ? 0 : 1600 * DBL_EPSILON * fabs(mean) / sd), 0);
            CHECK(levels ? a.attained > 0 && a.attained <= alphas[i] * (1 + 1e-9)
                         : fabs(a.attained - alphas[i]) <= 1e-9 * alphas[i]);
            for (size_t k = 0; k < j.models; k++)
                if (j.f->domain.kind == OURO_CATEGORIES)
                    check_tail_of_categories(&j, j.theta[k], &a);
                else if (on_the_line(&j))
                    check_tail_on_the_line(&j, j.theta[k], &a);
        }
}

/* Where the family has quantiles, the tail is the two sides of alpha / 2, as far from the mean. */
TEST(contract_tails_of_symmetric_truths) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < ALPHAS && j.f->type->quantiles != NULL && on_the_line(&j); i++) {
            const double p = alphas[i] / 2, mean = j.truth->moments.mean[0];
            double lower;
            ouro_tail_set a;
            ouro_error e = {0};
            REQUIRE(ouro_truth_tail(j.truth, alphas[i], &j.tmp, &a, &e) == OURO_OK);
            j.f->type->quantiles(j.f, j.theta[0], 1, &p, &lower);
            CHECK_EQ(a.lower, lower);
            CHECK_CLOSE(a.upper - mean, mean - a.lower, 0, 4 * DBL_EPSILON * (fabs(mean) + fabs(a.upper)));
            CHECK_EQ(a.attained, alphas[i]);
        }
}

/* On a half line: equal densities at both ends, or the whole tail above. */
TEST(contract_tails_of_skew_truths) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < ALPHAS && on_the_line(&j) && density_of(j.f)->lower == 0 && !on_a_lattice(j.f); i++) {
            ouro_tail_set a;
            ouro_error e = {0};
            const curve c = {j.f, j.theta[0]};
            REQUIRE(ouro_truth_tail(j.truth, alphas[i], &j.tmp, &a, &e) == OURO_OK);
            CHECK(a.upper > j.truth->moments.mean[0] * 1e-3);
            if (j.f->type->mode(j.f, j.theta[0]) == 0) /* the density only falls */
                CHECK_EQ(a.lower, 0);
            else
                CHECK_CLOSE((double)log_mass(&c, (place){a.lower, 0}), (double)log_mass(&c, (place){a.upper, 0}), 0,
                            1e-9);
            const double below = a.lower > 0 ? outside(j.f, j.theta[0], a.lower, -1) : 0;
            CHECK_CLOSE(below + outside(j.f, j.theta[0], a.upper, 1), alphas[i], 1e-9, 0);
        }
}

/* --- whole levels, found by sorting ----------------------------------------------------------------------------- */

typedef struct point {
    double x, p;
    long double log_p;
} point;

static int by_probability(const void *a, const void *b) {
    const long double x = ((const point *)a)->log_p, y = ((const point *)b)->log_p;
    return (x > y) - (x < y);
}

/* The rarest whole levels with mass up to alpha: what is left of the support, and their mass; with the mass of the next
 * level. Levels within 1e-9 of each other are one, since a double cannot tell. */
static void by_brute_force(const ouro_family *f, const double *theta, double alpha, double kept[2], double mass_of[2]) {
    const curve c = {f, theta};
    double from, to;
    long double sum = 0;
    lattice_range(f, theta, &from, &to);
    const size_t len = (size_t)(to - from) + 1;
    point *points = ouro_alloc(len, sizeof *points);
    for (size_t i = 0; i < len; i++) {
        points[i] = (point){from + (double)i, 0, log_mass(&c, (place){from, (double)i})};
        points[i].p = (double)expl(points[i].log_p);
    }
    qsort(points, len, sizeof *points, by_probability);
    kept[0] = INFINITY, kept[1] = -INFINITY;
    for (size_t i = 0; i < len;) {
        long double level = 0;
        size_t end = i;
        for (; end < len && points[end].log_p - points[i].log_p < 1e-9L; end++) level += points[end].p;
        if (sum + level > alpha * (1 + 1e-12L)) {
            mass_of[0] = (double)sum, mass_of[1] = (double)level;
            for (; i < len; i++) kept[0] = fmin(kept[0], points[i].x), kept[1] = fmax(kept[1], points[i].x);
            break;
        }
        sum += level;
        i = end;
    }
    ouro_free(points);
}

static void check_levels(const subject *j, double alpha) {
    double kept[2], expected[2] = {0, 1};
    ouro_tail_set a;
    ouro_error e = {0};
    ouro_arena tmp = {0};
    by_brute_force(j->f, j->theta[0], alpha, kept, expected);
    const int ret = ouro_truth_tail(j->truth, alpha, &tmp, &a, &e);
    if (expected[0] == 0) {
        CHECK_EQ(ret, OURO_EUNDEFINED);
        CHECK(strstr(e.what, "as rare as") != NULL);
    } else if (ret != OURO_OK) {
        CHECK_STR(j->name, "a truth that has values as rare as asked for");
    } else {
        const int ok = a.lower == kept[0] && a.upper == kept[1];
        if (!harness_true(ok, __FILE__, __LINE__, j->name))
            printf("  [%g, %g] for alpha %g, not [%g, %g]\n", a.lower, a.upper, alpha, kept[0], kept[1]);
        CHECK_CLOSE(a.attained, expected[0], 1e-10, 0);
        CHECK(a.attained <= alpha * (1 + 1e-12) && alpha < (a.attained + expected[1]) * (1 + 1e-9));
    }
    ouro_arena_free(&tmp);
}

TEST(contract_tails_are_whole_levels) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < ALPHAS && on_the_line(&j) && on_a_lattice(j.f); i++) check_levels(&j, alphas[i]);
}

static const char *const tied[][2] = {
    {"bernoulli", "'p': 0.5"},
    {"binomial", "'p': 0.5, 'trials': 7"},
    {"binomial", "'p': 0.5, 'trials': 8"},
    {"binomial", "'p': 0.5, 'trials': 1000"},
    {"binomial", "'p': 0.25, 'trials': 7"}, /* p(1) = p(2) */
    {"poisson", "'mean': 3"},               /* p(2) = p(3) */
    {"poisson", "'mean': 200"},
    {"negative-binomial", "'mean': 6, 'size': 3"}, /* p(3) = p(4) */
};

/* Values that are equally likely go together, whatever rounding makes of them, and alpha may meet a level exactly. */
TEST(contract_tails_keep_ties_together) {
    for (size_t i = 0; i < sizeof tied / sizeof tied[0]; i++) {
        subject j = {0};
        REQUIRE(subject_make(&j, tied[i][0], tied[i][1]));
        for (double alpha = 1e-4; alpha < 1; alpha *= 1.1) check_levels(&j, alpha);
        for (int k = 0; k < 5; k++) {
            double kept[2], mass_of[2] = {0, 0};
            by_brute_force(j.f, j.theta[0], 0.9 / (1 << k), kept, mass_of);
            if (mass_of[0] > 0) check_levels(&j, mass_of[0]);
        }
        subject_end(&j);
    }
}
