/* samples_file.c: samples.csv and components.csv: what models of named generations look like.
 *
 * The first replicates are run once more, which random numbers with addresses make the same to the last bit, and points are
 * drawn from their models at addresses of their own: keeping samples moves no trajectory, and costs the workers nothing.
 * Generation 0 is the truth: points drawn from it, or observed ones, all of them where no more were asked for. Its components
 * are always there, being what those of models are held against. */
#include "core/mixture.h"
#include "ouro/replicate.h"
#include "ouro/registry.h"
#include "ouro/variates.h"
#include "output_files.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SLOT = 0x53, KEYS = 3 };

typedef struct writer {
    const ouro_sink_type *sink;
    void *samples, *components; /* tables; components: NULL where no family has any */
    size_t dim;                 /* columns of the widest point */
    ouro_cell *cells;
    ouro_arena tmp;
} writer;

static const ouro_counts *generations_of(const ouro_experiment *x) { return &x->config->observe.samples.generations; }

static int put_rows(writer *w, size_t point, uint32_t replicate, uint32_t t, size_t n, size_t dim, const double *x) {
    int ret = OURO_OK;
    w->cells[0] = OURO_INTEGER_CELL(point);
    w->cells[1] = OURO_INTEGER_CELL(replicate);
    w->cells[2] = OURO_INTEGER_CELL(t);
    for (size_t j = 0; j < w->dim; j++) w->cells[KEYS + j] = (ouro_cell){OURO_CELL_EMPTY, {0}};
    for (size_t i = 0; i < n && !ret; i++) {
        for (size_t j = 0; j < dim; j++) w->cells[KEYS + j] = OURO_NUMBER_CELL(x[i * dim + j]);
        ret = w->sink->row(w->samples, w->cells);
    }
    return ret;
}

/* Weight, mean and covariance, lower triangle by rows, of each component of a mixture of normals. */
static int put_components(writer *w, size_t point, uint32_t replicate, uint32_t t, const ouro_family *f,
                          const double *theta) {
    const ouro_arena_mark mark = ouro_arena_here(&w->tmp);
    ouro_gaussians g;
    int ret = f->type->gaussians(f, theta, &w->tmp, &g);
    const size_t most = 2 + w->dim + w->dim * (w->dim + 1) / 2;
    w->cells[0] = OURO_INTEGER_CELL(point);
    w->cells[1] = OURO_INTEGER_CELL(replicate);
    w->cells[2] = OURO_INTEGER_CELL(t);
    for (size_t c = 0; c < g.k && !ret; c++) {
        const double *L = g.factor + (g.tied ? 0 : c * ouro_factor_len(g.d, g.diagonal));
        ouro_cell *cell = w->cells + KEYS;
        for (size_t j = 0; j < most; j++) cell[j] = (ouro_cell){OURO_CELL_EMPTY, {0}};
        cell[0] = OURO_INTEGER_CELL(c);
        cell[1] = OURO_NUMBER_CELL(exp(g.log_weight[c]));
        for (size_t i = 0; i < g.d; i++) cell[2 + i] = OURO_NUMBER_CELL(g.mean[c * g.d + i]);
        for (size_t i = 0; i < g.d; i++)
            for (size_t j = 0; j <= i; j++) {
                double sum = g.diagonal && i == j ? L[i] * L[i] : 0;
                for (size_t l = 0; l <= j && !g.diagonal; l++) sum += L[i * (i + 1) / 2 + l] * L[j * (j + 1) / 2 + l];
                cell[2 + w->dim + i * (i + 1) / 2 + j] = OURO_NUMBER_CELL(sum);
            }
        ret = w->sink->row(w->components, w->cells);
    }
    ouro_arena_reset(&w->tmp, mark);
    return ret;
}

/* n points of a model, or of the truth at t = 0. */
static int put_model(writer *w, const ouro_experiment *x, size_t point, uint32_t replicate, uint32_t t,
                     const ouro_family *f, const double *theta) {
    const size_t n = (size_t)x->config->observe.samples.points, dim = f->domain.dim;
    const ouro_arena_mark mark = ouro_arena_here(&w->tmp);
    ouro_address a = {.seed = x->config->run.seed,
                      .point = x->stream_point,
                      .replicate = replicate,
                      .generation = t,
                      .purpose = OURO_FOR_MEASURE,
                      .slot = SLOT};
    ouro_stream s, covariates;
    double *row = ouro_arena_alloc(&w->tmp, n * dim, sizeof *row);
    int ret = row ? OURO_OK : OURO_ENOMEM;
    ouro_stream_open(&s, &a);
    a.purpose = OURO_FOR_COVARIATES;
    ouro_stream_open(&covariates, &a);
    if (!ret && f->type->covariates) f->type->covariates(f, &covariates, n, row);
    if (!ret) ret = f->type->sample(f, theta, &s, &w->tmp, n, row);
    if (!ret) ret = put_rows(w, point, replicate, t, n, dim, row);
    ouro_arena_reset(&w->tmp, mark);
    if (!ret && w->components && f->type->gaussians) ret = put_components(w, point, replicate, t, f, theta);
    return ret;
}

