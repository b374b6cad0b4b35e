import Foundation
import Lockstep
import TestSupport
import Testing

/// Checkpoints that must not be used, given to every command that reads one.
@Suite("Bad input: checkpoints")
struct BadCheckpointTests {
  private static let otherArithmetic = [
    "arithmetic.parts": #"{"optimizer adam": "0000000000000000"}"#, "arithmetic.instruction_set": "z80",
  ]
  private static let newest = "run/checkpoints/step-00000012.safetensors.zst"

  /// A run of 12 steps that may go on, with the checkpoints of steps 6 and 12.
  private func placeWithRun() throws -> Place {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "12", "--quiet")
    return place
  }

  @Test func damagedFilesAreRefused() throws {
    let place = try placeWithRun()
    let whole = try place.read(Self.newest)
    let text = String(decoding: try place.read("config.yaml"), as: UTF8.self)
    var flipped = whole
    flipped[whole.count / 2] ^= 0x10
    let files: [(name: String, content: Data, words: [String])] = [
      ("truncated.zst", whole.prefix(whole.count / 2), ["truncated", "use an earlier one"]),
      ("short.zst", whole.dropLast(1), ["truncated"]),
      ("flipped.zst", flipped, ["damaged", "SHA-256"]),
      ("longer.zst", whole + [0], ["truncated"]),
      ("empty.zst", Data(), ["not a Lockstep checkpoint", "such as step-00001000.safetensors.zst"]),
      ("text.zst", Data(text.utf8), ["not a Lockstep checkpoint"]),
    ]
    for file in files {
      try place.write(file.content, to: file.name)
      for command in ["inspect", "evaluate"] {
        let arguments = [command, file.name]
        try place.refuse(arguments, ["\(file.name): "] + file.words)
      }
    }
    for command in ["inspect", "evaluate"] {
      try place.refuse([command, "missing.zst"], ["missing.zst: there is no such checkpoint"])
      try place.refuse([command, ""], ["the checkpoint: found an empty path"])
      try place.refuse([command, "/dev/null"], ["/dev/null: cannot open: it is not a regular file"])
      try place.refuse([command, "."], [".: the run has no checkpoint yet"])
      try place.refuse([command, Self.newest, "--last"], ["--last: found the file", "expected the folder of a run"])
      try place.refuse([command, "run", "--best"], ["--best: found no best evaluation in run", "keep_best"])
      try place.refuse([command, "run", "--best", "--last"], ["--best", "--last"])
    }
  }

  /// Whole and sealed files of another format, arithmetic, model, data or run.
  @Test func strangersAreRefused() throws {
    let place = try placeWithRun()
    let original = place.path("original.zst")
    try place.copy(Self.newest, to: "original.zst")
    let configuration = try CheckpointFile.read(original).metadata["configuration"] ?? ""
    func resumeRefuses(_ changes: [String: String?], _ words: [String], evaluate: [String]? = nil) throws {
      try Forgery.copy(original, to: place.path(Self.newest), changing: changes)
      try place.refuse(["resume", "run"], words)
      try place.refuse(["train", "config.yaml", "--output", "run", "--resume"], words)
      if let evaluate { try place.refuse(["evaluate", Self.newest], evaluate) }
    }
    let newer = ["the checkpoint has format version 99, this Lockstep reads 1", "a newer one"]
    try resumeRefuses(["format_version": "99"], newer, evaluate: newer)
    try place.refuse(["inspect", Self.newest], newer)
    try resumeRefuses(
      Self.otherArithmetic,
      ["this machine's arithmetic is another", "optimizer adam", "z80", "--accept-different-arithmetic"])
    try resumeRefuses(["arithmetic.parts": "{}"], ["does not say with what arithmetic it was computed"])
    // The configuration of a wider network over the tensors of this one.
    let wider = configuration.replacing("units: 12", with: "units: 13")
    try resumeRefuses(
      ["configuration": wider],
      ["the run was configured with model.layers.0.dense.units: 13, found model.layers.0.dense.units: 12"],
      evaluate: ["the checkpoint is of another model", "has shape [6, 12], expected [6, 13]"])
    try resumeRefuses(
      ["data.train": "somebody's photographs"], ["the training data is not what the run was trained with"])
    try resumeRefuses(["run_state": nil], ["does not say where its run stands"])
    let none = ["the checkpoint holds no configuration"]
    try resumeRefuses(["configuration": nil], none, evaluate: none)
    // Its own file goes on.
    try FileManager.default.removeItem(atPath: place.path(Self.newest))
    try place.copy("original.zst", to: Self.newest)
    try place.succeed("resume", "run")
  }

  @Test func acceptedDifferenceIsRecorded() throws {
    let place = try placeWithRun()
    try place.copy(Self.newest, to: "original.zst")
    try Forgery.copy(
      place.path("original.zst"), to: place.path(Self.newest), changing: Self.otherArithmetic)
    try place.succeed("resume", "run", "--accept-different-arithmetic", "--quiet")
    let saved = try CheckpointFile.read(place.path(try place.checkpoints("run").last ?? ""))
    let record = saved.metadata["accepted_different_arithmetic"] ?? ""
    #expect(record.hasPrefix("step 12: ") && record.contains("z80"), "\(record)")
  }

  @Test func oneDamagedCheckpointIsPassedOverWithAWarning() throws {
    let place = try placeWithRun()
    try place.write(try place.read(Self.newest).dropLast(100), to: Self.newest)
    let outcome = try place.succeed("resume", "run", "--quiet", "--json")
    #expect(
      outcome.errors.contains(
        "warning: not used: \(Self.newest)".replacing(Self.newest, with: "run/checkpoints/step-00000012")))
    let undisturbed = try place.succeed("train", "config.yaml", "--output", "whole", "--quiet", "--json")
    #expect(outcome.json["weights_digest"] as? String == undisturbed.json["weights_digest"] as? String)
  }

  @Test func onlyDamagedCheckpointsAreRefused() throws {
    let place = try placeWithRun()
    for checkpoint in try place.checkpoints("run") {
      try place.write(try place.read(checkpoint).prefix(900), to: checkpoint)
    }
    let words = [
      "none of its checkpoints can be used", "start anew in another folder", "step-00000006", "step-00000012",
      "truncated",
    ]
    try place.refuse(["resume", "run"], words)
    try place.refuse(["train", "config.yaml", "--output", "run", "--resume"], words)
  }
}
