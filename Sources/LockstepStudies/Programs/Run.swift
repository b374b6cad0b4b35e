import LockstepConfiguration
import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// A run on samples that a program gives, in a folder: checkpoints, a log, TensorBoard, early stopping, metrics and
/// callbacks of one's own, and the same bits however often it is stopped.
///
/// ```swift
/// var run = try Run(
///   model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3), options: .init(batch: 64),
///   length: .epochs(30), on: train, validation: validation)
/// run.settings.training.earlyStopping = EarlyStopping(metric: .loss, patience: 3)
/// run.settings.checkpoint.keepBest = .init(metric: .accuracy)
/// let summary = try run.train(in: "runs/own")
/// let model = try TrainedModel(checkpoint: summary.checkpoint!)
/// ```
/// The folder is that of a run of the command: `lockstep runs`, `report`, `evaluate --data`, `predict`, `export` and
/// `inspect` read it. Only what needs the samples again (`resume`, `verify`, `fork`, `recalibrate`) is left to the
/// program, which has them; a checkpoint says how many they were and holds their `fingerprint`.
public struct Run {
  /// What is trained on.
  public let data: any Dataset
  /// What is evaluated on; nil for nothing.
  public let validation: (any Dataset)?
  /// Everything that a configuration file can say: when it is evaluated, saved and logged, whether it stops early, what
  /// it does where numbers diverge. Model, loss, optimizer and options stand there too.
  public var settings: RunConfiguration
  /// What scheduled evaluations measure and log beside the metrics of `Metric`.
  public var metrics: [any CustomMetric] = []
  /// Who is told of what happens.
  public var callbacks: [any RunCallback] = []

  /// A run with the settings that a configuration file would have where it leaves them out.
  ///
  /// - Parameters:
  ///   - options: those of the trainer; its `horizon` is `length`.
  ///   - length: of the whole run, also the horizon of its schedule.
  ///   - data: what is trained on.
  ///   - validation: what is evaluated on, once an epoch unless `settings.evaluation` says otherwise; nil for nothing.
  ///   - name: what it is called.
  /// - Throws: `RunError.input` where the data does not have the model's shape.
  public init(
    _ model: Model, loss: Loss, optimizer: Optimizer, options: Trainer.Options, length: Interval,
    on data: any Dataset, validation: (any Dataset)? = nil, name: String = RunConfiguration.Defaults.name
  ) throws(RunError) {
    guard data.shape == model.input else {
      throw .input("the data set has \(data.shape.phrase), the model expects \(model.input.phrase)")
    }
    (self.data, self.validation) = (data, validation)
    settings = RunConfiguration(
      model, loss: loss, optimizer: optimizer, options: options, length: length, on: data, validation: validation,
      name: name)
  }

  /// Trains in `folder`: from the newest checkpoint there that is whole, or from the beginning where there is none. A
  /// run that has nothing left to do is left as it is.
  ///
  /// - Parameters:
  ///   - folder: is made where there is none.
  ///   - steps: the step after which it pauses, at most the length; nil for the length.
  ///   - stop: may ask it to end, from any thread.
  ///   - acceptsDifferentArithmetic: whether to go on where this machine's arithmetic is not the checkpoint's.
  ///   - observe: is told of every event, before the callbacks.
  /// - Returns: how it ended.
  /// - Throws: `RunError.input` where a setting cannot work, or the folder holds another run or one on other data;
  ///   `RunError.failed` where numbers diverge or the disk is full. The last good checkpoint stays.
  @discardableResult
  public func train(
    in folder: String, upTo steps: Int? = nil, stop: StopRequest? = nil, acceptsDifferentArithmetic: Bool = false,
    observe: (RunEvent) -> Void = { _ in }
  ) throws(RunError) -> RunSummary {
    var settings = settings
    settings.data = .given(data, validation)
    var setup = try RunSetup(settings, on: data, validating: validation)
    try asInput { () throws(TrainingError) in try metrics.check() }
    setup.metrics = metrics
    let run = try TrainingRun.resumeOrStart(
      setup, output: folder, upTo: steps, acceptsDifferentArithmetic: acceptsDifferentArithmetic)
    return try run.train(stop: stop) { event in
      observe(event)
      for callback in callbacks { callback.receive(event, of: run) }
    }
  }
}

extension RunSummary {
  /// The last checkpoint; nil where none was saved.
  public var checkpoint: String? { json["checkpoint"]?.string }
  /// SHA-256 of the tensors of that checkpoint.
  public var weightsDigest: String? { json["weights_digest"]?.string }
  /// Steps done.
  public var steps: Int { json["steps"]?.integer ?? 0 }
  /// The training loss of the last interval.
  public var finalLoss: Double? { json["final_loss"]?.number }
  /// The checkpoint of the best evaluation; nil unless `checkpoint.keepBest` asks for it.
  public var bestCheckpoint: String? { json["best"]?.object?["checkpoint"]?.string }

  /// A metric of the last evaluation, by its name in the log.
  public func validation(_ name: String) -> Double? { json["validation"]?.object?[name]?.number }
  /// The same of a metric that is known.
  public func validation(_ metric: Metric) -> Double? { validation(metric.rawValue) }
}
