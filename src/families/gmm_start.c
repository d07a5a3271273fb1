/* gmm_start.c: where a mixture's fit begins: k-means++ seeds (Arthur and Vassilvitskii 2007) and Lloyd's iterations, or
 * k rows at random. Distances are in units of each column's standard deviation, so that no unit decides which rows are
 * near. */
#include "core/kernels.h"
#include "gmm.h"
#include <math.h>
#include <string.h>

enum { BLOCK = OURO_ROWS_BLOCK, MOST_ROUNDS = 50 };

typedef struct seeds {
    const ouro_gmm_shape *s;
    const ouro_packed_rows *rows;
    const double *unit; /* [d]: one over a column's standard deviation */
    size_t n;           /* rows, padding included */
    double *centre;     /* [k d] */
    double *near;       /* [n]: squared distance to the nearest centre */
    uint32_t *label;    /* [n] */
    double *sum;        /* [k (1 + 2 d)] */
} seeds;

static const double *block_of(const seeds *z, size_t row) {
    return z->rows->data + row / BLOCK * (z->s->d + 1) * BLOCK + row % BLOCK;
}
static double weight_of(const seeds *z, size_t row) { return block_of(z, row)[z->s->d * BLOCK]; }

static double distance(const seeds *z, size_t row, const double *centre) {
    const double *x = block_of(z, row);
    double sum = 0;
    for (size_t j = 0; j < z->s->d; j++) {
        const double gap = (x[j * BLOCK] - centre[j]) * z->unit[j];
        sum += gap * gap;
    }
    return sum;
}

static void take_row(const seeds *z, size_t row, size_t c) {
    const double *x = block_of(z, row);
    for (size_t j = 0; j < z->s->d; j++) z->centre[c * z->s->d + j] = x[j * BLOCK];
}

/* A row with probability proportional to its weight times mass[row] (NULL: 1). */
static size_t draw_row(const seeds *z, const double *mass, ouro_stream *stream) {
    double total = 0;
    for (size_t i = 0; i < z->n; i++) total += weight_of(z, i) * (mass ? mass[i] : 1);
    double u = ouro_stream_uniform(stream) * total;
    size_t last = 0;
    for (size_t i = 0; i < z->n; i++) {
        const double w = weight_of(z, i) * (mass ? mass[i] : 1);
        if (!(w > 0)) continue;
        last = i;
        if ((u -= w) < 0) break;
    }
    return last;
}

static void choose(const seeds *z, int init, ouro_stream *stream) {
    for (size_t i = 0; i < z->n; i++) z->near[i] = INFINITY;
    for (size_t c = 0; c < z->s->k; c++) {
        const int far = c > 0 && (init == OURO_GMM_KMEANS || z->near[0] == INFINITY);
        take_row(z, draw_row(z, far ? z->near : NULL, stream), c);
        for (size_t i = 0; i < z->n && init == OURO_GMM_KMEANS; i++)
            z->near[i] = fmin(z->near[i], distance(z, i, z->centre + c * z->s->d));
    }
}

/* Labels by the nearest centre; how many have changed. */
static size_t assign(const seeds *z) {
    size_t changed = 0;
    for (size_t i = 0; i < z->n; i++) {
        double best = INFINITY;
        uint32_t to = 0;
        for (size_t c = 0; c < z->s->k; c++) {
            const double here = distance(z, i, z->centre + c * z->s->d);
            if (here < best) best = here, to = (uint32_t)c;
        }
        changed += z->label[i] != to;
        z->label[i] = to;
    }
    return changed;
}

/* Centres become the means of their rows; sum keeps weight, sums and centred squares per component. */
static void average(const seeds *z) {
    const size_t d = z->s->d, each = 1 + 2 * d;
    memset(z->sum, 0, z->s->k * each * sizeof *z->sum);
    for (int squares = 0; squares < 2; squares++) {
        for (size_t i = 0; i < z->n; i++) {
            const double w = weight_of(z, i), *x = block_of(z, i), *centre = z->centre + z->label[i] * d;
            double *at = z->sum + z->label[i] * each;
            if (!squares) at[0] += w;
            for (size_t j = 0; j < d; j++) {
                const double gap = x[j * BLOCK] - centre[j];
                at[1 + (squares ? d : 0) + j] += w * (squares ? gap * gap : gap);
            }
        }
        for (size_t c = 0; c < z->s->k && !squares; c++)
            for (size_t j = 0; j < d && z->sum[c * each] > 0; j++)
                z->centre[c * d + j] += z->sum[c * each + 1 + j] / z->sum[c * each];
    }
}

/* Weights and spreads from the rows of each centre; a spread of nothing is taken from the whole, divided by k. */
static void describe(const seeds *z, double *theta) {
    const ouro_gmm_shape *s = z->s;
    const size_t d = s->d, each = 1 + 2 * d;
    double *mean = theta + s->k, *factor = mean + s->k * d, W = 0;
    const int diagonal = s->type == OURO_GMM_DIAG || s->type == OURO_GMM_SPHERICAL;
    memcpy(mean, z->centre, s->k * d * sizeof *mean);
    memset(factor, 0, s->factors * s->len * sizeof *factor);
    const double one = z->rows->weight / z->rows->n; /* weight of a point */
    for (size_t c = 0; c < s->k; c++) W += fmax(z->sum[c * each], one);
    for (size_t c = 0; c < s->k; c++) theta[c] = ouro_log(fmax(z->sum[c * each], one) / W);
    for (size_t f = 0; f < s->factors; f++) {
        double mean_square = 0;
        for (size_t j = 0; j < d; j++) {
            double square = 0, N = 0;
            for (size_t c = s->factors == 1 ? 0 : f; c < (s->factors == 1 ? s->k : f + 1); c++) {
                square += z->sum[c * each + 1 + d + j];
                N += z->sum[c * each];
            }
            const double own = 1 / (z->unit[j] * (double)s->k), v = N > one ? square / N : 0;
            const double sd = v > 1e-6 * own * own ? sqrt(v) : own;
            mean_square += sd * sd / (double)d;
            factor[f * s->len + (diagonal ? j : j * (j + 1) / 2 + j)] = sd;
        }
        for (size_t j = 0; j < d && s->type == OURO_GMM_SPHERICAL; j++) factor[f * s->len + j] = sqrt(mean_square);
    }
}

int ouro_gmm_start(const ouro_gmm_shape *s, int init, const ouro_packed_rows *rows, const double *overall,
                   ouro_stream *stream, ouro_arena *tmp, double *theta) {
    const size_t n = rows->blocks * BLOCK, d = s->d;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double *unit = ouro_arena_alloc(tmp, d, sizeof *unit);
    seeds z = {.s = s, .rows = rows, .unit = unit, .n = n};
    z.centre = ouro_arena_alloc(tmp, s->k * d, sizeof(double));
    z.near = ouro_arena_alloc(tmp, n, sizeof(double));
    z.label = ouro_arena_alloc(tmp, n, sizeof *z.label);
    z.sum = ouro_arena_alloc(tmp, s->k * (1 + 2 * d), sizeof(double));
    int ret = unit && z.centre && z.near && z.label && z.sum ? OURO_OK : OURO_ENOMEM;
    if (!ret) {
        for (size_t j = 0; j < d; j++) unit[j] = 1 / overall[j];
        choose(&z, init, stream);
        memset(z.label, 0xff, n * sizeof *z.label);
        for (int round = 0; round < (init == OURO_GMM_KMEANS ? MOST_ROUNDS : 1) && assign(&z); round++) average(&z);
        describe(&z, theta);
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}
