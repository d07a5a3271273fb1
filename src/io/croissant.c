/* croissant.c: a run directory as one JSON-LD document: Croissant 1.1, its RAI vocabulary 1.0, and PROV-O. The required keys
 * are those of the Croissant 1.1 specification; what a run cannot know (licence, creator, address) is said to be not stated
 * unless the caller states it.                                                                              */
#include "croissant.h"
#include "run_read.h"
#include "sha256.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Term, IRI; with a type where values are themselves IRIs or terms, an empty one where they are
 * in no language. The Croissant terms stand in the namespace cr. */
static const struct {
    const char *term, *iri, *type;
} context[] = {
    {"sc", "http://schema.org/", NULL},
    {"cr", "http://mlcommons.org/croissant/", NULL},
    {"rai", "http://mlcommons.org/croissant/RAI/", NULL},
    {"dct", "http://purl.org/dc/terms/", NULL},
    {"prov", "http://www.w3.org/ns/prov#", NULL},
    {"rdfs", "http://www.w3.org/2000/01/rdf-schema#", NULL},
    {"ouro", "urn:ouro:terms:", NULL},
    {"conformsTo", "dct:conformsTo", "@id"},
    {"citeAs", "cr:citeAs", NULL},
    {"recordSet", "cr:recordSet", NULL},
    {"field", "cr:field", NULL},
    {"source", "cr:source", NULL},
    {"extract", "cr:extract", NULL},
    {"column", "cr:column", NULL},
    {"fileObject", "cr:fileObject", NULL},
    {"isLiveDataset", "cr:isLiveDataset", NULL},
    {"dataType", "cr:dataType", "@vocab"},
    {"sha256", "sc:sha256", ""},
    {"digitalSourceType", "sc:digitalSourceType", "@id"},
    {"used", "prov:used", "@id"},
    {"entity", "prov:entity", "@id"},
    {"hadMember", "prov:hadMember", "@id"},
    {"qualifiedUsage", "prov:qualifiedUsage", NULL},
    {"wasGeneratedBy", "prov:wasGeneratedBy", "@id"},
    {"wasDerivedFrom", "prov:wasDerivedFrom", "@id"},
    {"rolledBackTo", "ouro:rolledBackTo", "@id"},
    {"endedAtTime", "prov:endedAtTime", "http://www.w3.org/2001/XMLSchema#dateTime"},
    {"wasAssociatedWith", "prov:wasAssociatedWith", "@id"},
};

/* What our own terms mean: the document explains itself. */
static const char *const terms[][2] = {
    {"syntheticRatio", "Share of a fit's weight on points that a model drew, 0 to 1."},
    {"ancestralRealFraction",
     "Share of a fit's weight whose lineage meets a real point in a fit after the first: real points "
     "count 1, points drawn from model g what fit g has, 0 for g = 1."},
    {"ancestryDepth", "Models that stand between a point of the fit and a real point, weighted mean."},
    {"flagged", "Whether the batch is one that the policy marks: poisoned, unlicensed or unverified, say."},
    {"flaggedShare", "Share of a fit's weight on points that are flagged themselves."},
    {"taint", "Share of a fit's weight whose lineage meets a flagged batch: flagged points count 1, points drawn from "
              "model g what "
              "fit g has."},
    {"anchorAge", "Generations since the youngest real points injected after the first fit were drawn."},
    {"evaluationOverlap",
     "Expected share of the observations that measures compare with which had been drawn by then."},
    {"weight", "Weight of each point of the batch in the fit; only ratios matter."},
    {"temperature", "Points are drawn from the model's density to the power 1/temperature."},
    {"rolledBackTo",
     "The earlier model that this fit's synthetic points were drawn from: what later models had drawn until then was "
     "trained on no more."},
    {"previousHash", "sha256 of the line before in ledger.jsonl, which holds this entry."},
    {"GenerationRange",
     "Generations that are not written one by one: totals of what was drawn, least and most of the shares. "
     "Every line of them is in ledger.jsonl; `ouro ledger --full` writes all."},
};

static const cJSON *get(const cJSON *from, const char *key) { return cJSON_GetObjectItemCaseSensitive(from, key); }
static const char *text(const cJSON *from, const char *key) {
    const char *s = cJSON_GetStringValue(get(from, key));
    return s ? s : "";
}

