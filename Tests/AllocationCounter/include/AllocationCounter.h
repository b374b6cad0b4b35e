// Counts what single threads allocate on the heap, by standing in front of the C library's allocator in the test's
// executable.
#ifndef LOCKSTEP_ALLOCATION_COUNTER_H
#define LOCKSTEP_ALLOCATION_COUNTER_H

#include <stdint.h>

enum { LK_ALLOCATION_FRAMES = 24 };

typedef struct {
  // Allocations, whosever code made them.
  long count;
  // Times that a thread was added.
  long threads;
  // Return addresses of the first allocation.
  void *frames[LK_ALLOCATION_FRAMES];
  int frame_count;
} lk_allocations;

// 0 where this cannot be done: under a sanitizer, which brings an allocator of its own, and without glibc.
int lk_can_count_allocations(void);
// Counts the calling thread's allocations into `allocations` from now on, beside those of other threads; NULL ends it.
void lk_count_allocations(lk_allocations *allocations);
// One allocation with malloc, that no compiler leaves out.
void lk_allocate_once(void);
// Writes the name of the code at an address, its library and offset, into `text`.
void lk_describe_address(void *address, char *text, long size);

#endif
