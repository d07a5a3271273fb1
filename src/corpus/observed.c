/* observed.c: a truth of observations: which of them a replicate has drawn, and what is left. */
#include "observed.h"
#include "ouro/variates.h"
#include <string.h>

/* The statistic of all observations, so that a first fit on everything costs nothing per replicate. */
int ouro_observed_init(ouro_corpus *c, ouro_error *e) {
    const ouro_truth *t = c->truth;
    c->all = ouro_alloc(c->model->stat_len, sizeof(double));
    if (!c->all) return ouro_fail(e, OURO_ENOMEM, "corpus", "out of memory");
    if (t->row) {
        c->order = ouro_alloc(t->rows, sizeof *c->order);
        if (!c->order) return ouro_fail(e, OURO_ENOMEM, "corpus", "out of memory");
        if (c->model->type->stat_rows) c->model->type->stat_rows(c->model, t->rows, t->row, c->all);
    } else {
        c->left = ouro_alloc(3 * t->domain.categories, sizeof *c->left);
        if (!c->left) return ouro_fail(e, OURO_ENOMEM, "corpus", "out of memory");
        c->model->type->stat_counts(c->model, t->count, c->all);
    }
    return OURO_OK;
}

/* Observed categories left after earlier draws of this replicate, drawn without replacement: hits[categories]. */
void ouro_observe_counts(ouro_corpus *c, uint64_t n, ouro_stream *s, uint64_t *hits) {
    size_t k = c->truth->domain.categories;
    if (c->drawn == 0) memcpy(c->left, c->truth->count, k * sizeof *c->left);
    ouro_multi_hypergeometric(s, k, c->left, n, hits);
    for (size_t i = 0; i < k; i++) c->left[i] -= hits[i];
}

static void open_partition(const ouro_corpus *c, unsigned slot, ouro_stream *s) {
    ouro_address a = c->address;
    a.generation = c->ledger.generation;
    a.purpose = OURO_FOR_PARTITION;
    a.slot = (uint16_t)slot;
    ouro_stream_open(s, &a);
}

/* The next n rows of the replicate's own permutation of the observations, relative to the origin. */
static void observe_rows(ouro_corpus *c, uint64_t n, double *x) {
    size_t d = c->model->domain.dim;
    if (c->drawn == 0) {
        ouro_stream s;
        open_partition(c, 0, &s);
        ouro_choose(&s, c->truth->rows, c->truth->rows, c->order);
    }
    for (uint64_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) x[i * d + j] = c->truth->row[c->order[c->drawn + i] * d + j] - c->origin[j];
}

/* Puts the reserve back and shuffles it. It is the `reserve` observations that come after those of the first generation in
 * the replicate's order; of observed categories, those drawn so far and as many of the others as make it whole. */
int ouro_observed_refill(ouro_corpus *c) {
    const uint64_t reserve = c->truth->reserve;
    const size_t k = c->truth->domain.categories;
    ouro_stream s;
    open_partition(c, 1, &s);
    if (c->truth->row) {
        ouro_arena_mark mark = ouro_arena_here(&c->tmp);
        uint32_t *index = ouro_arena_alloc(&c->tmp, reserve, sizeof *index), *back;
        back = ouro_arena_alloc(&c->tmp, reserve, sizeof *back);
        if (!index || !back) return OURO_ENOMEM;
        ouro_choose(&s, reserve, reserve, index);
        memcpy(back, c->order + c->first, reserve * sizeof *back);
        for (uint64_t i = 0; i < reserve; i++) c->order[c->first + i] = back[index[i]];
        ouro_arena_reset(&c->tmp, mark);
    } else {
        uint64_t *rest = c->left + k, *outside = c->left + 2 * k;
        ouro_multi_hypergeometric(&s, k, c->left, reserve - (c->drawn - c->first), rest);
        for (size_t i = 0; i < k; i++) {
            const uint64_t all = outside[i] - c->left[i] + rest[i]; /* of the reserve: drawn, and not drawn */
            c->left[i] = all;
            outside[i] = all; /* from now on nothing else is there to draw */
        }
    }
    c->drawn = c->first;
    return OURO_OK;
}

/* Rows of real observations into x[n * dim]. */
int ouro_observe(ouro_corpus *c, uint64_t n, ouro_stream *s, double *x) {
    if (c->truth->row) {
        observe_rows(c, n, x);
        return OURO_OK;
    }
    uint64_t *hits = c->left + c->truth->domain.categories;
    ouro_observe_counts(c, n, s, hits);
    for (size_t i = 0; i < c->truth->domain.categories; i++)
        for (uint64_t h = 0; h < hits[i]; h++) *x++ = (double)i;
    return OURO_OK;
}
