/* verdicts.c: eight senses of "model collapse" (Schaeffer et al. 2025), each put as one question to the replicates of a point. */
#include "ouro/verdict.h"
#include "engine.h"
#include <math.h>
#include <string.h>

const char *const ouro_ruling_names[3] = {"false", "true", "undecided"};

ouro_verdict ouro_undecided(const char *column, const char *why) {
    return (ouro_verdict){OURO_UNDECIDED, column, NAN, NAN, NAN, why};
}

size_t ouro_find_column(const ouro_results *r, const char *const *names) {
    const ouro_experiment *x = r->experiment;
    size_t found = SIZE_MAX;
    for (; *names && found == SIZE_MAX; names++)
        for (size_t m = 0; m < x->columns_len; m++) {
            const ouro_column *c = &x->columns[m];
            if (c->against != OURO_NOW || strcmp(c->measure->columns[c->index].name, *names)) continue;
            const int rarer = c->measure->per_tail && found != SIZE_MAX &&
                              x->setting.tails[c->tail].alpha < x->setting.tails[x->columns[found].tail].alpha;
            if (found == SIZE_MAX || rarer) found = m;
        }
    return found;
}

/* The observed generation nearest to `share` of the way; SIZE_MAX: none within a tenth of it. */
static size_t observed_at(const ouro_results *r, double share) {
    const uint32_t *t = r->experiment->observed;
    const double wanted = share > 0 ? share * t[r->generations - 1] : 1;
    size_t best = 0;
    for (size_t g = 1; g < r->generations; g++)
        if (fabs(t[g] - wanted) < fabs(t[best] - wanted)) best = g;
    return fabs(t[best] - wanted) <= (share > 0 ? fmax(0.5, 0.1 * wanted) : 0) ? best : SIZE_MAX;
}

static double at(const ouro_results *r, size_t i, size_t g, size_t m) { return ouro_results_row(r, i, g)[m]; }

ouro_verdict ouro_rule(const char *column, double number, double error, double threshold, const char *test) {
    ouro_verdict v = {OURO_UNDECIDED, column, number, error, threshold, test};
    if (number - error > threshold) v.ruling = OURO_TRUE;
    if (number + error < threshold) v.ruling = OURO_FALSE;
    return v;
}

/* Of x[n], whether more than half of the values lie above the threshold: a share with its binomial error. */
static ouro_verdict most_above(const char *column, size_t n, const double *x, double threshold, const char *test) {
    double above = 0, ties = 0;
    for (size_t i = 0; i < n; i++) {
        above += x[i] > threshold;
        ties += x[i] == threshold;
    }
    const double share = (above + ties / 2) / (double)n;
    return ouro_rule(column, share, OURO_Z99 * 0.5 / sqrt((double)n), 0.5, test);
}

/* Whether x[n] is above 0: its mean, unless a few values decide that or some are infinite; then the share above. */
static ouro_verdict above_zero(const char *column, size_t n, const double *x, const char *mean, const char *share) {
    double sum = 0, squares = 0, fourths = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        squares += (x[i] - sum) * (x[i] - sum);
        fourths += pow(x[i] - sum, 4);
    }
    const ouro_summary s = {.n = n, .carriers = squares * squares / fourths};
    if (!isfinite(sum) || !isfinite(fourths) || ouro_summary_is_heavy(&s)) return most_above(column, n, x, 0, share);
    return ouro_rule(column, sum, OURO_Z99 * sqrt(squares / ((double)n - 1) / (double)n), 0, mean);
}

/* inf - inf is no change. */
static double difference(double a, double b) { return a == b ? 0 : a - b; }

static const char *const risks[] = {"kl_truth_model", "nll_real", "test_error", "kl_rate", NULL};
static const char *name_of(const ouro_results *r, size_t m) { return r->experiment->columns[m].name; }

static ouro_verdict catastrophic(const ouro_results *r, double *x) {
    static const char *const divergence[] = {"kl_truth_model", NULL};
    const ouro_truth *t = r->experiment->setting.truth;
    const size_t m = ouro_find_column(r, divergence), last = r->generations - 1;
    double floor = log(10) - 0.495;
    if (m == SIZE_MAX) return ouro_undecided(NULL, "kl_truth_model is not observed");
    if (t->domain.kind == OURO_CATEGORIES) {
        floor = log((double)t->domain.categories) - t->family.type->entropy(&t->family, t->theta);
        if (!(floor > 1e-9)) return ouro_undecided(name_of(r, m), "the truth is itself the model that knows nothing");
    }
    for (size_t i = 0; i < r->replicates; i++) x[i] = difference(at(r, i, last, m), floor);
    ouro_verdict v = most_above(name_of(r, m), r->replicates, x, 0,
                                t->domain.kind == OURO_CATEGORIES
                                    ? "share of replicates worse than the uniform law over the categories"
                                    : "share of replicates worse than a normal ten times as wide as the truth");
    return v;
}

