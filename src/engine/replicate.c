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
    r->threshold = ouro_alloc(x->events_len + 1, sizeof(double));
    if (!r->theta || !r->mean || !r->prior || !r->centre || !r->walked || !r->threshold) {
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
    ouro_free(r->threshold);
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
    for (size_t i = 0; i < x->events_len; i++) r->threshold[i] = x->events[i].threshold;
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

static int points(void *replicate, ouro_judging which, ouro_judged *out) {
    ouro_replicate *r = replicate;
    return ouro_corpus_judge(&r->corpus, &r->mix, which, out);
}

/* The present generation as measures see it; moments and provenance once somebody asks. */
typedef struct sight {
    ouro_observation o;
    ouro_provenance provenance;
    ouro_address address;
    int moments, traced; /* whether they have been filled */
} sight;

static void look(ouro_replicate *r, sight *s) {
    s->address = r->corpus.address;
    s->address.generation = r->corpus.ledger.generation;
    s->address.purpose = OURO_FOR_MEASURE;
    s->o = (ouro_observation){.theta = r->theta,
                              .moments = &r->moments,
                              .fit = &r->fit,
                              .provenance = &s->provenance,
                              .filtered = r->corpus.filtered,
                              .address = &s->address,
                              .tmp = &r->corpus.tmp,
                              .points = points,
                              .owner = r,
                              .failed = &r->failed};
    s->moments = s->traced = 0;
}

/* The columns of a group into out[16], NaN where none is defined, or memory ran out: r->failed. */
static void measure(ouro_replicate *r, sight *s, const ouro_group *group, double *out) {
    const ouro_experiment *x = r->experiment;
    const ouro_setting *setting = ouro_replicate_setting(r, group->against);
    if (r->failed || (group->measure->per_tail && setting->tails[group->tail].attained <= 0)) {
        for (int i = 0; i < 16; i++) out[i] = NAN;
        return;
    }
    if (group->measure->needs_provenance && !s->traced++)
        s->provenance = ouro_mix_provenance(&r->corpus.ledger, &r->mix);
    if (group->measure->needs_moments && !s->moments++) x->model.type->moments(&x->model, r->theta, &r->moments);
    group->measure->measure(setting, &s->o, group->tail, group->wanted, out);
}

void ouro_replicate_measure(ouro_replicate *r, double *row) {
    const ouro_experiment *x = r->experiment;
    double out[16];
    sight s;
    look(r, &s);
    for (size_t g = 0; g < x->groups_len && !r->failed; g++) {
        const ouro_group *group = &x->groups[g];
        measure(r, &s, group, out);
        for (unsigned i = 0, wanted = group->wanted; wanted; i++, wanted >>= 1)
            if (wanted & 1) row[group->slot[i]] = out[i];
    }
}

void ouro_replicate_watch(ouro_replicate *r, const double *row, uint32_t *passage) {
    const ouro_experiment *x = r->experiment;
    const uint32_t t = r->corpus.ledger.generation;
    size_t seen = SIZE_MAX; /* the group that `out` is of: events on one column stand together */
    double out[16];
    sight s;
    look(r, &s);
    for (size_t i = 0; i < x->events_len && !r->failed; i++) {
        const ouro_event *v = &x->events[i];
        const int relative = v->rule->relative_to == OURO_TO_FIRST && t == 1;
        if (passage[i] || !(row || relative || (v->every && t % v->every == 0))) continue;
        double value = NAN;
        if (row && v->slot != SIZE_MAX) {
            value = row[v->slot];
        } else {
            if (v->group != seen) measure(r, &s, &x->watched[v->group], out);
            seen = v->group;
            value = out[v->column.index];
        }
        if (relative) r->threshold[i] *= value;
        if (isnan(v->rule->below) ? value > r->threshold[i] : value < r->threshold[i]) passage[i] = t;
    }
}
