/* tail_mixture.c: low-density sets of mixtures of normals. */
#include "tail_mixture.h"
#include "core/mixture_forms.h"
#include "core/mixture_level.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

enum { LEVELS = 31, PASSES = 9 };
#define DEPTH 1500 /* nats below the highest density, where no mass is left that a double holds */

/* Mass outside n ends of intervals. */
static double outside(const ouro_gaussians *g, size_t n, const double *end) {
    double sum = n ? ouro_gaussians_beyond(g, end[0], 0) + ouro_gaussians_beyond(g, end[n - 1], 1) : 1;
    for (size_t i = 1; i + 1 < n; i += 2) {
        const double below = ouro_gaussians_beyond(g, end[i], 0);
        sum += below < 0.5 ? ouro_gaussians_beyond(g, end[i + 1], 0) - below
                           : ouro_gaussians_beyond(g, end[i], 1) - ouro_gaussians_beyond(g, end[i + 1], 1);
    }
    return sum;
}

/* No density is above this logarithm. */
static double highest(const ouro_gaussians *g) {
    const size_t len = ouro_factor_len(g->d, g->diagonal);
    double sum = -INFINITY;
    for (size_t c = 0; c < g->k; c++) {
        const double *L = g->factor + (g->tied ? 0 : c * len);
        double height = g->log_weight[c] - 0.5 * (double)g->d * log(2 * M_PI);
        for (size_t i = 0; i < g->d; i++) height -= log(L[g->diagonal ? i : i * (i + 1) / 2 + i]);
        sum = fmax(sum, height) + log1p(exp(-fabs(sum - height)));
    }
    return sum + 1e-9;
}

/* The mass below a level rises with it: bisection. The ends then stand in a copy of the last set whose mass is at most
 * alpha. */
static int on_the_line(const ouro_gaussians *g, double alpha, ouro_arena *keep, ouro_tail_set *out) {
    ouro_line line;
    int ret = ouro_line_of(g, keep, &line);
    if (ret) return ret;
    double *end = ouro_arena_alloc(keep, ouro_line_ends(&line), sizeof *end);
    if (!end) return OURO_ENOMEM;
    double high = highest(g), low = high - DEPTH;
    ouro_line_trace(&line, -INFINITY);
    for (int i = 0; i < 200; i++) {
        const double level = low / 2 + high / 2;
        if (level <= low || level >= high) break;
        *(outside(g, ouro_line_level(&line, level, end), end) < alpha ? &low : &high) = level;
    }
    const size_t n = ouro_line_level(&line, low, end);
    out->lower = end[0];
    out->upper = end[n - 1];
    out->attained = outside(g, n, end);
    if (n > 2) {
        out->ends = n;
        out->end = end;
    }
    return OURO_OK;
}

/* LEVELS at a time, since looking along the rays costs more than a level. */
static int in_space(const ouro_gaussians *g, double alpha, ouro_arena *keep, ouro_tail_set *out) {
    ouro_rays rays;
    double high = highest(g), low = high - DEPTH, level[LEVELS], mass[LEVELS];
    out->level = 1;
    if (g->k == 1) {
        out->log_level = highest(g) - 1e-9 - 0.5 * gsl_cdf_chisq_Qinv(alpha, (double)g->d);
        out->attained = alpha;
        return OURO_OK;
    }
    int ret = ouro_rays_make(g->d, keep, &rays);
    for (int pass = 0; pass < PASSES && !ret; pass++) {
        for (int i = 0; i < LEVELS; i++) level[i] = low + (high - low) * (i + 1) / (LEVELS + 1);
        ouro_level_mass(g, g, &rays, LEVELS, level, keep, mass);
        int i = 0;
        while (i < LEVELS && mass[i] < alpha) i++;
        if (i < LEVELS) high = level[i];
        if (i) low = level[i - 1];
    }
    out->log_level = low;
    if (!ret) ouro_level_mass(g, g, &rays, 1, &low, keep, &out->attained);
    return ret;
}

int ouro_tail_of_mixture(const ouro_truth *t, double alpha, ouro_arena *keep, ouro_tail_set *out, ouro_error *e) {
    ouro_gaussians view, g;
    double atoms;
    int ret;
    if (!(alpha < 1)) return ouro_fail(e, OURO_EUNDEFINED, "observe.tails", "a tail of mass %g is everything", alpha);
    OURO_TRY(t->family.type->gaussians(&t->family, t->theta, keep, &view));
    OURO_TRY(ouro_gaussians_regular(&view, keep, &g, &atoms));
    ret = g.d == 1 ? on_the_line(&g, alpha, keep, out) : in_space(&g, alpha, keep, out);
    if (fabs(out->attained - alpha) < 1e-9 * alpha) out->attained = alpha; /* what is left is rounding */
out:
    return ret == OURO_ENOMEM ? ouro_fail(e, ret, "truth", "out of memory") : ret;
}
