/* cmd_describe.c: ouro describe: everything from the same tables that drive the program. */
#include "cli.h"
#include "ouro/drift.h"
#include "ouro/event.h"
#include "ouro/registry.h"
#include "ouro/verdict.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void line(const char *label, const char *text) {
    if (text && *text) printf("  %-13s %s\n", label, text);
}

static void field(const char *prefix, const ouro_field *f) {
    char expects[256];
    ouro_field_expects(f, sizeof expects, expects);
    printf("  %s%s%s: %s; default %s%s%s\n      %s\n", prefix, *prefix ? "." : "", f->path, expects,
           f->def ? f->def : "none", *f->unit ? "; unit " : "", f->unit, f->doc);
}

static void mathematics(const ouro_family_type *f) {
    char estimators[128] = "";
    for (size_t i = 0; i < ouro_estimators_len; i++)
        if (ouro_family_fits(f) && !ouro_estimators[i]->missing(f, NULL) &&
            strlen(estimators) + strlen(ouro_estimators[i]->name) + 3 < 128)
            strcat(strcat(estimators, *estimators ? ", " : ""), ouro_estimators[i]->name);
    line("density", f->density);
    line("parameters", f->natural ? f->natural->words : f->parameters);
    line("statistic", f->statistic);
    line("exact path", f->stat_draw          ? f->exact_law
                       : ouro_family_fits(f) ? "none: samples path only"
                                             : "none: a truth only");
    line("estimators", estimators);
    line("reference", f->reference);
}

/* What of the truth can move, and how. */
static void movements(const ouro_family_type *f) {
    int found = 0;
    for (size_t i = 0; i < f->truth_fields.len; i++)
        if (ouro_movement_fields(f->truth_fields.rows[i].kind).len)
            printf("%s truth.drift.%s", found++ ? "," : "  can drift:", f->truth_fields.rows[i].path);
    if (found) printf("; see `ouro describe truth.drift`\n");
}

static int family(const char *name) {
    const ouro_family_type *f = ouro_family_find(name);
    if (!f) return 0;
    printf("family %s\n  %s\n", f->name, f->doc);
    mathematics(f);
    if (f->truth_fields.len) printf("As a truth:\n");
    for (size_t i = 0; i < f->truth_fields.len; i++) field("truth", &f->truth_fields.rows[i]);
    movements(f);
    if (f->known_fields.len + f->option_fields.len) printf("As a model:\n");
    for (size_t i = 0; i < f->known_fields.len; i++) field("model", &f->known_fields.rows[i]);
    for (size_t i = 0; i < f->option_fields.len; i++) field("model", &f->option_fields.rows[i]);
    if (f->fitted) {
        printf("With \"fitted\" for what is known above:\n  %s\n", f->fitted->doc);
        mathematics(f->fitted);
    }
    printf("A config that runs:\n  { \"name\": \"%s-example\", \"truth\": { \"family\": \"%s\" }, \"model\": { "
           "\"family\": \"%s\"%s%s } }\n",
           f->name, f->truth_domain ? f->name : "mvgaussian", ouro_family_fits(f) ? f->name : "mvgaussian",
           f->example ? ", " : "", f->example ? f->example : "");
    return 1;
}

static int policy(const char *name) {
    const ouro_preset *p = ouro_preset_find(name);
    if (!p) return 0;
    printf("policy %s\n  %s\n", p->name, p->doc);
    line("in practice", p->practice);
    line("what is known", p->known);
    line("reference", p->reference);
    printf("Fields it sets (the config may override each):\n");
    for (size_t i = 0; i < sizeof p->set / sizeof p->set[0] && p->set[i][0]; i++)
        printf("  policy.%-20s %s\n", p->set[i][0], p->set[i][1]);
    printf("Fields of every policy:\n");
    for (size_t i = 0; i < ouro_policy_fields.len; i++) field("policy", &ouro_policy_fields.rows[i]);
    for (size_t i = 0; i < ouro_config_fields.len; i++) /* what a policy that sees labels alone knows nothing of */
        if (!strncmp(ouro_config_fields.rows[i].path, "policy.", 7)) field("", &ouro_config_fields.rows[i]);
    return 1;
}

static int estimator(const char *name) {
    const ouro_estimator_type *t = ouro_estimator_find(name);
    if (!t) return 0;
    printf("estimator %s\n  %s\n", t->name, t->doc);
    line("reference", t->reference);
    for (size_t i = 0; i < t->fields.len; i++) field("model.estimator", &t->fields.rows[i]);
    return 1;
}

static int filter(const char *name) {
    const ouro_filter_type *t = ouro_filter_find(name);
    if (!t) return 0;
    printf("filter %s\n  %s\n", t->name, t->doc);
    line("reference", t->reference);
    for (size_t i = 0; i < t->fields.len; i++) field("policy.filters.N", &t->fields.rows[i]);
    return 1;
}

