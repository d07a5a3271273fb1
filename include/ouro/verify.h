/* verify.h: can one believe a run directory? Nothing in it is written.
 *
 *   checksums   every file of the manifest has the sha256 that it lists, inputs too, and no table stands beside them
 *   parameters  the manifest's resolved config is valid
 *   ledger      its chain of sha256 is whole, and its lines are those that the parameters give
 *   replay      run again from the parameters, the tables are the same byte for byte: all of them, or the rows of some
 *               replicates; what is computed from all rows is then computed again from those of the directory
 *   laws        z of summary.csv, of means recomputed from mean, se and theory: none is beyond what chance allows over all
 */
#ifndef OURO_VERIFY_H
#define OURO_VERIFY_H
#include "ouro/run.h"

/* The chance that a right run is refused because of its largest |z|. Student's t with n - 1 degrees of freedom, divided by
 * the number of comparisons (Bonferroni; holds however they depend on each other). */
#define OURO_VERIFY_LEVEL 1e-3

typedef struct ouro_verify_options {
    /* replayed of each point, spread evenly; 0: as many as some seconds allow. All of them where no rows were kept. */
    uint64_t replicates;
    int threads; /* 0: all */
    /* called once per check, in the order above; words: one sentence, with file:line where something is wrong */
    void (*check)(void *ctx, const char *name, int failed, const char *words);
    void (*progress)(void *ctx, const ouro_progress *now); /* of the replay; NULL allowed */
    void *ctx;
    const volatile sig_atomic_t *stop;
    /* OURO_VERIFY_PATH bytes, or NULL: holds the path of the temporary directory as long as it is there, for a caller who has to
     * remove it because the process ends in the middle (an OpenMP library without memory ends it). Empty before the call. */
    char *temporary;
} ouro_verify_options;
enum { OURO_VERIFY_PATH = 512 };

/* Goes on after a check that fails, as far as it can. OURO_ECHECK: some failed; OURO_ECONFIG: dir is no run directory, and
 * nothing was checked; OURO_EIO: something cannot be read, or no temporary directory ($TMPDIR, else /tmp) be written;
 * OURO_EINTERRUPTED, OURO_ENOMEM. Memory: that of the run. Temporary files: those of the replicates that are replayed. */
int ouro_verify(const char *dir, const ouro_verify_options *o, ouro_error *e) OURO_CHECKED;

#endif
