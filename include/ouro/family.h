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

/* Pairs of successive tokens: category k of first[i] <= k < first[i + 1] is token i followed by token next[k], ascending
 * within i. Without `first` every token may follow every token, and category i tokens + j is i followed by j. */
typedef struct ouro_pairs {
    size_t tokens;
    const size_t *first;  /* [tokens + 1], or NULL */
    const uint32_t *next; /* [first[tokens]], or NULL */
} ouro_pairs;

/* The first category of token i (of i = tokens: how many there are); the token that category k of i leads to. */
static inline size_t ouro_pairs_first(const ouro_pairs *p, size_t i) { return p->first ? p->first[i] : i * p->tokens; }
static inline size_t ouro_pairs_next(const ouro_pairs *p, size_t i, size_t k) {
    return p->next ? p->next[k] : k - i * p->tokens;
}
/* The token that category k begins with. O(log tokens). */
static inline size_t ouro_pairs_from(const ouro_pairs *p, size_t k) {
    size_t low = 0, high = p->tokens;
    if (!p->first) return k / p->tokens;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(p->first[middle] <= k ? &low : &high) = middle;
    }
    return low;
}
/* The category of i followed by j, or SIZE_MAX. O(log of the successors of i). */
static inline size_t ouro_pairs_find(const ouro_pairs *p, size_t i, size_t j) {
    if (!p->first) return i * p->tokens + j;
    size_t low = p->first[i], high = p->first[i + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->next[middle] == j) return middle;
        if (p->next[middle] < j)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

typedef enum ouro_response { OURO_ANY_NUMBER, OURO_ZERO_OR_ONE, OURO_COUNTED } ouro_response;

/* What a point is: `dim` numbers, or one of `categories` unordered categories (a row is then the index). Numbers lie in
 * [lower, upper], which may be infinite, and are whole where `lattice` says so. Where there are covariates they come
 * first in a row, and the last number is the response. Where rows are labelled the last number is the
 * label, 0 .. labelled - 1, and `labelled` more where it is known to be wrong, which a verifier may see and a fit does
 * not. */
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
    size_t labelled;        /* 0, or the number of classes */
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
    double *mean;     /* [mean_len]: numbers: the mean; categories: the probabilities (mean of the one-hot point); given
                       * covariates: the weights, whose inverse Fisher information per point is then the covariance */
    double trace;     /* of the covariance; categories: 1 - sum p_i^2, the heterozygosity */
    double log_trace; /* its logarithm, right where trace itself underflows; -inf when absorbed */
    double logdet;    /* log determinant of the covariance; NaN where it is singular by construction */
} ouro_moments;

