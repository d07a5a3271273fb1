/* compare_runs.c: points, seeds and streams of run directories, from manifest.json, points.csv and summary.csv. */
#include "compare_runs.h"
#include "run_read.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static const cJSON *get(const cJSON *from, const char *key) { return cJSON_GetObjectItemCaseSensitive(from, key); }

/* The seed that all points have in common; NULL when it is swept, and points.csv tells. */
static int common_seed(ouro_arena *keep, const cJSON *manifest, const char **out) {
    const cJSON *seed = get(get(get(manifest, "parameters"), "run"), "seed");
    *out = NULL;
    if (cJSON_IsString(seed))
        *out = ouro_arena_strdup(keep, seed->valuestring);
    else if (cJSON_IsNumber(seed))
        *out = ouro_arena_printf(keep, "%.0f", seed->valuedouble);
    else
        return OURO_OK;
    return *out ? OURO_OK : OURO_ENOMEM;
}

/* Points as the manifest numbers them, appended to r->point. */
static int add_points(ouro_runs *r, size_t run, const cJSON *manifest, ouro_error *e) {
    const cJSON *list = get(manifest, "points"), *entry = NULL;
    const size_t more = (size_t)cJSON_GetArraySize(list);
    const char *seed;
    if (common_seed(&r->keep, manifest, &seed)) return OURO_ENOMEM;
    ouro_run_point *bigger = more ? ouro_realloc(r->point, r->points + more, sizeof *r->point) : NULL;
    if (!more) return ouro_fail(e, OURO_ECHECK, r->dir[run], "manifest.json lists no points");
    if (!bigger) return OURO_ENOMEM;
    r->point = bigger;
    uint64_t number = 0;
    cJSON_ArrayForEach(entry, list) {
        const cJSON *stream = get(entry, "stream_point");
        ouro_run_point *p = &r->point[r->points];
        *p = (ouro_run_point){.run = run, .number = number, .seed = seed, .setting = ""};
        p->label = r->len == 1 ? ouro_arena_printf(&r->keep, "%llu", (unsigned long long)number)
                               : ouro_arena_printf(&r->keep, "%s:%llu", r->dir[run], (unsigned long long)number);
        if (!p->label) return OURO_ENOMEM;
        if (!cJSON_IsNumber(stream) || stream->valuedouble < 0)
            return ouro_fail(e, OURO_ECHECK, r->dir[run], "manifest.json names no stream_point of point %llu",
                             (unsigned long long)number);
        p->stream = (uint64_t)stream->valuedouble;
        r->points++;
        number++;
    }
    return OURO_OK;
}

/* The columns of points.csv that are swept: those between the point and the truth's value of each of `measures`. */
static int read_settings(ouro_runs *r, size_t first, size_t measures, ouro_error *e) {
    ouro_table_reader t;
    int ret;
    OURO_TRY(ouro_table_open(&t, r->dir[r->point[first].run], "points.csv", e));
    for (size_t p = first; p < r->points; p++) {
        OURO_TRY(ouro_table_next(&t, e));
        if (!t.cell[0]) {
            ret = ouro_table_fail(&t, OURO_ECHECK, e, "the file ends before point %s", r->point[p].label);
            goto out;
        }
        for (size_t i = 1; i + measures < t.columns; i++) {
            const char *before = r->point[p].setting;
            r->point[p].setting =
                ouro_arena_printf(&r->keep, "%s%s%s=%s", before, *before ? ";" : "", t.name[i], t.cell[i]);
            if (!strcmp(t.name[i], "run.seed")) r->point[p].seed = ouro_arena_strdup(&r->keep, t.cell[i]);
            if (!r->point[p].setting || (!strcmp(t.name[i], "run.seed") && !r->point[p].seed)) {
                ret = OURO_ENOMEM;
                goto out;
            }
        }
    }
out:
    ouro_table_close(&t);
    return ret;
}

/* Generations of each point, from the first columns of summary.csv. */
static int read_generations(ouro_runs *r, size_t first, ouro_error *e) {
    ouro_table_reader t;
    int ret;
    OURO_TRY(ouro_table_open(&t, r->dir[r->point[first].run], "summary.csv", e));
    for (;;) {
        uint64_t point, generation;
        OURO_TRY(ouro_table_next(&t, e));
        if (!t.cell[0]) break;
        OURO_TRY(ouro_table_count(&t, 0, &point, e));
        OURO_TRY(ouro_table_count(&t, 1, &generation, e));
        if (point >= r->points - first) {
            ret = ouro_table_fail(&t, OURO_ECHECK, e, "there is no such point");
            goto out;
        }
        ouro_run_point *p = &r->point[first + point];
        if (p->observed_len && p->observed[p->observed_len - 1] >= generation) continue;
        uint64_t *bigger = ouro_realloc(p->observed, p->observed_len + 1, sizeof *bigger);
        if (!bigger) {
            ret = OURO_ENOMEM;
            goto out;
        }
        p->observed = bigger;
        p->observed[p->observed_len++] = generation;
    }
out:
    ouro_table_close(&t);
    return ret;
}

static int load(ouro_runs *r, size_t run, ouro_error *e) {
    char path[1200];
    cJSON *manifest = NULL;
    ouro_table_reader t = {0};
    const size_t first = r->points;
    int ret;
    OURO_TRY(ouro_run_manifest(r->dir[run], &manifest, e));
    snprintf(path, sizeof path, "%s/trajectories.csv", r->dir[run]);
    if (access(path, F_OK) && errno == ENOENT) {
        ret = ouro_fail(e, OURO_ECONFIG, r->dir[run],
                        "holds no trajectories.csv, without which replicates cannot be compared: run it with "
                        "observe.rows = all");
        goto out;
    }
    OURO_TRY(add_points(r, run, manifest, e));
    OURO_TRY(ouro_table_open(&t, r->dir[run], "trajectories.csv", e));
    OURO_TRY(read_settings(r, first, t.columns > 4 ? t.columns - 4 : 0, e));
    ret = read_generations(r, first, e);
out:
    ouro_table_close(&t);
    cJSON_Delete(manifest);
    return ret;
}

int ouro_runs_load(ouro_runs *r, size_t len, const char *const *dirs, ouro_error *e) {
    int ret = OURO_OK;
    *r = (ouro_runs){.len = len, .dir = dirs};
    for (size_t i = 0; i < len && !ret; i++) ret = load(r, i, e);
    if (ret == OURO_ENOMEM) ouro_fail(e, ret, "compare", "out of memory");
    return ret;
}

void ouro_runs_free(ouro_runs *r) {
    for (size_t p = 0; p < r->points; p++) ouro_free(r->point[p].observed);
    ouro_free(r->point);
    ouro_arena_free(&r->keep);
    *r = (ouro_runs){0};
}

int ouro_runs_share(const ouro_run_point *a, const ouro_run_point *b) {
    return a->seed && b->seed && !strcmp(a->seed, b->seed) && a->stream == b->stream;
}
