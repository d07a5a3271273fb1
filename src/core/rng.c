/* rng.c: streams: an address, four faces, and how far each was read. */
#include "ouro/rng.h"
#include "core/kernels.h"
#include "core/lanes.h"
#include <string.h>

/* Upper byte of ctr[0]: 2^56 blocks of each face never meet. */
enum { FACE_WORDS, FACE_UNIFORMS, FACE_NORMALS, FACE_EXPONENTIALS };

/* A counter holds two values, so a block of 16 takes 8 counters. */
enum { PER_COUNTER = 2, BLOCK = OURO_NORMAL_BLOCK };
_Static_assert((int)OURO_UNIFORM_BLOCK == (int)BLOCK, "the faces share fill()");

static uint64_t counter(unsigned face, uint64_t index) { return (uint64_t)face << 56 | index / PER_COUNTER; }

void ouro_threefry2x64(const uint64_t key[2], const uint64_t ctr[2], uint64_t out[2]) {
    lane_threefry(key[0], key[1], ctr[0], ctr[1], &out[0], &out[1]);
}

void ouro_stream_open(ouro_stream *s, const ouro_address *address) {
    s->gsl.type = ouro_rng_threefry;
    s->gsl.state = s;
    s->key[0] = address->seed;
    s->key[1] = (uint64_t)address->point << 32 | address->replicate;
    s->address = (uint64_t)address->generation << 32 | (uint64_t)(address->purpose & 0xffff) << 16 | address->slot;
    s->words = s->uniforms = s->normals = s->exponentials = s->ahead = 0;
}

void ouro_stream_open_ahead(ouro_stream *s, const ouro_address *address, ouro_lookahead *a) {
    ouro_stream_open(s, address);
    const size_t at = address->generation % OURO_AHEAD;
    const uint64_t first = s->address - ((uint64_t)at << 32);
    if (!a->full || a->address != first || a->key[0] != s->key[0] || a->key[1] != s->key[1]) {
        *a = (ouro_lookahead){.full = 1, .key = {s->key[0], s->key[1]}, .address = first};
        ouro_kernel_normals_ahead(s->key, counter(FACE_NORMALS, 0), first, a->normal);
    }
    memcpy(s->normal, a->normal + at * OURO_AHEAD_NORMALS, OURO_AHEAD_NORMALS * sizeof *s->normal);
    s->ahead = OURO_AHEAD_NORMALS;
}

/* The buffers hold the block that the index stands in, unless the index stands on the first entry of a block: then
 * they hold nothing. ouro_stream_open therefore need not touch them.                                              */
uint64_t ouro_stream_word(ouro_stream *s) {
    const size_t at = s->words % PER_COUNTER;
    if (at == 0)
        lane_threefry(s->key[0], s->key[1], counter(FACE_WORDS, s->words), s->address, &s->word[0], &s->word[1]);
    s->words++;
    return s->word[at];
}

double ouro_stream_uniform(ouro_stream *s) {
    const size_t at = s->uniforms % BLOCK;
    if (at == 0) ouro_kernel_uniforms(s->key, counter(FACE_UNIFORMS, s->uniforms), s->address, 1, s->uniform);
    s->uniforms++;
    return s->uniform[at];
}

double ouro_stream_normal(ouro_stream *s) {
    const size_t at = s->normals % BLOCK;
    if (s->normals >= s->ahead && (at == 0 || s->normals == s->ahead))
        ouro_kernel_normals(s->key, counter(FACE_NORMALS, s->normals - at), s->address, 1, s->normal);
    s->normals++;
    return s->normal[at];
}

typedef void kernel(const uint64_t key[2], uint64_t c0, uint64_t c1, size_t blocks, double *x);

/* The next n values of a face: the rest of the block begun, whole blocks straight into x, the start of a last one.
 * `buffer` has room for a block; `full` says that it already holds the block begun. Leaves the last block in it.   */
static void fill(const ouro_stream *s, unsigned face, kernel *draw, uint64_t *index, double *buffer, int full, size_t n,
                 double *x) {
    const size_t at = *index % BLOCK;
    if (at != 0 && n > 0) {
        const size_t len = n < BLOCK - at ? n : BLOCK - at;
        if (!full) draw(s->key, counter(face, *index - at), s->address, 1, buffer);
        memcpy(x, buffer + at, len * sizeof *x);
        *index += len;
        x += len;
        n -= len;
    }
    const size_t blocks = n / BLOCK, rest = n % BLOCK;
    if (blocks > 0) {
        draw(s->key, counter(face, *index), s->address, blocks, x);
        *index += blocks * BLOCK;
        x += blocks * BLOCK;
    }
    if (rest > 0) {
        draw(s->key, counter(face, *index), s->address, 1, buffer);
        memcpy(x, buffer, rest * sizeof *x);
        *index += rest;
    }
}

void ouro_fill_uniforms(ouro_stream *s, size_t n, double *x) {
    fill(s, FACE_UNIFORMS, ouro_kernel_uniforms, &s->uniforms, s->uniform, 1, n, x);
}

void ouro_fill_normals(ouro_stream *s, size_t n, double *x) {
    fill(s, FACE_NORMALS, ouro_kernel_normals, &s->normals, s->normal, s->normals > s->ahead, n, x);
}

/* Exponentials are only ever wanted in bulk: a stream keeps no block of them, a call that starts within one draws it
 * again.                                                                                                          */
void ouro_fill_exponentials(ouro_stream *s, size_t n, double *x) {
    double buffer[BLOCK];
    fill(s, FACE_EXPONENTIALS, ouro_kernel_exponentials, &s->exponentials, buffer, 0, n, x);
}

/* The gsl_rng face. `state` is a whole ouro_stream: the stream itself, or the memory of a gsl_rng_alloc. */
static void gsl_set(void *state, unsigned long seed) { ouro_stream_open(state, &(ouro_address){.seed = seed}); }

static unsigned long gsl_get(void *state) { return ouro_stream_word(state); }

/* [0, 1) as GSL defines it, 53 bits */
static double gsl_get_double(void *state) { return (double)(ouro_stream_word(state) >> 11) * 0x1p-53; }

_Static_assert(sizeof(unsigned long) == sizeof(uint64_t), "a gsl_rng hands out unsigned longs");

static const gsl_rng_type threefry = {.name = "ouro-threefry2x64-20",
                                      .max = UINT64_MAX,
                                      .min = 0,
                                      .size = sizeof(ouro_stream),
                                      .set = gsl_set,
                                      .get = gsl_get,
                                      .get_double = gsl_get_double};
const gsl_rng_type *const ouro_rng_threefry = &threefry;
