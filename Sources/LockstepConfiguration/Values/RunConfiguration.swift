import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining

/// Everything that a run follows from: what is trained, on what, how, and how long.
///
/// ```swift
/// let configuration = try RunConfiguration(
///   file: "configs/quickstart.yaml", overrides: [ConfigurationOverride("seed=2")])
/// print(configuration.totalSteps, configuration.resolvedYAML)
/// ```
public struct RunConfiguration: Sendable, Equatable {
  /// A label for people; where a file leaves it out, the name of the file.
  public var name: String
  /// Every random number of the run follows from it, except for those of a split and of synthetic data with a seed of
  /// their own.
  public var seed: UInt64
  /// What is trained on and evaluated, and how it is read.
  public var data: DataSources
  /// The layers of the network, from the features to the outputs.
  public var layers: [Layer]
  /// Scales the initial weights by the data before the first step; nil leaves them as the layers' initializers draw
  /// them.
  public var initialization: LSUV?
  /// Takes the initial weights from a file; nil leaves them to the initializers.
  public var weights: InitialWeights?
  /// What is minimised, and what the outputs mean.
  public var loss: Loss
  /// How much samples of each class count in the loss; nil where all count the same.
  public var classWeights: ClassWeights?
  /// How gradients change weights, with the learning rate.
  public var optimizer: Optimizer
  /// Penalties on weights, and their decay, which files write as the optimizer's `weight_decay`.
  public var regularization: Regularization
  /// By what the learning rate is multiplied at each step.
  public var schedule: Schedule
  /// Batches, shards, threads and length.
  public var training: Training
  /// When the validation data is evaluated. Without validation data it is nil; with it, nil stands for the default.
  public var evaluation: Evaluation?
  /// Which steps are saved, and which checkpoints stay.
  public var checkpoint: Checkpoints
  /// What is logged.
  public var metrics: Metrics
  /// What is written besides the log.
  public var logging: Logging

  /// Nothing is checked here; see `check`.
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
  public var model: Model { Model(input: data.shape, layers: layers) }
}

extension RunConfiguration {
  /// Batches, shards, threads and length of a run.
  public struct Training: Sendable, Equatable {
    /// Rows of a step, on any machine.
    public var batchSize: Int
    /// Number of parts that a batch is cut into. Arithmetic is done by shards, so that the bits depend on their number.
    public var shards: Int
    /// How many threads share the shards. No bit depends on it.
    public var threads: Trainer.Threads
    /// The length of the run, which is the horizon of its schedule.
    public var length: Interval
    /// Bounds gradients before they are applied; nil for not.
    public var gradientClip: GradientClip?
    /// Whether the last batch of an epoch is left out where it has fewer rows than the others.
    public var dropLast: Bool
    /// Number of parts in which each thread goes through its shards, with memory for one part at a time. No bit depends
    /// on it.
    public var accumulate: Int
    /// Of the matrix products of training.
    public var precision: Precision
    /// How images are varied before they are trained on; nil for not.
    public var augmentation: Augmentation?
    /// A moving average of the weights, which evaluation and the trained model use; nil for none.
    public var weightAverage: WeightAverage?
    /// What to do where the numbers of a step are not finite.
    public var onDivergence: DivergencePolicy
    /// Ends the run when a validation metric has stopped improving; nil for not.
    public var earlyStopping: EarlyStopping?

    /// By default 8 shards, or as many as give each 16 rows, on as many threads as there are cores.
    public init(
      batchSize: Int, shards: Int? = nil, threads: Trainer.Threads = Defaults.threads, length: Interval,
      gradientClip: GradientClip? = nil, dropLast: Bool = Defaults.dropLast, accumulate: Int = Defaults.accumulate,
      precision: Precision = Defaults.precision, augmentation: Augmentation? = nil,
      weightAverage: WeightAverage? = nil,
      onDivergence: DivergencePolicy = .stop, earlyStopping: EarlyStopping? = nil
    ) {
      self.batchSize = batchSize
      self.shards = shards ?? Trainer.Options.shards(fitting: batchSize)
      self.threads = threads
      self.length = length
      self.gradientClip = gradientClip
      self.dropLast = dropLast
      self.accumulate = accumulate
      self.precision = precision
      self.augmentation = augmentation
      self.weightAverage = weightAverage
      self.onDivergence = onDivergence
      self.earlyStopping = earlyStopping
    }
  }

  /// What a run does when the loss, gradient or statistics of a step are not finite. Such a step is never applied.
  public enum DivergencePolicy: Sendable, Equatable {
    /// The run ends: `TrainingRun.train` throws.
    case stop
    /// The step is skipped and its batch left out. The run ends when more than `limit` steps in a row are skipped.
    case skip(limit: Int)
    /// The run is taken back to the newest checkpoint that was due by `checkpoint.every`, or, where it was taken back
    /// to that the last time, to the one before. It goes on with its learning rates multiplied by `factor`. This
    /// is done at most `tries` times.
    case restore(factor: Double, tries: Int)

