/* corpus.c: truths from numbers and counts, and the life of batches: drawn, fitted, folded, dropped, recycled. */
#include "fit.h"
#include "harness.h"
#include "ouro/corpus.h"
#include "ouro/registry.h"
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_statistics_double.h>
#include <string.h>

/* --- truths --------------------------------------------------------------------------------------------------- */

static const double observed[] = {3.5, -1.25, 0.5, 7.75, 2.0, 2.0, -0.75, 11.0, 4.25, 1.5};
enum { OBSERVED = sizeof observed / sizeof observed[0] };

TEST(corpus_truth_from_numbers) {
    ouro_truth t;
    ouro_arena keep = {0};
    ouro_error e = {0};
    REQUIRE(ouro_truth_from_rows(&t, OBSERVED, 1, observed, 0.25, &keep, &e) == OURO_OK);
    CHECK_EQ(t.rows, 10);
    CHECK_EQ(t.reserve, 3); /* 2.5 rounds away from zero */
    CHECK(t.family.type == NULL && t.theta == NULL && ouro_truth_is_data(&t));
    for (int i = 1; i < OBSERVED; i++) CHECK(t.row[i - 1] <= t.row[i]);
    CHECK_CLOSE(t.moments.mean[0], gsl_stats_mean(observed, 1, OBSERVED), 1e-15, 0);
    const double variance = gsl_stats_variance(observed, 1, OBSERVED) * 0.9; /* divided by rows */
    CHECK_CLOSE(t.moments.trace, variance, 1e-14, 0);
    CHECK_CLOSE(t.moments.log_trace, log(variance), 1e-14, 0);
    CHECK_CLOSE(t.moments.logdet, log(variance), 1e-14, 0);
    ouro_arena_free(&keep);
}

TEST(corpus_truth_of_two_columns) {
    static const double rows[] = {1, 10, 3, 14, 5, 12};
    ouro_truth t;
    ouro_arena keep = {0};
    ouro_error e = {0};
    REQUIRE(ouro_truth_from_rows(&t, 3, 2, rows, 0, &keep, &e) == OURO_OK);
    CHECK(memcmp(t.row, rows, sizeof rows) == 0); /* pairs stay together */
    CHECK_EQ(t.moments.mean[0], 3);
    CHECK_EQ(t.moments.mean[1], 12);
    CHECK_CLOSE(t.moments.trace, 8 / 3.0 + 8 / 3.0, 1e-15, 0);
    ouro_tail_set tail;
    CHECK_EQ(ouro_truth_tail(&t, 0.1, &keep, &tail, &e), OURO_EUNDEFINED);
    CHECK(strstr(e.what, "one column") != NULL);
    ouro_arena_free(&keep);
}

static void check_refused(int ret, const ouro_error *e, const char *where, const char *what) {
    CHECK_EQ(ret, OURO_ECONFIG);
    CHECK_STR(e->where, where);
    if (!harness_true(strstr(e->what, what) != NULL, __FILE__, __LINE__, what)) puts(e->what);
}

TEST(corpus_truths_that_cannot_be) {
    static const double flat[] = {1, 2, 1, 3, 1, 4}, one[] = {5};
    static const double tiny[] = {1e-200, 3e-200}, huge[] = {1e200, -1e200};
    static const uint64_t alone[] = {0, 9, 0}, two[] = {3, 1};
    const ouro_family_type *categorical = ouro_family_find("categorical");
    ouro_truth t;
    ouro_arena keep = {0};
    ouro_error e = {0};
    check_refused(ouro_truth_from_rows(&t, 1, 1, one, 0, &keep, &e), &e, "truth.data", "two or more");
    e = (ouro_error){0};
    check_refused(ouro_truth_from_rows(&t, 3, 2, flat, 0, &keep, &e), &e, "truth.columns", "column 1");
    e = (ouro_error){0};
    check_refused(ouro_truth_from_rows(&t, 2, 1, tiny, 0, &keep, &e), &e, "truth.columns", "spreads over 2e-200");
    e = (ouro_error){0};
    check_refused(ouro_truth_from_rows(&t, 2, 1, huge, 0, &keep, &e), &e, "truth.columns", "spreads over 2e+200");
    e = (ouro_error){0};
    check_refused(ouro_truth_from_rows(&t, OBSERVED, 1, observed, 0.96, &keep, &e), &e, "truth.reserve",
                  "none of the 10");
    e = (ouro_error){0};
    check_refused(ouro_truth_from_counts(&t, categorical, 3, alone, 0, &keep, &e), &e, "truth.counts", "1 category");
    e = (ouro_error){0};
    check_refused(ouro_truth_from_counts(&t, categorical, 2, two, 0.9, &keep, &e), &e, "truth.reserve",
                  "none of the 4");
    ouro_arena_free(&keep);
}

