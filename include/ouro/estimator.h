/* estimator.h: how a fit is made from a sufficient statistic. */
#ifndef OURO_ESTIMATOR_H
#define OURO_ESTIMATOR_H
#include "ouro/family.h"

/* Pseudo-points that are merged into every mix before the fit: a conjugate prior is nothing else. Their statistic is that
 * of a model: the truth's, the fit on real data (then they begin at t = 2), or one whose parameters are given. */
typedef enum ouro_centre { OURO_AT_TRUTH, OURO_AT_INITIAL, OURO_AT_PARAMETERS } ouro_centre;
#define OURO_CENTRE_NAMES                                                                                              \
    { "truth", "initial", "parameters", NULL } /* in the enum's order, for a row of a choice */
typedef struct ouro_prior {
    double strength; /* number of pseudo-points, any positive number */
    int centre;      /* ouro_centre */
} ouro_prior;

/* What a fit is made from. Locations are relative to the corpus's origin unless the estimator asks for absolute ones. */
typedef struct ouro_fit_task {
    const ouro_family *f;
    const void *params;
    double *T;         /* the mix and the prior's pseudo-points, the estimator's to change; families with fit_rows: */
    size_t points_len; /* the mix as rows */
    const ouro_points *points;
    const double *synthetic; /* statistic of the synthetic part of the mix, where asked for; NULL when there is none */
    const double *before;    /* the model of t - 1; NULL at t = 1 */
    const double *centre;    /* where the penalty pulls, absolute; NULL when there is none (yet) */
    const ouro_address *address; /* of random starts */
    ouro_arena *tmp;
} ouro_fit_task;

typedef struct ouro_estimator_type {
    const char *name, *doc, *reference;
    ouro_table fields; /* rows below model.estimator, beside "type"; they describe params_size bytes */
    size_t params_size;
    /* NULL when the estimator is defined for the family, else the reason why not; params may be NULL: in general */
    const char *(*missing)(const ouro_family_type *f, const void *params);
    /* optional: the prior behind it; its pseudo-points are merged into every mix, unless it `penalises`, when its centre is
     * handed to the fit instead */
    const ouro_prior *(*prior)(const void *params);
    int penalises, needs_synthetic, absolute; /* what of the task must be so */
    /* optional, with prior: whether the fit is plain maximum likelihood on data and pseudo-points */
    int (*linear)(const void *params);
    int (*fit)(const ouro_fit_task *task, double *theta, ouro_fit_info *info); /* OURO_ENOMEM only */
} ouro_estimator_type;

/* Maximum likelihood from whichever form the task has, what most estimators start from; penalty only where rows are
 * fitted. */
static inline int ouro_fit_mle(const ouro_fit_task *t, const ouro_penalty *penalty, double *theta,
                               ouro_fit_info *info) {
    const ouro_row_task rows = {t->points_len, t->points, t->before, penalty, t->address, t->tmp};
    if (t->points) return t->f->type->fit_rows(t->f, &rows, theta, info);
    t->f->type->fit_mle(t->f, t->T, theta, info);
    return OURO_OK;
}

#endif
