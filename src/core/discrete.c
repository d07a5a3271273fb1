/* discrete.c: binomial, Poisson and hypergeometric counts, and random subsets; probabilities as in loader.h. */
#include "core/kernels.h"
#include "core/loader.h"
#include "ouro/variates.h"
#include <math.h>
#include <stdbool.h>

/* n and p <= 1/2 of a binomial law, its mean split as whole + part so that deviations stay exact for huge n. */
typedef struct binomial {
    double n, p, q, whole, part;
} binomial;

/* log of the probability of whole + j, up to a constant that does not depend on j. */
static double binomial_log_density(const binomial *b, double j) {
    const double k = b->whole + j, rest = b->n - k, d = j - b->part;
    return -0.5 * ouro_log(loader_weight(k) * loader_weight(rest)) - loader_stirling(k) - loader_stirling(rest) -
           loader_deviance(b->n * b->p, d) - loader_deviance(b->n * b->q, -d);
}

/* Hormann (1993), "The generation of binomial random variates", algorithm BTRS: transformed rejection with a squeeze,
 * for n p >= 10. The constants are the paper's fit of the hat; the acceptance test is exact. About 1.15 to 1.4 pairs
 * of uniforms.                                                                                                    */
static double binomial_by_rejection(ouro_stream *s, const binomial *law) {
    const double sd = sqrt(law->n * law->p * law->q);
    const double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * law->p;
    const double alpha = (2.83 + 5.1 / b) * sd, squeeze = 0.92 - 4.2 / b;
    double log_mode = NAN; /* density at the mode, when first needed */
    for (;;) {
        const double u = ouro_stream_uniform(s) - 0.5, v = ouro_stream_uniform(s), edge = 0.5 - fabs(u);
        const double j = floor((2 * a / edge + b) * u + (law->part + 0.5)), k = law->whole + j;
        if (k < 0 || k > law->n) continue;
        if (edge >= 0.07 && v <= squeeze) return k;
        if (isnan(log_mode)) log_mode = binomial_log_density(law, floor(law->part + law->p));
        if (ouro_log(v * alpha / (a / (edge * edge) + b)) <= binomial_log_density(law, j) - log_mode) return k;
    }
}

/* q^n = (1 - p)^n. By squaring, the relative error is about n 2^-53: good for small n, and three times as fast. */
static double power(const binomial *law) {
    if (law->n > 1024) return ouro_exp(law->n * ouro_log1p(-law->p));
    double result = 1, square = law->q;
    for (unsigned n = (unsigned)law->n; n > 0; n /= 2, square *= square)
        if (n % 2 != 0) result *= square;
    return result;
}

/* Inversion for small means: walk up from 0 along P(k+1) = P(k) (n - k)/(k + 1) p/q. O(mean) steps. */
static double binomial_by_inversion(ouro_stream *s, const binomial *law) {
    const double odds = law->p / law->q;
    double f = power(law), u = ouro_stream_uniform(s), k = 0;
    while (u > f && k < law->n) {
        if (k > law->whole && f < 0x1p-60) /* the tail left is below the resolution of u */
            break;
        u -= f;
        f *= (law->n - k) / (k + 1) * odds;
        k++;
    }
    return k;
}

double ouro_binomial_wide(ouro_stream *s, double n, double p) {
    if (!(n > 0) || !(p > 0)) return 0;
    if (p >= 1) return n;
    if (p > 0.5) return n - ouro_binomial_wide(s, n, 1 - p); /* 1 - p is exact here */
    binomial law = {.n = n, .p = p, .q = 1 - p};
    law.whole = floor(law.n * p);
    law.part = fma(law.n, p, -law.whole);
    return law.n * p < 10 ? binomial_by_inversion(s, &law) : binomial_by_rejection(s, &law);
}

uint64_t ouro_binomial(ouro_stream *s, uint64_t n, double p) { return (uint64_t)ouro_binomial_wide(s, (double)n, p); }

/* a b - c d, right to the last digits even when the products agree in most of them (Kahan). */
static double product_difference(double a, double b, double c, double d) {
    const double cd = c * d;
    return fma(a, b, -cd) + fma(-c, d, cd);
}

/* log P(k good ones among t): the four cells of the table (good | bad) x (taken | left), N the whole.
 *   P = G! B! t! (N-t)! / (N! product of the cells' factorials)                                                   */
static double hypergeometric_log_probability(double G, double B, double t, double k) {
    const double N = G + B, left = N - t, d = product_difference(k, N, G, t) / N;
    const double cell[4] = {k, G - k, t - k, B - (t - k)};
    const double mean[4] = {G * (t / N), G * (left / N), B * (t / N), B * (left / N)};
    const double away[4] = {d, -d, -d, d};
    double roots = loader_weight(G) * loader_weight(B) * loader_weight(t) * loader_weight(left) / loader_weight(N);
    double sum =
        loader_stirling(G) + loader_stirling(B) + loader_stirling(t) + loader_stirling(left) - loader_stirling(N);
    for (int i = 0; i < 4; i++) {
        roots /= loader_weight(cell[i]);
        sum -= loader_stirling(cell[i]) + loader_deviance(mean[i], away[i]);
    }
    return sum + 0.5 * ouro_log(roots);
}

