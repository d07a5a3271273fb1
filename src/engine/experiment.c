/* experiment.c: turns a bound config into an experiment, or says everything that is wrong with it. */
#include "engine.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_DENSE = 2000 }; /* tokens, all pairs of which fit into memory many times */

/* Where the model says that what its family usually knows is fitted, truth and model are both of the fitted kind. */
static const ouro_family_type *kind_of(const ouro_config *config, const ouro_family_type *type) {
    if (!type || !type->fitted || strcmp(type->name, config->model.family)) return type;
    for (int i = 0; i < OURO_KNOWN; i++)
        if (config->model.known[i] == OURO_FITTED) return type->fitted;
    return type;
}

/* Passes a failure on as a complaint; memory stays an error. */
static int as_complaint(int ret, const ouro_error *e, const char *path, ouro_complaints *c) {
    if (ret == OURO_OK || ret == OURO_ENOMEM) return ret;
    int says = strstr(e->where, "truth.") == e->where || strstr(e->where, "model.") == e->where;
    ouro_complain(c, says ? e->where : path, "%s", e->what);
    return OURO_ECONFIG;
}

/* The categories of a text are the pairs seen, which are all that maximum likelihood can ever give; add_k gives something
 * to every pair of tokens, and then they are all of them. */
static int make_text(ouro_experiment *x, ouro_error *e) {
    const ouro_config *config = x->config;
    const ouro_pair_counts *seen = config->truth.counted;
    int dense = !strcmp(config->model.family, "bigram") && config->model.known[0] > 0;
    if (dense && seen->pairs.tokens > MOST_DENSE)
        return ouro_fail(e, OURO_ECONFIG, "model.add_k",
                         "every pair of %zu tokens would be possible, which is for at most %d tokens; make "
                         "truth.vocabulary smaller, or leave add_k at 0",
                         seen->pairs.tokens, MOST_DENSE);
    return ouro_truth_from_pairs(&x->truth, ouro_family_find("bigram"), seen, dense, config->truth.reserve, &x->keep,
                                 e);
}

static int make_truth(ouro_experiment *x, ouro_complaints *c) {
    const ouro_config *config = x->config;
    ouro_error e = {0};
    int ret;
    if (config->truth.counted)
        ret = make_text(x, &e);
    else if (!config->truth.data)
        ret = ouro_truth_from_family(&x->truth, kind_of(config, ouro_family_find(config->truth.family)),
                                     config->truth.params, &x->keep, &e);
    else if (config->truth.count)
        ret = ouro_truth_from_counts(&x->truth, ouro_family_find("categorical"), config->truth.categories,
                                     config->truth.count, config->truth.reserve, &x->keep, &e);
    else
        ret = ouro_truth_from_rows(&x->truth, config->truth.rows, config->truth.dim, config->truth.row,
                                   config->truth.reserve, &x->keep, &e);
    if (!x->truth.source) x->truth.source = "observed data";
    x->truth.fixed_design = config->truth.design == OURO_FIXED_DESIGN;
    if (!ret && x->truth.fixed_design && !x->truth.domain.covariates) {
        ouro_complain(c, "truth.design", "%s has no covariates that a design could fix; leave it out", x->truth.source);
        return OURO_ECONFIG;
    }
    return as_complaint(ret, &e, strcmp(e.where, "model.add_k") ? "truth" : "model.add_k", c);
}

/* How the truth moves, where it does. */
static int make_drift(ouro_experiment *x, ouro_complaints *c) {
    const ouro_config *config = x->config;
    ouro_error e = {0};
    if (!config->truth.drift.len || !ouro_drift_moves(&config->truth.drift)) return OURO_OK;
    int ret =
        ouro_drift_check(&config->truth.drift, &x->truth, config->truth.params, x->setting.generations, &x->keep, &e);
    x->setting.drift = &config->truth.drift;
    x->setting.truth_params = config->truth.params;
    return as_complaint(ret, &e, "truth.drift", c);
}

/* What the policy asks for, found by walking it. */
typedef struct demand {
    uint64_t anchors, largest; /* points over all generations; largest batch */
    uint64_t set;              /* largest anchor set */
    int flags;                 /* some batch is flagged */
    int thins;                 /* some fit sees less than its pool */
    int merges;                /* some fit sees more than one batch */
    uint64_t size;             /* of the first batch */
    int uneven;                /* some batch is of another size */
    uint64_t points;           /* of the largest fit */
} demand;

