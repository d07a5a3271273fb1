/* precision.c: when a point has replicates enough, by the column that run.stop names. */
#include "ouro/precision.h"
#include "engine.h"
#include "ouro/mem.h"
#include "ouro/registry.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UPPER 0.975 /* a two-sided interval of 95 % ends at this quantile */

const char *const ouro_stop_statistic_names[] = {[OURO_STOP_MEAN] = "mean", [OURO_STOP_MEDIAN] = "median", NULL};

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Half the distance of the order statistics 1.96 binomial standard deviations up and down from the median: for n values 95 %,
 * whatever their law. NaN where the sample does not reach that far. */
static double median_half_width(size_t n, double *x) {
    const double at = 0.5 * ((double)n - 1), off = gsl_cdf_ugaussian_Pinv(UPPER) * 0.5 * sqrt((double)n);
    if (at < off) return NAN;
    qsort(x, n, sizeof *x, ascending);
    const double low = x[(size_t)floor(at - off)], high = x[(size_t)ceil(at + off)];
    return low < high ? (high - low) / 2 : 0;
}

int ouro_precision_judge(const ouro_results *r, ouro_precision *out) {
    const ouro_experiment *x = r->experiment;
    const int median = x->config->run.stop.statistic == OURO_STOP_MEDIAN;
    ouro_summary s;
    double *scratch = ouro_alloc(r->replicates, sizeof *scratch);
    if (!scratch) return OURO_ENOMEM;
    ouro_summarise_cell(r, x->stop_observed, x->stop_column, scratch, &s);
    *out = (ouro_precision){.replicates = r->replicates, .half_width = NAN};
    if (median)
        out->half_width = median_half_width(s.n, scratch);
    else if (s.n > 1)
        out->half_width = gsl_cdf_tdist_Pinv(UPPER, (double)s.n - 1) * s.se;
    ouro_free(scratch);
    out->heavy = !median && ouro_summary_is_heavy(&s);
    out->reached = out->half_width <= x->config->run.stop.half_width && !out->heavy;
    return OURO_OK;
}

uint64_t ouro_precision_checkpoint(const ouro_config *config, uint64_t n) {
    const uint64_t most = ouro_config_replicates(config);
    if (!n) return config->run.replicates;
    return n < most / 2 + most % 2 ? 2 * n : most;
}

int ouro_precision_is_checkpoint(const ouro_config *config, uint64_t n) {
    uint64_t at = ouro_precision_checkpoint(config, 0);
    while (at < n && at < ouro_config_replicates(config)) at = ouro_precision_checkpoint(config, at);
    return at == n;
}

int ouro_precision_next(const ouro_results *r, uint64_t *next) {
    const ouro_config *config = r->experiment->config;
    ouro_precision p;
    int ret;
    *next = ouro_precision_checkpoint(config, r->replicates);
    if (!r->replicates || *next == r->replicates) return OURO_OK;
    if ((ret = ouro_precision_judge(r, &p)) == OURO_OK && p.reached) *next = r->replicates;
    return ret;
}

/* --- from the config ------------------------------------------------------------------------------------------ */

/* Whether some measure has a column of this name, in this setting or another. */
static int is_column(const char *name) {
    const char *own = ouro_past_truth(name);
    for (size_t i = 0; i < ouro_measures_len; i++)
        for (size_t j = 0; j < ouro_measures[i]->len; j++)
            if (!strcmp(ouro_measures[i]->columns[j].name, own)) return 1;
    return ouro_names_tail(own);
}

static void choose_column(ouro_experiment *x, ouro_complaints *c) {
    const char *measure = x->config->run.stop.measure, *names[512];
    char hint[128];
    size_t len = 0;
    for (size_t i = 0; i < x->columns_len; i++) {
        if (!strcmp(x->columns[i].name, measure)) x->stop_column = i;
        if (len < 256) names[len++] = x->columns[i].name;
    }
    if (x->stop_column != SIZE_MAX) return;
    if (is_column(measure)) {
        ouro_complain(c, "run.stop.measure",
                      "\"%s\" is not observed: what is waited for must be a column of the rows; see observe.measures, "
                      "observe.tails and observe.against%s",
                      measure, ouro_suggest(measure, len, names, NULL, sizeof hint, hint));
        return;
    }
    for (size_t i = 0; i < ouro_measures_len; i++)
        for (size_t j = 0; j < ouro_measures[i]->len && len < 512; j++)
            names[len++] = ouro_measures[i]->columns[j].name;
    ouro_complain(c, "run.stop.measure", "\"%s\" is not a column%s", measure,
                  ouro_suggest(measure, len, names, "ouro list measures", sizeof hint, hint));
}

static void choose_generation(ouro_experiment *x, ouro_complaints *c) {
    const uint64_t asked = x->config->run.stop.generation;
    size_t nearest = 0;
    if (!x->observed_len) return; /* complained of */
    x->stop_observed = x->observed_len - 1;
    if (asked == OURO_UNSET) return;
    for (size_t g = 0; g < x->observed_len; g++)
        if (fabs((double)x->observed[g] - (double)asked) < fabs((double)x->observed[nearest] - (double)asked))
            nearest = g;
    x->stop_observed = nearest;
    if (asked > x->setting.generations)
        ouro_complain(c, "run.stop.generation", "generation %llu is never run; run.generations is %u",
                      (unsigned long long)asked, x->setting.generations);
    else if (x->observed[nearest] != asked)
        ouro_complain(c, "run.stop.generation",
                      "generation %llu is not observed; the nearest one that is, is %u, see observe.generations",
                      (unsigned long long)asked, x->observed[nearest]);
}

void ouro_choose_precision(ouro_experiment *x, ouro_complaints *c) {
    const ouro_config *config = x->config;
    const uint64_t most = config->run.stop.max_replicates;
    x->stop_column = x->stop_observed = SIZE_MAX;
    if (!config->run.stop.measure) {
        if (!isnan(config->run.stop.half_width) || most != OURO_UNSET || config->run.stop.generation != OURO_UNSET)
            ouro_complain(c, "run.stop.measure", "is missing; name the column whose interval is waited for");
        return;
    }
    choose_column(x, c);
    choose_generation(x, c);
    if (isnan(config->run.stop.half_width))
        ouro_complain(c, "run.stop.half_width", "is missing; give the half-width of the 95 %% interval to reach");
    if (most == OURO_UNSET)
        ouro_complain(c, "run.stop.max_replicates",
                      "is missing; say how many replicates a point may take if the interval stays wide");
    else if (most < config->run.replicates)
        ouro_complain(c, "run.stop.max_replicates", "%llu are fewer than the %llu that run.replicates begins with",
                      (unsigned long long)most, (unsigned long long)config->run.replicates);
}
