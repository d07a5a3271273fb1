/* mvgaussian.c: the Gaussian in d dimensions against dense matrices in long double, against the gaussian on the line, and
 * at scales that no double holds.
 *
 * False alarms: about 40 comparisons with limit FIT_Z, each false below 1e-6 (fit.h). */
#include "core/triangular.h"
#include "fit.h"
#include "harness.h"
#include "ouro/registry.h"
#include "ouro/rng.h"
#include "setup.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 6, ROWS = 70, DRAWS = 20000, LEN = 4 * MOST + MOST * MOST };

static ouro_family family(const char *name, size_t d) {
    const ouro_domain domain = {.kind = OURO_NUMBERS, .dim = d, .lower = -INFINITY, .upper = INFINITY};
    ouro_family f = {0};
    ouro_error e = {0};
    CHECK(ouro_family_init(&f, ouro_family_find(name), &domain, NULL, &e) == OURO_OK);
    return f;
}

static void open_stream(ouro_stream *s, uint32_t generation) {
    ouro_stream_open(s, &(ouro_address){.seed = 77, .generation = generation, .purpose = OURO_FOR_REAL});
}

/* A model away from any symmetry, its factor with some weight below the diagonal. */
static void some_model(size_t d, uint32_t which, double *theta) {
    ouro_stream s;
    open_stream(&s, 1000 + which);
    ouro_fill_normals(&s, d, theta);
    double *column = theta + 2 * d;
    for (size_t k = 0; k < d; column += d - k, k++) {
        theta[d + k] = 0;
        ouro_fill_normals(&s, d - k, column);
        column[0] = 0.3 + fabs(column[0]);
    }
}

/* S = L L' of what stands behind a mean, without exponents. */
static void dense(size_t d, const double *mean, long double *S) {
    const double *L = mean + 2 * d;
    memset(S, 0, d * d * sizeof *S);
    for (size_t k = 0; k < d; L += d - k, k++) {
        CHECK_EQ(mean[d + k], 0);
        for (size_t i = k; i < d; i++)
            for (size_t j = k; j < d; j++) S[i * d + j] += (long double)L[i - k] * L[j - k];
    }
}

/* Cholesky in place, log det of S; S becomes its factor. */
static long double factor(size_t d, long double *S) {
    long double log_det = 0;
    for (size_t j = 0; j < d; j++)
        for (size_t i = j; i < d; i++) {
            long double x = S[i * d + j];
            for (size_t k = 0; k < j; k++) x -= S[i * d + k] * S[j * d + k];
            S[i * d + j] = i == j ? sqrtl(x) : x / S[j * d + j];
            if (i == j) log_det += 2 * logl(S[j * d + j]);
        }
    return log_det;
}

/* |C^-1 x|^2 for a factor C */
static long double quadratic(size_t d, const long double *C, const long double *x) {
    long double y[MOST], sum = 0;
    for (size_t i = 0; i < d; i++) {
        y[i] = x[i];
        for (size_t k = 0; k < i; k++) y[i] -= C[i * d + k] * y[k];
        y[i] /= C[i * d + i];
        sum += y[i] * y[i];
    }
    return sum;
}

/* The truth's covariance is what its table says: sd_i sd_j, times the correlation off the diagonal. */
TEST(contract_mvgaussian_truth) {
    static const double sd[] = {0.5, 3, 20, 1.5}, rs[] = {0.9, 0.3, 0, -0.32};
    for (int i = 0; i < 4; i++) {
        ouro_study study;
        long double S[16];
        REQUIRE(setup_loadf(&study,
                            "{'name':'x','truth':{'family':'mvgaussian','mean':[1,2,3,4],'sd':[0.5,3,20,1.5],"
                            "'correlation':%g},'model':{'family':'mvgaussian'}}",
                            rs[i]) == OURO_OK);
        const ouro_truth *t = &study.experiment[0].truth;
        dense(4, t->theta, S);
        for (int j = 0; j < 4; j++) {
            CHECK_EQ(t->theta[j], 1 + j);
            for (int k = 0; k < 4; k++)
                CHECK_CLOSE((double)S[4 * j + k], sd[j] * sd[k] * (j == k ? 1 : rs[i]), 1e-14, 1e-14);
        }
        CHECK_CLOSE(t->moments.trace, 0.25 + 9 + 400 + 2.25, 1e-14, 0);
        CHECK_CLOSE(t->moments.logdet, 2 * log(45) + 3 * log(1 - rs[i]) + log(1 + 3 * rs[i]), 1e-13, 0);
        ouro_study_free(&study);
    }
}

