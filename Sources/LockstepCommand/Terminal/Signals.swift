import Lockstep

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// SIGINT and SIGTERM ask the run to finish its step, save and end; a second one ends it at once.
enum Signals {
  static let stop = StopRequest()

  static func install() {
    // The handler touches one atomic word and, the second time, leaves: both are safe in a signal handler.
    let handler: @convention(c) (Int32) -> Void = { number in
      if !Signals.stop.request(signal: number) { _exit(128 + number) }
    }
    // Made here, before any signal can come, because a handler must not be the first to make it.
    _ = stop
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
  }
}
