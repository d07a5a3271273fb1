/* text.c: loading a text file whole, decoding UTF-8, naming a place. */
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ouro/mem.h"

size_t ouro_utf8_decode(const char *s, size_t len, uint32_t *code) {
    const unsigned char *b = (const unsigned char *)s;
    if (len == 0) return 0;
    uint32_t c = b[0];
    size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    if (n == 0 || n > len) return 0;
    /* The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF. */
    if (n > 1) {
        unsigned low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        unsigned high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        if (b[1] < low || b[1] > high) return 0;
        c &= 0xFFu >> (n + 1);
    }
    for (size_t i = 1; i < n; i++) {
        if ((b[i] & 0xC0) != 0x80) return 0;
        c = (c << 6) | (b[i] & 0x3Fu);
    }
    if (code != NULL) *code = c;
    return n;
}

void ouro_text_quote(const char *s, size_t len, size_t most, size_t size, char *out) {
    size_t used = 0, i = 0;
    for (size_t shown = 0; i < len; shown++) {
        char piece[5] = "";
        uint32_t code = 0;
        size_t n = ouro_utf8_decode(s + i, len - i, &code);
        if (n == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
            (void)snprintf(piece, sizeof piece, "\\x%02X", (unsigned)(unsigned char)s[i]);
            n = 1;
        } else {
            memcpy(piece, s + i, n);
        }
        size_t wide = strlen(piece);
        /* Room for the piece, for "..." in case the next one does not fit, and for the terminator. */
        if (shown == most || used + wide + 4 > size) break;
        memcpy(out + used, piece, wide);
        used += wide;
        i += n;
    }
    if (i < len && used + 4 <= size) {
        memcpy(out + used, "...", 3);
        used += 3;
    }
    out[used] = '\0';
}

void ouro_text_where(const char *file, uint64_t line, const char *last, size_t size, char *where) {
    char tail[120];
    int n = snprintf(tail, sizeof tail, ":%llu%s%s", (unsigned long long)line, last != NULL ? ":" : "",
                     last != NULL ? last : "");
    size_t tail_len = n < 0 ? 0 : (size_t)n < sizeof tail ? (size_t)n : sizeof tail - 1;
    size_t file_len = strlen(file);
    if (file_len + tail_len < size) {
        (void)snprintf(where, size, "%s%s", file, tail);
        return;
    }
    if (size < tail_len + 4) { /* not even "..." fits before the line */
        (void)snprintf(where, size, "%s", tail);
        return;
    }
    const char *end = file + file_len - (size - tail_len - 4);
    while (((unsigned char)*end & 0xC0) == 0x80) /* not in the middle of a code point */
        end++;
    (void)snprintf(where, size, "...%s%s", end, tail);
}

/* Reads f to its end into a growing block. One byte more than `most` is asked for, to tell "just fits" from
 * "more". */
static int slurp(FILE *f, const char *name, size_t most, char **text, size_t *len, ouro_error *e) {
    size_t cap = 0, used = 0;
    char *block = NULL;
    do {
        if (used == cap) {
            cap = cap == 0 ? (size_t)1 << 16 : cap * 2;
            cap = cap > most + 1 ? most + 1 : cap;
            char *bigger = ouro_realloc(block, cap + 1, 1);
            if (bigger == NULL) {
                ouro_free(block);
                return ouro_fail(e, OURO_ENOMEM, name, "out of memory after reading %zu bytes", used);
            }
            block = bigger;
        }
        used += fread(block + used, 1, cap - used, f);
    } while (used <= most && !feof(f) && !ferror(f));
    if (ferror(f) || used > most) {
        int why = errno;
        int failed = ferror(f);
        ouro_free(block);
        if (failed) return ouro_fail(e, OURO_EIO, name, "cannot be read: %s", strerror(why));
        return ouro_fail(e, OURO_ECONFIG, name, "is larger than the limit of %zu bytes", most);
    }
    block[used] = '\0';
    *text = block;
    *len = used;
    return OURO_OK;
}

int ouro_text_load(const char *path, size_t most, char **text, size_t *len, ouro_error *e) {
    *text = NULL;
    *len = 0;
    if (strcmp(path, "-") == 0) return slurp(stdin, "<stdin>", most, text, len, e);
    FILE *f = fopen(path, "rb");
    if (f == NULL) return ouro_fail(e, OURO_EIO, path, "cannot be opened: %s", strerror(errno));
    int ret;
    struct stat info;
    if (fstat(fileno(f), &info) == 0 && S_ISDIR(info.st_mode))
        ret = ouro_fail(e, OURO_EIO, path, "is a directory where a file was expected");
    else
        ret = slurp(f, path, most, text, len, e);
    (void)fclose(f);
    return ret;
}

int ouro_text_encoding(const char *file, const char *text, size_t len, ouro_error *e) {
    char where[sizeof e->where];
    ouro_text_where(file, 1, "1", sizeof where, where);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return ouro_fail(e, OURO_ECONFIG, where,
                         "the file begins with a byte order mark: save it as UTF-8 without BOM");
    /* Either UTF-16 mark, or a NUL next to the first character as UTF-16 has it without a mark. */
    if (len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0 ||
                     (text[0] == '\0') != (text[1] == '\0')))
        return ouro_fail(e, OURO_ECONFIG, where, "the file looks like UTF-16: save it as UTF-8 without BOM");
    return OURO_OK;
}
