/* json_build.h: putting JSON trees together. Every cJSON call may fail for memory; a failure anywhere is noted once, and the
 * tree is then not used. All of these accept the NULL that an earlier failure left behind. */
#ifndef OURO_IO_JSON_BUILD_H
#define OURO_IO_JSON_BUILD_H
#include "json.h"

typedef struct ouro_builder {
    int failed;
} ouro_builder;

/* Puts value (taken) into an object under key, or at the end of an array when key is NULL. Returns it. */
static inline cJSON *ouro_build(ouro_builder *b, cJSON *into, const char *key, cJSON *value) {
    if (!into || !value || !(key ? cJSON_AddItemToObject(into, key, value) : cJSON_AddItemToArray(into, value))) {
        b->failed = 1;
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

static inline void ouro_build_text(ouro_builder *b, cJSON *into, const char *key, const char *text) {
    ouro_build(b, into, key, cJSON_CreateString(text ? text : ""));
}

static inline void ouro_build_number(ouro_builder *b, cJSON *into, const char *key, double x) {
    ouro_build(b, into, key, ouro_json_number(x));
}

static inline cJSON *ouro_build_object(ouro_builder *b, cJSON *into, const char *key) {
    return ouro_build(b, into, key, cJSON_CreateObject());
}

static inline cJSON *ouro_build_array(ouro_builder *b, cJSON *into, const char *key) {
    return ouro_build(b, into, key, cJSON_CreateArray());
}

#endif
