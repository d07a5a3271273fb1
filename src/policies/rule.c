/* rule.c: the one compositional rule that turns a policy's fields and a ledger into an order and a mix.
 * Labels and sizes only: this file cannot see a value, and never includes family.h.                          */
#include "ouro/policy.h"
#include "ouro/variates.h"
#include <math.h>

static uint64_t count_of(double n) { return n < OURO_COUNT_MAX ? (uint64_t)n : (uint64_t)OURO_COUNT_MAX; }

static uint64_t exhaustion(const ouro_policy *p, uint64_t reserve);

void ouro_policy_resolve(ouro_policy *p, uint64_t default_initial, uint64_t reserve) {
    enum { USUAL = 100 };
    if (p->synthetic.points == OURO_UNSET) {
        const int given = p->initial != OURO_UNSET && p->initial != OURO_FOLLOW;
        p->synthetic.points = default_initial == OURO_FOLLOW ? USUAL : given ? p->initial : default_initial;
    }
    if (p->initial == OURO_UNSET) p->initial = default_initial;
    if (p->initial == OURO_FOLLOW) p->initial = p->synthetic.points;
    if (p->budget == OURO_FOLLOW) p->budget = p->synthetic.points;
    if (p->anchor.points == OURO_FOLLOW) p->anchor.points = p->synthetic.points;
    if (p->anchor.points == OURO_BUDGETED)
        p->anchor.points = count_of(round(p->anchor.budget_per_generation * (double)p->anchor.every));
    if (p->flagged.last == OURO_UNSET) p->flagged.last = p->flagged.first;
    p->anchor.reused = p->anchor.exhausted == OURO_REUSE && reserve != OURO_ALL ? reserve : 0;
    p->anchor.exhausted_at = exhaustion(p, reserve);
    if (p->anchor.exhausted == OURO_END && p->anchor.exhausted_at != OURO_UNSET)
        p->anchor.last = p->anchor.exhausted_at - 1;
}

uint64_t ouro_policy_synthetic_points(const ouro_policy *p, uint32_t t) {
    double n = (double)p->synthetic.points;
    if (p->synthetic.growth != 0) n = round(n * pow((double)t, p->synthetic.growth));
    return count_of(n);
}

/* At least one: a set of no points would leave it open whether the one before still counts. */
static uint64_t anchor_points(const ouro_policy *p, uint32_t t) {
    double n = (double)p->anchor.points;
    if (p->anchor.growth != 0) n = fmax(1, round(n * pow((double)t, p->anchor.growth)));
    return count_of(n);
}

int ouro_policy_injects(const ouro_policy *p, uint32_t t) {
    if (p->anchor.points == 0 || t < 2 || t < p->anchor.first) return 0;
    if (p->anchor.last != OURO_UNSET && t > p->anchor.last) return 0;
    return (t - p->anchor.first) % p->anchor.every == 0;
}

/* Generations after which an anchor set is collected anew. */
static uint64_t refresh(const ouro_policy *p) {
    if (p->anchor.source == OURO_FRESH) return 1;
    return p->anchor.source == OURO_FIXED ? OURO_ALL : p->anchor.refresh;
}

/* Whether what is drawn now for a role is marked. */
static int flags(const ouro_policy *p, ouro_role role, uint64_t t) {
    return (int)role == p->flagged.origin && t >= p->flagged.first && t <= p->flagged.last;
}

/* The first generation in which an anchor set born then is no longer to be had. */
static uint64_t expiry(const ouro_policy *p, uint64_t born) {
    const uint64_t end = refresh(p) == OURO_ALL ? OURO_ALL : born + refresh(p);
    return flags(p, OURO_ANCHOR, born) && p->flagged.recall < end ? p->flagged.recall : end;
}

/* The first generation from t on in which the anchor cadence falls, whether or not injections have ended by then. */
static uint64_t next_injection(const ouro_policy *p, uint64_t t) {
    uint64_t first = p->anchor.first, every = p->anchor.every;
    return t <= first ? first : first + (t - first + every - 1) / every * every;
}

/* The first generation whose new anchor set is more than what is left of the reserve, or OURO_UNSET. */
static uint64_t exhaustion(const ouro_policy *p, uint64_t reserve) {
    uint64_t left = reserve;
    if (reserve == OURO_ALL || !p->anchor.points) return OURO_UNSET;
    for (uint64_t t = p->anchor.first; t <= UINT32_MAX && (p->anchor.last == OURO_UNSET || t <= p->anchor.last);
         t = next_injection(p, expiry(p, t))) {
        const uint64_t n = anchor_points(p, (uint32_t)t);
        if (n > left) return t;
        left -= n;
        if (expiry(p, t) > UINT32_MAX) break;
    }
    return OURO_UNSET;
}

