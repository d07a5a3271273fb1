/* filtering.h: rows from the model through the filters of a corpus. */
#ifndef OURO_CORPUS_FILTERING_H
#define OURO_CORPUS_FILTERING_H
#include "ouro/corpus.h"

/* Fills x[n x dim] with synthetic rows that pass all filters, drawn from c->source by `s`; *kept <= n of them. Adds to
 * c->filtered. OURO_EUNDEFINED when a filter that fills lets too few pass; OURO_ENOMEM. O(rows seen). */
int ouro_corpus_filter(ouro_corpus *c, uint64_t n, ouro_stream *s, double *x, uint64_t *kept,
                       ouro_error *e) OURO_CHECKED;

/* Sets the counts of c->filtered to zero: at the start of a generation. */
void ouro_corpus_forget_filtered(ouro_corpus *c);

#endif
