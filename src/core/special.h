/* special.h: probabilities and tails of count laws and of the gamma law, right to about ten rounding errors (tails: for
 * all arguments up to 1e9 and beyond; the library's own lose their digits there).
 *
 * Real arguments are welcome everywhere. Costs: probabilities O(1); tails O(1) away from the mean and O(standard
 * deviation) at worst near the mean of a huge one; the gamma law's O(1) again from shape 1e10 on. */
#ifndef OURO_CORE_SPECIAL_H
#define OURO_CORE_SPECIAL_H

/* log Gamma(x + 1) - (x log x - x + log(2 pi x)/2), x > 0. */
double ouro_stirling(double x);
/* v - log(1 + v) >= 0 for v > -1, and e^x - 1 - x >= 0, without cancellation; own polynomials, the same bits
 * everywhere. */
double ouro_log1p_gap(double v);
double ouro_exp_gap(double x);
/* log k - psi(k) > 0 and k psi'(k) - 1 > 0, k > 0: what digamma and trigamma leave of their leading terms, without
 * cancellation for any k; own polynomials. O(1). */
double ouro_digamma_gap(double k);
double ouro_trigamma_gap(double k);

/* log[m^k e^-m / Gamma(k + 1)], k >= 0, m > 0. */
double ouro_log_poisson(double k, double m);
/* log[Gamma(j + k + 1) / (Gamma(j + 1) Gamma(k + 1)) p^j (1 - p)^k] for j, k >= 0; the expectations mj = (j + k) p and
 * mk = (j + k)(1 - p) and d = j - mj are given, since the caller knows them without cancellation. */
double ouro_log_binomial(double j, double k, double mj, double mk, double d);

/* Regularised incomplete gamma functions: P(a, x) for upper = 0, Q(a, x) = 1 - P(a, x) for upper = 1; a > 0. */
double ouro_gamma_tail(double a, double x, int upper);
/* The factor F of the incomplete beta function I_x(a, b) = x^a y^b / (a B(a, b)) F, y = 1 - x; fast for x below
 * (a + 1) / (a + b + 2), the other half being 1 - I_y(b, a). */
double ouro_beta_fraction(double a, double b, double x, double y);

#endif
