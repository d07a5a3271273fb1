/* second_moments.c: the exact means of drift and variance under any policy, for fits that match second moments.
 *
 * Units: the truth's variance is 1 and its mean 0; in d dimensions x y is the inner product, and the variance the trace.
 * For a batch b let S_b = E x^2 of one of its points and C_bc = E x y of
 * two different points, one of b and one of c. The mean of a fit on points with weights w is m = sum w x / sum w, so
 *     D = E m^2 = [sum_b w_b^2 (n_b S_b + n_b (n_b - 1) C_bb) + sum_{b != c} w_b w_c n_b n_c C_bc] / W^2,
 *     e = E variance = (sum_b w_b n_b S_b / W - D) * (1 for mle, W / (W - sum w^2 / W) for unbiased).
 * A batch drawn from that model has S = e + D, C_bb = D, and C with every older batch = E m y. Real points have S = 1 and
 * C = 0, or, drawn without replacement from N observations, C = -1/(N - 1) with every point that is not the same one:
 * every synthetic point is in the mean an affine combination of real ones. A uniform subset of k of N points sees each
 * pair equally often: D = S/k + (1 - 1/k) C over the pool's average S and C.
 * A conjugate prior at the truth is nu points whose mean never varies: they add to W and to the second moment alone.
 * A kernel density estimate draws its points with a variance of its own: e is then a e + b, a and b the family's (1 + h^2 or
 * 1, and 0 or d h^2 over the truth's variance). Nothing else changes, since m stays the mean of the points.
 * Families with quadratic variance function V(m) fit the mean alone, and then e = E V(m) / V_0 = 1 + v2 D (Morris 1982);
 * Bernoulli's v2 = -1 gives e = 1 - D again.
 * This one recursion gives replace, accumulate, its subsampled form, windows, injection at any cadence, fixed and stale
 * anchors, weights and growing samples. It uses the policy's own order and mix, and no simulated number.     */
#include "ouro/law.h"
#include "ouro/nef.h"
#include <math.h>
#include <string.h>

typedef struct state {
    ouro_ledger ledger;
    ouro_order order;
    ouro_mix mix;
    size_t cap;
    double *S, *C;      /* [cap], [cap x cap] by ledger index */
    double *G;          /* [cap]: E m y for y of each batch, of the latest model */
    double D, e;        /* of the latest model */
    double nu;          /* pseudo-points at the truth, whose mean does not vary */
    double temperature; /* factor on the variance of what is drawn */
    const ouro_family *model;
    double unit; /* the truth's variance */
    double v2;   /* of a quadratic variance function; NaN: variance from second moments */
} state;

static double *at(state *s, size_t b, size_t c) { return s->C + b * s->cap + c; }

static int reserve(state *s, size_t len) {
    if (len <= s->cap) return OURO_OK;
    size_t cap = 2 * len + 8;
    double *S = ouro_alloc(cap, sizeof *S), *G = ouro_alloc(cap, sizeof *G), *C = ouro_alloc(cap * cap, sizeof *C);
    if (!S || !G || !C) {
        ouro_free(S), ouro_free(G), ouro_free(C);
        return OURO_ENOMEM;
    }
    for (size_t b = 0; b < s->cap; b++) {
        S[b] = s->S[b];
        G[b] = s->G[b];
        memcpy(C + b * cap, s->C + b * s->cap, s->cap * sizeof *C);
    }
    ouro_free(s->S), ouro_free(s->G), ouro_free(s->C);
    s->S = S, s->G = G, s->C = C, s->cap = cap;
    return OURO_OK;
}

/* Moments of the batch that was just entered last into the ledger. */
static void enter(state *s, double pair_of_real) {
    size_t b = s->ledger.len - 1;
    int real = ouro_is_real(&s->ledger.batch[b]);
    s->S[b] = real ? 1 : s->temperature * s->e + s->D;
    *at(s, b, b) = real ? pair_of_real : s->D;
    for (size_t c = 0; c < b; c++) *at(s, b, c) = *at(s, c, b) = real ? pair_of_real : s->G[c];
    s->G[b] = real ? pair_of_real : s->D; /* of a later synthetic batch of the same generation's order */
}

