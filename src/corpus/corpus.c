/* corpus.c: draws, keeps and fits batches, as rows or as sufficient statistics. */
#include "filtering.h"
#include "observed.h"
#include "terms.h"
#include "ouro/corpus.h"
#include "ouro/variates.h"
#include <math.h>
#include <string.h>

static int no_memory(ouro_error *e) { return ouro_fail(e, OURO_ENOMEM, "corpus", "out of memory"); }

static size_t dim(const ouro_corpus *c) { return c->model->domain.dim; }
static int has_location(const ouro_corpus *c) { return c->model->type->theta_location != OURO_NOWHERE; }
static double *location_of(const ouro_corpus *c, double *T) { return T + c->model->type->stat_location; }

int ouro_corpus_init(ouro_corpus *c, const ouro_truth *truth, const ouro_family *model, ouro_path path, ouro_error *e) {
    *c = (ouro_corpus){.truth = truth, .today = truth, .model = model, .path = path};
    c->theta = ouro_alloc(model->theta_len, sizeof(double));
    c->origin = ouro_alloc(model->domain.dim, sizeof(double));
    c->before = ouro_alloc(model->theta_len, sizeof(double));
    c->checkpoint = ouro_alloc(model->theta_len, sizeof(double));
    c->tempered = ouro_alloc(model->theta_len, sizeof(double));
    c->total = ouro_alloc(model->stat_len, sizeof(double));
    c->synthetic = ouro_alloc(model->stat_len, sizeof(double));
    c->subset = ouro_alloc(model->stat_len, sizeof(double));
    c->prior = ouro_alloc(model->stat_len, sizeof(double));
    c->truth_here = ouro_alloc(truth->family.theta_len, sizeof(double));
    int whole = c->theta && c->before && c->checkpoint && c->tempered && c->origin && c->total && c->synthetic &&
                c->subset && c->prior && c->truth_here;
    int ret = whole ? OURO_OK : no_memory(e);
    if (!ret && ouro_truth_is_data(truth)) ret = ouro_observed_init(c, e);
    if (ret) ouro_corpus_free(c);
    return ret;
}

void ouro_corpus_free(ouro_corpus *c) {
    for (size_t i = 0; i < c->slots; i++) {
        ouro_free(c->batch[i].T);
        ouro_free(c->batch[i].rows);
        ouro_free(c->batch[i].shift);
    }
    ouro_free(c->batch);
    ouro_free(c->theta);
    ouro_free(c->origin);
    ouro_free(c->before);
    ouro_free(c->checkpoint);
    ouro_free(c->tempered);
    ouro_free(c->total);
    ouro_free(c->synthetic);
    ouro_free(c->subset);
    ouro_free(c->prior);
    ouro_free(c->truth_here);
    ouro_free(c->all);
    ouro_free(c->order);
    ouro_free(c->left);
    ouro_free(c->filtered);
    ouro_free(c->tail_counts);
    ouro_ledger_free(&c->ledger);
    ouro_arena_free(&c->tmp);
    *c = (ouro_corpus){0};
}

void ouro_corpus_begin(ouro_corpus *c, const ouro_address *address) {
    ouro_ledger_clear(&c->ledger);
    memset(c->origin, 0, dim(c) * sizeof *c->origin);
    memset(c->theta, 0, c->model->theta_len * sizeof *c->theta);
    c->address = *address;
    c->drawn = 0;
    c->first = 0;
    c->prior_weight = 0;
    c->centre = NULL;
}

void ouro_corpus_set_centre(ouro_corpus *c, const double *theta) { c->centre = theta; }

void ouro_corpus_set_prior(ouro_corpus *c, const double *T, double weight) {
    memcpy(c->prior, T, c->model->stat_len * sizeof *T);
    c->prior_weight = weight;
    for (size_t j = 0; has_location(c) && j < dim(c); j++) location_of(c, c->prior)[j] -= c->origin[j];
}

static ouro_address address(const ouro_corpus *c, ouro_purpose purpose, unsigned slot) {
    ouro_address a = c->address;
    a.generation = c->ledger.generation;
    a.purpose = purpose;
    a.slot = (uint16_t)slot;
    return a;
}

static void open_stream(const ouro_corpus *c, ouro_purpose purpose, unsigned slot, ouro_stream *s) {
    ouro_address a = address(c, purpose, slot);
    ouro_stream_open(s, &a);
}

