/* binomial.c: the number of ones among a known number of trials. */
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double p, trials;
} params;

static const ouro_field truth_rows[] = {
    {"p", OURO_REAL, OURO_ABOVE | OURO_BELOW, offsetof(params, p), 0, 1, "0.5", NULL, "", "Probability of a one."},
    {"trials", OURO_REAL, 0, offsetof(params, trials), 1, 1e9, "10", NULL, "trials",
     "Number of trials, a whole number."},
};

static const ouro_field known_rows[] = {
    {"trials", OURO_REAL, OURO_NULLABLE, 0, 1, 1e9, "null", NULL, "",
     "Known number of trials, a whole number; null: the truth's."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->trials; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out =
        (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lattice = 1, .lower = 0, .upper = ((const params *)p)->trials};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ((const params *)p)->trials * ((const params *)p)->p;
    return OURO_OK;
}

const ouro_family_type ouro_family_binomial = {
    .name = "binomial",
    .doc = "Number of ones among a known number of trials; the mean is fitted. Absorbed at none and at all.",
    .density = "p(k) = C(N, k) p^k (1 - p)^(N - k), m = N p",
    .statistic = "sum k, kept as weight and mean",
    .exact_law = "sum of n points ~ Binomial(n N, m / N)",
    .reference = "Wright 1931",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    OURO_NEF_SLOTS(ouro_nef_binomial),
    .natural = OURO_LATTICE_NATURAL("eta = log(p / (1 - p)), A = N log(1 + e^eta), mean N p"),
};
