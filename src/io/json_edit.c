/* json_edit.c: merging, reaching into and writing JSON trees. Names are case-sensitive everywhere. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "ouro/mem.h"

/* The member of `object` named name[0..len), or entry number name of an array; NULL when there is none. */
static cJSON *member(const cJSON *object, const char *name, size_t len) {
    if (cJSON_IsArray(object) && len && len < 9 && strspn(name, "0123456789") >= len)
        return cJSON_GetArrayItem(object, (int)strtol(name, NULL, 10));
    if (!cJSON_IsObject(object)) return NULL;
    for (cJSON *child = object->child; child != NULL; child = child->next)
        if (child->string != NULL && strncmp(child->string, name, len) == 0 && child->string[len] == '\0') return child;
    return NULL;
}

/* Adds `value` (taken, deleted on failure) under `name`, in place of `old` unless that is NULL. */
static int set_member(cJSON *object, const char *name, cJSON *old, cJSON *value) {
    if (old == NULL) {
        if (cJSON_AddItemToObject(object, name, value)) return OURO_OK;
        goto failed;
    }
    /* Not cJSON_ReplaceItemInObject: 1.7.15 goes on with a nameless member when memory for the name runs out.
     */
    size_t bytes = strlen(name) + 1;
    char *own = cJSON_malloc(bytes);
    if (own == NULL) goto failed;
    memcpy(own, name, bytes);
    if (value->string != NULL && !(value->type & cJSON_StringIsConst)) cJSON_free(value->string);
    value->string = own;
    value->type &= ~cJSON_StringIsConst;
    if (cJSON_ReplaceItemViaPointer(object, old, value)) return OURO_OK;
failed:
    cJSON_Delete(value);
    return OURO_ENOMEM;
}

/* RFC 7386 section 2 with an object as the patch. Recursion is as deep as the patch. */
static int merge_object(cJSON *object, const cJSON *patch) {
    int ret = OURO_OK;
    for (const cJSON *change = patch->child; change != NULL; change = change->next) {
        cJSON *old = member(object, change->string, strlen(change->string));
        if (cJSON_IsNull(change)) {
            cJSON_Delete(old != NULL ? cJSON_DetachItemViaPointer(object, old) : NULL);
        } else if (cJSON_IsObject(change) && cJSON_IsObject(old)) {
            OURO_TRY(merge_object(old, change));
        } else {
            cJSON *fresh = ouro_json_merge(NULL, change);
            if (fresh == NULL) return OURO_ENOMEM;
            OURO_TRY(set_member(object, change->string, old, fresh));
        }
    }
out:
    return ret;
}

cJSON *ouro_json_merge(cJSON *target, const cJSON *patch) {
    if (!cJSON_IsObject(patch)) {
        cJSON_Delete(target);
        return cJSON_Duplicate(patch, 1);
    }
    if (!cJSON_IsObject(target)) {
        cJSON_Delete(target);
        target = cJSON_CreateObject();
        if (target == NULL) return NULL;
        ouro_json_place_copy(target, patch);
    }
    if (merge_object(target, patch) == OURO_OK) return target;
    cJSON_Delete(target);
    return NULL;
}

cJSON *ouro_json_get(cJSON *root, const char *path) {
    cJSON *node = root;
    while (node != NULL && *path != '\0') {
        cJSON *whole = member(node, path, strlen(path));
        if (whole != NULL) return whole;
        size_t n = strcspn(path, ".");
        if (path[n] == '\0' || path[n + 1] == '\0') /* "a." names nothing */
            return NULL;
        node = member(node, path, n);
        path += n + 1;
    }
    return node;
}

static int has_empty_name(const char *path) {
    size_t len = strlen(path);
    return len == 0 || path[0] == '.' || path[len - 1] == '.' || strstr(path, "..") != NULL;
}

/* {"b": {"c": value}} for the path "b.c"; value itself for "". Takes value; NULL when out of memory. */
static cJSON *wrap(const char *path, cJSON *value) {
    char *names = ouro_strdup(path);
    if (names == NULL) {
        cJSON_Delete(value);
        return NULL;
    }
    while (value != NULL && names[0] != '\0') {
        char *dot = strrchr(names, '.'), *name = dot != NULL ? dot + 1 : names;
        cJSON *outer = cJSON_CreateObject();
        if (outer == NULL) {
            cJSON_Delete(value);
            value = NULL;
            break;
        }
        ouro_json_place_copy(outer, value);
        if (set_member(outer, name, NULL, value) != OURO_OK) {
            cJSON_Delete(outer);
            outer = NULL;
        }
        value = outer;
        *(dot != NULL ? dot : names) = '\0';
    }
    ouro_free(names);
    return value;
}

int ouro_json_put(cJSON *root, const char *path, cJSON *value) {
    int ret = OURO_ECONFIG;
    char *name = NULL;
    if (value == NULL) return OURO_ENOMEM; /* so that a freshly made value can be passed on unchecked */
    if (!cJSON_IsObject(root) || has_empty_name(path)) goto out;
    for (cJSON *node = root, *child;; node = child, path += strcspn(path, ".") + 1) {
        size_t n = strlen(path);
        child = member(node, path, n);
        if (child == NULL) { /* not the whole rest: its first name */
            n = strcspn(path, ".");
            child = member(node, path, n);
            if (path[n] == '.' && (cJSON_IsObject(child) || cJSON_IsArray(child))) continue;
            if (child != NULL && !cJSON_IsNull(child)) goto out;
        }
        if (child == NULL && cJSON_IsArray(node)) goto out; /* entries are changed, never added */
        ret = OURO_ENOMEM;
        name = ouro_strdup(path);
        if (name == NULL) goto out;
        name[n] = '\0';
        value = wrap(path[n] == '.' ? path + n + 1 : "", value);
        if (value != NULL) ret = set_member(node, name, child, value);
        value = NULL;
        goto out;
    }
out:
    cJSON_Delete(value);
    ouro_free(name);
    return ret;
}

cJSON *ouro_json_number(double x) {
    char text[40];
    if (!isfinite(x)) return cJSON_CreateNull();
    if (fabs(x) < 0x1p53 && x == trunc(x)) {
        (void)snprintf(text, sizeof text, "%.0f", x);
        return cJSON_CreateRaw(text);
    }
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x) break;
    }
    return cJSON_CreateRaw(text);
}

cJSON *ouro_json_count(uint64_t n) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, n);
    return n < (UINT64_C(1) << 53) ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
}
