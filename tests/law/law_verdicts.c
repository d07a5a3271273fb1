/* law_verdicts.c: the same loops in the eight senses of collapse: they disagree, and each for a reason that is known. */
#include "harness.h"
#include "law.h"
#include "ouro/mem.h"
#include "ouro/verdict.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define Z99 2.5758293035489

/* 't', 'f' or 'u' for each definition in turn; the scaling law needs more than one point. */
static void check_verdicts(const char *json, const char *expected) {
    law_run r = law_run_json(json);
    char found[OURO_DEFINITIONS + 1] = {0};
    double *scratch = ouro_alloc(2 * r.results.replicates, sizeof *scratch);
    for (size_t i = 0; r.ok && scratch && i < OURO_DEFINITIONS; i++) {
        const ouro_verdict v = ouro_judge(&ouro_definitions[i], &r.results, scratch);
        found[i] = "ftu"[v.ruling];
        CHECK(v.test && *v.test);
        if (v.ruling != OURO_UNDECIDED) CHECK(v.column && !isnan(v.number) && !isnan(v.error) && !isnan(v.threshold));
    }
    if (strcmp(found, expected)) printf("# %s for %s\n", found, json);
    CHECK(!strcmp(found, expected));
    ouro_free(scratch);
    law_run_free(&r);
}

#define POLICY(preset) "'policy':{'preset':'" preset "','initial':100,'synthetic':{'points':100}},"
#define OBSERVE "'run':{'generations':60,'replicates':1000,'seed':5},'observe':{'measures':["

/* Replace raises the risk without a bound, and loses variance and tail; accumulate raises the risk once, and nothing else. */
TEST(law_verdicts_gaussian) {
    check_verdicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'}," POLICY("replace") OBSERVE
                   "'moments','divergences','tails']}}",
                   "fttututf");
    check_verdicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'}," POLICY("accumulate")
                       OBSERVE "'moments','divergences','tails']}}",
                   "ftfufuff");
}

/* A kernel estimate whose (n - 1) h^2 exceeds the truth's variance spreads instead: hallucinated data, and no loss of variance. */
TEST(law_verdicts_kde) {
    check_verdicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'kde','bandwidth':0.6}," POLICY(
                       "replace") "'run':{'generations':60,'replicates':300,'seed':5},'observe':{'measures':['moments',"
                                  "'scores','tails']}}",
                   "uttufuft");
}

/* Categories die: the risk is infinite from the first loss on, so that it cannot rise further; the rarest are nearly all gone. */
TEST(law_verdicts_categorical) {
    check_verdicts("{'name':'l','truth':{'family':'categorical','categories':20,'zipf':1},"
                   "'model':{'family':'categorical'}," POLICY("replace") OBSERVE
                   "'moments','divergences','tails','diversity']}}",
                   "ttfututf");
}

/* Without the columns nothing is decided, nor without the generations that a growth is seen by. */
TEST(law_verdicts_undecided) {
    check_verdicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'}," POLICY("replace") OBSERVE
                   "'provenance']}}",
                   "uuuuuuuu");
    check_verdicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'}," POLICY("replace") OBSERVE
                   "'moments','divergences'],'generations':[1,60]}}",
                   "ftuuuuuu");
    check_verdicts("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'}," POLICY("replace") OBSERVE
                   "'moments','divergences'],'generations':[60]}}",
                   "fuuuuuuu");
}

/* A mode of weight 1/50 in 20 points is lost in most replicates, two of weight 1/2 far apart in none. */
TEST(law_verdicts_modes) {
#define MODES(weights)                                                                                                 \
    "{'name':'l','truth':{'family':'gmm','means':[[0],[30]],'weights':" weights "},'model':{'family':'gmm'},"          \
    "'policy':{'initial':60,'synthetic':{'points':60}},'run':{'generations':20,'replicates':100,'seed':5},"            \
    "'observe':{'measures':['modes']}}"
    check_verdicts(MODES("[0.98,0.02]"), "uuuuutuu");
    check_verdicts(MODES("[0.5,0.5]"), "uuuuufuu");
#undef MODES
}

#define SCALING(preset, generations, numbers)                                                                          \
    "{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'preset':'" preset "'},"        \
    "'run':{'generations':" generations ",'replicates':3000,'seed':5},"                                                \
    "'observe':{'measures':['moments'],'generations':[1," generations "]},"                                            \
    "'sweep':{'policy.synthetic.points':" numbers "}}"

/* Every point's E x^2 stays 1, so that the mean of the t-th fit moves by E v / (n k^2) = (1 - E drift) / (n k^2), k = 1 where it
 * replaces, k = t where it pools (derived): E drift_T = 1 - prod_t (1 - 1 / (n k_t^2)). */
static double expected_drift(double n, unsigned generations, int pools) {
    double rest = 1;
    for (unsigned t = 1; t <= generations; t++) rest *= 1 - 1 / (n * (pools ? (double)t * t : 1));
    return 1 - rest;
}