/* A slot for the batch just entered into the ledger, its buffers taken over from a dropped batch where there is one. */
static int next_slot(ouro_corpus *c, uint64_t n, ouro_batch **out) {
    size_t i = c->ledger.len - 1;
    if (i == c->slots) {
        size_t slots = c->slots ? 2 * c->slots : 4;
        ouro_batch *batch = ouro_realloc(c->batch, slots, sizeof *batch);
        if (!batch) return OURO_ENOMEM;
        memset(batch + c->slots, 0, (slots - c->slots) * sizeof *batch);
        c->batch = batch;
        c->slots = slots;
    }
    ouro_batch *b = c->batch + i;
    if (!b->T) b->T = ouro_alloc(c->model->stat_len, sizeof(double));
    if (!b->shift) b->shift = ouro_alloc(dim(c), sizeof(double));
    if (!b->T || !b->shift) return OURO_ENOMEM;
    memset(b->shift, 0, dim(c) * sizeof *b->shift);
    if (c->path == OURO_PATH_SAMPLES && b->capacity < n) {
        if (n > SIZE_MAX / sizeof(double) / dim(c)) return OURO_ENOMEM;
        double *rows = ouro_realloc(b->rows, n * dim(c), sizeof *rows);
        if (!rows) return OURO_ENOMEM;
        b->rows = rows;
        b->capacity = n;
    }
    *out = b;
    return OURO_OK;
}

/* The truth's parameters relative to the present origin, where they say where it lies. */
static const double *truth_here(const ouro_corpus *c) {
    const ouro_family *f = &c->today->family;
    memcpy(c->truth_here, c->today->theta, f->theta_len * sizeof(double));
    if (f->type->theta_location != OURO_NOWHERE)
        for (size_t j = 0; j < f->domain.dim; j++) c->truth_here[f->type->theta_location + j] -= c->origin[j];
    return c->truth_here;
}

/* The stream of a batch's covariates: under a fixed design its address is the same in every generation and for every
 * role, so that a batch of n points has the first n rows of the one design of the replicate. */
static void open_covariates(const ouro_corpus *c, const ouro_request *ask, ouro_stream *s) {
    ouro_address a = address(c, OURO_FOR_COVARIATES, c->truth->fixed_design ? 0 : ask->role);
    if (c->truth->fixed_design) a.generation = 0;
    ouro_stream_open(s, &a);
}

/* n rows of a parametric truth. One whose parameters do not say where it lies gives rows that have yet to be moved. */
static int draw_truth(ouro_corpus *c, uint64_t n, ouro_stream *s, double *x) {
    const ouro_family *f = &c->today->family;
    int ret = f->type->sample(f, truth_here(c), s, &c->tmp, n, x);
    if (f->type->theta_location == OURO_NOWHERE && has_location(c))
        for (uint64_t i = 0; i < n * dim(c); i++) x[i] -= c->origin[i % dim(c)];
    return ret;
}

/* n rows into x: synthetic from the model, real from the truth. */
static int draw_rows(ouro_corpus *c, const ouro_request *ask, ouro_stream *s, double *x) {
    const ouro_family *f = &c->truth->family;
    ouro_stream own;
    if (ask->role != OURO_SYNTHETIC && ouro_truth_is_data(c->truth)) return ouro_observe(c, ask->n, s, x);
    if (f->type && f->type->covariates) { /* the truth's, whatever model answers to them */
        open_covariates(c, ask, &own);
        f->type->covariates(f, &own, ask->n, x);
    }
    if (ask->role == OURO_SYNTHETIC) return c->model->type->sample(c->model, c->source, s, &c->tmp, ask->n, x);
    return draw_truth(c, ask->n, s, x);
}

