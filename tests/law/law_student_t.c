/* law_student_t.c: heavy tails that the model does not have. The truth is Student's t with 3 degrees of freedom, the
 * model a gaussian: moments follow the law of any truth with this variance, the tails are gone at the first fit. */
#include "fit.h"
#include "harness.h"
#include "law.h"
#include "ouro/registry.h"
#include "ouro/truth.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

enum { SAMPLES = 20000 };

static const double params[][3] = {{1.3, 2.385, 3}, {-4, 0.02, 2.2}, {0, 1, 40}};

static double cdf(double x, double df) { return gsl_cdf_tdist_P(x, df); }

/* Samples, quantiles, variance df / (df - 2) and entropy against the textbook's density. */
TEST(law_student_t_is_itself) {
    static double x[SAMPLES];
    for (int i = 0; i < 3; i++) {
        ouro_truth t;
        ouro_arena keep = {0};
        ouro_error e = {0};
        ouro_stream s;
        const double location = params[i][0], scale = params[i][1], df = params[i][2];
        REQUIRE(ouro_truth_from_family(&t, ouro_family_find("student-t"), params[i], &keep, &e) == OURO_OK);
        ouro_stream_open(&s, &(ouro_address){.seed = 5, .point = (uint32_t)i, .purpose = OURO_FOR_REAL});
        REQUIRE(t.family.type->sample(&t.family, t.theta, &s, &keep, SAMPLES, x) == OURO_OK);
        for (int k = 0; k < SAMPLES; k++) x[k] = (x[k] - location) / scale;
        CHECK(fit_ks(SAMPLES, x, cdf, df) < FIT_KS);
        CHECK_EQ(t.moments.mean[0], location);
        CHECK_CLOSE(t.moments.trace, scale * scale * df / (df - 2), 1e-14, 0);
        double p = 0.003, q, mass = 0, surprise = 0;
        t.family.type->quantiles(&t.family, t.theta, 1, &p, &q);
        CHECK_CLOSE(gsl_cdf_tdist_P((q - location) / scale, df), p, 1e-9, 0);
        for (double w = -4; w <= 4; w += 1.0 / 64) { /* z = sinh(5 sinh w): doubly exponential, trapezoidal rule */
            const double z = sinh(5 * sinh(w)), slope = cosh(5 * sinh(w)) * 5 * cosh(w) / 64;
            const double density = gsl_ran_tdist_pdf(z, df);
            if (!(density > 0) || !isfinite(slope)) continue;
            mass += density * slope;
            surprise -= density * slope * log(density / scale);
        }
        CHECK_CLOSE(mass, 1, 1e-9, 0);
        CHECK_CLOSE(t.family.type->entropy(&t.family, t.theta), surprise, 1e-9, 0);
        ouro_arena_free(&keep);
    }
}

/* n points of any truth of variance V0: E variance_t + E drift_t = V0, E variance_t = V0 (1 - 1/n)^t. A variance of
 * squares of t_3 is infinite and no z would mean anything, hence 9 degrees of freedom. */
TEST(law_student_t_moments_are_conserved) {
    law_run r = law_run_json(
        "{'name':'l','truth':{'family':'student-t','location':4,'scale':0.3,'df':9},'model':{'family':'gaussian'},"
        "'policy':{'synthetic':{'points':20}},'run':{'generations':12,'replicates':40000,'seed':20261120},"
        "'observe':{'measures':['moments'],'generations':[1,12]}}");
    for (unsigned t = 1; t <= 12; t += 11) {
        const size_t v = law_column(&r, "variance_ratio"), d = law_column(&r, "drift_sq"), g = law_generation(&r, t);
        double sum = 0, square = 0;
        REQUIRE(r.ok);
        for (size_t i = 0; i < r.results.replicates; i++) {
            const double *row = ouro_results_row(&r.results, i, g);
            sum += row[v] + row[d] - 1;
            square += (row[v] + row[d] - 1) * (row[v] + row[d] - 1);
        }
        CHECK_LAW(sum / sqrt(square));
        CHECK_LAW(law_z(&r, "variance_ratio", t, pow(0.95, t)));
        CHECK_LAW(law_z(&r, "drift_sq", t, 1 - pow(0.95, t)));
        CHECK_CLOSE(law_at(&r, "variance_ratio", t).theory, pow(0.95, t), 1e-12, 0);
    }
    law_run_free(&r);
}

/* Where the truth has its rarest thousandth, 5.3 standard deviations out, the fit of 100000 points has the 1e-7 of a
 * normal: the tail is lost at once. */
TEST(law_student_t_tails_vanish_at_the_first_fit) {
    law_run r = law_run_json(
        "{'name':'l','truth':{'family':'student-t','df':5},'model':{'family':'gaussian'},"
        "'policy':{'synthetic':{'points':100000}},'run':{'generations':1,'replicates':200,'seed':20261120},"
        "'observe':{'measures':['tail_mass','tail_ratio'],'tails':[0.001,0.2],'generations':[1]}}");
    const double far = gsl_cdf_tdist_Qinv(0.0005, 5) / sqrt(5 / 3.0), near = gsl_cdf_tdist_Qinv(0.1, 5) / sqrt(5 / 3.0);
    CHECK_CLOSE(law_at(&r, "tail_mass_0.001", 1).quantile[2], 2 * gsl_cdf_ugaussian_Q(far), 0.03, 0);
    CHECK_CLOSE(law_at(&r, "tail_mass_0.2", 1).quantile[2], 2 * gsl_cdf_ugaussian_Q(near), 0.01, 0);
    CHECK(law_at(&r, "tail_ratio_0.001", 1).quantile[4] < 1e-2);
    law_run_free(&r);
}
