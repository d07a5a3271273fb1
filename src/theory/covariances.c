/* covariances.c: the exact covariances between batches and models under any policy, for fits that match second moments.
 *
 * Units: the truth's variance is 1 and its mean 0; in d dimensions x y is the inner product, and the variance the trace.
 * For a batch b let S_b = E x^2 of one of its points and C_bc = E x y of two different points, one of b and one of c. The mean of a fit
 * on points with weights w is m = sum w x / sum w, so
 *     D = E m^2 = [sum_b w_b^2 (n_b S_b + n_b (n_b - 1) C_bb) + sum_{b != c} w_b w_c n_b n_c C_bc] / W^2,
 *     e = E variance = (sum_b w_b n_b S_b / W - D) * (1 for mle, W / (W - sum w^2 / W) for unbiased).
 * Collapse is e beside D = 1, of which that difference would leave rounding. So e is the mean over pairs of different points
 * instead, with V_bc = E (x - y)^2 / 2 in the place of -C_bc: e = [sum_b w_b^2 n_b (n_b - 1) V_bb + sum_{b != c} w_b w_c n_b n_c
 * V_bc] / W^2, and no term is negative.
 * A batch drawn from that model has S = e + D, C_bb = D, V_bb = e, and with every older batch C = E m y, V = (e + E (m - y)^2) / 2.
 * Real points have S = 1 and C = 0, or, drawn without replacement from N observations, C = -1/(N - 1) with every point that is not the
 * same one: every synthetic point is in the mean an affine combination of real ones. A uniform subset of k of N points sees each
 * pair equally often: D = S/k + (1 - 1/k) C over the pool's average S and C.
 * A conjugate prior at the truth is nu points whose mean never varies: they add to W and to the second moment alone.
 * A rollback to model m': D, e, E m y and E (m - y)^2 are those of m' again. They are known for batches that were there when m' was
 * fitted, for real points since then, and for what m' itself drew; what later models drew is gone by then.
 * A kernel density estimate draws its points with a variance of its own: e is then a e + b, a and b the family's (1 + h^2 or
 * 1, and 0 or d h^2 over the truth's variance). Nothing else changes, since m stays the mean of the points.
 * Families with quadratic variance function V(m) fit the mean alone, and then e = E V(m) / V_0 = 1 + v2 D (Morris 1982);
 * Bernoulli's v2 = -1 gives e = 1 - D again.
 * Where the truth drifts, its place tau is one more variable beside the batches: with R_b = E y tau for y of b and T = E tau^2, real
 * points have S = V_t + T, C_bb = T and V_bb = V_t, and C_bc = R_c with those of an older batch; a step delta of tau, random or not, adds
 * delta E y to R and 2 delta E tau + E delta^2 to T. So E (m - tau)^2 = D - 2 E m tau + T, and likewise for the tau of the
 * youngest real points.
 * This one recursion gives replace, accumulate, its subsampled form, windows, injection at any cadence, fixed and stale
 * anchors, weights, growing samples and rollbacks. It uses the policy's own order and mix, and no simulated number. */
#include "covariances.h"
#include <math.h>
#include <string.h>

enum { NOW = OURO_PLACE_NOW, ANCHOR = OURO_PLACE_ANCHOR, PLACES = OURO_PLACES };
typedef ouro_covariances state;

static double *at(const state *s, double *m, size_t b, size_t c) { return m + b * s->cap + c; }

/* The arrays of one number per batch. */
enum { VECTORS = 6 + PLACES };
static double **vector(state *s, int k) {
    double **const own[] = {&s->S, &s->E, &s->G, &s->K, &s->H, &s->J};
    return k < 6 ? own[k] : &s->R[k - 6];
}

static int grow_matrix(const state *s, double **m, size_t cap) {
    double *grown = ouro_alloc(cap * cap, sizeof *grown);
    if (!grown) return OURO_ENOMEM;
    for (size_t b = 0; b < s->cap; b++) memcpy(grown + b * cap, *m + b * s->cap, s->cap * sizeof *grown);
    ouro_free(*m);
    *m = grown;
    return OURO_OK;
}

