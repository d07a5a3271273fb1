/* scores.c: the likelihood that a statistic fixes against the rows themselves, for every family that says so; the points
 * that a corpus hands out to judge a model by; and what every column of every measure says of itself. */
#include "configs.h"
#include "ouro/natural.h"
#include "ouro/replicate.h"
#include "subjects.h"

/* Mean of -log p over rows, in the order given, each with its weight. */
static double surprise(const ouro_family *f, const double *theta, size_t n, const double *x, ouro_arena *tmp) {
    double *value = ouro_arena_alloc(tmp, n, sizeof *value), sum = 0;
    if (f->domain.kind == OURO_CATEGORIES)
        for (size_t i = 0; i < n; i++) value[i] = log(theta[(size_t)x[i]]);
    else
        CHECK(ouro_log_densities(f, theta, tmp, n, x, value) == OURO_OK);
    for (size_t i = 0; i < n; i++) sum -= value[i];
    return sum / (double)n;
}

/* One row, two, and many, drawn from the truth, judged by every model of the subject: unlike that of its best model, the
 * score is defined for any number of rows. Then two batches with weights. */
TEST(contract_likelihood_in_statistic) {
    enum { MOST = 400 };
    static const size_t sizes[] = {1, 2, 7, MOST};
    size_t families = 0, compared = 0;
    subject s = {0};
    while (subject_next(&s)) {
        const ouro_family *f = s.f;
        if (!f->type->likelihood_in_statistic || f->domain.pairs) continue;
        families++;
        double *x = ouro_arena_alloc(&s.tmp, MOST * f->domain.dim, sizeof *x);
        double *T[3];
        for (int i = 0; i < 3; i++) REQUIRE((T[i] = ouro_arena_alloc(&s.tmp, f->stat_len, sizeof *x)) != NULL);
        for (size_t k = 0; k < 4; k++) {
            ouro_stream stream;
            ouro_stream_open(&stream, &(ouro_address){.seed = 1, .point = (uint32_t)k, .replicate = s.key});
            REQUIRE(f->type->sample(f, s.theta[0], &stream, &s.tmp, sizes[k], x) == OURO_OK);
            f->type->stat_rows(f, sizes[k], x, T[k % 2]);
            for (size_t m = 0; m < s.models; m++) {
                const double rows = surprise(f, s.theta[m], sizes[k], x, &s.tmp);
                const double here = ouro_mean_surprise(f, T[k % 2], s.theta[m], &s.tmp);
                if (!(fabs(rows) < 1e6)) continue; /* a model beside the points: differences of large squares */
                compared++;
                CHECK_CLOSE(here, rows, 1e-8, 1e-8);
            }
        }
        for (size_t m = 0; m < s.models; m++) { /* T[0]: 7 rows, T[1]: many; weights 3 and 0.5 */
            const double a = ouro_mean_surprise(f, T[0], s.theta[m], &s.tmp),
                         b = ouro_mean_surprise(f, T[1], s.theta[m], &s.tmp);
            if (!(fabs(a) < 1e6 && fabs(b) < 1e6)) continue;
            f->type->stat_empty(f, T[2]);
            f->type->stat_merge(f, 3, T[0], T[2]);
            f->type->stat_merge(f, 0.5, T[1], T[2]);
            CHECK_CLOSE(ouro_mean_surprise(f, T[2], s.theta[m], &s.tmp), (21 * a + 200 * b) / 221, 1e-8, 1e-8);
        }
    }
    CHECK(families >= 10);
    CHECK(compared > 300);
}

/* A replicate, and a copy of its family that claims to know nothing of likelihoods: it is handed the rows. */
typedef struct scene {
    ouro_study study;
    ouro_replicate r;
    ouro_family rows;
    ouro_family_type type;
} scene;

static int scene_begin(scene *c, const char *config) {
    char *here = realpath("configs/data", NULL), json[1024];
    ouro_error e = {0};
    *c = (scene){0};
    snprintf(json, sizeof json, config, here != NULL ? here : "");
    free(here);
    if (setup_loadf(&c->study, "{'name':'s',%s,'observe':{'measures':['scores']}}", json)) return 0;
    if (ouro_replicate_init(&c->r, &c->study.experiment[0], &e)) return 0;
    c->rows = c->study.experiment[0].model;
    c->type = *c->rows.type;
    c->type.likelihood_in_statistic = 0;
    c->rows.type = &c->type;
    ouro_replicate_begin(&c->r, 3);
    return 1;
}

