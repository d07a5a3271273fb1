/* law_compare.c: common random numbers: what pairing gains, and that the errors of differences are what they say. */
#include "harness.h"
#include "law.h"
#include "ouro/compare.h"
#include "ouro/mem.h"
#include "setup.h"
#include <math.h>

enum { BLOCKS = 400, BLOCK = 40, REPLICATES = BLOCKS * BLOCK };

typedef struct two {
    double side[2][REPLICATES]; /* log_variance at the last generation */
} two;

static int keep(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    (void)e;
    for (size_t i = 0; i < r->replicates; i++) ((two *)ctx)->side[point][i] = ouro_results_row(r, i, 0)[0];
    return OURO_OK;
}

/* One fresh real point per generation against four, of 20 points. */
static int simulate(const char *common, two *out) {
    ouro_study s;
    ouro_error e = {0};
    if (setup_loadf(&s,
                    "{'name':'law','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'preset':"
                    "'fresh','initial':20,'synthetic':{'points':20}},'run':{'generations':8,'replicates':%d,'seed':"
                    "20261121},'observe':{'measures':['log_variance'],'generations':[8]},'sweep':{"
                    "'policy.anchor.points':[1,4],'common_random_numbers':%s}}",
                    REPLICATES, common))
        return -1;
    const int ret = ouro_run(s.points, s.experiment, &(ouro_run_options){.point = keep, .ctx = out}, &e);
    ouro_study_free(&s);
    return ret;
}

/* z of: the squared standard errors of independent blocks of replicates have the variance of the blocks' differences as
 * their mean, exactly, for paired differences and for Welch's. */
static double honest(const two *t, int paired) {
    ouro_difference d[BLOCKS];
    double mean = 0, sum = 0, squares = 0;
    for (int k = 0; k < BLOCKS; k++) {
        CHECK(!ouro_compare_values(BLOCK, t->side[0] + k * BLOCK, BLOCK, t->side[1] + k * BLOCK, paired, &d[k]));
        mean += d[k].difference / BLOCKS;
    }
    for (int k = 0; k < BLOCKS; k++) {
        const double off = d[k].difference - mean, x = off * off * BLOCKS / (BLOCKS - 1.0) - d[k].se * d[k].se;
        sum += x;
        squares += x * x;
    }
    return sum / sqrt(squares - sum * sum / BLOCKS);
}

TEST(law_compare_errors_are_honest) {
    two *common = ouro_alloc(1, sizeof *common), *apart = ouro_alloc(1, sizeof *apart);
    REQUIRE(common && apart && !simulate("true", common) && !simulate("false", apart));
    CHECK_LAW(honest(common, 1));
    CHECK_LAW(honest(apart, 0));
    CHECK_LAW(honest(apart, 1));   /* pairing what is independent wastes nothing but degrees of freedom */
    CHECK(honest(common, 0) < -6); /* Welch's is far too large where random numbers are shared */
    ouro_free(common);
    ouro_free(apart);
}

/* se_d^2 = se_a^2 + se_b^2 - 2 r se_a se_b: with equal spreads 1 - r of the unpaired one. */
TEST(law_compare_pairing_gains_the_correlation) {
    two *common = ouro_alloc(1, sizeof *common), *apart = ouro_alloc(1, sizeof *apart);
    ouro_difference pairs, welch, none;
    REQUIRE(common && apart && !simulate("true", common) && !simulate("false", apart));
    const double *a = common->side[0], *b = common->side[1];
    REQUIRE(!ouro_compare_values(REPLICATES, a, REPLICATES, b, 1, &pairs));
    REQUIRE(!ouro_compare_values(REPLICATES, a, REPLICATES, b, 0, &welch));
    REQUIRE(!ouro_compare_values(REPLICATES, apart->side[0], REPLICATES, apart->side[1], 1, &none));
    double sum[2] = {0, 0}, squares[2] = {0, 0};
    for (size_t i = 0; i < REPLICATES; i++)
        for (int k = 0; k < 2; k++) {
            sum[k] += common->side[k][i];
            squares[k] += common->side[k][i] * common->side[k][i];
        }
    double se[2];
    for (int k = 0; k < 2; k++)
        se[k] = sqrt((squares[k] / REPLICATES - sum[k] / REPLICATES * sum[k] / REPLICATES) / (REPLICATES - 1));
    CHECK_CLOSE(pairs.se * pairs.se, se[0] * se[0] + se[1] * se[1] - 2 * pairs.correlation * se[0] * se[1], 1e-9, 0);
    CHECK_CLOSE(welch.se * welch.se, se[0] * se[0] + se[1] * se[1], 1e-9, 0);
    CHECK_CLOSE(pairs.difference, welch.difference, 1e-9, 0);
    CHECK(pairs.correlation > 0.5);
    CHECK_LAW(none.correlation * sqrt(REPLICATES)); /* independent points */
    ouro_free(common);
    ouro_free(apart);
}
