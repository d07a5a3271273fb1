/* registry.c: the table of measures. */
#include "ouro/registry.h"
#include <string.h>

#define OURO_MEASURE(name) extern const ouro_measure_type ouro_measure_##name;
#include "registry.def"
#undef OURO_MEASURE

#define OURO_MEASURE(name) &ouro_measure_##name,
const ouro_measure_type *const ouro_measures[] = {
#include "registry.def"
};
#undef OURO_MEASURE
const size_t ouro_measures_len = sizeof ouro_measures / sizeof ouro_measures[0];

const ouro_measure_type *ouro_measure_find(const char *name) {
    for (size_t i = 0; i < ouro_measures_len; i++)
        if (!strcmp(ouro_measures[i]->name, name)) return ouro_measures[i];
    return NULL;
}
