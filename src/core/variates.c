/* variates.c: continuous variates beyond the faces of a stream.
 *
 * Logarithms and powers go through ouro_log and ouro_exp, everything else is correctly rounded arithmetic: a variate
 * has the same bits on every machine.                                                                             */
#include "ouro/variates.h"
#include "core/kernels.h"
#include "core/lanes.h"
#include <math.h>
#include <stdbool.h>

/* Marsaglia and Tsang (2000), "A simple method for generating gamma variables", section 2: with d = shape - 1/3 and
 * y = x / (3 sqrt d), x normal, d (1 + y)^3 has the wanted density after accepting with probability exp(h),
 *   h = x^2/2 + d - d v + d log v,  v = (1 + y)^3.
 * Its leading terms cancel (h is about -x^4 / (108 d)), so for small y the series of log(1 + y) from the fourth power
 * on stands in: h = 3 d sum_{j >= 4} (-1)^(j+1) y^j / j, here to j = 11, to 2^-49 of it for |y| < 1/64.   */
static double log_acceptance(double d, double x, double y, double v) {
    if (fabs(y) >= 0x1p-6) return 0.5 * x * x + d * (1 - v + ouro_log(v));
    double sum = 0;
    for (int j = 11; j >= 4; j--) sum = (j % 2 != 0 ? 1.0 : -1.0) / j + y * sum;
    return 3 * d * sum * (y * y) * (y * y);
}

/* Gamma(shape) for shape >= 1. The first test is the paper's squeeze: it spares 92 % of the logarithms and more. The
 * uniform is made from a word: a stream opened for one gamma then computes one counter, not a block of eight.      */
static double gamma_large(ouro_stream *s, double shape) {
    const double d = shape - 1.0 / 3, c = 1 / (3 * sqrt(d));
    for (;;) {
        const double x = ouro_stream_normal(s), y = c * x, root = 1 + y;
        if (root <= 0) continue;
        const double u = lane_uniform(ouro_stream_word(s)), v = root * root * root;
        if (u < 1 - 0.0331 * (x * x) * (x * x) || ouro_log(u) < log_acceptance(d, x, y, v)) return d * v;
    }
}

/* log of a Gamma(shape) variate, 0 < shape < 1: Gamma(shape) = Gamma(shape + 1) U^(1/shape), which as a number
 * underflows for small shapes and as a logarithm does not.                                                        */
static double log_gamma_small(ouro_stream *s, double shape) {
    const double larger = gamma_large(s, shape + 1);
    return ouro_log(larger) + ouro_log(ouro_stream_uniform(s)) / shape;
}

double ouro_gamma(ouro_stream *s, double shape) {
    if (shape >= 1 && shape < INFINITY) return gamma_large(s, shape);
    if (shape > 0 && shape < 1) return ouro_exp(log_gamma_small(s, shape));
    return shape == 0 || shape == INFINITY ? shape : NAN; /* the limits; no law otherwise */
}

double ouro_log_chi2(ouro_stream *s, double df) { return ouro_log_mean_chi2(s, df, 1); }

double ouro_log_mean_chi2(ouro_stream *s, double df, double n) {
    double shape = 0.5 * df; /* chi-squared = 2 Gamma(df / 2) */
    if (shape > 0 && shape < 1) return ouro_log(2 / n) + log_gamma_small(s, shape);
    return ouro_log(ouro_gamma(s, shape) * (2 / n)); /* one logarithm, where speed matters */
}
