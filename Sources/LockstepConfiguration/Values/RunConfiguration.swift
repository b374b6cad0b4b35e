import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining

/// Everything that makes a run: what is trained, on what, how, and how long. Written in YAML, strictly decoded.
///
/// ```swift
/// let configuration = try RunConfiguration(file: "configs/quickstart.yaml", overrides:
/// [ConfigurationOverride("seed=2")]) print(configuration.totalSteps, configuration.resolvedYAML)
/// ```
public struct RunConfiguration: Sendable, Equatable {
  /// A label for people; by default the name of the file.
  public var name: String
  /// What every random number of the run follows from.
  public var seed: UInt64
  public var data: DataSources
  public var layers: [Layer]
  /// Scales the initial weights by the data, before the first step; nil leaves them as the layers' initializers draw
  /// them.
  public var initialization: LSUV?
  /// Takes the initial weights from a file; nil leaves them to the initializers.
  public var weights: InitialWeights?
  public var loss: Loss
  /// What classes count in it; nil where all count the same.
  public var classWeights: ClassWeights?
  public var optimizer: Optimizer
  /// Holds the optimizer's `weight_decay` too.
  public var regularization: Regularization
  public var schedule: Schedule
  public var training: Training
  /// nil without validation data.
  public var evaluation: Evaluation?
  public var checkpoint: Checkpoints
  public var metrics: Metrics
  public var logging: Logging

  public init(
    name: String = Defaults.name, seed: UInt64 = Defaults.seed, data: DataSources, layers: [Layer],
    initialization: LSUV? = nil, weights: InitialWeights? = nil, loss: Loss, classWeights: ClassWeights? = nil,
    optimizer: Optimizer, regularization: Regularization = .none, schedule: Schedule = .constant, training: Training,
    evaluation: Evaluation? = nil, checkpoint: Checkpoints = Checkpoints(), metrics: Metrics = Metrics(),
    logging: Logging = Logging()
  ) {
    self.name = name
    self.seed = seed
    self.data = data
    self.layers = layers
    self.initialization = initialization
    self.weights = weights
    self.loss = loss
    self.classWeights = classWeights
    self.optimizer = optimizer
    self.regularization = regularization
    self.schedule = schedule
    self.training = training
    self.evaluation = evaluation
    self.checkpoint = checkpoint
    self.metrics = metrics
    self.logging = logging
  }

  /// The network, with the number of input features that the data has.
  public var model: Model { Model(features: data.features, layers: layers) }
}

/// A stretch of training, counted in updates or in passes over the training samples.
public enum Interval: Sendable, Equatable {
  case steps(Int)
  case epochs(Int)
}

extension RunConfiguration {
  public struct Training: Sendable, Equatable {
    /// Rows of a step, whatever the machine.
    public var batchSize: Int
    /// Fixed parts of the batch, the units of arithmetic.
    public var shards: Int
    /// No part of what makes the bits.
    public var threads: Trainer.Threads
    /// The length of the run and the horizon of its schedule.
    public var length: Interval
    public var gradientClip: GradientClip?
    /// Leaves out the last batch of an epoch where it has fewer rows than the others.
    public var dropLast: Bool
    /// Parts in which each thread goes through its shards, one in memory at a time. No part of what makes the bits.
    public var accumulate: Int
    /// A moving average of the weights, which evaluation and the trained model take; nil for none.
    public var weightAverage: WeightAverage?
    /// What to do where the numbers of a step are not finite.
    public var onDivergence: DivergencePolicy
    /// Ends the run when a validation metric has stopped improving; nil for not.
    public var earlyStopping: EarlyStopping?

    public init(
      batchSize: Int, shards: Int = Defaults.shards, threads: Trainer.Threads = Defaults.threads, length: Interval,
      gradientClip: GradientClip? = nil, dropLast: Bool = Defaults.dropLast, accumulate: Int = Defaults.accumulate,
      weightAverage: WeightAverage? = nil, onDivergence: DivergencePolicy = .stop, earlyStopping: EarlyStopping? = nil
    ) {
      self.batchSize = batchSize
      self.shards = shards
      self.threads = threads
      self.length = length
      self.gradientClip = gradientClip
      self.dropLast = dropLast
      self.accumulate = accumulate
      self.weightAverage = weightAverage
      self.onDivergence = onDivergence
      self.earlyStopping = earlyStopping
    }
  }

