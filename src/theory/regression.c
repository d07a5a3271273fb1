/* regression.c: exact means of a linear regression's errors, on isotropic normal covariates.
 *
 * The fit on one batch of n rows drawn at weights w and noise s is w + e, e ~ N(0, s^2 (X'X)^-1) given X, and
 * E tr (X'X)^-1 = d / (n - d - 1) (inverse Wishart): each generation of replace adds s^2 d / (n - d - 1) to
 * E |w_t - w_0|^2, whatever the sizes. A fit on several batches averages their fits with weights X_b'X_b: under fresh
 * designs a random matrix, of which nothing is said here; under one fixed design of n rows a number, and covariances
 * between batches' fits and the model follow as for means of points, with s^2 (X'X)^-1 in place of s^2 / n:
 *     D = sum v_b v_c n_b n_c K_bc / W^2, W = sum v_b n_b,
 * K_bb = D + s^2 d / (n - d - 1) for a batch drawn from that model, and K_bc its covariance G_c with an older batch.
 * The fitted noise is the mean square that is left: of each batch about its own fit, s^2 (n - d), and of the batches'
 * fits about the model, d per copy of the design in units of (X'X)^-1. Under replace E s_t^2 = (1 - d/n) E s_{t-1}^2.
 * Logarithms of the noise: one batch, steps log chi^2_{n-d}.
 * After a rollback the model is the checkpoint again, with its covariances.
 * Real batches have the truth's noise, synthetic ones the model's, which may know another. Silent from the first fit on
 * that is none of these. */
#include "ouro/law.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

typedef struct state {
    ouro_ledger ledger;
    ouro_order order;
    ouro_mix mix;
    size_t cap;
    double *K;        /* [cap x cap] by ledger index: E (w_b - w_0).(w_c - w_0), w_b the fit on batch b alone */
    double *G;        /* [cap]: E (w_b - w_0).(w_t - w_0) of the latest model */
    double *H;        /* [cap]: the same of the checkpoint */
    double *P;        /* [cap]: E of the squares left about the batch's own fit */
    double D, V;      /* of the latest model: E |w - w_0|^2, E s^2 */
    double log_noise; /* E log s_t / s_0; NaN: no law */
    double kept_D, kept_V, kept_log_noise; /* of the checkpoint */
    double d, n;                           /* weights; rows of the first batch */
    double truth_noise;
    double known_noise; /* of the model, NaN: fitted */
    int fixed, unbiased;
} state;

static double *at(state *s, size_t b, size_t c) { return s->K + b * s->cap + c; }

static int reserve(state *s, size_t len) {
    if (len <= s->cap) return OURO_OK;
    size_t cap = 2 * len + 8;
    double *G = ouro_alloc(cap, sizeof *G), *P = ouro_alloc(cap, sizeof *P), *K = ouro_alloc(cap * cap, sizeof *K);
    double *H = ouro_alloc(cap, sizeof *H);
    if (!G || !P || !K || !H) {
        ouro_free(G), ouro_free(P), ouro_free(K), ouro_free(H);
        return OURO_ENOMEM;
    }
    for (size_t b = 0; b < s->cap; b++) {
        G[b] = s->G[b];
        H[b] = s->H[b];
        P[b] = s->P[b];
        memcpy(K + b * cap, s->K + b * s->cap, s->cap * sizeof *K);
    }
    ouro_free(s->G), ouro_free(s->P), ouro_free(s->K), ouro_free(s->H);
    s->G = G, s->P = P, s->K = K, s->H = H, s->cap = cap;
    return OURO_OK;
}

/* The batch that was just entered last into the ledger. */
static void enter(state *s) {
    size_t b = s->ledger.len - 1;
    int real = ouro_is_real(&s->ledger.batch[b]);
    double n = (double)s->ledger.batch[b].n, noise = real ? s->truth_noise * s->truth_noise : s->V;
    for (size_t c = 0; c < b; c++) *at(s, b, c) = *at(s, c, b) = real ? 0 : s->G[c];
    s->G[b] = real ? 0 : s->D; /* with the model that is there when a later batch of the same order is drawn */
    s->H[b] = s->G[b];         /* the checkpoint draws once; of what later models draw no one asks */
    *at(s, b, b) = (real ? 0 : s->D) + noise * s->d / (n - s->d - 1);
    s->P[b] = noise * (n - s->d);
}

