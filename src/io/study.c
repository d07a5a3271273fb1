/* study.c: a config file becomes validated experiments. */
#include "ouro/mem.h"
#include "ouro/registry.h"
#include "study_source.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const cJSON *member(const cJSON *root, const char *object, const char *key) {
    const cJSON *o = cJSON_GetObjectItemCaseSensitive(root, object);
    return cJSON_IsObject(o) ? cJSON_GetObjectItemCaseSensitive(o, key) : NULL;
}

/* The fields of the estimator, and of the centre of its prior where one is given. An estimator that does not exist is
 * reported elsewhere. */
static int estimator_sections(ouro_binder *b, ouro_config *config, const cJSON *root, const ouro_family_type *model) {
    const cJSON *estimator = member(root, "model", "estimator"), *type = NULL, *at = NULL;
    int ret = OURO_OK;
    if (cJSON_IsObject(estimator)) {
        type = cJSON_GetObjectItemCaseSensitive(estimator, "type");
        at = cJSON_GetObjectItemCaseSensitive(estimator, "at");
    }
    const ouro_estimator_type *e = cJSON_IsString(type) ? ouro_estimator_find(type->valuestring) : NULL;
    if (!e || !e->params_size) return OURO_OK;
    if (!(config->model.estimator.params = ouro_arena_alloc(b->keep, 1, e->params_size))) return OURO_ENOMEM;
    OURO_TRY(ouro_bind_section(b, "model.estimator", e->fields, config->model.estimator.params));
    if (!cJSON_IsObject(at) || !e->prior || !model || !model->truth_size) return OURO_OK;
    if (!(config->model.estimator.at = ouro_arena_alloc(b->keep, 1, model->truth_size))) return OURO_ENOMEM;
    ret = ouro_bind_section(b, "model.estimator.at", model->truth_fields, config->model.estimator.at);
out:
    return ret;
}

/* A section for every parameter of the truth that could move: "truth.drift.mean". */
static int drift_sections(ouro_binder *b, ouro_drift *drift, const ouro_family_type *type) {
    int ret = OURO_ENOMEM;
    *drift = (ouro_drift){.item = ouro_arena_alloc(b->keep, type->truth_fields.len + 1, sizeof *drift->item)};
    if (!drift->item) goto out;
    ret = OURO_OK;
    for (size_t i = 0; i < type->truth_fields.len; i++) {
        const ouro_field *f = &type->truth_fields.rows[i];
        const ouro_table fields = ouro_movement_fields(f->kind);
        if (!fields.len) continue;
        ouro_movement *m = &drift->item[drift->len++];
        *m = (ouro_movement){.field = f, .path = ouro_arena_printf(b->keep, "truth.drift.%s", f->path)};
        if (!m->path) return OURO_ENOMEM;
        OURO_TRY(ouro_bind_section(b, m->path, fields, m));
    }
out:
    return ret;
}

int ouro_study_sections(ouro_binder *b, ouro_config *config, const cJSON *root) {
    int ret;
    OURO_TRY(ouro_bind_section(b, "", ouro_config_fields, config));
    OURO_TRY(ouro_bind_section(b, "policy", ouro_policy_fields, &config->policy));
    const cJSON *family = member(root, "model", "family");
    const ouro_family_type *type = cJSON_IsString(family) ? ouro_family_find(family->valuestring) : NULL;
    for (int i = 0; i < OURO_KNOWN; i++) config->model.known[i] = NAN;
    if (type) OURO_TRY(ouro_bind_section(b, "model", type->known_fields, config->model.known));
    if (type && type->option_size) {
        if (!(config->model.options = ouro_arena_alloc(b->keep, 1, type->option_size))) return OURO_ENOMEM;
        OURO_TRY(ouro_bind_section(b, "model", type->option_fields, config->model.options));
    }
    OURO_TRY(estimator_sections(b, config, root, type));
    family = member(root, "truth", "family");
    type = cJSON_IsString(family) ? ouro_family_find(family->valuestring) : NULL;
    if (type && type->truth_domain) {
        config->truth.params = ouro_arena_alloc(b->keep, 1, type->truth_size);
        if (!config->truth.params) return OURO_ENOMEM;
        OURO_TRY(ouro_bind_section(b, "truth", type->truth_fields, config->truth.params));
        ret = drift_sections(b, &config->truth.drift, type);
    } else if (family) {
        b->lenient = "truth"; /* its parameters cannot be known */
    }
out:
    return ret;
}

/* Fields that the preset sets and the config does not. An unknown preset is reported with the other names. */
static int bind_preset(ouro_binder *b, const ouro_config *config) {
    char path[128];
    int ret;
    OURO_TRY(ouro_bind_text(b, "policy.preset", "\"replace\""));
    const ouro_preset *preset = config->policy.preset ? ouro_preset_find(config->policy.preset) : NULL;
    for (size_t i = 0; preset && i < sizeof preset->set / sizeof preset->set[0] && preset->set[i][0]; i++) {
        snprintf(path, sizeof path, "policy.%s", preset->set[i][0]);
        OURO_TRY(ouro_bind_text(b, path, preset->set[i][1]));
    }
out:
    return ret;
}

/* Whether a node says what the field would be without it: a manifest names every field. */
static int says_default(const cJSON *node, const char *path) {
    const ouro_field *f = ouro_field_find(ouro_config_fields, path);
    cJSON *def = f && f->def ? cJSON_Parse(f->def) : NULL;
    int same = def ? cJSON_Compare(node, def, 1) : f && f->def; /* no memory to tell: no complaint either */
    cJSON_Delete(def);
    return same;
}