/* Observed rows, without replacement. */
static int put_observed(writer *w, const ouro_experiment *x, size_t point) {
    const ouro_truth *t = &x->truth;
    const size_t n = x->config->observe.samples.points < t->rows ? x->config->observe.samples.points : t->rows;
    const ouro_arena_mark mark = ouro_arena_here(&w->tmp);
    const ouro_address a = {.seed = x->config->run.seed, .purpose = OURO_FOR_MEASURE, .slot = SLOT};
    ouro_stream s;
    uint32_t *index = ouro_arena_alloc(&w->tmp, t->rows, sizeof *index);
    int ret = index ? OURO_OK : OURO_ENOMEM;
    ouro_stream_open(&s, &a);
    if (!ret) ouro_choose(&s, t->rows, n, index);
    for (size_t i = 0; i < n && !ret; i++)
        ret = put_rows(w, point, 0, 0, 1, t->domain.dim, t->row + index[i] * t->domain.dim);
    ouro_arena_reset(&w->tmp, mark);
    return ret;
}

static int put_point(writer *w, const ouro_experiment *x, size_t point, ouro_error *e) {
    const ouro_counts *list = generations_of(x);
    ouro_replicate r;
    int ret = ouro_replicate_init(&r, x, e);
    if (ret) return ret;
    for (uint32_t i = 0; i < x->config->observe.samples.replicates && !ret; i++) {
        size_t next = list->values[0] == 0;
        if (next && i == 0)
            ret = x->truth.row ? put_observed(w, x, point)
                               : put_model(w, x, point, 0, 0, &x->truth.family, x->truth.theta);
        else if (i == 0 && w->components && x->truth.family.type && x->truth.family.type->gaussians)
            ret = put_components(w, point, 0, 0, &x->truth.family, x->truth.theta);
        ouro_replicate_begin(&r, i);
        for (uint32_t t = 1; !ret && next < list->len; t++) {
            ret = ouro_replicate_step(&r, e);
            if (ret || list->values[next] != t) continue;
            next++;
            ret = put_model(w, x, point, i, t, &x->model, r.theta);
        }
    }
    ouro_replicate_free(&r);
    return ret;
}

/* The name of column j: that of the data where all points read the same ones, else x1, x2, ... */
static const char *name_of(const writer *w, const ouro_study *s, size_t j, ouro_arena *keep) {
    const ouro_texts *names = &s->config[0].truth.columns;
    return names->len == w->dim ? names->values[j] : ouro_arena_printf(keep, "x%zu", j + 1);
}

static int open_table(const writer *w, const char *dir, const char *name, size_t len, const char *const *columns,
                      void **table, ouro_error *e) {
    char path[1200];
    for (size_t i = 0; i < len; i++)
        if (!columns[i]) return ouro_fail(e, OURO_ENOMEM, "output", "out of memory");
    snprintf(path, sizeof path, "%s/%s%s", dir, name, w->sink->suffix);
    return w->sink->open(table, path, len, columns, e);
}

static int open_tables(writer *w, const ouro_study *s, const char *dir, ouro_arena *keep, ouro_error *e) {
    int normal = 0, ret = OURO_OK;
    for (size_t p = 0; p < s->points; p++) {
        const ouro_experiment *x = &s->experiment[p];
        if (!generations_of(x)->len) continue;
        if (x->model.domain.dim > w->dim) w->dim = x->model.domain.dim;
        normal |= x->model.type->gaussians != NULL;
    }
    const size_t d = w->dim, most = KEYS + 2 + d + d * (d + 1) / 2;
    const char **columns = ouro_arena_alloc(keep, most, sizeof *columns);
    w->cells = ouro_arena_alloc(keep, most, sizeof *w->cells);
    if (!columns || !w->cells) return ouro_fail(e, OURO_ENOMEM, "output", "out of memory");
    columns[0] = "point", columns[1] = "replicate", columns[2] = "generation";
    for (size_t j = 0; j < d; j++) columns[KEYS + j] = name_of(w, s, j, keep);
    OURO_TRY(open_table(w, dir, "samples", KEYS + d, columns, &w->samples, e));
    if (!normal) return OURO_OK;
    columns[KEYS] = "component", columns[KEYS + 1] = "weight";
    for (size_t i = 0; i < d; i++) {
        const char *one = name_of(w, s, i, keep);
        columns[KEYS + 2 + i] = ouro_arena_printf(keep, "mean_%s", one ? one : "");
        for (size_t j = 0; j <= i; j++) {
            const char *other = name_of(w, s, j, keep);
            columns[KEYS + 2 + d + i * (i + 1) / 2 + j] =
                ouro_arena_printf(keep, "cov_%s_%s", one ? one : "", other ? other : "");
        }
    }
    ret = open_table(w, dir, "components", most, columns, &w->components, e);
out:
    return ret;
}

/* Closes a table; the first failure counts. */
static int close_table(const writer *w, void *table, int ret, ouro_error *e) {
    ouro_error closing = {0};
    const int closed = table ? w->sink->close(table, &closing) : OURO_OK;
    return closed && (!ret || ret == OURO_EIO) ? ouro_fail(e, closed, closing.where, "%s", closing.what) : ret;
}

int ouro_samples_write(const ouro_study *s, const char *dir, ouro_error *e) {
    writer w = {.sink = ouro_sink_find("csv")};
    ouro_arena keep = {0};
    int ret = OURO_OK, wanted = 0;
    for (size_t p = 0; p < s->points; p++) wanted |= generations_of(&s->experiment[p])->len > 0;
    if (wanted) ret = open_tables(&w, s, dir, &keep, e);
    for (size_t p = 0; p < s->points && wanted && !ret; p++)
        if (generations_of(&s->experiment[p])->len) ret = put_point(&w, &s->experiment[p], p, e);
    if (ret == OURO_ENOMEM) ouro_fail(e, ret, "output", "out of memory");
    ret = close_table(&w, w.samples, ret, e);
    ret = close_table(&w, w.components, ret, e);
    ouro_arena_free(&w.tmp);
    ouro_arena_free(&keep);
    return ret;
}
