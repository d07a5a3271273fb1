/* cmd_run.c: ouro run */
#include "cli.h"
#include "ouro/output.h"
#include <math.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stop; /* the one thing a signal handler may touch */
static ouro_output *unfinished;    /* of the run going on */

/* OpenMP's run-time library ends the program when it gets no memory or thread; then nothing half-made shall stay either. */
static void at_exit(void) {
    if (unfinished) ouro_output_close(unfinished);
}

/* First signal: finish cleanly. Second: the default action, at once. */
static void on_signal(int number) {
    stop = 1;
    signal(number, SIG_DFL);
}

/* What is ignored on purpose, as nohup does, stays ignored. */
const volatile sig_atomic_t *cli_catch_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before, action = {.sa_handler = on_signal};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (!sigaction(numbers[i], NULL, &before) && before.sa_handler != SIG_IGN) sigaction(numbers[i], &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is then a failing write, like a full disk */
    return &stop;
}

typedef struct running {
    cli_progress progress;
    ouro_output output;
} running;

static void show(void *ctx, const ouro_progress *now) { cli_progress_show(&((running *)ctx)->progress, now); }

static int point_done(void *ctx, size_t point, const ouro_results *results, ouro_error *e) {
    return ouro_output_point(&((running *)ctx)->output, point, results, e);
}

int cli_fail(const ouro_error *e) {
    fprintf(stderr, "ouro: %s%s%s\n", e->where, e->where[0] ? ": " : "", e->what);
    if (e->code == OURO_EINTERRUPTED) return EXIT_INTERRUPTED;
    if (e->code == OURO_ECHECK) return EXIT_CHECK;
    return e->code == OURO_ECONFIG || e->code == OURO_EEXISTS ? EXIT_USAGE : EXIT_RUNTIME;
}

int cli_load(ouro_study *s, const char *path, const cli_args *a) {
    ouro_diagnostics d = {0};
    int ret = ouro_study_load(s, path, a->sets, a->set, &d);
    if (d.text) fputs(d.text, stderr);
    if (d.count > OURO_DIAGNOSTICS_KEPT)
        fprintf(stderr, "%zu errors, of which the first %d stand above; nothing was drawn\n", d.count,
                OURO_DIAGNOSTICS_KEPT);
    else if (d.count > 1)
        fprintf(stderr, "%zu errors; nothing was drawn\n", d.count);
    if (ret && !d.text)
        fprintf(stderr, "ouro: %s: %s%s\n", path, d.count ? "there are errors, but no memory to tell them: " : "",
                ouro_error_sentence(ret));
    ouro_diagnostics_free(&d);
    if (!ret) return EXIT_OK;
    return ret == OURO_ECONFIG ? EXIT_USAGE : EXIT_RUNTIME;
}

static int simulate(const ouro_study *s, const cli_args *a, running *r, ouro_error *e) {
    int threads = a->jobs ? a->jobs : omp_get_num_procs();
    ouro_run_options options = {
        .threads = threads, .progress = r->progress.live ? show : NULL, .point = point_done, .ctx = r, .stop = &stop};
    int ret = ouro_output_open(&r->output, s, a->out, a->force, e);
    unfinished = &r->output;
    omp_set_num_threads(threads);
    if (!ret) ret = ouro_run(s->points, s->experiment, &options, e);
    if (!ret && stop) ret = ouro_fail(e, OURO_EINTERRUPTED, "", "interrupted");
    if (!ret) ret = ouro_output_commit(&r->output, threads, e);
    return ret;
}

/* Whether the laws are obeyed, in a line: comparisons of one run are many, and one of them is always the furthest off. */
static void tell_agreement(const ouro_agreement *a) {
    if (!a->law) return;
    const double threshold = ouro_comparison_threshold(a->comparisons);
    fprintf(stderr,
            "Laws: %llu comparisons, the furthest off z = %.1f (%s of %s, t = %u, point %zu): %s |z| = %.1f, which "
            "chance exceeds once in 1000 such runs\n",
            (unsigned long long)a->comparisons, a->z, ouro_statistic_names[a->claim->statistic], a->measure,
            a->generation, a->point, fabs(a->z) < threshold ? "within" : "BEYOND", threshold);
}

