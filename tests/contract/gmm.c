/* gmm.c: what family.h promises, for a family that has no statistic and is therefore no subject of subjects.h. */
#include "../src/families/gmm.h"
#include "fit.h"
#include "harness.h"
#include "ouro/registry.h"
#include "setup.h"

enum { ROWS = 4000, MOST_THETA = 400 };
static const char *const kinds[] = {"full", "tied", "diag", "spherical"};

typedef struct subject {
    ouro_study study;
    const ouro_truth *truth;
    const ouro_family *f; /* the model's */
    ouro_arena tmp;
} subject;

static int begin(subject *s, const char *truth, int kind, int k, const char *more) {
    *s = (subject){0};
    if (setup_loadf(
            &s->study,
            "{'name':'s','truth':{'family':'gmm'%s},'model':{'family':'gmm','n_components':%d,'covariance_type':"
            "'%s'%s}}",
            truth, k, kinds[kind], more))
        return 0;
    s->truth = &s->study.experiment->truth;
    s->f = &s->study.experiment->model;
    return 1;
}

static void end(subject *s) {
    ouro_study_free(&s->study);
    ouro_arena_free(&s->tmp);
}

static void draw(subject *s, const ouro_family *f, const double *theta, uint32_t generation, size_t n, double *x) {
    ouro_stream stream;
    ouro_stream_open(&stream, &(ouro_address){.seed = 99, .generation = generation, .purpose = OURO_FOR_SYNTHETIC});
    CHECK_EQ(f->type->sample(f, theta, &stream, &s->tmp, n, x), OURO_OK);
}

static ouro_fit_info fit(subject *s, size_t len, const ouro_points *set, double *theta) {
    ouro_fit_info info;
    const ouro_address address = {.seed = 99, .purpose = OURO_FOR_FIT};
    const ouro_row_task task = {.len = len, .set = set, .address = &address, .tmp = &s->tmp};
    CHECK_EQ(s->f->type->fit_rows(s->f, &task, theta, &info), OURO_OK);
    return info;
}

/* Weighted mean[d] and lower triangle of the covariance. */
static void observed(size_t d, size_t len, const ouro_points *set, double *mean, double *cov) {
    double W = 0;
    memset(mean, 0, d * sizeof *mean), memset(cov, 0, d * (d + 1) / 2 * sizeof *cov);
    for (size_t s = 0; s < len; s++) {
        W += set[s].weight * (double)set[s].n;
        for (size_t i = 0; i < set[s].n * d; i++) mean[i % d] += set[s].weight * (set[s].x[i] + set[s].shift[i % d]);
    }
    for (size_t j = 0; j < d; j++) mean[j] /= W;
    for (size_t s = 0; s < len; s++)
        for (size_t r = 0; r < set[s].n; r++)
            for (size_t i = 0; i < d; i++)
                for (size_t j = 0; j <= i; j++)
                    cov[i * (i + 1) / 2 + j] += set[s].weight / W * (set[s].x[r * d + i] + set[s].shift[i] - mean[i]) *
                                                (set[s].x[r * d + j] + set[s].shift[j] - mean[j]);
}

/* Fits of two sets with weights and shifts have the mean and the trace of what they saw, wherever they were stopped;
 * with full covariances, or one tied, the determinant too. */
TEST(contract_gmm_matches_moments) {
    static const double shift[2][2] = {{0, 0}, {1.5, -40}};
    static const char *const more[] = {"", ",'max_iter':1", ",'max_iter':7,'algorithm':'squarem'", ",'init':'random'"};
    static double x[2][ROWS];
    double theta[MOST_THETA], mean[2], cov[3], m[2];
    subject s;
    for (int i = 0; i < 16; i++) {
        REQUIRE(begin(&s, ",'means':[[0,0],[3,1],[-1,5]],'weights':[0.2,0.5,0.3],'correlations':[0.5,0,-0.9]", i % 4, 3,
                      more[i / 4]));
        for (int j = 0; j < 2; j++) draw(&s, &s.truth->family, s.truth->theta, (uint32_t)j, 150, x[j]);
        const ouro_points set[] = {{150, x[0], shift[0], 1}, {90, x[1], shift[1], 0.3}};
        fit(&s, 2, set, theta);
        ouro_moments out = {.mean = m};
        s.f->type->moments(s.f, theta, &out);
        observed(2, 2, set, mean, cov);
        CHECK_CLOSE(m[0], mean[0], 1e-11, 1e-11);
        CHECK_CLOSE(m[1], mean[1], 1e-11, 1e-11);
        CHECK_CLOSE(out.trace, cov[0] + cov[2], 1e-11, 0);
        CHECK_CLOSE(out.log_trace, log(cov[0] + cov[2]), 1e-11, 1e-11);
        if (i % 4 < 2) CHECK_CLOSE(out.logdet, log(cov[0] * cov[2] - cov[1] * cov[1]), 1e-10, 1e-10);
        end(&s);
    }
}

