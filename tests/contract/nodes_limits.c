/* nodes_limits.c: measures by nodes at their limits: equality, small steps, collapse, and low-density sets. */
#include "contract/nodes.h"
#include "ouro/variates.h"
#include <gsl/gsl_cdf.h>

#define ALL "'js', 'kl_truth_model', 'kl_model_truth', 'hellinger', 'tv'"
static const char *const columns[] = {"js", "kl_truth_model", "kl_model_truth", "hellinger", "tv", "l2", "mmd",
                                      "w1", "energy",         "sliced_w1"};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static const char plane[] =
    "'family': 'gmm', 'means': [[0, 0], [3, 1]], 'weights': [0.6, 0.4], 'sds': [[1, 2], [0.5, 0.5]],"
    " 'correlations': [0.6, 0]";
static const char line[] = "'family': 'gmm', 'means': [[-2], [3]], 'weights': [0.6, 0.4], 'sds': [[1], [0.5]]";
static const char space[] = "'family': 'gmm', 'means': [[0, 0, 0, 0, 0], [3, 1, 0, 0, 2]], 'weights': [0.6, 0.4],"
                            " 'sds': [[1], [0.5]], 'correlations': [0.6, 0]";

/* The truth itself as the model: 0 to the last bit, whatever the nodes. */
TEST(nodes_neutral_at_equality) {
    static const char *const truths[] = {line, plane, space};
    for (int i = 0; i < 3; i++) {
        pair c;
        REQUIRE(pair_begin(&c, truths[i], "'family': 'gmm'", ALL ", 'distances'"));
        pair_model(&c, c.s->truth->theta);
        for (int k = 0; k < COLUMNS; k++)
            if (!pair_missing(&c, columns[k])) CHECK_EQ(pair_value(&c, columns[k]), 0);
        CHECK((pair_missing(&c, "w1") == NULL) == (i == 0) && (pair_missing(&c, "sliced_w1") == NULL) == (i > 0));
        pair_end(&c);
    }
    pair c;
    REQUIRE(pair_begin(&c, "'family': 'gaussian'", "'family': 'laplace', 'location': 0", ALL));
    pair_model(&c, (double[]){0});
    CHECK(pair_value(&c, "js") > 0.01); /* another family is never equal */
    pair_end(&c);
}

/* js and hellinger do not tell truth from model, and stay within their bounds. */
TEST(nodes_symmetric_and_bounded) {
    static const char *const laws[] = {
        "'means': [[0, 0], [3, 1]], 'weights': [0.6, 0.4], 'sds': [[1, 2], [0.5, 0.5]]",
        "'means': [[1, 0], [2, 2]], 'weights': [0.3, 0.7], 'sds': [[1.5, 1], [0.7, 0.9]]",
        "'means': [[40, 0], [60, 2]], 'sds': [[1, 1], [0.1, 0.1]]"};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < i; j++) {
            pair a, b;
            char truth[2][256];
            snprintf(truth[0], 256, "'family': 'gmm', %s", laws[i]);
            snprintf(truth[1], 256, "'family': 'gmm', %s", laws[j]);
            REQUIRE(pair_begin(&a, truth[0], "'family': 'gmm'", ALL));
            REQUIRE(pair_begin(&b, truth[1], "'family': 'gmm'", ALL));
            pair_model(&a, b.s->truth->theta);
            pair_model(&b, a.s->truth->theta);
            const double js = pair_value(&a, "js");
            CHECK_CLOSE(js, pair_value(&b, "js"), 1e-13, 0);
            CHECK_CLOSE(pair_value(&a, "hellinger"), pair_value(&b, "hellinger"), 1e-13, 0);
            CHECK_CLOSE(pair_value(&a, "kl_truth_model"), pair_value(&b, "kl_model_truth"), 1e-10, 0);
            CHECK(js > 0.01 && js <= M_LN2);
            if (i == 2) CHECK_CLOSE(js, M_LN2, 1e-12, 0);
            CHECK(pair_value(&a, "tv") <= 1 && pair_value(&a, "hellinger") <= 1);
            pair_end(&a);
            pair_end(&b);
        }
}

