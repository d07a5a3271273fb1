/* law_data.c: observations are a finite population, drawn without replacement. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

#define FAITHFUL(policy, generations, replicates, path)                                                                \
    "{'name':'law','truth':{'data':'../configs/data/faithful.csv','columns':['waiting'],'reserve':0.25},"              \
    "'model':{'family':'gaussian'},'policy':" policy ",'run':{'generations':" #generations                             \
    ",'replicates':" #replicates ",'seed':20261120,'path':'" path "'},'observe':{'measures':['moments','w2']}}"

#define EXHAUSTED(rule, points)                                                                                        \
    "{'preset':'fresh','initial':40,'synthetic':{'points':40},'anchor':{'points':" #points ",'exhausted':'" rule "'}}"

/* A first fit on n of N observations: E drift = (1/n) (N-n)/(N-1), and the truth's own variance is what is left. */
TEST(law_data_first_fit) {
    law_run r = law_run_json(FAITHFUL("{'initial':100}", 1, 20000, "auto"));
    double expected = 0.01 * (272 - 100) / (272 - 1.0);
    CHECK_LAW(law_z(&r, "drift_sq", 1, expected));
    CHECK_LAW(law_z(&r, "variance_ratio", 1, 1 - expected));
    law_run_free(&r);
}

/* Anchors come from the reserve: never a row twice, so they correct the first fit's error more than endless draws would. */
TEST(law_data_reserve_anchors) {
    static const char *const json[] = {
        FAITHFUL("{'preset':'fresh','initial':40,'synthetic':{'points':40},'anchor':{'points':3}}", 20, 20000,
                 "statistics"),
        FAITHFUL("{'preset':'fresh','initial':40,'synthetic':{'points':40},'anchor':{'points':3}}", 20, 20000,
                 "samples"),
        FAITHFUL("{'preset':'accumulate','initial':40,'synthetic':{'points':40},'anchor':{'points':3}}", 20, 20000,
                 "auto"),
    };
    for (size_t i = 0; i < sizeof json / sizeof json[0]; i++) {
        law_run r = law_run_json(json[i]);
        for (unsigned t = 1; t <= 20; t += 19) {
            CHECK_LAW(law_at(&r, "drift_sq", t).z);
            CHECK_LAW(law_at(&r, "variance_ratio", t).z);
        }
        law_run_free(&r);
    }
}

/* `none`: 22 sets of 3 come out of a reserve of 68, at t = 2 to 23; from then on the run obeys replace. */
TEST(law_data_exhausted_none) {
    for (int path = 0; path < 2; path++) {
        law_run r = law_run_json(path ? FAITHFUL(EXHAUSTED("none", 3), 40, 8000, "samples")
                                      : FAITHFUL(EXHAUSTED("none", 3), 40, 20000, "statistics"));
        double e = law_at(&r, "variance_ratio", 23).theory, D = law_at(&r, "drift_sq", 23).theory;
        for (int t = 24; t <= 40; t++) {
            D += e / 40;
            e *= 1 - 1 / 40.0;
        }
        CHECK_CLOSE(law_at(&r, "variance_ratio", 40).theory, e, 1e-12, 0);
        CHECK_LAW(law_z(&r, "variance_ratio", 40, e));
        CHECK_LAW(law_z(&r, "drift_sq", 40, D));
        CHECK_LAW(law_at(&r, "variance_ratio", 23).z);
        CHECK_LAW(law_at(&r, "drift_sq", 24).z);
        law_run_free(&r);
    }
}

/* `reuse` of a reserve that is one set: the same 68 rows again and again, which is the law of source fixed. No law speaks
 * where rows of one set may be rows of another. */
TEST(law_data_exhausted_reuse) {
    for (int path = 0; path < 2; path++) {
        law_run r = law_run_json(path ? FAITHFUL(EXHAUSTED("reuse", 68), 12, 8000, "samples")
                                      : FAITHFUL(EXHAUSTED("reuse", 68), 12, 20000, "statistics"));
        for (unsigned t = 2; t <= 12; t += 5) {
            const char *fixed =
                FAITHFUL("{'preset':'fresh','initial':40,'synthetic':{'points':40},'anchor':{'points':68,"
                         "'source':'fixed'}}",
                         12, 1, "auto");
            CHECK_LAW(law_z(&r, "drift_sq", t, law_predicts(fixed, "drift_sq", t)));
            CHECK_LAW(law_z(&r, "variance_ratio", t, law_predicts(fixed, "variance_ratio", t)));
        }
        CHECK(!isnan(law_at(&r, "drift_sq", 2).theory));
        CHECK(isnan(law_at(&r, "drift_sq", 3).theory));
        law_run_free(&r);
    }
}

/* All observations in the first fit: it is the data's own mean and variance, and the logarithm falls from there. */
TEST(law_data_log_variance) {
    law_run r =
        law_run_json("{'name':'law','truth':{'data':'../configs/data/faithful.csv','columns':['waiting']},"
                     "'model':{'family':'gaussian'},'policy':{'synthetic':{'points':50}},"
                     "'run':{'generations':60,'replicates':20000,'seed':1},'observe':{'measures':['moments']}}");
    CHECK_CLOSE(law_at(&r, "log_variance", 1).quantile[0], 0, 0, 1e-12);
    CHECK_LAW(law_at(&r, "log_variance", 2).z);
    CHECK_LAW(law_at(&r, "log_variance", 60).z);
    law_run_free(&r);
}

/* Word counts: the first fit is the text itself, every later one has lost words, as the exact chain says. */
TEST(law_data_words) {
    law_run r = law_run_json("{'name':'law','truth':{'data':'../configs/data/word-counts.csv','counts':'count',"
                             "'labels':'word'},'model':{'family':'categorical'},'policy':{'synthetic':{'points':5641}},"
                             "'run':{'generations':20,'replicates':400,'seed':2},"
                             "'observe':{'measures':['support','heterozygosity','tail_alive'],'tails':[0.1,0.5]}}");
    CHECK_EQ(law_at(&r, "support", 1).mean, 999.0);
    CHECK_LAW(law_at(&r, "support", 2).z);
    CHECK_LAW(law_at(&r, "support", 20).z);
    CHECK_LAW(law_at(&r, "heterozygosity", 20).z);
    CHECK_LAW(law_at(&r, "tail_alive_0.1", 5).z); /* of the words that occur once */
    CHECK_LAW(law_at(&r, "tail_alive_0.5", 20).z);
    CHECK_CLOSE(law_at(&r, "tail_alive_0.1", 2).theory, 1 - pow(1 - 1 / 5641.0, 5641), 1e-9, 0);
    law_run_free(&r);
}
