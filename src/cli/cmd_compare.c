/* cmd_compare.c: ouro compare: a table of differences between points. */
#include "cli.h"
#include "ouro/compare.h"
#include <stdlib.h>

int cli_compare(const cli_args *a) {
    const ouro_compare_options o = {a->measure, a->generation, a->baseline};
    ouro_compared compared;
    ouro_error e = {0};
    char *text = NULL;
    size_t len = 0;
    if (a->operands_len < 1) {
        fprintf(stderr, "ouro compare: a run directory is needed; see `ouro help compare`\n");
        return EXIT_USAGE;
    }
    FILE *memory = open_memstream(&text, &len);
    int ret = memory
                  ? ouro_compare((size_t)a->operands_len, (const char *const *)a->operands, &o, memory, &compared, &e)
                  : OURO_ENOMEM;
    if (memory && (fclose(memory) || !text) && !ret) ret = OURO_ENOMEM; /* glibc closes without a word, and no text */
    if (ret == OURO_ENOMEM) ouro_fail(&e, ret, "compare", "out of memory");
    if (!ret && compared.unpaired)
        fprintf(stderr,
                "ouro: %zu of %zu points share no random numbers with the baseline: their differences are not paired, "
                "and have larger errors (sweep \"common_random_numbers\": true, or runs of the same seed)\n",
                compared.unpaired, compared.paired + compared.unpaired);
    int code = ret ? cli_fail(&e) : cli_put(a, text, len);
    free(text);
    return code;
}
