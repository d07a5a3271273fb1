/* moons.c: two interleaving half circles with Gaussian noise, a truth that no Gaussian resembles.
 *
 * theta = {noise}. With (u, v) a uniform point of the unit circle, upper half: (u, v), lower half: (1 + u, 1/2 + v); that is
 * scikit-learn's make_moons, but for its angles, which stand on a grid there and are independent here. From E v = 2/pi
 * and E v^2 = 1/2 on the upper half, by halves within and between: means 1/2 and 1/4, Var x = 3/4, Var y = 9/16 - 1/pi,
 * Cov = 1/8 - 1/pi; the noise adds its square to both variances. */
#include "ouro/family.h"
#include <math.h>

typedef struct params {
    double noise;
} params;

static const ouro_field truth_rows[] = {
    {"noise", OURO_REAL, OURO_ABOVE, offsetof(params, noise), 0, 1e100, "0.05", NULL, "unit of the data",
     "Standard deviation of the noise on both coordinates; the circles have radius 1."},
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

static int shape(ouro_family *f, ouro_error *e) {
    (void)e;
    f->theta_len = 1;
    f->stat_len = 0;
    f->mean_len = 2;
    return OURO_OK;
}

/* The direction of two normals is uniform. */
static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)f, (void)tmp;
    double z[4];
    for (size_t i = 0; i < n; i++, x += 2) {
        ouro_fill_normals(s, 4, z);
        const double r = sqrt(z[0] * z[0] + z[1] * z[1]), u = r > 0 ? z[0] / r : 1, v = r > 0 ? z[1] / r : 0;
        x[0] = (v < 0 ? 1 + u : u) + theta[0] * z[2];
        x[1] = (v < 0 ? 0.5 + v : v) + theta[0] * z[3];
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
    .doc = "Two interleaving half circles with Gaussian noise, scikit-learn's make_moons with independent angles; a "
           "truth only.",
    .density = "half and half (cos a, sin a) and (1 - cos a, 1/2 - sin a), a uniform on (0, pi), plus noise z",
    .parameters = "none: no exponential family",
    .statistic = "none",
    .reference = "scikit-learn's make_moons; Kazdan et al. 2024 for its recursion",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .moments = moments,
};
