/* scores.c: what the loop believes about itself against what is true: mean negative log likelihoods of one model, judged
 * by the truth, by the rows that it was fitted on, and by its own samples.
 *
 * Under replace with maximum likelihood the second improves for ever while the first gets worse: a benchmark made of
 * what the loop produces measures how narrow the model has become. Where points of the truth must be drawn, they are
 * drawn once per replicate, at an address of generation 0, so that every generation is scored on the same ones and
 * differences between generations carry no noise of the test set. A generation costs what KL does, O(n) densities where
 * rows are judged, 500 densities where points are drawn. */
#include "ouro/measure.h"
#include "ouro/natural.h"
#include "ouro/nef.h"
#include "pair.h"
#include <math.h>

enum { NLL_REAL, NLL_SELF, NLL_OWN, GAP, OPTIMISM_ANCHOR, PERPLEXITY_REAL, COLUMNS };
enum { POINTS = 500, SLOT = 1, SLOT_OWN = 2 };

static const ouro_column_type columns[] = {
    {"nll_real", "nats", "E_0[-log p_t(Y)]",
     "Mean negative log likelihood of real points that the loop does not reuse; inf where the model gives one of them "
     "no density. Against observations: those that the replicate has not drawn yet (empty once none is left or the "
     "reserve was put back), or all of them where the first fit takes all."},
    {"nll_self", "nats", "-sum_i w_i log p_t(x_i) / sum_i w_i over what fit t saw",
     "In-sample score: the model judged by the rows that it was fitted on, weighted as in the fit; -inf once absorbed. "
     "All that a loop can say of itself that has nothing but its own data."},
    {"nll_own", "nats", "E_t[-log p_t(X)]",
     "Closed-loop benchmark: expected score of the model on fresh samples of its own, its entropy. Equals nll_self for "
     "maximum likelihood wherever the sufficient statistic fixes the likelihood of its points."},
    {"gap", "nats", "nll_real - nll_self",
     "How much the loop overrates itself: fresh points against the training rows, the optimism of reusing them."},
    {"optimism_anchor", "nats", "nll_real + sum_i w_i log p_t(x_i) / sum_i w_i over the anchors that fit t saw",
     "How much an evaluation on the anchor points that the fit has used flatters, against fresh ones; empty in fits "
     "without anchors."},
    {"perplexity_real", "categories", "exp(nll_real)",
     "Perplexity on the truth: how many equally likely categories the model is as unsure as."},
};

/* How E_0[-log p_t] comes about. */
typedef enum basis { BY_NOTHING, BY_CLOSED_FORM, BY_NODES, BY_DRAWS, BY_HELD_OUT, BY_OBSERVED } basis;

static int scores_rows(const ouro_family *f) {
    return f->type->log_densities || (f->type->log_density && f->domain.dim == 1);
}

/* The divergence and the truth's entropy both known. */
static int has_closed_form(const ouro_setting *s) {
    const ouro_family *truth = &s->truth->family, *f = s->model;
    if (truth->type != f->type && truth->type != f->type->within) return 0;
    for (int i = 0; i < OURO_KNOWN; i++)
        if (truth->known[i] != f->known[i]) return 0;
    return ouro_has_kl(f->type) && truth->type->entropy != NULL;
}

static basis basis_of(const ouro_setting *s) {
    const ouro_truth *t = s->truth;
    if (ouro_truth_is_data(t)) {
        if (!s->model->type->likelihood_in_statistic && !scores_rows(s->model)) return BY_NOTHING;
        return s->policy->initial < t->rows ? BY_HELD_OUT : BY_OBSERVED;
    }
    if (has_closed_form(s)) return BY_CLOSED_FORM;
    if (ouro_pair_of(s) && ouro_pair_of(s) != OURO_CATEGORY_PAIR) return BY_NODES;
    return scores_rows(s->model) ? BY_DRAWS : BY_NOTHING;
}

static const char *missing(const ouro_setting *s, size_t column) {
    static const char *const none = "the model has no closed form for its density";
    const ouro_family_type *f = s->model->type;
    if (s->truth->domain.covariates) return "it is for points, and the truth draws responses to covariates";
    if (s->model->domain.pairs)
        return "it is for independent points, and a text is a chain; ask for perplexity, of the measure text";
    if (column == PERPLEXITY_REAL && s->model->domain.kind != OURO_CATEGORIES)
        return "perplexity counts categories, and the model draws numbers; ask for nll_real";
    if (column == OPTIMISM_ANCHOR && !s->policy->anchor.points)
        return "no anchors are injected; set policy.anchor.points";
    if (column == NLL_OWN) return f->entropy || scores_rows(s->model) ? NULL : none;
    if (column != NLL_SELF && !basis_of(s)) return none;
    if (column == NLL_REAL || column == PERPLEXITY_REAL || f->likelihood_in_statistic) return NULL;
    if (!scores_rows(s->model)) return none;
    return s->rows ? NULL
                   : "the sufficient statistic does not fix the likelihood of the points behind it; set run.path to "
                     "\"samples\"";
}

