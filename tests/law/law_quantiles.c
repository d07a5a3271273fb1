/* law_quantiles.c: more than means: variances, quantiles, bounds, and how they are held against replicates. */
#include "harness.h"
#include "law.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>

static double said(const char *family, const char *estimator, int n, const char *column, uint32_t t,
                   ouro_statistic statistic) {
    char json[512];
    snprintf(json, sizeof json,
             "{'name':'l','truth':{'family':'%s'},'model':{'family':'%s','estimator':'%s'},"
             "'policy':{'initial':%d,'synthetic':{'points':%d}},'run':{'generations':%u}}",
             family, family, estimator, n, n, t);
    return law_predicts_statistic(json, column, t, statistic);
}

/* The first fit's variance is chi-squared, whose quantiles others compute. */
TEST(law_quantiles_of_the_first_fit) {
    static const int sizes[] = {2, 3, 10, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const int n = sizes[i];
        for (int unbiased = 0; unbiased < 2; unbiased++) {
            const char *estimator = unbiased ? "unbiased" : "mle";
            const double c = unbiased ? n - 1 : n, k = n - 1;
            CHECK_CLOSE(said("gaussian", estimator, n, "variance_ratio", 1, OURO_STATISTIC_Q05),
                        gsl_cdf_chisq_Pinv(0.05, k) / c, 1e-9, 0);
            CHECK_CLOSE(said("gaussian", estimator, n, "variance_ratio", 1, OURO_STATISTIC_MEDIAN),
                        gsl_cdf_chisq_Pinv(0.5, k) / c, 1e-9, 0);
            CHECK_CLOSE(said("gaussian", estimator, n, "variance_ratio", 1, OURO_STATISTIC_Q95),
                        gsl_cdf_chisq_Pinv(0.95, k) / c, 1e-9, 0);
            CHECK_CLOSE(said("gaussian", estimator, n, "log_variance", 1, OURO_STATISTIC_Q25),
                        log(gsl_cdf_chisq_Pinv(0.25, k) / c), 1e-9, 1e-9);
            CHECK_CLOSE(said("gaussian", estimator, n, "log_variance", 1, OURO_STATISTIC_VARIANCE), gsl_sf_psi_1(k / 2),
                        1e-12, 0);
        }
    }
}

/* Two fits to one exponential point each: the mean is a product of two, P(X Y <= z) = 1 - 2 sqrt(z) K_1(2 sqrt(z)). */
TEST(law_quantiles_of_a_product) {
    static const ouro_statistic statistic[] = {OURO_STATISTIC_Q05, OURO_STATISTIC_Q25, OURO_STATISTIC_MEDIAN,
                                               OURO_STATISTIC_Q75, OURO_STATISTIC_Q95};
    for (int i = 0; i < 5; i++) {
        const double log_variance = said("exponential", "mle", 1, "log_variance", 2, statistic[i]);
        const double root = sqrt(exp(log_variance / 2));
        CHECK_CLOSE(1 - 2 * root * gsl_sf_bessel_K1(2 * root), ouro_summary_probabilities[i], 1e-9, 0);
    }
}

/* n = 100 after a hundred fits: the median .133298 by an Edgeworth series, right to a few units of 1e-5; kappa^100 = .469993. */
TEST(law_quantiles_of_a_hundred_fits) {
    CHECK_CLOSE(said("gaussian", "mle", 100, "variance_ratio", 100, OURO_STATISTIC_MEDIAN), 0.133298, 0, 1e-5);
    CHECK_CLOSE(said("gaussian", "mle", 100, "log_variance", 100, OURO_STATISTIC_VARIANCE), 2.04075, 0, 5e-6);
    CHECK_CLOSE(said("gaussian", "mle", 100, "kl_model_truth", 100, OURO_STATISTIC_MEAN), 1.00927, 0, 5e-6);
    CHECK_CLOSE(said("gaussian", "mle", 100, "kl_truth_model", 100, OURO_STATISTIC_MEAN), 12.3437, 0, 5e-5);
    CHECK(isinf(said("gaussian", "mle", 3, "kl_truth_model", 2, OURO_STATISTIC_MEAN)));
}

