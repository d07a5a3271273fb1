/* put.c: a document to standard output or to a file. */
#include "cli.h"
#include <errno.h>
#include <string.h>

/* Only a whole document touches the file. */
int cli_put(const cli_args *a, const char *text, size_t len) {
    if (!a->out || !strcmp(a->out, "-")) {
        fwrite(text, 1, len, stdout);
        return EXIT_OK; /* main looks after standard output */
    }
    FILE *to = fopen(a->out, a->force ? "w" : "wx");
    if (!to && errno == EEXIST) {
        fprintf(stderr, "ouro: %s: is there already; --force replaces it, -o names another\n", a->out);
        return EXIT_USAGE;
    }
    size_t written = to ? fwrite(text, 1, len, to) : 0;
    if (!to || fclose(to) || written < len) {
        fprintf(stderr, "ouro: %s: cannot be written: %s\n", a->out, strerror(errno));
        return EXIT_RUNTIME;
    }
    return EXIT_OK;
}
