/* ppca.c: probabilistic principal components against the closed form of Tipping and Bishop, in dense matrices by GSL.
 *
 * False alarms: none, nothing here is compared with chance. */
#include "harness.h"
#include "ouro/registry.h"
#include "ouro/replicate.h"
#include "setup.h"
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

enum { MOST = 40, ROWS = 90 };

typedef struct fitted {
    ouro_study study;
    const ouro_family *f;
    ouro_arena tmp;
    double *T, *theta, x[ROWS * MOST];
    ouro_fit_info info;
} fitted;

/* A fit of q latent dimensions to n rows of unequal, correlated columns times `scale`. */
static int fit(fitted *t, size_t d, size_t q, size_t n, double scale) {
    ouro_stream s;
    *t = (fitted){0};
    if (setup_loadf(&t->study,
                    "{'name':'p','truth':{'family':'mvgaussian','dim':%zu},'model':{'family':'ppca','n_latent':%zu}}",
                    d, q) != OURO_OK)
        return 0;
    t->f = &t->study.experiment[0].model;
    t->T = ouro_arena_alloc(&t->tmp, t->f->stat_len, sizeof(double));
    t->theta = ouro_arena_alloc(&t->tmp, t->f->theta_len, sizeof(double));
    ouro_stream_open(&s, &(ouro_address){.seed = 11, .purpose = OURO_FOR_REAL});
    ouro_fill_normals(&s, n * d, t->x);
    for (size_t i = 0; i < n; i++) {
        const double common = 0.5 * t->x[i * d];
        for (size_t j = 0; j < d; j++)
            t->x[i * d + j] = scale * ((1 + 0.3 * (double)j) * t->x[i * d + j] + common + (double)j);
    }
    t->f->type->stat_rows(t->f, n, t->x, t->T);
    t->f->type->fit_mle(t->f, t->T, t->theta, &t->info);
    return 1;
}

static void fitted_free(fitted *t) {
    ouro_study_free(&t->study);
    ouro_arena_free(&t->tmp);
}

/* Sigma = L L' of theta, columns packed, as a full matrix in units of scale^2. */
static void covariance(const fitted *t, double scale, double *C) {
    const size_t d = t->f->domain.dim;
    const double *exponent = t->theta + d, *L = t->theta + 2 * d;
    memset(C, 0, d * d * sizeof *C);
    for (size_t k = 0; k < d; L += d - k, k++)
        for (size_t i = k; i < d; i++)
            for (size_t j = k; j < d; j++)
                C[i * d + j] += ldexp(L[i - k], (int)exponent[k]) / scale * (ldexp(L[j - k], (int)exponent[k]) / scale);
}

/* W W' + s2 I from the eigenvalues and axes of the sample covariance; the leading ones into value[d]. */
static void textbook(const fitted *t, size_t n, size_t q, double scale, double *C, double *value) {
    const size_t d = t->f->domain.dim;
    double mean[MOST] = {0}, S[MOST * MOST] = {0}, axes[MOST * MOST], s2 = 0;
    for (size_t i = 0; i < n * d; i++) mean[i % d] += t->x[i] / scale / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < d; a++)
            for (size_t b = 0; b < d; b++)
                S[a * d + b] += (t->x[i * d + a] / scale - mean[a]) * (t->x[i * d + b] / scale - mean[b]) / (double)n;
    gsl_matrix_view M = gsl_matrix_view_array(S, d, d), U = gsl_matrix_view_array(axes, d, d);
    gsl_vector_view l = gsl_vector_view_array(value, d);
    gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(d);
    gsl_eigen_symmv(&M.matrix, &l.vector, &U.matrix, w);
    gsl_eigen_symmv_sort(&l.vector, &U.matrix, GSL_EIGEN_SORT_VAL_DESC);
    gsl_eigen_symmv_free(w);
    for (size_t i = q; i < d; i++) s2 += value[i] / (double)(d - q);
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++) {
            C[a * d + b] = a == b ? s2 : 0;
            for (size_t i = 0; i < q; i++) C[a * d + b] += (value[i] - s2) * axes[a * d + i] * axes[b * d + i];
        }
}

