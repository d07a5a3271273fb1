/* bind.h: from JSON to structs and back, driven by field tables. */
#ifndef OURO_IO_BIND_H
#define OURO_IO_BIND_H
#include "diagnose.h"
#include "json.h"
#include "ouro/event.h"
#include "ouro/field.h"
#include "ouro/filter.h"
#include "ouro/mem.h"

/* A struct that one table describes; paths of the table are below `prefix` ("policy"; "" for the root). */
typedef struct ouro_section {
    const char *prefix;
    ouro_table table;
    void *base;
    unsigned char *bound; /* [table.len]: set once a row has its value */
} ouro_section;

typedef struct ouro_binder {
    const ouro_json_sources *sources;
    ouro_diagnostics *out;
    ouro_arena *keep; /* strings and arrays of the structs */
    size_t sections_len;
    ouro_section section[24];
    const char *lenient; /* below this path unknown keys pass, since its table could not be found; or NULL */
    const cJSON *entry;  /* the entry for which an array was refused; NULL when it was the array as such */
} ouro_binder;

/* Adds a section. OURO_ENOMEM. */
int ouro_bind_section(ouro_binder *b, const char *prefix, ouro_table table, void *base) OURO_CHECKED;
/* Binds every member of the object root; all errors go to b->out. OURO_ENOMEM only. */
int ouro_bind_object(ouro_binder *b, const cJSON *root) OURO_CHECKED;
/* The members of an object that stands at `prefix`. OURO_ENOMEM only. */
int ouro_bind_members(ouro_binder *b, const cJSON *object, const char *prefix) OURO_CHECKED;
/* Binds JSON text to one row, unless it already has a value; for defaults and presets. OURO_ENOMEM, OURO_EBUG. */
int ouro_bind_text(ouro_binder *b, const char *path, const char *json) OURO_CHECKED;
/* Gives all rows of all sections that are still without value their default, or reports what is required. */
int ouro_bind_defaults(ouro_binder *b, cJSON *root) OURO_CHECKED;
/* The row of a full path, its section in *section; NULL when there is none. */
const ouro_field *ouro_bind_find(const ouro_binder *b, const char *path, const ouro_section **section);

/* The file that a value names, as it can be opened from the working directory: a relative one is looked for beside the
 * text that names it. NULL when out of memory. */
const char *ouro_bind_path(const ouro_json_sources *sources, ouro_arena *keep, const cJSON *v);

/* The value of a row as JSON, the inverse of binding; NULL when out of memory. */
cJSON *ouro_unbind_value(const ouro_field *f, const void *base);
/* Whether row f of struct a and row g of struct b, both of one kind, hold the same value. */
int ouro_bound_alike(const ouro_field *f, const void *a, const ouro_field *g, const void *b);

/* bind_sections.c, for rows of kind OURO_SECTIONS (struct ouro_filter_list of filter.h): binding, whether two lists are
 * the same, and the first list as JSON without what the others do not hold alike. All lists have one length. */
int ouro_bind_sections(ouro_binder *b, const ouro_field *f, const char *path, const cJSON *v, void *at) OURO_CHECKED;
int ouro_sections_alike(const ouro_filter_list *a, const ouro_filter_list *b);
cJSON *ouro_unbind_sections(size_t lists, const ouro_filter_list *const *list);

/* bind_events.c: the same for rows of kind OURO_EVENTS. */
int ouro_bind_events(ouro_binder *b, const ouro_field *f, const char *path, const cJSON *v, void *at) OURO_CHECKED;
int ouro_events_alike(const ouro_event_list *a, const ouro_event_list *b);
cJSON *ouro_unbind_events(size_t lists, const ouro_event_list *const *list);

#endif
