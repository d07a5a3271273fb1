/* policy.c: what a policy's fields and presets mean, told as small ledgers; order and mix as functions of labels alone.
 *
 * A story has one line per fit: what was drawn for it, and what it saw. A batch is written
 *     i1x3   3 initial points      s4x2   2 synthetic points drawn for fit 4      a5x1   1 anchor point drawn for fit 5
 * with @w behind it where its points do not have weight 1. "4 of" stands before a pool that a budget thins. */
#include "fit.h"
#include "harness.h"
#include "ouro/policy.h"
#include "ouro/variates.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STORY = 4096 };

/* Puts JSON text into a field, as a config would: enough for the table's own defaults and the presets. */
static void put(ouro_policy *p, const char *path, const char *json) {
    const ouro_field *f = ouro_field_find(ouro_policy_fields, path);
    if (!harness_true(f != NULL, __FILE__, __LINE__, path)) return;
    void *at = (char *)p + f->offset;
    const int null = strcmp(json, "null") == 0, text = json[0] == '"';
    if (f->kind == OURO_REAL)
        *(double *)at = null ? (double)NAN : strtod(json, NULL);
    else if (f->kind == OURO_COUNT)
        *(uint64_t *)at = null             ? OURO_UNSET
                          : !text          ? strtoull(json, NULL, 10)
                          : json[1] == 'b' ? OURO_BUDGETED
                                           : OURO_FOLLOW;
    else if (f->kind == OURO_WINDOW)
        *(uint64_t *)at = text ? (json[1] == 'a' ? OURO_ALL : 0) : strtoull(json, NULL, 10);
    else if (f->kind == OURO_CHOICE)
        for (int i = 0; f->choices[i] != NULL; i++)
            if (strncmp(json + 1, f->choices[i], strlen(f->choices[i])) == 0) *(int *)at = i;
}

/* A preset with "path=value" on top, the last NULL; 3 initial and 2 synthetic points unless said otherwise. */
static ouro_policy policy_of(const char *preset, ...) {
    ouro_policy p = {.preset = preset};
    for (size_t i = 0; i < ouro_policy_fields.len; i++)
        put(&p, ouro_policy_fields.rows[i].path, ouro_policy_fields.rows[i].def);
    put(&p, "initial", "3");
    put(&p, "synthetic.points", "2");
    const ouro_preset *row = ouro_preset_find(preset);
    if (harness_true(row != NULL, __FILE__, __LINE__, preset))
        for (size_t i = 0; i < 5 && row->set[i][0] != NULL; i++) put(&p, row->set[i][0], row->set[i][1]);
    va_list args;
    va_start(args, preset);
    for (const char *set; (set = va_arg(args, const char *)) != NULL;) {
        char path[64];
        const char *equal = strchr(set, '=');
        snprintf(path, sizeof path, "%.*s", (int)(equal - set), set);
        put(&p, path, equal + 1);
    }
    va_end(args);
    ouro_policy_resolve(&p, OURO_FOLLOW, OURO_ALL);
    return p;
}

#define POLICY(...) policy_of(__VA_ARGS__, (const char *)NULL)

static size_t tell_batch(char *out, size_t room, const ouro_label *b, uint64_t n, double weight) {
    int len = snprintf(out, room, " %c%ux%llu", "ias"[b->role], b -> born, (unsigned long long)n);
    if (weight != 1) len += snprintf(out + len, room - (size_t)len, "@%.4g", weight);
    return (size_t)len;
}

