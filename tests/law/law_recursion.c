/* law_recursion.c: ouro's covariance recursion against closed forms that were derived by other means, without
 * simulation. A Gaussian (both parameters, mle) has e = E variance and D = E drift^2 with e + D = 1. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

#define GAUSSIAN(policy, t)                                                                                            \
    "{'name':'law','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':" policy                       \
    ",'run':{'generations':" #t ",'replicates':2},'observe':{'measures':['moments']}}"
#define UNBIASED(policy, t)                                                                                            \
    "{'name':'law','truth':{'family':'gaussian'},'model':{'family':'gaussian','estimator':'unbiased'},'policy'"        \
    ":" policy ",'run':{'generations':" #t ",'replicates':2},'observe':{'measures':['moments']}}"

typedef struct line {
    const char *json, *column;
    unsigned t;
    double expected, tolerance;
} line;

static const line lines[] = {
    /* replace: e = (1 - 1/n)^t */
    {GAUSSIAN("{'synthetic':{'points':100}}", 100), "variance_ratio", 100, 0.36603234127322950, 1e-12},
    {GAUSSIAN("{'synthetic':{'points':100}}", 100), "drift_sq", 100, 0.63396765872677050, 1e-12},
    {UNBIASED("{'synthetic':{'points':100}}", 100), "drift_sq", 100, 1, 1e-12},
    {UNBIASED("{'synthetic':{'points':100}}", 100), "variance_ratio", 100, 1, 1e-12},
    /* accumulate: e = prod (1 - 1/(n s^2)); unbiased on the pool: e = prod_{s>=2} (1 - 1/(s (s n - 1))) */
    {GAUSSIAN("{'preset':'accumulate','synthetic':{'points':20}}", 50), "variance_ratio", 50, 0.920670, 5e-7},
    {UNBIASED("{'preset':'accumulate','synthetic':{'points':5}}", 50), "variance_ratio", 50, 0.872948, 5e-7},
    {UNBIASED("{'preset':'accumulate','synthetic':{'points':5}}", 50), "drift_sq", 50, 0.318495, 5e-7},
    /* accumulate-subsample: recursion in the pool's mean and sum of squares */
    {GAUSSIAN("{'preset':'accumulate-subsample','synthetic':{'points':10}}", 30), "drift_sq", 30, 0.253938, 5e-7},
    {GAUSSIAN("{'preset':'accumulate-subsample','synthetic':{'points':10}}", 30), "variance_ratio", 30, 0.746062, 5e-7},
    {GAUSSIAN("{'preset':'accumulate-subsample','synthetic':{'points':50}}", 20), "drift_sq", 20, 0.0545795, 5e-8},
    /* k fresh of n: D = (1/n) / (1 - (1-a)^2 + (1-a)/n), a = k/n */
    {GAUSSIAN("{'preset':'fresh','initial':10,'synthetic':{'points':9}}", 400), "drift_sq", 400, 0.357143, 5e-7},
    {GAUSSIAN("{'preset':'fresh','initial':100,'synthetic':{'points':99}}", 2000), "drift_sq", 2000, 0.335570470, 5e-9},
    {GAUSSIAN("{'preset':'fresh','initial':100,'synthetic':{'points':98},'anchor':{'points':2}}", 2000), "drift_sq",
     2000, 0.202429, 5e-7},
    {GAUSSIAN("{'preset':'fresh','initial':100,'synthetic':{'points':90},'anchor':{'points':10}}", 2000), "drift_sq",
     2000, 0.0502513, 5e-8},
    {GAUSSIAN("{'preset':'fresh','initial':100,'synthetic':{'points':50},'anchor':{'points':50}}", 2000), "drift_sq",
     2000, 0.013245, 5e-7},
    /* a fixed set of k: D = 1/k + (1-a)(1-1/k)/n / (1 - (1-a)^2 + (1-a)/n) */
    {GAUSSIAN("{'preset':'fresh','initial':50,'synthetic':{'points':45},'anchor':{'points':5,'source':'fixed'}}", 2000),
     "drift_sq", 2000, 0.269231, 5e-7},
    {GAUSSIAN("{'preset':'fresh','initial':50,'synthetic':{'points':45},'anchor':{'points':5,'source':'fixed'}}", 2000),
     "variance_ratio", 2000, 0.730769, 5e-7},
    /* share w on n fresh, 1-w on m synthetic: D = (w^2/n + (1-w)^2/m) / (w (2-w) + (1-w)^2/m) */
    {GAUSSIAN("{'preset':'weighted','initial':10,'synthetic':{'points':40},'anchor':{'points':10},"
              "'weights':{'real_share':0.3}}",
              400),
     "drift_sq", 400, 0.0406893, 5e-8},
    {GAUSSIAN("{'preset':'weighted','initial':10,'synthetic':{'points':40},'anchor':{'points':10},"
              "'weights':{'real_share':0.3}}",
              400),
     "variance_ratio", 400, 0.959311, 5e-7},
    /* the same share by weights per point: 10 * 12/7 against 40 * 1 is .3 against .7 */
    {GAUSSIAN("{'preset':'fresh','initial':10,'synthetic':{'points':40},'anchor':{'points':10},"
              "'weights':{'real':1.7142857142857142,'synthetic':1}}",
              400),
     "drift_sq", 400, 0.0406893, 5e-8},
    /* growing samples n_t = 10 t^p: e = prod (1 - 1/n_t) */
    {GAUSSIAN("{'initial':10,'synthetic':{'points':10,'growth':2}}", 100), "variance_ratio", 100, 0.844276, 5e-7},
    {GAUSSIAN("{'initial':10,'synthetic':{'points':10,'growth':1.5}}", 100), "variance_ratio", 100, 0.780341, 5e-7},
    {GAUSSIAN("{'initial':10,'synthetic':{'points':10,'growth':1}}", 100), "variance_ratio", 100, 0.590171, 5e-7},
    {GAUSSIAN("{'initial':10,'synthetic':{'points':10,'growth':0.5}}", 100), "variance_ratio", 100, 0.151037, 5e-7},
};

