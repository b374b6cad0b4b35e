import LockstepFormats
import LockstepRuns
import LockstepTraining

/// The models that the trials of a comparison end with, a checkpoint each, which `evaluate`, `predict` and `export`
/// read as any other.
struct TrialModels {
  private let folder: String

  /// Makes the folder if need be.
  init(_ folder: String) throws(RunError) {
    self.folder = folder
    try asInput { () throws(FileError) in try Folder.create(folder) }
  }

  /// `relu-fold-1.safetensors.zst`: the values of the cell, and its trial.
  func path(of choices: [Comparison.Choice], _ trials: Comparison.Trials, _ trial: Int) -> String {
    let words = choices.map { ["activation", "initializer"].contains($0.key) ? $0.value : "\($0.key)-\($0.value)" }
    let number = trials.word == "folds" ? "fold-\(trial + 1)" : "seed-\(trial + 1)"
    let name = (words + [number]).joined(separator: "-").map {
      $0.isASCII && $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_" ? $0 : "-"
    }
    return "\(folder)/\(String(name)).safetensors.zst"
  }

  /// Whether the model of a trial stands there, with the bits that the trial tells.
  func holds(_ trial: Comparison.Trial, at path: String) -> Bool {
    // Weights that are not finite are not kept.
    if trial.diverged != nil { return true }
    let header = try? CheckpointFile.readHeader(path)
    return header?.metadata[CheckpointKey.weightsDigest] == trial.weightsDigest
  }

  /// Writes the model of a trial that has come to its end.
  func keep(_ trainer: Trainer, _ setup: RunSetup, at path: String) throws(RunError) {
    let content = CheckpointContent(tensors: trainer.tensors, metadata: setup.metadata(of: trainer))
    try asFailure { () throws(CheckpointError) in try CheckpointFile.write(content, to: path) }
  }
}
