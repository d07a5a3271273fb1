/* study.h: a config file, read strictly, expanded into the points of its sweep, each validated.
 *
 * What is wrong is collected in one pass as lines of the form
 *     file:line:column: error: path: what was wrong and what would be right
 *         the source line
 *              ^
 * and nothing is drawn before everything is valid. */
#ifndef OURO_STUDY_H
#define OURO_STUDY_H
#include "ouro/experiment.h"
#include <stdbool.h>

enum { OURO_DIAGNOSTICS_KEPT = 20 };
typedef struct ouro_diagnostics {
    size_t count;   /* different errors found; only the first OURO_DIAGNOSTICS_KEPT are kept */
    size_t repeats; /* the same again, as the points of a sweep repeat each other's */
    size_t len, cap;
    char *text; /* NUL-terminated lines, NULL while there is none */
} ouro_diagnostics;
void ouro_diagnostics_free(ouro_diagnostics *d);

typedef struct ouro_input {
    const char *path; /* as it can be opened from the working directory */
    char sha256[65];
} ouro_input;

typedef struct ouro_study {
    const char *name, *description;
    size_t points, axes;
    ouro_config *config;         /* [points] */
    ouro_experiment *experiment; /* [points] */
    const char **axis;           /* [axes] swept paths */
    const char **value;          /* [points * axes] their values as text */
    bool common_random_numbers;
    size_t inputs;
    ouro_input *input; /* data files read */
    struct ouro_study_source *source;
    ouro_arena keep;
} ouro_study;

/* Reads the config at path ("-": standard input), with set[0..sets) of the form "path=value" applied on top. A manifest
 * written by an earlier run is accepted as a config. OURO_ECONFIG: see *d; OURO_ENOMEM. */
int ouro_study_load(ouro_study *s, const char *path, size_t sets, const char *const *set,
                    ouro_diagnostics *d) OURO_CHECKED;
void ouro_study_free(ouro_study *s); /* safe after a failed load, and twice */

#endif
