/* mle.c: maximum likelihood, which for a full exponential family matches moments. */
#include "ouro/estimator.h"

static const char *missing(const ouro_family_type *f, const void *params) {
    (void)params;
    (void)f;
    return NULL;
}

static int fit(const ouro_fit_task *task, double *theta, ouro_fit_info *info) {
    return ouro_fit_mle(task, NULL, theta, info);
}

const ouro_estimator_type ouro_estimator_mle = {
    .name = "mle",
    .doc = "Maximum likelihood. Gaussian: the variance divides by n, so it shrinks by (1 - 1/n) per generation in the "
           "mean.",
    .reference = "Fisher 1922",
    .missing = missing,
    .fit = fit,
};
