/* mixture.c: the pass over the rows against sums in long double, and whole fits against other programs'. */
#include "core/mixture.h"
#include "core/kernels.h"
#include "fit.h"
#include "gmm_goldens_armadillo.h"
#include "harness.h"
#include "mixture_rows.h"
#include "ouro/mem.h"
#include <stdio.h>

static const uint64_t key[2] = {UINT64_C(0xfedcba987654321), 7};
enum { MOST_K = 10, MOST_D = 50, SETS = 3 };

/* A mixture, rows in sets of different weights, and what a pass says of them. */
typedef struct trial {
    size_t k, d, n[SETS];
    int type;
    double weight[SETS];
    double *x[SETS], *shift[SETS], *theta;
    ouro_gmm_shape shape;
    ouro_packed_rows rows;
    ouro_mixture_sums sums;
    double *scratch;
    ouro_arena tmp;
} trial;

/* `spread` in units of the axes: how far means and rows lie about. */
static void build(trial *t, size_t k, size_t d, int type, double spread) {
    static const size_t sizes[SETS] = {130, 1, 255};
    static const double weights[SETS] = {1, 0.37, 2.5};
    *t = (trial){.k = k, .d = d, .type = type, .shape = ouro_gmm_shape_of(k, d, type), .rows = {.d = d}};
    const size_t len = ouro_gmm_theta_len(&t->shape), factors = t->shape.factors * t->shape.len;
    const int diagonal = ouro_gmm_view(&t->shape, NULL).diagonal;
    double *z = ouro_arena_alloc(&t->tmp, len + 16 + 400 * d, sizeof *z);
    t->theta = ouro_arena_alloc(&t->tmp, len, sizeof *z);
    t->rows.data = ouro_arena_alloc(&t->tmp, ouro_packed_len(5, d), sizeof *z);
    t->scratch = ouro_arena_alloc(&t->tmp, ouro_mixture_scratch(k, d), sizeof *z);
    t->sums.N = ouro_arena_alloc(&t->tmp, k, sizeof *z);
    t->sums.m = ouro_arena_alloc(&t->tmp, k * d, sizeof *z);
    t->sums.S = ouro_arena_alloc(&t->tmp, k * ouro_factor_len(d, 0), sizeof *z);
    ouro_kernel_normals(key, 0, 100 * d + k, (len + 400 * d) / 16 + 1, z);
    double total = 0;
    for (size_t c = 0; c < k; c++) total += t->theta[c] = exp(z[c]);
    for (size_t c = 0; c < k; c++) t->theta[c] = log(t->theta[c] / total);
    for (size_t i = 0; i < k * d; i++) t->theta[k + i] = spread * z[k + i];
    for (size_t i = 0; i < factors; i++) t->theta[k + k * d + i] = 0.3 * z[k + k * d + i];
    for (size_t f = 0; f < t->shape.factors; f++)
        for (size_t i = 0; i < d; i++) {
            double *at = t->theta + k + k * d + f * t->shape.len + (diagonal ? i : i * (i + 1) / 2 + i);
            *at = type == OURO_GMM_SPHERICAL ? 0.7 : exp(*at);
        }
    for (size_t s = 0, used = len; s < SETS; used += sizes[s++] * d) {
        t->n[s] = sizes[s];
        t->weight[s] = weights[k == 2 ? 0 : s]; /* sets that weigh alike share blocks */
        t->x[s] = z + used;
        t->shift[s] = ouro_arena_alloc(&t->tmp, d, sizeof *z);
        for (size_t i = 0; i < sizes[s] * d; i++) t->x[s][i] *= spread;
        for (size_t j = 0; j < d; j++) t->shift[s][j] = s == 1 ? 0.5 : 0;
    }
}

static void pass(trial *t) {
    const ouro_gaussians g = ouro_gmm_view(&t->shape, t->theta);
    t->rows.blocks = t->rows.room = 0;
    for (size_t s = 0; s < SETS; s++) ouro_rows_pack(&t->rows, t->n[s], t->x[s], t->shift[s], t->weight[s]);
    ouro_mixture_pass(&g, &t->rows, t->scratch, &t->sums);
}

/* log of weight times density of component c at x, and y = L^-1 (x - mean). */
static long double log_term(const trial *t, size_t c, const double *x, const double *shift, long double *y) {
    const ouro_gaussians g = ouro_gmm_view(&t->shape, t->theta);
    const double *L = g.factor + (g.tied ? 0 : c * t->shape.len), *mean = g.mean + c * t->d;
    long double sum = t->theta[c] - (long double)t->d * 0.918938533204672741780329736405617639862L;
    for (size_t i = 0; i < t->d; i++) {
        const double *row = L + (g.diagonal ? 0 : i * (i + 1) / 2);
        y[i] = (long double)(x[i] + shift[i]) - mean[i];
        for (size_t j = 0; j < i && !g.diagonal; j++) y[i] -= row[j] * y[j];
        y[i] /= row[i];
        sum -= y[i] * y[i] / 2 + logl(row[i]);
    }
    return sum;
}

