/* triangular.c: factors of covariance matrices, by orthogonal transformations only. */
#include "core/triangular.h"
#include "core/kernels.h"
#include "core/lanes.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { RANGE = 300 }; /* exponents that a column's largest entry may have by itself */

static double power(double e) { return e == 0 ? 1 : e < -2000 ? 0 : ldexp(1, (int)e); }

void ouro_triangle_settle(size_t len, double *exponent, double *column) {
    double top = 0, wanted = 0;
    if (len < 16)
        for (size_t i = 0; i < len; i++) top = fabs(column[i]) > top ? fabs(column[i]) : top;
    else
        top = ouro_kernel_max_abs(len, column);
    if (*exponent == 0 && top >= 0x1p-300 && top <= 0x1p299) return;
    if (top == 0) {
        memset(column, 0, len * sizeof *column);
        *exponent = 0;
        return;
    }
    int binary;
    frexp(top, &binary);
    if (fabs(*exponent + binary) > RANGE) wanted = *exponent + binary;
    if (wanted == *exponent) return;
    for (size_t i = 0; i < len; i++) column[i] = ldexp(column[i], (int)(*exponent - wanted));
    *exponent = wanted;
}

static void settle_all(size_t d, double *exponent, double *L) {
    for (size_t k = 0; k < d; L += d - k, k++) ouro_triangle_settle(d - k, exponent + k, L);
}

void ouro_triangle_scale(size_t d, double by, double *exponent, double *L) {
    for (size_t i = 0; i < ouro_triangle_len(d); i++) L[i] *= by;
    settle_all(d, exponent, L);
}

/* y[0..len) *= a[0], then y[j..len) += a[j] x_j for j = 1..len - 1, the x_j packed one behind the other; two at a time,
 * which spares half of the traffic and no bit. */
OURO_INLINE void combine(size_t len, const double *a, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < len; i++) y[i] *= a[0];
    size_t j = 1;
    for (; j + 1 < len; j += 2) {
        const double *next = x + (len - j);
        const double one = a[j], two = a[j + 1];
        y[j] += one * x[0];
        for (size_t i = 1; i < len - j; i++) y[j + i] = y[j + i] + one * x[i] + two * next[i - 1];
        x = next + (len - j - 1);
    }
    if (j < len) y[j] += a[j] * x[0];
}
OURO_CLONES static void ouro_clone_combine(size_t len, const double *a, const double *restrict x, double *restrict y) {
    combine(len, a, x, y);
}

/* In place, as only columns from k on are read; in the unit of the largest of them, so that nothing overflows. */
void ouro_triangle_combine(size_t d, size_t k, const double *b, double *exponent, double *L) {
    double *column = L + ouro_triangle_at(d, k), unit = exponent[k], a[OURO_TRIANGLE_MOST];
    for (size_t j = k + 1; j < d; j++)
        if (exponent[j] > unit) unit = exponent[j];
    for (size_t j = k; j < d; j++) a[j - k] = b[j] * power(exponent[j] - unit);
    if (d - k < 8)
        combine(d - k, a, column + (d - k), column);
    else
        ouro_clone_combine(d - k, a, column + (d - k), column);
    exponent[k] = unit;
    ouro_triangle_settle(d - k, exponent + k, column);
}

/* The reflection I - tau u u' on what lies right of the pivot: w = u'(R; X), R -= back w, X_i -= take_i w. */
OURO_CLONES static void ouro_clone_reflect(size_t len, size_t m, size_t d, double lead, double back, const double *dot,
                                           const double *take, double *restrict R, double *restrict X,
                                           double *restrict w) {
    for (size_t j = 0; j < len; j++) w[j] = lead * R[j];
    for (size_t i = 0; i < m; i++)
        if (take[i] != 0)
            for (size_t j = 0; j < len; j++) w[j] += dot[i] * X[i * d + j];
    for (size_t j = 0; j < len; j++) R[j] -= back * w[j];
    for (size_t i = 0; i < m; i++)
        if (take[i] != 0)
            for (size_t j = 0; j < len; j++) X[i * d + j] -= take[i] * w[j];
}

