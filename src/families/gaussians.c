/* gaussians.c: log densities of rows, for mixtures of normals by their common view and else row by row. */
#include "gaussians.h"
#include "core/mixture.h"
#include "core/mixture_forms.h"
#include <string.h>

enum { B = OURO_ROWS_BLOCK };

int ouro_gaussians_log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                                 double *out) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    const size_t d = f->domain.dim;
    ouro_gaussians view, g;
    double atoms, here[B];
    int ret;
    OURO_TRY(f->type->gaussians(f, theta, tmp, &view));
    OURO_TRY(ouro_gaussians_regular(&view, tmp, &g, &atoms));
    double *block = ouro_arena_alloc(tmp, d * B + ouro_mixture_density_scratch(g.k, d), sizeof *block);
    ret = block ? OURO_OK : OURO_ENOMEM;
    for (size_t first = 0; first < n && !ret; first += B) {
        const size_t rows = n - first < B ? n - first : B;
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i < B; i++) block[j * B + i] = x[(first + (i < rows ? i : 0)) * d + j];
        ouro_mixture_log_density(&g, 1, block, block + d * B, here);
        memcpy(out + first, here, rows * sizeof *out);
    }
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}

int ouro_log_densities(const ouro_family *f, const double *theta, ouro_arena *tmp, size_t n, const double *x,
                       double *out) {
    if (f->type->log_densities) return f->type->log_densities(f, theta, tmp, n, x, out);
    for (size_t i = 0; i < n; i++) out[i] = f->type->log_density(f, theta, x[i]);
    return OURO_OK;
}
