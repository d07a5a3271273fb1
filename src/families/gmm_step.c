/* gmm_step.c: the maximisation of expectation-maximisation, in the axes of each component.
 *
 * With y the whitened rows and m = sum r y / N, S = sum r y y' / N, the new mean is mean + L m and the new covariance
 * L (S - m m') L' = (L C)(L C)' with C the Cholesky factor of S - m m', near the identity once the fit settles. No
 * covariance is formed then. A floor or a prior adds to the covariance itself: with those it is formed, and factored.
 *
 * The priors are conjugate (Fraley and Raftery 2007): Dirichlet on the weights, mean_c ~ N(centre, Sigma_c / kappa) and
 * Sigma_c ~ inverse Wishart(nu, Lambda). The mode, with n = N in points, g = ybar - centre, W_c the centred squares:
 *   mean_c  = (n ybar + kappa centre) / (n + kappa)
 *   Sigma_c = (Lambda + n kappa / (n + kappa) g g' + W_c) / (n + [kappa > 0] + [nu > 0] (nu + d + 1))
 * Tied: sums over components above and [kappa > 0] k below. Diagonal: the same with d = 1 for each axis. Spherical: the
 * sum over axes, below n d + [kappa > 0] d + [nu > 0] (nu + 2). */
#include "core/kernels.h"
#include "core/lower.h"
#include "gmm.h"
#include <float.h>
#include <math.h>
#include <string.h>

ouro_gmm_shape ouro_gmm_shape_of(size_t k, size_t d, int type) {
    const int diagonal = type == OURO_GMM_DIAG || type == OURO_GMM_SPHERICAL;
    return (ouro_gmm_shape){k, d, ouro_factor_len(d, diagonal), type == OURO_GMM_TIED ? 1 : k, type};
}

ouro_gaussians ouro_gmm_view(const ouro_gmm_shape *s, const double *theta) {
    return (ouro_gaussians){.k = s->k,
                            .d = s->d,
                            .diagonal = s->type == OURO_GMM_DIAG || s->type == OURO_GMM_SPHERICAL,
                            .tied = s->type == OURO_GMM_TIED,
                            .log_weight = theta,
                            .mean = theta + s->k,
                            .factor = theta + s->k + s->k * s->d};
}

static size_t at(size_t i, size_t j) { return ouro_lower_at(i, j); }

/* One step in the making. */
typedef struct making {
    const ouro_gmm_shape *s;
    const ouro_gmm_rules *r;
    ouro_gmm_step *step;
    double *m, *gap, *C, *scratch; /* [d], [d], [len], for lower.h */
} making;

static void moved(const making *k, double by) { k->step->residual = fmax(k->step->residual, fabs(by)); }
static int formed(const ouro_gmm_rules *r) { return r->reg > 0 || r->kappa > 0 || r->nu > 0; }

/* Points that a component needs for a covariance of its own; a shared one, a floor or a prior asks for no more than
 * some. */
static double fewest(const making *k) {
    const ouro_gmm_shape *s = k->s;
    if (k->r->nu > 0 && k->r->alpha > 0) return 0;
    if (k->r->nu > 0 || k->r->reg > 0) return 1e-9;
    return s->type == OURO_GMM_FULL ? (double)s->d + 1 : s->type == OURO_GMM_TIED ? 1 : 2;
}

/* What a conjugate prior adds below the fraction of a covariance, d being that of its Wishart distribution. */
static double prior_points(const ouro_gmm_rules *r, double means, double d) {
    return (r->kappa > 0 ? means : 0) + (r->nu > 0 ? r->nu + d + 1 : 0);
}

/* The new mean into out: mean + L m, drawn towards the centre. gap becomes ybar - centre where there is one. A change
 * in the last digits of all coordinates is none: a needle may be thinner than these are. */
static void move_mean(const making *k, const double *mean, const double *L, int diagonal, double n, double *out) {
    const size_t d = k->s->d;
    const ouro_gmm_rules *r = k->r;
    int still = 1;
    for (size_t i = 0; i < d; i++) {
        double sum = diagonal ? L[i] * k->m[i] : 0;
        for (size_t j = 0; j <= i && !diagonal; j++) sum += L[at(i, j)] * k->m[j];
        out[i] = mean[i] + sum;
        still &= fabs(sum) <= 4 * DBL_EPSILON * fabs(mean[i]);
        if (!(r->kappa > 0)) continue;
        k->gap[i] = out[i] - r->centre[i];
        out[i] = r->centre[i] + n / (n + r->kappa) * k->gap[i];
    }
    for (size_t i = 0; i < d && !(r->kappa > 0) && !still; i++) moved(k, k->m[i]);
    for (size_t i = 0; i < d && r->kappa > 0; i++) { /* L z = the change */
        double z = out[i] - mean[i];
        for (size_t j = 0; j < i && !diagonal; j++) z -= L[at(i, j)] * k->scratch[j];
        k->scratch[i] = z / L[diagonal ? i : at(i, i)];
        moved(k, k->scratch[i]);
    }
}