/* Exponent of the largest X[i d] 2^unit[i], and the largest unit with an entry that is not zero; 0 when all are. */
static int largest(size_t d, size_t m, const double *unit, const double *X, double *exponent, double *top) {
    double best = 0;
    *top = -INFINITY;
    for (size_t i = 0; i < m; i++)
        if (X[i * d] != 0 && unit[i] > *top) *top = unit[i];
    for (size_t i = 0; i < m; i++)
        if (X[i * d] != 0) best = fmax(best, fabs(X[i * d]) * power(unit[i] - *top));
    if (best == 0) return 0;
    int binary;
    frexp(best, &binary);
    *exponent = *top + binary;
    return 1;
}

/* A row takes the place of a column of zeros, the one with the largest entry there, its sign turned: no row is made out of
 * nothing, so that m rows leave a rank of m at most, whatever the rounding. */
static void seed(size_t d, size_t k, double *exponent, double *R, size_t m, const double *unit, double *X, double top) {
    size_t best = 0;
    double most = 0;
    for (size_t i = 0; i < m; i++) {
        double x = X[i * d] == 0 ? 0 : fabs(X[i * d]) * power(unit[i] - top);
        if (x <= most) continue;
        most = x;
        best = i;
    }
    double sign = X[best * d] < 0 ? -1 : 1;
    for (size_t j = 0; j < d - k; j++) {
        R[j] = sign * X[best * d + j];
        X[best * d + j] = 0;
    }
    *exponent = unit[best];
}

/* Entries X[i d] of column k join the diagonal R[0] of L. With v_i = X_i 2^(unit_i - g) of order one, s2 = v'v,
 * kappa = 2^(g - exponent) and N^2 = R^2 + kappa^2 s2, the reflection along u = (-kappa s2 / (R + N), v) takes (R, v) to
 * (N, 0) (Golub and Van Loan, 5.1.3, without its cancellation); each row is worked on in its own unit. */
static void pivot(size_t d, size_t k, double *exponent, double *R, size_t m, const double *unit, double *X) {
    double dot[OURO_TRIANGLE_BLOCK], take[OURO_TRIANGLE_BLOCK], w[OURO_TRIANGLE_MOST];
    double g = 0, top, s2 = 0, seen = NAN, scale = 1;
    if (!largest(d, m, unit, X, &g, &top)) return;
    if (R[0] == 0) {
        seed(d, k, exponent, R, m, unit, X, top);
        if (!largest(d, m, unit, X, &g, &top)) return;
    }
    if (g - *exponent > RANGE) {
        for (size_t j = 0; j < d - k; j++) R[j] = ldexp(R[j], (int)fmax(*exponent - g, -5000));
        *exponent = g;
    }
    for (size_t i = 0; i < m; i++) {
        if (X[i * d] == 0) {
            dot[i] = take[i] = 0;
            continue;
        }
        if (unit[i] != seen) scale = power((seen = unit[i]) - g);
        double v = X[i * d] * scale;
        s2 += v * v;
        dot[i] = v * scale;
        take[i] = X[i * d];
        X[i * d] = 0;
    }
    double kappa = power(g - *exponent), r = R[0], most = r > kappa ? r : kappa;
    if (g - top < -900) return; /* below 1e-270 of its own row: nothing to rotate */
    double norm = most * sqrt((r / most) * (r / most) + s2 * (kappa / most) * (kappa / most));
    double lead = -s2 / (r + norm), u = kappa * lead, tau = 2 / (u * u + s2);
    for (size_t i = 0; i < m; i++) take[i] *= tau;
    R[0] = norm;
    ouro_clone_reflect(d - k - 1, m, d, lead, tau * u * kappa, dot, take, R + 1, X + 1, w);
}

void ouro_triangle_absorb(size_t d, double *exponent, double *L, size_t m, const double *unit, double *X, size_t from) {
    double *R = L + ouro_triangle_at(d, from);
    for (size_t k = from; k < d; R += d - k, k++) {
        pivot(d, k, exponent + k, R, m, unit, X + k);
        ouro_triangle_settle(d - k, exponent + k, R);
    }
}

