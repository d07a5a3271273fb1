/* failing_malloc.c: preloaded, it lets one allocation of the program fail, or all from one on.
 *
 *   FAIL_AT=N      the N-th allocation since main() began returns NULL; the ones before main (libraries that set
 *                  themselves up) are neither counted nor failed
 *   FAIL_FROM=N    so do all from the N-th on
 *   FAIL_COUNT=F   at the end the number of allocations is written to file F
 *
 * The counter is shared by all threads. Needs glibc, whose own allocator is reached by its other names.      */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong count;
static unsigned long at, from; /* 0: never */
static atomic_int armed;
static char report[512];

static int fails(void) {
    if (!atomic_load(&armed)) return 0;
    unsigned long n = atomic_fetch_add(&count, 1) + 1;
    if (n != at && (!from || n < from)) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { return fails() ? NULL : __libc_realloc(p, size); }
void *memalign(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
    void *p = fails() ? NULL : __libc_memalign(alignment, size);
    if (!p) return ENOMEM;
    *out = p;
    return 0;
}

static unsigned long number(const char *name) {
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : 0;
}

/* Written without stdio, whose buffers are allocations too. */
static void write_report(void) {
    char text[32];
    atomic_store(&armed, 0);
    int fd = open(report, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int len = snprintf(text, sizeof text, "%lu\n", atomic_load(&count));
    if (fd < 0) return;
    if (write(fd, text, (size_t)len) != len) abort();
    close(fd);
}

typedef int (*main_function)(int, char **, char **);
typedef int (*start_function)(main_function, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
static main_function real_main;

static int counted_main(int argc, char **argv, char **envp) {
    const char *file = getenv("FAIL_COUNT");
    at = number("FAIL_AT");
    from = number("FAIL_FROM");
    if (file && strlen(file) < sizeof report) {
        memcpy(report, file, strlen(file) + 1);
        atexit(write_report);
    }
    atomic_store(&armed, 1);
    return real_main(argc, argv, envp);
}

int __libc_start_main(main_function main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end) {
    void *next = dlsym(RTLD_NEXT, "__libc_start_main");
    start_function start;
    memcpy(&start, &next, sizeof start);
    real_main = main;
    return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
