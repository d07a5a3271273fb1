/* law_mvgaussian.c: the Gaussian in d dimensions under recursive training, against its exact laws. With n points a fit
 * multiplies Sigma by B B' / n in the frame of its factor, B_ii^2 ~ chi^2_{n-i}, i = 1..d, standard normals below. */
#include "harness.h"
#include "law.h"
#include "ouro/replicate.h"
#include "setup.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdio.h>

static const char *const paths[] = {"statistics", "samples"};

/* Runs the config with its one %s the path. */
static law_run run(const char *json, int path) {
    char text[1024];
    snprintf(text, sizeof text, json, paths[path]);
    return law_run_json(text);
}

/* sum_i of psi or psi' at (n - i) / 2 over i = 1..d */
static double sum_psi(int derivative, double n, int d) {
    double sum = 0;
    for (int i = 1; i <= d; i++) sum += gsl_sf_psi_n(derivative, (n - i) / 2);
    return sum;
}

/* n = 30, t = 20, Sigma_0 = I: E log det = t sum_i [psi((n-i)/2) + log(2/n)] = -9.97645, E tr = 2.03046. */
TEST(law_mvgaussian_replace) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("{'name':'law','truth':{'family':'mvgaussian','dim':4},'model':{'family':'mvgaussian'},"
                        "'policy':{'synthetic':{'points':30}},'run':{'generations':20,'replicates':40000,"
                        "'seed':20261120,'path':'%s'},'observe':{'measures':['moments','entropy'],"
                        "'generations':[1,20]}}",
                        path);
        CHECK_LAW(law_z(&r, "log_variance", 20, -9.97645 / 4));
        CHECK_LAW(law_z_variance(&r, "log_variance", 20, 20 * sum_psi(1, 30, 4) / 16));
        CHECK_LAW(law_z_variance(&r, "log_variance", 1, sum_psi(1, 30, 4) / 16));
        CHECK_LAW(law_z(&r, "variance_ratio", 20, 2.03046 / 4));
        CHECK_LAW(law_z(&r, "variance_ratio", 1, 29 / 30.0));
        CHECK_LAW(law_z(&r, "drift_sq", 20, 4 * (1 - pow(29 / 30.0, 20))));
        CHECK_LAW(law_z(&r, "drift_sq", 1, 4 / 30.0));
        CHECK_CLOSE(law_at(&r, "log_variance", 20).theory, -9.97645 / 4, 0, 2e-6);
        CHECK_CLOSE(law_at(&r, "variance_ratio", 20).theory, 2.03046 / 4, 0, 2e-6);
        CHECK_CLOSE(law_at(&r, "entropy", 20).theory, 2 * (1 + log(2 * M_PI)) - 9.97645 / 2, 0, 5e-6);
        law_run_free(&r);
    }
}

TEST(law_mvgaussian_unbiased) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("{'name':'law','truth':{'family':'mvgaussian','sd':[3,1,0.2],'correlation':0.7},"
                        "'model':{'family':'mvgaussian','estimator':'unbiased'},'policy':{'synthetic':{'points':25}},"
                        "'run':{'generations':15,'replicates':20000,'seed':5,'path':'%s'},"
                        "'observe':{'measures':['moments'],'generations':[1,15]}}",
                        path);
        CHECK_LAW(law_z(&r, "variance_ratio", 1, 1));
        CHECK_LAW(law_z(&r, "variance_ratio", 15, 1));
        CHECK_LAW(law_z(&r, "drift_sq", 15, 3 * 15 / 25.0));
        CHECK_LAW(law_z(&r, "log_variance", 15, 15 * (sum_psi(0, 25, 3) / 3 + log(2 / 24.0))));
        law_run_free(&r);
    }
}

/* Two fresh points of 40: with a = 1/20, D = (1/n) / (1 - (1 - a)^2 (1 - 1/n') ...) settles; e = .793814 by the recursion
 * of an independent derivation, in any dimension. */
