/* manifest_parameters.c: the resolved config of a run, such that running it again gives the same run.
 *
 * Under a sweep only what all points have in common is written out; the rest follows from the sweep, which is kept as it
 * stands. A preset's fields must not be frozen at the first point's, when the preset itself is swept.
 * Files are named as they are found from the run directory, where a run of the manifest will look for them.      */
#include "ouro/registry.h"
#include "output_files.h"
#include "ouro/mem.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

/* The parts of a config: which table describes each, and where it lies; the table is empty where a point lacks the part. */
typedef const void *part_of(const ouro_config *c, ouro_table *table);

static const void *root_part(const ouro_config *c, ouro_table *table) {
    *table = ouro_config_fields;
    return c;
}

static const void *policy_part(const ouro_config *c, ouro_table *table) {
    *table = ouro_policy_fields;
    return &c->policy;
}

static const void *truth_part(const ouro_config *c, ouro_table *table) {
    const ouro_family_type *type = c->truth.family ? ouro_family_find(c->truth.family) : NULL;
    if (type) *table = type->truth_fields;
    return c->truth.params;
}

static const void *model_part(const ouro_config *c, ouro_table *table) {
    *table = ouro_family_find(c->model.family)->known_fields;
    return c->model.known;
}

static const void *option_part(const ouro_config *c, ouro_table *table) {
    if (c->model.options) *table = ouro_family_find(c->model.family)->option_fields;
    return c->model.options;
}

static const void *estimator_part(const ouro_config *c, ouro_table *table) {
    if (c->model.estimator.params) *table = ouro_estimator_find(c->model.estimator.type)->fields;
    return c->model.estimator.params;
}

static const void *centre_part(const ouro_config *c, ouro_table *table) {
    if (c->model.estimator.at) *table = ouro_family_find(c->model.family)->truth_fields;
    return c->model.estimator.at;
}

static const struct {
    const char *prefix;
    part_of *part;
} parts[] = {{"", root_part},
             {"policy", policy_part},
             {"truth", truth_part},
             {"model", model_part},
             {"model", option_part},
             {"model.estimator", estimator_part},
             {"model.estimator.at", centre_part}};

/* Whether row f of a part has the same value at every point; looked up by path, as the points may differ in the family. */
static int common(const ouro_study *s, part_of *part, const ouro_field *f) {
    ouro_table table = {0};
    const void *first = part(&s->config[0], &table);
    for (size_t p = 1; p < s->points; p++) {
        table = (ouro_table){0};
        const void *base = part(&s->config[p], &table);
        const ouro_field *g = ouro_field_find(table, f->path);
        if (!g || g->kind != f->kind || !ouro_bound_alike(f, first, g, base)) return 0;
    }
    return 1;
}

/* Filters, and events, that differ in what a sweep sets below them: the rest of each is written, for the sweep to complete.
 * Lists of different lengths are swept as a whole. */
static int put_filters(const ouro_study *s, cJSON *parameters) {
    int ret = OURO_OK, same = 1;
    const ouro_filter_list **list = ouro_alloc(s->points, sizeof *list);
    if (!list) return OURO_ENOMEM;
    for (size_t p = 0; p < s->points; p++) {
        list[p] = &s->config[p].filters;
        same &= list[p]->len == list[0]->len;
    }
    if (same) ret = ouro_json_put(parameters, "policy.filters", ouro_unbind_sections(s->points, list));
    ouro_free(list);
    return ret;
}

static int put_events(const ouro_study *s, cJSON *parameters) {
    int ret = OURO_OK, same = 1;
    const ouro_event_list **list = ouro_alloc(s->points, sizeof *list);
    if (!list) return OURO_ENOMEM;
    for (size_t p = 0; p < s->points; p++) {
        list[p] = &s->config[p].observe.events;
        same &= list[p]->len == list[0]->len && !list[p]->item == !list[0]->item;
    }
    if (same) ret = ouro_json_put(parameters, "observe.events", ouro_unbind_events(s->points, list));
    ouro_free(list);
    return ret;
}

