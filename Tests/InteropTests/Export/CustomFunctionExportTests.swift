import Foundation
import Lockstep
import SampleSupport
import TestSupport
import Testing

/// A model with an activation of a program's own goes where only tensors are, and not into a graph.
@Suite struct CustomFunctionExportTests {
  /// max(0, x)²
  private struct SquaredReLU: CustomActivation {
    let name = "squared_relu"
    func value(at x: Float) -> Float { x > 0 ? x * x : 0 }
    func derivative(at x: Float) -> Float { x > 0 ? 2 * x : 0 }
  }

  @Test func formats() throws {
    let model = Model(features: 2) {
      Dense(6)
      BatchNorm()
      SquaredReLU()
      Dense(3)
    }
    let trainer = try Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(), batch: 32)
    try trainer.attach(OwnData(100))
    try trainer.step()
    try withTemporaryFolder { folder in
      for (format, layout) in [("safetensors", TensorLayout.keras), ("npz", .torch)] {
        for folds in [false, true] {
          let path = "\(folder)/\(layout)-\(folds).\(format)"
          let receipt = try trainer.export(to: path, layout: layout, foldingBatchNorm: folds)
          #expect(receipt.tensors == (folds ? 4 : 7))
        }
      }
      let path = "\(folder)/model.onnx"
      let error = try #require(throws: RunError.self) { try trainer.export(to: path) }
      #expect(
        error.description.contains("layer custom_activation0 is squared_relu, an activation of a program's own"),
        "\(error)")
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
