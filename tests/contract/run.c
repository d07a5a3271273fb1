/* run.c: what a run promises whatever the config: the same bits for any number of workers, trajectories that observing
 * cannot move, memory that does not grow, and steps that allocate nothing once warm. */
#include "contract/configs.h"
#include "harness.h"
#include "ouro/replicate.h"
#include "ouro/run.h"

/* --- workers -------------------------------------------------------------------------------------------------- */

typedef struct copy {
    double *value;
    unsigned char *absorbed;
    size_t values, cells, points;
} copy;

static int keep(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    copy *c = ctx;
    CHECK_EQ(point, c->points);
    c->points++;
    c->cells = r->replicates * r->generations;
    c->values = c->cells * r->columns;
    c->value = ouro_alloc(c->values, sizeof *c->value);
    c->absorbed = ouro_alloc(c->cells, 1);
    if (c->value == NULL || c->absorbed == NULL) return ouro_fail(e, OURO_ENOMEM, "test", "out of memory");
    memcpy(c->value, r->value, c->values * sizeof *c->value);
    memcpy(c->absorbed, r->absorbed, c->cells);
    return OURO_OK;
}

static copy run(const ouro_study *s, int threads) {
    copy c = {0};
    ouro_error e = {0};
    const ouro_run_options o = {.threads = threads, .point = keep, .ctx = &c};
    CHECK(ouro_run(1, s->experiment, &o, &e) == OURO_OK);
    CHECK_EQ(c.points, 1);
    return c;
}

static int same(const copy *a, const copy *b) {
    return a->values == b->values && memcmp(a->value, b->value, a->values * sizeof *a->value) == 0 &&
           memcmp(a->absorbed, b->absorbed, a->cells) == 0;
}

static void copy_free(copy *c) {
    ouro_free(c->value);
    ouro_free(c->absorbed);
}

TEST(contract_run_is_the_same_for_any_number_of_workers) {
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study s;
        REQUIRE(configs_load(&s, i, ""));
        configs_shorten(&s, 37, 25);
        copy one = run(&s, 1);
        for (int threads = 1; threads <= 3; threads++) { /* 1: once more, to see that nothing is remembered */
            copy other = run(&s, threads);
            CHECK(same(&one, &other));
            copy_free(&other);
        }
        int moves = 0;
        for (size_t k = 1; k < one.values; k++) moves += one.value[k] != one.value[0];
        CHECK(moves > 100);
        copy_free(&one);
        ouro_study_free(&s);
    }
}

/* Going back to the model that would have drawn anyway is no change: not of a bit. */
TEST(contract_run_rollback_to_the_last_model_changes_nothing) {
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study s;
        REQUIRE(configs_load(&s, i, ""));
        ouro_policy *p = &s.config[0].policy;
        p->rollback.at = p->rollback.to = OURO_UNSET;
        configs_shorten(&s, 5, 12);
        copy without = run(&s, 1);
        p->rollback.at = 9, p->rollback.to = 8;
        configs_shorten(&s, 5, 12);
        copy last = run(&s, 1);
        p->rollback.to = 3;
        configs_shorten(&s, 5, 12);
        copy earlier = run(&s, 1);
        CHECK(same(&without, &last));
        CHECK(!same(&without, &earlier));
        copy_free(&without);
        copy_free(&last);
        copy_free(&earlier);
        ouro_study_free(&s);
    }
}

/* Rows observed rarely are rows of the run observed always; other measures leave the values of a column alone. */
TEST(contract_run_is_not_moved_by_observing) {
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study all, few;
        REQUIRE(configs_load(&all, i, "") && configs_load(&few, i, ", 'every': 6"));
        few.config[0].observe.measures.len = 1;
        configs_shorten(&all, 9, 20);
        configs_shorten(&few, 9, 20);
        const ouro_experiment *x = few.experiment;
        copy a = run(&all, 1), b = run(&few, 2);
        CHECK_EQ(x->observed_len, 5);
        for (size_t r = 0; r < 9; r++)
            for (size_t g = 0; g < x->observed_len; g++)
                for (size_t m = 0; m < x->columns_len; m++)
                    CHECK(memcmp(&b.value[(r * x->observed_len + g) * x->columns_len + m],
                                 &a.value[(r * 20 + x->observed[g] - 1) * all.experiment[0].columns_len + m],
                                 sizeof(double)) == 0);
        copy_free(&a);
        copy_free(&b);
        ouro_study_free(&all);
        ouro_study_free(&few);
    }
}

