/* regression.c: linear regression against other solutions of the same problem: GSL's least squares and pseudo-inverse,
 * exact laws, quadrature; and covariates under both designs.
 *
 * False alarms: 12 comparisons with limits FIT_Z and FIT_KS, each false below 1e-6 (fit.h). */
#include "setup.h"
#include "fit.h"
#include "harness.h"
#include "ouro/replicate.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit.h>
#include <math.h>

enum { MOST = 12, ROWS = 400 };

/* A study of one family, some rows of its truth, and scratch. */
typedef struct scene {
    ouro_study study;
    const ouro_family *f, *truth;
    const double *theta;
    size_t d;
    double x[ROWS * (MOST + 1)];
    double *T[3];
    ouro_arena tmp;
} scene;

static int scene_begin(scene *c, const char *name, const char *truth, const char *model) {
    *c = (scene){0};
    if (setup_loadf(&c->study,
                    "{'name':'scene','truth':{'family':'%s',%s},'model':{'family':'%s'%s},"
                    "'observe':{'measures':['regression']}}",
                    name, truth, name, model) != OURO_OK)
        return 0;
    c->f = &c->study.experiment[0].model;
    c->truth = &c->study.experiment[0].truth.family;
    c->theta = c->study.experiment[0].truth.theta;
    c->d = c->f->domain.covariates;
    for (int i = 0; i < 3; i++) c->T[i] = ouro_arena_alloc(&c->tmp, c->f->stat_len, sizeof(double));
    return c->d > 0 && c->d <= MOST;
}

static void scene_end(scene *c) {
    ouro_study_free(&c->study);
    ouro_arena_free(&c->tmp);
}

static void open_stream(ouro_stream *s, uint32_t number, ouro_purpose purpose) {
    ouro_stream_open(s, &(ouro_address){.seed = 20261120, .generation = number, .purpose = purpose});
}

/* Rows at theta into c->x. */
static void draw(scene *c, const double *theta, uint32_t number, size_t n) {
    ouro_stream s;
    open_stream(&s, number, OURO_FOR_COVARIATES);
    c->f->type->covariates(c->f, &s, n, c->x);
    open_stream(&s, number, OURO_FOR_SYNTHETIC);
    CHECK(c->f->type->sample(c->f, theta, &s, &c->tmp, n, c->x) == OURO_OK);
}

static void statistic(scene *c, const double *theta, uint32_t number, uint64_t n, double *T) {
    ouro_stream s;
    open_stream(&s, number, OURO_FOR_COVARIATES);
    c->f->type->stat_covariates(c->f, &s, n, T);
    open_stream(&s, number, OURO_FOR_SYNTHETIC);
    c->f->type->stat_draw(c->f, theta, &s, n, T);
}

/* Weighted least squares by GSL; returns the weighted sum of squares that is left. */
static double gsl_fit(const scene *c, size_t n, const double *weight, double *w) {
    gsl_matrix *X = gsl_matrix_alloc(n, c->d), *cov = gsl_matrix_alloc(c->d, c->d);
    gsl_vector *y = gsl_vector_alloc(n), *v = gsl_vector_alloc(n), *solution = gsl_vector_alloc(c->d);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(n, c->d);
    double chisq;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < c->d; j++) gsl_matrix_set(X, i, j, c->x[i * (c->d + 1) + j]);
        gsl_vector_set(y, i, c->x[i * (c->d + 1) + c->d]);
        gsl_vector_set(v, i, weight[i]);
    }
    gsl_multifit_wlinear(X, v, y, solution, cov, &chisq, work);
    for (size_t j = 0; j < c->d; j++) w[j] = gsl_vector_get(solution, j);
    gsl_multifit_linear_free(work);
    gsl_vector_free(y), gsl_vector_free(v), gsl_vector_free(solution);
    gsl_matrix_free(X), gsl_matrix_free(cov);
    return chisq;
}

/* Batches of rows with weights, their statistics merged. */
static const size_t sizes[] = {9, 40, 1, 25, 70};
static const double weights[] = {1, 0.25, 3, 1.7, 0.6};
enum { BATCHES = 5 };

static double merge_all(scene *c, const size_t *order, double *T, double *weight) {
    size_t at[BATCHES + 1] = {0};
    for (int b = 0; b < BATCHES; b++) at[b + 1] = at[b] + sizes[b];
    c->f->type->stat_empty(c->f, T);
    for (int b = 0; b < BATCHES; b++) {
        size_t k = order[b];
        c->f->type->stat_rows(c->f, sizes[k], c->x + at[k] * (c->d + 1), c->T[2]);
        c->f->type->stat_merge(c->f, weights[k], c->T[2], T);
        for (size_t i = at[k]; i < at[k + 1]; i++) weight[i] = weights[k];
    }
    return (double)at[BATCHES];
}

