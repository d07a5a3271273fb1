/* json_edit.c: merge patches, dotted paths, and numbers as text. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#include "io/json.h"

/* The cases of RFC 7386, appendix A, and a few with names that differ in case. */
TEST(json_merge) {
    static const struct {
        const char *target, *patch, *result;
    } cases[] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
        {"{\"a\":1,\"A\":2}", "{\"A\":null}", "{\"a\":1}"},
        {"{\"a\":1}", "{\"A\":2}", "{\"a\":1,\"A\":2}"},
        {"{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":7,\"c\":{\"x\":null,\"y\":8}}", "{\"a\":7,\"b\":2,\"c\":{\"y\":8}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cJSON *target = cJSON_Parse(cases[i].target), *patch = cJSON_Parse(cases[i].patch);
        target = ouro_json_merge(target, patch);
        REQUIRE(target != NULL);
        char *result = cJSON_PrintUnformatted(target), *kept = cJSON_PrintUnformatted(patch);
        CHECK_STR(result, cases[i].result);
        CHECK_STR(kept, cases[i].patch); /* only read */
        cJSON_free(result);
        cJSON_free(kept);
        cJSON_Delete(target);
        cJSON_Delete(patch);
    }
    cJSON *patch = cJSON_Parse("{\"a\":{\"b\":null,\"c\":1}}"), *fresh = ouro_json_merge(NULL, patch);
    CHECK_EQ(cJSON_GetArraySize(ouro_json_get(fresh, "a")), 1);
    cJSON_Delete(fresh);
    cJSON_Delete(patch);
}

