import Foundation
import Lockstep
import LockstepKernels
import TestSupport

/// A model that has been trained for a few steps, so that no tensor is what it began as.
struct ExportCase {
  let name: String
  let layers: [Layer]
  let loss: Loss
  let features: Int
  var outputs = 1

  /// Trains it in `folder`.
  func train(in folder: String) throws -> TrainedModel {
    let task: LearningTask = loss == .softmaxCrossEntropy ? .classification(classes: outputs) : binaryOrRegression
    let source = SyntheticSpecification(
      kind: .teacher(depth: 1, width: 8, activation: .tanh, noise: 0), samples: 128, features: features, task: task)
    let configuration = RunConfiguration(
      name: "case", data: .init(train: .synthetic(source)), layers: layers, loss: loss,
      optimizer: .adam(learningRate: 0.03),
      training: .init(batchSize: 32, shards: 2, threads: .count(1), length: .steps(6)))
    let summary = try TrainingRun.start(configuration, output: folder).train()
    return try TrainedModel(checkpoint: summary.json["checkpoint"]?.string ?? "")
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
      "features": .integer(trial.features), "npz_layout": .string(npz.rawValue),
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

extension Layer {
  /// As `numpy_model.py` reads it.
  var json: JSONValue {
    switch self {
    case .dense: ["kind": "dense"]
    case .batchNorm(let norm): ["kind": "batch_norm", "epsilon": .number(Double(norm.epsilon))]
    case .activation(.rrelu(let lower, let upper)):
      ["kind": "rrelu", "slope": .number((Double(lower) + Double(upper)) / 2)]
    case .activation(.function(let function)): ["kind": .string(function.name), "formula": function.formula.json]
    case .activation(.prelu): ["kind": "prelu"]
    case .dropout: ["kind": "dropout"]
    case .alphaDropout: ["kind": "alpha_dropout"]
    case .repeated(let times, let layers):
      ["kind": "repeat", "times": .integer(times), "layers": .array(layers.map(\.json))]
    case .residual(let layers, let projection):
      ["kind": "residual", "layers": .array(layers.map(\.json)), "projection": .array(projection.map(\.json))]
    case .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten, .spatialDropout:
      ["kind": .string(declared.name)]
    }
  }
}

extension Formula {
  /// As `numpy_model.py` reads it: `x`, a number, or an operation before its arguments.
  fileprivate var json: JSONValue {
    switch self {
    case .x: "x"
    case .number(let number): .number(Double(number))
    case .sum(let a, let b): ["sum", a.json, b.json]
    case .product(let a, let b): ["product", a.json, b.json]
    case .minimum(let a, let b): ["minimum", a.json, b.json]
    case .maximum(let a, let b): ["maximum", a.json, b.json]
    case .apply(.leakyReLU(let slope), let a): ["leaky_relu", a.json, .number(Double(slope))]
    case .apply(.elu(let alpha), let a): ["elu", a.json, .number(Double(alpha))]
    case .apply(.sigmoid, let a): ["sigmoid", a.json]
    case .apply(.tanh, let a): ["tanh", a.json]
    case .apply(.relu, let a): ["relu", a.json]
    case .apply(.selu, let a): ["selu", a.json]
    case .apply(.softplus, let a): ["softplus", a.json]
    case .apply(.softsign, let a): ["softsign", a.json]
    case .apply(.erf, let a): ["erf", a.json]
    }
  }
}
