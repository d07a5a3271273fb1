/* json_places.c: line and column of every node, and how they are shown. */
#include <stdio.h>
#include <string.h>
#include "harness.h"
#include "io/json.h"

/* "line:column" of the node at a path, followed by "/line:column" of its key when it has one. */
static const char *place(const ouro_json_sources *s, cJSON *root, const char *path) {
    static char text[64];
    const ouro_json_place *p = ouro_json_place_of(s, ouro_json_get(root, path));
    if (p == NULL) return NULL;
    int n = snprintf(text, sizeof text, "%u:%u", p->line, p->column);
    if (p->key_line != 0) (void)snprintf(text + n, sizeof text - (size_t)n, "/%u:%u", p->key_line, p->key_column);
    return text;
}

TEST(json_places) {
    static const char text[] = "{\r\n"
                               "  \"\xC3\xA9t\xC3\xA9\": {\"x\": [1, {\"deep\": null}],\n"
                               "\t\"y\"\n"
                               "   :\n"
                               "    \"\xF0\x9F\x98\x80\"}, \"z\": true\n"
                               "}";
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root;
    REQUIRE(ouro_json_parse(&s, "c", text, sizeof text - 1, &root, &e) == OURO_OK);
    CHECK_EQ(s.places.len, 8);
    CHECK_STR(place(&s, root, ""), "1:1");
    CHECK_STR(place(&s, root, "\xC3\xA9t\xC3\xA9"), "2:10/2:3");
    CHECK_STR(place(&s, root, "\xC3\xA9t\xC3\xA9.x"), "2:16/2:11");
    CHECK_STR(place(&s, root, "\xC3\xA9t\xC3\xA9.y"), "5:5/3:2");
    CHECK_STR(place(&s, root, "z"), "5:16/5:11");
    cJSON *x = ouro_json_get(root, "\xC3\xA9t\xC3\xA9.x");
    CHECK_STR(place(&s, cJSON_GetArrayItem(x, 0), ""), "2:17");
    CHECK_STR(place(&s, cJSON_GetArrayItem(x, 1), ""), "2:20");
    CHECK_STR(place(&s, cJSON_GetArrayItem(x, 1), "deep"), "2:29/2:21");
    char where[32];
    ouro_json_where(&s, ouro_json_place_of(&s, ouro_json_get(root, "z")), 1, sizeof where, where);
    CHECK_STR(where, "c:5:11");
    ouro_json_where(&s, ouro_json_place_of(&s, x->child), 1, sizeof where, where); /* has no key */
    CHECK_STR(where, "c:2:17");
    ouro_json_where(&s, NULL, 0, sizeof where, where);
    CHECK_STR(where, "?");
    cJSON_Delete(root);
    ouro_json_sources_free(&s);
}

/* Several texts in one object; places survive copying, and nodes of the program's own have none. */
TEST(json_places_travel) {
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *base, *over, *bad;
    REQUIRE(ouro_json_parse(&s, "base", "{\"a\": 1, \"o\": {\"b\": 2}}", 23, &base, &e) == OURO_OK);
    CHECK_EQ(ouro_json_parse(&s, "bad", "[1, 2, ", 7, &bad, &e), OURO_ECONFIG);
    CHECK_EQ(s.wrong.file, 1);
    REQUIRE(ouro_json_parse(&s, "over", "{\n\"o\": {\"b\": 3,\n\"c\": 4}}", 24, &over, &e) == OURO_OK);
    CHECK_EQ(s.wrong.line, 0);
    base = ouro_json_merge(base, over);
    cJSON_Delete(over);
    static const struct {
        const char *path, *file, *place;
    } expected[] = {
        {"", "base", "1:1"},         {"a", "base", "1:7/1:2"},   {"o", "base", "1:15/1:10"},
        {"o.b", "over", "2:12/2:7"}, {"o.c", "over", "3:6/3:1"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        CHECK_STR(place(&s, base, expected[i].path), expected[i].place);
        const ouro_json_place *p = ouro_json_place_of(&s, ouro_json_get(base, expected[i].path));
        CHECK_STR(ouro_json_file_name(&s, p->file), expected[i].file);
    }
    cJSON *copy = cJSON_Duplicate(base, 1);
    CHECK_STR(place(&s, copy, "o.c"), "3:6/3:1");
    cJSON *own[] = {cJSON_CreateObject(), cJSON_CreateTrue(),   cJSON_CreateNumber(3), cJSON_CreateString("x"),
                    cJSON_CreateNull(),   ouro_json_number(-3), ouro_json_count(3),    cJSON_CreateNumber(-1e6)};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        CHECK(ouro_json_place_of(&s, own[i]) == NULL);
        cJSON_Delete(own[i]);
    }
    CHECK(ouro_json_place_of(&s, NULL) == NULL);
    cJSON_Delete(copy);
    cJSON_Delete(base);
    ouro_json_sources_free(&s);
}

