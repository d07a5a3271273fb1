/* bind.c: a whole object against the field tables: unknown keys, wrong places, defaults, what is required. */
#include "bind.h"
#include "bind_value.h"
#include <stdio.h>
#include <string.h>

enum { PATH = 256 };

int ouro_bind_section(ouro_binder *b, const char *prefix, ouro_table table, void *base) {
    if (b->sections_len == sizeof b->section / sizeof b->section[0]) return OURO_EBUG;
    unsigned char *bound = ouro_arena_alloc(b->keep, table.len + 1, 1);
    if (!bound) return OURO_ENOMEM;
    b->section[b->sections_len++] = (ouro_section){prefix, table, base, bound};
    return OURO_OK;
}

/* The part of a full path below a section's prefix; NULL when it is not below. */
static const char *below(const ouro_section *s, const char *path) {
    size_t len = strlen(s->prefix);
    if (len == 0) return path;
    return !strncmp(path, s->prefix, len) && path[len] == '.' ? path + len + 1 : NULL;
}

const ouro_field *ouro_bind_find(const ouro_binder *b, const char *path, const ouro_section **section) {
    for (size_t i = 0; i < b->sections_len; i++) {
        const char *rest = below(&b->section[i], path);
        const ouro_field *f = rest ? ouro_field_find(b->section[i].table, rest) : NULL;
        if (!f) continue;
        if (section) *section = &b->section[i];
        return f;
    }
    return NULL;
}

static int is_inner(const ouro_binder *b, const char *path) {
    size_t len = strlen(path);
    for (size_t i = 0; i < b->sections_len; i++) {
        const ouro_section *s = &b->section[i];
        const char *rest = below(s, path);
        if (rest && ouro_field_has_below(s->table, rest)) return 1;
        if (!strcmp(s->prefix, path) || (!strncmp(s->prefix, path, len) && s->prefix[len] == '.')) return 1;
    }
    return 0;
}

static void full_path(const ouro_section *s, const ouro_field *f, char out[PATH]) {
    snprintf(out, PATH, "%s%s%s", s->prefix, *s->prefix ? "." : "", f->path);
}

/* The known keys directly below `prefix`, each once; text lives in `room`. */
static size_t keys_below(const ouro_binder *b, const char *prefix, size_t most, char (*room)[PATH],
                         const char **names) {
    size_t count = 0, skip = *prefix ? strlen(prefix) + 1 : 0;
    static const char *const extra[] = {"sweep", "extends"};
    char path[PATH];
    for (size_t i = 0; i < b->sections_len; i++)
        for (size_t r = 0; r < b->section[i].table.len && count < most; r++) {
            full_path(&b->section[i], &b->section[i].table.rows[r], path);
            if (skip && (strncmp(path, prefix, skip - 1) || path[skip - 1] != '.')) continue;
            size_t len = strcspn(path + skip, ".");
            snprintf(room[count], PATH, "%.*s", (int)len, path + skip);
            size_t j = 0;
            while (j < count && strcmp(room[j], room[count])) j++;
            if (j == count) names[count] = room[count], count++;
        }
    for (size_t i = 0; !skip && i < 2 && count < most; i++) names[count++] = extra[i];
    return count;
}

/* The paths at which a key of that name is known, "a or b"; returns how many. */
static size_t known_elsewhere(const ouro_binder *b, const char *key, size_t size, char *out) {
    size_t found = 0;
    char path[PATH];
    out[0] = '\0';
    for (size_t i = 0; i < b->sections_len; i++)
        for (size_t r = 0; r < b->section[i].table.len; r++) {
            full_path(&b->section[i], &b->section[i].table.rows[r], path);
            const char *dot = strrchr(path, '.');
            size_t used = strlen(out);
            if (strcmp(dot ? dot + 1 : path, key) || used + PATH + 4 > size) continue;
            snprintf(out + used, size - used, "%s%s", found ? " or " : "", path);
            found++;
        }
    return found;
}

static void unknown_key(ouro_binder *b, const cJSON *node, const char *prefix, const char *path) {
    char room[64][PATH], elsewhere[4 * PATH], list[320];
    const char *names[64];
    size_t len = keys_below(b, prefix, 64, room, names);
    const char *near = ouro_nearest(node->string, len, names);
    if (near) {
        ouro_diagnose(b->out, b->sources, node, 1, path, "unknown key \"%s\"; did you mean \"%s\"?", node->string,
                      near);
        return;
    }
    if (known_elsewhere(b, node->string, sizeof elsewhere, elsewhere)) {
        ouro_diagnose(b->out, b->sources, node, 1, path, "unknown key \"%s\" here; it belongs at %s", node->string,
                      elsewhere);
        return;
    }
    list[0] = '\0';
    for (size_t i = 0; i < len && strlen(list) + strlen(names[i]) + 3 < sizeof list; i++) {
        if (i) strcat(list, ", ");
        strcat(list, names[i]);
    }
    ouro_diagnose(b->out, b->sources, node, 1, path, "unknown key \"%s\"; known here: %s", node->string, list);
}

