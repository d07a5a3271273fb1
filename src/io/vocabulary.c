/* vocabulary.c: a hash table of strings, open addressing, at most half full. */
#include "vocabulary.h"
#include "ouro/mem.h"
#include <string.h>

/* Where the word stands, or the free slot where it would: FNV-1a, then one by one. */
static uint32_t *slot_of(const ouro_vocabulary *v, const char *text, size_t len) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    for (uint64_t i = h ^ h >> 32;; i++) {
        uint32_t *slot = &v->slot[i & (2 * (uint64_t)v->cap - 1)];
        if (!*slot) return slot;
        const ouro_word *w = &v->word[*slot - 1];
        if (w->len == len && !memcmp(w->text, text, len)) return slot;
    }
}

static int grow(ouro_vocabulary *v) {
    const uint32_t cap = v->cap ? 2 * v->cap : 256;
    if (v->cap > UINT32_MAX / 4) return -1;
    ouro_word *word = ouro_realloc(v->word, cap, sizeof *word);
    if (!word) return -1;
    v->word = word;
    uint32_t *slot = ouro_alloc(2 * (size_t)cap, sizeof *slot);
    if (!slot) return -1;
    ouro_free(v->slot);
    v->slot = slot;
    v->cap = cap;
    for (uint32_t i = 0; i < v->len; i++) *slot_of(v, word[i].text, word[i].len) = i + 1;
    return 0;
}

uint32_t ouro_vocabulary_add(ouro_vocabulary *v, const char *text, size_t len) {
    if (v->len == v->cap && grow(v)) return UINT32_MAX;
    uint32_t *slot = slot_of(v, text, len);
    if (!*slot) {
        v->word[v->len++] = (ouro_word){text, len};
        *slot = v->len;
    }
    return *slot - 1;
}

void ouro_vocabulary_free(ouro_vocabulary *v) {
    ouro_free(v->word);
    ouro_free(v->slot);
    *v = (ouro_vocabulary){0};
}
