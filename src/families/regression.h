/* regression.h: what the families of a response given covariates share: their truth's fields and its covariates.
 *
 * A row is (x_1, ..., x_d, y), x ~ N(0, I_d), without intercept; the response depends on x . w alone. */
#ifndef OURO_FAMILIES_REGRESSION_H
#define OURO_FAMILIES_REGRESSION_H
#include "core/special.h"
#include "ouro/family.h"
#include <math.h>
#include <string.h>

enum { REGRESSION_MOST = 199, REGRESSION_USUAL = 5 }; /* features: at most, and where nothing says how many */

typedef struct regression_params {
    uint64_t features;
    ouro_reals weights;
} regression_params;

#define REGRESSION_FIELDS(type, member)                                                                                \
    {"features",                                                                                                       \
     OURO_COUNT,                                                                                                       \
     OURO_NULLABLE,                                                                                                    \
     offsetof(type, member.features),                                                                                  \
     1,                                                                                                                \
     REGRESSION_MOST,                                                                                                  \
     "null",                                                                                                           \
     NULL,                                                                                                             \
     "covariates",                                                                                                     \
     "Number d of covariates x ~ N(0, I), no intercept; null: the length of weights, else 5."},                        \
    {                                                                                                                  \
        "weights", OURO_REALS, OURO_NULLABLE, offsetof(type, member.weights), -1e100, 1e100, "null", NULL,             \
            "per unit of x", "Weights w of the truth; null: all equal, of norm 1."                                     \
    }

static inline size_t regression_features(const regression_params *t) {
    if (t->features != OURO_UNSET) return (size_t)t->features;
    return t->weights.len ? t->weights.len : REGRESSION_USUAL;
}

static inline int regression_domain(const regression_params *t, ouro_response response, ouro_domain *out,
                                    ouro_error *e) {
    size_t d = regression_features(t);
    if (d > REGRESSION_MOST)
        return ouro_fail(e, OURO_ECONFIG, "truth.weights", "%zu weights; at most %d are fitted", d, REGRESSION_MOST);
    if (t->weights.len && t->weights.len != d)
        return ouro_fail(e, OURO_ECONFIG, "truth.weights", "%zu weights for %zu features; give one for each",
                         t->weights.len, d);
    *out = (ouro_domain){.kind = OURO_NUMBERS,
                         .dim = d + 1,
                         .lower = -INFINITY,
                         .upper = INFINITY,
                         .covariates = d,
                         .response = response};
    return OURO_OK;
}

/* For a truth the number of weights is right already, for the centre of a prior it may not be. */
static inline int regression_weights(const regression_params *t, size_t d, double *w, ouro_error *e) {
    if (t->weights.len && t->weights.len != d)
        return ouro_fail(e, OURO_ECONFIG, "weights", "%zu weights for %zu features; give one for each", t->weights.len,
                         d);
    for (size_t j = 0; j < d; j++) w[j] = t->weights.len ? t->weights.values[j] : 1 / sqrt((double)d);
    return OURO_OK;
}

/* Row by row, so that the first rows of a design are the same however many follow; y is left for the response. */
static inline void regression_covariates(const ouro_family *f, ouro_stream *s, size_t n, double *x) {
    size_t d = f->domain.covariates;
    ouro_fill_normals(s, n * d, x);
    for (size_t i = n; i-- > 0;) memmove(x + i * (d + 1), x + i * d, d * sizeof *x);
}

static inline double regression_dot(size_t d, const double *a, const double *b) {
    double sum = 0;
    for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
    return sum;
}

/* e^x - 1 - x >= 0, to the last digits also near 0 */
static inline double regression_excess(double x) { return fabs(x) < 0.125 ? ouro_log1p_gap(expm1(x)) : expm1(x) - x; }

#endif
