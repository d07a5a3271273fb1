/* engine.h: what the engine's own files share. */
#ifndef OURO_ENGINE_H
#define OURO_ENGINE_H
#include "ouro/verdict.h"

/* Fill columns and groups, respectively observed generations, from x->config->observe. OURO_ENOMEM only. */
int ouro_choose_columns(ouro_experiment *x, ouro_complaints *c);
int ouro_choose_generations(ouro_experiment *x, ouro_complaints *c);
/* The same for events and watched groups, from all of these. */
int ouro_choose_events(ouro_experiment *x, ouro_complaints *c);

/* What run.stop looks at, from columns and observed generations. */
void ouro_choose_precision(ouro_experiment *x, ouro_complaints *c);

/* The names of truths in observe.against. */
extern const char *const ouro_against_names[OURO_AGAINST];
/* Whether a column of a measure exists against this truth. */
int ouro_column_stands(const ouro_experiment *x, const ouro_measure_type *m, size_t index, int against);
/* The name of a column, "start.tail_mass_0.01", with `base` in the place of the measure's own word. */
void ouro_column_name(const ouro_experiment *x, const ouro_column *c, const char *base, size_t size, char *out);
/* "drift_sq" of "start.drift_sq", and of itself. */
const char *ouro_past_truth(const char *name);
/* Whether a name, bare or as in a run ("start.tail_mass_0.01"), is that of a column per tail. */
int ouro_names_tail(const char *name);

struct ouro_replicate;
/* Under a drifting truth: moves it on to the generation of the ledger, in which `order` is about to be drawn; errors of
 * ouro_drift_truth. Then what measures compare with (r->failed when memory ran out). And back to the beginning. */
int ouro_replicate_drift(struct ouro_replicate *r, const ouro_order *order, ouro_error *e);
const ouro_setting *ouro_replicate_setting(struct ouro_replicate *r, int against);
void ouro_replicate_forget_drift(struct ouro_replicate *r);

/* summary.c: column m at observed generation g; scratch: [replicates]. */
void ouro_summarise_cell(const ouro_results *r, size_t g, size_t m, double *scratch, ouro_summary *out);

/* judge.c: gives the summary its theory, and every comparison to `each` unless that is NULL. OURO_ENOMEM, and what `each` says. */
int ouro_compare_with_laws(const ouro_results *r, ouro_summary *summary, ouro_comparison_sink *each, void *ctx);

/* verdicts.c: what a verdict is made of. */
#define OURO_Z99 2.5758293035489 /* two-sided 99 % */
ouro_verdict ouro_undecided(const char *column, const char *why);
ouro_verdict ouro_rule(const char *column, double number, double error, double threshold, const char *test);
/* The first of these columns that was observed, against the truth of now, names ending at NULL; SIZE_MAX: none. Of tails the rarest. */
size_t ouro_find_column(const ouro_results *r, const char *const *names);

/* Nodes that the measures of x need in this setting, from `keep`. OURO_ENOMEM only. */
int ouro_prepare_nodes(const ouro_experiment *x, ouro_setting *s, ouro_arena *keep);

#endif
