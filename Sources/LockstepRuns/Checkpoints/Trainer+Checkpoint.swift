import LockstepConfiguration
import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepModel
import LockstepTraining

// A trainer without a run folder: it is saved, and goes on, as a run would. Its checkpoint is one of a run whose
// configuration says what the trainer was made with, and of its data that a program gave them.

extension Trainer {
  /// Writes a checkpoint of the present step: all tensors, what going on needs, and the configuration that the trainer
  /// amounts to. `load(from:)`, `TrainedModel(checkpoint:)` and the commands that take a checkpoint read it.
  ///
  /// ```swift
  /// try trainer.save(to: "model.safetensors.zst")
  /// ```
  /// The samples are not in it: it says how many they are, what shape and what targets they have, and holds their
  /// `fingerprint`, by which `load(from:)` knows them again. Whatever stands at `path` is replaced in one instant, once
  /// the new file is whole.
  ///
  /// - Throws: `RunError.input` where no data is attached; `RunError.failed` where a tensor holds a number that is not
  ///   finite, or the file cannot be written.
  @discardableResult
  public func save(to path: String) throws(RunError) -> CheckpointFile.Receipt {
    let (data, sampler) = try asInput { () throws(TrainingError) in try attached() }
    // What goes on does not do it again.
    try asInput { () throws(TrainingError) in try initializeFromData() }
    let configuration = self.configuration(on: data)
    var metadata = TrainingRun.constants(
      try RunSetup(configuration, on: data), classWeights: options.classWeights)
    metadata[CheckpointKey.step] = String(state.step)
    metadata[TrainingRun.Key.samplesSeen] = String(sampler.samplesSeen(before: state.step))
    var run = RunState()
    run.trainer = state
    run.write(to: &metadata)
    let digest: String
    do throws(Snapshot.NotFinite) { digest = try Snapshot.digest(of: tensors) } catch {
      throw .failed(
        "\(path): step \(state.step): tensor \(error.tensor) holds a number that is not finite, so it is not saved")
    }
    return try asFailure { [metadata] () throws(CheckpointError) in
      try CheckpointFile.write(
        CheckpointContent(tensors: tensors, metadata: metadata, weightsDigest: digest), to: path)
    }
  }

  /// Goes on from a checkpoint, with the bits of a trainer that was never stopped, on any number of threads. The same
  /// data must be attached before.
  ///
  /// ```swift
  /// let trainer = try Trainer(model, loss: loss, optimizer: optimizer, options: options)
  /// try trainer.attach(data)
  /// try trainer.load(from: "model.safetensors.zst")
  /// ```
  /// - Parameters:
  ///   - path: what `save(to:)` has written, or a run on the same data with the same settings.
  ///   - acceptsDifferentArithmetic: whether to go on where this machine's arithmetic is not the checkpoint's.
  /// - Throws: `RunError.input` where the file is damaged or none, or model, settings, data or arithmetic are not those
  ///   of the checkpoint, naming what differs; the trainer is then as it was.
  public func load(from path: String, acceptsDifferentArithmetic: Bool = false) throws(RunError) {
    let (data, _) = try asInput { () throws(TrainingError) in try attached() }
    let header = try asInput { () throws(CheckpointError) in
      try CheckpointFile.readHeader(path, verifyingSeal: true)
    }
    let saved = try RunConfiguration(of: header, path)
    var configuration = saved
    configuration.take(network.model, loss, optimizer, options)
    // A setting says more than a tensor that does not fit.
    if let change = configuration.differences(from: saved).first(where: \.touchesBits) {
      throw .input(
        "\(path): the checkpoint is of a trainer with \(change.key): \(change.old ?? "none"), found \(change.key): \(change.new ?? "none"), "
          + "which would not give its bits: make the trainer with the old value")
    }
    let checkpoint = try asInput { () throws(CheckpointError) in
      try CheckpointFile.read(path, expecting: tensors.map(\.info), checkingFinite: true)
    }
    if options.schedule.dependsOnHorizon, let horizon = options.horizon, horizon != saved.totalSteps {
      throw .input(
        "\(path): the schedule follows the length of the run, which is \(saved.totalSteps) steps there, found a horizon of \(horizon)"
      )
    }
    var constants: [String: String] = [:]
    let setup = RunSetup(trusting: configuration, on: data)
    let (run, _) = try TrainingRun.compatibleState(of: checkpoint, setup, acceptsDifferentArithmetic, &constants)
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: tensors) }
    publish()
    resume(from: run.trainer)
  }

  /// What a configuration file would say of it.
  private func configuration(on data: any Dataset) -> RunConfiguration {
    RunConfiguration(
      network.model, loss: loss, optimizer: optimizer, options: options,
      length: .steps(options.horizon ?? max(1, state.step)), on: data)
  }

  /// The model as it stands, with the average of the weights where inference takes it: a copy, which further steps do
  /// not change.
  ///
  /// - Parameter threads: that share the rows; the predictions do not depend on it.
  /// - Throws: `RunError.input` where no data is attached, which says what the outputs are.
  public func trainedModel(threads: Int = 1) throws(RunError) -> TrainedModel {
    let (data, _) = try asInput { () throws(TrainingError) in try attached() }
    let predictor = try asInput { () throws(TrainingError) in try Predictor(network.model, threads: threads) }
    let isAveraged = infersFromAverage && options.weightAverage != nil
    let all = tensors
    // Parameters and running statistics come first.
    for (mine, trained) in zip(predictor.tensors, all) { mine.values.copy(from: trained.values) }
    if isAveraged {
      let averages = all.filter { $0.name.hasPrefix(Tensor.averagePrefix) }
      for (mine, average) in zip(predictor.averageTargets, averages) { mine.values.copy(from: average.values) }
    }
    return TrainedModel(
      configuration(on: data), step: state.step, weightsDigest: weightsDigest(of: all), isAveraged ? .averaged : .raw,
      predictor)
  }

  /// Predicts rows of features by the model as it stands, as `TrainedModel.predict(_:)` does. Each call copies the
  /// weights: for many, take `trainedModel()` once.
  public func predict(_ rows: [[Double]]) throws(RunError) -> [[Float]] { try trainedModel().predict(rows) }

  /// Predicts rows of float32 features, which are converted to Double first.
  @_disfavoredOverload
  public func predict(_ rows: [[Float]]) throws(RunError) -> [[Float]] { try trainedModel().predict(rows) }
}
