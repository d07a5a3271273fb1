/* cmd_check.c: ouro check: is the config valid, and what would running it cost? */
#include "cli.h"
#include "ouro/mem.h"
#include "ouro/output.h"
#include "ouro/replicate.h"
#include <omp.h>
#include <string.h>
#include <time.h>

enum { TRIAL_POINTS = 5, TRIAL_GENERATIONS = 5 };
#define TRIAL_SECONDS 0.04
#define TRIAL_MOST_SECONDS 1.0

/* Points that a request takes, were no row rejected by chance. */
static double taken(const ouro_experiment *x, const ouro_request *ask) {
    uint64_t n = ask->n;
    for (size_t k = ask->role == OURO_SYNTHETIC ? x->filters.len : 0; k-- > 0;) {
        const ouro_filter *f = &x->filters.item[k];
        if (f->type->needs) n = f->type->needs(f->params, n);
    }
    return (double)n;
}

/* What one replicate takes up to some generation. */
typedef struct extent {
    double draws;  /* points drawn */
    double stored; /* points kept at the same time, at most */
    double points; /* of the largest fit */
    double work;   /* points drawn and fitted; on the statistics path, where their number costs nothing, generations */
} extent;

static extent extent_of(const ouro_experiment *x, uint32_t generations) {
    extent e = {0, 0, 0, 0};
    ouro_walk w = {.policy = &x->policy};
    for (uint32_t t = 1; t <= generations && !ouro_walk_step(&w); t++) {
        double drawn = 0, stored = 0;
        for (size_t i = 0; i < w.order.len; i++) drawn += taken(x, &w.order.item[i]);
        for (size_t i = 0; i < w.ledger.len; i++) stored += (double)w.ledger.batch[i].n;
        e.draws += drawn;
        if (stored > e.stored) e.stored = stored;
        if ((double)w.mix.points > e.points) e.points = (double)w.mix.points;
        e.work += x->path == OURO_PATH_SAMPLES ? drawn + (double)w.mix.points : 1;
        ouro_walk_retire(&w);
    }
    ouro_walk_free(&w);
    return e;
}

/* Bytes of a whole run from those held after one generation and after `reached` of them: rows are counted, and what fits
 * need beside them grows with the points they see. */
static double extrapolated(const ouro_experiment *x, double first, double last, uint32_t reached) {
    const extent a = extent_of(x, 1), b = extent_of(x, reached), all = extent_of(x, x->setting.generations);
    const double row = x->path == OURO_PATH_SAMPLES ? (double)x->model.domain.dim * sizeof(double) : 0;
    const double beside = last - row * b.stored;
    const double slope =
        b.points > a.points ? (beside - (first - row * a.stored)) / (b.points - a.points) : beside / b.points;
    return last + row * (all.stored - b.stored) + (slope > 0 ? slope : 0) * (all.points - b.points);
}

static double worker_bytes(const ouro_replicate *r) {
    return (double)(ouro_corpus_bytes(&r->corpus) + r->experiment->model.theta_len * sizeof(double));
}

/* Of this thread alone: what else the machine is doing is no part of the work. */
static double own_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds per replicate of one thread, by a short trial; memory of the worker in *bytes. */
static double trial(const ouro_experiment *x, double *bytes) {
    ouro_replicate r;
    ouro_error e = {0};
    const extent whole = extent_of(x, x->setting.generations);
    double start = own_seconds(), now = start, first = 0, work = 0;
    uint32_t reached = 0;
    double *row = ouro_alloc(x->columns_len, sizeof *row);
    uint32_t *passage = ouro_alloc(x->events_len + 1, sizeof *passage);
    *bytes = 0;
    if (!row || !passage || ouro_replicate_init(&r, x, &e)) {
        ouro_free(row);
        ouro_free(passage);
        return 0;
    }
    for (uint32_t i = 0; now - start < TRIAL_SECONDS; i++) {
        ouro_replicate_begin(&r, i);
        memset(passage, 0, x->events_len * sizeof *passage);
        size_t g = 0;
        uint32_t t = 1;
        /* memory is extrapolated from what grew between generations: a few are needed, however slow the machine is */
        for (; t <= x->setting.generations &&
               now - start < (i == 0 && t <= TRIAL_GENERATIONS ? TRIAL_MOST_SECONDS : TRIAL_SECONDS);
             t++) {
            if (ouro_replicate_step(&r, &e)) goto out;
            const int observed = g < x->observed_len && x->observed[g] == t;
            if (observed) {
                ouro_replicate_measure(&r, row);
                g++;
            }
            if (x->events_len) ouro_replicate_watch(&r, observed ? row : NULL, passage);
            if (first == 0) first = worker_bytes(&r);
            if (t % 64 == 0 || r.corpus.path == OURO_PATH_SAMPLES) now = own_seconds();
        }
        if (i == 0) reached = t - 1;
        work += t > x->setting.generations ? whole.work : extent_of(x, t - 1).work;
        now = own_seconds();
    }
out:
    if (reached) *bytes = extrapolated(x, first, worker_bytes(&r), reached);
    ouro_replicate_free(&r);
    ouro_free(row);
    ouro_free(passage);
    return work > 0 ? (now - start) / work * whole.work : 0;
}