static int make_model(ouro_experiment *x, const demand *d, ouro_complaints *c) {
    const char *names[64];
    char hint[128];
    size_t len = 0;
    ouro_error e = {0};
    const ouro_family_type *type = kind_of(x->config, ouro_family_find(x->config->model.family));
    if (type && !ouro_family_fits(type)) {
        ouro_complain(c, "model.family", "%s is a truth only and cannot be refitted; see `ouro list families`",
                      type->name);
        return OURO_ECONFIG;
    }
    if (type) {
        double known[OURO_KNOWN];
        if (x->truth.domain.labelled && x->truth.family.type != type) {
            ouro_complain(c, "model.family", "%s cannot be fitted to labelled rows; use %s", type->name,
                          x->truth.family.type->name);
            return OURO_ECONFIG;
        }
        for (int i = 0; i < OURO_KNOWN; i++) {
            known[i] = type->known_fields.len ? x->config->model.known[i] : NAN;
            if (isnan(known[i]) &&
                (x->truth.family.type == type || (type->within && x->truth.family.type == type->within)))
                known[i] = x->truth.family.known[i];
        }
        int ret =
            ouro_family_init_model(&x->model, type, &x->truth.domain, known, x->config->model.options, d->points, &e);
        if (ret) return as_complaint(ret, &e, "model.family", c);
        /* pseudo-points are the fit's, not the law's: a truth of pairs is of the model's kind whatever they are */
        if (x->truth.domain.pairs) memcpy(x->truth.family.known, x->model.known, sizeof x->model.known);
    } else {
        for (size_t i = 0; i < ouro_families_len && len < 64; i++) names[len++] = ouro_families[i]->name;
        ouro_complain(c, "model.family", "\"%s\" is not a family%s", x->config->model.family,
                      ouro_suggest(x->config->model.family, len, names, "ouro list families", sizeof hint, hint));
    }
    len = 0;
    const char *name = x->config->model.estimator.type;
    x->setting.estimator = ouro_estimator_find(name);
    if (!x->setting.estimator) {
        for (size_t i = 0; i < ouro_estimators_len && len < 64; i++) names[len++] = ouro_estimators[i]->name;
        ouro_complain(c, "model.estimator.type", "\"%s\" is not an estimator%s", name,
                      ouro_suggest(name, len, names, "ouro list estimators", sizeof hint, hint));
    } else if (type && x->setting.estimator->missing(type, x->config->model.estimator.params)) {
        ouro_complain(c, "model.estimator.type", "%s is not defined for %s: %s", name, type->name,
                      x->setting.estimator->missing(type, x->config->model.estimator.params));
        return OURO_ECONFIG;
    }
    return type && x->setting.estimator ? OURO_OK : OURO_ECONFIG;
}

/* Where the estimator's prior sits, as far as that is known before the first fit. */
static int make_prior(ouro_experiment *x, ouro_complaints *c) {
    const ouro_estimator_type *type = x->setting.estimator;
    const void *params = x->setting.estimator_params = x->config->model.estimator.params;
    const ouro_family *f = &x->model;
    ouro_error e = {0};
    if (!type->prior) return OURO_OK;
    int centre = type->prior(params)->centre;
    const char *field = type->penalises ? "model.estimator.towards" : "model.estimator.centre";
    if (centre == OURO_AT_INITIAL) return OURO_OK;
    double *theta = ouro_arena_alloc(&x->keep, f->theta_len, sizeof *theta);
    double *T = ouro_arena_alloc(&x->keep, f->stat_len, sizeof *T);
    if (!theta || !T) return OURO_ENOMEM;
    x->setting.centre = theta;
    if (centre == OURO_AT_PARAMETERS) {
        if (x->config->model.estimator.at && f->type->truth_theta) {
            int ret = f->type->truth_theta(f, x->config->model.estimator.at, theta, &e);
            e.where[0] = '\0'; /* a truth's field has another name here */
            return as_complaint(ret, &e, "model.estimator.at", c);
        }
        ouro_complain(c, field, "the parameters are missing that it should be at; give them under model.estimator.at");
        return OURO_ECONFIG;
    }
    ouro_fit_info info;
    if (x->truth.theta && ouro_family_same_law(&x->truth.family, f)) {
        memcpy(theta, x->truth.theta, f->theta_len * sizeof *theta);
        return OURO_OK;
    }
    if (!x->truth.row) {
        ouro_complain(c, field, "a %s prior cannot sit at a truth %s (%s); use initial or parameters", f->type->name,
                      x->truth.family.type == f->type ? "that knows other parameters" : "of another family",
                      x->truth.source);
        return OURO_ECONFIG;
    }
    if (f->type->fit_rows) {
        double *shift = ouro_arena_alloc(&x->keep, f->domain.dim, sizeof *shift);
        if (!shift) return OURO_ENOMEM;
        const ouro_points all = {.n = x->truth.rows, .x = x->truth.row, .shift = shift, .weight = 1};
        const ouro_address start = {.seed = x->config->run.seed, .purpose = OURO_FOR_FIT};
        const ouro_row_task task = {.len = 1, .set = &all, .address = &start, .tmp = &x->keep};
        return f->type->fit_rows(f, &task, theta, &info);
    }
    f->type->stat_rows(f, x->truth.rows, x->truth.row, T);
    f->type->fit_mle(f, T, theta, &info);
    return OURO_OK;
}

