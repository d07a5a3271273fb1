/* map.c: the mode of the posterior under a conjugate prior.
 *
 * The conjugate prior of an exponential family, exp(nu (eta . m* - A(eta))), is nu pseudo-points with mean statistic m*. The
 * mode depends on the parameter the density is written in: in the natural parameter the pseudo-points simply join the
 * data; in the mean the Jacobian 1 / V(m) moves it, m = (W m~ - v1) / (W + 2 v2), W = n + nu, m~ the pooled mean. Beta(a, b)
 * is nu = a + b, and in the mean only a + b - 2 of it is felt: a uniform prior does nothing, Jeffreys's takes away. */
#include "ouro/estimator.h"

enum { NATURAL, MEAN };
static const char *const parameterisations[] = {"natural", "mean", NULL};
static const char *const centres[] = OURO_CENTRE_NAMES;

typedef struct params {
    ouro_prior prior;
    int parameterisation;
} params;

static const ouro_field rows[] = {
    {"strength", OURO_REAL, OURO_ABOVE, offsetof(params, prior.strength), 0, 1e12, "1", NULL, "pseudo-points",
     "Strength nu of the prior: it weighs as much as nu points."},
    {"centre", OURO_CHOICE, 0, offsetof(params, prior.centre), 0, 0, "\"truth\"", centres, "",
     "Where the prior sits: at the truth, at the fit on real data (from t = 2 on), or at the parameters under `at`."},
    {"parameterisation", OURO_CHOICE, 0, offsetof(params, parameterisation), 0, 0, "\"natural\"", parameterisations, "",
     "In which parameter the posterior density has its mode: natural keeps all nu pseudo-points, mean feels fewer."},
};

static const char *missing(const ouro_family_type *f, const void *p) {
    if (!f->stat_of) return "the family has no conjugate prior made of pseudo-points";
    if (p && ((const params *)p)->parameterisation == MEAN && !f->mode_in_mean)
        return "the family has no closed form for the mode in its mean; use parameterisation natural";
    return NULL;
}

static const ouro_prior *prior(const void *p) { return &((const params *)p)->prior; }

static int linear(const void *p) { return ((const params *)p)->parameterisation == NATURAL; }

static int fit(const ouro_fit_task *task, double *theta, ouro_fit_info *info) {
    if (((const params *)task->params)->parameterisation == MEAN) task->f->type->mode_in_mean(task->f, task->T);
    return ouro_fit_mle(task, NULL, theta, info);
}

const ouro_estimator_type ouro_estimator_map = {
    .name = "map",
    .doc =
        "Mode of the posterior under a conjugate prior: `strength` pseudo-points join every mix. In the natural "
        "parameter nu of them centred on the truth do what nu fresh real points do; in the mean a uniform prior does "
        "nothing at all.",
    .reference = "Jangjoo et al. 2025; Diaconis and Ylvisaker 1979 for conjugate priors",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prior = prior,
    .linear = linear,
    .fit = fit,
};
