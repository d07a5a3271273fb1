/* measure.h: what is observed of a generation. A measure is a group of columns computed together; it reads the state
 * and never changes it, so adding one cannot move a trajectory. */
#ifndef OURO_MEASURE_H
#define OURO_MEASURE_H
#include "ouro/setting.h"

typedef struct ouro_column_type {
    const char *name, *unit, *formula, *doc;
} ouro_column_type;

typedef struct ouro_observation {
    const double *theta;               /* the fitted model; NULL means the truth itself (t = 0) */
    const ouro_moments *moments;       /* of the model, where the measure asks for them */
    const ouro_fit_info *fit;          /* NULL at t = 0 */
    const ouro_provenance *provenance; /* NULL at t = 0 */
    const ouro_filter_count *filtered; /* [filters]: of this generation; NULL at t = 0 and without filters */
    const ouro_address *address;       /* of random nodes, another slot for each measure that draws; NULL at t = 0 */
    ouro_arena *tmp;                   /* scratch, put back by the measure; NULL at t = 0 */
    /* Points to judge the model by, in scratch from tmp: of the latest fit they come with the weights that it gave them.
     * OURO_ENOMEM only. NULL at t = 0. Without T a copy of the rows where they are not at hand as they are. */
    int (*points)(void *owner, ouro_judging which, ouro_judged *out);
    void *owner;
    int *failed; /* set to OURO_ENOMEM by a measure that finds no memory; may be NULL */
} ouro_observation;

#define OURO_ALL_COLUMNS 0xffffu

typedef struct ouro_measure_type {
    const char *name, *doc, *reference;
    const char *methods; /* words for `describe`: how columns are computed and how far they can be off */
    size_t len;          /* columns, at most 16 */
    const ouro_column_type *columns;
    unsigned compares; /* bit per column: compares with the truth, which may be that of another generation */
    int per_tail;      /* one set of columns per tail, named NAME_ALPHA */
    int needs_moments, needs_provenance; /* what of the observation must be filled */
    int slow;                            /* draws points or costs more than a cheap fit: not for every generation */
    /* NULL when the column is defined in this setting, else the reason why not */
    const char *(*missing)(const ouro_setting *s, size_t column);
    /* optional: how a column is computed in this setting and how far it can be off; NULL for closed forms and counts */
    const char *(*method)(const ouro_setting *s, size_t column);
    /* optional: whether a column is among those that a run shows when nobody asked for any; NULL: each that is defined */
    int (*usual)(const ouro_setting *s, size_t column);
    /* optional: nodes of the truth that the measure needs in this setting for the columns of `wanted`, made once before
     * the first draw; the first measure that makes them makes them for all. OURO_ENOMEM only. */
    int (*prepare)(const ouro_setting *s, unsigned wanted, ouro_arena *keep, const ouro_nodes **out);
    /* Fills out[column] for every bit of `wanted`; NaN = not defined in this state. tail: index, when per_tail. */
    void (*measure)(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out);
} ouro_measure_type;

#endif
