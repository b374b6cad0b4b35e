import LockstepData
import LockstepTraining

extension RunConfiguration {
  /// What a configuration leaves out. The defaults of a layer's parameters stand in the layer's own type, those of
  /// an optimizer's beside the learning rate in `Optimizer`; `configs/reference.yaml` shows them all.
  public enum Defaults {
    /// Where there is no file to take the name from.
    public static let name = "run"
    public static let seed: UInt64 = 1
    public static let validationSplit = "validation"
    /// Of files.
    public static let standardize = false
    public static let standardizeTargets = false
    public static let missing = DataSources.Missing.error
    public static let unknown = DataSources.Unknown.error
    public static let missingTarget = DataSources.MissingTarget.error
    /// A split does not move with the seed of the run, so that runs can be compared.
    public static let splitSeed: UInt64 = 1
    public static let splitRule = DataSplit.Rule.automatic

    public static let shards = 8
    public static let threads = Trainer.Threads.auto
    public static let dropLast = false
    public static let accumulate = 1
    /// Once an epoch, if there is validation data.
    public static let evaluationInterval = Interval.epochs(1)
    public static let checkpointInterval = Interval.epochs(1)
    public static let checkpointsKept = 3
    public static let metricsInterval = Interval.steps(100)

    public enum Divergence {
      /// Steps in a row that are passed over.
      public static let skipLimit = 10
      /// What learning rates are multiplied by each time a run is taken back.
      public static let restoreFactor = 0.5
      public static let restoreTries = 3
    }

    /// `weight_decay` of AdamW, as in PyTorch; that of every other optimizer is 0.
    public static let adamWWeightDecay = 0.01

    /// PyTorch's learning rates, for an optimizer given by name alone.
    public enum LearningRate {
      public static let sgd = 0.001
      public static let adagrad = 0.01
      public static let rmsprop = 0.01
      public static let adam = 0.001
      public static let adamw = 0.001
      public static let nadam = 0.002
      public static let adamax = 0.002
    }

    /// Keras's, for an initializer given by name alone.
    public enum Initial {
      public static let scale: Float = 1
      public static let mean: Float = 0
      public static let stddev: Float = 0.05
      public static let min: Float = -0.05
      public static let max: Float = 0.05
      public static let gain: Float = 1
      public static let constant: Float = 0
    }

    /// For a schedule given by name alone, where a sensible value exists.
    public enum Rate {
      public static let stepGamma = 0.1
      public static let polynomialPower = 1.0
      public static let end = 0.0
      public static let warmupSteps = 0
      /// PyTorch's `OneCycleLR`.
      public static let oneCyclePeak = 0.3
      public static let oneCycleDivide = 25.0
      public static let oneCycleFinalDivide = 10_000.0
    }
  }
}
