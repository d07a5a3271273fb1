/* cmd_verify.c: ouro verify: one line per check on standard output. */
#include "cli.h"
#include "ouro/verify.h"
#include <ftw.h>
#include <omp.h>

static char temporary[OURO_VERIFY_PATH]; /* what is left when OpenMP finds no memory and ends the process */

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at) {
    (void)s, (void)kind, (void)at;
    remove(path);
    return 0;
}
static void at_exit(void) {
    if (temporary[0]) nftw(temporary, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(void *ctx, const char *name, int failed, const char *words) {
    cli_progress_end(ctx);
    printf("%-6s %-10s %s\n", failed ? "failed" : "ok", name, words);
    fflush(stdout);
}

static void show(void *ctx, const ouro_progress *now) { cli_progress_show(ctx, now); }

int cli_verify(const cli_args *a) {
    cli_progress progress;
    ouro_error e = {0};
    if (a->operands_len != 1) {
        fprintf(stderr, "ouro verify: one run directory is needed; see `ouro help verify`\n");
        return EXIT_USAGE;
    }
    cli_progress_begin(&progress, a->quiet);
    const int threads = a->jobs ? a->jobs : omp_get_num_procs();
    omp_set_num_threads(threads);
    const ouro_verify_options o = {.replicates = a->replicates,
                                   .threads = threads,
                                   .check = put,
                                   .progress = progress.live ? show : NULL,
                                   .ctx = &progress,
                                   .stop = cli_catch_signals(),
                                   .temporary = temporary};
    atexit(at_exit);
    int ret = ouro_verify(a->operands[0], &o, &e);
    cli_progress_end(&progress);
    if (ret == OURO_EINTERRUPTED) {
        fprintf(stderr, "ouro: interrupted; not all was checked\n");
        return EXIT_INTERRUPTED;
    }
    return ret ? cli_fail(&e) : EXIT_OK;
}
