/* gmm.c: fits of mixtures to rows that have no good fit, chains that collapse, and the priors' closed forms. */
#include "../src/families/gmm.h"
#include "core/kernels.h"
#include "fit.h"
#include "harness.h"
#include "ouro/replicate.h"
#include "setup.h"

static const uint64_t key[2] = {UINT64_C(0x243f6a8885a308d3), 3};
enum { MOST = 400, MOST_THETA = 600 };

static ouro_gmm options_of(size_t k, int type) {
    return (ouro_gmm){.n_components = k, .covariance_type = type, .n_init = 1, .max_iter = 2000, .tol = 1e-6};
}

/* One fit of n rows x[n d]; theta[MOST_THETA] is the start where the options say warm. */
static ouro_fit_info fit_of(const ouro_gmm *o, size_t n, size_t d, const double *x, double *theta) {
    ouro_arena tmp = {0};
    const ouro_gmm_shape s = ouro_gmm_shape_of(o->n_components, d, o->covariance_type);
    const ouro_address address = {.seed = 11};
    ouro_packed_rows rows = {.d = d};
    ouro_fit_info info = {0};
    CHECK(ouro_gmm_theta_len(&s) <= MOST_THETA);
    rows.data = ouro_arena_alloc(&tmp, ouro_packed_len(ouro_packed_blocks(n), d), sizeof *x);
    ouro_rows_pack(&rows, n, x, NULL, 1);
    CHECK_EQ(ouro_gmm_fit(o, &s, &rows, o->init == OURO_GMM_WARM, &address, &tmp, theta, &info), OURO_OK);
    ouro_arena_free(&tmp);
    return info;
}

/* Every number is one; weights of the living sum to 1; a living component has a volume unless the model is a point. */
static size_t check_model(const ouro_gmm *o, size_t d, const double *theta, const ouro_fit_info *info) {
    const ouro_gmm_shape s = ouro_gmm_shape_of(o->n_components, d, o->covariance_type);
    const ouro_gaussians g = ouro_gmm_view(&s, theta);
    double sum = 0;
    size_t alive = 0;
    for (size_t c = 0; c < s.k; c++) {
        CHECK(!isnan(theta[c]) && theta[c] < 1e-12);
        if (theta[c] == -INFINITY) continue;
        alive++;
        sum += exp(theta[c]);
        const double *L = g.factor + (g.tied ? 0 : c * s.len);
        for (size_t i = 0; i < d; i++) {
            const double axis = L[g.diagonal ? i : i * (i + 1) / 2 + i];
            CHECK(info->absorbed ? axis == 0 : axis > 0);
            CHECK(!g.diagonal || o->covariance_type != OURO_GMM_SPHERICAL || axis == L[0]);
        }
    }
    for (size_t i = s.k; i < ouro_gmm_theta_len(&s); i++) CHECK(isfinite(theta[i]));
    CHECK_CLOSE(sum, 1, 1e-12, 0);
    CHECK(alive >= 1 && alive <= s.k);
    CHECK(info->iterations <= o->max_iter * o->n_init);
    CHECK(o->init == OURO_GMM_WARM || info->died == s.k - alive);
    return alive;
}

/* Rows of a kind: 0 equal, 1 on a line, 2 two points, 3 lattice with repeats, 4 normal, 5 one far outlier. */
static void odd_rows(int what, size_t n, size_t d, double scale, double *x) {
    ouro_kernel_normals(key, 0, (uint64_t)(what * 100) + d, n * d / 16 + 1, x);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            double *at = x + i * d + j, first = j ? x[i * d] / scale : *at;
            if (what == 0) *at = 0.1;
            if (what == 1) *at = j ? 2 * first + 1 : *at;
            if (what == 2) *at = i % 2 ? 1 : -0.3;
            if (what == 3) *at = floor(2 * *at);
            if (what == 5 && i == 0) *at = 1e9;
            *at *= scale;
        }
}

TEST(gmm_fit_odd_rows) {
    static const size_t sizes[] = {1, 2, 3, 4, 7, 30}, ks[] = {1, 2, 5};
    static const double scales[] = {1, 1e-150, 1e150}, floors[] = {0, 1e-6, 1e6};
    static double x[MOST], theta[MOST_THETA];
    for (int what = 0; what < 6; what++)
        for (size_t i = 0; i < 6 * 3 * 3; i++)
            for (int mode = 0; mode < 4 * 3 * 3; mode++)
                for (int f = 0; f < 3; f++) {
                    const size_t n = sizes[i % 6], k = ks[i / 6 % 3], d = 1 + i / 18;
                    const double scale = scales[mode / 12];
                    ouro_gmm o = options_of(k, mode % 4);
                    o.algorithm = mode / 4 % 3;
                    o.init = what % 2 ? OURO_GMM_RANDOM : OURO_GMM_KMEANS;
                    o.reg_covar = floors[f] * scale * scale;
                    if (f && scale != 1) continue; /* a variance of 1e-306 is no floor that anyone could ask for */
                    o.max_iter = 300;
                    odd_rows(what, n, d, scale, x);
                    const ouro_fit_info info = fit_of(&o, n, d, x, theta);
                    check_model(&o, d, theta, &info);
                    if (what == 0 && f == 0) CHECK(info.absorbed);
                    if (f && what != 5) CHECK(!info.absorbed); /* 1e-6 is lost beside 1e18 */
                }
}

