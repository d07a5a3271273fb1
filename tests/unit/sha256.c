/* sha256.c: the published vectors of FIPS 180-4 (NIST examples), all block boundaries, and files. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "harness.h"
#include "io/sha256.h"

TEST(sha256_published) {
    static const struct {
        const char *text, *hex;
    } known[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
         "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    char hex[OURO_SHA256_HEX];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        ouro_sha256_buffer(known[i].text, strlen(known[i].text), hex);
        CHECK_STR(hex, known[i].hex);
    }
    ouro_sha256_buffer(NULL, 0, hex);
    CHECK_STR(hex, known[0].hex);
}

/* One million times the letter a, in pieces of 1, 2, 3, ... bytes. */
TEST(sha256_million) {
    unsigned char piece[2000], digest[OURO_SHA256_BYTES];
    char hex[OURO_SHA256_HEX];
    size_t left = 1000000;
    ouro_sha256 s;
    memset(piece, 'a', sizeof piece);
    ouro_sha256_init(&s);
    for (size_t n = 1; left > 0; n++) {
        n = n > left ? left : n;
        ouro_sha256_update(&s, piece, n);
        left -= n;
    }
    ouro_sha256_final(&s, digest);
    ouro_sha256_hex(digest, hex);
    CHECK_STR(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* The digests of the byte strings 0, 1, 2, ... of length 0 to 199, hashed together: every length around the
 * ends of a block and of the padding. Expected value from Python's hashlib. */
TEST(sha256_every_length) {
    unsigned char data[200], digest[OURO_SHA256_BYTES];
    char hex[OURO_SHA256_HEX];
    ouro_sha256 all;
    for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)i;
    ouro_sha256_init(&all);
    for (size_t len = 0; len < sizeof data; len++) {
        ouro_sha256 s;
        ouro_sha256_init(&s);
        ouro_sha256_update(&s, data, len / 3); /* the split point moves too */
        ouro_sha256_update(&s, data + len / 3, len - len / 3);
        ouro_sha256_final(&s, digest);
        ouro_sha256_update(&all, digest, sizeof digest);
    }
    ouro_sha256_final(&all, digest);
    ouro_sha256_hex(digest, hex);
    CHECK_STR(hex, "ba7b0fcea7d10c06b855b43d2b4dce1e3e842fff6be0acefb0faf4f2dd05bb47");
}

TEST(sha256_files) {
    char path[] = "/tmp/ouro-sha256-XXXXXX", hex[OURO_SHA256_HEX], expected[OURO_SHA256_HEX];
    static unsigned char data[100003]; /* more than one read, and no multiple of a block */
    for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * i >> 3);
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    CHECK_EQ(write(fd, data, sizeof data), (long)sizeof data);
    (void)close(fd);
    ouro_error e = {0};
    CHECK_EQ(ouro_sha256_file(path, hex, &e), OURO_OK);
    ouro_sha256_buffer(data, sizeof data, expected);
    CHECK_STR(hex, expected);
    (void)unlink(path);
    CHECK_EQ(ouro_sha256_file(path, hex, &e), OURO_EIO);
    CHECK_STR(hex, "");
    CHECK_STR(e.where, path);
    CHECK_STR(e.what, "cannot be opened: No such file or directory");
    e = (ouro_error){0};
    CHECK_EQ(ouro_sha256_file("/tmp", hex, &e), OURO_EIO);
    CHECK_STR(e.what, "is a directory where a file was expected");
}