/* Of whole numbers whose entropy has no closed form. */
static const char *summed_entropy(const ouro_family *f) {
    const ouro_nef *nef = f->type->nef;
    return nef && nef->lattice && !nef->entropy
               ? "closed form but for the entropy, a sum over the lattice; absolute error below 1e-11"
               : NULL;
}

static const char *method_real(const ouro_setting *s) {
    switch (basis_of(s)) {
    case BY_CLOSED_FORM: return summed_entropy(&s->truth->family);
    case BY_NODES: return ouro_pair_method(s, 0);
    case BY_DRAWS:
        return "mean over 500 points of the truth, the same ones in every generation of a replicate; standard error "
               "sd(log p_t) / sqrt(500) for each replicate";
    case BY_HELD_OUT:
        return "mean over the observations that the replicate has not drawn by then; as held-out scores vary, by "
               "sd(log p_t) / sqrt(their number)";
    case BY_OBSERVED: return "mean over all observations, which the first fit has seen: no error of its own";
    case BY_NOTHING: break;
    }
    return NULL;
}

static const char *method(const ouro_setting *s, size_t column) {
    const ouro_family_type *f = s->model->type;
    const char *real = method_real(s);
    if (column == NLL_REAL || column == PERPLEXITY_REAL) return real;
    if (column == NLL_OWN)
        return f->entropy ? summed_entropy(s->model)
                          : "mean over 500 points drawn from the model, others in each generation; standard error "
                            "sd(log p_t) / sqrt(500)";
    if (real && column != NLL_SELF) return real;
    return f->likelihood_in_statistic ? NULL : "mean over the rows themselves; rounding only";
}

/* Mean of -log p over rows, weighted; where the density has no value the model has shrunk beyond the formula's scales. */
static int surprise_of_rows(const ouro_family *f, const ouro_judged *by, ouro_arena *tmp, double *out) {
    const size_t d = f->domain.dim;
    double sum = 0, weight = 0;
    for (size_t k = 0; k < by->len; k++) {
        const ouro_points *set = &by->set[k];
        const ouro_arena_mark mark = ouro_arena_here(tmp);
        double *x = ouro_arena_alloc(tmp, set->n * d, sizeof *x);
        double *value = ouro_arena_alloc(tmp, set->n, sizeof *value);
        if (!x || !value) return OURO_ENOMEM;
        for (size_t i = 0; i < set->n * d; i++) x[i] = set->x[i] + (set->shift ? set->shift[i % d] : 0);
        if (ouro_log_densities(f, by->theta, tmp, set->n, x, value)) return OURO_ENOMEM;
        for (size_t i = 0; i < set->n && sum < INFINITY; i++)
            sum = value[i] > -INFINITY ? sum - set->weight * value[i] : INFINITY;
        weight += set->weight * (double)set->n;
        ouro_arena_reset(tmp, mark);
    }
    *out = sum / weight;
    return OURO_OK;
}

/* By points that the corpus hands out; NaN where there are none. */
static double judged(const ouro_setting *s, const ouro_observation *o, ouro_judging which) {
    const ouro_arena_mark mark = ouro_arena_here(o->tmp);
    ouro_judged by = {0};
    double value = NAN;
    int bad = o->points ? o->points(o->owner, which, &by) : 0;
    if (!bad && by.T)
        value = ouro_mean_surprise(s->model, by.T, by.theta, o->tmp);
    else if (!bad && by.len)
        bad = surprise_of_rows(s->model, &by, o->tmp, &value);
    if (bad && o->failed) *o->failed = OURO_ENOMEM;
    ouro_arena_reset(o->tmp, mark);
    return value;
}

/* By points drawn from a law at an address. */
static double by_draws(const ouro_family *from, const double *theta, const ouro_address *at, const ouro_setting *s,
                       const ouro_observation *o) {
    const ouro_arena_mark mark = ouro_arena_here(o->tmp);
    double *x = ouro_arena_alloc(o->tmp, POINTS * s->model->domain.dim, sizeof *x), value = NAN;
    const ouro_points set = {.n = POINTS, .x = x, .weight = 1};
    const ouro_judged by = {.len = 1, .set = &set, .theta = o->theta};
    ouro_stream stream;
    ouro_stream_open(&stream, at);
    int bad = !x || from->type->sample(from, theta, &stream, o->tmp, POINTS, x);
    if (!bad) bad = surprise_of_rows(s->model, &by, o->tmp, &value);
    if (bad && o->failed) *o->failed = OURO_ENOMEM;
    ouro_arena_reset(o->tmp, mark);
    return value;
}