/* Index of the current anchor set, or SIZE_MAX. */
static size_t current_anchor(const ouro_ledger *l) {
    for (size_t i = l->len; i-- > 0;)
        if (l->batch[i].role == OURO_ANCHOR) return i;
    return SIZE_MAX;
}

uint32_t ouro_policy_generator(const ouro_policy *p, uint32_t t) {
    return t == p->rollback.at ? (uint32_t)p->rollback.to : t - 1;
}

uint32_t ouro_policy_checkpoint(const ouro_policy *p) {
    return p->rollback.to == OURO_UNSET ? 0 : (uint32_t)p->rollback.to;
}

/* Whether the rollback takes back this batch: drawn before it by a model later than the one it goes back to. */
static int is_undone(const ouro_policy *p, const ouro_label *b) {
    return b->born < p->rollback.at && b->generator > p->rollback.to; /* of real ones 0 */
}

void ouro_policy_order(const ouro_policy *p, const ouro_ledger *l, ouro_order *out) {
    uint32_t t = l->generation;
    out->len = 0;
    out->temperature = p->synthetic.temperature;
    if (t == 1) {
        out->item[out->len++] = (ouro_request){OURO_INITIAL, p->initial, 0, flags(p, OURO_INITIAL, t)};
        return;
    }
    uint64_t n = ouro_policy_synthetic_points(p, t);
    if (n)
        out->item[out->len++] =
            (ouro_request){OURO_SYNTHETIC, n, ouro_policy_generator(p, t), flags(p, OURO_SYNTHETIC, t)};
    if (ouro_policy_injects(p, t)) {
        size_t set = current_anchor(l);
        if (set == SIZE_MAX || t >= expiry(p, l->batch[set].born))
            out->item[out->len++] = (ouro_request){OURO_ANCHOR, anchor_points(p, t), 0, flags(p, OURO_ANCHOR, t)};
    }
}

static int remembered(const ouro_policy *p, const ouro_label *b, uint32_t t) {
    uint64_t window = ouro_is_real(b) ? p->memory.real : p->memory.synthetic;
    if (t >= p->rollback.at && is_undone(p, b)) return 0;
    if (t >= p->flagged.recall && b->flagged) return 0;
    if (p->memory.until && t > p->memory.until) return t == b->born; /* OURO_UNSET is never reached */
    return window == OURO_ALL || t - b->born <= window;
}

/* Fills take for every term so that they add up to the budget. */
static void subsample(uint64_t budget, ouro_stream *pick, ouro_mix *m) {
    uint64_t pool = m->pool;
    for (size_t i = 0; i < m->len; i++) {
        uint64_t n = m->term[i].take;
        m->term[i].take = ouro_hypergeometric(pick, n, pool - n, budget);
        pool -= n;
        budget -= m->term[i].take;
    }
}

/* Weight on k fresh real points beside m synthetic ones that makes the error D of the mean least, D_(t-1) + 1/m being that of
 * the synthetic mean: the gain of a Kalman filter, from a first fit with D = 1/initial (He, Xu, Cheng 2025). Settles at
 * (sqrt(r^2 + 4 r) - r) / 2, r = k/m: the golden ratio for k = m. O(t) until it does. */
static double optimal_share(const ouro_policy *p, uint32_t t, double k, double m) {
    double D = 1 / (double)p->initial, kept = D;
    for (uint32_t s = 2;; s++) {
        if (s == p->rollback.at) D = kept;
        if (s == t) break;
        const double real = ouro_policy_injects(p, s) ? (double)anchor_points(p, s) : 0;
        const double points = (double)ouro_policy_synthetic_points(p, s), before = D;
        const double P = points > 0 ? D + 1 / points : INFINITY;
        D = real > 0 ? (isinf(P) ? 1 / real : P / (P * real + 1)) : P;
        if (s == p->rollback.to) kept = D;
        const int settled = s >= p->rollback.at || t < p->rollback.at; /* no rollback is still to come */
        if (D == before && settled && p->synthetic.growth == 0 && p->anchor.growth == 0 && p->anchor.every == 1 &&
            p->anchor.last == OURO_UNSET && s >= p->anchor.first)
            break;
    }
    const double P = D + 1 / m;
    return P / (P + 1 / k);
}

