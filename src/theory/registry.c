/* registry.c: the table of laws. */
#include "ouro/registry.h"

#define OURO_LAW(name) extern const ouro_law_type ouro_law_##name;
#include "registry.def"
#undef OURO_LAW

#define OURO_LAW(name) &ouro_law_##name,
const ouro_law_type *const ouro_laws[] = {
#include "registry.def"
};
#undef OURO_LAW
const size_t ouro_laws_len = sizeof ouro_laws / sizeof ouro_laws[0];
