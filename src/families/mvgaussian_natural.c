/* mvgaussian_natural.c: the natural form of the normal distribution in d dimensions. Exports no plug-in.
 *
 * With t(x) = (x; x_i^2, sqrt 2 x_i x_j for i > j) and Lambda = Sigma^-1, eta = (Lambda m; -Lambda_ii / 2,
 * -Lambda_ij / sqrt 2): the square roots make |eta|^2 the squared length of Lambda m and of the matrix Lambda / 2,
 * which no rotation of x changes. A = m' Lambda m / 2 + log det(Sigma) / 2. A symmetric matrix B is kept as its
 * lower triangle, packed by columns (core/triangular.h), so written: diagonal, and sqrt 2 times what is below it. */
#include "core/kernels.h"
#include "core/triangular.h"
#include "mvgaussian.h"
#include <math.h>
#include <string.h>

enum { MOST = OURO_TRIANGLE_MOST, PACKED = MOST * (MOST + 1) / 2, MOST_PARAMETERS = MOST + PACKED };
enum { W, W2, T_MEAN };
#define LN2 0.693147180559945309417
#define ROOT2 1.41421356237309504880

static size_t dim(const ouro_family *f) { return f->domain.dim; }
static size_t at(size_t d, size_t i, size_t k) { return ouro_triangle_at(d, k) + (i - k); } /* i >= k */

static size_t len(const ouro_family *f) { return dim(f) + ouro_triangle_len(dim(f)); }

/* Packed entries between a symmetric matrix (by 1) and its row of eta, t or mu. */
static void weigh(size_t d, double diagonal, double below, double *packed) {
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++) packed[at(d, i, k)] *= i == k ? diagonal : below;
}

/* L of theta with the scales of its columns multiplied in */
static void factor_of(const ouro_family *f, const double *theta, double *L) {
    size_t d = dim(f);
    const double *exponent = theta + d, *column = theta + 2 * d;
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++) L[at(d, i, k)] = ldexp(column[at(d, i, k)], (int)fmax(exponent[k], -5000));
}

/* Lower triangular X becomes its inverse, from the last column on. */
static void invert(size_t d, double *X) {
    for (size_t j = d; j-- > 0;) {
        X[at(d, j, j)] = 1 / X[at(d, j, j)];
        for (size_t i = d; i-- > j + 1;) {
            double sum = 0;
            for (size_t k = j + 1; k <= i; k++) sum += X[at(d, i, k)] * X[at(d, k, j)];
            X[at(d, i, j)] = -sum * X[at(d, j, j)];
        }
    }
}

/* X becomes the lower triangle of X' X (X lower triangular): column j needs the columns from j on. */
static void square_of_columns(size_t d, double *X) {
    double column[MOST];
    for (size_t j = 0; j < d; j++) {
        for (size_t i = j; i < d; i++) {
            column[i] = 0;
            for (size_t k = i; k < d; k++) column[i] += X[at(d, k, i)] * X[at(d, k, j)];
        }
        for (size_t i = j; i < d; i++) X[at(d, i, j)] = column[i];
    }
}

/* L becomes the lower triangle of L L': row i needs the rows up to i, so from the last row on. */
static void square_of_rows(size_t d, double *L) {
    double row[MOST];
    for (size_t i = d; i-- > 0;) {
        for (size_t j = 0; j <= i; j++) {
            row[j] = 0;
            for (size_t k = 0; k <= j; k++) row[j] += L[at(d, i, k)] * L[at(d, j, k)];
        }
        for (size_t j = 0; j <= i; j++) L[at(d, i, j)] = row[j];
    }
}

/* out = B v */
static void symmetric(size_t d, const double *B, const double *v, double *out) {
    memset(out, 0, d * sizeof *out);
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++) {
            out[i] += B[at(d, i, k)] * v[k];
            if (i > k) out[k] += B[at(d, i, k)] * v[i];
        }
}

static void parameter(const ouro_family *f, const double *theta, double *eta) {
    size_t d = dim(f);
    factor_of(f, theta, eta + d);
    invert(d, eta + d);
    square_of_columns(d, eta + d);
    symmetric(d, eta + d, theta, eta);
    weigh(d, -0.5, -1 / ROOT2, eta + d);
}

