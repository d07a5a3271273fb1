/* text.c: what has become of a text, for models of pairs of successive tokens.
 *
 * theta begins with p_ij, the probability of token i followed by token j; p_i. = sum_j p_ij, P(j|i) = p_ij / p_i. .
 * The n-grams are those of a text that is drawn for this alone, with random numbers of its own (slot SLOT of the
 * generation's measures; at t = 0 the truth's text, at address (0; 0, 0, 0)). */
#include "ouro/measure.h"
#include <math.h>

enum {
    VOCABULARY_SHARE,
    DISTINCT_1,
    DISTINCT_2,
    DISTINCT_3,
    PERPLEXITY,
    PERPLEXITY_COVERED,
    COVERAGE,
    ENTROPY_RATE,
    KL_RATE
};
enum { SLOT = 0x54 };

static const ouro_column_type columns[] = {
    {"vocabulary_share", "", "tokens that can occur / tokens that could at t = 0",
     "Share of the vocabulary that is still alive."},
    {"distinct_1", "", "#different tokens / #tokens",
     "Distinct-1 of one text of observe.text_tokens tokens, drawn from the model."},
    {"distinct_2", "", "#different 2-grams / #2-grams",
     "Distinct-2 of the same text; n-grams end where the text does, and where a token has no successor."},
    {"distinct_3", "", "#different 3-grams / #3-grams", "Distinct-3 of the same text."},
    {"perplexity", "tokens", "exp(-mean log P_t(j|i)) over the held-out pairs",
     "Perplexity on the held-out end of the text; inf as soon as one of its pairs cannot occur."},
    {"perplexity_covered", "tokens", "exp(-mean log P_t(j|i)) over the held-out pairs with P_t(j|i) > 0",
     "Perplexity on what the model can still say; to be read beside held_out_coverage, whose fall makes it fall."},
    {"held_out_coverage", "", "#held-out pairs with P_t(j|i) > 0 / #held-out pairs",
     "Share of the held-out pairs that can still occur."},
    {"entropy_rate", "nats per token", "-sum_ij p_ij log P_t(j|i)",
     "Entropy of a token given the one before, at the model's own row shares p_i.; the entropy rate where these are "
     "stationary, as those of a long text nearly are."},
    {"kl_rate", "nats per token", "sum_ij p_ij(0) log[P_0(j|i) / P_t(j|i)]",
     "Kullback-Leibler divergence per token from the truth; inf once a pair of the truth is lost."},
};

static const char *missing(const ouro_setting *s, size_t column) {
    if (!s->model->domain.pairs) return "it is about text, and the model does not draw pairs of successive tokens";
    if (column >= PERPLEXITY && column <= COVERAGE && !s->truth->held_pairs)
        return "no text is held out; it needs truth.text, and truth.held_out large enough for two tokens";
    return NULL;
}

static const char *method(const ouro_setting *s, size_t column) {
    (void)s;
    return column >= DISTINCT_1 && column <= DISTINCT_3
               ? "counted in one text drawn from the model, another in each generation; varies as such texts do"
               : NULL;
}

static double row_share(const ouro_pairs *g, const double *p, size_t i) {
    double sum = 0;
    for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++) sum += p[k];
    return sum;
}

static void no_memory(const ouro_observation *o) {
    if (o->failed) *o->failed = OURO_ENOMEM;
}

/* Tokens in some pair that is alive. */
static double vocabulary(const ouro_observation *o, const ouro_pairs *g, const double *p, ouro_arena *tmp) {
    ouro_arena_mark mark = ouro_arena_here(tmp);
    unsigned char *alive = ouro_arena_alloc(tmp, g->tokens, 1);
    double count = 0;
    if (!alive) no_memory(o);
    for (size_t i = 0; alive && i < g->tokens; i++)
        for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++)
            if (p[k] > 0) alive[i] = alive[ouro_pairs_next(g, i, k)] = 1;
    for (size_t i = 0; alive && i < g->tokens; i++) count += alive[i];
    ouro_arena_reset(tmp, mark);
    return count;
}

/* A set of keys, by open addressing; room for twice as many as are ever put in. */
typedef struct set {
    uint64_t mask, *slot; /* key + 1; 0 is free */
    uint64_t different, all;
} set;

static int set_init(set *s, uint64_t most, ouro_arena *tmp) {
    *s = (set){.mask = 1};
    while (s->mask < 2 * most) s->mask *= 2;
    s->slot = ouro_arena_alloc(tmp, s->mask, sizeof *s->slot);
    s->mask--;
    return s->slot ? OURO_OK : OURO_ENOMEM;
}

