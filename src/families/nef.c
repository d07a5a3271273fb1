/* nef.c: one-parameter natural exponential families: all that follows from the table of nef.h. Exports no plug-in. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include <math.h>
#include <string.h>

enum { W, W2, MEAN, STAT_LEN };

int ouro_nef_shape(ouro_family *f, ouro_error *e) {
    const ouro_nef *nef = f->type->nef;
    const ouro_domain *d = &f->domain;
    const char *name = f->type->name;
    if (d->kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, name, "%s needs numbers, the truth gives categories", name);
    if (d->dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, name,
                         "%s is for one column, the truth gives %zu: name one of them in "
                         "truth.columns",
                         name, d->dim);
    const char *wrong = nef->wrong ? nef->wrong(f->known) : NULL;
    if (wrong) return ouro_fail(e, OURO_EUNDEFINED, name, "%s: %s", name, wrong);
    double upper = isnan(nef->upper) ? f->known[0] : nef->upper;
    if (nef->lattice && !d->lattice)
        return ouro_fail(e, OURO_EUNDEFINED, name, "%s needs whole numbers, the truth gives others", name);
    if (d->lower < nef->lower || d->upper > upper)
        return ouro_fail(e, OURO_EUNDEFINED, name, "%s lives on [%g, %g], the truth gives numbers from %g to %g", name,
                         nef->lower, upper, d->lower, d->upper);
    f->theta_len = f->mean_len = 1;
    f->stat_len = STAT_LEN;
    return OURO_OK;
}

int ouro_nef_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    const ouro_nef *nef = f->type->nef;
    (void)tmp;
    if (nef->fill)
        nef->fill(s, n, f->known, x);
    else
        for (size_t i = 0; i < n; i++) x[i] = nef->draw(s, 1, theta[0], f->known);
    if (nef->scale) ouro_kernel_affine(n, 0, ouro_exp(theta[0]), x);
    return OURO_OK;
}

void ouro_nef_stat_empty(const ouro_family *f, double *T) {
    T[W] = T[W2] = 0;
    T[MEAN] = f->type->nef->scale ? -INFINITY : 0;
}

void ouro_nef_stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    double mean, m2;
    ouro_kernel_mean_m2(n, x, &mean, &m2);
    T[W] = T[W2] = (double)n;
    T[MEAN] = f->type->nef->scale ? ouro_log(mean) : mean;
}

void ouro_nef_stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb, a = T[W] / w, b = wb / w;
    if (wb == 0) return;
    if (a == 0) {
        T[MEAN] = src[MEAN];
    } else if (f->type->nef->scale) { /* log(a e^x + b e^y) from the larger */
        double top = fmax(T[MEAN], src[MEAN]), low = fmin(T[MEAN], src[MEAN]);
        double ratio = low == -INFINITY ? 0 : ouro_exp(low - top);
        double sum = T[MEAN] >= src[MEAN] ? a + b * ratio : b + a * ratio;
        T[MEAN] = top == -INFINITY ? top : top + ouro_log(sum);
    } else {
        T[MEAN] += (src[MEAN] - T[MEAN]) * b;
    }
    T[W] = w;
    T[W2] += weight * weight * src[W2];
}

void ouro_nef_stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    const ouro_nef *nef = f->type->nef;
    double mean = nef->draw(s, (double)n, theta[0], f->known);
    T[W] = T[W2] = (double)n;
    T[MEAN] = nef->scale ? theta[0] + mean : mean;
}

static double mean_of(const ouro_nef *nef, double t) { return nef->scale ? ouro_exp(t) : t; }

/* A model without variance: its one point is where it stays. */
static int degenerate(const ouro_family *f, double t) {
    const ouro_nef *nef = f->type->nef;
    return nef->scale ? t == -INFINITY : nef->variance(t, f->known) == 0;
}

void ouro_nef_stat_of(const ouro_family *f, const double *theta, double *T) {
    (void)f;
    T[W] = T[W2] = 1;
    T[MEAN] = theta[0];
}

/* V(m) = v1 m + v2 m^2 here; kept within the support, at whose ends the density in the mean has its poles */
void ouro_nef_mode_in_mean(const ouro_family *f, double *T) {
    const ouro_nef *nef = f->type->nef;
    double v2 = nef->v2(f->known), v1 = nef->variance(1, f->known) - v2, w = T[W] + 2 * v2;
    if (nef->scale) { /* v1 = 0 */
        T[MEAN] += ouro_log(T[W] / w);
        return;
    }
    double m = w > 0 ? (T[W] * T[MEAN] - v1) / w : T[MEAN];
    T[MEAN] = fmin(fmax(m, nef->lower), isnan(nef->upper) ? f->known[0] : nef->upper);
}

void ouro_nef_fit(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    theta[0] = T[MEAN];
    *info = (ouro_fit_info){.converged = 1, .absorbed = degenerate(f, theta[0])};
}

double ouro_nef_log_density(const ouro_family *f, const double *theta, double x) {
    return f->type->nef->log_density(x, theta[0], f->known);
}