TEST(contract_regression_is_weighted_least_squares) {
    static const char *const truths[] = {"'features':1", "'features':4,'noise':0.3", "'features':11,'noise':1e-90",
                                         "'weights':[1e90,-3e90,2e88],'noise':1e90"};
    static const size_t order[BATCHES] = {0, 1, 2, 3, 4};
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        scene c;
        double theta[MOST + 1], w[MOST], weight[ROWS], W = 0, W2 = 0, scale = 0;
        ouro_fit_info info;
        REQUIRE(scene_begin(&c, "linear-regression", truths[i], ",'noise':'fitted'"));
        draw(&c, c.theta, 1, 145);
        merge_all(&c, order, c.T[0], weight);
        c.f->type->fit_mle(c.f, c.T[0], theta, &info);
        const double chisq = gsl_fit(&c, 145, weight, w);
        for (size_t k = 0; k < 145; k++) W += weight[k], W2 += weight[k] * weight[k];
        CHECK(info.converged && !info.absorbed);
        CHECK_CLOSE(c.T[0][0], W, 1e-14, 0);
        CHECK_CLOSE(c.T[0][1], W2, 1e-14, 0);
        for (size_t j = 0; j < c.d; j++) scale = fmax(scale, fabs(w[j]));
        for (size_t j = 0; j < c.d; j++) CHECK_CLOSE(theta[j], w[j], 1e-12, 1e-12 * scale);
        if (i != 2) { /* where the noise is beyond the digits of y, what is left is rounding */
            CHECK_CLOSE(theta[c.d], 0.5 * log(chisq / W), 1e-12, 1e-11);
            c.f->type->fit_unbiased(c.f, c.T[0], theta, &info);
            CHECK_CLOSE(theta[c.d], 0.5 * log(chisq / (W - (double)c.d * W2 / W)), 1e-12, 1e-11);
        }
        scene_end(&c);
    }
}

/* Equal weights: |y - Xw|^2 / (n - d). */
TEST(contract_regression_unbiased_divides_by_the_degrees_left) {
    scene c;
    double theta[MOST + 1], w[MOST], weight[ROWS];
    ouro_fit_info info;
    REQUIRE(scene_begin(&c, "linear-regression", "'features':4", ",'noise':'fitted'"));
    draw(&c, c.theta, 2, 10);
    for (int i = 0; i < 10; i++) weight[i] = 1;
    c.f->type->stat_rows(c.f, 10, c.x, c.T[0]);
    c.f->type->fit_unbiased(c.f, c.T[0], theta, &info);
    CHECK_CLOSE(exp(2 * theta[4]), gsl_fit(&c, 10, weight, w) / 6, 1e-12, 0);
    c.f->type->fit_mle(c.f, c.T[0], theta, &info);
    CHECK_CLOSE(exp(2 * theta[4]), gsl_fit(&c, 10, weight, w) / 10, 1e-12, 0);
    scene_end(&c);
}

/* L is unique: the rows' order, and the batches', change it by rounding alone. */
TEST(contract_regression_merges_in_any_order) {
    static const size_t orders[][BATCHES] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 1, 3}};
    scene c;
    double weight[ROWS];
    REQUIRE(scene_begin(&c, "linear-regression", "'features':6,'noise':0.1", ""));
    draw(&c, c.theta, 3, 145);
    merge_all(&c, orders[0], c.T[0], weight);
    for (int o = 1; o < 3; o++) {
        merge_all(&c, orders[o], c.T[1], weight);
        for (size_t k = 0; k < c.f->stat_len; k++) CHECK_CLOSE(c.T[1][k], c.T[0][k], 1e-12, 1e-13);
    }
    /* one pass over all rows, and halves merged with weight 1 */
    c.f->type->stat_rows(c.f, 145, c.x, c.T[0]);
    c.f->type->stat_rows(c.f, 70, c.x, c.T[1]);
    c.f->type->stat_rows(c.f, 75, c.x + 70 * 7, c.T[2]);
    c.f->type->stat_merge(c.f, 1, c.T[2], c.T[1]);
    for (size_t k = 0; k < c.f->stat_len; k++) CHECK_CLOSE(c.T[1][k], c.T[0][k], 1e-12, 1e-13);
    scene_end(&c);
}

