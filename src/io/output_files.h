/* output_files.h: the parts of a run directory. */
#ifndef OURO_IO_OUTPUT_FILES_H
#define OURO_IO_OUTPUT_FILES_H
#include "ouro/output.h"
#include "ouro/sink.h"

/* What a run directory may hold, by name, the manifest last; ends at NULL. */
extern const char *const ouro_run_files[];
/* output.c, for whoever wants the files of an output and no run directory: they stand in o->temporary. No rows from here
 * on; all tables flushed and closed. */
int ouro_output_skip_rows(ouro_output *o, ouro_error *e) OURO_CHECKED;
int ouro_output_finish(ouro_output *o, ouro_error *e) OURO_CHECKED;

/* rundir.c: the directory itself. All paths are plain file system paths. */
int ouro_rundir_begin(ouro_output *o, const char *dir, ouro_error *e) OURO_CHECKED;
int ouro_rundir_commit(ouro_output *o, ouro_error *e) OURO_CHECKED;
void ouro_rundir_abandon(ouro_output *o);
/* Flushes and closes; every failure of the file since it was opened becomes OURO_EIO. */
int ouro_rundir_finish_file(void *file, const char *path, ouro_error *e) OURO_CHECKED;
/* How `to` is written inside directory `from`: both resolved, the way up by "..". -1 when either does not exist. */
int ouro_rundir_relative(const char *from, const char *to, unsigned size, char *out);

/* events_file.c: the columns of its three tables, and a point's rows of them; to[2] NULL: no passages. OURO_ENOMEM, OURO_EIO. */
enum { OURO_EVENTS_COLUMNS = 18, OURO_SURVIVAL_COLUMNS = 9, OURO_PASSAGES_COLUMNS = 4 };
extern const char *const ouro_events_columns[OURO_EVENTS_COLUMNS];
extern const char *const ouro_survival_columns[OURO_SURVIVAL_COLUMNS];
extern const char *const ouro_passages_columns[OURO_PASSAGES_COLUMNS];
int ouro_events_write(const ouro_sink_type *sink, void *const to[3], size_t point, const ouro_results *r) OURO_CHECKED;

/* ledger_file.c */
int ouro_ledger_write(const ouro_study *study, const char *path, ouro_error *e) OURO_CHECKED;
/* samples_file.c: samples.csv in dir, where some point asks for samples. */
int ouro_samples_write(const ouro_study *study, const char *dir, ouro_error *e) OURO_CHECKED;
/* manifest_parameters.c: the resolved config; NULL when out of memory. */
struct cJSON *ouro_manifest_parameters(const ouro_output *o);
/* manifest.c */
int ouro_manifest_write(const ouro_output *o, int threads, ouro_error *e) OURO_CHECKED;

#endif