TEST(law_mvgaussian_fresh_points) {
    for (int path = 0; path < 2; path++) {
        law_run r =
            run("{'name':'law','truth':{'family':'mvgaussian','mean':[1,2,3],'sd':[1,2,0.5],'correlation':-0.3},"
                "'model':{'family':'mvgaussian'},"
                "'policy':{'preset':'fresh','initial':40,'synthetic':{'points':38},'anchor':{'points':2}},"
                "'run':{'generations':300,'replicates':4000,'seed':6,'path':'%s'},"
                "'observe':{'measures':['moments'],'generations':[2,300]}}",
                path);
        CHECK_LAW(law_z(&r, "variance_ratio", 300, 0.793814));
        CHECK_LAW(law_z(&r, "drift_sq", 300, 3 * (1 - 0.793814)));
        CHECK_CLOSE(law_at(&r, "variance_ratio", 300).theory, 0.793814, 0, 5e-7);
        CHECK_LAW(law_at(&r, "variance_ratio", 2).z);
        CHECK_LAW(law_at(&r, "drift_sq", 2).z);
        law_run_free(&r);
    }
}

/* Windows, weights, stale and subsampled pools: merged statistics against rows against the recursion. */
TEST(law_mvgaussian_any_policy) {
    static const char *const policies[] = {
        "{'preset':'accumulate','synthetic':{'points':12}}",
        "{'preset':'accumulate-subsample','synthetic':{'points':14}}",
        "{'initial':25,'synthetic':{'points':20},'memory':{'real':3,'synthetic':2}}",
        "{'preset':'weighted','synthetic':{'points':40},'anchor':{'points':10},'weights':{'real_share':0.3}}",
        "{'preset':'fresh','initial':20,'synthetic':{'points':20},'anchor':{'points':1,'source':'stale','refresh':3}}",
    };
    char json[1024];
    for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
        for (int path = 0; path < 2; path++) {
            snprintf(json, sizeof json,
                     "{'name':'law','truth':{'family':'mvgaussian','sd':[2,1],'mean':[5,-3],'correlation':0.8},"
                     "'model':{'family':'mvgaussian'},'policy':%s,'run':{'generations':8,'replicates':16000,'seed':78,"
                     "'path':'%s'},'observe':{'measures':['moments'],'generations':[2,3,8]}}",
                     policies[p], path ? "samples" : "auto");
            law_run r = law_run_json(json);
            for (unsigned t = 2; t <= 8; t = t == 2 ? 3 : t + 5) {
                CHECK_LAW(law_at(&r, "drift_sq", t).z);
                CHECK_LAW(law_at(&r, "variance_ratio", t).z);
            }
            law_run_free(&r);
        }
}

/* One dimension: the laws of the gaussian on the line (law_gaussian.c). */
TEST(law_mvgaussian_on_the_line) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("{'name':'law','truth':{'family':'mvgaussian','mean':[2.385],'sd':[0.731]},"
                        "'model':{'family':'mvgaussian'},'policy':{'synthetic':{'points':100}},"
                        "'run':{'generations':100,'replicates':6000,'seed':20261120,'path':'%s'},"
                        "'observe':{'measures':['moments','divergences'],'generations':[1,100]}}",
                        path);
        CHECK_LAW(law_z(&r, "log_variance", 100, -2.01854));
        CHECK_LAW(law_z_variance(&r, "log_variance", 100, 2.04075));
        CHECK_LAW(law_z(&r, "drift_sq", 100, 0.633968));
        CHECK_LAW(law_z(&r, "variance_ratio", 100, 0.366032));
        CHECK_LAW(law_z(&r, "kl_model_truth", 100, 1.00927));
        CHECK_LAW(law_z_below(&r, "log_variance", 100, 2 * log(0.5), 0.670273));
        law_run_free(&r);
    }
}

