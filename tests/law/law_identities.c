/* law_identities.c: two descriptions of one policy are one policy, without a reference number. Where both ask for the
 * same draws, the trajectories of all replicates are the same bytes (random numbers are addressed); where the fit only adds
 * in another order, they are the same up to rounding; where other numbers are drawn, the same law. (Weights are such that
 * weighted counts are exact: a sampler of counts has thresholds, at which a rounding error is a different draw.) */
#include "harness.h"
#include "law.h"
#include <float.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct identity {
    const char *one, *other; /* policies */
    double apart;            /* relative; 0: the same bytes */
} identity;

static const identity identities[] = {
    /* no real point is replace, whatever else is said of anchors */
    {"{'synthetic':{'points':9}}", "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':0,'every':3}}", 0},
    {"{'synthetic':{'points':9}}", "{'preset':'weighted','synthetic':{'points':9},'anchor':{'points':0}}", 0},
    {"{'synthetic':{'points':9}}", "{'preset':'fresh','synthetic':{'points':9},'anchor':{'first':99}}", 0},
    /* a set refreshed in every generation is fresh, one never refreshed is fixed */
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3,'source':'stale','refresh':1}}", 0},
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3,'source':'fixed'}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3,'source':'stale','refresh':99}}", 0},
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3,'every':4}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3,'every':4,'source':'stale','refresh':4}}", 0},
    /* one injection point budgeted at 3 per generation in a cadence of 2 is 6 */
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':6,'every':2}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':'budget','budget_per_generation':3,'every':2}}", 0},
    /* the model itself, constant sizes */
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'fresh','synthetic':{'points':9,'growth':0,'temperature':1},'anchor':{'points':3,'growth':0}}", 0},
    /* memory that ends with the run, and windows as long as it; a memory of nothing */
    {"{'preset':'accumulate','synthetic':{'points':9}}",
     "{'preset':'accumulate','synthetic':{'points':9},'memory':{'until':12}}", 0},
    {"{'preset':'accumulate','synthetic':{'points':9}}",
     "{'synthetic':{'points':9},'memory':{'real':11,'synthetic':11}}", 1e-9},
    {"{'synthetic':{'points':9}}", "{'preset':'accumulate','synthetic':{'points':9},'memory':{'until':1}}", 1e-9},
    /* a window on real points that sees the first batch alone is augment */
    {"{'preset':'augment','initial':7,'synthetic':{'points':9}}",
     "{'initial':7,'synthetic':{'points':9},'memory':{'real':11}}", 1e-9},
    /* a budget that is never less than the pool */
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3},'budget':12}", 0},
    /* weights that say nothing: equal ones, a share that is the pool's own, and labels that are lost */
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3},'weights':{'real':5,'synthetic':1},"
     "'labels':'flattened'}",
     0},
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'weighted','synthetic':{'points':9},'anchor':{'points':3},'labels':'flattened'}", 0},
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3},'weights':{'real':2.5,'synthetic':2.5}}", 1e-9},
    {"{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}",
     "{'preset':'weighted','synthetic':{'points':9},'anchor':{'points':3},'weights':{'real_share':0.25}}", 1e-9},
    {"{'preset':'weighted','synthetic':{'points':8},'anchor':{'points':4},'weights':{'real_share':0.5}}",
     "{'preset':'fresh','synthetic':{'points':8},'anchor':{'points':4},'weights':{'real':2,'synthetic':1}}", 1e-9},
};

static const char *const families[][2] = {
    {"gaussian", "'mean':1.3,'sd':2.7"}, {"poisson", "'mean':2.2"}, {"categorical", "'categories':4"}};

static law_run run(const char *const *family, const char *policy, const char *path) {
    char json[700];
    snprintf(json, sizeof json,
             "{'name':'law','truth':{'family':'%s',%s},'model':{'family':'%s'},'policy':%s,'run':{'generations':12,"
             "'replicates':40,'seed':20261120,'path':'%s'},'observe':{'measures':['moments','divergences']}}",
             family[0], family[1], family[0], policy, path);
    return law_run_json(json);
}

