/* family_statistic.c: sufficient statistics of every family: they merge like sets of points, are drawn in law as if the
 * points had been, and give back the model they describe.
 *
 * False alarms: about 250 comparisons of statistics with limits FIT_Z and FIT_KS, each false below 1e-6 (fit.h). */
#include "fit.h"
#include "ouro/variates.h"
#include "quadrature.h"
#include "subjects.h"
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

enum { ROWS = 61, DRAWS = 4000, MOST_OUTCOMES = 4096 };

/* What rounding may do to a statistic: the location's rounding error counts in units of the spread. */
static double rounding(const subject *j, const double *theta) {
    double mean[64];
    ouro_moments m = {.mean = mean};
    if (j->f->domain.kind == OURO_CATEGORIES) return 4 * DBL_EPSILON;
    j->f->type->moments(j->f, theta, &m);
    if (m.log_trace == INFINITY) return 64 * DBL_EPSILON; /* its parameters are logarithms then */
    return 64 * DBL_EPSILON * (1 + fabs(mean[0]) * exp(-m.log_trace / 2));
}

static double spread(const subject *j, const double *theta) {
    double mean[64];
    ouro_moments m = {.mean = mean};
    if (j->f->domain.kind == OURO_CATEGORIES) return 1;
    j->f->type->moments(j->f, theta, &m);
    return exp(m.log_trace / 2);
}

static void check_equal(const subject *j, const double *theta, size_t len, size_t location, const double *a,
                        const double *b) {
    const double tolerance = rounding(j, theta), scale = spread(j, theta);
    for (size_t i = 0; i < len; i++) {
        const int here = location != OURO_NOWHERE && i >= location && i < location + j->f->domain.dim;
        if (!harness_close(a[i], b[i], here ? 0 : tolerance, tolerance * (here ? scale : 1), __FILE__, __LINE__,
                           j->name))
            printf("  entry %zu of the statistic at theta (%.17g, %.17g)\n", i, theta[0], theta[1]);
    }
}

static void check_same_statistic(const subject *j, const double *theta, const double *a, const double *b) {
    check_equal(j, theta, j->f->stat_len, j->f->type->stat_location, a, b);
}

static void check_same_fit(const subject *j, const double *theta, const double *Ta, const double *Tb) {
    double *a = ouro_alloc(j->f->theta_len, sizeof *a), *b = ouro_alloc(j->f->theta_len, sizeof *b);
    ouro_fit_info info;
    j->f->type->fit_mle(j->f, Ta, a, &info);
    j->f->type->fit_mle(j->f, Tb, b, &info);
    check_equal(j, theta, j->f->theta_len, j->f->type->theta_location, a, b);
    ouro_free(a);
    ouro_free(b);
}

static double *sample_rows(subject *j, const double *theta, size_t n, uint32_t generation) {
    double *x = ouro_arena_alloc(&j->tmp, n * j->f->domain.dim, sizeof *x);
    ouro_stream s;
    subject_open_stream(&s, j, generation, OURO_FOR_REAL);
    CHECK(j->f->type->sample(j->f, theta, &s, &j->tmp, n, x) == OURO_OK);
    return x;
}

/* T of rows[from, to), merged into `into` with a weight. */
static void merge_rows(const subject *j, const double *x, size_t from, size_t to, double weight, double *into) {
    double *T = ouro_alloc(j->f->stat_len, sizeof *T);
    j->f->type->stat_rows(j->f, to - from, x + from * j->f->domain.dim, T);
    j->f->type->stat_merge(j->f, weight, T, into);
    ouro_free(T);
}

/* Pieces of 1, 17, 20 and 23 rows: in order, backwards, as a tree, and all in one pass. */
TEST(contract_statistics_merge_like_sets) {
    for (subject j = {0}; subject_next(&j);) /* in more dimensions: mvgaussian.c, row by row */
        for (size_t k = 0; k < j.models && j.f->domain.dim == 1 && j.f->type->stat_merge != NULL; k++) {
            static const size_t cut[] = {0, 1, 18, 38, ROWS};
            const ouro_family_type *type = j.f->type;
            const double *x = sample_rows(&j, j.theta[k], ROWS, (uint32_t)k);
            for (int i = 0; i < 3; i++) type->stat_empty(j.f, j.T[i]);
            for (size_t i = 0; i < 4; i++) {
                merge_rows(&j, x, cut[i], cut[i + 1], 1, j.T[0]);
                merge_rows(&j, x, cut[3 - i], cut[4 - i], 1, j.T[1]);
            }
            merge_rows(&j, x, cut[0], cut[1], 1, j.T[2]);
            merge_rows(&j, x, cut[2], cut[3], 1, j.T[2]);
            type->stat_empty(j.f, j.T[3]);
            merge_rows(&j, x, cut[3], cut[4], 1, j.T[3]);
            merge_rows(&j, x, cut[1], cut[2], 1, j.T[3]);
            type->stat_merge(j.f, 1, j.T[3], j.T[2]);
            type->stat_rows(j.f, ROWS, x, j.T[3]);
            for (int i = 0; i < 3; i++) check_same_statistic(&j, j.theta[k], j.T[i], j.T[3]);
        }
}

