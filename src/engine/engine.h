/* engine.h: what the engine's own files share. */
#ifndef OURO_ENGINE_H
#define OURO_ENGINE_H
#include "ouro/run.h"

/* Fill columns and groups, respectively observed generations, from x->config->observe. OURO_ENOMEM only. */
int ouro_choose_columns(ouro_experiment *x, ouro_complaints *c);
int ouro_choose_generations(ouro_experiment *x, ouro_complaints *c);

struct ouro_replicate;
/* Under a drifting truth: moves it on to the generation of the ledger, in which `order` is about to be drawn; errors of
 * ouro_drift_truth. Then what measures compare with (r->failed when memory ran out). And back to the beginning. */
int ouro_replicate_drift(struct ouro_replicate *r, const ouro_order *order, ouro_error *e);
const ouro_setting *ouro_replicate_setting(struct ouro_replicate *r, int against);
void ouro_replicate_forget_drift(struct ouro_replicate *r);

/* judge.c: gives the summary its theory, and every comparison to `each` unless that is NULL. OURO_ENOMEM, and what `each` says. */
int ouro_compare_with_laws(const ouro_results *r, ouro_summary *summary, ouro_comparison_sink *each, void *ctx);

/* Nodes that the measures of x need in this setting, from `keep`. OURO_ENOMEM only. */
int ouro_prepare_nodes(const ouro_experiment *x, ouro_setting *s, ouro_arena *keep);

#endif
