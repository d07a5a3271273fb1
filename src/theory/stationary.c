/* stationary.c: where the loop settles that sees k fresh real points among n in every fit, n and t towards infinity.
 *
 * Diffusion limits of the pooled maximum likelihood fit (derived): with k fresh points, whatever n,
 *     gaussian    1 / sigma^2 ~ Gamma(k + 3/2) / k, mu ~ sqrt(1 / (2 k + 3)) t_{2k+3}     (unbiased: Gamma(k + 1/2) / k)
 *     bernoulli   p ~ Beta(2 k p_0, 2 k (1 - p_0))
 *     poisson     lambda ~ Gamma(2 k lambda_0) / (2 k)
 *     exponential 1 / m ~ Gamma(2 k + 1) / (2 k m_0)
 *     categorical p ~ Dirichlet(2 k p_0), of which a sample of n sees each category i with probability
 *                 1 - Gamma(h) Gamma(h q_i + n) / (Gamma(h q_i) Gamma(h + n)), h = 2 k, q_i = 1 - p_i: so many are alive
 * in units of the truth. A row is given for generations in which what was there before has been replaced, exp(-2 k t / n) < 1 %, and
 * for k below a tenth of n: a limit is drawn beside the replicates, never tested. */
#include "ouro/law.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <string.h>

/* The k and n of such a loop, k = 0 for any other. */
static double fresh_points(const ouro_setting *s, double *n) {
    const ouro_policy *p = s->policy;
    const double k = (double)p->anchor.points;
    *n = k + (double)p->synthetic.points;
    if (p->anchor.source != OURO_FRESH || p->anchor.every != 1 || p->anchor.last != OURO_UNSET) return 0;
    if (p->memory.real || p->memory.synthetic || p->budget != OURO_UNSET || p->synthetic.growth != 0) return 0;
    if (p->anchor.growth != 0 || !isnan(p->weights.real_share) || p->weights.real != p->weights.synthetic) return 0;
    return 10 * k < *n ? k : 0;
}

/* The value with a share p of the stationary law below it; NaN: none known. */
static double quantile(const ouro_setting *s, const char *column, double k, double p) {
    const char *family = s->model->type->name;
    const double m = s->truth->moments.mean[0];
    const int variance = !strcmp(column, "variance_ratio"), unbiased = !strcmp(s->estimator->name, "unbiased");
    if (!strcmp(family, "gaussian") && variance) return k / gsl_cdf_gamma_Qinv(p, k + (unbiased ? 0.5 : 1.5), 1);
    if (unbiased || (variance && strcmp(family, "exponential"))) return NAN;
    if (!strcmp(family, "gaussian"))
        return m + sqrt(s->truth->moments.trace / (2 * k + 3)) * gsl_cdf_tdist_Pinv(p, 2 * k + 3);
    if (!strcmp(family, "bernoulli")) return gsl_cdf_beta_Pinv(p, 2 * k * m, 2 * k * (1 - m));
    if (!strcmp(family, "poisson")) return gsl_cdf_gamma_Pinv(p, 2 * k * m, 1) / (2 * k);
    if (strcmp(family, "exponential")) return NAN;
    const double mean = 2 * k * m / gsl_cdf_gamma_Qinv(p, 2 * k + 1, 1);
    return variance ? mean * mean / (m * m) : mean;
}

/* Expected number of categories alive. */
static double alive(const ouro_setting *s, double k, double n) {
    const double h = 2 * k;
    double sum = 0;
    if (strcmp(s->model->type->name, "categorical") || strcmp(s->estimator->name, "mle")) return NAN;
    for (size_t i = 0; i < s->model->domain.categories; i++) {
        const double p = s->truth->theta[i], q = 1 - p;
        if (p > 0) sum -= q > 0 ? expm1(gsl_sf_lngamma(h) - gsl_sf_lngamma(h + n) + gsl_sf_lnpoch(h * q, n)) : -1;
    }
    return sum;
}

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    double n;
    const double k = fresh_points(s, &n);
    (void)tail, (void)tmp;
    if (ouro_law_rolls_back(s)) return OURO_EUNDEFINED;
    if (!(k > 0) || s->truth->family.type != s->model->type || ouro_truth_is_data(s->truth)) return OURO_EUNDEFINED;
    if (strcmp(s->estimator->name, "mle") && strcmp(s->estimator->name, "unbiased")) return OURO_EUNDEFINED;
    const double value = strcmp(claim->column, "support")
                             ? quantile(s, claim->column, k, ouro_statistic_share(claim->statistic))
                             : alive(s, k, n);
    if (isnan(value)) return OURO_EUNDEFINED;
    for (uint32_t t = 1; t <= s->generations; t++) out[t - 1] = exp(-2 * k * t / n) < 0.01 ? value : NAN;
    return OURO_OK;
}

#define QUANTILES_OF(column)                                                                                           \
    {column, OURO_STATISTIC_Q05, OURO_STANDING_LIMIT}, {column, OURO_STATISTIC_Q25, OURO_STANDING_LIMIT},              \
        {column, OURO_STATISTIC_MEDIAN, OURO_STANDING_LIMIT}, {column, OURO_STATISTIC_Q75, OURO_STANDING_LIMIT}, {     \
        column, OURO_STATISTIC_Q95, OURO_STANDING_LIMIT                                                                \
    }
static const ouro_claim claims[] = {
    QUANTILES_OF("variance_ratio"),
    QUANTILES_OF("mean"),
    {"support", OURO_STATISTIC_MEAN, OURO_STANDING_LIMIT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_stationary = {
    .name = "stationary",
    .doc = "Quantiles of the mean and of the variance where a loop with k fresh real points in every fit settles: "
           "gaussian, bernoulli, "
           "poisson, exponential; and how many categories are alive. Limits for many points and generations, k small "
           "beside n.",
    .source = "stationary law of the diffusion limit",
    .claims = claims,
    .predict = predict,
};