static void scene_end(scene *c) {
    ouro_replicate_free(&c->r);
    ouro_study_free(&c->study);
}

/* Weighted mean of -log p over what the corpus hands out as rows; *n: their number, NaN without any. */
static double by_rows(scene *c, ouro_judging which, double *n) {
    ouro_corpus *corpus = &c->r.corpus;
    const ouro_family *model = corpus->model;
    const size_t d = model->domain.dim;
    ouro_judged by;
    double sum = 0, weight = 0;
    corpus->model = &c->rows;
    CHECK(ouro_corpus_judge(corpus, &c->r.mix, which, &by) == OURO_OK);
    corpus->model = model;
    CHECK(by.T == NULL);
    *n = 0;
    for (size_t k = 0; k < by.len; k++)
        for (size_t i = 0; i < by.set[k].n; i++) {
            double x[8];
            for (size_t j = 0; j < d; j++) x[j] = by.set[k].x[i * d + j] + by.set[k].shift[j];
            sum += by.set[k].weight * surprise(model, by.theta, 1, x, &corpus->tmp);
            weight += by.set[k].weight;
            *n += 1;
        }
    return sum / weight;
}

static double by_statistic(scene *c, ouro_judging which) {
    ouro_corpus *corpus = &c->r.corpus;
    ouro_judged by;
    CHECK(ouro_corpus_judge(corpus, &c->r.mix, which, &by) == OURO_OK);
    CHECK_EQ(by.len > 0 && by.T == NULL, 0);
    return by.T ? ouro_mean_surprise(corpus->model, by.T, by.theta, &corpus->tmp) : NAN;
}

/* The statistic and the rows say the same of the fit, its anchors and the observations, under weights, budgets, windows and a
 * prior, whose pseudo-points are nobody's data. Counts of rows by hand. */
