/* log_variance.c: the logarithm of a Gaussian's variance when every fit sees one synthetic batch of Gaussian points.
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
 * The steps are logarithms of gamma variates, so that the whole law of their sum is known (log_gammas.h): its variance
 * t psi'((n - 1)/2), and its quantiles, which are those of the variance, too.
 * A power of the scale has the mean E sigma_t^2q = prod_t (2 / c_t)^q Gamma((n_t - 1)/2 + q) / Gamma((n_t - 1)/2), of which the
 * standard deviation is q = 1/2 (Bertrand et al. 2024), and on the line E w2^2 = E mu_t^2 + E sigma_t^2 + 1 - 2 E sigma_t.
 * KL divergences between normals follow with two moments more. In units of the truth and d dimensions, sigma_t^2 drawn hotter
 * by the temperature T, with n points: E tr Sigma_t = T (n - 1)/c E tr Sigma_{t-1} and E |mu_t|^2 grows by T E tr Sigma_{t-1} / n;
 * A = E tr Sigma_t^-1 and B = E mu' Sigma_t^-1 mu by the inverse Wishart's h = c / (n - d - 2): A_t = h A / T, B_t = h (B / T +
 * d / n), infinite for n <= d + 2.
 * The first step is of this form for a truth of the family; for observations it is known when all of them are used.  */
#include "log_gammas.h"
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

/* What the divergences of normals need besides the logarithm, in d dimensions. */
typedef struct spread {
    double trace, drift, A, B;
} spread;

static void spread_step(spread *s, double n, double d, double T, int unbiased) {
    const double c = unbiased ? n - 1 : n, h = n > d + 2 ? c / (n - d - 2) : INFINITY;
    s->drift += T * s->trace / n;
    s->trace *= T * (n - 1) / c;
    s->B = h * (s->B / T + d / n);
    s->A *= h / T;
}

/* Mean of KL(model || truth) or of KL(truth || model), the mean log determinant ratio being `log_det`. */
static double divergence(const spread *s, double d, double log_det, int of_model) {
    return of_model ? (s->trace + s->drift - d - log_det) / 2 : (s->A + s->B - d + log_det) / 2;
}

/* A step as terms of the sum, on the log scale of one axis; 0 where it is no such sum. */
static int add_step(ouro_log_gammas *sum, double n, const rule *r, size_t d, int unbiased) {
    const double axes = (double)d;
    int room = 1;
    if (r->kind == GAMMA) sum->shift -= log(n * r->shape);
    if (r->kind == GAMMA) return ouro_log_gammas_add(sum, n * r->shape, 1, 1);
    if (r->kind == GAMMA_LESS_ONE) sum->shift -= log(n);
    if (r->kind == GAMMA_LESS_ONE) return n > 1 && ouro_log_gammas_add(sum, n - 1, 1, 1);
    if (r->kind == MEDIAN || !(n > axes)) return 0;
    sum->shift += 0.5 * log(2 / (unbiased ? n - 1 : n));
    for (size_t i = 1; i <= d; i++) room &= ouro_log_gammas_add(sum, (n - (double)i) / 2, 0.5 / axes, 1);
    return room;
}

/* Of start + factor times the sum, or of its exponential. */
static double statistic_of(const ouro_log_gammas *law, ouro_statistic statistic, double start, double factor,
                           int ratio) {
    if (statistic == OURO_STATISTIC_VARIANCE) return factor * factor * ouro_log_gammas_variance(law);
    const double value = start + factor * ouro_log_gammas_quantile(law, ouro_statistic_share(statistic));
    return ratio ? exp(value) : value;
}

/* What a chain of fits to one batch each is made of, and how far it has come. */
typedef struct chain {
    double sum;          /* mean of the log scale */
    spread normals;      /* for divergences */
    ouro_log_gammas law; /* for variances and quantiles */
    int summed;          /* whether the law is a sum of log gammas that there is room for */
    double moment[2];    /* log E of the standard deviation and of its square: any number of different sizes */
} chain;
typedef struct chain_rule {
    rule r;
    size_t d;
    int unbiased;
    double temperature, hotter; /* hotter: what tempering adds to the log scale */
    int wants_law, wants_normals;
} chain_rule;

