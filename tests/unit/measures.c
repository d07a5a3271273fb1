/* measures.c: every column of every measure on states worked out by hand, and the reasons why a column is missing. */
#include "setup.h"
#include "harness.h"
#include "ouro/registry.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>

/* A study of one point, all its tails, and the state of a model to observe. */
typedef struct scene {
    ouro_study study;
    ouro_setting s;
    ouro_observation o;
    ouro_moments m;
    double mean[8], theta[8];
    ouro_fit_info fit;
    ouro_provenance provenance;
    ouro_arena tmp;
} scene;

static int scene_begin(scene *c, const char *truth, const char *model, const char *more) {
    *c = (scene){.fit = {.iterations = 7, .converged = 1, .absorbed = 1, .floor_hits = 3},
                 .provenance = {0.25, 0.75, 1.5, 2, 400, {0.6, 3.5, 0.125}, 0.0625}};
    if (setup_loadf(&c->study, "{'name': 'scene', 'truth': {%s}, 'model': {'family': '%s'}, %s}", truth, model, more) !=
        OURO_OK)
        return 0;
    c->s = c->study.experiment[0].setting;
    c->m.mean = c->mean;
    return 1;
}

static void scene_end(scene *c) {
    ouro_study_free(&c->study);
    ouro_arena_free(&c->tmp);
}

static void scene_model(scene *c, size_t len, const double *theta) {
    memcpy(c->theta, theta, len * sizeof *theta);
    c->s.model->type->moments(c->s.model, c->theta, &c->m);
    c->o = (ouro_observation){
        .theta = c->theta, .moments = &c->m, .fit = &c->fit, .provenance = &c->provenance, .tmp = &c->tmp};
}

static const ouro_measure_type *find(const char *column, size_t *index) {
    for (size_t m = 0; m < ouro_measures_len; m++)
        for (size_t i = 0; i < ouro_measures[m]->len; i++)
            if (strcmp(ouro_measures[m]->columns[i].name, column) == 0) {
                *index = i;
                return ouro_measures[m];
            }
    harness_true(false, __FILE__, __LINE__, column);
    return NULL;
}

static double value(const scene *c, const char *column, size_t tail) {
    double out[16];
    size_t i = 0;
    const ouro_measure_type *m = find(column, &i);
    for (int k = 0; k < 16; k++) out[k] = NAN;
    if (m == NULL || !harness_true(m->missing(&c->s, i) == NULL, __FILE__, __LINE__, column)) return NAN;
    m->measure(&c->s, &c->o, tail, 1U << i, out);
    return out[i];
}

static const char *missing(const scene *c, const char *column) {
    size_t i = 0;
    const ouro_measure_type *m = find(column, &i);
    return m != NULL ? m->missing(&c->s, i) : NULL;
}

static int by_nodes(const scene *c, const char *column) {
    size_t i = 0;
    const ouro_measure_type *m = find(column, &i);
    return m != NULL && m->method(&c->s, i) != NULL;
}

#define CHECK_VALUE(column, expected) CHECK_CLOSE(value(&c, column, 0), expected, 1e-14, 1e-16)

