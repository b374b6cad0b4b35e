import Foundation
import TestSupport
import Testing

@Suite("train")
struct TrainTests {
  @Test func writesTheFilesOfARun() throws {
    let place = try Place()
    let outcome = try place.succeed("train", "config.yaml")
    // Without --output, the run is called after its name.
    let files = try FileManager.default.contentsOfDirectory(atPath: place.path("runs/full")).sorted()
    #expect(files == ["checkpoints", "config.yaml", "lock", "metrics.csv", "metrics.jsonl", "summary.json"])
    // keep: 2, of the steps 6, 12, 18 and 21, the last.
    #expect(
      try place.checkpoints("runs/full") == [18, 21].map { "runs/full/checkpoints/step-000000\($0).safetensors.zst" })
    #expect(outcome.output.contains("status          finished\n"))
    #expect(outcome.errors.contains("full: 235 parameters, 21 steps of 32 samples in 4 shards on "))
    // A row an interval, with both losses and accuracies; no row a save.
    #expect(outcome.errors.contains(/\n +1\/3 +7 +\d\.\d+ +0\.\d{4} +\d\.\d+ +0\.\d{4} +\d/), "\(outcome.errors)")
    #expect(!outcome.errors.contains("saved"))
    #expect(
      outcome.output.contains("checkpoint      runs/full/checkpoints/step-00000021.safetensors.zst\n"))
    let verbose = try place.succeed("train", "config.yaml", "--output", "verbose", "--verbose")
    #expect(verbose.errors.contains("step 18  saved verbose/checkpoints/step-00000018.safetensors.zst ("))
  }

  @Test func summaryHasEveryField() throws {
    let place = try Place()
    let outcome = try place.succeed("train", "config.yaml", "--output", "run", "--threads", "2", "--quiet", "--json")
    #expect(outcome.errors == "")
    #expect(outcome.output.first == "{" && outcome.output.hasSuffix("}\n"))
    let summary = outcome.json
    #expect(summary["status"] as? String == "finished")
    #expect(summary["steps"] as? Int == 21)
    // 3 epochs of 200.
    #expect(summary["samples"] as? Int == 600)
    #expect((summary["seconds"] as? Double ?? 0) > 0)
    #expect((summary["samples_per_second"] as? Double ?? 0) > 0)
    #expect(summary["threads"] as? Int == 2)
    #expect(summary["ranks"] as? Int == 1)
    #expect(summary["shards"] as? Int == 4)
    #expect((summary["final_loss"] as? Double ?? 0) > 0)
    let validation = summary["validation"] as? [String: Double] ?? [:]
    #expect(Set(validation.keys) == ["loss", "accuracy"])
    #expect((summary["weights_digest"] as? String)?.count == 64)
    #expect(summary["checkpoint"] as? String == "run/checkpoints/step-00000021.safetensors.zst")
    #expect(try place.read("run/summary.json") == Data(outcome.output.utf8))
  }

  @Test func withoutValidationDataItIsNull() throws {
    let outcome = try Place(Configurations.regression).succeed(
      "train", "config.yaml", "--output", "run", "--quiet", "--json")
    #expect(outcome.json["validation"] is NSNull)
  }

  /// What is written with every default is the same run.
  @Test func resolvedConfigurationIsTheSameRun() throws {
    let place = try Place()
    let first = try place.succeed(
      "train", "config.yaml", "--output", "a", "--set", "training.epochs=1", "--quiet", "--json")
    let second = try place.succeed("train", "a/config.yaml", "--output", "b", "--quiet", "--json")
    #expect(first.json["weights_digest"] as? String == second.json["weights_digest"] as? String)
    #expect(try place.read("a/config.yaml") == place.read("b/config.yaml"))
    #expect(
      try place.succeed("check", "a/config.yaml", "--resolved").output
        == String(decoding: place.read("a/config.yaml"), as: UTF8.self))
  }

  /// Threads share shards where there are more of them, and the bits are the same.
  @Test func moreThreadsThanShards() throws {
    let place = try Place()
    let digests = try ["1", "4", "9"].map { threads in
      let outcome = try place.succeed(
        "train", "config.yaml", "--output", "run-\(threads)", "--threads", threads, "--json", "--quiet")
      #expect(outcome.json["threads"] as? Int == Int(threads))
      return try #require(outcome.json["weights_digest"] as? String)
    }
    #expect(Set(digests).count == 1)
  }

  /// Told before the first step, by everything that trains on as many threads as it is told to.
  @Test func moreThreadsThanCoresAreSaidToBeTooMany() throws {
    let place = try Place()
    func errors(_ arguments: String...) throws -> String {
      try Tool.runOnOneCore(arguments, in: place.folder).errors
    }
    let words = "2 threads on the 1 core that this process may use take turns: 1 would be as fast"
    #expect(
      try errors("train", "config.yaml", "--output", "run", "--threads", "2", "--steps", "5").contains(
        "note: \(words)\n"))
    #expect(try errors("resume", "run", "--threads", "2").contains("note: \(words)\n"))
    #expect(try !errors("train", "config.yaml", "--output", "other", "--steps", "1").contains("take turns"))
    #expect(try errors("check", "config.yaml", "--set", "training.threads=2").contains("warning: \(words)\n"))
    #expect(try errors("scale", "config.yaml", "--threads", "1,2", "--steps", "8").contains("note: \(words)\n"))
  }

  @Test func logIsInOrderAndComplete() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let lines = try place.metrics("run")
    func steps(_ event: String) -> [Int] {
      lines.filter { $0["event"] as? String == event }.compactMap { $0["step"] as? Int }
    }
    #expect(steps("train") == [4, 8, 12, 16, 20, 21])
    #expect(steps("digest") == [5, 10, 15, 20])
    #expect(steps("validation") == [7, 14, 21])
    let all = lines.compactMap { $0["step"] as? Int }
    #expect(all == all.sorted())
    let first = try #require(lines.first)
    #expect(
      Set(first.keys) == [
        "event", "step", "epoch", "loss", "accuracy", "learning_rate", "gradient_norm", "samples_per_second",
      ])
  }
  /// It is done, says why, and how the best weights are kept; going on finds nothing left to do.
  @Test func stoppedEarly() throws {
    let place = try Place()
    // The loss falls, so that the first evaluation has the largest.
    let rule = ["--set", "evaluation.every={steps: 2}", "--set", "training.early_stopping={mode: max, patience: 1}"]
    let arguments = ["train", "config.yaml", "--output", "run"]
    let outcome = try Tool.run(arguments + rule, in: place.folder)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("step 6  stopped early: loss has not improved for 2 evaluations; it was best, "))
    for words in ["status          stopped early\n", ", at step 2\n", "checkpoint.keep_best: {metric: loss} keeps"] {
      #expect(outcome.output.contains(words), "\(outcome.output)")
    }
    #expect(try place.checkpoints("run").last == "run/checkpoints/step-00000006.safetensors.zst")
    let again = try place.succeed("resume", "run")
    #expect(again.output == outcome.output && again.errors.contains("nothing is left to do after step 6"))
    let kept = try Tool.run(
      ["train", "config.yaml", "--output", "kept", "--set", "checkpoint.keep_best={metric: loss, mode: max}"] + rule,
      in: place.folder)
    #expect(kept.output.contains("best            step 2, kept/checkpoints/step-00000002.safetensors.zst\n"))
    #expect(!kept.output.contains("hint"))
    #expect(try place.succeed("runs", ".").output.contains("stopped early"))
  }
}
