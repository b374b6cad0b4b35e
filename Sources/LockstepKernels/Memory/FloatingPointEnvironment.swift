internal import CKernels

/// Runs `body` with denormals flushed to zero on this thread, as all of Lockstep's arithmetic does, and restores the
/// thread's own state afterwards.
@inlinable
package func withFlushToZero<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  let state = enterFlushToZero()
  defer { leaveFlushToZero(state) }
  return try body()
}

@usableFromInline func enterFlushToZero() -> UInt64 { lk_enter_flush_to_zero() }
@usableFromInline func leaveFlushToZero(_ state: UInt64) { lk_leave_flush_to_zero(state) }
