/* harness.c: registry, runner and reporting behind harness.h. */
#include "harness.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Failures beyond this many of one test are counted, not printed: a wrong array would flood the log. */
enum { SHOWN = 10 };

static harness_test *tests; /* linked in constructor order until main sorts it */
static const harness_test *current;
static unsigned long checks, failures; /* of the current test */

void harness_register(harness_test *t) {
    t->next = tests;
    tests = t;
}

/* Counts the check; on a failure starts its line and says whether the caller should finish it. */
static bool open_failure(bool ok, const char *file, int line, const char *text) {
    checks++;
    if (ok || ++failures > SHOWN) return false;
    printf("%s:%d: %s: %s", file, line, current != NULL ? current->name : "?", text);
    return true;
}

bool harness_true(bool ok, const char *file, int line, const char *text) {
    if (open_failure(ok, file, line, text)) puts("");
    return ok;
}

static void print_number(harness_number x) {
    switch (x.kind) {
    case HARNESS_SIGNED: printf("%lld", x.i); break;
    case HARNESS_UNSIGNED: printf("%llu", x.u); break;
    case HARNESS_REAL: printf("%.17g", x.d); break;
    }
}

/* Mathematical equality: no conversion turns -1 into 2^64 - 1, or 2^53 + 1 into a double. */
static bool equal(harness_number a, harness_number b) {
    if (a.kind > b.kind) return equal(b, a);
    if (b.kind == HARNESS_REAL && a.kind != HARNESS_REAL) {
        if (!(b.d >= -0x1p63 && b.d < 0x1p64) || b.d != floor(b.d)) /* also NaN */
            return false;
        b = b.d < 0 ? harness_signed((long long)b.d) : harness_unsigned((unsigned long long)b.d);
        return equal(a, b);
    }
    if (a.kind == HARNESS_REAL) return a.d == b.d;
    if (a.kind == HARNESS_UNSIGNED) return a.u == b.u;
    if (b.kind == HARNESS_UNSIGNED) return a.i >= 0 && (unsigned long long)a.i == b.u;
    return a.i == b.i;
}

bool harness_equal(harness_number a, harness_number b, const char *file, int line, const char *text) {
    const bool ok = equal(a, b);
    if (open_failure(ok, file, line, text)) {
        printf(": ");
        print_number(a);
        printf(" against ");
        print_number(b);
        puts("");
    }
    return ok;
}

bool harness_close(double a, double b, double rtol, double atol, const char *file, int line, const char *text) {
    const bool ok = a == b || fabs(a - b) <= atol + (isinf(b) ? 0 : rtol * fabs(b));
    if (open_failure(ok, file, line, text))
        printf(": %.17g against %.17g, off by %.3g, allowed %.3g\n", a, b, fabs(a - b), atol + rtol * fabs(b));
    return ok;
}

bool harness_same(const char *a, const char *b, const char *file, int line, const char *text) {
    const bool ok = a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
    if (open_failure(ok, file, line, text))
        printf(": \"%s\" against \"%s\"\n", a != NULL ? a : "(null)", b != NULL ? b : "(null)");
    return ok;
}

/* Insertion sort of the list by name: link order must not show in the report. */
static harness_test *sorted(harness_test *list) {
    harness_test *head = NULL;
    while (list != NULL) {
        harness_test *t = list, **at = &head;
        list = t->next;
        while (*at != NULL && strcmp((*at)->name, t->name) < 0) at = &(*at)->next;
        t->next = *at;
        *at = t;
    }
    return head;
}

static bool wanted(const char *name, int argc, char **argv) {
    bool any = argc <= 1;
    for (int i = 1; i < argc && !any; i++) any = strncmp(name, argv[i], strlen(argv[i])) == 0;
    return any;
}

static bool passes(const harness_test *t) {
    current = t;
    checks = failures = 0;
    t->run();
    if (failures > SHOWN) printf("%s: %lu more failures not shown\n", t->name, failures - SHOWN);
    if (checks == 0) printf("%s: no check was executed\n", t->name);
    fflush(stdout);
    return failures == 0 && checks > 0;
}

int main(int argc, char **argv) {
    unsigned long passed = 0, failed = 0;
    bool list = getenv("OURO_TEST_LIST") != NULL;
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        list = true;
        argv++;
        argc--;
    }
    tests = sorted(tests);
    for (const harness_test *t = tests; t != NULL; t = t->next) {
        if (!wanted(t->name, argc, argv)) continue;
        if (list)
            puts(t->name);
        else if (passes(t))
            passed++;
        else
            failed++;
    }
    if (list) return EXIT_SUCCESS;
    printf("%lu passed, %lu failed\n", passed, failed);
    return failed > 0 ? 1 : passed > 0 ? 0 : 2;
}
