import Lockstep

/// What is shown of a run before its first step.
struct RunOpening {
  private let run: TrainingRun
  let progress: ProgressReporter.Run

  init(_ run: TrainingRun) {
    self.run = run
    let (configuration, loss) = (run.configuration, run.configuration.loss)
    let training = loss.summedMetrics.map(\.rawValue)
    let further = configuration.furtherMetrics.map(\.rawValue)
    let rule = configuration.training.earlyStopping
    let kept = configuration.checkpoint.keepBest
    let watched = rule?.metric ?? kept?.metric ?? loss.headlineMetric
    let mode = rule?.mode ?? kept?.mode ?? watched.mode
    let done = run.trainer.state.step
    let lines = done > 0 ? (try? MetricsLog.lines(run.folder.metricsFile)) ?? [] : []
    var best: Double?
    for line in lines where line.event == "validation" && line.step <= done {
      guard let value = line.values[watched.rawValue]?.number else { continue }
      if best.map({ mode.isBetter(value, than: $0) }) ?? true { best = value }
    }
    progress = ProgressReporter.Run(
      training: training, validation: configuration.data.hasValidation ? training + further : [],
      watched: watched.rawValue, mode: mode, steps: configuration.totalSteps,
      stepsPerEpoch: configuration.stepsPerEpoch,
      curve: LossCurve(lines, steps: configuration.totalSteps, upTo: done), best: best)
  }

  /// A headline; for a run that begins also the network and its data.
  ///
  /// - Parameter columns: of the terminal; nil for none.
  func texts(columns: Int?, _ style: TextStyle) throws -> [String] {
    let (configuration, trainer) = (run.configuration, run.trainer)
    let (steps, threads, shards) = (configuration.totalSteps, trainer.threads, trainer.options.shards)
    let line =
      "\(configuration.name): \(Format.count(trainer.network.parameters.elements)) parameters, "
      + "\(Format.count(steps)) \(Format.plural(steps, "step")) of \(configuration.training.batchSize) samples in "
      + "\(shards) \(Format.plural(shards, "shard")) on \(SummaryText.workers(threads, ranks: trainer.rankCount))"
    let lines = columns.map { Terminal.wrapped(line, columns: $0) } ?? [line]
    let headline =
      style.bold(configuration.name) + lines.joined(separator: "\n").dropFirst(configuration.name.count)
    let notes =
      (ThreadNotes.of(
        trainer.options.threads, workers: threads, cores: trainer.options.cores ?? Processor.availableCores)
      + (trainer.options.precision.note.map { [$0] } ?? [])).map { "note: \($0)" }
    if trainer.state.step > 0 { return [headline] + notes }
    let estimate = try run.estimate()
    let facts = Table.pairs(ModelText.facts(estimate, configuration), columns: columns)
    return [headline] + notes + ["", ModelText.network(estimate, columns: columns), "", facts, ""]
  }

  /// The training loss over the whole run, from its log.
  func curve() -> LossCurve {
    let lines = (try? MetricsLog.lines(run.folder.metricsFile)) ?? []
    return LossCurve(lines, steps: run.trainer.state.step)
  }
}
