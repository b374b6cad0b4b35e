import LockstepDeclarations
import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// What the centre of the last image owes to the input, against central differences of the layers up to it in Double.
@Suite struct InputGradientTests {
  private static let image = Shape.image(height: 6, width: 7, channels: 2)
  private static let rows = 5

  /// - Parameter layers: up to the last that gives an image.
  private func check(
    _ name: String, _ layers: [Layer], input: Shape = image, shards: Int = 2, then end: [Layer] = [Flatten().layer]
  ) throws {
    let model = Model(input: input, layers: layers + end + [.dense(Dense(2))])
    let trial = try NetworkTrial(model, rows: Self.rows, shards: shards, seed: 3, separatingStages: true)
    var generator = SeededGenerator(seed: 5)
    trial.scramble(&generator)
    let x = generator.normal(Self.rows * input.count)
    trial.load(features: x)
    let memory = trial.workspace.workers[0]
    let pass = Pass(mode: .training, step: 4, batchRows: Self.rows)
    memory.forward(pass, trial.workspace.exchanges[0])
    let last = try #require(trial.network.layers.last { $0.isImage }).shape
    guard case .image(let height, let width, let channels) = last else { return }
    let found = try #require(
      memory.inputGradient(ofLastImage: pass, trial.workspace.exchanges[0]) { $0 + 1 }
    ).elements.array.doubles
    let cut = ReferenceNetwork(model: Model(input: input, layers: layers), seed: 3, shards: trial.shards, step: 4)
    let tensors = trial.tensors
    let expected = centralDifferences(
      of: { x in
        let y = cut.outputs(x, tensors)
        return (0..<Self.rows).reduce(0) { sum, row in
          sum + y[row * last.count + (height / 2 * width + width / 2) * channels + (row + 1) % channels]
        }
      }, at: x.doubles)
    expectClose(actual: found, expected: expected, absolute: 1e-5, relative: 1e-4, name)
    #expect(found.contains { $0 != 0 })
  }

  @Test func isTheDerivative() throws {
    let convolution = Conv2D(3, kernel: 3, padding: .same).layer
    try check("one", [convolution])
    try check("a pool in front of nothing trained", [AveragePool(2).layer, convolution, .activation(.tanh)])
    try check("frozen", [convolution.frozen(), .activation(.elu), Conv2D(4, kernel: 2, stride: 2).layer])
    try check(
      "depthwise, slopes, a frozen norm",
      [convolution, BatchNorm().layer.frozen(), PReLU().layer, DepthwiseConv2D(kernel: 2).layer],
      then: [GlobalAveragePool().layer])
    try check("drawn", [convolution, RReLU().layer, SpatialDropout(rate: 0.4).layer, Conv2D(3, kernel: 2).layer])
    try check(
      "residuals",
      [
        residual(convolution, Tanh(), Conv2D(2, kernel: 2, padding: .same)),
        residual(
          [Conv2D(4, kernel: 3, stride: 2, padding: .same), SiLU()],
          projection: [AveragePool(2, padding: .same), Conv2D(4, kernel: 1)]),
        .activation(.softplus), MaxPool(2).layer,
      ])
  }

  /// Statistics count as constants: as those of a frozen BatchNorm that has them as its running ones.
  @Test(arguments: BatchNorm.Statistics.allCases)
  func statisticsAreConstants(_ statistics: BatchNorm.Statistics) throws {
    func gradient(_ norm: Layer, running: [String: [Float]]) throws -> (gradient: [Double], values: [Double]) {
      let layers = [Conv2D(3, kernel: 3, padding: .same, bias: false).layer, norm, .activation(.elu)]
      let model = Model(input: Self.image, layers: layers + [Flatten().layer, .dense(Dense(2))])
      let trial = try NetworkTrial(model, rows: Self.rows, shards: 1, seed: 3, separatingStages: true)
      var generator = SeededGenerator(seed: 6)
      trial.scramble(&generator)
      for entry in trial.network.runningStatistics.entries {
        if let values = running[entry.name] { trial.running.vector(entry).copy(from: values) }
      }
      trial.load(features: generator.normal(Self.rows * Self.image.count))
      let (memory, exchange) = (trial.workspace.workers[0], trial.workspace.exchanges[0])
      let pass = Pass(mode: .training, step: 0, batchRows: Self.rows)
      var values: [Double] = []
      memory.forward(pass, exchange) { if $0 == 0 { values = $1.elements.array.doubles } }
      let found = try #require(memory.inputGradient(ofLastImage: pass, exchange) { $0 })
      return (found.elements.array.doubles, values)
    }
    let (found, values) = try gradient(BatchNorm(statistics: statistics).layer, running: [:])
    let columns = (0..<3).map { c in stride(from: c, to: values.count, by: 3).map { values[$0] } }
    let means = columns.map { $0.reduce(0, +) / Double($0.count) }
    let variances = zip(columns, means).map { column, mean in
      column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
    }
    let expected = try gradient(
      BatchNorm().layer.frozen(),
      running: [
        "batch_norm0.running_mean": means.map { Float($0) },
        "batch_norm0.running_variance": variances.map { Float($0) },
      ])
    expectClose(actual: found, expected: expected.gradient, absolute: 1e-5, relative: 1e-4)
  }

  @Test func featuresHaveNone() throws {
    let trial = try NetworkTrial(Model(features: 3, Dense(2)), rows: 2, shards: 1, separatingStages: true)
    trial.load(features: [1, 2, 3, 4, 5, 6])
    trial.forward()
    let pass = Pass(mode: .training, step: 0, batchRows: 2)
    #expect(trial.workspace.workers[0].inputGradient(ofLastImage: pass, trial.workspace.exchanges[0]) { $0 } == nil)
  }
}
