/* resting_place.c: where a Gaussian's mean has come to rest once the variance has gone, under replace; n and t towards infinity.
 *
 * mu_inf - mu_0 is the sum of all steps sigma_{t-1} Z / sqrt(n) with a variance that falls as a geometric Brownian motion does: in the limit
 * (Dufresne's functional; derived) (mu_inf - mu_0) / sigma_0 ~ t_4 / sqrt(2) for maximum likelihood and t_2 for the unbiased variance. The
 * model is a point by then, so that its expected mass on a set is the probability that this point lies there: the MEAN tail mass rises to
 * it, while the median goes to 0. Given once (1 - 1/n)^t < 1 %; drawn beside the replicates, never tested. */
#include "ouro/law.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* The batch size where every fit sees one synthetic batch of that size, else 0. */
static double batch_size(const ouro_setting *s) {
    const ouro_policy *p = s->policy;
    if (p->synthetic.growth != 0 || p->memory.real || p->memory.synthetic || p->anchor.points) return 0;
    if (p->synthetic.temperature != 1 || (p->budget != OURO_UNSET && p->budget < p->synthetic.points)) return 0;
    return (double)p->synthetic.points;
}

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const int unbiased = !strcmp(s->estimator->name, "unbiased");
    const double n = batch_size(s), df = unbiased ? 2 : 4, scale = unbiased ? 1 : sqrt(0.5);
    (void)tmp;
    if (!(n > 1) || strcmp(s->model->type->name, "gaussian") || s->truth->family.type != s->model->type)
        return OURO_EUNDEFINED;
    if (!unbiased && strcmp(s->estimator->name, "mle")) return OURO_EUNDEFINED;
    const double mean = s->truth->moments.mean[0], sd = scale * sqrt(s->truth->moments.trace);
    double value = mean + sd * gsl_cdf_tdist_Pinv(ouro_statistic_share(claim->statistic), df);
    if (claim->statistic == OURO_STATISTIC_MEAN) {
        const ouro_tail_set *a = &s->tails[tail];
        value = gsl_cdf_tdist_P((a->lower - mean) / sd, df) + gsl_cdf_tdist_Q((a->upper - mean) / sd, df);
    }
    for (uint32_t t = 1; t <= s->generations; t++) out[t - 1] = t * log1p(-1 / n) < log(0.01) ? value : NAN;
    ouro_law_roll_back(s, out);
    return OURO_OK;
}

static const ouro_claim claims[] = {
    {"mean", OURO_STATISTIC_Q05, OURO_STANDING_LIMIT},
    {"mean", OURO_STATISTIC_Q25, OURO_STANDING_LIMIT},
    {"mean", OURO_STATISTIC_MEDIAN, OURO_STANDING_LIMIT},
    {"mean", OURO_STATISTIC_Q75, OURO_STANDING_LIMIT},
    {"mean", OURO_STATISTIC_Q95, OURO_STANDING_LIMIT},
    {"tail_mass", OURO_STATISTIC_MEAN, OURO_STANDING_LIMIT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_resting_place = {
    .name = "resting_place",
    .doc = "Quantiles of the place at which a Gaussian has collapsed under replace, and the mean tail mass that "
           "follows: limits for many "
           "points and generations.",
    .source = "Dufresne's functional",
    .claims = claims,
    .predict = predict,
};
