import Foundation
import Lockstep
import TestSupport
import Testing

/// What is in the files, and what keeps them from being written.
@Suite struct ExportedFileTests {
  private static let trial = ExportCase(
    name: "small",
    layers: Model(features: 5) {
      Dense(4, bias: true)
      BatchNorm()
      PReLU()
      Dense(2)
    }.layers,
    loss: .meanSquaredError, features: 5, outputs: 2)

  private func withModel(_ body: (TrainedModel, String) throws -> Void) throws {
    try withTemporaryFolder { folder in try body(try Self.trial.train(in: "\(folder)/run"), folder) }
  }

  /// Keras and PyTorch call the same tensors so.
  @Test func namesAndShapes() throws {
    try withModel { model, folder in
      func tensors(_ layout: TensorLayout) throws -> [String: [Int]] {
        let path = "\(folder)/\(layout.rawValue).safetensors"
        try model.export(to: path, layout: layout)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        let header = try SafetensorsHeader(json: Array(bytes[8..<8 + length]), of: .float32)
        #expect(header.metadata["layout"] == layout.rawValue && header.metadata["step"] == "6")
        #expect(header.metadata["weights_digest"] == model.weightsDigest)
        return Dictionary(header.entries.map { ($0.tensor.name, $0.tensor.shape) }) { first, _ in first }
      }
      let (keras, torch) = (try tensors(.keras), try tensors(.torch))
      #expect(
        keras == [
          "dense0.kernel": [5, 4], "dense0.bias": [4], "batch_norm0.gamma": [4], "batch_norm0.beta": [4],
          "batch_norm0.moving_mean": [4], "batch_norm0.moving_variance": [4], "prelu0.alpha": [4],
          "dense1.kernel": [4, 2], "dense1.bias": [2],
        ])
      #expect(
        torch == [
          "dense0.weight": [4, 5], "dense0.bias": [4], "batch_norm0.weight": [4], "batch_norm0.bias": [4],
          "batch_norm0.running_mean": [4], "batch_norm0.running_var": [4], "prelu0.weight": [4],
          "dense1.weight": [2, 4], "dense1.bias": [2],
        ])
    }
  }

  @Test(arguments: ExportFormat.allCases)
  func equalModelsGiveEqualFiles(format: ExportFormat) throws {
    try withModel { model, folder in
      let paths = ["a", "b"].map { "\(folder)/\($0).\(format.rawValue)" }
      for path in paths {
        let receipt = try model.export(to: path, foldingBatchNorm: true)
        #expect(receipt.format == format && receipt.path == path && receipt.batchNorms == (1, 1))
        #expect(receipt.tensors == 5 && receipt.numbers == 20 + 4 + 4 + 8 + 2)
      }
      #expect(try Data(contentsOf: URL(filePath: paths[0])) == Data(contentsOf: URL(filePath: paths[1])))
    }
  }

  @Test func whatStandsThereStays() throws {
    try withModel { model, folder in
      let path = "\(folder)/model.npz"
      try Data("mine".utf8).write(to: URL(filePath: path))
      #expect(throws: RunError.input("\(path): there is such a file already. Choose another, or say --overwrite.")) {
        try model.export(to: path)
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
      try model.export(to: path, overwriting: true)
      #expect(try Data(contentsOf: URL(filePath: path)).prefix(2) == Data("PK".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["model.npz", "run"])
    }
  }

  @Test func whatAFileCannotHoldIsRefused() throws {
    try withModel { model, folder in
      func message(_ name: String, _ standardization: TrainedModel.Standardization? = nil, probabilities: Bool = false)
        -> String
      {
        do throws(RunError) {
          try model.export(to: name, probabilities: probabilities, standardization: standardization)
          return ""
        } catch { return "\(error)" }
      }
      #expect(
        message("\(folder)/model.pt").hasSuffix("found the ending .pt, expected one of .safetensors, .onnx, .npz"))
      #expect(message("\(folder)/model").hasSuffix("found no ending, expected one of .safetensors, .onnx, .npz"))
      #expect(message("\(folder)/a.npz", probabilities: true).hasSuffix("holds tensors alone; take .onnx"))
      #expect(message("\(folder)/a.onnx", probabilities: true).hasSuffix("it has no probabilities"))
      #expect(message("\(folder)/nowhere/a.onnx").contains("no such file or directory"))
      let short = TrainedModel.Standardization(mean: [1, 2], deviation: [1, 2])
      #expect(message("\(folder)/a.onnx", short).contains("found 2 means and 2 deviations, expected 5 of each"))
      let flat = TrainedModel.Standardization(mean: [0, 0, 0, 0, 0], deviation: [1, 1, 0, 1, 1])
      #expect(message("\(folder)/a.onnx", flat).contains("deviations that are finite and above 0"))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names == ["run"])
    }
  }
}
