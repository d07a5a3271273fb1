/* json_scan.h: the strict scan of a JSON text that comes before cJSON.
 *
 * cJSON 1.7.15 accepts bad UTF-8, raw control characters, `01`, `1.`, and 1e999 as infinity, and reports an
 * error as one byte pointer. The scan accepts exactly RFC 8259 within the limits below, says in words what is
 * wrong and where, and notes the position of every value. */
#ifndef OURO_IO_JSON_SCAN_H
#define OURO_IO_JSON_SCAN_H
#include <stddef.h>
#include <stdint.h>

#include "ouro/error.h"

#define OURO_JSON_DEPTH 64                /* arrays and objects inside one another */
#define OURO_JSON_BYTES ((size_t)8 << 20) /* of one text */
#define OURO_JSON_DIGITS 63               /* characters of one number: what cJSON 1.7.15 holds in its buffer */

/* Where a value and its key begin. Lines and columns count from 1, columns in code points; key_line == 0
 * means the value has no key (the root, or an entry of an array). */
typedef struct ouro_json_place {
    uint32_t file; /* index into ouro_json_sources.files */
    uint32_t line, column;
    uint32_t key_line, key_column;
} ouro_json_place;

typedef struct ouro_json_places {
    size_t len, cap;
    ouro_json_place *at;
} ouro_json_places;

/* Checks text[0..len), which must be followed by a NUL, and appends the place of every value in document
 * order (an array or object before its entries). On OURO_ECONFIG e->where is "name:line:column" and *wrong
 * the same place; places appended before a failure stay, for the caller to drop. Duplicate keys are found
 * later, see json.c. O(len) time; memory: 20 bytes per value. */
int ouro_json_scan(uint32_t file, const char *name, const char *text, size_t len, ouro_json_places *places,
                   ouro_json_place *wrong, ouro_error *e) OURO_CHECKED;

typedef enum ouro_json_expected { OURO_JSON_VALUE, OURO_JSON_KEY, OURO_JSON_COMMA } ouro_json_expected;

/* Says what is wrong with what stands at s (len bytes are left; s[len] is NUL) where a value, a key, or a
 * comma was expected: comment, single quotes, NaN, ... One sentence with the remedy. O(length of the word). */
void ouro_json_hint(const char *s, size_t len, ouro_json_expected expected, size_t size, char *text);

/* The same for what is wrong with the number that begins at s; "" when it follows the grammar of RFC 8259. */
void ouro_json_number_hint(const char *s, size_t len, size_t size, char *text);

#endif
