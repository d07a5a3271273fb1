/* suresh.c: bounds of Suresh et al. 2024 on a loop that sees nothing but its latest batch, all of n points.
 *
 * Normal with the unbiased variance: P(sigma_t > eps) <= (sigma_0 / eps) exp(-t / (4 n - 1)). Read the other way round, the quantile of
 * sigma_t^2 / sigma_0^2 that a share p lies below is at most (exp(-t / (4 n - 1)) / (1 - p))^2. The maximum likelihood estimate is
 * smaller draw by draw, so it holds for that too.
 * Categories: one of probability p is alive at t with a probability of at least 1 - exp(-n p g_t), g_1 = 1, g_{s+1} = 1 - exp(-g_s). */
#include "ouro/law.h"
#include <math.h>
#include <string.h>

/* The one size of all batches where each fit sees the latest one alone, else 0. */
static double batch_size(const ouro_setting *s) {
    const ouro_policy *p = s->policy;
    if (p->synthetic.growth != 0 || p->memory.real || p->memory.synthetic || p->anchor.points) return 0;
    if (p->initial != p->synthetic.points || (p->budget != OURO_UNSET && p->budget < p->initial)) return 0;
    return (double)p->initial;
}

static int variance(const ouro_setting *s, double n, ouro_statistic statistic, double *out) {
    const int known = !strcmp(s->estimator->name, "unbiased") || !strcmp(s->estimator->name, "mle");
    if (!known || strcmp(s->model->type->name, "gaussian") || n < 2) return OURO_EUNDEFINED;
    for (uint32_t t = 1; t <= s->generations; t++)
        out[t - 1] = exp(-2 * (t / (4 * n - 1) + log1p(-ouro_statistic_share(statistic))));
    return OURO_OK;
}

static int support(const ouro_setting *s, double n, double *out) {
    double g = 1;
    if (strcmp(s->model->type->name, "categorical") || strcmp(s->estimator->name, "mle")) return OURO_EUNDEFINED;
    for (uint32_t t = 0; t < s->generations; t++, g = -expm1(-g)) {
        out[t] = 0;
        for (size_t i = 0; i < s->model->domain.categories; i++) out[t] -= expm1(-n * s->truth->theta[i] * g);
    }
    return OURO_OK;
}

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const double n = batch_size(s);
    (void)tail, (void)tmp;
    if (!(n > 0) || ouro_truth_is_data(s->truth) || s->truth->family.type != s->model->type) return OURO_EUNDEFINED;
    int ret = strcmp(claim->column, "support") ? variance(s, n, claim->statistic, out) : support(s, n, out);
    if (!ret) ouro_law_roll_back(s, out);
    return ret;
}

static const ouro_claim claims[] = {
    {"variance_ratio", OURO_STATISTIC_MEDIAN, OURO_STANDING_AT_MOST},
    {"variance_ratio", OURO_STATISTIC_Q95, OURO_STANDING_AT_MOST},
    {"support", OURO_STATISTIC_MEAN, OURO_STANDING_AT_LEAST},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_suresh = {
    .name = "suresh",
    .doc = "Bounds under replace with batches of one size: how large the median and the 95 % quantile of a Gaussian's "
           "variance can still "
           "be, and how many categories are alive at least.",
    .source = "Suresh et al. 2024",
    .claims = claims,
    .predict = predict,
};