/* Filters on their own terms: each is defined here, and what it fixes beforehand is fixed. */
static int make_filters(ouro_experiment *x, ouro_complaints *c) {
    const ouro_filter_list *from = &x->config->filters;
    if (!from->len) return OURO_OK;
    if (x->truth.domain.covariates || x->truth.domain.pairs) {
        ouro_complain(c, "policy.filters", "%s",
                      x->truth.domain.pairs ? "pairs of tokens come as a chain, of which no part can be dropped"
                                            : "rows answer to covariates, which filters would thin out");
        return OURO_OK;
    }
    x->filters = (ouro_filter_list){from->len, ouro_arena_alloc(&x->keep, from->len, sizeof *from->item)};
    if (!x->filters.item) return OURO_ENOMEM;
    for (size_t k = 0; k < from->len; k++) {
        ouro_filter *f = &x->filters.item[k];
        char path[128];
        *f = from->item[k];
        const char *reason = f->type->missing(&x->truth, &x->model, f->params);
        snprintf(path, sizeof path, "policy.filters.%zu", k);
        if (reason) ouro_complain(c, path, "%s is not defined here: %s", f->type->name, reason);
        ouro_error e = {0};
        int ret = OURO_OK;
        if (!reason && f->type->prepare)
            ret = f->type->prepare(&x->truth, &x->model, f->params, &x->keep, &f->state, &e);
        if (ret == OURO_ENOMEM) return ret;
        if (ret) ouro_complain(c, path, "%s", e.what);
    }
    x->setting.filters = &x->filters;
    return OURO_OK;
}

/* Runs the policy on labels alone: is every fit possible? */
static int walk_policy(ouro_experiment *x, demand *d, ouro_complaints *c) {
    ouro_walk w = {.policy = &x->policy};
    int ret = OURO_OK;
    for (uint32_t t = 1; t <= x->setting.generations; t++) {
        OURO_TRY(ouro_walk_step(&w));
        if (w.mix.points == 0) {
            ouro_complain(c, "policy.synthetic.points",
                          "fit %u would see no point at all; give synthetic.points, a memory "
                          "or anchors in every generation",
                          t);
            break;
        }
        if ((double)w.mix.pool > OURO_COUNT_MAX) {
            ouro_complain(c, "policy.synthetic.points",
                          "the pool of fit %u would hold more than 2^53 points; draw fewer, or "
                          "shorten the memory",
                          t);
            break;
        }
        d->thins |= w.mix.points < w.mix.pool;
        d->merges |= w.mix.len > 1;
        if (w.mix.points > d->points) d->points = w.mix.points;
        if (t == 1) d->size = w.order.item[0].n;
        for (size_t i = 0; i < w.order.len; i++) {
            if (w.order.item[i].role == OURO_ANCHOR) {
                d->anchors += w.order.item[i].n;
                if (w.order.item[i].n > d->set) d->set = w.order.item[i].n;
            }
            if (w.order.item[i].n > d->largest) d->largest = w.order.item[i].n;
            d->flags |= w.order.item[i].flagged;
            d->uneven |= w.order.item[i].n != d->size;
        }
        ouro_walk_retire(&w);
    }
out:
    ouro_walk_free(&w);
    return ret;
}