/* One fit to n points, real or drawn from the fit before; `by`: the mean of this step of the log scale. */
static void advance(chain *c, const chain_rule *k, double n, double by, int synthetic) {
    c->sum += by + (synthetic ? k->hotter : 0);
    if (k->wants_normals) spread_step(&c->normals, n, (double)k->d, synthetic ? k->temperature : 1, k->unbiased);
    if (!k->wants_law) return;
    ouro_log_gammas one = {.shift = synthetic ? k->hotter : 0};
    const int known = add_step(&one, n, &k->r, k->d, k->unbiased);
    for (int i = 0; i < 2; i++)
        c->moment[i] += known ? ouro_log_gammas_log_moment(&one, (i + 1) * k->r.log_variance / 2) : NAN;
    c->summed = c->summed && add_step(&c->law, n, &k->r, k->d, k->unbiased);
    c->law.shift += synthetic ? k->hotter : 0;
}

/* Columns that say the entropy, in their own words for a normal: the score of a model's own samples is its entropy, and so is that
 * of the rows of its fit, for maximum likelihood; (n - 1) / n of the quadratic term's d / 2 for the unbiased variance. */
static int is_entropy(const char *column) {
    return !strcmp(column, "entropy") || !strcmp(column, "nll_own") || !strcmp(column, "nll_self");
}

/* Columns whose law is that of a standard deviation. */
static int is_sd(const char *column) { return !strcmp(column, "sd_ratio") || !strcmp(column, "w2_sq"); }

/* start: the truth's entropy, or for w2_sq its variance; n: points of this fit. */
static double answer(const chain *c, const chain_rule *k, const ouro_claim *claim, double start, double n) {
    const char *column = claim->column;
    const int real = !strcmp(column, "nll_real"), gap = !strcmp(column, "gap"), self = !strcmp(column, "nll_self");
    const double factor = is_entropy(column) ? k->r.entropy : k->r.log_variance / (is_sd(column) ? 2 : 1);
    const double d = (double)k->d;
    const double in_sample = k->unbiased && (self || gap) ? -d / (2 * n) : 0;
    if (k->wants_normals && k->wants_law) /* w2_sq */
        return start * (c->normals.drift + c->normals.trace + 1 - 2 * exp(c->moment[0]));
    if (k->wants_normals) {
        const double kl = divergence(&c->normals, d, 2 * d * c->sum, !strcmp(column, "kl_model_truth"));
        if (gap) return kl - k->r.entropy * c->sum - in_sample;
        return real ? start + kl : kl;
    }
    const double from = is_entropy(column) ? start + in_sample : 0;
    if (!k->wants_law) return from + factor * c->sum;
    if (is_sd(column) && claim->statistic == OURO_STATISTIC_MEAN) return exp(c->moment[0]);
    if (is_sd(column) && claim->statistic == OURO_STATISTIC_VARIANCE)
        return exp(2 * c->moment[0]) * expm1(c->moment[1] - 2 * c->moment[0]);
    const int ratio = !strcmp(column, "variance_ratio") || is_sd(column);
    return c->summed ? statistic_of(&c->law, claim->statistic, from, factor, ratio) : NAN;
}

/* Whether something is known of this column here. */
static int applies(const ouro_setting *g, const chain_rule *k, const ouro_claim *claim) {
    const ouro_truth *t = g->truth;
    const char *family = g->model->type->name, *column = claim->column;
    const int data = ouro_truth_is_data(t), normal = !strcmp(family, "gaussian") || !strcmp(family, "mvgaussian");
    if (isnan(is_entropy(column) ? k->r.entropy : k->r.log_variance)) return 0;
    if (!strncmp(column, "nll_", 4) && (data || !normal)) return 0;
    if (!k->unbiased && strcmp(g->estimator->name, "mle")) return 0;
    if (!data && !ouro_family_holds(g->model, &t->family)) return 0;
    if (k->temperature != 1 && !g->model->type->temper) return 0;
    if (data && (!normal || g->policy->initial != t->rows)) return 0;
    if (k->wants_normals && (data || !normal)) return 0;
    /* an entropy without a log_variance has a place in it, besides the scale */
    if (k->wants_law && (data || isnan(k->r.log_variance))) return 0;
    return (strcmp(column, "variance_ratio") && !is_sd(column)) || t->mean_len == 1;
}

