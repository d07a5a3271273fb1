/* law_guided.c: extrapolation away from an auxiliary model, and the drift in the Fisher metric. */
#include "harness.h"
#include "law.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"statistics", "samples"};

static law_run gaussian(double w, const char *parameterisation, unsigned n, const char *path, unsigned seed) {
    char json[640];
    snprintf(
        json, sizeof json,
        "{'name':'l','truth':{'family':'gaussian','mean':5,'sd':0.3},'model':{'family':'gaussian','estimator':{'type':"
        "'guided','w':%g,'parameterisation':'%s'}},'policy':{'synthetic':{'points':%u}},'run':{'generations':2,"
        "'replicates':40000,'seed':%u,'path':'%s'},'observe':{'measures':['moments','fit'],'generations':[1,2]}}",
        w, parameterisation, n, seed, path);
    return law_run_json(json);
}

/* Natural parameter: the precision (1 + w)/v_1 - w/v' is not positive where chi^2_{n-1} <= n w / (1 + w). */
TEST(law_guided_refusals) {
    static const double w[] = {0.5, 1, 2}, known[] = {NAN, 0.047, 0.18};
    for (int k = 0; k < 3; k++)
        for (int path = 0; path < 2; path++) {
            law_run r = gaussian(w[k], "natural", 20, paths[path], 71);
            const double refused = gsl_cdf_chisq_P(20 * w[k] / (1 + w[k]), 19);
            if (k) CHECK_CLOSE(refused, known[k], 0, 0.003);
            CHECK_LAW((law_at(&r, "refused", 2).mean - refused) / sqrt(refused * (1 - refused) / 40000));
            CHECK_EQ(law_at(&r, "refused", 1).mean, 0.0);
            CHECK_LAW(law_z(&r, "variance_ratio", 1, 0.95));
            law_run_free(&r);
        }
}

/* E v_2 / v_1 in the mean parameter (E x, E x^2), v' = v_1 X / n with X ~ chi^2_{n-1}, m' - m_1 = Z sqrt(v_1 / n):
 *     v_2 = (1 + w) v_1 - w v' - w (1 + w) (m' - m_1)^2,   E v_2 = v_1 (1 - w^2 / n)
 * but for the refusals, n (1 + w) <= w X + w (1 + w) Z^2, where v' stands in: integrals over Z of incomplete moments
 * of X. */
static double mean_of_guided(double w, double n, double *refused) {
    double sum = 0, nu = n - 1, h = 1e-3;
    *refused = 0;
    for (double z = -9; z < 9; z += h) {
        double mass = h * gsl_ran_ugaussian_pdf(z), left = n * (1 + w) - w * (1 + w) * z * z, cut = fmax(left / w, 0);
        double below = gsl_cdf_chisq_P(cut, nu), mean_below = nu * gsl_cdf_chisq_P(cut, nu + 2);
        sum += mass * (left * below - w * mean_below + (nu - mean_below)) / n;
        *refused += mass * (1 - below);
    }
    return sum;
}

TEST(law_guided_mean_parameter) {
    static const double w[] = {0.5, 1, 1, 2}, n[] = {20, 20, 100, 60};
    for (int k = 0; k < 4; k++)
        for (int path = 0; path < 2; path++) {
            double refused, ratio = mean_of_guided(w[k], n[k], &refused), v1 = 1 - 1 / n[k];
            law_run r = gaussian(w[k], "mean", (unsigned)n[k], paths[path], 72);
            CHECK_LAW(law_z(&r, "variance_ratio", 2, v1 * ratio));
            CHECK_CLOSE(law_at(&r, "refused", 2).mean, refused, 0, 4 * sqrt(refused * (1 - refused) / 40000) + 1e-12);
            if (refused < 1e-9) CHECK_CLOSE(ratio, 1 - w[k] * w[k] / n[k], 1e-9, 0);
            /* the mean is (1 + w) m_1 - w m' */
            if (refused < 1e-9) CHECK_LAW(law_z(&r, "drift_sq", 2, 1 / n[k] + w[k] * w[k] * v1 / n[k]));
            law_run_free(&r);
        }
}

/* Centred: v_2 = v_1 (1 + w - w X / n), so that E v_2 = v_1 (1 + w / n) but for the refusals X >= n (1 + w) / w, where v' =
 * v_1 X / n stands in; the mean is (1 + w) m_1 - w m' whatever the variances do. Without refusals v_2 has the second moment
 * E v_1^2 [(1 + w)^2 - 2 w (1 + w) (n - 1) / n + w^2 (n^2 - 1) / n^2]. */
