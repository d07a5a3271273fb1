/* linear_regression.c: y = x . w + noise, x ~ N(0, I_d), noise normal; w is fitted, the noise known or fitted too.
 *
 * theta = {w[d], log sd of the noise}.
 * T = {W, W2, exponent[d+1], L[(d+1)(d+2)/2]}: total weight, sum of squared weights, and L L' = weighted sum of z z'
 * over the rows z = (x, y), L lower triangular as in core/triangular.h. Its columns k < d hold the triangular factor R
 * of X as rows and, last, c_k of c = Q'y; its last entry is the residual |y - X w|, with an exponent of its own, so
 * that a collapsing noise does not underflow. A fit solves R w = c: an orthogonal method, X'X is never formed.
 * Batches whose weights differ are merged up to 1e-16 of |y|: a noise below that is lost in a merge, and in rows.
 * Fewer rows than features, or a repeated design of such: w is the solution of least norm, and `converged` is 0. */
#include "core/kernels.h"
#include "core/triangular.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include "regression.h"
#include <math.h>
#include <string.h>

enum { W, W2, EXPONENT, NOISE = 0, BLOCK = 64 };
/* Share of a covariate's norm left beside the others below which it is rounding: a repeated design of too few rows
 * leaves 1e-16 over the smallest share that is kept. Normal covariates have a smaller one with probability 1e-8. */
#define TOLERANCE 1e-8

typedef struct params {
    regression_params x;
    double noise;
} params;

#define AT(member) offsetof(params, member)
static const ouro_field truth_rows[] = {
    REGRESSION_FIELDS(params, x),
    {"noise", OURO_REAL, 0, AT(noise), 1e-100, 1e100, "1", NULL, "unit of y", "Standard deviation of the noise."},
};
#undef AT
static const ouro_field known_rows[] = {
    {"noise", OURO_REAL, OURO_NULLABLE | OURO_FITTABLE, NOISE * sizeof(double), 1e-100, 1e100, "null", NULL,
     "unit of y", "Standard deviation of the model's noise; null: the truth's; \"fitted\": fitted as well."},
};

static void truth_known(const void *p, double *known) { known[NOISE] = ((const params *)p)->noise; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    return regression_domain(&((const params *)p)->x, OURO_ANY_NUMBER, out, e);
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    theta[f->domain.covariates] = ouro_log(((const params *)p)->noise);
    return regression_weights(&((const params *)p)->x, f->domain.covariates, theta, e);
}

static int shape(ouro_family *f, ouro_error *e) {
    size_t d = f->domain.covariates;
    if (!d)
        return ouro_fail(
            e, OURO_EUNDEFINED, "linear-regression",
            "linear-regression needs a response given covariates, which only a truth of its own family has; "
            "mvgaussian takes rows of any numbers, observed ones too");
    if (f->domain.response != OURO_ANY_NUMBER)
        return ouro_fail(e, OURO_EUNDEFINED, "linear-regression",
                         "linear-regression needs a response that may be any number, the truth's are %s; use glm",
                         f->domain.response == OURO_COUNTED ? "counts" : "0 or 1");
    f->theta_len = d + 1;
    f->stat_len = EXPONENT + d + 1 + ouro_triangle_len(d + 1);
    f->mean_len = d;
    return OURO_OK;
}

/* T's triangle; column k < d at ouro_triangle_at(d + 1, k), its last entry the one of y */
typedef struct triangle {
    size_t d;
    double *exponent, *L;
} triangle;
typedef struct const_triangle {
    size_t d;
    const double *exponent, *L;
} const_triangle;
static triangle triangle_of(const ouro_family *f, double *T) {
    size_t d = f->domain.covariates;
    return (triangle){d, T + EXPONENT, T + EXPONENT + d + 1};
}
static const_triangle const_triangle_of(const ouro_family *f, const double *T) {
    size_t d = f->domain.covariates;
    return (const_triangle){d, T + EXPONENT, T + EXPONENT + d + 1};
}
static size_t column(size_t d, size_t k) { return ouro_triangle_at(d + 1, k); }

static double scale_of(const ouro_family *f, const double *theta) {
    return theta[f->domain.covariates] == -INFINITY ? 0 : ouro_exp(theta[f->domain.covariates]);
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)tmp;
    size_t d = f->domain.covariates;
    double z[BLOCK], sd = scale_of(f, theta);
    for (size_t done = 0, m; done < n; done += m) {
        m = n - done < BLOCK ? n - done : BLOCK;
        ouro_fill_normals(s, m, z);
        for (size_t i = 0; i < m; i++, x += d + 1) x[d] = regression_dot(d, x, theta) + sd * z[i];
    }
    return OURO_OK;
}

