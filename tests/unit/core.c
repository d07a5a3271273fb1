/* core.c: errors, memory and field tables. */
#include "harness.h"
#include "ouro/error.h"
#include "ouro/field.h"
#include "ouro/mem.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

TEST(core_error_first_wins) {
    ouro_error e = {0};
    CHECK_EQ(ouro_fail(&e, OURO_ECONFIG, "policy.budget", "%d is not above %d", -3, 0), OURO_ECONFIG);
    CHECK_EQ(ouro_fail(&e, OURO_EIO, "later", "consequence"), OURO_EIO);
    CHECK_EQ(e.code, OURO_ECONFIG);
    CHECK_STR(e.where, "policy.budget");
    CHECK_STR(e.what, "-3 is not above 0");
    CHECK_EQ(ouro_fail(NULL, OURO_EIO, "x", "y"), OURO_EIO);
}

TEST(core_error_cuts_long_text) {
    ouro_error e = {0};
    char text[1000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    ouro_fail(&e, OURO_EIO, text, "%s", text);
    CHECK_EQ(strlen(e.where), sizeof e.where - 1);
    CHECK_EQ(strlen(e.what), sizeof e.what - 1);
    ouro_error nowhere = {0};
    ouro_fail(&nowhere, OURO_EBUG, NULL, "lost");
    CHECK_STR(nowhere.where, "");
    CHECK_STR(nowhere.what, "lost");
}

TEST(core_error_sentences) {
    CHECK_STR(ouro_error_sentence(OURO_OK), "no error");
    CHECK_STR(ouro_error_sentence(OURO_ENOMEM), "out of memory");
    CHECK_STR(ouro_error_sentence(OURO_EBUG), "an internal promise was broken: please report this");
    CHECK_STR(ouro_error_sentence(-99), "unknown error");
    CHECK_STR(ouro_error_sentence(1), "unknown error");
}

static int three_steps(int failing, int *cleaned) {
    int ret = OURO_OK;
    for (int step = 1; step <= 3; step++) OURO_TRY(step == failing ? OURO_EIO : OURO_OK);
out:
    ++*cleaned;
    return ret;
}

TEST(core_error_try) {
    int cleaned = 0;
    CHECK_EQ(three_steps(0, &cleaned), OURO_OK);
    CHECK_EQ(three_steps(2, &cleaned), OURO_EIO);
    CHECK_EQ(cleaned, 2);
}

static bool all_zero(const void *p, size_t size) {
    const unsigned char *byte = p;
    for (size_t i = 0; i < size; i++)
        if (byte[i] != 0) return false;
    return true;
}

TEST(core_mem_heap) {
    unsigned char *p = ouro_alloc(37, 11);
    REQUIRE(p != NULL);
    CHECK(all_zero(p, 407));
    memset(p, 7, 407);
    unsigned char *larger = ouro_realloc(p, 5000, 1);
    REQUIRE(larger != NULL);
    CHECK_EQ(larger[0], 7);
    CHECK_EQ(larger[406], 7);
    CHECK(ouro_realloc(larger, SIZE_MAX / 2, 3) == NULL);
    CHECK_EQ(larger[406], 7);
    ouro_free(larger);
    CHECK(ouro_alloc(SIZE_MAX / 2, 3) == NULL);
    void *empty = ouro_alloc(0, 8);
    CHECK(empty != NULL);
    ouro_free(empty);
    ouro_free(NULL);
    char *copy = ouro_strdup("ouroboros");
    CHECK_STR(copy, "ouroboros");
    ouro_free(copy);
    CHECK(ouro_strdup(NULL) == NULL);
}

TEST(core_arena_hands_out_clean_aligned_memory) {
    static const size_t sizes[] = {1, 64, 65, 0, 4096, 100000, 63, 200000, 7};
    ouro_arena a = {0};
    ouro_arena_mark start = ouro_arena_here(&a);
    size_t held = 0;
    for (int round = 0; round < 4; round++) {
        unsigned char *last = NULL;
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *p = ouro_arena_alloc(&a, sizes[i], 1);
            REQUIRE(p != NULL);
            CHECK_EQ((uintptr_t)p % 64, 0);
            CHECK(p != last);
            CHECK(all_zero(p, sizes[i]));
            memset(p, 0xa5, sizes[i]);
            last = p;
        }
        if (round == 0) held = ouro_arena_bytes(&a);
        CHECK_EQ(ouro_arena_bytes(&a), held); /* the same requests again need no new block */
        ouro_arena_reset(&a, start);
    }
    CHECK(held >= 304364);
    ouro_arena_free(&a);
    CHECK_EQ(ouro_arena_bytes(&a), 0);
    ouro_arena_free(&a);
}

