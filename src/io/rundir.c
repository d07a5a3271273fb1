/* rundir.c: a directory that appears whole or not at all.
 *
 * A run writes into .NAME.tmp.PID beside its directory and renames it at the end. It holds a lock on the temporary one, so
 * that what a killed run left behind can be told from a run still going, also on another host, and is removed by the next
 * run into the same place.                                                                                    */
#include "output_files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(ouro_error *e, const char *path, const char *what) {
    return ouro_fail(e, OURO_EIO, path, "%s: %s", what, strerror(errno));
}

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *f) {
    (void)s, (void)type, (void)f;
    return remove(path);
}

const char *const ouro_run_files[] = {"trajectories.csv", "summary.csv", "theory.csv",     "verdicts.csv",
                                      "points.csv",       "samples.csv", "components.csv", "ledger.jsonl",
                                      "manifest.json",    NULL};

/* The files of a run by name first: nftw needs memory, and the lack of it may be why the run is given up. */
static void remove_tree(const char *path) {
    char file[1100];
    for (size_t i = 0; ouro_run_files[i]; i++) {
        int n = snprintf(file, sizeof file, "%s/%s", path, ouro_run_files[i]);
        if (n > 0 && (size_t)n < sizeof file) unlink(file);
    }
    if (rmdir(path)) nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* mkdir -p of everything above the last component; path is changed and restored. */
static int make_parents(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int failed = mkdir(path, 0777) && errno != EEXIST;
        *slash = '/';
        if (failed) return -1;
    }
    return 0;
}

static int is_run(const char *dir) {
    char path[1100];
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    return access(path, F_OK) == 0;
}

static int is_empty(const char *dir) {
    DIR *d = opendir(dir);
    int entries = 0;
    if (!d) return 0;
    while (readdir(d)) entries++;
    closedir(d);
    return entries <= 2;
}

/* Removes the temporaries of killed runs into the same place. A process that has made its temporary and not locked it yet
 * is recognised by being alive. `above`: length of the parent's part of o->temporary, with its slash.         */
static void remove_stale(const ouro_output *o, int above) {
    char path[sizeof o->temporary];
    const char *own = o->temporary + above;
    size_t stem = (size_t)(strrchr(own, '.') - own) + 1; /* ".NAME.tmp." */
    snprintf(path, sizeof path, "%.*s", above, o->temporary);
    DIR *parent = opendir(above ? path : ".");
    for (struct dirent *entry; parent && (entry = readdir(parent));) {
        if (strncmp(entry->d_name, own, stem)) continue;
        const char *pid = entry->d_name + stem;
        if (!*pid || pid[strspn(pid, "0123456789")]) continue;
        long owner = strtol(pid, NULL, 10);
        if (owner != (long)getpid() && !kill((pid_t)owner, 0)) continue;
        int n = snprintf(path, sizeof path, "%.*s%s", above, o->temporary, entry->d_name);
        int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : -1;
        if (fd < 0) continue;
        if (!flock(fd, LOCK_EX | LOCK_NB)) remove_tree(path);
        close(fd);
    }
    if (parent) closedir(parent);
}

/* An existing directory is only ever replaced when it is a run (or empty) and force was given. */
static int check_free(const ouro_output *o, ouro_error *e) {
    struct stat s;
    if (lstat(o->dir, &s)) return errno == ENOENT ? OURO_OK : fail(e, o->dir, "cannot be looked at");
    if (!S_ISDIR(s.st_mode))
        return ouro_fail(e, OURO_EEXISTS, o->dir, "is in the way and is no directory; choose another with -o");
    if (is_empty(o->dir)) return OURO_OK;
    if (!is_run(o->dir))
        return ouro_fail(e, OURO_EEXISTS, o->dir,
                         "exists and holds no run of ouro: it is not touched; choose another with -o");
    if (!o->force)
        return ouro_fail(e, OURO_EEXISTS, o->dir,
                         "holds an earlier run; replace it with --force or choose another with -o");
    return OURO_OK;
}

