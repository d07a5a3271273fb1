/* contrast.h: sums over weighted nodes that compare two densities p and q through r = log(p / q) alone.
 *
 * The weights integrate against the mean of both, m = (p + q) / 2. Every integrand below is then a function of r that is
 * zero at r = 0 and nowhere negative, so that the sums are neutral at equality whatever the nodes, keep the digits of
 * small distances, and stay within their bounds. With t = (p - q) / (p + q) = tanh(r / 2):
 *   kl[0]      (p r - p + q) / m = r (1 + t) - 2 t    sums to KL(p || q) where both have mass one
 *   kl[1]      the same of q against p
 *   js         [p log(p / m) + q log(q / m)] / (2 m)  Jensen-Shannon divergence, in [0, log 2]
 *   hellinger  1 - sqrt(p q) / m = 1 - sqrt(1 - t^2)  squared Hellinger distance
 *   tv         |t|                                    total variation distance
 *   r          r itself */
#ifndef OURO_CORE_CONTRAST_H
#define OURO_CORE_CONTRAST_H
#include <stddef.h>

typedef struct ouro_contrast {
    double kl[2], js, hellinger, tv, r;
} ouro_contrast;

/* Adds n nodes, a multiple of 8: log densities log_p[n], log_q[n] and weights. |r| counts as 1e300 at most, where a
 * weight of 0 adds nothing. Eight lanes, one order of reduction. About 4 ns a node with AVX-512. */
void ouro_contrast_add(size_t n, const double *log_p, const double *log_q, const double *weight, ouro_contrast *sum);
/* weight[i] becomes weight[i] (e^log_p[i] + e^log_q[i]) / 2, n a multiple of 8. */
void ouro_contrast_weigh(size_t n, const double *log_p, const double *log_q, double *weight);

#endif
