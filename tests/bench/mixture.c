/* mixture.c: what expectation-maximisation for Gaussian mixtures costs.
 *
 * Thread CPU time; the median (and the fastest) of REPEATS repetitions of at least LEAST_MS each. First the pass over
 * the rows with its maximisation, in ns per row and component; then chains of a recursion, in us per generation.
 *
 *   mixture                              everything
 *   mixture steps N D K ROUNDS           ns of one step with full covariances, for gmm_peers.py:
 *                                        plain steps from the starts of mixture_rows.h, as many as ROUNDS at a time */
#include "setup.h"
#include "../../src/families/gmm.h"
#include "mixture_rows.h"
#include "ouro/replicate.h"
#include <math.h>
#include <time.h>

enum { REPEATS = 11, LEAST_MS = 20 };

static double cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A fit of exactly so many plain steps. */
typedef struct subject {
    size_t n, k, d;
    ouro_gmm options;
    ouro_gmm_shape shape;
    ouro_packed_rows rows;
    double *start, *theta;
    ouro_arena keep, tmp;
} subject;

static int make(subject *s, size_t n, size_t d, size_t k, int type, uint64_t rounds) {
    *s = (subject){.n = n, .k = k, .d = d, .shape = ouro_gmm_shape_of(k, d, type)};
    s->options = (ouro_gmm){.n_components = k,
                            .n_init = 1,
                            .max_iter = rounds,
                            .covariance_type = type,
                            .init = OURO_GMM_WARM,
                            .algorithm = OURO_GMM_EM,
                            .tol = 1e-300};
    double *x = ouro_arena_alloc(&s->keep, n * d, sizeof *x);
    s->rows = (ouro_packed_rows){.d = d};
    s->rows.data = ouro_arena_alloc(&s->keep, ouro_packed_len(ouro_packed_blocks(n), d), sizeof(double));
    s->start = ouro_arena_alloc(&s->keep, ouro_gmm_theta_len(&s->shape), sizeof(double));
    s->theta = ouro_arena_alloc(&s->keep, ouro_gmm_theta_len(&s->shape), sizeof(double));
    if (!x || !s->rows.data || !s->start || !s->theta) return 0;
    mixture_rows(n, d, k, x);
    ouro_rows_pack(&s->rows, n, x, NULL, 1);
    mixture_start_at(&s->shape, x, s->start);
    return 1;
}

static void unmake(subject *s) {
    ouro_arena_free(&s->keep);
    ouro_arena_free(&s->tmp);
}

/* ns per step, of one repetition */
static double step_ns(subject *s) {
    const ouro_address address = {0};
    const double begin = cpu_ns();
    double steps = 0, elapsed;
    do {
        ouro_fit_info info;
        memcpy(s->theta, s->start, ouro_gmm_theta_len(&s->shape) * sizeof *s->theta);
        if (ouro_gmm_fit(&s->options, &s->shape, &s->rows, 1, &address, &s->tmp, s->theta, &info)) exit(1);
        steps += (double)info.iterations;
        elapsed = cpu_ns() - begin;
    } while (elapsed < 1e6 * LEAST_MS);
    return elapsed / steps;
}

static double median_of(subject *s, double *fastest) {
    double ns[REPEATS];
    for (int i = 0; i < REPEATS; i++) ns[i] = step_ns(s);
    qsort(ns, REPEATS, sizeof *ns, ascending);
    *fastest = ns[0];
    return ns[REPEATS / 2];
}

