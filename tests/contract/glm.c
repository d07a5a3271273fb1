/* glm.c: generalised linear models against Newton's method in long double, their score equations, and Gauss-Hermite
 * quadrature over the covariates; and what they do where the likelihood has no maximum.
 *
 * False alarms: 10 comparisons with limit FIT_Z, each false below 1e-6 (fit.h). */
#include "setup.h"
#include "fit.h"
#include "harness.h"
#include "ouro/run.h"
#include <gsl/gsl_integration.h>
#include <math.h>

enum { MOST = 6, ROWS = 300, BATCHES = 3 };
static const char *const links[] = {"logit", "log"};
static const size_t sizes[BATCHES] = {40, 150, 110};
static const double weights[BATCHES] = {2.5, 1, 0.3};

typedef struct scene {
    ouro_study study;
    const ouro_family *f;
    const double *theta;
    size_t d;
    int logit;
    double x[ROWS * (MOST + 1)], zero[MOST + 1];
    ouro_points set[BATCHES];
    ouro_arena tmp;
} scene;

static int scene_begin(scene *c, int link, const char *truth) {
    *c = (scene){.logit = link == 0};
    if (setup_loadf(&c->study,
                    "{'name':'scene','truth':{'family':'glm','link':'%s',%s},'model':{'family':'glm'},"
                    "'observe':{'measures':['regression']}}",
                    links[link], truth) != OURO_OK)
        return 0;
    c->f = &c->study.experiment[0].model;
    c->theta = c->study.experiment[0].truth.theta;
    c->d = c->f->domain.covariates;
    return c->d > 0 && c->d <= MOST;
}

static void scene_end(scene *c) {
    ouro_study_free(&c->study);
    ouro_arena_free(&c->tmp);
}

static void open_stream(ouro_stream *s, uint32_t number, ouro_purpose purpose) {
    ouro_stream_open(s, &(ouro_address){.seed = 20261120, .generation = number, .purpose = purpose});
}

/* Rows at theta into c->x, cut into three batches. */
static void draw(scene *c, const double *theta, uint32_t number, size_t n) {
    ouro_stream s;
    open_stream(&s, number, OURO_FOR_COVARIATES);
    c->f->type->covariates(c->f, &s, n, c->x);
    open_stream(&s, number, OURO_FOR_SYNTHETIC);
    CHECK(c->f->type->sample(c->f, theta, &s, &c->tmp, n, c->x) == OURO_OK);
    double *x = c->x;
    for (int b = 0; b < BATCHES; x += sizes[b++] * (c->d + 1))
        c->set[b] = (ouro_points){.n = sizes[b], .x = x, .shift = c->zero, .weight = weights[b]};
}

static ouro_fit_info fit(scene *c, size_t len, const double *before, const ouro_penalty *penalty, double *w) {
    ouro_fit_info info = {0};
    const ouro_row_task task = {.len = len, .set = c->set, .before = before, .penalty = penalty, .tmp = &c->tmp};
    CHECK(c->f->type->fit_rows(c->f, &task, w, &info) == OURO_OK);
    return info;
}

/* Gradient and information of the weighted log likelihood less the penalty, plainly. */
static void derivatives(const scene *c, const long double *w, const ouro_penalty *penalty, long double *g,
                        long double H[MOST][MOST]) {
    size_t d = c->d;
    for (size_t j = 0; j < d; j++) {
        g[j] = penalty ? -penalty->strength * (w[j] - penalty->towards[j]) : 0;
        for (size_t k = 0; k < d; k++) H[j][k] = penalty && j == k ? penalty->strength : 0;
    }
    for (int b = 0; b < BATCHES; b++)
        for (size_t i = 0; i < c->set[b].n; i++) {
            const double *x = c->set[b].x + i * (d + 1);
            long double eta = 0;
            for (size_t j = 0; j < d; j++) eta += w[j] * x[j];
            const long double mu = c->logit ? 1 / (1 + expl(-eta)) : expl(eta), v = c->logit ? mu * (1 - mu) : mu;
            for (size_t j = 0; j < d; j++) {
                g[j] += c->set[b].weight * x[j] * (x[d] - mu);
                for (size_t k = 0; k < d; k++) H[j][k] += c->set[b].weight * v * x[j] * x[k];
            }
        }
}

/* Newton's method from `w`, Gauss's elimination; returns the largest entry of the last step. */
static long double newton(const scene *c, const ouro_penalty *penalty, long double *w) {
    long double g[MOST], H[MOST][MOST], most = 1;
    for (int it = 0; it < 50 && most > 1e-17L; it++) {
        derivatives(c, w, penalty, g, H);
        for (size_t p = 0; p < c->d; p++)
            for (size_t i = p + 1; i < c->d; i++) {
                const long double by = H[i][p] / H[p][p];
                for (size_t k = p; k < c->d; k++) H[i][k] -= by * H[p][k];
                g[i] -= by * g[p];
            }
        most = 0;
        for (size_t p = c->d; p-- > 0;) {
            for (size_t k = p + 1; k < c->d; k++) g[p] -= H[p][k] * g[k];
            g[p] /= H[p][p];
            w[p] += g[p];
            most = fmaxl(most, fabsl(g[p]));
        }
    }
    return most;
}

