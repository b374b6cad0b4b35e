import Libc

/// Instants as records tell them.
package enum Timestamp {
  /// Seconds since 1970 as RFC 3339 writes them, in UTC, cut to the second: `2026-11-28T21:54:00Z`.
  package static func text(_ seconds: Double) -> String {
    var (time, parts) = (time_t(seconds), tm())
    unsafe gmtime_r(&time, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
