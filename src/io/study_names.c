/* study_names.c: names in a config that nothing bears, each with the nearest one that exists. The experiment would find
 * them too, but only once everything else is right; here they are told together with all other errors.        */
#include "ouro/registry.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

enum { MOST_NAMES = 256 };

typedef struct names {
    size_t len;
    const char *name[MOST_NAMES];
} names;

static void add(names *n, const char *name) {
    if (n->len < MOST_NAMES) n->name[n->len++] = name;
}

static int has(const names *n, const char *name) {
    size_t i = 0;
    while (i < n->len && strcmp(n->name[i], name)) i++;
    return i < n->len;
}

typedef struct search {
    const ouro_study *study;
    cJSON *root;
    ouro_diagnostics *out;
} search;

/* node: where the name stands; list: what `ouro list` calls such names. */
static void look_up(const search *s, const names *n, const char *name, const cJSON *node, const char *path,
                    const char *what, const char *list) {
    char hint[128], see[64];
    if (!name || has(n, name)) return;
    snprintf(see, sizeof see, "ouro list %s", list);
    ouro_diagnose(s->out, &s->study->source->sources, node, 0, path, "\"%s\" is not %s%s", name, what,
                  ouro_suggest(name, n->len, n->name, see, sizeof hint, hint));
}

/* "tail_mass_0.01", as the files of a run name it: the column is asked for without its tail. */
static int look_up_tail(const search *s, const char *name, const cJSON *node) {
    for (size_t i = 0; i < ouro_measures_len; i++)
        for (size_t j = 0; ouro_measures[i]->per_tail && j < ouro_measures[i]->len; j++) {
            const char *column = ouro_measures[i]->columns[j].name;
            size_t len = strlen(column);
            if (strncmp(name, column, len) || name[len] != '_' || name[len + 1] < '0' || name[len + 1] > '9') continue;
            ouro_diagnose(s->out, &s->study->source->sources, node, 0, "observe.measures",
                          "ask for \"%s\", and for %s in "
                          "observe.tails",
                          column, name + len + 1);
            return 1;
        }
    return 0;
}

static void look_up_measures(const search *s, const ouro_texts *measures) {
    names n = {0};
    cJSON *list = ouro_json_get(s->root, "observe.measures");
    for (size_t i = 0; i < ouro_measures_len; i++) {
        add(&n, ouro_measures[i]->name);
        for (size_t j = 0; j < ouro_measures[i]->len; j++) add(&n, ouro_measures[i]->columns[j].name);
    }
    for (size_t i = 0; i < measures->len; i++) {
        if (look_up_tail(s, measures->values[i], list ? cJSON_GetArrayItem(list, (int)i) : NULL)) continue;
        look_up(s, &n, measures->values[i], list ? cJSON_GetArrayItem(list, (int)i) : NULL, "observe.measures",
                "a measure or a column", "measures");
    }
}

void ouro_study_names(const ouro_study *study, const ouro_config *config, cJSON *root, ouro_diagnostics *d) {
    search s = {study, root, d};
    names truths = {0}, families = {0}, estimators = {0}, presets = {0};
    for (size_t i = 0; i < ouro_families_len; i++) {
        if (ouro_families[i]->truth_domain) add(&truths, ouro_families[i]->name);
        add(&families, ouro_families[i]->name);
    }
    for (size_t i = 0; i < ouro_estimators_len; i++) add(&estimators, ouro_estimators[i]->name);
    for (size_t i = 0; i < ouro_presets_len; i++) add(&presets, ouro_presets[i].name);
    look_up(&s, &truths, config->truth.family, ouro_json_get(root, "truth.family"), "truth.family",
            "a family of truths", "families");
    look_up(&s, &families, config->model.family, ouro_json_get(root, "model.family"), "model.family", "a family",
            "families");
    look_up(&s, &estimators, config->model.estimator.type, ouro_json_get(root, "model.estimator.type"),
            "model.estimator.type", "an estimator", "estimators");
    look_up(&s, &presets, config->policy.preset, ouro_json_get(root, "policy.preset"), "policy.preset", "a preset",
            "policies");
    look_up_measures(&s, &config->observe.measures);
}
