/* galton_watson.c: extinction of a Poisson mean when every fit sees one synthetic batch.
 *
 * n m_t is a Galton-Watson process with Poisson(1) offspring, so P(m_t = 0) = exp(-m_0 h_t) with h_1 = n_1 and, for later
 * batches of n points, h_t = n_1 (1 - exp(-n g_{t-1} / n_1)), g_1 = 1, g_{s+1} = 1 - exp(-g_s). The mean time to extinction is
 * infinite: read the survival curve, not a mean of censored times.                                          */
#include "ouro/law.h"
#include <math.h>
#include <string.h>

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const char *column = claim->column;
    const ouro_policy *p = s->policy;
    (void)column, (void)tail, (void)tmp;
    if (strcmp(s->model->type->name, "poisson") || strcmp(s->estimator->name, "mle")) return OURO_EUNDEFINED;
    if (s->truth->family.type != s->model->type) return OURO_EUNDEFINED;
    if (p->synthetic.growth != 0 || p->memory.real || p->memory.synthetic || p->anchor.points) return OURO_EUNDEFINED;
    if (p->budget != OURO_UNSET && (p->budget < p->initial || p->budget < p->synthetic.points)) return OURO_EUNDEFINED;
    double first = (double)p->initial, n = (double)p->synthetic.points, m = s->truth->theta[0], g = 1;
    for (uint32_t t = 0; t < s->generations; t++) {
        out[t] = exp(m * (t ? first * expm1(-n * g / first) : -first));
        if (t) g = -expm1(-g);
    }
    return OURO_OK;
}

static const ouro_claim claims[] = {
    {"absorbed", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_galton_watson = {
    .name = "galton_watson",
    .doc = "Share of Poisson replicates that are extinct under replace, by the generating function. Exact for every n.",
    .source = "Galton-Watson extinction",
    .claims = claims,
    .predict = predict,
};