/* Truth N(1, 2^2), model N(1.5, 0.5^2). */
TEST(measures_of_a_gaussian) {
    static const double alphas[] = {0.1, 0.01};
    scene c;
    REQUIRE(
        scene_begin(&c, "'family': 'gaussian', 'mean': 1, 'sd': 2", "gaussian",
                    "'policy': {'anchor': {'points': 1}}, 'observe': {'measures': ['tails'], 'tails': [0.1, 0.01]}"));
    scene_model(&c, 2, (double[]){1.5, log(0.5)});
    CHECK_VALUE("drift_sq", 0.25 / 4);
    CHECK_VALUE("variance_ratio", 0.25 / 4);
    CHECK_VALUE("log_variance", log(0.25 / 4));
    for (size_t i = 0; i < 2; i++) {
        const double cut = -2 * gsl_cdf_ugaussian_Pinv(alphas[i] / 2);
        const double lower = gsl_cdf_ugaussian_P((1 - cut - 1.5) / 0.5),
                     upper = gsl_cdf_ugaussian_Q((1 + cut - 1.5) / 0.5);
        CHECK_CLOSE(value(&c, "tail_lower", i), lower, 1e-12, 0);
        CHECK_CLOSE(value(&c, "tail_upper", i), upper, 1e-12, 0);
        CHECK_CLOSE(value(&c, "tail_mass", i), lower + upper, 1e-12, 0);
        CHECK_CLOSE(value(&c, "tail_ratio", i), (lower + upper) / alphas[i], 1e-12, 0);
    }
    CHECK_VALUE("kl_truth_model", log(0.25) + (4 + 0.25) / (2 * 0.25) - 0.5);
    CHECK_VALUE("kl_model_truth", log(4) + (0.25 + 0.25) / 8 - 0.5);
    CHECK_VALUE("hellinger", sqrt(1 - sqrt(2 * 2 * 0.5 / 4.25) * exp(-0.25 * 0.25 / 4.25)));
    CHECK_VALUE("w2", sqrt(0.25 + 1.5 * 1.5));
    CHECK_VALUE("entropy", 0.5 * log(2 * M_PI * M_E * 0.25));
    CHECK_VALUE("real_share", 0.25);
    CHECK_VALUE("synthetic_share", 0.75);
    CHECK_VALUE("mean_age", 1.5);
    CHECK_VALUE("anchor_age", 2);
    CHECK_VALUE("training_points", 400);
    CHECK_VALUE("ancestral_real_share", 0.6);
    CHECK_VALUE("mean_ancestry_depth", 3.5);
    CHECK(missing(&c, "taint") != NULL && missing(&c, "flagged_share") != NULL);
    CHECK_VALUE("iterations", 7);
    CHECK_VALUE("converged", 1);
    CHECK_VALUE("absorbed", 1);
    CHECK_VALUE("floor_hits", 3);
    CHECK(missing(&c, "support") != NULL && missing(&c, "heterozygosity") != NULL && missing(&c, "tail_alive") != NULL);
    CHECK(missing(&c, "missing_mass") != NULL);
    scene_end(&c);
}

TEST(measures_of_flagged_data) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'gaussian'", "gaussian",
                        "'policy': {'flagged': {'first': 3}}, 'observe': {'measures': ['provenance']}"));
    scene_model(&c, 2, (double[]){0, 0});
    CHECK_VALUE("taint", 0.125);
    CHECK_VALUE("flagged_share", 0.0625);
    scene_end(&c);
}

/* Total variation by the cumulative distributions: equal spreads cross once, equal means at +-x. */
TEST(measures_total_variation_of_gaussians) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'gaussian'", "gaussian", "'observe': {'measures': ['tv']}"));
    scene_model(&c, 2, (double[]){1.5, 0});
    CHECK_VALUE("tv", 1 - 2 * gsl_cdf_ugaussian_Q(0.75));
    scene_model(&c, 2, (double[]){0, log(0.5)});
    const double x = sqrt(2 * log(2) / 3); /* log 2 - 2 x^2 = -x^2 / 2 */
    CHECK_VALUE("tv", 2 * (gsl_cdf_ugaussian_P(2 * x) - gsl_cdf_ugaussian_P(x)));
    scene_end(&c);
}