/* Rows that span no volume are a point at their mean; with a floor they are not. */
TEST(gmm_fit_without_a_volume) {
    static double x[] = {1, 2, 3, 6, 2, 4, 6, 12}, theta[MOST_THETA];
    ouro_gmm o = options_of(2, OURO_GMM_FULL);
    ouro_fit_info info = fit_of(&o, 4, 2, x, theta);
    CHECK(info.absorbed && info.converged);
    CHECK_EQ(info.died, 1);
    CHECK_CLOSE(theta[2], 3, 1e-15, 0);
    CHECK_CLOSE(theta[3], 6, 1e-15, 0);
    o.covariance_type = OURO_GMM_SPHERICAL; /* one variance is there */
    info = fit_of(&o, 4, 2, x, theta);
    CHECK(!info.absorbed);
    o = options_of(1, OURO_GMM_FULL);
    o.reg_covar = 1e-6; /* the line keeps its length, the floor gives the width */
    info = fit_of(&o, 4, 2, x, theta);
    CHECK(!info.absorbed && info.converged);
    CHECK_CLOSE(theta[3] * theta[3], 3.5 + 1e-6, 1e-12, 0);
    CHECK_CLOSE(theta[4], 7 / theta[3], 1e-12, 0);
    CHECK(theta[5] * theta[5] > 1e-6 && theta[5] * theta[5] < 1e-5);
    CHECK(info.floor_hits > 0);
}

/* Two components on three far rows and thirty near: too few points for a full covariance, enough for the others. */
TEST(gmm_fit_dying_components) {
    static double x[2 * 48], theta[MOST_THETA];
    static const struct {
        int type;
        size_t far, alive;
    } want[] = {{OURO_GMM_FULL, 2, 1},      {OURO_GMM_FULL, 3, 2},      {OURO_GMM_DIAG, 1, 1}, {OURO_GMM_DIAG, 2, 2},
                {OURO_GMM_SPHERICAL, 1, 1}, {OURO_GMM_SPHERICAL, 2, 2}, {OURO_GMM_TIED, 1, 2}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        odd_rows(4, 30, 2, 1, x);
        for (size_t j = 0; j < 2 * want[i].far; j++) x[j] = 100 + (double)(j * j % 5) / 3;
        ouro_gmm o = options_of(2, want[i].type);
        const ouro_fit_info info = fit_of(&o, 30, 2, x, theta);
        CHECK_EQ(check_model(&o, 2, theta, &info), want[i].alive);
        CHECK(info.converged);
        CHECK_EQ(info.died, 2 - want[i].alive);
    }
}

/* Weights of sets have no unit: the same fit and the same deaths whatever they are all multiplied by. */
TEST(gmm_fit_weights_have_no_unit) {
    static double x[2 * 48], theta[3][MOST_THETA];
    static const double units[] = {1, 0x1p-10, 0x1p10};
    odd_rows(4, 40, 2, 1, x);
    for (int i = 0; i < 3; i++) {
        ouro_arena tmp = {0};
        ouro_gmm o = options_of(3, OURO_GMM_FULL);
        const ouro_gmm_shape s = ouro_gmm_shape_of(3, 2, o.covariance_type);
        const ouro_address address = {.seed = 11};
        ouro_packed_rows rows = {.d = 2, .data = ouro_arena_alloc(&tmp, ouro_packed_len(2, 2), sizeof *x)};
        ouro_fit_info info;
        ouro_rows_pack(&rows, 25, x, NULL, units[i]);
        ouro_rows_pack(&rows, 15, x + 50, NULL, 3 * units[i]);
        CHECK_EQ(ouro_gmm_fit(&o, &s, &rows, 0, &address, &tmp, theta[i], &info), OURO_OK);
        for (size_t j = 0; j < ouro_gmm_theta_len(&s); j++) CHECK_CLOSE(theta[i][j], theta[0][j], 1e-9, 1e-9);
        CHECK(info.converged);
        ouro_arena_free(&tmp);
    }
}

