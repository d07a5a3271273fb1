/* experiment.h: one point of a study, validated and immutable, shared by all workers. */
#ifndef OURO_EXPERIMENT_H
#define OURO_EXPERIMENT_H
#include "ouro/corpus.h"
#include "ouro/drift.h"
#include "ouro/event.h"
#include "ouro/law.h"
#include "ouro/measure.h"
#include "ouro/policy.h"
#include <stdbool.h>

typedef enum ouro_rows { OURO_ROWS_ALL, OURO_ROWS_SUMMARY } ouro_rows;

typedef enum ouro_tokens { OURO_WORDS, OURO_LETTERS } ouro_tokens;
typedef enum ouro_punctuation { OURO_DROP, OURO_KEEP } ouro_punctuation;
typedef enum ouro_design { OURO_FRESH_DESIGN, OURO_FIXED_DESIGN } ouro_design;

/* A complete config as bound from JSON: plain data, memory owned by whoever bound it. */
typedef struct ouro_config {
    const char *name, *description;
    struct {
        const char *family; /* NULL when the truth is data */
        void *params;       /* of that family's truth table */
        ouro_drift drift;   /* how they move */
        const char *data;   /* file, NULL when the truth is a family */
        ouro_texts columns;
        const char *counts, *labels;
        ouro_texts pairs;        /* columns naming the two tokens of a pair */
        const char *text;        /* file, NULL when the truth is a family or a table */
        int tokens, punctuation; /* ouro_tokens, ouro_punctuation */
        bool lowercase;
        uint64_t vocabulary; /* OURO_UNSET: all tokens */
        double held_out;
        double reserve;
        int design;                   /* ouro_design */
        size_t rows, dim, categories; /* what the file held: row[rows x dim], or count[categories] */
        const double *row;
        const uint64_t *count;
        const ouro_pair_counts *counted; /* pairs of tokens, from a text or a table */
    } truth;
    struct {
        const char *family;
        double known[OURO_KNOWN]; /* what its known_fields bound; NaN where silent */
        void *options;            /* what its option_fields bound; NULL when it has none */
        struct {
            const char *type;
            void *params; /* of the estimator's fields */
            void *at;     /* of the model family's truth table: centre of a prior; NULL when silent */
        } estimator;
    } model;
    ouro_policy policy;
    ouro_filter_list filters; /* policy.filters: rows that a policy, which sees labels alone, knows nothing of */
    struct {
        uint64_t generations, replicates, seed;
        int path;                /* ouro_path */
        struct {                 /* replicates until an interval is narrow enough: precision.h */
            const char *measure; /* the column; NULL: run.replicates and no more */
            double half_width;
            uint64_t max_replicates, generation; /* OURO_UNSET: the last that is observed */
            int statistic;                       /* ouro_stop_statistic */
        } stop;
    } run;
    struct {
        ouro_texts measures, against;
        ouro_reals tails;
        uint64_t every;
        ouro_counts generations; /* explicit list; or "log" (see field.h); or unset: every `every` */
        int rows;                /* ouro_rows */
        struct {
            ouro_counts generations; /* 0 is the truth; unset: none */
            uint64_t points, replicates;
        } samples;
        uint64_t text_tokens;
        ouro_event_list events;
        uint64_t events_every; /* OURO_UNSET: see ouro_event.every */
    } observe;
} ouro_config;

/* The most replicates that a point can take. */
static inline uint64_t ouro_config_replicates(const ouro_config *c) {
    return c->run.stop.measure ? c->run.stop.max_replicates : c->run.replicates;
}

/* The table of everything above but truth.params and policy. */
extern const ouro_table ouro_config_fields;

/* What is wrong with a config, by config path; all complaints of one pass. */
typedef struct ouro_complaint {
    char path[128], what[384];
} ouro_complaint;
typedef struct ouro_complaints {
    size_t len, more; /* `more` did not fit */
    ouro_complaint item[20];
} ouro_complaints;
void ouro_complain(ouro_complaints *c, const char *path, const char *fmt, ...) OURO_PRINTF(3, 4);

typedef struct ouro_column {
    const ouro_measure_type *measure;
    size_t index, tail; /* column within the measure; tail for per-tail measures */
    int against;        /* ouro_against: the truth it compares with */
    char name[64];
} ouro_column;

/* An end of a column's description, by ouro_against. */
extern const char *const ouro_against_words[OURO_AGAINST];

/* Columns of one measure, tail and truth, computed together. */
typedef struct ouro_group {
    const ouro_measure_type *measure;
    size_t tail;
    int against; /* ouro_against */
    unsigned wanted;
    size_t slot[16]; /* where column i of the measure goes in the row */
} ouro_group;

/* An event of the config on one column. */
typedef struct ouro_event {
    const ouro_event_rule *rule;
    char name[128]; /* the rule's, with the tail and the truth of its column where the rule leaves them open */
    ouro_column column;
    size_t group;     /* in `watched` */
    size_t slot;      /* of the column in the row; SIZE_MAX: not there */
    double threshold; /* the value itself, but for OURO_TO_FIRST, where it is the multiple */
    uint32_t every;   /* watched every so many generations beside the observed ones; 0: in these alone */
    uint32_t last;    /* generation watched: there a replicate without the event is censored */
} ouro_event;

typedef struct ouro_experiment {
    const ouro_config *config;
    ouro_policy policy; /* resolved */
    ouro_setting setting;
    ouro_truth truth;
    ouro_family model;
    ouro_filter_list filters; /* the config's, prepared */
    ouro_path path;
    char path_reason[160];
    uint32_t stream_point; /* the point in random-number addresses: 0 under common random numbers */
    size_t columns_len, groups_len, observed_len;
    ouro_column *columns;
    ouro_group *groups;
    int against[OURO_AGAINST];         /* which truths columns compare with */
    uint32_t *observed;                /* generations at which rows are written, ascending */
    size_t stop_column, stop_observed; /* what run.stop looks at: a column, and an index of observed; else SIZE_MAX */
    size_t events_len, watched_len;
    ouro_event *events;
    ouro_group *watched;  /* what events look at, where the row does not hold it; `slot` is not used */
    int needs_provenance; /* some group, of the row or watched */
    ouro_arena keep;
} ouro_experiment;

/* Validates everything that a value alone cannot say and resolves names. Complaints are collected; OURO_ECONFIG when
 * there is any. OURO_ENOMEM otherwise. */
int ouro_experiment_init(ouro_experiment *x, const ouro_config *config, uint32_t stream_point,
                         ouro_complaints *complaints) OURO_CHECKED;
void ouro_experiment_free(ouro_experiment *x); /* safe after a failed init, and twice */

/* All columns of a group at t = 0 into out[16], NaN beyond those wanted. OURO_ENOMEM. */
int ouro_experiment_truth_group(const ouro_experiment *x, const ouro_group *group, double *out);
/* The columns at t = 0, the truth itself, into row[columns_len]; NaN where a column does not exist yet. OURO_ENOMEM. */
int ouro_experiment_truth_row(const ouro_experiment *x, double *row);

#endif
