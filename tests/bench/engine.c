/* engine.c: what a generation costs.
 *
 * Method, also printed: one thread; every figure is thread CPU time (clock_gettime, CLOCK_THREAD_CPUTIME_ID) of whole
 * replicates, begin included, over the generations or samples they hold; REPEATS repetitions of at least LEAST_MS each,
 * all cases taking turns, so that a busy spell of the machine hits all of them; the median, and the fastest. Where the
 * kernel and the processor let perf_event_open count instructions in user mode, they are those of the same repetitions.
 *
 * With an argument, only cases whose name contains it run (for a profiler). Without one, the figures also go to
 * engine.csv beside the program, where numpy_loop.py finds them for its ratios. */
#include "setup.h"
#include "ouro/replicate.h"
#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

enum { REPEATS = 15, LEAST_MS = 40, MOST_COLUMNS = 64 };

typedef struct bench_case {
    const char *name, *unit; /* per what */
    double per_generation;   /* units in a generation: 1, or the samples it draws */
    uint32_t generations;
    int measured; /* with all measures of the config, at every generation */
    const char *config;
} bench_case;

#define GAUSSIAN "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}, "
#define MOMENTS "'observe': {'measures': ['moments']}"
#define CLOSED                                                                                                         \
    "'observe': {'measures': ['moments', 'tails', 'kl_truth_model', 'kl_model_truth', 'hellinger', 'tv', 'w2']}"
#define JS "'observe': {'measures': ['moments', 'js']}" /* by nodes: it has no closed form */
#define SAMPLES "'run': {'path': 'samples'}, "

static const bench_case cases[] = {
    {"statistics, replace, n = 100, no measure", "generation", 1, 1000, 0, GAUSSIAN MOMENTS},
    {"statistics, replace, n = 100, moments", "generation", 1, 1000, 1, GAUSSIAN MOMENTS},
    {"statistics, replace, n = 100, moments + tails + closed divergences", "generation", 1, 1000, 1, GAUSSIAN CLOSED},
    {"statistics, replace, n = 100, moments + js", "generation", 1, 1000, 1, GAUSSIAN JS},
    {"statistics, accumulate, n = 100, moments", "generation", 1, 1000, 1,
     GAUSSIAN "'policy': {'preset': 'accumulate'}, " MOMENTS},
    {"statistics, one fresh point, n = 99, moments", "generation", 1, 1000, 1,
     GAUSSIAN "'policy': {'preset': 'fresh', 'synthetic': {'points': 99}}, " MOMENTS},
    {"statistics, categorical K = 10, n = 100, moments", "generation", 1, 100, 1,
     "'truth': {'family': 'categorical', 'zipf': 1}, 'model': {'family': 'categorical'}, " MOMENTS},
    {"samples, replace, n = 100, moments", "sample", 100, 1000, 1, GAUSSIAN SAMPLES MOMENTS},
    {"samples, replace, n = 10000, moments", "sample", 10000, 100, 1,
     GAUSSIAN SAMPLES "'policy': {'synthetic': {'points': 10000}}, " MOMENTS},
    {"samples, categorical K = 10, n = 10000, moments", "sample", 10000, 100, 1,
     "'truth': {'family': 'categorical', 'zipf': 1}, 'model': {'family': 'categorical'}, " SAMPLES
     "'policy': {'synthetic': {'points': 10000}}, " MOMENTS},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static int open_counter(void) {
    struct perf_event_attr a = {.type = PERF_TYPE_HARDWARE,
                                .size = sizeof a,
                                .config = PERF_COUNT_HW_INSTRUCTIONS,
                                .exclude_kernel = 1,
                                .exclude_hv = 1};
    return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static double cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static double instructions(int counter) {
    uint64_t count = 0;
    return counter >= 0 && read(counter, &count, sizeof count) == sizeof count ? (double)count : 0;
}

typedef struct subject {
    const bench_case *what;
    ouro_study study;
    ouro_replicate replicate;
    uint32_t next; /* replicate */
    double ns[REPEATS], instructions[REPEATS], sum;
} subject;

static int prepare(subject *s, const bench_case *what) {
    ouro_error e = {0};
    *s = (subject){.what = what};
    if (setup_loadf(&s->study, "{'name': 'bench', %s}", what->config) != OURO_OK) return 0;
    return ouro_replicate_init(&s->replicate, s->study.experiment, &e) == OURO_OK;
}

/* One replicate, as a run does it; the last row is summed up so that no measure can be left out. */
static int run_replicate(subject *s) {
    double row[MOST_COLUMNS];
    ouro_error e = {0};
    ouro_replicate_begin(&s->replicate, s->next++);
    for (uint32_t t = 1; t <= s->what->generations; t++) {
        if (ouro_replicate_step(&s->replicate, &e) != OURO_OK) return 0;
        if (s->what->measured) ouro_replicate_measure(&s->replicate, row);
    }
    s->sum += s->what->measured ? row[0] : s->replicate.theta[0];
    return 1;
}

static int measure(subject *s, int repeat, int counter) {
    const double start = cpu_ns(), first = instructions(counter);
    double units = 0, elapsed;
    do {
        if (!run_replicate(s)) return 0;
        units += s->what->per_generation * s->what->generations;
        elapsed = cpu_ns() - start;
    } while (elapsed < 1e6 * LEAST_MS);
    s->ns[repeat] = elapsed / units;
    s->instructions[repeat] = (instructions(counter) - first) / units;
    return 1;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x) {
    qsort(x, REPEATS, sizeof *x, ascending);
    return x[REPEATS / 2];
}

static void report(subject *s, FILE *csv) {
    const double instructions_each = median(s->instructions), ns = median(s->ns);
    printf("%-60s %8.2f ns per %s (fastest %.2f)", s->what->name, ns, s->what->unit, s->ns[0]);
    if (instructions_each > 0) printf(", %.0f instructions", instructions_each);
    printf("\n");
    if (csv != NULL) fprintf(csv, "\"%s\",%.6g,%s,%g\n", s->what->name, ns, s->what->unit, s->what->per_generation);
}

int main(int argc, char **argv) {
    static subject subjects[CASES];
    char path[4096];
    const int counter = open_counter();
    size_t len = 0;
    double sum = 0;
    for (size_t i = 0; i < CASES; i++)
        if (argc < 2 || strstr(cases[i].name, argv[1]) != NULL)
            if (!prepare(&subjects[len++], &cases[i])) return 1;
    for (int repeat = 0; repeat < REPEATS; repeat++)
        for (size_t i = 0; i < len; i++)
            if (!measure(&subjects[i], repeat, counter)) return 1;
    printf("thread CPU time of whole replicates, one thread; median (and fastest) of %d repetitions of %d ms, cases "
           "taking "
           "turns; instructions %s\n",
           REPEATS, LEAST_MS, counter >= 0 ? "counted in user mode" : "not available: no perf_event_open here");
    snprintf(path, sizeof path, "%s.csv", argv[0]);
    FILE *csv = argc < 2 ? fopen(path, "w") : NULL;
    if (csv != NULL) fprintf(csv, "case,ns,unit,per_generation\n");
    for (size_t i = 0; i < len; i++) {
        report(&subjects[i], csv);
        sum += subjects[i].sum;
        ouro_replicate_free(&subjects[i].replicate);
        ouro_study_free(&subjects[i].study);
    }
    if (csv != NULL) fclose(csv);
    return sum == sum ? 0 : 1;
}