/* --- statistics -------------------------------------------------------------------------------------------------- */

static void check_rows(size_t n, size_t d, const double *x, const double *T, double tolerance) {
    long double S[MOST * MOST], mean[MOST] = {0};
    dense(d, T + 2, S);
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < n; i++)
            mean[j] += ((long double)x[i * d + j] - x[j]) / n; /* exact where all are equal */
        mean[j] += x[j];
        CHECK_CLOSE(T[2 + j], (double)mean[j], tolerance, tolerance);
    }
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < d; k++) {
            long double sum = 0;
            for (size_t i = 0; i < n; i++) sum += (x[i * d + j] - mean[j]) * (x[i * d + k] - mean[k]) / n;
            CHECK_CLOSE((double)S[j * d + k], (double)sum, 0, tolerance * sqrt((double)(S[j * d + j] * S[k * d + k])));
        }
}

/* One pass over rows, and pieces of them merged with weights, against sums in long double. */
TEST(contract_mvgaussian_rows_and_merges) {
    for (size_t d = 1; d <= MOST; d++) {
        const ouro_family f = family("mvgaussian", d);
        double theta[LEN], x[ROWS * MOST], T[LEN], part[LEN], twice[2 * ROWS * MOST];
        ouro_stream s;
        ouro_arena tmp = {0};
        some_model(d, 0, theta);
        open_stream(&s, 0);
        CHECK(f.type->sample(&f, theta, &s, &tmp, ROWS, x) == OURO_OK);
        f.type->stat_rows(&f, ROWS, x, T);
        check_rows(ROWS, d, x, T, 1e-14);
        f.type->stat_empty(&f, T);
        size_t all = 0;
        for (size_t at = 0, n = 1; at < ROWS; at += n, n = n * 3 < ROWS - at ? n * 3 : ROWS - at) {
            const int weight = at % 2 ? 1 : 2;
            f.type->stat_rows(&f, n, x + at * d, part);
            f.type->stat_merge(&f, weight, part, T);
            for (int copy = 0; copy < weight; copy++, all += n) memcpy(twice + all * d, x + at * d, n * d * sizeof *x);
        }
        CHECK_EQ(T[0], all);
        check_rows(all, d, twice, T, 1e-14);
    }
}

/* Rows times a power of two, an exact operation: only exponents change. */
TEST(contract_mvgaussian_statistics_scale) {
    static const int powers[] = {-1000, -700, -400, -301, -5, 0, 7, 290, 900};
    const size_t d = 3;
    const ouro_family f = family("mvgaussian", d);
    double theta[LEN], x[ROWS * MOST], scaled[ROWS * MOST], T[LEN], S[LEN], again[LEN], mean[MOST];
    ouro_moments a = {.mean = mean}, b = {.mean = mean};
    ouro_stream s;
    ouro_arena tmp = {0};
    some_model(d, 0, theta);
    open_stream(&s, 0);
    CHECK(f.type->sample(&f, theta, &s, &tmp, ROWS, x) == OURO_OK);
    f.type->stat_rows(&f, ROWS, x, T);
    f.type->moments(&f, T + 2, &a);
    for (size_t k = 0; k < sizeof powers / sizeof powers[0]; k++) {
        for (size_t i = 0; i < ROWS * d; i++) scaled[i] = ldexp(x[i], powers[k]);
        f.type->stat_rows(&f, ROWS, scaled, S);
        f.type->moments(&f, S + 2, &b);
        for (size_t i = 0; i < d; i++) CHECK_CLOSE(S[2 + i], ldexp(T[2 + i], powers[k]), 1e-15, 0);
        const double *R = S + 2 + d, *own = T + 2 + 2 * d;
        for (size_t j = 0, at = 0; j < d; j++)
            for (size_t i = j; i < d; i++, at++)
                CHECK_CLOSE(ldexp(S[2 + 2 * d + at], (int)R[j] - powers[k]), own[at], 1e-15, 1e-15);
        CHECK_CLOSE(b.logdet, a.logdet + 6 * powers[k] * log(2), 1e-14, 1e-14);
        CHECK_CLOSE(b.log_trace, a.log_trace + 2 * powers[k] * log(2), 1e-14, 1e-14);
        memcpy(again, S, sizeof S);
        f.type->stat_merge(&f, 1, again, S); /* with itself, far below or above the doubles' squares */
        f.type->moments(&f, S + 2, &b);
        CHECK_CLOSE(b.logdet, a.logdet + 6 * powers[k] * log(2), 1e-14, 1e-13);
    }
}