/* After a failure the state can only be freed. */
static int reserve(state *s, size_t len) {
    if (len <= s->cap) return OURO_OK;
    const size_t cap = 2 * len + 8;
    if (grow_matrix(s, &s->C, cap) || grow_matrix(s, &s->V, cap)) return OURO_ENOMEM;
    for (int k = 0; k < VECTORS; k++) {
        double *grown = ouro_realloc(*vector(s, k), cap, sizeof *grown);
        if (!grown) return OURO_ENOMEM;
        *vector(s, k) = grown;
    }
    s->cap = cap;
    return OURO_OK;
}

void ouro_covariances_free(ouro_covariances *s) {
    for (int k = 0; k < VECTORS; k++) ouro_free(*vector(s, k));
    ouro_free(s->C);
    ouro_free(s->V);
    ouro_ledger_free(&s->ledger);
    ouro_mix_free(&s->mix);
}

/* tau of today moves by a step that is known and one that is random. */
static void move_truth(state *s, double by, double variance) {
    for (size_t b = 0; b < s->ledger.len; b++) s->R[NOW][b] += by * s->E[b];
    s->T[NOW][NOW] += 2 * by * s->tau[NOW] + by * by + variance;
    s->T[NOW][ANCHOR] += by * s->tau[ANCHOR];
    s->now.M[NOW] += by * s->now.m;
    s->kept.M[NOW] += by * s->kept.m;
    s->tau[NOW] += by;
}

/* Real points are being collected today: those of the batch just entered. */
static void collect(state *s) {
    for (size_t b = 0; b + 1 < s->ledger.len; b++) s->R[ANCHOR][b] = s->R[NOW][b];
    s->T[ANCHOR][ANCHOR] = s->T[NOW][ANCHOR] = s->T[NOW][NOW];
    s->now.M[ANCHOR] = s->now.M[NOW];
    s->kept.M[ANCHOR] = s->kept.M[NOW];
    s->tau[ANCHOR] = s->tau[NOW];
    s->collected = s->ledger.generation;
}

/* A batch of real points, the last of the ledger. */
static void enter_real(state *s) {
    const size_t b = s->ledger.len - 1;
    const double T = s->T[NOW][NOW], pair = s->pair_of_real, V = s->path->variance[s->ledger.generation];
    collect(s);
    s->S[b] = V + T;
    *at(s, s->C, b, b) = pair + T;
    *at(s, s->V, b, b) = V - pair;
    for (size_t c = 0; c < b; c++) {
        *at(s, s->C, b, c) = *at(s, s->C, c, b) = pair + s->R[NOW][c];
        *at(s, s->V, b, c) = *at(s, s->V, c, b) = (s->S[b] + s->S[c]) / 2 - pair - s->R[NOW][c];
    }
    s->E[b] = s->tau[NOW];
    s->G[b] = pair + s->now.M[NOW];
    s->H[b] = pair + s->kept.M[NOW];
    s->K[b] = s->S[b] + s->now.D - 2 * s->G[b];
    s->J[b] = s->S[b] + s->kept.D - 2 * s->H[b];
    for (int r = 0; r < PLACES; r++) s->R[r][b] = T;
}

/* A batch that the latest model drew, the last of the ledger. */
static void enter_synthetic(state *s) {
    const size_t b = s->ledger.len - 1;
    const double e = s->temperature * s->now.e;
    s->S[b] = e + s->now.D;
    *at(s, s->C, b, b) = s->now.D;
    *at(s, s->V, b, b) = e;
    for (size_t c = 0; c < b; c++) {
        *at(s, s->C, b, c) = *at(s, s->C, c, b) = s->G[c];
        *at(s, s->V, b, c) = *at(s, s->V, c, b) = (e + s->K[c]) / 2;
    }
    s->E[b] = s->now.m;
    /* with the model that drew it, as a later batch of the same order needs it; with the checkpoint only where that is it */
    s->G[b] = s->H[b] = s->now.D;
    s->K[b] = s->J[b] = e;
    for (int r = 0; r < PLACES; r++) s->R[r][b] = s->now.M[r];
}

