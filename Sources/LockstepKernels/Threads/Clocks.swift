import Libc

/// Seconds since some fixed instant; for durations. It never feeds the arithmetic.
package enum MonotonicClock {
  package static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Seconds since 1970, for people: it may be set back. It never feeds the arithmetic.
package enum WallClock {
  package static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
