/* nef.c: one-parameter natural exponential families: all that follows from the table of nef.h. Exports no plug-in. */
#include "core/kernels.h"
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
        double mean = T[MEAN] + (src[MEAN] - T[MEAN]) * b; /* rounding must not leave the support */
        T[MEAN] = fmin(fmax(mean, fmin(T[MEAN], src[MEAN])), fmax(T[MEAN], src[MEAN]));
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

static double upper_end(const ouro_family *f) {
    const ouro_nef *nef = f->type->nef;
    return isnan(nef->upper) ? f->known[0] : nef->upper;
}

double ouro_nef_log_density(const ouro_family *f, const double *theta, double x) {
    const ouro_nef *nef = f->type->nef;
    if (x < nef->lower || x > upper_end(f) || (nef->lattice && x != floor(x))) return -INFINITY;
    if (degenerate(f, theta[0])) return x != mean_of(nef, theta[0]) ? -INFINITY : nef->lattice ? 0 : INFINITY;
    return nef->log_density(x, theta[0], f->known);
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

static double surprise(const ouro_family *f, double t, double x) {
    double l = f->type->nef->log_density(x, t, f->known);
    return l > -745 ? -l * exp(l) : 0;
}

/* Gauss-Legendre with 8 nodes. */
static double integral_of_surprise(const ouro_family *f, double t, double from, double to) {
    static const double node[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
    static const double weight[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    double middle = from + (to - from) / 2, half = (to - from) / 2, sum = 0;
    for (int i = 0; i < 4; i++)
        sum += weight[i] * (surprise(f, t, middle - half * node[i]) + surprise(f, t, middle + half * node[i]));
    return half * sum;
}

/* -sum p log p upwards from where p is negligible. Beyond ALONE terms the lattice is fine compared with the law: by
 * Euler and Maclaurin the sum of g from K on is the integral from K - 1/2 on, plus g'(K - 1/2) / 24, less a thousandth
 * of the third derivative, here below 1e-11. Panels are as wide as the law is smooth: half an sd, or V/m where a long
 * tail falls as exp(-x m / V), and less where p is a power of x. */
static double lattice_entropy(const ouro_family *f, double t) {
    enum { ALONE = 8192 };
    const ouro_nef *nef = f->type->nef;
    const double V = nef->variance(t, f->known), sd = sqrt(V), scale = fmax(sd, V / t), mode = nef->mode(t, f->known);
    double x = mode, sum = 0, more = 1;
    while (x > nef->lower && nef->log_density(x, t, f->known) > -80) x = fmax(nef->lower, x - ceil(sd));
    for (int i = 0; i < ALONE && x <= upper_end(f); i++, x++) {
        sum += more = surprise(f, t, x);
        if (x > mode + sd && more < 1e-18 * sum) return sum;
    }
    if (x > upper_end(f)) return sum;
    sum += (surprise(f, t, x) - surprise(f, t, x - 1)) / 24;
    for (x -= 0.5; x < mode + sd || more > 1e-18 * sum;) {
        double width = 0.5 * fmin(x - nef->lower, scale);
        sum += more = integral_of_surprise(f, t, x, x + width);
        x += width;
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
 * smaller pair of tails keeps more digits. Scales count relative to the smaller, which itself may underflow. */
static double total_variation(const ouro_family *f, double a, double b) {
    const ouro_nef *nef = f->type->nef;
    double base = nef->scale ? a : 0, x = nef->crossing(a - base, b - base, f->known), up = x, down = x;
    if (nef->lattice) up = floor(x), down = ceil(x);
    double above = nef->beyond(up, b - base, f->known, 1), below = nef->beyond(down, a - base, f->known, 0);
    return fmax(0, above < below ? above - nef->beyond(up, a - base, f->known, 1)
                                 : below - nef->beyond(down, b - base, f->known, 0));
}

/* Where one model has no variance: its one point is all that they may share. */
static double total_variation_of_point(const ouro_family *f, double point, double other) {
    if (f->type->nef->scale) return 1;
    double at = mean_of(f->type->nef, point);
    return ouro_nef_beyond(f, &other, at, 0) + ouro_nef_beyond(f, &other, at, 1);
}

/* One law's points from far outside inwards: `upto` is the mass from there up to and with x. */
typedef struct walk {
    const ouro_family *f;
    double t, x, upto;
} walk;

static double mass_at(const walk *w) { return exp(w->f->type->nef->log_density(w->x, w->t, w->f->known)); }

static double beyond_of(const walk *w, double x, int upper) {
    return w->f->type->nef->beyond(x, w->t, w->f->known, upper);
}

/* Starts where no more than `negligible` lies further out, give or take a few points. */
static void walk_start(walk *w, int upper, double negligible) {
    double end = upper ? upper_end(w->f) : w->f->type->nef->lower, start = floor(w->t), in = start, out = start;
    for (double step = 1; out != end && beyond_of(w, out, upper) > negligible; step *= 2) {
        in = out;
        out = upper ? fmin(end, out + step) : fmax(end, out - step);
    }
    while (fabs(out - in) > 1 + 0.02 * fabs(out - start)) {
        double middle = floor(in + (out - in) / 2);
        *(beyond_of(w, middle, upper) > negligible ? &in : &out) = middle;
    }
    w->x = out;
    w->upto = beyond_of(w, out, upper) + mass_at(w);
}

/* The sum of mass gap (gap - 1) over one half of the mass, from outside inwards. */
static double half_transport(walk w[2], int upper) {
    double done = 0, sum = 0;
    for (;;) {
        double next = fmin(fmin(w[0].upto, w[1].upto), 0.5), gap = fabs(w[1].x - w[0].x);
        if (next > done) sum += (next - done) * gap * (gap - 1);
        if (next >= 0.5) return sum;
        done = fmax(done, next);
        for (int i = 0; i < 2; i++)
            if (w[i].upto <= next) {
                w[i].x -= upper ? 1 : -1;
                w[i].upto += mass_at(&w[i]);
            }
    }
}

/* W2^2 = integral of gap^2, gap = Q_b(u) - Q_a(u) >= 0 for a < b, Q the quantile functions, steps on the lattice. The
 * integral of gap is b - a; that of gap (gap - 1) is what is left to do, and vanishes for models that nearly agree. The
 * laws are walked together, O(sd). Beyond STEPS steps the larger of two lower bounds stands in, b - a and
 * (b - a)^2 + (difference of sds)^2 (Gelbrich 1990): laws of one family that wide have nearly the same shape, and the
 * lattice adds at most 1/4. */
static double lattice_w2(const ouro_family *f, double a, double b) {
    enum { STEPS = 1 << 18 };
    const ouro_nef *nef = f->type->nef;
    double va = nef->variance(a, f->known), vb = nef->variance(b, f->known), shift = b - a, steps = 0;
    if (va == 0 || vb == 0) return sqrt(shift * shift + va + vb); /* all from or to one point */
    double negligible = 1e-13 * fmax(shift, shift * shift) / ((1 + shift) * (1 + shift) + 1600 * fmax(va, vb));
    walk side[2][2];
    for (int upper = 0; upper < 2; upper++)
        for (int i = 0; i < 2; i++) {
            side[upper][i] = (walk){.f = f, .t = i ? b : a};
            walk_start(&side[upper][i], upper, negligible);
            steps += fabs(side[upper][i].x - floor(side[upper][i].t));
        }
    if (steps < STEPS) return sqrt(shift + half_transport(side[0], 0) + half_transport(side[1], 1));
    double v2 = nef->v2(f->known), v1 = nef->variance(1, f->known) - v2;
    double widening = shift * (v1 + v2 * (a + b)) / (sqrt(va) + sqrt(vb));
    return sqrt(fmax(shift, shift * shift + widening * widening));
}

double ouro_nef_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    const ouro_nef *nef = f->type->nef;
    const double low = fmin(a[0], b[0]), high = fmax(a[0], b[0]);
    if (low == high) return 0;
    switch (kind) {
    case OURO_KL: return nef->kl(a[0], b[0], f->known);
    case OURO_HELLINGER: return sqrt(-expm1(nef->affinity(low, high, f->known)));
    case OURO_TV:
        if (degenerate(f, low)) return total_variation_of_point(f, low, high);
        if (degenerate(f, high)) return total_variation_of_point(f, high, low);
        return total_variation(f, low, high);
    case OURO_W2:
        if (nef->lattice) return lattice_w2(f, low, high);
        return exp(high) * -expm1(low - high) * sqrt(1 + nef->variance(1, f->known));
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}

double ouro_nef_quadratic_variance(const ouro_family *f) { return f->type->nef->v2(f->known); }
