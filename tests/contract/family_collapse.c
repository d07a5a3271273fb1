/* family_collapse.c: the end of every family: collapse keeps its precision wherever the model lies, a model without
 * spread stays what it is, and no measure of it is NaN. */
#include "ouro/nef.h"
#include "ouro/replicate.h"
#include "subjects.h"

/* One replicate of a Gaussian truth with this mean, every fit seeing its own batch and the three before. */
typedef struct run {
    ouro_study study;
    ouro_replicate replicate;
    double mean;
} run;

static int run_begin(run *r, double mean, const char *path) {
    ouro_error e = {0};
    r->mean = mean;
    if (setup_loadf(
            &r->study,
            "{'name': 'collapse', 'truth': {'family': 'gaussian', 'mean': %.17g}, 'model': {'family': 'gaussian'},"
            " 'policy': {'synthetic': {'points': 5}, 'memory': {'synthetic': 3}},"
            " 'run': {'path': '%s', 'generations': 20}, 'observe': {'measures': ['moments']}}",
            mean, path) != OURO_OK)
        return 0;
    if (ouro_replicate_init(&r->replicate, &r->study.experiment[0], &e) != OURO_OK) return 0;
    ouro_replicate_begin(&r->replicate, 0);
    return 1;
}

static void run_end(run *r) {
    ouro_replicate_free(&r->replicate);
    ouro_study_free(&r->study);
}

/* Around 10 a double cannot hold two numbers closer than 2e-15; around 0 the same random numbers lose nothing. The two
 * runs must nevertheless agree, down to a standard deviation of 1e-150. */
static void check_shift(const char *path, double mean) {
    enum { MOST = 100000 };
    run at_0 = {0}, at_mean = {0};
    ouro_error e = {0};
    const double *theta[2];
    uint32_t t = 0;
    REQUIRE(run_begin(&at_0, 0, path) && run_begin(&at_mean, mean, path));
    theta[0] = at_0.replicate.theta;
    theta[1] = at_mean.replicate.theta;
    do {
        REQUIRE(ouro_replicate_step(&at_0.replicate, &e) == OURO_OK);
        REQUIRE(ouro_replicate_step(&at_mean.replicate, &e) == OURO_OK);
        CHECK_CLOSE(2 * theta[1][1], 2 * theta[0][1], 0, 1e-9);
        CHECK_CLOSE(theta[1][0] - mean, theta[0][0], 0, 64 * 0x1p-53 * fabs(mean));
    } while (++t < MOST && theta[0][1] > log(1e-150));
    CHECK(theta[0][1] <= log(1e-150));
    run_end(&at_0);
    run_end(&at_mean);
}

TEST(contract_collapse_is_the_same_around_any_mean) {
    check_shift("statistics", 10);
    check_shift("statistics", -1e6);
    check_shift("samples", 10);
}

/* --- models without spread ------------------------------------------------------------------------------------ */

/* Every column of every measure that is defined in the setting, for one state of a model. Returns how many. */
static size_t check_columns(const subject *j, const ouro_setting *s, const ouro_observation *o) {
    size_t seen = 0;
    for (size_t m = 0; m < ouro_measures_len; m++) {
        const ouro_measure_type *measure = ouro_measures[m];
        for (size_t tail = 0; tail < (measure->per_tail ? s->tails_len : 1); tail++)
            for (size_t i = 0; i < measure->len; i++) {
                double out[16];
                for (int k = 0; k < 16; k++) out[k] = NAN;
                if (measure->missing(s, i) != NULL) continue;
                measure->measure(s, o, tail, 1U << i, out);
                if (!harness_true(!isnan(out[i]), __FILE__, __LINE__, measure->columns[i].name))
                    printf("  of a %s model at theta[0] = %.17g\n", j->name, o->theta[0]);
                seen++;
            }
    }
    return seen;
}

/* The subject's setting with the tails that its truth has. */
static ouro_setting setting_of(subject *j) {
    static const double alphas[] = {0.3, 0.05, 1e-3};
    ouro_setting s = j->study.experiment[0].setting;
    ouro_tail_set *tails = ouro_arena_alloc(&j->tmp, 3, sizeof *tails);
    s.tails_len = 0;
    for (int i = 0; i < 3; i++) {
        ouro_error e = {0};
        s.tails_len += ouro_truth_tail(j->truth, alphas[i], &j->tmp, &tails[s.tails_len], &e) == OURO_OK;
    }
    s.tails = tails;
    return s;
}

