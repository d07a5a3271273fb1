/* presets.c: the field table of a policy, and the presets as rows of field values. */
#include "ouro/policy.h"
#include <math.h>
#include <string.h>

static const char *const sources[] = {"fresh", "fixed", "stale", NULL};
static const char *const exhausted[] = {"stop", "reuse", "none", NULL};
static const char *const origins[] = {"initial", "anchor", "synthetic", NULL}; /* as in ouro_role */
static const char *const labels[] = {"kept", "flattened", NULL};

#define AT(member) offsetof(ouro_policy, member)
static const ouro_field rows[] = {
    {"preset", OURO_TEXT, 0, AT(preset), 0, 0, "\"replace\"", NULL, "",
     "Named row of defaults for the fields below; explicit fields override it. See `ouro list policies`."},
    {"initial", OURO_COUNT, OURO_NULLABLE | OURO_FOLLOWS, AT(initial), 1, OURO_COUNT_MAX, "null", NULL, "points",
     "Real points of the fit at t = 1; null: synthetic.points, or for a data truth all rows outside the reserve."},
    {"synthetic.points", OURO_COUNT, OURO_NULLABLE, AT(synthetic.points), 0, OURO_COUNT_MAX, "null", NULL, "points",
     "Points drawn from model t-1 for fit t; null: 100, or where the truth is observed as many as the fit at t = 1 "
     "sees. The smaller, the faster the tails go (Shumailov et al. 2024)."},
    {"synthetic.growth", OURO_REAL, 0, AT(synthetic.growth), -10, 10, "0", NULL, "",
     "Exponent p of the sample size: fit t >= 2 gets round(points * t^p) synthetic points. Under "
     "replace the variance survives for p > 1 and is lost for p <= 1."},
    {"synthetic.temperature", OURO_REAL, OURO_ABOVE, AT(synthetic.temperature), 0, 1e6, "1", NULL, "",
     "Synthetic points are drawn from p^(1/temperature), normalised: below 1 the likely is drawn more often than the "
     "model "
     "says, on a Gaussian with temperature times its variance (the sampling bias lambda of Alemohammad et al. "
     "2023). Quality is bought with variety."},
    {"memory.real", OURO_WINDOW, 0, AT(memory.real), 1, 4294967295.0, "\"none\"", NULL, "generations",
     "How long earlier real batches stay in the pool: none, all, or a number of generations. The retention of the real "
     "corpus (Seddik et al. 2024)."},
    {"memory.synthetic", OURO_WINDOW, 0, AT(memory.synthetic), 1, 4294967295.0, "\"none\"", NULL, "generations",
     "How long earlier synthetic batches stay in the pool: none, all, or a number of generations. all is what "
     "separates "
     "accumulate from augment (Gerstgrasser et al. 2024)."},
    {"memory.until", OURO_COUNT, OURO_NULLABLE, AT(memory.until), 1, 4294967295.0, "null", NULL, "generation",
     "Last fit that remembers earlier batches; later ones see what is drawn for them alone, as if accumulate became "
     "replace. null: no end."},
    {"budget", OURO_COUNT, OURO_NULLABLE | OURO_FOLLOWS, AT(budget), 1, OURO_COUNT_MAX, "null", NULL, "points",
     "Fit on that many points drawn uniformly without replacement from the pool; null: on the whole pool. A "
     "fixed amount of compute (Kazdan et al. 2024)."},
    {"anchor.points", OURO_COUNT, OURO_FOLLOWS | OURO_BUDGETABLE, AT(anchor.points), 0, OURO_COUNT_MAX, "0", NULL,
     "points",
     "Real points injected in an injection generation, on top of the synthetic ones; budget: "
     "round(anchor.budget_per_generation * anchor.every), so that every cadence costs the same."},
    {"anchor.budget_per_generation", OURO_REAL, OURO_ABOVE, AT(anchor.budget_per_generation), 0, 1e12, "1", NULL,
     "points per generation",
     "Real points that can be paid for, on average over generations; used where anchor.points is budget. To compare "
     "cadences fairly, sweep anchor.every beside it."},
    {"anchor.every", OURO_COUNT, 0, AT(anchor.every), 1, 4294967295.0, "1", NULL, "generations",
     "Cadence: generations from one injection to the next. In between, the model lives on its own output."},
    {"anchor.first", OURO_COUNT, 0, AT(anchor.first), 2, 4294967295.0, "2", NULL, "generation",
     "The first injection generation."},
    {"anchor.last", OURO_COUNT, OURO_NULLABLE, AT(anchor.last), 2, 4294967295.0, "null", NULL, "generation",
     "The last generation that may inject; null: no end."},
    {"anchor.source", OURO_CHOICE, 0, AT(anchor.source), 0, 0, "\"fresh\"", sources, "",
     "fresh: new real points each time; fixed: one set reused; stale: a set collected anew every `refresh` "
     "generations. Only new real points can correct the sampling error of the first "
     "ones (Alemohammad et al. 2023)."},
    {"anchor.refresh", OURO_COUNT, 0, AT(anchor.refresh), 1, 4294967295.0, "10", NULL, "generations",
     "Age at which a stale anchor set is collected anew; used by source stale alone."},
    {"anchor.growth", OURO_REAL, 0, AT(anchor.growth), -10, 10, "0", NULL, "",
     "Exponent p of the number of real points: round(anchor.points * t^p), at least one, are injected in generation "
     "t."},
    {"anchor.exhausted", OURO_CHOICE, 0, AT(anchor.exhausted), 0, 0, "\"stop\"", exhausted, "",
     "Where the truth is observed and the reserve no longer holds a whole new anchor set. stop: the config is refused; "
     "reuse: the reserve is put back, shuffled and drawn from anew; none: injections end, and an anchor set that was "
     "due "
     "for renewal is not used any longer. The ledger notes the event."},
    {"weights.real", OURO_REAL, OURO_ABOVE, AT(weights.real), 0, 1e6, "1", NULL, "",
     "Weight of a real point in the fit. Only the ratio to weights.synthetic matters."},
    {"weights.synthetic", OURO_REAL, OURO_ABOVE, AT(weights.synthetic), 0, 1e6, "1", NULL, "",
     "Weight of a synthetic point in the fit."},
    {"weights.real_share", OURO_REAL, OURO_NULLABLE | OURO_ABOVE | OURO_BELOW | OURO_OPTIMISABLE,
     AT(weights.real_share), 0, 1, "null", NULL, "",
     "Share of the total weight that the real part gets where both origins are present; optimal: the Kalman gain, from "
     "the "
     "sizes alone, for fits that see fresh points and the latest synthetic batch; null: not used "
     "(He, Xu, Cheng 2025)."},
    {"labels", OURO_CHOICE, 0, AT(labels), 0, 0, "\"kept\"", labels, "",
     "flattened: the fit cannot tell real points from synthetic ones, and every point weighs the same. The difference "
     "to kept is the price of lost provenance."},
    {"rollback.at", OURO_COUNT, OURO_NULLABLE, AT(rollback.at), 2, 4294967295.0, "null", NULL, "generation",
     "The fit at which the loop goes back to an earlier checkpoint: its synthetic points come from model rollback.to, "
     "and "
     "synthetic points that later models drew before it are trained on no more. Real points stay. null: never."},
    {"rollback.to", OURO_COUNT, OURO_NULLABLE, AT(rollback.to), 1, 4294967294.0, "null", NULL, "generation",
     "The model that a rollback goes back to; older than the fit rollback.at. null: there is no rollback."},
    {"flagged.origin", OURO_CHOICE, 0, AT(flagged.origin), 0, 0, "\"synthetic\"", origins, "",
     "Which batches flagged.first to flagged.last mark. A flag stands for what is found out about data afterwards: "
     "poisoned, "
     "unlicensed, unverified. By itself it changes no fit; it is followed through every model trained on it (taint)."},
    {"flagged.first", OURO_COUNT, OURO_NULLABLE, AT(flagged.first), 1, 4294967295.0, "null", NULL, "generation",
     "The first generation whose batch of that origin is flagged; null: nothing is flagged."},
    {"flagged.last", OURO_COUNT, OURO_NULLABLE, AT(flagged.last), 1, 4294967295.0, "null", NULL, "generation",
     "The last generation whose batch is flagged; null: the first one alone."},
    {"flagged.recall", OURO_COUNT, OURO_NULLABLE, AT(flagged.recall), 2, 4294967295.0, "null", NULL, "generation",
     "From this fit on flagged batches are trained on no more. What was drawn by models that had been trained on them "
     "stays: "
     "a recall takes back data, not what was learnt from them; for that see rollback. null: never."},
};
#undef AT

