/* replicate.c: one run of one point; ouro_replicate_step is the whole simulator. */
#include "engine.h"
#include "ouro/replicate.h"
#include <math.h>
#include <string.h>

static void drop(void *corpus, size_t i) { ouro_corpus_drop(corpus, i); }
static void fold(void *corpus, size_t into, size_t from) { ouro_corpus_fold(corpus, into, from); }

int ouro_replicate_init(ouro_replicate *r, const ouro_experiment *x, ouro_error *e) {
    *r = (ouro_replicate){.experiment = x};
    int ret = ouro_corpus_init(&r->corpus, &x->truth, &x->model, x->path, e);
    if (!ret && x->setting.filters)
        ret = ouro_corpus_set_filters(&r->corpus, x->setting.filters, x->setting.tails_len, x->setting.tails, e);
    if (ret) {
        ouro_corpus_free(&r->corpus);
        return ret;
    }
    r->theta = ouro_alloc(x->model.theta_len, sizeof(double));
    r->mean = ouro_alloc(x->model.mean_len, sizeof(double));
    r->prior = ouro_alloc(x->model.stat_len, sizeof(double));
    r->centre = ouro_alloc(x->model.theta_len, sizeof(double));
    const ouro_drift *drift = x->setting.drift;
    r->walked = ouro_alloc(drift ? ouro_drift_walks(drift, x->setting.truth_params) + 1 : 1, sizeof(double));
    if (!r->theta || !r->mean || !r->prior || !r->centre || !r->walked) {
        ouro_replicate_free(r);
        return ouro_fail(e, OURO_ENOMEM, "replicate", "out of memory");
    }
    r->moments.mean = r->mean;
    r->retention = (ouro_retention){.owner = &r->corpus,
                                    .drop = drop,
                                    .fold = fold,
                                    .folds = x->path == OURO_PATH_STATISTICS && x->model.type->stat_merge,
                                    .splits = x->model.type->stat_subset != NULL};
    return OURO_OK;
}

void ouro_replicate_free(ouro_replicate *r) {
    ouro_corpus_free(&r->corpus);
    ouro_mix_free(&r->mix);
    ouro_free(r->theta);
    ouro_free(r->mean);
    ouro_free(r->prior);
    ouro_free(r->centre);
    ouro_free(r->walked);
    ouro_arena_free(&r->now.keep);
    ouro_arena_free(&r->anchor.keep);
    *r = (ouro_replicate){0};
}

static const ouro_prior *prior_of(const ouro_setting *s) {
    return s->estimator->prior ? s->estimator->prior(s->estimator_params) : NULL;
}

static void set_prior(ouro_replicate *r, const double *centre) {
    const ouro_experiment *x = r->experiment;
    if (x->setting.estimator->penalises) {
        memcpy(r->centre, centre, x->model.theta_len * sizeof *centre);
        ouro_corpus_set_centre(&r->corpus, r->centre);
        return;
    }
    x->model.type->stat_of(&x->model, centre, r->prior);
    ouro_corpus_set_prior(&r->corpus, r->prior, prior_of(&x->setting)->strength);
}

void ouro_replicate_begin(ouro_replicate *r, uint32_t replicate) {
    const ouro_experiment *x = r->experiment;
    ouro_corpus_begin(&r->corpus,
                      &(ouro_address){.seed = x->config->run.seed, .point = x->stream_point, .replicate = replicate});
    r->corpus.ledger.reserve = x->policy.anchor.reused;
    r->corpus.ledger.checkpoint = ouro_policy_checkpoint(&x->policy);
    ouro_mix_clear(&r->mix);
    ouro_replicate_forget_drift(r);
    r->retention.owner = &r->corpus;
    if (x->setting.centre) set_prior(r, x->setting.centre);
}

int ouro_replicate_step(ouro_replicate *r, ouro_error *e) {
    const ouro_experiment *x = r->experiment;
    ouro_ledger *ledger = &r->corpus.ledger;
    int ret = OURO_OK;
    ouro_stream pick;
    /* retired here and not after the fit, so that the ledger of a generation can be read between two steps */
    if (ledger->generation) ouro_policy_retire(&x->policy, ledger, &r->retention);
    ledger->generation++;
    ouro_policy_order(&x->policy, ledger, &r->order);
    OURO_TRY(ouro_replicate_drift(r, &r->order, e));
    OURO_TRY(ouro_corpus_draw(&r->corpus, &r->order, e));
    if (x->policy.budget != OURO_UNSET) {
        ouro_address a = r->corpus.address;
        a.generation = ledger->generation;
        a.purpose = OURO_FOR_POLICY;
        ouro_stream_open(&pick, &a);
    }
    if ((ret = ouro_policy_compose(&x->policy, ledger, &pick, &r->mix)) != OURO_OK) {
        ouro_fail(e, ret, "policy", "out of memory");
        goto out;
    }
    if (x->needs_provenance) ouro_ledger_fitted(ledger, &r->mix);
    ret = ouro_corpus_fit(&r->corpus, &r->mix, x->setting.estimator, x->setting.estimator_params, r->theta, &r->fit, e);
    if (!ret && ledger->generation == 1 && prior_of(&x->setting) && !x->setting.centre) set_prior(r, r->theta);
out:
    return ret;
}

void ouro_replicate_measure(ouro_replicate *r, double *row) {
    const ouro_experiment *x = r->experiment;
    double out[16];
    ouro_provenance provenance;
    ouro_address address = r->corpus.address;
    address.generation = r->corpus.ledger.generation;
    address.purpose = OURO_FOR_MEASURE;
    ouro_observation o = {.theta = r->theta,
                          .moments = &r->moments,
                          .fit = &r->fit,
                          .provenance = &provenance,
                          .filtered = r->corpus.filtered,
                          .address = &address,
                          .tmp = &r->corpus.tmp,
                          .failed = &r->failed};
    if (x->needs_provenance) provenance = ouro_mix_provenance(&r->corpus.ledger, &r->mix);
    if (x->needs_moments) x->model.type->moments(&x->model, r->theta, &r->moments);
    for (size_t g = 0; g < x->groups_len; g++) {
        const ouro_group *group = &x->groups[g];
        const ouro_setting *s = ouro_replicate_setting(r, group->against);
        if (r->failed) return;
        const int defined = !group->measure->per_tail || s->tails[group->tail].attained > 0;
        if (defined) group->measure->measure(s, &o, group->tail, group->wanted, out);
        for (unsigned i = 0, wanted = group->wanted; wanted; i++, wanted >>= 1)
            if (wanted & 1) row[group->slot[i]] = defined ? out[i] : NAN;
    }
}
