/* mixture_forms.h: closed forms of mixtures of normals, for measures. Logarithms and the like are libm's. */
#ifndef OURO_CORE_MIXTURE_FORMS_H
#define OURO_CORE_MIXTURE_FORMS_H
#include "core/mixture.h"
#include "ouro/mem.h"

/* The part that has a density: components with a zero (or a number below 1e-290) on their diagonal become dead, and
 * their weights are added up in *atoms. Shares mean and factor with g. OURO_ENOMEM only. O(k d). */
int ouro_gaussians_regular(const ouro_gaussians *g, ouro_arena *tmp, ouro_gaussians *out, double *atoms);

/* The law of u'x, a mixture on the line: means u'm_c, standard deviations |L_c'u|. OURO_ENOMEM only. O(k d^2). */
int ouro_gaussians_along(const ouro_gaussians *g, const double *u, ouro_arena *tmp, ouro_gaussians *out);

/* P(X < x), respectively P(X > x), of a mixture on the line, an atom counting as the point it is. O(k). */
double ouro_gaussians_beyond(const ouro_gaussians *g, double x, int upper);

/* The integral of p q, a sum of normal densities N(m_a - m_b; 0, S_a + S_b); inf where both have a component of no volume.
 * With h > 0 instead E k(X, Y) of the Gaussian kernel k(x, y) = exp(-|x - y|^2 / (2 h^2)). NaN when out of memory.
 * The same arguments give the same bits. O(k_p k_q d^3). */
double ouro_gaussians_overlap(const ouro_gaussians *p, const ouro_gaussians *q, double h, ouro_arena *tmp);

#endif
