/* error.h: how every fallible function reports.
 *
 * Fallible functions return int: OURO_OK (0) or one negative code of the list below. The details go into a
 * caller-owned ouro_error; the first failure wins, so a caller high up never overwrites the cause.
 * Collapse of a model is data, never an error: it is recorded in ouro_fit_info (see family.h). */
#ifndef OURO_ERROR_H
#define OURO_ERROR_H

#if defined(__GNUC__)
#define OURO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define OURO_CHECKED __attribute__((warn_unused_result))
#else
#define OURO_PRINTF(fmt, args)
#define OURO_CHECKED
#endif

/* name, value, sentence: the one list of codes */
#define OURO_ERROR_LIST(X)                                                                                             \
    X(OURO_ENOMEM, -1, "out of memory")                                                                                \
    X(OURO_EIO, -2, "reading or writing failed")                                                                       \
    X(OURO_ECONFIG, -3, "the configuration is not valid")                                                              \
    X(OURO_EUNDEFINED, -4, "not defined for this combination")                                                         \
    X(OURO_EINTERRUPTED, -5, "interrupted")                                                                            \
    X(OURO_EEXISTS, -6, "the output already exists")                                                                   \
    X(OURO_ECHECK, -8, "a check failed")                                                                               \
    X(OURO_EBUG, -7, "an internal promise was broken: please report this")

enum {
    OURO_OK = 0,
#define OURO_ERROR_ENUM(name, value, sentence) name = value,
    OURO_ERROR_LIST(OURO_ERROR_ENUM)
#undef OURO_ERROR_ENUM
};

typedef struct ouro_error {
    int code;        /* OURO_OK while nothing has failed */
    char where[128]; /* a config path ("policy.budget"), a file, or a function's topic */
    char what[384];  /* one sentence: what was wrong and what would be right */
} ouro_error;

/* Records the failure in *e unless e is NULL or already holds one. Returns code, so that
 * `return ouro_fail(e, OURO_EIO, path, "...")` reads well. O(length of the message). */
int ouro_fail(ouro_error *e, int code, const char *where, const char *fmt, ...) OURO_PRINTF(4, 5);

/* The sentence that belongs to a code; "unknown error" for a foreign one. Static storage. */
const char *ouro_error_sentence(int code);

/* Leaves for the function's single `out:` label when a call fails; needs `int ret` and `out:` in scope. */
#define OURO_TRY(call)                                                                                                 \
    do {                                                                                                               \
        if ((ret = (call)) != OURO_OK) goto out;                                                                       \
    } while (0)

#endif