int ouro_rundir_begin(ouro_output *o, const char *dir, ouro_error *e) {
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') len--;
    if (len + 40 > sizeof o->dir) return ouro_fail(e, OURO_EIO, dir, "the path is too long");
    snprintf(o->dir, sizeof o->dir, "%.*s", (int)len, dir);
    const char *slash = strrchr(o->dir, '/');
    int above = slash ? (int)(slash - o->dir) + 1 : 0;
    if (!o->dir[above] || !strcmp(o->dir + above, ".") || !strcmp(o->dir + above, ".."))
        return ouro_fail(e, OURO_ECONFIG, "-o",
                         "\"%s\" names no directory that could be made or replaced; give it a name of its "
                         "own, such as out/first",
                         dir);
    int n =
        snprintf(o->temporary, sizeof o->temporary, "%.*s.%s.tmp.%ld", above, o->dir, o->dir + above, (long)getpid());
    int ret = n < 0 || (size_t)n >= sizeof o->temporary ? ouro_fail(e, OURO_EIO, dir, "the path is too long")
                                                        : check_free(o, e);
    if (!ret) {
        remove_stale(o, above);
        if (make_parents(o->temporary) || mkdir(o->temporary, 0777)) ret = fail(e, o->temporary, "cannot be created");
    }
    if (ret) {
        o->temporary[0] = '\0';
        return ret;
    }
    o->lock = open(o->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (o->lock >= 0) (void)flock(o->lock, LOCK_EX | LOCK_NB); /* a file system without locks: nothing is lost */
    return OURO_OK;
}

static int sync_directory(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return -1;
    int failed = fsync(fd) && errno != EINVAL;
    close(fd);
    return failed ? -1 : 0;
}

static void forget_temporary(ouro_output *o) {
    if (o->lock >= 0) close(o->lock);
    o->lock = -1;
    o->temporary[0] = '\0';
}

/* Puts the temporary in place of an earlier run: in one step where the system can exchange two names, so that whenever the
 * process is killed one of them stands there whole; else in two.                                               */
static int replace(ouro_output *o, ouro_error *e) {
    char old[1100];
#ifdef RENAME_EXCHANGE
    if (!renameat2(AT_FDCWD, o->temporary, AT_FDCWD, o->dir, RENAME_EXCHANGE)) {
        remove_tree(o->temporary);
        return OURO_OK;
    }
#endif
    snprintf(old, sizeof old, "%s.old", o->temporary);
    if (rename(o->dir, old)) return fail(e, o->dir, "cannot be moved aside");
    if (rename(o->temporary, o->dir)) {
        int ret = fail(e, o->dir, "cannot be put in place");
        (void)rename(old, o->dir); /* should this fail too, the earlier run is still there under the other name */
        return ret;
    }
    remove_tree(old);
    return OURO_OK;
}

int ouro_rundir_commit(ouro_output *o, ouro_error *e) {
    int ret = check_free(o, e); /* again: another run may have finished meanwhile */
    if (ret) return ret;
    if (sync_directory(o->temporary)) return fail(e, o->temporary, "cannot be synced");
    if (access(o->dir, F_OK) == 0)
        ret = replace(o, e);
    else if (rename(o->temporary, o->dir))
        ret = fail(e, o->dir, "cannot be put in place");
    if (ret) return ret;
    forget_temporary(o);
    char *slash = strrchr(o->dir, '/');
    if (slash && slash > o->dir) *slash = '\0';
    sync_directory(slash ? o->dir : "."); /* the rename is done; a file system without directory sync is no failure */
    if (slash && slash > o->dir) *slash = '/';
    return OURO_OK;
}

void ouro_rundir_abandon(ouro_output *o) {
    if (!o->temporary[0]) return;
    remove_tree(o->temporary);
    forget_temporary(o);
}

int ouro_rundir_finish_file(void *stream, const char *path, ouro_error *e) {
    FILE *file = stream;
    int bad = ferror(file), code = bad ? EIO : 0;
    if (fflush(file)) code = errno;
    if (!code && fsync(fileno(file)) && errno != EINVAL) code = errno;
    if (fclose(file) && !code) code = errno;
    return code ? ouro_fail(e, OURO_EIO, path, "cannot be written: %s", strerror(code)) : OURO_OK;
}

int ouro_rundir_relative(const char *from, const char *to, unsigned size, char *out) {
    char a[PATH_MAX], b[PATH_MAX];
    if (!realpath(from, a) || !realpath(to, b)) return -1;
    size_t common = 0, i = 0;
    for (; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/') common = i + 1;
    if (!a[i] && b[i] == '/') common = i + 1; /* `to` lies inside `from` */
    size_t used = 0;
    out[0] = '\0';
    if (a[i] || b[i] != '/') {
        for (const char *c = a + common; *c; c = strchr(c, '/') ? strchr(c, '/') + 1 : c + strlen(c)) {
            if (used + 4 > size) return -1;
            used += (size_t)snprintf(out + used, size - used, "../");
        }
    }
    int n = snprintf(out + used, size - used, "%s", b + common);
    return n < 0 || (size_t)n >= size - used ? -1 : 0;
}