/* max_iter ends a fit, which then does not count as converged. */
TEST(gmm_fit_max_iter_is_no_convergence) {
    static double x[MOST], theta[MOST_THETA];
    for (int algorithm = OURO_GMM_ANDERSON; algorithm <= OURO_GMM_EM; algorithm++) {
        ouro_gmm o = options_of(2, OURO_GMM_FULL);
        o.algorithm = algorithm;
        odd_rows(4, 200, 1, 1, x);
        const ouro_fit_info whole = fit_of(&o, 200, 1, x, theta);
        CHECK(whole.converged && whole.iterations > 5);
        for (o.max_iter = 1; o.max_iter < whole.iterations; o.max_iter++) {
            const ouro_fit_info info = fit_of(&o, 200, 1, x, theta);
            CHECK(!info.converged);
            CHECK_EQ(info.iterations, o.max_iter);
        }
    }
}

/* A warm start at a model that cannot see the rows: a point, or so small and far that squares overflow. */
TEST(gmm_fit_warm_from_out_of_reach) {
    static double x[MOST], theta[MOST_THETA];
    static const double axes[] = {0, 1e-300, 1e-170, 1e-12};
    for (int type = 0; type < 4; type++)
        for (size_t i = 0; i < 4; i++) {
            ouro_gmm o = options_of(2, type);
            const ouro_gmm_shape s = ouro_gmm_shape_of(2, 2, type);
            o.init = OURO_GMM_WARM;
            odd_rows(4, 100, 2, 1, x);
            memset(theta, 0, sizeof theta);
            theta[0] = theta[1] = log(0.5);
            theta[2] = theta[3] = 50;
            for (size_t j = 6; j < ouro_gmm_theta_len(&s); j++)
                theta[j] = (j - 6) % s.len == 1 && s.len == 3 ? 0 : axes[i];
            const ouro_fit_info info = fit_of(&o, 100, 2, x, theta);
            check_model(&o, 2, theta, &info);
            CHECK(!info.absorbed && info.converged);
        }
}

/* Long chains of tiny samples, the last ones with fresh rows that bring back what was a point: all that can die does,
 * and nothing else happens. */
TEST(gmm_chains_collapse_quietly) {
    static const char *const kinds[] = {"full", "tied", "diag", "spherical"}, *const inits[] = {"warm", "k-means++"};
    static const char *const algorithms[] = {"anderson", "squarem", "em"};
    static const char *const policies[] = {"'synthetic':{'points':10}", "'synthetic':{'points':3}",
                                           "'synthetic':{'points':2}", "'synthetic':{'points':1}",
                                           "'preset':'fresh','initial':1,'synthetic':{'points':7}"};
    for (int i = 0; i < 40; i++)
        for (int d = 1; d <= 2; d++) {
            const int fresh = i / 8 == 4;
            size_t absorbed = 0;
            ouro_study study;
            ouro_replicate r;
            ouro_error e = {0};
            int ret =
                setup_loadf(&study,
                            "{'name':'c','truth':{'family':'gmm','means':%s},'model':{'family':'gmm',"
                            "'n_components':3,'covariance_type':'%s','init':'%s','algorithm':'%s','max_iter':100},"
                            "'policy':{%s}}",
                            d == 1 ? "[-2,2]" : "[[0,0],[3,3]]", kinds[i % 4], inits[i / 4 % 2], algorithms[i % 3],
                            policies[i / 8]);
            REQUIRE(ret == OURO_OK);
            REQUIRE(ouro_replicate_init(&r, study.experiment, &e) == OURO_OK);
            ouro_replicate_begin(&r, 0);
            const ouro_family *f = &study.experiment->model;
            for (int t = 0; t < (i < 8 ? 2000 : 200); t++) {
                REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
                absorbed += (size_t)r.fit.absorbed;
                if (t % 50 == 0 || t < 50) check_model(f->options, f->domain.dim, r.theta + f->domain.dim, &r.fit);
            }
            /* a point and one fresh row span a line: a full covariance in two dimensions stays a point */
            const size_t stuck = !fresh ? i / 8 == 3 ? 200 : absorbed : d == 2 && i % 4 < 2 ? 200 : 1;
            CHECK_EQ(absorbed, stuck);
            ouro_replicate_free(&r);
            ouro_study_free(&study);
        }
}

/* One step with priors against the formula of Fraley and Raftery (2007) from the rows, one component: all rows are
 * its. */
