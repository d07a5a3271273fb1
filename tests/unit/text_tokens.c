/* text_tokens.c: texts and tables of a few tokens, their pairs and what is measured of them, worked out by hand. */
#include "io/text_tokens.h"
#include "harness.h"
#include "ouro/field.h"
#include "ouro/registry.h"
#include "setup.h"
#include <math.h>

/* --- reading ---------------------------------------------------------------------------------------------------- */

typedef struct reading {
    ouro_arena keep;
    ouro_pair_counts got;
    ouro_error e;
} reading;

static const ouro_token_rule words = {.lowercase = 1, .vocabulary = OURO_UNSET},
                             letters = {.letters = 1, .lowercase = 1, .vocabulary = OURO_UNSET};

static int take(reading *r, const char *text, ouro_token_rule rule) {
    const size_t len = strlen(text);
    *r = (reading){0};
    char *copy = ouro_alloc(len + 1, 1);
    memcpy(copy, text, len);
    const int ret = ouro_text_pairs("t.txt", copy, len, &rule, &r->keep, &r->got, &r->e);
    ouro_free(copy);
    return ret;
}

/* Counted pairs as "0-1:2 1-2:1 ", tokens numbered from 0. */
static const char *pairs_of(const ouro_pair_counts *c) {
    static char out[1024];
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < c->pairs.tokens; i++)
        for (size_t k = ouro_pairs_first(&c->pairs, i); k < ouro_pairs_first(&c->pairs, i + 1) && used < 1000; k++)
            used += (size_t)snprintf(out + used, sizeof out - used, "%zu-%zu:%llu ", i,
                                     ouro_pairs_next(&c->pairs, i, k), (unsigned long long)c->count[k]);
    return out;
}

static void check_pairs(const char *text, ouro_token_rule rule, size_t tokens, const char *pairs) {
    reading r;
    CHECK_EQ(take(&r, text, rule), OURO_OK);
    CHECK_EQ(r.got.pairs.tokens, tokens);
    CHECK_STR(pairs_of(&r.got), pairs);
    CHECK_STR(r.e.what, "");
    ouro_arena_free(&r.keep);
}

static void check_refused(const char *text, ouro_token_rule rule, const char *where, const char *what) {
    reading r;
    CHECK_EQ(take(&r, text, rule), OURO_ECONFIG);
    CHECK_STR(r.e.where, where);
    if (!harness_true(strstr(r.e.what, what) != NULL, __FILE__, __LINE__, what)) printf("  %s\n", r.e.what);
    ouro_arena_free(&r.keep);
}

/* the cat sat the cat ran the dog sat */
TEST(text_tokens_words) {
    static const char text[] = "The cat sat. The cat\n ran; the\tdog--sat!";
    ouro_token_rule rule = words;
    check_pairs(text, rule, 5, "0-1:2 0-4:1 1-2:1 1-3:1 2-0:1 3-0:1 4-2:1 ");
    rule.lowercase = 0; /* The cat sat The cat ran the dog sat */
    check_pairs(text, rule, 6, "0-1:2 1-2:1 1-3:1 2-0:1 3-4:1 4-5:1 5-2:1 ");
    rule = words;
    rule.keep = 1; /* the cat sat . the cat ran ; the dog - - sat ! */
    check_pairs(text, rule, 9, "0-1:2 0-6:1 1-2:1 1-4:1 2-3:1 2-8:1 3-0:1 4-5:1 5-0:1 6-7:1 7-2:1 7-7:1 ");
}

TEST(text_tokens_apostrophes) {
    check_pairs("don't 'tis dogs' don't tis dogs don\xE2\x80\x99t", words, 4, "0-1:2 1-2:2 2-0:1 2-3:1 ");
    check_pairs("rock'n'roll o''clock rock'n'roll", words, 3, "0-1:1 1-2:1 2-0:1 ");
}

