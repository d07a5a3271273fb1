/* spectrum.c: eigenvalues of covariances kept as factors, where they are known. */
#include "harness.h"
#include "setup.h"
#include "ouro/replicate.h"
#include <math.h>

enum { MOST = 200 };

/* Equal correlations r: 1 + (d - 1) r once, 1 - r the other times. */
TEST(unit_spectrum_of_equal_correlations) {
    static const struct {
        int d;
        double r;
    } cases[] = {{2, 0.5}, {2, -0.999}, {7, -0.1}, {50, 0.3}, {200, 0.999999}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const int d = cases[c].d;
        const double r = cases[c].r, one = 1 + (d - 1) * r, other = 1 - r;
        double value[MOST];
        ouro_study s;
        REQUIRE(setup_loadf(&s,
                            "{'name': 's', 'truth': {'family': 'mvgaussian', 'dim': %d, 'correlation': %.17g},"
                            " 'model': {'family': 'mvgaussian'}, 'policy': {'synthetic': {'points': 300}}}",
                            d, r) == OURO_OK);
        const ouro_truth *t = &s.experiment[0].truth;
        t->family.type->spectrum(&t->family, t->theta, value);
        CHECK_CLOSE(value[0], log(fmax(one, other)), 0, 1e-10);
        CHECK_CLOSE(value[d - 1], log(fmin(one, other)), 0, 1e-10);
        if (d > 2) CHECK_CLOSE(value[d / 2], log(other), 0, 1e-10);
        ouro_study_free(&s);
    }
}

/* Fits of random rows: the eigenvalues add up to the trace, their logarithms to the log determinant; a fit of no more points
 * than dimensions has one of nothing. */
TEST(unit_spectrum_of_fits) {
    static const int points[] = {400, 9, 8};
    for (int c = 0; c < 3; c++) {
        ouro_study s;
        ouro_error e = {0};
        ouro_replicate r;
        double value[8], mean[8], trace = 0, logdet = 0;
        ouro_moments m = {.mean = mean};
        REQUIRE(setup_loadf(&s,
                            "{'name': 's', 'truth': {'family': 'mvgaussian', 'sd': [1,1e-9,3,4e7,5,6,7,8],"
                            " 'correlation': 0.4}, 'model': {'family': 'mvgaussian'}, 'policy': {'initial': %d},"
                            " 'run': {'path': '%s'}}",
                            points[c], c == 1 ? "samples" : "statistics") == OURO_OK);
        REQUIRE(ouro_replicate_init(&r, &s.experiment[0], &e) == OURO_OK);
        ouro_replicate_begin(&r, 3);
        REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
        const ouro_family *f = &s.experiment[0].model;
        f->type->spectrum(f, r.theta, value);
        f->type->moments(f, r.theta, &m);
        for (int i = 0; i < 8; i++) {
            trace += exp(value[i]);
            logdet += value[i];
            CHECK(i == 0 || value[i] <= value[i - 1]);
        }
        CHECK_CLOSE(trace, m.trace, 1e-12, 0);
        if (c < 2)
            CHECK_CLOSE(logdet, m.logdet, 1e-12, 1e-7);
        else
            CHECK_EQ(value[7], -INFINITY);
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}