TEST(contract_glm_fits_are_maxima) {
    static const char *const truths[] = {"'features':1", "'weights':[0.5,-1.2,0.3,0]", "'features':6"};
    for (int link = 0; link < 2; link++)
        for (int i = 0; i < 3; i++)
            for (int penalised = 0; penalised < 2; penalised++) {
                scene c;
                double w[MOST], again[MOST], far[MOST], towards[MOST] = {1, -1, 0.5, 0, 2, 1};
                long double own[MOST], g[MOST], H[MOST][MOST];
                const ouro_penalty penalty = {7.5, towards}, *p = penalised ? &penalty : NULL;
                REQUIRE(scene_begin(&c, link, truths[i]));
                draw(&c, c.theta, (uint32_t)i, ROWS);
                const ouro_fit_info info = fit(&c, BATCHES, NULL, p, w);
                CHECK(info.converged && !info.absorbed && info.iterations > 1 && info.iterations < 20);
                for (size_t j = 0; j < c.d; j++) own[j] = c.theta[j], far[j] = -3 * c.theta[j];
                CHECK(newton(&c, p, own) < 1e-15L);
                for (size_t j = 0; j < c.d; j++) CHECK_CLOSE(w[j], (double)own[j], 1e-11, 1e-12);
                for (size_t j = 0; j < c.d; j++) own[j] = w[j];
                derivatives(&c, own, p, g, H);
                for (size_t j = 0; j < c.d; j++) CHECK_CLOSE((double)g[j], 0, 0, 1e-10 * ROWS);
                /* from wherever it starts */
                CHECK(fit(&c, BATCHES, far, p, again).converged);
                for (size_t j = 0; j < c.d; j++) CHECK_CLOSE(again[j], w[j], 1e-12, 1e-13);
                CHECK(fit(&c, BATCHES, w, p, again).iterations <= 2);
                scene_end(&c);
            }
}

/* Counts of a steep model, up to 1e5: the first steps from 0 are far too long. */
TEST(contract_glm_large_counts) {
    scene c;
    double w[MOST];
    long double own[MOST];
    REQUIRE(scene_begin(&c, 1, "'weights':[2.5,-2,1]"));
    draw(&c, c.theta, 7, ROWS);
    CHECK(fit(&c, BATCHES, NULL, NULL, w).converged);
    for (size_t j = 0; j < c.d; j++) own[j] = c.theta[j];
    CHECK(newton(&c, NULL, own) < 1e-15L);
    for (size_t j = 0; j < c.d; j++) CHECK_CLOSE(w[j], (double)own[j], 1e-11, 0);
    scene_end(&c);
}

/* Score x_j (y - mu) and squares (y - mu)^2 / V of the truth's own rows have means 0 and 1. */
TEST(contract_glm_rows_follow_the_link) {
    for (int link = 0; link < 2; link++) {
        scene c;
        double score[4] = {0}, spread[4] = {0}, square = 0, squares = 0;
        size_t n = 0;
        REQUIRE(scene_begin(&c, link, "'weights':[0.6,-0.5,0.4]"));
        for (uint32_t t = 0; t < 200; t++) {
            draw(&c, c.theta, 1000 + t, ROWS);
            for (const double *x = c.x; x < c.x + (ptrdiff_t)(ROWS * 4); x += 4, n++) {
                const double eta = 0.6 * x[0] - 0.5 * x[1] + 0.4 * x[2];
                const double mu = c.logit ? 1 / (1 + exp(-eta)) : exp(eta), v = c.logit ? mu * (1 - mu) : mu;
                const double r2 = (x[3] - mu) * (x[3] - mu) / v;
                CHECK(x[3] >= 0 && x[3] == rint(x[3]) && (x[3] <= 1 || !c.logit));
                for (int j = 0; j < 4; j++) { /* the last: eta itself */
                    const double part = (x[3] - mu) * (j < 3 ? x[j] : eta);
                    score[j] += part, spread[j] += part * part;
                }
                square += r2 - 1, squares += (r2 - 1) * (r2 - 1);
            }
        }
        for (int j = 0; j < 4; j++) CHECK_CLOSE(score[j] / sqrt(spread[j]), 0, 0, FIT_Z);
        CHECK_CLOSE(square / sqrt(squares), 0, 0, FIT_Z);
        CHECK_EQ(n, 200 * ROWS);
        scene_end(&c);
    }
}