/* The same sums one row after the other. Differences are relative to the sums of absolute values. */
static void check_pass(trial *t) {
    static long double N[MOST_K], m[MOST_K * MOST_D], S[MOST_K * MOST_D * MOST_D], y[MOST_K][MOST_D];
    const ouro_gaussians g = ouro_gmm_view(&t->shape, t->theta);
    const size_t d = t->d, len = t->shape.len;
    long double likelihood = 0, size = 0, p[MOST_K];
    memset(N, 0, sizeof N), memset(m, 0, sizeof m), memset(S, 0, sizeof S);
    for (size_t s = 0; s < SETS; s++)
        for (size_t row = 0; row < t->n[s]; row++) {
            long double top = -INFINITY, sum = 0;
            for (size_t c = 0; c < t->k; c++) {
                p[c] = t->theta[c] > -INFINITY ? log_term(t, c, t->x[s] + row * d, t->shift[s], y[c]) : -INFINITY;
                if (p[c] > top) top = p[c];
            }
            for (size_t c = 0; c < t->k; c++) sum += expl(p[c] - top);
            likelihood += t->weight[s] * (top + logl(sum));
            size += t->weight[s] * fabsl(top + logl(sum));
            for (size_t c = 0; c < t->k; c++) {
                const long double r = t->weight[s] * expl(p[c] - top) / sum;
                N[c] += r;
                for (size_t i = 0; i < d && r > 0; i++) {
                    m[c * d + i] += r * y[c][i];
                    if (g.diagonal) S[c * len + i] += r * y[c][i] * y[c][i];
                    for (size_t j = 0; j <= i && !g.diagonal; j++)
                        S[(g.tied ? 0 : c * len) + i * (i + 1) / 2 + j] += r * y[c][i] * y[c][j];
                }
            }
        }
    CHECK_CLOSE(t->sums.log_likelihood, (double)likelihood, 0, 1e-13 * (double)size);
    for (size_t c = 0; c < t->k; c++) {
        CHECK_CLOSE(t->sums.N[c], (double)N[c], 1e-11, 1e-280);
        const double *own = t->sums.S + (g.tied ? 0 : c * len);
        double trace = 0;
        for (size_t i = 0; i < d; i++) trace += own[g.diagonal ? i : i * (i + 1) / 2 + i];
        for (size_t i = 0; i < d; i++)
            CHECK_CLOSE(t->sums.m[c * d + i], (double)m[c * d + i], 1e-10, 1e-12 * trace + 1e-270);
        for (size_t i = 0; i < len && !(g.tied && c); i++)
            CHECK_CLOSE(own[i], (double)S[(g.tied ? 0 : c * len) + i], 1e-10, 1e-12 * trace + 1e-270);
    }
}

TEST(mixture_pass_against_long_double) {
    static const size_t dims[] = {1, 2, 3, 4, 5, 6, 7, 10, 50}, ks[] = {1, 2, 3, 10};
    trial t;
    for (int type = 0; type < 4; type++)
        for (size_t i = 0; i < sizeof dims / sizeof *dims; i++)
            for (size_t j = 0; j < 4; j++) {
                build(&t, ks[j], dims[i], type, 1.3);
                pass(&t);
                check_pass(&t);
                if (ks[j] == 3) { /* one component dead: its sums are nothing, the others' as if it were not there */
                    t.theta[1] = -INFINITY;
                    pass(&t);
                    check_pass(&t);
                    CHECK_EQ(t.sums.N[1], 0);
                }
                ouro_arena_free(&t.tmp);
            }
}

/* A component of sd 1e-12 on one of the rows, beside wide ones: it takes that row, and nothing is lost of the rest. */
TEST(mixture_pass_with_a_collapsed_component) {
    trial t;
    for (size_t d = 1; d <= 6; d++) {
        build(&t, 3, d, OURO_GMM_FULL, 1.3);
        double *factor = t.theta + 3 + 3 * d;
        for (size_t i = 0; i < t.shape.len; i++) factor[i] *= 1e-12;
        memcpy(t.theta + 3, t.x[0] + 5 * d, d * sizeof(double));
        pass(&t);
        CHECK_CLOSE(t.sums.N[0], 1, 1e-9, 0);
        check_pass(&t);
        ouro_arena_free(&t.tmp);
    }
}

/* Rows out of reach of every component, and of the doubles' range when squared: no NaN, each row shared out whole. */
TEST(mixture_pass_with_rows_far_away) {
    static const double spreads[] = {1e3, 1e8, 1e100, 1e160, 1e300};
    trial t;
    for (int type = 0; type < 4; type++)
        for (size_t d = 1; d <= 7; d += 2)
            for (size_t i = 0; i < 5; i++) {
                build(&t, 3, d, type, 1);
                for (size_t j = 0; j < t.n[0] * d; j++) t.x[0][j] *= spreads[i];
                pass(&t);
                double sum = 0;
                for (size_t c = 0; c < 3; c++) sum += t.sums.N[c];
                CHECK_CLOSE(sum, 130 + 0.37 + 255 * 2.5, 1e-12, 0);
                CHECK(!isnan(t.sums.log_likelihood));
                ouro_arena_free(&t.tmp);
            }
}