TEST(contract_statistics_empty_is_neutral) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_family_type *type = j.f->type;
        if (type->stat_merge == NULL) continue;
        const double *x = sample_rows(&j, j.theta[0], 5, 0);
        type->stat_empty(j.f, j.T[0]);
        merge_rows(&j, x, 0, 5, 1, j.T[0]);
        type->stat_rows(j.f, 5, x, j.T[1]);
        CHECK(memcmp(j.T[0], j.T[1], j.f->stat_len * sizeof(double)) == 0);
        type->stat_empty(j.f, j.T[2]);
        type->stat_merge(j.f, 0.7, j.T[2], j.T[0]);
        CHECK(memcmp(j.T[0], j.T[1], j.f->stat_len * sizeof(double)) == 0);
    }
}

/* Weights 3, 1 and 2 fit like points that are there three times, once and twice; only ratios of weights matter. */
TEST(contract_statistics_weights_are_multiplicities) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_family_type *type = j.f->type;
        static const double weight[] = {3, 1, 2};
        if (type->stat_merge == NULL) continue;
        const double *x = sample_rows(&j, j.theta[0], 30, 7);
        for (int i = 0; i < 3; i++) type->stat_empty(j.f, j.T[i]);
        for (size_t i = 0; i < 3; i++) {
            merge_rows(&j, x, 10 * i, 10 * i + 10, weight[i], j.T[0]);
            merge_rows(&j, x, 10 * i, 10 * i + 10, 0.37 * weight[i], j.T[1]);
            for (int copy = 0; copy < (int)weight[i]; copy++) merge_rows(&j, x, 10 * i, 10 * i + 10, 1, j.T[2]);
        }
        check_same_fit(&j, j.theta[0], j.T[0], j.T[2]);
        check_same_fit(&j, j.theta[0], j.T[1], j.T[2]);
    }
}

/* Kolmogorov's distance of two samples of equal size, in units of its limit law; sorts both. Ties make it smaller. */
static double two_samples(size_t n, double *x, double *y) {
    double worst = 0;
    qsort(x, n, sizeof *x, fit_order);
    qsort(y, n, sizeof *y, fit_order);
    for (size_t a = 0, b = 0; a < n && b < n;) {
        const double at = x[a] < y[b] ? x[a] : y[b];
        while (a < n && x[a] == at) a++;
        while (b < n && y[b] == at) b++;
        worst = fmax(worst, fabs((double)a - (double)b) / (double)n);
    }
    return worst * sqrt((double)n / 2);
}

/* Fills column i of a [entries x DRAWS] table with a statistic and the fit it leads to. */
static void record(const subject *j, const double *T, double *theta, size_t i, double *table) {
    ouro_fit_info info;
    for (size_t e = 0; e < j->f->stat_len; e++) table[e * DRAWS + i] = T[e];
    j->f->type->fit_mle(j->f, T, theta, &info);
    for (size_t e = 0; e < j->f->theta_len; e++) table[(j->f->stat_len + e) * DRAWS + i] = theta[e];
}

typedef void fill_statistic(subject *j, uint32_t i, size_t n, double *T);

static void drawn(subject *j, uint32_t i, size_t n, double *T) {
    ouro_stream s;
    subject_open_stream(&s, j, i, OURO_FOR_SYNTHETIC);
    j->f->type->stat_draw(j->f, j->theta[0], &s, n, T);
}

static void sampled(subject *j, uint32_t i, size_t n, double *T) {
    const ouro_arena_mark mark = ouro_arena_here(&j->tmp);
    j->f->type->stat_rows(j->f, n, sample_rows(j, j->theta[0], n, i), T);
    ouro_arena_reset(&j->tmp, mark);
}