/* Of the standard deviation: E sigma_t = kappa^t, and the risk E w2^2 = 2 s0^2 (1 - kappa^t) of maximum likelihood. Sizes at which a
 * difference of two log gammas has no digits left; scales whose power is not 1/2; what is claimed in one dimension alone. */
TEST(law_quantiles_standard_deviation) {
    static const char *const worlds[] = {"'truth':{'family':'gaussian','mean':3,'sd':2},'model':{'family':'gaussian'}",
                                         "'truth':{'family':'exponential'},'model':{'family':'exponential'}",
                                         "'truth':{'family':'weibull'},'model':{'family':'weibull'}"};
    CHECK_CLOSE(said("gaussian", "mle", 100, "sd_ratio", 100, OURO_STATISTIC_MEAN), 0.469993, 0, 5e-7);
    CHECK_CLOSE(said("gaussian", "unbiased", 100, "sd_ratio", 1000, OURO_STATISTIC_MEAN), pow(0.99747798, 1000), 0,
                5e-7);
    CHECK_CLOSE(said("gaussian", "mle", 100, "w2_sq", 100, OURO_STATISTIC_MEAN), 1.06001, 0, 5e-6);
    CHECK_CLOSE(said("gaussian", "mle", 10000000, "w2_sq", 1, OURO_STATISTIC_MEAN), 1.5e-7, 1e-6, 0); /* 3 / (2 n) */
    CHECK_CLOSE(said("exponential", "mle", 7, "sd_ratio", 9, OURO_STATISTIC_MEAN), 1, 1e-12, 0);
    CHECK_CLOSE(said("exponential", "mle", 7, "sd_ratio", 1, OURO_STATISTIC_VARIANCE), 1 / 7.0, 1e-12, 0);
    CHECK_CLOSE(said("gaussian", "mle", 10000000, "sd_ratio", 1, OURO_STATISTIC_VARIANCE), 5e-8, 1e-6,
                0); /* 1 / (2 n) */
    CHECK_CLOSE(said("gaussian", "mle", 12, "sd_ratio", 6, OURO_STATISTIC_Q95),
                sqrt(said("gaussian", "mle", 12, "variance_ratio", 6, OURO_STATISTIC_Q95)), 1e-12, 0);
    CHECK(isnan(said("mvgaussian", "mle", 20, "sd_ratio", 2, OURO_STATISTIC_MEAN)));
    CHECK_CLOSE(
        law_predicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'},"
                     "'policy':{'synthetic':{'points':100,'growth':1.5}},'run':{'generations':1000}}",
                     "w2_sq", 1000),
        0.03825163, 0, 5e-9); /* more different sizes than quantiles have room for */
    char json[512];
    for (size_t i = 0; i < 2 * sizeof worlds / sizeof worlds[0]; i++) {
        snprintf(
            json, sizeof json,
            "{'name':'l',%s,'policy':{'initial':6,'synthetic':{'points':9}},'run':{'generations':10,'replicates':20000,"
            "'seed':81,'path':'%s'},'observe':{'measures':['sd_ratio','w2_sq'],'generations':[1,2,10]}}",
            worlds[i / 2], i % 2 ? "samples" : "statistics");
        law_run r = law_run_json(json);
        CHECK(r.comparisons >= (i < 2 ? 3 * 6 : 3 * 5) - 1); /* the last variance may be carried by too few */
        CHECK_LAW(r.furthest);
        law_run_free(&r);
    }
}

