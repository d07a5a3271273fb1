/* text_tokens.h: pairs of successive tokens, of a text or a table.
 *
 * Characters are code points: white space; letters and digits (ASCII ones, and beyond ASCII all but the marks and
 * symbols of Latin-1 and of the blocks made of nothing else); and marks, which is the rest. Words are runs of letters
 * and digits, with single apostrophes (' or U+2019) inside them. Letters are single characters; a run of white space
 * is one space, at either end of the text none. */
#ifndef OURO_IO_TEXT_TOKENS_H
#define OURO_IO_TEXT_TOKENS_H
#include "csv_read.h"
#include "ouro/mem.h"
#include "ouro/truth.h"

typedef struct ouro_token_rule {
    int letters;         /* else words */
    int lowercase;       /* A to Z and the capitals of Latin-1, Greek and Cyrillic */
    int keep;            /* each mark is a token; else marks are left out */
    uint64_t vocabulary; /* most frequent tokens kept, the others being one token; OURO_UNSET: all */
    double held_out;     /* share of the tokens, at the end, whose pairs are listed and not counted */
} ouro_token_rule;

/* text[0..len) is changed to small letters where the rule says so. The vocabulary is counted, and its ties broken by
 * first appearance, before the held-out part. OURO_ECONFIG with file:line:column for what is not UTF-8 text, with the
 * file for less than two different pairs; OURO_ENOMEM. O(len log len). */
int ouro_text_pairs(const char *file, char *text, size_t len, const ouro_token_rule *rule, ouro_arena *keep,
                    ouro_pair_counts *out, ouro_error *e) OURO_CHECKED;

/* From two columns that name tokens and the count[rows] of each pair; pairs of count 0 were not seen. */
int ouro_table_pairs(const ouro_csv *csv, size_t first, size_t second, const uint64_t *count, ouro_arena *keep,
                     ouro_pair_counts *out, ouro_error *e) OURO_CHECKED;

#endif
