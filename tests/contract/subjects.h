/* subjects.h: models to try every promise of family.h on, for every family in the registry.
 *
 * A subject is a truth (the defaults of the family's table, and the variants below) and models that recursion itself
 * makes of it: fits of small samples, fits of samples so large that the fit is nearly the truth, and a long chain of
 * tiny samples that is about to collapse. A new family is on trial as soon as it is in the registry, and so is its kind
 * that fits what is usually known. */
#ifndef OURO_TEST_SUBJECTS_H
#define OURO_TEST_SUBJECTS_H
#include "setup.h"
#include "harness.h"
#include "ouro/registry.h"
#include <float.h>
#include <math.h>

enum { SUBJECT_MODELS = 8 };

typedef struct subject {
    size_t at;    /* position in the list of subjects, one ahead */
    uint32_t key; /* of its random numbers */
    const char *name;
    ouro_study study;
    const ouro_family *f;
    const ouro_truth *truth;
    size_t models;
    double *theta[SUBJECT_MODELS]; /* [0] the truth */
    double *T[4];                  /* scratch statistics */
    ouro_arena tmp;
} subject;

/* Further truths: family, what stands beside it in the config, and beside the model's. */
static const char *const subject_variants[][3] = {
    {"gaussian", "'mean': 0.7, 'sd': 1.3"},
    {"gaussian", "'mean': -1234.5, 'sd': 0.001"},
    {"gaussian", "'mean': 1e100, 'sd': 1e100"},
    {"gaussian", "'mean': 3e-100, 'sd': 1e-100"},
    {"gaussian-mean", "'mean': -1234.5, 'sd': 0.001"},
    {"gaussian-mean", "'mean': 3e-100, 'sd': 1e-100"},
    {"gaussian-variance", "'mean': -3, 'sd': 0.2"},
    {"gaussian-variance", "'mean': 3e-60, 'sd': 1e-60"},
    {"mvgaussian", "'mean': [0.7, -2, 30], 'sd': [1.3, 0.01, 5], 'correlation': 0.6"},
    {"mvgaussian", "'sd': [1e-100, 1, 1e100]"},
    {"mvgaussian", "'dim': 7, 'correlation': -0.1"},
    {"bernoulli", "'p': 0.01"},
    {"bernoulli", "'p': 0.9"},
    {"binomial", "'p': 0.3, 'trials': 1"},
    {"binomial", "'p': 0.6, 'trials': 7"},
    {"binomial", "'p': 0.003, 'trials': 1000"},
    {"binomial", "'p': 0.9, 'trials': 1000"},
    {"poisson", "'mean': 1e-6"},
    {"poisson", "'mean': 0.03"},
    {"poisson", "'mean': 37.3"},
    {"poisson", "'mean': 10000"},
    {"geometric", "'mean': 0.02"},
    {"geometric", "'mean': 60"},
    {"negative-binomial", "'mean': 2.5, 'size': 0.3"},
    {"negative-binomial", "'mean': 0.05, 'size': 4"},
    {"negative-binomial", "'mean': 90, 'size': 4"},
    {"negative-binomial", "'mean': 40, 'size': 1e4"},
    {"exponential", "'mean': 2.385"},
    {"exponential", "'mean': 1e-100"},
    {"exponential", "'mean': 1e100"},
    {"gamma", "'mean': 1.7, 'shape': 0.4"},
    {"gamma", "'mean': 0.31, 'shape': 1"},
    {"gamma", "'mean': 23, 'shape': 2.7"},
    {"gamma", "'mean': 1e-3, 'shape': 60"},
    {"ising", "'spins': 7, 'field': 0.3"},
    {"ising", "'spins': 12, 'field': 0.02, 'coupling': 0.09, 'order': 2"},
    {"ising", "'spins': 2, 'field': -1, 'order': 2"},
    {"bigram", "'types': 2, 'follow': 0"},
    {"bigram", "'types': 3, 'zipf': 0, 'follow': 0.9"},
    {"bigram", "'types': 7, 'zipf': 2"},
    {"categorical", "'categories': 2"},
    {"categorical", "'categories': 40, 'zipf': 1.3, 'shift': 0.5"},
    {"categorical", "'probabilities': [0.5, 0, 0.25, 0.2, 0.05]"},
    {"gamma", "'mean': 1.7, 'shape': 0.4", "'shape': 'fitted'"},
    {"gamma", "'mean': 1e-3, 'shape': 60", "'shape': 'fitted'"},
    {"pareto", "'minimum': 2.385, 'shape': 1.2", "'minimum': 'fitted'"},
    {"pareto", "'minimum': 1e-100, 'shape': 40", "'minimum': 'fitted'"},
    {"laplace", "'location': 1.3, 'scale': 2.385", "'location': 'fitted'"},
    {"laplace", "'location': -1234.5, 'scale': 20", "'location': 'fitted'"},
    {"laplace", "'location': 3e-100, 'scale': 1e-100", "'location': 'fitted'"},
    {"ising", "'spins': 7, 'field': 0.2, 'coupling': 0.03, 'order': 2"},
};
enum { SUBJECT_VARIANTS = sizeof subject_variants / sizeof subject_variants[0] };

