/* natural_fits.c: penalised fits and extrapolation through the natural form. */
#include "forms.h"

/* The equations of a penalised fit, W (t - mu) = strength (eta - eta_ref), solved to the rounding of W t, for weak
 * and strong pulls, from a few points and from points without spread. */
TEST(natural_penalised_fits_solve_their_equations) {
    static const double strengths[] = {1e-3, 0.7, 12, 1e5};
    for (subject j = {0}; subject_next(&j);) {
        const ouro_natural *n = natural_of(&j);
        for (size_t a = 0; n && a < j.models; a++)
            for (int k = 0; k < 8; k++) {
                const ouro_penalty penalty = {strengths[k / 2], j.theta[a]};
                double eta[MOST], ref[MOST], t[MOST], mu[MOST], theta[MOST];
                ouro_fit_info info;
                ouro_stream s;
                subject_open_stream(&s, &j, (uint32_t)(900 + a), OURO_FOR_REAL);
                j.f->type->stat_draw(j.f, j.theta[0], &s, k % 2 ? 1 : 30, j.T[0]);
                const double W = n->observed(j.f, j.T[0], t),
                             lost = crowding(&j, j.theta[0]) + crowding(&j, j.theta[a]);
                REQUIRE(ouro_natural_penalised(j.f, j.T[0], &penalty, 0, &j.tmp, theta, &info) == OURO_OK);
                CHECK(!info.refused && !info.absorbed);
                if (lost > 1e6 || !(fabs(log(t[0])) < 99))
                    continue; /* eta has no digits there that a penalty could speak of */
                CHECK(info.converged && info.iterations > 0);
                n->parameter(j.f, theta, eta), n->parameter(j.f, j.theta[a], ref), n->mean(j.f, theta, mu);
                const int each = j.f->domain.kind == OURO_CATEGORIES;
                double shift = 0, known = 0; /* of all log probabilities together, which theta does not keep */
                for (size_t i = 0; each && i < n->len(j.f); i++)
                    if (isfinite(ref[i])) shift += eta[i] - ref[i], known++;
                if (each) shift /= known;
                for (size_t i = 0; i < n->len(j.f); i++) {
                    if (ref[i] == -INFINITY) { /* no pull; dead where no point says otherwise */
                        CHECK_CLOSE(mu[i], t[i], 1e-9, 0);
                        continue;
                    }
                    const double scale =
                        W * (fabs(t[i]) + fabs(mu[i])) + penalty.strength * (fabs(eta[i]) + fabs(ref[i]));
                    CHECK_CLOSE(W * (t[i] - mu[i]), penalty.strength * (eta[i] - ref[i] - shift), 0,
                                (1e-11 + 1e-14 * lost) * scale);
                }
            }
    }
}

static const ouro_family *family_of(ouro_study *s, const char *family, const char *params) {
    int ret = setup_loadf(s, "{'name':'r','truth':{'family':'%s'%s%s},'model':{'family':'%s'}}", family,
                          *params ? "," : "", params, family);
    CHECK(ret == OURO_OK);
    return ret == OURO_OK ? &s->experiment[0].model : NULL;
}

/* On two log probabilities d and -d apart from the centre, the penalty 2 lambda d^2 / 2 is that of lambda / 2 on the
 * log odds, which are 2 d apart. */