double ouro_nef_beyond(const ouro_family *f, const double *theta, double x, int upper) {
    const ouro_nef *nef = f->type->nef;
    double m = mean_of(nef, theta[0]);
    if (degenerate(f, theta[0]) || m == 0) return upper ? m > x : m < x;
    if (nef->lattice) x = upper ? floor(x) : ceil(x);
    return nef->beyond(x, theta[0], f->known, upper);
}

double ouro_nef_mode(const ouro_family *f, const double *theta) { return f->type->nef->mode(theta[0], f->known); }

void ouro_nef_moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    const ouro_nef *nef = f->type->nef;
    double m = out->mean[0] = mean_of(nef, theta[0]);
    out->trace = nef->variance(m, f->known);
    out->log_trace = nef->scale ? 2 * theta[0] + log(nef->variance(1, f->known)) : log(out->trace);
    out->logdet = out->log_trace;
}

/* Sum over the lattice from the mode outwards, until what is left is below the rounding of the sum: the terms of all
 * families here fall at least geometrically beyond the mode. */
static double lattice_entropy(const ouro_family *f, double t) {
    const ouro_nef *nef = f->type->nef;
    const double start = nef->mode(t, f->known), upper = isnan(nef->upper) ? f->known[0] : nef->upper;
    double sum = 0;
    for (int direction = 1; direction >= -1; direction -= 2)
        for (double x = direction > 0 ? start : start - 1; x >= nef->lower && x <= upper; x += direction) {
            double l = nef->log_density(x, t, f->known);
            if (l < -745) break;
            sum -= exp(l) * l;
            if (exp(l) * fabs(l) < 1e-18 * sum && l < -30) break;
        }
    return sum;
}

double ouro_nef_entropy(const ouro_family *f, const double *theta) {
    const ouro_nef *nef = f->type->nef;
    if (degenerate(f, theta[0])) return nef->scale ? -INFINITY : 0;
    return nef->entropy ? nef->entropy(theta[0], f->known) : lattice_entropy(f, theta[0]);
}

double ouro_nef_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    side[0] = ouro_nef_beyond(f, theta, a->lower, 0);
    side[1] = ouro_nef_beyond(f, theta, a->upper, 1);
    return side[0] + side[1];
}

/* The likelihood ratio is monotone in x, so the densities cross once: TV is the difference of the masses beyond. The
 * smaller pair of tails keeps more digits. */
static double total_variation(const ouro_family *f, const double *a, const double *b) {
    const ouro_nef *nef = f->type->nef;
    int flat_a = degenerate(f, a[0]), flat_b = degenerate(f, b[0]);
    if (a[0] == b[0]) return 0;
    if (flat_a || flat_b) {
        double at = mean_of(nef, flat_a ? a[0] : b[0]);
        return ouro_nef_beyond(f, flat_a ? b : a, at, 0) + ouro_nef_beyond(f, flat_a ? b : a, at, 1);
    }
    double x = nef->crossing(a[0], b[0], f->known);
    double below = ouro_nef_beyond(f, a, x, 0), above = ouro_nef_beyond(f, a, x, 1);
    return above < below ? fabs(above - ouro_nef_beyond(f, b, x, 1)) : fabs(below - ouro_nef_beyond(f, b, x, 0));
}

/* W2^2 = integral of (Q_a(u) - Q_b(u))^2, Q the quantile functions: steps on a lattice, walked together. */
static double lattice_w2(const ouro_family *f, const double *a, const double *b) {
    const ouro_nef *nef = f->type->nef;
    double low = fmin(a[0], b[0]), high = fmax(a[0], b[0]);
    double x[2] = {nef->lower, nef->lower}, upto[2], done = 0, sum = 0;
    const double *theta[2] = {&low, &high};
    for (int i = 0; i < 2; i++) upto[i] = 1 - ouro_nef_beyond(f, theta[i], x[i], 1);
    for (;;) {
        int next = upto[0] <= upto[1] ? 0 : 1;
        double gap = x[1] - x[0], mass = fmin(upto[next], 1) - done;
        if (mass > 0) sum += mass * gap * gap;
        done = fmax(done, upto[next]);
        double left = ouro_nef_beyond(f, theta[next], x[next], 1);
        if (left < 1e-17) break;
        x[next] += 1;
        upto[next] = 1 - ouro_nef_beyond(f, theta[next], x[next], 1);
    }
    return sqrt(sum);
}

double ouro_nef_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    const ouro_nef *nef = f->type->nef;
    if (a[0] == b[0]) return 0;
    switch (kind) {
    case OURO_KL: return nef->kl(a[0], b[0], f->known);
    case OURO_HELLINGER: return sqrt(-expm1(nef->affinity(a[0], b[0], f->known)));
    case OURO_TV: return total_variation(f, a, b);
    case OURO_W2:
        if (nef->lattice) return lattice_w2(f, a, b);
        return fabs(exp(a[0]) - exp(b[0])) * sqrt(1 + nef->variance(1, f->known));
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}

double ouro_nef_quadratic_variance(const ouro_family *f) { return f->type->nef->v2(f->known); }
