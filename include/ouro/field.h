/* field.h: one row per knob.
 *
 * A field table describes one struct: where each value lives, its kind, range, default, unit and meaning. The same row
 * drives parsing, range checks, defaults, `describe`, and the resolved config in the manifest. Nothing else in the
 * program knows a default or a bound. */
#ifndef OURO_FIELD_H
#define OURO_FIELD_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* Type in the struct, and what JSON says. */
typedef enum ouro_kind {
    OURO_REAL,   /* double: number */
    OURO_COUNT,  /* uint64_t: integer up to 2^53 - 1 */
    OURO_SEED,   /* uint64_t: integer up to 2^53 - 1, or a decimal string */
    OURO_BOOL,   /* bool: true | false */
    OURO_CHOICE, /* int, index into choices: string */
    OURO_TEXT,   /* const char *: string */
    OURO_NAME,   /* const char *: string of [a-z0-9-]+ */
    OURO_FILE,   /* const char *: string, relative to the file that says it */
    OURO_WINDOW, /* uint64_t: "none" (0) | "all" (OURO_ALL) | generations */
    OURO_REALS,  /* ouro_reals: array of numbers */
    OURO_MATRIX, /* ouro_matrix: array of rows, arrays of as many numbers each; a number is a row of one */
    OURO_COUNTS, /* ouro_counts: array of integers, strictly increasing */
    OURO_TEXTS,  /* ouro_texts: array of strings, no repeats */
    /* ouro_filter_list (filter.h): array of objects, each {"type": NAME} and what the table of that type says */
    OURO_SECTIONS,
    OURO_EVENTS /* ouro_event_list (event.h): array of names of standard events, and of objects that declare one */
} ouro_kind;

enum {
    OURO_REQUIRED = 1,  /* has no default: must be given */
    OURO_NULLABLE = 2,  /* null is allowed: NaN, OURO_UNSET, NULL or an empty list in the struct */
    OURO_ABOVE = 4,     /* lo itself is excluded */
    OURO_BELOW = 8,     /* hi itself is excluded */
    OURO_FOLLOWS = 16,  /* the string "synthetic.points" is allowed: OURO_FOLLOW in the struct */
    OURO_LOGGABLE = 32, /* the string "log" is allowed: a list of len 0 with values != NULL */
    OURO_FITTABLE = 64  /* the string "fitted" is allowed: OURO_FITTED in the struct */
};

/* real: the string "optimal" is allowed, OURO_OPTIMAL of policy.h in the struct */
enum { OURO_OPTIMISABLE = 128 };
/* count: the string "budget" is allowed, OURO_BUDGETED in the struct */
enum { OURO_BUDGETABLE = 256 };

#define OURO_FITTED HUGE_VAL /* real: not known but fitted */

#define OURO_ALL UINT64_MAX               /* window: everything ever drawn */
#define OURO_UNSET (UINT64_MAX - 1)       /* count: null */
#define OURO_FOLLOW (UINT64_MAX - 2)      /* count: equal to synthetic.points */
#define OURO_BUDGETED (UINT64_MAX - 3)    /* count: follows from a budget per generation */
#define OURO_COUNT_MAX 9007199254740991.0 /* 2^53 - 1: exact in a double, hence in JSON */

typedef struct ouro_reals {
    size_t len;
    const double *values;
} ouro_reals;
typedef struct ouro_matrix {
    size_t rows, columns;
    const double *values; /* [rows x columns] */
} ouro_matrix;
typedef struct ouro_counts {
    size_t len;
    const uint64_t *values;
} ouro_counts;
typedef struct ouro_texts {
    size_t len;
    const char *const *values;
} ouro_texts;

typedef struct ouro_field {
    const char *path; /* dotted, relative to the section: "anchor.every" */
    ouro_kind kind;
    unsigned flags;
    size_t offset;   /* into the struct the table describes */
    double lo, hi;   /* range of a number, of each array entry, or of a window's generations; ignored for strings */
    const char *def; /* default as JSON text ("null", "0.5", "\"mle\""); NULL when required */
    const char *const *choices; /* NULL-terminated, for OURO_CHOICE */
    const char *unit;           /* "" when dimensionless */
    const char *doc;            /* one sentence */
} ouro_field;

typedef struct ouro_table {
    size_t len;
    const ouro_field *rows;
} ouro_table;

#define OURO_TABLE(array) ((ouro_table){sizeof(array) / sizeof((array)[0]), (array)})

/* The row with exactly this path, or NULL. O(len). */
const ouro_field *ouro_field_find(ouro_table t, const char *path);
/* Whether some row lies strictly below this path ("anchor" in a table with "anchor.every"). */
int ouro_field_has_below(ouro_table t, const char *path);

/* Optimal-string-alignment distance (insert, delete, replace, swap neighbours), for "did you mean". O(|a| |b|),
 * strings beyond 64 bytes count as far (returns SIZE_MAX). */
size_t ouro_edit_distance(const char *a, const char *b);

/* The name in names[0..len) nearest to `typed`, or NULL when none is within a third of its length (at most 3). */
const char *ouro_nearest(const char *typed, size_t len, const char *const *names);

/* "; did you mean \"NAME\"?" with the nearest name, else "; see `HINT`", else (no hint) nothing; at most size bytes.
 * Returns text, so that it can stand in an argument list. */
const char *ouro_suggest(const char *typed, size_t len, const char *const *names, const char *hint, size_t size,
                         char *text);

/* "a number in (0, 1]", "one of replace|accumulate", ...: what a field expects, in words. Writes at most size bytes. */
void ouro_field_expects(const ouro_field *f, size_t size, char *text);

#endif
