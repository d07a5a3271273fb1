/* nodes.c: divergences and distances by nodes, against closed forms, adaptive quadrature and large samples.
 *
 * A normal fitted as a mixture of one component goes through the nodes, the same normal as a gaussian or mvgaussian
 * through the closed forms. Mixtures on the line are held against GSL's adaptive rules on a second formulation of
 * every integrand. Accuracies are those that `method` promises in the manifest. */
#include "contract/nodes.h"
#include "fit.h"
#include "ouro/variates.h"
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sort.h>

#define KINDS "'js', 'kl_truth_model', 'kl_model_truth', 'hellinger', 'tv'"
static const char *const kinds[] = {
    "kl_truth_model", "kl_model_truth", "hellinger", "tv", "js", "w1", "energy", "l2", "mmd"};
enum { KL, KL_BACK, HELLINGER, TV, JS, W1, ENERGY, L2, MMD, KINDS_LEN };

/* A law on the line, in the words of a textbook. */
typedef struct law {
    int k;
    const double *w, *m, *s;
    double (*log_density)(double x); /* NULL: the mixture above */
    double (*cdf)(double x);
} law;

static double log_density(const law *g, double x) {
    double top = -INFINITY, sum = 0, term[8];
    if (g->log_density) return g->log_density(x);
    for (int i = 0; i < g->k; i++) {
        const double z = (x - g->m[i]) / g->s[i];
        term[i] = log(g->w[i]) - log(g->s[i]) - 0.5 * log(2 * M_PI) - 0.5 * z * z;
        top = fmax(top, term[i]);
    }
    for (int i = 0; i < g->k; i++) sum += exp(term[i] - top);
    return top + log(sum);
}

static double cdf(const law *g, double x) {
    double sum = 0;
    if (g->cdf) return g->cdf(x);
    for (int i = 0; i < g->k; i++) sum += g->w[i] * 0.5 * erfc(-(x - g->m[i]) / g->s[i] / M_SQRT2);
    return sum;
}

typedef struct integrand {
    law p, q;
    int kind;
    double y, h;
} integrand;

static double times(double p, double r) { return p > 0 ? p * r : 0; }

static double value_at(double x, void *ctx) {
    const integrand *t = ctx;
    const double a = log_density(&t->p, x), b = log_density(&t->q, x), p = exp(a), q = exp(b), m = (p + q) / 2;
    const double gap = t->kind == W1 || t->kind == ENERGY ? cdf(&t->p, x) - cdf(&t->q, x) : 0;
    switch (t->kind) {
    case KL: return times(p, a - b);
    case KL_BACK: return times(q, b - a);
    case HELLINGER: return sqrt(p * q);
    case TV: return fabs(p - q) / 2;
    case JS: return (times(p, a - log(m)) + times(q, b - log(m))) / 2;
    case W1: return fabs(gap);
    case ENERGY: return 2 * gap * gap;
    default: return (p - q) * (p - q);
    }
}

/* Adaptive quadrature from cut to cut, and the value of the column from the integral. */
static double reference(integrand *t, size_t len, double *cut) {
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(4000);
    double sum = 0, part, error;
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    gsl_sort(cut, 1, len);
    for (size_t i = 0; i + 1 < len; i++)
        if (cut[i] < cut[i + 1]) {
            gsl_integration_qag(&(gsl_function){value_at, t}, cut[i], cut[i + 1], 1e-15, 1e-12, 4000, GSL_INTEG_GAUSS61,
                                work, &part, &error);
            sum += part;
        }
    gsl_set_error_handler(before);
    gsl_integration_workspace_free(work);
    return t->kind == HELLINGER ? sqrt(1 - sum) : t->kind == ENERGY ? sqrt(sum) : sum;
}

static size_t cuts_of(const law *g, size_t len, double *cut) {
    for (int i = 0; i < g->k; i++)
        for (int j = -12; j <= 12; j += 3) cut[len++] = g->m[i] + j * g->s[i];
    return len;
}

