/* tails.c: the model's mass on the truth's low-density sets. */
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
    if (!s->model->type->tail_mass) return "the family has no closed form for its mass on a tail";
    return s->tails_len ? NULL : "observe.tails is empty";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    const ouro_tail_set *a = &s->tails[tail];
    double side[2];
    if (wanted >> ALIVE & 1) {
        size_t alive = 0, all = 0;
        for (size_t i = 0; i < s->model->domain.categories; i++) {
            all += a->member[i];
            alive += a->member[i] && o->moments->mean[i] > 0;
        }
        out[ALIVE] = (double)alive / (double)all;
    }
    out[MASS] = o->theta ? s->model->type->tail_mass(s->model, o->theta, a, side) : a->attained;
    out[RATIO] = out[MASS] / a->attained;
}

const ouro_measure_type ouro_measure_tails = {
    .name = "tails",
    .doc = "Tail mass, for every alpha of observe.tails. Parametric truths on the line: outside the central 1 - alpha; "
           "observations likewise, by their quantiles; categories: the rarest whole probability levels up to alpha.",
    .reference = "Shumailov et al. 2024: the tails disappear first",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .per_tail = 1,
    .needs_moments = 1,
    .missing = missing,
    .measure = measure,
};