TEST(natural_penalised_categories_are_bernoulli) {
    ouro_study s[2];
    ouro_arena tmp = {0};
    const ouro_family *two = family_of(&s[0], "categorical", "'probabilities':[0.3,0.7]");
    const ouro_family *one = family_of(&s[1], "bernoulli", "'p':0.3");
    REQUIRE(two && one);
    for (int k = 0; k <= 20; k++) {
        const double counts[] = {20, k, 20 - k}, T[] = {20, 20, k / 20.0}, at[] = {0.3, 0.7}, ref[] = {0.3};
        double p[2], q[1];
        ouro_fit_info info[2];
        REQUIRE(!ouro_natural_penalised(two, counts, &(ouro_penalty){3, at}, 0, &tmp, p, &info[0]));
        REQUIRE(!ouro_natural_penalised(one, T, &(ouro_penalty){1.5, ref}, 0, &tmp, q, &info[1]));
        CHECK(info[0].converged && info[1].converged && !info[0].absorbed && !info[1].absorbed);
        CHECK_CLOSE(p[0], q[0], 1e-10, 0);
        CHECK_CLOSE(p[0] + p[1], 1, 1e-15, 0);
        REQUIRE(!ouro_natural_penalised(one, T, &(ouro_penalty){0.075, ref}, 1, &tmp, p, &info[0]));
        CHECK_CLOSE(p[0], q[0], 1e-12, 0); /* scaled: 20 times as much */
    }
    ouro_arena_free(&tmp);
    ouro_study_free(&s[0]), ouro_study_free(&s[1]);
}

/* A centre without a finite parameter says nothing: plain maximum likelihood, and that is said. */
TEST(natural_penalty_without_a_centre) {
    ouro_study s;
    ouro_arena tmp = {0};
    ouro_fit_info info;
    double theta[1];
    const ouro_family *f = family_of(&s, "poisson", "");
    REQUIRE(f);
    REQUIRE(
        !ouro_natural_penalised(f, (double[]){8, 8, 0.5}, &(ouro_penalty){3, (double[]){0}}, 0, &tmp, theta, &info));
    CHECK(theta[0] == 0.5 && info.refused && info.converged);
    ouro_arena_free(&tmp);
    ouro_study_free(&s);
}

/* (1 + w) a - w b by hand, in both parameters, and what is refused. */
TEST(natural_extrapolation_by_hand) {
    const struct {
        const char *family, *params;
        double a[3], b[3], w;
        ouro_coordinate in;
        double expected[3]; /* NaN: refused */
    } lines[] = {
        {"gaussian", "", {1e6, 0}, {1e6 + 1, log(2)}, 1, 0, {1e6 - 1 / 7.0, -0.5 * log(1.75)}},
        {"gaussian", "", {0, -900}, {0, -901}, 1, 0, {NAN}},
        {"gaussian", "", {0, -900}, {0, -900 + log(2)}, 1, 0, {0, -900 - 0.5 * log(1.75)}},
        {"gaussian", "", {5, 0}, {6, 0}, 1, 1, {NAN}}, /* 1 - 2 d^2 < 0 */
        {"gaussian", "", {5, 0}, {5.5, 0}, 1, 1, {4.5, 0.5 * log(0.5)}},
        {"gaussian", "", {1e6, 0}, {1e6 + 1, 0.5 * log(1.5)}, 1, OURO_IN_CENTRED, {1e6 - 1, 0.5 * log(0.5)}},
        {"gaussian", "", {5, -900}, {5, -900 + 0.5 * log(1.5)}, 1, OURO_IN_CENTRED, {5, -900 + 0.5 * log(0.5)}},
        {"gaussian", "", {5, 0}, {5, 0.5 * log(2.5)}, 1, OURO_IN_CENTRED, {NAN}}, /* 2 - 2.5 < 0 */
        {"mvgaussian", "'dim':1", {5, 0, 1}, {6.5, 0, sqrt(1.5)}, 1, OURO_IN_CENTRED, {3.5, 0, sqrt(0.5)}},
        {"mvgaussian", "'dim':1", {5, 0, 1}, {6, 0, 2}, 1, 0, {5 - 1 / 7.0, 0, sqrt(1 / 1.75)}},
        {"mvgaussian", "'dim':1", {5, 0, 1}, {5.5, 0, 1}, 1, 1, {4.5, 0, sqrt(0.5)}},
        {"exponential", "", {log(2)}, {log(4)}, 1, 0, {log(4 / 3.0)}}, /* rates 1 - 1/4 */
        {"exponential", "", {log(2)}, {log(1)}, 1, 0, {NAN}},
        {"exponential", "", {log(2)}, {log(1)}, 1, 1, {log(3)}},
        {"bernoulli", "", {0.5}, {0.2}, 2, 0, {16 / 17.0}}, /* odds 1 / (1/4)^2 */
        {"bernoulli", "", {0.5}, {0}, 2, 0, {NAN}},
        {"bernoulli", "", {0.5}, {0}, 1, 1, {1}},
        {"bernoulli", "", {0.5}, {0}, 2, 1, {NAN}},
        {"bernoulli", "", {1}, {1}, 2, 0, {1}},
        {"categorical",
         "'categories':3",
         {0.5, 0.5, 0},
         {0.8, 0.2, 0},
         1,
         0,
         {1 / 5.0, 4 / 5.0, 0}}, /* .25/.8 : .25/.2 */
        {"categorical", "'categories':3", {0.5, 0.3, 0.2}, {0.6, 0.4, 0}, 1, 0, {NAN}},
        {"categorical", "'categories':3", {0.5, 0.3, 0.2}, {0.6, 0.4, 0}, 1, 1, {0.4, 0.2, 0.4}},
        {"inverse-gaussian", "", {0, 0}, {log(2), log(3)}, 0.5, 0, {NAN}}, /* lambda 1.5 - 1.5 */
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ouro_study s;
        ouro_arena tmp = {0};
        ouro_fit_info info = {0};
        double theta[3] = {-77, -77, -77};
        const ouro_family *f = family_of(&s, lines[i].family, lines[i].params);
        REQUIRE(f);
        REQUIRE(!ouro_natural_extrapolate(f, lines[i].in, lines[i].w, lines[i].a, lines[i].b, &tmp, theta, &info));
        CHECK_EQ(info.refused, isnan(lines[i].expected[0]));
        for (size_t k = 0; k < f->theta_len; k++)
            CHECK_CLOSE(theta[k], info.refused ? -77 : lines[i].expected[k], 1e-13, 1e-15);
        CHECK_EQ(info.absorbed, !strcmp(lines[i].family, "bernoulli") && theta[0] == 1);
        ouro_arena_free(&tmp);
        ouro_study_free(&s);
    }
}