TEST(contract_judged_by_statistic_or_rows) {
    static const struct {
        const char *config;
        double fitted[3], anchors[3], held_out[3]; /* numbers of rows in generations 1, 2, 5 */
    } cases[] = {
        {"'truth':{'family':'gaussian','mean':40},'model':{'family':'gaussian'},'policy':{'preset':'weighted',"
         "'initial':9,'synthetic':{'points':6},'anchor':{'points':1}},'run':{'path':'samples'}",
         {9, 7, 7},
         {0, 1, 1},
         {0, 0, 0}},
        {"'truth':{'family':'mvgaussian','sd':[1,2]},'model':{'family':'mvgaussian'},'policy':{'preset':"
         "'accumulate-subsample','initial':20,'synthetic':{'points':15},'anchor':{'points':4,'every':3}}",
         {15, 15, 15},
         {0, -1, -1}, /* as the budget has it */
         {0, 0, 0}},
        {"'truth':{'family':'mvgaussian','sd':[1,2,3]},'model':{'family':'ppca'},'policy':{'preset':'fresh',"
         "'initial':20,'synthetic':{'points':15},'anchor':{'points':2}},'run':{'path':'samples'}",
         {20, 17, 17},
         {0, 2, 2},
         {0, 0, 0}},
        {"'truth':{'family':'bernoulli','p':0.4},'model':{'family':'bernoulli','estimator':{'type':'map','strength':3,"
         "'centre':'truth'}},'policy':{'initial':20,'synthetic':{'points':15}},'run':{'path':'samples'}",
         {20, 15, 15},
         {0, 0, 0},
         {0, 0, 0}},
        {"'truth':{'data':'%s/faithful.csv','columns':['waiting'],'reserve':0.2},'model':{'family':'gaussian'},"
         "'policy':{'preset':'augment','initial':9,'synthetic':{'points':5},'anchor':{'points':2,'last':5}},"
         "'run':{'path':'samples'}",
         {9, 16, 22},
         {0, 2, 8},
         {263, 261, 255}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        scene c;
        ouro_error e = {0};
        double n;
        REQUIRE(scene_begin(&c, cases[k].config));
        for (int t = 1, i = 0; t <= 5; t++) {
            REQUIRE(ouro_replicate_step(&c.r, &e) == OURO_OK);
            if (t == 3 || t == 4) continue;
            const double fitted = by_rows(&c, OURO_BY_FITTED, &n);
            CHECK_EQ(n, cases[k].fitted[i]);
            CHECK_CLOSE(by_statistic(&c, OURO_BY_FITTED), fitted, 1e-10, 1e-10);
            const double anchors = by_rows(&c, OURO_BY_ANCHORS, &n);
            if (cases[k].anchors[i] >= 0) CHECK_EQ(n, cases[k].anchors[i]);
            if (n > 0)
                CHECK_CLOSE(by_statistic(&c, OURO_BY_ANCHORS), anchors, 1e-10, 1e-10);
            else
                CHECK(isnan(by_statistic(&c, OURO_BY_ANCHORS)));
            const double unseen = by_rows(&c, OURO_BY_HELD_OUT, &n);
            CHECK_EQ(n, cases[k].held_out[i]);
            if (n > 0) CHECK_CLOSE(by_statistic(&c, OURO_BY_HELD_OUT), unseen, 1e-10, 1e-10);
            const double all = by_rows(&c, OURO_BY_OBSERVED, &n);
            if (n > 0) CHECK_CLOSE(by_statistic(&c, OURO_BY_OBSERVED), all, 1e-10, 1e-10);
            i++;
        }
        scene_end(&c);
    }
}

/* Total weight; mean statistic into out[]. */
static double observed(const ouro_family *f, const double *T, double *out) {
    return f->type->natural->observed(f, T, out);
}

/* What has been drawn and what has not make up all observations, of numbers and of counts; once the reserve was put back
 * nothing is unseen. */
TEST(contract_held_out_observations) {
    static const char *const cases[] = {
        "'truth':{'data':'%s/faithful.csv','columns':['waiting'],'reserve':0.2},'model':{'family':'gaussian'},"
        "'policy':{'memory':{'real':'all'},'initial':200,'synthetic':{'points':0},'anchor':{'points':20,'exhausted':"
        "'reuse'}}",
        "'truth':{'data':'%s/word-counts.csv','counts':'count','reserve':0.1},'model':{'family':'categorical'},"
        "'policy':{'memory':{'real':'all'},'initial':700,'synthetic':{'points':0},'anchor':{'points':250,'exhausted':"
        "'reuse'}}",
    };
    for (size_t k = 0; k < 2; k++) {
        scene c;
        ouro_error e = {0};
        REQUIRE(scene_begin(&c, cases[k]));
        const ouro_family *f = c.r.corpus.model;
        double *T = ouro_arena_alloc(&c.r.corpus.tmp, f->stat_len, sizeof *T),
               *mean = ouro_arena_alloc(&c.r.corpus.tmp, f->stat_len, sizeof *T),
               *own = ouro_arena_alloc(&c.r.corpus.tmp, f->stat_len, sizeof *T);
        REQUIRE(T && mean && own);
        for (int t = 1; t <= 4; t++) {
            ouro_judged by;
            REQUIRE(ouro_replicate_step(&c.r, &e) == OURO_OK);
            CHECK(ouro_corpus_judge(&c.r.corpus, &c.r.mix, OURO_BY_HELD_OUT, &by) == OURO_OK);
            REQUIRE((by.T != NULL) == (t < 4));
            if (t == 4) break;
            f->type->stat_empty(f, T);
            f->type->stat_merge(f, 1, by.T, T);
            CHECK_EQ(observed(f, T, mean), (double)c.r.corpus.truth->rows - (double)c.r.mix.points);
            CHECK(ouro_corpus_judge(&c.r.corpus, &c.r.mix, OURO_BY_FITTED, &by) == OURO_OK);
            f->type->stat_merge(f, 1, by.T, T);
            CHECK(ouro_corpus_judge(&c.r.corpus, &c.r.mix, OURO_BY_OBSERVED, &by) == OURO_OK);
            CHECK_EQ(observed(f, T, mean), observed(f, by.T, own));
            for (size_t i = 0; i < f->type->natural->len(f); i++) CHECK_CLOSE(mean[i], own[i], 1e-10, 1e-10);
        }
        scene_end(&c);
    }
}

/* A column of the replicate's present generation. */
static double score_of(scene *c, const char *column) {
    const ouro_experiment *x = &c->study.experiment[0];
    double row[16];
    ouro_replicate_measure(&c->r, row);
    for (size_t i = 0; i < x->columns_len; i++)
        if (strcmp(x->columns[i].name, column) == 0) return row[i];
    return NAN;
}

/* A family whose statistic does not fix the likelihood: the measure goes through the rows, with the weights of the fit. */
TEST(contract_row_scores_are_weighted) {
    scene c;
    ouro_error e = {0};
    double n;
    REQUIRE(scene_begin(&c, "'truth':{'family':'poisson','mean':3},'model':{'family':'poisson'},'policy':{'preset':"
                            "'weighted','initial':9,'synthetic':{'points':6},'anchor':{'points':2},'weights':{"
                            "'real_share':0.8}},'run':{'path':'samples'}"));
    for (int t = 1; t <= 3; t++) {
        REQUIRE(ouro_replicate_step(&c.r, &e) == OURO_OK);
        const double real = score_of(&c, "nll_real");
        CHECK_CLOSE(score_of(&c, "nll_self"), by_rows(&c, OURO_BY_FITTED, &n), 1e-12, 0);
        if (t > 1) CHECK_CLOSE(real - score_of(&c, "optimism_anchor"), by_rows(&c, OURO_BY_ANCHORS, &n), 1e-12, 0);
    }
    scene_end(&c);
}

static int lacks(const char *text) { return text == NULL || *text == '\0'; }

/* Every group says how it is computed, every column what it is; and a column that depends on random nodes of its own names
 * them to the manifest. */
TEST(contract_measures_say_what_they_are) {
    for (size_t m = 0; m < ouro_measures_len; m++) {
        const ouro_measure_type *type = ouro_measures[m];
        CHECK_STR(lacks(type->doc) || lacks(type->methods) ? type->name : "", "");
        CHECK(type->reference != NULL && type->len <= 16);
        for (size_t i = 0; i < type->len; i++) {
            const ouro_column_type *c = &type->columns[i];
            CHECK_STR(lacks(c->name) || lacks(c->formula) || lacks(c->doc) || c->unit == NULL ? type->name : "", "");
        }
    }
}

static int judge(void *replicate, ouro_judging which, ouro_judged *out) {
    ouro_replicate *r = replicate;
    return ouro_corpus_judge(&r->corpus, &r->mix, which, out);
}

/* The replicate's present state, observed with random nodes of this seed. */
static void observe(ouro_replicate *r, uint64_t seed, double *row) {
    const ouro_experiment *x = r->experiment;
    ouro_provenance provenance = ouro_mix_provenance(&r->corpus.ledger, &r->mix);
    const ouro_address address = {.seed = seed, .generation = r->corpus.ledger.generation, .purpose = OURO_FOR_MEASURE};
    const ouro_observation o = {.theta = r->theta,
                                .moments = &r->moments,
                                .fit = &r->fit,
                                .provenance = &provenance,
                                .filtered = r->corpus.filtered,
                                .address = &address,
                                .tmp = &r->corpus.tmp,
                                .points = judge,
                                .owner = r};
    x->model.type->moments(&x->model, r->theta, &r->moments);
    for (size_t g = 0; g < x->groups_len; g++) {
        double out[16];
        const ouro_group *group = &x->groups[g];
        group->measure->measure(&x->setting, &o, group->tail, group->wanted, out);
        for (size_t i = 0; i < group->measure->len; i++)
            if (group->wanted >> i & 1) row[group->slot[i]] = out[i];
    }
}

/* Two observations of one state that differ in their random nodes. */
TEST(contract_random_columns_have_a_method) {
    size_t random = 0;
    for (size_t k = 0; k < CONFIGS; k++) {
        ouro_study s;
        ouro_replicate r;
        ouro_error e = {0};
        REQUIRE(configs_load(&s, k, ""));
        ouro_experiment *x = &s.experiment[0];
        double *row[2] = {calloc(x->columns_len, sizeof(double)), calloc(x->columns_len, sizeof(double))};
        REQUIRE(row[0] && row[1] && ouro_replicate_init(&r, x, &e) == OURO_OK);
        ouro_replicate_begin(&r, 0);
        for (int t = 1; t <= 2; t++) {
            REQUIRE(ouro_replicate_step(&r, &e) == OURO_OK);
            observe(&r, 1, row[0]);
            observe(&r, 2, row[1]);
            for (size_t i = 0; i < x->columns_len; i++) {
                const ouro_measure_type *type = x->columns[i].measure;
                if (!(row[0][i] < row[1][i] || row[0][i] > row[1][i])) continue;
                random++;
                const int says = type->method != NULL && type->method(&x->setting, x->columns[i].index) != NULL;
                CHECK_STR(says ? "" : x->columns[i].name, "");
            }
        }
        ouro_replicate_free(&r);
        ouro_study_free(&s);
        free(row[0]);
        free(row[1]);
    }
    CHECK(random > 5);
}