const ouro_table ouro_policy_fields = {sizeof rows / sizeof rows[0], rows};

const ouro_preset ouro_presets[] = {
    {"replace",
     "Each fit sees only the latest synthetic batch.",
     "A model trained on nothing but the output of the one before it: the worst case, and the one that is meant when "
     "collapse is said to be certain.",
     "The mean variance falls by the factor 1 - 1/n in every generation of n points and goes to zero; the mean wanders "
     "off "
     "by as much as it loses. The tails go first.",
     "Shumailov et al. 2024, AI models collapse when trained on recursively generated data",
     {{"memory.real", "\"none\""}, {"memory.synthetic", "\"none\""}}},
    {"accumulate",
     "Each fit sees everything ever drawn, the first real batch included.",
     "A corpus that only grows, with synthetic text beside the old: nothing is thrown away and no new real data come "
     "in.",
     "The error stays bounded: with batches of equal size the squared drift of the mean ends at pi^2/6 of that of the "
     "first "
     "fit. Needs storage and compute that grow with time.",
     "Gerstgrasser et al. 2024, Is model collapse inevitable?",
     {{"memory.real", "\"all\""}, {"memory.synthetic", "\"all\""}}},
    {"accumulate-subsample",
     "The pool keeps everything; each fit sees a uniform subset of it, as large as one batch.",
     "A growing corpus under a fixed compute budget, sampled without asking where a document came from.",
     "Between the two before it: the squared drift settles at pi^2/2 - 2, about 2.93, times that of the first fit, "
     "where "
     "accumulate has 1.64 and replace no bound.",
     "Kazdan et al. 2024, Collapse or thrive?",
     {{"memory.real", "\"all\""}, {"memory.synthetic", "\"all\""}, {"budget", "\"synthetic.points\""}}},
    {"augment",
     "Each fit sees the fixed first real batch and the latest synthetic batch.",
     "One curated real set that is kept for good and topped up with the output of the current model.",
     "No collapse to a point, but the errors of the one real set are never corrected: it delays what fresh data would "
     "prevent.",
     "Alemohammad et al. 2023, Self-consuming generative models go MAD (synthetic augmentation loop); Seddik et al. "
     "2024",
     {{"memory.real", "\"all\""}, {"memory.synthetic", "\"none\""}}},
    {"fresh",
     "Each fit sees the latest synthetic batch and new real points.",
     "Real data keep being collected, by people or instruments, and are mixed into every training set.",
     "Stays bounded. For a Gaussian one new real point per generation is enough to keep two thirds of the variance, "
     "however "
     "large the synthetic batch is.",
     "Alemohammad et al. 2023 (fresh data loop); Jangjoo et al. 2025 (one true point per generation)",
     {{"memory.real", "\"none\""}, {"memory.synthetic", "\"none\""}, {"anchor.points", "1"}}},
    {"weighted",
     "Fresh real points, as many as synthetic ones, with the golden share of the weight on the real part.",
     "Origins are known (labels, watermarks), and training weighs real points more than synthetic ones.",
     "For equal numbers the share 0.618 makes the long-run error of the mean least: 0.618 of that of the real points "
     "alone, "
     "against 0.667 with equal weights. Knowing origins is what pays for it.",
     "He, Xu, Cheng 2025, Golden ratio weighting prevents model collapse",
     {{"memory.real", "\"none\""},
      {"memory.synthetic", "\"none\""},
      {"anchor.points", "\"synthetic.points\""},
      {"weights.real_share", "0.6180339887498949"}}},
};
const size_t ouro_presets_len = sizeof ouro_presets / sizeof ouro_presets[0];

const ouro_preset *ouro_preset_find(const char *name) {
    for (size_t i = 0; i < ouro_presets_len; i++)
        if (!strcmp(ouro_presets[i].name, name)) return &ouro_presets[i];
    return NULL;
}
