/* nef_transform.c: laws of x under which y = phi(x) is exponential with mean e^t: weibull, pareto, laplace. Exports no
 * plug-in.
 *
 * Statistic and fit are the exponential's, of y: log mean y ~ t + log(Gamma(n) / n). Both KL, Hellinger and TV are the
 * exponential's too, since phi keeps all that depends on t; there they are functions of d = a - b alone. Densities,
 * masses and rows go through log z = log phi(x) - t: neither y nor e^t is ever formed, and both may lie far outside the
 * doubles (x^k for k = 50). Written once here; a family file holds phi, its moments and its entropy.
 *
 * On the samples path x itself is a double: beside a location or a minimum of 1 rows closer than 1e-16 are the same
 * number, and such a model is absorbed. The statistics path knows no such end. */
#include "core/kernels.h"
#include "ouro/nef.h"
#include "ouro/variates.h"
#include <math.h>

enum { W, W2, LOG_MEAN, STAT_LEN };
enum { BLOCK = 256 };

double ouro_nef_unit_variance(double m, const double *known) {
    (void)known;
    return m * m;
}

double ouro_nef_unit_v2(const double *known) {
    (void)known;
    return 1;
}

/* eta = -1 / e^t, A = -log(-eta) */
double ouro_nef_unit_eta(double t, const double *known) {
    (void)known;
    return -ouro_exp(-t);
}

double ouro_nef_unit_from_eta(double eta, const double *known) {
    (void)known;
    return eta < 0 ? -ouro_log(-eta) : NAN;
}

double ouro_nef_unit_log_partition(double eta, const double *known) {
    (void)known;
    return eta < 0 ? -ouro_log(-eta) : INFINITY;
}

double ouro_nef_unit_potential(double t, const double *known) {
    (void)known;
    return t;
}

/* log of the mean of n standard exponentials, Gamma(n) / n */
double ouro_nef_unit_draw(ouro_stream *s, double n, double t, const double *known) {
    (void)t, (void)known;
    return ouro_log_mean_chi2(s, 2 * n, 2 * n);
}

int ouro_transform_shape(ouro_family *f, ouro_error *e) {
    const ouro_transform *g = f->type->nef->transform;
    const ouro_domain *d = &f->domain;
    const char *name = f->type->name;
    if (d->kind != OURO_NUMBERS)
        return ouro_fail(e, OURO_EUNDEFINED, name, "%s needs numbers, the truth gives categories", name);
    if (d->dim != 1)
        return ouro_fail(e, OURO_EUNDEFINED, name,
                         "%s is for one column, the truth gives %zu: name one of them in truth.columns", name, d->dim);
    const char *wrong = g->wrong(f->known);
    if (wrong) return ouro_fail(e, OURO_EUNDEFINED, name, "%s: %s", name, wrong);
    double lower = g->lower ? g->lower(f->known) : -INFINITY;
    if (d->lower < lower)
        return ouro_fail(e, OURO_EUNDEFINED, name, "%s lives on [%g, inf], the truth gives numbers from %g to %g", name,
                         lower, d->lower, d->upper);
    f->theta_len = f->mean_len = 1;
    f->stat_len = STAT_LEN;
    return OURO_OK;
}

int ouro_transform_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n,
                          double *x) {
    const ouro_transform *g = f->type->nef->transform;
    (void)tmp;
    ouro_fill_exponentials(s, n, x);
    for (size_t i = 0; i < n; i++) {
        double at = g->inverse(theta[0] + ouro_log(x[i]), f->known);
        x[i] = !g->mirrored ? at : ouro_stream_word(s) >> 63 ? f->known[0] + at : f->known[0] - at;
    }
    return OURO_OK;
}

/* log of the mean of phi over at most BLOCK rows, in units of the largest */
static double log_mean_phi(const ouro_family *f, size_t n, const double *x) {
    const ouro_transform *g = f->type->nef->transform;
    double log_y[BLOCK], top = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
        log_y[i] = g->log_phi(x[i], f->known);
        if (log_y[i] > top) top = log_y[i];
    }
    if (top == -INFINITY) return top;
    for (size_t i = 0; i < n; i++) sum += ouro_exp(log_y[i] - top);
    return top + ouro_log(sum / (double)n);
}

void ouro_transform_stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    ouro_nef_stat_empty(f, T);
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t len = n - i < BLOCK ? n - i : BLOCK;
        double block[STAT_LEN] = {(double)len, (double)len, log_mean_phi(f, len, x + i)};
        ouro_nef_stat_merge(f, 1, block, T);
    }
}

static int outside(const ouro_family *f, double x) {
    const ouro_transform *g = f->type->nef->transform;
    return g->lower && x < g->lower(f->known);
}

/* phi(x) in units of its mean */
static double scaled(const ouro_family *f, double t, double x) {
    return exp(f->type->nef->transform->log_phi(x, f->known) - t);
}

double ouro_transform_log_density(const ouro_family *f, const double *theta, double x) {
    if (outside(f, x)) return -INFINITY;
    return f->type->nef->transform->log_derivative(x, f->known) - theta[0] - scaled(f, theta[0], x);
}

double ouro_transform_beyond(const ouro_family *f, const double *theta, double x, int upper) {
    const ouro_transform *g = f->type->nef->transform;
    if (outside(f, x)) return upper;
    if (theta[0] == -INFINITY) { /* all mass in one point */
        double at = g->mirrored ? f->known[0] : g->inverse(-INFINITY, f->known);
        return upper ? at > x : at < x;
    }
    double z = scaled(f, theta[0], x);
    if (!g->mirrored) return upper ? exp(-z) : -expm1(-z);
    return upper == (x >= f->known[0]) ? 0.5 * exp(-z) : 1 - 0.5 * exp(-z);
}

double ouro_transform_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]) {
    side[0] = f->type->beyond(f, theta, a->lower, 0);
    side[1] = f->type->beyond(f, theta, a->upper, 1);
    return side[0] + side[1];
}

/* With d = |a - b| the densities of y cross where y = u e^max, u = d / (e^d - 1), and TV = e^-u (1 - e^-d). */
static double total_variation(double d) { return exp(-d / expm1(d)) * -expm1(-d); }

double ouro_transform_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    static const double one[OURO_KNOWN] = {1};
    double d = fabs(a[0] - b[0]);
    if (a[0] == b[0]) return 0;
    switch (kind) {
    case OURO_KL: return ouro_nef_gamma.kl(a[0], b[0], one);
    case OURO_HELLINGER: return d == INFINITY ? 1 : sqrt(-expm1(ouro_nef_gamma.affinity(d, 0, one)));
    case OURO_TV: return d == INFINITY ? 1 : total_variation(d);
    case OURO_W2: return f->type->nef->transform->w2(a[0], b[0], f->known);
    case OURO_DIVERGENCES: break;
    }
    return NAN;
}
