/* drift.c: the truth as it is in each generation of a replicate, for drawing and for measuring. */
#include "engine.h"
#include "ouro/replicate.h"
#include <string.h>

/* Makes the view that of generation t, unless it is. Tails and nodes wait until somebody measures. */
static int look(ouro_view *v, const ouro_replicate *r, uint32_t t, ouro_error *e) {
    const ouro_experiment *x = r->experiment;
    int ret = OURO_OK;
    if (v->generation && ouro_drift_rests(x->setting.drift, v->generation, t)) {
        v->generation = t;
        return OURO_OK;
    }
    ouro_arena_reset(&v->keep, (ouro_arena_mark){0});
    OURO_TRY(
        ouro_drift_truth(x->setting.drift, &x->truth, x->setting.truth_params, t, r->walked, &v->keep, &v->truth, e));
    v->setting = x->setting;
    v->setting.truth = &v->truth;
    v->generation = t;
    v->complete = 0;
out:
    return ret;
}

int ouro_replicate_drift(ouro_replicate *r, const ouro_order *order, ouro_error *e) {
    const ouro_experiment *x = r->experiment;
    const uint32_t t = r->corpus.ledger.generation;
    ouro_address at = r->corpus.address;
    int ret = OURO_OK, real = 0;
    if (!x->setting.drift) return OURO_OK;
    at.generation = t;
    if (t > 1) ouro_drift_walk(x->setting.drift, x->setting.truth_params, &at, r->walked);
    OURO_TRY(look(&r->now, r, t, e));
    r->corpus.today = &r->now.truth;
    for (size_t i = 0; i < order->len; i++) real |= order->item[i].role != OURO_SYNTHETIC;
    if (real && x->against[OURO_AT_ANCHOR]) ret = look(&r->anchor, r, t, e);
out:
    return ret;
}

void ouro_replicate_forget_drift(ouro_replicate *r) {
    const ouro_setting *s = &r->experiment->setting;
    r->now.generation = r->anchor.generation = 0;
    if (s->drift) memset(r->walked, 0, ouro_drift_walks(s->drift, s->truth_params) * sizeof *r->walked);
}

/* Tails that this truth does not attain are left at mass 0: nothing is defined on them. */
static int complete(ouro_view *v, const ouro_experiment *x) {
    ouro_setting *s = &v->setting;
    ouro_tail_set *tails = ouro_arena_alloc(&v->keep, s->tails_len + 1, sizeof *tails);
    if (!tails) return OURO_ENOMEM;
    for (size_t i = 0; i < s->tails_len; i++) {
        ouro_error e = {0};
        int ret = ouro_truth_tail(&v->truth, x->setting.tails[i].alpha, &v->keep, &tails[i], &e);
        if (ret == OURO_ENOMEM) return ret;
        if (ret) tails[i].attained = 0;
    }
    s->tails = tails;
    s->nodes = NULL;
    v->complete = 1;
    return ouro_prepare_nodes(x, s, &v->keep);
}

const ouro_setting *ouro_replicate_setting(ouro_replicate *r, int against) {
    const ouro_experiment *x = r->experiment;
    if (!x->setting.drift || against == OURO_AT_START) return &x->setting;
    ouro_view *v = against == OURO_NOW ? &r->now : &r->anchor;
    if (!v->complete && complete(v, x)) r->failed = OURO_ENOMEM;
    return &v->setting;
}
