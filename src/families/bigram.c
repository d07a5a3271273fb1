/* bigram.c: a Markov chain over the tokens of a text. A point is a pair of successive tokens.
 *
 * theta = {p[pairs], U[pairs], S[tokens]}: p_ij is the probability of token i followed by token j. What follows from it
 * is kept for drawing: U the sums of p up to each pair within its row i, S those of the row shares p_i. = sum_j p_ij.
 * P(j|i) = p_ij / p_i. . T = {W, weighted counts[pairs]}.
 *
 * Drawing n pairs: the first token from the row shares, then i -> j by P(j|i). A token that nothing follows ends the
 * text, and another one starts from the row shares; the gap between the two is no pair.
 * Maximum likelihood is counting (Shannon 1951; Anderson and Goodman 1957); with add_k = k every one of the K^2 pairs
 * is counted k times more, so that P(j|i) = (c_ij + k) / (c_i. + k K) (Lidstone; Chen and Goodman 1999).
 * Absorbed = one pair left, or one cycle: the text repeats itself for ever. */
#include "core/kernels.h"
#include "categories.h"
#include <math.h>
#include <string.h>

enum { MOST_TYPES = 2000 };

typedef struct params {
    ouro_pairs pairs; /* of which `tokens` is a field, and every pair is possible */
    double zipf, follow;
} params;

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "the field writes a count into a size_t");
#define AT(member) offsetof(params, member)
static const ouro_field truth_rows[] = {
    {"types", OURO_COUNT, 0, AT(pairs.tokens), 2, MOST_TYPES, "5", NULL, "tokens", "Number K of different tokens."},
    {"zipf", OURO_REAL, 0, AT(zipf), 0, 100, "1", NULL, "",
     "Exponent s of z_j ~ 1 / j^s, j = 1..K, from which the next token comes with probability 1 - follow."},
    {"follow", OURO_REAL, OURO_BELOW, AT(follow), 0, 1, "0.5", NULL, "",
     "Probability a that token i + 1 follows token i, the first one the last: P(j|i) = (1 - a) z_j + a [j = i + 1]; 0: "
     "successive tokens are independent."},
};
#undef AT

static const ouro_field known_rows[] = {
    {"add_k", OURO_REAL, OURO_NULLABLE, 0, 0, 1e6, "0", NULL, "points",
     "Pseudo-points on each of the K^2 pairs of K tokens, seen or not, in every fit: P(j|i) = (c_ij + k) / (c_i. + k "
     "K). "
     "Above 0 for at most 2000 tokens; 0 or null: none, and a pair never seen cannot occur."},
};

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    (void)e;
    const params *t = p;
    *out = (ouro_domain){
        .kind = OURO_CATEGORIES, .dim = 1, .categories = t->pairs.tokens * t->pairs.tokens, .pairs = &t->pairs};
    return OURO_OK;
}

/* Fills U and S behind p. */
static void complete(const ouro_family *f, double *theta) {
    const ouro_pairs *g = f->domain.pairs;
    const double *p = theta;
    double *upto = theta + f->domain.categories, *share = upto + f->domain.categories, all = 0;
    for (size_t i = 0; i < g->tokens; i++) {
        double row = 0;
        for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++) upto[k] = row += p[k];
        share[i] = all += row;
    }
}

/* Stationary shares of P: s_j = (1 - a) z_j + a s_{j-1}, indices modulo K, so that s_0 is the mean of z_{-m} with
 * weights a^m, m = 0..K-1. All terms are positive: nothing cancels. */
static int truth_theta(const ouro_family *f, const void *params_, double *p, ouro_error *e) {
    const params *t = params_;
    const size_t K = t->pairs.tokens;
    const double a = t->follow;
    double *z = p + K * K, sum = 0, weight = 1, weights = 0, stationary = 0, all = 0;
    if (f->domain.pairs->first || f->domain.pairs->tokens != K)
        return ouro_fail(e, OURO_EUNDEFINED, "bigram",
                         "these parameters are for all pairs of %zu tokens, the truth has other tokens", K);
    for (size_t j = 0; j < K; j++) sum += z[j] = ouro_exp(-t->zipf * ouro_log(1 + (double)j));
    for (size_t j = 0; j < K; j++) z[j] /= sum;
    for (size_t m = 0; m < K; m++) {
        stationary += weight * z[(K - m) % K];
        weights += weight;
        weight *= a;
    }
    stationary /= weights;
    for (size_t i = 0; i < K; i++) {
        for (size_t j = 0; j < K; j++) all += p[i * K + j] = stationary * ((1 - a) * z[j] + (j == (i + 1) % K ? a : 0));
        stationary = (1 - a) * z[(i + 1) % K] + a * stationary;
    }
    for (size_t k = 0; k < K * K; k++) p[k] /= all;
    complete(f, p);
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    if (!f->domain.pairs)
        return ouro_fail(e, OURO_EUNDEFINED, "bigram",
                         "bigram needs pairs of successive tokens: give truth.text, a table with truth.pairs, or the "
                         "truth family bigram");
    f->mean_len = f->domain.categories;
    f->stat_len = f->domain.categories + 1;
    f->theta_len = 2 * f->domain.categories + f->domain.pairs->tokens;
    return OURO_OK;
}