TEST(text_tokens_letters) {
    ouro_token_rule rule = letters;
    check_pairs(" Ab  ba,\n a! ", rule, 3, "0-1:1 0-2:1 1-0:1 1-2:1 2-0:1 2-1:1 "); /* a b _ b a _ a */
    check_pairs("a - b - a", rule, 3, "0-1:1 1-0:1 1-2:1 2-1:1 ");                  /* a _ b _ a */
    rule.keep = 1;
    check_pairs("a - b", rule, 4, "0-1:1 1-2:1 1-3:1 2-1:1 "); /* a _ - _ b */
    check_pairs("don't", rule, 5, "0-1:1 1-2:1 2-3:1 3-4:1 ");
}

/* A with grave, capital sigma and capital zhe become small, sharp s stays, the multiplication sign is a mark. */
TEST(text_tokens_other_scripts) {
    check_pairs("\xC3\x80 \xC3\xA0 \xCE\xA3 \xCF\x83 \xD0\x96 \xD0\xB6", words, 3, "0-0:1 0-1:1 1-1:1 1-2:1 2-2:1 ");
    check_pairs("\xC3\x9F\xC3\x97\xC3\x9F a", words, 2, "0-0:1 0-1:1 ");
}

/* b and c are twice as frequent as a and d, which are one token from then on; of b, a and c, each there twice, two
 * remain. */
TEST(text_tokens_vocabulary) {
    ouro_token_rule rule = words;
    rule.vocabulary = 2;
    check_pairs("a b c b c d", rule, 3, "0-1:2 1-0:1 1-2:1 2-0:1 ");
    check_pairs("b a c a b c", rule, 3, "0-1:1 0-2:1 1-0:1 1-2:1 2-1:1 ");
    rule.vocabulary = 4; /* nothing is left over */
    check_pairs("a b c b c d", rule, 4, "0-1:1 1-2:2 2-1:1 2-3:1 ");
    rule.vocabulary = 1;
    check_pairs("a b c b b d", rule, 2, "0-0:1 0-1:2 1-0:2 ");
}

/* Eight tokens and four held out: the pair across is neither counted nor listed; what occurs there alone is no token,
 * or one of the others where there are others. */
TEST(text_tokens_held_out) {
    static const char text[] = "a b a b a c b a b a x c";
    ouro_token_rule rule = words;
    reading r;
    rule.held_out = 1.0 / 3;
    REQUIRE(take(&r, text, rule) == OURO_OK);
    CHECK_STR(pairs_of(&r.got), "0-1:2 0-2:1 1-0:3 2-1:1 ");
    REQUIRE(r.got.held_len == 3);
    static const uint32_t held[3][2] = {{1, 0}, {0, OURO_NO_TOKEN}, {OURO_NO_TOKEN, 2}};
    CHECK(memcmp(r.got.held, held, sizeof held) == 0);
    ouro_arena_free(&r.keep);
    rule.vocabulary = 2;
    REQUIRE(take(&r, text, rule) == OURO_OK);
    CHECK_EQ(r.got.pairs.tokens, 3);
    REQUIRE(r.got.held_len == 3);
    static const uint32_t others[3][2] = {{1, 0}, {0, 2}, {2, 2}};
    CHECK(memcmp(r.got.held, others, sizeof others) == 0);
    ouro_arena_free(&r.keep);
    rule.held_out = 0.05; /* half a token is one: no pair */
    REQUIRE(take(&r, text, rule) == OURO_OK);
    CHECK_EQ(r.got.held_len, 0);
    ouro_arena_free(&r.keep);
}

/* The most frequent tokens are those of the training part: x is not, however often it is held out. */
TEST(text_tokens_vocabulary_of_the_training_part) {
    ouro_token_rule rule = words;
    rule.vocabulary = 1;
    rule.held_out = 0.5;
    check_pairs("a b a x a b x x x x x x", rule, 2, "0-1:3 1-0:2 ");
}