static void check_state(subject *j, const ouro_setting *s, const double *theta, const ouro_fit_info *info) {
    double mean[64];
    ouro_moments m = {.mean = mean};
    const ouro_provenance p = {1, 0, 0, NAN, 1, {1, 0, 0}, 0};
    const ouro_address nodes = {.seed = 20240917, .generation = 1, .purpose = OURO_FOR_MEASURE};
    const ouro_observation o = {
        .theta = theta, .moments = &m, .fit = info, .provenance = &p, .address = &nodes, .tmp = &j->tmp};
    j->f->type->moments(j->f, theta, &m);
    CHECK(check_columns(j, s, &o) > 5);
}

/* n points all alike: fitted, measured, drawn from and fitted again. */
static void check_alike(subject *j, const ouro_setting *s, size_t n) {
    const size_t dim = j->f->domain.dim;
    double x[512], *theta = ouro_arena_alloc(&j->tmp, j->f->theta_len, sizeof *theta);
    double *again = ouro_arena_alloc(&j->tmp, j->f->theta_len, sizeof *again);
    ouro_fit_info info;
    ouro_stream stream;
    subject_open_stream(&stream, j, (uint32_t)n, OURO_FOR_REAL);
    REQUIRE(n * dim <= 512);
    REQUIRE(j->f->type->sample(j->f, j->theta[0], &stream, &j->tmp, 1, x) == OURO_OK);
    for (size_t i = 1; i < n; i++) memcpy(x + i * dim, x, dim * sizeof *x);
    j->f->type->stat_rows(j->f, n, x, j->T[0]);
    j->f->type->fit_mle(j->f, j->T[0], theta, &info);
    check_state(j, s, theta, &info);
    CHECK(info.absorbed || !subject_absorbs(j));
    if (!info.absorbed) return;
    for (uint64_t draws = 1; draws <= 1000000; draws *= 100) { /* nothing else can come of it */
        subject_draw(j, theta, &stream, draws, j->T[1]);
        j->f->type->fit_mle(j->f, j->T[1], again, &info);
        CHECK(memcmp(theta, again, j->f->theta_len * sizeof *theta) == 0);
        CHECK(info.absorbed);
    }
    if (j->f->type->stat_merge != NULL) j->f->type->stat_merge(j->f, 0.3, j->T[0], j->T[1]);
    j->f->type->fit_mle(j->f, j->T[1], again, &info);
    CHECK(memcmp(theta, again, j->f->theta_len * sizeof *theta) == 0);
    if (j->f->type->fit_unbiased != NULL) {
        j->f->type->fit_unbiased(j->f, j->T[0], again, &info);
        CHECK(memcmp(theta, again, j->f->theta_len * sizeof *theta) == 0);
        check_state(j, s, again, &info);
    }
}

TEST(contract_absorbed_models_have_no_nan) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_setting s = setting_of(&j);
        check_alike(&j, &s, 1);
        check_alike(&j, &s, 2);
        check_alike(&j, &s, 64);
        for (size_t k = 0; k < j.models; k++) check_state(&j, &s, j.theta[k], &(ouro_fit_info){.converged = 1});
    }
}

/* A normal on its way down: scales that a double holds, that its square does not, and that neither does. */
TEST(contract_collapsing_gaussian_has_no_nan) {
    static const double log_sd[] = {-1, -100, -360, -372, -700, -744, -746, -1e4, -1e8, -INFINITY};
    for (subject j = {0}; subject_next(&j);) {
        const ouro_setting s = setting_of(&j);
        for (size_t i = 0; i < 10 && strcmp(j.name, "gaussian") == 0; i++)
            for (int side = -3; side <= 3; side++) {
                const double truth_sd = exp(j.theta[0][1]);
                const double theta[] = {j.theta[0][0] + side * truth_sd, j.theta[0][1] + log_sd[i]};
                check_state(&j, &s, theta, &(ouro_fit_info){.converged = 1, .absorbed = i == 9});
            }
    }
}

