/* Counts the calls by which a process writes below one folder, and lets one of them, or all from then on, fail as on a
   full disk, or kills the process before it. Loaded by LD_PRELOAD; without faults_arm() it does nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT = 0, ONCE = 1, ONWARDS = 2, KILL = 3 };

static char folder[4096], what[512];
static long count, at;
static int mode, armed;

void faults_arm(const char *below, long number, int kind) {
  snprintf(folder, sizeof folder, "%s", below);
  count = 0, at = number, mode = kind, what[0] = 0, armed = 1;
}

long faults_count(void) { armed = 0; return count; }

const char *faults_what(void) { return what; }

static int below(const char *path) {
  char whole[4200];
  if (path == NULL) return 0;
  if (path[0] != '/') {
    char here[2048];
    if (getcwd(here, sizeof here) == NULL) return 0;
    snprintf(whole, sizeof whole, "%s/%s", here, path);
    path = whole;
  }
  return strncmp(path, folder, strlen(folder)) == 0;
}

/* Whether this call fails; errno says why. */
static int fails(const char *name, const char *path) {
  if (!armed || !below(path)) return 0;
  long number = __sync_add_and_fetch(&count, 1);
  if (mode == COUNT || number < at || (mode != ONWARDS && number > at)) return 0;
  if (what[0] == 0) snprintf(what, sizeof what, "%s %.400s", name, path);
  if (mode == KILL) { kill(getpid(), SIGKILL); pause(); }
  errno = ENOSPC;
  return 1;
}

static int fails_open_file(const char *name, int file) {
  if (!armed) return 0;
  char link[64], path[4096];
  struct stat facts;
  if (fstat(file, &facts) != 0 || !(S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode))) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(name, path);
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))
#define MODE_OF(flags) \
  mode_t mode_ = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode_ = va_arg(more, mode_t); va_end(more); }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    MODE_OF(flags) \
    if (WRITES(flags) && fails("open", path)) return -1; \
    return real(path, flags, mode_); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int where, const char *path, int flags, ...) { \
    REAL(int, name, int, const char *, int, ...); \
    MODE_OF(flags) \
    if (WRITES(flags) && fails("open", path)) return -1; \
    return real(where, path, flags, mode_); \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name) \
  FILE *name(const char *path, const char *how) { \
    REAL(FILE *, name, const char *, const char *); \
    if (strpbrk(how, "wa+") && fails("open", path)) return NULL; \
    return real(path, how); \
  }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t write(int file, const void *data, size_t size) {
  REAL(ssize_t, write, int, const void *, size_t);
  return fails_open_file("write", file) ? -1 : real(file, data, size);
}

ssize_t writev(int file, const struct iovec *parts, int number) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  return fails_open_file("write", file) ? -1 : real(file, parts, number);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t place) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
  return fails_open_file("write", file) ? -1 : real(file, data, size, place);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t place) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
  return fails_open_file("write", file) ? -1 : real(file, data, size, place);
}

int fsync(int file) {
  REAL(int, fsync, int);
  return fails_open_file("fsync", file) ? -1 : real(file);
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  return fails("rename", to) ? -1 : real(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
  REAL(int, renameat, int, const char *, int, const char *);
  return fails("rename", to) ? -1 : real(a, from, b, to);
}

int mkdir(const char *path, mode_t mode_) {
  REAL(int, mkdir, const char *, mode_t);
  return fails("mkdir", path) ? -1 : real(path, mode_);
}