static ouro_verdict any_increase(const ouro_results *r, double *x) {
    const size_t m = ouro_find_column(r, risks), first = observed_at(r, 0), last = r->generations - 1;
    if (m == SIZE_MAX) return ouro_undecided(NULL, "no risk is observed: ask for divergences or scores");
    if (first == SIZE_MAX || !last)
        return ouro_undecided(name_of(r, m), "observe the first generation and a later one");
    for (size_t i = 0; i < r->replicates; i++) x[i] = difference(at(r, i, last, m), at(r, i, first, m));
    return above_zero(name_of(r, m), r->replicates, x, "mean change of the risk since t = 1",
                      "share of replicates whose risk has risen since t = 1");
}

/* Growth without end: what is added while t doubles does not get smaller. d_1 from T/4 to T/2, d_2 from there to T: a logarithm has
 * d_2 = d_1, what settles like 1/t d_2 = d_1 / 2; the threshold lies between. */
static ouro_verdict grows(const ouro_results *r, size_t m, double sign, int logarithm, double *x) {
    const size_t n = r->replicates, quarter = observed_at(r, 0.25), half = observed_at(r, 0.5),
                 last = r->generations - 1;
    if (quarter == SIZE_MAX || half == SIZE_MAX || quarter == half || half == last)
        return ouro_undecided(name_of(r, m), "observe a quarter and half of the generations too");
    double *bend = x + n;
    for (size_t i = 0; i < n; i++) {
        double v[3] = {at(r, i, quarter, m), at(r, i, half, m), at(r, i, last, m)};
        for (int k = 0; k < 3; k++) v[k] = sign * (logarithm ? log(v[k]) : v[k]);
        x[i] = difference(v[2], v[1]);
        bend[i] = v[2] == INFINITY ? INFINITY : x[i] - 0.75 * difference(v[1], v[0]);
    }
    ouro_verdict rising = above_zero(name_of(r, m), n, x, "mean change over the last half of the generations",
                                     "share of replicates that go on over the last half of the generations");
    if (rising.ruling != OURO_TRUE) {
        rising.ruling = OURO_FALSE;
        return rising;
    }
    return above_zero(name_of(r, m), n, bend,
                      "mean change over the last doubling of t, less 3/4 of that over the one before",
                      "share of replicates whose last doubling of t adds more than 3/4 of the one before");
}

static ouro_verdict diverging(const ouro_results *r, double *x) {
    const size_t m = ouro_find_column(r, risks);
    return m == SIZE_MAX ? ouro_undecided(NULL, "no risk is observed: ask for divergences or scores")
                         : grows(r, m, 1, 0, x);
}

static ouro_verdict shrinking(const ouro_results *r, double *x) {
    static const char *const logs[] = {"log_variance", NULL}, *const plain[] = {"heterozygosity", "variance_ratio",
                                                                                NULL};
    size_t m = ouro_find_column(r, logs);
    if (m != SIZE_MAX) return grows(r, m, -1, 0, x);
    m = ouro_find_column(r, plain);
    return m == SIZE_MAX ? ouro_undecided(NULL, "no variance is observed: ask for moments") : grows(r, m, -1, 1, x);
}

/* Whether in most replicates the column ends below (sign -1) or above (1) the threshold. */
static ouro_verdict most_end(const ouro_results *r, const char *const *names, double sign, double threshold, double *x,
                             const char *missing, const char *test) {
    const size_t m = ouro_find_column(r, names), last = r->generations - 1;
    if (m == SIZE_MAX) return ouro_undecided(NULL, missing);
    for (size_t i = 0; i < r->replicates; i++) x[i] = sign * at(r, i, last, m);
    return most_above(name_of(r, m), r->replicates, x, sign * threshold, test);
}

