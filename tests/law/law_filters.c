/* law_filters.c: filters on synthetic rows: those that do nothing, and the laws of truncation, selection, curation and
 * deduplication. */
#include "harness.h"
#include "law.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define GAUSSIAN "'truth':{'family':'gaussian','mean':0.4,'sd':1.7},'model':{'family':'gaussian'}"
#define UNBIASED "'truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'}"

static law_run run(const char *what, const char *policy, const char *filters, const char *rest) {
    char json[2048];
    snprintf(json, sizeof json, "{'name':'l',%s,'policy':{%s,'filters':[%s]},%s}", what, policy, filters, rest);
    return law_run_json(json);
}

/* Every column of every replicate is the same number. */
static int same(const law_run *a, const law_run *b) {
    const size_t cells = a->results.replicates * a->results.generations * a->results.columns;
    return a->ok && b->ok && a->results.columns == b->results.columns &&
           !memcmp(a->results.value, b->results.value, cells * sizeof(double));
}

/* Filters that let everything pass leave the very rows of a run without filters: no reference numbers are needed. */
TEST(law_filters_that_do_nothing) {
    static const char *const numbers[] = {
        "{'type':'truncate','top_p':1}",
        "{'type':'verifier','by':'radius','radius':0.1,'phi':1,'psi':1}",
        "{'type':'verifier','by':'set','alpha':0.5,'phi':1,'psi':1,'fill':false}",
        "{'type':'select','share':1}",
        "{'type':'curate','of':1,'reward':'quadratic'},{'type':'curate','of':1,'reward':'distance','temperature':0}",
        "{'type':'truncate','top_p':1},{'type':'select','share':1},{'type':'verifier','by':'radius','psi':1}"};
    static const char *const categories[] = {"{'type':'truncate','top_p':1}", "{'type':'deduplicate','times':50}",
                                             "{'type':'curate','of':1,'reward':'category','scores':[1,2,3,4,5,6]}",
                                             "{'type':'verifier','by':'set','alpha':0.2,'psi':1}"};
    const char *policy = "'preset':'augment','synthetic':{'points':30},'anchor':{'points':3}",
               *rest =
                   "'run':{'generations':6,'replicates':20,'seed':5,'path':'samples'},'observe':{'measures':['moments'"
                   "]}";
    law_run plain = run(GAUSSIAN, policy, "", rest);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        law_run r = run(GAUSSIAN, policy, numbers[i], rest);
        CHECK(same(&plain, &r));
        law_run_free(&r);
    }
    law_run_free(&plain);
    const char *what = "'truth':{'family':'categorical','categories':6,'zipf':1},'model':{'family':'categorical'}";
    plain = run(what, policy, "", rest);
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        law_run r = run(what, policy, categories[i], rest);
        CHECK(same(&plain, &r));
        law_run_free(&r);
    }
    law_run other = run(what, policy, "{'type':'truncate','top_p':0.5}", rest);
    CHECK(!same(&plain, &other)); /* the comparison can fail */
    law_run_free(&other);
    law_run_free(&plain);
}

/* Variance of a standard normal kept where |z| <= cut, of central mass p: 1 - 2 cut phi(cut) / p. */
static double truncated_variance(double p) {
    const double cut = gsl_cdf_ugaussian_Pinv((1 + p) / 2);
    return 1 - 2 * cut * gsl_ran_ugaussian_pdf(cut) / p;
}

/* The n rows that pass are independent draws of the truncated normal, whose shape does not depend on the model: E sigma_t^2
 * = ((n - 1) / n)^t tau^(t - 1), the first fit being on real rows, and the mean drifts by tau E sigma_(t-1)^2 / n. The
 * rows dropped before the n-th passes are negative binomial. */
