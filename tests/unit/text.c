/* text.c: UTF-8, text in messages, places with long file names. */
#include <stdint.h>
#include <string.h>
#include "harness.h"
#include "io/text.h"

/* The n-byte form of a code point, whether or not it is the right length for it. */
static void encode(uint32_t code, size_t n, char *out) {
    static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[n] | code);
}

/* Every code point in every length that can hold it: only the shortest form of no surrogate is well-formed.
 */
TEST(text_utf8_all) {
    static const uint32_t limit[] = {0, 0x80, 0x800, 0x10000, 0x200000};
    unsigned long wrong = 0;
    for (size_t n = 1; n <= 4; n++) {
        for (uint32_t code = 0; code < limit[n]; code++) {
            char s[4];
            uint32_t decoded = 0;
            encode(code, n, s);
            int shortest = n == 1 || code >= limit[n - 1];
            int surrogate = code >= 0xD800 && code <= 0xDFFF;
            size_t expected = shortest && !surrogate && code <= 0x10FFFF ? n : 0;
            size_t got = ouro_utf8_decode(s, n, &decoded);
            wrong += got != expected || (got > 0 && decoded != code);
            wrong += n > 1 && ouro_utf8_decode(s, n - 1, NULL) != 0; /* cut short */
        }
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(ouro_utf8_decode("", 0, NULL), 0);
    CHECK_EQ(ouro_utf8_decode("\xE2\x28\xA1", 3, NULL), 0); /* no continuation where one is due */
    CHECK_EQ(ouro_utf8_decode("\xF8\x88\x80\x80\x80", 5, NULL), 0);
}

TEST(text_quote) {
    char out[16];
    ouro_text_quote("abc", 3, 10, sizeof out, out);
    CHECK_STR(out, "abc");
    ouro_text_quote("a\nb\xFF", 4, 10, sizeof out, out);
    CHECK_STR(out, "a\\x0Ab\\xFF");
    ouro_text_quote("\xC3\xA9\xC3\xA9\xC3\xA9", 6, 2, sizeof out, out);
    CHECK_STR(out, "\xC3\xA9\xC3\xA9...");
    ouro_text_quote("0123456789abcdefghij", 20, 99, sizeof out, out); /* 15 bytes and the terminator */
    CHECK_STR(out, "0123456789ab...");
    ouro_text_quote("", 0, 2, sizeof out, out);
    CHECK_STR(out, "");
    char tiny[2];
    ouro_text_quote("abc", 3, 10, sizeof tiny, tiny);
    CHECK_STR(tiny, "");
}

/* The line survives however long the name is, and no code point is cut in two. */
TEST(text_where) {
    char out[24];
    ouro_text_where("a.json", 7, "12", sizeof out, out);
    CHECK_STR(out, "a.json:7:12");
    ouro_text_where("a.csv", 7, NULL, sizeof out, out);
    CHECK_STR(out, "a.csv:7");
    ouro_text_where("/a/very/long/folder/name.json", 123, "4", sizeof out, out);
    CHECK_STR(out, "...lder/name.json:123:4");
    ouro_text_where("/a/very/long/folder/n\xC3\xA9m\xC3\xA9.jso", 123, "4", sizeof out, out);
    CHECK_EQ(ouro_utf8_decode(out + 3, strlen(out) - 3, NULL) > 0, 1);
    CHECK_STR(out + strlen(out) - 6, ":123:4"); /* line, column */
}