/* 3 parts of 10 and the rest drawn one after the other, and merged. */
static void in_parts(subject *j, uint32_t i, size_t n, double *T) {
    ouro_stream s;
    const size_t some = 3 * n / 10 > 0 ? 3 * n / 10 : 1;
    subject_open_stream(&s, j, i, OURO_FOR_REAL);
    j->f->type->stat_empty(j->f, T);
    for (int part = 0; part < 2; part++) {
        if (part && some == n) break;
        j->f->type->stat_draw(j->f, j->theta[0], &s, part ? n - some : some, j->T[3]);
        j->f->type->stat_merge(j->f, 1, j->T[3], T);
    }
}

/* The same with one point too many, told as n. */
static void one_too_many(subject *j, uint32_t i, size_t n, double *T) {
    drawn(j, i + DRAWS, n + 1, T);
    T[0] = (double)n;
    if (j->f->domain.kind == OURO_NUMBERS) T[1] = T[0];
}

/* A lattice's mean comes in several roundings of one number, which Kolmogorov would count as several. */
static void round_off(const subject *j, size_t len, double *x) {
    for (size_t i = 0; i < len && j->f->domain.lattice; i++) x[i] = rint(x[i] * 1e9) / 1e9;
}

/* The largest distance of two ways to a statistic over all its entries and fitted parameters, in units of its limit law. */
static double distance_of(subject *j, size_t n, fill_statistic *one, fill_statistic *other) {
    const size_t entries = j->f->stat_len + j->f->theta_len;
    double *a = ouro_alloc(entries * DRAWS, sizeof *a), *b = ouro_alloc(entries * DRAWS, sizeof *b), worst = 0;
    double *theta = ouro_alloc(j->f->theta_len, sizeof *theta);
    for (uint32_t i = 0; i < DRAWS; i++) {
        one(j, i, n, j->T[0]);
        record(j, j->T[0], theta, i, a);
        other(j, i, n, j->T[0]);
        record(j, j->T[0], theta, i, b);
    }
    round_off(j, entries * DRAWS, a);
    round_off(j, entries * DRAWS, b);
    for (size_t e = 0; e < entries; e++) worst = fmax(worst, two_samples(DRAWS, a + e * DRAWS, b + e * DRAWS));
    ouro_free(a);
    ouro_free(b);
    ouro_free(theta);
    return worst;
}

/* Two ways to a statistic agree in law in every entry, and in every parameter fitted from it. */
static void check_same_law(subject *j, size_t n, fill_statistic *one, fill_statistic *other) {
    const double distance = distance_of(j, n, one, other);
    if (!harness_true(distance < FIT_KS, __FILE__, __LINE__, j->name))
        printf("  statistic and fit of %zu points, theta[0] = %.17g: %.3g\n", n, j->theta[0][0], distance);
}

/* Rows as several sets, some moved, fit like all rows in one; and weights are multiplicities there too. */
TEST(contract_fits_of_rows_see_all_sets_alike) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && j.f->type->fit_rows != NULL && j.f->domain.dim == 1; k++) {
            enum { ALL = 20 + 21 + 3 * 13 };
            const double *x = sample_rows(&j, j.theta[k], 54, (uint32_t)k), zero = 0;
            const double origin = j.f->type->theta_location == OURO_NOWHERE ? 0 : j.theta[k][0];
            double all[ALL], moved[54], theta[2][8];
            ouro_fit_info info;
            for (int i = 0; i < 54; i++) moved[i] = x[i] - origin;
            for (int i = 0; i < ALL; i++) all[i] = moved[i < 41 ? i : 41 + (i - 41) % 13] + origin;
            const ouro_points whole = {.n = ALL, .x = all, .shift = &zero, .weight = 1};
            const ouro_points sets[] = {{.n = 20, .x = moved, .shift = &origin, .weight = 0.37},
                                        {.n = 0, .x = moved, .shift = &zero, .weight = 0.37},
                                        {.n = 13, .x = moved + 41, .shift = &origin, .weight = 3 * 0.37},
                                        {.n = 21, .x = moved + 20, .shift = &origin, .weight = 0.37}};
            const ouro_row_task one = {.len = 1, .set = &whole, .tmp = &j.tmp};
            const ouro_row_task four = {.len = 4, .set = sets, .tmp = &j.tmp};
            REQUIRE(j.f->type->fit_rows(j.f, &one, theta[0], &info) == OURO_OK);
            REQUIRE(j.f->type->fit_rows(j.f, &four, theta[1], &info) == OURO_OK);
            check_equal(&j, j.theta[k], j.f->theta_len, j.f->type->theta_location, theta[1], theta[0]);
            if (j.f->type->stat_rows == NULL) continue;
            j.f->type->stat_rows(j.f, ALL, all, j.T[0]);
            j.f->type->fit_mle(j.f, j.T[0], theta[1], &info);
            CHECK(memcmp(theta[0], theta[1], j.f->theta_len * sizeof(double)) == 0);
        }
}