/* Truth (.5, .3, .15, .05), model (.7, .3, 0, 0). */
TEST(measures_of_categories) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'categorical', 'probabilities': [0.5, 0.3, 0.15, 0.05]", "categorical",
                        "'observe': {'measures': ['tails'], 'tails': [0.05, 0.2, 0.5]}"));
    scene_model(&c, 4, (double[]){0.7, 0.3, 0, 0});
    const double h0 = 1 - (0.25 + 0.09 + 0.0225 + 0.0025);
    CHECK_VALUE("drift_sq", (0.04 + 0.0225 + 0.0025) / h0);
    CHECK_VALUE("variance_ratio", 0.42 / h0);
    CHECK_VALUE("heterozygosity", 0.42);
    CHECK_VALUE("support", 2);
    CHECK_VALUE("missing_mass", 0.2);
    CHECK_VALUE("entropy", -0.7 * log(0.7) - 0.3 * log(0.3));
    CHECK_VALUE("kl_truth_model", INFINITY);
    CHECK_VALUE("kl_model_truth", 0.7 * log(1.4));
    CHECK_VALUE("tv", 0.2);
    CHECK_VALUE("hellinger", sqrt(1 - sqrt(0.35) - 0.3));
    CHECK_EQ(value(&c, "tail_mass", 0), 0);
    CHECK_EQ(value(&c, "tail_mass", 1), 0);
    CHECK_CLOSE(value(&c, "tail_mass", 2), 0.3, 1e-15, 0);
    CHECK_CLOSE(value(&c, "tail_ratio", 2), 0.6, 1e-15, 0);
    CHECK_EQ(value(&c, "tail_alive", 0), 0);
    CHECK_CLOSE(value(&c, "tail_alive", 2), 1 / 3.0, 1e-15, 0);
    CHECK(missing(&c, "log_variance") != NULL && missing(&c, "w2") != NULL && missing(&c, "tail_lower") != NULL);
    CHECK(missing(&c, "anchor_age") != NULL); /* no anchor in the policy */
    scene_model(&c, 4, (double[]){0.1, 0.5, 0.2, 0.2});
    CHECK_VALUE("kl_truth_model", 0.5 * log(5) + 0.3 * log(0.6) + 0.15 * log(0.75) + 0.05 * log(0.25));
    CHECK_EQ(value(&c, "tail_alive", 1), 1);
    CHECK_EQ(value(&c, "support", 0), 4);
    CHECK_EQ(value(&c, "missing_mass", 0), 0);
    scene_end(&c);
}

/* In two dimensions drift is per dimension, and log_variance is half the logarithm of the ratio of determinants. */
TEST(measures_moments_in_two_dimensions) {
    double here[] = {1, -2}, there[] = {4, 2};
    const ouro_truth truth = {.domain = {.kind = OURO_NUMBERS, .dim = 2},
                              .mean_len = 2,
                              .moments = {.mean = here, .trace = 8, .log_trace = log(8), .logdet = log(12)}};
    const ouro_family model = {.type = ouro_family_find("gaussian"), .domain = truth.domain};
    const ouro_moments m = {.mean = there, .trace = 2, .log_trace = log(2), .logdet = log(0.75)};
    const scene c = {.s = {.truth = &truth, .model = &model}, .o = {.theta = there, .moments = &m}};
    CHECK_VALUE("drift_sq", 2 * (9 + 16) / 8.0);
    CHECK_VALUE("variance_ratio", 0.25);
    CHECK_VALUE("log_variance", log(0.75 / 12) / 2);
}

/* Squared distance of an observation from the model's quantile at u. */
typedef struct gap {
    double x, mean, sd;
} gap;
static double squared_gap(double u, void *ctx) {
    const gap *g = ctx;
    const double d = g->x - g->mean - g->sd * gsl_cdf_ugaussian_Pinv(u);
    return d * d;
}

/* Observed numbers: quantiles of the data against those of the model, integrated observation by observation. */
TEST(measures_against_observed_numbers) {
    char truth[512];
    scene c;
    char *here = realpath("configs/data/faithful.csv", NULL);
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(200);
    REQUIRE(here != NULL);
    snprintf(truth, sizeof truth, "'data': '%s', 'columns': ['eruptions']", here);
    free(here);
    REQUIRE(scene_begin(&c, truth, "gaussian", "'observe': {'measures': ['w2']}"));
    const ouro_truth *t = c.s.truth;
    const double models[][2] = {
        {3.4, log(1.1)}, {t->moments.mean[0], t->moments.log_trace / 2}, {2, -3}, {5, -INFINITY}};
    for (size_t k = 0; k < 4; k++) {
        double sum = 0, part, error;
        scene_model(&c, 2, models[k]);
        for (uint64_t i = 0; i < t->rows; i++) {
            gap g = {t->row[i], models[k][0], exp(models[k][1])};
            gsl_integration_qags(&(gsl_function){squared_gap, &g}, (double)i / (double)t->rows,
                                 (double)(i + 1) / (double)t->rows, 1e-14, 1e-10, 200, work, &part, &error);
            sum += part;
        }
        CHECK_CLOSE(value(&c, "w2", 0), sqrt(sum), 1e-9, 0);
        CHECK_VALUE("drift_sq", pow(models[k][0] - t->moments.mean[0], 2) / t->moments.trace);
    }
    CHECK(missing(&c, "tv") != NULL && missing(&c, "kl_truth_model") != NULL);
    CHECK(strstr(missing(&c, "hellinger"), "no density") != NULL);
    gsl_integration_workspace_free(work);
    scene_end(&c);
}