/* The integral of Q(u) z(u) over each piece of the quantile function, z the normal quantile. */
static double coupled(double u, void *x) { return *(double *)x * gsl_cdf_ugaussian_Pinv(u); }

TEST(corpus_normal_coupling) {
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(200);
    ouro_truth t;
    ouro_arena keep = {0};
    ouro_error e = {0};
    double sum = 0;
    REQUIRE(ouro_truth_from_rows(&t, OBSERVED, 1, observed, 0, &keep, &e) == OURO_OK);
    for (size_t i = 0; i < OBSERVED; i++) {
        double x = t.row[i], part, error;
        gsl_function g = {coupled, &x};
        gsl_integration_qags(&g, (double)i / OBSERVED, (double)(i + 1) / OBSERVED, 1e-12, 1e-12, 200, work, &part,
                             &error);
        sum += part;
    }
    CHECK_CLOSE(t.normal_coupling, sum, 1e-10, 0);
    gsl_integration_workspace_free(work);
    ouro_arena_free(&keep);
}

TEST(corpus_tails_of_numbers) {
    static const double alphas[] = {0.5, 0.25, 0.1, 0.011};
    double sorted[OBSERVED];
    ouro_truth t;
    ouro_arena keep = {0};
    ouro_error e = {0};
    memcpy(sorted, observed, sizeof observed);
    qsort(sorted, OBSERVED, sizeof *sorted, fit_order);
    REQUIRE(ouro_truth_from_rows(&t, OBSERVED, 1, observed, 0, &keep, &e) == OURO_OK);
    for (int i = 0; i < 4; i++) {
        ouro_tail_set a;
        int outside = 0;
        REQUIRE(ouro_truth_tail(&t, alphas[i], &keep, &a, &e) == OURO_OK);
        CHECK_EQ(a.lower, gsl_stats_quantile_from_sorted_data(sorted, 1, OBSERVED, alphas[i] / 2));
        CHECK_EQ(a.upper, gsl_stats_quantile_from_sorted_data(sorted, 1, OBSERVED, 1 - alphas[i] / 2));
        for (int k = 0; k < OBSERVED; k++) outside += observed[k] < a.lower || observed[k] > a.upper;
        CHECK_EQ(a.attained, outside / 10.0);
    }
    ouro_arena_free(&keep);
}

/* Whole probability levels, rarest first, up to a mass of alpha; what cannot happen belongs to no tail. */
TEST(corpus_tails_of_counts) {
    static const uint64_t count[] = {50, 3, 0, 3, 30, 4, 10}; /* of 100 */
    static const struct {
        double alpha, attained;
        const char *member;
    } rows[] = {{0.06, 0.06, "0101000"}, {0.0999, 0.06, "0101000"}, {0.1, 0.1, "0101010"},
                {0.2, 0.2, "0101011"},   {0.49, 0.2, "0101011"},    {0.5, 0.5, "0101111"}};
    ouro_truth t;
    ouro_arena keep = {0};
    ouro_error e = {0};
    ouro_tail_set a;
    REQUIRE(ouro_truth_from_counts(&t, ouro_family_find("categorical"), 7, count, 0.1, &keep, &e) == OURO_OK);
    CHECK_EQ(t.rows, 100);
    CHECK_EQ(t.reserve, 10);
    CHECK_EQ(t.theta[4], 0.3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char member[8] = "";
        REQUIRE(ouro_truth_tail(&t, rows[i].alpha, &keep, &a, &e) == OURO_OK);
        for (int k = 0; k < 7; k++) member[k] = a.member[k] ? '1' : '0';
        CHECK_STR(member, rows[i].member);
        CHECK_CLOSE(a.attained, rows[i].attained, 1e-15, 0);
    }
    CHECK_EQ(ouro_truth_tail(&t, 0.059, &keep, &a, &e), OURO_EUNDEFINED);
    CHECK_STR(e.where, "observe.tails");
    CHECK(strstr(e.what, "0.06") != NULL);
    ouro_arena_free(&keep);
}

