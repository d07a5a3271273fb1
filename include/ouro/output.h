/* output.h: the run directory. Everything is written under a temporary name beside it and renamed when whole: a run
 * directory exists complete or not at all, and an existing one is never overwritten unless asked for.
 *
 *   trajectories.csv  point,replicate,generation,status,<columns>     (observe.rows = all)
 *   summary.csv       point,generation,measure,n,mean,se,q05,q25,median,q75,q95,theory,z,theory_source, then the Monte-Carlo error
 *                     of each quantile, how many replicates carry the standard error, and a note where that is too few
 *   theory.csv        point,generation,measure,law,statistic,standing,theory,observed,se,z,source: all that the laws say
 *   verdicts.csv      point,definition,verdict,measure,number,error,threshold,test: eight senses of collapse (verdict.h); last
 *                     what all points say together (changed-scaling-law), its point empty
 *   points.csv        point,<swept paths>,truth.<columns>             the columns at t = 0
 *   events.csv        point,event,measure,comparison,threshold,relative_to,resolution,last,n,events,censored,q05,...,q95,
 *                     median_lower,median_upper                        times of first passage, by the survival estimate
 *   survival.csv      point,event,generation,at_risk,events,survival,se,lower,upper       that estimate, at its jumps
 *   passages.csv      point,replicate,event,generation                (observe.rows = all; empty: censored)
 *   samples.csv       point,replicate,generation,<columns of the data>   points drawn from named models
 *   components.csv    ...,component,weight,mean_...,cov_...               their components, where they are normals, and the truth's
 *   ledger.jsonl      one line per point and generation, each with the sha256 of the line before: what was drawn, what the fit
 *                     saw with which weight, shares, ages, lineage, overlap with what measures compare with, events
 *   manifest.json     software, parameters (resolved config), environment, resources, inputs, outputs with sha256 */
#ifndef OURO_OUTPUT_H
#define OURO_OUTPUT_H
#include "ouro/precision.h"
#include "ouro/run.h"
#include "ouro/study.h"
#include "ouro/verdict.h"

/* The tables that are written point by point. */
enum {
    OURO_TRAJECTORIES,
    OURO_SUMMARY,
    OURO_THEORY,
    OURO_VERDICTS,
    OURO_POINTS,
    OURO_EVENT_TIMES,
    OURO_SURVIVAL,
    OURO_PASSAGES,
    OURO_TABLES
};

/* What the laws' words about a run come to: how many could be tested, and the one furthest off. */
typedef struct ouro_agreement {
    uint64_t comparisons;
    double z;
    size_t point;
    uint32_t generation;
    char measure[64];
    const ouro_law_type *law; /* NULL: none */
    const ouro_claim *claim;
} ouro_agreement;

typedef struct ouro_output {
    const ouro_study *study;
    char dir[1024], temporary[1024]; /* temporary: "" once there is none */
    int lock;                        /* open on temporary while there is one: tells a live run from a killed one */
    int force;
    size_t columns_len;
    const char **columns;    /* union over points, in order of first appearance */
    void *sink[OURO_TABLES]; /* NULL when not written */
    ouro_agreement agreement;
    ouro_scaling scaling;      /* point NULL: not all points differ in their number of points alone */
    ouro_precision *precision; /* [points]; of those with run.stop */
    void *cells;               /* scratch of a row */
    ouro_arena keep;
} ouro_output;

/* dir NULL: out/NAME. OURO_EEXISTS when it is there and force is 0, or when it is no run directory. */
int ouro_output_open(ouro_output *o, const ouro_study *study, const char *dir, int force, ouro_error *e) OURO_CHECKED;
/* Appends one finished point; points in order. */
int ouro_output_point(ouro_output *o, size_t point, const ouro_results *results, ouro_error *e) OURO_CHECKED;
/* Writes ledger and manifest, syncs, renames. The directory is then o->dir. threads: for the record. */
int ouro_output_commit(ouro_output *o, int threads, ouro_error *e) OURO_CHECKED;
/* Removes what is not committed; safe after everything, and twice. */
void ouro_output_close(ouro_output *o);

/* Sizes of what a run would write, in bytes, from its counts of rows; for `check`. */
double ouro_output_estimate(const ouro_study *study);

#endif
