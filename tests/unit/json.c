/* json.c: what the strict reader accepts and refuses, and the places it gives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "harness.h"
#include "io/json.h"

static int parse(ouro_json_sources *s, const char *text, cJSON **root, ouro_error *e) {
    return ouro_json_parse(s, "c.json", text, strlen(text), root, e);
}

TEST(json_accepts) {
    static const char *const texts[] = {
        "null",
        " \t\r\n true \n",
        "0",
        "-0",
        "-0.0e-0",
        "1E+2",
        "123456789012345678901234567890",
        "1.7976931348623157e308",
        "4.9e-324",
        "0e999", /* zero whatever the exponent */
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
        "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \x7F\"",
        "[]",
        "{}",
        "[1,[2,[]],{}]",
        "{\"a\":{\"a\":{\"a\":1}},\"A\":2,\"\":3}",
        "[{\"a\":1},{\"a\":1}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ouro_json_sources s = {0};
        ouro_error e = {0};
        cJSON *root;
        int ret = parse(&s, texts[i], &root, &e);
        CHECK_STR(ret == OURO_OK ? NULL : texts[i], NULL);
        CHECK_STR(e.what, "");
        CHECK(root != NULL);
        cJSON_Delete(root);
        ouro_json_sources_free(&s);
    }
}

typedef struct refusal {
    const char *text, *where, *what;
} refusal;

static void check_refusals(const refusal *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ouro_json_sources s = {0};
        ouro_error e = {0};
        char place[64];
        cJSON *root;
        int ret = parse(&s, cases[i].text, &root, &e);
        CHECK_STR(ret == OURO_ECONFIG ? NULL : cases[i].text, NULL);
        CHECK_STR(e.where, cases[i].where);
        if (strstr(e.what, cases[i].what) == NULL) CHECK_STR(e.what, cases[i].what);
        ouro_json_where(&s, &s.wrong, 0, sizeof place, place);
        CHECK_STR(place, cases[i].where);
        CHECK(root == NULL);
        CHECK_EQ(s.places.len, 0);
        ouro_json_sources_free(&s);
    }
}

#define CHECK_REFUSALS(cases) check_refusals(cases, sizeof(cases) / sizeof((cases)[0]))

TEST(json_refuses_structure) {
    static const refusal cases[] = {
        {"", "c.json:1:1", "there is nothing in it: an object was expected"},
        {" \n\n ", "c.json:1:1", "there is nothing in it"},
        {"[1,2,]", "c.json:1:5", "a comma before the closing ]: remove it, JSON has no trailing commas"},
        {"{\n  \"a\": 1,\n}", "c.json:2:9", "a comma before the closing }: remove it"},
        {"[,1]", "c.json:1:2", "a value is missing before this comma"},
        {"[1,,2]", "c.json:1:4", "a value is missing before this comma"},
        {"{,}", "c.json:1:2", "a key with its value is missing before this comma"},
        {"{\"a\":}", "c.json:1:6", "a value is missing before this }"},
        {"{\"a\" 1}", "c.json:1:6", "a colon was expected between the key and its value"},
        {"{\"a\"=1}", "c.json:1:5", "write : instead of ="},
        {"{\"a\":1 \"b\":2}", "c.json:1:8", "a comma is missing before this entry of the object"},
        {"[1 2]", "c.json:1:4", "a comma is missing before this entry of the array"},
        {"[1 true]", "c.json:1:4", "a comma is missing before this entry of the array"},
        {"[1;2]", "c.json:1:3", "a semicolon: entries are separated by commas"},
        {"[\"a\":1]", "c.json:1:5", "a colon in an array"},
        {"{\"a\":1:2}", "c.json:1:7", "a second colon"},
        {"[1}", "c.json:1:3", "} closes the array opened at 1:1: ] was expected"},
        {"{\"a\":[{]}", "c.json:1:8", "] closes the object opened at 1:7: } was expected"},
        {"[1/2]", "c.json:1:3", "a comma or a closing bracket was expected, found /"},
        {"{\n\"a\": [1", "c.json:2:8", "the text ends inside the array opened at 2:6: add ]"},
        {"{", "c.json:1:2", "the text ends inside the object opened at 1:1: add }"},
        {"[1,", "c.json:1:4", "the text ends inside the array opened at 1:1: add ]"},
        {"{\"a\"", "c.json:1:5", "a colon was expected"},
        {"{\"a\":", "c.json:1:6", "the text ends where a value was expected"},
        {"{\"a\": 1,5}", "c.json:1:9", "found a number: is the comma before it a decimal point?"},
        {"{} {}", "c.json:1:4", "something follows the JSON value"},
        {"[]]", "c.json:1:3", "something follows the JSON value"},
        {"]", "c.json:1:1", "a value is missing before this ]"},
        {"@", "c.json:1:1", "a value was expected, found @"},
    };
    CHECK_REFUSALS(cases);
}

