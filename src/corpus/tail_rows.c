/* tail_rows.c: which rows lie in a low-density set, for the filters and what counts them. */
#include "ouro/truth.h"
#include <math.h>

/* One number (absolute), or a category. */
static int has(const ouro_truth *t, const ouro_tail_set *a, double x) {
    if (!a->member) {
        int between = 0;
        for (size_t i = 1; i + 1 < a->ends; i += 2) between |= x > a->end[i] && x < a->end[i + 1];
        return x < a->lower || x > a->upper || between;
    }
    const int categories = t->domain.kind == OURO_CATEGORIES;
    const double step = t->domain.step > 0 ? t->domain.step : 1;
    const double at = categories ? x : floor((x - t->domain.lower) / step + 0.5);
    return !(at >= 0 && at < (double)(categories ? t->domain.categories : t->family.theta_len)) ||
           a->member[(size_t)at];
}

int ouro_truth_tail_rows(const ouro_truth *t, const ouro_tail_set *a, size_t n, const double *x, const double *origin,
                         ouro_arena *tmp, unsigned char *in) {
    enum { BLOCK = 1024 };
    const size_t d = t->domain.dim, most = n < BLOCK ? n : BLOCK;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    if (!a->level) {
        for (size_t i = 0; i < n; i++) in[i] = has(t, a, x[i * d] + origin[0]) != 0;
        return OURO_OK;
    }
    double *row = ouro_arena_alloc(tmp, most * d, sizeof *row), *level = ouro_arena_alloc(tmp, most, sizeof *level);
    int ret = row && level ? OURO_OK : OURO_ENOMEM;
    for (size_t i = 0; i < n && !ret; i += BLOCK) {
        const size_t len = n - i < BLOCK ? n - i : BLOCK;
        for (size_t k = 0; k < len * d; k++) row[k] = x[i * d + k] + origin[k % d];
        ret = ouro_log_densities(&t->family, t->theta, tmp, len, row, level);
        for (size_t k = 0; k < len && !ret; k++) in[i + k] = (unsigned char)!(level[k] >= a->log_level);
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}
