/* centre.h: what filters share that look at the distance of a row from a point. */
#ifndef OURO_FILTERS_CENTRE_H
#define OURO_FILTERS_CENTRE_H
#include "ouro/filter.h"

#define FILTER_FILL(type, def)                                                                                         \
    {                                                                                                                  \
        "fill", OURO_BOOL, 0, offsetof(type, fill), 0, 0, def, NULL, "",                                               \
            "true: draw until policy.synthetic.points rows have passed; false: draw that many, and the batch is what " \
            "passes."                                                                                                  \
    }

/* What a config says of a distance; two rows of the fields of a filter whose params hold one as `place`. */
enum { FILTER_EUCLIDEAN, FILTER_MAHALANOBIS };
extern const char *const ouro_filter_metrics[];
typedef struct filter_place {
    ouro_reals centre;
    int metric;
} filter_place;
#define FILTER_PLACE(type)                                                                                             \
    {"centre",                                                                                                         \
     OURO_REALS,                                                                                                       \
     OURO_NULLABLE,                                                                                                    \
     offsetof(type, place.centre),                                                                                     \
     -1e100,                                                                                                           \
     1e100,                                                                                                            \
     "null",                                                                                                           \
     NULL,                                                                                                             \
     "unit of the data",                                                                                               \
     "Point from which distances are measured, a number for each column; null: the mean of the truth."},               \
    {                                                                                                                  \
        "metric", OURO_CHOICE, 0, offsetof(type, place.metric), 0, 0, "\"euclidean\"", ouro_filter_metrics, "",        \
            "euclidean: |x - centre|, in the unit of the data; mahalanobis: the same in standard deviations of the "   \
            "truth, sqrt((x - centre)' Sigma^-1 (x - centre)) with Sigma its covariance."                              \
    }

/* Why a row has no distance from a point, or NULL. */
const char *ouro_filter_no_distance(const ouro_family *model);

/* The centre as given, else the truth's mean, and what a metric needs; from `keep`. O(d^3), of data O(rows d^2).
 * OURO_ECONFIG at "centre" or "metric", OURO_ENOMEM. */
typedef struct filter_origin {
    const double *centre;  /* [d] */
    const double *inverse; /* of the lower Cholesky factor of Sigma, packed by rows; NULL: euclidean */
} filter_origin;
int ouro_filter_locate(const ouro_truth *truth, const ouro_family *model, const filter_place *place, ouro_arena *keep,
                       filter_origin *out, ouro_error *e) OURO_CHECKED;

/* Squared distance of row i from the centre. O(d), mahalanobis O(d^2). */
double ouro_filter_distance2(const ouro_filter_task *t, const filter_origin *from, size_t i);

#endif
