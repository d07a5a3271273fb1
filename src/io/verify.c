/* verify.c: the checks of a run directory, in order. What is right is made anew in a temporary directory by the code that
 * made the run, so that nothing here knows what a table holds. */
#include "ouro/verify.h"
#include "ledger_read.h"
#include "output_files.h"
#include "ouro/mem.h"
#include "run_read.h"
#include "verify_files.h"
#include <dirent.h>
#include <errno.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct verifier {
    const char *dir;
    const ouro_verify_options *o;
    cJSON *manifest;
    ouro_study study; /* of the manifest's parameters; points == 0 until they have been read */
    char temporary[OURO_VERIFY_PATH];
    ouro_output *output;  /* being filled */
    uint64_t *replicates; /* [points], that the run has */
} verifier;

/* A check: OURO_OK and what was found in words[size], or OURO_ECHECK, or what keeps it from being made. */
typedef int check_of(verifier *v, size_t size, char *words, ouro_error *e);

static const cJSON *get(const cJSON *from, const char *key) { return cJSON_GetObjectItemCaseSensitive(from, key); }
static const char *text(const cJSON *from, const char *key) {
    const char *s = cJSON_GetStringValue(get(from, key));
    return s ? s : "";
}

/* --- checksums ------------------------------------------------------------------------------------------------ */

static int check_sum(const char *dir, const cJSON *entry, ouro_error *e) {
    char path[1200], hex[OURO_SHA256_HEX];
    const char *name = text(entry, "path");
    snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : dir, *name == '/' ? "" : "/", name);
    if (access(path, F_OK) && errno == ENOENT)
        return ouro_fail(e, OURO_ECHECK, path, "is listed in the manifest and missing");
    int ret = ouro_sha256_file(path, hex, e);
    if (!ret && strcmp(hex, text(entry, "sha256")))
        ret = ouro_fail(e, OURO_ECHECK, path, "is not the file that the manifest lists: its sha256 is %s, not %.64s",
                        hex, text(entry, "sha256"));
    return ret;
}

/* Pictures are drawn into a run directory afterwards, and claim nothing that its tables do not. */
static int is_picture(const char *name) {
    static const char *const kinds[] = {".png", ".svg", ".pdf"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(dot, kinds[i])) return 1;
    return 0;
}

static int check_unlisted(const verifier *v, ouro_error *e) {
    int ret = OURO_OK;
    DIR *d = opendir(v->dir);
    if (!d) return ouro_fail(e, OURO_EIO, v->dir, "cannot be read: %s", strerror(errno));
    for (struct dirent *entry; !ret && (entry = readdir(d));) {
        const char *name = entry->d_name;
        const cJSON *output = NULL;
        int known = !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "manifest.json") || is_picture(name);
        cJSON_ArrayForEach(output, get(v->manifest, "outputs")) known |= !strcmp(name, text(output, "path"));
        if (!known) ret = ouro_fail(e, OURO_ECHECK, v->dir, "holds %.200s, which the manifest does not list", name);
    }
    closedir(d);
    return ret;
}

static int check_sums(verifier *v, size_t size, char *words, ouro_error *e) {
    static const char *const lists[] = {"outputs", "inputs"};
    int ret = OURO_OK, len[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        const cJSON *entry = NULL;
        cJSON_ArrayForEach(entry, get(v->manifest, lists[i])) {
            OURO_TRY(check_sum(v->dir, entry, e));
            len[i]++;
        }
    }
    OURO_TRY(check_unlisted(v, e));
    snprintf(words, size, "%d files and %d of input, none unlisted", len[0], len[1]);
out:
    return ret;
}

/* --- parameters ----------------------------------------------------------------------------------------------- */

static int check_parameters(verifier *v, size_t size, char *words, ouro_error *e) {
    char path[1200];
    ouro_diagnostics d = {0};
    snprintf(path, sizeof path, "%s/manifest.json", v->dir);
    int ret = ouro_study_load(&v->study, path, 0, NULL, &d);
    const size_t len = strlen(path); /* "PATH: error:", with no line: not what it says is wrong, it could not be read */
    if (ret == OURO_ECONFIG && d.text &&
        ((!strncmp(d.text, path, len) && !strncmp(d.text + len, ": error", 7)) || strstr(d.text, strerror(ENOMEM))))
        ret = ouro_fail(e, OURO_EIO, "", "%.*s", (int)strcspn(d.text, "\n"), d.text);
    else if (ret == OURO_ECONFIG)
        ret = ouro_fail(e, OURO_ECHECK, "", "%.*s", d.text ? (int)strcspn(d.text, "\n") : 0, d.text ? d.text : "");
    else if (ret)
        ouro_fail(e, ret, path, "%s", ouro_error_sentence(ret));
    else
        snprintf(words, size, "%zu point%s", v->study.points, v->study.points == 1 ? "" : "s");
    ouro_diagnostics_free(&d);
    return ret;
}

