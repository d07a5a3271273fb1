/* glm.c: generalised linear models with canonical link: logistic and Poisson regression, x ~ N(0, I_d), no intercept.
 *
 * theta = {w[d]}; the response of the domain is the link: 0 or 1 with log odds x . w, or counts with log mean x . w.
 * The maximum likelihood is found from rows by Newton's method (iteratively reweighted least squares: McCullagh and
 * Nelder 1989, section 2.5), halving a step that loses likelihood. One model per link: there is nothing else to know.
 *
 * Where the likelihood has no maximum (labels that a plane separates; counts above zero in fewer rows than weights)
 * the fit says converged = 0: separated labels get the first separating direction that Newton meets from w = 0, at
 * norm NORM; else the search ends where its step is small, at norm NORM at the latest. */
#include "core/kernels.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include "regression.h"
#include <math.h>
#include <string.h>

enum { LOGIT, LOG, MOST_ITERATIONS = 200, MOST_HALVINGS = 60 };
#define NORM 50.0       /* of fitted weights at most: means of counts then stay far below the largest double */
#define TRUTH_NORM 20.0 /* of the truth's */
#define STEP 1e-11      /* of 1 + the largest weight: the error left is its square */
#define SINGULAR 1e-13  /* share of a column's information left beside the others: below it is rounding */
#define DAMPING 1e-10   /* of the largest information, added where it is singular */
#define SLACK 1e-13     /* of the log likelihood: rounding of its sum */

typedef struct params {
    regression_params x;
    int link;
} params;

static const char *const links[] = {"logit", "log", NULL};
static const ouro_field truth_rows[] = {
    REGRESSION_FIELDS(params, x),
    {"link", OURO_CHOICE, 0, offsetof(params, link), 0, 0, "\"logit\"", links, "",
     "logit: y is 0 or 1 (logistic regression); log: y is a count (Poisson regression)."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    const params *t = p;
    return regression_domain(&t->x, t->link == LOGIT ? OURO_ZERO_OR_ONE : OURO_COUNTED, out, e);
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    size_t d = f->domain.covariates;
    double norm = 0;
    int ret = regression_weights(&((const params *)p)->x, d, theta, e);
    for (size_t j = 0; j < d && !ret; j++) norm = hypot(norm, theta[j]);
    if (norm > TRUTH_NORM)
        return ouro_fail(e, OURO_ECONFIG, "truth.weights",
                         "weights of norm %g leave nothing to chance (logit) or to doubles (log); keep them below %g",
                         norm, TRUTH_NORM);
    return ret;
}

static int shape(ouro_family *f, ouro_error *e) {
    if (!f->domain.covariates)
        return ouro_fail(
            e, OURO_EUNDEFINED, "glm",
            "glm needs a response given covariates, which only a truth of its own family has; observed data "
            "have none");
    if (f->domain.response == OURO_ANY_NUMBER)
        return ouro_fail(e, OURO_EUNDEFINED, "glm",
                         "glm needs a response that is 0 or 1, or a count, the truth's may be any number; use "
                         "linear-regression");
    f->theta_len = f->mean_len = f->domain.covariates;
    f->stat_len = 0;
    return OURO_OK;
}

static int is_logit(const ouro_family *f) { return f->domain.response == OURO_ZERO_OR_ONE; }

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)tmp;
    size_t d = f->domain.covariates;
    for (size_t i = 0; i < n; i++, x += d + 1) {
        double eta = regression_dot(d, x, theta);
        if (is_logit(f))
            x[d] = ouro_stream_uniform(s) * (1 + ouro_exp(-eta)) < 1;
        else
            x[d] = ouro_poisson(s, ouro_exp(eta));
    }
    return OURO_OK;
}

/* A place w of the search: log likelihood less penalty, its gradient, minus its Hessian (lower triangle by rows). */
typedef struct place {
    double value, *w, *gradient, *information;
    int separates; /* labels: every row lies on its own side */
} place;

typedef struct problem {
    const ouro_family *f;
    size_t d, len;
    const ouro_points *set;
    const ouro_penalty *penalty;
} problem;

/* Log likelihood of one response, its first and minus its second derivative by eta. */
typedef struct response {
    double value, slope, curvature;
} response;

