/* replicate.h: one run of one point. begin, then step once per generation: the loop body is the whole simulator. */
#ifndef OURO_REPLICATE_H
#define OURO_REPLICATE_H
#include "ouro/experiment.h"

/* The truth of one generation of one replicate, and what measures need of it. */
typedef struct ouro_view {
    uint32_t generation;  /* 0: none yet */
    ouro_setting setting; /* the experiment's, but for this truth, its tails and nodes */
    ouro_truth truth;
    int complete; /* whether tails and nodes have been made */
    ouro_arena keep;
} ouro_view;

/* A worker's workspace for one experiment, reused from replicate to replicate. */
typedef struct ouro_replicate {
    const ouro_experiment *experiment;
    ouro_corpus corpus;
    ouro_order order;
    ouro_mix mix;
    ouro_retention retention;
    double *theta;  /* [theta_len], the model of this generation */
    double *mean;   /* [mean_len] */
    double *prior;  /* [stat_len] scratch: statistic of the prior's centre */
    double *centre; /* [theta_len]: where a penalty pulls */
    ouro_moments moments;
    ouro_fit_info fit;
    int failed; /* OURO_ENOMEM once a measure found no memory */
    /* Under a drifting truth: the one of now, the one of the youngest real points; sums of the normals that its walks take. */
    ouro_view now, anchor;
    double *walked;
    double *threshold; /* [events] of this replicate */
} ouro_replicate;

int ouro_replicate_init(ouro_replicate *r, const ouro_experiment *x, ouro_error *e) OURO_CHECKED;
void ouro_replicate_free(ouro_replicate *r); /* safe after a failed init, and twice */
void ouro_replicate_begin(ouro_replicate *r, uint32_t replicate);
/* One generation: order, draw, compose, fit, retire. r->theta and r->fit then describe the new model. */
int ouro_replicate_step(ouro_replicate *r, ouro_error *e) OURO_CHECKED;
/* The measures of the present generation into row[columns_len]; see r->failed. */
void ouro_replicate_measure(ouro_replicate *r, double *row);
/* Looks for events in the present generation: passage[events], 0 while an event has not come, becomes its generation. row:
 * as just measured, or NULL where none is observed. See r->failed. */
void ouro_replicate_watch(ouro_replicate *r, const double *row, uint32_t *passage);

#endif
