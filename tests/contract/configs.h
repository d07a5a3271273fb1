/* configs.h: configs for tests of whole runs. */
#ifndef OURO_TEST_CONFIGS_H
#define OURO_TEST_CONFIGS_H
#include "setup.h"
#include "harness.h"

/* Configs that between them take every branch of the loop: both paths, all presets, windows, sources, budgets, data. */
static const char *const configs[] = {
    "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}",
    "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}, 'policy': {'preset': 'accumulate'}",
    "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian', 'estimator': 'unbiased'},"
    " 'policy': {'preset': 'weighted', 'synthetic': {'points': 20}, 'anchor': {'points': 5, 'every': 3}}",
    "'truth': {'family': 'gaussian', 'mean': 3}, 'model': {'family': 'gaussian'}, 'policy': {'memory': {'real': 4,"
    " 'synthetic': 2}, 'synthetic': {'points': 11}, 'anchor': {'points': 2, 'every': 2, 'source': 'stale', 'refresh': "
    "5}}",
    "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}, 'policy': {'preset': 'accumulate-subsample',"
    " 'synthetic': {'points': 13}}",
    "'truth': {'family': 'gaussian'}, 'model': {'family': 'gaussian'}, 'policy': {'preset': 'augment',"
    " 'synthetic': {'points': 17}, 'anchor': {'points': 3, 'source': 'fixed'}}, 'run': {'path': 'samples'}",
    "'truth': {'family': 'categorical', 'zipf': 1}, 'model': {'family': 'categorical'},"
    " 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 30}}",
    "'truth': {'family': 'categorical', 'categories': 6}, 'model': {'family': 'categorical'}, 'policy': {'preset': "
    "'fresh',"
    " 'synthetic': {'points': 9}}, 'run': {'path': 'samples'}",
    "'truth': {'family': 'gaussian', 'mean': 2}, 'model': {'family': 'gaussian', 'estimator': {'type': 'ridge',"
    " 'strength': 3, 'towards': 'initial'}}, 'policy': {'preset': 'accumulate', 'synthetic': {'points': 8}},"
    " 'run': {'path': 'samples'}",
    "'truth': {'family': 'categorical', 'categories': 5}, 'model': {'family': 'categorical', 'estimator': {"
    "'type': 'guided', 'w': 0.3, 'auxiliary': 'synthetic', 'parameterisation': 'mean'}}, 'policy': {'preset': 'fresh',"
    " 'synthetic': {'points': 40}, 'anchor': {'points': 10}}",
    "'truth': {'data': '%s/faithful.csv', 'columns': ['eruptions'], 'reserve': 0.2}, 'model': {'family': 'gaussian'},"
    " 'policy': {'synthetic': {'points': 40}, 'anchor': {'points': 2, 'every': 4}}",
    "'truth': {'data': '%s/word-counts.csv', 'counts': 'count', 'reserve': 0.1}, 'model': {'family': 'categorical'},"
    " 'policy': {'initial': 500, 'synthetic': {'points': 100}, 'anchor': {'points': 1, 'source': 'fixed'}}",
    "'truth': {'family': 'linear-regression', 'design': 'fixed'}, 'model': {'family': 'linear-regression', 'noise': "
    "'fitted'},"
    " 'policy': {'preset': 'accumulate', 'synthetic': {'points': 12}}",
    "'truth': {'family': 'linear-regression', 'features': 3}, 'model': {'family': 'linear-regression'},"
    " 'policy': {'memory': {'synthetic': 2}, 'synthetic': {'points': 9}, 'anchor': {'points': 4}}, 'run': {'path': "
    "'samples'}",
    "'truth': {'family': 'glm', 'features': 3}, 'model': {'family': 'glm'},"
    " 'policy': {'memory': {'synthetic': 1}, 'synthetic': {'points': 30}, 'anchor': {'points': 7, 'every': 2}}",
    "'truth': {'family': 'glm', 'link': 'log', 'features': 2, 'design': 'fixed'}, 'model': {'family': 'glm'},"
    " 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 25}}",
    "'truth': {'text': '%s/founding.txt', 'tokens': 'letters', 'reserve': 0.1}, 'model': {'family': 'bigram',"
    " 'add_k': 0.5}, 'policy': {'preset': 'augment', 'initial': 500, 'synthetic': {'points': 100},"
    " 'anchor': {'points': 5, 'every': 2}}",
    "'truth': {'family': 'bigram'}, 'model': {'family': 'bigram'}, 'policy': {'preset': 'accumulate-subsample',"
    " 'synthetic': {'points': 30}}, 'run': {'path': 'samples'}",
    "'truth': {'family': 'laplace', 'location': 4}, 'model': {'family': 'laplace', 'location': 'fitted'},"
    " 'policy': {'preset': 'accumulate-subsample', 'synthetic': {'points': 9}}",
    "'truth': {'family': 'laplace', 'location': 4}, 'model': {'family': 'laplace', 'location': 'fitted'},"
    " 'policy': {'memory': {'synthetic': 3}, 'synthetic': {'points': 8}, 'anchor': {'points': 2, 'every': 3}}",
    "'truth': {'family': 'gaussian', 'mean': 3}, 'model': {'family': 'gaussian'}, 'policy': {'preset': 'augment',"
    " 'synthetic': {'points': 12}, 'filters': [{'type': 'select', 'share': 0.7}, {'type': 'curate', 'reward': "
    "'distance'},"
    " {'type': 'truncate', 'fill': false}, {'type': 'verifier', 'by': 'set', 'psi': 0.5}]}",
    "'truth': {'family': 'categorical', 'categories': 7}, 'model': {'family': 'categorical'}, 'policy': {'preset':"
    " 'accumulate', 'synthetic': {'points': 12}, 'filters': [{'type': 'truncate', 'top_p': 0.9}, {'type':"
    " 'deduplicate', 'times': 2}]}",
    "'truth': {'family': 'pareto', 'minimum': 4}, 'model': {'family': 'pareto', 'minimum': 'fitted'},"
    " 'policy': {'preset': 'accumulate', 'synthetic': {'points': 9}}",
    "'truth': {'family': 'moons'}, 'model': {'family': 'kde', 'rule': 'scott', 'scale': 'data'},"
    " 'policy': {'preset': 'accumulate', 'synthetic': {'points': 12}, 'anchor': {'points': 3, 'every': 2}}",
    "'truth': {'family': 'mvgaussian', 'dim': 4}, 'model': {'family': 'ppca', 'n_latent': 2},"
    " 'policy': {'preset': 'accumulate', 'synthetic': {'points': 12}}",
    "'truth': {'family': 'gaussian', 'mean': 5}, 'model': {'family': 'gaussian'}, 'policy': {'preset': 'accumulate',"
    " 'synthetic': {'points': 6}, 'anchor': {'points': 2, 'source': 'stale', 'refresh': 4}, 'rollback': {'at': 6, "
    "'to': 2}, 'flagged': {'origin': 'anchor', 'first': 2, 'last': 4, 'recall': 7}}",
    "'truth': {'family': 'gmm', 'means': [[0, 0], [4, 1]]}, 'model': {'family': 'gmm', 'n_components': 2},"
    " 'policy': {'memory': {'synthetic': 2}, 'synthetic': {'points': 40}, 'rollback': {'at': 7, 'to': 2}}",
    "'truth': {'family': 'lda', 'dim': 2}, 'model': {'family': 'lda'}, 'policy': {'memory': {'synthetic': 2},"
    " 'synthetic': {'points': 40}, 'rollback': {'at': 7, 'to': 2}}",
};
enum { CONFIGS = sizeof configs / sizeof configs[0] };

