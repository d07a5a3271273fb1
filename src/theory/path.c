/* path.c: mean and variance of a drifting truth by generation. */
#include "path.h"
#include <math.h>
#include <string.h>

typedef struct place {
    double mean, variance;
} place;

static int place_at(const ouro_setting *g, uint32_t t, const double *walked, ouro_arena *tmp, place *out) {
    ouro_truth truth;
    ouro_error e = {0};
    ouro_arena_mark mark = ouro_arena_here(tmp);
    int ret = ouro_drift_truth(g->drift, g->truth, g->truth_params, t, walked, tmp, &truth, &e);
    if (!ret) *out = (place){truth.moments.mean[0], truth.moments.trace};
    ouro_arena_reset(tmp, mark);
    return ret == OURO_ECONFIG ? OURO_EUNDEFINED : ret;
}

static int differ(double a, double b, double scale) { return !(fabs(a - b) <= 1e-9 * fabs(scale)); }

/* One normal of a walk, one unit up and down from where the truth is in generation t. */
static int probe(const ouro_setting *g, uint32_t t, size_t k, double *walked, ouro_arena *tmp,
                 ouro_path_of_truth *out) {
    place here, up, down;
    int ret;
    walked[k] = 0;
    OURO_TRY(place_at(g, t, walked, tmp, &here));
    walked[k] = 1;
    OURO_TRY(place_at(g, t, walked, tmp, &up));
    walked[k] = -1;
    OURO_TRY(place_at(g, t, walked, tmp, &down));
    walked[k] = 0;
    double by = up.mean - here.mean;
    if (differ(by, here.mean - down.mean, fabs(by) + 1e-6 * fabs(here.mean))) return OURO_EUNDEFINED;
    out->variance_walks |= differ(up.variance, here.variance, here.variance);
    if (t == 1) out->walk += by * by;
out:
    return ret;
}

int ouro_path_of_truth_make(const ouro_setting *g, ouro_arena *tmp, ouro_path_of_truth *out) {
    const size_t len = (size_t)g->generations + 1;
    int ret = OURO_OK;
    double *mean = ouro_arena_alloc(tmp, len, sizeof *mean), *variance = ouro_arena_alloc(tmp, len, sizeof *variance);
    *out = (ouro_path_of_truth){.mean = mean, .variance = variance};
    if (!mean || !variance) return OURO_ENOMEM;
    place here = {g->truth->moments.mean[0], g->truth->moments.trace};
    for (uint32_t t = 0; t < len; t++) {
        if (t && g->drift) OURO_TRY(place_at(g, t, NULL, tmp, &here));
        mean[t] = here.mean;
        variance[t] = t && g->drift ? here.variance / g->truth->moments.trace : 1;
    }
    const size_t walks = g->drift ? ouro_drift_walks(g->drift, g->truth_params) : 0;
    double *walked = ouro_arena_alloc(tmp, walks + 1, sizeof *walked);
    if (!walked) return OURO_ENOMEM;
    if (walks && g->truth->mean_len != 1) return OURO_EUNDEFINED;
    for (size_t k = 0; k < walks; k++) {
        OURO_TRY(probe(g, 1, k, walked, tmp, out));
        OURO_TRY(probe(g, g->generations, k, walked, tmp, out));
    }
out:
    return ret;
}
