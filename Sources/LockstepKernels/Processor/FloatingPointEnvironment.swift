internal import CKernels

/// Runs `body` in the floating-point environment of all of Lockstep's arithmetic, and gives the thread its own back,
/// whole, afterwards.
///
/// It is IEEE 754's own: numbers are rounded to nearest, underflow is gradual, and no exception traps. Every processor
/// computes the same in it, while flushing denormals differs (docs/processors.md). What a thread finds
/// is no part of the promise of the same bits: a caller may round upward, and a new thread has what the one that
/// started it had. So everything public that computes enters it, and so does every worker.
///
/// The optimizer takes arithmetic to be the same in every environment and would move it out of here: so it sees neither
/// the body where it is called nor the call where the body is.
@inline(never) @_optimize(none)
package func withFloatingPointEnvironment<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let state = lk_enter_environment()
  defer { lk_leave_environment(state) }
  return try body()
}
