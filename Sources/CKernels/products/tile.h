// The inner part of every matrix product: the sums of one small tile of the result, held in registers.
//
// Included once per instruction set and precision, with the tile's size in registers as LK_TILE_ROWS rows of
// LK_TILE_VECTORS vectors of 16, and LK_TILE_TERMS terms a turn of the loop. What an element is, the chains say:
// multiply-adds over the terms in their order, whatever tile it lies in. So an element's bits follow from its own row
// and column alone, never from the number of rows, the size of the tile, or the instruction set.
#include "../lanes.h"

enum {
  PANEL = LK_LANES * LK_TILE_VECTORS, // columns of a tile
  TILE = LK_TILE_ROWS * PANEL,        // elements of a tile
};

typedef float unaligned __attribute__((ext_vector_type(LK_LANES), aligned(4)));
typedef uint32_t magnitudes __attribute__((ext_vector_type(LK_LANES))); // as bits, of which a NaN has the most

#define LOAD(p) (*(const unaligned *)(p))
#define STORE(p, v) (*(unaligned *)(p) = (v))
// The same for a part of a line that the caches do not take; STREAMED() when all are written.
typedef float aligned __attribute__((ext_vector_type(LK_LANES)));
#define STREAM(p, v) __builtin_nontemporal_store((aligned)(v), (aligned *)(p))
#ifdef __x86_64__
#define STREAMED() __builtin_ia32_sfence()
#else
#define STREAMED() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif
// An element of a left operand in all lanes: by a register where several multiply-adds take it, and where one does, or
// where all are read alike, by their own instruction.
#define LEFT(x, transposed, vectors) ((transposed) || (vectors) == 1 ? (unaligned)(x) : LK_EVERYWHERE(x))
#define UNROLLED _Pragma("clang loop unroll(full)")

// Sums that wait in a stack for their right neighbour, the last `count` of it: element (i, j) of the first of them at
// first + i * row + j, the others `apart` after one another. `first` may be NULL for none.
typedef struct {
  long count;
  const float *first;
  long row, apart;
} waiting;

// c[i][j] = start[i][j] + sum over p < terms of a[i][p] b[p][j], to which those that wait are added
typedef struct {
  long terms;
  const float *a; // element (i, p) at i * a_row + p, or at i + p * a_row where a is transposed
  long a_row;
  const float *b; // element (p, j) at p * b_term + j
  long b_term;
  const float *start; // element (i, j) at i * start_row + j; NULL for zeros
  long start_row;
  waiting left[2]; // added in turn, the last of each first
  float *c; // element (i, j) at i * c_row + j
  long c_row;
  magnitudes *largest; // of c's elements so far, a lane; NULL where nobody asks
  int streams;         // whether c's rows are whole lines that go past the caches
} tile;

// A macro, because a function that takes vectors would have to agree with its callers on the instruction set.
#define NOTE_MAGNITUDES(x, largest) \
  (*(largest) = __builtin_elementwise_max(*(largest), (magnitudes)(unaligned)(x) & 0x7FFFFFFFu))

// Columns that a tile of `width` columns computes: whole vectors.
static long padded(long width) { return width <= LK_LANES ? LK_LANES : PANEL; }

// To c goes what stands beside it, a tile whose rows are PANEL elements apart, with what waits for it.
LK_INLINE void add_waiting(long rows, long columns, const float *beside, const tile *t) {
  for (long i = 0; i < rows; i++) {
    for (long j = 0; j < columns; j += LK_LANES) {
      unaligned sum = LOAD(beside + i * PANEL + j);
      for (const waiting *left = t->left; left < t->left + 2; left++)
        for (long m = left->count; m > 0; m--)
          sum += LOAD(left->first + (m - 1) * left->apart + i * left->row + j);
      if (t->streams) STREAM(t->c + i * t->c_row + j, sum);
      else STORE(t->c + i * t->c_row + j, sum);
      if (t->largest) NOTE_MAGNITUDES(sum, t->largest);
    }
  }
}

// To c go the columns that it has of a tile beside it, whose rows are whole vectors.
static void keep(long rows, long width, const float *beside, long row, const tile *t) {
  for (long i = 0; i < rows; i++) {
    memcpy(t->c + i * t->c_row, beside + i * row, (size_t)width * sizeof(float));
    for (long j = 0; t->largest && j < width; j++) NOTE_MAGNITUDES(beside[i * row + j], t->largest);
  }
}

#ifdef LK_MATRIX_INSTRUCTION
#include "matrix.h"
#else
#include "chains.h"
#endif

// A tile of at most PANEL columns. Where they are not whole vectors, those beyond are computed beside c and dropped; b
// has to have them.
static void compute(long rows, long width, int transposed, const tile *t) {
  long computed = padded(width);
  if (width == computed) {
    whole(rows, width, transposed, t);
    return;
  }
  float beside[TILE];
  tile edge = *t;
  edge.c = beside;
  edge.c_row = computed;
  edge.largest = NULL;
  edge.streams = 0;
  if (t->start) {
    memset(beside, 0, (size_t)(rows * computed) * sizeof(float));
    for (long i = 0; i < rows; i++)
      memcpy(beside + i * computed, t->start + i * t->start_row, (size_t)width * sizeof(float));
    edge.start = beside;
    edge.start_row = computed;
  }
  whole(rows, width, transposed, &edge);
  keep(rows, width, beside, computed, t);
}

static long smaller(long a, long b) { return a < b ? a : b; }

// A side of a matrix in as few tiles as hold it: tile t of `count` begins at tile_begin.
static long tile_count(long length) { return (length + LK_TILE_ROWS - 1) / LK_TILE_ROWS; }
static long tile_begin(long length, long t, long count) {
  return EVEN_TILES ? length * t / count : smaller(t * LK_TILE_ROWS, length);
}
