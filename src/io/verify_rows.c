/* verify_rows.c: trajectories.csv and passages.csv read back into the results that it came from: 17 digits give the same doubles, so whatever
 * is computed from the rows must come out the same to the last byte. */
#include "ouro/mem.h"
#include "ouro/precision.h"
#include "run_read.h"
#include "verify_files.h"
#include <string.h>

enum { KEYS = 4 }; /* point, replicate, generation, status */

/* Whether the row read last is that of `expected`: point, replicate, generation. */
static int check_keys(const ouro_table_reader *t, const uint64_t *expected, ouro_error *e) {
    int ret = OURO_OK;
    if (!t->cell[0])
        return ouro_table_fail(
            t, OURO_ECHECK, e, "the file ends before point %llu, replicate %llu, generation %llu of the run",
            (unsigned long long)expected[0], (unsigned long long)expected[1], (unsigned long long)expected[2]);
    for (size_t i = 0; i < KEYS - 1; i++) {
        uint64_t key;
        OURO_TRY(ouro_table_count(t, i, &key, e));
        if (key != expected[i]) {
            ret = ouro_table_fail(t, OURO_ECHECK, e, "%s: says %llu where the run has %llu", t->name[i],
                                  (unsigned long long)key, (unsigned long long)expected[i]);
            goto out;
        }
    }
out:
    return ret;
}

static int read_row(const ouro_table_reader *t, const size_t *place, ouro_results *r, size_t i, size_t g,
                    ouro_error *e) {
    int ret = OURO_OK;
    const size_t row = i * r->generations + g;
    const char *status = t->cell[KEYS - 1];
    r->absorbed[row] = !strcmp(status, "absorbed");
    if (!r->absorbed[row] && strcmp(status, "ok"))
        return ouro_table_fail(t, OURO_ECHECK, e, "status: \"%.40s\" is neither ok nor absorbed", status);
    for (size_t m = 0; m < r->columns; m++) OURO_TRY(ouro_table_real(t, place[m], &r->value[row * r->columns + m], e));
out:
    return ret;
}

/* A point's first passages; a table that is not there has none. */
static int read_passages(ouro_table_reader *t, size_t point, ouro_results *r, ouro_error *e) {
    int ret = OURO_OK;
    for (size_t i = 0; i < r->replicates; i++)
        for (size_t k = 0; k < r->events; k++) {
            uint64_t key[2] = {0, 0}, generation = 0;
            OURO_TRY(ouro_table_next(t, e));
            for (size_t c = 0; t->cell[0] && c < 2; c++) OURO_TRY(ouro_table_count(t, c, &key[c], e));
            if (!t->cell[0] || key[0] != point || key[1] != i || strcmp(t->cell[2], r->experiment->events[k].name)) {
                ret = ouro_table_fail(t, OURO_ECHECK, e, "point %zu, replicate %zu, event %s of the run should be here",
                                      point, i, r->experiment->events[k].name);
                goto out;
            }
            if (*t->cell[3]) OURO_TRY(ouro_table_count(t, 3, &generation, e));
            r->passage[i * r->events + k] = (uint32_t)generation;
        }
out:
    return ret;
}

/* The next replicates of a point, up to `to` of them. */
static int read_rows(ouro_table_reader *t, const size_t *place, size_t point, uint64_t to, ouro_results *r,
                     ouro_error *e) {
    const size_t from = r->replicates;
    int ret;
    OURO_TRY(ouro_results_grow(r, to, e));
    for (size_t i = from; i < r->replicates; i++)
        for (size_t g = 0; g < r->generations; g++) {
            const uint64_t expected[] = {point, i, r->experiment->observed[g]};
            OURO_TRY(ouro_table_next(t, e));
            OURO_TRY(check_keys(t, expected, e));
            OURO_TRY(read_row(t, place, r, i, g, e));
        }
out:
    return ret;
}

/* As many replicates as these themselves ask for: run.stop decides from the rows as it did in the run. */
static int read_point(ouro_table_reader *t, ouro_table_reader *passages, const ouro_experiment *x, size_t point,
                      ouro_output *to, ouro_error *e) {
    ouro_results r = ouro_results_of(x);
    size_t *place = ouro_alloc(r.columns, sizeof *place);
    int ret = OURO_ENOMEM;
    if (!place) {
        ouro_fail(e, ret, t->path, "out of memory for the rows of a point");
        goto out;
    }
    for (size_t m = 0; m < r.columns; m++) OURO_TRY(ouro_table_column(t, x->columns[m].name, &place[m], e));
    for (;;) {
        uint64_t next;
        if ((ret = ouro_precision_next(&r, &next)) != OURO_OK) {
            ouro_fail(e, ret, t->path, "out of memory for the rows of a point");
            goto out;
        }
        if (next == r.replicates) break;
        OURO_TRY(read_rows(t, place, point, next, &r, e));
    }
    OURO_TRY(read_passages(passages, point, &r, e));
    ret = ouro_output_point(to, point, &r, e);
out:
    ouro_free(place);
    ouro_results_free(&r);
    return ret;
}

static int verify_point_rows(ouro_table_reader *t, ouro_table_reader *passages, const ouro_study *s, ouro_output *to,
                             ouro_error *e) {
    int ret = OURO_OK;
    for (size_t p = 0; p < s->points; p++) OURO_TRY(read_point(t, passages, &s->experiment[p], p, to, e));
    OURO_TRY(ouro_table_next(t, e));
    if (t->cell[0]) ret = ouro_table_fail(t, OURO_ECHECK, e, "the run has no further row");
    if (ret || !passages->file) goto out;
    OURO_TRY(ouro_table_next(passages, e));
    if (passages->cell[0]) ret = ouro_table_fail(passages, OURO_ECHECK, e, "the run has no further row");
out:
    return ret;
}

int ouro_verify_rows(const char *dir, const ouro_study *s, ouro_output *to, ouro_error *e) {
    static const char *const keys[KEYS] = {"point", "replicate", "generation", "status"};
    ouro_table_reader t = {0}, passages = {0};
    size_t events = 0;
    int ret;
    OURO_TRY(ouro_table_open(&t, dir, "trajectories.csv", e));
    for (size_t i = 0; i < KEYS; i++)
        if (i >= t.columns || strcmp(t.name[i], keys[i])) {
            ret = ouro_table_fail(&t, OURO_ECHECK, e, "column %zu is not \"%s\"", i + 1, keys[i]);
            goto out;
        }
    for (size_t p = 0; p < s->points; p++) events += s->experiment[p].events_len;
    if (events) OURO_TRY(ouro_table_open(&passages, dir, "passages.csv", e));
    if (passages.file && passages.columns != 4) {
        ret = ouro_table_fail(&passages, OURO_ECHECK, e, "there are %zu columns, not 4", passages.columns);
        goto out;
    }
    ret = verify_point_rows(&t, &passages, s, to, e);
out:
    ouro_table_close(&passages);
    ouro_table_close(&t);
    return ret;
}
