/* counts.h: observed whole numbers against the probabilities of quadrature.h.
 *
 * A comparison under a right law fails with probability below 1e-6 (fit.h). */
#ifndef OURO_TEST_COUNTS_H
#define OURO_TEST_COUNTS_H
#include "fit.h"
#include "quadrature.h"
#include <gsl/gsl_cdf.h>

typedef struct counts {
    double from, total;
    size_t len;
    double *expected;
    uint64_t *seen;
} counts;

static inline void counts_begin(counts *c, const ouro_family *f, const double *theta, size_t total) {
    double to;
    *c = (counts){.total = (double)total};
    lattice_range(f, theta, &c->from, &to);
    c->len = (size_t)(to - c->from) + 1;
    c->expected = ouro_alloc(c->len, sizeof *c->expected);
    c->seen = ouro_alloc(c->len, sizeof *c->seen);
    for (size_t i = 0; i < c->len; i++) {
        c->expected[i] = c->total * (double)expl(density_of(f)->log(f->known, theta, (place){c->from, (double)i}));
        c->seen[i] = 0;
    }
}

/* What has no probability to speak of must not occur. */
static inline void counts_add(counts *c, double k) {
    const int inside = k >= c->from && k < c->from + (double)c->len && k == floor(k);
    CHECK(inside);
    if (inside) c->seen[(size_t)(k - c->from)]++;
}

/* Pearson's chi-squared; where nearly all is one point, the number of others against its Poisson law. Frees the counts. */
static inline void counts_check(counts *c) {
    size_t most = 0;
    for (size_t i = 0; i < c->len; i++)
        if (c->expected[i] > c->expected[most]) most = i;
    const double rest = c->total - c->expected[most];
    const unsigned others = (unsigned)c->total - (unsigned)c->seen[most];
    if (rest < 40)
        CHECK(gsl_cdf_poisson_P(others, rest) > 3e-7 && (others == 0 || gsl_cdf_poisson_Q(others - 1, rest) > 3e-7));
    else
        CHECK_CLOSE(fit_chi2(c->len, c->expected, c->seen), 0, 0, FIT_Z);
    ouro_free(c->expected);
    ouro_free(c->seen);
}

#endif
