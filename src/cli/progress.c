/* progress.c: how far, how fast, how long still. */
#include "cli.h"
#include <string.h>
#include <time.h>
#include <unistd.h>

double cli_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cli_duration(double s, size_t size, char *text) {
    if (s < 0.0995)
        snprintf(text, size, "%.2g ms", 1000 * s);
    else if (s < 99.5)
        snprintf(text, size, "%.2g s", s);
    else if (s < 5970)
        snprintf(text, size, "%.0f min", s / 60);
    else if (s < 172800)
        snprintf(text, size, "%.1f h", s / 3600);
    else
        snprintf(text, size, "%.0f days", s / 86400);
}

void cli_bytes(double b, size_t size, char *text) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    int i = 0;
    while (b >= 999.5 && i < 5) {
        b /= 1000;
        i++;
    }
    snprintf(text, size, "%.3g %s", b, units[i]);
}

void cli_progress_begin(cli_progress *p, int quiet) {
    *p = (cli_progress){.live = !quiet && isatty(STDERR_FILENO), .start = cli_seconds()};
}

void cli_progress_show(cli_progress *p, const ouro_progress *now) {
    if (!p->live) return;
    double t = cli_seconds();
    if (t - p->last < 0.1 || t - p->start < 0.3) return;
    p->last = t;
    double share = (double)now->done / (double)now->total, rate = (double)now->done / (t - p->start);
    char left[32], line[160];
    cli_duration((double)(now->total - now->done) / rate, sizeof left, left);
    snprintf(line, sizeof line, "%5.1f %%  %.3g generations/s  %s left", 100 * share, rate, left);
    size_t len = strlen(line);
    fprintf(stderr, "\r%s%*s", line, p->width > len ? (int)(p->width - len) : 0, "");
    fflush(stderr);
    p->width = len;
}

void cli_progress_end(cli_progress *p) {
    if (p->live && p->width) fprintf(stderr, "\r%*s\r", (int)p->width, "");
    p->width = 0;
}
