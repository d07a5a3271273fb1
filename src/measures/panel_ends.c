/* panel_ends.c: ends of panels, from the components of mixtures and from the tails of other laws. */
#include "panel_ends.h"
#include <gsl/gsl_sort.h>
#include <math.h>

enum {
    REACH = 9,
    WALK_MOST = 400,
    PAIRS_MOST = 16,
    BOUNDARY = 4
}; /* sd; steps of a walk; components with boundaries */
#define NEGLIGIBLE 1e-18
#define FARTHEST 1e280 /* place: beyond, products with a width overflow */

typedef struct ends {
    size_t len, room;
    double *at;
} ends;

static void add(ends *e, double x) {
    if (e->len < e->room && fabs(x) < FARTHEST) e->at[e->len++] = x;
}

static double sd_of(const ouro_gaussians *g, size_t c) { return g->factor[g->tied ? 0 : c]; }

double ouro_panel_origin(const ouro_law *p, const ouro_law *q) {
    const ouro_law *both[] = {p, q};
    double least = INFINITY, origin = 0;
    for (int i = 0; i < 2; i++) {
        const ouro_gaussians *g = &both[i]->regular;
        if (!both[i]->gaussian) continue;
        for (size_t c = 0; c < g->k; c++) {
            if (g->log_weight[c] == -INFINITY || sd_of(g, c) >= least) continue;
            least = sd_of(g, c);
            origin = g->mean[c];
        }
    }
    return origin;
}

/* Log density of the component that is likeliest at an offset from the mean of component a. */
static double likeliest(const ouro_gaussians *g, size_t a, double ahead) {
    double top = -INFINITY;
    for (size_t c = 0; c < g->k; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        const double z = (ahead - (g->mean[c] - g->mean[a])) / sd_of(g, c);
        top = fmax(top, g->log_weight[c] - log(sd_of(g, c)) - 0.5 * z * z);
    }
    return top;
}

/* Where component b becomes likelier than a, and both are likelier than others: roots of a quadratic in units of the
 * first, and panels that grow away from there, since the logarithm of the sum bends over a length of one over the slope. */
static void add_boundary(ends *e, const ouro_gaussians *g, size_t a, size_t b, double origin) {
    static const double away[BOUNDARY] = {2.5, 6, 14, 40};
    const double sa = sd_of(g, a), ratio = sa / sd_of(g, b), gap = (g->mean[b] - g->mean[a]) / sa;
    /* log of b less a at z = (x - mean_a) / sa: z^2 / 2 - (z - gap)^2 ratio^2 / 2 + log(w_b ratio / w_a) */
    const double A = 0.5 * (1 - ratio) * (1 + ratio), half = 0.5 * ratio * ratio * gap,
                 C = -0.5 * ratio * ratio * gap * gap + g->log_weight[b] - g->log_weight[a] + log(ratio);
    const double root = half * half - A * C;
    if (!(root >= 0) || (half == 0 && A == 0)) return;
    const double far = -(half + copysign(sqrt(root), half)), z[2] = {far / A, C / far};
    for (int i = 0; i < 2; i++) {
        const double slope = fabs(2 * A * z[i] + 2 * half), here = g->log_weight[a] - log(sa) - 0.5 * z[i] * z[i];
        if (!(slope > 0) || !isfinite(z[i]) || likeliest(g, a, sa * z[i]) > here + 35) continue;
        add(e, (g->mean[a] - origin) + sa * z[i]);
        for (int j = 0; j < BOUNDARY; j++) {
            add(e, (g->mean[a] - origin) + sa * (z[i] - away[j] / slope));
            add(e, (g->mean[a] - origin) + sa * (z[i] + away[j] / slope));
        }
    }
}

static size_t room_for_gaussians(const ouro_gaussians *g) {
    return g->k * (2 * REACH + 2) + (g->k <= PAIRS_MOST ? g->k * g->k * (2 * BOUNDARY + 1) : 0);
}

static void add_gaussians(ends *e, const ouro_law *law, int density, double origin) {
    const ouro_gaussians *g = &law->regular;
    for (size_t c = 0; c < g->k; c++) {
        if (law->whole.log_weight[c] > -INFINITY) add(e, g->mean[c] - origin);
        if (g->log_weight[c] == -INFINITY) continue;
        for (int j = -REACH; j <= REACH; j += density ? 1 : 2) add(e, (g->mean[c] - origin) + j * sd_of(g, c));
        for (size_t b = 0; b < c && density && g->k <= PAIRS_MOST; b++)
            if (g->log_weight[b] > -INFINITY) add_boundary(e, g, c, b, origin);
    }
}

static double mass(const ouro_law *law, double x, int upper) {
    return law->f->type->beyond(law->f, law->theta, x, upper);
}

/* A length to start from. */
static double width(const ouro_law *law) {
    double mean[1];
    ouro_moments m = {.mean = mean};
    law->f->type->moments(law->f, law->theta, &m);
    const double sd = exp(m.log_trace / 2), mode = law->f->type->mode(law->f, law->theta);
    return isfinite(sd) ? sd : isfinite(mode) && mode != 0 ? fabs(mode) : 1;
}

int ouro_law_width(const ouro_law *law, double origin) {
    const double w = width(law), at = law->f->type->mode(law->f, law->theta);
    return w > 1e-290 && w > OURO_NARROW * fmax(fabs(at), fabs(at - origin));
}

