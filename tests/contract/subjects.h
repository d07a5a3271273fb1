/* subjects.h: models to try every promise of family.h on, for every family in the registry.
 *
 * A subject is a truth (the defaults of the family's table, and the variants below) and models that recursion itself
 * makes of it: fits of small samples, fits of samples so large that the fit is nearly the truth, and a long chain of
 * tiny samples that is about to collapse. A new family is on trial as soon as it is in the registry. */
#ifndef OURO_TEST_SUBJECTS_H
#define OURO_TEST_SUBJECTS_H
#include "setup.h"
#include "harness.h"
#include "ouro/registry.h"
#include <math.h>

/* Variants have addresses of their own from here on: a new family at the end of the registry moves nobody's numbers. */
enum { SUBJECT_MODELS = 8, SUBJECT_FIRST_VARIANT = 18 };

typedef struct subject {
    size_t at;      /* position in the list of subjects, one ahead */
    uint32_t point; /* of its random numbers */
    const char *name;
    ouro_study study;
    const ouro_family *f;
    const ouro_truth *truth;
    size_t models;
    double *theta[SUBJECT_MODELS]; /* [0] the truth */
    double *T[4];                  /* scratch statistics */
    ouro_arena tmp;
} subject;

/* Further truths: family, and what stands beside it in the config. */
static const char *const subject_variants[][2] = {
    {"gaussian", "'mean': 0.7, 'sd': 1.3"},
    {"gaussian", "'mean': -1234.5, 'sd': 0.001"},
    {"gaussian", "'mean': 1e100, 'sd': 1e100"},
    {"gaussian", "'mean': 3e-100, 'sd': 1e-100"},
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
    {"categorical", "'categories': 2"},
    {"categorical", "'categories': 40, 'zipf': 1.3, 'shift': 0.5"},
    {"categorical", "'probabilities': [0.5, 0, 0.25, 0.2, 0.05]"},
};
enum { SUBJECT_VARIANTS = sizeof subject_variants / sizeof subject_variants[0] };

/* Whether points that are all alike leave the model no way out: where categories or a spread are fitted. */
static inline int subject_absorbs(const subject *j) {
    return j->f->domain.kind == OURO_CATEGORIES || j->f->type->fit_unbiased != NULL;
}

static inline void subject_open_stream(ouro_stream *s, const subject *j, uint32_t generation, ouro_purpose purpose) {
    ouro_stream_open(
        s, &(ouro_address){.seed = 20240917, .point = j->point, .generation = generation, .purpose = purpose});
}

/* The fit of n points drawn from `from` becomes the next model; an absorbed one is not kept. */
static inline void subject_add_fit(subject *j, const double *from, uint64_t n, unsigned generations) {
    const ouro_family_type *type = j->f->type;
    double *theta = ouro_arena_alloc(&j->tmp, j->f->theta_len, sizeof *theta);
    ouro_fit_info info = {0};
    ouro_stream s;
    memcpy(theta, from, j->f->theta_len * sizeof *theta);
    for (unsigned t = 0; t < generations && !info.absorbed; t++) {
        subject_open_stream(&s, j, (uint32_t)(1000 * j->models) + t, OURO_FOR_SYNTHETIC);
        type->stat_draw(j->f, theta, &s, n, j->T[0]);
        type->fit_mle(j->f, j->T[0], theta, &info);
    }
    if (!info.absorbed && j->models < SUBJECT_MODELS) j->theta[j->models++] = theta;
}

static inline int subject_make(subject *j, const char *name, const char *truth) {
    if (setup_loadf(&j->study,
                    "{'name': 'subject', 'truth': {'family': '%s'%s%s}, 'model': {'family': '%s'},"
                    " 'observe': {'measures': ['provenance']}}",
                    name, *truth ? ", " : "", truth, name) != OURO_OK)
        return 0;
    j->name = name;
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

static inline void subject_end(subject *j) {
    ouro_study_free(&j->study);
    ouro_arena_free(&j->tmp);
    *j = (subject){.at = j->at};
}

/* Steps to the next subject, freeing the last; 0 after the last one. Families without a truth of their own or without
 * a statistic are no subjects. Start from `subject j = {0};`. */
static inline int subject_next(subject *j) {
    for (subject_end(j); j->at < ouro_families_len + SUBJECT_VARIANTS;) {
        const size_t at = j->at++, variant = at - ouro_families_len;
        j->point = (uint32_t)(at < ouro_families_len ? at + 1 : variant + SUBJECT_FIRST_VARIANT);
        const char *name = at < ouro_families_len ? ouro_families[at]->name : subject_variants[variant][0];
        const ouro_family_type *type = ouro_family_find(name);
        CHECK(type != NULL);
        if (type == NULL || type->truth_domain == NULL || type->stat_draw == NULL) continue;
        if (subject_make(j, name, at < ouro_families_len ? "" : subject_variants[variant][1])) return 1;
        CHECK_STR(name, "a subject that loads");
        subject_end(j);
    }
    return 0;
}

#endif
