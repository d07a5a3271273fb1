/* mixture.c: the pass over the rows of expectation-maximisation, in eight lanes. See mixture.h.
 *
 * A block goes through three stages: whiten every component's differences and get log densities; responsibilities by a
 * softmax over components; sums. One to four dimensions keep a lane's numbers in registers; more are tiled four by
 * four, so that each number loaded takes part in four products. */
#include "core/mixture.h"
#include "core/kernels.h"
#include "core/lanes.h"
#include <math.h>
#include <string.h>

enum { LANES = 8, WIDE = 2 * LANES, B = OURO_ROWS_BLOCK, TILE = 4 };
#define SIMD _Pragma("omp simd")
#define UNROLL _Pragma("GCC unroll 16")
#define EACH SIMD for (size_t l = 0; l < LANES; l++)
#define EACH_WIDE SIMD for (size_t l = 0; l < WIDE; l++)
#define FARTHEST (-1e300) /* of a log density, so that no row is infinitely far from every component */
#define HALF_LOG_2PI 0.918938533204672741780329736405617639862

void ouro_rows_pack(ouro_packed_rows *p, size_t n, const double *x, const double *shift, double weight) {
    if (!(weight > 0)) return;
    p->n += (double)n;
    p->weight += (double)n * weight;
    for (size_t done = 0; done < n;) {
        if (p->room == 0 || p->last != weight) {
            p->room = B;
            p->blocks++;
        }
        double *block = p->data + (p->blocks - 1) * (p->d + 1) * B;
        const size_t at = B - p->room, rows = n - done < p->room ? n - done : p->room;
        for (size_t j = 0; j < p->d; j++)
            for (size_t i = 0; i < p->room; i++)
                block[j * B + at + i] = x[(done + (i < rows ? i : 0)) * p->d + j] + (shift ? shift[j] : 0);
        for (size_t i = 0; i < p->room; i++) block[p->d * B + at + i] = i < rows ? weight : 0;
        p->room -= rows;
        p->last = weight;
        done += rows;
    }
}

static size_t tiles(size_t d) { return (d + TILE - 1) / TILE; }
/* Entries of S in lanes: triangles entry by entry up to four dimensions, in whole tiles beyond. */
static size_t lane_entries(size_t d, int diagonal) {
    if (diagonal) return d;
    return d <= TILE ? d * (d + 1) / 2 : tiles(d) * (tiles(d) + 1) / 2 * TILE * TILE;
}

/* Scratch, in the order of ouro_mixture_scratch. */
typedef struct stage {
    size_t k, d;
    double *y, *log_p, *ry;         /* [k][d][B], [k][B], [d][B] */
    double *N, *m, *S, *likelihood; /* in lanes: [k][8], [k][d][8], [k][entries][8], [8] */
    double *inverse, *constant;     /* [k][d] of the diagonal, [k] */
} stage;

size_t ouro_mixture_scratch(size_t k, size_t d) {
    return (k + 1) * d * B + k * B + LANES * (k + k * d + k * (lane_entries(d, 0) + d) + 1) + k * d + k;
}

static stage stage_in(double *at, size_t k, size_t d) {
    stage s = {.k = k, .d = d, .y = at};
    s.log_p = s.y + k * d * B;
    s.ry = s.log_p + k * B;
    s.N = s.ry + d * B;
    s.m = s.N + k * LANES;
    s.S = s.m + k * d * LANES;
    s.likelihood = s.S + k * (lane_entries(d, 0) + d) * LANES;
    s.inverse = s.likelihood + LANES;
    s.constant = s.inverse + k * d;
    return s;
}