/* Each habit of another language is named. */
TEST(json_refuses_habits) {
    static const refusal cases[] = {
        {"{} // why", "c.json:1:4", "comments are not JSON"},
        {"{ /* why */ }", "c.json:1:3", "comments are not JSON"},
        {"[1 # why\n]", "c.json:1:4", "comments are not JSON"},
        {"# why\n{}", "c.json:1:1", "comments are not JSON"},
        {"['a']", "c.json:1:2", "strings take double quotes: write \" instead of '"},
        {"{'a': 1}", "c.json:1:2", "keys take double quotes: write \" instead of '"},
        {"{a: 1}", "c.json:1:2", "keys take double quotes: write \"a\""},
        {"{real_share: 1}", "c.json:1:2", "keys take double quotes: write \"real_share\""},
        {"{1: 1}", "c.json:1:2", "a key in double quotes was expected, found a number"},
        {"{null: 1}", "c.json:1:2", "keys take double quotes: write \"null\""},
        {"[NaN]", "c.json:1:2", "NaN is not JSON: write a finite number, or null"},
        {"[nan]", "c.json:1:2", "nan is not JSON: write a finite number, or null"},
        {"[-Infinity]", "c.json:1:2", "-Infinity is not JSON: write a finite number, or null"},
        {"[+inf]", "c.json:1:2", "+inf is not JSON: write a finite number, or null"},
        {"[True]", "c.json:1:2", "True is not JSON: write true"},
        {"[no]", "c.json:1:2", "no is not JSON: write false"},
        {"[None]", "c.json:1:2", "None is not JSON: write null"},
        {"[nul]", "c.json:1:2", "nul is not JSON: strings take double quotes, write \"nul\""},
        {"[truely]", "c.json:1:2", "truely is not JSON: strings take double quotes"},
        {"{\"f\": gaussian}", "c.json:1:7", "gaussian is not JSON: strings take double quotes, write \"gaussian\""},
        {"[\xE2\x80\x9C"
         "a\xE2\x80\x9D]",
         "c.json:1:2", "U+201C is a typographic quote: write an ordinary \""},
        {"[\xE2\x88\x92"
         "1]",
         "c.json:1:2", "U+2212 is a typographic minus: write an ordinary -"},
        {"[1,\xC2\xA0"
         "2]",
         "c.json:1:4", "U+00A0 is a no-break space"},
        {"\xEF\xBB\xBF{}", "c.json:1:1", "begins with a byte order mark: save it as UTF-8 without BOM"},
        {"\xFF\xFE{", "c.json:1:1", "looks like UTF-16"},
    };
    CHECK_REFUSALS(cases);
}

TEST(json_refuses_numbers) {
    static const refusal cases[] = {
        {"[01]", "c.json:1:2", "01 is not a number of JSON: a number has no leading zeros"},
        {"[-007]", "c.json:1:2", "a number has no leading zeros"},
        {"[00]", "c.json:1:2", "a number has no leading zeros"},
        {"[+1]", "c.json:1:2", "a number has no leading plus sign"},
        {"[.5]", "c.json:1:2", "a digit is missing before the point"},
        {"[-.5]", "c.json:1:2", "a digit is missing before the point"},
        {"[1.]", "c.json:1:2", "a digit is missing after the point"},
        {"[1.e3]", "c.json:1:2", "a digit is missing after the point"},
        {"[1e]", "c.json:1:2", "the digits of the exponent are missing"},
        {"[1e+]", "c.json:1:2", "the digits of the exponent are missing"},
        {"[-]", "c.json:1:2", "- is not a number of JSON: no digits"},
        {"[0x1F]", "c.json:1:2", "hexadecimal is not JSON"},
        {"[1_000]", "c.json:1:2", "digits are not grouped"},
        {"[10k]", "c.json:1:2", "10k is not a number of JSON: only digits"},
        {"[1.2.3]", "c.json:1:2", "1.2.3 is not a number of JSON: only digits"},
        {"[1-2]", "c.json:1:2", "1-2 is not a number of JSON: only digits"},
        {"[1e999]", "c.json:1:2", "1e999 is beyond the range of a double"},
        {"[-1e309]", "c.json:1:2", "-1e309 is beyond the range of a double"},
        {"[1e-999]", "c.json:1:2", "1e-999 is too close to zero for a double"},
    };
    CHECK_REFUSALS(cases);
}