uint64_t ouro_hypergeometric(ouro_stream *s, uint64_t good, uint64_t bad, uint64_t take) {
    const uint64_t least = take > bad ? take - bad : 0, most = good < take ? good : take;
    if (least >= most) return most;
    const double G = (double)good, B = (double)bad, t = (double)take;
    const double middle = floor((t + 1) * ((G + 1) / (G + B + 2)));
    const double lo = (double)least, hi = (double)most, mode = fmin(fmax(middle, lo), hi);
    const double peak = ouro_exp(hypergeometric_log_probability(G, B, t, mode));
    for (;;) { /* again only when rounding lets u survive both tails: about one time in 1e15 */
        double u = ouro_stream_uniform(s) - peak, up = peak, down = peak, a = mode, b = mode;
        if (u <= 0) return (uint64_t)mode;
        while ((a < hi && up > 0x1p-64) || (b > lo && down > 0x1p-64)) {
            if (a < hi) {
                up *= (G - a) * (t - a) / ((a + 1) * (B - t + a + 1));
                a++;
                if ((u -= up) <= 0) return (uint64_t)a;
            }
            if (b > lo) {
                down *= b * (B - t + b) / ((G - b + 1) * (t - b + 1));
                b--;
                if ((u -= down) <= 0) return (uint64_t)b;
            }
        }
    }
}

void ouro_multi_hypergeometric(ouro_stream *s, size_t len, const uint64_t *size, uint64_t take, uint64_t *out) {
    uint64_t rest = 0;
    for (size_t i = 0; i < len; i++) rest += size[i];
    for (size_t i = 0; i < len; i++) {
        rest -= size[i];
        out[i] = ouro_hypergeometric(s, size[i], rest, take);
        take -= out[i];
    }
}

/* 0 .. range - 1 without bias, range <= 2^32, from the upper 32 bits of u. Lemire (2019), "Fast random integer
 * generation in an interval": the products range * bits fall into bins of 2^32, and the first few of each bin are
 * rejected, so that all bins keep as many.                                                                        */
static uint32_t below(ouro_stream *s, double u, uint64_t range) {
    for (;; u = ouro_stream_uniform(s)) {
        const uint64_t product = (uint64_t)(u * 0x1p32) * range, low = product & UINT32_MAX;
        if (low >= range || low >= (UINT64_C(0x100000000) - range) % range) return (uint32_t)(product >> 32);
    }
}

void ouro_choose(ouro_stream *s, size_t n, size_t k, uint32_t *index) {
    enum { CHUNK = 256 };
    double u[CHUNK];
    for (size_t i = 0; i < n; i++) index[i] = (uint32_t)i;
    for (size_t done = 0; done < k;) {
        const size_t len = k - done < CHUNK ? k - done : CHUNK;
        ouro_fill_uniforms(s, len, u);
        for (size_t i = 0; i < len; i++, done++) {
            const size_t j = done + below(s, u[i], n - done);
            const uint32_t taken = index[j];
            index[j] = index[done];
            index[done] = taken;
        }
    }
}

/* Hormann (1993), "The transformed rejection method for generating Poisson random variables", algorithm PTRS, for means
 * of 10 and more; the acceptance test is exact, by the same deviances as above. */
static double poisson_by_rejection(ouro_stream *s, double mean) {
    const double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    const double alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = ouro_stream_uniform(s) - 0.5, v = ouro_stream_uniform(s), edge = 0.5 - fabs(u);
        const double k = floor((2 * a / edge + b) * u + mean + 0.43);
        if (k < 0 || (edge < 0.013 && v > edge)) continue;
        if (edge >= 0.07 && v <= squeeze) return k;
        const double log_density =
            -0.5 * ouro_log(loader_weight(k)) - loader_stirling(k) - loader_deviance(mean, k - mean);
        if (ouro_log(v * alpha / (a / (edge * edge) + b)) <= log_density) return k;
    }
}

double ouro_poisson(ouro_stream *s, double mean) {
    if (!(mean > 0)) return 0;
    if (mean == INFINITY) return mean;
    if (mean >= 10) return poisson_by_rejection(s, mean);
    double u = ouro_stream_uniform(s), p = ouro_exp(-mean), k = 0;
    while (u > p && !(k > mean && p < 0x1p-60)) { /* the tail left is then below the resolution of u */
        u -= p;
        k++;
        p *= mean / k;
    }
    return k;
}
