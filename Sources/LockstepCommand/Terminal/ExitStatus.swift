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
  /// The time limit has come; all is saved, and the run can go on (`EX_TEMPFAIL`).
  case timeLimit = 75
  // Stopped by a signal after saving: 128 + its number.
  case hungUp = 129
  case interrupted = 130
  case userSignal = 138
  case terminated = 143
}

enum Exit {
  static func now(_ status: ExitStatus) -> Never {
    fflush(nil)
    exit(status.rawValue)
  }
}

extension RunSummary {
  /// nil where the run has come to where it was to come.
  var exitStatus: ExitStatus? {
    switch end {
    case .finished, .stoppedEarly, .paused: nil
    case .stopped(let signal): ExitStatus(rawValue: 128 + signal) ?? .failed
    case .timeLimit: .timeLimit
    }
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
