/* verifier.c: an imperfect judge of rows: a good one passes with probability phi, a bad one with psi.
 *
 * Good is: a right label; a place outside the truth's low-density set of mass alpha; or a place within `radius` of the
 * verifier's own centre, towards which the model then moves, wherever the truth is. Of labels wrong with probability p the share
 * p psi / ((1 - p) phi + p psi) stays, which is above one half from p = phi / (phi + psi) on. */
#include "centre.h"

enum { LABEL, SET, RADIUS };
static const char *const judges[] = {"label", "set", "radius", NULL};

typedef struct params {
    int by;
    double phi, psi, alpha, radius;
    filter_place place;
    bool fill;
} params;

typedef struct state {
    ouro_tail_set tail;
    filter_origin from;
} state;

#define AT(member) offsetof(params, member)
static const ouro_field rows[] = {
    {"by", OURO_CHOICE, OURO_REQUIRED, AT(by), 0, 0, NULL, judges, "",
     "What makes a row good. label: its label is right; set: it lies in the truth's high-density set of mass 1 - "
     "alpha; "
     "radius: it lies within `radius` of the verifier's own centre."},
    {"phi", OURO_REAL, 0, AT(phi), 0, 1, "1", NULL, "", "Probability that a good row passes."},
    {"psi", OURO_REAL, 0, AT(psi), 0, 1, "0", NULL, "", "Probability that a bad row passes."},
    {"alpha", OURO_REAL, OURO_ABOVE | OURO_BELOW, AT(alpha), 0, 1, "0.01", NULL, "",
     "Mass of the truth's low-density set; used by set alone."},
    {"radius", OURO_REAL, OURO_ABOVE, AT(radius), 0, 1e100, "1", NULL, "unit of the data",
     "Distance from the centre within which a row is good; used by radius alone."},
    FILTER_PLACE(params),
    FILTER_FILL(params, "true"),
};
#undef AT

static const char *missing(const ouro_truth *truth, const ouro_family *model, const void *p) {
    const params *v = p;
    (void)truth;
    if (!v) return NULL;
    if (v->phi == 0 && v->psi == 0) return "with phi and psi 0 nothing would ever pass";
    if (v->by == LABEL && !model->domain.labelled) return "rows have no label; use set or radius, or the family lda";
    if (v->by == SET && model->domain.labelled) return "a labelled row lies in no low-density set; use label";
    return v->by == RADIUS ? ouro_filter_no_distance(model) : NULL;
}

/* Quantiles come from libraries: cut to 40 binary digits, so that their last ones decide about no row. */
static double settled(double x) {
    int exponent;
    const double part = frexp(x, &exponent);
    return isfinite(x) ? ldexp(rint(ldexp(part, 40)), exponent - 40) : x;
}

static int prepare(const ouro_truth *truth, const ouro_family *model, const void *p, ouro_arena *keep, const void **out,
                   ouro_error *e) {
    const params *v = p;
    state *s = ouro_arena_alloc(keep, 1, sizeof *s);
    if (!s) return ouro_fail(e, OURO_ENOMEM, "filters", "out of memory");
    *out = s;
    if (v->by == RADIUS) return ouro_filter_locate(truth, model, &v->place, keep, &s->from, e);
    if (v->by != SET) return OURO_OK;
    const int ret = ouro_truth_tail(truth, v->alpha, keep, &s->tail, e);
    s->tail.lower = settled(s->tail.lower);
    s->tail.upper = settled(s->tail.upper);
    s->tail.log_level = settled(s->tail.log_level);
    return ret;
}

static int fills(const void *p) { return ((const params *)p)->fill; }

/* low: by SET, the rows in the truth's low-density set */
static int good(const ouro_filter_task *t, const unsigned char *low, size_t i) {
    const params *v = t->params;
    const state *s = t->state;
    const size_t d = t->model->domain.dim;
    if (v->by == LABEL) return t->x[i * d + d - 1] < (double)t->model->domain.labelled;
    if (v->by == RADIUS) return ouro_filter_distance2(t, &s->from, i) < v->radius * v->radius;
    return !low[i];
}

/* A uniform for every row, needed or not: what one row does moves no other. */
static int apply(const ouro_filter_task *t, unsigned char *pass) {
    const params *v = t->params;
    const state *s = t->state;
    if (v->by == SET) { /* pass holds what is low until its row is judged */
        const int ret = ouro_truth_tail_rows(t->truth, &s->tail, t->n, t->x, t->origin, t->tmp, pass);
        if (ret) return ret;
    }
    for (size_t i = 0; i < t->n; i++) pass[i] = ouro_stream_uniform(t->stream) < (good(t, pass, i) ? v->phi : v->psi);
    return OURO_OK;
}

const ouro_filter_type ouro_filter_verifier = {
    .name = "verifier",
    .doc = "An imperfect judge: good rows pass with probability phi, bad ones with psi. What good means it takes from "
           "the truth (label, set) or from itself (radius).",
    .reference =
        "Feng et al. 2024, Beyond model collapse: scaling up with synthesized data requires verification; Yi et "
        "al. 2025 for a verifier with an error of its own",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prepare = prepare,
    .fills = fills,
    .apply = apply,
};
