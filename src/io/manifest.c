/* manifest.c: manifest.json, everything needed to believe and to repeat a run, in the shape of tskit's provenance:
 * software, parameters, environment, resources. Times and host appear here alone, so that every other file of a run can
 * be compared byte for byte.                                                                                 */
#include "ouro/blas.h"
#include "ouro/version.h"
#include "json_build.h"
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

static void add_environment(ouro_builder *b, cJSON *root, int threads) {
    cJSON *environment = ouro_build_object(b, root, "environment");
    struct utsname host;
    if (!uname(&host)) {
        cJSON *os = ouro_build_object(b, environment, "os");
        ouro_build_text(b, os, "system", host.sysname);
        ouro_build_text(b, os, "release", host.release);
        ouro_build_text(b, os, "machine", host.machine);
        ouro_build_text(b, os, "node", host.nodename);
    }
    cJSON *build = ouro_build_object(b, environment, "build");
    ouro_build_text(b, build, "compiler", __VERSION__);
    ouro_build_text(b, build, "flags", OURO_CFLAGS);
    cJSON *libraries = ouro_build_object(b, environment, "libraries");
    ouro_build_text(b, libraries, "gsl", gsl_version);
    ouro_build_text(b, libraries, "cjson", cJSON_Version());
    ouro_build_text(b, libraries, "openblas", ouro_blas_config());
    ouro_build_text(b, libraries, "openblas_core", ouro_blas_core());
    ouro_build_number(b, environment, "threads", threads);
    ouro_build_text(b, environment, "random_numbers",
                    "threefry2x64-20, addressed by (seed; point, replicate, generation, purpose)");
}

static double seconds(struct timeval t) { return (double)t.tv_sec + 1e-6 * (double)t.tv_usec; }

static void add_resources(ouro_builder *b, cJSON *root) {
    cJSON *resources = ouro_build_object(b, root, "resources");
    struct rusage use;
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    if (!getrusage(RUSAGE_SELF, &use)) {
        ouro_build_number(b, resources, "user_seconds", seconds(use.ru_utime));
        ouro_build_number(b, resources, "system_seconds", seconds(use.ru_stime));
        ouro_build_number(b, resources, "peak_memory_kilobytes", (double)use.ru_maxrss);
    }
    if (gmtime_r(&now, &utc) && strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc))
        ouro_build_text(b, resources, "finished", stamp);
}

static void add_columns(ouro_builder *b, cJSON *root, const ouro_output *o) {
    cJSON *columns = ouro_build_array(b, root, "columns");
    for (size_t i = 0; i < o->columns_len; i++) {
        cJSON *entry = ouro_build_object(b, columns, NULL);
        char doc[512];
        const ouro_column *c = NULL;
        const ouro_setting *setting = NULL;
        for (size_t p = 0; p < o->study->points && !c; p++)
            for (size_t j = 0; j < o->study->experiment[p].columns_len && !c; j++)
                if (!strcmp(o->study->experiment[p].columns[j].name, o->columns[i])) {
                    c = &o->study->experiment[p].columns[j];
                    setting = &o->study->experiment[p].setting;
                }
        const ouro_column_type *type = c ? &c->measure->columns[c->index] : NULL;
        ouro_build_text(b, entry, "name", o->columns[i]);
        ouro_build_text(b, entry, "unit", type ? type->unit : "");
        ouro_build_text(b, entry, "formula", type ? type->formula : "");
        snprintf(doc, sizeof doc, "%s%s", type ? type->doc : "", c ? ouro_against_words[c->against] : "");
        ouro_build_text(b, entry, "doc", doc);
        const char *method = c && c->measure->method ? c->measure->method(setting, c->index) : NULL;
        if (method) ouro_build_text(b, entry, "method", method);
    }
}

/* Where run.stop ended a point. */
static void add_precision(ouro_builder *b, cJSON *point, const ouro_precision *p) {
    cJSON *entry = ouro_build_object(b, point, "precision");
    ouro_build(b, entry, "reached", cJSON_CreateBool(p->reached));
    ouro_build_number(b, entry, "half_width", p->half_width);
    ouro_build(b, entry, "heavy_tail", cJSON_CreateBool(p->heavy));
    ouro_build(b, entry, "replicates", ouro_json_count(p->replicates));
}