static void check_no_nan(const law_run *r) {
    for (size_t i = 0; r->ok && i < r->results.replicates; i++)
        for (size_t g = 0; g < r->results.generations; g++)
            for (size_t m = 0; m < r->results.columns; m++)
                if (isnan(ouro_results_row(&r->results, i, g)[m]))
                    CHECK_STR(r->results.experiment->columns[m].name, "not NaN");
}

#define DEEP                                                                                                           \
    "{'name':'law','truth':{'family':'mvgaussian','mean':[10,10,10]},'model':{'family':'mvgaussian'},"                 \
    "'policy':{'synthetic':{'points':10}},'run':{'generations':2400,'replicates':600,'seed':3,'path':'%s'},"           \
    "'observe':{'measures':['moments','divergences','entropy','absorbed'],'generations':[40,2400]}}"

/* Far into the collapse, around a mean of 10. The statistics path follows the law for ever. Rows cannot hold a needle whose
 * sides differ by more than the 53 bits of a double: their law is compared before that, at t = 40, where the sides of
 * the longest of 600 needles differ by 1e7; after it nothing is NaN, and the longest side goes on to collapse. */
TEST(law_mvgaussian_deep_collapse) {
    for (int path = 0; path < 2; path++) {
        law_run r = run(DEEP, path);
        const double step = sum_psi(0, 10, 3) / 3 + log(0.2), spread = sum_psi(1, 10, 3) / 9;
        CHECK_LAW(law_z(&r, "log_variance", 40, 40 * step));
        CHECK_LAW(law_z_variance(&r, "log_variance", 40, 40 * spread));
        CHECK(law_at(&r, "log_variance", 2400).quantile[4] < (path ? -400 : -2000 / 3.0));
        if (!path) {
            CHECK_LAW(law_z(&r, "log_variance", 2400, 2400 * step));
            CHECK_LAW(law_z_variance(&r, "log_variance", 2400, 2400 * spread));
        }
        CHECK_EQ(law_at(&r, "absorbed", 2400).mean, 0);
        check_no_nan(&r);
        law_run_free(&r);
    }
}

/* n - 1 < d: the first fit is singular on both paths, and nothing is NaN. */
TEST(law_mvgaussian_too_few_points) {
    for (int path = 0; path < 2; path++) {
        law_run r = run("{'name':'law','truth':{'family':'mvgaussian','dim':5,'correlation':0.4},"
                        "'model':{'family':'mvgaussian'},'policy':{'synthetic':{'points':5}},"
                        "'run':{'generations':6,'replicates':4000,'seed':9,'path':'%s'},"
                        "'observe':{'measures':['moments','divergences','entropy','absorbed'],'generations':[1,3,6]}}",
                        path);
        CHECK_EQ(law_at(&r, "absorbed", 1).mean, 1);
        CHECK_EQ(law_at(&r, "log_variance", 1).quantile[4], -INFINITY);
        CHECK_LAW(law_z(&r, "variance_ratio", 1, 0.8));
        CHECK_LAW(law_at(&r, "variance_ratio", 3).z);
        CHECK_LAW(law_at(&r, "drift_sq", 3).z);
        check_no_nan(&r);
        law_run_free(&r);
    }
}

/* Both columns of Old Faithful: the first fit is the data's own covariance, and the logarithm falls from there. */
TEST(law_mvgaussian_data) {
    for (int path = 0; path < 2; path++) {
        law_run r =
            run("{'name':'law','truth':{'data':'../configs/data/faithful.csv','columns':['eruptions','waiting']},"
                "'model':{'family':'mvgaussian'},'policy':{'synthetic':{'points':50}},"
                "'run':{'generations':22,'replicates':8000,'seed':2,'path':'%s'},"
                "'observe':{'measures':['moments','entropy']}}",
                path);
        CHECK_CLOSE(law_at(&r, "log_variance", 1).quantile[0], 0, 0, 1e-12);
        CHECK_CLOSE(law_at(&r, "variance_ratio", 1).mean, 1, 1e-13, 0);
        CHECK_CLOSE(law_at(&r, "drift_sq", 1).mean, 0, 0, 1e-24);
        for (unsigned t = 2; t <= 22; t += 10) {
            CHECK_LAW(law_at(&r, "log_variance", t).z);
            CHECK_LAW(law_at(&r, "entropy", t).z);
            CHECK_LAW(law_at(&r, "variance_ratio", t).z);
            CHECK_LAW(law_at(&r, "drift_sq", t).z);
        }
        law_run_free(&r);
    }
}

