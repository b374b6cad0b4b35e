import Foundation
import Lockstep
import TestSupport
import Testing

/// A file of `--layout torch` is the `state_dict` of a PyTorch module with the same layers, one of `--layout keras` has
/// the names and shapes of Keras's variables, and what is computed with them there is what Lockstep computes.
///
/// The frameworks are too large to be installed for this: where the environment of `tools/python` has them, they are
/// asked.
@Suite("Exported models in PyTorch and Keras")
struct FrameworkTests {
  private static let standardized = {
    var trial = ExportCase.everyImageLayer
    trial.isStandardized = true
    return trial
  }()

  private static let written: [ExportCase] = [
    .everyLayer, .everyFunction, .everyImageLayer, standardized, .globalAverage, .flattenedOutput,
  ]

  @Test(.enabled(if: PrivatePython.has("safetensors", "torch"), "the environment of tools/python has no PyTorch"))
  func pyTorch() throws {
    let random = (1...12).map { ExportCase.random(seed: $0) } + (1...24).map { ExportCase.randomImages(seed: $0) }
    try check(Self.written + random, .torch, by: "torch_model.py")
  }

  /// Keras has no stride beside a dilation, which random models have.
  @Test(
    .enabled(if: PrivatePython.has("safetensors", "keras", "torch"), "the environment of tools/python has no Keras"))
  func keras() throws { try check(Self.written, .keras, by: "keras_model.py") }

  private func check(_ trials: [ExportCase], _ layout: TensorLayout, by script: String) throws {
    let files = ["", "-folded"].map { "\(layout.rawValue)\($0).safetensors" }
    try withTemporaryFolder { root in
      var folders: [ExportFolder] = []
      var expected: [[Double]] = []
      for (index, trial) in trials.enumerated() {
        let path = "\(root)/\(index)"
        let model = try trial.train(in: "\(root)/run\(index)")
        try Folder.create(path)
        folders.append(try ExportFolder(path, trial, rows: trial.rows()))
        expected.append(try model.predict(folders[index].rows).joined().map(Double.init))
        for (file, folding) in zip(files, [false, true]) {
          try model.export(to: "\(path)/\(file)", layout: layout, foldingBatchNorm: folding)
        }
      }
      let script = "\(PrivatePython.repository)/Tests/Fixtures/export/\(script)"
      let result = try PrivatePython.run([script] + folders.map(\.path), in: PrivatePython.repository)
      try #require(result.status == 0, "\(result.output)")
      for (index, trial) in trials.enumerated() {
        let scale = expected[index].map(abs).max() ?? 1
        for file in files {
          let outputs = try folders[index].result("output", of: file)
          expectClose(
            actual: trial.predictions(of: outputs), expected: expected[index], absolute: 1e-6 * scale,
            "\(trial.name), \(file)")
        }
      }
    }
  }
}

extension ExportCase {
  /// What `predict` makes of a model's outputs.
  fileprivate func predictions(of values: [Double]) -> [Double] {
    switch loss.targets {
    case .classes:
      return stride(from: 0, to: values.count, by: outputs).flatMap { start in
        let row = values[start..<start + outputs]
        let largest = row.max() ?? 0
        let powers = row.map { exp($0 - largest) }
        return powers.map { $0 / powers.reduce(0, +) }
      }
    case .labels: return values.map { 1 / (1 + exp(-$0)) }
    case .numbers: return values
    }
  }
}
