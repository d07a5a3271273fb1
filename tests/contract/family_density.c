/* family_density.c: samples, moments, quantiles, entropy and fits of every family against its density, or against its
 * probabilities, with integrals and sums done here.
 *
 * False alarms: about 200 comparisons with limits FIT_Z and FIT_KS, each false below 1e-6 (fit.h). */
#include "counts.h"
#include "ouro/nef.h"
#include "subjects.h"
#include <float.h>

enum { SAMPLES = 20000, BINS = 25 };

/* A model on the line, what to integrate over it, and a centre. */
typedef struct curve {
    const ouro_family *f;
    const double *theta;
    double centre, power;
} curve;

static long double log_of(const curve *c, place x) { return density_of(c->f)->log(c->f->known, c->theta, x); }

static long double mass(const void *ctx, place x) { return expl(log_of(ctx, x)); }
static long double central_moment(const void *ctx, place x) {
    const curve *c = ctx;
    return powl(((long double)x.origin - c->centre) + x.offset, (int)c->power) * mass(ctx, x);
}
static long double surprise(const void *ctx, place x) {
    const long double log_density = log_of(ctx, x), p = expl(log_density);
    return p > 0 ? -log_density * p : 0;
}

/* The integral, or sum, of g up to `to`. */
static double integral(const subject *j, const double *theta, integrand *g, double centre, int power, double to) {
    const curve c = {j->f, theta, centre, power};
    double mean, sd, from, end;
    if (on_a_lattice(j->f)) {
        lattice_range(j->f, theta, &from, &end);
        return sum_lattice(from, fmin(end, to), g, &c);
    }
    range_of(j->f, theta, &mean, &sd);
    panels p = {.origin = panels_origin(j->f, isfinite(to) ? to : mean)};
    panels_around(&p, j->f, theta);
    panels_cut(&p, density_of(j->f)->lower - p.origin, isfinite(to) ? to - p.origin : INFINITY);
    return integrate(&p, g, &c);
}

static int on_the_line(const subject *j) { return j->f->domain.kind == OURO_NUMBERS && j->f->domain.dim == 1; }

/* Heavy tails want an integral of their own (family_transforms.c); ising's parameters are its probabilities. */
static int is_elsewhere(const char *name) {
    static const char *const names[] = {"lognormal", "weibull", "pareto", "laplace", "ising"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return 1;
    return 0; /* laplace's kind with two parameters is here as well */
}

TEST(contract_density_is_written_down_for_every_family_on_the_line) {
    for (subject j = {0}; subject_next(&j);)
        if (on_the_line(&j) && !is_elsewhere(j.name) &&
            !harness_true(density_of(j.f) != NULL, __FILE__, __LINE__, j.name))
            printf("  add the density of %s to tests/contract/quadrature.h\n", j.name);
}

/* Next to |mean| / sd = c, a location cannot be told better than c rounding errors. */
static double slack(const ouro_moments *m) {
    return 1e-12 + 16 * DBL_EPSILON * fabs(m->mean[0]) * exp(-m->log_trace / 2);
}

TEST(contract_density_moments_and_entropy) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && on_the_line(&j) && density_of(j.f) != NULL; k++) {
            double mean[1];
            ouro_moments m = {.mean = mean};
            j.f->type->moments(j.f, j.theta[k], &m);
            const double sd = exp(m.log_trace / 2), tol = slack(&m);
            CHECK_CLOSE(integral(&j, j.theta[k], mass, 0, 0, INFINITY), 1, tol, 0);
            CHECK_CLOSE(integral(&j, j.theta[k], central_moment, mean[0], 1, INFINITY), 0, 0, tol * sd);
            CHECK_CLOSE(integral(&j, j.theta[k], central_moment, mean[0], 2, INFINITY), sd * sd, tol, 0);
            CHECK_CLOSE(m.trace, sd * sd, 1e-12, 0);
            CHECK_CLOSE(m.logdet, m.log_trace, 1e-15, 0);
            if (j.f->type->entropy != NULL)
                CHECK_CLOSE(j.f->type->entropy(j.f, j.theta[k]), integral(&j, j.theta[k], surprise, 0, 0, INFINITY),
                            tol, on_a_lattice(j.f) ? 0 : tol); /* only densities have an entropy of either sign */
        }
}

TEST(contract_density_quantiles) {
    static const double p[] = {1e-12, 0.001, 0.05, 0.5, 0.7, 0.975, 0.9999};
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && density_of(j.f) != NULL && j.f->type->quantiles != NULL; k++) {
            double x[7], mean[1];
            ouro_moments m = {.mean = mean};
            j.f->type->moments(j.f, j.theta[k], &m);
            j.f->type->quantiles(j.f, j.theta[k], 7, p, x);
            /* a quantile 7 sd out turns a rounding of the location into 7 times as much of the mass */
            for (int i = 0; i < 7; i++)
                CHECK_CLOSE(integral(&j, j.theta[k], mass, 0, 0, x[i]), p[i], 10 * slack(&m), 0);
        }
}

