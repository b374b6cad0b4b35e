import Foundation
import TestSupport
import Testing

/// `lockstep export`, and a run that starts from what it wrote.
@Suite struct ExportTests {
  @Test func writesAndReports() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    let outcome = try place.succeed("export", checkpoint, "--to", "model.onnx", "--fold-batch-norm", "--probabilities")
    #expect(outcome.output.contains("batch norms  1, 1 of them folded") && outcome.errors == "")
    try place.refuse(
      ["export", checkpoint, "--to", "model.onnx"], ["model.onnx: there is such a file already", "--overwrite"])
    try place.succeed("export", checkpoint, "--to", "model.onnx", "--overwrite")
    try place.succeed("export", checkpoint, "--to", "model.npz")
    try place.succeed("export", checkpoint, "--to", "model.safetensors", "--layout", "torch")
    // Another run starts where this one has ended: its first loss is that of a trained model.
    let weights = ["--set", "model.weights=model.safetensors", "--set", "model.layout=torch"]
    #expect(try Tool.run(["check", "config.yaml"] + weights, in: place.folder).status == 0)
    let again = try Tool.run(
      ["train", "config.yaml", "--output", "again", "--quiet", "--steps", "4"] + weights, in: place.folder)
    #expect(again.status == 0, "\(again)")
    func firstLoss(_ run: String) throws -> Double {
      try place.metrics(run).first { $0["event"] as? String == "train" }?["loss"] as? Double ?? .nan
    }
    #expect(try firstLoss("again") < 0.8 * firstLoss("run"))
  }

  @Test func whatCannotBeIsRefused() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    for (arguments, words) in [
      (["--to", "model.pt"], ["model.pt: found the ending .pt, expected one of .safetensors, .onnx, .npz"]),
      (["--to", "model"], ["model: found no ending"]),
      (["--to", ""], ["--to: found an empty path"]),
      (["--to", "nowhere/model.onnx"], ["--to nowhere/model.onnx: there is no folder nowhere"]),
      (["--to", "run"], ["--to run: found a folder"]),
      (["--to", "a.onnx", "--layout", "caffe"], ["'caffe' is invalid for '--layout <layout>'", "keras", "torch"]),
      (["--to", "a.npz", "--probabilities"], ["take .onnx"]),
      ([], ["Missing expected argument '--to <file>'"]),
    ] { try place.refuse(["export", checkpoint] + arguments, words) }
  }

  @Test func missingCheckpointsAndWeightsAreRefused() throws {
    let place = try Place()
    try place.refuse(["export", "step.safetensors.zst", "--to", "a.onnx"], ["there is no such checkpoint"])
    try place.refuse(["export", "config.yaml", "--to", "a.onnx"], ["not a Lockstep checkpoint"])
    try place.refuse(
      ["train", "config.yaml", "--set", "model.weights=none.safetensors"],
      ["none.safetensors: cannot start from these weights", "no such file or directory"])
  }

  /// Whoever is root may write everywhere.
  @Test(.enabled(if: geteuid() != 0, "root may write to every folder"))
  func aFolderThatCannotBeWrittenToIsRefused() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try FileManager.default.createDirectory(
      atPath: place.path("closed"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
    try place.refuse(["export", checkpoint, "--to", "closed/a.onnx"], ["permission denied"])
  }
}
