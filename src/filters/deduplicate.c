/* deduplicate.c: no category more than `times` in a batch; the rows drawn first stay. */
#include "centre.h"

typedef struct params {
    uint64_t times;
    bool fill;
} params;

static const ouro_field rows[] = {
    {"times", OURO_COUNT, 0, offsetof(params, times), 1, OURO_COUNT_MAX, "1", NULL, "rows",
     "How often a category may occur in a batch."},
    {"fill", OURO_BOOL, 0, offsetof(params, fill), 0, 0, "false", NULL, "",
     "true: draw until policy.synthetic.points rows have passed, which needs as many different ones; false: draw that "
     "many, and the batch is what passes."},
};

static const char *missing(const ouro_truth *truth, const ouro_family *model, const void *p) {
    (void)truth, (void)p;
    return model->domain.kind == OURO_CATEGORIES ? NULL : "numbers hardly ever repeat; it counts categories";
}

static int fills(const void *p) { return ((const params *)p)->fill; }

static size_t memory(const ouro_family *model) { return model->domain.categories; }

static int apply(const ouro_filter_task *t, unsigned char *pass) {
    const double times = (double)((const params *)t->params)->times;
    for (size_t i = 0; i < t->n; i++) {
        double *seen = &t->memory[(size_t)t->x[i]];
        if (*seen < times) {
            *seen += 1;
            pass[i] = 1;
        }
    }
    return OURO_OK;
}

const ouro_filter_type ouro_filter_deduplicate = {
    .name = "deduplicate",
    .doc = "Keeps each category at most `times` per batch: the frequent are flattened, and the batch shrinks with the "
           "diversity of the model.",
    .reference = "Lee et al. 2022, Deduplicating training data makes language models better",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .fills = fills,
    .memory = memory,
    .apply = apply,
};
