/* second_moments.c: the exact means of drift and variance under any policy, from the covariances between batches. */
#include "covariances.h"
#include "ouro/nef.h"
#include <math.h>
#include <string.h>

static int weights_differ(const ouro_policy *p) {
    return !isnan(p->weights.real_share) || p->weights.real != p->weights.synthetic;
}

/* Cov(mu_t) = D V_0 for the mean of t(x) where the variance function of t is quadratic, so that fisher_drift is D
 * times the rank of V_0: 1, also for laws of x with an exponential phi(x), or the live categories less one. 0: not
 * so. */
static double rank_of_fisher(const ouro_truth *t, const ouro_family *f) {
    double alive = -1;
    if (!f->type->natural || !ouro_family_same_law(&t->family, f)) return 0;
    if (f->type->nef) return 1;
    if (f->domain.kind != OURO_CATEGORIES || !t->theta) return 0;
    for (size_t i = 0; i < f->domain.categories; i++) alive += t->theta[i] > 0;
    return alive;
}

/* Whether the recursion is about such a setting at all. */
static int applies(const ouro_setting *g, const ouro_prior *prior) {
    const ouro_policy *p = g->policy;
    const ouro_family_type *f = g->model->type;
    const int plain = !strcmp(g->estimator->name, "mle") || !strcmp(g->estimator->name, "unbiased");
    /* V(m) must be the truth's own */
    if (f->quadratic_variance && !ouro_family_same_law(&g->truth->family, g->model)) return 0;
    if (g->model->inexact || (!prior && !plain)) return 0;
    if (prior &&
        (prior->centre != OURO_AT_TRUTH || p->budget != OURO_UNSET || !g->estimator->linear(g->estimator_params)))
        return 0;
    if (p->budget != OURO_UNSET && weights_differ(p)) return 0;
    return p->synthetic.temperature == 1 || f->variance_scales;
}

/* Of the fitted mean, or of its distance from the truth that a column compares with. */
static double variance_of_mean(const ouro_covariances *s, int place, int error) {
    const ouro_model_moments *m = &s->now;
    if (!error || place < 0) return m->D - m->m * m->m;
    const double gap = m->m - s->tau[place];
    return m->D - 2 * m->M[place] + s->T[place][place] - gap * gap;
}

typedef struct question {
    const ouro_setting *g;
    const ouro_claim *claim;
    double rank, dim;
} question;

static double answer(const question *q, const ouro_covariances *s) {
    const ouro_setting *g = q->g;
    const char *column = q->claim->column;
    const double unit = s->path->variance[ouro_path_reference(g, s->ledger.generation, s->collected)];
    const int place = g->against == OURO_AT_START    ? -1
                      : g->against == OURO_AT_ANCHOR ? OURO_PLACE_ANCHOR
                                                     : OURO_PLACE_NOW;
    const double apart = place < 0 ? 0 : s->T[place][place] - 2 * s->now.M[place];
    if (q->claim->statistic == OURO_STATISTIC_VARIANCE)
        return variance_of_mean(s, place, !strcmp(column, "mean_error")) * s->unit;
    /* the column counts every dimension's drift in units of the mean variance */
    if (!strcmp(column, "drift_sq")) return (s->now.D + apart) * q->dim / unit;
    if (q->rank > 0) return s->now.D * q->rank;
    return s->now.e * (!strcmp(column, "heterozygosity") ? g->truth->moments.trace : 1 / unit);
}

static int predict(const ouro_setting *g, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    (void)tail;
    const ouro_truth *t = g->truth;
    const ouro_family_type *f = g->model->type;
    const ouro_prior *prior = g->estimator->prior ? g->estimator->prior(g->estimator_params) : NULL;
    const int fisher = !strcmp(claim->column, "fisher_drift");
    const double rank = fisher ? rank_of_fisher(t, g->model) : 0;
    question q = {g, claim, rank, t->domain.kind == OURO_NUMBERS ? (double)t->domain.dim : 1};
    ouro_path_of_truth path;
    int ret = OURO_OK;
    if (!applies(g, prior) || (fisher && !(rank > 0))) return OURO_EUNDEFINED;
    if (!(f->matches_second_moments || f->quadratic_variance || f->spread || rank > 0)) return OURO_EUNDEFINED;
    if (claim->statistic == OURO_STATISTIC_VARIANCE && (!f->matches_mean || t->mean_len != 1)) return OURO_EUNDEFINED;
    if (g->drift && (t->mean_len != 1 || q.dim != 1 || !f->matches_second_moments || rank > 0 || f->spread))
        return OURO_EUNDEFINED;
    if ((ret = ouro_path_of_truth_make(g, tmp, &path)) != OURO_OK) return ret;
    if (path.variance_walks) return OURO_EUNDEFINED;
    ouro_covariances s = {.policy = g->policy,
                          .model = g->model,
                          .path = &path,
                          .unit = t->moments.trace,
                          .nu = prior ? prior->strength : 0,
                          .temperature = g->policy->synthetic.temperature,
                          .pair_of_real = ouro_truth_is_data(t) ? -1 / ((double)t->rows - 1) : 0,
                          .v2 = f->nef && rank > 0      ? f->nef->v2(g->model->known)
                                : f->quadratic_variance ? f->quadratic_variance(g->model)
                                                        : NAN,
                          .unbiased = !strcmp(g->estimator->name, "unbiased")};
    for (uint32_t i = 0; i < g->generations && !ret; i++) {
        ret = ouro_covariances_step(&s);
        if (!ret) out[i] = answer(&q, &s);
    }
    ouro_covariances_free(&s);
    return ret;
}

static const ouro_claim claims[] = {
    {"drift_sq", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"variance_ratio", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"heterozygosity", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"fisher_drift", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"mean", OURO_STATISTIC_VARIANCE, OURO_STANDING_EXACT},
    {"mean_error", OURO_STATISTIC_VARIANCE, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_second_moments = {
    .name = "second_moments",
    .doc = "Means of drift_sq, variance_ratio, heterozygosity and fisher_drift, and the variance of the fitted mean, "
           "under any policy "
           "with mle (or unbiased) on families that match second moments or are kernel density estimates, by "
           "propagating the "
           "covariances of batches. Exact for every n.",
    .source = "covariance recursion",
    .knows = OURO_KNOWS_TEMPERATURE | OURO_KNOWS_DRIFT,
    .claims = claims,
    .predict = predict,
};
