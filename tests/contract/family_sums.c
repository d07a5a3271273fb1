/* family_sums.c: statistics of the one-parameter families, drawn or from rows, against the exact law of a sum, and merged
 * with weights.
 *
 * False alarms: about 400 comparisons with limits FIT_Z and FIT_KS, each false below 1e-6 (fit.h). */
#include "counts.h"
#include "ouro/nef.h"
#include "subjects.h"
#include <float.h>

enum { DRAWS = 4000 };
static const size_t sizes[] = {1, 2, 5, 40};

typedef void fill_statistic(subject *j, uint32_t i, size_t n, double *T);

static void drawn(subject *j, uint32_t i, size_t n, double *T) {
    ouro_stream s;
    subject_open_stream(&s, j, i, OURO_FOR_SYNTHETIC);
    j->f->type->stat_draw(j->f, j->theta[0], &s, n, T);
}

static void sampled(subject *j, uint32_t i, size_t n, double *T) {
    double x[64];
    ouro_stream s;
    subject_open_stream(&s, j, i, OURO_FOR_REAL);
    CHECK(j->f->type->sample(j->f, j->theta[0], &s, &j->tmp, n, x) == OURO_OK);
    j->f->type->stat_rows(j->f, n, x, T);
}

/* Sums of n points against their law: on a lattice it is of the same kind, with n times the mean, trials and size. */
static void check_sums(subject *j, size_t n, fill_statistic *way) {
    ouro_family of_sum = *j->f;
    const double theta = j->theta[0][0] * (double)n;
    counts c;
    of_sum.known[0] *= (double)n;
    counts_begin(&c, &of_sum, &theta, DRAWS);
    for (uint32_t i = 0; i < DRAWS; i++) {
        way(j, i, n, j->T[0]);
        const double sum = j->T[0][2] * (double)n;
        CHECK(j->T[0][0] == (double)n && j->T[0][1] == (double)n);
        CHECK_CLOSE(sum, rint(sum), (double)(n + 3) * DBL_EPSILON, 0); /* n additions */
        counts_add(&c, rint(sum));
    }
    counts_check(&c);
}

TEST(contract_statistics_of_lattices_follow_the_law_of_the_sum) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < 4 && on_a_lattice(j.f); i++) {
            check_sums(&j, sizes[i], drawn);
            check_sums(&j, sizes[i], sampled);
        }
}

static double gamma_cdf(double x, double shape) { return gsl_cdf_gamma_P(x, shape, 1); }
static double normal_cdf(double x, double p) { return (void)p, gsl_cdf_ugaussian_P(x); }

/* The sum of n gamma points is Gamma(n alpha). */
TEST(contract_statistics_of_gamma_follow_the_law_of_the_sum) {
    for (subject j = {0}; subject_next(&j);)
        for (size_t i = 0; i < 4 && j.f->type->nef == &ouro_nef_gamma; i++)
            for (int way = 0; way < 2; way++) {
                const double shape = j.f->known[0] * (double)sizes[i];
                double x[DRAWS];
                for (uint32_t k = 0; k < DRAWS; k++) {
                    (way ? sampled : drawn)(&j, k, sizes[i], j.T[0]);
                    x[k] = shape * exp(j.T[0][2] - j.theta[0][0]);
                }
                CHECK(fit_ks(DRAWS, x, gamma_cdf, shape) < FIT_KS);
            }
}

/* So many points that their mean is normal to 1e-4 or better (Berry and Esseen: skewness / sqrt n), and that counts leave
 * the whole numbers a double holds. */
TEST(contract_statistics_of_huge_batches_are_normal) {
    for (subject j = {0}; subject_next(&j);)
        for (int k = 0; k < 2 && j.f->type->nef != NULL && density_of(j.f) != NULL; k++) {
            const uint64_t n = k ? 9000000000000000 : 1000000000000000;
            const double mean = j.truth->moments.mean[0], sd = exp(j.truth->moments.log_trace / 2);
            double x[DRAWS];
            for (uint32_t i = 0; i < DRAWS; i++) {
                drawn(&j, i, n, j.T[0]);
                const double away = on_a_lattice(j.f) ? j.T[0][2] - mean : expm1(j.T[0][2] - j.theta[0][0]) * mean;
                x[i] = away / sd * sqrt((double)n);
            }
            CHECK_CLOSE(fit_mean_z(DRAWS, x, 0, 1), 0, 0, FIT_Z);
            CHECK_CLOSE(fit_variance_z(DRAWS, x, 0, 1, 3), 0, 0, FIT_Z);
            CHECK(fit_ks(DRAWS, x, normal_cdf, 0) < FIT_KS);
        }
}

/* W = sum w n, W2 = sum w^2 n and the weighted mean, of batches drawn from two models, whatever their order. */
TEST(contract_statistics_of_means_merge_by_weight) {
    static const double weight[] = {3, 0.25, 1, 17};
    for (subject j = {0}; subject_next(&j);) {
        long double sum = 0, all = 0, squares = 0;
        if (j.f->type->nef == NULL || density_of(j.f) == NULL) continue;
        for (int i = 0; i < 2; i++) j.f->type->stat_empty(j.f, j.T[i]);
        for (uint32_t i = 0; i < 4; i++) {
            const double *theta = j.theta[i % j.models];
            const double n = (double)(1 + 5 * i);
            j.f->type->stat_of(j.f, theta, j.T[2]);
            j.T[2][0] = j.T[2][1] = n;
            j.f->type->stat_merge(j.f, weight[i], j.T[2], j.T[0]);
            sum += weight[i] * n * (on_a_lattice(j.f) ? theta[0] : expl(theta[0]));
            all += weight[i] * n;
            squares += weight[i] * weight[i] * n;
            j.f->type->stat_of(j.f, j.theta[(3 - i) % j.models], j.T[2]);
            j.T[2][0] = j.T[2][1] = (double)(1 + 5 * (3 - i));
            j.f->type->stat_merge(j.f, weight[3 - i], j.T[2], j.T[1]);
        }
        for (int i = 0; i < 2; i++) {
            const double mean = (double)(sum / all);
            CHECK_CLOSE(j.T[i][0], (double)all, 1e-15, 0);
            CHECK_CLOSE(j.T[i][1], (double)squares, 1e-15, 0);
            CHECK_CLOSE(j.T[i][2], on_a_lattice(j.f) ? mean : log(mean), 1e-14, 1e-15);
        }
    }
}