/* One value for all machines and compilers. */
TEST(mixture_pass_golden_bits) {
    static const size_t dims[] = {1, 2, 3, 4, 5, 10, 50};
    static double out[64 * 7 * 4];
    size_t len = 0;
    trial t;
    for (int type = 0; type < 4; type++)
        for (size_t i = 0; i < 7; i++) {
            build(&t, 3, dims[i], OURO_GMM_FULL + type, 1.3);
            for (size_t j = 0; j < ouro_gmm_theta_len(&t.shape); j++) /* libm's last bit is no business of this test */
                t.theta[j] = j < 3 ? -1 : ldexp(nearbyint(ldexp(t.theta[j], 20)), -20);
            pass(&t);
            out[len++] = t.sums.log_likelihood;
            for (size_t c = 0; c < 3; c++) out[len++] = t.sums.N[c];
            for (size_t c = 0; c < 3; c++) out[len++] = t.sums.m[c * dims[i] + dims[i] - 1];
            const ouro_gmm_rules rules = {.each = 1};
            double *scratch = ouro_arena_alloc(&t.tmp, ouro_gmm_step_scratch(&t.shape), sizeof(double));
            double *next = ouro_arena_alloc(&t.tmp, ouro_gmm_theta_len(&t.shape), sizeof(double));
            ouro_gmm_maximise(&t.shape, &rules, &t.sums, t.theta, scratch, next);
            for (size_t j = 0; j < 8 && j < ouro_gmm_theta_len(&t.shape); j++)
                out[len++] = next[ouro_gmm_theta_len(&t.shape) - 1 - j];
            ouro_arena_free(&t.tmp);
        }
    CHECK_EQ(fit_hash(len, out), UINT64_C(11799068259401030630));
}

/* The fit of mixture_rows from mixture_start_at; returns its log likelihood. */
static double fitted(const gmm_golden *want, int algorithm, double tol, ouro_fit_info *info) {
    ouro_arena tmp = {0};
    const ouro_gmm_shape s = ouro_gmm_shape_of(want->k, want->d, want->kind);
    const ouro_gmm options = {.n_components = want->k,
                              .n_init = 1,
                              .max_iter = want->steps,
                              .init = OURO_GMM_WARM,
                              .covariance_type = want->kind,
                              .algorithm = algorithm,
                              .tol = tol};
    ouro_packed_rows rows = {.d = want->d};
    double *x = ouro_arena_alloc(&tmp, want->n * want->d, sizeof *x), *theta;
    rows.data = ouro_arena_alloc(&tmp, ouro_packed_len(ouro_packed_blocks(want->n), want->d), sizeof *x);
    theta = ouro_arena_alloc(&tmp, ouro_gmm_theta_len(&s), sizeof *x);
    double *scratch = ouro_arena_alloc(&tmp, ouro_mixture_scratch(want->k, want->d), sizeof *x);
    const size_t each = 1 + want->d + ouro_factor_len(want->d, 0);
    double *sums = ouro_arena_alloc(&tmp, want->k * each, sizeof *x);
    ouro_mixture_sums out = {.N = sums, .m = sums + want->k, .S = sums + want->k * (1 + want->d)};
    const ouro_address address = {0};
    mixture_rows(want->n, want->d, want->k, x);
    mixture_start_at(&s, x, theta);
    ouro_rows_pack(&rows, want->n, x, NULL, 1);
    CHECK_EQ(ouro_gmm_fit(&options, &s, &rows, 1, &address, &tmp, theta, info), OURO_OK);
    const ouro_gaussians g = ouro_gmm_view(&s, theta);
    ouro_mixture_pass(&g, &rows, scratch, &out);
    ouro_arena_free(&tmp);
    return out.log_likelihood;
}

TEST(mixture_fit_against_scikit_learn) {
    for (size_t i = 0; i < sizeof gmm_goldens / sizeof *gmm_goldens; i++) {
        const gmm_golden *want = gmm_goldens + i;
        ouro_fit_info info;
        if (want->steps == 20) {
            CHECK_CLOSE(fitted(want, OURO_GMM_EM, 1e-300, &info), want->log_likelihood, 1e-9, 0);
            continue;
        }
        CHECK_CLOSE(fitted(want, OURO_GMM_ANDERSON, 1e-6, &info), want->log_likelihood, 1e-9, 0);
        CHECK(info.converged);
    }
}

/* Converged, by each of the algorithms; to 1e-8, since 1e-6 leaves 3e-6 of -2288 where three components overlap. */
TEST(mixture_fit_against_armadillo) {
    for (size_t i = 0; i < sizeof gmm_goldens_armadillo / sizeof *gmm_goldens_armadillo; i++)
        for (int algorithm = OURO_GMM_ANDERSON; algorithm <= OURO_GMM_EM; algorithm++) {
            ouro_fit_info info;
            const double value = fitted(gmm_goldens_armadillo + i, algorithm, 1e-8, &info);
            CHECK_CLOSE(value, gmm_goldens_armadillo[i].log_likelihood, 1e-9, 0);
            CHECK(info.converged);
        }
}
