#ifndef LOCKSTEP_MPI_SHIM_H
#define LOCKSTEP_MPI_SHIM_H
#include <mpi.h>
#include <stddef.h>

// The names of MPI are macros, which Swift does not see, and its types differ from one MPI to the next. What is used of
// it is said here, always of all ranks, of bytes and of one tag. Every int that is returned is an error code of MPI.

enum {
  lockstep_mpi_host_size = MPI_MAX_PROCESSOR_NAME,
  lockstep_mpi_error_size = MPI_MAX_ERROR_STRING,
  lockstep_mpi_library_size = MPI_MAX_LIBRARY_VERSION_STRING,
};

/// A message on its way: a pointer in one MPI, a number in another.
typedef struct {
  MPI_Request handle;
} lockstep_mpi_request;

/// A way between all ranks; messages of one do not wait for those of another.
typedef struct {
  MPI_Comm handle;
} lockstep_mpi_way;

/// How a message ended.
typedef struct {
  MPI_Status status;
} lockstep_mpi_outcome;

/// Begins MPI for a process of which one thread at a time calls it, whose errors are returned.
static inline int lockstep_mpi_begin(int *serialized) {
  int provided = MPI_THREAD_SINGLE;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  *serialized = provided >= MPI_THREAD_SERIALIZED;
  return code != MPI_SUCCESS ? code : MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

static inline int lockstep_mpi_rank(int *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }

static inline int lockstep_mpi_size(int *size) { return MPI_Comm_size(MPI_COMM_WORLD, size); }

/// The name of every rank's machine, each ended by 0 within `lockstep_mpi_host_size` bytes.
static inline int lockstep_mpi_hosts(char *hosts) {
  char own[MPI_MAX_PROCESSOR_NAME] = {0};
  int length;
  int code = MPI_Get_processor_name(own, &length);
  if (code != MPI_SUCCESS) return code;
  return MPI_Allgather(own, sizeof own, MPI_BYTE, hosts, sizeof own, MPI_BYTE, MPI_COMM_WORLD);
}

static inline lockstep_mpi_way lockstep_mpi_first_way(void) { return (lockstep_mpi_way){MPI_COMM_WORLD}; }

/// Every rank calls it. Errors are returned there, too.
static inline int lockstep_mpi_another_way(lockstep_mpi_way *way) {
  return MPI_Comm_dup(MPI_COMM_WORLD, &way->handle);
}

static inline int lockstep_mpi_send(
    lockstep_mpi_way way, const void *bytes, int count, int rank, lockstep_mpi_request *request) {
  return MPI_Isend(bytes, count, MPI_BYTE, rank, 0, way.handle, &request->handle);
}

static inline int lockstep_mpi_receive(
    lockstep_mpi_way way, void *bytes, int count, int rank, lockstep_mpi_request *request) {
  return MPI_Irecv(bytes, count, MPI_BYTE, rank, 0, way.handle, &request->handle);
}

/// Which of some messages have ended since the last look: their number, where they stand among the others, and how they
/// ended. The code is that of the first that went wrong.
static inline int lockstep_mpi_look(
    lockstep_mpi_request *requests, int count, int *ended, int *places, lockstep_mpi_outcome *outcomes) {
  int code = MPI_Testsome(count, (MPI_Request *)requests, ended, places, (MPI_Status *)outcomes);
  if (*ended == MPI_UNDEFINED) *ended = 0;
  if (code != MPI_ERR_IN_STATUS) return code;
  for (int i = 0; i < *ended; i++) {
    int found = outcomes[i].status.MPI_ERROR;
    if (found != MPI_SUCCESS && found != MPI_ERR_PENDING) return found;
  }
  return code;
}

static inline int lockstep_mpi_has_ended(lockstep_mpi_request request) { return request.handle == MPI_REQUEST_NULL; }

/// How many bytes were received.
static inline int lockstep_mpi_received(const lockstep_mpi_outcome *outcome, int *count) {
  return MPI_Get_count(&outcome->status, MPI_BYTE, count);
}

/// What a program would do that has no order of adding to keep: sums of all ranks, in place. To compare with.
static inline int lockstep_mpi_sum(float *values, int count) {
  return MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

/// Ends every rank, unless MPI is over.
static inline void lockstep_mpi_abort(int status) {
  int over = 0;
  if (MPI_Finalized(&over) == MPI_SUCCESS && !over) MPI_Abort(MPI_COMM_WORLD, status);
}
#endif
