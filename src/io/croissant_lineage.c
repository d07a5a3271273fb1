/* croissant_lineage.c: ledger.jsonl as PROV-O: what drew each batch, and which batches each model was fitted on.
 *
 * Names: run:point/P/batch/ID, run:point/P/model/T, and the activities .../draw/ID and .../fit/T. Batches that the ledger
 * folds into one entry are a collection run:point/P/batches/ROLE/FIRST-LAST, whose members are the collection of the
 * generation before and the batch that was added to it: the length of a long run, not its square.              */
#include "croissant.h"
#include "ledger_read.h"
#include "ouro/mem.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ROLES = 3, NAME = 160, MOST_FOLDED = 16 };
static const char *const roles[ROLES] = {"initial", "anchor", "synthetic"};
/* IPTC's digital source types, as schema.org takes them over. */
#define DIGITAL_CAPTURE "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
#define MODEL_OUTPUT "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

typedef struct span { /* generations that are summarised */
    uint64_t from, to, points[2];
    double synthetic[2], ancestral[2], taint[2];
} span;

/* A folded entry of the latest line, and what it ended with before it grew last. */
typedef struct folded {
    int role;
    uint64_t first, last, before;
} folded;

typedef struct lineage {
    ouro_builder *b;
    cJSON *nodes;
    uint64_t lines, points; /* in all; points of the sweep */
    size_t cap;
    uint64_t *last; /* [points]: generations of each */
    int full;
    uint64_t point;
    size_t len;
    folded entry[MOST_FOLDED];
    span rest; /* from = 0: empty */
} lineage;

static double number(const cJSON *line, const char *key) {
    const cJSON *x = cJSON_GetObjectItemCaseSensitive(line, key);
    return cJSON_IsNumber(x) ? x->valuedouble : NAN;
}
static uint64_t count(const cJSON *line, const char *key) {
    double x = number(line, key);
    return x > 0 ? (uint64_t)x : 0;
}
static int role_of(const cJSON *entry) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "role"));
    for (int i = 0; name && i < ROLES; i++)
        if (!strcmp(name, roles[i])) return i;
    return 0;
}

static void name_entry(const lineage *l, int role, uint64_t first, uint64_t last, char name[NAME]) {
    if (first == last)
        snprintf(name, NAME, "run:point/%" PRIu64 "/batch/%" PRIu64, l->point, first);
    else
        snprintf(name, NAME, "run:point/%" PRIu64 "/batches/%s/%" PRIu64 "-%" PRIu64, l->point, roles[role], first,
                 last);
}

static void name_numbered(const lineage *l, const char *kind, uint64_t i, char name[NAME]) {
    snprintf(name, NAME, "run:point/%" PRIu64 "/%s/%" PRIu64, l->point, kind, i);
}

static cJSON *node(const lineage *l, const char *name, const char *prov, const char *own) {
    cJSON *n = ouro_build_object(l->b, l->nodes, NULL);
    cJSON *types = NULL;
    ouro_build_text(l->b, n, "@id", name);
    types = ouro_build_array(l->b, n, "@type");
    ouro_build_text(l->b, types, NULL, prov);
    ouro_build_text(l->b, types, NULL, own);
    return n;
}

static void put_flag(const lineage *l, cJSON *n, const cJSON *batch) {
    const cJSON *flag = cJSON_GetObjectItemCaseSensitive(batch, "flagged");
    if (cJSON_IsBool(flag)) ouro_build(l->b, n, "ouro:flagged", cJSON_CreateBool(cJSON_IsTrue(flag)));
}

