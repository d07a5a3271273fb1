/* drift.c: the truth's parameters as functions of the generation. */
#include "ouro/drift.h"
#include <math.h>
#include <string.h>

static const char *const scales[] = {"value", "log", "logit", NULL};

#define AT(member) offsetof(ouro_movement, member)
#define WORDS_OF_STEP "What is added in every generation after the first, on the scale that `scale` names."
#define WORDS_OF_JUMP "What is added once, from generation `at` on."
#define COMMON                                                                                                         \
    {"walk",                                                                                                           \
     OURO_REAL,                                                                                                        \
     0,                                                                                                                \
     AT(walk),                                                                                                         \
     0,                                                                                                                \
     1e100,                                                                                                            \
     "0",                                                                                                              \
     NULL,                                                                                                             \
     "per generation",                                                                                                 \
     "Standard deviation of a random walk, of each number on its own; every replicate has its own."},                  \
        {"at",         OURO_COUNT, OURO_NULLABLE, AT(at),       2,                                                     \
         4294967295.0, "null",     NULL,          "generation", "First generation in which the jump has happened."},   \
    {                                                                                                                  \
        "scale", OURO_CHOICE, 0, AT(scale), 0, 0, "\"value\"", scales, "",                                             \
            "On which scale it moves: value, log (a factor per generation, for what is positive) or logit (for "       \
            "probabilities)."                                                                                          \
    }
static const ouro_field numbers[] = {
    {"step", OURO_REAL, 0, AT(step), -1e100, 1e100, "0", NULL, "per generation", WORDS_OF_STEP},
    {"jump", OURO_REAL, 0, AT(jump), -1e100, 1e100, "0", NULL, "", WORDS_OF_JUMP},
    COMMON,
};
static const ouro_field lists[] = {
    {"step", OURO_REALS, OURO_NULLABLE, AT(step), -1e100, 1e100, "null", NULL, "per generation", WORDS_OF_STEP},
    {"jump", OURO_REALS, OURO_NULLABLE, AT(jump), -1e100, 1e100, "null", NULL, "", WORDS_OF_JUMP},
    COMMON,
};
static const ouro_field matrices[] = {
    {"step", OURO_MATRIX, OURO_NULLABLE, AT(step), -1e100, 1e100, "null", NULL, "per generation", WORDS_OF_STEP},
    {"jump", OURO_MATRIX, OURO_NULLABLE, AT(jump), -1e100, 1e100, "null", NULL, "", WORDS_OF_JUMP},
    COMMON,
};
#undef AT

ouro_table ouro_movement_fields(ouro_kind kind) {
    switch (kind) {
    case OURO_REAL: return OURO_TABLE(numbers);
    case OURO_REALS: return OURO_TABLE(lists);
    case OURO_MATRIX: return OURO_TABLE(matrices);
    default: return (ouro_table){0};
    }
}

/* The numbers of a value of this kind; NULL where it was left null. */
static const double *values_of(ouro_kind kind, const void *at, size_t *len) {
    const ouro_amount *a = at;
    if (kind == OURO_REAL) return *len = 1, &a->number;
    if (kind == OURO_REALS) return *len = a->list.len, a->list.values;
    return *len = a->rows.rows * a->rows.columns, a->rows.values;
}

static const double *given(const ouro_movement *m, const void *params, size_t *len) {
    return values_of(m->field->kind, (const char *)params + m->field->offset, len);
}

static int any(const ouro_movement *m, const ouro_amount *a) {
    size_t len;
    const double *v = values_of(m->field->kind, a, &len);
    for (size_t i = 0; v && i < len; i++)
        if (v[i] != 0) return 1;
    return 0;
}

int ouro_movement_moves(const ouro_movement *m) { return m->walk > 0 || any(m, &m->step) || any(m, &m->jump); }

int ouro_drift_moves(const ouro_drift *d) {
    int moves = 0;
    for (size_t i = 0; i < d->len; i++) moves |= ouro_movement_moves(&d->item[i]);
    return moves;
}

int ouro_drift_rests(const ouro_drift *d, uint32_t s, uint32_t t) {
    for (size_t i = 0; i < d->len && s != t; i++) {
        const ouro_movement *m = &d->item[i];
        if (m->walk > 0 || any(m, &m->step) || (any(m, &m->jump) && (s >= m->at) != (t >= m->at))) return 0;
    }
    return 1;
}

