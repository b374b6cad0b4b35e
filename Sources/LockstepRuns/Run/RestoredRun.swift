import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// A checkpoint that has been read, and the configuration that it was trained with: what evaluating, predicting and
/// exporting begin with.
package struct RestoredRun: Sendable {
  package let checkpoint: LoadedCheckpoint
  /// Its data files are not open: the checkpoint says how they were read.
  package let configuration: RunConfiguration
  private var path: String { checkpoint.path }

  /// Reads and verifies the checkpoint at `path`. Its tensors must be those of its model, which is checked before
  /// memory is taken for them.
  ///
  /// - Parameter activations: those of a program's own that the model has.
  /// - Throws: `RunError.input` where the file is damaged, not a checkpoint, or of another model than it says.
  package init(checkpoint path: String, activations: [any CustomActivation] = []) throws(RunError) {
    let header = try asInput { () throws(CheckpointError) in
      try CheckpointFile.readHeader(path, verifyingSeal: true)
    }
    var configuration = try RunConfiguration(of: header, path)
    configuration.layers = configuration.layers.giving(activations)
    let expected = try configuration.checkpointTensors()
    checkpoint = try asInput { () throws(CheckpointError) in
      try CheckpointFile.read(path, expecting: expected, checkingFinite: true)
    }
    self.configuration = configuration
  }

  /// Its data, opened and read as the run had it.
  func setup() throws(RunError) -> RunSetup {
    var files: FileData?
    if let description = configuration.data.fileDescription(configuration.loss),
      let recorded = configuration.data.preprocessing
    {
      do throws(DataFileError) {
        files = try FileData(opening: description, recorded: recorded)
      } catch {
        throw .input("\(path): the data of its run cannot be read: \(error)")
      }
    }
    return try RunSetup(OpenedConfiguration(configuration, files))
  }

  /// `setup`, if its training data is what the run was trained with; nil where it has become another.
  func unchangedSetup() throws(RunError) -> RunSetup? {
    let setup = try setup()
    return setup.train.fingerprint == TrainingRun.trainData(of: checkpoint) ? setup : nil
  }

  /// The samples of its validation data, or where it has none those that it is trained on, as it reads them.
  package func samples() throws(RunError) -> (samples: any Dataset, areOfValidation: Bool) {
    if configuration.data.validation != nil {
      return (try EvaluationReport.dataset(nil, of: self, configuration.preprocessing), true)
    }
    guard let setup = try unchangedSetup() else {
      throw .input("\(path): the data is not what the run was trained with any more")
    }
    return setup.validation.map { ($0, true) } ?? (setup.train, false)
  }

  /// A trainer with all tensors of the checkpoint, on the data of `setup`.
  ///
  /// - Parameter threads: nil for the configured ones.
  func trainer(on setup: RunSetup, threads: Int? = nil) throws(RunError) -> Trainer {
    let trainer = try setup.trainer(threads: threads.map { .count($0) })
    let targets = trainer.tensors
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: targets) }
    return trainer
  }

  /// An evaluator of the model, which has no memory for gradients and slots.
  ///
  /// - Parameters:
  ///   - averaged: whether it takes the average of the weights.
  ///   - threads: nil for the configured ones.
  ///   - precision: of the products.
  package func evaluator(averaged: Bool, threads: Int?, precision: Precision) throws(RunError) -> Evaluator {
    var options = configuration.options
    options.precision = precision
    if let threads { options.threads = .count(threads) }
    let evaluator = try asInput { [options] () throws(TrainingError) in
      try Evaluator(configuration.model, loss: configuration.loss, options: options)
    }
    try copyWeights(into: evaluator.tensors, averages: averaged ? evaluator.averageTargets : nil)
    return evaluator
  }

  /// A predictor of the model, which computes no loss.
  ///
  /// - Parameters:
  ///   - averaged: whether it takes the average of the weights.
  ///   - threads: that share the rows.
  ///   - precision: of the products.
  package func predictor(averaged: Bool, threads: Int, precision: Precision) throws(RunError) -> Predictor {
    let predictor = try asInput { () throws(TrainingError) in
      try Predictor(configuration.model, threads: threads, precision: precision)
    }
    try copyWeights(into: predictor.tensors, averages: averaged ? predictor.averageTargets : nil)
    return predictor
  }

  /// A network that shows what stands between its layers.
  ///
  /// - Parameters:
  ///   - task: what the targets of the samples will be.
  ///   - averaged: whether it takes the average of the weights.
  package func probe(for task: LearningTask, averaged: Bool) throws(RunError) -> NetworkProbe {
    let probe = try asInput { () throws(TrainingError) in try NetworkProbe(configuration.model, task) }
    try copyWeights(into: probe.tensors, averages: averaged ? probe.averageTargets : nil)
    return probe
  }

  /// - Parameter averages: the tensors to copy the averages of the weights into; nil leaves the weights themselves.
  private func copyWeights(into tensors: [Tensor], averages: [Tensor]?) throws(RunError) {
    try asInput { () throws(CheckpointError) in
      try checkpoint.copy(into: tensors, prefix: "model.")
      if let averages {
        try checkpoint.copy(into: averages, prefix: Tensor.averagePrefix)
      }
    }
  }
}

extension RunConfiguration {
  /// The configuration that the checkpoint at `path` was trained with.
  init(of header: SafetensorsHeader, _ path: String) throws(RunError) {
    guard let text = header.metadata[TrainingRun.Key.configuration] else {
      throw .input("\(path): the checkpoint holds no configuration. Expected one that `lockstep train` has saved.")
    }
    self = try asInput { () throws(ConfigurationErrors) in
      try RunConfiguration(
        yaml: text, file: "\(path) (its configuration)",
        recorded: header.metadata[Preprocessing.key].flatMap(Preprocessing.init))
    }
  }

  /// Names and shapes of the tensors in the checkpoints of its run.
  func checkpointTensors() throws(RunError) -> [TensorInfo] {
    try network().tensors(slots: optimizer.slots, isAveraged: training.weightAverage != nil)
  }
}
