/* student_t.c: Student's t, a truth with heavy tails for models that do not have them. It is never refitted. */
#include "core/kernels.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>

enum { LOCATION, LOG_SCALE, DF, THETA_LEN };

typedef struct params {
    double location, scale, df;
} params;

static const ouro_field truth_rows[] = {
    {"location", OURO_REAL, 0, offsetof(params, location), -1e100, 1e100, "0", NULL, "unit of the data",
     "Centre of the truth."},
    {"scale", OURO_REAL, 0, offsetof(params, scale), 1e-100, 1e100, "1", NULL, "unit of the data",
     "Scale of the truth."},
    {"df", OURO_REAL, OURO_ABOVE, offsetof(params, df), 2, 1e9, "3", NULL, "",
     "Degrees of freedom; above 2, since everything is measured in units of the truth's variance."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    const params *t = p;
    (void)f, (void)e;
    theta[LOCATION] = t->location;
    theta[LOG_SCALE] = ouro_log(t->scale);
    theta[DF] = t->df;
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    (void)e;
    f->theta_len = THETA_LEN;
    f->mean_len = 1;
    return OURO_OK;
}

/* A normal over the root of an independent chi-squared over its degrees of freedom. */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)f, (void)tmp;
    double df = theta[DF], scale = ouro_exp(theta[LOG_SCALE]);
    for (size_t i = 0; i < n; i++) {
        double z = ouro_stream_normal(s);
        x[i] = theta[LOCATION] + scale * z / sqrt(2 * ouro_gamma(s, df / 2) / df);
    }
    return OURO_OK;
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    out->mean[0] = theta[LOCATION];
    out->log_trace = out->logdet = 2 * theta[LOG_SCALE] + log(theta[DF] / (theta[DF] - 2));
    out->trace = exp(out->log_trace);
}

static double entropy(const ouro_family *f, const double *theta) {
    double v = theta[DF];
    (void)f;
    return theta[LOG_SCALE] + (v + 1) / 2 * (gsl_sf_psi((v + 1) / 2) - gsl_sf_psi(v / 2)) + 0.5 * log(v) +
           gsl_sf_lnbeta(v / 2, 0.5);
}

static void quantiles(const ouro_family *f, const double *theta, size_t n, const double *p, double *x) {
    (void)f;
    for (size_t i = 0; i < n; i++) x[i] = theta[LOCATION] + exp(theta[LOG_SCALE]) * gsl_cdf_tdist_Pinv(p[i], theta[DF]);
}

const ouro_family_type ouro_family_student_t = {
    .name = "student-t",
    .doc = "Student's t: a truth with heavy tails, for models that do not have them. A truth only.",
    .density = "p(x) ~ (1 + ((x - location) / scale)^2 / df)^(-(df + 1) / 2)",
    .parameters = "none: no exponential family; location, scale and degrees of freedom",
    .reference = "Student 1908",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = LOCATION,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .moments = moments,
    .entropy = entropy,
    .quantiles = quantiles,
};