/* Probabilities: js by hand; on a lattice it equals the sum over its points. */
TEST(nodes_of_probabilities) {
    pair c;
    REQUIRE(
        pair_begin(&c, "'family': 'categorical', 'probabilities': [0.5, 0.5, 0]", "'family': 'categorical'", "'js'"));
    pair_model(&c, (double[]){0.5, 0, 0.5});
    CHECK_CLOSE(pair_value(&c, "js"), 0.5 * M_LN2, 1e-15, 0);
    CHECK(pair_missing(&c, "mmd") != NULL && pair_missing(&c, "w1") != NULL);
    pair_end(&c);
    REQUIRE(pair_begin(&c, "'family': 'poisson', 'mean': 3", "'family': 'poisson'", "'js', 'w1'"));
    pair_model(&c, (double[]){4.5});
    double js = 0, w1 = 0, F = 0, G = 0, p = exp(-3), q = exp(-4.5);
    for (int k = 0; k < 80; p *= 3.0 / ++k, q *= 4.5 / k) {
        js += (p * log(2 * p / (p + q)) + q * log(2 * q / (p + q))) / 2;
        F += p, G += q;
        w1 += fabs(F - G);
    }
    CHECK_CLOSE(pair_value(&c, "js"), js, 1e-12, 0);
    CHECK_CLOSE(pair_value(&c, "w1"), w1, 1e-12, 0); /* 1.5, as the laws are ordered */
    CHECK_CLOSE(w1, 1.5, 1e-12, 0);
    pair_end(&c);
    REQUIRE(pair_begin(&c, "'family': 'poisson', 'mean': 1e9", "'family': 'poisson'", "'js'"));
    pair_model(&c, (double[]){1e9 + 1e4}); /* nearly normals a third of an sd apart */
    const double wide = pair_value(&c, "js");
    pair_end(&c);
    REQUIRE(
        pair_begin(&c, "'family': 'gaussian', 'mean': 1e9, 'sd': 31622.7766016838", "'family': 'gaussian'", "'js'"));
    pair_model(&c, (double[]){1e9 + 1e4, 0.5 * log(1e9 + 1e4)});
    CHECK_CLOSE(wide, pair_value(&c, "js"), 1e-4, 0);
    pair_end(&c);
}

/* A trajectory in five dimensions: second differences of js over even steps of the model are the noise of the nodes, a
 * smooth function having none to speak of. */
TEST(nodes_trajectories_are_smooth) {
    enum { STEPS = 40, LEN = 5 + 2 + 10 + 30 };
    static const char *const shown[] = {"js", "kl_truth_model", "hellinger", "tv"};
    double value[4][STEPS];
    pair c;
    REQUIRE(pair_begin(&c, space, "'family': 'gmm'", ALL));
    REQUIRE(c.s->model->theta_len == LEN);
    for (int t = 0; t < STEPS; t++) {
        double theta[LEN];
        memcpy(theta, c.s->truth->theta, sizeof theta);
        for (int i = 7; i < 17; i++) theta[i] += 0.3 + 2e-4 * t * (i % 3);
        for (int i = 17; i < LEN; i++) theta[i] *= 0.9 - 2e-4 * t;
        pair_model(&c, theta);
        for (int k = 0; k < 4; k++) value[k][t] = pair_value(&c, shown[k]);
    }
    for (int k = 0; k < 4; k++) {
        double noise = 0;
        for (int t = 1; t + 1 < STEPS; t++)
            noise = fmax(noise, fabs(value[k][t - 1] - 2 * value[k][t] + value[k][t + 1]));
        CHECK(noise > 0 && noise < 1e-4 * value[k][0]);
        CHECK(noise < 0.01 * fabs(value[k][STEPS - 1] - value[k][0])); /* of what forty steps change */
    }
    pair_end(&c);
}

static void check_collapsed(const char *truth, const char *model, size_t components, const double *theta) {
    pair c;
    REQUIRE(pair_begin(&c, truth, model, ALL ", 'distances'"));
    components ? pair_mixture(&c, components, theta) : pair_model(&c, theta);
    for (int k = 0; k < COLUMNS; k++) {
        if (pair_missing(&c, columns[k])) continue;
        const double x = pair_value(&c, columns[k]);
        CHECK(x > 0 && !isnan(x));
        if (k == 0 || k == 3 || k == 4) CHECK_CLOSE(x, k ? 1 : M_LN2, 1e-3, 0);
        if (k >= 6) CHECK(isfinite(x));
    }
    pair_end(&c);
}

