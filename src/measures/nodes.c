/* nodes.c: nodes of two mixtures of normals in several dimensions. */
#include "nodes.h"
#include "core/mixture_forms.h"
#include "panel_ends.h"
#include <math.h>
#include <string.h>

enum { B = OURO_ROWS_BLOCK, CHUNK = 16, SHARE = 65536, FEWEST = 128 }; /* blocks at a time; nodes of one law, about */
#define EVEN 0.03 /* nats, where two ways to a divergence are about as good */

static size_t component_points(const ouro_standard *set, size_t k) {
    size_t n = set->n;
    if (set->d == 2) return n;
    while (n > FEWEST && n * k > SHARE) n /= 2; /* the first 2^m of a Sobol sequence are one themselves */
    return n;
}

static const double *factor_of(const ouro_gaussians *g, size_t c) {
    return g->factor + (g->tied ? 0 : c * ouro_factor_len(g->d, g->diagonal));
}

/* A law with means relative to one of its own or the other's, and room for its kernel. */
typedef struct side {
    ouro_gaussians g;
    double *mean, *scratch;
} side;

static int side_of(const ouro_gaussians *g, ouro_arena *tmp, side *out) {
    out->g = *g;
    out->mean = ouro_arena_alloc(tmp, g->k * g->d, sizeof(double));
    out->scratch = ouro_arena_alloc(tmp, ouro_mixture_density_scratch(g->k, g->d), sizeof(double));
    out->g.mean = out->mean;
    return out->mean && out->scratch ? OURO_OK : OURO_ENOMEM;
}

static void centre(side *s, const double *mean, const double *origin) {
    for (size_t c = 0; c < s->g.k; c++)
        for (size_t j = 0; j < s->g.d; j++) s->mean[c * s->g.d + j] = mean[c * s->g.d + j] - origin[j];
}

typedef struct work {
    const ouro_standard *set;
    side own, other;
    const double *own_mean, *other_mean;
    double *x, *weight, *log_own, *log_other; /* of CHUNK blocks */
} work;

static int work_room(work *w, const ouro_gaussians *own, const ouro_gaussians *other, ouro_arena *tmp) {
    int ret;
    w->own_mean = own->mean;
    w->other_mean = other->mean;
    OURO_TRY(side_of(own, tmp, &w->own));
    OURO_TRY(side_of(other, tmp, &w->other));
    w->x = ouro_arena_alloc(tmp, CHUNK * B * (own->d + 3), sizeof *w->x);
    ret = w->x ? OURO_OK : OURO_ENOMEM;
    if (ret) goto out;
    w->weight = w->x + CHUNK * B * own->d;
    w->log_own = w->weight + CHUNK * B;
    w->log_other = w->log_own + CHUNK * B;
out:
    return ret;
}

/* Nodes of one component of the own law into two sums: everything with half its weight, r with all of it. `known`: log
 * densities of the own law, or NULL; `swap`: the own law is q. */
static void add_component(work *w, size_t c, const double *known, int swap, ouro_contrast *sum, double *r) {
    const size_t n = component_points(w->set, w->own.g.k), blocks = ouro_packed_blocks(n), d = w->set->d;
    const double own = exp(w->own.g.log_weight[c]), scale = own * (w->set->d == 2 ? 1 : (double)w->set->n / (double)n);
    const double *origin = w->own_mean + c * d;
    centre(&w->own, w->own_mean, origin);
    centre(&w->other, w->other_mean, origin);
    for (size_t b = 0; b < blocks; b += CHUNK) {
        const size_t now = blocks - b < CHUNK ? blocks - b : CHUNK;
        ouro_contrast here = {0};
        ouro_mixture_offsets(&w->own.g, c, now, w->set->z + b * d * B, w->x);
        if (known)
            memcpy(w->log_own, known + b * B, now * B * sizeof *known);
        else
            ouro_mixture_log_density(&w->own.g, now, w->x, w->own.scratch, w->log_own);
        ouro_mixture_log_density(&w->other.g, now, w->x, w->other.scratch, w->log_other);
        for (size_t i = 0; i < now * B; i++) w->weight[i] = 0.5 * scale * w->set->weight[b * B + i];
        ouro_contrast_add(now * B, swap ? w->log_other : w->log_own, swap ? w->log_own : w->log_other, w->weight,
                          &here);
        sum->kl[0] += here.kl[0];
        sum->kl[1] += here.kl[1];
        sum->js += here.js;
        sum->hellinger += here.hellinger;
        sum->tv += here.tv;
        *r += 2 * here.r;
    }
}

/* Ratio of the smallest to the largest axis of the factors of both. */
static double axis_ratio(const ouro_gaussians *p, const ouro_gaussians *q) {
    const ouro_gaussians *both[] = {p, q};
    double least = INFINITY, most = 0;
    for (int i = 0; i < 2; i++)
        for (size_t c = 0; c < both[i]->k; c++) {
            if (both[i]->log_weight[c] == -INFINITY) continue;
            for (size_t j = 0; j < both[i]->d; j++) {
                const double axis = factor_of(both[i], c)[both[i]->diagonal ? j : j * (j + 1) / 2 + j];
                least = fmin(least, axis);
                most = fmax(most, axis);
            }
        }
    return least / most;
}

