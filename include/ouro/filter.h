/* filter.h: which of the rows just drawn from a model enter the corpus.
 *
 * Filters apply in order, to synthetic rows only; a filter keeps rows or drops them and never changes one. It sees rows,
 * the model that drew them, and the truth where its fields say so (verifier). Each asks for rows from the one before it,
 * the first from the model: where it fills, until as many pass as are wanted, at most OURO_FILTER_MOST times as many rows
 * as would be needed if all passed; else once, and what passes is the batch, whose size then varies. */
#ifndef OURO_FILTER_H
#define OURO_FILTER_H
#include "ouro/truth.h"
#include <stdbool.h>

enum { OURO_FILTERS_MOST = 4, OURO_FILTER_MOST = 1000 };

typedef struct ouro_filter_type ouro_filter_type;

/* A filter of a config: what its fields bound, and what prepare made of it. */
typedef struct ouro_filter {
    const ouro_filter_type *type;
    void *params;
    const void *state;
} ouro_filter;
typedef struct ouro_filter_list {
    size_t len;
    ouro_filter *item;
} ouro_filter_list;

/* What a filter sees of one call. Locations in rows and theta are relative to origin (corpus.h). */
typedef struct ouro_filter_task {
    const void *params, *state;
    const ouro_truth *truth;
    const ouro_family *model;
    const double *theta;  /* what the rows were drawn from */
    const double *origin; /* [dim], zeros where the model has no location */
    size_t n;
    const double *x;     /* [n x dim] */
    size_t wanted;       /* at most so many may pass */
    double *memory;      /* what the batch has so far, zeros at its start; NULL without a slot for it */
    ouro_stream *stream; /* of this filter, generation and replicate */
    ouro_arena *tmp;
} ouro_filter_task;

struct ouro_filter_type {
    const char *name, *doc, *reference;
    ouro_table fields; /* rows below policy.filters.N, beside "type"; they describe params_size bytes */
    size_t params_size;
    /* NULL when the filter is defined here, else the reason why not; params may be NULL: in general */
    const char *(*missing)(const ouro_truth *truth, const ouro_family *model, const void *params);
    /* optional: what is fixed before the first draw, from `keep`. OURO_ECONFIG, OURO_EUNDEFINED, OURO_ENOMEM. */
    int (*prepare)(const ouro_truth *truth, const ouro_family *model, const void *params, ouro_arena *keep,
                   const void **state, ouro_error *e);
    /* whether it asks for rows until enough have passed; NULL: it never needs to */
    int (*fills)(const void *params);
    /* rows of which n may pass; NULL: n */
    uint64_t (*needs)(const void *params, uint64_t n);
    size_t (*memory)(const ouro_family *model); /* optional: numbers kept while a batch is filled */
    /* pass[n], zeros before: 1 for the rows that enter. OURO_ENOMEM only. */
    int (*apply)(const ouro_filter_task *t, unsigned char *pass);
};

/* What filter number i did to a batch; NULL pointers and zeros before the first synthetic batch. */
typedef struct ouro_filter_count {
    uint64_t seen, kept;
    uint64_t *tail_seen, *tail_kept; /* [tails] of seen and kept: in the truth's low-density set */
} ouro_filter_count;

#endif
