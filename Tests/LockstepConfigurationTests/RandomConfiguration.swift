import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport

@testable import LockstepConfiguration
@testable import LockstepData

/// Reads without checking whether the parts fit each other.
func decodedOnly(_ yaml: String) throws -> RunConfiguration? {
  let diagnostics = Diagnostics()
  var parser = ConfigurationParser(file: "random", diagnostics: diagnostics)
  let tree = parser.parse(try ConfigurationText(Array(yaml.utf8), file: "random"))
  let configuration = tree.flatMap {
    Decode.run(Field(node: $0, path: "", diagnostics: diagnostics), defaultName: "random")
  }
  try diagnostics.throwIfAny()
  return configuration
}

/// Sebastiano Vigna's SplitMix64, so that a seed names a test case.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// Configurations with every kind of everything, each value in its range, though the parts need not fit each other.
struct RandomConfiguration {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(state: seed) }

  mutating func configuration() -> RunConfiguration {
    let isGiven = Int.random(in: 0..<9, using: &random) == 0
    let train = isGiven ? given() : source("train")
    let validation: DataSource? = coin() ? isGiven ? given() : source("validation") : nil
    let weights = coin() ? weights() : nil
    let loss = loss()
    return RunConfiguration(
      name: one(of: ["run", "a b", "x-1.y_2", "7"]), seed: coin() ? random.next() : 1,
      data: .init(train: train, validation: validation), layers: layers(depth: 0),
      initialization: weights != nil || coin()
        ? nil : LSUV(tolerance: 0.01 + share(), maxIterations: 1 + count() % 100, samples: count()),
      weights: weights, loss: loss, classWeights: classWeights(of: loss),
      optimizer: optimizer(),
      regularization: Regularization(
        l1: coin() ? 0 : number(), l2: coin() ? 0 : number(), decoupled: coin() ? 0 : number(),
        maxNorm: coin() ? nil : number(),
        everything: coin()),
      schedule: schedule(),
      training: .init(
        batchSize: count(), shards: count(),
        threads: coin() ? .auto : .count(Int.random(in: 1...4096, using: &random)),
        length: interval(), gradientClip: coin() ? nil : coin() ? .globalNorm(number()) : .value(number()),
        dropLast: coin(), accumulate: count(), precision: one(of: Precision.allCases),
        augmentation: coin() ? nil : augmentation(),
        weightAverage: coin() ? nil : WeightAverage(decay: share()),
        onDivergence: one(of: [.stop, .skip(limit: count()), .restore(factor: 0.25, tries: count())]),
        earlyStopping: coin()
          ? nil
          : EarlyStopping(
            metric: one(of: Metric.allCases), mode: one(of: [.min, .max]), patience: count(),
            minimumDelta: number())),
      evaluation: validation == nil ? nil : .init(every: interval()),
      checkpoint: .init(
        every: one(of: [.steps(count()), .epochs(2), .seconds(3), .minutes(count()), .hours(1)]), keep: count(),
        keepBest: coin() ? nil : .init(metric: one(of: Metric.allCases), mode: one(of: [.min, .max])),
        keepEvery: coin() ? nil : interval()),
      metrics: .init(
        every: interval(), isDenseAtStart: coin(), digestEvery: coin() ? nil : interval(),
        layersEvery: coin() ? nil : interval()),
      logging: .init(tensorBoard: coin() ? nil : .init(histogramsEvery: coin() ? nil : interval())))
  }

  private mutating func weights() -> InitialWeights {
    let map: [String: String?] = ["0.weight": "dense0.weight", "a \"b\": c": nil, "null": "täst", "x": "true"]
    return InitialWeights(
      path: one(of: ["/a/b.safetensors", "/true", "/ä \\"]), layout: one(of: TensorLayout.allCases),
      map: coin() ? [:] : map,
      missing: coin() ? [] : ["dense1", "7", "null"])
  }

  private mutating func augmentation() -> Augmentation {
    Augmentation(
      flip: coin() ? nil : .horizontal, crop: coin() ? nil : .init(padding: Int.random(in: 1...99, using: &random)),
      cutout: coin() ? nil : .init(size: Int.random(in: 1...99, using: &random)), brightness: single(),
      contrast: Float(share()))
  }

  private mutating func side() -> Int { Int.random(in: 16...512, using: &random) }

  private mutating func source(_ split: String) -> DataSource {
    let classes = LearningTask.classification(classes: Int.random(in: 2...1000, using: &random))
    let noise = share()
    let (kind, task): (SyntheticSpecification.Generator, LearningTask) =
      switch Int.random(in: 0..<8, using: &random) {
      case 0: (.gaussianClusters(separation: number()), classes)
      case 1: (.teacher(depth: 2, width: count(), activation: .elu(alpha: single()), noise: noise), classes)
      case 2: (.teacher(depth: 0, width: count(), activation: .silu, noise: number()), .regression(targets: count()))
      case 3: (.spirals(turns: number(), noise: number()), classes)
      case 4: (.sparseParity(parityBits: count(), noise: noise), .classification(classes: 2))
      case 5: (.textures(height: side(), width: side(), channels: one(of: [1, 3]), noise: number()), classes)
      case 6: (.shapes(height: side(), width: side(), channels: one(of: [1, 3]), noise: number()), classes)
      default: (.friedman(noise: number()), .regression(targets: 1))
      }
    return .synthetic(
      SyntheticSpecification(
        kind: kind, samples: count(), features: kind.pictureNumbers ?? count(), task: task,
        split: coin() ? split : one(of: ["a b", "täst", "true", "12"]),
        standardize: coin(), seed: coin() ? nil : random.next()))
  }

  private mutating func given() -> DataSource {
    let tasks: [LearningTask] = [
      .classification(classes: 1 + count()), .regression(targets: count()), .labels(count()),
    ]
    return .given(
      GivenData(
        samples: count(), shape: coin() ? .features(count()) : .image(height: side(), width: side(), channels: 3),
        task: one(of: tasks)))
  }

  private mutating func layers(depth: Int) -> [Layer] {
    (0..<Int.random(in: 1...5, using: &random)).map { _ in layer(depth: depth) }
  }

  private mutating func layer(depth: Int) -> Layer {
    let layer = plainLayer(depth: depth)
    return coin() ? layer : coin() ? layer.frozen() : layer.learningRate(times: Double(single()))
  }

  private mutating func plainLayer(depth: Int) -> Layer {
    switch Int.random(in: 0..<(depth < 3 ? 9 : 7), using: &random) {
    case 0:
      let bias = coin()
      return .dense(
        Dense(count(), initializer: initializer(), bias: bias, biasInitializer: bias ? initializer() : .zeros))
    case 1:
      return .batchNorm(BatchNorm(statistics: coin() ? .shard : .batch, momentum: Float(share()), epsilon: single()))
    case 2: return .dropout(Dropout(rate: Float(share())))
    case 3: return .alphaDropout(AlphaDropout(rate: Float(share())))
    case 4: return .activation(.rrelu(lower: 0.1, upper: 0.1 + single()))
    case 5: return .activation(.prelu(initial: -single(), slopes: coin() ? .unit : .shared))
    case 6:
      let parametrised: [ActivationFunction] = [.leakyReLU(negativeSlope: single()), .elu(alpha: single())]
      return .activation(.function(one(of: ActivationFunction.all + parametrised)))
    case 7: return .repeated(times: Int.random(in: 1...3, using: &random), layers(depth: depth + 1))
    default: return .residual(layers(depth: depth + 1))
    }
  }

  private mutating func initializer() -> Initializer {
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      .varianceScaling(
        scale: single(), mode: one(of: Initializer.Fan.allCases),
        distribution: one(of: Initializer.Distribution.allCases))
    case 1: .normal(mean: -single(), stddev: single())
    case 2: .uniform(min: -single(), max: single())
    case 3: .orthogonal(gain: single())
    case 4: .constant(single())
    default: one(of: Initializer.declarations.filter { $0.description.settings.isEmpty }.map(\.standard))
    }
  }

  private mutating func loss() -> Loss {
    one(of: [
      .softmaxCrossEntropy(labelSmoothing: Float(share())), .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError,
      .huber(delta: single()),
    ])
  }

  private mutating func classWeights(of loss: Loss) -> ClassWeights? {
    switch loss {
    case .softmaxCrossEntropy, .binaryCrossEntropy:
      one(of: [
        nil, .balanced, .list([0, single(), 2.5]), .named([.init("0", single()), .init("a b", 0), .init("yes", 1)]),
      ])
    default: nil
    }
  }

  private mutating func optimizer() -> Optimizer {
    let (rate, beta1, beta2, epsilon) = (number(), share(), share(), number())
    let parametrised: [Optimizer] = [
      .sgd(learningRate: rate, momentum: 0.5, nesterov: coin()), .adagrad(learningRate: rate, epsilon: epsilon),
      .rmsprop(learningRate: rate, decay: beta1, epsilon: epsilon),
      .adam(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon),
      .adamw(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon),
      .nadam(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, momentumDecay: number()),
      .adamax(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon),
    ]
    return one(of: parametrised + Optimizer.all.map { $0.with(learningRate: rate) })
  }

  private mutating func schedule() -> Schedule {
    let schedule: Schedule = one(of: [
      .constant, .step(every: interval(), gamma: number()),
      .piecewise(boundaries: [3, 5, .epochs(900)], factors: [1, number(), 0, number()]),
      .exponential(rate: number(), every: interval()), .polynomial(power: number(), end: share()),
      .cosine(end: share()), .cosineRestarts(period: interval(), multiplier: 2, end: share(), decay: 0.5),
      .oneCycle(peak: 0.5, divide: 1 + number(), finalDivide: 1 + number()),
      .reduceOnPlateau(
        Plateau(
          metric: .accuracy, mode: .max, factor: 0.5, patience: count(), cooldown: count(), threshold: number(),
          thresholdMode: coin() ? .relative : .absolute, minimumFactor: share())),
    ])
    return coin() ? schedule : schedule.warmedUp(over: interval())
  }

  private mutating func interval() -> Interval { coin() ? .steps(count()) : .epochs(count()) }
  private mutating func count() -> Int { Int.random(in: 1...(coin() ? 10 : 1_000_000), using: &random) }
  private mutating func coin() -> Bool { Bool.random(using: &random) }
  private mutating func share() -> Double { coin() ? 0 : Double.random(in: 0..<0.99, using: &random) }

  /// Positive, of any size.
  private mutating func number() -> Double {
    let magnitude: Double = one(of: [1e-12, 1e-3, 1, 1e5, 1e17])
    return Double.random(in: 0.1..<1, using: &random) * magnitude
  }

  private mutating func single() -> Float {
    Float(Double.random(in: 0.1..<1, using: &random) * one(of: [1e-9, 1, 1e9]))
  }

  private mutating func one<Value>(of values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }
}
