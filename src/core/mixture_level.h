/* mixture_level.h: where a mixture of normals is less likely than a level, and how much of another one lies there.
 *
 * Along a line every component is a Gaussian bump. Between all places where the sum of bumps turns there is at most one
 * crossing of a level, which bisection then finds. In several dimensions lines go out from the mean of each
 * component of the model in fixed directions, and of what lies on a line the chi law of the distance is integrated
 * exactly: one normal about its own centre needs no more than one ray. */
#ifndef OURO_CORE_MIXTURE_LEVEL_H
#define OURO_CORE_MIXTURE_LEVEL_H
#include "core/mixture.h"
#include "ouro/mem.h"

/* log of the sum over k bumps e^(height - ((x - mean) / sd)^2 / 2); sd may be inf. */
typedef struct ouro_line {
    size_t k;
    double *height, *mean, *sd; /* [k] */
    size_t len, room;
    double from;       /* where the line begins */
    double *x, *value; /* where the sum may turn, ascending, and its logarithm there */
} ouro_line;

/* Room for a line of k bumps, whose height, mean and sd the caller then fills in. OURO_ENOMEM only. */
int ouro_line_room(size_t k, ouro_arena *tmp, ouro_line *out);
/* Finds the turning points from `from` on (-inf: everywhere). O(k^2). */
void ouro_line_trace(ouro_line *line, double from);
/* Ends of the intervals in which the logarithm of the sum is at least `level`: end[2 i] to end[2 i + 1], ascending;
 * returns how many ends, at most ouro_line_ends. */
size_t ouro_line_level(const ouro_line *line, double level, double *end);
static inline size_t ouro_line_ends(const ouro_line *line) { return line->room + 3; }

/* A mixture on the line as a line. OURO_ENOMEM only. */
int ouro_line_of(const ouro_gaussians *g, ouro_arena *tmp, ouro_line *out);

/* Unit vectors u[n x d]: 256 equal angles for d = 2, 512 points of core/standard.h and their opposites for d > 2. */
typedef struct ouro_rays {
    size_t n, d;
    double *u;
} ouro_rays;
int ouro_rays_make(size_t d, ouro_arena *keep, ouro_rays *out);

/* Mass of `model` where the log density of `law`, which must have a volume, is below each of len levels. NaN when out
 * of memory. O(rays k_model k_law (d^2 + 1)). */
void ouro_level_mass(const ouro_gaussians *model, const ouro_gaussians *law, const ouro_rays *rays, size_t len,
                     const double *level, ouro_arena *tmp, double *mass);

#endif
