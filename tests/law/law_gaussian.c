/* law_gaussian.c: the Gaussian under recursive training, simulated, against its exact laws. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

#define RUN(model, policy, run, observe)                                                                               \
    "{'name':'law','truth':{'family':'gaussian','mean':2.385,'sd':0.731},'model':{'family':'gaussian'" model "},"      \
    "'policy':" policy ",'run':{'seed':20261120," run "},'observe':{" observe "}}"

/* E log = t (psi((n-1)/2) + log(2/n)), Var log = t psi'((n-1)/2), E drift = 1 - (1-1/n)^t, E KL(t || 0) = -E log / 2, and the
 * distribution of sigma by Fourier inversion: P(sigma < .5) = .670273. */
static void check_replace(const law_run *r) {
    CHECK_LAW(law_z(r, "log_variance", 100, -2.01854));
    CHECK_LAW(law_z_variance(r, "log_variance", 100, 2.04075));
    CHECK_LAW(law_z(r, "drift_sq", 100, 0.633968));
    CHECK_LAW(law_z(r, "variance_ratio", 100, 0.366032));
    CHECK_LAW(law_z(r, "kl_model_truth", 100, 1.00927));
    CHECK_LAW(law_z_below(r, "log_variance", 100, 2 * log(0.5), 0.670273));
    CHECK_LAW(law_z(r, "log_variance", 1, -0.02018535));
    CHECK_LAW(law_z(r, "drift_sq", 1, 0.01));
}

/* variance_ratio + drift_sq has mean one, replicate by replicate summed. */
static void check_conserved(const law_run *r, unsigned t) {
    size_t v = law_column(r, "variance_ratio"), d = law_column(r, "drift_sq"), g = law_generation(r, t);
    size_t n = r->results.replicates;
    double sum = 0, squares = 0;
    REQUIRE(v != SIZE_MAX && d != SIZE_MAX && g != SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        const double *row = ouro_results_row(&r->results, i, g);
        double x = row[v] + row[d] - 1;
        sum += x;
        squares += x * x;
    }
    double mean = sum / (double)n;
    CHECK_LAW(mean / sqrt((squares / (double)n - mean * mean) / (double)n));
}

#define OBSERVED "'measures':['moments','divergences'],'generations':[1,10,100]"

TEST(law_gaussian_replace_statistics) {
    law_run r = law_run_json(
        RUN("", "{'synthetic':{'points':100}}", "'generations':100,'replicates':100000,'path':'statistics'", OBSERVED));
    check_replace(&r);
    check_conserved(&r, 10);
    check_conserved(&r, 100);
    law_run_free(&r);
}

TEST(law_gaussian_replace_samples) {
    law_run r = law_run_json(
        RUN("", "{'synthetic':{'points':100}}", "'generations':100,'replicates':20000,'path':'samples'", OBSERVED));
    check_replace(&r);
    check_conserved(&r, 100);
    law_run_free(&r);
}

/* Unbiased: the mean variance stays, the mean drift is t/n, and yet E log = t (psi((n-1)/2) + log(2/(n-1))). */
TEST(law_gaussian_replace_unbiased) {
    law_run r = law_run_json(RUN(",'estimator':'unbiased'", "{'synthetic':{'points':100}}",
                                 "'generations':100,'replicates':100000", OBSERVED));
    CHECK_LAW(law_z(&r, "drift_sq", 100, 1));
    CHECK_LAW(law_z(&r, "log_variance", 100, -1.013502));
    CHECK_LAW(law_z_below(&r, "log_variance", 100, 2 * log(0.5), 0.396206));
    law_run_free(&r);
}

TEST(law_gaussian_one_fresh_point) {
    law_run r = law_run_json(RUN("", "{'preset':'fresh','initial':100,'synthetic':{'points':99}}",
                                 "'generations':700,'replicates':20000", "'measures':['moments'],'generations':[700]"));
    CHECK_LAW(law_z(&r, "drift_sq", 700, 0.33557));
    CHECK_LAW(law_z(&r, "variance_ratio", 700, 0.66443));
    law_run_free(&r);
}

/* One fixed point, used again and again, saves nothing: the model collapses onto it. */
TEST(law_gaussian_one_fixed_point) {
    law_run r =
        law_run_json(RUN("", "{'preset':'fresh','initial':50,'synthetic':{'points':49},'anchor':{'source':'fixed'}}",
                         "'generations':3000,'replicates':400", "'measures':['moments'],'generations':[3000]"));
    ouro_summary s = law_at(&r, "log_variance", 3000);
    CHECK(s.quantile[4] < log(1e-6)); /* 95 % of the replicates */
    CHECK(s.quantile[2] < log(1e-20));
    law_run_free(&r);
}

TEST(law_gaussian_accumulate) {
    law_run r = law_run_json(RUN("", "{'preset':'accumulate','synthetic':{'points':20}}",
                                 "'generations':50,'replicates':100000", "'measures':['moments'],'generations':[50]"));
    CHECK_LAW(law_z(&r, "variance_ratio", 50, 0.920670));
    CHECK_LAW(law_z(&r, "drift_sq", 50, 0.079330));
    law_run_free(&r);
}

