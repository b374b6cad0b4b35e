import Dispatch
import LockstepRuns
import Synchronization

/// Trains intervals beside each other, as many as there are threads and memory for, each on its share of the threads.
struct IntervalWorkers {
  /// An interval, and the way to a trainer of it; the error says why there is none.
  struct Task: Sendable {
    let interval: RetrainedInterval
    let setup: Result<RunSetup, RunError>

    /// Whether the machine has memory for so many of its kind.
    fileprivate func fits(copies: Int) -> Bool {
      guard let setup = try? setup.get() else { return true }
      return (try? setup.checkMemory(for: .networks(copies))) != nil
    }
  }

  private let tasks: [Task]
  /// Of each interval.
  private let threads: [Int]
  private let beside: Int

  /// - Parameter threads: of all intervals together.
  init(_ tasks: [Task], threads: Int) {
    self.tasks = tasks
    let shares = Self.shares(of: min(threads, Self.mostThreads), tasks.map { $0.interval.end.step - $0.interval.from })
    self.threads = shares.threads
    var beside = shares.beside
    while beside > 1, !tasks.allSatisfy({ $0.fits(copies: beside) }) { beside -= 1 }
    self.beside = beside
  }

  /// With one more for every interval it is what Dispatch gives a process.
  private static let mostThreads = 128

  /// How many threads each of some intervals gets: its part of the steps, so that a long one is not waited for. And how
  /// many intervals can be trained at the same time, whichever they are.
  static func shares(of threads: Int, _ steps: [Int]) -> (threads: [Int], beside: Int) {
    let all = Double(steps.reduce(0, +))
    let each = steps.map { max(1, Int(Double(threads) * Double($0) / all)) }
    var (left, beside) = (threads, 0)
    for share in each.sorted(by: >) where share <= left {
      left -= share
      beside += 1
    }
    return (each, max(1, beside))
  }

  /// Does all tasks.
  ///
  /// - Parameters:
  ///   - observe: is called on the caller's thread with how many are done, at first with none, and how many there are.
  ///   - body: does one on so many threads; nil where it was asked to stop.
  /// - Returns: nil where one was stopped.
  /// - Throws: what the first of the tasks that failed has thrown; those after it are not begun.
  func run(
    _ observe: (Int, Int) -> Void,
    _ body: @escaping @Sendable (Task, Int) throws(RunError) -> Verification.Interval?
  ) throws(RunError) -> [Verification.Interval]? {
    let desk = Desk(tasks)
    let queue = DispatchQueue(label: "lockstep.verify", attributes: .concurrent)
    let changed = DispatchSemaphore(value: 0)
    for _ in 0..<beside {
      queue.async { [threads] in
        while let (number, task) = desk.take() {
          let result: Result<Verification.Interval?, RunError>
          do throws(RunError) { result = .success(try body(task, threads[number])) } catch { result = .failure(error) }
          desk.lay(result, of: number)
          changed.signal()
        }
        desk.leave()
        changed.signal()
      }
    }
    observe(0, tasks.count)
    while desk.workersGone < beside {
      changed.wait()
      observe(desk.tasksDone, tasks.count)
    }
    return try desk.intervals()
  }

  /// Where workers take their tasks, and lay what has come of them.
  private final class Desk: Sendable {
    private struct Content {
      var taken = 0
      var results: [Int: Result<Verification.Interval?, RunError>] = [:]
      var gone = 0
      var isClosed = false
    }

    private let tasks: [Task]
    private let content = Mutex(Content())

    init(_ tasks: [Task]) { self.tasks = tasks }

    /// The next task with its number; nil where none is left, or one was stopped or has failed.
    func take() -> (Int, Task)? {
      content.withLock { content in
        guard content.taken < tasks.count, !content.isClosed else { return nil }
        content.taken += 1
        return (content.taken - 1, tasks[content.taken - 1])
      }
    }

    func lay(_ result: Result<Verification.Interval?, RunError>, of number: Int) {
      content.withLock { content in
        content.results[number] = result
        if case .success(.some) = result { return }
        content.isClosed = true
      }
    }

    func leave() { content.withLock { $0.gone += 1 } }

    var workersGone: Int { content.withLock { $0.gone } }
    var tasksDone: Int { content.withLock { $0.results.count } }

    /// In the order of the tasks; nil where one was stopped.
    func intervals() throws(RunError) -> [Verification.Interval]? {
      let results = content.withLock { $0.results.sorted { $0.key < $1.key }.map(\.value) }
      var intervals: [Verification.Interval] = []
      for result in results {
        guard let interval = try result.get() else { return nil }
        intervals.append(interval)
      }
      return intervals
    }
  }
}
