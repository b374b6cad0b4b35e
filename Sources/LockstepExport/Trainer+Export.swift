import LockstepConfiguration
import LockstepRuns
import LockstepTraining

extension Trainer {
  /// Writes the model as it stands for other tools, as `TrainedModel.export` does.
  ///
  /// ```swift
  /// try trainer.export(to: "model.onnx", probabilities: true)
  /// ```
  /// - Parameters:
  ///   - path: ends in `.safetensors`, `.onnx` or `.npz`, which says the format.
  ///   - layout: how tensors are called and lie.
  ///   - foldingBatchNorm: whether a BatchNorm directly behind a dense layer or a convolution becomes part of it.
  ///   - probabilities: whether an ONNX graph has a second output, `probabilities`.
  ///   - standardization: of the features, where the program that gave them has standardised them itself.
  ///   - overwriting: whether a file that stands there may go.
  /// - Throws: `RunError.input` where no data is attached, or the file may not be written or cannot hold what is asked
  ///   for; `RunError.failed` where the disk is full.
  @discardableResult
  public func export(
    to path: String, layout: TensorLayout = .keras, foldingBatchNorm: Bool = false, probabilities: Bool = false,
    standardization: TrainedModel.Standardization? = nil, overwriting: Bool = false
  ) throws(RunError) -> ExportReceipt {
    try trainedModel().export(
      to: path, layout: layout, foldingBatchNorm: foldingBatchNorm, probabilities: probabilities,
      standardization: standardization, overwriting: overwriting)
  }
}
