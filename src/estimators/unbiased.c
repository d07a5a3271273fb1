/* unbiased.c: the field's unbiased variant of maximum likelihood, where it has one (ddof = 1). */
#include "ouro/estimator.h"

static const char *missing(const ouro_family_type *f, const void *params) {
    (void)params;
    return f->fit_unbiased ? NULL : "the family has no unbiased variant that differs from mle: use mle";
}

static int fit(const ouro_fit_task *task, double *theta, ouro_fit_info *info) {
    task->f->type->fit_unbiased(task->f, task->T, theta, info);
    return OURO_OK;
}

const ouro_estimator_type ouro_estimator_unbiased = {
    .name = "unbiased",
    .doc = "Gaussian: the variance divides by n - 1 (weighted: W - sum w^2 / W). Its mean stays put for ever, every "
           "single "
           "run still dies: read medians and logarithms.",
    .reference = "Bessel's correction; Bertrand et al. 2024 and Suresh et al. 2024 use it",
    .missing = missing,
    .fit = fit,
};
