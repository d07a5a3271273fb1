/* verify_laws.c: the z of a run against what chance allows.
 *
 * The mean of n replicates in units of its standard error, freed of its skewness, follows Student's t with n - 1 degrees of freedom,
 * nearly: summary.csv gives no z where few replicates carry the standard error (include/ouro/run.h). Over m comparisons the smallest p times m
 * bounds the chance of any such value, however they depend on each other (Bonferroni). */
#include "ouro/verify.h"
#include "run_read.h"
#include "text.h"
#include "verify_files.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

enum { POINT, GENERATION, MEASURE, N, MEAN, SE, THEORY, Z, SOURCE, SKEWNESS, COLUMNS };
static const char *const names[COLUMNS] = {"point",  "generation", "measure",       "n",       "mean", "se",
                                           "theory", "z",          "theory_source", "skewness"};

typedef struct extreme {
    double p, z; /* chance of a |z| as large or larger; 2 while there is none */
    double n;    /* replicates behind it */
    double v[THEORY - MEAN + 1];
    char row[160]; /* "point 0, measure at t = 3" */
    char source[120];
    uint64_t line;
} extreme;

static void keep(const ouro_table_reader *t, const size_t *at, double p, double z, double n, const double *v,
                 extreme *out) {
    if (out->p < p || (out->p <= p && fabs(out->z) >= fabs(z))) return;
    *out = (extreme){.p = p, .z = z, .n = n, .line = t->number};
    memcpy(out->v, v, sizeof out->v);
    snprintf(out->row, sizeof out->row, "point %.20s, %.64s at t = %.20s", t->cell[at[POINT]], t->cell[at[MEASURE]],
             t->cell[at[GENERATION]]);
    snprintf(out->source, sizeof out->source, "%s", t->cell[at[SOURCE]]);
}

static int ends_in(const char *text, const char *end) {
    const size_t a = strlen(text), b = strlen(end);
    return a >= b && !strcmp(text + a - b, end);
}

/* One row: its z, how far it is beyond the law, and the values that carry its standard error. Of a mean, z must be what mean, se,
 * skewness and theory give; of a median it comes from a count, is nearly normal, and is taken as it stands. Bounds have one side. */
static int read_z(const ouro_table_reader *t, const size_t *at, double *v, double *z, double *n, ouro_error *e) {
    const char *source = t->cell[at[SOURCE]];
    double said, skewness;
    int ret;
    OURO_TRY(ouro_table_real(t, at[Z], &said, e));
    OURO_TRY(ouro_table_real(t, at[N], n, e));
    for (int i = MEAN; i <= THEORY; i++) OURO_TRY(ouro_table_real(t, at[i], &v[i - MEAN], e));
    *z = said;
    if (isnan(said)) goto out;
    if (strncmp(source, "mean:", 5)) {
        *n = INFINITY;
    } else {
        OURO_TRY(ouro_table_real(t, at[SKEWNESS], &skewness, e));
        *z = ouro_without_skewness((v[0] - v[2]) / v[1], skewness, *n);
        if (!(said >= *z && said <= *z && *n > 1))
            ret = ouro_table_fail(t, OURO_ECHECK, e,
                                  "%s at t = %s: z says %.17g, its mean, se, skewness and theory give %.17g",
                                  t->cell[at[MEASURE]], t->cell[at[GENERATION]], said, *z);
    }
    if ((ends_in(source, "(at most)") && *z < 0) || (ends_in(source, "(at least)") && *z > 0)) *z = 0;
out:
    return ret;
}

/* Two-sided chance of |z| or more, and its inverse: Student's t; normal without end. */
static double chance(double z, double n) {
    return 2 * (isinf(n) ? gsl_cdf_ugaussian_Q(fabs(z)) : gsl_cdf_tdist_Q(fabs(z), n - 1));
}
static double bound(double p, double n) {
    return isinf(n) ? gsl_cdf_ugaussian_Qinv(p / 2) : gsl_cdf_tdist_Qinv(p / 2, n - 1);
}

int ouro_verify_laws(const char *dir, size_t size, char *words, ouro_error *e) {
    ouro_table_reader t;
    size_t at[COLUMNS], comparisons = 0;
    extreme worst = {.p = 2};
    int ret;
    OURO_TRY(ouro_table_open(&t, dir, "summary.csv", e));
    for (int i = 0; i < COLUMNS; i++) OURO_TRY(ouro_table_column(&t, names[i], &at[i], e));
    for (;;) {
        double v[THEORY - MEAN + 1], z, n;
        OURO_TRY(ouro_table_next(&t, e));
        if (!t.cell[0]) break;
        OURO_TRY(read_z(&t, at, v, &z, &n, e));
        if (isnan(z)) continue;
        comparisons++;
        keep(&t, at, chance(z, n), z, n, v, &worst);
    }
    if (!comparisons) {
        snprintf(words, size, "nothing to compare: no law speaks, or too few replicates carry a standard error");
        goto out;
    }
    const double threshold = bound(OURO_VERIFY_LEVEL / (double)comparisons, worst.n);
    if (worst.p * (double)comparisons >= OURO_VERIFY_LEVEL) {
        snprintf(words, size, "largest |z| of %zu comparisons is %.3g (%s), below %.3g", comparisons, fabs(worst.z),
                 worst.row, threshold);
        goto out;
    }
    char where[sizeof e->where];
    ouro_text_where(t.path, worst.line, NULL, sizeof where, where);
    ret = ouro_fail(e, OURO_ECHECK, where,
                    "%s: z = %.3g, beyond the %.3g that chance allows over %zu comparisons: mean %.6g, se %.3g, law "
                    "%.6g (%s)",
                    worst.row, worst.z, threshold, comparisons, worst.v[0], worst.v[1], worst.v[2], worst.source);
out:
    ouro_table_close(&t);
    return ret;
}
