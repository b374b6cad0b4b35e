#define _GNU_SOURCE
#include "FileCalls.h"

// Says which C library this is.
#include <limits.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(SANITIZED)

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINES = 8192, LENGTH = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// The folder of the recording; empty where there is none.
static char place[PATH_MAX];
static char lines[LINES][LENGTH];
static long count;
static int is_recording, is_cut;

int lk_can_record_file_calls(void) { return 1; }

void lk_record_file_calls(const char *folder) {
  pthread_mutex_lock(&lock);
  snprintf(place, sizeof place, "%s", folder);
  count = is_cut = 0;
  __atomic_store_n(&is_recording, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
}

long lk_end_file_calls(void) {
  pthread_mutex_lock(&lock);
  __atomic_store_n(&is_recording, 0, __ATOMIC_RELEASE);
  long result = is_cut ? -1 : count;
  pthread_mutex_unlock(&lock);
  return result;
}

const char *lk_file_call(long index) { return lines[index]; }

// `path` from the folder on, or NULL where it is not below it.
static const char *relative(const char *path) {
  size_t length = strlen(place);
  if (strncmp(path, place, length) != 0) return NULL;
  if (path[length] == 0) return ".";
  return path[length] == '/' ? path + length + 1 : NULL;
}

static void add(const char *name, const char *path, const char *target) {
  const char *from = path ? relative(path) : NULL, *to = target ? relative(target) : NULL;
  if (path && !from) return;
  if (count == LINES) {
    is_cut = 1;
    return;
  }
  int length = snprintf(lines[count], LENGTH, "%s%s%s%s%s", name, from ? " " : "", from ? from : "", to ? " " : "",
                        to ? to : "");
  if (length >= LENGTH) is_cut = 1;
  count++;
}

static void note(const char *name, const char *path, const char *target) {
  if (!__atomic_load_n(&is_recording, __ATOMIC_ACQUIRE)) return;
  int saved = errno;
  pthread_mutex_lock(&lock);
  if (is_recording) add(name, path, target);
  pthread_mutex_unlock(&lock);
  errno = saved;
}

void lk_note_file_call(const char *line) { note(line, NULL, NULL); }

static void note_number(const char *name, int number) {
  if (!__atomic_load_n(&is_recording, __ATOMIC_ACQUIRE)) return;
  char link[64], path[PATH_MAX];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", number);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (length < 0) return;
  path[length] = 0;
  note(name, path, NULL);
}

// What is replaced below, by the system calls that glibc makes of it.

ssize_t write(int number, const void *bytes, size_t size) {
  note_number("write", number);
  return syscall(SYS_write, number, bytes, size);
}

int ftruncate(int number, off_t length) {
  note_number("shorten", number);
  return (int)syscall(SYS_ftruncate, number, length);
}

int fsync(int number) {
  int result = (int)syscall(SYS_fsync, number);
  if (result == 0) note_number("fsync", number);
  return result;
}

int rename(const char *path, const char *target) {
  note("rename", path, target);
  return renameat(AT_FDCWD, path, AT_FDCWD, target);
}

int unlink(const char *path) {
  note("remove", path, NULL);
  return unlinkat(AT_FDCWD, path, 0);
}

#else

int lk_can_record_file_calls(void) { return 0; }
void lk_record_file_calls(const char *folder) { (void)folder; }
void lk_note_file_call(const char *line) { (void)line; }
long lk_end_file_calls(void) { return 0; }
const char *lk_file_call(long index) {
  (void)index;
  return "";
}

#endif
