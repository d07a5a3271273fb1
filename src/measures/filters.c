/* filters.c: how many of the rows drawn pass each filter. */
#include "ouro/measure.h"
#include <math.h>

enum { PER_FILTER = 2 };
#define COLUMNS(i)                                                                                                     \
    {"accepted_" #i, "", "rows passed / rows seen", "Share of the rows that filter " #i " sees and lets pass."}, {     \
        "rejects_" #i, "rows", "rows seen - rows passed", "Rows that filter " #i " drops while the batch is filled."   \
    }
static const ouro_column_type columns[] = {COLUMNS(1), COLUMNS(2), COLUMNS(3), COLUMNS(4)};

static const char *missing(const ouro_setting *s, size_t column) {
    if (!s->filters || !s->filters->len) return "policy.filters is empty";
    return column / PER_FILTER < s->filters->len ? NULL : "policy.filters has fewer entries";
}

/* Nothing is drawn from a model at t = 0 and t = 1. */
static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail, (void)wanted;
    for (size_t k = 0; k < s->filters->len; k++) {
        const ouro_filter_count *n = o->filtered ? &o->filtered[k] : NULL;
        const int any = n && n->seen;
        out[PER_FILTER * k] = any ? (double)n->kept / (double)n->seen : NAN;
        out[PER_FILTER * k + 1] = any ? (double)(n->seen - n->kept) : NAN;
    }
}

const ouro_measure_type ouro_measure_filters = {
    .name = "filters",
    .doc =
        "What each filter of policy.filters, numbered from 1, does to the rows drawn from the model; empty where none "
        "are drawn.",
    .reference = "",
    .methods = "counts: exact.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .missing = missing,
    .measure = measure,
};
