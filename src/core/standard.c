/* standard.c: fixed points of the standard normal law. */
#include "core/standard.h"
#include "core/lower.h"
#include "core/mixture.h"
#include "ouro/error.h"
#include "ouro/rng.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_qrng.h>
#include <math.h>

enum { B = OURO_ROWS_BLOCK, BITS = 30 }; /* of GSL's Sobol numbers */
#define REACH 8.5                        /* sd: 2e-17 of the mass lies beyond, on a line */

static int make_room(size_t d, size_t n, ouro_arena *keep, ouro_standard *out) {
    *out = (ouro_standard){.d = d, .n = n, .blocks = ouro_packed_blocks(n)};
    out->z = ouro_arena_alloc(keep, out->blocks * d * B, sizeof *out->z);
    out->weight = ouro_arena_alloc(keep, out->blocks * B, sizeof *out->weight);
    return out->z && out->weight ? OURO_OK : OURO_ENOMEM;
}

static double *entry(const ouro_standard *s, size_t i, size_t j) { return s->z + (i / B * s->d + j) * B + i % B; }

int ouro_standard_grid(size_t side, ouro_arena *keep, ouro_standard *out) {
    const double step = 2 * REACH / (double)side;
    size_t n = 0;
    double sum = 0;
    for (int filling = 0; filling < 2; filling++) { /* count, then fill */
        if (filling && make_room(2, n, keep, out)) return OURO_ENOMEM;
        n = 0;
        for (size_t i = 0; i < side; i++)
            for (size_t j = 0; j < side; j++) {
                const double x = ((double)i + 0.5) * step - REACH, y = ((double)j + 0.5) * step - REACH;
                if (x * x + y * y > REACH * REACH) continue;
                if (filling) {
                    *entry(out, n, 0) = x;
                    *entry(out, n, 1) = y;
                    sum += out->weight[n] = exp(-0.5 * (x * x + y * y));
                }
                n++;
            }
    }
    for (size_t i = 0; i < n; i++) out->weight[i] /= sum;
    return OURO_OK;
}

/* Digit b of a coordinate, the first being the largest, also flips a random set of the digits after it. */
static uint64_t scrambled(double u, const uint64_t *column, uint64_t shift) {
    const uint64_t bits = (uint64_t)ldexp(u, BITS);
    uint64_t out = shift;
    for (int b = 0; b < BITS; b++)
        if (bits >> b & 1) out ^= column[b];
    return out;
}

static int sobol(ouro_standard *s, ouro_stream *stream) {
    uint64_t column[OURO_SOBOL_MOST][BITS], shift[OURO_SOBOL_MOST];
    double u[OURO_SOBOL_MOST];
    gsl_qrng *q = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)s->d);
    if (!q) return OURO_ENOMEM;
    for (size_t j = 0; j < s->d; j++) {
        shift[j] = ouro_stream_word(stream) >> (64 - BITS);
        for (int b = 0; b < BITS; b++)
            column[j][b] = (UINT64_C(1) << b) | (ouro_stream_word(stream) & ((UINT64_C(1) << b) - 1));
    }
    for (size_t j = 0; j < s->d; j++) *entry(s, 0, j) = gsl_cdf_ugaussian_Pinv(ldexp((double)shift[j] + 0.5, -BITS));
    for (size_t i = 1; i < s->n; i++) { /* GSL leaves out the origin, without which the first 2^m are no net */
        gsl_qrng_get(q, u);
        for (size_t j = 0; j < s->d; j++)
            *entry(s, i, j) = gsl_cdf_ugaussian_Pinv(ldexp((double)scrambled(u[j], column[j], shift[j]) + 0.5, -BITS));
    }
    gsl_qrng_free(q);
    return OURO_OK;
}

/* Pairs z, -z. */
static void pairs(ouro_standard *s, ouro_stream *stream) {
    for (size_t j = 0; j < s->d; j++)
        for (size_t i = 0; i + 1 < s->n; i += 2) {
            *entry(s, i, j) = ouro_stream_normal(stream);
            *entry(s, i + 1, j) = -*entry(s, i, j);
        }
}

/* Mean 0 and covariance I exactly: z becomes C^-1 (z - mean). Averages of quadratics, which is what logarithms of ratios
 * of normals are, have no error then. */
static int whiten(ouro_standard *s) {
    const size_t d = s->d;
    ouro_arena tmp = {0};
    double *mean = ouro_arena_alloc(&tmp, d, sizeof *mean), *z = ouro_arena_alloc(&tmp, d, sizeof *z),
           *c = ouro_arena_alloc(&tmp, ouro_lower_len(d), sizeof *c),
           *scratch = ouro_arena_alloc(&tmp, ouro_lower_scratch(d), sizeof *scratch);
    const int ret = mean && z && c && scratch ? OURO_OK : OURO_ENOMEM;
    for (size_t i = 0; i < s->n && !ret; i++)
        for (size_t j = 0; j < d; j++) mean[j] += *entry(s, i, j) / (double)s->n;
    for (size_t i = 0; i < s->n && !ret; i++) {
        for (size_t j = 0; j < d; j++) z[j] = *entry(s, i, j) -= mean[j];
        for (size_t a = 0; a < d; a++)
            for (size_t b = 0; b <= a; b++) c[ouro_lower_at(a, b)] += z[a] * z[b] / (double)s->n;
    }
    if (!ret && s->n > d && ouro_lower_cholesky(d, c, scratch))
        for (size_t i = 0; i < s->n; i++)
            for (size_t a = 0; a < d; a++) {
                double y = *entry(s, i, a);
                for (size_t b = 0; b < a; b++) y -= c[ouro_lower_at(a, b)] * *entry(s, i, b);
                *entry(s, i, a) = y / c[ouro_lower_at(a, a)];
            }
    ouro_arena_free(&tmp);
    return ret;
}

int ouro_standard_sequence(size_t d, size_t n, ouro_arena *keep, ouro_standard *out) {
    ouro_stream stream;
    int ret = make_room(d, n, keep, out);
    if (ret) return ret;
    ouro_stream_open(&stream, &(ouro_address){.seed = 5489, .point = (uint32_t)d, .purpose = OURO_FOR_MEASURE});
    if (d <= OURO_SOBOL_MOST)
        ret = sobol(out, &stream);
    else
        pairs(out, &stream);
    if (!ret) ret = whiten(out);
    for (size_t i = 0; i < n; i++) out->weight[i] = 1 / (double)n;
    return ret;
}

void ouro_standard_axes(size_t d, size_t n, double *u) {
    ouro_stream stream;
    ouro_stream_open(&stream,
                     &(ouro_address){.seed = 5489, .point = (uint32_t)d, .purpose = OURO_FOR_MEASURE, .slot = 1});
    for (size_t i = 0; i < n; i++, u += d) {
        double squares = 0;
        if (d == 2) {
            const double angle = M_PI * ((double)i + 0.5) / (double)n;
            u[0] = cos(angle);
            u[1] = sin(angle);
            continue;
        }
        for (size_t j = 0; j < d; j++) {
            u[j] = ouro_stream_normal(&stream);
            squares += u[j] * u[j];
        }
        for (size_t j = 0; j < d; j++) u[j] /= sqrt(squares);
    }
}
