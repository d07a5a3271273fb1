/* family.h: what a distribution is.
 *
 * A model is a flat vector theta[theta_len] to which its family gives meaning. A sufficient statistic is a flat vector
 * T[stat_len], mergeable and centred: never raw sums, which lose a collapsing variance at sd/|mean| near 1e-8.
 *
 * Families whose theta and T contain a location say where (theta_location, stat_location; dim consecutive entries), so
 * that the corpus can keep both relative to a moving origin: a model that has collapsed to sd 1e-200 around a mean of
 * 10 then still tells its batches apart.
 *
 * Slots marked optional may be NULL; check resolves them before anything is drawn, with the reason. */
#ifndef OURO_FAMILY_H
#define OURO_FAMILY_H
#include "ouro/field.h"
#include "ouro/error.h"
#include "ouro/mem.h"
#include "ouro/rng.h"

/* Pairs of successive tokens: category k of first[i] <= k < first[i + 1] is token i followed by token next[k]. */
typedef struct ouro_pairs {
    size_t tokens;
    const size_t *first;  /* [tokens + 1] */
    const uint32_t *next; /* [first[tokens]] */
} ouro_pairs;

typedef enum ouro_response { OURO_ANY_NUMBER, OURO_ZERO_OR_ONE, OURO_COUNTED } ouro_response;

/* What a point is: `dim` numbers, or one of `categories` unordered categories (a row is then the index). Numbers lie in
 * [lower, upper], which may be infinite, and are whole where `lattice` says so. Where there are covariates they come
 * first in a row, and the last number is the response. */
typedef enum ouro_domain_kind { OURO_NUMBERS, OURO_CATEGORIES } ouro_domain_kind;
typedef struct ouro_domain {
    ouro_domain_kind kind;
    size_t dim;              /* doubles per row: 1 for categories */
    size_t categories;       /* OURO_CATEGORIES only */
    const ouro_pairs *pairs; /* OURO_CATEGORIES that are pairs of tokens, else NULL */
    int lattice;             /* OURO_NUMBERS only, as is what follows */
    double step;             /* of a lattice whose points all lie at lower + k step, 2 or 1; 0 counts as 1 */
    double lower, upper;
    size_t covariates;      /* 0, or dim - 1 */
    ouro_response response; /* where there are covariates */
} ouro_domain;

typedef enum ouro_divergence {
    OURO_KL,        /* KL(a || b), nats; inf where b misses mass of a */
    OURO_HELLINGER, /* sqrt(1 - integral sqrt(a b)), in [0, 1] */
    OURO_TV,        /* total variation, half the L1 distance, in [0, 1] */
    OURO_W2,        /* 2-Wasserstein distance, in the unit of the data */
    OURO_DIVERGENCES
} ouro_divergence;

/* The truth's low-density set of mass alpha. Numbers: x < lower or x > upper. Categories, and the points of a finite support:
 * those with member[i] != 0; numbers then have their two sides below and above lower = upper.
 * A truth of several modes leaves out more than one interval: end[2 i] <= x <= end[2 i + 1], ascending, lower and upper
 * being the outermost two. In several dimensions the set is {x : log p_0(x) < log_level}. */
typedef struct ouro_tail_set {
    double alpha;    /* asked for */
    double attained; /* the truth's own mass on it; differs from alpha for discrete truths */
    double lower, upper;
    const unsigned char *member;
    size_t ends; /* 0 where lower and upper say all */
    const double *end;
    int level; /* several dimensions: log_level holds, lower and upper do not */
    double log_level;
} ouro_tail_set;

typedef struct ouro_moments {
    double *mean;     /* [mean_len]: numbers: the mean; categories: the probabilities (mean of the one-hot point) */
    double trace;     /* of the covariance; categories: 1 - sum p_i^2, the heterozygosity */
    double log_trace; /* its logarithm, right where trace itself underflows; -inf when absorbed */
    double logdet;    /* log determinant of the covariance; NaN where it is singular by construction */
} ouro_moments;

typedef struct ouro_fit_info {
    uint64_t iterations; /* 0 for closed forms */
    int converged;
    int absorbed; /* the model can no longer leave its state */
    uint64_t floor_hits;
    int refused; /* a guided model would have left its parameter space */
} ouro_fit_info;

typedef struct ouro_family_type ouro_family_type;
typedef struct ouro_family ouro_family;
typedef struct ouro_nef ouro_nef;             /* nef.h */
typedef struct ouro_gaussians ouro_gaussians; /* mixtures of normals: core/mixture.h */

/* Rows as a fit sees them: row i is x[i * dim + j] + shift[j], and counts `weight` times. */
typedef struct ouro_points {
    size_t n;
    const double *x, *shift;
    double weight;
} ouro_points;

/* strength / 2 |theta - towards|^2, taken off the log likelihood. */
typedef struct ouro_penalty {
    double strength;
    const double *towards; /* [theta_len] */
} ouro_penalty;

