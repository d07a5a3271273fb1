/* policy.c: what every policy promises, on random policies.
 *
 * Three ledgers run side by side under each policy: `plain` forgets nothing, `lean` drops what keeps() gives up,
 * `folded` drops and folds all it can. A rule written here anew, from the words of policy.h, says what the orders
 * and mixes of the plain ledger must be; the other two must then lead to the same fits. */
#include "harness.h"
#include "ouro/mem.h"
#include "ouro/policy.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POLICIES = 2000, GENERATIONS = 30, HORIZON = 120, MOST_BATCHES = 2 * HORIZON + 1 };

static uint64_t below(ouro_stream *s, uint64_t n) { return ouro_stream_word(s) % n; }
static int coin(ouro_stream *s, unsigned sides) { return below(s, sides) == 0; }

static uint64_t window(ouro_stream *s) { return coin(s, 3) ? 0 : coin(s, 3) ? OURO_ALL : 1 + below(s, 5); }

static ouro_policy random_policy(ouro_stream *s) {
    static const double growths[] = {0, 0, 0.5, 1, -0.7, -3};
    ouro_policy p = {.preset = "random",
                     .initial = 1 + below(s, 6),
                     .synthetic = {below(s, 6), growths[below(s, 6)], 1},
                     .memory = {window(s), window(s), OURO_UNSET},
                     .budget = coin(s, 3) ? 1 + below(s, 12) : OURO_UNSET,
                     .weights = {1, 1, NAN}};
    p.memory.until = coin(s, 4) ? 1 + below(s, 12) : OURO_UNSET;
    p.labels = coin(s, 5) ? OURO_FLATTENED : OURO_KEPT;
    p.anchor.growth = coin(s, 4) ? growths[below(s, 6)] : 0;
    p.anchor.points = coin(s, 3) ? 0 : 1 + below(s, 3);
    p.anchor.every = 1 + below(s, 6);
    p.anchor.first = 2 + below(s, 7);
    p.anchor.last = coin(s, 3) ? p.anchor.first + below(s, 20) : OURO_UNSET;
    p.anchor.source = (int)below(s, 3);
    p.anchor.refresh = 1 + below(s, 9);
    if (coin(s, 3)) p.weights.real_share = 0.05 + 0.9 * ouro_stream_uniform(s);
    if (coin(s, 3)) {
        p.weights.real = 0.1 + 3 * ouro_stream_uniform(s);
        p.weights.synthetic = 0.1 + 3 * ouro_stream_uniform(s);
    }
    p.flagged.origin = (int)below(s, 3);
    p.flagged.first = coin(s, 2) ? 1 + below(s, 12) : OURO_UNSET;
    p.flagged.last = p.flagged.first == OURO_UNSET ? OURO_UNSET : p.flagged.first + below(s, 4);
    p.flagged.recall = p.flagged.first == OURO_UNSET || coin(s, 3) ? OURO_UNSET : p.flagged.last + 1 + below(s, 6);
    p.rollback.at = coin(s, 2) ? 2 + below(s, 24) : OURO_UNSET;
    p.rollback.to = p.rollback.at == OURO_UNSET ? OURO_UNSET : 1 + below(s, p.rollback.at - 1);
    return p;
}

static void print_policy(const ouro_policy *p, uint32_t index, uint32_t t) {
    printf("policy %u at t = %u: initial %llu, synthetic %llu growth %g, memory %lld %lld, budget %lld, "
           "anchor %llu "
           "every %llu first %llu last %lld source %d refresh %llu growth %g, weights %g %g share %g, until %lld, "
           "labels %d, rollback %lld to %lld, flagged %d %lld to %lld, recall %lld\n",
           index, t, (unsigned long long)p->initial, (unsigned long long)p->synthetic.points, p->synthetic.growth,
           (long long)p->memory.real, (long long)p->memory.synthetic, (long long)p->budget,
           (unsigned long long)p->anchor.points, (unsigned long long)p->anchor.every,
           (unsigned long long)p->anchor.first, (long long)p->anchor.last, p->anchor.source,
           (unsigned long long)p->anchor.refresh, p->anchor.growth, p->weights.real, p->weights.synthetic,
           p->weights.real_share, (long long)p->memory.until, p->labels, (long long)p->rollback.at,
           (long long)p->rollback.to, p->flagged.origin, (long long)p->flagged.first, (long long)p->flagged.last,
           (long long)p->flagged.recall);
}