/* From margin m = eta or -eta towards the label: log 1 / (1 + e^-m), and e^-|m| alone, so that nothing overflows. */
static response label(double y, double eta) {
    double sign = y > 0.5 ? 1 : -1, m = sign * eta, e = ouro_exp(-fabs(m)), q = 1 / (1 + e);
    return (response){-ouro_log1p(e) + (m < 0 ? m : 0), sign * (m > 0 ? e * q : q), e * q * q};
}
/* y eta - e^eta, without log y! */
static response count(double y, double eta) {
    double mean = ouro_exp(eta);
    return (response){y * eta - mean, y - mean, mean};
}

static void add_row(size_t d, const double *x, response r, double weight, place *at) {
    double *row = at->information;
    for (size_t j = 0; j < d; row += ++j) {
        const double v = weight * r.curvature * x[j];
        at->gradient[j] += weight * r.slope * x[j];
        for (size_t k = 0; k <= j; k++) row[k] += v * x[k];
    }
}

/* Fills all of *at but w, in one pass. The family has no location: the points' shift is zero. O(n d^2). */
static void look(const problem *p, place *at) {
    size_t d = p->d;
    int logit = is_logit(p->f);
    at->value = 0;
    at->separates = logit && !p->penalty;
    memset(at->gradient, 0, d * sizeof *at->gradient);
    memset(at->information, 0, d * (d + 1) / 2 * sizeof *at->information);
    for (size_t s = 0; s < p->len; s++) {
        const double *x = p->set[s].x;
        for (size_t i = 0; i < p->set[s].n; i++, x += d + 1) {
            const double eta = regression_dot(d, x, at->w);
            const response r = logit ? label(x[d], eta) : count(x[d], eta);
            if (x[d] > 0.5 ? eta <= 0 : eta >= 0) at->separates = 0;
            at->value += p->set[s].weight * r.value;
            add_row(d, x, r, p->set[s].weight, at);
        }
    }
    for (size_t j = 0; p->penalty && j < d; j++) {
        const double gap = at->w[j] - p->penalty->towards[j], strength = p->penalty->strength;
        at->value -= 0.5 * strength * gap * gap;
        at->gradient[j] -= strength * gap;
        at->information[j * (j + 1) / 2 + j] += strength;
    }
}

/* Cholesky, L over A by rows; 0 when what is left of some diagonal entry beside the others is rounding. */
static int factorise(size_t d, const double *A, double *L) {
    for (size_t j = 0; j < d; j++) {
        double *row = L + j * (j + 1) / 2;
        const double *a = A + j * (j + 1) / 2;
        for (size_t k = 0; k <= j; k++) {
            const double *other = L + k * (k + 1) / 2;
            double left = a[k] - regression_dot(k, row, other);
            if (k == j && !(left > SINGULAR * a[j])) return 0;
            row[k] = k == j ? sqrt(left) : left / other[k];
        }
    }
    return 1;
}

/* step = information^-1 gradient; 0 where the information is singular, damped then; -1 where there is none at all. */
static int newton_step(size_t d, place *at, double *L, double *step) {
    int regular = factorise(d, at->information, L);
    if (!regular) {
        double most = 0;
        for (size_t j = 0; j < d; j++) most = fmax(most, at->information[j * (j + 1) / 2 + j]);
        for (size_t j = 0; j < d; j++) at->information[j * (j + 1) / 2 + j] += DAMPING * most;
        if (!(most > 0) || !factorise(d, at->information, L)) return -1;
    }
    for (size_t j = 0; j < d; j++) {
        const double *row = L + j * (j + 1) / 2;
        step[j] = (at->gradient[j] - regression_dot(j, row, step)) / row[j];
    }
    for (size_t j = d; j-- > 0;) {
        for (size_t k = j + 1; k < d; k++) step[j] -= L[k * (k + 1) / 2 + j] * step[k];
        step[j] /= L[j * (j + 1) / 2 + j];
    }
    return regular;
}

/* Brings w back to NORM where it is longer, or, asked for, wherever it is. */
static int limit(size_t d, double *w, int always) {
    double norm = sqrt(regression_dot(d, w, w));
    if (!(norm > NORM) && !(always && norm > 0)) return 0;
    for (size_t j = 0; j < d; j++) w[j] *= NORM / norm;
    return 1;
}

