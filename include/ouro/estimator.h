/* estimator.h: how a fit is made from a sufficient statistic. */
#ifndef OURO_ESTIMATOR_H
#define OURO_ESTIMATOR_H
#include "ouro/family.h"

typedef struct ouro_estimator_type {
    const char *name, *doc, *reference;
    /* NULL when the estimator is defined for the family, else the reason why not */
    const char *(*missing)(const ouro_family_type *f);
    void (*fit)(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info);
} ouro_estimator_type;

#endif
