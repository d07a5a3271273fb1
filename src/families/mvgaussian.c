/* mvgaussian.c: the normal distribution in d dimensions, mean and full covariance fitted.
 *
 * theta = {mean[d], exponent[d], L[d(d+1)/2]}, Sigma = L L' with L as in core/triangular.h: lower triangular, each column
 * with its own power of two, so that no direction underflows however fast it collapses beside others.
 * T = {W, W2, mean[d], exponent[d], R[d(d+1)/2]}: total weight, sum of squared weights, R R' the weighted mean of
 * (x - mean)(x - mean)'. A covariance matrix is never formed. Absorbed = singular.
 *
 * Drawing a statistic and fitting it keep every digit of every direction. Rows, and sums of batches in different
 * directions, are rounded to 1e-16 of their longest direction: one that is shorter than that is lost in them. So
 * rows of a singular model are singular up to rounding only, unless d or fewer of them are.                        */
#include "core/kernels.h"
#include "core/mixture.h"
#include "core/triangular.h"
#include "mvgaussian.h"
#include "gaussians.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

enum { W, W2, T_MEAN, MOST = OURO_TRIANGLE_MOST };

typedef struct params {
    ouro_reals mean, sd;
    double correlation;
    uint64_t dim;
} params;

#define AT(member) offsetof(params, member)
static const ouro_field truth_rows[] = {
    {"mean", OURO_REALS, OURO_NULLABLE, AT(mean), -1e100, 1e100, "null", NULL, "unit of the data",
     "Mean of the truth; null: zeros."},
    {"sd", OURO_REALS, OURO_NULLABLE, AT(sd), 1e-100, 1e100, "null", NULL, "unit of the data",
     "Standard deviations of the truth; null: ones."},
    {"correlation", OURO_REAL, OURO_ABOVE | OURO_BELOW, AT(correlation), -1, 1, "0", NULL, "",
     "Correlation between any two coordinates; above -1 / (dim - 1)."},
    {"dim", OURO_COUNT, OURO_NULLABLE, AT(dim), 1, MOST, "null", NULL, "dimensions",
     "Number of dimensions; null: the length of mean or sd, else 2."},
};
#undef AT

static size_t dim_of(const params *t) {
    if (t->dim != OURO_UNSET) return (size_t)t->dim;
    return t->mean.len ? t->mean.len : t->sd.len ? t->sd.len : 2;
}

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    const params *t = p;
    size_t d = dim_of(t);
    if (t->mean.len && t->mean.len != d)
        return ouro_fail(e, OURO_ECONFIG, "truth.mean", "%zu means for %zu dimensions; give one for each", t->mean.len,
                         d);
    if (t->sd.len && t->sd.len != d)
        return ouro_fail(e, OURO_ECONFIG, "truth.sd", "%zu standard deviations for %zu dimensions; give one for each",
                         t->sd.len, d);
    if (1 + ((double)d - 1) * t->correlation <= 0)
        return ouro_fail(e, OURO_ECONFIG, "truth.correlation",
                         "%g between each two of %zu coordinates is not positive definite; it must be above %g",
                         t->correlation, d, -1 / ((double)d - 1));
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = d, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

/* Where theta and T keep exponents and factor. */
typedef struct factor {
    size_t d;
    double *exponent, *L;
} factor;
typedef struct const_factor {
    size_t d;
    const double *exponent, *L;
} const_factor;
static factor factor_at(const ouro_family *f, double *mean) {
    return (factor){f->domain.dim, mean + f->domain.dim, mean + 2 * f->domain.dim};
}
static const_factor const_factor_at(const ouro_family *f, const double *mean) {
    return (const_factor){f->domain.dim, mean + f->domain.dim, mean + 2 * f->domain.dim};
}

/* Cholesky factor of equal correlations r, j = 0, 1, ...: L_jj^2 = (1 - r)(1 + j r) / (1 + (j - 1) r) and, below it,
 * L_ij = L_jj r / (1 + j r). */
