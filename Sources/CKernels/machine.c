// What the C language has no word for: the floating-point environment, atomics with an address, and a futex.
#define _GNU_SOURCE
#include "CKernels.h"

#include <stddef.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__APPLE__)
#include <os/os_sync_wait_on_address.h>
#else
#include <sched.h>
#endif

#if defined(__x86_64__)
#include <xmmintrin.h>

// Round to nearest, every exception masked, the full 64 bits: where the C library asks for the rounding mode.
static const uint16_t X87_CONTROL = 0x037F;

static const unsigned SSE_STATUS = 0x3F;
// What is given back where the environment was this one already: nothing, which is cheaper than all of it.
static const uint64_t ENTERED_BEFORE = UINT64_MAX;

// The control and status of SSE in the low half, the control word of the x87 unit above.
uint64_t lk_enter_environment(void) {
  uint16_t control;
  unsigned sse = _mm_getcsr();
  __asm__ volatile("fnstcw %0" : "=m"(control));
  if ((sse & ~SSE_STATUS) == LK_SSE_CONTROL && control == X87_CONTROL) return ENTERED_BEFORE;
  uint64_t state = (uint64_t)control << 32 | sse;
  _mm_setcsr(LK_SSE_CONTROL);
  __asm__ volatile("fldcw %0" : : "m"(X87_CONTROL));
  return state;
}

void lk_leave_environment(uint64_t state) {
  if (state == ENTERED_BEFORE) return;
  uint16_t control = (uint16_t)(state >> 32);
  __asm__ volatile("fldcw %0" : : "m"(control));
  _mm_setcsr((unsigned)state);
}

void lk_relax(void) { _mm_pause(); }

#elif defined(__aarch64__)

// Of FPCR: nothing. So RMode is to nearest, denormals are as they are, no exception traps, and a NaN keeps its bits.
static const uint64_t CONTROL = 0;

uint64_t lk_enter_environment(void) {
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(CONTROL) : "memory");
  return state;
}

void lk_leave_environment(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state) : "memory"); }

// Some tens of cycles, as x86-64's pause takes; most cores do nothing at all for a yield.
void lk_relax(void) { __asm__ volatile("isb" : : : "memory"); }

#else
#include <fenv.h>

// The rounding mode; denormals are as they are unless somebody has asked for something else.
uint64_t lk_enter_environment(void) {
  int mode = fegetround();
  fesetround(FE_TONEAREST);
  return (uint64_t)mode;
}

void lk_leave_environment(uint64_t state) { fesetround((int)state); }

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

#elif defined(__APPLE__)

void lk_park(uint32_t *word, uint32_t expected) {
  os_sync_wait_on_address(word, expected, sizeof *word, OS_SYNC_WAIT_ON_ADDRESS_NONE);
}

void lk_unpark_all(uint32_t *word) {
  os_sync_wake_by_address_all(word, sizeof *word, OS_SYNC_WAKE_BY_ADDRESS_NONE);
}

#else

// Without a futex a parked thread only gives its time slice away.
void lk_park(uint32_t *word, uint32_t expected) {
  if (lk_load(word) == expected) sched_yield();
}

void lk_unpark_all(uint32_t *word) { (void)word; }

#endif

#if defined(__linux__)

static void *pass(void *gate) {
  pthread_mutex_lock(gate);
  pthread_mutex_unlock(gate);
  return NULL;
}

int lk_granted_threads(int count) {
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  pthread_t *threads = malloc((size_t)count * sizeof *threads);
  int made = 0;
  pthread_mutex_lock(&gate);
  while (threads && made < count && pthread_create(&threads[made], NULL, pass, &gate) == 0) made++;
  pthread_mutex_unlock(&gate);
  for (int i = 0; i < made; i++) pthread_join(threads[i], NULL);
  free(threads);
  return made;
}

#else

// Not known elsewhere.
int lk_granted_threads(int count) { return count; }

#endif
