/* categorical.c: K unordered categories.
 *
 * theta = p[K]; T = {W, weighted counts[K]}. A row is the category's index, from 0. Absorbed = one category left. */
#include "../core/kernels.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <gsl/gsl_sf_log.h>
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

static void stat_empty(const ouro_family *f, double *T) { memset(T, 0, f->stat_len * sizeof *T); }

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    stat_empty(f, T);
    T[0] = (double)n;
    for (size_t i = 0; i < n; i++) T[1 + (size_t)x[i]] += 1;
}

static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    for (size_t i = 0; i < f->stat_len; i++) T[i] += weight * src[i];
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

static int stat_subset(const ouro_family *f, const double *T, uint64_t take, ouro_stream *s, ouro_arena *tmp,
                       double *out) {
    size_t k = f->domain.categories;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    uint64_t *size = ouro_arena_alloc(tmp, k, sizeof *size), *hits = ouro_arena_alloc(tmp, k, sizeof *hits);
    int ret = size && hits ? OURO_OK : OURO_ENOMEM;
    if (!ret) {
        for (size_t i = 0; i < k; i++) size[i] = (uint64_t)T[1 + i];
        ouro_multi_hypergeometric(s, k, size, take, hits);
        out[0] = (double)take;
        for (size_t i = 0; i < k; i++) out[1 + i] = (double)hits[i];
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}

static void stat_counts(const ouro_family *f, const uint64_t *count, double *T) {
    stat_empty(f, T);
    for (size_t i = 0; i < f->domain.categories; i++) {
        T[1 + i] = (double)count[i];
        T[0] += T[1 + i];
    }
}

static void stat_of(const ouro_family *f, const double *p, double *T) {
    T[0] = 1;
    memcpy(T + 1, p, f->domain.categories * sizeof *T);
}

/* Dirichlet(nu m*): in p itself each category loses one count, at most all it has. */
static void mode_in_mean(const ouro_family *f, double *T) {
    double left = 0;
    for (size_t i = 0; i < f->domain.categories; i++) left += T[1 + i] = fmax(T[1 + i] - 1, 0);
    if (left > 0) T[0] = left;
}

static void fit_mle(const ouro_family *f, const double *T, double *p, ouro_fit_info *info) {
    size_t alive = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        p[i] = T[1 + i] / T[0];
        alive += p[i] > 0;
    }
    *info = (ouro_fit_info){.converged = 1, .absorbed = alive == 1};
}

static void moments(const ouro_family *f, const double *p, ouro_moments *out) {
    double trace = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        out->mean[i] = p[i];
        trace += p[i] * (1 - p[i]);
    }
    out->trace = trace;
    out->log_trace = log(trace);
    out->logdet = NAN; /* one-hot points lie on a hyperplane */
}

static double entropy(const ouro_family *f, const double *p) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++)
        if (p[i] > 0) sum -= p[i] * log(p[i]);
    return sum;
}

static double tail_mass(const ouro_family *f, const double *p, const ouro_tail_set *a, double side[2]) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++)
        if (a->member[i]) sum += p[i];
    side[0] = side[1] = NAN;
    return sum;
}

/* One category's part of KL: a log(a / b) - a + b >= 0. The last two add up to nothing over all categories, but with them
 * no part cancels another, so that the divergence of two models that nearly agree keeps its digits.        */
static double kl_part(double a, double b) {
    if (a == 0) return b;
    if (b == 0) return INFINITY;
    double u = (b - a) / a;
    return fabs(u) < 0.5 ? -a * gsl_sf_log_1plusx_mx(u) : a * log(a / b) + (b - a);
}

static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < f->domain.categories; i++) {
        double d = fabs(a[i] - b[i]), root = d > 0 ? d / (sqrt(a[i]) + sqrt(b[i])) : 0;
        switch (kind) {
        case OURO_KL: sum += kl_part(a[i], b[i]); break;
        case OURO_HELLINGER: sum += 0.5 * root * root; break;
        case OURO_TV: sum += 0.5 * d; break;
        case OURO_W2:
        case OURO_DIVERGENCES: return NAN;
        }
    }
    return kind == OURO_HELLINGER ? sqrt(sum) : sum;
}

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
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .stat_subset = stat_subset,
    .stat_counts = stat_counts,
    .stat_of = stat_of,
    .mode_in_mean = mode_in_mean,
    .fit_mle = fit_mle,
    .moments = moments,
    .entropy = entropy,
    .tail_mass = tail_mass,
    .divergence = divergence,
    .divergence_missing = {[OURO_W2] = "unordered categories have no distance between them"},
    .matches_mean = 1,
    .matches_second_moments = 1,
    .temper = temper,
};
