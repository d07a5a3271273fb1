/* gamma.c: waiting times for the alpha-th event, the shape known. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double mean, shape;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, 0, offsetof(params, mean), 1e-100, 1e100, "1", NULL, "unit of the data", "Mean of the truth."},
    {"shape", OURO_REAL, OURO_ABOVE, offsetof(params, shape), 0, 1e9, "2", NULL, "", "Shape alpha."},
};

static const ouro_field known_rows[] = {
    {"shape", OURO_REAL, OURO_NULLABLE | OURO_ABOVE, 0, 0, 1e9, "null", NULL, "",
     "Known shape alpha; null: the truth's."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->shape; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lattice = 0, .lower = 0, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ouro_log(((const params *)p)->mean);
    return OURO_OK;
}

const ouro_family_type ouro_family_gamma = {
    .name = "gamma",
    .doc = "Waiting times for the alpha-th event with known shape; the mean is fitted and carried as a logarithm.",
    .density = "p(x) ~ x^(alpha - 1) exp(-alpha x / m), x >= 0",
    .statistic = "sum x, kept as weight and log mean",
    .exact_law = "mean of n points ~ m Gamma(n alpha) / (n alpha)",
    .reference = "Morris 1982",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    OURO_NEF_SLOTS(ouro_nef_gamma),
    .natural = OURO_SCALE_NATURAL("eta = -alpha / m, A = -alpha log(-eta), mean m"),
};