static ouro_verdict modes_lost(const ouro_results *r, double *x) {
    static const char *const names[] = {"modes_alive", NULL};
    const size_t m = ouro_find_column(r, names);
    double truth[64];
    if (m == SIZE_MAX || r->columns > 64)
        return ouro_undecided(NULL, "the modes of the truth are not counted: ask for modes");
    if (ouro_experiment_truth_row(r->experiment, truth)) return ouro_undecided(name_of(r, m), "out of memory");
    return most_end(r, names, -1, truth[m] - 0.5, x, "", "share of replicates that have lost a mode of the truth");
}

static ouro_verdict tail_lost(const ouro_results *r, double *x) {
    static const char *const alive[] = {"tail_alive", NULL}, *const ratio[] = {"tail_ratio", NULL};
    if (ouro_find_column(r, alive) != SIZE_MAX)
        return most_end(r, alive, -1, 0.1, x, "",
                        "share of replicates with less than a tenth of the rarest categories alive");
    return most_end(r, ratio, -1, 0.1, x, "no tail is observed: ask for tails",
                    "share of replicates with less than a tenth of the truth's mass in its rarest tail");
}

static ouro_verdict hallucinated(const ouro_results *r, double *x) {
    static const char *const ratio[] = {"tail_ratio", NULL};
    return most_end(r, ratio, 1, 10, x, "no tail is observed: ask for tails",
                    "share of replicates with more than ten times the truth's mass where the truth has least density");
}

#define RISKS "kl_truth_model, nll_real, test_error, kl_rate"
#define RISES "0; 1/2 for the share of replicates that stands in for a mean that is heavy-tailed or infinite"
#define GROWTH                                                                                                         \
    "mean change over the last doubling of t, less 3/4 of that over the one before; false as well where the change "   \
    "over "                                                                                                            \
    "the last half of the generations is not above 0 by more than its error"

const ouro_definition ouro_definitions[OURO_DEFINITIONS] = {
    {"catastrophic-risk", "The risk on real data ends above that of a model that knows nothing.", "kl_truth_model",
     "share of replicates that end worse than the uniform law over the categories, elsewhere than a normal ten times "
     "as "
     "wide as the truth",
     "1/2", catastrophic},
    {"any-increase-of-risk", "The risk on real data has risen since the fit to real data alone.", RISKS,
     "mean change since t = 1", RISES, any_increase},
    {"diverging-risk", "The risk on real data rises without a bound.", RISKS, GROWTH, RISES, diverging},
    {"changed-scaling-law", "Error falls with the number of points at another rate than at t = 1.",
     "drift_sq, test_error, kl_model_truth",
     "over three or more points that differ in their number of points alone: how far the slope of the logarithm of the "
     "mean error (where a mean is heavy-tailed, of the medians) on that of policy.initial ends from that at t = 1",
     "0.1", NULL},
    {"collapsing-variance", "The logarithm of the model's variance falls without a bound.",
     "log_variance, heterozygosity, variance_ratio", "of minus the logarithm, " GROWTH, RISES, shrinking},
    {"lost-modes", "A mode of the truth has disappeared.", "modes_alive",
     "share of replicates that end with fewer modes than the truth has", "1/2", modes_lost},
    {"lost-tail", "The truth's rarest tail has all but disappeared.", "tail_alive, tail_ratio",
     "share of replicates that end with less than a tenth of the rarest categories alive, elsewhere of the truth's "
     "mass "
     "in its rarest tail",
     "1/2", tail_lost},
    {"hallucinated-data", "The model has much mass where the truth has next to none.", "tail_ratio",
     "share of replicates that end with more than ten times the truth's mass in its rarest tail", "1/2", hallucinated},
};
const char ouro_definitions_reference[] = "Schaeffer et al. 2025, \"Position: Model collapse does not mean what you "
                                          "think\", arXiv:2503.03150: the senses; their tests are this program's";

const ouro_definition *ouro_definition_find(const char *name) {
    for (size_t i = 0; i < OURO_DEFINITIONS; i++)
        if (!strcmp(ouro_definitions[i].name, name)) return &ouro_definitions[i];
    return NULL;
}

ouro_verdict ouro_judge(const ouro_definition *d, const ouro_results *r, double *scratch) {
    if (!d->judge) return ouro_undecided(NULL, "one point has one number of points");
    ouro_verdict v = d->judge(r, scratch);
    if (v.ruling == OURO_UNDECIDED && isnan(v.number)) v.error = v.threshold = NAN;
    return v;
}
