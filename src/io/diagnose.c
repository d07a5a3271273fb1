/* diagnose.c: compiler-style error lines, so that editors and CI can jump to them. */
#include "diagnose.h"
#include "ouro/mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(ouro_diagnostics *d, const char *text) {
    size_t add = strlen(text);
    if (d->len + add + 1 > d->cap) {
        size_t cap = 2 * (d->len + add + 1);
        char *grown = ouro_realloc(d->text, cap, 1);
        if (!grown) return; /* the count still says that something is wrong */
        d->text = grown;
        d->cap = cap;
    }
    memcpy(d->text + d->len, text, add + 1);
    d->len += add;
}

static void add(ouro_diagnostics *d, const char *line, const char *caret) {
    if (d->text && strstr(d->text, line)) {
        d->repeats++;
        return;
    }
    if (++d->count > OURO_DIAGNOSTICS_KEPT) return;
    append(d, line);
    append(d, caret);
}

void ouro_diagnose(ouro_diagnostics *d, const ouro_json_sources *s, const cJSON *node, int at_key, const char *path,
                   const char *fmt, ...) {
    char where[256], what[512], line[1024], caret[OURO_JSON_CARET_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    const ouro_json_place *place = node ? ouro_json_place_of(s, node) : NULL;
    if (place)
        ouro_json_where(s, place, at_key, sizeof where, where);
    else
        snprintf(where, sizeof where, "%s", s->len ? s->files[0].name : "config");
    snprintf(line, sizeof line, "%s: error: %s%s%s\n", where, path, *path ? ": " : "", what);
    caret[0] = '\0';
    if (place) ouro_json_caret(s, place, at_key, sizeof caret, caret);
    add(d, line, caret);
}

void ouro_diagnose_error(ouro_diagnostics *d, const ouro_json_sources *s, const ouro_error *e) {
    char line[768], caret[OURO_JSON_CARET_SIZE] = "";
    snprintf(line, sizeof line, "%s: error: %s\n", e->where, e->what);
    if (s->wrong.line) ouro_json_caret(s, &s->wrong, 0, sizeof caret, caret);
    add(d, line, caret);
}

void ouro_diagnostics_free(ouro_diagnostics *d) {
    ouro_free(d->text);
    *d = (ouro_diagnostics){0};
}