static void stat_empty(const ouro_family *f, double *T) { memset(T, 0, f->stat_len * sizeof *T); }

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    triangle t = triangle_of(f, T);
    stat_empty(f, T);
    T[W] = T[W2] = (double)n;
    ouro_triangle_add_rows(n, t.d + 1, x, t.exponent, t.L);
}

static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    triangle t = triangle_of(f, T);
    const_triangle s = const_triangle_of(f, src);
    if (weight * src[W] == 0) return;
    if (T[W] == 0) {
        memcpy(T + EXPONENT, src + EXPONENT, (f->stat_len - EXPONENT) * sizeof *T);
        if (weight != 1) ouro_triangle_scale(t.d + 1, sqrt(weight), t.exponent, t.L);
    } else {
        ouro_triangle_add(t.d + 1, sqrt(weight), s.exponent, s.L, t.exponent, t.L);
    }
    T[W] += weight * src[W];
    T[W2] += weight * weight * src[W2];
}

/* Bartlett (1933): X'X = B B' with B_kk^2 ~ chi^2_{n-k}, k = 0, 1, ..., normals below; n columns at most. */
static void stat_covariates(const ouro_family *f, ouro_stream *s, uint64_t n, double *T) {
    triangle t = triangle_of(f, T);
    stat_empty(f, T);
    T[W] = T[W2] = (double)n;
    for (size_t k = 0; k < t.d && k < n; k++) {
        double *b = t.L + column(t.d, k);
        b[0] = sqrt(2 * ouro_gamma(s, 0.5 * ((double)n - (double)k)));
        ouro_fill_normals(s, t.d - k - 1, b + 1);
    }
}

/* 2^*exponent *value = e^log_value, where the number itself might underflow */
static void from_log(double log_value, double *exponent, double *value) {
    *exponent = fabs(log_value) < 200 || log_value == -INFINITY ? 0 : rint(log_value / M_LN2);
    *value = log_value == -INFINITY ? 0 : ouro_exp(log_value - *exponent * M_LN2);
    ouro_triangle_settle(1, exponent, value);
}

/* With X = Q R the n normals of the noise are n normals in any orthogonal basis: c = R w + s z on the columns of Q, the
 * residual^2 ~ s^2 chi^2_{n - rank} on the rest, all independent of R. */
static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    triangle t = triangle_of(f, T);
    double z[REGRESSION_MOST], sd = scale_of(f, theta);
    size_t d = t.d, rank = 0;
    ouro_fill_normals(s, d, z);
    for (size_t k = 0; k < d; k++) {
        double *b = t.L + column(d, k);
        if (b[0] == 0) continue;
        b[d - k] = regression_dot(d - k, b, theta + k) + sd * z[k];
        ouro_triangle_settle(d + 1 - k, t.exponent + k, b);
        rank++;
    }
    double left = n > rank ? (double)(n - rank) : 0;
    from_log(left > 0 ? theta[d] + 0.5 * ouro_log_chi2(s, left) : -INFINITY, t.exponent + d, t.L + column(d, d));
}

/* One pseudo-point: x has covariance I and the model holds, E xx' = I, E xy = w, E y^2 = |w|^2 + s^2. */
static void stat_of(const ouro_family *f, const double *theta, double *T) {
    triangle t = triangle_of(f, T);
    stat_empty(f, T);
    T[W] = T[W2] = 1;
    for (size_t k = 0; k < t.d; k++) {
        double *b = t.L + column(t.d, k);
        b[0] = 1;
        b[t.d - k] = theta[k];
        ouro_triangle_settle(t.d + 1 - k, t.exponent + k, b);
    }
    from_log(theta[t.d], t.exponent + t.d, t.L + column(t.d, t.d));
}

/* The covariates that are a direction of their own, kept[rank]: what is left of column k of X beside the columns before
 * it is not rounding. Rows of L within the x-part are as large as X, so that plain numbers hold them. */
