/* truncate.c: drops the low-density mass that the model itself gives.
 *
 * A Gaussian keeps |x - mean| <= z sd with P(|Z| <= z) = top_p. Its variance then falls by the factor
 * 1 - 2 z phi(z) / top_p in every generation, whatever the model. Categories: the smallest set of the likeliest whose
 * mass is at least top_p (of equally likely ones those of lower index). */
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

static const char *missing(const ouro_truth *truth, const ouro_family *model, const void *p) {
    (void)truth, (void)p;
    if (model->domain.kind == OURO_CATEGORIES || !strcmp(model->type->name, "gaussian")) return NULL;
    return "it knows the highest densities of gaussian and of categories alone";
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

static size_t memory(const ouro_family *model) {
    return model->domain.kind == OURO_CATEGORIES ? model->domain.categories + 1 : 0;
}

static int apply(const ouro_filter_task *t, unsigned char *pass) {
    if (t->model->domain.kind == OURO_CATEGORIES) {
        if (t->memory[0] == 0 && rank_categories(t, ((const params *)t->params)->top_p)) return OURO_ENOMEM;
        for (size_t i = 0; i < t->n; i++) pass[i] = t->memory[1 + (size_t)t->x[i]] != 0;
        return OURO_OK;
    }
    const double z = *(const double *)t->state; /* theta = {mean, log sd} */
    const double reach = z < INFINITY ? z * ouro_exp(t->theta[1]) : INFINITY;
    for (size_t i = 0; i < t->n; i++) pass[i] = fabs(t->x[i] - t->theta[0]) <= reach;
    return OURO_OK;
}

const ouro_filter_type ouro_filter_truncate = {
    .name = "truncate",
    .doc = "Drops the model's own low-density mass: a Gaussian is cut at both ends, of categories the likeliest are "
           "kept until their mass is top_p.",
    .reference = "Holtzman et al. 2020 (nucleus sampling); Alemohammad et al. 2023 for biased sampling in the loop",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prepare = prepare,
    .fills = fills,
    .memory = memory,
    .apply = apply,
};
