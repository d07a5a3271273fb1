/* bind_events.c: observe.events, an array of names of standard events and of objects that declare one; entry number i is
 * the section "observe.events.i". */
#include "bind_value.h"
#include <stdio.h>
#include <string.h>

enum { PATH = 256 };

static int bind_name(ouro_binder *b, const cJSON *entry, const char *path, ouro_event_rule *out) {
    const char *names[OURO_EVENTS_MOST];
    char hint[128];
    size_t len = 0;
    const ouro_event_rule *rule = ouro_event_find(entry->valuestring);
    for (size_t i = 0; i < ouro_events_len && len < OURO_EVENTS_MOST; i++) names[len++] = ouro_events[i].name;
    if (rule)
        *out = *rule;
    else
        ouro_diagnose(b->out, b->sources, entry, 0, path, "\"%s\" is not a standard event%s", entry->valuestring,
                      ouro_suggest(entry->valuestring, len, names, "ouro list events", sizeof hint, hint));
    return OURO_OK;
}

static int bind_object(ouro_binder *b, cJSON *entry, const char *path, ouro_event_rule *out) {
    ouro_binder own = {.sources = b->sources, .out = b->out, .keep = b->keep};
    int ret;
    OURO_TRY(ouro_bind_section(&own, path, ouro_event_fields, out));
    OURO_TRY(ouro_bind_members(&own, entry, path));
    ret = ouro_bind_defaults(&own, entry);
out:
    return ret;
}

int ouro_bind_events(ouro_binder *b, const ouro_field *f, const char *path, const cJSON *v, void *at) {
    ouro_event_list *out = at;
    char entry_path[PATH], expected[256];
    *out = (ouro_event_list){0};
    const size_t len = cJSON_IsArray(v) ? (size_t)cJSON_GetArraySize(v) : 0;
    if (!cJSON_IsArray(v)) {
        ouro_field_expects(f, sizeof expected, expected);
        ouro_diagnose(b->out, b->sources, v, 0, path, "%s belongs here", expected);
        return OURO_OK;
    }
    if ((double)len > f->hi) {
        ouro_diagnose(b->out, b->sources, v, 0, path, "%zu entries; %.0f at most", len, f->hi);
        return OURO_OK;
    }
    if (!(out->item = ouro_arena_alloc(b->keep, len + 1, sizeof *out->item))) return OURO_ENOMEM;
    for (cJSON *entry = v->child; entry; entry = entry->next) {
        int ret = OURO_OK;
        snprintf(entry_path, sizeof entry_path, "%s.%zu", path, out->len);
        const char *kept = ouro_arena_strdup(b->keep, entry_path);
        if (!kept) return OURO_ENOMEM;
        ouro_event_rule *rule = &out->item[out->len++];
        if (cJSON_IsString(entry))
            ret = bind_name(b, entry, kept, rule);
        else if (cJSON_IsObject(entry))
            ret = bind_object(b, entry, kept, rule);
        else
            ouro_diagnose(b->out, b->sources, entry, 0, kept,
                          "the name of a standard event or an object { \"name\": ... } belongs here");
        if (ret) return ret;
    }
    return OURO_OK;
}

/* A standard event keeps its doc, which no config can give: it is told by that, and goes by its name alone. */
static int same_rule(const ouro_event_rule *a, const ouro_event_rule *b) {
    int same = a->doc == b->doc;
    for (size_t r = 0; same && r < ouro_event_fields.len; r++)
        same = ouro_bound_alike(&ouro_event_fields.rows[r], a, &ouro_event_fields.rows[r], b);
    return same;
}

int ouro_events_alike(const ouro_event_list *a, const ouro_event_list *b) {
    int same = a->len == b->len && !a->item == !b->item;
    for (size_t i = 0; same && i < a->len; i++) same = same_rule(&a->item[i], &b->item[i]);
    return same;
}

/* What all lists say of entry i, taken by the caller; NULL when out of memory. */
static cJSON *unbind_entry(size_t lists, const ouro_event_list *const *list, size_t i) {
    const ouro_event_rule *first = &list[0]->item[i];
    int same = 1, ret = OURO_OK;
    for (size_t p = 1; p < lists; p++) same &= same_rule(first, &list[p]->item[i]);
    if (same && first->doc) return cJSON_CreateString(first->name);
    cJSON *entry = cJSON_CreateObject();
    if (!entry) return NULL;
    for (size_t r = 0; !ret && r < ouro_event_fields.len; r++) {
        const ouro_field *f = &ouro_event_fields.rows[r];
        int common = 1;
        for (size_t p = 1; p < lists; p++) common &= ouro_bound_alike(f, first, f, &list[p]->item[i]);
        if (common) ret = ouro_json_put(entry, f->path, ouro_unbind_value(f, first));
    }
    if (!ret) return entry;
    cJSON_Delete(entry);
    return NULL;
}

cJSON *ouro_unbind_events(size_t lists, const ouro_event_list *const *list) {
    if (!list[0]->item) return cJSON_CreateNull();
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