size_t ouro_drift_walks(const ouro_drift *d, const void *params) {
    size_t walks = 0, len;
    for (size_t i = 0; i < d->len; i++) walks += d->item[i].walk > 0 && given(&d->item[i], params, &len) ? len : 0;
    return walks;
}

void ouro_drift_walk(const ouro_drift *d, const void *params, const ouro_address *at, double *walked) {
    size_t len;
    for (size_t i = 0; i < d->len; i++) {
        if (!(d->item[i].walk > 0) || !given(&d->item[i], params, &len)) continue;
        ouro_address a = *at;
        ouro_stream s;
        a.purpose = OURO_FOR_DRIFT;
        a.slot = (uint16_t)i;
        ouro_stream_open(&s, &a);
        for (size_t j = 0; j < len; j++) *walked++ += ouro_stream_normal(&s);
    }
}

static double onto(int scale, double v) {
    return scale == OURO_ON_LOG ? log(v) : scale == OURO_ON_LOGIT ? log(v) - log1p(-v) : v;
}
static double back(int scale, double g) {
    return scale == OURO_ON_LOG ? exp(g) : scale == OURO_ON_LOGIT ? 1 / (1 + exp(-g)) : g;
}

static int in_range(const ouro_field *f, double v) {
    return (f->flags & OURO_ABOVE ? v > f->lo : v >= f->lo) && (f->flags & OURO_BELOW ? v < f->hi : v <= f->hi);
}

/* The numbers of one parameter in generation t, into out's struct; arrays anew, since those given belong to the config. */
static int move(const ouro_movement *m, const void *params, uint32_t t, const double **walked, ouro_arena *keep,
                void *out, ouro_error *e) {
    size_t len, step_len, jump_len;
    const double *v = given(m, params, &len), *step = values_of(m->field->kind, &m->step, &step_len),
                 *jump = values_of(m->field->kind, &m->jump, &jump_len);
    double *at = (double *)((char *)out + m->field->offset);
    if (m->field->kind != OURO_REAL) {
        if (!(at = ouro_arena_alloc(keep, len, sizeof *at))) return ouro_fail(e, OURO_ENOMEM, "truth", "out of memory");
        ouro_amount *a = (ouro_amount *)((char *)out + m->field->offset);
        *(m->field->kind == OURO_REALS ? &a->list.values : &a->rows.values) = at;
    }
    for (size_t i = 0; i < len; i++) {
        double by = (step ? step[i] * (t - 1.0) : 0) + (jump && t >= m->at ? jump[i] : 0);
        if (m->walk > 0 && *walked) by += m->walk * *(*walked)++;
        at[i] = by == 0 ? v[i] : back(m->scale, onto(m->scale, v[i]) + by);
        if (!in_range(m->field, at[i]))
            return ouro_fail(e, OURO_ECONFIG, m->path,
                             "in generation %u it would be %g, outside the range of truth.%s (%g to %g); let it move "
                             "less, or on a log or logit scale",
                             t, at[i], m->field->path, m->field->lo, m->field->hi);
    }
    return OURO_OK;
}

/* What a model was made for must stay: the support, and what it takes as known. */
static int same_frame(const ouro_truth *a, const ouro_truth *b) {
    const ouro_domain *p = &a->domain, *q = &b->domain;
    int same = p->kind == q->kind && p->dim == q->dim && p->categories == q->categories && p->lattice == q->lattice &&
               p->step == q->step && p->lower == q->lower && p->upper == q->upper && p->covariates == q->covariates &&
               p->labelled == q->labelled && a->family.theta_len == b->family.theta_len;
    const int knows = a->family.type->known_fields.len > 0; /* else a narrower family may, of which this is the truth */
    for (int i = 0; same && knows && i < OURO_KNOWN; i++) same = a->family.known[i] == b->family.known[i];
    return same;
}

static const char *first_moving(const ouro_drift *d) {
    size_t i = 0;
    while (i + 1 < d->len && !ouro_movement_moves(&d->item[i])) i++;
    return d->item[i].path;
}

