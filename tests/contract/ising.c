/* ising.c: the mean-field Ising model against its definition, summed level by level in long double. */
#include "../fit.h"
#include "subjects.h"
#include <string.h>

enum { MOST_LEVELS = 64, ROWS = 20000 };

static int ising_next(subject *j) {
    while (subject_next(j))
        if (!strcmp(j->name, "ising")) return 1;
    return 0;
}

static size_t levels_of(const subject *j) { return (size_t)j->f->known[0] + 1; }
static double level_of(const subject *j, size_t i) { return 2 * (double)i - j->f->known[0]; }

/* C(N, (N+K)/2) exp(h K + J K^2) / Z from the numbers of the config. */
static void textbook(double spins, double field, double coupling, long double *p) {
    long double sum = 0;
    for (size_t i = 0; i <= (size_t)spins; i++) {
        const long double k = 2 * (long double)i - (long double)spins, n = (long double)spins;
        p[i] = expl(lgammal(n + 1) - lgammal((n + k) / 2 + 1) - lgammal((n - k) / 2 + 1) + (long double)field * k +
                    (long double)coupling * k * k);
        sum += p[i];
    }
    for (size_t i = 0; i <= (size_t)spins; i++) p[i] /= sum;
}

TEST(contract_ising_truth) {
    static const double cases[][3] = {{2, 0, 0}, {7, 0.3, 0}, {12, 0.02, 0.09}, {20, -0.5, -0.03}, {50, 0.01, 0.011}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        ouro_study s;
        long double p[MOST_LEVELS];
        REQUIRE(
            setup_loadf(&s,
                        "{'name': 't', 'truth': {'family': 'ising', 'spins': %g, 'field': %.17g, 'coupling': %.17g},"
                        " 'model': {'family': 'ising'}}",
                        cases[c][0], cases[c][1], cases[c][2]) == OURO_OK);
        textbook(cases[c][0], cases[c][1], cases[c][2], p);
        for (size_t i = 0; i <= (size_t)cases[c][0]; i++)
            CHECK_CLOSE(s.experiment[0].truth.theta[i], (double)p[i], 1e-13, 1e-300);
        ouro_study_free(&s);
    }
}

TEST(contract_ising_moments_and_entropy) {
    for (subject j = {0}; ising_next(&j);)
        for (size_t k = 0; k < j.models; k++) {
            long double mass = 0, mean = 0, square = 0, entropy = 0;
            const double *p = j.theta[k];
            for (size_t i = 0; i < levels_of(&j); i++) {
                mass += p[i];
                mean += (long double)p[i] * level_of(&j, i);
                square += (long double)p[i] * level_of(&j, i) * level_of(&j, i);
                entropy -= p[i] > 0 ? p[i] * logl(p[i]) : 0;
            }
            double m;
            ouro_moments out = {.mean = &m};
            j.f->type->moments(j.f, p, &out);
            CHECK_CLOSE((double)mass, 1, 1e-14, 0);
            CHECK_CLOSE(m, (double)mean, 1e-13, 1e-13);
            CHECK_CLOSE(out.trace, (double)(square - mean * mean), 1e-11, 1e-13);
            CHECK_CLOSE(exp(out.log_trace), out.trace, 1e-13, 0);
            CHECK_CLOSE(j.f->type->entropy(j.f, p), (double)entropy, 1e-13, 1e-15);
        }
}

TEST(contract_ising_samples) {
    static double x[ROWS];
    for (subject j = {0}; ising_next(&j);) {
        double expected[MOST_LEVELS];
        uint64_t seen[MOST_LEVELS] = {0};
        ouro_stream s;
        subject_open_stream(&s, &j, 3, OURO_FOR_REAL);
        REQUIRE(j.f->type->sample(j.f, j.theta[0], &s, &j.tmp, ROWS, x) == OURO_OK);
        for (size_t r = 0; r < ROWS; r++) seen[(size_t)((x[r] + j.f->known[0]) / 2)]++;
        for (size_t i = 0; i < levels_of(&j); i++) expected[i] = ROWS * j.theta[0][i];
        CHECK(fabs(fit_chi2(levels_of(&j), expected, seen)) < FIT_Z);
    }
}

