/* ridge.c: maximum likelihood less lambda / 2 |eta - eta_ref|^2, in the natural parameter.
 *
 * The penalty is not multiplied by the number of points, so to first order in 1/n the stationary law of eta under
 * replace is exp(-lambda |eta - eta_ref|^2): the prior squared, N(eta_ref, 1 / (2 lambda)), whatever n (SGD-like
 * balance of noise V^-1 / n against a pull of V^-1 lambda / n). Multiplied by it (`scaled`), the pull wins and what
 * is left is of order 1/n. */
#include "ouro/natural.h"
#include "ouro/estimator.h"
#include <stdbool.h>

static const char *const centres[] = OURO_CENTRE_NAMES;

typedef struct params {
    ouro_prior prior;
    bool scaled;
} params;

static const ouro_field rows[] = {
    {"strength", OURO_REAL, OURO_ABOVE, offsetof(params, prior.strength), 0, 1e12, "1", NULL, "1 / unit of eta^2",
     "Strength lambda of the penalty lambda / 2 |eta - eta_ref|^2, taken off the log likelihood of the whole mix."},
    {"towards", OURO_CHOICE, 0, offsetof(params, prior.centre), 0, 0, "\"truth\"", centres, "",
     "Where eta_ref is: the truth, the fit on real data (from t = 2 on), or the parameters under `at`."},
    {"scaled", OURO_BOOL, 0, offsetof(params, scaled), 0, 0, "false", NULL, "",
     "Multiplies the penalty by the weight of the mix: lambda per point instead of lambda in all."},
};

static const char *missing(const ouro_family_type *f, const void *p) {
    (void)p;
    if (f->fit_rows && !(f->fit_rows_penalised && (f->natural || !f->stat_draw)))
        return "the family's fit from rows takes no penalty";
    return f->natural || f->fit_rows ? NULL : "the family has no natural parameter that a penalty could pull on";
}

static const ouro_prior *prior(const void *p) { return &((const params *)p)->prior; }

/* pseudo-points would be; laws that rest on them do not hold here */
static int linear(const void *p) {
    (void)p;
    return 0;
}

static int fit(const ouro_fit_task *task, double *theta, ouro_fit_info *info) {
    const params *p = task->params;
    ouro_penalty penalty = {.strength = p->prior.strength, .towards = task->centre};
    double weight = p->scaled ? 0 : 1;
    if (!task->centre) return ouro_fit_mle(task, NULL, theta, info);
    if (task->points) {
        for (size_t i = 0; p->scaled && i < task->points_len; i++)
            weight += task->points[i].weight * (double)task->points[i].n;
        penalty.strength *= weight;
        return ouro_fit_mle(task, &penalty, theta, info);
    }
    return ouro_natural_penalised(task->f, task->T, &penalty, p->scaled, task->tmp, theta, info);
}

const ouro_estimator_type ouro_estimator_ridge = {
    .name = "ridge",
    .doc = "Maximum likelihood with a quadratic pull of the natural parameter towards a reference. Nothing is "
           "absorbed: under "
           "replace eta settles around the reference with variance 1 / (2 strength), whatever n; scaled, with one of "
           "order "
           "1/n.",
    .reference = "Hoerl and Kennard 1970",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prior = prior,
    .linear = linear,
    .penalises = 1,
    .absolute = 1,
    .fit = fit,
};