TEST(core_arena_marks_nest) {
    ouro_arena a = {.block_size = 256};
    char *kept = ouro_arena_strdup(&a, "kept");
    REQUIRE(kept != NULL);
    const ouro_arena_mark outer = ouro_arena_here(&a);
    for (int i = 0; i < 50; i++) {
        char *middle = ouro_arena_printf(&a, "%s %d %s", "number", i, "of fifty");
        REQUIRE(middle != NULL);
        const ouro_arena_mark inner = ouro_arena_here(&a);
        char *deep = ouro_arena_alloc(&a, 1000, 1);
        REQUIRE(deep != NULL);
        memset(deep, 'x', 1000);
        ouro_arena_reset(&a, inner);
        char expected[64];
        snprintf(expected, sizeof expected, "number %d of fifty", i);
        CHECK_STR(middle, expected);
        if (i % 7 == 6) ouro_arena_reset(&a, outer);
    }
    CHECK_STR(kept, "kept");
    CHECK(ouro_arena_bytes(&a) < 16384);
    CHECK(ouro_arena_strdup(&a, NULL) == NULL);
    CHECK(ouro_arena_alloc(&a, SIZE_MAX / 2, 3) == NULL);
    CHECK(ouro_arena_alloc(&a, SIZE_MAX - 8, 1) == NULL);
    CHECK_STR(kept, "kept");
    ouro_arena_free(&a);
}

TEST(core_arena_grows_in_few_blocks) {
    ouro_arena a = {0};
    void *p = NULL;
    for (int i = 0; i < 100000; i++) REQUIRE((p = ouro_arena_alloc(&a, 8, sizeof(double))) != NULL);
    CHECK(p != NULL);
    CHECK(ouro_arena_bytes(&a) < 2 * 100000 * 64 + 2 * 65536);
    ouro_arena_free(&a);
}

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif
#ifdef ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
/* Scratch of fits that see more points every generation: what earlier ones needed is not kept beside it. */
TEST(core_arena_follows_growing_requests) {
    ouro_arena a = {0};
    const ouro_arena_mark start = ouro_arena_here(&a);
    size_t held = 0, changes = 0;
    for (size_t n = 1; n <= 400; n++) {
        unsigned char *p = ouro_arena_alloc(&a, n, 4000), *q = ouro_arena_alloc(&a, n, 2000);
        REQUIRE(p != NULL && q != NULL);
        CHECK(p[0] == 0 && p[n * 4000 - 1] == 0 && q[n * 2000 - 1] == 0);
        memset(p, 1, n * 4000);
        memset(q, 2, n * 2000);
        CHECK(p[n * 4000 - 1] == 1);
        changes += ouro_arena_bytes(&a) != held;
        held = ouro_arena_bytes(&a);
        ouro_arena_reset(&a, start);
    }
    CHECK(held < 2 * 400 * 6000);
    CHECK(changes < 40); /* by a quarter each time */
    ouro_arena_free(&a);
}

TEST(core_arena_poisons) {
    ouro_arena a = {0};
    const ouro_arena_mark start = ouro_arena_here(&a);
    char *p = ouro_arena_alloc(&a, 30, 1);
    REQUIRE(p != NULL);
    CHECK(!__asan_address_is_poisoned(p + 29));
    CHECK(__asan_address_is_poisoned(p + 30)); /* the padding */
    CHECK(__asan_address_is_poisoned(p + 64)); /* not handed out */
    ouro_arena_reset(&a, start);
    CHECK(__asan_address_is_poisoned(p));
    ouro_arena_free(&a);
}
#endif

typedef struct sample {
    double sd;
    uint64_t points;
    int kind;
} sample;

static const char *const kinds[] = {"replace", "accumulate", NULL};
static const ouro_field rows[] = {
    {"anchor.every", OURO_COUNT, 0, offsetof(sample, points), 1, OURO_COUNT_MAX, "1", NULL, "generations", "d"},
    {"anchor", OURO_COUNT, OURO_NULLABLE, offsetof(sample, points), 1, 9, "null", NULL, "", "d"},
    {"anchored.sd", OURO_REAL, OURO_ABOVE, offsetof(sample, sd), 0, INFINITY, "1", NULL, "", "d"},
    {"kind", OURO_CHOICE, 0, offsetof(sample, kind), 0, 0, "\"replace\"", kinds, "", "d"},
};

TEST(core_field_lookup) {
    const ouro_table t = OURO_TABLE(rows);
    CHECK_EQ(t.len, 4);
    CHECK(ouro_field_find(t, "anchor") == &rows[1]);
    CHECK(ouro_field_find(t, "anchored.sd") == &rows[2]);
    CHECK(ouro_field_find(t, "anchor.ever") == NULL);
    CHECK(ouro_field_find(t, "") == NULL);
    CHECK(ouro_field_has_below(t, "anchor"));
    CHECK(ouro_field_has_below(t, "anchored"));
    CHECK(!ouro_field_has_below(t, "anchor.every"));
    CHECK(!ouro_field_has_below(t, "anch"));
    CHECK(!ouro_field_has_below(t, "kind"));
}

