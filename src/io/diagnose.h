/* diagnose.h: collects what is wrong with a config, each finding with its place. */
#ifndef OURO_IO_DIAGNOSE_H
#define OURO_IO_DIAGNOSE_H
#include "json.h"
#include "ouro/study.h"

/* Adds one error. node (may be NULL) gives the place, its key when at_key; path is the config path, "" for none. A line
 * that already stands there is not added again: the points of a sweep repeat each other's errors. */
void ouro_diagnose(ouro_diagnostics *d, const ouro_json_sources *s, const cJSON *node, int at_key, const char *path,
                   const char *fmt, ...) OURO_PRINTF(6, 7);
/* Adds an error that brings its own place ("file:line:column" in e->where). */
void ouro_diagnose_error(ouro_diagnostics *d, const ouro_json_sources *s, const ouro_error *e);

#endif
