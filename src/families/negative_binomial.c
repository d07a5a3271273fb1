/* negative_binomial.c: failures before the r-th success, the size r known. */
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double mean, size;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, OURO_ABOVE, offsetof(params, mean), 0, 1e9, "1", NULL, "", "Mean of the truth."},
    {"size", OURO_REAL, OURO_ABOVE, offsetof(params, size), 0, 1e9, "4", NULL, "", "Size r, any positive number."},
};

static const ouro_field known_rows[] = {
    {"size", OURO_REAL, OURO_NULLABLE | OURO_ABOVE, 0, 0, 1e9, "null", NULL, "", "Known size r; null: the truth's."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->size; }

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

const ouro_family_type ouro_family_negative_binomial = {
    .name = "negative-binomial",
    .doc = "Failures before the r-th success with known r; the mean is fitted. 0 is absorbing.",
    .density = "p(k) = Gamma(r + k) / (Gamma(r) k!) (1 - s)^r s^k, s = m / (r + m)",
    .statistic = "sum k, kept as weight and mean",
    .exact_law = "sum of n points ~ NegativeBinomial(n r, s)",
    .reference = "Morris 1982",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    OURO_NEF_SLOTS(ouro_nef_negative_binomial),
    .natural = OURO_LATTICE_NATURAL("eta = log(m / (m + r)), A = -r log(1 - e^eta), mean m"),
};
