/* information.c: distances between truth and model that follow from the natural form of an exponential family. */
#include "ouro/measure.h"
#include "ouro/natural.h"

enum { RENYI2_TRUTH_MODEL, RENYI2_MODEL_TRUTH, FISHER_DRIFT };

static const ouro_column_type columns[] = {
    {"renyi2_truth_model", "nats", "log E_0 (p_0 / p_t)",
     "Renyi divergence of order 2 of truth to model: sees what is forgotten long before KL; inf once the model is too "
     "narrow."},
    {"renyi2_model_truth", "nats", "log E_t (p_t / p_0)",
     "Renyi divergence of order 2 of model to truth: log of 1 + the chi-squared distance."},
    {"fisher_drift", "", "(mu_t - mu_0)' V_0^-1 (mu_t - mu_0), mu = E t(X), V = Cov t(X)",
     "Squared drift of the mean statistic in the truth's Fisher metric; p / n after one fit of p parameters to n "
     "points."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    const ouro_family_type *f = s->model->type;
    (void)column;
    if (!f->natural) return "the family has no natural parameter";
    if (!s->truth->family.type) return "observed numbers have no density to compare with; ask for moments or tails";
    if (s->truth->family.type != f && s->truth->family.type != f->within)
        return "truth and model are of different families";
    return ouro_family_holds(s->model, &s->truth->family) ? NULL : "truth and model know different parameters";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    const double *truth = s->truth->theta;
    (void)tail;
    for (size_t i = 0; wanted >> i; i++) {
        if (!(wanted >> i & 1)) continue;
        if (!o->theta)
            out[i] = 0;
        else if (i == FISHER_DRIFT)
            out[i] = ouro_natural_fisher_drift(s->model, truth, o->theta, o->tmp);
        else if (i == RENYI2_MODEL_TRUTH)
            out[i] = ouro_natural_renyi(s->model, 2, o->theta, truth, o->tmp);
        else
            out[i] = ouro_natural_renyi(s->model, 2, truth, o->theta, o->tmp);
    }
}

const ouro_measure_type ouro_measure_information = {
    .name = "information",
    .doc = "Renyi divergences and drift in the Fisher metric, for families with a natural parameter.",
    .reference = "van Erven and Harremoes 2014 for Renyi; Amari 2016",
    .methods =
        "differences of the log partition function, right to a few 1e-16 of its size; where models nearly agree the "
        "integral of its curvature, right to 1e-16 of the parameters over their distance; empty where neither is known "
        "to 1e-2 of "
        "the value or 1e-9 nats.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .compares = OURO_ALL_COLUMNS,
    .missing = missing,
    .measure = measure,
};
