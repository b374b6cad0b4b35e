import Testing

@testable import LockstepModel

/// The one walk over a description: where every layer stands, and what it reads, gives and learns.
@Suite struct ModelWalkTests {
  private static let model = Model(
    features: 6, Dense(4, bias: true), BatchNorm(),
    repeated(3, residual(Dense(7, bias: false), Dense(4), PReLU()), ReLU()),
    residual(), Dense(2))

  private func steps(
    _ model: Model, repetitions: Int = .max
  ) throws -> (steps: [WalkStep], end: Shape) {
    var steps: [WalkStep] = []
    let end = try model.walk(repetitions: repetitions) { steps.append($0) }
    return (steps, end)
  }

  /// Paths, shapes and elements of the parameters, in the order of the forward pass.
  @Test func layersInTheirOrder() throws {
    let (steps, end) = try steps(Self.model, repetitions: 1)
    let lines = steps.map { step in
      switch step {
      case .layer(let layer):
        "\(layer.path): \(layer.input) to \(layer.output), \(layer.parameters.map(\.shape.count)) in \(layer.residual ?? "none")"
      case .branch(let residual): "\(residual.path) begins with \(residual.input) in \(residual.residual ?? "none")"
      case .projection(let residual): "\(residual.path) projects \(residual.input)"
      case .sum(let residual): "\(residual.path) ends with \(residual.output)"
      }
    }
    #expect(
      lines == [
        "dense0: 6 to 4, [24, 4] in none",
        "batch_norm0: 4 to 4, [4, 4] in none",
        "repeat0.0.residual0 begins with 4 in none",
        "repeat0.0.residual0.dense0: 4 to 7, [28] in repeat0.0.residual0",
        "repeat0.0.residual0.dense1: 7 to 4, [28, 4] in repeat0.0.residual0",
        "repeat0.0.residual0.prelu0: 4 to 4, [4] in repeat0.0.residual0",
        "repeat0.0.residual0 ends with 4",
        "repeat0.0.relu0: 4 to 4, [] in none",
        "residual0 begins with 4 in none",
        "residual0 ends with 4",
        "dense1: 4 to 2, [8, 2] in none",
      ])
    #expect(end == .features(2))
  }

  /// All repetitions of a layer are written at one place, and the network has all of them.
  @Test func keysAreThoseOfTheDescription() throws {
    var keys: [String: LayerKey] = [:]
    var parameters = 0
    try Self.model.walk { step in
      guard case .layer(let layer) = step else { return }
      keys[layer.path] = layer.key
      parameters += layer.parameters.reduce(0) { $0 + $1.shape.count }
    }
    #expect(keys.count == 4 - 1 + 3 * 4)
    let inner = keys["repeat0.2.residual0.dense1"]
    #expect(inner?.steps == [.layer(2), .repeated, .layer(0), .residual, .layer(1)])
    #expect(keys["repeat0.0.residual0.dense1"] == inner)
    #expect(keys["dense1"]?.steps == [.layer(4)])
    #expect(parameters == (try Network(Self.model, seed: 1)).parameters.elements)
  }

  /// Elementwise layers and those of channels keep whatever shape they read; a dense one says that it needs features.
  @Test func imagesPassElementwiseLayers() throws {
    let image = Shape.image(height: 3, width: 4, channels: 2)
    let elementwise = Model(
      features: 1, ReLU(), Dropout(rate: 0.5), residual(RReLU(), AlphaDropout(rate: 0.1)), repeated(2, Activation.tanh))
    #expect(try steps(Model(input: image, layers: elementwise.layers)).end == image)
    for layer in [BatchNorm().layer, PReLU().layer] {
      #expect(try steps(Model(input: image, layers: [.activation(.relu), layer])).end == image)
    }
    let error = try #require(throws: ModelError.self) {
      try steps(Model(input: image, layers: [.activation(.relu), Dense(3).layer]))
    }
    #expect(error.layer == "dense0" && error.problem.hasPrefix("found an image of 3 × 4 × 2, expected features"))
    #expect(error.shapes == "input 3 × 4 × 2, relu0 3 × 4 × 2")
  }

  /// What does not go together says where it is written.
  @Test func misfitsNameTheirKeys() throws {
    let branch = try #require(throws: ModelError.self) {
      try steps(Model(features: 3, Dense(5), repeated(2, residual(Dense(4)))))
    }
    let key = LayerKey().appending(.layer(1)).appending(.repeated).appending(.layer(0))
    #expect(branch.misfit == .branch(key, skip: .features(5), end: .features(4)))
    let weights = try #require(throws: ModelError.self) { try steps(Model(features: 1 << 20, Dense(1 << 20))) }
    #expect(weights.misfit == .weights(LayerKey().appending(.layer(0)), inputs: 1 << 20, units: 1 << 20))
  }
}
