/* gaussians.h: what families that are mixtures of normals share, through their view of themselves as one. */
#ifndef OURO_GAUSSIANS_H
#define OURO_GAUSSIANS_H
#include "ouro/family.h"

/* The slot of that name. O(n k d^2), O(n k d) for diagonal covariances. */
int ouro_gaussians_log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                                 double *out);

#endif
