import Synchronization

/// Asks a run to finish its step, save and end. Set from anywhere, a signal handler included: it is one atomic word.
public final class StopRequest: Sendable {
  private let reason = Atomic<Int32>(0)

  public init() {}

  /// - Parameter signal: the signal that asks, at least 1.
  /// - Returns: whether this is the first request.
  @discardableResult
  public func request(signal: Int32) -> Bool {
    reason.compareExchange(expected: 0, desired: signal, ordering: .acquiringAndReleasing).exchanged
  }

  /// The signal that has asked, if any.
  public var signal: Int32? {
    let signal = reason.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }
}