static void forget(state *s, size_t i) {
    size_t last = s->ledger.len - 1;
    for (size_t b = i; b < last; b++) {
        s->G[b] = s->G[b + 1];
        s->H[b] = s->H[b + 1];
        s->P[b] = s->P[b + 1];
    }
    for (size_t b = 0; b <= last; b++) memmove(at(s, b, i), at(s, b, i + 1), (last - i) * sizeof(double));
    for (size_t b = i; b < last; b++) memcpy(at(s, b, 0), at(s, b + 1, 0), last * sizeof(double));
}

static void drop(void *owner, size_t i) {
    state *s = owner;
    forget(s, i);
    ouro_ledger_drop(&s->ledger, i);
}

/* E of the squares that n rows of the fixed design see between two fits with this mean squared distance */
static double seen(const state *s, double n, double distance) { return n / s->n * distance * (s->n - s->d - 1); }

/* Two batches become one: its fit is their average, and what they differ by is left about it. */
static void fold(void *owner, size_t a, size_t b) {
    state *s = owner;
    double na = (double)s->ledger.batch[a].n, nb = (double)s->ledger.batch[b].n, n = na + nb, own = *at(s, a, a),
           gap = own + *at(s, b, b) - 2 * *at(s, a, b);
    own = (na * na * own + nb * nb * *at(s, b, b) + 2 * na * nb * *at(s, a, b)) / (n * n);
    s->P[a] += s->P[b] + seen(s, na * nb / n, gap);
    for (size_t c = 0; c < s->ledger.len; c++)
        *at(s, a, c) = *at(s, c, a) = (na * *at(s, a, c) + nb * *at(s, b, c)) / n;
    *at(s, a, a) = own;
    s->G[a] = (na * s->G[a] + nb * s->G[b]) / n;
    s->H[a] = (na * s->H[a] + nb * s->H[b]) / n;
    forget(s, b);
    ouro_ledger_fold(&s->ledger, a, b);
}

/* D, G and V of the fit on s->mix. */
static void fit(state *s) {
    const ouro_mix *mix = &s->mix;
    double weight = 0, weight2 = 0, left = 0;
    s->D = 0;
    for (size_t i = 0; i < mix->len; i++) {
        weight += mix->term[i].weight * (double)mix->term[i].take;
        weight2 += mix->term[i].weight * mix->term[i].weight * (double)mix->term[i].take;
    }
    for (size_t b = 0; b < s->ledger.len; b++) {
        s->G[b] = 0;
        for (size_t i = 0; i < mix->len; i++)
            s->G[b] += mix->term[i].weight * (double)mix->term[i].take / weight * *at(s, mix->term[i].batch, b);
    }
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *t = &mix->term[i];
        s->D += t->weight * (double)t->take / weight * s->G[t->batch];
    }
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *t = &mix->term[i];
        double between = mix->len > 1 ? *at(s, t->batch, t->batch) - 2 * s->G[t->batch] + s->D : 0;
        left += t->weight * (s->P[t->batch] + seen(s, (double)t->take, between));
    }
    s->V = !isnan(s->known_noise) ? s->known_noise * s->known_noise
                                  : left / (s->unbiased ? weight - s->d * weight2 / weight : weight);
}

/* Notes the model just fitted where it is the checkpoint. */
static void keep(state *s) {
    if (s->ledger.generation != s->ledger.checkpoint) return;
    s->kept_D = s->D;
    s->kept_V = s->V;
    s->kept_log_noise = s->log_noise;
    memcpy(s->H, s->G, s->ledger.len * sizeof *s->H);
}

static void roll_back(state *s) {
    s->D = s->kept_D;
    s->V = s->kept_V;
    s->log_noise = s->kept_log_noise;
    memcpy(s->G, s->H, s->ledger.len * sizeof *s->G);
}