static void put_drawn(const lineage *l, const cJSON *line, const cJSON *drawn) {
    char batch[NAME], draw[NAME], from[NAME] = "run:truth";
    const uint64_t id = count(drawn, "id");
    const int role = role_of(drawn), synthetic = role == 2;
    name_numbered(l, "batch", id, batch);
    name_numbered(l, "draw", id, draw);
    if (synthetic) name_numbered(l, "model", count(drawn, "generator"), from);
    cJSON *n = node(l, batch, "prov:Entity", "ouro:Batch");
    ouro_build_number(l->b, n, "ouro:born", number(line, "generation"));
    ouro_build_text(l->b, n, "ouro:role", roles[role]);
    ouro_build_number(l->b, n, "ouro:points", number(drawn, "points"));
    put_flag(l, n, drawn);
    ouro_build_text(l->b, n, "digitalSourceType", synthetic ? MODEL_OUTPUT : DIGITAL_CAPTURE);
    ouro_build_text(l->b, n, "wasGeneratedBy", draw);
    ouro_build_text(l->b, n, "wasDerivedFrom", from);
    n = node(l, draw, "prov:Activity", "ouro:Draw");
    ouro_build_text(l->b, n, "used", from);
    if (synthetic) ouro_build_number(l->b, n, "ouro:temperature", number(line, "temperature"));
    ouro_build_text(l->b, n, "wasAssociatedWith", "run:software");
}

/* The place of a folded entry, known by role and first batch, or NULL for a new one. */
static folded *place_of(lineage *l, const cJSON *entry) {
    for (size_t i = 0; i < l->len; i++)
        if (l->entry[i].role == role_of(entry) && l->entry[i].first == count(entry, "id")) return &l->entry[i];
    return NULL;
}

/* Notes a folded entry that has grown, or is there for the first time: then of two single batches. */
static void note_growth(lineage *l, const cJSON *entry) {
    const uint64_t first = count(entry, "id"), last = count(entry, "last_id");
    folded *f = place_of(l, entry);
    if (!f && l->len < MOST_FOLDED) {
        f = &l->entry[l->len++];
        *f = (folded){role_of(entry), first, first, first};
    }
    if (!f || last == f->last) return;
    f->before = f->last;
    f->last = last;
}

/* A folded entry: what it held one generation ago, and the batch that was added since. */
static void put_collection(lineage *l, const cJSON *entry, const char *name) {
    char member[NAME];
    const uint64_t first = count(entry, "id"), last = count(entry, "last_id");
    const int role = role_of(entry);
    const folded *f = place_of(l, entry);
    const uint64_t before = f ? f->before : first;
    cJSON *n = node(l, name, "prov:Collection", "ouro:Batch");
    ouro_build_text(l->b, n, "ouro:role", roles[role]);
    ouro_build_number(l->b, n, "ouro:firstBatch", (double)first);
    ouro_build_number(l->b, n, "ouro:lastBatch", (double)last);
    ouro_build_number(l->b, n, "ouro:points", number(entry, "points"));
    put_flag(l, n, entry);
    ouro_build_text(l->b, n, "digitalSourceType", role == 2 ? MODEL_OUTPUT : DIGITAL_CAPTURE);
    cJSON *members = ouro_build_array(l->b, n, "hadMember");
    name_entry(l, role, first, before, member);
    ouro_build_text(l->b, members, NULL, member);
    name_entry(l, role, last, last, member);
    ouro_build_text(l->b, members, NULL, member);
}