TEST(json_get) {
    cJSON *root = cJSON_Parse("{\"a\":{\"b\":{\"c\":1},\"B\":2,\"b.c\":3},\"list\":[1],\"\":4}");
    REQUIRE(root != NULL);
    CHECK(ouro_json_get(root, "") == root);
    CHECK_EQ(ouro_json_get(root, "a.b.c")->valuedouble, 3); /* a name that is the whole rest wins */
    CHECK_EQ(ouro_json_get(root, "a.B")->valuedouble, 2);
    CHECK(cJSON_IsObject(ouro_json_get(root, "a.b")));
    CHECK_EQ(ouro_json_get(root, "list.0")->valuedouble, 1); /* entries of an array by number */
    static const char *const nothing[] = {
        "A", "a.c",    "a.b.c.d", "a.",     ".a",      "a..b",     "ab",
        ".", "a.b.cc", "list.1",  "list.x", "list.-1", "list.0.a", "list.00000000000"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        CHECK_STR(ouro_json_get(root, nothing[i]) == NULL ? NULL : nothing[i], NULL);
    CHECK(ouro_json_get(NULL, "a") == NULL);
    cJSON_Delete(root);
}

TEST(json_put) {
    static const struct {
        const char *before, *path, *after;
        int code;
    } cases[] = {
        {"{}", "a", "{\"a\":7}", OURO_OK},
        {"{}", "a.b.c", "{\"a\":{\"b\":{\"c\":7}}}", OURO_OK},
        {"{\"a\":1,\"b\":2}", "a", "{\"a\":7,\"b\":2}", OURO_OK},
        {"{\"a\":{\"x\":[1]},\"b\":2}", "a.x", "{\"a\":{\"x\":7},\"b\":2}", OURO_OK},
        {"{\"a\":{\"x\":1}}", "a.y.z", "{\"a\":{\"x\":1,\"y\":{\"z\":7}}}", OURO_OK},
        {"{\"a\":null}", "a.y", "{\"a\":{\"y\":7}}", OURO_OK},
        {"{\"a\":1}", "A", "{\"a\":1,\"A\":7}", OURO_OK},
        {"{\"s\":{\"p.q\":[1]}}", "s.p.q", "{\"s\":{\"p.q\":7}}", OURO_OK},
        {"{\"a\":{\"b\":1}}", "a", "{\"a\":7}", OURO_OK},
        {"{\"a\":\"mle\"}", "a.type", "{\"a\":\"mle\"}", OURO_ECONFIG},
        {"{\"a\":[1]}", "a.0", "{\"a\":[7]}", OURO_OK},
        {"{\"a\":[0,{\"b\":1}]}", "a.1.b", "{\"a\":[0,{\"b\":7}]}", OURO_OK},
        {"{\"a\":[0,{\"b\":1}]}", "a.1.c.d", "{\"a\":[0,{\"b\":1,\"c\":{\"d\":7}}]}", OURO_OK},
        {"{\"a\":[1]}", "a.1", "{\"a\":[1]}", OURO_ECONFIG},
        {"{\"a\":[1]}", "a.1.b", "{\"a\":[1]}", OURO_ECONFIG},
        {"{\"a\":[1]}", "a.x", "{\"a\":[1]}", OURO_ECONFIG},
        {"{}", "", "{}", OURO_ECONFIG},
        {"{}", "a..b", "{}", OURO_ECONFIG},
        {"{}", ".a", "{}", OURO_ECONFIG},
        {"{}", "a.", "{}", OURO_ECONFIG},
        {"[]", "a", "[]", OURO_ECONFIG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cJSON *root = cJSON_Parse(cases[i].before);
        CHECK_EQ(ouro_json_put(root, cases[i].path, ouro_json_count(7)), cases[i].code);
        char *after = cJSON_PrintUnformatted(root);
        CHECK_STR(after, cases[i].after);
        cJSON_free(after);
        cJSON_Delete(root);
    }
    cJSON *root = cJSON_CreateObject();
    CHECK_EQ(ouro_json_put(root, "a", NULL), OURO_ENOMEM);
    CHECK(root->child == NULL);
    cJSON_Delete(root);
}

/* Parents made on the way stand where the value stands, so that a complaint about them points at the snippet.
 */
TEST(json_put_places) {
    ouro_json_sources s = {0};
    ouro_error e = {0};
    cJSON *root, *value;
    REQUIRE(ouro_json_parse(&s, "base", "{\"a\": 1}", 8, &root, &e) == OURO_OK);
    REQUIRE(ouro_json_parse(&s, "--set x.y", "  5", 3, &value, &e) == OURO_OK);
    CHECK_EQ(ouro_json_put(root, "x.y", value), OURO_OK);
    const ouro_json_place *p = ouro_json_place_of(&s, ouro_json_get(root, "x"));
    REQUIRE(p != NULL);
    CHECK_EQ(p->column, 3);
    CHECK_STR(ouro_json_file_name(&s, p->file), "--set x.y");
    cJSON_Delete(root);
    ouro_json_sources_free(&s);
}

static void check_printed(cJSON *node, const char *expected) {
    char *text = cJSON_PrintUnformatted(node);
    CHECK_STR(text, expected);
    cJSON_free(text);
    cJSON_Delete(node);
}

TEST(json_number) {
    check_printed(ouro_json_number(0.1), "0.1");
    check_printed(ouro_json_number(1.0 / 3), "0.3333333333333333");
    check_printed(ouro_json_number(0.1 + 0.2), "0.30000000000000004");
    check_printed(ouro_json_number(42), "42");
    check_printed(ouro_json_number(-1e15), "-1000000000000000");
    check_printed(ouro_json_number(9007199254740991.0), "9007199254740991");
    check_printed(ouro_json_number(1e300), "1e+300");
    check_printed(ouro_json_number(-0.0), "-0");
    check_printed(ouro_json_number(0x1p-1074), "4.94065645841247e-324");
    check_printed(ouro_json_number(NAN), "null");
    check_printed(ouro_json_number(INFINITY), "null");
    check_printed(ouro_json_number(-INFINITY), "null");
    check_printed(ouro_json_count(0), "0");
    check_printed(ouro_json_count(9007199254740991), "9007199254740991");
    check_printed(ouro_json_count(9007199254740992), "\"9007199254740992\"");
    check_printed(ouro_json_count(UINT64_MAX), "\"18446744073709551615\"");
}

/* Doubles of all magnitudes come back bit by bit through our own strict reader. */
TEST(json_number_round_trip) {
    uint64_t bits = 0x9E3779B97F4A7C15;
    ouro_json_sources s = {0};
    for (int i = 0; i < 2000; i++) {
        double x, back;
        bits = bits * 6364136223846793005 + 1442695040888963407;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x)) continue;
        ouro_error e = {0};
        cJSON *root, *node = ouro_json_number(x);
        REQUIRE(node != NULL && ouro_json_parse(&s, "c", node->valuestring, strlen(node->valuestring), &root, &e) == 0);
        back = root->valuedouble;
        CHECK(memcmp(&x, &back, sizeof x) == 0);
        cJSON_Delete(node);
        cJSON_Delete(root);
    }
    ouro_json_sources_free(&s);
}
