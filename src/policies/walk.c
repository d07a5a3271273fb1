/* walk.c: a policy run on labels alone. */
#include "ouro/policy.h"

int ouro_walk_step(ouro_walk *w) {
    int ret = OURO_OK;
    w->ledger.reserve = w->policy->anchor.reused;
    w->ledger.checkpoint = ouro_policy_checkpoint(w->policy);
    w->ledger.generation++;
    ouro_policy_order(w->policy, &w->ledger, &w->order);
    for (size_t i = 0; i < w->order.len; i++) OURO_TRY(ouro_ledger_add(&w->ledger, &w->order.item[i]));
    OURO_TRY(ouro_policy_compose(w->policy, &w->ledger, NULL, &w->mix));
    ouro_ledger_fitted(&w->ledger, &w->mix);
out:
    return ret;
}

static void drop(void *ledger, size_t i) { ouro_ledger_drop(ledger, i); }
static void fold(void *ledger, size_t into, size_t from) { ouro_ledger_fold(ledger, into, from); }

void ouro_walk_retire(ouro_walk *w) {
    ouro_policy_retire(w->policy, &w->ledger,
                       &(ouro_retention){.owner = &w->ledger, .drop = drop, .fold = fold, .folds = 1, .splits = 1});
}

void ouro_walk_free(ouro_walk *w) {
    ouro_ledger_free(&w->ledger);
    ouro_mix_free(&w->mix);
}
