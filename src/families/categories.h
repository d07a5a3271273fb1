/* categories.h: slots of ouro_family_type that families of unordered categories share: all but truth, shape, drawing
 * and fit. T = {W, weighted counts[categories]}; theta begins with the probabilities p[categories]. */
#ifndef OURO_FAMILIES_CATEGORIES_H
#define OURO_FAMILIES_CATEGORIES_H
#include "ouro/family.h"

void ouro_categories_stat_empty(const ouro_family *f, double *T);
void ouro_categories_stat_rows(const ouro_family *f, size_t n, const double *x, double *T);
void ouro_categories_stat_merge(const ouro_family *f, double weight, const double *src, double *T);
int ouro_categories_stat_subset(const ouro_family *f, const double *T, uint64_t take, ouro_stream *s, ouro_arena *tmp,
                                double *out);
void ouro_categories_stat_counts(const ouro_family *f, const uint64_t *count, double *T);
void ouro_categories_stat_of(const ouro_family *f, const double *p, double *T);
void ouro_categories_mode_in_mean(const ouro_family *f, double *T);
void ouro_categories_moments(const ouro_family *f, const double *p, ouro_moments *out);
double ouro_categories_entropy(const ouro_family *f, const double *p);
double ouro_categories_tail_mass(const ouro_family *f, const double *p, const ouro_tail_set *a, double side[2]);
double ouro_categories_divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b);

#define OURO_CATEGORIES_SLOTS                                                                                          \
    .theta_location = OURO_NOWHERE, .stat_location = OURO_NOWHERE, .stat_empty = ouro_categories_stat_empty,           \
    .stat_rows = ouro_categories_stat_rows, .stat_merge = ouro_categories_stat_merge,                                  \
    .stat_subset = ouro_categories_stat_subset, .stat_counts = ouro_categories_stat_counts,                            \
    .stat_of = ouro_categories_stat_of, .mode_in_mean = ouro_categories_mode_in_mean,                                  \
    .moments = ouro_categories_moments, .entropy = ouro_categories_entropy, .tail_mass = ouro_categories_tail_mass,    \
    .divergence = ouro_categories_divergence,                                                                          \
    .divergence_missing = {[OURO_W2] = "unordered categories have no distance between them"}

#endif
