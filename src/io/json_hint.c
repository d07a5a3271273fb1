/* json_hint.c: what a writer of almost-JSON probably meant, and what to write instead. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "json_scan.h"
#include "text.h"

/* Words of other languages and what JSON writes for them; compared without regard to case. */
static const struct {
    const char *word, *meant;
} foreign_words[] = {
    {"true", "true"}, {"yes", "true"},  {"on", "true"},     {"false", "false"}, {"no", "false"},
    {"off", "false"}, {"null", "null"}, {"none", "null"},   {"nil", "null"},    {"undefined", "null"},
    {"nan", NULL},    {"inf", NULL},    {"infinity", NULL},
};

/* Characters that look like the right one, mostly put there by a word processor. */
static const struct {
    uint32_t first, last;
    const char *advice;
} lookalikes[] = {
    {0x00A0, 0x00A0, "a no-break space: replace it by an ordinary space"},
    {0x2000, 0x200F, "a special space or invisible character: replace it by an ordinary space"},
    {0x2010, 0x2015, "a typographic dash: write an ordinary -"},
    {0x2018, 0x201F, "a typographic quote: write an ordinary \""},
    {0x2028, 0x202F, "a special space or invisible character: replace it by an ordinary space"},
    {0x2212, 0x2212, "a typographic minus: write an ordinary -"},
    {0x3000, 0x3000, "a wide space: replace it by an ordinary space"},
    {0xFEFF, 0xFEFF, "a byte order mark inside the text: remove it"},
    {0xFF02, 0xFF02, "a wide quote: write an ordinary \""},
};

#define WORD_SHOWN 40 /* code points of the text quoted back */

/* Characters that a word or number runs over, whether or not they are right. */
static size_t word_length(const char *s, size_t len) {
    size_t n = 0;
    while (n < len && (isalnum((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80 ||
                       (s[n] != '\0' && strchr("_.+-", s[n]) != NULL)))
        n++;
    return n;
}

static void hint_word(const char *s, size_t len, int key, size_t size, char *text) {
    char shown[4 * WORD_SHOWN + 4];
    size_t n = word_length(s, len);
    ouro_text_quote(s, n, WORD_SHOWN, sizeof shown, shown);
    if (key) {
        (void)snprintf(text, size, "keys take double quotes: write \"%s\"", shown);
        return;
    }
    size_t sign = s[0] == '-' || s[0] == '+' ? 1 : 0;
    for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
        const char *word = foreign_words[i].word, *meant = foreign_words[i].meant;
        if (strlen(word) != n - sign || strncasecmp(word, s + sign, n - sign) != 0) continue;
        if (meant == NULL)
            (void)snprintf(text, size, "%s is not JSON: write a finite number, or null where a missing one is allowed",
                           shown);
        else
            (void)snprintf(text, size, "%s is not JSON: write %s", shown, meant);
        return;
    }
    (void)snprintf(text, size, "%s is not JSON: strings take double quotes, write \"%s\"", shown, shown);
}

static void hint_character(const char *s, size_t len, ouro_json_expected expected, size_t size, char *text) {
    static const char *const wanted[] = {"a value", "a key in double quotes", "a comma or a closing bracket"};
    uint32_t code = 0;
    size_t n = ouro_utf8_decode(s, len, &code);
    if (n == 0) {
        (void)snprintf(text, size, "byte \\x%02X is not UTF-8: save the file as UTF-8", (unsigned)(unsigned char)s[0]);
        return;
    }
    for (size_t i = 0; i < sizeof lookalikes / sizeof lookalikes[0]; i++) {
        if (code >= lookalikes[i].first && code <= lookalikes[i].last) {
            (void)snprintf(text, size, "U+%04X is %s", (unsigned)code, lookalikes[i].advice);
            return;
        }
    }
    if (code <= 0x20 || (code >= 0x7F && code < 0xA0))
        (void)snprintf(text, size, "%s was expected, found the control character U+%04X: remove it", wanted[expected],
                       (unsigned)code);
    else
        (void)snprintf(text, size, "%s was expected, found %.*s", wanted[expected], (int)n, s);
}

void ouro_json_number_hint(const char *s, size_t len, size_t size, char *text) {
    char shown[4 * WORD_SHOWN + 4];
    size_t n = word_length(s, len), i = 0;
    const char *why = NULL;
    text[0] = '\0';
    if (i < n && (s[i] == '-' || s[i] == '+')) i++;
    size_t whole = i;
    while (i < n && isdigit((unsigned char)s[i])) i++;
    if (s[0] == '+')
        why = "a number has no leading plus sign";
    else if (i == whole)
        why = i < n && s[i] == '.' ? "a digit is missing before the point: write 0.5 for .5" : "no digits";
    else if (s[whole] == '0' && i == whole + 1 && i < n && (s[i] == 'x' || s[i] == 'X'))
        why = "hexadecimal is not JSON, write it in decimal";
    else if (s[whole] == '0' && i > whole + 1)
        why = "a number has no leading zeros";
    if (why == NULL && i < n && s[i] == '.') {
        size_t first = ++i;
        while (i < n && isdigit((unsigned char)s[i])) i++;
        why = i == first ? "a digit is missing after the point: write 1.0 or 1 for 1." : NULL;
    }
    if (why == NULL && i < n && (s[i] == 'e' || s[i] == 'E')) {
        i += i + 1 < n && (s[i + 1] == '-' || s[i + 1] == '+') ? 2 : 1;
        size_t first = i;
        while (i < n && isdigit((unsigned char)s[i])) i++;
        why = i == first ? "the digits of the exponent are missing" : NULL;
    }
    if (why == NULL && i < n)
        why = s[i] == '_' ? "digits are not grouped: remove the _"
                          : "only digits, one point and an exponent belong in a number";
    if (why == NULL) return;
    ouro_text_quote(s, n, WORD_SHOWN, sizeof shown, shown);
    (void)snprintf(text, size, "%s is not a number of JSON: %s", shown, why);
}

void ouro_json_hint(const char *s, size_t len, ouro_json_expected expected, size_t size, char *text) {
    int key = expected == OURO_JSON_KEY, value = expected == OURO_JSON_VALUE;
    char c = len > 0 ? s[0] : '\0', next = len > 1 ? s[1] : '\0';
    if (len == 0) {
        (void)snprintf(text, size, "the text ends where a %s was expected", key ? "key" : "value");
    } else if ((c == '/' && (next == '/' || next == '*')) || c == '#') {
        (void)snprintf(text, size, "comments are not JSON: remove it, or keep the note under a key of its own");
    } else if (!key && !value) {
        hint_character(s, len, expected, size, text);
    } else if (c == '\'' || c == '`') {
        (void)snprintf(text, size, "%s take double quotes: write \" instead of %c", key ? "keys" : "strings", c);
    } else if (c == ',') {
        (void)snprintf(text, size, "a %s is missing before this comma: add it, or remove the comma",
                       key ? "key with its value" : "value");
    } else if (isdigit((unsigned char)c) && key) {
        (void)snprintf(text, size,
                       "a key in double quotes was expected, found a number: is the comma before it a decimal point?");
    } else if (value && (c == '+' || c == '.') && (isdigit((unsigned char)next) || next == '.')) {
        ouro_json_number_hint(s, len, size, text);
    } else if (c == '_' || isalpha((unsigned char)((c == '-' || c == '+') ? next : c))) {
        hint_word(s, len, key, size, text);
    } else if (c == ']' || c == '}') {
        (void)snprintf(text, size, "a value is missing before this %c", c);
    } else {
        hint_character(s, len, expected, size, text);
    }
}