/* From w on; 1 when the maximum is found. *here and *next trade places, the result is in *here. */
static int climb(const problem *p, place *here, place *next, double *L, double *step, uint64_t *iterations) {
    look(p, here);
    for (int i = 0; i < MOST_ITERATIONS && !here->separates; i++) {
        double share = 1, largest = 0, most = 0;
        int regular = newton_step(p->d, here, L, step);
        if (regular < 0) return 0;
        ++*iterations;
        for (int half = 0; half <= MOST_HALVINGS; half++, share *= 0.5) {
            for (size_t j = 0; j < p->d; j++) next->w[j] = here->w[j] + share * step[j];
            look(p, next);
            if (next->value >= here->value - SLACK * (1 + fabs(here->value))) break;
        }
        for (size_t j = 0; j < p->d; j++) {
            largest = fmax(largest, fabs(step[j]));
            most = fmax(most, fabs(next->w[j]));
        }
        place swap = *here;
        *here = *next;
        *next = swap;
        if (!p->penalty && limit(p->d, here->w, 0)) return 0;
        if (largest <= STEP * (1 + most)) return regular;
    }
    return 0;
}

static int new_place(size_t d, ouro_arena *tmp, place *out) {
    double *room = ouro_arena_alloc(tmp, 2 * d + d * (d + 1) / 2, sizeof *room);
    if (!room) return OURO_ENOMEM;
    *out = (place){.w = room, .gradient = room + d, .information = room + 2 * d};
    return OURO_OK;
}

/* From the model before, where that is likelier than w = 0; labels that are separated from there are fitted once more
 * from 0, so that the fit is of the rows alone. */
static int fit_rows(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info) {
    size_t d = f->domain.covariates;
    const problem p = {.f = f, .d = d, .len = task->len, .set = task->set, .penalty = task->penalty};
    const double *before = task->before;
    ouro_arena *tmp = task->tmp;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    place here, next;
    double *L = ouro_arena_alloc(tmp, d * (d + 1) / 2 + d, sizeof *L);
    int ret = OURO_OK;
    if (!L) return OURO_ENOMEM;
    OURO_TRY(new_place(d, tmp, &here));
    OURO_TRY(new_place(d, tmp, &next));
    *info = (ouro_fit_info){0};
    if (before) {
        memcpy(next.w, before, d * sizeof *before);
        look(&p, &here);
        look(&p, &next);
        if (next.value > here.value) memcpy(here.w, before, d * sizeof *before);
    }
    info->converged = climb(&p, &here, &next, L, L + d * (d + 1) / 2, &info->iterations);
    if (here.separates && before) {
        memset(here.w, 0, d * sizeof *here.w);
        climb(&p, &here, &next, L, L + d * (d + 1) / 2, &info->iterations);
    }
    if (here.separates) limit(d, here.w, 1);
    memcpy(theta, here.w, d * sizeof *theta);
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}

/* What follows is for measures: means over eta = r z, z normal, of the variance V(eta) of the response. */

static double density(double z) { return exp(-0.5 * z * z) / sqrt(2 * M_PI); }
static double logistic_variance(double eta) { return 0.25 / (cosh(eta / 2) * cosh(eta / 2)); }
static double softplus(double eta) { return fmax(eta, 0) + log1p(exp(-fabs(eta))); }

/* E h(r z) z^power by the trapezoidal rule: for functions analytic in |Im eta| < pi its error is that of rounding. */
static double expect(double (*h)(double eta), double r, int power) {
    const double step = 0.25 / fmax(1, r);
    double sum = 0.5 * h(0) * (power == 0) * density(0); /* the odd part of h has no mean */
    for (double z = step; z < 9; z += step) sum += 0.5 * (h(r * z) + h(-r * z)) * (power ? z * z : 1) * density(z);
    return 2 * step * sum;
}

/* log E V and log E V z^2: one point tells a |u|^2 + (b - a)(u . w)^2 / |w|^2 about w in direction u. */
typedef struct information {
    double log_a, log_b;
} information;
static information information_at(const ouro_family *f, double r) {
    if (!is_logit(f)) return (information){0.5 * r * r, 0.5 * r * r + log1p(r * r)};
    return (information){log(expect(logistic_variance, r, 0)), log(expect(logistic_variance, r, 2))};
}

