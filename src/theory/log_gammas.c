/* log_gammas.c: quantiles of sums of log gamma variates by their characteristic function. */
#include "log_gammas.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>

enum { MOST_NODES = 2000 };
#define STEP 0.2          /* in units of 1 / sd: what is aliased lies 2 pi / STEP = 31 sd away */
#define LOG_NOTHING -42.0 /* a characteristic function that small counts as none */

int ouro_log_gammas_add(ouro_log_gammas *s, double shape, double weight, double count) {
    for (size_t j = 0; j < s->len; j++)
        if (s->shape[j] == shape && s->weight[j] == weight) {
            s->count[j] += count;
            return 1;
        }
    if (s->len == OURO_LOG_GAMMAS_MOST) return 0;
    s->shape[s->len] = shape;
    s->weight[s->len] = weight;
    s->count[s->len++] = count;
    return 1;
}

double ouro_log_gammas_mean(const ouro_log_gammas *s) {
    double sum = s->shift;
    for (size_t j = 0; j < s->len; j++) sum += s->count[j] * s->weight[j] * gsl_sf_psi(s->shape[j]);
    return sum;
}

double ouro_log_gammas_variance(const ouro_log_gammas *s) {
    double sum = 0;
    for (size_t j = 0; j < s->len; j++) sum += s->count[j] * s->weight[j] * s->weight[j] * gsl_sf_psi_1(s->shape[j]);
    return sum;
}

/* log Gamma(a + b) / Gamma(a), Stirling's terms by themselves, so that no two large logarithms are subtracted. */
static double log_gamma_step(double a, double b) {
    return (a + b - 0.5) * log1p(b / a) + b * (log(a) - 1) + log(gsl_sf_gammastar(a + b) / gsl_sf_gammastar(a));
}

double ouro_log_gammas_log_moment(const ouro_log_gammas *s, double power) {
    double sum = power * s->shift;
    for (size_t j = 0; j < s->len; j++) {
        const double by = power * s->weight[j];
        if (!(s->shape[j] + by > 0)) return NAN;
        sum += s->count[j] * log_gamma_step(s->shape[j], by);
    }
    return sum;
}

/* log phi(u) of (S - mean) / sd: its modulus and argument. */
static void characteristic(const ouro_log_gammas *s, double mean, double sd, double v, double *modulus,
                           double *argument) {
    const double u = v / sd;
    *modulus = 0;
    *argument = (s->shift - mean) * u;
    for (size_t j = 0; j < s->len; j++) {
        gsl_sf_result r, arg;
        gsl_sf_lngamma_complex_e(s->shape[j], s->weight[j] * u, &r, &arg);
        *modulus += s->count[j] * (r.val - gsl_sf_lngamma(s->shape[j]));
        *argument += s->count[j] * arg.val; /* known up to multiples of 2 pi, which whole counts leave multiples */
    }
}

double ouro_log_gammas_quantile(const ouro_log_gammas *s, double p) {
    double size[MOST_NODES], argument[MOST_NODES];
    const double mean = ouro_log_gammas_mean(s), sd = sqrt(ouro_log_gammas_variance(s));
    size_t nodes = 0;
    for (; nodes < MOST_NODES; nodes++) {
        double log_size;
        characteristic(s, mean, sd, STEP * ((double)nodes + 0.5), &log_size, &argument[nodes]);
        if (log_size < LOG_NOTHING) break;
        size[nodes] = exp(log_size);
    }
    double x = gsl_cdf_ugaussian_Pinv(p), low = -INFINITY, high = INFINITY;
    for (int i = 0; i < 100; i++) {
        double below = 0.5, density = 0;
        for (size_t k = 0; k < nodes; k++) {
            const double v = STEP * ((double)k + 0.5), angle = argument[k] - v * x;
            below -= STEP / M_PI * size[k] * sin(angle) / v;
            density += STEP / M_PI * size[k] * cos(angle);
        }
        *(below < p ? &low : &high) = x;
        double next = density > 0 ? x + (p - below) / density : INFINITY;
        if (!(next > low && next < high)) /* the distribution bends: halve what is left, or reach out */
            next = isinf(low) ? x - 1 : isinf(high) ? x + 1 : (low + high) / 2;
        if (fabs(next - x) < 1e-12 * (1 + fabs(x))) return mean + sd * next;
        x = next;
    }
    return mean + sd * x;
}