  /// What a run does where a step's loss, reduced gradient or statistics are not finite. The step is never applied.
  public enum DivergencePolicy: Sendable, Equatable {
    /// The run ends, with status 1.
    case stop
    /// The step is skipped, its batch left out; the run ends where more than `limit` steps in a row are.
    case skip(limit: Int)
    /// The run is taken back to the newest checkpoint that was due by `checkpoint.every`, to the one before it where
    /// that has been tried, and goes on from there with its learning rates times `factor`; at most `tries` times.
    case restore(factor: Double, tries: Int)

    package var isRestore: Bool {
      if case .restore = self { true } else { false }
    }
  }

  public struct Evaluation: Sendable, Equatable {
    public var every: Interval
    public init(every: Interval = Defaults.evaluationInterval) { self.every = every }
  }

  public struct Checkpoints: Sendable, Equatable {
    public var every: Interval
    /// How many of the newest stay.
    public var keep: Int
    /// Saves the step of the best evaluation so far, and keeps it until there is a better one; nil for not.
    public var keepBest: Best?
    /// Keeps those at the multiples of this for good; nil for none.
    public var keepEvery: Interval?

    /// By which metric an evaluation is better than another.
    public struct Best: Sendable, Equatable {
      public var metric: Metric
      public var mode: Metric.Mode

      public init(metric: Metric, mode: Metric.Mode? = nil) {
        self.metric = metric
        self.mode = mode ?? metric.mode
      }

      /// Whether `value` is better than the best so far. One that is not finite is not.
      package func isBetter(_ value: Double, than best: Double?) -> Bool {
        guard value.isFinite, let best else { return value.isFinite }
        return mode.isBetter(value, than: best)
      }
    }

    public init(
      every: Interval = Defaults.checkpointInterval, keep: Int = Defaults.checkpointsKept, keepBest: Best? = nil,
      keepEvery: Interval? = nil
    ) {
      self.every = every
      self.keep = keep
      self.keepBest = keepBest
      self.keepEvery = keepEvery
    }
  }

  public struct Metrics: Sendable, Equatable {
    /// Between two lines of training figures in metrics.jsonl.
    public var every: Interval
    /// Between two lines that hold the weights' digest; nil for none but the checkpoints' own.
    public var digestEvery: Interval?
    /// Between two lines that tell of every layer: gradient norms, updates against weights, dead units; nil for none.
    public var layersEvery: Interval?

    public init(
      every: Interval = Defaults.metricsInterval, digestEvery: Interval? = nil, layersEvery: Interval? = nil
    ) {
      self.every = every
      self.digestEvery = digestEvery
      self.layersEvery = layersEvery
    }
  }
  /// What is written beside `metrics.jsonl` and `metrics.csv`.
  public struct Logging: Sendable, Equatable {
    /// Events for TensorBoard; nil for none.
    public var tensorBoard: TensorBoard?

    public init(tensorBoard: TensorBoard? = nil) { self.tensorBoard = tensorBoard }

    public struct TensorBoard: Sendable, Equatable {
      /// Between two histograms of every weight and its gradient; nil for scalars alone.
      public var histogramsEvery: Interval?

      public init(histogramsEvery: Interval? = nil) { self.histogramsEvery = histogramsEvery }
    }
  }
}

extension RunConfiguration.DivergencePolicy: Declared {
  package static let noun = "policy"

  package static let declarations: [Declaration<RunConfiguration.DivergencePolicy>] = [
    Declaration("stop", .stop, "the run ends, with status 1"),
    Declaration(
      "skip", .skip(limit: 10), main: "limit", "the step is skipped, its batch left out",
      Setting.integer("limit", .count, "steps in a row that are skipped"),
      make: { .skip(limit: $0) }, take: { if case .skip(let limit) = $0 { limit } else { nil } }),
    Declaration(
      "restore", .restore(factor: 0.5, tries: 3), "the run goes back to a checkpoint, with smaller learning rates",
      Setting.number("factor", .inside, "what learning rates are multiplied by each time"),
      Setting.integer("tries", .count, "how often the run is taken back"),
      make: { .restore(factor: $0, tries: $1) },
      take: { if case .restore(let factor, let tries) = $0 { (factor, tries) } else { nil } }),
  ]
}
