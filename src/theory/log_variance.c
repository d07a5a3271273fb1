/* log_variance.c: the mean logarithm of a Gaussian's variance when every fit sees one synthetic batch of Gaussian points.
 *
 * sigma_t^2 = sigma_{t-1}^2 chi^2_{n-1} / c, c = n (mle) or n - 1 (unbiased), independent steps, so
 * E log(sigma_t^2 / sigma_0^2) = sum_t [psi((n_t - 1)/2) + log(2 / c_t)].
 * In d dimensions det Sigma_t = det Sigma_{t-1} prod_i chi^2_{n-i} / c, i = 1..d; log_variance is per dimension.
 * Scale families (gamma of shape alpha; 1 for exponential and what a transform makes of it) likewise: the scale of what
 * is fitted has E log = sum_t [psi(n_t alpha) - log(n_t alpha)]. Where the sd of x is its power 1/k (weibull; gamma and
 * laplace: k = 1), log_variance is 2/k of that and the entropy 1/k. Without such a power, the entropy still has a law for
 * lognormal (log sd + mean of log x, a martingale) and pareto (log s + s, and s = 1/alpha is a martingale).
 * Where the minimum of a pareto is fitted too, s_t = s_{t-1} Gamma(n - 1) / n: E log s = sum_t [psi(n_t - 1) - log
 * n_t], and s + log minimum = E log x is a martingale, so that the entropy has the same steps. A laplace with its
 * location fitted takes steps that a quadrature gives (laplace_step).
 * The first step is of this form for a truth of the family; for observations it is known when all of them are used.  */
#include "ouro/law.h"
#include "ouro/nef.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

/* What follows from the fitted scale's logarithm, of which a step has mean step(); NaN: no law. */
typedef enum kind { CHI_SQUARED, GAMMA, GAMMA_LESS_ONE, MEDIAN } kind;
typedef struct rule {
    kind kind;    /* CHI_SQUARED: half the logarithm of chi-squared over its degrees */
    double shape; /* GAMMA: of one point */
    double log_variance, entropy;
} rule;

static rule rule_of(const ouro_family *f) {
    const ouro_nef *nef = f->type->nef;
    if (!strcmp(f->type->name, "gaussian")) return (rule){CHI_SQUARED, 0, 2, 1};
    if (!strcmp(f->type->name, "gaussian-variance")) return (rule){GAMMA, 0.5, 1, 0.5};
    if (!strcmp(f->type->name, "mvgaussian")) return (rule){CHI_SQUARED, 0, 2, (double)f->domain.dim};
    if (!strcmp(f->type->name, "lognormal")) return (rule){CHI_SQUARED, 0, NAN, 1};
    if (!nef && !strcmp(f->type->name, "pareto")) return (rule){GAMMA_LESS_ONE, 0, NAN, 1};
    if (!nef && !strcmp(f->type->name, "laplace")) return (rule){MEDIAN, 0, 2, 1};
    if (nef == &ouro_nef_gamma) return (rule){GAMMA, f->known[0], 2, 1};
    if (!nef || !nef->transform) return (rule){GAMMA, 0, NAN, NAN};
    if (!nef->transform->degree) return (rule){GAMMA, 1, NAN, 1};
    return (rule){GAMMA, 1, 2 / nef->transform->degree(f->known), 1 / nef->transform->degree(f->known)};
}

/* E e^(-t S) for the sum S of the distances of n points of scale 1 from their median. With J of them on the side of 0
 * that has more, J >= up = n - floor(n/2), of probability w_J, S is made of exponentials of mean (n - i) / i, i =
 * up..J, the gaps from 0 to the median, and of Gamma(n - 1 - (J - up)):
 *     sum_J w_J (1 + t)^(J - up - n + 1) prod_i 1 / (1 + t (n - i) / i). */
static double transform_of_sum(double n, double t) {
    const double up = n - floor(n / 2), most = fmin(n, up + 5 * sqrt(n) + 10); /* beyond: below 1e-20 of all */
    double weight = n == 2 * up ? 0.5 : 1, all = 0, sum = 0, ratio = 1;
    for (double J = up; J <= most; J++) {
        ratio *= (J > up ? 1 + t : 1) / (1 + t * ((n - J) / J));
        all += weight;
        sum += weight * ratio;
        weight *= (n == 2 * up && J == up ? 2 : 1) * (n - J) / (J + 1);
    }
    return sum / all * exp(-(n - 1) * log1p(t));
}

