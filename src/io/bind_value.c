/* bind_value.c: one JSON value into one field, with range and kind checked. */
#include "bind_value.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*binder_of_kind)(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at);

enum { REFUSED = 1, MOST_NAME = 100 };

static int in_range(const ouro_field *f, double x) {
    if (f->flags & OURO_ABOVE ? x <= f->lo : x < f->lo) return 0;
    return f->flags & OURO_BELOW ? x < f->hi : x <= f->hi;
}

static int whole(double x) { return x == floor(x) && fabs(x) <= OURO_COUNT_MAX; }

static int bind_real(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)b;
    if (f->flags & OURO_OPTIMISABLE && cJSON_IsString(v) && !strcmp(v->valuestring, "optimal")) {
        *(double *)at = HUGE_VAL;
        return OURO_OK;
    }
    if (f->flags & OURO_FITTABLE && cJSON_IsString(v) && !strcmp(v->valuestring, "fitted")) {
        *(double *)at = OURO_FITTED;
        return OURO_OK;
    }
    if (!cJSON_IsNumber(v) || !in_range(f, v->valuedouble)) return REFUSED;
    *(double *)at = v->valuedouble;
    return OURO_OK;
}

static int bind_count(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)b;
    if (f->flags & OURO_FOLLOWS && cJSON_IsString(v) && !strcmp(v->valuestring, "synthetic.points")) {
        *(uint64_t *)at = OURO_FOLLOW;
        return OURO_OK;
    }
    if (f->flags & OURO_BUDGETABLE && cJSON_IsString(v) && !strcmp(v->valuestring, "budget")) {
        *(uint64_t *)at = OURO_BUDGETED;
        return OURO_OK;
    }
    if (!cJSON_IsNumber(v) || !whole(v->valuedouble) || !in_range(f, v->valuedouble)) return REFUSED;
    *(uint64_t *)at = (uint64_t)v->valuedouble;
    return OURO_OK;
}

static int bind_seed(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)b, (void)f;
    if (cJSON_IsNumber(v)) {
        if (!whole(v->valuedouble) || v->valuedouble < 0) return REFUSED;
        *(uint64_t *)at = (uint64_t)v->valuedouble;
        return OURO_OK;
    }
    if (!cJSON_IsString(v) || !*v->valuestring) return REFUSED;
    uint64_t seed = 0;
    for (const char *c = v->valuestring; *c; c++) {
        if (*c < '0' || *c > '9') return REFUSED;
        uint64_t digit = (uint64_t)(*c - '0');
        if (seed > (UINT64_MAX - digit) / 10) return REFUSED;
        seed = 10 * seed + digit;
    }
    *(uint64_t *)at = seed;
    return OURO_OK;
}

static int bind_bool(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)b, (void)f;
    if (!cJSON_IsBool(v)) return REFUSED;
    *(bool *)at = cJSON_IsTrue(v) != 0;
    return OURO_OK;
}

static int bind_choice(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)b;
    if (!cJSON_IsString(v)) return REFUSED;
    for (int i = 0; f->choices[i]; i++)
        if (!strcmp(f->choices[i], v->valuestring)) {
            *(int *)at = i;
            return OURO_OK;
        }
    return REFUSED;
}

static int bind_text(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    if (!cJSON_IsString(v)) return REFUSED;
    if (f->kind == OURO_NAME && (!*v->valuestring || strlen(v->valuestring) > MOST_NAME ||
                                 v->valuestring[strspn(v->valuestring, "abcdefghijklmnopqrstuvwxyz0123456789-")]))
        return REFUSED;
    return (*(const char **)at = ouro_arena_strdup(b->keep, v->valuestring)) ? OURO_OK : OURO_ENOMEM;
}

const char *ouro_bind_path(const ouro_json_sources *sources, ouro_arena *keep, const cJSON *v) {
    const ouro_json_place *place = ouro_json_place_of(sources, v);
    const char *beside = place ? ouro_json_file_name(sources, place->file) : "";
    const char *slash = strncmp(beside, "--set ", 6) ? strrchr(beside, '/') : NULL;
    if (slash && *v->valuestring != '/')
        return ouro_arena_printf(keep, "%.*s/%s", (int)(slash - beside), beside, v->valuestring);
    return ouro_arena_strdup(keep, v->valuestring);
}

