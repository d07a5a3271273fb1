/* cli.h: the command line, a thin user of the library: arguments, words, exit codes. stdout is data, stderr words. */
#ifndef OURO_CLI_H
#define OURO_CLI_H
#include "ouro/run.h"
#include "ouro/study.h"
#include <stdio.h>

enum { EXIT_OK = 0, EXIT_RUNTIME = 1, EXIT_USAGE = 2, EXIT_CHECK = 3, EXIT_INTERRUPTED = 130 };

typedef struct cli_args {
    int operands_len;
    char **operands;
    size_t sets;
    const char **set;
    const char *out;
    int jobs; /* 0: all processors */
    int quiet, force, full, help;
    unsigned long long replicates;               /* 0: not said */
    const char *measure, *generation, *baseline; /* NULL: not said */
    const char *license, *creator, *url;         /* NULL: not stated */
} cli_args;

typedef struct cli_command {
    const char *name, *operands, *summary, *options; /* options: long names it takes, space-separated */
    const char *examples[2];
    int (*run)(const cli_args *a);
} cli_command;

extern const cli_command cli_commands[];
extern const size_t cli_commands_len;

/* Parses argv[1..] of a command. EXIT_USAGE after saying why. */
int cli_parse(const cli_command *c, int argc, char **argv, cli_args *out);
void cli_usage(FILE *to);
void cli_help(FILE *to, const cli_command *c);

/* Loads a study; prints what is wrong. Returns an exit code. */
int cli_load(ouro_study *s, const char *path, const cli_args *a);
/* Prints an error and returns its exit code. */
int cli_fail(const ouro_error *e);

int cli_run(const cli_args *a);
int cli_check(const cli_args *a);
int cli_list(const cli_args *a);
int cli_describe(const cli_args *a);
int cli_ledger(const cli_args *a);
int cli_verify(const cli_args *a);
int cli_compare(const cli_args *a);
int cli_theory(const cli_args *a);
/* Writes text to a->out, or to standard output. Returns an exit code. */
int cli_put(const cli_args *a, const char *text, size_t len);

/* cmd_run.c: from now on a first signal sets what is returned, a second one ends the program. */
const volatile sig_atomic_t *cli_catch_signals(void);

/* progress.c: a line on stderr that is rewritten, only when stderr is a terminal. */
typedef struct cli_progress {
    int live;
    double start, last; /* seconds */
    size_t width;
} cli_progress;
void cli_progress_begin(cli_progress *p, int quiet);
void cli_progress_show(cli_progress *p, const ouro_progress *now);
void cli_progress_end(cli_progress *p);
double cli_seconds(void);                                   /* monotonic */
void cli_duration(double seconds, size_t size, char *text); /* "3 s", "2 min 10 s" */
void cli_bytes(double bytes, size_t size, char *text);      /* "12 kB" */

#endif
