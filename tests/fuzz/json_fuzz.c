/* json_fuzz.c: libFuzzer entry for the JSON reader. The corpus is replayed by tests/unit/json_corpus.c. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "json_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int accepted = 0;
    const char *broken = json_property((const char *)data, size, &accepted);
    if (broken != NULL) {
        fprintf(stderr, "%s\n", broken);
        abort();
    }
    return 0;
}