/* Column k of the triangle, of dimension d + 1, behind W, W2 and the exponents. */
static double entry(const scene *c, const double *T, size_t i, size_t k) {
    size_t D = c->d + 1;
    return ldexp(T[2 + D + k * (2 * D - k + 1) / 2 + i - k], (int)T[2 + k]);
}

static double chi2_cdf(double x, double df) { return gsl_cdf_chisq_P(x, df); }

/* What is known of T exactly, of drawn statistics and of rows: L_kk^2 ~ chi^2_{n-k}, (w - w_0)'X'X(w - w_0) = |c - R
 * w_0|^2 ~ s^2 chi^2_d, the residual ~ s^2 chi^2_{n-d}, and no correlation between these. */
TEST(contract_regression_statistics_follow_their_law) {
    enum { DRAWS = 6000, N = 6, D = 3 };
    static double diagonal[DRAWS], last[DRAWS], off[DRAWS], pull[DRAWS], left[DRAWS];
    for (int rows = 0; rows < 2; rows++) {
        scene c;
        double cross = 0;
        REQUIRE(scene_begin(&c, "linear-regression", "'weights':[1,-2,0.5],'noise':0.7", ",'noise':'fitted'"));
        for (uint32_t i = 0; i < DRAWS; i++) {
            double *T = c.T[0];
            if (rows) {
                draw(&c, c.theta, i, N);
                c.f->type->stat_rows(c.f, N, c.x, T);
            } else {
                statistic(&c, c.theta, i, N, T);
            }
            CHECK(T[0] == N && T[1] == N);
            diagonal[i] = pow(entry(&c, T, 0, 0), 2);
            last[i] = pow(entry(&c, T, 2, 2), 2);
            off[i] = entry(&c, T, 1, 0);
            left[i] = pow(entry(&c, T, D, D) / 0.7, 2);
            pull[i] = 0;
            for (size_t k = 0; k < D; k++) {
                double gap = entry(&c, T, D, k);
                for (size_t j = k; j < D; j++) gap -= entry(&c, T, j, k) * c.theta[j];
                pull[i] += gap * gap / 0.49;
            }
            cross += (pull[i] - D) * (left[i] - (N - D)) / sqrt(2.0 * D * 2 * (N - D));
        }
        CHECK_CLOSE(cross / sqrt(DRAWS), 0, 0, FIT_Z);
        CHECK(fit_ks(DRAWS, diagonal, chi2_cdf, N) < FIT_KS);
        CHECK(fit_ks(DRAWS, last, chi2_cdf, N - 2) < FIT_KS);
        CHECK(fit_ks(DRAWS, pull, chi2_cdf, D) < FIT_KS);
        CHECK(fit_ks(DRAWS, left, chi2_cdf, N - D) < FIT_KS);
        CHECK_CLOSE(fit_mean_z(DRAWS, off, 0, 1), 0, 0, FIT_Z);
        scene_end(&c);
    }
}

/* A model's own statistic gives the model back; nu pseudo-points at w_r give (X'X + nu I)^-1 (X'y + nu w_r). */
TEST(contract_regression_pseudo_points) {
    scene c;
    double theta[MOST + 1], weight[ROWS], w[MOST];
    const double nu = 2.5, reference[] = {0.3, -1, 2, 0, -2.302585};
    ouro_fit_info info;
    REQUIRE(scene_begin(&c, "linear-regression", "'features':4", ",'noise':'fitted'"));
    c.f->type->stat_of(c.f, reference, c.T[1]);
    c.f->type->fit_mle(c.f, c.T[1], theta, &info);
    for (size_t j = 0; j <= 4; j++) CHECK_CLOSE(theta[j], reference[j], 1e-14, 1e-15);
    CHECK(info.converged);
    draw(&c, c.theta, 4, 30);
    c.f->type->stat_rows(c.f, 30, c.x, c.T[0]);
    c.f->type->stat_merge(c.f, nu, c.T[1], c.T[0]);
    c.f->type->fit_mle(c.f, c.T[0], theta, &info);
    /* the same as d more rows e_j with response w_rj and weight nu */
    for (size_t i = 0; i < 34; i++) weight[i] = i < 30 ? 1 : nu;
    for (size_t i = 30; i < 34; i++)
        for (size_t j = 0; j <= 4; j++) c.x[i * 5 + j] = j == 4 ? reference[i - 30] : i - 30 == j;
    const double chisq = gsl_fit(&c, 34, weight, w);
    for (size_t j = 0; j < 4; j++) CHECK_CLOSE(theta[j], w[j], 1e-12, 1e-13);
    CHECK_CLOSE(exp(2 * theta[4]), (chisq + nu * exp(2 * reference[4])) / (30 + nu), 1e-12, 0);
    scene_end(&c);
}