/* Everything that is claimed, against replicates: one sample serves many claims, each with its own error. */
TEST(law_quantiles_hold) {
    static const char *const worlds[] = {
        "'truth':{'family':'gaussian','mean':3,'sd':2},'model':{'family':'gaussian'},"
        "'policy':{'initial':12,'synthetic':{'points':9}}",
        "'truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'},"
        "'policy':{'initial':12,'synthetic':{'points':12,'temperature':1.1}}",
        "'truth':{'family':'gaussian'},'model':{'family':'gaussian'},"
        "'policy':{'initial':5,'synthetic':{'points':5,'growth':1}}",
        "'truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'},"
        "'policy':{'initial':12,'synthetic':{'points':12},'rollback':{'at':6,'to':2}}",
        "'truth':{'family':'mvgaussian','sd':[1,3,2],'correlation':0.4},'model':{'family':'mvgaussian'},"
        "'policy':{'initial':12,'synthetic':{'points':15}}",
        "'truth':{'family':'gamma','shape':2},'model':{'family':'gamma'},"
        "'policy':{'initial':5,'synthetic':{'points':5}}",
        "'truth':{'family':'weibull'},'model':{'family':'weibull'},'policy':{'initial':5,'synthetic':{'points':5}}",
        "'truth':{'family':'lognormal'},'model':{'family':'lognormal'},"
        "'policy':{'initial':8,'synthetic':{'points':8}}",
        "'truth':{'family':'pareto'},'model':{'family':'pareto','minimum':'fitted'},"
        "'policy':{'initial':8,'synthetic':{'points':8}}",
        "'truth':{'family':'categorical','categories':50,'zipf':1},'model':{'family':'categorical'},"
        "'policy':{'initial':60,'synthetic':{'points':60}}"};
    char json[1024];
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        snprintf(json, sizeof json,
                 "{'name':'l',%s,'run':{'generations':10,'replicates':20000,'seed':77},'observe':{%s'generations':[1,2,"
                 "10]}}",
                 worlds[i], i < 5 ? "'measures':['moments','divergences','diversity','scores']," : "");
        law_run r = law_run_json(json);
        CHECK(r.comparisons > 0);
        CHECK_LAW(r.furthest);
        law_run_free(&r);
    }
}

/* The bounds are kept, are bounds and not the thing itself, and are in their papers' numbers: n = 10, ddof 1: P(sigma_k > .1) <= .770,
 * .214 and .059 at k = 100, 150 and 200, so that sigma is below .1 / (1 - p) times that at a share p. */
TEST(law_quantiles_bounds) {
    static const struct {
        uint32_t t;
        double bound;
    } lines[] = {{100, .770}, {150, .214}, {200, .059}};
    char json[256];
    for (int i = 0; i < 3; i++) {
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'},'policy':{"
            "'initial':10,'synthetic':{'points':10}},'run':{'generations':%u},'observe':{'measures':['moments']}}",
            lines[i].t);
        const double exact = law_predicts_statistic(json, "variance_ratio", lines[i].t, OURO_STATISTIC_Q95),
                     suresh = law_claims(json, "suresh", "variance_ratio", lines[i].t, OURO_STATISTIC_Q95),
                     bertrand = law_claims(json, "bertrand", "variance_ratio", lines[i].t, OURO_STATISTIC_Q95);
        CHECK_CLOSE(sqrt(suresh) * 0.05 / 0.1, lines[i].bound, 0, 6e-4);
        CHECK(exact < bertrand && bertrand < suresh);
    }
}

/* The variance of the fitted mean is its squared drift, whatever the policy, and without what is known of a drift. */
TEST(law_quantiles_variance_of_the_mean) {
    static const char *const worlds[] = {
        "'truth':{'family':'gaussian','mean':3,'sd':2},'model':{'family':'gaussian'},"
        "'policy':{'preset':'fresh','initial':20,'synthetic':{'points':20},'anchor':{'points':5}}",
        "'truth':{'family':'poisson','mean':3},'model':{'family':'poisson'},"
        "'policy':{'preset':'accumulate','initial':20,'synthetic':{'points':20}}",
        "'truth':{'family':'gaussian','sd':2,'drift':{'mean':{'step':0.2,'walk':0.3}}},'model':{'family':'gaussian'},"
        "'policy':{'preset':'fresh','initial':20,'synthetic':{'points':20},"
        "'anchor':{'points':5,'source':'stale','refresh':3}}"};
    char json[1024];
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        snprintf(
            json, sizeof json,
            "{'name':'l',%s,'run':{'generations':9,'replicates':20000,'seed':78},'observe':{'measures':['moments'],"
            "'against':['now','start','anchor'],'generations':[1,2,9]}}",
            worlds[i]);
        law_run r = law_run_json(json);
        CHECK_LAW(r.furthest);
        CHECK(!isnan(law_claims(json, "second_moments", "mean", 9, OURO_STATISTIC_VARIANCE)));
        law_run_free(&r);
    }
    CHECK_CLOSE(said("gaussian", "mle", 100, "mean", 100, OURO_STATISTIC_VARIANCE), .633968, 0, 5e-7);
    CHECK_CLOSE(said("gaussian", "unbiased", 100, "mean", 100, OURO_STATISTIC_VARIANCE), 1, 1e-12, 0);
}

