import Libc
import Lockstep

/// What the process tells the shell.
enum ExitStatus: Int32, CaseIterable {
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

  /// All of them, for the help.
  static var help: String {
    let signals = allCases.filter { $0.signal != nil }
    let plain = allCases.filter { $0.signal == nil }.map { "\($0.rawValue) \($0.meaning)" }
    let numbers = signals.map { "\($0.rawValue)" }.joined(separator: ", ")
    let names = signals.compactMap(\.signal).joined(separator: ", ")
    return (plain + ["\(numbers) stopped by \(names), 128 and the signal's number, after saving"]).joined(
      separator: "; ")
      + ". A second signal ends the run at once, without saving, with 128 and its own number; a SIGTERM again within a second, as Slurm preempts, is no second one."
  }

  private var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "the run failed"
    case .input: "the input was wrong: arguments, configuration, data, checkpoint"
    case .timeLimit: "the time of --max-time is up and all is saved"
    case .hungUp, .interrupted, .userSignal, .terminated: "stopped by \(signal ?? "")"
    }
  }

  private var signal: String? {
    switch self {
    case .done, .failed, .input, .timeLimit: nil
    case .hungUp: "SIGHUP"
    case .interrupted: "SIGINT"
    case .userSignal: "SIGUSR1"
    case .terminated: "SIGTERM"
    }
  }
}

enum Exit {
  static func now(_ status: ExitStatus) -> Never {
    MessagePassing.finalize()
    fflush(nil)
    exit(status.rawValue)
  }
}

extension RunSummary.End {
  /// nil where the run has come to where it was to come.
  var exitStatus: ExitStatus? {
    switch self {
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