/* Fewer rows than weights: the shortest solution, by the singular values; not converged, and with a fitted noise
 * absorbed. */
TEST(contract_regression_of_few_rows_is_the_shortest) {
    enum { D = 7 };
    for (size_t n = 1; n < D; n++)
        for (int copies = 1; copies <= 3; copies += 2) { /* the design repeated, its responses new */
            scene c;
            double theta[D + 1], w[D] = {0}, mean[D] = {0};
            ouro_fit_info info;
            REQUIRE(scene_begin(&c, "linear-regression", "'features':7", ",'noise':'fitted'"));
            gsl_matrix *U = gsl_matrix_alloc(D, n), *V = gsl_matrix_alloc(n, n);
            gsl_vector *S = gsl_vector_alloc(n), *work = gsl_vector_alloc(n);
            ouro_stream s;
            draw(&c, c.theta, (uint32_t)n, n);
            c.f->type->stat_rows(c.f, n, c.x, c.T[0]);
            for (size_t i = 0; i < n; i++) mean[i] = c.x[i * (D + 1) + D] / copies;
            for (int k = 1; k < copies; k++) {
                open_stream(&s, (uint32_t)(100 * k) + (uint32_t)n, OURO_FOR_SYNTHETIC);
                CHECK(c.f->type->sample(c.f, c.theta, &s, &c.tmp, n, c.x) == OURO_OK);
                c.f->type->stat_rows(c.f, n, c.x, c.T[1]);
                c.f->type->stat_merge(c.f, 1, c.T[1], c.T[0]);
                for (size_t i = 0; i < n; i++) mean[i] += c.x[i * (D + 1) + D] / copies;
            }
            c.f->type->fit_mle(c.f, c.T[0], theta, &info);
            CHECK(!info.converged);
            CHECK_EQ(info.absorbed, copies == 1);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < D; j++) gsl_matrix_set(U, j, i, c.x[i * (D + 1) + j]);
            gsl_linalg_SV_decomp(U, V, S, work); /* X' = U S V', w = U S^-1 V' y */
            for (size_t k = 0; k < n; k++) {
                double part = 0;
                for (size_t i = 0; i < n; i++) part += gsl_matrix_get(V, i, k) * mean[i];
                for (size_t j = 0; j < D; j++) w[j] += gsl_matrix_get(U, j, k) * part / gsl_vector_get(S, k);
            }
            for (size_t j = 0; j < D; j++) CHECK_CLOSE(theta[j], w[j], 1e-9, 1e-9);
            gsl_matrix_free(U), gsl_matrix_free(V), gsl_vector_free(S), gsl_vector_free(work);
            scene_end(&c);
        }
}

/* The noise falls below e^-1800 on the statistics path; its logarithm goes on falling, the weights stand still. */
TEST(contract_regression_noise_collapses_without_end) {
    scene c;
    double theta[MOST + 1], before[MOST + 1];
    ouro_fit_info info;
    REQUIRE(scene_begin(&c, "linear-regression", "'features':3", ",'noise':'fitted'"));
    memcpy(theta, c.theta, sizeof(double) * 4);
    for (uint32_t t = 1; t <= 6000; t++) {
        memcpy(before, theta, sizeof before);
        statistic(&c, theta, t, 8, c.T[0]);
        c.f->type->fit_mle(c.f, c.T[0], theta, &info);
        if (t > 400)
            for (size_t j = 0; j < 3; j++) CHECK_CLOSE(theta[j], before[j], 1e-13, 1e-13);
    }
    CHECK(theta[3] < -1800 && theta[3] > -INFINITY && !info.absorbed && info.converged);
    scene_end(&c);
}

/* Divergences of the joint law by one-dimensional quadrature over u = x . (w_a - w_b) ~ N(0, gap^2), with closed forms
 * of two normals u apart. */
