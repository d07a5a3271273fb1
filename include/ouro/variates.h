/* variates.h: random variates that the exact statistics path needs and that GSL lacks at full precision or O(1).
 *
 * gsl_ran_gamma draws its normals with 24 mantissa bits and gsl_ran_hypergeometric takes O(n) uniforms, hence these. */
#ifndef OURO_VARIATES_H
#define OURO_VARIATES_H
#include "ouro/rng.h"
#include <stddef.h>

/* Gamma(shape, scale 1), shape > 0, by Marsaglia and Tsang (2000); shape < 1 by the power of a uniform.
 * 53-bit inputs. About one normal and one uniform, O(1). */
double ouro_gamma(ouro_stream *s, double shape);

/* log of a chi-squared variate with `df` >= 0 degrees of freedom, -inf for 0; never underflows for small df. O(1). */
double ouro_log_chi2(ouro_stream *s, double df);
/* log(chi-squared / n), n > 0: the logarithm of a mean square in one go. O(1). */
double ouro_log_mean_chi2(ouro_stream *s, double df, double n);

/* Binomial(n, p), 0 <= n <= 2^53, p in [0, 1] (values outside are clamped). O(1). */
uint64_t ouro_binomial(ouro_stream *s, uint64_t n, double p);

/* The same for any whole number n that a double holds; beyond 2^53 the count is rounded as doubles are. O(1). */
double ouro_binomial_wide(ouro_stream *s, double n, double p);

/* Poisson(mean), mean >= 0, a whole number; beyond 2^53 rounded as doubles are; 0 for a mean of NaN. O(1). */
double ouro_poisson(ouro_stream *s, double mean);

/* How many of `take` items drawn without replacement from `good` + `bad` are good; take <= good + bad.
 * Inversion by chop-down from the mode: exact to rounding, O(standard deviation) steps. */
uint64_t ouro_hypergeometric(ouro_stream *s, uint64_t good, uint64_t bad, uint64_t take);

/* Multivariate hypergeometric: out[i] of size[i] items, sum of out = take <= sum of size. `size` and `out` have
 * len entries and may not overlap. len - 1 univariate draws at most. */
void ouro_multi_hypergeometric(ouro_stream *s, size_t len, const uint64_t *size, uint64_t take, uint64_t *out);

/* A uniformly random k-subset of {0..n-1}, unordered, into index[0..k); `index` must have room for n entries and is
 * used as the work space (partial Fisher-Yates). O(n). */
void ouro_choose(ouro_stream *s, size_t n, size_t k, uint32_t *index);

#endif
