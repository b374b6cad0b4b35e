import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// What becomes of a checkpoint under other settings. With the same ones everything is carried on, so that a fork has
/// the bits of the run that goes on; of what another setting has made meaningless each part begins anew.
struct Fork {
  let configuration: RunConfiguration
  let saved: RunConfiguration
  /// Every key that differs, but those that no figure depends on.
  let differences: [ConfigurationDifference]
  /// Whether the training samples are others, whatever the keys say.
  let hasOtherSamples: Bool

  init(of saved: RunConfiguration, as configuration: RunConfiguration, hasOtherSamples: Bool) {
    (self.saved, self.configuration, self.hasOtherSamples) = (saved, configuration, hasOtherSamples)
    differences = configuration.differences(from: saved).filter {
      !["training.threads", "training.accumulate"].contains($0.key)
    }
  }

  /// Whether a key at or below `path` differs, or one above it came or went.
  private func isChanged(_ path: String) -> Bool {
    differences.contains { $0.key == path || $0.key.hasPrefix("\(path).") || path.hasPrefix("\($0.key).") }
  }

  /// Whether a run that went on with these settings would end with other bits.
  private var isAnotherRun: Bool {
    let hasOtherHorizon = configuration.schedule.dependsOnHorizon && saved.totalSteps != configuration.totalSteps
    return hasOtherSamples || hasOtherHorizon || differences.contains(where: \.touchesBits)
  }

  /// Whether evaluations from now on can be held against those before.
  private var evaluatesTheSame: Bool { !hasOtherSamples && !isChanged("data") && !isChanged("loss") }

  /// Whether the optimizer means the same by its moments and its count of updates.
  private var keepsOptimizer: Bool { saved.optimizer.name == configuration.optimizer.name }

  /// Whether someone has said what the learning rate is from now on.
  private var hasOtherRate: Bool {
    !keepsOptimizer || saved.optimizer.learningRate != configuration.optimizer.learningRate || isChanged("schedule")
  }

  /// Whether the average goes on. Its warm-up counts the updates of the optimizer, and begins anew with that.
  private var keepsAverage: Bool {
    keepsOptimizer && saved.training.weightAverage != nil && configuration.training.weightAverage != nil
  }

  /// Where the fork stands, from where the checkpoint's run stood.
  func state(from state: RunState) -> RunState {
    var forked = RunState()
    forked.trainer.step = state.trainer.step
    if keepsOptimizer { forked.trainer.optimizer = state.trainer.optimizer }
    if !hasOtherRate {
      forked.trainer.learningRateFactor = state.trainer.learningRateFactor
      forked.trainer.plateau =
        evaluatesTheSame ? state.trainer.plateau : PlateauState(factor: state.trainer.plateau.factor)
    }
    forked.isEvaluationPending = state.isEvaluationPending
    if !isAnotherRun {
      (forked.window, forked.interval) = (state.window, state.interval)
      (forked.lastLoss, forked.divergences) = (state.lastLoss, state.divergences)
    }
    if evaluatesTheSame {
      forked.evaluation = state.evaluation
      forked.earlyStopping = earlyStopping(from: state.earlyStopping)
      forked.best = best(at: state)
    }
    return forked
  }

  /// The best value so far stays under the same rule; a run with other settings has all its patience before it.
  private func earlyStopping(from state: EarlyStoppingState) -> EarlyStoppingState {
    let rule = "training.early_stopping"
    guard !differences.contains(where: { $0.key.hasPrefix(rule) && $0.key != "\(rule).patience" }) else {
      return EarlyStoppingState()
    }
    var state = state
    if isAnotherRun { state.evaluationsWithoutImprovement = 0 }
    return state
  }

  /// The best checkpoint is one of the fork's own folder: at first, where it was evaluated, that which it begins from.
  private func best(at state: RunState) -> BestEvaluation? {
    guard let wanted = configuration.checkpoint.keepBest, let evaluation = state.evaluation,
      evaluation.step == state.trainer.step, let value = evaluation[wanted.metric],
      wanted.isBetter(value, than: nil)
    else { return nil }
    return BestEvaluation(step: evaluation.step, value: value)
  }