static ouro_verdict check_scaling(law_run *r, ouro_ruling expected) {
    const ouro_verdict v = ouro_scaling_judge(&r->scaling);
    if (v.ruling != expected) printf("# %s: %g +- %g, %s\n", ouro_ruling_names[v.ruling], v.number, v.error, v.test);
    CHECK(v.ruling == expected && v.threshold == 0.1);
    return v;
}

/* The slopes are those of the exact means under the same weights, and so is their difference, within its own error. */
static void check_slopes(law_run *r, unsigned generations, int pools) {
    ouro_scaling exact = r->scaling;
    ouro_scaling_point point[8];
    const double change = r->scaling.slope[1] - r->scaling.slope[0], error = ouro_scaling_judge(&r->scaling).error;
    CHECK(r->scaling.centre == OURO_OF_MEAN && exact.len <= 8);
    exact.point = point;
    for (size_t i = 0; i < exact.len && i < 8; i++) {
        point[i] = r->scaling.point[i];
        for (int k = 0; k < 2; k++) {
            const double mean = expected_drift(point[i].n, k ? generations : 1, pools);
            point[i].error[k][OURO_OF_MEAN].se *= mean / point[i].error[k][OURO_OF_MEAN].value;
            point[i].error[k][OURO_OF_MEAN].value = mean;
        }
    }
    ouro_scaling_judge(&exact);
    CHECK_CLOSE(exact.slope[0], -1, 0, 1e-9);
    for (int k = 0; k < 2; k++) CHECK_LAW((r->scaling.slope[k] - exact.slope[k]) / r->scaling.se[k]);
    CHECK_LAW((change - (exact.slope[1] - exact.slope[0])) / (error / Z99));
}

/* Replace: E drift_50 = 1 - (1 - 1/n)^50 is 1 for small n and 50/n for large: the exponent is lost. At n = 10 the drift has a heavy tail:
 * medians, of which those at t = 1 are exactly those of chi^2_1 / n. */
TEST(law_verdicts_scaling_replace) {
    law_run r = law_run_json(SCALING("replace", "50", "[10,30,100,300]"));
    check_scaling(&r, OURO_TRUE);
    CHECK(r.scaling.centre == OURO_OF_MEDIAN && r.scaling.slope[1] > r.scaling.slope[0]);
    CHECK_LAW((r.scaling.slope[0] + 1) / r.scaling.se[0]);
    law_run_free(&r);
    r = law_run_json(SCALING("replace", "60", "[300,1000,3000]")); /* light tails while T/n is small: means */
    ouro_scaling_judge(&r.scaling);
    check_slopes(&r, 60, 0);
    law_run_free(&r);
}

/* Accumulate keeps E drift near pi^2 / 6n: the exponent stays. */
TEST(law_verdicts_scaling_accumulate) {
    law_run r = law_run_json(SCALING("accumulate", "50", "[10,30,100,300]"));
    check_scaling(&r, OURO_FALSE);
    check_slopes(&r, 50, 1);
    for (size_t i = 0; i < 4; i++) CHECK(r.scaling.point[i].n == (double)r.study.config[i].policy.synthetic.points);
    law_run_free(&r);
}

/* Errors 2/n at t = 1 and 3/sqrt(n) at the last generation, each known to 1 %: log n has the squares S about its mean. */
TEST(law_verdicts_scaling_by_hand) {
    ouro_scaling_point point[4];
    ouro_scaling s = {.len = 4, .point = point, .column = "drift_sq", .last = 9};
    const double squares = 5 * log(10) * log(10);
    for (int i = 0; i < 4; i++) {
        const double n = pow(10, i + 1);
        point[i] = (ouro_scaling_point){
            .n = n,
            .error = {{{2 / n, 0.02 / n}, {1 / n, 0.01 / n}}, {{3 / sqrt(n), 0.03 / sqrt(n)}, {1 / n, 0.01 / n}}}};
    }
    ouro_verdict v = ouro_scaling_judge(&s);
    CHECK(v.ruling == OURO_TRUE);
    CHECK_CLOSE(s.slope[0], -1, 0, 1e-12);
    CHECK_CLOSE(s.slope[1], -0.5, 0, 1e-12);
    CHECK_CLOSE(s.se[1], 0.01 / sqrt(squares), 0, 1e-12);
    CHECK_CLOSE(v.number, 0.5, 0, 1e-12);
    CHECK_CLOSE(v.error, Z99 * 0.01 * sqrt(2 / squares), 0, 1e-12);
    for (int i = 0; i < 4; i++) point[i].correlation[OURO_OF_MEAN] = 0.75; /* half the standard error */
    CHECK_CLOSE(ouro_scaling_judge(&s).error, Z99 * 0.01 * sqrt(0.5 / squares), 0, 1e-12);
    point[2].error[1][OURO_OF_MEAN].value *= 7; /* an error that is not known weighs nothing */
    point[2].error[1][OURO_OF_MEAN].se = 1e6;
    ouro_scaling_judge(&s);
    CHECK_CLOSE(s.slope[1], -0.5, 0, 1e-9);
    point[1].heavy = 1; /* medians for all: no change */
    v = ouro_scaling_judge(&s);
    CHECK(v.ruling == OURO_FALSE && s.centre == OURO_OF_MEDIAN);
    CHECK_CLOSE(s.slope[1], -1, 0, 1e-12);
    CHECK_CLOSE(v.number, 0, 0, 1e-12);
}

