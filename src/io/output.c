/* output.c: the tables of a run, point by point, and the directory around them. */
#include "ouro/output.h"
#include "ouro/mem.h"
#include "ouro/registry.h"
#include "output_files.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const ouro_sink_type *table(void) { return ouro_sink_find("csv"); }

/* The columns of all points, each once. */
static int unite_columns(ouro_output *o) {
    const ouro_study *s = o->study;
    size_t most = 0;
    for (size_t p = 0; p < s->points; p++) most += s->experiment[p].columns_len;
    if (!(o->columns = ouro_arena_alloc(&o->keep, most, sizeof *o->columns))) return OURO_ENOMEM;
    for (size_t p = 0; p < s->points; p++)
        for (size_t i = 0; i < s->experiment[p].columns_len; i++) {
            const char *name = s->experiment[p].columns[i].name;
            size_t j = 0;
            while (j < o->columns_len && strcmp(o->columns[j], name)) j++;
            if (j == o->columns_len) o->columns[o->columns_len++] = name;
        }
    return OURO_OK;
}

static const char *const names_of[OURO_TABLES] = {
    [OURO_TRAJECTORIES] = "trajectories", [OURO_SUMMARY] = "summary",  [OURO_THEORY] = "theory",
    [OURO_VERDICTS] = "verdicts",         [OURO_POINTS] = "points",    [OURO_EVENT_TIMES] = "events",
    [OURO_SURVIVAL] = "survival",         [OURO_PASSAGES] = "passages"};

static int open_table(ouro_output *o, int which, size_t len, const char *const *columns, ouro_error *e) {
    char path[1100];
    snprintf(path, sizeof path, "%s/%s%s", o->temporary, names_of[which], table()->suffix);
    return table()->open(&o->sink[which], path, len, columns, e);
}

/* Closes all tables; the first failure is told. */
static int close_tables(ouro_output *o, ouro_error *e) {
    int ret = OURO_OK;
    for (int i = 0; i < OURO_TABLES; i++) {
        const int failed = o->sink[i] ? table()->close(o->sink[i], e) : OURO_OK;
        o->sink[i] = NULL;
        if (!ret) ret = failed;
    }
    return ret;
}

static const char *const summary_columns[] = {"point",  "generation",    "measure",  "n",      "mean",      "se",
                                              "q05",    "q25",           "median",   "q75",    "q95",       "theory",
                                              "z",      "theory_source", "q05_se",   "q25_se", "median_se", "q75_se",
                                              "q95_se", "carriers",      "skewness", "note"};
static const char *const theory_columns[] = {"point",  "generation", "measure", "law", "statistic", "standing",
                                             "theory", "observed",   "se",      "z",   "source"};
static const char *const verdict_columns[] = {"point",  "definition", "verdict",   "measure",
                                              "number", "error",      "threshold", "test"};
enum {
    VERDICT_COLUMNS = sizeof verdict_columns / sizeof verdict_columns[0],
    SUMMARY_COLUMNS = sizeof summary_columns / sizeof summary_columns[0],
    THEORY_COLUMNS = sizeof theory_columns / sizeof theory_columns[0],
    KEY_COLUMNS = 4
};
static const char *const key_columns[KEY_COLUMNS] = {"point", "replicate", "generation", "status"};

/* Where some point has events, and for passages also rows. */
static int open_events(ouro_output *o, int rows, ouro_error *e) {
    int ret = OURO_OK;
    size_t events = 0;
    for (size_t p = 0; p < o->study->points; p++) events += o->study->experiment[p].events_len;
    if (!events) return OURO_OK;
    OURO_TRY(open_table(o, OURO_EVENT_TIMES, OURO_EVENTS_COLUMNS, ouro_events_columns, e));
    OURO_TRY(open_table(o, OURO_SURVIVAL, OURO_SURVIVAL_COLUMNS, ouro_survival_columns, e));
    if (rows) ret = open_table(o, OURO_PASSAGES, OURO_PASSAGES_COLUMNS, ouro_passages_columns, e);
out:
    return ret;
}