/* Lambda = M' M with M = L^-1 lower triangular: Cholesky from the last row up. 0 when it is not positive definite. */
static int factor_of_precision(size_t d, double *M) {
    for (size_t k = d; k-- > 0;) {
        double pivot = M[at(d, k, k)];
        for (size_t l = k + 1; l < d; l++) pivot -= M[at(d, l, k)] * M[at(d, l, k)];
        if (!(pivot > 0 && pivot < INFINITY)) return 0;
        M[at(d, k, k)] = sqrt(pivot);
        for (size_t j = 0; j < k; j++) {
            double sum = M[at(d, k, j)];
            for (size_t l = k + 1; l < d; l++) sum -= M[at(d, l, k)] * M[at(d, l, j)];
            M[at(d, k, j)] = sum / M[at(d, k, k)];
        }
    }
    return 1;
}

/* L from eta, without its scales; 0: no such model */
static int factor_of_eta(size_t d, const double *eta, double *L) {
    for (size_t i = 0; i < d; i++)
        if (!isfinite(eta[i])) return 0;
    memcpy(L, eta + d, ouro_triangle_len(d) * sizeof *L);
    weigh(d, -2, -ROOT2, L);
    if (!factor_of_precision(d, L)) return 0;
    invert(d, L);
    return 1;
}

/* Sigma v = L (L' v) */
static void covariance_times(size_t d, const double *L, const double *v, double *out) {
    double y[MOST];
    for (size_t j = 0; j < d; j++) {
        y[j] = 0;
        for (size_t i = j; i < d; i++) y[j] += L[at(d, i, j)] * v[i];
    }
    for (size_t i = 0; i < d; i++) {
        out[i] = 0;
        for (size_t j = 0; j <= i; j++) out[i] += L[at(d, i, j)] * y[j];
    }
}

static void settle(size_t d, double *theta) {
    for (size_t k = 0; k < d; k++) {
        theta[d + k] = 0;
        ouro_triangle_settle(d - k, theta + d + k, theta + 2 * d + ouro_triangle_at(d, k));
    }
}

static int model(const ouro_family *f, const double *eta, double *theta) {
    size_t d = dim(f);
    if (!factor_of_eta(d, eta, theta + 2 * d)) return 0;
    covariance_times(d, theta + 2 * d, eta, theta);
    settle(d, theta);
    return 1;
}

static double log_partition(const ouro_family *f, const double *eta) {
    size_t d = dim(f);
    double L[PACKED], m[MOST], sum = 0;
    if (!factor_of_eta(d, eta, L)) return INFINITY;
    covariance_times(d, L, eta, m);
    for (size_t i = 0; i < d; i++) sum += ouro_log(L[at(d, i, i)]) + 0.5 * eta[i] * m[i];
    return sum;
}

static double potential(const ouro_family *f, const double *theta) {
    size_t d = dim(f);
    const double *exponent = theta + d, *L = theta + 2 * d;
    double y[MOST], sum = 0;
    memcpy(y, theta, d * sizeof *y);
    for (size_t i = 0; i < d; i++) sum += ouro_log(L[at(d, i, i)]) + exponent[i] * LN2;
    if (!isfinite(sum) || !ouro_triangle_solve(d, exponent, L, 0, 0, y)) return sum == -INFINITY ? sum : INFINITY;
    for (size_t i = 0; i < d; i++) sum += 0.5 * y[i] * y[i];
    return sum;
}

static void mean_map(const ouro_family *f, const double *theta, double *mu) {
    size_t d = dim(f);
    factor_of(f, theta, mu + d);
    square_of_rows(d, mu + d);
    memcpy(mu, theta, d * sizeof *mu);
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++) mu[d + at(d, i, k)] += theta[i] * theta[k];
    weigh(d, 1, ROOT2, mu + d);
}