/* A place with between a tenth and nine tenths of the mass below it. */
static double middle(const ouro_law *law) {
    double low = law->f->type->mode(law->f, law->theta), high = low, reach = width(law);
    if (mass(law, low, 1) >= 0.1 && mass(law, low, 0) >= 0.1) return low;
    const int up = mass(law, low, 1) >= 0.1;
    for (int i = 0; fabs(high) < FARTHEST && i < 2000 && mass(law, high, up) > 0.5; i++, reach *= 2)
        high = up ? low + reach : low - reach;
    for (int i = 0; i < 100; i++) {
        const double x = low / 2 + high / 2, m = mass(law, x, up);
        if (m >= 0.1 && m <= 0.9) return x;
        *(m > 0.5 ? &low : &high) = x;
    }
    return low / 2 + high / 2;
}

/* Where a law has no mass below; the domain is the truth's, beyond which another law may reach. */
static double lower_end(const ouro_law *law) {
    const double lower = law->f->domain.lower;
    if (lower > -INFINITY && mass(law, lower, 0) == 0) return lower;
    return mass(law, 0, 0) == 0 ? 0 : -INFINITY;
}

/* From x outwards, each step taking about nine tenths of the mass still ahead, with ever longer steps once that is
 * negligible: the tail of a power law weighs there still. No step goes more than halfway to the lower end of the support, nor further
 * than as much again away from it. */
static void walk(ends *e, const ouro_law *law, double x, int upper) {
    const double edge = lower_end(law);
    const int bounded = edge > -INFINITY;
    double step = width(law) / 2, before = mass(law, x, upper);
    for (int n = 0; n < WALK_MOST && before > 1e-300; n++) {
        const double least = before > NEGLIGIBLE ? 0.05 : 1e-40;
        double to = x, after = before;
        for (int i = 0; i < 60; i++) {
            if (bounded) step = fmin(step, upper ? x - edge : (x - edge) / 2);
            to = upper ? x + step : x - step;
            after = mass(law, to, upper);
            if (after >= least * before || before < 1e-290) break;
            step /= 2;
        }
        if (!(fabs(to) < FARTHEST) || to == x) break;
        add(e, to);
        if (after > 0.4 * before || before < NEGLIGIBLE) step *= 2;
        if (!upper && bounded && before < NEGLIGIBLE) break;
        x = to;
        before = after;
    }
    if (bounded && !upper) add(e, edge);
}

static void add_law(ends *e, const ouro_law *law, int density, double origin) {
    const size_t first = e->len;
    if (law->gaussian) {
        add_gaussians(e, law, density, origin);
        return;
    }
    for (size_t i = 0; i < law->ends; i++) add(e, law->end[i] - origin);
    if (law->ends) return;
    const double at = law->atoms > 0 ? law->f->type->mode(law->f, law->theta) : middle(law);
    add(e, at);
    add(e, law->f->type->mode(law->f, law->theta));
    if (law->atoms > 0) return;
    walk(e, law, at, 0);
    walk(e, law, at, 1);
    for (size_t i = first; i < e->len; i++) e->at[i] -= origin;
}

int ouro_law_ends(ouro_law *law, ouro_arena *keep) {
    ends e = {.room = 2 * WALK_MOST + 4};
    if (law->gaussian || law->f->domain.lattice) return OURO_OK;
    if (!(e.at = ouro_arena_alloc(keep, e.room, sizeof *e.at))) return OURO_ENOMEM;
    add_law(&e, law, 1, 0);
    law->ends = e.len;
    law->end = e.at;
    return OURO_OK;
}

int ouro_panel_ends(const ouro_law *p, const ouro_law *q, double origin, int density, ouro_arena *tmp, size_t *len,
                    double **end) {
    ends e = {.room = 2};
    e.room += p->gaussian ? room_for_gaussians(&p->regular) : 2 * WALK_MOST + 4;
    e.room += q->gaussian ? room_for_gaussians(&q->regular) : 2 * WALK_MOST + 4;
    if (!(e.at = ouro_arena_alloc(tmp, e.room, sizeof *e.at))) return OURO_ENOMEM;
    add_law(&e, p, density, origin);
    add_law(&e, q, density, origin);
    gsl_sort(e.at, 1, e.len);
    size_t n = 0;
    for (size_t i = 0; i < e.len; i++)
        if (n == 0 || e.at[i] > e.at[n - 1]) e.at[n++] = e.at[i];
    if (n == 1) e.at[n++] = nextafter(e.at[0], INFINITY);
    *len = n;
    *end = e.at;
    return OURO_OK;
}

void ouro_lattice_range(const ouro_law *p, const ouro_law *q, double *first, double *last) {
    const ouro_law *both[] = {p, q};
    *first = INFINITY;
    *last = -INFINITY;
    for (int i = 0; i < 2; i++) {
        const double mode = floor(both[i]->f->type->mode(both[i]->f, both[i]->theta));
        double low = mode, high = mode;
        for (double step = 1; mass(both[i], low, 0) > NEGLIGIBLE; step *= 2) low -= step;
        for (double step = 1; mass(both[i], high, 1) > NEGLIGIBLE; step *= 2) high += step;
        *first = fmin(*first, fmax(low, both[i]->f->domain.lower));
        *last = fmax(*last, fmin(high, both[i]->f->domain.upper));
    }
}
