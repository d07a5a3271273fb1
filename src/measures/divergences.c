/* divergences.c: distances between truth and model: closed forms of the family where both are of it, else sums over
 * deterministic nodes (panels.h, nodes.h). A pair on the line costs about 5 us, one of mixtures in several dimensions
 * 50 us to a few milliseconds: 4096 nodes for each component. */
#include "ouro/measure.h"
#include "ouro/nef.h"
#include "ouro/natural.h"
#include "pair.h"
#include <math.h>

enum { KL_TRUTH_MODEL, KL_MODEL_TRUTH, HELLINGER, TV, W2, JS, W2_SQ, COLUMNS };

static const ouro_column_type columns[] = {
    {"kl_truth_model", "nats", "KL(P_0 || P_t) = E_0 log(p_0 / p_t)",
     "Penalises what the model has forgotten; inf once it gives no mass to something real."},
    {"kl_model_truth", "nats", "KL(P_t || P_0) = E_t log(p_t / p_0)", "Penalises what the model invents."},
    {"hellinger", "", "sqrt(1 - integral sqrt(p_0 p_t))", "Hellinger distance, from 0 (equal) to 1 (disjoint)."},
    {"tv", "", "integral |p_0 - p_t| / 2", "Total variation distance, from 0 (equal) to 1 (disjoint)."},
    {"w2", "unit of the data", "sqrt(inf E |X - Y|^2) over couplings of P_0 and P_t", "2-Wasserstein distance."},
    {"js", "nats", "KL(P_0 || M) / 2 + KL(P_t || M) / 2, M = (P_0 + P_t) / 2",
     "Jensen-Shannon divergence, from 0 (equal) to log 2 (disjoint): finite whatever the model has lost or invented."},
    {"w2_sq", "unit of the data squared", "inf E |X - Y|^2 over couplings of P_0 and P_t",
     "Square of w2, whose mean is a risk: it adds up over generations while it is small."},
};
/* Of each column but js, which no family has. */
static const ouro_divergence kinds[COLUMNS] = {OURO_KL, OURO_KL, OURO_HELLINGER, OURO_TV, OURO_W2, 0, OURO_W2};

/* Whether the natural form has to stand in for a closed form of the family's own. */
static int generic(const ouro_family_type *f, ouro_divergence kind) {
    return f->natural && (kind == OURO_KL || kind == OURO_HELLINGER) && (!f->divergence || f->divergence_missing[kind]);
}

static const char *closed_missing(const ouro_setting *s, size_t column) {
    const ouro_family_type *f = s->model->type;
    if (column == JS) return "it has no closed form";
    int stands_in = generic(f, kinds[column]);
    if (!stands_in && f->divergence_missing[kinds[column]]) return f->divergence_missing[kinds[column]];
    if (kinds[column] == OURO_W2 && !s->truth->family.type && f->w2_observed) return NULL;
    if (!s->truth->family.type)
        return f->w2_observed ? "observed numbers have no density to compare with; ask for w2, moments or tails"
                              : "observed numbers have no density to compare with; ask for moments or tails";
    if ((s->truth->family.type != f && s->truth->family.type != f->within) || !(f->divergence || stands_in))
        return "there is no closed form between the two families";
    if (s->truth->family.type == f && !ouro_family_holds(s->model, &s->truth->family))
        return "truth and model know different parameters"; /* a wider family has them all in theta */
    return NULL;
}

static double between(const ouro_family *f, ouro_divergence kind, const double *a, const double *b, ouro_arena *tmp) {
    if (kind == OURO_KL) return ouro_kl(f, a, b, tmp);
    return generic(f->type, kind) ? ouro_natural_hellinger(f, a, b, tmp) : f->type->divergence(f, kind, a, b);
}

static const char *missing(const ouro_setting *s, size_t column) {
    const char *reason = closed_missing(s, column);
    if (!reason || (kinds[column] != OURO_W2 && ouro_pair_of(s))) return NULL;
    return column == JS ? ouro_pair_missing(s) : reason;
}

