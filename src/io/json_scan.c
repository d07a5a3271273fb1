/* json_scan.c: the grammar of RFC 8259, strictly, with the position of every value. */
#include "json_scan.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ouro/mem.h"
#include "text.h"

typedef struct spot {
    uint32_t line, column;
} spot;

typedef struct scanner {
    const char *name, *text; /* text[len] is NUL, so looking one byte ahead is always allowed */
    size_t len, at;
    spot here; /* of text[at] */
    uint32_t file;
    size_t depth;
    ouro_json_places *places;
    ouro_json_place *wrong;
    ouro_error *e;
} scanner;

static int scan_value(scanner *s, spot key);

static int fail(scanner *s, spot where, const char *fmt, ...) OURO_PRINTF(3, 4);

static int fail(scanner *s, spot where, const char *fmt, ...) {
    char text[sizeof s->e->what], column[16], place[sizeof s->e->where];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    *s->wrong = (ouro_json_place){.file = s->file, .line = where.line, .column = where.column};
    (void)snprintf(column, sizeof column, "%u", (unsigned)where.column);
    ouro_text_where(s->name, where.line, column, sizeof place, place);
    return ouro_fail(s->e, OURO_ECONFIG, place, "%s", text);
}

static int fail_hint(scanner *s, ouro_json_expected expected) {
    char text[sizeof s->e->what];
    ouro_json_hint(s->text + s->at, s->len - s->at, expected, sizeof text, text);
    return fail(s, s->here, "%s", text);
}

/* Columns count code points: a continuation byte of UTF-8 adds none. */
static void advance(scanner *s, size_t bytes) {
    for (size_t end = s->at + bytes; s->at < end; s->at++) {
        if (s->text[s->at] == '\n') {
            s->here.line++;
            s->here.column = 1;
        } else if (((unsigned char)s->text[s->at] & 0xC0) != 0x80) {
            s->here.column++;
        }
    }
}

static char peek(const scanner *s) { return s->text[s->at]; /* the NUL at the end, when there is nothing left */ }

static void skip_space(scanner *s) {
    while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r') advance(s, 1);
}

static int note_place(scanner *s, spot key) {
    ouro_json_places *p = s->places;
    if (p->len == p->cap) {
        size_t cap = p->cap == 0 ? 64 : p->cap * 2;
        ouro_json_place *bigger = ouro_realloc(p->at, cap, sizeof *bigger);
        if (bigger == NULL) return ouro_fail(s->e, OURO_ENOMEM, s->name, "out of memory for the positions of values");
        p->at = bigger;
        p->cap = cap;
    }
    p->at[p->len++] = (ouro_json_place){s->file, s->here.line, s->here.column, key.line, key.column};
    return OURO_OK;
}

