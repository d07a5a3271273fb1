/* tail_sides.c: the two sides of a tail on the line, each by itself. */
#include "ouro/measure.h"
#include <math.h>

enum { LOWER, UPPER };

static const ouro_column_type columns[] = {
    {"tail_lower", "", "P_t(x < lower end of the central 1 - alpha of the truth)",
     "Model mass on the lower side of the tail."},
    {"tail_upper", "", "P_t(x > upper end of the central 1 - alpha of the truth)",
     "Model mass on the upper side of the tail."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    (void)column;
    if (s->model->domain.kind == OURO_CATEGORIES) return "categories have no order, hence no sides";
    if (s->tails_len && s->tails[0].level) return "in several dimensions a tail has no two sides";
    if (!s->model->type->tail_mass) return "the family has no closed form for its mass on a tail";
    return s->tails_len ? NULL : "observe.tails is empty";
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)wanted;
    if (o->theta)
        s->model->type->tail_mass(s->model, o->theta, &s->tails[tail], out);
    else if (s->truth->theta && s->truth->family.type->tail_mass)
        s->truth->family.type->tail_mass(&s->truth->family, s->truth->theta, &s->tails[tail], out);
    else
        out[LOWER] = out[UPPER] = s->tails[tail].attained / 2; /* observations, by their own quantiles */
}

const ouro_measure_type ouro_measure_tail_sides = {
    .name = "tail_sides",
    .doc = "Lower and upper part of the tail mass, for every alpha of observe.tails; alpha/2 each for a symmetric "
           "truth. What "
           "lies between two modes is in neither.",
    .reference = "",
    .methods = "the distribution functions of the family; rounding only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .slow = 1,
    .compares = OURO_ALL_COLUMNS,
    .per_tail = 1,
    .missing = missing,
    .measure = measure,
};
