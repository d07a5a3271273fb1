/* normal.h: what normal laws on the line share. theta = {mean, log sd}, T = {W, W2, mean, log rms}: W total weight, W2
 * the sum of squared weights, rms^2 the weighted mean square about the mean. Units are those of x.
 *
 * Slots (normal_slots.c): of gaussian, and of its kinds with a known sd or mean, whose models are laid out alike so that
 * gaussian's closed forms hold for them. Natural form (normal.c): of gaussian, and of lognormal for log x, whose carrier
 * and t(x) are its own:
 * t(x) = (x, x^2), eta = (m / s^2, -1 / (2 s^2)), A = m^2 / (2 s^2) + log s, h = 1 / sqrt(2 pi). */
#ifndef OURO_FAMILIES_NORMAL_H
#define OURO_FAMILIES_NORMAL_H
#include "ouro/family.h"

enum { OURO_NORMAL_THETA_MEAN = 0, OURO_NORMAL_T_MEAN = 2 };
enum { OURO_NORMAL_SD, OURO_NORMAL_MEAN }; /* of known: the truth's own, which a model may take over */

extern const ouro_field ouro_normal_truth_rows[2];
void ouro_normal_truth_known(const void *p, double *known);
int ouro_normal_truth_domain(const void *p, ouro_domain *out, ouro_error *e);
int ouro_normal_truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e);
int ouro_normal_shape(ouro_family *f, ouro_error *e);
int ouro_normal_sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x);
void ouro_normal_stat_empty(const ouro_family *f, double *T);
void ouro_normal_stat_rows(const ouro_family *f, size_t n, const double *x, double *T);
void ouro_normal_stat_merge(const ouro_family *f, double weight, const double *src, double *T);
void ouro_normal_stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T);
void ouro_normal_fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info);
void ouro_normal_fit_unbiased(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info);
void ouro_normal_stat_of(const ouro_family *f, const double *theta, double *T);
void ouro_normal_moments(const ouro_family *f, const double *theta, ouro_moments *out);
double ouro_normal_entropy(const ouro_family *f, const double *theta);
int ouro_normal_gaussians(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_gaussians *out);
void ouro_normal_quantiles(const ouro_family *f, const double *theta, size_t n, const double *p, double *x);
double ouro_normal_tail_mass(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]);
double ouro_normal_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b);
double ouro_normal_w2_observed(const ouro_family *f, const double *theta, double mean, double variance,
                               double coupling);
void ouro_normal_temper(const ouro_family *f, const double *theta, double temperature, double *out);

#define OURO_NORMAL_SLOTS                                                                                              \
    .truth_fields = {2, ouro_normal_truth_rows}, .truth_size = 2 * sizeof(double),                                     \
    .truth_known = ouro_normal_truth_known, .truth_domain = ouro_normal_truth_domain,                                  \
    .truth_theta = ouro_normal_truth_theta, .sample = ouro_normal_sample, .stat_merge = ouro_normal_stat_merge,        \
    .stat_of = ouro_normal_stat_of, .moments = ouro_normal_moments, .entropy = ouro_normal_entropy,                    \
    .quantiles = ouro_normal_quantiles, .tail_mass = ouro_normal_tail_mass,                                            \
    .log_densities = ouro_gaussians_log_densities, .gaussians = ouro_normal_gaussians,                                 \
    .divergence = ouro_normal_divergence, .w2_observed = ouro_normal_w2_observed

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