/* On a lattice the same mean comes in two roundings, which are two values to Kolmogorov: see family_sums.c. */
TEST(contract_statistics_drawn_as_if_sampled) {
    static const size_t sizes[] = {1, 2, 5, 40};
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < 4 && !on_a_lattice(j.f) && j.f->type->stat_draw != NULL; i++)
            check_same_law(&j, sizes[i], drawn, sampled);
}

TEST(contract_statistics_split) {
    static const size_t sizes[] = {2, 7, 40};
    for (subject j = {0}; subject_next(&j);) /* a chain in two parts begins twice */
        for (size_t i = 0; i < 3 && !j.f->domain.pairs && j.f->type->stat_draw && j.f->type->stat_merge; i++)
            check_same_law(&j, sizes[i], drawn, in_parts);
}

/* What these comparisons can see. With 4000 draws the limit is a distance of .063 between distribution functions, and the
 * noise at a given point .011: a difference of .1 passes with probability 4e-4. A point too many among 2 is such a one for
 * every law with a density, and for the normal ones, whose degrees of freedom it doubles, far more. */
TEST(contract_statistics_tell_one_point_more) {
    for (subject j = {0}; subject_next(&j);) {
        if (j.f->domain.kind == OURO_CATEGORIES || j.f->domain.lattice || j.f->type->stat_draw == NULL) continue;
        CHECK(distance_of(&j, 1, drawn, one_too_many) > FIT_KS);
        if (j.f->type->matches_second_moments) CHECK(distance_of(&j, 3, drawn, one_too_many) > FIT_KS);
    }
}

/* 12 of 30 rows by their statistic, and by choosing them. */
static void subset_of_statistic(subject *j, uint32_t i, size_t n, double *T) {
    const ouro_arena_mark mark = ouro_arena_here(&j->tmp);
    ouro_stream s;
    subject_open_stream(&s, j, i, OURO_FOR_POLICY);
    j->f->type->stat_rows(j->f, n, sample_rows(j, j->theta[0], n, 99), j->T[1]);
    CHECK(j->f->type->stat_subset(j->f, j->T[1], 12, &s, &j->tmp, T) == OURO_OK);
    ouro_arena_reset(&j->tmp, mark);
}

static void subset_of_rows(subject *j, uint32_t i, size_t n, double *T) {
    const ouro_arena_mark mark = ouro_arena_here(&j->tmp);
    uint32_t index[64];
    double chosen[64];
    const double *x = sample_rows(j, j->theta[0], n, 99);
    ouro_stream s;
    subject_open_stream(&s, j, i, OURO_FOR_MEASURE);
    ouro_choose(&s, n, 12, index);
    for (int k = 0; k < 12; k++) chosen[k] = x[index[k]];
    j->f->type->stat_rows(j->f, 12, chosen, T);
    ouro_arena_reset(&j->tmp, mark);
}

TEST(contract_statistics_subsets_as_if_chosen) {
    for (subject j = {0}; subject_next(&j);) {
        if (j.f->type->stat_subset == NULL) {
            CHECK(j.f->domain.kind == OURO_NUMBERS); /* counts always fix the empirical distribution */
            continue;
        }
        check_same_law(&j, 30, subset_of_statistic, subset_of_rows);
    }
}

/* --- exact laws --------------------------------------------------------------------------------------------- */

/* Number of an outcome (counts that sum to n) among all, and all their probabilities. */
typedef struct outcomes {
    size_t len, categories;
    unsigned count[MOST_OUTCOMES][8];
    double expected[MOST_OUTCOMES];
    uint64_t seen[MOST_OUTCOMES];
} outcomes;