/* Many rows drawn from a model have its moments. */
TEST(contract_gmm_samples_have_the_moments) {
    static double x[ROWS * 50];
    double mean[2], cov[3], m[2], theta[MOST_THETA];
    static const double none[2] = {0, 0};
    subject s;
    for (int kind = -1; kind < 4; kind++) { /* -1: the truth itself */
        REQUIRE(begin(&s,
                      ",'means':[[0,0],[3,1],[-1,5]],'weights':[0.2,0.5,0.3],'sds':[[1,2],[3,0.5],[1,1]],"
                      "'correlations':[0.5,0,-0.9]",
                      kind < 0 ? 0 : kind, 3, ""));
        const ouro_family *f = kind < 0 ? &s.truth->family : s.f;
        const double *from = kind < 0 ? s.truth->theta : theta;
        if (kind >= 0) {
            draw(&s, &s.truth->family, s.truth->theta, 1, 400, x);
            fit(&s, 1, &(ouro_points){400, x, none, 1}, theta);
        }
        const size_t n = ROWS * 25;
        draw(&s, f, from, 7, n, x);
        ouro_moments out = {.mean = m};
        f->type->moments(f, from, &out);
        observed(2, 1, &(ouro_points){n, x, none, 1}, mean, cov);
        for (int i = 0; i < 2; i++) CHECK(fabs(mean[i] - m[i]) < FIT_Z * sqrt(cov[2 * i] / (double)n));
        CHECK_CLOSE(out.trace, cov[0] + cov[2], FIT_Z * sqrt(4 / (double)n), 0);
        CHECK_CLOSE(out.logdet, log(cov[0] * cov[2] - cov[1] * cov[1]), 0, FIT_Z * sqrt(8 / (double)n));
        end(&s);
    }
}

static double cdf(double x, double p) {
    (void)p;
    return 0.7 * 0.5 * erfc((1 - x) / (0.5 * sqrt(2))) + 0.3 * 0.5 * erfc((3 - x) / (2 * sqrt(2)));
}

TEST(contract_gmm_samples_have_the_law) {
    static double x[ROWS];
    subject s;
    REQUIRE(begin(&s, ",'means':[1,3,77],'weights':[0.7,0.3,0],'sds':[0.5,2,1]", 0, 2, ""));
    draw(&s, &s.truth->family, s.truth->theta, 3, ROWS, x);
    CHECK(fit_ks(ROWS, x, cdf, 0) < FIT_KS);
    CHECK_EQ(s.truth->family.type->components(&s.truth->family, s.truth->theta), 2);
    end(&s);
}

/* Rows in another unit and place give the same fit in that unit and place. A power of two, so that steps stay the
 * same. */
TEST(contract_gmm_fit_moves_with_its_rows) {
    static double x[2 * ROWS], y[2 * ROWS];
    static const double none[2] = {0, 0};
    double a[MOST_THETA], b[MOST_THETA];
    subject s;
    for (int kind = 0; kind < 4; kind++) {
        REQUIRE(begin(&s, ",'means':[[0,0],[3,1]]", kind, 2, ""));
        draw(&s, &s.truth->family, s.truth->theta, 1, 300, x);
        for (size_t i = 0; i < 600; i++) y[i] = 0x1p-100 * x[i];
        const ouro_fit_info one = fit(&s, 1, &(ouro_points){300, x, none, 1}, a);
        const ouro_fit_info two = fit(&s, 1, &(ouro_points){300, y, none, 1}, b);
        CHECK_EQ(one.iterations, two.iterations);
        for (size_t i = 0; i < s.f->theta_len; i++)
            CHECK_CLOSE(i == 2 || i == 3 ? b[i] : b[i] * 0x1p100, a[i], 1e-8, 1e-8);
        for (size_t i = 0; i < 600; i++) y[i] = x[i] + (i % 2 ? 8 : -1024);
        fit(&s, 1, &(ouro_points){300, y, none, 1}, b);
        CHECK_CLOSE(b[0], a[0] - 1024, 1e-10, 0);
        CHECK_CLOSE(b[1], a[1] + 8, 1e-10, 0);
        for (size_t i = 2; i < s.f->theta_len; i++) CHECK_CLOSE(b[i], a[i], 1e-5, 1e-5); /* tol 1e-6 */
        end(&s);
    }
}

/* Moments of models whose variances are beyond the doubles. */
TEST(contract_gmm_moments_of_tiny_models) {
    subject s;
    double m[2], theta[16] = {0,
                              0,
                              -0.6931471805599453,
                              -0.6931471805599453,
                              -3e-200,
                              0,
                              3e-200,
                              0,
                              4e-200,
                              1e-200,
                              2e-200,
                              4e-200,
                              1e-200,
                              2e-200};
    REQUIRE(begin(&s, ",'means':[[0,0],[3,1]]", 0, 2, ""));
    ouro_moments out = {.mean = m};
    s.f->type->moments(s.f, theta, &out); /* covariance {25, 4; 4, 5} e-400 */
    CHECK_CLOSE(out.log_trace, log(30) - 400 * log(10), 1e-14, 0);
    CHECK_CLOSE(out.logdet, log(25 * 5 - 16) - 800 * log(10), 1e-14, 0);
    end(&s);
}