static void column(const ouro_measure_type *m, const ouro_column_type *c) {
    printf("  %s%s%s%s%s\n      %s\n      %s\n", c->name, m->per_tail ? "_ALPHA" : "", *c->unit ? " (" : "", c->unit,
           *c->unit ? ")" : "", c->formula, c->doc);
}

/* "tail_mass" for itself, for "tail_mass_ALPHA" as `list` shows it, and for "tail_mass_0.01" as a run names it. */
static int names_column(const ouro_measure_type *m, const ouro_column_type *c, const char *name) {
    size_t len = strlen(c->name);
    char *end;
    if (strncmp(name, c->name, len)) return 0;
    if (!name[len]) return 1;
    if (!m->per_tail || name[len] != '_') return 0;
    return !strcmp(name + len + 1, "ALPHA") || (strtod(name + len + 1, &end) > 0 && !*end);
}

static int measure(const char *name) {
    for (size_t i = 0; i < ouro_measures_len; i++) {
        const ouro_measure_type *m = ouro_measures[i];
        int whole = !strcmp(m->name, name), found = whole;
        for (size_t j = 0; j < m->len; j++) found |= names_column(m, &m->columns[j], name);
        if (!found) continue;
        printf("measure %s\n  %s\n", m->name, m->doc);
        line("reference", m->reference);
        line("methods", m->methods);
        for (size_t j = 0; j < m->len; j++)
            if (whole || names_column(m, &m->columns[j], name)) column(m, &m->columns[j]);
        return 1;
    }
    return 0;
}

static int event(const char *name) {
    const ouro_event_rule *v = ouro_event_find(name);
    if (!v) return 0;
    const int below = !isnan(v->below), relative = v->relative_to != OURO_TO_NOTHING;
    printf("event %s\n  %s\n  when %s is %s %g%s%s\n", v->name, v->doc, v->measure, below ? "below" : "above",
           below ? v->below : v->above, relative ? " times that of the " : "",
           relative ? ouro_relative_words[v->relative_to] : "");
    printf("  Times are in events.csv where the column is defined; see `ouro describe observe.events`\n");
    return 1;
}

static int verdict(const char *name) {
    const ouro_definition *d = ouro_definition_find(name);
    if (!d) return 0;
    printf("verdict %s\n  %s\n", d->name, d->doc);
    line("measures", d->measures);
    line("test", d->test);
    line("threshold", d->limit);
    line("true", "the number less its 99 % error is above the threshold");
    line("false", "the number plus its error is below it");
    line("undecided", "neither, or the columns were not observed at the generations that the test needs");
    line("reference", ouro_definitions_reference);
    return 1;
}

static int law(const char *name) {
    for (size_t i = 0; i < ouro_laws_len; i++) {
        if (strcmp(ouro_laws[i]->name, name)) continue;
        printf("law %s\n  %s\n", ouro_laws[i]->name, ouro_laws[i]->doc);
        line("source", ouro_laws[i]->source);
        for (const ouro_claim *c = ouro_laws[i]->claims; c->column; c++)
            printf("  %-13s %s of %s, %s\n", "says", ouro_statistic_names[c->statistic], c->column,
                   ouro_standing_names[c->standing]);
        return 1;
    }
    return 0;
}

static int sink(const char *name) {
    const ouro_sink_type *t = ouro_sink_find(name);
    if (t) printf("sink %s\n  %s\n", t->name, t->doc);
    return t != NULL;
}

/* The row of `name` in a table whose paths are below `prefix`. */
static const ouro_field *row(const char *prefix, ouro_table t, const char *name) {
    size_t len = strlen(prefix);
    if (!len) return ouro_field_find(t, name);
    return !strncmp(name, prefix, len) && name[len] == '.' ? ouro_field_find(t, name + len + 1) : NULL;
}

static int table(const char *prefix, ouro_table t, const char *name) {
    const ouro_field *f = row(prefix, t, name);
    if (f) field(prefix, f);
    return f != NULL;
}

/* A field by its path, or as `list fields` shows it: "truth(poisson).mean" for one family's. */
static int field_of(const char *path, const char *kind, const char *owner, ouro_table t, const char *name) {
    char prefix[96];
    snprintf(prefix, sizeof prefix, "%s(%s)", kind, owner);
    const ouro_field *f = row(path, t, name);
    if (!f) f = row(prefix, t, name);
    if (f) field(prefix, f); /* whose it is: several families have a mean */
    return f != NULL;
}

/* "truth.drift", whole, or a field of it: "truth.drift.mean.walk" of any parameter. */
static int drift(const char *name) {
    const ouro_table fields = ouro_movement_fields(OURO_REAL);
    const char *last = strrchr(name, '.');
    if (strncmp(name, "truth.drift", 11) || (name[11] && name[11] != '.')) return 0;
    if (!name[11])
        printf("truth.drift.PARAMETER: how a parameter of the truth moves while the loop runs\n"
               "  A number v is in generation t the v_t of g(v_t) = g(v) + step (t - 1) + jump [t >= at] + walk (Z_2 + "
               "... + Z_t),\n  with independent standard normals Z and g the identity, log or logit. Real points drawn "
               "for fit t\n  come from the truth of generation t; older ones stay what they were. Filters judge by the "
               "truth as given,\n  and a prior at the truth stays there. A number alone is the step.\n");
    for (size_t i = 0; i < fields.len; i++)
        if (!name[11] || !strcmp(last + 1, fields.rows[i].path)) field("truth.drift.PARAMETER", &fields.rows[i]);
    return 1;
}

