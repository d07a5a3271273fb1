/* run_read.c: a run directory read back. */
#include "run_read.h"
#include "ouro/mem.h"
#include "text.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int ouro_run_manifest(const char *dir, cJSON **manifest, ouro_error *e) {
    char path[1200];
    ouro_json_sources sources = {0};
    struct stat there;
    *manifest = NULL;
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    if (stat(path, &there) && (errno == ENOENT || errno == ENOTDIR))
        return ouro_fail(e, OURO_ECONFIG, dir, "is no run directory: it holds no manifest.json");
    int ret = ouro_json_load(&sources, path, manifest, e);
    ouro_json_sources_free(&sources);
    if (!ret && !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(*manifest, "outputs"))) {
        cJSON_Delete(*manifest);
        *manifest = NULL;
        ret = ouro_fail(e, OURO_ECONFIG, path, "is not the manifest of a run: it lists no outputs");
    }
    return ret;
}

size_t ouro_table_split(char *line, size_t most, char **cell) {
    size_t len = 0;
    char *from = line, *to = line;
    line[strcspn(line, "\r\n")] = '\0';
    while (len < most) {
        const int quoted = *from == '"';
        cell[len++] = to;
        from += quoted;
        for (; *from && (quoted || *from != ','); from++) {
            if (quoted && *from == '"' && *++from != '"') break; /* the quote that ends it */
            *to++ = *from;
        }
        const int more = *from == ',';
        *to++ = '\0'; /* never beyond what has been read */
        if (!more) break;
        from++;
    }
    return len;
}

int ouro_table_fail(const ouro_table_reader *r, int code, ouro_error *e, const char *fmt, ...) {
    char where[sizeof e->where], what[sizeof e->what];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    ouro_text_where(r->path, r->number, NULL, sizeof where, where);
    return ouro_fail(e, code, where, "%s", what);
}

/* The next line; r->number tells which. *len < 0 at the end. */
static int get_line(ouro_table_reader *r, ssize_t *len, ouro_error *e) {
    errno = 0;
    *len = getline(&r->line, &r->cap, r->file);
    if (*len < 0 && !feof(r->file))
        return ouro_fail(e, errno == ENOMEM ? OURO_ENOMEM : OURO_EIO, r->path, "cannot be read: %s", strerror(errno));
    r->number++;
    return OURO_OK;
}

int ouro_table_open(ouro_table_reader *r, const char *dir, const char *name, ouro_error *e) {
    ssize_t len;
    *r = (ouro_table_reader){0};
    snprintf(r->path, sizeof r->path, "%s/%s", dir, name);
    if (!(r->file = fopen(r->path, "r")))
        return errno == ENOENT ? ouro_fail(e, OURO_ECHECK, r->path, "is missing")
                               : ouro_fail(e, OURO_EIO, r->path, "cannot be read: %s", strerror(errno));
    int ret = get_line(r, &len, e);
    if (ret) return ret;
    if (len < 1) return ouro_table_fail(r, OURO_ECHECK, e, "the header is missing");
    size_t most = 1;
    for (ssize_t i = 0; i < len; i++) most += r->line[i] == ',';
    r->header = ouro_strdup(r->line);
    r->name = ouro_alloc(most, sizeof *r->name);
    r->cell = ouro_alloc(most + 1, sizeof *r->cell); /* one more than there may be, to notice it */
    if (!r->header || !r->name || !r->cell) return ouro_fail(e, OURO_ENOMEM, r->path, "out of memory");
    r->columns = ouro_table_split(r->header, most, r->name);
    return OURO_OK;
}

int ouro_table_next(ouro_table_reader *r, ouro_error *e) {
    ssize_t len;
    int ret = get_line(r, &len, e);
    if (ret) return ret;
    if (len < 0) {
        r->cell[0] = NULL;
        return OURO_OK;
    }
    if (!len || r->line[len - 1] != '\n' || strlen(r->line) != (size_t)len)
        return ouro_table_fail(r, OURO_ECHECK, e, "the row is cut off");
    const size_t cells = ouro_table_split(r->line, r->columns + 1, r->cell);
    if (cells != r->columns)
        return ouro_table_fail(r, OURO_ECHECK, e, "the row has %s cells than the header's %zu",
                               cells < r->columns ? "fewer" : "more", r->columns);
    return OURO_OK;
}

int ouro_table_column(const ouro_table_reader *r, const char *name, size_t *column, ouro_error *e) {
    for (*column = 0; *column < r->columns; ++*column)
        if (!strcmp(r->name[*column], name)) return OURO_OK;
    return ouro_fail(e, OURO_ECHECK, r->path, "has no column \"%s\"", name);
}

int ouro_table_real(const ouro_table_reader *r, size_t column, double *out, ouro_error *e) {
    const char *text = r->cell[column];
    char *end;
    *out = NAN;
    if (!*text) return OURO_OK;
    *out = strtod(text, &end);
    if (*end || isnan(*out))
        return ouro_table_fail(r, OURO_ECHECK, e, "%s: \"%.40s\" is not a number", r->name[column], text);
    return OURO_OK;
}

int ouro_table_count(const ouro_table_reader *r, size_t column, uint64_t *out, ouro_error *e) {
    const char *text = r->cell[column];
    const size_t digits = strspn(text, "0123456789");
    *out = strtoull(text, NULL, 10);
    if (!digits || text[digits] || digits > 18)
        return ouro_table_fail(r, OURO_ECHECK, e, "%s: \"%.40s\" is not a whole number", r->name[column], text);
    return OURO_OK;
}

void ouro_table_close(ouro_table_reader *r) {
    if (r->file) fclose(r->file);
    ouro_free(r->header);
    ouro_free(r->name);
    ouro_free(r->cell);
    free(r->line); /* getline's */
    *r = (ouro_table_reader){0};
}