/* y = L^-1 (x - mean) and the log density of one component over a block; D rows of a triangle, known when compiled. */
OURO_INLINE void whiten_small(const size_t D, int diagonal, const double *x, const double *mean, const double *L,
                              const double *inverse, double constant, double *y, double *log_p) {
    for (size_t v = 0; v < B; v += LANES) {
        double q[LANES] = {0}, a[TILE][LANES];
        UNROLL for (size_t i = 0; i < D; i++) {
            EACH a[i][l] = x[i * B + v + l] - mean[i];
            if (!diagonal)
                UNROLL for (size_t j = 0; j < i; j++) EACH a[i][l] =
                    __builtin_fma(-L[i * (i + 1) / 2 + j], a[j][l], a[i][l]);
            EACH a[i][l] *= inverse[i];
            EACH y[i * B + v + l] = a[i][l];
            EACH q[l] = __builtin_fma(a[i][l], a[i][l], q[l]);
        }
        EACH {
            const double p = __builtin_fma(-0.5, q[l], constant);
            log_p[v + l] = p > FARTHEST ? p : FARTHEST;
        }
    }
}

/* Coordinates i..i+R-1 of y over two lanes' widths at a time: less what those before them give, then among themselves.
 * Squares join q. R is known when compiled. */
OURO_INLINE void whiten_some(const size_t R, size_t i, const double *x, const double *mean, const double *L,
                             const double *inverse, double *y, double *q) {
    const double *row[TILE];
    for (size_t r = 0; r < R; r++) row[r] = L + (i + r) * (i + r + 1) / 2;
    for (size_t v = 0; v < B; v += WIDE) {
        double a[TILE][WIDE];
        UNROLL for (size_t r = 0; r < R; r++) EACH_WIDE a[r][l] = x[(i + r) * B + v + l] - mean[i + r];
        for (size_t j = 0; j < i; j++)
            UNROLL for (size_t r = 0; r < R; r++) EACH_WIDE a[r][l] =
                __builtin_fma(-row[r][j], y[j * B + v + l], a[r][l]);
        UNROLL for (size_t r = 0; r < R; r++) {
            UNROLL for (size_t j = 0; j < r; j++) EACH_WIDE a[r][l] = __builtin_fma(-row[r][i + j], a[j][l], a[r][l]);
            EACH_WIDE a[r][l] *= inverse[i + r];
            EACH_WIDE y[(i + r) * B + v + l] = a[r][l];
        }
        UNROLL for (size_t r = 0; r < R; r++) EACH_WIDE q[v + l] = __builtin_fma(a[r][l], a[r][l], q[v + l]);
    }
}

OURO_INLINE void whiten_large(size_t d, const double *x, const double *mean, const double *L, const double *inverse,
                              double constant, double *y, double *log_p) {
    memset(log_p, 0, B * sizeof *log_p);
    for (size_t i = 0; i < d; i += TILE) switch (d - i) {
        case 1: whiten_some(1, i, x, mean, L, inverse, y, log_p); break;
        case 2: whiten_some(2, i, x, mean, L, inverse, y, log_p); break;
        case 3: whiten_some(3, i, x, mean, L, inverse, y, log_p); break;
        default: whiten_some(TILE, i, x, mean, L, inverse, y, log_p);
        }
    SIMD for (size_t v = 0; v < B; v++) {
        const double p = __builtin_fma(-0.5, log_p[v], constant);
        log_p[v] = p > FARTHEST ? p : FARTHEST;
    }
}

OURO_INLINE void whiten_diagonal(size_t d, const double *x, const double *mean, const double *inverse, double constant,
                                 double *y, double *log_p) {
    for (size_t v = 0; v < B; v += LANES) {
        double q[LANES] = {0};
        for (size_t i = 0; i < d; i++) {
            EACH y[i * B + v + l] = (x[i * B + v + l] - mean[i]) * inverse[i];
            EACH q[l] = __builtin_fma(y[i * B + v + l], y[i * B + v + l], q[l]);
        }
        EACH {
            const double p = __builtin_fma(-0.5, q[l], constant);
            log_p[v + l] = p > FARTHEST ? p : FARTHEST;
        }
    }
}

/* log_p becomes the weight times the responsibility. The logarithms of the sums over components are taken once per lane
 * and block, of their product: at most k^16. Rows that fill the block up have weight 0 and take part with a factor
 * 1. */
