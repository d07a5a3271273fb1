/* run.c: all replicates of all points, over all workers.
 *
 * The unit of work is one replicate. Its rows go to their own place in the point's table, so the order in which workers
 * finish cannot be seen afterwards. Whether a point needs more of them (run.stop) is asked only when all so far are there. */
#include "ouro/precision.h"
#include "ouro/replicate.h"
#include <omp.h>

enum { STOP_CHECK = 256, MANY_CHUNKS = 64 };

/* How many replicates of a point there are, or with run.stop can be; and how many of them are run. */
static uint64_t replicates_of(const ouro_experiment *x, size_t point, const ouro_run_options *o) {
    if (!o->sample) return ouro_config_replicates(x->config);
    return o->of ? o->of[point] : x->config->run.replicates;
}
static uint64_t sampled(uint64_t all, const ouro_run_options *o) {
    return o->sample && o->sample < all ? o->sample : all;
}

static int stopped(const ouro_run_options *o) { return o->stop && *o->stop; }

static int run_replicate(ouro_replicate *r, ouro_results *out, size_t i, const ouro_run_options *o, ouro_error *e) {
    const ouro_experiment *x = r->experiment;
    double *row = out->value + i * out->generations * out->columns;
    uint32_t *passage = out->passage + i * out->events;
    size_t g = 0;
    ouro_replicate_begin(r, (uint32_t)ouro_results_replicate(out, i));
    for (uint32_t t = 1; t <= x->setting.generations; t++) {
        int ret = ouro_replicate_step(r, e);
        if (ret) return ret;
        const double *observed = NULL;
        if (g < x->observed_len && x->observed[g] == t) {
            observed = row;
            ouro_replicate_measure(r, row);
            out->absorbed[i * out->generations + g] = r->fit.absorbed != 0;
            row += out->columns;
            g++;
        }
        if (x->events_len) ouro_replicate_watch(r, observed, passage);
        if (r->failed) return ouro_fail(e, r->failed, "run", "out of memory for the measures");
        if (t % STOP_CHECK == 0 && stopped(o)) return OURO_EINTERRUPTED;
    }
    return OURO_OK;
}

/* One worker's share of the replicates of a point from `from` on; the first error of all workers is kept. */
static void work(ouro_results *out, size_t from, const ouro_run_options *o, ouro_progress *progress, int *failed,
                 ouro_error *e) {
    ouro_replicate r;
    ouro_error mine = {0};
    const ouro_experiment *x = out->experiment;
    int ret = ouro_replicate_init(&r, x, &mine);
    int chunk = (int)((out->replicates - from) / (size_t)(MANY_CHUNKS * omp_get_num_threads()));
    uint64_t unreported = 0;
#pragma omp for schedule(dynamic, (chunk > 1 ? chunk : 1)) nowait
    for (size_t i = from; i < out->replicates; i++) {
        int others;
#pragma omp atomic read
        others = *failed;
        if (ret || others) continue;
        ret = stopped(o) ? OURO_EINTERRUPTED : run_replicate(&r, out, i, o, &mine);
        unreported += x->setting.generations;
        if (unreported < 1 << 16 && x->setting.generations < 1 << 16) continue;
        uint64_t done;
#pragma omp atomic capture
        done = progress->done += unreported;
        unreported = 0;
        if (o->progress && omp_get_thread_num() == 0)
            o->progress(o->ctx, &(ouro_progress){.done = done, .total = progress->total});
    }
#pragma omp atomic
    progress->done += unreported;
    if (ret) {
#pragma omp critical(ouro_run_failure)
        {
            if (!*failed) *e = mine.code ? mine : (ouro_error){.code = ret, .where = "run", .what = "stopped"};
#pragma omp atomic write
            *failed = ret;
        }
    }
    ouro_replicate_free(&r);
}

/* The replicates r->replicates .. to. */
static int run_to(ouro_results *r, uint64_t to, int threads, const ouro_run_options *o, ouro_progress *progress,
                  ouro_error *e) {
    const size_t from = r->replicates;
    int failed = 0, ret;
    ouro_error first = {0};
    OURO_TRY(ouro_results_grow(r, to, e));
#pragma omp parallel num_threads(threads) default(shared)
    work(r, from, o, progress, &failed, &first);
    if (failed) ret = ouro_fail(e, failed, first.where, "%s", first.what);
out:
    return ret;
}

/* All replicates of a point: a sample at once, else from checkpoint to checkpoint until they are enough. */
static int run_point(ouro_results *r, size_t point, int threads, const ouro_run_options *o, ouro_progress *progress,
                     ouro_error *e) {
    const uint64_t all = replicates_of(r->experiment, point, o), some = sampled(all, o);
    int ret = OURO_OK;
    if (o->sample) {
        r->of = some < all ? all : 0;
        return run_to(r, some, threads, o, progress, e);
    }
    for (;;) {
        uint64_t next;
        if (ouro_precision_next(r, &next))
            return ouro_fail(e, OURO_ENOMEM, "run", "out of memory for the interval of run.stop");
        if (next == r->replicates) break;
        OURO_TRY(run_to(r, next, threads, o, progress, e));
    }
    progress->total -= (all - r->replicates) * r->experiment->setting.generations; /* which were not needed */
out:
    return ret;
}

int ouro_run(size_t len, const ouro_experiment *x, const ouro_run_options *o, ouro_error *e) {
    int ret = OURO_OK;
    int threads = o->threads > 0 ? o->threads : omp_get_max_threads();
    ouro_progress progress = {0};
    for (size_t p = 0; p < len; p++)
        progress.total += sampled(replicates_of(&x[p], p, o), o) * x[p].config->run.generations;
    for (size_t p = 0; p < len && !ret; p++) {
        ouro_results results = ouro_results_of(&x[p]);
        ret = run_point(&results, p, threads, o, &progress, e);
        if (!ret && o->point) ret = o->point(o->ctx, p, &results, e);
        if (o->progress) o->progress(o->ctx, &progress);
        ouro_results_free(&results);
    }
    return ret;
}