TEST(json_refuses_strings) {
    static const refusal cases[] = {
        {"[\"a", "c.json:1:2", "the string that begins here is not closed on its line"},
        {"[\"a\nb\"]", "c.json:1:2", "the string that begins here is not closed on its line"},
        {"[\"a\\\"", "c.json:1:2", "the string that begins here is not closed"},
        {"[\"a\\", "c.json:1:2", "the string that begins here is not closed"},
        {"[\"a\tb\"]", "c.json:1:4", "a tab character stands in a string: write \\t"},
        {"[\"a\x1B\"]", "c.json:1:4", "control character U+001B stands in a string"},
        {"[\"\\x41\"]", "c.json:1:3", "\\x is not an escape of JSON"},
        {"[\"C:\\data\"]", "c.json:1:5", "\\d is not an escape of JSON"},
        {"[\"\\'\"]", "c.json:1:3", "\\' is not an escape of JSON"},
        {"[\"\\\xC3\xA9\"]", "c.json:1:3", "\\\xC3\xA9 is not an escape of JSON"},
        {"[\"\\u\"]", "c.json:1:3", "\\u is followed by four hexadecimal digits"},
        {"[\"\\u12G4\"]", "c.json:1:3", "\\u is followed by four hexadecimal digits"},
        {"[\"\\u0000\"]", "c.json:1:3", "\\u0000 is not allowed"},
        {"[\"\\uDC00\"]", "c.json:1:3", "a low surrogate stands alone"},
        {"[\"\\uD800\"]", "c.json:1:9", "a high surrogate is followed by \\uDC00 to \\uDFFF"},
        {"[\"\\uD800\\u0041\"]", "c.json:1:9", "a high surrogate is followed by \\uDC00 to \\uDFFF"},
        {"[\"\\uD800\\uD800\"]", "c.json:1:9", "a high surrogate is followed by \\uDC00 to \\uDFFF"},
        {"[\"\xC3\xA9\xE9\"]", "c.json:1:4", "byte \\xE9 is not UTF-8: save the file as UTF-8"},
        {"[\"\xC0\x80\"]", "c.json:1:3", "byte \\xC0 is not UTF-8"},     /* overlong */
        {"[\"\xED\xA0\x80\"]", "c.json:1:3", "byte \\xED is not UTF-8"}, /* a surrogate */
        {"[\"\xF4\x90\x80\x80\"]", "c.json:1:3", "byte \\xF4 is not UTF-8"},
        {"[\"\xE2\x82\"]", "c.json:1:3", "byte \\xE2 is not UTF-8"},
        {"{\"a\tb\": 1}", "c.json:1:4", "a tab character stands in a string"},
        {"[\x80]", "c.json:1:2", "byte \\x80 is not UTF-8"},
    };
    CHECK_REFUSALS(cases);
}

TEST(json_refuses_duplicate_keys) {
    static const refusal cases[] = {
        {"{\"a\": 1,\n \"a\": 2}", "c.json:2:2", "the key \"a\" was already given at 1:2: keep one of the two"},
        {"{\"\\u0061\": 1, \"b\": {}, \"a\": 2}", "c.json:1:24", "the key \"a\" was already given at 1:2"},
        {"{\"x\": {\"b\": 1, \"b\": 1, \"b\": 1}, \"x\": 1}", "c.json:1:16", "\"b\" was already given at 1:8"},
        {"{\"x\": 1, \"x\": {\"b\": 1, \"b\": 1}}", "c.json:1:10", "\"x\" was already given at 1:2"},
        {"[[{\"\": 1, \"\": 2}]]", "c.json:1:11", "the key \"\" was already given at 1:4"},
        {"{\"a\\n\": 1, \"a\\n\": 2}", "c.json:1:12", "the key \"a\\x0A\" was already given"},
    };
    CHECK_REFUSALS(cases);
}

TEST(json_refuses_nul) {
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root;
    CHECK_EQ(ouro_json_parse(&s, "c", "[1]\0", 4, &root, &e), OURO_ECONFIG);
    CHECK_STR(e.where, "c:1:4");
    e = (ouro_error){0};
    CHECK_EQ(ouro_json_parse(&s, "c", "[ \0]", 4, &root, &e), OURO_ECONFIG);
    CHECK_STR(e.what, "a value was expected, found the control character U+0000: remove it");
    e = (ouro_error){0};
    CHECK_EQ(ouro_json_parse(&s, "c", "[\"a\0\"]", 6, &root, &e), OURO_ECONFIG);
    CHECK_STR(e.where, "c:1:4");
    e = (ouro_error){0};
    CHECK_EQ(ouro_json_parse(&s, "c", "[\0]\0", 4, &root, &e), OURO_ECONFIG); /* little-endian UTF-16 */
    CHECK_STR(e.what, "the file looks like UTF-16: save it as UTF-8 without BOM");
    ouro_json_sources_free(&s);
}

