/* ledger_read.h: ledger.jsonl, line by line, with its chain of checksums checked on the way. */
#ifndef OURO_IO_LEDGER_READ_H
#define OURO_IO_LEDGER_READ_H
#include <stdio.h>

#include "json.h"
#include "sha256.h"

typedef struct ouro_ledger_reader {
    FILE *file;
    const char *path; /* the caller's */
    char *line;       /* without its line end */
    size_t cap;
    uint64_t number;                /* of the line read last, from 1 */
    char previous[OURO_SHA256_HEX]; /* sha256 of the line read last */
} ouro_ledger_reader;

/* OURO_EIO when it cannot be opened. */
int ouro_ledger_open(ouro_ledger_reader *r, const char *path, ouro_error *e) OURO_CHECKED;
/* *line: the next line, the caller's (cJSON_Delete), or NULL at the end. OURO_ECHECK, naming the line, when it is not JSON or
 * does not carry the checksum of the one before; OURO_EIO, OURO_ENOMEM. O(length of the line). */
int ouro_ledger_next(ouro_ledger_reader *r, cJSON **line, ouro_error *e) OURO_CHECKED;
void ouro_ledger_close(ouro_ledger_reader *r); /* twice is allowed */

#endif
