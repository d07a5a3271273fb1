/* csv_numbers.c: columns of a data file as numbers. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "csv_read.h"
#include "ouro/field.h"
#include "text.h"

/* What data files write for a value that is not there. */
static const char *const missing[] = {"",   "na", "n/a", "nan", "null", "none", "missing",  "-",
                                      "--", ".",  "?",   "inf", "-inf", "+inf", "infinity", "-infinity"};

static size_t digits(const char *s) { return strspn(s, "0123456789"); }

/* [+-] digits [. digits] [e [+-] digits], at least one digit before the exponent, nothing else. strtod alone
 * would also take hexadecimal, nan, inf and leading spaces. */
static int is_decimal(const char *s) {
    s += *s == '+' || *s == '-';
    size_t whole = digits(s), fraction = 0;
    s += whole;
    if (*s == '.') {
        fraction = digits(s + 1);
        s += 1 + fraction;
    }
    if (whole + fraction == 0) return 0;
    if (*s == 'e' || *s == 'E') {
        s += s[1] == '+' || s[1] == '-' ? 2 : 1;
        if (digits(s) == 0) return 0;
        s += digits(s);
    }
    return *s == '\0';
}

static int fail_cell(const ouro_csv *csv, size_t row, size_t column, const char *problem, ouro_error *e) {
    char name[88], where[sizeof e->where], cell[168];
    const char *text = ouro_csv_cell(csv, row, column);
    ouro_text_quote(csv->names[column], strlen(csv->names[column]), 40, sizeof name, name);
    ouro_text_where(csv->file, csv->lines[row], name, sizeof where, where);
    ouro_text_quote(text, strlen(text), 40, sizeof cell, cell);
    if (text[0] == '\0') return ouro_fail(e, OURO_ECONFIG, where, "the cell is empty: fill it in, or remove the row");
    return ouro_fail(e, OURO_ECONFIG, where, "\"%s\" %s", cell, problem);
}

/* Why a cell is no finite decimal number, and what to do. */
static const char *number_problem(const char *s) {
    const char *past_sign = s + (*s == '-' || *s == '+');
    size_t len = strlen(s);
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        if (strcasecmp(s, missing[i]) == 0) return "is not a finite number: fill it in, or remove the row";
    if (isspace((unsigned char)s[0]) || isspace((unsigned char)s[len - 1]))
        return "has spaces around the number: remove them";
    if (past_sign[0] == '0' && (past_sign[1] == 'x' || past_sign[1] == 'X'))
        return "is hexadecimal: write it in decimal";
    if (strchr(s, ',') != NULL && strspn(s, "+-0123456789,.") == len)
        return "holds a comma: write a decimal point, and no separators between thousands";
    return "is not a number: correct it, or remove the row";
}

int ouro_csv_numbers(const ouro_csv *csv, size_t column, double *out, ouro_error *e) {
    for (size_t row = 0; row < csv->rows; row++) {
        const char *cell = ouro_csv_cell(csv, row, column);
        if (!is_decimal(cell)) return fail_cell(csv, row, column, number_problem(cell), e);
        errno = 0;
        out[row] = strtod(cell, NULL); /* the program never leaves the C locale */
        if (isinf(out[row]))
            return fail_cell(csv, row, column, "is beyond the range of a double (about 1.8e308): rescale the column",
                             e);
        if (out[row] == 0 && errno == ERANGE)
            return fail_cell(csv, row, column, "is too close to zero for a double (about 5e-324): rescale the column",
                             e);
    }
    return OURO_OK;
}

/* digits [. zeros]; -1 when it is not a whole number, 1 when it is too large. */
static int read_count(const char *s, uint64_t *out) {
    size_t n = digits(s);
    uint64_t value = 0;
    if (n == 0 || (s[n] == '.' ? s[n + 1 + strspn(s + n + 1, "0")] : s[n]) != '\0') return -1;
    for (size_t i = 0; i < n; i++) {
        value = value * 10 + (uint64_t)(s[i] - '0');
        if ((double)value > OURO_COUNT_MAX) return 1;
    }
    *out = value;
    return 0;
}

int ouro_csv_counts(const ouro_csv *csv, size_t column, uint64_t *out, ouro_error *e) {
    for (size_t row = 0; row < csv->rows; row++) {
        const char *cell = ouro_csv_cell(csv, row, column);
        int why = read_count(cell, &out[row]);
        if (why > 0) return fail_cell(csv, row, column, "is larger than 2^53 - 1: rescale the column", e);
        if (why < 0)
            return fail_cell(csv, row, column,
                             is_decimal(cell) ? "is not a whole number of at least 0: a count was expected"
                                              : number_problem(cell),
                             e);
    }
    return OURO_OK;
}
