/* law_transforms.c: families that are another one of a function of x: lognormal (gaussian of log x), weibull, pareto and
 * laplace (exponential of x^k, log(x / minimum), |x - location|). What they obey is the law of that function. */
#include "harness.h"
#include "law.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const paths[] = {"statistics", "samples"};

/* A truth, its family, the power of the fitted scale that the sd of x is (0: none), and the entropy of the truth. */
typedef struct line {
    const char *truth, *family;
    double power, entropy;
} line;

#define EULER 0.57721566490153286
static const line lines[] = {
    {"'scale':2.385,'shape':1.7", "weibull", 1 / 1.7, EULER *(1 - 1 / 1.7) + 0.86919909210 - 0.53062825106 + 1},
    {"'scale':0.31,'shape':0.8", "weibull", 1 / 0.8, EULER *(1 - 1 / 0.8) - 1.17118298150 + 0.22314355131 + 1},
    {"'minimum':2.385,'shape':3.5", "pareto", 0, 1 + 1 / 3.5 + 0.86919909210 - 1.25276296850},
    {"'minimum':0.7,'shape':1.2", "pareto", 0, 1 + 1 / 1.2 - 0.35667494394 - 0.18232155679},
    {"'location':1.3,'scale':2.385", "laplace", 1, 1 + 0.69314718056 + 0.86919909210},
};
enum { LINES = sizeof lines / sizeof lines[0] };

static void run(const line *l, unsigned n, unsigned t, unsigned replicates, const char *path, const char *measures,
                law_run *r) {
    char json[640];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':{'synthetic':{'points':%u}},"
             "'run':{'generations':%u,'replicates':%u,'seed':20261120,'path':'%s'},"
             "'observe':{'measures':[%s],'generations':[1,%u]}}",
             l->family, l->truth, l->family, n, t, replicates, path, measures, t);
    *r = law_run_json(json);
}

/* n = 20, t = 50: E log s = t (psi(n) - log n) = -1.26041, Var = t psi'(n) = 2.56354. The entropy is log s times the
 * power, or s + log s for pareto, whose s is a martingale. E KL(t || 0) = E (e^d - 1 - d) = -E d, d = log s_t / s_0. */
static void check_line(const line *l, const char *path) {
    law_run r;
    double entropy = l->entropy + (l->power > 0 ? l->power : 1) * -1.26041;
    run(l, 20, 50, 40000, path, l->power > 0 ? "'entropy','log_variance'" : "'entropy'", &r);
    CHECK_LAW(law_z(&r, "entropy", 50, entropy));
    CHECK_CLOSE(law_at(&r, "entropy", 50).theory, entropy, 0, 2e-5);
    if (l->power > 0) {
        CHECK_LAW(law_z(&r, "log_variance", 50, 2 * l->power * -1.26041));
        CHECK_LAW(law_z_variance(&r, "log_variance", 50, 4 * l->power * l->power * 2.56354));
        CHECK_LAW(law_z_variance(&r, "entropy", 50, l->power * l->power * 2.56354));
        CHECK_CLOSE(law_at(&r, "log_variance", 50).theory, 2 * l->power * -1.26041, 0, 4e-5);
    }
    law_run_free(&r);
    run(l, 20, 10, 40000, path, "'kl_model_truth','tv'", &r);
    CHECK_LAW(law_z(&r, "kl_model_truth", 10, 10 * 0.0252082));
    law_run_free(&r);
}

TEST(law_transforms_scale_logs) {
    for (size_t i = 0; i < LINES; i++)
        for (int path = 0; path < 2; path++) check_line(&lines[i], paths[path]);
}

/* Location known, one step: E log(b'/b) = psi(n) - log n: -.0461, -.0240, -.0050 for n = 11, 21, 101; and
 * E b_t^2 = b_0^2 (1 + 1/n)^t, while the mean never moves. */
