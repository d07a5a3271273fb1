/* setting.h: one point of a study as measures and laws see it: everything that is fixed before the first draw. */
#ifndef OURO_SETTING_H
#define OURO_SETTING_H
#include "ouro/drift.h"
#include "ouro/estimator.h"
#include "ouro/filter.h"
#include "ouro/policy.h"
#include "ouro/truth.h"

typedef struct ouro_nodes ouro_nodes; /* measures/nodes.h */

typedef struct ouro_setting {
    const ouro_truth *truth;
    const ouro_family *model;
    const ouro_estimator_type *estimator;
    const void *estimator_params; /* of its fields; NULL when it has none */
    const double *centre;         /* [theta_len]: where a prior sits that is known beforehand, or NULL */
    const ouro_policy *policy;
    const ouro_filter_list *filters; /* of synthetic rows; NULL for none */
    uint32_t generations;
    size_t tails_len;
    const ouro_tail_set *tails;
    int rows;                /* batches are kept as rows, not as statistics: the samples path */
    uint64_t text_tokens;    /* length of the text in which measures of a text count */
    const ouro_nodes *nodes; /* points that stand for the truth, where a measure has asked for them; else NULL */
    const ouro_drift
        *drift; /* NULL: the truth stays; else `truth` is that of one generation, for a law the one as given */
    const void *truth_params; /* as given; NULL for observations */
    int against;              /* ouro_against: which truth a law is asked about */
} ouro_setting;

#endif
