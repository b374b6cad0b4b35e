import LockstepKernels
import Testing

@testable import LockstepModel

/// How a description becomes a network: paths, tensors, widths, and what cannot be built.
@Suite struct NetworkBuilderTests {
  @Test func pathsAndTensors() throws {
    let model = Model(
      features: 8, Dense(4, bias: false), BatchNorm(), ReLU(), repeated(2, Dense(4), PReLU()),
      residual(Dense(6), residual(PReLU(slopes: .shared)), Dense(4)), Dense(3))
    let network = try Network(model, seed: 1)
    let expected: [(String, [Int])] = [
      ("dense0.weight", [8, 4]), ("batch_norm0.gamma", [4]), ("batch_norm0.beta", [4]),
      ("repeat0.0.dense0.weight", [4, 4]), ("repeat0.0.dense0.bias", [4]), ("repeat0.0.prelu0.slope", [4]),
      ("repeat0.1.dense0.weight", [4, 4]), ("repeat0.1.dense0.bias", [4]), ("repeat0.1.prelu0.slope", [4]),
      ("residual0.dense0.weight", [4, 6]), ("residual0.dense0.bias", [6]), ("residual0.residual0.prelu0.slope", [1]),
      ("residual0.dense1.weight", [6, 4]), ("residual0.dense1.bias", [4]), ("dense1.weight", [4, 3]),
      ("dense1.bias", [3]),
    ]
    #expect(network.parameters.entries.map(\.name) == expected.map(\.0))
    #expect(network.parameters.entries.map(\.shape.dimensions) == expected.map(\.1))
    #expect(
      network.runningStatistics.entries.map(\.name) == ["batch_norm0.running_mean", "batch_norm0.running_variance"])
    #expect(network.outputs == 3)
    #expect(network.parameters.elements == expected.reduce(0) { $0 + $1.1.reduce(1, *) })
    #expect(network.hasShardStatistics)
    #expect(!(try Network(Model(features: 1, Dense(1), BatchNorm(statistics: .batch)), seed: 1).hasShardStatistics))
  }

  /// Every tensor's name is its own, and only weights decay.
  @Test func namesAreUnique() throws {
    let model = Model(features: 3, repeated(3, residual(Dense(3), BatchNorm(), repeated(2, Dense(3), PReLU()))))
    let entries = try Network(model, seed: 1).parameters.entries
    #expect(Set(entries.map(\.name)).count == entries.count)
    #expect(entries.allSatisfy { $0.decays == $0.name.hasSuffix(".weight") })
  }

  @Test func descriptionsBuildTheSame() {
    let built = Model(features: 2) {
      for units in [3, 4] { Dense(units) }
      if true { ReLU() }
      Activation.tanh
      [Dense(5).layer, LeakyReLU(negativeSlope: 0.1).layer]
      Repeat(times: 2) {
        Residual {
          Dense(5)
          Dropout(rate: 0.5)
        }
      }
    }
    let listed = Model(
      features: 2,
      layers: [
        .dense(Dense(3)), .dense(Dense(4)), .activation(.relu), .activation(.tanh), .dense(Dense(5)),
        .activation(.leakyReLU(negativeSlope: 0.1)),
        .repeated(times: 2, [.residual([.dense(Dense(5)), .dropout(Dropout(rate: 0.5))])]),
      ])
    #expect(built == listed)
  }

  @Test func defaults() {
    #expect(Dense(3) == Dense(3, initializer: nil, bias: nil, biasInitializer: .zeros))
    #expect(BatchNorm() == BatchNorm(statistics: .shard, momentum: 0.9, epsilon: 1e-5))
    #expect(LeakyReLU().layer == .activation(.function(.leakyReLU(negativeSlope: 0.3))))
    #expect(
      RReLU().layer == .activation(.rrelu(lower: 0.125, upper: 1.0 / 3)) && Activation.rrelu.layer == RReLU().layer)
    #expect(
      PReLU().layer == .activation(.prelu(initial: 0.25, slopes: .unit)) && Activation.prelu.layer == PReLU().layer)
    #expect(ELU().layer == .activation(.function(.elu(alpha: 1))) && Activation.elu.layer == ELU().layer)
    #expect(Loss.huber == .huber(delta: 1) && Loss.softmaxCrossEntropy == .softmaxCrossEntropy(labelSmoothing: 0))
  }

  /// What cannot be built, the layer that is named, and a word of the explanation.
  @Test(
    arguments: [
      (Model(features: 0, Dense(1)), "", "features"),
      (Model(features: 3, ReLU()), "", "weights"),
      (Model(features: 3), "", "weights"),
      (Model(features: 3, Dense(2), Dense(0)), "dense1", "units"),
      (Model(features: 3, Dense(-4)), "dense0", "units"),
      (Model(features: 1 << 20, Dense(1 << 20)), "dense0", "weights"),
      (Model(features: 3, Dense(Int.max)), "dense0", "weights"),
      (Model(features: Int.max, Dense(2)), "", "features"),
      (Model(features: 3, BatchNorm(momentum: 1)), "batch_norm0", "momentum"),
      (Model(features: 3, BatchNorm(momentum: -0.1)), "batch_norm0", "momentum"),
      (Model(features: 3, BatchNorm(momentum: .nan)), "batch_norm0", "momentum"),
      (Model(features: 3, BatchNorm(epsilon: 0)), "batch_norm0", "epsilon"),
      (Model(features: 3, BatchNorm(epsilon: .infinity)), "batch_norm0", "epsilon"),
      (Model(features: 3, Dropout(rate: 1)), "dropout0", "rate"),
      (Model(features: 3, AlphaDropout(rate: -0.5)), "alpha_dropout0", "rate"),
      (Model(features: 3, Dropout(rate: .nan)), "dropout0", "rate"),
      (Model(features: 3, RReLU(lower: 0.5, upper: 0.25)), "rrelu0", "slopes"),
      (Model(features: 3, RReLU(lower: .nan, upper: 0.25)), "rrelu0", "slopes"),
      (Model(features: 3, repeated(0, Dense(1))), "repeat0", "times"),
      (Model(features: 3, Dense(5), residual(Dense(4))), "residual0", "5 units into 4"),
      (Model(features: 3, residual(Dense(3), residual(Dense(2)))), "residual0.residual0", "3 units into 2"),
      (Model(features: 3, repeated(2, residual(Dropout(rate: 2)))), "repeat0.0.residual0.dropout0", "rate"),
      (Model(features: 3, repeated(Int.max, Dense(1))), "repeat0.99999.dense0", "layers"),
      (Model(features: 3, repeated(Int.max)), "", "weights"),
      (Model(features: 3, repeated(Int.max, repeated(Int.max))), "repeat0.99999.repeat0", "layers"),
    ] as [(Model, String, String)])
  func impossibleModels(model: Model, layer: String, word: String) throws {
    let error = try #require(throws: ModelError.self) { try Network(model, seed: 1) }
    #expect(error.layer == layer)
    #expect(error.problem.contains(word) && error.description.contains(error.problem))
  }

  /// The first value that is not finite names its layer.
  @Test func firstNonFiniteLayer() throws {
    let model = Model(features: 3, Dense(4), residual(Dense(4), Tanh(), Dense(4)), Dense(2))
    let trial = try NetworkTrial(model, rows: 6, shards: 2)
    trial.load(features: [Float](repeating: 1, count: 18))
    func layer(_ shard: Int = 1) -> String? { trial.network.firstNonFiniteLayer(in: trial.workspace.shards[shard]) }
    trial.forward()
    #expect(layer() == nil)
    for (tensor, path) in [
      ("dense1.bias", "dense1"), ("residual0.dense1.bias", "residual0.dense1"), ("dense0.weight", "dense0"),
    ] {
      let entry = try #require(trial.network.parameters.entries.first { $0.name == tensor })
      trial.parameters.vector(entry)[0] = .infinity
      trial.forward()
      #expect(layer() == path)
    }
    trial.workspace.shards[1].input[2, 1] = .nan
    trial.forward()
    #expect(layer() == "input" && layer(0) == "dense0")
  }
}
