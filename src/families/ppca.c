/* ppca.c: probabilistic principal components: a normal distribution whose covariance is W W' + s2 I with q columns in W.
 *
 * Maximum likelihood has a closed form (Tipping and Bishop 1999): with the eigenvalues l_1 >= ... >= l_d and the axes u_i
 * of the sample covariance (divisor n), s2 = mean of l_{q+1}, ..., l_d and W = (u_i sqrt(l_i - s2)), i <= q. The q leading
 * eigenvalues and the trace are those of the sample; with q = d - 1 so is everything.
 *
 * A model is one of mvgaussian's, theta laid out as there, and so is T: what is done with it is done there. */
#include "core/triangular.h"
#include "ouro/family.h"
#include <math.h>
#include <string.h>

extern const ouro_family_type ouro_family_mvgaussian;

enum { T_MEAN = 2, MOST = OURO_TRIANGLE_MOST };

typedef struct options {
    uint64_t n_latent;
} options;

static const ouro_field option_rows[] = {
    {"n_latent", OURO_COUNT, 0, offsetof(options, n_latent), 1, MOST - 1, "1", NULL, "dimensions",
     "Number q of latent dimensions, below the number of columns; the others share one variance."},
};

static int shape(ouro_family *f, ouro_error *e) {
    const options *o = f->options;
    if (f->domain.kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, "ppca", "ppca needs numbers, the truth gives categories");
    if (f->domain.dim > MOST)
        return ouro_fail(e, OURO_EUNDEFINED, "ppca",
                         "ppca fits up to %d columns, the truth gives %zu: name some of them in truth.columns", MOST,
                         f->domain.dim);
    if (!o) return ouro_fail(e, OURO_EUNDEFINED, "ppca", "ppca is a model only");
    if (o->n_latent >= f->domain.dim)
        return ouro_fail(e, OURO_ECONFIG, "model.n_latent", "q = %llu needs %llu columns or more, the truth gives %zu",
                         (unsigned long long)o->n_latent, (unsigned long long)o->n_latent + 1, f->domain.dim);
    return ouro_family_mvgaussian.shape(f, e);
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    return ouro_family_mvgaussian.sample(f, theta, s, tmp, n, x);
}
static void stat_empty(const ouro_family *f, double *T) { ouro_family_mvgaussian.stat_empty(f, T); }
static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    ouro_family_mvgaussian.stat_rows(f, n, x, T);
}
static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    ouro_family_mvgaussian.stat_merge(f, weight, src, T);
}
static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    ouro_family_mvgaussian.stat_draw(f, theta, s, n, T);
}
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    ouro_family_mvgaussian.moments(f, theta, out);
}
static double entropy(const ouro_family *f, const double *theta) { return ouro_family_mvgaussian.entropy(f, theta); }
static void spectrum(const ouro_family *f, const double *theta, double *log_eigenvalue) {
    ouro_family_mvgaussian.spectrum(f, theta, log_eigenvalue);
}
static int log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                         double *out) {
    return ouro_family_mvgaussian.log_densities(f, theta, tmp, n, x, out);
}
static int gaussians(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_gaussians *out) {
    return ouro_family_mvgaussian.gaussians(f, theta, tmp, out);
}
static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    ouro_family_mvgaussian.temper(f, theta, temperature, out);
}
static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    return ouro_family_mvgaussian.divergence(f, kind, a, b);
}

/* An axis is length * 2^unit; the order of two of them. */
typedef struct axis {
    double length, unit;
    size_t at;
} axis;
static int longer(axis a, axis b) {
    if (b.length == 0 || a.length == 0) return a.length > b.length;
    return a.unit != b.unit ? a.unit > b.unit : a.length > b.length;
}

