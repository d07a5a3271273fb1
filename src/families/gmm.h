/* gmm.h: what the files of the Gaussian mixture share. The plug-in is gmm.c, its fit gmm_fit.c, a step of it
 * gmm_step.c, its start gmm_start.c.
 *
 * A model is theta = {location[d], log weight[k], mean[k d], factor[k or 1][len]}, location the mean of the whole and
 * means relative to it, so that a collapsed model keeps its digits (family.h). Fits work on what follows the location,
 * with means in the rows' own coordinates: that is `theta` in all that follows. Factors as in core/mixture.h; a
 * spherical model has d equal standard deviations. A dead component has log weight -inf and keeps its last mean and
 * factor. */
#ifndef OURO_GMM_H
#define OURO_GMM_H
#include "core/mixture.h"
#include "ouro/family.h"

enum { OURO_GMM_FULL, OURO_GMM_TIED, OURO_GMM_DIAG, OURO_GMM_SPHERICAL };
enum { OURO_GMM_KMEANS, OURO_GMM_RANDOM, OURO_GMM_WARM };
enum { OURO_GMM_ANDERSON, OURO_GMM_SQUAREM, OURO_GMM_EM };

typedef struct ouro_gmm {
    uint64_t n_components, n_init, max_iter;
    int covariance_type, init, algorithm;
    double tol, reg_covar, weight_prior, mean_prior, covariance_prior;
} ouro_gmm;

/* Lengths for k components in d dimensions. */
typedef struct ouro_gmm_shape {
    size_t k, d, len, factors; /* components, dimensions, numbers per factor, factors */
    int type;
} ouro_gmm_shape;
ouro_gmm_shape ouro_gmm_shape_of(size_t k, size_t d, int covariance_type);
static inline size_t ouro_gmm_theta_len(const ouro_gmm_shape *s) { return s->k + s->k * s->d + s->factors * s->len; }
ouro_gaussians ouro_gmm_view(const ouro_gmm_shape *s, const double *theta);

/* A step of expectation-maximisation from theta, whose pass over the rows has given `sums`, into out. */
typedef struct ouro_gmm_step {
    double residual; /* largest change: of a weight, of a mean in its component's axes, of an axis relative to itself */
    size_t alive, died;  /* components after it, and how many of them it took away */
    uint64_t floor_hits; /* components with an axis to which reg_covar gave half its variance or more */
} ouro_gmm_step;

/* What a step does besides maximising the likelihood. Pseudo-points weigh as the average point does. */
typedef struct ouro_gmm_rules {
    double reg;              /* variance floor added to every axis; 0: none */
    double each;             /* weight of the average point: components are counted in points of it */
    double alpha, kappa, nu; /* Dirichlet, normal and inverse Wishart pseudo-points, see gmm_step.c; 0: none */
    const double *centre;    /* [d]: where kappa pulls */
    const double *lambda;    /* scale for nu: covariance [len], or variances [d] */
} ouro_gmm_rules;
ouro_gmm_step ouro_gmm_maximise(const ouro_gmm_shape *s, const ouro_gmm_rules *rules, const ouro_mixture_sums *sums,
                                const double *theta, double *scratch, double *out);
size_t ouro_gmm_step_scratch(const ouro_gmm_shape *s);

/* A start: centres by k-means++ and Lloyd's iterations, or k random rows; weights and spreads from the rows nearest. */
int ouro_gmm_start(const ouro_gmm_shape *s, int init, const ouro_packed_rows *rows, const double *overall,
                   ouro_stream *stream, ouro_arena *tmp, double *theta);

/* The whole fit. theta is the start where `warm`. OURO_ENOMEM only. */
int ouro_gmm_fit(const ouro_gmm *options, const ouro_gmm_shape *s, const ouro_packed_rows *rows, int warm,
                 const ouro_address *address, ouro_arena *tmp, double *theta, ouro_fit_info *info);

#endif