/* --- ledger --------------------------------------------------------------------------------------------------- */

static int check_ledger(verifier *v, size_t size, char *words, ouro_error *e) {
    ouro_ledger_reader r = {0};
    char path[1200];
    int ret;
    unsigned long long lines = 0;
    snprintf(path, sizeof path, "%s/ledger.jsonl", v->dir);
    if (access(path, F_OK) && errno == ENOENT) return ouro_fail(e, OURO_ECHECK, path, "is missing");
    OURO_TRY(ouro_ledger_open(&r, path, e));
    for (;;) {
        cJSON *line;
        OURO_TRY(ouro_ledger_next(&r, &line, e));
        if (!line) break;
        cJSON_Delete(line);
        lines++;
    }
    snprintf(path, sizeof path, "%s/ledger.jsonl", v->temporary);
    OURO_TRY(ouro_ledger_write(&v->study, path, e));
    OURO_TRY(ouro_verify_file(v->dir, v->temporary, "ledger.jsonl", 0, "what the parameters say", e));
    snprintf(words, size, "%llu lines, chained and as the parameters give them", lines);
out:
    ouro_ledger_close(&r);
    return ret;
}

/* --- replay --------------------------------------------------------------------------------------------------- */

static int point_done(void *ctx, size_t point, const ouro_results *results, ouro_error *e) {
    return ouro_output_point(((verifier *)ctx)->output, point, results, e);
}

static void show(void *ctx, const ouro_progress *now) {
    const verifier *v = ctx;
    if (v->o->progress) v->o->progress(v->o->ctx, now);
}

/* How many replicates each point has: a sample takes the manifest's word, which the rows must then bear out; without one
 * the replay finds them itself. */
static int count_replicates(verifier *v, ouro_error *e) {
    const cJSON *points = get(v->manifest, "points");
    if (!(v->replicates = ouro_alloc(v->study.points, sizeof *v->replicates)))
        return ouro_fail(e, OURO_ENOMEM, "replay", "out of memory");
    for (size_t p = 0; p < v->study.points; p++) {
        const ouro_config *config = &v->study.config[p];
        const cJSON *said = get(get(cJSON_GetArrayItem(points, (int)p), "precision"), "replicates");
        const double n = cJSON_IsNumber(said) ? cJSON_GetNumberValue(said) : 0;
        v->replicates[p] = config->run.replicates;
        if (!config->run.stop.measure) continue;
        v->replicates[p] = n > 0 && n <= OURO_COUNT_MAX ? (uint64_t)n : 0;
        if (!ouro_precision_is_checkpoint(config, v->replicates[p]))
            return ouro_fail(e, OURO_ECHECK, v->dir,
                             "manifest.json: \"precision\" of point %zu has no number of replicates at which run.stop "
                             "decides",
                             p);
    }
    return OURO_OK;
}