/* "200", or "200 to 1600" where run.stop gave points different numbers. */
static void tell_replicates(const ouro_output *o, size_t size, char *text) {
    uint64_t least = UINT64_MAX, most = 0;
    for (size_t p = 0; p < o->study->points; p++) {
        const ouro_config *c = &o->study->config[p];
        const uint64_t n = c->run.stop.measure ? o->precision[p].replicates : c->run.replicates;
        if (n < least) least = n;
        if (n > most) most = n;
    }
    if (least < most)
        snprintf(text, size, "%llu to %llu", (unsigned long long)least, (unsigned long long)most);
    else
        snprintf(text, size, "%llu", (unsigned long long)most);
}

/* The points that ended at run.stop.max_replicates, with an interval still too wide; the manifest has them all. */
static void tell_precision(const ouro_output *o) {
    enum { SHOWN = 10 };
    size_t missed = 0;
    for (size_t p = 0; p < o->study->points; p++) {
        const ouro_experiment *x = &o->study->experiment[p];
        const ouro_precision *at = &o->precision[p];
        char half_width[64] = "too few values for an interval";
        if (!x->config->run.stop.measure || at->reached || missed++ >= SHOWN) continue;
        if (!isnan(at->half_width)) snprintf(half_width, sizeof half_width, "half-width %.3g", at->half_width);
        fprintf(
            stderr,
            "Point %zu: the 95 %% interval of the %s of %s at t = %u is NOT within %.6g after %llu replicates: %s%s\n",
            p, ouro_stop_statistic_names[x->config->run.stop.statistic], x->columns[x->stop_column].name,
            x->observed[x->stop_observed], x->config->run.stop.half_width, (unsigned long long)at->replicates,
            half_width, at->heavy ? ", which a few replicates decide (heavy tail: take the median)" : "");
    }
    if (missed > SHOWN)
        fprintf(stderr, "and so at %zu more points: see \"precision\" in manifest.json\n", missed - SHOWN);
}

int cli_run(const cli_args *a) {
    ouro_study s;
    ouro_error e = {0};
    running r = {0};
    if (a->operands_len != 1) {
        fprintf(stderr, "ouro run: one config is needed; see `ouro help run`\n");
        return EXIT_USAGE;
    }
    int code = cli_load(&s, a->operands[0], a);
    if (code) return code;
    cli_catch_signals();
    atexit(at_exit);
    cli_progress_begin(&r.progress, a->quiet);
    int ret = simulate(&s, a, &r, &e);
    cli_progress_end(&r.progress);
    if (ret == OURO_EINTERRUPTED) {
        fprintf(stderr, "ouro: interrupted; nothing was kept. The same command gives the same run from the start.\n");
        code = EXIT_INTERRUPTED;
    } else if (ret) {
        code = cli_fail(&e);
    } else {
        char took[32];
        cli_duration(cli_seconds() - r.progress.start, sizeof took, took);
        printf("%s\n", r.output.dir);
        if (!a->quiet) {
            char replicates[64];
            tell_replicates(&r.output, sizeof replicates, replicates);
            fprintf(stderr, "%s: %zu point%s x %s replicates x %llu generations in %s\n", s.name, s.points,
                    s.points == 1 ? "" : "s", replicates, (unsigned long long)s.config[0].run.generations, took);
            tell_precision(&r.output);
            tell_agreement(&r.output.agreement);
            fprintf(stderr, "Next: plots/trajectories.py %s\n", r.output.dir);
        }
    }
    ouro_output_close(&r.output);
    unfinished = NULL;
    ouro_study_free(&s);
    return code;
}
