/* cmd_list.c: ouro list */
#include "cli.h"
#include "ouro/drift.h"
#include "ouro/event.h"
#include "ouro/registry.h"
#include "ouro/verdict.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int list_families(void) {
    for (size_t i = 0; i < ouro_families_len; i++) printf("%-14s %s\n", ouro_families[i]->name, ouro_families[i]->doc);
    return EXIT_OK;
}

static int list_policies(void) {
    for (size_t i = 0; i < ouro_presets_len; i++) printf("%-21s %s\n", ouro_presets[i].name, ouro_presets[i].doc);
    return EXIT_OK;
}

static int list_estimators(void) {
    for (size_t i = 0; i < ouro_estimators_len; i++)
        printf("%-10s %s\n", ouro_estimators[i]->name, ouro_estimators[i]->doc);
    return EXIT_OK;
}

static int list_filters(void) {
    for (size_t i = 0; i < ouro_filters_len; i++) printf("%-12s %s\n", ouro_filters[i]->name, ouro_filters[i]->doc);
    return EXIT_OK;
}

static int list_measures(void) {
    for (size_t i = 0; i < ouro_measures_len; i++) {
        const ouro_measure_type *m = ouro_measures[i];
        printf("%s: %s\n", m->name, m->doc);
        for (size_t j = 0; j < m->len; j++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", m->columns[j].name, m->per_tail ? "_ALPHA" : "");
            printf("  %-18s %-16s %s\n", name, *m->columns[j].unit ? m->columns[j].unit : "-", m->columns[j].formula);
        }
    }
    return EXIT_OK;
}

static int list_events(void) {
    for (size_t i = 0; i < ouro_events_len; i++) printf("%-19s %s\n", ouro_events[i].name, ouro_events[i].doc);
    return EXIT_OK;
}

static int list_verdicts(void) {
    for (size_t i = 0; i < OURO_DEFINITIONS; i++)
        printf("%-21s %s\n", ouro_definitions[i].name, ouro_definitions[i].doc);
    return EXIT_OK;
}

static int list_laws(void) {
    for (size_t i = 0; i < ouro_laws_len; i++) printf("%-16s %s\n", ouro_laws[i]->name, ouro_laws[i]->doc);
    return EXIT_OK;
}

static int list_sinks(void) {
    for (size_t i = 0; i < ouro_sinks_len; i++) printf("%-6s %s\n", ouro_sinks[i]->name, ouro_sinks[i]->doc);
    return EXIT_OK;
}

static void list_table(const char *prefix, ouro_table table) {
    for (size_t i = 0; i < table.len; i++) {
        const ouro_field *f = &table.rows[i];
        char path[128];
        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", f->path);
        printf("%-28s %-20s %s\n", path, f->def ? f->def : "(required)", f->doc);
    }
}

static int list_fields(void) {
    char prefix[64];
    list_table("", ouro_config_fields);
    list_table("policy", ouro_policy_fields);
    list_table("truth.drift.PARAMETER", ouro_movement_fields(OURO_REAL));
    for (size_t i = 0; i < ouro_families_len; i++) {
        snprintf(prefix, sizeof prefix, "truth(%s)", ouro_families[i]->name);
        list_table(prefix, ouro_families[i]->truth_fields);
        snprintf(prefix, sizeof prefix, "model(%s)", ouro_families[i]->name);
        list_table(prefix, ouro_families[i]->known_fields);
        list_table(prefix, ouro_families[i]->option_fields);
    }
    for (size_t i = 0; i < ouro_estimators_len; i++) {
        snprintf(prefix, sizeof prefix, "estimator(%s)", ouro_estimators[i]->name);
        list_table(prefix, ouro_estimators[i]->fields);
    }
    for (size_t i = 0; i < ouro_filters_len; i++) {
        snprintf(prefix, sizeof prefix, "filter(%s)", ouro_filters[i]->name);
        list_table(prefix, ouro_filters[i]->fields);
    }
    list_table("observe.events.N", ouro_event_fields);
    return EXIT_OK;
}

static int is_config(const struct dirent *entry) {
    size_t len = strlen(entry->d_name);
    return len > 5 && !strcmp(entry->d_name + len - 5, ".json");
}

static int list_configs(void) {
    struct dirent **entries = NULL;
    int n = scandir("configs", &entries, is_config, alphasort);
    if (n < 0) {
        fprintf(stderr, "ouro list: there is no folder configs here\n");
        return EXIT_RUNTIME;
    }
    for (int i = 0; i < n; i++) {
        char path[300];
        ouro_study s;
        ouro_diagnostics d = {0};
        snprintf(path, sizeof path, "configs/%.255s", entries[i]->d_name);
        int ret = ouro_study_load(&s, path, 0, NULL, &d);
        printf("%-36s %s\n", path, ret ? "(not valid: see ouro check)" : s.description);
        if (!ret) ouro_study_free(&s);
        ouro_diagnostics_free(&d);
        free(entries[i]);
    }
    free(entries);
    return EXIT_OK;
}

static int is_experiment(const struct dirent *entry) {
    char path[300];
    snprintf(path, sizeof path, "experiments/%.255s/targets.json", entry->d_name);
    return !access(path, R_OK);
}

/* The first line of a README says what the experiment asks. */
static int list_experiments(void) {
    struct dirent **entries = NULL;
    int n = scandir("experiments", &entries, is_experiment, alphasort);
    if (n < 0) {
        fprintf(stderr, "ouro list: there is no folder experiments here\n");
        return EXIT_RUNTIME;
    }
    for (int i = 0; i < n; i++) {
        char path[300], line[200] = "";
        snprintf(path, sizeof path, "experiments/%.255s/README.md", entries[i]->d_name);
        FILE *readme = fopen(path, "r");
        if (!readme || !fgets(line, sizeof line, readme)) snprintf(line, sizeof line, "(no README.md)");
        if (readme) fclose(readme);
        line[strcspn(line, "\n")] = '\0';
        printf("%-28s %s\n", entries[i]->d_name, line + strspn(line, "# "));
        free(entries[i]);
    }
    free(entries);
    return EXIT_OK;
}

static const struct {
    const char *name;
    int (*list)(void); /* exit code */
} lists[] = {
    {"families", list_families}, {"policies", list_policies}, {"estimators", list_estimators},
    {"filters", list_filters},   {"measures", list_measures}, {"events", list_events},
    {"verdicts", list_verdicts}, {"laws", list_laws},         {"sinks", list_sinks},
    {"fields", list_fields},     {"configs", list_configs},   {"experiments", list_experiments},
};
enum { LISTS = sizeof lists / sizeof lists[0] };

int cli_list(const cli_args *a) {
    const char *names[LISTS];
    for (size_t i = 0; i < LISTS; i++) {
        names[i] = lists[i].name;
        if (a->operands_len == 1 && !strcmp(lists[i].name, a->operands[0])) {
            return lists[i].list();
        }
    }
    char hint[128] = "";
    if (a->operands_len) ouro_suggest(a->operands[0], LISTS, names, NULL, sizeof hint, hint);
    fprintf(stderr,
            "ouro list: say what to list: families, policies, estimators, filters, measures, events, verdicts, laws, "
            "sinks, fields, configs or experiments%s\n",
            hint);
    return EXIT_USAGE;
}