/* Absorption: batches that grow, n_t = round(5 t^1.5), and first batches that decide for ever. */
TEST(law_quantiles_absorption) {
    static const struct {
        const char *world;
        double absorbed;
    } cases[] = {{"'truth':{'family':'poisson','mean':0.5},'model':{'family':'poisson'},"
                  "'policy':{'initial':5,'synthetic':{'points':5,'growth':1.5}}",
                  NAN},
                 {"'truth':{'family':'poisson','mean':0.2},'model':{'family':'poisson'},"
                  "'policy':{'preset':'accumulate','initial':10,'synthetic':{'points':20}}",
                  0.1353352832},
                 {"'truth':{'family':'bernoulli','p':0.2},'model':{'family':'bernoulli'},"
                  "'policy':{'preset':'accumulate','initial':6,'synthetic':{'points':10}}",
                  0.262144 + 0.000064},
                 {"'truth':{'family':'categorical','probabilities':[0.5,0.3,0.2]},'model':{'family':'categorical'},"
                  "'policy':{'preset':'augment','initial':3,'synthetic':{'points':10}}",
                  0.16}};
    char json[640];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(json, sizeof json,
                 "{'name':'l',%s,'run':{'generations':20,'replicates':20000,'seed':79},"
                 "'observe':{'measures':['absorbed'],'generations':[1,2,20]}}",
                 cases[i].world);
        law_run r = law_run_json(json);
        CHECK(!isnan(law_at(&r, "absorbed", 20).theory));
        if (!isnan(cases[i].absorbed)) CHECK_CLOSE(law_at(&r, "absorbed", 20).theory, cases[i].absorbed, 1e-9, 0);
        CHECK_EQ(r.comparisons, 3);
        CHECK_LAW(r.furthest);
        law_run_free(&r);
    }
}

/* Stationary laws are limits: at n = 400 within their O(1/n), 3 % of a standard deviation here; never tested by z. */
TEST(law_quantiles_stationary) {
    static const struct {
        const char *world, *column;
        double median; /* of the limit, from tables of the law */
    } cases[] = {
        {"'truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'preset':'fresh','initial':400,"
         "'synthetic':{'points':399},'anchor':{'points':1}}",
         "variance_ratio", 0.4596},
        {"'truth':{'family':'exponential'},'model':{'family':'exponential'},'policy':{'preset':'fresh','initial':400,"
         "'synthetic':{'points':398},'anchor':{'points':2}}",
         "mean", 0.8564},
        {"'truth':{'family':'bernoulli','p':0.3},'model':{'family':'bernoulli'},'policy':{'preset':'fresh','initial':"
         "400,"
         "'synthetic':{'points':398},'anchor':{'points':2}}",
         "mean", NAN},
        {"'truth':{'family':'poisson','mean':1.5},'model':{'family':'poisson'},'policy':{'preset':'fresh','initial':"
         "400,"
         "'synthetic':{'points':398},'anchor':{'points':2}}",
         "mean", NAN}};
    char json[640];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(json, sizeof json,
                 "{'name':'l',%s,'run':{'generations':2000,'replicates':4000,'seed':80},"
                 "'observe':{'measures':['moments'],'generations':[10,2000]}}",
                 cases[i].world);
        law_run r = law_run_json(json);
        const ouro_summary s = law_at(&r, cases[i].column, 2000);
        static const ouro_statistic statistic[] = {OURO_STATISTIC_Q05, OURO_STATISTIC_Q25, OURO_STATISTIC_MEDIAN,
                                                   OURO_STATISTIC_Q75, OURO_STATISTIC_Q95};
        for (int q = 0; q < 5; q++) {
            const double limit = law_claims(json, "stationary", cases[i].column, 2000, statistic[q]);
            CHECK(fabs(s.quantile[q] - limit) < 4 * s.quantile_se[q] + 0.03 * s.se * sqrt(4000));
            CHECK(isnan(law_claims(json, "stationary", cases[i].column, 10, statistic[q])));
            if (q == 2 && !isnan(cases[i].median)) CHECK_CLOSE(limit, cases[i].median, 0, 6e-5);
        }
        law_run_free(&r);
    }
}

