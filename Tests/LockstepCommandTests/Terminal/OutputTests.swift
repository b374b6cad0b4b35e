import Foundation
import TestSupport
import Testing

/// Where results go, and what happens where they cannot.
@Suite("Standard output")
struct OutputTests {
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aResultThatCannotBeWrittenIsAFailure() throws {
    let place = try Place()
    for arguments in [
      "check config.yaml", "--version", "doctor --json", "train config.yaml --output run --steps 1 --quiet",
    ] {
      let outcome = try runProgram("/bin/sh", ["-c", "cd \(place.folder); \(Tool.path) \(arguments) 2>&1 >/dev/full"])
      #expect(outcome.status == 1, "\(arguments)")
      #expect(
        outcome.output.hasPrefix("standard output: cannot write: no space left on device"), "\(outcome.output)")
    }
    // The run itself is safe.
    #expect(try place.checkpoints("run").count == 1)
  }

  @Test func aReaderThatGoesAwayEndsNothing() throws {
    let place = try Place()
    // The first line ends `head`; the run writes on to nobody, and is whole.
    let outcome = try runProgram(
      "/bin/sh",
      ["-c", "cd \(place.folder); { \(Tool.path) train config.yaml --output run 2>&1; echo $? >status; } | head -n 1"])
    #expect(outcome.output.hasPrefix("full: "))
    #expect(try place.read("status") == Data("0\n".utf8))
    #expect(try place.summary("run")["status"] as? String == "finished")
  }

  @Test func resultsAndProgressDoNotMix() throws {
    let place = try Place()
    let outcome = try place.succeed("train", "config.yaml", "--output", "run")
    #expect(outcome.output.hasPrefix("status "))
    #expect(!outcome.output.contains("epoch") && !outcome.errors.contains("weights digest"))
    #expect(outcome.errors.contains("layer") && outcome.errors.contains("epoch"))
    let quiet = try place.succeed("train", "config.yaml", "--output", "quiet", "--quiet")
    #expect(quiet.errors == "")
    #expect(quiet.output.contains("weights digest  "))
  }
}
