/* first_batch.c: what is lost for good where the first real batch is never forgotten (accumulate, augment).
 *
 * If its points are all of one kind, so is every model and everything that models draw; if not, no later fit can be of one kind. So a
 * loop that keeps its real points and gets no others is absorbed at the first fit or never: with probability sum_i p_i^n of n points,
 * which is e^(-n lambda) for a Poisson mean, where only zeros absorb.
 * Likewise a category is missing from the first fit on or never: with probability (1 - p_i)^n. */
#include "ouro/law.h"
#include <math.h>
#include <string.h>

/* Of one category's part: in how much it is there, is missing, or is all there is. */
static double part(const char *column, double n, double p) {
    if (!strcmp(column, "absorbed")) return pow(p, n);
    const double gone = p < 1 ? exp(n * log1p(-p)) : 0;
    return !strcmp(column, "support") ? 1 - gone : p * gone;
}

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const ouro_policy *p = s->policy;
    const char *family = s->model->type->name;
    const double n = (double)p->initial;
    double sum = 0;
    const int absorbed = !strcmp(claim->column, "absorbed");
    (void)tail, (void)tmp;
    if (p->memory.real < s->generations || p->memory.until != OURO_UNSET || p->anchor.points) return OURO_EUNDEFINED;
    if (p->flagged.first != OURO_UNSET) return OURO_EUNDEFINED; /* it may be recalled */
    if (p->budget != OURO_UNSET || strcmp(s->estimator->name, "mle") || ouro_truth_is_data(s->truth))
        return OURO_EUNDEFINED;
    if (s->truth->family.type != s->model->type || p->weights.real_share == 0) return OURO_EUNDEFINED;
    const double m = s->truth->moments.mean[0];
    if (!strcmp(family, "poisson") && absorbed)
        sum = exp(-n * m);
    else if (!strcmp(family, "bernoulli") && absorbed)
        sum = pow(m, n) + pow(1 - m, n);
    else if (!strcmp(family, "categorical"))
        for (size_t i = 0; i < s->model->domain.categories; i++) sum += part(claim->column, n, s->truth->theta[i]);
    else
        return OURO_EUNDEFINED;
    for (uint32_t t = 0; t < s->generations; t++) out[t] = sum;
    return OURO_OK;
}

static const ouro_claim claims[] = {
    {"absorbed", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"support", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"missing_mass", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_first_batch = {
    .name = "first_batch",
    .doc = "Where the first real batch stays in every fit: share of replicates absorbed, for poisson, bernoulli and "
           "categorical; of the last also support and missing mass. Decided at the first fit. Exact.",
    .source = "the first fit decides",
    .claims = claims,
    .predict = predict,
};
