import Foundation
import Lockstep
import TestSupport
import Testing

@Suite("recalibrate")
struct RecalibrateTests {
  private static let last = "run/checkpoints/step-00000021"
  private static let checkpoint = "\(last).safetensors.zst"
  private static let recalibrated = "\(last)-recalibrated.safetensors.zst"

  private func placeWithRun() throws -> Place {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    return place
  }

  @Test func writesACheckpointBesideTheOther() throws {
    let place = try placeWithRun()
    let before = try place.bytes()
    let json = try place.succeed("recalibrate", Self.checkpoint, "--json").json
    #expect(json["checkpoint"] as? String == Self.recalibrated)
    #expect(json["batches"] as? Int == 7 && json["rows"] as? Int == 200, "an epoch")
    // The figures are those of evaluate, before and after.
    for (file, key) in [(Self.checkpoint, "validation_before"), (Self.recalibrated, "validation_after")] {
      let evaluated = try place.succeed("evaluate", file, "--json").json
      let figures = try #require(json[key] as? [String: Double])
      #expect(Set(figures.keys) == ["loss", "accuracy"])
      for (name, value) in figures { #expect(evaluated[name] as? Double == value, "\(key), \(name)") }
    }
    #expect(json["validation_before"] as? [String: Double] != json["validation_after"] as? [String: Double])
    let (old, new) = (
      try CheckpointFile.read(place.path(Self.checkpoint)), try CheckpointFile.read(place.path(Self.recalibrated))
    )
    #expect(json["weights_digest"] as? String == new.weightsDigest && new.weightsDigest != old.weightsDigest)
    for (a, b) in zip(old.tensors, new.tensors) {
      #expect(a.name == b.name && (a.values.array == b.values.array) == !a.name.contains("running"), "\(a.name)")
    }
    let record = try #require(new.metadata["recalibrated"])
    #expect(record.contains("7 batches, 200 rows") && record.contains(old.weightsDigest))
    #expect(try place.succeed("inspect", Self.recalibrated).output.contains("recalibrated"))
    // Nothing else has come or changed, and the run passes the new file over.
    for (name, content) in before { #expect(try place.bytes()[name] == content, "\(name)") }
    let resumed = try place.succeed("resume", "run", "--quiet", "--json")
    #expect(resumed.json["checkpoint"] as? String == Self.checkpoint)
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let place = try placeWithRun()
    let files = try [1, 2, 3, 5, 8].map { threads in
      let file = "on-\(threads).safetensors.zst"
      try place.succeed(
        "recalibrate", Self.checkpoint, "--batches", "9", "--threads", "\(threads)", "--output", file)
      return try place.read(file)
    }
    #expect(Set(files).count == 1)
    let text = try place.succeed("recalibrate", Self.checkpoint, "--batches", "3").output
    #expect(text.contains("batches            3, 96 rows\n") && text.contains("validation after   loss "))
  }

  @Test func nothingIsOverwrittenUnasked() throws {
    let place = try placeWithRun()
    try place.succeed("recalibrate", Self.checkpoint, "--batches", "2")
    let words = ["\(Self.recalibrated): there is such a file already", "--overwrite"]
    try place.refuse(["recalibrate", Self.checkpoint], words)
    try place.write("mine", to: "mine")
    try place.refuse(["recalibrate", Self.checkpoint, "--output", "mine"], ["mine: there is such a file already"])
    let two = try place.read(Self.recalibrated)
    try place.succeed("recalibrate", Self.checkpoint, "--overwrite")
    #expect(try place.read(Self.recalibrated) != two)
  }

  /// A run must not take it for one of its own: neither by its name nor where somebody has put it there.
  @Test func noRunGoesOnFromIt() throws {
    let place = try placeWithRun()
    for name in ["run/checkpoints/step-00000022.safetensors.zst", Self.checkpoint] {
      try place.refuse(
        ["recalibrate", Self.checkpoint, "--output", name, "--overwrite"],
        ["found a name that a run gives to its own checkpoints"])
    }
    try place.succeed("recalibrate", Self.checkpoint, "--output", "other.safetensors.zst")
    try FileManager.default.removeItem(atPath: place.path(Self.checkpoint))
    try place.copy("other.safetensors.zst", to: Self.checkpoint)
    try place.refuse(["resume", "run"], ["the checkpoint was recalibrated", "the run's own checkpoint"])
  }

  @Test func whatIsImpossibleIsSaid() throws {
    let place = try Place(Configurations.regression)
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.refuse(["recalibrate", checkpoint], [checkpoint, "the model has no batch_norm"])
    for (option, value) in [("--batches", "0"), ("--batches", "-2"), ("--threads", "0")] {
      try place.refuse(["recalibrate", checkpoint, option, value], ["\(option) \(value): expected at least 1"])
    }
    try place.refuse(["recalibrate", checkpoint, "--batches", "many"], ["--batches"])
    try place.refuse(["recalibrate", "run"], ["the model has no batch_norm"])
    try place.refuse(["recalibrate", "none.zst"], ["none.zst: there is no such checkpoint"])
    try place.refuse(["recalibrate", "config.yaml"], ["not a Lockstep checkpoint"])
    try place.refuse(["recalibrate", checkpoint, "--output", "no/where.zst"], ["there is no folder no"])
    try place.refuse(["recalibrate", checkpoint, "--output", "run"], ["found a folder, expected the path of a file"])
    try place.refuse(["recalibrate", checkpoint, "--output", ""], ["--output: found an empty path"])
    // Other data than the run's.
    try Forgery.copy(
      place.path(checkpoint), to: place.path("forged.zst"), changing: ["data.train": "somebody's photographs"])
    try place.refuse(["recalibrate", "forged.zst"], ["the training data is not what the run was trained with"])
  }

  /// Without validation data the statistics are recomputed all the same.
  @Test func withoutValidationData() throws {
    let place = try Place(
      Configurations.regression.replacing("{dense: {units: 8}},", with: "{dense: {units: 8}}, batch_norm,"))
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    let json = try place.succeed("recalibrate", checkpoint, "--json").json
    #expect(json["validation_before"] is NSNull && json["validation_after"] is NSNull && json["rows"] as? Int == 120)
  }
}
