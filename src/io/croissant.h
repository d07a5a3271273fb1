/* croissant.h: the parts of a run's JSON-LD document. */
#ifndef OURO_IO_CROISSANT_H
#define OURO_IO_CROISSANT_H
#include "json_build.h"
#include "ouro/croissant.h"

enum { OURO_CROISSANT_MOST = 1500 }; /* generations that are written one by one */

/* croissant_tables.c: one cr:RecordSet per CSV file of the manifest's outputs. */
int ouro_croissant_tables(ouro_builder *b, const char *dir, const cJSON *manifest, cJSON *sets,
                          ouro_error *e) OURO_CHECKED;
/* croissant_lineage.c: the nodes of batches, models, fits and draws of the ledger, whose chain is checked before. */
int ouro_croissant_lineage(ouro_builder *b, const char *dir, int full, cJSON *nodes, ouro_error *e) OURO_CHECKED;

#endif