static void check_anchors(const ouro_experiment *x, ouro_complaints *c) {
    const ouro_policy *asked = &x->config->policy;
    if (asked->anchor.last != OURO_UNSET && asked->anchor.last < asked->anchor.first)
        ouro_complain(c, "policy.anchor.last", "the last injection (%llu) comes before the first (%llu)",
                      (unsigned long long)asked->anchor.last, (unsigned long long)asked->anchor.first);
    if (asked->anchor.points == OURO_BUDGETED && x->policy.anchor.points == 0)
        ouro_complain(
            c, "policy.anchor.budget_per_generation",
            "%g points per generation are less than half a point per injection every %llu generations; inject "
            "less often, or raise it",
            asked->anchor.budget_per_generation, (unsigned long long)asked->anchor.every);
}

/* Whether there is a checkpoint to go back to. */
static void check_rollback(const ouro_policy *p, ouro_complaints *c) {
    const int at = p->rollback.at != OURO_UNSET, to = p->rollback.to != OURO_UNSET;
    if (at && !to)
        ouro_complain(c, "policy.rollback.to", "a rollback needs the model that it goes back to as well; give to");
    else if (to && !at)
        ouro_complain(c, "policy.rollback.at", "a rollback needs the fit at which it happens as well; give at");
    else if (at && p->rollback.to >= p->rollback.at)
        ouro_complain(c, "policy.rollback.to",
                      "model %llu does not exist yet when fit %llu is prepared; go back to one before it",
                      (unsigned long long)p->rollback.to, (unsigned long long)p->rollback.at);
}

/* Whether flags and their recall come in order; asked: before null became a number. */
static void check_flagged(const ouro_policy *p, const ouro_policy *asked, ouro_complaints *c) {
    const uint64_t first = p->flagged.first, last = p->flagged.last, recall = p->flagged.recall;
    if (first == OURO_UNSET && (asked->flagged.last != OURO_UNSET || recall != OURO_UNSET))
        ouro_complain(c, "policy.flagged.first", "nothing is flagged without it; give the first generation to flag");
    else if (first != OURO_UNSET && last < first)
        ouro_complain(c, "policy.flagged.last", "the last flagged batch (%llu) comes before the first (%llu)",
                      (unsigned long long)last, (unsigned long long)first);
    else if (first != OURO_UNSET && recall <= last)
        ouro_complain(c, "policy.flagged.recall",
                      "fit %llu cannot recall a batch that is flagged until generation %llu; recall later",
                      (unsigned long long)recall, (unsigned long long)last);
}

/* Whether the observations kept for anchors are enough, or what is to happen when they are not. */
static void check_reserve(const ouro_experiment *x, const demand *d, ouro_complaints *c) {
    const ouro_truth *t = &x->truth;
    if (x->policy.anchor.exhausted == OURO_STOP && d->anchors > t->reserve)
        ouro_complain(c, "policy.anchor.points",
                      "the anchors need %llu real points over %u generations, the reserve holds "
                      "%llu of the %llu observations; raise truth.reserve, inject fewer points less often, or say with "
                      "anchor.exhausted what is to happen then",
                      (unsigned long long)d->anchors, x->setting.generations, (unsigned long long)t->reserve,
                      (unsigned long long)t->rows);
    if (x->policy.anchor.exhausted == OURO_REUSE && d->set > t->reserve)
        ouro_complain(c, "policy.anchor.points",
                      "an anchor set of %llu points is more than the %llu observations of the whole reserve; raise "
                      "truth.reserve, or inject fewer points",
                      (unsigned long long)d->set, (unsigned long long)t->reserve);
}

static int check_policy(ouro_experiment *x, demand *d, ouro_complaints *c) {
    const ouro_truth *t = &x->truth;
    int data = ouro_truth_is_data(t);
    ouro_policy_resolve(&x->policy, data ? t->rows - t->reserve : OURO_FOLLOW, data ? t->reserve : OURO_ALL);
    check_anchors(x, c);
    if (x->policy.initial == 0) {
        ouro_complain(c, "policy.initial", "the fit at t = 1 needs real points; give initial");
        return OURO_OK;
    }
    if (data && x->policy.initial > t->rows - t->reserve)
        ouro_complain(c, "policy.initial",
                      "the fit at t = 1 asks for %llu points, the data hold %llu outside the reserve",
                      (unsigned long long)x->policy.initial, (unsigned long long)(t->rows - t->reserve));
    const size_t before = c->len;
    check_rollback(&x->policy, c);
    check_flagged(&x->policy, &x->config->policy, c);
    if (c->len > before) return OURO_OK; /* nothing to walk */
    int ret = walk_policy(x, d, c);
    if (!ret && x->policy.flagged.first != OURO_UNSET && !d->flags)
        ouro_complain(c, "policy.flagged.first",
                      "no batch of that origin is born in generations %llu to %llu of %u: nothing would be flagged",
                      (unsigned long long)x->policy.flagged.first, (unsigned long long)x->policy.flagged.last,
                      x->setting.generations);
    if (!ret && data) check_reserve(x, d, c);
    return ret;
}

