/* croissant.h: a run directory described for catalogues and auditors.
 *
 * One JSON-LD document with an inline context, so that reading it needs no network: the run's files as a Croissant 1.1 data
 * set (files with sha256, a record set for every table, RAI statements), and where every model's points came from in PROV-O
 * (batches and models are entities, fits and draws activities). Written from manifest.json, ledger.jsonl and points.csv. */
#ifndef OURO_CROISSANT_H
#define OURO_CROISSANT_H
#include "ouro/error.h"
#include <stdio.h>

/* What a run does not know of itself; NULL: the document says that it is not stated. */
typedef struct ouro_croissant_options {
    int full; /* write every generation; else long runs are summarised, see ouro_croissant_write */
    const char *license, *creator, *url;
} ouro_croissant_options;

/* Beyond some 1500 generations over all points of a sweep only some are written one by one: per point the first, the last,
 * those with an event, and others at equal steps of log t; what lies between two of them becomes one ouro:GenerationRange
 * with its totals and the range of its shares. OURO_ECHECK: a link of the ledger's chain is broken (e->where names the
 * line), or a file is not the one that the manifest lists; OURO_ECONFIG: no run directory; OURO_EIO; OURO_ENOMEM. */
int ouro_croissant_write(const char *dir, const ouro_croissant_options *o, FILE *to, ouro_error *e) OURO_CHECKED;

#endif
