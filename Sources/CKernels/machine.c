// What the C language has no word for: the floating-point environment, atomics with an address, and a futex.
#define _GNU_SOURCE
#include "CKernels.h"

#include <stddef.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <sched.h>
#endif

#if defined(__x86_64__)
#include <xmmintrin.h>

#define FLUSH_TO_ZERO 0x8000u
#define DENORMALS_ARE_ZERO 0x0040u

uint64_t lk_enter_flush_to_zero(void) {
  unsigned state = _mm_getcsr();
  _mm_setcsr(state | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  return state;
}

// Gives back the two modes alone: exceptions raised meanwhile stay raised.
void lk_leave_flush_to_zero(uint64_t state) {
  unsigned modes = FLUSH_TO_ZERO | DENORMALS_ARE_ZERO;
  _mm_setcsr((_mm_getcsr() & ~modes) | ((unsigned)state & modes));
}

void lk_relax(void) { _mm_pause(); }

#elif defined(__aarch64__)

#define FLUSH_TO_ZERO (1ull << 24)

uint64_t lk_enter_flush_to_zero(void) {
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | FLUSH_TO_ZERO));
  return state;
}

void lk_leave_flush_to_zero(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }

void lk_relax(void) { __asm__ volatile("yield"); }

#else

uint64_t lk_enter_flush_to_zero(void) { return 0; }
void lk_leave_flush_to_zero(uint64_t state) { (void)state; }
void lk_relax(void) {}

#endif

uint32_t lk_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

void lk_store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

uint32_t lk_fetch_add(uint32_t *word, uint32_t value) { return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST); }

#if defined(__linux__)

void lk_park(uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void lk_unpark_all(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0); }

#else

// Without a futex a parked thread only gives its time slice away.
void lk_park(uint32_t *word, uint32_t expected) {
  if (lk_load(word) == expected) sched_yield();
}

void lk_unpark_all(uint32_t *word) { (void)word; }

#endif
