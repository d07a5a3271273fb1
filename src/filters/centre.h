/* centre.h: what filters share that look at the distance of a row from a point. */
#ifndef OURO_FILTERS_CENTRE_H
#define OURO_FILTERS_CENTRE_H
#include "ouro/filter.h"

#define FILTER_FILL(type, def)                                                                                         \
    {                                                                                                                  \
        "fill", OURO_BOOL, 0, offsetof(type, fill), 0, 0, def, NULL, "",                                               \
            "true: draw until policy.synthetic.points rows have passed; false: draw that many, and the batch is what " \
            "passes."                                                                                                  \
    }
#define FILTER_CENTRE(type)                                                                                            \
    {                                                                                                                  \
        "centre", OURO_REALS, OURO_NULLABLE, offsetof(type, centre), -1e100, 1e100, "null", NULL, "unit of the data",  \
            "Point from which distances are measured, a number for each column; null: the mean of the truth."          \
    }

/* Why a row has no distance from a point, or NULL. */
static inline const char *filter_no_distance(const ouro_family *model) {
    if (model->domain.kind != OURO_NUMBERS) return "unordered categories have no distance from a point";
    if (model->domain.labelled) return "a row ends in a label, which has no distance";
    return NULL;
}

/* centre[dim] as given, else the truth's mean. */
static inline int filter_centre(const ouro_truth *truth, const ouro_family *model, const ouro_reals *given,
                                ouro_arena *keep, double **out, ouro_error *e) {
    const size_t d = model->domain.dim;
    if (given->values && given->len != d)
        return ouro_fail(e, OURO_ECONFIG, "centre", "%zu numbers for rows of %zu; give one for each column", given->len,
                         d);
    if (!given->values && (truth->mean_len != d || !isfinite(truth->moments.mean[0])))
        return ouro_fail(e, OURO_ECONFIG, "centre", "the truth has no mean to measure from; give a centre");
    if (!(*out = ouro_arena_alloc(keep, d, sizeof **out))) return ouro_fail(e, OURO_ENOMEM, "filters", "out of memory");
    for (size_t j = 0; j < d; j++) (*out)[j] = given->values ? given->values[j] : truth->moments.mean[j];
    return OURO_OK;
}

/* Squared Euclidean distance of row i from the centre. What lies between the origin and the centre is taken off first, so
 * that a model collapsing onto the centre still tells its rows apart. */
static inline double filter_distance2(const ouro_filter_task *t, const double *centre, size_t i) {
    const size_t d = t->model->domain.dim;
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        const double gap = t->x[i * d + j] + (t->origin[j] - centre[j]);
        sum += gap * gap;
    }
    return sum;
}

#endif
