/* bind_sections.c: an array of objects, each with a type of its own that says what stands beside it. Elsewhere a
 * section has one fixed place; here entry number i of "policy.filters" is the section "policy.filters.i". */
#include "bind_value.h"
#include "ouro/registry.h"
#include <stdio.h>
#include <string.h>

enum { PATH = 256, MOST_NAMES = 64 };

static const ouro_field type_rows[] = {
    {"type", OURO_TEXT, OURO_REQUIRED, 0, 0, 0, NULL, NULL, "", "Which filter. See `ouro list filters`."},
};

/* The type that an entry names; NULL, and told, when there is none. */
static const ouro_filter_type *type_of(ouro_binder *b, const cJSON *entry, const char *path) {
    char where[PATH + 8], hint[128];
    const char *names[MOST_NAMES];
    size_t len = 0;
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(entry, "type");
    snprintf(where, sizeof where, "%s.type", path);
    if (!cJSON_IsString(name)) {
        ouro_diagnose(b->out, b->sources, name ? name : entry, 0, where,
                      "the name of a filter belongs here; see `ouro list filters`");
        return NULL;
    }
    const ouro_filter_type *type = ouro_filter_find(name->valuestring);
    for (size_t i = 0; i < ouro_filters_len && len < MOST_NAMES; i++) names[len++] = ouro_filters[i]->name;
    if (!type)
        ouro_diagnose(b->out, b->sources, name, 0, where, "\"%s\" is not a filter%s", name->valuestring,
                      ouro_suggest(name->valuestring, len, names, "ouro list filters", sizeof hint, hint));
    return type;
}

/* Fields, then defaults: no preset speaks of what stands in an array. */
static int bind_entry(ouro_binder *b, const ouro_filter_type *type, cJSON *entry, const char *path, void **params) {
    const char *name = NULL;
    ouro_binder own = {.sources = b->sources, .out = b->out, .keep = b->keep};
    int ret = OURO_ENOMEM;
    if (!(*params = ouro_arena_alloc(b->keep, 1, type->params_size))) goto out;
    OURO_TRY(ouro_bind_section(&own, path, OURO_TABLE(type_rows), &name));
    OURO_TRY(ouro_bind_section(&own, path, type->fields, *params));
    OURO_TRY(ouro_bind_members(&own, entry, path));
    ret = ouro_bind_defaults(&own, entry);
out:
    return ret;
}

int ouro_bind_sections(ouro_binder *b, const ouro_field *f, const char *path, const cJSON *v, void *at) {
    ouro_filter_list *out = at;
    char entry_path[PATH];
    *out = (ouro_filter_list){0};
    if (!cJSON_IsArray(v)) {
        ouro_diagnose(b->out, b->sources, v, 0, path, "an array of objects belongs here, [{ \"type\": ... }, ...]");
        return OURO_OK;
    }
    const size_t len = (size_t)cJSON_GetArraySize(v);
    if ((double)len > f->hi) {
        ouro_diagnose(b->out, b->sources, v, 0, path, "%zu entries; %.0f at most", len, f->hi);
        return OURO_OK;
    }
    if (len && !(out->item = ouro_arena_alloc(b->keep, len, sizeof *out->item))) return OURO_ENOMEM;
    for (cJSON *entry = v->child; entry; entry = entry->next) {
        ouro_filter filter = {0};
        int ret = OURO_OK;
        snprintf(entry_path, sizeof entry_path, "%s.%d", path, (int)(out->len));
        const char *kept = ouro_arena_strdup(b->keep, entry_path);
        if (!kept) return OURO_ENOMEM;
        if (!cJSON_IsObject(entry)) {
            ouro_diagnose(b->out, b->sources, entry, 0, kept, "an object { \"type\": ... } belongs here");
        } else if ((filter.type = type_of(b, entry, kept)) != NULL) {
            ret = bind_entry(b, filter.type, entry, kept, &filter.params);
        }
        if (ret) return ret;
        out->item[out->len++] = filter; /* without a type where something is wrong: told, and never run */
    }
    return OURO_OK;
}

/* Whether row f of a holds what the row of that name holds in b. */
static int same_row(const ouro_filter *a, const ouro_filter *b, const ouro_field *f) {
    const ouro_field *g = ouro_field_find(b->type->fields, f->path);
    return g && g->kind == f->kind && ouro_bound_alike(f, a->params, g, b->params);
}

int ouro_sections_alike(const ouro_filter_list *a, const ouro_filter_list *b) {
    int same = a->len == b->len;
    for (size_t i = 0; same && i < a->len; i++) {
        same = a->item[i].type == b->item[i].type;
        for (size_t r = 0; same && r < a->item[i].type->fields.len; r++)
            same = same_row(&a->item[i], &b->item[i], &a->item[i].type->fields.rows[r]);
    }
    return same;
}

/* Whether all lists hold the value of row f at entry i. */
static int in_all(size_t lists, const ouro_filter_list *const *list, size_t i, const ouro_field *f) {
    for (size_t p = 1; p < lists; p++)
        if (!same_row(&list[0]->item[i], &list[p]->item[i], f)) return 0;
    return 1;
}

/* One entry, taken by the caller; NULL when out of memory. */
static cJSON *unbind_entry(size_t lists, const ouro_filter_list *const *list, size_t i) {
    const ouro_filter *filter = &list[0]->item[i];
    cJSON *entry = cJSON_CreateObject();
    int ret = entry && cJSON_AddStringToObject(entry, "type", filter->type->name) ? OURO_OK : OURO_ENOMEM;
    for (size_t r = 0; !ret && r < filter->type->fields.len; r++) {
        const ouro_field *f = &filter->type->fields.rows[r];
        if (in_all(lists, list, i, f)) ret = ouro_json_put(entry, f->path, ouro_unbind_value(f, filter->params));
    }
    if (!ret) return entry;
    cJSON_Delete(entry);
    return NULL;
}

cJSON *ouro_unbind_sections(size_t lists, const ouro_filter_list *const *list) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array && i < list[0]->len; i++) {
        cJSON *entry = unbind_entry(lists, list, i);
        if (entry && cJSON_AddItemToArray(array, entry)) continue;
        cJSON_Delete(entry);
        cJSON_Delete(array);
        return NULL;
    }
    return array;
}