/* --- batches -------------------------------------------------------------------------------------------------- */

/* A corpus over a truth of the numbers above (or of N(5, 2)), modelled by a gaussian. */
typedef struct setup {
    ouro_arena keep;
    ouro_truth truth;
    ouro_family model;
    ouro_corpus c;
    ouro_mix mix;
    double theta[2];
    ouro_fit_info info;
    ouro_error e;
} setup;

static int begin(setup *s, int data, double reserve, ouro_path path) {
    static const struct { double mean, sd; } params = {5, 2};
    const ouro_family_type *gaussian = ouro_family_find("gaussian");
    *s = (setup){0};
    int ret = data ? ouro_truth_from_rows(&s->truth, OBSERVED, 1, observed, reserve, &s->keep, &s->e)
                   : ouro_truth_from_family(&s->truth, gaussian, &params, &s->keep, &s->e);
    if (ret == OURO_OK) ret = ouro_family_init(&s->model, gaussian, &s->truth.domain, NULL, &s->e);
    if (ret == OURO_OK) ret = ouro_corpus_init(&s->c, &s->truth, &s->model, path, &s->e);
    if (ret == OURO_OK) ouro_corpus_begin(&s->c, &(ouro_address){.seed = 1});
    return ret == OURO_OK;
}

static void end(setup *s) {
    ouro_corpus_free(&s->c);
    ouro_corpus_free(&s->c);
    ouro_mix_free(&s->mix);
    ouro_arena_free(&s->keep);
}

static int draw(setup *s, ouro_role role, uint64_t n) {
    return ouro_corpus_draw(
        &s->c, &(ouro_order){1, {{role, n, role == OURO_SYNTHETIC ? s->c.ledger.generation - 1 : 0, 0}}, 1}, &s->e);
}

/* Fits all batches from `first` on, with weight 1 unless there is one given for each. */
static int fit(setup *s, size_t first, const double *weight) {
    ouro_mix_clear(&s->mix);
    for (size_t i = first; i < s->c.ledger.len; i++) {
        const ouro_term term = {i, s->c.ledger.batch[i].n, weight != NULL ? weight[i] : 1};
        if (ouro_mix_add(&s->mix, &term) != OURO_OK) return OURO_ENOMEM;
    }
    return ouro_corpus_fit(&s->c, &s->mix, ouro_estimator_find("mle"), NULL, s->theta, &s->info, &s->e);
}

/* Initial rows and anchors together are the observations, each once; every replicate orders them anew. */
TEST(corpus_observations_are_drawn_without_replacement) {
    double firsts[2][OBSERVED], values[OBSERVED], sorted[OBSERVED];
    memcpy(sorted, observed, sizeof observed);
    qsort(sorted, OBSERVED, sizeof *sorted, fit_order);
    setup s;
    REQUIRE(begin(&s, 1, 0.4, OURO_PATH_SAMPLES));
    for (uint32_t replicate = 0; replicate < 2; replicate++) {
        size_t len = 0;
        ouro_corpus_begin(&s.c, &(ouro_address){.seed = 1, .replicate = replicate});
        for (uint32_t t = 1; t <= 5; t++) { /* 6 rows, then one anchor per fit */
            s.c.ledger.generation = t;
            const double origin = s.c.origin[0];
            REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_ANCHOR, t == 1 ? 6 : 1) == OURO_OK);
            const ouro_batch *b = &s.c.batch[s.c.ledger.len - 1];
            for (uint64_t i = 0; i < s.c.ledger.batch[s.c.ledger.len - 1].n; i++) values[len++] = b->rows[i] + origin;
            REQUIRE(fit(&s, 0, NULL) == OURO_OK);
        }
        memcpy(firsts[replicate], values, sizeof values);
        qsort(values, OBSERVED, sizeof *values, fit_order);
        for (int i = 0; i < OBSERVED; i++) CHECK_CLOSE(values[i], sorted[i], 1e-15, 1e-15);
        CHECK_CLOSE(s.theta[0], gsl_stats_mean(observed, 1, OBSERVED), 1e-14, 0);
        CHECK_CLOSE(exp(2 * s.theta[1]), s.truth.moments.trace, 1e-14, 0);
        s.e = (ouro_error){0};
        CHECK_EQ(draw(&s, OURO_ANCHOR, 1), OURO_EBUG); /* the supply is used up */
        CHECK(strstr(s.e.what, "0 are left") != NULL);
    }
    CHECK(memcmp(firsts[0], firsts[1], sizeof values) != 0);
    end(&s);
}