/* Normals of any widths in one dimension: KL and TV to 1e-13, hellinger to 1e-10, down to sd 1e-200. */
TEST(nodes_line_closed_forms) {
    static const double models[][2] = {{1, 2},    {1.5, 0.5},    {1.001, 2.002}, {5, 1e-3},
                                       {1, 1e-9}, {0.3, 1e-100}, {0, 6},         {-30, 3}};
    pair c, g;
    REQUIRE(
        pair_begin(&c, "'family': 'gmm', 'means': [[1]], 'sds': [[2]]", "'family': 'gmm', 'n_components': 1", KINDS));
    REQUIRE(pair_begin(&g, "'family': 'gaussian', 'mean': 1, 'sd': 2", "'family': 'gaussian'", KINDS));
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        pair_mixture(&c, 1, (double[]){0, models[i][0], models[i][1]});
        pair_model(&g, (double[]){models[i][0], log(models[i][1])});
        for (int k = KL; k <= JS; k++)
            CHECK_CLOSE(pair_value(&c, kinds[k]), pair_value(&g, kinds[k]), k == HELLINGER ? 1e-10 : 1e-11, 1e-18);
    }
    pair_end(&c);
    pair_end(&g);
}

/* Mixtures on the line against adaptive quadrature: near, shrunk, with narrow components, nearly on top of one another. */
TEST(nodes_line_mixtures) {
    static const double w[] = {0.5, 0.3, 0.2}, m[] = {-3, 0, 4}, s[] = {1, 0.5, 1.5};
    static const double models[][9] = {{0.48, 0.33, 0.19, -2.9, 0.1, 4.1, 1.05, 0.48, 1.4},
                                       {0.5, 0.3, 0.2, -3, 0, 4, 0.2, 0.1, 0.3},
                                       {0.1, 0.6, 0.3, -1, 0, 2, 0.05, 2, 0.01},
                                       {0.3, 0.3, 0.4, -3.5, -3, 5, 0.01, 0.3, 3},
                                       {0.999, 5e-4, 5e-4, 0, -6, 9, 1, 1, 1e-6},
                                       {0.5, 0.25, 0.25, 0, 0, 0, 0.1, 0.10001, 5}};
    pair c;
    REQUIRE(pair_begin(
        &c, "'family': 'gmm', 'means': [[-3], [0], [4]], 'sds': [[1], [0.5], [1.5]], 'weights': [0.5, 0.3, 0.2]",
        "'family': 'gmm', 'n_components': 3", KINDS ", 'distances'"));
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        const double *v = models[i];
        double theta[9];
        for (int j = 0; j < 9; j++) theta[j] = j < 3 ? log(v[j]) : v[j];
        pair_mixture(&c, 3, theta);
        for (int k = KL; k <= L2; k++) {
            integrand t = {{3, w, m, s, NULL, NULL}, {3, v, v + 3, v + 6, NULL, NULL}, k, 0, 0};
            double cut[64];
            const size_t len = cuts_of(&t.q, cuts_of(&t.p, 0, cut), cut);
            CHECK_CLOSE(pair_value(&c, kinds[k]), reference(&t, len, cut), k == HELLINGER || k == L2 ? 3e-10 : 1e-11,
                        0);
        }
    }
    pair_end(&c);
}

/* E k(X, Y) by quadrature over x and y. */
static double kernel_in_y(double y, void *ctx) {
    const integrand *t = ctx;
    const double z = (t->y - y) / t->h;
    return exp(log_density(&t->q, y) - 0.5 * z * z);
}

static double kernel_in_x(double x, void *ctx) {
    integrand t = *(const integrand *)ctx;
    double out, error;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(400);
    t.y = x;
    gsl_integration_qag(&(gsl_function){kernel_in_y, &t}, -12, 12, 1e-13, 1e-10, 400, GSL_INTEG_GAUSS61, work, &out,
                        &error);
    gsl_integration_workspace_free(work);
    return out * exp(log_density(&t.p, x));
}

