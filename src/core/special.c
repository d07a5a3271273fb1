/* special.c: probabilities and tails of count laws and of the gamma law; see special.h. */
#include "core/special.h"
#include "core/loader.h"
#include <float.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

double ouro_stirling(double x) {
    if (x >= 16 || x == floor(x)) return loader_stirling(x);
    return gsl_sf_lngamma(x + 1) - (x * log(x) - x + 0.5 * log(2 * M_PI * x));
}

double ouro_log1p_gap(double v) { return v > -0.9 && v < 10 ? -gsl_sf_log_1plusx_mx(v) : v - log1p(v); }

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

double ouro_gamma_tail(double a, double x, int upper) {
    if (!(x > 0)) return upper;
    if (x == INFINITY) return !upper;
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
