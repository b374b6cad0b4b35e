import LockstepKernels
import Synchronization

/// Asks a run to finish its step, save and end: because of a signal, or in time for a time limit. It may be set from
/// any thread and from a signal handler: it is two atomic words.
public final class StopRequest: Sendable {
  private let reason = Atomic<Int32>(0)
  /// The moment by which the run shall have ended, as the bits of a Double in seconds of the monotonic clock.
  private let deadline = Atomic<UInt64>(Double.infinity.bitPattern)

  /// A request that asks for nothing yet.
  public init() {}

  /// Asks the run to end now.
  ///
  /// - Parameter signal: the number of the signal that asks, at least 1; `RunSummary.End.stopped` tells it.
  /// - Returns: whether this is the first request.
  @discardableResult
  public func request(signal: Int32) -> Bool {
    reason.compareExchange(expected: 0, desired: signal, ordering: .acquiringAndReleasing).exchanged
  }

  /// The first signal that has asked; nil where none has.
  public var signal: Int32? {
    let signal = reason.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// Sets a time limit: the run shall have saved and ended by `moment`, in seconds of the system's monotonic clock
  /// (`CLOCK_MONOTONIC`).
  public func limit(to moment: Double) {
    deadline.store(moment.bitPattern, ordering: .releasing)
  }

  /// Why the run shall end now; nil where it shall go on.
  ///
  /// - Parameter reserve: seconds that ending takes, so that the time limit is kept.
  func end(reserving reserve: Double) -> RunSummary.End? {
    if let signal { return .stopped(signal: signal) }
    let moment = Double(bitPattern: deadline.load(ordering: .acquiring))
    return moment.isFinite && MonotonicClock.seconds() + reserve >= moment ? .timeLimit : nil
  }
}