static double kernel_mean(const law *p, const law *q, double h) {
    integrand t = {*p, *q, MMD, 0, h};
    double out, error;
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(400);
    gsl_integration_qag(&(gsl_function){kernel_in_x, &t}, -12, 12, 1e-13, 1e-10, 400, GSL_INTEG_GAUSS61, work, &out,
                        &error);
    gsl_integration_workspace_free(work);
    return out;
}

/* The kernel is as wide as the truth: h^2 is its variance, here 1 + 4. */
TEST(nodes_mmd_is_the_kernel_mean) {
    static const double half[] = {0.5, 0.5}, m[] = {-2, 2}, one[] = {1, 1}, v[] = {0.3, 0.7}, n[] = {-1, 1.5},
                        sd[] = {0.4, 1.2};
    const law p = {2, half, m, one, NULL, NULL}, q = {2, v, n, sd, NULL, NULL};
    const double h = sqrt(5);
    pair c;
    REQUIRE(pair_begin(&c, "'family': 'gmm'", "'family': 'gmm'", "'mmd'"));
    pair_mixture(&c, 2, (double[]){log(0.3), log(0.7), -1, 1.5, 0.4, 1.2});
    const double squared = kernel_mean(&p, &p, h) + kernel_mean(&q, &q, h) - 2 * kernel_mean(&p, &q, h);
    CHECK_CLOSE(pair_value(&c, "mmd"), sqrt(squared), 1e-9, 0);
    pair_end(&c);
}

static double log_laplace(double x) { return -fabs(x) - log(2); }
static double cdf_laplace(double x) { return x < 0 ? exp(x) / 2 : 1 - exp(-x) / 2; }
static double log_exponential(double x) { return x < 0 ? -INFINITY : -x / 2 - log(2); }
static double cdf_exponential(double x) { return x < 0 ? 0 : -expm1(-x / 2); }
static double log_pareto(double x) { return x < 1 ? -INFINITY : log(2.5) - 3.5 * log(x); }
static double cdf_pareto(double x) { return x < 1 ? 0 : 1 - pow(x, -2.5); }
static double log_lognormal(double x) {
    const double z = (log(x) - 0.3) / 0.5;
    return x <= 0 ? -INFINITY : -0.5 * z * z - log(0.5) - log(x) - 0.5 * log(2 * M_PI);
}
static double cdf_lognormal(double x) { return x <= 0 ? 0 : 0.5 * erfc(-(log(x) - 0.3) / 0.5 / M_SQRT2); }

/* Models of another family than the truth: kinks, ends of supports, tails of a power law. */
TEST(nodes_line_misspecified) {
    static const double one[] = {1}, m[] = {0.1}, s[] = {1.4};
    static double cut[64];
    const law normal = {1, one, m, s, NULL, NULL}, laplace = {0, 0, 0, 0, log_laplace, cdf_laplace},
              exponential = {0, 0, 0, 0, log_exponential, cdf_exponential},
              pareto = {0, 0, 0, 0, log_pareto, cdf_pareto}, lognormal = {0, 0, 0, 0, log_lognormal, cdf_lognormal};
    static const char *const truths[] = {"'family': 'laplace'", "'family': 'exponential', 'mean': 2",
                                         "'family': 'pareto', 'shape': 2.5"};
    static const char *const models[] = {"gaussian", "gaussian", "lognormal"};
    const law p[] = {laplace, exponential, pareto}, q[] = {normal, normal, lognormal};
    const double theta[][2] = {{0.1, log(1.4)}, {0.1, log(1.4)}, {0.3, log(0.5)}};
    for (int i = 0; i < 3; i++) {
        pair c;
        char model[64];
        snprintf(model, sizeof model, "'family': '%s'", models[i]);
        REQUIRE(pair_begin(&c, truths[i], model, KINDS));
        pair_model(&c, theta[i]);
        for (int k = KL; k <= ENERGY; k++) {
            size_t len = i == 2 ? 0 : cuts_of(&normal, 0, cut);
            integrand t = {p[i], q[i], k, 0, 0};
            if (i == 2)
                for (int j = 0; j <= 40; j++) cut[len++] = j == 0 ? 0 : ldexp(1, j - 1);
            else
                for (int j = -6; j <= 6; j++) cut[len++] = 12.0 * j;
            cut[len++] = 1;
            cut[len++] = 0;
            const double found = pair_value(&c, kinds[k]);
            if (k == KL_BACK && i > 0)
                CHECK_EQ(found, INFINITY); /* the truth gives no density to places where the model has some */
            else
                CHECK_CLOSE(found, reference(&t, len, cut), 1e-9, 0);
        }
        CHECK(pair_missing(&c, "l2") != NULL || i < 2);
        pair_end(&c);
    }
}

