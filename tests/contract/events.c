/* events.c: the time of an event is the first generation whose row says so, however seldom rows are written, and watching
 * moves nothing. */
#include "contract/configs.h"
#include "harness.h"
#include "ouro/run.h"
#include <math.h>

enum { REPLICATES = 9, GENERATIONS = 24 };

#define EVENTS                                                                                                         \
    ", 'events': ['real-minority', 'absorption', 'variance-tenth', {'name': 'less', 'measure': 'variance_ratio', "     \
    "'below': 0.9}, {'name': 'less-than-first', 'measure': 'variance_ratio', 'below': 0.9, 'relative_to': 'first'}, "  \
    "{'name': 'far', 'measure': 'drift_sq', 'above': 0.01}, {'name': 'more', 'measure': 'variance_ratio', 'above': "   \
    "1.1, 'relative_to': 'truth'}]"

static int keep(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    ouro_results *c = ctx;
    const size_t cells = r->replicates * r->generations * r->columns, events = r->replicates * r->events;
    (void)point;
    *c = *r;
    c->value = ouro_alloc(cells, sizeof *c->value);
    c->passage = ouro_alloc(events + 1, sizeof *c->passage);
    c->absorbed = NULL;
    if (c->value == NULL || c->passage == NULL) return ouro_fail(e, OURO_ENOMEM, "test", "out of memory");
    memcpy(c->value, r->value, cells * sizeof *c->value);
    memcpy(c->passage, r->passage, events * sizeof *c->passage);
    return OURO_OK;
}

static int run(ouro_study *s, size_t i, const char *more, int threads, ouro_results *out) {
    ouro_error e = {0};
    const ouro_run_options o = {.threads = threads, .point = keep, .ctx = out};
    if (!configs_load(s, i, more)) return 0;
    configs_shorten(s, REPLICATES, GENERATIONS);
    return ouro_run(1, s->experiment, &o, &e) == OURO_OK;
}

static void done(ouro_study *s, ouro_results *r) {
    ouro_free(r->value);
    ouro_free(r->passage);
    ouro_study_free(s);
}

/* The first row on the event's side, by its own words. */
static uint32_t scan(const ouro_results *r, size_t replicate, const ouro_event *v) {
    const ouro_event_rule *rule = v->rule;
    double truth[64], threshold = isnan(rule->below) ? rule->above : rule->below;
    CHECK(ouro_experiment_truth_row(r->experiment, truth) == OURO_OK);
    if (rule->relative_to == OURO_TO_TRUTH) threshold *= truth[v->slot];
    if (rule->relative_to == OURO_TO_FIRST) threshold *= ouro_results_row(r, replicate, 0)[v->slot];
    for (size_t g = 0; g < r->generations; g++) {
        const double x = ouro_results_row(r, replicate, g)[v->slot];
        if (isnan(rule->below) ? x > threshold : x < threshold) return r->experiment->observed[g];
    }
    return 0;
}

TEST(contract_events_are_first_passages) {
    size_t seen = 0, censored = 0;
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study all, few;
        ouro_results a, b;
        REQUIRE(run(&all, i, EVENTS, 2, &a) && run(&few, i, EVENTS ", 'every': 7, 'events_every': 1", 1, &b));
        REQUIRE(a.events == 7 && b.events == 7);
        for (size_t r = 0; r < REPLICATES; r++)
            for (size_t k = 0; k < a.events; k++) {
                const ouro_event *v = &a.experiment->events[k];
                REQUIRE(v->slot != SIZE_MAX);
                CHECK_EQ(a.passage[r * 7 + k], scan(&a, r, v));
                CHECK_EQ(b.passage[r * 7 + k], a.passage[r * 7 + k]);
                seen += a.passage[r * 7 + k] > 0;
                censored += a.passage[r * 7 + k] == 0;
            }
        done(&all, &a);
        done(&few, &b);
    }
    CHECK(seen > 500 && censored > 500);
}

TEST(contract_events_move_nothing) {
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study with, without;
        ouro_results a, b;
        REQUIRE(run(&with, i, EVENTS, 1, &a) && run(&without, i, ", 'events': []", 2, &b));
        CHECK_EQ(b.events, 0);
        CHECK(memcmp(a.value, b.value, REPLICATES * a.generations * a.columns * sizeof *a.value) == 0);
        done(&with, &a);
        done(&without, &b);
    }
}

/* Where rows are few and an event is watched with them alone, it is seen at the first row that says so, and the last row is
 * where the others are censored. */
TEST(contract_events_of_few_rows) {
    ouro_study s;
    ouro_results r;
    REQUIRE(run(&s, 0, ", 'generations': [3, 10, 17], 'events': [{'name': 'a', 'measure': 'tail_mass', 'below': 0.02}]",
                1, &r));
    const ouro_experiment *x = r.experiment;
    REQUIRE(r.events == 3);
    CHECK_STR(x->events[0].name, "a_0.1");
    CHECK_EQ(x->events[0].every, 0);
    CHECK_EQ(x->events[0].last, 17);
    CHECK_EQ(x->events[0].slot, SIZE_MAX);
    for (size_t i = 0; i < REPLICATES * r.events; i++)
        CHECK(r.passage[i] == 0 || r.passage[i] == 3 || r.passage[i] == 10 || r.passage[i] == 17);
    done(&s, &r);
}
