import Dispatch
import LockstepKernels
import Synchronization

/// Worker threads that stay: every worker but the first is a resident block on a Dispatch queue of its own, and the
/// caller of `run` is worker 0.
///
/// A run costs two barriers and no queue hop. Every worker has the floating-point environment of all arithmetic.
package final class WorkerPool: Sendable {
  /// How many workers, the caller of `run` included.
  package let workers: Int
  private let threads: WorkerThreads
  private let body: @Sendable (Int) -> Void
  private let shared: Shared
  private let residents = DispatchGroup()

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
  /// core, 15 to 50 µs; hardly at all where they share. Whoever waits longer waits for a worker that has lost its core
  /// to another process, and had better give that process its own.
  package static func spins(workers: Int, cores: Int) -> Int { workers <= cores ? 1_000 : 50 }

  /// - Parameters:
  ///   - threads: of its workers, the caller of `run` included; given back when the pool ends.
  ///   - cores: what they have to share.
  ///   - body: what worker `0 ..< workers` does in each run.
  package init(threads: WorkerThreads, cores: Int, body: @escaping @Sendable (Int) -> Void) {
    let workers = threads.workers
    self.workers = workers
    self.threads = threads
    self.body = body
    let shared = Shared(workers: workers, spins: WorkerPool.spins(workers: workers, cores: cores))
    self.shared = shared
    for worker in 1..<workers {
      let queue = DispatchQueue(label: "lockstep.worker.\(worker)", qos: .userInitiated)
      queue.async(group: residents) {
        withFloatingPointEnvironment {
          while true {
            shared.start.wait(worker)
            if shared.stopped.load(ordering: .acquiring) { return }
            body(worker)
            shared.finish.wait(worker)
          }
        }
      }
    }
  }

  /// A pool with threads of its own taking.
  package convenience init(
    workers: Int, cores: Int, body: @escaping @Sendable (Int) -> Void
  ) throws(TrainingError) {
    self.init(threads: try WorkerThreads(workers: workers), cores: cores, body: body)
  }

  deinit {
    shared.stopped.store(true, ordering: .releasing)
    shared.start.wait(0)
    residents.wait()
  }

  /// Runs the body on every worker and returns when all are done.
  package func run() {
    withFloatingPointEnvironment {
      shared.start.wait(0)
      body(0)
      shared.finish.wait(0)
    }
  }
}
