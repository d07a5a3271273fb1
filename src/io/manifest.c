/* manifest.c: manifest.json, everything needed to believe and to repeat a run, in the shape of tskit's provenance:
 * software, parameters, environment, resources. Times and host appear here alone, so that every other file of a run can
 * be compared byte for byte.                                                                                 */
#include "ouro/blas.h"
#include "ouro/version.h"
#include "output_files.h"
#include "sha256.h"
#include "study_source.h"
#include <errno.h>
#include <gsl/gsl_version.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#ifndef OURO_GIT_ID
#define OURO_GIT_ID "unknown"
#endif
#ifndef OURO_CFLAGS
#define OURO_CFLAGS "unknown"
#endif

/* Every cJSON call may fail for memory; a failure anywhere is noted once and the file is then not written. */
typedef struct builder {
    int failed;
} builder;

static cJSON *add(builder *b, cJSON *object, const char *key, cJSON *value) {
    if (!object || !value || !(key ? cJSON_AddItemToObject(object, key, value) : cJSON_AddItemToArray(object, value))) {
        b->failed = 1;
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

static void add_text(builder *b, cJSON *object, const char *key, const char *text) {
    add(b, object, key, cJSON_CreateString(text ? text : ""));
}

static void add_number(builder *b, cJSON *object, const char *key, double x) {
    add(b, object, key, ouro_json_number(x));
}

static void add_environment(builder *b, cJSON *root, int threads) {
    cJSON *environment = add(b, root, "environment", cJSON_CreateObject());
    struct utsname host;
    if (!uname(&host)) {
        cJSON *os = add(b, environment, "os", cJSON_CreateObject());
        add_text(b, os, "system", host.sysname);
        add_text(b, os, "release", host.release);
        add_text(b, os, "machine", host.machine);
        add_text(b, os, "node", host.nodename);
    }
    cJSON *build = add(b, environment, "build", cJSON_CreateObject());
    add_text(b, build, "compiler", __VERSION__);
    add_text(b, build, "flags", OURO_CFLAGS);
    cJSON *libraries = add(b, environment, "libraries", cJSON_CreateObject());
    add_text(b, libraries, "gsl", gsl_version);
    add_text(b, libraries, "cjson", cJSON_Version());
    add_text(b, libraries, "openblas", ouro_blas_config());
    add_text(b, libraries, "openblas_core", ouro_blas_core());
    add_number(b, environment, "threads", threads);
    add_text(b, environment, "random_numbers",
             "threefry2x64-20, addressed by (seed; point, replicate, generation, purpose)");
}

static double seconds(struct timeval t) { return (double)t.tv_sec + 1e-6 * (double)t.tv_usec; }

static void add_resources(builder *b, cJSON *root) {
    cJSON *resources = add(b, root, "resources", cJSON_CreateObject());
    struct rusage use;
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    if (!getrusage(RUSAGE_SELF, &use)) {
        add_number(b, resources, "user_seconds", seconds(use.ru_utime));
        add_number(b, resources, "system_seconds", seconds(use.ru_stime));
        add_number(b, resources, "peak_memory_kilobytes", (double)use.ru_maxrss);
    }
    if (gmtime_r(&now, &utc) && strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc))
        add_text(b, resources, "finished", stamp);
}

static void add_columns(builder *b, cJSON *root, const ouro_output *o) {
    cJSON *columns = add(b, root, "columns", cJSON_CreateArray());
    for (size_t i = 0; i < o->columns_len; i++) {
        cJSON *entry = add(b, columns, NULL, cJSON_CreateObject());
        const ouro_column *c = NULL;
        const ouro_setting *setting = NULL;
        for (size_t p = 0; p < o->study->points && !c; p++)
            for (size_t j = 0; j < o->study->experiment[p].columns_len && !c; j++)
                if (!strcmp(o->study->experiment[p].columns[j].name, o->columns[i])) {
                    c = &o->study->experiment[p].columns[j];
                    setting = &o->study->experiment[p].setting;
                }
        const ouro_column_type *type = c ? &c->measure->columns[c->index] : NULL;
        add_text(b, entry, "name", o->columns[i]);
        add_text(b, entry, "unit", type ? type->unit : "");
        add_text(b, entry, "formula", type ? type->formula : "");
        add_text(b, entry, "doc", type ? type->doc : "");
        const char *method = c && c->measure->method ? c->measure->method(setting, c->index) : NULL;
        if (method) add_text(b, entry, "method", method);
    }
}

static void add_points(builder *b, cJSON *root, const ouro_study *s) {
    cJSON *points = add(b, root, "points", cJSON_CreateArray());
    for (size_t p = 0; p < s->points && !b->failed; p++) {
        const ouro_experiment *x = &s->experiment[p];
        cJSON *entry = add(b, points, NULL, cJSON_CreateObject());
        add_text(b, entry, "path", x->path == OURO_PATH_STATISTICS ? "statistics" : "samples");
        add_text(b, entry, "reason", x->path_reason);
        add_number(b, entry, "stream_point", x->stream_point);
        cJSON *tails = x->setting.tails_len ? add(b, entry, "tails", cJSON_CreateArray()) : NULL;
        for (size_t i = 0; i < x->setting.tails_len; i++) {
            const ouro_tail_set *a = &x->setting.tails[i];
            cJSON *tail = add(b, tails, NULL, cJSON_CreateObject());
            add_number(b, tail, "alpha", a->alpha);
            add_number(b, tail, "attained", a->attained);
            if (a->member) continue;
            if (a->level) {
                add_number(b, tail, "log_level", a->log_level);
                continue;
            }
            cJSON *inside = a->ends ? add(b, tail, "inside", cJSON_CreateArray()) : NULL;
            for (size_t j = 0; j < a->ends; j++) add(b, inside, NULL, ouro_json_number(a->end[j]));
            add_number(b, tail, "lower", a->lower);
            add_number(b, tail, "upper", a->upper);
        }
    }
}

static void add_file(builder *b, cJSON *list, const ouro_output *o, const char *name) {
    char path[1100], hex[OURO_SHA256_HEX];
    struct stat s;
    snprintf(path, sizeof path, "%s/%s", o->temporary, name);
    if (stat(path, &s)) return;
    cJSON *entry = add(b, list, NULL, cJSON_CreateObject());
    ouro_error e = {0};
    if (ouro_sha256_file(path, hex, &e)) b->failed = 1;
    add_text(b, entry, "path", name);
    add(b, entry, "bytes", ouro_json_count((uint64_t)s.st_size));
    add_text(b, entry, "sha256", hex);
}

static void add_files(builder *b, cJSON *root, const ouro_output *o) {
    cJSON *inputs = add(b, root, "inputs", cJSON_CreateArray());
    char relative[2048];
    for (size_t i = 0; i < o->study->inputs; i++) {
        const ouro_input *input = &o->study->input[i];
        cJSON *entry = add(b, inputs, NULL, cJSON_CreateObject());
        int here = !ouro_rundir_relative(o->temporary, input->path, sizeof relative, relative);
        add_text(b, entry, "path", here ? relative : input->path);
        add_text(b, entry, "sha256", input->sha256);
    }
    cJSON *outputs = add(b, root, "outputs", cJSON_CreateArray());
    for (size_t i = 0; ouro_run_files[i + 1]; i++) add_file(b, outputs, o, ouro_run_files[i]); /* all but itself */
}

int ouro_manifest_write(const ouro_output *o, int threads, ouro_error *e) {
    builder b = {0};
    char path[1100];
    cJSON *root = cJSON_CreateObject();
    add_text(&b, root, "schema_version", "1.0.0");
    add_text(&b, root, "name", o->study->name);
    cJSON *software = add(&b, root, "software", cJSON_CreateObject());
    add_text(&b, software, "name", "ouro");
    add_text(&b, software, "version", OURO_VERSION);
    add_text(&b, software, "git", OURO_GIT_ID);
    cJSON *parameters = ouro_manifest_parameters(o);
    add(&b, root, "parameters", parameters);
    add_environment(&b, root, threads);
    add_resources(&b, root);
    add_columns(&b, root, o);
    add_points(&b, root, o->study);
    add_files(&b, root, o);
    char *text = b.failed ? NULL : cJSON_Print(root);
    cJSON_Delete(root);
    if (!text) return ouro_fail(e, OURO_ENOMEM, "manifest.json", "out of memory");
    snprintf(path, sizeof path, "%s/manifest.json", o->temporary);
    FILE *file = fopen(path, "w");
    int ret = OURO_OK;
    if (!file) {
        ret = ouro_fail(e, OURO_EIO, path, "cannot be created: %s", strerror(errno));
    } else {
        fprintf(file, "%s\n", text);
        ret = ouro_rundir_finish_file(file, path, e);
    }
    cJSON_free(text);
    return ret;
}