TEST(text_tokens_refused) {
    check_refused("", words, "t.txt", "0 tokens outside the held-out part, 0 different");
    check_refused(" \n -- \n", words, "t.txt", "0 tokens");
    check_refused("once", words, "t.txt", "1 token outside the held-out part, 1 different");
    check_refused("a a a a", words, "t.txt", "4 tokens outside the held-out part, 1 different");
    check_refused("a b", words, "t.txt", "2 tokens outside the held-out part, 2 different");
    check_refused("ab c\nd\xC3\xA9 \xE9t\xE9", words, "t.txt:2:4", "byte \\xE9 is not UTF-8");
    check_refused("a b c\n\x01", words, "t.txt:2:1", "control character \\x01");
    check_refused("\xEF\xBB\xBF"
                  "a b a",
                  words, "t.txt:1:1", "byte order mark");
    ouro_token_rule rule = words;
    rule.held_out = 0.9;
    check_refused("a b a c a b c b a", rule, "t.txt", "1 token outside the held-out part, 1 different");
}

/* --- truths ------------------------------------------------------------------------------------------------------ */

/* A study of this text, or table (`of`: "text" or "data"), as a file beside none of the others. */
static int load(ouro_study *s, const char *of, const char *text, const char *truth, const char *more) {
    char path[] = P_tmpdir "/ouro-text-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    *s = (ouro_study){0};
    if (!file) return OURO_EIO;
    fputs(text, file);
    fclose(file);
    const int ret =
        setup_loadf(s, "{'name':'t','truth':{'%s':'%s'%s},'model':{'family':'bigram'%s}}", of, path, truth, more);
    unlink(path);
    return ret;
}

/* A column of the truth itself. */
static double at_0(const ouro_study *s, const char *column) {
    double row[64];
    const ouro_experiment *x = &s->experiment[0];
    ouro_experiment_truth_row(x, row);
    for (size_t i = 0; i < x->columns_len; i++)
        if (!strcmp(x->columns[i].name, column)) return row[i];
    harness_true(false, __FILE__, __LINE__, column);
    return NAN;
}

TEST(text_truth_by_hand) {
    ouro_study s;
    REQUIRE(load(&s, "text", "The cat sat. The cat ran; the dog sat. The cat flew!", ",'held_out':0.25", "") ==
            OURO_OK);
    const ouro_truth *t = &s.experiment[0].truth;
    static const double p[] = {0.25, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125};
    REQUIRE(t->domain.categories == 7);
    CHECK(memcmp(t->theta, p, sizeof p) == 0);
    CHECK_EQ(t->rows, 8);
    CHECK_EQ(s.experiment[0].policy.initial, 8);
    CHECK_EQ(t->held_pairs, 2);
    CHECK_CLOSE(at_0(&s, "held_out_coverage"), 0.5, 0, 0);
    CHECK_CLOSE(at_0(&s, "perplexity_covered"), 1.5, 1e-15, 0); /* P(cat | the) = 2/3 */
    CHECK(isinf(at_0(&s, "perplexity")));
    CHECK_CLOSE(at_0(&s, "entropy_rate"), 3.0 / 8 * (log(3) - 2.0 / 3 * log(2)) + 2.0 / 8 * log(2), 1e-15, 0);
    CHECK_EQ(at_0(&s, "vocabulary_share"), 1);
    CHECK_EQ(at_0(&s, "kl_rate"), 0);
    CHECK_EQ(at_0(&s, "support"), 7);
    ouro_study_free(&s);
    /* "the cat sat" is held out: 2/3 and 1/2 */
    REQUIRE(load(&s, "text", "the cat sat the cat ran the dog sat the cat sat", ",'held_out':0.25", "") == OURO_OK);
    CHECK_CLOSE(at_0(&s, "perplexity"), sqrt(3), 1e-15, 0);
    CHECK_EQ(at_0(&s, "held_out_coverage"), 1);
    ouro_study_free(&s);
}