typedef enum kind { KL, HELLINGER, TV } kind;
static double between(kind k, double u, double sa, double sb) {
    if (k == KL) return log(sb / sa) + (sa * sa + u * u) / (2 * sb * sb) - 0.5;
    if (k == HELLINGER) { /* its square */
        double both = sa * sa + sb * sb;
        return -expm1(0.5 * log1p(-(sa - sb) * (sa - sb) / both) - u * u / (4 * both));
    }
    return erf(fabs(u) / (2 * M_SQRT2 * sa));
}
static double mean_between(kind k, double gap, double sa, double sb) {
    double sum = 0;
    for (int i = -40000; i < 40000; i++) {
        double z = (i + 0.5) * 3e-4;
        sum += 3e-4 * exp(-0.5 * z * z) / sqrt(2 * M_PI) * between(k, gap * z, sa, sb);
    }
    return k == HELLINGER ? sqrt(sum) : sum;
}

TEST(contract_regression_divergences) {
    scene c;
    REQUIRE(scene_begin(&c, "linear-regression", "'features':2", ",'noise':'fitted'"));
    static const double models[][3] = {{1, 0, 0}, {0.4, 0.2, -0.7}, {1.02, 0.01, 0.002}, {-4, 5, 1.5}};
    double (*divergence)(const ouro_family *, ouro_divergence, const double *, const double *) = c.f->type->divergence;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            const double *a = models[i], *b = models[j], gap = hypot(a[0] - b[0], a[1] - b[1]), sa = exp(a[2]);
            CHECK_CLOSE(divergence(c.f, OURO_KL, a, b), mean_between(KL, gap, sa, exp(b[2])), 1e-9, 1e-14);
            CHECK_CLOSE(divergence(c.f, OURO_HELLINGER, a, b), mean_between(HELLINGER, gap, sa, exp(b[2])), 1e-9,
                        1e-12);
            const double same[3] = {b[0], b[1], a[2]};
            CHECK_CLOSE(divergence(c.f, OURO_TV, a, same), mean_between(TV, gap, sa, sa), 1e-7, 1e-14);
        }
    /* a model that has lost its noise */
    const double dead[] = {1, 0, -INFINITY}, other[] = {1, 0.1, -INFINITY};
    CHECK_EQ(divergence(c.f, OURO_KL, dead, dead), 0);
    CHECK_EQ(divergence(c.f, OURO_KL, models[0], dead), INFINITY);
    CHECK_EQ(divergence(c.f, OURO_HELLINGER, dead, other), 1);
    CHECK_EQ(divergence(c.f, OURO_HELLINGER, dead, dead), 0);
    CHECK_EQ(divergence(c.f, OURO_HELLINGER, models[0], dead), 1);
    scene_end(&c);
}

/* Covariates of every batch of a run, on the samples path: one design for ever, of which a smaller batch has the first
 * rows; or new ones each time. */
TEST(contract_regression_designs) {
    for (int fixed = 0; fixed < 2; fixed++) {
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        REQUIRE(setup_loadf(&s,
                            "{'name':'d','truth':{'family':'linear-regression','features':3,'design':'%s'},"
                            "'model':{'family':'linear-regression'},'policy':{'preset':'accumulate','initial':9,"
                            "'synthetic':{'points':7},'anchor':{'points':5,'every':2}},"
                            "'run':{'path':'samples','generations':4},'observe':{'measures':['regression']}}",
                            fixed ? "fixed" : "fresh") == OURO_OK);
        REQUIRE(ouro_replicate_init(&r, s.experiment, &e) == OURO_OK);
        double first[2] = {0};
        for (uint32_t replicate = 0; replicate < 2; replicate++) {
            ouro_replicate_begin(&r, replicate);
            for (int t = 0; t < 4; t++) REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
            REQUIRE(r.corpus.ledger.len >= 5);
            for (size_t b = 1; b < r.corpus.ledger.len; b++)
                for (size_t a = 0; a < b; a++) {
                    const double *x = r.corpus.batch[b].rows, *other = r.corpus.batch[a].rows;
                    const size_t na = (size_t)r.corpus.ledger.batch[a].n, nb = (size_t)r.corpus.ledger.batch[b].n;
                    size_t n = na < nb ? na : nb, same = 0, responses = 0;
                    for (size_t i = 0; i < n; i++, x += 4, other += 4) {
                        for (size_t j = 0; j < 3; j++) same += x[j] == other[j];
                        responses += x[3] == other[3];
                    }
                    CHECK_EQ(same, fixed ? 3 * n : 0);
                    CHECK_EQ(responses, 0);
                }
            first[replicate] = r.corpus.batch[0].rows[0];
        }
        CHECK(first[0] != first[1]);
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}
