/* json.c: texts, cJSON trees and the places that tie them together. */
#include "json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ouro/mem.h"
#include "text.h"

void ouro_json_sources_free(ouro_json_sources *s) {
    if (s == NULL) return;
    for (size_t i = 0; i < s->len; i++) {
        ouro_free(s->files[i].name);
        ouro_free(s->files[i].text);
    }
    ouro_free(s->files);
    ouro_free(s->places.at);
    *s = (ouro_json_sources){0};
}

/* A place is stored as -1 - index, because every node that cJSON makes itself has a valueint of 0, or, for a
 * number, mostly a positive one: such nodes must not seem to have a place. */
static int place_to_valueint(size_t index) { return -1 - (int)index; }

const ouro_json_place *ouro_json_place_of(const ouro_json_sources *s, const cJSON *node) {
    if (node == NULL || node->valueint >= 0) return NULL;
    size_t index = (size_t)(-1 - node->valueint);
    return index < s->places.len ? &s->places.at[index] : NULL;
}

void ouro_json_place_copy(cJSON *node, const cJSON *from) { node->valueint = from->valueint < 0 ? from->valueint : 0; }

void ouro_json_place_key(ouro_json_sources *s, const cJSON *node, const cJSON *from) {
    const ouro_json_place *place = ouro_json_place_of(s, from);
    if (place == NULL || ouro_json_place_of(s, node) == NULL) return;
    s->places.at[-1 - node->valueint].key_line = place->key_line;
    s->places.at[-1 - node->valueint].key_column = place->key_column;
}

const char *ouro_json_file_name(const ouro_json_sources *s, uint32_t file) {
    return file < s->len ? s->files[file].name : "?";
}

void ouro_json_where(const ouro_json_sources *s, const ouro_json_place *place, int at_key, size_t size, char *text) {
    if (place == NULL) {
        (void)snprintf(text, size, "?");
        return;
    }
    int key = at_key && place->key_line != 0;
    char column[16];
    (void)snprintf(column, sizeof column, "%u", (unsigned)(key ? place->key_column : place->column));
    ouro_text_where(ouro_json_file_name(s, place->file), key ? place->key_line : place->line, column, size, text);
}

/* Takes text, also on failure. */
static int add_source(ouro_json_sources *s, const char *name, char *text, size_t len, ouro_error *e) {
    char *own = ouro_strdup(name);
    if (s->len == s->cap && own != NULL) {
        size_t cap = s->cap == 0 ? 4 : s->cap * 2;
        ouro_json_source *bigger = ouro_realloc(s->files, cap, sizeof *bigger);
        if (bigger != NULL) {
            s->files = bigger;
            s->cap = cap;
        }
    }
    if (own == NULL || s->len == s->cap) {
        ouro_free(own);
        ouro_free(text);
        return ouro_fail(e, OURO_ENOMEM, name, "out of memory for the text");
    }
    s->files[s->len++] = (ouro_json_source){own, text, len};
    return OURO_OK;
}

/* Gives node and all below it the places from index `next` on, in document order; returns the index after the
 * last one, or SIZE_MAX when there are more nodes than places. The scan bounds the recursion to
 * OURO_JSON_DEPTH. */
static size_t attach_places(const ouro_json_sources *s, cJSON *node, size_t next) {
    if (next >= s->places.len) return SIZE_MAX;
    node->valueint = place_to_valueint(next++);
    for (cJSON *child = node->child; child != NULL && next != SIZE_MAX; child = child->next)
        next = attach_places(s, child, next);
    return next;
}

/* By key, then in document order: a later place has a smaller valueint. */
static int compare_members(const void *a, const void *b) {
    const cJSON *x = *(const cJSON *const *)a, *y = *(const cJSON *const *)b;
    int by_key = strcmp(x->string, y->string);
    return by_key != 0 ? by_key : (x->valueint < y->valueint) - (x->valueint > y->valueint);
}

/* Looks through all objects at and below node for keys given twice and leaves in pair[] the earliest
 * repetition and the member before it of the same key. Keys are compared as decoded by cJSON, so "a" and
 * "\u0061" are the same. scratch holds as many pointers as the tree has nodes. O(n log n). */
