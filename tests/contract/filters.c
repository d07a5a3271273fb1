/* filters.c: what filters promise the rest of the program: sizes, errors, what laws may say, and where they are refused. */
#include "harness.h"
#include "ouro/law.h"
#include "ouro/registry.h"
#include "ouro/replicate.h"
#include "setup.h"
#include <math.h>

/* Steps replicate 0 to generation `to`, or until a step fails. */
static int step_to(ouro_study *s, ouro_replicate *r, const char *truth, const char *policy, uint32_t to,
                   ouro_error *e) {
    *r = (ouro_replicate){0};
    if (setup_loadf(s, "{'name':'f','truth':{%s},'model':{'family':'gaussian'},'policy':{%s}}", truth, policy))
        return OURO_ECONFIG;
    int ret = ouro_replicate_init(r, &s->experiment[0], e);
    if (!ret) ouro_replicate_begin(r, 0);
    for (uint32_t t = 1; t <= to && !ret; t++) ret = ouro_replicate_step(r, e);
    return ret;
}

static void end(ouro_study *s, ouro_replicate *r) {
    ouro_replicate_free(r);
    ouro_study_free(s);
}

/* The ledger knows what entered, not what was drawn; the fit and the provenance go by the ledger. */
TEST(contract_filters_sizes) {
    ouro_study s;
    ouro_replicate r;
    ouro_error e = {0};
    CHECK(step_to(&s, &r, "'family':'gaussian'",
                  "'synthetic':{'points':50},'filters':[{'type':'truncate','top_p':0.5,'fill':false},"
                  "{'type':'verifier','by':'radius','radius':0.2}]",
                  2, &e) == OURO_OK);
    const ouro_filter_count *n = r.corpus.filtered;
    CHECK_EQ(r.corpus.ledger.batch[0].n, 50); /* the second asks the first again until it has its 50 */
    CHECK_EQ(n[1].kept, 50);
    CHECK_EQ(n[0].kept, n[1].seen);
    CHECK(n[0].seen > n[0].kept && n[1].seen > n[1].kept);
    end(&s, &r);
    CHECK(step_to(&s, &r, "'family':'gaussian'",
                  "'synthetic':{'points':50},'filters':[{'type':'verifier','by':'radius','radius':0.2},"
                  "{'type':'truncate','top_p':0.1,'fill':false}]",
                  2, &e) == OURO_OK);
    n = r.corpus.filtered;
    CHECK_EQ(n[0].kept, 50); /* the other way round the batch is what passes of 50 */
    CHECK_EQ(n[1].seen, 50);
    CHECK(n[1].kept > 0 && n[1].kept < 50);
    CHECK_EQ(r.corpus.ledger.batch[0].n, n[1].kept);
    CHECK_EQ(r.mix.points, n[1].kept);
    CHECK(s.experiment[0].path == OURO_PATH_SAMPLES);
    end(&s, &r);
    CHECK(step_to(&s, &r, "'family':'gaussian'",
                  "'synthetic':{'points':7},'filters':[{'type':'select','share':0.3},{'type':'curate','of':3,'reward':"
                  "'quadratic'}]",
                  2, &e) == OURO_OK);
    n = r.corpus.filtered;
    CHECK_EQ(n[1].seen, 21);
    CHECK_EQ(n[0].seen, 70);
    CHECK_EQ(r.corpus.ledger.batch[0].n, 7);
    end(&s, &r);
}

