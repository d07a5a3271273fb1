/* law_first_passage.c: when a bernoulli is absorbed, and when a categorical loses its first category. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

/* The first observed generation at which a column is at least (or below) a threshold, per replicate: their mean, and its
 * standard error. Every generation must be observed, and every replicate must get there. */
typedef struct passage {
    double mean, se;
} passage;

static passage first_passage(const law_run *r, const char *column, double threshold, int above) {
    const size_t m = law_column(r, column), n = r->results.replicates;
    double sum = 0, squares = 0;
    for (size_t i = 0; r->ok && m != SIZE_MAX && i < n; i++) {
        size_t g = 0;
        while (g < r->results.generations && (ouro_results_row(&r->results, i, g)[m] >= threshold) != above) g++;
        CHECK(g < r->results.generations);
        const double t = (double)g + 1;
        sum += t;
        squares += t * t;
    }
    const double mean = sum / (double)n;
    return (passage){mean, sqrt((squares / (double)n - mean * mean) / (double)n)};
}

/* Mean time to absorption counted in fits, from the exact chain of n copies (an independent transition matrix): n = 100, from
 * p = .5, .2 and .01. A run of 2500 generations is not absorbed with probability 6 p q e^-25. */
TEST(law_first_passage_bernoulli_absorption) {
    static const double chain[][2] = {{0.5, 136.602}, {0.2, 98.2669}, {0.01, 10.5369}};
    char json[512];
    for (int i = 0; i < 3; i++)
        for (int path = 0; path < 2; path++) {
            snprintf(json, sizeof json,
                     "{'name':'l','truth':{'family':'bernoulli','p':%g},'model':{'family':'bernoulli'},'policy':"
                     "{'synthetic':{'points':100}},'run':{'generations':2500,'replicates':%d,'seed':71,'path':'%s'},"
                     "'observe':{'measures':['absorbed']}}",
                     chain[i][0], path ? 1000 : 4000, path ? "samples" : "statistics");
            law_run r = law_run_json(json);
            const passage p = first_passage(&r, "absorbed", 1, 1);
            CHECK_LAW((p.mean - chain[i][1]) / p.se);
            if (i == 2) { /* P(p_t != 0) by the chain; a generation more or less shows here */
                CHECK_LAW(law_z(&r, "absorbed", 1, pow(0.99, 100)));
                CHECK_LAW(law_z(&r, "absorbed", 10, 1 - 0.161389));
                CHECK_LAW(law_z(&r, "absorbed", 50, 1 - 0.041122));
            }
            law_run_free(&r);
        }
}

/* From p = 1/2 the time over n has one law for large n: its distribution function, and ouro's own exact chain beside it. */
TEST(law_first_passage_universal_curve) {
    static const double curve[][2] = {{0.25, 0.0120}, {0.5, 0.1352}, {1, 0.4520}, {1.5, 0.6665},
                                      {2, 0.7977},    {3, 0.9256},   {4, 0.9727}};
    law_run r = law_run_json("{'name':'l','truth':{'family':'bernoulli','p':0.5},'model':{'family':'bernoulli'},"
                             "'policy':{'synthetic':{'points':1000}},'run':{'generations':4000,'replicates':4000,"
                             "'seed':72},'observe':{'measures':['absorbed'],'every':250}}");
    for (int i = 0; i < 7; i++) {
        const ouro_summary s = law_at(&r, "absorbed", (uint32_t)lround(1000 * curve[i][0]));
        CHECK_CLOSE(s.theory, curve[i][1], 0, 1e-3); /* diffusion against chain: one generation, density below 1 / n */
        CHECK_LAW(s.z);
    }
    law_run_free(&r);
}

/* The survival of one lineage, g_1 = 1, g_(t+1) = 1 - exp(-g_t), and categories as if independent: the mean time to the first
 * loss is 1 + sum_t prod_i (1 - exp(-n p_i g_t)). This is a limit law: branching in place of n fixed points costs O(1/n) of
 * the time, the dependence of K categories O(1/K) of its logarithm's last steps; 1 % covers both at n = 1000, K = 20. */
TEST(law_first_passage_first_loss) {
    static const struct {
        int categories, replicates, generations;
        double mean, slack;
    } cases[] = {{20, 4000, 400, 29.702, 0.01}, {5, 300, 4000, 231.24, 0.03}};
    char json[512];
    for (int i = 0; i < 2; i++) {
        const double K = cases[i].categories;
        double g = 1, mean = 1;
        for (int t = 1; t < 20000; t++, g = -expm1(-g)) mean += pow(-expm1(-1000 / K * g), K);
        CHECK_CLOSE(mean, cases[i].mean, 2e-4, 0);
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'categorical','categories':%d},'model':{'family':'categorical'},"
                 "'policy':{'synthetic':{'points':1000}},'run':{'generations':%d,'replicates':%d,'seed':73},"
                 "'observe':{'measures':['support']}}",
                 cases[i].categories, cases[i].generations, cases[i].replicates);
        law_run r = law_run_json(json);
        const passage p = first_passage(&r, "support", K, 0);
        CHECK_CLOSE(p.mean, mean, 0, 4 * p.se + cases[i].slack * mean);
        law_run_free(&r);
    }
}

/* Two categories: the first loss is absorption, for which the chain is exact. */
TEST(law_first_passage_of_two_categories) {
    law_run r = law_run_json("{'name':'l','truth':{'family':'categorical','probabilities':[0.8,0.2]},"
                             "'model':{'family':'categorical'},'policy':{'synthetic':{'points':100}},"
                             "'run':{'generations':2500,'replicates':4000,'seed':74},"
                             "'observe':{'measures':['support','absorbed']}}");
    const passage loss = first_passage(&r, "support", 2, 0), end = first_passage(&r, "absorbed", 1, 1);
    CHECK_EQ(loss.mean, end.mean);
    CHECK_LAW((loss.mean - 98.2669) / loss.se);
    law_run_free(&r);
}
