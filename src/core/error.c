/* error.c: recording a failure where it happens. */
#include "ouro/error.h"
#include <stdarg.h>
#include <stdio.h>

int ouro_fail(ouro_error *e, int code, const char *where, const char *fmt, ...) {
    if (e == NULL || e->code != OURO_OK) return code;
    e->code = code;
    /* snprintf cuts what does not fit: a shortened message is better than a second failure */
    snprintf(e->where, sizeof e->where, "%s", where != NULL ? where : "");
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->what, sizeof e->what, fmt, args);
    va_end(args);
    return code;
}

const char *ouro_error_sentence(int code) {
    switch (code) {
    case OURO_OK: return "no error";
#define SENTENCE(name, value, sentence)                                                                                \
    case name: return sentence;
        OURO_ERROR_LIST(SENTENCE)
#undef SENTENCE
    default: return "unknown error";
    }
}
