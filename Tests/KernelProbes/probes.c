#define _GNU_SOURCE
#include "KernelProbes.h"

#include "../../Sources/CKernels/elementary.h"
#include "../../Sources/CKernels/products/bfloat16.h"

#include <fenv.h>

#define EACH(expression) \
  do { \
    LK_ELEMENTWISE for (long i = 0; i < n; i++) y[i] = (expression); \
  } while (0)

LK_KERNEL(void, lk_probe, (lk_probe_function function, long n, const float *x, float *y), (function, n, x, y)) {
  switch (function) {
  case LK_PROBE_QUICK_ROOT: EACH(lk_quick_root(x[i])); break;
  case LK_PROBE_ROOT: EACH(lk_root(x[i])); break;
  case LK_PROBE_EXP: EACH(lk_exp(x[i])); break;
  case LK_PROBE_EXPM1: EACH(lk_expm1(x[i])); break;
  case LK_PROBE_LOG1P: EACH(lk_log1p(x[i])); break;
  case LK_PROBE_LOG1P_UNIT: EACH(lk_log1p_unit(x[i])); break;
  case LK_PROBE_SIGMOID: EACH(lk_sigmoid(x[i])); break;
  case LK_PROBE_TANH: EACH(lk_tanh(x[i])); break;
  case LK_PROBE_NORMAL_DENSITY: EACH(lk_normal_at(x[i]).density); break;
  case LK_PROBE_NORMAL_DISTRIBUTION: EACH(lk_normal_at(x[i]).distribution); break;
  }
}

LK_KERNEL(long, lk_probe_wrong_roots, (unsigned first, long count), (first, count)) {
  enum { BLOCK = 1024 };
  long wrong = 0;
  for (long start = 0; start < count; start += BLOCK) {
    unsigned n = (unsigned)(count - start < BLOCK ? count - start : BLOCK), bits = first + (unsigned)start, off = 0;
    LK_ELEMENTWISE for (unsigned i = 0; i < n; i++) {
      float x = lk_from_bits(bits + i);
      int32_t root = (int32_t)lk_bits(lk_quick_root(x)), exact = (int32_t)lk_bits(lk_root(x));
      int32_t distance = root - exact;
      off += (distance < -1) | (distance > 1) | (root < 0);
    }
    wrong += off;
  }
  return wrong;
}

#if defined(__x86_64__)
// Numbers of all upper halves, with one lower half.
__attribute__((target("avx512f,avx512bf16"))) static long wrong_conversions(uint32_t lower) {
  long wrong = 0;
  for (uint32_t upper = 0; upper < 1u << 16; upper += 32) {
    uint32_t numbers[32];
    uint16_t halves[32];
    for (uint32_t i = 0; i < 32; i++) numbers[i] = (upper + i) << 16 | lower;
    __m512 first = _mm512_loadu_ps(numbers), second = _mm512_loadu_ps(numbers + 16);
    __m512bh converted = _mm512_cvtne2ps_pbh(second, first);
    memcpy(halves, &converted, sizeof halves);
    for (int i = 0; i < 32; i++) wrong += (uint32_t)halves[i] << 16 != LK_BFLOAT16_BITS(uint32_t, numbers[i]);
  }
  return wrong;
}

long lk_probe_wrong_conversions(void) {
  static const uint32_t lower[] = {0, 1, 0x1234, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512bf16")) return -1;
  long wrong = 0;
  for (unsigned i = 0; i < sizeof lower / sizeof *lower; i++) wrong += wrong_conversions(lower[i]);
  return wrong;
}
#else
long lk_probe_wrong_conversions(void) { return -1; }
#endif

void lk_probe_set_environment(lk_probe_rounding rounding, int traps) {
  const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  fesetround(modes[rounding]);
#ifdef __GLIBC__
  feclearexcept(FE_ALL_EXCEPT);
  fedisableexcept(FE_ALL_EXCEPT);
  if (traps) feenableexcept(FE_DIVBYZERO | FE_INVALID);
#else
  (void)traps;
#endif
}

void lk_probe_flush_denormals(int flushes) {
#if defined(__x86_64__)
  unsigned control = _mm_getcsr() & ~0x8040u;
  _mm_setcsr(flushes ? control | 0x8040u : control);
#elif defined(__aarch64__)
  uint64_t control = flushes ? 1ull << 24 : 0;
  __asm__ volatile("msr fpcr, %0" : : "r"(control));
#else
  (void)flushes;
#endif
}

int lk_probe_environment(void) {
#ifdef __GLIBC__
  return fegetround() | fegetexcept() << 16;
#else
  return fegetround();
#endif
}