static int model_of_mean(const ouro_family *f, const double *mu, double *theta) {
    size_t d = dim(f);
    double *L = theta + 2 * d;
    memcpy(theta, mu, d * sizeof *mu);
    memcpy(L, mu + d, ouro_triangle_len(d) * sizeof *L);
    weigh(d, 1, 1 / ROOT2, L);
    for (size_t k = 0; k < d; k++) {
        for (size_t i = k; i < d; i++) {
            L[at(d, i, k)] -= mu[i] * mu[k];
            for (size_t j = 0; j < k; j++) L[at(d, i, k)] -= L[at(d, i, j)] * L[at(d, k, j)];
        }
        double pivot = L[at(d, k, k)];
        if (!(pivot > 0 && pivot < INFINITY)) return 0;
        for (size_t i = k; i < d; i++) L[at(d, i, k)] /= sqrt(pivot);
    }
    settle(d, theta);
    return 1;
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    size_t d = dim(f);
    memcpy(t, x, d * sizeof *t);
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++) t[d + at(d, i, k)] = x[i] * x[k];
    weigh(d, 1, ROOT2, t + d);
}

static double observed(const ouro_family *f, const double *T, double *t) {
    mean_map(f, T + T_MEAN, t);
    return T[W];
}

/* S B S, S = L L' or its inverse, packed like B: column by column S (B (S e_k)) */
static void congruent(size_t d, const double *S, const double *B, double *out) {
    double unit[MOST], one[MOST], two[MOST];
    for (size_t k = 0; k < d; k++) {
        memset(unit, 0, d * sizeof *unit);
        unit[k] = 1;
        symmetric(d, S, unit, one);
        symmetric(d, B, one, two);
        symmetric(d, S, two, one);
        memcpy(out + ouro_triangle_at(d, k), one + k, (d - k) * sizeof *out);
    }
}

/* For h(x) = a . x + x' B x: Cov(x, h) = y = Sigma (a + 2 B m), Cov(x x', h) = 2 Sigma B Sigma + m y' + y m'. */
static void times(const ouro_family *f, const double *theta, const double *v, double *out) {
    size_t d = dim(f);
    double S[PACKED], B[PACKED], y[MOST];
    factor_of(f, theta, S);
    square_of_rows(d, S);
    memcpy(B, v + d, ouro_triangle_len(d) * sizeof *B);
    weigh(d, 1, 1 / ROOT2, B);
    symmetric(d, B, theta, y);
    for (size_t i = 0; i < d; i++) y[i] = v[i] + 2 * y[i];
    symmetric(d, S, y, out);
    congruent(d, S, B, out + d);
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++)
            out[d + at(d, i, k)] = 2 * out[d + at(d, i, k)] + theta[i] * out[k] + theta[k] * out[i];
    weigh(d, 1, ROOT2, out + d);
}

/* The inverse: with Y less its parts in m and y, B = Lambda Y Lambda / 2, a = Lambda y - 2 B m. P: Lambda. */
static void unsolve(size_t d, const double *P, const double *m, const double *b, double *x) {
    double Y[PACKED], y[MOST];
    memcpy(Y, b + d, ouro_triangle_len(d) * sizeof *Y);
    weigh(d, 1, 1 / ROOT2, Y);
    for (size_t k = 0; k < d; k++)
        for (size_t i = k; i < d; i++) Y[at(d, i, k)] -= m[i] * b[k] + m[k] * b[i];
    congruent(d, P, Y, x + d);
    weigh(d, 0.5, 0.5, x + d);
    symmetric(d, P, b, x);
    symmetric(d, x + d, m, y);
    for (size_t i = 0; i < d; i++) x[i] -= 2 * y[i];
    weigh(d, 1, ROOT2, x + d);
}

/* Conjugate gradients on weight V + diag(ridge), preconditioned with V^-1: as many steps as there are scales on
 * which the ridge matters. */
static int solve(const ouro_family *f, const double *theta, double weight, const double *ridge, const double *b,
                 double *x) {
    size_t d = dim(f), p = len(f);
    double P[PACKED], r[MOST_PARAMETERS], z[MOST_PARAMETERS], way[MOST_PARAMETERS], image[MOST_PARAMETERS];
    factor_of(f, theta, P);
    invert(d, P);
    square_of_columns(d, P);
    if (!isfinite(P[at(d, d - 1, d - 1)])) return 0;
    if (!ridge) {
        unsolve(d, P, theta, b, x);
        for (size_t i = 0; i < p; i++) x[i] /= weight;
        return 1;
    }
    memset(x, 0, p * sizeof *x);
    memcpy(r, b, p * sizeof *r);
    double before = 0, first = 0;
    for (size_t step = 0; step < 10 * p + 50; step++) {
        double now = 0, slope = 0;
        unsolve(d, P, theta, r, z);
        for (size_t i = 0; i < p; i++) now += r[i] * z[i];
        if (step == 0) first = now;
        if (!(now > 1e-30 * first)) break;
        for (size_t i = 0; i < p; i++) way[i] = z[i] + (step ? now / before * way[i] : 0);
        times(f, theta, way, image);
        for (size_t i = 0; i < p; i++) slope += way[i] * (image[i] = weight * image[i] + ridge[i] * way[i]);
        if (!(slope > 0)) break;
        for (size_t i = 0; i < p; i++) x[i] += now / slope * way[i];
        for (size_t i = 0; i < p; i++) r[i] -= now / slope * image[i];
        before = now;
    }
    return 1;
}

