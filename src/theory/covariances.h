/* covariances.h: how the points of all batches go together in the mean, under any policy; see covariances.c. */
#ifndef OURO_THEORY_COVARIANCES_H
#define OURO_THEORY_COVARIANCES_H
#include "path.h"

/* Of the truth: today's place, and that when the youngest real points were collected. */
enum { OURO_PLACE_NOW, OURO_PLACE_ANCHOR, OURO_PLACES };

/* A model m: E m^2, its expected variance, E m, and E m tau for both places tau. */
typedef struct ouro_model_moments {
    double D, e, m, M[OURO_PLACES];
} ouro_model_moments;

typedef struct ouro_covariances {
    /* set by the caller */
    const ouro_policy *policy;
    const ouro_family *model;
    const ouro_path_of_truth *path;
    double unit;         /* the truth's variance, as given: everything below is in units of it */
    double nu;           /* pseudo-points at the truth as given, whose mean does not vary */
    double temperature;  /* factor on the variance of what is drawn */
    double pair_of_real; /* E x y of two different real points: 0, or -1 / (N - 1) without replacement */
    double v2;           /* of a quadratic variance function; NaN: variance from second moments */
    int unbiased;
    /* after a step */
    ouro_model_moments now, kept;                         /* the latest model; the checkpoint */
    double tau[OURO_PLACES], T[OURO_PLACES][OURO_PLACES]; /* E tau, E tau tau */
    uint32_t collected;                                   /* generation of the youngest real points */
    ouro_ledger ledger;
    ouro_order order;
    ouro_mix mix;
    /* of each batch b by ledger index, y one of its points: S = E y^2, E = E y, G = E m y, K = E (m - y)^2, H and J the same two of the
     * checkpoint, R = E y tau; of two different points: C = E x y, V = E (x - y)^2 / 2, [cap x cap] */
    size_t cap;
    double *S, *E, *G, *K, *H, *J, *R[OURO_PLACES], *C, *V;
} ouro_covariances;

/* The next generation. OURO_ENOMEM. O(batches^2), of which folding leaves few. */
int ouro_covariances_step(ouro_covariances *s) OURO_CHECKED;
void ouro_covariances_free(ouro_covariances *s);

#endif
