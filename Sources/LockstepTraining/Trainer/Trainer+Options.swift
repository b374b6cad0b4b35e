import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepModel

extension Trainer {
  /// How many worker threads a trainer uses.
  public enum Threads: Sendable, Equatable {
    /// As many as there are cores; fewer where a step is so small that they would wait for each other longer than they
    /// save.
    case auto
    /// This many.
    case count(Int)
  }

  /// Everything about training that is not the model, the loss or the optimizer. Only `threads` and `accumulate` do not
  /// touch the trained bits.
  public struct Options: Sendable, Equatable {
    /// Rows of the global batch.
    public var batch: Int
    /// How many shards a batch is cut into: the units of arithmetic.
    public var shards: Int
    /// How many workers share them.
    public var threads: Threads
    /// Seed of the initial weights, the order of the samples, and random layers.
    public var seed: UInt64
    /// What draws the weights towards 0, or bounds them.
    public var regularization: Regularization
    /// What is done to a gradient that is too large; nil for nothing.
    public var clip: GradientClip?
    /// What the learning rate is multiplied by, step by step.
    public var schedule: Schedule
    /// Steps of the whole run, for schedules that depend on it.
    public var horizon: Int?
    /// Whether the rows that do not fill an epoch's last batch are left out.
    public var dropLast: Bool
    /// Scales the initial weights by the data; nil leaves them as the initializers draw them.
    public var lsuv: LSUV?
    /// Micro-batches in which each worker goes through its shards at least, one in memory at a time: gradient
    /// accumulation. Images go in as many as keep their values near the caches. The trained bits do not depend on it.
    public var accumulate: Int
    /// Of the products of training. It touches the bits.
    public var precision: Precision
    /// By class: what the loss of its samples is multiplied by, beside their own weights; nil for 1.
    public var classWeights: [Float]?
    /// A moving average of the parameters beside them, with which the trainer evaluates; nil for none.
    public var weightAverage: WeightAverage?
    /// How images are varied before they are trained on; nil for not.
    public var augmentation: Augmentation?
    /// In how many teams the workers share the shards; nil for what a step is expected to be fastest with.
    package var teams: Int?
    /// Cores that there are for `Threads.auto`; nil for those of the process.
    package var cores: Int?

    /// How many shards a batch of `batch` rows is cut into where nothing is said: 8, or as many as give each 16 rows,
    /// over which BatchNorm's statistics are not too noisy.
    public static func shards(fitting batch: Int) -> Int { min(8, max(1, batch / Shard.rowsForStatistics)) }

    /// All but `batch` have the defaults of a configuration.
    public init(
      batch: Int, shards: Int? = nil, threads: Threads = .auto, seed: UInt64 = 1,
      regularization: Regularization = .none,
      clip: GradientClip? = nil, schedule: Schedule = .constant, horizon: Int? = nil, dropLast: Bool = false,
      lsuv: LSUV? = nil, accumulate: Int = 1, classWeights: [Float]? = nil,
      weightAverage: WeightAverage? = nil, precision: Precision = .float32, augmentation: Augmentation? = nil
    ) {
      self.batch = batch
      self.shards = shards ?? Self.shards(fitting: batch)
      self.threads = threads
      self.seed = seed
      self.regularization = regularization
      self.clip = clip
      self.schedule = schedule
      self.horizon = horizon
      self.dropLast = dropLast
      self.lsuv = lsuv
      self.accumulate = accumulate
      self.classWeights = classWeights
      self.weightAverage = weightAverage
      self.precision = precision
      self.augmentation = augmentation
    }