static void list_outcomes(outcomes *o, unsigned *count, size_t at, unsigned left) {
    if (at + 1 == o->categories) {
        count[at] = left;
        memcpy(o->count[o->len++], count, o->categories * sizeof *count);
        return;
    }
    for (unsigned k = 0; k <= left; k++) {
        count[at] = k;
        list_outcomes(o, count, at + 1, left - k);
    }
}

static void note_outcome(outcomes *o, const double *T) {
    for (size_t i = 0; i < o->len; i++) {
        size_t same = 0;
        while (same < o->categories && T[1 + same] == o->count[i][same]) same++;
        if (same < o->categories) continue;
        o->seen[i]++;
        return;
    }
    harness_true(false, __FILE__, __LINE__, "an outcome with the wrong total");
}

static double multinomial(const double *p, const unsigned *count, size_t k) {
    return gsl_ran_multinomial_pdf(k, p, count);
}

static double hypergeometric(const double *size, const unsigned *count, size_t k) {
    double log_ways = 0, all = 0, take = 0;
    for (size_t i = 0; i < k; i++) {
        if (count[i] > size[i]) return 0;
        log_ways += gsl_sf_lnchoose((unsigned)size[i], count[i]);
        all += size[i];
        take += count[i];
    }
    return exp(log_ways - gsl_sf_lnchoose((unsigned)all, (unsigned)take));
}

/* Joint counts of n drawn by `draw` against their law; impossible outcomes must not occur at all. */
static void check_outcomes(subject *j, unsigned n, fill_statistic *draw,
                           double (*law)(const double *, const unsigned *, size_t), const double *parameter) {
    enum { TRIALS = 20000 };
    static outcomes o;
    unsigned count[8];
    memset(&o, 0, sizeof o);
    o.categories = j->f->domain.categories;
    list_outcomes(&o, count, 0, n);
    for (uint32_t i = 0; i < TRIALS; i++) {
        draw(j, i, n, j->T[0]);
        CHECK_EQ(j->T[0][0], n);
        note_outcome(&o, j->T[0]);
    }
    size_t possible = 0;
    for (size_t i = 0; i < o.len; i++) {
        const double p = law(parameter, o.count[i], o.categories);
        CHECK(p > 0 || o.seen[i] == 0);
        o.expected[possible] = TRIALS * p;
        o.seen[possible] = o.seen[i];
        possible += p > 0;
    }
    CHECK_CLOSE(fit_chi2(possible, o.expected, o.seen), 0, 0, FIT_Z);
}

TEST(contract_statistics_of_categories_are_multinomial) {
    for (subject j = {0}; subject_next(&j);)
        if (j.f->domain.kind == OURO_CATEGORIES && j.f->domain.categories <= 5 && !j.f->domain.pairs)
            check_outcomes(&j, 6, drawn, multinomial, j.theta[0]);
}

static void six_of_thirteen(subject *j, uint32_t i, size_t n, double *T) {
    ouro_stream s;
    subject_open_stream(&s, j, i, OURO_FOR_POLICY);
    CHECK(j->f->type->stat_subset(j->f, j->T[2], n, &s, &j->tmp, T) == OURO_OK);
    for (size_t k = 0; k < j->f->stat_len; k++) CHECK(T[k] <= j->T[2][k]);
}

TEST(contract_statistics_of_subsets_are_hypergeometric) {
    static const uint64_t count[] = {5, 3, 0, 4, 1};
    for (subject j = {0}; subject_next(&j);) {
        double size[5];
        if (j.f->domain.kind != OURO_CATEGORIES || j.f->domain.categories != 5) continue;
        for (int i = 0; i < 5; i++) size[i] = (double)count[i];
        j.f->type->stat_counts(j.f, count, j.T[2]);
        check_outcomes(&j, 6, six_of_thirteen, hypergeometric, size);
        six_of_thirteen(&j, 0, 13, j.T[0]);
        CHECK(memcmp(j.T[0], j.T[2], j.f->stat_len * sizeof(double)) == 0);
        six_of_thirteen(&j, 0, 0, j.T[0]);
        j.f->type->stat_empty(j.f, j.T[1]);
        CHECK(memcmp(j.T[0], j.T[1], j.f->stat_len * sizeof(double)) == 0);
    }
}

static double normal_cdf(double x, double p) { return (void)p, gsl_cdf_ugaussian_P(x); }

