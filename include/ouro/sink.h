/* sink.h: turns rows into bytes. A sink writes one table to one file; rows come from one thread, in order. */
#ifndef OURO_SINK_H
#define OURO_SINK_H
#include "ouro/error.h"
#include <stddef.h>
#include <stdint.h>

typedef enum ouro_cell_kind { OURO_CELL_EMPTY, OURO_CELL_INTEGER, OURO_CELL_NUMBER, OURO_CELL_STRING } ouro_cell_kind;
typedef struct ouro_cell {
    ouro_cell_kind kind;
    union {
        uint64_t integer;
        double number; /* NaN is written as an empty cell, infinities as inf and -inf */
        const char *string;
    } as;
} ouro_cell;

#define OURO_INTEGER_CELL(x) ((ouro_cell){OURO_CELL_INTEGER, {.integer = (x)}})
#define OURO_NUMBER_CELL(x) ((ouro_cell){OURO_CELL_NUMBER, {.number = (x)}})
#define OURO_STRING_CELL(x) ((ouro_cell){OURO_CELL_STRING, {.string = (x)}})

typedef struct ouro_sink_type {
    const char *name, *doc, *suffix;
    int (*open)(void **self, const char *path, size_t len, const char *const *columns, ouro_error *e);
    int (*row)(void *self, const ouro_cell *cells); /* OURO_EIO when the disk is full; details come from close */
    int (*close)(void *self, ouro_error *e);        /* flushes to the disk and frees self, also after a failure */
} ouro_sink_type;

#endif
