/* geometric.c: failures before the first success. */
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double mean;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, OURO_ABOVE, offsetof(params, mean), 0, 1e9, "1", NULL, "", "Mean of the truth."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lattice = 1, .lower = 0, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ((const params *)p)->mean;
    return OURO_OK;
}

const ouro_family_type ouro_family_geometric = {
    .name = "geometric",
    .doc = "Failures before the first success; the mean is fitted. 0 is absorbing; the mean variance grows for ever "
           "all the same.",
    .density = "p(k) = (1 - s) s^k, s = m / (1 + m), k = 0, 1, ...",
    .statistic = "sum k, kept as weight and mean",
    .exact_law = "sum of n points ~ NegativeBinomial(n, s)",
    .reference = "Morris 1982",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_default = {1},
    OURO_NEF_SLOTS(ouro_nef_negative_binomial),
    .natural = OURO_LATTICE_NATURAL("eta = log(m / (m + 1)), A = -log(1 - e^eta), mean m"),
    .likelihood_in_statistic = 1,
};