static void put_context(ouro_builder *b, cJSON *root, const char *run) {
    cJSON *c = ouro_build_object(b, root, "@context");
    ouro_build_text(b, c, "@language", "en");
    ouro_build_text(b, c, "@vocab", "http://schema.org/");
    ouro_build_text(b, c, "run", run);
    for (size_t i = 0; i < sizeof context / sizeof context[0]; i++) {
        if (!context[i].type) {
            ouro_build_text(b, c, context[i].term, context[i].iri);
            continue;
        }
        cJSON *typed = ouro_build_object(b, c, context[i].term);
        ouro_build_text(b, typed, "@id", context[i].iri);
        if (*context[i].type)
            ouro_build_text(b, typed, "@type", context[i].type);
        else
            ouro_build(b, typed, "@language", cJSON_CreateNull());
    }
}

static void put_head(ouro_builder *b, cJSON *root, const cJSON *manifest, const ouro_croissant_options *o) {
    static const char *const unstated = "not stated";
    char version[160], cite[400];
    const cJSON *software = get(manifest, "software");
    snprintf(version, sizeof version, "%.60s (%.60s)", text(software, "version"), text(software, "git"));
    snprintf(cite, sizeof cite, "%.100s, simulated with ouro %s", text(manifest, "name"), version);
    ouro_build_text(b, root, "@id", "run:dataset");
    ouro_build_text(b, root, "@type", "sc:Dataset");
    cJSON *conforms = ouro_build_array(b, root, "conformsTo");
    ouro_build_text(b, conforms, NULL, "http://mlcommons.org/croissant/1.1");
    ouro_build_text(b, conforms, NULL, "http://mlcommons.org/croissant/RAI/1.0");
    ouro_build_text(b, root, "name", text(manifest, "name"));
    const char *words = text(get(manifest, "parameters"), "description");
    ouro_build_text(b, root, "description", *words ? words : "Output of a recursive-training simulation with ouro.");
    ouro_build_text(b, root, "license", o->license ? o->license : unstated);
    ouro_build_text(b, root, "url", o->url ? o->url : unstated);
    cJSON *creator = ouro_build_object(b, root, "creator");
    ouro_build_text(b, creator, "@type", "sc:Organization");
    ouro_build_text(b, creator, "name", o->creator ? o->creator : unstated);
    ouro_build_text(b, root, "datePublished", text(get(manifest, "resources"), "finished"));
    ouro_build_text(b, root, "citeAs", cite);
    ouro_build(b, root, "isLiveDataset", cJSON_CreateFalse());
}

static void put_rai(ouro_builder *b, cJSON *root) {
    static const char *const words[][2] = {
        {"rai:dataCollection",
         "Computed, not collected: a model is fitted to points, new points are drawn from it, the next model is fitted "
         "to those and to what the policy adds; measures of every model are written down."},
        {"rai:dataCollectionType", "Simulation"},
        {"rai:dataManipulationProtocol",
         "The share of synthetic points in every generation is ouro:syntheticRatio of each model of this document, and "
         "synthetic_share of every line of ledger.jsonl; sweep and policy stand in manifest.json."},
        {"rai:dataLimitations",
         "The models are the statistical families named in manifest.json, not large networks: results are about the "
         "mechanism of recursive training. Shares are expected values where a budget draws the points of a fit."},
        {"rai:dataBiases",
         "Means over replicates of heavy-tailed measures are decided by few replicates: read the medians as well."},
        {"rai:dataUseCases",
         "Studying how mixing policies change tails and distances over generations; not for training "
         "models of anything else."},
        {"rai:personalSensitiveInformation",
         "Measures of models only. Rows of an observed truth are not copied into the run."},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) ouro_build_text(b, root, words[i][0], words[i][1]);
    ouro_build(b, root, "rai:hasSyntheticData", cJSON_CreateTrue());
}