TEST(law_guided_centred) {
    static const double w[] = {0.5, 1, 1, 2}, n[] = {20, 20, 100, 60};
    for (int k = 0; k < 4; k++)
        for (int path = 0; path < 2; path++) {
            const double N = n[k], cut = N * (1 + w[k]) / w[k], below = gsl_cdf_chisq_P(cut, N - 1);
            const double mean_below = (N - 1) * gsl_cdf_chisq_P(cut, N + 1), v1 = 1 - 1 / N,
                         square = (N * N - 1) / (N * N);
            const double ratio = (1 + w[k]) * below - w[k] * mean_below / N + (N - 1 - mean_below) / N;
            law_run r = gaussian(w[k], "centred", (unsigned)N, paths[path], 74);
            CHECK_LAW(law_z(&r, "variance_ratio", 2, v1 * ratio));
            CHECK_CLOSE(law_at(&r, "refused", 2).mean, 1 - below, 0, 4 * sqrt(below * (1 - below) / 40000) + 1e-12);
            if (below < 1 - 1e-6) {
                law_run_free(&r);
                continue;
            }
            CHECK_CLOSE(ratio, 1 + w[k] / N, 1e-5, 0);
            CHECK_LAW(law_z(&r, "drift_sq", 2, 1 / N + w[k] * w[k] * v1 / N));
            CHECK_LAW(law_z_variance(&r, "variance_ratio", 2,
                                     square * (pow(1 + w[k], 2) - 2 * w[k] * (1 + w[k]) * v1 + w[k] * w[k] * square) -
                                         pow(v1 * ratio, 2)));
            law_run_free(&r);
        }
}

/* auxiliary synthetic, in the mean: (1 + w) (a r + (1 - a) s) - w s = a' r + (1 - a') s with a' = (1 + w) a: the
 * real share counts 1 + w times. Poisson, a = k / n: D_2 = a'^2 / k + (1 - a')^2 (1 / n_1 + 1 / (n - k)), exactly. */
TEST(law_guided_away_from_synthetic) {
    static const double w[] = {0, 1, 3};
    char json[640];
    for (int k = 0; k < 3; k++)
        for (int path = 0; path < 2; path++) {
            snprintf(
                json, sizeof json,
                "{'name':'l','truth':{'family':'poisson','mean':30},'model':{'family':'poisson','estimator':{'type':"
                "'guided','w':%g,'auxiliary':'synthetic','parameterisation':'mean'}},'policy':{'preset':'fresh',"
                "'initial':40,'synthetic':{'points':36},'anchor':{'points':4}},'run':{'generations':2,'replicates':"
                "40000,"
                "'seed':73,'path':'%s'},'observe':{'measures':['moments','fit'],'generations':[1,2]}}",
                w[k], paths[path]);
            law_run r = law_run_json(json);
            double a = (1 + w[k]) * 0.1;
            CHECK_LAW(law_z(&r, "drift_sq", 2, a * a / 4 + (1 - a) * (1 - a) * (1 / 40.0 + 1 / 36.0)));
            CHECK_EQ(law_at(&r, "refused", 2).mean, 0.0);
            law_run_free(&r);
        }
}

/* Where all points are synthetic the two fits are one, and nothing is extrapolated: maximum likelihood, digit by
 * digit. */
TEST(law_guided_without_real_points_is_mle) {
    law_run r[2];
    for (int k = 0; k < 2; k++)
        r[k] = law_run_json(
            k ? "{'name':'l','truth':{'family':'gamma'},'model':{'family':'gamma','estimator':{'type':'guided',"
                "'w':2,'auxiliary':'synthetic'}},'policy':{'synthetic':{'points':9}},'run':{'generations':6,"
                "'replicates':50,'seed':5},'observe':{'measures':['moments'],'generations':[6]}}"
              : "{'name':'l','truth':{'family':'gamma'},'model':{'family':'gamma'},"
                "'policy':{'synthetic':{'points':9}},'run':{'generations':6,"
                "'replicates':50,'seed':5},'observe':{'measures':['moments'],'generations':[6]}}");
    CHECK_EQ(law_at(&r[0], "log_variance", 6).mean, law_at(&r[1], "log_variance", 6).mean);
    CHECK_EQ(law_at(&r[0], "log_variance", 6).se, law_at(&r[1], "log_variance", 6).se);
    law_run_free(&r[0]), law_run_free(&r[1]);
}

