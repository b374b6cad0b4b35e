// A tile of a product whose left operand is read where it lies in a strip, segment by segment.
#include "grid.h"
// What only a whole product needs of it.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function"
#include "../products/pack.h"
#pragma clang diagnostic pop

// c[i][j] = start[i][j] + sum over the segments' terms p of a[i][p] b[p][j], p counted through all segments
typedef struct {
  const lk_segment *segments;
  long count;
  long terms; // of all segments
  const float *a; // element (i, p) of a segment at its left + i * a_row + p, or + i + p * a_row where a is transposed
  long a_row;
  const float *b; // element (p, j) of a segment at its right + p * b_term + j
  long b_term;
  const float *start; // element (i, j) at i * start_row + j; NULL for zeros
  long start_row;
  float *c; // element (i, j) at i * c_row + j
  long c_row;
  float *gathered; // scratch
} segmented;

#ifdef LK_BFLOAT16

// Blocks of terms pass from one segment to the next: the left operand is gathered, and the right one's follow one
// another, being packed to be rounded.
static void segmented_compute(long rows, long width, int transposed, const segmented *t) {
  tile whole = {.terms = t->terms, .a = t->gathered, .b = t->b, .b_term = t->b_term, .start = t->start,
                .start_row = t->start_row, .c = t->c, .c_row = t->c_row};
  if (transposed) {
    whole.a_row = rows;
    float *to = t->gathered;
    // A whole vector writes into the places of the next terms too, which are written later.
    for (const lk_segment *s = t->segments; s < t->segments + t->count; s++)
      for (long p = 0; p < s->terms; p++, to += rows) STORE(to, LOAD(t->a + s->left + p * t->a_row));
  } else {
    whole.a_row = lk_copied_row(t->terms);
    for (long i = 0; i < rows; i++) {
      float *to = t->gathered + i * whole.a_row;
      for (const lk_segment *s = t->segments; s < t->segments + t->count; to += s->terms, s++)
        memcpy(to, t->a + i * t->a_row + s->left, (size_t)s->terms * sizeof(float));
    }
  }
  compute(rows, width, transposed, &whole);
}

#else

LK_INLINE void segmented_sums(const int rows, const int vectors, const int transposed, const segmented *t) {
  unaligned sums[LK_TILE_ROWS][LK_TILE_VECTORS];
  if (t->start) {
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = LOAD(t->start + i * t->start_row + j * LK_LANES);
  } else {
    UNROLLED for (int i = 0; i < rows; i++) UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = 0.0f;
  }
  const long a_row = t->a_row, b_term = t->b_term;
  for (const lk_segment *s = t->segments, *end = s + t->count; s < end; s++) {
    const float *a = t->a + s->left, *b = t->b + s->right;
    _Pragma("clang loop unroll_count(LK_TILE_TERMS)") for (long p = s->terms; p > 0; p--) {
      unaligned right[LK_TILE_VECTORS];
      UNROLLED for (int j = 0; j < vectors; j++) right[j] = LOAD(b + j * LK_LANES);
      UNROLLED for (int i = 0; i < rows; i++) {
        unaligned left = transposed ? (unaligned)a[i] : LK_EVERYWHERE(a[i * a_row]);
        UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] += left * right[j];
      }
      a += transposed ? a_row : 1;
      b += b_term;
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
