/* categorical.c: K unordered categories.
 *
 * theta = p[K]; T = {W, weighted counts[K]}. A row is the category's index, from 0. Absorbed = one category left. */
#include "core/kernels.h"
#include "categories.h"
#include "ouro/variates.h"
#include <math.h>
#include <string.h>

typedef struct params {
    uint64_t categories;
    double zipf, shift;
    ouro_reals probabilities;
} params;

#define AT(member) offsetof(params, member)
static const ouro_field truth_rows[] = {
    {"categories", OURO_COUNT, 0, AT(categories), 2, 1e8, "10", NULL, "categories",
     "Number of categories; not used where probabilities are given."},
    {"zipf", OURO_REAL, 0, AT(zipf), 0, 100, "0", NULL, "",
     "Exponent s of p_i ~ 1 / (i + shift)^s, i = 1..categories; 0 is uniform."},
    {"shift", OURO_REAL, 0, AT(shift), 0, 1e9, "0", NULL, "", "Shift of the Zipf-Mandelbrot law."},
    {"probabilities", OURO_REALS, OURO_NULLABLE, AT(probabilities), 0, 1, "null", NULL, "",
     "The probabilities themselves, summing to one; null: from categories, zipf and shift."},
};
#undef AT

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    const params *t = p;
    size_t k = t->probabilities.len ? t->probabilities.len : (size_t)t->categories;
    if (k < 2)
        return ouro_fail(e, OURO_ECONFIG, "truth.probabilities", "a categorical truth needs two categories or more");
    *out = (ouro_domain){.kind = OURO_CATEGORIES, .dim = 1, .categories = k};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    const params *t = p;
    size_t k = f->domain.categories;
    double sum = 0;
    if (t->probabilities.len && t->probabilities.len != k)
        return ouro_fail(e, OURO_ECONFIG, "truth.probabilities",
                         "%zu probabilities for %zu categories; give one for each", t->probabilities.len, k);
    for (size_t i = 0; i < k; i++) {
        /* relative to the first, so that not all underflow; own logarithm: the same truth on every machine */
        double rank = 1 + (double)i / (1 + t->shift);
        theta[i] = t->probabilities.len ? t->probabilities.values[i] : ouro_exp(-t->zipf * ouro_log(rank));
        sum += theta[i];
    }
    if (t->probabilities.len && fabs(sum - 1) > 1e-9)
        return ouro_fail(e, OURO_ECONFIG, "truth.probabilities", "the probabilities sum to %.12g; make them sum to 1",
                         sum);
    for (size_t i = 0; i < k; i++) theta[i] /= sum;
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    if (f->domain.kind != OURO_CATEGORIES)
        return ouro_fail(e, OURO_EUNDEFINED, "categorical", "categorical needs categories, the truth gives numbers");
    if (f->domain.pairs)
        return ouro_fail(e, OURO_EUNDEFINED, "categorical",
                         "the truth gives pairs of successive tokens, which do not come one by one: use bigram");
    f->theta_len = f->mean_len = f->domain.categories;
    f->stat_len = f->domain.categories + 1;
    return OURO_OK;
}

/* Inverse of the cumulative distribution by a guide table (Chen and Asau 1974): O(1) expected per row. */
static int sample(const ouro_family *f, const double *p, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    size_t k = f->domain.categories, last = 0;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    double *upto = ouro_arena_alloc(tmp, k, sizeof *upto);
    size_t *guide = ouro_arena_alloc(tmp, k, sizeof *guide);
    if (!upto || !guide) {
        ouro_arena_reset(tmp, mark);
        return OURO_ENOMEM;
    }
    double sum = 0;
    for (size_t i = 0; i < k; i++) {
        upto[i] = sum += p[i];
        if (p[i] > 0) last = i;
    }
    for (size_t i = last; i < k; i++) upto[i] = 2; /* rounding of the sum must not lead past the last live one */
    for (size_t j = 0, i = 0; j < k; j++) {
        while (upto[i] <= (double)j / (double)k) i++;
        guide[j] = i;
    }
    ouro_fill_uniforms(s, n, x);
    for (size_t r = 0; r < n; r++) {
        size_t i = guide[(size_t)(x[r] * (double)k)];
        while (upto[i] <= x[r]) i++;
        x[r] = (double)i;
    }
    ouro_arena_reset(tmp, mark);
    return OURO_OK;
}

/* Multinomial(n, p) as a chain of conditional binomials. */
static void stat_draw(const ouro_family *f, const double *p, ouro_stream *s, uint64_t n, double *T) {
    size_t k = f->domain.categories, last = 0;
    double rest = 0;
    for (size_t i = 0; i < k; i++) {
        rest += p[i];
        if (p[i] > 0) last = i;
    }
    memset(T, 0, f->stat_len * sizeof *T);
    T[0] = (double)n;
    for (size_t i = 0; i <= last && n; i++) {
        if (p[i] == 0) continue;
        uint64_t hits = i == last || rest <= p[i] ? n : ouro_binomial(s, n, p[i] / rest);
        T[1 + i] = (double)hits;
        n -= hits;
        rest -= p[i];
    }
}

static void fit_mle(const ouro_family *f, const double *T, double *p, ouro_fit_info *info) {
    size_t alive = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        p[i] = T[1 + i] / T[0];
        alive += p[i] > 0;
    }
    *info = (ouro_fit_info){.converged = 1, .absorbed = alive == 1};
}

