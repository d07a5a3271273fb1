/* panels.c: sums over the nodes of two laws on the line. The nodes themselves are made in panel_ends.c. */
#include "panels.h"
#include "core/mixture_forms.h"
#include "panel_ends.h"
#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

enum { B = OURO_ROWS_BLOCK, RULE = 8 };

static const double node[RULE / 2] = {0.1834346424956498049394761, 0.5255324099163289858177390,
                                      0.7966664774136267395915539, 0.9602898564975362316835609};
static const double share[RULE / 2] = {0.3626837833783619829651504, 0.3137066458778872873379622,
                                       0.2223810344533744705443560, 0.1012285362903762591525314};

/* Node i = 0..7 of a panel in ascending order: its place in [-1, 1] and its weight. */
static double place(int i) { return i < RULE / 2 ? -node[RULE / 2 - 1 - i] : node[i - RULE / 2]; }
static double weight_of(int i) { return share[i < RULE / 2 ? RULE / 2 - 1 - i : i - RULE / 2]; }

int ouro_law_complete(ouro_law *law, ouro_arena *tmp) {
    double *weight = ouro_arena_alloc(tmp, law->whole.k, sizeof *weight);
    if (!weight) return OURO_ENOMEM;
    for (size_t c = 0; c < law->whole.k; c++) weight[c] = exp(law->whole.log_weight[c]);
    law->weight = weight;
    return ouro_gaussians_regular(&law->whole, tmp, &law->regular, &law->atoms);
}

int ouro_law_of(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_law *out) {
    int ret = OURO_OK;
    *out = (ouro_law){.f = f, .theta = theta, .gaussian = f->type->gaussians != NULL};
    if (!out->gaussian) {
        if (!f->domain.lattice && !ouro_law_width(out, 0)) out->atoms = 1;
        return OURO_OK;
    }
    OURO_TRY(f->type->gaussians(f, theta, tmp, &out->whole));
    OURO_TRY(ouro_law_complete(out, tmp));
out:
    return ret;
}

/* Means relative to the origin. */
static int shifted(const ouro_gaussians *g, double origin, ouro_arena *tmp, ouro_gaussians *out) {
    double *mean = ouro_arena_alloc(tmp, g->k, sizeof *mean);
    *out = *g;
    out->mean = mean;
    if (!mean) return OURO_ENOMEM;
    for (size_t c = 0; c < g->k; c++) mean[c] = g->mean[c] - origin;
    return OURO_OK;
}

/* Log densities at n offsets, n whole blocks. */
static int densities(const ouro_law *law, double origin, size_t n, const double *x, ouro_arena *tmp, double *out) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    ouro_gaussians g;
    double *scratch;
    int ret = OURO_OK;
    if (!law->gaussian) {
        for (size_t i = 0; i < n; i++)
            out[i] = law->atoms > 0 ? -INFINITY : law->f->type->log_density(law->f, law->theta, origin + x[i]);
        return OURO_OK;
    }
    OURO_TRY(shifted(&law->regular, origin, tmp, &g));
    ret = OURO_ENOMEM;
    if (!(scratch = ouro_arena_alloc(tmp, ouro_mixture_density_scratch(g.k, 1), sizeof *scratch))) goto out;
    ouro_mixture_log_density(&g, n / B, x, scratch, out);
    ret = OURO_OK;
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}

/* Mass below or above origin + x; `regular`: of the part that has a density. */
static double beyond(const ouro_law *law, double origin, double x, int upper, int regular) {
    double sum = 0;
    if (!law->gaussian && law->atoms > 0) { /* of no width: a point */
        const double at = law->f->type->mode(law->f, law->theta) - origin;
        return regular ? 0 : upper ? at > x : at < x;
    }
    if (!law->gaussian) return law->f->type->beyond(law->f, law->theta, origin + x, upper);
    const ouro_gaussians *g = regular ? &law->regular : &law->whole;
    for (size_t c = 0; c < g->k; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        const double ahead = g->mean[c] - origin, gap = upper ? x - ahead : ahead - x, sd = g->factor[g->tied ? 0 : c];
        sum += law->weight[c] * (sd > 0 ? 0.5 * erfc(gap / (sd * M_SQRT2)) : gap < 0);
    }
    return sum;
}

/* F - G at an offset, from the side on which p has less mass, so that no digits go. */
static double difference(const ouro_panels *s, double x, int regular) {
    const double below = beyond(&s->p, s->origin, x, 0, regular);
    if (below < 0.5) return below - beyond(&s->q, s->origin, x, 0, regular);
    return (regular ? s->q.atoms : 0) +
           (beyond(&s->q, s->origin, x, 1, regular) - beyond(&s->p, s->origin, x, 1, regular));
}