static void put(set *s, uint64_t key) {
    uint64_t h = (key + 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (h ^= h >> 32; s->slot[h & s->mask] && s->slot[h & s->mask] != key + 1;) h++;
    s->different += !s->slot[h & s->mask];
    s->slot[h & s->mask] = key + 1;
    s->all++;
}

/* n-grams of the text that pairs[] spell: `tokens` tokens at most. A pair that does not begin where the one before it
 * ended begins a new piece, with a token of its own. */
static void count_ngrams(const ouro_pairs *g, uint64_t tokens, const double *pairs, set gram[3]) {
    size_t at = g->tokens, before = 0;
    for (size_t r = 0; gram[0].all < tokens; r++) {
        const size_t k = (size_t)pairs[r], from = ouro_pairs_from(g, k);
        const int goes_on = at == from;
        if (!goes_on) put(&gram[0], from);
        if (gram[0].all == tokens) break; /* no room for the pair's second token */
        at = ouro_pairs_next(g, from, k);
        put(&gram[0], at);
        put(&gram[1], k);
        if (goes_on) put(&gram[2], before * g->tokens + at);
        before = k;
    }
}

static void distinct(const ouro_setting *s, const ouro_observation *o, const double *theta, ouro_arena *tmp,
                     double *out) {
    const ouro_family *f = s->model;
    const uint64_t tokens = s->text_tokens;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    ouro_address address = o->address ? *o->address : (ouro_address){.purpose = OURO_FOR_MEASURE};
    ouro_stream stream;
    set gram[3];
    address.slot = SLOT;
    ouro_stream_open(&stream, &address);
    double *pairs = ouro_arena_alloc(tmp, tokens, sizeof *pairs); /* fewer pairs than tokens, however many pieces */
    int ret = pairs ? f->type->sample(f, theta, &stream, tmp, tokens, pairs) : OURO_ENOMEM;
    for (int n = 0; n < 3 && !ret; n++) ret = set_init(&gram[n], tokens, tmp);
    if (!ret) {
        count_ngrams(f->domain.pairs, tokens, pairs, gram);
        for (int n = 0; n < 3; n++) /* pieces may all be shorter than n */
            out[DISTINCT_1 + n] = gram[n].all ? (double)gram[n].different / (double)gram[n].all : 0;
    } else {
        no_memory(o);
    }
    ouro_arena_reset(tmp, mark);
}

static void perplexity(const ouro_truth *t, const ouro_pairs *g, const double *p, double *out) {
    double loss = 0, covered = 0;
    for (size_t i = 0; i < g->tokens; i++) {
        const double row = row_share(g, p, i);
        for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++) {
            if (!t->held[k] || !(p[k] > 0)) continue;
            covered += (double)t->held[k];
            loss -= (double)t->held[k] * log(p[k] / row);
        }
    }
    out[COVERAGE] = covered / (double)t->held_pairs;
    out[PERPLEXITY_COVERED] = exp(loss / covered); /* NaN when nothing is covered */
    out[PERPLEXITY] = covered < (double)t->held_pairs ? INFINITY : out[PERPLEXITY_COVERED];
}

static double entropy_rate(const ouro_pairs *g, const double *p) {
    double sum = 0;
    for (size_t i = 0; i < g->tokens; i++) {
        const double row = row_share(g, p, i);
        for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++)
            if (p[k] > 0) sum -= p[k] * log(p[k] / row);
    }
    return fmax(sum, 0);
}

static double kl_rate(const ouro_pairs *g, const double *p, const double *q) {
    double sum = 0;
    for (size_t i = 0; i < g->tokens; i++) {
        const double of_p = row_share(g, p, i), of_q = row_share(g, q, i);
        for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++)
            if (p[k] > 0) sum += q[k] > 0 ? p[k] * log(p[k] / of_p / (q[k] / of_q)) : INFINITY;
    }
    return fmax(sum, 0);
}

static void measure(const ouro_setting *s, const ouro_observation *o, size_t tail, unsigned wanted, double *out) {
    (void)tail;
    const ouro_pairs *g = s->model->domain.pairs;
    const double *truth = s->truth->theta, *theta = o->theta ? o->theta : truth;
    ouro_arena own = {0}, *tmp = o->tmp ? o->tmp : &own;
    if (wanted >> VOCABULARY_SHARE & 1)
        out[VOCABULARY_SHARE] = vocabulary(o, g, theta, tmp) / vocabulary(o, g, truth, tmp);
    if (wanted & (7U << DISTINCT_1)) distinct(s, o, theta, tmp, out);
    if (wanted & (7U << PERPLEXITY)) perplexity(s->truth, g, theta, out);
    if (wanted >> ENTROPY_RATE & 1) out[ENTROPY_RATE] = entropy_rate(g, theta);
    if (wanted >> KL_RATE & 1) out[KL_RATE] = kl_rate(g, truth, theta);
    ouro_arena_free(&own);
}

const ouro_measure_type ouro_measure_text = {
    .name = "text",
    .doc = "For bigram models: how much of the vocabulary is alive, how varied a generated text is, how well the model "
           "foretells held-out text.",
    .reference = "Li et al. 2016 for distinct-n; Shannon 1951 for the entropy of a token given the one before",
    .methods = "distinct_1 to distinct_3 count in one text drawn from the model in each generation, and vary as such "
               "texts do. All else is sums over pairs: rounding only.",
    .len = sizeof columns / sizeof columns[0],
    .columns = columns,
    .slow = 1,
    .compares = 1u << KL_RATE,
    .missing = missing,
    .method = method,
    .measure = measure,
};
