/* law.h: what should happen. A law predicts a statistic of a column from the setting alone; it never sees a simulated
 * number. */
#ifndef OURO_LAW_H
#define OURO_LAW_H
#include "ouro/setting.h"

/* Of the values that a column has over replicates. A probability is the mean of a column of noughts and ones. */
typedef enum ouro_statistic {
    OURO_STATISTIC_MEAN,
    OURO_STATISTIC_VARIANCE,
    OURO_STATISTIC_Q05, /* quantiles */
    OURO_STATISTIC_Q25,
    OURO_STATISTIC_MEDIAN,
    OURO_STATISTIC_Q75,
    OURO_STATISTIC_Q95,
    OURO_STATISTICS
} ouro_statistic;

/* The share of values below a quantile; NaN for what is none. */
static inline double ouro_statistic_share(ouro_statistic s) {
    static const double share[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    return s >= OURO_STATISTIC_Q05 && s <= OURO_STATISTIC_Q95 ? share[s - OURO_STATISTIC_Q05] : NAN;
}

typedef enum ouro_standing {
    OURO_STANDING_EXACT,   /* for every n and t, to the accuracy that the law's doc states */
    OURO_STANDING_LIMIT,   /* for n or t towards infinity: drawn, never tested */
    OURO_STANDING_AT_MOST, /* bounds */
    OURO_STANDING_AT_LEAST,
    OURO_STANDINGS
} ouro_standing;

extern const char *const ouro_statistic_names[OURO_STATISTICS]; /* "mean", ..., "median", ... */
extern const char *const ouro_standing_names[OURO_STANDINGS];   /* "exact", "limit", "at most", "at least" */

typedef struct ouro_claim {
    const char *column; /* a measure's, without prefix and tail */
    ouro_statistic statistic;
    ouro_standing standing;
} ouro_claim;

/* What of a setting a law must know of, or be silent where it occurs. */
enum { OURO_KNOWS_TEMPERATURE = 1, OURO_KNOWS_DRIFT = 2 };

typedef struct ouro_law_type {
    const char *name, *doc;
    const char *source;       /* what it is, in a few words, with its paper where it is not derived here */
    unsigned knows;           /* bits as above */
    const ouro_claim *claims; /* what it may say; ends at a column NULL */
    /* The claim about its column (for a tail's column: of tail number `tail`) at t = 1..s->generations into out[t - 1], NaN where
     * the law is silent. Under a drifting truth s->against says which one the column compares with.
     * OURO_EUNDEFINED when it does not apply to the setting; OURO_ENOMEM. */
    int (*predict)(const ouro_setting *s, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out);
} ouro_law_type;

/* Laws of policies whose batches are all of one size, each drawn from the model before it: after a rollback at h to g, model t is
 * in law what model g + 1 + t - h is without one. Puts out[] right that knows of no rollback. */
static inline void ouro_law_roll_back(const ouro_setting *s, double *out) {
    const uint64_t at = s->policy->rollback.at, to = s->policy->rollback.to;
    for (uint64_t t = s->generations; t >= at && at; t--) out[t - 1] = out[to + t - at];
}

static inline int ouro_law_rolls_back(const ouro_setting *s) {
    return s->policy->rollback.at && s->policy->rollback.at <= s->generations;
}

/* What the law says, or OURO_EUNDEFINED where the setting has something that it does not know of. */
static inline int ouro_law_predict(const ouro_law_type *l, const ouro_setting *s, const ouro_claim *claim, size_t tail,
                                   ouro_arena *tmp, double *out) {
    const ouro_policy *p = s->policy;
    if (s->filters && s->filters->len) return OURO_EUNDEFINED;
    if (s->truth->family.inexact) return OURO_EUNDEFINED; /* points that depend on each other */
    if (s->drift && !(l->knows & OURO_KNOWS_DRIFT)) return OURO_EUNDEFINED;
    if (p->synthetic.temperature != 1 && !(l->knows & OURO_KNOWS_TEMPERATURE)) return OURO_EUNDEFINED;
    int ret = l->predict(s, claim, tail, tmp, out);
    /* once the reserve is put back, real points of two anchor sets may be the same observation: no law knows of that */
    if (!ret && p->anchor.reused)
        for (uint64_t t = p->anchor.exhausted_at; t <= s->generations; t++) out[t - 1] = NAN;
    return ret;
}

#endif