TEST(law_recursion_closed_forms) {
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        double got = law_predicts(lines[i].json, lines[i].column, lines[i].t);
        CHECK_CLOSE(got, lines[i].expected, 0, lines[i].tolerance);
        if (!(fabs(got - lines[i].expected) <= lines[i].tolerance)) fprintf(stderr, "  in %s\n", lines[i].json);
    }
}

/* No real point left out and none put in: an injection of 0 points is replace, a window as long as the run is all. */
TEST(law_recursion_identities) {
    double replace = law_predicts(GAUSSIAN("{'synthetic':{'points':30}}", 40), "drift_sq", 40);
    double none = law_predicts(GAUSSIAN("{'preset':'fresh','synthetic':{'points':30},'anchor':{'points':0}}", 40),
                               "drift_sq", 40);
    double all = law_predicts(GAUSSIAN("{'preset':'accumulate','synthetic':{'points':30}}", 40), "drift_sq", 40);
    double window =
        law_predicts(GAUSSIAN("{'synthetic':{'points':30},'memory':{'real':39,'synthetic':39}}", 40), "drift_sq", 40);
    double pooled =
        law_predicts(GAUSSIAN("{'preset':'fresh','initial':30,'synthetic':{'points':20},'anchor':{'points':10}}", 40),
                     "drift_sq", 40);
    double share =
        law_predicts(GAUSSIAN("{'preset':'weighted','initial':30,'synthetic':{'points':20},'anchor':{'points':10},"
                              "'weights':{'real_share':0.3333333333333333}}",
                              40),
                     "drift_sq", 40);
    CHECK_EQ(replace, none);
    CHECK_CLOSE(window, all, 1e-12, 0);
    CHECK_CLOSE(share, pooled, 1e-12, 0);
    CHECK(all < replace / 10);
}

/* Deep in a collapse the law is still exact, although the drift has long been 1 to the last digit. */
TEST(law_recursion_deep_collapse) {
    static const char *const families[] = {"gaussian", "bernoulli", "categorical", "mvgaussian"};
    static const char *const policies[] = {
        "{'synthetic':{'points':10}}",
        "{'preset':'accumulate','synthetic':{'points':10},'memory':{'until':2}}",
        "{'synthetic':{'points':20},'budget':10}",
    };
    char json[400];
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++)
        for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++) {
            /* the first fit of 10; the second one of 20, (1 - 1/10) (1 - 1/40), and none before it; 10 of 20 */
            const double first[] = {0.9, 1 - 1 / 40.0, 0.9};
            snprintf(
                json, sizeof json,
                "{'name':'l','truth':{'family':'%s'},'model':{'family':'%s'},'policy':%s,'run':{'generations':900}}",
                families[f], families[f], policies[p]);
            CHECK_CLOSE(law_predicts(json, "variance_ratio", 900), first[p] * pow(0.9, 899), 1e-11, 0);
        }
        /* under a window the factor per generation settles, and stays */
#define WINDOW GAUSSIAN("{'synthetic':{'points':10},'memory':{'real':1,'synthetic':1}}", 3000)
    static const unsigned at[] = {300, 3000};
    double ratio[2];
    for (int i = 0; i < 2; i++)
        ratio[i] = law_predicts(WINDOW, "variance_ratio", at[i]) / law_predicts(WINDOW, "variance_ratio", at[i] - 1);
    CHECK(law_predicts(WINDOW, "variance_ratio", 3000) < 1e-30);
    CHECK_CLOSE(ratio[1], ratio[0], 1e-9, 0);
}
