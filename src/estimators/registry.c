/* registry.c: the table of estimators. */
#include "ouro/registry.h"
#include <string.h>

#define OURO_ESTIMATOR(name) extern const ouro_estimator_type ouro_estimator_##name;
#include "registry.def"
#undef OURO_ESTIMATOR

#define OURO_ESTIMATOR(name) &ouro_estimator_##name,
const ouro_estimator_type *const ouro_estimators[] = {
#include "registry.def"
};
#undef OURO_ESTIMATOR
const size_t ouro_estimators_len = sizeof ouro_estimators / sizeof ouro_estimators[0];

const ouro_estimator_type *ouro_estimator_find(const char *name) {
    for (size_t i = 0; i < ouro_estimators_len; i++)
        if (!strcmp(ouro_estimators[i]->name, name)) return ouro_estimators[i];
    return NULL;
}