/* A column of a model fitted to these counts of the seven pairs of a text. */
static double of_counts(const ouro_study *s, const double *count, const char *column) {
    const ouro_experiment *x = &s->experiment[0];
    double T[8] = {0}, theta[7 + 7 + 5], out[16];
    ouro_fit_info info;
    ouro_arena tmp = {0};
    const ouro_address address = {.seed = 5, .generation = 3, .purpose = OURO_FOR_MEASURE};
    const ouro_measure_type *m = ouro_measure_find("text");
    size_t i = 0;
    for (int k = 0; k < 7; k++) T[0] += T[1 + k] = count[k];
    x->model.type->fit_mle(&x->model, T, theta, &info);
    while (i < m->len && strcmp(m->columns[i].name, column) != 0) i++;
    CHECK(i < m->len && m->missing(&x->setting, i) == NULL);
    m->measure(&x->setting, &(ouro_observation){.theta = theta, .fit = &info, .address = &address, .tmp = &tmp}, 0,
               1U << i, out);
    ouro_arena_free(&tmp);
    return out[i];
}

/* Pairs the-cat, the-dog, cat-sat, cat-ran, sat-the, ran-the, dog-sat, with counts 2 1 1 1 1 1 1 in the truth. */
TEST(text_model_by_hand) {
    static const double few[] = {2, 0, 2, 0, 0, 0, 0}, other[] = {1, 3, 3, 1, 2, 2, 2};
    ouro_study s;
    REQUIRE(load(&s, "text", "the cat sat the cat ran the dog sat the cat sat", ",'held_out':0.25", "") == OURO_OK);
    CHECK_CLOSE(of_counts(&s, few, "vocabulary_share"), 3.0 / 5, 1e-15, 0); /* sat is a second token alone */
    CHECK_EQ(of_counts(&s, few, "perplexity"), 1);
    CHECK_EQ(of_counts(&s, few, "entropy_rate"), 0);
    CHECK(isinf(of_counts(&s, few, "kl_rate")));
    /* the-cat 1/4, the-dog 3/4, cat-sat 3/4, cat-ran 1/4 */
    CHECK_CLOSE(of_counts(&s, other, "perplexity"), sqrt(16.0 / 3), 1e-15, 0);
    CHECK_CLOSE(of_counts(&s, other, "kl_rate"),
                (2 * log(2.0 / 3 * 4) + log(1.0 / 3 / 0.75) + log(0.5 / 0.75) + log(0.5 / 0.25)) / 8, 1e-14, 0);
    CHECK_CLOSE(of_counts(&s, other, "entropy_rate"), 8.0 / 14 * -(0.25 * log(0.25) + 0.75 * log(0.75)), 1e-15, 0);
    ouro_study_free(&s);
}

/* With add_k all 25 pairs are categories, in the truth with its own counts; held-out pairs find their own. */
TEST(text_truth_of_all_pairs) {
    ouro_study s;
    REQUIRE(load(&s, "text", "the cat sat the cat ran the dog sat the cat dog", ",'held_out':0.25", ",'add_k':1") ==
            OURO_OK);
    const ouro_experiment *x = &s.experiment[0];
    double T[26], theta[55];
    ouro_fit_info info;
    REQUIRE(x->truth.domain.categories == 25 && x->model.theta_len == 55);
    CHECK_EQ(x->truth.theta[0 * 5 + 1], 0.25);
    CHECK_EQ(x->truth.theta[2 * 5 + 0], 0.125);
    CHECK_EQ(x->truth.theta[2 * 5 + 1], 0);
    CHECK_EQ(x->truth.held[0 * 5 + 1], 1);
    CHECK_EQ(x->truth.held[1 * 5 + 4], 1);
    x->model.type->stat_counts(&x->model, x->truth.count, T);
    x->model.type->fit_mle(&x->model, T, theta, &info);
    CHECK_CLOSE(theta[1], 3.0 / 33, 1e-15, 0);
    CHECK_CLOSE(theta[1] / (theta[0] + theta[1] + theta[2] + theta[3] + theta[4]), 3.0 / 8, 1e-15, 0);
    CHECK_EQ(at_0(&s, "vocabulary_share"), 1);
    ouro_study_free(&s);
}

