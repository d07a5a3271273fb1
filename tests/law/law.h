/* law.h: runs a config for a law test. Every law test runs at a fixed seed and asks for |z| < 4 (false alarm 6e-5 per
 * line); a seed is never changed to make a line pass. */
#ifndef OURO_TEST_LAW_H
#define OURO_TEST_LAW_H
#include "ouro/run.h"
#include "ouro/study.h"
#include "ouro/verdict.h"

typedef struct law_run {
    ouro_study study;
    ouro_results results; /* a copy of the last point's, owned */
    ouro_summary *summary;
    ouro_scaling scaling; /* of all points, whatever they differ in */
    size_t comparisons;   /* of the last point with the laws, */
    double furthest;      /* and the largest |z| of them; bounds count where they are broken */
    int ok;
} law_run;

/* Runs the JSON text, quotes written as ' , and keeps its last point. A config that does not load fails the test. */
law_run law_run_json(const char *json);
void law_run_free(law_run *r);

/* The summary of one column at one observed generation; a summary of NaNs (and a failed test) when there is none. */
ouro_summary law_at(const law_run *r, const char *column, uint32_t generation);
/* Column and generation as indices; SIZE_MAX when absent. */
size_t law_column(const law_run *r, const char *column);
size_t law_generation(const law_run *r, uint32_t generation);

/* (mean - expected) / se over replicates. */
double law_z(const law_run *r, const char *column, uint32_t generation, double expected);
/* The same for the column's variance over replicates, with the standard error from its fourth moment. */
double law_z_variance(const law_run *r, const char *column, uint32_t generation, double expected);
/* The same for the share of replicates whose column is below a threshold (binomial standard error). */
double law_z_below(const law_run *r, const char *column, uint32_t generation, double threshold, double expected);
/* What ouro's own laws predict of the mean, or of another statistic; NaN when they are silent. No simulation. */
double law_predicts(const char *json, const char *column, uint32_t generation);
double law_predicts_statistic(const char *json, const char *column, uint32_t generation, ouro_statistic statistic);

/* The same of the law of that name. */
double law_claims(const char *json, const char *law, const char *column, uint32_t generation, ouro_statistic statistic);

/* Prints what was compared when |z| >= 4; the condition of a CHECK. */
int law_holds(double z, const char *what);
#define CHECK_LAW(z) CHECK(law_holds((z), #z))

#endif
