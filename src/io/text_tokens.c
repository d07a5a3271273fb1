/* text_tokens.c: a text becomes tokens, tokens become counted pairs. */
#include "text_tokens.h"
#include "ouro/field.h"
#include "text.h"
#include "vocabulary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { SPACE, WORD, MARK, CONTROL } kind;

static int within(uint32_t c, uint32_t low, uint32_t high) { return c >= low && c <= high; }

static kind kind_of(uint32_t c) {
    if (within(c, 9, 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || within(c, 0x2000, 0x200A) ||
        c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000)
        return SPACE;
    if (c < 0x20 || within(c, 0x7F, 0x9F)) return CONTROL;
    if (c < 0x80) return within(c | 0x20, 'a', 'z') || within(c, '0', '9') ? WORD : MARK;
    if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA ? WORD : MARK;
    /* general punctuation to dingbats, supplemental and CJK punctuation, full-width marks, pictographs */
    if (c == 0xD7 || c == 0xF7 || within(c, 0x200B, 0x2BFF) || within(c, 0x2E00, 0x2E7F) || within(c, 0x3001, 0x3004) ||
        within(c, 0x3007, 0x3030) || within(c, 0xFE10, 0xFE6F) || c == 0xFEFF || within(c, 0xFF01, 0xFF0F) ||
        within(c, 0xFF1A, 0xFF20) || within(c, 0xFFF0, 0xFFFF) || within(c, 0x1F000, 0x1FAFF))
        return MARK;
    return WORD;
}

/* All of these have two bytes in either case. */
static uint32_t lower_of(uint32_t c) {
    if (within(c, 'A', 'Z')) return c + 32;
    if (within(c, 0xC0, 0xDE) && c != 0xD7) return c + 32;
    if (within(c, 0x391, 0x3AB) && c != 0x3A2) return c + 32;
    if (c == 0x386) return 0x3AC;
    if (within(c, 0x388, 0x38A)) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (c == 0x38E || c == 0x38F) return c + 63;
    if (within(c, 0x400, 0x40F)) return c + 80;
    if (within(c, 0x410, 0x42F)) return c + 32;
    return c;
}

typedef struct tokens {
    ouro_vocabulary vocabulary;
    size_t len, cap;
    uint32_t *id; /* [len] */
} tokens;

static int add(tokens *t, const char *text, size_t len) {
    if (t->len == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 1024;
        uint32_t *id = ouro_realloc(t->id, cap, sizeof *id);
        if (!id) return OURO_ENOMEM;
        t->id = id;
        t->cap = cap;
    }
    uint32_t id = ouro_vocabulary_add(&t->vocabulary, text, len);
    t->id[t->len++] = id;
    return id == UINT32_MAX ? OURO_ENOMEM : OURO_OK;
}

typedef struct reader {
    const char *file;
    char *text;
    size_t len, at, size; /* the present character stands at text[at], `size` bytes */
    uint64_t line, column;
    const ouro_token_rule *rule;
    tokens *to;
    ouro_error *e;
} reader;

static int fail_here(const reader *r, const char *what) {
    char where[sizeof r->e->where], column[24];
    snprintf(column, sizeof column, "%llu", (unsigned long long)r->column);
    ouro_text_where(r->file, r->line, column, sizeof where, where);
    return ouro_fail(r->e, OURO_ECONFIG, where, "%s", what);
}

/* The kind of the character at r->at, in small letters from now on; r->size is set. */
static int look(reader *r, kind *what) {
    char message[96];
    uint32_t code;
    r->size = ouro_utf8_decode(r->text + r->at, r->len - r->at, &code);
    if (!r->size) {
        snprintf(message, sizeof message, "byte \\x%02X is not UTF-8: save the file as UTF-8",
                 (unsigned)(unsigned char)r->text[r->at]);
        return fail_here(r, message);
    }
    *what = kind_of(code);
    if (*what == CONTROL) {
        snprintf(message, sizeof message, "control character \\x%02X: this is not a text file", (unsigned)code);
        return fail_here(r, message);
    }
    uint32_t lower = r->rule->lowercase ? lower_of(code) : code;
    if (lower == code) return OURO_OK;
    if (r->size == 1) {
        r->text[r->at] = (char)lower;
    } else {
        r->text[r->at] = (char)(0xC0 | lower >> 6);
        r->text[r->at + 1] = (char)(0x80 | (lower & 0x3F));
    }
    return OURO_OK;
}

static void advance(reader *r) {
    const int line = r->text[r->at] == '\n';
    r->at += r->size;
    r->line += (uint64_t)line;
    r->column = line ? 1 : r->column + 1;
}

/* Whether an apostrophe stands here with a letter or digit behind it. */
static int joins(const reader *r) {
    const char *here = r->text + r->at;
    uint32_t next;
    if (!(r->size == 1 && *here == '\'') && !(r->size == 3 && !memcmp(here, "\xE2\x80\x99", 3))) return 0;
    return ouro_utf8_decode(here + r->size, r->len - r->at - r->size, &next) && kind_of(next) == WORD;
}

static int read_words(reader *r) {
    int ret = OURO_OK, inside = 0;
    size_t start = 0;
    for (kind what = SPACE; r->at < r->len; advance(r)) {
        OURO_TRY(look(r, &what));
        if (what == WORD || (inside && joins(r))) {
            if (!inside) start = r->at;
            inside = 1;
            continue;
        }
        if (inside) OURO_TRY(add(r->to, r->text + start, r->at - start));
        inside = 0;
        if (what == MARK && r->rule->keep) OURO_TRY(add(r->to, r->text + r->at, r->size));
    }
    if (inside) ret = add(r->to, r->text + start, r->len - start);
out:
    return ret;
}

static int read_letters(reader *r) {
    int ret = OURO_OK, space = 0;
    for (kind what = SPACE; r->at < r->len; advance(r)) {
        OURO_TRY(look(r, &what));
        space |= what == SPACE && r->to->len > 0;
        if (what == SPACE || (what == MARK && !r->rule->keep)) continue;
        if (space) OURO_TRY(add(r->to, " ", 1));
        space = 0;
        OURO_TRY(add(r->to, r->text + r->at, r->size));
    }
out:
    return ret;
}

typedef struct frequency {
    uint64_t count;
    uint32_t id;
} frequency;

static int by_frequency(const void *a, const void *b) {
    const frequency *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Numbers the tokens anew: those of the first `trained` of them, `kept` at most, in order of appearance, then the one
 * that stands for all others where there are any. How many there are goes to *types. */
static int keep_frequent(tokens *t, size_t trained, uint64_t kept, size_t *types) {
    uint32_t seen = 0, next = 0;
    for (size_t i = 0; i < trained; i++)
        if (t->id[i] >= seen) seen = t->id[i] + 1;
    frequency *f = ouro_alloc(seen + 1, sizeof *f);
    uint32_t *number = ouro_alloc(t->vocabulary.len + 1, sizeof *number);
    int ret = f && number ? OURO_OK : OURO_ENOMEM, others = kept != OURO_UNSET && seen > kept;
    if (ret) goto out;
    for (uint32_t i = 0; i < seen; i++) f[i].id = i;
    for (size_t i = 0; i < trained; i++) f[t->id[i]].count++;
    qsort(f, seen, sizeof *f, by_frequency);
    const uint32_t last = others ? (uint32_t)kept : seen;
    for (uint32_t i = 0; i < last; i++) number[f[i].id] = 1;
    for (uint32_t i = 0; i < t->vocabulary.len; i++) number[i] = number[i] ? next++ : others ? last : OURO_NO_TOKEN;
    for (size_t i = 0; i < t->len; i++) t->id[i] = number[t->id[i]];
    *types = (size_t)last + (size_t)others;
out:
    ouro_free(f);
    ouro_free(number);
    return ret;
}

typedef struct seen_pair {
    uint64_t key, count; /* first tokens + second */
    size_t row;          /* of a table */
} seen_pair;

static int by_key(const void *a, const void *b) {
    const seen_pair *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Sorted pairs with different keys become the compressed rows of out. */
static int pack(size_t types, size_t len, const seen_pair *pair, ouro_arena *keep, ouro_pair_counts *out) {
    size_t *first = ouro_arena_alloc(keep, types + 1, sizeof *first);
    uint32_t *next = ouro_arena_alloc(keep, len, sizeof *next);
    uint64_t *count = ouro_arena_alloc(keep, len, sizeof *count);
    if (!first || !next || !count) return OURO_ENOMEM;
    for (size_t k = 0; k < len; k++) {
        first[pair[k].key / types + 1]++;
        next[k] = (uint32_t)(pair[k].key % types);
        count[k] = pair[k].count;
    }
    for (size_t i = 0; i < types; i++) first[i + 1] += first[i];
    out->pairs = (ouro_pairs){types, first, next};
    out->count = count;
    return OURO_OK;
}

/* Counts the pairs within id[0..trained). */
static int count_pairs(const tokens *t, size_t trained, size_t types, ouro_arena *keep, ouro_pair_counts *out) {
    size_t len = 0;
    seen_pair *pair = ouro_alloc(trained, sizeof *pair);
    if (!pair) return OURO_ENOMEM;
    for (size_t i = 1; i < trained; i++)
        pair[i - 1] = (seen_pair){.key = (uint64_t)t->id[i - 1] * types + t->id[i], .count = 1};
    qsort(pair, trained - 1, sizeof *pair, by_key);
    for (size_t i = 0; i + 1 < trained; i++)
        if (len && pair[len - 1].key == pair[i].key)
            pair[len - 1].count++;
        else
            pair[len++] = pair[i];
    int ret = pack(types, len, pair, keep, out);
    ouro_free(pair);
    return ret;
}

static int list_held_out(const tokens *t, size_t trained, ouro_arena *keep, ouro_pair_counts *out) {
    if (t->len < trained + 2) return OURO_OK;
    uint32_t(*held)[2] = ouro_arena_alloc(keep, t->len - trained - 1, sizeof *held);
    if (!held) return OURO_ENOMEM;
    for (size_t i = trained + 1; i < t->len; i++) {
        held[out->held_len][0] = t->id[i - 1];
        held[out->held_len++][1] = t->id[i];
    }
    out->held = (const uint32_t(*)[2])held;
    return OURO_OK;
}

int ouro_text_pairs(const char *file, char *text, size_t len, const ouro_token_rule *rule, ouro_arena *keep,
                    ouro_pair_counts *out, ouro_error *e) {
    tokens t = {0};
    reader r = {.file = file, .text = text, .len = len, .line = 1, .column = 1, .rule = rule, .to = &t, .e = e};
    size_t types = 0;
    int ret;
    *out = (ouro_pair_counts){0};
    OURO_TRY(ouro_text_encoding(file, text, len, e));
    OURO_TRY(rule->letters ? read_letters(&r) : read_words(&r));
    const size_t trained = t.len - (size_t)(rule->held_out * (double)t.len + 0.5);
    OURO_TRY(keep_frequent(&t, trained, rule->vocabulary, &types));
    if (trained) OURO_TRY(count_pairs(&t, trained, types, keep, out));
    if (types < 2 || ouro_pairs_first(&out->pairs, types) < 2) {
        ret = ouro_fail(e, OURO_ECONFIG, file,
                        "%zu token%s outside the held-out part, %zu different; a text needs two different pairs of "
                        "successive tokens there",
                        trained, trained == 1 ? "" : "s", types);
        goto out;
    }
    ret = list_held_out(&t, trained, keep, out);
out:
    if (ret == OURO_ENOMEM) ouro_fail(e, ret, file, "out of memory for its tokens");
    ouro_vocabulary_free(&t.vocabulary);
    ouro_free(t.id);
    return ret;
}

/* The same pair twice would be two categories that a reader takes for one. */
static int refuse_repeat(const ouro_csv *csv, size_t first, size_t second, const seen_pair *a, const seen_pair *b,
                         ouro_error *e) {
    return ouro_fail(e, OURO_ECONFIG, csv->file,
                     "the pair \"%.40s\", \"%.40s\" stands on lines %u and %u; add their counts up in one row",
                     ouro_csv_cell(csv, a->row, first), ouro_csv_cell(csv, a->row, second), csv->lines[a->row],
                     csv->lines[b->row]);
}

int ouro_table_pairs(const ouro_csv *csv, size_t first, size_t second, const uint64_t *count, ouro_arena *keep,
                     ouro_pair_counts *out, ouro_error *e) {
    tokens t = {0};
    size_t len = 0;
    int ret = OURO_ENOMEM;
    seen_pair *pair = ouro_alloc(csv->rows, sizeof *pair);
    *out = (ouro_pair_counts){0};
    if (!pair) goto out;
    ret = OURO_OK;
    for (size_t i = 0; i < 2 * csv->rows; i++) { /* tokens of pairs never seen are none */
        const char *cell = ouro_csv_cell(csv, i / 2, i % 2 ? second : first);
        if (count[i / 2]) OURO_TRY(add(&t, cell, strlen(cell)));
    }
    for (size_t i = 0, at = 0; i < csv->rows; i++) {
        if (!count[i]) continue;
        pair[len++] = (seen_pair){(uint64_t)t.id[at] * t.vocabulary.len + t.id[at + 1], count[i], i};
        at += 2;
    }
    qsort(pair, len, sizeof *pair, by_key);
    for (size_t i = 1; i < len && !ret; i++)
        if (pair[i].key == pair[i - 1].key) ret = refuse_repeat(csv, first, second, &pair[i - 1], &pair[i], e);
    if (!ret && len < 2)
        ret = ouro_fail(e, OURO_ECONFIG, csv->file, "%zu pair with a count above zero; a truth needs two or more", len);
    if (!ret) ret = pack(t.vocabulary.len, len, pair, keep, out);
out:
    if (ret == OURO_ENOMEM) ouro_fail(e, ret, csv->file, "out of memory for its tokens");
    ouro_vocabulary_free(&t.vocabulary);
    ouro_free(t.id);
    ouro_free(pair);
    return ret;
}
