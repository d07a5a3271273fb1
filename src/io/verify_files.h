/* verify_files.h: the parts of `verify` that hold one file against another. */
#ifndef OURO_IO_VERIFY_FILES_H
#define OURO_IO_VERIFY_FILES_H
#include "ouro/output.h"

/* DIR/name against FOLDER/name, what it should be, line by line. sampled: the latter holds the rows of some replicates alone,
 * and other rows of the former are passed over. Missing in both is fine. OURO_ECHECK with file:line, what is said there and what
 * should be; OURO_EIO, OURO_ENOMEM. `source`: what the right one comes from, for the words. */
int ouro_verify_file(const char *dir, const char *folder, const char *name, int sampled, const char *source,
                     ouro_error *e) OURO_CHECKED;

/* verify_rows.c: hands the rows of DIR/trajectories.csv to an output, point by point, as the run did. OURO_ECHECK with
 * file:line where a row is not the next one of the run. */
int ouro_verify_rows(const char *dir, const ouro_study *s, ouro_output *to, ouro_error *e) OURO_CHECKED;

/* verify_laws.c: see OURO_VERIFY_LEVEL; words: what was found. */
int ouro_verify_laws(const char *dir, size_t size, char *words, ouro_error *e) OURO_CHECKED;

#endif
