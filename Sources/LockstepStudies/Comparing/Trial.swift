import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

extension Comparison {
  /// One training from its beginning to its end.
  public struct Trial: Sendable, Equatable {
    /// Finite metrics on the samples that were held out, by name; empty where training diverged.
    public var metrics: [String: Double]
    /// The metric that is compared; nil where it, or training, diverged.
    public var metric: Double?
    /// When and how the numbers stopped being finite, as in `step 12: …`; nil if they did not.
    public var diverged: String?
    /// Median duration of a step; nil where no step was timed. This figure and the next are the only ones that depend
    /// on the machine.
    public var stepSeconds: Double?
    /// Shortest of 50 durations of predicting one row on one thread.
    public var inferenceSeconds: Double
    /// Share of the rectifiers' units, or an image's channels, that are dead at the end, in [0, 1]; nil without
    /// rectifiers.
    public var dead: Double?
    /// What the diagnosis at the end found.
    public var verdicts: [Verdict]
    /// SHA-256 of the trained tensors' bytes; see `weightsDigest(of:)`.
    public var weightsDigest: String
  }
}

extension RunSetup {
  /// Throws where a batch cannot be cut into the shards.
  func checkBatches() throws(RunError) {
    let (sampler, model) = (try sampler(), configuration.model)
    try asInput { () throws(TrainingError) in
      if model.measuresRowsAlone(.shard) {
        try sampler.checkShardStatistics(shards: configuration.training.shards)
      }
      if model.measuresRowsAlone(.batch) { try sampler.checkBatchStatistics() }
    }
  }
}

extension Metric {
  /// Why a trial has no value of it, though its weights are finite: their outputs may not be.
  func isNotFinite(after step: Int) -> String {
    "after step \(step): the \(rawValue) on the samples held out is not finite"
  }
}

/// What a trial trains, and on what.
struct TrialSetting {
  let setup: RunSetup
  /// The samples that are held out.
  let validation: any Dataset
  let metric: Metric
  var configuration: RunConfiguration { setup.configuration }

  /// Metrics that need every output of the network.
  private var further: [Metric] { configuration.furtherMetrics(watching: [metric]) }

  /// Trains, looks at the network before and after, and evaluates it. Numbers that diverge are a result.
  ///
  /// - Parameter keep: is called with what a trial has trained that did not diverge.
  func run(
    keeping keep: (Trainer, RunSetup) throws(RunError) -> Void = { (_, _) throws(RunError) in }
  ) throws(RunError) -> Comparison.Trial {
    let trainer = try setup.initialTrainer(for: nil).trainer
    let (steps, plateau) = (setup.steps, configuration.schedule.isPlateau)
    var (durations, last): ([Double], Double?) = ([], nil)
    var failure: TrainingError?
    let diagnosis = try asFailure { () throws(TrainingError) in
      try Diagnosis.measure(trainer, steps: steps) { result in
        let now = MonotonicClock.seconds()
        if let last { durations.append(now - last) }
        last = now
        // Only a plateau acts on what an evaluation sees.
        guard plateau, let every = configuration.evaluation?.every,
          result.step % configuration.steps(in: every) == 0
        else { return }
        do throws(TrainingError) {
          trainer.observe(try evaluate(trainer))
        } catch { failure = failure ?? error }
        last = nil
      }
    }
    if let failure { throw RunError(failed: failure) }
    let result = try trial(trainer, diagnosis, durations)
    if result.diverged == nil { try keep(trainer, setup) }
    return result
  }

  private func evaluate(_ trainer: Trainer) throws(TrainingError) -> [(name: String, value: Double)] {
    let found = try trainer.evaluation(on: validation, measuring: further)
    return found?.metrics ?? []
  }

  private func trial(
    _ trainer: Trainer, _ diagnosis: Diagnosis, _ durations: [Double]
  ) throws(RunError) -> Comparison.Trial {
    let stopped = diagnosis.stages.last?.stopped
    var metrics: [String: Double] = [:]
    if stopped == nil {
      let found = try asFailure { () throws(TrainingError) in try evaluate(trainer) }
      for (name, value) in found { metrics[name] = value }
    }
    // Weights that are finite may still make outputs that are not.
    let value = metrics[metric.rawValue].flatMap { $0.isFinite ? $0 : nil }
    let diverged =
      value == nil ? stopped ?? metric.isNotFinite(after: trainer.state.step) : nil
    let layers = diagnosis.stages.last?.layers.filter { $0.dead != nil } ?? []
    let units = layers.reduce(0) { $0 + $1.shape.channels }
    return Comparison.Trial(
      metrics: metrics.filter { $0.value.isFinite }, metric: value, diverged: diverged,
      stepSeconds: durations.isEmpty ? nil : durations.sorted()[durations.count / 2],
      inferenceSeconds: try inferenceSeconds(trainer),
      dead: units == 0 ? nil : layers.reduce(0) { $0 + ($1.dead ?? 0) * Double($1.shape.channels) } / Double(units),
      verdicts: diagnosis.verdicts, weightsDigest: weightsDigest(of: trainer.tensors))
  }

  /// The shortest of many predictions of one row.
  private func inferenceSeconds(_ trainer: Trainer) throws(RunError) -> Double {
    let predictor = try asInput { () throws(TrainingError) in try Predictor(configuration.model) }
    let trained = Dictionary(uniqueKeysWithValues: trainer.tensors.map { ($0.name, $0.values) })
    for tensor in predictor.tensors {
      if let values = trained[tensor.name] { tensor.values.copy(from: values) }
    }
    let memory = (x: Arena(count: setup.train.features), y: Arena(count: predictor.network.outputs))
    let row = memory.x.matrix(at: 0, rows: 1, columns: setup.train.features)
    let output = memory.y.matrix(at: 0, rows: 1, columns: predictor.network.outputs)
    row.elements.fill(0.5)
    var best = Double.infinity
    for _ in 0..<50 {
      let start = MonotonicClock.seconds()
      predictor.predict(row, into: output)
      best = min(best, MonotonicClock.seconds() - start)
    }
    return best
  }
}