TEST(contract_run_depends_on_seed_point_and_replicate) {
    ouro_study s;
    REQUIRE(configs_load(&s, 0, ""));
    configs_shorten(&s, 5, 3);
    copy base = run(&s, 1);
    for (size_t r = 1; r < 5; r++) CHECK(base.value[r * base.values / 5] != base.value[0]);
    s.experiment[0].stream_point = 1;
    copy point = run(&s, 1);
    CHECK(!same(&base, &point));
    s.experiment[0].stream_point = 0;
    s.config[0].run.seed++;
    copy seed = run(&s, 1);
    CHECK(!same(&base, &seed) && !same(&point, &seed));
    s.config[0].run.seed--;
    configs_shorten(&s, 3, 2); /* fewer replicates and generations: a part of the longer run */
    copy part = run(&s, 2);
    for (size_t r = 0; r < 3; r++)
        CHECK(memcmp(part.value + r * part.values / 3, base.value + r * base.values / 5,
                     part.values / 3 * sizeof(double)) == 0);
    copy_free(&base);
    copy_free(&point);
    copy_free(&seed);
    copy_free(&part);
    ouro_study_free(&s);
}

/* --- ends ----------------------------------------------------------------------------------------------------- */

static int fail_at_second(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    (void)r;
    ++*(int *)ctx;
    return point == 1 ? ouro_fail(e, OURO_EIO, "disk", "full") : OURO_OK;
}

TEST(contract_run_ends_with_the_first_failure) {
    ouro_study s;
    ouro_error e = {0};
    int calls = 0;
    REQUIRE(setup_load(&s, "{'name': 'sweep', 'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}, 'run': "
                           "{'replicates': 4, 'generations': 3}, 'sweep': {'policy.synthetic.points': [5, 6, 7]}}") ==
            OURO_OK);
    CHECK_EQ(ouro_run(3, s.experiment, &(ouro_run_options){.point = fail_at_second, .ctx = &calls}, &e), OURO_EIO);
    CHECK_STR(e.where, "disk");
    CHECK_EQ(calls, 2);
    ouro_study_free(&s);
}

static void note_progress(void *ctx, const ouro_progress *now) {
    ouro_progress *last = ctx;
    CHECK(now->done >= last->done && now->done <= now->total);
    *last = *now;
}

TEST(contract_run_reports_progress_and_stops) {
    ouro_study s;
    ouro_error e = {0};
    ouro_progress last = {0};
    volatile sig_atomic_t stop = 0;
    REQUIRE(configs_load(&s, 0, ", 'generations': [1]"));
    configs_shorten(&s, 300, 1000);
    ouro_run_options o = {.threads = 1, .progress = note_progress, .ctx = &last, .stop = &stop};
    CHECK_EQ(ouro_run(1, s.experiment, &o, &e), OURO_OK);
    CHECK_EQ(last.total, 300000);
    CHECK_EQ(last.done, 300000);
    stop = 1;
    last.done = 0;
    CHECK_EQ(ouro_run(1, s.experiment, &o, &e), OURO_EINTERRUPTED);
    CHECK_EQ(e.code, OURO_EINTERRUPTED);
    ouro_study_free(&s);
}

/* --- memory --------------------------------------------------------------------------------------------------- */

static int advance(ouro_replicate *r, uint32_t generations) {
    ouro_error e = {0};
    while (r->corpus.ledger.generation < generations)
        if (ouro_replicate_step(r, &e) != OURO_OK) return 0;
    return 1;
}