/* One file of the run, whose checksum is taken anew and compared with what the manifest expects (NULL: the manifest). */
static int put_file(ouro_builder *b, const char *dir, const char *name, const char *expected, cJSON *files,
                    ouro_error *e) {
    char path[1200], id[600], size[40], hex[OURO_SHA256_HEX];
    struct stat s;
    const size_t len = strlen(name);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(id, sizeof id, "run:%s", name);
    int ret = ouro_sha256_file(path, hex, e);
    if (ret) return ret;
    if (expected && strcmp(expected, hex))
        return ouro_fail(e, OURO_ECHECK, path, "is not the file that the manifest lists: its sha256 is %s", hex);
    snprintf(size, sizeof size, "%lld B", stat(path, &s) ? 0LL : (long long)s.st_size);
    cJSON *file = ouro_build_object(b, files, NULL);
    ouro_build_text(b, file, "@type", "cr:FileObject");
    ouro_build_text(b, file, "@id", id);
    ouro_build_text(b, file, "name", name);
    ouro_build_text(b, file, "contentUrl", name);
    ouro_build_text(b, file, "contentSize", size);
    ouro_build_text(b, file, "encodingFormat",
                    len > 4 && !strcmp(name + len - 4, ".csv")     ? "text/csv"
                    : len > 6 && !strcmp(name + len - 6, ".jsonl") ? "application/jsonl"
                                                                   : "application/json");
    ouro_build_text(b, file, "sha256", hex);
    ouro_build_text(b, file, "wasGeneratedBy", "run:simulation");
    return OURO_OK;
}

static int put_files(ouro_builder *b, const char *dir, const cJSON *manifest, cJSON *root, ouro_error *e) {
    cJSON *files = ouro_build_array(b, root, "distribution");
    const cJSON *output = NULL;
    cJSON_ArrayForEach(output, get(manifest, "outputs")) {
        int ret = put_file(b, dir, text(output, "path"), text(output, "sha256"), files, e);
        if (ret) return ret;
    }
    return put_file(b, dir, "manifest.json", NULL, files, e);
}

/* The run as a whole: what computed it, from what. */
static void put_run(ouro_builder *b, const cJSON *manifest, cJSON *nodes) {
    const cJSON *asked = get(get(manifest, "parameters"), "truth");
    char *truth = asked ? cJSON_PrintUnformatted(asked) : NULL;
    const cJSON *software = get(manifest, "software"), *input = NULL;
    cJSON *n = ouro_build_object(b, nodes, NULL);
    ouro_build_text(b, n, "@id", "run:simulation");
    ouro_build_text(b, n, "@type", "prov:Activity");
    ouro_build_text(b, n, "used", "run:truth");
    ouro_build_text(b, n, "wasAssociatedWith", "run:software");
    ouro_build_text(b, n, "endedAtTime", text(get(manifest, "resources"), "finished"));
    n = ouro_build_object(b, nodes, NULL);
    ouro_build_text(b, n, "@id", "run:software");
    ouro_build_text(b, n, "@type", "prov:SoftwareAgent");
    ouro_build_text(b, n, "name", "ouro");
    ouro_build_text(b, n, "version", text(software, "version"));
    ouro_build_text(b, n, "ouro:git", text(software, "git"));
    n = ouro_build_object(b, nodes, NULL);
    ouro_build_text(b, n, "@id", "run:truth");
    ouro_build_text(b, n, "@type", "prov:Entity");
    ouro_build_text(b, n, "name", "what is real");
    ouro_build_text(b, n, "description", truth ? truth : "as swept: see manifest.json");
    if (asked && !truth) b->failed = 1;
    cJSON_free(truth);
    cJSON *inputs = ouro_build_array(b, n, "ouro:input");
    cJSON_ArrayForEach(input, get(manifest, "inputs")) {
        cJSON *file = ouro_build_object(b, inputs, NULL);
        ouro_build_text(b, file, "name", text(input, "path"));
        ouro_build_text(b, file, "sha256", text(input, "sha256"));
    }
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        char id[64];
        snprintf(id, sizeof id, "ouro:%s", terms[i][0]);
        n = ouro_build_object(b, nodes, NULL);
        ouro_build_text(b, n, "@id", id);
        ouro_build_text(b, n, "rdfs:comment", terms[i][1]);
    }
}