TEST(law_transforms_laplace) {
    static const unsigned n[] = {11, 21, 101};
    static const double step[] = {-0.0461, -0.0240, -0.0050};
    for (int i = 0; i < 6; i++) {
        law_run r;
        run(&lines[4], n[i / 2], 10, 40000, paths[i % 2], "'moments'", &r);
        CHECK_CLOSE(law_at(&r, "log_variance", 1).theory / 2, step[i / 2], 0, 5.1e-5);
        CHECK_LAW(law_at(&r, "log_variance", 1).z);
        CHECK_LAW(law_z(&r, "variance_ratio", 10, pow(1 + 1.0 / n[i / 2], 10)));
        CHECK_EQ(law_at(&r, "drift_sq", 10).quantile[4], 0);
        law_run_free(&r);
    }
}

#define LOGNORMAL(model, run, observe)                                                                                 \
    "{'name':'law','truth':{'family':'lognormal','log_mean':2.385,'log_sd':0.731},'model':{'family':'lognormal'" model \
    "},'policy':{'synthetic':{'points':100}},'run':{'seed':20261120,'generations':100," run "},"                       \
    "'observe':{'generations':[1,100]," observe "}}"

/* The gaussian numbers of law_gaussian.c, n = t = 100: E log sd^2 = -2.01854 with variance 2.04075, E KL(t || 0) =
 * 1.00927; the entropy is log x's mean + log sd + constant, the two uncorrelated. */
TEST(law_transforms_lognormal) {
    static const char *const runs[] = {
        LOGNORMAL("", "'replicates':60000,'path':'statistics'", "'measures':['entropy','kl_model_truth']"),
        LOGNORMAL("", "'replicates':20000,'path':'samples'", "'measures':['entropy','kl_model_truth']"),
    };
    const double start = 2.385 + 1.41893853320 + log(0.731), drift = 0.731 * 0.731 * 0.633968;
    for (int path = 0; path < 2; path++) {
        law_run r = law_run_json(runs[path]);
        CHECK_LAW(law_z(&r, "entropy", 100, start - 2.01854 / 2));
        CHECK_LAW(law_z_variance(&r, "entropy", 100, 2.04075 / 4 + drift));
        CHECK_LAW(law_z(&r, "kl_model_truth", 100, 1.00927));
        CHECK_CLOSE(law_at(&r, "entropy", 100).theory, start - 2.01854 / 2, 0, 1e-5);
        law_run_free(&r);
    }
    law_run r = law_run_json(LOGNORMAL(",'estimator':'unbiased'", "'replicates':60000", "'measures':['entropy']"));
    CHECK_LAW(law_z(&r, "entropy", 100, start - 1.013502 / 2));
    law_run_free(&r);
}

/* log_variance of x has no law where the sd of x is no power of a fitted scale: ouro says nothing rather than guess. */
TEST(law_transforms_silent_where_there_is_no_law) {
    static const char *const families[] = {"lognormal", "pareto"};
    for (int i = 0; i < 2; i++) {
        char json[256];
        snprintf(json, sizeof json, "{'name':'l','truth':{'family':'%s'},'model':{'family':'%s'}}", families[i],
                 families[i]);
        CHECK(isnan(law_predicts(json, "log_variance", 5)) && isnan(law_predicts(json, "drift_sq", 5)));
        CHECK(isfinite(law_predicts(json, "entropy", 5)));
    }
}

/* From the same random numbers the function of x follows the same path, digit by digit: KL, Hellinger distance and total
 * variation do not see the transform. Policies that pool, weigh and anchor. */
