/* contrast.c: the integrands of contrast.h in eight lanes. */
#include "core/contrast.h"
#include "core/lanes.h"

enum { LANES = 8, SUMS = 6 };
#define EACH _Pragma("omp simd") for (size_t l = 0; l < LANES; l++)
#define FARTHEST 1e300

typedef struct lane_sums {
    double at[SUMS][LANES];
} lane_sums;

/* x where `yes`, else y: bits chosen by a mask, since a branch would stop the loop from becoming vectors */
OURO_INLINE double lane_choose(int yes, double x, double y) {
    const uint64_t mask = 0 - (uint64_t)yes;
    return lane_double((lane_bits(x) & mask) | (lane_bits(y) & ~mask));
}

/* tanh(a / 2), e = exp(-a), 0 <= a; below 1/8 by its series, which keeps the digits: the next term is below 1e-16. */
OURO_INLINE double lane_half_tanh(double a, double e) {
    const double z = a * a;
    double s = 31.0 / 362880;
    s = __builtin_fma(s, z, -17.0 / 20160);
    s = __builtin_fma(s, z, 1.0 / 120);
    s = __builtin_fma(s, z, -1.0 / 12);
    return lane_choose(a < 0.125, 0.5 * a * __builtin_fma(s, z, 1.0), (1 - e) / (1 + e));
}

/* log 2 - log(1 + e) - a e / (1 + e), the entropy that knowing r takes away; by its series below 1/8. */
OURO_INLINE double lane_js(double a, double e) {
    const double z = a * a;
    double s = -691.0 / 348364800;
    s = __builtin_fma(s, z, 31.0 / 1612800);
    s = __builtin_fma(s, z, -17.0 / 92160);
    s = __builtin_fma(s, z, 1.0 / 576);
    s = __builtin_fma(s, z, -1.0 / 64);
    s = __builtin_fma(s, z, 1.0 / 8);
    return lane_choose(a < 0.125, s * z, 0x1.62e42fefa39efp-1 - lane_log(1 + e) - a * (e / (1 + e)));
}

OURO_INLINE void add_lanes(const double *log_p, const double *log_q, const double *weight, lane_sums *s) {
    EACH {
        const double raw = log_p[l] - log_q[l];
        double a = raw < 0 ? -raw : raw;
        a = a < FARTHEST ? a : FARTHEST; /* a NaN of two infinities too */
        const double r = raw < 0 ? -a : a, w = weight[l], near = a < 700 ? a : 700;
        uint64_t k;
        const double x = lane_exp(-near, &k), e = lane_scale(x, k);
        const double size = lane_half_tanh(a, e), t = r < 0 ? -size : size;
        s->at[0][l] += w * (r * (1 + t) - 2 * t);
        s->at[1][l] += w * (2 * t - r * (1 - t));
        s->at[2][l] += w * lane_js(near, e);
        s->at[3][l] += w * (size * size / (1 + __builtin_sqrt((1 - size) * (1 + size))));
        s->at[4][l] += w * size;
        s->at[5][l] += w * r;
    }
}

OURO_CLONES
static void ouro_clone_contrast(size_t n, const double *log_p, const double *log_q, const double *weight,
                                lane_sums *s) {
    for (size_t i = 0; i < n; i += LANES) add_lanes(log_p + i, log_q + i, weight + i, s);
}

static double lane_sum(const double *x) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

void ouro_contrast_add(size_t n, const double *log_p, const double *log_q, const double *weight, ouro_contrast *sum) {
    lane_sums s = {0};
    ouro_clone_contrast(n, log_p, log_q, weight, &s);
    sum->kl[0] += lane_sum(s.at[0]);
    sum->kl[1] += lane_sum(s.at[1]);
    sum->js += lane_sum(s.at[2]);
    sum->hellinger += lane_sum(s.at[3]);
    sum->tv += lane_sum(s.at[4]);
    sum->r += lane_sum(s.at[5]);
}

/* e^x for x <= 700, 0 below -700 */
OURO_INLINE double lane_density(double x) {
    uint64_t k;
    const double near = x > -700 ? x < 700 ? x : 700 : -700, y = lane_exp(near, &k);
    return lane_choose(x > -700, lane_scale(y, k), 0.0);
}

OURO_CLONES
static void ouro_clone_weigh(size_t n, const double *log_p, const double *log_q, double *weight) {
    for (size_t i = 0; i < n; i += LANES)
        EACH weight[i + l] *= 0.5 * (lane_density(log_p[i + l]) + lane_density(log_q[i + l]));
}

void ouro_contrast_weigh(size_t n, const double *log_p, const double *log_q, double *weight) {
    ouro_clone_weigh(n, log_p, log_q, weight);
}