static int open_tables(ouro_output *o, ouro_error *e) {
    const ouro_study *s = o->study;
    int ret, rows = 0;
    size_t most = KEY_COLUMNS + s->axes + o->columns_len + SUMMARY_COLUMNS + THEORY_COLUMNS;
    const char **names = ouro_arena_alloc(&o->keep, most, sizeof *names);
    o->cells = ouro_arena_alloc(&o->keep, most, sizeof(ouro_cell));
    if (!names || !o->cells) return ouro_fail(e, OURO_ENOMEM, "output", "out of memory");
    for (size_t p = 0; p < s->points; p++) rows |= s->config[p].observe.rows == OURO_ROWS_ALL;
    memcpy(names, key_columns, sizeof key_columns);
    memcpy(names + KEY_COLUMNS, o->columns, o->columns_len * sizeof *names);
    if (rows) OURO_TRY(open_table(o, OURO_TRAJECTORIES, KEY_COLUMNS + o->columns_len, names, e));
    OURO_TRY(open_table(o, OURO_SUMMARY, SUMMARY_COLUMNS, summary_columns, e));
    OURO_TRY(open_table(o, OURO_THEORY, THEORY_COLUMNS, theory_columns, e));
    OURO_TRY(open_table(o, OURO_VERDICTS, VERDICT_COLUMNS, verdict_columns, e));
    OURO_TRY(open_events(o, rows, e));
    names[0] = "point";
    for (size_t a = 0; a < s->axes; a++) names[1 + a] = s->axis[a];
    for (size_t i = 0; i < o->columns_len; i++) {
        names[1 + s->axes + i] = ouro_arena_printf(&o->keep, "truth.%s", o->columns[i]);
        if (!names[1 + s->axes + i]) return ouro_fail(e, OURO_ENOMEM, "output", "out of memory");
    }
    ret = open_table(o, OURO_POINTS, 1 + s->axes + o->columns_len, names, e);
out:
    return ret;
}

/* Room for the scaling law, where the sweep is over numbers of points and nothing else. */
static int prepare_scaling(ouro_output *o) {
    static const char *const numbers[] = {"policy.initial", "policy.synthetic.points"};
    const ouro_study *s = o->study;
    for (size_t a = 0; a < s->axes; a++)
        if (strcmp(s->axis[a], numbers[0]) && strcmp(s->axis[a], numbers[1])) return OURO_OK;
    o->scaling.point = ouro_arena_alloc(&o->keep, s->points, sizeof *o->scaling.point);
    return o->scaling.point ? OURO_OK : OURO_ENOMEM;
}

int ouro_output_open(ouro_output *o, const ouro_study *study, const char *dir, int force, ouro_error *e) {
    int ret = OURO_ENOMEM;
    *o = (ouro_output){.study = study, .force = force};
    const char *to = dir ? dir : ouro_arena_printf(&o->keep, "out/%s", study->name);
    o->precision = ouro_arena_alloc(&o->keep, study->points, sizeof *o->precision);
    if (!to || !o->precision || unite_columns(o) || prepare_scaling(o)) {
        ouro_fail(e, ret, "output", "out of memory");
        goto out;
    }
    OURO_TRY(ouro_rundir_begin(o, to, e));
    ret = open_tables(o, e);
out:
    if (ret) ouro_output_close(o);
    return ret;
}

/* Where each column of a point stands in the united columns. */
static void place_columns(ouro_output *o, const ouro_experiment *x, size_t *place) {
    for (size_t i = 0; i < x->columns_len; i++)
        for (size_t j = 0; j < o->columns_len; j++)
            if (!strcmp(o->columns[j], x->columns[i].name)) place[i] = j;
}

