/* study_sweep.c: a sweep is a grid of axes; "zip" is one axis whose paths move together. The first axis turns slowest. */
#include "ouro/mem.h"
#include "study_source.h"
#include <stdio.h>
#include <string.h>

enum { MOST_POINTS = 1000000 };

/* Whether a and b are one path, or one lies below the other: the later value would undo the earlier one. */
static int overlap(const char *a, const char *b) {
    size_t m = strlen(a), n = strlen(b), least = m < n ? m : n;
    const char *rest = m < n ? b : a;
    return !strncmp(a, b, least) && (!rest[least] || rest[least] == '.');
}

/* What a path of a sweep cannot be. */
static int check_path(const ouro_study *s, const ouro_axis *axis, const cJSON *list, ouro_diagnostics *d) {
    const struct ouro_study_source *source = s->source;
    const char *path = list->string;
    if (!strcmp(path, "sweep") || !strcmp(path, "extends") || !strcmp(path, "name") || !strcmp(path, "$schema")) {
        ouro_diagnose(d, &source->sources, list, 1, "sweep",
                      "\"%s\" is the same for all points; sweep a field of the "
                      "simulation, see `ouro list fields`",
                      path);
        return -1;
    }
    for (const ouro_axis *a = source->axes; a <= axis; a++)
        for (size_t i = 0; i < a->paths; i++)
            if (overlap(a->path[i], path)) {
                ouro_diagnose(d, &source->sources, list, 1, "sweep",
                              "\"%s\" is swept already, as \"%s\"; sweep each field once", path, a->path[i]);
                return -1;
            }
    return 0;
}

static int add_path(ouro_study *s, ouro_axis *axis, const cJSON *list, ouro_diagnostics *d) {
    ouro_json_sources *sources = &s->source->sources;
    size_t steps = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (check_path(s, axis, list, d)) return OURO_OK;
    if (!steps) {
        ouro_diagnose(d, sources, list, 0, "sweep", "\"%s\" needs an array of the values to try, at least one%s",
                      list->string,
                      cJSON_IsObject(list) ? "; paths go in one key here, like \"policy.initial\": [10, 20]" : "");
        return OURO_OK;
    }
    if (axis->steps && axis->steps != steps) {
        ouro_diagnose(d, sources, list, 0, "sweep.zip",
                      "\"%s\" has %zu values, the paths before it have %zu; zipped paths "
                      "move together",
                      list->string, steps, axis->steps);
        return OURO_OK;
    }
    const char **path = ouro_arena_alloc(&s->keep, axis->paths + 1, sizeof *path);
    const cJSON **value = ouro_arena_alloc(&s->keep, (axis->paths + 1) * steps, sizeof *value);
    if (!path || !value) return OURO_ENOMEM;
    if (axis->paths) memcpy(path, axis->path, axis->paths * sizeof *path);
    if (axis->paths) memcpy(value, axis->value, axis->paths * steps * sizeof *value);
    path[axis->paths] = list->string;
    size_t i = 0;
    for (const cJSON *item = list->child; item; item = item->next) {
        ouro_json_place_key(sources, item, list);
        value[axis->paths * steps + i++] = item;
    }
    axis->path = path;
    axis->value = value;
    axis->steps = steps;
    axis->paths++;
    return OURO_OK;
}

static int add_axis(ouro_study *s, const cJSON *entry, ouro_diagnostics *d) {
    struct ouro_study_source *source = s->source;
    ouro_axis *axis = &source->axes[source->axes_len];
    *axis = (ouro_axis){0};
    if (strcmp(entry->string, "zip")) {
        if (add_path(s, axis, entry, d)) return OURO_ENOMEM;
    } else if (!cJSON_IsObject(entry) || !entry->child) {
        ouro_diagnose(d, &source->sources, entry, 0, "sweep.zip",
                      "an object of paths with arrays of equal length belongs here");
    } else {
        for (const cJSON *list = entry->child; list; list = list->next)
            if (add_path(s, axis, list, d)) return OURO_ENOMEM;
    }
    source->axes_len += axis->paths > 0;
    return OURO_OK;
}

/* Which step of axis a a point stands at. */
static size_t step_of(const struct ouro_study_source *source, size_t point, size_t a) {
    for (size_t i = source->axes_len; i-- > a + 1;) point /= source->axes[i].steps;
    return point % source->axes[a].steps;
}

