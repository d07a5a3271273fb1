/* registry.c: the table of filters. */
#include "ouro/registry.h"
#include <string.h>

#define OURO_FILTER(name) extern const ouro_filter_type ouro_filter_##name;
#include "registry.def"
#undef OURO_FILTER

#define OURO_FILTER(name) &ouro_filter_##name,
const ouro_filter_type *const ouro_filters[] = {
#include "registry.def"
};
#undef OURO_FILTER
const size_t ouro_filters_len = sizeof ouro_filters / sizeof ouro_filters[0];

const ouro_filter_type *ouro_filter_find(const char *name) {
    for (size_t i = 0; i < ouro_filters_len; i++)
        if (!strcmp(ouro_filters[i]->name, name)) return ouro_filters[i];
    return NULL;
}
