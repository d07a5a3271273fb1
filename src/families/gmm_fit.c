/* gmm_fit.c: expectation-maximisation until the model stops moving.
 *
 * A step costs a pass over the rows and gains a constant factor, near one where components overlap; a run is therefore
 * accelerated by Anderson's mixing over the last five steps (Walker and Ni 2011; Henderson and Varadhan 2019 for EM),
 * or by SQUAREM (Varadhan and Roland 2008), in log weights, means in units of the whole, and factors with logarithms on
 * the diagonal. A point that lowers the likelihood is given up for the plain step that preceded it. The fit ends when a
 * plain step moves no parameter by more than tol in its component's own axes; stopping on a likelihood difference would
 * end far from the maximum, and the drift of a chain of warm fits would be several times too slow. The last step is a
 * plain one: overall mean and covariance of the model are then those of the rows. */
#include "core/kernels.h"
#include "gmm.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { WINDOW = 5 };

typedef struct fit {
    const ouro_gmm *o;
    const ouro_gmm_shape *s;
    const ouro_packed_rows *rows;
    ouro_mixture_sums sums;
    ouro_gmm_rules rules;
    double *pass, *step;                   /* scratch */
    const double *overall;                 /* one component on everything, as a theta */
    const double *unit;                    /* [d]: standard deviations of the whole */
    size_t len;                            /* of theta and of a vector */
    double *x, *g, *f;                     /* vectors: the point, its image, the difference */
    double *dx[WINDOW], *df[WINDOW], *old; /* differences of points and of f, and the last f */
    double *next, *spare;                  /* theta after a plain step, and room for the one after that */
    size_t kept;
    double *last_x;
} fit;

/* Parameters as a vector in which a step is about as long for each of them. */
static void to_vector(const fit *t, const double *theta, double *v) {
    const ouro_gaussians g = ouro_gmm_view(t->s, theta);
    const size_t k = t->s->k, d = t->s->d;
    for (size_t c = 0; c < k; c++) {
        v[c] = theta[c] > -INFINITY ? theta[c] : 0;
        for (size_t i = 0; i < d; i++) v[k + c * d + i] = g.mean[c * d + i] / t->unit[i];
    }
    for (size_t f = 0; f < t->s->factors; f++) {
        const double *L = g.factor + f * t->s->len;
        double *out = v + k + k * d + f * t->s->len;
        for (size_t i = 0; i < d; i++) {
            if (g.diagonal)
                out[i] = ouro_log(L[i]);
            else
                for (size_t j = 0; j <= i; j++)
                    out[i * (i + 1) / 2 + j] =
                        i == j ? ouro_log(L[i * (i + 1) / 2 + i]) : L[i * (i + 1) / 2 + j] / t->unit[i];
        }
    }
}