static void find_duplicate(const cJSON *node, const cJSON **scratch, const cJSON *pair[2]) {
    size_t n = 0;
    for (const cJSON *child = node->child; child != NULL; child = child->next) scratch[n++] = child;
    if (cJSON_IsObject(node) && n > 1) {
        qsort(scratch, n, sizeof *scratch, compare_members);
        for (size_t i = 1; i < n; i++) {
            if (strcmp(scratch[i - 1]->string, scratch[i]->string) != 0) continue;
            if (pair[1] == NULL || scratch[i]->valueint > pair[1]->valueint) {
                pair[0] = scratch[i - 1];
                pair[1] = scratch[i];
            }
        }
    }
    for (const cJSON *child = node->child; child != NULL; child = child->next) find_duplicate(child, scratch, pair);
}

static int refuse_duplicates(ouro_json_sources *s, const cJSON *root, size_t nodes, ouro_error *e) {
    const cJSON *pair[2] = {NULL, NULL};
    const cJSON **scratch = ouro_alloc(nodes, sizeof *scratch);
    if (scratch == NULL) return ouro_fail(e, OURO_ENOMEM, "json", "out of memory for %zu values", nodes);
    find_duplicate(root, scratch, pair);
    ouro_free(scratch);
    if (pair[1] == NULL) return OURO_OK;
    const ouro_json_place *first = ouro_json_place_of(s, pair[0]), *again = ouro_json_place_of(s, pair[1]);
    if (first == NULL || again == NULL) return ouro_fail(e, OURO_EBUG, "json", "a parsed value has no place");
    char key[256], where[sizeof e->where];
    ouro_text_quote(pair[1]->string, strlen(pair[1]->string), 40, sizeof key, key);
    ouro_json_where(s, again, 1, sizeof where, where);
    s->wrong = *again;
    s->wrong.line = again->key_line;
    s->wrong.column = again->key_column;
    return ouro_fail(e, OURO_ECONFIG, where, "the key \"%s\" was already given at %u:%u: keep one of the two", key,
                     (unsigned)first->key_line, (unsigned)first->key_column);
}

/* Parses the text added last. */
static int parse_last(ouro_json_sources *s, cJSON **root, ouro_error *e) {
    uint32_t file = (uint32_t)(s->len - 1);
    const ouro_json_source *source = &s->files[file];
    size_t first = s->places.len;
    int ret = ouro_json_scan(file, source->name, source->text, source->len, &s->places, &s->wrong, e);
    if (ret != OURO_OK) goto out;
    if (s->places.len > INT_MAX) {
        ret = ouro_fail(e, OURO_ECONFIG, source->name, "too many values in all files together");
        goto out;
    }
    /* The terminator is passed along: cJSON looks at the byte after a number. It accepts whatever the scan
     * does (the fuzz test holds it to that), so that only memory can fail. */
    *root = cJSON_ParseWithLength(source->text, source->len + 1);
    if (*root == NULL) {
        ret = ouro_fail(e, OURO_ENOMEM, source->name, "out of memory for the parsed text");
        goto out;
    }
    if (attach_places(s, *root, first) != s->places.len) {
        ret = ouro_fail(e, OURO_EBUG, source->name, "the scan and cJSON count different numbers of values");
        goto out;
    }
    ret = refuse_duplicates(s, *root, s->places.len - first, e);
out:
    if (ret != OURO_OK) {
        cJSON_Delete(*root);
        *root = NULL;
        s->places.len = first;
    }
    return ret;
}

int ouro_json_load(ouro_json_sources *s, const char *path, cJSON **root, ouro_error *e) {
    char *text = NULL;
    size_t len = 0;
    int ret = OURO_OK;
    *root = NULL;
    s->wrong = (ouro_json_place){0};
    OURO_TRY(ouro_text_load(path, OURO_JSON_BYTES, &text, &len, e));
    OURO_TRY(add_source(s, strcmp(path, "-") == 0 ? "<stdin>" : path, text, len, e));
    ret = parse_last(s, root, e);
out:
    return ret;
}

int ouro_json_parse(ouro_json_sources *s, const char *label, const char *text, size_t len, cJSON **root,
                    ouro_error *e) {
    int ret = OURO_OK;
    *root = NULL;
    s->wrong = (ouro_json_place){0};
    if (len > OURO_JSON_BYTES)
        return ouro_fail(e, OURO_ECONFIG, label, "is larger than the limit of %zu bytes", OURO_JSON_BYTES);
    char *own = ouro_alloc(len + 1, 1);
    if (own == NULL) return ouro_fail(e, OURO_ENOMEM, label, "out of memory for the text");
    if (len > 0) memcpy(own, text, len);
    OURO_TRY(add_source(s, label, own, len, e));
    ret = parse_last(s, root, e);
out:
    return ret;
}