/* Which rows pass: within the radius, all of them; and real rows are never filtered. */
TEST(contract_filters_rows) {
    ouro_study s;
    ouro_replicate r;
    ouro_error e = {0};
    CHECK(step_to(
              &s, &r, "'family':'gaussian','mean':100",
              "'synthetic':{'points':400},'anchor':{'points':400},'filters':[{'type':'verifier','by':'radius','centre':"
              "[100.5],'radius':0.25}]",
              4, &e) == OURO_OK);
    for (size_t i = 0; i < r.corpus.ledger.len; i++) {
        size_t outside = 0;
        for (uint64_t k = 0; k < 400; k++)
            outside += fabs(r.corpus.batch[i].rows[k] + (r.corpus.origin[0] + r.corpus.batch[i].shift[0]) - 100.5) >
                       0.25 + 1e-9;
        if (r.corpus.ledger.batch[i].role == OURO_SYNTHETIC)
            CHECK_EQ(outside, 0);
        else
            CHECK(outside > 200);
    }
    end(&s, &r);
}

/* A filter that lets too few pass is an error that names it and says what to do, not a loop without end. */
TEST(contract_filters_exhausted) {
    ouro_study s;
    ouro_replicate r;
    ouro_error e = {0};
    CHECK(
        step_to(
            &s, &r, "'family':'gaussian'",
            "'synthetic':{'points':20},'filters':[{'type':'truncate'},{'type':'verifier','by':'radius','centre':[50]}]",
            2, &e) == OURO_EUNDEFINED);
    CHECK_STR(e.where, "policy.filters.1");
    CHECK(strstr(e.what, "only 0 of 20 rows passed verifier out of 20000") != NULL);
    CHECK(strstr(e.what, "set its fill to false") != NULL);
    end(&s, &r);
    e = (ouro_error){0};
    CHECK(step_to(&s, &r, "'family':'gaussian'",
                  "'synthetic':{'points':20},'filters':[{'type':'verifier','by':'radius','centre':[50],'fill':false}]",
                  2, &e) == OURO_EUNDEFINED);
    CHECK_STR(e.where, "policy.filters");
    CHECK(strstr(e.what, "no row passed the filters") != NULL);
    end(&s, &r);
    e = (ouro_error){0}; /* with something else to fit, a generation may go without synthetic rows */
    CHECK(
        step_to(&s, &r, "'family':'gaussian'",
                "'preset':'accumulate','synthetic':{'points':20},'filters':[{'type':'verifier','by':'radius','centre':"
                "[50],'fill':false}]",
                3, &e) == OURO_OK);
    CHECK_EQ(r.mix.points, 20);
    end(&s, &r);
}

/* No law knows of filters: each is silent where there are any, and some speak where there are none. */
TEST(contract_filters_silence_laws) {
    size_t speak[2] = {0, 0};
    for (int with = 0; with < 2; with++) {
        ouro_study s;
        ouro_arena tmp = {0};
        CHECK(setup_loadf(&s,
                          "{'name':'f','truth':{'family':'gaussian'},'model':{'family':'gaussian'},'policy':{'filters':"
                          "[%s]},'run':{'generations':3}}",
                          with ? "{'type':'truncate','top_p':1}" : "") == OURO_OK);
        double mean[3];
        for (size_t l = 0; l < ouro_laws_len; l++)
            for (const ouro_claim *c = ouro_laws[l]->claims; c->column; c++)
                speak[with] += ouro_law_predict(ouro_laws[l], &s.experiment[0].setting, c, 0, &tmp, mean) == OURO_OK;
        ouro_arena_free(&tmp);
        ouro_study_free(&s);
    }
    CHECK(speak[0] > 0);
    CHECK_EQ(speak[1], 0);
}

/* Every filter says what it is, and its defaults are within their own bounds (a default outside is OURO_EBUG). */
TEST(contract_filters_registry) {
    for (size_t i = 0; i < ouro_filters_len; i++) {
        const ouro_filter_type *t = ouro_filters[i];
        CHECK(ouro_filter_find(t->name) == t);
        CHECK(t->doc && *t->doc && t->reference && *t->reference && t->missing && t->apply && t->params_size > 0);
        for (size_t r = 0; r < t->fields.len; r++) CHECK(strcmp(t->fields.rows[r].path, "type") != 0);
    }
    CHECK(ouro_filter_find("nothing") == NULL);
}