TEST(gmm_prior_one_component) {
    static double x[MOST], theta[MOST_THETA];
    const double kappa = 0.7, nu = 5, n = 40;
    for (int type = 0; type < 4; type++) {
        ouro_gmm o = options_of(1, type);
        o.mean_prior = kappa, o.covariance_prior = nu, o.weight_prior = 2;
        odd_rows(4, 40, 2, 1, x);
        for (size_t i = 0; i < 40; i++) x[2 * i + 1] += 3 + 0.5 * x[2 * i];
        double m[2] = {0, 0}, W[3] = {0, 0, 0}; /* xx, xy, yy about the mean */
        for (size_t i = 0; i < 80; i++) m[i % 2] += x[i] / n;
        for (size_t i = 0; i < 40; i++) {
            const double a = x[2 * i] - m[0], b = x[2 * i + 1] - m[1];
            W[0] += a * a, W[1] += a * b, W[2] += b * b;
        }
        const ouro_fit_info info = fit_of(&o, 40, 2, x, theta);
        CHECK(info.converged);
        CHECK_EQ(theta[0], 0);
        CHECK_CLOSE(theta[1], m[0], 1e-12, 1e-12); /* the prior sits at the mean of the rows */
        CHECK_CLOSE(theta[2], m[1], 1e-12, 1e-12);
        /* Lambda = W / n, k = 1; d = 2 below the fraction, 1 for each axis alone */
        if (type == OURO_GMM_FULL || type == OURO_GMM_TIED) {
            const double by = (1 / n + 1) / (n + 1 + nu + 3);
            CHECK_CLOSE(theta[3] * theta[3], by * W[0], 1e-11, 0);
            CHECK_CLOSE(theta[3] * theta[4], by * W[1], 1e-11, 0);
            CHECK_CLOSE(theta[4] * theta[4] + theta[5] * theta[5], by * W[2], 1e-11, 0);
        } else if (type == OURO_GMM_DIAG) {
            const double by = (1 / n + 1) / (n + 1 + nu + 2);
            CHECK_CLOSE(theta[3] * theta[3], by * W[0], 1e-11, 0);
            CHECK_CLOSE(theta[4] * theta[4], by * W[2], 1e-11, 0);
        } else {
            CHECK_CLOSE(theta[3] * theta[3], (W[0] + W[2]) * (0.5 / n + 1) / (2 * n + 2 + nu + 2), 1e-11, 0);
        }
    }
}

/* One step of two components that share no row: each has its own, and the centre is not where they are. */
TEST(gmm_prior_two_components) {
    static double x[MOST], theta[MOST_THETA];
    const double kappa = 3, nu = 4, alpha = 1.5, n[2] = {30, 10};
    ouro_gmm o = options_of(2, OURO_GMM_FULL);
    o.mean_prior = kappa, o.covariance_prior = nu, o.weight_prior = alpha;
    o.init = OURO_GMM_WARM;
    odd_rows(4, 40, 1, 1, x);
    for (size_t i = 0; i < 40; i++) x[i] += i < 30 ? 0 : 1000;
    double m[2] = {0, 0}, W[2] = {0, 0}, whole = 0;
    for (size_t i = 0; i < 40; i++) m[i >= 30] += x[i] / n[i >= 30];
    for (size_t i = 0; i < 40; i++) W[i >= 30] += (x[i] - m[i >= 30]) * (x[i] - m[i >= 30]);
    const double centre = (30 * m[0] + 10 * m[1]) / 40;
    for (size_t i = 0; i < 40; i++) whole += (x[i] - centre) * (x[i] - centre) / 40;
    memcpy(theta, (const double[]){log(0.5), log(0.5), m[0], m[1], 40, 40}, 6 * sizeof *theta);
    o.max_iter = 1;
    fit_of(&o, 40, 1, x, theta);
    for (size_t c = 0; c < 2; c++) {
        const double gap = m[c] - centre, between = kappa * n[c] / (kappa + n[c]) * gap * gap;
        CHECK_CLOSE(exp(theta[c]), (n[c] + alpha) / (40 + 2 * alpha), 1e-9, 0);
        CHECK_CLOSE(theta[2 + c], (n[c] * m[c] + kappa * centre) / (n[c] + kappa), 1e-9, 0);
        CHECK_CLOSE(theta[4 + c] * theta[4 + c], (whole / 4 + between + W[c]) / (n[c] + 1 + nu + 2), 1e-9, 0);
    }
}

/* Where maximum likelihood loses components, a prior keeps them: a component on one row, and one on none. */
TEST(gmm_prior_keeps_components) {
    static double x[MOST], theta[MOST_THETA];
    for (int type = 0; type < 4; type++) {
        ouro_gmm o = options_of(4, type);
        odd_rows(4, 12, 2, 1, x);
        x[0] = x[1] = 50;
        ouro_fit_info info = fit_of(&o, 12, 2, x, theta);
        const size_t lone = check_model(&o, 2, theta, &info);
        CHECK(type == OURO_GMM_TIED ? lone == 4 : lone < 4);
        o.covariance_prior = 4, o.weight_prior = 1;
        info = fit_of(&o, 12, 2, x, theta);
        CHECK_EQ(check_model(&o, 2, theta, &info), 4);
        CHECK(info.converged);
    }
}
