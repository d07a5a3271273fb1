/* nef.h: one-parameter natural exponential families, written in their mean.
 *
 * p(x) = h(x) exp(eta x - A(eta)) with mean m and variance function V(m). Maximum likelihood matches the mean, so all
 * that training does is written once here, from a table of closed forms: a family file is that table.
 *
 * theta[1] is the mean m, or its logarithm for scale families, whose mean may fall without end. T[3] = {W, W2, mean or log
 * mean}: weight, sum of squared weights, weighted mean of the points. The functions below take theta[0] as `t`.  */
#ifndef OURO_NEF_H
#define OURO_NEF_H
#include "ouro/family.h"

typedef struct ouro_transform ouro_transform;
struct ouro_nef {
    int scale;           /* theta and T hold logarithms */
    int lattice;         /* points are whole numbers */
    double lower, upper; /* support; upper NaN: known[0] */
    double (*variance)(double m, const double *known);
    double (*v2)(const double *known); /* of V(m) = v0 + v1 m + v2 m^2 */
    /* mean of n points drawn with theta = t, exactly in law, in O(1); for scale families log(mean / m) */
    double (*draw)(ouro_stream *s, double n, double t, const double *known);
    /* n single points; for scale families of mean 1. NULL: one `draw` with n = 1 each */
    void (*fill)(ouro_stream *s, size_t n, const double *known, double *x);
    double (*log_density)(double x, double t, const double *known);       /* x in the support, or between its points */
    double (*beyond)(double x, double t, const double *known, int upper); /* strictly below or above x */
    double (*mode)(double t, const double *known);
    double (*kl)(double a, double b, const double *known);       /* KL(a || b) with the limits at the boundary */
    double (*affinity)(double a, double b, const double *known); /* log of the integral of sqrt(p_a p_b) */
    double (*crossing)(double a, double b, const double *known); /* where the densities are equal, a < b inside */
    double (*entropy)(double t, const double *known);            /* NULL: summed over the lattice */
    /* the natural parameter of t, its inverse (NaN: no such model), A of eta (+inf outside its domain) and A of t */
    double (*eta)(double t, const double *known);
    double (*from_eta)(double eta, const double *known);
    double (*log_partition)(double eta, const double *known);
    double (*potential)(double t, const double *known);
    double (*mean_log_carrier)(double t, const double *known); /* NaN: no closed form */
    int mirrors;                                               /* upper - X is of the same law */
    const char *(*wrong)(const double *known);                 /* NULL when known is fine, else what is wrong */
    const ouro_transform *transform;                           /* below; NULL: the points are the rows */
};

/* The laws; several families share one. known[0]: the binomial's trials, the negative binomial's size, gamma's shape. */
extern const ouro_nef ouro_nef_binomial, ouro_nef_poisson, ouro_nef_negative_binomial, ouro_nef_gamma;

/* Laws of x under which y = phi(x) >= 0 is exponential: theta is the logarithm of the mean of y, and so is T[2]. One file
 * of slots (nef_transform.c) serves them all; a law of this kind is {OURO_NEF_EXPONENTIAL, .transform = ...}. */
struct ouro_transform {
    int mirrored;                                     /* phi(x) = |x - known[0]|, either sign with probability 1/2 */
    double (*lower)(const double *known);             /* end of support; NULL: the whole line */
    double (*log_phi)(double x, const double *known); /* -inf where phi is 0; x inside the support */
    double (*inverse)(double log_y, const double *known);    /* the x, or the distance from known[0], of e^log_y */
    double (*log_derivative)(double x, const double *known); /* log |phi'(x)|; with the half of a mirrored law */
    double (*degree)(const double *known);                   /* log sd of x = theta / degree + constant; NULL: not so */
    double (*w2)(double a, double b, const double *known);   /* a != b */
    double (*mean_log_derivative)(double t, const double *known); /* E of log_derivative */
    const char *(*wrong)(const double *known);                    /* NULL when known is fine, else what is wrong */
};

double ouro_nef_unit_variance(double m, const double *known);
double ouro_nef_unit_v2(const double *known);
double ouro_nef_unit_draw(ouro_stream *s, double n, double t, const double *known);
double ouro_nef_unit_eta(double t, const double *known);
double ouro_nef_unit_from_eta(double eta, const double *known);
double ouro_nef_unit_log_partition(double eta, const double *known);
double ouro_nef_unit_potential(double t, const double *known);
#define OURO_NEF_EXPONENTIAL                                                                                           \
    .scale = 1, .upper = INFINITY, .variance = ouro_nef_unit_variance, .v2 = ouro_nef_unit_v2,                         \
    .draw = ouro_nef_unit_draw, .eta = ouro_nef_unit_eta, .from_eta = ouro_nef_unit_from_eta,                          \
    .log_partition = ouro_nef_unit_log_partition, .potential = ouro_nef_unit_potential

