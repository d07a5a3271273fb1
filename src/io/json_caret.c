/* json_caret.c: shows the line of a place with a caret under its column. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "text.h"

#define SHOWN 100 /* columns of a clipped line         */
#define BEFORE 60 /* of them before the caret, at most */

/* Line number `line` of the text, without its line break; NULL when there are fewer. */
static const char *find_line(const ouro_json_source *source, uint32_t line, size_t *len) {
    const char *start = source->text, *end = source->text + source->len;
    for (uint32_t i = 1; i < line; i++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        if (newline == NULL) return NULL;
        start = newline + 1;
    }
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    *len = (size_t)((newline != NULL ? newline : end) - start);
    if (*len > 0 && start[*len - 1] == '\r') --*len;
    return start;
}

/* Bytes of the column at s; a byte that is not UTF-8 is a column of its own. */
static size_t column_bytes(const char *s, size_t len) {
    size_t n = ouro_utf8_decode(s, len, NULL);
    return n > 0 ? n : 1;
}

/* One column as shown: control characters would move the cursor, and broken UTF-8 spoil the terminal. */
static size_t show_column(const char *s, size_t bytes, char *out) {
    uint32_t code = 0;
    if (ouro_utf8_decode(s, bytes, &code) == 0 || (code < 0x20 && code != '\t') || (code >= 0x7F && code < 0xA0)) {
        *out = '?';
        return 1;
    }
    memcpy(out, s, bytes);
    return bytes;
}

int ouro_json_caret(const ouro_json_sources *s, const ouro_json_place *place, int at_key, size_t size, char *text) {
    size_t len = 0, columns = 0, used = 0, pad_used = 0;
    if (size > 0) text[0] = '\0';
    if (place == NULL || place->file >= s->len || place->line == 0 || size < OURO_JSON_CARET_SIZE)
        return OURO_EUNDEFINED;
    int key = at_key && place->key_line != 0;
    size_t caret = (key ? place->key_column : place->column) - 1; /* from 0 from here on */
    const char *line = find_line(&s->files[place->file], key ? place->key_line : place->line, &len);
    if (line == NULL) return OURO_EUNDEFINED;
    for (size_t i = 0; i < len; i += column_bytes(line + i, len - i)) columns++;
    size_t first = 0, last = columns; /* columns first..last-1 are shown */
    if (columns > SHOWN) {
        first = caret > BEFORE ? caret - BEFORE : 0;
        first = first + SHOWN > columns ? columns - SHOWN : first;
        last = first + SHOWN;
    }
    char pad[SHOWN + 4];
    if (first > 0) {
        memcpy(text, "...", 3);
        memcpy(pad, "   ", 3);
        used = pad_used = 3;
    }
    for (size_t i = 0, column = 0; i < len && column < last; column++) {
        size_t bytes = column_bytes(line + i, len - i);
        if (column >= first) used += show_column(line + i, bytes, text + used);
        if (column >= first && column < caret) pad[pad_used++] = line[i] == '\t' ? '\t' : ' ';
        i += bytes;
    }
    (void)snprintf(text + used, size - used, "%s\n%.*s^\n", last < columns ? "..." : "", (int)pad_used, pad);
    return OURO_OK;
}
