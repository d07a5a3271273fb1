/* engine.h: what the engine's own files share. */
#ifndef OURO_ENGINE_H
#define OURO_ENGINE_H
#include "ouro/experiment.h"

/* Fill columns and groups, respectively observed generations, from x->config->observe. OURO_ENOMEM only. */
int ouro_choose_columns(ouro_experiment *x, ouro_complaints *c);
int ouro_choose_generations(ouro_experiment *x, ouro_complaints *c);

#endif