static size_t directions(const_triangle t, size_t *kept) {
    double norm2[REGRESSION_MOST] = {0};
    size_t rank = 0;
    for (size_t k = 0; k < t.d; k++) {
        const double *b = t.L + column(t.d, k);
        for (size_t i = 0; i < t.d - k; i++) {
            double x = t.exponent[k] == 0 ? b[i] : ldexp(b[i], (int)t.exponent[k]);
            norm2[k + i] += x * x;
            if (i == 0 && x > TOLERANCE * sqrt(norm2[k])) kept[rank++] = k;
        }
    }
    return rank;
}

/* R w = c from the last row up. Row k of R and c_k are one column of L, with one exponent: it cancels. */
static void solve(const_triangle t, double *w) {
    for (size_t k = t.d; k-- > 0;) {
        const double *b = t.L + column(t.d, k);
        w[k] = (b[t.d - k] - regression_dot(t.d - k - 1, b + 1, w + k + 1)) / b[0];
    }
}

/* The shortest w of R w = c for the kept rows of R, orthogonalised in turn, twice over (Gram and Schmidt): with
 * R' = Q P, P'y = c and w = Q y. */
static void solve_least_norm(const_triangle t, size_t rank, const size_t *kept, double *w) {
    double Q[REGRESSION_MOST * REGRESSION_MOST];
    size_t d = t.d;
    memset(w, 0, d * sizeof *w);
    for (size_t j = 0; j < rank; j++) {
        const double *b = t.L + column(d, kept[j]);
        double *q = Q + j * d, c = b[d - kept[j]] - regression_dot(d - kept[j], b, w + kept[j]);
        memset(q, 0, kept[j] * sizeof *q);
        memcpy(q + kept[j], b, (d - kept[j]) * sizeof *q);
        for (size_t i = 0; i < 2 * j; i++) {
            const double *other = Q + i % j * d, dot = regression_dot(d, other, q);
            for (size_t l = 0; l < d; l++) q[l] -= dot * other[l];
        }
        /* what w already is lies along the rows before, so that c is what the new direction has to add */
        double norm = sqrt(regression_dot(d, q, q));
        for (size_t l = 0; l < d; l++) q[l] /= norm;
        double length = regression_dot(d - kept[j], b, q + kept[j]);
        for (size_t l = 0; l < d; l++) w[l] += c / length * q[l];
    }
}

/* log |y - X w|: the last entry of L, and what was drawn along the covariates that are not kept */
static double log_residual(const_triangle t, size_t rank, const size_t *kept) {
    double last = t.L[column(t.d, t.d)], dropped = 0;
    for (size_t k = 0, j = 0; k < t.d; k++) {
        if (j < rank && kept[j] == k) {
            j++;
            continue;
        }
        double c = ldexp(t.L[column(t.d, k) + t.d - k], (int)t.exponent[k]);
        dropped += c * c;
    }
    if (dropped > 0) return 0.5 * ouro_log(dropped + ldexp(last * last, 2 * (int)fmax(t.exponent[t.d], -5000)));
    return last == 0 ? -INFINITY : ouro_log(last) + t.exponent[t.d] * M_LN2;
}

/* w, and log s with s^2 = |y - X w|^2 / (W - rank times `less`); returns through theta */
static void estimate(const ouro_family *f, const double *T, double less, double *theta, ouro_fit_info *info) {
    const_triangle t = const_triangle_of(f, T);
    size_t kept[REGRESSION_MOST], rank = directions(t, kept);
    if (rank == t.d)
        solve(t, theta);
    else
        solve_least_norm(t, rank, kept, theta);
    double freedom = T[W] - less * (double)rank, residual = log_residual(t, rank, kept);
    theta[t.d] = freedom > 0 ? residual - 0.5 * ouro_log(freedom) : -INFINITY;
    *info = (ouro_fit_info){.converged = rank == t.d, .absorbed = theta[t.d] == -INFINITY};
}

static void fit_known(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    estimate(f, T, 0, theta, info);
    theta[f->domain.covariates] = ouro_log(f->known[NOISE]);
    info->absorbed = 0;
}

static void fit_both(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    estimate(f, T, 0, theta, info);
}

/* |y - X w|^2 / (n - d): each weight takes the points' mean weight away. Unbiased for points of equal weight. */
static void fit_unbiased(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    estimate(f, T, T[W2] / T[W], theta, info);
}

/* In units of the weights' own uncertainty per point, tr s^2 I: drift_sq is |w - w_0|^2 / s_0^2 */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    size_t d = f->domain.covariates;
    memcpy(out->mean, theta, d * sizeof *theta);
    out->log_trace = log((double)d) + 2 * theta[d];
    out->trace = (double)d * exp(2 * theta[d]);
    out->logdet = 2 * (double)d * theta[d];
}