static void drop(void *owner, size_t i) {
    state *s = owner;
    size_t last = s->ledger.len - 1;
    for (size_t b = i; b < last; b++) {
        s->S[b] = s->S[b + 1];
        s->G[b] = s->G[b + 1];
    }
    for (size_t b = 0; b <= last; b++) memmove(at(s, b, i), at(s, b, i + 1), (last - i) * sizeof(double));
    for (size_t b = i; b < last; b++) memcpy(at(s, b, 0), at(s, b + 1, 0), last * sizeof(double));
    ouro_ledger_drop(&s->ledger, i);
}

/* Two batches become one: a random point, and a random pair, of the union. */
static void fold(void *owner, size_t a, size_t b) {
    state *s = owner;
    double na = (double)s->ledger.batch[a].n, nb = (double)s->ledger.batch[b].n, n = na + nb;
    double pair =
        (na * (na - 1) * *at(s, a, a) + nb * (nb - 1) * *at(s, b, b) + 2 * na * nb * *at(s, a, b)) / (n * (n - 1));
    uint64_t sum = s->ledger.batch[a].n + s->ledger.batch[b].n;
    for (size_t c = 0; c < s->ledger.len; c++)
        *at(s, a, c) = *at(s, c, a) = (na * *at(s, a, c) + nb * *at(s, b, c)) / n;
    *at(s, a, a) = pair;
    s->S[a] = (na * s->S[a] + nb * s->S[b]) / n;
    s->G[a] = (na * s->G[a] + nb * s->G[b]) / n;
    ouro_label *into = &s->ledger.batch[a], from = s->ledger.batch[b];
    drop(s, b);
    into->n = sum;
    if (from.born > into->born) into->born = from.born;
}

/* D, e and G of the fit on s->mix. */
static void fit(state *s, int unbiased) {
    const ouro_mix *mix = &s->mix;
    double W = s->nu, W2 = 0, second = s->nu, square = 0, pairs = 0;
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *t = &mix->term[i];
        double n = (double)t->take, w = t->weight;
        W += w * n;
        W2 += w * w * n;
        second += w * n * s->S[t->batch];
        square += w * w * n * s->S[t->batch];
        pairs += w * w * n * (n - 1) * *at(s, t->batch, t->batch);
        for (size_t j = 0; j < i; j++) {
            const ouro_term *u = &mix->term[j];
            pairs += 2 * w * n * u->weight * (double)u->take * *at(s, t->batch, u->batch);
        }
    }
    double size = (double)mix->points, rounding = 1e-15 * second / W;
    if (mix->points < mix->pool) { /* a uniform subset; weights are equal here */
        double N = (double)mix->pool;
        s->D = second / W / size + (size > 1 ? (1 - 1 / size) * pairs / (W2 / N) / (N * (N - 1)) : 0);
        s->e = (second / W - s->D) * (unbiased ? size / (size - 1) : 1);
    } else {
        s->D = (square + pairs) / (W * W);
        s->e = (second / W - s->D) * (unbiased ? W / (W - W2 / W) : 1);
    }
    if (fabs(s->D) < rounding) s->D = 0; /* a fit on all of N observations has no drift at all */
    if (!isnan(s->v2)) s->e = 1 + s->v2 * s->D;
    if (s->model->type->spread) {
        double factor = 1, added = 0;
        s->model->type->spread(s->model, mix->points < mix->pool ? size : W * W / W2, &factor, &added);
        s->e = factor * s->e + added / s->unit;
    }
    for (size_t b = 0; b < s->ledger.len; b++) {
        double sum = 0;
        for (size_t i = 0; i < mix->len; i++) {
            const ouro_term *t = &mix->term[i];
            double n = (double)t->take;
            sum += t->weight * (t->batch == b ? s->S[b] + (n - 1) * *at(s, b, b) : n * *at(s, t->batch, b));
        }
        s->G[b] = sum / W;
    }
}

static int step(state *s, const ouro_policy *p, double pair_of_real, int unbiased) {
    int ret = OURO_OK;
    if (s->ledger.generation)
        ouro_policy_retire(p, &s->ledger,
                           &(ouro_retention){.owner = s, .drop = drop, .fold = fold, .folds = 1, .splits = 1});
    s->ledger.generation++;
    ouro_policy_order(p, &s->ledger, &s->order);
    for (size_t i = 0; i < s->order.len; i++) {
        OURO_TRY(ouro_ledger_add(&s->ledger, &s->order.item[i]));
        OURO_TRY(reserve(s, s->ledger.len));
        enter(s, pair_of_real);
    }
    OURO_TRY(ouro_policy_compose(p, &s->ledger, NULL, &s->mix));
    fit(s, unbiased);
out:
    return ret;
}

