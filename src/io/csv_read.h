/* csv_read.h: a strict reader of data files.
 *
 * RFC 4180: comma-separated, a header row, cells in double quotes where they hold a comma, quote or newline;
 * lines end in LF or CRLF. UTF-8 without byte order mark. Spaces belong to the cell. Nothing is guessed or
 * skipped: what does not fit is an error with file, line, and column name. */
#ifndef OURO_IO_CSV_READ_H
#define OURO_IO_CSV_READ_H
#include <stddef.h>
#include <stdint.h>

#include "ouro/error.h"

#define OURO_CSV_BYTES ((size_t)1 << 30) /* of one file, so that an offset fits 32 bits */

/* Zeroed memory is an empty one. All strings live in `text`. */
typedef struct ouro_csv {
    char *file; /* the path as given */
    size_t columns, rows;
    const char **names; /* columns                                             */
    uint32_t *cells;    /* rows x columns, row-major: offset of the cell's text */
    uint32_t *lines;    /* rows: the line, from 1, on which the row begins      */
    char *text;         /* the file, each cell unquoted and NUL-terminated      */
} ouro_csv;

/* OURO_EIO: missing, unreadable, a directory; OURO_ECONFIG: not such a file, or too big; OURO_ENOMEM. *out is
 * set up by the call and empty after a failure. O(size of the file). */
int ouro_csv_load(const char *path, ouro_csv *out, ouro_error *e) OURO_CHECKED;
void ouro_csv_free(ouro_csv *csv); /* NULL is allowed, after a failed load, and twice */

/* The text of one cell, "" when empty. row < rows, column < columns. Lives as long as the csv. */
const char *ouro_csv_cell(const ouro_csv *csv, size_t row, size_t column);

/* The index of the column of that name. OURO_ECONFIG when there is none: e lists them and the nearest. */
int ouro_csv_column(const ouro_csv *csv, const char *name, size_t *index, ouro_error *e) OURO_CHECKED;

/* All cells of a column, out[rows], as finite decimal numbers. OURO_ECONFIG at the first that is none (blank,
 * NA, nan, inf, hexadecimal, spaces, out of the range of a double), with e->where "file:line:column-name".
 * O(rows). */
int ouro_csv_numbers(const ouro_csv *csv, size_t column, double *out, ouro_error *e) OURO_CHECKED;

/* The same for whole numbers in [0, 2^53 - 1]; a fraction of zeros ("3.0") is allowed. */
int ouro_csv_counts(const ouro_csv *csv, size_t column, uint64_t *out, ouro_error *e) OURO_CHECKED;

#endif