TEST(law_transforms_are_invisible_to_divergences) {
    static const char *const pairs[][2] = {
        {"'family':'gaussian','mean':0.3,'sd':0.731", "'family':'lognormal','log_mean':0.3,'log_sd':0.731"},
        {"'family':'exponential','mean':1", "'family':'weibull','scale':2.1,'shape':1.7"},
        {"'family':'exponential','mean':1", "'family':'weibull','scale':1e-9,'shape':50"},
        {"'family':'exponential','mean':1", "'family':'pareto','minimum':31,'shape':1.2"},
        {"'family':'exponential','mean':1", "'family':'laplace','location':-7,'scale':0.02"},
    };
    static const char *const columns[] = {"kl_truth_model", "kl_model_truth", "hellinger", "tv"};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        law_run r[2];
        for (int k = 0; k < 2; k++) {
            char json[640], name[24];
            sscanf(pairs[i][k], "'family':'%20[a-z]", name);
            snprintf(json, sizeof json,
                     "{'name':'l','truth':{%s},'model':{'family':'%s'},'policy':{'preset':'fresh','initial':9,"
                     "'synthetic':{'points':7},'anchor':{'points':2,'every':3},'memory':{'synthetic':3},"
                     "'weights':{'real':2.5}},'run':{'generations':25,'replicates':50,'path':'statistics'},"
                     "'observe':{'measures':['divergences']}}",
                     pairs[i][k], name);
            r[k] = law_run_json(json);
        }
        for (size_t c = 0; c < 4 && r[0].ok && r[1].ok; c++) {
            size_t a = law_column(&r[0], columns[c]), b = law_column(&r[1], columns[c]);
            REQUIRE(a != SIZE_MAX && b != SIZE_MAX);
            for (size_t k = 0; k < 50; k++)
                for (size_t g = 0; g < r[0].results.generations; g++)
                    CHECK_CLOSE(ouro_results_row(&r[1].results, k, g)[b], ouro_results_row(&r[0].results, k, g)[a],
                                1e-9, 1e-11);
        }
        law_run_free(&r[0]);
        law_run_free(&r[1]);
    }
}

/* Any policy: both paths have the same law of the divergence. */
TEST(law_transforms_paths_agree) {
    static const line all[] = {{"'log_mean':1.3,'log_sd':0.7", "lognormal", 0, 0},
                               {"'scale':2.385,'shape':1.7", "weibull", 0, 0},
                               {"'minimum':2.385,'shape':1.5", "pareto", 0, 0},
                               {"'location':1.3,'scale':2.385", "laplace", 0, 0}};
    for (size_t i = 0; i < 4; i++) {
        ouro_summary s[2];
        for (int path = 0; path < 2; path++) {
            char json[640];
            snprintf(
                json, sizeof json,
                "{'name':'l','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':{'initial':25,"
                "'synthetic':{'points':20},'memory':{'real':3,'synthetic':2}},'run':{'generations':6,"
                "'replicates':40000,'path':'%s','seed':%d},'observe':{'measures':['hellinger'],'generations':[6]}}",
                all[i].family, all[i].truth, all[i].family, paths[path], path);
            law_run r = law_run_json(json);
            s[path] = law_at(&r, "hellinger", 6);
            law_run_free(&r);
        }
        CHECK_LAW((s[0].mean - s[1].mean) / hypot(s[0].se, s[1].se));
    }
}

static void check_no_nan(const law_run *r) {
    for (size_t i = 0; r->ok && i < r->results.replicates; i++)
        for (size_t g = 0; g < r->results.generations; g++)
            for (size_t m = 0; m < r->results.columns; m++)
                if (isnan(ouro_results_row(&r->results, i, g)[m]))
                    CHECK_STR(r->results.experiment->columns[m].name, "not NaN");
}

