/* cmd_theory.c: ouro theory: what the laws predict of a config; nothing is drawn. */
#include "cli.h"
#include <stdlib.h>

typedef struct writing {
    FILE *to;
    const ouro_experiment *x;
    size_t point, rows;
} writing;

/* No name or source holds a quote. */
static int row(void *ctx, const ouro_comparison *c) {
    writing *w = ctx;
    w->rows++;
    fprintf(w->to, "%zu,%u,%s,%s,%s,%s,%.17g,\"%s\"\n", w->point, c->generation, w->x->columns[c->column].name,
            c->law->name, ouro_statistic_names[c->claim->statistic], ouro_standing_names[c->claim->standing], c->theory,
            c->law->source);
    return ferror(w->to) ? OURO_ENOMEM : OURO_OK;
}

static int write_all(const ouro_study *s, writing *w) {
    int ret = OURO_OK;
    fprintf(w->to, "point,generation,measure,law,statistic,standing,theory,source\n");
    for (w->point = 0; w->point < s->points && !ret; w->point++) {
        w->x = &s->experiment[w->point];
        ret = ouro_theory(w->x, row, w);
    }
    return ret;
}

int cli_theory(const cli_args *a) {
    ouro_study s;
    ouro_error e = {0};
    char *text = NULL;
    size_t len = 0;
    if (a->operands_len != 1) {
        fprintf(stderr, "ouro theory: one config is needed; see `ouro help theory`\n");
        return EXIT_USAGE;
    }
    int code = cli_load(&s, a->operands[0], a);
    if (code) return code;
    writing w = {.to = open_memstream(&text, &len)};
    int ret = w.to ? write_all(&s, &w) : OURO_ENOMEM;
    if (w.to && fclose(w.to) && !ret) ret = OURO_ENOMEM;
    if (ret) {
        ouro_fail(&e, ret, a->operands[0], "out of memory");
        code = cli_fail(&e);
    } else {
        if (!w.rows) fprintf(stderr, "%s: no law speaks of any column here; see `ouro list laws`\n", a->operands[0]);
        code = cli_put(a, text, len);
    }
    free(text);
    ouro_study_free(&s);
    return code;
}
