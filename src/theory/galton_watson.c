/* galton_watson.c: extinction of a Poisson mean when every fit sees one synthetic batch.
 *
 * n m_t is a Galton-Watson process with Poisson(1) offspring, so P(m_t = 0) = exp(-m_0 h_t) with h_1 = n_1 and, for later
 * batches of n points, h_t = n_1 (1 - exp(-n g_{t-1} / n_1)), g_1 = 1, g_{s+1} = 1 - exp(-g_s). The mean time to extinction is
 * infinite: read the survival curve, not a mean of censored times. Batches n_1, n_2, ... of different sizes, as they grow:
 * P(m_T = 0) = exp(-m_0 h_1), h_T = n_T, h_t = n_t (1 - exp(-h_{t+1} / n_t)), O(T) each. */
#include "ouro/law.h"
#include <math.h>
#include <string.h>

enum { MOST_GROWING = 4000 }; /* generations: O(T^2) */

/* Batches that grow: from the last one back to the first. */
static void growing(const ouro_setting *s, double m, double *out) {
    const ouro_policy *p = s->policy;
    for (uint32_t T = 1; T <= s->generations; T++) {
        double h = 0;
        for (uint32_t t = T; t >= 1; t--) {
            const double n = t == 1 ? (double)p->initial : (double)ouro_policy_synthetic_points(p, t);
            h = t == T ? n : -n * expm1(-h / n);
        }
        out[T - 1] = exp(-m * h);
    }
}

static int predict(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const ouro_policy *p = s->policy;
    (void)claim, (void)tail, (void)tmp;
    if (strcmp(s->model->type->name, "poisson") || strcmp(s->estimator->name, "mle")) return OURO_EUNDEFINED;
    if (s->truth->family.type != s->model->type) return OURO_EUNDEFINED;
    if (p->memory.real || p->memory.synthetic || p->anchor.points) return OURO_EUNDEFINED;
    const double m = s->truth->theta[0];
    if (p->synthetic.growth != 0) {
        if (p->budget != OURO_UNSET || s->generations > MOST_GROWING || ouro_law_rolls_back(s)) return OURO_EUNDEFINED;
        growing(s, m, out);
        return OURO_OK;
    }
    if (p->budget != OURO_UNSET && (p->budget < p->initial || p->budget < p->synthetic.points)) return OURO_EUNDEFINED;
    double first = (double)p->initial, n = (double)p->synthetic.points, g = 1;
    for (uint32_t t = 0; t < s->generations; t++) {
        out[t] = exp(m * (t ? first * expm1(-n * g / first) : -first));
        if (t) g = -expm1(-g);
    }
    ouro_law_roll_back(s, out);
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