/* Truth y = 3 x_1 + 4 x_2 + 2 z, model y = 3 x_1 + z / 2: the units of drift and variance are those of the weights. */
TEST(measures_of_a_regression) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'linear-regression', 'weights': [3, 4], 'noise': 2",
                        "linear-regression', 'noise': 'fitted", "'observe': {'measures': ['regression']}"));
    scene_model(&c, 3, (double[]){3, 0, log(0.5)});
    CHECK_VALUE("test_error", 16);
    CHECK_VALUE("weight_cosine", 0.6);
    CHECK_VALUE("norm_ratio", 0.6);
    CHECK_VALUE("noise_ratio", 0.25);
    CHECK_VALUE("drift_sq", 4);
    CHECK_VALUE("variance_ratio", 1 / 16.0);
    CHECK_VALUE("log_variance", log(1 / 16.0));
    CHECK_VALUE("entropy", 0.5 * (1 + log(2 * M_PI)) + log(0.5));
    CHECK(strstr(missing(&c, "tv"), "noise is fitted") != NULL);
    CHECK(missing(&c, "w2") != NULL && missing(&c, "support") != NULL);
    ouro_study_free(&c.study);
    REQUIRE(scene_begin(&c, "'family': 'linear-regression', 'weights': [0, 0]", "linear-regression",
                        "'observe': {'measures': ['regression']}"));
    CHECK(strstr(missing(&c, "weight_cosine"), "zero") != NULL && strstr(missing(&c, "norm_ratio"), "zero") != NULL);
    CHECK(missing(&c, "test_error") == NULL && missing(&c, "tv") == NULL);
    ouro_study_free(&c.study);
    REQUIRE(scene_begin(&c, "'family': 'glm', 'weights': [3, 4]", "glm", "'observe': {'measures': ['regression']}"));
    scene_model(&c, 2, (double[]){3, 0});
    CHECK_VALUE("test_error", 16);
    CHECK_VALUE("variance_ratio", c.m.trace / c.s.truth->moments.trace);
    CHECK_VALUE("drift_sq", 16 * 2 / c.s.truth->moments.trace);
    CHECK(missing(&c, "noise_ratio") != NULL && missing(&c, "entropy") != NULL && missing(&c, "hellinger") != NULL);
    ouro_study_free(&c.study);
    REQUIRE(scene_begin(&c, "'family': 'linear-regression', 'features': 1", "mvgaussian",
                        "'observe': {'measures': ['entropy']}"));
    CHECK(missing(&c, "drift_sq") != NULL && missing(&c, "test_error") != NULL &&
          missing(&c, "kl_truth_model") != NULL);
    ouro_study_free(&c.study);
}

/* A column is the same whether others are asked for or not, and nothing is written beyond the measure's columns. */
TEST(measures_stay_within_their_columns) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'gaussian'", "gaussian", "'observe': {'measures': ['tails'], 'tails': [0.1]}"));
    scene_model(&c, 2, (double[]){0.5, -1});
    for (size_t m = 0; m < ouro_measures_len; m++) {
        double all[17], one[17];
        unsigned defined = 0;
        for (size_t i = 0; i < ouro_measures[m]->len; i++)
            defined |= ouro_measures[m]->missing(&c.s, i) == NULL ? 1U << i : 0;
        for (int k = 0; k < 17; k++) all[k] = one[k] = -77;
        if (!defined) continue; /* nobody calls it then */
        ouro_measures[m]->measure(&c.s, &c.o, 0, defined, all);
        for (size_t i = 0; i < ouro_measures[m]->len; i++) {
            if (!(defined >> i & 1)) continue;
            ouro_measures[m]->measure(&c.s, &c.o, 0, 1U << i, one);
            CHECK(one[i] == all[i] || (isnan(one[i]) && isnan(all[i])));
        }
        for (size_t k = ouro_measures[m]->len; k < 17; k++) CHECK(all[k] == -77 && one[k] == -77);
    }
    scene_end(&c);
}

