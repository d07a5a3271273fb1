/* study_json.c: from files and --set to one JSON tree: manifest, extends (RFC 7386), overrides. */
#include "ouro/mem.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

enum { MOST_EXTENDS = 16 };

static int load(ouro_study *s, const char *path, cJSON **root, ouro_diagnostics *d) {
    ouro_error e = {0};
    int ret = ouro_json_load(&s->source->sources, path, root, &e);
    if (ret == OURO_ECONFIG || ret == OURO_EIO) ouro_diagnose_error(d, &s->source->sources, &e);
    if (!ret && !cJSON_IsObject(*root)) {
        ouro_diagnose(d, &s->source->sources, *root, 0, "", "a config is an object { ... }");
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
    cJSON *config = cJSON_DetachItemFromObjectCaseSensitive(root, "parameters");
    if (!config) return root;
    cJSON_Delete(root);
    return config;
}

static int extend(ouro_study *s, const char *path, cJSON **root, ouro_diagnostics *d) {
    const ouro_json_sources *sources = &s->source->sources;
    char from[1024];
    snprintf(from, sizeof from, "%s", path);
    for (int depth = 0;; depth++) {
        cJSON *base = NULL, *name = cJSON_DetachItemFromObjectCaseSensitive(*root, "extends");
        if (!name) return OURO_OK;
        if (!cJSON_IsString(name) || depth == MOST_EXTENDS) {
            ouro_diagnose(d, sources, name, 0, "extends", depth ? "the files extend each other in a circle"
                                                                : "the name of a config file belongs here");
            cJSON_Delete(name);
            return OURO_ECONFIG;
        }
        char file[1024];
        const char *slash = strrchr(from, '/');
        int len = slash && *name->valuestring != '/' ? (int)(slash - from) + 1 : 0;
        snprintf(file, sizeof file, "%.*s%s", len, from, name->valuestring);
        cJSON_Delete(name);
        int ret = load(s, file, &base, d);
        if (ret) return ret;
        cJSON *merged = ouro_json_merge(base, *root);
        if (!merged) return OURO_ENOMEM;
        /* the base's own "extends", if any, is followed from the base's folder */
        cJSON_Delete(*root);
        *root = merged;
        snprintf(from, sizeof from, "%s", file);
    }
}

static int override(ouro_study *s, const char *set, cJSON *root, ouro_diagnostics *d) {
    char path[256], label[320], quoted[1024];
    const char *equal = strchr(set, '=');
    snprintf(label, sizeof label, "--set %s", set);
    if (!equal || equal == set || (size_t)(equal - set) >= sizeof path) {
        ouro_diagnose(d, &s->source->sources, NULL, 0, label, "write it as path=value, for example policy.anchor.every=5");
        return OURO_OK;
    }
    snprintf(path, sizeof path, "%.*s", (int)(equal - set), set);
    cJSON *value = NULL;
    ouro_error e = {0};
    int ret = ouro_json_parse(&s->source->sources, label, equal + 1, strlen(equal + 1), &value, &e);
    if (ret == OURO_ECONFIG) { /* not JSON: a bare word is a string */
        e = (ouro_error){0};
        snprintf(quoted, sizeof quoted, "\"%s\"", equal + 1);
        ret = ouro_json_parse(&s->source->sources, label, quoted, strlen(quoted), &value, &e);
    }
    if (!ret) ret = ouro_json_put(root, path, value);
    if (ret == OURO_ENOMEM) return ret;
    if (ret) ouro_diagnose(d, &s->source->sources, NULL, 0, label, "%s", e.what[0] ? e.what : "there is no such place");
    return OURO_OK;
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
    OURO_TRY(load(s, path, &source->root, d));
    source->root = unwrap(source->root);
    OURO_TRY(extend(s, path, &source->root, d));
    OURO_TRY(expand_short_form(source->root));
    for (size_t i = 0; i < sets; i++) OURO_TRY(override(s, set[i], source->root, d));
    source->sweep = cJSON_DetachItemFromObjectCaseSensitive(source->root, "sweep");
    if (cJSON_IsNull(source->sweep)) {
        cJSON_Delete(source->sweep);
        source->sweep = NULL;
    }
out:
    return ret;
}
