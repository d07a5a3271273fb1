/* panels.h: two laws on the line under one set of nodes.
 *
 * Continuous laws: Gauss-Legendre rules of 8 nodes over panels with ends at mean +- j sd of every normal component of
 * both, where two components of one law trade places, and for other laws in steps over which half of what is left
 * of a tail goes. Places are offsets from the mean of the narrowest component, so that a law may be as narrow as it
 * likes beside where it lies. Laws on a lattice: its points, or every s-th with weight s when there are very many.
 * Nodes cover all but 1e-17 of either mass. */
#ifndef OURO_PANELS_H
#define OURO_PANELS_H
#include "core/contrast.h"
#include "core/mixture.h"
#include "ouro/family.h"

/* One law, as nodes need it. Whatever has no width to speak of counts as an atom: it has no density. */
typedef struct ouro_law {
    const ouro_family *f;
    const double *theta;
    int gaussian;                  /* a mixture of normals: whole and regular hold, else beyond and log_density do */
    ouro_gaussians whole, regular; /* all of it; without the components that have no volume */
    double atoms;                  /* mass that has no density */
    size_t ends;                   /* places where its panels end, found beforehand; 0: not yet */
    const double *end;
    const double *weight; /* [whole.k]: of components */
} ouro_law;

/* Whether a family of one dimension has what a law needs. */
static inline int ouro_on_the_line(const ouro_family_type *t) {
    return t->gaussians || (t->log_density && t->beyond && t->mode);
}

/* View of (f, theta), which must outlive it. OURO_ENOMEM only. O(k d). */
int ouro_law_of(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_law *out);
/* Fills in what follows from `whole`. OURO_ENOMEM only. */
int ouro_law_complete(ouro_law *law, ouro_arena *tmp);

typedef struct ouro_panels {
    ouro_law p, q;
    double origin; /* of all offsets */
    int lattice;
    size_t n, padded;   /* nodes, ascending; rounded up to whole blocks with nodes of weight 0 */
    double *x, *weight; /* offsets; with respect to dx, or to counting */
    double *log_p, *log_q;
} ouro_panels;

/* p must have a density and no atoms. OURO_ENOMEM only. About 150 nodes for each component. */
int ouro_panels_make(const ouro_law *p, const ouro_law *q, ouro_arena *tmp, ouro_panels *out);

/* Sums of contrast.h over the nodes; with `tv` that comes instead, on the line, from the places where the densities cross,
 * right to 1e-12. OURO_ENOMEM only. */
int ouro_panels_contrast(const ouro_panels *s, int tv, ouro_arena *tmp, ouro_contrast *out);
/* Integrals of |F - G| and of (F - G)^2 over the line; NaN where a mean is infinite. OURO_ENOMEM only. */
int ouro_panels_distances(const ouro_panels *s, ouro_arena *tmp, double *absolute, double *square);

#endif