/* Whether the fit is one of which something is known; log_noise goes along. */
static int lawful(state *s) {
    const ouro_mix *mix = &s->mix;
    if (mix->points < mix->pool) return 0;
    for (size_t i = 0; i < s->order.len; i++)
        if (!((double)s->order.item[i].n > s->d + 1)) return 0;
    if (mix->len == 1) {
        const ouro_label *b = &s->ledger.batch[mix->term[0].batch];
        double n = (double)b->n, by = s->unbiased ? n - s->d : n;
        int folded = b->generator != b->generator_first, now = b->born == s->ledger.generation;
        if (folded || !now || (ouro_is_real(b) && s->ledger.generation > 1)) s->log_noise = NAN;
        s->log_noise += 0.5 * (gsl_sf_psi((n - s->d) / 2) + log(2 / by));
        if (!folded) return 1;
    }
    s->log_noise = NAN;
    return s->fixed;
}

static int step(state *s, const ouro_policy *p, int *known) {
    int ret = OURO_OK;
    if (s->ledger.generation)
        ouro_policy_retire(
            p, &s->ledger,
            &(ouro_retention){.owner = s, .drop = drop, .fold = fold, .folds = s->fixed, .splits = s->fixed});
    s->ledger.checkpoint = ouro_policy_checkpoint(p);
    if (++s->ledger.generation == p->rollback.at) roll_back(s);
    ouro_policy_order(p, &s->ledger, &s->order);
    for (size_t i = 0; i < s->order.len; i++) {
        OURO_TRY(ouro_ledger_add(&s->ledger, &s->order.item[i]));
        OURO_TRY(reserve(s, s->ledger.len));
        if (s->n == 0) s->n = (double)s->order.item[i].n;
        if ((double)s->order.item[i].n != s->n) s->fixed = 0; /* the batches share some rows of the design only */
        enter(s);
    }
    OURO_TRY(ouro_policy_compose(p, &s->ledger, NULL, &s->mix));
    if ((*known = lawful(s)) != 0) {
        fit(s);
        keep(s);
    }
out:
    return ret;
}

static double value(const state *s, const ouro_truth *t, const char *column) {
    double noise = s->truth_noise;
    if (!strcmp(column, "test_error")) return s->D;
    if (!strcmp(column, "drift_sq")) return s->D / (noise * noise);
    if (!isnan(s->known_noise)) return NAN; /* the noise is given: nothing to predict */
    if (!strcmp(column, "variance_ratio")) return s->V / (noise * noise);
    if (!strcmp(column, "log_variance")) return 2 * s->log_noise;
    return t->family.type->entropy(&t->family, t->theta) + s->log_noise;
}

static int predict(const ouro_setting *g, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const char *column = claim->column;
    (void)tail, (void)tmp;
    const ouro_truth *t = g->truth;
    const ouro_family_type *f = g->model->type;
    int unbiased = !strcmp(g->estimator->name, "unbiased"), known = 1, ret = OURO_OK;
    if (t->family.type != f || strcmp(f->name, "linear-regression")) return OURO_EUNDEFINED;
    if (!unbiased && strcmp(g->estimator->name, "mle")) return OURO_EUNDEFINED;
    size_t d = t->domain.covariates;
    state s = {.d = (double)d,
               .truth_noise = exp(t->theta[d]),
               .known_noise = f->known_fields.len ? g->model->known[0] : NAN,
               .fixed = t->fixed_design,
               .unbiased = unbiased};
    for (uint32_t i = 0; i < g->generations; i++) {
        if (known) OURO_TRY(step(&s, g->policy, &known));
        out[i] = known ? value(&s, t, column) : NAN;
    }
out:
    ouro_ledger_free(&s.ledger);
    ouro_mix_free(&s.mix);
    ouro_free(s.K), ouro_free(s.G), ouro_free(s.P), ouro_free(s.H);
    return ret;
}

static const ouro_claim claims[] = {
    {"test_error", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"drift_sq", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"variance_ratio", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"entropy", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_regression = {
    .name = "regression",
    .doc =
        "Means of test_error, drift_sq and, where the noise is fitted, variance_ratio, log_variance and entropy of a "
        "linear regression: fits on one batch each, of any sizes, and any whole batches of one size under a fixed "
        "design. Exact.",
    .source = "inverse Wishart recursion",
    .claims = claims,
    .predict = predict,
};