/* Where the truth is all observations, a first fit on all of them is the same whatever the replicate or the path. */
TEST(corpus_first_fit_on_all_observations) {
    for (int path = OURO_PATH_STATISTICS; path <= OURO_PATH_SAMPLES; path++) {
        setup s;
        REQUIRE(begin(&s, 1, 0, (ouro_path)path));
        for (uint32_t replicate = 0; replicate < 3; replicate++) {
            ouro_corpus_begin(&s.c, &(ouro_address){.seed = 3, .replicate = replicate});
            s.c.ledger.generation = 1;
            REQUIRE(draw(&s, OURO_INITIAL, OBSERVED) == OURO_OK && fit(&s, 0, NULL) == OURO_OK);
            CHECK_CLOSE(s.theta[0], s.truth.moments.mean[0], 1e-15, 0);
            CHECK_CLOSE(2 * s.theta[1], s.truth.moments.log_trace, 1e-14, 0);
        }
        end(&s);
    }
}

/* Counted observations: what the first fit and the anchors see adds up to the counts. */
TEST(corpus_counts_are_drawn_without_replacement) {
    static const uint64_t count[] = {4, 0, 7, 1};
    const ouro_family_type *categorical = ouro_family_find("categorical");
    for (int path = OURO_PATH_STATISTICS; path <= OURO_PATH_SAMPLES; path++)
        for (uint32_t replicate = 0; replicate < 20; replicate++) {
            setup s = {0};
            double sum[5] = {0};
            REQUIRE(ouro_truth_from_counts(&s.truth, categorical, 4, count, 0.5, &s.keep, &s.e) == OURO_OK);
            REQUIRE(ouro_family_init(&s.model, categorical, &s.truth.domain, NULL, &s.e) == OURO_OK);
            REQUIRE(ouro_corpus_init(&s.c, &s.truth, &s.model, (ouro_path)path, &s.e) == OURO_OK);
            ouro_corpus_begin(&s.c, &(ouro_address){.seed = 1, .replicate = replicate});
            for (uint32_t t = 1; t <= 4; t++) {
                s.c.ledger.generation = t;
                REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_ANCHOR, t == 1 ? 6 : 2) == OURO_OK);
                for (int k = 0; k < 5; k++) sum[k] += s.c.batch[t - 1].T[k];
            }
            CHECK_EQ(sum[0], 12);
            for (int k = 0; k < 4; k++) CHECK_EQ(sum[1 + k], count[k]);
            CHECK_EQ(draw(&s, OURO_ANCHOR, 1), OURO_EBUG);
            end(&s);
        }
}

/* A reserve of four that is put back: every pass draws the same four observations, anew ordered; two of three passes are of
 * whole sets of two, so each holds all four. */
