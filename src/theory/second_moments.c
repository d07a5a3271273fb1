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
 * Where the truth drifts, its place tau is one more variable beside the batches: with R_b = E y tau for y of b and Q = E tau^2, real
 * points have S = V_t + Q and C_bb = Q, and C_bc = R_c with those of an older batch; a step delta of tau, random or not, adds
 * delta E y to R and 2 delta E tau + E delta^2 to Q. So E (m - tau)^2 = D - 2 E m tau + Q, and likewise for the tau of the
 * youngest real points.
 * This one recursion gives replace, accumulate, its subsampled form, windows, injection at any cadence, fixed and stale
 * anchors, weights and growing samples. It uses the policy's own order and mix, and no simulated number.     */
#include "ouro/nef.h"
#include "path.h"
#include <math.h>
#include <string.h>

enum { NOW, ANCHOR, PLACES }; /* of the truth: today's, and that when the youngest real points were collected */

typedef struct state {
    ouro_ledger ledger;
    ouro_order order;
    ouro_mix mix;
    size_t cap;
    double *S, *C;                                       /* [cap], [cap x cap] by ledger index */
    double *G;                                           /* [cap]: E m y for y of each batch, of the latest model */
    double *E;                                           /* [cap]: E y */
    double *R[PLACES];                                   /* [cap]: E y tau */
    double m, M[PLACES], tau[PLACES], Q[PLACES][PLACES]; /* E m, E m tau, E tau, E tau tau */
    uint32_t collected;                                  /* generation of the youngest real points */
    const ouro_path_of_truth *path;
    double D, e;        /* of the latest model */
    double nu;          /* pseudo-points at the truth, whose mean does not vary */
    double temperature; /* factor on the variance of what is drawn */
    const ouro_family *model;
    double unit; /* the truth's variance */
    double v2;   /* of a quadratic variance function; NaN: variance from second moments */
} state;

static double *at(state *s, size_t b, size_t c) { return s->C + b * s->cap + c; }

/* The arrays of one number per batch. */
enum { VECTORS = 3 + PLACES };
static double **vector(state *s, int k) { return k == 0 ? &s->S : k == 1 ? &s->G : k == 2 ? &s->E : &s->R[k - 3]; }

static int reserve(state *s, size_t len) {
    if (len <= s->cap) return OURO_OK;
    size_t cap = 2 * len + 8;
    double *C = ouro_alloc(cap * cap, sizeof *C);
    if (!C) return OURO_ENOMEM;
    for (size_t b = 0; b < s->cap; b++) memcpy(C + b * cap, s->C + b * s->cap, s->cap * sizeof *C);
    for (int k = 0; k < VECTORS; k++) {
        double *grown = ouro_realloc(*vector(s, k), cap, sizeof *grown);
        if (!grown) {
            ouro_free(C);
            return OURO_ENOMEM; /* what has grown is as good as before */
        }
        *vector(s, k) = grown;
    }
    ouro_free(s->C);
    s->C = C, s->cap = cap;
    return OURO_OK;
}

static void free_state(state *s) {
    for (int k = 0; k < VECTORS; k++) ouro_free(*vector(s, k));
    ouro_free(s->C);
    ouro_ledger_free(&s->ledger);
    ouro_mix_free(&s->mix);
}

/* tau of today moves by a step that is known and one that is random. */
static void move_truth(state *s, double by, double variance) {
    for (size_t b = 0; b < s->ledger.len; b++) s->R[NOW][b] += by * s->E[b];
    s->Q[NOW][NOW] += 2 * by * s->tau[NOW] + by * by + variance;
    s->Q[NOW][ANCHOR] += by * s->tau[ANCHOR];
    s->M[NOW] += by * s->m;
    s->tau[NOW] += by;
}