/* Natural form with the one-hot point as t(x) and eta_i = log p_i, all K of them: A = log sum e^eta, and adding a
 * number to every eta changes nothing. K - 1 log ratios would need a category to compare with, and when that one
 * dies all of them are infinite; here a dead category is eta_i = -inf and no other one notices. V = diag(p) - p p'
 * has rank K - 1. */
static size_t natural_len(const ouro_family *f) { return f->domain.categories; }

static void parameter(const ouro_family *f, const double *p, double *eta) {
    for (size_t i = 0; i < f->domain.categories; i++) eta[i] = ouro_log(p[i]);
}

static double largest(const ouro_family *f, const double *eta) {
    double top = -INFINITY;
    for (size_t i = 0; i < f->domain.categories; i++)
        if (!(eta[i] <= top)) top = eta[i];
    return top;
}

static int model(const ouro_family *f, const double *eta, double *p) {
    double top = largest(f, eta), sum = 0;
    if (!isfinite(top)) return 0;
    for (size_t i = 0; i < f->domain.categories; i++) sum += p[i] = ouro_exp(eta[i] - top);
    for (size_t i = 0; i < f->domain.categories; i++) p[i] /= sum;
    return isfinite(sum);
}

static double log_partition(const ouro_family *f, const double *eta) {
    double top = largest(f, eta), sum = 0;
    if (!isfinite(top)) return top;
    for (size_t i = 0; i < f->domain.categories; i++) sum += ouro_exp(eta[i] - top);
    return top + ouro_log(sum);
}

static double potential(const ouro_family *f, const double *p) {
    (void)f, (void)p;
    return 0; /* eta_i = log p_i */
}

static void mean_map(const ouro_family *f, const double *p, double *mu) {
    memcpy(mu, p, f->domain.categories * sizeof *mu);
}

static int model_of_mean(const ouro_family *f, const double *mu, double *p) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        if (!(mu[i] >= 0)) return 0;
        sum += mu[i];
    }
    for (size_t i = 0; i < f->domain.categories; i++) p[i] = mu[i] / sum;
    return sum > 0 && isfinite(sum);
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    memset(t, 0, f->domain.categories * sizeof *t);
    t[(size_t)x[0]] = 1;
}

static double observed(const ouro_family *f, const double *T, double *t) {
    for (size_t i = 0; i < f->domain.categories; i++) t[i] = T[1 + i] / T[0];
    return T[0];
}

static void times(const ouro_family *f, const double *p, const double *d, double *out) {
    double mean = 0;
    for (size_t i = 0; i < f->domain.categories; i++)
        if (p[i] > 0) mean += p[i] * d[i];
    for (size_t i = 0; i < f->domain.categories; i++) out[i] = p[i] > 0 ? p[i] * (d[i] - mean) : 0;
}

/* D x = b + w p (p'x), D = diag(w p + ridge): by Sherman and Morrison p'x = (p'D^-1 b) / (p'D^-1 ridge), since p'1 =
 * 1 makes 1 - w p'D^-1 p = p'D^-1 ridge, a sum of positive terms. Without a ridge p'x is free, and 0 here. */
static int solve(const ouro_family *f, const double *p, double weight, const double *ridge, const double *b,
                 double *x) {
    double over = 0, under = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        double d = weight * p[i] + (ridge ? ridge[i] : 0);
        if (d == 0 && b[i] != 0) return 0;
        x[i] = d == 0 ? 0 : b[i] / d;
        over += p[i] * x[i];
        if (ridge && d > 0) under += p[i] * (ridge[i] / d);
    }
    double mean = under > 0 ? over / under : 0;
    for (size_t i = 0; i < f->domain.categories && mean != 0; i++) {
        double d = weight * p[i] + ridge[i];
        if (d > 0) x[i] += weight * p[i] / d * mean;
    }
    return 1;
}

static double mean_log_carrier(const ouro_family *f, const double *p) {
    (void)f, (void)p;
    return 0;
}

static const ouro_natural natural = {
    .words = "eta_i = log p_i, A = log sum e^eta, mean of the one-hot point: p",
    .boundary = OURO_BOUNDARY_CONTINUED,
    .len = natural_len,
    .parameter = parameter,
    .model = model,
    .log_partition = log_partition,
    .potential = potential,
    .mean = mean_map,
    .model_of_mean = model_of_mean,
    .statistic = statistic,
    .observed = observed,
    .times = times,
    .solve = solve,
    .mean_log_carrier = mean_log_carrier,
};

/* relative to the likeliest, so that not all underflow */
static void temper(const ouro_family *f, const double *p, double temperature, double *out) {
    double top = 0, sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++) top = fmax(top, p[i]);
    for (size_t i = 0; i < f->domain.categories; i++)
        sum += out[i] = p[i] > 0 ? ouro_exp(ouro_log(p[i] / top) / temperature) : 0;
    for (size_t i = 0; i < f->domain.categories; i++) out[i] /= sum;
}

const ouro_family_type ouro_family_categorical = {
    .name = "categorical",
    .doc = "One of K unordered categories; all probabilities are fitted. A category that is drawn by nobody dies.",
    .density = "p(i) = p_i, i = 1..K",
    .statistic = "counts per category",
    .exact_law = "counts ~ Multinomial(n, p), as K - 1 conditional binomials",
    .reference = "Wright 1931 (haploid drift); Suresh et al. 2024 and Seddik et al. 2024 for the recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .sample = sample,
    .stat_draw = stat_draw,
    .fit_mle = fit_mle,
    OURO_CATEGORIES_SLOTS,
    .natural = &natural,
    .likelihood_in_statistic = 1,
    .matches_mean = 1,
    .matches_second_moments = 1,
    .temper = temper,
};