/* What cannot be compared is not. */
TEST(law_verdicts_scaling_undecided) {
    ouro_scaling_point point[3];
    for (int i = 0; i < 3; i++)
        point[i] = (ouro_scaling_point){
            .n = i + 1, .error = {{{1.0 / (i + 1), 0.01}, {1, 0.01}}, {{1.0 / (i + 1), 0.01}, {1, 0.01}}}};
    const ouro_scaling good = {.len = 3, .point = point, .column = "drift_sq", .last = 9};
    ouro_scaling s = good;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_FALSE);
    s.len = 2;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_UNDECIDED);
    s = good;
    s.column = NULL;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_UNDECIDED);
    s = good;
    s.last = 0;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_UNDECIDED);
    s = good;
    point[2].error[1][OURO_OF_MEAN].value = 0;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_UNDECIDED);
    point[2].error[1][OURO_OF_MEAN].value = 1;
    point[2].error[1][OURO_OF_MEAN].se = NAN;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_UNDECIDED);
    point[2].error[1][OURO_OF_MEAN].se = 0.01;
    point[2].n = point[0].n;
    CHECK(ouro_scaling_judge(&s).ruling == OURO_UNDECIDED);
    law_run r = law_run_json("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'},"
                             "'run':{'generations':9,'replicates':20},'observe':{'measures':['provenance']},"
                             "'sweep':{'policy.synthetic.points':[10,20,30]}}");
    const ouro_verdict v = ouro_scaling_judge(&r.scaling);
    CHECK(v.ruling == OURO_UNDECIDED && !v.column && isnan(v.number) && r.scaling.len == 3);
    law_run_free(&r);
}

/* What is kept of a point: n, and the errors at both times with the correlation of their means and of their medians. */
TEST(law_verdicts_scaling_correlation) {
    static const double before[] = {1, 2, 3, 4, 5, NAN}, after[] = {2, 1, 3, 5, 4, 7};
    law_run r = law_run_json("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'},"
                             "'run':{'generations':9,'replicates':6},'observe':{'measures':['moments'],"
                             "'generations':[1,9]}}");
    const size_t m = law_column(&r, "drift_sq");
    double scratch[6];
    ouro_scaling_point point;
    ouro_scaling s = {.point = &point};
    CHECK(r.ok && m != SIZE_MAX);
    if (!r.ok || m == SIZE_MAX) return;
    for (size_t i = 0; i < 6; i++) {
        r.results.value[2 * i * r.results.columns + m] = before[i];
        r.results.value[(2 * i + 1) * r.results.columns + m] = after[i];
    }
    ouro_scaling_add(&s, &r.results, scratch);
    CHECK(s.len == 1 && s.last == 9 && s.column && !strcmp(s.column, "drift_sq"));
    CHECK_CLOSE(point.error[0][OURO_OF_MEAN].value, 3, 0, 1e-12);
    CHECK_CLOSE(point.error[0][OURO_OF_MEAN].se, sqrt(0.5), 0, 1e-12);
    CHECK_CLOSE(point.error[1][OURO_OF_MEDIAN].value, 3.5, 0, 1e-12);
    /* about 3 and 22/6: (-2,-1,0,1,2) with (2,1,3,5,4) less that; on the same side of 3 and 3.5 but for the one at 3 */
    CHECK_CLOSE(point.correlation[OURO_OF_MEAN], 8 / sqrt(10 * (10 + 5 * 4.0 / 9)), 0, 1e-12);
    CHECK_CLOSE(point.correlation[OURO_OF_MEDIAN], 4 / sqrt(4 * 5), 0, 1e-12);
    law_run_free(&r);
}

/* The median of a uniform law on 100 has the standard error 100 / (2 sqrt(n)): here 5, from values that are all of its quantiles. */
TEST(law_verdicts_scaling_median) {
    law_run r = law_run_json("{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'},"
                             "'run':{'generations':9,'replicates':100},'observe':{'measures':['moments'],"
                             "'generations':[1,9]}}");
    const size_t m = law_column(&r, "drift_sq");
    double scratch[100];
    ouro_scaling_point point;
    ouro_scaling s = {.point = &point};
    CHECK(r.ok && m != SIZE_MAX);
    if (!r.ok || m == SIZE_MAX) return;
    for (size_t i = 0; i < 100; i++)
        for (size_t g = 0; g < 2; g++) r.results.value[(2 * i + g) * r.results.columns + m] = (double)(37 * i % 100);
    ouro_scaling_add(&s, &r.results, scratch);
    CHECK_CLOSE(point.error[1][OURO_OF_MEDIAN].value, 49.5, 0, 1e-12);
    CHECK_CLOSE(point.error[1][OURO_OF_MEDIAN].se, 5, 0, 1e-12);
    r.results.replicates = 6; /* 99 % reach beyond them */
    s.len = 0;
    ouro_scaling_add(&s, &r.results, scratch);
    CHECK(isnan(point.error[1][OURO_OF_MEDIAN].se));
    law_run_free(&r);
}