/* Two needles that are collapsed along different axes, each in units far below the doubles: det of their mixture by hand. */
TEST(contract_mvgaussian_merges_beyond_underflow) {
    static const double units[] = {0, -200, -900, -2000, -1e6};
    const ouro_family f = family("mvgaussian", 2);
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            /* T = {W, W2, mean[2], exponent[2], R11, R21, R22}: diag(1, 4^u) and diag(4^u, 1) times 4^v */
            const double u = units[i], v = units[k];
            double a[] = {3, 3, 0, 0, v, u + v, 1, 0, 1}, b[] = {1, 1, 0, 0, u + v, v, 1, 0, 1}, mean[2];
            for (int j = 0; j < 2; j++) {
                ouro_triangle_settle(2 - (size_t)j, a + 4 + j, a + 6 + 2 * j);
                ouro_triangle_settle(2 - (size_t)j, b + 4 + j, b + 6 + 2 * j);
            }
            ouro_moments m = {.mean = mean};
            f.type->stat_merge(&f, 1, b, a);
            f.type->moments(&f, a + 2, &m);
            const double small = ldexp(1, (int)fmax(2 * u, -5000)), det = (0.75 + 0.25 * small) * (0.25 + 0.75 * small);
            CHECK_CLOSE(m.logdet, log(det) + 4 * v * log(2), 1e-15, 1e-14);
            CHECK_CLOSE(m.log_trace, log(1 + small) + 2 * v * log(2), 1e-15, 1e-14);
        }
}

/* Three collapsed points and one elsewhere: along the gap the distance decides, across it nothing is lost. */
TEST(contract_mvgaussian_merges_far_apart) {
    static const double units[] = {0, -300, -1000, -5000};
    const ouro_family f = family("mvgaussian", 2);
    for (size_t i = 0; i < 4; i++)
        for (int axis = 0; axis < 2; axis++) {
            const double u = units[i];
            double a[] = {3, 3, 0, 0, u, u, 1, 0, 1}, b[] = {1, 1, 0, 0, 0, 0, 0, 0, 0}, mean[2];
            ouro_moments m = {.mean = mean};
            for (int j = 0; j < 2; j++) ouro_triangle_settle(2 - (size_t)j, a + 4 + j, a + 6 + 2 * j);
            b[2 + axis] = 4;
            f.type->stat_merge(&f, 1, b, a);
            f.type->moments(&f, a + 2, &m);
            CHECK_CLOSE(mean[axis], 1, 1e-15, 0);
            const double across = log(0.75) + 2 * u * log(2), along = log(3 + exp(across));
            CHECK_CLOSE(m.logdet, across + along, 1e-14, 1e-14);
        }
}

/* Mean and scatter of n points: E RR' = (n-1)/n Sigma, n^2 Var (RR')_ij = (n-1)(S_ij^2 + S_ii S_jj); E n (m - mean)_i
 * (m - mean)_j = S_ij with variance S_ij^2 + S_ii S_jj; the two are uncorrelated. */
