/* allocation.c: a warm replicate allocates nothing.
 *
 * The test program's own malloc and its kin stand in front of the C library's and count the calls of this thread. They
 * exist where glibc lets them hand on the work, and not under a sanitizer, which brings its own. */
#include "contract/configs.h"
#include "harness.h"
#include "ouro/replicate.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <errno.h>

static _Thread_local unsigned long calls;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    calls++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    calls++;
    return __libc_calloc(count, size);
}
void *realloc(void *p, size_t size) {
    calls++;
    return __libc_realloc(p, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    calls++;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **p, size_t alignment, size_t size) {
    calls++;
    *p = __libc_memalign(alignment, size);
    return *p != NULL ? 0 : ENOMEM;
}

/* Steps, measures and watches one replicate, every other generation without a row; returns the calls it took, or ULONG_MAX when it failed. */
static unsigned long calls_of(ouro_replicate *r, uint32_t replicate, uint32_t generations, double *row) {
    ouro_error e = {0};
    uint32_t passage[32] = {0};
    const unsigned long before = calls;
    if (r->experiment->events_len > 32) return (unsigned long)-1;
    ouro_replicate_begin(r, replicate);
    for (uint32_t t = 1; t <= generations; t++) {
        if (ouro_replicate_step(r, &e) != OURO_OK) return (unsigned long)-1;
        ouro_replicate_measure(r, row);
        ouro_replicate_watch(r, t % 2 ? row : NULL, passage);
    }
    return calls - before;
}

TEST(contract_allocation_is_counted) {
    const unsigned long before = calls;
    void *volatile p = ouro_alloc(3, 5);
    ouro_free(p);
    ouro_arena a = {0};
    CHECK(ouro_arena_alloc(&a, 1, 1) != NULL);
    ouro_arena_free(&a);
    CHECK_EQ(calls - before, 2);
}

/* Two replicates warm the buffers up: on the samples path slots trade places when batches of different sizes come and
 * go, and each must have held a large one. */
TEST(contract_allocation_stops_once_warm) {
    for (size_t i = 0; i < CONFIGS; i++) {
        double row[64];
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        REQUIRE(configs_load(&s, i, ""));
        configs_shorten(&s, 9, 60);
        REQUIRE(s.experiment[0].columns_len <= 64);
        REQUIRE(ouro_replicate_init(&r, s.experiment, &e) == OURO_OK);
        CHECK(calls_of(&r, 0, 60, row) > 0);
        (void)calls_of(&r, 1, 60, row);
        for (uint32_t replicate = 2; replicate < 9; replicate++) {
            const unsigned long count = calls_of(&r, replicate, 60, row);
            if (count != 0) printf("  config %zu, replicate %u: %lu calls\n", i, replicate, count);
            CHECK_EQ(count, 0);
        }
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}

/* Measures by nodes take their scratch from the replicate's arena, on the line and in the plane. */
TEST(contract_allocation_of_nodes) {
    static const char *const truths[] = {"'family': 'gmm'", "'family': 'gmm', 'means': [[0, 0], [3, 1]]",
                                         "'family': 'gmm', 'means': [[0], [3]], 'drift': {'means': [[0.1], [0]]}"};
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        double row[64];
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        REQUIRE(setup_loadf(&s,
                            "{'name': 'nodes', 'truth': {%s}, 'model': {'family': 'gmm'}, 'run': {'replicates': 9},"
                            " 'observe': {'measures': ['divergences', 'distances', 'tails']}}",
                            truths[i]) == OURO_OK);
        REQUIRE(s.experiment[0].columns_len <= 64);
        REQUIRE(ouro_replicate_init(&r, s.experiment, &e) == OURO_OK);
        CHECK(calls_of(&r, 0, 10, row) > 0);
        for (uint32_t replicate = 1; replicate < 4; replicate++) (void)calls_of(&r, replicate, 10, row);
        for (uint32_t replicate = 0; replicate < 4; replicate++) CHECK_EQ(calls_of(&r, replicate, 10, row), 0);
        ouro_replicate_free(&r);
        ouro_study_free(&s);
    }
}

#endif
