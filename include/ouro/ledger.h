/* ledger.h: everything a policy may see: labels and sizes, never values.
 *
 * A batch is a set of points drawn together. Generations: the model of generation t is fit number t, t = 1 is fitted on
 * real data only; the truth is model 0. A batch is born in the generation whose fit sees it first. */
#ifndef OURO_LEDGER_H
#define OURO_LEDGER_H
#include "ouro/error.h"
#include <stddef.h>
#include <stdint.h>

typedef enum ouro_role {
    OURO_INITIAL,  /* real: the points of the fit at t = 1 */
    OURO_ANCHOR,   /* real: injected after generation 1 */
    OURO_SYNTHETIC /* drawn from model number `generator` */
} ouro_role;

/* Where lineages lead, as means over the points of a batch or over the weight of a fit (expected ones: a budget counts as the
 * pool that it is drawn from). Sums over the terms of fit t, share s_i of its weight on term i, made of synthetic points of
 * model g_i or of real ones:
 *   real_t  = sum_real s_i + sum_synthetic s_i real'(g_i), real'(g) = real_g but real'(1) = 0: a lineage through model 1 leads
 *             to nothing but the data that the loop began with. The share whose lineage meets a real point in a fit after
 *             the first: 1 - (1 - r)^(t-1) for a share r of real points in every fit, 0 from t = 2 under replace.
 *   depth_t = sum_synthetic s_i (1 + depth_{g_i}): models between a point and reality; t - 1 under replace.
 *   taint_t = sum_flagged s_i + sum_synthetic, not flagged s_i taint_{g_i}: the share whose lineage meets a flagged batch. */
typedef struct ouro_ancestry {
    double real, depth, taint;
} ouro_ancestry;

typedef struct ouro_label {
    uint32_t id;      /* numbered from 0 in order of drawing; a folded batch keeps the first id */
    uint32_t last_id; /* of the youngest part when folded */
    ouro_role role;
    uint32_t generator;       /* number of the model that drew it, 0 = truth; of the youngest part when folded */
    uint32_t generator_first; /* of the oldest part */
    uint32_t born;            /* of the youngest part */
    double born_mean;         /* mean birth of its points */
    uint64_t n;               /* points */
    ouro_ancestry ancestry;   /* of its points, in the mean */
    int flagged;              /* the policy marks them: poisoned, unlicensed, unverified */
} ouro_label;

static inline int ouro_is_real(const ouro_label *b) { return b->role != OURO_SYNTHETIC; }

typedef struct ouro_ledger {
    uint32_t generation; /* the fit being prepared */
    uint32_t next_id;
    size_t len, cap;
    ouro_label *batch; /* batches still kept, oldest first */
    uint64_t reserve;  /* what a reserve holds that is put back when it cannot feed an anchor set; 0: no such rule */
    uint64_t reserve_used; /* anchor points drawn since the reserve was last whole */
    uint32_t refilled;     /* generation in which it was last put back; 0: never */
    ouro_ancestry model;   /* of the latest model, as ouro_ledger_fitted noted it */
    uint32_t checkpoint;   /* number of the model that is kept for a rollback; 0: none */
    ouro_ancestry kept;    /* of that model */
} ouro_ledger;

/* What a policy asks to draw now: at most one request per role. */
typedef struct ouro_request {
    ouro_role role;
    uint64_t n;
    uint32_t generator; /* of synthetic points: the model before, or the ledger's checkpoint; 0 of real ones */
    int flagged;        /* as in a label */
} ouro_request;
typedef struct ouro_order {
    size_t len;
    ouro_request item[3];
    double temperature; /* of the synthetic ones */
} ouro_order;

/* What the fit sees: `take` of the points of ledger->batch[batch], each with this weight. */
typedef struct ouro_term {
    size_t batch;
    uint64_t take;
    double weight; /* > 0, relative: only ratios matter */
} ouro_term;
typedef struct ouro_mix {
    size_t len, cap;
    ouro_term *term;
    uint64_t points; /* sum of take */
    uint64_t pool;   /* points the fit could have seen: equal to `points` without a budget */
} ouro_mix;

/* Adds a batch drawn now: born = ledger->generation. Amortised O(1); OURO_ENOMEM leaves the ledger as it was. */
int ouro_ledger_add(ouro_ledger *l, const ouro_request *drawn) OURO_CHECKED;
/* Whether the reserve is put back before this draw. Pure. */
int ouro_ledger_refills(const ouro_ledger *l, const ouro_request *asked);
/* Removes batch i, the others keep their order. O(len). */
void ouro_ledger_drop(ouro_ledger *l, size_t i);
/* Merges batch `from` into `into` (into < from, same role, both or neither flagged): sizes add, births average. O(len). */
void ouro_ledger_fold(ouro_ledger *l, size_t into, size_t from);
void ouro_ledger_clear(ouro_ledger *l); /* keeps the memory, `reserve` and `checkpoint` */
void ouro_ledger_free(ouro_ledger *l);

int ouro_mix_add(ouro_mix *m, const ouro_term *term) OURO_CHECKED;
void ouro_mix_clear(ouro_mix *m);
void ouro_mix_free(ouro_mix *m);

/* Provenance of a mix, as shares of its total weight and weighted means over its points. */
typedef struct ouro_provenance {
    double real_share, synthetic_share; /* of the weight the fit gives its points */
    double mean_age;                    /* generations since the points were drawn, weight-averaged */
    double anchor_age;                  /* age of the youngest anchor in the mix; NaN without one */
    double points;
    ouro_ancestry ancestry;
    double flagged_share; /* of the weight */
} ouro_provenance;
ouro_provenance ouro_mix_provenance(const ouro_ledger *l, const ouro_mix *m);

/* Notes the ancestry of the model fitted on the mix, which what it draws inherits; without it labels know no ancestry. */
void ouro_ledger_fitted(ouro_ledger *l, const ouro_mix *m);

#endif
