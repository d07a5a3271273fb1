/* policy.h: a policy is data, not code.
 *
 * Its fields say what is drawn, kept, weighted and subsampled; one rule turns them into an order (what to draw now) and
 * a mix (what the next fit sees); a preset is a row of field values. The rule sees the ledger only: it cannot depend
 * on values, nor on whether batches are rows or statistics.
 *
 * The rule, for fit number t:
 *   draw      t = 1: `initial` real points. t > 1: round(synthetic.points * t^synthetic.growth) points of model t-1,
 *             and where t is an injection generation (first, first + every, ... <= last) and the anchor set is `refresh`
 *             generations old or absent, max(1, round(anchor.points * t^anchor.growth)) new real points. Synthetic ones come
 *             from the model's density to the power 1/temperature.
 *   pool      batches drawn now; earlier real batches up to memory.real generations old, earlier synthetic ones up to
 *             memory.synthetic, neither after fit memory.until; and in an injection generation the current anchor set.
 *   budget    that many points of the pool, uniformly without replacement; all of it when the pool is no larger.
 *   weights   per point by origin; or real_share, the share of the total weight that the real part gets. Where labels
 *             are flattened no origin is known any more, and every point weighs 1.
 *   rollback  for fit rollback.at synthetic points come from model rollback.to, and from this fit on no earlier synthetic batch
 *             that a later model drew is in the pool. Real batches stay: nobody throws away observations.
 *   flagged   batches of flagged.origin born in generations flagged.first to flagged.last are marked, which changes nothing by
 *             itself; from fit flagged.recall on they are in no pool, and a marked anchor set counts as absent. What models drew
 *             that were trained on them stays.
 *   exhausted where real points are observations and the reserve does not hold a whole new anchor set any more: stop refuses
 *             the config; reuse puts all of the reserve back and shuffles it; none: no anchor from this generation on.
 * Filters of synthetic rows (filter.h) look at values and stand beside the policy: where they let a number of rows pass that
 * is only known afterwards, what is said here of sizes is what may enter at most.
 * Anchor sources are one rule: fresh is refreshed every generation, fixed never, stale every `refresh`. */
#ifndef OURO_POLICY_H
#define OURO_POLICY_H
#include "ouro/field.h"
#include "ouro/ledger.h"
#include "ouro/rng.h"

typedef enum ouro_labels { OURO_KEPT, OURO_FLATTENED } ouro_labels;
#define OURO_OPTIMAL HUGE_VAL /* real_share: the share that is best in the mean, from the sizes alone */
typedef enum ouro_anchor_source { OURO_FRESH, OURO_FIXED, OURO_STALE } ouro_anchor_source;
/* When a finite reserve cannot feed an anchor set: refuse the config; put the reserve back; inject no more. */
typedef enum ouro_exhausted { OURO_STOP, OURO_REUSE, OURO_END } ouro_exhausted;

typedef struct ouro_policy {
    const char *preset;
    uint64_t initial; /* >= 1 once resolved */
    struct {
        uint64_t points;
        double growth, temperature; /* of p^(1/temperature), which is drawn from; 1: the model itself */
    } synthetic;
    struct {
        uint64_t real, synthetic; /* OURO_ALL, or generations */
        uint64_t until;           /* last generation that remembers; OURO_UNSET: no end */
    } memory;
    uint64_t budget; /* OURO_UNSET: none */
    struct {
        uint64_t points, every, first, last; /* last = OURO_UNSET: for ever */
        int source;                          /* ouro_anchor_source */
        uint64_t refresh;                    /* used by stale alone */
        double growth;
        double budget_per_generation; /* used where points = OURO_BUDGETED */
        int exhausted;                /* ouro_exhausted */
        /* Resolved, no fields: what the reserve holds under OURO_REUSE, else 0; and the first generation that the reserve
         * cannot feed, OURO_UNSET: none. */
        uint64_t reused, exhausted_at;
    } anchor;
    struct {
        double real, synthetic, real_share; /* real_share = NaN: not used; OURO_OPTIMAL */
    } weights;
    int labels; /* ouro_labels */
    struct {
        uint64_t at, to; /* both OURO_UNSET: none; to < at */
    } rollback;
    struct {
        int origin;                   /* ouro_role */
        uint64_t first, last, recall; /* OURO_UNSET: nothing is flagged; first (once resolved); never. last < recall */
    } flagged;
} ouro_policy;

