import Foundation
import TestSupport
import Testing

/// `-` is standard input and standard output.
@Suite("predict and evaluate in a pipe")
struct PipeTests {
  /// Runs a line of the shell in which `lockstep` is the program and `CHECKPOINT` the checkpoint.
  private func shell(_ line: String, _ place: Place, _ checkpoint: String) throws -> Tool.Outcome {
    let text = "lockstep() { '\(Tool.path)' \"$@\"; }; CHECKPOINT='\(checkpoint)'; \(line)"
    return try Tool.Running(["-c", text], of: "/bin/bash", in: place.folder).outcome()
  }

  @Test func aPipeGivesTheBytesOfAFile() throws {
    let (place, checkpoint) = try PredictionTests.trained()
    try place.write(PredictionTests.table(3001), to: "new.csv")
    try place.succeed("predict", checkpoint, "--input", "new.csv", "--output", "p.csv", "--keep", "id", "--both")
    for line in [
      "cat new.csv | lockstep predict $CHECKPOINT --input - --output - --keep id --both",
      "gzip -c new.csv | lockstep predict $CHECKPOINT --input - --output - --keep id --both --threads 3",
      "tr , ';' < new.csv | lockstep predict $CHECKPOINT --input '{csv: {path: \"-\", delimiter: \";\"}}' --output - --keep id --both",
      "lockstep predict $CHECKPOINT --input - --output q.csv --keep id --both < new.csv && cat q.csv",
    ] {
      let outcome = try shell(line, place, checkpoint)
      #expect(
        try outcome.status == 0 && Data(outcome.output.utf8) == place.read("p.csv"), "\(line): \(outcome.errors)")
      #expect(outcome.errors.hasSuffix("001 samples\n"), "\(outcome.errors)")
    }
    let evaluated = try shell("lockstep evaluate $CHECKPOINT --data - --json < new.csv", place, checkpoint)
    #expect(try evaluated.output == place.succeed("evaluate", checkpoint, "--data", "new.csv", "--json").output)
  }

  @Test func aReaderThatGoesAwayEndsItQuietly() throws {
    let (place, checkpoint) = try PredictionTests.trained()
    try place.write(PredictionTests.table(60_000), to: "new.csv")
    let outcome = try shell(
      "lockstep predict $CHECKPOINT --input new.csv --output - --both | head -n 1; echo ${PIPESTATUS[0]}", place,
      checkpoint)
    #expect(outcome.output == "prediction,high,low,mid\n0\n" && outcome.errors == "")
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let full = try shell("lockstep predict $CHECKPOINT --input new.csv --output - > /dev/full", place, checkpoint)
    #expect(full.status == 1 && full.errors.contains("standard output: cannot write: no space left on device"))
  }

  @Test func whatIsWrongWithStandardInputIsSaidOfIt() throws {
    let (place, checkpoint) = try PredictionTests.trained()
    for (input, words) in [
      ("</dev/null", "standard input: found nothing"),
      ("<<< 'id,a,color'", "standard input: found a header and no row"),
      (
        "<<< $'a,color,label\\n1,red,low\\nx,red,low'",
        "standard input:3:1: column \"a\": found \"x\", expected a number"
      ),
      ("<<< $'a,label\\n1,low'", "standard input:1: header: found no column \"color\""),
      ("<&-", "standard input: found a file that cannot be read: bad file descriptor"),
      ("<.", "standard input: found a file that cannot be read: is a directory"),
    ] {
      for call in ["predict $CHECKPOINT --output - --input -", "evaluate $CHECKPOINT --data -"] {
        let outcome = try shell("lockstep \(call) \(input)", place, checkpoint)
        #expect(outcome.status == 2 && outcome.output == "" && outcome.errors.hasPrefix(words), "\(call): \(outcome)")
      }
    }
    let kept = try shell(
      "lockstep predict $CHECKPOINT --output - --input - --keep b <<< $'a,color\\n1,red'", place, checkpoint)
    #expect(kept.errors.hasPrefix("standard input: --keep: found no column \"b\""))
  }

  /// A file called - is that file, where there is one, for whoever says it in YAML.
  @Test func aFileMayBeCalledSo() throws {
    let (place, checkpoint) = try PredictionTests.trained()
    try place.write("a,color\n1,red\n", to: "-")
    let outcome = try shell(
      "lockstep predict $CHECKPOINT --input '{csv: {path: \"-\"}}' --output - </dev/null", place, checkpoint)
    #expect(outcome.status == 0 && outcome.output.split(separator: "\n").count == 2)
  }

  /// It is asked to stop while it waits for more, with rows read and written.
  @Test(arguments: [SIGINT, SIGTERM])
  func anInterruptLeavesNothingBehind(signal: Int32) throws {
    let (place, checkpoint) = try PredictionTests.trained()
    // More than is read at once, so that the file has been begun.
    try place.write(PredictionTests.table(40_000), to: "new.csv")
    let before = try Set(place.bytes().keys)
    let line =
      "exec 3> >(exec '\(Tool.path)' predict '\(checkpoint)' --input - --output p.csv); cat new.csv >&3; echo $!; wait $!"
    let running = try Tool.Running(["-c", line], of: "/bin/bash", in: place.folder)
    func partial() -> String? {
      (try? FileManager.default.contentsOfDirectory(atPath: place.folder))?.first { $0.hasSuffix(".partial") }
    }
    running.wait { partial() != nil && !running.output.isEmpty }
    let process = try #require(Int32(running.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(partial() != nil)
    kill(process, signal)
    running.wait(10) { false }
    #expect(!running.isRunning)
    let outcome = running.end()
    #expect(outcome.status == 128 + signal, "\(outcome)")
    #expect(try Set(place.bytes().keys) == before)
  }
}