/* The batch's statistic without its rows, where its law is known exactly; else rows once, folded and forgotten. */
static int draw_statistic(ouro_corpus *c, const ouro_request *ask, ouro_stream *s, double *T) {
    const ouro_family_type *type = c->model->type;
    ouro_stream own;
    if (type->stat_covariates) {
        open_covariates(c, ask, &own);
        type->stat_covariates(c->model, &own, ask->n, T);
    }
    if (ask->role == OURO_SYNTHETIC) {
        type->stat_draw(c->model, c->source, s, ask->n, T);
        return OURO_OK;
    }
    if (ouro_truth_is_data(c->truth)) {
        if (c->drawn == 0 && ask->n == c->truth->rows) {
            memcpy(T, c->all, c->model->stat_len * sizeof *T);
            return OURO_OK;
        }
        if (c->truth->count) {
            uint64_t *hits = c->left + c->truth->domain.categories;
            ouro_observe_counts(c, ask->n, s, hits);
            type->stat_counts(c->model, hits, T);
            return OURO_OK;
        }
    } else if (ouro_family_same_law(&c->truth->family, c->model)) {
        type->stat_draw(c->model, truth_here(c), s, ask->n, T);
        return OURO_OK;
    }
    ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    double *x = ouro_arena_alloc(&c->tmp, ask->n * dim(c), sizeof *x);
    int ret = x ? draw_rows(c, ask, s, x) : OURO_ENOMEM;
    if (!ret) type->stat_rows(c->model, ask->n, x, T);
    ouro_arena_reset(&c->tmp, mark);
    return ret;
}

static int draw_one(ouro_corpus *c, const ouro_request *ask, ouro_error *e) {
    ouro_batch *b;
    ouro_stream s;
    int real = ask->role != OURO_SYNTHETIC, data = real && ouro_truth_is_data(c->truth);
    if (data && ask->role == OURO_ANCHOR && !c->first) {
        c->first = c->drawn;
        if (c->left)
            memcpy(c->left + 2 * c->truth->domain.categories, c->left, c->truth->domain.categories * sizeof *c->left);
    }
    if (data && ouro_ledger_refills(&c->ledger, ask) && ouro_observed_refill(c)) return no_memory(e);
    if (data && ask->n > c->truth->rows - c->drawn)
        return ouro_fail(e, OURO_EBUG, "corpus", "generation %u asks for %llu observations, %llu are left",
                         c->ledger.generation, (unsigned long long)ask->n,
                         (unsigned long long)(c->truth->rows - c->drawn));
    if (ouro_ledger_add(&c->ledger, ask) || next_slot(c, ask->n, &b)) return no_memory(e);
    ouro_address a = address(c, real ? OURO_FOR_REAL : OURO_FOR_SYNTHETIC, ask->role);
    int ret;
    if (c->path == OURO_PATH_STATISTICS) {
        ouro_stream_open_ahead(&s, &a, &c->ahead[ask->role]);
        ret = draw_statistic(c, ask, &s, b->T);
    } else {
        uint64_t *n = &c->ledger.batch[c->ledger.len - 1].n;
        ouro_stream_open(&s, &a);
        if (c->filters && !real) {
            if ((ret = ouro_corpus_filter(c, ask->n, &s, b->rows, n, e)) == OURO_EUNDEFINED) return ret;
        } else {
            ret = draw_rows(c, ask, &s, b->rows);
        }
        if (!ret && *n && !c->model->type->fit_rows) c->model->type->stat_rows(c->model, *n, b->rows, b->T);
        if (!ret && !*n && !c->model->type->fit_rows) c->model->type->stat_empty(c->model, b->T);
    }
    if (real) c->drawn += ask->n;
    return ret ? no_memory(e) : OURO_OK;
}

/* Moves the origin onto the model: what is left in theta, checkpoint and batches are differences, at full precision. */
static void follow_model(ouro_corpus *c) {
    const size_t location = c->model->type->theta_location;
    double *here = c->theta + location;
    for (size_t j = 0; j < dim(c); j++) {
        double step = here[j];
        c->origin[j] += step;
        here[j] = 0;
        c->checkpoint[location + j] -= step;
        for (size_t i = 0; i < c->ledger.len; i++) c->batch[i].shift[j] -= step;
        if (c->model->type->stat_location == OURO_NOWHERE) continue; /* rows alone */
        location_of(c, c->prior)[j] -= step;
        for (size_t i = 0; i < c->ledger.len; i++) location_of(c, c->batch[i].T)[j] -= step;
    }
}

/* Back to the checkpoint, where the order asks for points of it: the model, and what a fit starts from. */
static void roll_back(ouro_corpus *c, const ouro_order *order) {
    for (size_t i = 0; i < order->len; i++) {
        if (order->item[i].role != OURO_SYNTHETIC || order->item[i].generator + 1 == c->ledger.generation) continue;
        memcpy(c->theta, c->checkpoint, c->model->theta_len * sizeof *c->theta);
        if (has_location(c)) follow_model(c);
    }
}