/* Where it collapses, n = 100: P(|mu - mu_0| > sigma_0) = .2302 in the limit, and beyond 3 sd the mean tail mass .0027 rises to .013236.
 * Twelve categories of fifty live on two fresh points of 200: 10.71, 1.7 % below what is. */
TEST(law_quantiles_of_the_end) {
    const char *json = "{'name':'l','truth':{'family':'gaussian','mean':5,'sd':2},'model':{'family':'gaussian'},'"
                       "policy':{'initial':100,"
                       "'synthetic':{'points':100}},'run':{'generations':1000,'replicates':4000,'seed':81},"
                       "'observe':{'measures':['mean','tail_mass'],'tails':[0.0026997960632602],'generations':[1000]}}";
    law_run r = law_run_json(json);
    const ouro_summary place = law_at(&r, "mean", 1000), mass = law_at(&r, "tail_mass_0.0026998", 1000);
    const double tail = law_claims(json, "resting_place", "tail_mass", 1000, OURO_STATISTIC_MEAN);
    CHECK_CLOSE(tail, 0.013236, 0, 1e-6);
    CHECK_LAW((mass.mean - tail) / mass.se);
    CHECK(mass.quantile[2] < 1e-6);
    for (int q = 0; q < 5; q++) {
        static const ouro_statistic statistic[] = {OURO_STATISTIC_Q05, OURO_STATISTIC_Q25, OURO_STATISTIC_MEDIAN,
                                                   OURO_STATISTIC_Q75, OURO_STATISTIC_Q95};
        const double limit = law_claims(json, "resting_place", "mean", 1000, statistic[q]);
        CHECK(fabs(place.quantile[q] - limit) < 4 * place.quantile_se[q] + 0.02);
    }
    law_run_free(&r);
    json =
        "{'name':'l','truth':{'family':'categorical','categories':50,'zipf':1},'model':{'family':'categorical'},"
        "'policy':{'preset':'fresh','initial':200,'synthetic':{'points':198},'anchor':{'points':2}},"
        "'run':{'generations':600,'replicates':2000,'seed':82},'observe':{'measures':['support'],'generations':[600]}}";
    r = law_run_json(json);
    const double alive = law_claims(json, "stationary", "support", 600, OURO_STATISTIC_MEAN);
    CHECK_CLOSE(alive, 10.71, 0, 0.005);
    CHECK_CLOSE(law_at(&r, "support", 600).mean, alive, 0.03, 0);
    law_run_free(&r);
}

/* A mean that is nearly log-normal: its sample variance rests on a few replicates, and no z is given rather than a false one. */
TEST(law_quantiles_of_a_heavy_tail) {
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'exponential'},'model':{'family':'exponential'},"
                     "'policy':{'initial':10,'synthetic':{'points':10}},'run':{'generations':40,'replicates':2000,"
                     "'seed':83},'observe':{'measures':['moments'],'every':4}}");
    CHECK(ouro_summary_is_heavy(&r.summary[law_generation(&r, 40) * r.results.columns + law_column(&r, "mean")]));
    CHECK(r.comparisons > 0);
    CHECK_LAW(r.furthest);
    law_run_free(&r);
}
