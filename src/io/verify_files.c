/* verify_files.c: one file held against what it should be, so that a difference is named as a reader would name it. */
#include "ouro/mem.h"
#include "run_read.h"
#include "text.h"
#include "verify_files.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct lines {
    FILE *file;
    char path[1200];
    char *line; /* NULL at the end */
    char *buffer;
    size_t cap;
    uint64_t number;
} lines;

static int open_lines(lines *l, const char *dir, const char *name, ouro_error *e) {
    *l = (lines){0};
    snprintf(l->path, sizeof l->path, "%s/%s", dir, name);
    l->file = fopen(l->path, "r");
    if (l->file || errno == ENOENT) return OURO_OK;
    return ouro_fail(e, OURO_EIO, l->path, "cannot be read: %s", strerror(errno));
}

static int next_line(lines *l, ouro_error *e) {
    errno = 0;
    const ssize_t len = getline(&l->buffer, &l->cap, l->file);
    if (len < 0 && !feof(l->file))
        return ouro_fail(e, errno == ENOMEM ? OURO_ENOMEM : OURO_EIO, l->path, "cannot be read: %s", strerror(errno));
    l->line = len < 0 ? NULL : l->buffer;
    l->number++;
    return OURO_OK;
}

static void close_lines(lines *l) {
    if (l->file) fclose(l->file);
    free(l->buffer); /* getline's */
    *l = (lines){0};
}

/* "point 0, replicate 3, generation 7, log_variance": the keys of a row, and the first column in which it differs. At the end
 * of `words` what stands there and what should. Splits all three. */
static void describe_row(char *header, char *row, char *right, const char *source, size_t size, char *words) {
    static const char *const keys[] = {"point", "replicate", "generation", "measure"};
    enum { MOST = 4096 };
    char **cell = ouro_alloc(3 * MOST, sizeof *cell), **here = cell + MOST, **there = here + MOST;
    if (!cell) {
        snprintf(words, size, "differs from %s", source);
        return;
    }
    const size_t names = ouro_table_split(header, MOST, cell), a = ouro_table_split(row, MOST, here),
                 b = ouro_table_split(right, MOST, there);
    size_t used = 0, j = 0;
    words[0] = '\0';
    for (size_t i = 0; i < names && i < b; i++)
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            if (!strcmp(cell[i], keys[k]) && used < size)
                used += (size_t)snprintf(words + used, size - used, "%s %.60s, ", keys[k], there[i]);
    while (j < a && j < b && !strcmp(here[j], there[j])) j++;
    if (used >= size) used = size - 1;
    if (a == b && j < a && j < names)
        snprintf(words + used, size - used, "%.60s: says \"%.60s\", %s gives \"%.60s\"", cell[j], here[j], source,
                 there[j]);
    else
        snprintf(words + used, size - used, "the row is another one than %s gives", source);
    ouro_free(cell);
}

/* Some bytes of both lines around the first that differs. */
static void describe_text(const char *row, const char *right, const char *source, size_t size, char *words) {
    char says[160], should[160];
    size_t at = 0;
    while (row[at] && row[at] == right[at]) at++;
    at = at > 30 ? at - 30 : 0;
    ouro_text_quote(row + at, strcspn(row + at, "\n"), 60, sizeof says, says);
    ouro_text_quote(right + at, strcspn(right + at, "\n"), 60, sizeof should, should);
    snprintf(words, size, "says ...%s, %s gives ...%s", says, source, should);
}

static int differ(lines *l, char *header, lines *right, const char *source, ouro_error *e) {
    char where[sizeof e->where], words[sizeof e->what];
    const int table = strstr(l->path, ".csv") != NULL;
    ouro_text_where(l->path, l->number, NULL, sizeof where, where);
    if (!l->line)
        snprintf(words, sizeof words, "the file ends here, %s gives another line", source);
    else if (!right->line)
        snprintf(words, sizeof words, "%s gives no such line", source);
    else if (table && l->number > 1)
        describe_row(header, l->line, right->line, source, sizeof words, words);
    else
        describe_text(l->line, right->line, source, sizeof words, words);
    return ouro_fail(e, OURO_ECHECK, where, "%s", words);
}

/* Order of rows: by point, then replicate, the first two cells. */
static int row_order(const char *a, const char *b) {
    for (int i = 0; i < 2; i++) {
        char *a_end, *b_end;
        const unsigned long long x = strtoull(a, &a_end, 10), y = strtoull(b, &b_end, 10);
        if (x != y) return x < y ? -1 : 1;
        a = a_end + (*a_end == ',');
        b = b_end + (*b_end == ',');
    }
    return 0;
}

static int compare(lines *l, lines *right, int sampled, const char *source, ouro_error *e) {
    int ret;
    char *header = NULL;
    OURO_TRY(next_line(l, e));
    OURO_TRY(next_line(right, e));
    if (right->line && !(header = ouro_strdup(right->line))) {
        ret = ouro_fail(e, OURO_ENOMEM, l->path, "out of memory");
        goto out;
    }
    while (l->line || right->line) {
        const int other = sampled && l->line && l->number > 1 && (!right->line || row_order(l->line, right->line) < 0);
        if (!other) {
            if (!l->line || !right->line || strcmp(l->line, right->line)) {
                ret = differ(l, header, right, source, e);
                goto out;
            }
            OURO_TRY(next_line(right, e));
        }
        OURO_TRY(next_line(l, e));
    }
out:
    ouro_free(header);
    return ret;
}

int ouro_verify_file(const char *dir, const char *folder, const char *name, int sampled, const char *source,
                     ouro_error *e) {
    lines here = {0}, right = {0};
    int ret;
    OURO_TRY(open_lines(&here, dir, name, e));
    OURO_TRY(open_lines(&right, folder, name, e));
    if (!here.file != !right.file)
        ret = ouro_fail(e, OURO_ECHECK, here.path, "%s, but %s gives %s", here.file ? "is there" : "is missing", source,
                        right.file ? "one" : "none");
    else if (here.file)
        ret = compare(&here, &right, sampled, source, e);
out:
    close_lines(&here);
    close_lines(&right);
    return ret;
}
