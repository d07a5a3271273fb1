/* log_gammas.h: the law of a sum of logarithms of independent gamma variates, S = shift + sum_j weight_j sum_k log G_jk, G_jk of
 * shape a_j, k = 1..count_j. Its characteristic function is a product of gamma functions, and Gil-Pelaez' formula
 *     P(S <= x) = 1/2 - (1/pi) integral_0^inf Im[e^(-iux) phi(u)] / u du
 * by the midpoint rule, which converges geometrically, gives its distribution to about 1e-12. */
#ifndef OURO_THEORY_LOG_GAMMAS_H
#define OURO_THEORY_LOG_GAMMAS_H
#include <stddef.h>

enum { OURO_LOG_GAMMAS_MOST = 64 };
typedef struct ouro_log_gammas {
    size_t len;
    double shape[OURO_LOG_GAMMAS_MOST], weight[OURO_LOG_GAMMAS_MOST], count[OURO_LOG_GAMMAS_MOST]; /* shape > 0 */
    double shift;
} ouro_log_gammas;

/* Adds count terms of this shape and weight, to equal ones where there are any. 0 when there is no room. */
int ouro_log_gammas_add(ouro_log_gammas *s, double shape, double weight, double count);
double ouro_log_gammas_mean(const ouro_log_gammas *s);
double ouro_log_gammas_variance(const ouro_log_gammas *s);
/* log E e^(power S); NaN where a power of a gamma variate has no mean. */
double ouro_log_gammas_log_moment(const ouro_log_gammas *s, double power);
/* The value that S is below with probability 0 < p < 1. About 50 len complex gamma functions. */
double ouro_log_gammas_quantile(const ouro_log_gammas *s, double p);

#endif
