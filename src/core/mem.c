/* mem.c: the one file that talks to malloc. */
#include "ouro/mem.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif

/* Under AddressSanitizer every byte of a block that is not handed out is poisoned: touching scratch that a reset
 * took back, or the padding behind an allocation, is then reported like a use after free.                      */
#ifdef POISONING
#include <sanitizer/asan_interface.h>
static void poison(void *p, size_t size) { __asan_poison_memory_region(p, size); }
static void unpoison(void *p, size_t size) { __asan_unpoison_memory_region(p, size); }
#else
static void poison(void *p, size_t size) { (void)p, (void)size; }
static void unpoison(void *p, size_t size) { (void)p, (void)size; }
#endif

enum {
    LINE = 64,
    DEFAULT_BLOCK = 64 * 1024,
    GROWTH = 64 /* blocks double up to this multiple of block_size: past it malloc no longer costs anything */
};

/* The header fills exactly one cache line, so that the bytes behind it start on the next. */
struct ouro_arena_block {
    ouro_arena_block *next;
    size_t size; /* bytes behind the header, a multiple of LINE */
    char pad[LINE - sizeof(ouro_arena_block *) - sizeof(size_t)];
    unsigned char bytes[];
};
_Static_assert(sizeof(ouro_arena_block) == LINE, "the first allocation of a block must be aligned");

static bool overflows(size_t count, size_t size) { return size != 0 && count > SIZE_MAX / size; }

/* Zero bytes are served as one: NULL then always means out of memory. calloc would notice an overflow by itself, but
 * AddressSanitizer stops the program when it does.                                                                */
void *ouro_alloc(size_t count, size_t size) {
    if (overflows(count, size)) return NULL;
    return count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);
}

void *ouro_realloc(void *p, size_t count, size_t size) {
    if (overflows(count, size)) return NULL;
    return realloc(p, count == 0 || size == 0 ? 1 : count * size);
}

char *ouro_strdup(const char *s) {
    if (s == NULL) return NULL;
    const size_t size = strlen(s) + 1;
    char *copy = ouro_alloc(size, 1);
    if (copy != NULL) memcpy(copy, s, size);
    return copy;
}

void ouro_free(void *p) { free(p); }

/* A block as large as all held so far, within bounds, so that a growing arena needs few of them. */
static ouro_arena_block *new_block(const ouro_arena *a, size_t need) {
    const size_t least = a->block_size != 0 ? a->block_size : DEFAULT_BLOCK;
    const size_t held = ouro_arena_bytes(a);
    size_t size = held < least ? least : held / GROWTH < least ? held : least * GROWTH;
    size = size > need ? size : need;
    if (size > SIZE_MAX - 2 * LINE) return NULL;
    size = (size + LINE - 1) / LINE * LINE;
    ouro_arena_block *b = aligned_alloc(LINE, sizeof *b + size);
    if (b == NULL) return NULL;
    b->next = NULL;
    b->size = size;
    poison(b->bytes, size);
    return b;
}

/* Frees what a reset has kept behind `now`. */
static bool drop_spares(ouro_arena_block **after) {
    const bool any = *after != NULL;
    for (ouro_arena_block *b = *after, *next; b != NULL; b = next) {
        next = b->next;
        unpoison(b->bytes, b->size);
        free(b);
    }
    *after = NULL;
    return any;
}

/* Makes `now` an empty block of at least `need` bytes: a later one kept by a reset, else a new one. Either is linked
 * right behind the full block, so that a repeated sequence of requests finds its blocks in order. Where all that a reset
 * has kept are too small, requests are growing: the new block gets room to spare, and takes the place of the others. */
static bool advance(ouro_arena *a, size_t need) {
    ouro_arena_block **after = a->now != NULL ? &a->now->next : &a->first;
    ouro_arena_block **at = after;
    while (*at != NULL && (*at)->size < need) at = &(*at)->next;
    ouro_arena_block *b = *at;
    if (b == NULL) {
        const bool growing = drop_spares(after);
        if ((b = new_block(a, growing && need < SIZE_MAX / 2 ? need + need / 4 : need)) == NULL) return false;
    } else {
        *at = b->next;
    }
    b->next = *after;
    *after = b;
    a->now = b;
    a->used = 0;
    return true;
}

void *ouro_arena_alloc(ouro_arena *a, size_t count, size_t size) {
    if (overflows(count, size) || count * size > SIZE_MAX - LINE) return NULL;
    const size_t bytes = count * size;
    const size_t need = bytes == 0 ? LINE : (bytes + LINE - 1) / LINE * LINE;
    if ((a->now == NULL || a->now->size - a->used < need) && !advance(a, need)) return NULL;
    void *p = a->now->bytes + a->used;
    a->used += need;
    unpoison(p, bytes);
    return memset(p, 0, bytes);
}

char *ouro_arena_strdup(ouro_arena *a, const char *s) {
    if (s == NULL) return NULL;
    const size_t size = strlen(s) + 1;
    char *copy = ouro_arena_alloc(a, size, 1);
    if (copy != NULL) memcpy(copy, s, size);
    return copy;
}

char *ouro_arena_printf(ouro_arena *a, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) return NULL;
    char *text = ouro_arena_alloc(a, (size_t)len + 1, 1);
    if (text == NULL) return NULL;
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    return text;
}

ouro_arena_mark ouro_arena_here(const ouro_arena *a) { return (ouro_arena_mark){a->now, a->used}; }

void ouro_arena_reset(ouro_arena *a, ouro_arena_mark mark) {
    /* a mark of a still empty arena names no block: go back to the start of the first */
    ouro_arena_block *const to = mark.block != NULL ? mark.block : a->first;
    const size_t used = mark.block != NULL ? mark.used : 0;
    for (ouro_arena_block *b = to; b != NULL; b = b->next) {
        const size_t keep = b == to ? used : 0;
        poison(b->bytes + keep, b->size - keep);
        if (b == a->now) /* nothing behind it was handed out since */
            break;
    }
    a->now = to;
    a->used = used;
}

size_t ouro_arena_bytes(const ouro_arena *a) {
    size_t sum = 0;
    for (const ouro_arena_block *b = a->first; b != NULL; b = b->next) sum += sizeof *b + b->size;
    return sum;
}

void ouro_arena_free(ouro_arena *a) {
    ouro_arena_block *b = a->first;
    while (b != NULL) {
        ouro_arena_block *const next = b->next;
        unpoison(b->bytes, b->size);
        free(b);
        b = next;
    }
    a->first = a->now = NULL;
    a->used = 0;
}
