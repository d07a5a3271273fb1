/* ledger_file.c: ledger.jsonl, where every training point of every generation came from.
 *
 * One line per point and generation. Batches that are always used alike are one entry with the ids of the first and the last
 * of the role that it holds, and the range of models that drew them. Under a budget the pool is what the fit's points are
 * drawn from, and shares are expected ones. Every share and age can be recomputed from the lines alone.
 * Each line carries the sha256 of the line before it (without its line end), the first one 64 zeros, so that no line can be
 * changed, taken out or added without breaking the chain. */
#include "bind.h"
#include "output_files.h"
#include "sha256.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct writer {
    FILE *file;
    ouro_sha256 sum; /* of the line being written */
    char previous[OURO_SHA256_HEX];
    int flags;     /* the policy of this point flags some batch */
    double unseen; /* share of the reserve that no pass before the present one drew, in the mean */
} writer;

static void put(writer *w, const char *fmt, ...) OURO_PRINTF(2, 3);
static void put(writer *w, const char *fmt, ...) {
    char text[1024]; /* several times the longest piece */
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    ouro_sha256_update(&w->sum, text, (size_t)n);
    fwrite(text, 1, (size_t)n, w->file);
}

static const char *const roles[] = {"initial", "anchor", "synthetic"};

/* Where the policy flags nothing, that is not a finding: null. */
static const char *flag(const writer *w, int flagged) { return !w->flags ? "null" : flagged ? "true" : "false"; }

static void put_share(writer *w, const char *key, double share) {
    put(w, ",\"%s\":", key);
    put(w, w->flags ? "%.17g" : "null", share);
}

static void put_batch(writer *w, const ouro_walk *walk, size_t i) {
    const ouro_term *t = &walk->mix.term[i];
    const ouro_label *b = &walk->ledger.batch[t->batch];
    put(w,
        "%s{\"id\":%u,\"last_id\":%u,\"role\":\"%s\",\"origin\":\"%s\",\"generator\":[%u,%u],\"points\":%" PRIu64
        ",\"weight\":%.17g,\"born\":%.17g",
        i ? "," : "", b->id, b->last_id, roles[b->role], ouro_is_real(b) ? "real" : "synthetic", b->generator_first,
        b->generator, t->take, t->weight, b->born_mean);
    put(w, ",\"ancestral_real_share\":%.17g,\"ancestry_depth\":%.17g,\"flagged\":%s", b->ancestry.real,
        b->ancestry.depth, flag(w, b->flagged));
    put_share(w, "taint", b->ancestry.taint);
    put(w, "}");
}

/* What synthetic rows have to pass, by name and fields: how many did is a replicate's own and stands in the measures.
 * Where a filter does not fill, numbers of synthetic points are what was drawn, and no more than that enter. */
static void put_filters(writer *w, const char *filters, const ouro_filter_list *list) {
    int fills = 1;
    for (size_t k = 0; k < list->len; k++) {
        const ouro_filter *f = &list->item[k];
        fills &= !f->type->fills || f->type->fills(f->params);
    }
    put(w, ",\"at_most\":%s,\"filters\":", fills ? "false" : "true");
    ouro_sha256_update(&w->sum, filters, strlen(filters));
    fputs(filters, w->file);
}

static void put_drawn(writer *w, const ouro_walk *walk, const char *filters, const ouro_filter_list *list) {
    const ouro_order *o = &walk->order;
    put(w, ",\"drawn\":[");
    for (size_t i = 0; i < o->len; i++) {
        put(w, "%s{\"id\":%u,\"role\":\"%s\",\"generator\":%u,\"points\":%" PRIu64, i ? "," : "",
            walk->ledger.next_id - (uint32_t)(o->len - i), roles[o->item[i].role], o->item[i].generator, o->item[i].n);
        put(w, ",\"flagged\":%s", flag(w, o->item[i].flagged));
        if (list->len && o->item[i].role == OURO_SYNTHETIC) put_filters(w, filters, list);
        put(w, "}");
    }
    put(w, "],\"temperature\":%.17g", o->temperature);
}

/* The youngest anchor set that the fit sees. */
static void put_anchor(writer *w, const ouro_walk *walk, double age) {
    const ouro_label *youngest = NULL;
    for (size_t i = 0; i < walk->mix.len; i++) {
        const ouro_label *b = &walk->ledger.batch[walk->mix.term[i].batch];
        if (b->role == OURO_ANCHOR && (!youngest || b->born > youngest->born)) youngest = b;
    }
    put(w, ",\"anchor_age\":");
    put(w, youngest ? "%.17g" : "null", age);
    if (youngest)
        put(w, ",\"anchor\":{\"id\":%u,\"born\":%u}", youngest->last_id, youngest->born);
    else
        put(w, ",\"anchor\":null");
}

