/* columns.c: from names of measures to the columns of a row, and from `observe` to the generations that are written. */
#include "engine.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Such a name stands before the column's, but for the truth of now. */
const char *const ouro_against_names[OURO_AGAINST] = {
    [OURO_NOW] = "now", [OURO_AT_START] = "start", [OURO_AT_ANCHOR] = "anchor"};

const char *const ouro_against_words[OURO_AGAINST] = {
    [OURO_NOW] = "",
    [OURO_AT_START] = " Against the truth as given.",
    [OURO_AT_ANCHOR] = " Against the truth when the youngest real points were collected."};

void ouro_column_name(const ouro_experiment *x, const ouro_column *c, const char *base, size_t size, char *out) {
    const char *of = c->against == OURO_NOW ? "" : ouro_against_names[c->against], *dot = *of ? "." : "";
    if (c->measure->per_tail)
        snprintf(out, size, "%s%s%s_%g", of, dot, base, x->setting.tails[c->tail].alpha);
    else
        snprintf(out, size, "%s%s%s", of, dot, base);
}

int ouro_column_stands(const ouro_experiment *x, const ouro_measure_type *m, size_t index, int against) {
    return m->compares >> index & 1 ? x->against[against] : against == OURO_NOW;
}

static int add_column(ouro_experiment *x, const ouro_measure_type *m, size_t index, size_t tail, int against) {
    for (size_t i = 0; i < x->columns_len; i++) {
        const ouro_column *c = &x->columns[i];
        if (c->measure == m && c->index == index && c->tail == tail && c->against == against) return OURO_OK;
    }
    if (x->columns_len % 16 == 0) {
        ouro_column *grown = ouro_arena_alloc(&x->keep, x->columns_len + 16, sizeof *grown);
        if (!grown) return OURO_ENOMEM;
        if (x->columns_len) memcpy(grown, x->columns, x->columns_len * sizeof *grown);
        x->columns = grown;
    }
    ouro_column *c = &x->columns[x->columns_len++];
    *c = (ouro_column){.measure = m, .index = index, .tail = tail, .against = against};
    ouro_column_name(x, c, m->columns[index].name, sizeof c->name, c->name);
    return OURO_OK;
}

/* One column of a measure, for every tail where it is per tail and every truth where it compares with one. */
static int add_index(ouro_experiment *x, const ouro_measure_type *m, size_t index) {
    size_t times = m->per_tail ? x->setting.tails_len : 1;
    int ret = OURO_OK;
    for (size_t tail = 0; tail < times && !ret; tail++)
        for (int against = 0; against < OURO_AGAINST && !ret; against++)
            if (ouro_column_stands(x, m, index, against)) ret = add_column(x, m, index, tail, against);
    return ret;
}

static int add_whole(ouro_experiment *x, const ouro_measure_type *m, ouro_complaints *c) {
    const char *reason = NULL, *first = NULL;
    size_t found = 0;
    for (size_t i = 0; i < m->len; i++) {
        if ((reason = m->missing(&x->setting, i)) != NULL) {
            if (!first) first = reason;
            continue;
        }
        found++;
        if (add_index(x, m, i)) return OURO_ENOMEM;
    }
    if (!found) ouro_complain(c, "observe.measures", "\"%s\" has no column here: %s", m->name, first);
    return OURO_OK;
}

static void complain_unknown(const char *name, ouro_complaints *c) {
    const char *names[128];
    size_t len = 0;
    for (size_t i = 0; i < ouro_measures_len; i++) {
        names[len++] = ouro_measures[i]->name;
        for (size_t j = 0; j < ouro_measures[i]->len && len < 127; j++)
            names[len++] = ouro_measures[i]->columns[j].name;
    }
    char hint[128];
    ouro_complain(c, "observe.measures", "\"%s\" is not a measure or a column%s", name,
                  ouro_suggest(name, len, names, "ouro list measures", sizeof hint, hint));
}

static int add_name(ouro_experiment *x, const char *name, ouro_complaints *c) {
    for (size_t i = 0; i < ouro_measures_len; i++) {
        const ouro_measure_type *m = ouro_measures[i];
        if (!strcmp(m->name, name)) return add_whole(x, m, c);
        for (size_t j = 0; j < m->len; j++) {
            if (strcmp(m->columns[j].name, name)) continue;
            const char *reason = m->missing(&x->setting, j);
            if (!reason) return add_index(x, m, j);
            ouro_complain(c, "observe.measures", "\"%s\" is not defined for a %s model of %s: %s", name,
                          x->model.type->name, x->truth.source, reason);
            return OURO_OK;
        }
    }
    complain_unknown(name, c);
    return OURO_OK;
}

