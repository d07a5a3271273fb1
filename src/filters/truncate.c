/* truncate.c: drops the low-density mass that the model itself gives.
 *
 * A normal law on the line keeps |x - mean| <= z sd with P(|Z| <= z) = top_p. Its variance then falls by the factor
 * 1 - 2 z phi(z) / top_p in every generation, whatever the model. Categories: the smallest set of the likeliest whose
 * mass is at least top_p (of equally likely ones those of lower index). Any other law whose density is on file: outside
 * the set that observe.tails would have of it, were it the truth, of mass 1 - top_p; on a lattice, of no more. */
#include "core/kernels.h"
#include "centre.h"
#include <stdlib.h>
#include <string.h>

typedef struct params {
    double top_p;
    bool fill;
} params;

static const ouro_field rows[] = {
    {"top_p", OURO_REAL, OURO_ABOVE, offsetof(params, top_p), 0, 1, "0.9", NULL, "",
     "Mass of the model's own highest density that is kept; 1 keeps every row."},
    FILTER_FILL(params, "true"),
};

/* theta = {mean, log sd}: gaussian, and its kinds that know one of the two. */
static int normal(const ouro_family_type *type) {
    return !strcmp(type->name, "gaussian") || (type->within && !strcmp(type->within->name, "gaussian"));
}

static const char *missing(const ouro_truth *truth, const ouro_family *model, const void *p) {
    (void)truth, (void)p;
    const ouro_family_type *type = model->type;
    if (model->domain.kind == OURO_CATEGORIES || normal(type) || type->finite) return NULL;
    if (model->domain.covariates || model->domain.labelled)
        return "a row ends in an answer or a label, which has no density of its own";
    if (type->gaussians && (model->domain.dim > 1 || !type->quantiles)) return NULL;
    if (model->domain.dim == 1 && (type->quantiles || (type->log_density && type->beyond && type->mode))) return NULL;
    return "where the model's density is lowest is not on file";
}

/* P(|Z| <= z) = 2 phi(z) (z + z^3 / 3 + z^5 / (3 5) + ...), a sum of positive terms, by own polynomials. */
static double central_mass(double z) {
    double term = z, sum = z;
    for (int k = 3; term > 1e-17 * sum; k += 2) sum += term *= z * z / k;
    return 2 * sum * ouro_exp(-0.5 * z * z) * 0.39894228040143267794;
}

/* The z of central mass p by bisection; beyond 9 the mass lacks less than 1e-18. */
static int prepare(const ouro_truth *truth, const ouro_family *model, const void *p, ouro_arena *keep,
                   const void **state, ouro_error *e) {
    (void)truth, (void)model;
    const double top = ((const params *)p)->top_p;
    double *z = ouro_arena_alloc(keep, 1, sizeof *z), low = 0, high = 9;
    if (!z) return ouro_fail(e, OURO_ENOMEM, "filters", "out of memory");
    for (int i = 0; i < 60; i++) {
        const double middle = low + (high - low) / 2;
        *(central_mass(middle) < top ? &low : &high) = middle;
    }
    *z = top < 1 ? low : INFINITY;
    *state = z;
    return OURO_OK;
}

static int fills(const void *p) { return ((const params *)p)->fill; }

typedef struct ranked {
    double p;
    size_t index;
} ranked;