int ouro_corpus_draw(ouro_corpus *c, const ouro_order *order, ouro_error *e) {
    int ret = OURO_OK;
    roll_back(c, order);
    c->source = c->theta;
    ouro_corpus_forget_filtered(c);
    if (order->temperature != 1 && c->ledger.generation > 1) {
        c->model->type->temper(c->model, c->theta, order->temperature, c->tempered);
        c->source = c->tempered;
    }
    for (size_t i = 0; i < order->len; i++) OURO_TRY(draw_one(c, &order->item[i], e));
out:
    return ret;
}

/* `take` rows of a batch, chosen at random, copied to scratch; NULL when out of memory. */
double *ouro_corpus_some_rows(ouro_corpus *c, const ouro_batch *b, uint64_t n, uint64_t take, ouro_stream *s) {
    size_t d = dim(c);
    double *x = ouro_arena_alloc(&c->tmp, take * d, sizeof *x);
    ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    uint32_t *index = ouro_arena_alloc(&c->tmp, n, sizeof *index);
    if (!index || !x) return NULL;
    ouro_choose(s, n, take, index);
    for (uint64_t i = 0; i < take; i++) memcpy(x + i * d, b->rows + index[i] * d, d * sizeof *x);
    ouro_arena_reset(&c->tmp, mark);
    return x;
}

static int subset_of_rows(ouro_corpus *c, const ouro_batch *b, uint64_t n, uint64_t take, ouro_stream *s) {
    ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    const double *x = ouro_corpus_some_rows(c, b, n, take, s);
    if (x) c->model->type->stat_rows(c->model, take, x, c->subset);
    ouro_arena_reset(&c->tmp, mark);
    if (x && has_location(c))
        for (size_t j = 0; j < dim(c); j++) location_of(c, c->subset)[j] += b->shift[j];
    return x ? OURO_OK : OURO_ENOMEM;
}

/* The stream that chooses subsets, opened when the first one is needed. */
ouro_stream *ouro_corpus_chooser(ouro_corpus *c, ouro_stream *s) {
    if (!s->gsl.type) open_stream(c, OURO_FOR_POLICY, 1, s);
    return s;
}

/* The statistic that a term contributes: the batch's own, or that of a random subset. */
int ouro_corpus_term(ouro_corpus *c, const ouro_term *term, ouro_stream *s, const double **T) {
    const ouro_batch *b = c->batch + term->batch;
    uint64_t n = c->ledger.batch[term->batch].n;
    *T = b->T;
    if (term->take == n) return OURO_OK;
    *T = c->subset;
    if (c->path == OURO_PATH_SAMPLES) return subset_of_rows(c, b, n, term->take, ouro_corpus_chooser(c, s));
    return c->model->type->stat_subset(c->model, b->T, term->take, ouro_corpus_chooser(c, s), &c->tmp, c->subset);
}

/* The mix as one statistic, with the prior's pseudo-points; its synthetic part too where the estimator asks for it. */
static int mix_statistic(ouro_corpus *c, const ouro_mix *mix, ouro_fit_task *task, int synthetic) {
    const ouro_family_type *type = c->model->type;
    const double *T = NULL;
    ouro_stream s;
    s.gsl.type = NULL;
    type->stat_empty(c->model, c->total);
    if (synthetic) type->stat_empty(c->model, c->synthetic);
    int alone = mix->len == 1 && !(c->prior_weight > 0);
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *term = &mix->term[i];
        if (ouro_corpus_term(c, term, &s, &T)) return OURO_ENOMEM;
        if (alone)
            memcpy(c->total, T, c->model->stat_len * sizeof *T);
        else
            type->stat_merge(c->model, term->weight, T, c->total);
        if (!synthetic || ouro_is_real(&c->ledger.batch[term->batch])) continue;
        type->stat_merge(c->model, term->weight, T, c->synthetic);
        task->synthetic = c->synthetic;
    }
    if (c->prior_weight > 0) type->stat_merge(c->model, c->prior_weight, c->prior, c->total);
    task->T = c->total;
    return OURO_OK;
}

/* The mix as rows, for families whose fit needs them. */
static int mix_rows(ouro_corpus *c, const ouro_mix *mix, ouro_fit_task *task) {
    ouro_stream s;
    s.gsl.type = NULL;
    ouro_points *set = ouro_arena_alloc(&c->tmp, mix->len, sizeof *set);
    if (!set) return OURO_ENOMEM;
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *term = &mix->term[i];
        const ouro_batch *b = c->batch + term->batch;
        uint64_t n = c->ledger.batch[term->batch].n;
        set[i] = (ouro_points){.n = term->take, .x = b->rows, .shift = b->shift, .weight = term->weight};
        if (term->take == n) continue;
        if (!(set[i].x = ouro_corpus_some_rows(c, b, n, term->take, ouro_corpus_chooser(c, &s)))) return OURO_ENOMEM;
    }
    task->points = set;
    task->points_len = mix->len;
    return OURO_OK;
}