/* The policy run on labels alone for some generations, nothing dropped or folded. */
static const char *story(ouro_policy p, uint32_t generations) {
    static char text[STORY];
    char *at = text, *end = text + STORY;
    ouro_walk w = {.policy = &p};
    for (uint32_t t = 1; t <= generations; t++) {
        if (ouro_walk_step(&w) != OURO_OK) break;
        at += snprintf(at, (size_t)(end - at), "%u: draw", t);
        for (size_t i = w.ledger.len - w.order.len; i < w.ledger.len; i++)
            at += tell_batch(at, (size_t)(end - at), &w.ledger.batch[i], w.ledger.batch[i].n, 1);
        at += snprintf(at, (size_t)(end - at), "; fit");
        if (w.mix.points < w.mix.pool)
            at += snprintf(at, (size_t)(end - at), " %llu of", (unsigned long long)w.mix.points);
        for (size_t i = 0; i < w.mix.len; i++)
            at += tell_batch(at, (size_t)(end - at), &w.ledger.batch[w.mix.term[i].batch], w.mix.term[i].take,
                             w.mix.term[i].weight);
        at += snprintf(at, (size_t)(end - at), "\n");
    }
    ouro_walk_free(&w);
    return text;
}

TEST(policy_replace) {
    CHECK_STR(story(POLICY("replace"), 4), "1: draw i1x3; fit i1x3\n"
                                           "2: draw s2x2; fit s2x2\n"
                                           "3: draw s3x2; fit s3x2\n"
                                           "4: draw s4x2; fit s4x2\n");
}

TEST(policy_accumulate) {
    CHECK_STR(story(POLICY("accumulate"), 4), "1: draw i1x3; fit i1x3\n"
                                              "2: draw s2x2; fit i1x3 s2x2\n"
                                              "3: draw s3x2; fit i1x3 s2x2 s3x2\n"
                                              "4: draw s4x2; fit i1x3 s2x2 s3x2 s4x2\n");
}

TEST(policy_accumulate_subsample) {
    CHECK_STR(story(POLICY("accumulate-subsample"), 4), "1: draw i1x3; fit 2 of i1x3\n"
                                                        "2: draw s2x2; fit 2 of i1x3 s2x2\n"
                                                        "3: draw s3x2; fit 2 of i1x3 s2x2 s3x2\n"
                                                        "4: draw s4x2; fit 2 of i1x3 s2x2 s3x2 s4x2\n");
}

TEST(policy_augment) {
    CHECK_STR(story(POLICY("augment"), 4), "1: draw i1x3; fit i1x3\n"
                                           "2: draw s2x2; fit i1x3 s2x2\n"
                                           "3: draw s3x2; fit i1x3 s3x2\n"
                                           "4: draw s4x2; fit i1x3 s4x2\n");
}

TEST(policy_fresh) {
    CHECK_STR(story(POLICY("fresh"), 4), "1: draw i1x3; fit i1x3\n"
                                         "2: draw s2x2 a2x1; fit s2x2 a2x1\n"
                                         "3: draw s3x2 a3x1; fit s3x2 a3x1\n"
                                         "4: draw s4x2 a4x1; fit s4x2 a4x1\n");
}

/* Two synthetic and two real points: weights 2 (1 - g) and 2 g, g = 0.618... the golden share. */
TEST(policy_weighted) {
    CHECK_STR(story(POLICY("weighted"), 3), "1: draw i1x3; fit i1x3\n"
                                            "2: draw s2x2 a2x2; fit s2x2@0.7639 a2x2@1.236\n"
                                            "3: draw s3x2 a3x2; fit s3x2@0.7639 a3x2@1.236\n");
}

TEST(policy_every_preset_is_told_here) {
    static const char *const told[] = {"replace", "accumulate", "accumulate-subsample", "augment", "fresh", "weighted"};
    CHECK_EQ(ouro_presets_len, sizeof told / sizeof told[0]);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) CHECK(ouro_preset_find(told[i]) != NULL);
    CHECK(ouro_preset_find("Replace") == NULL);
}

TEST(policy_memory_windows) {
    CHECK_STR(story(POLICY("replace", "memory.synthetic=2", "memory.real=1"), 5), "1: draw i1x3; fit i1x3\n"
                                                                                  "2: draw s2x2; fit i1x3 s2x2\n"
                                                                                  "3: draw s3x2; fit s2x2 s3x2\n"
                                                                                  "4: draw s4x2; fit s2x2 s3x2 s4x2\n"
                                                                                  "5: draw s5x2; fit s3x2 s4x2 s5x2\n");
}

