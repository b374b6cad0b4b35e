import Foundation
import Lockstep
import TestSupport
import Testing

/// The commands that read a run, a configuration or the machine.
@Suite("evaluate, inspect, check, doctor")
struct ReadingTests {
  @Test func evaluateGivesTheFiguresOfTheLog() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    let logged = try #require(try place.metrics("run").last { $0["event"] as? String == "validation" })
    for threads in ["1", "2", "4", "7"] {
      let outcome = try place.succeed("evaluate", checkpoint, "--threads", threads, "--json")
      // To the last digit: the same text.
      for metric in ["loss", "accuracy"] {
        let value = outcome.json[metric] ?? "?"
        #expect("\(value)" == "\(logged[metric] ?? "")", "\(metric) on \(threads) threads")
      }
    }
    let validation = "{synthetic: {kind: gaussian_clusters, samples: 90, features: 6, classes: 3, split: validation}}"
    #expect(
      try place.succeed("evaluate", checkpoint, "--data", validation).output
        == place.succeed("evaluate", checkpoint).output)
    // Other samples, other figures.
    let test = validation.replacing("split: validation", with: "split: test")
    #expect(
      try place.succeed("evaluate", checkpoint, "--data", test).output != place.succeed("evaluate", checkpoint).output)
  }

  @Test func evaluateRefusesDataThatDoesNotFit() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "1", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    let cases = [
      (
        "{synthetic: {kind: gaussian_clusters, samples: 9, features: 7, classes: 3}}", "7 features, the model expects 6"
      ),
      ("{synthetic: {kind: gaussian_clusters, samples: 9, features: 6, classes: 4}}", "the data has 4 classes"),
      ("{synthetic: {kind: friedman, samples: 9, features: 6, targets: 1}}", "needs classes"),
      ("{synthetic: {kind: gaussian_cluster, samples: 9, features: 6, classes: 3}}", "did you mean gaussian_clusters?"),
      ("{synthetic: {kind: gaussian_clusters, samples: 0, features: 6, classes: 3}}", "found 0"), ("", "--data"),
      ("@", "--data:1:1"),
    ]
    for (data, words) in cases { try place.refuse(["evaluate", checkpoint, "--data", data], ["--data", words]) }
  }

  @Test func evaluateWithoutValidationDataAsksForSome() throws {
    let place = try Place(Configurations.regression)
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.refuse(["evaluate", checkpoint], ["the run had no validation data", "--data"])
    let outcome = try place.succeed(
      "evaluate", checkpoint, "--data", "{synthetic: {kind: friedman, samples: 50, features: 6, targets: 1}}", "--json")
    #expect(outcome.json["loss"] is Double)
  }

  @Test func inspectTellsWhatIsInside() throws {
    let place = try Place()
    let digest = try place.succeed("train", "config.yaml", "--output", "run", "--steps", "8", "--quiet", "--json").json[
      "weights_digest"]
    let checkpoint = try #require(try place.checkpoints("run").last)
    let text = try place.succeed("inspect", checkpoint).output
    for word in [
      "model.dense0.weight", "6 × 12", "optimizer.first_moment.dense0.weight", "samples_seen", digest as? String ?? "?",
    ] {
      #expect(text.contains(word), "\(word)")
    }
    let json = try place.succeed("inspect", checkpoint, "--json").json
    let metadata = json["metadata"] as? [String: String] ?? [:]
    #expect(metadata["weights_digest"] == digest as? String)
    #expect(metadata["step"] == "8" && metadata["samples_seen"] == "232")
    let tensors = json["tensors"] as? [[String: Any]] ?? []
    #expect(tensors.contains { $0["name"] as? String == "model.dense0.weight" && $0["shape"] as? [Int] == [6, 12] })
    // The configuration inside is one that trains.
    try place.write(try place.succeed("inspect", checkpoint, "--configuration").output, to: "inside.yaml")
    #expect(try place.read("inside.yaml") == place.read("run/config.yaml"))
  }

  @Test func checkTellsWhatARunNeeds() throws {
    let place = try Place()
    let json = try place.succeed("check", "config.yaml", "--json").json
    // 6 × 12 weights, γ and β, 12 × 8 and a bias, slopes, 8 × 3 and a bias.
    #expect(json["parameters"] as? Int == 72 + 24 + 104 + 8 + 27)
    #expect(json["steps"] as? Int == 21 && json["steps_per_epoch"] as? Int == 7 && json["samples"] as? Int == 600)
    let text = try place.succeed("check", "config.yaml", "--layers")
    #expect(text.output.contains("dense0.weight") && text.output.contains("21, 7 an epoch, 600 samples"))
    #expect(text.errors.contains("warning: batch_norm0: a shard has as few as 8 rows"))
    #expect(try place.bytes().keys.sorted() == ["config.yaml"])
    // What it says of the disk holds.
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let sizes = try place.checkpoints("run").map { try place.read($0).count }
    #expect((sizes.max() ?? 0) <= json["checkpoint_bytes"] as? Int ?? 0)
    #expect(sizes.reduce(0, +) <= json["disk_bytes"] as? Int ?? 0)
  }

  @Test func doctorDescribesTheMachine() throws {
    let outcome = try Place().succeed("doctor", "--json")
    let json = outcome.json
    #expect((json["cores"] as? Int ?? 0) >= 1)
    #expect((json["gflops_one_core"] as? Double ?? 0) > 0)
    #expect((json["arithmetic_fingerprint"] as? String)?.count == 64)
    for key in ["lockstep", "processor", "instruction_set", "matrix_instruction", "compression", "arithmetic"] {
      #expect((json[key] as? String)?.isEmpty == false, "\(key)")
    }
  }

  /// LOCKSTEP_INSTRUCTION_SET: another set's bits are the same, but those of the one without fused multiply-add.
  @Test func anotherInstructionSet() throws {
    let place = try Place()
    func doctor(_ set: String) throws -> Tool.Outcome {
      try place.lockstep("doctor", "--json", environment: ["LOCKSTEP_INSTRUCTION_SET": set])
    }
    let widest = try doctor("").json
    for set in Processor.instructionSets {
      let json = try doctor(set).json
      #expect(json["instruction_set"] as? String == set)
      #expect((json["matrix_instruction"] as? String == "none") == (set != "x86-64-v4+amx"))
      let isFused = set != "x86-64"
      #expect(json["arithmetic"] as? String == (isFused ? "fused" : "unfused"))
      let isSame = json["arithmetic_fingerprint"] as? String == widest["arithmetic_fingerprint"] as? String
      #expect(isSame == isFused || Processor.instructionSets == ["x86-64"])
    }
    let unknown = try doctor("z80")
    #expect(unknown.status == 2)
    #expect(unknown.errors.hasPrefix("LOCKSTEP_INSTRUCTION_SET: found z80, expected "), "\(unknown)")
  }
}