/* --- the rule, written down a second time ------------------------------------------------------------------- */

static int injection(const ouro_policy *p, uint32_t t) {
    for (uint64_t i = p->anchor.first; p->anchor.points > 0 && i <= t; i += p->anchor.every)
        if (i == t) return p->anchor.last == OURO_UNSET || t <= p->anchor.last;
    return 0;
}

static int marked(const ouro_policy *p, const ouro_label *b) {
    return (int)b->role == p->flagged.origin && b->born >= p->flagged.first && b->born <= p->flagged.last;
}

/* The youngest anchor set among the first len batches, or NULL. */
static const ouro_label *anchor_set(const ouro_ledger *l, size_t len) {
    const ouro_label *set = NULL;
    for (size_t i = 0; i < len; i++)
        if (l->batch[i].role == OURO_ANCHOR) set = &l->batch[i];
    return set;
}

static int wears_out(const ouro_policy *p, const ouro_label *set, uint32_t t) {
    if (p->anchor.source == OURO_FIXED) return 0;
    return p->anchor.source == OURO_FRESH || t - set->born >= p->anchor.refresh;
}

/* Points that the order of fit t should hold of a role; the ledger is that of the plain walk, the order entered. */
static uint64_t due(const ouro_policy *p, const ouro_ledger *l, size_t before, ouro_role role, uint32_t t) {
    if (role == OURO_INITIAL) return t == 1 ? p->initial : 0;
    if (t == 1) return 0;
    if (role == OURO_SYNTHETIC) return (uint64_t)round((double)p->synthetic.points * pow(t, p->synthetic.growth));
    const ouro_label *set = anchor_set(l, before);
    if (set != NULL && marked(p, set) && t >= p->flagged.recall) set = NULL;
    if (!injection(p, t) || (set != NULL && !wears_out(p, set, t))) return 0;
    return (uint64_t)fmax(1, round((double)p->anchor.points * pow(t, p->anchor.growth)));
}

static const char *check_order(const ouro_policy *p, const ouro_walk *w, uint32_t t) {
    const size_t before = w->ledger.len - w->order.len;
    uint64_t asked[3] = {0};
    for (size_t i = 0; i < w->order.len; i++) {
        const ouro_request *ask = &w->order.item[i];
        const ouro_label *b = &w->ledger.batch[before + i];
        if (asked[ask->role] != 0) return "a role is asked for twice";
        if (ask->n == 0) return "an order of no points";
        asked[ask->role] = ask->n;
        if (b->born != t || b->n != ask->n || b->role != ask->role)
            return "the ledger holds another batch than was ordered";
        if (b->generator != (b->role != OURO_SYNTHETIC ? 0 : t == p->rollback.at ? p->rollback.to : t - 1))
            return "a batch comes from another model than it should";
        if (b->flagged != marked(p, b)) return "a batch is flagged that should not be, or the other way round";
    }
    for (unsigned role = 0; role < 3; role++)
        if (asked[role] != due(p, &w->ledger, before, (ouro_role)role, t)) return "an order of the wrong size";
    return NULL;
}

static int belongs(const ouro_policy *p, const ouro_ledger *l, const ouro_label *b, uint32_t t) {
    const uint64_t age = t - b->born, memory = b->role == OURO_SYNTHETIC ? p->memory.synthetic : p->memory.real;
    if (b->role == OURO_SYNTHETIC && t >= p->rollback.at && b->born < p->rollback.at && b->generator > p->rollback.to)
        return 0;
    if (marked(p, b) && t >= p->flagged.recall) return 0;
    const int remembers = p->memory.until == OURO_UNSET || t <= p->memory.until;
    return age == 0 || (remembers && (memory == OURO_ALL || age <= memory)) ||
           (injection(p, t) && b == anchor_set(l, l->len));
}