OURO_INLINE void share(const stage *s, const double *log_weight, const double *weight) {
    double total[LANES] = {0}, product[LANES];
    const double w = weight[0];
    EACH product[l] = 1;
    for (size_t v = 0; v < B; v += LANES) {
        double top[LANES], sum[LANES] = {0};
        EACH top[l] = FARTHEST;
        for (size_t c = 0; c < s->k; c++) {
            if (log_weight[c] == -INFINITY) continue;
            const double *p = s->log_p + c * B + v;
            EACH top[l] = p[l] > top[l] ? p[l] : top[l];
        }
        for (size_t c = 0; c < s->k; c++) {
            if (log_weight[c] == -INFINITY) continue;
            double *p = s->log_p + c * B + v;
            EACH {
                uint64_t exponent;
                const double gap = p[l] - top[l], near = gap > -700 ? gap : -700;
                const double e = lane_exp(near, &exponent);
                p[l] = gap > -700 ? lane_scale(e, exponent) : 0;
                sum[l] += p[l];
            }
        }
        double scale[LANES];
        EACH {
            const double here = weight[v + l] / w; /* 1 or 0, exactly */
            product[l] *= here * sum[l] + (1 - here);
            total[l] += here * top[l];
            scale[l] = weight[v + l] / sum[l];
        }
        for (size_t c = 0; c < s->k; c++) {
            if (log_weight[c] == -INFINITY) continue;
            double *p = s->log_p + c * B + v;
            EACH p[l] *= scale[l];
        }
    }
    EACH s->likelihood[l] += w * (total[l] + lane_log(product[l]));
}

OURO_INLINE void add_small(const size_t D, int diagonal, const double *r, const double *y, double *N, double *m,
                           double *S) {
    double n[LANES] = {0}, mean[TILE][LANES] = {{0}}, square[TILE * (TILE + 1) / 2][LANES] = {{0}};
    for (size_t v = 0; v < B; v += LANES) {
        double a[LANES];
        EACH n[l] += r[v + l];
        UNROLL for (size_t i = 0; i < D; i++) {
            EACH a[l] = r[v + l] * y[i * B + v + l];
            EACH mean[i][l] += a[l];
            if (diagonal) EACH square[i][l] = __builtin_fma(a[l], y[i * B + v + l], square[i][l]);
            if (!diagonal)
                UNROLL for (size_t j = 0; j <= i; j++) EACH square[i * (i + 1) / 2 + j][l] =
                    __builtin_fma(a[l], y[j * B + v + l], square[i * (i + 1) / 2 + j][l]);
        }
    }
    EACH N[l] += n[l];
    UNROLL for (size_t i = 0; i < D; i++) EACH m[i * LANES + l] += mean[i][l];
    for (size_t i = 0; i < (diagonal ? D : D * (D + 1) / 2); i++) EACH S[i * LANES + l] += square[i][l];
}

/* m and, in ry, the products r y; coordinates i..i+R-1. */
OURO_INLINE void add_means(const size_t R, size_t i, const double *r, const double *y, double *ry, double *m) {
    double sum[TILE][LANES];
    UNROLL for (size_t j = 0; j < R; j++) EACH sum[j][l] = m[(i + j) * LANES + l];
    for (size_t v = 0; v < B; v += LANES) UNROLL
    for (size_t j = 0; j < R; j++) {
        double a[LANES];
        EACH a[l] = r[v + l] * y[(i + j) * B + v + l];
        EACH ry[(i + j) * B + v + l] = a[l];
        EACH sum[j][l] += a[l];
    }
    UNROLL for (size_t j = 0; j < R; j++) EACH m[(i + j) * LANES + l] = sum[j][l];
}

OURO_INLINE void add_weights(const double *r, double *N) {
    double n[LANES];
    EACH n[l] = N[l];
    for (size_t v = 0; v < B; v += LANES) EACH n[l] += r[v + l];
    EACH N[l] = n[l];
}

