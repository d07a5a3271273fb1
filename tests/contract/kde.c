/* kde.c: kernel density estimates against their definition, summed point by point in long double, and what a draw of them is.
 *
 * False alarms: 12 comparisons with limits of fit.h, each false below 1e-6. */
#include "../fit.h"
#include "harness.h"
#include "ouro/registry.h"
#include "ouro/replicate.h"
#include "setup.h"
#include <math.h>
#include <string.h>

enum { ROWS = 37, MORE = 5, POINTS = ROWS + MORE, DRAWS = 20000, MOST_DIM = 3 };

typedef struct fitted {
    ouro_study study;
    const ouro_family *f;
    double *theta, rows[POINTS * MOST_DIM], weight[POINTS];
    ouro_fit_info info;
    ouro_arena tmp;
} fitted;

/* A fit of 37 rows of weight 1 and 5 of weight `heavy`, the latter shifted, through the family's slot. */
static int fit(fitted *t, size_t d, const char *model, double heavy) {
    static const char *const truths[] = {"'gaussian'", "'mvgaussian'", "'mvgaussian','dim':3"};
    const double shift[2][MOST_DIM] = {{0}, {0.25, -1, 2}};
    ouro_stream s;
    *t = (fitted){0};
    if (setup_loadf(&t->study,
                    "{'name':'k','truth':{'family':%s},'model':{'family':'kde',%s},'policy':{'synthetic':{'points':"
                    "50}}}",
                    truths[d - 1], model) != OURO_OK)
        return 0;
    t->f = &t->study.experiment[0].model;
    t->theta = ouro_arena_alloc(&t->tmp, t->f->theta_len, sizeof(double));
    ouro_stream_open(&s, &(ouro_address){.seed = 3, .purpose = OURO_FOR_REAL});
    ouro_fill_normals(&s, POINTS * d, t->rows);
    const ouro_points set[] = {{ROWS, t->rows, shift[0], 1}, {MORE, t->rows + ROWS * d, shift[1], heavy}};
    const ouro_row_task task = {.len = 2, .set = set, .tmp = &t->tmp};
    if (t->f->type->fit_rows(t->f, &task, t->theta, &t->info) != OURO_OK) return 0;
    for (size_t i = 0; i < POINTS; i++) {
        t->weight[i] = (i < ROWS ? 1 : heavy) / (ROWS + MORE * heavy);
        for (size_t j = 0; j < d; j++) t->rows[i * d + j] += shift[i >= ROWS][j];
    }
    return 1;
}

static void fitted_free(fitted *t) {
    ouro_study_free(&t->study);
    ouro_arena_free(&t->tmp);
}

static long double density(const fitted *t, const double *h, const double *x) {
    const size_t d = t->f->domain.dim;
    long double sum = 0;
    for (size_t i = 0; i < POINTS; i++) {
        long double p = t->weight[i];
        for (size_t j = 0; j < d; j++) {
            const long double z = ((long double)x[j] - t->rows[i * d + j]) / h[j];
            p *= expl(-z * z / 2) / (h[j] * sqrtl(2 * acosl(-1)));
        }
        sum += p;
    }
    return sum;
}

/* Weighted mean, and covariance of columns a and b, of the fitted rows. */
static long double mean_of(const fitted *t, size_t a) {
    long double sum = 0;
    for (size_t i = 0; i < POINTS; i++) sum += (long double)t->weight[i] * t->rows[i * t->f->domain.dim + a];
    return sum;
}
static long double covariance_of(const fitted *t, size_t a, size_t b) {
    const size_t d = t->f->domain.dim;
    long double sum = 0, ma = mean_of(t, a), mb = mean_of(t, b);
    for (size_t i = 0; i < POINTS; i++) sum += t->weight[i] * (t->rows[i * d + a] - ma) * (t->rows[i * d + b] - mb);
    return sum;
}

static const double heavies[] = {1, 0.2, 7};

/* The bandwidth of every rule and scale, from the definitions of the two libraries: for one column and equal weights, scott
 * with scale data is n^(-1/5) times the standard deviation of divisor n - 1. */