static int is_zero(size_t len, const double *column) {
    for (size_t i = 0; i < len; i++)
        if (column[i] != 0) return 0;
    return 1;
}

/* From differences to the first row, corrected once: equal rows have exactly their own mean. */
static void mean_of_rows(size_t n, size_t d, const double *x, double *mean) {
    double sum[OURO_TRIANGLE_MOST];
    memcpy(mean, x, d * sizeof *mean);
    for (int pass = 0; pass < 2; pass++) {
        memset(sum, 0, d * sizeof *sum);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++) sum[j] += x[i * d + j] - mean[j];
        for (size_t j = 0; j < d; j++) mean[j] += sum[j] / (double)n;
    }
}

/* Rows x_i - mean, or for few of them sqrt(i / (i + 1)) (x_i - mean of those before), i = 1..n-1, which have the same
 * scatter (Helmert) and are one fewer: the rank is right by itself. */
static void contrasts(size_t n, size_t d, const double *x, size_t from, double *mean, double *X) {
    double weight = n > d ? 1 : sqrt((double)from / ((double)from + 1));
    for (size_t j = 0; j < d; j++) {
        double gap = x[from * d + j] - mean[j];
        X[j] = weight * gap;
        if (n <= d) mean[j] += gap / ((double)from + 1);
    }
}

/* m <= BLOCK rows join L; X is destroyed. They are brought near 1 first where a square would leave the doubles. */
static void absorb_rows(size_t d, size_t m, double *X, double *exponent, double *L) {
    double unit[OURO_TRIANGLE_BLOCK], top = ouro_kernel_max_abs(m * d, X);
    int binary = 0;
    if (top != 0 && !(top >= 0x1p-300 && top <= 0x1p299)) {
        frexp(top, &binary);
        for (size_t i = 0; i < m * d; i++) X[i] = ldexp(X[i], -binary);
    }
    for (size_t i = 0; i < m; i++) unit[i] = binary;
    ouro_triangle_absorb(d, exponent, L, m, unit, X, 0);
}

static size_t block(size_t left) { return left < OURO_TRIANGLE_BLOCK ? left : OURO_TRIANGLE_BLOCK; }

void ouro_triangle_of_rows(size_t n, size_t d, const double *x, double *mean, double *exponent, double *L) {
    double X[OURO_TRIANGLE_BLOCK * OURO_TRIANGLE_MOST], upto[OURO_TRIANGLE_MOST];
    memset(exponent, 0, d * sizeof *exponent);
    memset(L, 0, ouro_triangle_len(d) * sizeof *L);
    mean_of_rows(n, d, x, mean);
    memcpy(upto, n > d ? mean : x, d * sizeof *upto);
    for (size_t done = n > d ? 0 : 1, m; done < n; done += m) {
        m = block(n - done);
        for (size_t i = 0; i < m; i++) contrasts(n, d, x, done + i, upto, X + i * d);
        absorb_rows(d, m, X, exponent, L);
    }
}

void ouro_triangle_add_rows(size_t n, size_t d, const double *x, double *exponent, double *L) {
    double X[OURO_TRIANGLE_BLOCK * OURO_TRIANGLE_MOST];
    for (size_t done = 0, m; done < n; done += m) {
        m = block(n - done);
        memcpy(X, x + done * d, m * d * sizeof *X);
        absorb_rows(d, m, X, exponent, L);
    }
}

/* The columns of S are rows that begin with zeros. */
void ouro_triangle_add(size_t d, double by, const double *unit, const double *S, double *exponent, double *L) {
    double X[OURO_TRIANGLE_BLOCK * OURO_TRIANGLE_MOST];
    for (size_t k = 0, m; k < d; k += m) {
        m = block(d - k);
        memset(X, 0, m * d * sizeof *X);
        for (size_t i = 0; i < m; S += d - k - i, i++)
            for (size_t j = 0; j < d - k - i; j++) X[i * d + k + i + j] = by * S[j];
        ouro_triangle_absorb(d, exponent, L, m, unit + k, X, k);
    }
}

