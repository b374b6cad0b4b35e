#define _GNU_SOURCE
#include "AllocationCounter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

void lk_allocate_once(void) {
  void *volatile memory = malloc(24);
  free(memory);
}

#if defined(__linux__) && defined(__GLIBC__) && !defined(SANITIZED)

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>

// glibc's own names for what is replaced below.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static __thread lk_allocations *counter;

// The first backtrace loads the unwinder, which allocates.
__attribute__((constructor)) static void load_unwinder(void) {
  void *frames[2];
  backtrace(frames, 2);
}

int lk_can_count_allocations(void) { return 1; }

void lk_count_allocations(lk_allocations *allocations) {
  if (allocations) __atomic_fetch_add(&allocations->threads, 1, __ATOMIC_RELAXED);
  counter = allocations;
}

static void note(void) {
  lk_allocations *mine = counter;
  if (!mine || __atomic_fetch_add(&mine->count, 1, __ATOMIC_RELAXED) > 0) return;
  // What looking up the callers allocates does not count.
  counter = NULL;
  mine->frame_count = backtrace(mine->frames, LK_ALLOCATION_FRAMES);
  counter = mine;
}

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note();
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  note();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  note();
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

void lk_describe_address(void *address, char *text, long size) {
  Dl_info info;
  memset(&info, 0, sizeof info);
  if (!dladdr(address, &info) || !info.dli_fname) {
    snprintf(text, (size_t)size, "%p", address);
    return;
  }
  const char *file = strrchr(info.dli_fname, '/');
  snprintf(text, (size_t)size, "%s in %s+0x%lx", info.dli_sname ? info.dli_sname : "?", file ? file + 1 : info.dli_fname,
           (unsigned long)((char *)address - (char *)info.dli_fbase));
}

#else

int lk_can_count_allocations(void) { return 0; }
void lk_count_allocations(lk_allocations *allocations) { (void)allocations; }

void lk_describe_address(void *address, char *text, long size) { snprintf(text, (size_t)size, "%p", address); }

#endif
