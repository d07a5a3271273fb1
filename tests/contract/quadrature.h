/* quadrature.h: densities written down a second time, and integrals over them.
 *
 * Nothing here is shared with the library: log densities are in long double and in the words of the textbook, and an
 * integral is a sum of Gauss-Legendre rules over panels one standard deviation wide. A family on the line needs a row
 * in `densities` below, which is what its closed forms are then held against. */
#ifndef OURO_TEST_QUADRATURE_H
#define OURO_TEST_QUADRATURE_H
#include "harness.h"
#include "ouro/family.h"
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

enum { NODES = 20, REACH = 40, MOST_PANELS = 1024 };

/* A point on the line as origin + offset: in one number, the points of a narrow density next to a large mean would run
 * into each other. */
typedef struct place {
    double origin, offset;
} place;

static inline long double gaussian_log_density(const double *theta, place x) {
    const long double z = (((long double)x.origin - theta[0]) + x.offset) * expl(-(long double)theta[1]);
    return -z * z / 2 - theta[1] - 0.918938533204672741780329736405617639862L; /* log(2 pi) / 2 */
}

typedef struct density {
    const char *name;
    long double (*log)(const double *theta, place x);
    double lower; /* end of the support */
} density;

static const density densities[] = {
    {"gaussian", gaussian_log_density, -INFINITY},
};

static inline const density *density_of(const ouro_family *f) {
    for (size_t i = 0; i < sizeof densities / sizeof densities[0]; i++)
        if (strcmp(densities[i].name, f->type->name) == 0) return &densities[i];
    return NULL;
}

/* Ends of panels as offsets from an origin, ascending once made. */
typedef struct panels {
    double origin;
    size_t len;
    double end[MOST_PANELS];
} panels;

static inline void panels_add(panels *p, double x) {
    if (p->len < MOST_PANELS) p->end[p->len++] = x;
}

/* Mean +- REACH standard deviations, in steps of one; beyond them a density on the line has no mass left. */
static inline void panels_around(panels *p, const ouro_family *f, const double *theta) {
    double mean[1];
    ouro_moments m = {.mean = mean};
    f->type->moments(f, theta, &m);
    for (int z = -REACH; z <= REACH; z++) panels_add(p, mean[0] - p->origin + z * exp(m.log_trace / 2));
}

/* Sorts and cuts the ends to [from, to] (offsets too; infinite for no cut). */
static inline void panels_cut(panels *p, double from, double to) {
    size_t len = 0;
    panels_add(p, from);
    panels_add(p, to);
    gsl_sort(p->end, 1, p->len);
    for (size_t i = 0; i < p->len; i++)
        if (p->end[i] >= from && p->end[i] <= to && isfinite(p->end[i]) && (len == 0 || p->end[i] > p->end[len - 1]))
            p->end[len++] = p->end[i];
    p->len = len;
}

typedef long double integrand(const void *ctx, place x);

static inline double integrate(const panels *p, integrand *g, const void *ctx) {
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(NODES);
    long double sum = 0;
    for (size_t i = 0; i + 1 < p->len; i++) {
        long double panel = 0;
        for (size_t k = 0; k < NODES; k++) {
            double x, w;
            gsl_integration_glfixed_point(p->end[i], p->end[i + 1], k, &x, &w, rule);
            panel += w * g(ctx, (place){p->origin, x});
        }
        sum += panel;
    }
    gsl_integration_glfixed_table_free(rule);
    return (double)sum;
}

#endif