static int lattice_nodes(ouro_panels *s, ouro_arena *tmp) {
    double first, last;
    ouro_lattice_range(&s->p, &s->q, &first, &last);
    const double step = fmax(1, ceil((last - first + 1) / OURO_LATTICE_MOST)), half = floor(step / 2);
    s->n = (size_t)ceil((last - first + 1) / step);
    s->padded = ouro_packed_blocks(s->n) * B;
    s->x = ouro_arena_alloc(tmp, 4 * s->padded, sizeof *s->x);
    if (!s->x) return OURO_ENOMEM;
    s->weight = s->x + s->padded;
    for (size_t i = 0; i < s->padded; i++) {
        s->x[i] = fmin(first + (double)(i < s->n ? i : s->n - 1) * step + half, last);
        s->weight[i] = i < s->n ? step : 0;
    }
    return OURO_OK;
}

static int panel_nodes(ouro_panels *s, ouro_arena *tmp) {
    double *end;
    size_t ends;
    int ret = ouro_panel_ends(&s->p, &s->q, s->origin, 1, tmp, &ends, &end);
    if (ret) return ret;
    s->n = (ends - 1) * RULE;
    s->padded = ouro_packed_blocks(s->n) * B;
    s->x = ouro_arena_alloc(tmp, 4 * s->padded, sizeof *s->x);
    if (!s->x) return OURO_ENOMEM;
    s->weight = s->x + s->padded;
    for (size_t i = 0; i < s->padded; i++) {
        const size_t panel = i < s->n ? i / RULE : ends - 2;
        const double half = end[panel + 1] / 2 - end[panel] / 2, middle = end[panel] / 2 + end[panel + 1] / 2;
        s->x[i] = middle + half * place((int)(i % RULE));
        s->weight[i] = i < s->n ? half * weight_of((int)(i % RULE)) : 0;
    }
    return OURO_OK;
}

/* Components so narrow beside their distance from the origin that no place near them can be told from their mean become
 * atoms. */
static int resolve(ouro_law *law, double origin, ouro_arena *tmp) {
    if (!law->gaussian) {
        if (!law->f->domain.lattice && !ouro_law_width(law, origin)) law->atoms = 1;
        return OURO_OK;
    }
    const ouro_gaussians *g = &law->regular;
    double *log_weight = ouro_arena_alloc(tmp, g->k, sizeof *log_weight);
    if (!log_weight) return OURO_ENOMEM;
    for (size_t c = 0; c < g->k; c++) {
        const int narrow = g->factor[g->tied ? 0 : c] < OURO_NARROW * fabs(g->mean[c] - origin);
        log_weight[c] = narrow ? -INFINITY : g->log_weight[c];
        if (narrow && g->log_weight[c] > -INFINITY) law->atoms += law->weight[c];
    }
    law->regular.log_weight = log_weight;
    return OURO_OK;
}

int ouro_panels_make(const ouro_law *p, const ouro_law *q, ouro_arena *tmp, ouro_panels *out) {
    int ret;
    *out = (ouro_panels){.p = *p, .q = *q, .lattice = p->f->domain.lattice && !p->gaussian};
    out->origin = ouro_panel_origin(p, q);
    OURO_TRY(resolve(&out->p, out->origin, tmp));
    OURO_TRY(resolve(&out->q, out->origin, tmp));
    OURO_TRY(out->lattice ? lattice_nodes(out, tmp) : panel_nodes(out, tmp));
    out->log_p = out->weight + out->padded;
    out->log_q = out->log_p + out->padded;
    OURO_TRY(densities(&out->p, out->origin, out->padded, out->x, tmp, out->log_p));
    OURO_TRY(densities(&out->q, out->origin, out->padded, out->x, tmp, out->log_q));
out:
    return ret;
}

static double larger(double x, double y) { return exp(fmin(fmax(x, y), 700)); }

/* The place between nodes i and i + 1 where the densities cross: blocks of evenly spaced places, until what lies between
 * two of them has no mass. The total variation is stationary in it. */