/* With M = L_b^-1 L_a, Q = alpha I + (1 - alpha) M M', z = L_b^-1 (m_a - m_b): -log det M - log det Q / (2 (alpha -
 * 1)) + alpha z' Q^-1 z / 2, inf where Q is not positive definite. M only underflows where a has collapsed beside b. */
double ouro_mvgaussian_renyi(const ouro_family *f, double alpha, const double *a, const double *b) {
    size_t d = dim(f);
    double Q[PACKED], z[MOST], sum = 0, det = 0;
    const double *exponent = b + d, *L = b + 2 * d;
    if (!memcmp(a, b, f->theta_len * sizeof *a)) return 0;
    double log_a = ouro_triangle_log_diagonal(d, a + d, a + 2 * d), log_b = ouro_triangle_log_diagonal(d, exponent, L);
    if (!isfinite(log_a) || !isfinite(log_b)) return INFINITY;
    for (size_t k = 0; k < d; k++) {
        memset(z, 0, d * sizeof *z);
        memcpy(z + k, a + 2 * d + ouro_triangle_at(d, k), (d - k) * sizeof *z);
        if (!ouro_triangle_solve(d, exponent, L, k, a[d + k], z)) return alpha > 1 ? INFINITY : NAN;
        memcpy(Q + ouro_triangle_at(d, k), z + k, (d - k) * sizeof *z);
    }
    square_of_rows(d, Q);
    for (size_t i = 0; i < d; i++) z[i] = a[i] - b[i];
    if (!ouro_triangle_solve(d, exponent, L, 0, 0, z)) return INFINITY;
    for (size_t k = 0; k < d; k++) {
        for (size_t i = k; i < d; i++) {
            Q[at(d, i, k)] = (i == k ? alpha : 0) + (1 - alpha) * Q[at(d, i, k)];
            for (size_t j = 0; j < k; j++) Q[at(d, i, k)] -= Q[at(d, i, j)] * Q[at(d, k, j)];
        }
        double pivot = Q[at(d, k, k)];
        if (!(pivot > 0)) return INFINITY;
        det += log(pivot);
        for (size_t i = k; i < d; i++) Q[at(d, i, k)] /= sqrt(pivot);
        for (size_t j = 0; j < k; j++) z[k] -= Q[at(d, k, j)] * z[j];
        z[k] /= Q[at(d, k, k)];
        sum += z[k] * z[k];
    }
    return fmax(log_b - log_a - 0.5 * det / (alpha - 1) + 0.5 * alpha * sum, 0);
}

static double mean_log_carrier(const ouro_family *f, const double *theta) {
    (void)theta;
    return -0.5 * (double)dim(f) * log(2 * M_PI);
}

const ouro_natural ouro_mvgaussian_natural = {
    .words = "eta = (Lambda m; -Lambda_ii / 2, -Lambda_ij / sqrt 2), Lambda = Sigma^-1, A = m' Lambda m / 2 + "
             "log det(Sigma) / 2, mean of (x; x_i^2, sqrt 2 x_i x_j)",
    .boundary = OURO_BOUNDARY_SINGULAR,
    .len = len,
    .parameter = parameter,
    .model = model,
    .log_partition = log_partition,
    .potential = potential,
    .mean = mean_map,
    .model_of_mean = model_of_mean,
    .statistic = statistic,
    .observed = observed,
    .times = times,
    .solve = solve,
    .renyi = ouro_mvgaussian_renyi,
    .mean_log_carrier = mean_log_carrier,
};
