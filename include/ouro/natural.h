/* natural.h: what follows from being a full exponential family, p(x) = h(x) exp(eta . t(x) - A(eta)), written once
 * over the ouro_natural of a family (family.h). p is its number of natural parameters; a, b and theta are models of
 * f.
 *
 * Digits. A divergence is a difference of values of A, right to a few 1e-16 of their size; where that is too little
 * (models that nearly agree) it is the integral of the curvature of A between them instead, which cannot cancel, and
 * then is right to 1e-16 of the parameters over their distance. Where neither tells enough the family's own form on
 * theta stands in (`renyi`, and its divergence for KL); without one, what is not known to 1e-2 or 1e-9 nats is NaN. */
#ifndef OURO_NATURAL_H
#define OURO_NATURAL_H
#include "ouro/family.h"

/* Renyi divergence D_alpha(a || b) = log(integral of a^alpha b^(1 - alpha)) / (alpha - 1) in nats, alpha > 0, as
 * [A(alpha eta_a + (1 - alpha) eta_b) - alpha A(eta_a) - (1 - alpha) A(eta_b)] / (alpha - 1); alpha = 1 is KL(a ||
 * b), the Bregman divergence A(eta_b) - A(eta_a) - mu_a . (eta_b - eta_a). inf where the integral is. NaN without
 * memory, and on a boundary that A says nothing of. O(p) and some evaluations of A. */
double ouro_natural_renyi(const ouro_family *f, double alpha, const double *a, const double *b, ouro_arena *tmp);
double ouro_natural_kl(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp);
/* sqrt(1 - integral of sqrt(a b)), from the Renyi divergence of order 1/2. */
double ouro_natural_hellinger(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp);

/* (mu_b - mu_a)' V_a^-1 (mu_b - mu_a): drift of the mean of t(x) in units of a's own Fisher metric. Its mean is p /
 * n when b is the maximum likelihood fit of n points of a (rank of V in place of p for categories). Under a family
 * of one parameter with t(x) = x it is the squared drift over the variance. inf where a is a point. O(p^3), or what
 * `solve` costs. */
double ouro_natural_fisher_drift(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp);

/* A(eta) - eta . mu - E log h(X), nats; NaN where the family has no closed form for the last term. */
double ouro_natural_entropy(const ouro_family *f, const double *theta, ouro_arena *tmp);

/* theta = argmax W (eta . tbar - A(eta)) - strength / 2 |eta - eta(towards)|^2 with W and tbar from T, strength > 0, by
 * damped Newton steps. Strictly concave: there is a solution also where maximum likelihood has none inside, such as a
 * bernoulli's on zeros alone. Where a coordinate of eta(towards) is infinite the penalty says nothing: plain maximum
 * likelihood stands in with info->refused = 1; but for categories one by one, where those that neither the centre nor
 * the points know stay dead. `scaled`: strength counts per point, W times. Locations absolute. OURO_ENOMEM only.
 * O(iterations p^3), or what `solve` costs. */
int ouro_natural_penalised(const ouro_family *f, const double *T, const ouro_penalty *penalty, int scaled,
                           ouro_arena *tmp, double *theta, ouro_fit_info *info) OURO_CHECKED;

/* The model whose parameter is (1 + w) that of base - w that of away: the natural parameter, the mean of t(x), or (for
 * families with a theta_location) the location and, each model's about its own, the mean of t(x). Where there is none
 * theta stays as it is and info->refused = 1; else info->absorbed says whether it has any spread. An infinite parameter
 * that both share stays. OURO_ENOMEM only. O(p), or p^2 without `times`. */
typedef enum ouro_coordinate { OURO_IN_NATURAL, OURO_IN_MEAN, OURO_IN_CENTRED } ouro_coordinate;
int ouro_natural_extrapolate(const ouro_family *f, ouro_coordinate in, double w, const double *base, const double *away,
                             ouro_arena *tmp, double *theta, ouro_fit_info *info) OURO_CHECKED;

/* KL(a || b) by the family's own closed form, else by its natural form; NaN where it has neither (ouro_has_kl). */
int ouro_has_kl(const ouro_family_type *type);
double ouro_kl(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp);

/* Mean of -log p(x) under theta over the points behind T, weighted as they are in T, nats; for families with
 * likelihood_in_statistic. T and theta relative to the same origin; inf where the model gives a point no mass, -inf
 * where it has shrunk to the one point that they all are. NaN without memory. O(p), or what KL costs. */
double ouro_mean_surprise(const ouro_family *f, const double *T, const double *theta, ouro_arena *tmp);

#endif
