/* law_verdicts.c: the same loops in the eight senses of collapse: they disagree, and each for a reason that is known. */
#include "harness.h"
#include "law.h"
#include "ouro/verdict.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

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
