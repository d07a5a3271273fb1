/* events_file.c: events.csv, survival.csv and passages.csv, in the order of points and of events. */
#include "output_files.h"
#include "ouro/mem.h"
#include "ouro/survival.h"
#include <math.h>
#include <stdlib.h>

const char *const ouro_events_columns[OURO_EVENTS_COLUMNS] = {
    "point",      "event",  "measure", "comparison", "threshold",    "relative_to",
    "resolution", "last",   "n",       "events",     "censored",     "q05",
    "q25",        "median", "q75",     "q95",        "median_lower", "median_upper"};
const char *const ouro_survival_columns[OURO_SURVIVAL_COLUMNS] = {
    "point", "event", "generation", "at_risk", "events", "survival", "se", "lower", "upper"};
const char *const ouro_passages_columns[OURO_PASSAGES_COLUMNS] = {"point", "replicate", "event", "generation"};

static int write_event(const ouro_sink_type *sink, void *to, size_t point, const ouro_event *v,
                       const ouro_survival *s) {
    ouro_cell cells[OURO_EVENTS_COLUMNS], *c = cells;
    *c++ = OURO_INTEGER_CELL(point);
    *c++ = OURO_STRING_CELL(v->name);
    *c++ = OURO_STRING_CELL(v->column.name);
    *c++ = OURO_STRING_CELL(isnan(v->rule->below) ? "above" : "below");
    *c++ = OURO_NUMBER_CELL(v->threshold);
    *c++ = OURO_STRING_CELL(ouro_relative_words[v->rule->relative_to]);
    *c++ = v->every ? OURO_INTEGER_CELL(v->every) : OURO_STRING_CELL("observed");
    *c++ = OURO_INTEGER_CELL(v->last);
    *c++ = OURO_INTEGER_CELL(s->n);
    *c++ = OURO_INTEGER_CELL(s->events);
    *c++ = OURO_INTEGER_CELL(s->n - s->events);
    for (int q = 0; q < OURO_SUMMARY_QUANTILES; q++) *c++ = OURO_NUMBER_CELL(s->quantile[q]);
    *c++ = OURO_NUMBER_CELL(s->median_lower);
    *c++ = OURO_NUMBER_CELL(s->median_upper);
    return sink->row(to, cells);
}

static int write_steps(const ouro_sink_type *sink, void *to, size_t point, const ouro_event *v, size_t len,
                       const ouro_survival_step *step) {
    int ret = OURO_OK;
    for (size_t i = 0; i < len && !ret; i++) {
        const ouro_cell cells[OURO_SURVIVAL_COLUMNS] = {
            OURO_INTEGER_CELL(point),           OURO_STRING_CELL(v->name),         OURO_INTEGER_CELL(step[i].time),
            OURO_INTEGER_CELL(step[i].at_risk), OURO_INTEGER_CELL(step[i].events), OURO_NUMBER_CELL(step[i].survival),
            OURO_NUMBER_CELL(step[i].se),       OURO_NUMBER_CELL(step[i].lower),   OURO_NUMBER_CELL(step[i].upper)};
        ret = sink->row(to, cells);
    }
    return ret;
}

static int write_passages(const ouro_sink_type *sink, void *to, size_t point, const ouro_results *r) {
    int ret = OURO_OK;
    for (size_t i = 0; i < r->replicates; i++)
        for (size_t k = 0; k < r->events && !ret; k++) {
            const uint32_t t = r->passage[i * r->events + k];
            const ouro_cell cells[OURO_PASSAGES_COLUMNS] = {
                OURO_INTEGER_CELL(point), OURO_INTEGER_CELL(ouro_results_replicate(r, i)),
                OURO_STRING_CELL(r->experiment->events[k].name),
                t ? OURO_INTEGER_CELL(t) : (ouro_cell){OURO_CELL_EMPTY, {0}}};
            ret = sink->row(to, cells);
        }
    return ret;
}

int ouro_events_write(const ouro_sink_type *sink, void *const to[3], size_t point, const ouro_results *r) {
    const ouro_experiment *x = r->experiment;
    int ret = OURO_OK;
    ouro_lifetime *life = ouro_alloc(r->replicates, sizeof *life);
    ouro_survival_step *step = ouro_alloc(r->replicates, sizeof *step);
    if (!life || !step) ret = OURO_ENOMEM;
    for (size_t k = 0; k < r->events && !ret; k++) {
        const ouro_event *v = &x->events[k];
        ouro_survival s;
        ouro_survive_event(r, k, life, step, &s);
        OURO_TRY(write_event(sink, to[0], point, v, &s));
        OURO_TRY(write_steps(sink, to[1], point, v, s.len, step));
    }
    if (!ret && to[2] && x->config->observe.rows == OURO_ROWS_ALL) ret = write_passages(sink, to[2], point, r);
out:
    ouro_free(life);
    ouro_free(step);
    return ret;
}