/* Whether points that are all alike leave the model no way out: where categories or a spread are fitted. */
static inline int subject_absorbs(const subject *j) {
    return j->f->domain.kind == OURO_CATEGORIES || j->f->type->fit_unbiased != NULL;
}

/* A subject's random numbers hang on what it is, so that a new family or variant moves nobody else's. */
static inline uint32_t subject_key(const char *name, const char *truth, const char *model) {
    uint32_t h = 2166136261u; /* FNV-1a */
    for (const char *c = name; *c; c++) h = (h ^ (unsigned char)*c) * 16777619u;
    for (const char *c = truth; *c; c++) h = (h ^ (unsigned char)*c) * 16777619u;
    for (const char *c = model; *c; c++) h = (h ^ (unsigned char)*c) * 16777619u;
    return h;
}

static inline void subject_open_stream(ouro_stream *s, const subject *j, uint32_t generation, ouro_purpose purpose) {
    ouro_stream_open(s,
                     &(ouro_address){.seed = 20240917, .point = j->key, .generation = generation, .purpose = purpose});
}

/* Whether doubles tell a model's points apart: a run keeps them relative to a moving origin, a test on its own does not. */
static inline int subject_resolves(const subject *j, const double *theta) {
    double mean[64], narrow[64], far = 0;
    ouro_moments m = {.mean = mean};
    if (j->f->type->theta_location == OURO_NOWHERE) return 1;
    j->f->type->moments(j->f, theta, &m);
    narrow[j->f->domain.dim - 1] = m.log_trace;
    if (j->f->type->spectrum) j->f->type->spectrum(j->f, theta, narrow);
    for (size_t i = 0; i < j->f->domain.dim; i++) far = fmax(far, fabs(mean[i]));
    return exp(narrow[j->f->domain.dim - 1] / 2) > 1e6 * DBL_EPSILON * far;
}

/* Chains are drawn step by step: a batch of them that is large enough to be nearly the truth. */
enum { SUBJECT_STEPS = 100000 };

/* T of n points drawn from theta: by its law where the family knows it, else from rows, no more than MOST_ROWS of them,
 * since 10^15 do not fit anywhere. */
static inline void subject_draw(subject *j, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    enum { MOST_ROWS = 20000 };
    const ouro_family_type *type = j->f->type;
    if (type->stat_draw != NULL) {
        type->stat_draw(j->f, theta, s, n, T);
        return;
    }
    const ouro_arena_mark mark = ouro_arena_here(&j->tmp);
    const size_t rows = n < MOST_ROWS ? (size_t)n : MOST_ROWS;
    double *x = ouro_arena_alloc(&j->tmp, rows * j->f->domain.dim, sizeof *x);
    CHECK(type->sample(j->f, theta, s, &j->tmp, rows, x) == OURO_OK);
    type->stat_rows(j->f, rows, x, T);
    ouro_arena_reset(&j->tmp, mark);
}