/* d-dimensional normals: N(0.1 (j mod 3), (f times the truth's L)) through nodes and closed forms. */
static void compare_normals(size_t d, double f, double shift, const double tolerance[3]) {
    char list[2][1024] = {"[", "["}, truth[4096];
    pair c, g;
    double *theta;
    for (size_t j = 0; j < d; j++)
        for (int i = 0; i < 2; i++)
            sprintf(list[i] + strlen(list[i]), "%g%s", i ? 1 + 0.1 * (double)j : 0.5 * (double)j,
                    j + 1 < d ? "," : "]");
    snprintf(truth, sizeof truth, "'family': 'gmm', 'means': [%s], 'sds': [%s], 'correlations': [0.3]", list[0],
             list[1]);
    REQUIRE(pair_begin(&c, truth, "'family': 'mvgaussian'", KINDS));
    snprintf(truth, sizeof truth, "'family': 'mvgaussian', 'mean': %s, 'sd': %s, 'correlation': 0.3", list[0], list[1]);
    REQUIRE(pair_begin(&g, truth, "'family': 'mvgaussian'", "'kl_truth_model', 'kl_model_truth', 'hellinger'"));
    theta = ouro_arena_alloc(&c.tmp, g.s->model->theta_len, sizeof *theta);
    memcpy(theta, g.s->truth->theta, g.s->model->theta_len * sizeof *theta);
    for (size_t j = 0; j < d; j++) theta[j] += shift * (double)(j % 3);
    for (size_t j = 2 * d; j < g.s->model->theta_len; j++) theta[j] *= f;
    pair_model(&c, theta);
    pair_model(&g, theta);
    for (int k = KL; k <= HELLINGER; k++)
        CHECK_CLOSE(pair_value(&c, kinds[k]), pair_value(&g, kinds[k]), tolerance[k], 1e-18);
    pair_end(&c);
    pair_end(&g);
}

TEST(nodes_space_closed_forms) {
    compare_normals(2, 1.001, 0.001, (double[]){1e-9, 1e-9, 1e-9});
    compare_normals(2, 1.1, 0.1, (double[]){1e-11, 1e-11, 1e-11});
    compare_normals(2, 0.6, 0.1, (double[]){1e-11, 1e-11, 1e-11});
    compare_normals(2, 0.2, 0.1, (double[]){1e-11, 1e-11, 2e-6}); /* 128^2 */
    compare_normals(2, 1e-9, 0.1, (double[]){1e-11, 1e-11, 1e-8});
    /* one normal to another: the mean of the logarithmic ratio is a quadratic, exact on nodes of covariance one */
    compare_normals(5, 1.001, 0.001, (double[]){4e-3, 4e-3, 4e-3});
    compare_normals(5, 0.2, 0.1, (double[]){1e-8, 1e-8, 1e-3});
    compare_normals(10, 1.1, 0.1, (double[]){6e-4, 6e-4, 4e-3});
    compare_normals(10, 0.2, 0.1, (double[]){1e-8, 1e-8, 1e-3});
    compare_normals(50, 1.1, 0.1, (double[]){5e-5, 5e-5, 1e-2});
    compare_normals(50, 0.2, 0.1, (double[]){1e-8, 1e-8, 1e-3});
}

static const char space_truth[] = "'family': 'gmm', 'means': [[0, 0], [3, 1], [0, 4]], 'weights': [0.5, 0.3, 0.2],"
                                  " 'sds': [[1, 2], [0.5, 0.5], [1, 1]], 'correlations': [0.6, 0, -0.3]";
