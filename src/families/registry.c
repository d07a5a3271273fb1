/* registry.c: the table of families, and binding one to a domain. */
#include "ouro/family.h"
#include "ouro/registry.h"
#include <string.h>

#define OURO_FAMILY(name) extern const ouro_family_type ouro_family_##name;
#include "registry.def"
#undef OURO_FAMILY

#define OURO_FAMILY(name) &ouro_family_##name,
const ouro_family_type *const ouro_families[] = {
#include "registry.def"
};
#undef OURO_FAMILY
const size_t ouro_families_len = sizeof ouro_families / sizeof ouro_families[0];

const ouro_family_type *ouro_family_find(const char *name) {
    for (size_t i = 0; i < ouro_families_len; i++)
        if (!strcmp(ouro_families[i]->name, name)) return ouro_families[i];
    return NULL;
}

int ouro_family_init(ouro_family *f, const ouro_family_type *type, const ouro_domain *domain, const double *known,
                     ouro_error *e) {
    return ouro_family_init_model(f, type, domain, known, NULL, 0, e);
}

int ouro_family_init_model(ouro_family *f, const ouro_family_type *type, const ouro_domain *domain, const double *known,
                           const void *options, uint64_t points, ouro_error *e) {
    *f = (ouro_family){.type = type, .domain = *domain, .options = options, .points = points};
    for (int i = 0; i < OURO_KNOWN; i++)
        f->known[i] = known && (type->known_fields.len || type->truth_known) ? known[i] : type->known_default[i];
    return type->shape(f, e);
}

int ouro_family_same_law(const ouro_family *a, const ouro_family *b) {
    if (a->type != b->type) return 0;
    for (int i = 0; i < OURO_KNOWN && !a->type->known_in_theta; i++)
        if (a->known[i] != b->known[i]) return 0;
    return 1;
}
