/* corpus.h: owns the batches; the one place that knows whether a batch is rows or a sufficient statistic.
 *
 * Life of a corpus: init once per worker; for every replicate begin, then per generation draw*, fit, retain. Buffers
 * are recycled: in steady state nothing is allocated. The corpus also holds the current model, with locations kept
 * relative to an origin that follows the model, so that collapse keeps its relative precision (see family.h). */
#ifndef OURO_CORPUS_H
#define OURO_CORPUS_H
#include "ouro/estimator.h"
#include "ouro/filter.h"
#include "ouro/ledger.h"
#include "ouro/truth.h"

typedef enum ouro_path { OURO_PATH_AUTO, OURO_PATH_STATISTICS, OURO_PATH_SAMPLES } ouro_path;

typedef struct ouro_batch {
    double *T;       /* [stat_len], location relative to the corpus's origin */
    double *rows;    /* samples path: [n x dim], relative to the origin at the batch's birth */
    double *shift;   /* [dim]: birth origin minus present origin */
    size_t capacity; /* rows that fit */
} ouro_batch;

typedef struct ouro_corpus {
    const ouro_truth *truth;
    const ouro_truth *today; /* what real points are drawn from: truth, unless the caller says that it has drifted */
    const ouro_family *model;
    ouro_path path; /* statistics or samples */
    ouro_ledger ledger;
    ouro_batch *batch; /* parallel to ledger.batch; slots beyond len are spares */
    size_t slots;
    double *theta;        /* current model, location relative to origin */
    double *origin;       /* [dim] */
    double *tempered;     /* [theta_len]: the model to the power 1/temperature */
    const double *source; /* what synthetic points are drawn from: theta or tempered */
    double *before;       /* [theta_len], the model before, relative to the same origin */
    double *
        checkpoint; /* [theta_len], the model number ledger.checkpoint once it is fitted, relative to the same origin */
    double *total;  /* [stat_len], scratch of a fit */
    double *subset; /* [stat_len], scratch of a fit */
    double *synthetic;    /* [stat_len], scratch of a fit: the mix without its real points */
    double *truth_here;   /* [theta_len of the truth], scratch: the truth relative to origin */
    double *prior;        /* [stat_len]: pseudo-points merged into every fit, relative to origin */
    double prior_weight;  /* 0: none */
    const double *centre; /* [theta_len], absolute: where a penalty pulls, or NULL */
    double *all;          /* [stat_len]: statistic of all observations, NULL for a parametric truth */
    uint32_t *order;      /* permutation of the observed rows, made when a replicate needs it */
    uint64_t drawn;       /* observations drawn so far in this replicate */
    uint64_t first;       /* of which in the first generation: what comes after is the reserve */
    uint64_t *left; /* observed categories not yet drawn; then scratch, then what was left after the first generation */
    ouro_arena tmp;
    ouro_address address;            /* seed, point, replicate of the replicate being run */
    ouro_lookahead ahead[3];         /* statistics path: one per role */
    const ouro_filter_list *filters; /* of synthetic rows, samples path; or NULL */
    size_t tails_len;
    const ouro_tail_set *tails;  /* [tails_len], of which filtered rows are counted */
    ouro_filter_count *filtered; /* [filters->len]: of this generation */
    uint64_t *tail_counts;       /* what these point to */
} ouro_corpus;

int ouro_corpus_init(ouro_corpus *c, const ouro_truth *truth, const ouro_family *model, ouro_path path,
                     ouro_error *e) OURO_CHECKED;
void ouro_corpus_free(ouro_corpus *c); /* safe after a failed init, and twice */

/* Empties the corpus for a replicate; address carries seed, point and replicate. O(batches). */
void ouro_corpus_begin(ouro_corpus *c, const ouro_address *address);

/* From now on synthetic rows pass these filters, which must outlive the corpus; once, right after init. */
int ouro_corpus_set_filters(ouro_corpus *c, const ouro_filter_list *filters, size_t tails_len,
                            const ouro_tail_set *tails, ouro_error *e) OURO_CHECKED;

/* Draws what an order asks for, for fit number c->ledger.generation, and enters it into the ledger: synthetic points
 * from the current model, real ones from the truth. Where the order names the ledger's checkpoint, that is the current
 * model again from now on. Statistics path O(1) in n, samples path O(n). Where filters do not
 * fill, the ledger's n is what has passed; OURO_EUNDEFINED when one that fills lets too few pass. */
int ouro_corpus_draw(ouro_corpus *c, const ouro_order *order, ouro_error *e) OURO_CHECKED;

/* From now on every fit also sees `weight` pseudo-points whose statistic per point is T[stat_len] (locations absolute);
 * until the next begin. */
void ouro_corpus_set_prior(ouro_corpus *c, const double *T, double weight);

/* From now on a penalty pulls towards this model (absolute, kept by the caller); until the next begin. */
void ouro_corpus_set_centre(ouro_corpus *c, const double *theta);

/* Fits the mix; the result becomes the current model and, with its location restored, is copied to theta. */
int ouro_corpus_fit(ouro_corpus *c, const ouro_mix *mix, const ouro_estimator_type *estimator, const void *params,
                    double *theta, ouro_fit_info *info, ouro_error *e) OURO_CHECKED;

/* Drops batch i, or folds batch `from` into `into` (statistics path only). */
void ouro_corpus_drop(ouro_corpus *c, size_t i);
void ouro_corpus_fold(ouro_corpus *c, size_t into, size_t from);

size_t ouro_corpus_bytes(const ouro_corpus *c); /* held now */

#endif
