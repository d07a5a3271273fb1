/* events.c: the standard events, and from `observe.events` to what is watched in a run.
 *
 * Adding a standard event is a row of the table. It is left out where its column is not defined. */
#include "engine.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const ouro_event_rule ouro_events[] = {
    {"variance-half-life", "variance_ratio", 0.5, NAN, OURO_TO_NOTHING,
     "The model has less than half of the truth's variance."},
    {"variance-tenth", "variance_ratio", 0.1, NAN, OURO_TO_NOTHING,
     "The model has less than a tenth of the truth's variance."},
    {"tail-tenth", "tail_ratio", 0.1, NAN, OURO_TO_NOTHING,
     "The model gives a tail less than a tenth of what the truth gives it; one event per alpha of observe.tails."},
    {"absorption", "absorbed", NAN, 0, OURO_TO_NOTHING, "The model can no longer leave its state."},
    {"category-death", "support", 1, NAN, OURO_TO_TRUTH, "The first of the truth's categories is lost."},
    {"mode-death", "modes_alive", 1, NAN, OURO_TO_TRUTH, "The first of the truth's modes is lost."},
    {"real-minority", "real_share", 0.5, NAN, OURO_TO_NOTHING, "Less than half of a fit's weight is on real points."},
    {"evaluation-gap", "gap", NAN, 1, OURO_TO_NOTHING,
     "Real points have a nat more of negative log-likelihood each than the model's own."},
};
const size_t ouro_events_len = sizeof ouro_events / sizeof ouro_events[0];

const ouro_event_rule *ouro_event_find(const char *name) {
    for (size_t i = 0; i < ouro_events_len; i++)
        if (!strcmp(ouro_events[i].name, name)) return &ouro_events[i];
    return NULL;
}

const char *const ouro_relative_words[] = {
    [OURO_TO_NOTHING] = "nothing", [OURO_TO_TRUTH] = "truth", [OURO_TO_FIRST] = "first", NULL};

#define AT(member) offsetof(ouro_event_rule, member)
static const ouro_field rows[] = {
    {"name", OURO_NAME, OURO_REQUIRED, AT(name), 0, 0, NULL, NULL, "",
     "Names the event in events.csv, survival.csv and passages.csv."},
    {"measure", OURO_TEXT, OURO_REQUIRED, AT(measure), 0, 0, NULL, NULL, "",
     "The column it watches, see `ouro list measures`, whether or not rows show it; a bare column per tail gives an "
     "event per tail."},
    {"below", OURO_REAL, OURO_NULLABLE, AT(below), -HUGE_VAL, HUGE_VAL, "null", NULL, "unit of the column",
     "The event lies strictly below this."},
    {"above", OURO_REAL, OURO_NULLABLE, AT(above), -HUGE_VAL, HUGE_VAL, "null", NULL, "unit of the column",
     "The event lies strictly above this; give either this or below."},
    {"relative_to", OURO_CHOICE, 0, AT(relative_to), 0, 0, "\"nothing\"", ouro_relative_words, "",
     "What the threshold is a multiple of. nothing: it is the value; truth: the column at t = 0, that of the truth; "
     "first: the column at t = 1, of each replicate."},
};
#undef AT
const ouro_table ouro_event_fields = {sizeof rows / sizeof rows[0], rows};

/* Events of one config as they are collected. */
typedef struct collection {
    ouro_experiment *x;
    ouro_complaints *c;
    size_t room;
    char path[48]; /* of the rule at hand; "": a standard one that nobody asked for */
} collection;

static int grow(collection *k) {
    ouro_experiment *x = k->x;
    if (x->events_len < k->room) return OURO_OK;
    k->room += 16;
    ouro_event *events = ouro_arena_alloc(&x->keep, k->room, sizeof *events);
    ouro_group *watched = ouro_arena_alloc(&x->keep, k->room, sizeof *watched);
    if (!events || !watched) return OURO_ENOMEM;
    if (x->events_len) memcpy(events, x->events, x->events_len * sizeof *events);
    if (x->watched_len) memcpy(watched, x->watched, x->watched_len * sizeof *watched);
    x->events = events;
    x->watched = watched;
    return OURO_OK;
}

/* The watched group of a column. */
static size_t group_of(ouro_experiment *x, const ouro_column *c) {
    size_t g = 0;
    while (g < x->watched_len && !(x->watched[g].measure == c->measure && x->watched[g].tail == c->tail &&
                                   x->watched[g].against == c->against))
        g++;
    if (g == x->watched_len)
        x->watched[x->watched_len++] = (ouro_group){.measure = c->measure, .tail = c->tail, .against = c->against};
    x->watched[g].wanted |= 1u << c->index;
    return g;
}

/* When a column is looked at: what is cheap in every generation, unless told otherwise. A generation can take no more than
 * 100 ns, and events must not slow a run down by half: that leaves out measures that are slow (a tail takes 40 ns, of a kde
 * as much per point), what takes nodes or integrals, and whatever compares with a truth that moves, of which tails and nodes
 * would have to be made anew. */
static void choose_watch(const ouro_experiment *x, ouro_event *v) {
    const ouro_column *c = &v->column;
    const ouro_measure_type *m = c->measure;
    const uint32_t last = x->setting.generations;
    const int moves = x->setting.drift && m->compares >> c->index & 1 && c->against != OURO_AT_START;
    const uint64_t asked = x->config->observe.events_every;
    const int slow = m->slow || (m->needs_moments && x->model.type->slow_moments);
    const int costly = moves || slow || (m->method && m->method(&x->setting, c->index));
    v->every = asked != OURO_UNSET ? (uint32_t)asked : costly ? 0 : 1;
    v->last = x->observed_len ? x->observed[x->observed_len - 1] : 0;
    if (v->every && last - last % v->every > v->last) v->last = last - last % v->every;
    v->slot = SIZE_MAX;
    for (size_t i = 0; i < x->columns_len; i++)
        if (x->columns[i].measure == m && x->columns[i].index == c->index && x->columns[i].tail == c->tail &&
            x->columns[i].against == c->against)
            v->slot = i;
}