/* Narrow models and point masses: js, hellinger and tv at their ends, distances of places finite, nothing NaN. */
TEST(nodes_collapsed_models) {
    static const double widths[] = {1e-9, 1e-100, 1e-300, 0};
    for (int i = 0; i < 4; i++) {
        const double w = widths[i];
        check_collapsed(line, "'family': 'gmm'", 2, (double[]){log(0.5), log(0.5), 0.3, 0.4, w, w});
        check_collapsed(line, "'family': 'gmm'", 2, (double[]){0, -INFINITY, 0.3, 0.4, w, 1});
        check_collapsed(line, "'family': 'gaussian'", 0, (double[]){0.3, log(w)});
        check_collapsed("'family': 'laplace'", "'family': 'gaussian'", 0, (double[]){0.3, log(w)});
        check_collapsed("'family': 'gaussian'", "'family': 'laplace', 'location': 0.5", 0, (double[]){log(w)});
        check_collapsed(plane, "'family': 'gmm', 'n_components': 1", 1, (double[]){0, 0.3, 1, w, 0, w});
        check_collapsed(plane, "'family': 'gmm', 'n_components': 1, 'covariance_type': 'diag'", 1,
                        (double[]){0, 0.3, 1, 1, w});
    }
    /* a truth that no double can place nodes on is not measured rather than mismeasured */
    pair t;
    REQUIRE(pair_begin(&t, "'family': 'gmm', 'means': [[0], [5]], 'sds': [[1e-60], [1e-50]]", "'family': 'gmm'", ALL));
    pair_mixture(&t, 2, (double[]){log(0.5), log(0.5), 0, 0.3, 1, 1});
    for (int k = 0; k < 5; k++) CHECK(isnan(pair_value(&t, columns[k])));
    pair_end(&t);
    /* half a point mass: what it adds is known */
    pair c;
    REQUIRE(pair_begin(&c, "'family': 'gmm', 'means': [[0]], 'sds': [[1]]", "'family': 'gmm'", ALL));
    pair_mixture(&c, 2, (double[]){log(0.5), log(0.5), 0, 0.3, 1, 0});
    CHECK_CLOSE(pair_value(&c, "kl_truth_model"), M_LN2, 1e-12, 0);
    CHECK_EQ(pair_value(&c, "kl_model_truth"), INFINITY);
    CHECK_CLOSE(pair_value(&c, "tv"), 0.5, 1e-12, 0);
    CHECK_CLOSE(pair_value(&c, "hellinger"), sqrt(1 - sqrt(0.5)), 1e-12, 0);
    CHECK_CLOSE(pair_value(&c, "js"), 0.5 * log(4.0 / 3) + 0.25 * log(2.0 / 3) + 0.25 * M_LN2, 1e-12, 0);
    pair_end(&c);
}

static double normal_mass(double x, double y, double mean, double sd) {
    return 0.5 * (erf((y - mean) / sd / M_SQRT2) - erf((x - mean) / sd / M_SQRT2));
}

/* Two modes: the set holds the valley between them. Its mass and its ends by hand, for models of three families. */
TEST(nodes_tail_on_the_line) {
    pair c;
    REQUIRE(pair_begin(&c, line, "'family': 'gmm'", "'tails', 'tail_sides'"));
    REQUIRE(c.s->tails_len == 3);
    double before = INFINITY;
    for (size_t a = 0; a < 3; a++) {
        const ouro_tail_set *set = &c.s->tails[a];
        double inside = 0, level[4];
        REQUIRE(set->ends == 0 || set->ends == 4);
        const double two[] = {set->lower, set->upper}, *end = set->ends ? set->end : two;
        const size_t n = set->ends ? 4 : 2;
        for (size_t i = 0; i < n; i++) {
            level[i] = 0.6 * exp(-0.5 * (end[i] + 2) * (end[i] + 2)) + 0.8 * exp(-2 * (end[i] - 3) * (end[i] - 3));
            CHECK_CLOSE(level[i], level[0], 1e-11, 0);
        }
        CHECK(level[0] < before);
        before = level[0];
        for (size_t i = 0; i < n; i += 2)
            inside += 0.6 * normal_mass(end[i], end[i + 1], -2, 1) + 0.4 * normal_mass(end[i], end[i + 1], 3, 0.5);
        CHECK_CLOSE(1 - inside, set->alpha, 0, 1e-12);
        CHECK_EQ(set->attained, set->alpha);
        CHECK_EQ(set->ends, 4);
        pair_model(&c, c.s->truth->theta);
        CHECK_CLOSE(pair_tail(&c, "tail_mass", a), set->alpha, 1e-10, 0);
        CHECK_CLOSE(pair_tail(&c, "tail_ratio", a), 1, 1e-10, 0);
        pair_mixture(&c, 2, (double[]){0, -INFINITY, 0.5, 0, 0.1, 1}); /* in the valley alone */
        CHECK_CLOSE(pair_tail(&c, "tail_mass", a), a == 0 ? 1 : pair_tail(&c, "tail_mass", a), 1e-3, 0);
    }
    for (int other = 0; other < 2; other++) {
        pair d;
        REQUIRE(pair_begin(&d, line, other ? "'family': 'laplace', 'location': 0" : "'family': 'gaussian'", "'tails'"));
        pair_model(&d, other ? (double[]){log(2)} : (double[]){0, log(2.7)});
        const double *end = d.s->tails[0].end;
        double inside = 0;
        for (int i = 0; i < 4; i += 2)
            inside +=
                other
                    ? (end[i] > 0 ? exp(-end[i] / 2) - exp(-end[i + 1] / 2) : exp(end[i + 1] / 2) - exp(end[i] / 2)) / 2
                    : normal_mass(end[i], end[i + 1], 0, 2.7);
        CHECK_CLOSE(pair_tail(&d, "tail_mass", 0), 1 - inside, 1e-10, 0);
        pair_end(&d);
    }
    pair_end(&c);
}