/* What the tables cannot say: a truth is a family, a table of data, or a text. */
static void check_truth(ouro_study *s, const ouro_config *config, cJSON *root, ouro_diagnostics *d) {
    static const struct {
        const char *name;
        int table, text; /* what it is for */
    } fields[] = {{"columns", 1, 0},    {"counts", 1, 0},  {"labels", 1, 0},    {"pairs", 1, 0},
                  {"reserve", 1, 1},    {"tokens", 0, 1},  {"lowercase", 0, 1}, {"punctuation", 0, 1},
                  {"vocabulary", 0, 1}, {"held_out", 0, 1}};
    const ouro_json_sources *sources = &s->source->sources;
    cJSON *truth = ouro_json_get(root, "truth");
    const int family = config->truth.family != NULL, table = config->truth.data != NULL,
              text = config->truth.text != NULL;
    if (family + table + text != 1) {
        ouro_diagnose(d, sources, truth ? truth : root, 0, "truth", "%s: name a family, a file of data, or a text",
                      family + table + text == 0 ? "what is true is missing"
                      : family && table          ? "both a family and data are given"
                      : family                   ? "both a family and a text are given"
                                                 : "both data and a text are given");
        return;
    }
    char path[32];
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        cJSON *node = cJSON_GetObjectItemCaseSensitive(truth, fields[i].name);
        snprintf(path, sizeof path, "truth.%s", fields[i].name);
        if (!node || (table && fields[i].table) || (text && fields[i].text) || says_default(node, path)) continue;
        ouro_diagnose(d, sources, node, 1, path, "belongs to a truth from %s only: remove it",
                      fields[i].table ? "data" : "a text");
    }
}

/* The node a complaint is about, or the nearest one above it that exists. */
static const cJSON *nearest_node(cJSON *root, const char *path) {
    char part[128];
    snprintf(part, sizeof part, "%s", path);
    for (;;) {
        cJSON *found = ouro_json_get(root, part);
        if (found) return found;
        char *dot = strrchr(part, '.');
        if (!dot) return root;
        *dot = '\0';
    }
}

static void complain(const ouro_binder *b, cJSON *root, const ouro_complaint *c) {
    const char *unset = ouro_json_get(root, c->path) ? "" : " (not given here: a default or the preset says so)";
    ouro_diagnose(b->out, b->sources, nearest_node(root, c->path), 0, c->path, "%s%s", c->what, unset);
}

static size_t findings(const ouro_diagnostics *d) { return d->count + d->repeats; }

/* Whether the data can be looked at although something else is wrong: all errors are wanted in one pass. */
static int names_data(const ouro_config *config) {
    if (config->truth.text) return !config->truth.family && !config->truth.data;
    return config->truth.data && !config->truth.family && !config->truth.columns.len == !!config->truth.counts;
}

static int load_point(ouro_study *s, size_t i, ouro_diagnostics *d) {
    ouro_config *config = &s->config[i];
    ouro_binder b = {.sources = &s->source->sources, .out = d, .keep = &s->keep};
    ouro_complaints complaints = {0};
    size_t before = findings(d);
    int ret = OURO_ENOMEM;
    cJSON *root = ouro_study_point_root(s, i, d);
    if (!root) return ret;
    OURO_TRY(ouro_study_sections(&b, config, root));
    OURO_TRY(ouro_bind_object(&b, root));
    OURO_TRY(bind_preset(&b, config));
    OURO_TRY(ouro_bind_defaults(&b, root));
    check_truth(s, config, root, d);
    ouro_study_names(s, config, root, d);
    if (findings(d) == before || names_data(config)) OURO_TRY(ouro_study_data(s, config, root, d));
    if (findings(d) > before) {
        ret = OURO_ECONFIG;
        goto out;
    }
    ret = ouro_experiment_init(&s->experiment[i], config, s->common_random_numbers ? 0 : (uint32_t)i, &complaints);
    for (size_t c = 0; c < complaints.len; c++) complain(&b, root, &complaints.item[c]);
out:
    cJSON_Delete(root);
    return ret;
}

int ouro_study_load(ouro_study *s, const char *path, size_t sets, const char *const *set, ouro_diagnostics *d) {
    int ret = OURO_ENOMEM;
    *s = (ouro_study){0};
    if (!(s->source = ouro_alloc(1, sizeof *s->source))) goto out;
    OURO_TRY(ouro_study_read(s, path, sets, set, d));
    OURO_TRY(ouro_study_axes(s, d));
    ret = OURO_ENOMEM;
    s->config = ouro_arena_alloc(&s->keep, s->points, sizeof *s->config);
    s->experiment = ouro_arena_alloc(&s->keep, s->points, sizeof *s->experiment);
    if (!s->config || !s->experiment) goto out;
    ret = OURO_OK;
    for (size_t i = 0; i < s->points; i++) {
        int point = load_point(s, i, d); /* errors of all points in one pass */
        if (point == OURO_ENOMEM || point == OURO_EBUG) ret = point;
        if (ret) goto out;
    }
    if (d->count) {
        ret = OURO_ECONFIG;
        goto out;
    }
    s->name = s->config[0].name;
    s->description = s->config[0].description;
out:
    if (ret) ouro_study_free(s);
    return ret;
}

void ouro_study_free(ouro_study *s) {
    for (size_t i = 0; s->experiment && i < s->points; i++) ouro_experiment_free(&s->experiment[i]);
    if (s->source) {
        cJSON_Delete(s->source->root);
        cJSON_Delete(s->source->sweep);
        ouro_json_sources_free(&s->source->sources);
    }
    ouro_free(s->source);
    ouro_arena_free(&s->keep);
    *s = (ouro_study){0};
}
