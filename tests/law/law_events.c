/* law_events.c: times of first passage, censored or not, against laws that are exact.
 *
 * Rows are written at the last generation alone, so that every time comes from the watch between them. */
#include "harness.h"
#include "law.h"
#include "ouro/survival.h"
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 20000, PANELS = 80, NODES = 8, POINTS = PANELS * NODES };

static ouro_lifetime life[MOST];
static ouro_survival_step step[MOST];

static ouro_survival times(const law_run *r, const char *event) {
    ouro_survival s = {0};
    const ouro_experiment *x = r->results.experiment;
    size_t k = 0;
    while (r->ok && k < r->results.events && strcmp(x->events[k].name, event)) k++;
    CHECK(r->ok && k < r->results.events);
    if (!r->ok || k == r->results.events) return s;
    CHECK_EQ(x->events[k].every, 1);
    ouro_survive_event(&r->results, k, life, step, &s);
    return s;
}

/* z of the survival estimate after generation t against S; all of n are watched until then. */
static double z_at(const ouro_survival *s, uint32_t t, double S) {
    double seen = 1;
    for (size_t i = 0; i < s->len && step[i].time <= t; i++) seen = step[i].survival;
    return (seen - S) / sqrt(S * (1 - S) / (double)s->n);
}

/* The median of the sample lies where half of the law does, by the interval that is claimed for it. Its 95 % would fail
 * too often: the estimate at both sides of the exact median, with z < 4. */
static void check_median(const ouro_survival *s, const double *S, uint32_t last) {
    uint32_t median = 1;
    while (median < last && S[median] > 0.5) median++;
    CHECK_LAW(z_at(s, median, S[median]));
    if (median > 1) CHECK_LAW(z_at(s, median - 1, S[median - 1]));
    CHECK(fabs(s->quantile[2] - median) <= 4 * (s->median_upper - s->median_lower));
    CHECK(s->median_lower <= s->quantile[2] && s->quantile[2] <= s->median_upper);
}

/* Mean of times, none of which may be censored. */
static double z_mean(const ouro_survival *s, double mean) {
    double sum = 0, squares = 0;
    CHECK_EQ(s->events, s->n);
    for (size_t i = 0; i < s->n; i++) {
        sum += life[i].time;
        squares += (double)life[i].time * life[i].time;
    }
    const double n = (double)s->n, m = sum / n;
    return (m - mean) / sqrt((squares / n - m * m) / n);
}

/* --- a Gaussian's variance -------------------------------------------------------------------------------------------- */

/* S[t], t = 0..last, that the variance of a Gaussian refitted on n points of its own is still above `level` after fit t,
 * each fit multiplying it by chi^2_(n-1) / c. With k the density of log(chi^2 / c) and b = log level,
 * S_t(x) = integral over y > b of k(y - x) S_(t-1)(y) dy, by Gauss-Legendre panels (Nystrom); derived. Returns the sum over
 * t >= 0, the mean time, once `last` leaves nothing. */
static double gaussian_survival(double n, double c, double level, uint32_t last, double *S) {
    static double y[POINTS + 1], K[POINTS + 1][POINTS], now[POINTS], next[POINTS];
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(NODES);
    const double b = log(level), up = b + 22, wide = (up - b) / PANELS, half = (n - 1) / 2;
    double weight[POINTS], sum = 1;
    for (int p = 0; p < PANELS; p++)
        for (size_t i = 0; i < NODES; i++)
            gsl_integration_glfixed_point(b + p * wide, b + (p + 1) * wide, i, &y[p * NODES + (int)i],
                                          &weight[p * NODES + (int)i], rule);
    gsl_integration_glfixed_table_free(rule);
    y[POINTS] = 0; /* the truth */
    for (int i = 0; i <= POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            const double u = y[j] - y[i]; /* log of a gamma of half degrees and mean (n - 1) / c */
            K[i][j] = weight[j] * exp(half * (u + log(c / 2)) - c / 2 * exp(u) - lgamma(half));
        }
    for (int j = 0; j < POINTS; j++) now[j] = 1;
    S[0] = 1;
    for (uint32_t t = 1; t <= last; t++) {
        S[t] = 0;
        for (int j = 0; j < POINTS; j++) S[t] += K[POINTS][j] * now[j];
        sum += S[t];
        for (int i = 0; i < POINTS; i++) {
            next[i] = 0;
            for (int j = 0; j < POINTS; j++) next[i] += K[i][j] * now[j];
        }
        for (int i = 0; i < POINTS; i++) now[i] = next[i];
    }
    return sum;
}

