/* mean.c: the exact mean of a fitted mean, under any policy, for families whose fit matches the mean.
 *
 * Such a fit is linear in its points: m_t = sum_b w_b n_b mean_b / W, a conjugate prior adding nu points of mean m* to it.
 * Real points have the truth's mean, points of model s the expectation E m_s, and a uniform subset that of its pool. Without
 * a prior, or with one at the truth, E m_t stays where it was: a martingale (Jangjoo et al. 2025). A prior elsewhere pulls:
 * under replace E m_t = m* + (1 - a)^t (m_0 - m*), a = nu / (n + nu). Where the truth drifts, real points have the mean of
 * the generation they were collected in: with a share a of fresh ones and a step delta the model lags delta (1 - a) / a behind.
 * Cost: that of a walk of the policy.                                                                           */
#include "path.h"
#include <math.h>
#include <string.h>

typedef struct state {
    ouro_ledger ledger;
    ouro_order order;
    ouro_mix mix;
    size_t cap;
    double *expected;   /* [cap] by ledger index: mean of a batch's points */
    double kept;        /* E m of the checkpoint */
    double nu, centre;  /* pseudo-points and their mean; NaN until it is known */
    double truth;       /* as given; sums are taken relative to it */
    uint32_t collected; /* generation of the youngest real points */
} state;

static int reserve(state *s, size_t len) {
    if (len <= s->cap) return OURO_OK;
    size_t cap = 2 * len + 8;
    double *grown = ouro_realloc(s->expected, cap, sizeof *grown);
    if (!grown) return OURO_ENOMEM;
    s->expected = grown;
    s->cap = cap;
    return OURO_OK;
}

static void drop(void *owner, size_t i) {
    state *s = owner;
    memmove(s->expected + i, s->expected + i + 1, (s->ledger.len - 1 - i) * sizeof *s->expected);
    ouro_ledger_drop(&s->ledger, i);
}

static void fold(void *owner, size_t into, size_t from) {
    state *s = owner;
    double a = (double)s->ledger.batch[into].n, b = (double)s->ledger.batch[from].n;
    s->expected[into] += (s->expected[from] - s->expected[into]) * (b / (a + b));
    memmove(s->expected + from, s->expected + from + 1, (s->ledger.len - 1 - from) * sizeof *s->expected);
    ouro_ledger_fold(&s->ledger, into, from);
}

/* One generation; *m is E m_{t-1} before and E m_t after. */
static int step(state *s, const ouro_policy *p, const ouro_path_of_truth *path, double *m) {
    int ret = OURO_OK;
    const double truth = s->truth;
    if (s->ledger.generation)
        ouro_policy_retire(p, &s->ledger,
                           &(ouro_retention){.owner = s, .drop = drop, .fold = fold, .folds = 1, .splits = 1});
    if (++s->ledger.generation == p->rollback.at) *m = s->kept;
    ouro_policy_order(p, &s->ledger, &s->order);
    for (size_t i = 0; i < s->order.len; i++) {
        OURO_TRY(ouro_ledger_add(&s->ledger, &s->order.item[i]));
        OURO_TRY(reserve(s, s->ledger.len));
        const int real = s->order.item[i].role != OURO_SYNTHETIC;
        s->expected[s->ledger.len - 1] = real ? path->mean[s->ledger.generation] : *m;
        if (real) s->collected = s->ledger.generation;
    }
    OURO_TRY(ouro_policy_compose(p, &s->ledger, NULL, &s->mix));
    double nu = isnan(s->centre) ? 0 : s->nu, W = nu, sum = nu > 0 ? nu * (s->centre - truth) : 0;
    for (size_t i = 0; i < s->mix.len; i++) {
        const ouro_term *t = &s->mix.term[i];
        W += t->weight * (double)t->take;
        sum += t->weight * (double)t->take * (s->expected[t->batch] - truth);
    }
    *m = truth + sum / W;
    if (s->ledger.generation == ouro_policy_checkpoint(p)) s->kept = *m;
    if (isnan(s->centre)) s->centre = *m; /* a prior at the fit on real data */
out:
    return ret;
}

static int predict(const ouro_setting *g, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const char *column = claim->column;
    (void)tail;
    const ouro_family *f = g->model;
    const ouro_estimator_type *type = g->estimator;
    const ouro_prior *prior = type->prior ? type->prior(g->estimator_params) : NULL;
    int plain = !strcmp(type->name, "mle") || !strcmp(type->name, "unbiased"), ret = OURO_OK;
    if (f->inexact || !f->type->matches_mean || g->truth->mean_len != 1 || f->mean_len != 1) return OURO_EUNDEFINED;
    if (!plain && (!prior || type->penalises || !type->linear(g->estimator_params))) return OURO_EUNDEFINED;
    if (prior && g->policy->budget != OURO_UNSET) return OURO_EUNDEFINED;
    if (g->policy->synthetic.temperature != 1 && !f->type->variance_scales) return OURO_EUNDEFINED;
    const int error = !strcmp(column, "mean_error");
    ouro_path_of_truth path;
    double m = g->truth->moments.mean[0];
    state s = {.nu = prior ? prior->strength : 0, .centre = NAN, .truth = m};
    OURO_TRY(ouro_path_of_truth_make(g, tmp, &path));
    if (prior && g->centre) {
        ouro_moments at = {.mean = ouro_arena_alloc(tmp, f->mean_len, sizeof(double))};
        if (!at.mean) return OURO_ENOMEM;
        f->type->moments(f, g->centre, &at);
        s.centre = at.mean[0];
    }
    for (uint32_t i = 0; i < g->generations; i++) {
        OURO_TRY(step(&s, g->policy, &path, &m));
        out[i] = m - (error ? path.mean[ouro_path_reference(g, i + 1, s.collected)] : 0);
    }
out:
    ouro_ledger_free(&s.ledger);
    ouro_mix_free(&s.mix);
    ouro_free(s.expected);
    return ret;
}

static const ouro_claim claims[] = {
    {"mean", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"mean_error", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_mean = {
    .name = "mean",
    .doc =
        "Mean of the model's mean under any policy, where the fit matches the mean: a martingale, unless a prior sits "
        "elsewhere and pulls, or the truth drifts and real points carry the mean of their day. Exact for every n.",
    .source = "linear recursion of the fitted mean",
    .knows = OURO_KNOWS_TEMPERATURE | OURO_KNOWS_DRIFT,
    .claims = claims,
    .predict = predict,
};