/* The statistics path is taken only where it is exact. */
static const char *obstacle_to_statistics(const ouro_experiment *x, const demand *d) {
    const ouro_family_type *f = x->model.type;
    if (x->config->filters.len) return "filters look at single rows, which a statistic does not keep";
    if (!f->stat_draw) return "the model has no sampling law for a sufficient statistic";
    if (d->thins && !f->stat_subset)
        return "a budgeted fit draws subsets of the same batch again and again, which its statistic does not fix";
    if (!f->stat_merge && (d->merges || x->setting.estimator->prior))
        return "the statistics of several batches do not add up to that of all their points";
    if (x->truth.fixed_design && d->uneven)
        return "batches of different sizes share rows of the fixed design, which their statistics do not tell";
    if (f->stat_covariates && x->truth.family.type != f)
        return "the covariates' statistic is known only under a truth of the model's own family";
    return NULL;
}

static void choose_path(ouro_experiment *x, const demand *d, ouro_complaints *c) {
    const char *obstacle = obstacle_to_statistics(x, d);
    x->path = (ouro_path)x->config->run.path;
    if (x->path == OURO_PATH_STATISTICS && obstacle)
        ouro_complain(c, "run.path", "statistics would not be exact here: %s; use auto or samples", obstacle);
    if (x->path == OURO_PATH_AUTO) {
        x->path = obstacle ? OURO_PATH_SAMPLES : OURO_PATH_STATISTICS;
        snprintf(x->path_reason, sizeof x->path_reason, "%s",
                 obstacle   ? obstacle
                 : d->thins ? "exact: counts fix the empirical distribution, so their subsets can be drawn"
                            : "exact: every batch is used whole, and the law of its statistic is known");
    } else {
        snprintf(x->path_reason, sizeof x->path_reason, "asked for");
    }
    x->setting.rows = x->path == OURO_PATH_SAMPLES;
    if ((x->path == OURO_PATH_SAMPLES || x->model.domain.pairs) && d->largest > UINT32_MAX)
        ouro_complain(c, "policy.synthetic.points", "a batch of %llu rows is too large %s",
                      (unsigned long long)d->largest,
                      x->path == OURO_PATH_SAMPLES ? "for the samples path" : "for a chain that is drawn step by step");
}

int ouro_experiment_init(ouro_experiment *x, const ouro_config *config, uint32_t stream_point, ouro_complaints *c) {
    int ret;
    demand d = {0};
    size_t before = c->len;
    *x = (ouro_experiment){.config = config, .policy = config->policy, .stream_point = stream_point};
    x->setting = (ouro_setting){.truth = &x->truth,
                                .model = &x->model,
                                .policy = &x->policy,
                                .generations = (uint32_t)config->run.generations,
                                .text_tokens = config->observe.text_tokens};
    OURO_TRY(make_truth(x, c));
    OURO_TRY(make_drift(x, c));
    OURO_TRY(check_policy(x, &d, c));
    OURO_TRY(make_model(x, &d, c));
    OURO_TRY(make_prior(x, c));
    OURO_TRY(make_filters(x, c));
    if (x->policy.synthetic.temperature != 1 && !x->model.type->temper)
        ouro_complain(c, "policy.synthetic.temperature",
                      "%s has no closed form for a model to the power of 1/temperature; leave it at 1",
                      x->model.type->name);
    choose_path(x, &d, c);
    OURO_TRY(ouro_choose_columns(x, c));
    OURO_TRY(ouro_choose_generations(x, c));
    ouro_choose_precision(x, c);
    OURO_TRY(ouro_choose_events(x, c));
    if (c->len > before) ret = OURO_ECONFIG;
out:
    if (ret) ouro_experiment_free(x);
    return ret;
}

void ouro_experiment_free(ouro_experiment *x) {
    ouro_arena_free(&x->keep);
    *x = (ouro_experiment){0};
}
