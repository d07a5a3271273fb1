/* run.c: all replicates of all points, over all workers.
 *
 * The unit of work is one replicate. Its rows go to their own place in the point's table, so the order in which workers
 * finish cannot be seen afterwards.                                                                          */
#include "ouro/replicate.h"
#include "ouro/run.h"
#include <math.h>
#include <omp.h>

enum { STOP_CHECK = 256, MANY_CHUNKS = 64 };

size_t ouro_results_bytes(const ouro_experiment *x) {
    double bytes =
        (double)x->config->run.replicates * ((double)x->observed_len * ((double)x->columns_len * sizeof(double) + 1) +
                                             (double)x->events_len * sizeof(uint32_t));
    return bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

static void results_free(ouro_results *r) {
    ouro_free(r->value);
    ouro_free(r->absorbed);
    ouro_free(r->passage);
}

/* How many replicates of a point are run. */
static uint64_t replicates_of(const ouro_experiment *x, const ouro_run_options *o) {
    const uint64_t all = x->config->run.replicates;
    return o->sample && o->sample < all ? o->sample : all;
}

static int results_init(ouro_results *r, const ouro_experiment *x, const ouro_run_options *o, ouro_error *e) {
    *r = (ouro_results){.experiment = x,
                        .replicates = replicates_of(x, o),
                        .of = x->config->run.replicates,
                        .generations = x->observed_len,
                        .columns = x->columns_len,
                        .events = x->events_len};
    size_t cells = x->observed_len * x->columns_len;
    if (ouro_results_bytes(x) < SIZE_MAX && r->replicates <= SIZE_MAX / cells) {
        r->value = ouro_alloc(r->replicates * cells, sizeof(double));
        r->absorbed = ouro_alloc(r->replicates * x->observed_len, 1);
        r->passage = ouro_alloc(r->replicates * x->events_len + 1, sizeof *r->passage);
    }
    if (r->value && r->absorbed && r->passage) return OURO_OK;
    results_free(r);
    return ouro_fail(e, OURO_ENOMEM, "run",
                     "the results of one point need %.3g bytes, which memory does not hold; observe "
                     "fewer generations or measures, or run fewer replicates",
                     (double)ouro_results_bytes(x));
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

/* One worker's share of a point; the first error of all workers is kept. */
static void work(ouro_results *out, const ouro_run_options *o, ouro_progress *progress, int *failed, ouro_error *e) {
    ouro_replicate r;
    ouro_error mine = {0};
    const ouro_experiment *x = out->experiment;
    int ret = ouro_replicate_init(&r, x, &mine);
    int chunk = (int)(out->replicates / (size_t)(MANY_CHUNKS * omp_get_num_threads()));
    uint64_t unreported = 0;
#pragma omp for schedule(dynamic, (chunk > 1 ? chunk : 1)) nowait
    for (size_t i = 0; i < out->replicates; i++) {
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

int ouro_run(size_t len, const ouro_experiment *x, const ouro_run_options *o, ouro_error *e) {
    int ret = OURO_OK;
    int threads = o->threads > 0 ? o->threads : omp_get_max_threads();
    ouro_progress progress = {0};
    for (size_t p = 0; p < len; p++) progress.total += replicates_of(&x[p], o) * x[p].config->run.generations;
    for (size_t p = 0; p < len && !ret; p++) {
        ouro_results results;
        if ((ret = results_init(&results, &x[p], o, e)) != OURO_OK) break;
        int failed = 0;
        ouro_error first = {0};
#pragma omp parallel num_threads(threads) default(shared)
        work(&results, o, &progress, &failed, &first);
        if (failed)
            ret = ouro_fail(e, failed, first.where, "%s", first.what);
        else if (o->point)
            ret = o->point(o->ctx, p, &results, e);
        if (o->progress) o->progress(o->ctx, &progress);
        results_free(&results);
    }
    return ret;
}
