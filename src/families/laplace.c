/* laplace.c: double exponential errors around a known location: |x - location| is exponential with mean `scale`.
 *
 * theta = log scale. The mean never moves, the scale falls for ever. */
#include "../core/kernels.h"
#include "ouro/nef.h"
#include <math.h>

typedef struct params {
    double location, scale;
} params;

static const ouro_field truth_rows[] = {
    {"location", OURO_REAL, 0, offsetof(params, location), -1e100, 1e100, "0", NULL, "unit of the data",
     "Centre of the truth."},
    {"scale", OURO_REAL, 0, offsetof(params, scale), 1e-100, 1e100, "1", NULL, "unit of the data",
     "Mean distance from the centre."},
};

static const ouro_field known_rows[] = {
    {"location", OURO_REAL, OURO_NULLABLE, 0, -1e100, 1e100, "null", NULL, "unit of the data",
     "Known centre; null: the truth's."},
};

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->location; }

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ouro_log(((const params *)p)->scale);
    return OURO_OK;
}

static double log_phi(double x, const double *known) { return ouro_log(fabs(x - known[0])); }

static double inverse(double log_y, const double *known) {
    (void)known;
    return ouro_exp(log_y);
}

static double log_derivative(double x, const double *known) {
    (void)x, (void)known;
    return -M_LN2;
}

static double degree(const double *known) { return (void)known, 1; }

static double w2(double a, double b, const double *known) {
    (void)known;
    return M_SQRT2 * fabs(exp(a) - exp(b));
}

static const char *wrong(const double *known) {
    return isfinite(known[0]) ? NULL : "location must be a number; give model.location";
}

static double mode(const ouro_family *f, const double *theta) {
    (void)theta;
    return f->known[0];
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    out->mean[0] = f->known[0];
    out->log_trace = out->logdet = M_LN2 + 2 * theta[0];
    out->trace = exp(out->log_trace);
}

static double entropy(const ouro_family *f, const double *theta) {
    (void)f;
    return 1 + M_LN2 + theta[0];
}

static void quantiles(const ouro_family *f, const double *theta, size_t n, const double *p, double *x) {
    for (size_t i = 0; i < n; i++) {
        double far = p[i] == 0.5 ? 0 : exp(theta[0]) * -log(2 * fmin(p[i], 1 - p[i]));
        x[i] = f->known[0] + (p[i] < 0.5 ? -far : far);
    }
}

static const ouro_transform transform = {
    .mirrored = 1,
    .log_phi = log_phi,
    .inverse = inverse,
    .log_derivative = log_derivative,
    .degree = degree,
    .w2 = w2,
    .wrong = wrong,
};
static const ouro_nef law = {OURO_NEF_EXPONENTIAL, .transform = &transform};

static void temper(const ouro_family *f, const double *theta, double temperature, double *out) {
    (void)f;
    out[0] = theta[0] + ouro_log(temperature);
}

const ouro_family_type ouro_family_laplace = {
    .name = "laplace",
    .doc = "Double exponential around a known location; the scale is fitted and carried as a logarithm.",
    .density = "p(x) = exp(-|x - location| / s) / (2 s)",
    .statistic = "sum |x - location|, kept as weight and log mean",
    .exact_law = "mean of |x - location| over n points ~ s Gamma(n) / n",
    .reference = "Kotz, Kozubowski and Podgorski 2001",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    OURO_TRANSFORM_SLOTS(law),
    .mode = mode,
    .moments = moments,
    .entropy = entropy,
    .quantiles = quantiles,
    .temper = temper,
};
