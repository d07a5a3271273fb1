/* registry.c: the table of sinks. */
#include "ouro/registry.h"
#include <string.h>

#define OURO_SINK(name) extern const ouro_sink_type ouro_sink_##name;
#include "registry.def"
#undef OURO_SINK

#define OURO_SINK(name) &ouro_sink_##name,
const ouro_sink_type *const ouro_sinks[] = {
#include "registry.def"
};
#undef OURO_SINK
const size_t ouro_sinks_len = sizeof ouro_sinks / sizeof ouro_sinks[0];

const ouro_sink_type *ouro_sink_find(const char *name) {
    for (size_t i = 0; i < ouro_sinks_len; i++)
        if (!strcmp(ouro_sinks[i]->name, name)) return ouro_sinks[i];
    return NULL;
}
