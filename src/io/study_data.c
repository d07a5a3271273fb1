/* study_data.c: the observations that a truth names. */
#include "ouro/mem.h"
#include "sha256.h"
#include "study_source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reading {
    ouro_study *study;
    ouro_config *config;
    cJSON *root;
    ouro_diagnostics *out;
    ouro_csv csv;
} reading;

static cJSON *node(reading *r, const char *path) { return ouro_json_get(r->root, path); }

static void wrong(reading *r, const char *path, const char *what) {
    cJSON *at = node(r, path);
    ouro_diagnose(r->out, &r->study->source->sources, at ? at : node(r, "truth"), 0, path, "%s", what);
}

/* An error found in the data file, told where the config names the file; e->where is the place in the data. */
static int pass_on(reading *r, const char *path, int ret, const ouro_error *e) {
    char what[640];
    if (ret == OURO_OK || ret == OURO_ENOMEM) return ret;
    snprintf(what, sizeof what, "%s: %s", e->where, e->what);
    wrong(r, path, what);
    return OURO_ECONFIG;
}

static int read_columns(reading *r) {
    ouro_config *c = r->config;
    ouro_error e = {0};
    size_t rows = r->csv.rows, dim = c->truth.columns.len, index;
    int ret = OURO_OK;
    double *row = ouro_arena_alloc(&r->study->keep, rows * dim, sizeof *row);
    double *column = ouro_alloc(rows, sizeof *column);
    if (!row || !column) {
        ret = OURO_ENOMEM;
        goto out;
    }
    for (size_t j = 0; j < dim; j++) {
        OURO_TRY(pass_on(r, "truth.columns", ouro_csv_column(&r->csv, c->truth.columns.values[j], &index, &e), &e));
        OURO_TRY(pass_on(r, "truth.data", ouro_csv_numbers(&r->csv, index, column, &e), &e));
        for (size_t i = 0; i < rows; i++) row[i * dim + j] = column[i];
    }
    c->truth.row = row;
    c->truth.rows = rows;
    c->truth.dim = dim;
out:
    ouro_free(column);
    return ret;
}

typedef struct cell {
    const char *text;
    size_t row;
} cell;

static int by_text(const void *a, const void *b) {
    const cell *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Two rows with one label would be two categories that a reader takes for one. */
static int check_labels(reading *r, size_t index) {
    int ret = OURO_OK;
    char what[256];
    cell *cells = ouro_alloc(r->csv.rows, sizeof *cells);
    if (!cells) return OURO_ENOMEM;
    for (size_t i = 0; i < r->csv.rows; i++) cells[i] = (cell){ouro_csv_cell(&r->csv, i, index), i};
    qsort(cells, r->csv.rows, sizeof *cells, by_text);
    for (size_t i = 1; i < r->csv.rows && !ret; i++) {
        if (strcmp(cells[i].text, cells[i - 1].text)) continue;
        snprintf(what, sizeof what, "%s: the label \"%.60s\" stands on lines %u and %u; add their counts up in one row",
                 r->csv.file, cells[i].text, r->csv.lines[cells[i - 1].row], r->csv.lines[cells[i].row]);
        wrong(r, "truth.labels", what);
        ret = OURO_ECONFIG;
    }
    ouro_free(cells);
    return ret;
}

static int read_counts(reading *r) {
    ouro_config *c = r->config;
    ouro_error e = {0};
    size_t index;
    int ret;
    uint64_t *count = ouro_arena_alloc(&r->study->keep, r->csv.rows, sizeof *count);
    if (!count) return OURO_ENOMEM;
    OURO_TRY(pass_on(r, "truth.counts", ouro_csv_column(&r->csv, c->truth.counts, &index, &e), &e));
    OURO_TRY(pass_on(r, "truth.data", ouro_csv_counts(&r->csv, index, count, &e), &e));
    if (c->truth.labels) {
        OURO_TRY(pass_on(r, "truth.labels", ouro_csv_column(&r->csv, c->truth.labels, &index, &e), &e));
        OURO_TRY(check_labels(r, index));
    }
    c->truth.count = count;
    c->truth.categories = r->csv.rows;
out:
    return ret;
}

/* The checksum of each file, once. */
static int note_input(ouro_study *s, const char *path, ouro_error *e) {
    for (size_t i = 0; i < s->inputs; i++)
        if (!strcmp(s->input[i].path, path)) return OURO_OK;
    ouro_input *grown = ouro_arena_alloc(&s->keep, s->inputs + 1, sizeof *grown);
    if (!grown) return OURO_ENOMEM;
    if (s->inputs) memcpy(grown, s->input, s->inputs * sizeof *grown);
    grown[s->inputs].path = path;
    s->input = grown;
    return ouro_sha256_file(path, grown[s->inputs++].sha256, e);
}

static int same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

/* Whether what `from` has read is what `config` asks for. */
static int reads_alike(const ouro_config *from, const ouro_config *config) {
    const ouro_texts *a = &from->truth.columns, *b = &config->truth.columns;
    int same = (from->truth.row || from->truth.count) && same_text(from->truth.data, config->truth.data) &&
               same_text(from->truth.counts, config->truth.counts) &&
               same_text(from->truth.labels, config->truth.labels) && a->len == b->len;
    for (size_t i = 0; same && i < a->len; i++) same = !strcmp(a->values[i], b->values[i]);
    return same;
}

int ouro_study_data(ouro_study *s, ouro_config *config, cJSON *root, ouro_diagnostics *d) {
    reading r = {.study = s, .config = config, .root = root, .out = d};
    ouro_error e = {0};
    int ret = OURO_OK;
    if (!config->truth.data) return OURO_OK;
    if (!config->truth.columns.len == !config->truth.counts) {
        wrong(&r, "truth",
              config->truth.counts ? "both columns and counts are given: keep columns for numbers, or counts for "
                                     "categories"
                                   : "say which columns hold the numbers (columns), or which one the counts of "
                                     "categories (counts)");
        return OURO_ECONFIG;
    }
    for (const ouro_config *same = s->config; same < config; same++) { /* points of a sweep share their data */
        if (!reads_alike(same, config)) continue;
        config->truth.rows = same->truth.rows, config->truth.dim = same->truth.dim;
        config->truth.row = same->truth.row, config->truth.count = same->truth.count;
        config->truth.categories = same->truth.categories;
        return OURO_OK;
    }
    OURO_TRY(pass_on(&r, "truth.data", ouro_csv_load(config->truth.data, &r.csv, &e), &e));
    OURO_TRY(pass_on(&r, "truth.data", note_input(s, config->truth.data, &e), &e));
    ret = config->truth.counts ? read_counts(&r) : read_columns(&r);
out:
    ouro_csv_free(&r.csv);
    return ret;
}
