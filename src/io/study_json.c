/* study_json.c: from files to one JSON tree: manifest, extends (RFC 7386), overrides. */
#include "ouro/mem.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

enum { MOST_EXTENDS = 16 };

/* After ouro_json_load: says what was wrong with the text, and wants an object. *root is NULL after a failure. */
static int loaded(ouro_study *s, int ret, const ouro_error *e, cJSON **root, ouro_diagnostics *d) {
    if (ret == OURO_ECONFIG) ouro_diagnose_error(d, &s->source->sources, e);
    if (!ret && !cJSON_IsObject(*root)) {
        ouro_diagnose(d, &s->source->sources, *root, 0, "", "a config is one object: { ... }");
        ret = OURO_ECONFIG;
    }
    if (ret) {
        cJSON_Delete(*root);
        *root = NULL;
    }
    return ret == OURO_EIO ? OURO_ECONFIG : ret;
}

/* A manifest holds the resolved config of its run under "parameters". */
static cJSON *unwrap(cJSON *root) {
    if (!cJSON_GetObjectItemCaseSensitive(root, "schema_version")) return root;
    cJSON *config = cJSON_GetObjectItemCaseSensitive(root, "parameters");
    if (!cJSON_IsObject(config)) return root;
    cJSON_DetachItemViaPointer(root, config);
    cJSON_Delete(root);
    return config;
}

/* Replaces *root by the file it extends, with *root merged on top; 0 in *more when it extends none. `from` is the file
 * that *root was read from, and becomes the extended one, whose own "extends" is then followed from its folder.   */
static int extend_once(ouro_study *s, size_t size, char *from, cJSON **root, int *more, ouro_diagnostics *d) {
    const ouro_json_sources *sources = &s->source->sources;
    cJSON *base = NULL, *merged = NULL, *name = cJSON_DetachItemFromObjectCaseSensitive(*root, "extends");
    const char *slash = strrchr(from, '/');
    ouro_error e = {0};
    int ret = OURO_OK;
    if (!(*more = name != NULL)) return OURO_OK;
    if (!cJSON_IsString(name) || !*name->valuestring) {
        ouro_diagnose(d, sources, name, 0, "extends", "the name of a config file was expected");
        ret = OURO_ECONFIG;
        goto out;
    }
    int len = slash && *name->valuestring != '/' ? (int)(slash - from) + 1 : 0;
    char *file = ouro_arena_printf(&s->keep, "%.*s%s", len, from, name->valuestring);
    if (!file || strlen(file) >= size) {
        ret = file ? OURO_ECONFIG : OURO_ENOMEM;
        if (file) ouro_diagnose(d, sources, name, 0, "extends", "the path is too long");
        goto out;
    }
    snprintf(from, size, "%s", file);
    if ((ret = ouro_json_load(&s->source->sources, file, &base, &e)) == OURO_EIO)
        ouro_diagnose(d, sources, name, 0, "extends", "%s %s", file, e.what);
    OURO_TRY(loaded(s, ret, &e, &base, d));
    base = unwrap(base);
    ret = (merged = ouro_json_merge(base, *root)) ? OURO_OK : OURO_ENOMEM;
    base = NULL;
    if (ret) goto out;
    cJSON_Delete(*root);
    *root = merged;
out:
    cJSON_Delete(base);
    cJSON_Delete(name);
    return ret;
}

static int extend(ouro_study *s, const char *path, cJSON **root, ouro_diagnostics *d) {
    char from[1024];
    int ret = OURO_OK, more = 1;
    snprintf(from, sizeof from, "%s", path);
    for (int depth = 0; more && depth < MOST_EXTENDS; depth++)
        OURO_TRY(extend_once(s, sizeof from, from, root, &more, d));
    cJSON *left = more ? cJSON_GetObjectItemCaseSensitive(*root, "extends") : NULL;
    if (left) {
        ouro_diagnose(d, &s->source->sources, left, 0, "extends",
                      "more than %d files extend one another: do they go round in a "
                      "circle?",
                      MOST_EXTENDS);
        ret = OURO_ECONFIG;
    }
out:
    return ret;
}

/* "estimator": "mle" becomes {"type": "mle"}, so that overrides and sweeps can reach below it. */
static int expand_short_form(cJSON *root) {
    cJSON *model = cJSON_GetObjectItemCaseSensitive(root, "model");
    cJSON *estimator = cJSON_IsObject(model) ? cJSON_GetObjectItemCaseSensitive(model, "estimator") : NULL;
    if (!cJSON_IsString(estimator)) return OURO_OK;
    cJSON *type = cJSON_Duplicate(estimator, 1), *object = cJSON_CreateObject();
    if (!type || !object || !cJSON_AddItemToObject(object, "type", type)) {
        cJSON_Delete(type);
        cJSON_Delete(object);
        return OURO_ENOMEM;
    }
    ouro_json_place_copy(object, estimator);
    cJSON_ReplaceItemInObjectCaseSensitive(model, "estimator", object);
    return OURO_OK;
}

int ouro_study_read(ouro_study *s, const char *path, size_t sets, const char *const *set, ouro_diagnostics *d) {
    struct ouro_study_source *source = s->source;
    int ret;
    ouro_error e = {0};
    if ((ret = ouro_json_load(&source->sources, path, &source->root, &e)) == OURO_EIO)
        ouro_diagnose_error(d, &source->sources, &e);
    OURO_TRY(loaded(s, ret, &e, &source->root, d));
    source->root = unwrap(source->root);
    OURO_TRY(extend(s, path, &source->root, d));
    OURO_TRY(expand_short_form(source->root));
    for (size_t i = 0; i < sets; i++) {
        OURO_TRY(ouro_study_override(s, set[i], d));
        OURO_TRY(expand_short_form(source->root));
    }
    source->sweep = cJSON_DetachItemFromObjectCaseSensitive(source->root, "sweep");
    if (cJSON_IsNull(source->sweep)) {
        cJSON_Delete(source->sweep);
        source->sweep = NULL;
    }
out:
    return ret;
}
