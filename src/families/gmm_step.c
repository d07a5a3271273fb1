/* gmm_step.c: the maximisation of expectation-maximisation, in the axes of each component.
 *
 * With y the whitened rows and m = sum r y / N, S = sum r y y' / N, the new mean is mean + L m and the new covariance
 * L (S - m m') L' = (L C)(L C)' with C the Cholesky factor of S - m m', near the identity once the fit settles. */
#include "../core/kernels.h"
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

static size_t at(size_t i, size_t j) { return i * (i + 1) / 2 + j; }

/* Lower Cholesky factor of A, in place, rows packed; 0 when a pivot is no more than rounding leaves of a zero. */
static int cholesky(size_t d, double *A) {
    for (size_t i = 0; i < d; i++) {
        const double whole = A[at(i, i)];
        for (size_t j = 0; j <= i; j++) {
            double sum = A[at(i, j)];
            for (size_t l = 0; l < j; l++) sum -= A[at(i, l)] * A[at(j, l)];
            if (j < i) {
                A[at(i, j)] = sum / A[at(j, j)];
                continue;
            }
            if (!(sum > 4 * DBL_EPSILON * (double)d * whole)) return 0;
            A[at(i, i)] = sqrt(sum);
        }
    }
    return 1;
}

double ouro_gmm_logdet(size_t d, double *A) {
    double sum = 0;
    if (!cholesky(d, A)) return -INFINITY;
    for (size_t i = 0; i < d; i++) sum += 2 * log(A[at(i, i)]);
    return sum;
}

/* out = L C, lower triangles; out may be C. */
static void product(size_t d, const double *L, const double *C, double *out) {
    for (size_t i = d; i-- > 0;)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t l = j; l <= i; l++) sum += L[at(i, l)] * C[at(l, j)];
            out[at(i, j)] = sum;
        }
}

/* Lower triangle of F F' + reg I into A. */
static void square(size_t d, const double *F, double reg, double *A) {
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = i == j ? reg : 0;
            for (size_t l = 0; l <= j; l++) sum += F[at(i, l)] * F[at(j, l)];
            A[at(i, j)] = sum;
        }
}

/* The factor of L (C C') L' + reg I, where C is at first S - m m'; 0 when that is singular. Notes change and floor. */
static int full_factor(size_t d, double reg, const double *L, double *C, double *out, ouro_gmm_step *step) {
    if (!cholesky(d, C)) {
        if (!(reg > 0)) return 0;
        memset(C, 0, d * (d + 1) / 2 * sizeof *C); /* nothing but the floor is left of it */
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) step->residual = fmax(step->residual, fabs(C[at(i, j)] - (i == j)));
    product(d, L, C, C);
    memcpy(out, C, d * (d + 1) / 2 * sizeof *C);
    if (reg > 0) {
        double least = INFINITY;
        for (size_t i = 0; i < d; i++) least = fmin(least, C[at(i, i)] * C[at(i, i)]);
        step->floor_hits += least <= reg;
        square(d, C, reg, out);
        if (!cholesky(d, out)) return 0;
        step->residual = least <= reg ? 0 : step->residual;
        for (size_t i = 0; i < d && least <= reg; i++) /* at the floor the old and new axes tell what still moves */
            for (size_t j = 0; j <= i; j++)
                step->residual = fmax(step->residual, fabs(out[at(i, j)] - L[at(i, j)]) / out[at(i, i)]);
    }
    return 1;
}

/* Standard deviations of a diagonal or spherical component; 0 when one is nothing. V[i] is S_ii - m_i^2. */
static int diagonal_factor(const ouro_gmm_shape *s, double reg, const double *sd, double *V, double *out,
                           ouro_gmm_step *step) {
    double mean = 0;
    for (size_t i = 0; i < s->d; i++) {
        V[i] = fmax(V[i], 0) * sd[i] * sd[i];
        mean += V[i] / (double)s->d;
    }
    int hit = 0;
    for (size_t i = 0; i < s->d; i++) {
        const double v = s->type == OURO_GMM_SPHERICAL ? mean : V[i];
        hit |= reg > 0 && v <= reg;
        out[i] = sqrt(v + reg);
        if (!(out[i] > 1e-150) || (reg == 0 && v <= 4 * DBL_EPSILON * sd[i] * sd[i])) return 0;
        step->residual = fmax(step->residual, fabs(out[i] / sd[i] - 1));
    }
    step->floor_hits += (uint64_t)hit;
    return 1;
}

