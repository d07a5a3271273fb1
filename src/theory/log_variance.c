/* log_variance.c: the mean logarithm of a Gaussian's variance when every fit sees one synthetic batch of Gaussian points.
 *
 * sigma_t^2 = sigma_{t-1}^2 chi^2_{n-1} / c, c = n (mle) or n - 1 (unbiased), independent steps, so
 * E log(sigma_t^2 / sigma_0^2) = sum_t [psi((n_t - 1)/2) + log(2 / c_t)].
 * Scale families (gamma of known shape, exponential) likewise: E log V = 2 sum_t [psi(n_t alpha) - log(n_t alpha)].
 * The first step is of this form for a Gaussian truth; for observations it is known when all of them are used.  */
#include "ouro/law.h"
#include "ouro/nef.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

/* Mean step of log V for n points. Gaussian: known = NULL; gamma of shape known[0]: V ~ m^2, m ~ Gamma(n alpha)/(n alpha). */
static double step(double n, const double *known, int unbiased) {
    if (known) return 2 * (gsl_sf_psi(n * known[0]) - log(n * known[0]));
    if (n < 2) return -INFINITY;
    return gsl_sf_psi((n - 1) / 2) + log(2 / (unbiased ? n - 1 : n));
}

static int mean(const ouro_setting *g, const char *column, size_t tail, ouro_arena *tmp, double *out) {
    (void)tail, (void)tmp;
    const ouro_truth *t = g->truth;
    const ouro_policy *p = g->policy;
    int unbiased = !strcmp(g->estimator->name, "unbiased"), data = ouro_truth_is_data(t), ret = OURO_OK;
    int gaussian = !strcmp(g->model->type->name, "gaussian"), gamma = g->model->type->nef == &ouro_nef_gamma;
    if (!(gaussian || gamma) || (!unbiased && strcmp(g->estimator->name, "mle"))) return OURO_EUNDEFINED;
    if (!data && t->family.type != g->model->type) return OURO_EUNDEFINED;
    if (data && (gamma || p->initial != t->rows)) return OURO_EUNDEFINED;
    if (gamma && t->family.known[0] != g->model->known[0]) return OURO_EUNDEFINED;
    double sum = 0, entropy = t->family.type ? t->family.type->entropy(&t->family, t->theta)
                                             : 0.5 * (1 + log(2 * M_PI) + t->moments.logdet);
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
            sum += step(n, gamma ? g->model->known : NULL, unbiased);
        out[i] = strcmp(column, "entropy") ? sum : entropy + 0.5 * sum;
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
