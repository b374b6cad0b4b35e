import LockstepConfiguration
import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// What a file leaves out is what the documents say it is.
@Suite struct ConfigurationDefaultsTests {
  /// Nothing but the required keys.
  static let minimal = """
    data: {train: {synthetic: {kind: gaussian_clusters, samples: 40960, features: 16, classes: 4}}}
    model: {layers: [{dense: {units: 4}}]}
    loss: softmax_cross_entropy
    optimizer: adam
    training: {batch_size: 128, epochs: 1}
    """

  private let configuration: RunConfiguration

  init() throws {
    configuration = try RunConfiguration(yaml: Self.minimal, file: "minimal.yaml")
  }

  @Test func ofTheRun() throws {
    #expect(configuration.name == "minimal")
    #expect(configuration.seed == 1)
    #expect(configuration.training.shards == 8)
    #expect(configuration.training.threads == .auto)
    #expect(configuration.training.dropLast == false)
    #expect(configuration.training.gradientClip == nil)
    #expect(configuration.training.onDivergence == .stop && configuration.training.accumulate == 1)
    #expect(configuration.training.earlyStopping == nil && configuration.logging == .init(tensorBoard: nil))
    #expect(configuration.training.weightAverage == nil && configuration.classWeights == nil)
    let averaged = Self.minimal.replacing("epochs: 1", with: "epochs: 1, weight_average: {}")
    #expect(try RunConfiguration(yaml: averaged).training.weightAverage == WeightAverage(decay: 0.999))
    #expect(configuration.schedule == .constant)
    #expect(configuration.regularization == .none)
    #expect(configuration.initialization == nil && configuration.weights == nil)
    let given = try RunConfiguration(
      yaml: Self.minimal.replacing("model: {", with: "model: {weights: b.safetensors, "), file: "/a/minimal.yaml")
    #expect(given.weights == InitialWeights(path: "/a/b.safetensors", layout: .keras, map: [:], missing: []))
    #expect(configuration.data.validation == nil && configuration.evaluation == nil)
    #expect(configuration.checkpoint == .init(every: .epochs(1), keep: 3, keepBest: nil, keepEvery: nil))
    let yaml = Self.minimal.replacing("epochs: 1", with: "epochs: 1, on_divergence: POLICY")
    #expect(
      try RunConfiguration(yaml: yaml.replacing("POLICY", with: "skip")).training.onDivergence == .skip(limit: 10))
    #expect(
      try RunConfiguration(yaml: yaml.replacing("POLICY", with: "restore")).training.onDivergence
        == .restore(factor: 0.5, tries: 3))
    #expect(configuration.metrics == .init(every: .steps(100), isDenseAtStart: true, digestEvery: nil))
  }

  @Test func ofValidationData() throws {
    let validation = "validation: {synthetic: {kind: gaussian_clusters, samples: 100, features: 16, classes: 4}}"
    let yaml = Self.minimal.replacing("data: {", with: "data: {\(validation), ")
    let configuration = try RunConfiguration(yaml: yaml)
    #expect(configuration.evaluation == .init(every: .epochs(1)))
    guard case .synthetic(let train) = configuration.data.train,
      case .synthetic(let other) = configuration.data.validation
    else {
      Issue.record("no validation data")
      return
    }
    #expect(train.split == "train" && other.split == "validation")
    #expect(train.standardize && train.seed == nil && train.kind == .gaussianClusters(separation: 2))
  }

  @Test func ofOptimizers() throws {
    let defaults: [(String, Optimizer)] = [
      ("sgd", .sgd(learningRate: 0.001, momentum: 0, nesterov: false)),
      ("adagrad", .adagrad(learningRate: 0.01, epsilon: 1e-10)),
      ("rmsprop", .rmsprop(learningRate: 0.01, decay: 0.99, epsilon: 1e-8)),
      ("adam", .adam(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)),
      ("adamw", .adamw(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)),
      ("nadam", .nadam(learningRate: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentumDecay: 0.004)),
      ("adamax", .adamax(learningRate: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)),
    ]
    for (name, expected) in defaults {
      let configuration = try RunConfiguration(
        yaml: Self.minimal.replacing("optimizer: adam", with: "optimizer: \(name)"))
      #expect(configuration.optimizer == expected)
      #expect(configuration.regularization.decoupled == (name == "adamw" ? 0.01 : 0))
    }
  }

  /// Section 3 of the design.
  @Test func ofLayers() throws {
    let yaml = Self.minimal.replacing("layers: [", with: "layers: [leaky_relu, rrelu, prelu, elu, batch_norm, ")
    let layers = try RunConfiguration(yaml: yaml).layers
    let expected: [Layer] = [
      .activation(.leakyReLU(negativeSlope: 0.3)), .activation(.rrelu(lower: 1 / 8, upper: 1 / 3)),
      .activation(.prelu(initial: 0.25, slopes: .unit)), .activation(.elu(alpha: 1)),
      .batchNorm(BatchNorm(statistics: .shard, momentum: 0.9, epsilon: 1e-5)),
      .dense(Dense(4, initializer: .glorotUniform, bias: true, biasInitializer: .zeros)),
    ]
    #expect(layers == expected)
  }

  @Test func ofLosses() throws {
    #expect(configuration.loss == .softmaxCrossEntropy(labelSmoothing: 0))
    let yaml = """
      data: {train: {synthetic: {kind: friedman, samples: 100, features: 8}}}
      model: {layers: [{dense: {units: 1}}]}
      loss: huber
      optimizer: adam
      training: {batch_size: 20, steps: 1}
      """
    #expect(try RunConfiguration(yaml: yaml).loss == .huber(delta: 1))
  }

  /// `configs/reference.yaml` writes every default out; with these lines left out it is the same configuration.
  @Test func theReferenceShowsThem() throws {
    let reference = try RunConfiguration(file: "\(repository)/configs/reference.yaml")
    let yaml = """
      data: {train: {synthetic: {kind: gaussian_clusters, samples: 40960, features: 16, classes: 4}}}
      model:
        layers:
          [{dense: {units: 32}}, batch_norm, leaky_relu, elu, rrelu, prelu, {dropout: {rate: 0.2}}, {alpha_dropout: {rate: 0.05}},
           {repeat: {times: 2, layers: [{dense: {units: 32}}, relu]}}, {residual: [{dense: {units: 32}}, relu]}, {dense: {units: 4}}]
      loss: softmax_cross_entropy
      optimizer: adam
      training: {batch_size: 128, epochs: 1}
      """
    #expect(try RunConfiguration(yaml: yaml, file: "reference.yaml") == reference)
  }
}
