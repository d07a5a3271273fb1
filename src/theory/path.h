/* path.h: where a drifting truth of one column is expected to be, as the laws need it. */
#ifndef OURO_THEORY_PATH_H
#define OURO_THEORY_PATH_H
#include "ouro/law.h"

typedef struct ouro_path_of_truth {
    const double *mean,
        *variance;      /* [generations + 1], by generation; 0 is the truth as given, whose variance is the unit of
                                    * all. Without the walks. */
    double walk;        /* variance that walks add to the mean in each generation after the first */
    int variance_walks; /* whether they change the variance too, which `variance` then says nothing of */
} ouro_path_of_truth;

/* OURO_EUNDEFINED where the mean is not one number, or a walk does not enter it linearly; OURO_ENOMEM. One evaluation of
 * the truth's parameters per generation where it drifts. */
int ouro_path_of_truth_make(const ouro_setting *g, ouro_arena *tmp, ouro_path_of_truth *out) OURO_CHECKED;

/* The generation that a column compares with in generation t, `collected` being that of the youngest real points. */
static inline uint32_t ouro_path_reference(const ouro_setting *g, uint32_t t, uint32_t collected) {
    return g->against == OURO_AT_START ? 0 : g->against == OURO_AT_ANCHOR ? collected : t;
}

#endif
