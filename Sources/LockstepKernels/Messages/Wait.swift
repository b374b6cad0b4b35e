import Libc

/// How a rank waits for others: what takes microseconds is looked for without pause, what takes longer by and by less
/// often, so that a core on which others could compute is not kept busy.
struct Wait {
  /// For how long it has waited. Of a stretch in which this process did not run, one second counts: where a scheduler
  /// has stopped all ranks and lets them go on, nobody has been silent.
  private(set) var seconds = 0.0
  private var last = MonotonicClock.seconds()

  /// Lets some time pass before the next look.
  mutating func pause() {
    switch seconds {
    case ..<50e-6: break
    case ..<2e-3: sched_yield()
    // A hundredth of the time waited so far, by which the wait may become longer than it had to be.
    default: usleep(UInt32(min(seconds / 100, 500e-6) * 1e6))
    }
    let now = MonotonicClock.seconds()
    seconds += min(now - last, 1)
    last = now
  }
}