TEST(policy_anchor_every_third_up_to_eight) {
    CHECK_STR(story(POLICY("fresh", "anchor.first=3", "anchor.every=3", "anchor.last=8"), 9),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2; fit s2x2\n"
              "3: draw s3x2 a3x1; fit s3x2 a3x1\n"
              "4: draw s4x2; fit s4x2\n"
              "5: draw s5x2; fit s5x2\n"
              "6: draw s6x2 a6x1; fit s6x2 a6x1\n"
              "7: draw s7x2; fit s7x2\n"
              "8: draw s8x2; fit s8x2\n"
              "9: draw s9x2; fit s9x2\n");
}

TEST(policy_fixed_anchor_is_drawn_once_and_reused) {
    CHECK_STR(story(POLICY("fresh", "anchor.source=\"fixed\"", "anchor.every=2"), 5),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2 a2x1; fit s2x2 a2x1\n"
              "3: draw s3x2; fit s3x2\n"
              "4: draw s4x2; fit a2x1 s4x2\n"
              "5: draw s5x2; fit s5x2\n");
}

TEST(policy_stale_anchor_is_renewed_at_its_age) {
    CHECK_STR(story(POLICY("fresh", "anchor.source=\"stale\"", "anchor.refresh=2"), 6),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2 a2x1; fit s2x2 a2x1\n"
              "3: draw s3x2; fit a2x1 s3x2\n"
              "4: draw s4x2 a4x1; fit s4x2 a4x1\n"
              "5: draw s5x2; fit a4x1 s5x2\n"
              "6: draw s6x2 a6x1; fit s6x2 a6x1\n");
}

/* Anchors that memory.real still holds stay in the pool between and beside injections. */
TEST(policy_remembered_anchors_add_up) {
    CHECK_STR(story(POLICY("fresh", "memory.real=2", "anchor.every=2"), 6), "1: draw i1x3; fit i1x3\n"
                                                                            "2: draw s2x2 a2x1; fit i1x3 s2x2 a2x1\n"
                                                                            "3: draw s3x2; fit i1x3 a2x1 s3x2\n"
                                                                            "4: draw s4x2 a4x1; fit a2x1 s4x2 a4x1\n"
                                                                            "5: draw s5x2; fit a4x1 s5x2\n"
                                                                            "6: draw s6x2 a6x1; fit a4x1 s6x2 a6x1\n");
}

TEST(policy_budget_above_the_pool_takes_all) {
    CHECK_STR(story(POLICY("accumulate", "budget=5"), 3), "1: draw i1x3; fit i1x3\n"
                                                          "2: draw s2x2; fit i1x3 s2x2\n"
                                                          "3: draw s3x2; fit 5 of i1x3 s2x2 s3x2\n");
}

TEST(policy_real_points_alone) {
    CHECK_STR(story(POLICY("fresh", "synthetic.points=0", "anchor.points=4"), 3), "1: draw i1x3; fit i1x3\n"
                                                                                  "2: draw a2x4; fit a2x4\n"
                                                                                  "3: draw a3x4; fit a3x4\n");
}

TEST(policy_weights_per_point) {
    CHECK_STR(story(POLICY("augment", "weights.real=2.5", "weights.synthetic=0.5"), 3),
              "1: draw i1x3; fit i1x3@2.5\n"
              "2: draw s2x2; fit i1x3@2.5 s2x2@0.5\n"
              "3: draw s3x2; fit i1x3@2.5 s3x2@0.5\n");
}