/* E log(S / n) = integral of (e^-t - E e^(-t S / n)) / t dt (Frullani), by the trapezoidal rule over log t, which for
 * such an integrand is right to rounding. */
static double laplace_step(double n) {
    double sum = 0;
    if (n < 2) return -INFINITY;
    if (n > 1e8) return NAN; /* too many terms */
    for (int i = -160; i <= 160; i++) sum += exp(-exp(0.25 * i)) - transform_of_sum(n, exp(0.25 * i) / n);
    return 0.25 * sum;
}

static double step(double n, const rule *r, size_t d, int unbiased) {
    if (r->kind == MEDIAN) return laplace_step(n);
    if (r->kind == GAMMA) return gsl_sf_psi(n * r->shape) - log(n * r->shape);
    if (r->kind == GAMMA_LESS_ONE) return n < 2 ? -INFINITY : gsl_sf_psi(n - 1) - log(n);
    if (n <= (double)d) return -INFINITY;
    double psi = 0;
    for (size_t i = 1; i <= d; i++) psi += gsl_sf_psi((n - (double)i) / 2) / (double)d;
    return 0.5 * (psi + log(2 / (unbiased ? n - 1 : n)));
}

static int mean(const ouro_setting *g, const char *column, size_t tail, ouro_arena *tmp, double *out) {
    (void)tail, (void)tmp;
    const ouro_truth *t = g->truth;
    const ouro_policy *p = g->policy;
    const rule r = rule_of(g->model);
    int unbiased = !strcmp(g->estimator->name, "unbiased"), data = ouro_truth_is_data(t), ret = OURO_OK;
    double factor = strcmp(column, "entropy") ? r.log_variance : r.entropy, start = 0, sum = 0, last = 0, by = 0;
    if (isnan(factor) || (!unbiased && strcmp(g->estimator->name, "mle"))) return OURO_EUNDEFINED;
    if (!data && !ouro_family_holds(g->model, &t->family)) return OURO_EUNDEFINED;
    const double temperature = p->synthetic.temperature;
    if (temperature != 1 && !g->model->type->temper) return OURO_EUNDEFINED;
    const double hotter = log(temperature) * (r.shape > 0 ? 1 : 0.5); /* of the scale, or of the sd */
    int normal = !strcmp(g->model->type->name, "gaussian") || !strcmp(g->model->type->name, "mvgaussian");
    if (data && (!normal || p->initial != t->rows)) return OURO_EUNDEFINED;
    if (!strcmp(column, "entropy"))
        start = data ? 0.5 * ((double)t->domain.dim * (1 + log(2 * M_PI)) + t->moments.logdet)
                     : t->family.type->entropy(&t->family, t->theta);
    ouro_walk w = {.policy = p};
    for (uint32_t i = 0; i < g->generations; i++) {
        OURO_TRY(ouro_walk_step(&w));
        if (w.mix.len != 1 || w.mix.points < w.mix.pool || (i && ouro_is_real(&w.ledger.batch[w.mix.term[0].batch]))) {
            ret = OURO_EUNDEFINED;
            goto out;
        }
        double n = (double)w.mix.points;
        if (i == 0 && data) {
            sum = unbiased ? 0.5 * log(n / (n - 1)) : 0; /* the fit is the data's own variance */
        } else {
            sum += (by = n == last ? by : step(n, &r, g->model->domain.dim, unbiased)) + (i ? hotter : 0);
            last = n;
        }
        out[i] = start + factor * sum;
        ouro_walk_retire(&w);
    }
out:
    ouro_walk_free(&w);
    return ret;
}

static const char *const columns[] = {"log_variance", "entropy", NULL};

const ouro_law_type ouro_law_log_variance = {
    .name = "log_variance",
    .doc = "Mean of log_variance and entropy where every fit sees one synthetic batch: sums of digammas for gaussian, "
           "gaussian-variance, mvgaussian, lognormal, gamma, exponential, weibull, laplace and pareto. Exact for every "
           "n. Of the kinds that "
           "fit what is usually known, pareto has one and laplace (by quadrature, to 1e8 points).",
    .source = "mean: steps of the log scale (exact)",
    .knows_temperature = 1,
    .columns = columns,
    .mean = mean,
};
