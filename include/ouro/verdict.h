/* verdict.h: in which of the published senses has a run collapsed? They disagree on the same run. */
#ifndef OURO_VERDICT_H
#define OURO_VERDICT_H
#include "ouro/run.h"

typedef enum ouro_ruling { OURO_FALSE, OURO_TRUE, OURO_UNDECIDED } ouro_ruling;
extern const char *const ouro_ruling_names[3]; /* "false", "true", "undecided" */

/* What was found of one point. Errors are half-widths of 99 % intervals, and a number within its error of the threshold decides
 * nothing. */
typedef struct ouro_verdict {
    ouro_ruling ruling;
    const char *column;              /* that was looked at; NULL: none was there */
    double number, error, threshold; /* NaN where there is none */
    const char *test;                /* what the number is, in words; or why nothing can be said */
} ouro_verdict;

typedef struct ouro_definition {
    const char *name, *doc; /* the sense, and the question that is put to the replicates */
    ouro_verdict (*judge)(const ouro_results *r, double *scratch);
} ouro_definition;

enum { OURO_DEFINITIONS = 8 };
extern const ouro_definition ouro_definitions[OURO_DEFINITIONS]; /* Schaeffer et al. 2025, in their order */

/* scratch: [2 replicates]. The columns must have been observed at t = 1 and at the last generation; growth also asks for a quarter and
 * half of the way. O(replicates). */
ouro_verdict ouro_judge(const ouro_definition *d, const ouro_results *r, double *scratch);

#endif
