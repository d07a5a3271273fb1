/* vocabulary.h: strings and their numbers, in order of first appearance. */
#ifndef OURO_IO_VOCABULARY_H
#define OURO_IO_VOCABULARY_H
#include <stddef.h>
#include <stdint.h>

typedef struct ouro_word {
    const char *text; /* the caller's, not terminated */
    size_t len;
} ouro_word;

/* Zeroed memory is an empty one. */
typedef struct ouro_vocabulary {
    uint32_t len, cap;
    ouro_word *word; /* [len] */
    uint32_t *slot;  /* [2 cap], open addressing: number + 1, 0 is free */
} ouro_vocabulary;

/* The number of text[0..len), a new one when it is new; UINT32_MAX when out of memory or of numbers. The text must
 * outlive the vocabulary. O(len) amortised. */
uint32_t ouro_vocabulary_add(ouro_vocabulary *v, const char *text, size_t len);
void ouro_vocabulary_free(ouro_vocabulary *v);

#endif
