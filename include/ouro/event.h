/* event.h: events of a run as a config declares them: a column, a threshold, and on which side of it the event lies.
 *
 * The time of an event is the generation of its first passage: the first watched one in which the column is strictly below
 * (above) the threshold. A column without a value has not passed. A replicate that never gets there is censored at the
 * last generation watched. */
#ifndef OURO_EVENT_H
#define OURO_EVENT_H
#include "ouro/field.h"

enum { OURO_EVENTS_MOST = 64 }; /* rules of a config */

/* What a threshold is a multiple of. */
typedef enum ouro_relative {
    OURO_TO_NOTHING, /* it is the value itself */
    OURO_TO_TRUTH,   /* the column at t = 0; under drift that of the truth as given */
    OURO_TO_FIRST    /* the column at t = 1, of each replicate */
} ouro_relative;
extern const char *const ouro_relative_words[]; /* ends at NULL */

typedef struct ouro_event_rule {
    const char *name;
    const char
        *measure; /* a column: bare, one event for each tail and each truth it is compared with; or exactly one */
    double below, above; /* exactly one of them is given; NaN: the other */
    int relative_to;     /* ouro_relative */
    const char *doc;     /* NULL: declared in a config */
} ouro_event_rule;

/* observe.events: item NULL: not given, the standard events whose column is defined. */
typedef struct ouro_event_list {
    size_t len;
    ouro_event_rule *item;
} ouro_event_list;

/* The standard events, one row each (engine/events.c). */
extern const ouro_event_rule ouro_events[];
extern const size_t ouro_events_len;
const ouro_event_rule *ouro_event_find(const char *name); /* NULL: none */

/* What an entry of observe.events says: rows of ouro_event_rule. */
extern const ouro_table ouro_event_fields;

#endif
