// The yardstick of tools/bench: what a data-parallel training step would reach if only its matrix products took time,
// computed by oneDNN's dnnl_sgemm. The batch is cut into shards; every thread runs the forward, weight-gradient and
// input-gradient products of its shards, with no other work and no synchronisation. Prints samples a second.
//
// build: cc -O2 ceiling.c -o ceiling -ldnnl -lgomp -lpthread
// run:   ceiling THREADS SHARDS SECONDS BATCH INPUTS UNITS…
#include <dnnl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void omp_set_num_threads(int threads); // of the OpenMP runtime that oneDNN uses; a setting of the calling thread

enum { LAYERS = 1024, THREADS = 256 };

static int threads, shards, layers;
static long rows, widths[LAYERS + 1], repetitions;
static pthread_barrier_t start;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static float *matrix(long rows, long columns) {
  size_t bytes = ((size_t)(rows * columns) * sizeof(float) + 63) / 64 * 64;
  float *elements = aligned_alloc(64, bytes);
  if (!elements) exit(1);
  for (long i = 0; i < rows * columns; i++) elements[i] = (float)(i % 17) * 0.01f - 0.08f;
  return elements;
}

typedef struct {
  float *x[LAYERS + 1], *dx[LAYERS + 1], *w[LAYERS], *dw[LAYERS];
} shard;

static void differentiate(shard *s) {
  for (int l = 0; l < layers; l++)
    dnnl_sgemm('N', 'N', rows, widths[l + 1], widths[l], 1, s->x[l], widths[l], s->w[l], widths[l + 1], 0, s->x[l + 1],
               widths[l + 1]);
  for (int l = layers - 1; l >= 0; l--) {
    long in = widths[l], out = widths[l + 1];
    dnnl_sgemm('T', 'N', in, out, rows, 1, s->x[l], in, s->dx[l + 1], out, 0, s->dw[l], out);
    if (l > 0) dnnl_sgemm('N', 'T', rows, in, out, 1, s->dx[l + 1], out, s->w[l], out, 0, s->dx[l], in);
  }
}

// Writes the seconds of `repetitions` steps to *argument.
static void *work(void *argument) {
  omp_set_num_threads(1);
  shard s;
  for (int l = 0; l <= layers; l++) {
    s.x[l] = matrix(rows, widths[l]);
    s.dx[l] = matrix(rows, widths[l]);
    if (l == layers) break;
    s.w[l] = matrix(widths[l], widths[l + 1]);
    s.dw[l] = matrix(widths[l], widths[l + 1]);
  }
  for (int warm = 0; warm < 2; warm++) differentiate(&s);
  pthread_barrier_wait(&start);
  double begin = now();
  for (long r = 0; r < repetitions; r++)
    for (int k = 0; k < shards / threads; k++) differentiate(&s);
  *(double *)argument = now() - begin;
  for (int l = 0; l <= layers; l++) {
    free(s.x[l]);
    free(s.dx[l]);
    if (l == layers) break;
    free(s.w[l]);
    free(s.dw[l]);
  }
  return NULL;
}

// The slowest thread's seconds.
static double measure(void) {
  pthread_t handles[THREADS];
  double seconds[THREADS], slowest = 0;
  pthread_barrier_init(&start, NULL, (unsigned)threads);
  for (int t = 0; t < threads; t++) pthread_create(&handles[t], NULL, work, &seconds[t]);
  for (int t = 0; t < threads; t++) {
    pthread_join(handles[t], NULL);
    if (seconds[t] > slowest) slowest = seconds[t];
  }
  pthread_barrier_destroy(&start);
  return slowest;
}

int main(int count, char **arguments) {
  if (count < 7) {
    fprintf(stderr, "usage: ceiling THREADS SHARDS SECONDS BATCH INPUTS UNITS...\n");
    return 2;
  }
  threads = atoi(arguments[1]);
  shards = atoi(arguments[2]);
  double wanted = atof(arguments[3]);
  long batch = atol(arguments[4]);
  layers = count - 6;
  if (threads < 1 || threads > THREADS || shards < threads || shards % threads || batch < shards || layers > LAYERS) {
    fprintf(stderr, "ceiling: expected 1 ... %d threads, shards a multiple of them, a batch of at least as many\n", THREADS);
    return 2;
  }
  for (int l = 0; l <= layers; l++) widths[l] = atol(arguments[5 + l]);
  rows = batch / shards;
  repetitions = 1;
  double once = measure();
  repetitions = (long)(wanted / (once > 1e-6 ? once : 1e-6)) + 1;
  printf("%.0f\n", (double)(rows * shards * repetitions) / measure());
  return 0;
}
