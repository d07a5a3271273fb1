/* compare_values.c: the statistics of a difference, paired or not.
 *
 * Paired: mean and standard error of b_i - a_i, whose variance is s_a^2 + s_b^2 - 2 r s_a s_b. Unpaired: se^2 = s_a^2/n_a +
 * s_b^2/n_b with the degrees of freedom of Welch (1947), Biometrika 34, 28-35, eq. 28. */
#include "ouro/compare.h"
#include "ouro/mem.h"
#include "ouro/run.h"
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* What is defined of x[0..n), into out. */
static size_t defined(size_t n, const double *x, double *out) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) out[len++] = x[i];
    return len;
}

/* Pairs whose difference is defined: x, y and d = y - x. */
static size_t pairs(size_t n, const double *a, const double *b, double *x, double *y, double *d) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(b[i] - a[i])) continue;
        x[len] = a[i];
        y[len] = b[i];
        d[len++] = b[i] - a[i];
    }
    return len;
}

static void keep_quantiles(const ouro_summary *s, double *out) {
    for (int i = 0; i < 3; i++) out[i] = s->quantile[2 * i];
}

int ouro_compare_values(size_t na, const double *a, size_t nb, const double *b, int paired, ouro_difference *out) {
    const size_t most = na > nb ? na : nb, least = na > nb ? nb : na;
    double *x = ouro_alloc(3 * most, sizeof *x), *y = x + most, *d = y + most, freedom;
    ouro_summary sa, sb, sd;
    *out = (ouro_difference){.correlation = NAN, .median = NAN, .z = NAN, .low = NAN, .high = NAN};
    if (!x) return OURO_ENOMEM;
    ouro_summarise_values(defined(na, a, x), x, &sa);
    ouro_summarise_values(defined(nb, b, x), x, &sb);
    keep_quantiles(&sa, out->a);
    keep_quantiles(&sb, out->b);
    if (paired) {
        const size_t n = pairs(least, a, b, x, y, d);
        const double r = n > 1 ? gsl_stats_correlation(x, 1, y, 1, n) : NAN;
        out->correlation = fabs(r) > 1 ? copysign(1, r) : r; /* beyond by rounding */
        ouro_summarise_values(n, d, &sd);
        out->n = n;
        out->difference = sd.mean;
        out->se = sd.se;
        out->median = sd.quantile[2];
        freedom = (double)n - 1;
    } else {
        const double va = sa.se * sa.se, vb = sb.se * sb.se;
        out->n = sa.n + sb.n;
        out->difference = sb.mean - sa.mean;
        out->se = sqrt(va + vb);
        freedom = (va + vb) * (va + vb) / (va * va / ((double)sa.n - 1) + vb * vb / ((double)sb.n - 1));
    }
    /* values that agree but for rounding have no spread that could be a yardstick */
    const double rounding = 64 * DBL_EPSILON * fmax(fabs(sa.mean), fabs(sb.mean));
    if (isfinite(out->difference) && out->se * sqrt((double)out->n) > rounding) {
        const double half = gsl_cdf_tdist_Pinv(0.975, freedom) * out->se;
        out->z = out->difference / out->se;
        out->low = out->difference - half;
        out->high = out->difference + half;
    }
    ouro_free(x);
    return OURO_OK;
}
