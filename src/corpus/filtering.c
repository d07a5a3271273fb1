/* filtering.c: rows are pulled through the filters: each asks the one before it, the first the model. */
#include "filtering.h"
#include "ouro/variates.h"
#include <stdio.h>
#include <string.h>

/* What is under way while one batch is filled. */
typedef struct filling {
    ouro_corpus *c;
    ouro_stream *rows;
    ouro_stream own[OURO_FILTERS_MOST], order; /* of each filter; of rows that come sorted */
    double *memory[OURO_FILTERS_MOST];
    ouro_error *e;
} filling;

static int no_memory(ouro_error *e) { return ouro_fail(e, OURO_ENOMEM, "corpus", "out of memory"); }

/* Rows in each of the truth's low-density sets, added to count[tails]. */
static int count_tails(ouro_corpus *c, size_t n, const double *x, const unsigned char *pass, ouro_filter_count *count) {
    const ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    unsigned char *in = c->tails_len ? ouro_arena_alloc(&c->tmp, n, 1) : NULL;
    if (!c->tails_len) return OURO_OK;
    if (!in) return OURO_ENOMEM;
    for (size_t a = 0; a < c->tails_len; a++) {
        if (ouro_truth_tail_rows(c->truth, &c->tails[a], n, x, c->origin, &c->tmp, in)) return OURO_ENOMEM;
        for (size_t i = 0; i < n; i++) {
            count->tail_seen[a] += in[i];
            count->tail_kept[a] += in[i] && pass[i];
        }
    }
    ouro_arena_reset(&c->tmp, mark);
    return OURO_OK;
}

static int exhausted(const filling *f, size_t k, uint64_t want, uint64_t got, uint64_t seen) {
    char where[64];
    snprintf(where, sizeof where, "policy.filters.%zu", k);
    return ouro_fail(f->e, OURO_EUNDEFINED, where,
                     "in generation %u, replicate %u, only %llu of %llu rows passed %s out of %llu; loosen it, set its "
                     "fill to false, or run fewer generations",
                     f->c->ledger.generation, f->c->address.replicate, (unsigned long long)got,
                     (unsigned long long)want, f->c->filters->item[k].type->name, (unsigned long long)seen);
}

/* n rows from the model, in no order. */
static int sample(filling *f, uint64_t n, double *out) {
    ouro_corpus *c = f->c;
    const ouro_family_type *type = c->model->type;
    const size_t d = c->model->domain.dim;
    const ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    double *x = out;
    uint32_t *order = NULL;
    if (n > UINT32_MAX) return no_memory(f->e);
    if (type->sorted) {
        x = ouro_arena_alloc(&c->tmp, n * d, sizeof *x);
        order = ouro_arena_alloc(&c->tmp, n, sizeof *order);
        if (!x || !order) return no_memory(f->e);
    }
    const int ret = type->sample(c->model, c->source, f->rows, &c->tmp, n, x) ? no_memory(f->e) : OURO_OK;
    if (order && !ret) ouro_choose(&f->order, n, n, order);
    for (uint64_t i = 0; order && i < n && !ret; i++) memcpy(out + i * d, x + order[i] * d, d * sizeof *x);
    ouro_arena_reset(&c->tmp, mark);
    return ret;
}

static int pull(filling *f, size_t k, uint64_t want, double *out, uint64_t *got);