/* The fit of n points drawn from `from` becomes the next model; an absorbed one is not kept. */
static inline void subject_add_fit(subject *j, const double *from, uint64_t n, unsigned generations) {
    const ouro_family_type *type = j->f->type;
    double *theta = ouro_arena_alloc(&j->tmp, j->f->theta_len, sizeof *theta);
    ouro_fit_info info = {0};
    ouro_stream s;
    if (j->f->domain.pairs && n > SUBJECT_STEPS) n = SUBJECT_STEPS;
    memcpy(theta, from, j->f->theta_len * sizeof *theta);
    for (unsigned t = 0; t < generations && !info.absorbed; t++) {
        subject_open_stream(&s, j, (uint32_t)(1000 * j->models) + t, OURO_FOR_SYNTHETIC);
        subject_draw(j, theta, &s, n, j->T[0]);
        type->fit_mle(j->f, j->T[0], theta, &info);
    }
    if (!info.absorbed && j->models < SUBJECT_MODELS && subject_resolves(j, theta)) j->theta[j->models++] = theta;
}

static inline int subject_make_model(subject *j, const char *name, const char *truth, const char *model) {
    if (setup_loadf(&j->study,
                    "{'name': 'subject', 'truth': {'family': '%s'%s%s}, 'model': {'family': '%s'%s%s},"
                    " 'observe': {'measures': ['provenance']}}",
                    name, *truth ? ", " : "", truth, name, *model ? ", " : "", model) != OURO_OK)
        return 0;
    j->name = name;
    j->key = subject_key(name, truth, model);
    j->f = &j->study.experiment[0].model;
    j->truth = &j->study.experiment[0].truth;
    for (int i = 0; i < 4; i++) j->T[i] = ouro_arena_alloc(&j->tmp, j->f->stat_len, sizeof(double));
    j->theta[0] = ouro_arena_alloc(&j->tmp, j->f->theta_len, sizeof(double));
    memcpy(j->theta[0], j->truth->theta, j->f->theta_len * sizeof(double));
    j->models = 1;
    subject_add_fit(j, j->theta[0], 12, 1);
    subject_add_fit(j, j->theta[0], 12, 3);
    subject_add_fit(j, j->theta[0], 200, 1);
    subject_add_fit(j, j->theta[0], 1000000000000, 1);
    subject_add_fit(j, j->theta[0], 1000000000000000, 1);
    subject_add_fit(j, j->theta[0], 3, 40);
    return 1;
}

static inline int subject_make(subject *j, const char *name, const char *truth) {
    return subject_make_model(j, name, truth, "");
}

/* What the model says for the kind that fits what is usually known: "'shape': 'fitted'". */
static inline void subject_fitted(const ouro_family_type *type, size_t size, char *model) {
    *model = 0;
    for (size_t i = 0; i < type->known_fields.len; i++)
        if (type->known_fields.rows[i].flags & OURO_FITTABLE)
            snprintf(model, size, "'%s': 'fitted'", type->known_fields.rows[i].path);
}

static inline void subject_end(subject *j) {
    ouro_study_free(&j->study);
    ouro_arena_free(&j->tmp);
    *j = (subject){.at = j->at};
}

/* Steps to the next subject, freeing the last; 0 after the last one: the families, the variants, the fitted kinds.
 * Families without a truth of their own, without a statistic, or never refitted are no subjects, nor are those of a
 * response given covariates, which regression.c tries. Start from `subject j = {0};`. */
static inline int subject_next(subject *j) {
    for (subject_end(j); j->at < 2 * ouro_families_len + SUBJECT_VARIANTS;) {
        const size_t at = j->at++, last = ouro_families_len + SUBJECT_VARIANTS;
        const char *const *variant =
            at >= ouro_families_len && at < last ? subject_variants[at - ouro_families_len] : NULL;
        const char *name = variant ? variant[0] : ouro_families[at < last ? at : at - last]->name;
        const ouro_family_type *type = ouro_family_find(name);
        char model[64] = "";
        CHECK(type != NULL);
        if (type == NULL || type->truth_domain == NULL || !ouro_family_fits(type)) continue;
        if (type->stat_rows == NULL || type->covariates != NULL || (at >= last && type->fitted == NULL)) continue;
        if (at >= last) subject_fitted(type, sizeof model, model);
        if (variant && variant[2]) snprintf(model, sizeof model, "%s", variant[2]);
        if (subject_make_model(j, name, variant ? variant[1] : "", model)) {
            CHECK(*model == 0 || j->f->type == type->fitted);
            return 1;
        }
        CHECK_STR(name, "a subject that loads");
        subject_end(j);
    }
    return 0;
}

#endif
