import Libc
import Synchronization

/// The first signal to this process itself. What asks the run to stop may be older: a scheduler signals every rank, and
/// the first to have its signal tells the others before they have their own.
final class FirstSignal: Sendable {
  private let number = Atomic<Int32>(0)
  /// When it came, as the bits of a Double in seconds.
  private let moment = Atomic<UInt64>(Double.infinity.bitPattern)

  /// Whether the signal is the first, or that one again. It may be asked in a signal handler.
  func isFirst(_ signal: Int32, at seconds: Double) -> Bool {
    let found = number.compareExchange(expected: 0, desired: signal, ordering: .acquiringAndReleasing)
    if found.exchanged {
      moment.store(seconds.bitPattern, ordering: .releasing)
      return true
    }
    // Slurm preempts a job by two SIGTERMs, some hundredths of a second apart.
    let passed = seconds - Double(bitPattern: moment.load(ordering: .acquiring))
    return signal == SIGTERM && found.original == SIGTERM && passed < 1
  }
}