    func check() throws(TrainingError) {
      try settingProblems.throwFirst()
      guard shards <= 65_536 else { throw .setting("found \(shards) shards, expected 1 … 65536") }
      guard batch >= shards else {
        throw .setting(
          "found a batch of \(batch) rows for \(shards) shards, expected at least one row a shard: take a larger batch or fewer shards"
        )
      }
      guard (1...shards).contains(accumulate) else {
        throw .setting(
          "found a batch of \(shards) shards worked through in \(accumulate) parts, expected 1 … \(shards)")
      }
      try regularization.check()
      try clip?.check()
      try schedule.check()
      try lsuv?.check()
      try weightAverage?.check()
      try augmentation?.problems.throwFirst()
      if schedule.dependsOnHorizon, horizon == nil {
        throw .setting("this schedule depends on the length of the run: give Options.horizon")
      }
    }
  }
}

extension Trainer.Options {
  /// How this machine's workers share the shards, or those of its rank.
  ///
  /// - Parameter slots: of the optimizer.
  package func plan(for network: Network, slots: Int, _ ranks: Ranks? = nil) -> TeamPlan {
    TeamPlan(
      for: network, rows: batch, shards: shards, of: ranks?.own, threads: threads, slots: slots, teams: teams,
      cores: cores ?? Processor.availableCores)
  }

  /// The ranks of a run, each with a shard at least; nil for one that is alone.
  package func ranks(
    _ communicator: (any Communicator)?, _ network: Network, bucket: Int = Ranks.bucket
  ) throws(TrainingError) -> Ranks? {
    guard let communicator, communicator.size > 1 else { return nil }
    guard communicator.size <= shards else {
      throw .setting(
        "found \(communicator.size) ranks for \(shards) shards, expected at most one rank a shard: start fewer ranks, or set training.shards=\(communicator.size), which changes the trained bits"
      )
    }
    return Ranks(communicator, shards: shards, network.parameters, bucket: bucket)
  }

  package static let batchSize = Setting.integer("batch_size", .size, "rows of a step, whatever the machine")
  package static let shards = Setting.integer("shards", .size, "parts of a batch, the units of arithmetic")
  package static let threads = Setting.integer("threads", .threads, "workers that share the rows of a batch")
  package static let accumulate = Setting.integer(
    "accumulate", .size, "micro-batches, at least, in which each worker goes through its shards")

  /// What is wrong with numbers that no other type declares.
  package var settingProblems: [SettingProblem] {
    var problems = Self.batchSize.problems(of: batch) + Self.shards.problems(of: shards)
    if case .count(let count) = threads { problems += Self.threads.problems(of: count) }
    return problems + Self.accumulate.problems(of: accumulate)
  }
}

/// One finished step.
public struct StepResult: Sendable, Equatable {
  /// Steps done, this one included.
  public var step: Int
  /// Epoch of the step, from 0.
  public var epoch: Int
  /// Samples of the batch.
  public var rows: Int
  /// Mean loss over the batch, before the update.
  public var loss: Double
  /// Sums of the loss and of the metrics beside it, from which means over several steps are taken.
  public var sums: LossSums
  /// The rate of this step, schedule included.
  public var learningRate: Double
  /// Euclidean norm of the gradient over all parameters, before clipping and decay; nil where nothing is clipped by it
  /// and it was not asked for.
  public var gradientNorm: Double?
  /// Signal, gradient and update of each layer; nil where they were not asked for.
  public var layers: [LayerFigures]?
}

/// Where a trainer stands, beside its tensors: what a checkpoint needs to go on.
public struct TrainerState: Sendable, Equatable {
  /// Steps done.
  public var step: Int
  /// What the optimizer remembers beside its slots.
  public var optimizer: OptimizerProgress
  /// What `Schedule.reduceOnPlateau` remembers.
  public var plateau: PlateauState
  /// What the schedule's learning rate is multiplied by: 1, or less once a run that diverged was taken back.
  public var learningRateFactor: Double

  /// No step done, unless it is said otherwise.
  public init(
    step: Int = 0, optimizer: OptimizerProgress = OptimizerProgress(), plateau: PlateauState = PlateauState(),
    learningRateFactor: Double = 1
  ) {
    self.step = step
    self.optimizer = optimizer
    self.plateau = plateau
    self.learningRateFactor = learningRateFactor
  }
}