static double norm_of(size_t d, const double *w) {
    double norm = 0;
    for (size_t j = 0; j < d; j++) norm = hypot(norm, w[j]);
    return norm;
}

/* In units of the weights' own uncertainty: trace and determinant are those of the inverse Fisher information of a
 * point, which is the covariance of a fit on n, times n, for large n. */
static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    size_t d = f->domain.covariates;
    information i = information_at(f, norm_of(d, theta));
    memcpy(out->mean, theta, d * sizeof *theta);
    out->trace = ((double)d - 1) * exp(-i.log_a) + exp(-i.log_b);
    out->log_trace = log((double)d - 1 + exp(i.log_a - i.log_b)) - i.log_a;
    out->logdet = -((double)d - 1) * i.log_a - i.log_b;
}

/* KL(a || b) = E [A(eta_b) - A(eta_a) - (eta_b - eta_a) A'(eta_a)]
 *            = integral over s in [0, 1] of (1 - s) u'I(a + s u) u, u = b - a and I the information:
 * the first for distant models, the second, a sum of squares, for near ones, by the eight-point rule of Gauss on both
 * halves. E z A'(r z) = r E V(r z) (Stein) leaves one dimension of the normal eta. */
static double kl_logit(const ouro_family *f, double aa, double au, double uu) {
    static const double node[] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
    static const double weight[] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    double sum = 0, ra = sqrt(aa);
    if (uu > 0.25 * (1 + aa))
        return expect(softplus, sqrt(aa + 2 * au + uu), 0) - expect(softplus, ra, 0) -
               au * expect(logistic_variance, ra, 0);
    for (int i = 0; i < 16; i++) {
        double s = 0.5 * (i / 8) + 0.25 * (1 + (i % 2 ? 1 : -1) * node[i % 8 / 2]);
        double rr = aa + 2 * au * s + uu * s * s, along = au + s * uu;
        information at = information_at(f, sqrt(rr));
        double a = exp(at.log_a), b = exp(at.log_b), part = rr > 0 ? along * along / rr : 0;
        sum += 0.25 * weight[i % 8 / 2] * (1 - s) * (a * (uu - part) + b * part);
    }
    return sum;
}

/* For counts in closed form: e^(|a|^2/2) [e^g - 1 - g + |u|^2 / 2] with g = a.u + |u|^2 / 2. */
static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    double aa = 0, au = 0, uu = 0;
    if (kind != OURO_KL) return NAN;
    for (size_t j = 0; j < f->domain.covariates; j++) {
        double u = b[j] - a[j];
        aa += a[j] * a[j];
        au += a[j] * u;
        uu += u * u;
    }
    if (uu == 0) return 0;
    if (is_logit(f)) return fmax(kl_logit(f, aa, au, uu), 0);
    return exp(0.5 * aa) * (regression_excess(au + 0.5 * uu) + 0.5 * uu);
}

#define NO_FORM "its mean over the covariates has no closed form; ask for kl_truth_model, kl_model_truth or test_error"

const ouro_family_type ouro_family_glm = {
    .name = "glm",
    .doc =
        "Logistic or Poisson regression on isotropic covariates without intercept, as the truth's link says. In "
        "drift_sq, variance_ratio and log_variance the inverse Fisher information of the weights stands for a "
        "covariance. Where labels are separated the likelihood has no maximum: converged is 0, the weights have norm "
        "50.",
    .density = "logit: P(y = 1 | x) = 1 / (1 + exp(-x.w)); log: y | x ~ Poisson(exp(x.w)); x ~ N(0, I)",
    .parameters = "eta = x.w given x, A = log(1 + e^eta) (logit) or e^eta (log), mean of y: 1 / (1 + e^-eta) or e^eta",
    .statistic = "none of fixed size: the rows (x, y)",
    .reference = "McCullagh and Nelder 1989; Dey and Donoho 2024 for the recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .covariates = regression_covariates,
    .sample = sample,
    .fit_rows = fit_rows,
    .fit_rows_penalised = 1,
    .moments = moments,
    .slow_moments = 1,
    .divergence = divergence,
    .divergence_missing = {[OURO_HELLINGER] = NO_FORM, [OURO_TV] = NO_FORM, [OURO_W2] = NO_FORM},
};