/* What a fit from rows is made from. `before` is the model of t - 1, relative to the same origin, or NULL; penalty may be
 * NULL; random starts draw from `address`. */
typedef struct ouro_row_task {
    size_t len;
    const ouro_points *set; /* [len] */
    const double *before;
    const ouro_penalty *penalty;
    const ouro_address *address;
    ouro_arena *tmp;
} ouro_row_task;

/* A full exponential family as the field writes it: p(x) = h(x) exp(eta . t(x) - A(eta)). What follows from that is
 * written once (natural.h): divergences, ridge, extrapolation, the Fisher metric. */
typedef struct ouro_natural {
    const char *words;                   /* "eta = ..., A = ...", for `describe` */
    size_t (*len)(const ouro_family *f); /* p */
    void (*parameter)(const ouro_family *f, const double *theta, double *eta); /* eta[p] */
    int (*model)(const ouro_family *f, const double *eta, double *theta);      /* its inverse; 0: no such model */
    double (*log_partition)(const ouro_family *f, const double *eta);          /* A; +inf outside its domain */
    void (*mean)(const ouro_family *f, const double *theta, double *mu);       /* grad A = E t(X), mu[p] */
    void (*covariance)(const ouro_family *f, const double *theta, double *V);  /* Hessian of A, V[p x p] */
    void (*statistic)(const ouro_family *f, const double *x, double *t);       /* t(x), t[p] */
    double (*observed)(const ouro_family *f, const double *T, double *t);      /* mean of t behind T; returns W */
} ouro_natural;

enum { OURO_KNOWN = 2 };
struct ouro_family {
    const ouro_family_type *type;
    ouro_domain domain;       /* of the truth: what is fitted lies in it */
    double known[OURO_KNOWN]; /* parameters that are given, not fitted: number of trials, shape */
    const void *options; /* how a model is fitted: of its option_fields; NULL for a truth and where there are none */
    int inexact;         /* options (a variance floor) break what the type says of moments */
    size_t theta_len, stat_len, mean_len;
};

#define OURO_NOWHERE SIZE_MAX

struct ouro_family_type {
    const char *name, *doc, *density, *statistic, *exact_law, *reference; /* words for `describe` */

    /* truth: what the config's `truth` section says of this family; params points to truth_size bytes */
    ouro_table truth_fields;
    size_t truth_size;
    int (*truth_domain)(const void *params, ouro_domain *out, ouro_error *e);
    int (*truth_theta)(const ouro_family *f, const void *params, double *theta, ouro_error *e);
    /* parameters that are known rather than fitted: rows of the model section, offsets into double[OURO_KNOWN]. A model
     * of the truth's own family takes over the truth's where its section is silent (NaN). known_default stands for what
     * no field says, such as the one trial of a bernoulli. */
    ouro_table known_fields;
    double known_default[OURO_KNOWN];
    void (*truth_known)(const void *params, double *known); /* NULL when nothing is known */
    /* optional: the same distribution with what is known above fitted as well. It takes this type's place where the model
     * says "fitted" (OURO_FITTED), for truth and model alike; same name, same truth_fields, no known_fields. */
    const ouro_family_type *fitted;

    /* how a model is fitted (components, tolerances): rows of the model section, of a struct of option_size bytes */
    ouro_table option_fields;
    size_t option_size;

    /* fills the lengths of *f for f->domain; OURO_EUNDEFINED when the domain is not of this family */
    int (*shape)(ouro_family *f, ouro_error *e);
    size_t theta_location, stat_location; /* first of `dim` location entries, or OURO_NOWHERE */

    /* families of a response given covariates: fills the covariates of n rows, and what T says of those of n points; then
     * sample and stat_draw fill in the response. They have a stream of their own, which a fixed design opens at the same
     * address in every generation. */
    void (*covariates)(const ouro_family *f, ouro_stream *s, size_t n, double *x);
    void (*stat_covariates)(const ouro_family *f, ouro_stream *s, uint64_t n, double *T);

    /* samples path: x[n * dim] drawn from theta; scratch from tmp. O(n). OURO_ENOMEM only. */
    int (*sample)(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x);

    /* T of rows; the empty T; merging src, each of its points with `weight`; T of n points drawn from theta, exactly in
     * law, O(1) in n. Without stat_draw there is no statistics path; without stat_merge it serves fits of one whole batch
     * alone; families without any T have fit_rows. */
    void (*stat_empty)(const ouro_family *f, double *T);
    void (*stat_rows)(const ouro_family *f, size_t n, const double *x, double *T);
    void (*stat_merge)(const ouro_family *f, double weight, const double *src, double *T);
    void (*stat_draw)(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T);
    /* optional: T of a uniformly random subset of `take` of the points behind T. Present only where T fixes the
     * empirical distribution, so that subsets of one batch may be drawn again and again. */
    int (*stat_subset)(const ouro_family *f, const double *T, uint64_t take, ouro_stream *s, ouro_arena *tmp,
                       double *out);

