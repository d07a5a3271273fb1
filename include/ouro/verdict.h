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
    const char *measures, *test,
        *limit; /* columns that are looked for in turn, what is made of them, and its threshold */
    ouro_verdict (*judge)(const ouro_results *r, double *scratch); /* NULL: asked of all points of a study at once */
} ouro_definition;

enum { OURO_DEFINITIONS = 8 };
extern const ouro_definition ouro_definitions[OURO_DEFINITIONS]; /* in the order of the reference */
extern const char ouro_definitions_reference[];
const ouro_definition *ouro_definition_find(const char *name); /* NULL when there is none */

/* scratch: [2 replicates]. The columns must have been observed at t = 1 and at the last generation; growth also asks for a quarter and
 * half of the way. O(replicates). */
ouro_verdict ouro_judge(const ouro_definition *d, const ouro_results *r, double *scratch);

/* The scaling law of a study whose points differ in their number of points alone: of log error on log n, by weighted least squares, at
 * t = 1 and at the last generation. */
enum { OURO_OF_MEAN, OURO_OF_MEDIAN, OURO_CENTRES };
typedef struct ouro_scaling_point {
    double n; /* resolved policy.initial: what the fit at t = 1 has */
    struct {
        double value, se;
    } error[2][OURO_CENTRES];         /* at t = 1 and at the last generation, over replicates */
    double correlation[OURO_CENTRES]; /* of the two times, whose replicates are the same */
    int heavy;                        /* a mean is decided by a few of them, or is not finite */
} ouro_scaling_point;
typedef struct ouro_scaling {
    size_t len;
    ouro_scaling_point *point; /* the caller's, room for all that are added */
    const char *column;        /* of the first one; NULL: none was observed */
    uint32_t last;             /* its last generation; 0: t = 1 or a later one was not observed */
    int centre;                /* what ouro_scaling_judge takes, and finds: */
    double slope[2], se[2];
    char words[256];
} ouro_scaling;

/* Adds a finished point. scratch: [replicates]. O(replicates log replicates). */
void ouro_scaling_add(ouro_scaling *s, const ouro_results *r, double *scratch);
/* The verdict on changed-scaling-law; its words are in *s. Undecided below three numbers of points, where two points share one, or
 * where an error has no positive estimate. O(len^2). */
ouro_verdict ouro_scaling_judge(ouro_scaling *s);

#endif
