/* rollback.c: going back to a checkpoint brings back the model itself, whatever the family and the path, and moves nothing else:
 * what is kept of older batches stays where it was. */
#include "contract/configs.h"
#include "harness.h"
#include "ouro/replicate.h"
#include <math.h>

enum { AT = 8, TO = 3 };

/* Where a model or a batch's rows stand, in all: locations are kept relative to an origin that follows the model. */
static void check_model(const ouro_corpus *c, const double *theta) {
    const size_t location = c->model->type->theta_location;
    for (size_t j = 0; j < c->model->theta_len; j++) {
        const int moves = location != OURO_NOWHERE && j >= location && j < location + c->model->domain.dim;
        const double here = c->theta[j] + (moves ? c->origin[j - location] : 0);
        if (moves)
            CHECK_CLOSE(here, theta[j], 1e-12, 1e-12);
        else
            CHECK(here == theta[j] || (isnan(here) && isnan(theta[j])));
    }
}

static void check_rollback(const ouro_experiment *x) {
    ouro_replicate r;
    ouro_error e = {0};
    REQUIRE(ouro_replicate_init(&r, x, &e) == OURO_OK);
    ouro_replicate_begin(&r, 1);
    ouro_corpus *c = &r.corpus;
    double *kept = ouro_alloc(x->model.theta_len, sizeof *kept), *latest = ouro_alloc(x->model.theta_len, sizeof *kept);
    const size_t bytes = x->model.theta_len * sizeof *kept;
    REQUIRE(kept && latest);
    for (uint32_t t = 1; t < AT; t++) {
        REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
        memcpy(t == TO ? kept : latest, r.theta, bytes);
    }
    CHECK(memcmp(kept, latest, bytes) != 0);
    ouro_policy_retire(&x->policy, &c->ledger, &r.retention);
    c->ledger.generation++;
    ouro_policy_order(&x->policy, &c->ledger, &r.order);
    double *before = ouro_alloc(c->ledger.len + 1, sizeof *before);
    REQUIRE(before);
    for (size_t i = 0; i < c->ledger.len; i++) before[i] = c->batch[i].shift[0] + c->origin[0];
    REQUIRE(ouro_corpus_draw(c, &r.order, &e) == OURO_OK);
    check_model(c, kept);
    for (size_t i = 0; i < c->ledger.len - r.order.len; i++)
        CHECK_CLOSE(c->batch[i].shift[0] + c->origin[0], before[i], 1e-12, 1e-12);
    ouro_free(kept);
    ouro_free(latest);
    ouro_free(before);
    ouro_replicate_free(&r);
}

TEST(contract_rollback_restores_the_model) {
    for (size_t i = 0; i < CONFIGS; i++) {
        ouro_study s;
        REQUIRE(configs_load(&s, i, ""));
        s.config[0].policy.rollback.at = AT;
        s.config[0].policy.rollback.to = TO;
        configs_shorten(&s, 2, 12);
        check_rollback(s.experiment);
        ouro_study_free(&s);
    }
}