/* Real points are about to be collected today. */
static void collect(state *s) {
    for (size_t b = 0; b + 1 < s->ledger.len; b++) s->R[ANCHOR][b] = s->R[NOW][b]; /* the last is only being entered */
    s->Q[ANCHOR][ANCHOR] = s->Q[NOW][ANCHOR] = s->Q[NOW][NOW];
    s->M[ANCHOR] = s->M[NOW];
    s->tau[ANCHOR] = s->tau[NOW];
    s->collected = s->ledger.generation;
}

/* Moments of the batch that was just entered last into the ledger. */
static void enter(state *s, double pair_of_real) {
    size_t b = s->ledger.len - 1;
    const int real = ouro_is_real(&s->ledger.batch[b]);
    const double Q = s->Q[NOW][NOW], pair = real ? pair_of_real + Q : s->D;
    if (real) collect(s);
    s->S[b] = real ? s->path->variance[s->ledger.generation] / s->unit + Q : s->temperature * s->e + s->D;
    *at(s, b, b) = pair;
    for (size_t c = 0; c < b; c++) *at(s, b, c) = *at(s, c, b) = real ? pair_of_real + s->R[NOW][c] : s->G[c];
    /* what a later synthetic batch of the same generation's order has in common with this one */
    s->G[b] = real ? pair_of_real + s->M[NOW] : s->D;
    s->E[b] = real ? s->tau[NOW] : s->m;
    for (int r = 0; r < PLACES; r++) s->R[r][b] = real ? Q : s->M[r];
}

static void drop(void *owner, size_t i) {
    state *s = owner;
    size_t last = s->ledger.len - 1;
    for (int k = 0; k < VECTORS; k++) memmove(*vector(s, k) + i, *vector(s, k) + i + 1, (last - i) * sizeof(double));
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
    for (int k = 0; k < VECTORS; k++) (*vector(s, k))[a] = (na * (*vector(s, k))[a] + nb * (*vector(s, k))[b]) / n;
    ouro_label *into = &s->ledger.batch[a], from = s->ledger.batch[b];
    drop(s, b);
    into->n = sum;
    if (from.born > into->born) into->born = from.born;
}

/* What the mean of the fit has in common with the truth's places; a prior's points lie at 0. */
static void fit_places(state *s, double W) {
    s->m = s->M[NOW] = s->M[ANCHOR] = 0;
    for (size_t i = 0; i < s->mix.len; i++) {
        const ouro_term *t = &s->mix.term[i];
        const double share = t->weight * (double)t->take / W;
        s->m += share * s->E[t->batch];
        for (int r = 0; r < PLACES; r++) s->M[r] += share * s->R[r][t->batch];
    }
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
    fit_places(s, W);
}

static int step(state *s, const ouro_policy *p, double pair_of_real, int unbiased) {
    int ret = OURO_OK;
    if (s->ledger.generation)
        ouro_policy_retire(p, &s->ledger,
                           &(ouro_retention){.owner = s, .drop = drop, .fold = fold, .folds = 1, .splits = 1});
    s->ledger.generation++;
    const double *place = s->path->mean + s->ledger.generation, root = sqrt(s->unit);
    const int moves = s->ledger.generation > 1;
    move_truth(s, moves ? (place[0] - place[-1]) / root : 0, moves ? s->path->walk / s->unit : 0);
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
    if (!f->type->natural || t->family.type != f->type) return 0;
    if (f->type->nef) return 1;
    if (f->domain.kind != OURO_CATEGORIES || !t->theta) return 0;
    for (size_t i = 0; i < f->domain.categories; i++) alive += t->theta[i] > 0;
    return alive;
}

/* Of the fitted mean, or of its distance from the truth that a column compares with. */
static double variance_of_mean(const state *s, int against, int error) {
    const int r = against == OURO_AT_ANCHOR ? ANCHOR : NOW;
    const double gap = s->m - s->tau[r];
    if (!error || against == OURO_AT_START) return s->D - s->m * s->m;
    return s->D - 2 * s->M[r] + s->Q[r][r] - gap * gap;
}

