/* manifest_parameters.c: the resolved config of a run, such that running it again gives the same run.
 *
 * Under a sweep only what all points have in common is written out; the rest follows from the sweep, which is kept as it
 * stands. A preset's fields must not be frozen at the first point's, when the preset itself is swept.
 * Files are named as they are found from the run directory, where a run of the manifest will look for them.      */
#include "ouro/registry.h"
#include "output_files.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

/* Whether row f of a section of point 0 has the same value at every point. Parameters of a truth are looked up by path, as
 * the points may differ in the family.                                                                          */
static int common(const ouro_study *s, const ouro_section *section, const ouro_field *f) {
    const ouro_config *first = &s->config[0];
    int of_truth = !strcmp(section->prefix, "truth");
    for (size_t p = 1; p < s->points; p++) {
        const ouro_config *c = &s->config[p];
        const void *base = (const char *)c + ((const char *)section->base - (const char *)first);
        const ouro_field *g = f;
        if (section->base == (const void *)first->model.known && strcmp(c->model.family, first->model.family)) return 0;
        if (of_truth) {
            const ouro_family_type *type = c->truth.family ? ouro_family_find(c->truth.family) : NULL;
            g = type ? ouro_field_find(type->truth_fields, f->path) : NULL;
            base = c->truth.params;
        }
        if (!g || g->kind != f->kind || !ouro_bound_alike(f, section->base, g, base)) return 0;
    }
    return 1;
}

static int put_section(const ouro_study *s, const ouro_section *section, cJSON *parameters) {
    char path[256];
    int ret = OURO_OK;
    for (size_t i = 0; i < section->table.len; i++) {
        const ouro_field *f = &section->table.rows[i];
        if (!common(s, section, f)) continue;
        snprintf(path, sizeof path, "%s%s%s", section->prefix, *section->prefix ? "." : "", f->path);
        OURO_TRY(ouro_json_put(parameters, path, ouro_unbind_value(f, section->base)));
    }
out:
    return ret;
}

static int put_sections(const ouro_study *s, cJSON *parameters) {
    ouro_config *first = &s->config[0];
    const ouro_family_type *type = first->truth.family ? ouro_family_find(first->truth.family) : NULL;
    const ouro_family_type *model = ouro_family_find(first->model.family);
    const ouro_section sections[] = {{"model", model->known_fields, first->model.known, NULL},
                                     {"", ouro_config_fields, first, NULL},
                                     {"policy", ouro_policy_fields, &first->policy, NULL},
                                     {"truth", type ? type->truth_fields : (ouro_table){0}, first->truth.params, NULL}};
    int ret = OURO_OK;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        OURO_TRY(put_section(s, &sections[i], parameters));
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

/* Data files among the values of a swept path: "truth.data", or the truth as a whole. */
static int relocate_swept(const ouro_output *o, ouro_arena *keep, cJSON *list) {
    int ret = OURO_OK, whole = !strcmp(list->string, "truth");
    if (!whole && strcmp(list->string, "truth.data")) return OURO_OK;
    for (cJSON *item = list->child; item; item = item->next) {
        cJSON *data = whole ? cJSON_GetObjectItemCaseSensitive(item, "data") : item;
        if (!cJSON_IsString(data)) continue;
        OURO_TRY(relocate(o->temporary, data, ouro_bind_path(&o->study->source->sources, keep, data)));
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
    OURO_TRY(put_sections(o->study, parameters));
    data = ouro_json_get(parameters, "truth.data");
    if (cJSON_IsString(data)) OURO_TRY(relocate(o->temporary, data, o->study->config[0].truth.data));
    if (o->study->source->sweep) OURO_TRY(put_sweep(o, &keep, parameters));
out:
    ouro_arena_free(&keep);
    if (!ret) return parameters;
    cJSON_Delete(parameters);
    return NULL;
}
