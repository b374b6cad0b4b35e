import LockstepKernels
import Synchronization

/// Asks a run to finish its step, save and end: by a signal, or because its time is up. Set from anywhere, a signal
/// handler included: it is two atomic words.
public final class StopRequest: Sendable {
  private let reason = Atomic<Int32>(0)
  /// Bits of the moment, in seconds of the monotonic clock, by which the run shall have ended.
  private let deadline = Atomic<UInt64>(Double.infinity.bitPattern)

  /// One by which nobody has asked yet.
  public init() {}

  /// - Parameter signal: the signal that asks, at least 1.
  /// - Returns: whether this is the first request.
  @discardableResult
  public func request(signal: Int32) -> Bool {
    reason.compareExchange(expected: 0, desired: signal, ordering: .acquiringAndReleasing).exchanged
  }

  /// The signal that has asked first; nil where none has.
  public var signal: Int32? {
    let signal = reason.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// Sets the time limit: the run shall have saved and ended at that moment of `MonotonicClock`.
  public func limit(to moment: Double) {
    deadline.store(moment.bitPattern, ordering: .releasing)
  }

  /// How the run is to end now, if it is.
  ///
  /// - Parameter reserve: seconds that ending takes, so that the time limit is kept.
  func end(reserving reserve: Double) -> RunSummary.End? {
    if let signal { return .stopped(signal: signal) }
    let moment = Double(bitPattern: deadline.load(ordering: .acquiring))
    return moment.isFinite && MonotonicClock.seconds() + reserve >= moment ? .timeLimit : nil
  }
}
