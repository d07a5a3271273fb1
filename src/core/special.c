/* special.c: probabilities and tails of count laws and of the gamma law; see special.h. */
#include "core/special.h"
#include "core/loader.h"
#include <float.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

double ouro_stirling(double x) {
    if (x >= 16 || x == floor(x)) return loader_stirling(x);
    return gsl_sf_lngamma(x + 1) - (x * log(x) - x + 0.5 * log(2 * M_PI * x));
}

/* log(1 + v) = 2 atanh(s) with s = v / (2 + v), and v - 2 s = v s: v s - 2 s^3 (1/3 + s^2/5 + ...), where v - log(1 +
 * v) would cancel. |s| <= 1/4, so that the first term left out is below 2^-55 of the result. */
double ouro_log1p_gap(double v) {
    if (!(v > -0.4 && v < 0.6)) return v - ouro_log1p(v);
    double s = v / (2 + v), z = s * s, sum = 0;
    for (int j = 29; j >= 3; j -= 2) sum = 1.0 / j + z * sum;
    return v * s - 2 * s * z * sum;
}

/* x^2 (1/2! + x/3! + ...) where e^x - 1 - x would cancel. */
double ouro_exp_gap(double x) {
    static const double factorial[] = {2,      6,       24,       120,       720,         5040,         40320,
                                       362880, 3628800, 39916800, 479001600, 6227020800., 87178291200., 1307674368000.};
    if (!(fabs(x) < 0.5)) return ouro_exp(x) - 1 - x;
    double sum = 0;
    for (int j = 13; j >= 0; j--) sum = 1 / factorial[j] + x * sum;
    return x * x * sum;
}

/* From ASYMPTOTIC on the asymptotic series in Bernoulli numbers B_2, B_4, ..., B_14 is right to 2^-60; below, steps of
 * the recurrence, whose terms are all positive:
 *     log k - psi(k) = 1/(2k) + sum B_2j / (2j k^2j) = [1/k - log(1 + 1/k)] + the same at k + 1,
 *     k psi'(k) - 1  = 1/(2k) + sum B_2j / k^2j      = 1 / (k (k+1)) + k / (k+1) times the same at k + 1. */
static const double bernoulli[] = {1 / 6.0, -1 / 30.0, 1 / 42.0, -1 / 30.0, 5 / 66.0, -691.0 / 2730.0, 7 / 6.0};
enum { ASYMPTOTIC = 12, BERNOULLI = 7 };

double ouro_digamma_gap(double k) {
    double sum = 0, series = 0;
    for (; k < ASYMPTOTIC; k++) sum += ouro_log1p_gap(1 / k);
    for (int j = BERNOULLI; j > 0; j--) series = (bernoulli[j - 1] / (2 * j) + series) / k / k;
    return sum + (0.5 / k + series);
}

double ouro_trigamma_gap(double k) {
    double sum = 0, factor = 1, series = 0;
    for (; k < ASYMPTOTIC; k++) {
        sum += factor / (k * (k + 1));
        factor *= k / (k + 1);
    }
    for (int j = BERNOULLI; j > 0; j--) series = (bernoulli[j - 1] + series) / k / k;
    return sum + factor * (0.5 / k + series);
}

double ouro_log_poisson(double k, double m) {
    if (k == 0) return -m;
    if (k < 16) return k * log(m) - m - gsl_sf_lngamma(k + 1);
    return -0.5 * log(2 * M_PI * k) - loader_stirling(k) - loader_deviance(m, k - m);
}

double ouro_log_binomial(double j, double k, double mj, double mk, double d) {
    double n = j + k;
    if (j == 0) return k * log1p(-mj / n);
    if (k == 0) return j * log1p(-mk / n);
    return 0.5 * log(n / (2 * M_PI * j * k)) + ouro_stirling(n) - ouro_stirling(j) - ouro_stirling(k) -
           loader_deviance(mj, d) - loader_deviance(mk, -d);
}