static const char *check_weights(const ouro_policy *p, const ouro_ledger *l, const ouro_mix *m) {
    double weight[2] = {0, 0}, points[2] = {0, 0}; /* synthetic, real */
    for (size_t i = 0; i < m->len; i++) {
        const int real = l->batch[m->term[i].batch].role != OURO_SYNTHETIC;
        if (!(m->term[i].weight > 0) || !isfinite(m->term[i].weight)) return "a weight that is not positive";
        weight[real] += m->term[i].weight * (double)m->term[i].take;
        points[real] += (double)m->term[i].take;
    }
    if (points[0] == 0 || points[1] == 0) return NULL;
    const double share = weight[1] / (weight[0] + weight[1]), per_point = weight[1] / points[1] * points[0] / weight[0];
    if (p->labels == OURO_FLATTENED)
        return fabs(per_point - 1) < 1e-14 ? NULL : "points without labels differ in weight";
    if (!isnan(p->weights.real_share))
        return fabs(share - p->weights.real_share) < 1e-14 ? NULL : "the real share is not what was asked for";
    return fabs(per_point / (p->weights.real / p->weights.synthetic) - 1) < 1e-14 ? NULL : "weights per point are off";
}

/* The mix of a plain ledger; thinned says that takes were drawn. */
static const char *check_mix(const ouro_policy *p, const ouro_ledger *l, const ouro_mix *m, uint32_t t, int thinned) {
    uint64_t pool = 0, take = 0;
    size_t k = 0;
    for (size_t i = 0; i < l->len; i++) {
        const ouro_label *b = &l->batch[i];
        const int in = belongs(p, l, b, t);
        pool += in ? b->n : 0;
        if (k == m->len || m->term[k].batch != i) {
            if (in && !thinned) return "a batch is missing from the mix";
            continue;
        }
        if (!in || b->born > t) return "a batch has no place in the mix";
        if (m->term[k].take == 0 || m->term[k].take > b->n || (!thinned && m->term[k].take != b->n))
            return "a take is not possible";
        take += m->term[k++].take;
    }
    if (k != m->len) return "the mix is not in the order of the ledger";
    const uint64_t points = p->budget < pool ? p->budget : pool;
    if (m->pool != pool || m->points != points || take != (thinned ? points : pool)) return "points are not conserved";
    return check_weights(p, l, m);
}

/* --- retention ---------------------------------------------------------------------------------------------- */

static void drop(void *ledger, size_t i) { ouro_ledger_drop(ledger, i); }

/* The same fit, batch by batch, from two ledgers that number their batches alike. */
static const char *check_same(const ouro_walk *a, const ouro_walk *b) {
    if (a->order.len != b->order.len || a->mix.len != b->mix.len || a->mix.pool != b->mix.pool ||
        a->mix.points != b->mix.points)
        return "dropping changed an order or the size of a mix";
    for (size_t i = 0; i < a->order.len; i++)
        if (a->order.item[i].role != b->order.item[i].role || a->order.item[i].n != b->order.item[i].n)
            return "dropping changed an order";
    for (size_t i = 0; i < a->mix.len; i++) {
        const ouro_term *x = &a->mix.term[i], *y = &b->mix.term[i];
        if (a->ledger.batch[x->batch].id != b->ledger.batch[y->batch].id || x->take != y->take ||
            x->weight != y->weight)
            return "dropping changed a mix";
    }
    return NULL;
}

static int differ(double a, double b) { return !(isnan(a) && isnan(b)) && !(fabs(a - b) <= 1e-12 * fmax(1, fabs(b))); }

/* The same fit as far as labels can tell, from a ledger with folded batches. */
static const char *check_alike(const ouro_walk *plain, const ouro_walk *folded) {
    uint64_t points[2][3] = {{0}};
    const ouro_walk *walk[2] = {plain, folded};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < walk[k]->mix.len; i++)
            points[k][walk[k]->ledger.batch[walk[k]->mix.term[i].batch].role] += walk[k]->mix.term[i].take;
    if (memcmp(points[0], points[1], sizeof points[0]) != 0) return "folding changed the points of a role";
    if (plain->mix.points != folded->mix.points || plain->mix.pool != folded->mix.pool)
        return "folding changed the size of a mix";
    const ouro_provenance a = ouro_mix_provenance(&plain->ledger, &plain->mix),
                          b = ouro_mix_provenance(&folded->ledger, &folded->mix);
    if (plain->mix.len > 0 && (differ(a.real_share, b.real_share) || differ(a.synthetic_share, b.synthetic_share) ||
                               differ(a.mean_age, b.mean_age) || differ(a.anchor_age, b.anchor_age) ||
                               differ(a.ancestry.real, b.ancestry.real) || differ(a.ancestry.depth, b.ancestry.depth) ||
                               differ(a.ancestry.taint, b.ancestry.taint) || differ(a.flagged_share, b.flagged_share)))
        return "folding changed the provenance";
    return NULL;
}