/* Far down: n = 1, psi(1) = -gamma, psi'(1) = pi^2 / 6. x^50 underflows long before x does, and the law still holds. */
TEST(law_transforms_deep_collapse) {
    static const line deep = {"'scale':1e-6,'shape':50", "weibull", 0, 0};
    static const line all[] = {{"'log_mean':3,'log_sd':0.7", "lognormal", 0, 0},
                               {"'scale':2,'shape':0.7", "weibull", 0, 0},
                               {"'minimum':2.385,'shape':1.5", "pareto", 0, 0},
                               {"'location':1.3,'scale':2.385", "laplace", 0, 0}};
    for (int path = 0; path < 2; path++) {
        law_run r;
        run(&deep, 1, 2000, 1000, paths[path], "'log_variance'", &r);
        CHECK_LAW(law_z(&r, "log_variance", 2000, 2000 * -EULER * 2 / 50));
        CHECK_LAW(law_z_variance(&r, "log_variance", 2000, 2000 * 1.6449340668 * 4 / 2500));
        law_run_free(&r);
        for (size_t i = 0; i < 4; i++) {
            const char *measures = i == 2 ? "'diversity','divergences','tails','fit'"
                                          : "'moments','diversity','divergences','tails','tail_sides','fit'";
            run(&all[i], 3, 3000, 100, paths[path], measures, &r);
            check_no_nan(&r);
            if (i == 3 && path == 0) CHECK(law_at(&r, "log_variance", 3000).quantile[4] < -700);
            law_run_free(&r);
        }
    }
}

/* Moments that do not exist are infinite, not NaN: small fits of a pareto whose variance is barely finite. */
TEST(law_transforms_infinite_moments) {
    static const line heavy = {"'minimum':1,'shape':2.2", "pareto", 0, 0};
    law_run r;
    run(&heavy, 3, 5, 2000, "statistics", "'moments','divergences'", &r);
    check_no_nan(&r);
    CHECK_EQ(law_at(&r, "variance_ratio", 1).quantile[4], INFINITY);
    CHECK_EQ(law_at(&r, "w2", 1).quantile[4], INFINITY);
    law_run_free(&r);
}

/* Without a variance of the truth there is nothing to measure moments in units of, and the rest is still there. */
TEST(law_transforms_without_a_variance) {
    static const line endless = {"'minimum':1,'shape':1.9", "pareto", 0, 0};
    law_run r;
    run(&endless, 20, 5, 100, "samples", "'divergences','diversity','tails'", &r);
    check_no_nan(&r);
    for (size_t i = 0; i < 3 && r.ok; i++) {
        const char *reason = ouro_measure_find("moments")->missing(&r.study.experiment[0].setting, i);
        CHECK(reason != NULL && strstr(reason, "infinite") != NULL);
    }
    law_run_free(&r);
}

static int refuses(const char *family, double lower, double known, const char *reason) {
    const ouro_domain d = {.kind = OURO_NUMBERS, .dim = 1, .lower = lower, .upper = 10};
    ouro_family f;
    ouro_error e = {0};
    return ouro_family_init(&f, ouro_family_find(family), &d, (double[OURO_KNOWN]){known}, &e) == OURO_EUNDEFINED &&
           strstr(e.what, reason) != NULL;
}

static int accepts(const char *family, double lower, double known) {
    const ouro_domain d = {.kind = OURO_NUMBERS, .dim = 1, .lower = lower, .upper = 10};
    ouro_family f;
    ouro_error e = {0};
    return ouro_family_init(&f, ouro_family_find(family), &d, (double[OURO_KNOWN]){known}, &e) == OURO_OK;
}

/* Truths outside the support, and parameters nobody has given. */
TEST(law_transforms_refuse_what_lies_outside) {
    CHECK(accepts("lognormal", 1e-300, 0) && refuses("lognormal", 0, 0, "above 0") &&
          refuses("lognormal", -1, 0, "-1"));
    CHECK(accepts("weibull", 0, 2) && refuses("weibull", -1e-9, 2, "[0, inf]") && refuses("weibull", 0, NAN, "shape"));
    CHECK(accepts("pareto", 2, 2) && refuses("pareto", 1.99, 2, "[2, inf]") && refuses("pareto", 2, NAN, "minimum"));
    CHECK(accepts("laplace", -1e300, 2) && refuses("laplace", 0, NAN, "location"));
}
