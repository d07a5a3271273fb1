/* law_ridge.c: a quadratic pull on the natural parameter against exact chains, and the stationary law of penalised
 * recursion: for theta_{t+1} = argmax n (eta . t - A) - R(eta) its density in eta is exp(-2 R) up to O(1/n), the
 * prior squared, whatever n. R = lambda/2 (eta - ref)^2 gives N(ref, 1 / (2 lambda)). */
#include "harness.h"
#include "law.h"
#include "ouro/mem.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define P0 0.2689414213699951 /* 1 / (1 + e): eta = -1 */

/* Distribution of a bernoulli model under ridge at generation t: n + 1 states, the number of ones behind the fit. */
typedef struct chain {
    unsigned n;
    double *eta, *mass;
} chain;

/* Root of n (k/n - p(eta)) = lambda (eta + 1), which falls in eta, by bisection. */
static double ridge_fit(double n, double k, double lambda) {
    double low = -60, high = 60;
    for (int i = 0; i < 100; i++) {
        double eta = (low + high) / 2;
        *(k - n / (1 + exp(-eta)) > lambda * (eta + 1) ? &low : &high) = eta;
    }
    return (low + high) / 2;
}

static chain chain_run(unsigned n, double lambda, unsigned generations) {
    chain c = {.n = n, .eta = ouro_alloc(n + 1, sizeof(double)), .mass = ouro_alloc(n + 1, sizeof(double))};
    double *next = ouro_alloc(n + 1, sizeof(double)), *step = ouro_alloc((n + 1) * (size_t)(n + 1), sizeof(double));
    for (unsigned k = 0; k <= n; k++) {
        c.eta[k] = ridge_fit(n, k, lambda);
        for (unsigned l = 0; l <= n; l++) step[k * (n + 1) + l] = gsl_ran_binomial_pdf(l, 1 / (1 + exp(-c.eta[k])), n);
        c.mass[k] = gsl_ran_binomial_pdf(k, P0, n);
    }
    for (unsigned t = 1; t < generations; t++) {
        memset(next, 0, (n + 1) * sizeof *next);
        for (unsigned k = 0; k <= n; k++)
            for (unsigned l = 0; c.mass[k] > 1e-18 && l <= n; l++) next[l] += c.mass[k] * step[k * (n + 1) + l];
        memcpy(c.mass, next, (n + 1) * sizeof *next);
    }
    ouro_free(next), ouro_free(step);
    return c;
}

static void chain_free(chain *c) { ouro_free(c->eta), ouro_free(c->mass); }

/* Mean and variance of eta, or of p; mass below -1.5. */
static void chain_moments(const chain *c, int of_p, double *mean, double *variance, double *below) {
    *mean = *variance = *below = 0;
    for (int pass = 0; pass < 2; pass++)
        for (unsigned k = 0; k <= c->n; k++) {
            double x = of_p ? 1 / (1 + exp(-c->eta[k])) : c->eta[k];
            if (pass == 0) *mean += c->mass[k] * x, *below += c->mass[k] * (c->eta[k] < -1.5);
            if (pass == 1) *variance += c->mass[k] * (x - *mean) * (x - *mean);
        }
}

/* Moments over replicates of x[n]: z of the mean, of the variance. */
static void z_of(size_t n, const double *x, double mean, double variance, double *z_mean, double *z_variance) {
    double m = 0, second = 0, fourth = 0;
    for (size_t i = 0; i < n; i++) m += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d2 = (x[i] - m) * (x[i] - m);
        second += d2 / (double)(n - 1);
        fourth += d2 * d2 / (double)n;
    }
    *z_mean = (m - mean) / sqrt(second / (double)n);
    *z_variance = (second - variance) / sqrt((fourth - second * second) / (double)n);
}

/* p of every replicate from V_0 (drift_sq + variance_ratio) = p - 2 p p_0 + p_0^2; eta where wanted. */
static double *models(const law_run *r, int of_p) {
    size_t d = law_column(r, "drift_sq"), v = law_column(r, "variance_ratio"), n = r->results.replicates;
    double *x = ouro_alloc(n, sizeof *x);
    for (size_t i = 0; x && i < n; i++) {
        const double *row = ouro_results_row(&r->results, i, 0);
        double p = (P0 * (1 - P0) * (row[d] + row[v]) - P0 * P0) / (1 - 2 * P0);
        x[i] = of_p ? p : log(p / (1 - p));
    }
    return x;
}

#define BERNOULLI                                                                                                      \
    "{'name':'l','truth':{'family':'bernoulli','p':0.2689414213699951},'model':{'family':'bernoulli','estimator':"