static int predict(const ouro_setting *g, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const char *column = claim->column;
    (void)tail;
    int unbiased = !strcmp(g->estimator->name, "unbiased"), ret = OURO_OK;
    const ouro_truth *t = g->truth;
    const ouro_family_type *f = g->model->type;
    if (f->quadratic_variance && t->family.type != f) return OURO_EUNDEFINED; /* V(m) must be the truth's own */
    const ouro_prior *prior = g->estimator->prior ? g->estimator->prior(g->estimator_params) : NULL;
    const double rank = strcmp(column, "fisher_drift") ? 0 : rank_of_fisher(t, g->model);
    if (g->model->inexact || !(f->matches_second_moments || f->quadratic_variance || f->spread || rank > 0))
        return OURO_EUNDEFINED;
    if (!strcmp(column, "fisher_drift") && !(rank > 0)) return OURO_EUNDEFINED;
    if (claim->statistic == OURO_STATISTIC_VARIANCE && (!f->matches_mean || t->mean_len != 1)) return OURO_EUNDEFINED;
    if (!prior && !unbiased && strcmp(g->estimator->name, "mle")) return OURO_EUNDEFINED;
    if (prior && (prior->centre != OURO_AT_TRUTH || g->policy->budget != OURO_UNSET ||
                  !g->estimator->linear(g->estimator_params)))
        return OURO_EUNDEFINED;
    if (g->policy->budget != OURO_UNSET && weights_differ(g->policy)) return OURO_EUNDEFINED;
    double dim = t->domain.kind == OURO_NUMBERS ? (double)t->domain.dim : 1;
    double pair = ouro_truth_is_data(t) ? -1 / ((double)t->rows - 1) : 0;
    if (g->policy->synthetic.temperature != 1 && !f->variance_scales) return OURO_EUNDEFINED;
    ouro_path_of_truth path;
    if (g->drift && (t->mean_len != 1 || dim != 1 || !f->matches_second_moments || rank > 0 || f->spread))
        return OURO_EUNDEFINED;
    OURO_TRY(ouro_path_of_truth_make(g, tmp, &path));
    if (path.variance_walks) return OURO_EUNDEFINED;
    state s = {.temperature = g->policy->synthetic.temperature,
               .nu = prior ? prior->strength : 0,
               .model = g->model,
               .unit = t->moments.trace,
               .path = &path,
               .v2 = f->nef && rank > 0      ? f->nef->v2(g->model->known)
                     : f->quadratic_variance ? f->quadratic_variance(g->model)
                                             : NAN};
    for (uint32_t i = 0; i < g->generations && !ret; i++) {
        if ((ret = step(&s, g->policy, pair, unbiased)) != OURO_OK) break;
        const uint32_t reference = ouro_path_reference(g, i + 1, s.collected);
        const double unit = path.variance[reference] / s.unit;
        const int place = g->against == OURO_AT_ANCHOR ? ANCHOR : NOW;
        const double apart = g->against == OURO_AT_START ? 0 : s.Q[place][place] - 2 * s.M[place];
        if (claim->statistic == OURO_STATISTIC_VARIANCE) /* of what has a mean of its own where the truth drifts */
            out[i] = variance_of_mean(&s, g->against, !strcmp(column, "mean_error")) * s.unit;
        else if (!strcmp(column, "drift_sq"))
            out[i] = (s.D + apart) * dim /
                     unit; /* the column counts every dimension's drift in units of the mean variance */
        else if (rank > 0)
            out[i] = s.D * rank;
        else
            out[i] = s.e * (!strcmp(column, "heterozygosity") ? t->moments.trace : 1 / unit);
    }
    free_state(&s);
out:
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
           "under any policy with mle (or unbiased) on "
           "families that match second moments or are kernel density estimates, by propagating the covariances of "
           "batches. "
           "Exact for every n.",
    .source = "covariance recursion",
    .knows = OURO_KNOWS_TEMPERATURE | OURO_KNOWS_DRIFT,
    .claims = claims,
    .predict = predict,
};