/* What measures compare with. Observations may be those that were trained on: overlap is the expected share of them drawn
 * so far. A pass through the reserve that drew `used` of its rows leaves (1 - used/reserve) of what no earlier pass drew. */
static void put_evaluation(writer *w, const ouro_walk *walk, const ouro_truth *truth) {
    const double reserve = (double)truth->reserve, used = (double)walk->ledger.reserve_used;
    double overlap = 0;
    if (ouro_truth_is_data(truth)) {
        const double drawn = truth->reserve ? reserve * (1 - w->unseen * (1 - used / reserve)) : 0;
        overlap = ((double)walk->policy->initial + drawn) / (double)truth->rows;
    }
    put(w, ",\"evaluation\":{\"source\":\"%s\",\"overlap\":%.17g}",
        ouro_truth_is_data(truth) ? "observations" : "truth", overlap);
}

static void put_event(writer *w, const ouro_walk *walk) {
    const uint32_t t = walk->ledger.generation;
    if (t == walk->policy->rollback.at)
        put(w, ",\"rollback\":{\"to\":%" PRIu64 "}", walk->policy->rollback.to);
    else
        put(w, ",\"rollback\":null");
    const char *rule = walk->ledger.refilled == t ? "reuse" : NULL;
    if (walk->policy->anchor.exhausted == OURO_END && walk->policy->anchor.exhausted_at == t) rule = "none";
    if (rule)
        put(w, ",\"event\":{\"type\":\"reserve exhausted\",\"rule\":\"%s\"}", rule);
    else
        put(w, ",\"event\":null");
}

static void put_line(writer *w, const ouro_walk *walk, const ouro_experiment *x, size_t point, const char *filters) {
    ouro_provenance p = ouro_mix_provenance(&walk->ledger, &walk->mix);
    unsigned char digest[OURO_SHA256_BYTES];
    ouro_sha256_init(&w->sum);
    put(w, "{\"point\":%zu,\"generation\":%u", point, walk->ledger.generation);
    put_drawn(w, walk, filters, &x->filters);
    put(w, ",\"pool\":[");
    for (size_t i = 0; i < walk->mix.len; i++) put_batch(w, walk, i);
    put(w,
        "],\"pool_points\":%" PRIu64 ",\"fit_points\":%" PRIu64 ",\"real_share\":%.17g,\"synthetic_share\":%.17g,"
        "\"ancestral_real_share\":%.17g,\"mean_ancestry_depth\":%.17g,\"mean_age\":%.17g",
        walk->mix.pool, walk->mix.points, p.real_share, p.synthetic_share, p.ancestry.real, p.ancestry.depth,
        p.mean_age);
    put_share(w, "flagged_share", p.flagged_share);
    put_share(w, "taint", p.ancestry.taint);
    put_anchor(w, walk, p.anchor_age);
    put_evaluation(w, walk, &x->truth);
    put_event(w, walk);
    put(w, ",\"previous\":\"%s\"}", w->previous);
    ouro_sha256_final(&w->sum, digest);
    ouro_sha256_hex(digest, w->previous);
    fputc('\n', w->file);
}

static int put_point(writer *w, const ouro_experiment *x, size_t point) {
    ouro_walk walk = {.policy = &x->policy};
    int ret = OURO_OK;
    cJSON *list = ouro_unbind_sections(1, &(const ouro_filter_list *){&x->filters});
    char *filters = list ? cJSON_PrintUnformatted(list) : NULL;
    cJSON_Delete(list);
    if (!filters) return OURO_ENOMEM;
    w->unseen = 1;
    w->flags = x->policy.flagged.first != OURO_UNSET;
    for (uint32_t t = 1; t <= x->setting.generations && !ferror(w->file); t++) {
        const uint64_t used = walk.ledger.reserve_used;
        OURO_TRY(ouro_walk_step(&walk));
        if (walk.ledger.refilled == t) w->unseen *= 1 - (double)used / (double)x->truth.reserve;
        put_line(w, &walk, x, point, filters);
        ouro_walk_retire(&walk);
    }
out:
    ouro_walk_free(&walk);
    cJSON_free(filters);
    return ret;
}

int ouro_ledger_write(const ouro_study *study, const char *path, ouro_error *e) {
    writer w = {.file = fopen(path, "w")};
    int ret = OURO_OK;
    if (!w.file) return ouro_fail(e, OURO_EIO, path, "cannot be created: %s", strerror(errno));
    memset(w.previous, '0', OURO_SHA256_HEX - 1);
    for (size_t p = 0; p < study->points && !ret; p++) ret = put_point(&w, &study->experiment[p], p);
    int closed = ouro_rundir_finish_file(w.file, path, e);
    if (ret) return ouro_fail(e, ret, path, "out of memory");
    return closed;
}