    /* families of categories: T of observed counts[categories] */
    void (*stat_counts)(const ouro_family *f, const uint64_t *count, double *T);

    /* optional, for conjugate priors: the statistic of one point whose mean statistic is exactly the model's; and the
     * change of T after which fit_mle gives the mode of the posterior in the mean parameter */
    void (*stat_of)(const ouro_family *f, const double *theta, double *T);
    void (*mode_in_mean)(const ouro_family *f, double *T);

    /* estimates from T: maximum likelihood, and (optional) the field's unbiased variant */
    void (*fit_mle)(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info);
    void (*fit_unbiased)(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info);
    /* maximum likelihood on the samples path where no T holds all that a fit needs. OURO_ENOMEM only. */
    int (*fit_rows)(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info);

    const ouro_natural *natural; /* optional */
    /* one-parameter families in their mean: what the generic slots of nef.h are made of; NULL for others */
    const ouro_nef *nef;
    int finite; /* theta[theta_len] are the probabilities of the points of a finite support of numbers */
    /* optional, one dimension: log density or log probability of x; mass strictly below (upper = 0) or above x; mode */
    double (*log_density)(const ouro_family *f, const double *theta, double x);
    double (*beyond)(const ouro_family *f, const double *theta, double x, int upper);
    double (*mode)(const ouro_family *f, const double *theta);
    /* optional: log densities of n rows x[n * dim], for any dimension; components without a volume have none. Families
     * with a log_density need none of this: see ouro_log_densities. OURO_ENOMEM only. */
    int (*log_densities)(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                         double *out);
    /* optional: the law as a mixture of normals (one of one component is a normal), which places standard points: x =
     * mean_c + L_c z with weight w_c. Points into theta and tmp; a component without a volume has a zero on the diagonal
     * of its factor. OURO_ENOMEM only. */
    int (*gaussians)(const ouro_family *f, const double *theta, ouro_arena *tmp, ouro_gaussians *out);

    /* closed forms on theta */
    void (*moments)(const ouro_family *f, const double *theta, ouro_moments *out);
    double (*entropy)(const ouro_family *f, const double *theta); /* nats */
    /* optional: logarithms of the eigenvalues of the covariance, log_eigenvalue[dim], largest first; NaN when out of memory */
    void (*spectrum)(const ouro_family *f, const double *theta, double *log_eigenvalue);
    /* optional, in one dimension: x[n] at probabilities p[n] */
    void (*quantiles)(const ouro_family *f, const double *theta, size_t n, const double *p, double *x);
    /* side[0] below, side[1] above, NaN for categories; returns their sum */
    double (*tail_mass)(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]);
    double (*divergence)(const ouro_family *f, ouro_divergence kind, const double *a, const double *b);
    const char *divergence_missing[OURO_DIVERGENCES]; /* the reason a kind is not defined here, or NULL */
    /* optional: 2-Wasserstein distance to observed numbers with this mean, variance and E[x Phi^-1(F(x))] */
    double (*w2_observed)(const ouro_family *f, const double *theta, double mean, double variance, double coupling);
    /* maximum likelihood (and fit_unbiased) reproduces the mean of the fitted points, whatever they came from */
    int matches_mean;
    /* maximum likelihood reproduces mean and covariance of the fitted points, whatever they came from */
    int matches_second_moments;
    /* optional: coefficient v2 of m^2 in a quadratic variance function V(m) (Morris 1982); maximum likelihood then gives
     * E V(m_t) = V_0 (1 + v2 D_t) for the normalised drift D_t. Bernoulli -1, Poisson 0, exponential 1. */
    double (*quadratic_variance)(const ouro_family *f);
};

/* A family whose models can be refitted, rather than a truth only. */
static inline int ouro_family_fits(const ouro_family_type *t) { return t->fit_mle || t->fit_rows; }

/* Binds a family to a domain; known: double[OURO_KNOWN], or NULL for a family that knows nothing beforehand.
 * OURO_EUNDEFINED with the reason when they do not go together. */
int ouro_family_init(ouro_family *f, const ouro_family_type *type, const ouro_domain *domain, const double *known,
                     ouro_error *e) OURO_CHECKED;
/* The same for a model with options, which must outlive it. */
int ouro_family_init_model(ouro_family *f, const ouro_family_type *type, const ouro_domain *domain, const double *known,
                           const void *options, ouro_error *e) OURO_CHECKED;

/* Log densities of n rows: by the family's own slot, or row by row in one dimension. OURO_ENOMEM only. */
int ouro_log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                       double *out) OURO_CHECKED;
static inline int ouro_family_has_density(const ouro_family_type *t) { return t->log_densities || t->log_density; }

#endif
