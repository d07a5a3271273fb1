/* croissant_tables.c: the columns of a run's tables, each with its meaning and unit. */
#include "croissant.h"
#include "run_read.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 4096 };

/* Columns that no measure fills. */
static const struct {
    const char *table, *name, *type, *doc;
} known[] = {
    {NULL, "point", "sc:Integer", "Number of the point of the sweep, from 0."},
    {NULL, "replicate", "sc:Integer", "Number of the independent run of the point, from 0."},
    {NULL, "generation", "sc:Integer", "Number of the fit, from 1."},
    {NULL, "status", "sc:Text", "ok, or absorbed when the model can no longer leave its state."},
    {"summary.csv", "measure", "sc:Text", "Name of the column of trajectories.csv that is summarised."},
    {"summary.csv", "n", "sc:Integer", "Replicates in which the measure is defined."},
    {"summary.csv", "mean", "sc:Float", "Mean over replicates."},
    {"summary.csv", "se", "sc:Float", "Standard error of the mean."},
    {"summary.csv", "q05", "sc:Float", "5 % quantile over replicates."},
    {"summary.csv", "q25", "sc:Float", "25 % quantile over replicates."},
    {"summary.csv", "median", "sc:Float", "Median over replicates."},
    {"summary.csv", "q75", "sc:Float", "75 % quantile over replicates."},
    {"summary.csv", "q95", "sc:Float", "95 % quantile over replicates."},
    {"summary.csv", "theory", "sc:Float",
     "Mean, or where none is known median, that a law predicts; empty where none speaks."},
    {"summary.csv", "z", "sc:Float",
     "Observed less predicted, in standard errors, freed of skewness; empty where no honest one exists."},
    {"summary.csv", "theory_source", "sc:Text", "Which statistic the law predicts, the law, and whether it is exact."},
    {"summary.csv", "q05_se", "sc:Float", "Monte-Carlo error of the 5 % quantile."},
    {"summary.csv", "q25_se", "sc:Float", "Monte-Carlo error of the 25 % quantile."},
    {"summary.csv", "median_se", "sc:Float", "Monte-Carlo error of the median."},
    {"summary.csv", "q75_se", "sc:Float", "Monte-Carlo error of the 75 % quantile."},
    {"summary.csv", "q95_se", "sc:Float", "Monte-Carlo error of the 95 % quantile."},
    {"summary.csv", "carriers", "sc:Float",
     "How many replicates carry the standard error: a third of n for a normal sample."},
    {"summary.csv", "skewness", "sc:Float", "Skewness over replicates; z is freed of what it does to a mean."},
    {"summary.csv", "note", "sc:Text", "Says so where a few replicates decide the mean."},
    {"verdicts.csv", "point", "sc:Integer", "Number of the point; empty where all points are asked together."},
    {"verdicts.csv", "definition", "sc:Text", "Sense of collapse that is asked about."},
    {"verdicts.csv", "verdict", "sc:Text", "true, false or undecided."},
    {"verdicts.csv", "measure", "sc:Text", "Name of the column that was looked at."},
    {"verdicts.csv", "number", "sc:Float", "What the verdict rests on."},
    {"verdicts.csv", "error", "sc:Float", "Half-width of its 99 % interval."},
    {"verdicts.csv", "threshold", "sc:Float", "What it is compared with."},
    {"verdicts.csv", "test", "sc:Text", "What the number is, or why nothing can be said."},
    {"theory.csv", "measure", "sc:Text", "Name of the column of trajectories.csv that the law is about."},
    {"theory.csv", "law", "sc:Text", "Name of the law."},
    {"theory.csv", "statistic", "sc:Text", "What of the column's values over replicates it predicts."},
    {"theory.csv", "standing", "sc:Text", "exact, limit, at most or at least."},
    {"theory.csv", "theory", "sc:Float", "The prediction, from the config alone."},
    {"theory.csv", "observed", "sc:Float", "The same statistic of the replicates."},
    {"theory.csv", "se", "sc:Float", "Standard error of what was observed."},
    {"theory.csv", "z", "sc:Float",
     "Observed less predicted, in standard errors, freed of skewness; empty where no honest one exists."},
    {"theory.csv", "source", "sc:Text", "Where the law comes from."},
    {NULL, "event", "sc:Text", "Name of the event, whose time is the generation of its first passage."},
    {"events.csv", "measure", "sc:Text", "The column that is watched."},
    {"events.csv", "comparison", "sc:Text", "Side of the threshold on which the event lies, strictly."},
    {"events.csv", "threshold", "sc:Float", "Value of the column; its multiple of that at t = 1, relative to first."},
    {"events.csv", "relative_to", "sc:Text", "What the threshold was given as a multiple of: nothing, truth, first."},
    {"events.csv", "resolution", "sc:Text", "Watched every so many generations; observed: where rows are written."},
    {"events.csv", "last", "sc:Integer", "Last generation watched, at which replicates are censored."},
    {"events.csv", "n", "sc:Integer", "Replicates."},
    {"events.csv", "events", "sc:Integer", "Replicates in which the event was seen."},
    {"events.csv", "censored", "sc:Integer", "Replicates in which it was not."},
    {"events.csv", "q05", "sc:Integer", "Generation by which 5 % have had it (Kaplan-Meier); empty: not reached."},
    {"events.csv", "q25", "sc:Integer", "Generation by which 25 % have had it; empty: not reached."},
    {"events.csv", "median", "sc:Integer", "Generation by which half have had it; empty: not reached."},
    {"events.csv", "q75", "sc:Integer", "Generation by which 75 % have had it; empty: not reached."},
    {"events.csv", "q95", "sc:Integer", "Generation by which 95 % have had it; empty: not reached."},
    {"events.csv", "median_lower", "sc:Integer", "Lower end of the median's 95 % interval (Brookmeyer-Crowley)."},
    {"events.csv", "median_upper", "sc:Integer", "Upper end of the median's 95 % interval; empty: not reached."},
    {"survival.csv", "at_risk", "sc:Integer", "Replicates without the event just before this generation."},
    {"survival.csv", "events", "sc:Integer", "Replicates that have it in this generation."},
    {"survival.csv", "survival", "sc:Float", "Share without the event after this generation (Kaplan-Meier)."},
    {"survival.csv", "se", "sc:Float", "Its standard error (Greenwood); empty where the share is 0."},
    {"survival.csv", "lower", "sc:Float", "Lower end of its 95 % interval, on the scale log(-log)."},
    {"survival.csv", "upper", "sc:Float", "Upper end of its 95 % interval."},
};