/* Columns of one measure and tail are computed together. */
static int group_columns(ouro_experiment *x) {
    x->groups = ouro_arena_alloc(&x->keep, x->columns_len, sizeof *x->groups);
    if (!x->groups) return OURO_ENOMEM;
    for (size_t i = 0; i < x->columns_len; i++) {
        const ouro_column *c = &x->columns[i];
        size_t g = 0;
        while (g < x->groups_len && !(x->groups[g].measure == c->measure && x->groups[g].tail == c->tail &&
                                      x->groups[g].against == c->against))
            g++;
        if (g == x->groups_len)
            x->groups[x->groups_len++] = (ouro_group){.measure = c->measure, .tail = c->tail, .against = c->against};
        x->groups[g].wanted |= 1u << c->index;
        x->groups[g].slot[c->index] = i;
        x->needs_provenance |= c->measure->needs_provenance;
    }
    return OURO_OK;
}

const char *ouro_past_truth(const char *name) {
    for (int k = 0; k < OURO_AGAINST; k++) {
        const size_t len = strlen(ouro_against_names[k]);
        if (!strncmp(name, ouro_against_names[k], len) && name[len] == '.') return name + len + 1;
    }
    return name;
}

int ouro_names_tail(const char *name) {
    name = ouro_past_truth(name);
    for (size_t m = 0; m < ouro_measures_len; m++)
        for (size_t j = 0; ouro_measures[m]->per_tail && j < ouro_measures[m]->len; j++) {
            const size_t len = strlen(ouro_measures[m]->columns[j].name);
            if (!strncmp(name, ouro_measures[m]->columns[j].name, len) && (!name[len] || name[len] == '_')) return 1;
        }
    return 0;
}

static int asks_for_tails(const ouro_config *config) {
    int wanted = !config->observe.measures.values;
    for (size_t i = 0; i < config->observe.events.len; i++)
        wanted |= ouro_names_tail(config->observe.events.item[i].measure);
    for (size_t i = 0; i < config->observe.measures.len; i++)
        for (size_t m = 0; m < ouro_measures_len; m++) {
            if (!ouro_measures[m]->per_tail) continue;
            wanted |= !strcmp(ouro_measures[m]->name, config->observe.measures.values[i]);
            for (size_t j = 0; j < ouro_measures[m]->len; j++)
                wanted |= !strcmp(ouro_measures[m]->columns[j].name, config->observe.measures.values[i]);
        }
    return wanted;
}

/* Columns are named after alpha with six digits: two alphas that share them would be one column. */
static void check_names(const ouro_reals *alpha, ouro_complaints *c) {
    char name[2][32];
    for (size_t i = 1; i < alpha->len; i++)
        for (size_t j = 0; j < i; j++) {
            snprintf(name[0], sizeof name[0], "%g", alpha->values[i]);
            snprintf(name[1], sizeof name[1], "%g", alpha->values[j]);
            if (!strcmp(name[0], name[1]))
                ouro_complain(c, "observe.tails",
                              "%s is given twice, or two values share its name tail_mass_%s; keep one", name[0],
                              name[0]);
        }
}

/* The tails are built only when some measure asks for them: a truth without tails may still be run. Of the default ones
 * those that the truth does not attain are left out; one that was asked for is a complaint. */
static int make_tails(ouro_experiment *x, ouro_complaints *c) {
    static const double usual[] = {0.1, 0.01, 0.001};
    const ouro_reals *asked = &x->config->observe.tails;
    ouro_reals alpha = asked->values ? *asked : (ouro_reals){sizeof usual / sizeof usual[0], usual};
    if (!asks_for_tails(x->config) || !alpha.len) return OURO_OK;
    if (!x->config->observe.measures.values && !asked->values && x->truth.domain.dim > 1) return OURO_OK; /* costly */
    ouro_tail_set *tails = ouro_arena_alloc(&x->keep, alpha.len, sizeof *tails);
    if (!tails) return OURO_ENOMEM;
    check_names(&alpha, c);
    size_t len = 0;
    for (size_t i = 0; i < alpha.len; i++) {
        ouro_error e = {0};
        int ret = ouro_truth_tail(&x->truth, alpha.values[i], &x->keep, &tails[len], &e);
        if (ret == OURO_ENOMEM) return ret;
        if (ret && asked->values) ouro_complain(c, "observe.tails", "%s", e.what);
        len += !ret || asked->values; /* a refused one stands there still, so that it is complained of once */
    }
    x->setting.tails = tails;
    x->setting.tails_len = len;
    return OURO_OK;
}

/* Whatever the setting has of the groups that a reader usually wants. */
static int add_usual(ouro_experiment *x) {
    static const char *const usual[] = {"moments",        "tails", "divergences", "diversity",    "regression",
                                        "classification", "text",  "filters",     "filter_tails", "provenance"};
    int ret = OURO_OK;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const ouro_measure_type *m = ouro_measure_find(usual[i]);
        for (size_t j = 0; m && j < m->len; j++)
            if (!m->missing(&x->setting, j) && (!m->usual || m->usual(&x->setting, j))) OURO_TRY(add_index(x, m, j));
    }