/* Adds `sign` times the origin to what the task says of locations, and to the model that it has made. */
static void move_task(ouro_corpus *c, const ouro_fit_task *task, double sign) {
    const ouro_family_type *type = c->model->type;
    for (size_t j = 0; has_location(c) && j < dim(c); j++) {
        const double step = sign * c->origin[j];
        if (task->T) location_of(c, task->T)[j] += step;
        if (task->synthetic) location_of(c, c->synthetic)[j] += step;
        c->before[type->theta_location + j] += step;
        c->theta[type->theta_location + j] += step;
    }
}

int ouro_corpus_fit(ouro_corpus *c, const ouro_mix *mix, const ouro_estimator_type *estimator, const void *params,
                    double *theta, ouro_fit_info *info, ouro_error *e) {
    const ouro_family *f = c->model;
    const ouro_address start = address(c, OURO_FOR_FIT, 0);
    ouro_fit_task task = {.f = f, .params = params, .centre = c->centre, .address = &start, .tmp = &c->tmp};
    if (mix->len == 0 && c->filters)
        return ouro_fail(
            e, OURO_EUNDEFINED, "policy.filters",
            "in generation %u, replicate %u, no row passed the filters; loosen them, let them fill, or run "
            "fewer generations",
            c->ledger.generation, c->address.replicate);
    if (mix->len == 0) return ouro_fail(e, OURO_EBUG, "policy", "fit %u would see no point", c->ledger.generation);
    ouro_arena_mark mark = ouro_arena_here(&c->tmp);
    int rows = f->type->fit_rows && c->path == OURO_PATH_SAMPLES;
    int ret = rows ? mix_rows(c, mix, &task) : mix_statistic(c, mix, &task, estimator->needs_synthetic);
    if (c->ledger.generation > 1) {
        memcpy(c->before, c->theta, f->theta_len * sizeof *theta);
        task.before = c->before;
    }
    if (estimator->absolute) move_task(c, &task, 1);
    if (!ret) ret = estimator->fit(&task, c->theta, info);
    if (estimator->absolute) move_task(c, &task, -1);
    ouro_arena_reset(&c->tmp, mark);
    if (ret) return no_memory(e);
    if (has_location(c)) follow_model(c);
    if (c->ledger.generation == c->ledger.checkpoint) memcpy(c->checkpoint, c->theta, f->theta_len * sizeof *theta);
    memcpy(theta, c->theta, f->theta_len * sizeof *theta);
    if (has_location(c)) memcpy(theta + f->type->theta_location, c->origin, dim(c) * sizeof *theta);
    return OURO_OK;
}

/* The dropped batch's buffers move behind the live ones, where next_slot finds them. */
void ouro_corpus_drop(ouro_corpus *c, size_t i) {
    ouro_batch gone = c->batch[i];
    size_t last = c->ledger.len - 1;
    memmove(c->batch + i, c->batch + i + 1, (last - i) * sizeof gone);
    c->batch[last] = gone;
    ouro_ledger_drop(&c->ledger, i);
}

void ouro_corpus_fold(ouro_corpus *c, size_t into, size_t from) {
    ouro_batch gone = c->batch[from];
    size_t last = c->ledger.len - 1;
    c->model->type->stat_merge(c->model, 1, gone.T, c->batch[into].T);
    memmove(c->batch + from, c->batch + from + 1, (last - from) * sizeof gone);
    c->batch[last] = gone;
    ouro_ledger_fold(&c->ledger, into, from);
}

size_t ouro_corpus_bytes(const ouro_corpus *c) {
    size_t bytes = ouro_arena_bytes(&c->tmp) + c->slots * sizeof *c->batch +
                   sizeof(double) * (3 * c->model->theta_len + 4 * c->model->stat_len);
    for (size_t i = 0; i < c->slots; i++)
        bytes += sizeof(double) * ((c->batch[i].T ? c->model->stat_len : 0) + c->batch[i].capacity * dim(c));
    if (c->order) bytes += c->truth->rows * sizeof *c->order;
    return bytes;
}