/* Truth N(1, 2^2), model N(1.5, 0.5^2): mu in the truth's units is (.25, .0625 + .0625). */
TEST(measures_of_information) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'gaussian', 'mean': 1, 'sd': 2", "gaussian",
                        "'observe': {'measures': ['information']}"));
    scene_model(&c, 2, (double[]){1.5, log(0.5)});
    CHECK_VALUE("renyi2_truth_model", INFINITY); /* 2 / 4 - 1 / .25 < 0 */
    CHECK_VALUE("renyi2_model_truth", log(4) + 0.5 * log(4 / 7.75) + 0.25 / 7.75);
    CHECK_VALUE("fisher_drift", 0.0625 + 0.5 * 0.875 * 0.875);
    scene_model(&c, 2, (double[]){0, log(3)});
    CHECK_VALUE("renyi2_truth_model", log(1.5) + 0.5 * log(9 / 14.0) + 1 / 14.0);
    c.o = (ouro_observation){.theta = NULL};
    CHECK(value(&c, "renyi2_truth_model", 0) == 0 && value(&c, "fisher_drift", 0) == 0);
    scene_end(&c);
    REQUIRE(scene_begin(&c, "'family': 'poisson', 'mean': 2", "geometric", "'observe': {'measures': ['moments']}"));
    CHECK(strstr(missing(&c, "renyi2_model_truth"), "different families") != NULL);
    scene_end(&c);
    REQUIRE(scene_begin(&c, "'family': 'gamma', 'shape': 2", "exponential", "'observe': {'measures': ['moments']}"));
    CHECK(missing(&c, "fisher_drift") != NULL);
    scene_end(&c);
}

/* A family with a natural form and no closed form of its own: kl and hellinger come from the natural one, the
 * rest from nodes. */
TEST(measures_where_a_family_has_no_closed_form) {
    scene c;
    REQUIRE(scene_begin(&c, "'family': 'exponential', 'mean': 2", "exponential",
                        "'observe': {'measures': ['kl_truth_model']}"));
    for (int bare = 0; bare < 3; bare++) {
        ouro_family_type type = *c.s.model->type;
        ouro_family model = *c.s.model;
        ouro_truth truth = *c.s.truth;
        if (bare == 1) type.divergence = NULL;
        if (bare == 2) type.divergence_missing[OURO_KL] = type.divergence_missing[OURO_HELLINGER] = "none";
        model.type = truth.family.type = &type;
        scene copy = c;
        copy.s.model = &model;
        copy.s.truth = &truth;
        scene_model(&copy, 1, (double[]){log(3)});
        CHECK_CLOSE(value(&copy, "kl_truth_model", 0), 2 / 3.0 - 1 - log(2 / 3.0), 1e-13, 0);
        CHECK_CLOSE(value(&copy, "kl_model_truth", 0), 3 / 2.0 - 1 - log(3 / 2.0), 1e-13, 0);
        CHECK_CLOSE(value(&copy, "hellinger", 0), sqrt(1 - 2 * sqrt(6) / 5), 1e-13, 0);
        CHECK(by_nodes(&copy, "tv") == (bare == 1) && !by_nodes(&copy, "kl_truth_model"));
        type.natural = NULL;
        CHECK(by_nodes(&copy, "kl_truth_model") == (bare > 0));
        CHECK(strstr(missing(&copy, "renyi2_truth_model"), "natural") != NULL);
        ouro_arena_free(&copy.tmp);
    }
    scene_end(&c);
}

TEST(measures_are_described) {
    for (size_t m = 0; m < ouro_measures_len; m++) {
        const ouro_measure_type *measure = ouro_measures[m];
        CHECK(ouro_measure_find(measure->name) == measure);
        CHECK(measure->len > 0 && measure->len <= 16 && measure->doc[0] != '\0' && measure->reference != NULL);
        for (size_t i = 0; i < measure->len; i++) {
            size_t index = 0;
            const ouro_column_type *column = &measure->columns[i];
            CHECK(column->unit != NULL && column->formula[0] != '\0' && column->doc[0] != '\0');
            CHECK(find(column->name, &index) == measure && index == i); /* the first of its name */
            CHECK(ouro_measure_find(column->name) == NULL);             /* a name is a group or a column */
        }
    }
    CHECK(ouro_measure_find("moment") == NULL);
}
