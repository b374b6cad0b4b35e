import Foundation
import Testing

/// The built `lockstep`, run as a child process.
public enum Tool {
  /// What a call of it has left.
  public struct Outcome: CustomStringConvertible {
    public var status: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var errors: String

    public var description: String { "exit status \(status)\n--- output\n\(output)--- errors\n\(errors)---" }

    /// The output as a JSON object; empty if it is none.
    public var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
    }
  }

  /// It is built beside the test bundle.
  public static let path: String = {
    let bundle =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "lockstep").path
  }()

  /// Runs it to its end, in the folder `folder`.
  public static func run(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws
    -> Outcome
  {
    try Running(arguments, in: folder, environment: environment).outcome()
  }

  /// The same with at most so much memory for its data (`ulimit -d`): an allocation beyond that ends it.
  public static func run(_ arguments: [String], in folder: String, kilobytes: Int) throws -> Outcome {
    let running = try Running(
      ["-c", "ulimit -d \(kilobytes) && exec \"$0\" \"$@\"", path] + arguments, of: "/bin/sh", in: folder)
    // A guard against one that never ends, many times what any takes.
    running.wait(120) { false }
    #expect(!running.isRunning, "\(arguments) has no end")
    return running.end()
  }

  /// The same on the first core that this process may use, and no other.
  public static func runOnOneCore(_ arguments: [String], in folder: String) throws -> Outcome {
    let first = #"sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status"#
    return try Running(
      ["-c", "exec taskset -c \"$(\(first))\" \"$0\" \"$@\"", path] + arguments, of: "/bin/sh", in: folder
    ).outcome()
  }

  /// Whether the memory of a process is what the program takes; `tools/test --sanitize=…` says that it is not.
  public static let hasOwnMemory = ProcessInfo.processInfo.environment["LOCKSTEP_SANITIZER"] == nil

  /// A call of it that goes on.
  public final class Running {
    private let process = Process()
    private let files: (output: String, errors: String)

    /// - Parameter program: what is called, `lockstep` unless said.
    public init(
      _ arguments: [String], of program: String = Tool.path, in folder: String, environment: [String: String] = [:]
    )
      throws
    {
      // Files, not pipes: nobody has to empty them, and no other child can hold them open.
      let name = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString)"
      files = (name + ".output", name + ".errors")
      process.executableURL = URL(filePath: program)
      process.arguments = arguments
      process.currentDirectoryURL = URL(filePath: folder)
      let inherited = ProcessInfo.processInfo.environment.merging(["COLUMNS": "80", "TERM": "dumb"]) { $1 }
      process.environment = inherited.merging(environment) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try Self.file(files.output)
      process.standardError = try Self.file(files.errors)
      try process.run()
    }

    deinit {
      if process.isRunning { process.terminate() }
      try? FileManager.default.removeItem(atPath: files.output)
      try? FileManager.default.removeItem(atPath: files.errors)
    }

    public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    public var isRunning: Bool { process.isRunning }

    /// What it has said on standard output so far.
    public var output: String { Self.text(files.output) }

    /// What it has said on standard error so far.
    public var errors: String { Self.text(files.errors) }

    /// Waits until `condition` holds, or it has ended, or `seconds` have passed.
    public func wait(_ seconds: Double = 30, until condition: () -> Bool) {
      let end = Date() + seconds
      while Date() < end, process.isRunning, !condition() { usleep(2000) }
    }

    /// What it came to, ended if it has not.
    public func end() -> Outcome {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      return outcome()
    }

    public func outcome() -> Outcome {
      process.waitUntilExit()
      // As a shell says it.
      let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
      return Outcome(status: status, output: Self.text(files.output), errors: Self.text(files.errors))
    }

    private static func file(_ path: String) throws -> FileHandle {
      try Data().write(to: URL(filePath: path))
      return try FileHandle(forWritingTo: URL(filePath: path))
    }

    private static func text(_ path: String) -> String {
      String(decoding: (try? Data(contentsOf: URL(filePath: path))) ?? Data(), as: UTF8.self)
    }
  }
}