/* The first k of from..to-1 with upto[k] > u total, u < 1; where rounding has made them equal, the last that counts. */
static size_t find(const double *upto, size_t from, size_t to, double u) {
    const double total = upto[to - 1];
    while (from < to) {
        size_t k = from + (to - from) / 2;
        if (upto[k] > u * total || upto[k] >= total)
            to = k;
        else
            from = k + 1;
    }
    return from;
}

typedef struct chain {
    const ouro_pairs *pairs;
    const double *upto, *share;
    size_t at; /* the last token, or pairs->tokens before the first */
} chain;

static chain begin(const ouro_family *f, const double *theta) {
    const double *upto = theta + f->domain.categories;
    return (chain){f->domain.pairs, upto, upto + f->domain.categories, f->domain.pairs->tokens};
}

static int ends(const chain *c) {
    if (c->at == c->pairs->tokens) return 1;
    const size_t from = ouro_pairs_first(c->pairs, c->at), to = ouro_pairs_first(c->pairs, c->at + 1);
    return from == to || !(c->upto[to - 1] > 0);
}

/* The next pair. O(log tokens). */
static size_t step(chain *c, ouro_stream *s) {
    if (ends(c)) c->at = find(c->share, 0, c->pairs->tokens, ouro_stream_uniform(s));
    size_t k =
        find(c->upto, ouro_pairs_first(c->pairs, c->at), ouro_pairs_first(c->pairs, c->at + 1), ouro_stream_uniform(s));
    c->at = ouro_pairs_next(c->pairs, c->at, k);
    return k;
}

static int sample(const ouro_family *f, const double *theta, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)tmp;
    chain c = begin(f, theta);
    for (size_t i = 0; i < n; i++) x[i] = (double)step(&c, s);
    return OURO_OK;
}

static void stat_draw(const ouro_family *f, const double *theta, ouro_stream *s, uint64_t n, double *T) {
    chain c = begin(f, theta);
    ouro_categories_stat_empty(f, T);
    T[0] = (double)n;
    for (uint64_t i = 0; i < n; i++) T[1 + step(&c, s)] += 1;
}

/* The only successor of token i, tokens where there is none, SIZE_MAX where there are several. */
static size_t successor(const ouro_pairs *g, const double *p, size_t i) {
    size_t found = g->tokens;
    for (size_t k = ouro_pairs_first(g, i); k < ouro_pairs_first(g, i + 1); k++) {
        if (!(p[k] > 0)) continue;
        if (found != g->tokens) return SIZE_MAX;
        found = ouro_pairs_next(g, i, k);
    }
    return found;
}

/* One pair, or one cycle through all that is left. */
static int repeats(const ouro_family *f, const double *p) {
    const ouro_pairs *g = f->domain.pairs;
    size_t alive = 0, start = g->tokens, length = 0;
    for (size_t i = 0; i < g->tokens; i++) {
        size_t next = successor(g, p, i);
        if (next == SIZE_MAX) return 0;
        if (next == g->tokens) continue;
        alive++;
        start = i;
    }
    if (alive <= 1) return 1;
    size_t at = start;
    do {
        at = successor(g, p, at);
        length++;
    } while (at != start && at != g->tokens && length < alive);
    return at == start && length == alive;
}

static void fit_mle(const ouro_family *f, const double *T, double *theta, ouro_fit_info *info) {
    const size_t len = f->domain.categories;
    const double k = f->known[0] > 0 ? f->known[0] : 0, W = T[0] + k * (double)len;
    for (size_t i = 0; i < len; i++) theta[i] = (T[1 + i] + k) / W;
    complete(f, theta);
    *info = (ouro_fit_info){.converged = 1, .absorbed = repeats(f, theta)};
}

const ouro_family_type ouro_family_bigram = {
    .name = "bigram",
    .doc = "A Markov chain over the tokens of a text: each token depends on the one before it. Points are pairs of "
           "successive tokens, as many as the text has tokens less one; a pair that is drawn by nobody dies.",
    .density = "P(j|i) = p_ij / p_i., i, j = 1..K tokens",
    .parameters = "eta_ij = log P(j | i), A_i = log sum_j e^eta_ij, mean of the counts of pairs: n p_ij",
    .statistic = "counts per pair of tokens",
    .exact_law = "counts of a chain of n steps, drawn step by step: O(n)",
    .reference = "Shannon 1951; Anderson and Goodman 1957; Chen and Goodman 1999 for add_k",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .shape = shape,
    .sample = sample,
    .stat_draw = stat_draw,
    .fit_mle = fit_mle,
    OURO_CATEGORIES_SLOTS,
};