TEST(law_filters_truncated_gaussian) {
    enum { N = 20 };
    const double p = 0.9, tau = truncated_variance(p);
    law_run r = run(GAUSSIAN, "'synthetic':{'points':20}", "{'type':'truncate','top_p':0.9}",
                    "'run':{'generations':10,'replicates':20000,'seed':6},'observe':{'measures':['moments','filters'],"
                    "'generations':[1,2,3,10]}");
    double variance = 1, drift = 0;
    for (uint32_t t = 1; t <= 10; t++) {
        drift += variance * (t == 1 ? 1 : tau) / N;
        variance *= (t == 1 ? 1 : tau) * (N - 1) / N;
        if (t > 3 && t < 10) continue;
        CHECK_LAW(law_z(&r, "variance_ratio", t, variance));
        CHECK_LAW(law_z(&r, "drift_sq", t, drift));
        if (t > 1) CHECK_LAW(law_z(&r, "rejects_1", t, N * (1 - p) / p));
        if (t > 1) CHECK_LAW(law_z_variance(&r, "rejects_1", t, N * (1 - p) / (p * p)));
    }
    CHECK(isnan(law_at(&r, "variance_ratio", 2).theory)); /* the laws know nothing of filters, and say nothing */
    CHECK(isnan(law_at(&r, "accepted_1", 1).mean));
    law_run_free(&r);
}

/* Other laws are cut where their density is lowest. An exponential loses its upper end: E m_t = tau^(t - 1) m_0, tau = 1 + q
 * log q / (1 - q) the mean of what is below the quantile, q = 1 - top_p. A normal in d dimensions loses what is beyond
 * the radius of chi^2_d, and its covariance falls by F_(d+2) / F_d there. */
TEST(law_filters_truncated_densities) {
    const double q = 0.3, tau = 1 + q * log(q) / (1 - q);
    law_run r = run("'truth':{'family':'exponential','mean':2.3},'model':{'family':'exponential'}",
                    "'synthetic':{'points':25}", "{'type':'truncate','top_p':0.7}",
                    "'run':{'generations':6,'replicates':3000,'seed':61},'observe':{'measures':['mean','filters'],"
                    "'generations':[1,2,6]}");
    for (uint32_t t = 2; t <= 6; t += 4) {
        CHECK_LAW(law_z(&r, "mean", t, 2.3 * pow(tau, t - 1.0)));
        CHECK_LAW(law_z(&r, "rejects_1", t, 25 * q / (1 - q)));
    }
    law_run_free(&r);
    r = run("'truth':{'family':'mvgaussian','sd':[1,3,0.2],'correlation':0.3},'model':{'family':'mvgaussian'}",
            "'synthetic':{'points':40}", "{'type':'truncate','top_p':0.8}",
            "'run':{'generations':4,'replicates':3000,'seed':62},'observe':{'measures':['variance_ratio','filters'],"
            "'generations':[1,2,4]}");
    const double cut = gsl_cdf_chisq_Pinv(0.8, 3), narrower = gsl_cdf_chisq_P(cut, 5) / 0.8;
    for (uint32_t t = 2; t <= 4; t += 2) {
        CHECK_LAW(law_z(&r, "variance_ratio", t, pow(39 / 40.0, t) * pow(narrower, t - 1.0)));
        CHECK_LAW(law_z(&r, "rejects_1", t, 40 * 0.25));
    }
    law_run_free(&r);
}

/* Of each kind of set the mass that passes, by the model's own measure whatever the model: on the line and in space, one
 * interval or several. On a lattice whole levels: of poisson 2.5 the values 1 to 4 make 0.809. */
TEST(law_filters_truncated_mass) {
    static const struct {
        const char *truth, *model;
        double top, passes;
    } laws[] = {{"'family':'gmm','means':[[-3],[2]],'weights':[0.3,0.7]", "'family':'gmm'", 0.75, 0.75},
                {"'family':'gmm','means':[[-3,0],[2,1]]", "'family':'gmm'", 0.75, 0.75},
                {"'family':'gaussian','mean':-1e6", "'family':'gaussian-mean'", 0.6, 0.6},
                {"'family':'gamma','shape':3", "'family':'gamma'", 0.6, 0.6},
                {"'family':'laplace','location':5", "'family':'laplace','location':'fitted'", 0.6, 0.6},
                {"'family':'lognormal'", "'family':'lognormal'", 0.9, 0.9},
                {"'family':'poisson','mean':2.5", "'family':'poisson'", 0.8, 0.80909}};
    char what[256], filter[128];
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        snprintf(what, sizeof what, "'truth':{%s},'model':{%s}", laws[i].truth, laws[i].model);
        snprintf(filter, sizeof filter, "{'type':'truncate','top_p':%g,'fill':false}", laws[i].top);
        law_run r = run(what, "'initial':20000,'synthetic':{'points':1000}", filter,
                        "'run':{'generations':3,'replicates':20,'seed':63},'observe':{'measures':['filters']}");
        CHECK_LAW(law_z(&r, "accepted_1", 2, laws[i].passes));
        if (laws[i].passes == laws[i].top) CHECK_LAW(law_z(&r, "accepted_1", 3, laws[i].passes));
        law_run_free(&r);
    }
}

