/* sha256.c: SHA-256, FIPS 180-4 (August 2015), sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2. */
#include "sha256.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Section 4.2.2: first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned by) { return (x >> by) | (x << (32 - by)); }

/* Section 6.2.2: one 512-bit block. */
static void compress(uint32_t h[8], const unsigned char block[64]) {
    uint32_t w[64];
    for (size_t t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               (uint32_t)block[4 * t + 3];
    for (size_t t = 16; t < 64; t++) {
        uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >> 3);
        uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
    uint32_t v[8]; /* a to h of the standard */
    memcpy(v, h, sizeof v);
    for (size_t t = 0; t < 64; t++) {
        uint32_t sum1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + sum1 + choose + round_constant[t] + w[t];
        uint32_t sum0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t t2 = sum0 + majority;
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (size_t i = 0; i < 8; i++) h[i] += v[i];
}

void ouro_sha256_init(ouro_sha256 *s) {
    /* Section 5.3.3: first 32 bits of the fractional parts of the square roots of the first 8 primes. */
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(s, 0, sizeof *s);
    memcpy(s->h, start, sizeof s->h);
}

void ouro_sha256_update(ouro_sha256 *s, const void *data, size_t len) {
    const unsigned char *p = data;
    size_t held = (size_t)(s->bytes % 64);
    s->bytes += len;
    while (len > 0) {
        if (held == 0 && len >= 64) { /* whole blocks need no copy */
            compress(s->h, p);
            p += 64;
            len -= 64;
            continue;
        }
        size_t take = len < 64 - held ? len : 64 - held;
        memcpy(s->block + held, p, take);
        p += take;
        len -= take;
        held += take;
        if (held == 64) {
            compress(s->h, s->block);
            held = 0;
        }
    }
}

void ouro_sha256_final(ouro_sha256 *s, unsigned char digest[OURO_SHA256_BYTES]) {
    /* Section 5.1.1: a one bit, zeros up to 8 bytes before the end of a block, the length in bits,
     * big-endian. */
    static const unsigned char padding[64] = {0x80};
    unsigned char length[8];
    uint64_t bits = s->bytes * 8;
    for (size_t i = 0; i < 8; i++) length[i] = (unsigned char)(bits >> (56 - 8 * i));
    size_t held = (size_t)(s->bytes % 64);
    ouro_sha256_update(s, padding, held < 56 ? 56 - held : 120 - held);
    ouro_sha256_update(s, length, sizeof length);
    for (size_t i = 0; i < OURO_SHA256_BYTES; i++) digest[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void ouro_sha256_hex(const unsigned char digest[OURO_SHA256_BYTES], char hex[OURO_SHA256_HEX]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < OURO_SHA256_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * OURO_SHA256_BYTES] = '\0';
}

void ouro_sha256_buffer(const void *data, size_t len, char hex[OURO_SHA256_HEX]) {
    unsigned char digest[OURO_SHA256_BYTES];
    ouro_sha256 s;
    ouro_sha256_init(&s);
    ouro_sha256_update(&s, data, len);
    ouro_sha256_final(&s, digest);
    ouro_sha256_hex(digest, hex);
}

int ouro_sha256_file(const char *path, char hex[OURO_SHA256_HEX], ouro_error *e) {
    int ret = OURO_OK;
    unsigned char chunk[1 << 15], digest[OURO_SHA256_BYTES];
    ouro_sha256 s;
    struct stat info;
    hex[0] = '\0';
    FILE *f = fopen(path, "rb");
    if (f == NULL) return ouro_fail(e, OURO_EIO, path, "cannot be opened: %s", strerror(errno));
    if (fstat(fileno(f), &info) == 0 && S_ISDIR(info.st_mode)) {
        ret = ouro_fail(e, OURO_EIO, path, "is a directory where a file was expected");
        goto out;
    }
    ouro_sha256_init(&s);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) ouro_sha256_update(&s, chunk, n);
    if (ferror(f)) {
        ret = ouro_fail(e, OURO_EIO, path, "cannot be read: %s", strerror(errno));
        goto out;
    }
    ouro_sha256_final(&s, digest);
    ouro_sha256_hex(digest, hex);
out:
    (void)fclose(f);
    return ret;
}
