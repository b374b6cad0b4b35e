import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// The description of a synthetic data set. Samples are made when they are asked for: a billion of them cost no memory.
///
/// The task (class means, the teacher's weights, the secret bits) follows from the seed alone, a sample from (seed,
/// split, index): the splits of one description are disjoint streams of samples of the same task.
public struct SyntheticSpecification: Sendable, Equatable {
  /// The generator, with its settings; `kind` is what files call it.
  public var kind: Generator
  /// How many samples there are, at least 1.
  public var samples: Int
  /// Columns of the inputs; of pictures height × width × channels.
  public var features: Int
  /// The classes, or the number of targets.
  public var task: LearningTask
  /// Name of the stream of samples: `train`, `validation`, `test` or any other.
  public var split: String
  /// Whether features and regression targets are brought to mean 0 and variance 1.
  public var standardize: Bool
  /// The seed of task and samples; nil takes the run's.
  public var seed: UInt64?

  /// Nothing is checked here; `makeDataset` throws where a number is impossible.
  public init(
    kind: Generator, samples: Int, features: Int, task: LearningTask, split: String = "train", standardize: Bool = true,
    seed: UInt64? = nil
  ) {
    (self.kind, self.samples, self.features, self.task) = (kind, samples, features, task)
    (self.split, self.standardize, self.seed) = (split, standardize, seed)
  }

  /// Pictures: `kind` says how large they are. Nothing is checked here either.
  public init(
    pictures kind: Generator, samples: Int, classes: Int, split: String = "train", standardize: Bool = true,
    seed: UInt64? = nil
  ) {
    self.init(
      kind: kind, samples: samples, features: kind.pictureNumbers ?? 0, task: .classification(classes: classes),
      split: split, standardize: standardize, seed: seed)
  }

  /// What a sample's inputs are.
  public var shape: Shape { kind.pictures ?? .features(features) }

  /// The generators and their own settings.
  public enum Generator: Sendable, Equatable {
    /// Classes are normal clouds of variance 1 about means drawn from N(0, separation²) per feature.
    case gaussianClusters(separation: Double = 2)
    /// N(0, 1) inputs, labelled by a random network of `depth` hidden layers of `width` units. `noise`: for classes
    /// the share of samples that take another class instead, for targets the standard deviation of what is added to
    /// the standardised target.
    case teacher(depth: Int = 3, width: Int = 64, activation: ActivationFunction = .tanh, noise: Double = 0)
    /// The classes are arms of a spiral in the plane of the first two features; the others are N(0, 1). `turns` of an
    /// arm, `noise` the standard deviation about it (an arm ends at radius 1).
    case spirals(turns: Double = 1, noise: Double = 0.02)
    /// Features ±1; the class is the parity of `parityBits` secret ones. `noise`: the share of flipped labels.
    case sparseParity(parityBits: Int = 3, noise: Double = 0)
    /// Friedman #1: y = 10 sin(π x₁ x₂) + 20 (x₃ − 1/2)² + 10 x₄ + 5 x₅ + noise · N(0, 1), features uniform in [0, 1)
    /// — Friedman 1991, "Multivariate adaptive regression splines".
    case friedman(noise: Double = 1)
    /// Pictures of a fine grating whose contrast a coarse one modulates; the class is the pair of their directions.
    /// Sides of 16 to 512 pixels, 1 or 3 channels. `noise`: the standard deviation of what is added to a grating of
    /// amplitude ½ to 2.
    case textures(height: Int = 32, width: Int = 32, channels: Int = 3, noise: Double = 1)
    /// Pictures of discs, squares, triangles, crosses and stars, filled or outlined, and of two strokes that say
    /// nothing. Sides and channels as of textures. `noise`: the standard deviation of what is added to a figure of
    /// brightness ½ to 1 or −1 to −½.
    case shapes(height: Int = 32, width: Int = 32, channels: Int = 3, noise: Double = 0.3)

    /// The name in configurations, such as `gaussian_clusters`.
    public var name: String { declared.name }

    /// Every generator with its settings at their defaults.
    package static let defaults: [Generator] = declarations.map(\.standard)

    /// The generator of that name with its settings at their defaults.
    package init?(name: String) {
      guard let generator = Self.defaults.first(where: { $0.name == name }) else { return nil }
      self = generator
    }
  }
}

extension SyntheticSpecification.Generator: Declared {
  package static let noun = "generator"

  package static let declarations: [Declaration<SyntheticSpecification.Generator>] = [
    Declaration(
      "gaussian_clusters", .gaussianClusters(), "classes are normal clouds of variance 1 about random means",
      Setting.number("separation", .nonNegative, "the standard deviation of the means, per feature"),
      make: { .gaussianClusters(separation: $0) },
      take: { if case .gaussianClusters(let separation) = $0 { separation } else { nil } }),
    teacherDeclaration,
    Declaration(
      "spirals", .spirals(), "classes are arms of a spiral in the plane of the first two features",
      Setting.number("turns", .positive, "turns of an arm"),
      Setting.number("noise", .nonNegative, "the standard deviation about an arm, which ends at radius 1"),
      make: { .spirals(turns: $0, noise: $1) },
      take: { if case .spirals(let turns, let noise) = $0 { (turns, noise) } else { nil } }),
    Declaration(
      "sparse_parity", .sparseParity(), "the class is the parity of a few secret ones of features ±1",
      Setting.integer("parity_bits", .size, "how many are secret"),
      Setting.number("noise", .fraction, "the share of flipped labels"),
      make: { .sparseParity(parityBits: $0, noise: $1) },
      take: { if case .sparseParity(let bits, let noise) = $0 { (bits, noise) } else { nil } }),
    Declaration(
      "friedman", .friedman(), "10 sin(π x₁ x₂) + 20 (x₃ − 1/2)² + 10 x₄ + 5 x₅ + noise — Friedman 1991",
      Setting.number("noise", .nonNegative, "the standard deviation of the noise"),
      make: { .friedman(noise: $0) }, take: { if case .friedman(let noise) = $0 { noise } else { nil } }),
    picturesDeclaration(
      .textures(), "pictures of a grating under another; the class is the pair of their directions",
      make: { .textures(height: $0, width: $1, channels: $2, noise: $3) }),
    picturesDeclaration(
      .shapes(), "pictures of figures among strokes; the class is their kind, whether they are filled, and how many",
      make: { .shapes(height: $0, width: $1, channels: $2, noise: $3) }),
  ]

  private static let teacherDeclaration = Declaration<SyntheticSpecification.Generator>(
    "teacher", .teacher(), "a random network labels N(0, 1) inputs",
    Setting.integer("depth", IntegerRule(0...1000), "its hidden layers"),
    Setting.integer("width", .size, "their units"),
    Setting.thing(
      "activation", ActivationFunction.self, noun: "activation of a teacher", "what its hidden layers end in"),
    Setting.number("noise", .nonNegative, "the share of random labels, or the deviation of what targets are off by"),
    make: { .teacher(depth: $0, width: $1, activation: $2, noise: $3) },
    take: {
      guard case .teacher(let depth, let width, let activation, let noise) = $0 else { return nil }
      return (depth, width, activation, noise)
    })

  /// Its settings as a fingerprint tells them.
  var settingsText: String {
    Self.catalogue.settings(of: declared).map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
  }
}
