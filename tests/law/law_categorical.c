/* law_categorical.c: categories under recursive training are haploid Wright-Fisher drift. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

#define ZIPF(path, replicates)                                                                                         \
    "{'name':'law','truth':{'family':'categorical','categories':1000,'zipf':1},'model':{'family':'categorical'},"      \
    "'policy':{'synthetic':{'points':1000}},'run':{'generations':100,'replicates':" #replicates                        \
    ",'seed':20261120,'path':'" path "'},'observe':{'measures':['support','moments'],'generations':[1,2,10,100]}}"

/* E support = sum over categories of the exact chain's survival; E p (1-p) = p0 (1-p0) (1-1/n)^t. */
static void check_zipf(const char *json) {
    law_run r = law_run_json(json);
    CHECK_LAW(law_z(&r, "support", 1, 333.747));
    CHECK_LAW(law_z(&r, "support", 2, 247.581));
    CHECK_LAW(law_z(&r, "support", 10, 96.478));
    CHECK_LAW(law_z(&r, "support", 100, 16.421));
    CHECK_LAW(law_z(&r, "variance_ratio", 100, pow(0.999, 100)));
    CHECK_LAW(law_z(&r, "drift_sq", 100, 1 - pow(0.999, 100)));
    law_run_free(&r);
}

TEST(law_categorical_zipf_statistics) { check_zipf(ZIPF("statistics", 2000)); }
TEST(law_categorical_zipf_samples) { check_zipf(ZIPF("samples", 2000)); }

/* The law ouro draws beside the simulation, against the numbers of an independent transition matrix. */
TEST(law_categorical_wright_fisher_numbers) {
    static const struct {
        unsigned t;
        double alive;
    } numbers[] = {{1, 333.747}, {2, 247.581}, {5, 150.630}, {10, 96.478}, {50, 28.971}, {100, 16.421}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        CHECK_CLOSE(law_predicts(ZIPF("auto", 2), "support", numbers[i].t), numbers[i].alive, 0, 6e-4);
}

/* A category that was never seen stays lost. E missing mass at t = 1 is sum p (1-p)^n; later ones by an independent transition
 * matrix; where the first real batch is kept, the first fit decides for ever. */
static void check_missing_mass(const char *path) {
    static const double numbers[] = {0.33476514, 0.40691131, 0.61712645};
    static const unsigned at[] = {1, 2, 10};
    char json[512];
    for (int kept = 0; kept < 2; kept++) {
        snprintf(
            json, sizeof json,
            "{'name':'law','truth':{'family':'categorical','categories':200,'zipf':1},'model':{'family':'categorical'},"
            "'policy':{'preset':'%s','synthetic':{'points':100}},'run':{'generations':10,'replicates':4000,'seed':6,"
            "'path':'%s'},'observe':{'measures':['missing_mass','support'],'generations':[1,2,10]}}",
            kept ? "accumulate" : "replace", path);
        law_run r = law_run_json(json);
        for (int i = 0; i < 3; i++) {
            CHECK_LAW(law_z(&r, "missing_mass", at[i], numbers[kept ? 0 : i]));
            CHECK_LAW(law_at(&r, "support", at[i]).z);
            CHECK_CLOSE(law_at(&r, "missing_mass", at[i]).theory, numbers[kept ? 0 : i], 0, 1e-6);
        }
        law_run_free(&r);
    }
}

TEST(law_categorical_missing_mass_statistics) { check_missing_mass("statistics"); }
TEST(law_categorical_missing_mass_samples) { check_missing_mass("samples"); }

/* Subsets of counts, folded or not: the two paths and the recursion agree. */
TEST(law_categorical_accumulate_subsample) {
    static const char *const paths[] = {"statistics", "samples"};
    char json[512];
    for (int path = 0; path < 2; path++) {
        snprintf(
            json, sizeof json,
            "{'name':'law','truth':{'family':'categorical','probabilities':[0.5,0.3,0.15,0.05]},"
            "'model':{'family':'categorical'},'policy':{'preset':'accumulate-subsample','synthetic':{'points':20}},"
            "'run':{'generations':25,'replicates':20000,'seed':5,'path':'%s'},"
            "'observe':{'measures':['moments','heterozygosity'],'generations':[2,25]}}",
            paths[path]);
        law_run r = law_run_json(json);
        for (unsigned t = 2; t <= 25; t += 23) {
            CHECK_LAW(law_at(&r, "drift_sq", t).z);
            CHECK_LAW(law_at(&r, "variance_ratio", t).z);
            CHECK_LAW(law_at(&r, "heterozygosity", t).z);
        }
        law_run_free(&r);
    }
}

/* One category left is for ever under replace; fresh points bring the others back. */
TEST(law_categorical_absorption) {
    law_run r = law_run_json("{'name':'law','truth':{'family':'categorical','probabilities':[0.2,0.8]},"
                             "'model':{'family':'categorical'},'policy':{'synthetic':{'points':100}},"
                             "'run':{'generations':1500,'replicates':4000,'seed':9},"
                             "'observe':{'measures':['absorbed','kl_truth_model'],'generations':[100,1500]}}");
    /* P(not absorbed by t) is at most 6 p q exp(-t/n) in the tail; all end absorbed, hence kl is infinite */
    CHECK_EQ(law_at(&r, "absorbed", 1500).quantile[0], 1.0);
    CHECK(isinf(law_at(&r, "kl_truth_model", 1500).quantile[0]));
    law_run_free(&r);
}