/* Asks for as many rows as `room` of them may need, once; what passes filter k goes to out. */
static int pull_once(filling *f, size_t k, uint64_t room, double *out, uint64_t *got, uint64_t *asked) {
    ouro_corpus *c = f->c;
    const ouro_filter *filter = &c->filters->item[k];
    const size_t d = c->model->domain.dim;
    const uint64_t in = filter->type->needs ? filter->type->needs(filter->params, room) : room;
    const ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    double *x = in <= SIZE_MAX / sizeof *x / d ? ouro_arena_alloc(&c->tmp, in * d, sizeof *x) : NULL;
    unsigned char *pass = x ? ouro_arena_alloc(&c->tmp, in, 1) : NULL;
    uint64_t n = 0;
    int ret = pass ? pull(f, k, in, x, &n) : no_memory(f->e);
    const ouro_filter_task task = {.params = filter->params,
                                   .state = filter->state,
                                   .truth = c->truth,
                                   .model = c->model,
                                   .theta = c->source,
                                   .origin = c->origin,
                                   .n = n,
                                   .x = x,
                                   .wanted = room,
                                   .memory = f->memory[k],
                                   .stream = &f->own[k],
                                   .tmp = &c->tmp};
    if (!ret && n && filter->type->apply(&task, pass)) ret = no_memory(f->e);
    *asked += in;
    c->filtered[k].seen += n;
    *got = 0;
    if (!ret && n && count_tails(c, n, x, pass, &c->filtered[k])) ret = no_memory(f->e);
    for (uint64_t i = 0; i < n && !ret; i++)
        if (pass[i]) memcpy(out + d * (*got)++, x + d * i, d * sizeof *x);
    c->filtered[k].kept += *got;
    ouro_arena_reset(&c->tmp, mark);
    return ret;
}

/* Rows behind the first k filters: want of them where filter k - 1 fills. */
static int pull(filling *f, size_t k, uint64_t want, double *out, uint64_t *got) {
    const ouro_corpus *c = f->c;
    uint64_t asked = 0, first = 0;
    *got = 0;
    if (k == 0) {
        *got = want;
        return sample(f, want, out);
    }
    const ouro_filter *filter = &c->filters->item[k - 1];
    const int fills = filter->type->fills && filter->type->fills(filter->params);
    while (*got < want) {
        uint64_t passed = 0;
        const int ret = pull_once(f, k - 1, want - *got, out + *got * c->model->domain.dim, &passed, &asked);
        if (ret) return ret;
        *got += passed;
        if (!fills) break;
        if (!first) first = asked;
        if (*got < want && asked / OURO_FILTER_MOST >= first) return exhausted(f, k - 1, want, *got, asked);
    }
    return OURO_OK;
}

int ouro_corpus_filter(ouro_corpus *c, uint64_t n, ouro_stream *s, double *x, uint64_t *kept, ouro_error *e) {
    filling f = {.c = c, .rows = s, .e = e};
    const ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    ouro_address a = c->address;
    int ret = OURO_OK;
    a.generation = c->ledger.generation;
    a.purpose = OURO_FOR_FILTER;
    a.slot = OURO_FILTERS_MOST;
    ouro_stream_open(&f.order, &a);
    for (size_t k = 0; k < c->filters->len && !ret; k++) {
        const ouro_filter_type *type = c->filters->item[k].type;
        const size_t room = type->memory ? type->memory(c->model) : 0;
        a.slot = (uint16_t)k;
        ouro_stream_open(&f.own[k], &a);
        if (room && !(f.memory[k] = ouro_arena_alloc(&c->tmp, room, sizeof(double)))) ret = no_memory(e);
    }
    if (!ret) ret = pull(&f, c->filters->len, n, x, kept);
    ouro_arena_reset(&c->tmp, mark);
    return ret;
}

int ouro_corpus_set_filters(ouro_corpus *c, const ouro_filter_list *filters, size_t tails_len,
                            const ouro_tail_set *tails, ouro_error *e) {
    if (!filters->len) return OURO_OK;
    c->filtered = ouro_alloc(filters->len, sizeof *c->filtered);
    c->tail_counts = ouro_alloc(2 * filters->len * tails_len + 1, sizeof *c->tail_counts);
    if (!c->filtered || !c->tail_counts) return no_memory(e);
    c->filters = filters;
    c->tails_len = tails_len;
    c->tails = tails;
    for (size_t k = 0; k < filters->len; k++) {
        c->filtered[k].tail_seen = c->tail_counts + 2 * k * tails_len;
        c->filtered[k].tail_kept = c->tail_counts + (2 * k + 1) * tails_len;
    }
    return OURO_OK;
}

void ouro_corpus_forget_filtered(ouro_corpus *c) {
    for (size_t k = 0; c->filters && k < c->filters->len; k++) {
        c->filtered[k].seen = c->filtered[k].kept = 0;
        memset(c->filtered[k].tail_seen, 0, 2 * c->tails_len * sizeof *c->tail_counts);
    }
}