/* size bytes of `open` followed by size of `close` */
static char *nested(size_t size, char open, char close) {
    char *text = malloc(2 * size + 1);
    if (text != NULL) {
        memset(text, open, size);
        memset(text + size, close, size);
        text[2 * size] = '\0';
    }
    return text;
}

TEST(json_limits) {
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root = NULL;
    for (size_t extra = 0; extra < 2; extra++) {
        char *text = nested(OURO_JSON_DEPTH + extra, '[', ']');
        REQUIRE(text != NULL);
        CHECK_EQ(parse(&s, text, &root, &e), extra ? OURO_ECONFIG : OURO_OK);
        cJSON_Delete(root);
        free(text);
    }
    CHECK_STR(e.where, "c.json:1:65");
    CHECK_STR(e.what, "more than 64 arrays and objects inside one another");
    char digits[OURO_JSON_DIGITS + 2];
    for (size_t extra = 0; extra < 2; extra++) {
        e = (ouro_error){0};
        memset(digits, '7', sizeof digits);
        digits[1] = '.';
        digits[OURO_JSON_DIGITS + extra] = '\0';
        CHECK_EQ(parse(&s, digits, &root, &e), extra ? OURO_ECONFIG : OURO_OK);
        CHECK(extra || root->valuedouble == strtod(digits, NULL));
        cJSON_Delete(root);
    }
    CHECK_STR(e.what, "a number of 64 characters: at most 63 are read, and 17 digits say all");
    char *text = malloc(OURO_JSON_BYTES + 1);
    REQUIRE(text != NULL);
    memset(text, ' ', OURO_JSON_BYTES + 1);
    text[OURO_JSON_BYTES - 1] = '1';
    e = (ouro_error){0};
    CHECK_EQ(ouro_json_parse(&s, "c", text, OURO_JSON_BYTES, &root, &e), OURO_OK);
    cJSON_Delete(root);
    CHECK_EQ(ouro_json_parse(&s, "c", text, OURO_JSON_BYTES + 1, &root, &e), OURO_ECONFIG);
    CHECK_STR(e.what, "is larger than the limit of 8388608 bytes");
    CHECK(root == NULL);
    free(text);
    ouro_json_sources_free(&s);
    ouro_json_sources_free(&s);
    ouro_json_sources_free(NULL);
}

static int write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "wb");
    return f == NULL || fputs(text, f) < 0 || fclose(f) != 0;
}

TEST(json_files) {
    char path[] = "/tmp/ouro-json-XXXXXX";
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root;
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    (void)close(fd);
    REQUIRE(write_file(path, "{\"a\": [1, 2]}") == 0);
    CHECK_EQ(ouro_json_load(&s, path, &root, &e), OURO_OK);
    CHECK_EQ(cJSON_GetArraySize(ouro_json_get(root, "a")), 2);
    CHECK_STR(ouro_json_file_name(&s, ouro_json_place_of(&s, root)->file), path);
    cJSON_Delete(root);
    REQUIRE(write_file(path, "") == 0);
    CHECK_EQ(ouro_json_load(&s, path, &root, &e), OURO_ECONFIG);
    CHECK(strncmp(e.where, path, strlen(path)) == 0);
    CHECK_STR(e.where + strlen(path), ":1:1");
    int saved = dup(0); /* standard input, put back below */
    REQUIRE(saved >= 0 && write_file(path, "[7]") == 0 && freopen(path, "rb", stdin) != NULL);
    e = (ouro_error){0};
    CHECK_EQ(ouro_json_load(&s, "-", &root, &e), OURO_OK);
    CHECK_STR(ouro_json_file_name(&s, ouro_json_place_of(&s, root)->file), "<stdin>");
    cJSON_Delete(root);
    CHECK(dup2(saved, 0) == 0);
    clearerr(stdin);
    (void)close(saved);
    (void)unlink(path);
    CHECK_EQ(ouro_json_load(&s, path, &root, &e), OURO_EIO);
    CHECK_STR(e.where, path);
    CHECK_STR(e.what, "cannot be opened: No such file or directory");
    CHECK(root == NULL);
    e = (ouro_error){0};
    CHECK_EQ(ouro_json_load(&s, "/tmp", &root, &e), OURO_EIO);
    CHECK_STR(e.what, "is a directory where a file was expected");
    CHECK_STR(ouro_json_file_name(&s, 99), "?");
    ouro_json_sources_free(&s);
}
