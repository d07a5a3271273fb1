/* ledger.c: what the ledger knows of lineages, the budget of a cadence, and the end of a reserve. */
#include "harness.h"
#include "ouro/policy.h"
#include "setup.h"
#include <math.h>

enum { T = 30 };

static ouro_policy replace_of(uint64_t points) {
    return (ouro_policy){.preset = "test",
                         .initial = points,
                         .synthetic = {.points = points, .temperature = 1},
                         .memory = {.until = OURO_UNSET},
                         .budget = OURO_UNSET,
                         .anchor = {.every = 1, .first = 2, .last = OURO_UNSET, .exhausted_at = OURO_UNSET},
                         .weights = {1, 1, NAN}};
}

/* Walks T fits and writes down where their lineages lead. */
static void ancestry(const ouro_policy *p, ouro_ancestry out[T + 1]) {
    ouro_walk w = {.policy = p};
    for (uint32_t t = 1; t <= T; t++) {
        REQUIRE(ouro_walk_step(&w) == OURO_OK);
        out[t] = ouro_mix_provenance(&w.ledger, &w.mix).ancestry;
        ouro_walk_retire(&w);
    }
    ouro_walk_free(&w);
}

TEST(ledger_ancestry_under_replace) {
    ouro_ancestry a[T + 1];
    ouro_policy p = replace_of(7);
    ancestry(&p, a);
    for (unsigned t = 1; t <= T; t++) {
        CHECK_EQ(a[t].real, t == 1);
        CHECK_CLOSE(a[t].depth, t - 1.0, 1e-14, 0);
    }
}

/* Equal batches: a_t = 1/t + (a_2 + ... + a_{t-1}) / t, which is 1/2 for ever; depth the harmonic number H_t - 1. */
TEST(ledger_ancestry_under_accumulate) {
    ouro_ancestry a[T + 1];
    double harmonic = 0;
    ouro_policy p = replace_of(7);
    p.memory.real = p.memory.synthetic = OURO_ALL;
    ancestry(&p, a);
    for (unsigned t = 1; t <= T; t++) {
        harmonic += 1.0 / t;
        CHECK_CLOSE(a[t].real, t == 1 ? 1 : 0.5, 1e-14, 0);
        CHECK_CLOSE(a[t].depth, harmonic - 1, 1e-13, 1e-15);
    }
}

/* The share r of every fit real, by points or by weight: 1 - (1-r)^(t-1), and depth (1-r)/r times that. */
TEST(ledger_ancestry_with_real_points) {
    for (int k = 0; k < 3; k++) {
        ouro_ancestry a[T + 1];
        ouro_policy p = replace_of(6);
        double r = 0.25;
        if (k == 0)
            p.anchor.points = 2;
        else if (k == 1)
            p.memory.real = OURO_ALL, r = 0.5; /* augment: the first batch again and again */
        else
            p.anchor.points = 2, r = p.weights.real_share = 0.6;
        ancestry(&p, a);
        for (unsigned t = 2; t <= T; t++) {
            CHECK_CLOSE(a[t].real, 1 - pow(1 - r, t - 1), 1e-13, 0);
            CHECK_CLOSE(a[t].depth, (1 - r) / r * (1 - pow(1 - r, t - 1)), 1e-13, 0);
        }
    }
}

/* A checkpoint hands on its own lineage: under replace the depth at t >= h is that of g + 1 + t - h, g + t - h. */
TEST(ledger_ancestry_after_a_rollback) {
    ouro_ancestry a[T + 1];
    ouro_policy p = replace_of(7);
    p.rollback.at = 12;
    p.rollback.to = 4;
    ancestry(&p, a);
    for (unsigned t = 1; t <= T; t++) CHECK_CLOSE(a[t].depth, t < 12 ? t - 1 : 4 + t - 12.0, 1e-14, 0);
    p.anchor.points = 7; /* a half of each fit: 1 - 2^-(models - 1) */
    ancestry(&p, a);
    for (unsigned t = 2; t <= T; t++) CHECK_CLOSE(a[t].real, 1 - pow(0.5, t < 12 ? t - 1 : 4 + t - 12.0), 1e-14, 0);
}

/* Folding averages lineages over points: 1 of the truth and 5 of model 1. */
TEST(ledger_ancestry_is_folded) {
    ouro_ledger l = {.generation = 1};
    ouro_mix m = {0};
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_INITIAL, 3, 0, 0}) == OURO_OK);
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_INITIAL, 1, 0, 0}) == OURO_OK);
    REQUIRE(ouro_mix_add(&m, &(ouro_term){0, 3, 1}) == OURO_OK && ouro_mix_add(&m, &(ouro_term){1, 1, 1}) == OURO_OK);
    ouro_ledger_fitted(&l, &m);
    l.generation = 2;
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_SYNTHETIC, 5, 1, 0}) == OURO_OK);
    ouro_ledger_fold(&l, 1, 2);
    CHECK_CLOSE(l.batch[1].ancestry.depth, 5 / 6.0, 1e-15, 0);
    CHECK_CLOSE(l.batch[1].ancestry.real, 1 / 6.0, 1e-15, 0); /* of the initial point: model 1 hands nothing on */
    CHECK_EQ(l.batch[1].last_id, 2);
    l.model.depth = 1;
    ouro_ledger_clear(&l);
    CHECK_EQ(l.model.depth, 0);
    ouro_ledger_free(&l);
    ouro_mix_free(&m);
}

