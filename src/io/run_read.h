/* run_read.h: a run directory read back: its manifest, and its tables row by row, however large they are. */
#ifndef OURO_IO_RUN_READ_H
#define OURO_IO_RUN_READ_H
#include "json.h"
#include <stdio.h>

/* *manifest: the caller's (cJSON_Delete), NULL on failure. OURO_ECONFIG: dir is no run directory, or its manifest is not
 * one; OURO_EIO, OURO_ENOMEM. */
int ouro_run_manifest(const char *dir, cJSON **manifest, ouro_error *e) OURO_CHECKED;

/* Splits a line of comma-separated values in place: cell[0..most). Quotes are taken off. Returns how many there were. */
size_t ouro_table_split(char *line, size_t most, char **cell);

/* A table of a run. Zeroed memory is a closed one. */
typedef struct ouro_table_reader {
    FILE *file;
    char path[1200];
    uint64_t number; /* of the line read last, from 1 */
    size_t columns;
    char *header, **name; /* [columns] */
    char *line, **cell;   /* [columns] of the row read last; cell[0] is NULL after the end */
    size_t cap;
} ouro_table_reader;

/* Opens DIR/name and reads its header. OURO_ECHECK: it is missing or has no header; OURO_EIO: unreadable; OURO_ENOMEM. */
int ouro_table_open(ouro_table_reader *r, const char *dir, const char *name, ouro_error *e) OURO_CHECKED;
/* The next row into r->cell; cell[0] is NULL at the end. OURO_ECHECK, naming the line, where it has more or fewer cells than
 * the header, or is not ended; OURO_EIO, OURO_ENOMEM. O(length of the line). */
int ouro_table_next(ouro_table_reader *r, ouro_error *e) OURO_CHECKED;
/* The column of that name; OURO_ECHECK when there is none. */
int ouro_table_column(const ouro_table_reader *r, const char *name, size_t *column, ouro_error *e) OURO_CHECKED;
/* A cell of the row as a number, NaN when empty; as a whole number. OURO_ECHECK, naming line and column, when it is none. */
int ouro_table_real(const ouro_table_reader *r, size_t column, double *out, ouro_error *e) OURO_CHECKED;
int ouro_table_count(const ouro_table_reader *r, size_t column, uint64_t *out, ouro_error *e) OURO_CHECKED;
/* Records a failure at the row read last, with its line. Returns code. */
int ouro_table_fail(const ouro_table_reader *r, int code, ouro_error *e, const char *fmt, ...) OURO_PRINTF(4, 5);
void ouro_table_close(ouro_table_reader *r); /* twice is allowed */

#endif