typedef struct ouro_fit_info {
    uint64_t iterations; /* 0 for closed forms */
    int converged;
    int absorbed; /* the model can no longer leave its state */
    uint64_t floor_hits;
    int refused;   /* the plain fit stands in for a guided or penalised one that does not exist */
    uint64_t died; /* components that this fit took out of a mixture */
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

/* Points that a model is judged on, relative to the same origin as theta: their statistic, or the rows themselves. */
typedef struct ouro_judged {
    const double *T; /* [stat_len], or NULL */
    size_t len;      /* 0, without a T: there are none */
    const ouro_points *set;
    const double *theta;
} ouro_judged;

/* Which points: what the latest fit saw, the anchors among it, observations that no fit has seen, all observations. */
typedef enum ouro_judging { OURO_BY_FITTED, OURO_BY_ANCHORS, OURO_BY_HELD_OUT, OURO_BY_OBSERVED } ouro_judging;

/* What a model is whose natural parameter is infinite: nothing that the formulas know (then there is `renyi`); one
 * point, under a law that has a density; or a law on part of the points, to which every formula extends (0 * inf =
 * 0). */
typedef enum ouro_boundary { OURO_BOUNDARY_OPEN, OURO_BOUNDARY_SINGULAR, OURO_BOUNDARY_CONTINUED } ouro_boundary;

/* A full exponential family as the field writes it: p(x) = h(x) exp(eta . t(x) - A(eta)). What follows from that is
 * written once (natural.h): divergences, ridge, extrapolation, the Fisher metric. Everything here but mean_log_carrier
 * may enter a trajectory: own polynomials only. */
typedef struct ouro_natural {
    const char *words; /* "eta = ..., A = ..., mean ...", for `describe` */
    ouro_boundary boundary;
    size_t (*len)(const ouro_family *f);                                       /* p */
    void (*parameter)(const ouro_family *f, const double *theta, double *eta); /* eta[p] */
    int (*model)(const ouro_family *f, const double *eta, double *theta);      /* its inverse; 0: no such model */
    double (*log_partition)(const ouro_family *f, const double *eta);          /* A; +inf outside its domain */
    double (*potential)(const ouro_family *f, const double *theta);      /* A of a model, also where eta overflows */
    void (*mean)(const ouro_family *f, const double *theta, double *mu); /* grad A = E t(X), mu[p] */
    int (*model_of_mean)(const ouro_family *f, const double *mu, double *theta); /* its inverse; 0: no such model */
    void (*statistic)(const ouro_family *f, const double *x, double *t);         /* t(x), t[p] */
    double (*observed)(const ouro_family *f, const double *T, double *t);        /* mean of t behind T; returns W */
    /* V = Hessian of A = covariance of t(X): V[p x p]; or, for large p, both of these instead: V d, and x of
     * (weight V + diag(ridge)) x = b, ridge NULL for none (then b = V y for some y); 0: singular. O(p). */
    void (*covariance)(const ouro_family *f, const double *theta, double *V);
    void (*times)(const ouro_family *f, const double *theta, const double *d, double *out);
    int (*solve)(const ouro_family *f, const double *theta, double weight, const double *ridge, const double *b,
                 double *x);
    /* optional: a change of variables that maps the family onto itself, t(x) going over into an affine image of
     * itself. No divergence notices it, and extrapolation goes with it. `frame` chooses the one in which two models
     * are best written (origin and unit of the narrower one), `move` goes into it or back. */
    void (*frame)(const ouro_family *f, const double *a, const double *b, double frame[2]);
    void (*move)(const ouro_family *f, const double frame[2], int back, double *theta);
    /* optional: the Renyi divergence of order alpha != 1 on theta itself, for models whose eta or A is beyond the
     * doubles or whose A cancels; it need not keep the digits of models that nearly agree */
    double (*renyi)(const ouro_family *f, double alpha, const double *a, const double *b);
    double (*mean_log_carrier)(const ouro_family *f,
                               const double *theta); /* optional: E log h(X); NaN: no closed form */
} ouro_natural;

enum { OURO_KNOWN = 2 };
struct ouro_family {
    const ouro_family_type *type;
    ouro_domain domain;       /* of the truth: what is fitted lies in it */
    double known[OURO_KNOWN]; /* parameters that are given, not fitted: number of trials, shape */
    const void *options; /* how a model is fitted: of its option_fields; NULL for a truth and where there are none */
    int inexact; /* what the type says of moments does not hold: of a model for its options (a variance floor), of a truth
                  * for points that are laid out rather than drawn independently */
    uint64_t points; /* the most that any fit of a model will see, for models made of points; 0 for a truth */
    size_t theta_len, stat_len, mean_len;
};

#define OURO_NOWHERE SIZE_MAX

struct ouro_family_type {
    const char *name, *doc, *density, *statistic, *exact_law, *reference; /* words for `describe` */
    const char *parameters; /* its natural and mean parameters in words, where there is no `natural` to say it */

    /* truth: what the config's `truth` section says of this family; params points to truth_size bytes */
    ouro_table truth_fields;
    size_t truth_size;
    int (*truth_domain)(const void *params, ouro_domain *out, ouro_error *e);
    /* params may be written for another domain than f's, as the centre of a prior: then OURO_ECONFIG */
    int (*truth_theta)(const ouro_family *f, const void *params, double *theta, ouro_error *e);
    /* parameters that are known rather than fitted: rows of the model section, offsets into double[OURO_KNOWN]. A model
     * of the truth's own family, or of a narrower one (`within`), takes over the truth's where its section is silent (NaN). known_default stands for what
     * no field says, such as the one trial of a bernoulli. */
    ouro_table known_fields;
    double known_default[OURO_KNOWN];
    int known_in_theta; /* theta says all of the law: what is known stands in it, and enters fits alone */
    void (*truth_known)(const void *params, double *known); /* NULL when nothing is known */
    /* optional: the same distribution with what is known above fitted as well. It takes this type's place where the model
     * says "fitted" (OURO_FITTED), for truth and model alike; same name, same truth_fields, no known_fields. */
    const ouro_family_type *fitted;

    /* how a model is fitted (components, tolerances): rows of the model section, of a struct of option_size bytes */
    ouro_table option_fields;
    size_t option_size;
    const char *example; /* for `describe`: rows of the model section without which nothing runs; NULL for none */

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
    int sorted; /* the rows of a sample come in an order that tells of them: whoever forms groups shuffles them first */

    /* T of rows; the empty T; merging src, each of its points with `weight`; T of n points drawn from theta, exactly in
     * law, O(1) in n or little more (pairs of tokens are a chain: O(n)). Without stat_draw there is no statistics path;
     * without stat_merge it serves fits of one whole batch alone; families without any T have fit_rows. */
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
    int fit_rows_penalised; /* fit_rows heeds its penalty */

    const ouro_natural *natural; /* optional */
    /* log p(x) is affine in what T is made of, its carrier too: T then fixes the log likelihood of its points, whatever
     * the model (likelihood in natural.h). With natural, stat_of and entropy, of `within` where that compares. */
    int likelihood_in_statistic;
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
    int slow_moments; /* they take integrals: too slow for events to look at in every generation */
    double (*entropy)(const ouro_family *f, const double *theta); /* nats */
    /* optional: logarithms of the eigenvalues of the covariance, log_eigenvalue[dim], largest first; NaN when out of memory */
    void (*spectrum)(const ouro_family *f, const double *theta, double *log_eigenvalue);
    /* optional: the model whose density is p^(1/temperature), normalised; variance_scales: its variance is temperature times
     * as large, and its mean the same */
    void (*temper)(const ouro_family *f, const double *theta, double temperature, double *out);
    int variance_scales;
    /* optional, in one dimension: x[n] at probabilities p[n] */
    void (*quantiles)(const ouro_family *f, const double *theta, size_t n, const double *p, double *x);
    /* side[0] below, side[1] above, NaN for categories; returns their sum */
    double (*tail_mass)(const ouro_family *f, const double *theta, const ouro_tail_set *a, double side[2]);
    double (*divergence)(const ouro_family *f, ouro_divergence kind, const double *a, const double *b);
    /* optional: a wider family of which every model is one, its theta laid out alike: it then compares the two, and a truth
     * of it says what a model knows, in the same places of `known` */
    const ouro_family_type *within;
    const char *divergence_missing[OURO_DIVERGENCES]; /* the reason a kind is not defined here, or NULL */
    /* optional, labelled classes: chance under a truth of this family that the model's rule gives the right class */
    double (*accuracy)(const ouro_family *f, const double *truth, const double *theta);
    /* optional: 2-Wasserstein distance to observed numbers with this mean, variance and E[x Phi^-1(F(x))] */
    double (*w2_observed)(const ouro_family *f, const double *theta, double mean, double variance, double coupling);
    /* optional, mixtures: how many components have a weight */
    size_t (*components)(const ouro_family *f, const double *theta);
    /* maximum likelihood (and fit_unbiased) reproduces the mean of the fitted points, whatever they came from */
    int matches_mean;
    /* maximum likelihood reproduces mean and total variance of the fitted points, whatever they came from */
    int matches_second_moments;
    /* optional, where the mean matches: the model's total variance is `factor` times that of the fitted points, plus `added`;
     * n: (sum of weights)^2 / sum of squared weights. Kernels: they spread. */
    void (*spread)(const ouro_family *f, double n, double *factor, double *added);
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
/* The same for a model with options, which must outlive it, and fits of so many points at most. */
int ouro_family_init_model(ouro_family *f, const ouro_family_type *type, const ouro_domain *domain, const double *known,
                           const void *options, uint64_t points, ouro_error *e) OURO_CHECKED;

/* Whether the truth is one of the model's laws: of the same kind, or of the wider one, and the same of what is known where theta
 * does not say it. */
int ouro_family_holds(const ouro_family *model, const ouro_family *truth);
/* Whether equal parameters theta are equal laws: the same type, and the same of what is known where theta does not say it. */
int ouro_family_same_law(const ouro_family *a, const ouro_family *b);

/* Log densities of n rows: by the family's own slot, or row by row in one dimension. OURO_ENOMEM only. */
int ouro_log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                       double *out) OURO_CHECKED;
static inline int ouro_family_has_density(const ouro_family_type *t) { return t->log_densities || t->log_density; }

#endif
