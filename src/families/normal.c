/* normal.c: the natural form of the normal law (see normal.h). Exports no plug-in. */
#include "normal.h"
#include "core/kernels.h"
#include <math.h>

enum { MEAN, LOG_SD };
enum { W, W2, T_MEAN, LOG_RMS };

size_t ouro_normal_len(const ouro_family *f) {
    (void)f;
    return 2;
}

void ouro_normal_parameter(const ouro_family *f, const double *theta, double *eta) {
    (void)f;
    double precision = ouro_exp(-2 * theta[LOG_SD]);
    eta[0] = theta[MEAN] == 0 ? 0 : theta[MEAN] * precision;
    eta[1] = -0.5 * precision;
}

int ouro_normal_model(const ouro_family *f, const double *eta, double *theta) {
    (void)f;
    double precision = -2 * eta[1];
    if (!(precision > 0 && precision < INFINITY && isfinite(eta[0]))) return 0;
    theta[MEAN] = eta[0] / precision;
    theta[LOG_SD] = -0.5 * ouro_log(precision);
    return 1;
}

double ouro_normal_log_partition(const ouro_family *f, const double *eta) {
    (void)f;
    if (!(eta[1] < 0)) return INFINITY;
    return -0.25 * eta[0] * (eta[0] / eta[1]) - 0.5 * ouro_log(-2 * eta[1]);
}

double ouro_normal_potential(const ouro_family *f, const double *theta) {
    (void)f;
    double z = theta[MEAN] == 0 ? 0 : theta[MEAN] * ouro_exp(-theta[LOG_SD]);
    return 0.5 * z * z + theta[LOG_SD];
}

void ouro_normal_mean(const ouro_family *f, const double *theta, double *mu) {
    (void)f;
    mu[0] = theta[MEAN];
    mu[1] = ouro_exp(2 * theta[LOG_SD]) + theta[MEAN] * theta[MEAN];
}

int ouro_normal_model_of_mean(const ouro_family *f, const double *mu, double *theta) {
    (void)f;
    double variance = mu[1] - mu[0] * mu[0];
    if (!(variance > 0 && variance < INFINITY)) return 0;
    theta[MEAN] = mu[0];
    theta[LOG_SD] = 0.5 * ouro_log(variance);
    return 1;
}

void ouro_normal_statistic(const ouro_family *f, const double *x, double *t) {
    (void)f;
    t[0] = x[0];
    t[1] = x[0] * x[0];
}

double ouro_normal_observed(const ouro_family *f, const double *T, double *t) {
    ouro_normal_mean(f, T + T_MEAN, t);
    return T[W];
}

/* Var x = v, Cov(x, x^2) = 2 m v, Var x^2 = 2 v^2 + 4 m^2 v */
void ouro_normal_covariance(const ouro_family *f, const double *theta, double *V) {
    (void)f;
    double v = ouro_exp(2 * theta[LOG_SD]), m = theta[MEAN];
    V[0] = v;
    V[1] = V[2] = 2 * m * v;
    V[3] = 2 * v * v + 4 * m * m * v;
}

/* Mean and sd of the narrower model that is not a point. */
void ouro_normal_frame(const ouro_family *f, const double *a, const double *b, double frame[2]) {
    (void)f;
    const double *narrow = a[LOG_SD] < b[LOG_SD] ? a : b, *wide = narrow == a ? b : a;
    if (narrow[LOG_SD] == -INFINITY) narrow = wide;
    frame[0] = narrow[MEAN];
    frame[1] = isfinite(narrow[LOG_SD]) ? narrow[LOG_SD] : 0;
}

void ouro_normal_move(const ouro_family *f, const double frame[2], int back, double *theta) {
    (void)f;
    if (back) {
        theta[MEAN] = frame[0] + theta[MEAN] * ouro_exp(frame[1]);
        theta[LOG_SD] += frame[1];
    } else {
        double gap = theta[MEAN] - frame[0];
        theta[MEAN] = gap == 0 ? 0 : gap * ouro_exp(-frame[1]);
        theta[LOG_SD] -= frame[1];
    }
}

/* With l = log(s_a / s_b), q = alpha + (1 - alpha) e^(2 l): -l - log(q) / (2 (alpha - 1)) + alpha (m_a - m_b)^2 / (2
 * q s_b^2), inf for q <= 0. For alpha < 1 from the side where e^(2 l) is small: (1 - alpha) D_alpha(a || b) is
 * symmetric. */
double ouro_normal_renyi(const ouro_family *f, double alpha, const double *a, const double *b) {
    if (a[LOG_SD] == b[LOG_SD] && a[MEAN] == b[MEAN]) return 0;
    if (a[LOG_SD] == -INFINITY || b[LOG_SD] == -INFINITY) return INFINITY;
    double l = a[LOG_SD] - b[LOG_SD], gap = a[MEAN] - b[MEAN];
    if (alpha < 1 && l > 0) return alpha / (1 - alpha) * ouro_normal_renyi(f, 1 - alpha, b, a);
    double q = alpha + (1 - alpha) * exp(2 * l), z = gap == 0 ? 0 : gap * exp(-b[LOG_SD]);
    if (!(q > 0)) return INFINITY;
    return -l - log(q) / (2 * (alpha - 1)) + 0.5 * alpha * z * (z / q);
}