/* KL, Hellinger, total variation as sums, W2 as the integral of the squared difference of quantile functions. */
TEST(contract_ising_divergences) {
    for (subject j = {0}; ising_next(&j);)
        for (size_t k = 1; k < j.models; k++) {
            const double *a = j.theta[0], *b = j.theta[k];
            long double kl = 0, overlap = 0, tv = 0, w2 = 0, fa = 0, fb = 0, at = 0;
            for (size_t i = 0; i < levels_of(&j); i++) {
                kl += a[i] > 0 ? (b[i] > 0 ? a[i] * logl((long double)a[i] / b[i]) : INFINITY) : 0;
                overlap += sqrtl((long double)a[i] * b[i]);
                tv += fabsl((long double)a[i] - b[i]) / 2;
            }
            for (size_t i = 0, l = 0; i < levels_of(&j) && l < levels_of(&j);) {
                const long double ua = fa + a[i], ub = fb + b[l], upto = ua < ub ? ua : ub;
                const long double gap = level_of(&j, i) - level_of(&j, l);
                w2 += (upto - at) * gap * gap;
                at = upto;
                if (ua <= ub) fa = ua, i++;
                if (ub <= ua) fb = ub, l++;
            }
            CHECK_CLOSE(j.f->type->divergence(j.f, OURO_KL, a, b), (double)kl, 1e-10, 1e-15);
            CHECK_CLOSE(pow(j.f->type->divergence(j.f, OURO_HELLINGER, a, b), 2), (double)(1 - overlap), 1e-10, 1e-15);
            CHECK_CLOSE(j.f->type->divergence(j.f, OURO_TV, a, b), (double)tv, 1e-12, 1e-15);
            CHECK_CLOSE(pow(j.f->type->divergence(j.f, OURO_W2, a, b), 2), (double)w2, 1e-10, 1e-13);
        }
}

/* Whole probability levels from the rarest on, mirrored ones together; with couplings they may lie in the middle. */
TEST(contract_ising_tails) {
    int middle = 0;
    for (subject j = {0}; ising_next(&j);)
        for (double alpha = 0.5; alpha > 1e-4; alpha /= 3) {
            ouro_tail_set a;
            ouro_error e = {0};
            const double *p = j.truth->theta;
            double rarest = 1, mass = 0, inside = 0, common = 2, next = 0, side[2];
            int before = 0; /* a level below that is no member */
            for (size_t i = 0; i < levels_of(&j); i++) rarest = fmin(rarest, p[i]);
            const int ret = ouro_truth_tail(j.truth, alpha, &j.tmp, &a, &e);
            if (ret != OURO_OK) {
                CHECK(rarest * 2 > alpha); /* even the rarest, or the rarest pair, is too much */
                continue;
            }
            for (size_t i = 0; i < levels_of(&j); i++) {
                if (a.member[i])
                    mass += p[i], inside = fmax(inside, p[i]);
                else
                    common = fmin(common, p[i]);
                if (a.member[i]) middle |= before && !a.member[levels_of(&j) - 1];
                before |= !a.member[i];
            }
            CHECK_CLOSE(a.attained, mass, 1e-14, 0);
            CHECK(mass <= alpha * (1 + 1e-9) && inside < common);
            for (size_t i = 0; i < levels_of(&j); i++) next += !a.member[i] && p[i] < common * (1 + 1e-8) ? p[i] : 0;
            CHECK(mass + next > alpha); /* the next probability level would be too much */
            for (size_t k = 0; k < j.models; k++) {
                double sum = 0;
                for (size_t i = 0; i < levels_of(&j); i++) sum += a.member[i] ? j.theta[k][i] : 0;
                CHECK_CLOSE(j.f->type->tail_mass(j.f, j.theta[k], &a, side), sum, 1e-14, 0);
                CHECK_CLOSE(side[0] + side[1], sum, 1e-14, 0);
            }
        }
    CHECK(middle);
}