static int bind_file(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)f;
    if (!cJSON_IsString(v) || !*v->valuestring) return REFUSED;
    return (*(const char **)at = ouro_bind_path(b->sources, b->keep, v)) ? OURO_OK : OURO_ENOMEM;
}

static int bind_window(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)b;
    uint64_t *out = at;
    if (cJSON_IsNumber(v) && whole(v->valuedouble) && in_range(f, v->valuedouble))
        *out = (uint64_t)v->valuedouble;
    else if (cJSON_IsString(v) && !strcmp(v->valuestring, "none"))
        *out = 0;
    else if (cJSON_IsString(v) && !strcmp(v->valuestring, "all"))
        *out = OURO_ALL;
    else
        return REFUSED;
    return OURO_OK;
}

static int bind_reals(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    if (!cJSON_IsArray(v)) return REFUSED;
    size_t len = (size_t)cJSON_GetArraySize(v), i = 0;
    double *values = ouro_arena_alloc(b->keep, len ? len : 1, sizeof *values);
    if (!values) return OURO_ENOMEM;
    for (const cJSON *item = v->child; item; item = item->next) {
        b->entry = item;
        if (!cJSON_IsNumber(item) || !in_range(f, item->valuedouble)) return REFUSED;
        values[i++] = item->valuedouble;
    }
    *(ouro_reals *)at = (ouro_reals){len, values};
    return OURO_OK;
}

static int bind_matrix(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    if (!cJSON_IsArray(v) || !v->child) return REFUSED;
    const size_t rows = (size_t)cJSON_GetArraySize(v);
    const size_t columns = cJSON_IsArray(v->child) ? (size_t)cJSON_GetArraySize(v->child) : 1;
    double *values = columns ? ouro_arena_alloc(b->keep, rows * columns, sizeof *values) : NULL, *next = values;
    b->entry = v->child;
    if (!columns) return REFUSED;
    if (!values) return OURO_ENOMEM;
    for (const cJSON *row = v->child; row; row = row->next) {
        b->entry = row;
        if (cJSON_IsArray(row) != cJSON_IsArray(v->child)) return REFUSED;
        if (cJSON_IsArray(row) && (size_t)cJSON_GetArraySize(row) != columns) return REFUSED;
        for (const cJSON *item = cJSON_IsArray(row) ? row->child : row; item; item = item->next) {
            b->entry = item;
            if (!cJSON_IsNumber(item) || !in_range(f, item->valuedouble)) return REFUSED;
            *next++ = item->valuedouble;
            if (item == row) break;
        }
    }
    *(ouro_matrix *)at = (ouro_matrix){rows, columns, values};
    return OURO_OK;
}

static int bind_counts(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    int log = f->flags & OURO_LOGGABLE && cJSON_IsString(v) && !strcmp(v->valuestring, "log");
    if (!log && (!cJSON_IsArray(v) || !v->child)) return REFUSED;
    size_t len = log ? 0 : (size_t)cJSON_GetArraySize(v), i = 0;
    uint64_t *values = ouro_arena_alloc(b->keep, len ? len : 1, sizeof *values);
    if (!values) return OURO_ENOMEM;
    for (const cJSON *item = log ? NULL : v->child; item; item = item->next) {
        b->entry = item;
        if (!cJSON_IsNumber(item) || !whole(item->valuedouble) || !in_range(f, item->valuedouble)) return REFUSED;
        values[i] = (uint64_t)item->valuedouble;
        if (i && values[i] <= values[i - 1]) return REFUSED;
        i++;
    }
    *(ouro_counts *)at = (ouro_counts){len, values};
    return OURO_OK;
}

static int bind_texts(ouro_binder *b, const ouro_field *f, const cJSON *v, void *at) {
    (void)f;
    if (!cJSON_IsArray(v)) return REFUSED;
    size_t len = (size_t)cJSON_GetArraySize(v), i = 0;
    const char **values = ouro_arena_alloc(b->keep, len ? len : 1, sizeof *values);
    if (!values) return OURO_ENOMEM;
    for (const cJSON *item = v->child; item; item = item->next) {
        b->entry = item;
        if (!cJSON_IsString(item)) return REFUSED;
        for (size_t j = 0; j < i; j++)
            if (!strcmp(values[j], item->valuestring)) return REFUSED;
        if (!(values[i++] = ouro_arena_strdup(b->keep, item->valuestring))) return OURO_ENOMEM;
    }
    *(ouro_texts *)at = (ouro_texts){len, values};
    return OURO_OK;
}