static int own_densities(ouro_nodes *nodes, int which, ouro_arena *keep) {
    const ouro_gaussians *g = &nodes->truth.regular;
    const size_t points = nodes->set[which].blocks * B;
    ouro_arena tmp = {0};
    work w = {.set = &nodes->set[which]};
    double *out = nodes->truth_log[which] = ouro_arena_alloc(keep, g->k * points, sizeof *out);
    int ret = out ? work_room(&w, g, g, &tmp) : OURO_ENOMEM;
    for (size_t c = 0; c < g->k && !ret; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        centre(&w.own, g->mean, g->mean + c * g->d);
        for (size_t b = 0; b < w.set->blocks; b += CHUNK) {
            const size_t now = w.set->blocks - b < CHUNK ? w.set->blocks - b : CHUNK;
            ouro_mixture_offsets(&w.own.g, c, now, w.set->z + b * g->d * B, w.x);
            ouro_mixture_log_density(&w.own.g, now, w.x, w.own.scratch, out + c * points + b * B);
        }
    }
    ouro_arena_free(&tmp);
    return ret;
}

int ouro_nodes_prepare(const ouro_setting *s, ouro_arena *keep, const ouro_nodes **out) {
    const ouro_family *f = &s->truth->family;
    const size_t d = s->truth->domain.dim;
    int ret = OURO_OK;
    if (!f->type || s->truth->domain.kind != OURO_NUMBERS) return OURO_OK;
    if (d > 1 ? !f->type->gaussians || !s->model->type->gaussians : !ouro_on_the_line(f->type)) return OURO_OK;
    ouro_nodes *nodes = ouro_arena_alloc(keep, 1, sizeof *nodes);
    if (!nodes) return OURO_ENOMEM;
    OURO_TRY(ouro_law_of(f, s->truth->theta, keep, &nodes->truth));
    if (d == 1) {
        ret = ouro_law_ends(&nodes->truth, keep);
        *out = nodes;
        return ret;
    }
    for (int i = 0; i < (d == 2 ? 2 : 1); i++) {
        OURO_TRY(d == 2 ? ouro_standard_grid((size_t)OURO_NODES_GRID << i, keep, &nodes->set[i])
                        : ouro_standard_sequence(d, OURO_NODES_SEQUENCE, keep, &nodes->set[i]));
        OURO_TRY(own_densities(nodes, i, keep));
    }
    nodes->axes = ouro_arena_alloc(keep, OURO_NODES_AXES * d, sizeof(double));
    ret = nodes->axes ? ouro_rays_make(d, keep, &nodes->rays) : OURO_ENOMEM;
    if (ret) goto out;
    ouro_standard_axes(d, OURO_NODES_AXES, nodes->axes);
    *out = nodes;
out:
    return ret;
}

int ouro_nodes_contrast(const ouro_nodes *nodes, const ouro_law *model, ouro_arena *tmp, ouro_contrast *out) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    const ouro_gaussians *p = &nodes->truth.regular, *q = &model->regular;
    const int which = p->d == 2 && axis_ratio(p, q) < 0.5;
    const ouro_standard *set = &nodes->set[which];
    double r[2] = {0, 0};
    int ret;
    *out = (ouro_contrast){0};
    for (int swap = 0; swap < 2; swap++) {
        work w = {.set = set};
        const ouro_gaussians *own = swap ? q : p;
        OURO_TRY(work_room(&w, own, swap ? p : q, tmp));
        for (size_t c = 0; c < own->k; c++)
            if (own->log_weight[c] > -INFINITY)
                add_component(&w, c, swap ? NULL : nodes->truth_log[which] + c * set->blocks * B, swap, out, &r[swap]);
    }
    /* the mean of r keeps more digits of a large divergence, the sums of contrast.h more of a small one */
    for (int i = 0; i < 2; i++) {
        const double plain = i ? -r[1] : r[0] - model->atoms; /* the caller adds what atoms take away */
        const double far = out->kl[i] / EVEN, share = p->d == 2 ? 1 : 1 - 1 / (1 + far * far);
        if (share > 0) out->kl[i] = share < 1 ? share * plain + (1 - share) * out->kl[i] : plain;
    }
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}

int ouro_nodes_cross_entropy(const ouro_nodes *nodes, const ouro_law *model, ouro_arena *tmp, double *out) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    const ouro_gaussians *p = &nodes->truth.regular, *q = &model->regular;
    const size_t d = p->d;
    work w = {.set = &nodes->set[d == 2 && axis_ratio(p, q) < 0.5]};
    int ret;
    *out = 0;
    OURO_TRY(work_room(&w, p, q, tmp));
    for (size_t c = 0; c < p->k; c++) {
        const size_t n = component_points(w.set, p->k), blocks = ouro_packed_blocks(n);
        const double scale = exp(p->log_weight[c]) * (d == 2 ? 1 : (double)w.set->n / (double)n);
        if (p->log_weight[c] == -INFINITY) continue;
        centre(&w.own, p->mean, p->mean + c * d);
        centre(&w.other, q->mean, p->mean + c * d);
        for (size_t b = 0; b < blocks; b += CHUNK) {
            const size_t now = blocks - b < CHUNK ? blocks - b : CHUNK;
            ouro_mixture_offsets(&w.own.g, c, now, w.set->z + b * d * B, w.x);
            ouro_mixture_log_density(&w.other.g, now, w.x, w.other.scratch, w.log_other);
            for (size_t i = 0; i < now * B; i++)
                if (w.set->weight[b * B + i] > 0) *out -= scale * w.set->weight[b * B + i] * w.log_other[i];
        }
    }
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}