/* Without filling the batch is what passes: a binomial number of rows, the same law of each. */
TEST(law_filters_batches_that_vary) {
    law_run r =
        run(GAUSSIAN, "'preset':'accumulate','synthetic':{'points':40}", "{'type':'truncate','top_p':0.8,'fill':false}",
            "'run':{'generations':5,'replicates':4000,'seed':7},'observe':{'measures':['filters','provenance']}");
    for (uint32_t t = 2; t <= 5; t++) {
        CHECK_LAW(law_z(&r, "accepted_1", t, 0.8));
        CHECK_LAW(law_z_variance(&r, "accepted_1", t, 0.8 * 0.2 / 40));
        CHECK_LAW(law_z(&r, "training_points", t, 40 + 32.0 * (t - 1)));
    }
    law_run_free(&r);
}

/* Of the truth's tail as many rows pass as the verifier lets bad ones pass; of all, a mixture. Two verifiers in a row. */
TEST(law_filters_kept_tail) {
    law_run r =
        run(GAUSSIAN, "'initial':20000,'synthetic':{'points':400}",
            "{'type':'verifier','by':'set','alpha':0.1,'phi':0.9,'psi':0.3,'fill':false},"
            "{'type':'verifier','by':'set','alpha':0.1,'phi':1,'psi':0.5,'fill':false}",
            "'run':{'generations':2,'replicates':2000,'seed':8},'observe':{'measures':['filters','filter_tails'],"
            "'tails':[0.1]}");
    CHECK_LAW(law_z(&r, "kept_tail_1_0.1", 2, 0.3));
    CHECK_LAW(law_z(&r, "kept_tail_2_0.1", 2, 0.5));
    CHECK_LAW(law_z(&r, "accepted_1", 2, 0.9 * 0.9 + 0.1 * 0.3));
    CHECK_LAW(law_z(&r, "rejects_2", 2, 400 * 0.1 * 0.3 * 0.5));
    law_run_free(&r);
    r = run("'truth':{'family':'categorical','probabilities':[0.7,0.3]},'model':{'family':'categorical'}",
            "'initial':20000,'synthetic':{'points':100}",
            "{'type':'verifier','by':'set','alpha':0.3,'phi':0.6,'psi':0.5,'fill':false}",
            "'run':{'generations':2,'replicates':2000,'seed':15},'observe':{'measures':['filters','filter_tails'],"
            "'tails':[0.3]}");
    CHECK_LAW(law_z(&r, "kept_tail_1_0.3", 2, 0.5)); /* the verdicts are independent of the rows */
    CHECK_LAW(law_z(&r, "accepted_1", 2, 0.7 * 0.6 + 0.3 * 0.5));
    law_run_free(&r);
}

/* The set of a mixture on the line has a gap in its middle, that of several dimensions is a level of the density. The first
 * fit is on so many rows that the model's mass there is the truth's but for 1/n. */
TEST(law_filters_kept_tail_of_other_sets) {
    static const char *const laws[][2] = {
        {"'family':'gmm','means':[[-2],[3]],'weights':[0.3,0.7]", "'family':'gmm'"},
        {"'family':'mvgaussian','sd':[1,5,0.2],'correlation':0.3,'mean':[7,-1,0]", "'family':'mvgaussian'"}};
    char what[256];
    for (int i = 0; i < 2; i++) {
        snprintf(what, sizeof what, "'truth':{%s},'model':{%s}", laws[i][0], laws[i][1]);
        law_run r = run(what, "'initial':20000,'synthetic':{'points':2000}",
                        "{'type':'verifier','by':'set','alpha':0.2,'phi':0.9,'psi':0.3,'fill':false}",
                        "'run':{'generations':2,'replicates':100,'seed':17},'observe':{'measures':['filters',"
                        "'filter_tails'],'tails':[0.1]}");
        CHECK_LAW(law_z(&r, "accepted_1", 2, 0.8 * 0.9 + 0.2 * 0.3));
        CHECK_LAW(law_z(&r, "kept_tail_1_0.1", 2, 0.3)); /* rarer still, and so as bad */
        law_run_free(&r);
    }
}