static void check_wishart(int drawn) {
    enum { N = 6, DIM = 3 };
    const ouro_family f = family("mvgaussian", DIM);
    static double scatter[DIM * DIM][DRAWS], mean[DIM * DIM][DRAWS], both[DRAWS];
    double theta[LEN], T[LEN], x[N * DIM];
    long double S[DIM * DIM], R[DIM * DIM];
    ouro_arena tmp = {0};
    some_model(DIM, 3, theta);
    dense(DIM, theta, S);
    for (uint32_t i = 0; i < DRAWS; i++) {
        ouro_stream s;
        open_stream(&s, i);
        if (drawn)
            f.type->stat_draw(&f, theta, &s, N, T);
        else if (f.type->sample(&f, theta, &s, &tmp, N, x) == OURO_OK)
            f.type->stat_rows(&f, N, x, T);
        dense(DIM, T + 2, R);
        for (int j = 0; j < DIM; j++)
            for (int k = 0; k < DIM; k++) {
                scatter[j * DIM + k][i] = N * (double)R[j * DIM + k];
                mean[j * DIM + k][i] = N * (T[2 + j] - theta[j]) * (T[2 + k] - theta[k]);
            }
        both[i] = sqrt(N) * (T[2] - theta[0]) * (scatter[DIM + 1][i] - (N - 1) * (double)S[DIM + 1]);
    }
    for (int j = 0; j < DIM; j++)
        for (int k = j; k < DIM; k++) {
            const double own = (double)S[j * DIM + k], square = own * own + (double)(S[j * DIM + j] * S[k * DIM + k]);
            CHECK_CLOSE(fit_mean_z(DRAWS, scatter[j * DIM + k], (N - 1) * own, (N - 1) * square), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_mean_z(DRAWS, mean[j * DIM + k], own, square), 0, 0, FIT_Z);
        }
    const double variance = (double)S[0] * 2 * (N - 1) * (double)(S[DIM + 1] * S[DIM + 1]);
    CHECK_CLOSE(fit_mean_z(DRAWS, both, 0, variance), 0, 0, FIT_Z);
}

TEST(contract_mvgaussian_statistics_are_wishart) {
    check_wishart(1);
    check_wishart(0);
}

static size_t rank(size_t d, const double *T) {
    size_t count = 0;
    for (size_t k = 0; k < d; k++) count += T[2 + 2 * d + ouro_triangle_at(d, k)] != 0;
    return count;
}

/* n points in d > n - 1 dimensions: rank n - 1, drawn or counted, whatever the rounding; also where columns repeat. */
TEST(contract_mvgaussian_ranks) {
    const size_t d = 5;
    const ouro_family f = family("mvgaussian", d);
    double theta[LEN], again[LEN], T[LEN], x[6 * MOST];
    ouro_fit_info info;
    ouro_arena tmp = {0};
    some_model(d, 1, theta);
    for (uint32_t trial = 0; trial < 200; trial++)
        for (size_t n = 1; n <= 6; n++) {
            ouro_stream s;
            open_stream(&s, trial);
            f.type->stat_draw(&f, theta, &s, n, T);
            CHECK_EQ(rank(d, T), n - 1);
            f.type->fit_mle(&f, T, again, &info);
            CHECK_EQ(info.absorbed, n <= d);
            CHECK(f.type->sample(&f, theta, &s, &tmp, n, x) == OURO_OK);
            f.type->stat_rows(&f, n, x, T);
            CHECK_EQ(rank(d, T), n - 1);
            f.type->stat_draw(&f, again, &s, 100, T); /* what is lost does not come back */
            CHECK_EQ(rank(d, T), n - 1);
            for (size_t i = 0; i < n; i++) x[i * d + 1] = 3 * x[i * d]; /* rank 4, and an own variance in column 4 */
            f.type->stat_rows(&f, n, x, T);
            CHECK(rank(d, T) <= n - 1);
            if (n > 1) check_rows(n, d, x, T, 1e-13);
            for (size_t i = 0; i < n; i++) x[i * d + 2] = 0.1; /* a constant column is one exactly */
            f.type->stat_rows(&f, n, x, T);
            CHECK_EQ(T[4], 0.1);
            CHECK_EQ(T[2 + 2 * d + ouro_triangle_at(d, 2)], 0);
            if (n > 1) check_rows(n, d, x, T, 1e-13);
        }
}

/* --- closed forms ------------------------------------------------------------------------------------------------ */

static double kl_dense(size_t d, const double *a, const double *b) {
    long double A[MOST * MOST], B[MOST * MOST], gap[MOST], column[MOST], sum = 0;
    dense(d, a, A);
    dense(d, b, B);
    sum = factor(d, B) - factor(d, A) - (long double)d;
    for (size_t k = 0; k < d; k++) { /* tr B^-1 A = sum of |C_B^-1 column of C_A|^2 */
        for (size_t i = 0; i < d; i++) column[i] = i < k ? 0 : A[i * d + k];
        sum += quadratic(d, B, column);
        gap[k] = (long double)a[k] - b[k];
    }
    return (double)((sum + quadratic(d, B, gap)) / 2);
}

