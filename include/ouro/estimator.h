/* estimator.h: how a fit is made from a sufficient statistic. */
#ifndef OURO_ESTIMATOR_H
#define OURO_ESTIMATOR_H
#include "ouro/family.h"

/* Pseudo-points that are merged into every mix before the fit: a conjugate prior is nothing else. Their statistic is that
 * of a model: the truth's, the fit on real data (then they begin at t = 2), or one whose parameters are given. */
typedef enum ouro_centre { OURO_AT_TRUTH, OURO_AT_INITIAL, OURO_AT_PARAMETERS } ouro_centre;
typedef struct ouro_prior {
    double strength; /* number of pseudo-points, any positive number */
    int centre;      /* ouro_centre */
} ouro_prior;

typedef struct ouro_estimator_type {
    const char *name, *doc, *reference;
    ouro_table fields; /* rows below model.estimator, beside "type"; they describe params_size bytes */
    size_t params_size;
    /* NULL when the estimator is defined for the family, else the reason why not; params may be NULL: in general */
    const char *(*missing)(const ouro_family_type *f, const void *params);
    /* optional: the prior behind it */
    const ouro_prior *(*prior)(const void *params);
    /* optional, with prior: whether the fit is plain maximum likelihood on data and pseudo-points */
    int (*linear)(const void *params);
    /* T holds the mix and the prior's pseudo-points, and is the estimator's to change */
    void (*fit)(const ouro_family *f, const void *params, double *T, double *theta, ouro_fit_info *info);
} ouro_estimator_type;

#endif