int ouro_drift_truth(const ouro_drift *d, const ouro_truth *base, const void *params, uint32_t t, const double *walked,
                     ouro_arena *keep, ouro_truth *out, ouro_error *e) {
    const ouro_family_type *type = base->family.type;
    int ret = OURO_ENOMEM;
    ouro_truth made;
    ouro_error own = {0};
    void *moved = ouro_arena_alloc(keep, 1, type->truth_size);
    if (!moved) return ouro_fail(e, OURO_ENOMEM, "truth", "out of memory");
    memcpy(moved, params, type->truth_size);
    for (size_t i = 0; i < d->len; i++)
        if (ouro_movement_moves(&d->item[i])) OURO_TRY(move(&d->item[i], params, t, &walked, keep, moved, e));
    if ((ret = ouro_truth_from_family(&made, type, moved, keep, &own)) != OURO_OK)
        return ret == OURO_ENOMEM
                   ? ouro_fail(e, ret, "truth", "out of memory")
                   : ouro_fail(e, ret, first_moving(d), "in generation %u there is no such truth: %.180s", t, own.what);
    if (base->domain.pairs) memcpy(made.family.known, base->family.known, sizeof made.family.known); /* the fit's */
    if (!same_frame(base, &made))
        return ouro_fail(e, OURO_ECONFIG, first_moving(d),
                         "in generation %u the truth would have another support, or another value of what a model of "
                         "its family takes as known; only what a fit can follow may move",
                         t);
    made.fixed_design = base->fixed_design;
    made.source = base->source;
    *out = made;
out:
    return ret;
}

/* Whether no number on that scale is outside the parameter's range, but for such as nobody walks to. */
static int walkable(const ouro_field *f, int scale) {
    static const double reach[][2] = {
        [OURO_ON_VALUE] = {-1e9, 1e9}, [OURO_ON_LOG] = {1e-9, 1e9}, [OURO_ON_LOGIT] = {0, 1}};
    return f->lo <= reach[scale][0] && f->hi >= reach[scale][1];
}

static int check_movement(const ouro_movement *m, const void *params, ouro_error *e) {
    size_t len, step_len, jump_len;
    const ouro_field *f = m->field;
    const double *v = given(m, params, &len), *step = values_of(f->kind, &m->step, &step_len),
                 *jump = values_of(f->kind, &m->jump, &jump_len);
    if (!v || (f->kind == OURO_REAL && isnan(*v)))
        return ouro_fail(e, OURO_ECONFIG, m->path, "what moves must be given: write truth.%s out", f->path);
    if ((step && step_len != len) || (jump && jump_len != len))
        return ouro_fail(e, OURO_ECONFIG, m->path, "truth.%s has %zu numbers; step and jump need as many each", f->path,
                         len);
    if (any(m, &m->jump) && m->at == OURO_UNSET)
        return ouro_fail(e, OURO_ECONFIG, m->path, "the jump has no generation; give `at`");
    for (size_t i = 0; i < len && m->scale != OURO_ON_VALUE; i++)
        if (!(v[i] > 0) || (m->scale == OURO_ON_LOGIT && !(v[i] < 1)))
            return ouro_fail(e, OURO_ECONFIG, m->path, "%g has no %s; choose another scale", v[i], scales[m->scale]);
    if (m->walk > 0 && !walkable(f, m->scale))
        return ouro_fail(e, OURO_ECONFIG, m->path, "a random walk would leave the range of truth.%s (%g to %g); %s",
                         f->path, f->lo, f->hi,
                         walkable(f, OURO_ON_LOG)     ? "let it walk on scale log"
                         : walkable(f, OURO_ON_LOGIT) ? "let it walk on scale logit"
                                                      : "let it move by step or jump");
    return OURO_OK;
}

int ouro_drift_check(const ouro_drift *d, const ouro_truth *base, const void *params, uint32_t last, ouro_arena *tmp,
                     ouro_error *e) {
    int ret = OURO_OK;
    ouro_truth at;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    if (!ouro_drift_moves(d)) return OURO_OK;
    for (size_t i = 0; i < d->len; i++)
        if (ouro_movement_moves(&d->item[i])) OURO_TRY(check_movement(&d->item[i], params, e));
    OURO_TRY(ouro_drift_truth(d, base, params, last, NULL, tmp, &at, e));
    for (size_t i = 0; i < d->len; i++) {
        const ouro_movement *m = &d->item[i];
        if (!any(m, &m->jump) || m->at > last) continue;
        OURO_TRY(ouro_drift_truth(d, base, params, (uint32_t)m->at - 1, NULL, tmp, &at, e));
        OURO_TRY(ouro_drift_truth(d, base, params, (uint32_t)m->at, NULL, tmp, &at, e));
    }
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}