/* One normal: an ellipsoid, known by chi-squared; the model's mass is exact for the same shape in another size. */
TEST(nodes_tail_of_a_normal) {
    static const size_t dims[] = {2, 5, 12};
    for (int i = 0; i < 3; i++) {
        const size_t d = dims[i];
        char truth[128];
        pair c;
        snprintf(truth, sizeof truth, "'family': 'mvgaussian', 'dim': %zu, 'correlation': 0.4", d);
        REQUIRE(pair_begin(&c, truth, "'family': 'mvgaussian'", "'tails'"));
        double *theta = ouro_arena_alloc(&c.tmp, c.s->model->theta_len, sizeof *theta);
        memcpy(theta, c.s->truth->theta, c.s->model->theta_len * sizeof *theta);
        for (size_t a = 0; a < 3; a++) {
            pair_model(&c, c.s->truth->theta);
            CHECK_CLOSE(pair_tail(&c, "tail_mass", a), c.s->tails[a].alpha, 1e-12, 0);
            for (size_t j = 2 * d; j < c.s->model->theta_len; j++) theta[j] = 0.7 * c.s->truth->theta[j];
            pair_model(&c, theta);
            const double r2 = gsl_cdf_chisq_Qinv(c.s->tails[a].alpha, (double)d);
            CHECK_CLOSE(pair_tail(&c, "tail_mass", a), gsl_cdf_chisq_Q(r2 / 0.49, (double)d), 1e-9, 0);
            for (size_t j = 2 * d; j < c.s->model->theta_len; j++) theta[j] = 0;
            pair_model(&c, theta);
            CHECK_EQ(pair_tail(&c, "tail_mass", a), 0);
        }
        CHECK(pair_missing(&c, "tail_lower") != NULL);
        pair_end(&c);
    }
}

/* A mixture in five dimensions: alpha for the truth itself, and 4e6 draws of a model within the method's own error. */
TEST(nodes_tail_in_space) {
    enum { ROWS = 1 << 14, BATCHES = 244, LEN = 47 };
    static double x[5 * ROWS], lp[ROWS];
    double theta[LEN], hits[3] = {0};
    pair c;
    REQUIRE(pair_begin(&c, space, "'family': 'gmm'", "'tails'"));
    memcpy(theta, c.s->truth->theta, sizeof theta);
    for (int i = 17; i < LEN; i++) theta[i] *= 0.9;
    for (int i = 7; i < 17; i++) theta[i] += 0.1;
    for (size_t a = 0; a < 3; a++) {
        pair_model(&c, c.s->truth->theta);
        CHECK_CLOSE(pair_tail(&c, "tail_mass", a), c.s->tails[a].alpha, 1e-9, 0);
    }
    pair_model(&c, theta);
    for (uint32_t b = 0; b < BATCHES; b++) {
        ouro_stream s;
        ouro_stream_open(&s, &(ouro_address){.seed = 1107, .generation = b, .purpose = OURO_FOR_MEASURE});
        CHECK(c.s->model->type->sample(c.s->model, c.theta, &s, &c.tmp, ROWS, x) == OURO_OK);
        CHECK(ouro_log_densities(&c.s->truth->family, c.s->truth->theta, &c.tmp, ROWS, x, lp) == OURO_OK);
        for (int i = 0; i < ROWS; i++)
            for (size_t a = 0; a < 3; a++) hits[a] += lp[i] < c.s->tails[a].log_level;
    }
    for (size_t a = 0; a < 3; a++) {
        const double n = (double)ROWS * BATCHES, p = hits[a] / n;
        CHECK_CLOSE(pair_tail(&c, "tail_mass", a), p, 3e-3, 4 * sqrt(p / n));
    }
    pair_end(&c);
}

