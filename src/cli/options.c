/* options.c: one table of options; each command names those it takes. */
#include "cli.h"
#include "ouro/field.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct option_row {
    const char *name;
    char letter; /* 0: long form only */
    const char *argument, *doc;
} option_row;

static const option_row rows[] = {
    {"set", 0, "PATH=VALUE", "override one field of the config; may be repeated"},
    {"out", 'o', "PATH", "where to write: a run directory (default out/NAME), or a file (default standard output)"},
    {"jobs", 'j', "N", "worker threads (default: all processors); never changes a byte of the results"},
    {"quiet", 'q', NULL, "no progress, no words on success"},
    {"force", 'f', NULL, "replace an earlier run in the directory"},
    {"replicates", 0, "N", "replayed of each point, spread over all (default: what some seconds allow)"},
    {"measure", 0, "NAME", "this measure alone (default: all)"},
    {"generation", 0, "T,...", "these generations (default: the last that all points have)"},
    {"baseline", 0, "POINT", "what the others are compared with: a point, or DIR:POINT (default: the first)"},
    {"full", 0, NULL, "every generation, however many there are"},
    {"license", 0, "URL", "licence that the document names (default: not stated)"},
    {"creator", 0, "NAME", "organisation or person that the document names (default: not stated)"},
    {"url", 0, "URL", "where the run is published (default: not stated)"},
    {"help", 'h', NULL, "this page"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static int takes(const cli_command *c, const char *name) {
    size_t len = strlen(name);
    if (!strcmp(name, "help")) return 1;
    for (const char *p = c->options; (p = strstr(p, name)); p++)
        if ((p == c->options || p[-1] == ' ') && (p[len] == ' ' || !p[len])) return 1;
    return 0;
}

static int refuse(const cli_command *c, const char *what, const char *why) {
    fprintf(stderr, "ouro %s: %s%s; see `ouro help %s`\n", c->name, what, why, c->name);
    return EXIT_USAGE;
}

/* A whole number from 1 to most; 0 when it is none. */
static unsigned long whole(const char *value, unsigned long most) {
    char *end;
    errno = 0;
    const unsigned long n = strtoul(value, &end, 10);
    return errno || *end || *value < '0' || *value > '9' || n > most ? 0 : n;
}

static int take(const cli_command *c, int row, const char *value, cli_args *out) {
    const char *name = rows[row].name;
    if (!takes(c, name)) return refuse(c, "it takes no option --", name);
    if (!strcmp(name, "full")) {
        out->full = 1;
        return EXIT_OK;
    }
    unsigned long count;
    switch (name[0]) {
    case 's': out->set[out->sets++] = value; break;
    case 'o': out->out = value; break;
    case 'q': out->quiet = 1; break;
    case 'f': out->force = 1; break;
    case 'h': out->help = 1; break;
    case 'l': out->license = value; break;
    case 'c': out->creator = value; break;
    case 'u': out->url = value; break;
    case 'm': out->measure = value; break;
    case 'g': out->generation = value; break;
    case 'b': out->baseline = value; break;
    case 'j':
        if (!(count = whole(value, 4096))) return refuse(c, value, " is not a number of threads");
        out->jobs = (int)count;
        break;
    case 'r':
        if (!(out->replicates = whole(value, UINT32_MAX))) return refuse(c, value, " is not a number of replicates");
        break;
    default: break;
    }
    return EXIT_OK;
}

static int row_of_letter(char letter) {
    for (int i = 0; i < ROWS; i++)
        if (rows[i].letter && rows[i].letter == letter) return i;
    return -1;
}

/* Says what is wrong with a long option that is none, of which len letters are its name. */
static int refuse_name(const cli_command *c, const char *typed, size_t len) {
    const char *names[ROWS], *near = NULL;
    char name[64], why[96];
    size_t n = 0;
    snprintf(name, sizeof name, "%.*s", (int)len, typed);
    for (int i = 0; i < ROWS; i++) {
        if (!takes(c, rows[i].name)) continue;
        names[n++] = rows[i].name;
        if (len && !strncmp(rows[i].name, name, len)) near = rows[i].name;
    }
    snprintf(why, sizeof why, near ? " is cut short: write --%s" : " is not an option", near);
    if (!near && (near = ouro_nearest(name, n, names)))
        snprintf(why, sizeof why, " is not an option; did you mean --%s?", near);
    snprintf(name, sizeof name, "--%.*s", (int)len, typed);
    return refuse(c, name, why);
}

/* Options are written in full: getopt_long takes any unique beginning, and an option added later would break scripts. */
static int check_names(const cli_command *c, int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
        const char *a = argv[i];
        if (a[0] != '-' || !a[1]) continue;
        if (a[1] != '-') { /* letters; the value of the last one may be the next argument */
            for (const char *p = a + 1; *p; p++) {
                int row = row_of_letter(*p);
                if (row < 0 || !rows[row].argument) continue;
                i += !p[1];
                break;
            }
            continue;
        }
        size_t len = strcspn(a + 2, "=");
        int row = 0;
        while (row < ROWS && (strlen(rows[row].name) != len || strncmp(a + 2, rows[row].name, len))) row++;
        if (row == ROWS) return refuse_name(c, a + 2, len);
        i += rows[row].argument && !a[2 + len];
    }
    return EXIT_OK;
}

/* Why getopt stopped: a value is missing, or one is given to an option without, or the letter is none. */
static int refuse_option(const cli_command *c, int got, const char *at) {
    char name[64];
    if (optopt >= 1000)
        snprintf(name, sizeof name, "--%s", rows[optopt - 1000].name);
    else if (optopt)
        snprintf(name, sizeof name, "-%c", optopt);
    else
        snprintf(name, sizeof name, "%s", at);
    return refuse(c, name, got == ':' ? " needs a value" : optopt >= 1000 ? " takes no value" : " is not an option");
}

int cli_parse(const cli_command *c, int argc, char **argv, cli_args *out) {
    struct option options[ROWS + 1] = {{0}};
    char letters[2 * ROWS + 2] = ":";
    for (int i = 0; i < ROWS; i++) {
        options[i] = (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, 1000 + i};
        if (rows[i].letter) {
            size_t len = strlen(letters);
            letters[len] = rows[i].letter;
            letters[len + 1] = rows[i].argument ? ':' : '\0';
        }
    }
    if (!(out->set = calloc((size_t)argc + 1, sizeof *out->set))) {
        fprintf(stderr, "ouro: out of memory\n");
        return EXIT_RUNTIME;
    }
    int code = check_names(c, argc, argv);
    opterr = 0;
    while (!code) {
        int got = getopt_long(argc, argv, letters, options, NULL);
        if (got == -1) break;
        if (got == '?' || got == ':')
            code = refuse_option(c, got, argv[optind - 1]);
        else
            code = take(c, got >= 1000 ? got - 1000 : row_of_letter((char)got), optarg, out);
    }
    out->operands = argv + optind;
    out->operands_len = argc - optind;
    return code;
}

void cli_help(FILE *to, const cli_command *c) {
    fprintf(to, "usage: ouro %s %s%s\n\n%s\n\n", c->name, c->operands, *c->options ? " [OPTIONS]" : "", c->summary);
    for (int i = 0; i < 2 && c->examples[i]; i++) fprintf(to, "  %s\n", c->examples[i]);
    fprintf(to, "\n");
    for (int i = 0; i < ROWS; i++) {
        if (!takes(c, rows[i].name)) continue;
        char left[64];
        snprintf(left, sizeof left, "%s--%s%s%s", rows[i].letter ? "" : "    ", rows[i].name,
                 rows[i].argument ? " " : "", rows[i].argument ? rows[i].argument : "");
        if (rows[i].letter)
            fprintf(to, "  -%c, %-20s %s\n", rows[i].letter, left, rows[i].doc);
        else
            fprintf(to, "  %-24s %s\n", left, rows[i].doc);
    }
}

void cli_usage(FILE *to) {
    fprintf(
        to,
        "ouro: a simulator of recursive training. It fits a model, samples from it, refits on the samples,\n"
        "generation after generation, and writes what happened to the tail and to the distance from the truth.\n\n");
    for (size_t i = 0; i < cli_commands_len; i++) {
        const cli_command *c = &cli_commands[i];
        fprintf(to, "  ouro %-9s %-12s %s\n", c->name, strlen(c->operands) > 12 ? "NAME..." : c->operands, c->summary);
    }
    fprintf(to, "  ouro --version\n\nFirst: ouro run configs/faithful-replace.json\n"
                "Exit: 0 ok, 1 failure, 2 usage or config, 3 a check failed, 130 interrupted.\n");
}
