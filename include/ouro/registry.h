/* registry.h: what ouro knows by name. Adding a plug-in is one file and one word in its folder's registry.def. */
#ifndef OURO_REGISTRY_H
#define OURO_REGISTRY_H
#include "ouro/estimator.h"
#include "ouro/family.h"
#include "ouro/filter.h"
#include "ouro/law.h"
#include "ouro/measure.h"
#include "ouro/sink.h"

extern const ouro_family_type *const ouro_families[];
extern const size_t ouro_families_len;
extern const ouro_estimator_type *const ouro_estimators[];
extern const size_t ouro_estimators_len;
extern const ouro_filter_type *const ouro_filters[];
extern const size_t ouro_filters_len;
extern const ouro_measure_type *const ouro_measures[];
extern const size_t ouro_measures_len;
extern const ouro_law_type *const ouro_laws[];
extern const size_t ouro_laws_len;
extern const ouro_sink_type *const ouro_sinks[];
extern const size_t ouro_sinks_len;

/* The plug-in of that name, or NULL. O(number of plug-ins). */
const ouro_family_type *ouro_family_find(const char *name);
const ouro_estimator_type *ouro_estimator_find(const char *name);
const ouro_filter_type *ouro_filter_find(const char *name);
const ouro_measure_type *ouro_measure_find(const char *name);
const ouro_sink_type *ouro_sink_find(const char *name);

#endif