int ouro_triangle_solve(size_t d, const double *exponent, const double *L, size_t from, double unit, double *y) {
    const double *column = L + ouro_triangle_at(d, from);
    for (size_t k = from; k < d; column += d - k, k++) {
        if (y[k] == 0) continue;
        double c = y[k] / column[0];
        for (size_t i = 1; i < d - k; i++) y[k + i] -= column[i] * c;
        y[k] = ldexp(c, (int)fmax(fmin(unit - exponent[k], 5000), -5000));
        if (!isfinite(y[k])) return 0;
    }
    return 1;
}

double ouro_triangle_log_diagonal(size_t d, const double *exponent, const double *L) {
    double sum = 0;
    for (size_t k = 0; k < d; L += d - k, k++) sum += log(L[0]) + exponent[k] * M_LN2;
    return sum;
}

double ouro_triangle_squares(size_t d, const double *exponent, const double *L, double *unit) {
    double sum = 0;
    *unit = -INFINITY;
    const double *column = L;
    for (size_t k = 0; k < d; column += d - k, k++)
        if (exponent[k] > *unit && !is_zero(d - k, column)) *unit = exponent[k];
    if (*unit == -INFINITY) return *unit = 0;
    for (size_t k = 0; k < d; L += d - k, k++) {
        double part = 0, scale = power(exponent[k] - *unit);
        for (size_t i = 0; i < d - k; i++) part += L[i] * L[i];
        sum += part * scale * scale;
    }
    return sum;
}

static double dot(size_t d, const double *x, const double *y) {
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += x[i] * y[i];
    return sum;
}

/* Makes columns p and q orthogonal, q standing for its numbers times 2^gap of p's unit, gap <= 0; whether they were. A
 * rotation by a tiny angle leaves p as it is and takes p's part out of q: then nothing needs p's unit. */
static int orthogonal(size_t d, double *p, double *q, double gap) {
    const double a = dot(d, p, p), b = dot(d, q, q), c = dot(d, p, q);
    if (fabs(c) <= DBL_EPSILON * sqrt(a) * sqrt(b)) return 1;
    if (gap < -200) {
        for (size_t i = 0; i < d; i++) q[i] -= c / a * p[i];
        return 0;
    }
    const double unit = ldexp(1, (int)gap), zeta = (b * unit - a / unit) / (2 * c);
    const double t = copysign(1, zeta) / (fabs(zeta) + sqrt(1 + zeta * zeta)), cosine = 1 / sqrt(1 + t * t);
    for (size_t i = 0; i < d; i++) {
        const double x = p[i], y = q[i];
        p[i] = cosine * (x - t * unit * y);
        q[i] = cosine * (t / unit * x + y);
    }
    return 0;
}

void ouro_triangle_axes(size_t d, const double *exponent, const double *L, double *work, double *unit) {
    enum { MOST_SWEEPS = 60 };
    memset(work, 0, d * d * sizeof *work);
    for (size_t k = 0; k < d; k++) { /* column k in units of its own length */
        double *column = work + k * d;
        int length = 0;
        memcpy(column + k, L + ouro_triangle_at(d, k), (d - k) * sizeof *work);
        frexp(sqrt(dot(d, column, column)), &length);
        for (size_t i = k; i < d; i++) column[i] = ldexp(column[i], -length);
        unit[k] = exponent[k] + length;
    }
    for (int sweep = 0, moved = 1; moved && sweep < MOST_SWEEPS; sweep++) {
        moved = 0;
        for (size_t p = 0; p < d; p++)
            for (size_t q = p + 1; q < d; q++) {
                const size_t wide = unit[p] >= unit[q] ? p : q, narrow = wide == p ? q : p;
                moved |= !orthogonal(d, work + wide * d, work + narrow * d, unit[narrow] - unit[wide]);
            }
    }
}

void ouro_triangle_log_eigenvalues(size_t d, const double *exponent, const double *L, double *work, double *out) {
    ouro_triangle_axes(d, exponent, L, work, out);
    for (size_t k = 0; k < d; k++) {
        const double at = log(dot(d, work + k * d, work + k * d)) + 2 * out[k] * M_LN2;
        size_t i = k;
        for (; i > 0 && out[i - 1] < at; i--) out[i] = out[i - 1];
        out[i] = at;
    }
}
