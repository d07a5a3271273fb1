/* verify.c: samples of a run's replicates, and the bound on the largest |z| of a run. */
#include "setup.h"
#include "harness.h"
#include "io/verify_files.h"
#include "ouro/run.h"
#include "ouro/verify.h"
#include <math.h>

enum { ALL = 23, SAMPLE = 7, GENERATIONS = 4, MOST = 8 };

typedef struct kept {
    size_t replicates, columns, number[ALL];
    double value[ALL * GENERATIONS * MOST];
} kept;

static int keep(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    kept *k = ctx;
    (void)point, (void)e;
    k->replicates = r->replicates;
    k->columns = r->columns;
    for (size_t i = 0; i < r->replicates; i++) k->number[i] = ouro_results_replicate(r, i);
    memcpy(k->value, r->value, r->replicates * r->generations * r->columns * sizeof *r->value);
    return OURO_OK;
}

/* A replicate is the same in a sample as in the whole run, and a sample reaches from the first to near the last. */
TEST(verify_sample_of_replicates) {
    ouro_study s;
    ouro_error e = {0};
    static kept whole, part;
    REQUIRE(setup_load(&s, "{'name': 'sample', 'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'},"
                           " 'run': {'generations': 4, 'replicates': 23}, 'observe': {'measures': ['moments']}}") == 0);
    CHECK_EQ(ouro_run(1, s.experiment, &(ouro_run_options){.point = keep, .ctx = &whole}, &e), OURO_OK);
    CHECK_EQ(ouro_run(1, s.experiment, &(ouro_run_options){.point = keep, .ctx = &part, .sample = SAMPLE}, &e),
             OURO_OK);
    REQUIRE(whole.replicates == ALL && part.replicates == SAMPLE && whole.columns <= MOST);
    static const size_t expected[SAMPLE] = {0, 3, 6, 9, 13, 16, 19}; /* floor(23 i / 7) */
    const size_t row = GENERATIONS * whole.columns;
    for (size_t i = 0; i < SAMPLE; i++) {
        CHECK_EQ(part.number[i], expected[i]);
        CHECK(!memcmp(part.value + i * row, whole.value + expected[i] * row, row * sizeof(double)));
    }
    for (size_t i = 0; i < ALL; i++) CHECK_EQ(whole.number[i], i);
    CHECK_EQ(ouro_run(1, s.experiment, &(ouro_run_options){.point = keep, .ctx = &part, .sample = 2 * ALL}, &e),
             OURO_OK);
    CHECK_EQ(part.replicates, ALL);
    ouro_study_free(&s);
}

/* The verdict on a summary.csv of these lines. */
static int judge(const char *lines, ouro_error *e) {
    char dir[] = P_tmpdir "/ouro-test-XXXXXX", path[64], words[600] = "";
    *e = (ouro_error){0};
    if (!mkdtemp(dir)) return OURO_EIO;
    snprintf(path, sizeof path, "%s/summary.csv", dir);
    FILE *file = fopen(path, "w");
    if (!file) return OURO_EIO;
    fprintf(file, "point,generation,measure,n,mean,se,theory,z,theory_source,skewness\n%s", lines);
    fclose(file);
    const int ret = ouro_verify_laws(dir, sizeof words, words, e);
    unlink(path);
    rmdir(dir);
    return ret;
}

/* Of `rows` comparisons, the first of which has this z and says `says`, NULL for what it is; n replicates in each. */
static int verdict(size_t rows, int n, double z, const char *says, ouro_error *e) {
    static char lines[1 << 16];
    size_t used = (size_t)snprintf(lines, sizeof lines, "0,1,other,%d,1,2,,,,\n", n); /* no law: not a comparison */
    for (size_t i = 0; i < rows; i++) {
        const double mean = 0.5 + 0.25 * (i ? 1 : z); /* se 1/4, law 1/2: dyadic, so that z comes back exactly */
        char said[32];
        snprintf(said, sizeof said, "%.17g", (mean - 0.5) / 0.25);
        used += (size_t)snprintf(lines + used, sizeof lines - used, "0,%zu,thing,%d,%.17g,0.25,0.5,%s,mean: a law,0\n",
                                 i + 1, n, mean, says && !i ? says : said);
    }
    return judge(lines, e);
}

/* Of one comparison with this source, of ten thousand replicates, whose z of the mean would be 9 or -9. */
static int side(const char *source, double z) {
    char line[200];
    ouro_error e;
    snprintf(line, sizeof line, "0,1,thing,10000,%g,0.25,0.5,%g,%s,0\n", z < 0 ? -1.75 : 2.75, z, source);
    return judge(line, &e);
}

/* Two-sided quantiles of Student's t at 1e-3 divided by the number of comparisons, from tables: t_9 at 0.001 is 4.7809; the
 * normal limit is 3.2905 for one comparison and, at 1e-6, 4.8916 for a thousand. */
TEST(verify_bound_on_z) {
    static const struct {
        size_t rows;
        int n;
        double bound;
    } known[] = {{1, 10, 4.7809}, {1, 100000000, 3.2905}, {1000, 100000000, 4.8916}};
    ouro_error e;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const double near = 0.001 * sign, z = known[i].bound * sign;
            CHECK_EQ(verdict(known[i].rows, known[i].n, z - near, NULL, &e), OURO_OK);
            CHECK_EQ(verdict(known[i].rows, known[i].n, z + near, NULL, &e), OURO_ECHECK);
            CHECK(strstr(e.where, "summary.csv:3") && strstr(e.what, "thing at t = 1: z = ") &&
                  strstr(e.what, "a law"));
        }
    CHECK_EQ(verdict(1, 1000, 1, "1", &e), OURO_OK);
    CHECK_EQ(verdict(1, 1000, 1, "1.5", &e), OURO_ECHECK); /* not what mean, se and theory give */
    CHECK(strstr(e.what, "thing at t = 1: z says 1.5") && strstr(e.what, "give 1"));
    CHECK_EQ(verdict(0, 10, 0, NULL, &e), OURO_OK);
    /* t = -4 of 400 values of skewness 2: Hall's z is -4 + 0.1 (16/3 + 1/6) - 0.01 64/27 = -3.47370 */
    CHECK_EQ(judge("0,1,thing,400,-0.5,0.25,0.5,-4,mean: a law,2\n", &e), OURO_ECHECK);
    CHECK(strstr(e.what, "z says -4") && strstr(e.what, "skewness and theory give -3.4737037"));
    CHECK_EQ(side("mean: a law (exact)", -9), OURO_ECHECK);
    CHECK_EQ(side("mean: a law (at most)", -9), OURO_OK);
    CHECK_EQ(side("mean: a law (at most)", 9), OURO_ECHECK);
    CHECK_EQ(side("mean: a law (at least)", 9), OURO_OK);
    CHECK_EQ(side("mean: a law (at least)", -9), OURO_ECHECK);
    CHECK_EQ(side("median: a law (exact)", 3.29), OURO_OK); /* a normal z, whatever mean and se say */
    CHECK_EQ(side("median: a law (exact)", 3.292), OURO_ECHECK);
}
