#ifdef __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#ifdef __x86_64__
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

#include "CKernelsCPU.h"

// AMX's tiles and its product in bfloat16, AVX-512's conversion to bfloat16, and a system that keeps tiles when it
// switches threads (bits 17 and 18 of XCR0). Other systems than Linux do not let a process use them.
static int has_amx(void) {
#if defined(__linux__) && defined(__x86_64__)
  enum { AMX_BF16 = 1u << 22, AMX_TILE = 1u << 24, AVX512_BF16 = 1u << 5, TILES = 3u << 17 };
  unsigned a, b, c, d, kept, upper;
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("x86-64-v4") || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if ((d & AMX_BF16) == 0 || (d & AMX_TILE) == 0 || !__get_cpuid_count(7, 1, &a, &b, &c, &d)) return 0;
  __asm__("xgetbv" : "=a"(kept), "=d"(upper) : "c"(0));
  return (a & AVX512_BF16) != 0 && (kept & TILES) == TILES;
#else
  return 0;
#endif
}

int lk_ask_for_matrix_instruction(void) {
#if defined(__linux__) && defined(__x86_64__)
  // ARCH_REQ_XCOMP_PERM (Linux 5.16) for the state of the tiles; threads that live and those to come have it then.
  return has_amx() && syscall(SYS_arch_prctl, 0x1023, 18) == 0;
#else
  return 0;
#endif
}

int lk_has(lk_instructions set) {
  if (set == LK_X86_64_AMX) return has_amx();
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (set == LK_X86_64_V4) return __builtin_cpu_supports("x86-64-v4");
  if (set == LK_X86_64_V3) return __builtin_cpu_supports("x86-64-v3");
#endif
  return set == LK_BASE;
}

// 0 until it is known, then one more than the set.
static int running;

lk_instructions lk_running(void) {
  int known = __atomic_load_n(&running, __ATOMIC_RELAXED);
  if (known) return (lk_instructions)(known - 1);
  lk_instructions widest = LK_X86_64_AMX;
  while (!lk_has(widest)) widest--;
  lk_run(widest);
  return widest;
}

void lk_run(lk_instructions set) { __atomic_store_n(&running, (int)set + 1, __ATOMIC_RELAXED); }

const char *lk_name(lk_instructions set) {
#if defined(__x86_64__)
  if (set == LK_X86_64_AMX) return "x86-64-v4+amx";
  return set == LK_X86_64_V4 ? "x86-64-v4" : set == LK_X86_64_V3 ? "x86-64-v3" : "x86-64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "other";
#endif
}

int lk_model_name(char *name, size_t size) {
#ifdef __APPLE__
  return sysctlbyname("machdep.cpu.brand_string", name, &size, NULL, 0) == 0;
#else
  (void)name, (void)size;
  return 0;
#endif
}

int lk_affinity_count(void) {
#ifdef __APPLE__
  // A step waits for its slowest worker, and the other cores of Apple's processors are several times slower.
  int count = 0;
  size_t size = sizeof count;
  return sysctlbyname("hw.perflevel0.logicalcpu", &count, &size, NULL, 0) == 0 ? count : 0;
#endif
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
