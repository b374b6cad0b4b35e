#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#endif

#include "CKernelsCPU.h"
#include "clones.h"

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

const char *lk_instruction_set(void) {
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return "x86-64";
#elif defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "other";
#endif
}

const char *lk_glibc_version(void) {
#ifdef __GLIBC__
  return gnu_get_libc_version();
#else
  return "";
#endif
}

int lk_affinity_count(void) {
#ifdef __linux__
  // The kernel refuses a mask smaller than its own, so try larger ones.
  for (int processors = 1024; processors <= 1 << 20; processors *= 4) {
    cpu_set_t *set = CPU_ALLOC(processors);
    if (!set) return 0;
    size_t bytes = CPU_ALLOC_SIZE(processors);
    CPU_ZERO_S(bytes, set);
    int status = sched_getaffinity(0, bytes, set);
    int error = errno;
    int count = status == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (status == 0) return count;
    if (error != EINVAL) return 0;
  }
#endif
  return 0;
}
