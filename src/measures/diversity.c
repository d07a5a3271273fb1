/* diversity.c: how varied the model's output still is. */
#include "ouro/measure.h"
#include "ouro/nef.h"
#include <math.h>

enum { ENTROPY, SUPPORT, HETEROZYGOSITY, MISSING_MASS };

static const ouro_column_type columns[] = {
    {"entropy", "nats", "-E_t log p_t", "Entropy; differential entropy on the line, where absorbed is -inf."},
    {"support", "categories", "#{i : p_i > 0}", "Categories still alive."},
    {"heterozygosity", "", "1 - sum p_i^2", "Probability that two draws differ (Gini-Simpson index)."},
    {"missing_mass", "", "sum_{i : p_i(t) = 0} p_i(0)",
     "The truth's mass on categories that the model can no longer produce: the chance that a new real point is one of "
     "them."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    if (column == ENTROPY) return s->model->type->entropy ? NULL : "the family has no closed form for its entropy";
    return s->model->domain.kind == OURO_CATEGORIES ? NULL : "it counts categories, and the model draws numbers";
}

static const char *method(const ouro_setting *s, size_t column) {
    const ouro_nef *nef = s->model->type->nef;
    if (column != ENTROPY || !nef || !nef->lattice || nef->entropy) return NULL;
    return "sum over the lattice, beyond 8192 points by Euler and Maclaurin; absolute error below 1e-11";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail;
    const ouro_family *f = o->theta ? s->model : &s->truth->family; /* which may know other parameters than the model */
    const double *theta = o->theta ? o->theta : f->type == s->model->type ? s->truth->theta : NULL;
    if (wanted >> ENTROPY & 1) out[ENTROPY] = theta ? f->type->entropy(f, theta) : NAN;
    if (wanted >> SUPPORT & 1) {
        out[SUPPORT] = 0;
        for (size_t i = 0; i < s->model->domain.categories; i++) out[SUPPORT] += o->moments->mean[i] > 0;
    }
    if (wanted >> HETEROZYGOSITY & 1) out[HETEROZYGOSITY] = o->moments->trace;
    if (wanted >> MISSING_MASS & 1) {
        const double *truth = s->truth->moments.mean;
        out[MISSING_MASS] = 0;
        for (size_t i = 0; i < s->model->domain.categories; i++)
            if (!(o->moments->mean[i] > 0)) out[MISSING_MASS] += truth[i];
    }
}

const ouro_measure_type ouro_measure_diversity = {
    .name = "diversity",
    .doc = "Entropy; for categories also how many are alive, how often two draws differ, and how much of the truth is "
           "gone.",
    .reference = "Guo et al. 2024; Seddik et al. 2024; Good 1953 and Dohmatob et al. 2024 for the missing mass",
    .methods = "closed forms; the entropy of whole numbers as a sum over the lattice, beyond 8192 of them by Euler and "
               "Maclaurin, error below 1e-11. Counts are exact.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .compares = 1u << MISSING_MASS,
    .needs_moments = 1,
    .missing = missing,
    .method = method,
    .measure = measure,
};