/* Drops empty terms and turns per-origin weights into a weight per term. */
static void weigh(const ouro_policy *p, const ouro_ledger *l, ouro_mix *m) {
    uint64_t points[2] = {0, 0}; /* synthetic, real */
    size_t len = 0;
    for (size_t i = 0; i < m->len; i++) {
        if (!m->term[i].take) continue;
        points[ouro_is_real(l->batch + m->term[i].batch)] += m->term[i].take;
        m->term[len++] = m->term[i];
    }
    m->len = len;
    m->points = points[0] + points[1];
    double weight[2] = {p->weights.synthetic, p->weights.real}, share = p->weights.real_share;
    if (p->labels == OURO_FLATTENED) {
        weight[0] = weight[1] = 1;
    } else if (!isnan(share)) {
        int both = points[0] && points[1];
        if (share == OURO_OPTIMAL && both)
            share = optimal_share(p, l->generation, (double)points[1], (double)points[0]);
        weight[0] = both ? (1 - share) * ((double)m->points / (double)points[0]) : 1;
        weight[1] = both ? share * ((double)m->points / (double)points[1]) : 1;
    }
    for (size_t i = 0; i < m->len; i++) m->term[i].weight = weight[ouro_is_real(l->batch + m->term[i].batch)];
}

int ouro_policy_compose(const ouro_policy *p, const ouro_ledger *l, ouro_stream *pick, ouro_mix *out) {
    int ret = OURO_OK;
    uint32_t t = l->generation;
    size_t set = ouro_policy_injects(p, t) ? current_anchor(l) : SIZE_MAX;
    ouro_mix_clear(out);
    for (size_t i = 0; i < l->len; i++) {
        const ouro_label *b = l->batch + i;
        if (b->n == 0 || !(remembered(p, b, t) || i == set)) continue;
        OURO_TRY(ouro_mix_add(out, &(ouro_term){i, b->n, 1}));
        out->pool += b->n;
    }
    int thin = p->budget != OURO_UNSET && p->budget < out->pool;
    if (thin && pick) subsample(p->budget, pick, out);
    weigh(p, l, out);
    if (thin) out->points = p->budget;
out:
    return ret;
}

int ouro_policy_keeps(const ouro_policy *p, const ouro_ledger *l, size_t i) {
    const ouro_label *b = l->batch + i;
    uint32_t next = l->generation + 1;
    if (remembered(p, b, next)) return 1;
    if (b->role != OURO_ANCHOR || i != current_anchor(l)) return 0;
    uint64_t again = next_injection(p, next);
    if (p->anchor.last != OURO_UNSET && again > p->anchor.last) return 0;
    return again < expiry(p, b->born);
}

/* Batches of a role are used alike by all later fits within a stretch of births: a rollback, where it undoes anything, tells
 * those before, those that it undoes and those after it apart, and flagged ones are told from those before and after. The number of stretches does not grow with t, and as no stretch
 * is entered twice, ids within one are consecutive for their role. */
static int stretch(const ouro_policy *p, const ouro_label *b) {
    const int undoes = p->rollback.at - p->rollback.to > 2; /* the rows for fit `to` + 1 stay, those for `at` are new */
    int cuts = 0;
    if (!ouro_is_real(b) && undoes) cuts += (b->born > p->rollback.to + 1) + (b->born >= p->rollback.at);
    if ((int)b->role == p->flagged.origin) cuts += (b->born >= p->flagged.first) + (b->born > p->flagged.last);
    return cuts;
}

size_t ouro_policy_folds_into(const ouro_policy *p, const ouro_ledger *l, size_t i, int splits) {
    const ouro_label *b = l->batch + i;
    uint64_t window = ouro_is_real(b) ? p->memory.real : p->memory.synthetic;
    if (window != OURO_ALL || (p->budget != OURO_UNSET && !splits)) return SIZE_MAX;
    /* once memory has ended, the current set of anchors is used on its own again */
    if (b->role == OURO_ANCHOR && p->memory.until && p->memory.until != OURO_UNSET) return SIZE_MAX;
    for (size_t j = 0; j < i; j++)
        if (l->batch[j].role == b->role && stretch(p, &l->batch[j]) == stretch(p, b)) return j;
    return SIZE_MAX;
}

void ouro_policy_retire(const ouro_policy *p, const ouro_ledger *l, const ouro_retention *r) {
    for (size_t i = l->len; i-- > 0;) {
        size_t into = SIZE_MAX;
        if (!ouro_policy_keeps(p, l, i))
            r->drop(r->owner, i);
        else if (r->folds && (into = ouro_policy_folds_into(p, l, i, r->splits)) != SIZE_MAX)
            r->fold(r->owner, into, i);
    }
}