/* A denominator of Lentz's method must not vanish. */
static double nonzero(double x) { return fabs(x) < DBL_MIN ? DBL_MIN : x; }

/* P = x^a e^-x / Gamma(a + 1) [1 + x/(a+1) + x^2/((a+1)(a+2)) + ...], all terms positive. */
static double lower_series(double a, double x) {
    double sum = 1, term = 1;
    for (double j = a + 1; term > 0x1p-56 * sum; j++) sum += term *= x / j;
    return exp(ouro_log_poisson(a, x)) * sum;
}

/* Q = x^a e^-x / Gamma(a) 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - ...))), by Lentz's method. */
static double upper_fraction(double a, double x) {
    double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / nonzero(b), f = d, step = 0;
    for (double i = 1; fabs(step - 1) > 0x1p-53 && i < 1e9; i++) {
        double n = -i * (i - a);
        b += 2;
        d = 1 / nonzero(n * d + b);
        c = nonzero(b + n / c);
        step = d * c;
        f *= step;
    }
    return exp(ouro_log_poisson(a, x)) * a * f;
}

/* Temme (1979), "The asymptotic expansion of the incomplete gamma functions", two terms: with e^2 / 2 = l - 1 - log l,
 * l = x / a, and e of the sign of l - 1,
 *     Q = erfc(e sqrt(a/2)) / 2 + R,  P = erfc(-e sqrt(a/2)) / 2 - R,
 *     R = exp(-a e^2 / 2) / sqrt(2 pi a) (1 / (l - 1) - 1 / e + O(1/a)).
 * Relative error below 1e-3 a^-3/2 at the centre; O(1), where fraction and series take sqrt(a) steps. */
static double huge_tail(double a, double x, int upper) {
    double v = (x - a) / a, half = ouro_log1p_gap(v), e = copysign(sqrt(2 * half), v);
    double c = fabs(e) < 2e-3 ? -1.0 / 3 + e / 12 - e * e * 2 / 135 : 1 / v - 1 / e;
    double z = sqrt(a * half), r = exp(-a * half) / sqrt(2 * M_PI * a) * c;
    return upper == (v > 0) ? fmax(0.5 * erfc(z) + (upper ? r : -r), 0) : 1 - 0.5 * erfc(z) + (upper ? r : -r);
}

double ouro_gamma_tail(double a, double x, int upper) {
    if (!(x > 0)) return upper;
    if (x == INFINITY) return !upper;
    if (a > 1e10) return huge_tail(a, x, upper);
    if (x < a + 1) {
        double p = lower_series(a, x);
        return upper ? 1 - p : p;
    }
    double q = upper_fraction(a, x);
    return upper ? q : 1 - q;
}

/* Didonato and Morris (1992), "Significant digit computation of the incomplete beta function ratios", section 6:
 *     F = a / (b_1 + a_2/(b_2 + a_3/(b_3 + ...))),   b_1 = a/(a+1) (l + 1),   l = a y - b x,
 *     a_(n+1) = (a+n-1)(a+b+n-1) n (b-n) x^2 / (a+2n-1)^2,
 *     b_(n+1) = n + n (b-n) x / (a+2n-1) + (a+n)/(a+2n+1) (l + 1 + n (1+y)), by Lentz's method.
 * With y = 1 - x given, nothing cancels where x is nearly 1. */
double ouro_beta_fraction(double a, double b, double x, double y) {
    double l = a * y - b * x, c = 1 / DBL_MIN, d = 1 / nonzero(a / (a + 1) * (l + 1)), f = a * d, step = 0;
    for (double n = 1; fabs(step - 1) > 0x1p-53 && n < 1e9; n++) {
        double e = a + 2 * n - 1, cut = n * (b - n) * x / e, top = (a + n - 1) * (a + b + n - 1) / e * cut * x;
        double base = n + cut + (a + n) / (e + 2) * (l + 1 + n * (1 + y));
        d = 1 / nonzero(base + top * d);
        c = nonzero(base + top / c);
        step = d * c;
        f *= step;
    }
    return f;
}
