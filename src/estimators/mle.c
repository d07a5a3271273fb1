/* mle.c: maximum likelihood, which for a full exponential family matches moments. */
#include "ouro/estimator.h"

static const char *missing(const ouro_family_type *f, const void *params) {
    (void)params;
    (void)f;
    return NULL;
}

static void fit(const ouro_family *f, const void *params, double *T, double *theta, ouro_fit_info *info) {
    (void)params;
    f->type->fit_mle(f, T, theta, info);
}

const ouro_estimator_type ouro_estimator_mle = {
    .name = "mle",
    .doc = "Maximum likelihood. Gaussian: the variance divides by n, so it shrinks by (1 - 1/n) per generation in the "
           "mean.",
    .reference = "Fisher 1922",
    .missing = missing,
    .fit = fit,
};