/* Accumulating statistics takes no more memory after 1000 generations than after 10, nor does any finite memory. */
TEST(contract_run_memory_does_not_grow) {
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        REQUIRE(configs_load(&s, i, ", 'generations': [1]"));
        const int data =
            s.experiment[0].truth.rows > 0; /* such a truth does not last for 1000 generations of anchors */
        if (!data) configs_shorten(&s, 1, 1000);
        REQUIRE(ouro_replicate_init(&r, s.experiment, &e) == OURO_OK);
        ouro_replicate_begin(&r, 0);
        REQUIRE(advance(&r, 10));
        const size_t before = ouro_corpus_bytes(&r.corpus), batches = r.corpus.ledger.cap, terms = r.mix.cap;
        REQUIRE(advance(&r, data ? 50 : 1000));
        if (s.experiment[0].path == OURO_PATH_STATISTICS || s.experiment[0].policy.memory.synthetic != OURO_ALL) {
            CHECK_EQ(ouro_corpus_bytes(&r.corpus), before);
            CHECK_EQ(r.corpus.ledger.cap, batches);
            CHECK_EQ(r.mix.cap, terms);
        } else {
            /* the pool of rows is kept, and counted */
            CHECK(ouro_corpus_bytes(&r.corpus) > 1000 * s.experiment[0].policy.synthetic.points * sizeof(double));
        }
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}

/* Accumulating statistics costs the same in fit 10000 as in fit 10: bytes, batches that are kept, terms of a fit. On the
 * samples path the pool grows. */
TEST(contract_run_accumulate_is_constant) {
    static const char *const policies[] = {
        "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}, 'policy': {'preset': 'accumulate'",
        "'truth': {'family': 'poisson'}, 'model': {'family': 'poisson'}, 'policy': {'preset': 'accumulate', 'anchor': "
        "{'points': 2, 'every': 3}",
        "'truth': {'family': 'bernoulli'}, 'model': {'family': 'bernoulli'}, 'policy': {'preset': 'accumulate', "
        "'weights': {'real_share': 0.3}",
        "'truth': {'family': 'categorical'}, 'model': {'family': 'categorical'}, 'policy': {'preset': "
        "'accumulate-subsample', 'initial': 9",
        "'truth': {'family': 'mvgaussian', 'sd': [1, 2]}, 'model': {'family': 'mvgaussian'}, 'policy': {'preset': "
        "'accumulate', 'labels': 'flattened', 'anchor': {'points': 2}",
    };
    static const char *const paths[] = {"auto", "samples"};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        for (int path = 0; path < 2; path++) {
            ouro_study s;
            ouro_replicate r;
            ouro_error e = {0};
            REQUIRE(
                setup_loadf(&s,
                            "{'name': 'constant', %s, 'synthetic': {'points': 20}}, 'run': {'generations': %d, 'path': "
                            "'%s'}, 'observe': {'generations': [1]}}",
                            policies[i], path ? 100 : 10000, paths[path]) == OURO_OK);
            REQUIRE(ouro_replicate_init(&r, s.experiment, &e) == OURO_OK);
            ouro_replicate_begin(&r, 0);
            REQUIRE(advance(&r, 10));
            const size_t bytes = ouro_corpus_bytes(&r.corpus), batches = r.corpus.ledger.len, terms = r.mix.len;
            REQUIRE(advance(&r, path ? 100 : 10000));
            CHECK_EQ(ouro_corpus_bytes(&r.corpus) == bytes, !path);
            CHECK_EQ(r.corpus.ledger.len == batches, !path);
            if (!path) CHECK(r.mix.len <= terms);                /* a subset may miss a batch */
            CHECK(r.mix.pool >= (path ? 100 : 10000) * 20 - 20); /* it sees all of it nevertheless */
            ouro_replicate_free(&r);
            ouro_study_free(&s);
        }
}
