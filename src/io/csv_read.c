/* csv_read.c: RFC 4180 into one buffer of cells. */
#include "csv_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ouro/field.h"
#include "ouro/mem.h"
#include "text.h"

#define NAME_SHOWN 40 /* code points of a column name in a message */

typedef enum ending { END_CELL, END_ROW, END_FILE } ending;

/* The file is read and rewritten in one buffer: a cell never grows by unquoting, and the separator behind it
 * has room for its NUL. */
typedef struct parser {
    ouro_csv *csv;
    size_t len, at;
    uint32_t line; /* of text[at], from 1 */
    size_t cells, cells_cap, rows_cap;
    ouro_error *e;
} parser;

void ouro_csv_free(ouro_csv *csv) {
    if (csv == NULL) return;
    ouro_free(csv->file);
    ouro_free(csv->names);
    ouro_free(csv->cells);
    ouro_free(csv->lines);
    ouro_free(csv->text);
    *csv = (ouro_csv){0};
}

const char *ouro_csv_cell(const ouro_csv *csv, size_t row, size_t column) {
    return csv->text + csv->cells[row * csv->columns + column];
}

static int fail_line(parser *p, uint32_t line, const char *what) {
    char where[sizeof p->e->where];
    ouro_text_where(p->csv->file, line, NULL, sizeof where, where);
    return ouro_fail(p->e, OURO_ECONFIG, where, "%s", what);
}

/* Makes room for one more uint32_t. */
static int reserve(uint32_t **block, size_t len, size_t *cap, parser *p) {
    if (len < *cap) return OURO_OK;
    size_t bigger = *cap == 0 ? 256 : *cap * 2;
    uint32_t *grown = ouro_realloc(*block, bigger, sizeof *grown);
    if (grown == NULL) return ouro_fail(p->e, OURO_ENOMEM, p->csv->file, "out of memory at line %u", (unsigned)p->line);
    *block = grown;
    *cap = bigger;
    return OURO_OK;
}

/* Steps over the comma or line break at text[at] and over-writes its first byte with a NUL. */
static int read_ending(parser *p, ending *end) {
    char *text = p->csv->text;
    char c = text[p->at];
    *end = p->at == p->len ? END_FILE : c == ',' ? END_CELL : END_ROW;
    if (c == '\r' && text[p->at + 1] != '\n')
        return fail_line(p, p->line, "a carriage return without a line feed: save the file with LF or CRLF line ends");
    text[p->at] = '\0';
    p->line += *end == END_ROW;
    p->at += c == '\r' ? 2 : *end == END_FILE ? 0 : 1;
    return OURO_OK;
}

static int read_quoted(parser *p, ending *end) {
    char *text = p->csv->text;
    uint32_t opened = p->line;
    size_t to = p->at;
    p->at++;
    for (;; p->at++) {
        char c = text[p->at];
        if (p->at == p->len)
            return fail_line(p, opened, "a quoted cell that begins here is never closed: add the closing \"");
        if (c == '"' && text[p->at + 1] != '"') break;
        p->at += c == '"';
        p->line += c == '\n';
        text[to++] = c;
    }
    p->at++;
    if (p->at < p->len && strchr(",\r\n", text[p->at]) == NULL)
        return fail_line(p, p->line, "text follows the closing quote of a cell: double the quotes inside it (\"\")");
    int ret = read_ending(p, end);
    text[to] = '\0';
    return ret;
}

static int read_cell(parser *p, ending *end) {
    ouro_csv *csv = p->csv;
    int ret = reserve(&csv->cells, p->cells, &p->cells_cap, p);
    if (ret != OURO_OK) return ret;
    csv->cells[p->cells++] = (uint32_t)p->at;
    if (csv->text[p->at] == '"') return read_quoted(p, end);
    p->at += strcspn(csv->text + p->at, ",\r\n\"");
    if (csv->text[p->at] == '"')
        return fail_line(p, p->line, "a quote inside an unquoted cell: put the cell in quotes and double those inside");
    return read_ending(p, end);
}