/* Lengths of the axes in [1/2, 1) times a power of two, longest first. */
static void sort_axes(size_t d, const double *work, const double *unit, axis *a) {
    for (size_t k = 0; k < d; k++) {
        double square = 0;
        int more = 0;
        for (size_t i = 0; i < d; i++) square += work[k * d + i] * work[k * d + i];
        const double length = frexp(sqrt(square), &more);
        const axis here = {length, unit[k] + more, k};
        size_t i = k;
        for (; i > 0 && longer(here, a[i - 1]); i--) a[i] = a[i - 1];
        a[i] = here;
    }
}

/* sqrt(s2) of the axes from q on, in units of the longest of them. */
static axis rest_of(size_t d, size_t q, const axis *a) {
    axis rest = {.unit = a[q].unit};
    double square = 0;
    for (size_t i = q; i < d; i++) {
        const double length = ldexp(a[i].length, (int)fmax(a[i].unit - rest.unit, -2000));
        square += length * length;
    }
    rest.length = sqrt(square / (double)(d - q));
    return rest;
}

/* sqrt(s2) on the diagonal, then the columns of W absorbed one by one: L L' = s2 I + W W'. */
static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    const size_t d = f->domain.dim, q = (size_t)((const options *)f->options)->n_latent;
    double work[MOST * MOST], unit[MOST], *exponent = theta + d, *L = theta + 2 * d;
    axis a[MOST] = {{0}};
    ouro_triangle_axes(d, T + T_MEAN + d, T + T_MEAN + 2 * d, work, unit);
    sort_axes(d, work, unit, a);
    const axis rest = rest_of(d, q, a);
    memset(theta, 0, f->theta_len * sizeof *theta);
    memcpy(theta, T + T_MEAN, d * sizeof *theta);
    *info = (ouro_fit_info){.converged = 1, .absorbed = rest.length == 0};
    for (size_t k = 0; k < d && rest.length > 0; k++) {
        L[ouro_triangle_at(d, k)] = rest.length;
        exponent[k] = rest.unit;
        ouro_triangle_settle(d - k, exponent + k, L + ouro_triangle_at(d, k));
    }
    for (size_t i = 0; i < q && a[i].length > 0; i++) {
        double *row = work + a[i].at * d;
        const double r = ldexp(rest.length / a[i].length, (int)fmax(rest.unit - a[i].unit, -2000));
        const double shrink = r < 1 ? sqrt((1 - r) * (1 + r)) : 0;
        for (size_t j = 0; j < d; j++) row[j] *= shrink;
        ouro_triangle_absorb(d, exponent, L, 1, unit + a[i].at, row, 0);
    }
}

const ouro_family_type ouro_family_ppca = {
    .name = "ppca",
    .doc = "Probabilistic principal components in up to 200 dimensions: a normal distribution with q directions of its "
           "own and one variance for all others; the linear stand-in for a variational autoencoder.",
    .density = "N(mean, W W' + s2 I), W with q columns",
    .parameters = "mean, loadings W and noise s2 of a normal with covariance W W' + s2 I; eta as mvgaussian's",
    .statistic = "(sum x, sum x x'), kept as mvgaussian keeps it",
    .exact_law = "that of mvgaussian with Sigma = W W' + s2 I",
    .reference = "Tipping and Bishop 1999",
    .option_fields = {sizeof option_rows / sizeof option_rows[0], option_rows},
    .option_size = sizeof(options),
    .shape = shape,
    .theta_location = 0,
    .stat_location = T_MEAN,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .fit_mle = fit_mle,
    .moments = moments,
    .entropy = entropy,
    .spectrum = spectrum,
    .temper = temper,
    .variance_scales = 1,
    .log_densities = log_densities,
    .gaussians = gaussians,
    .within = &ouro_family_mvgaussian,
    .likelihood_in_statistic = 1,
    .divergence = divergence,
    .divergence_missing = {[OURO_TV] = "the total variation distance of normals in several dimensions has no closed "
                                       "form"},
    .matches_mean = 1,
    .matches_second_moments = 1,
};