static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    const params *t = p;
    size_t d = f->domain.dim;
    if (dim_of(t) != d && (t->mean.len || t->sd.len || t->dim != OURO_UNSET)) /* the centre of a prior, not a truth */
        return ouro_fail(e, OURO_ECONFIG, "truth", "%zu dimensions are given, the model has %zu", dim_of(t), d);
    if ((t->mean.len && t->mean.len != d) || (t->sd.len && t->sd.len != d) || 1 + ((double)d - 1) * t->correlation <= 0)
        return ouro_fail(e, OURO_ECONFIG, "truth", "mean, sd and correlation must suit %zu dimensions", d);
    factor l = factor_at(f, theta);
    double *column = l.L, r = t->correlation;
    for (size_t j = 0; j < d; column += d - j, j++) {
        double here = 1 + (double)j * r;
        theta[j] = t->mean.len ? t->mean.values[j] : 0;
        column[0] = j ? sqrt((1 - r) * here / (here - r)) : 1;
        for (size_t i = 1; i < d - j; i++) column[i] = column[0] * r / here;
        for (size_t i = 0; i < d - j; i++) column[i] *= t->sd.len ? t->sd.values[j + i] : 1;
        l.exponent[j] = 0;
        ouro_triangle_settle(d - j, l.exponent + j, column);
    }
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    size_t d = f->domain.dim;
    if (f->domain.kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "mvgaussian", "mvgaussian needs numbers, the truth gives categories");
    if (d > MOST)
        return ouro_fail(e, OURO_EUNDEFINED, "mvgaussian",
                         "mvgaussian fits up to %d columns, the truth gives %zu: name some of them in truth.columns",
                         MOST, d);
    f->theta_len = 2 * d + ouro_triangle_len(d);
    f->stat_len = T_MEAN + f->theta_len;
    f->mean_len = d;
    return OURO_OK;
}

/* out += L z, z destroyed; the scale of each column goes into its z */
static void add_product(const_factor l, double *z, double *out) {
    const double *column = l.L;
    for (size_t k = 0; k < l.d; column += l.d - k, k++) {
        double a = l.exponent[k] == 0 ? z[k] : ldexp(z[k], (int)l.exponent[k]);
        for (size_t i = 0; i < l.d - k; i++) out[k + i] += a * column[i];
    }
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)tmp;
    size_t d = f->domain.dim;
    double z[MOST];
    const_factor l = const_factor_at(f, theta);
    ouro_fill_normals(s, n * d, x);
    for (size_t i = 0; i < n; i++, x += d) {
        memcpy(z, x, d * sizeof *z);
        memset(x, 0, d * sizeof *x);
        add_product(l, z, x);
        for (size_t j = 0; j < d; j++) x[j] += theta[j];
    }
    return OURO_OK;
}

static void stat_empty(const ouro_family *f, double *T) { memset(T, 0, f->stat_len * sizeof *T); }

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    factor r = factor_at(f, T + T_MEAN);
    T[W] = T[W2] = (double)n;
    ouro_triangle_of_rows(n, r.d, x, T + T_MEAN, r.exponent, r.L);
    ouro_triangle_scale(r.d, 1 / sqrt((double)n), r.exponent, r.L);
}

/* Chan, Golub and LeVeque (1979) for a mixture with shares a and b: S = a S_a + b S_b + a b delta delta'. */
static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb, a = T[W] / w, b = wb / w, delta[MOST];
    if (wb == 0) return;
    if (a == 0) {
        memcpy(T, src, f->stat_len * sizeof *T);
        T[W] = wb;
        T[W2] = weight * weight * src[W2];
        return;
    }
    factor r = factor_at(f, T + T_MEAN);
    const_factor s = const_factor_at(f, src + T_MEAN);
    for (size_t j = 0; j < r.d; j++) {
        double gap = src[T_MEAN + j] - T[T_MEAN + j];
        delta[j] = sqrt(a * b) * gap;
        T[T_MEAN + j] += gap * b;
    }
    ouro_triangle_scale(r.d, sqrt(a), r.exponent, r.L);
    ouro_triangle_add(r.d, sqrt(b), s.exponent, s.L, r.exponent, r.L);
    ouro_triangle_absorb(r.d, r.exponent, r.L, 1, (const double[]){0}, delta, 0);
    T[W] = w;
    T[W2] += weight * weight * src[W2];
}

