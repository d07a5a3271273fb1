/* log_variance.c: the mean logarithm of a Gaussian's variance when every fit sees one synthetic batch of Gaussian points.
 *
 * sigma_t^2 = sigma_{t-1}^2 chi^2_{n-1} / c, c = n (mle) or n - 1 (unbiased), independent steps, so
 * E log(sigma_t^2 / sigma_0^2) = sum_t [psi((n_t - 1)/2) + log(2 / c_t)].
 * The first step is of this form for a Gaussian truth; for observations it is known when all of them are used.  */
#include "ouro/law.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

static double step(double n, int unbiased) {
    if (n < 2) return -INFINITY;
    return gsl_sf_psi((n - 1) / 2) + log(2 / (unbiased ? n - 1 : n));
}

static int mean(const ouro_setting *g, const char *column, size_t tail, ouro_arena *tmp, double *out) {
    (void)tail, (void)tmp;
    const ouro_truth *t = g->truth;
    const ouro_policy *p = g->policy;
    int unbiased = !strcmp(g->estimator->name, "unbiased"), data = ouro_truth_is_data(t), ret = OURO_OK;
    if (strcmp(g->model->type->name, "gaussian") || (!unbiased && strcmp(g->estimator->name, "mle")))
        return OURO_EUNDEFINED;
    if (!data && t->family.type != g->model->type) return OURO_EUNDEFINED;
    if (data && p->initial != t->rows) return OURO_EUNDEFINED;
    double sum = 0;
    ouro_walk w = {.policy = p};
    for (uint32_t i = 0; i < g->generations; i++) {
        OURO_TRY(ouro_walk_step(&w));
        if (w.mix.len != 1 || w.mix.points < w.mix.pool || (i && ouro_is_real(&w.ledger.batch[w.mix.term[0].batch]))) {
            ret = OURO_EUNDEFINED;
            goto out;
        }
        double n = (double)w.mix.points;
        if (i == 0 && data)
            sum = unbiased ? log(n / (n - 1)) : 0; /* the fit is the data's own variance */
        else
            sum += step(n, unbiased);
        out[i] = strcmp(column, "entropy") ? sum : 0.5 * (1 + log(2 * M_PI) + t->moments.logdet + sum);
        ouro_walk_retire(&w);
    }
out:
    ouro_walk_free(&w);
    return ret;
}

static const char *const columns[] = {"log_variance", "entropy", NULL};

const ouro_law_type ouro_law_log_variance = {
    .name = "log_variance",
    .doc = "Mean of log_variance and entropy of a Gaussian whose every fit sees one synthetic batch: sums of digammas. "
           "Exact "
           "for every n.",
    .source = "mean: log chi-squared steps (exact)",
    .columns = columns,
    .mean = mean,
};
