/* tails.c: the model's mass on the truth's low-density sets. In several dimensions about 4 us a ray and component for
 * mixtures, 0.2 us for one normal. */
#include "nodes.h"
#include "ouro/measure.h"
#include <math.h>

enum { MASS, RATIO, ALIVE };

static const ouro_column_type columns[] = {
    {"tail_mass", "", "P_t(A_alpha), A_alpha the truth's low-density set of mass alpha",
     "Model mass on the tail; alpha means preserved, 0 means gone. Its mean over replicates can stay while the median "
     "dies."},
    {"tail_ratio", "", "P_t(A_alpha) / P_0(A_alpha)", "Tail mass relative to the truth's own mass on the set."},
    {"tail_alive", "", "#{i in A_alpha : p_i > 0} / #{i in A_alpha}",
     "Share of the tail's categories that are still alive: their mass may live on in fewer and fewer of them."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    if (column == ALIVE && s->model->domain.kind != OURO_CATEGORIES)
        return "it counts categories, and the model draws numbers";
    if (!s->tails_len) return "observe.tails is empty";
    if (s->tails[0].level)
        return s->model->type->gaussians ? NULL : "in several dimensions it is for normals and their mixtures";
    return s->model->type->tail_mass ? NULL : "the family has no closed form for its mass on a tail";
}

static const char *method(const ouro_setting *s, size_t column) {
    if (column == ALIVE || !s->tails_len || !s->tails[0].level) return NULL;
    return s->truth->domain.dim == 2
               ? "exact along 256 rays from the mean of each component of the model; relative error below 1e-6 for one "
                 "normal, about 1e-3 where modes hide one another, more once less than 1e-6 is left"
               : "exact along 1024 rays from the mean of each component of the model; relative error about 3e-3, more "
                 "once less than 1e-6 is left";
}

/* Mass between two places, from the side on which less lies. */
static double between(const ouro_family *f, const double *theta, double x, double y) {
    double low[2], high[2];
    f->type->tail_mass(f, theta, &(ouro_tail_set){.lower = x, .upper = x}, low);
    f->type->tail_mass(f, theta, &(ouro_tail_set){.lower = y, .upper = y}, high);
    return fmax(0, low[0] < low[1] ? high[0] - low[0] : low[1] - high[1]);
}

static int by_rays(const ouro_setting *s, const ouro_observation *o, const ouro_tail_set *a, ouro_arena *tmp,
                   double *out) {
    const ouro_nodes *nodes = s->nodes;
    ouro_gaussians model;
    int ret = OURO_OK;
    if (!nodes) OURO_TRY(ouro_nodes_prepare(s, tmp, &nodes));
    OURO_TRY(s->model->type->gaussians(s->model, o->theta, tmp, &model));
    ouro_level_mass(&model, &nodes->truth.regular, &nodes->rays, 1, &a->log_level, tmp, out);
out:
    return ret;
}

static double mass_on(const ouro_setting *s, const ouro_observation *o, const ouro_tail_set *a) {
    double side[2], sum = NAN;
    if (a->level) {
        ouro_arena own = {0}, *tmp = o->tmp ? o->tmp : &own;
        const ouro_arena_mark mark = ouro_arena_here(tmp);
        if (by_rays(s, o, a, tmp, &sum)) sum = NAN;
        ouro_arena_reset(tmp, mark);
        if (!o->tmp) ouro_arena_free(&own);
        return sum;
    }
    sum = s->model->type->tail_mass(s->model, o->theta, a, side);
    for (size_t i = 1; i + 1 < a->ends; i += 2) sum += between(s->model, o->theta, a->end[i], a->end[i + 1]);
    return sum;
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    const ouro_tail_set *a = &s->tails[tail];
    if (wanted >> ALIVE & 1) {
        size_t alive = 0, all = 0;
        for (size_t i = 0; i < s->model->domain.categories; i++) {
            all += a->member[i];
            alive += a->member[i] && o->moments->mean[i] > 0;
        }
        out[ALIVE] = (double)alive / (double)all;
    }
    out[MASS] = o->theta ? mass_on(s, o, a) : a->attained;
    out[RATIO] = out[MASS] / a->attained;
}

static int prepare(const ouro_setting *s, unsigned wanted, ouro_arena *keep, const ouro_nodes **out) {
    (void)wanted;
    return ouro_nodes_prepare(s, keep, out);
}

const ouro_measure_type ouro_measure_tails = {
    .name = "tails",
    .doc = "Tail mass, for every alpha of observe.tails. Parametric truths on the line: outside the central 1 - alpha, "
           "of mixtures where the density is lowest; observations likewise, by their quantiles; categories: the rarest "
           "whole probability levels up to alpha.",
    .reference = "Shumailov et al. 2024: the tails disappear first",
    .methods =
        "on the line by distribution functions; in several dimensions, where the set is {x : p_0(x) < c}, exactly "
        "along 256 rays (two dimensions) or 1024 from the mean of each component of the model.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .slow = 1,
    .compares = OURO_ALL_COLUMNS,
    .per_tail = 1,
    .needs_moments = 1,
    .missing = missing,
    .method = method,
    .prepare = prepare,
    .measure = measure,
};