static int passes(void) {
    static const size_t sizes[] = {1000, 10000}, dims[] = {1, 2, 5, 10, 50}, ks[] = {2, 3, 10};
    subject s;
    for (int type = OURO_GMM_FULL; type <= OURO_GMM_DIAG; type += OURO_GMM_DIAG - OURO_GMM_FULL)
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 5; j++)
                for (size_t l = 0; l < 3; l++) {
                    double fastest;
                    if (ks[l] != 3 && (type != OURO_GMM_FULL || i == 0)) continue;
                    if (!make(&s, sizes[i], dims[j], ks[l], type, 20)) return 1;
                    const double ns = median_of(&s, &fastest), each = (double)(s.n * s.k);
                    printf("%s, n = %5zu, d = %2zu, k = %2zu: %9.1f us per step, %7.2f ns per row and component "
                           "(fastest %.2f)\n",
                           type == OURO_GMM_FULL ? "full" : "diag", s.n, s.d, s.k, ns / 1e3, ns / each, fastest / each);
                    unmake(&s);
                }
    return 0;
}

typedef struct chain {
    const char *name, *config;
} chain;
#define SEPARATED "'truth':{'family':'gmm','means':[-1.5,1.5]},"
#define THREE "'truth':{'family':'gmm','means':[[0,0],[3,0],[0,3]]},"
#define MODEL(k, more) "'model':{'family':'gmm','n_components':" #k more "},"
static const chain chains[] = {
    {"n = 1e3, d = 1, k = 2, 3 sd apart, warm",
     SEPARATED MODEL(2, ",'init':'warm'") "'policy':{'synthetic':{'points':1000}}"},
    {"the same, plain steps",
     SEPARATED MODEL(2, ",'init':'warm','algorithm':'em'") "'policy':{'synthetic':{'points':1000}}"},
    {"the same, squarem",
     SEPARATED MODEL(2, ",'init':'warm','algorithm':'squarem'") "'policy':{'synthetic':{'points':1000}}"},
    {"the same, k-means++", SEPARATED MODEL(2, "") "'policy':{'synthetic':{'points':1000}}"},
    {"n = 1e4, d = 2, k = 3, 3 sd apart, warm",
     THREE MODEL(3, ",'init':'warm'") "'policy':{'synthetic':{'points':10000}}"},
};

/* Generations 2 to 101 of as many replicates as fill the time. */
static int run_chain(const chain *what) {
    double us[REPEATS], steps = 0, generations = 0, row = 0;
    ouro_study study;
    ouro_replicate r;
    ouro_error e = {0};
    uint32_t next = 0;
    if (setup_loadf(&study, "{'name':'bench',%s,'observe':{'measures':['moments']}}", what->config)) return 1;
    if (ouro_replicate_init(&r, study.experiment, &e)) return 1;
    for (int i = 0; i < REPEATS; i++) {
        double elapsed = 0, done = 0;
        while (elapsed < 1e6 * LEAST_MS) {
            ouro_replicate_begin(&r, next++);
            if (ouro_replicate_step(&r, &e)) return 1;
            const double begin = cpu_ns();
            for (int t = 0; t < 100; t++) {
                if (ouro_replicate_step(&r, &e)) return 1;
                steps += (double)r.fit.iterations;
            }
            elapsed += cpu_ns() - begin;
            done += 100;
            row += r.theta[0];
        }
        us[i] = elapsed / done / 1e3;
        generations += done;
    }
    qsort(us, REPEATS, sizeof *us, ascending);
    printf("%-42s %8.1f us per generation (fastest %.1f), %5.1f passes%s\n", what->name, us[REPEATS / 2], us[0],
           steps / generations, isnan(row) ? " NaN" : "");
    ouro_replicate_free(&r);
    ouro_study_free(&study);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 6 && !strcmp(argv[1], "steps")) {
        subject s;
        double fastest;
        if (!make(&s, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10), OURO_GMM_FULL,
                  strtoul(argv[5], NULL, 10)))
            return 1;
        printf("%.1f\n", median_of(&s, &fastest));
        unmake(&s);
        return 0;
    }
    printf("thread CPU time, one thread; median (and fastest) of %d repetitions of %d ms\n", REPEATS, LEAST_MS);
    int bad = passes();
    for (size_t i = 0; i < sizeof chains / sizeof chains[0] && !bad; i++) bad = run_chain(&chains[i]);
    return bad;
}
