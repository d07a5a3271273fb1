/* guided.c: negative guidance: theta_t = (1 + w) theta_base - w theta_auxiliary, away from a model that has seen
 * more synthetic points.
 *
 * Natural parameter: densities are extrapolated, p ~ p_base^(1 + w) p_auxiliary^-w (for a normal, its score). The
 * result may not be a density: a normal's precision (1 + w) / v_base - w / v_auxiliary is negative where the
 * auxiliary is too narrow, under replace from n points with probability P(chi^2_{n-1} < n w / (1 + w)). The plain
 * fit then stands in, and the run counts it (`refused`). Mean parameter: p_base (1 + w) - p_auxiliary w in
 * expectation; under replace a normal's variance has E v_t = E v_{t-1} (1 - w^2 / n) while nothing is refused,
 * against 1 - 1 / n of maximum likelihood. Centred: v = (1 + w) v_base - w v_auxiliary itself, E v_t = E v_{t-1} (1 + w / n),
 * which at w = 1 gives back what the fit before it lost. */
#include "ouro/natural.h"
#include "ouro/estimator.h"
#include <string.h>

enum { MIX, SYNTHETIC };
static const char *const auxiliaries[] = {"mix", "synthetic", NULL};
static const char *const parameterisations[] = {"natural", "mean", "centred", NULL}; /* as ouro_coordinate */

typedef struct params {
    double w;
    int auxiliary, parameterisation;
} params;

static const ouro_field rows[] = {
    {"w", OURO_REAL, 0, offsetof(params, w), 0, 1e6, "1", NULL, "",
     "Weight w of the step away from the auxiliary model; 0 leaves the base."},
    {"auxiliary", OURO_CHOICE, 0, offsetof(params, auxiliary), 0, 0, "\"mix\"", auxiliaries, "",
     "mix: away from the fit on the mix, starting from the model before it. synthetic: away from the fit on the mix's "
     "synthetic points alone, starting from the fit on all of it."},
    {"parameterisation", OURO_CHOICE, 0, offsetof(params, parameterisation), 0, 0, "\"natural\"", parameterisations, "",
     "What is extrapolated: the natural parameter (log densities), the mean of the sufficient statistic, or (centred) "
     "location and, each model's about its own, mean of the statistic: of normals mean and covariance themselves."},
};

static const char *missing(const ouro_family_type *f, const void *p) {
    if (!f->natural || !f->fit_mle || f->fit_rows)
        return "the family has no natural parameter that could be extrapolated";
    if (p && ((const params *)p)->parameterisation == OURO_IN_CENTRED && f->theta_location == OURO_NOWHERE)
        return "the family has no location that its other moments are about; use parameterisation mean";
    return NULL;
}

static int fit(const ouro_fit_task *task, double *theta, ouro_fit_info *info) {
    const params *p = task->params;
    const ouro_family *f = task->f;
    ouro_fit_info other;
    f->type->fit_mle(f, task->T, theta, info);
    if (!task->before || (p->auxiliary == SYNTHETIC && !task->synthetic)) return OURO_OK;
    ouro_arena_mark mark = ouro_arena_here(task->tmp);
    int ret = OURO_ENOMEM;
    double *away = ouro_arena_alloc(task->tmp, f->theta_len, sizeof *away);
    if (!away) goto out;
    const double *base = p->auxiliary == MIX ? task->before : theta;
    memcpy(away, theta, f->theta_len * sizeof *away);
    if (p->auxiliary == SYNTHETIC) f->type->fit_mle(f, task->synthetic, away, &other);
    ret = OURO_OK;
    if (memcmp(base, away, f->theta_len * sizeof *away)) /* equal ones are what they are, absorbed ones too */
        ret =
            ouro_natural_extrapolate(f, (ouro_coordinate)p->parameterisation, p->w, base, away, task->tmp, theta, info);
out:
    ouro_arena_reset(task->tmp, mark);
    return ret;
}

const ouro_estimator_type ouro_estimator_guided = {
    .name = "guided",
    .doc = "Extrapolates away from self-consumption: (1 + w) times a base model less w times an auxiliary one that has "
           "seen "
           "more synthetic points. Where no such model exists the plain fit stands in and counts as refused.",
    .reference = "Alemohammad et al. 2024 (SIMS: self-improving diffusion models with synthetic data); 2025 (Neon) for "
                 "parameters in "
                 "place of scores",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .needs_synthetic = 1,
    .fit = fit,
};