/* Log density of a mixture by the textbook, factors by rows in full. */
static double by_hand(size_t k, size_t d, const double *log_weight, const double *mean, const double *L, size_t step,
                      int diagonal, const double *x) {
    long double sum = 0;
    for (size_t c = 0; c < k; c++) {
        long double y[8], half = 0, squares = 0;
        const double *f = L + c * step;
        for (size_t i = 0; i < d; i++) {
            y[i] = (long double)x[i] - mean[c * d + i];
            for (size_t j = 0; j < i && !diagonal; j++) y[i] -= f[i * (i + 1) / 2 + j] * y[j];
            const double axis = diagonal ? f[i] : f[i * (i + 1) / 2 + i];
            y[i] /= axis;
            squares += y[i] * y[i];
            half += logl(axis);
        }
        if (log_weight[c] > -INFINITY)
            sum += expl(log_weight[c] - half - squares / 2 - (long double)d * logl(2 * (long double)M_PI) / 2);
    }
    return (double)logl(sum);
}

/* The slot log_densities, for every kind of covariance and both sides of the kernel's small dimensions, a dead
 * component among them; and of the two other families that are normals. */
TEST(nodes_log_densities) {
    static const char *const types[] = {"full", "tied", "diag"};
    ouro_stream s;
    ouro_stream_open(&s, &(ouro_address){.seed = 1108, .purpose = OURO_FOR_MEASURE});
    for (size_t d = 1; d <= 7; d++)
        for (int type = 0; type < 3; type++) {
            enum { K = 3, ROWS = 150 };
            char truth[256] = "'family': 'gmm', 'means': [[0", model[128];
            double x[ROWS * 7], out[ROWS];
            const size_t diagonal = type == 2, len = diagonal ? d : d * (d + 1) / 2;
            for (size_t j = 1; j < d; j++) strcat(truth, ",0");
            strcat(truth, "]]");
            snprintf(model, sizeof model, "'family': 'gmm', 'n_components': 3, 'covariance_type': '%s'", types[type]);
            pair c;
            REQUIRE(pair_begin(&c, truth, model, "'moments'"));
            const size_t theta_len = c.s->model->theta_len;
            REQUIRE(theta_len == d + K + K * d + (type == 1 ? 1 : K) * len);
            for (size_t i = 0; i < theta_len; i++) c.theta[i] = i < d ? 0 : 0.3 * ouro_stream_normal(&s);
            c.theta[d + 1] = -INFINITY;
            double *theta = c.theta + d, *L = theta + K + K * d;
            for (size_t f = 0; f < (type == 1 ? 1U : 3U); f++)
                for (size_t i = 0; i < d; i++)
                    L[f * len + (diagonal ? i : i * (i + 1) / 2 + i)] = 0.5 + 0.1 * (double)i;
            for (size_t i = 0; i < ROWS * d; i++) x[i] = 3 * ouro_stream_normal(&s);
            CHECK(ouro_log_densities(c.s->model, c.theta, &c.tmp, ROWS, x, out) == OURO_OK);
            for (size_t i = 0; i < ROWS; i++)
                CHECK_CLOSE(out[i], by_hand(K, d, theta, theta + K, L, type == 1 ? 0 : len, type == 2, x + i * d),
                            1e-13, 1e-13);
            pair_end(&c);
        }
    pair c;
    double out;
    REQUIRE(
        pair_begin(&c, "'family': 'mvgaussian', 'mean': [1, 2], 'sd': [2, 3]", "'family': 'mvgaussian'", "'moments'"));
    CHECK(ouro_log_densities(&c.s->truth->family, c.s->truth->theta, &c.tmp, 1, (double[]){3, -1}, &out) == OURO_OK);
    CHECK_CLOSE(out, -0.5 - 0.5 - log(6 * 2 * M_PI), 1e-14, 0);
    pair_end(&c);
    REQUIRE(pair_begin(&c, "'family': 'gaussian', 'mean': 1, 'sd': 2", "'family': 'gaussian'", "'moments'"));
    CHECK(ouro_log_densities(&c.s->truth->family, c.s->truth->theta, &c.tmp, 1, (double[]){3}, &out) == OURO_OK);
    CHECK_CLOSE(out, -0.5 - log(2) - 0.5 * log(2 * M_PI), 1e-14, 0);
    pair_end(&c);
}