static double entropy(const ouro_family *f, const double *theta) {
    return 0.5 * (1 + log(2 * M_PI)) + theta[f->domain.covariates];
}

/* Of the joint law of (x, y), x being the same in both: the mean over x of the divergence between two normals of y,
 * whose means are x . (w_a - w_b) ~ N(0, |w_a - w_b|^2) apart. In units of the wider sd, which may underflow. */
static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    size_t d = f->domain.covariates;
    double la = a[d], lb = b[d], wide = fmax(la, lb), l = fabs(la - lb), gap = 0;
    for (size_t j = 0; j < d; j++) gap = hypot(gap, a[j] - b[j]);
    if (kind == OURO_KL) {
        if (lb == -INFINITY) return la == -INFINITY && gap == 0 ? 0 : INFINITY;
        double scaled = gap == 0 ? 0 : gap * exp(-lb);
        return 0.5 * (regression_excess(2 * (la - lb)) + scaled * scaled);
    }
    if (wide == -INFINITY) return gap != 0;
    double scaled = gap == 0 ? 0 : gap * exp(-wide);
    if (kind == OURO_HELLINGER) { /* E exp(-(x.gap)^2 / (4 (sa^2 + sb^2))) = (1 + gap^2 / (2 (sa^2 + sb^2)))^-1/2 */
        double half = sinh(l / 2), log_cosh = l < 20 ? log1p(2 * half * half) : l - M_LN2;
        return sqrt(-expm1(-0.5 * log_cosh - 0.5 * log1p(0.5 * scaled * (scaled / (1 + exp(-2 * l))))));
    }
    /* equal noise: E [2 Phi(|x.gap| / 2s) - 1] over a normal x.gap */
    if (kind == OURO_TV && l == 0) return M_2_PI * atan(scaled / 2);
    return NAN;
}

#define W2_REASON "the distance between the joint laws of x and y has no closed form here; ask for test_error"
/* clang-format off */
#define SLOTS                                                                                                          \
    .name = "linear-regression",                                                                                       \
    .density = "p(y | x) = exp(-(y - x.w)^2 / (2 s^2)) / (s sqrt(2 pi)), x ~ N(0, I)",                                 \
    .parameters = "eta = (w / s^2, -1 / (2 s^2)) given x, A = (x.w)^2 / (2 s^2) + log s, mean of (x y, y^2): (x (x.w), (x.w)^2 + s^2)", \
    .statistic = "(X'X, X'y, y'y), kept as weight and triangular factor of the rows (x, y)",                           \
    .exact_law = "X = QR: R Bartlett's triangle, Q'y ~ N(R w, s^2 I), residual ~ s^2 chi^2_{n-d}, independent",        \
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows}, .truth_size = sizeof(params),              \
    .truth_domain = truth_domain, .truth_theta = truth_theta, .truth_known = truth_known, .known_in_theta = 1, .shape = shape, \
    .theta_location = OURO_NOWHERE, .stat_location = OURO_NOWHERE, .covariates = regression_covariates,                \
    .stat_covariates = stat_covariates, .sample = sample, .stat_empty = stat_empty, .stat_rows = stat_rows,            \
    .stat_merge = stat_merge, .stat_draw = stat_draw, .stat_of = stat_of, .moments = moments, .entropy = entropy,      \
    .divergence = divergence
/* clang-format on */

static const ouro_family_type fitted = {
    SLOTS,
    .doc = "Normal linear regression on isotropic covariates; weights and noise are both fitted. On the samples path a "
           "noise below 1e-16 of y is lost in rounding.",
    .reference = "Gerstgrasser et al. 2024",
    .fit_mle = fit_both,
    .fit_unbiased = fit_unbiased,
    .divergence_missing = {[OURO_TV] = "the total variation distance has no closed form where the noise is fitted too",
                           [OURO_W2] = W2_REASON},
};

const ouro_family_type ouro_family_linear_regression = {
    SLOTS,
    .doc = "Normal linear regression on isotropic covariates without intercept; the weights are fitted, the noise is "
           "known. With fewer rows than weights the fit is the solution of least norm, and converged is 0.",
    .reference = "Gerstgrasser et al. 2024; Dohmatob et al. 2024",
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .fitted = &fitted,
    .fit_mle = fit_known,
    .divergence_missing = {[OURO_W2] = W2_REASON},
};
