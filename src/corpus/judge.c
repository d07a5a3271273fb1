/* judge.c: the points that a model is judged by. */
#include "terms.h"
#include <string.h>

static int has_location(const ouro_corpus *c) { return c->model->type->theta_location != OURO_NOWHERE; }

/* minus the origin */
static double *to_here(ouro_corpus *c) {
    const size_t d = c->model->domain.dim;
    double *shift = ouro_arena_alloc(&c->tmp, d, sizeof *shift);
    for (size_t j = 0; shift && j < d; j++) shift[j] = -c->origin[j];
    return shift;
}

static int is_anchor(const ouro_corpus *c, const ouro_term *term) {
    return c->ledger.batch[term->batch].role == OURO_ANCHOR;
}

/* Terms of the mix as one statistic; all are gone through, so that subsets come out as they did in the fit. */
static int mix_statistic(ouro_corpus *c, const ouro_mix *mix, int anchors, ouro_judged *out) {
    const ouro_family *f = c->model;
    double *T = ouro_arena_alloc(&c->tmp, f->stat_len, sizeof *T);
    const double *part;
    ouro_stream s;
    s.gsl.type = NULL;
    if (!T) return OURO_ENOMEM;
    f->type->stat_empty(f, T);
    for (size_t i = 0; i < mix->len; i++) {
        if (ouro_corpus_term(c, &mix->term[i], &s, &part)) return OURO_ENOMEM;
        if (anchors && !is_anchor(c, &mix->term[i])) continue;
        f->type->stat_merge(f, mix->term[i].weight, part, T);
        out->T = T;
    }
    return OURO_OK;
}

static int mix_rows(ouro_corpus *c, const ouro_mix *mix, int anchors, ouro_judged *out) {
    ouro_points *set = ouro_arena_alloc(&c->tmp, mix->len, sizeof *set);
    ouro_stream s;
    s.gsl.type = NULL;
    if (!set) return OURO_ENOMEM;
    for (size_t i = 0; i < mix->len; i++) {
        const ouro_term *term = &mix->term[i];
        const ouro_batch *b = c->batch + term->batch;
        const uint64_t n = c->ledger.batch[term->batch].n;
        const double *x = b->rows;
        if (term->take < n) x = ouro_corpus_some_rows(c, b, n, term->take, ouro_corpus_chooser(c, &s));
        if (!x) return OURO_ENOMEM;
        if (anchors && !is_anchor(c, term)) continue;
        set[out->len++] = (ouro_points){.n = term->take, .x = x, .shift = b->shift, .weight = term->weight};
    }
    out->set = set;
    return OURO_OK;
}

/* Rows from..rows of the replicate's order of the observations, or all of them in the file's. */
static int observed_rows(ouro_corpus *c, uint64_t from, int ordered, ouro_judged *out) {
    const size_t d = c->model->domain.dim;
    const uint64_t n = c->truth->rows - from;
    const double *shift = to_here(c);
    ouro_points *set = ouro_arena_alloc(&c->tmp, 1, sizeof *set);
    double *x = ordered ? ouro_arena_alloc(&c->tmp, n * d, sizeof *x) : NULL;
    if (!shift || !set || (ordered && !x)) return OURO_ENOMEM;
    for (uint64_t i = 0; ordered && i < n; i++)
        memcpy(x + i * d, c->truth->row + c->order[from + i] * d, d * sizeof *x);
    *set = (ouro_points){.n = n, .x = ordered ? x : c->truth->row, .shift = shift, .weight = 1};
    out->set = set;
    out->len = 1;
    return OURO_OK;
}

/* Observations as a statistic: of counted categories, of all rows (kept by the corpus), or of the rows in `out`. */
static int observed_statistic(ouro_corpus *c, int all, ouro_judged *out) {
    const ouro_family *f = c->model;
    const size_t first = f->type->stat_location, d = f->domain.dim;
    double *T = ouro_arena_alloc(&c->tmp, f->stat_len, sizeof *T);
    if (!T) return OURO_ENOMEM;
    if (all)
        memcpy(T, c->all, f->stat_len * sizeof *T);
    else if (c->truth->count)
        f->type->stat_counts(f, c->left, T);
    else
        f->type->stat_rows(f, out->set->n, out->set->x, T);
    for (size_t j = 0; has_location(c) && j < d; j++) T[first + j] -= c->origin[j];
    out->T = T;
    return OURO_OK;
}

static int judge_by_observations(ouro_corpus *c, int held_out, int statistic, ouro_judged *out) {
    const int all = !held_out;
    int ret = OURO_OK;
    if (!ouro_truth_is_data(c->truth)) return OURO_OK;
    if (held_out && (c->drawn >= c->truth->rows || c->ledger.refilled)) return OURO_OK;
    if (!statistic && !c->truth->row) return OURO_OK;
    if (c->truth->row && !(all && statistic)) ret = observed_rows(c, all ? 0 : c->drawn, held_out, out);
    if (!ret && statistic) ret = observed_statistic(c, all, out);
    return ret;
}

int ouro_corpus_judge(ouro_corpus *c, const ouro_mix *mix, ouro_judging which, ouro_judged *out) {
    const int statistic = c->model->type->likelihood_in_statistic, anchors = which == OURO_BY_ANCHORS;
    *out = (ouro_judged){.theta = c->theta};
    if (which == OURO_BY_HELD_OUT || which == OURO_BY_OBSERVED)
        return judge_by_observations(c, which == OURO_BY_HELD_OUT, statistic, out);
    if (statistic) return mix_statistic(c, mix, anchors, out);
    return c->path == OURO_PATH_SAMPLES ? mix_rows(c, mix, anchors, out) : OURO_OK;
}
