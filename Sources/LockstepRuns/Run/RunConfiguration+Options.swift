import LockstepConfiguration
import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining

// A configuration beside the settings of a trainer, which are a part of it.

extension RunConfiguration {
  /// The trainer's options, but for the weights of classes, which may follow from the data.
  var options: Trainer.Options {
    Trainer.Options(
      batch: training.batchSize, shards: training.shards, threads: training.threads, seed: seed,
      regularization: regularization, clip: training.gradientClip, schedule: schedule, horizon: totalSteps,
      dropLast: training.dropLast, lsuv: initialization, accumulate: training.accumulate,
      weightAverage: training.weightAverage, precision: training.precision, augmentation: training.augmentation)
  }

  /// The configuration of a model that a program trains on samples of its own.
  ///
  /// - Parameters:
  ///   - options: whose `horizon` is left to `length`.
  ///   - length: of the run.
  package init(
    _ model: Model, loss: Loss, optimizer: Optimizer, options: Trainer.Options, length: Interval,
    on train: any Dataset, validation: (any Dataset)? = nil, name: String = Defaults.name
  ) {
    self.init(
      name: name, data: .given(train, validation), layers: model.layers, loss: loss, optimizer: optimizer,
      training: Training(batchSize: options.batch, length: length))
    take(model, loss, optimizer, options)
    if validation != nil { evaluation = Evaluation() }
  }

  /// Puts all that a trainer was made with in the place of what stands here.
  mutating func take(_ model: Model, _ loss: Loss, _ optimizer: Optimizer, _ options: Trainer.Options) {
    (layers, self.loss, self.optimizer) = (model.layers, loss, optimizer)
    (seed, regularization, schedule, initialization) = (
      options.seed, options.regularization, options.schedule, options.lsuv
    )
    classWeights = options.classWeights.map { .list($0) }
    training.batchSize = options.batch
    training.shards = options.shards
    training.threads = options.threads
    training.gradientClip = options.clip
    training.dropLast = options.dropLast
    training.accumulate = options.accumulate
    training.precision = options.precision
    training.augmentation = options.augmentation
    training.weightAverage = options.weightAverage
  }
}

extension RunConfiguration.DataSources {
  /// What can be told of samples that a program gives.
  package static func given(_ train: any Dataset, _ validation: (any Dataset)?) -> RunConfiguration.DataSources {
    RunConfiguration.DataSources(
      train: .given(GivenData(train)), validation: validation.map { .given(GivenData($0)) })
  }
}