/* A table of the same counts is the same truth, without held-out text. */
TEST(text_truth_from_a_table) {
    ouro_study s;
    REQUIRE(load(&s, "data",
                 "a,b,n\nthe,cat,2\ncat,sat,1\nnot,seen,0\nsat,the,1\ncat,ran,1\nran,the,1\nthe,dog,1\ndog,sat,1\n",
                 ",'counts':'n','pairs':['a','b']", "") == OURO_OK);
    const ouro_experiment *x = &s.experiment[0];
    CHECK_STR(pairs_of(&(ouro_pair_counts){.pairs = *x->truth.domain.pairs, .count = x->truth.count}),
              "0-1:2 0-4:1 1-2:1 1-3:1 2-0:1 3-0:1 4-2:1 ");
    CHECK_EQ(x->truth.held_pairs, 0);
    for (size_t i = 0; i < x->columns_len; i++) CHECK(strcmp(x->columns[i].name, "perplexity") != 0);
    ouro_study_free(&s);
}

/* --- the parametric truth ------------------------------------------------------------------------------------------ */

/* Its row shares are stationary, its transitions what the formula says, its entropy rate the sum over them. */
TEST(text_parametric_truth) {
    static const double zipf[] = {0, 1, 2.5}, follow[] = {0, 0.3, 0.999999};
    for (int c = 0; c < 9; c++) {
        ouro_study s;
        double z[6], sum = 0, rate = 0;
        const double a = follow[c / 3];
        REQUIRE(setup_loadf(&s,
                            "{'name':'t','truth':{'family':'bigram','types':6,'zipf':%g,'follow':%.17g},"
                            "'model':{'family':'bigram'}}",
                            zipf[c % 3], a) == OURO_OK);
        const double *p = s.experiment[0].truth.theta;
        for (int j = 0; j < 6; j++) sum += z[j] = pow(1 + j, -zipf[c % 3]);
        for (int i = 0; i < 6; i++) {
            double out = 0, in = 0;
            for (int j = 0; j < 6; j++) out += p[6 * i + j], in += p[6 * j + i];
            CHECK_CLOSE(out, in, 1e-14, 0);
            for (int j = 0; j < 6; j++) {
                const double P = (1 - a) * z[j] / sum + (j == (i + 1) % 6 ? a : 0);
                CHECK_CLOSE(p[6 * i + j] / out, P, 1e-14, 0);
                rate -= out * P * log(P);
            }
        }
        CHECK_CLOSE(at_0(&s, "entropy_rate"), rate, 1e-13, 6 * 0x1p-53);    /* log P of P next to 1 */
        if (!(a > 0)) CHECK_CLOSE(2 * rate, at_0(&s, "entropy"), 1e-13, 0); /* two independent tokens */
        ouro_study_free(&s);
    }
}

/* Independent tokens with z_i ~ 1 / i: pairs with the same product i j are equally likely, and are in a tail
 * together. */
TEST(text_parametric_tails) {
    ouro_study s;
    ouro_arena keep = {0};
    size_t found = 0;
    REQUIRE(setup_load(&s, "{'name':'t','truth':{'family':'bigram','types':12,'zipf':1,'follow':0},"
                           "'model':{'family':'bigram'}}") == OURO_OK);
    for (int i = 1; i < 100; i++) {
        ouro_tail_set a;
        ouro_error e = {0};
        int in[145] = {0}, out[145] = {0};
        if (ouro_truth_tail(&s.experiment[0].truth, i / 100.0, &keep, &a, &e) != OURO_OK) continue;
        for (int k = 0; k < 144; k++) (a.member[k] ? in : out)[(k / 12 + 1) * (k % 12 + 1)] = 1;
        for (int product = 1; product <= 144; product++) CHECK(!in[product] || !out[product]);
        found++;
    }
    CHECK(found > 50);
    ouro_arena_free(&keep);
    ouro_study_free(&s);
}

/* --- n-grams and perplexity of drawn texts ------------------------------------------------------------------------- */