/* Bartlett (1933): the scatter of n points is L B B' L' with B lower triangular, B_ii^2 ~ chi^2_{n-i}, i = 1..d, and
 * standard normals below, all independent of the mean's L z / sqrt n. For a singular L the columns that are not zero
 * are its factor, and i counts them; n - 1 of them at most survive. */
static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    double b[MOST], size = (double)n, left = size - 1;
    memcpy(T + T_MEAN, theta, f->theta_len * sizeof *T);
    T[W] = T[W2] = size;
    factor r = factor_at(f, T + T_MEAN);
    double *column = r.L, root = 1 / sqrt(size);
    ouro_fill_normals(s, r.d, b);
    for (size_t k = 0; k < r.d; k++) b[k] *= root;
    add_product(const_factor_at(f, theta), b, T + T_MEAN);
    for (size_t k = 0; k < r.d; column += r.d - k, k++) {
        if (column[0] == 0) continue;
        if (left > 0) {
            b[k] = sqrt(ouro_gamma(s, 0.5 * left) * (2 / size));
            ouro_fill_normals(s, r.d - k - 1, b + k + 1);
            for (size_t i = k + 1; i < r.d; i++) b[i] *= root;
        } else {
            memset(b + k, 0, (r.d - k) * sizeof *b);
        }
        ouro_triangle_combine(r.d, k, b, r.exponent, r.L);
        left -= 1;
    }
}

static void estimate(const ouro_family *f, const double *T, double by, double *theta, ouro_fit_info *info) {
    memcpy(theta, T + T_MEAN, f->theta_len * sizeof *theta);
    factor l = factor_at(f, theta);
    if (by != 1) ouro_triangle_scale(l.d, by, l.exponent, l.L);
    *info = (ouro_fit_info){.converged = 1};
    for (size_t k = 0; k < l.d; k++) info->absorbed |= l.L[ouro_triangle_at(l.d, k)] == 0;
}

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    estimate(f, T, 1, theta, info);
}

/* As for the gaussian: W - W2/W in place of W. */
static void fit_unbiased(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    double share = 1 - T[W2] / (T[W] * T[W]);
    estimate(f, T, share > 0 ? 1 / sqrt(share) : 0, theta, info);
}

static void stat_of(const ouro_family *f, const double *theta, double *T) {
    T[W] = T[W2] = 1;
    memcpy(T + T_MEAN, theta, f->theta_len * sizeof *T);
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const_factor l = const_factor_at(f, theta);
    double unit, sum = ouro_triangle_squares(l.d, l.exponent, l.L, &unit);
    memcpy(out->mean, theta, l.d * sizeof *theta);
    out->trace = ldexp(sum, (int)fmax(2 * unit, -5000)); /* 0 once it underflows; then log_trace is what counts */
    out->log_trace = log(sum) + 2 * unit * M_LN2;
    out->logdet = 2 * ouro_triangle_log_diagonal(l.d, l.exponent, l.L);
}

static double entropy(const ouro_family *f, const double *theta) {
    const_factor l = const_factor_at(f, theta);
    return 0.5 * (double)l.d * (1 + log(2 * M_PI)) + ouro_triangle_log_diagonal(l.d, l.exponent, l.L);
}

/* Rows of the factor without their powers of two: what is below 1e-308 becomes a zero. */
static int gaussians(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_gaussians *out) {
    const_factor l = const_factor_at(f, theta);
    double *at = ouro_arena_alloc(tmp, 1 + ouro_triangle_len(l.d), sizeof *at); /* log weight 0, factor */
    if (!at) return OURO_ENOMEM;
    for (size_t k = 0; k < l.d; k++)
        for (size_t i = k; i < l.d; i++)
            at[1 + i * (i + 1) / 2 + k] = ldexp(l.L[ouro_triangle_at(l.d, k) + i - k], (int)l.exponent[k]);
    *out = (ouro_gaussians){.k = 1, .d = l.d, .log_weight = at, .mean = theta, .factor = at + 1};
    return OURO_OK;
}

static int singular(const_factor l) { return ouro_triangle_log_diagonal(l.d, l.exponent, l.L) == -INFINITY; }

