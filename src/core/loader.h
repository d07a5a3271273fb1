/* loader.h: Loader (2000), "Fast and accurate computation of binomial probabilities".
 *
 * log x! is split into x log x - x + log(2 pi x)/2 + stirling(x); the large parts of a ratio of factorials cancel on
 * paper, and what is left are deviances, each small and precise however large the counts. */
#ifndef OURO_CORE_LOADER_H
#define OURO_CORE_LOADER_H
#include "core/kernels.h"
#include <math.h>

/* log x! - (x log x - x + log(2 pi x)/2), x a whole number; 0 for x = 0 (see loader_weight). From 16 on, for any real x,
 * the asymptotic series 1/(12 x) - 1/(360 x^3) + 1/(1260 x^5) - ...; the first term left out is below 1.2e-16. */
static inline double loader_stirling(double x) {
    static const double exact[16] = {0,
                                     0x1.4c071bcda0a5bp-4,
                                     0x1.52a9b923ea649p-5,
                                     0x1.c579a268d80b3p-6,
                                     0x1.54a2662fd78a9p-6,
                                     0x1.10b4e513fcbedp-6,
                                     0x1.c6b167bebdf36p-7,
                                     0x1.85d4d612e4a86p-7,
                                     0x1.552805e7b3076p-7,
                                     0x1.2f4871b12ab64p-7,
                                     0x1.10f9d4c0743a7p-7,
                                     0x1.f0593088014f8p-8,
                                     0x1.c7018733aa9c6p-8,
                                     0x1.a40514700f36cp-8,
                                     0x1.86076c002d4a7p-8,
                                     0x1.6c08f6f194a10p-8};
    if (x < 16) return exact[(int)x];
    const double z = 1 / (x * x);
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 * z) * z) * z) * z) / x;
}

/* 2 pi x, the square of what loader_stirling leaves out; 1 for x = 0, where log 0! has no such part. */
static inline double loader_weight(double x) { return x > 0 ? 0x1.921fb54442d18p+2 * x : 1; }

/* x log(x / mean) - (x - mean) >= 0 with x = mean + d; mean for x = 0, inf for mean = 0 < x. For x near mean, with v = d / (x + mean):
 * d v + 2 x sum_{j >= 1} v^(2j+1) / (2j+1), Loader's series, without cancellation. */
static inline double loader_deviance(double mean, double d) {
    const double x = mean + d;
    if (x <= 0) return mean;
    if (fabs(d) >= 0.1 * (x + mean)) return x * ouro_log(x / mean) - d;
    const double v = d / (x + mean);
    double sum = d * v, term = 2 * x * v;
    for (int j = 1;; j++) {
        const double last = sum;
        term *= v * v;
        sum += term / (2 * j + 1);
        if (!(fabs(sum - last) > 0)) return sum;
    }
}

#endif
