/* provenance.c: where the points of a fit came from. Labels only, hence the same on both paths. */
#include "ouro/measure.h"
#include <math.h>

enum { REAL_SHARE, SYNTHETIC_SHARE, TRAINING_POINTS, MEAN_AGE, ANCHOR_AGE, ANCESTRAL, DEPTH, FLAGGED, TAINT };

static const ouro_column_type columns[] = {
    {"real_share", "", "weight of real points / total weight", "Share of the fit's weight on real points."},
    {"synthetic_share", "", "weight of synthetic points / total weight",
     "Share of the fit's weight on synthetic points."},
    {"training_points", "points", "number of points in the fit", "How many points the fit saw."},
    {"mean_age", "generations", "weighted mean of t - birth", "Mean age of the points in the fit."},
    {"anchor_age", "generations", "t - birth of the youngest anchor in the fit",
     "Age of the anchor; empty without one."},
    {"ancestral_real_share", "",
     "real share + sum over batches of model g of their share * (that of fit g; 0 for g = 1)",
     "Share of the fit's weight whose lineage meets a real point in a fit after the first; the rest goes through "
     "models alone back to the first fit."},
    {"mean_ancestry_depth", "models", "sum over batches of model g of their share * (1 + that of fit g)",
     "Models that stand between a point of the fit and a real point, on average; 0 for real points."},
    {"flagged_share", "", "weight of flagged points / total weight",
     "Share of the fit's weight on points that the policy flags; 0 once they are recalled."},
    {"taint", "", "flagged share + sum over unflagged batches of model g of their share * that of fit g",
     "Share of the fit's weight whose lineage meets a flagged batch, through however many models. Where it stays when "
     "the "
     "flagged share is gone, what was learnt from flagged data lives on."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    if (column == ANCHOR_AGE && s->policy->anchor.points == 0) return "the policy injects no anchor";
    if ((column == FLAGGED || column == TAINT) && s->policy->flagged.first == OURO_UNSET)
        return "the policy flags nothing";
    return NULL;
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)s, (void)tail, (void)wanted;
    const ouro_provenance *p = o->provenance;
    out[REAL_SHARE] = p ? p->real_share : NAN;
    out[SYNTHETIC_SHARE] = p ? p->synthetic_share : NAN;
    out[TRAINING_POINTS] = p ? p->points : NAN;
    out[MEAN_AGE] = p ? p->mean_age : NAN;
    out[ANCHOR_AGE] = p ? p->anchor_age : NAN;
    out[ANCESTRAL] = p ? p->ancestry.real : NAN;
    out[DEPTH] = p ? p->ancestry.depth : NAN;
    out[FLAGGED] = p ? p->flagged_share : NAN;
    out[TAINT] = p ? p->ancestry.taint : NAN;
}

const ouro_measure_type ouro_measure_provenance = {
    .name = "provenance",
    .doc = "Origin and age of what each model was fitted on.",
    .reference = "",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .needs_provenance = 1,
    .missing = missing,
    .measure = measure,
};
