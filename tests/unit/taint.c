/* taint.c: flagged batches, their recall, and what is left of them in lineages. The closed forms are derived here. */
#include "harness.h"
#include "ouro/policy.h"
#include <math.h>

enum { T = 30, FLAG = 5, RECALL = 9 };

typedef struct trace {
    double flagged[T + 1], taint[T + 1];
} trace;

/* Equal batches; batches of `origin` born in generation `first` are flagged. */
static ouro_policy policy_of(ouro_role origin, uint64_t first) {
    return (ouro_policy){.preset = "test",
                         .initial = 6,
                         .synthetic = {.points = 6, .temperature = 1},
                         .memory = {.until = OURO_UNSET},
                         .budget = OURO_UNSET,
                         .anchor = {.every = 1, .first = 2, .last = OURO_UNSET, .exhausted_at = OURO_UNSET},
                         .weights = {1, 1, NAN},
                         .rollback = {OURO_UNSET, OURO_UNSET},
                         .flagged = {(int)origin, first, first, OURO_UNSET}};
}

/* Walks T fits twice, with batches folded and as they are: lineages are the same. */
static trace walk(const ouro_policy *p) {
    trace out = {{0}, {0}};
    ouro_walk w = {.policy = p}, plain = w;
    for (uint32_t t = 1; t <= T; t++) {
        const int stepped = ouro_walk_step(&w) == OURO_OK && ouro_walk_step(&plain) == OURO_OK;
        CHECK(stepped);
        if (!stepped) break;
        const ouro_provenance v = ouro_mix_provenance(&w.ledger, &w.mix),
                              u = ouro_mix_provenance(&plain.ledger, &plain.mix);
        out.flagged[t] = v.flagged_share;
        out.taint[t] = v.ancestry.taint;
        CHECK_CLOSE(v.flagged_share, u.flagged_share, 1e-14, 1e-16);
        CHECK_CLOSE(v.ancestry.taint, u.ancestry.taint, 1e-13, 1e-15);
        ouro_walk_retire(&w);
        CHECK(w.ledger.len <= 9);
    }
    ouro_walk_free(&w);
    ouro_walk_free(&plain);
    return out;
}

/* Replace launders: one generation later no flagged row is left, and every model is made of them. */
TEST(taint_under_replace_stays_whole) {
    for (int recalled = 0; recalled < 2; recalled++) {
        ouro_policy p = policy_of(OURO_SYNTHETIC, FLAG);
        if (recalled) p.flagged.recall = FLAG + 1;
        const trace a = walk(&p);
        for (unsigned t = 1; t <= T; t++) {
            CHECK_EQ(a.flagged[t], t == FLAG);
            CHECK_EQ(a.taint[t], t >= FLAG);
        }
    }
    const ouro_policy p = policy_of(OURO_INITIAL, 1);
    const trace a = walk(&p);
    for (unsigned t = 1; t <= T; t++) {
        CHECK_EQ(a.flagged[t], t == 1);
        CHECK_EQ(a.taint[t], 1);
    }
}

/* Equal batches, all kept, b of t flagged at t = b: taint 1/b, and as each new batch has the taint of the fit before, for ever.
 * A recall at r takes one whole batch out of the r/b that are tainted among r: (r/b - 1) / (r - 1) from then on. */
TEST(taint_under_accumulate_outlives_its_recall) {
    for (int recalled = 0; recalled < 2; recalled++) {
        ouro_policy p = policy_of(OURO_SYNTHETIC, FLAG);
        p.memory.real = p.memory.synthetic = OURO_ALL;
        if (recalled) p.flagged.recall = RECALL;
        const trace a = walk(&p);
        for (unsigned t = 1; t <= T; t++) {
            const int gone = recalled && t >= RECALL;
            CHECK_CLOSE(a.flagged[t], t < FLAG || gone ? 0 : 1.0 / t, 1e-14, 0);
            CHECK_CLOSE(a.taint[t],
                        t < FLAG ? 0
                        : gone   ? (RECALL / (double)FLAG - 1) / (RECALL - 1.0)
                                 : 1.0 / FLAG,
                        1e-13, 0);
        }
    }
}

