import LockstepKernels

/// The time of things that are too short to be timed once.
enum Stopwatch {
  /// Seconds that one call of `body` takes at its best: the least of several short turns, so that what disturbs some of
  /// them does not count.
  ///
  /// - Parameters:
  ///   - turns: how often it is measured.
  ///   - turn: seconds of a turn, unless a single call takes longer.
  static func best(turns: Int = 7, turn: Double = 0.004, _ body: () -> Void) -> Double {
    withFloatingPointEnvironment {
      body()
      var calls = 1
      var best = seconds(body)
      var total = best
      while total < turn / 2 {
        calls *= 2
        total = seconds { for _ in 0..<calls { body() } }
        best = min(best, total / Double(calls))
      }
      for _ in 1..<turns { best = min(best, seconds { for _ in 0..<calls { body() } } / Double(calls)) }
      return best
    }
  }

  /// Seconds of one call.
  static func seconds<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
    let start = MonotonicClock.seconds()
    try body()
    return MonotonicClock.seconds() - start
  }
}