static const cJSON *value_of(const struct ouro_study_source *source, size_t point, size_t a, size_t path) {
    const ouro_axis *axis = &source->axes[a];
    return axis->value[path * axis->steps + step_of(source, point, a)];
}

static const char *as_text(ouro_study *s, const cJSON *v) {
    if (cJSON_IsString(v)) return ouro_arena_strdup(&s->keep, v->valuestring);
    if (cJSON_IsNumber(v)) return ouro_arena_printf(&s->keep, "%.17g", v->valuedouble);
    char *text = cJSON_PrintUnformatted(v);
    const char *copy = ouro_arena_strdup(&s->keep, text);
    cJSON_free(text);
    return copy;
}

/* Swept paths and their values, as points.csv shows them. */
static int name_axes(ouro_study *s) {
    struct ouro_study_source *source = s->source;
    for (size_t a = 0; a < source->axes_len; a++) s->axes += source->axes[a].paths;
    s->axis = ouro_arena_alloc(&s->keep, s->axes + 1, sizeof *s->axis);
    s->value = ouro_arena_alloc(&s->keep, s->axes * s->points + 1, sizeof *s->value);
    if (!s->axis || !s->value) return OURO_ENOMEM;
    for (size_t a = 0, column = 0; a < source->axes_len; a++)
        for (size_t p = 0; p < source->axes[a].paths; p++, column++) {
            s->axis[column] = source->axes[a].path[p];
            for (size_t i = 0; i < s->points; i++)
                if (!(s->value[i * s->axes + column] = as_text(s, value_of(source, i, a, p)))) return OURO_ENOMEM;
        }
    return OURO_OK;
}

/* What is wrong with an axis leaves it out, so that the rest of the config is still looked at. */
int ouro_study_axes(ouro_study *s, ouro_diagnostics *d) {
    struct ouro_study_source *source = s->source;
    const cJSON *sweep = source->sweep;
    int ret = OURO_OK;
    s->points = 1;
    if (sweep && !cJSON_IsObject(sweep)) {
        ouro_diagnose(d, &source->sources, sweep, 0, "sweep", "an object { \"path\": [values], ... } belongs here");
        sweep = NULL;
    }
    size_t entries = sweep ? (size_t)cJSON_GetArraySize(sweep) : 0;
    if (!(source->axes = ouro_arena_alloc(&s->keep, entries + 1, sizeof *source->axes))) return OURO_ENOMEM;
    for (const cJSON *entry = sweep ? sweep->child : NULL; entry; entry = entry->next) {
        if (!strcmp(entry->string, "common_random_numbers")) {
            if (!cJSON_IsBool(entry))
                ouro_diagnose(d, &source->sources, entry, 0, "sweep.common_random_numbers",
                              "true or false belongs here");
            s->common_random_numbers = cJSON_IsTrue(entry);
            continue;
        }
        OURO_TRY(add_axis(s, entry, d));
    }
    for (size_t a = 0; a < source->axes_len; a++) {
        if (s->points > MOST_POINTS / source->axes[a].steps) {
            ouro_diagnose(d, &source->sources, sweep, 1, "sweep", "more than %d points; sweep fewer values",
                          MOST_POINTS);
            source->axes_len = 0;
            s->points = 1;
            break;
        }
        s->points *= source->axes[a].steps;
    }
    ret = name_axes(s);
out:
    return ret;
}

cJSON *ouro_study_point_root(const ouro_study *s, size_t point, ouro_diagnostics *d) {
    const struct ouro_study_source *source = s->source;
    cJSON *root = cJSON_Duplicate(source->root, 1);
    for (size_t a = 0; root && a < source->axes_len; a++)
        for (size_t p = 0; root && p < source->axes[a].paths; p++) {
            const cJSON *from = value_of(source, point, a, p);
            cJSON *value = cJSON_Duplicate(from, 1);
            int ret = value ? ouro_json_put(root, source->axes[a].path[p], value) : OURO_ENOMEM;
            if (ret == OURO_ECONFIG)
                ouro_diagnose(d, &source->sources, from, 1, "sweep",
                              "\"%s\" is no path of a config; see `ouro list fields`", source->axes[a].path[p]);
            if (ret == OURO_ENOMEM) {
                cJSON_Delete(root);
                root = NULL;
            }
        }
    return root;
}