TEST(law_gaussian_accumulate_subsample) {
    law_run r = law_run_json(RUN("", "{'preset':'accumulate-subsample','synthetic':{'points':10}}",
                                 "'generations':30,'replicates':40000", "'measures':['moments'],'generations':[30]"));
    CHECK(r.ok && r.study.experiment[0].path == OURO_PATH_SAMPLES);
    CHECK_LAW(law_z(&r, "variance_ratio", 30, 0.746062));
    CHECK_LAW(law_z(&r, "drift_sq", 30, 0.253938));
    law_run_free(&r);
}

/* Golden-ratio weighting of 10 fresh and 40 synthetic points, share .3. */
TEST(law_gaussian_weighted) {
    law_run r = law_run_json(RUN("",
                                 "{'preset':'weighted','initial':10,'synthetic':{'points':40},'anchor':{'points':10},"
                                 "'weights':{'real_share':0.3}}",
                                 "'generations':60,'replicates':40000", "'measures':['moments'],'generations':[60]"));
    CHECK_LAW(law_z(&r, "drift_sq", 60, 0.0406893));
    CHECK_LAW(law_z(&r, "variance_ratio", 60, 0.959311));
    law_run_free(&r);
}

TEST(law_gaussian_growing_samples) {
    law_run r = law_run_json(RUN("", "{'initial':10,'synthetic':{'points':10,'growth':2}}",
                                 "'generations':100,'replicates':40000", "'measures':['moments'],'generations':[100]"));
    CHECK_LAW(law_z(&r, "variance_ratio", 100, 0.844276));
    law_run_free(&r);
}

/* Policies without a closed form of their own: the simulation against the recursion, before and after an injection, with
 * windows, stale anchors and unequal weights; on both paths. */
TEST(law_gaussian_any_policy) {
    static const char *const policies[] = {
        "{'preset':'fresh','initial':30,'synthetic':{'points':30},'anchor':{'points':6,'every':4,'first':4}}",
        "{'initial':25,'synthetic':{'points':20},'memory':{'real':5,'synthetic':3}}",
        "{'preset':'fresh','initial':20,'synthetic':{'points':20},'anchor':{'points':8,'source':'stale','refresh':7}}",
        "{'preset':'augment','initial':15,'synthetic':{'points':25},'weights':{'real':2.5,'synthetic':0.7}}",
    };
    static const char *const paths[] = {"statistics", "samples"};
    char json[1024];
    for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
        for (int path = 0; path < 2; path++) {
            snprintf(json, sizeof json,
                     RUN("", "%s", "'generations':24,'replicates':20000,'path':'%s'",
                         "'measures':['moments'],'generations':[2,3,4,7,23,24]"),
                     policies[p], paths[path]);
            law_run r = law_run_json(json);
            for (size_t g = 0; r.ok && g < r.results.generations; g++)
                for (int c = 0; c < 2; c++) {
                    ouro_summary s = law_at(&r, c ? "drift_sq" : "variance_ratio", r.results.experiment->observed[g]);
                    CHECK_LAW(s.z);
                }
            law_run_free(&r);
        }
}

/* Far into the collapse: the logarithm of the variance still follows its law where the variance itself, around a mean of
 * 10, is below 1e-200, and nothing is NaN. */
TEST(law_gaussian_deep_collapse) {
    static const char *const paths[] = {"statistics", "samples"};
    char json[512];
    for (int path = 0; path < 2; path++) {
        snprintf(
            json, sizeof json,
            "{'name':'law','truth':{'family':'gaussian','mean':10,'sd':1},'model':{'family':'gaussian'},"
            "'policy':{'synthetic':{'points':10}},'run':{'generations':2400,'replicates':1000,'seed':3,'path':'%s'},"
            "'observe':{'generations':[2400]}}",
            paths[path]);
        law_run r = law_run_json(json);
        CHECK_LAW(law_z(&r, "log_variance", 2400, 2400 * -0.22056699));
        CHECK_LAW(law_z_variance(&r, "log_variance", 2400, 2400 * 0.24872510));
        CHECK(law_at(&r, "log_variance", 2400).quantile[4] < log(1e-200));
        for (size_t i = 0; r.ok && i < r.results.replicates; i++)
            for (size_t m = 0; m < r.results.columns; m++)
                if (isnan(ouro_results_row(&r.results, i, 0)[m]))
                    CHECK_STR(r.results.experiment->columns[m].name, "not NaN");
        law_run_free(&r);
    }
}

/* Real points that come later, of truths that do not say where they lie: their rows are moved to the model's origin,
 * which has followed it a hundred standard deviations away. */
TEST(law_gaussian_anchors_of_any_truth) {
    static const char *const truths[] = {"'family':'exponential','mean':100", "'family':'gamma','mean':9,'shape':400",
                                         "'family':'student-t','location':-70,'scale':0.3,'df':12"};
    for (int i = 0; i < 6; i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{%s},'model':{'family':'gaussian'},'policy':{'preset':'fresh','initial':20,"
                 "'synthetic':{'points':15},'anchor':{'points':5,'every':2}},'run':{'generations':9,"
                 "'replicates':20000,'seed':20261120,'path':'%s'},'observe':{'measures':['moments'],"
                 "'generations':[2,9]}}",
                 truths[i / 2], i % 2 ? "samples" : "statistics");
        law_run r = law_run_json(json);
        for (unsigned t = 2; t <= 9; t += 7) {
            CHECK_LAW(law_at(&r, "drift_sq", t).z);
            CHECK_LAW(law_at(&r, "variance_ratio", t).z);
        }
        law_run_free(&r);
    }
}
