/* standard.h: weighted points that stand for the standard normal law in d dimensions, fixed for good: x = mean + L z
 * then stands for any normal law, and a mixture takes them once for each component.
 *
 *   d = 2    the trapezoid rule on a square grid in z over +-8.5, of which the points within that radius
 *   d <= 40  a Sobol sequence, scrambled by random lower triangular matrices and a digital shift (Matousek 1998)
 *   beyond   normals of the project's own generator in pairs z, -z
 *
 * Sequences are whitened: their mean is 0 and their covariance I to rounding, so that averages of quadratics are exact.
 *
 * A fixed set makes a trajectory of distances as smooth as that of the models: errors of neighbouring models cancel. */
#ifndef OURO_CORE_STANDARD_H
#define OURO_CORE_STANDARD_H
#include "ouro/mem.h"
#include <stddef.h>

enum { OURO_SOBOL_MOST = 40 };

typedef struct ouro_standard {
    size_t d, n, blocks; /* blocks of OURO_ROWS_BLOCK points, filled up with points of weight 0 */
    double *z, *weight;  /* [blocks][d][OURO_ROWS_BLOCK]; [blocks][OURO_ROWS_BLOCK], summing to one */
} ouro_standard;

/* Memory from `keep`; OURO_ENOMEM only. O(side^2), respectively O(n d^2). */
int ouro_standard_grid(size_t side, ouro_arena *keep, ouro_standard *out);
int ouro_standard_sequence(size_t d, size_t n, ouro_arena *keep, ouro_standard *out);

/* `n` unit vectors in d dimensions, u[n x d]: equal angles over half a turn for d = 2 (u and -u being the same axis), else
 * normals of the project's own generator, scaled. O(n d). */
void ouro_standard_axes(size_t d, size_t n, double *u);

#endif