/* Back, with the dead of `like` and weights that add up to one; 0 when a number is out of reach. */
static int from_vector(const fit *t, const double *v, const double *like, double *theta) {
    const size_t k = t->s->k, d = t->s->d;
    const int diagonal = ouro_gmm_view(t->s, theta).diagonal;
    double top = -INFINITY, sum = 0;
    for (size_t c = 0; c < k; c++)
        if (like[c] > -INFINITY) top = fmax(top, v[c]);
    for (size_t c = 0; c < k; c++)
        if (like[c] > -INFINITY) sum += ouro_exp(v[c] - top);
    for (size_t c = 0; c < k; c++) {
        theta[c] = like[c] > -INFINITY ? v[c] - top - ouro_log(sum) : -INFINITY;
        for (size_t i = 0; i < d; i++) theta[k + c * d + i] = v[k + c * d + i] * t->unit[i];
    }
    for (size_t f = 0; f < t->s->factors; f++) {
        const double *at = v + k + k * d + f * t->s->len;
        double *L = theta + k + k * d + f * t->s->len;
        for (size_t i = 0; i < d; i++) {
            const size_t row = diagonal ? i : i * (i + 1) / 2;
            for (size_t j = 0; j < i && !diagonal; j++) L[row + j] = at[row + j] * t->unit[i];
            const size_t here = diagonal ? i : row + i;
            if (!(fabs(at[here]) < 690)) return 0;
            L[here] = ouro_exp(at[here]);
        }
    }
    for (size_t i = 0; i < t->len; i++)
        if (theta[i] != -INFINITY && !isfinite(theta[i])) return 0;
    return 1;
}

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Solves the normal equations of min |f - sum_i gamma_i df_i|, newest differences first, as many as are independent. */
static size_t solve(const fit *t, double gamma[WINDOW]) {
    double A[WINDOW][WINDOW], b[WINDOW];
    size_t m = 0;
    for (; m < t->kept; m++) { /* Cholesky, row by row; a pivot lost to rounding ends it */
        for (size_t j = 0; j <= m; j++) {
            A[m][j] = dot(t->len, t->df[m], t->df[j]);
            for (size_t l = 0; l < j; l++) A[m][j] -= A[m][l] * A[j][l];
            if (j < m) A[m][j] /= A[j][j];
        }
        if (!(A[m][m] > 1e-10 * dot(t->len, t->df[m], t->df[m]))) break;
        A[m][m] = sqrt(A[m][m]);
        b[m] = dot(t->len, t->df[m], t->f);
        for (size_t l = 0; l < m; l++) b[m] -= A[m][l] * b[l];
        b[m] /= A[m][m];
    }
    for (size_t i = m; i-- > 0;) {
        gamma[i] = b[i];
        for (size_t l = i + 1; l < m; l++) gamma[i] -= A[l][i] * gamma[l];
        gamma[i] /= A[i][i];
    }
    return m;
}

/* The next point by mixing: x + f - sum gamma (dx + df); the difference to the last point is kept, newest first. */
static void anderson(fit *t, double *out) {
    double gamma[WINDOW], *oldest_x = t->dx[WINDOW - 1], *oldest_f = t->df[WINDOW - 1];
    if (t->last_x[0] < INFINITY) {
        memmove(t->dx + 1, t->dx, (WINDOW - 1) * sizeof *t->dx);
        memmove(t->df + 1, t->df, (WINDOW - 1) * sizeof *t->df);
        t->dx[0] = oldest_x;
        t->df[0] = oldest_f;
        for (size_t i = 0; i < t->len; i++) {
            oldest_x[i] = t->x[i] - t->last_x[i];
            oldest_f[i] = t->f[i] - t->old[i];
        }
        if (t->kept < WINDOW) t->kept++;
    }
    memcpy(t->last_x, t->x, t->len * sizeof *t->x);
    memcpy(t->old, t->f, t->len * sizeof *t->f);
    const size_t m = solve(t, gamma);
    memcpy(out, t->g, t->len * sizeof *out);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < t->len; i++) out[i] -= gamma[j] * (t->dx[j][i] + t->df[j][i]);
}

static void forget(fit *t) {
    t->kept = 0;
    t->last_x[0] = INFINITY;
}

/* Every second step: x + 2 a f + a^2 v with v the change of f over one plain step and a = |f| / |v| (their scheme
 * S3). */
static int squarem(fit *t, double *out) {
    if (t->last_x[0] == INFINITY) {
        memcpy(t->last_x, t->x, t->len * sizeof *t->x);
        memcpy(t->old, t->f, t->len * sizeof *t->f);
        return 0;
    }
    double ff = dot(t->len, t->old, t->old), vv = 0;
    for (size_t i = 0; i < t->len; i++) vv += (t->f[i] - t->old[i]) * (t->f[i] - t->old[i]);
    const double a = fmax(1, sqrt(ff / vv));
    for (size_t i = 0; i < t->len; i++) out[i] = t->last_x[i] + 2 * a * t->old[i] + a * a * (t->f[i] - t->old[i]);
    forget(t);
    return isfinite(a);
}

