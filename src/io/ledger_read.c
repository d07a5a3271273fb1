/* ledger_read.c: ledger.jsonl read back. A line counts only when it carries the sha256 of the line before it.  */
#include "ledger_read.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ouro_ledger_open(ouro_ledger_reader *r, const char *path, ouro_error *e) {
    *r = (ouro_ledger_reader){.file = fopen(path, "r"), .path = path};
    memset(r->previous, '0', OURO_SHA256_HEX - 1);
    return r->file ? OURO_OK : ouro_fail(e, OURO_EIO, path, "cannot be read: %s", strerror(errno));
}

static int broken(const ouro_ledger_reader *r, const char *what, ouro_error *e) {
    char where[128];
    ouro_text_where(r->path, r->number, NULL, sizeof where, where);
    return ouro_fail(e, OURO_ECHECK, where, "%s", what);
}

int ouro_ledger_next(ouro_ledger_reader *r, cJSON **line, ouro_error *e) {
    ouro_json_sources sources = {0};
    ouro_error why = {0};
    int ret;
    *line = NULL;
    ssize_t len = getline(&r->line, &r->cap, r->file);
    if (len < 0) {
        if (feof(r->file)) return OURO_OK;
        return ouro_fail(e, errno == ENOMEM ? OURO_ENOMEM : OURO_EIO, r->path, "cannot be read: %s", strerror(errno));
    }
    r->number++;
    if (len && r->line[len - 1] == '\n') r->line[--len] = '\0';
    ret = ouro_json_parse(&sources, r->path, r->line, (size_t)len, line, &why);
    ouro_json_sources_free(&sources);
    if (ret == OURO_ENOMEM) return ouro_fail(e, ret, r->path, "out of memory");
    if (ret) return broken(r, "this line is not JSON: the ledger was changed after the run", e);
    const cJSON *previous = cJSON_GetObjectItemCaseSensitive(*line, "previous");
    if (!cJSON_IsString(previous) || strcmp(previous->valuestring, r->previous)) {
        cJSON_Delete(*line);
        *line = NULL;
        return broken(
            r,
            "the chain is broken: this line does not carry the sha256 of the line before it, so one of the two "
            "was changed, added or taken out after the run",
            e);
    }
    ouro_sha256_buffer(r->line, (size_t)len, r->previous);
    return OURO_OK;
}

void ouro_ledger_close(ouro_ledger_reader *r) {
    if (r->file) fclose(r->file);
    free(r->line); /* getline's */
    r->file = NULL;
    r->line = NULL;
}
