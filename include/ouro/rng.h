/* rng.h: random numbers are addressed, not seeded.
 *
 * Generator: Threefry2x64 with 20 rounds (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"), a keyed bijection of a 128-bit counter. The key is (seed; point, replicate), the counter is
 * (face, index; generation, purpose, slot). Distinct addresses are therefore distinct streams by construction:
 * adding a measure, changing the thread count, sharding or resuming cannot move a trajectory.
 *
 *   key[0] = seed                         key[1] = point << 32 | replicate
 *   ctr[0] = face << 56 | block index     ctr[1] = generation << 32 | purpose << 16 | slot
 *
 * A stream has four faces, each with its own index, so drawing from one never shifts another:
 *   words        64 random bits, also behind the gsl_rng interface: every gsl_ran_* works on &stream->gsl
 *   uniforms     53-bit uniforms on (0, 1), ends excluded
 *   normals      standard normals by Box-Muller, own polynomials, the same bits on every x86-64
 *   exponentials standard exponentials, -log(uniform)
 * The k-th value of a face is a pure function of (address, face, k), however the calls are cut up. */
#ifndef OURO_RNG_H
#define OURO_RNG_H
#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ouro_purpose {
    OURO_FOR_PARTITION = 1, /* which rows of a data set are initial, which are reserve */
    OURO_FOR_REAL,          /* points from the truth */
    OURO_FOR_SYNTHETIC,     /* points from a model */
    OURO_FOR_POLICY,        /* which points of the pool a budgeted fit sees */
    OURO_FOR_FIT,           /* random starts of a fit */
    OURO_FOR_MEASURE,       /* nodes of a measure */
    OURO_FOR_COVARIATES,    /* covariates of a regression */
    OURO_FOR_FILTER,        /* which drawn rows pass; slot: number of the filter */
    OURO_FOR_DRIFT          /* random walks of the truth; slot: number of the parameter */
} ouro_purpose;

typedef struct ouro_address {
    uint64_t seed;
    uint32_t point, replicate; /* numbered from 0; point 0 everywhere under common random numbers */
    uint32_t generation;
    ouro_purpose purpose;
    uint16_t slot; /* several batches of one purpose in one generation */
} ouro_address;

enum { OURO_NORMAL_BLOCK = 16, OURO_UNIFORM_BLOCK = 16, OURO_AHEAD = 4, OURO_AHEAD_NORMALS = 2 };

typedef struct ouro_stream {
    gsl_rng gsl;              /* pass &s->gsl to gsl_ran_*; a stream must not be copied, gsl.state points into it */
    uint64_t key[2], address; /* address = ctr[1] */
    uint64_t words, uniforms, normals, exponentials; /* next index of each face */
    uint64_t word[2];                                /* last block of words */
    uint64_t ahead; /* the first so many normals came from a look-ahead; the rest of their block is not drawn */
    double normal[OURO_NORMAL_BLOCK], uniform[OURO_UNIFORM_BLOCK];
} ouro_stream;

/* The first two normals of four consecutive generations, drawn together: a statistic of a batch needs no more. Zeroed
 * memory is an empty one. It changes the cost of a stream, never its values.                                  */
typedef struct ouro_lookahead {
    int full;
    uint64_t key[2], address;
    double normal[OURO_AHEAD * OURO_AHEAD_NORMALS];
} ouro_lookahead;

/* Positions the stream at the start of its address. O(1), no allocation. */
void ouro_stream_open(ouro_stream *s, const ouro_address *address);
/* The same stream, its first two normals from (and through) a look-ahead that is kept from generation to generation. */
void ouro_stream_open_ahead(ouro_stream *s, const ouro_address *address, ouro_lookahead *a);

uint64_t ouro_stream_word(ouro_stream *s);  /* 64 random bits */
double ouro_stream_uniform(ouro_stream *s); /* (0, 1), 53 bits */
double ouro_stream_normal(ouro_stream *s);  /* N(0, 1), beyond 8 sd cut off (p = 1e-15) */

/* Fill x[0..n) with the next n values of a face; equal to n single calls, bit for bit. */
void ouro_fill_uniforms(ouro_stream *s, size_t n, double *x);
void ouro_fill_normals(ouro_stream *s, size_t n, double *x);
void ouro_fill_exponentials(ouro_stream *s, size_t n, double *x);

/* The generator as a plain gsl_rng_type (size, set, get, get_double), for gsl_rng_alloc: set(seed) opens address
 * (seed; 0, 0, 0, 0, 0) and yields its words. */
extern const gsl_rng_type *const ouro_rng_threefry;

/* One block of Threefry2x64-20, exposed for known-answer tests: out = E_key(ctr). */
void ouro_threefry2x64(const uint64_t key[2], const uint64_t ctr[2], uint64_t out[2]);

#endif