static int crossing(const ouro_panels *s, size_t i, ouro_arena *tmp, double *at) {
    double from = s->x[i], to = s->x[i + 1], x[B], p[B], q[B];
    double most = fmax(larger(s->log_p[i], s->log_q[i]), larger(s->log_p[i + 1], s->log_q[i + 1]));
    const int above = s->log_p[i] > s->log_q[i];
    *at = from / 2 + to / 2;
    if (fabs(s->log_p[i] - s->log_q[i]) < 1e-9 && fabs(s->log_p[i + 1] - s->log_q[i + 1]) < 1e-9) return OURO_OK;
    for (int round = 0; round < 160 && (to - from) * most > 1e-10; round++) {
        const double step = (to - from) / (B + 1);
        size_t j = 0;
        for (size_t k = 0; k < B; k++) x[k] = from + step * (double)(k + 1);
        if (densities(&s->p, s->origin, B, x, tmp, p) || densities(&s->q, s->origin, B, x, tmp, q)) return OURO_ENOMEM;
        while (j < B && (p[j] > q[j]) == above) j++;
        if (j < B) to = x[j];
        if (j) from = x[j - 1];
        if (j && j < B) most = fmax(larger(p[j], q[j]), larger(p[j - 1], q[j - 1]));
        if (!(step > 0)) break;
    }
    *at = from / 2 + to / 2;
    return OURO_OK;
}

/* Half the sum of |change of F - G| between crossings. */
static int total_variation(const ouro_panels *s, ouro_arena *tmp, double *out) {
    double sum = 0, before = 0, at;
    for (size_t i = 0; i + 1 < s->n; i++) {
        if ((s->log_p[i] > s->log_q[i]) == (s->log_p[i + 1] > s->log_q[i + 1])) continue;
        if (s->x[i] == s->x[i + 1]) continue;
        if (crossing(s, i, tmp, &at)) return OURO_ENOMEM;
        const double here = difference(s, at, 1);
        sum += fabs(here - before);
        before = here;
    }
    *out = 0.5 * (sum + fabs(s->q.atoms - before));
    return OURO_OK;
}

int ouro_panels_contrast(const ouro_panels *s, int tv, ouro_arena *tmp, ouro_contrast *out) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double *weight = ouro_arena_alloc(tmp, s->padded, sizeof *weight);
    int ret = OURO_ENOMEM;
    *out = (ouro_contrast){0};
    if (!weight) goto out;
    memcpy(weight, s->weight, s->padded * sizeof *weight);
    ouro_contrast_weigh(s->padded, s->log_p, s->log_q, weight);
    ouro_contrast_add(s->padded, s->log_p, s->log_q, weight, out);
    ret = s->lattice || !tv ? OURO_OK : total_variation(s, tmp, &out->tv);
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}

typedef struct integrals {
    double absolute, square;
} integrals;

static void integrate(const ouro_panels *s, double from, double to, int sign, integrals *sum) {
    const double half = to / 2 - from / 2, middle = from / 2 + to / 2;
    for (int i = 0; i < RULE; i++) {
        const double d = difference(s, middle + half * place(i), 0);
        sum->absolute += half * weight_of(i) * (sign ? sign * d : fabs(d));
        sum->square += half * weight_of(i) * d * d;
    }
}

/* One panel, cut in two where F and G cross; first and last are F - G at its ends. */
static void distances_of(const ouro_panels *s, double from, double to, double first, double last, integrals *sum) {
    double low = from, high = to;
    if (!(first * last < 0) || (fabs(first) < 1e-14 && fabs(last) < 1e-14)) {
        integrate(s, from, to, 0, sum);
        return;
    }
    for (int i = 0; i < 60; i++) {
        const double x = low / 2 + high / 2;
        if (x <= low || x >= high) break;
        *((difference(s, x, 0) > 0) == (first > 0) ? &low : &high) = x;
    }
    integrate(s, from, low, first > 0 ? 1 : -1, sum);
    integrate(s, low, to, last > 0 ? 1 : -1, sum);
}

int ouro_panels_distances(const ouro_panels *s, ouro_arena *tmp, double *absolute, double *square) {
    integrals sum = {0, 0};
    double *end;
    size_t ends;
    if (s->lattice) { /* F - G is constant between two whole numbers */
        for (size_t i = 0; i < s->n; i++) {
            const double d = difference(s, s->x[i] + 0.5, 0);
            sum.absolute += s->weight[i] * fabs(d);
            sum.square += s->weight[i] * d * d;
        }
    } else {
        if (ouro_panel_ends(&s->p, &s->q, s->origin, 0, tmp, &ends, &end)) return OURO_ENOMEM;
        double before = difference(s, end[0], 0);
        for (size_t i = 0; i + 1 < ends; i++) {
            const double after = difference(s, end[i + 1], 0);
            distances_of(s, end[i], end[i + 1], before, after, &sum);
            before = after;
        }
    }
    *absolute = sum.absolute;
    *square = sum.square;
    return OURO_OK;
}