static int predict(const ouro_setting *g, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    (void)tail;
    const ouro_truth *t = g->truth;
    const ouro_policy *p = g->policy;
    const int data = ouro_truth_is_data(t);
    chain_rule k = {.r = rule_of(g->model),
                    .d = g->model->domain.dim,
                    .unbiased = !strcmp(g->estimator->name, "unbiased"),
                    .temperature = p->synthetic.temperature,
                    .wants_law = claim->statistic != OURO_STATISTIC_MEAN || is_sd(claim->column),
                    .wants_normals = !strncmp(claim->column, "kl_", 3) || !strcmp(claim->column, "nll_real") ||
                                     !strcmp(claim->column, "gap") || !strcmp(claim->column, "w2_sq")};
    double start = 0, last = 0, by = 0;
    int ret = OURO_OK;
    k.hotter = log(k.temperature) * (k.r.shape > 0 ? 1 : 0.5); /* of the scale, or of the sd */
    if (!applies(g, &k, claim)) return OURO_EUNDEFINED;
    if (is_entropy(claim->column) || !strcmp(claim->column, "nll_real"))
        start = data ? 0.5 * ((double)t->domain.dim * (1 + log(2 * M_PI)) + t->moments.logdet)
                     : t->family.type->entropy(&t->family, t->theta);
    if (!strcmp(claim->column, "w2_sq")) start = t->moments.trace;
    chain *c = ouro_arena_alloc(tmp, 2, sizeof *c); /* now, and as it was at the checkpoint */
    if (!c) return OURO_ENOMEM;
    c[0] = c[1] = (chain){.normals = {.trace = (double)k.d, .A = (double)k.d}, .summed = 1};
    ouro_walk w = {.policy = p};
    for (uint32_t i = 0; i < g->generations; i++) {
        OURO_TRY(ouro_walk_step(&w));
        if (w.mix.len != 1 || w.mix.points < w.mix.pool || (i && ouro_is_real(&w.ledger.batch[w.mix.term[0].batch]))) {
            ret = OURO_EUNDEFINED;
            goto out;
        }
        const double n = (double)w.mix.points;
        if (i + 1 == p->rollback.at) c[0] = c[1]; /* the steps since then are taken back */
        if (n != last) by = step(n, &k.r, k.d, k.unbiased);
        last = n;
        if (i == 0 && data)
            c->sum = k.unbiased ? 0.5 * log(n / (n - 1)) : 0; /* the fit is the data's own variance */
        else
            advance(c, &k, n, by, i > 0);
        if (i + 1 == p->rollback.to) c[1] = c[0];
        out[i] = answer(c, &k, claim, start, n);
        ouro_walk_retire(&w);
    }
out:
    ouro_walk_free(&w);
    return ret;
}

static const ouro_claim claims[] = {
    {"log_variance", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_VARIANCE, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_Q05, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_Q25, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_MEDIAN, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_Q75, OURO_STANDING_EXACT},
    {"log_variance", OURO_STATISTIC_Q95, OURO_STANDING_EXACT},
    {"variance_ratio", OURO_STATISTIC_Q05, OURO_STANDING_EXACT},
    {"variance_ratio", OURO_STATISTIC_MEDIAN, OURO_STANDING_EXACT},
    {"variance_ratio", OURO_STATISTIC_Q95, OURO_STANDING_EXACT},
    {"sd_ratio", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"sd_ratio", OURO_STATISTIC_VARIANCE, OURO_STANDING_EXACT},
    {"sd_ratio", OURO_STATISTIC_Q05, OURO_STANDING_EXACT},
    {"sd_ratio", OURO_STATISTIC_MEDIAN, OURO_STANDING_EXACT},
    {"sd_ratio", OURO_STATISTIC_Q95, OURO_STANDING_EXACT},
    {"w2_sq", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"nll_self", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"nll_self", OURO_STATISTIC_MEDIAN, OURO_STANDING_EXACT},
    {"nll_own", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"nll_own", OURO_STATISTIC_MEDIAN, OURO_STANDING_EXACT},
    {"nll_real", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"gap", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"kl_model_truth", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"kl_truth_model", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"entropy", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"entropy", OURO_STATISTIC_MEDIAN, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_log_variance = {
    .name = "log_variance",
    .doc =
        "Mean, variance and quantiles of log_variance, mean, variance and quantiles of sd_ratio, quantiles of "
        "variance_ratio, "
        "mean "
        "and median of entropy, on the line the mean of a Gaussian's w2_sq, where every fit "
        "sees one synthetic batch: sums of log gamma variates for gaussian, "
        "mvgaussian, lognormal, gamma, exponential, weibull, laplace and pareto. Exact for every n. Of the kinds that "
        "fit what is usually known, pareto has one and laplace (by quadrature, to 1e8 points).",
    .source = "steps of the log scale",
    .knows = OURO_KNOWS_TEMPERATURE,
    .claims = claims,
    .predict = predict,
};
