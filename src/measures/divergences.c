/* divergences.c: distances between truth and model, closed forms of the family where both are of it. */
#include "ouro/measure.h"
#include "ouro/natural.h"
#include <math.h>

enum { KL_TRUTH_MODEL, KL_MODEL_TRUTH, HELLINGER, TV, W2 };

static const ouro_column_type columns[] = {
    {"kl_truth_model", "nats", "KL(P_0 || P_t) = E_0 log(p_0 / p_t)",
     "Penalises what the model has forgotten; inf once it gives no mass to something real."},
    {"kl_model_truth", "nats", "KL(P_t || P_0) = E_t log(p_t / p_0)", "Penalises what the model invents."},
    {"hellinger", "", "sqrt(1 - integral sqrt(p_0 p_t))", "Hellinger distance, from 0 (equal) to 1 (disjoint)."},
    {"tv", "", "integral |p_0 - p_t| / 2", "Total variation distance, from 0 (equal) to 1 (disjoint)."},
    {"w2", "unit of the data", "sqrt(inf E |X - Y|^2) over couplings of P_0 and P_t", "2-Wasserstein distance."},
};
static const ouro_divergence kinds[] = {OURO_KL, OURO_KL, OURO_HELLINGER, OURO_TV, OURO_W2};

/* Whether the natural form has to stand in for a closed form of the family's own. */
static int generic(const ouro_family_type *f, ouro_divergence kind) {
    return f->natural && (kind == OURO_KL || kind == OURO_HELLINGER) && (!f->divergence || f->divergence_missing[kind]);
}

static const char *missing(const ouro_setting *s, size_t column) {
    const ouro_family_type *f = s->model->type;
    int stands_in = generic(f, kinds[column]);
    if (!stands_in && f->divergence_missing[kinds[column]]) return f->divergence_missing[kinds[column]];
    if (column == W2 && !s->truth->family.type && f->w2_observed) return NULL;
    if (!s->truth->family.type)
        return f->w2_observed ? "observed numbers have no density to compare with; ask for w2, moments or tails"
                              : "observed numbers have no density to compare with; ask for moments or tails";
    if ((s->truth->family.type != f && s->truth->family.type != f->within) || !(f->divergence || stands_in))
        return "there is no closed form between the two families";
    for (int i = 0; i < OURO_KNOWN; i++)
        if (s->truth->family.known[i] != s->model->known[i]) return "truth and model know different parameters";
    return NULL;
}

static double between(const ouro_family *f, ouro_divergence kind, const double *a, const double *b, ouro_arena *tmp) {
    if (!generic(f->type, kind)) return f->type->divergence(f, kind, a, b);
    return kind == OURO_KL ? ouro_natural_kl(f, a, b, tmp) : ouro_natural_hellinger(f, a, b, tmp);
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail;
    const ouro_family *f = s->model;
    const ouro_truth *t = s->truth;
    for (size_t i = 0; wanted >> i; i++) {
        if (!(wanted >> i & 1)) continue;
        if (!o->theta)
            out[i] = 0;
        else if (!t->family.type)
            out[i] = f->type->w2_observed(f, o->theta, t->moments.mean[0], t->moments.trace, t->normal_coupling);
        else if (i == KL_MODEL_TRUTH)
            out[i] = between(f, kinds[i], o->theta, t->theta, o->tmp);
        else
            out[i] = between(f, kinds[i], t->theta, o->theta, o->tmp);
    }
}

const ouro_measure_type ouro_measure_divergences = {
    .name = "divergences",
    .doc = "Distances between truth and model. Against observed numbers only w2 exists, since an empirical "
           "distribution has "
           "no density.",
    .reference = "Villani 2003 for w2",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .missing = missing,
    .measure = measure,
};