static const char *method(const ouro_setting *s, size_t column) {
    const ouro_nef *nef = s->model->type->nef;
    if (closed_missing(s, column)) return ouro_pair_method(s, column == TV);
    if (kinds[column] == OURO_W2 && nef && nef->lattice)
        return "quantiles coupled with quantiles on the lattice, rounding only; beyond 2^18 points the larger of two "
               "lower bounds, which laws of nearly the same shape attain";
    return NULL;
}

/* Beside closed forms, only what costs as little as they do; and w2 once. */
static int usual(const ouro_setting *s, size_t column) {
    if (column == W2_SQ) return 0;
    if (closed_missing(s, KL_TRUTH_MODEL)) return 1;
    if (column != JS) return !closed_missing(s, column);
    const ouro_pair kind = ouro_pair_of(s);
    return kind != OURO_SPACE_PAIR && (kind != OURO_LINE_PAIR || s->model->type->gaussians);
}

static double closed_form(const ouro_setting *s, const ouro_observation *o, size_t column) {
    const ouro_family *f = s->model;
    const ouro_truth *t = s->truth;
    if (!t->family.type)
        return f->type->w2_observed(f, o->theta, t->moments.mean[0], t->moments.trace, t->normal_coupling);
    if (column == KL_MODEL_TRUTH) return between(f, kinds[column], o->theta, t->theta, o->tmp);
    return between(f, kinds[column], t->theta, o->theta, o->tmp);
}

static double of_contrast(const ouro_contrast *c, size_t column) {
    switch (column) {
    case KL_TRUTH_MODEL: return c->kl[0];
    case KL_MODEL_TRUTH: return c->kl[1];
    case HELLINGER: return sqrt(c->hellinger);
    case TV: return c->tv;
    default: return c->js;
    }
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail;
    ouro_contrast c;
    int have = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (!(wanted >> i & 1)) continue;
        if (!o->theta) {
            out[i] = 0;
        } else if (!closed_missing(s, i)) {
            out[i] = closed_form(s, o, i);
            if (i == W2_SQ) out[i] *= out[i];
        } else {
            if (!have) c = ouro_pair_contrast(s, o, wanted >> TV & 1 && closed_missing(s, TV));
            have = 1;
            out[i] = of_contrast(&c, i);
        }
    }
}

/* Closed forms need none: in 20 dimensions a set of nodes costs as much as a hundred fits. */
static int prepare(const ouro_setting *s, unsigned wanted, ouro_arena *keep, const ouro_nodes **out) {
    int ret = OURO_OK;
    for (size_t i = 0; i < COLUMNS && !*out && !ret; i++)
        if (wanted >> i & 1 && closed_missing(s, i)) ret = ouro_nodes_prepare(s, keep, out);
    return ret;
}

const ouro_measure_type ouro_measure_divergences = {
    .name = "divergences",
    .doc = "Distances between truth and model, js being the one to read first: closed forms within a family, elsewhere "
           "sums over deterministic nodes, so that a trajectory is smooth. Against observed numbers only w2 exists, "
           "since an empirical distribution has no density.",
    .reference = "Villani 2003 for w2; Lin 1991 for js",
    .methods =
        "closed forms within a family where there are any, else sums over the same nodes in every run. On the "
        "line: Gauss-Legendre panels, error below 1e-9. Two dimensions: a grid of 64^2 or 128^2 points per "
        "component of both laws, 1e-9 for like widths. More: 4096 points per component, 2e-3 to 1e-2 of the value. "
        "The manifest says which it was.",
    .len = COLUMNS,
    .columns = columns,
    .compares = OURO_ALL_COLUMNS,
    .needs_moments = 1,
    .missing = missing,
    .method = method,
    .usual = usual,
    .prepare = prepare,
    .measure = measure,
};