TEST(contract_kde_bandwidths) {
    static const char *const models[] = {"'bandwidth':0.37",
                                         "'rule':'scott'",
                                         "'rule':'silverman'",
                                         "'bandwidth':0.37,'scale':'data'",
                                         "'rule':'scott','scale':'data'",
                                         "'rule':'silverman','scale':'data'"};
    for (size_t d = 1; d <= 3; d++)
        for (int w = 0; w < 3; w++)
            for (int m = 0; m < 6; m++) {
                fitted t;
                REQUIRE(fit(&t, d, models[m], heavies[w]));
                double n = 0, p = -1 / ((double)d + 4);
                for (size_t i = 0; i < POINTS; i++) n += t.weight[i] * t.weight[i];
                n = 1 / n;
                const double h = m % 3 == 0 ? 0.37 : m % 3 == 1 ? pow(n, p) : pow(n * ((double)d + 2) / 4, p);
                for (size_t j = 0; j < d; j++)
                    CHECK_CLOSE(t.theta[1 + j], m < 3 ? h : h * sqrt((double)covariance_of(&t, j, j) * n / (n - 1)),
                                1e-13, 0);
                CHECK_EQ(t.theta[0], POINTS);
                fitted_free(&t);
            }
}

TEST(contract_kde_density_and_moments) {
    for (size_t d = 1; d <= 3; d++)
        for (int w = 0; w < 3; w++) {
            fitted t;
            double mean[MOST_DIM], h[MOST_DIM], out[60], x[60 * MOST_DIM], C[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
            long double trace = 0;
            ouro_moments m = {.mean = mean};
            ouro_stream s;
            REQUIRE(fit(&t, d, "'rule':'scott','scale':'data'", heavies[w]));
            memcpy(h, t.theta + 1, d * sizeof *h);
            ouro_stream_open(&s, &(ouro_address){.seed = 4});
            ouro_fill_normals(&s, 60 * d, x);
            for (size_t j = 0; j < d; j++) x[j] *= 9; /* far out */
            CHECK(t.f->type->log_densities(t.f, t.theta, &t.tmp, 60, x, out) == OURO_OK);
            for (size_t i = 0; i < 60; i++) CHECK_CLOSE(out[i], (double)logl(density(&t, h, x + i * d)), 1e-12, 1e-12);
            t.f->type->moments(t.f, t.theta, &m);
            for (size_t a = 0; a < d; a++) {
                CHECK_CLOSE(m.mean[a], (double)mean_of(&t, a), 1e-13, 1e-14);
                for (size_t b = 0; b < d; b++) C[a][b] = (double)covariance_of(&t, a, b) + (a == b ? h[a] * h[a] : 0);
                trace += C[a][a];
            }
            const double det = C[0][0] * (C[1][1] * C[2][2] - C[1][2] * C[2][1]) -
                               C[0][1] * (C[1][0] * C[2][2] - C[1][2] * C[2][0]) +
                               C[0][2] * (C[1][0] * C[2][1] - C[1][1] * C[2][0]);
            CHECK_CLOSE(m.trace, (double)trace, 1e-13, 0);
            CHECK_CLOSE(m.log_trace, (double)logl(trace), 1e-12, 1e-12);
            CHECK_CLOSE(m.logdet, log(det), 1e-11, 1e-11);
            fitted_free(&t);
        }
}

/* Density and tail of one dimension belong together: mass beyond a cut as an integral, by the trapezoid's rule. */
TEST(contract_kde_tails) {
    fitted t;
    double side[2], sum[2] = {0}, h;
    REQUIRE(fit(&t, 1, "'bandwidth':0.4", 7));
    const ouro_tail_set a = {.lower = -1.3, .upper = 0.9};
    const double both = t.f->type->tail_mass(t.f, t.theta, &a, side);
    CHECK_CLOSE(both, side[0] + side[1], 1e-15, 0);
    h = t.theta[1];
    for (int i = 0; i <= 20000; i++) {
        const double end = i % 20000 ? 1 : 0.5, below = a.lower - 10 + i * 5e-4, above = a.upper + i * 5e-4;
        sum[0] += end * 5e-4 * (double)density(&t, &h, &below);
        sum[1] += end * 5e-4 * (double)density(&t, &h, &above);
    }
    CHECK_CLOSE(side[0], sum[0], 1e-6, 0);
    CHECK_CLOSE(side[1], sum[1], 1e-6, 0);
    fitted_free(&t);
}

static const fitted *drawn_from;
static double cdf(double x, double h) {
    double sum = 0;
    for (size_t i = 0; i < POINTS; i++)
        sum += drawn_from->weight[i] * 0.5 * erfc((drawn_from->rows[i] - x) / h / M_SQRT2);
    return sum;
}

/* Draws have the distribution function of the mixture, heavy rows the weight they were given. */
TEST(contract_kde_draws) {
    for (int w = 0; w < 3; w++) {
        static double x[DRAWS];
        fitted t;
        ouro_stream s;
        REQUIRE(fit(&t, 1, "'bandwidth':0.05", heavies[w]));
        ouro_stream_open(&s, &(ouro_address){.seed = 20240917, .purpose = OURO_FOR_SYNTHETIC});
        CHECK(t.f->type->sample(t.f, t.theta, &s, &t.tmp, DRAWS, x) == OURO_OK);
        drawn_from = &t;
        CHECK(fit_ks(DRAWS, x, cdf, 0.05) < FIT_KS);
        fitted_free(&t);
    }
}

/* The walk of the policy finds the largest fit: batches pile up, and a budget caps them. */
TEST(contract_kde_room) {
    static const struct {
        const char *policy;
        uint64_t points;
    } cases[] = {{"'synthetic':{'points':30}", 30},
                 {"'initial':70,'synthetic':{'points':30}", 70},
                 {"'preset':'accumulate','synthetic':{'points':30}", 300},
                 {"'preset':'accumulate-subsample','synthetic':{'points':30}", 30},
                 {"'synthetic':{'points':30},'anchor':{'points':5,'every':4}", 35}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        REQUIRE(setup_loadf(&s,
                            "{'name':'k','truth':{'family':'moons'},'model':{'family':'kde','bandwidth':0.1},"
                            "'policy':{%s},'run':{'generations':10}}",
                            cases[c].policy) == OURO_OK);
        CHECK_EQ(s.experiment[0].model.points, cases[c].points);
        REQUIRE(ouro_replicate_init(&r, &s.experiment[0], &e) == OURO_OK);
        ouro_replicate_begin(&r, 0);
        for (int t = 1; t <= 10; t++) {
            REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
            CHECK_EQ(r.theta[0], (double)r.mix.points);
        }
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}

/* One point with the scale of the data has no width: absorbed, and nothing of it is NaN. */
TEST(contract_kde_of_one_point) {
    static const char *const models[] = {"'rule':'scott','scale':'data'", "'bandwidth':0.1"};
    for (int m = 0; m < 2; m++) {
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        double row[16];
        REQUIRE(setup_loadf(&s,
                            "{'name':'k','truth':{'family':'gaussian'},'model':{'family':'kde',%s},'policy':{"
                            "'synthetic':{'points':1}},'observe':{'measures':['variance_ratio','nll_real','absorbed',"
                            "'tails']}}",
                            models[m]) == OURO_OK);
        REQUIRE(ouro_replicate_init(&r, &s.experiment[0], &e) == OURO_OK);
        ouro_replicate_begin(&r, 0);
        for (int t = 1; t <= 3; t++) {
            REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
            ouro_replicate_measure(&r, row);
            for (size_t i = 0; i < s.experiment[0].columns_len; i++) CHECK(!isnan(row[i]));
            CHECK_CLOSE(row[0], m ? 0.01 : 0, 1e-14, 0);
            CHECK(m ? isfinite(row[1]) : row[1] == INFINITY);
            CHECK_EQ(row[2], m ? 0 : 1);
        }
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}

static int moons(double noise, ouro_study *s, size_t n, double *x) {
    ouro_stream stream;
    ouro_arena tmp = {0};
    if (setup_loadf(s, "{'name':'k','truth':{'family':'moons','noise':%g},'model':{'family':'mvgaussian'}}", noise))
        return 0;
    const ouro_truth *t = &s->experiment[0].truth;
    ouro_stream_open(&stream, &(ouro_address){.seed = 20240917, .purpose = OURO_FOR_REAL});
    const int ret = t->family.type->sample(&t->family, t->theta, &stream, &tmp, n, x);
    ouro_arena_free(&tmp);
    return ret == OURO_OK;
}

/* Moments, the truth's own as numbers and those of points. */
TEST(contract_moons_moments) {
    enum { N = 400000 };
    static double x[2 * N];
    ouro_study s;
    REQUIRE(moons(0.2, &s, N, x));
    const ouro_truth *t = &s.experiment[0].truth;
    const double vx = 0.79, vy = 0.6025 - M_1_PI, c = 0.125 - M_1_PI;
    CHECK_CLOSE(t->moments.trace, vx + vy, 1e-14, 0);
    CHECK_CLOSE(t->moments.logdet, log(vx * vy - c * c), 1e-13, 0);
    double z[5] = {0}, square[5] = {0};
    for (size_t i = 0; i < N; i++) {
        const double a = x[2 * i] - t->moments.mean[0], b = x[2 * i + 1] - t->moments.mean[1];
        const double v[5] = {a, b, a * a - vx, b * b - vy, a * b - c};
        for (int k = 0; k < 5; k++) {
            z[k] += v[k];
            square[k] += v[k] * v[k];
        }
    }
    for (int k = 0; k < 5; k++) CHECK(fabs(z[k]) / sqrt(square[k]) < FIT_Z);
    ouro_study_free(&s);
}

static double uniform_cdf(double x, double top) { return x / top; }

/* Without noise every point lies on one of the two arcs of make_moons, half of them on each, at a uniform angle. */
TEST(contract_moons_arcs) {
    static double x[2 * DRAWS], angle[2][DRAWS];
    size_t n[2] = {0};
    ouro_study s;
    REQUIRE(moons(1e-9, &s, DRAWS, x));
    for (size_t i = 0; i < DRAWS; i++) {
        const double *p = x + 2 * i;
        const int inner = !(fabs(hypot(p[0], p[1]) - 1) < 1e-7 && p[1] > -1e-7);
        const double a = inner ? atan2(0.5 - p[1], 1 - p[0]) : atan2(p[1], p[0]);
        if (inner) CHECK_CLOSE(hypot(1 - p[0], 0.5 - p[1]), 1, 1e-7, 0);
        angle[inner][n[inner]++] = a;
    }
    CHECK(fabs((double)n[0] - DRAWS / 2) / sqrt(DRAWS / 4) < FIT_Z);
    for (int k = 0; k < 2; k++) CHECK(fit_ks(n[k], angle[k], uniform_cdf, M_PI) < FIT_KS);
    ouro_study_free(&s);
}

/* Laid out as scikit-learn does: n/2 points from end to end of the upper arc in equal steps, the others on the lower one; a
 * batch of one stands at the lower arc's beginning, and noise is added to all. No law speaks of such points. */
TEST(contract_moons_grid) {
    static double x[2 * DRAWS];
    ouro_study s;
    ouro_stream stream;
    ouro_arena tmp = {0};
    REQUIRE(setup_loadf(&s,
                        "{'name':'k','truth':{'family':'moons','layout':'grid','noise':%g},'model':{'family':"
                        "'mvgaussian'}}",
                        1e-12) == OURO_OK);
    const ouro_truth *t = &s.experiment[0].truth;
    for (size_t n = 1; n <= 12; n++) {
        const size_t upper = n / 2, lower = n - upper;
        ouro_stream_open(&stream, &(ouro_address){.seed = 20240917, .purpose = OURO_FOR_REAL});
        REQUIRE(t->family.type->sample(&t->family, t->theta, &stream, &tmp, n, x) == OURO_OK);
        for (size_t i = 0; i < n; i++) {
            const int in = i >= upper;
            const size_t of = in ? lower : upper;
            const double a = of > 1 ? M_PI * (double)(in ? i - upper : i) / (double)(of - 1) : 0;
            CHECK_CLOSE(x[2 * i], in ? 1 - cos(a) : cos(a), 0, 1e-11);
            CHECK_CLOSE(x[2 * i + 1], in ? 0.5 - sin(a) : sin(a), 0, 1e-11);
        }
    }
    double out[1000] = {0};
    for (size_t i = 0; i < ouro_laws_len; i++)
        for (const ouro_claim *c = ouro_laws[i]->claims; c->column; c++)
            CHECK(ouro_law_predict(ouro_laws[i], &s.experiment[0].setting, c, 0, &tmp, out) == OURO_EUNDEFINED);
    ouro_arena_free(&tmp);
    ouro_study_free(&s);
}
