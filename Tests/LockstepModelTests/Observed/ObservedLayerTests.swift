import LockstepKernels
import LockstepModel
import TestSupport
import Testing

/// What an observer is shown of every layer, against the model's forward pass in Double.
@Suite struct ObservedLayerTests {
  private let layers: [Layer] = [
    Dense(5).layer, BatchNorm().layer, .activation(.tanh), Dense(4).layer, .activation(.leakyReLU),
    residual(Dense(4), Sigmoid()), Dense(3).layer, .activation(.prelu), Dense(2).layer,
  ]
  private let rows = 9
  private let features = 4

  private struct Seen {
    var names: [String] = []
    var outputs: [[Double]] = []
    var gradients: [Int: [Double]] = [:]
    var tensors: ReferenceNetwork.Tensors = [:]
    var shards: [Range<Int>] = []
    var x: [Double] = []
    var targets: [Double] = []
  }

  private func observe() throws -> Seen {
    let model = Model(features: features, layers: layers)
    let trial = try NetworkTrial(
      model, loss: .meanSquaredError, rows: rows, shards: 2, seed: 3, separatingStages: true)
    var generator = SeededGenerator(seed: 12)
    trial.scramble(&generator)
    let (x, targets) = (generator.normal(rows * features), generator.normal(rows * 2))
    trial.load(features: x, targets: targets)
    var seen = Seen()
    seen.names = trial.network.layers.map(\.path)
    let memory = trial.workspace.workers[0]
    let pass = Pass(mode: .training, step: 0, batchRows: rows)
    memory.forward(pass, trial.workspace.exchanges[0]) { layer, output in
      #expect(layer == seen.outputs.count && output.columns == trial.network.layers[layer].units)
      seen.outputs.append(output.elements.array.doubles)
    }
    for shard in 0..<2 { _ = trial.measure(shard, withGradient: true) }
    memory.backward(pass, trial.workspace.exchanges[0]) { seen.gradients[$0] = $1.elements.array.doubles }
    seen.tensors = trial.tensors
    seen.shards = trial.shards
    (seen.x, seen.targets) = (x.doubles, targets.doubles)
    return seen
  }

  /// Where the layers of the description end among those that are observed: a residual has some inside.
  private let ends = [0, 1, 2, 3, 4, 7, 8, 9, 10]

  @Test func layersAreNamedInTheirOrder() throws {
    #expect(
      try observe().names == [
        "dense0", "batch_norm0", "tanh0", "dense1", "leaky_relu0", "residual0.dense0", "residual0.sigmoid0",
        "residual0",
        "dense2", "prelu0", "dense3",
      ])
  }

  @Test func outputsAreThoseOfTheModelCutShort() throws {
    let seen = try observe()
    for (count, end) in ends.enumerated() {
      let model = Model(features: features, layers: Array(layers.settled.prefix(count + 1)))
      let reference = ReferenceNetwork(model: model, seed: 3, shards: seen.shards)
      expectClose(
        actual: seen.outputs[end], expected: reference.outputs(seen.x, seen.tensors), absolute: 1e-5, relative: 1e-5,
        seen.names[end])
    }
  }

  /// The loss as a function of a layer's output, in Double, and its central differences.
  @Test func gradientsAreThoseOfTheLayersBehind() throws {
    let seen = try observe()
    for (count, end) in ends.enumerated().dropLast() {
      let behind = Array(layers.dropFirst(count + 1))
      let width = seen.outputs[end].count / rows
      let reference = ReferenceNetwork(
        model: Model(features: width, layers: behind), seed: 3, shards: seen.shards)
      let tensors = renamed(seen.tensors, dropping: Array(layers.prefix(count + 1)))
      func loss(_ value: [Double]) -> Double {
        Loss.meanSquaredError.reference(reference.outputs(value, tensors), targets: seen.targets, units: 2)
      }
      let expected = seen.outputs[end].indices.map { index in
        var value = seen.outputs[end]
        value[index] += 1e-6
        let above = loss(value)
        value[index] -= 2e-6
        return (above - loss(value)) / 2e-6
      }
      let largest = expected.reduce(0) { max($0, abs($1)) }
      expectClose(
        actual: seen.gradients[end] ?? [], expected: expected, absolute: 1e-7 + 1e-4 * largest, relative: 0,
        "gradient at \(seen.names[end])")
    }
    #expect(seen.gradients.count == seen.names.count)
  }

  /// The tensors by the names that they have in a model without the first layers.
  private func renamed(_ tensors: ReferenceNetwork.Tensors, dropping layers: [Layer]) -> ReferenceNetwork.Tensors {
    var dropped: [String: Int] = [:]
    for layer in layers { dropped[layer.word, default: 0] += 1 }
    var result: ReferenceNetwork.Tensors = [:]
    for (name, values) in tensors {
      let first = name.prefix { $0 != "." }
      let kind = String(first.reversed().drop { $0.isNumber }.reversed())
      guard let ordinal = Int(first.dropFirst(kind.count)) else { continue }
      result["\(kind)\(ordinal - dropped[kind, default: 0])\(name.dropFirst(first.count))"] = values
    }
    return result
  }

  /// Nobody reads a gradient before the first parameters.
  @Test func layersBeforeTheFirstParametersGetNone() throws {
    let model = Model(features: 3, Dropout(rate: 0.1), Tanh(), Dense(2), ReLU(), Dense(1))
    let trial = try NetworkTrial(model, rows: 4, shards: 1, separatingStages: true)
    trial.load(features: [Float](repeating: 0.5, count: 12), targets: [1, 2, 3, 4])
    let memory = trial.workspace.workers[0]
    let pass = Pass(mode: .training, step: 0, batchRows: 4)
    memory.forward(pass, trial.workspace.exchanges[0]) { _, _ in }
    _ = trial.measure(0, withGradient: true)
    var reached: [Int] = []
    memory.backward(pass, trial.workspace.exchanges[0]) { layer, _ in reached.append(layer) }
    #expect(reached == [4, 3, 2])
  }
}
