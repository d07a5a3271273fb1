/* select.c: keeps the best rows of many, those nearest to a point. */
#include "centre.h"
#include <stdlib.h>

typedef struct params {
    double share;
    filter_place place;
} params;

static const ouro_field rows[] = {
    {"share", OURO_REAL, OURO_ABOVE, offsetof(params, share), 0, 1, "0.5", NULL, "",
     "Part of the rows drawn that is kept: points / share are drawn, and the nearest `points` of them enter."},
    FILTER_PLACE(params),
};

static const char *missing(const ouro_truth *truth, const ouro_family *model, const void *p) {
    (void)truth, (void)p;
    return ouro_filter_no_distance(model);
}

static int prepare(const ouro_truth *truth, const ouro_family *model, const void *p, ouro_arena *keep, const void **out,
                   ouro_error *e) {
    filter_origin *from = ouro_arena_alloc(keep, 1, sizeof *from);
    if (!from) return ouro_fail(e, OURO_ENOMEM, "filters", "out of memory");
    *out = from;
    return ouro_filter_locate(truth, model, &((const params *)p)->place, keep, from, e);
}

static uint64_t needs(const void *p, uint64_t n) {
    const double rows_drawn = ceil((double)n / ((const params *)p)->share);
    return rows_drawn < OURO_COUNT_MAX ? (uint64_t)rows_drawn : (uint64_t)OURO_COUNT_MAX;
}

typedef struct ranked {
    double distance;
    size_t index;
} ranked;

static int nearer(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Fewer rows than were asked for, from a filter that does not fill: their share is kept. */
static int apply(const ouro_filter_task *t, unsigned char *pass) {
    const ouro_arena_mark mark = ouro_arena_here(t->tmp);
    ranked *order = ouro_arena_alloc(t->tmp, t->n, sizeof *order);
    if (!order) return OURO_ENOMEM;
    for (size_t i = 0; i < t->n; i++) order[i] = (ranked){ouro_filter_distance2(t, t->state, i), i};
    qsort(order, t->n, sizeof *order, nearer);
    const double best = floor((double)t->n * ((const params *)t->params)->share + 0.5);
    const size_t keep = best < (double)t->wanted ? (size_t)best : t->wanted;
    for (size_t i = 0; i < keep; i++) pass[order[i].index] = 1;
    ouro_arena_reset(t->tmp, mark);
    return OURO_OK;
}

const ouro_filter_type ouro_filter_select = {
    .name = "select",
    .doc =
        "Keeps the share of the rows that lies nearest to a centre, which need not be the truth's; nearest also in the "
        "truth's own metric.",
    .reference = "Qiao et al. 2026, When sample selection bias precipitates model collapse (arXiv 2606.13732)",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prepare = prepare,
    .needs = needs,
    .apply = apply,
};
