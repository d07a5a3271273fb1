/* law.c: runs configs for the law tests. */
#include "law.h"
#include "harness.h"
#include "ouro/mem.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int load(const char *json, ouro_study *s) {
    char path[] = "build/law-XXXXXX", *text = ouro_strdup(json);
    ouro_diagnostics d = {0};
    int fd = mkstemp(path), ret = OURO_EIO;
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file && text) {
        for (char *c = text; *c; c++)
            if (*c == '\'') *c = '"';
        fputs(text, file);
    }
    if (file && !fclose(file)) ret = ouro_study_load(s, path, 0, NULL, &d);
    if (d.text) fputs(d.text, stderr);
    ouro_diagnostics_free(&d);
    ouro_free(text);
    if (fd >= 0) unlink(path);
    return ret;
}

static int weigh(void *ctx, const ouro_comparison *c) {
    law_run *r = ctx;
    if (isnan(c->z)) return OURO_OK;
    r->comparisons++;
    if (ouro_comparison_excess(c) >= 4)
        fprintf(stderr, "  z = %.2f: %s of %s at %u says %.9g, there is %.9g\n", c->z,
                ouro_statistic_names[c->claim->statistic], c->claim->column, c->generation, c->theory, c->observed);
    r->furthest = fmax(r->furthest, ouro_comparison_excess(c));
    return OURO_OK;
}

static int keep(void *ctx, size_t point, const ouro_results *results, ouro_error *e) {
    law_run *r = ctx;
    (void)point;
    size_t cells = results->generations * results->columns;
    ouro_free(r->results.value);
    ouro_free(r->results.passage);
    ouro_free(r->summary);
    r->results = *results;
    r->results.absorbed = NULL;
    r->results.value = ouro_alloc(results->replicates * cells, sizeof(double));
    r->summary = ouro_alloc(cells, sizeof *r->summary);
    r->results.passage = ouro_alloc(results->replicates * results->events + 1, sizeof *results->passage);
    if (!r->results.value || !r->summary || !r->results.passage)
        return ouro_fail(e, OURO_ENOMEM, "test", "out of memory");
    memcpy(r->results.value, results->value, results->replicates * cells * sizeof(double));
    memcpy(r->results.passage, results->passage, results->replicates * results->events * sizeof *results->passage);
    r->comparisons = 0;
    r->furthest = 0;
    double *scratch = ouro_alloc(results->replicates, sizeof *scratch);
    if (!scratch) return ouro_fail(e, OURO_ENOMEM, "test", "out of memory");
    ouro_scaling_add(&r->scaling, results, scratch);
    ouro_free(scratch);
    return ouro_summarise(results, r->summary, weigh, r, e);
}

law_run law_run_json(const char *json) {
    law_run r = {0};
    ouro_error e = {0};
    int ret = load(json, &r.study);
    if (!ret) {
        ouro_run_options o = {.point = keep, .ctx = &r};
        r.scaling.point = ouro_alloc(r.study.points, sizeof *r.scaling.point);
        ret = !r.scaling.point ? OURO_ENOMEM : ouro_run(r.study.points, r.study.experiment, &o, &e);
        if (ret) fprintf(stderr, "%s: %s\n", e.where, e.what);
    }
    CHECK(ret == OURO_OK);
    r.ok = ret == OURO_OK;
    return r;
}

void law_run_free(law_run *r) {
    ouro_free(r->results.value);
    ouro_free(r->results.passage);
    ouro_free(r->summary);
    ouro_free(r->scaling.point);
    ouro_study_free(&r->study);
    *r = (law_run){0};
}

size_t law_column(const law_run *r, const char *column) {
    for (size_t m = 0; r->ok && m < r->results.columns; m++)
        if (!strcmp(r->results.experiment->columns[m].name, column)) return m;
    return SIZE_MAX;
}

size_t law_generation(const law_run *r, uint32_t generation) {
    for (size_t g = 0; r->ok && g < r->results.generations; g++)
        if (r->results.experiment->observed[g] == generation) return g;
    return SIZE_MAX;
}

ouro_summary law_at(const law_run *r, const char *column, uint32_t generation) {
    size_t m = law_column(r, column), g = law_generation(r, generation);
    CHECK(m != SIZE_MAX && g != SIZE_MAX);
    if (m == SIZE_MAX || g == SIZE_MAX) return (ouro_summary){.mean = NAN, .se = NAN, .theory = NAN, .z = NAN};
    return r->summary[g * r->results.columns + m];
}

double law_z(const law_run *r, const char *column, uint32_t generation, double expected) {
    ouro_summary s = law_at(r, column, generation);
    return (s.mean - expected) / s.se;
}

double law_z_variance(const law_run *r, const char *column, uint32_t generation, double expected) {
    ouro_summary s = law_at(r, column, generation);
    size_t m = law_column(r, column), g = law_generation(r, generation), n = r->results.replicates;
    double second = 0, fourth = 0;
    if (m == SIZE_MAX || g == SIZE_MAX) return NAN;
    for (size_t i = 0; i < n; i++) {
        double d = ouro_results_row(&r->results, i, g)[m] - s.mean;
        second += d * d;
        fourth += d * d * d * d;
    }
    second /= (double)n - 1;
    return (second - expected) / sqrt((fourth / (double)n - second * second) / (double)n);
}

double law_z_below(const law_run *r, const char *column, uint32_t generation, double threshold, double expected) {
    size_t m = law_column(r, column), g = law_generation(r, generation), n = r->results.replicates, below = 0;
    if (m == SIZE_MAX || g == SIZE_MAX) return NAN;
    for (size_t i = 0; i < n; i++) below += ouro_results_row(&r->results, i, g)[m] < threshold;
    return ((double)below / (double)n - expected) / sqrt(expected * (1 - expected) / (double)n);
}

double law_claims(const char *json, const char *law, const char *column, uint32_t generation,
                  ouro_statistic statistic) {
    ouro_study s;
    ouro_arena tmp = {0};
    double answer = NAN;
    int ret = load(json, &s);
    CHECK(ret == OURO_OK);
    if (ret) return NAN;
    const ouro_setting *setting = &s.experiment[0].setting;
    double *said = ouro_arena_alloc(&tmp, setting->generations, sizeof *said);
    for (size_t l = 0; said && l < ouro_laws_len; l++)
        for (const ouro_claim *c = ouro_laws[l]->claims; c->column && isnan(answer); c++)
            if ((!law || !strcmp(law, ouro_laws[l]->name)) && !strcmp(c->column, column) && c->statistic == statistic &&
                !ouro_law_predict(ouro_laws[l], setting, c, 0, &tmp, said))
                answer = said[generation - 1];
    ouro_arena_free(&tmp);
    ouro_study_free(&s);
    return answer;
}

double law_predicts_statistic(const char *json, const char *column, uint32_t generation, ouro_statistic statistic) {
    return law_claims(json, NULL, column, generation, statistic);
}

double law_predicts(const char *json, const char *column, uint32_t generation) {
    return law_predicts_statistic(json, column, generation, OURO_STATISTIC_MEAN);
}

int law_holds(double z, const char *what) {
    if (fabs(z) < 4) return 1;
    fprintf(stderr, "  z = %.2f in %s\n", z, what);
    return 0;
}
