/* study_data.c: the observations that a truth names. */
#include "ouro/mem.h"
#include "sha256.h"
#include "study_source.h"
#include "text.h"
#include "text_tokens.h"
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

/* Counts of pairs of tokens, which two columns name. */
static int read_pairs(reading *r, const uint64_t *count) {
    const ouro_texts *names = &r->config->truth.pairs;
    ouro_error e = {0};
    size_t index[2];
    int ret = OURO_OK;
    ouro_pair_counts *counted = ouro_arena_alloc(&r->study->keep, 1, sizeof *counted);
    if (!counted) return OURO_ENOMEM;
    for (size_t i = 0; i < 2; i++)
        OURO_TRY(pass_on(r, "truth.pairs", ouro_csv_column(&r->csv, names->values[i], &index[i], &e), &e));
    ret = ouro_table_pairs(&r->csv, index[0], index[1], count, &r->study->keep, counted, &e);
    ret = pass_on(r, "truth.pairs", ret, &e);
    r->config->truth.counted = counted;
out:
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
    if (c->truth.pairs.len) return read_pairs(r, count);
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

enum { MOST_TEXT = 1 << 30 }; /* bytes */

static int read_text(reading *r) {
    ouro_config *c = r->config;
    ouro_error e = {0};
    char *text = NULL;
    size_t len;
    int ret;
    const ouro_token_rule rule = {.letters = c->truth.tokens == OURO_LETTERS,
                                  .lowercase = c->truth.lowercase,
                                  .keep = c->truth.punctuation == OURO_KEEP,
                                  .vocabulary = c->truth.vocabulary,
                                  .held_out = c->truth.held_out};
    ouro_pair_counts *counted = ouro_arena_alloc(&r->study->keep, 1, sizeof *counted);
    if (!counted) return OURO_ENOMEM;
    OURO_TRY(pass_on(r, "truth.text", ouro_text_load(c->truth.text, MOST_TEXT, &text, &len, &e), &e));
    OURO_TRY(pass_on(r, "truth.text", note_input(r->study, c->truth.text, &e), &e));
    ret = ouro_text_pairs(c->truth.text, text, len, &rule, &r->study->keep, counted, &e);
    ret = pass_on(r, "truth.text", ret, &e);
    c->truth.counted = counted;
out:
    ouro_free(text);
    return ret;
}

static int same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static int same_texts(const ouro_texts *a, const ouro_texts *b) {
    int same = a->len == b->len;
    for (size_t i = 0; same && i < a->len; i++) same = !strcmp(a->values[i], b->values[i]);
    return same;
}

/* Whether what `from` has read is what `config` asks for. */
static int reads_alike(const ouro_config *from, const ouro_config *config) {
    const ouro_config *a = from, *b = config;
    if (!a->truth.row && !a->truth.count && !a->truth.counted) return 0;
    return same_text(a->truth.data, b->truth.data) && same_text(a->truth.counts, b->truth.counts) &&
           same_text(a->truth.labels, b->truth.labels) && same_texts(&a->truth.columns, &b->truth.columns) &&
           same_texts(&a->truth.pairs, &b->truth.pairs) && same_text(a->truth.text, b->truth.text) &&
           (!a->truth.text ||
            (a->truth.tokens == b->truth.tokens && a->truth.lowercase == b->truth.lowercase &&
             a->truth.punctuation == b->truth.punctuation && a->truth.vocabulary == b->truth.vocabulary &&
             !(a->truth.held_out < b->truth.held_out) && !(a->truth.held_out > b->truth.held_out)));
}

/* Which columns of a table are asked for; 0 after a complaint. */
static int check_columns(reading *r) {
    const ouro_config *c = r->config;
    const char *what = NULL, *path = "truth";
    if (!c->truth.columns.len == !c->truth.counts) {
        what = c->truth.counts ? "both columns and counts are given: keep columns for numbers, or counts for "
                                 "categories"
                               : "say which columns hold the numbers (columns), or which one the counts of "
                                 "categories (counts)";
    } else if (c->truth.pairs.values && c->truth.pairs.len != 2) {
        path = "truth.pairs";
        what = "name two columns, that of a token and that of the one that follows it";
    } else if (c->truth.pairs.len && !c->truth.counts) {
        path = "truth.pairs";
        what = "name the column of counts too (truth.counts)";
    } else if (c->truth.pairs.len && c->truth.labels) {
        path = "truth.labels";
        what = "the pairs name the categories here: remove it";
    }
    if (what) wrong(r, path, what);
    return !what;
}

int ouro_study_data(ouro_study *s, ouro_config *config, cJSON *root, ouro_diagnostics *d) {
    reading r = {.study = s, .config = config, .root = root, .out = d};
    ouro_error e = {0};
    int ret = OURO_OK;
    if (!config->truth.data && !config->truth.text) return OURO_OK;
    if (config->truth.data && !check_columns(&r)) return OURO_ECONFIG;
    for (const ouro_config *same = s->config; same < config; same++) { /* points of a sweep share their data */
        if (!reads_alike(same, config)) continue;
        config->truth.rows = same->truth.rows, config->truth.dim = same->truth.dim;
        config->truth.row = same->truth.row, config->truth.count = same->truth.count;
        config->truth.categories = same->truth.categories, config->truth.counted = same->truth.counted;
        return OURO_OK;
    }
    if (config->truth.text) return read_text(&r);
    OURO_TRY(pass_on(&r, "truth.data", ouro_csv_load(config->truth.data, &r.csv, &e), &e));
    OURO_TRY(pass_on(&r, "truth.data", note_input(s, config->truth.data, &e), &e));
    ret = config->truth.counts ? read_counts(&r) : read_columns(&r);
out:
    ouro_csv_free(&r.csv);
    return ret;
}