static double hellinger_dense(size_t d, const double *a, const double *b) {
    long double A[MOST * MOST], B[MOST * MOST], M[MOST * MOST], gap[MOST];
    dense(d, a, A);
    dense(d, b, B);
    for (size_t i = 0; i < d * d; i++) M[i] = (A[i] + B[i]) / 2;
    for (size_t k = 0; k < d; k++) gap[k] = (long double)a[k] - b[k];
    const long double log_ratio = (factor(d, A) + factor(d, B)) / 4 - factor(d, M) / 2;
    return (double)sqrtl(-expm1l(log_ratio - quadratic(d, M, gap) / 8));
}

/* tr (A^(1/2) B A^(1/2))^(1/2) = sum of singular values of C_A' C_B, by Jacobi on its columns. */
static double w2_dense(size_t d, const double *a, const double *b) {
    long double A[MOST * MOST], B[MOST * MOST], P[MOST * MOST] = {0}, sum = 0;
    dense(d, a, A);
    dense(d, b, B);
    for (size_t k = 0; k < d; k++) sum += A[k * d + k] + B[k * d + k] + powl((long double)a[k] - b[k], 2);
    factor(d, A);
    factor(d, B);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = i > j ? i : j; k < d; k++) P[i * d + j] += A[k * d + i] * B[k * d + j];
    for (int sweep = 0; sweep < 40; sweep++)
        for (size_t p = 0; p < d; p++)
            for (size_t q = p + 1; q < d; q++) {
                long double x = 0, y = 0, z = 0;
                for (size_t i = 0; i < d; i++) {
                    x += P[i * d + p] * P[i * d + p];
                    y += P[i * d + q] * P[i * d + q];
                    z += P[i * d + p] * P[i * d + q];
                }
                const long double angle = atan2l(2 * z, x - y) / 2, c = cosl(angle), s = sinl(angle);
                for (size_t i = 0; i < d; i++) {
                    const long double u = P[i * d + p], v = P[i * d + q];
                    P[i * d + p] = c * u + s * v;
                    P[i * d + q] = c * v - s * u;
                }
            }
    for (size_t p = 0; p < d; p++) {
        long double norm = 0;
        for (size_t i = 0; i < d; i++) norm += P[i * d + p] * P[i * d + p];
        sum -= 2 * sqrtl(norm);
    }
    return (double)sqrtl(sum);
}

TEST(contract_mvgaussian_divergences_of_dense_matrices) {
    for (size_t d = 1; d <= MOST; d++)
        for (uint32_t which = 0; which < 6; which++) {
            const ouro_family f = family("mvgaussian", d);
            double a[LEN], b[LEN], mean[MOST];
            some_model(d, 10 + which, a);
            some_model(d, 20 + which, b);
            if (which > 2) /* closer and closer together */
                for (size_t i = 0; i < f.theta_len; i++) b[i] = a[i] + ldexp(b[i], -4 * (int)which);
            const double w2 = f.type->divergence(&f, OURO_W2, a, b), h = f.type->divergence(&f, OURO_HELLINGER, a, b);
            /* what cancellation leaves of the references: KL, H^2 and W2^2 / tr are differences of numbers of order d */
            const double slack = 64 * (double)LDBL_EPSILON * (double)d;
            ouro_moments m = {.mean = mean};
            f.type->moments(&f, a, &m);
            CHECK_CLOSE(f.type->divergence(&f, OURO_KL, a, b), kl_dense(d, a, b), 1e-11, slack);
            CHECK_CLOSE(h * h, pow(hellinger_dense(d, a, b), 2), 1e-10, slack);
            CHECK_CLOSE(w2 * w2, pow(w2_dense(d, a, b), 2), 1e-11, slack * m.trace);
            CHECK_EQ(w2, f.type->divergence(&f, OURO_W2, b, a));
            CHECK_EQ(h, f.type->divergence(&f, OURO_HELLINGER, b, a));
        }
}

