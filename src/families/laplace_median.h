/* laplace_median.h: median and mean distance, what a Laplace law of unknown location is fitted by. */
#ifndef OURO_FAMILIES_LAPLACE_MEDIAN_H
#define OURO_FAMILIES_LAPLACE_MEDIAN_H
#include "ouro/family.h"

/* The weighted median of len sets of numbers, each moved by shift[0]; where exactly half the weight lies on either
 * side, the midpoint of the two middle points. At most 64 passes, no memory. */
double ouro_laplace_median(size_t len, const ouro_points *set);
/* The weighted mean of |x - from|. */
double ouro_laplace_distance(size_t len, const ouro_points *set, double from);
/* The median of n points of scale 1 around 0 and in *sum the sum of their distances from it, exactly in law. O(sqrt
 * n). */
double ouro_laplace_draw(ouro_stream *s, uint64_t n, double *sum);

#endif
