/* main.c: the table of commands. */
#include "cli.h"
#include "ouro/blas.h"
#include "ouro/field.h"
#include "ouro/version.h"
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

static int cli_show_help(const cli_args *a);

const cli_command cli_commands[] = {
    {"run",
     "CONFIG",
     "simulate a config and write its run directory",
     "set out jobs quiet force",
     {"ouro run configs/faithful-replace.json",
      "ouro run configs/gaussian-replace.json --set policy.preset=accumulate -o out/acc"},
     cli_run},
    {"check",
     "CONFIG...",
     "validate configs; predict draws, memory, files and time",
     "set jobs",
     {"ouro check configs/*.json", "ouro check configs/gaussian-cadence.json --set run.replicates=100000"},
     cli_check},
    {"list",
     "families|policies|estimators|filters|measures|events|verdicts|laws|sinks|fields|configs|experiments",
     "what ouro knows by name",
     "",
     {"ouro list policies", "ouro list measures"},
     cli_list},
    {"describe",
     "[KIND] NAME",
     "one family, policy, estimator, filter, measure, event, verdict, law, sink or config field in full",
     "",
     {"ouro describe policy accumulate", "ouro describe policy.anchor.every"},
     cli_describe},
    {"theory",
     "CONFIG",
     "what the laws predict of a config, as CSV, without simulating",
     "set out force",
     {"ouro theory configs/gaussian-replace.json", "ouro theory configs/gaussian-cadence.json -o laws.csv"},
     cli_theory},
    {"ledger",
     "DIR",
     "describe a run as JSON-LD (Croissant, RAI, PROV), its ledger's chain checked",
     "out force full license creator url",
     {"ouro ledger out/faithful-replace", "ouro ledger out/faithful-replace --full -o croissant.json"},
     cli_ledger},
    {"verify",
     "DIR",
     "can a run be believed: checksums, ledger, a replay byte for byte, largest |z| against the laws",
     "replicates jobs quiet",
     {"ouro verify out/faithful-replace", "ouro verify out/faithful-replace --replicates 1000000"},
     cli_verify},
    {"compare",
     "DIR...",
     "differences between points, paired over replicates where they share random numbers",
     "measure generation baseline out force",
     {"ouro compare out/gaussian-drift --measure mean_error", "ouro compare out/a out/b --generation 10,100 -o ab.csv"},
     cli_compare},
    {"help", "[COMMAND]", "this page, or one command's", "", {"ouro help run", NULL}, cli_show_help},
};
const size_t cli_commands_len = sizeof cli_commands / sizeof cli_commands[0];

static const cli_command *find(const char *name) {
    for (size_t i = 0; i < cli_commands_len; i++)
        if (!strcmp(cli_commands[i].name, name)) return &cli_commands[i];
    return NULL;
}

static int unknown(const char *name) {
    const char *names[16];
    for (size_t i = 0; i < cli_commands_len; i++) names[i] = cli_commands[i].name;
    char hint[128];
    fprintf(stderr, "ouro: \"%s\" is not a command%s\n", name,
            ouro_suggest(name, cli_commands_len, names, "ouro help", sizeof hint, hint));
    return EXIT_USAGE;
}

static int cli_show_help(const cli_args *a) {
    if (!a->operands_len) {
        cli_usage(stdout);
        return EXIT_OK;
    }
    const cli_command *c = find(a->operands[0]);
    if (!c) return unknown(a->operands[0]);
    cli_help(stdout, c);
    return EXIT_OK;
}

static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        cli_usage(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("ouro %s\n", OURO_VERSION);
        return EXIT_OK;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        cli_usage(stdout);
        return EXIT_OK;
    }
    const cli_command *c = find(argv[1]);
    if (!c) return unknown(argv[1]);
    cli_args a = {0};
    int code = cli_parse(c, argc - 1, argv + 1, &a);
    if (!code && a.help)
        cli_help(stdout, c);
    else if (!code)
        code = c->run(&a);
    free(a.set);
    return code;
}

int main(int argc, char **argv) {
    gsl_set_error_handler_off();
    if (ouro_blas_pin()) {
        fprintf(stderr,
                "ouro: this OpenBLAS was built with OpenMP and would use several threads inside a replicate, which "
                "changes results; set OMP_NUM_THREADS=1 or install the pthread build\n");
        return EXIT_RUNTIME;
    }
    int code = dispatch(argc, argv);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "ouro: standard output cannot be written\n");
        if (code == EXIT_OK) code = EXIT_RUNTIME;
    }
    return code;
}