/* Loads config number i with `more` behind it, such as ", 'observe': {...}"; a second 'run' would be refused. */
static inline int configs_load(ouro_study *s, size_t i, const char *more) {
    char data[1024], json[4096];
    char *here = realpath("configs/data", NULL);
    snprintf(data, sizeof data, configs[i], here != NULL ? here : "");
    const int regression = strstr(data, "regression") != NULL || strstr(data, "glm") != NULL;
    const int scored = strstr(data, "'kde'") != NULL || strstr(data, "'ppca'") != NULL;
    const int mixed = strstr(data, "'gmm'") != NULL || strstr(data, "'lda'") != NULL;
    snprintf(json, sizeof json, "{'name': 'run', %s, 'observe': {'measures': [%s]%s}}", data,
             strstr(data, "bigram") != NULL        ? "'moments', 'diversity', 'provenance', 'fit', 'text'"
             : mixed                               ? "'moments', 'provenance', 'fit'"
             : scored                              ? "'moments', 'scores', 'provenance', 'fit'"
             : strstr(data, "categorical") != NULL ? "'moments', 'diversity', 'provenance', 'fit'"
             : regression                          ? "'moments', 'regression', 'kl_truth_model', 'provenance', 'fit'"
                                                   : "'moments', 'diversity', 'provenance', 'fit', 'w2', 'drift_sq'",
             more);
    free(here);
    return setup_load(s, json) == OURO_OK;
}

/* A short run of this many replicates and generations. */
static inline void configs_shorten(ouro_study *s, uint64_t replicates, uint64_t generations) {
    ouro_complaints c = {0};
    ouro_experiment_free(&s->experiment[0]);
    s->config[0].run.replicates = replicates;
    s->config[0].run.generations = generations;
    CHECK(ouro_experiment_init(&s->experiment[0], &s->config[0], 0, &c) == OURO_OK);
    for (size_t i = 0; i < c.len; i++) printf("  %s: %s\n", c.item[i].path, c.item[i].what);
}

#endif
