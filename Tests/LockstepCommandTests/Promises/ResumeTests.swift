import Foundation
import TestSupport
import Testing

/// A run that is stopped and resumed, wherever and on however many threads, ends with the bits of one that was not.
@Suite("Promises: stopped and resumed")
struct ResumeTests {
  /// What must be equal of two finished runs: the bits, and what was measured on the way.
  private func expectSameEnd(
    _ place: Place, _ run: String, as whole: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let (one, other) = (try place.summary(run), try place.summary(whole))
    for key in ["status", "steps", "samples", "shards", "final_loss", "weights_digest", "validation"] {
      #expect(text(one[key]) == text(other[key]), "\(key) of \(run)", sourceLocation: location)
    }
    // The bytes of the weights, not what is said about them.
    let digests = try [run, whole].map { try place.checkpoints($0).last.map { try digest(of: place.path($0)) } }
    #expect(digests[0] == digests[1], sourceLocation: location)
    #expect(digests[0] == one["weights_digest"] as? String, sourceLocation: location)
    #expect(try figures(place, run) == figures(place, whole), "the log of \(run)", sourceLocation: location)
  }

  /// A value of a summary in one way of writing it.
  private func text(_ value: Any?) -> String? {
    value.flatMap { try? JSONSerialization.data(withJSONObject: [$0], options: .sortedKeys) }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The log without what depends on the clock.
  private func figures(_ place: Place, _ run: String) throws -> [String] {
    try place.metrics(run).map { line in
      line.filter { $0.key != "samples_per_second" }.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(
        separator: " ")
    }
  }

  private func digest(of checkpoint: String) throws -> String {
    try Tool.run(["inspect", checkpoint, "--json"], in: NSTemporaryDirectory()).json["metadata"]
      .flatMap { $0 as? [String: Any] }?["weights_digest"] as? String ?? ""
  }

  @Test func twiceNStepsAreNAndN() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "whole", "--threads", "2", "--quiet")
    // At the end of an epoch of 7 steps, in the middle of one, at a checkpoint, one before the end; on other thread
    // counts.
    for (stop, threads) in [(7, ("1", "4")), (10, ("2", "1")), (12, ("4", "3")), (20, ("3", "2"))] {
      let run = "stopped-\(stop)"
      let first = try place.succeed(
        "train", "config.yaml", "--output", run, "--threads", threads.0, "--steps", "\(stop)", "--quiet", "--json")
      #expect(first.json["status"] as? String == "paused")
      #expect(first.json["steps"] as? Int == stop)
      try place.succeed("resume", run, "--threads", threads.1, "--quiet")
      try expectSameEnd(place, run, as: "whole")
    }
  }

  @Test func stoppedAtEveryThirdStepItIsTheSameRun() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "whole", "--quiet")
    for stop in stride(from: 3, through: 21, by: 3) {
      try place.succeed(
        "train", "config.yaml", "--output", "run", "--resume", "--threads", "\(stop % 4 + 1)", "--steps", "\(stop)",
        "--quiet")
    }
    try expectSameEnd(place, "run", as: "whole")
  }

  @Test func threadsDoNotTouchTheBits() throws {
    let place = try Place()
    let digests = try ["1", "2", "3", "4", "9"].map { threads in
      try place.succeed("train", "config.yaml", "--output", threads, "--threads", threads, "--quiet", "--json").json[
        "weights_digest"]
        as? String
    }
    #expect(Set(digests).count == 1)
    #expect(digests[0]?.count == 64)
  }

  @Test func anotherSeedOrShardCountIsAnotherRun() throws {
    let place = try Place()
    let digests = try ["seed=3", "seed=4", "training.shards=2", "name=other"].map { change in
      try place.succeed("train", "config.yaml", "--output", change, "--set", change, "--quiet", "--json").json[
        "weights_digest"]
        as? String
    }
    #expect(Set(digests[..<3]).count == 3)
    // A name is no arithmetic.
    #expect(digests[3] == digests[0])
  }

  /// Where a run is killed, the log runs ahead of the checkpoint: what is resumed trains those steps again, and logs
  /// them once.
  @Test func afterAKillTheLogHasEveryStepOnce() throws {
    let place = try Place(
      Configurations.long.replacing("steps: 4000", with: "steps: 600").replacing(
        "every: {steps: 50}", with: "every: {steps: 1}"))
    try place.succeed("train", "config.yaml", "--output", "whole", "--quiet")
    let running = try Tool.Running(["train", "config.yaml", "--output", "run", "--verbose"], in: place.folder)
    running.wait { running.errors.contains("step 30  saved") }
    running.send(SIGKILL)
    #expect(running.outcome().status == 137)
    let lines = try place.metrics("run").count
    #expect(lines >= 30)
    // A line that was cut in the middle is mended too.
    try place.write(
      try place.read("run/metrics.jsonl") + Data("{\"event\":\"train\",\"st".utf8), to: "run/metrics.jsonl")
    try place.succeed("resume", "run", "--threads", "3", "--quiet")
    let steps = try place.metrics("run").filter { $0["event"] as? String == "train" }.compactMap { $0["step"] as? Int }
    #expect(steps == Array(1...600))
    try expectSameEnd(place, "run", as: "whole")
  }

  @Test func aFinishedRunStaysAsItIs() throws {
    let place = try Place()
    let first = try place.succeed("train", "config.yaml", "--output", "run", "--quiet", "--json")
    let before = try place.bytes()
    for arguments in [
      ["resume", "run"], ["train", "config.yaml", "--output", "run", "--resume"], ["resume", "run", "--steps", "21"],
    ] {
      let again = try Tool.run(arguments + ["--json", "--threads", "1"], in: place.folder)
      #expect(again.status == 0)
      #expect(again.output == first.output)
      #expect(again.errors.contains("nothing is left to do after step 21"))
      #expect(try place.bytes() == before)
    }
    // A summary that has been lost is made again.
    try FileManager.default.removeItem(atPath: place.path("run/summary.json"))
    let made = try place.succeed("resume", "run", "--quiet", "--json")
    for key in ["status", "steps", "final_loss", "validation", "weights_digest", "checkpoint"] {
      #expect(text(made.json[key]) == text(first.json[key]), "\(key)")
    }
  }

  @Test func aRunCanBeMadeLonger() throws {
    let place = try Place()
    let constant = ["--set", "schedule=constant"]
    for (run, epochs) in [("short", "2"), ("long", "3")] {
      try #require(
        try Tool.run(
          ["train", "config.yaml", "--output", run, "--set", "training.epochs=\(epochs)", "--quiet"] + constant,
          in: place.folder
        ).status == 0)
    }
    let outcome = try place.succeed("resume", "short", "--set", "training.epochs=3")
    #expect(!outcome.errors.contains("warning"))
    #expect(
      try place.summary("short")["weights_digest"] as? String == place.summary("long")["weights_digest"] as? String)
    // Where the schedule reckons with the length, it is said that this is another run.
    try place.succeed("train", "config.yaml", "--output", "cosine", "--set", "training.epochs=2", "--quiet")
    let warned = try place.succeed("resume", "cosine", "--set", "training.epochs=3", "--quiet")
    #expect(warned.errors.contains("warning: from step 14 on this is no longer the run that was first configured"))
    #expect(warned.errors.contains("its length was 14 steps and is 21"))
  }

  @Test func aFolderMayBeMoved() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "8", "--quiet")
    try FileManager.default.moveItem(atPath: place.path("run"), toPath: place.path("moved"))
    let outcome = try place.succeed("resume", "moved", "--quiet", "--json")
    #expect(outcome.json["checkpoint"] as? String == "moved/checkpoints/step-00000021.safetensors.zst")
    #expect(try place.checkpoints("moved").count == 2)
  }
}
