import LockstepModel
import TestSupport
import Testing

@testable import Lockstep
@testable import LockstepExport

@Suite struct FoldingTests {
  /// Behind a dense layer and alone in reading it, even where a dropout stands between; not behind anything else, nor
  /// where a skip reads the same value.
  @Test func whichAreFolded() throws {
    try withTemporaryFolder { folder in
      var model = try InferenceModel(ExportCase.everyLayer.train(in: folder))
      let before = Set(model.layers.map(\.path))
      let (found, folded) = model.foldBatchNorms()
      #expect(found == 9 && folded == 4)
      #expect(
        before.subtracting(model.layers.map(\.path)) == [
          "batch_norm1", "batch_norm2", "residual0.batch_norm1", "batch_norm3",
        ])
      // Where there was no bias there is one now.
      #expect(model.namedTensors(.keras).contains { $0.info == TensorInfo("dense0.bias", shape: [9]) })
      #expect(model.foldBatchNorms() == (5, 0))
    }
  }

  /// Into convolutions too, a residual's projection among them; not into what `flatten` stands behind.
  @Test func whichAreFoldedIntoConvolutions() throws {
    try withTemporaryFolder { folder in
      var model = try InferenceModel(ExportCase.everyImageLayer.train(in: folder))
      let before = Set(model.layers.map(\.path))
      let (found, folded) = model.foldBatchNorms()
      #expect(found == 7 && folded == 5)
      #expect(
        before.subtracting(model.layers.map(\.path)) == [
          "batch_norm1", "batch_norm2", "residual0.batch_norm0", "residual0.projection.batch_norm0",
          "residual2.batch_norm0",
        ])
      #expect(model.namedTensors(.keras).contains { $0.info == TensorInfo("conv2d0.bias", shape: [6]) })
    }
  }

  /// By the formula, with numbers that are exact: γ 3, β 0.5, mean 2, variance + ε = 4.
  @Test(arguments: [true, false])
  func numbers(bias: Bool) throws {
    try withTemporaryFolder { folder in
      let trial = ExportCase(
        name: "one",
        layers: Model(features: 2) {
          Dense(1, bias: bias)
          BatchNorm(epsilon: 1)
          Dense(1)
        }.layers,
        loss: .meanSquaredError, features: 2)
      var model = try InferenceModel(trial.train(in: folder))
      func set(_ role: ParameterLayout.Role, _ layer: String, _ values: [Float], _ shape: TensorShape? = nil) {
        model.tensors[.init(layer: layer, role: role)] = .init(shape: shape ?? .vector(values.count), values: values)
      }
      set(.weight, "dense0", [4, -8], .matrix(inputs: 2, units: 1))
      if bias { set(.bias, "dense0", [10]) }
      set(.gamma, "batch_norm0", [3])
      set(.beta, "batch_norm0", [0.5])
      set(.runningMean, "batch_norm0", [2])
      set(.runningVariance, "batch_norm0", [3])
      #expect(model.foldBatchNorms() == (1, 1))
      #expect(model.tensors[.init(layer: "dense0", role: .weight)]?.values == [6, -12])
      #expect(model.tensors[.init(layer: "dense0", role: .bias)]?.values == [bias ? 12.5 : -2.5])
    }
  }
}
