/* law_bigram.c: chains of tokens drawn, refitted and measured, against powers of their transition matrix.
 *
 * For a model with shares s_i = p_i. and transitions P, where a token that nothing follows is followed by a new start
 * from s: the token that pair m + 1 begins with has law v_m, v_0 = s, v_{m+1} = v_m Q, and E T_ij = sum_{m < n}
 * (v_m)_i P_ij. Given any model, T_ij - T_i. P_ij is a sum of martingale differences (each step either leaves i or
 * adds nothing), so that its mean is 0 and its variance P_ij (1 - P_ij) E T_i., exactly and in every generation.
 * Shares of pairs are no martingale themselves: where the chain starts from other shares than those it tends to, they
 * drift. */
#include "harness.h"
#include "law.h"
#include "setup.h"
#include <math.h>

enum { K = 4, PAIRS = K * K };

/* A model of K tokens, all pairs possible: the truth's of a study. */
typedef struct model {
    ouro_study study;
    const ouro_family *f;
    double theta[2 * PAIRS + K];
    ouro_arena tmp;
} model;

static int model_begin(model *m, const char *truth) {
    *m = (model){0};
    if (setup_loadf(&m->study, "{'name':'m','truth':{'family':'bigram','types':4%s},'model':{'family':'bigram'}}",
                    truth) != OURO_OK)
        return 0;
    m->f = &m->study.experiment[0].model;
    memcpy(m->theta, m->study.experiment[0].truth.theta, sizeof m->theta);
    return 1;
}

static void model_end(model *m) {
    ouro_study_free(&m->study);
    ouro_arena_free(&m->tmp);
}

static void model_of_counts(model *m, const double count[PAIRS]) {
    double T[1 + PAIRS] = {0};
    ouro_fit_info info;
    for (int k = 0; k < PAIRS; k++) T[0] += T[1 + k] = count[k];
    m->f->type->fit_mle(m->f, T, m->theta, &info);
}

static double share(const double *p, size_t i) { return p[i * K] + p[i * K + 1] + p[i * K + 2] + p[i * K + 3]; }
static double given(const double *p, size_t i, size_t j) { return share(p, i) > 0 ? p[i * K + j] / share(p, i) : 0; }

/* v Q, in place; v lies on tokens that something follows. */
static void move(const double *p, double v[K]) {
    double next[K] = {0};
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            for (size_t start = 0; start < K; start++)
                next[start] += v[i] * given(p, i, j) * (share(p, j) > 0 ? (double)(start == j) : share(p, start));
    memcpy(v, next, sizeof next);
}

static void expected_counts(const double *p, int n, double E[PAIRS]) {
    double v[K];
    for (size_t i = 0; i < K; i++) v[i] = share(p, i);
    for (int k = 0; k < PAIRS; k++) E[k] = 0;
    for (int m = 0; m < n; m++) {
        for (size_t k = 0; k < PAIRS; k++) E[k] += v[k / K] * given(p, k / K, k % K);
        move(p, v);
    }
}

static void open_stream(ouro_stream *s, uint32_t replicate, uint32_t generation) {
    ouro_stream_open(s, &(ouro_address){.seed = 1913, .replicate = replicate, .generation = generation});
}

/* Mean and spread of a sum, as z against an expectation. */
typedef struct tally {
    double n, sum, square;
} tally;
static void note(tally *t, double x) { t->n++, t->sum += x, t->square += x * x; }
static double z_of(const tally *t, double expected) {
    const double mean = t->sum / t->n, variance = (t->square / t->n - mean * mean) / (t->n - 1);
    return variance > 0 ? (mean - expected) / sqrt(variance) : mean == expected ? 0 : INFINITY;
}

/* Counts of n steps, drawn as such and from rows; in rows each pair goes on where the last one ended, or after a
 * token that nothing follows. */
