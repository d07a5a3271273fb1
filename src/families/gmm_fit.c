/* gmm_fit.c: expectation-maximisation until the model stops moving.
 *
 * A step costs a pass over the rows and gains a constant factor, near one where components overlap; a run is therefore
 * accelerated by Anderson's mixing over the last five steps (Walker and Ni 2011; Henderson and Varadhan 2019 for EM), or
 * by SQUAREM (Varadhan and Roland 2008), in log weights, means in units of the whole, and factors with logarithms on
 * the diagonal. A point that lowers the likelihood is given up for the plain step that preceded it. The fit ends when a
 * plain step moves no parameter by more than tol in its component's own axes; stopping on a likelihood difference would
 * end far from the maximum, and the drift of a chain of warm fits would be several times too slow. The last step is a plain
 * one: overall mean and covariance of the model are then those of the rows. */
#include "../core/kernels.h"
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
    double *pass, *step;                   /* scratch */
    const double *overall;                 /* one component on everything, as a theta */
    const double *unit;                    /* [d]: standard deviations of the whole */
    size_t len;                            /* of theta and of a vector */
    double *x, *g, *f;                     /* vectors: the point, its image, the difference */
    double *dx[WINDOW], *df[WINDOW], *old; /* differences of points and of f, and the last f */
    double *next;                          /* theta after a plain step */
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

/* Every second step: x + 2 a f + a^2 v with v the change of f over one plain step and a = |f| / |v| (their scheme S3). */
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

/* From theta to the fit in theta; the log likelihood before the last step. */
static double climb(fit *t, double *theta, ouro_fit_info *info) {
    double best = -INFINITY;
    int plain = 1;
    forget(t);
    info->converged = 0;
    for (info->iterations = 0; info->iterations < t->o->max_iter;) {
        const ouro_gaussians g = ouro_gmm_view(t->s, theta);
        ouro_mixture_pass(&g, t->rows, t->pass, &t->sums);
        info->iterations++;
        const double gain = t->sums.log_likelihood - best;
        if (!plain && !(gain >= -1e-12 * fabs(best))) { /* back to the step before the leap */
            memcpy(theta, t->next, t->len * sizeof *theta);
            forget(t);
            plain = 1;
            continue;
        }
        best = t->sums.log_likelihood;
        const ouro_gmm_step step = ouro_gmm_maximise(t->s, t->o->reg_covar, &t->sums, theta, t->step, t->next);
        info->floor_hits += step.floor_hits;
        if (step.alive == 0) { /* none can live on its own: one takes all */
            one_for_all(t, t->next);
            forget(t);
            best = -INFINITY;
            memcpy(theta, t->next, t->len * sizeof *theta);
            plain = 1;
            continue;
        }
        if (step.died) {
            forget(t);
            best = -INFINITY;
            memcpy(theta, t->next, t->len * sizeof *theta);
            plain = 1;
            continue;
        }
        if ((info->converged = step.residual <= t->o->tol)) break;
        plain = propose(t, theta);
    }
    memcpy(theta, t->next, t->len * sizeof *theta); /* a plain step's, never a leap that nobody has looked at */
    return best;
}

/* One component on everything, of the same kind: two steps from the first row in units of the columns' reach. 0 when the
 * rows span no volume. overall[1 + d + len]. */
static int whole(fit *t, double *overall, double *sd) {
    const ouro_gmm_shape one = ouro_gmm_shape_of(1, t->s->d, t->s->type);
    const size_t d = one.d;
    double *mean = overall + 1, *factor = mean + d;
    const int diagonal = ouro_gmm_view(&one, overall).diagonal;
    memset(overall, 0, ouro_gmm_theta_len(&one) * sizeof *overall);
    int flat = 0;
    for (size_t j = 0; j < d; j++) {
        double reach = 0;
        mean[j] = t->rows->data[j * OURO_ROWS_BLOCK];
        for (size_t b = 0; b < t->rows->blocks; b++)
            for (size_t i = 0; i < OURO_ROWS_BLOCK; i++)
                reach = fmax(reach, fabs(t->rows->data[(b * (d + 1) + j) * OURO_ROWS_BLOCK + i] - mean[j]));
        flat |= reach == 0;
        sd[j] = reach > 0 ? reach : 1;
        factor[diagonal ? j : j * (j + 1) / 2 + j] = sd[j];
    }
    for (int round = 0; round < 2 && !(flat && t->o->reg_covar == 0); round++) {
        const ouro_gaussians g = ouro_gmm_view(&one, overall);
        ouro_mixture_pass(&g, t->rows, t->pass, &t->sums);
        const ouro_gmm_step step = ouro_gmm_maximise(&one, t->o->reg_covar, &t->sums, overall, t->step, t->next);
        if (step.alive == 0) flat = 1;
        if (flat && t->o->reg_covar == 0) break;
        memcpy(overall, t->next, ouro_gmm_theta_len(&one) * sizeof *overall);
        overall[0] = 0;
    }
    for (size_t j = 0; j < d && !flat; j++) {
        double square = 0;
        for (size_t l = 0; l <= j && !diagonal; l++)
            square += factor[j * (j + 1) / 2 + l] * factor[j * (j + 1) / 2 + l];
        sd[j] = diagonal ? factor[j] : sqrt(square);
    }
    return !(flat && t->o->reg_covar == 0);
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
    t->next = room(tmp, t->len + 1 + d + ouro_factor_len(d, 0), &ret);
    for (int i = 0; i < WINDOW; i++) {
        t->dx[i] = room(tmp, t->len, &ret);
        t->df[i] = room(tmp, t->len, &ret);
    }
    return ret;
}

int ouro_gmm_fit(const ouro_gmm *o, const ouro_gmm_shape *s, const ouro_packed_rows *rows, int warm,
                 const ouro_address *address, ouro_arena *tmp, double *theta, ouro_fit_info *info) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    fit t = {.o = o, .s = s, .rows = rows};
    int ret = make_room(&t, tmp);
    double *overall = room(tmp, 1 + s->d + ouro_factor_len(s->d, 0), &ret), *sd = room(tmp, s->d, &ret);
    double *trial = room(tmp, t.len, &ret), best = -INFINITY;
    ouro_stream stream;
    *info = (ouro_fit_info){0};
    if (ret) goto out;
    t.overall = overall;
    t.unit = sd;
    if (!whole(&t, overall, sd)) {
        memset(overall + 1 + s->d, 0, s->len * sizeof *overall); /* axes of nothing */
        one_for_all(&t, theta);
        *info = (ouro_fit_info){.converged = 1, .absorbed = 1};
        goto out;
    }
    if (!warm) ouro_stream_open(&stream, address);
    for (uint64_t i = 0; i < (warm ? 1 : o->n_init); i++) {
        ouro_fit_info now = {0};
        memcpy(trial, theta, t.len * sizeof *trial);
        if (!warm)
            OURO_TRY(ouro_gmm_start(s, o->init == OURO_GMM_RANDOM ? o->init : OURO_GMM_KMEANS, rows, sd, &stream, tmp,
                                    trial));
        const double value = climb(&t, trial, &now);
        now.iterations += info->iterations;
        if (i && !(value > best)) {
            info->iterations = now.iterations;
            continue;
        }
        best = value;
        *info = now;
        memcpy(theta, trial, t.len * sizeof *theta);
    }
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}