/* The last fit up to HORIZON that sees each batch, by id; 0 for none. */
static int last_uses(const ouro_policy *p, uint32_t last[MOST_BATCHES]) {
    ouro_walk w = {.policy = p};
    int ret = OURO_OK;
    memset(last, 0, MOST_BATCHES * sizeof *last);
    for (uint32_t t = 1; t <= HORIZON && ret == OURO_OK; t++) {
        ret = ouro_walk_step(&w);
        for (size_t i = 0; i < w.mix.len; i++) last[w.ledger.batch[w.mix.term[i].batch].id] = t;
    }
    ouro_walk_free(&w);
    return ret;
}

/* What is still kept after fit t is still of use. The horizon is far enough for every finite window and cadence. */
static const char *check_kept(const ouro_ledger *l, const uint32_t last[MOST_BATCHES], uint32_t t) {
    for (size_t i = 0; i < l->len; i++)
        if (last[l->batch[i].id] <= t) return "a batch is kept that no later fit sees";
    return NULL;
}

/* Where each origin is remembered for ever or not at all, one batch per role is all there is to keep, and two more each where a
 * rollback or flags tell those before and after from those between; but where memory ends, the anchor sets stay apart until then. */
static const char *check_folded(const ouro_policy *p, const ouro_ledger *l) {
    const int all = (p->memory.real == 0 || p->memory.real == OURO_ALL) &&
                    (p->memory.synthetic == 0 || p->memory.synthetic == OURO_ALL);
    const size_t most = 3 + (p->rollback.at == OURO_UNSET ? 0U : 2U) + (p->flagged.first == OURO_UNSET ? 0U : 2U);
    return all && p->memory.until == OURO_UNSET && l->len > most ? "folding leaves more than a batch per role" : NULL;
}

/* A budgeted compose on the plain and on the lean ledger, with one stream: the same takes. */
static const char *check_thinned(const ouro_walk *plain, const ouro_walk *lean, uint32_t index, uint32_t t) {
    ouro_walk a = {.policy = plain->policy, .ledger = plain->ledger, .order = plain->order};
    ouro_walk b = {.policy = lean->policy, .ledger = lean->ledger, .order = lean->order};
    const ouro_address address = {.seed = 3, .replicate = index, .generation = t, .purpose = OURO_FOR_POLICY};
    const char *why = "out of memory";
    ouro_stream pick;
    ouro_stream_open(&pick, &address);
    if (ouro_policy_compose(a.policy, &a.ledger, &pick, &a.mix) != OURO_OK) goto out;
    ouro_stream_open(&pick, &address);
    if (ouro_policy_compose(b.policy, &b.ledger, &pick, &b.mix) != OURO_OK) goto out;
    why = check_mix(a.policy, &a.ledger, &a.mix, t, a.mix.points < a.mix.pool);
    if (why == NULL) why = check_same(&a, &b);
out:
    ouro_mix_free(&a.mix);
    ouro_mix_free(&b.mix);
    return why;
}

static const char *check_generation(ouro_walk *plain, ouro_walk *lean, ouro_walk *folded, uint32_t index, uint32_t t,
                                    const uint32_t last[MOST_BATCHES]) {
    const ouro_policy *p = plain->policy;
    const char *why;
    if (ouro_walk_step(plain) != OURO_OK || ouro_walk_step(lean) != OURO_OK || ouro_walk_step(folded) != OURO_OK)
        return "out of memory";
    if ((why = check_order(p, plain, t)) != NULL || (why = check_mix(p, &plain->ledger, &plain->mix, t, 0)) != NULL ||
        (why = check_same(plain, lean)) != NULL || (why = check_alike(plain, folded)) != NULL ||
        (why = check_thinned(plain, lean, index, t)) != NULL)
        return why;
    ouro_policy_retire(p, &lean->ledger, &(ouro_retention){.owner = &lean->ledger, .drop = drop});
    ouro_walk_retire(folded);
    if ((why = check_kept(&lean->ledger, last, t)) != NULL) return why;
    return check_folded(p, &folded->ledger);
}

