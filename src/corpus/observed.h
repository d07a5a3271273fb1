/* observed.h: a truth of observations, as a corpus draws from it without replacement. */
#ifndef OURO_CORPUS_OBSERVED_H
#define OURO_CORPUS_OBSERVED_H
#include "ouro/corpus.h"

/* Room for what has been drawn, and the statistic of all observations, so that a first fit on everything costs nothing per replicate.
 * OURO_ENOMEM. */
int ouro_observed_init(ouro_corpus *c, ouro_error *e) OURO_CHECKED;

/* n observed categories that earlier draws of this replicate left, without replacement: hits[categories]. */
void ouro_observe_counts(ouro_corpus *c, uint64_t n, ouro_stream *s, uint64_t *hits);

/* n observations as rows into x[n * dim], relative to the origin. OURO_ENOMEM. */
int ouro_observe(ouro_corpus *c, uint64_t n, ouro_stream *s, double *x) OURO_CHECKED;

/* Puts the reserve back and shuffles it. OURO_ENOMEM. */
int ouro_observed_refill(ouro_corpus *c) OURO_CHECKED;

#endif