/* Three components beside the truth's; weights, means, factors by rows. */
static const double space_model[] = {0.4, 0.4, 0.2, 0.3, -0.2, 2.8, 1.3, -0.5, 3.6,
                                     0.9, 0.7, 1.3, 0.5, 0.1,  0.6, 0.8, 0,    1.2};

/* Means over n draws from a law. */
typedef struct sample_mean {
    double mean, error;
} sample_mean;

static void add_to(sample_mean *m, double x) {
    m->mean += x;
    m->error += x * x;
}
static void close_mean(sample_mean *m, double n) {
    m->mean /= n;
    m->error = sqrt((m->error / n - m->mean * m->mean) / n);
}

/* Two dimensions against 4e6 draws of either law, and the tails of three sizes with them. */
TEST(nodes_space_samples) {
    enum { ROWS = 1 << 14, BATCHES = 244 };
    static double x[2 * ROWS], lp[ROWS], lq[ROWS];
    double theta[18];
    pair c;
    sample_mean kl = {0}, back = {0}, js[2] = {{0}}, tv = {0}, tail[3] = {{0}}, own[3] = {{0}};
    REQUIRE(pair_begin(&c, space_truth, "'family': 'gmm', 'n_components': 3", KINDS ", 'tails'"));
    for (int j = 0; j < 18; j++) theta[j] = j < 3 ? log(space_model[j]) : space_model[j];
    pair_mixture(&c, 3, theta);
    const ouro_family *P = &c.s->truth->family, *Q = c.s->model;
    REQUIRE(c.s->tails_len == 3);
    for (uint32_t b = 0; b < 2 * BATCHES; b++) {
        ouro_stream s;
        const int from_model = b & 1;
        ouro_stream_open(&s, &(ouro_address){.seed = 1106, .generation = b, .purpose = OURO_FOR_MEASURE});
        const ouro_family *f = from_model ? Q : P;
        CHECK(f->type->sample(f, from_model ? c.theta : c.s->truth->theta, &s, &c.tmp, ROWS, x) == OURO_OK);
        CHECK(ouro_log_densities(P, c.s->truth->theta, &c.tmp, ROWS, x, lp) == OURO_OK);
        CHECK(ouro_log_densities(Q, c.theta, &c.tmp, ROWS, x, lq) == OURO_OK);
        for (int i = 0; i < ROWS; i++) {
            const double log_m = fmax(lp[i], lq[i]) + log1p(exp(-fabs(lp[i] - lq[i]))) - M_LN2;
            add_to(from_model ? &back : &kl, from_model ? lq[i] - lp[i] : lp[i] - lq[i]);
            add_to(&js[from_model], (from_model ? lq[i] : lp[i]) - log_m);
            if (!from_model) add_to(&tv, fmax(0, 1 - exp(lq[i] - lp[i])));
            for (int a = 0; a < 3; a++) add_to(from_model ? &tail[a] : &own[a], lp[i] < c.s->tails[a].log_level);
        }
    }
    const double n = (double)ROWS * BATCHES;
    close_mean(&kl, n), close_mean(&back, n), close_mean(&tv, n), close_mean(&js[0], n), close_mean(&js[1], n);
    CHECK_CLOSE(pair_value(&c, "kl_truth_model"), kl.mean, 0, 4 * kl.error);
    CHECK_CLOSE(pair_value(&c, "kl_model_truth"), back.mean, 0, 4 * back.error);
    CHECK_CLOSE(pair_value(&c, "tv"), tv.mean, 0, 4 * tv.error);
    CHECK_CLOSE(pair_value(&c, "js"), (js[0].mean + js[1].mean) / 2, 0, 2 * hypot(js[0].error, js[1].error));
    for (size_t a = 0; a < 3; a++) {
        close_mean(&tail[a], n), close_mean(&own[a], n);
        CHECK_CLOSE(pair_tail(&c, "tail_mass", a), tail[a].mean, 0, 4 * tail[a].error);
        CHECK_CLOSE(c.s->tails[a].alpha, own[a].mean, 0, 4 * own[a].error);
    }
    pair_end(&c);
}
