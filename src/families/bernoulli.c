/* bernoulli.c: zeros and ones; under replace the haploid Wright-Fisher chain. */
#include "core/kernels.h"
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double p;
} params;

static const ouro_field truth_rows[] = {
    {"p", OURO_REAL, OURO_ABOVE | OURO_BELOW, offsetof(params, p), 0, 1, "0.5", NULL, "", "Probability of a one."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lattice = 1, .lower = 0, .upper = 1};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ((const params *)p)->p;
    return OURO_OK;
}

/* logit p / temperature */
static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    const double p = theta[0];
    (void)f;
    out[0] = p <= 0 || p >= 1 ? p : 1 / (1 + ouro_exp(ouro_log((1 - p) / p) / temperature));
}

const ouro_family_type ouro_family_bernoulli = {
    .name = "bernoulli",
    .doc = "Zeros and ones; the share of ones is fitted. Absorbed at 0 and at 1.",
    .density = "p(1) = m, p(0) = 1 - m",
    .statistic = "sum x, kept as weight and mean",
    .exact_law = "sum of n points ~ Binomial(n, m)",
    .reference = "Wright 1931; Suresh et al. 2024",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_default = {1},
    OURO_NEF_SLOTS(ouro_nef_binomial),
    .natural = OURO_LATTICE_NATURAL("eta = log(p / (1 - p)), A = log(1 + e^eta), mean p"),
    .likelihood_in_statistic = 1,
    .temper = temper,
};