/* The first batch for ever beside the latest synthetic one, flagged and recalled: all taint before, and all after it, for what is
 * left are its descendants alone. */
TEST(taint_of_the_first_batch) {
    ouro_policy p = policy_of(OURO_INITIAL, 1);
    p.memory.real = OURO_ALL;
    p.flagged.recall = RECALL;
    const trace a = walk(&p);
    for (unsigned t = 1; t <= T; t++) {
        CHECK_CLOSE(a.flagged[t], t == 1 ? 1 : t < RECALL ? 0.5 : 0, 1e-14, 0);
        CHECK_EQ(a.taint[t], 1);
    }
}

/* A share r of every fit real: (1 - r)^(t - b) of what fit b has, 1 for a synthetic batch alone, r for the anchor set alone. */
TEST(taint_decays_by_real_points) {
    for (int anchors = 0; anchors < 2; anchors++) {
        ouro_policy p = policy_of(anchors ? OURO_ANCHOR : OURO_SYNTHETIC, FLAG);
        p.anchor.points = 2;
        p.flagged.recall = RECALL;
        const trace a = walk(&p);
        const double r = 0.25, first = anchors ? r : 1 - r;
        for (unsigned t = 1; t <= T; t++) {
            CHECK_CLOSE(a.flagged[t], t == FLAG ? first : 0, 1e-14, 0);
            CHECK_CLOSE(a.taint[t], t < FLAG ? 0 : first * pow(1 - r, t - FLAG), 1e-13, 0);
        }
    }
}

/* A flagged set used again and again, 1 of 4 points: 1 - (3/4)^k after k fits. Recalled, it is replaced, and the rest decays. */
TEST(taint_of_a_fixed_anchor) {
    ouro_policy p = policy_of(OURO_ANCHOR, 2);
    p.anchor.points = 2;
    p.anchor.source = OURO_FIXED;
    p.flagged.recall = RECALL;
    const trace a = walk(&p);
    for (unsigned t = 1; t <= T; t++) {
        const double kept = pow(0.75, t < RECALL ? t - 1 : RECALL - 2);
        CHECK_CLOSE(a.flagged[t], t > 1 && t < RECALL ? 0.25 : 0, 1e-14, 0);
        CHECK_CLOSE(a.taint[t], (1 - kept) * (t < RECALL ? 1 : pow(0.75, t - RECALL + 1)), 1e-13, 1e-16);
    }
    p.anchor.exhausted = OURO_STOP;
    ouro_policy_resolve(&p, 6, 3); /* a reserve of one set and a half: the second is asked for at the recall */
    CHECK_EQ(p.anchor.exhausted_at, RECALL);
    p.flagged.recall = OURO_UNSET;
    ouro_policy_resolve(&p, 6, 3);
    CHECK_EQ(p.anchor.exhausted_at, OURO_UNSET);
}

/* Back to before the first flag all is clean; to the first tainted model nothing is gained. The flagged batch of fit b is model
 * b - 1's: going back to that under accumulate, 1 of 6 is left until it is recalled. */
TEST(taint_ends_by_a_rollback) {
    for (unsigned to = FLAG - 2; to <= FLAG; to++)
        for (int all = 0; all < 2; all++)
            for (int recalled = 0; recalled < 2; recalled++) {
                ouro_policy p = policy_of(OURO_SYNTHETIC, FLAG);
                p.rollback.at = RECALL;
                p.rollback.to = to;
                if (recalled) p.flagged.recall = RECALL;
                if (all) p.memory.real = p.memory.synthetic = OURO_ALL;
                const trace a = walk(&p);
                double left = to == FLAG;
                if (all && to == FLAG - 1) left = recalled ? 0 : 1 / 6.0;
                /* b batches, one flagged; the two that model b drew have 1/b each */
                if (all && to == FLAG) left = recalled ? 2.0 / FLAG / (FLAG + 1) : (1 + 2.0 / FLAG) / (FLAG + 2);
                CHECK_CLOSE(a.taint[RECALL - 1], all ? 1.0 / FLAG : 1, 1e-13, 0);
                for (unsigned t = RECALL; t <= T; t++) CHECK_CLOSE(a.taint[t], left, 1e-13, 0);
            }
}
