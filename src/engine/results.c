/* results.c: the rows of a point, which grow with its replicates. */
#include "ouro/mem.h"
#include "ouro/run.h"
#include <string.h>

static double bytes_of(const ouro_experiment *x, uint64_t replicates) {
    const double row = (double)x->columns_len * sizeof(double) + 1;
    return (double)replicates * ((double)x->observed_len * row + (double)x->events_len * sizeof(uint32_t));
}

size_t ouro_results_bytes(const ouro_experiment *x) {
    const double bytes = bytes_of(x, ouro_config_replicates(x->config));
    return bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

ouro_results ouro_results_of(const ouro_experiment *x) {
    return (ouro_results){
        .experiment = x, .generations = x->observed_len, .columns = x->columns_len, .events = x->events_len};
}

void ouro_results_free(ouro_results *r) {
    ouro_free(r->value);
    ouro_free(r->absorbed);
    ouro_free(r->passage);
    *r = (ouro_results){0};
}

/* From `from` to `to` replicates of `each` entries; a large block is moved by the system, not copied. NULL: *block is as it was. */
static void *grown(void *block, size_t from, size_t to, size_t each, size_t size) {
    if (!block) return ouro_alloc(to * each + 1, size);
    char *bigger = ouro_realloc(block, to * each + 1, size);
    if (bigger) memset(bigger + (from * each + 1) * size, 0, (to - from) * each * size);
    return bigger;
}

int ouro_results_grow(ouro_results *r, uint64_t replicates, ouro_error *e) {
    const size_t cells = r->generations * r->columns, from = r->replicates, to = replicates;
    void *value = NULL, *absorbed = NULL, *passage = NULL;
    if (bytes_of(r->experiment, replicates) < (double)SIZE_MAX) {
        if ((value = grown(r->value, from, to, cells, sizeof *r->value)) != NULL) r->value = value;
        if (value && (absorbed = grown(r->absorbed, from, to, r->generations, 1)) != NULL) r->absorbed = absorbed;
        if (absorbed && (passage = grown(r->passage, from, to, r->events, sizeof *r->passage)) != NULL)
            r->passage = passage;
    }
    if (passage) {
        r->replicates = to;
        return OURO_OK;
    }
    return ouro_fail(e, OURO_ENOMEM, "run",
                     "the results of one point need %.3g bytes, which memory does not hold; observe "
                     "fewer generations or measures, or run fewer replicates",
                     bytes_of(r->experiment, replicates));
}