static int write_trajectories(ouro_output *o, size_t point, const ouro_results *r, const size_t *place) {
    ouro_cell *cells = o->cells;
    int ret = OURO_OK;
    for (size_t i = 0; i < KEY_COLUMNS + o->columns_len; i++) cells[i] = (ouro_cell){OURO_CELL_EMPTY, {0}};
    cells[0] = OURO_INTEGER_CELL(point);
    for (size_t i = 0; i < r->replicates; i++)
        for (size_t g = 0; g < r->generations; g++) {
            const double *row = ouro_results_row(r, i, g);
            cells[1] = OURO_INTEGER_CELL(ouro_results_replicate(r, i));
            cells[2] = OURO_INTEGER_CELL(r->experiment->observed[g]);
            cells[3] = OURO_STRING_CELL(r->absorbed[i * r->generations + g] ? "absorbed" : "ok");
            for (size_t m = 0; m < r->columns; m++) cells[KEY_COLUMNS + place[m]] = OURO_NUMBER_CELL(row[m]);
            OURO_TRY(table()->row(o->sink[OURO_TRAJECTORIES], cells));
        }
out:
    return ret;
}

static int write_summary(ouro_output *o, size_t point, const ouro_results *r, const ouro_summary *s) {
    ouro_cell *cells = o->cells;
    char source[256];
    int ret = OURO_OK;
    for (size_t g = 0; g < r->generations; g++)
        for (size_t m = 0; m < r->columns; m++) {
            const ouro_summary *c = &s[g * r->columns + m];
            cells[0] = OURO_INTEGER_CELL(point);
            cells[1] = OURO_INTEGER_CELL(r->experiment->observed[g]);
            cells[2] = OURO_STRING_CELL(r->experiment->columns[m].name);
            cells[3] = OURO_INTEGER_CELL(c->n);
            cells[4] = OURO_NUMBER_CELL(c->mean);
            cells[5] = OURO_NUMBER_CELL(c->se);
            for (size_t q = 0; q < OURO_SUMMARY_QUANTILES; q++) cells[6 + q] = OURO_NUMBER_CELL(c->quantile[q]);
            cells[11] = OURO_NUMBER_CELL(c->theory);
            cells[12] = OURO_NUMBER_CELL(c->z);
            cells[13] = (ouro_cell){OURO_CELL_EMPTY, {0}};
            if (c->law) {
                snprintf(source, sizeof source, "%s: %s (%s)", ouro_statistic_names[c->claim->statistic],
                         c->law->source, ouro_standing_names[c->claim->standing]);
                cells[13] = OURO_STRING_CELL(source);
            }
            for (size_t q = 0; q < OURO_SUMMARY_QUANTILES; q++) cells[14 + q] = OURO_NUMBER_CELL(c->quantile_se[q]);
            cells[19] = OURO_NUMBER_CELL(c->n ? c->carriers : NAN);
            cells[20] = OURO_NUMBER_CELL(c->skewness);
            cells[21] = OURO_STRING_CELL(ouro_summary_is_heavy(c) ? "heavy tail: read the median" : "");
            OURO_TRY(table()->row(o->sink[OURO_SUMMARY], cells));
        }
out:
    return ret;
}

/* A row of theory.csv, and what all of them come to. */
typedef struct judging {
    ouro_output *o;
    size_t point;
    const ouro_experiment *x;
} judging;