TEST(contract_density_of_samples_on_the_line) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && on_the_line(&j) && j.f->type->quantiles != NULL; k++) {
            double p[BINS - 1], cut[BINS - 1], expected[BINS];
            static double x[SAMPLES];
            uint64_t seen[BINS] = {0};
            ouro_stream s;
            for (int i = 0; i < BINS; i++) {
                expected[i] = (double)SAMPLES / BINS;
                if (i > 0) p[i - 1] = (double)i / BINS;
            }
            j.f->type->quantiles(j.f, j.theta[k], BINS - 1, p, cut);
            subject_open_stream(&s, &j, (uint32_t)k, OURO_FOR_REAL);
            REQUIRE(j.f->type->sample(j.f, j.theta[k], &s, &j.tmp, SAMPLES, x) == OURO_OK);
            for (size_t i = 0; i < SAMPLES; i++) {
                size_t bin = 0;
                while (bin < BINS - 1 && x[i] > cut[bin]) bin++;
                seen[bin]++;
            }
            CHECK_CLOSE(fit_chi2(BINS, expected, seen), 0, 0, FIT_Z);
        }
}

TEST(contract_density_of_samples_on_a_lattice) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && on_the_line(&j) && on_a_lattice(j.f); k++) {
            static double x[SAMPLES];
            counts c;
            ouro_stream s;
            subject_open_stream(&s, &j, (uint32_t)k, OURO_FOR_REAL);
            REQUIRE(j.f->type->sample(j.f, j.theta[k], &s, &j.tmp, SAMPLES, x) == OURO_OK);
            counts_begin(&c, j.f, j.theta[k], SAMPLES);
            for (size_t i = 0; i < SAMPLES; i++) counts_add(&c, x[i]);
            counts_check(&c);
        }
}

static double gamma_cdf(double x, double shape) { return gsl_cdf_gamma_P(x, shape, 1); }

TEST(contract_density_of_gamma_samples) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && strcmp(j.name, "gamma") == 0; k++) {
            static double x[SAMPLES];
            const int both = j.f->theta_len == 2;
            const double shape = both ? exp(j.theta[k][1]) : j.f->known[0];
            const double mean = both ? j.theta[k][0] : exp(j.theta[k][0]);
            if (shape > 1e9) continue; /* rows that are hardly apart */
            ouro_stream s;
            subject_open_stream(&s, &j, (uint32_t)k, OURO_FOR_REAL);
            REQUIRE(j.f->type->sample(j.f, j.theta[k], &s, &j.tmp, SAMPLES, x) == OURO_OK);
            for (size_t i = 0; i < SAMPLES; i++) x[i] *= shape / mean;
            CHECK(fit_ks(SAMPLES, x, gamma_cdf, shape) < FIT_KS);
        }
}

/* Sampled categories follow the probabilities (but for the pairs of a chain, see law_bigram.c), and what cannot happen does not. */
TEST(contract_density_of_sampled_categories) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && j.f->domain.kind == OURO_CATEGORIES && !j.f->domain.pairs; k++) {
            double p[64], expected[64];
            static double x[SAMPLES];
            uint64_t seen[64] = {0};
            ouro_moments m = {.mean = p};
            ouro_stream s;
            size_t possible = 0;
            j.f->type->moments(j.f, j.theta[k], &m);
            subject_open_stream(&s, &j, (uint32_t)k, OURO_FOR_REAL);
            REQUIRE(j.f->type->sample(j.f, j.theta[k], &s, &j.tmp, SAMPLES, x) == OURO_OK);
            for (size_t i = 0; i < SAMPLES; i++) seen[(size_t)x[i]]++;
            for (size_t i = 0; i < j.f->domain.categories; i++) {
                CHECK(p[i] > 0 || seen[i] == 0);
                expected[possible] = SAMPLES * p[i];
                seen[possible] = seen[i];
                possible += p[i] > 0;
            }
            if (possible > 1) CHECK_CLOSE(fit_chi2(possible, expected, seen), 0, 0, FIT_Z);
        }
}

TEST(contract_density_moments_of_categories) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && j.f->domain.kind == OURO_CATEGORIES; k++) {
            double p[64];
            long double same = 0, all = 0, entropy = 0;
            ouro_moments m = {.mean = p};
            j.f->type->moments(j.f, j.theta[k], &m);
            for (size_t i = 0; i < j.f->mean_len; i++) {
                same += (long double)p[i] * p[i];
                all += p[i];
                entropy -= p[i] > 0 ? p[i] * logl(p[i]) : 0;
            }
            CHECK_CLOSE((double)all, 1, 1e-14, 0);
            CHECK_CLOSE(m.trace, (double)(all - same), 1e-13, 0);
            CHECK_CLOSE(m.log_trace, log((double)(all - same)), 1e-13, 1e-13);
            CHECK(isnan(m.logdet));
            if (j.f->type->entropy != NULL) CHECK_CLOSE(j.f->type->entropy(j.f, j.theta[k]), (double)entropy, 1e-13, 0);
        }
}

