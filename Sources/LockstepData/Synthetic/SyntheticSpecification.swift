import LockstepKernels
import LockstepModel

/// A synthetic data set as a person describes it. Samples are made when they are asked for: a billion of them cost no
/// memory.
///
/// The task (class means, the teacher's weights, the secret bits) follows from the seed alone, a sample from (seed,
/// split, index): the splits of one description are disjoint streams of samples of the same task.
public struct SyntheticSpecification: Sendable, Equatable {
  public var kind: Kind
  /// Number of samples.
  public var samples: Int
  /// Columns of the inputs.
  public var features: Int
  /// The classes, or the number of targets.
  public var task: LearningTask
  /// Name of the stream of samples: `train`, `validation`, `test` or any other.
  public var split: String
  /// Whether features and regression targets are brought to mean 0 and variance 1.
  public var standardize: Bool
  /// The seed of task and samples; nil takes the run's.
  public var seed: UInt64?

  public init(
    kind: Kind, samples: Int, features: Int, task: LearningTask, split: String = "train", standardize: Bool = true,
    seed: UInt64? = nil
  ) {
    (self.kind, self.samples, self.features, self.task) = (kind, samples, features, task)
    (self.split, self.standardize, self.seed) = (split, standardize, seed)
  }

  /// The generators and their own parameters.
  public enum Kind: Sendable, Equatable {
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

    /// The name that configurations use.
    public var name: String {
      switch self {
      case .gaussianClusters: "gaussian_clusters"
      case .teacher: "teacher"
      case .spirals: "spirals"
      case .sparseParity: "sparse_parity"
      case .friedman: "friedman"
      }
    }

    /// Every kind with its parameters at their defaults.
    public static let defaults: [Kind] = [.gaussianClusters(), .teacher(), .spirals(), .sparseParity(), .friedman()]

    /// The kind of that name with its parameters at their defaults.
    public init?(name: String) {
      guard let kind = Kind.defaults.first(where: { $0.name == name }) else { return nil }
      self = kind
    }
  }
}