static int write_comparison(void *ctx, const ouro_comparison *c) {
    const judging *j = ctx;
    ouro_cell *cells = j->o->cells;
    ouro_agreement *a = &j->o->agreement;
    const char *measure = j->x->columns[c->column].name;
    cells[0] = OURO_INTEGER_CELL(j->point);
    cells[1] = OURO_INTEGER_CELL(c->generation);
    cells[2] = OURO_STRING_CELL(measure);
    cells[3] = OURO_STRING_CELL(c->law->name);
    cells[4] = OURO_STRING_CELL(ouro_statistic_names[c->claim->statistic]);
    cells[5] = OURO_STRING_CELL(ouro_standing_names[c->claim->standing]);
    cells[6] = OURO_NUMBER_CELL(c->theory);
    cells[7] = OURO_NUMBER_CELL(c->observed);
    cells[8] = OURO_NUMBER_CELL(c->se);
    cells[9] = OURO_NUMBER_CELL(c->z);
    cells[10] = OURO_STRING_CELL(c->law->source);
    if (!isnan(c->z)) {
        a->comparisons++;
        if (!a->law || ouro_comparison_excess(c) > fabs(a->z)) {
            *a = (ouro_agreement){.comparisons = a->comparisons,
                                  .z = c->z,
                                  .point = j->point,
                                  .generation = c->generation,
                                  .law = c->law,
                                  .claim = c->claim};
            snprintf(a->measure, sizeof a->measure, "%s", measure);
        }
    }
    return table()->row(j->o->sink[OURO_THEORY], cells);
}

static int write_verdict(ouro_output *o, ouro_cell point, const ouro_definition *d, ouro_verdict v) {
    ouro_cell *cells = o->cells;
    cells[0] = point;
    cells[1] = OURO_STRING_CELL(d->name);
    cells[2] = OURO_STRING_CELL(ouro_ruling_names[v.ruling]);
    cells[3] = v.column ? OURO_STRING_CELL(v.column) : (ouro_cell){OURO_CELL_EMPTY, {0}};
    cells[4] = OURO_NUMBER_CELL(v.number);
    cells[5] = OURO_NUMBER_CELL(v.error);
    cells[6] = OURO_NUMBER_CELL(v.threshold);
    cells[7] = OURO_STRING_CELL(v.test);
    return table()->row(o->sink[OURO_VERDICTS], cells);
}

static int write_verdicts(ouro_output *o, size_t point, const ouro_results *r) {
    int ret = OURO_OK;
    double *scratch = ouro_alloc(2 * r->replicates, sizeof *scratch);
    if (!scratch) return OURO_ENOMEM;
    for (size_t i = 0; i < OURO_DEFINITIONS && !ret; i++) {
        const ouro_definition *d = &ouro_definitions[i];
        if (d->judge) ret = write_verdict(o, OURO_INTEGER_CELL(point), d, ouro_judge(d, r, scratch));
    }
    if (o->scaling.point) ouro_scaling_add(&o->scaling, r, scratch);
    ouro_free(scratch);
    return ret;
}

/* What is asked of all points at once. */
static int write_study_verdicts(ouro_output *o) {
    int ret = OURO_OK;
    for (size_t i = 0; i < OURO_DEFINITIONS && !ret; i++)
        if (!ouro_definitions[i].judge)
            ret = write_verdict(o, (ouro_cell){OURO_CELL_EMPTY, {0}}, &ouro_definitions[i],
                                ouro_scaling_judge(&o->scaling));
    return ret;
}

static int write_point(ouro_output *o, size_t point, const ouro_experiment *x, const size_t *place,
                       const double *truth) {
    ouro_cell *cells = o->cells;
    const ouro_study *s = o->study;
    size_t at = 0;
    cells[at++] = OURO_INTEGER_CELL(point);
    for (size_t a = 0; a < s->axes; a++) cells[at++] = OURO_STRING_CELL(s->value[point * s->axes + a]);
    for (size_t i = 0; i < o->columns_len; i++) cells[at + i] = (ouro_cell){OURO_CELL_EMPTY, {0}};
    for (size_t m = 0; m < x->columns_len; m++) cells[at + place[m]] = OURO_NUMBER_CELL(truth[m]);
    return table()->row(o->sink[OURO_POINTS], cells);
}