/* Back to model 2 for fit 5: s4 was drawn by model 3 and is gone, s3 by model 2 and stays, s5 is drawn by model 2 again. */
TEST(policy_rollback_takes_back_what_later_models_drew) {
    CHECK_STR(story(POLICY("accumulate", "rollback.at=5", "rollback.to=2"), 6),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2; fit i1x3 s2x2\n"
              "3: draw s3x2; fit i1x3 s2x2 s3x2\n"
              "4: draw s4x2; fit i1x3 s2x2 s3x2 s4x2\n"
              "5: draw s5x2; fit i1x3 s2x2 s3x2 s5x2\n"
              "6: draw s6x2; fit i1x3 s2x2 s3x2 s5x2 "
              "s6x2\n");
    ouro_policy p = POLICY("replace", "rollback.at=5", "rollback.to=2");
    CHECK_EQ(ouro_policy_generator(&p, 4), 3);
    CHECK_EQ(ouro_policy_generator(&p, 5), 2);
    CHECK_EQ(ouro_policy_generator(&p, 6), 5);
    CHECK_EQ(ouro_policy_checkpoint(&p), 2);
    p = POLICY("replace");
    CHECK_EQ(ouro_policy_checkpoint(&p), 0);
    CHECK_EQ(ouro_policy_generator(&p, 5), 4);
}

/* s3 is flagged and recalled at fit 5; the anchor set of fit 2 as well, and another is collected. */
TEST(policy_recall_takes_out_what_is_flagged) {
    CHECK_STR(story(POLICY("accumulate", "flagged.first=3", "flagged.recall=5"), 5),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2; fit i1x3 s2x2\n"
              "3: draw s3x2; fit i1x3 s2x2 s3x2\n"
              "4: draw s4x2; fit i1x3 s2x2 s3x2 s4x2\n"
              "5: draw s5x2; fit i1x3 s2x2 s4x2 s5x2\n");
    CHECK_STR(story(POLICY("fresh", "anchor.source=\"fixed\"", "flagged.origin=\"anchor\"", "flagged.first=1",
                           "flagged.last=3", "flagged.recall=4"),
                    5),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2 a2x1; fit s2x2 a2x1\n"
              "3: draw s3x2; fit a2x1 s3x2\n"
              "4: draw s4x2 a4x1; fit s4x2 a4x1\n"
              "5: draw s5x2; fit a4x1 s5x2\n");
    ouro_policy p = POLICY("replace", "flagged.first=7");
    CHECK_EQ(p.flagged.last, 7);
}

/* Observations are kept, whenever they came in. */
TEST(policy_rollback_keeps_real_points) {
    CHECK_STR(story(POLICY("accumulate", "anchor.points=1", "anchor.first=3", "anchor.every=9", "rollback.at=5",
                           "rollback.to=1"),
                    5),
              "1: draw i1x3; fit i1x3\n"
              "2: draw s2x2; fit i1x3 s2x2\n"
              "3: draw s3x2 a3x1; fit i1x3 s2x2 s3x2 a3x1\n"
              "4: draw s4x2; fit i1x3 s2x2 s3x2 a3x1 s4x2\n"
              "5: draw s5x2; fit i1x3 s2x2 a3x1 s5x2\n");
}

