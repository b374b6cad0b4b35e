import Foundation
import Lockstep
import LockstepKernels
import LockstepModel
import TestSupport

/// A model that has been trained for a few steps, so that no tensor is what it began as.
struct ExportCase {
  let name: String
  let layers: [Layer]
  let loss: Loss
  let input: Shape
  let outputs: Int
  /// Whether images are.
  var isStandardized = false

  init(name: String, layers: [Layer], loss: Loss, features: Int, outputs: Int = 1) {
    self.init(name: name, layers: layers, loss: loss, input: .features(features), outputs: outputs)
  }

  init(name: String, layers: [Layer], loss: Loss, input: Shape, outputs: Int) {
    (self.name, self.layers, self.loss, self.input, self.outputs) = (name, layers, loss, input, outputs)
  }

  var features: Int { input.count }

  /// Trains it in `folder`.
  func train(in folder: String) throws -> TrainedModel {
    let configuration = RunConfiguration(
      name: "case", data: try data(beside: folder), layers: layers, loss: loss, optimizer: .adam(learningRate: 0.03),
      training: .init(batchSize: 32, shards: 2, threads: .count(1), length: .steps(6)))
    let summary = try TrainingRun.start(configuration, output: folder).train()
    return try TrainedModel(checkpoint: summary.json["checkpoint"]?.string ?? "")
  }

  private func data(beside folder: String) throws -> RunConfiguration.DataSources {
    let task: LearningTask = loss == .softmaxCrossEntropy ? .classification(classes: outputs) : binaryOrRegression
    if case .image = input { return try images(beside: folder) }
    let source = SyntheticSpecification(
      kind: .teacher(depth: 1, width: 8, activation: .tanh, noise: 0), samples: 128, features: features, task: task)
    return .init(train: .synthetic(source))
  }

  private var binaryOrRegression: LearningTask {
    loss == .binaryCrossEntropy ? .classification(classes: 2) : .regression(targets: outputs)
  }

  /// Rows of features; some far out, where activations saturate.
  func rows(seed: UInt64 = 1) -> [[Float]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<37).map { row in generator.normal(features).map { $0 * (row % 5 == 0 ? 8 : 1) } }
  }
}

/// A folder with an exported model, for `run_models.py`.
struct ExportFolder {
  let path: String
  let rows: [[Float]]

  /// - Parameter npz: the layout of its `.npz` files, which do not say it themselves.
  init(_ path: String, _ trial: ExportCase, rows: [[Float]], npz: TensorLayout = .keras) throws {
    self.path = path
    self.rows = rows
    let description: JSONObject = [
      "layers": .array(trial.layers.map(\.json)), "loss": .string(trial.loss.name),
      "shape": .array(trial.input.sides.map { .integer($0) }), "npz_layout": .string(npz.rawValue),
      // What a row of outputs is in the layout of PyTorch.
      "output_channels": .integer(try FlattenedImages(of: Model(input: trial.input, layers: trial.layers)).output),
    ]
    try Data(JSONValue.object(description).prettyText.utf8).write(to: URL(filePath: "\(path)/case.json"))
    let bytes = rows.joined().flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    }
    try Data(bytes).write(to: URL(filePath: "\(path)/features.f32"))
  }

  /// What `run_models.py` has written of `file`: "output" or "prediction".
  func result(_ what: String, of file: String) throws -> [Double] {
    let bytes = Array(try Data(contentsOf: URL(filePath: "\(path)/\(file).\(what)")))
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * $1) })
    }
  }
}
