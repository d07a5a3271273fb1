/* gaussian.c: the normal distribution on the line, both parameters fitted; normal_slots.c does the work. */
#include "gaussians.h"
#include "normal.h"
#include <math.h>

static double mean_log_carrier(const ouro_family *f, const double *theta) {
    (void)f, (void)theta;
    return -0.5 * log(2 * M_PI);
}

static const ouro_natural natural = {
    OURO_NORMAL_NATURAL,
    .words = "eta = (m / s^2, -1 / (2 s^2)), A = m^2 / (2 s^2) + log s, mean of (x, x^2): (m, m^2 + s^2)",
    .statistic = ouro_normal_statistic,
    .mean_log_carrier = mean_log_carrier,
};

const ouro_family_type ouro_family_gaussian = {
    .name = "gaussian",
    .doc = "Normal distribution on the line; mean and standard deviation are both fitted.",
    .density = "p(x) = exp(-(x - mean)^2 / (2 sd^2)) / (sd sqrt(2 pi))",
    .statistic = "(sum x, sum x^2), kept as weight, mean and centred sum of squares",
    .exact_law = "mean ~ N(mean, sd^2/n), independent of the centred sum of squares ~ sd^2 chi^2_{n-1}",
    .reference = "Cochran 1934; Shumailov et al. 2024 for the recursion",
    OURO_NORMAL_SLOTS,
    .known_in_theta = 1,
    .shape = ouro_normal_shape,
    .theta_location = OURO_NORMAL_THETA_MEAN,
    .stat_location = OURO_NORMAL_T_MEAN,
    .stat_empty = ouro_normal_stat_empty,
    .stat_rows = ouro_normal_stat_rows,
    .stat_draw = ouro_normal_stat_draw,
    .fit_mle = ouro_normal_fit_mle,
    .fit_unbiased = ouro_normal_fit_unbiased,
    .natural = &natural,
    .likelihood_in_statistic = 1,
    .matches_mean = 1,
    .matches_second_moments = 1,
    .temper = ouro_normal_temper,
    .variance_scales = 1,
};