/* n_t = round(points t^growth) */
TEST(policy_growth) {
    static const struct {
        const char *growth;
        uint64_t n[4]; /* t = 2, 3, 10, 100 */
    } rows[] = {{"0", {7, 7, 7, 7}},         {"1", {14, 21, 70, 700}},
                {"2", {28, 63, 700, 70000}}, {"0.5", {10, 12, 22, 70}},
                {"-1", {4, 2, 1, 0}},        {"10", {7168, 413343, UINT64_C(70000000000), UINT64_C(9007199254740991)}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ouro_policy p = POLICY("replace", "synthetic.points=7");
        put(&p, "synthetic.growth", rows[i].growth);
        CHECK_EQ(ouro_policy_synthetic_points(&p, 2), rows[i].n[0]);
        CHECK_EQ(ouro_policy_synthetic_points(&p, 3), rows[i].n[1]);
        CHECK_EQ(ouro_policy_synthetic_points(&p, 10), rows[i].n[2]);
        CHECK_EQ(ouro_policy_synthetic_points(&p, 100), rows[i].n[3]);
    }
    CHECK_STR(story(POLICY("replace", "synthetic.growth=1"), 4), "1: draw i1x3; fit i1x3\n"
                                                                 "2: draw s2x4; fit s2x4\n"
                                                                 "3: draw s3x6; fit s3x6\n"
                                                                 "4: draw s4x8; fit s4x8\n");
}

TEST(policy_injects_late) {
    ouro_policy p = POLICY("fresh", "anchor.first=5", "anchor.every=4294967295");
    CHECK(ouro_policy_injects(&p, 5));
    CHECK(!ouro_policy_injects(&p, 4));
    CHECK(!ouro_policy_injects(&p, 4294967295U));
    p = POLICY("fresh", "anchor.last=4294967294");
    CHECK(ouro_policy_injects(&p, 4294967294U));
    CHECK(!ouro_policy_injects(&p, 4294967295U));
    p = POLICY("replace");
    CHECK(!ouro_policy_injects(&p, 2));
}

TEST(policy_resolve) {
    ouro_policy p = POLICY("accumulate-subsample", "anchor.points=\"synthetic.points\"", "synthetic.points=17");
    CHECK_EQ(p.budget, 17);
    CHECK_EQ(p.anchor.points, 17);
    CHECK_EQ(p.initial, 3);
    p.initial = OURO_UNSET;
    ouro_policy_resolve(&p, 40, OURO_ALL);
    CHECK_EQ(p.initial, 40);
    p.initial = OURO_UNSET;
    ouro_policy_resolve(&p, OURO_FOLLOW, OURO_ALL);
    CHECK_EQ(p.initial, 17);
    p = POLICY("replace");
    CHECK_EQ(p.budget, OURO_UNSET);
}

/* Takes of a budget of 7 from batches of 3, 5, 1 and 11: hypergeometric in each batch, and so in any two of them. */
TEST(policy_budget_takes_are_hypergeometric) {
    enum { TRIALS = 20000, BATCHES = 4, BUDGET = 7, POOL = 20 };
    static const uint64_t size[BATCHES] = {3, 5, 1, 11};
    static double take[BATCHES + 1][TRIALS];
    ouro_policy p = POLICY("accumulate", "budget=7");
    ouro_ledger l = {.generation = 1};
    ouro_mix m = {0};
    ouro_stream pick;
    for (size_t b = 0; b < BATCHES; b++)
        REQUIRE(ouro_ledger_add(&l, &(ouro_request){b ? OURO_SYNTHETIC : OURO_INITIAL, size[b], 0, 0}) == OURO_OK);
    for (uint32_t i = 0; i < TRIALS; i++) {
        double sum = 0;
        for (size_t b = 0; b < BATCHES; b++) take[b][i] = 0;
        ouro_stream_open(&pick, &(ouro_address){.seed = 7, .replicate = i, .purpose = OURO_FOR_POLICY});
        REQUIRE(ouro_policy_compose(&p, &l, &pick, &m) == OURO_OK);
        for (size_t k = 0; k < m.len; k++) take[m.term[k].batch][i] = (double)m.term[k].take;
        for (size_t b = 0; b < BATCHES; b++) sum += take[b][i];
        take[BATCHES][i] = take[1][i] + take[2][i];
        CHECK_EQ(sum, BUDGET);
        CHECK_EQ(m.points, BUDGET);
        CHECK_EQ(m.pool, POOL);
    }
    for (size_t b = 0; b <= BATCHES; b++) {
        const double share = (b < BATCHES ? (double)size[b] : 6) / POOL, mean = BUDGET * share;
        const double variance = mean * (1 - share) * (POOL - BUDGET) / (POOL - 1.0);
        double fourth = 0; /* E (take - mean)^4 has no short form: of the sample, as good for a bound */
        for (size_t i = 0; i < TRIALS; i++) fourth += pow(take[b][i] - mean, 4) / TRIALS;
        CHECK_CLOSE(fit_mean_z(TRIALS, take[b], mean, variance), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_variance_z(TRIALS, take[b], mean, variance, fourth), 0, 0, FIT_Z);
    }
    ouro_ledger_free(&l);
    ouro_mix_free(&m);
}

/* By hand, at t = 6: 4 initial points (age 5, weight 2), 3 synthetic (age 1, weight 0.5), 2 anchors (age 2, 2). */
TEST(policy_provenance) {
    ouro_ledger l = {.generation = 1};
    ouro_mix m = {0};
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_INITIAL, 4, 0, 0}) == OURO_OK);
    l.generation = 5;
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_SYNTHETIC, 3, 4, 0}) == OURO_OK);
    l.generation = 4;
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_ANCHOR, 2, 0, 0}) == OURO_OK);
    l.generation = 6;
    REQUIRE(ouro_mix_add(&m, &(ouro_term){0, 4, 2}) == OURO_OK);
    REQUIRE(ouro_mix_add(&m, &(ouro_term){1, 3, 0.5}) == OURO_OK);
    m.points = 7;
    ouro_provenance v = ouro_mix_provenance(&l, &m);
    CHECK_CLOSE(v.real_share, 8 / 9.5, 1e-15, 0);
    CHECK_CLOSE(v.synthetic_share, 1.5 / 9.5, 1e-15, 0);
    CHECK_CLOSE(v.mean_age, (8 * 5 + 1.5 * 1) / 9.5, 1e-15, 0);
    CHECK(isnan(v.anchor_age));
    CHECK_EQ(v.points, 7);
    REQUIRE(ouro_mix_add(&m, &(ouro_term){2, 2, 2}) == OURO_OK);
    v = ouro_mix_provenance(&l, &m);
    CHECK_CLOSE(v.real_share, 12 / 13.5, 1e-15, 0);
    CHECK_CLOSE(v.mean_age, (8 * 5 + 1.5 * 1 + 4 * 2) / 13.5, 1e-15, 0);
    CHECK_EQ(v.anchor_age, 2);
    ouro_ledger_free(&l);
    ouro_mix_free(&m);
}