static void check_caret(const char *text, uint32_t line, uint32_t column, const char *expected) {
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root;
    char shown[OURO_JSON_CARET_SIZE];
    int ret = ouro_json_parse(&s, "c", text, strlen(text), &root, &e); /* kept even when it is refused */
    CHECK(ret == OURO_OK || ret == OURO_ECONFIG);
    cJSON_Delete(root);
    ouro_json_place p = {.file = 0, .line = line, .column = column};
    CHECK_EQ(ouro_json_caret(&s, &p, 1, sizeof shown, shown), expected != NULL ? OURO_OK : OURO_EUNDEFINED);
    CHECK_STR(shown, expected != NULL ? expected : "");
    ouro_json_sources_free(&s);
}

TEST(json_caret) {
    check_caret("[1, x]", 1, 5, "[1, x]\n    ^\n");
    check_caret("{\r\n\t\"a\":\t7\r\n}", 2, 6, "\t\"a\":\t7\n\t    ^\n");
    check_caret("[\n  \"\xC3\xA9\", y]", 2, 8, "  \"\xC3\xA9\", y]\n       ^\n"); /* one column per code point */
    check_caret("[\"\x1B\x80\", 1]", 1, 7, "[\"??\", 1]\n      ^\n");
    check_caret("{", 1, 2, "{\n ^\n"); /* just behind the end */
    check_caret("{\n", 2, 1, "\n^\n"); /* an empty last line  */
    check_caret("{\n", 3, 1, NULL);    /* no such line        */
    check_caret("{}", 0, 0, NULL);
    char text[OURO_JSON_CARET_SIZE], small[OURO_JSON_CARET_SIZE - 1];
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root;
    REQUIRE(ouro_json_parse(&s, "c", "{\"k\": 5}", 8, &root, &e) == OURO_OK);
    const ouro_json_place *p = ouro_json_place_of(&s, ouro_json_get(root, "k"));
    CHECK_EQ(ouro_json_caret(&s, p, 0, sizeof text, text), OURO_OK);
    CHECK_STR(text, "{\"k\": 5}\n      ^\n");
    CHECK_EQ(ouro_json_caret(&s, p, 1, sizeof text, text), OURO_OK);
    CHECK_STR(text, "{\"k\": 5}\n ^\n");
    CHECK_EQ(ouro_json_caret(&s, p, 0, sizeof small, small), OURO_EUNDEFINED);
    CHECK_EQ(ouro_json_caret(&s, NULL, 0, sizeof text, text), OURO_EUNDEFINED);
    cJSON_Delete(root);
    ouro_json_sources_free(&s);
}

/* Lines of 100 columns are shown whole, longer ones cut; the character above the caret stays the right one.
 */
TEST(json_caret_clipped) {
    for (size_t width = 98; width < 700; width += width < 103 ? 1 : 199) {
        char line[800], text[OURO_JSON_CARET_SIZE];
        for (size_t i = 0; i < width; i++) line[i] = (char)('a' + i % 26);
        line[width] = '\0';
        for (uint32_t column = 1; column <= width; column++) {
            ouro_json_sources s = {0};
            ouro_error e = {0};
            cJSON *root;
            CHECK_EQ(ouro_json_parse(&s, "c", line, width, &root, &e), OURO_ECONFIG);
            ouro_json_place p = {.line = 1, .column = column};
            CHECK_EQ(ouro_json_caret(&s, &p, 0, sizeof text, text), OURO_OK);
            size_t shown = strcspn(text, "\n"), caret = strcspn(text + shown + 1, "^");
            int cut_before = strncmp(text, "...", 3) == 0, cut_after = strncmp(text + shown - 3, "...", 3) == 0;
            CHECK_EQ(text[caret], line[column - 1]);
            CHECK_EQ(shown, width > 100 ? 100 + 3 * (size_t)(cut_before + cut_after) : width);
            CHECK_EQ(cut_before || cut_after, width > 100);
            ouro_json_sources_free(&s);
        }
    }
}
