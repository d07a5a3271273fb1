/* drift.h: how the truth moves while the loop runs.
 *
 * A number of the truth's parameters, given as v, is in generation t >= 1 the v_t of
 *     g(v_t) = g(v) + step (t - 1) + jump [t >= at] + walk (Z_2 + ... + Z_t),   Z independent standard normals,
 * with g the identity, the logarithm or the log odds. The fit at t = 1 is made on what is true as given, one generation later
 * the world is one step on: t - 1 generations have passed since the first points were collected. Every replicate walks a way
 * of its own. Real points drawn for fit t come from the truth of generation t; older ones stay what they were. */
#ifndef OURO_DRIFT_H
#define OURO_DRIFT_H
#include "ouro/field.h"
#include "ouro/mem.h"
#include "ouro/rng.h"
#include "ouro/truth.h"

typedef enum ouro_scale { OURO_ON_VALUE, OURO_ON_LOG, OURO_ON_LOGIT } ouro_scale;

/* What is compared with: the truth of now, the one as given, the one when the youngest real points were collected. */
typedef enum ouro_against { OURO_NOW, OURO_AT_START, OURO_AT_ANCHOR, OURO_AGAINST } ouro_against;

/* In the shape of the parameter: OURO_REAL, OURO_REALS or OURO_MATRIX. */
typedef union ouro_amount {
    double number;
    ouro_reals list;
    ouro_matrix rows;
} ouro_amount;

typedef struct ouro_movement {
    const ouro_field *field; /* the parameter, of the truth's field table */
    const char *path;        /* "truth.drift.NAME" */
    ouro_amount step, jump;  /* in the unit of g */
    double walk;             /* standard deviation per generation, of each number on its own */
    uint64_t at;             /* generation of the jump; OURO_UNSET: none */
    int scale;               /* ouro_scale, of g */
} ouro_movement;

/* One movement for every parameter that could move, whether it does or not. */
typedef struct ouro_drift {
    size_t len;
    ouro_movement *item;
} ouro_drift;

/* The fields of the movement of a parameter of this kind, paths relative to truth.drift.NAME; empty: such a parameter cannot
 * move. Its number of rows is the same for all kinds that can. */
ouro_table ouro_movement_fields(ouro_kind kind);
int ouro_movement_moves(const ouro_movement *m);
int ouro_drift_moves(const ouro_drift *d); /* whether some parameter does */
/* Whether nothing moves between generations s and t. */
int ouro_drift_rests(const ouro_drift *d, uint32_t s, uint32_t t);

/* Standard normals that a generation adds to the walks of one replicate: one for each number of a parameter that walks.
 * `params` as given, of the truth's table. */
size_t ouro_drift_walks(const ouro_drift *d, const void *params);
/* Adds generation t's to walked[ouro_drift_walks]; the address names seed, point, replicate and generation. O(walks). */
void ouro_drift_walk(const ouro_drift *d, const void *params, const ouro_address *at, double *walked);

/* The truth of generation t >= 1 into *out; base: the truth as given, made from `params`. walked: sums of the normals up to t,
 * NULL for zeros. Memory from `keep`, part of it base's. OURO_ECONFIG, with the path of the parameter as `where`, when it is no
 * truth or one that differs in what does not move: its support, or what a model takes as known. */
int ouro_drift_truth(const ouro_drift *d, const ouro_truth *base, const void *params, uint32_t t, const double *walked,
                     ouro_arena *keep, ouro_truth *out, ouro_error *e) OURO_CHECKED;

/* Refuses what can be known beforehand: a jump without a generation, shapes that differ, a walk on a scale where it would leave
 * the parameter's range, a truth that is none at t = 1, at generation `last`, or next to a jump (the parameters in between lie
 * between these). Same errors. */
int ouro_drift_check(const ouro_drift *d, const ouro_truth *base, const void *params, uint32_t last, ouro_arena *tmp,
                     ouro_error *e) OURO_CHECKED;

#endif