/* I rows by J columns of a tile of S; `corner`, on the diagonal, its lower triangle alone. All known when compiled. */
OURO_INLINE void add_tile(const size_t I, const size_t J, const int corner, const double *a, const double *b,
                          double *S) {
    double sum[TILE][TILE][LANES];
    UNROLL for (size_t i = 0; i < I; i++) UNROLL for (size_t j = 0; j < J; j++) if (j <= i || !corner)
        EACH sum[i][j][l] = S[(i * TILE + j) * LANES + l];
    for (size_t v = 0; v < B; v += LANES)
        UNROLL for (size_t i = 0; i < I; i++) UNROLL for (size_t j = 0; j < J; j++) if (j <= i || !corner)
            EACH sum[i][j][l] = __builtin_fma(a[i * B + v + l], b[j * B + v + l], sum[i][j][l]);
    UNROLL for (size_t i = 0; i < I; i++) UNROLL for (size_t j = 0; j < J; j++) if (j <= i || !corner)
        EACH S[(i * TILE + j) * LANES + l] = sum[i][j][l];
}

/* One row of tiles, R coordinates high. */
OURO_INLINE void add_row(const size_t R, size_t i, const double *y, const double *ry, double *S) {
    S += i / TILE * (i / TILE + 1) / 2 * TILE * TILE * LANES;
    for (size_t j = 0; j < i; j += TILE, S += TILE * TILE * LANES) add_tile(R, TILE, 0, ry + i * B, y + j * B, S);
    add_tile(R, R, 1, ry + i * B, y + i * B, S);
}

OURO_INLINE void add_full(size_t d, const double *r, const double *y, double *ry, double *m, double *S) {
    for (size_t i = 0; i < d; i += TILE) switch (d - i) {
        case 1: add_means(1, i, r, y, ry, m); break;
        case 2: add_means(2, i, r, y, ry, m); break;
        case 3: add_means(3, i, r, y, ry, m); break;
        default: add_means(TILE, i, r, y, ry, m);
        }
    for (size_t i = 0; i < d; i += TILE) switch (d - i) {
        case 1: add_row(1, i, y, ry, S); break;
        case 2: add_row(2, i, y, ry, S); break;
        case 3: add_row(3, i, y, ry, S); break;
        default: add_row(TILE, i, y, ry, S);
        }
}

/* Coordinates two by two. */
OURO_INLINE void add_diagonal(size_t d, const double *r, const double *y, double *m, double *S) {
    for (size_t i = 0; i < d; i += 2) {
        const size_t o = i + 1 < d ? LANES : 0, up = i + 1 < d ? B : 0; /* the last one of an odd number: twice */
        const double *a = y + i * B, *b = a + up;
        double ma[LANES], mb[LANES], sa[LANES], sb[LANES];
        EACH ma[l] = m[i * LANES + l];
        EACH mb[l] = m[i * LANES + o + l];
        EACH sa[l] = S[i * LANES + l];
        EACH sb[l] = S[i * LANES + o + l];
        for (size_t v = 0; v < B; v += LANES) {
            double ra[LANES], rb[LANES];
            EACH ra[l] = r[v + l] * a[v + l];
            EACH rb[l] = r[v + l] * b[v + l];
            EACH ma[l] += ra[l];
            EACH mb[l] += rb[l];
            EACH sa[l] = __builtin_fma(ra[l], a[v + l], sa[l]);
            EACH sb[l] = __builtin_fma(rb[l], b[v + l], sb[l]);
        }
        EACH m[i * LANES + o + l] = mb[l];
        EACH S[i * LANES + o + l] = sb[l];
        EACH m[i * LANES + l] = ma[l];
        EACH S[i * LANES + l] = sa[l];
    }
}