/* E (mu_1 - mu_0)' V_0^-1 (mu_1 - mu_0) = tr(V_0^-1 V_0 / n) = p / n: exact for the fit of n real points under every
 * family that has a natural form, whatever its tails; p the number of free parameters. */
TEST(law_fisher_drift_is_p_over_n) {
    static const struct {
        const char *family, *params;
        double p;
    } lines[] = {
        {"gaussian", "'mean':-40,'sd':0.5", 2},
        {"lognormal", "'log_mean':1,'log_sd':2", 2},
        {"mvgaussian", "'mean':[5,-7,0],'sd':[0.3,1,20],'correlation':0.4", 9},
        {"inverse-gaussian", "'mean':2,'shape':3", 2},
        {"categorical", "'probabilities':[0.5,0.2,0.2,0.06,0.04]", 4},
        {"bernoulli", "'p':0.1", 1},
        {"poisson", "'mean':0.4", 1},
        {"negative-binomial", "'mean':3,'size':0.7", 1},
        {"exponential", "'mean':9", 1},
        {"gamma", "'mean':2,'shape':0.6", 1},
        {"weibull", "'shape':0.5", 1},
        {"pareto", "'minimum':2,'shape':0.9", 1},
        {"laplace", "'location':3,'scale':2", 1},
        {"ising", "'spins':8,'coupling':0.03,'field':0.1,'order':2", 2},
    };
    char json[512];
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (int path = 0; path < 2; path++) {
            snprintf(
                json, sizeof json,
                "{'name':'l','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':{'synthetic':{'points':15}},"
                "'run':{'generations':1,'replicates':20000,'seed':%d,'path':'%s'},"
                "'observe':{'measures':['fisher_drift'],'generations':[1]}}",
                lines[i].family, lines[i].params, lines[i].family, 80 + (int)i, paths[path]);
            law_run r = law_run_json(json);
            if (!law_holds(law_z(&r, "fisher_drift", 1, lines[i].p / 15), lines[i].family)) CHECK(0);
            law_run_free(&r);
        }
}

/* The same recursion as for drift_sq, whose v2 is that of t(x): 1 for an exponential phi(x), whatever the tails of
 * x. Under replace ((1 + v2/n)^t - 1) / v2, for categories K - 1 times 1 - (1 - 1/n)^t; and any policy, by ouro's
 * own law. */
TEST(law_fisher_drift_recursion) {
    static const struct {
        const char *family, *params, *policy;
        double v2, rank;
    } lines[] = {
        {"pareto", "'shape':0.8", "{'synthetic':{'points':25}}", 1, 1},
        {"laplace", "'location':3", "{'synthetic':{'points':25}}", 1, 1},
        {"poisson", "'mean':2", "{'synthetic':{'points':25}}", 0, 1},
        {"categorical", "'probabilities':[0.5,0.3,0,0.2]", "{'synthetic':{'points':25}}", -1, 2},
        {"weibull", "'shape':3", "{'preset':'fresh','initial':25,'synthetic':{'points':20},'anchor':{'points':5}}", NAN,
         1},
        {"categorical", "'categories':6", "{'preset':'accumulate','synthetic':{'points':12}}", NAN, 5},
    };
    char json[640];
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':%s,'run':{'generations':8,"
                 "'replicates':20000,'seed':%d},'observe':{'measures':['fisher_drift'],'generations':[2,8]}}",
                 lines[i].family, lines[i].params, lines[i].family, lines[i].policy, 95 + (int)i);
        law_run r = law_run_json(json);
        const double v2 = lines[i].v2, grown = v2 == 0 ? 8 / 25.0 : (pow(1 + v2 / 25, 8) - 1) / v2;
        for (unsigned t = 2; t <= 8; t += 6)
            if (!law_holds(law_at(&r, "fisher_drift", t).z, lines[i].family)) CHECK(0);
        if (!isnan(v2)) CHECK_CLOSE(law_at(&r, "fisher_drift", 8).theory, lines[i].rank * grown, 1e-12, 0);
        CHECK(isfinite(law_at(&r, "fisher_drift", 8).theory));
        law_run_free(&r);
    }
    CHECK(isnan(
        law_predicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'run':{'generations':3}}",
                     "fisher_drift", 3)));
    CHECK(
        isnan(law_predicts("{'name':'l','truth':{'family':'poisson','mean':3},'model':{'family':'poisson','estimator':"
                           "{'type':'ridge'}},'run':{'generations':3}}",
                           "fisher_drift", 3)));
}
