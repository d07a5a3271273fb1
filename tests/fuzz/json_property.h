/* json_property.h: what holds for every byte string given to the JSON reader; for the fuzzer and for the
 * replay of its corpus. */
#ifndef OURO_TEST_JSON_PROPERTY_H
#define OURO_TEST_JSON_PROPERTY_H
#include <string.h>
#include "io/json.h"

/* Nodes at and below `node` that lack a place or a caret line are counted in *lost. */
static inline size_t json_property_count(const ouro_json_sources *s, const cJSON *node, size_t *lost) {
    char text[OURO_JSON_CARET_SIZE];
    size_t n = 1;
    const ouro_json_place *place = ouro_json_place_of(s, node);
    *lost += place == NULL || (node->string != NULL) != (place->key_line != 0) ||
             ouro_json_caret(s, place, 1, sizeof text, text) != OURO_OK;
    for (const cJSON *child = node->child; child != NULL; child = child->next) n += json_property_count(s, child, lost);
    return n;
}

/* NULL, or which property is broken:
 *   the reader accepts or says why not, in one line, at a place that can be shown;
 *   what the scan accepts, cJSON parses into as many nodes as the scan noted places;
 *   what it printed again is accepted again. */
static inline const char *json_property(const char *data, size_t size, int *accepted) {
    const char *broken = NULL;
    char caret[OURO_JSON_CARET_SIZE];
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root = NULL, *again = NULL;
    char *printed = NULL;
    size_t lost = 0;
    int ret = ouro_json_parse(&s, "fuzz", data, size, &root, &e);
    *accepted = ret == OURO_OK;
    if (ret == OURO_ECONFIG) {
        if (root != NULL || s.places.len != 0)
            broken = "a refused text left something behind";
        else if (e.what[0] == '\0' || strpbrk(e.what, "\r\n\t") != NULL)
            broken = "the message is not one line";
        else if (ouro_json_caret(&s, &s.wrong, 0, sizeof caret, caret) != OURO_OK)
            broken = "the place of the failure cannot be shown";
    } else if (ret != OURO_OK) {
        broken = "the scan accepts what cJSON refuses, or they count differently";
    } else if (json_property_count(&s, root, &lost) != s.places.len || lost != 0) {
        broken = "nodes and places differ";
    } else {
        printed = cJSON_PrintUnformatted(root);
        /* Printing may add a few bytes per value (escapes, digits), so only texts far from the limit are
         * re-read. */
        if (printed == NULL)
            broken = "cJSON cannot print what it parsed";
        else if (ouro_json_parse(&s, "again", printed, strlen(printed), &again, &e) != OURO_OK)
            broken = size < OURO_JSON_BYTES / 8 ? "what was printed is refused" : NULL;
    }
    cJSON_free(printed);
    cJSON_Delete(root);
    cJSON_Delete(again);
    ouro_json_sources_free(&s);
    return broken;
}

#endif
