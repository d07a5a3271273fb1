/* ledger.c: the labels of the batches that a corpus keeps, and the mix of a fit. */
#include "ouro/ledger.h"
#include "ouro/mem.h"
#include <math.h>
#include <string.h>

enum { FIRST_CAPACITY = 8 };

int ouro_ledger_refills(const ouro_ledger *l, const ouro_request *asked) {
    return asked->role == OURO_ANCHOR && l->reserve && asked->n > l->reserve - l->reserve_used;
}

int ouro_ledger_add(ouro_ledger *l, const ouro_request *drawn) {
    if (l->len == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : FIRST_CAPACITY;
        ouro_label *batch = ouro_realloc(l->batch, cap, sizeof *batch);
        if (!batch) return OURO_ENOMEM;
        l->batch = batch;
        l->cap = cap;
    }
    const int synthetic = drawn->role == OURO_SYNTHETIC;
    const ouro_ancestry *model = drawn->generator + 1 == l->generation ? &l->model : &l->kept;
    ouro_ancestry ancestry = {.real = 1};
    if (synthetic) ancestry = (ouro_ancestry){model->real, 1 + model->depth, model->taint};
    if (drawn->flagged) ancestry.taint = 1;
    if (ouro_ledger_refills(l, drawn)) {
        l->reserve_used = 0;
        l->refilled = l->generation;
    }
    if (drawn->role == OURO_ANCHOR) l->reserve_used += drawn->n;
    l->batch[l->len++] = (ouro_label){.id = l->next_id,
                                      .last_id = l->next_id,
                                      .role = drawn->role,
                                      .generator = drawn->generator,
                                      .generator_first = drawn->generator,
                                      .born = l->generation,
                                      .born_mean = l->generation,
                                      .n = drawn->n,
                                      .ancestry = ancestry,
                                      .flagged = drawn->flagged};
    l->next_id++;
    return OURO_OK;
}

void ouro_ledger_drop(ouro_ledger *l, size_t i) {
    l->len--;
    memmove(l->batch + i, l->batch + i + 1, (l->len - i) * sizeof *l->batch);
}

void ouro_ledger_fold(ouro_ledger *l, size_t into, size_t from) {
    ouro_label *a = l->batch + into;
    const ouro_label *b = l->batch + from;
    uint64_t n = a->n + b->n;
    const double share = n ? (double)b->n / (double)n : 0;
    a->born_mean += (b->born_mean - a->born_mean) * share;
    a->ancestry.real += (b->ancestry.real - a->ancestry.real) * share;
    a->ancestry.depth += (b->ancestry.depth - a->ancestry.depth) * share;
    a->ancestry.taint += (b->ancestry.taint - a->ancestry.taint) * share;
    a->n = n;
    a->last_id = b->last_id > a->last_id ? b->last_id : a->last_id;
    a->born = b->born > a->born ? b->born : a->born;
    a->generator = b->generator > a->generator ? b->generator : a->generator;
    ouro_ledger_drop(l, from);
}

void ouro_ledger_clear(ouro_ledger *l) {
    l->len = 0;
    l->next_id = 0;
    l->generation = 0;
    l->reserve_used = 0;
    l->refilled = 0;
    l->model = l->kept = (ouro_ancestry){0};
}

void ouro_ledger_free(ouro_ledger *l) {
    ouro_free(l->batch);
    *l = (ouro_ledger){0};
}

int ouro_mix_add(ouro_mix *m, const ouro_term *term) {
    if (m->len == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : FIRST_CAPACITY;
        ouro_term *grown = ouro_realloc(m->term, cap, sizeof *grown);
        if (!grown) return OURO_ENOMEM;
        m->term = grown;
        m->cap = cap;
    }
    m->term[m->len++] = *term;
    return OURO_OK;
}

void ouro_mix_clear(ouro_mix *m) {
    m->len = 0;
    m->points = 0;
    m->pool = 0;
}

void ouro_mix_free(ouro_mix *m) {
    ouro_free(m->term);
    *m = (ouro_mix){0};
}

ouro_provenance ouro_mix_provenance(const ouro_ledger *l, const ouro_mix *m) {
    double real = 0, synthetic = 0, flagged = 0, age = 0, anchor_age = NAN;
    ouro_ancestry sum = {0};
    for (size_t i = 0; i < m->len; i++) {
        const ouro_label *b = l->batch + m->term[i].batch;
        double weight = m->term[i].weight * (double)m->term[i].take;
        if (ouro_is_real(b))
            real += weight;
        else
            synthetic += weight;
        age += weight * (l->generation - b->born_mean);
        sum.real += weight * b->ancestry.real;
        sum.depth += weight * b->ancestry.depth;
        sum.taint += weight * b->ancestry.taint;
        if (b->flagged) flagged += weight;
        if (b->role == OURO_ANCHOR && !(l->generation - b->born >= anchor_age)) anchor_age = l->generation - b->born;
    }
    double total = real + synthetic;
    return (ouro_provenance){.real_share = real / total,
                             .synthetic_share = synthetic / total,
                             .mean_age = age / total,
                             .anchor_age = anchor_age,
                             .points = (double)m->points,
                             .ancestry = {sum.real / total, sum.depth / total, sum.taint / total},
                             .flagged_share = flagged / total};
}

void ouro_ledger_fitted(ouro_ledger *l, const ouro_mix *m) {
    l->model = ouro_mix_provenance(l, m).ancestry;
    if (l->generation <= 1) l->model.real = 0; /* see ouro_ancestry */
    if (l->generation == l->checkpoint) l->kept = l->model;
}
