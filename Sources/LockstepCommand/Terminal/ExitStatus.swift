import Lockstep

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the process tells the shell.
enum ExitStatus: Int32 {
  case done = 0
  /// The run failed: numbers diverged, the disk was full.
  case failed = 1
  /// The input was wrong: configuration, arguments, a damaged file.
  case input = 2
  case interrupted = 130
  case terminated = 143
}

enum Exit {
  static func now(_ status: ExitStatus) -> Never {
    fflush(nil)
    exit(status.rawValue)
  }
}

extension RunError {
  var exitStatus: ExitStatus {
    switch self {
    case .input: .input
    case .failed: .failed
    }
  }
}