/* Families that are fitted from rows are handed the penalty, times the points' weight where it is scaled. */
static ouro_penalty handed;
static int from_rows(const ouro_family *f, const ouro_row_task *task, double *theta, ouro_fit_info *info) {
    (void)f, (void)theta;
    handed = task->penalty ? *task->penalty : (ouro_penalty){0};
    *info = (ouro_fit_info){.converged = 1};
    return OURO_OK;
}

TEST(natural_ridge_of_rows) {
    const ouro_estimator_type *ridge = ouro_estimator_find("ridge");
    const ouro_family_type type = {.name = "rows", .fit_rows = from_rows, .fit_rows_penalised = 1};
    const ouro_family_type deaf = {.name = "rows", .fit_rows = from_rows}, none = {.name = "none"};
    const ouro_family f = {.type = &type};
    const ouro_points set[] = {{.n = 10, .weight = 0.5}, {.n = 3, .weight = 2}};
    const double centre[] = {1};
    double theta[1];
    ouro_fit_info info;
    CHECK(!ridge->missing(&type, NULL) && ridge->missing(&deaf, NULL) && ridge->missing(&none, NULL));
    CHECK(ouro_estimator_find("guided")->missing(&type, NULL) != NULL);
    struct {
        ouro_prior prior;
        bool scaled;
    } params = {{3, OURO_AT_TRUTH}, false}; /* as in ridge.c */
    CHECK_EQ(ridge->params_size, sizeof params);
    ouro_fit_task task = {.f = &f, .params = &params, .points_len = 2, .points = set, .centre = centre};
    CHECK(!ridge->fit(&task, theta, &info));
    CHECK(handed.strength == 3 && handed.towards == centre);
    params.scaled = true;
    CHECK(!ridge->fit(&task, theta, &info));
    CHECK_EQ(handed.strength, 33);
    task.centre = NULL;
    CHECK(!ridge->fit(&task, theta, &info));
    CHECK(handed.towards == NULL);
}