/* The ends of the one-parameter families, and what lies close to them: no ones or all ones, or nearly so, and scales that
 * no double holds. */
TEST(contract_models_at_the_boundary_have_no_nan) {
    static const double counts[] = {0, 1e-300, 1e-15, 1e-8, 1e5},
                        log_scales[] = {-INFINITY, -1e9, -800, -745, -700, 30};
    for (subject j = {0}; subject_next(&j);) {
        const ouro_setting s = setting_of(&j);
        const ouro_nef *nef = j.f->type->nef;
        if (nef == NULL || nef->transform != NULL) continue;
        const double N = nef->lattice && j.f->domain.upper < INFINITY ? j.f->domain.upper : 0;
        for (size_t i = 0; i < (nef->lattice ? 5 : 6); i++) {
            const double theta = nef->lattice ? counts[i] : log_scales[i];
            if (N == 0 || theta < N) check_state(&j, &s, &theta, &(ouro_fit_info){.converged = 1});
        }
        for (int i = 0; i < 4 && N > 0; i++) {
            const double below[] = {N, nextafter(N, 0), N * (1 - 1e-15), N * (1 - 1e-8)};
            check_state(&j, &s, &below[i], &(ouro_fit_info){.converged = 1});
        }
    }
}

/* A point mass on the very edge of the tail is not in it, one step further out it is, with all its mass. */
TEST(contract_absorbed_gaussian_on_the_edge_of_the_tail) {
    for (subject j = {0}; subject_next(&j);) {
        double side[2];
        ouro_tail_set a;
        ouro_error e = {0};
        if (strcmp(j.name, "gaussian") != 0) continue;
        REQUIRE(ouro_truth_tail(j.truth, 0.01, &j.tmp, &a, &e) == OURO_OK);
        for (int i = 0; i < 2; i++) {
            const double edge = i ? a.upper : a.lower, out = nextafter(edge, i ? INFINITY : -INFINITY);
            CHECK_EQ(j.f->type->tail_mass(j.f, (double[]){edge, -INFINITY}, &a, side), 0);
            CHECK_EQ(j.f->type->tail_mass(j.f, (double[]){out, -INFINITY}, &a, side), 1);
            CHECK_EQ(side[i], 1);
        }
    }
}

/* The truth observed as if it were a model: nothing has drifted, nothing is lost. */
TEST(contract_truth_has_neutral_measures) {
    static const struct {
        const char *name;
        double value;
    } neutral[] = {
        {"drift_sq", 0},       {"variance_ratio", 1}, {"log_variance", 0}, {"tail_ratio", 1}, {"kl_truth_model", 0},
        {"kl_model_truth", 0}, {"hellinger", 0},      {"tv", 0},           {"w2", 0}};
    for (subject j = {0}; subject_next(&j);) {
        const ouro_setting s = setting_of(&j);
        const ouro_fit_info fit = {.converged = 1};
        const ouro_provenance p = {1, 0, 0, NAN, 1, {1, 0, 0}, 0};
        const ouro_observation as[] = {
            {.theta = j.theta[0], .moments = &j.truth->moments, .fit = &fit, .provenance = &p, .tmp = &j.tmp},
            {.moments = &j.truth->moments}};
        for (size_t k = 0; k < 2 * sizeof neutral / sizeof neutral[0]; k++)
            for (size_t m = 0; m < ouro_measures_len; m++)
                for (size_t i = 0; i < ouro_measures[m]->len; i++) {
                    double out[16];
                    if (strcmp(ouro_measures[m]->columns[i].name, neutral[k / 2].name) != 0 ||
                        ouro_measures[m]->missing(&s, i) != NULL)
                        continue;
                    /* the tail is a quantile away from the mean: rounding counts relative to sd */
                    const double slack = 1e-13 * fabs(j.truth->moments.mean[0]) * exp(-j.truth->moments.log_trace / 2);
                    ouro_measures[m]->measure(&s, &as[k % 2], 0, 1U << i, out);
                    CHECK_CLOSE(out[i], neutral[k / 2].value, 0,
                                j.f->domain.kind == OURO_NUMBERS && ouro_measures[m]->per_tail ? 1e-13 + slack : 1e-15);
                }
    }
}