static double real_score(const ouro_setting *s, const ouro_observation *o) {
    const ouro_family *truth = &s->truth->family;
    ouro_address address = *o->address;
    switch (basis_of(s)) {
    case BY_CLOSED_FORM:
        return truth->type->entropy(truth, s->truth->theta) + ouro_kl(s->model, s->truth->theta, o->theta, o->tmp);
    case BY_NODES: return ouro_pair_cross_entropy(s, o);
    case BY_DRAWS:
        address.generation = 0;
        address.slot = SLOT;
        return by_draws(truth, s->truth->theta, &address, s, o);
    case BY_HELD_OUT: return judged(s, o, OURO_BY_HELD_OUT);
    case BY_OBSERVED: return judged(s, o, OURO_BY_OBSERVED);
    case BY_NOTHING: break;
    }
    return NAN;
}

/* Of what the fit saw. A model of numbers that is absorbed has shrunk onto those points: its density there is infinite. */
static double self_score(const ouro_setting *s, const ouro_observation *o) {
    const ouro_domain *d = &s->model->domain;
    const int point = o->fit && o->fit->absorbed && d->kind == OURO_NUMBERS && !d->lattice;
    return point ? -INFINITY : judged(s, o, OURO_BY_FITTED);
}

static double own_score(const ouro_setting *s, const ouro_observation *o) {
    ouro_address address = *o->address;
    if (s->model->type->entropy) return s->model->type->entropy(s->model, o->theta);
    address.slot = SLOT_OWN;
    return by_draws(s->model, o->theta, &address, s, o);
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    const ouro_family *truth = &s->truth->family;
    const unsigned with_real = 1U << NLL_REAL | 1U << GAP | 1U << OPTIMISM_ANCHOR | 1U << PERPLEXITY_REAL,
                   with_self = 1U << NLL_SELF | 1U << GAP;
    (void)tail;
    for (size_t i = 0; i < COLUMNS; i++) out[i] = NAN;
    if (!o->theta) { /* the truth has the score that no model beats: its entropy */
        if (s->truth->theta && truth->type->entropy) out[NLL_REAL] = truth->type->entropy(truth, s->truth->theta);
        out[NLL_OWN] = out[NLL_REAL];
        out[PERPLEXITY_REAL] = exp(out[NLL_REAL]);
        return;
    }
    if (!o->address || !o->tmp) return;
    if (wanted & with_real) out[NLL_REAL] = real_score(s, o);
    if (wanted & with_self) out[NLL_SELF] = self_score(s, o);
    if (wanted >> NLL_OWN & 1) out[NLL_OWN] = own_score(s, o);
    out[GAP] = out[NLL_SELF] == -INFINITY ? INFINITY : out[NLL_REAL] - out[NLL_SELF];
    if (wanted >> OPTIMISM_ANCHOR & 1) out[OPTIMISM_ANCHOR] = out[NLL_REAL] - judged(s, o, OURO_BY_ANCHORS);
    out[PERPLEXITY_REAL] = exp(out[NLL_REAL]);
}

static int prepare(const ouro_setting *s, unsigned wanted, ouro_arena *keep, const ouro_nodes **out) {
    (void)wanted;
    return basis_of(s) == BY_NODES ? ouro_nodes_prepare(s, keep, out) : OURO_OK;
}

const ouro_measure_type ouro_measure_scores = {
    .name = "scores",
    .doc = "What the loop believes about itself against what is true: negative log likelihood by the truth, by the "
           "rows of "
           "the fit, by the model's own samples and by the anchors that it used.",
    .reference =
        "Akaike 1973 and Efron 1986 for the optimism of reused points; Kazdan et al. 2024 for scores of a loop",
    .methods =
        "nll_real: closed form (entropy of the truth plus KL) within a family, the deterministic nodes of divergences "
        "between families, else 500 points of the truth, the same ones in every generation; of observations those not "
        "drawn yet. nll_self and optimism_anchor: from the sufficient statistic where that fixes the likelihood, else "
        "the rows. nll_own: the entropy, else 500 points of the model. The manifest says which for each column.",
    .len = COLUMNS,
    .columns = columns,
    .slow = 1,
    .compares = 1U << NLL_REAL | 1U << GAP | 1U << OPTIMISM_ANCHOR | 1U << PERPLEXITY_REAL,
    .missing = missing,
    .method = method,
    .prepare = prepare,
    .measure = measure,
};
