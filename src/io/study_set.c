/* study_set.c: --set path=value. The value is JSON; a bare word is a string. */
#include "ouro/mem.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

enum { MOST_PATH = 256 };

static int refuse(ouro_study *s, const char *set, const char *why, ouro_diagnostics *d) {
    ouro_error e = {.code = OURO_ECONFIG};
    snprintf(e.where, sizeof e.where, "--set %s", set);
    snprintf(e.what, sizeof e.what, "%s", why);
    s->source->sources.wrong = (ouro_json_place){0}; /* no line to show */
    ouro_diagnose_error(d, &s->source->sources, &e);
    return OURO_OK;
}

/* The text as a JSON string, so that its place is known like any other; NULL when out of memory. */
static char *quote(const char *text) {
    char *out = ouro_alloc(6 * strlen(text) + 3, 1), *to = out;
    if (!out) return NULL;
    *to++ = '"';
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') *to++ = '\\';
        if ((unsigned char)*c < 0x20)
            to += snprintf(to, 7, "\\u%04x", (unsigned)*c);
        else
            *to++ = *c;
    }
    *to = '"';
    return out;
}

/* What begins like JSON is JSON and is told what is wrong with it; anything else that is none is a word. */
static int parse(ouro_study *s, const char *set, const char *text, cJSON **value, ouro_diagnostics *d) {
    char label[320];
    ouro_error e = {0};
    snprintf(label, sizeof label, "--set %s", set);
    int ret = ouro_json_parse(&s->source->sources, label, text, strlen(text), value, &e);
    if (ret == OURO_ECONFIG && !strchr("[{\"", *text)) {
        char *word = quote(text);
        if (!word) return OURO_ENOMEM;
        e = (ouro_error){0};
        ret = ouro_json_parse(&s->source->sources, label, word, strlen(word), value, &e);
        ouro_free(word);
    }
    if (ret == OURO_ECONFIG) ouro_diagnose_error(d, &s->source->sources, &e);
    return ret == OURO_ECONFIG ? OURO_OK : ret;
}

/* Goes from *node to its member `name`, an object, made when nothing or null stands there. */
static int enter(cJSON **node, const char *name) {
    cJSON *found = cJSON_GetObjectItemCaseSensitive(*node, name);
    if (cJSON_IsNull(found)) {
        cJSON_DeleteItemFromObjectCaseSensitive(*node, name);
        found = NULL;
    }
    if (!found && !(found = cJSON_AddObjectToObject(*node, name))) return OURO_ENOMEM;
    *node = found;
    return cJSON_IsObject(found) ? OURO_OK : OURO_ECONFIG;
}

/* "sweep.policy.initial=[1, 2]": what follows "sweep." is one key, however many dots it has. Takes value. */
static int put_swept(cJSON *root, const char *path, cJSON *value) {
    int ret;
    cJSON *into = root;
    OURO_TRY(enter(&into, "sweep"));
    if (!strncmp(path, "zip.", 4)) {
        OURO_TRY(enter(&into, "zip"));
        path += 4;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(into, path);
    ret = cJSON_AddItemToObject(into, path, value) ? OURO_OK : OURO_ENOMEM;
out:
    if (ret) cJSON_Delete(value);
    return ret;
}

int ouro_study_override(ouro_study *s, const char *set, ouro_diagnostics *d) {
    char path[MOST_PATH];
    const char *equal = strchr(set, '=');
    cJSON *value = NULL, *root = s->source->root;
    if (!equal || equal == set || (size_t)(equal - set) >= sizeof path)
        return refuse(s, set, "write it as path=value, for example policy.anchor.every=5", d);
    snprintf(path, sizeof path, "%.*s", (int)(equal - set), set);
    if (!strcmp(path, "extends")) return refuse(s, set, "extends works inside a config file only", d);
    int ret = parse(s, set, equal + 1, &value, d);
    if (ret || !value) return ret;
    ret = strncmp(path, "sweep.", 6) ? ouro_json_put(root, path, value) : put_swept(root, path + 6, value);
    if (ret == OURO_ECONFIG) return refuse(s, set, "there is no such path in a config; see `ouro list fields`", d);
    return ret;
}