#define GAUSSIAN(more)                                                                                                 \
    "{'name':'l','truth':{'family':'gaussian','mean':3,'sd':2},'model':{'family':'gaussian','estimator':'%s'},"        \
    "'policy':{'synthetic':{'points':%d}},'run':{'generations':%d,'replicates':%d,'seed':81}," more "}"
#define RARELY                                                                                                         \
    "'observe':{'measures':['log_variance'],'every':100000,'rows':'summary','events':['variance-half-life','variance-" \
    "tenth',"                                                                                                          \
    "{'name':'sd-tenth','measure':'variance_ratio','below':0.01}]}"

/* Until the standard deviation is a tenth of the truth's. The means 42.6 and 232.2 and the medians were simulated
 * elsewhere by another program. */
TEST(law_events_gaussian_ten_points) {
    static double S[1001];
    char json[1024];
    snprintf(json, sizeof json, GAUSSIAN(RARELY), "unbiased", 10, 1000, 20000);
    const double mean = gaussian_survival(10, 9, 0.01, 1000, S);
    CHECK_CLOSE(mean, 42.6, 0, 0.6);
    CHECK(S[1000] < 1e-9);
    law_run r = law_run_json(json);
    const ouro_survival s = times(&r, "sd-tenth");
    CHECK_LAW(z_mean(&s, mean));
    check_median(&s, S, 1000);
    law_run_free(&r);
}

TEST(law_events_gaussian_hundred_points) {
    static const struct {
        const char *event;
        double level;
    } events[] = {{"variance-half-life", 0.5}, {"variance-tenth", 0.1}, {"sd-tenth", 0.01}};
    static double S[401];
    char json[1024];
    snprintf(json, sizeof json, GAUSSIAN(RARELY), "mle", 100, 400, 20000);
    law_run r = law_run_json(json);
    for (int k = 0; k < 3; k++) {
        gaussian_survival(100, 100, events[k].level, 400, S);
        const ouro_survival s = times(&r, events[k].event);
        CHECK(s.events < s.n); /* censored at 400 */
        for (uint32_t t = 25; t <= 400; t += 75) CHECK_LAW(z_at(&s, t, S[t]));
        check_median(&s, S, 400);
        if (k == 2) CHECK_CLOSE(s.quantile[2], 210, 0, 4);
    }
    law_run_free(&r);
}

/* Medians that stand whether or not the run was long enough to see the rest: what was censored is not an event. */
TEST(law_events_censored_early) {
    static double S[46];
    char json[1024];
    snprintf(json, sizeof json, GAUSSIAN(RARELY), "unbiased", 10, 45, 20000);
    gaussian_survival(10, 9, 0.01, 45, S);
    law_run r = law_run_json(json);
    const ouro_survival s = times(&r, "sd-tenth");
    check_median(&s, S, 45);
    CHECK_LAW(z_at(&s, 45, S[45]));
    CHECK_LAW(((double)s.events / (double)s.n - (1 - S[45])) / sqrt(S[45] * (1 - S[45]) / (double)s.n));
    CHECK(S[45] > 0.25 && isnan(s.quantile[3]));
    law_run_free(&r);
}

/* --- chains ----------------------------------------------------------------------------------------------------------- */

/* n lambda_t is a Galton-Watson process with Poisson(1) children: P(extinct by t) = exp(-n lambda_0 g_t), g_1 = 1,
 * g_(t+1) = 1 - exp(-g_t). Its time has no mean; the median is 27 for n lambda_0 = 10, 286 for 100. */