static int run(verifier *v, uint64_t sample, ouro_error *e) {
    const ouro_run_options o = {.threads = v->o->threads,
                                .sample = sample,
                                .of = v->replicates,
                                .progress = v->output ? show : NULL,
                                .point = v->output ? point_done : NULL,
                                .ctx = v,
                                .stop = v->o->stop};
    int ret = ouro_run(v->study.points, v->study.experiment, &o, e);
    if (!ret && v->o->stop && *v->o->stop) ret = ouro_fail(e, OURO_EINTERRUPTED, "", "interrupted");
    return ret;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* How many replicates the time allows, by a trial of ever more of them until it lasts long enough to tell; `all` when they are
 * done by then. */
static int try_sample(verifier *v, uint64_t all, double *most, ouro_error *e) {
    static const double budget = 5, trial = 0.25; /* seconds */
    double took = 0;
    int ret = OURO_OK;
    for (uint64_t n = 1; took < trial; n *= 4) {
        *most = (double)all;
        if (n >= all) return OURO_OK;
        const double start = seconds();
        OURO_TRY(run(v, n, e));
        took = seconds() - start;
        *most = (double)n * budget / took;
        if (n == 1) *most *= v->o->threads > 0 ? v->o->threads : omp_get_max_threads(); /* of which it kept one busy */
    }
out:
    return ret;
}

/* How many replicates of each point to run; 0 is all. By itself: what some seconds hold, and no more cells than are written as
 * fast. */
static int choose_sample(verifier *v, uint64_t *sample, ouro_error *e) {
    static const double most_cells = 5e6; /* some 100 MB of text */
    const ouro_study *s = &v->study;
    uint64_t all = 0;
    double cells = 0, most;
    int kept = 1, ret = OURO_OK;
    for (size_t p = 0; p < s->points; p++) {
        const ouro_experiment *x = &s->experiment[p];
        if (v->replicates[p] > all) all = v->replicates[p];
        cells += (double)(x->observed_len * x->columns_len);
        kept &= x->config->observe.rows == OURO_ROWS_ALL;
    }
    *sample = kept ? v->o->replicates : 0;
    if (kept && !*sample) {
        OURO_TRY(try_sample(v, all, &most, e));
        if (most > most_cells / cells) most = most_cells / cells;
        *sample = most >= (double)all ? 0 : most > 1 ? (uint64_t)most : 1;
    }
    if (*sample >= all) *sample = 0;
out:
    return ret;
}

/* Tables that hold the replicates one by one, and tables that are computed from all of them. */
static const char *const single[] = {"trajectories.csv", "passages.csv"};
static const char *const computed[] = {"summary.csv", "theory.csv", "verdicts.csv", "events.csv", "survival.csv"};
enum { COMPUTED = sizeof computed / sizeof computed[0] };

static int is_computed(const char *name) {
    for (size_t i = 0; i < COMPUTED; i++)
        if (!strcmp(name, computed[i])) return 1;
    return 0;
}

/* Every table of the temporary output `right`. `whole`: it has all replicates; else what is computed from all of them is left
 * out. */
static int compare_tables(const verifier *v, const ouro_output *right, int whole, ouro_error *e) {
    int ret = OURO_OK;
    for (size_t i = 0; ouro_run_files[i] && !ret; i++) {
        const char *name = ouro_run_files[i];
        if (!strcmp(name, "manifest.json") || !strcmp(name, "ledger.jsonl")) continue;
        if (!whole && is_computed(name)) continue;
        const int rows = !strcmp(name, single[0]) || !strcmp(name, single[1]);
        ret = ouro_verify_file(v->dir, right->temporary, name, !whole && rows, "the replay", e);
    }
    return ret;
}

/* What the manifest says of columns and points must be what its parameters give. */
static int compare_manifest(const verifier *v, ouro_output *right, ouro_error *e) {
    static const char *const parts[] = {"name", "columns", "points"};
    cJSON *manifest = NULL;
    int ret;
    OURO_TRY(ouro_manifest_write(right, 1, e));
    OURO_TRY(ouro_run_manifest(right->temporary, &manifest, e));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !ret; i++)
        if (!cJSON_Compare(get(v->manifest, parts[i]), get(manifest, parts[i]), 1))
            ret = ouro_fail(e, OURO_ECHECK, v->dir, "manifest.json: \"%s\" is not what its parameters give", parts[i]);
out:
    cJSON_Delete(manifest);
    return ret;
}

static int open_output(verifier *v, const char *name, ouro_output *o, ouro_error *e) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s", v->temporary, name);
    int ret = ouro_output_open(o, &v->study, path, 0, e);
    v->output = ret ? NULL : o;
    return ret;
}

/* What is computed from all rows, from the rows of the directory. */
static int compare_computed(verifier *v, ouro_error *e) {
    ouro_output o = {0};
    int ret;
    OURO_TRY(open_output(v, "rows", &o, e));
    OURO_TRY(ouro_output_skip_rows(&o, e));
    OURO_TRY(ouro_verify_rows(v->dir, &v->study, &o, e));
    OURO_TRY(ouro_output_finish(&o, e));
    OURO_TRY(compare_manifest(v, &o, e));
    for (size_t i = 0; i < COMPUTED && !ret; i++)
        ret = ouro_verify_file(v->dir, o.temporary, computed[i], 0, i < 3 ? single[0] : single[1], e);
out:
    if (v->output) ouro_output_close(&o);
    v->output = NULL;
    return ret;
}