/* The four hexadecimal digits at p as a number, -1 when they are not. */
static long hex4(const char *p) {
    long code = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* RFC 8259 section 7. U+0000 is grammatical but would end the string in C. */
static int scan_unicode_escape(scanner *s) {
    const char *p = s->text + s->at;
    long code = hex4(p + 2);
    if (code < 0) return fail(s, s->here, "\\u is followed by four hexadecimal digits: write \\u00e9 for U+00E9");
    if (code == 0) return fail(s, s->here, "\\u0000 is not allowed in a string: remove it");
    if (code >= 0xDC00 && code <= 0xDFFF)
        return fail(s, s->here, "a low surrogate stands alone: write the pair \\uD8xx\\uDCxx, or the character");
    advance(s, 6);
    if (code < 0xD800 || code > 0xDBFF) return OURO_OK;
    p += 6;
    code = p[0] == '\\' && p[1] == 'u' ? hex4(p + 2) : -1;
    if (code < 0xDC00 || code > 0xDFFF)
        return fail(s, s->here, "a high surrogate is followed by \\uDC00 to \\uDFFF: write the pair, or the character");
    advance(s, 6);
    return OURO_OK;
}

static int scan_escape(scanner *s) {
    char next = s->text[s->at + 1];
    if (next == 'u') return scan_unicode_escape(s);
    if (next != '\0' && strchr("\"\\/bfnrt", next) != NULL) {
        advance(s, 2);
        return OURO_OK;
    }
    if (s->at + 1 == s->len) { /* the string is not closed: let scan_string say so */
        advance(s, 1);
        return OURO_OK;
    }
    char shown[16];
    size_t bytes = ouro_utf8_decode(s->text + s->at + 1, s->len - s->at - 1, NULL);
    ouro_text_quote(s->text + s->at + 1, bytes > 0 ? bytes : 1, 1, sizeof shown, shown);
    return fail(s, s->here,
                "\\%s is not an escape of JSON, which has \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX: write \\\\ for "
                "a backslash, and / in file paths",
                shown);
}

/* From the opening to the closing quote. */
static int scan_string(scanner *s) {
    spot start = s->here;
    advance(s, 1);
    for (;;) {
        unsigned char c = (unsigned char)peek(s);
        int ret = OURO_OK;
        if (c == '"') {
            advance(s, 1);
            return OURO_OK;
        }
        if (s->at == s->len || c == '\n' || c == '\r')
            return fail(s, start,
                        "the string that begins here is not closed on its line: add the closing \", "
                        "and write a line break as \\n");
        if (c == '\t') return fail(s, s->here, "a tab character stands in a string: write \\t");
        if (c == '\0') return fail(s, s->here, "a NUL byte stands in a string: remove it");
        if (c < 0x20)
            return fail(s, s->here, "control character U+%04X stands in a string: remove it, or write \\u%04x",
                        (unsigned)c, (unsigned)c);
        size_t bytes = c < 0x80 ? 1 : ouro_utf8_decode(s->text + s->at, s->len - s->at, NULL);
        if (bytes == 0) return fail(s, s->here, "byte \\x%02X is not UTF-8: save the file as UTF-8", (unsigned)c);
        if (c == '\\')
            ret = scan_escape(s);
        else
            advance(s, bytes);
        if (ret != OURO_OK) return ret;
    }
}

static int scan_number(scanner *s) {
    char hint[sizeof s->e->what], digits[OURO_JSON_DIGITS + 1];
    const char *p = s->text + s->at;
    ouro_json_number_hint(p, s->len - s->at, sizeof hint, hint);
    if (hint[0] != '\0') return fail(s, s->here, "%s", hint);
    size_t n = strspn(p, "+-.0123456789eE");
    if (n > OURO_JSON_DIGITS)
        return fail(s, s->here, "a number of %zu characters: at most %d are read, and 17 digits say all", n,
                    OURO_JSON_DIGITS);
    memcpy(digits, p, n);
    digits[n] = '\0';
    errno = 0;
    double x = strtod(digits, NULL); /* the program never leaves the C locale */
    if (isinf(x))
        return fail(s, s->here, "%s is beyond the range of a double (about 1.8e308): write a smaller number", digits);
    if (x == 0 && errno == ERANGE)
        return fail(s, s->here, "%s is too close to zero for a double (about 5e-324): write 0", digits);
    advance(s, n);
    return OURO_OK;
}

static int is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* What the comma or the closing bracket after an entry should have been. open: where the array or object
 * began. */
static int fail_after_entry(scanner *s, char close, spot open) {
    const char *kind = close == ']' ? "array" : "object";
    char c = peek(s);
    if (s->at == s->len)
        return fail(s, s->here, "the text ends inside the %s opened at %u:%u: add %c", kind, (unsigned)open.line,
                    (unsigned)open.column, close);
    if (c == ']' || c == '}')
        return fail(s, s->here, "%c closes the %s opened at %u:%u: %c was expected", c, kind, (unsigned)open.line,
                    (unsigned)open.column, close);
    if (c == ':')
        return fail(s, s->here,
                    close == ']' ? "a colon in an array: keys belong in an object, between { and }"
                                 : "a second colon: a comma was expected before the next key");
    if (c == ';') return fail(s, s->here, "a semicolon: entries are separated by commas");
    if (is_word(c) || (c != '\0' && strchr("\"'-{[", c) != NULL))
        return fail(s, s->here, "a comma is missing before this entry of the %s", kind);
    return fail_hint(s, OURO_JSON_COMMA);
}

/* One member of an object: key, colon, value. */
static int scan_member(scanner *s) {
    spot key = s->here;
    int ret = OURO_OK;
    if (peek(s) != '"') return fail_hint(s, OURO_JSON_KEY);
    OURO_TRY(scan_string(s));
    skip_space(s);
    if (peek(s) != ':')
        return fail(s, s->here, "a colon was expected between the key and its value%s",
                    peek(s) == '=' ? ": write : instead of =" : "");
    advance(s, 1);
    skip_space(s);
    ret = scan_value(s, key);
out:
    return ret;
}

static int scan_entries(scanner *s, char close) {
    spot open = s->here, comma = {0, 0};
    int ret = OURO_OK;
    if (s->depth == OURO_JSON_DEPTH)
        return fail(s, s->here, "more than %d arrays and objects inside one another", OURO_JSON_DEPTH);
    s->depth++;
    advance(s, 1);
    skip_space(s);
    while (comma.line != 0 || peek(s) != close) {
        if (s->at == s->len) return fail_after_entry(s, close, open);
        if (comma.line != 0 && (peek(s) == '}' || peek(s) == ']'))
            return fail(s, comma, "a comma before the closing %c: remove it, JSON has no trailing commas", peek(s));
        if (comma.line == 0 && (peek(s) == '}' || peek(s) == ']')) return fail_after_entry(s, close, open);
        OURO_TRY(close == ']' ? scan_value(s, (spot){0, 0}) : scan_member(s));
        skip_space(s);
        if (peek(s) == close) break;
        if (peek(s) != ',') return fail_after_entry(s, close, open);
        comma = s->here;
        advance(s, 1);
        skip_space(s);
    }
    advance(s, 1);
    s->depth--;
out:
    return ret;
}

static int scan_word(scanner *s, const char *word) {
    size_t n = strlen(word);
    if (strncmp(s->text + s->at, word, n) != 0 || is_word(s->text[s->at + n])) return fail_hint(s, OURO_JSON_VALUE);
    advance(s, n);
    return OURO_OK;
}

static int scan_value(scanner *s, spot key) {
    int ret = note_place(s, key);
    if (ret != OURO_OK) return ret;
    char c = peek(s), next = c == '\0' ? '\0' : s->text[s->at + 1];
    switch (c) {
    case '{': return scan_entries(s, '}');
    case '[': return scan_entries(s, ']');
    case '"': return scan_string(s);
    case 't': return scan_word(s, "true");
    case 'f': return scan_word(s, "false");
    case 'n': return scan_word(s, "null");
    default:
        if ((c >= '0' && c <= '9') || (c == '-' && next != 'I' && next != 'i' && next != 'N' && next != 'n'))
            return scan_number(s);
        return fail_hint(s, OURO_JSON_VALUE);
    }
}

int ouro_json_scan(uint32_t file, const char *name, const char *text, size_t len, ouro_json_places *places,
                   ouro_json_place *wrong, ouro_error *e) {
    scanner s = {.name = name, .text = text, .len = len, .here = {1, 1}, .file = file, .places = places};
    s.wrong = wrong;
    s.e = e;
    int ret = ouro_text_encoding(name, text, len, e);
    if (ret != OURO_OK) {
        *wrong = (ouro_json_place){.file = file, .line = 1, .column = 1};
        return ret;
    }
    skip_space(&s);
    if (s.at == len) return fail(&s, (spot){1, 1}, "there is nothing in it: an object was expected, at least {}");
    ret = scan_value(&s, (spot){0, 0});
    if (ret != OURO_OK) return ret;
    skip_space(&s);
    if (s.at == len) return OURO_OK;
    if (peek(&s) == '/' || peek(&s) == '#') return fail_hint(&s, OURO_JSON_COMMA);
    return fail(&s, s.here,
                "something follows the JSON value, which ends before this: remove it, or look for a "
                "bracket closed too early");
}
