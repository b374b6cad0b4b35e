import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension RunHistory {
  /// The run as a page: where it stands, its figures and curves, its results, its layers, pictures where it
  /// learns them, its speed, what it is made of.
  ///
  /// - Parameters:
  ///   - page: the file that it is to be; nil where that is not known.
  ///   - isPassing: whether another will soon stand in its place, so that nothing is measured for it: training needs
  ///     the cores.
  package func report(as page: String? = nil, isPassing: Bool = false) -> Page {
    var content: [HTML] = [box] + [neighbours(of: page)].compactMap { $0 } + [Page.tiles(tiles)]
    if let divergence { content.append(divergence) }
    // Rows that are full: two pictures or three side by side.
    let curves = Page.grid(self.curves, minimum: self.curves.count % 3 == 0 ? 330 : 420)
    content.append(Page.section("Curves", [curves] + [curveNote].compactMap { $0 }))
    content +=
      isPassing
      ? [Page.section("Results", [Page.paragraph("They are measured when the run has ended.", quiet: true)])] : results
    content.append(Page.section("Layers", layerPictures))
    if let pictures { content.append(pictures.section(step: weightStep)) }
    content.append(Page.section("Speed", speed))
    if !happenings.isEmpty { content.append(Page.section("What happened", [happeningTable])) }
    let advice = record.configuration.advice()
    if !advice.isEmpty { content.append(Page.section("What could be better", [Page.list(advice)])) }
    content.append(Page.section("Checkpoints", checkpointTable))
    content.append(
      Page.section("Environment", [Page.facts(environment, exact: ["training data", "arithmetic fingerprint"])]))
    content.append(
      Page.section("Configuration, every default written out", [Page.listing(record.configuration.resolvedYAML)]))
    return Page(title: record.configuration.name, subtitle: subtitle, content: content)
  }

  private var subtitle: String {
    let training = record.configuration.training
    let steps = record.configuration.totalSteps
    return
      "\(Format.count(steps)) \(Format.plural(steps, "step")) of \(Format.count(training.batchSize)) samples in \(training.shards) \(Format.plural(training.shards, "shard")), \(record.configuration.loss.name). Folder \(record.path)\(record.origin.map { ", forked from \($0.words)" } ?? ""), as it was when lockstep report looked."
  }

  // MARK: Where it stands

  private var box: HTML {
    let steps = "\(Format.count(lastStep)) of \(Format.count(record.configuration.totalSteps)) steps"
    switch state {
    case .running: return Page.verdict("running", ["Its log has come to \(steps)."], tone: .neutral)
    case .killed:
      return Page.verdict(
        "killed", ["Its process is gone without a summary; the log ends at \(steps). \(goOn)"], tone: .bad)
    case .diverged(let message):
      return Page.verdict(state.words, [message.prefix(1).uppercased() + message.dropFirst()], tone: .bad)
    case .failed(let message): return Page.verdict(state.words, [message], tone: .bad)
    case .finished:
      let all = "All \(Format.count(record.configuration.totalSteps)) steps are done"
      let skipped = record.summary?["skipped_steps"]?.integer ?? 0
      if skipped == 0 { return Page.verdict("finished", ["\(all)."], tone: .good) }
      let words = "\(Format.count(skipped)) of them \(skipped == 1 ? "was" : "were") passed over without an update"
      return Page.verdict(
        "finished", ["\(all), but \(words): numbers were not finite."], tone: .bad)
    case .stoppedEarly:
      let reason = record.summary?["stopped_early"]?.object?["message"]?.string
      let sentences = ["It ended after \(steps).", reason.map { "The \($0)." }].compactMap { $0 }
      return Page.verdict(state.words, sentences, tone: .good)
    case .paused:
      return Page.verdict(state.words, ["It has saved, and ended after \(steps). \(goOn)"], tone: .neutral)
    }
  }

  private var goOn: String {
    // The newest that is readable.
    guard let checkpoint = checkpoints.last(where: { $0.weightsDigest != nil }) else {
      return checkpoints.isEmpty ? "No checkpoint was saved." : "No checkpoint can be read."
    }
    return "It can go on from step \(Format.count(checkpoint.step)): \(record.resumeCommand)"
  }

  /// The last step that any file tells of.
  private var lastStep: Int { max(record.steps, checkpoints.last?.step ?? 0) }

  // MARK: The figures that matter most

  private var tiles: [(value: String, name: String, remark: String)] {
    var tiles: [(value: String, name: String, remark: String)] = []
    func at(_ step: Int) -> String { "validation, step \(Format.count(step))" }
    if let best = record.best {
      tiles.append((Format.significant(best.value), "best \(Self.words(best.metric))", at(best.step)))
      if let last = record.evaluations.last, let value = last.metrics[best.metric]?.number {
        tiles.append((Format.significant(value), "last \(Self.words(best.metric))", at(last.step)))
      }
    }
    let losses = training.compactMap { line in line.values["loss"]?.number.map { (line.step, $0) } }
    if record.best == nil, losses.count > 1, let lowest = losses.min(by: { $0.1 < $1.1 }) {
      tiles.append((Format.significant(lowest.1), "lowest training loss", "step \(Format.count(lowest.0))"))
    }
    if let loss = record.summary?["final_loss"]?.number {
      tiles.append((Format.significant(loss), "last training loss", "mean since the line before"))
    } else if let last = losses.last {
      tiles.append((Format.significant(last.1), "last training loss", "step \(Format.count(last.0))"))
    }
    let rate =
      record.summary?["samples_per_second"]?.number
      ?? training.last { $0.values["samples_per_second"]?.number != nil }?.values["samples_per_second"]?.number
    if let rate { tiles.append((Format.count(rate), "samples a second", threads ?? "")) }
    if let seconds = record.summary?["seconds"]?.number {
      tiles.append((Format.duration(seconds), "time", "since it was last begun or resumed"))
    }
    return tiles.isEmpty ? [("0", "lines of figures", "its log tells of no step yet")] : tiles
  }

  var threads: String? {
    let ranks = record.summary?["ranks"]?.integer ?? 1
    let before = ranks > 1 ? "\(ranks) ranks of " : ""
    return record.summary?["threads"]?.integer.map { "\(before)\($0) \(Format.plural($0, "thread"))" }
  }

  /// The lines of training figures.
  var training: [MetricsLine] { lines.filter { $0.event == "train" } }
}