/* Labels that a plane separates: norm 50 in a separating direction, not converged, the same from any start. */
TEST(contract_glm_separated_labels) {
    scene c;
    double w[MOST], again[MOST], far[MOST] = {30, -40, 5}, wrong[MOST] = {-30, 1, 2}, right[MOST] = {6, -6, 4};
    const double steep[] = {13, -12, 8};
    REQUIRE(scene_begin(&c, 0, "'features':3"));
    draw(&c, steep, 3, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        double *x = c.x + i * 4;
        x[3] = steep[0] * x[0] + steep[1] * x[1] + steep[2] * x[2] > 0;
    }
    ouro_fit_info info = fit(&c, BATCHES, NULL, NULL, w);
    CHECK(!info.converged && !info.absorbed);
    CHECK_CLOSE(sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]), 50, 1e-14, 0);
    for (size_t i = 0; i < ROWS; i++) {
        const double *x = c.x + i * 4;
        CHECK((w[0] * x[0] + w[1] * x[1] + w[2] * x[2] > 0) == (x[3] == 1));
    }
    CHECK(!fit(&c, BATCHES, far, NULL, again).converged);
    for (size_t j = 0; j < 3; j++) CHECK_EQ(again[j], w[j]);
    CHECK(!fit(&c, BATCHES, wrong, NULL, again).converged);
    for (size_t j = 0; j < 3; j++) CHECK_EQ(again[j], w[j]);
    info = fit(&c, BATCHES, right, NULL, again); /* it may separate from the start */
    for (size_t j = 0; j < 3; j++) CHECK_EQ(again[j], w[j]);
    CHECK(!info.converged);
    for (size_t j = 0; j < 3; j++) right[j] = 3 * steep[j];
    info = fit(&c, BATCHES, right, NULL, again); /* this does */
    for (size_t j = 0; j < 3; j++) CHECK_EQ(again[j], w[j]);
    CHECK(!info.converged);
    /* a penalty has a maximum all the same */
    const double towards[MOST] = {0};
    const ouro_penalty penalty = {0.01, towards};
    CHECK(fit(&c, BATCHES, NULL, &penalty, again).converged);
    /* one label on the wrong side: the maximum is back, however steep */
    c.x[3] = 1 - c.x[3];
    info = fit(&c, BATCHES, NULL, NULL, again);
    CHECK(info.converged && fabs(again[0]) < 50);
    scene_end(&c);
}

/* Counts above zero in fewer rows than weights; rows fewer than weights; no count at all. */
TEST(contract_glm_counts_without_a_maximum) {
    for (int positive = 0; positive < 3; positive++)
        for (size_t n = 2; n <= ROWS; n += ROWS - 2) {
            scene c;
            double w[MOST], norm = 0;
            REQUIRE(scene_begin(&c, 1, "'features':4"));
            draw(&c, c.theta, 4, ROWS);
            for (size_t i = 0; i < ROWS; i++) c.x[i * 5 + 4] = (int)i < positive ? 3 : 0;
            /* zeros on one side of a plane through the rows with counts: the likelihood rises for ever */
            for (size_t i = 2; i < ROWS; i++) c.x[i * 5] = -fabs(c.x[i * 5]);
            c.x[0] = c.x[5] = 0;
            c.set[0] = (ouro_points){.n = n, .x = c.x, .shift = c.zero, .weight = 1};
            CHECK(!fit(&c, 1, NULL, NULL, w).converged);
            for (size_t j = 0; j < 4; j++) norm += w[j] * w[j];
            CHECK(norm <= 2500 * (1 + 1e-12));
            scene_end(&c);
        }
}

/* Means over (x . a, x . b), by the product rule of Gauss and Hermite. */
typedef struct pair {
    double aa, ab, bb; /* products of the two weights */
    int logit;
} pair;
static double bregman(const pair *p, double ea, double eb) {
    if (!p->logit) return exp(ea) * (expm1(eb - ea) - (eb - ea));
    const double mu = 1 / (1 + exp(-ea));
    return log1p(mu * expm1(eb - ea)) - (eb - ea) * mu;
}
static double expected_kl(const pair *p, size_t nodes) {
    gsl_integration_fixed_workspace *g =
        gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, nodes, 0, 0.5, 0, 0);
    const double *z = gsl_integration_fixed_nodes(g), *v = gsl_integration_fixed_weights(g);
    const double ra = sqrt(p->aa), along = ra > 0 ? p->ab / ra : 0, across = sqrt(fmax(p->bb - along * along, 0));
    double sum = 0;
    for (size_t i = 0; i < nodes; i++)
        for (size_t k = 0; k < nodes; k++)
            sum += v[i] * v[k] / (2 * M_PI) * bregman(p, ra * z[i], along * z[i] + across * z[k]);
    gsl_integration_fixed_free(g);
    return sum;
}

