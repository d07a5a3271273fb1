/* law.h: what should happen. A law predicts the mean of a column from the setting alone; it never sees a simulated
 * number. */
#ifndef OURO_LAW_H
#define OURO_LAW_H
#include "ouro/setting.h"

typedef struct ouro_law_type {
    const char *name, *doc;
    /* statistic ("mean: ..."), what it is and whether exact, as written to summary.csv's theory_source */
    const char *source;
    int knows_temperature;      /* else it is silent where synthetic points are tempered */
    int knows_drift;            /* else it is silent where the truth moves */
    const char *const *columns; /* what it may speak of, NULL-terminated; "tail_alive" stands for every alpha */
    /* Predicted mean of `column` (for a tail's column: of tail number `tail`) at t = 1..s->generations into out[t - 1],
     * NaN where the law is silent. Under a drifting truth s->against says which one the column compares with. OURO_EUNDEFINED when it does not apply to the setting; OURO_ENOMEM. */
    int (*mean)(const ouro_setting *s, const char *column, size_t tail, ouro_arena *tmp, double *out);
} ouro_law_type;

/* Laws of policies whose batches are all of one size, each drawn from the model before it: after a rollback at h to g, model t is
 * in law what model g + 1 + t - h is without one. Puts out[] right that knows of no rollback. */
static inline void ouro_law_roll_back(const ouro_setting *s, double *out) {
    const uint64_t at = s->policy->rollback.at, to = s->policy->rollback.to;
    for (uint64_t t = s->generations; t >= at && at; t--) out[t - 1] = out[to + t - at];
}

/* What the law says, or OURO_EUNDEFINED where the setting has something that it does not know of. */
static inline int ouro_law_predict(const ouro_law_type *l, const ouro_setting *s, const char *column, size_t tail,
                                   ouro_arena *tmp, double *out) {
    if (s->filters && s->filters->len) return OURO_EUNDEFINED;
    if (s->drift && !l->knows_drift) return OURO_EUNDEFINED;
    if (s->policy->synthetic.temperature != 1 && !l->knows_temperature) return OURO_EUNDEFINED;
    int ret = l->mean(s, column, tail, tmp, out);
    /* once the reserve is put back, real points of two anchor sets may be the same observation: no law knows of that */
    const ouro_policy *p = s->policy;
    if (!ret && p->anchor.reused)
        for (uint64_t t = p->anchor.exhausted_at; t <= s->generations; t++) out[t - 1] = NAN;
    return ret;
}

#endif