static int add_event(collection *k, const ouro_event_rule *rule, const ouro_column *column, int whole) {
    ouro_experiment *x = k->x;
    if (grow(k)) return OURO_ENOMEM;
    ouro_event *v = &x->events[x->events_len];
    *v = (ouro_event){.rule = rule, .column = *column, .threshold = isnan(rule->below) ? rule->above : rule->below};
    if (whole)
        snprintf(v->name, sizeof v->name, "%s", rule->name);
    else
        ouro_column_name(x, column, rule->name, sizeof v->name, v->name);
    for (size_t i = 0; i < x->events_len; i++)
        if (!strcmp(x->events[i].name, v->name)) {
            if (*k->path) ouro_complain(k->c, k->path, "there are two events \"%s\"; rename one", v->name);
            return OURO_OK;
        }
    v->group = group_of(x, column);
    x->needs_provenance |= column->measure->needs_provenance;
    choose_watch(x, v);
    x->events_len++;
    return OURO_OK;
}

/* Events of a rule on one column of a measure; *known: whether it is the column that the rule names. */
static int add_index(collection *k, const ouro_event_rule *rule, const ouro_measure_type *m, size_t index, int *known) {
    ouro_experiment *x = k->x;
    const char *reason = m->missing(&x->setting, index), *own = m->columns[index].name;
    const int bare = !strcmp(rule->measure, own);
    int ret = OURO_OK, told = 0;
    *known |= bare;
    for (size_t tail = 0; tail < (m->per_tail ? x->setting.tails_len : 1); tail++)
        for (int against = 0; against < OURO_AGAINST && !ret; against++) {
            ouro_column c = {.measure = m, .index = index, .tail = tail, .against = against};
            if (!ouro_column_stands(x, m, index, against)) continue;
            ouro_column_name(x, &c, own, sizeof c.name, c.name);
            const int whole = !strcmp(rule->measure, c.name);
            *known |= whole;
            if (!reason && (bare || whole)) ret = add_event(k, rule, &c, whole);
            told |= whole;
        }
    if (reason && *k->path && (bare || told))
        ouro_complain(k->c, k->path, "\"%s\" is not defined for a %s model of %s: %s", rule->measure,
                      x->model.type->name, x->truth.source, reason);
    return ret;
}

static void complain_unknown(const collection *k, const ouro_event_rule *rule) {
    const char *names[256];
    char hint[128];
    size_t len = 0;
    if (ouro_names_tail(rule->measure) || ouro_past_truth(rule->measure) != rule->measure) {
        ouro_complain(k->c, k->path,
                      "there is no column \"%s\" here: its alpha is not in observe.tails, or its truth "
                      "not in observe.against",
                      rule->measure);
        return;
    }
    for (size_t i = 0; i < ouro_measures_len; i++)
        for (size_t j = 0; j < ouro_measures[i]->len && len < 256; j++)
            names[len++] = ouro_measures[i]->columns[j].name;
    ouro_complain(k->c, k->path, "\"%s\" is not a column%s", rule->measure,
                  ouro_suggest(rule->measure, len, names, "ouro list measures", sizeof hint, hint));
}

static int add_rule(collection *k, const ouro_event_rule *rule) {
    int known = 0, ret = OURO_OK;
    if (isnan(rule->below) == isnan(rule->above)) {
        ouro_complain(k->c, k->path, "give either below or above");
        return OURO_OK;
    }
    for (size_t i = 0; i < ouro_measures_len; i++)
        for (size_t j = 0; j < ouro_measures[i]->len; j++) OURO_TRY(add_index(k, rule, ouro_measures[i], j, &known));
    if (!known && *k->path) complain_unknown(k, rule);
out:
    return ret;
}

/* Thresholds that are multiples of what the truth has become values. */
static int resolve(collection *k) {
    ouro_experiment *x = k->x;
    for (size_t i = 0; i < x->events_len; i++) {
        double out[16];
        ouro_event *v = &x->events[i];
        if (v->rule->relative_to != OURO_TO_TRUTH) continue;
        if (ouro_experiment_truth_group(x, &x->watched[v->group], out)) return OURO_ENOMEM;
        v->threshold *= out[v->column.index];
        if (isfinite(v->threshold)) continue;
        if (x->config->observe.events.item)
            snprintf(k->path, sizeof k->path, "observe.events.%zu", (size_t)(v->rule - x->config->observe.events.item));
        ouro_complain(k->c, k->path, "\"%s\" is relative to the truth, at which %s has no finite value", v->name,
                      v->column.name);
    }
    return OURO_OK;
}

int ouro_choose_events(ouro_experiment *x, ouro_complaints *c) {
    const ouro_event_list *asked = &x->config->observe.events;
    collection k = {.x = x, .c = c};
    const size_t len = asked->item ? asked->len : ouro_events_len;
    int ret = OURO_OK;
    for (size_t i = 0; i < len; i++) {
        if (asked->item) snprintf(k.path, sizeof k.path, "observe.events.%zu", i);
        OURO_TRY(add_rule(&k, asked->item ? &asked->item[i] : &ouro_events[i]));
    }
    if (c->len) goto out; /* a tail that the truth does not attain is no place to look */
    OURO_TRY(ouro_prepare_nodes(x, &x->setting, &x->keep));
    ret = resolve(&k);
out:
    return ret;
}