/* What a policy draws of its anchors up to fit t, and the fits in which the reserve was put back, as bits. */
static uint64_t anchors(const ouro_policy *p, uint32_t last, uint64_t *refills) {
    ouro_walk w = {.policy = p};
    uint64_t sum = 0;
    *refills = 0;
    for (uint32_t t = 1; t <= last; t++) {
        if (ouro_walk_step(&w) != OURO_OK) break;
        for (size_t i = 0; i < w.order.len; i++)
            if (w.order.item[i].role == OURO_ANCHOR) sum += w.order.item[i].n;
        if (w.ledger.refilled == t) *refills |= (uint64_t)1 << t;
        ouro_walk_retire(&w);
    }
    ouro_walk_free(&w);
    return sum;
}

/* A sweep over cadences at one budget: each costs the same over a common multiple of them. */
TEST(policy_budget_matched_cadences) {
    static const uint64_t every[] = {1, 5, 20}, points[] = {2, 8, 30}; /* 1.5 rounds away from zero */
    ouro_study s;
    uint64_t refills;
    REQUIRE(setup_load(&s,
                       "{'name':'b','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'anchor':"
                       "{'points':'budget','budget_per_generation':2}},'sweep':{'policy.anchor.every':[1,5,20]}}") ==
            OURO_OK);
    CHECK_EQ(s.points, 3);
    for (size_t i = 0; i < s.points; i++) {
        CHECK_EQ(s.experiment[i].policy.anchor.points, 2 * every[i]);
        CHECK_EQ(anchors(&s.experiment[i].policy, 101, &refills), 200);
    }
    ouro_study_free(&s);
    REQUIRE(setup_load(&s,
                       "{'name':'b','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'anchor':"
                       "{'points':'budget','budget_per_generation':1.5}},'sweep':{'policy.anchor.every':[1,5,20]}}") ==
            OURO_OK);
    for (size_t i = 0; i < s.points; i++) CHECK_EQ(s.experiment[i].policy.anchor.points, points[i]);
    ouro_study_free(&s);
}

/* A reserve of 10, 3 points every second fit from fit 2 on: fed at 2, 4 and 6, not at 8. */
TEST(policy_reserve_is_exhausted) {
    uint64_t refills;
    ouro_policy p = replace_of(4), again;
    p.anchor.points = 3;
    p.anchor.every = 2;
    p.anchor.exhausted = OURO_END;
    again = p;
    ouro_policy_resolve(&again, 20, 10);
    CHECK_EQ(again.anchor.exhausted_at, 8);
    CHECK_EQ(again.anchor.last, 7);
    CHECK_EQ(anchors(&again, 40, &refills), 9);
    CHECK_EQ(refills, 0);
    again = p;
    ouro_policy_resolve(&again, 20, 9); /* the third set empties it; the fourth finds nothing */
    CHECK_EQ(again.anchor.exhausted_at, 8);
    again = p;
    ouro_policy_resolve(&again, 20, 2);
    CHECK_EQ(again.anchor.exhausted_at, 2);
    CHECK_EQ(anchors(&again, 40, &refills), 0);
    again = p;
    ouro_policy_resolve(&again, 20, OURO_ALL);
    CHECK_EQ(again.anchor.exhausted_at, OURO_UNSET);
    CHECK_EQ(again.anchor.last, OURO_UNSET);
    again = p;
    again.anchor.last = 6;
    ouro_policy_resolve(&again, 20, 9);
    CHECK_EQ(again.anchor.exhausted_at, OURO_UNSET);
    again = p;
    again.anchor.source = OURO_FIXED;
    ouro_policy_resolve(&again, 20, 3);
    CHECK_EQ(again.anchor.exhausted_at, OURO_UNSET);
    again = p;
    again.anchor.source = OURO_STALE; /* sets at 2, 8 (the first injection at least 5 later), 14; none at 20 */
    again.anchor.refresh = 5;
    ouro_policy_resolve(&again, 20, 10);
    CHECK_EQ(again.anchor.exhausted_at, 20);
    p.anchor.exhausted = OURO_REUSE; /* three sets a pass: put back at 8, 14, 20, ... */
    ouro_policy_resolve(&p, 20, 10);
    CHECK_EQ(p.anchor.exhausted_at, 8);
    CHECK_EQ(anchors(&p, 25, &refills), 36);
    CHECK_EQ(refills, 1 << 8 | 1 << 14 | 1 << 20);
}

/* Rules and refusals as a config says them. */
TEST(policy_reserve_rules_of_a_config) {
    static const struct {
        const char *anchor;
        int loads;
    } cases[] = {{"'points':9,'exhausted':'stop'", 0},  {"'points':9,'exhausted':'reuse'", 1},
                 {"'points':9,'exhausted':'none'", 1},  {"'points':55,'exhausted':'reuse'", 0},
                 {"'points':55,'exhausted':'none'", 1}, {"'points':54,'exhausted':'reuse'", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ouro_study s;
        ouro_diagnostics d = {0};
        char path[] = P_tmpdir "/ouro-ledger-XXXXXX", json[600];
        int fd = mkstemp(path);
        FILE *file = fdopen(fd, "w");
        char here[300];
        REQUIRE(file && getcwd(here, sizeof here));
        snprintf(
            json, sizeof json,
            "{'name':'r','truth':{'data':'%s/configs/data/faithful.csv','columns':['waiting'],'reserve':0.2},'model':{"
            "'family':'gaussian'},'policy':{'anchor':{%s}},'run':{'generations':20}}",
            here, cases[i].anchor);
        for (char *c = json; *c; c++) fputc(*c == '\'' ? '"' : *c, file);
        fclose(file);
        CHECK_EQ(ouro_study_load(&s, path, 0, NULL, &d) == OURO_OK, cases[i].loads);
        if (!cases[i].loads) CHECK(d.text && strstr(d.text, "policy.anchor.points") != NULL);
        ouro_diagnostics_free(&d);
        ouro_study_free(&s);
        unlink(path);
    }
}
