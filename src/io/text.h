/* text.h: what the readers of text files share: loading a file whole, UTF-8, and naming a place in it. */
#ifndef OURO_IO_TEXT_H
#define OURO_IO_TEXT_H
#include <stddef.h>
#include <stdint.h>

#include "ouro/error.h"

/* Bytes (1 to 4) of the well-formed UTF-8 sequence at s[0..len), its code point in *code; 0 when there is
 * none: truncated, overlong, a surrogate, above U+10FFFF, or len == 0 (Unicode 15, table 3-7). code may be
 * NULL. O(1). */
size_t ouro_utf8_decode(const char *s, size_t len, uint32_t *code);

/* Copies s[0..len) for use inside a one-line message: at most `most` code points, then "..."; control
 * characters and bytes that are not UTF-8 as \xNN. Writes at most size bytes, terminator included; size > 0.
 * O(len). */
void ouro_text_quote(const char *s, size_t len, size_t most, size_t size, char *out);

/* Writes "file:line:last", or "file:line" when last is NULL. A name too long for `size` bytes loses its
 * beginning, so that the line always survives. */
void ouro_text_where(const char *file, uint64_t line, const char *last, size_t size, char *where);

/* The whole file as a heap block with a NUL after its *len bytes; release with ouro_free. "-" reads standard
 * input. OURO_EIO: missing, unreadable, a directory; OURO_ECONFIG: more than `most` bytes; OURO_ENOMEM. On
 * failure *text is NULL. O(size of the file). */
int ouro_text_load(const char *path, size_t most, char **text, size_t *len, ouro_error *e) OURO_CHECKED;

/* Refuses what only a wrong encoding explains: a byte order mark or UTF-16. OURO_ECONFIG. O(1). */
int ouro_text_encoding(const char *file, const char *text, size_t len, ouro_error *e) OURO_CHECKED;

#endif
