import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

@Suite struct ConfigurationDecodingTests {
  /// The example of the design, as it stands there.
  static let example = """
    name: clusters
    seed: 1
    data:
      train:      {synthetic: {kind: gaussian_clusters, samples: 200000, features: 64, classes: 10, separation: 2.0}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 10000, features: 64, classes: 10, separation: 2.0, split: validation}}
    model:
      layers:
        - dense: {units: 256, initializer: he_normal, bias: false}
        - batch_norm
        - relu
        - repeat: {times: 2, layers: [{dense: {units: 256, bias: false}}, batch_norm, {leaky_relu: {negative_slope: 0.2}}]}
        - dense: {units: 10}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.001}}
    schedule: {cosine: {warmup_steps: 100}}
    training: {batch_size: 512, shards: 8, threads: auto, epochs: 3, gradient_clip: {global_norm: 1.0}}      # or steps: N
    evaluation: {every: {epochs: 1}}
    checkpoint: {every: {steps: 500}, keep: 3}
    """

  private func source(_ samples: Int, _ split: String) -> DataSource {
    .synthetic(
      SyntheticSpecification(
        kind: .gaussianClusters(separation: 2), samples: samples, features: 64, task: .classification(classes: 10),
        split: split))
  }

  @Test func theExampleOfTheDesign() throws {
    let configuration = try RunConfiguration(yaml: Self.example)
    let model = Model(features: 64) {
      Dense(256, initializer: .heNormal, bias: false)
      BatchNorm()
      ReLU()
      Repeat(times: 2) {
        Dense(256, bias: false)
        BatchNorm()
        LeakyReLU(negativeSlope: 0.2)
      }
      Dense(10)
    }
    let expected = RunConfiguration(
      name: "clusters", seed: 1,
      data: .init(train: source(200_000, "train"), validation: source(10_000, "validation")),
      layers: model.layers.settled, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.001),
      schedule: .cosine().warmedUp(over: 100),
      training: .init(batchSize: 512, shards: 8, threads: .auto, length: .epochs(3), gradientClip: .globalNorm(1)),
      evaluation: .init(every: .epochs(1)), checkpoint: .init(every: .steps(500), keep: 3))
    #expect(configuration == expected)
    #expect(configuration.model.layers == model.layers.settled)
    #expect(configuration.stepsPerEpoch == 391)
    #expect(configuration.totalSteps == 1173)
    #expect(configuration.steps(in: .steps(500)) == 500)
    #expect(try configuration.sampler().stepsPerEpoch == 391)
  }

  @Test func theShippedFileIsTheExample() throws {
    #expect(try RunConfiguration(file: "\(repository)/configs/clusters.yaml") == RunConfiguration(yaml: Self.example))
  }

  @Test(arguments: [
    ("dropout: {rate: 0.2}", Layer.dropout(Dropout(rate: 0.2))),
    ("alpha_dropout: {rate: 0.05}", .alphaDropout(AlphaDropout(rate: 0.05))),
    ("elu: {alpha: 1.0}", .activation(.elu(alpha: 1))),
    ("batch_norm: {statistics: batch, momentum: 0.99}", .batchNorm(BatchNorm(statistics: .batch, momentum: 0.99))),
    ("rrelu: {lower: 0.1, upper: 0.2}", .activation(.rrelu(lower: 0.1, upper: 0.2))),
    ("prelu: {initial: 0, slopes: shared}", .activation(.prelu(initial: 0, slopes: .shared))),
    ("prelu: {initial: 0.1, trainable: false}", PReLU(initial: 0.1).frozen()),
    ("dense: {units: 16, learning_rate: 0.1}", Dense(16).learningRate(times: 0.1)),
    ("batch_norm: {trainable: false, learning_rate: 2}", BatchNorm().learningRate(times: 2).frozen()),
    (
      "repeat: {times: 2, trainable: false, learning_rate: 0.5, layers: [{dense: {units: 16, learning_rate: 0.5}}, relu]}",
      .repeated(times: 2, [Dense(16).learningRate(times: 0.25).frozen(), .activation(.relu)])
    ),
    (
      "residual: {layers: [{dense: 16}, batch_norm], trainable: false}",
      .residual([Dense(16).frozen(), BatchNorm().frozen()])
    ),
    ("batch_norm: {trainable: true, learning_rate: 1}", .batchNorm(BatchNorm())),
    ("batch_norm: {epsilon: 1e-06}", .batchNorm(BatchNorm(epsilon: 1e-6))),
    ("residual: [relu, tanh]", .residual([.activation(.relu), .activation(.tanh)])),
    ("residual: {layers: [mish]}", .residual([.activation(.function(.mish))])),
    ("gelu: {}", .activation(.gelu)), ("gelu_tanh:", .activation(.geluTanh)),
    ("\"silu\"", .activation(.silu)),
  ])
  func layers(yaml: String, expected: Layer) throws {
    let read = try RunConfiguration(yaml: configuration(replacing: "- relu", with: "- \(yaml)"))
    let settled = [.batchNorm(BatchNorm()), expected, .dense(Dense(4))].settled[1]
    #expect(read.layers[2] == settled)
    #expect(try RunConfiguration(yaml: read.resolvedYAML).layers[2] == settled)
  }

  @Test func everyActivationIsALayerByName() throws {
    for activation in Activation.declarations.map(\.standard) {
      let isOwn = if case .custom = activation { true } else { false }
      let yaml = configuration(replacing: "- relu", with: isOwn ? "- custom_activation: own" : "- \(activation.name)")
      #expect(try RunConfiguration(yaml: yaml).layers[2] == .activation(activation))
    }
  }

  @Test(arguments: [
    ("glorot_uniform", Initializer.glorotUniform), ("glorot_normal", .glorotNormal), ("he_uniform", .heUniform),
    ("he_normal", .heNormal), ("lecun_uniform", .lecunUniform), ("lecun_normal", .lecunNormal),
    ("{normal: {mean: 0, stddev: 1}}", .normal(mean: 0, stddev: 1)), ("normal", .normal(mean: 0, stddev: 0.05)),
    ("{uniform: {min: -1, max: 1}}", .uniform(min: -1, max: 1)), ("uniform", .uniform(min: -0.05, max: 0.05)),
    (
      "{variance_scaling: {scale: 2, mode: fan_avg, distribution: uniform}}",
      .varianceScaling(scale: 2, mode: .fanAverage, distribution: .uniform)
    ),
    ("variance_scaling", .varianceScaling(scale: 1, mode: .fanIn, distribution: .truncatedNormal)),
    ("{orthogonal: {gain: 1.4}}", .orthogonal(gain: 1.4)), ("orthogonal", .orthogonal(gain: 1)), ("zeros", .zeros),
    ("ones", .ones),
    ("{constant: {value: 0.1}}", .constant(0.1)),
  ])
  func initializers(yaml: String, expected: Initializer) throws {
    let yaml = configuration(replacing: "units: 4}", with: "units: 4, initializer: \(yaml), bias_initializer: \(yaml)}")
    let layer = try RunConfiguration(yaml: yaml).layers[3]
    #expect(layer == .dense(Dense(4, initializer: expected, bias: true, biasInitializer: expected)))
  }

  @Test(arguments: [
    (
      "{sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true}}",
      Optimizer.sgd(learningRate: 0.1, momentum: 0.9, nesterov: true), 0.0, 0.0
    ),
    ("{adamw: {learning_rate: 0.001, weight_decay: 0.01}}", .adamw(learningRate: 0.001), 0, 0.01),
    ("adamw", .adamw(learningRate: 0.001), 0, 0.01),
    ("{adamw: {weight_decay: 0}}", .adamw(learningRate: 0.001), 0, 0),
    (
      "{adam: {weight_decay: 0.1, beta1: 0.8, beta2: 0.99, epsilon: 1e-06}}",
      .adam(learningRate: 0.001, beta1: 0.8, beta2: 0.99, epsilon: 1e-6), 0.1, 0
    ),
    ("{nadam: {momentum_decay: 0.1}}", .nadam(learningRate: 0.002, momentumDecay: 0.1), 0, 0),
    ("{rmsprop: {decay: 0.9}}", .rmsprop(learningRate: 0.01, decay: 0.9), 0, 0),
    ("{adagrad: {epsilon: 1e-7}}", .adagrad(learningRate: 0.01, epsilon: 1e-7), 0, 0),
  ])
  func optimizers(yaml: String, expected: Optimizer, l2: Double, decoupled: Double) throws {
    let yaml = configuration(replacing: "{adam: {learning_rate: 0.001}}", with: yaml)
    let configuration = try RunConfiguration(yaml: yaml)
    #expect(configuration.optimizer == expected)
    #expect(configuration.regularization == Regularization(l2: l2, decoupled: decoupled))
  }

  @Test(arguments: [
    ("constant", Schedule.constant), ("{step: {every: 10}}", .step(every: 10, gamma: 0.1)),
    (
      "{piecewise: {boundaries: [10, 20], factors: [1, 0.5, 0.25]}}",
      .piecewise(boundaries: [10, 20], factors: [1, 0.5, 0.25])
    ),
    ("{exponential: {rate: 0.9, every: 100}}", .exponential(rate: 0.9, every: 100)),
    ("{polynomial: {power: 2, end: 0.1}}", .polynomial(power: 2, end: 0.1)),
    ("polynomial", .polynomial(power: 1, end: 0)),
    ("{cosine: {warmup_steps: 3, end: 0.01}}", .cosine(end: 0.01).warmedUp(over: 3)), ("cosine", .cosine()),
    ("{cosine: {warmup: {epochs: 2}}}", .cosine().warmedUp(over: .epochs(2))),
    ("{constant: {warmup: 3}}", .constant.warmedUp(over: 3)), ("{constant: {warmup_steps: 0}}", .constant),
    ("{step: {every: {epochs: 2}, warmup_steps: 5}}", .step(every: .epochs(2)).warmedUp(over: 5)),
    (
      "{piecewise: {boundaries: [3, {epochs: 2}, {steps: 40}], factors: [1, 0.5, 0.25, 0], warmup: 1}}",
      .piecewise(boundaries: [3, .epochs(2), 40], factors: [1, 0.5, 0.25, 0]).warmedUp(over: 1)
    ),
    ("{cosine_restarts: 10}", .cosineRestarts(period: 10)),
    (
      "{cosine_restarts: {period: {epochs: 1}, multiplier: 2, end: 0.1, decay: 0.5, warmup: {epochs: 1}}}",
      .cosineRestarts(period: .epochs(1), multiplier: 2, end: 0.1, decay: 0.5).warmedUp(over: .epochs(1))
    ),
    (
      "{reduce_on_plateau: {cooldown: 3, threshold: 0.01, threshold_mode: absolute, warmup: 2}}",
      .reduceOnPlateau(Plateau(cooldown: 3, threshold: 0.01, thresholdMode: .absolute)).warmedUp(over: 2)
    ),
    ("{one_cycle: {peak: 0.5}}", .oneCycle(peak: 0.5, divide: 25, finalDivide: 10_000)),
    (
      "{reduce_on_plateau: {metric: accuracy, mode: max, factor: 0.5, patience: 2, threshold: 0, minimum: 0.01}}",
      .reduceOnPlateau(
        Plateau(metric: .accuracy, mode: .max, factor: 0.5, patience: 2, threshold: 0, minimumFactor: 0.01))
    ),
    ("reduce_on_plateau", .reduceOnPlateau(Plateau())),
  ])
  func schedules(yaml: String, expected: Schedule) throws {
    let yaml = configuration(replacing: "{cosine: {warmup_steps: 5}}", with: yaml)
    let read = try RunConfiguration(yaml: yaml)
    #expect(read.schedule == expected)
    #expect(try RunConfiguration(yaml: read.resolvedYAML).schedule == expected)
  }

  @Test(arguments: [
    (
      "teacher, classes: 4", SyntheticSpecification.Generator.teacher(), LearningTask.classification(classes: 4),
      "softmax_cross_entropy"
    ),
    (
      "teacher, targets: 4, depth: 2, width: 8, activation: {leaky_relu: {negative_slope: 0.1}}, noise: 2",
      .teacher(depth: 2, width: 8, activation: .leakyReLU(negativeSlope: 0.1), noise: 2), .regression(targets: 4),
      "mean_squared_error"
    ),
    (
      "spirals, classes: 4, turns: 2, noise: 0.1", .spirals(turns: 2, noise: 0.1), .classification(classes: 4),
      "softmax_cross_entropy"
    ),
    (
      "sparse_parity, parity_bits: 2", .sparseParity(parityBits: 2), .classification(classes: 2), "binary_cross_entropy"
    ),
    ("friedman, noise: 0", .friedman(noise: 0), .regression(targets: 1), "huber"),
  ])
  func generators(yaml: String, kind: SyntheticSpecification.Generator, task: LearningTask, loss: String) throws {
    let units = if case .regression(let targets) = task { targets } else { task == .classification(classes: 2) ? 1 : 4 }
    let yaml = """
      data: {train: {synthetic: {kind: \(yaml), samples: 1e3, features: 8, standardize: false, seed: 9}}}
      model: {layers: [{dense: {units: \(units)}}]}
      loss: \(loss)
      optimizer: sgd
      training: {batch_size: 8, steps: 1}
      """
    let expected = SyntheticSpecification(
      kind: kind, samples: 1000, features: 8, task: task, standardize: false, seed: 9)
    #expect(try RunConfiguration(yaml: yaml).data.train == .synthetic(expected))
  }

  @Test(arguments: [
    (
      "textures, height: 16, width: 20, channels: 1, noise: 0.25",
      SyntheticSpecification.Generator.textures(height: 16, width: 20, channels: 1, noise: 0.25)
    ),
    ("shapes, height: 64", .shapes(height: 64)), ("shapes", .shapes()),
  ])
  func pictures(yaml: String, kind: SyntheticSpecification.Generator) throws {
    let source = try DataSource(
      yaml: "{synthetic: {kind: \(yaml), samples: 1e9, classes: 4}}", label: "--data", defaultSplit: "train")
    let expected = SyntheticSpecification(pictures: kind, samples: 1_000_000_000, classes: 4)
    #expect(source == .synthetic(expected))
    #expect(expected.shape == kind.pictures && expected.features == kind.pictureNumbers)
  }

  @Test func jsonIsYAML() throws {
    let json = """
      {"data": {"train": {"synthetic": {"kind": "gaussian_clusters", "samples": 1000, "features": 8, "classes": 4}}},
      \t"model": {"layers": [{"dense": {"units": 4, "bias": true}}, "tanh"]}, "loss": "softmax_cross_entropy",
      \t"optimizer": {"adam": {"learning_rate": 1e-06}}, "training": {"batch_size": 100, "epochs": 2}}
      """
    let configuration = try RunConfiguration(yaml: json)
    #expect(configuration.optimizer == .adam(learningRate: 1e-6))
    #expect(configuration.layers == [.dense(Dense(4)), .activation(.tanh)].settled)
  }

  @Test func regularizationAndClipping() throws {
    let yaml =
      configuration(replacing: "steps: 50", with: "steps: 50, gradient_clip: {value: 0.5}")
      + "regularization: {l1: 0.1, l2: 0.2, decoupled: 0.3, max_norm: 4, everything: true}\n"
    let configuration = try RunConfiguration(yaml: yaml)
    #expect(
      configuration.regularization == Regularization(l1: 0.1, l2: 0.2, decoupled: 0.3, maxNorm: 4, everything: true))
    #expect(configuration.training.gradientClip == .value(0.5))
  }

  @Test func theNameOfTheFileIsTheDefault() throws {
    let yaml = configuration(replacing: "name: tiny\n", with: "")
    #expect(try RunConfiguration(yaml: yaml, file: "a/b/my run.v2.yaml").name == "my run.v2")
    #expect(try RunConfiguration(yaml: yaml, file: "/tmp/.hidden/..yaml").name == "r")
    #expect(try RunConfiguration(yaml: yaml, file: "e\u{1B}[2J.yaml").name == "e--2J")
    #expect(try RunConfiguration(yaml: yaml, file: "").name == "run")
  }

  @Test func byteOrderMarkAndWindowsLineBreaks() throws {
    let plain = try RunConfiguration(yaml: validConfiguration)
    #expect(
      try RunConfiguration(yaml: "\u{FEFF}" + validConfiguration.split(separator: "\n").joined(separator: "\r\n"))
        == plain)
  }

  @Test func numbersAsTheyAreWritten() throws {
    for (text, value) in [
      ("1e-06", 1e-6), ("1E-6", 1e-6), (".5", 0.5), ("5.", 5), ("+0.25", 0.25), ("1e+2", 100), ("2", 2),
    ] {
      let configuration = try RunConfiguration(yaml: configuration(replacing: "0.001", with: text))
      #expect(configuration.optimizer.learningRate == value)
    }
    for text in ["1e", "e5", ".", "+", "--1", "1.2.3", "0x10", "1e5.5", "00.1", "1,5", "Infinity", "1f", "0b1", "0o7"] {
      #expect(!messages(configuration(replacing: "0.001", with: text)).isEmpty, "\(text)")
    }
    #expect(
      try RunConfiguration(yaml: configuration(replacing: "samples: 1000,", with: "samples: 1e9,")).data.samples
        == 1_000_000_000)
    #expect(
      try RunConfiguration(yaml: configuration(replacing: "seed: 3", with: "seed: 18446744073709551615")).seed == .max)
  }
}