TEST(corpus_reserve_is_put_back) {
    setup s;
    REQUIRE(begin(&s, 1, 0.4, OURO_PATH_SAMPLES));
    int orders = 0;
    for (uint32_t replicate = 0; replicate < 20; replicate++) {
        double pass[3][4], drawn[3][4];
        ouro_corpus_begin(&s.c, &(ouro_address){.seed = 1, .replicate = replicate});
        s.c.ledger.reserve = s.truth.reserve;
        for (uint32_t t = 1; t <= 7; t++) {
            s.c.ledger.generation = t;
            const double origin = s.c.origin[0];
            REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_ANCHOR, t == 1 ? 5 : 2) == OURO_OK);
            CHECK_EQ(s.c.ledger.refilled, t < 4 ? 0 : t < 6 ? 4 : 6);
            for (uint32_t i = 0; i < 2 && t > 1; i++)
                drawn[(t - 2) / 2][2 * (t % 2) + i] = s.c.batch[t - 1].rows[i] + origin;
            REQUIRE(fit(&s, 0, NULL) == OURO_OK);
        }
        orders += memcmp(drawn[0], drawn[1], sizeof drawn[0]) != 0;
        memcpy(pass, drawn, sizeof pass);
        for (int i = 0; i < 3; i++) qsort(pass[i], 4, sizeof(double), fit_order);
        for (int i = 0; i < 4; i++) {
            CHECK_CLOSE(pass[1][i], pass[0][i], 1e-14, 1e-14);
            CHECK_CLOSE(pass[2][i], pass[0][i], 1e-14, 1e-14);
        }
    }
    CHECK(orders > 10);
    end(&s);
}

/* The same of counts, where three of a reserve of five are drawn before it is put back for the first time: what any pass draws
 * fits into what the data hold outside the first batch, and the reserve stays the same. */
TEST(corpus_reserve_of_counts_is_put_back) {
    static const uint64_t count[] = {4, 0, 7, 1};
    const ouro_family_type *categorical = ouro_family_find("categorical");
    for (int path = OURO_PATH_STATISTICS; path <= OURO_PATH_SAMPLES; path++)
        for (uint32_t replicate = 0; replicate < 20; replicate++) {
            setup s = {0};
            double before[5] = {0};
            REQUIRE(ouro_truth_from_counts(&s.truth, categorical, 4, count, 0.4, &s.keep, &s.e) == OURO_OK);
            REQUIRE(ouro_family_init(&s.model, categorical, &s.truth.domain, NULL, &s.e) == OURO_OK);
            REQUIRE(ouro_corpus_init(&s.c, &s.truth, &s.model, (ouro_path)path, &s.e) == OURO_OK);
            CHECK_EQ(s.truth.reserve, 5);
            ouro_corpus_begin(&s.c, &(ouro_address){.seed = 1, .replicate = replicate});
            s.c.ledger.reserve = 5;
            for (uint32_t t = 1; t <= 5; t++) { /* the initial fit, three, then all five: put back three times */
                s.c.ledger.generation = t;
                REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_ANCHOR, t == 1 ? 6 : t == 2 ? 3 : 5) == OURO_OK);
                const double *now = s.c.batch[t - 1].T;
                for (int k = 0; k < 4 && t == 2; k++) CHECK(s.c.batch[0].T[1 + k] + now[1 + k] <= (double)count[k]);
                for (int k = 0; k < 4 && t >= 3; k++) {
                    CHECK(now[1 + k] >= s.c.batch[1].T[1 + k]); /* the three are of the reserve */
                    CHECK(s.c.batch[0].T[1 + k] + now[1 + k] <= (double)count[k]);
                    if (t > 3) CHECK_EQ(now[1 + k], before[1 + k]);
                }
                memcpy(before, now, sizeof before);
            }
            end(&s);
        }
}

