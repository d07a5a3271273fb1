/* setup.h: studies from JSON text, for tests and benchmarks that go in through the front door. */
#ifndef OURO_TEST_SETUP_H
#define OURO_TEST_SETUP_H
#include "ouro/mem.h"
#include "ouro/study.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Loads a config given as text, with ' for ". What is wrong with it goes to standard error. The caller frees *s. */
static inline int setup_load(ouro_study *s, const char *json) {
    char path[] = P_tmpdir "/ouro-test-XXXXXX";
    ouro_diagnostics d = {0};
    int ret = OURO_EIO, fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    *s = (ouro_study){0};
    if (file == NULL) return ret;
    for (const char *c = json; *c != '\0'; c++) fputc(*c == '\'' ? '"' : *c, file);
    if (fclose(file) == 0) ret = ouro_study_load(s, path, 0, NULL, &d);
    if (d.text != NULL) fprintf(stderr, "%s\nin %s\n", d.text, json);
    ouro_diagnostics_free(&d);
    unlink(path);
    return ret;
}

/* The same from parts, as printf puts them together. */
static inline int setup_loadf(ouro_study *s, const char *format, ...) OURO_PRINTF(2, 3);
static inline int setup_loadf(ouro_study *s, const char *format, ...) {
    char json[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(json, sizeof json, format, args);
    va_end(args);
    return setup_load(s, json);
}

#endif
