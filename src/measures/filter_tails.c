/* filter_tails.c: what filters leave of the truth's tail in the rows drawn. */
#include "ouro/measure.h"
#include <math.h>

#define COLUMN(i)                                                                                                      \
    {                                                                                                                  \
        "kept_tail_" #i, "", "rows in A_alpha passed / seen",                                                          \
            "Share of the rows in the truth's low-density set that filter " #i                                         \
            " lets pass; empty where none is drawn."                                                                   \
    }
static const ouro_column_type columns[] = {COLUMN(1), COLUMN(2), COLUMN(3), COLUMN(4)};

static const char *missing(const ouro_setting *s, size_t column) {
    if (!s->filters || !s->filters->len) return "policy.filters is empty";
    if (column >= s->filters->len) return "policy.filters has fewer entries";
    return s->tails_len ? NULL : "observe.tails is empty";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)wanted;
    for (size_t k = 0; k < s->filters->len; k++) {
        const ouro_filter_count *n = o->filtered ? &o->filtered[k] : NULL;
        const uint64_t seen = n ? n->tail_seen[tail] : 0;
        out[k] = seen ? (double)n->tail_kept[tail] / (double)seen : NAN;
    }
}

const ouro_measure_type ouro_measure_filter_tails = {
    .name = "filter_tails",
    .doc =
        "Which part of the rows drawn in the truth's tail each filter of policy.filters lets pass, for every alpha of "
        "observe.tails.",
    .reference = "",
    .methods = "counts: exact.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .per_tail = 1,
    .missing = missing,
    .measure = measure,
};
