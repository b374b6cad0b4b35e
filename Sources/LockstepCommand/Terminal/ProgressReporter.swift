import Lockstep

/// What a run writes to: standard error, or what stands for it in a test.
struct Screen {
  /// Whether a line can be drawn over itself.
  var isLive: Bool
  var style: TextStyle
  /// Columns at present; nil where it is no terminal.
  var columns: () -> Int?
  /// Seconds of a clock.
  var now: () -> Double
  var write: (String) -> Void

  static var standardError: Screen {
    Screen(
      isLive: Terminal.isLive, style: Terminal.errorStyle, columns: { Terminal.errorColumns },
      now: { MonotonicClock.seconds() }, write: { Terminal.progress($0) })
  }
}

/// Shows how a run goes, on standard error: a row of a table for every interval; on a terminal a line below it that
/// draws over itself, elsewhere a row now and then within an interval.
final class ProgressReporter {
  /// What is known of a run before its first step.
  struct Run {
    /// Names of its figures, the loss first.
    var training: [String]
    var validation: [String]
    /// The metric by which an interval is the best so far.
    var watched: String
    var mode: Metric.Mode
    var steps: Int
    var stepsPerEpoch: Int
    /// What it has come to before.
    var curve: LossCurve
    var best: Double?
  }

  /// Rows between two headers.
  private static let rowsUnderHeader = 60

  private let isQuiet: Bool
  private let tellsSaves: Bool
  private let screen: Screen
  private var run: Run
  private let table: RunTable
  private var layout = ProgressLine()
  private var line = LiveLine()
  /// What it says.
  private var bar = ""
  /// When it was last drawn, or, where there is none, a row written.
  private var last: Double
  /// The columns that the last header had, and the rows since.
  private var headed: (shown: [Int], rows: Int)?
  /// Whether the last line is blank.
  private var isApart = false
  /// Whether the row of an interval was written: before it, there is one after each of the steps 1, 2, 5, 10, 20, 50, …
  private var isUnderWay = false

  init(_ run: Run, quiet: Bool, tellsSaves: Bool = false, on screen: Screen = .standardError) {
    isQuiet = quiet
    self.tellsSaves = tellsSaves
    self.screen = screen
    self.run = run
    table = RunTable(
      training: run.training, validation: run.validation, watched: run.watched, steps: run.steps,
      stepsPerEpoch: run.stepsPerEpoch)
    last = screen.isLive ? -.infinity : screen.now()
  }

  func observe(_ event: RunEvent) {
    switch event {
    case .step(let result, let progress): step(result, progress)
    case .interval(let interval): row(interval)
    case .read(let summary): for warning in summary.warnings { warn(warning, evenIfQuiet: false) }
    case .warning(let text): warn(text)
    case .advice(let advice): warn(advice.warning, evenIfQuiet: false)
    case .resumed(let step, let checkpoint, let skipped, let isDone):
      for reason in skipped { warn("not used: \(reason)") }
      say("\(isDone ? "nothing is left to do after" : "going on from") step \(step) (\(checkpoint))")
    case .forked(let origin):
      let changes = origin.changes.isEmpty ? "nothing" : origin.changes.map(\.words).joined(separator: ", ")
      say("forked from \(origin.words); set otherwise: \(changes)")
    case .skipped(_, let reason): warn("\(reason) Going on without it.")
    case .restored(let step, let factor, let reason):
      run.curve.goBack(to: step)
      warn("\(reason) Going back to step \(step), learning rates times \(Format.significant(factor))")
    // Its row comes when all is done that is due.
    case .evaluated: break
    case .stoppedEarly(let step, let reason): say("step \(step)  stopped early: \(reason)")
    case .saved(let step, let path, let bytes):
      if tellsSaves { say("step \(step)  saved \(path) (\(Format.bytes(bytes)))") }
    }
  }

  /// A line of its own, above the one that is drawn over.
  func say(_ text: String, evenIfQuiet: Bool = false) {
    guard evenIfQuiet || !isQuiet else { return }
    clear()
    // Parts stand apart by one blank line.
    screen.write((isApart && text.hasPrefix("\n") ? String(text.dropFirst()) : text) + "\n")
    isApart = text.isEmpty
    if bar != "" { screen.write(line.draw(bar, columns: screen.columns() ?? 80)) }
  }

  private func warn(_ text: String, evenIfQuiet: Bool = true) {
    say(Terminal.warningText(text, columns: screen.columns(), screen.style), evenIfQuiet: evenIfQuiet)
  }

  /// Takes the line away that is drawn over.
  func clear() {
    let clearing = line.clear(columns: screen.columns() ?? 80)
    if !clearing.isEmpty { screen.write(clearing) }
  }

  /// The run has ended: what follows stands apart.
  func finish() {
    clear()
    bar = ""
    if headed != nil { screen.write("\n") }
    headed = nil
  }

  private func step(_ result: StepResult, _ progress: RunProgress) {
    guard !isQuiet else { return }
    run.curve.add(result.loss, from: result.step, to: result.step)
    let now = screen.now()
    if screen.isLive {
      guard now - last >= 0.1 else { return }
      last = now
      let columns = screen.columns() ?? 80
      let share = Double(result.step) / Double(max(1, run.steps))
      let parts = ProgressLine.parts(step: result.step, epoch: result.epoch, progress)
      bar = layout.text(parts, columns: columns - 1) { run.curve.text(width: $0, share: share) }
      screen.write(line.draw(bar, columns: columns))
    } else if !progress.endsInterval, now - last >= 10 || !isUnderWay && RunConfiguration.isRound(result.step) {
      write(RunTable.Row(step: result.step, epoch: result.epoch, training: progress.training, progress: progress))
    }
  }

  private func row(_ interval: RunInterval) {
    guard !isQuiet else { return }
    let value = interval.validation.first { $0.name == run.watched }?.value
    let isBest = value.map { value in value.isFinite && run.best.map { run.mode.isBetter(value, than: $0) } ?? true }
    if isBest == true { run.best = value }
    isUnderWay = true
    write(
      RunTable.Row(
        step: interval.step, epoch: interval.epoch, training: interval.progress.training,
        validation: interval.validation, progress: interval.progress, isBest: isBest ?? false))
  }

  private func write(_ row: RunTable.Row) {
    if !screen.isLive { last = screen.now() }
    let shown = table.shown(in: screen.columns())
    var lines: [String] = []
    if headed?.shown != shown || headed.map({ $0.rows >= Self.rowsUnderHeader }) == true {
      lines = [""] + table.header(shown)
      headed = (shown, 0)
    }
    headed?.rows += 1
    say((lines + [table.line(row, shown, watched: run.watched, screen.style)]).joined(separator: "\n"))
  }
}