TEST(core_field_edit_distance) {
    static const struct {
        const char *a, *b;
        size_t d;
    } cases[] = {{"", "", 0},
                 {"", "abc", 3},
                 {"kitten", "sitting", 3},
                 {"ab", "ba", 1},
                 {"ca", "abc", 3},
                 {"every", "evrey", 1},
                 {"points", "point", 1},
                 {"a", "b", 1},
                 {"abcdef", "badcfe", 3},
                 {"saturday", "sunday", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_EQ(ouro_edit_distance(cases[i].a, cases[i].b), cases[i].d);
        CHECK_EQ(ouro_edit_distance(cases[i].b, cases[i].a), cases[i].d);
    }
    char longest[66];
    memset(longest, 'a', sizeof longest);
    longest[65] = '\0';
    CHECK_EQ(ouro_edit_distance(longest, "a"), SIZE_MAX);
    longest[64] = '\0';
    CHECK_EQ(ouro_edit_distance(longest, "a"), 63);
    CHECK_EQ(ouro_edit_distance("a", longest), 63);
}

TEST(core_field_nearest) {
    static const char *const names[] = {"replicates", "generations", "seed", "path", "stop"};
    CHECK_STR(ouro_nearest("replicate", 5, names), "replicates");
    CHECK_STR(ouro_nearest("genreatoins", 5, names), "generations");
    CHECK_STR(ouro_nearest("sede", 5, names), "seed");
    CHECK_STR(ouro_nearest("step", 5, names), "stop");
    CHECK_STR(ouro_nearest("spot", 5, names), NULL); /* two edits are more than a third of four letters */
    CHECK_STR(ouro_nearest("gnrtons", 5, names), NULL);
    CHECK_STR(ouro_nearest("pa", 5, names), NULL);
    CHECK_STR(ouro_nearest("seed", 0, NULL), NULL);
}

static const char *expects(ouro_kind kind, unsigned flags, double lo, double hi) {
    static char text[200];
    const ouro_field f = {.path = "x", .kind = kind, .flags = flags, .lo = lo, .hi = hi, .choices = kinds};
    ouro_field_expects(&f, sizeof text, text);
    return text;
}

TEST(core_field_expects) {
    CHECK_STR(expects(OURO_REAL, OURO_ABOVE, 0, 1), "a number in (0, 1]");
    CHECK_STR(expects(OURO_REAL, OURO_BELOW, -0.5, 0.5), "a number in [-0.5, 0.5)");
    CHECK_STR(expects(OURO_REAL, OURO_ABOVE, 0, INFINITY), "a number above 0");
    CHECK_STR(expects(OURO_REAL, OURO_BELOW, -INFINITY, 3), "a number below 3");
    CHECK_STR(expects(OURO_REAL, 0, -INFINITY, INFINITY), "a number");
    CHECK_STR(expects(OURO_COUNT, OURO_NULLABLE | OURO_FOLLOWS, 1, OURO_COUNT_MAX),
              "an integer of at least 1, or \"synthetic.points\", or null");
    CHECK_STR(expects(OURO_COUNT, OURO_FOLLOWS | OURO_BUDGETABLE, 0, OURO_COUNT_MAX),
              "an integer of at least 0, or \"synthetic.points\", or \"budget\"");
    CHECK_STR(expects(OURO_COUNT, 0, 0, 65535), "an integer in [0, 65535]");
    CHECK_STR(expects(OURO_CHOICE, 0, 0, 0), "one of replace|accumulate");
    CHECK_STR(expects(OURO_BOOL, 0, 0, 0), "true or false");
    CHECK_STR(expects(OURO_COUNTS, OURO_LOGGABLE, 0, OURO_COUNT_MAX),
              "an increasing array of integers of at least 0, or \"log\"");
    CHECK_STR(expects(OURO_WINDOW, 0, 1, OURO_COUNT_MAX), "\"none\", \"all\" or a number of generations of at least 1");
    CHECK_STR(expects(OURO_SEED, 0, 0, 0), "an integer below 2^53, or a decimal string below 2^64");
    CHECK_STR(expects(OURO_TEXT, OURO_NULLABLE, 0, 0), "a string, or null");
    char tiny[6];
    const ouro_field f = {.path = "x", .kind = OURO_BOOL};
    ouro_field_expects(&f, sizeof tiny, tiny);
    CHECK_STR(tiny, "true ");
    ouro_field_expects(&f, 0, NULL);
}