extern const ouro_table ouro_policy_fields; /* paths relative to "policy" */

/* A preset: which fields it sets, as JSON text; what it means, what it stands for in practice, what is known to happen. */
typedef struct ouro_preset {
    const char *name, *doc, *practice, *known, *reference;
    const char *set[5][2]; /* {path, JSON}; ends at a NULL path */
} ouro_preset;
extern const size_t ouro_presets_len;
extern const ouro_preset ouro_presets[];
const ouro_preset *ouro_preset_find(const char *name); /* NULL when there is none */

/* Puts numbers for what follows other fields (budget, anchor.points = synthetic.points; anchor.points = round(budget_per_generation
 * * every); initial and synthetic.points when unset; flagged.last), and finds out when the reserve is exhausted: under OURO_END anchor.last
 * then comes before. default_initial: OURO_FOLLOW for a truth without end, else the observations outside the reserve;
 * reserve: OURO_ALL for a truth without end, else the observations in it. O(anchor sets that the reserve feeds). */
void ouro_policy_resolve(ouro_policy *p, uint64_t default_initial, uint64_t reserve);

/* Points asked from model t-1 for fit t >= 2. */
uint64_t ouro_policy_synthetic_points(const ouro_policy *p, uint32_t t);
/* Whether the anchor set enters fit t. */
int ouro_policy_injects(const ouro_policy *p, uint32_t t);

/* The model that draws the synthetic points of fit t >= 2. */
uint32_t ouro_policy_generator(const ouro_policy *p, uint32_t t);
/* The model that has to be kept because a rollback goes back to it, or 0. */
uint32_t ouro_policy_checkpoint(const ouro_policy *p);

/* What to draw for fit l->generation. Pure. O(l->len). */
void ouro_policy_order(const ouro_policy *p, const ouro_ledger *l, ouro_order *out);

/* What fit l->generation sees, after the order has been added to the ledger. `pick` chooses the counts of a budgeted
 * fit; with NULL nothing is thinned, the takes are the pool's and out->points the budget (enough for bookkeeping:
 * shares and sizes of a uniform subset are those of the pool in the mean). O(l->len). OURO_ENOMEM is the only failure. */
int ouro_policy_compose(const ouro_policy *p, const ouro_ledger *l, ouro_stream *pick, ouro_mix *out) OURO_CHECKED;

/* Whether batch i can still be in the mix of a fit after l->generation. */
int ouro_policy_keeps(const ouro_policy *p, const ouro_ledger *l, size_t i);

/* Drops what no later fit can use and folds what all later fits use alike, through the owner of the batches (which also
 * updates the ledger). `folds` is 0 where the owner cannot fold. O(l->len^2) at worst, O(1) once folded. */
typedef struct ouro_retention {
    void *owner;
    void (*drop)(void *owner, size_t i);
    void (*fold)(void *owner, size_t into, size_t from);
    int folds, splits; /* splits: subsets of a folded batch can be drawn */
} ouro_retention;
void ouro_policy_retire(const ouro_policy *p, const ouro_ledger *l, const ouro_retention *r);

/* Bookkeeping without values: ledger and mix of every generation, as check, laws and the ledger file need them. */
typedef struct ouro_walk {
    const ouro_policy *policy;
    ouro_ledger ledger;
    ouro_order order;
    ouro_mix mix;
} ouro_walk;
int ouro_walk_step(ouro_walk *w) OURO_CHECKED; /* next generation: order, then mix; retire before the next step */
void ouro_walk_retire(ouro_walk *w);           /* folds all it can: O(1) per generation under accumulate */
void ouro_walk_free(ouro_walk *w);

/* The batch that batch i may be folded into from now on (both are always used together and alike), or SIZE_MAX.
 * Under a budget only where subsets of a folded batch can still be drawn exactly (`splits`). */
size_t ouro_policy_folds_into(const ouro_policy *p, const ouro_ledger *l, size_t i, int splits);

#endif
