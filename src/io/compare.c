/* compare.c: differences between points, read from trajectories.csv as it streams by: the baseline first, then one point after
 * the other. */
#include "ouro/compare.h"
#include "compare_runs.h"
#include "ouro/field.h"
#include "run_read.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 4 }; /* point, replicate, generation, status */

/* The chosen cells of one point: value[(replicate * generations + g) * measures + m]. */
typedef struct side {
    size_t replicates, cap;
    double *value;
} side;

typedef struct comparison {
    ouro_runs runs;
    const ouro_run_point *baseline;
    size_t generations, measures;
    uint64_t *generation;
    const char **measure;
    side a, b;
    double *x, *y; /* scratch: one cell of all replicates of either side */
    size_t scratch;
    FILE *to;
    ouro_compared *out;
} comparison;

/* --- what is compared ----------------------------------------------------------------------------------------- */

static int observes(const ouro_run_point *p, uint64_t t) {
    for (size_t i = 0; i < p->observed_len; i++)
        if (p->observed[i] == t) return 1;
    return 0;
}

/* The first point that does not observe t, or NULL. */
static const ouro_run_point *lacking(const ouro_runs *r, uint64_t t) {
    for (size_t p = 0; p < r->points; p++)
        if (!observes(&r->point[p], t)) return &r->point[p];
    return NULL;
}

static int choose_last(comparison *c, ouro_error *e) {
    for (size_t i = c->baseline->observed_len; i-- > 0;) {
        c->generation[0] = c->baseline->observed[i];
        c->generations = 1;
        if (!lacking(&c->runs, c->generation[0])) return OURO_OK;
    }
    return ouro_fail(e, OURO_ECONFIG, "--generation", "no generation is observed at all points");
}

static int choose_generations(comparison *c, const char *asked, ouro_error *e) {
    size_t most = 1;
    for (const char *p = asked; p && *p; p++) most += *p == ',';
    c->generation = ouro_arena_alloc(&c->runs.keep, most, sizeof *c->generation);
    if (!c->generation) return OURO_ENOMEM;
    if (!asked) return choose_last(c, e);
    for (const char *p = asked;; p++) {
        const size_t digits = strspn(p, "0123456789");
        if (!digits || digits > 10 || (p[digits] && p[digits] != ','))
            return ouro_fail(e, OURO_ECONFIG, "--generation", "\"%s\" is not a list of generations, such as 10,100",
                             asked);
        const uint64_t t = strtoull(p, NULL, 10);
        const ouro_run_point *without = lacking(&c->runs, t);
        if (without)
            return ouro_fail(
                e, OURO_ECONFIG, "--generation",
                "%llu is not observed at point %s, whose generations go from %llu to %llu in %zu steps",
                (unsigned long long)t, without->label,
                (unsigned long long)(without->observed_len ? without->observed[0] : 0),
                (unsigned long long)(without->observed_len ? without->observed[without->observed_len - 1] : 0),
                without->observed_len);
        c->generation[c->generations++] = t;
        p += digits;
        if (!*p) return OURO_OK;
    }
}

static int choose_baseline(comparison *c, const char *asked, ouro_error *e) {
    const ouro_runs *r = &c->runs;
    char hint[128];
    if (r->points < 2)
        return ouro_fail(e, OURO_ECONFIG, r->dir[0], "has one point, and nothing to compare it with: name another run");
    c->baseline = &r->point[0];
    if (!asked) return OURO_OK;
    const char **labels = ouro_alloc(r->points, sizeof *labels);
    if (!labels) return OURO_ENOMEM;
    size_t p = 0;
    for (size_t i = 0; i < r->points; i++) labels[i] = r->point[i].label;
    while (p < r->points && strcmp(labels[p], asked)) p++;
    int ret = OURO_OK;
    if (p < r->points)
        c->baseline = &r->point[p];
    else
        ret = ouro_fail(e, OURO_ECONFIG, "--baseline", "there is no point \"%s\" among %s to %s%s", asked, labels[0],
                        labels[r->points - 1], ouro_suggest(asked, r->points, labels, NULL, sizeof hint, hint));
    ouro_free(labels);
    return ret;
}