/* n = 400, lambda = 1.5, on both paths and towards the same place given in two ways: the exact chain. */
TEST(law_ridge_bernoulli_chain) {
    static const char *const more[] = {
        "{'type':'ridge','strength':1.5}},'policy':{'synthetic':{'points':400}},'run':{'generations':300,'replicates':"
        "4000,"
        "'seed':61,'path':'statistics'},",
        "{'type':'ridge','strength':1.5,'towards':'parameters','at':{'p':0.2689414213699951}}},"
        "'policy':{'synthetic':{'points':40}},'run':{'generations':60,'replicates':4000,'seed':62,'path':'samples'},"};
    static const unsigned n[] = {400, 40}, t[] = {300, 60};
    char json[768];
    for (int k = 0; k < 2; k++) {
        snprintf(json, sizeof json, BERNOULLI "%s'observe':{'measures':['moments','fit'],'generations':[%u]}}", more[k],
                 t[k]);
        law_run r = law_run_json(json);
        chain c = chain_run(n[k], 1.5, t[k]);
        double mean, variance, below, z[2], share = 0, *eta = r.ok ? models(&r, 0) : NULL;
        CHECK(eta != NULL);
        if (eta) {
            size_t replicates = r.results.replicates;
            chain_moments(&c, 0, &mean, &variance, &below);
            z_of(replicates, eta, mean, variance, &z[0], &z[1]);
            CHECK_LAW(z[0]);
            CHECK_LAW(z[1]);
            for (size_t i = 0; i < replicates; i++) share += (eta[i] < -1.5) / (double)replicates;
            CHECK_LAW((share - below) / sqrt(below * (1 - below) / (double)replicates));
            CHECK_EQ(law_at(&r, "converged", t[k]).mean, 1.0);
            CHECK_EQ(law_at(&r, "absorbed", t[k]).mean, 0.0);
        }
        ouro_free(eta);
        chain_free(&c);
        law_run_free(&r);
    }
}

/* The chain, in turn, against the limit: what is left halves as n doubles, and taking that away leaves O(1/n^2). No
 * simulation. Relaxation takes n V / lambda generations. */
TEST(law_ridge_prior_squared) {
    double mean[2], variance[2], below[2];
    for (int k = 0; k < 2; k++) {
        chain c = chain_run(k ? 300 : 150, 1.5, k ? 400 : 200);
        chain_moments(&c, 0, &mean[k], &variance[k], &below[k]);
        chain_free(&c);
    }
    CHECK_CLOSE(variance[1], 1 / 3.0, 0, 3 / 300.0);
    CHECK_CLOSE(2 * variance[1] - variance[0], 1 / 3.0, 0, 1e-3);
    CHECK_CLOSE(2 * mean[1] - mean[0], -1, 0, 1e-3);
    CHECK_CLOSE(2 * below[1] - below[0], gsl_cdf_gaussian_P(-0.5, sqrt(1 / 3.0)), 0, 1e-2); /* counts are whole */
}

/* scaled: the pull is multiplied by n, and what is left is O(1/n): V (1-a)^2 / (n (1 - (1-a)^2)), a = lambda / (V +
 * lambda) */
TEST(law_ridge_scaled) {
    law_run r =
        law_run_json(BERNOULLI "{'type':'ridge','strength':0.1,'scaled':true}},'policy':{'synthetic':{'points':500}},"
                               "'run':{'generations':15,'replicates':20000,'seed':63},"
                               "'observe':{'measures':['moments'],'generations':[15]}}");
    chain c = chain_run(500, 0.1 * 500, 15);
    double mean, variance, below, z[2], v = P0 * (1 - P0), keep = 1 - 0.1 / (v + 0.1), *p = r.ok ? models(&r, 1) : NULL;
    chain_moments(&c, 1, &mean, &variance, &below);
    CHECK(p != NULL);
    if (p) {
        z_of(r.results.replicates, p, mean, variance, &z[0], &z[1]);
        CHECK_LAW(z[0]);
        CHECK_LAW(z[1]);
    }
    CHECK_CLOSE(variance, v * keep * keep / (500 * (1 - keep * keep)), 3 / 500.0,
                0); /* linear in the deviation: O(1/n) */
    ouro_free(p);
    chain_free(&c);
    law_run_free(&r);
}

/* Exponential, eta = -1/m, strength 12 towards mean 1: N(-1, 1/24) cut at 0. With a = lambda / (n V + lambda) the
 * linear recursion has (1-a)^2 / (n V (1 - (1-a)^2)) instead of 1/24, an O(1/n) of 1.5 % at n = 400; curvature adds
 * another O(1/n), allowed for by 6 / n of the variance and 1 / n in the mean. */