/* Seconds to write one byte of a table: nearly all of it goes into spelling 17 digits. */
static double seconds_per_byte(void) {
    enum { NUMBERS = 4000 };
    char text[32];
    double start = cli_seconds(), bytes = 0, x = 0.7390851332151607;
    for (int i = 0; i < NUMBERS; i++) bytes += snprintf(text, sizeof text, "%.17g", x *= 0.9999);
    return (cli_seconds() - start) / bytes;
}

static void report(const ouro_study *s, const char *path, int threads) {
    char text[3][32];
    double seconds = 0, memory = 0, worker = 0;
    size_t stride = s->points > TRIAL_POINTS ? s->points / TRIAL_POINTS : 1, tried = 0;
    for (size_t p = 0; p < s->points; p++) {
        double results = (double)ouro_results_bytes(&s->experiment[p]);
        if (results > memory) memory = results;
    }
    for (size_t p = 0; p < s->points; p += stride, tried++) {
        double bytes;
        seconds += trial(&s->experiment[p], &bytes) * (double)ouro_config_replicates(&s->config[p]);
        if (bytes > worker) worker = bytes;
    }
    seconds *= (double)s->points / (double)tried / threads;
    seconds += seconds_per_byte() * ouro_output_estimate(s);
    const ouro_experiment *x = &s->experiment[0];
    cli_duration(seconds, sizeof text[0], text[0]);
    cli_bytes(memory + worker * threads, sizeof text[1], text[1]);
    cli_bytes(ouro_output_estimate(s), sizeof text[2], text[2]);
    char most[48] = "";
    if (x->config->run.stop.measure)
        snprintf(most, sizeof most, " to %llu", (unsigned long long)ouro_config_replicates(x->config));
    printf("%s: ok\n  points %zu, replicates %llu%s, generations %u, rows of %zu columns at %zu generations\n", path,
           s->points, (unsigned long long)x->config->run.replicates, most, x->setting.generations, x->columns_len,
           x->observed_len);
    if (x->config->run.stop.measure)
        printf("  until the 95 %% interval of the %s of %s at t = %u is within %.6g on either side; at most:\n",
               ouro_stop_statistic_names[x->config->run.stop.statistic], x->columns[x->stop_column].name,
               x->observed[x->stop_observed], x->config->run.stop.half_width);
    printf("  path %s: %s\n", x->path == OURO_PATH_STATISTICS ? "statistics" : "samples", x->path_reason);
    printf("  draws %s%.4g points per replicate\n  about %s on %d thread%s, %s of memory, %s of files\n",
           x->filters.len ? "at least " : "", extent_of(x, x->setting.generations).draws, text[0], threads,
           threads == 1 ? "" : "s", text[1], text[2]);
    const ouro_policy *policy = &x->policy;
    if (policy->anchor.exhausted_at != OURO_UNSET && policy->anchor.exhausted_at <= x->setting.generations)
        printf("  the reserve of %llu observations is exhausted at generation %llu: %s\n",
               (unsigned long long)x->truth.reserve, (unsigned long long)policy->anchor.exhausted_at,
               policy->anchor.exhausted == OURO_REUSE ? "it is put back and drawn from anew" : "injections end");
    if (policy->flagged.first != OURO_UNSET && policy->flagged.recall <= x->setting.generations)
        printf("  fit %llu is the first without the batches flagged in generations %llu to %llu\n",
               (unsigned long long)policy->flagged.recall, (unsigned long long)policy->flagged.first,
               (unsigned long long)policy->flagged.last);
    if (policy->rollback.at <= x->setting.generations)
        printf("  fit %llu goes back to model %llu\n", (unsigned long long)policy->rollback.at,
               (unsigned long long)policy->rollback.to);
    for (size_t i = 0; i < x->setting.tails_len; i++)
        if (x->setting.tails[i].attained != x->setting.tails[i].alpha)
            printf("  tail %g: the truth attains %.6g\n", x->setting.tails[i].alpha, x->setting.tails[i].attained);
}

int cli_check(const cli_args *a) {
    int worst = EXIT_OK;
    if (!a->operands_len) {
        fprintf(stderr, "ouro check: a config is needed; see `ouro help check`\n");
        return EXIT_USAGE;
    }
    for (int i = 0; i < a->operands_len; i++) {
        ouro_study s;
        int code = cli_load(&s, a->operands[i], a);
        if (code > worst) worst = code;
        if (code) continue;
        report(&s, a->operands[i], a->jobs ? a->jobs : omp_get_num_procs());
        ouro_study_free(&s);
    }
    return worst;
}
