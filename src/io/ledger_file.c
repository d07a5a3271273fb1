/* ledger_file.c: ledger.jsonl, where every training point of every generation came from.
 *
 * One line per point and generation. Batches that are always used alike are one entry with the range of models that drew
 * them. Each line carries the sha256 of the line before it (without its line end), the first one 64 zeros, so that no line
 * can be changed, taken out or added without breaking the chain.                                            */
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
} writer;

static void put(writer *w, const char *fmt, ...) OURO_PRINTF(2, 3);
static void put(writer *w, const char *fmt, ...) {
    char text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    ouro_sha256_update(&w->sum, text, (size_t)n);
    fwrite(text, 1, (size_t)n, w->file);
}

static const char *const roles[] = {"initial", "anchor", "synthetic"};

static void put_batch(writer *w, const ouro_walk *walk, size_t i) {
    const ouro_term *t = &walk->mix.term[i];
    const ouro_label *b = &walk->ledger.batch[t->batch];
    put(w,
        "%s{\"id\":%u,\"role\":\"%s\",\"origin\":\"%s\",\"generator\":[%u,%u],\"points\":%" PRIu64
        ",\"weight\":%.17g,\"born\":%.17g}",
        i ? "," : "", b->id, roles[b->role], ouro_is_real(b) ? "real" : "synthetic", b->generator_first, b->generator,
        t->take, t->weight, b->born_mean);
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

static void put_line(writer *w, const ouro_walk *walk, size_t point, const char *filters,
                     const ouro_filter_list *list) {
    ouro_provenance p = ouro_mix_provenance(&walk->ledger, &walk->mix);
    unsigned char digest[OURO_SHA256_BYTES];
    ouro_sha256_init(&w->sum);
    put(w, "{\"point\":%zu,\"generation\":%u,\"drawn\":[", point, walk->ledger.generation);
    for (size_t i = 0; i < walk->order.len; i++) {
        put(w, "%s{\"role\":\"%s\",\"points\":%" PRIu64, i ? "," : "", roles[walk->order.item[i].role],
            walk->order.item[i].n);
        if (list->len && walk->order.item[i].role == OURO_SYNTHETIC) put_filters(w, filters, list);
        put(w, "}");
    }
    put(w, "],\"pool\":[");
    for (size_t i = 0; i < walk->mix.len; i++) put_batch(w, walk, i);
    put(w,
        "],\"pool_points\":%" PRIu64 ",\"fit_points\":%" PRIu64 ",\"real_share\":%.17g,\"synthetic_share\":%.17g,"
        "\"mean_age\":%.17g,\"anchor_age\":",
        walk->mix.pool, walk->mix.points, p.real_share, p.synthetic_share, p.mean_age);
    put(w, isnan(p.anchor_age) ? "null" : "%.17g", p.anchor_age);
    put(w, ",\"evaluation\":\"truth\",\"previous\":\"%s\"}", w->previous);
    ouro_sha256_final(&w->sum, digest);
    ouro_sha256_hex(digest, w->previous);
    fputc('\n', w->file);
}

int ouro_ledger_write(const ouro_study *study, const char *path, ouro_error *e) {
    writer w = {.file = fopen(path, "w")};
    int ret = OURO_OK;
    if (!w.file) return ouro_fail(e, OURO_EIO, path, "cannot be created: %s", strerror(errno));
    memset(w.previous, '0', OURO_SHA256_HEX - 1);
    for (size_t p = 0; p < study->points && !ret; p++) {
        const ouro_experiment *x = &study->experiment[p];
        ouro_walk walk = {.policy = &x->policy};
        cJSON *filters = ouro_unbind_sections(1, &(const ouro_filter_list *){&x->filters});
        char *text = filters ? cJSON_PrintUnformatted(filters) : NULL;
        cJSON_Delete(filters);
        if (!text) ret = OURO_ENOMEM;
        for (uint32_t t = 1; t <= x->setting.generations && !ret && !ferror(w.file); t++) {
            ret = ouro_walk_step(&walk);
            if (!ret) put_line(&w, &walk, p, text, &x->filters);
            ouro_walk_retire(&walk);
        }
        ouro_walk_free(&walk);
        cJSON_free(text);
    }
    int closed = ouro_rundir_finish_file(w.file, path, e);
    if (ret) return ouro_fail(e, ret, path, "out of memory");
    return closed;
}