static int check_policy(const ouro_policy *p, uint32_t index) {
    ouro_walk plain = {.policy = p}, lean = plain, folded = plain;
    uint32_t last[MOST_BATCHES];
    const char *why = last_uses(p, last) != OURO_OK ? "out of memory" : NULL;
    for (uint32_t t = 1; t <= GENERATIONS && why == NULL; t++)
        if ((why = check_generation(&plain, &lean, &folded, index, t, last)) != NULL) print_policy(p, index, t);
    ouro_walk_free(&plain);
    ouro_walk_free(&lean);
    ouro_walk_free(&folded);
    CHECK_STR(why, NULL);
    return why == NULL;
}

TEST(contract_policy_on_random_policies) {
    ouro_stream s;
    int failures = 0;
    ouro_stream_open(&s, &(ouro_address){.seed = 20240917, .purpose = OURO_FOR_POLICY});
    for (uint32_t i = 0; i < POLICIES && failures < 5; i++) {
        const ouro_policy p = random_policy(&s);
        failures += !check_policy(&p, i);
    }
}

/* Every value of the discrete knobs with every other: 4 x 4 memories, budgets, sources, cadences, ends. */
TEST(contract_policy_on_a_grid) {
    static const uint64_t memory[] = {0, 1, 3, OURO_ALL}, budgets[] = {OURO_UNSET, 1, 7, 1000};
    int failures = 0;
    for (uint32_t i = 0; i < 4 * 4 * 4 * 3 * 3 * 2 && failures < 5; i++) {
        ouro_policy p = {.preset = "grid", .initial = 3, .synthetic = {2, 0, 1}, .weights = {1, 1, NAN}};
        p.memory.until = OURO_UNSET;
        p.memory.real = memory[i % 4];
        p.memory.synthetic = memory[i / 4 % 4];
        p.budget = budgets[i / 16 % 4];
        p.anchor.points = 1;
        p.anchor.source = (int)(i / 64 % 3);
        p.anchor.every = 1 + 2 * (i / 192 % 3);
        p.anchor.first = 2;
        p.anchor.last = i / 576 % 2 ? 9 : OURO_UNSET;
        p.anchor.refresh = 4;
        p.rollback.at = i % 5 ? OURO_UNSET : 9;
        p.rollback.to = i % 5 ? OURO_UNSET : 3;
        p.flagged.origin = (int)(i % 3);
        p.flagged.first = p.flagged.last = i % 7 ? OURO_UNSET : 1;
        p.flagged.recall = i % 7 ? OURO_UNSET : 5;
        failures += !check_policy(&p, i);
    }
}

/* Orders and mixes depend on labels alone: ids may be any, and nothing is remembered between calls. */
TEST(contract_policy_is_pure) {
    ouro_stream s;
    ouro_stream_open(&s, &(ouro_address){.seed = 5, .purpose = OURO_FOR_POLICY});
    for (uint32_t i = 0; i < 200; i++) {
        const ouro_policy p = random_policy(&s);
        ouro_walk w = {.policy = &p};
        ouro_mix again = {0};
        ouro_order order;
        for (uint32_t t = 1; t <= 12; t++) {
            REQUIRE(ouro_walk_step(&w) == OURO_OK);
            for (size_t b = 0; b < w.ledger.len; b++) w.ledger.batch[b].id += 1000;
            REQUIRE(ouro_policy_compose(&p, &w.ledger, NULL, &again) == OURO_OK);
            CHECK_EQ(again.len, w.mix.len);
            CHECK(again.len == 0 || memcmp(again.term, w.mix.term, again.len * sizeof *again.term) == 0);
            w.ledger.len -= w.order.len;
            ouro_policy_order(&p, &w.ledger, &order);
            w.ledger.len += w.order.len;
            CHECK_EQ(order.len, w.order.len);
            for (size_t k = 0; k < order.len; k++)
                CHECK(order.item[k].role == w.order.item[k].role && order.item[k].n == w.order.item[k].n);
        }
        ouro_walk_free(&w);
        ouro_mix_free(&again);
    }
}
