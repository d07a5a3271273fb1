/* json.h: strict JSON with positions, on top of cJSON.
 *
 * A text is scanned strictly (json_scan.h), parsed by cJSON, and its tree zipped with the positions the scan
 * noted: every node knows the line and column of its value and of its key. The number of a node's place lives
 * in node->valueint, which nothing else of ours reads. cJSON_Duplicate copies valueint, so a place travels
 * with its node through merges and copies. Read it with ouro_json_place_of only.
 *
 * Several texts coexist in one ouro_json_sources: the config, the file it extends, each --set snippet. */
#ifndef OURO_IO_JSON_H
#define OURO_IO_JSON_H
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "json_scan.h"
#include "ouro/error.h"

typedef struct ouro_json_source {
    char *name; /* as given; "<stdin>" for "-" */
    char *text; /* len bytes and a NUL         */
    size_t len;
} ouro_json_source;

/* Zeroed memory is an empty one: `ouro_json_sources s = {0};`. It must outlive every use of a place. */
typedef struct ouro_json_sources {
    size_t len, cap;
    ouro_json_source *files;
    ouro_json_places places;
    ouro_json_place wrong; /* of the last text refused for its content; line 0 when none was */
} ouro_json_sources;

void ouro_json_sources_free(ouro_json_sources *s); /* NULL is allowed, and twice */

/* Reads one JSON text; path "-" is standard input. *root is the caller's (cJSON_Delete), NULL on failure.
 * OURO_ECONFIG: not strict JSON (e->where is "file:line:column", s->wrong the place, for ouro_json_caret), or
 * more than OURO_JSON_BYTES; OURO_EIO: unreadable; OURO_ENOMEM. The text is kept after a failure, so that the
 * line can be shown. O(n log n) in the length of the text, because of the search for duplicate keys. */
int ouro_json_load(ouro_json_sources *s, const char *path, cJSON **root, ouro_error *e) OURO_CHECKED;

/* The same for text[0..len), which is copied; label stands in for the file name. */
int ouro_json_parse(ouro_json_sources *s, const char *label, const char *text, size_t len, cJSON **root,
                    ouro_error *e) OURO_CHECKED;

/* The place of a parsed node or of its copy; NULL for a node built by the program (but for a number from
 * cJSON_CreateNumber below 0, whose valueint misleads: use ouro_json_number). O(1). */
const ouro_json_place *ouro_json_place_of(const ouro_json_sources *s, const cJSON *node);
/* Gives `node` (and nothing below it) the place of `from`. */
void ouro_json_place_copy(cJSON *node, const cJSON *from);
/* Gives `node` the key of `from`: the values of a swept path stand under that path. O(1). */
void ouro_json_place_key(ouro_json_sources *s, const cJSON *node, const cJSON *from);
/* The name the text was loaded under; "?" for an index that is none. */
const char *ouro_json_file_name(const ouro_json_sources *s, uint32_t file);

/* Writes "file:line:column" of the value, or of the key when at_key and there is one; "?" without a place. */
void ouro_json_where(const ouro_json_sources *s, const ouro_json_place *place, int at_key, size_t size, char *text);

#define OURO_JSON_CARET_SIZE 1024 /* always enough for ouro_json_caret */
/* Writes two lines, each with its newline: the source line, and a caret under the column. Tabs are copied
 * into the second line; a line of more than 100 columns is clipped around the column, with "..." where it was
 * cut; control characters are shown as '?'. OURO_EUNDEFINED, and an empty text, when there is no such line or
 * size is too small. O(length of the file up to the line). */
int ouro_json_caret(const ouro_json_sources *s, const ouro_json_place *place, int at_key, size_t size, char *text);

/* RFC 7386 merge patch: objects merge member by member, null removes, anything else replaces. `target` is
 * taken (NULL: nothing there yet), `patch` is only read; returns the merged tree, NULL when out of memory
 * (target is then deleted). What comes from the patch keeps the patch's places. O(members of patch * members
 * of target). */
cJSON *ouro_json_merge(cJSON *target, const cJSON *patch);

/* The node at a dotted path of member names ("policy.anchor.every"; "" is root), or NULL. Case-sensitive. A
 * member whose whole name is the rest of the path wins, so "sweep.policy.anchor.every" finds the key
 * "policy.anchor.every" of "sweep". O(members along the path). */
cJSON *ouro_json_get(cJSON *root, const char *path);

/* Puts `value` (taken, deleted on failure) at a dotted path, replacing what was there. Missing or null
 * parents become objects, with the place of `value`. OURO_ECONFIG: an empty name in the path, or a parent
 * that is neither object nor null; OURO_ENOMEM. On failure the tree is unchanged. */
int ouro_json_put(cJSON *root, const char *path, cJSON *value) OURO_CHECKED;

/* Nodes for writing, as raw text: cJSON prints numbers with 15 or 17 digits and infinity as null. NULL when
 * out of memory. cJSON_IsNumber is false for them.
 * number: the shortest of 15, 16, 17 significant digits that reads back as x; integers below 2^53 without
 * point or exponent; null when x is not finite.
 * count: all digits; above 2^53 - 1 a string of the digits, as OURO_SEED reads it (field.h). */
cJSON *ouro_json_number(double x);
cJSON *ouro_json_count(uint64_t n);

#endif