static void describe_sample(const verifier *v, uint64_t sample, size_t size, char *words) {
    uint64_t least = v->replicates[0], most = least;
    char range[32] = "";
    for (size_t p = 1; p < v->study.points; p++) {
        if (v->replicates[p] < least) least = v->replicates[p];
        if (v->replicates[p] > most) most = v->replicates[p];
    }
    if (most > least) snprintf(range, sizeof range, "%llu to ", (unsigned long long)least);
    snprintf(words, size,
             "%llu of %s%llu replicates of each point, byte for byte; the other tables follow from the rows",
             (unsigned long long)sample, range, (unsigned long long)most);
}

static int check_replay(verifier *v, size_t size, char *words, ouro_error *e) {
    ouro_output o = {0};
    uint64_t sample;
    int ret;
    OURO_TRY(count_replicates(v, e));
    OURO_TRY(choose_sample(v, &sample, e));
    OURO_TRY(open_output(v, "replay", &o, e));
    OURO_TRY(run(v, sample, e));
    OURO_TRY(ouro_output_finish(&o, e));
    OURO_TRY(ouro_samples_write(&v->study, o.temporary, e));
    OURO_TRY(compare_tables(v, &o, !sample, e));
    if (!sample) OURO_TRY(compare_manifest(v, &o, e));
    ouro_output_close(&o);
    v->output = NULL;
    if (sample) {
        OURO_TRY(compare_computed(v, e));
        describe_sample(v, sample, size, words);
    } else {
        snprintf(words, size, "all replicates and tables, byte for byte");
    }
out:
    if (v->output) ouro_output_close(&o);
    v->output = NULL;
    return ret;
}

/* --- laws ----------------------------------------------------------------------------------------------------- */

static int check_laws(verifier *v, size_t size, char *words, ouro_error *e) {
    return ouro_verify_laws(v->dir, size, words, e);
}

static const struct {
    const char *name;
    check_of *check;
    int wants_study;
} checks[] = {{"checksums", check_sums, 0},
              {"parameters", check_parameters, 0},
              {"ledger", check_ledger, 1},
              {"replay", check_replay, 1},
              {"laws", check_laws, 0}};

static int make_temporary(verifier *v, ouro_error *e) {
    const char *in = getenv("TMPDIR");
    snprintf(v->temporary, sizeof v->temporary, "%.400s/ouro-verify-XXXXXX", in && *in ? in : P_tmpdir);
    if (mkdtemp(v->temporary)) {
        if (v->o->temporary) memcpy(v->o->temporary, v->temporary, sizeof v->temporary);
        return OURO_OK;
    }
    int ret = ouro_fail(e, OURO_EIO, v->temporary, "cannot be created: %s", strerror(errno));
    v->temporary[0] = '\0';
    return ret;
}

static void remove_temporary(verifier *v) {
    char path[600];
    if (!v->temporary[0]) return;
    snprintf(path, sizeof path, "%s/ledger.jsonl", v->temporary);
    unlink(path);
    rmdir(v->temporary);
    if (v->o->temporary) v->o->temporary[0] = '\0';
}

int ouro_verify(const char *dir, const ouro_verify_options *o, ouro_error *e) {
    verifier v = {.dir = dir, .o = o};
    int ret, failed = 0;
    OURO_TRY(ouro_run_manifest(dir, &v.manifest, e));
    OURO_TRY(make_temporary(&v, e));
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        char words[600] = "";
        ouro_error why = {0};
        const int made = !checks[i].wants_study || v.study.points;
        ret = made ? checks[i].check(&v, sizeof words, words, &why)
                   : ouro_fail(&why, OURO_ECHECK, "", "not made, since the parameters are not valid");
        if (ret && ret != OURO_ECHECK) {
            ret = ouro_fail(e, ret, why.where, "%s", why.code ? why.what : ouro_error_sentence(ret));
            goto out;
        }
        if (ret) snprintf(words, sizeof words, "%s%s%s", why.where, *why.where ? ": " : "", why.what);
        failed += ret != 0;
        o->check(o->ctx, checks[i].name, ret != 0, words);
    }
    ret = failed ? ouro_fail(e, OURO_ECHECK, dir, "%d of %zu checks failed", failed, sizeof checks / sizeof checks[0])
                 : OURO_OK;
out:
    remove_temporary(&v);
    ouro_free(v.replicates);
    ouro_study_free(&v.study);
    cJSON_Delete(v.manifest);
    return ret;
}
