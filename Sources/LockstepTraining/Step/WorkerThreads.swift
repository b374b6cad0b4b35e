import LockstepKernels
import LockstepModel
import Synchronization

/// Threads for the workers of one pool: taken before anything else is made, in one act, and given back when this object
/// ends — with the pool, or where making what the pool was for has failed.
package final class WorkerThreads: Sendable {
  /// How many workers they are for; the first has its caller's thread.
  package let workers: Int
  private let budget: Budget

  /// - Parameter granted: how many of some further threads the system gives at this moment.
  /// - Throws: `TrainingError.setting` where the budget or the system has not so many left. A pool without them would
  ///   wait for ever.
  package init(
    workers: Int, of budget: Budget = .process, granted: (Int) -> Int = ThreadSupply.granted
  ) throws(TrainingError) {
    precondition(workers >= 1, "\(workers) workers")
    guard budget.take(workers - 1) else {
      throw .setting(
        "found \(workers) threads, but this process has worker threads for fewer: take at most 128, and end trainers that are not used any more"
      )
    }
    (self.workers, self.budget) = (workers, budget)
    let wanted = workers - 1 + WorkerThreads.others
    let given = granted(wanted)
    guard given >= wanted else {
      throw .setting(
        "found \(workers) \(workers == 1 ? "thread" : "threads"), which takes \(wanted) beside that of the process, but the system gives \(given) at present: \(workers == 1 ? "" : "take fewer, or ")raise the limit of processes (ulimit -u, a container's pids.max)"
      )
    }
  }

  deinit { budget.giveBack(workers - 1) }

  /// Threads that a process takes beside those of workers: Dispatch's own, that of signals, that of whoever writes
  /// checkpoints.
  private static let others = 3

  /// What can be taken at the same time.
  package final class Budget: Sendable {
    private let most: Int
    private let taken = Atomic(0)

    /// A budget of `most` threads, none taken.
    package init(most: Int) { self.most = most }

    /// Dispatch gives threads to 255 blocks of one quality of service at the same time (on Linux); a few are left for
    /// whoever else uses it.
    package static let process = Budget(most: 240)

    /// Takes all or none.
    fileprivate func take(_ count: Int) -> Bool {
      var before = taken.load(ordering: .relaxed)
      while count <= most - before {
        let (isTaken, now) = taken.compareExchange(expected: before, desired: before + count, ordering: .relaxed)
        if isTaken { return true }
        before = now
      }
      return false
    }

    fileprivate func giveBack(_ count: Int) { taken.subtract(count, ordering: .relaxed) }
  }
}

extension Network {
  /// A network, its impossibility said as training says it.
  ///
  /// - Throws: `TrainingError.model` where the model cannot be built.
  static func built(_ model: Model, seed: UInt64 = 0) throws(TrainingError) -> Network {
    do throws(ModelError) { return try Network(model, seed: seed) } catch { throw .model(error) }
  }

  /// This network and others like it, one a thread: reading one counts references, and a count that several threads
  /// change moves between their caches.
  func copies(threads: Int) throws(TrainingError) -> [Network] {
    var networks = [self]
    for _ in 1..<threads { networks.append(try Network.built(model, seed: seed)) }
    return networks
  }
}