static void check_counts(model *m, int n, int rows) {
    enum { DRAWS = 20000 };
    double E[PAIRS], T[1 + PAIRS], x[64];
    tally t[PAIRS] = {{0}};
    expected_counts(m->theta, n, E);
    for (uint32_t r = 0; r < DRAWS; r++) {
        ouro_stream s;
        open_stream(&s, r, (uint32_t)rows);
        if (rows) {
            CHECK(m->f->type->sample(m->f, m->theta, &s, &m->tmp, (size_t)n, x) == OURO_OK);
            m->f->type->stat_rows(m->f, (size_t)n, x, T);
            for (int i = 1; i < n; i++) {
                const size_t end = (size_t)x[i - 1] % K; /* a chain does not jump */
                CHECK((size_t)x[i] / K == end || !(share(m->theta, end) > 0));
            }
        } else {
            m->f->type->stat_draw(m->f, m->theta, &s, (uint64_t)n, T);
        }
        CHECK_EQ(T[0], n);
        for (int k = 0; k < PAIRS; k++) note(&t[k], T[1 + k]);
    }
    double all = 0;
    for (int k = 0; k < PAIRS; k++) {
        CHECK_LAW(z_of(&t[k], E[k]));
        all += t[k].sum;
    }
    CHECK_EQ(all, (double)n * DRAWS);
}

/* A stationary chain; one whose shares are not stationary; one with a dead end (d), reached from b alone; and one in
 * which nothing is ever followed by a pair, so that every pair starts anew. */
