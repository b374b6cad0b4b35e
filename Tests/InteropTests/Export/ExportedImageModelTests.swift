import Foundation
import Lockstep
import LockstepFormats
import TestSupport
import Testing

@testable import LockstepExport

/// What files of models of images hold.
@Suite struct ExportedImageModelTests {
  private static func trial(_ layers: [Layer]? = nil) -> ExportCase {
    ExportCase(
      name: "images",
      layers: layers
        ?? Model(input: .image(height: 5, width: 4, channels: 2)) {
          Conv2D(3, kernel: Extent(2, 1))
          BatchNorm()
          PReLU()
          DepthwiseConv2D(kernel: Extent(1, 3), bias: false)
          PReLU(slopes: .shared)
          Flatten()
          PReLU()
          Dense(2)
        }.layers, loss: .softmaxCrossEntropy, input: .image(height: 5, width: 4, channels: 2), outputs: 2)
  }

  /// Keras and PyTorch call the same tensors so, and have their axes in this order; ONNX's operators have PyTorch's.
  @Test func namesAndShapes() throws {
    try withTemporaryFolder { folder in
      let model = try Self.trial().train(in: "\(folder)/run")
      func tensors(_ ending: String, _ layout: TensorLayout) throws -> [String: [Int]] {
        let path = "\(folder)/\(layout.rawValue).\(ending)"
        try model.export(to: path, layout: layout)
        let file = try #require(try ExportedFile(reading: path))
        return Dictionary(file.tensors.map { ($0.name, $0.shape) }) { first, _ in first }
      }
      let norm = { (names: [String]) in Dictionary(uniqueKeysWithValues: names.map { ("batch_norm0.\($0)", [3]) }) }
      let keras = norm(["gamma", "beta", "moving_mean", "moving_variance"])
      let torch = norm(["weight", "bias", "running_mean", "running_var"])
      #expect(
        try tensors("safetensors", .keras)
          == keras.merging([
            "conv2d0.kernel": [2, 1, 2, 3], "prelu0.alpha": [1, 1, 3],
            "depthwise_conv2d0.kernel": [1, 3, 3, 1], "prelu1.alpha": [1, 1, 1], "prelu2.alpha": [24],
            "dense0.kernel": [24, 2], "dense0.bias": [2],
          ]) { a, _ in a })
      #expect(
        try tensors("safetensors", .torch)
          == torch.merging([
            "conv2d0.weight": [3, 2, 2, 1], "prelu0.weight": [3],
            "depthwise_conv2d0.weight": [3, 1, 1, 3], "prelu1.weight": [1], "prelu2.weight": [24],
            "dense0.weight": [2, 24], "dense0.bias": [2],
          ]) { a, _ in a })
      #expect(
        try tensors("onnx", .keras)
          == keras.merging([
            "conv2d0.kernel": [3, 2, 2, 1], "prelu0.alpha": [3, 1, 1],
            "depthwise_conv2d0.kernel": [3, 1, 1, 3], "prelu1.alpha": [1, 1, 1], "prelu2.alpha": [24],
            "dense0.kernel": [24, 2], "dense0.bias": [2],
          ]) { a, _ in a })
      #expect(try tensors("onnx", .torch)["dense0.weight"] == [2, 24])
    }
  }

  /// One mean and deviation a channel, broadcast over the images of the layout; one a pixel where they differ.
  @Test func standardizations() throws {
    try withTemporaryFolder { folder in
      var trial = Self.trial()
      trial.isStandardized = true
      let model = try trial.train(in: "\(folder)/run")
      let perPixel = TrainedModel.Standardization(
        mean: (0..<40).map { Double($0) }, deviation: (0..<40).map { Double($0 + 1) })
      for (layout, shape, whole) in [(TensorLayout.keras, [2], [5, 4, 2]), (.torch, [2, 1, 1], [2, 5, 4])] {
        let paths = ["\(folder)/\(layout)-a.safetensors", "\(folder)/\(layout)-b.safetensors"]
        try model.export(to: paths[0], layout: layout)
        try model.export(to: paths[1], layout: layout, standardization: perPixel)
        for (path, shape) in zip(paths, [shape, whole]) {
          let file = try #require(try ExportedFile(reading: path))
          for name in ["standardization.mean", "standardization.deviation"] {
            #expect(file.tensors.first { $0.name == name }?.shape == shape, "\(layout)")
          }
        }
      }
      let around = Surroundings(model.preprocessing, perPixel, input: trial.input)
      let mean = around.tensors(.torch)[0].values
      // Channel, row, column.
      let (first, second) = (Array(stride(from: 0.0, to: 40, by: 2)), Array(stride(from: 1.0, to: 40, by: 2)))
      #expect(mean == .double(first + second))
    }
  }

  /// Rows that PyTorch has in two orders and adds.
  @Test func whatHasNoOrderIsRefused() throws {
    try withTemporaryFolder { folder in
      let residual = Residual {
        Conv2D(4, kernel: Extent(1, 3), padding: .valid)
        Flatten()
      } projection: {
        Flatten()
      }
      let trial = Self.trial([residual.layer, Dense(2).layer])
      let model = try trial.train(in: "\(folder)/run")
      let error = try #require(throws: RunError.self) {
        try model.export(to: "\(folder)/a.safetensors", layout: .torch)
      }
      #expect("\(error)".contains("residual0.projection.flatten0: found a row"), "\(error)")
      #expect("\(error)".hasSuffix("take --layout keras"), "\(error)")
      try model.export(to: "\(folder)/b.safetensors")
      try model.export(to: "\(folder)/b.onnx", layout: .torch)
      var configuration = model.configuration
      configuration.weights = InitialWeights(path: "\(folder)/b.safetensors", layout: .torch)
      let reading = try #require(throws: RunError.self) {
        try TrainingRun.start(configuration, output: "\(folder)/second")
      }
      #expect("\(reading)".contains("residual0.projection.flatten0: found a row"), "\(reading)")
    }
  }
}
