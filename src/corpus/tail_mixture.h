/* tail_mixture.h: the low-density set of a truth that is a mixture of normals. */
#ifndef OURO_TAIL_MIXTURE_H
#define OURO_TAIL_MIXTURE_H
#include "ouro/truth.h"

/* On the line a union of intervals, its mass right to 1e-12; in several dimensions the level of the density: by the
 * chi-squared law for one normal, by the rays of core/mixture_level.h for more, under which the truth's mass is alpha to
 * 1e-9. OURO_EUNDEFINED for an alpha of 1 or more. */
int ouro_tail_of_mixture(const ouro_truth *t, double alpha, ouro_arena *keep, ouro_tail_set *out,
                         ouro_error *e) OURO_CHECKED;

#endif
