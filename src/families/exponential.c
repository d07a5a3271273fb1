/* exponential.c: waiting times without memory; the scale falls for ever. */
#include "core/kernels.h"
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double mean;
} params;

static const ouro_field truth_rows[] = {
    {"mean", OURO_REAL, 0, offsetof(params, mean), 1e-100, 1e100, "1", NULL, "unit of the data", "Mean of the truth."},
};

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

static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    (void)f;
    out[0] = theta[0] + ouro_log(temperature);
}

const ouro_family_type ouro_family_exponential = {
    .name = "exponential",
    .doc = "Waiting times without memory; the mean is fitted and carried as a logarithm.",
    .density = "p(x) = exp(-x / m) / m, x >= 0",
    .statistic = "sum x, kept as weight and log mean",
    .exact_law = "mean of n points ~ m Gamma(n) / n",
    .reference = "Suresh et al. 2024",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_default = {1},
    OURO_NEF_SLOTS(ouro_nef_gamma),
    .natural = OURO_SCALE_NATURAL("eta = -1 / m, A = -log(-eta), mean m"),
    .likelihood_in_statistic = 1,
    .temper = temper,
};