/* The next point to look at, in theta; `plain` says that it is a plain step's. */
static int propose(fit *t, double *theta) {
    int plain = 1;
    if (t->o->algorithm != OURO_GMM_EM) {
        to_vector(t, theta, t->x);
        to_vector(t, t->next, t->g);
        for (size_t i = 0; i < t->len; i++) t->f[i] = t->g[i] - t->x[i];
        if (t->o->algorithm == OURO_GMM_ANDERSON) {
            anderson(t, t->x);
            plain = t->kept == 0 || !from_vector(t, t->x, t->next, theta);
        } else {
            plain = !squarem(t, t->x) || !from_vector(t, t->x, t->next, theta);
        }
    }
    if (plain) memcpy(theta, t->next, t->len * sizeof *theta);
    return plain;
}

/* The whole in the first component. */
static void one_for_all(const fit *t, double *theta) {
    const size_t k = t->s->k, d = t->s->d;
    for (size_t c = 0; c < k; c++) {
        theta[c] = c ? -INFINITY : 0;
        memcpy(theta + k + c * d, t->overall + 1, d * sizeof *theta);
    }
    for (size_t f = 0; f < t->s->factors; f++)
        memcpy(theta + k + k * d + f * t->s->len, t->overall + 1 + d, t->s->len * sizeof *theta);
}

static int within_reach(const fit *t, const double *theta) {
    for (size_t i = 0; i < t->len; i++)
        if (!isfinite(theta[i]) && !(i < t->s->k && theta[i] == -INFINITY)) return 0;
    return 1;
}

/* Whether a leap is to be given up: it lowers the likelihood, or loses a component, which may die of plain steps only.
 * With a floor or a prior plain steps may lower it as well; leaps then help less, but nothing else tells good from bad
 * as well. */
static int bad_leap(const fit *t, const ouro_gmm_step *step, double best) {
    if (step->died || step->alive == 0 || !within_reach(t, t->spare)) return 1;
    return !(t->sums.log_likelihood - best >= -1e-12 * fabs(best));
}

/* From theta to the fit in theta; the log likelihood before the last step, NaN where a step leaves the doubles. */
static double climb(fit *t, double *theta, ouro_fit_info *info) {
    double best = -INFINITY;
    int plain = 1;
    forget(t);
    memcpy(t->next, theta, t->len * sizeof *theta);
    info->converged = 0;
    for (info->iterations = 0; info->iterations < t->o->max_iter;) {
        const ouro_gaussians g = ouro_gmm_view(t->s, theta);
        ouro_mixture_pass(&g, t->rows, t->pass, &t->sums);
        info->iterations++;
        const ouro_gmm_step step = ouro_gmm_maximise(t->s, &t->rules, &t->sums, theta, t->step, t->spare);
        if (!plain && bad_leap(t, &step, best)) { /* back to the step before the leap */
            memcpy(theta, t->next, t->len * sizeof *theta);
            forget(t);
            plain = 1;
            continue;
        }
        if (step.alive && !within_reach(t, t->spare)) return NAN;
        double *made = t->spare;
        t->spare = t->next;
        t->next = made;
        best = t->sums.log_likelihood;
        info->floor_hits += step.floor_hits;
        if (step.alive == 0) one_for_all(t, t->next); /* none can live on its own: one takes all */
        if (step.alive == 0 || step.died) {           /* on from there */
            memcpy(theta, t->next, t->len * sizeof *theta);
            forget(t);
            plain = 1;
            continue;
        }
        if ((info->converged = step.residual <= t->o->tol)) break;
        plain = propose(t, theta);
    }
    memcpy(theta, t->next, t->len * sizeof *theta); /* a plain step's, never a leap that nobody has looked at */
    return best;
}

/* Weighted mean, from the differences to the first row: equal rows give their value. */
static double column_mean(const ouro_packed_rows *r, size_t j) {
    double sum[8] = {0};
    const double first = r->data[j * OURO_ROWS_BLOCK];
    for (size_t b = 0; b < r->blocks; b++) {
        const double *x = r->data + (b * (r->d + 1) + j) * OURO_ROWS_BLOCK;
        const double *weight = r->data + (b * (r->d + 1) + r->d) * OURO_ROWS_BLOCK;
        for (size_t i = 0; i < OURO_ROWS_BLOCK; i++) sum[i % 8] += weight[i] * (x[i] - first);
    }
    return first + (((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]))) / r->weight;
}

