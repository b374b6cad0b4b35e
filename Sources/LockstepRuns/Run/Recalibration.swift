import LockstepFormats
import LockstepTraining

/// A checkpoint whose running statistics have been computed anew with its final weights, written beside it.
///
/// See `Trainer.recalibrate`. Everything else of the checkpoint stays: weights, optimizer, metadata. `recalibrated` in
/// the metadata says what was done.
public struct Recalibration: Sendable {
  /// The checkpoint that was written.
  public let receipt: CheckpointFile.Receipt
  /// Number of batches whose statistics were pooled.
  public let batches: Int
  /// Rows of those batches together.
  public let rows: Int
  /// Metrics on the run's validation data with the old running statistics; nil without such data.
  public let before: [(name: String, value: Double)]?
  /// Metrics on the run's validation data with the new running statistics; nil without such data.
  public let after: [(name: String, value: Double)]?

  /// Its name in a checkpoint's metadata.
  static let key = "recalibrated"

  /// Computes the running statistics anew, and writes the checkpoint that has them.
  ///
  /// - Parameters:
  ///   - path: the checkpoint to read; it stays as it is.
  ///   - batches: how many batches to pool; nil for those of an epoch, at most `Trainer.recalibrationBatches`.
  ///   - output: the file to write; nil for `defaultOutput`.
  ///   - overwriting: whether a file at that place may be replaced.
  ///   - threads: nil for the configured number; the bits do not depend on it.
  /// - Throws: `RunError.input` where the checkpoint cannot be read, the model has no BatchNorm, the data is not what
  ///   the run was trained with, or the output may not be written.
  public init(
    checkpoint path: String, batches: Int? = nil, output: String? = nil, overwriting: Bool = false, threads: Int? = nil
  ) throws(RunError) {
    let output = output ?? Self.defaultOutput(for: path)
    try Self.check(output: output, overwriting: overwriting)
    let restored = try RestoredRun(checkpoint: path)
    let setup = try restored.setup()
    let trainer = try restored.trainer(on: setup, threads: threads)
    try TrainingRun.checkData(of: restored.checkpoint, setup)
    func metrics() throws(RunError) -> [(name: String, value: Double)]? {
      guard let validation = setup.validation else { return nil }
      return try asFailure { () throws(TrainingError) in try trainer.evaluate(on: validation).metrics }
    }
    before = try metrics()
    do throws(TrainingError) { (self.batches, rows) = try trainer.recalibrate(batches: batches) } catch {
      throw .input("\(path): \(error)")
    }
    after = try metrics()
    var content = CheckpointContent(
      tensors: trainer.tensors, metadata: restored.checkpoint.metadata)
    content.metadata[CheckpointKey.formatVersion] = nil
    content.metadata[CheckpointKey.weightsDigest] = nil
    content.metadata[Self.key] =
      "running statistics of \(self.batches) batches, \(rows) rows; weights_digest before: \(restored.checkpoint.weightsDigest)"
    receipt = try asFailure { [content] () throws(CheckpointError) in try CheckpointFile.write(content, to: output) }
  }

  /// Where a recalibrated checkpoint is written by default: `step-00001000-recalibrated.safetensors.zst` beside
  /// `step-00001000.safetensors.zst`. Runs ignore files of such names.
  public static func defaultOutput(for checkpoint: String) -> String {
    let ending = ".safetensors.zst"
    let stem = checkpoint.hasSuffix(ending) ? String(checkpoint.dropLast(ending.count)) : checkpoint
    return "\(stem)-recalibrated\(ending)"
  }

  private static func check(output: String, overwriting: Bool) throws(RunError) {
    let name = Folder.lastName(of: output)
    if CheckpointStore.step(fileName: name) != nil {
      throw .input(
        "\(output): found a name that a run gives to its own checkpoints, and a run that went on from this one would not be the same run; "
          + "expected another, such as \(Folder.lastName(of: defaultOutput(for: name)))")
    }
    let item = try asInput { () throws(FileError) in try Folder.item(at: output) }
    if item == .file && !overwriting {
      throw .input("\(output): there is such a file already. Choose another by --output, or say --overwrite.")
    }
  }

  /// The figures as `lockstep recalibrate --json` prints them.
  public var json: JSONObject {
    func object(_ metrics: [(name: String, value: Double)]?) -> JSONValue {
      guard let metrics else { return .null }
      var object = JSONObject()
      for (name, value) in metrics { object[name] = .number(value) }
      return .object(object)
    }
    return [
      "checkpoint": .string(receipt.path), "batches": .integer(batches), "rows": .integer(rows),
      "validation_before": object(before), "validation_after": object(after),
      "weights_digest": .string(receipt.weightsDigest),
    ]
  }
}
