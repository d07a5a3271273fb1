/* sha256.h: the SHA-256 of FIPS 180-4, for checksums of outputs, data files and resolved configs.
 *
 * Not meant for secrets: no attempt at constant time beyond what the algorithm gives. */
#ifndef OURO_IO_SHA256_H
#define OURO_IO_SHA256_H
#include <stddef.h>
#include <stdint.h>

#include "ouro/error.h"

#define OURO_SHA256_BYTES 32
#define OURO_SHA256_HEX 65 /* 64 lower-case digits and a NUL */

typedef struct ouro_sha256 {
    uint32_t h[8];           /* running hash value, FIPS 180-4 section 6.2 */
    uint64_t bytes;          /* taken so far                               */
    unsigned char block[64]; /* the last bytes % 64 of them                */
} ouro_sha256;

void ouro_sha256_init(ouro_sha256 *s);
void ouro_sha256_update(ouro_sha256 *s, const void *data, size_t len); /* O(len); data may be NULL when len is 0 */
/* Writes the digest. s is used up: init before using it again; copy the struct first to go on from here. */
void ouro_sha256_final(ouro_sha256 *s, unsigned char digest[OURO_SHA256_BYTES]);

void ouro_sha256_hex(const unsigned char digest[OURO_SHA256_BYTES], char hex[OURO_SHA256_HEX]);
/* Of a whole buffer, and of a whole file in constant memory. OURO_EIO: the file cannot be read; hex is then
 * "". */
void ouro_sha256_buffer(const void *data, size_t len, char hex[OURO_SHA256_HEX]);
int ouro_sha256_file(const char *path, char hex[OURO_SHA256_HEX], ouro_error *e) OURO_CHECKED;

#endif
