// A tile of a product whose left operand is read where it lies in a strip, segment by segment.
#include "grid.h"
// What only a whole product needs of it.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function"
#include "../products/pack.h"
#pragma clang diagnostic pop

// c[i][j] = start[i][j] + sum over the terms p of a[i][p] b[p][j], in rows i that have them: those of all segments, in
// order, `times` times
typedef struct {
  const lk_segment *segments;
  long count;
  long terms; // of all segments, once
  long times, a_again, b_again; // elements from the operands of one time to those of the next
  const float *a; // element (i, p) of a segment at a_first + its left + i * a_row + p, or i + p * a_row if transposed
  long a_first, a_row;
  const float *b; // element (p, j) of a segment at its right + p * b_term + j
  long b_term;
  const float *start; // element (i, j) at i * start_row + j; NULL for zeros
  long start_row;
  float *c; // element (i, j) at i * c_row + j
  long c_row;
  float *gathered; // scratch
} segmented;

// A transposed left operand, a vector a term, one after the other, and the same segments of it in `gathered`. The
// tile's rows are those of the vectors from number `before` on.
static void gather_transposed(long before, segmented *t, lk_segment *gathered) {
  float *to = t->gathered;
  for (long i = 0; i < t->count; i++) {
    const lk_segment *s = t->segments + i;
    const float *from = t->a + (t->a_first + s->left - before);
    gathered[i] = *s;
    gathered[i].left = to - t->gathered;
    for (long p = 0; p < s->terms; p++, to += LK_LANES) STORE(to, LOAD(from + p * t->a_row));
  }
  t->segments = gathered;
  t->a = t->gathered;
  t->a_first = before;
  t->a_row = LK_LANES;
}

#ifdef LK_BFLOAT16

// Blocks of terms pass from one segment to the next: the left operand is gathered, where it is not one segment, and the
// right one's follow one another, being packed to be rounded. All rows have all terms.
static void segmented_compute(long rows, long width, int transposed, const segmented *t) {
  const lk_segment *end = t->segments + t->count;
  tile whole = {.terms = t->times * t->terms, .a = t->gathered, .b = t->b, .b_term = t->b_term, .start = t->start,
                .start_row = t->start_row, .c = t->c, .c_row = t->c_row};
  if (transposed) {
    whole.a = t->a + t->a_first;
    whole.a_row = t->a_row;
  } else {
    whole.a_row = lk_copied_row(whole.terms);
    for (long i = 0; i < rows; i++) {
      float *to = t->gathered + i * whole.a_row;
      for (long k = 0; k < t->times; k++)
        for (const lk_segment *s = t->segments; s < end; to += s->terms, s++)
          memcpy(to, t->a + t->a_first + k * t->a_again + i * t->a_row + s->left, (size_t)s->terms * sizeof(float));
    }
  }
  compute(rows, width, transposed, &whole);
}

#else

typedef unaligned segmented_tile[LK_TILE_ROWS][LK_TILE_VECTORS];

// The terms of a segment in rows from `from` on, before `to`.
LK_INLINE void add_terms(const int from, const int to, const int vectors, const int transposed, const lk_segment *s,
                         const segmented *t, const float *a, const float *b, segmented_tile sums) {
  const long a_row = t->a_row, b_term = t->b_term;
  _Pragma("clang loop unroll_count(LK_TILE_TERMS)") for (long p = s->terms; p > 0; p--) {
    unaligned right[LK_TILE_VECTORS];
    UNROLLED for (int j = 0; j < vectors; j++) right[j] = LOAD(b + j * LK_LANES);
    UNROLLED for (int i = from; i < to; i++) {
      unaligned left = LEFT(a[transposed ? i : i * a_row], transposed, vectors);
      UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] += left * right[j];
    }
    a += transposed ? a_row : 1;
    b += b_term;
  }
}

LK_INLINE void segmented_sums(const int rows, const int vectors, const int transposed, const segmented *t) {
  segmented_tile sums;
  if (t->start) {
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = LOAD(t->start + i * t->start_row + j * LK_LANES);
  } else {
    UNROLLED for (int i = 0; i < rows; i++) UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = 0.0f;
  }
  for (long k = 0; k < t->times; k++) {
    for (const lk_segment *s = t->segments, *end = s + t->count; s < end; s++) {
      const float *a = t->a + (t->a_first + k * t->a_again + s->left), *b = t->b + (k * t->b_again + s->right);
#define ROWS(from, to) add_terms(from, to, vectors, transposed, s, t, a, b, sums)
      if (transposed || (s->skipped == 0 && s->dropped == 0)) ROWS(0, rows);
      else if (s->skipped == 1) ROWS(1, rows);
      else if (s->skipped == 2) ROWS(2, rows);
      else if (s->dropped == 1) ROWS(0, rows - 1);
      else ROWS(0, rows - 2);
#undef ROWS
    }
  }
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int j = 0; j < vectors; j++) STORE(t->c + i * t->c_row + j * LK_LANES, sums[i][j]);
}

#define SEGMENTED_OF(n) \
  case n: \
    if (n <= LK_TILE_ROWS) segmented_sums(n, vectors, transposed, t); \
    return;

LK_INLINE void segmented_of_rows(long rows, const int vectors, const int transposed, const segmented *t) {
  switch (rows) {
    SEGMENTED_OF(1) SEGMENTED_OF(2) SEGMENTED_OF(3) SEGMENTED_OF(4) SEGMENTED_OF(5) SEGMENTED_OF(6) SEGMENTED_OF(7)
    SEGMENTED_OF(8) SEGMENTED_OF(9) SEGMENTED_OF(10) SEGMENTED_OF(11) SEGMENTED_OF(12) SEGMENTED_OF(13)
    SEGMENTED_OF(14)
  }
}

static void segmented_wide(long rows, const segmented *t) { segmented_of_rows(rows, LK_TILE_VECTORS, 0, t); }
static void segmented_narrow(long rows, const segmented *t) { segmented_of_rows(rows, 1, 0, t); }
static void segmented_wide_transposed(long rows, const segmented *t) { segmented_of_rows(rows, LK_TILE_VECTORS, 1, t); }
static void segmented_narrow_transposed(long rows, const segmented *t) { segmented_of_rows(rows, 1, 1, t); }

// As `compute` of a tile of one segment.
static void segmented_compute(long rows, long width, int transposed, const segmented *t) {
  void (*sums)(long, const segmented *) =
    width <= LK_LANES ? transposed ? segmented_narrow_transposed : segmented_narrow
                      : transposed ? segmented_wide_transposed : segmented_wide;
  long computed = padded(width);
  if (width == computed) {
    sums(rows, t);
    return;
  }
  float beside[TILE];
  segmented edge = *t;
  edge.c = beside;
  edge.c_row = computed;
  if (t->start) {
    memset(beside, 0, (size_t)(rows * computed) * sizeof(float));
    for (long i = 0; i < rows; i++)
      memcpy(beside + i * computed, t->start + i * t->start_row, (size_t)width * sizeof(float));
    edge.start = beside;
    edge.start_row = computed;
  }
  sums(rows, &edge);
  for (long i = 0; i < rows; i++) memcpy(t->c + i * t->c_row, beside + i * computed, (size_t)width * sizeof(float));
}

#endif
