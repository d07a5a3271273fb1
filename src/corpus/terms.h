/* terms.h: what the terms of a mix are made of, for the fit (corpus.c) and for who judges it afterwards (judge.c). */
#ifndef OURO_CORPUS_TERMS_H
#define OURO_CORPUS_TERMS_H
#include "ouro/corpus.h"

/* `take` rows of a batch of n, chosen at random, copied to scratch; NULL when out of memory. */
double *ouro_corpus_some_rows(ouro_corpus *c, const ouro_batch *b, uint64_t n, uint64_t take, ouro_stream *s);

/* The stream that chooses subsets, opened when the first one is needed: s->gsl.type is NULL before. The same for
 * everyone who goes through the terms of a generation's mix in order. */
ouro_stream *ouro_corpus_chooser(ouro_corpus *c, ouro_stream *s);

/* The statistic that a term contributes: the batch's own, or that of a random subset, in c->subset. OURO_ENOMEM only. */
int ouro_corpus_term(ouro_corpus *c, const ouro_term *term, ouro_stream *s, const double **T) OURO_CHECKED;

#endif
