/* config.c: the field table of a config outside policy and family parameters, and complaints about it. */
#include "ouro/experiment.h"
#include "ouro/precision.h"
#include <stdarg.h>
#include <stdio.h>

static const char *const paths[] = {"auto", "statistics", "samples", NULL};
static const char *const designs[] = {"fresh", "fixed", NULL};
static const char *const token_choices[] = {"words", "letters", NULL};
static const char *const punctuations[] = {"drop", "keep", NULL};
static const char *const row_choices[] = {"all", "summary", NULL};

#define AT(member) offsetof(ouro_config, member)
#define UINT32_LAST 4294967295.0
static const ouro_field rows[] = {
    {"name", OURO_NAME, OURO_REQUIRED, AT(name), 0, 0, NULL, NULL, "", "Names the output folder out/NAME."},
    {"description", OURO_TEXT, 0, AT(description), 0, 0, "\"\"", NULL, "", "Free text, shown on pictures."},
    {"truth.family", OURO_TEXT, OURO_NULLABLE, AT(truth.family), 0, 0, "null", NULL, "",
     "Family of a parametric truth; its parameters stand beside it. See `ouro list families`."},
    {"truth.data", OURO_FILE, OURO_NULLABLE, AT(truth.data), 0, 0, "null", NULL, "",
     "CSV file of real observations, instead of a family; relative to the file that names it."},
    {"truth.columns", OURO_TEXTS, OURO_NULLABLE, AT(truth.columns), 0, 0, "null", NULL, "",
     "Columns of numbers to read from the data."},
    {"truth.counts", OURO_TEXT, OURO_NULLABLE, AT(truth.counts), 0, 0, "null", NULL, "",
     "Column of counts: each row of the data is a category seen that often."},
    {"truth.labels", OURO_TEXT, OURO_NULLABLE, AT(truth.labels), 0, 0, "null", NULL, "",
     "Column naming the categories; checked for repeats."},
    {"truth.pairs", OURO_TEXTS, OURO_NULLABLE, AT(truth.pairs), 0, 0, "null", NULL, "",
     "Two columns naming a token and the one that follows it: the counts are those of a text's bigrams."},
    {"truth.text", OURO_FILE, OURO_NULLABLE, AT(truth.text), 0, 0, "null", NULL, "",
     "UTF-8 text whose pairs of successive tokens are the observations, for a bigram model; relative to the file that "
     "names it."},
    {"truth.tokens", OURO_CHOICE, 0, AT(truth.tokens), 0, 0, "\"words\"", token_choices, "",
     "What a token of the text is. words: letters and digits, with apostrophes inside them; letters: single "
     "characters, "
     "a run of white space being one space."},
    {"truth.lowercase", OURO_BOOL, 0, AT(truth.lowercase), 0, 0, "true", NULL, "",
     "Whether capitals are read as small letters: A to Z, and those of Latin-1, Greek and Cyrillic; others stay."},
    {"truth.punctuation", OURO_CHOICE, 0, AT(truth.punctuation), 0, 0, "\"drop\"", punctuations, "",
     "Marks of the text that are neither letter, digit nor white space: left out, or each a token of its own."},
    {"truth.vocabulary", OURO_COUNT, OURO_NULLABLE, AT(truth.vocabulary), 1, UINT32_LAST - 1, "null", NULL, "tokens",
     "Keep so many of the text's most frequent tokens (of equally frequent ones those that appear first) and read all "
     "others as one further token; null: keep all. Counted outside the held-out part."},
    {"truth.held_out", OURO_REAL, OURO_BELOW, AT(truth.held_out), 0, 1, "0.1", NULL, "share of the tokens",
     "End of the text that is kept for perplexity and trained on by nobody."},
    {"truth.reserve", OURO_REAL, OURO_BELOW, AT(truth.reserve), 0, 1, "0", NULL, "share of the observations",
     "Part of the data kept back for anchors; the fit at t = 1 sees the rest."},
    {"truth.design", OURO_CHOICE, 0, AT(truth.design), 0, 0, "\"fresh\"", designs, "",
     "Covariates of a regression: fresh rows for every batch, or fixed, the same rows in every generation."},
    {"model.family", OURO_TEXT, OURO_REQUIRED, AT(model.family), 0, 0, NULL, NULL, "",
     "Family that is refitted; may differ from the truth's. See `ouro list families`."},
    {"model.estimator.type", OURO_TEXT, 0, AT(model.estimator.type), 0, 0, "\"mle\"", NULL, "",
     "How the fit is made. See `ouro list estimators`."},
    {"policy.filters", OURO_SECTIONS, 0, AT(filters), 0, OURO_FILTERS_MOST, "[]", NULL, "",
     "Filters that synthetic rows pass in order before they enter, on the samples path. See `ouro list filters`."},
    {"run.generations", OURO_COUNT, 0, AT(run.generations), 1, UINT32_LAST - 1, "100", NULL, "generations",
     "Number of fits; t = 1 is the fit on real data only."},
    {"run.replicates", OURO_COUNT, 0, AT(run.replicates), 1, UINT32_LAST, "200", NULL, "",
     "Independent runs of every point; the first of them, where run.stop adds more."},
    {"run.stop.measure", OURO_TEXT, OURO_NULLABLE, AT(run.stop.measure), 0, 0, "null", NULL, "",
     "Add replicates until the 95 % interval of this observed column is narrow enough, at each point of a sweep on its "
     "own: after run.replicates, and whenever their number has doubled, the replicates so far decide. null, also for "
     "run.stop as a whole: run.replicates and no more."},
    {"run.stop.half_width", OURO_REAL, OURO_NULLABLE | OURO_ABOVE, AT(run.stop.half_width), 0, HUGE_VAL, "null", NULL,
     "unit of the column",
     "Largest half-width of the interval. Where a few replicates decide a mean (a heavy tail) no interval is narrow "
     "enough."},
    {"run.stop.max_replicates", OURO_COUNT, OURO_NULLABLE, AT(run.stop.max_replicates), 1, UINT32_LAST, "null", NULL,
     "", "Most replicates of a point; with these it ends, reached or not, as the manifest says."},
    {"run.stop.generation", OURO_COUNT, OURO_NULLABLE, AT(run.stop.generation), 1, UINT32_LAST, "null", NULL,
     "generations", "Observed generation at which the column is looked at; null: the last one observed."},
    {"run.stop.statistic", OURO_CHOICE, 0, AT(run.stop.statistic), 0, 0, "\"mean\"", ouro_stop_statistic_names, "",
     "Whose interval it is: mean, by Student's t; median, by the order statistics around it."},
    {"run.seed", OURO_SEED, 0, AT(run.seed), 0, 0, "1", NULL, "",
     "Seed of all random numbers: an integer, or up to 2^64 - 1 as a decimal string."},
    {"run.path", OURO_CHOICE, 0, AT(run.path), 0, 0, "\"auto\"", paths, "",
     "statistics: batches are sufficient statistics, O(1) per generation; samples: batches are rows; auto: statistics "
     "where it is exact."},
    {"observe.measures", OURO_TEXTS, OURO_NULLABLE, AT(observe.measures), 0, 0, "null", NULL, "",
     "Groups or single columns to write, see `ouro list measures`; null: every group that has a column here, but for "
     "tail_sides and fit."},
    {"observe.against", OURO_TEXTS, 0, AT(observe.against), 0, 0, "[\"now\"]", NULL, "",
     "Where the truth drifts, which truth columns compare with: now; start, the truth as given; anchor, the truth when "
     "the youngest real points were collected. Columns of the last two are named start.COLUMN and anchor.COLUMN."},
    {"observe.tails", OURO_REALS, OURO_NULLABLE | OURO_ABOVE | OURO_BELOW, AT(observe.tails), 0, 1, "null", NULL, "",
     "Masses alpha of the truth's low-density sets; null: 0.1, 0.01 and 0.001, as far as the truth attains them."},
    {"observe.every", OURO_COUNT, 0, AT(observe.every), 1, UINT32_LAST, "1", NULL, "generations",
     "Write a row every so many generations, the first and the last included."},
    {"observe.generations", OURO_COUNTS, OURO_NULLABLE | OURO_LOGGABLE, AT(observe.generations), 1, UINT32_LAST, "null",
     NULL, "generations", "Write rows at these generations, or \"log\" for ten per decade; null: as `every` says."},
    {"observe.samples.generations", OURO_COUNTS, OURO_NULLABLE, AT(observe.samples.generations), 0, UINT32_LAST - 1,
     "null", NULL, "generations",
     "Write points drawn from the models of these generations to samples.csv, 0 being the truth; null: none."},
    {"observe.samples.points", OURO_COUNT, 0, AT(observe.samples.points), 1, 1e7, "500", NULL, "points",
     "Points drawn from each of them."},
    {"observe.samples.replicates", OURO_COUNT, 0, AT(observe.samples.replicates), 1, UINT32_LAST, "1", NULL, "",
     "Of so many replicates, the first ones."},
    {"observe.rows", OURO_CHOICE, 0, AT(observe.rows), 0, 0, "\"all\"", row_choices, "",
     "all: one row per replicate and generation; summary: no trajectories.csv."},
    {"observe.text_tokens", OURO_COUNT, 0, AT(observe.text_tokens), 3, 1e8, "10000", NULL, "tokens",
     "Length of the text that is drawn from a bigram model to count its distinct n-grams."},
    {"observe.events", OURO_EVENTS, OURO_NULLABLE, AT(observe.events), 0, OURO_EVENTS_MOST, "null", NULL, "",
     "Events whose first passage is timed: names of standard ones, see `ouro list events`, and objects such as "
     "{ \"name\": \"kl-one\", \"measure\": \"kl_truth_model\", \"above\": 1 }; null: the standard ones whose column is "
     "defined; []: none."},
    {"observe.events_every", OURO_COUNT, OURO_NULLABLE, AT(observe.events_every), 1, UINT32_LAST, "null", NULL,
     "generations",
     "Watch events every so many generations, and wherever rows are written; null: in every generation, but what is "
     "slow "
     "(tails, nodes, integrals, drawn points, whatever compares with a moving truth) only where rows are written."},
};
#undef AT

const ouro_table ouro_config_fields = {sizeof rows / sizeof rows[0], rows};

void ouro_complain(ouro_complaints *c, const char *path, const char *fmt, ...) {
    if (c->len == sizeof c->item / sizeof c->item[0]) {
        c->more++;
        return;
    }
    ouro_complaint *item = &c->item[c->len++];
    va_list args;
    snprintf(item->path, sizeof item->path, "%s", path);
    va_start(args, fmt);
    vsnprintf(item->what, sizeof item->what, fmt, args);
    va_end(args);
}
