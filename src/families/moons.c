/* moons.c: two interleaving half circles with Gaussian noise, a truth that no Gaussian resembles.
 *
 * theta = {noise}. With (u, v) a uniform point of the unit circle, upper half: (u, v), lower half: (1 + u, 1/2 + v). From E v = 2/pi
 * and E v^2 = 1/2 on the upper half, by halves within and between: means 1/2 and 1/4, Var x = 3/4, Var y = 9/16 - 1/pi,
 * Cov = 1/8 - 1/pi; the noise adds its square to both variances.
 *
 * scikit-learn's make_moons has no independent angles: of n points drawn at once n/2 (rounded down) stand evenly on the upper arc,
 * from end to end, and the others on the lower one. That is layout "grid": a batch's own sums are then far less random than
 * those of independent points, and its moments are those above only as n grows, so that no law speaks of it (`inexact`). */
#include "core/lanes.h"
#include "ouro/family.h"
#include <math.h>

enum { INDEPENDENT, GRID };

typedef struct params {
    double noise;
    int layout;
} params;

static const char *const layouts[] = {"independent", "grid", NULL};

static const ouro_field truth_rows[] = {
    {"noise", OURO_REAL, OURO_ABOVE, offsetof(params, noise), 0, 1e100, "0.05", NULL, "unit of the data",
     "Standard deviation of the noise on both coordinates; the circles have radius 1."},
    {"layout", OURO_CHOICE, 0, offsetof(params, layout), 0, 0, "\"independent\"", layouts, "",
     "Where points stand on their arcs. independent: angles at random; grid: as in scikit-learn's make_moons, half of "
     "a "
     "batch on each arc, at equal steps from end to end, noise alone being random."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)p, (void)e;
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 2, .lower = -INFINITY, .upper = INFINITY};
    return OURO_OK;
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    (void)f, (void)e;
    theta[0] = ((const params *)p)->noise;
    return OURO_OK;
}

static void truth_known(const void *p, double *known) { known[0] = ((const params *)p)->layout; }

static int shape(ouro_family *f, ouro_error *e) {
    (void)e;
    f->inexact = f->known[0] == GRID;
    f->theta_len = 1;
    f->stat_len = 0;
    f->mean_len = 2;
    return OURO_OK;
}

/* Row i of n on the grid, i - first of the m rows of its arc: (u, v) on the unit circle, 1 for the lower half. The angle is f from
 * the nearest of the quarter turns 0, 1, 2; polynomials of our own, the same bits everywhere. */
static int grid_point(size_t i, size_t n, double *u, double *v) {
    const int lower = i >= n / 2;
    const size_t first = lower ? n / 2 : 0, m = lower ? n - n / 2 : n / 2;
    const double turn = m > 1 ? 2 * (double)(i - first) / (double)(m - 1) : 0, quarter = floor(turn + 0.5);
    double sine, cosine;
    lane_sincos(turn - quarter, &sine, &cosine);
    *u = quarter == 0 ? cosine : quarter == 1 ? -sine : -cosine;
    *v = quarter == 0 ? sine : quarter == 1 ? cosine : -sine;
    if (lower) *u = -*u, *v = -*v;
    return lower;
}

/* The direction of two normals is uniform. */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)tmp;
    double z[4], u, v;
    for (size_t i = 0; i < n; i++, x += 2) {
        ouro_fill_normals(s, 4, z);
        const double r = sqrt(z[0] * z[0] + z[1] * z[1]);
        int lower = z[1] < 0;
        u = r > 0 ? z[0] / r : 1;
        v = r > 0 ? z[1] / r : 0;
        if (f->known[0] == GRID) lower = grid_point(i, n, &u, &v);
        x[0] = (lower ? 1 + u : u) + theta[0] * z[2];
        x[1] = (lower ? 0.5 + v : v) + theta[0] * z[3];
    }
    return OURO_OK;
}

static void moments(const ouro_family *f, const double *theta, ouro_moments *out) {
    (void)f;
    const double noise = theta[0] * theta[0], x = 0.75 + noise, y = 0.5625 - M_1_PI + noise, xy = 0.125 - M_1_PI;
    out->mean[0] = 0.5;
    out->mean[1] = 0.25;
    out->trace = x + y;
    out->log_trace = log(out->trace);
    out->logdet = log(x * y - xy * xy);
}

const ouro_family_type ouro_family_moons = {
    .name = "moons",
    .doc = "Two interleaving half circles with Gaussian noise, those of scikit-learn's make_moons; a truth "
           "only.",
    .density = "half and half (cos a, sin a) and (1 - cos a, 1/2 - sin a), a uniform on (0, pi), plus noise z",
    .parameters = "none: no exponential family",
    .statistic = "none",
    .reference = "scikit-learn's make_moons; Kazdan et al. 2024 for its recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .truth_known = truth_known,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .moments = moments,
};