/* On the samples path every fit equals that of all its rows put together, though origins have moved in between. */
TEST(corpus_fits_see_all_their_rows) {
    enum { N = 6, FITS = 7 };
    double rows[2 * N * FITS], mean, square = 0;
    size_t len = 0;
    setup s;
    REQUIRE(begin(&s, 0, 0, OURO_PATH_SAMPLES));
    for (uint32_t t = 1; t <= FITS; t++) {
        s.c.ledger.generation = t;
        const double origin = s.c.origin[0];
        REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_SYNTHETIC, N) == OURO_OK);
        for (int i = 0; i < N; i++) rows[len++] = s.c.batch[t - 1].rows[i] + origin;
        REQUIRE(fit(&s, 0, NULL) == OURO_OK);
        CHECK_CLOSE(s.theta[0], gsl_stats_mean(rows, 1, len), 1e-14, 0);
        CHECK_CLOSE(exp(2 * s.theta[1]), gsl_stats_variance_with_fixed_mean(rows, 1, len, gsl_stats_mean(rows, 1, len)),
                    1e-13, 0);
    }
    double weight[FITS], each[N * FITS];
    for (size_t i = 0; i < FITS; i++) weight[i] = 0.3 + (double)i;
    for (size_t i = 0; i < N * FITS; i++) each[i] = weight[i / N];
    REQUIRE(fit(&s, 0, weight) == OURO_OK);
    mean = gsl_stats_wmean(each, 1, rows, 1, len);
    for (size_t i = 0; i < len; i++) square += each[i] * (rows[i] - mean) * (rows[i] - mean);
    double total = 0;
    for (size_t i = 0; i < len; i++) total += each[i];
    CHECK_CLOSE(s.theta[0], mean, 1e-14, 0);
    CHECK_CLOSE(exp(2 * s.theta[1]), square / total, 1e-13, 0);
    end(&s);
}

/* Folding batches changes no later fit. */
TEST(corpus_folds_change_nothing) {
    setup folded, plain;
    REQUIRE(begin(&folded, 0, 0, OURO_PATH_STATISTICS) && begin(&plain, 0, 0, OURO_PATH_STATISTICS));
    for (uint32_t t = 1; t <= 20; t++) {
        folded.c.ledger.generation = plain.c.ledger.generation = t;
        const ouro_role role = t == 1 ? OURO_INITIAL : OURO_SYNTHETIC;
        REQUIRE(draw(&folded, role, 5) == OURO_OK && draw(&plain, role, 5) == OURO_OK);
        REQUIRE(fit(&folded, 0, NULL) == OURO_OK && fit(&plain, 0, NULL) == OURO_OK);
        CHECK_CLOSE(folded.theta[0], plain.theta[0], 1e-13, 0);
        CHECK_CLOSE(folded.theta[1], plain.theta[1], 1e-13, 1e-13);
        if (t > 2) ouro_corpus_fold(&folded.c, 1, 2);
        CHECK_EQ(folded.c.ledger.len, t > 1 ? 2 : 1);
    }
    CHECK_EQ(folded.c.ledger.batch[1].n, 5 * 19);
    end(&folded);
    end(&plain);
}

/* Dropped batches hand their buffers on: nothing grows, whichever is dropped. */
TEST(corpus_drops_recycle_buffers) {
    for (int path = OURO_PATH_STATISTICS; path <= OURO_PATH_SAMPLES; path++) {
        size_t before = 0;
        setup s;
        REQUIRE(begin(&s, 0, 0, (ouro_path)path));
        for (uint32_t replicate = 0; replicate < 3; replicate++) {
            ouro_corpus_begin(&s.c, &(ouro_address){.seed = 9, .replicate = replicate});
            for (uint32_t t = 1; t <= 60; t++) {
                s.c.ledger.generation = t;
                REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_SYNTHETIC, 50) == OURO_OK && fit(&s, 0, NULL) == OURO_OK);
                if (s.c.ledger.len == 5) ouro_corpus_drop(&s.c, t % 5);
                if (t == 10 && replicate == 0) before = ouro_corpus_bytes(&s.c);
            }
        }
        CHECK_EQ(ouro_corpus_bytes(&s.c), before);
        CHECK(before > (path == OURO_PATH_SAMPLES ? 5 * 50 * sizeof(double) : 5 * 4 * sizeof(double)));
        end(&s);
    }
}

/* A replicate is a function of its address: run after another or by itself, with other seeds in between. */
TEST(corpus_replicates_do_not_remember) {
    double theta[4][2];
    static const ouro_address addresses[] = {{.seed = 4}, {.seed = 5}, {.seed = 4, .replicate = 1}, {.seed = 4}};
    for (int path = OURO_PATH_STATISTICS; path <= OURO_PATH_SAMPLES; path++) {
        setup s;
        REQUIRE(begin(&s, 0, 0, (ouro_path)path));
        for (int k = 0; k < 4; k++) {
            ouro_corpus_begin(&s.c, &addresses[k]);
            for (uint32_t t = 1; t <= 7; t++) {
                s.c.ledger.generation = t;
                REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_SYNTHETIC, 8) == OURO_OK && fit(&s, 0, NULL) == OURO_OK);
            }
            memcpy(theta[k], s.theta, sizeof s.theta);
        }
        CHECK(memcmp(theta[0], theta[3], sizeof theta[0]) == 0);
        CHECK(theta[0][0] != theta[1][0] && theta[0][0] != theta[2][0]);
        end(&s);
    }
}