static void drop_of(const state *s, double *m, size_t i) {
    const size_t last = s->ledger.len - 1;
    for (size_t b = 0; b <= last; b++) memmove(at(s, m, b, i), at(s, m, b, i + 1), (last - i) * sizeof *m);
    for (size_t b = i; b < last; b++) memcpy(at(s, m, b, 0), at(s, m, b + 1, 0), last * sizeof *m);
}

static void drop(void *owner, size_t i) {
    state *s = owner;
    const size_t last = s->ledger.len - 1;
    for (int k = 0; k < VECTORS; k++) memmove(*vector(s, k) + i, *vector(s, k) + i + 1, (last - i) * sizeof(double));
    drop_of(s, s->C, i);
    drop_of(s, s->V, i);
    ouro_ledger_drop(&s->ledger, i);
}

/* Batches a, b of na, nb points become one: a random pair of the union. */
static void fold_of(const state *s, double *m, size_t a, size_t b, double na, double nb) {
    const double n = na + nb, pair = (na * (na - 1) * *at(s, m, a, a) + nb * (nb - 1) * *at(s, m, b, b) +
                                      2 * na * nb * *at(s, m, a, b)) /
                                     (n * (n - 1));
    for (size_t c = 0; c < s->ledger.len; c++)
        *at(s, m, a, c) = *at(s, m, c, a) = (na * *at(s, m, a, c) + nb * *at(s, m, b, c)) / n;
    *at(s, m, a, a) = pair;
}

static void fold(void *owner, size_t a, size_t b) {
    state *s = owner;
    const double na = (double)s->ledger.batch[a].n, nb = (double)s->ledger.batch[b].n, n = na + nb;
    const uint64_t sum = s->ledger.batch[a].n + s->ledger.batch[b].n;
    fold_of(s, s->C, a, b, na, nb);
    fold_of(s, s->V, a, b, na, nb);
    for (int k = 0; k < VECTORS; k++) (*vector(s, k))[a] = (na * (*vector(s, k))[a] + nb * (*vector(s, k))[b]) / n;
    ouro_label *into = &s->ledger.batch[a], from = s->ledger.batch[b];
    drop(s, b);
    into->n = sum;
    if (from.born > into->born) into->born = from.born;
}

/* Sum over pairs of different points of the mix, each way round, of their weights times m. */
static double pairs_of(const state *s, double *m) {
    double sum = 0;
    for (size_t i = 0; i < s->mix.len; i++) {
        const ouro_term *t = &s->mix.term[i];
        const double n = (double)t->take, w = t->weight;
        sum += w * w * n * (n - 1) * *at(s, m, t->batch, t->batch);
        for (size_t j = 0; j < i; j++) {
            const ouro_term *u = &s->mix.term[j];
            sum += 2 * w * n * u->weight * (double)u->take * *at(s, m, t->batch, u->batch);
        }
    }
    return sum;
}

/* What a point y of each batch, and the truth's places, have to do with the mean of the fit on s->mix, of total weight W and variance e
 * around it: the points of the fit have the mean square distance e + (m - y)^2 from y. A prior's points lie at 0. */
static void relate(state *s, double W, double e) {
    for (size_t b = 0; b < s->ledger.len; b++) {
        double product = 0, distance = s->nu * (1 + s->S[b]);
        for (size_t i = 0; i < s->mix.len; i++) {
            const ouro_term *t = &s->mix.term[i];
            const double n = (double)t->take, others = t->batch == b ? n - 1 : n;
            product += t->weight * ((t->batch == b ? s->S[b] : 0) + others * *at(s, s->C, t->batch, b));
            distance += t->weight * others * 2 * *at(s, s->V, t->batch, b);
        }
        s->G[b] = product / W;
        s->K[b] = distance / W - e;
    }
    s->now.m = s->now.M[NOW] = s->now.M[ANCHOR] = 0;
    for (size_t i = 0; i < s->mix.len; i++) {
        const ouro_term *t = &s->mix.term[i];
        const double share = t->weight * (double)t->take / W;
        s->now.m += share * s->E[t->batch];
        for (int r = 0; r < PLACES; r++) s->now.M[r] += share * s->R[r][t->batch];
    }
}