/* The nearest half of many rows is a normal truncated at its central half. */
TEST(law_filters_selected) {
    law_run r = run(UNBIASED, "'synthetic':{'points':20000}", "{'type':'select','share':0.5}",
                    "'run':{'generations':3,'replicates':30,'seed':9},'observe':{'measures':['moments','filters']}");
    CHECK_LAW(law_z(&r, "variance_ratio", 2, truncated_variance(0.5)));
    CHECK_LAW(law_z(&r, "variance_ratio", 3, pow(truncated_variance(0.5), 2)));
    CHECK_EQ(law_at(&r, "rejects_1", 2).mean, 20000);
    law_run_free(&r);
}

/* Mean and variance of one of two standard normals, chosen with odds exp((r(x) - r(y)) / T), by the trapezoid rule. */
static void best_of_two(double a, double temperature, double *mean, double *variance) {
    const double h = 0.02;
    double one = 0, two = 0, all = 0;
    for (int i = -400; i <= 400; i++)
        for (int j = -400; j <= 400; j++) {
            const double x = i * h, y = j * h, gap = 0.5 * ((x - a) * (x - a) - (y - a) * (y - a));
            const double w = exp(-0.5 * (x * x + y * y)) / (1 + exp(gap / temperature));
            all += w;
            one += w * x;
            two += w * x * x;
        }
    *mean = one / all;
    *variance = two / all - *mean * *mean;
}

/* K = 2: the chosen one has density 2 p(x) E_y 1 / (1 + exp((r(y) - r(x)) / T)). The first fit is on so many points that
 * its error is 1e-5 of this. The better of two near the mean has E min(x^2, y^2) = 1 - 2/pi. */
TEST(law_filters_curated_pairs) {
    const char *policy = "'initial':100000,'synthetic':{'points':1000}",
               *rest = "'run':{'generations':2,'replicates':300,'seed':10},'observe':{'measures':['moments']}";
    double mean, variance;
    best_of_two(2, 3, &mean, &variance);
    law_run r =
        run(UNBIASED, policy, "{'type':'curate','of':2,'reward':'quadratic','centre':[2],'temperature':3}", rest);
    CHECK_LAW(law_z(&r, "mean", 2, mean));
    CHECK_LAW(law_z(&r, "variance_ratio", 2, variance));
    law_run_free(&r);
    r = run(UNBIASED, policy, "{'type':'curate','of':2,'reward':'distance','temperature':0}", rest);
    CHECK_LAW(law_z(&r, "variance_ratio", 2, 1 - 2 / M_PI));
    CHECK_LAW(law_z(&r, "mean", 2, 0));
    law_run_free(&r);
}

/* Ferbach et al.: -g (x - a)^2 / 2, g = .1, a = 2, from N(0, 1). As K grows the precision is 1 + g t and the mean g t a /
 * (1 + g t), up to 1/K: for K = 64 a third of the error here. For K = 2 and 16 another program gives .774, .469 and
 * .678, .344 after 5 and 20 rounds of so many points, with errors of .002 (quadrature, for K = 2 and many points: .7735,
 * .4723); K = 512 stays on the law to the twentieth. */
TEST(law_filters_curated_precision) {
    char filter[128], rest[256];
    const double expected[4][2] = {{0.774, 0.469}, {0.678, 0.344}, {1 / 1.5, NAN}, {1 / 1.5, 1 / 3.0}};
    const unsigned of[4] = {2, 16, 64, 512};
    for (int i = 0; i < 4; i++) {
        snprintf(filter, sizeof filter, "{'type':'curate','of':%u,'reward':'quadratic','centre':[2],'temperature':10}",
                 of[i]);
        snprintf(rest, sizeof rest,
                 "'run':{'generations':%d,'replicates':%d,'seed':11},'observe':{'measures':['moments'],"
                 "'generations':[1,6%s]}",
                 i == 2 ? 6 : 21, i == 3 ? 12 : 40, i == 2 ? "" : ",21");
        law_run r = run(UNBIASED, "'initial':20000,'synthetic':{'points':2000}", filter, rest);
        CHECK_LAW(law_z(&r, "variance_ratio", 6, expected[i][0]));
        if (i != 2) CHECK_LAW(law_z(&r, "variance_ratio", 21, expected[i][1]));
        if (i >= 2) CHECK_LAW(law_z(&r, "mean", 6, 0.5 * 2 / 1.5));
        if (i == 3) CHECK_LAW(law_z(&r, "mean", 21, 2.0 * 2 / 3));
        law_run_free(&r);
    }
}

