/* panel_ends.h: where the panels of two laws on the line end. */
#ifndef OURO_PANEL_ENDS_H
#define OURO_PANEL_ENDS_H
#include "panels.h"

enum { OURO_LATTICE_MOST = 8192 }; /* points of a lattice that are taken one by one */

#define OURO_NARROW 0x1p-44 /* of a distance: 8 bits of places that far away are left */

/* Mean of the narrowest living component of both, 0 where neither is a mixture of normals. */
double ouro_panel_origin(const ouro_law *p, const ouro_law *q);
/* Whether a law that is no mixture of normals is wide enough beside where it lies for its density to be of use. */
int ouro_law_width(const ouro_law *law, double origin);
/* Ends as ascending offsets from the origin, at least two, for densities and their logarithms or, twice as wide, for
 * distribution functions. OURO_ENOMEM only. */
int ouro_panel_ends(const ouro_law *p, const ouro_law *q, double origin, int density, ouro_arena *tmp, size_t *len,
                    double **end);
/* Finds the ends of a law that is no mixture of normals once for all, which takes 100 us. OURO_ENOMEM only. */
int ouro_law_ends(ouro_law *law, ouro_arena *keep);
/* First and last whole number of all but 1e-17 of either mass. */
void ouro_lattice_range(const ouro_law *p, const ouro_law *q, double *first, double *last);

#endif