static int likelier(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* memory[0]: whether memory[1 + i], category i stays, has been filled in. */
static int rank_categories(const ouro_filter_task *t, double top) {
    const size_t k = t->model->domain.categories;
    const ouro_arena_mark mark = ouro_arena_here(t->tmp);
    ranked *order = ouro_arena_alloc(t->tmp, k, sizeof *order);
    if (!order) return OURO_ENOMEM;
    for (size_t i = 0; i < k; i++) order[i] = (ranked){t->theta[i], i};
    qsort(order, k, sizeof *order, likelier);
    double sum = 0;
    for (size_t i = 0; i < k && (top == 1 || i == 0 || sum < top); i++) {
        t->memory[1 + order[i].index] = 1;
        sum += order[i].p;
    }
    t->memory[0] = 1;
    ouro_arena_reset(t->tmp, mark);
    return OURO_OK;
}

/* Categories: above. Others: whether the set is known, whether there is any, and the set as numbers. */
enum { KNOWN, ANY, LOWER, UPPER, LEVEL, LOG_LEVEL, ENDS, END };

static size_t memory(const ouro_family *model) {
    if (model->domain.kind == OURO_CATEGORIES) return model->domain.categories + 1;
    if (normal(model->type)) return 0;
    if (model->type->finite) return END + model->theta_len;
    return END + 2 * model->theta_len + 2;
}

/* Quantiles and levels come from libraries: cut to 40 binary digits, so that their last ones decide about no row. */
static double settled(double x) {
    int exponent;
    const double part = frexp(x, &exponent);
    return isfinite(x) ? ldexp(rint(ldexp(part, 40)), exponent - 40) : x;
}

/* The model as a truth of its own, relative to its origin. */
static int as_truth(const ouro_filter_task *t, ouro_truth *out) {
    *out = (ouro_truth){.domain = t->model->domain,
                        .family = *t->model,
                        .theta = t->theta,
                        .mean_len = t->model->mean_len,
                        .source = t->model->type->name};
    if (!(out->moments.mean = ouro_arena_alloc(t->tmp, out->mean_len, sizeof(double)))) return OURO_ENOMEM;
    t->model->type->moments(t->model, t->theta, &out->moments);
    return OURO_OK;
}

/* A model without a width has nothing that is less likely, and one of few whole numbers may have nothing as rare. */
static int find_set(const ouro_filter_task *t, const ouro_truth *own, double alpha) {
    double *m = t->memory;
    ouro_tail_set a;
    ouro_error e = {0};
    m[KNOWN] = 1;
    if (!(alpha > 0) || !(own->moments.log_trace > -INFINITY) || own->moments.logdet == -INFINITY) return OURO_OK;
    const int ret = ouro_truth_tail(own, alpha, t->tmp, &a, &e);
    if (ret) return ret == OURO_ENOMEM ? ret : OURO_OK;
    m[ANY] = 1;
    m[LOWER] = settled(a.lower);
    m[UPPER] = settled(a.upper);
    m[LEVEL] = a.level;
    m[LOG_LEVEL] = settled(a.log_level);
    m[ENDS] = (double)a.ends;
    for (size_t i = 0; i < a.ends; i++) m[END + i] = settled(a.end[i]);
    for (size_t i = 0; a.member && i < t->model->theta_len; i++) m[END + i] = a.member[i];
    return OURO_OK;
}

/* pass: 1 outside the set. */
static int apply_set(const ouro_filter_task *t, double alpha, unsigned char *pass) {
    const size_t k = t->model->theta_len;
    const double *m = t->memory;
    double *here = ouro_arena_alloc(t->tmp, t->model->domain.dim, sizeof *here); /* rows and theta are both relative */
    unsigned char *member = ouro_arena_alloc(t->tmp, k, 1);
    ouro_truth own;
    int ret = here && member ? as_truth(t, &own) : OURO_ENOMEM;
    if (!ret && m[KNOWN] == 0) ret = find_set(t, &own, alpha);
    if (ret) return ret;
    ouro_tail_set a = {.alpha = alpha, .lower = m[LOWER], .upper = m[UPPER]};
    a.level = m[LEVEL] != 0;
    a.log_level = m[LOG_LEVEL];
    a.ends = (size_t)m[ENDS];
    a.end = m + END;
    for (size_t i = 0; i < k && t->model->type->finite; i++) member[i] = m[END + i] != 0;
    a.member = t->model->type->finite ? member : NULL;
    if (m[ANY] != 0) ret = ouro_truth_tail_rows(&own, &a, t->n, t->x, here, t->tmp, pass);
    for (size_t i = 0; i < t->n; i++) pass[i] = !pass[i];
    return ret;
}

static int apply(const ouro_filter_task *t, unsigned char *pass) {
    if (t->model->domain.kind == OURO_CATEGORIES) {
        if (t->memory[0] == 0 && rank_categories(t, ((const params *)t->params)->top_p)) return OURO_ENOMEM;
        for (size_t i = 0; i < t->n; i++) pass[i] = t->memory[1 + (size_t)t->x[i]] != 0;
        return OURO_OK;
    }
    if (!normal(t->model->type)) {
        const ouro_arena_mark mark = ouro_arena_here(t->tmp);
        const int ret = apply_set(t, 1 - ((const params *)t->params)->top_p, pass);
        ouro_arena_reset(t->tmp, mark);
        return ret;
    }
    const double z = *(const double *)t->state; /* theta = {mean, log sd} */
    const double reach = z < INFINITY ? z * ouro_exp(t->theta[1]) : INFINITY;
    for (size_t i = 0; i < t->n; i++) pass[i] = fabs(t->x[i] - t->theta[0]) <= reach;
    return OURO_OK;
}

const ouro_filter_type ouro_filter_truncate = {
    .name = "truncate",
    .doc = "Drops the model's own low-density mass: a Gaussian is cut at both ends, of categories the likeliest are "
           "kept until their mass is top_p; other laws on the line and mixtures are cut at a level of their density.",
    .reference = "Holtzman et al. 2020 (nucleus sampling); Alemohammad et al. 2023 for biased sampling in the loop",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prepare = prepare,
    .fills = fills,
    .memory = memory,
    .apply = apply,
};