/* C += n kappa / (n + kappa) gap gap' */
static void add_gap(const making *k, double n, int diagonal, double *C) {
    const double by = k->r->kappa > 0 ? n * k->r->kappa / (n + k->r->kappa) : 0;
    for (size_t i = 0; i < k->s->d && by > 0; i++) {
        if (diagonal) {
            C[i] += by * k->gap[i] * k->gap[i];
            continue;
        }
        for (size_t j = 0; j <= i; j++) C[at(i, j)] += by * k->gap[i] * k->gap[j];
    }
}

/* C, at first the whitened S - m m', becomes the new factor; 0 when that is singular. */
static int plain_factor(const making *k, const double *L, double *C) {
    if (!ouro_lower_cholesky(k->s->d, C, k->scratch)) return 0;
    for (size_t i = 0; i < k->s->d; i++)
        for (size_t j = 0; j <= i; j++) moved(k, C[at(i, j)] - (i == j));
    ouro_lower_product(k->s->d, L, C);
    return 1;
}

/* C, at first the new covariance without its floor, becomes its factor. */
static int formed_factor(const making *k, const double *L, double *C, double *out) {
    const size_t d = k->s->d;
    const double reg = k->r->reg;
    if (reg > 0) { /* what there is without the floor */
        double least = INFINITY;
        memcpy(out, C, k->s->len * sizeof *C);
        if (!ouro_lower_cholesky(d, out, k->scratch)) least = 0;
        for (size_t i = 0; i < d && least > 0; i++) least = fmin(least, out[at(i, i)] * out[at(i, i)]);
        k->step->floor_hits += least <= reg;
    }
    for (size_t i = 0; i < d; i++) C[at(i, i)] += reg;
    if (!ouro_lower_cholesky(d, C, k->scratch)) return 0;
    memcpy(out, C, k->s->len * sizeof *C);
    ouro_lower_solve(d, L, C);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) moved(k, C[at(i, j)] - (i == j));
    return 1;
}

/* The factor of a full component of n points from its S, with m the mean of y. */
static int full_factor(const making *k, double N, double n, const double *S, const double *L, double *out) {
    const ouro_gmm_shape *s = k->s;
    double *C = k->C;
    for (size_t i = 0; i < s->d; i++)
        for (size_t j = 0; j <= i; j++) C[at(i, j)] = N > 0 ? S[at(i, j)] / N - k->m[i] * k->m[j] : 0;
    if (!formed(k->r)) {
        if (!plain_factor(k, L, C)) return 0;
        memcpy(out, C, s->len * sizeof *C);
        return 1;
    }
    const double all = n + prior_points(k->r, 1, (double)s->d);
    ouro_lower_sandwich(s->d, L, C, k->scratch);
    for (size_t i = 0; i < s->len; i++) C[i] = n * C[i] + (k->r->nu > 0 ? k->r->lambda[i] : 0);
    add_gap(k, n, 0, C);
    for (size_t i = 0; i < s->len; i++) C[i] /= all;
    return formed_factor(k, L, C, out);
}

/* Variances of a diagonal or spherical component over what they were: plain ones, so that none underflows. */
static int plain_axes(const making *k, double N, const double *S, const double *sd, double *out) {
    const size_t d = k->s->d;
    double *V = k->C, mean = 0;
    for (size_t i = 0; i < d; i++) {
        V[i] = S[i] / N - k->m[i] * k->m[i];
        mean += fmax(V[i], 0) / (double)d;
    }
    for (size_t i = 0; i < d; i++) {
        const double v = k->s->type == OURO_GMM_SPHERICAL ? mean : V[i];
        if (!(v > 4 * DBL_EPSILON)) return 0;
        out[i] = sqrt(v) * sd[i];
        moved(k, sqrt(v) - 1);
    }
    return 1;
}

/* The same with a floor or a prior; 0 when one is nothing. */
static int formed_axes(const making *k, double N, double n, const double *S, const double *sd, double *out) {
    const ouro_gmm_rules *r = k->r;
    const size_t d = k->s->d;
    const int sphere = k->s->type == OURO_GMM_SPHERICAL;
    const double size = sphere ? (double)d : 1, all = n * size + prior_points(r, size, 1);
    double *V = k->C, sum = r->nu > 0 ? r->lambda[0] / all : 0;
    int hit = 0;
    for (size_t i = 0; i < d; i++) V[i] = N > 0 ? fmax(S[i] / N - k->m[i] * k->m[i], 0) * sd[i] * sd[i] * n : 0;
    add_gap(k, n, 1, V);
    for (size_t i = 0; i < d; i++) sum += V[i] / all;
    for (size_t i = 0; i < d; i++) {
        const double v = sphere ? sum : (V[i] + (r->nu > 0 ? r->lambda[i] : 0)) / all;
        hit |= r->reg > 0 && v <= r->reg;
        out[i] = sqrt(v + r->reg);
        if (!(out[i] > 0)) return 0;
        moved(k, out[i] / sd[i] - 1);
    }
    k->step->floor_hits += (uint64_t)hit;
    return 1;
}