static int weights_differ(const ouro_policy *p) {
    return !isnan(p->weights.real_share) || p->weights.real != p->weights.synthetic;
}

/* Cov(mu_t) = D V_0 for the mean of t(x) where the variance function of t is quadratic, so that fisher_drift is D
 * times the rank of V_0: 1, also for laws of x with an exponential phi(x), or the live categories less one. 0: not
 * so. */
static double rank_of_fisher(const ouro_truth *t, const ouro_family *f) {
    double alive = -1;
    if (!f->type->natural || !ouro_family_holds(f, &t->family)) return 0;
    if (f->type->nef || (f->type->quadratic_variance && f->type->natural->len(f) == 1)) return 1;
    if (f->domain.kind != OURO_CATEGORIES || !t->theta) return 0;
    for (size_t i = 0; i < f->domain.categories; i++) alive += t->theta[i] > 0;
    return alive;
}

static int mean(const ouro_setting *g, const char *column, size_t tail, ouro_arena *tmp, double *out) {
    (void)tail, (void)tmp;
    int unbiased = !strcmp(g->estimator->name, "unbiased"), ret = OURO_OK;
    const ouro_truth *t = g->truth;
    const ouro_family_type *f = g->model->type;
    if (f->quadratic_variance && !ouro_family_holds(g->model, &t->family))
        return OURO_EUNDEFINED; /* V(m) must be the truth's own */
    const ouro_prior *prior = g->estimator->prior ? g->estimator->prior(g->estimator_params) : NULL;
    const double rank = strcmp(column, "fisher_drift") ? 0 : rank_of_fisher(t, g->model);
    if (g->model->inexact || !(f->matches_second_moments || f->quadratic_variance || f->spread || rank > 0))
        return OURO_EUNDEFINED;
    if (!strcmp(column, "fisher_drift") && !(rank > 0)) return OURO_EUNDEFINED;
    if (!prior && !unbiased && strcmp(g->estimator->name, "mle")) return OURO_EUNDEFINED;
    if (prior && (prior->centre != OURO_AT_TRUTH || g->policy->budget != OURO_UNSET ||
                  !g->estimator->linear(g->estimator_params)))
        return OURO_EUNDEFINED;
    if (g->policy->budget != OURO_UNSET && weights_differ(g->policy)) return OURO_EUNDEFINED;
    double dim = t->domain.kind == OURO_NUMBERS ? (double)t->domain.dim : 1;
    double pair = ouro_truth_is_data(t) ? -1 / ((double)t->rows - 1) : 0;
    if (g->policy->synthetic.temperature != 1 && !f->variance_scales) return OURO_EUNDEFINED;
    state s = {.temperature = g->policy->synthetic.temperature,
               .nu = prior ? prior->strength : 0,
               .model = g->model,
               .unit = t->moments.trace,
               .v2 = f->nef && rank > 0      ? f->nef->v2(g->model->known)
                     : f->quadratic_variance ? f->quadratic_variance(g->model)
                                             : NAN};
    for (uint32_t i = 0; i < g->generations; i++) {
        OURO_TRY(step(&s, g->policy, pair, unbiased));
        if (!strcmp(column, "drift_sq"))
            out[i] = s.D * dim; /* the column counts every dimension's drift in units of the mean variance */
        else if (rank > 0)
            out[i] = s.D * rank;
        else
            out[i] = s.e * (!strcmp(column, "heterozygosity") ? t->moments.trace : 1);
    }
out:
    ouro_ledger_free(&s.ledger);
    ouro_mix_free(&s.mix);
    ouro_free(s.S), ouro_free(s.G), ouro_free(s.C);
    return ret;
}

static const char *const columns[] = {"drift_sq", "variance_ratio", "heterozygosity", "fisher_drift", NULL};

const ouro_law_type ouro_law_second_moments = {
    .name = "second_moments",
    .doc =
        "Means of drift_sq, variance_ratio, heterozygosity and fisher_drift under any policy with mle (or unbiased) on "
        "families that match second moments or are kernel density estimates, by propagating the covariances of "
        "batches. "
        "Exact for every n.",
    .source = "mean: covariance recursion (exact)",
    .knows_temperature = 1,
    .columns = columns,
    .mean = mean,
};
