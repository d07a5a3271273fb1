/* csv.c: RFC 4180 tables with LF line ends. Numbers are %.17g, so that they read back to the same double; an empty cell
 * means not defined, infinities are spelled inf and -inf.                                                    */
#include "ouro/mem.h"
#include "ouro/sink.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct csv {
    FILE *file;
    char path[512];
    size_t len;
    int failed; /* errno of the first failure */
} csv;

static void note(csv *c, int ok) {
    if (!ok && !c->failed) c->failed = errno ? errno : EIO;
}

static void put_string(csv *c, const char *s) {
    if (!strpbrk(s, ",\"\r\n")) {
        note(c, fputs(s, c->file) >= 0);
        return;
    }
    note(c, fputc('"', c->file) != EOF);
    for (; *s; s++) {
        if (*s == '"') note(c, fputc('"', c->file) != EOF);
        note(c, fputc(*s, c->file) != EOF);
    }
    note(c, fputc('"', c->file) != EOF);
}

static void put_number(csv *c, double x) {
    if (isnan(x)) return;
    if (isinf(x))
        note(c, fputs(x > 0 ? "inf" : "-inf", c->file) >= 0);
    else if (x == rint(x) && fabs(x) < 1e15)
        note(c, fprintf(c->file, "%" PRId64, (int64_t)x) > 0); /* as %.17g writes it, faster; -0 is written 0 */
    else
        note(c, fprintf(c->file, "%.17g", x) > 0);
}

static int row(void *self, const ouro_cell *cells) {
    csv *c = self;
    for (size_t i = 0; i < c->len; i++) {
        if (i) note(c, fputc(',', c->file) != EOF);
        switch (cells[i].kind) {
        case OURO_CELL_EMPTY: break;
        case OURO_CELL_INTEGER: note(c, fprintf(c->file, "%" PRIu64, cells[i].as.integer) > 0); break;
        case OURO_CELL_NUMBER: put_number(c, cells[i].as.number); break;
        case OURO_CELL_STRING: put_string(c, cells[i].as.string); break;
        }
    }
    note(c, fputc('\n', c->file) != EOF);
    return c->failed ? OURO_EIO : OURO_OK;
}

static int open_csv(void **self, const char *path, size_t len, const char *const *columns, ouro_error *e) {
    csv *c = ouro_alloc(1, sizeof *c);
    *self = NULL;
    if (!c) return ouro_fail(e, OURO_ENOMEM, path, "out of memory");
    c->file = fopen(path, "w");
    if (!c->file) {
        ouro_free(c);
        return ouro_fail(e, OURO_EIO, path, "cannot be created: %s", strerror(errno));
    }
    snprintf(c->path, sizeof c->path, "%s", path);
    c->len = len;
    for (size_t i = 0; i < len; i++) {
        if (i) note(c, fputc(',', c->file) != EOF);
        put_string(c, columns[i]);
    }
    note(c, fputc('\n', c->file) != EOF);
    *self = c;
    return OURO_OK;
}

static int close_csv(void *self, ouro_error *e) {
    csv *c = self;
    int ret = OURO_OK;
    if (!c) return OURO_OK;
    note(c, fflush(c->file) == 0);
    note(c, fsync(fileno(c->file)) == 0 || errno == EINVAL);
    note(c, fclose(c->file) == 0);
    if (c->failed) ret = ouro_fail(e, OURO_EIO, c->path, "cannot be written: %s", strerror(c->failed));
    ouro_free(c);
    return ret;
}

const ouro_sink_type ouro_sink_csv = {
    .name = "csv",
    .doc = "Comma-separated table, RFC 4180 with LF line ends, numbers with 17 digits.",
    .suffix = ".csv",
    .open = open_csv,
    .row = row,
    .close = close_csv,
};