/* The first row below a path: it says whether there is anything of the section at all. */
static const ouro_field *first_below(const ouro_binder *b, const char *path, const ouro_section **section) {
    for (size_t i = 0; i < b->sections_len; i++) {
        const char *rest = below(&b->section[i], path);
        const size_t len = rest ? strlen(rest) : 0;
        for (size_t r = 0; len && r < b->section[i].table.len; r++) {
            const ouro_field *f = &b->section[i].table.rows[r];
            *section = &b->section[i];
            if (!strncmp(f->path, rest, len) && f->path[len] == '.') return f;
        }
    }
    return NULL;
}

static int bind_member(ouro_binder *b, const cJSON *node, const char *prefix) {
    char path[PATH], type[PATH + 8];
    const ouro_section *s;
    if (strchr(node->string, '.')) { /* "policy.preset" beside "policy": the same field twice */
        ouro_diagnose(b->out, b->sources, node, 1, node->string,
                      "dotted paths are for sweep and --set; here write one object "
                      "inside the other");
        return OURO_OK;
    }
    snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", node->string);
    const ouro_field *f = ouro_bind_find(b, path, &s);
    if (!f && is_inner(b, path)) {
        if (cJSON_IsObject(node)) return ouro_bind_members(b, node, path);
        /* "estimator": "mle" for {"type": "mle"}, "mean": 0.01 for {"step": 0.01}, "stop": null for {"measure": null} */
        snprintf(type, sizeof type, "%s.%s", path, cJSON_IsString(node) ? "type" : "step");
        f = cJSON_IsString(node) || cJSON_IsNumber(node) || cJSON_IsArray(node) ? ouro_bind_find(b, type, &s) : NULL;
        if (cJSON_IsNull(node) && (f = first_below(b, path, &s)) && !(f->flags & OURO_NULLABLE)) f = NULL;
        if (!f) {
            ouro_diagnose(b->out, b->sources, node, 0, path, "an object { ... } belongs here");
            return OURO_OK;
        }
    }
    if (!f) {
        if (!b->lenient || strcmp(b->lenient, prefix)) unknown_key(b, node, prefix, path);
        return OURO_OK;
    }
    s->bound[f - s->table.rows] = 1;
    return ouro_bind_value(b, f, path, node, s->base);
}

int ouro_bind_members(ouro_binder *b, const cJSON *object, const char *prefix) {
    int ret = OURO_OK;
    for (const cJSON *node = object->child; node; node = node->next) {
        if (!strncmp(node->string, "x-", 2)) continue;
        if (!*prefix && !strcmp(node->string, "$schema")) continue;
        OURO_TRY(bind_member(b, node, prefix));
    }
out:
    return ret;
}

int ouro_bind_object(ouro_binder *b, const cJSON *root) { return ouro_bind_members(b, root, ""); }

int ouro_bind_text(ouro_binder *b, const char *path, const char *json) {
    const ouro_section *s;
    const ouro_field *f = ouro_bind_find(b, path, &s);
    if (!f) return OURO_EBUG;
    if (s->bound[f - s->table.rows]) return OURO_OK;
    cJSON *v = cJSON_Parse(json);
    if (!v) return OURO_ENOMEM;
    v->valueint = 0; /* no place: the text is ours */
    size_t errors = b->out->count;
    int ret = ouro_bind_value(b, f, path, v, s->base);
    cJSON_Delete(v);
    s->bound[f - s->table.rows] = 1;
    return !ret && b->out->count > errors ? OURO_EBUG : ret; /* a default outside its own range */
}

int ouro_bind_defaults(ouro_binder *b, cJSON *root) {
    int ret = OURO_OK;
    char path[PATH];
    for (size_t i = 0; i < b->sections_len; i++) {
        ouro_section *s = &b->section[i];
        for (size_t r = 0; r < s->table.len; r++) {
            const ouro_field *f = &s->table.rows[r];
            if (s->bound[r]) continue;
            full_path(s, f, path);
            if (f->def) {
                OURO_TRY(ouro_bind_text(b, path, f->def));
                continue;
            }
            const cJSON *parent = root;
            char *dot = strrchr(path, '.');
            if (dot) {
                *dot = '\0';
                const cJSON *found = ouro_json_get(root, path);
                if (found) parent = found;
                *dot = '.';
            }
            char expected[256];
            ouro_field_expects(f, sizeof expected, expected);
            if (cJSON_IsObject(parent)) /* else told already */
                ouro_diagnose(b->out, b->sources, parent, 0, path, "is missing; give %s, see `ouro describe %s`",
                              expected, path);
        }
    }
out:
    return ret;
}