/* The mean of the rows and how far they reach from there in each column: one component that holds them all. Returns
 * whether some column does not move. */
static int around(const fit *t, const ouro_gmm_shape *one, double *overall, double *sd) {
    const size_t d = one->d;
    const int diagonal = ouro_gmm_view(one, overall).diagonal;
    double *mean = overall + 1, *factor = mean + d, farthest = 0;
    int flat = 0;
    memset(overall, 0, ouro_gmm_theta_len(one) * sizeof *overall);
    if (t->rows->blocks == 0) return 1;
    for (size_t j = 0; j < d; j++) {
        double reach = 0;
        mean[j] = column_mean(t->rows, j);
        for (size_t b = 0; b < t->rows->blocks; b++)
            for (size_t i = 0; i < OURO_ROWS_BLOCK; i++)
                reach = fmax(reach, fabs(t->rows->data[(b * (d + 1) + j) * OURO_ROWS_BLOCK + i] - mean[j]));
        flat |= reach == 0;
        sd[j] = reach > 0 ? reach : 1;
        farthest = fmax(farthest, reach);
        factor[diagonal ? j : j * (j + 1) / 2 + j] = sd[j];
    }
    for (size_t j = 0; j < d && one->type == OURO_GMM_SPHERICAL; j++) factor[j] = farthest > 0 ? farthest : 1;
    return flat;
}

/* One component on everything, of the same kind: two steps from around. 0 when the rows span no volume and no floor
 * makes up for it; an axis thinner than some 1e-8 of the others, whose square is lost beside theirs, counts as none.
 * overall[1 + d + len], sd[d]. */
static int whole(fit *t, double *overall, double *sd) {
    const ouro_gmm_shape one = ouro_gmm_shape_of(1, t->s->d, t->s->type);
    const size_t d = one.d;
    const ouro_gmm_rules rules = {.reg = t->o->reg_covar, .each = t->rules.each};
    double *factor = overall + 1 + d;
    const int diagonal = ouro_gmm_view(&one, overall).diagonal;
    const int flat = around(t, &one, overall, sd);
    if (t->rows->blocks == 0 || (flat && rules.reg == 0 && one.type != OURO_GMM_SPHERICAL)) return 0;
    for (int round = 0; round < 2; round++) {
        const ouro_gaussians g = ouro_gmm_view(&one, overall);
        ouro_mixture_pass(&g, t->rows, t->pass, &t->sums);
        const ouro_gmm_step step = ouro_gmm_maximise(&one, &rules, &t->sums, overall, t->step, t->next);
        if (step.alive == 0) return 0;
        memcpy(overall, t->next, ouro_gmm_theta_len(&one) * sizeof *overall);
        overall[0] = 0;
    }
    for (size_t j = 0; j < d; j++) {
        double square = 0;
        for (size_t l = 0; l <= j && !diagonal; l++)
            square += factor[j * (j + 1) / 2 + l] * factor[j * (j + 1) / 2 + l];
        sd[j] = diagonal ? factor[j] : sqrt(square);
    }
    return 1;
}

/* The scale of the prior of covariances: that of the whole over k^(2/d), as covariances or variances. */
static void set_prior(fit *t, double *lambda) {
    const size_t d = t->s->d;
    const double by = ouro_exp(-2 / (double)d * ouro_log((double)t->s->k)), *L = t->overall + 1 + d;
    const int diagonal = ouro_gmm_view(t->s, t->overall).diagonal;
    t->rules.alpha = t->o->weight_prior;
    t->rules.kappa = t->o->mean_prior;
    t->rules.nu = t->o->covariance_prior;
    t->rules.centre = t->overall + 1;
    t->rules.lambda = lambda;
    for (size_t i = 0; i < d; i++) {
        if (diagonal) lambda[i] = by * L[i] * L[i];
        for (size_t j = 0; j <= i && !diagonal; j++) {
            double sum = 0;
            for (size_t l = 0; l <= j; l++) sum += L[i * (i + 1) / 2 + l] * L[j * (j + 1) / 2 + l];
            lambda[i * (i + 1) / 2 + j] = by * sum;
        }
    }
}

