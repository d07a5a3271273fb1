/* forms.h: what tests of natural forms share. */
#ifndef OURO_TEST_FORMS_H
#define OURO_TEST_FORMS_H
#include "subjects.h"
#include "ouro/natural.h"
#include "ouro/nef.h"
#include "core/triangular.h"

enum { MOST = 64, POINTS = 12, DIMS = 8 }; /* parameters of the largest subject; points per model and their numbers */

/* None where a model is on the boundary of the moments without being absorbed, as two of ising's three levels may be: no
 * finite parameter is its own. */
static inline const ouro_natural *natural_of(const subject *j) {
    for (size_t k = 0; k < j->models && !strcmp(j->name, "ising"); k++)
        for (size_t i = 0; i < j->f->theta_len; i++)
            if (j->theta[k][i] == 0) return NULL;
    return j->f->type->natural;
}

/* How much of a model's width is lost next to its mean, where t(x) holds both: the square of mean / sd, and lambda /
 * mu; in several dimensions the squares of all means over all widths, and of the widths over each other. */
static inline double crowding(const subject *j, const double *theta) {
    const size_t d = j->f->domain.dim;
    double far = 0, wide = 0, narrow = INFINITY;
    if (!strcmp(j->name, "gaussian") || !strcmp(j->name, "gaussian-mean") || !strcmp(j->name, "lognormal"))
        return exp(2 * (log(fabs(theta[0])) - theta[1]));
    if (!strcmp(j->name, "inverse-gaussian")) return exp(theta[1] - theta[0]);
    if (strcmp(j->name, "mvgaussian")) return 0;
    for (size_t i = 0; i < d; i++) {
        const double l = ldexp(theta[2 * d + ouro_triangle_at(d, i)], (int)theta[d + i]);
        far = fmax(far, fabs(theta[i]));
        wide = fmax(wide, l);
        narrow = fmin(narrow, l);
    }
    return (far / narrow) * (far / narrow) + (wide / narrow) * (wide / narrow);
}

#endif
