/* classification.c: how well the fitted rule tells the truth's classes apart, in closed form. */
#include "ouro/measure.h"
#include <math.h>

enum { TEST_ACCURACY, ACCURACY_LOSS };

static const ouro_column_type columns[] = {
    {"test_accuracy", "", "P_0(rule_t(x) = class)",
     "Accuracy of the model's linear rule on new points of the truth, against their right classes: normal distribution "
     "functions, no test set."},
    {"accuracy_loss", "", "P_0(rule_0(x) = class) - P_0(rule_t(x) = class)",
     "What is lost against the best rule, the truth's own."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    (void)column;
    if (!s->truth->domain.labelled) return "the truth's rows have no labels";
    return s->model->type->accuracy ? NULL : "the model has no rule that tells classes apart";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail, (void)wanted;
    const double *truth = s->truth->theta;
    out[TEST_ACCURACY] = s->model->type->accuracy(s->model, truth, o->theta ? o->theta : truth);
    out[ACCURACY_LOSS] = s->model->type->accuracy(s->model, truth, truth) - out[TEST_ACCURACY];
}

const ouro_measure_type ouro_measure_classification = {
    .name = "classification",
    .doc = "Accuracy of the rule that a model of labelled classes implies.",
    .reference = "Feng et al. 2024",
    .methods = "closed forms: normal distribution functions; rounding only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .slow = 1,
    .compares = OURO_ALL_COLUMNS,
    .missing = missing,
    .measure = measure,
};
