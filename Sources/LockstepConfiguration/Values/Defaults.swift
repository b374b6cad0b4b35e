import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepTraining

extension RunConfiguration {
  /// The values of settings that a configuration leaves out. Those of a layer's settings stand in the layer's own type,
  /// those of an optimizer's in `Optimizer`; `configs/reference.yaml` shows them all.
  public enum Defaults {
    /// `name`, where there is no file to take it from.
    public static let name = "run"
    /// `seed`
    public static let seed: UInt64 = 1
    /// `split` of a synthetic source of validation data.
    package static let validationSplit = "validation"
    /// `data.standardize` of features.
    public static let standardize = false
    /// `data.standardize` of targets.
    public static let standardizeTargets = false
    /// `data.missing`
    public static let missing = DataSources.Missing.error
    /// `data.unknown`
    public static let unknown = DataSources.Unknown.error
    /// `data.missing_target`
    public static let missingTarget = DataSources.MissingTarget.error
    /// `data.image.order`
    public static let imageOrder = ImageLayout.Order.channelsLast
    /// `labels` of `cifar`
    public static let cifarLabels = FileSource.CIFARLabels.fine
    /// A split does not move with the seed of the run, so that runs can be compared.
    package static let splitSeed: UInt64 = 1
    package static let splitRule = DataSplit.Rule.automatic

    /// `training.threads`: as many as there are cores, at most one for each shard.
    public static let threads = Trainer.Threads.auto
    /// `training.drop_last`
    public static let dropLast = false
    /// `training.accumulate`
    public static let accumulate = 1
    /// `training.precision`
    public static let precision = Precision.float32
    /// `evaluation.every`, if there is validation data.
    public static let evaluationInterval = Interval.epochs(1)
    /// `checkpoint.every`
    public static let checkpointInterval = Checkpoints.Every.epochs(1)
    /// `checkpoint.keep`
    public static let checkpointsKept = 3
    /// `metrics.every`, with `metrics.dense_start` unless it is given.
    public static let metricsInterval = Interval.steps(100)

    /// `weight_decay` of AdamW, as in PyTorch; that of every other optimizer is 0.
    package static let adamWWeightDecay = 0.01
  }
}
