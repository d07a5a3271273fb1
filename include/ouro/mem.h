/* mem.h: all memory of the library passes through here.
 *
 * Heap blocks come zeroed and checked for overflow. An arena hands out scratch that lives until it is reset to a
 * mark; blocks are kept between resets, so that a replicate loop allocates nothing once it is warm. */
#ifndef OURO_MEM_H
#define OURO_MEM_H
#include <stddef.h>

/* count * size bytes, zeroed; NULL when out of memory or when the product overflows. Release with ouro_free. */
void *ouro_alloc(size_t count, size_t size);
/* Resizes to count * size bytes, the old contents kept, the new part NOT zeroed; on NULL the old block stays valid. */
void *ouro_realloc(void *p, size_t count, size_t size);
/* A heap copy of a string; NULL when out of memory or s is NULL. */
char *ouro_strdup(const char *s);
void ouro_free(void *p); /* NULL is allowed */

typedef struct ouro_arena_block ouro_arena_block;
typedef struct ouro_arena {
    ouro_arena_block *first, *now; /* blocks in order of use; `now` is the one being filled */
    size_t used;                   /* bytes used of `now` */
    size_t block_size;             /* bytes of an ordinary block, default 64 KiB */
} ouro_arena;

typedef struct ouro_arena_mark {
    ouro_arena_block *block;
    size_t used;
} ouro_arena_mark;

/* An arena needs no init beyond `ouro_arena a = {0};`. Zeroed memory, aligned to 64 bytes (a cache line, and one
 * AVX-512 register); NULL when out of memory. Amortised O(size). */
void *ouro_arena_alloc(ouro_arena *a, size_t count, size_t size);
char *ouro_arena_strdup(ouro_arena *a, const char *s);
char *ouro_arena_printf(ouro_arena *a, const char *fmt, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* Scratch: take a mark, allocate, reset to the mark. Memory after a mark is poisoned under AddressSanitizer. */
ouro_arena_mark ouro_arena_here(const ouro_arena *a);
void ouro_arena_reset(ouro_arena *a, ouro_arena_mark mark);
size_t ouro_arena_bytes(const ouro_arena *a); /* held from the heap, used or not */
void ouro_arena_free(ouro_arena *a);          /* safe on a zeroed arena, and twice */

#endif