/* Stages of one block with the dimension known to the compiler where it is small; 0: any other. */
OURO_INLINE void block_of(const size_t D, const ouro_gaussians *g, const stage *s, const double *block) {
    const size_t d = D ? D : g->d, len = ouro_factor_len(d, g->diagonal), entries = lane_entries(d, g->diagonal);
    for (size_t c = 0; c < g->k; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        const double *mean = g->mean + c * d, *L = g->factor + (g->tied ? 0 : c * len), *inverse = s->inverse + c * d;
        double *y = s->y + c * d * B, *log_p = s->log_p + c * B;
        if (D)
            whiten_small(D, g->diagonal, block, mean, L, inverse, s->constant[c], y, log_p);
        else if (g->diagonal)
            whiten_diagonal(d, block, mean, inverse, s->constant[c], y, log_p);
        else
            whiten_large(d, block, mean, L, inverse, s->constant[c], y, log_p);
    }
    share(s, g->log_weight, block + d * B);
    for (size_t c = 0; c < g->k; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        const double *y = s->y + c * d * B, *r = s->log_p + c * B;
        double *N = s->N + c * LANES, *m = s->m + c * d * LANES, *S = s->S + (g->tied ? 0 : c * entries * LANES);
        if (D) {
            add_small(D, g->diagonal, r, y, N, m, S);
        } else {
            add_weights(r, N);
            if (g->diagonal)
                add_diagonal(d, r, y, m, S);
            else
                add_full(d, r, y, s->ry, m, S);
        }
    }
}

OURO_CLONES
static void ouro_mixture_blocks(const ouro_gaussians *g, const ouro_packed_rows *rows, const stage *s) {
    for (size_t b = 0; b < rows->blocks; b++) {
        const double *block = rows->data + b * (rows->d + 1) * B;
        switch (g->d) {
        case 1: block_of(1, g, s, block); break;
        case 2: block_of(2, g, s, block); break;
        case 3: block_of(3, g, s, block); break;
        case 4: block_of(4, g, s, block); break;
        default: block_of(0, g, s, block);
        }
    }
}

static double lane_sum(const double *x) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

/* Entry (i, j) of a triangle in lanes. */
static size_t entry(size_t d, size_t i, size_t j) {
    if (d <= TILE) return i * (i + 1) / 2 + j;
    const size_t row = i / TILE, column = j / TILE;
    return ((row * (row + 1) / 2 + column) * TILE + i % TILE) * TILE + j % TILE;
}

/* Inverse diagonals, and what of a log density does not depend on the row. */
static void constants(const ouro_gaussians *g, const stage *s) {
    const size_t d = g->d, k = g->k, len = ouro_factor_len(d, g->diagonal);
    for (size_t c = 0; c < k; c++) {
        const double *L = g->factor + (g->tied ? 0 : c * len);
        s->constant[c] = g->log_weight[c] - (double)d * HALF_LOG_2PI;
        for (size_t i = 0; i < d; i++) {
            const double sd = L[g->diagonal ? i : i * (i + 1) / 2 + i];
            s->inverse[c * d + i] = 1 / sd;
            s->constant[c] -= ouro_log(sd);
        }
    }
}

static void begin(const ouro_gaussians *g, const stage *s) {
    for (double *at = s->N; at < s->inverse; at++) *at = 0;
    constants(g, s);
}

void ouro_mixture_pass(const ouro_gaussians *g, const ouro_packed_rows *rows, double *scratch, ouro_mixture_sums *out) {
    const size_t d = g->d, entries = lane_entries(d, g->diagonal), len = ouro_factor_len(d, g->diagonal);
    const stage s = stage_in(scratch, g->k, d);
    begin(g, &s);
    ouro_mixture_blocks(g, rows, &s);
    out->log_likelihood = lane_sum(s.likelihood);
    for (size_t c = 0; c < g->k; c++) {
        out->N[c] = lane_sum(s.N + c * LANES);
        for (size_t i = 0; i < d; i++) out->m[c * d + i] = lane_sum(s.m + (c * d + i) * LANES);
    }
    for (size_t c = 0; c < (g->tied ? 1 : g->k); c++)
        for (size_t i = 0; i < d; i++) {
            const double *S = s.S + c * entries * LANES;
            if (g->diagonal) out->S[c * len + i] = lane_sum(S + i * LANES);
            for (size_t j = 0; j <= i && !g->diagonal; j++)
                out->S[c * len + i * (i + 1) / 2 + j] = lane_sum(S + entry(d, i, j) * LANES);
        }
}

size_t ouro_mixture_density_scratch(size_t k, size_t d) { return d * B + k * B + k * d + k; }

