/* compare_runs.h: what `compare` has to know of run directories before it reads their rows. */
#ifndef OURO_IO_COMPARE_RUNS_H
#define OURO_IO_COMPARE_RUNS_H
#include "ouro/error.h"
#include "ouro/mem.h"
#include <stdint.h>

typedef struct ouro_run_point {
    size_t run;      /* which directory */
    uint64_t number; /* in it */
    const char *label, *setting;
    const char *seed; /* as text; NULL when it cannot be known */
    uint64_t stream;  /* the point in random-number addresses */
    size_t observed_len;
    uint64_t *observed; /* generations, ascending */
} ouro_run_point;

typedef struct ouro_runs {
    size_t len;
    const char *const *dir; /* [len], the caller's */
    size_t points;
    ouro_run_point *point; /* of all runs, in order */
    ouro_arena keep;
} ouro_runs;

/* OURO_ECONFIG: a directory is no run, or keeps no rows; OURO_ECHECK: a table or the manifest is damaged; OURO_EIO, OURO_ENOMEM. */
int ouro_runs_load(ouro_runs *r, size_t len, const char *const *dirs, ouro_error *e) OURO_CHECKED;
void ouro_runs_free(ouro_runs *r); /* after a failed load, and twice */

/* Whether replicate i of both points draws from the same random numbers. */
int ouro_runs_share(const ouro_run_point *a, const ouro_run_point *b);

#endif