/* One covariance for all: what remains of S after the components' own means, each with its share of the weight. */
static int tied_factor(const making *k, const ouro_mixture_sums *sums, double W, const ouro_gaussians *g, double *out) {
    const ouro_gmm_shape *s = k->s;
    double *C = k->C, *m = k->m;
    const double n = W / k->r->each, all = n + prior_points(k->r, (double)s->k, (double)s->d);
    for (size_t i = 0; i < s->len; i++) C[i] = sums->S[i] / W;
    for (size_t c = 0; c < s->k; c++) {
        if (!(sums->N[c] > 0)) continue;
        for (size_t i = 0; i < s->d; i++) m[i] = sums->m[c * s->d + i] / sums->N[c];
        for (size_t i = 0; i < s->d; i++)
            for (size_t j = 0; j <= i; j++) C[at(i, j)] -= sums->N[c] / W * m[i] * m[j];
    }
    if (!formed(k->r)) {
        if (!plain_factor(k, g->factor, C)) return 0;
        memcpy(out, C, s->len * sizeof *C);
        return 1;
    }
    ouro_lower_sandwich(s->d, g->factor, C, k->scratch);
    for (size_t i = 0; i < s->len; i++) C[i] = n * C[i] + (k->r->nu > 0 ? k->r->lambda[i] : 0);
    for (size_t c = 0; c < s->k && k->r->kappa > 0; c++) {
        if (!(sums->N[c] > 0)) continue;
        for (size_t i = 0; i < s->d; i++) {
            k->gap[i] = g->mean[c * s->d + i] - k->r->centre[i];
            for (size_t j = 0; j <= i; j++) k->gap[i] += g->factor[at(i, j)] * sums->m[c * s->d + j] / sums->N[c];
        }
        add_gap(k, sums->N[c] / k->r->each, 0, C);
    }
    for (size_t i = 0; i < s->len; i++) C[i] /= all;
    return formed_factor(k, g->factor, C, out);
}

size_t ouro_gmm_step_scratch(const ouro_gmm_shape *s) {
    return 2 * s->d + ouro_factor_len(s->d, 0) + ouro_lower_scratch(s->d);
}

/* Weights from what each component has, dead where that is nothing. */
static void weigh(const making *k, const double *log_weight, double left, double *out) {
    for (size_t c = 0; c < k->s->k && k->step->alive; c++) {
        if (log_weight[c] == -INFINITY) continue;
        const double share = out[c] / left;
        moved(k, share - ouro_exp(log_weight[c]));
        out[c] = share > 0 ? ouro_log(share) : -INFINITY;
    }
}

ouro_gmm_step ouro_gmm_maximise(const ouro_gmm_shape *s, const ouro_gmm_rules *rules, const ouro_mixture_sums *sums,
                                const double *theta, double *scratch, double *out) {
    const ouro_gaussians g = ouro_gmm_view(s, theta);
    const size_t d = s->d;
    double *mean = out + s->k, *factor = mean + s->k * d, W = 0, left = 0;
    ouro_gmm_step step = {0};
    const making k = {s, rules, &step, scratch, scratch + d, scratch + 2 * d, scratch + 2 * d + ouro_factor_len(d, 0)};
    for (size_t c = 0; c < s->k; c++) W += sums->N[c];
    memcpy(out, theta, ouro_gmm_theta_len(s) * sizeof *out);
    if (g.tied && !tied_factor(&k, sums, W, &g, factor)) return step; /* alive 0: no volume */
    for (size_t c = 0; c < s->k; c++) {
        const double *L = g.factor + (g.tied ? 0 : c * s->len), N = sums->N[c], n = N / rules->each;
        double *own = factor + (g.tied ? 0 : c * s->len);
        if (g.log_weight[c] == -INFINITY) continue;
        int lives = n >= fewest(&k);
        if (lives) {
            for (size_t i = 0; i < d; i++) k.m[i] = N > 0 ? sums->m[c * d + i] / N : 0;
            move_mean(&k, g.mean + c * d, L, g.diagonal, n, mean + c * d);
            if (!g.tied)
                lives = !g.diagonal     ? full_factor(&k, N, n, sums->S + c * s->len, L, own)
                        : formed(rules) ? formed_axes(&k, N, n, sums->S + c * s->len, L, own)
                                        : plain_axes(&k, N, sums->S + c * s->len, L, own);
        }
        if (!lives) { /* as it was, but for its weight */
            memcpy(mean + c * d, g.mean + c * d, d * sizeof *mean);
            if (!g.tied) memcpy(own, L, s->len * sizeof *own);
        }
        out[c] = lives ? n + rules->alpha : 0;
        left += out[c];
        step.alive += (size_t)lives;
        step.died += (size_t)!lives;
    }
    weigh(&k, g.log_weight, left, out);
    return step;
}