/* A fit of so many points that it must be the model: within 1e-6 in Hellinger distance, since the expected one is
 * sqrt(parameters / (8 n)) < 1e-7 for n = 1e15; where there are rows alone, within 8 times of that. */
TEST(contract_fits_are_consistent) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && j.f->type->divergence != NULL && !j.f->domain.pairs; k++) {
            double *theta = ouro_arena_alloc(&j.tmp, j.f->theta_len, sizeof *theta);
            ouro_fit_info info;
            ouro_stream s;
            subject_open_stream(&s, &j, (uint32_t)k, OURO_FOR_SYNTHETIC);
            subject_draw(&j, j.theta[k], &s, 1000000000000000, j.T[0]);
            j.f->type->fit_mle(j.f, j.T[0], theta, &info);
            if (j.f->domain.kind == OURO_CATEGORIES) { /* no point is lost or added, however many */
                double sum = 0;
                for (size_t i = 0; i < j.f->domain.categories; i++) sum += j.T[0][1 + i];
                CHECK_EQ(sum, 1e15);
            }
            const double limit = j.f->type->stat_draw ? 1e-6 : 8 * sqrt((double)j.f->theta_len / (8 * j.T[0][0]));
            if (!harness_close(j.f->type->divergence(j.f, OURO_HELLINGER, j.theta[k], theta), 0, 0, limit, __FILE__,
                               __LINE__, j.name))
                printf("  theta (%.17g, %.17g) and its fit (%.17g, %.17g)\n", j.theta[k][0], j.theta[k][1], theta[0],
                       theta[1]);
            CHECK(info.converged && info.floor_hits == 0);
        }
}

/* The statistic that n points would have if they were exactly as the model says is fitted by the model. */
TEST(contract_fits_return_the_model_of_its_own_statistic) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t k = 0; k < j.models && j.f->type->stat_of != NULL; k++) {
            double *theta = ouro_arena_alloc(&j.tmp, j.f->theta_len, sizeof *theta), n = 48;
            ouro_fit_info info;
            j.f->type->stat_of(j.f, j.theta[k], j.T[1]);
            j.f->type->stat_empty(j.f, j.T[0]);
            j.f->type->stat_merge(j.f, n, j.T[1], j.T[0]);
            CHECK_EQ(j.T[0][0], n);
            j.f->type->fit_mle(j.f, j.T[0], theta, &info);
            for (size_t i = 0; i < j.f->theta_len; i++)
                CHECK_CLOSE(theta[i], j.theta[k][i], 4 * DBL_EPSILON, info.iterations > 0 ? 1e-9 : 4 * DBL_EPSILON);
            CHECK(!info.absorbed);
        }
}

/* Three points of weight 2 and five of weight 0.7: the mean of the unbiased variance is the model's; of the variance
 * that maximum likelihood gives, (1 - sum w^2 / (sum w)^2) times it. */
TEST(contract_fits_unbiased_with_weights) {
    static double unbiased[SAMPLES], mle[SAMPLES];
    const double W = 3 * 2 + 5 * 0.7, shrink = 1 - (3 * 4 + 5 * 0.49) / (W * W);
    for (subject j = {0}; subject_next(&j);) {
        const ouro_family_type *type = j.f->type;
        double mean[1], fourth[2] = {0, 0};
        ouro_moments m = {.mean = mean};
        ouro_fit_info info;
        double *theta = ouro_arena_alloc(&j.tmp, j.f->theta_len, sizeof *theta);
        if (type->fit_unbiased == NULL || !on_the_line(&j) || !type->matches_second_moments) continue;
        for (uint32_t i = 0; i < SAMPLES; i++) {
            ouro_stream s;
            subject_open_stream(&s, &j, i, OURO_FOR_SYNTHETIC);
            type->stat_empty(j.f, j.T[0]);
            type->stat_draw(j.f, j.theta[0], &s, 3, j.T[1]);
            type->stat_merge(j.f, 2, j.T[1], j.T[0]);
            type->stat_draw(j.f, j.theta[0], &s, 5, j.T[1]);
            type->stat_merge(j.f, 0.7, j.T[1], j.T[0]);
            type->fit_unbiased(j.f, j.T[0], theta, &info);
            type->moments(j.f, theta, &m);
            unbiased[i] = exp(m.log_trace - j.truth->moments.log_trace);
            type->fit_mle(j.f, j.T[0], theta, &info);
            type->moments(j.f, theta, &m);
            mle[i] = exp(m.log_trace - j.truth->moments.log_trace);
            fourth[0] += (unbiased[i] - 1) * (unbiased[i] - 1) / SAMPLES;
            fourth[1] += (mle[i] - shrink) * (mle[i] - shrink) / SAMPLES;
        }
        CHECK_CLOSE(fit_mean_z(SAMPLES, unbiased, 1, fourth[0]), 0, 0, FIT_Z);
        CHECK_CLOSE(fit_mean_z(SAMPLES, mle, shrink, fourth[1]), 0, 0, FIT_Z);
        for (uint32_t i = 0; i < 10; i++) CHECK_CLOSE(mle[i] / unbiased[i], shrink, 1e-13, 0);
    }
}