/* Cochran: the mean is N(mean, sd^2 / n), the centred squares are sd^2 chi^2_{n-1}, and the two are independent. */
TEST(contract_statistics_of_a_gaussian_follow_cochran) {
    static double mean[DRAWS], square[DRAWS], product[DRAWS];
    static const size_t sizes[] = {2, 3, 10, 1000, 1000000000};
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < 5 && strcmp(j.name, "gaussian") == 0; k++) {
            const double n = (double)sizes[k], df = n - 1;
            for (uint32_t i = 0; i < DRAWS; i++) {
                drawn(&j, i, sizes[k], j.T[0]);
                CHECK(j.T[0][0] == n && j.T[0][1] == n);
                mean[i] = (j.T[0][2] - j.theta[0][0]) * sqrt(n) / exp(j.theta[0][1]);
                square[i] = n * exp(2 * (j.T[0][3] - j.theta[0][1]));
                product[i] = mean[i] * (square[i] - df) / sqrt(2 * df);
            }
            CHECK_CLOSE(fit_mean_z(DRAWS, mean, 0, 1), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_variance_z(DRAWS, mean, 0, 1, 3), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_mean_z(DRAWS, square, df, 2 * df), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_variance_z(DRAWS, square, df, 2 * df, 12 * df * df + 48 * df), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_mean_z(DRAWS, product, 0, 1), 0, 0, FIT_Z);
            CHECK(fit_ks(DRAWS, mean, normal_cdf, 0) < FIT_KS);
            if (df < 1e6) CHECK(fit_ks(DRAWS, square, gsl_cdf_chisq_P, df) < FIT_KS);
        }
}

/* Rows times a power of two, an exact operation: only the scale changes, also where the squares leave the doubles. */
TEST(contract_statistics_of_a_gaussian_scale) {
    static const int powers[] = {-1000, -530, -467, -400, -3, 0, 5, 200, 400};
    const ouro_family_type *type = ouro_family_find("gaussian");
    const ouro_family f = {.type = type, .domain = {.kind = OURO_NUMBERS, .dim = 1}, .stat_len = 4};
    double x[ROWS], scaled[ROWS], T[4], S[4];
    ouro_stream s;
    REQUIRE(type != NULL);
    ouro_stream_open(&s, &(ouro_address){.seed = 11, .purpose = OURO_FOR_REAL});
    ouro_fill_normals(&s, ROWS, x);
    type->stat_rows(&f, ROWS, x, T);
    for (size_t k = 0; k < sizeof powers / sizeof powers[0]; k++) {
        for (size_t i = 0; i < ROWS; i++) scaled[i] = ldexp(x[i], powers[k]);
        type->stat_rows(&f, ROWS, scaled, S);
        CHECK_EQ(S[2], ldexp(T[2], powers[k]));
        CHECK_CLOSE(S[3], T[3] + powers[k] * log(2), 1e-15, 1e-15);
    }
}

/* Three collapsed points and one somewhere else: the distance decides, however little of the spread is left. */
TEST(contract_statistics_of_a_gaussian_far_apart) {
    static const double log_rms[] = {-3, -300, -460, -800, -1e5, -INFINITY}, gaps[] = {1, -1e90, 1e-90, 1e-290};
    const ouro_family_type *type = ouro_family_find("gaussian");
    const ouro_family f = {.type = type, .domain = {.kind = OURO_NUMBERS, .dim = 1}, .stat_len = 4};
    REQUIRE(type != NULL);
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < 4; k++) {
            const double near[] = {3, 3, 0.5 * gaps[k], log_rms[i]}, far[] = {1, 1, 1.5 * gaps[k], -INFINITY};
            /* mean square = 3/4 of the one part's, and the distance squared times 3/4 times 1/4 */
            const double a = log(0.75) / 2 + log_rms[i], b = log(0.1875) / 2 + log(fabs(gaps[k])), top = fmax(a, b);
            const double expected = top + log(exp(2 * (a - top)) + exp(2 * (b - top))) / 2;
            for (int swap = 0; swap < 2; swap++) {
                double T[4];
                memcpy(T, swap ? far : near, sizeof T);
                type->stat_merge(&f, 1, swap ? near : far, T);
                CHECK_EQ(T[0], 4);
                CHECK_CLOSE(T[2], 0.75 * gaps[k], 1e-15, 0);
                /* a logarithm is rounded by its size */
                CHECK_CLOSE(T[3], expected, 1e-14, 1e-14 + 4 * DBL_EPSILON * fmin(fabs(log_rms[i]), 1000));
            }
        }
}