/* What moves of the truth, in so far as all points have it in common; where they differ in the family, the sweep says it. */
static int put_drift(const ouro_study *s, cJSON *parameters) {
    char path[256];
    int ret = OURO_OK;
    const ouro_drift *first = &s->config[0].truth.drift;
    for (size_t i = 0; i < first->len; i++) {
        const ouro_movement *m = &first->item[i];
        const ouro_table fields = ouro_movement_fields(m->field->kind);
        int moves = 0, alike = 1;
        for (size_t p = 0; p < s->points; p++) {
            const ouro_drift *d = &s->config[p].truth.drift;
            alike &= d->len == first->len && d->item[i].field == m->field;
            moves |= alike && ouro_movement_moves(&d->item[i]);
        }
        for (size_t r = 0; r < fields.len && moves && alike; r++) {
            int common = 1;
            for (size_t p = 1; p < s->points; p++)
                common &= ouro_bound_alike(&fields.rows[r], m, &fields.rows[r], &s->config[p].truth.drift.item[i]);
            if (!common) continue;
            snprintf(path, sizeof path, "%s.%s", m->path, fields.rows[r].path);
            OURO_TRY(ouro_json_put(parameters, path, ouro_unbind_value(&fields.rows[r], m)));
        }
    }
out:
    return ret;
}

static int put_parts(const ouro_study *s, cJSON *parameters) {
    char path[256];
    int ret = OURO_OK;
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        ouro_table table = {0};
        const void *base = parts[k].part(&s->config[0], &table);
        for (size_t i = 0; i < table.len; i++) {
            const ouro_field *f = &table.rows[i];
            if (f->kind == OURO_SECTIONS) {
                OURO_TRY(put_filters(s, parameters));
                continue;
            }
            if (f->kind == OURO_EVENTS) {
                OURO_TRY(put_events(s, parameters));
                continue;
            }
            if (!common(s, parts[k].part, f)) continue;
            snprintf(path, sizeof path, "%s%s%s", parts[k].prefix, *parts[k].prefix ? "." : "", f->path);
            OURO_TRY(ouro_json_put(parameters, path, ouro_unbind_value(f, base)));
        }
    }
out:
    return ret;
}

/* Renames a file that a string node names. */
static int relocate(const char *dir, cJSON *node, const char *file) {
    char relative[2048];
    if (!file) return OURO_ENOMEM;
    if (ouro_rundir_relative(dir, file, sizeof relative, relative)) return OURO_OK;
    return cJSON_SetValuestring(node, relative) ? OURO_OK : OURO_ENOMEM;
}

/* Files among the values of a swept path: "truth.data", "truth.text", or the truth as a whole. */
static int relocate_swept(const ouro_output *o, ouro_arena *keep, cJSON *list) {
    static const char *const files[] = {"data", "text"};
    int ret = OURO_OK, whole = !strcmp(list->string, "truth");
    if (!whole && strcmp(list->string, "truth.data") && strcmp(list->string, "truth.text")) return OURO_OK;
    for (cJSON *item = list->child; item; item = item->next)
        for (size_t i = 0; i < (whole ? 2 : 1); i++) {
            cJSON *file = whole ? cJSON_GetObjectItemCaseSensitive(item, files[i]) : item;
            if (!cJSON_IsString(file)) continue;
            OURO_TRY(relocate(o->temporary, file, ouro_bind_path(&o->study->source->sources, keep, file)));
        }
out:
    return ret;
}

static int put_sweep(const ouro_output *o, ouro_arena *keep, cJSON *parameters) {
    cJSON *sweep = cJSON_Duplicate(o->study->source->sweep, 1);
    int ret = ouro_json_put(parameters, "sweep", sweep);
    if (ret) return ret;
    for (cJSON *list = sweep->child; list; list = list->next) {
        cJSON *zipped = strcmp(list->string, "zip") ? NULL : list->child;
        OURO_TRY(relocate_swept(o, keep, list));
        for (; zipped; zipped = zipped->next) OURO_TRY(relocate_swept(o, keep, zipped));
    }
out:
    return ret;
}

cJSON *ouro_manifest_parameters(const ouro_output *o) {
    cJSON *parameters = cJSON_CreateObject(), *data;
    ouro_arena keep = {0};
    int ret = OURO_ENOMEM;
    if (!parameters) goto out;
    OURO_TRY(put_parts(o->study, parameters));
    OURO_TRY(put_drift(o->study, parameters));
    data = ouro_json_get(parameters, "truth.data");
    if (cJSON_IsString(data)) OURO_TRY(relocate(o->temporary, data, o->study->config[0].truth.data));
    data = ouro_json_get(parameters, "truth.text");
    if (cJSON_IsString(data)) OURO_TRY(relocate(o->temporary, data, o->study->config[0].truth.text));
    if (o->study->source->sweep) OURO_TRY(put_sweep(o, &keep, parameters));
out:
    ouro_arena_free(&keep);
    if (!ret) return parameters;
    cJSON_Delete(parameters);
    return NULL;
}
