import LockstepKernels
import LockstepModel
import TestSupport
import Testing

/// Where the signal of a dense layer is looked at, and that it stands there still when the trained network, which does
/// much in place, is back.
@Suite struct DenseSignalTests {
  @Test func placesAreTheFirstActivationOrTheLastNormOrTheLayer() {
    func signals(_ kinds: [LayerKind?]) -> [[Int]] { LayerKind.signals(kinds).map { [$0.weighted, $0.signal] } }
    #expect(signals([]).isEmpty)
    #expect(signals([.batchNorm, .function(.relu)]).isEmpty)
    #expect(signals([.dense]) == [[0, 0]])
    #expect(signals([.dense, .batchNorm, .function(.relu), .dropout, .prelu, .dense]) == [[0, 2], [5, 5]])
    #expect(signals([.batchNorm, .dense, .dropout, .batchNorm, .dense, nil, .rrelu]) == [[1, 3], [4, 6]])
    // The sum of a residual's branch stands before the activation.
    #expect(signals([nil, .dense, .residual, .function(.tanh), .dense, .batchNorm]) == [[1, 3], [4, 5]])
  }

  private static let activations: [Activation] = [.sigmoid, .relu, .leakyReLU, .selu, .softplus, .gelu, .prelu, .rrelu]

  /// Against every layer's own value in a network whose stages are apart.
  @Test(arguments: activations)
  func squaresAreThoseOfTheLayersValues(activation: Activation) throws {
    let models = [
      Model(features: 6, Dense(9), activation, Dense(7), activation, Dense(3)),
      Model(
        features: 6, BatchNorm(), Dense(9, bias: false), BatchNorm(), activation, Dropout(rate: 0.3), Dense(5),
        BatchNorm(), Dense(3)),
      Model(
        features: 6, Dense(8), residual(BatchNorm(statistics: .batch), activation, Dense(8)), activation,
        Dense(3), activation),
    ]
    for (model, shards) in zip(models, [1, 3, 5]) {
      let rows = 37
      func trial(separatingStages: Bool) throws -> NetworkTrial {
        let trial = try NetworkTrial(
          model, loss: .softmaxCrossEntropy, rows: rows, shards: shards, seed: 4, separatingStages: separatingStages)
        var generator = SeededGenerator(seed: 8)
        trial.scramble(&generator)
        trial.load(features: generator.normal(rows * 6), targets: generator.labels(rows, below: 3))
        return trial
      }
      let apart = try trial(separatingStages: true)
      var values: [[Double]] = []
      apart.workspace.workers[0].forward(
        Pass(mode: .training, step: 2, batchRows: rows), apart.workspace.exchanges[0]
      ) {
        values.append($1.elements.array.doubles)
      }
      let places = LayerKind.signals(apart.network.layers.map(\.kind))
      let trained = try trial(separatingStages: false)
      _ = trained.differentiate(step: 2)
      let layers = trained.network.denseLayers
      #expect(layers.map(\.path) == places.map { apart.network.layers[$0.weighted].path })
      for (layer, place) in zip(layers, places) {
        let value = values[place.signal]
        for shard in trained.workspace.shards {
          let rows = trained.shards[shard.shard]
          let expected = value[rows.lowerBound * layer.units..<rows.upperBound * layer.units].reduce(0) { $0 + $1 * $1 }
          expectClose(
            actual: trained.workspace.workers[0].signalSquares(of: layer, shard), expected: expected, relative: 1e-12,
            "\(layer.path), shard \(shard.shard), \(activation.name)")
          #expect(expected > 0)
        }
      }
    }
  }
}