/* Nearly equal: KL is quadratic and the distances are linear in the step, down to the last digits of the step. */
TEST(contract_mvgaussian_divergences_near_equality) {
    const size_t d = 4;
    const ouro_family f = family("mvgaussian", d);
    double a[LEN], b[LEN], step[LEN], before[3] = {0};
    some_model(d, 30, a);
    some_model(d, 31, step);
    for (int k = 10; k <= 34; k += 4) {
        for (size_t i = 0; i < f.theta_len; i++) b[i] = a[i] + ldexp(step[i], -k);
        const double now[] = {f.type->divergence(&f, OURO_KL, a, b), f.type->divergence(&f, OURO_HELLINGER, a, b),
                              f.type->divergence(&f, OURO_W2, a, b)};
        for (int i = 0; i < 3 && k > 10; i++)
            CHECK_CLOSE(before[i] / now[i], i ? 16 : 256, ldexp(40, 4 - k) + ldexp(1, k - 46), 0);
        memcpy(before, now, sizeof now);
    }
}

/* d = 1 is the gaussian, at any scale; and d independent coordinates add up. */
TEST(contract_mvgaussian_is_gaussian_on_the_line) {
    static const double log2_sd[] = {0, -20, -299, -301, -800, -1e4, -1e8};
    const ouro_family f = family("mvgaussian", 1), g = family("gaussian", 1);
    for (size_t i = 0; i < 7; i++)
        for (size_t k = 0; k < 7; k++) {
            double a[] = {0.25, log2_sd[i], 1.1}, b[] = {0.5, log2_sd[k] + 1, 0.7}, mean[2];
            ouro_triangle_settle(1, a + 1, a + 2);
            ouro_triangle_settle(1, b + 1, b + 2);
            const double u[] = {0.25, log(1.1) + log2_sd[i] * log(2)}, v[] = {0.5, log(1.4) + log2_sd[k] * log(2)};
            ouro_moments m = {.mean = mean}, n = {.mean = mean + 1};
            f.type->moments(&f, a, &m);
            g.type->moments(&g, u, &n);
            CHECK_CLOSE(m.trace, n.trace, 1e-11, 0);
            CHECK_CLOSE(m.log_trace, n.log_trace, 1e-14, 1e-14);
            CHECK_CLOSE(m.logdet, n.logdet, 1e-14, 1e-14);
            CHECK_CLOSE(f.type->entropy(&f, a), g.type->entropy(&g, u), 1e-14, 1e-14);
            const double most = 1e-9 * fmax(1, fabs(log2_sd[i]) / 1e4); /* what the logarithms themselves resolve */
            CHECK_CLOSE(f.type->divergence(&f, OURO_KL, a, b), g.type->divergence(&g, OURO_KL, u, v), most, 0);
            CHECK_CLOSE(f.type->divergence(&f, OURO_HELLINGER, a, b), g.type->divergence(&g, OURO_HELLINGER, u, v),
                        2e-8, 0);
            CHECK_CLOSE(f.type->divergence(&f, OURO_W2, a, b), g.type->divergence(&g, OURO_W2, u, v), 1e-13, 0);
        }
}

/* A chain of 3 points in 3 - 1 dimensions loses log det by 4 nats a generation: exponents go on where doubles end. */
TEST(contract_mvgaussian_collapses_without_end) {
    const ouro_family f = family("mvgaussian", 2);
    double theta[LEN], T[LEN], truth[LEN], mean[2];
    ouro_moments m = {.mean = mean};
    ouro_fit_info info = {0};
    some_model(2, 40, theta);
    memcpy(truth, theta, sizeof theta);
    for (uint32_t t = 0; t < 20000 && !info.absorbed; t++) {
        ouro_stream s;
        open_stream(&s, t);
        f.type->stat_draw(&f, theta, &s, 3, T);
        f.type->fit_mle(&f, T, theta, &info);
        theta[0] = theta[1] = 0;
        if (t % 500 != 0) continue;
        f.type->moments(&f, theta, &m);
        CHECK(isfinite(m.logdet) && isfinite(m.log_trace));
        CHECK(m.logdet <= 2 * m.log_trace);
        CHECK(f.type->divergence(&f, OURO_KL, theta, truth) > 0);
        CHECK(f.type->divergence(&f, OURO_KL, truth, theta) > 0);
        CHECK(f.type->divergence(&f, OURO_HELLINGER, truth, theta) <= 1);
        CHECK(f.type->divergence(&f, OURO_W2, truth, theta) > 0);
    }
    CHECK(!info.absorbed);
    CHECK(m.logdet < -50000);
}