TEST(contract_ppca_closed_form) {
    static const size_t cases[][2] = {{2, 1}, {3, 1}, {3, 2}, {7, 3}, {7, 6}, {40, 1}, {40, 33}};
    static const double scales[] = {1, 1e-170, 1e170};
    static double C[MOST * MOST], expected[MOST * MOST];
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (int s = 0; s < 3; s++) {
            const size_t d = cases[c][0], q = cases[c][1];
            double value[MOST], log_value[MOST], mean[MOST], trace = 0;
            ouro_moments m = {.mean = mean};
            fitted t;
            REQUIRE(fit(&t, d, q, ROWS, scales[s]));
            covariance(&t, scales[s], C);
            textbook(&t, ROWS, q, scales[s], expected, value);
            for (size_t i = 0; i < d * d; i++) CHECK_CLOSE(C[i], expected[i], 0, 1e-12 * value[0]);
            t.f->type->spectrum(t.f, t.theta, log_value);
            for (size_t i = 0; i < q; i++) CHECK_CLOSE(log_value[i] - 2 * log(scales[s]), log(value[i]), 0, 1e-10);
            for (size_t i = q; i < d; i++) CHECK_CLOSE(log_value[i], log_value[d - 1], 0, 1e-10);
            t.f->type->moments(t.f, t.theta, &m);
            for (size_t i = 0; i < d; i++) trace += value[i];
            CHECK_CLOSE(m.log_trace - 2 * log(scales[s]), log(trace), 0, 1e-11);
            CHECK(!t.info.absorbed);
            fitted_free(&t);
        }
}

/* With q = d - 1 nothing is lost: mvgaussian's own fit, and no divergence from it. */
TEST(contract_ppca_of_all_but_one) {
    const ouro_family_type *normal = ouro_family_find("mvgaussian");
    for (size_t d = 2; d <= 12; d += 5) {
        fitted t;
        double *other;
        ouro_fit_info info;
        REQUIRE(fit(&t, d, d - 1, ROWS, 1));
        other = ouro_arena_alloc(&t.tmp, t.f->theta_len, sizeof *other);
        normal->fit_mle(t.f, t.T, other, &info);
        for (size_t i = 0; i < t.f->theta_len; i++) CHECK_CLOSE(t.theta[i], other[i], 1e-10, 1e-10);
        CHECK(t.f->type->divergence(t.f, OURO_KL, t.theta, other) < 1e-18);
        fitted_free(&t);
    }
}

/* Fewer rows than dimensions: the shared variance keeps the model alive while more axes than q have a length; q + 1 rows span
 * q axes, and then it is flat. */
TEST(contract_ppca_of_few_rows) {
    for (size_t n = 1; n <= 6; n++) {
        fitted t;
        double mean[6];
        ouro_moments m = {.mean = mean};
        REQUIRE(fit(&t, 6, 2, n, 1));
        t.f->type->moments(t.f, t.theta, &m);
        CHECK_EQ(t.info.absorbed, n <= 3);
        CHECK(n <= 3 ? m.logdet == -INFINITY : isfinite(m.logdet));
        for (size_t i = 0; i < t.f->theta_len; i++) CHECK(isfinite(t.theta[i]));
        fitted_free(&t);
    }
}

/* Long chains end in 0 without a NaN on the way. */
TEST(contract_ppca_collapses) {
    ouro_study s;
    ouro_replicate r;
    ouro_error e = {0};
    double row[16];
    REQUIRE(setup_load(&s, "{'name':'p','truth':{'family':'mvgaussian','dim':5},'model':{'family':'ppca','n_latent':2},"
                           "'policy':{'synthetic':{'points':7}},'run':{'generations':9000},'observe':{'measures':["
                           "'moments','spectrum','kl_truth_model','hellinger','w2']}}") == OURO_OK);
    REQUIRE(ouro_replicate_init(&r, &s.experiment[0], &e) == OURO_OK);
    ouro_replicate_begin(&r, 0);
    for (int t = 1; t <= 9000; t++) {
        REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
        for (size_t i = 0; i < s.experiment[0].model.theta_len; i++) CHECK(isfinite(r.theta[i]));
        if (t % 1000) continue;
        ouro_replicate_measure(&r, row);
        for (size_t i = 0; i < s.experiment[0].columns_len; i++) CHECK(!isnan(row[i]));
    }
    CHECK(row[2] < -200);
    ouro_replicate_free(&r);
    ouro_study_free(&s);
}