/* A cycle of three: whatever token the text begins with, three different n-grams of each length. */
TEST(text_distinct_by_hand) {
    ouro_study s;
    REQUIRE(load(&s, "text", "a b c a b c a", ",'held_out':0", "},'observe':{'text_tokens':10") == OURO_OK);
    CHECK_CLOSE(at_0(&s, "distinct_1"), 3.0 / 10, 1e-15, 0);
    CHECK_CLOSE(at_0(&s, "distinct_2"), 3.0 / 9, 1e-15, 0);
    CHECK_CLOSE(at_0(&s, "distinct_3"), 3.0 / 8, 1e-15, 0);
    CHECK_EQ(at_0(&s, "entropy_rate"), 0);
    ouro_study_free(&s);
}

enum { LENGTH = 200 };

/* Different n-grams of token[], none of which runs over the beginning of a piece; by comparing each with all before. */
static double brute_force(const size_t *token, const int *begins, size_t n) {
    size_t all = 0, different = 0;
    for (size_t i = 0; i + n <= LENGTH; i++) {
        int whole = 1, new = 1;
        for (size_t j = 1; j < n; j++) whole &= !begins[i + j];
        for (size_t h = 0; whole && h < i; h++) {
            int same = 1;
            for (size_t j = 0; j < n; j++) same &= token[h + j] == token[i + j] && (j == 0 || !begins[h + j]);
            if (same) new = 0;
        }
        all += (size_t)whole;
        different += (size_t)(whole && new);
    }
    return (double)different / (double)all;
}

/* The text of the truth drawn again from its address (NULL: that of t = 0), with a word that nothing follows. */
static void check_distinct(const ouro_study *s, const ouro_address *address) {
    const ouro_experiment *x = &s->experiment[0];
    const ouro_pairs *g = x->truth.domain.pairs;
    ouro_arena tmp = {0};
    ouro_stream stream;
    double row[LENGTH], out[16];
    size_t token[LENGTH + 1], len = 0, pieces = 0;
    int begins[LENGTH + 1] = {0};
    ouro_address at = address ? *address : (ouro_address){.purpose = OURO_FOR_MEASURE};
    at.slot = 0x54;
    ouro_stream_open(&stream, &at);
    REQUIRE(x->model.type->sample(&x->model, x->truth.theta, &stream, &tmp, LENGTH, row) == OURO_OK);
    for (size_t r = 0; len < LENGTH; r++) {
        const size_t k = (size_t)row[r], from = ouro_pairs_from(g, k);
        if (r == 0 || token[len - 1] != from) {
            begins[len] = 1;
            pieces++;
            token[len++] = from;
        }
        token[len++] = ouro_pairs_next(g, from, k);
    }
    CHECK(pieces > 3);
    const ouro_measure_type *m = ouro_measure_find("text");
    m->measure(&x->setting,
               &(ouro_observation){.theta = address ? x->truth.theta : NULL, .address = address, .tmp = &tmp}, 0, 14,
               out);
    CHECK_STR(m->columns[1].name, "distinct_1");
    for (size_t n = 1; n <= 3; n++) CHECK_CLOSE(out[n], brute_force(token, begins, n), 1e-15, 0);
    ouro_arena_free(&tmp);
}

TEST(text_distinct_by_brute_force) {
    ouro_study s;
    REQUIRE(load(&s, "text", "the cat sat the cat ran the dog sat and the dog ran off the cat the mouse ended",
                 ",'held_out':0", "},'observe':{'text_tokens':200") == OURO_OK);
    check_distinct(&s, NULL);
    check_distinct(&s, &(ouro_address){.seed = 8, .replicate = 2, .generation = 5, .purpose = OURO_FOR_MEASURE});
    ouro_study_free(&s);
}

/* A text drawn from a truth, half of it held out: the mean log loss is the entropy rate. Of independent tokens its
 * variance is that of log z; half of 5 x 4 fitted parameters add 10 / 60000. */