/* --- shapes: what the trace and the determinant do not show ---------------------------------------------------- */

enum { D = 4, FROM = 2000, NEEDLES = 400, BALLS = 8000 };

/* Factor of a model as a matrix, columns in units of 2^*unit. */
static void factor_of(const double *theta, double *full, double *unit) {
    const double *exponent = theta + D, *column = theta + 2 * D;
    *unit = exponent[0];
    for (int k = 1; k < D; k++) *unit = fmax(*unit, exponent[k]);
    for (int k = 0; k < D; column += D - k, k++)
        for (int i = 0; i < D; i++) full[i * D + k] = i < k ? 0 : ldexp(column[i - k], (int)(exponent[k] - *unit));
}

/* Makes columns p and q of full orthogonal. */
static void rotate(double *full, int p, int q) {
    double a = 0, b = 0, c = 0;
    for (int i = 0; i < D; i++) {
        a += full[i * D + p] * full[i * D + p];
        b += full[i * D + q] * full[i * D + q];
        c += full[i * D + p] * full[i * D + q];
    }
    if (c == 0) return;
    const double zeta = (b - a) / (2 * c), t = copysign(1, zeta) / (fabs(zeta) + hypot(1, zeta)),
                 cosine = 1 / hypot(1, t);
    for (int i = 0; i < D; i++) {
        const double x = full[i * D + p], y = full[i * D + q];
        full[i * D + p] = cosine * (x - t * y);
        full[i * D + q] = cosine * (t * x + y);
    }
}

/* Logarithms of the eigenvalues of Sigma, largest first: one-sided Jacobi keeps the small ones' digits, since they are in
 * columns of their own (Demmel and Veselic 1992). */
static void log_eigenvalues(const double *theta, double *out) {
    double full[D * D], unit;
    factor_of(theta, full, &unit);
    for (int sweep = 0; sweep < 30; sweep++)
        for (int p = 0; p < D; p++)
            for (int q = p + 1; q < D; q++) rotate(full, p, q);
    for (int k = 0; k < D; k++) {
        double norm = 0;
        for (int i = 0; i < D; i++) norm = hypot(norm, full[i * D + k]);
        out[k] = 2 * (log(norm) + unit * log(2));
        for (int j = k; j > 0 && out[j] > out[j - 1]; j--) {
            const double x = out[j];
            out[j] = out[j - 1];
            out[j - 1] = x;
        }
    }
}

typedef struct chain {
    ouro_study study;
    ouro_replicate replicate;
    int ok;
} chain;

static void chain_begin(chain *c, const char *path) {
    ouro_error e = {0};
    c->ok = setup_loadf(&c->study,
                        "{'name':'law','truth':{'family':'mvgaussian','dim':4},'model':{'family':'mvgaussian'},"
                        "'policy':{'synthetic':{'points':30}},'run':{'generations':20,'seed':11,'path':'%s'},"
                        "'observe':{'measures':['moments']}}",
                        path) == OURO_OK &&
            ouro_replicate_init(&c->replicate, &c->study.experiment[0], &e) == OURO_OK;
    CHECK(c->ok);
}

static void chain_end(chain *c) {
    ouro_replicate_free(&c->replicate);
    ouro_study_free(&c->study);
}