static double *room(ouro_arena *tmp, size_t n, int *ret) {
    double *at = ouro_arena_alloc(tmp, n, sizeof *at);
    if (!at) *ret = OURO_ENOMEM;
    return at;
}

static int make_room(fit *t, ouro_arena *tmp) {
    const size_t k = t->s->k, d = t->s->d;
    int ret = OURO_OK;
    t->len = ouro_gmm_theta_len(t->s);
    t->sums.N = room(tmp, k, &ret);
    t->sums.m = room(tmp, k * d, &ret);
    t->sums.S = room(tmp, k * ouro_factor_len(d, 0), &ret);
    t->pass = room(tmp, ouro_mixture_scratch(k, d), &ret);
    t->step = room(tmp, ouro_gmm_step_scratch(t->s), &ret);
    t->x = room(tmp, t->len, &ret);
    t->g = room(tmp, t->len, &ret);
    t->f = room(tmp, t->len, &ret);
    t->old = room(tmp, t->len, &ret);
    t->last_x = room(tmp, t->len, &ret);
    t->next = room(tmp, t->len, &ret);
    t->spare = room(tmp, t->len, &ret);
    for (int i = 0; i < WINDOW; i++) {
        t->dx[i] = room(tmp, t->len, &ret);
        t->df[i] = room(tmp, t->len, &ret);
    }
    return ret;
}

static size_t alive(const ouro_gmm_shape *s, const double *theta) {
    size_t sum = 0;
    for (size_t c = 0; c < s->k; c++) sum += theta[c] > -INFINITY;
    return sum;
}

/* The best fit into theta, which is where a warm one begins: anew too when it cannot even see the rows from there, as
 * from a model that was a point. */
static int search(fit *t, int warm, const ouro_address *address, ouro_arena *tmp, double *theta, ouro_fit_info *info) {
    int ret = OURO_OK;
    const int init = t->o->init == OURO_GMM_RANDOM ? OURO_GMM_RANDOM : OURO_GMM_KMEANS;
    double best = NAN, *trial = room(tmp, t->len, &ret);
    ouro_stream stream;
    if (ret || (warm && !isnan(climb(t, theta, info)))) return ret;
    ouro_stream_open(&stream, address);
    for (uint64_t i = 0; i < t->o->n_init; i++) {
        ouro_fit_info now = {0};
        OURO_TRY(ouro_gmm_start(t->s, init, t->rows, t->unit, &stream, tmp, trial));
        const double value = climb(t, trial, &now);
        now.iterations += info->iterations;
        info->iterations = now.iterations;
        if (isnan(value) || value <= best) continue;
        best = value;
        *info = now;
        memcpy(theta, trial, t->len * sizeof *theta);
    }
    if (isnan(best)) one_for_all(t, theta);
out:
    return ret;
}

int ouro_gmm_fit(const ouro_gmm *o, const ouro_gmm_shape *s, const ouro_packed_rows *rows, int warm,
                 const ouro_address *address, ouro_arena *tmp, double *theta, ouro_fit_info *info) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    fit t = {.o = o, .s = s, .rows = rows};
    int ret = make_room(&t, tmp);
    double *overall = room(tmp, 1 + s->d + ouro_factor_len(s->d, 0), &ret), *sd = room(tmp, s->d, &ret);
    double *lambda = room(tmp, ouro_factor_len(s->d, 0), &ret);
    const size_t before = warm ? alive(s, theta) : s->k;
    *info = (ouro_fit_info){0};
    if (ret) goto out;
    t.overall = overall;
    t.unit = sd;
    t.rules = (ouro_gmm_rules){.reg = o->reg_covar, .each = rows->weight / rows->n};
    if (whole(&t, overall, sd)) {
        set_prior(&t, lambda);
        OURO_TRY(search(&t, warm, address, tmp, theta, info));
    } else {
        memset(overall + 1 + s->d, 0, s->len * sizeof *overall); /* axes of nothing */
        one_for_all(&t, theta);
        *info = (ouro_fit_info){.converged = 1, .absorbed = 1};
    }
    info->died = before > alive(s, theta) ? before - alive(s, theta) : 0;
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}