static void put_field(ouro_builder *b, cJSON *fields, const char *file, const char *name, const cJSON *columns) {
    char id[512];
    const char *bare = strncmp(name, "truth.", 6) ? name : name + 6, *type = "sc:Text";
    const char *doc = "Value of the swept field of the config.", *unit = "";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(known[i].name, name) && (!known[i].table || !strcmp(known[i].table, file)))
            type = known[i].type, doc = known[i].doc;
    const cJSON *column = NULL;
    cJSON_ArrayForEach(column, columns) {
        const char *named = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(column, "name"));
        if (!named || strcmp(named, bare)) continue;
        type = "sc:Float";
        doc = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(column, "doc"));
        unit = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(column, "unit"));
    }
    cJSON *field = ouro_build_object(b, fields, NULL);
    snprintf(id, sizeof id, "run:%s/%s", file, name);
    ouro_build_text(b, field, "@type", "cr:Field");
    ouro_build_text(b, field, "@id", id);
    ouro_build_text(b, field, "name", name);
    ouro_build_text(b, field, "description", doc);
    ouro_build_text(b, field, "dataType", type);
    if (unit && *unit) ouro_build_text(b, field, "unitText", unit);
    cJSON *source = ouro_build_object(b, field, "source");
    snprintf(id, sizeof id, "run:%s", file);
    ouro_build_text(b, ouro_build_object(b, source, "fileObject"), "@id", id);
    ouro_build_text(b, ouro_build_object(b, source, "extract"), "column", name);
}

static int put_table(ouro_builder *b, const char *dir, const char *name, const cJSON *columns, cJSON *sets,
                     ouro_error *e) {
    char path[1200], *line = NULL, **cell = NULL;
    size_t cap = 0;
    int ret = OURO_OK;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    if (!file || getline(&line, &cap, file) < 0) {
        ret = ouro_fail(e, OURO_EIO, path, "the header cannot be read: %s", errno ? strerror(errno) : "it is empty");
        goto out;
    }
    if (!(cell = calloc(MOST_COLUMNS, sizeof *cell))) {
        ret = ouro_fail(e, OURO_ENOMEM, path, "out of memory");
        goto out;
    }
    snprintf(path, sizeof path, "run:table/%s", name);
    cJSON *set = ouro_build_object(b, sets, NULL);
    ouro_build_text(b, set, "@type", "cr:RecordSet");
    ouro_build_text(b, set, "@id", path);
    ouro_build_text(b, set, "name", name);
    cJSON *fields = ouro_build_array(b, set, "field");
    size_t len = ouro_table_split(line, MOST_COLUMNS, cell);
    for (size_t i = 0; i < len; i++) put_field(b, fields, name, cell[i], columns);
out:
    if (file) fclose(file);
    free(line);
    free(cell);
    return ret;
}

int ouro_croissant_tables(ouro_builder *b, const char *dir, const cJSON *manifest, cJSON *sets, ouro_error *e) {
    const cJSON *columns = cJSON_GetObjectItemCaseSensitive(manifest, "columns"), *output = NULL;
    cJSON_ArrayForEach(output, cJSON_GetObjectItemCaseSensitive(manifest, "outputs")) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(output, "path"));
        size_t len = name ? strlen(name) : 0;
        if (len < 4 || strcmp(name + len - 4, ".csv")) continue;
        int ret = put_table(b, dir, name, columns, sets, e);
        if (ret) return ret;
    }
    return OURO_OK;
}
