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

    /// `weight_decay` of AdamW, as in PyTorch; that of every other optimizer is 0.
    public static let adamWWeightDecay = 0.01
  }
}