static void steps(chain *c, int n) {
    ouro_error e = {0};
    for (int i = 0; i < n && c->ok; i++) c->ok = ouro_replicate_step(&c->replicate, &e) == OURO_OK;
    CHECK(c->ok);
}

static double z_of(const double *x, int n, double expected) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        sum += x[i];
        squares += x[i] * x[i];
    }
    const double mean = sum / n;
    return (mean - expected) / sqrt((squares / n - mean * mean) / n);
}

/* What the measure says of a model, whose axes differ by far more than a double's precision. */
static void check_spectrum(const chain *c, const double *expected) {
    const ouro_family *f = &c->study.experiment[0].model;
    double value[D];
    f->type->spectrum(f, c->replicate.theta, value);
    for (int k = 0; k < D; k++) CHECK_CLOSE(value[k], expected[k], 1e-12, 0);
}

/* Collapse is anisotropic: log lambda_i / t -> psi((n-i)/2) + log(2/n), at n = 30 -.06878, -.10513, -.14285, -.18206.
 * Between t = 2000 and 4000, not from 0: while neighbours are close they repel each other. At 2000 they are 74 apart in
 * the mean with standard deviation 17, so that what this adds to a step is below 1e-8. */
TEST(law_mvgaussian_needle) {
    static const double rates[] = {-.06878, -.10513, -.14285, -.18206};
    static double fall[D][NEEDLES];
    chain c;
    chain_begin(&c, "statistics");
    for (uint32_t i = 0; i < NEEDLES && c.ok; i++) {
        double at[D], later[D];
        ouro_replicate_begin(&c.replicate, i);
        steps(&c, FROM);
        log_eigenvalues(c.replicate.theta, at);
        steps(&c, FROM);
        log_eigenvalues(c.replicate.theta, later);
        check_spectrum(&c, later);
        for (int k = 0; k < D; k++) fall[k][i] = (later[k] - at[k]) / FROM;
    }
    for (int k = 0; k < D; k++) {
        const double rate = gsl_sf_psi((30 - k - 1) / 2.0) + log(2 / 30.0);
        CHECK_CLOSE(rate, rates[k], 0, 5e-6);
        CHECK_LAW(z_of(fall[k], NEEDLES, rate));
    }
    chain_end(&c);
}

/* (tr Sigma^2, (tr Sigma)^2) is multiplied by M / n^2, M = [[m(m+1), m], [2m, m^2]], m = n - 1, from generation to
 * generation: E tr Sigma^2 = 7.31319 at t = 20. Heavy-tailed there, so at t = 3 as well. */
TEST(law_mvgaussian_trace_of_square) {
    static double square[2][BALLS];
    for (int path = 0; path < 2; path++) {
        chain c;
        double a = D, b = D * D, expected[2] = {0};
        chain_begin(&c, paths[path]);
        for (uint32_t i = 0; i < BALLS && c.ok; i++) {
            ouro_replicate_begin(&c.replicate, i);
            for (int t = 0; t < 2; t++) {
                double full[D * D], unit;
                steps(&c, t ? 17 : 3);
                factor_of(c.replicate.theta, full, &unit);
                CHECK_EQ(unit, 0);
                square[t][i] = 0;
                for (int k = 0; k < D; k++)
                    for (int j = 0; j < D; j++) {
                        double x = 0;
                        for (int l = 0; l < D; l++) x += full[k * D + l] * full[j * D + l];
                        square[t][i] += x * x;
                    }
            }
        }
        for (int t = 1; t <= 20; t++) {
            const double next = (29 * 30 * a + 29 * b) / 900, other = (2 * 29 * a + 29 * 29 * b) / 900;
            a = next;
            b = other;
            if (t == 3 || t == 20) expected[t == 20] = a;
        }
        CHECK_CLOSE(expected[1], 7.31319, 0, 5e-6);
        for (int t = 0; t < 2; t++) CHECK_LAW(z_of(square[t], BALLS, expected[t]));
        chain_end(&c);
    }
}
