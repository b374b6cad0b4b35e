import Foundation
import TestSupport
import Testing

/// What the command says of itself, word for word. `LOCKSTEP_RECORD_HELP=1 tools/test --filter HelpTests` writes the
/// texts anew.
@Suite("Help and version")
struct HelpTests {
  static let commands = [
    "train", "resume", "fork", "verify", "attest", "check", "schema", "diagnose", "evaluate", "explain", "predict",
    "recalibrate", "export", "compare", "search",
    "runs",
    "report", "diff", "scale", "find-lr", "inspect", "doctor",
  ]
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../Fixtures/help")

  @Test(arguments: ["lockstep"] + commands)
  func textIsAsRecorded(command: String) throws {
    let arguments = command == "lockstep" ? ["--help"] : [command, "--help"]
    let outcome = try Tool.run(arguments, in: NSTemporaryDirectory())
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let file = Self.folder.appending(path: "\(command).txt")
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_HELP"] != nil {
      try Data(outcome.output.utf8).write(to: file)
    }
    let recorded = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(outcome.output == recorded, "LOCKSTEP_RECORD_HELP=1 tools/test --filter HelpTests records it anew")
  }

  /// Lines that are typed must not be broken by the width of a terminal.
  @Test(arguments: ["lockstep"] + commands)
  func hasAnExampleThatFitsTheTerminal(command: String) throws {
    let text = try Tool.run(command == "lockstep" ? ["--help"] : [command, "--help"], in: NSTemporaryDirectory()).output
    let example = command == "lockstep" ? "  lockstep train " : "  lockstep \(command)"
    #expect(text.split(separator: "\n").contains { $0.hasPrefix(example) })
    for line in text.split(separator: "\n") where !line.hasPrefix("USAGE") { #expect(line.count <= 80, "\(line)") }
  }

  /// All that the process can tell a script: those of the run, of a time limit, and of every signal that is asked to
  /// stop by.
  @Test func everyExitStatusIsTold() throws {
    let text = try Tool.run(["--help"], in: NSTemporaryDirectory()).output.replacing("\n", with: " ")
    let statuses = try #require(text.firstMatch(of: /Exit status: (.*?)USAGE/)).1
    for status in ["0 done", "1 the run failed", "2 the input was wrong", "75 the time of --max-time is up"] {
      #expect(statuses.contains(status), "\(statuses)")
    }
    for (number, signal) in [(129, "SIGHUP"), (130, "SIGINT"), (138, "SIGUSR1"), (143, "SIGTERM")] {
      #expect(statuses.contains("\(number)") && statuses.contains(signal), "\(statuses)")
    }
  }

  @Test func aloneItShowsItsHelp() throws {
    let outcome = try Tool.run([], in: NSTemporaryDirectory())
    #expect(outcome.status == 0)
    #expect(try outcome.output == Tool.run(["--help"], in: NSTemporaryDirectory()).output)
  }

  @Test(arguments: [[]] + commands.map { [$0] })
  func versionIsEverywhere(command: [String]) throws {
    let outcome = try Tool.run(command + ["--version"], in: NSTemporaryDirectory())
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /lockstep \d+\.\d+\.\d+\n/) != nil, "\(outcome)")
  }
}
