internal import CKernels

/// How many threads the system gives.
package enum ThreadSupply {
  /// Of `count` further threads as many as there are at this moment (`ulimit -u`, a container's `pids.max`): made and
  /// ended. Dispatch waits for ever for a thread that it does not get.
  package static func granted(_ count: Int) -> Int { count <= 0 ? 0 : Int(lk_granted_threads(Int32(count))) }
}