/* The moments of the fit on s->mix. */
static void fit(state *s) {
    const ouro_mix *mix = &s->mix;
    double W = s->nu, W2 = 0, second = s->nu, square = 0, gaps = pairs_of(s, s->V) + s->nu * s->nu;
    const double pairs = pairs_of(s, s->C);
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *t = &mix->term[i];
        const double n = (double)t->take, w = t->weight, S = s->S[t->batch];
        W += w * n;
        W2 += w * w * n;
        second += w * n * S;
        square += w * w * n * S;
        gaps += s->nu * w * n * (1 + S);
    }
    const double size = (double)mix->points, rounding = 1e-15 * second / W;
    double D = (square + pairs) / (W * W), e = gaps / (W * W), degrees = W / (W - W2 / W); /* unbiased over mle */
    if (mix->points < mix->pool) { /* a uniform subset; weights are equal here */
        const double N = (double)mix->pool, all = W2 / N * N * (N - 1), different = 1 - 1 / size;
        D = second / W / size + different * pairs / all;
        e = different * gaps / all;
        degrees = 1 / different;
    }
    s->now.D = fabs(D) < rounding ? 0 : D; /* a fit on all of N observations has no drift at all */
    s->now.e = s->unbiased ? e * degrees : e;
    if (s->v2 != -1 && !isnan(s->v2)) s->now.e = 1 + s->v2 * s->now.D;
    if (s->model->type->spread) {
        double factor = 1, added = 0;
        s->model->type->spread(s->model, mix->points < mix->pool ? size : W * W / W2, &factor, &added);
        s->now.e = factor * s->now.e + added / s->unit;
    }
    relate(s, W, e);
}

/* Notes the model just fitted where it is the checkpoint. */
static void keep(state *s) {
    if (s->ledger.generation != s->ledger.checkpoint) return;
    s->kept = s->now;
    memcpy(s->H, s->G, s->ledger.len * sizeof *s->H);
    memcpy(s->J, s->K, s->ledger.len * sizeof *s->J);
}

static void roll_back(state *s) {
    s->now = s->kept;
    memcpy(s->G, s->H, s->ledger.len * sizeof *s->G);
    memcpy(s->K, s->J, s->ledger.len * sizeof *s->K);
}

int ouro_covariances_step(ouro_covariances *s) {
    const ouro_policy *p = s->policy;
    int ret = OURO_OK;
    if (s->ledger.generation)
        ouro_policy_retire(p, &s->ledger,
                           &(ouro_retention){.owner = s, .drop = drop, .fold = fold, .folds = 1, .splits = 1});
    s->ledger.checkpoint = ouro_policy_checkpoint(p);
    if (++s->ledger.generation == p->rollback.at) roll_back(s);
    const double *place = s->path->mean + s->ledger.generation, root = sqrt(s->unit);
    const int moves = s->ledger.generation > 1;
    move_truth(s, moves ? (place[0] - place[-1]) / root : 0, moves ? s->path->walk / s->unit : 0);
    ouro_policy_order(p, &s->ledger, &s->order);
    for (size_t i = 0; i < s->order.len; i++) {
        OURO_TRY(ouro_ledger_add(&s->ledger, &s->order.item[i]));
        OURO_TRY(reserve(s, s->ledger.len));
        if (ouro_is_real(&s->ledger.batch[s->ledger.len - 1]))
            enter_real(s);
        else
            enter_synthetic(s);
    }
    OURO_TRY(ouro_policy_compose(p, &s->ledger, NULL, &s->mix));
    fit(s);
    keep(s);
out:
    return ret;
}