/* Column k of a + sign b from the diagonal down, into out[k..d) with zeros above; returns its exponent. */
static double combined(const_factor a, const_factor b, size_t k, double sign, double *out) {
    size_t at = ouro_triangle_at(a.d, k);
    double unit = fmax(a.exponent[k], b.exponent[k]);
    int ea = (int)fmax(a.exponent[k] - unit, -5000), eb = (int)fmax(b.exponent[k] - unit, -5000);
    memset(out, 0, k * sizeof *out);
    for (size_t i = 0; i < a.d - k; i++) out[k + i] = ldexp(a.L[at + i], ea) + sign * ldexp(b.L[at + i], eb);
    return unit;
}

/* log of the ratio of two diagonal entries, and log(1 + r), r relative, where they are near each other */
static double log_ratio(const_factor a, const_factor b, size_t k) {
    size_t at = ouro_triangle_at(a.d, k);
    double near = (a.L[at] - b.L[at]) / b.L[at];
    if (a.exponent[k] == b.exponent[k] && fabs(near) < 0.5) return log1p(near);
    return log(a.L[at]) - log(b.L[at]) + (a.exponent[k] - b.exponent[k]) * M_LN2;
}

/* e^x - 1 - x >= 0; by its series x^2/2 (1 + x/3 (1 + x/4 (...))) where the difference would cancel */
static double excess(double x) {
    if (fabs(x) > 0.125) return expm1(x) - x;
    double sum = 1;
    for (int k = 12; k >= 3; k--) sum = 1 + x * sum / k;
    return 0.5 * x * x * sum;
}

/* With M = L_b^-1 L_a: 2 KL(a || b) = |M|^2 - d - log det(M M') + |L_b^-1 gap|^2. Since M is triangular this is a sum of
 * terms >= 0, M_ii^2 - 1 - log M_ii^2 on the diagonal and M_ij^2 below it, so that near equality no digit is lost. */
static double kl(const_factor a, const_factor b, const double *gap) {
    double y[MOST], sum = 0;
    if (singular(a) || singular(b)) return INFINITY;
    for (size_t k = 0; k <= b.d; k++) {
        double unit = 0;
        if (k < b.d)
            unit = combined(a, b, k, -1, y);
        else
            memcpy(y, gap, b.d * sizeof *y);
        if (!ouro_triangle_solve(b.d, b.exponent, b.L, k < b.d ? k : 0, unit, y)) return INFINITY;
        if (k < b.d) sum += excess(2 * log_ratio(a, b, k));
        for (size_t i = k < b.d ? k + 1 : 0; i < b.d; i++) sum += y[i] * y[i];
    }
    return 0.5 * sum;
}

static double log_cosh(double x) {
    double half = sinh(x / 2);
    return fabs(x) < 20 ? log1p(2 * half * half) : fabs(x) - M_LN2;
}

/* Room for a measure's matrices: on the stack for small d, NULL when there is no memory. */
enum { SMALL = 2048 };
typedef struct room {
    double small[SMALL], *large;
} room;
static double *room_take(room *r, size_t len) {
    r->large = NULL;
    return len <= SMALL ? memset(r->small, 0, len * sizeof(double)) : (r->large = ouro_alloc(len, sizeof(double)));
}

/* log det(I + K K') / 2 from K, where the factor of I + K K' would round K K' away: |K|^2 - |K' K|^2 / 2 + ... */
static double log_spread_small(size_t d, const double *K) {
    double sum = 0;
    const double *one = K;
    for (size_t k = 0; k < d; one += d - k, k++) {
        const double *other = one;
        for (size_t j = k; j < d; other += d - j, j++) {
            double dot = 0;
            for (size_t i = j; i < d; i++) dot += one[i - k] * other[i - j];
            sum += j == k ? dot - 0.5 * dot * dot : -dot * dot;
        }
    }
    return 0.5 * sum;
}

/* log det(I + K K') / 2 for K = (L_a + L_b)^-1 (L_a - L_b); -1 beyond the doubles. Up to |K|^2 = 1e-5 by the series, its
 * relative error below |K|^4. */
