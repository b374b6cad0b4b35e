import Dispatch
import LockstepKernels
import Synchronization

/// Worker threads that stay: every worker but the first is a resident block on a Dispatch queue of its own, and the
/// caller of `run` is worker 0.
///
/// A run costs two barriers and no queue hop. Every worker flushes denormals to zero.
package final class WorkerPool: Sendable {
  package let workers: Int
  private let body: @Sendable (Int) -> Void
  private let shared: Shared
  private let residents = DispatchGroup()

  /// Resident blocks of the whole process, and the most that Dispatch gives threads to at the same time (255 of one
  /// quality of service on Linux), less a few for whoever else uses it.
  private static let residentCount = Atomic(0)
  private static let mostResidents = 240

  /// Whether another pool of `workers` would find threads for all of them. One that does not would wait for ever.
  package static func hasRoom(for workers: Int) -> Bool {
    workers - 1 + residentCount.load(ordering: .relaxed) <= mostResidents
  }

  /// What resident blocks hold, so that they do not hold the pool.
  private final class Shared: Sendable {
    let start: Barrier
    let finish: Barrier
    let stopped = Atomic(false)

    init(workers: Int, spins: Int) {
      start = Barrier(parties: workers, spins: spins)
      finish = Barrier(parties: workers, spins: spins)
    }
  }

  /// How often a thread looks before it parks: long enough for the gap between two phases where every worker has a
  /// core, hardly at all where they share.
  package static func spins(workers: Int, cores: Int) -> Int { workers <= cores ? 10_000 : 50 }

  /// - Parameters:
  ///   - workers: how many, the caller of `run` included.
  ///   - cores: what they have to share.
  ///   - body: what worker `0 ..< workers` does in each run.
  package init(workers: Int, cores: Int, body: @escaping @Sendable (Int) -> Void) {
    precondition(workers >= 1)
    self.workers = workers
    self.body = body
    let shared = Shared(workers: workers, spins: WorkerPool.spins(workers: workers, cores: cores))
    self.shared = shared
    WorkerPool.residentCount.add(workers - 1, ordering: .relaxed)
    for worker in 1..<max(workers, 1) {
      let queue = DispatchQueue(label: "lockstep.worker.\(worker)", qos: .userInitiated)
      queue.async(group: residents) {
        withFlushToZero {
          while true {
            shared.start.wait()
            if shared.stopped.load(ordering: .acquiring) { return }
            body(worker)
            shared.finish.wait()
          }
        }
      }
    }
  }

  deinit {
    shared.stopped.store(true, ordering: .releasing)
    shared.start.wait()
    residents.wait()
    WorkerPool.residentCount.subtract(workers - 1, ordering: .relaxed)
  }

  /// Runs the body on every worker and returns when all are done.
  package func run() {
    withFloatingPointEnvironment {
      shared.start.wait()
      body(0)
      shared.finish.wait()
    }
  }
}
