/* cmd_ledger.c: ouro ledger: a run directory as one JSON-LD document. */
#include "cli.h"
#include "ouro/croissant.h"
#include <stdlib.h>

int cli_ledger(const cli_args *a) {
    const ouro_croissant_options o = {a->full, a->license, a->creator, a->url};
    ouro_error e = {0};
    char *text = NULL;
    size_t len = 0;
    if (a->operands_len != 1) {
        fprintf(stderr, "ouro ledger: one run directory is needed; see `ouro help ledger`\n");
        return EXIT_USAGE;
    }
    FILE *memory = open_memstream(&text, &len);
    int ret = memory ? ouro_croissant_write(a->operands[0], &o, memory, &e) : OURO_ENOMEM;
    if (memory && (fclose(memory) || !text) && !ret) ret = OURO_ENOMEM; /* glibc closes without a word, and no text */
    if (ret == OURO_ENOMEM) ouro_fail(&e, ret, a->operands[0], "out of memory");
    int code = ret ? cli_fail(&e) : cli_put(a, text, len);
    free(text);
    return code;
}