TEST(law_ridge_exponential) {
    law_run r = law_run_json("{'name':'l','truth':{'family':'exponential'},'model':{'family':'exponential',"
                             "'estimator':{'type':'ridge','strength':12}},'policy':{'synthetic':{'points':400}},"
                             "'run':{'generations':200,'replicates':6000,'seed':64},"
                             "'observe':{'measures':['moments','fit'],'generations':[200]}}");
    size_t column = law_column(&r, "log_variance"), n = r.results.replicates;
    double keep = 1 - 12 / 412.0, expected = keep * keep / (400 * (1 - keep * keep)), mean = 0, second = 0, below = 0;
    for (size_t i = 0; r.ok && i < n; i++) {
        double eta = -exp(-0.5 * ouro_results_row(&r.results, i, 0)[column]);
        mean += eta / (double)n;
        second += (eta + 1) * (eta + 1) / (double)n;
        below += (eta < -1.2) / (double)n;
    }
    double limit = gsl_cdf_gaussian_P(-0.2, sqrt(1 / 24.0));
    CHECK_CLOSE(mean, -1, 0, 4 * sqrt(second / (double)n) + 1 / 400.0);
    CHECK_CLOSE(second, expected, 4 * sqrt(2 / (double)n) + 6 / 400.0, 0);
    CHECK_CLOSE(second, 1 / 24.0, 4 * sqrt(2 / (double)n) + 12 / 400.0, 0);
    CHECK_CLOSE(below, limit, 0, 4 * sqrt(limit * (1 - limit) / (double)n) + 3 / 400.0);
    CHECK_EQ(law_at(&r, "converged", 200).mean, 1.0);
    law_run_free(&r);
}

/* towards initial: at t = 1 plain maximum likelihood; then a pull so strong that nothing moves any more. And towards
 * the truth with such a pull: no fit differs from the truth. */
TEST(law_ridge_where_it_pulls) {
    static const char *const kinds[] = {"initial", "truth"};
    char json[512];
    for (int k = 0; k < 2; k++) {
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'gaussian','mean':3,'sd':2},'model':{'family':'gaussian','estimator':{"
            "'type':'ridge','strength':1e10,'towards':'%s'}},'policy':{'synthetic':{'points':20}},'run':{"
            "'generations':50,'replicates':2000,'seed':65},'observe':{'measures':['moments'],'generations':[1,50]}}",
            kinds[k]);
        law_run r = law_run_json(json);
        CHECK_CLOSE(law_at(&r, "drift_sq", 50).mean, law_at(&r, "drift_sq", 1).mean, 1e-5, 1e-9);
        CHECK_CLOSE(law_at(&r, "variance_ratio", 50).mean, law_at(&r, "variance_ratio", 1).mean, 1e-5, 0);
        if (k == 0) CHECK_LAW(law_z(&r, "variance_ratio", 1, 0.95));
        if (k == 1) CHECK_CLOSE(law_at(&r, "variance_ratio", 1).mean, 1, 1e-7, 0);
        law_run_free(&r);
    }
}

/* The same law for pseudo-points, R = nu (A - eta . m*): a normal with nu = 2 at (0, 1) has exp(-2 R) d eta, that is
 * v inverse gamma of shape nu + 3/2 and scale nu, and the mean Student's t of 2 nu + 3 degrees of freedom over the
 * root of them. n = 400: O(1/n) is 2 / n of a probability or of the median's place. */
TEST(law_map_prior_squared) {
    law_run r = law_run_json("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian',"
                             "'estimator':{'type':'map','strength':2}},'policy':{'synthetic':{'points':400}},"
                             "'run':{'generations':1500,'replicates':4000,'seed':66},"
                             "'observe':{'measures':['moments'],'generations':[1500]}}");
    const double median = 2 / gsl_cdf_gamma_Pinv(0.5, 3.5, 1), beyond = 2 * gsl_cdf_tdist_Q(0.5 * sqrt(7), 7);
    const double n = (double)r.results.replicates;
    CHECK_CLOSE(median, 0.6303, 0, 5e-5);
    CHECK_CLOSE(beyond, 0.2275, 0, 5e-5);
    const double within = law_z_below(&r, "variance_ratio", 1500, median, 0.5) * sqrt(0.25 / n);
    const double far = law_z_below(&r, "drift_sq", 1500, 0.25, 1 - beyond) * sqrt(beyond * (1 - beyond) / n);
    CHECK_CLOSE(within, 0, 0, 4 * sqrt(0.25 / n) + 2 / 400.0);
    CHECK_CLOSE(far, 0, 0, 4 * sqrt(beyond * (1 - beyond) / n) + 2 / 400.0);
    law_run_free(&r);
}