static void put_model(lineage *l, const cJSON *line) {
    static const struct {
        const char *key, *term;
    } shares[] = {{"synthetic_share", "ouro:syntheticRatio"},
                  {"ancestral_real_share", "ouro:ancestralRealFraction"},
                  {"mean_ancestry_depth", "ouro:ancestryDepth"},
                  {"flagged_share", "ouro:flaggedShare"},
                  {"taint", "ouro:taint"},
                  {"fit_points", "ouro:points"},
                  {"anchor_age", "ouro:anchorAge"}};
    char model[NAME], fit[NAME], name[NAME];
    const cJSON *entry = NULL;
    name_numbered(l, "model", count(line, "generation"), model);
    name_numbered(l, "fit", count(line, "generation"), fit);
    cJSON *n = node(l, model, "prov:Entity", "ouro:Model");
    cJSON *a = node(l, fit, "prov:Activity", "ouro:Fit");
    ouro_build_number(l->b, n, "ouro:point", (double)l->point);
    ouro_build_number(l->b, n, "ouro:generation", number(line, "generation"));
    ouro_build_text(l->b, n, "wasGeneratedBy", fit);
    cJSON *derived = ouro_build_array(l->b, n, "wasDerivedFrom"), *used = ouro_build_array(l->b, a, "used");
    cJSON *usage = ouro_build_array(l->b, a, "qualifiedUsage");
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(line, "pool")) {
        name_entry(l, role_of(entry), count(entry, "id"), count(entry, "last_id"), name);
        if (count(entry, "id") != count(entry, "last_id")) put_collection(l, entry, name);
        ouro_build_text(l->b, derived, NULL, name);
        ouro_build_text(l->b, used, NULL, name);
        cJSON *u = ouro_build_object(l->b, usage, NULL);
        ouro_build_text(l->b, u, "@type", "prov:Usage");
        ouro_build_text(l->b, u, "entity", name);
        ouro_build_number(l->b, u, "ouro:weight", number(entry, "weight"));
    }
    ouro_build_text(l->b, a, "wasAssociatedWith", "run:software");
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        if (!isnan(number(line, shares[i].key)))
            ouro_build_number(l->b, n, shares[i].term, number(line, shares[i].key));
    ouro_build_number(l->b, n, "ouro:evaluationOverlap",
                      number(cJSON_GetObjectItemCaseSensitive(line, "evaluation"), "overlap"));
    const cJSON *event = cJSON_GetObjectItemCaseSensitive(line, "event");
    if (cJSON_IsObject(event))
        ouro_build_text(l->b, n, "ouro:event", cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(event, "type")));
    const cJSON *rollback = cJSON_GetObjectItemCaseSensitive(line, "rollback");
    if (cJSON_IsObject(rollback)) {
        name_numbered(l, "model", count(rollback, "to"), name);
        ouro_build_text(l->b, n, "rolledBackTo", name);
    }
    ouro_build_text(l->b, n, "ouro:previousHash",
                    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "previous")));
}

/* Closes the range of generations that were not written one by one. */
static void put_range(lineage *l) {
    const span *r = &l->rest;
    char name[NAME];
    if (!r->from) return;
    snprintf(name, NAME, "run:point/%" PRIu64 "/generations/%" PRIu64 "-%" PRIu64, l->point, r->from, r->to);
    cJSON *n = node(l, name, "prov:Entity", "ouro:GenerationRange");
    ouro_build_number(l->b, n, "ouro:point", (double)l->point);
    ouro_build_number(l->b, n, "ouro:firstGeneration", (double)r->from);
    ouro_build_number(l->b, n, "ouro:lastGeneration", (double)r->to);
    ouro_build_number(l->b, n, "ouro:realPointsDrawn", (double)r->points[0]);
    ouro_build_number(l->b, n, "ouro:syntheticPointsDrawn", (double)r->points[1]);
    ouro_build_number(l->b, n, "ouro:syntheticRatioLeast", r->synthetic[0]);
    ouro_build_number(l->b, n, "ouro:syntheticRatioMost", r->synthetic[1]);
    ouro_build_number(l->b, n, "ouro:ancestralRealFractionLeast", r->ancestral[0]);
    ouro_build_number(l->b, n, "ouro:ancestralRealFractionMost", r->ancestral[1]);
    if (r->taint[0] <= r->taint[1]) {
        ouro_build_number(l->b, n, "ouro:taintLeast", r->taint[0]);
        ouro_build_number(l->b, n, "ouro:taintMost", r->taint[1]);
    }
    l->rest = (span){0};
}

static void widen(double range[2], double x) {
    range[0] = fmin(range[0], x);
    range[1] = fmax(range[1], x);
}

