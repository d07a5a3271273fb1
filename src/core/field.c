/* field.c: looking up rows of a field table, and saying in words what they expect. */
#include "ouro/field.h"
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const ouro_field *ouro_field_find(ouro_table t, const char *path) {
    for (size_t i = 0; i < t.len; i++)
        if (strcmp(t.rows[i].path, path) == 0) return &t.rows[i];
    return NULL;
}

int ouro_field_has_below(ouro_table t, const char *path) {
    const size_t len = strlen(path);
    for (size_t i = 0; i < t.len; i++)
        if (strncmp(t.rows[i].path, path, len) == 0 && t.rows[i].path[len] == '.') return 1;
    return 0;
}

enum { LONGEST = 64 }; /* of two names compared */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t ouro_edit_distance(const char *a, const char *b) {
    const size_t m = strnlen(a, LONGEST + 1), n = strnlen(b, LONGEST + 1);
    if (m > LONGEST || n > LONGEST) return SIZE_MAX;
    /* row i of the table d(i, j) = distance of the first i letters of a and the first j of b, and the two before */
    size_t rows[3][LONGEST + 1] = {{0}};
    for (size_t j = 0; j <= n; j++) rows[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *const now = rows[i % 3];
        const size_t *const last = rows[(i + 2) % 3], *const older = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = least(replaced, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], older[j - 2] + 1);
        }
    }
    return rows[m % 3][n];
}

const char *ouro_nearest(const char *typed, size_t len, const char *const *names) {
    const char *nearest = NULL;
    size_t best = least(strlen(typed) / 3, 3) + 1;
    for (size_t i = 0; i < len; i++) {
        const size_t d = ouro_edit_distance(typed, names[i]);
        if (d < best) { /* the first of equals, so that the answer does not hang on anything but the table */
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}

/* A text of fixed room that is appended to; what does not fit is cut. */
typedef struct words {
    char *text;
    size_t size, used;
} words;

__attribute__((format(printf, 2, 3))) static void say(words *w, const char *fmt, ...) {
    if (w->used + 1 >= w->size) return;
    va_list args;
    va_start(args, fmt);
    const int len = vsnprintf(w->text + w->used, w->size - w->used, fmt, args);
    va_end(args);
    if (len > 0) w->used = least(w->used + (size_t)len, w->size - 1);
}

/* " in (0, 1]", " above 0", " of at least 1", or nothing: the range of a field as an end of a phrase. A count's upper
 * bound of 2^53 - 1 is what JSON can carry, not a rule of the field, and goes without saying.                  */
static void say_range(words *w, const ouro_field *f) {
    const bool integer = f->kind == OURO_COUNT || f->kind == OURO_COUNTS || f->kind == OURO_WINDOW;
    const bool below = isfinite(f->hi) && !(integer && f->hi >= OURO_COUNT_MAX), above = isfinite(f->lo);
    if (above && below)
        say(w, " in %c%.15g, %.15g%c", f->flags & OURO_ABOVE ? '(' : '[', f->lo, f->hi,
            f->flags & OURO_BELOW ? ')' : ']');
    else if (above)
        say(w, f->flags & OURO_ABOVE ? " above %.15g" : " of at least %.15g", f->lo);
    else if (below)
        say(w, f->flags & OURO_BELOW ? " below %.15g" : " of at most %.15g", f->hi);
}

static void say_choices(words *w, const ouro_field *f) {
    say(w, "one of ");
    for (const char *const *c = f->choices; c != NULL && *c != NULL; c++)
        say(w, "%s%s", c == f->choices ? "" : "|", *c);
}

static const char *const phrases[] = {
    [OURO_REAL] = "a number",
    [OURO_COUNT] = "an integer",
    [OURO_SEED] = "an integer below 2^53, or a decimal string below 2^64",
    [OURO_BOOL] = "true or false",
    [OURO_TEXT] = "a string",
    [OURO_NAME] = "a name of a-z, 0-9 and -",
    [OURO_FILE] = "the path of a file",
    [OURO_WINDOW] = "\"none\", \"all\" or a number of generations",
    [OURO_REALS] = "an array of numbers",
    [OURO_MATRIX] = "an array of rows of as many numbers each",
    [OURO_COUNTS] = "an increasing array of integers",
    [OURO_TEXTS] = "an array of different strings",
    [OURO_SECTIONS] = "an array of objects, each with its \"type\"",
    [OURO_EVENTS] = "an array of names of events and of objects that declare one",
};

void ouro_field_expects(const ouro_field *f, size_t size, char *text) {
    words w = {text, size, 0};
    if (size > 0) text[0] = '\0';
    if (f->kind == OURO_CHOICE)
        say_choices(&w, f);
    else
        say(&w, "%s", phrases[f->kind]);
    switch (f->kind) {
    case OURO_REAL:
    case OURO_COUNT:
    case OURO_WINDOW:
    case OURO_REALS:
    case OURO_MATRIX:
    case OURO_COUNTS: say_range(&w, f); break;
    default: break;
    }
    if (f->flags & OURO_FOLLOWS) say(&w, ", or \"synthetic.points\"");
    if (f->flags & OURO_BUDGETABLE) say(&w, ", or \"budget\"");
    if (f->flags & OURO_LOGGABLE) say(&w, ", or \"log\"");
    if (f->flags & OURO_FITTABLE) say(&w, ", or \"fitted\"");
    if (f->flags & OURO_OPTIMISABLE) say(&w, ", or \"optimal\"");
    if (f->flags & OURO_NULLABLE) say(&w, ", or null");
}

const char *ouro_suggest(const char *typed, size_t len, const char *const *names, const char *hint, size_t size,
                         char *text) {
    const char *near = ouro_nearest(typed, len, names);
    if (near)
        snprintf(text, size, "; did you mean \"%s\"?", near);
    else
        snprintf(text, size, "%s%s%s", hint ? "; see `" : "", hint ? hint : "", hint ? "`" : "");
    return text;
}