static double log_spread(const_factor a, const_factor b, factor s, factor r, double *K) {
    double y[MOST], squares = 0;
    for (size_t k = 0; k < a.d; k++) {
        size_t at = ouro_triangle_at(a.d, k);
        s.exponent[k] = combined(a, b, k, 1, y);
        memcpy(s.L + at, y + k, (a.d - k) * sizeof *y);
        r.L[at] = 1;
    }
    for (size_t k = 0; k < a.d; k++) {
        double unit = combined(a, b, k, -1, y);
        if (!ouro_triangle_solve(a.d, s.exponent, s.L, k, unit, y)) return -1;
        for (size_t i = k; i < a.d; i++) squares += y[i] * y[i];
        memcpy(K + ouro_triangle_at(a.d, k), y + k, (a.d - k) * sizeof *y);
        ouro_triangle_absorb(a.d, r.exponent, r.L, 1, (const double[]){0}, y, k);
    }
    return squares < 1e-5 ? log_spread_small(a.d, K) : ouro_triangle_log_diagonal(a.d, r.exponent, r.L);
}

/* -log of the integral of sqrt(p_a p_b) as a sum of three terms >= 0,
 *   sum_i log cosh(l_i / 2) + log det(I + K K') / 2 + gap' (S_a + S_b)^-1 gap / 4,
 * l_i the log ratio of diagonal entries: det(S_a + S_b) = det(L_a + L_b)^2 det(I + K K') / 2^d. Relative error 1e-10. */
static double hellinger(const_factor a, const_factor b, const double *gap) {
    room mine;
    size_t d = a.d, len = ouro_triangle_len(d);
    double y[MOST], *at = room_take(&mine, 3 * len + 2 * d), sum = 0;
    if (!at) return NAN;
    factor s = {d, at, at + d}, r = {d, at + d + len, at + 2 * d + len};
    double spread = singular(a) || singular(b) ? -1 : log_spread(a, b, s, r, at + 2 * (len + d));
    if (spread >= 0) {
        for (size_t k = 0; k < d; k++) sum += log_cosh(0.5 * log_ratio(a, b, k));
        memcpy(r.exponent, a.exponent, d * sizeof *y);
        memcpy(r.L, a.L, len * sizeof *y);
        ouro_triangle_add(r.d, 1, b.exponent, b.L, r.exponent, r.L);
        memcpy(y, gap, d * sizeof *y);
        if (!ouro_triangle_solve(d, r.exponent, r.L, 0, 0, y)) y[0] = INFINITY;
        for (size_t i = 0; i < d; i++) sum += 0.25 * y[i] * y[i];
    }
    ouro_free(mine.large);
    return spread >= 0 ? sqrt(-expm1(-sum - spread)) : 1;
}

static void spectrum(const ouro_family *f, const double *theta, double *log_eigenvalue) {
    room mine;
    const_factor l = const_factor_at(f, theta);
    double *work = room_take(&mine, l.d * l.d);
    for (size_t i = 0; i < l.d && !work; i++) log_eigenvalue[i] = NAN;
    if (work) ouro_triangle_log_eigenvalues(l.d, l.exponent, l.L, work, log_eigenvalue);
    ouro_free(mine.large);
}

/* Entries of L times 2^-unit as a full matrix, rows together. */
static void unpack(const_factor l, double unit, double *out) {
    const double *column = l.L;
    memset(out, 0, l.d * l.d * sizeof *out);
    for (size_t k = 0; k < l.d; column += l.d - k, k++)
        for (size_t i = 0; i < l.d - k; i++)
            out[(k + i) * l.d + k] = ldexp(column[i], (int)fmax(l.exponent[k] - unit, -5000));
}

/* The orthogonal Q = U V' that brings b Q nearest to a (Schoenemann 1966), from b'a = U D V'; a, b, q full matrices. */
static void rotation(size_t d, const double *a, const double *b, double *q, double *v, double *u) {
    double singular_value[MOST], work[MOST];
    gsl_matrix_view U = gsl_matrix_view_array(u, d, d), V = gsl_matrix_view_array(v, d, d);
    gsl_vector_view S = gsl_vector_view_array(singular_value, d), space = gsl_vector_view_array(work, d);
    gsl_matrix_const_view A = gsl_matrix_const_view_array(a, d, d), B = gsl_matrix_const_view_array(b, d, d);
    gsl_matrix_view Q = gsl_matrix_view_array(q, d, d);
    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &B.matrix, &A.matrix, 0, &U.matrix);
    gsl_linalg_SV_decomp(&U.matrix, &V.matrix, &S.vector, &space.vector);
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &U.matrix, &V.matrix, 0, &Q.matrix);
}

