/* normal.h: the natural form of a normal law with theta = {mean, log sd}, T = {W, W2, mean, log rms}: that of
 * gaussian, and of lognormal for log x, whose carrier and t(x) are its own. Units are those of x.
 *
 * t(x) = (x, x^2), eta = (m / s^2, -1 / (2 s^2)), A = m^2 / (2 s^2) + log s, h = 1 / sqrt(2 pi). */
#ifndef OURO_FAMILIES_NORMAL_H
#define OURO_FAMILIES_NORMAL_H
#include "ouro/family.h"

size_t ouro_normal_len(const ouro_family *f);
void ouro_normal_parameter(const ouro_family *f, const double *theta, double *eta);
int ouro_normal_model(const ouro_family *f, const double *eta, double *theta);
double ouro_normal_log_partition(const ouro_family *f, const double *eta);
double ouro_normal_potential(const ouro_family *f, const double *theta);
void ouro_normal_mean(const ouro_family *f, const double *theta, double *mu);
int ouro_normal_model_of_mean(const ouro_family *f, const double *mu, double *theta);
void ouro_normal_statistic(const ouro_family *f, const double *x, double *t);
double ouro_normal_observed(const ouro_family *f, const double *T, double *t);
void ouro_normal_covariance(const ouro_family *f, const double *theta, double *V);
void ouro_normal_frame(const ouro_family *f, const double *a, const double *b, double frame[2]);
double ouro_normal_renyi(const ouro_family *f, double alpha, const double *a, const double *b);
void ouro_normal_move(const ouro_family *f, const double frame[2], int back, double *theta);

#define OURO_NORMAL_NATURAL                                                                                            \
    .boundary = OURO_BOUNDARY_SINGULAR, .len = ouro_normal_len, .parameter = ouro_normal_parameter,                    \
    .model = ouro_normal_model, .log_partition = ouro_normal_log_partition, .potential = ouro_normal_potential,        \
    .mean = ouro_normal_mean, .model_of_mean = ouro_normal_model_of_mean, .observed = ouro_normal_observed,            \
    .covariance = ouro_normal_covariance, .frame = ouro_normal_frame, .move = ouro_normal_move,                        \
    .renyi = ouro_normal_renyi

#endif