static void add_points(ouro_builder *b, cJSON *root, const ouro_output *o) {
    const ouro_study *s = o->study;
    cJSON *points = ouro_build_array(b, root, "points");
    for (size_t p = 0; p < s->points && !b->failed; p++) {
        const ouro_experiment *x = &s->experiment[p];
        cJSON *entry = ouro_build_object(b, points, NULL);
        ouro_build_text(b, entry, "path", x->path == OURO_PATH_STATISTICS ? "statistics" : "samples");
        ouro_build_text(b, entry, "reason", x->path_reason);
        ouro_build_number(b, entry, "stream_point", x->stream_point);
        if (x->config->run.stop.measure) add_precision(b, entry, &o->precision[p]);
        cJSON *tails = x->setting.tails_len ? ouro_build_array(b, entry, "tails") : NULL;
        for (size_t i = 0; i < x->setting.tails_len; i++) {
            const ouro_tail_set *a = &x->setting.tails[i];
            cJSON *tail = ouro_build_object(b, tails, NULL);
            ouro_build_number(b, tail, "alpha", a->alpha);
            ouro_build_number(b, tail, "attained", a->attained);
            if (a->member) continue;
            if (a->level) {
                ouro_build_number(b, tail, "log_level", a->log_level);
                continue;
            }
            cJSON *inside = a->ends ? ouro_build_array(b, tail, "inside") : NULL;
            for (size_t j = 0; j < a->ends; j++) ouro_build(b, inside, NULL, ouro_json_number(a->end[j]));
            ouro_build_number(b, tail, "lower", a->lower);
            ouro_build_number(b, tail, "upper", a->upper);
        }
    }
}

/* How the laws and the replicates agree. */
static void add_agreement(ouro_builder *b, cJSON *root, const ouro_output *o) {
    const ouro_agreement *a = &o->agreement;
    cJSON *laws = ouro_build_object(b, root, "laws");
    ouro_build_number(b, laws, "comparisons", (double)a->comparisons);
    if (!a->law) return;
    ouro_build_number(b, laws, "threshold", ouro_comparison_threshold(a->comparisons));
    cJSON *largest = ouro_build_object(b, laws, "largest");
    ouro_build_number(b, largest, "z", a->z);
    ouro_build_number(b, largest, "point", (double)a->point);
    ouro_build_number(b, largest, "generation", a->generation);
    ouro_build_text(b, largest, "measure", a->measure);
    ouro_build_text(b, largest, "law", a->law->name);
    ouro_build_text(b, largest, "statistic", ouro_statistic_names[a->claim->statistic]);
}

static void add_file(ouro_builder *b, cJSON *list, const ouro_output *o, const char *name) {
    char path[1100], hex[OURO_SHA256_HEX];
    struct stat s;
    snprintf(path, sizeof path, "%s/%s", o->temporary, name);
    if (stat(path, &s)) return;
    cJSON *entry = ouro_build_object(b, list, NULL);
    ouro_error e = {0};
    if (ouro_sha256_file(path, hex, &e)) b->failed = 1;
    ouro_build_text(b, entry, "path", name);
    ouro_build(b, entry, "bytes", ouro_json_count((uint64_t)s.st_size));
    ouro_build_text(b, entry, "sha256", hex);
}

static void add_files(ouro_builder *b, cJSON *root, const ouro_output *o) {
    cJSON *inputs = ouro_build_array(b, root, "inputs");
    char relative[2048];
    for (size_t i = 0; i < o->study->inputs; i++) {
        const ouro_input *input = &o->study->input[i];
        cJSON *entry = ouro_build_object(b, inputs, NULL);
        int here = !ouro_rundir_relative(o->temporary, input->path, sizeof relative, relative);
        ouro_build_text(b, entry, "path", here ? relative : input->path);
        ouro_build_text(b, entry, "sha256", input->sha256);
    }
    cJSON *outputs = ouro_build_array(b, root, "outputs");
    for (size_t i = 0; ouro_run_files[i + 1]; i++) add_file(b, outputs, o, ouro_run_files[i]); /* all but itself */
}

int ouro_manifest_write(const ouro_output *o, int threads, ouro_error *e) {
    ouro_builder b = {0};
    char path[1100];
    cJSON *root = cJSON_CreateObject();
    ouro_build_text(&b, root, "schema_version", "1.0.0");
    ouro_build_text(&b, root, "name", o->study->name);
    cJSON *software = ouro_build_object(&b, root, "software");
    ouro_build_text(&b, software, "name", "ouro");
    ouro_build_text(&b, software, "version", OURO_VERSION);
    ouro_build_text(&b, software, "git", OURO_GIT_ID);
    cJSON *parameters = ouro_manifest_parameters(o);
    ouro_build(&b, root, "parameters", parameters);
    add_environment(&b, root, threads);
    add_resources(&b, root);
    add_columns(&b, root, o);
    add_points(&b, root, o);
    add_agreement(&b, root, o);
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