/* The points of the sweep: the swept fields of points.csv, which stand before the columns of the truth. */
static int put_points(ouro_builder *b, const char *dir, cJSON *nodes, ouro_error *e) {
    enum { MOST = 64 };
    char path[1200], id[64], *line[2] = {NULL, NULL}, *name[MOST], *value[MOST];
    size_t cap[2] = {0, 0}, len = 0;
    snprintf(path, sizeof path, "%s/points.csv", dir);
    FILE *file = fopen(path, "r");
    if (!file || getline(&line[0], &cap[0], file) < 0) {
        if (file) fclose(file);
        return ouro_fail(e, OURO_EIO, path, "cannot be read");
    }
    const size_t columns = ouro_table_split(line[0], MOST, name);
    while (len + 1 < columns && strncmp(name[len + 1], "truth.", 6)) len++;
    for (size_t p = 0; getline(&line[1], &cap[1], file) > 0; p++) {
        const size_t cells = ouro_table_split(line[1], MOST, value);
        cJSON *n = ouro_build_object(b, nodes, NULL);
        snprintf(id, sizeof id, "run:point/%zu", p);
        ouro_build_text(b, n, "@id", id);
        ouro_build_text(b, n, "@type", "ouro:SweepPoint");
        ouro_build_number(b, n, "ouro:point", (double)p);
        cJSON *settings = len ? ouro_build_array(b, n, "ouro:setting") : NULL;
        for (size_t i = 1; i <= len && i < cells; i++) {
            cJSON *setting = ouro_build_object(b, settings, NULL);
            ouro_build_text(b, setting, "@type", "sc:PropertyValue");
            ouro_build_text(b, setting, "name", name[i]);
            ouro_build_text(b, setting, "value", value[i]);
        }
    }
    const int whole = feof(file);
    fclose(file);
    free(line[0]);
    free(line[1]);
    return whole ? OURO_OK : ouro_fail(e, OURO_EIO, path, "cannot be read");
}

/* The name space of the run's own nodes: its name and the beginning of its ledger's checksum. */
static void name_run(const cJSON *manifest, size_t size, char *run) {
    const cJSON *output = NULL;
    const char *hex = "";
    cJSON_ArrayForEach(output, get(manifest, "outputs")) {
        if (!strcmp(text(output, "path"), "ledger.jsonl")) hex = text(output, "sha256");
    }
    snprintf(run, size, "urn:ouro:run:%.100s:%.12s:", text(manifest, "name"), hex);
}

/* Fills root and nodes; the chain first, since it names the line where a checksum names the file alone. */
static int describe(ouro_builder *b, const char *dir, const ouro_croissant_options *o, const cJSON *manifest,
                    cJSON *root, cJSON *nodes, ouro_error *e) {
    char run[200];
    int ret;
    name_run(manifest, sizeof run, run);
    put_context(b, root, run);
    put_head(b, root, manifest, o);
    put_rai(b, root);
    put_run(b, manifest, nodes);
    OURO_TRY(put_points(b, dir, nodes, e));
    OURO_TRY(ouro_croissant_lineage(b, dir, o->full, nodes, e));
    OURO_TRY(put_files(b, dir, manifest, root, e));
    ret = ouro_croissant_tables(b, dir, manifest, ouro_build_array(b, root, "recordSet"), e);
out:
    return ret;
}

int ouro_croissant_write(const char *dir, const ouro_croissant_options *o, FILE *to, ouro_error *e) {
    char *out = NULL;
    ouro_builder b = {0};
    cJSON *manifest = NULL, *root = cJSON_CreateObject(), *nodes = cJSON_CreateArray();
    int ret;
    OURO_TRY(ouro_run_manifest(dir, &manifest, e));
    OURO_TRY(describe(&b, dir, o, manifest, root, nodes, e));
    ouro_build(&b, root, "@included", nodes);
    nodes = NULL; /* root's, or gone */
    out = b.failed ? NULL : cJSON_Print(root);
    if (!out)
        ret = ouro_fail(e, OURO_ENOMEM, dir, "out of memory");
    else if (fputs(out, to) < 0 || fputc('\n', to) < 0)
        ret = ouro_fail(e, OURO_EIO, dir, "its description cannot be written");
out:
    cJSON_free(out);
    cJSON_Delete(nodes);
    cJSON_Delete(root);
    cJSON_Delete(manifest);
    return ret;
}
