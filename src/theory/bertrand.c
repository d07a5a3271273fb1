/* bertrand.c: the contraction of Bertrand et al. 2024 for a normal that is fitted to its latest batch alone.
 *
 * E sigma_t = sigma_0 prod kappa_s, kappa = sqrt(2 / c) Gamma(n / 2) / Gamma((n - 1) / 2) with c = n - 1 (their alpha; n for the maximum
 * likelihood estimate), and by Markov's inequality P(sigma_t > eps) <= E sigma_t / eps: the quantile of sigma_t^2 / sigma_0^2 that a share p
 * lies below is at most (E sigma_t / sigma_0 / (1 - p))^2. */
#include "ouro/law.h"
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <string.h>

static double log_kappa(double n, int unbiased) {
    if (n < 2) return -INFINITY;
    return 0.5 * log(2 / (unbiased ? n - 1 : n)) + gsl_sf_lngamma(n / 2) - gsl_sf_lngamma((n - 1) / 2);
}

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const ouro_policy *p = s->policy;
    const int unbiased = !strcmp(s->estimator->name, "unbiased");
    const double beyond = 1 - ouro_statistic_share(claim->statistic);
    int ret = OURO_OK;
    double sum = 0, kept = 0;
    (void)tail, (void)tmp;
    if (ouro_truth_is_data(s->truth) || s->truth->family.type != s->model->type) return OURO_EUNDEFINED;
    if (strcmp(s->model->type->name, "gaussian") || (!unbiased && strcmp(s->estimator->name, "mle")))
        return OURO_EUNDEFINED;
    ouro_walk w = {.policy = p};
    for (uint32_t t = 1; t <= s->generations; t++) {
        OURO_TRY(ouro_walk_step(&w));
        if (w.mix.len != 1 || w.mix.points < w.mix.pool ||
            (t > 1 && ouro_is_real(&w.ledger.batch[w.mix.term[0].batch]))) {
            ret = OURO_EUNDEFINED;
            goto out;
        }
        if (t == p->rollback.at) sum = kept;
        sum += log_kappa((double)w.mix.points, unbiased);
        if (t == p->rollback.to) kept = sum;
        out[t - 1] = exp(2 * (sum - log(beyond)));
        ouro_walk_retire(&w);
    }
out:
    ouro_walk_free(&w);
    return ret;
}

static const ouro_claim claims[] = {
    {"variance_ratio", OURO_STATISTIC_MEDIAN, OURO_STANDING_AT_MOST},
    {"variance_ratio", OURO_STATISTIC_Q95, OURO_STANDING_AT_MOST},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_bertrand = {
    .name = "bertrand",
    .doc = "Bound on the median and the 95 % quantile of a Gaussian's variance where every fit sees one synthetic "
           "batch, from the mean "
           "standard deviation, which is known exactly.",
    .source = "Bertrand et al. 2024: E sigma_t, and Markov's inequality",
    .claims = claims,
    .predict = predict,
};
