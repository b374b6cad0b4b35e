import Lockstep

/// Shows how a run goes, on standard error: a bar that draws over itself on a terminal, a plain line now and then
/// elsewhere.
final class ProgressReporter {
  private let isQuiet: Bool
  private let isLive: Bool
  private var last = -Double.infinity
  private var isDrawn = false
  private var smoothedLoss: Double?
  private var layout = ProgressLine()

  init(quiet: Bool) {
    isQuiet = quiet
    isLive = Terminal.isLive
  }

  func observe(_ event: RunEvent) {
    switch event {
    case .step(let result, let progress): step(result, progress)
    case .read(let summary):
      for line in summary.lines { say("data: \(line)") }
      for warning in summary.warnings { say("warning: \(warning)") }
    case .warning(let text): say("warning: \(text)", evenIfQuiet: true)
    case .advice(let advice): say("warning: \(advice.warning)")
    case .resumed(let step, let checkpoint, let skipped, let isDone):
      for reason in skipped { say("warning: not used: \(reason)", evenIfQuiet: true) }
      say("\(isDone ? "nothing is left to do after" : "going on from") step \(step) (\(checkpoint))")
    case .forked(let origin):
      let changes = origin.changes.isEmpty ? "nothing" : origin.changes.map(\.words).joined(separator: ", ")
      say("forked from \(origin.words); set otherwise: \(changes)")
    case .skipped(_, let reason): say("warning: \(reason) Going on without it.", evenIfQuiet: true)
    case .restored(let step, let factor, let reason):
      smoothedLoss = nil
      say(
        "warning: \(reason) Going back to step \(step), learning rates times \(Format.significant(factor))",
        evenIfQuiet: true)
    case .evaluated(let step, let metrics):
      let values = metrics.map { "\($0.name) \(Format.significant($0.value))" }.joined(separator: "  ")
      say("step \(step)  validation  \(values)")
    case .stoppedEarly(let step, let reason): say("step \(step)  stopped early: \(reason)")
    case .saved(let step, let path, let bytes): say("step \(step)  saved \(path) (\(Format.bytes(bytes)))")
    }
  }

  /// A line of its own, above the bar if there is one.
  func say(_ line: String, evenIfQuiet: Bool = false) {
    guard evenIfQuiet || !isQuiet else { return }
    clear()
    Terminal.error(line)
  }

  /// Takes the bar away.
  func clear() {
    if isDrawn { Terminal.progress("\r\u{1B}[K") }
    isDrawn = false
  }

  private func step(_ result: StepResult, _ progress: RunProgress) {
    guard !isQuiet else { return }
    // A batch's loss jumps about; a person wants its trend.
    smoothedLoss = smoothedLoss.map { $0 + (result.loss - $0) / 16 } ?? result.loss
    let now = MonotonicClock.seconds()
    let isLast = result.step == progress.target
    guard now - last >= (isLive ? 0.1 : 10) || isLast else { return }
    last = now
    let loss = smoothedLoss ?? result.loss
    let parts = ProgressLine.parts(result, progress, loss: loss)
    if isLive {
      let share = Double(result.step) / Double(max(1, progress.target))
      Terminal.progress("\r" + layout.text(parts, share: share, columns: Terminal.columns - 1) + "\u{1B}[K")
      isDrawn = true
    } else {
      Terminal.error(parts.map(\.text).joined(separator: "  "))
    }
  }
}

/// What a person should know before a run begins.
enum RunNotes {
  static func of(_ run: TrainingRun) -> [String] {
    let (configuration, trainer) = (run.configuration, run.trainer)
    let (steps, threads) = (configuration.totalSteps, trainer.threads)
    let lines = [
      "\(configuration.name): \(Format.count(trainer.network.parameters.elements)) parameters, "
        + "\(Format.count(steps)) \(Format.plural(steps, "step")) of \(configuration.training.batchSize) samples in "
        + "\(trainer.options.shards) \(Format.plural(trainer.options.shards, "shard")) on \(threads) \(Format.plural(threads, "thread"))"
    ]
    return lines + ThreadNotes.of(trainer.options.threads, shards: trainer.options.shards).map { "note: \($0)" }
  }
}