TEST(text_perplexity_is_the_exponential_of_the_entropy_rate) {
    enum { TOKENS = 120000 };
    ouro_study truth, s;
    ouro_arena tmp = {0};
    ouro_stream stream;
    REQUIRE(setup_load(&truth,
                       "{'name':'t','truth':{'family':'bigram','zipf':1,'follow':0},'model':{'family':'bigram'}}") ==
            OURO_OK);
    const ouro_experiment *x = &truth.experiment[0];
    double *row = ouro_arena_alloc(&tmp, TOKENS, sizeof *row), sum = 0, mean = 0, square = 0;
    char *text = ouro_arena_alloc(&tmp, TOKENS + 1, 1);
    ouro_stream_open(&stream, &(ouro_address){.seed = 12});
    REQUIRE(x->model.type->sample(&x->model, x->truth.theta, &stream, &tmp, TOKENS, row) == OURO_OK);
    for (int i = 0; i < TOKENS; i++) text[i] = (char)('a' + (int)row[i] % 5);
    REQUIRE(load(&s, "text", text, ",'held_out':0.5,'tokens':'letters'", "") == OURO_OK);
    for (int j = 1; j <= 5; j++) sum += 1.0 / j;
    for (int j = 1; j <= 5; j++) mean += log(j * sum) / (j * sum), square += log(j * sum) * log(j * sum) / (j * sum);
    CHECK_CLOSE(at_0(&truth, "entropy_rate"), mean, 1e-13, 0);
    CHECK_CLOSE(log(at_0(&s, "perplexity")), mean + 10.0 / 60000, 0, 4 * sqrt((square - mean * mean) / 60000));
    CHECK_EQ(s.experiment[0].truth.held_pairs, TOKENS / 2 - 1);
    CHECK_EQ(s.experiment[0].truth.rows, TOKENS / 2 - 1);
    ouro_study_free(&s);
    ouro_study_free(&truth);
    ouro_arena_free(&tmp);
}

/* --- what repeats itself ------------------------------------------------------------------------------------------- */

/* One cycle through all that is left, or one pair: no fit leads anywhere else. Two cycles, a tail that leads into one
 * and a choice do: one of them will die. */
TEST(text_absorbed) {
    static const struct {
        const char *text;
        int absorbed;
    } cases[] = {{"a b c a b c a", 1}, {"a a b b a a b", 0}, {"a b a b c", 0}, {"x a b a b", 0}, {"a b c", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ouro_study s;
        double T[17], theta[64];
        ouro_fit_info info;
        REQUIRE(load(&s, "text", cases[i].text, ",'held_out':0", "") == OURO_OK);
        const ouro_experiment *x = &s.experiment[0];
        x->model.type->stat_counts(&x->model, x->truth.count, T);
        x->model.type->fit_mle(&x->model, T, theta, &info);
        CHECK_EQ(info.absorbed, cases[i].absorbed);
        ouro_study_free(&s);
    }
    /* two cycles, by counts that no single text has: a-a and b-c-b */
    ouro_study s;
    ouro_fit_info info;
    double theta[64];
    REQUIRE(load(&s, "data", "a,b,n\na,a,3\nb,c,2\nc,b,2\n", ",'counts':'n','pairs':['a','b']", "") == OURO_OK);
    const ouro_family *f = &s.experiment[0].model;
    f->type->fit_mle(f, (const double[]){7, 3, 2, 2}, theta, &info);
    CHECK_EQ(info.absorbed, 0);
    f->type->fit_mle(f, (const double[]){3, 3, 0, 0}, theta, &info);
    CHECK_EQ(info.absorbed, 1);
    f->type->fit_mle(f, (const double[]){4, 0, 2, 2}, theta, &info);
    CHECK_EQ(info.absorbed, 1);
    f->type->fit_mle(f, (const double[]){2, 0, 2, 0}, theta, &info); /* a stub: b c | b c */
    CHECK_EQ(info.absorbed, 1);
    ouro_study_free(&s);
}
