/* json_corpus.c: replays the fuzzer's corpus. Files named ok-* are accepted, all others refused. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "fuzz/json_property.h"
#include "harness.h"
#include "io/text.h"
#include "ouro/mem.h"

#define FOLDER "tests/fuzz/corpus/json"

TEST(json_corpus) {
    int accepted_files = 0, refused_files = 0;
    DIR *folder = opendir(FOLDER);
    REQUIRE(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[sizeof FOLDER + sizeof entry->d_name], *text = NULL;
        size_t len = 0;
        int accepted = 0;
        ouro_error e = {0};
        if (entry->d_name[0] == '.') continue;
        (void)snprintf(path, sizeof path, "%s/%s", FOLDER, entry->d_name);
        CHECK_EQ(ouro_text_load(path, OURO_JSON_BYTES, &text, &len, &e), OURO_OK);
        const char *broken = json_property(text, len, &accepted);
        CHECK_STR(broken != NULL ? path : NULL, NULL);
        CHECK_STR(broken, NULL);
        int expected = strncmp(entry->d_name, "ok-", 3) == 0;
        CHECK_STR(accepted == expected ? NULL : path, NULL);
        accepted_files += accepted;
        refused_files += !accepted;
        ouro_free(text);
    }
    (void)closedir(folder);
    CHECK(accepted_files > 0);
    CHECK(refused_files > 0);
}