/* One row; *count is the number of its cells. */
static int read_row(parser *p, size_t *count, ending *end) {
    int ret = OURO_OK;
    char c = p->csv->text[p->at];
    if (c == '\n' || (c == '\r' && p->csv->text[p->at + 1] == '\n'))
        return fail_line(p, p->line, "an empty line: remove it, or write \"\" for a single empty cell");
    *count = 0;
    do {
        OURO_TRY(read_cell(p, end));
        ++*count;
    } while (*end == END_CELL);
out:
    return ret;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_unique(parser *p) {
    const ouro_csv *csv = p->csv;
    char what[sizeof p->e->what], shown[4 * NAME_SHOWN + 4];
    int ret = OURO_OK;
    const char **sorted = ouro_alloc(csv->columns, sizeof *sorted);
    if (sorted == NULL) return ouro_fail(p->e, OURO_ENOMEM, csv->file, "out of memory for %zu columns", csv->columns);
    memcpy(sorted, csv->names, csv->columns * sizeof *sorted);
    qsort(sorted, csv->columns, sizeof *sorted, compare_names);
    for (size_t i = 1; i < csv->columns && ret == OURO_OK; i++) {
        if (strcmp(sorted[i - 1], sorted[i]) != 0) continue;
        ouro_text_quote(sorted[i], strlen(sorted[i]), NAME_SHOWN, sizeof shown, shown);
        (void)snprintf(what, sizeof what, "two columns are named \"%s\": rename one", shown);
        ret = fail_line(p, 1, what);
    }
    ouro_free(sorted);
    return ret;
}

/* The first row: names that are there, unique, and not data. */
static int read_header(parser *p, ending *end) {
    ouro_csv *csv = p->csv;
    char what[sizeof p->e->what], shown[4 * NAME_SHOWN + 4];
    size_t numbers = 0;
    int ret = read_row(p, &csv->columns, end);
    if (ret != OURO_OK) return ret;
    csv->names = ouro_alloc(csv->columns, sizeof *csv->names);
    if (csv->names == NULL)
        return ouro_fail(p->e, OURO_ENOMEM, csv->file, "out of memory for %zu columns", csv->columns);
    for (size_t i = 0; i < csv->columns; i++) {
        const char *name = csv->names[i] = csv->text + csv->cells[i];
        size_t len = strlen(name);
        char *rest;
        if (len == 0 || name[0] == ' ' || name[0] == '\t' || name[len - 1] == ' ' || name[len - 1] == '\t') {
            ouro_text_quote(name, len, NAME_SHOWN, sizeof shown, shown);
            (void)snprintf(what, sizeof what,
                           len == 0 ? "column %zu has no name: give it one in the first line%s"
                                    : "column %zu: remove the spaces around the name \"%s\"",
                           i + 1, shown);
            return fail_line(p, 1, what);
        }
        (void)strtod(name, &rest);
        numbers += *rest == '\0';
    }
    if (numbers == csv->columns)
        return fail_line(p, 1, "the first line holds only numbers: put a line with the names of the columns above it");
    p->cells = 0; /* names are kept by pointer */
    return check_unique(p);
}

static int read_rows(parser *p) {
    ouro_csv *csv = p->csv;
    char what[sizeof p->e->what];
    size_t count = 0;
    ending end = END_ROW;
    int ret = OURO_OK;
    if (p->len == 0)
        return fail_line(p, 1,
                         "the file is empty: a line with the names of the columns and rows below it were expected");
    OURO_TRY(read_header(p, &end));
    while (end != END_FILE && p->at < p->len) {
        OURO_TRY(reserve(&csv->lines, csv->rows, &p->rows_cap, p));
        csv->lines[csv->rows++] = p->line;
        OURO_TRY(read_row(p, &count, &end));
        if (count == csv->columns) continue;
        (void)snprintf(what, sizeof what, "%zu cell%s where the header has %zu: %s", count, count == 1 ? "" : "s",
                       csv->columns,
                       count > csv->columns ? "put a cell that holds a comma in quotes"
                                            : "fill in the missing cells, or remove the row");
        return fail_line(p, csv->lines[csv->rows - 1], what);
    }
    if (csv->rows == 0) return fail_line(p, 1, "a header, but no row of data below it");
out:
    return ret;
}

/* UTF-8 throughout and no NUL. */
static int check_bytes(parser *p) {
    const char *text = p->csv->text;
    char what[96];
    uint32_t line = 1;
    int ret = ouro_text_encoding(p->csv->file, text, p->len, p->e);
    for (size_t i = 0, n; ret == OURO_OK && i < p->len; i += n) {
        n = (unsigned char)text[i] < 0x80 ? 1 : ouro_utf8_decode(text + i, p->len - i, NULL);
        line += text[i] == '\n';
        if (text[i] == '\0') return fail_line(p, line, "a NUL byte: this is not a text file");
        if (n == 0) {
            (void)snprintf(what, sizeof what, "byte \\x%02X is not UTF-8: save the file as UTF-8",
                           (unsigned)(unsigned char)text[i]);
            return fail_line(p, line, what);
        }
    }
    return ret;
}

int ouro_csv_load(const char *path, ouro_csv *out, ouro_error *e) {
    *out = (ouro_csv){0};
    parser p = {.csv = out, .line = 1, .e = e};
    int ret = ouro_text_load(path, OURO_CSV_BYTES, &out->text, &p.len, e);
    if (ret != OURO_OK) return ret;
    out->file = ouro_strdup(strcmp(path, "-") == 0 ? "<stdin>" : path);
    if (out->file == NULL) ret = ouro_fail(e, OURO_ENOMEM, path, "out of memory for the name");
    if (ret == OURO_OK) ret = check_bytes(&p);
    if (ret == OURO_OK) ret = read_rows(&p);
    if (ret != OURO_OK) ouro_csv_free(out);
    return ret;
}

int ouro_csv_column(const ouro_csv *csv, const char *name, size_t *index, ouro_error *e) {
    char list[192], typed[4 * NAME_SHOWN + 4];
    size_t used = 0, shown = 0;
    for (size_t i = 0; i < csv->columns; i++) {
        if (strcmp(csv->names[i], name) == 0) {
            *index = i;
            return OURO_OK;
        }
    }
    list[0] = '\0';
    for (; shown < csv->columns && used + 40 < sizeof list; shown++) {
        char one[32];
        ouro_text_quote(csv->names[shown], strlen(csv->names[shown]), 20, sizeof one, one);
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", shown > 0 ? ", " : "", one);
    }
    ouro_text_quote(name, strlen(name), 20, sizeof typed, typed);
    const char *near = ouro_nearest(name, csv->columns, csv->names);
    char more[32] = "", meant[96] = "";
    if (shown < csv->columns) (void)snprintf(more, sizeof more, " and %zu more", csv->columns - shown);
    if (near != NULL)
        (void)snprintf(meant, sizeof meant, "; did you mean \"%s\"?", near);
    else if (csv->columns == 1 && strpbrk(csv->names[0], ";\t|") != NULL)
        (void)snprintf(meant, sizeof meant, "; separate columns by commas");
    return ouro_fail(e, OURO_ECONFIG, csv->file, "no column \"%s\"; the columns are %s%s%s", typed, list, more, meant);
}