/* The slots of ouro_family_type that follow from the table. */
int ouro_nef_shape(ouro_family *f, ouro_error *e);
int ouro_nef_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x);
void ouro_nef_stat_empty(const ouro_family *f, double *T);
void ouro_nef_stat_rows(const ouro_family *f, size_t n, const double *x, double *T);
void ouro_nef_stat_merge(const ouro_family *f, double weight, const double *src, double *T);
void ouro_nef_stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T);
void ouro_nef_stat_of(const ouro_family *f, const double *theta, double *T);
void ouro_nef_mode_in_mean(const ouro_family *f, double *T);
void ouro_nef_fit(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info);
double ouro_nef_log_density(const ouro_family *f, const double *theta, double x);
double ouro_nef_beyond(const ouro_family *f, const double *theta, double x, int upper);
double ouro_nef_mode(const ouro_family *f, const double *theta);
void ouro_nef_moments(const ouro_family *f, const double *theta, ouro_moments *out);
double ouro_nef_entropy(const ouro_family *f, const double *theta);
double ouro_nef_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]);
double ouro_nef_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b);
double ouro_nef_quadratic_variance(const ouro_family *f);

/* The natural form that follows from the table (nef_natural.c). */
size_t ouro_nef_natural_len(const ouro_family *f);
void ouro_nef_natural_parameter(const ouro_family *f, const double *theta, double *eta);
int ouro_nef_natural_model(const ouro_family *f, const double *eta, double *theta);
double ouro_nef_natural_log_partition(const ouro_family *f, const double *eta);
double ouro_nef_natural_potential(const ouro_family *f, const double *theta);
void ouro_nef_natural_mean(const ouro_family *f, const double *theta, double *mu);
int ouro_nef_natural_model_of_mean(const ouro_family *f, const double *mu, double *theta);
void ouro_nef_natural_statistic(const ouro_family *f, const double *x, double *t);
double ouro_nef_natural_observed(const ouro_family *f, const double *T, double *t);
void ouro_nef_natural_covariance(const ouro_family *f, const double *theta, double *V);
void ouro_nef_natural_frame(const ouro_family *f, const double *a, const double *b, double frame[2]);
void ouro_nef_natural_move(const ouro_family *f, const double frame[2], int back, double *theta);
double ouro_nef_natural_mean_log_carrier(const ouro_family *f, const double *theta);

/* For .natural: laws on a lattice, and scale families, whose last model has no density. */
#define OURO_NEF_NATURAL(limit, text)                                                                                  \
    &(const ouro_natural) {                                                                                            \
        .words = text, .boundary = limit, .len = ouro_nef_natural_len, .parameter = ouro_nef_natural_parameter,        \
        .model = ouro_nef_natural_model, .log_partition = ouro_nef_natural_log_partition,                              \
        .potential = ouro_nef_natural_potential, .mean = ouro_nef_natural_mean,                                        \
        .model_of_mean = ouro_nef_natural_model_of_mean, .statistic = ouro_nef_natural_statistic,                      \
        .observed = ouro_nef_natural_observed, .covariance = ouro_nef_natural_covariance,                              \
        .frame = ouro_nef_natural_frame, .move = ouro_nef_natural_move,                                                \
        .mean_log_carrier = ouro_nef_natural_mean_log_carrier,                                                         \
    }
#define OURO_LATTICE_NATURAL(text) OURO_NEF_NATURAL(OURO_BOUNDARY_CONTINUED, text)
#define OURO_SCALE_NATURAL(text) OURO_NEF_NATURAL(OURO_BOUNDARY_SINGULAR, text)

int ouro_transform_shape(ouro_family *f, ouro_error *e);
int ouro_transform_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n,
                          double *x);
void ouro_transform_stat_rows(const ouro_family *f, size_t n, const double *x, double *T);
double ouro_transform_log_density(const ouro_family *f, const double *theta, double x);
double ouro_transform_beyond(const ouro_family *f, const double *theta, double x, int upper);
double ouro_transform_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]);
double ouro_transform_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b);

/* All slots but mode, moments and entropy. */
#define OURO_TRANSFORM_SLOTS(law)                                                                                      \
    .shape = ouro_transform_shape, .theta_location = OURO_NOWHERE, .stat_location = OURO_NOWHERE,                      \
    .sample = ouro_transform_sample, .stat_empty = ouro_nef_stat_empty, .stat_rows = ouro_transform_stat_rows,         \
    .stat_merge = ouro_nef_stat_merge, .stat_draw = ouro_nef_stat_draw, .stat_of = ouro_nef_stat_of,                   \
    .mode_in_mean = ouro_nef_mode_in_mean, .fit_mle = ouro_nef_fit, .nef = &(law),                                     \
    .log_density = ouro_transform_log_density, .beyond = ouro_transform_beyond, .tail_mass = ouro_transform_tail_mass, \
    .divergence = ouro_transform_divergence

#define OURO_NEF_SLOTS(law)                                                                                            \
    .shape = ouro_nef_shape, .theta_location = OURO_NOWHERE, .stat_location = OURO_NOWHERE, .sample = ouro_nef_sample, \
    .stat_empty = ouro_nef_stat_empty, .stat_rows = ouro_nef_stat_rows, .stat_merge = ouro_nef_stat_merge,             \
    .stat_draw = ouro_nef_stat_draw, .stat_of = ouro_nef_stat_of, .mode_in_mean = ouro_nef_mode_in_mean,               \
    .fit_mle = ouro_nef_fit, .nef = &(law), .log_density = ouro_nef_log_density, .beyond = ouro_nef_beyond,            \
    .mode = ouro_nef_mode, .moments = ouro_nef_moments, .entropy = ouro_nef_entropy, .tail_mass = ouro_nef_tail_mass,  \
    .divergence = ouro_nef_divergence, .matches_mean = 1, .quadratic_variance = ouro_nef_quadratic_variance

#endif