    package var isRestore: Bool {
      if case .restore = self { true } else { false }
    }
  }

  /// When the validation data is evaluated.
  public struct Evaluation: Sendable, Equatable {
    /// From one evaluation to the next; one more comes at the end.
    public var every: Interval
    /// By default once an epoch.
    public init(every: Interval = Defaults.evaluationInterval) { self.every = every }
  }

  /// Which steps are saved, and which checkpoints stay.
  public struct Checkpoints: Sendable, Equatable {
    /// From one checkpoint to the next; the last step is always saved.
    public var every: Every
    /// How many of the newest checkpoints stay.
    public var keep: Int
    /// Saves the step of the best evaluation so far, and keeps that checkpoint until there is a better one; nil for
    /// not.
    public var keepBest: Best?
    /// Keeps checkpoints at the multiples of this for good; nil for none.
    public var keepEvery: Interval?

    /// From one checkpoint to the next: in steps or epochs, or by the clock. No bit of a run depends on which, but
    /// where it may be taken back to a checkpoint: that must be due by its steps.
    public enum Every: Sendable, Equatable {
      /// So many updates of the weights.
      case steps(Int)
      /// So many passes over the training samples.
      case epochs(Int)
      /// After the step that ends so many seconds or more after the last checkpoint.
      case seconds(Int)
      /// Minutes, likewise.
      case minutes(Int)
      /// Hours, likewise.
      case hours(Int)

      /// In training; nil where it goes by the clock.
      package var interval: Interval? {
        switch self {
        case .steps(let steps): .steps(steps)
        case .epochs(let epochs): .epochs(epochs)
        case .seconds, .minutes, .hours: nil
        }
      }

      /// By the clock; nil where it goes by the steps.
      package var seconds: Double? {
        switch self {
        case .steps, .epochs: nil
        case .seconds(let seconds): Double(seconds)
        case .minutes(let minutes): Double(minutes) * 60
        case .hours(let hours): Double(hours) * 3600
        }
      }
    }

    /// How evaluations are compared.
    public struct Best: Sendable, Equatable {
      /// What is compared.
      public var metric: Metric
      /// Whether less or more of it is better.
      public var mode: Metric.Mode

      /// By default the mode that is the metric's own.
      public init(metric: Metric, mode: Metric.Mode? = nil) {
        self.metric = metric
        self.mode = mode ?? metric.mode
      }

      /// Whether `value` is finite and better than the best so far.
      package func isBetter(_ value: Double, than best: Double?) -> Bool {
        guard value.isFinite, let best else { return value.isFinite }
        return mode.isBetter(value, than: best)
      }
    }

    /// By default once an epoch, keeping the newest three.
    public init(
      every: Every = Defaults.checkpointInterval, keep: Int = Defaults.checkpointsKept, keepBest: Best? = nil,
      keepEvery: Interval? = nil
    ) {
      self.every = every
      self.keep = keep
      self.keepBest = keepBest
      self.keepEvery = keepEvery
    }
  }

  /// What `metrics.jsonl` logs.
  public struct Metrics: Sendable, Equatable {
    /// From one line of training figures to the next.
    public var every: Interval
    /// Whether there is also a line after each of the steps 1, 2, 5, 10, 20, 50, … before the first of those.
    public var isDenseAtStart: Bool
    /// From one line with the weights' digest to the next; nil for no such lines.
    public var digestEvery: Interval?
    /// From one line about every layer (gradient norms, updates against weights, dead units) to the next; nil for no
    /// such lines.
    public var layersEvery: Interval?

    /// By default training figures alone, every 100 steps and densely at the start; an interval that is given means
    /// what it says.
    public init(
      every: Interval? = nil, isDenseAtStart: Bool? = nil, digestEvery: Interval? = nil, layersEvery: Interval? = nil
    ) {
      self.every = every ?? Defaults.metricsInterval
      self.isDenseAtStart = isDenseAtStart ?? (every == nil)
      self.digestEvery = digestEvery
      self.layersEvery = layersEvery
    }
  }
  /// What is written beside `metrics.jsonl` and `metrics.csv`.
  public struct Logging: Sendable, Equatable {
    /// Events for TensorBoard; nil for none.
    public var tensorBoard: TensorBoard?

    /// By default nothing.
    public init(tensorBoard: TensorBoard? = nil) { self.tensorBoard = tensorBoard }

    /// Events for TensorBoard: the log's numbers as scalars, and histograms where they are wanted.
    public struct TensorBoard: Sendable, Equatable {
      /// From one histogram of every weight and its gradient to the next; nil for scalars alone.
      public var histogramsEvery: Interval?

      /// By default scalars alone.
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