static int config_field(const char *name) {
    char generic[96];
    int entry = -1, used = 0;
    if (sscanf(name, "policy.filters.%d.%n", &entry, &used) == 1 && used) { /* "policy.filters.0.top_p": of any entry */
        snprintf(generic, sizeof generic, "policy.filters.N.%s", name + used);
        name = generic;
    }
    if (sscanf(name, "observe.events.%d.%n", &entry, &used) == 1 && used) {
        snprintf(generic, sizeof generic, "observe.events.N.%s", name + used);
        name = generic;
    }
    int found = drift(name) || table("", ouro_config_fields, name) || table("policy", ouro_policy_fields, name) ||
                table("observe.events.N", ouro_event_fields, name);
    for (size_t i = 0; i < ouro_families_len; i++) {
        const ouro_family_type *f = ouro_families[i];
        found |= field_of("truth", "truth", f->name, f->truth_fields, name);
        found |= field_of("model", "model", f->name, f->known_fields, name);
        found |= field_of("model", "model", f->name, f->option_fields, name);
    }
    for (size_t i = 0; i < ouro_estimators_len; i++)
        found |= field_of("model.estimator", "estimator", ouro_estimators[i]->name, ouro_estimators[i]->fields, name);
    for (size_t i = 0; i < ouro_filters_len; i++)
        found |= field_of("policy.filters.N", "filter", ouro_filters[i]->name, ouro_filters[i]->fields, name);
    return found;
}

static const struct {
    const char *kind;
    int (*describe)(const char *name);
} kinds[] = {
    {"family", family},   {"policy", policy},      {"estimator", estimator}, {"filter", filter},
    {"measure", measure}, {"event", event},        {"verdict", verdict},     {"law", law},
    {"sink", sink},       {"field", config_field},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], MOST_NAMES = 512 };

/* Everything that can be described, for "did you mean"; but the fields of policy, which stand there as "policy.x". */
static size_t all_names(const char **names) {
    size_t n = 0;
    for (size_t i = 0; i < ouro_families_len; i++) names[n++] = ouro_families[i]->name;
    for (size_t i = 0; i < ouro_presets_len; i++) names[n++] = ouro_presets[i].name;
    for (size_t i = 0; i < ouro_estimators_len; i++) names[n++] = ouro_estimators[i]->name;
    for (size_t i = 0; i < ouro_filters_len; i++) names[n++] = ouro_filters[i]->name;
    for (size_t i = 0; i < ouro_events_len; i++) names[n++] = ouro_events[i].name;
    for (size_t i = 0; i < OURO_DEFINITIONS; i++) names[n++] = ouro_definitions[i].name;
    for (size_t i = 0; i < ouro_laws_len; i++) names[n++] = ouro_laws[i]->name;
    for (size_t i = 0; i < ouro_sinks_len; i++) names[n++] = ouro_sinks[i]->name;
    for (size_t i = 0; i < ouro_measures_len && n < MOST_NAMES / 2; i++) {
        names[n++] = ouro_measures[i]->name;
        for (size_t j = 0; j < ouro_measures[i]->len; j++) names[n++] = ouro_measures[i]->columns[j].name;
    }
    for (size_t i = 0; i < ouro_config_fields.len && n < MOST_NAMES; i++) names[n++] = ouro_config_fields.rows[i].path;
    return n;
}

int cli_describe(const cli_args *a) {
    int found = 0;
    size_t k = 0;
    char hint[128];
    const char *names[MOST_NAMES], *kind_names[KINDS];
    const char *kind = a->operands_len == 2 ? a->operands[0] : NULL;
    const char *name = a->operands_len ? a->operands[a->operands_len - 1] : NULL;
    if (!name || a->operands_len > 2) {
        fprintf(stderr, "ouro describe: one name is needed, for example `ouro describe policy accumulate`\n");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < KINDS; i++) kind_names[i] = kinds[i].kind;
    while (kind && k < KINDS && strcmp(kind, kinds[k].kind)) k++;
    if (k == KINDS) {
        fprintf(stderr,
                "ouro describe: \"%s\" is not one of family, policy, estimator, filter, measure, event, verdict, law, "
                "sink, field%s\n",
                kind, ouro_suggest(kind, KINDS, kind_names, NULL, sizeof hint, hint));
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < KINDS; i++)
        if (!kind || i == k) found |= kinds[i].describe(name);
    if (found) return EXIT_OK;
    fprintf(stderr, "ouro describe: no %s is called \"%s\"%s\n", kind ? kind : "thing", name,
            ouro_suggest(name, all_names(names), names, "ouro help list", sizeof hint, hint));
    return EXIT_USAGE;
}