TEST(law_bigram_counts_by_powers) {
    static const double uneven[PAIRS] = {1, 7, 0, 2, 0, 0, 30, 1, 3, 3, 3, 0, 0, 40, 1, 9};
    static const double dead_end[PAIRS] = {2, 5, 0, 0, 1, 0, 2, 6, 4, 0, 1, 0, 0, 0, 0, 0};
    static const double stubs[PAIRS] = {0, 0, 3, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    model m;
    for (int rows = 0; rows < 2; rows++)
        for (int n = 1; n <= 9; n += 4) {
            REQUIRE(model_begin(&m, ",'zipf':1,'follow':0.4"));
            check_counts(&m, n, rows);
            model_of_counts(&m, uneven);
            check_counts(&m, n, rows);
            model_of_counts(&m, dead_end);
            check_counts(&m, n, rows);
            model_of_counts(&m, stubs);
            check_counts(&m, n, rows);
            model_end(&m);
        }
}

/* Fits of fits: the innovation of every pair has mean 0 and variance P (1 - P) E T_i. at t = 1, 2, 3. */
TEST(law_bigram_steps_are_martingale_differences) {
    enum { REPLICATES = 20000, N = 12 };
    model m;
    tally mean[3][PAIRS] = {{{0}}}, square[3][PAIRS] = {{{0}}};
    REQUIRE(model_begin(&m, ",'zipf':0.5,'follow':0.3"));
    for (uint32_t r = 0; r < REPLICATES; r++) {
        double theta[2 * PAIRS + K], T[1 + PAIRS];
        memcpy(theta, m.theta, sizeof theta);
        for (uint32_t t = 0; t < 3; t++) {
            ouro_fit_info info;
            ouro_stream s;
            open_stream(&s, r, 100 + t);
            m.f->type->stat_draw(m.f, theta, &s, N, T);
            for (size_t k = 0; k < PAIRS; k++) {
                const double left = share(T + 1, k / K), P = given(theta, k / K, k % K), d = T[1 + k] - left * P;
                note(&mean[t][k], d);
                note(&square[t][k], d * d - left * P * (1 - P));
            }
            m.f->type->fit_mle(m.f, T, theta, &info);
        }
    }
    for (int t = 0; t < 3; t++)
        for (int k = 0; k < PAIRS; k++) {
            CHECK_LAW(z_of(&mean[t][k], 0));
            CHECK_LAW(z_of(&square[t][k], 0));
        }
    model_end(&m);
}

/* Var T_ij of n steps of a stationary chain: n p (1 - p) + 2 sum_{d=1}^{n-1} (n - d) p [(P^{d-1})_{ji} P_ij - p]. */
static double variance_of_counts(const double *p, int n) {
    double sum = 0;
    for (size_t k = 0; k < PAIRS; k++) {
        double v[K] = {0};
        v[k % K] = 1;
        sum += n * p[k] * (1 - p[k]);
        for (int d = 1; d < n; d++) {
            sum += 2 * (n - d) * p[k] * (v[k / K] * given(p, k / K, k % K) - p[k]);
            move(p, v);
        }
    }
    return sum;
}

#define STATIONARY(n, more, model_more)                                                                                \
    "{'name':'law','truth':{'family':'bigram','types':4,'zipf':1,'follow':0.6},'model':{'family':'bigram'" model_more  \
    "},'policy':{'synthetic':{'points':" #n "}},'run':{'generations':2,'replicates':20000,'seed':51" more              \
    "},'observe':{'measures':['tail_mass','drift_sq'],'tails':[0.1]}}"

/* The first fit of a stationary truth: shares of pairs have its mean, and a variance that successive pairs add to. */
static void check_first_fit(const char *json) {
    law_run r = law_run_json(json);
    const ouro_truth *t = r.ok ? &r.study.experiment[0].truth : NULL;
    if (t) {
        CHECK_LAW(law_z(&r, "tail_mass_0.1", 1, r.study.experiment[0].setting.tails[0].attained));
        CHECK_LAW(law_z(&r, "drift_sq", 1, variance_of_counts(t->theta, 10) / 100 / t->moments.trace));
    }
    law_run_free(&r);
}

TEST(law_bigram_first_fit_statistics) { check_first_fit(STATIONARY(10, ",'path':'statistics'", "")); }
TEST(law_bigram_first_fit_samples) { check_first_fit(STATIONARY(10, ",'path':'samples'", "")); }

/* ouro's own laws are for independent points: none may speak of a chain. */
TEST(law_bigram_has_no_recursion) {
    static const char *const columns[] = {"drift_sq", "variance_ratio", "support", "tail_alive", "log_variance"};
    for (int i = 0; i < 5; i++) CHECK(isnan(law_predicts(STATIONARY(10, "", ""), columns[i], 1)));
}

/* k pseudo-points on each of 16 pairs: E p = (n p_0 + k) / (n + 16 k) at t = 1. */
TEST(law_bigram_add_k) {
    law_run r = law_run_json(STATIONARY(10, "", ",'add_k':0.7"));
    if (r.ok) {
        const ouro_tail_set *a = &r.study.experiment[0].setting.tails[0];
        int pairs = 0;
        for (int k = 0; k < PAIRS; k++) pairs += a->member[k];
        CHECK(pairs > 1 && pairs < PAIRS);
        CHECK_LAW(law_z(&r, "tail_mass_0.1", 1, (10 * a->attained + 0.7 * pairs) / (10 + 0.7 * PAIRS)));
    }
    law_run_free(&r);
}

TEST(law_bigram_add_k_closed_form) {
    static const double count[PAIRS] = {1, 7, 0, 2, 0, 0, 30, 1, 3, 3, 3, 0, 0, 0, 0, 0};
    model m;
    double sum = 0;
    REQUIRE(model_begin(&m, ""));
    ouro_family f = *m.f;
    f.known[0] = 0.25;
    m.f = &f;
    model_of_counts(&m, count);
    for (size_t k = 0; k < PAIRS; k++) {
        sum += m.theta[k];
        CHECK_CLOSE(m.theta[k], (count[k] + 0.25) / (50 + 0.25 * PAIRS), 1e-15, 0);
        CHECK_CLOSE(given(m.theta, k / K, k % K), (count[k] + 0.25) / (share(count, k / K) + 0.25 * K), 1e-14, 0);
    }
    CHECK_CLOSE(sum, 1, 1e-15, 0);
    model_end(&m);
}

/* Two independent tokens: runs of ones in n + 1 coin tosses. E T_11 = n q^2; neighbouring pairs share a token, so that
 * Var T_11 = n q^2 (1 - q^2) + 2 (n - 1) (q^3 - q^4); and T_1. is Binomial(n, q). */
TEST(law_bigram_of_independent_tokens) {
    enum { REPLICATES = 40000, N = 6 };
    ouro_study study;
    tally mean = {0}, square = {0}, row[N + 1] = {{0}};
    REQUIRE(setup_load(&study, "{'name':'m','truth':{'family':'bigram','types':2,'zipf':1,'follow':0},"
                               "'model':{'family':'bigram'}}") == OURO_OK);
    const ouro_experiment *x = &study.experiment[0];
    const double q = 2.0 / 3;
    double p[N + 1] = {0};
    CHECK_CLOSE(x->truth.theta[0], q * q, 1e-15, 0);
    for (uint32_t r = 0; r < REPLICATES; r++) {
        double T[5];
        ouro_stream s;
        open_stream(&s, r, 7);
        x->model.type->stat_draw(&x->model, x->truth.theta, &s, N, T);
        const double d = T[1] - N * q * q;
        note(&mean, d);
        note(&square, d * d);
        for (int k = 0; k <= N; k++) note(&row[k], T[1] + T[2] == k);
    }
    CHECK_LAW(z_of(&mean, 0));
    CHECK_LAW(z_of(&square, N * q * q * (1 - q * q) + 2 * (N - 1) * (q * q * q - q * q * q * q)));
    for (int k = 0; k <= N; k++) {
        p[k] = exp(lgamma(N + 1) - lgamma(k + 1) - lgamma(N - k + 1) + k * log(q) + (N - k) * log(1 - q));
        CHECK_LAW(z_of(&row[k], p[k]));
    }
    ouro_study_free(&study);
}

/* Independent tokens: one is alive after the first fit when it is among n + 1 draws, E share = mean of 1 - (1 -
 * z)^(n+1); from then on the share only falls, as categories do. */
TEST(law_bigram_vocabulary) {
    law_run r = law_run_json("{'name':'law','truth':{'family':'bigram','types':50,'zipf':1,'follow':0},"
                             "'model':{'family':'bigram'},'policy':{'synthetic':{'points':60}},"
                             "'run':{'generations':40,'replicates':1000,'seed':77},"
                             "'observe':{'measures':['vocabulary_share','support'],'generations':[1,2,4,8,16,40]}}");
    double sum = 0, alive = 0;
    for (int j = 1; j <= 50; j++) sum += 1.0 / j;
    for (int j = 1; j <= 50; j++) alive += (1 - pow(1 - 1 / (j * sum), 61)) / 50;
    CHECK_LAW(law_z(&r, "vocabulary_share", 1, alive));
    for (unsigned t = 1, g = 0; g < 5 && r.ok; g++, t *= 2) {
        const unsigned next = g == 4 ? 40 : 2 * t;
        CHECK(law_at(&r, "vocabulary_share", next).mean < 0.9 * law_at(&r, "vocabulary_share", t).mean);
        CHECK(law_at(&r, "support", next).mean < law_at(&r, "support", t).mean);
    }
    for (size_t i = 0; r.ok && i < r.results.replicates; i++) /* what is dead stays dead */
        for (size_t g = 1; g < r.results.generations; g++)
            CHECK(ouro_results_row(&r.results, i, g)[0] <= ouro_results_row(&r.results, i, g - 1)[0]);
    law_run_free(&r);
}

/* A text is drawn to count in, and nothing else changes by it. */
TEST(law_bigram_measuring_moves_nothing) {
    static const char *const measures[] = {"'support'", "'support','distinct_1','distinct_2','distinct_3'"};
    law_run r[2];
    for (int i = 0; i < 2; i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{'name':'law','truth':{'family':'bigram','types':30},'model':{'family':'bigram'},'run':{"
                 "'generations':20,'replicates':20},'observe':{'measures':[%s],'text_tokens':50}}",
                 measures[i]);
        r[i] = law_run_json(json);
    }
    for (size_t i = 0; r[0].ok && r[1].ok && i < 20; i++)
        for (size_t g = 0; g < 20; g++)
            CHECK_EQ(ouro_results_row(&r[0].results, i, g)[0], ouro_results_row(&r[1].results, i, g)[0]);
    CHECK(law_at(&r[1], "distinct_2", 1).se > 0);
    for (int i = 0; i < 2; i++) law_run_free(&r[i]);
}