static void put_aside(lineage *l, const cJSON *line) {
    span *r = &l->rest;
    const cJSON *drawn = NULL;
    r->to = count(line, "generation");
    if (!r->from)
        *r = (span){.from = r->to,
                    .to = r->to,
                    .synthetic = {INFINITY, -INFINITY},
                    .ancestral = {INFINITY, -INFINITY},
                    .taint = {INFINITY, -INFINITY}};
    cJSON_ArrayForEach(drawn, cJSON_GetObjectItemCaseSensitive(line, "drawn")) r->points[role_of(drawn) == 2] +=
        count(drawn, "points");
    widen(r->synthetic, number(line, "synthetic_share"));
    widen(r->ancestral, number(line, "ancestral_real_share"));
    widen(r->taint, number(line, "taint"));
}

/* Whether generation t is written by itself: all of them, or those at equal steps of log t, as many as there is room for. */
static int chosen(const lineage *l, const cJSON *line, uint64_t t) {
    const uint64_t room = OURO_CROISSANT_MOST / l->points, end = l->point < l->points ? l->last[l->point] : t;
    const double steps = room > 2 ? (double)room - 1 : 1, last = (double)end;
    if (l->full || l->lines <= OURO_CROISSANT_MOST || t == 1 || t == end) return 1;
    if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(line, "event"))) return 1;
    if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(line, "rollback"))) return 1;
    const double i = floor(log((double)t) / log(last) * steps);
    for (double j = i; j <= i + 1; j++)
        if (round(pow(last, j / steps)) == (double)t) return 1;
    return 0;
}

static void put_line(lineage *l, const cJSON *line) {
    const uint64_t point = count(line, "point"), t = count(line, "generation");
    const cJSON *drawn = NULL, *entry = NULL;
    if (point != l->point || t == 1) {
        put_range(l);
        l->point = point;
        l->len = 0;
    }
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(line, "pool")) {
        if (count(entry, "id") != count(entry, "last_id")) note_growth(l, entry);
    }
    if (chosen(l, line, t)) {
        put_range(l);
        cJSON_ArrayForEach(drawn, cJSON_GetObjectItemCaseSensitive(line, "drawn")) put_drawn(l, line, drawn);
        put_model(l, line);
    } else {
        put_aside(l, line);
    }
}

/* Counts a line; the points of a sweep come in order. */
static int note(lineage *l, const cJSON *line) {
    const uint64_t point = count(line, "point");
    if (point >= l->points) l->points++;
    if (l->points > l->cap) {
        uint64_t *last = ouro_realloc(l->last, 2 * l->points, sizeof *last);
        if (!last) return OURO_ENOMEM;
        l->last = last;
        l->cap = 2 * l->points;
    }
    l->last[l->points - 1] = count(line, "generation");
    l->lines++;
    return OURO_OK;
}

/* One pass through the ledger: `each` for every line, or NULL to check the chain and to count. */
static int pass(lineage *l, const char *dir, void (*each)(lineage *, const cJSON *), ouro_error *e) {
    char path[1200];
    ouro_ledger_reader r;
    cJSON *line = NULL;
    snprintf(path, sizeof path, "%s/ledger.jsonl", dir);
    int ret = ouro_ledger_open(&r, path, e);
    if (ret) return ret;
    while ((ret = ouro_ledger_next(&r, &line, e)) == OURO_OK && line) {
        if (each) {
            each(l, line);
        } else {
            ret = note(l, line);
        }
        cJSON_Delete(line);
        if (ret) {
            ouro_fail(e, ret, path, "out of memory");
            break;
        }
    }
    ouro_ledger_close(&r);
    return ret;
}

int ouro_croissant_lineage(ouro_builder *b, const char *dir, int full, cJSON *nodes, ouro_error *e) {
    lineage l = {.b = b, .nodes = nodes, .full = full};
    int ret;
    OURO_TRY(pass(&l, dir, NULL, e));
    OURO_TRY(pass(&l, dir, put_line, e));
    put_range(&l);
out:
    ouro_free(l.last);
    return ret;
}
