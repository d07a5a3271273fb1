/* unbind.c: bound values back to JSON, and compared, as the manifest needs them. */
#include "bind.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Adds an entry to a list under construction; NULL, with the list deleted, when either is. */
static cJSON *grow(cJSON *list, cJSON *entry) {
    if (list && cJSON_AddItemToArray(list, entry)) return list;
    cJSON_Delete(entry);
    cJSON_Delete(list);
    return NULL;
}

cJSON *ouro_unbind_value(const ouro_field *f, const void *base) {
    const void *at = (const char *)base + f->offset;
    cJSON *list;
    switch (f->kind) {
    case OURO_REAL:
        if (f->flags & OURO_FITTABLE && *(const double *)at == OURO_FITTED) return cJSON_CreateString("fitted");
        if (f->flags & OURO_OPTIMISABLE && *(const double *)at == HUGE_VAL) return cJSON_CreateString("optimal");
        return ouro_json_number(*(const double *)at);
    case OURO_COUNT:
        if (*(const uint64_t *)at == OURO_UNSET) return cJSON_CreateNull();
        if (*(const uint64_t *)at == OURO_FOLLOW) return cJSON_CreateString("synthetic.points");
        if (*(const uint64_t *)at == OURO_BUDGETED) return cJSON_CreateString("budget");
        return ouro_json_count(*(const uint64_t *)at);
    case OURO_SEED: return ouro_json_count(*(const uint64_t *)at);
    case OURO_BOOL: return cJSON_CreateBool(*(const bool *)at);
    case OURO_CHOICE: return cJSON_CreateString(f->choices[*(const int *)at]);
    case OURO_TEXT:
    case OURO_NAME:
    case OURO_FILE: return *(const char *const *)at ? cJSON_CreateString(*(const char *const *)at) : cJSON_CreateNull();
    case OURO_WINDOW:
        if (*(const uint64_t *)at == OURO_ALL) return cJSON_CreateString("all");
        return *(const uint64_t *)at ? ouro_json_count(*(const uint64_t *)at) : cJSON_CreateString("none");
    case OURO_REALS: {
        const ouro_reals *r = at;
        if (!r->values) return cJSON_CreateNull();
        list = cJSON_CreateArray();
        for (size_t i = 0; list && i < r->len; i++) list = grow(list, ouro_json_number(r->values[i]));
        return list;
    }
    case OURO_MATRIX: {
        const ouro_matrix *m = at;
        if (!m->values) return cJSON_CreateNull();
        list = cJSON_CreateArray();
        for (size_t i = 0; list && i < m->rows; i++) {
            cJSON *row = cJSON_CreateArray();
            for (size_t j = 0; row && j < m->columns; j++)
                row = grow(row, ouro_json_number(m->values[i * m->columns + j]));
            list = grow(list, row);
        }
        return list;
    }
    case OURO_COUNTS: {
        const ouro_counts *r = at;
        if (!r->values) return cJSON_CreateNull();
        if (!r->len) return cJSON_CreateString("log");
        list = cJSON_CreateArray();
        for (size_t i = 0; list && i < r->len; i++) list = grow(list, ouro_json_count(r->values[i]));
        return list;
    }
    case OURO_TEXTS: {
        const ouro_texts *r = at;
        return r->values ? cJSON_CreateStringArray(r->values, (int)r->len) : cJSON_CreateNull();
    }
    case OURO_EVENTS: return ouro_unbind_events(1, &(const ouro_event_list *){at});
    case OURO_SECTIONS: return ouro_unbind_sections(1, &(const ouro_filter_list *){at});
    }
    return NULL;
}

static int same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

int ouro_bound_alike(const ouro_field *f, const void *a, const ouro_field *g, const void *b) {
    const void *x = (const char *)a + f->offset, *y = (const char *)b + g->offset;
    int same = 1;
    switch (f->kind) {
    case OURO_REAL:
        return *(const double *)x == *(const double *)y || (isnan(*(const double *)x) && isnan(*(const double *)y));
    case OURO_COUNT:
    case OURO_SEED:
    case OURO_WINDOW: return *(const uint64_t *)x == *(const uint64_t *)y;
    case OURO_BOOL: return *(const bool *)x == *(const bool *)y;
    case OURO_CHOICE: return *(const int *)x == *(const int *)y;
    case OURO_TEXT:
    case OURO_NAME:
    case OURO_FILE: return same_text(*(const char *const *)x, *(const char *const *)y);
    case OURO_REALS: {
        const ouro_reals *r = x, *s = y;
        same = r->len == s->len && !r->values == !s->values;
        for (size_t i = 0; same && i < r->len; i++) same = r->values[i] == s->values[i];
        return same;
    }
    case OURO_MATRIX: {
        const ouro_matrix *r = x, *s = y;
        same = r->rows == s->rows && r->columns == s->columns && !r->values == !s->values;
        for (size_t i = 0; same && i < r->rows * r->columns; i++) same = r->values[i] == s->values[i];
        return same;
    }
    case OURO_COUNTS: {
        const ouro_counts *r = x, *s = y;
        same = r->len == s->len && !r->values == !s->values;
        for (size_t i = 0; same && i < r->len; i++) same = r->values[i] == s->values[i];
        return same;
    }
    case OURO_TEXTS: {
        const ouro_texts *r = x, *s = y;
        same = r->len == s->len && !r->values == !s->values;
        for (size_t i = 0; same && i < r->len; i++) same = same_text(r->values[i], s->values[i]);
        return same;
    }
    case OURO_EVENTS: return ouro_events_alike(x, y);
    case OURO_SECTIONS: return ouro_sections_alike(x, y);
    }
    return 0;
}