TEST(policy_ledger_add_fold_drop) {
    ouro_ledger l = {.generation = 1};
    for (uint32_t t = 1; t <= 20; t++) { /* beyond the first capacity */
        l.generation = t;
        REQUIRE(ouro_ledger_add(&l, &(ouro_request){t == 1 ? OURO_INITIAL : OURO_SYNTHETIC, t, t - 1, 0}) == OURO_OK);
    }
    CHECK_EQ(l.len, 20);
    CHECK_EQ(l.batch[19].id, 19);
    CHECK_EQ(l.batch[0].generator, 0);
    CHECK_EQ(l.batch[19].generator, 19);
    CHECK_EQ(l.batch[19].born, 20);
    ouro_ledger_fold(&l, 1, 3); /* 2 points of t = 2 and 4 of t = 4 */
    CHECK_EQ(l.len, 19);
    CHECK_EQ(l.batch[1].id, 1);
    CHECK_EQ(l.batch[1].n, 6);
    CHECK_EQ(l.batch[1].born, 4);
    CHECK_EQ(l.batch[1].generator, 3);
    CHECK_EQ(l.batch[1].generator_first, 1);
    CHECK_CLOSE(l.batch[1].born_mean, (2 * 2 + 4 * 4) / 6.0, 1e-15, 0);
    CHECK_EQ(l.batch[2].id, 2);
    CHECK_EQ(l.batch[3].id, 4);
    ouro_ledger_drop(&l, 0);
    CHECK_EQ(l.len, 18);
    CHECK_EQ(l.batch[0].id, 1);
    CHECK_EQ(l.batch[17].id, 19);
    ouro_ledger_clear(&l);
    CHECK_EQ(l.len, 0);
    CHECK_EQ(l.generation, 0);
    REQUIRE(ouro_ledger_add(&l, &(ouro_request){OURO_INITIAL, 5, 0, 0}) == OURO_OK);
    CHECK_EQ(l.batch[0].id, 0);
    ouro_ledger_free(&l);
    ouro_ledger_free(&l);
}