TEST(law_events_poisson_extinction) {
    static const struct {
        double rate;
        uint32_t generations, median;
    } cases[] = {{1, 60, 27}, {10, 500, 286}};
    static double S[501];
    char json[1024];
    for (int i = 0; i < 2; i++) {
        const uint32_t last = cases[i].generations;
        double g = 1;
        S[0] = 1;
        for (uint32_t t = 1; t <= last; t++, g = -expm1(-g)) S[t] = -expm1(-10 * cases[i].rate * g);
        snprintf(
            json, sizeof json,
            "{'name':'l','truth':{'family':'poisson','mean':%g},'model':{'family':'poisson'},'policy':{'synthetic':"
            "{'points':10}},'run':{'generations':%u,'replicates':20000,'seed':82},'observe':{'measures':['mean'],"
            "'every':100000,'rows':'summary'}}",
            cases[i].rate, (unsigned)last);
        law_run r = law_run_json(json);
        const ouro_survival s = times(&r, "absorption");
        CHECK(s.events < s.n);
        CHECK(S[cases[i].median] <= 0.5 && S[cases[i].median - 1] > 0.5);
        check_median(&s, S, last);
        CHECK_LAW(z_at(&s, last, S[last]));
        CHECK_LAW(z_at(&s, last / 6, S[last / 6]));
        CHECK(fabs(s.quantile[2] - cases[i].median) <= s.median_upper - s.median_lower);
        law_run_free(&r);
    }
}

/* Mean time to absorption counted in fits, by the exact chain of 100 copies; the loss of one of two categories is the same
 * event. */
TEST(law_events_absorption_and_first_loss) {
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'bernoulli','p':0.5},'model':{'family':'bernoulli'},'policy':"
                     "{'synthetic':{'points':100}},'run':{'generations':3000,'replicates':4000,'seed':83},"
                     "'observe':{'measures':['moments'],'every':100000,'rows':'summary'}}");
    ouro_survival s = times(&r, "absorption");
    CHECK_LAW(z_mean(&s, 136.602));
    law_run_free(&r);
    r = law_run_json("{'name':'l','truth':{'family':'categorical','probabilities':[0.8,0.2]},'model':{'family':"
                     "'categorical'},'policy':{'synthetic':{'points':100}},'run':{'generations':3000,'replicates':4000,"
                     "'seed':84},'observe':{'measures':['moments'],'every':100000,'rows':'summary'}}");
    s = times(&r, "category-death");
    CHECK_LAW(z_mean(&s, 98.2669));
    const double loss = s.quantile[2];
    s = times(&r, "absorption");
    CHECK_EQ(s.quantile[2], loss);
    CHECK_LAW(z_mean(&s, 98.2669));
    law_run_free(&r);
}

/* P(p_t > 0) from p = .01 by the same chain; a generation more or less shows here. The other category is lost by
 * generation 50 with a probability that is a small part of the standard error, .0014. */
TEST(law_events_first_loss_at_once) {
    law_run r =
        law_run_json("{'name':'l','truth':{'family':'categorical','probabilities':[0.99,0.01]},'model':{'family':"
                     "'categorical'},'policy':{'synthetic':{'points':100}},'run':{'generations':50,'replicates':"
                     "20000,'seed':85},'observe':{'measures':['moments'],'every':100000,'rows':'summary','events':"
                     "[{'name':'one','measure':'support','below':1.5},'category-death']}}");
    for (int i = 0; i < 2; i++) {
        const ouro_survival s = times(&r, i ? "category-death" : "one");
        CHECK_LAW(z_at(&s, 1, 1 - pow(0.99, 100)));
        CHECK_LAW(z_at(&s, 10, 0.161389));
        CHECK_LAW(z_at(&s, 50, 0.041122));
    }
    law_run_free(&r);
}

/* The share of real points in a pool of t equal batches is 1 / t: below a half from t = 3 on, in every replicate. Rows that
 * are replaced are synthetic from t = 2 on. */
TEST(law_events_real_minority) {
    static const char *const presets[] = {"replace", "accumulate"};
    for (int i = 0; i < 2; i++) {
        char json[1024];
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'preset':'%s',"
                 "'synthetic':{'points':10}},'run':{'generations':9,'replicates':50},'observe':{'measures':['moments'],"
                 "'every':9}}",
                 presets[i]);
        law_run r = law_run_json(json);
        const ouro_survival s = times(&r, "real-minority");
        CHECK_EQ(s.len, 1);
        CHECK_EQ(s.quantile[2], i + 2);
        CHECK_EQ(s.median_upper, i + 2);
        law_run_free(&r);
    }
}