/* Curated categories: with K rows of a two-valued truth the chosen one is category 1 with a mixed binomial chance. */
TEST(law_filters_curated_categories) {
    const double w = exp(1 / 0.7); /* weight of category 1 beside 1 */
    double chance = 0;
    for (unsigned j = 0; j <= 5; j++) chance += gsl_ran_binomial_pdf(j, 0.3, 5) * j * w / (j * w + 5 - j);
    law_run r = run("'truth':{'family':'categorical','probabilities':[0.7,0.3]},'model':{'family':'categorical'}",
                    "'initial':20000,'synthetic':{'points':500}",
                    "{'type':'curate','of':5,'reward':'category','scores':[0,1],'temperature':0.7}",
                    "'run':{'generations':2,'replicates':2000,'seed':12},'observe':{'measures':['heterozygosity']}");
    CHECK_LAW(law_z(&r, "heterozygosity", 2, 2 * chance * (1 - chance) * (1 - 1 / 500.0)));
    law_run_free(&r);
}

/* A mixture's rows come component by component: groups must not. Of two rows the one nearer to 2 lies in the component there
 * unless both lie in the other: with chance 1 - E (1 - w)^2, w the weight that n real rows gave it. */
TEST(law_filters_curated_mixture) {
    law_run r = run("'truth':{'family':'gmm','means':[[-2],[2]],'sds':[[0.1],[0.1]]},'model':{'family':'gmm'}",
                    "'initial':200,'synthetic':{'points':200}",
                    "{'type':'curate','of':2,'reward':'distance','centre':[2],'temperature':0}",
                    "'run':{'generations':2,'replicates':400,'seed':16},'observe':{'measures':['mean']}");
    const double lost = 0.25 + 0.25 / 200, nearer = 0.1 / sqrt(M_PI); /* E max of two, in the component left of it */
    CHECK_LAW(law_z(&r, "mean", 1, 0));
    CHECK_LAW(law_z(&r, "mean", 2, 2 * (1 - lost) + (nearer - 2) * lost));
    law_run_free(&r);
}

/* The likeliest categories up to the mass: of .4 .3 .2 .1 the first three make .75, and 9 rows in 10 pass. */
TEST(law_filters_truncated_categories) {
    law_run r =
        run("'truth':{'family':'categorical','probabilities':[0.1,0.3,0.2,0.4]},'model':{'family':'categorical'}",
            "'initial':20000,'synthetic':{'points':300}", "{'type':'truncate','top_p':0.75,'fill':false}",
            "'run':{'generations':2,'replicates':2000,'seed':13},'observe':{'measures':['filters','diversity',"
            "'filter_tails'],'tails':[0.1]}");
    CHECK_LAW(law_z(&r, "accepted_1", 2, 0.9));
    CHECK_EQ(law_at(&r, "support", 2).mean, 3);
    CHECK_EQ(law_at(&r, "kept_tail_1_0.1", 2).mean, 0);
    law_run_free(&r);
}

/* At most `times` of each: sum E min(count, times), the count a mixed binomial over the first fit. */
TEST(law_filters_deduplicated) {
    for (int times = 1; times <= 2; times++) {
        char filter[64];
        double expected = 0;
        for (unsigned x = 0; x <= 50; x++) {
            const double p = x / 50.0, none = gsl_ran_binomial_pdf(0, p, 30), one = gsl_ran_binomial_pdf(1, p, 30);
            expected += 20 * gsl_ran_binomial_pdf(x, 1 / 20.0, 50) * (times == 1 ? 1 - none : 2 * (1 - none) - one);
        }
        snprintf(filter, sizeof filter, "{'type':'deduplicate','times':%d}", times);
        law_run r = run("'truth':{'family':'categorical','categories':20},'model':{'family':'categorical'}",
                        "'initial':50,'synthetic':{'points':30}", filter,
                        "'run':{'generations':2,'replicates':20000,'seed':14},'observe':{'measures':['provenance',"
                        "'filters','heterozygosity']}");
        CHECK_LAW(law_z(&r, "training_points", 2, expected));
        CHECK_LAW(law_z(&r, "rejects_1", 2, 30 - expected));
        law_run_free(&r);
    }
}