TEST(corpus_fit_of_nothing_is_refused) {
    setup s;
    REQUIRE(begin(&s, 0, 0, OURO_PATH_STATISTICS));
    CHECK_EQ(fit(&s, 0, NULL), OURO_EBUG);
    CHECK(strstr(s.e.what, "no point") != NULL);
    end(&s);
}

/* The truth stays where it is while the origin follows the model: anchors are points of N(5, 2^2) at any time. */
TEST(corpus_anchors_come_from_the_truth) {
    enum { POINTS = 100000 };
    for (int path = OURO_PATH_STATISTICS; path <= OURO_PATH_SAMPLES; path++) {
        setup s;
        REQUIRE(begin(&s, 0, 0, (ouro_path)path));
        for (uint32_t t = 1; t <= 3; t++) {
            s.c.ledger.generation = t;
            REQUIRE(draw(&s, t == 1 ? OURO_INITIAL : OURO_ANCHOR, t == 1 ? 2 : POINTS) == OURO_OK);
            REQUIRE(fit(&s, s.c.ledger.len - 1, NULL) == OURO_OK);
            if (t == 1) continue;
            CHECK_CLOSE((s.theta[0] - 5) * sqrt(POINTS) / 2, 0, 0, FIT_Z);
            CHECK_CLOSE((s.theta[1] - log(2)) * sqrt(2 * POINTS), 0, 0, FIT_Z);
        }
        end(&s);
    }
}

/* Which three of six rows a mean and a spread belong to, as a number 0..19; 20 when none fit. */
static size_t which_three(const double *x, double mean, double sd) {
    size_t k = 0;
    for (int a = 0; a < 6; a++)
        for (int b = a + 1; b < 6; b++)
            for (int c = b + 1; c < 6; c++, k++) {
                const double three[] = {x[a], x[b], x[c]};
                if (fabs(gsl_stats_mean(three, 1, 3) - mean) < 1e-12 &&
                    fabs(gsl_stats_sd(three, 1, 3) * sqrt(2 / 3.0) - sd) < 1e-12)
                    return k;
            }
    return k;
}

/* A fit that takes three of six rows sees three of these rows, any three as often as others, wherever the origin has
 * gone since they were drawn. 4000 fits, false alarm below 1e-6. */
TEST(corpus_fits_see_a_random_part) {
    enum { TRIALS = 4000 };
    double x[6], expected[20];
    uint64_t seen[21] = {0};
    setup s;
    REQUIRE(begin(&s, 0, 0, OURO_PATH_SAMPLES));
    s.c.ledger.generation = 1;
    REQUIRE(draw(&s, OURO_INITIAL, 6) == OURO_OK);
    memcpy(x, s.c.batch[0].rows, sizeof x); /* the origin is still 0 */
    REQUIRE(fit(&s, 0, NULL) == OURO_OK);
    for (uint32_t t = 2; t < 2 + TRIALS; t++) {
        s.c.ledger.generation = t;
        ouro_mix_clear(&s.mix);
        REQUIRE(ouro_mix_add(&s.mix, &(ouro_term){0, 3, 1}) == OURO_OK);
        REQUIRE(ouro_corpus_fit(&s.c, &s.mix, ouro_estimator_find("mle"), NULL, s.theta, &s.info, &s.e) == OURO_OK);
        seen[which_three(x, s.theta[0], exp(s.theta[1]))]++;
    }
    CHECK_EQ(seen[20], 0);
    for (int k = 0; k < 20; k++) expected[k] = TRIALS / 20.0;
    CHECK_CLOSE(fit_chi2(20, expected, seen), 0, 0, FIT_Z);
    end(&s);
}