/* Distance of Bures and Wasserstein: W2^2 = |gap|^2 + min_Q |L_a - L_b Q|^2 over orthogonal Q. As a minimum it forgives an
 * error of Q its first order, and as a sum of squares of differences it does not cancel: absolute error 1e-15 of the
 * larger standard deviation (Bhatia, Jain, Lim 2019). */
static double w2(const_factor a, const_factor b, const double *gap) {
    room mine;
    size_t d = a.d;
    double unit_a, unit_b, sum = 0, squares = 0, *at = room_take(&mine, 5 * d * d);
    if (!at) return NAN;
    ouro_triangle_squares(d, a.exponent, a.L, &unit_a);
    ouro_triangle_squares(d, b.exponent, b.L, &unit_b);
    double unit = fmax(unit_a, unit_b), *full_a = at, *full_b = at + d * d, *q = at + 2 * d * d;
    unpack(a, unit, full_a);
    unpack(b, unit, full_b);
    if (d > 1)
        rotation(d, full_a, full_b, q, q + d * d, q + 2 * d * d);
    else
        q[0] = 1;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double x = full_a[i * d + j];
            for (size_t k = 0; k <= i; k++) x -= full_b[i * d + k] * q[k * d + j];
            squares += x * x;
        }
    for (size_t i = 0; i < d; i++) sum = hypot(sum, gap[i]);
    ouro_free(mine.large);
    return hypot(sum, ldexp(sqrt(squares), (int)unit));
}

/* The arguments of what is symmetric are put in one order, so that it is so to the last bit. */
static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    int order = memcmp(a, b, f->theta_len * sizeof *a);
    const double *one = kind != OURO_KL && order > 0 ? b : a, *other = one == a ? b : a;
    const_factor l = const_factor_at(f, one), m = const_factor_at(f, other);
    double gap[MOST];
    if (order == 0) return 0;
    for (size_t i = 0; i < l.d; i++) gap[i] = one[i] - other[i];
    switch (kind) {
    case OURO_KL: return kl(l, m, gap);
    case OURO_HELLINGER: return hellinger(l, m, gap);
    case OURO_W2: return w2(l, m, gap);
    case OURO_TV:
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}

static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    memcpy(out, theta, f->theta_len * sizeof *out);
    factor l = factor_at(f, out);
    ouro_triangle_scale(l.d, sqrt(temperature), l.exponent, l.L);
}

const ouro_family_type ouro_family_mvgaussian = {
    .name = "mvgaussian",
    .doc = "Normal distribution in up to 200 dimensions; mean and full covariance are both fitted.",
    .density = "p(x) = exp(-(x - mean)' Sigma^-1 (x - mean) / 2) / sqrt(det(2 pi Sigma))",
    .statistic = "(sum x, sum x x'), kept as weight, mean and triangular factor of the centred second moments",
    .exact_law = "mean ~ N(mean, Sigma/n), independent of the scatter L B B' L', B Bartlett's triangle",
    .reference = "Bartlett 1933; Shumailov et al. 2024 for the recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = 0,
    .stat_location = T_MEAN,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .stat_of = stat_of,
    .fit_mle = fit_mle,
    .fit_unbiased = fit_unbiased,
    .natural = &ouro_mvgaussian_natural,
    .likelihood_in_statistic = 1,
    .moments = moments,
    .entropy = entropy,
    .spectrum = spectrum,
    .log_densities = ouro_gaussians_log_densities,
    .gaussians = gaussians,
    .divergence = divergence,
    .divergence_missing = {[OURO_TV] = "the total variation distance of normals in several dimensions has no closed "
                                       "form"},
    .matches_mean = 1,
    .matches_second_moments = 1,
    .temper = temper,
    .variance_scales = 1,
};