/* S / N - m m' in place of S; m is already a mean. */
static void centre(const ouro_gmm_shape *s, double N, const double *m, double share, double *S, int diagonal) {
    for (size_t i = 0; i < s->d; i++) {
        if (diagonal) {
            S[i] = S[i] / N - share * m[i] * m[i];
            continue;
        }
        for (size_t j = 0; j <= i; j++) S[at(i, j)] = S[at(i, j)] / N - share * m[i] * m[j];
    }
}

/* mean + L m */
static void move_mean(const ouro_gmm_shape *s, const double *mean, const double *L, int diagonal, const double *m,
                      double *out, ouro_gmm_step *step) {
    for (size_t i = 0; i < s->d; i++) {
        double sum = diagonal ? L[i] * m[i] : 0;
        for (size_t j = 0; j <= i && !diagonal; j++) sum += L[at(i, j)] * m[j];
        out[i] = mean[i] + sum;
        step->residual = fmax(step->residual, fabs(m[i]));
    }
}

/* Points that a component needs for a covariance of its own; a shared one, or a floor, asks for no more than some. */
static double fewest(const ouro_gmm_shape *s, double reg) {
    if (reg > 0) return 1e-9;
    return s->type == OURO_GMM_FULL ? (double)s->d + 1 : s->type == OURO_GMM_TIED ? 1 : 2;
}

size_t ouro_gmm_step_scratch(const ouro_gmm_shape *s) { return s->d + ouro_factor_len(s->d, 0); }

/* One covariance for all: what remains of S after the components' own means, each with its share of the weight. */
static int tied_factor(const ouro_gmm_shape *s, double reg, const ouro_mixture_sums *sums, double W, const double *L,
                       double *scratch, double *out, ouro_gmm_step *step) {
    double *m = scratch, *C = scratch + s->d;
    memcpy(C, sums->S, s->len * sizeof *C);
    for (size_t i = 0; i < s->len; i++) C[i] /= W;
    for (size_t c = 0; c < s->k; c++) {
        if (!(sums->N[c] > 0)) continue;
        for (size_t i = 0; i < s->d; i++) m[i] = sums->m[c * s->d + i] / sums->N[c];
        for (size_t i = 0; i < s->d; i++)
            for (size_t j = 0; j <= i; j++) C[at(i, j)] -= sums->N[c] / W * m[i] * m[j];
    }
    return full_factor(s->d, reg, L, C, out, step);
}

ouro_gmm_step ouro_gmm_maximise(const ouro_gmm_shape *s, double reg, const ouro_mixture_sums *sums, const double *theta,
                                double *scratch, double *out) {
    const ouro_gaussians g = ouro_gmm_view(s, theta);
    double *mean = out + s->k, *factor = mean + s->k * s->d, *m = scratch, *C = scratch + s->d, W = 0, left = 0;
    ouro_gmm_step step = {0};
    for (size_t c = 0; c < s->k; c++) W += sums->N[c];
    memcpy(out, theta, ouro_gmm_theta_len(s) * sizeof *out);
    if (g.tied && !tied_factor(s, reg, sums, W, g.factor, scratch, factor, &step)) return step; /* alive 0: no volume */
    for (size_t c = 0; c < s->k; c++) {
        const double *L = g.factor + (g.tied ? 0 : c * s->len), N = sums->N[c];
        if (g.log_weight[c] == -INFINITY) continue;
        int lives = N >= fewest(s, reg);
        if (lives) {
            for (size_t i = 0; i < s->d; i++) m[i] = sums->m[c * s->d + i] / N;
            move_mean(s, g.mean + c * s->d, L, g.diagonal, m, mean + c * s->d, &step);
            if (!g.tied) {
                memcpy(C, sums->S + c * s->len, s->len * sizeof *C);
                centre(s, N, m, 1, C, g.diagonal);
                lives = g.diagonal ? diagonal_factor(s, reg, L, C, factor + c * s->len, &step)
                                   : full_factor(s->d, reg, L, C, factor + c * s->len, &step);
            }
        }
        if (!lives) { /* as it was, but for its weight */
            memcpy(mean + c * s->d, g.mean + c * s->d, s->d * sizeof *mean);
            if (!g.tied) memcpy(factor + c * s->len, L, s->len * sizeof *factor);
        }
        out[c] = lives ? N : 0;
        left += out[c];
        step.alive += (size_t)lives;
        step.died += (size_t)!lives;
    }
    for (size_t c = 0; c < s->k && step.alive; c++) {
        if (g.log_weight[c] == -INFINITY) continue;
        const double share = out[c] / left;
        step.residual = fmax(step.residual, fabs(share - ouro_exp(g.log_weight[c])));
        out[c] = share > 0 ? ouro_log(share) : -INFINITY;
    }
    return step;
}