static const binder_of_kind binders[] = {
    [OURO_REAL] = bind_real,     [OURO_COUNT] = bind_count, [OURO_SEED] = bind_seed,     [OURO_BOOL] = bind_bool,
    [OURO_CHOICE] = bind_choice, [OURO_TEXT] = bind_text,   [OURO_NAME] = bind_text,     [OURO_FILE] = bind_file,
    [OURO_WINDOW] = bind_window, [OURO_REALS] = bind_reals, [OURO_COUNTS] = bind_counts, [OURO_TEXTS] = bind_texts,
    [OURO_MATRIX] = bind_matrix,
};

static void set_null(const ouro_field *f, void *at) {
    switch (f->kind) {
    case OURO_REAL: *(double *)at = NAN; break;
    case OURO_COUNT: *(uint64_t *)at = OURO_UNSET; break;
    case OURO_REALS: *(ouro_reals *)at = (ouro_reals){0}; break;
    case OURO_MATRIX: *(ouro_matrix *)at = (ouro_matrix){0}; break;
    case OURO_COUNTS: *(ouro_counts *)at = (ouro_counts){0}; break;
    case OURO_TEXTS: *(ouro_texts *)at = (ouro_texts){0}; break;
    case OURO_EVENTS: *(ouro_event_list *)at = (ouro_event_list){0}; break;
    default: *(const char **)at = NULL; break;
    }
}

/* What stands there, for a message: short, and never the whole of a long array. */
static void show(const cJSON *v, size_t size, char *out) {
    char *text = cJSON_PrintUnformatted(v);
    if (cJSON_IsNumber(v)) {
        snprintf(out, size, "%.15g", v->valuedouble);
        if (strtod(out, NULL) != v->valuedouble) snprintf(out, size, "%.17g", v->valuedouble);
    } else {
        snprintf(out, size, "%.60s%s", text ? text : "?", text && strlen(text) > 60 ? "..." : "");
    }
    cJSON_free(text);
}

/* A likely way out beyond what is expected, as an end of the sentence; "" when there is none. */
static void advise(const ouro_field *f, const cJSON *v, size_t size, char *out) {
    const char *text = cJSON_IsString(v) ? v->valuestring : "";
    int numeric = f->kind == OURO_REAL || f->kind == OURO_COUNT || f->kind == OURO_WINDOW || f->kind == OURO_REALS ||
                  f->kind == OURO_COUNTS || f->kind == OURO_MATRIX;
    size_t len = 0;
    char *end = NULL;
    out[0] = '\0';
    if (f->kind == OURO_NAME && strlen(text) > MOST_NAME) {
        snprintf(out, size, ", at most %d of them", MOST_NAME);
    } else if (f->kind == OURO_CHOICE) {
        while (f->choices[len]) len++;
        ouro_suggest(text, len, f->choices, NULL, size, out);
    } else if (f->kind == OURO_SEED && cJSON_IsNumber(v) && v->valuedouble > OURO_COUNT_MAX) {
        snprintf(out, size, "; put it in quotes");
    } else if (*text && numeric && (strtod(text, &end), !*end)) {
        snprintf(out, size, "; remove the quotes");
    }
}

int ouro_bind_value(ouro_binder *b, const ouro_field *f, const char *path, const cJSON *v, void *base) {
    void *at = (char *)base + f->offset;
    if (cJSON_IsNull(v) && f->flags & OURO_NULLABLE) {
        set_null(f, at);
        return OURO_OK;
    }
    if (f->kind == OURO_EVENTS) return ouro_bind_events(b, f, path, v, at);
    if (f->kind == OURO_SECTIONS) return ouro_bind_sections(b, f, path, v, at);
    b->entry = NULL;
    int ret = binders[f->kind](b, f, v, at);
    if (ret != REFUSED) return ret;
    char found[80], expected[256], advice[160];
    const cJSON *wrong = b->entry ? b->entry : v;
    show(wrong, sizeof found, found);
    advise(f, wrong, sizeof advice, advice);
    ouro_field whole = *f;
    if (b->entry) whole.flags &= ~(unsigned)OURO_NULLABLE; /* the list may be null, its entries may not */
    ouro_field_expects(&whole, sizeof expected, expected);
    ouro_diagnose(b->out, b->sources, wrong, 0, path, "%s %s %s%s", found, b->entry ? "does not belong in" : "is not",
                  expected, advice);
    return OURO_OK;
}