/* The largest relative difference of two runs, cell by cell; infinities and what is not defined must agree. */
static double difference(const law_run *a, const law_run *b) {
    const ouro_results *x = &a->results, *y = &b->results;
    double worst = 0;
    if (!a->ok || !b->ok || x->columns != y->columns) return INFINITY;
    const size_t cells = x->replicates * x->generations * x->columns;
    if (!memcmp(x->value, y->value, cells * sizeof *x->value)) return 0;
    for (size_t i = 0; i < cells; i++) {
        const double p = x->value[i], q = y->value[i];
        if (p == q || (isnan(p) && isnan(q))) continue;
        worst = fmax(worst, isfinite(p) && isfinite(q) ? fabs(p - q) / fmax(1, fabs(q)) : INFINITY);
    }
    return fmax(worst, DBL_MIN); /* signs of zero are a difference as well */
}

TEST(law_identities_of_policies) {
    static const char *const paths[] = {"statistics", "samples"};
    for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++)
        for (size_t f = 0; f < sizeof families / sizeof families[0]; f++)
            for (int path = 0; path < 2; path++) {
                law_run one = run(families[f], identities[i].one, paths[path]);
                law_run other = run(families[f], identities[i].other, paths[path]);
                const double apart = difference(&one, &other);
                if (!(apart <= identities[i].apart))
                    printf("  %g apart: %s, %s on %s, %s\n", apart, identities[i].one, identities[i].other,
                           families[f][0], paths[path]);
                CHECK(apart <= identities[i].apart);
                law_run_free(&one);
                law_run_free(&other);
            }
}

/* The comparison itself can tell policies apart. */
TEST(law_identities_are_no_matter_of_course) {
    law_run one = run(families[0], "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3}}", "samples");
    law_run other =
        run(families[0], "{'preset':'fresh','synthetic':{'points':9},'anchor':{'points':3,'last':11}}", "samples");
    CHECK(difference(&one, &one) == 0);
    CHECK(difference(&one, &other) > 1e-3);
    law_run_free(&one);
    law_run_free(&other);
}

/* Real points alone, n new ones in every generation, are fits of independent samples: the first fit's law for ever, and
 * one fit says nothing of the next. */
TEST(law_identities_real_points_alone) {
    static const char *const paths[] = {"statistics", "samples"};
    char json[500];
    for (int path = 0; path < 2; path++) {
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'gaussian','mean':3},'model':{'family':'gaussian'},'policy':{'preset':"
                 "'fresh','initial':12,'synthetic':{'points':0},'anchor':{'points':12}},'run':{'generations':9,"
                 "'replicates':20000,'seed':12,'path':'%s'},'observe':{'measures':['moments'],'generations':[1,8,9]}}",
                 paths[path]);
        law_run r = law_run_json(json);
        for (unsigned t = 1; t <= 9; t += 8) { /* log chi^2_11 / 12: psi(11/2) + log(2/12), psi'(11/2) */
            CHECK_LAW(law_z(&r, "drift_sq", t, 1 / 12.0));
            CHECK_LAW(law_z(&r, "variance_ratio", t, 11 / 12.0));
            CHECK_LAW(law_z(&r, "log_variance", t, gsl_sf_psi(5.5) + log(2 / 12.0)));
            CHECK_LAW(law_z_variance(&r, "log_variance", t, gsl_sf_psi_1(5.5)));
        }
        const size_t m = law_column(&r, "mean"), n = r.results.replicates;
        double product = 0, square = 0;
        for (size_t i = 0; r.ok && i < n; i++) {
            const double xy = (ouro_results_row(&r.results, i, 1)[m] - 3) * (ouro_results_row(&r.results, i, 2)[m] - 3);
            product += xy;
            square += xy * xy;
        }
        CHECK_LAW(product / sqrt(square));
        law_run_free(&r);
    }
}
