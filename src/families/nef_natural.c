/* nef_natural.c: the natural form of one-parameter families, from the table of nef.h: p(x) = h(x) exp(eta t(x) -
 * A(eta)) with t(x) = x, or phi(x) behind a transform, and E t(X) = m. Exports no plug-in. */
#include "core/kernels.h"
#include "ouro/nef.h"
#include <math.h>

enum { W, W2, MEAN }; /* of T */

static const ouro_nef *table(const ouro_family *f) { return f->type->nef; }

static double upper_end(const ouro_family *f) { return isnan(table(f)->upper) ? f->known[0] : table(f)->upper; }

static double mean_of(const ouro_family *f, double t) { return table(f)->scale ? ouro_exp(t) : t; }

size_t ouro_nef_natural_len(const ouro_family *f) {
    (void)f;
    return 1;
}

void ouro_nef_natural_parameter(const ouro_family *f, const double *theta, double *eta) {
    eta[0] = table(f)->eta(theta[0], f->known);
}

int ouro_nef_natural_model(const ouro_family *f, const double *eta, double *theta) {
    double t = table(f)->from_eta(eta[0], f->known);
    if (!(t < INFINITY)) return 0;
    theta[0] = t;
    return 1;
}

double ouro_nef_natural_log_partition(const ouro_family *f, const double *eta) {
    return table(f)->log_partition(eta[0], f->known);
}

double ouro_nef_natural_potential(const ouro_family *f, const double *theta) {
    return table(f)->potential(theta[0], f->known);
}

void ouro_nef_natural_mean(const ouro_family *f, const double *theta, double *mu) { mu[0] = mean_of(f, theta[0]); }

int ouro_nef_natural_model_of_mean(const ouro_family *f, const double *mu, double *theta) {
    double upper = table(f)->transform ? INFINITY : upper_end(f); /* the mean is that of phi(x) >= 0 */
    if (!(mu[0] >= 0 && mu[0] <= upper && mu[0] < INFINITY)) return 0;
    theta[0] = table(f)->scale ? ouro_log(mu[0]) : mu[0];
    return 1;
}

void ouro_nef_natural_statistic(const ouro_family *f, const double *x, double *t) {
    t[0] = table(f)->transform ? ouro_exp(table(f)->transform->log_phi(x[0], f->known)) : x[0];
}

double ouro_nef_natural_observed(const ouro_family *f, const double *T, double *t) {
    t[0] = mean_of(f, T[MEAN]);
    return T[W];
}

void ouro_nef_natural_covariance(const ouro_family *f, const double *theta, double *V) {
    V[0] = table(f)->variance(mean_of(f, theta[0]), f->known);
}

/* The unit of the narrower model; or N - X for X where one of two binomials has only ones, whose eta is +inf. */
void ouro_nef_natural_frame(const ouro_family *f, const double *a, const double *b, double frame[2]) {
    double narrow = fmin(a[0], b[0]);
    frame[0] = frame[1] = 0;
    if (table(f)->scale) frame[1] = narrow > -INFINITY ? narrow : fmax(a[0], b[0]);
    if (table(f)->mirrors) frame[0] = fmax(a[0], b[0]) == upper_end(f);
    if (!isfinite(frame[1])) frame[1] = 0;
}

void ouro_nef_natural_move(const ouro_family *f, const double frame[2], int back, double *theta) {
    if (table(f)->scale) theta[0] += back ? frame[1] : -frame[1];
    if (frame[0] != 0) theta[0] = upper_end(f) - theta[0];
}

double ouro_nef_natural_mean_log_carrier(const ouro_family *f, const double *theta) {
    const ouro_transform *g = table(f)->transform;
    return g ? g->mean_log_derivative(theta[0], f->known) : table(f)->mean_log_carrier(theta[0], f->known);
}