/* The columns of the baseline's run, or the one asked for, which all runs must have. */
static int choose_measures(comparison *c, const char *asked, ouro_error *e) {
    const ouro_runs *r = &c->runs;
    char hint[128];
    int ret = OURO_OK;
    ouro_table_reader t = {0};
    for (size_t i = 0; i < r->len; i++) {
        const size_t run = (c->baseline->run + i) % r->len;
        ouro_table_close(&t);
        OURO_TRY(ouro_table_open(&t, r->dir[run], "trajectories.csv", e));
        const size_t columns = t.columns > KEYS ? t.columns - KEYS : 0;
        const char *const *names = (const char *const *)t.name + KEYS;
        if (!c->measure) {
            if (!(c->measure = ouro_arena_alloc(&c->runs.keep, columns + 1, sizeof *c->measure))) return OURO_ENOMEM;
            for (size_t m = 0; m < columns; m++) {
                if (asked && strcmp(asked, names[m])) continue;
                if (!(c->measure[c->measures++] = ouro_arena_strdup(&c->runs.keep, names[m]))) ret = OURO_ENOMEM;
            }
        }
        size_t m = 0;
        while (asked && m < columns && strcmp(asked, names[m])) m++;
        if (asked && m == columns)
            ret = ouro_fail(e, OURO_ECONFIG, "--measure", "%s has no measure \"%s\"%s", r->dir[run], asked,
                            ouro_suggest(asked, columns, names, "summary.csv", sizeof hint, hint));
        if (ret) goto out;
    }
out:
    ouro_table_close(&t);
    return ret;
}

/* --- writing -------------------------------------------------------------------------------------------------- */

static void put_text(FILE *to, const char *text) {
    const int quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted) fputc('"', to);
    for (; *text; text++) {
        if (*text == '"') fputc('"', to);
        fputc(*text, to);
    }
    if (quoted) fputc('"', to);
}

/* Numbers as every other table has them. */
static void put_numbers(FILE *to, size_t len, const double *x) {
    for (size_t i = 0; i < len; i++) {
        fputc(',', to);
        if (!isnan(x[i])) fprintf(to, "%.17g", x[i]);
    }
}

static void put_row(const comparison *c, const ouro_run_point *b, size_t g, size_t m, int paired,
                    const ouro_difference *d) {
    const double first[] = {d->difference, d->se, d->z}, rest[] = {d->correlation, d->median, d->low, d->high};
    fprintf(c->to, "%llu,%s,", (unsigned long long)c->generation[g], c->measure[m]);
    put_text(c->to, c->baseline->label);
    fputc(',', c->to);
    put_text(c->to, b->label);
    fprintf(c->to, ",%zu", d->n);
    put_numbers(c->to, 3, first);
    fprintf(c->to, ",%d", paired);
    put_numbers(c->to, 4, rest);
    put_numbers(c->to, 3, d->a);
    put_numbers(c->to, 3, d->b);
    fputc(',', c->to);
    put_text(c->to, c->baseline->setting);
    fputc(',', c->to);
    put_text(c->to, b->setting);
    fputc('\n', c->to);
}

static size_t gather(const comparison *c, const side *s, size_t cell, double *out) {
    const size_t cells = c->generations * c->measures;
    size_t defined = 0;
    for (size_t i = 0; i < s->replicates; i++) {
        out[i] = s->value[i * cells + cell];
        defined += isnan(out[i]) ? 0 : 1;
    }
    return defined;
}

/* All chosen cells of one point against the baseline's; those that neither side has are left out. */
static int put_point(comparison *c, const ouro_run_point *b) {
    const int paired = ouro_runs_share(c->baseline, b);
    const size_t most = c->a.replicates > c->b.replicates ? c->a.replicates : c->b.replicates;
    int ret = OURO_OK;
    if (most > c->scratch) {
        ouro_free(c->x);
        c->scratch = most;
        if (!(c->x = ouro_alloc(2 * most, sizeof *c->x))) return OURO_ENOMEM;
        c->y = c->x + most;
    }
    for (size_t cell = 0; cell < c->generations * c->measures; cell++) {
        ouro_difference d;
        const size_t na = gather(c, &c->a, cell, c->x), nb = gather(c, &c->b, cell, c->y);
        if (!na && !nb) continue;
        OURO_TRY(ouro_compare_values(c->a.replicates, c->x, c->b.replicates, c->y, paired, &d));
        put_row(c, b, cell / c->measures, cell % c->measures, paired, &d);
    }
    c->out->paired += paired ? 1 : 0;
    c->out->unpaired += paired ? 0 : 1;
out:
    return ret;
}

/* --- reading -------------------------------------------------------------------------------------------------- */

static int keep_row(comparison *c, const ouro_table_reader *t, const size_t *place, uint64_t replicate, size_t g,
                    side *s, ouro_error *e) {
    const size_t cells = c->generations * c->measures;
    int ret = OURO_OK;
    if (replicate > s->replicates || replicate + 1 < s->replicates)
        return ouro_table_fail(t, OURO_ECHECK, e, "replicate: says %llu, the one before was %zu",
                               (unsigned long long)replicate, s->replicates ? s->replicates - 1 : 0);
    if (replicate == s->replicates) {
        if (s->replicates == s->cap) {
            const size_t cap = s->cap ? 2 * s->cap : 256;
            double *bigger = ouro_realloc(s->value, cap, cells * sizeof *bigger);
            if (!bigger) return ouro_fail(e, OURO_ENOMEM, t->path, "out of memory for the replicates of a point");
            s->value = bigger;
            s->cap = cap;
        }
        for (size_t i = 0; i < cells; i++) s->value[s->replicates * cells + i] = NAN;
        s->replicates++;
    }
    for (size_t m = 0; m < c->measures; m++)
        if (place[m] < t->columns)
            OURO_TRY(ouro_table_real(t, place[m], &s->value[replicate * cells + g * c->measures + m], e));
out:
    return ret;
}