int ouro_output_point(ouro_output *o, size_t point, const ouro_results *r, ouro_error *e) {
    const ouro_experiment *x = r->experiment;
    int ret = OURO_ENOMEM;
    ouro_summary *summary = ouro_alloc(r->generations * r->columns, sizeof *summary);
    size_t *place = ouro_alloc(r->columns, sizeof *place);
    double *truth = ouro_alloc(r->columns, sizeof *truth);
    if (!summary || !place || !truth) {
        ouro_fail(e, ret, "output", "out of memory");
        goto out;
    }
    place_columns(o, x, place);
    if (x->config->run.stop.measure && (ret = ouro_precision_judge(r, &o->precision[point])) != OURO_OK) {
        ouro_fail(e, ret, "output", "out of memory");
        goto out;
    }
    judging j = {o, point, x};
    if ((ret = ouro_summarise(r, summary, write_comparison, &j, e)) != OURO_OK && ret != OURO_ENOMEM) goto closing;
    if (ret) goto out;
    if ((ret = ouro_experiment_truth_row(x, truth)) != OURO_OK) {
        ouro_fail(e, ret, "output", "out of memory for the measures of the truth");
        goto out;
    }
    if (x->config->observe.rows == OURO_ROWS_ALL && o->sink[OURO_TRAJECTORIES])
        ret = write_trajectories(o, point, r, place);
    if (!ret) ret = write_summary(o, point, r, summary);
    if (!ret) ret = write_verdicts(o, point, r);
    if (!ret) ret = write_point(o, point, x, place, truth);
    if (!ret && r->events) ret = ouro_events_write(table(), &o->sink[OURO_EVENT_TIMES], point, r);
closing:
    if (ret) { /* closing says why */
        (void)close_tables(o, e);
        ouro_fail(e, ret, o->temporary, "cannot be written");
    }
out:
    ouro_free(summary);
    ouro_free(place);
    ouro_free(truth);
    return ret;
}

int ouro_output_skip_rows(ouro_output *o, ouro_error *e) {
    void *sink = o->sink[OURO_TRAJECTORIES];
    o->sink[OURO_TRAJECTORIES] = NULL;
    return sink ? table()->close(sink, e) : OURO_OK;
}

int ouro_output_finish(ouro_output *o, ouro_error *e) {
    const int failed = write_study_verdicts(o); /* closing says why */
    const int ret = close_tables(o, e);
    return failed && !ret ? ouro_fail(e, failed, o->temporary, "cannot be written") : ret;
}

int ouro_output_commit(ouro_output *o, int threads, ouro_error *e) {
    char path[1100];
    int ret;
    OURO_TRY(ouro_output_finish(o, e));
    snprintf(path, sizeof path, "%s/ledger.jsonl", o->temporary);
    OURO_TRY(ouro_ledger_write(o->study, path, e));
    OURO_TRY(ouro_samples_write(o->study, o->temporary, e));
    OURO_TRY(ouro_manifest_write(o, threads, e));
    ret = ouro_rundir_commit(o, e);
out:
    return ret;
}

void ouro_output_close(ouro_output *o) {
    (void)close_tables(o, NULL);
    ouro_rundir_abandon(o);
    ouro_arena_free(&o->keep);
    o->cells = NULL;
}

double ouro_output_estimate(const ouro_study *s) {
    enum {
        NUMBER = 19,
        KEYS = 16,
        SUMMARY_ROW = 400,
        LEDGER_LINE = 900,
        JUMP = 130,
        PASSAGE = 32
    }; /* bytes, measured */
    double bytes = 0;
    for (size_t p = 0; p < s->points; p++) {
        const ouro_experiment *x = &s->experiment[p];
        double cells = (double)x->observed_len * (double)x->columns_len;
        const double replicates = (double)ouro_config_replicates(x->config), events = (double)x->events_len;
        if (x->config->observe.rows == OURO_ROWS_ALL)
            bytes += replicates * ((double)x->observed_len * KEYS + cells * NUMBER + events * PASSAGE);
        bytes += events * fmin(replicates, x->setting.generations) * JUMP; /* a jump for each, at most */
        bytes += cells * SUMMARY_ROW + (double)x->setting.generations * LEDGER_LINE;
    }
    return bytes;
}