/* Log density of the mixture over one block: whiten component by component, then the logarithm of the sum. */
OURO_INLINE void density_of(const size_t D, const ouro_gaussians *g, const stage *s, const double *block, double *out) {
    const size_t d = D ? D : g->d, len = ouro_factor_len(d, g->diagonal);
    size_t alive = 0;
    for (size_t c = 0; c < g->k; c++) {
        if (g->log_weight[c] == -INFINITY) continue;
        const double *mean = g->mean + c * d, *L = g->factor + (g->tied ? 0 : c * len), *inverse = s->inverse + c * d;
        double *log_p = s->log_p + alive++ * B;
        if (D)
            whiten_small(D, g->diagonal, block, mean, L, inverse, s->constant[c], s->y, log_p);
        else if (g->diagonal)
            whiten_diagonal(d, block, mean, inverse, s->constant[c], s->y, log_p);
        else
            whiten_large(d, block, mean, L, inverse, s->constant[c], s->y, log_p);
    }
    for (size_t v = 0; v < B; v += LANES) {
        double top[LANES], sum[LANES] = {0};
        EACH top[l] = FARTHEST;
        for (size_t c = 0; c < alive; c++)
            EACH top[l] = s->log_p[c * B + v + l] > top[l] ? s->log_p[c * B + v + l] : top[l];
        for (size_t c = 0; c < alive; c++) {
            EACH {
                uint64_t exponent;
                double gap = s->log_p[c * B + v + l] - top[l];
                gap = gap > -700 ? gap : -700;
                const double e = lane_exp(gap, &exponent);
                sum[l] += lane_scale(e, exponent);
            }
        }
        EACH out[v + l] = top[l] + lane_log(sum[l]);
    }
}

OURO_CLONES
static void ouro_mixture_density_blocks(const ouro_gaussians *g, size_t blocks, const double *x, const stage *s,
                                        double *out) {
    for (size_t b = 0; b < blocks; b++, x += g->d * B, out += B) {
        switch (g->d) {
        case 1: density_of(1, g, s, x, out); break;
        case 2: density_of(2, g, s, x, out); break;
        case 3: density_of(3, g, s, x, out); break;
        case 4: density_of(4, g, s, x, out); break;
        default: density_of(0, g, s, x, out);
        }
    }
}

void ouro_mixture_log_density(const ouro_gaussians *g, size_t blocks, const double *x, double *scratch, double *out) {
    const size_t d = g->d;
    stage s = {.k = g->k, .d = d, .y = scratch};
    size_t alive = 0;
    s.log_p = s.y + d * B;
    s.inverse = s.log_p + g->k * B;
    s.constant = s.inverse + g->k * d;
    constants(g, &s);
    for (size_t c = 0; c < g->k; c++) alive += g->log_weight[c] > -INFINITY;
    if (alive)
        ouro_mixture_density_blocks(g, blocks, x, &s, out);
    else
        for (size_t i = 0; i < blocks * B; i++) out[i] = -INFINITY;
}

OURO_CLONES
static void ouro_mixture_offset_blocks(size_t d, int diagonal, const double *L, size_t blocks, const double *z,
                                       double *x) {
    for (size_t b = 0; b < blocks; b++, z += d * B, x += d * B)
        for (size_t i = 0; i < d; i++) {
            const double *row = diagonal ? L + i : L + i * (i + 1) / 2;
            double *out = x + i * B;
            const double first = row[0];
            const double *from = z + (diagonal ? i : 0) * B;
            SIMD for (size_t v = 0; v < B; v++) out[v] = first * from[v];
            for (size_t j = 1; j <= i && !diagonal; j++)
                SIMD for (size_t v = 0; v < B; v++) out[v] = __builtin_fma(row[j], z[j * B + v], out[v]);
        }
}

void ouro_mixture_offsets(const ouro_gaussians *g, size_t c, size_t blocks, const double *z, double *x) {
    const size_t len = ouro_factor_len(g->d, g->diagonal);
    ouro_mixture_offset_blocks(g->d, g->diagonal, g->factor + (g->tied ? 0 : c * len), blocks, z, x);
}