static int no_rows(const ouro_runs *r, const ouro_run_point *p, ouro_error *e) {
    return ouro_fail(e, OURO_ECONFIG, r->dir[p->run], "keeps no rows of point %s: its observe.rows is summary",
                     p->label);
}

/* The rows of one run. `only`: the point to read into c->a, after which reading ends; else every point is read into c->b and
 * compared as soon as it is whole, but for the baseline. */
static int read_run(comparison *c, size_t first, const ouro_run_point *only, ouro_error *e) {
    const ouro_runs *r = &c->runs;
    const ouro_run_point *now = NULL;
    ouro_table_reader t;
    side *into = only ? &c->a : &c->b;
    size_t read = 0, points = 0, *place = ouro_alloc(c->measures + 1, sizeof *place);
    int ret = OURO_ENOMEM;
    while (first + points < r->points && r->point[first + points].run == r->point[first].run) points++;
    OURO_TRY(ouro_table_open(&t, r->dir[r->point[first].run], "trajectories.csv", e));
    for (size_t m = 0; place && m < c->measures; m++)
        for (place[m] = KEYS; place[m] < t.columns && strcmp(t.name[place[m]], c->measure[m]); place[m]++) {}
    if (!place) ret = OURO_ENOMEM;
    while (!ret) {
        uint64_t key[KEYS - 1] = {0};
        OURO_TRY(ouro_table_next(&t, e));
        for (size_t i = 0; i < KEYS - 1 && t.cell[0]; i++) OURO_TRY(ouro_table_count(&t, i, &key[i], e));
        const ouro_run_point *here = t.cell[0] && key[0] < points ? &r->point[first + key[0]] : NULL;
        if (now && here != now) { /* a point is whole */
            if (!only && now != c->baseline) OURO_TRY(put_point(c, now));
            read++;
            into->replicates = only ? into->replicates : 0;
            if (only) break;
        }
        if (!t.cell[0]) break;
        if (!here) {
            ret = ouro_table_fail(&t, OURO_ECHECK, e, "there is no such point");
            goto out;
        }
        if (only && here != only) continue;
        now = here;
        size_t g = 0;
        while (g < c->generations && c->generation[g] != key[2]) g++;
        if (g == c->generations || (!only && now == c->baseline)) continue;
        OURO_TRY(keep_row(c, &t, place, key[1], g, into, e));
    }
    if (!ret && only && !read) ret = no_rows(r, only, e);
    if (!ret && !only && read < points) ret = no_rows(r, &r->point[first + read], e);
out:
    ouro_table_close(&t);
    ouro_free(place);
    return ret;
}

int ouro_compare(size_t len, const char *const *dirs, const ouro_compare_options *o, FILE *to, ouro_compared *out,
                 ouro_error *e) {
    comparison c = {.to = to, .out = out};
    int ret;
    *out = (ouro_compared){0};
    OURO_TRY(ouro_runs_load(&c.runs, len, dirs, e));
    OURO_TRY(choose_baseline(&c, o->baseline, e));
    OURO_TRY(choose_measures(&c, o->measure, e));
    OURO_TRY(choose_generations(&c, o->generation, e));
    fputs("generation,measure,a,b,n,difference,se,z,paired,correlation,median,low,high,a_q05,a_median,a_q95,b_q05,b_"
          "median,"
          "b_q95,a_setting,b_setting\n",
          to);
    size_t first = 0;
    while (c.runs.point[first].run != c.baseline->run) first++;
    OURO_TRY(read_run(&c, first, c.baseline, e));
    for (size_t p = 0; p < c.runs.points; p++)
        if (!p || c.runs.point[p].run != c.runs.point[p - 1].run) OURO_TRY(read_run(&c, p, NULL, e));
    if (ferror(to)) ret = ouro_fail(e, OURO_EIO, "compare", "the table cannot be written");
out:
    if (ret == OURO_ENOMEM) ouro_fail(e, ret, "compare", "out of memory");
    ouro_free(c.a.value);
    ouro_free(c.b.value);
    ouro_free(c.x);
    ouro_runs_free(&c.runs);
    return ret;
}
