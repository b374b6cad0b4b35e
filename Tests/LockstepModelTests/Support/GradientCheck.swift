import LockstepKernels
import LockstepModel
import TestSupport
import Testing

/// One network, one loss, one batch, whose gradients are checked.
struct GradientCase: Sendable, CustomTestStringConvertible {
  var name: String
  var input = Shape.features(5)
  var layers: [Layer]
  var loss = Loss.meanSquaredError
  var rows = 11
  var shards = 3
  var step: UInt64 = 0
  var seed: UInt64 = 20
  /// Whether rows count differently: one of them not at all.
  var isWeighted = false
  /// The features are centre + deviation · x, x about normal.
  var centre: Float = 0
  var deviation: Float = 1

  init(
    _ name: String, features: Int = 5, loss: Loss = .meanSquaredError, rows: Int = 11, shards: Int = 3,
    step: UInt64 = 0,
    seed: UInt64 = 20, _ layers: any LayerConvertible...
  ) {
    (self.name, input, self.loss, self.rows, self.shards) = (name, .features(features), loss, rows, shards)
    (self.step, self.seed, self.layers) = (step, seed, layers.map(\.layer))
  }

  /// One of images.
  init(
    _ name: String, input: Shape, rows: Int = 5, shards: Int = 2, seed: UInt64 = 20, _ layers: any LayerConvertible...
  ) {
    self.init(name, rows: rows, shards: shards, seed: seed)
    (self.input, self.layers) = (input, layers.map(\.layer))
  }

  var testDescription: String { "\(name), \(rows) rows in \(shards) shards" }

  /// Compares the loss and every parameter's gradient, computed in float32 shard by shard, with the loss and the
  /// central differences of the model's forward pass in Double; and other numbers of workers with one, bit for bit.
  ///
  /// The tolerance is relative to a tensor's largest gradient: an element is a sum of terms as large as those of its
  /// neighbours, and cancels where it is small.
  func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let model = Model(input: input, layers: layers)
    let features = input.count
    let trial = try NetworkTrial(model, loss: loss, rows: rows, shards: shards, seed: seed)
    var generator = SeededGenerator(seed: seed)
    trial.scramble(&generator)
    let units = trial.network.outputs
    let x = generator.normal(rows * features).map { $0 * deviation + centre }
    let targets: [Float] =
      switch loss {
      case .softmaxCrossEntropy: generator.labels(rows, below: units)
      case .binaryCrossEntropy: generator.labels(rows * units, below: 2)
      default: generator.normal(rows * units)
      }
    let weights: [Float] =
      isWeighted ? generator.uniform(rows - 1, in: 0...3) + [0] : [Float](repeating: 1, count: rows)
    if isWeighted { trial.weights = weights }
    trial.load(features: x, targets: targets)
    let sums = trial.differentiate(step: step)

    let reference = ReferenceNetwork(model: model, seed: seed, shards: trial.shards, step: step)
    let tensors = trial.tensors
    func meanLoss(_ tensors: ReferenceNetwork.Tensors) -> Double {
      loss.reference(
        reference.outputs(x.doubles, tensors), targets: targets.doubles, weights: weights.doubles, units: units)
    }
    expectClose(
      actual: sums.meanLoss, expected: meanLoss(tensors), absolute: 1e-6, relative: 1e-5, "\(name): loss",
      sourceLocation: sourceLocation)
    let entries = trial.network.parameters.entries.filter(\.training.isTrainable)
    // Nothing is written where a gradient of what is frozen would stand.
    for entry in trial.network.parameters.entries where !entry.training.isTrainable {
      let gradient = trial.gradient(entry)
      #expect(
        gradient.allSatisfy { $0.isNaN || $0 == 0 }, "\(name): gradient of \(entry.name)",
        sourceLocation: sourceLocation)
    }
    let gradients = entries.map { trial.gradient($0) }
    for (entry, gradient) in zip(entries, gradients) {
      let expected = differences(of: meanLoss, at: tensors, tensor: entry.name)
      let largest = expected.reduce(0) { max($0, abs($1)) }
      expectClose(
        actual: gradient, expected: expected, absolute: 1e-6 + 1e-4 * largest, relative: 0,
        "\(name): gradient of \(entry.name)", sourceLocation: sourceLocation)
    }
    for workers in 1...min(4, shards) {
      let shared = try NetworkTrial(model, loss: loss, rows: rows, shards: shards, workers: workers, seed: seed)
      shared.parameters.all.copy(from: trial.parameters.all)
      shared.running.all.copy(from: trial.running.all)
      shared.weights = trial.weights
      shared.load(features: x, targets: targets)
      let same = shared.differentiate(step: step) == sums && entries.map { shared.gradient($0) } == gradients
      #expect(same, "\(name): other bits on \(workers) workers", sourceLocation: sourceLocation)
    }
  }

  /// (f(p + h) − f(p − h)) / 2h for every element p of a tensor. With h = 1e-6 a kink of a ReLU or of |d| is hardly
  /// ever met, and Double still leaves ten digits.
  private func differences(
    of meanLoss: (ReferenceNetwork.Tensors) -> Double, at tensors: ReferenceNetwork.Tensors, tensor: String
  ) -> [Double] {
    let values = tensors[tensor] ?? []
    let step = 1e-6
    return values.indices.map { index in
      var moved = tensors
      moved[tensor]?[index] = values[index] + step
      let above = meanLoss(moved)
      moved[tensor]?[index] = values[index] - step
      return (above - meanLoss(moved)) / (2 * step)
    }
  }
}