out:
    return ret;
}

static void choose_against(ouro_experiment *x, ouro_complaints *c) {
    const ouro_texts *asked = &x->config->observe.against;
    char hint[128];
    for (size_t i = 0; i < asked->len; i++) {
        int k = 0;
        while (k < OURO_AGAINST && strcmp(asked->values[i], ouro_against_names[k])) k++;
        if (k < OURO_AGAINST)
            x->against[k] = 1;
        else
            ouro_complain(c, "observe.against", "\"%s\" is none of now, start, anchor%s", asked->values[i],
                          ouro_suggest(asked->values[i], OURO_AGAINST, ouro_against_names, NULL, sizeof hint, hint));
    }
    if (!asked->len) ouro_complain(c, "observe.against", "name at least one of now, start, anchor");
}

int ouro_prepare_nodes(const ouro_experiment *x, ouro_setting *s, ouro_arena *keep) {
    int ret = OURO_OK;
    for (size_t g = 0; g < x->groups_len && !s->nodes; g++)
        if (x->groups[g].measure->prepare)
            OURO_TRY(x->groups[g].measure->prepare(s, x->groups[g].wanted, keep, &s->nodes));
    for (size_t g = 0; g < x->watched_len && !s->nodes; g++)
        if (x->watched[g].measure->prepare)
            OURO_TRY(x->watched[g].measure->prepare(s, x->watched[g].wanted, keep, &s->nodes));
out:
    return ret;
}

int ouro_choose_columns(ouro_experiment *x, ouro_complaints *c) {
    int ret;
    choose_against(x, c);
    OURO_TRY(make_tails(x, c));
    if (!x->config->observe.measures.values) OURO_TRY(add_usual(x));
    for (size_t i = 0; i < x->config->observe.measures.len; i++)
        OURO_TRY(add_name(x, x->config->observe.measures.values[i], c));
    if (!x->columns_len && !c->len) ouro_complain(c, "observe.measures", "no measure is asked for");
    OURO_TRY(group_columns(x));
    ret = ouro_prepare_nodes(x, &x->setting, &x->keep);
out:
    return ret;
}

static int add_generation(ouro_experiment *x, uint32_t t) {
    if (x->observed_len && x->observed[x->observed_len - 1] >= t) return 0;
    x->observed[x->observed_len++] = t;
    return 1;
}

int ouro_choose_generations(ouro_experiment *x, ouro_complaints *c) {
    const ouro_config *config = x->config;
    uint32_t last = (uint32_t)config->run.generations;
    const ouro_counts *list = &config->observe.generations;
    int logarithmic = list->values && !list->len;
    size_t room = list->len ? list->len : logarithmic ? 128 : (size_t)(last / config->observe.every) + 2;
    if (!(x->observed = ouro_arena_alloc(&x->keep, room, sizeof *x->observed))) return OURO_ENOMEM;
    const ouro_counts *samples = &config->observe.samples.generations;
    for (size_t i = 0; i < samples->len; i++)
        if (samples->values[i] > last)
            ouro_complain(c, "observe.samples.generations", "generation %llu is never run; run.generations is %u",
                          (unsigned long long)samples->values[i], last);
    if (list->len) {
        for (size_t i = 0; i < list->len; i++) {
            if (list->values[i] > last)
                ouro_complain(c, "observe.generations", "generation %llu is never run; run.generations is %u",
                              (unsigned long long)list->values[i], last);
            else
                add_generation(x, (uint32_t)list->values[i]);
        }
        return OURO_OK;
    }
    if (logarithmic) {
        for (int k = 0; k < 100 && round(pow(10, k / 10.0)) <= last; k++)
            add_generation(x, (uint32_t)round(pow(10, k / 10.0)));
    } else {
        add_generation(x, 1);
        for (uint64_t t = config->observe.every; t <= last; t += config->observe.every) add_generation(x, (uint32_t)t);
    }
    add_generation(x, last);
    return OURO_OK;
}

/* --- what they say of the truth ------------------------------------------------------------------------------------- */

int ouro_experiment_truth_group(const ouro_experiment *x, const ouro_group *group, double *out) {
    int failed = OURO_OK;
    const ouro_observation o = {.moments = &x->truth.moments, .failed = &failed};
    for (size_t i = 0; i < 16; i++) out[i] = NAN;
    group->measure->measure(&x->setting, &o, group->tail, group->wanted, out);
    return failed;
}

int ouro_experiment_truth_row(const ouro_experiment *x, double *row) {
    double out[16];
    int ret = OURO_OK;
    for (size_t g = 0; g < x->groups_len; g++) {
        const ouro_group *group = &x->groups[g];
        if (ouro_experiment_truth_group(x, group, out)) ret = OURO_ENOMEM;
        for (size_t i = 0; i < group->measure->len; i++)
            if (group->wanted >> i & 1) row[group->slot[i]] = out[i];
    }
    return ret;
}
