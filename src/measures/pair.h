/* pair.h: truth and model side by side, where both have densities or probabilities that can be compared. */
#ifndef OURO_PAIR_H
#define OURO_PAIR_H
#include "core/contrast.h"
#include "nodes.h"

/* How two laws are compared; OURO_NO_PAIR where they are not. */
typedef enum ouro_pair {
    OURO_NO_PAIR,
    OURO_CATEGORY_PAIR, /* probabilities of categories */
    OURO_POINT_PAIR,    /* probabilities of the points of a finite support */
    OURO_LATTICE_PAIR,  /* whole numbers */
    OURO_LINE_PAIR,     /* densities on the line */
    OURO_SPACE_PAIR     /* mixtures of normals in several dimensions */
} ouro_pair;
ouro_pair ouro_pair_of(const ouro_setting *s);
/* Why there is no pair. */
const char *ouro_pair_missing(const ouro_setting *s);
/* How contrasts of this pair are computed and how far they can be off; `absolute`: an integral of an absolute value. */
const char *ouro_pair_method(const ouro_setting *s, int absolute);

/* kl[0] is KL(truth || model); inf where it is, never NaN but when out of memory. hellinger is its square.
 * tv need not be right unless asked for. */
ouro_contrast ouro_pair_contrast(const ouro_setting *s, const ouro_observation *o, int tv);

/* E_truth[-log p_t] over the truth's nodes (sums over points where there are points); inf where the model gives no density
 * to something real. Not for a pair of categories. NaN without memory. */
double ouro_pair_cross_entropy(const ouro_setting *s, const ouro_observation *o);

#endif
