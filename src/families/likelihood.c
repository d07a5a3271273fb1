/* likelihood.c: the log likelihood of points of which only the sufficient statistic is known (natural.h). Exports no
 * plug-in. */
#include "ouro/natural.h"
#include <math.h>

static int closed_kl(const ouro_family_type *type) { return type->divergence && !type->divergence_missing[OURO_KL]; }

int ouro_has_kl(const ouro_family_type *type) { return closed_kl(type) || type->natural; }

double ouro_kl(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp) {
    if (closed_kl(f->type)) return f->type->divergence(f, OURO_KL, a, b);
    return f->type->natural ? ouro_natural_kl(f, a, b, tmp) : NAN;
}

/* The model whose mean statistic lies halfway between that of the points and that of theta. */
static int halfway(const ouro_family *f, const double *T, const double *theta, ouro_arena *tmp, double *out) {
    const ouro_family_type *type = f->type;
    double *half = ouro_arena_alloc(tmp, 2 * f->stat_len, sizeof *half);
    double *mean = ouro_arena_alloc(tmp, type->natural->len(f), sizeof *mean);
    ouro_fit_info info;
    if (!half || !mean) return 0;
    type->stat_of(f, theta, half + f->stat_len);
    type->stat_empty(f, half);
    type->stat_merge(f, 1, T, half);
    type->stat_merge(f, type->natural->observed(f, T, mean), half + f->stat_len, half);
    type->fit_mle(f, half, out, &info);
    return 1;
}

/* With S(T) the mean of -log p_theta over the points behind T and H the entropy: S is affine in the mean statistic t,
 * S = H(theta) at the model's own t, and S = H(a) + KL(a || theta) at the t of any model a of the family. The model that
 * has the points' own t may not exist (one point has no spread), the one halfway there does: S(T) = 2 S(half) -
 * H(theta). Nothing here cancels however narrow theta is. (derived) */
double ouro_mean_surprise(const ouro_family *f, const double *T, const double *theta, ouro_arena *tmp) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    ouro_family g = *f;
    double value = NAN;
    if (f->type->within) g.type = f->type->within; /* theta and T are laid out alike */
    double *between = ouro_arena_alloc(tmp, g.theta_len, sizeof *between);
    if (between && halfway(&g, T, theta, tmp, between)) {
        const double own = g.type->entropy(&g, theta), apart = ouro_kl(&g, between, theta, tmp);
        if (own == -INFINITY)
            value = apart > 0 ? INFINITY : own;
        else
            value = apart == INFINITY ? apart : 2 * (g.type->entropy(&g, between) + apart) - own;
    }
    ouro_arena_reset(tmp, mark);
    return value;
}
