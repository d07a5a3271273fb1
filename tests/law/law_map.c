/* law_map.c: conjugate priors as pseudo-points, against closed forms. a = nu / (n + nu):
 * E m_t = m* + (1-a)^t (m_0 - m*); centred on the truth, D = ((1-a)^2 / n) / [1 - (1-a)^2 (1 + v2/n)]. */
#include "harness.h"
#include "law.h"
#include <math.h>
#include <stdio.h>

#define BERNOULLI(estimator, n, t, replicates, path)                                                                   \
    "{'name':'law','truth':{'family':'bernoulli','p':0.3},'model':{'family':'bernoulli','estimator':" estimator        \
    "},'policy':{'synthetic':{'points':" #n "}},'run':{'generations':" #t ",'replicates':" #replicates                 \
    ",'seed':20261120,'path':'" path "'},'observe':{'measures':['moments','absorbed'],'generations':[1," #t "]}}"

static double drift(double n, double nu, double v2) {
    double keep = n / (n + nu), s = keep * keep;
    return s / n / (1 - s * (1 + v2 / n));
}

TEST(law_map_stationary) {
    static const char *const json[] = {
        BERNOULLI("{'type':'map','strength':1}", 100, 500, 20000, "statistics"),
        BERNOULLI("{'type':'map','strength':1}", 100, 500, 20000, "samples"),
        BERNOULLI("{'type':'map','strength':5}", 100, 500, 20000, "auto"),
    };
    static const double variance[] = {0.0697674, 0.0697674, 0.0186667};
    for (size_t i = 0; i < 3; i++) {
        law_run r = law_run_json(json[i]);
        CHECK_LAW(law_z(&r, "drift_sq", 500, variance[i] / 0.21));
        CHECK_LAW(law_z(&r, "variance_ratio", 500, 1 - variance[i] / 0.21));
        CHECK_CLOSE(law_at(&r, "drift_sq", 500).theory, variance[i] / 0.21, 0, 5e-7);
        law_run_free(&r);
    }
    law_run r =
        law_run_json("{'name':'law','truth':{'family':'gaussian','mean':3,'sd':0.2},'model':{'family':'gaussian',"
                     "'estimator':{'type':'map','strength':1}},'policy':{'synthetic':{'points':100}},"
                     "'run':{'generations':500,'replicates':20000,'seed':1},"
                     "'observe':{'measures':['moments'],'generations':[500]}}");
    CHECK_LAW(law_z(&r, "drift_sq", 500, 0.332226));
    CHECK_LAW((law_at(&r, "variance_ratio", 500).mean - 0.667774) / law_at(&r, "variance_ratio", 500).se);
    law_run_free(&r);
}

/* The recursion ouro draws, against the closed form, for other families and strengths; no simulation. */
TEST(law_map_recursion) {
    static const struct {
        const char *family;
        double n, nu, v2;
    } lines[] = {
        {"'family':'poisson','mean':2", 20, 1.5, 0},
        {"'family':'exponential','mean':2", 30, 4, 1},
        {"'family':'categorical','categories':5", 40, 0.5, -1},
        {"'family':'gaussian'", 25, 2.5, -1},
    };
    char json[512], name[32];
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        sscanf(lines[i].family, "'family':'%31[a-z]'", name);
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{%s},'model':{'family':'%s','estimator':{'type':'map','strength':%g}},"
                 "'policy':{'synthetic':{'points':%g}},'run':{'generations':3000}}",
                 lines[i].family, name, lines[i].nu, lines[i].n);
        CHECK_CLOSE(law_predicts(json, "drift_sq", 3000), drift(lines[i].n, lines[i].nu, lines[i].v2), 1e-9, 0);
    }
}

/* A prior that sits elsewhere pulls the mean to itself: category 0 has p = .3 in truth and .6 in the prior. */
TEST(law_map_centre) {
    law_run r =
        law_run_json("{'name':'law','truth':{'family':'categorical','probabilities':[0.3,0.7]},"
                     "'model':{'family':'categorical','estimator':{'type':'map','strength':3,'centre':'parameters',"
                     "'at':{'probabilities':[0.6,0.4]}}},'policy':{'synthetic':{'points':50}},"
                     "'run':{'generations':20,'replicates':20000,'seed':2},"
                     "'observe':{'measures':['tail_mass'],'tails':[0.3],'generations':[1,20]}}");
    double keep = 50 / 53.0;
    CHECK_LAW(law_z(&r, "tail_mass_0.3", 1, 0.6 + keep * (0.3 - 0.6)));
    CHECK_LAW(law_z(&r, "tail_mass_0.3", 20, 0.6 + pow(keep, 20) * (0.3 - 0.6)));
    law_run_free(&r);
    /* at the fit on real data: no pull at all on the mean, and each replicate stays around its own first fit */
    r = law_run_json("{'name':'law','truth':{'family':'categorical','probabilities':[0.3,0.7]},"
                     "'model':{'family':'categorical','estimator':{'type':'map','strength':50,'centre':'initial'}},"
                     "'policy':{'synthetic':{'points':50}},'run':{'generations':60,'replicates':20000,'seed':2},"
                     "'observe':{'measures':['tail_mass','moments'],'tails':[0.3],'generations':[1,60]}}");
    CHECK_LAW(law_z(&r, "tail_mass_0.3", 60, 0.3));
    /* D = 1/n + (1 - 1/n) C, C the stationary drift around the first fit in units of its own V */
    CHECK_LAW(law_z(&r, "drift_sq", 60, 1 / 50.0 + (1 - 1 / 50.0) * drift(50, 50, -1)));
    law_run_free(&r);
}

/* The mode depends on the parameterisation: Beta(1, 1) in p does nothing, Beta(1/2, 1/2) in p takes away and collapses
 * faster than maximum likelihood, Beta(1/2, 1/2) in logit p survives for ever. n = 50, t = 400 from p = .3. */
TEST(law_map_is_not_invariant) {
    law_run mle = law_run_json(BERNOULLI("'mle'", 50, 60, 20000, "auto"));
    law_run uniform = law_run_json(BERNOULLI("{'type':'map','strength':2,'centre':'parameters','at':{'p':0.5},"
                                             "'parameterisation':'mean'}",
                                             50, 60, 20000, "auto"));
    law_run jeffreys = law_run_json(BERNOULLI("{'type':'map','strength':1,'centre':'parameters','at':{'p':0.5},"
                                              "'parameterisation':'mean'}",
                                              50, 60, 20000, "auto"));
    law_run natural = law_run_json(
        BERNOULLI("{'type':'map','strength':1,'centre':'parameters','at':{'p':0.5}}", 50, 400, 20000, "auto"));
    ouro_summary plain = law_at(&mle, "absorbed", 60), flat = law_at(&uniform, "absorbed", 60);
    CHECK_CLOSE(flat.mean, plain.mean, 0, 4 * hypot(plain.se, flat.se));
    CHECK(law_at(&jeffreys, "absorbed", 60).mean > plain.mean + 10 * plain.se);
    CHECK_EQ(law_at(&natural, "absorbed", 400).mean, 0.0);
    CHECK_LAW(law_z(&natural, "variance_ratio", 400, 0.1673 / 0.21)); /* exact chain */
    law_run_free(&mle), law_run_free(&uniform), law_run_free(&jeffreys), law_run_free(&natural);
}