TEST(contract_glm_divergences) {
    static const double models[][3] = {{0.6, 0.5, 0.4}, {0.61, 0.49, 0.41}, {-0.3, 0.9, 0.2},
                                       {0, 0, 0},       {1.1, -0.4, 0.3},   {0.6, 0.5, 0.7}};
    for (int link = 0; link < 2; link++) {
        scene c;
        REQUIRE(scene_begin(&c, link, "'features':3"));
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++) {
                const double *a = models[i], *b = models[j];
                const pair p = {a[0] * a[0] + a[1] * a[1] + a[2] * a[2], a[0] * b[0] + a[1] * b[1] + a[2] * b[2],
                                b[0] * b[0] + b[1] * b[1] + b[2] * b[2], c.logit};
                const double kl = c.f->type->divergence(c.f, OURO_KL, a, b);
                CHECK_CLOSE(kl, expected_kl(&p, 120), 1e-8, 1e-14);
                CHECK(i == j ? kl == 0 : kl > 0);
            }
        /* both ways of the logit's, at the step from one to the other, and digits near equality */
        const double a[3] = {0.3, -0.2, 0.1}, wide = 0.5 * sqrt(1 + 0.14);
        double near[3] = {0.3, -0.2, 0.1}, far[3] = {0.3, -0.2, 0.1}, tiny[3] = {0.3, -0.2, 0.1};
        near[2] += wide * (1 - 1e-9), far[2] += wide * (1 + 1e-9), tiny[2] += 1e-9;
        CHECK_CLOSE(c.f->type->divergence(c.f, OURO_KL, a, near), c.f->type->divergence(c.f, OURO_KL, a, far), 1e-7, 0);
        CHECK_CLOSE(c.f->type->divergence(c.f, OURO_KL, a, tiny) / c.f->type->divergence(c.f, OURO_KL, tiny, a), 1,
                    1e-7, 0);
        CHECK(c.f->type->divergence(c.f, OURO_KL, a, tiny) > 0);
        scene_end(&c);
    }
}

/* Trace and determinant of the inverse information, its two kinds of eigenvalues by quadrature. */
TEST(contract_glm_moments) {
    for (int link = 0; link < 2; link++)
        for (int i = 0; i < 4; i++) {
            scene c;
            double mean[4], a = 0, b = 0, r = (double[]){0, 0.7, 1.5, 3}[i];
            const double w[4] = {0.6 * r, 0, -0.8 * r, 0};
            ouro_moments m = {.mean = mean};
            REQUIRE(scene_begin(&c, link, "'features':4"));
            c.f->type->moments(c.f, w, &m);
            for (int k = -60000; k < 60000; k++) {
                const double z = (k + 0.5) * 2e-4, eta = r * z, e = exp(-fabs(eta));
                const double v = c.logit ? e / ((1 + e) * (1 + e)) : exp(eta);
                a += 2e-4 * v * exp(-0.5 * z * z) / sqrt(2 * M_PI);
                b += 2e-4 * v * z * z * exp(-0.5 * z * z) / sqrt(2 * M_PI);
            }
            CHECK_CLOSE(m.trace, 3 / a + 1 / b, 1e-10, 0);
            CHECK_CLOSE(m.log_trace, log(3 / a + 1 / b), 1e-10, 1e-12);
            CHECK_CLOSE(m.logdet, -3 * log(a) - log(b), 1e-10, 1e-12);
            for (int j = 0; j < 4; j++) CHECK_EQ(mean[j], w[j]);
            scene_end(&c);
        }
}

/* Tiny batches, soon separated: every number of the run is a number. */
static int gather(void *ctx, size_t point, const ouro_results *r, ouro_error *e) {
    (void)point, (void)e;
    for (size_t i = 0; i < r->replicates; i++)
        for (size_t g = 0; g < r->generations; g++)
            for (size_t m = 0; m < r->columns; m++) *(int *)ctx += isnan(ouro_results_row(r, i, g)[m]) != 0;
    return OURO_OK;
}

TEST(contract_glm_is_never_nan) {
    for (int link = 0; link < 2; link++) {
        ouro_study s;
        ouro_error e = {0};
        int nans = 0;
        REQUIRE(setup_loadf(&s,
                            "{'name':'n','truth':{'family':'glm','link':'%s','features':4},'model':{'family':'glm'},"
                            "'policy':{'synthetic':{'points':7}},'run':{'generations':25,'replicates':200},"
                            "'observe':{'measures':['moments','regression','kl_truth_model','kl_model_truth'],"
                            "'generations':[1,2,3,5,10,25]}}",
                            links[link]) == OURO_OK);
        CHECK(ouro_run(1, s.experiment, &(ouro_run_options){.point = gather, .ctx = &nans}, &e) == OURO_OK);
        CHECK_EQ(nans, 0);
        ouro_study_free(&s);
    }
}