  /// Copies what is carried on into the tensors of a new trainer: all of the model, the slots that the optimizer still
  /// has, the average. Other slots stay at their beginning, another average begins at the weights.
  func copy(_ checkpoint: LoadedCheckpoint, into trainer: Trainer) throws(RunError) {
    var prefixes = ["model."]
    if keepsOptimizer {
      prefixes += configuration.optimizer.slots.filter(saved.optimizer.slots.contains).map { "optimizer.\($0)." }
    }
    if keepsAverage { prefixes.append(Tensor.averagePrefix) }
    let tensors = trainer.tensors
    for prefix in prefixes {
      try asInput { () throws(CheckpointError) in
        try checkpoint.copy(into: tensors.filter { $0.name.hasPrefix(prefix) }, prefix: prefix)
      }
    }
    if !keepsAverage { trainer.restartAverage() }
  }

  /// What a person should know of what begins anew.
  var notes: [String] {
    var notes: [String] = []
    if !keepsOptimizer {
      notes.append(
        "what \(saved.optimizer.name) remembers means nothing to \(configuration.optimizer.name), which begins as at the first step: "
          + "a schedule with a warm-up is past its warm-up, a smaller learning rate may be needed")
    }
    if saved.training.weightAverage != nil, configuration.training.weightAverage != nil, !keepsAverage {
      notes.append("the average of the weights begins anew with the optimizer, whose updates its warm-up counts")
    }
    if let old = saved.data.preprocessing, let new = configuration.data.preprocessing, !new.isPrepared(as: old) {
      notes.append(
        "the data is read by other settings, so it is prepared anew: the weights were trained on inputs prepared otherwise"
      )
    }
    if hasOtherSamples, !isChanged("data") {
      notes.append("the training data is not what the checkpoint was trained with, though no setting has changed")
    }
    return notes
  }

  /// Throws where the model or the data is none that the tensors of the checkpoint at `path` fit.
  func check(_ path: String) throws(RunError) {
    let (old, new) = (saved.data, configuration.data)
    // A row of numbers may have become an image meanwhile, which a model may flatten.
    let isOtherImage = old.preprocessing?.image != nil && new.preprocessing?.image != nil && old.shape != new.shape
    guard old.features == new.features, !isOtherImage, old.task == new.task else {
      throw .input(
        "\(path): found data of \(new.shape.phrase) and \(Self.words(new.task)), expected \(old.shape.phrase) and \(Self.words(old.task)), as the checkpoint was trained on"
      )
    }
    if old.classNames != new.classNames {
      throw .input(
        "\(path): found the classes \(Preprocessing.list(new.classNames)), expected \(Preprocessing.list(old.classNames)), which the outputs of the checkpoint stand for"
      )
    }
    if differences.contains(where: { $0.key.hasPrefix("model.weights") && $0.new != nil }) {
      throw .input("model.weights: found a file, expected none: a fork has the weights of its checkpoint")
    }
    let problems = try CheckpointFile.differences(saved.modelTensors(), expected: configuration.modelTensors())
    if problems.isEmpty { return }
    throw .input(
      "\(path): found a model of other tensors: \(CheckpointError.list(problems)). Expected that of the checkpoint, of which dropout, activations "
        + "and whatever else has no tensors may change. Another model begins from these weights by model: {weights: FILE, map: …}, "
        + "where FILE is made by \(Shell.command(["lockstep", "export", Shell.path(path), "--to", "weights.safetensors"]))"
    )
  }
}

extension Fork {
  private static func words(_ task: LearningTask) -> String {
    switch task {
    case .classification(let count): count == 1 ? "1 class" : "\(count) classes"
    case .labels(let count): "\(count) \(Format.plural(count, "label"))"
    case .regression(let count): "\(count) \(Format.plural(count, "target"))"
    }
  }
}

extension RunConfiguration {
  /// Names and shapes of parameters and running statistics.
  fileprivate func modelTensors() throws(RunError) -> [TensorInfo] {
    try network().tensors(slots: [], isAveraged: false)
  }

  /// Whether a checkpoint of `other` has the tensors of this one's model.
  func hasTensors(of other: RunConfiguration) -> Bool {
    (try? CheckpointFile.differences(other.modelTensors(), expected: modelTensors()).isEmpty) ?? false
  }
}
